package access

import (
	"fmt"

	"careshed/geo/travel"
)

// mostExponent is an exponent at which hardly anybody passes by the nearest site.
const mostExponent = 64

// Exponent is that of Huff's model, by which people choose among sites by
// 1/minutes^b, all else alike, at which a figure of how far they go is what was
// seen. The figure, of the people along each pair, must fall as the exponent rises;
// bisection finds where it is crossed. What is farther than if all sites were alike,
// or nearer than the nearest, no exponent gives.
func Exponent(m *travel.Matrix, people []float64, figure func(flow []float64) float64, seen float64) (float64, error) {
	c, err := NewChoices(m, nil, []Term{LogMinutes()})
	if err != nil {
		return 0, err
	}
	at := func(b float64) float64 { return figure(Along(m, people, c.Shares([]float64{-b}))) }
	lo, hi := 0.0, float64(mostExponent)
	if far, near := at(lo), at(hi); !(near <= seen && seen <= far) {
		return 0, fmt.Errorf("no exponent gives %v: if all sites are alike it is %v, at the nearest %v", seen, far, near)
	}
	for hi-lo > 1e-7 {
		if mid := (lo + hi) / 2; at(mid) > seen {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi, nil
}

// Along is the people of each origin along its pairs, by shares.
func Along(m *travel.Matrix, people, share []float64) []float64 {
	out := make([]float64, m.Len())
	for i := range m.Places {
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			out[leg] = people[i] * share[leg]
		}
	}
	return out
}
