package road

import (
	"cmp"
	"context"
	"slices"

	"careshed/geo/travel"
)

// weight is what an arc of a frame costs: driven up from its tail to its head, which has
// the lower number, and driven down.
type weight struct{ up, down cost }

// Which way an arc is no part of a quickest way that goes up and then down.
const (
	noUp = 1 << iota
	noDown
)

// customization puts the costs of a network on a frame. Costs are whole numbers of which
// the least counts, so that nothing hangs on the order in which the cores work.
type customization struct {
	*frame
	weights []weight
	without []uint8     // of each arc: noUp, noDown
	tops    []uint32    // nodes that have many below them, ascending
	trees   [][2]uint32 // the other nodes, from and to: all nodes below one are of its tree
}

// customize finds the hierarchy of a network that joins no nodes but those that the frame
// does, in the numbers of the frame (Dibbelt, Strasser and Wagner, Customizable Contraction
// Hierarchies, 2016). It looks at triangles of arcs alone. First, from below, at those
// that lead by the lowest of their nodes: then every arc costs no more than any way
// between its ends that stays below them. Then, from above, at the others: then it costs
// what the quickest way of all does, and an arc that is cheaper by that is left out, for
// the cheaper way is there without it.
func (f *frame) customize(ctx context.Context, net *Network) (*[2]half, error) {
	c := &customization{frame: f, weights: make([]weight, len(f.heads)), without: make([]uint8, len(f.heads))}
	for i := range c.weights {
		c.weights[i] = weight{never, never}
	}
	c.put(net)
	c.share()
	if err := c.climb(ctx); err != nil {
		return nil, err
	}
	if err := c.descend(ctx); err != nil {
		return nil, err
	}
	return c.halves(ctx)
}

// space is where a worker keeps a number for each node; what is left in it does not matter.
func (c *customization) space() []uint32 { return make([]uint32, len(c.nodes)) }

// climb looks at the triangles from below: trees one beside the other, then what they
// bring to the tops, top by top, and at last the tops among themselves.
func (c *customization) climb(ctx context.Context) error {
	err := travel.SpreadWith(ctx, len(c.trees), 1, c.space, func(space []uint32, i, _ int) {
		for v := c.trees[i][1]; v > c.trees[i][0]; v-- {
			c.upward(space, v-1, false)
		}
	})
	if err != nil {
		return err
	}
	err = travel.SpreadWith(ctx, len(c.tops), 8, c.space, func(space []uint32, from, to int) {
		for _, v := range c.tops[from:to] {
			c.upward(space, v, false)
		}
	})
	if err != nil {
		return err
	}
	space := c.space()
	for _, v := range slices.Backward(c.tops) {
		c.upward(space, v, true)
	}
	return ctx.Err()
}

// descend looks at the triangles from above: the tops among themselves, then tree beside
// tree, each with the tops above it first.
func (c *customization) descend(ctx context.Context) error {
	space := c.space()
	var lower []rung
	for _, v := range c.tops {
		lower = lower[:0]
		for _, r := range c.below[c.lower[v]:c.lower[v+1]] {
			if c.top(r.tail) {
				lower = append(lower, r)
			}
		}
		c.downward(space, v, lower)
	}
	return travel.SpreadWith(ctx, len(c.trees), 1, c.space, func(space []uint32, i, _ int) {
		from, to := c.trees[i][0], c.trees[i][1]
		for _, v := range c.tops {
			if v < from && c.under[v] > from {
				c.downward(space, v, c.within(v, from, to))
			}
		}
		for v := from; v < to; v++ {
			c.downward(space, v, c.below[c.lower[v]:c.lower[v+1]])
		}
	})
}

// within are the arcs that lead to v from nodes from..to.
func (c *customization) within(v, from, to uint32) []rung {
	all := c.below[c.lower[v]:c.lower[v+1]]
	tail := func(r rung, v uint32) int { return cmp.Compare(r.tail, v) }
	first, _ := slices.BinarySearchFunc(all, from, tail)
	end, _ := slices.BinarySearchFunc(all, to, tail)
	return all[first:end]
}

// put gives the arcs of edges their costs: of parallel edges the least.
func (c *customization) put(net *Network) {
	for i := range net.Edges {
		e := &net.Edges[i]
		if !e.passes() {
			continue
		}
		up, down := e.costs()
		tail, head := c.place[e.From], c.place[e.To]
		if tail < head {
			tail, head, up, down = head, tail, down, up
		}
		at := c.first[tail]
		for c.heads[at] != head {
			at++
		}
		w := &c.weights[at]
		w.up, w.down = min(w.up, up), min(w.down, down)
	}
}

// shares is into how many trees the nodes are divided, or some more.
const shares = 32

// top says whether a node has too many below it to be of a tree.
func (c *customization) top(v uint32) bool { return int(c.under[v]-v) > len(c.nodes)/shares }

// share divides the nodes into trees of some size, and the tops above them.
func (c *customization) share() {
	n := uint32(len(c.nodes))
	for v := uint32(0); v < n; {
		if c.top(v) {
			c.tops = append(c.tops, v)
			v++
			continue
		}
		end := c.under[v]
		if last := len(c.trees) - 1; last >= 0 && c.trees[last][1] == v && end-c.trees[last][0] <= n/shares {
			c.trees[last][1] = end
		} else {
			c.trees = append(c.trees, [2]uint32{v, end})
		}
		v = end
	}
}

// upward makes the arcs from v no more expensive than the ways by one node below: by tops
// or by others, which were done before.
func (c *customization) upward(space []uint32, v uint32, tops bool) {
	first, end := c.first[v], c.first[v+1]
	own := c.weights[first:end]
	for i, h := range c.heads[first:end] {
		space[h] = uint32(i)
	}
	for _, r := range c.below[c.lower[v]:c.lower[v+1]] {
		if c.top(r.tail) != tops {
			continue
		}
		from := c.first[r.tail]
		here := c.weights[r.arc]
		weights := c.weights[from:r.arc]
		for k, h := range c.heads[from:r.arc] { // v has arcs to them as well
			w, there := &own[space[h]], &weights[k]
			w.up = min(w.up, here.down+there.up)
			w.down = min(w.down, there.down+here.up)
		}
	}
}

// downward makes the arcs of some nodes below v, each of which has one to v, as cheap as
// the ways along an arc from v. That from such a node to v counts as it was before: what a
// third node makes it cheaper by, it makes the others cheaper by when it is looked at.
func (c *customization) downward(space []uint32, v uint32, lower []rung) {
	first, end := c.first[v], c.first[v+1]
	own := c.weights[first:end]
	for i, h := range c.heads[first:end] {
		space[h] = uint32(i)
	}
	for _, r := range lower {
		from := c.first[r.tail]
		was := c.weights[r.arc]
		here := was
		weights, without := c.weights[from:r.arc], c.without[from:r.arc]
		for k, h := range c.heads[from:r.arc] { // v has arcs to them as well
			over, there := own[space[h]], &weights[k]
			here.up = min(here.up, there.up+over.down)
			here.down = min(here.down, over.up+there.down)
			if up := was.up + over.up; up < there.up {
				there.up, without[k] = up, without[k]|noUp
			}
			if down := over.down + was.down; down < there.down {
				there.down, without[k] = down, without[k]|noDown
			}
		}
		if here.up < was.up {
			c.without[r.arc] |= noUp
		}
		if here.down < was.down {
			c.without[r.arc] |= noDown
		}
		c.weights[r.arc] = here
	}
}

// halves are the arcs that are needed, each with the cost that it has.
func (c *customization) halves(ctx context.Context) (*[2]half, error) {
	var halves [2]half
	err := travel.Spread(ctx, len(halves), 1, func(way, _ int) {
		halves[way] = c.half(Way(way))
	})
	return &halves, err
}

// half is the arcs in one direction.
func (c *customization) half(way Way) half {
	n := len(c.nodes)
	skip := [...]uint8{From: noUp, To: noDown}[way]
	h := half{first: make([]uint32, n+1)}
	total := 0
	for i, w := range c.weights {
		if k := [...]cost{From: w.up, To: w.down}[way]; k < never && c.without[i]&skip == 0 {
			total++
		}
	}
	h.arcs, h.lengths = make([]arc, 0, total+n), make([]uint32, 0, total+n)
	for v := range n {
		for a := c.first[v]; a < c.first[v+1]; a++ {
			if k := [...]cost{From: c.weights[a].up, To: c.weights[a].down}[way]; k < never && c.without[a]&skip == 0 {
				h.arcs, h.lengths = append(h.arcs, arc{c.heads[a], k.time()}), append(h.lengths, k.length())
			}
		}
		if len(h.arcs) == int(h.first[v]) {
			h.arcs, h.lengths = append(h.arcs, arc{0, Never}), append(h.lengths, 0)
		}
		h.arcs[len(h.arcs)-1].head |= lastArc
		h.first[v+1] = uint32(len(h.arcs))
	}
	return h
}
