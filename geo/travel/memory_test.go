package travel_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/geo/travel"
	"careshed/geo/travel/traveltest"

	"github.com/paulmach/orb"
)

// counting counts the places that an engine is asked about.
type counting struct {
	*travel.Crow
	places *int
}

func (c counting) Snap(ctx context.Context, stops []travel.Stop) ([]travel.Snap, error) {
	*c.places += len(stops)
	return c.Crow.Snap(ctx, stops)
}

func (c counting) Sweep(ctx context.Context, q travel.Query, each func(int, []travel.Leg) error) error {
	*c.places += len(q.Places)
	return c.Crow.Sweep(ctx, q, each)
}

func (c counting) Nearest(ctx context.Context, q travel.Query, k int) ([]travel.Leg, error) {
	*c.places += len(q.Places)
	return c.Crow.Nearest(ctx, q, k)
}

func TestMemoryGivesWhatTheEngineGives(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	stops := func(kind string, n int) (out []travel.Stop) {
		for i := range n {
			out = append(out, travel.Stop{ID: fmt.Sprint(kind, i), At: orb.Point{8 + 4*r.Float64(), 46 + 3*r.Float64()}, Located: i%17 != 3})
		}
		return out
	}
	places, sites := stops("p", 200), stops("s", 30)
	crow := &travel.Crow{}
	asked := 0
	memory := &travel.Memory{Most: 1 << 20}
	e := memory.Over(counting{crow, &asked})
	traveltest.Run(t, e, places, sites)

	all := func(e travel.Engine, q travel.Query) (out []travel.Leg) {
		if err := e.Sweep(t.Context(), q, func(site int, legs []travel.Leg) error {
			for _, l := range legs {
				if int(l.Site) != site {
					t.Fatalf("leg %+v at site %d", l, site)
				}
			}
			legs = slices.Clone(legs)
			slices.SortFunc(legs, func(a, b travel.Leg) int { return int(a.Place - b.Place) })
			out = append(out, legs...)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	limit := make([]travel.Seconds, len(places))
	for i := range limit {
		limit[i] = travel.FromMinutes(200 * r.Float64())
	}
	for round := range 40 {
		for i := range limit {
			switch {
			case round%4 == 1 && i%3 == 0:
				limit[i] /= 2 // a center opens
			case round%4 == 2 && i%5 == 0:
				limit[i] *= 1.7 // another closes
			case round%4 == 3 && i == 7:
				limit[i] = travel.Unreached
			}
		}
		q := travel.Query{Places: places, Sites: sites, Limit: limit, Lengths: round%2 == 0}
		if got, want := all(e, q), all(crow, q); !slices.Equal(got, want) {
			t.Fatalf("round %d: %d legs, the engine alone gives %d", round, len(got), len(want))
		}
	}

	// What is known is not asked for again, and other questions are.
	q := travel.Query{Places: places, Sites: sites, Limit: []travel.Seconds{100}}
	all(e, q)
	asked = 0
	q.Limit = []travel.Seconds{60}
	all(e, q)
	if asked != 0 {
		t.Errorf("%d places were asked about again", asked)
	}
	for _, other := range []travel.Query{
		{Places: places[1:], Sites: sites, Limit: q.Limit},
		{Places: places, Sites: sites[1:], Limit: q.Limit},
		{Places: places, Sites: sites, Limit: q.Limit, Lengths: true, Back: true},
	} {
		asked = 0
		all(e, other)
		if asked != len(other.Places) {
			t.Errorf("of another question %d places were asked about, want %d", asked, len(other.Places))
		}
	}
	for k := range 4 {
		for _, limit := range []travel.Seconds{600, 3600, 3600} {
			q := travel.Query{Places: places, Sites: sites, Limit: []travel.Seconds{limit}}
			got, err := e.Nearest(t.Context(), q, k+1)
			want, _ := crow.Nearest(t.Context(), q, k+1)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%d nearest within %v: %v, %v, the engine alone gives %v", k+1, limit, err, got[:3], want[:3])
			}
			clear(got) // the caller's own
		}
	}
	asked = 0
	if _, err := e.Nearest(t.Context(), travel.Query{Places: places, Sites: sites, Limit: []travel.Seconds{600}}, 3); err != nil || asked != 0 {
		t.Errorf("%v: %d places were asked about again", err, asked)
	}
	asked = 0
	slow := &travel.Crow{Speed: []travel.Band{{To: 1e9, Value: 30}}}
	if got, want := all(memory.Over(counting{slow, &asked}), q), all(slow, q); !slices.Equal(got, want) || asked == 0 {
		t.Errorf("a slower engine took the legs of a faster one")
	}

	// A memory that is too small for the answer keeps nothing, and gives it all the same.
	small := (&travel.Memory{Most: 2000}).Over(counting{crow, &asked})
	for range 2 {
		asked = 0
		if got, want := all(small, travel.Query{Places: places, Sites: sites}), all(crow, travel.Query{Places: places, Sites: sites}); !slices.Equal(got, want) || asked == 0 {
			t.Fatalf("%d legs from a small memory, want %d", len(got), len(want))
		}
	}
}

// Where stops lie is asked once for the same stops, and whoever has the answer may change it.
func TestMemoryOfWhereStopsLie(t *testing.T) {
	stops := []travel.Stop{{ID: "a", At: orb.Point{8, 46}, Located: true}, {ID: "b"}, {ID: "c", At: orb.Point{9, 47}, Located: true}}
	for len(stops) < 60 {
		stops = append(stops, travel.Stop{ID: "d", At: orb.Point{10, 47}, Located: true})
	}
	crow := &travel.Crow{Land: func(p orb.Point) int { return int(p[0]) }}
	asked := 0
	e := (&travel.Memory{Most: 1 << 14}).Over(counting{crow, &asked})
	want, err := crow.Snap(t.Context(), stops)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		got, err := e.Snap(t.Context(), stops)
		if err != nil || !slices.Equal(got, want) || asked != len(stops) {
			t.Fatalf("%v %v after %d stops; want %v", got, err, asked, want)
		}
		got[0].Mark = -5
	}
	stops[0].At[0] = 7
	if got, err := e.Snap(t.Context(), stops); err != nil || got[0].Mark != 8 {
		t.Errorf("another place: %v %v", got, err)
	}
	if legs, err := e.Nearest(t.Context(), travel.Query{Places: stops}, 1); err != nil || len(legs) != len(stops) {
		t.Errorf("its nearest, of no site: %v %v", legs, err)
	}
	asked = 0
	for range 2 { // one point is found sooner than it is looked up
		if got, err := e.Snap(t.Context(), stops[2:3]); err != nil || got[0] != want[2] {
			t.Errorf("of one stop: %v %v", got, err)
		}
	}
	if asked != 2 {
		t.Errorf("one stop was asked about %d times", asked)
	}
}
