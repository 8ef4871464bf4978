package access

import "math"

// Interpolated is the weighted quantile of R's Hmisc::wtd.quantile: weights are
// numbers of people, the quantile lies between two of them. Quantile, used for
// travel, takes the smallest value that reaches the share; results say which.
func (w *Weighted) Interpolated(q float64) float64 {
	if len(w.order) == 0 {
		return math.NaN()
	}
	at := 1 + (w.total-1)*q
	low := math.Max(1, math.Floor(at))
	share := at - math.Floor(at)
	return (1-share)*w.reaching(low) + share*w.reaching(math.Min(low+1, w.total))
}

// reaching is the smallest value whose cumulative weight is at least v.
func (w *Weighted) reaching(v float64) float64 {
	var cum float64
	for _, i := range w.order {
		if cum += w.weight[i]; cum >= v-1e-9 {
			return w.value[i]
		}
	}
	return w.value[w.order[len(w.order)-1]]
}
