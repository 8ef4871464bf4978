package osm_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"careshed/geo/road"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// Whatever a map names that people go to (shops, doctors, cafés, entrances of
// garages, addresses) can be left and reached, or lies on an island.
func TestEveryStopIsLeftAndReached(t *testing.T) {
	extracts(t) // or it is skipped
	for _, name := range []string{"monaco_osrm", "porto_r5", "heidelberg_ors", "poa_r5r", "andorra_gh", "liechtenstein_valhalla", "maryland_nextmv"} {
		if testing.Short() && name != "monaco_osrm" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			x, stops := indexed(t, name)
			reachable(t, x, stops)
		})
	}
}

// reachable asks for the ways from a stop in the middle to all and back, of which
// there are many, and few on islands.
func reachable(t *testing.T, x *road.Index, stops []orb.Point) {
	islands, far := everyStop(t, x, stops)
	if len(stops) < 50 || islands+far > len(stops)/10 {
		t.Errorf("%d stops, %d on islands, %d far from roads", len(stops), islands, far)
	}
}

func everyStop(t *testing.T, x *road.Index, stops []orb.Point) (islands, far int) {
	t.Helper()
	l, q := ready(t, x)
	nodes, err := x.Coords()
	if err != nil {
		t.Fatal(err)
	}
	var middle road.Snapped
	for _, c := range nodes { // the most important first
		if s, ok := l.Snap(c.Point()); ok && !s.Island && s.Zone < 0 && len(s.Out) > 0 && len(s.In) > 0 {
			middle = s
			break
		}
	}
	oneWay := 0
	for _, p := range stops {
		s, ok := l.Snap(p)
		if !ok {
			far++ // a point of a clipped extract beyond its roads
			continue
		}
		if s.Island {
			t.Logf("%v: on an island, %.0f m from its road", p, s.Off)
			islands++
			continue
		}
		if len(s.OneWay) > 0 {
			oneWay++
		}
		_, there := q.Trip(l, &middle, &s)
		_, back := q.Trip(l, &s, &middle)
		if !there || !back {
			t.Errorf("%v: there %v, back %v", p, there, back)
		}
	}
	t.Logf("%d stops: %d beside roads of one direction, %d on islands, %d far from any road", len(stops), oneWay, islands, far)
	return islands, far
}

// The hospitals of the shared layers that lie within an extract are left and reached.
func TestHospitalsAreLeftAndReached(t *testing.T) {
	dir := extracts(t)
	var hospitals []orb.Point
	for _, layer := range []string{"europe-hospitals", "us-hospitals"} {
		text, err := os.ReadFile(filepath.Join(dir, "..", "..", "layers", layer+".geojson"))
		if err != nil {
			t.Skipf("SKIPPED: %v (set CARESHED_SHARED)", err)
		}
		c, err := geojson.UnmarshalFeatureCollection(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range c.Features {
			if p, ok := f.Geometry.(orb.Point); ok {
				hospitals = append(hospitals, p)
			}
		}
	}
	total := 0
	for _, name := range []string{"porto_r5", "liechtenstein_valhalla", "monaco_osrm", "andorra_gh", "heidelberg_ors", "maryland_nextmv"} {
		if testing.Short() && name != "liechtenstein_valhalla" {
			continue
		}
		net, _ := load(t, filepath.Join(dir, name+".osm.pbf"))
		x, err := road.Build(context.Background(), net, nil)
		if err != nil {
			t.Fatal(err)
		}
		l, err := x.Locator()
		if err != nil {
			t.Fatal(err)
		}
		var within []orb.Point
		for _, p := range hospitals { // a kilometre off at most: the extracts are not rectangles
			if s, ok := l.Snap(p); ok && s.Off < 1000 {
				within = append(within, p)
			}
		}
		if len(within) > 0 {
			t.Log(name)
			everyStop(t, x, within)
		}
		total += len(within)
	}
	if total < 20 && !testing.Short() {
		t.Errorf("%d hospitals", total)
	}
}
