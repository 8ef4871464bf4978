package road

import "slices"

// Query is the scratch space of queries on an index: use one for each
// goroutine. Seeds must name nodes of the index.
type Query struct {
	x        *Index
	up, down [2]*half // by Way: the arcs to climb, and those to sweep

	labels  []cost // by node: never, but during a climb
	queue   nodes
	climbs  []label
	tops    []label
	meet    []label
	stalled []uint32
	costs   []cost
	owners  []int32 // by node, while it has a label
	owned   []owned
	order   []uint64
	times   []start
	lists   lists
	totals  []cost
}

// label is the cost at which a climb reached a node.
type label struct {
	cost cost
	node uint32
}

// NewQuery is scratch space for queries on x. The first for an index looks at
// whether its hierarchy is sound.
func (x *Index) NewQuery() (*Query, error) {
	q := &Query{x: x}
	for way := range q.up {
		h, err := x.half(Way(way))
		if err != nil {
			return nil, err
		}
		q.up[way], q.down[1-way] = h, h
	}
	q.labels = make([]cost, x.n) // not before the sections hold as many
	for i := range q.labels {
		q.labels[i] = never
	}
	return q, nil
}

// start puts the seeds in the queue.
func (q *Query) start(seeds []Seed, limit uint32) {
	q.climbs = q.climbs[:0]
	for _, s := range seeds {
		old := q.labels[s.Node]
		if c := costOf(s.Time, s.Length); c < old && s.Time <= limit {
			if old == never {
				q.queue.push(uint32(s.Node))
			}
			q.labels[s.Node] = c
		}
	}
}

// ascend takes the arcs up from v, which costs at.
func (q *Query) ascend(h *half, v uint32, at cost, limit uint32) {
	first, last := h.first[v], h.first[v+1]
	lengths := h.lengths[first:last]
	for i, a := range h.arcs[first:last] {
		head := a.head % lastArc
		c := at + costOf(a.time, lengths[i])
		if old := q.labels[head]; c < old && c.time() <= limit {
			if old == never {
				q.queue.push(head)
			}
			q.labels[head] = c
		}
	}
}

// above is the least cost at which v is reached by an arc down.
func (q *Query) above(h *half, v uint32) cost {
	best := never
	first, last := h.first[v], h.first[v+1]
	lengths := h.lengths[first:last]
	for i, a := range h.arcs[first:last] {
		best = min(best, q.labels[a.head%lastArc]+costOf(a.time, lengths[i]))
	}
	return best
}

// climb finds the cheapest ways from the seeds up the hierarchy, within the
// limit, to the nodes at which a quickest way may be highest, in the order of
// the nodes. What it returns is valid until the next climb.
//
// All arcs lead to lower numbers, so that the highest number in the queue is
// final: each node is in the queue once, whatever the costs. A node that is
// reached from above at no higher cost is left out, for no quickest way has its
// highest node there, or another has a higher one (hub labels, Abraham et al.
// 2011); nor does the climb go on from it (stalling, Geisberger et al. 2008),
// for among the quickest ways to a node that is left, one avoids it.
func (q *Query) climb(way Way, seeds []Seed, limit uint32) []label {
	up, down := q.up[way], q.down[way]
	limit = min(limit, Never-1)
	q.start(seeds, limit)
	q.stalled = q.stalled[:0]
	for !q.queue.empty() {
		v := q.queue.pop()
		at := q.labels[v]
		if best := q.above(down, v); best <= at {
			q.labels[v] = best
			q.stalled = append(q.stalled, v)
			continue
		}
		q.climbs = append(q.climbs, label{at, v})
		q.ascend(up, v, at, limit)
	}
	slices.Reverse(q.climbs)
	q.tops = q.tops[:0]
	for _, k := range q.climbs {
		if best := q.above(down, k.node); best <= k.cost {
			q.labels[k.node] = best
		} else {
			q.tops = append(q.tops, k)
		}
	}
	for _, k := range q.climbs {
		q.labels[k.node] = never
	}
	for _, v := range q.stalled {
		q.labels[v] = never
	}
	return q.tops
}
