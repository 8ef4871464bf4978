package osm_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"

	"github.com/paulmach/orb"
)

// Whatever a map names that people go to (shops, doctors, cafés, entrances of
// garages, addresses) can be left and reached, or lies on an island.
func TestEveryStopIsLeftAndReached(t *testing.T) {
	dir := extracts(t)
	for _, name := range []string{"monaco_osrm", "porto_r5", "heidelberg_ors", "poa_r5r", "andorra_gh", "liechtenstein_valhalla", "maryland_nextmv"} {
		if testing.Short() && name != "monaco_osrm" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name+".osm.pbf")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			stops, err := osm.Named(data, "amenity", "shop", "place", "office", "tourism", "healthcare", "addr:housenumber")
			if err != nil {
				t.Fatal(err)
			}
			net, _ := load(t, path)
			x, err := road.Build(context.Background(), net, nil)
			if err != nil {
				t.Fatal(err)
			}
			reachable(t, x, stops)
		})
	}
}

// reachable asks for the ways from a stop in the middle to all and back.
func reachable(t *testing.T, x *road.Index, stops []orb.Point) {
	l, err := x.Locator()
	if err != nil {
		t.Fatal(err)
	}
	q, err := x.NewQuery()
	if err != nil {
		t.Fatal(err)
	}
	var middle road.Snapped
	for _, p := range stops {
		if s, ok := l.Snap(p); ok && !s.Island && len(s.Out) > 0 && len(s.In) > 0 && s.Zone < 0 {
			middle = s
			break
		}
	}
	islands, oneWay, far := 0, 0, 0
	for _, p := range stops {
		s, ok := l.Snap(p)
		if !ok {
			far++ // a point of a clipped extract beyond its roads
			continue
		}
		if s.Island {
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
	if len(stops) < 50 || islands+far > len(stops)/10 {
		t.Errorf("%d stops, %d on islands, %d far from roads", len(stops), islands, far)
	}
}
