package road

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	"careshed/geo/travel"
)

// frame is what a hierarchy of a network is hung on when times change: its nodes in an
// order that does not hang on times, and an arc between any two that taking the nodes
// away in that order would join, whatever the times are (the chordal supergraph of
// Dibbelt, Strasser and Wagner, Customizable Contraction Hierarchies, 2016). Its nodes
// have numbers of their own, the last in the order first, and those below a node right
// after it. It is immutable.
type frame struct {
	nodes []uint32 // by number here: the node of the network
	place []uint32 // and the other way round
	under []uint32 // v and all nodes below it are v to under[v]-1

	first []uint32 // the arcs of node v go to heads[first[v]:first[v+1]], ascending and below v
	heads []uint32

	lower []uint32 // the arcs that lead to v are below[lower[v]:lower[v+1]], by their tails
	below []rung
}

// frames keeps the frame of an index, or errDense.
type frames struct {
	sync.Mutex
	one *frame
	err error
}

// rung is an arc, seen from its head.
type rung struct{ tail, arc uint32 }

// mostArcs is how many arcs a node of a frame may have on the mean. Networks of roads
// have five or six; what has more is no network of roads, or its order was damaged.
const mostArcs = 24

// errDense is the error of a network on which a frame is no help.
var errDense = errors.New("too many arcs: not a network of roads")

// adjacent is the graph of which nodes some edges join, whatever the times: the neighbours
// of v are heads[first[v]:first[v+1]], ascending.
func adjacent(nodes, edges int, edge func(int) Edge) (first, heads []uint32) {
	first = make([]uint32, nodes+1)
	for i := range edges {
		if e := edge(i); e.passes() {
			first[e.From+1]++
			first[e.To+1]++
		}
	}
	for v := range nodes {
		first[v+1] += first[v]
	}
	heads = make([]uint32, first[nodes])
	next := slices.Clone(first)
	for i := range edges {
		if e := edge(i); e.passes() {
			heads[next[e.From]] = uint32(e.To)
			next[e.From]++
			heads[next[e.To]] = uint32(e.From)
			next[e.To]++
		}
	}
	end := uint32(0)
	for v := range nodes {
		own := heads[first[v]:next[v]]
		slices.Sort(own)
		first[v] = end
		end += uint32(copy(heads[end:], slices.Compact(own)))
	}
	first[nodes] = end
	return first, heads[:end]
}

// newFrame is the frame of a graph whose nodes are taken away in an order.
func newFrame(ctx context.Context, order, first, heads []uint32) (*frame, error) {
	f := &frame{}
	f.number(order, first, heads)
	if err := f.fill(ctx, first, heads); err != nil {
		return nil, err
	}
	f.turn()
	return f, nil
}

// number gives the nodes their numbers. Right above a node is the first that comes after
// it of all that it has arcs to then; which one that is, is found without the arcs
// (elimination trees, Liu 1986).
func (f *frame) number(order, first, heads []uint32) {
	n := len(order)
	const none = ^uint32(0)
	f.place = make([]uint32, n)
	turn := f.place // when a node is taken away, until it has a number
	for i, v := range order {
		turn[v] = uint32(i)
	}
	over, top, size := make([]uint32, n), make([]uint32, n), make([]uint32, n)
	for i, v := range order {
		over[i], top[i], size[i] = none, none, 1
		for _, h := range heads[first[v]:first[v+1]] {
			k := turn[h]
			for k < uint32(i) && top[k] != uint32(i) {
				above := top[k]
				top[k] = uint32(i)
				if above == none {
					over[k] = uint32(i)
					break
				}
				k = above
			}
		}
	}
	for i, above := range over {
		if above != none {
			size[above] += size[i]
		}
	}
	f.nodes, f.under = make([]uint32, n), make([]uint32, n)
	free := uint32(0)
	at := top // where the next node below goes
	for i := n - 1; i >= 0; i-- {
		into := &free
		if over[i] != none {
			into = &at[over[i]]
		}
		p := *into
		*into += size[i]
		at[i] = p + 1
		f.nodes[p], f.under[p] = order[i], p+size[i]
	}
	for p, v := range f.nodes {
		f.place[v] = uint32(p)
	}
}

// fill finds the arcs: a node has those of the network and those of the nodes right
// below it, for they are joined when those go.
func (f *frame) fill(ctx context.Context, first, heads []uint32) error {
	n := len(f.nodes)
	const none = ^uint32(0)
	child, next := make([]uint32, n), make([]uint32, n)
	for v := range child {
		child[v] = none
	}
	start, count := make([]uint32, n), make([]uint32, n)
	all := make([]uint32, 0, 3*n)
	var own, other []uint32
	for v := n - 1; v >= 0; v-- {
		if v&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		own = own[:0]
		for _, h := range heads[first[f.nodes[v]]:first[f.nodes[v]+1]] {
			if p := f.place[h]; p < uint32(v) {
				own = append(own, p)
			}
		}
		slices.Sort(own)
		for c := child[v]; c != none; c = next[c] {
			other = union(other[:0], own, all[start[c]:start[c]+count[c]-1]) // the last is v
			own, other = other, own
		}
		if start[v], count[v] = uint32(len(all)), uint32(len(own)); len(own) > 0 {
			above := own[len(own)-1]
			next[v], child[above] = child[above], uint32(v)
		}
		if all = append(all, own...); len(all) > min(mostArcs*n+1<<10, math.MaxUint32) {
			return errDense
		}
	}
	f.first, f.heads = make([]uint32, n+1), make([]uint32, 0, len(all))
	for v := range n {
		f.heads = append(f.heads, all[start[v]:start[v]+count[v]]...)
		f.first[v+1] = uint32(len(f.heads))
	}
	return nil
}

// union appends what is in either of two ascending lists, once and ascending.
func union(into, a, b []uint32) []uint32 {
	for len(a) > 0 && len(b) > 0 {
		switch cmp.Compare(a[0], b[0]) {
		case -1:
			into, a = append(into, a[0]), a[1:]
		case 1:
			into, b = append(into, b[0]), b[1:]
		default:
			into, a, b = append(into, a[0]), a[1:], b[1:]
		}
	}
	return append(append(into, a...), b...)
}

// turn finds the arcs that lead to each node.
func (f *frame) turn() {
	n := len(f.nodes)
	f.lower, f.below = make([]uint32, n+1), make([]rung, len(f.heads))
	for _, h := range f.heads {
		f.lower[h+1]++
	}
	for v := range n {
		f.lower[v+1] += f.lower[v]
	}
	next := slices.Clone(f.lower)
	for v := range uint32(n) {
		for a := f.first[v]; a < f.first[v+1]; a++ {
			h := f.heads[a]
			f.below[next[h]] = rung{v, a}
			next[h]++
		}
	}
}

// frame is that of the roads of x. The first who asks finds it, and it is kept.
func (x *Index) frame(ctx context.Context, s *Streets) (*frame, error) {
	x.frames.Lock()
	defer x.frames.Unlock()
	if x.frames.one != nil || x.frames.err != nil {
		return x.frames.one, x.frames.err
	}
	first, heads := adjacent(x.n, s.Len(), s.Edge)
	order, err := dissect(ctx, s.nodes, first, heads)
	if err != nil {
		return nil, err
	}
	f, err := newFrame(ctx, order, first, heads)
	if errors.Is(err, errDense) {
		x.frames.err = err
	}
	x.frames.one = f
	return f, err
}

// index is that of a network that joins no nodes but those that the frame does. near is
// what a Locator of the network keeps, if that is known.
func (f *frame) index(ctx context.Context, net *Network, near *Nearby) (*Index, error) {
	if err := net.check(); err != nil {
		return nil, err
	}
	numbers := slices.Clone(f.nodes)
	var l *Locator
	var halves *[2]half
	var wrong [2]error
	err := travel.Spread(ctx, len(wrong), 1, func(i, _ int) {
		switch {
		case i == 1:
			halves, wrong[i] = f.customize(ctx, net)
		case near == nil:
			l = NewLocator(renumbered(net, numbers))
		default:
			l, wrong[i] = OpenLocator(renumbered(net, numbers).Streets(), near.renumbered(f.place))
		}
	})
	if err = errors.Join(err, wrong[0], wrong[1]); err != nil {
		return nil, err
	}
	return assemble(net, numbers, l, halves), ctx.Err()
}

// renumbered is n where node v has the number place[v]. It shares no memory with n, which
// may be that of a file.
func (n *Nearby) renumbered(place []uint32) Nearby {
	out := *n
	for _, t := range out.trees() {
		t.Order, t.Boxes = slices.Clone(t.Order), slices.Clone(t.Boxes)
	}
	for bits, into := range map[*[]uint64]*[]uint64{&n.Public: &out.Public, &n.Leads: &out.Leads, &n.Led: &out.Led} {
		*into = make([]uint64, len(*bits))
		for v, p := range place {
			if has(*bits, int32(v)) {
				set(*into, int32(p))
			}
		}
	}
	out.Corners = slices.Clone(n.Corners)
	for i := range out.Corners {
		out.Corners[i].Node = int32(place[out.Corners[i].Node])
	}
	sortCorners(out.Corners)
	return out
}
