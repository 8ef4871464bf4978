package road

import (
	"cmp"
	"slices"
)

// No more than so many ways lead from a stop among Local roads to the network
// (the quickest), and no more junctions than that are looked at.
const (
	mostWays  = 8
	mostSteps = 4096
)

// corners are the ends of Local edges at a node.
func (l *Locator) corners(node int32) []Corner {
	c := l.near.Corners
	i, _ := slices.BinarySearchFunc(c, node, func(c Corner, n int32) int { return cmp.Compare(c.Node, n) })
	j := i
	for j < len(c) && c[j].Node == node {
		j++
	}
	return c[i:j]
}

// zone is that of a Local edge.
func (l *Locator) zone(e int32) int32 {
	for _, c := range l.corners(l.edge(e).From) {
		if c.Edge == e {
			return c.Zone
		}
	}
	return -1
}

func (l *Locator) public(node int32) bool { return l.near.Public[node/64]>>(node%64)&1 == 1 }

// ways are the quickest ways from a stop on a Local edge to junctions open to
// all, or from them to it.
func (l *Locator) ways(s *Snapped, in bool) []Seed {
	var out []Seed
	l.explore(s.Edge, s.Share, in, func(w Seed) bool {
		if l.public(w.Node) {
			out = s.reach(out, w)
		}
		return len(out) < mostWays
	})
	return out
}

// explore calls each with the junctions around a place on a Local edge, the
// quickest first, until it returns false: those that can be got to over Local
// edges, or from which the place can. It goes no further where a road open to
// all comes in: from there on, that is the way.
func (l *Locator) explore(e int32, share float64, in bool, each func(Seed) bool) {
	var open entries
	push := func(w Seed) { open.push(entry{cost: costOf(w.Time, w.Length), node: uint32(w.Node)}) }
	for _, w := range l.ends(e, share, in) {
		if w.Time < Never {
			push(w)
		}
	}
	done := map[int32]bool{}
	for len(open) > 0 && len(done) < mostSteps {
		top := open.pop()
		w := Seed{int32(top.node), top.cost.time(), top.cost.length()}
		if done[w.Node] {
			continue
		}
		done[w.Node] = true
		if !each(w) {
			return
		}
		if l.public(w.Node) {
			continue
		}
		for _, c := range l.corners(w.Node) {
			edge := l.edge(c.Edge)
			ahead, back := edge.Ahead, edge.Back
			if in {
				ahead, back = back, ahead
			}
			step := func(to int32, time uint32) {
				if time < Never && w.Time+time < Never && !done[to] {
					push(Seed{to, w.Time + time, w.Length + edge.Length})
				}
			}
			if edge.From == w.Node {
				step(edge.To, ahead)
			}
			if edge.To == w.Node {
				step(edge.From, back)
			}
		}
	}
}

// parts takes a network apart: what one may stop at.
type parts struct {
	*Network
	public        []uint64
	corners       []Corner
	main, islands []int32
}

func (p *parts) find() {
	component, count := p.Strong()
	p.public = make([]uint64, (len(p.Nodes)+63)/64)
	length := make([]float64, count)
	size := make([]int, count)
	for i := range p.Edges {
		e := &p.Edges[i]
		if e.Local {
			continue
		}
		for _, v := range [2]int32{e.From, e.To} {
			if bit := uint64(1) << (v % 64); p.public[v/64]&bit == 0 {
				p.public[v/64] |= bit
				size[component[v]]++
			}
		}
		if a := component[e.From]; a == component[e.To] {
			length[a] += float64(e.Length) / 10
		}
	}
	main := 0
	for c := range size {
		if size[c] > size[main] {
			main = c
		}
	}
	zones := p.zones()
	// A zone belongs to the largest part that it leads to.
	home := make([]int32, len(p.Edges)) // of a zone, by the edge it is named for; -1: none
	for i := range home {
		home[i] = -1
	}
	for _, c := range p.corners {
		if p.public[c.Node/64]>>(c.Node%64)&1 == 0 {
			continue
		}
		if h := home[c.Zone]; h < 0 || size[component[c.Node]] > size[h] {
			home[c.Zone] = component[c.Node]
		}
	}
	for i := range p.Edges {
		e := &p.Edges[i]
		if e.Through {
			continue
		}
		part := component[e.From]
		switch {
		case e.Local:
			part = home[zones[i]]
		case part != component[e.To]:
			part = -1
		}
		switch {
		case part < 0:
		case int(part) == main:
			p.main = append(p.main, int32(i))
		case length[part] >= island:
			p.islands = append(p.islands, int32(i))
		}
	}
}

// zones joins Local edges that meet where no road open to all does, and fills
// corners. A zone is named for its first edge.
func (p *parts) zones() []int32 {
	zone := make([]int32, len(p.Edges))
	for i := range zone {
		zone[i] = int32(i)
	}
	root := func(e int32) int32 {
		for zone[e] != e {
			zone[e] = zone[zone[e]]
			e = zone[e]
		}
		return e
	}
	for i := range p.Edges {
		e := &p.Edges[i]
		if !e.Local {
			continue
		}
		p.corners = append(p.corners, Corner{e.From, int32(i), 0})
		if e.To != e.From {
			p.corners = append(p.corners, Corner{e.To, int32(i), 0})
		}
	}
	slices.SortFunc(p.corners, func(a, b Corner) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Edge, b.Edge))
	})
	for i := 1; i < len(p.corners); i++ {
		a, b := p.corners[i-1], p.corners[i]
		if a.Node != b.Node || p.public[a.Node/64]>>(a.Node%64)&1 == 1 {
			continue
		}
		x, y := root(a.Edge), root(b.Edge)
		zone[max(x, y)] = min(x, y)
	}
	for i := range zone {
		zone[i] = root(int32(i))
	}
	for i := range p.corners {
		p.corners[i].Zone = zone[p.corners[i].Edge]
	}
	return zone
}
