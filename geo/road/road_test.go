package road_test

import (
	"bytes"
	"cmp"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
)

// shared opens a file of the real graphs; tests without them skip.
func shared(t testing.TB, parts ...string) *os.File {
	t.Helper()
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	f, err := os.Open(filepath.Join(append([]string{root, "data", "roads"}, parts...)...))
	if err != nil {
		t.Skipf("SKIPPED: no real roads here: %v (set CARESHED_SHARED)", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// newYork is the travel-time graph of the DIMACS challenge.
func newYork(t testing.TB) *road.Network {
	t.Helper()
	return dimacs(t, shared(t, "dimacs", "USA-road-t.NY.gr.gz"), shared(t, "dimacs", "USA-road-d.NY.co.gz"))
}

func dimacs(t testing.TB, graph, coords *os.File) *road.Network {
	t.Helper()
	net, _, err := road.ReadDIMACS(graph, coords, road.Milliseconds)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func build(t testing.TB, net *road.Network) *road.Index {
	t.Helper()
	x, err := road.Build(context.Background(), net, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func query(t testing.TB, x *road.Index) *road.Query {
	t.Helper()
	q, err := x.NewQuery()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func graph(t testing.TB, net *road.Network, way road.Way) *road.Graph {
	t.Helper()
	g, err := road.NewGraph(net, way)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// oracle compares an index with Dijkstra on its network.
type oracle struct {
	testing.TB
	r       *rand.Rand
	x       *road.Index
	q       *road.Query
	graphs  [2]*road.Graph
	numbers []uint32 // of the nodes of the index, in the network
	places  []int32  // of the nodes of the network, in the index
}

func newOracle(t testing.TB, net *road.Network) *oracle {
	t.Helper()
	return oracleOf(t, net, build(t, net))
}

// both runs do on both hierarchies of a network: that of Build, and that which customization
// makes of a frame, as roads that changed have it.
func both(t testing.TB, net *road.Network, do func(o *oracle)) {
	t.Helper()
	do(newOracle(t, net))
	do(oracleOf(t, net, customized(t, net, nil)))
}

func customized(t testing.TB, net *road.Network, order []uint32) *road.Index {
	t.Helper()
	x, err := road.Customized(context.Background(), net, order)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// oracleOf compares an index that somebody made of a network.
func oracleOf(t testing.TB, net *road.Network, x *road.Index) *oracle {
	t.Helper()
	o := &oracle{TB: t, r: rand.New(rand.NewPCG(7, 7)), x: x}
	o.q = query(t, o.x)
	o.graphs = [2]*road.Graph{graph(t, net, road.From), graph(t, net, road.To)}
	var err error
	if o.numbers, err = o.x.Numbers(); err != nil {
		t.Fatal(err)
	}
	o.places = make([]int32, o.x.Nodes())
	for p, v := range o.numbers {
		o.places[v] = int32(p)
	}
	return o
}

// seeds are count nodes at random, with a way to each; onto are the same on the
// index.
func (o *oracle) seeds(count int) (seeds, onto []road.Seed) {
	for range count {
		v := int32(o.r.IntN(o.x.Nodes()))
		s := road.Seed{Node: v, Time: uint32(o.r.IntN(3)) * 1000, Length: uint32(o.r.IntN(3)) * 100}
		seeds = append(seeds, s)
		s.Node = o.places[v]
		onto = append(onto, s)
	}
	return seeds, onto
}

func (o *oracle) ends(count, each int) (seeds, onto [][]road.Seed) {
	for range count {
		a, b := o.seeds(each)
		seeds, onto = append(seeds, a), append(onto, b)
	}
	return seeds, onto
}

// times: sweeps give every node the time, and the length, that Dijkstra gives.
func (o *oracle) times(sources int) {
	o.Helper()
	var got, alone, lengths []uint32
	for i := range sources {
		way := road.Way(i % 2)
		seeds, onto := o.seeds(1 + i%3)
		want := o.graphs[way].Reach([][]road.Seed{seeds}, road.Never)
		alone = o.q.Times(way, onto, alone)
		got, lengths = o.q.Lengths(way, onto, got, lengths)
		for p, v := range o.numbers {
			if w := want[v]; got[p] != w.Time() || alone[p] != w.Time() || lengths[p] != w.Length() {
				o.Fatalf("way %d from %v: node %d is reached in %d ms (times alone: %d), %d dm; Dijkstra: %+v", way, seeds, v, got[p], alone[p], lengths[p], w)
			}
		}
	}
}

// batches: eight sweeps at once are as good as one by one.
func (o *oracle) batches(sources int) {
	o.Helper()
	var lanes []road.Eight
	var want []uint32
	for i := 0; i < sources; i += road.Lanes {
		way := road.Way(i / road.Lanes % 2)
		seeds, onto := o.ends(min(road.Lanes, sources-i), 2)
		lanes = o.q.Batch(way, onto, lanes)
		for k := range road.Lanes {
			if k < len(seeds) {
				want = o.graphs[way].Times(seeds[k], road.Never, want)
			}
			for p, v := range o.numbers {
				w := uint32(road.Never)
				if k < len(seeds) {
					w = want[v]
				}
				if lanes[p].At(k) != w {
					o.Fatalf("way %d, lane %d: node %d is reached in %d ms, Dijkstra: %d", way, k, v, lanes[p].At(k), w)
				}
			}
		}
	}
}

// nearest: all nodes find the owners that Dijkstra finds.
func (o *oracle) nearest(owners int) {
	o.Helper()
	for _, way := range []road.Way{road.From, road.To} {
		seeds, onto := o.ends(owners, 2)
		want := o.graphs[way].Reach(seeds, road.Never)
		got := o.q.Nearest(way, onto, nil)
		for p, v := range o.numbers {
			if got[p] != want[v] {
				o.Fatalf("way %d: node %d has %+v, Dijkstra: %+v", way, v, got[p], want[v])
			}
		}
	}
}

// nearestK: the k nearest are the first k of all when sorted.
func (o *oracle) nearestK(owners int, ks ...int) {
	o.Helper()
	var got *road.Closest
	for _, way := range []road.Way{road.From, road.To} {
		seeds, onto := o.ends(owners, 2)
		want := make([][]road.Reached, o.x.Nodes())
		for i, s := range seeds {
			for v, r := range o.graphs[way].Reach([][]road.Seed{s}, road.Never) {
				if r.Owner == 0 {
					r.Owner = int32(i)
					want[v] = append(want[v], r)
				}
			}
		}
		for v := range want {
			sortReached(want[v])
		}
		for _, k := range ks {
			got = o.q.NearestK(way, onto, k, got)
			list := make([]road.Reached, k)
			for p, v := range o.numbers {
				got.Of(p, list)
				for i, r := range list {
					w := road.Missed()
					if i < len(want[v]) {
						w = want[v][i]
					}
					if r != w {
						o.Fatalf("way %d: node %d has %+v as number %d of %d, Dijkstra: %+v", way, v, r, i, k, w)
					}
				}
			}
		}
	}
}

// table: the rows of a table are Dijkstra's, with a limit and without.
func (o *oracle) table(places, sites int) {
	o.Helper()
	for _, way := range []road.Way{road.From, road.To} {
		from, fromOnto := o.ends(places, 2)
		to, toOnto := o.ends(sites, 2)
		want := make([][]uint64, sites) // time and length, by place
		var times []uint32
		for j := range to {
			// The other way round, from the sites.
			reached := o.graphs[1-way].Reach([][]road.Seed{to[j]}, road.Never)
			for i := range from {
				best := uint64(road.Never) << 32
				for _, s := range from[i] {
					r := reached[s.Node]
					if t := r.Time() + s.Time; t < road.Never {
						best = min(best, uint64(t)<<32|uint64(r.Length()+s.Length))
					}
				}
				want[j] = append(want[j], best)
				if t := uint32(best >> 32); t < road.Never {
					times = append(times, t)
				}
			}
		}
		own := make([]uint32, places)
		for i := range own {
			own[i] = uint32(road.Never)
			if len(times) > 0 {
				own[i] = times[o.r.IntN(len(times))]
			}
		}
		one := []uint32{own[0]}
		for _, limits := range [][]uint32{nil, one, own} {
			b, err := o.x.NewBuckets(context.Background(), way, fromOnto, limits)
			if err != nil {
				o.Fatal(err)
			}
			var legs []road.Leg
			for j := range toOnto {
				legs = b.Row(o.q, toOnto[j], legs)
				k := 0
				for i, w := range want[j] {
					limit := uint32(road.Never - 1)
					if len(limits) > 0 {
						limit = min(limit, limits[min(i, len(limits)-1)])
					}
					if uint32(w>>32) > limit {
						continue
					}
					leg := road.Leg{Place: int32(i), Time: uint32(w >> 32), Length: uint32(w)}
					if k >= len(legs) || legs[k] != leg {
						o.Fatalf("way %d, site %d, limit %d: leg %d of %v is not %+v", way, j, limit, k, legs, leg)
					}
					k++
				}
				if k != len(legs) {
					o.Fatalf("way %d, site %d: %d legs, Dijkstra: %d", way, j, len(legs), k)
				}
			}
		}
	}
}

func (o *oracle) all(sources, owners, places, sites int) {
	o.Helper()
	o.times(sources)
	o.batches(sources)
	o.nearest(owners)
	o.nearestK(min(owners, 12), 1, 2, 3, 5, 7, 8, 13)
	o.nearestK(0, 3)
	o.table(places, sites)
}

func TestSmallGraphsAgreeWithDijkstra(t *testing.T) {
	for _, name := range []string{"monaco", "liechtenstein", "poa", "heidelberg", "porto", "lux"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net := dimacs(t, shared(t, "dimacs_from_osm", name+".gr.gz"), shared(t, "dimacs_from_osm", name+".co.gz"))
			both(t, net, func(o *oracle) { o.all(16, 100, 50, 40) })
		})
	}
}

func TestNewYorkAgreesWithDijkstra(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	both(t, newYork(t), func(o *oracle) {
		o.all(24, 100, 50, 40)
		// 100 × 100 pairs at random.
		o.table(100, 100)
		o.nearestK(24, 5)
	})
}

func TestGeneratedAgreesWithDijkstra(t *testing.T) {
	sizes := []int{1, 2, 3, 10, 1000, 5000}
	if !testing.Short() {
		sizes = append(sizes, 20_000, 100_000)
	}
	for i, n := range sizes {
		net := roadtest.Generate(uint64(i), n)
		both(t, net, func(o *oracle) {
			o.all(max(8, min(200, 20_000_000/n)), 100, 50, 40)
			o.nearestK(min(200, 2_000_000/n), 4, 9)
		})
	}
}

// Thousands of tiny networks in which everything ties: times from 0 to 3,
// lengths from 0 to 2, parallel edges, loops, one-ways, islands, private roads.
func TestTinyNetworksAgreeWithDijkstra(t *testing.T) {
	count := 4000
	if testing.Short() {
		count = 500
	}
	for seed := range count {
		both(t, tiny(uint64(seed)), func(o *oracle) { o.all(4, 4, 5, 4) })
		if t.Failed() {
			t.Fatal("seed", seed)
		}
	}
}

func tiny(seed uint64) *road.Network {
	r := rand.New(rand.NewPCG(seed, 1))
	net := &road.Network{Nodes: make([]road.Coord, 1+r.IntN(24))}
	n := len(net.Nodes)
	spread := 1 + r.IntN(4)
	for range r.IntN(3 * n) {
		time := func() uint32 {
			switch k := r.IntN(20); {
			case k < 3:
				return road.Never
			case k == 3:
				return road.Never - 1 - uint32(r.IntN(3))
			}
			return uint32(r.IntN(spread))
		}
		e := road.Edge{From: int32(r.IntN(n)), To: int32(r.IntN(n)), Ahead: time(), Length: uint32(r.IntN(3)), Local: r.IntN(12) == 0}
		e.Back = e.Ahead
		if r.IntN(3) == 0 {
			e.Back = time()
		}
		net.Edges = append(net.Edges, e)
	}
	return net
}

// The same network gives the same bytes.
func TestBuildIsDeterministic(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		if _, err := build(t, roadtest.Generate(3, 20_000)).WriteTo(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two builds of a network differ")
	}
}

func sortReached(list []road.Reached) {
	slices.SortFunc(list, func(a, b road.Reached) int {
		return cmp.Or(cmp.Compare(a.Time(), b.Time()), cmp.Compare(a.Length(), b.Length()), cmp.Compare(a.Owner, b.Owner))
	})
}
