// Package traveltest holds the one test that every travel engine passes.
package traveltest

import (
	"context"
	"math"
	"slices"
	"testing"

	"careshed/geo/travel"
)

// Run checks an engine on places and sites that it knows: Sweep, Nearest and
// Collect tell one story, limits are exact, stops without a location have no
// legs, and the order of asking changes nothing.
func Run(t *testing.T, e travel.Engine, places, sites []travel.Stop) {
	t.Helper()
	ctx := context.Background()
	q := travel.Query{Places: places, Sites: sites, Lengths: true}
	legs := sweep(t, e, q)
	byPlace := make([][]travel.Leg, len(places))
	for _, l := range legs {
		if !(l.Time >= 0) || math.IsInf(float64(l.Time), 0) || l.Length < 0 {
			t.Fatalf("leg %+v: a time must be finite and 0 or more", l)
		}
		byPlace[l.Place] = append(byPlace[l.Place], l)
	}

	t.Run("nearest is the head of the sweep", func(t *testing.T) {
		for _, k := range []int{1, 2, len(sites) + 1} {
			got, err := e.Nearest(ctx, q, k)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != k*len(places) {
				t.Fatalf("%d legs for %d places and k = %d", len(got), len(places), k)
			}
			for i := range places {
				want := slices.Clone(byPlace[i])
				slices.SortFunc(want, func(a, b travel.Leg) int {
					switch {
					case a.Time != b.Time:
						return int(math.Copysign(1, float64(a.Time-b.Time)))
					case a.Length != b.Length:
						return int(math.Copysign(1, float64(a.Length-b.Length)))
					}
					return int(a.Site - b.Site)
				})
				for n := range k {
					l := got[i*k+n]
					if n >= len(want) {
						if l.Site != -1 || l.Time != travel.Unreached {
							t.Fatalf("place %d has %d legs; leg %d is %+v", i, len(want), n, l)
						}
						continue
					}
					if l.Time != want[n].Time || l.Length != want[n].Length || int(l.Place) != i {
						t.Fatalf("place %d, k = %d: leg %d is %+v, the sweep has %+v", i, k, n, l, want[n])
					}
				}
				if len(want) == 0 && e.Reason(places[i], sites) == travel.None {
					t.Fatalf("place %d has no leg and no reason", i)
				}
			}
		}
	})

	t.Run("a leg at the limit is within it", func(t *testing.T) {
		limits := make([]travel.Seconds, len(places))
		for i := range limits {
			limits[i] = -1
			if n := len(byPlace[i]); n > 0 {
				limits[i] = byPlace[i][n/2].Time
			}
		}
		limited := q
		limited.Limit = limits
		var want []travel.Leg
		for _, l := range legs {
			if l.Time <= limits[l.Place] {
				want = append(want, l)
			}
		}
		if got := sweep(t, e, limited); !slices.Equal(got, want) {
			t.Fatalf("%d legs within limits, the sweep has %d", len(got), len(want))
		}
		near, err := e.Nearest(ctx, limited, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range near {
			if (l.Site >= 0) != (len(byPlace[i]) > 0) {
				t.Fatalf("place %d: nearest within its limit is %+v", i, l)
			}
		}
		if len(legs) > 0 {
			one := q
			one.Limit = []travel.Seconds{legs[len(legs)/2].Time}
			for _, l := range sweep(t, e, one) {
				if l.Time > one.Limit[0] {
					t.Fatalf("leg %+v is beyond the limit of all, %v", l, one.Limit[0])
				}
			}
		}
	})

	t.Run("collect keeps every leg", func(t *testing.T) {
		m, err := travel.Collect(ctx, e, q)
		if err != nil {
			t.Fatal(err)
		}
		if m.Len() != len(legs) {
			t.Fatalf("%d legs collected of %d", m.Len(), len(legs))
		}
		for i := range places {
			js, times := m.Row(i)
			if !slices.IsSorted(js) {
				t.Fatalf("row %d is not in the order of the sites", i)
			}
			if len(js) != len(byPlace[i]) {
				t.Fatalf("row %d has %d legs of %d", i, len(js), len(byPlace[i]))
			}
			for k, j := range js {
				if !slices.ContainsFunc(byPlace[i], func(l travel.Leg) bool { return l.Site == j && l.Time == times[k] }) {
					t.Fatalf("row %d: %v to site %d is not in the sweep", i, times[k], j)
				}
			}
		}
	})

	t.Run("a stop without a location has no leg", func(t *testing.T) {
		lost := slices.Clone(places)
		lost[0] = travel.Stop{ID: "nowhere", At: lost[0].At}
		lost[0].At[0], lost[0].At[1] = math.NaN(), math.NaN()
		got, err := e.Nearest(ctx, travel.Query{Places: lost, Sites: sites}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].Site != -1 {
			t.Fatalf("it has %+v", got[0])
		}
	})

	t.Run("no sites, no legs", func(t *testing.T) {
		got, err := e.Nearest(ctx, travel.Query{Places: places}, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got {
			if l.Site != -1 {
				t.Fatalf("there is a leg to nowhere: %+v", l)
			}
		}
		if r := e.Reason(places[0], nil); r == travel.None {
			t.Fatal("and no reason")
		}
	})

	t.Run("a cancelled query ends", func(t *testing.T) {
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := travel.Collect(gone, e, q); err == nil {
			t.Fatal("it did not")
		}
	})

	t.Run("snapping once changes nothing", func(t *testing.T) {
		marked := func(s []travel.Stop) []travel.Stop {
			snaps, err := e.Snap(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			out := slices.Clone(s)
			for i := range out {
				out[i].Mark = snaps[i].Mark
			}
			return out
		}
		if got := sweep(t, e, travel.Query{Places: marked(places), Sites: marked(sites), Lengths: true}); !slices.Equal(got, legs) {
			t.Fatal("legs differ once the stops are marked")
		}
	})
}

// sweep lists all legs by site, then by place.
func sweep(t *testing.T, e travel.Engine, q travel.Query) []travel.Leg {
	t.Helper()
	var out []travel.Leg
	next := 0
	err := e.Sweep(context.Background(), q, func(site int, legs []travel.Leg) error {
		if site != next {
			t.Fatalf("site %d came when %d was due", site, next)
		}
		next++
		own := slices.Clone(legs)
		slices.SortFunc(own, func(a, b travel.Leg) int { return int(a.Place - b.Place) })
		for _, l := range own {
			if int(l.Site) != site {
				t.Fatalf("a leg of site %d came with site %d", l.Site, site)
			}
		}
		out = append(out, own...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if next != len(q.Sites) {
		t.Fatalf("%d of %d sites were swept", next, len(q.Sites))
	}
	return out
}
