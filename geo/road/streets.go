package road

import (
	"cmp"
	"slices"
)

// Streets are the edges of a network where they lie, in flat arrays that may be
// those of a file. They do not change.
type Streets struct {
	edges []edge
	nodes []Coord
	bends []Coord
	mates []Mate
}

// matesOf are the edges that lie where an edge does, see Turn.
func (s *Streets) matesOf(e int32) []Mate {
	if len(s.mates) == 0 {
		return nil
	}
	i, _ := slices.BinarySearchFunc(s.mates, e, func(m Mate, e int32) int { return cmp.Compare(m.Edge, e) })
	j := i
	for j < len(s.mates) && s.mates[j].Edge == e {
		j++
	}
	return s.mates[i:j]
}

// edge is an Edge in a file; from says as well whether it is local, to whether
// it is for passing through.
type edge struct{ from, to, ahead, back, length, bends uint32 }

const flag = 1 << 31

func packed(e Edge) edge {
	p := edge{uint32(e.From), uint32(e.To), e.Ahead, e.Back, e.Length, e.Bends}
	if e.Local {
		p.from |= flag
	}
	if e.Through {
		p.to |= flag
	}
	return p
}

// Streets are the edges of a network that is not an index.
func (n *Network) Streets() *Streets {
	s := &Streets{edges: make([]edge, len(n.Edges)), nodes: n.Nodes, bends: n.Bends, mates: n.Mates}
	for i, e := range n.Edges {
		s.edges[i] = packed(e)
	}
	return s
}

// Len is the number of edges.
func (s *Streets) Len() int { return len(s.edges) }

// Edge is edge i.
func (s *Streets) Edge(i int) Edge { return s.edge(int32(i)) }

func (s *Streets) edge(i int32) Edge {
	e := s.edges[i]
	return Edge{
		From: int32(e.from % flag), To: int32(e.to % flag),
		Ahead: e.ahead, Back: e.back, Length: e.length, Bends: e.bends, Local: e.from >= flag, Through: e.to >= flag,
	}
}

// Shape appends the points of edge i, its ends among them, to shape.
func (s *Streets) Shape(i int, shape []Coord) []Coord {
	s.coords(int32(i), func(c Coord) { shape = append(shape, c) })
	return shape
}

// coords calls do for the points of an edge, from From to To.
func (s *Streets) coords(e int32, do func(Coord)) {
	edge := s.edge(e)
	first := uint32(0)
	if e > 0 {
		first = s.edges[e-1].bends
	}
	do(s.nodes[edge.From])
	for _, c := range s.bends[first:edge.Bends] {
		do(c)
	}
	do(s.nodes[edge.To])
}

// each is coords in geocentric metres.
func (s *Streets) each(e int32, do func(space)) {
	s.coords(e, func(c Coord) { do(c.space()) })
}
