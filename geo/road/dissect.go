package road

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"sync/atomic"

	"careshed/geo/travel"
)

// Cells of at most leaf nodes are ordered by their degrees, those of at most small in
// one go by one core.
const (
	leaf  = 32
	small = 4000
)

// dissection puts nodes into an order in which taking them away, one after the other,
// and joining the neighbours of each, adds few edges, whatever the times on them.
type dissection struct {
	at    []Coord
	first []uint32 // the neighbours of node v are heads[first[v]:first[v+1]], ascending
	heads []uint32
	order []uint32
}

// dissect is the order of the nodes of a graph of roads, which does not hang on times.
// Dead ends and bends go first, for that adds nothing. What is left is cut into two
// parts by a small set of nodes that comes after both, and so are the parts (nested
// dissection, George 1973). Of four directions, the one is taken in which the fewest
// edges part the outermost nodes on one side from those on the other (inertial flow,
// Schild and Sommer 2015). The order does not hang on the number of
// cores.
func dissect(ctx context.Context, at []Coord, first, heads []uint32) ([]uint32, error) {
	order, core, rest := peel(at, first, heads)
	if len(core.ids) == 0 {
		return order, ctx.Err()
	}
	d := &dissection{first: core.first, heads: core.heads, at: make([]Coord, len(rest)), order: make([]uint32, len(rest))}
	for i, v := range rest {
		d.at[i] = at[v]
	}
	if err := d.run(ctx, core); err != nil {
		return nil, err
	}
	for _, v := range d.order {
		order = append(order, rest[v])
	}
	return order, nil
}

// peel takes away nodes of two neighbours and less as long as there are any, and joins
// the two. It gives their order, and what is left, of which rest says which nodes they are.
func peel(at []Coord, first, heads []uint32) (order []uint32, core *cell, rest []uint32) {
	n := len(first) - 1
	own, degree := slices.Clone(heads), make([]uint32, n)
	gone := make([]bool, n)
	for v := range n {
		if degree[v] = first[v+1] - first[v]; degree[v] <= 2 {
			order = append(order, uint32(v))
			gone[v] = true
		}
	}
	of := func(v uint32) []uint32 { return own[first[v] : first[v]+degree[v]] }
	drop := func(v, h uint32) { // h is no neighbour of v any more
		list := of(v)
		list[slices.Index(list, h)] = list[len(list)-1]
		degree[v]--
	}
	for i := 0; i < len(order); i++ {
		v := order[i]
		switch near := of(v); len(near) {
		case 1:
			drop(near[0], v)
		case 2:
			a, b := near[0], near[1]
			drop(a, v)
			drop(b, v)
			if !slices.Contains(of(a), b) {
				own[first[a]+degree[a]], own[first[b]+degree[b]] = b, a
				degree[a]++
				degree[b]++
			}
		}
		for _, h := range of(v) {
			if degree[h] <= 2 && !gone[h] {
				gone[h] = true
				order = append(order, h)
			}
		}
	}
	rest = along(at, gone)
	place := make([]uint32, n)
	for i, v := range rest {
		place[v] = uint32(i)
	}
	core = &cell{first: make([]uint32, 1, len(rest)+1)}
	for i, v := range rest {
		from := len(core.heads)
		for _, h := range of(v) {
			core.heads = append(core.heads, place[h])
		}
		slices.Sort(core.heads[from:])
		core.ids = append(core.ids, uint32(i))
		core.first = append(core.first, uint32(len(core.heads)))
	}
	return order, core, rest
}

// along are the nodes that are not gone, so that those that lie close together are close
// in memory.
func along(at []Coord, gone []bool) (rest []uint32) {
	type place struct {
		key  uint64
		node uint32
	}
	var all []place
	for v, c := range at {
		if !gone[v] {
			all = append(all, place{hilbert(c), uint32(v)})
		}
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.node, b.node)) })
	for _, p := range all {
		rest = append(rest, p.node)
	}
	return rest
}

// run cuts cells level by level, the four directions of each on several cores, and what
// is small at last.
func (d *dissection) run(ctx context.Context, all *cell) error {
	var ready []*cell
	for open := []*cell{all}; len(open) > 0; {
		large := open[:0:0]
		for _, c := range open {
			if len(c.ids) > small {
				large = append(large, c)
			} else {
				ready = append(ready, c)
			}
		}
		cuts := make([][4]*flow, len(large))
		sizes := make([][4]int64, len(large))
		most := make([]atomic.Int64, len(large))
		for i := range most {
			most[i].Store(math.MaxInt64)
		}
		err := travel.Spread(ctx, 4*len(large), 1, func(i, _ int) {
			f := large[i/4].newFlow(i%4, d.at)
			sizes[i/4][i%4] = f.run(&most[i/4])
			cuts[i/4][i%4] = f
		})
		if err != nil {
			return err
		}
		parts := make([][]*cell, len(large))
		err = travel.Spread(ctx, len(large), 1, func(i, _ int) { parts[i] = d.part(large[i], cuts[i], sizes[i]) })
		if err != nil {
			return err
		}
		open = slices.Concat(parts...)
	}
	return travel.Spread(ctx, len(ready), 1, func(i, _ int) { d.finish(ready[i]) })
}

// finish orders a cell and all that comes of it.
func (d *dissection) finish(c *cell) {
	if len(c.ids) <= leaf {
		d.byDegree(c)
		return
	}
	var cuts [4]*flow
	var sizes [4]int64
	var most atomic.Int64
	most.Store(math.MaxInt64)
	for k := range cuts {
		cuts[k] = c.newFlow(k, d.at)
		sizes[k] = cuts[k].run(&most)
	}
	for _, p := range d.part(c, cuts, sizes) {
		d.finish(p)
	}
}

// part splits a cell at the smallest of the cuts: the nodes at one end of its edges are
// last in the order, and the rest are two cells.
func (d *dissection) part(c *cell, cuts [4]*flow, sizes [4]int64) []*cell {
	best := 0
	for k, s := range sizes {
		if s < sizes[best] {
			best = k
		}
	}
	here := cuts[best].here()
	var ends [2][]uint32 // of the edges that are cut: here, there
	for v := range uint32(len(c.ids)) {
		for _, h := range c.heads[c.first[v]:c.first[v+1]] {
			if here[h] != here[v] {
				side := 1
				if here[v] {
					side = 0
				}
				ends[side] = append(ends[side], v)
				break
			}
		}
	}
	between := ends[0]
	if len(ends[1]) < len(between) {
		between = ends[1]
	}
	const first, second, none = 0, 1, 2
	side := make([]uint8, len(c.ids))
	for v, is := range here {
		if !is {
			side[v] = second
		}
	}
	last := c.at + len(c.ids) - len(between)
	for i, v := range between {
		side[v] = none
		d.order[last+i] = c.ids[v]
	}
	a := c.only(side, first, c.at)
	b := c.only(side, second, c.at+len(a.ids))
	return []*cell{a, b}
}

// only is the cell of the nodes on one side.
func (c *cell) only(side []uint8, which uint8, at int) *cell {
	out := &cell{at: at, first: make([]uint32, 1)}
	place := make([]uint32, len(c.ids))
	for v, s := range side {
		if s == which {
			place[v] = uint32(len(out.ids))
			out.ids = append(out.ids, c.ids[v])
		}
	}
	for v, s := range side {
		if s != which {
			continue
		}
		for _, h := range c.heads[c.first[v]:c.first[v+1]] {
			if side[h] == which {
				out.heads = append(out.heads, place[h])
			}
		}
		out.first = append(out.first, uint32(len(out.heads)))
	}
	return out
}

// byDegree orders a few nodes: next is always the one with the fewest neighbours left,
// those outside the cell, which come later, among them (Markowitz 1957). Where there are
// many outside they are told apart by the lower bits of their numbers, which costs a
// superfluous edge at worst.
func (d *dissection) byDegree(c *cell) {
	n := len(c.ids)
	in, out := make([]uint64, n), make([]uint64, n)
	for i, v := range c.ids {
		for _, h := range d.heads[d.first[v]:d.first[v+1]] {
			if k, is := slices.BinarySearch(c.ids, h); is {
				in[i] |= 1 << k
			} else {
				out[i] |= 1 << (h % 64)
			}
		}
	}
	left := uint64(1)<<n - 1
	for at := c.at; left != 0; at++ {
		best, least := 0, math.MaxInt
		for rest := left; rest != 0; rest &= rest - 1 {
			v := bits.TrailingZeros64(rest)
			if degree := bits.OnesCount64(in[v]) + bits.OnesCount64(out[v]); degree < least {
				best, least = v, degree
			}
		}
		d.order[at] = c.ids[best]
		left &^= 1 << best
		for near := in[best]; near != 0; near &= near - 1 {
			v := bits.TrailingZeros64(near)
			in[v] = (in[v] | in[best]) &^ (1<<v | 1<<best)
			out[v] |= out[best]
		}
	}
}
