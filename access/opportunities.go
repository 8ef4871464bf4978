package access

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/geo/travel"
)

// Opportunities is Σ_j S_j W(t_ij): with a limit the cumulative measure (Wachs
// & Kumagai 1973), with a decay the gravity or Hansen measure (Hansen 1959).
func Opportunities(m *travel.Matrix, supply []float64, c Catchment) ([]float64, error) {
	if err := fits(m, make([]float64, m.Places), supply); err != nil {
		return nil, err
	}
	return places(m, func(_ int, js []int32, times []travel.Seconds, w []float64) float64 {
		c.fill(w, times)
		var sum float64
		for k, j := range js {
			if w[k] != 0 {
				sum += supply[j] * w[k]
			}
		}
		return sum
	}), nil
}

// Passive is Σ_i P_i W(t_ij), the people within reach of each site (market
// potential, Harris 1954).
func Passive(m *travel.Matrix, demand []float64, c Catchment) ([]float64, error) {
	if err := fits(m, demand, make([]float64, m.Sites)); err != nil {
		return nil, err
	}
	return sites(m, func(i int, js []int32, times []travel.Seconds, w, sum []float64) {
		c.fill(w, times)
		for k, j := range js {
			sum[j] += demand[i] * w[k]
		}
	}), nil
}

// Interval is the mean and the median of the cumulative measure over the
// limits from lo to hi in steps (Tomasiello et al. 2023). It holds the limits of one
// place at a time, looks at ctx before each, and refuses a step that does not lead
// from lo to hi.
func Interval(ctx context.Context, m *travel.Matrix, supply []float64, lo, hi, step travel.Seconds) (mean, median []float64, err error) {
	if err := fits(m, make([]float64, m.Places), supply); err != nil {
		return nil, nil, err
	}
	var limits []travel.Seconds
	for l := lo; l <= hi; l += step {
		if limits = append(limits, l); !(l+step > l) {
			return nil, nil, fmt.Errorf("a step of %v s leads no further than %v s", step, l)
		}
	}
	if len(limits) == 0 {
		return nil, nil, fmt.Errorf("there is no limit from %v s to %v s", lo, hi)
	}
	mean, median = make([]float64, m.Places), make([]float64, m.Places)
	rows(m, func(_, from, to int, _ []float64) {
		one := make([]float64, len(limits))
		for i := from; i < to && ctx.Err() == nil; i++ {
			js, times := m.Row(i)
			for k, l := range limits {
				one[k] = 0
				for n, t := range times {
					if t <= l {
						one[k] += supply[js[n]]
					}
				}
				mean[i] += one[k] / float64(len(one))
			}
			slices.Sort(one)
			median[i] = (one[(len(one)-1)/2] + one[len(one)/2]) / 2
		}
	})
	return mean, median, ctx.Err()
}

// sameAmount is how far sums of supply or people may be from a number, as a share of
// it, and still equal it: the same amounts in another unit round otherwise.
const sameAmount = 1e-12

// CostTo is the least time within which a place has n opportunities, NaN if it
// never has so many.
func CostTo(m *travel.Matrix, supply []float64, n float64) ([]float64, error) {
	if err := fits(m, make([]float64, m.Places), supply); err != nil {
		return nil, err
	}
	return places(m, func(_ int, js []int32, times []travel.Seconds, _ []float64) float64 {
		order := byTime(times)
		var sum float64
		for _, k := range order {
			if sum += supply[js[k]]; sum >= n*(1-sameAmount) {
				return times[k].Minutes()
			}
		}
		return math.NaN()
	}), nil
}

// BalancingCost is the least time, in whole steps from 0, within which a place
// has more opportunities than people (Barboza et al. 2021; strictly more, as in
// R accessibility). A place without people has 0, one that never has enough NaN.
func BalancingCost(m *travel.Matrix, demand, supply []float64, step travel.Seconds) ([]float64, error) {
	if err := fits(m, demand, supply); err != nil {
		return nil, err
	}
	return places(m, func(i int, js []int32, times []travel.Seconds, _ []float64) float64 {
		if demand[i] == 0 {
			return 0
		}
		var sum float64
		for _, k := range byTime(times) {
			if sum += supply[js[k]]; sum > demand[i]*(1+sameAmount) {
				return (step * travel.Seconds(math.Ceil(float64(times[k]/step)-1e-9))).Minutes()
			}
		}
		return math.NaN()
	}), nil
}

// byTime is the indices of a row in the order of time.
func byTime(times []travel.Seconds) []int {
	order := make([]int, len(times))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case times[a] < times[b]:
			return -1
		case times[a] > times[b]:
			return 1
		}
		return 0
	})
	return order
}
