package road

import (
	"math/bits"
	"slices"
)

// Reached is how a node was reached, and from whose seeds: Owner is -1, and
// the time Never, if it was not.
type Reached struct {
	cost  cost
	Owner int32
}

// Time is in milliseconds.
func (r Reached) Time() uint32 { return r.cost.time() }

// Length is in decimetres.
func (r Reached) Length() uint32 { return r.cost.length() }

// before orders ways to one node. Ties go to the shorter way, then to the first
// owner.
func (r Reached) before(s Reached) bool {
	return r.cost < s.cost || r.cost == s.cost && r.Owner < s.Owner
}

// missed is how a node is that cannot be reached.
var missed = Reached{never, -1}

// Nearest finds for every node the owner whose seeds are the quickest to it,
// by one sweep for all owners. Ties go to the shorter way, then to the first
// owner. out is used if it is large enough.
func (q *Query) Nearest(way Way, owners [][]Seed, out []Reached) []Reached {
	n := q.x.n
	out = fit(out, n)
	if n == 0 {
		return out
	}
	out[0] = missed
	h := q.down[way]
	from := 0
	for _, r := range q.climbAll(way, owners) {
		v := int(r.node)
		h.nearest(out, from, v, missed)
		h.nearest(out, v, v+1, Reached{r.cost, r.owner})
		from = v + 1
	}
	h.nearest(out, from, n, missed)
	return out
}

// owned is a label with the owner whose it is.
type owned struct {
	label
	owner int32
}

// climbAll is climb for all owners at once: of each node the first by cost.
func (q *Query) climbAll(way Way, owners [][]Seed) []owned {
	q.owners = fit(q.owners, q.x.n)
	reach := func(v uint32, c cost, owner int32) {
		old := q.labels[v]
		if c > old || c >= never || c == old && q.owners[v] <= owner {
			return
		}
		if old == never {
			q.queue.push(v)
		}
		q.labels[v], q.owners[v] = c, owner
	}
	for o, seeds := range owners {
		for _, s := range seeds {
			reach(uint32(s.Node), costOf(s.Time, s.Length), int32(o))
		}
	}
	h := q.up[way]
	q.owned = q.owned[:0]
	for !q.queue.empty() {
		v := q.queue.pop()
		at, owner := q.labels[v], q.owners[v]
		q.labels[v] = never
		q.owned = append(q.owned, owned{label{at, v}, owner})
		first, last := h.first[v], h.first[v+1]
		lengths := h.lengths[first:last]
		for i, a := range h.arcs[first:last] {
			reach(a.head%lastArc, at+costOf(a.time, lengths[i]), owner)
		}
	}
	slices.Reverse(q.owned)
	return q.owned
}

// nearest is costs with owners.
func (h *half) nearest(out []Reached, from, to int, start Reached) {
	v, best, owner := from, start.cost, start.Owner
	first, last := h.first[from], h.first[to]
	lengths := h.lengths[first:last]
	for i, a := range h.arcs[first:last] {
		up := &out[a.head%lastArc]
		c, o := up.cost+costOf(a.time, lengths[i]), up.Owner
		if c == best && o < owner && c < never {
			owner = o
		}
		if c < best {
			owner = o
		}
		best = min(best, c)
		out[v] = Reached{best, owner}
		end := cost(a.head / lastArc)
		v += int(end)
		best = (best | -end) & (never | (end - 1))
		owner |= -int32(end) // -1, nobody
	}
}

// merge adds to a list of the nearest what one gets to by an arc from another.
func merge(own, other []Reached, c cost) {
	for _, r := range other {
		if r.Owner < 0 {
			return
		}
		sum := r.cost + c
		if sum >= never {
			return
		}
		if !insert(own, Reached{sum, r.Owner}) {
			return
		}
	}
}

// insert puts r in its place on a list of the nearest, unless it is there by a
// quicker way. It is false if r lies behind the end of the list.
func insert(list []Reached, r Reached) bool {
	end := len(list) - 1
	if !r.before(list[end]) {
		return false
	}
	at := 0
	for list[at].before(r) {
		if list[at].Owner == r.Owner {
			return true
		}
		at++
	}
	for i := at; i < end; i++ {
		if list[i].Owner == r.Owner {
			end = i // its slower way goes
		}
	}
	copy(list[at+1:end+1], list[at:end])
	list[at] = r
	return true
}

// lists are the nearest owners of the nodes that a climb reached.
type lists struct {
	k     int
	slots []int32  // by node, from 1; 0 but during a climb
	open  []uint64 // by node, a bit for whoever is still to climb from
	all   []Reached
	order []risen // by node
}

type risen struct {
	node uint32
	slot int32
}

func (l *lists) at(slot int32) []Reached { return l.all[int(slot-1)*l.k : int(slot)*l.k] }

// rise climbs from all owners at once and leaves the nearest k of each node it
// reaches in q.lists.
func (q *Query) rise(way Way, owners [][]Seed, k int) {
	l := &q.lists
	l.slots = fit(l.slots, q.x.n)
	l.open = fit(l.open, (q.x.n+63)/64)
	l.k, l.all, l.order = k, l.all[:0], l.order[:0]
	slot := func(v uint32) int32 {
		if l.slots[v] == 0 {
			for range k {
				l.all = append(l.all, missed)
			}
			l.slots[v] = int32(len(l.all) / k)
			l.open[v/64] |= 1 << (v % 64)
		}
		return l.slots[v]
	}
	for o, seeds := range owners {
		for _, s := range seeds {
			if s.Time < Never {
				insert(l.at(slot(uint32(s.Node))), Reached{costOf(s.Time, s.Length), int32(o)})
			}
		}
	}
	h := q.up[way]
	// All arcs lead to lower numbers.
	for w := len(l.open) - 1; w >= 0; w-- {
		for l.open[w] != 0 {
			bit := bits.Len64(l.open[w]) - 1
			l.open[w] &^= 1 << bit
			v := uint32(w*64 + bit)
			from := l.slots[v]
			l.slots[v] = 0
			l.order = append(l.order, risen{v, from})
			for i := h.first[v]; i < h.first[v+1]; i++ {
				if a := h.arcs[i]; a.time < Never {
					to := slot(a.head % lastArc) // may move the lists
					merge(l.at(to), l.at(from), costOf(a.time, h.lengths[i]))
				}
			}
		}
	}
	slices.Reverse(l.order)
}
