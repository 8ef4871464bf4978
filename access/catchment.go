package access

import (
	"context"
	"fmt"

	"careshed/geo/travel"
)

// Catchment says who is within reach and how much a time counts.
type Catchment struct {
	Limit travel.Seconds // 0: as far as the matrix goes; a time at the limit is within
	Decay Decay          // nil: everything within the limit counts fully
}

// fill computes the weights of a row.
func (c Catchment) fill(w []float64, times []travel.Seconds) {
	switch {
	case c.Limit > 0 && c.Decay == nil:
		for k, t := range times {
			w[k] = 0
			if t <= c.Limit {
				w[k] = 1
			}
		}
	case c.Decay == nil:
		for k := range times {
			w[k] = 1
		}
	default:
		for k, t := range times {
			w[k] = 0
			if c.Limit == 0 || t <= c.Limit {
				w[k] = c.Decay(t)
			}
		}
	}
}

// block is how many places one worker takes at a time. It is fixed, so that
// sums are made in the same order whatever the number of workers.
const block = 1024

// rows runs do on blocks of places, on all cores, each worker with weights of
// its own to fill.
func rows(m *travel.Matrix, do func(block, from, to int, w []float64)) {
	widest := 0
	for i := range m.Places {
		widest = max(widest, m.Start[i+1]-m.Start[i])
	}
	own := func() []float64 { return make([]float64, widest) }
	_ = travel.SpreadWith(context.Background(), m.Places, block, own, func(w []float64, from, to int) { do(from/block, from, to, w) })
}

// sites sums over places for each site: add puts what place i brings to its
// sites into sum. Blocks are summed on their own and then in their order.
func sites(m *travel.Matrix, add func(i int, js []int32, times []travel.Seconds, w, sum []float64)) []float64 {
	blocks := (m.Places + block - 1) / block
	parts := make([][]float64, blocks)
	rows(m, func(b, from, to int, w []float64) {
		sum := make([]float64, m.Sites)
		for i := from; i < to; i++ {
			js, times := m.Row(i)
			add(i, js, times, w[:len(js)], sum)
		}
		parts[b] = sum
	})
	total := make([]float64, m.Sites)
	for _, p := range parts {
		for j, v := range p {
			total[j] += v
		}
	}
	return total
}

// places computes a value for each place from its row.
func places(m *travel.Matrix, of func(i int, js []int32, times []travel.Seconds, w []float64) float64) []float64 {
	out := make([]float64, m.Places)
	rows(m, func(_, from, to int, w []float64) {
		for i := from; i < to; i++ {
			js, times := m.Row(i)
			out[i] = of(i, js, times, w[:len(js)])
		}
	})
	return out
}

// fits checks demand and supply against a matrix.
func fits(m *travel.Matrix, demand, supply []float64) error {
	if len(demand) != m.Places || len(supply) != m.Sites {
		return fmt.Errorf("%d demands and %d supplies for a matrix of %d places and %d sites", len(demand), len(supply), m.Places, m.Sites)
	}
	return nil
}
