package road

import "fmt"

// fast says whether an edge is faster than 720 km/h.
func (e *Edge) fast() bool {
	t := uint64(max(1, min(e.Ahead, e.Back)))
	return t < Never && uint64(e.Length) > 2*t
}

// long says whether a way may be longer than a cost can say: then its edges may not
// be fast, see cost.
func (n *Network) long() bool {
	sum := uint64(0)
	for i := range n.Edges {
		sum += uint64(n.Edges[i].Length)
	}
	const ends = 1 << 24 // the ways to the network and off it
	return sum > 1<<32-ends
}

// check finds what no import should have made.
func (n *Network) check() error {
	if len(n.Nodes) >= Never {
		return fmt.Errorf("a network of %d nodes: at most %d are possible", len(n.Nodes), Never-1)
	}
	long := n.long()
	nodes, bends, last := int32(len(n.Nodes)), uint32(len(n.Bends)), uint32(0)
	for i := range n.Edges {
		e := &n.Edges[i]
		if e.From < 0 || e.From >= nodes || e.To < 0 || e.To >= nodes {
			return fmt.Errorf("edge %d joins nodes %d and %d of %d", i, e.From, e.To, nodes)
		}
		if e.Bends < last || e.Bends > bends {
			return fmt.Errorf("edge %d: its bends end at %d, those before at %d, of %d", i, e.Bends, last, bends)
		}
		last = e.Bends
		if i < len(n.Ways.Ends) && (i > 0 && n.Ways.Ends[i] < n.Ways.Ends[i-1] || int(n.Ways.Ends[i]) > len(n.Ways.Runs)) {
			return fmt.Errorf("edge %d: its runs end at %d of %d", i, n.Ways.Ends[i], len(n.Ways.Runs))
		}
		if e.Ahead > Never || e.Back > Never {
			return fmt.Errorf("edge %d takes %d ms ahead and %d ms back; at most %d, which is never", i, e.Ahead, e.Back, Never)
		}
		if long && e.fast() {
			return fmt.Errorf("edge %d: %d dm in %d ms is faster than 720 km/h", i, e.Length, min(e.Ahead, e.Back))
		}
	}
	return nil
}
