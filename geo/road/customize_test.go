package road_test

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
	"careshed/geo/travel"
)

// Ten thousand tiny networks in which everything ties, in any order of their junctions: a
// good order makes a hierarchy small, and no order makes it wrong.
func TestAnyOrderAgreesWithDijkstra(t *testing.T) {
	count := 10_000
	if testing.Short() {
		count = 1000
	}
	for seed := range uint64(count) {
		net := tiny(seed)
		order := make([]uint32, len(net.Nodes))
		for i, v := range rand.New(rand.NewPCG(seed, 5)).Perm(len(order)) {
			order[i] = uint32(v)
		}
		oracleOf(t, net, customized(t, net, order)).all(4, 4, 5, 4)
		if t.Failed() {
			t.Fatal("seed", seed)
		}
	}
}

// Roads that change again and again have the times and the lengths of Dijkstra on the network
// as it is then, whatever was changed before.
func TestChangedAgreesWithDijkstra(t *testing.T) {
	net := withWays(roadtest.Generate(5, 6000), 7)
	x := build(t, net)
	r := rand.New(rand.NewPCG(6, 6))
	for range 6 {
		changes := []travel.RoadChange{{Factor: 0.3 + 2*r.Float64(), Classes: net.Ways.Classes[:1]}, {Close: true}}
		closed := map[int64]bool{}
		for range r.IntN(200) {
			way := int64(r.IntN(len(net.Edges) / 7))
			closed[way] = true
			changes[1].Ways = append(changes[1].Ways, way)
		}
		if len(closed) == 0 {
			changes = changes[:1]
		}
		after := *net
		after.Edges = slices.Clone(net.Edges)
		for i := range after.Edges {
			e := &after.Edges[i]
			for _, time := range []*uint32{&e.Ahead, &e.Back} {
				switch {
				case closed[int64(i/7)]:
					*time = road.Never
				case i%2 == 0 && *time < road.Never:
					*time = uint32(math.Round(float64(*time) / changes[0].Factor))
				}
			}
		}
		y, _, err := x.Changed(context.Background(), changes, nil)
		if err != nil {
			t.Fatal(err)
		}
		oracleOf(t, &after, y).all(8, 20, 20, 15)
	}
}

// withWays is a network of two classes of roads, and of ways of so many edges each.
func withWays(net *road.Network, edges int) *road.Network {
	net.Ways.Classes = []string{"primary", "residential"}
	for i, e := range net.Edges {
		net.Ways.Runs = append(net.Ways.Runs, road.Run{Way: int64(i / edges), Class: uint32(i % 2), Ahead: e.Ahead, Back: e.Back, Length: e.Length})
		net.Ways.Ends = append(net.Ways.Ends, uint32(i+1))
	}
	return net
}

// What was changed needs the file no more that it came from.
func TestChangedKeepsNothingOfTheFile(t *testing.T) {
	var file bytes.Buffer
	if _, err := build(t, withWays(roadtest.Generate(5, 3000), 7)).WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	for _, c := range []travel.RoadChange{{Factor: 0.5}, {Close: true, Ways: []int64{3}}} {
		data := bytes.Clone(file.Bytes())
		x, err := road.Open(data)
		if err != nil {
			t.Fatal(err)
		}
		y, _, err := x.Changed(context.Background(), []travel.RoadChange{c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var before, after bytes.Buffer
		if _, err := y.WriteTo(&before); err != nil {
			t.Fatal(err)
		}
		clear(data)
		if _, err := y.WriteTo(&after); err != nil || !bytes.Equal(before.Bytes(), after.Bytes()) {
			t.Errorf("%v: other bytes without the file: %v", c, err)
		}
	}
}

// The hierarchy is the same to the byte on one core as on several, and when it is made again.
func TestCustomizationIsDeterministic(t *testing.T) {
	net := roadtest.Generate(3, 40_000)
	var files [3]bytes.Buffer
	for i, cores := range []int{1, 4, 3} {
		before := runtime.GOMAXPROCS(cores)
		x := customized(t, net, nil)
		runtime.GOMAXPROCS(before)
		if _, err := x.WriteTo(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) || !bytes.Equal(files[0].Bytes(), files[2].Bytes()) {
		t.Error("the same network has another hierarchy on another number of cores")
	}
}

// A network in which everything is joined to everything is no network of roads: its
// changes are made all the same.
func TestChangedWhereEverythingIsJoined(t *testing.T) {
	const n = 80
	r := rand.New(rand.NewPCG(1, 9))
	net := &road.Network{Nodes: make([]road.Coord, n), Ways: road.Origins{Classes: []string{"primary"}}}
	for v := range int32(n) {
		net.Nodes[v] = road.Coord{Lon: int32(r.IntN(1e6)), Lat: int32(r.IntN(1e6))}
		for h := range v {
			time := 1000 + uint32(r.IntN(100_000))
			net.Edges = append(net.Edges, road.Edge{From: v, To: h, Ahead: time, Back: time, Length: 100})
			net.Ways.Runs = append(net.Ways.Runs, road.Run{Way: int64(len(net.Edges)), Ahead: time, Back: time, Length: 100})
			net.Ways.Ends = append(net.Ways.Ends, uint32(len(net.Edges)))
		}
	}
	if _, err := road.Customized(context.Background(), net, nil); err == nil {
		t.Fatal("there is a frame: too few arcs to tell")
	}
	changes := []travel.RoadChange{{Factor: 0.5}}
	slow := *net
	slow.Edges = slices.Clone(net.Edges)
	for i := range slow.Edges {
		slow.Edges[i].Ahead *= 2
		slow.Edges[i].Back *= 2
	}
	x := build(t, net)
	for range 2 { // the second knows what the first found
		y, _, err := x.Changed(context.Background(), changes, nil)
		if err != nil {
			t.Fatal(err)
		}
		oracleOf(t, &slow, y).times(4)
	}
}
