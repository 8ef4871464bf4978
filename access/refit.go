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
type Fit struct {
	Family   Family
	Effect   float64    // odds ratio over two to four hours against under half an hour
	Interval [2]float64 // 95 %, by the profile of the likelihood
	P0       float64    // likelihood within half an hour
	AIC      float64    // lower is better; compare families on the same table
	// Calibration: expected treated of each row beside the observed.
	Expected []float64
}

// minEvents is how many treated, and how many untreated, each parameter needs
// (Peduzzi et al. 1996).
const minEvents = 10

// Refit fits the effect of a family in odds form. It refuses tables with fewer
// than ten treated or ten untreated patients for each of its two parameters, and
// tables whose times do not reach into the two to four hours that the effect is
// about.
func Refit(table []Observed, f Family) (Fit, error) {
	var treated, untreated float64
	near, far := false, false
	for i, o := range table {
		if !(o.Eligible >= 0 && o.Treated >= 0 && o.Treated <= o.Eligible) || !(o.Time >= 0) || math.IsInf(float64(o.Time), 0) {
			return Fit{}, fmt.Errorf("row %d: %v treated of %v eligible at %v minutes; accepted: 0 ≤ treated ≤ eligible, a time of 0 or more", i+1, o.Treated, o.Eligible, o.Time.Minutes())
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
		return Fit{}, fmt.Errorf("%.4g treated and %.4g untreated are too few to fit two parameters; accepted: %d or more of either", treated, untreated, 2*minEvents)
	case !near || !far:
		return Fit{}, fmt.Errorf("the effect compares two to four hours with less; the table needs patients on both sides of two hours")
	}
	// For each effect the best p0 is one-dimensional and concave in its log odds;
	// over the effect the profile is searched by golden section.
	profile := func(logEffect float64) (like, p0 float64) {
		p, err := NewPenalty(Odds, f, math.Exp(logEffect), Continue)
		if err != nil {
			return math.Inf(-1), 0
		}
		shape := make([]float64, len(table))
		for i, o := range table {
			shape[i] = math.Log(p.Relative(o.Time))
		}
		// Newton on a in log odds = a + shape.
		a := math.Log(treated / untreated)
		for range 100 {
			var g, h float64
			for i, o := range table {
				q := 1 / (1 + math.Exp(-(a + shape[i])))
				g += o.Treated - o.Eligible*q
				h += o.Eligible * q * (1 - q)
			}
			step := g / h
			a += math.Max(-2, math.Min(2, step))
			if math.Abs(step) < 1e-13 {
				break
			}
		}
		for i, o := range table {
			x := a + shape[i]
			// t·log q + (n−t)·log(1−q), stable at either end.
			like += o.Treated*x - o.Eligible*softplus(x)
		}
		return like, 1 / (1 + math.Exp(-a))
	}
	lo, hi := math.Log(0.08), math.Log(0.999)
	best := golden(lo, hi, func(x float64) float64 { v, _ := profile(x); return v })
	top, p0 := profile(best)
	if math.IsInf(top, -1) {
		return Fit{}, fmt.Errorf("no %s curve fits the table", f)
	}
	fit := Fit{Family: f, Effect: math.Exp(best), P0: p0, AIC: 4 - 2*top}
	// The interval ends where the profile has fallen by half the 95 % quantile of
	// χ² with one degree of freedom.
	edge := func(from, to float64) float64 {
		for range 80 {
			mid := (from + to) / 2
			if v, _ := profile(mid); top-v < 1.920729410347062 {
				from = mid
			} else {
				to = mid
			}
		}
		return math.Exp(from)
	}
	fit.Interval = [2]float64{edge(best, lo), edge(best, hi)}
	p, err := NewPenalty(Odds, f, fit.Effect, Continue)
	if err != nil {
		return Fit{}, err
	}
	for _, o := range table {
		fit.Expected = append(fit.Expected, o.Eligible*p.Likelihood(p0, o.Time))
	}
	return fit, nil
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
