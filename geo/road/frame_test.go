package road

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
)

// scattered is a graph of nodes at random, each joined with some that are near.
func scattered(seed uint64, n int) (at []Coord, first, heads []uint32) {
	r := rand.New(rand.NewPCG(seed, 8))
	at = make([]Coord, n)
	side := int32(math.Sqrt(float64(n))) + 1
	for v := range at {
		at[v] = Coord{Lon: int32(v)%side*1000 + int32(r.IntN(900)), Lat: int32(v)/side*1000 + int32(r.IntN(900))}
	}
	var edges []Edge
	for v := range int32(n) {
		for i, h := range []int32{v + 1, v + side, v + side + 1, int32(r.IntN(n))} {
			if h < int32(n) && r.IntN(3) > 0 && (i < 3 || r.IntN(40) == 0) {
				edges = append(edges, Edge{From: v, To: h, Ahead: 1, Back: 1})
			}
		}
	}
	first, heads = adjacent(n, len(edges), func(i int) Edge { return edges[i] })
	return at, first, heads
}

// A flow comes to nodes as it leaves them, and as many edges as it has ways part its
// source from its sink: so there is no larger flow, and no smaller cut.
func TestFlowFindsTheSmallestCut(t *testing.T) {
	for seed := range uint64(400) {
		at, first, heads := scattered(seed, 5+int(seed))
		c := &cell{first: first, heads: heads}
		for v := range at {
			c.ids = append(c.ids, uint32(v))
		}
		var most atomic.Int64
		most.Store(math.MaxInt64)
		f := c.newFlow(int(seed%4), at)
		total := f.run(&most)
		left, cut := int64(0), int64(0)
		here := f.here()
		for v := range uint32(len(at)) {
			sum := int64(0)
			for _, p := range f.arcs[first[v]:first[v+1]] {
				if p.used+f.arcs[p.back].used != 0 || p.used < -1 || p.used > 1 {
					t.Fatalf("seed %d: %+v and back %+v", seed, p, f.arcs[p.back])
				}
				sum += int64(p.used)
				if here[v] && !here[p.head] {
					cut++
				}
			}
			switch {
			case f.source(v):
				left += sum
			case !f.sink(v) && sum != 0:
				t.Fatalf("seed %d: %d ways stay at node %d", seed, -sum, v)
			}
			if f.source(v) && !here[v] || f.sink(v) && here[v] {
				t.Fatalf("seed %d: node %d is on the wrong side", seed, v)
			}
		}
		if left != total || cut != total {
			t.Fatalf("seed %d: %d ways, %d leave, over %d edges", seed, total, left, cut)
		}
	}
}

// The arcs of a frame are those of the elimination game: nodes are taken away one by one,
// and all that is left around each is joined. What is below a node is below it in numbers.
func TestFrameIsTheEliminationGame(t *testing.T) {
	for seed := range uint64(300) {
		at, first, heads := scattered(seed, 1+int(seed)*2)
		order, err := dissect(context.Background(), at, first, heads)
		if err != nil {
			t.Fatal(err)
		}
		sorted := slices.Sorted(slices.Values(order))
		for i, v := range sorted {
			if int(v) != i || len(sorted) != len(at) {
				t.Fatalf("seed %d: the order is not of all nodes: %v", seed, order)
			}
		}
		f, err := newFrame(context.Background(), order, first, heads)
		if err != nil {
			t.Fatal(err)
		}
		around := make([]map[uint32]bool, len(at))
		for v := range around {
			around[v] = map[uint32]bool{}
			for _, h := range heads[first[v]:first[v+1]] {
				around[v][h] = true
			}
		}
		for _, v := range order {
			var want []uint32
			for h := range around[v] {
				want = append(want, f.place[h])
				delete(around[h], v)
				for k := range around[v] {
					if k != h {
						around[h][k] = true
					}
				}
			}
			slices.Sort(want)
			p := f.place[v]
			if got := f.heads[f.first[p]:f.first[p+1]]; !slices.Equal(got, want) {
				t.Fatalf("seed %d: node %d has arcs to %v, in the game to %v", seed, v, got, want)
			}
			for _, h := range want {
				if h >= p || f.under[h] < f.under[p] {
					t.Fatalf("seed %d: node %d is not below %d", seed, p, h)
				}
			}
		}
	}
}

// What a Locator keeps of roads that are driven at other speeds is what it would find there,
// unless two parts of the network are the largest: then the one that was, stays it.
func TestNearbyRenumbered(t *testing.T) {
	compared := 0
	for seed := range uint64(400) {
		net, turns := crossroads(seed)
		if _, err := net.Turn(turns); err != nil {
			t.Fatal(err)
		}
		near := NewLocator(net).Nearby()
		if component, count := net.Strong(); count > 1 {
			sizes := make([]int, count)
			for v, c := range component {
				if has(near.Public, int32(v)) {
					sizes[c]++
				}
			}
			if slices.Sort(sizes); sizes[count-1] == sizes[count-2] {
				continue
			}
		}
		compared++
		place := make([]uint32, len(net.Nodes))
		numbers := make([]uint32, len(net.Nodes))
		for v, p := range rand.New(rand.NewPCG(seed, 3)).Perm(len(place)) {
			place[v], numbers[p] = uint32(p), uint32(v)
		}
		got, want := near.renumbered(place), NewLocator(renumbered(net, numbers)).Nearby()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %+v, anew %+v", seed, got, want)
		}
	}
	if compared < 200 {
		t.Errorf("%d networks: too few to tell", compared)
	}
}
