package osm_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"

	"github.com/paulmach/orb"
)

// Five thousand pairs of points in each of five extracts, within some 50 m of a junction of
// streets where people live, are timed by Valhalla and by us, turns counted (make valhalla; without CARESHED_VALHALLA this
// is skipped). What Valhalla reaches and we do not, and the pairs whose times differ most, are told.
func TestFiveThousandPairsOfValhalla(t *testing.T) {
	dir := os.Getenv("CARESHED_VALHALLA")
	if dir == "" {
		t.Skip("Valhalla is asked by make valhalla")
	}
	for name, file := range map[string]string{"monaco": "monaco_osrm", "liechtenstein": "liechtenstein_valhalla", "andorra": "andorra_gh", "heidelberg": "heidelberg_ors", "porto": "porto_r5"} {
		t.Run(name, func(t *testing.T) {
			extract := filepath.Join(extracts(t), file+".osm.pbf")
			net, _, err := osm.Import(context.Background(), func() (io.ReadCloser, error) { return os.Open(extract) }, osm.CarTurns(), nil)
			if err != nil {
				t.Fatal(err)
			}
			asked := filepath.Join(t.TempDir(), "asked.csv")
			if err := os.WriteFile(asked, scattered(net, 5000), 0o644); err != nil {
				t.Fatal(err)
			}
			x, err := road.Build(context.Background(), net, nil)
			if err != nil {
				t.Fatal(err)
			}
			compareWithValhalla(t, x, pairs(t, timeAnew(t, dir, extract, asked)))
		})
	}
}

// scattered are pairs of points near junctions, as pairs.mjs reads them.
func scattered(net *road.Network, n int) []byte {
	r := rand.New(rand.NewPCG(2026, 12))
	streets := []string{"secondary", "tertiary", "unclassified", "residential", "living_street"}
	var corners []int32
	for e, edge := range net.Edges {
		for _, run := range net.Ways.Of(e) {
			if slices.Contains(streets, net.Ways.Classes[run.Class]) {
				corners = append(corners, edge.From)
				break
			}
		}
	}
	point := func() orb.Point {
		at := net.Nodes[corners[r.IntN(len(corners))]].Point()
		north := (r.Float64() - 0.5) * 100 / 111_000
		east := (r.Float64() - 0.5) * 100 / 111_000 / math.Cos(at[1]*math.Pi/180)
		return orb.Point{at[0] + east, at[1] + north}
	}
	out := []byte("lon,lat,to_lon,to_lat,seconds,km\n")
	for range n {
		a, b := point(), point()
		out = fmt.Appendf(out, "%.6f,%.6f,%.6f,%.6f,,\n", a[0], a[1], b[0], b[1])
	}
	return out
}

func compareWithValhalla(t *testing.T, x *road.Index, journeys []pair) {
	t.Helper()
	type seen struct {
		pair
		ours, ratio float64
	}
	l, q := ready(t, x)
	l.Access = 1e6 // Valhalla counts no time off the road
	var both []seen
	unreached, alone, lost := 0, 0, 0
	for _, p := range journeys {
		a, ok := l.Snap(p.from)
		b, ok2 := l.Snap(p.to)
		var j road.Journey
		if ok && ok2 {
			j, ok = q.Trip(l, &a, &b)
		}
		switch known := !math.IsNaN(p.seconds); {
		case known && !(ok && ok2):
			unreached++
			t.Logf("out of reach for us alone: %v to %v, Valhalla %.0f s; near a road: %v, %v", p.from, p.to, p.seconds, a.Off, b.Off)
		case !known && ok && ok2:
			alone++
		case !known:
			lost++
		case p.seconds > 60:
			both = append(both, seen{p, float64(j.Time) / 1000, float64(j.Time) / 1000 / p.seconds})
		}
	}
	slices.SortFunc(both, func(a, b seen) int { return int(math.Copysign(1, a.ratio-b.ratio)) })
	at := func(share float64) float64 { return both[int(share*float64(len(both)-1))].ratio }
	t.Logf("ours / Valhalla, %d of %d pairs: p5 %.3f, median %.3f, p95 %.3f; out of reach for us alone %d, for Valhalla alone %d, for both %d",
		len(both), len(journeys), at(0.05), at(0.5), at(0.95), unreached, alone, lost)
	for _, s := range append(both[:5:5], both[len(both)-5:]...) {
		t.Logf("%.3f: %v to %v, ours %.0f s, Valhalla %.0f s over %.0f m", s.ratio, s.from, s.to, s.ours, s.seconds, s.metres)
	}
	if m := at(0.5); m < 0.95 || m > 1.05 || at(0.05) < 0.7 || at(0.95) > 1.2 { // docs/methods/roads.md has the figures, and why
		t.Errorf("the ratios are not within 0.95 to 1.05 (median) and 0.7 to 1.2 (nine tenths)")
	}
	if unreached*1000 > 30*len(journeys) {
		t.Errorf("%d of %d pairs are out of reach for us alone", unreached, len(journeys))
	}
}
