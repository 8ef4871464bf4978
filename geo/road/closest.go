package road

import "slices"

// Closest are the k owners whose seeds are the quickest to each node, as
// NearestK finds them: less than k where there are fewer, or ways to fewer.
//
// Neighbours mostly have the same owners. So each set of owners is kept once, and
// a node has the number of its set and a cost for each of the set, in the order
// of the set: what a node gets from those above it is then the least of their
// costs, one by one, wherever they have the same set. Only where they differ are
// owners looked at. Who is first and who last is seen when a list is read.
type Closest struct {
	k     int
	one   []Reached // if k is 1, and nothing else
	width int       // owners of a set: k, or all if there are fewer
	words int       // of a row

	// rows holds, for each node, the number of its set, the costs, and never up to
	// the row's end. Whoever of a set costs never is not reached.
	rows []word
	sets []int32 // width owners each
	slot []slot  // where the sets are, by their hash

	// Between nodes, best is never for each owner.
	best []cost
	open []int32
}

// word of a row: the number of a set, or a cost with its upper bit turned over, so
// that costs, which take all 64, are compared as signed numbers: wide instructions
// compare no others.
type word int64

func wordOf(c cost) word  { return word(c ^ 1<<63) }
func (w word) cost() cost { return cost(w) ^ 1<<63 }

// slot of a hash table holds the number of a set, from 1.
type slot struct{ hash, set uint32 }

// Of is the list of a node: the quickest first, ties go to the shorter way, then
// to the first owner; Missed where there are fewer than k. It is put into
// out[:k].
func (l *Closest) Of(node int, out []Reached) {
	for i := range out[:l.k] {
		out[i] = missed
	}
	l.each(node, func(r Reached) { insert(out[:l.k], r) })
}

// each calls do with all of a node's list, in no order.
func (l *Closest) each(node int, do func(Reached)) {
	if l.k == 1 {
		if r := l.one[node]; r.Owner >= 0 {
			do(r)
		}
		return
	}
	row := l.row(node)
	for i, o := range l.set(row) {
		if c := row[1+i].cost(); c < never {
			do(Reached{c, o})
		}
	}
}

func (l *Closest) row(node int) []word { return l.rows[node*l.words:][:l.words] }

// set is that of a row, in whose order it has the costs.
func (l *Closest) set(row []word) []int32 { return l.sets[int(row[0])*l.width:][:l.width] }

// Pick is the list of a place, from those of the nodes by which it can be left,
// as Of is that of a node.
func (l *Closest) Pick(place []Seed, out []Reached) {
	for i := range out[:l.k] {
		out[i] = missed
	}
	for _, s := range place {
		c := costOf(s.Time, s.Length)
		l.each(int(s.Node), func(r Reached) {
			if r.cost += c; r.cost < never {
				insert(out[:l.k], r)
			}
		})
	}
}

// NearestK finds for every node the k owners whose seeds are the quickest to it,
// in one sweep. out is used if it is not nil.
func (q *Query) NearestK(way Way, owners [][]Seed, k int, out *Closest) *Closest {
	l := out
	if l == nil {
		l = &Closest{}
	}
	if l.k = k; k == 1 {
		l.one = q.Nearest(way, owners, l.one)
		return l
	}
	l.reset(q.x.n, len(owners))
	if l.width == 0 || q.x.n == 0 {
		return l
	}
	q.rise(way, owners, k)
	h := q.down[way]
	from := 0
	for _, r := range q.lists.order {
		v := int(r.node)
		l.sweep(h, from, v)
		l.step(h, v, v+1)
		l.mend(h, v, q.lists.at(r.slot))
		from = v + 1
	}
	l.sweep(h, from, q.x.n)
	return l
}

// reset makes space for lists of nodes, and the first set.
func (l *Closest) reset(nodes, owners int) {
	l.width = min(l.k, owners)
	switch l.words = l.width + 1; {
	case l.words <= 4:
		l.words = 4
	case l.words <= 8:
		l.words = 8
	}
	l.rows = fit(l.rows, nodes*l.words)
	l.best = fit(l.best, owners)
	for i := range l.best {
		l.best[i] = never
	}
	l.slot = fit(l.slot, 1<<8)
	clear(l.slot)
	l.sets = l.sets[:0]
	if nodes == 0 || l.width == 0 {
		return
	}
	// The arc of a node that has none leads to node 0, and has some set there.
	for i := range l.row(0) {
		l.rows[i] = wordOf(never)
	}
	l.rows[0] = l.choose(l.open[:0])
}

// sweep finds the rows of nodes from..to from those before them.
func (l *Closest) sweep(h *half, from, to int) {
	for odd := false; from < to; {
		if from, odd = l.step(h, from, to); odd {
			l.mend(h, from-1, nil)
		}
	}
}

// step finds rows as far as their arcs lead to one set each: that of the last
// arc, which leads to the closest node. It stops behind the first node where not
// all do, whose row is then what comes by those that do.
func (l *Closest) step(h *half, from, to int) (last int, odd bool) {
	const ahead = 16 // arcs that sweepRows looks ahead, and so nodes, which have one each
	if end := min(to, len(h.first)-1-ahead); wide && l.words <= 8 && from < end {
		last, odd = sweepRows(&l.rows[0], l.words, &h.arcs[0], &h.lengths[0], &h.first[0], from, end, len(h.arcs)-ahead)
		if last < 0 {
			panic(errUnsound)
		}
		return last, odd
	}
	return l.plain(h, from, to)
}

// plain is step without wide instructions.
func (l *Closest) plain(h *half, from, to int) (last int, odd bool) {
	for v := from; v < to; v++ {
		own := l.row(v)
		first, end := h.first[v], h.first[v+1]
		set := l.row(int(h.arcs[end-1].head % lastArc))[0]
		own[0] = set
		for i := range own[1:] {
			own[1+i] = wordOf(never)
		}
		for i := first; i < end; i++ {
			a := h.arcs[i]
			up := l.row(int(a.head % lastArc))
			if up[0] != set {
				odd = true
				continue
			}
			c := word(costOf(a.time, h.lengths[i]))
			for j := 1; j < len(own); j++ {
				own[j] = min(own[j], up[j]+c)
			}
		}
		if odd {
			return v + 1, true
		}
	}
	return to, false
}

// mend adds to a node's row what comes by arcs to other sets, and what a climb
// brought there, and keeps the best.
func (l *Closest) mend(h *half, v int, start []Reached) {
	row := l.row(v)
	first, end := h.first[v], h.first[v+1]-1
	l.open = slices.Grow(l.open[:0], l.width*int(end-first+3))
	open := l.open[:cap(l.open)]
	n, bound := l.opening(row)
	had := n
	for i := first; i < end; i++ {
		a := h.arcs[i]
		up := l.row(int(a.head % lastArc))
		if up[0] != row[0] {
			n = offer(l.best, open, n, l.set(up), up[1:], costOf(a.time, h.lengths[i]), bound)
		}
	}
	for _, r := range start {
		if r.Owner < 0 || r.cost > bound {
			break
		}
		if l.best[r.Owner] >= never {
			open[n] = r.Owner
			n++
		}
		l.best[r.Owner] = min(l.best[r.Owner], r.cost)
	}
	if n > had {
		row[0] = l.choose(open[:n])
	}
	for i, o := range l.set(row) {
		row[1+i] = wordOf(l.best[o])
		l.best[o] = never
	}
}

// opening opens the owners of a row, and says how many they are, and the most
// that any costs: whoever costs more is none of the k closest.
func (l *Closest) opening(row []word) (n int, bound cost) {
	set := l.set(row)
	open := l.open[:len(set)]
	costs := row[1:][:len(set)]
	for i, o := range set {
		c := costs[i].cost()
		l.best[o] = c
		bound = max(bound, c)
		open[n] = o
		one := 0
		if c < never {
			one = 1
		}
		n += one
	}
	return n, bound
}

// offer adds the owners of a set at their costs and c more to the n that are
// open, and says how many are then.
//
// It stands by itself so that it has all registers to itself, and takes no branch
// that cannot be foreseen.
//
//go:noinline
func offer(best []cost, open []int32, n int, set []int32, costs []word, c, bound cost) int {
	costs = costs[:len(set)]
	for j, o := range set {
		x := costs[j].cost() + c
		if x > bound {
			x = never
		}
		old := best[o]
		open[n] = o
		anew := 0
		if old >= never {
			anew = 1
		}
		if x >= never {
			anew = 0
		}
		n += anew
		best[o] = min(old, x)
	}
	return n
}

// choose closes all but the best of the open owners, and finds the number of
// their set.
func (l *Closest) choose(open []int32) word {
	for len(open) > l.width {
		worst := 0
		last := Reached{l.best[open[0]], open[0]}
		for i, o := range open {
			if r := (Reached{l.best[o], o}); last.before(r) {
				worst, last = i, r
			}
		}
		l.best[last.Owner] = never
		open[worst] = open[len(open)-1]
		open = open[:len(open)-1]
	}
	// A set is filled up with others, who cost never.
	for o := int32(0); len(open) < l.width; o++ {
		if !slices.Contains(open, o) {
			open = append(open, o)
		}
	}
	return l.number(open)
}

// number finds or makes the set of the open owners, in whatever order.
func (l *Closest) number(open []int32) word {
	hash, at := l.hash(open)
	for ; l.slot[at].set != 0; at = (at + 1) & uint32(len(l.slot)-1) {
		if s := l.slot[at]; s.hash == hash && l.same(l.sets[int(s.set-1)*l.width:][:l.width], open) {
			return word(s.set - 1)
		}
	}
	l.sets = append(l.sets, open...)
	made := uint32(len(l.sets) / l.width)
	l.slot[at] = slot{hash, made}
	if 2*int(made) > len(l.slot) {
		l.grow()
	}
	return word(made - 1)
}

// grow doubles the hash table.
func (l *Closest) grow() {
	l.slot = make([]slot, 2*len(l.slot))
	for s := range len(l.sets) / l.width {
		hash, at := l.hash(l.sets[s*l.width:][:l.width])
		for l.slot[at].set != 0 {
			at = (at + 1) & uint32(len(l.slot)-1)
		}
		l.slot[at] = slot{hash, uint32(s + 1)}
	}
}

// hash of owners in whatever order, and where it is first looked for.
func (l *Closest) hash(owners []int32) (hash, at uint32) {
	sum := uint64(0)
	for _, o := range owners {
		sum += spread(uint64(o) + 1)
	}
	sum = spread(sum)
	return uint32(sum >> 32), uint32(sum) & uint32(len(l.slot)-1)
}

// same says whether a set is that of the open owners. Whoever has a cost is open.
func (l *Closest) same(set, open []int32) bool {
	for _, o := range set {
		if l.best[o] >= never && !slices.Contains(open, o) {
			return false
		}
	}
	return true
}

func spread(x uint64) uint64 {
	x *= 0x9E3779B97F4A7C15
	return x ^ x>>29
}
