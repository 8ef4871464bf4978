package access

import "math"

// factor is the lower Cholesky factor of a k × k matrix, with the scale of its
// diagonal taken out first: terms may be of any units. bad is the first row that is
// a sum of those before it, -1 without one.
func factor(a []float64, k int) (lower []float64, bad int) {
	scale := make([]float64, k)
	for i := range k {
		if scale[i] = math.Sqrt(a[i*k+i]); !(scale[i] > 0) {
			return nil, i
		}
	}
	lower = make([]float64, k*k)
	for i := range k {
		for j := range i + 1 {
			v := a[i*k+j] / (scale[i] * scale[j])
			for n := range j {
				v -= lower[i*k+n] * lower[j*k+n]
			}
			if i > j {
				lower[i*k+j] = v / lower[j*k+j]
				continue
			}
			if !(v > 1e-13) {
				return nil, i
			}
			lower[i*k+i] = math.Sqrt(v)
		}
	}
	for i := range k {
		for j := range i + 1 {
			lower[i*k+j] *= scale[i]
		}
	}
	return lower, -1
}

// solve is x of L Lᵀ x = b.
func solve(lower, b []float64, k int) []float64 {
	x := make([]float64, k)
	for i := range k {
		x[i] = b[i]
		for j := range i {
			x[i] -= lower[i*k+j] * x[j]
		}
		x[i] /= lower[i*k+i]
	}
	for i := k - 1; i >= 0; i-- {
		for j := i + 1; j < k; j++ {
			x[i] -= lower[j*k+i] * x[j]
		}
		x[i] /= lower[i*k+i]
	}
	return x
}

// invert is the inverse of a positive definite matrix; NaN where it is none.
func invert(a []float64, k int) []float64 {
	out := make([]float64, k*k)
	lower, bad := factor(a, k)
	for j := range k {
		unit := make([]float64, k)
		unit[j] = 1
		if bad >= 0 {
			unit[j] = math.NaN()
		} else {
			unit = solve(lower, unit, k)
		}
		for i := range k {
			out[i*k+j] = unit[i]
			if bad >= 0 {
				out[i*k+j] = math.NaN()
			}
		}
	}
	return out
}

func product(a, b []float64, k int) []float64 {
	out := make([]float64, k*k)
	for i := range k {
		for j := range k {
			for n := range k {
				out[i*k+j] += a[i*k+n] * b[n*k+j]
			}
		}
	}
	return out
}

// quadratic is xᵀ A x.
func quadratic(a, x []float64, k int) (v float64) {
	for i := range k {
		for j := range k {
			v += x[i] * a[i*k+j] * x[j]
		}
	}
	return v
}
