package road

// Graph is a network as Dijkstra sees it, in one direction: the oracle of the
// hierarchy, and enough by itself for small networks and short reaches. Local
// roads are left out, as they are of the hierarchy.
type Graph struct {
	first   []uint32 // the arcs of node v are first[v] to first[v+1]
	arcs    []arc
	lengths []uint32 // decimetres, of each arc
}

// arc leads to head, or from head, in time milliseconds.
type arc struct{ head, time uint32 }

// NewGraph is the graph on which searches run the given way.
func NewGraph(net *Network, way Way) (*Graph, error) {
	if err := net.check(); err != nil {
		return nil, err
	}
	n := len(net.Nodes)
	g := &Graph{first: make([]uint32, n+1)}
	each := func(do func(from, to int32, time, length uint32)) {
		for _, e := range net.Edges {
			if e.Local || e.From == e.To {
				continue
			}
			ahead, back := e.Ahead, e.Back
			if way == To {
				ahead, back = back, ahead
			}
			if ahead < Never {
				do(e.From, e.To, ahead, e.Length)
			}
			if back < Never {
				do(e.To, e.From, back, e.Length)
			}
		}
	}
	each(func(from, _ int32, _, _ uint32) { g.first[from+1]++ })
	for v := range n {
		g.first[v+1] += g.first[v]
	}
	g.arcs = make([]arc, g.first[n])
	g.lengths = make([]uint32, g.first[n])
	next := append([]uint32(nil), g.first[:n]...)
	each(func(from, to int32, time, length uint32) {
		i := next[from]
		next[from]++
		g.arcs[i], g.lengths[i] = arc{uint32(to), time}, length
	})
	return g, nil
}

// Nodes is the number of junctions.
func (g *Graph) Nodes() int { return len(g.first) - 1 }

// Times is the time between the seeds and every node, up to the limit (Never
// for all), by Dijkstra's algorithm (1959); Never beyond it. A node exactly at
// the limit is within it. out is used if it is large enough.
func (g *Graph) Times(seeds []Seed, limit uint32, out []uint32) []uint32 {
	n := g.Nodes()
	if cap(out) < n {
		out = make([]uint32, n)
	}
	out = out[:n]
	for i := range out {
		out[i] = Never
	}
	limit = min(limit, Never-1)
	var queue heap[uint64] // time, and node in the low half
	for _, s := range seeds {
		if s.Time <= limit && s.Time < out[s.Node] {
			out[s.Node] = s.Time
			queue.push(uint64(s.Time)<<32 | uint64(s.Node))
		}
	}
	for len(queue) > 0 {
		top := queue.pop()
		t, v := uint32(top>>32), uint32(top)
		if t > out[v] {
			continue
		}
		for _, a := range g.arcs[g.first[v]:g.first[v+1]] {
			if u := t + a.time; u <= limit && u < out[a.head] {
				out[a.head] = u
				queue.push(uint64(u)<<32 | uint64(a.head))
			}
		}
	}
	return out
}

// Reach finds for every node the owner whose seeds are the quickest to it, up
// to the limit (Never for all). Ties go to the shorter way, then to the first
// owner.
func (g *Graph) Reach(owners [][]Seed, limit uint32) []Reached {
	limit = min(limit, Never-1)
	out := make([]Reached, g.Nodes())
	for i := range out {
		out[i] = missed
	}
	var queue entries
	for o, seeds := range owners {
		for _, s := range seeds {
			if r := (Reached{costOf(s.Time, s.Length), int32(o)}); s.Time <= limit && r.before(out[s.Node]) {
				out[s.Node] = r
				queue.push(entry{cost: r.cost, node: uint32(s.Node)})
			}
		}
	}
	for len(queue) > 0 {
		top := queue.pop()
		v := top.node
		if top.cost > out[v].cost {
			continue
		}
		for i := g.first[v]; i < g.first[v+1]; i++ {
			a := g.arcs[i]
			r := Reached{top.cost + costOf(a.time, g.lengths[i]), out[v].Owner}
			head := &out[a.head]
			if r.cost.time() > limit || !r.before(*head) {
				continue
			}
			// An owner that comes first by a tie goes on from here as well: an arc
			// may take no time.
			queue.push(entry{cost: r.cost, node: a.head})
			*head = r
		}
	}
	return out
}
