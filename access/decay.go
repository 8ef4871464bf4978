package access

import (
	"math"
	"slices"

	"careshed/geo/travel"
)

// Decay is the weight, 0 to 1, of an opportunity at a travel time. The decays
// here agree with PySAL access and R accessibility where their names say so.
type Decay func(travel.Seconds) float64

// Binary is 1 up to and including the limit.
func Binary(limit travel.Seconds) Decay {
	return func(t travel.Seconds) float64 {
		if t <= limit {
			return 1
		}
		return 0
	}
}

// GaussianDecay is exp(−t²/2σ²); it never reaches 0 (PySAL, aceso).
func GaussianDecay(sigma travel.Seconds) Decay {
	k := -1 / (2 * float64(sigma) * float64(sigma))
	return func(t travel.Seconds) float64 { return math.Exp(k * float64(t) * float64(t)) }
}

// DaiGaussian is the Gaussian of Dai 2010, (e^{−½(t/t0)²} − e^{−½})/(1 − e^{−½}),
// which is 1 at once and 0 at the limit and beyond.
func DaiGaussian(limit travel.Seconds) Decay {
	end := math.Exp(-0.5)
	return func(t travel.Seconds) float64 {
		if t > limit {
			return 0
		}
		x := float64(t / limit)
		return (math.Exp(-x*x/2) - end) / (1 - end)
	}
}

// Epanechnikov is the kernel 1 − (t/t0)², 0 beyond the limit (KD2SFCA, Dai &
// Wang 2011; the constant ¾ of the density falls out of every ratio).
func Epanechnikov(limit travel.Seconds) Decay {
	return func(t travel.Seconds) float64 {
		if t > limit {
			return 0
		}
		x := float64(t / limit)
		return 1 - x*x
	}
}

// ExponentialDecay is exp(−βt), β per minute.
func ExponentialDecay(perMinute float64) Decay {
	k := -perMinute / 60
	return func(t travel.Seconds) float64 { return math.Exp(k * float64(t)) }
}

// Power is (max(t, least)/scale)^−exponent (PySAL's gravity, with alpha the
// negative exponent). Without a least time it is infinite at 0.
func Power(scale travel.Seconds, exponent float64, least travel.Seconds) Decay {
	return func(t travel.Seconds) float64 {
		return math.Pow(float64(max(t, least)/scale), -exponent)
	}
}

// PowerCapped is t^−exponent with t in minutes, at most 1 (R accessibility).
func PowerCapped(exponent float64) Decay {
	return func(t travel.Seconds) float64 { return math.Min(1, math.Pow(t.Minutes(), -exponent)) }
}

// Linear falls from 1 at once to 0 at the limit.
func Linear(limit travel.Seconds) Decay {
	return func(t travel.Seconds) float64 { return math.Max(0, 1-float64(t/limit)) }
}

// LogisticDecay is 1 at 0 and ½ or so at the midpoint, with a spread as the
// standard deviation of the logistic distribution (R accessibility).
func LogisticDecay(midpoint, spread travel.Seconds) Decay {
	k := math.Pi / (float64(spread) * math.Sqrt(3))
	one := 1 + math.Exp(-float64(midpoint)*k)
	return func(t travel.Seconds) float64 { return one / (1 + math.Exp(float64(t-midpoint)*k)) }
}

// Steps is right-closed (PySAL): a time exactly at a step has that step's
// weight, and beyond the last step the weight is 0.
func Steps(at []travel.Seconds, weight []float64) Decay {
	return func(t travel.Seconds) float64 {
		for k, s := range at {
			if t <= s {
				return weight[k]
			}
		}
		return 0
	}
}

// StepsOpen is right-open (R accessibility): 1 before the first step, and from
// a step on, that step itself included, its weight.
func StepsOpen(at []travel.Seconds, weight []float64) Decay {
	return func(t travel.Seconds) float64 {
		w := 1.0
		for k, s := range at {
			if t < s {
				break
			}
			w = weight[k]
		}
		return w
	}
}

// Curve is straight between given points, constant before the first and after
// the last. The times must rise.
func Curve(at []travel.Seconds, weight []float64) Decay {
	return func(t travel.Seconds) float64 {
		k, found := slices.BinarySearch(at, t)
		switch {
		case found:
			return weight[k]
		case k == 0:
			return weight[0]
		case k == len(at):
			return weight[k-1]
		}
		u := float64((t - at[k-1]) / (at[k] - at[k-1]))
		return weight[k-1] + u*(weight[k]-weight[k-1])
	}
}
