package road

import (
	"math"
	"slices"
	"unsafe"
)

// Lanes is how many sweeps Batch makes at once.
const Lanes = 8

// Times fills out with the time between the seeds and every node, Never where
// there is no way (PHAST, Delling et al. 2013): a climb from the seeds, then a
// sweep down over all nodes in order. out is used if it is large enough.
func (q *Query) Times(way Way, seeds []Seed, out []uint32) []uint32 {
	n := q.x.n
	out = fit(out, n)
	if n == 0 {
		return out
	}
	out[0] = Never // the arc of a node that has none leads there
	h := q.down[way]
	from := 0
	for _, up := range q.climb(way, seeds, Never) {
		v := int(up.node)
		h.times(out, from, v, Never)
		h.times(out, v, v+1, up.cost.time())
		from = v + 1
	}
	h.times(out, from, n, Never)
	return out
}

// times computes the nodes from..to from those before them, given the time in
// which the climb reached each.
//
// Junctions have few arcs, and never the same number: a loop for each would
// cost more in mispredicted branches than in sums. This one runs over the arcs
// and moves on to the next node by arithmetic.
func (h *half) times(out []uint32, from, to int, start uint32) {
	v, best := from, start
	for _, a := range h.arcs[h.first[from]:h.first[to]] {
		end := a.head / lastArc
		best = min(best, out[a.head%lastArc]+a.time)
		out[v] = best
		v += int(end)
		best |= -end & Never // start afresh after the last arc
	}
}

// Lengths is Times with the length of each way as well, in decimetres: the
// shortest of the quickest. The length of what cannot be reached is 0.
func (q *Query) Lengths(way Way, seeds []Seed, times, lengths []uint32) (ms, dm []uint32) {
	n := q.x.n
	times, lengths = fit(times, n), fit(lengths, n)
	if n == 0 {
		return times, lengths
	}
	q.costs = fit(q.costs, n)
	q.costs[0] = never
	h := q.down[way]
	from := 0
	for _, up := range q.climb(way, seeds, Never) {
		v := int(up.node)
		h.costs(q.costs, from, v, never)
		h.costs(q.costs, v, v+1, up.cost)
		from = v + 1
	}
	h.costs(q.costs, from, n, never)
	for v, c := range q.costs {
		times[v], lengths[v] = c.time(), c.length()
	}
	return times, lengths
}

// costs is times with lengths.
func (h *half) costs(out []cost, from, to int, start cost) {
	v, best := from, start
	first, last := h.first[from], h.first[to]
	lengths := h.lengths[first:last]
	for i, a := range h.arcs[first:last] {
		end := cost(a.head / lastArc)
		best = min(best, out[a.head%lastArc]+costOf(a.time, lengths[i]))
		out[v] = best
		v += int(end)
		best = (best | -end) & (never | (end - 1))
	}
}

// Eight is a time for each of the lanes, two to a word.
type Eight [Lanes / 2]uint64

// At is the time in a lane.
func (e *Eight) At(lane int) uint32 { return uint32(e[lane/2] >> (lane % 2 * 32)) }

func (e *Eight) set(lane int, time uint32) {
	shift := lane % 2 * 32
	e[lane/2] = e[lane/2]&^(math.MaxUint32<<shift) | uint64(time)<<shift
}

const bothNever = Never<<32 | Never

// Batch is Times for up to eight sets of seeds in one sweep: what is At i is
// the time in the i-th, Never where there is no i-th.
func (q *Query) Batch(way Way, seeds [][]Seed, out []Eight) []Eight {
	n := q.x.n
	out = fit(out, n)
	if n == 0 {
		return out
	}
	q.order = q.order[:0]
	q.times = q.times[:0]
	for lane, s := range seeds[:min(len(seeds), Lanes)] {
		for _, up := range q.climb(way, s, Never) {
			q.order = append(q.order, uint64(up.node)<<32|uint64(len(q.order)))
			q.times = append(q.times, start{uint32(lane), up.cost.time()})
		}
	}
	slices.Sort(q.order)
	out[0] = Eight{bothNever, bothNever, bothNever, bothNever}
	q.down[way].batch(out, q.order, q.times)
	return out
}

// start is the time in which the climb of a lane reached a node.
type start struct{ lane, time uint32 }

// batch is times for eight lanes. order lists the nodes that the climbs
// reached, above, and where in starts, below.
func (h *half) batch(out []Eight, order []uint64, starts []start) {
	from := 0
	for len(order) > 0 {
		v := int(order[0] >> 32)
		h.eights(out, from, v+1)
		for ; len(order) > 0 && int(order[0]>>32) == v; order = order[1:] {
			s := starts[uint32(order[0])]
			out[v].set(int(s.lane), min(out[v].At(int(s.lane)), s.time))
		}
		from = v + 1
	}
	h.eights(out, from, len(out))
}

// eights computes the nodes from..to from those before them.
func (h *half) eights(out []Eight, from, to int) {
	if from >= to {
		return
	}
	at := h.first[from]
	if wide {
		end := uintptr(unsafe.Pointer(unsafe.SliceData(h.arcs))) + uintptr(len(h.arcs))*unsafe.Sizeof(arc{})
		if sweepEights(&out[0], &out[from], &h.arcs[at], end, to-from) > 0 {
			panic(errUnsound)
		}
		return
	}
	for v, end := range h.first[from+1 : to+1] {
		least(h.arcs[at:end], out, &out[from+v])
		at = end
	}
}

// least is the least that a node gets by its arcs, in each lane. Both halves of
// a word are added to at once, for no sum of two times overflows its half; and
// the lesser of two words has the lesser upper half, whatever is below it.
//
// It stands by itself so that it has all registers to itself: inside the loop
// over the nodes it takes a fifth longer.
//
//go:noinline
func least(arcs []arc, out []Eight, into *Eight) {
	h0, h1, h2, h3 := uint64(bothNever), uint64(bothNever), uint64(bothNever), uint64(bothNever)
	l0, l1, l2, l3 := uint32(Never), uint32(Never), uint32(Never), uint32(Never)
	for _, a := range arcs {
		up, t := &out[a.head%lastArc], uint64(a.time)<<32|uint64(a.time)
		x := up[0] + t
		h0, l0 = min(h0, x), min(l0, uint32(x))
		x = up[1] + t
		h1, l1 = min(h1, x), min(l1, uint32(x))
		x = up[2] + t
		h2, l2 = min(h2, x), min(l2, uint32(x))
		x = up[3] + t
		h3, l3 = min(h3, x), min(l3, uint32(x))
	}
	const upper = math.MaxUint32 << 32
	*into = Eight{h0&upper | uint64(l0), h1&upper | uint64(l1), h2&upper | uint64(l2), h3&upper | uint64(l3)}
}

// fit is a slice of n elements, s if it has room.
func fit[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
