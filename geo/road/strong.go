package road

// Strong says of each node which strongly connected component it belongs to:
// within one, every node can be driven to from every other over edges that
// are not Local. Components are numbered in the order of their first node; n
// is how many there are.
//
// It is Tarjan's algorithm (1972) without recursion.
func (n *Network) Strong() (component []int32, count int) {
	first, heads := n.out()
	nodes := len(n.Nodes)
	const unseen = -1
	var (
		index = make([]int32, nodes) // order of discovery, then low link
		low   = make([]int32, nodes)
		next  = make([]int32, nodes) // the edge to look at next
		open  []int32                // nodes that have no component yet
		path  []int32
		clock int32
	)
	component = make([]int32, nodes)
	for i := range index {
		index[i], component[i] = unseen, unseen
		next[i] = first[i]
	}
	raw := int32(0)
	for root := range nodes {
		if index[root] != unseen {
			continue
		}
		path = append(path, int32(root))
		for len(path) > 0 {
			v := path[len(path)-1]
			if index[v] == unseen {
				index[v], low[v] = clock, clock
				clock++
				open = append(open, v)
			}
			deeper := false
			for ; next[v] < first[v+1]; next[v]++ {
				w := heads[next[v]]
				if index[w] == unseen {
					path = append(path, w)
					deeper = true
					break
				}
				if component[w] == unseen {
					low[v] = min(low[v], low[w])
				}
			}
			if deeper {
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				u := path[len(path)-1]
				low[u] = min(low[u], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			for {
				w := open[len(open)-1]
				open = open[:len(open)-1]
				component[w] = raw
				if w == v {
					break
				}
			}
			raw++
		}
	}
	// Number them by their first node.
	order := make([]int32, raw)
	for i := range order {
		order[i] = unseen
	}
	for v, c := range component {
		if order[c] == unseen {
			order[c] = int32(count)
			count++
		}
		component[v] = order[c]
	}
	return component, count
}

// out is the graph of the edges that are not Local: the heads of the arcs
// from node v are heads[first[v]:first[v+1]].
func (n *Network) out() (first, heads []int32) {
	first = make([]int32, len(n.Nodes)+2)
	each := func(do func(from, to int32)) {
		for i := range n.Edges {
			e := &n.Edges[i]
			if e.Local {
				continue
			}
			if e.Ahead < Never {
				do(e.From, e.To)
			}
			if e.Back < Never {
				do(e.To, e.From)
			}
		}
	}
	each(func(from, _ int32) { first[from+2]++ })
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	heads = make([]int32, first[len(first)-1])
	each(func(from, to int32) {
		heads[first[from+1]] = to
		first[from+1]++
	})
	return first[:len(n.Nodes)+1], heads
}
