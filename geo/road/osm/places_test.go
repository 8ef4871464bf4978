package osm_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"
)

// Points whose places stand on the ways give the same network as nodes do, those
// with tags among them; of what no place is known, no stretch is made.
func TestPlacesOnWays(t *testing.T) {
	for name, m := range map[string]osmtest.Map{
		"cross":   cross + "way 1 1,2,3,4 highway=residential\nway 2 5,3,6 highway=primary",
		"signals": "node 1 0 0\nnode 2 0.001 0 highway=traffic_signals\nnode 3 0.002 0\nway 1 1,2,3 highway=primary",
		"barrier": "node 1 0 0\nnode 2 0.001 0 barrier=gate access=private\nnode 3 0.002 0.0005\nnode 4 0.003 0\nway 1 1,2,3,4 highway=primary\nway 2 3,2 highway=service",
		"missing": cross + "way 1 1,2,9,3,4 highway=residential\nway 2 5,3,6,8 highway=primary",
	} {
		want, first := imported(t, m)
		for _, s := range []osmtest.Style{{Placed: true}, {Placed: true, Plain: true}, {Placed: true, Needs: "LocationsOnWays"}} {
			got, sum, err := osm.Import(context.Background(), osmtest.Opener(m.PBF(t, s)), osm.Car(), nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(sum, first) {
				t.Errorf("%s: %v, want %v", name, lines(got), lines(want))
			}
		}
	}
}

// What is dropped is counted with the mean length of what is not, and said where.
func TestDroppedStretches(t *testing.T) {
	_, sum := imported(t, cross+"way 1 1,2,9,3,4 highway=residential\nway 7 5,3,6,8 highway=primary")
	if want := 111.3; sum.Missing != 2 || math.Abs(sum.Dropped-3*want) > 2 || len(sum.Gaps) != 2 || sum.Gaps[0].Way != 1 || sum.Gaps[0].Stretches != 2 || sum.Gaps[0].At != (road.Coord{Lon: 10000}) || sum.Gaps[1].Way != 7 {
		t.Errorf("%+v", sum)
	}
	if _, sum = imported(t, cross+"way 1 1,2,3,4 highway=residential"); sum.Dropped != 0 || sum.Gaps != nil {
		t.Errorf("%+v", sum)
	}
}

// "none" is believed of motorways and trunk roads only; signs that change say
// nothing.
func TestNoneByKind(t *testing.T) {
	seconds := func(tags string) float64 {
		net, _ := imported(t, osmtest.Map("node 1 0 0\nnode 2 0.01 0\nway 1 1,2 oneway=no "+tags))
		return float64(net.Edges[0].Ahead) / 1000
	}
	for _, kind := range []string{"living_street", "residential", "service", "tertiary", "primary", "unclassified"} {
		own := seconds("highway=" + kind)
		for _, speed := range []string{"none", "unlimited", "DE:none", "signals", "variable", "none;signals"} {
			if got := seconds("highway=" + kind + " maxspeed=" + speed); got != own {
				t.Errorf("%s with %s: %g s, want %g", kind, speed, got, own)
			}
		}
		if got, want := seconds("highway="+kind+" maxspeed=none;20"), seconds("highway="+kind+" maxspeed=20"); got != want {
			t.Errorf("%s with none;20: %g s, want %g", kind, got, want)
		}
	}
	for _, kind := range []string{"motorway", "trunk", "motorway_link", "trunk_link"} {
		if fast, own := seconds("highway="+kind+" maxspeed=none"), seconds("highway="+kind); fast >= own {
			t.Errorf("%s with none: %g s, without %g", kind, fast, own)
		}
		if got, own := seconds("highway="+kind+" maxspeed=signals"), seconds("highway="+kind); got != own {
			t.Errorf("%s with signals: %g s, want %g", kind, got, own)
		}
	}
}

// Extracts of the shared cases.
func TestForeignExtracts(t *testing.T) {
	dir := os.Getenv("CARESHED_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared")
	}
	for file, want := range map[string]struct {
		nodes int
		km    float64
	}{"13-pbf-locations-on-ways/low.osm.pbf": {2063, 377}, "14-maxspeed-none-living-street/living.osm.pbf": {2, 10}} {
		b, err := os.ReadFile(filepath.Join(dir, "cases", "foreign", file))
		if err != nil {
			t.Skipf("SKIPPED: %v; set CARESHED_SHARED", err)
		}
		net, sum, err := osm.Import(context.Background(), osmtest.Opener(b), osm.Car(), nil)
		if err != nil || len(net.Nodes)-sum.Split.Nodes != want.nodes || math.Abs(sum.Metres/1000-want.km) > 1 || sum.Missing != 0 {
			t.Errorf("%s: %d nodes, %.1f km, %v", file, len(net.Nodes), sum.Metres/1000, err)
		}
	}
}
