package access

import (
	"math"

	"careshed/geo/travel"
)

// Decay is the weight, 0 to 1, of an opportunity at a travel time.
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

// GaussianDecay is exp(−t²/2σ²); it never reaches 0.
func GaussianDecay(sigma travel.Seconds) Decay {
	return func(t travel.Seconds) float64 {
		x := float64(t / sigma)
		return math.Exp(-x * x / 2)
	}
}

// ExponentialDecay is exp(−βt), β per minute.
func ExponentialDecay(perMinute float64) Decay {
	return func(t travel.Seconds) float64 { return math.Exp(-perMinute * t.Minutes()) }
}

// Steps is right-closed: a time exactly at a step has that step's weight, and
// beyond the last step the weight is 0.
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
