package osm_test

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"careshed/geo"
	"careshed/geo/road"
	"careshed/geo/road/osm"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// extracts is the folder of real OpenStreetMap extracts; tests without it skip.
func extracts(t testing.TB) string {
	t.Helper()
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	path := filepath.Join(root, "data", "roads", "pbf")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no OpenStreetMap extracts here: %v (set CARESHED_SHARED)", err)
	}
	return path
}

func load(t testing.TB, path string) (*road.Network, osm.Summary) {
	t.Helper()
	net, sum, err := osm.Import(context.Background(), func() (io.ReadCloser, error) { return os.Open(path) }, osm.Car(), nil)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(path), err)
	}
	return net, sum
}

// Every extract gives a network that is whole, and the same one each time.
func TestRealExtracts(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(extracts(t), "*.pbf"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no extracts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			net, sum := load(t, path)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			t.Logf("%d nodes, %d edges, %d bends, %.0f km, %+v, %s, %s; %v, %d MB allocated",
				len(net.Nodes), len(net.Edges), len(net.Bends), sum.Metres/1000, sum, net.Profile, net.Stamp, took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
			check(t, net)
			if sum.Main*10 < sum.Open*8 {
				t.Errorf("the largest component has %d of %d nodes", sum.Main, sum.Open)
			}
			if testing.Short() {
				return
			}
			again, _ := load(t, path)
			if !slices.Equal(net.Nodes, again.Nodes) || !slices.Equal(net.Edges, again.Edges) || !slices.Equal(net.Bends, again.Bends) {
				t.Error("the second time it is another network")
			}
		})
	}
}

// Places all over Porto have a road, and ways to leave and to arrive; half an
// hour from its middle is an area of some size.
func TestRealStops(t *testing.T) {
	net, _ := load(t, filepath.Join(extracts(t), "porto_r5.osm.pbf"))
	l := road.NewLocator(net)
	r := rand.New(rand.NewPCG(3, 3))
	local, islands, stuck := 0, 0, 0
	stops := 4000
	if testing.Short() {
		stops = 400
	}
	for range stops {
		p := net.Nodes[r.IntN(len(net.Nodes))].Point()
		p[0] += r.NormFloat64() * 0.002
		p[1] += r.NormFloat64() * 0.002
		s, ok := l.Snap(p)
		if !ok || s.Off > 3000 {
			t.Fatalf("%v: %v, %v m off", p, ok, s.Off)
		}
		if d := geo.Distance(p, s.At); math.Abs(float64(d-s.Off)) > 0.1 {
			t.Fatalf("%v: %v m off, and %v m from its place", p, s.Off, d)
		}
		if s.Zone >= 0 {
			local++
		}
		if s.Island {
			islands++
		}
		if len(s.Out) == 0 || len(s.In) == 0 {
			stuck++
		}
	}
	t.Logf("of %d stops %d are on local roads, %d on islands, %d cannot leave or be reached", stops, local, islands, stuck)
	if islands > stops/100 || stuck > stops/100 {
		t.Error("too many")
	}
	s, _ := l.Snap(orb.Point{-8.611, 41.149})
	d := newDijkstra(net)
	times := d.all(s.Out)
	start := time.Now()
	within := []uint32{600e3, 1200e3, 1800e3}
	if testing.Short() {
		within = within[:1]
	}
	areas, err := net.Streets().Isochrones(road.Isochrone{Times: times, Within: within, Starts: []road.Snapped{s}})
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for i, m := range areas {
		km2 := planar.Area(m) * 111.2 * 111.2 * math.Cos(41.15*math.Pi/180)
		t.Logf("within %d min: %.0f km², %d polygons", 10*(i+1), km2, len(m))
		if km2 < last || km2 < 20 {
			t.Errorf("within %d min: %v km²", 10*(i+1), km2)
		}
		last = km2
	}
	t.Logf("isochrones in %v", time.Since(start).Round(time.Millisecond))
}

// check holds what is true of every network.
func check(t testing.TB, n *road.Network) {
	t.Helper()
	bends := uint32(0)
	used := make([]bool, len(n.Nodes))
	for i, e := range n.Edges {
		if e.From < 0 || e.To < 0 || int(e.From) >= len(n.Nodes) || int(e.To) >= len(n.Nodes) {
			t.Fatalf("edge %d: %+v with %d nodes", i, e, len(n.Nodes))
		}
		within := e.Through && e.Length == 0 // a junction that was split
		if !within && min(e.Ahead, e.Back) < 1 || e.Ahead > road.Never || e.Back > road.Never || e.Ahead == road.Never && e.Back == road.Never {
			t.Fatalf("edge %d: times %d and %d", i, e.Ahead, e.Back)
		}
		// The hierarchy counts on less than two decimetres a millisecond.
		if e.Length >= 2*min(e.Ahead, e.Back) && e.Length > 1 {
			t.Fatalf("edge %d: %d dm in %d or %d ms", i, e.Length, e.Ahead, e.Back)
		}
		if e.Bends < bends || int(e.Bends) > len(n.Bends) {
			t.Fatalf("edge %d: bends end at %d after %d of %d", i, e.Bends, bends, len(n.Bends))
		}
		bends = e.Bends
		used[e.From], used[e.To] = true, true
	}
	if int(bends) != len(n.Bends) {
		t.Fatalf("%d of %d bends are of no edge", len(n.Bends)-int(bends), len(n.Bends))
	}
	if i := slices.Index(used, false); i >= 0 {
		t.Fatalf("node %d has no edge", i)
	}
}

// indexed is the index of an extract by its name, with the points of interest that
// it names.
func indexed(t testing.TB, name string) (*road.Index, []orb.Point) {
	t.Helper()
	path := filepath.Join(extracts(t), name+".osm.pbf")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	points, err := osm.Named(data, "amenity", "shop", "place", "office", "tourism", "healthcare", "addr:housenumber")
	if err != nil {
		t.Fatal(err)
	}
	net, _ := load(t, path)
	x, err := road.Build(context.Background(), net, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x, points
}

// ready is what a question to an index takes: where points lie, and a query.
func ready(t testing.TB, x *road.Index) (*road.Locator, *road.Query) {
	t.Helper()
	l, err := x.Locator()
	if err != nil {
		t.Fatal(err)
	}
	q, err := x.NewQuery()
	if err != nil {
		t.Fatal(err)
	}
	return l, q
}
