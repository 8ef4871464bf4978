package access

import (
	"errors"
	"fmt"
	"math"

	"careshed/geo/travel"
)

// Family is the shape of the effect of travel time on the likelihood of
// treatment. All of them lose the same over two to four hours and differ
// beyond: that spread is the structural uncertainty.
type Family string

const (
	Exponential Family = "exponential"
	Gaussian    Family = "gaussian"
	Logistic    Family = "logistic" // slope 1 per hour
	Step        Family = "step"     // none up to two hours, then all of it
)

// Form says what the effect multiplies.
type Form string

const (
	Odds Form = "odds" // p/(1-p); the source is a logistic regression
	Risk Form = "risk" // p itself
)

// Beyond says what is assumed beyond four hours, where there is no evidence.
type Beyond string

const (
	Hold     Beyond = "hold"     // as at four hours
	Continue Beyond = "continue" // the curve goes on
	Recover  Beyond = "recover"  // no effect at all: those who come that far are others
)

// Families, Forms and Beyonds list what a spec may name.
var (
	Families = []Family{Exponential, Gaussian, Logistic, Step}
	Forms    = []Form{Odds, Risk}
	Beyonds  = []Beyond{Hold, Continue, Recover}
)

// The interval of the evidence: the effect is the mean over EffectFrom to
// EffectTo relative to the mean up to Reference.
const (
	Reference  travel.Seconds = 1800
	EffectFrom travel.Seconds = 7200
	EffectTo   travel.Seconds = 14400
)

// Penalty turns travel time into a likelihood of treatment:
//
//	odds form: p(t) = p0·e(t) / (1 − p0 + p0·e(t));  risk form: p(t) = min(1, p0·e(t))
//
// where the relative effect e(t) has mean 1 over the first half hour and mean
// Effect over two to four hours (2 to 4 h against under 30 min: about 0.60,
// Transplant Cell Ther 2024; one country, third line, mostly Medicare). It
// stands for referral, once.
type Penalty struct {
	Form   Form
	Family Family
	Effect float64
	Beyond Beyond
	scale  float64 // rate, spread or midpoint, in hours
	norm   float64 // mean of the shape over the first half hour
	rate   float64 // of the exponential family, for Step's Continue
}

// NewPenalty solves for the shape's parameter.
func NewPenalty(form Form, family Family, effect float64, beyond Beyond) (*Penalty, error) {
	if !(effect > 0 && effect <= 1) {
		return nil, fmt.Errorf("the effect over two to four hours is %v; accepted: above 0 and up to 1 (0.60 means 40 %% lower)", effect)
	}
	p := &Penalty{Form: form, Family: family, Effect: effect, Beyond: beyond}
	switch form {
	case Odds, Risk:
	default:
		return nil, fmt.Errorf("penalty form %q; accepted: odds, risk", form)
	}
	switch beyond {
	case Hold, Continue, Recover:
	default:
		return nil, fmt.Errorf("beyond %q; accepted: hold, continue, recover", beyond)
	}
	lo, hi := 1e-9, 50.0 // the mean ratio falls with an exponential's rate …
	switch family {
	case Step, Exponential:
	case Gaussian:
		lo, hi = 1e6, 0.3 // … and rises with a spread
	case Logistic:
		lo, hi = 60, -20 // … and with a midpoint
	default:
		return nil, fmt.Errorf("penalty family %q; accepted: exponential, gaussian, logistic, step", family)
	}
	shape := family
	if shape == Step {
		shape = Exponential
	}
	ratio := func(s float64) float64 { return mean(shape, s, 2, 4) / mean(shape, s, 0, 0.5) }
	for range 200 {
		mid := (lo + hi) / 2
		if family == Gaussian {
			mid = math.Sqrt(lo * hi)
		}
		if ratio(mid) > effect {
			lo = mid
		} else {
			hi = mid
		}
	}
	p.scale = lo
	if got := ratio(lo); math.Abs(got-effect) > 1e-6 {
		return nil, fmt.Errorf("no %s curve loses %.0f %% over two to four hours (the nearest loses %.0f %%)", family, 100*(1-effect), 100*(1-got))
	}
	p.norm = mean(shape, p.scale, 0, 0.5)
	p.rate = p.scale
	return p, nil
}

// value is a shape at t hours, 1 or nearly at 0.
func value(f Family, s, t float64) float64 {
	switch f {
	case Gaussian:
		return math.Exp(-t * t / (2 * s * s))
	case Logistic:
		return 1 / (1 + math.Exp(t-s))
	}
	return math.Exp(-s * t)
}

// mean is the mean of a shape over a to b hours, in closed form.
func mean(f Family, s, a, b float64) float64 {
	switch f {
	case Gaussian:
		r := s * math.Sqrt2
		return s * math.Sqrt(math.Pi/2) * (math.Erf(b/r) - math.Erf(a/r)) / (b - a)
	case Logistic:
		// ∫ 1/(1+e^{t−s}) dt = −ln(1+e^{s−t})
		return (softplus(s-a) - softplus(s-b)) / (b - a)
	}
	if s*(b-a) < 1e-6 {
		return -math.Exp(-s*a) * math.Expm1(-s*(b-a)) / (s * (b - a)) // the difference would be rounding
	}
	return (math.Exp(-s*a) - math.Exp(-s*b)) / (s * (b - a))
}

func softplus(x float64) float64 {
	if x > 30 {
		return x
	}
	return math.Log1p(math.Exp(x))
}

// Relative is the effect e(t) of a time: a relative risk in risk form, an odds
// ratio in odds form. It is NaN where there is no time.
func (p *Penalty) Relative(t travel.Seconds) float64 {
	if !(t >= 0) || math.IsInf(float64(t), 1) {
		return math.NaN()
	}
	if t > EffectTo {
		switch p.Beyond {
		case Hold:
			t = EffectTo
		case Recover:
			return 1
		}
	}
	h := float64(t) / 3600
	if p.Family == Step {
		switch {
		case h < 2:
			return 1
		case h <= 4:
			return p.Effect
		}
		return p.Effect * math.Exp(-p.rate*(h-4))
	}
	return value(p.Family, p.scale, h) / p.norm
}

// logRelative is the logarithm of Relative, also where that is too small to be a
// number.
func (p *Penalty) logRelative(t travel.Seconds) float64 {
	if r := p.Relative(t); r > 1e-290 || math.IsNaN(r) || p.Beyond == Hold {
		return math.Log(r)
	}
	h := float64(t) / 3600
	norm := math.Log(p.norm)
	switch p.Family {
	case Step:
		return math.Log(p.Effect) - p.rate*(h-4)
	case Gaussian:
		return -h*h/(2*p.scale*p.scale) - norm
	case Logistic:
		return -softplus(h-p.scale) - norm
	}
	return -p.scale*h - norm
}

// Likelihood is p(t) for the likelihood p0 of those within half an hour.
func (p *Penalty) Likelihood(p0 float64, t travel.Seconds) float64 {
	return p.Of(p0, p.Relative(t))
}

// Of is the likelihood for a relative effect.
func (p *Penalty) Of(p0, e float64) float64 {
	if p.Form == Risk {
		return math.Min(1, p0*e)
	}
	return p0 * e / (1 - p0 + p0*e)
}

// ImpliedRisk is the mean over two to four hours of p(t)/p0: what the effect
// means as a relative risk at that level of reach.
func (p *Penalty) ImpliedRisk(p0 float64) float64 {
	const n = 2000
	var s float64
	for k := range n {
		t := EffectFrom + (EffectTo-EffectFrom)*travel.Seconds((float64(k)+0.5)/n)
		s += p.Likelihood(p0, t)
	}
	return s / n / p0
}

// ErrCannotBe says that a likelihood would have to be above 1.
var ErrCannotBe = errors.New("cannot be")

// Calibrate solves for p0 such that the eligible patients of all places with a
// time are treated in the number observed: Σ eligible·p(t) = treated. Places
// without a time take no part.
func (p *Penalty) Calibrate(eligible []float64, relative []float64, treated float64) (float64, error) {
	var all float64
	for i, e := range eligible {
		if !math.IsNaN(relative[i]) {
			all += e
		}
	}
	if !(treated >= 0 && treated < all*(1-sameAmount)) { // all of them is not fewer, whatever the unit
		return 0, fmt.Errorf("%.6g treated of %.6g eligible patients with a travel time: the treated must be fewer", treated, all)
	}
	// sum is the treated at a p0, and by how much they rise with it.
	sum := func(p0 float64) (s, slope float64) {
		for i, n := range eligible {
			r := relative[i]
			switch {
			case !(n > 0) || math.IsNaN(r):
			case p.Form == Risk && p0*r >= 1:
				s += n
			case p.Form == Risk:
				s += n * p0 * r
				slope += n * r
			default:
				d := 1 / (1 - p0 + p0*r)
				s += n * p0 * r * d
				slope += n * r * d * d
			}
		}
		return s, slope
	}
	if p.Form == Risk {
		if most, _ := sum(1); most < treated*(1-1e-12) {
			return 0, fmt.Errorf("%.6g treated %w: with everybody within half an hour treated for certain, distance leaves %.6g of %.6g eligible", treated, ErrCannotBe, most, all)
		}
	}
	// Newton's method between bounds that close in: sum rises with p0.
	lo, hi := 0.0, 1.0
	p0 := treated / all
	for range 200 {
		f, slope := sum(p0)
		f -= treated
		if slope > 0 && math.Abs(f) <= 1e-9*treated || f == 0 {
			return p0 - f/math.Max(slope, 1e-300), nil // a last step squares what is left
		}
		if hi-lo < 1e-16 {
			return p0, nil
		}
		if f < 0 {
			lo = p0
		} else {
			hi = p0
		}
		if p0 -= f / slope; !(p0 > lo && p0 < hi) {
			p0 = (lo + hi) / 2
		}
	}
	return p0, nil
}
