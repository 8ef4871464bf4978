package study

import (
	"fmt"

	"careshed/access"
	"careshed/geo/travel"
)

// catchment is who is within reach under a measure, and how much a time counts.
func (f *FCAMeasure) catchment() access.Catchment {
	c := access.Catchment{Limit: travel.FromMinutes(f.LimitMin)}
	if f.Decay == nil {
		return c
	}
	min := travel.FromMinutes
	switch d := f.Decay; {
	case d.Gaussian != nil:
		c.Decay = access.GaussianDecay(min(d.Gaussian.SigmaMin))
	case d.Dai != nil:
		c.Decay = access.DaiGaussian(c.Limit)
	case d.Epanechnikov != nil:
		c.Decay = access.Epanechnikov(c.Limit)
	case d.Exponential != nil:
		c.Decay = access.ExponentialDecay(d.Exponential.PerMin)
	case d.Power != nil:
		scale, least := d.Power.ScaleMin, d.Power.LeastMin
		if scale == 0 {
			scale = 1
		}
		if least == 0 {
			least = 1
		}
		c.Decay = access.Power(min(scale), d.Power.Exponent, min(least))
	case d.Linear != nil:
		c.Decay = access.Linear(c.Limit)
	case d.Logistic != nil:
		c.Decay = access.LogisticDecay(min(d.Logistic.MidpointMin), min(d.Logistic.SpreadMin))
	case d.Steps != nil:
		c.Decay = access.Steps(knots(d.Steps))
	case d.StepsOpen != nil:
		c.Decay = access.StepsOpen(knots(d.StepsOpen))
	case d.Curve != nil:
		c.Decay = access.Curve(knots(d.Curve))
	}
	return c
}

func knots(steps []StepSpec) (at []travel.Seconds, weight []float64) {
	for _, s := range steps {
		at, weight = append(at, travel.FromMinutes(s.ToMin)), append(weight, s.Weight)
	}
	return at, weight
}

// words is a decay as people would say it.
func (d *DecaySpec) words() string {
	switch {
	case d == nil || d.Binary != nil:
		return "binary"
	case d.Gaussian != nil:
		return fmt.Sprintf("gaussian, sigma %g min", d.Gaussian.SigmaMin)
	case d.Dai != nil:
		return "Dai's gaussian"
	case d.Epanechnikov != nil:
		return "epanechnikov"
	case d.Exponential != nil:
		return fmt.Sprintf("exponential, %g per min", d.Exponential.PerMin)
	case d.Power != nil:
		return fmt.Sprintf("power, exponent %g", d.Power.Exponent)
	case d.Linear != nil:
		return "linear"
	case d.Logistic != nil:
		return fmt.Sprintf("logistic, midpoint %g, spread %g min", d.Logistic.MidpointMin, d.Logistic.SpreadMin)
	case d.Steps != nil:
		return fmt.Sprintf("%d right-closed steps", len(d.Steps))
	case d.StepsOpen != nil:
		return fmt.Sprintf("%d right-open steps", len(d.StepsOpen))
	}
	return fmt.Sprintf("curve through %d points", len(d.Curve))
}
