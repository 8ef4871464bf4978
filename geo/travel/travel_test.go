package travel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/travel"
	"careshed/geo/travel/traveltest"

	"github.com/paulmach/orb"
)

func stops(r *rand.Rand, n int, prefix string) []travel.Stop {
	out := make([]travel.Stop, n)
	for i := range out {
		out[i] = travel.Stop{ID: fmt.Sprint(prefix, i), At: orb.Point{r.Float64()*20 - 5, 40 + r.Float64()*12}, Located: true}
	}
	return out
}

// twoIslands puts everything east of 8 degrees on another landmass, and the
// far north out at sea.
func twoIslands(p orb.Point) int {
	switch {
	case p[1] > 51.5:
		return geo.NoLand
	case p[0] > 8:
		return 7
	}
	return 0
}

func TestEnginesConform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	places, sites := stops(r, 300, "p"), stops(r, 40, "s")
	sites[3].At = places[5].At // a site where people live
	sites[7].At = sites[8].At  // two sites at one point
	for name, e := range map[string]travel.Engine{
		"crow":             &travel.Crow{},
		"crow, two shores": &travel.Crow{Land: twoIslands},
		"crow, by sea":     &travel.Crow{Land: twoIslands, Sea: &travel.Crossing{Speed: 30, Wait: 3600}},
		"crow, bands":      &travel.Crow{Circuity: []travel.Band{{To: 50, Value: 1.5}, {To: math.Inf(1), Value: 1}}, Speed: []travel.Band{{To: math.Inf(1), Value: 60}}},
		"matrix":           table(t, r, places, sites),
		"plane":            plane(t, places, sites, travel.Unrounded),
		"plane, rounded":   plane(t, places, sites, travel.RoundDown),
	} {
		t.Run(name, func(t *testing.T) { traveltest.Run(t, e, places, sites) })
	}
}

func plane(t *testing.T, places, sites []travel.Stop, round travel.Rounding) *travel.Plane {
	p := &travel.Plane{Round: round}
	layer := func(stops []travel.Stop) *geo.Layer {
		var ids []string
		var x, y []float64
		for _, s := range stops {
			ids, x, y = append(ids, s.ID), append(x, s.At[0]), append(y, s.At[1])
		}
		l, err := geo.NewTable(geo.About{Name: "stops"}, ids, geo.Numbers(geo.Field{Name: "x"}, x), geo.Numbers(geo.Field{Name: "y"}, y))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if err := p.Places(layer(places), "x", "y"); err != nil {
		t.Fatal(err)
	}
	if err := p.Sites(layer(sites), "x", "y"); err != nil {
		t.Fatal(err)
	}
	return p
}

// The rules of textbook instances, on a triangle of 3, 4 and 5 and a longer one.
func TestPlaneRounds(t *testing.T) {
	places, sites := []travel.Stop{{ID: "a", At: orb.Point{0, 0}}}, []travel.Stop{{ID: "a", At: orb.Point{3, 4}}, {ID: "b", At: orb.Point{1, 1.3}}}
	for round, want := range map[travel.Rounding]float64{travel.Unrounded: math.Sqrt(2.69), travel.RoundDown: 1, travel.RoundNearer: 2} {
		legs, err := plane(t, places, sites, round).Nearest(t.Context(), travel.Query{Places: places, Sites: sites}, 2)
		if err != nil || legs[0].Site != 1 || math.Abs(legs[0].Time.Minutes()-want) > 1e-12 || legs[1].Time.Minutes() != 5 {
			t.Errorf("%s: %+v, %v", round, legs, err)
		}
	}
}

func table(t *testing.T, r *rand.Rand, places, sites []travel.Stop) *travel.Table {
	var from, to []string
	var min, km []float64
	for _, p := range places {
		for _, s := range sites {
			if r.IntN(10) < 3 {
				continue
			}
			from, to = append(from, p.ID), append(to, s.ID)
			m := float64(r.IntN(60)) // many ties
			if r.IntN(20) == 0 {
				m = math.NaN() // no way
			}
			min, km = append(min, m), append(km, float64(r.IntN(9)))
		}
	}
	e, err := travel.NewTable(pairs(t, from, to, min, km), "from", "to", "min", "km")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func pairs(t *testing.T, from, to []string, min, km []float64) *geo.Layer {
	l, err := geo.NewTable(geo.About{Name: "ttm"}, nil, geo.Labels(geo.Field{Name: "from"}, from), geo.Labels(geo.Field{Name: "to"}, to),
		geo.Numbers(geo.Field{Name: "min"}, min), geo.Numbers(geo.Field{Name: "km"}, km))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestCrowByHand(t *testing.T) {
	c := &travel.Crow{}
	for _, x := range []struct{ km, way, minutes float64 }{
		{0, 0, 0},
		{3, 3.99, 3.99 / 60.18 * 60},          // 1.33
		{5.1, 6.65, 6.65 / 60.18 * 60},        // 1.26 would be shorter than at 5 km: held
		{8, 10.08, 10.08 / 60.18 * 60},        // 1.26
		{20, 24.4, 24.4 / 60.18 * 60},         // 1.22
		{40, 48, 48 / 60.18 * 60},             // 1.20
		{51, 60.18, 60},                       // 51 km/h straight after one hour
		{132, 132 * 1.15, 120},                // 66 km/h after two
		{400, 460, 300},                       // 80 km/h after five
		{101, 118, 60 + (118-60.18)/91.62*60}, // held at 100 km × 1.18
	} {
		way := c.Way(geo.Metres(x.km * 1000))
		if math.Abs(way.Kilometres()-x.way) > 1e-9 {
			t.Errorf("%v km straight: way %v, want %v", x.km, way.Kilometres(), x.way)
		}
		if got := c.Drive(way).Minutes(); math.Abs(got-x.minutes) > 1e-9 {
			t.Errorf("%v km straight: %v minutes, want %v", x.km, got, x.minutes)
		}
	}
}

// A longer line is never a shorter way or a quicker one, and Straight is the
// way back from time to line.
func TestCrowIsMonotone(t *testing.T) {
	c := &travel.Crow{}
	lastWay, lastTime := geo.Metres(-1), travel.Seconds(-1)
	for m := 0.0; m < 2e6; m = m*1.0007 + 1 {
		way := c.Way(geo.Metres(m))
		s := c.Drive(way)
		if way < lastWay || s < lastTime {
			t.Fatalf("at %v m the way is %v after %v, the time %v after %v", m, way, lastWay, s, lastTime)
		}
		lastWay, lastTime = way, s
		if back := c.Straight(s); float64(back) < m*(1-1e-12)-1e-6 {
			t.Fatalf("%v m take %v s, in which only %v m can be covered", m, s, back)
		}
		if c.Drive(c.Way(c.Straight(s)*(1-1e-9))) > s*(1+1e-12) {
			t.Fatalf("the straight line for %v s takes longer", s)
		}
	}
}

func TestSeaIsNeverALandTime(t *testing.T) {
	sardinia := travel.Stop{ID: "p", At: orb.Point{9.1, 39.2}, Located: true}
	rome := travel.Stop{ID: "s", At: orb.Point{12.5, 41.9}, Located: true}
	land := func(p orb.Point) int {
		if p[0] < 10 {
			return 1
		}
		return 0
	}
	q := travel.Query{Places: []travel.Stop{sardinia}, Sites: []travel.Stop{rome}, Lengths: true}
	c := &travel.Crow{Land: land}
	legs, err := c.Nearest(t.Context(), q, 1)
	if err != nil || legs[0].Site != -1 {
		t.Fatalf("a place across the sea has %+v, %v", legs, err)
	}
	if got := c.Reason(sardinia, q.Sites); got != travel.Sea {
		t.Errorf("its reason is %q", got)
	}
	c.Sea = &travel.Crossing{Speed: 30, Wait: 3600}
	legs, err = c.Nearest(t.Context(), q, 1)
	d := geo.Distance(sardinia.At, rome.At)
	if want := 60 + d.Kilometres()/30*60; err != nil || math.Abs(legs[0].Time.Minutes()-want) > 1e-9 || legs[0].Length != d {
		t.Errorf("by sea %+v, want %v minutes over %v m", legs, want, d)
	}
}

// Two stops far out at sea are not on one landmass: each is alone.
func TestNobodyDrivesOnTheOpenSea(t *testing.T) {
	c := &travel.Crow{Land: func(orb.Point) int { return geo.NoLand }}
	p, s := travel.Stop{ID: "p", At: orb.Point{-30, 40}, Located: true}, travel.Stop{ID: "s", At: orb.Point{-31, 40}, Located: true}
	legs, err := c.Nearest(t.Context(), travel.Query{Places: []travel.Stop{p}, Sites: []travel.Stop{s}}, 1)
	if err != nil || legs[0].Site != -1 || !c.Crosses(p, s) || c.Reason(p, []travel.Stop{s}) != travel.Sea {
		t.Errorf("%+v, %v; crosses %v, reason %q", legs, err, c.Crosses(p, s), c.Reason(p, []travel.Stop{s}))
	}
}

func TestTableRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to []string
		min      []float64
		want     string
	}{
		{"a pair twice", []string{"a", "b", "a"}, []string{"x", "x", "x"}, []float64{1, 2, 3}, "rows 1 and 3 both give the time from a to x"},
		{"a negative time", []string{"a"}, []string{"x"}, []float64{-1}, "feature 1 (id 1): min is -1, below 0"},
		{"an infinite time", []string{"a"}, []string{"x"}, []float64{math.Inf(1)}, "feature 1 (id 1): min is infinite"},
		{"a missing id", []string{"a", ""}, []string{"x", "x"}, []float64{1, 1}, "row 2 has no from or no to"},
	} {
		_, err := travel.NewTable(pairs(t, c.from, c.to, c.min, c.min), "from", "to", "min", "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	l := pairs(t, []string{"a"}, []string{"x"}, []float64{1}, []float64{1})
	if _, err := travel.NewTable(l, "form", "to", "min", ""); err == nil || !strings.Contains(err.Error(), "it has from, to, min, km") {
		t.Errorf("an unknown column: %v", err)
	}
	e, err := travel.NewTable(l, "from", "to", "min", "km")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Nearest(t.Context(), travel.Query{Back: true}, 1); err == nil {
		t.Error("the way back is not in a table")
	}
}

// The way there is not the way back, in every form of the question.
func TestTableIsDirected(t *testing.T) {
	e, err := travel.NewTable(pairs(t, []string{"a", "b"}, []string{"b", "a"}, []float64{2, 5}, []float64{1, 1}), "from", "to", "min", "km")
	if err != nil {
		t.Fatal(err)
	}
	a, b := travel.Stop{ID: "a", Located: true}, travel.Stop{ID: "b", Located: true}
	traveltest.OneWay(t, e, a, b, 120, 300)
}
