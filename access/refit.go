package access

import (
	"fmt"
	"math"

	"careshed/geo/travel"
)

// Observed is a row of a user's own table: of so many eligible patients at a
// travel time (or in a band of times, given by its mean), so many were treated.
type Observed struct {
	Time              travel.Seconds
	Eligible, Treated float64
}

// Fit is a penalty fitted to a user's table by maximum likelihood: log odds of
// treatment = log odds at the reference + log of the effect's shape.
//
// The likelihood is searched over effects from LeastEffect (for the logistic
// family from the least that it has, 0.0744) to 1. Where it still rises at either
// end there is no estimate, and Edge says at which: Effect, P0 and AIC are then
// NaN. An end of the interval is NaN where it is open, that is where the table
// allows every effect down to the least, or none at all.
type Fit struct {
	Family   Family
	Effect   float64    // odds ratio over two to four hours against under half an hour
	Interval [2]float64 // 95 %, by the profile of the likelihood
	P0       float64    // likelihood within half an hour
	AIC      float64    // lower is better; compare families on the same table
	Edge     Edge
	Bound    float64 // at an edge: what the effect is not beyond at 95 %, one-sided: at most this for Stronger, at least for NoLoss; NaN: nothing
	// Calibration: expected treated of each row beside the observed.
	Expected []float64
}

// Edge is the end of a search at which it found its best, so that there is no
// best inside.
type Edge string

const (
	Inside   Edge = ""
	NoLoss   Edge = "no loss"  // the best effect is 1 or above: no fewer are treated far away
	Stronger Edge = "stronger" // the best effect is below the least that the family has
)

// LeastEffect is the strongest effect that is looked for: the odds of a ten
// thousandth.
const LeastEffect = 1e-4

// The 95 % quantile of χ² with one degree of freedom, halved, and that of a
// one-sided limit.
const (
	halfChi2         = 1.920729410347062
	halfChi2OneSided = 1.352771727043155
)

// minEvents is how many treated, and how many untreated, each parameter needs
// (Peduzzi et al. 1996).
const minEvents = 10

// Refit fits the effect of a family in odds form. It refuses tables with fewer
// than ten treated or ten untreated patients for each of its two parameters, and
// tables whose times do not reach into the two to four hours that the effect is
// about.
func Refit(table []Observed, f Family) (Fit, error) {
	treated, untreated, err := fittable(table)
	if err != nil {
		return Fit{}, err
	}
	profile := profileOf(table, f, treated, untreated)
	lo, hi := math.Log(LeastEffect), 0.0
	if f == Logistic {
		lo = math.Log(leastLogistic)
	}
	if v, _ := profile(lo); math.IsInf(v, -1) {
		return Fit{}, fmt.Errorf("no %s curve fits the table", f)
	}
	best := highest(lo, hi, func(x float64) float64 { v, _ := profile(x); return v })
	top, p0 := profile(best)
	fit := Fit{Family: f, Effect: math.Exp(best), P0: p0, AIC: 4 - 2*top, Bound: math.NaN()}
	// The interval ends where the profile has fallen by half the quantile; where it
	// has not at the end of what is searched, it is open.
	edge := func(to, fall float64) float64 {
		if v, _ := profile(to); top-v < fall {
			return math.NaN()
		}
		from := best
		for range 80 {
			mid := (from + to) / 2
			if v, _ := profile(mid); top-v < fall {
				from = mid
			} else {
				to = mid
			}
		}
		return math.Exp(from)
	}
	switch {
	case best >= hi-atEdge:
		fit.Edge, fit.Bound = NoLoss, edge(lo, halfChi2OneSided)
	case best <= lo+atEdge:
		fit.Edge, fit.Bound = Stronger, edge(hi, halfChi2OneSided)
	}
	if fit.Edge != Inside {
		fit.Effect, fit.P0, fit.AIC = math.NaN(), math.NaN(), math.NaN()
		fit.Interval = [2]float64{math.NaN(), math.NaN()}
		return fit, nil
	}
	fit.Interval = [2]float64{edge(lo, halfChi2), edge(hi, halfChi2)}
	p, err := NewPenalty(Odds, f, fit.Effect, Continue)
	if err != nil {
		return Fit{}, err
	}
	for _, o := range table {
		fit.Expected = append(fit.Expected, o.Eligible*p.Likelihood(p0, o.Time))
	}
	return fit, nil
}

// atEdge is how close to an end of its range, in logarithms, a search has found
// nothing inside: ten times its own precision.
const atEdge = 1e-6

// leastLogistic is just above the strongest effect of a logistic curve of slope 1
// per hour, which is that of exp(-t): (e⁻² − e⁻⁴)/2 over (1 − e^(-1/2))/(1/2).
const leastLogistic = 0.0744

// fittable checks a table, and counts its treated and untreated patients.
func fittable(table []Observed) (treated, untreated float64, err error) {
	near, far := false, false
	for i, o := range table {
		if !(o.Eligible >= 0 && o.Treated >= 0 && o.Treated <= o.Eligible) || math.IsInf(o.Eligible, 0) || !(o.Time >= 0) || math.IsInf(float64(o.Time), 0) {
			return 0, 0, fmt.Errorf("row %d: %v treated of %v eligible at %v minutes; accepted: 0 ≤ treated ≤ eligible, a time of 0 or more", i+1, o.Treated, o.Eligible, o.Time.Minutes())
		}
		treated += o.Treated
		untreated += o.Eligible - o.Treated
		if o.Eligible > 0 {
			near = near || o.Time < EffectFrom
			far = far || o.Time >= EffectFrom
		}
	}
	switch {
	case math.Min(treated, untreated) < 2*minEvents:
		return 0, 0, fmt.Errorf("%.4g treated and %.4g untreated are too few to fit two parameters; accepted: %d or more of either", treated, untreated, 2*minEvents)
	case !near || !far:
		return 0, 0, fmt.Errorf("the effect compares two to four hours with less; the table needs patients on both sides of two hours")
	}
	return treated, untreated, nil
}

// profileOf is, for each logarithm of an effect, the highest likelihood that any
// p0 gives a table, and that p0: one-dimensional and concave in its log odds.
func profileOf(table []Observed, f Family, treated, untreated float64) func(float64) (like, p0 float64) {
	shape := make([]float64, len(table))
	return func(logEffect float64) (like, p0 float64) {
		p, err := NewPenalty(Odds, f, math.Exp(logEffect), Continue)
		if err != nil {
			return math.Inf(-1), 0
		}
		for i, o := range table {
			shape[i] = p.logRelative(o.Time)
		}
		a := odds(table, shape, math.Log(treated/untreated))
		return likelihood(table, shape, a), 1 / (1 + math.Exp(-a))
	}
}

// odds is the a of log odds = a + shape at which the treated expected are those
// seen: Newton's method between bounds that close in.
func odds(table []Observed, shape []float64, a float64) float64 {
	lo, hi := math.Inf(-1), math.Inf(1)
	for range 400 {
		var g, h float64
		for i, o := range table {
			q := 1 / (1 + math.Exp(-(a + shape[i])))
			g += o.Treated - o.Eligible*q
			h += o.Eligible * q * (1 - q)
		}
		switch {
		case g > 0:
			lo = a
		case g < 0:
			hi = a
		default:
			return a
		}
		step := math.Copysign(2, g)
		if h > 0 {
			step = math.Max(-2, math.Min(2, g/h))
		}
		if math.Abs(step) < 1e-13 {
			return a + step
		}
		if a += step; a <= lo || a >= hi {
			a = (lo + hi) / 2
		}
	}
	return a
}

// likelihood is Σ t·log q + (n−t)·log(1−q) of log odds = a + shape, stable at
// either end.
func likelihood(table []Observed, shape []float64, a float64) (like float64) {
	for i, o := range table {
		x := a + shape[i]
		like += o.Treated*x - o.Eligible*softplus(x)
	}
	return like
}

// highest is where a function is highest between two ends: the best of a grid,
// then golden section beside it, which may end at either end.
func highest(lo, hi float64, f func(float64) float64) float64 {
	const steps = 40
	best, top := lo, math.Inf(-1)
	for k := range steps + 1 {
		if x := lo + (hi-lo)*float64(k)/steps; f(x) > top {
			best, top = x, f(x)
		}
	}
	step := (hi - lo) / steps
	x := golden(math.Max(lo, best-step), math.Min(hi, best+step), f)
	for _, end := range [2]float64{lo, hi} {
		if f(end) >= f(x) {
			x = end
		}
	}
	return x
}

// golden is where a function of one peak is highest.
func golden(lo, hi float64, f func(float64) float64) float64 {
	const r = 0.6180339887498949
	a, b := hi-r*(hi-lo), lo+r*(hi-lo)
	fa, fb := f(a), f(b)
	for hi-lo > 1e-9 {
		if fa > fb {
			hi, b, fb = b, a, fa
			a = hi - r*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + r*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}
