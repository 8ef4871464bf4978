package road

import (
	"cmp"
	"context"
	"slices"
)

// Stages of Build, as reported.
const (
	stageContract = "contract"
	stageLayout   = "lay out"
)

// lastArc marks the last arc of a node, in its head.
const lastArc = 1 << 31

// half is the hierarchy in one direction: the arcs from each node to nodes of
// a higher rank, which have lower numbers. In the half of From an arc is driven
// up, in the half of To it is driven down, from its head.
type half struct {
	first   []uint32
	arcs    []arc
	lengths []uint32 // decimetres, apart, so that sweeps of times alone do not fetch them
}

// Build computes the hierarchy of a network: shortcuts are added while its
// nodes are taken away one by one, the least important first (contraction
// hierarchies, Geisberger et al. 2008), every one of them, so that answers are
// exact. Loops do not count; local roads
// stay with the index and are not driven through. report, unless nil, is called
// now and then with the stage and how far it is.
//
// The same network gives the same index, to the byte.
func Build(ctx context.Context, net *Network, report func(stage string, done, of int)) (*Index, error) {
	if err := net.check(); err != nil {
		return nil, err
	}
	stage := func(name string) func(done, of int) {
		return func(done, of int) {
			if report != nil {
				report(name, done, of)
			}
		}
	}
	near := walk(net)
	first, links := through(net, near)
	c := newContraction(first, links)
	if err := c.run(ctx, stage(stageContract)); err != nil {
		return nil, err
	}
	c.level, c.dirty, c.queue, c.seen = nil, nil, nil, nil // what only contracting needs
	n := len(net.Nodes)
	stage(stageLayout)(0, n)
	place := arrange(c)
	back, numbers := make([]uint32, n), make([]uint32, n)
	for v, p := range place {
		back[p] = uint32(v)
	}
	for v, i := range near {
		numbers[place[i]] = uint32(v)
	}
	halves := [2]half{
		From: c.half(place, back, func(l *link) cost { return l.ahead }),
		To:   c.half(place, back, func(l *link) cost { return l.back }),
	}
	x := assemble(net, numbers, NewLocator(renumbered(net, numbers)), &halves)
	stage(stageLayout)(n, n)
	return x, ctx.Err()
}

// walk numbers the nodes so that neighbours lie close together in memory:
// depth first.
func walk(net *Network) []uint32 {
	n := len(net.Nodes)
	first := make([]uint32, n+1)
	for _, e := range net.Edges {
		first[e.From+1]++
		first[e.To+1]++
	}
	for v := range n {
		first[v+1] += first[v]
	}
	heads := make([]int32, first[n])
	next := slices.Clone(first[:n])
	for _, e := range net.Edges {
		heads[next[e.From]] = e.To
		next[e.From]++
		heads[next[e.To]] = e.From
		next[e.To]++
	}
	copy(next, first)
	const unseen = ^uint32(0)
	place := make([]uint32, n)
	for v := range place {
		place[v] = unseen
	}
	count := uint32(0)
	var stack []int32
	for v := range n {
		if place[v] != unseen {
			continue
		}
		place[v] = count
		count++
		for stack = append(stack, int32(v)); len(stack) > 0; {
			u := stack[len(stack)-1]
			if next[u] == first[u+1] {
				stack = stack[:len(stack)-1]
				continue
			}
			w := heads[next[u]]
			next[u]++
			if place[w] == unseen {
				place[w] = count
				count++
				stack = append(stack, w)
			}
		}
	}
	return place
}

// passes says whether journeys may pass over e from one node to another.
func (e *Edge) passes() bool {
	return !e.Local && e.From != e.To && (e.Ahead < Never || e.Back < Never)
}

// costs is what it costs to drive along e, ahead and back.
func (e *Edge) costs() (ahead, back cost) {
	ahead, back = never, never
	if e.Ahead < Never {
		ahead = costOf(e.Ahead, e.Length)
	}
	if e.Back < Never {
		back = costOf(e.Back, e.Length)
	}
	return ahead, back
}

// through is the network that journeys pass through, with the nodes at their
// new places: of parallel edges the cheapest in each direction, no loops.
func through(net *Network, place []uint32) ([]uint32, []link) {
	n := len(net.Nodes)
	first := make([]uint32, n+1)
	for i := range net.Edges {
		if e := &net.Edges[i]; e.passes() {
			first[place[e.From]+1]++
			first[place[e.To]+1]++
		}
	}
	for v := range n {
		first[v+1] += first[v]
	}
	// Shortcuts come to about two thirds as many: what grew would be held twice.
	links := make([]link, first[n], int(first[n])+int(first[n])/4*3)
	next := slices.Clone(first[:n])
	put := func(v, head uint32, ahead, back cost) {
		links[next[v]] = link{ahead, back, head, 1}
		next[v]++
	}
	for i := range net.Edges {
		if e := &net.Edges[i]; e.passes() {
			a, b := e.costs()
			put(place[e.From], place[e.To], a, b)
			put(place[e.To], place[e.From], b, a)
		}
	}
	end := uint32(0)
	for v := range n {
		own := links[first[v]:next[v]]
		slices.SortFunc(own, func(a, b link) int { return cmp.Compare(a.head, b.head) })
		first[v] = end
		for _, l := range own {
			if last := int(end) - 1; last >= int(first[v]) && links[last].head == l.head {
				links[last].ahead = min(links[last].ahead, l.ahead)
				links[last].back = min(links[last].back, l.back)
				continue
			}
			links[end] = l
			end++
		}
	}
	first[n] = end
	return first, links[:end]
}

// arrange numbers the nodes so that those with more important ones before
// them: each comes right after the ones it has arcs to, if they were not there
// already. Neighbours stay near each other, so that a sweep in this order finds
// most of what it needs in the cache.
func arrange(c *contraction) []uint32 {
	n := len(c.spans)
	const unplaced = ^uint32(0)
	place := make([]uint32, n)
	for v := range place {
		place[v] = unplaced
	}
	next := make([]uint32, n) // the link of each node to look at next
	count := uint32(0)
	var stack []uint32
	for v := range uint32(n) {
		if place[v] != unplaced {
			continue
		}
		for stack = append(stack, v); len(stack) > 0; {
			u := stack[len(stack)-1]
			links := c.of(u)
			if int(next[u]) < len(links) {
				if h := links[next[u]].head; place[h] == unplaced {
					stack = append(stack, h)
				}
				next[u]++
				continue
			}
			place[u] = count
			count++
			stack = stack[:len(stack)-1]
		}
	}
	return place
}

// half takes one direction out of a contraction that is done. back says which
// node is at each place.
func (c *contraction) half(place, back []uint32, pick func(*link) cost) half {
	n := len(back)
	h := half{first: make([]uint32, n+1)}
	for p, v := range back {
		links := c.of(v)
		h.first[p+1] = h.first[p]
		for i := range links {
			if pick(&links[i]) < never {
				h.first[p+1]++
			}
		}
		if h.first[p+1] == h.first[p] {
			h.first[p+1]++
		}
	}
	h.arcs = make([]arc, h.first[n])
	h.lengths = make([]uint32, h.first[n])
	var own []entry
	for p, v := range back {
		links := c.of(v)
		own = own[:0]
		for i := range links {
			if k := pick(&links[i]); k < never {
				own = append(own, entry{cost: k, node: place[links[i].head]})
			}
		}
		slices.SortFunc(own, func(a, b entry) int { return cmp.Compare(a.node, b.node) })
		for i, e := range own {
			at := h.first[p] + uint32(i)
			h.arcs[at], h.lengths[at] = arc{e.node, e.cost.time()}, e.cost.length()
		}
		if len(own) == 0 {
			h.arcs[h.first[p]] = arc{0, Never}
		}
		h.arcs[h.first[p+1]-1].head |= lastArc
	}
	return h
}
