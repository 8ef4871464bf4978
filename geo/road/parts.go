package road

import (
	"cmp"
	"slices"
)

// parts takes a network apart: what one may stop at, and which way the main
// network can be got to from there.
type parts struct {
	*Network
	public, leads, led    []uint64
	corners               []Corner
	main, halves, islands []int32
}

func has(bits []uint64, v int32) bool { return bits[v/64]>>(v%64)&1 == 1 }
func set(bits []uint64, v int32)      { bits[v/64] |= 1 << (v % 64) }

func (p *parts) find() {
	component, count := p.Strong()
	for _, bits := range [...]*[]uint64{&p.public, &p.leads, &p.led} {
		*bits = make([]uint64, (len(p.Nodes)+63)/64)
	}
	length := make([]float64, count)
	size := make([]int, count)
	for i := range p.Edges {
		e := &p.Edges[i]
		if e.Local {
			continue
		}
		for _, v := range [2]int32{e.From, e.To} {
			if !has(p.public, v) {
				set(p.public, v)
				size[component[v]]++
			}
		}
		if a := component[e.From]; a == component[e.To] {
			length[a] += float64(e.Length) / 10
		}
	}
	main := int32(0)
	for c := range size {
		if size[c] > size[main] {
			main = int32(c)
		}
	}
	p.reach(component, main)
	zones := p.zones()
	home := p.homes(component, size)
	mates := map[int32]bool{}
	for _, m := range p.Mates {
		mates[m.Mate] = true
	}
	streets := Streets{mates: p.Mates}
	for i := range p.Edges {
		e := &p.Edges[i]
		if e.Through || mates[int32(i)] {
			continue
		}
		part := component[e.From]
		switch {
		case e.Local:
			part = home[zones[i]]
		case part != component[e.To]:
			part = -1
		}
		leave, enter := p.serves(e)
		for _, m := range streets.matesOf(int32(i)) {
			l, n := p.serves(&p.Edges[m.Mate])
			leave, enter = leave || l, enter || n
		}
		switch {
		case leave && enter:
			p.main = append(p.main, int32(i))
		case leave != enter:
			p.halves = append(p.halves, int32(i))
		}
		if part >= 0 && part != main && length[part] >= island {
			p.islands = append(p.islands, int32(i))
		}
	}
	// The marks of what only Local roads lead to served their end.
	for i := range p.public {
		p.leads[i] &= p.public[i]
		p.led[i] &= p.public[i]
	}
	p.cornerHalves()
}

// serves says whether the main network is got to by an edge, and the edge from it.
func (p *parts) serves(e *Edge) (leave, enter bool) {
	leave = e.Ahead < Never && has(p.leads, e.To) || e.Back < Never && has(p.leads, e.From)
	enter = e.Ahead < Never && has(p.led, e.From) || e.Back < Never && has(p.led, e.To)
	return leave, enter
}

// reach finds from where the main network is reached, and where to from it: over
// roads open to all, and at the ends over Local ones that end where a road open
// to all comes in.
func (p *parts) reach(component []int32, main int32) {
	for v, c := range component {
		if c == main && has(p.public, int32(v)) {
			set(p.leads, int32(v))
			set(p.led, int32(v))
		}
	}
	type side struct{ tail, head, edge int32 }
	var ways []side
	for i := range p.Edges {
		e := &p.Edges[i]
		if !e.Local && component[e.From] == main && component[e.To] == main {
			continue
		}
		if e.Ahead < Never {
			ways = append(ways, side{e.From, e.To, int32(i)})
		}
		if e.Back < Never {
			ways = append(ways, side{e.To, e.From, int32(i)})
		}
	}
	// spread marks the tails of ways whose heads are marked.
	spread := func(marks []uint64) {
		slices.SortFunc(ways, func(a, b side) int { return cmp.Or(cmp.Compare(a.head, b.head), cmp.Compare(a.edge, b.edge)) })
		var open []int32
		for _, w := range ways {
			if has(marks, w.head) {
				open = append(open, w.head)
			}
		}
		open = slices.Compact(open)
		for len(open) > 0 {
			v := open[len(open)-1]
			open = open[:len(open)-1]
			at, _ := slices.BinarySearchFunc(ways, v, func(w side, v int32) int { return cmp.Compare(w.head, v) })
			for ; at < len(ways) && ways[at].head == v; at++ {
				w := ways[at]
				if has(marks, w.tail) || p.Edges[w.edge].Local && has(p.public, w.tail) {
					continue
				}
				set(marks, w.tail)
				open = append(open, w.tail)
			}
		}
	}
	spread(p.leads)
	for i := range ways {
		ways[i].tail, ways[i].head = ways[i].head, ways[i].tail
	}
	spread(p.led)
}

// homes are the largest parts that zones lead to, by the edge that a zone is named
// for; -1: none.
func (p *parts) homes(component []int32, size []int) []int32 {
	home := make([]int32, len(p.Edges))
	for i := range home {
		home[i] = -1
	}
	for _, c := range p.corners {
		if !has(p.public, c.Node) {
			continue
		}
		if h := home[c.Zone]; h < 0 || size[component[c.Node]] > size[h] {
			home[c.Zone] = component[c.Node]
		}
	}
	return home
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
		if p.Edges[i].Local {
			p.corner(int32(i))
		}
	}
	p.sortCorners()
	for i := 1; i < len(p.corners); i++ {
		a, b := p.corners[i-1], p.corners[i]
		if a.Node != b.Node || has(p.public, a.Node) {
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

// cornerHalves adds the corners of halves that are open to all.
func (p *parts) cornerHalves() {
	for _, i := range p.halves {
		if !p.Edges[i].Local {
			p.corner(i)
		}
	}
	p.sortCorners()
}

func (p *parts) corner(i int32) {
	e := &p.Edges[i]
	p.corners = append(p.corners, Corner{e.From, i, -1})
	if e.To != e.From {
		p.corners = append(p.corners, Corner{e.To, i, -1})
	}
}

func (p *parts) sortCorners() { sortCorners(p.corners) }

func sortCorners(all []Corner) {
	slices.SortFunc(all, func(a, b Corner) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Edge, b.Edge))
	})
}
