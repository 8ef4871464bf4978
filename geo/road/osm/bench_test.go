package osm_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"

	"github.com/paulmach/orb"
)

// porto is a real network and 10,000 places over it.
func porto(b *testing.B) (*road.Network, []orb.Point) {
	net, _ := load(b, filepath.Join(extracts(b), "porto_r5.osm.pbf"))
	r := rand.New(rand.NewPCG(1, 1))
	places := make([]orb.Point, 10000)
	for i := range places {
		places[i] = net.Nodes[r.IntN(len(net.Nodes))].Point()
		places[i][0] += r.NormFloat64() * 0.003
		places[i][1] += r.NormFloat64() * 0.003
	}
	return net, places
}

func BenchmarkImport(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(extracts(b), "porto_r5.osm.pbf"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := osm.Import(context.Background(), osmtest.Opener(data), osm.Car(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLocator(b *testing.B) {
	net, _ := porto(b)
	for b.Loop() {
		l := road.NewLocator(net)
		n := l.Nearby()
		size := 4*(len(n.Main.Order)+len(n.Islands.Order)) + 24*(len(n.Main.Boxes)+len(n.Islands.Boxes)) + 12*len(n.Corners) + 8*len(n.Public)
		b.ReportMetric(float64(size)/float64(len(net.Nodes)), "B/node")
	}
}

func BenchmarkSnap(b *testing.B) {
	net, places := porto(b)
	l := road.NewLocator(net)
	i, lost := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := l.Snap(places[i%len(places)]); !ok {
			lost++
		}
		i++
	}
	if lost > 0 {
		b.Errorf("%d of %d places have no road", lost, i)
	}
}
