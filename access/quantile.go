package access

import "math"

// sameShare is how far apart two sums of weights, as a share of all, may be and
// still count as one: more than adding up a million of them loses, far less than
// one person of a country.
const sameShare = 1e-12

// Interpolated is the weighted quantile to which R's Hmisc::wtd.quantile tends
// when people are counted in ever smaller units: the smallest value whose
// cumulative share of the weight is above q, and where that share is q itself,
// q times the value that ends there and 1 − q times the next. It does not depend
// on the unit of the weights. Hmisc itself takes the weights for numbers of
// persons, differs by at most one person, and gives the largest value for all q
// where the weights sum to 1. Quantile, used for travel, takes the smallest value
// that reaches the share; results say which.
func (w *Weighted) Interpolated(q float64) float64 {
	var cum float64
	for k, i := range w.order {
		cum += w.weight[i]
		switch d := cum - q*w.total; {
		case d > sameShare*w.total:
			return w.value[i]
		case d < -sameShare*w.total || k+1 == len(w.order):
		default:
			return q*w.value[i] + (1-q)*w.value[w.order[k+1]]
		}
	}
	if len(w.order) == 0 {
		return math.NaN()
	}
	return w.value[w.order[len(w.order)-1]]
}
