package road

import "context"

// Bytes is how large the file is, and what of it sweeps of times read.
func (x *Index) Bytes() (file, sweep int) {
	for name, s := range x.sections {
		file += len(s.data)
		for way := range sectionArcs {
			if name == sectionArcs[way] || name == sectionFirst[way] {
				sweep += len(s.data)
			}
		}
	}
	return file, sweep
}

// Arcs is the number of arcs, of both halves.
func (x *Index) Arcs() int {
	return (len(x.sections[sectionArcs[From]].data) + len(x.sections[sectionArcs[To]].data)) / 8
}

// Missed is how a node is that cannot be reached.
func Missed() Reached { return missed }

// Customized is the index of a network by a frame, not by Build: with the order that
// dissect finds or, unless it is nil, with that one.
func Customized(ctx context.Context, net *Network, order []uint32) (*Index, error) {
	if err := net.check(); err != nil {
		return nil, err
	}
	first, heads := adjacent(len(net.Nodes), len(net.Edges), func(i int) Edge { return net.Edges[i] })
	if order == nil {
		var err error
		if order, err = dissect(ctx, net.Nodes, first, heads); err != nil {
			return nil, err
		}
	}
	f, err := newFrame(ctx, order, first, heads)
	if err != nil {
		return nil, err
	}
	return f.index(ctx, net, nil)
}

// Forget lets x find its frame anew.
func (x *Index) Forget() { x.frames.one = nil }

// Recosts puts the costs of the roads of x on its frame, as often as it is called.
func (x *Index) Recosts(ctx context.Context) (func() error, error) {
	c, err := newChanger(x)
	if err != nil {
		return nil, err
	}
	f, err := x.frame(ctx, c.Streets)
	if err != nil {
		return nil, err
	}
	net := c.network(x.source)
	return func() error { _, err := f.customize(ctx, net); return err }, nil
}
