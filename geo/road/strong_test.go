package road

import (
	"math/rand/v2"
	"testing"
)

// scatter is a network of random edges over nodes of a small area, some
// one-way, some Local.
func scatter(seed uint64, nodes, edges int) *Network {
	r := rand.New(rand.NewPCG(seed, 1))
	n := &Network{}
	for range nodes {
		n.Nodes = append(n.Nodes, Coord{Lon: int32(r.IntN(1e6)), Lat: int32(r.IntN(1e6))})
	}
	for range edges {
		e := Edge{From: int32(r.IntN(nodes)), To: int32(r.IntN(nodes)), Ahead: 1 + uint32(r.IntN(100000)), Back: 1 + uint32(r.IntN(100000)), Length: uint32(r.IntN(10000))}
		switch r.IntN(4) {
		case 0:
			e.Ahead = Never
		case 1:
			e.Back = Never
		}
		e.Local = r.IntN(10) == 0
		for range r.IntN(3) {
			n.Bends = append(n.Bends, Coord{Lon: int32(r.IntN(1e6)), Lat: int32(r.IntN(1e6))})
		}
		e.Bends = uint32(len(n.Bends))
		n.Edges = append(n.Edges, e)
	}
	return n
}

// Two nodes are of one component if each can be reached from the other.
func TestStrong(t *testing.T) {
	for seed := range uint64(30) {
		n := scatter(seed, 60, 40+int(seed)*3)
		reach := make([][]bool, len(n.Nodes))
		for v := range reach {
			reach[v] = make([]bool, len(n.Nodes))
			reach[v][v] = true
			for changed := true; changed; {
				changed = false
				for _, e := range n.Edges {
					if !e.Local && e.Ahead < Never && reach[v][e.From] && !reach[v][e.To] {
						reach[v][e.To], changed = true, true
					}
					if !e.Local && e.Back < Never && reach[v][e.To] && !reach[v][e.From] {
						reach[v][e.From], changed = true, true
					}
				}
			}
		}
		component, count := n.Strong()
		next := int32(0)
		for v, c := range component {
			if c > next || int(c) >= count {
				t.Fatalf("seed %d: node %d is of component %d of %d after %d", seed, v, c, count, next)
			}
			next = max(next, c+1)
			for w, d := range component {
				if (c == d) != (reach[v][w] && reach[w][v]) {
					t.Fatalf("seed %d: nodes %d and %d: components %d and %d, reached %v and %v", seed, v, w, c, d, reach[v][w], reach[w][v])
				}
			}
		}
	}
}
