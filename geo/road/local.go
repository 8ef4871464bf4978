package road

import (
	"cmp"
	"slices"
)

// No more than so many ways lead from a stop among Local roads to the network
// (the quickest), and no more junctions than that are looked at. Ways that lead
// elsewhere are kept up to mostSeeds.
const (
	mostWays  = 8
	mostSeeds = 64
	mostSteps = 4096
)

// corners are the ends of Local edges and of halves at a node.
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

// serves says whether a junction open to all leads to the main network, or, with
// in, is led to from there.
func (l *Locator) serves(node int32, in bool) bool {
	bits := l.near.Leads
	if in {
		bits = l.near.Led
	}
	return bits[node/64]>>(node%64)&1 == 1
}

// ways are the quickest ways from a stop on a Local edge to junctions open to
// all, or from them to it.
func (l *Locator) ways(s *Snapped, in bool) []Seed {
	var out []Seed
	good := 0
	l.explore(s.Edge, s.Share, in, func(w Seed) bool {
		if l.public(w.Node) {
			out = s.reach(out, w)
			if l.serves(w.Node, in) {
				good++
			}
		}
		return good < mostWays && len(out) < mostSeeds
	})
	return out
}

// stroll gives a stop at a road of one direction the ways of the other, against
// the direction and on foot, as it were: along Local roads and others of one
// direction, at the speed of the access, up to LastMile from the stop. Whatever
// can be driven is driven.
func (l *Locator) stroll(s *Snapped) {
	for _, in := range [2]bool{false, true} {
		seeds := &s.Out
		if in {
			seeds = &s.In
		}
		if slices.ContainsFunc(*seeds, func(w Seed) bool { return l.serves(w.Node, in) }) {
			continue
		}
		for _, w := range l.onFoot(s, in) {
			*seeds = quicker(*seeds, w)
		}
	}
}

// onFoot are the shortest ways of a stroll to junctions that serve.
func (l *Locator) onFoot(s *Snapped, in bool) (out []Seed) {
	var open entries
	push := func(node int32, length uint32) {
		if length <= LastMile*10 {
			open.push(entry{cost: cost(length), node: uint32(node)})
		}
	}
	edge := l.edge(s.Edge)
	rest := partOf(edge.Length, 1-s.Share)
	push(edge.To, s.beside+rest)
	push(edge.From, s.beside+edge.Length-rest)
	done := map[int32]bool{}
	for len(open) > 0 && len(done) < mostSteps && len(out) < mostWays {
		top := open.pop()
		node, length := int32(top.node), uint32(top.cost)
		if done[node] {
			continue
		}
		done[node] = true
		if l.public(node) && l.serves(node, in) {
			out = append(out, Seed{node, l.walk(float64(length) / 10), length, length})
			continue
		}
		for _, c := range l.corners(node) {
			e := l.edge(c.Edge)
			for _, to := range [2]int32{e.From, e.To} {
				if to != node && !done[to] {
					push(to, length+e.Length)
				}
			}
		}
	}
	return out
}

// explore calls each with the junctions around a place on a Local edge, the
// quickest first, until it returns false: those that can be got to over Local
// edges, or from which the place can. It goes no further where a road open to
// all comes in: from there on, that is the way.
func (l *Locator) explore(e int32, share float64, in bool, each func(Seed) bool) {
	var open entries
	push := func(w Seed) { open.push(entry{cost: costOf(w.Time, w.Length), node: uint32(w.Node)}) }
	for _, w := range l.ends(nil, e, share, in) {
		if w.Time < Never {
			push(w)
		}
	}
	done := map[int32]bool{}
	for len(open) > 0 && len(done) < mostSteps {
		top := open.pop()
		w := Seed{Node: int32(top.node), Time: top.cost.time(), Length: top.cost.length()}
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
					push(Seed{Node: to, Time: w.Time + time, Length: w.Length + edge.Length})
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
