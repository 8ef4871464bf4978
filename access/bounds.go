package access

import "math"

// clamped puts a number that theory keeps within low and high on the bound from
// which rounding alone holds it: adding up n terms of a size near 1 errs by n
// units in the last place at most. A number farther out stays as it is, so that a
// wrong one is seen.
func clamped(x, low, high float64, n int) float64 {
	tolerance := float64(n+8) * 0x1p-52
	for _, bound := range [2]float64{low, high} {
		if math.Abs(x-bound) <= tolerance {
			return bound
		}
	}
	return x
}

// settled is x, or 0 where x is a difference of numbers of a size from which
// rounding alone can make it.
func settled(x, size float64, n int) float64 {
	if math.Abs(x) <= float64(n+8)*0x1p-52*size {
		return 0
	}
	return x
}
