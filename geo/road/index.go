package road

import (
	"errors"
	"fmt"
	"sync"
)

// Index is a network made ready for queries: its hierarchy, its edges and what
// it was made of. Its nodes are numbered anew, the more important first;
// Numbers gives those of the network. It is immutable, and any number of
// goroutines may query it, each with a Query of its own.
type Index struct {
	n, edges int
	source   Source
	sum      string // see Sum
	changed  string // see Changes
	sections map[string]*section
	names    []string  // of the sections, in the order of the file
	spare    sync.Pool // of queries
	watch    watch
	frames   frames
}

// Source says what an index was made of.
type Source struct {
	Origin  string // what the network was read from
	Profile string // the name and hash of the profile
	Stamp   string // the date of the data, RFC 3339, or empty
}

// Source says what x was made of.
func (x *Index) Source() Source { return x.source }

// Sum is the check sum of the file that x was opened from, which covers those of
// all its sections; "" if x was just built. That of changed roads has the hash of
// the changes behind it.
func (x *Index) Sum() string { return x.sum }

// Changes are those by which the roads differ from those of the file, in words; ""
// if there are none.
func (x *Index) Changes() string { return x.changed }

// Nodes is the number of junctions.
func (x *Index) Nodes() int { return x.n }

// Edges is the number of edges, local roads among them.
func (x *Index) Edges() int { return x.edges }

// Sections of an index, one name for each half.
var (
	sectionFirst   = [2]string{From: "up.first", To: "down.first"}
	sectionArcs    = [2]string{From: "up.arcs", To: "down.arcs"}
	sectionLengths = [2]string{From: "up.lengths", To: "down.lengths"}
)

const (
	sectionNumbers = "numbers"
	sectionNodes   = "nodes"
	sectionEdges   = "edges"
	sectionBends   = "bends"
	sectionMates   = "mates"
	sectionPublic  = "near.public"
	sectionLeads   = "near.leads"
	sectionLed     = "near.led"
	sectionCorners = "near.corners"
)

// Sections of the trees of edges: of the main network, of its halves and of islands.
var (
	sectionOrder = [...]string{"near.main.order", "near.halves.order", "near.islands.order"}
	sectionBoxes = [...]string{"near.main.boxes", "near.halves.boxes", "near.islands.boxes"}
)

func (n *Nearby) trees() [3]*Tree { return [...]*Tree{&n.Main, &n.Halves, &n.Islands} }

// renumbered is a network whose nodes have the given numbers there, without its ways.
func renumbered(net *Network, numbers []uint32) *Network {
	place := make([]uint32, len(net.Nodes))
	anew := &Network{Nodes: make([]Coord, len(net.Nodes)), Edges: make([]Edge, len(net.Edges)), Bends: net.Bends, Mates: net.Mates}
	for p, v := range numbers {
		place[v] = uint32(p)
		anew.Nodes[p] = net.Nodes[v]
	}
	for i, e := range net.Edges {
		e.From, e.To = int32(place[e.From]), int32(place[e.To])
		anew.Edges[i] = e
	}
	return anew
}

// assemble makes an index of a network whose nodes have the given numbers there; the
// locator is of the renumbered network.
func assemble(net *Network, numbers []uint32, l *Locator, halves *[2]half) *Index {
	x := &Index{
		n: len(net.Nodes), edges: len(net.Edges),
		source:   Source{net.Origin, net.Profile, net.Stamp},
		sections: map[string]*section{},
	}
	for way, h := range halves {
		add(x, sectionFirst[way], h.first)
		add(x, sectionArcs[way], h.arcs)
		add(x, sectionLengths[way], h.lengths)
	}
	add(x, sectionNumbers, numbers)
	add(x, sectionNodes, l.nodes)
	add(x, sectionEdges, l.edges)
	add(x, sectionBends, net.Bends)
	add(x, sectionMates, net.Mates)
	x.addOrigins(&net.Ways)
	for k, t := range l.near.trees() {
		add(x, sectionOrder[k], t.Order)
		add(x, sectionBoxes[k], t.Boxes)
	}
	add(x, sectionPublic, l.near.Public)
	add(x, sectionLeads, l.near.Leads)
	add(x, sectionLed, l.near.Led)
	add(x, sectionCorners, l.near.Corners)
	return x
}

// half is the hierarchy in one direction, if it is sound: every node has arcs,
// the last of them marked, and all lead to lower numbers, so that no query can
// leave the index or go in circles.
func (x *Index) half(way Way) (*half, error) {
	first, err := column(x, sectionFirst[way], func(first []uint32) error {
		if len(first) != x.n+1 || first[0] != 0 {
			return fmt.Errorf("%d firsts for %d nodes", len(first), x.n)
		}
		for v := range x.n {
			if first[v+1] <= first[v] {
				return fmt.Errorf("node %d has no arc", v)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	arcs, err := column(x, sectionArcs[way], func(arcs []arc) error {
		if uint32(len(arcs)) != first[x.n] {
			return fmt.Errorf("%d arcs, and the nodes have %d", len(arcs), first[x.n])
		}
		for v := range x.n {
			own := arcs[first[v]:first[v+1]]
			for i, a := range own {
				last := i == len(own)-1
				if head := a.head % lastArc; int(head) >= max(v, 1) || a.time > Never || last != (a.head >= lastArc) {
					return fmt.Errorf("arc %d of node %d leads to node %d in %d ms", i, v, head, a.time)
				}
			}
		}
		if x.n > 0 && arcs[0].time < Never {
			return errors.New("node 0 has an arc to itself")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	lengths, err := column(x, sectionLengths[way], func(lengths []uint32) error {
		if len(lengths) != len(arcs) {
			return fmt.Errorf("%d lengths of %d arcs", len(lengths), len(arcs))
		}
		return nil
	})
	return &half{first, arcs, lengths}, err
}

// Numbers gives, for each node of the index, its number in the network.
func (x *Index) Numbers() ([]uint32, error) {
	return column(x, sectionNumbers, func(numbers []uint32) error {
		if len(numbers) != x.n {
			return fmt.Errorf("%d numbers of %d nodes", len(numbers), x.n)
		}
		for _, v := range numbers {
			if int64(v) >= int64(x.n) {
				return fmt.Errorf("node %d of %d", v, x.n)
			}
		}
		return nil
	})
}

// Coords is where the nodes lie.
func (x *Index) Coords() ([]Coord, error) {
	return column(x, sectionNodes, func(nodes []Coord) error {
		if len(nodes) != x.n {
			return fmt.Errorf("%d positions of %d nodes", len(nodes), x.n)
		}
		return nil
	})
}

// Streets gives access to the edges of x, by the numbers they have in the
// network, between nodes of the index.
func (x *Index) Streets() (*Streets, error) {
	nodes, err := x.Coords()
	if err != nil {
		return nil, err
	}
	bends, err := column[Coord](x, sectionBends, nil)
	if err != nil {
		return nil, err
	}
	edges, err := column(x, sectionEdges, func(edges []edge) error {
		if len(edges) != x.edges {
			return fmt.Errorf("%d edges, and the header has %d", len(edges), x.edges)
		}
		last := uint32(0)
		for i, e := range edges {
			if int64(e.from%flag) >= int64(x.n) || int64(e.to%flag) >= int64(x.n) {
				return fmt.Errorf("edge %d joins nodes %d and %d of %d", i, e.from%flag, e.to%flag, x.n)
			}
			if e.bends < last || uint64(e.bends) > uint64(len(bends)) || e.ahead > Never || e.back > Never {
				return fmt.Errorf("edge %d is not sound", i)
			}
			last = e.bends
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	mates, err := column(x, sectionMates, func(mates []Mate) error {
		for i, m := range mates {
			if m.Edge < 0 || int(m.Edge) >= x.edges || m.Mate < 0 || int(m.Mate) >= x.edges ||
				i > 0 && (m.Edge < mates[i-1].Edge || m.Edge == mates[i-1].Edge && m.Mate <= mates[i-1].Mate) {
				return fmt.Errorf("edge %d has the mate %d", m.Edge, m.Mate)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Streets{edges: edges, nodes: nodes, bends: bends, mates: mates}, nil
}

// Locator finds the roads at stops, between nodes of the index. Whoever sets its
// limits does so before others use it.
func (x *Index) Locator() (*Locator, error) {
	s, err := x.Streets()
	if err != nil {
		return nil, err
	}
	var near Nearby
	for k, t := range near.trees() {
		if t.Order, err = column[int32](x, sectionOrder[k], nil); err != nil {
			return nil, err
		}
		if t.Boxes, err = column[Box](x, sectionBoxes[k], nil); err != nil {
			return nil, err
		}
	}
	for name, bits := range map[string]*[]uint64{sectionPublic: &near.Public, sectionLeads: &near.Leads, sectionLed: &near.Led} {
		if *bits, err = column[uint64](x, name, nil); err != nil {
			return nil, err
		}
	}
	if near.Corners, err = column[Corner](x, sectionCorners, nil); err != nil {
		return nil, err
	}
	return OpenLocator(s, near)
}
