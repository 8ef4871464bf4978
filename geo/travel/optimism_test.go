package travel_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"careshed/geo/travel"
	"careshed/geo/travel/traveltest"

	"github.com/paulmach/orb"
)

var (
	inf     = travel.Seconds(math.Inf(1))
	half    = []travel.Stretch{{To: inf, Factor: 1.5}}
	stretch = []travel.Stretch{{To: 600, Factor: 2.5}, {To: 1800, Factor: 0.4}, {To: inf, Factor: 1.1}}
)

// scaledPlainly is a modelled time scaled, second by second.
func scaledPlainly(t float64, by []travel.Stretch) (out float64) {
	const step = 1.0
	for s := 0.0; s < t; s += step {
		k := 0
		for s >= float64(by[k].To) {
			k++
		}
		out += math.Min(step, t-s) * by[k].Factor
	}
	return out
}

func TestScaledConforms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	places, sites := stops(r, 200, "p"), stops(r, 30, "s")
	sites[7].At = sites[8].At
	for name, e := range map[string]travel.Engine{
		"crow": &travel.Crow{}, "crow, by sea": &travel.Crow{Land: twoIslands, Sea: &travel.Crossing{Speed: 30, Wait: 3600}},
		"matrix": table(t, r, places, sites), "plane, rounded": plane(t, places, sites, travel.RoundDown),
		"remembered": (&travel.Memory{Most: 1 << 20}).Over(&travel.Crow{}),
	} {
		for how, by := range map[string][]travel.Stretch{"times 1.5": half, "stretches": stretch} {
			t.Run(name+", "+how, func(t *testing.T) { traveltest.Run(t, &travel.Scaled{Engine: e, By: by}, places, sites) })
		}
	}
}

// Every leg is the one beneath, its time scaled as by counting seconds, its length as
// it was; and within a limit are those whose scaled time is.
func TestScaledTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	places, sites := stops(r, 60, "p"), stops(r, 9, "s")
	ctx := context.Background()
	sweep := func(e travel.Engine, limit []travel.Seconds) map[[2]int32]travel.Leg {
		out := map[[2]int32]travel.Leg{}
		err := e.Sweep(ctx, travel.Query{Places: places, Sites: sites, Limit: limit, Lengths: true}, func(_ int, legs []travel.Leg) error {
			for _, l := range legs {
				out[[2]int32{l.Place, l.Site}] = l
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, by := range [][]travel.Stretch{half, stretch, {{To: inf, Factor: 1}}} {
		scaled := &travel.Scaled{Engine: &travel.Crow{}, By: by}
		raw, got := sweep(&travel.Crow{}, nil), sweep(scaled, nil)
		if len(raw) != len(got) || len(raw) == 0 {
			t.Fatalf("%d legs of %d", len(got), len(raw))
		}
		var some travel.Seconds
		for at, l := range raw {
			g := got[at]
			if want := scaledPlainly(float64(l.Time), by); math.Abs(float64(g.Time)-want) > 1e-6*want || g.Length != l.Length {
				t.Errorf("%+v became %+v, want %v s", l, g, want)
			}
			if len(by) == 1 && g.Time != l.Time*travel.Seconds(by[0].Factor) {
				t.Errorf("%v times %v is %v", l.Time, by[0].Factor, g.Time)
			}
			if g.Time > 1200 && (some == 0 || g.Time < some) {
				some = g.Time
			}
		}
		within := sweep(scaled, []travel.Seconds{some}) // which is the time of a leg, exactly
		for at, g := range got {
			if _, in := within[at]; in != (g.Time <= some) {
				t.Errorf("%v s is within %v: %v", g.Time, some, in)
			}
		}
	}
}

// disc draws a circle as large as the limit says.
type disc struct{ travel.Engine }

func (d disc) Areas(_ context.Context, _ []travel.Stop, limits []travel.Seconds, _ bool) (out []orb.MultiPolygon, err error) {
	for _, l := range limits {
		out = append(out, orb.MultiPolygon{{{{float64(l), 0}}}})
	}
	return out, nil
}

// The area within scaled minutes is that within the modelled ones they stand for.
func TestScaledAreas(t *testing.T) {
	a, ok := travel.AreasOf(&travel.Scaled{Engine: disc{&travel.Crow{}}, By: stretch})
	if !ok {
		t.Fatal("a scaled engine that draws areas draws none")
	}
	found, err := a.Areas(context.Background(), nil, []travel.Seconds{750, 1500, 1980, 2530}, false)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{300, 600, 1800, 2300} {
		if got := found[k][0][0][0][0]; math.Abs(got-want) > 1e-6 {
			t.Errorf("%d: drawn at %v s, want %v", k, got, want)
		}
	}
	if _, ok := travel.AreasOf(&travel.Scaled{Engine: &travel.Crow{}, By: half}); ok {
		t.Error("straight lines draw areas")
	}
}
