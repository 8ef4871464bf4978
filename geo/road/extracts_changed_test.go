package road_test

import (
	"context"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"careshed/geo/road"
	"careshed/geo/road/osm"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

var arrabidaAt = orb.Point{-8.6403, 41.1478}

// arrabida is the middle of the bridge of Arrábida in Porto, with nothing but it in the
// square: the A1 over the Douro.
func arrabida() []orb.Polygon {
	const half = 0.0004
	lon, lat := arrabidaAt[0], arrabidaAt[1]
	return []orb.Polygon{{{{lon - half, lat - half}, {lon + half, lat - half}, {lon + half, lat + half}, {lon - half, lat + half}, {lon - half, lat - half}}}}
}

// Porto with a bridge closed, and with main roads slower: every time is that of Dijkstra
// on the network without the edges of the bridge, and the way over the river is longer.
func TestPortoWithABridgeClosed(t *testing.T) {
	f := shared(t, "pbf", "porto_r5.osm.pbf")
	path := f.Name()
	net, _, err := osm.Import(context.Background(), func() (io.ReadCloser, error) { return os.Open(path) }, osm.Car(), nil)
	if err != nil {
		t.Fatal(err)
	}
	x := build(t, net)
	start := time.Now()
	y, met, err := x.Changed(context.Background(), []travel.RoadChange{{Close: true, Within: arrabida()}}, nil)
	if err != nil || met[0].Stretches == 0 || met[0].Stretches > 8 {
		t.Fatal(met, err)
	}
	first := time.Since(start)
	start = time.Now()
	if _, _, err := x.Changed(context.Background(), []travel.RoadChange{{Factor: 0.5}}, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %v; changed in %v, then in %v, %d junctions", filepath.Base(path), met, first.Round(time.Millisecond), time.Since(start).Round(time.Millisecond), y.Nodes())

	// The ways of the bridge by another road: all that have an edge with its middle there.
	ways := map[int64]bool{}
	in := func(c road.Coord) bool {
		return orb.MultiPolygon(arrabida()).Bound().Contains(c.Point())
	}
	closed := make([]bool, len(net.Edges))
	for e := range net.Ways.Ends {
		if shape := net.Shape(e); crosses(shape, in) {
			closed[e] = true
			for _, r := range net.Ways.Of(e) {
				ways[r.Way] = true
			}
		}
	}
	for _, m := range net.Mates {
		closed[m.Mate] = closed[m.Mate] || closed[m.Edge]
	}
	t.Logf("ways %v", ways)
	without := *net
	without.Edges, without.Bends, without.Mates = slices.Clone(net.Edges), nil, nil
	for e := range without.Edges {
		if without.Edges[e].Bends = 0; closed[e] {
			without.Edges[e].Ahead, without.Edges[e].Back = road.Never, road.Never
		}
	}
	o := newOracle(t, net)
	if o.x, o.q = y, query(t, y); o.x.Nodes() != len(net.Nodes) {
		t.Fatal("nodes")
	}
	o.graphs = [2]*road.Graph{graph(t, &without, road.From), graph(t, &without, road.To)}
	if o.numbers, err = y.Numbers(); err != nil {
		t.Fatal(err)
	}
	for p, v := range o.numbers {
		o.places[v] = int32(p)
	}
	o.times(16)
	o.batches(8)
	o.nearest(50)

	before, err := road.NewEngine(x)
	if err != nil {
		t.Fatal(err)
	}
	after, err := road.NewEngine(y)
	if err != nil {
		t.Fatal(err)
	}
	q := travel.Query{Places: []travel.Stop{{At: orb.Point{-8.6395, 41.1440}, Located: true}}, Sites: []travel.Stop{{At: orb.Point{-8.6395, 41.1530}, Located: true}}}
	var took [2]travel.Seconds
	for i, e := range []*road.Engine{before, after} {
		legs, err := e.Nearest(context.Background(), q, 1)
		if err != nil {
			t.Fatal(err)
		}
		took[i] = legs[0].Time
	}
	t.Logf("over the river: %v, with the bridge closed %v", took[0], took[1])
	if !(took[0] < took[1] && took[1] < travel.Unreached) {
		t.Errorf("over the river: %v, with the bridge closed %v", took[0], took[1])
	}
}

// crosses says whether any of a thousand places along a line is inside.
func crosses(shape []road.Coord, in func(road.Coord) bool) bool {
	const steps = 1000
	for i := 1; i < len(shape); i++ {
		a, b := shape[i-1], shape[i]
		if p := a.Point(); math.Abs(p[0]-arrabidaAt[0]) > 0.03 || math.Abs(p[1]-arrabidaAt[1]) > 0.03 {
			continue
		}
		for k := range steps {
			at := func(x, y int32) int32 { return x + int32(int64(y-x)*int64(k)/steps) }
			if in(road.Coord{Lon: at(a.Lon, b.Lon), Lat: at(a.Lat, b.Lat)}) {
				return true
			}
		}
	}
	return false
}
