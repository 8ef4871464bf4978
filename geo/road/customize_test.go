package road_test

import (
	"bytes"
	"context"
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
