// Package access holds the measures: who reaches what, how many centers there
// are for how many people, where there is nothing, what distance costs in
// treatments, how unequal it all is.
//
// It is pure: slices in, slices out, in the order of the places. It reads no
// file, keeps no state and logs nothing. NaN stands for "no value" and never
// for zero.
package access

import (
	"cmp"
	"math"
	"slices"
)

// Weighted is values with weights; a NaN value or a weight of 0 takes no part.
type Weighted struct {
	value, weight []float64
	order         []int32 // by value
	total         float64
}

// NewWeighted prepares values with their weights, which must not be negative.
func NewWeighted(value, weight []float64) *Weighted {
	w := &Weighted{value: value, weight: weight}
	rows := make([]ranked, 0, len(value))
	for i, v := range value {
		if !math.IsNaN(v) && weight[i] > 0 {
			rows = append(rows, ranked{sortKey(v), int32(i)})
			w.total += weight[i]
		}
	}
	w.order = make([]int32, len(rows))
	for k, r := range inOrder(rows) {
		w.order[k] = r.row
	}
	return w
}

// ranked is a row with its value as a key that sorts as the value does.
type ranked struct {
	key uint64
	row int32
}

// sortKey is a number whose order as an unsigned integer is that of the value; 0
// and -0 are one.
func sortKey(v float64) uint64 {
	if v == 0 {
		return 1 << 63
	}
	bits := math.Float64bits(v)
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// few is the number of rows up to which they are sorted by comparing; more are
// sorted by the digits of their keys, the last first, which takes a third of the
// time for a quarter of a million.
const few = 4096

// inOrder sorts rows, which come in their order, by key; those with equal keys keep it.
func inOrder(rows []ranked) []ranked {
	if len(rows) <= few {
		slices.SortFunc(rows, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.row, b.row)) })
		return rows
	}
	const digit, digits = 11, 6
	var count [digits][1 << digit]int32
	for _, r := range rows {
		for d := range digits {
			count[d][r.key>>(d*digit)&(1<<digit-1)]++
		}
	}
	other := make([]ranked, len(rows))
	for d := range digits {
		at := int32(0)
		for k := range count[d] {
			count[d][k], at = at, at+count[d][k]
		}
		for _, r := range rows {
			k := r.key >> (d * digit) & (1<<digit - 1)
			other[count[d][k]] = r
			count[d][k]++
		}
		rows, other = other, rows
	}
	return rows
}

// Mean is the weighted mean of the values there are, in one pass; NaN of nothing.
func Mean(value, weight []float64) float64 {
	var sum, total float64
	for i, v := range value {
		if !math.IsNaN(v) {
			sum += weight[i] * v
			total += weight[i]
		}
	}
	return sum / total
}

// Total is the weight of those with a value.
func (w *Weighted) Total() float64 { return w.total }

// Mean is the weighted mean, NaN of nothing.
func (w *Weighted) Mean() float64 {
	var s float64
	for _, i := range w.order {
		s += w.weight[i] * w.value[i]
	}
	return s / w.total
}

// Quantile is the smallest value whose cumulative weight reaches the share q,
// NaN of nothing.
func (w *Weighted) Quantile(q float64) float64 {
	return w.Quantiles(q)[0]
}

// Quantiles is Quantile for several shares, which must rise.
func (w *Weighted) Quantiles(shares ...float64) []float64 {
	out := make([]float64, len(shares))
	var cum float64
	next := 0
	for _, i := range w.order {
		cum += w.weight[i]
		for next < len(shares) && cum >= shares[next]*w.total*(1-1e-12) {
			out[next] = w.value[i]
			next++
		}
	}
	for ; next < len(shares); next++ {
		out[next] = math.NaN()
		if n := len(w.order); n > 0 {
			out[next] = w.value[w.order[n-1]]
		}
	}
	return out
}

// Stats are the figures that a result gives of a quantity.
type Stats struct{ Mean, Median, P90, P95 float64 }

// Stats computes them.
func (w *Weighted) Stats() Stats {
	q := w.Quantiles(0.5, 0.9, 0.95)
	return Stats{w.Mean(), q[0], q[1], q[2]}
}

// Groups sorts places into n groups of equal weight by a rank, 1 the lowest;
// 0 for places without a rank or weight. Places of one rank stay together, in
// the group of the middle of their weight.
func Groups(rank, weight []float64, n int) []int {
	w := NewWeighted(rank, weight)
	out := make([]int, len(rank))
	var cum float64
	for from := 0; from < len(w.order); {
		to, tied := from, 0.0
		for to < len(w.order) && rank[w.order[to]] == rank[w.order[from]] {
			tied += weight[w.order[to]]
			to++
		}
		g := min(n, 1+int((cum+tied/2)/w.total*float64(n)*(1+sameShare)))
		for ; from < to; from++ {
			out[w.order[from]] = g
		}
		cum += tied
	}
	return out
}
