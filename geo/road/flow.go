package road

import (
	"math"
	"slices"
	"sync/atomic"
)

// cell is a piece of a network that is still to be ordered: nodes, which are joined
// where heads[first[v]:first[v+1]] says, each time both ways, by their places in ids.
type cell struct {
	ids   []uint32 // of the nodes, in the graph that is dissected, ascending
	first []uint32
	heads []uint32 // ascending for each node
	at    int      // where in the order the nodes go
}

// outer is how many of the nodes lie outermost on each side, which a cut must leave
// apart: a fourth, so that no part has more than three fourths; of large cells, where to
// look for a cut takes long and the best are near the middle, two fifths.
func (c *cell) outer() uint32 {
	const large = 16_000
	n := uint32(len(c.ids))
	if n > large {
		return n / 5 * 2
	}
	return max(1, n/4)
}

// flow finds a smallest set of edges that parts the outermost nodes of a cell in one
// direction from those that are outermost in the other: as many as there are ways
// between them that share no edge (Menger 1927), which are found one after the other,
// each by turning back the others where it must (Ford and Fulkerson 1956).
type flow struct {
	*cell
	nodes []passed
	arcs  []pipe
	ends  uint32 // how many nodes are the source, and how many the sink
	path  []uint32
	front []uint32 // nodes of the source at its edge
	round uint32
}

// passed is a node of a flow. What is needed together lies together.
type passed struct {
	rank  uint32 // along the direction: the first are the source, the last the sink
	first uint32 // its first pipe; those of the next node end it
	next  uint32 // how many pipes were looked at
	seen  uint32 // in which round it was last seen
}

// pipe is an edge in one direction.
type pipe struct {
	head uint32
	back uint32 // the pipe in the other direction
	used int32  // 1: there, -1: back, 0: not
}

func (f *flow) source(v uint32) bool { return f.nodes[v].rank < f.ends }
func (f *flow) sink(v uint32) bool   { return f.nodes[v].rank >= uint32(len(f.ids))-f.ends }

// sweepLine sorts the nodes of a cell along a direction: east, north, north-east or
// south-east. Ties go by number.
func (c *cell) sweepLine(direction int, at []Coord) []uint64 {
	keys := make([]uint64, len(c.ids))
	squeeze := math.Cos(float64(at[c.ids[0]].Lat) / 1e7 * math.Pi / 180)
	for i, v := range c.ids {
		x, y := int64(float64(at[v].Lon)*squeeze), int64(at[v].Lat)
		key := [...]int64{2 * x, 2 * y, x + y, x - y}[direction]
		keys[i] = uint64(key+1<<33)>>3<<32 | uint64(i)
	}
	slices.Sort(keys)
	return keys
}

// newFlow makes the first nodes along a direction the source, and the last the sink.
func (c *cell) newFlow(direction int, at []Coord) *flow {
	n := len(c.ids)
	f := &flow{cell: c, nodes: make([]passed, n+1), arcs: make([]pipe, len(c.heads)), ends: c.outer()}
	for i, key := range c.sweepLine(direction, at) {
		f.nodes[uint32(key)].rank = uint32(i)
	}
	for v, first := range c.first {
		f.nodes[v].first = first
	}
	for v := range n { // lists ascend, so that edges come up there in the order of here
		for a := c.first[v]; a < c.first[v+1]; a++ {
			h := &f.nodes[c.heads[a]]
			f.arcs[a] = pipe{head: c.heads[a], back: h.first + h.next}
			h.next++
		}
	}
	for v := range uint32(n) {
		if f.source(v) && slices.ContainsFunc(f.heads[f.first[v]:f.first[v+1]], func(h uint32) bool { return !f.source(h) }) {
			f.front = append(f.front, v)
		}
	}
	return f
}

// augment adds a way from v to the sink by nodes that were not seen in this round, if
// there is one. It looks at edges that lead on along the direction first.
func (f *flow) augment(v uint32) bool {
	f.path = f.path[:0]
	last := uint32(len(f.ids)) - f.ends
	here := &f.nodes[v]
	for {
		k, degree := here.next, f.nodes[v+1].first-here.first
		if k == 2*degree {
			if len(f.path) == 0 {
				return false
			}
			v = f.arcs[f.arcs[f.path[len(f.path)-1]].back].head
			here = &f.nodes[v]
			f.path = f.path[:len(f.path)-1]
			continue
		}
		here.next++
		a, on := here.first+k, true
		if k >= degree {
			a, on = a-degree, false
		}
		head := f.arcs[a].head
		h := &f.nodes[head]
		if f.arcs[a].used == 1 || h.seen == f.round || on != (h.rank > here.rank) || h.rank < f.ends {
			continue
		}
		f.path = append(f.path, a)
		if h.rank >= last {
			break
		}
		h.seen, h.next = f.round, 0
		v, here = head, h
	}
	for _, a := range f.path {
		f.arcs[a].used++
		f.arcs[f.arcs[a].back].used--
	}
	return true
}

// run adds ways until there are no more, and says how many there are; it stops when they
// are more than most, which it lowers to what it finds.
func (f *flow) run(most *atomic.Int64) int64 {
	total := int64(0)
	for more := true; more; {
		f.round++
		more = false
		for _, v := range f.front {
			for f.nodes[v].next = 0; f.augment(v); {
				more = true
				if total++; total > most.Load() {
					return total
				}
			}
		}
	}
	for old := most.Load(); total < old && !most.CompareAndSwap(old, total); old = most.Load() {
	}
	return total
}

// here says of each node whether it is on the source's side of the cut. Of the cut that
// is as near to the source as can be, and the one as near to the sink, it takes the one
// whose smaller side is the larger.
func (f *flow) here() []bool {
	n := len(f.ids)
	early, late := make([]bool, n), make([]bool, n)
	size := 0
	var queue []uint32
	for v := range uint32(n) {
		if early[v] = f.source(v) || f.nodes[v].seen == f.round; early[v] {
			size++
		}
		if late[v] = !f.sink(v); !late[v] {
			queue = append(queue, v)
		}
	}
	for i := 0; i < len(queue); i++ {
		v := queue[i]
		for a := f.first[v]; a < f.first[v+1]; a++ {
			if h := f.heads[a]; late[h] && f.arcs[f.arcs[a].back].used < 1 {
				late[h] = false
				queue = append(queue, h)
			}
		}
	}
	if rest := len(queue); min(size, n-size) >= min(rest, n-rest) {
		return early
	}
	return late
}
