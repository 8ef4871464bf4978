package access_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo/travel"
)

// Two areas and three sites by hand. The first is 10, 20 and 20 minutes away, the
// second 60 and 30, with no way to the third.
func byHand(t *testing.T, from, to []int, count []float64) *access.Flows {
	t.Helper()
	m := &travel.Matrix{Places: 2, Sites: 3, Start: []int{0, 3, 5}, Site: []int32{0, 1, 2, 0, 1}}
	for _, min := range []float64{10, 20, 20, 60, 30} {
		m.Time = append(m.Time, travel.FromMinutes(min))
	}
	f, err := access.NewFlows(m, from, to, count)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFlowsByHand(t *testing.T) {
	f := byHand(t, []int{0, 0, 0, 1, 1, 1}, []int{0, 1, 2, 0, 1, 2}, []float64{6, 3, 1, 4, math.NaN(), 2})
	if f.Withheld() != 1 || f.Outside[1] != 2 {
		t.Errorf("%+v", f)
	}
	g := access.Describe(f.Matrix, f.Count, f.Outside, 2, []float64{10, 20, 60})
	// At the nearest 6; at the second, the two of 20 minutes and the 60 of the other, 8.
	if g.People != 14 || g.Outside != 2 || !slices.Equal(g.Rank, []float64{6, 8}) || g.Farther != 0 {
		t.Errorf("%+v", g)
	}
	if want := (6*10 + 4*20 + 4*60) / 14.0; math.Abs(g.Minutes.Mean-want) > 1e-12 || g.Minutes.Median != 20 || g.Minutes.P90 != 60 {
		t.Errorf("minutes %+v", g.Minutes)
	}
	if want := (4*10 + 4*30) / 14.0; math.Abs(g.Extra.Mean-want) > 1e-12 || g.Extra.Median != 10 {
		t.Errorf("extra %+v", g.Extra)
	}
	if g.Bands[0].People != 6 || g.Bands[1].People != 10 || g.Bands[2].People != 14 || g.Bands[2].Share != 14/16.0 {
		t.Errorf("bands %+v", g.Bands)
	}
	d := access.DrawnBy(f.Matrix, f.Count)
	if d[0].People != 10 || d[0].Origins != 2 || d[0].Nearest != 6 || d[0].Passed != 4 || d[1].Passed != 4 || d[1].Nearest != 0 || d[2].People != 1 || d[0].Minutes.Mean != 30 {
		t.Errorf("%+v", d)
	}
	site, share := access.Main(f.Matrix, f.Count)
	if !slices.Equal(site, []int{0, 0}) || share[0] != 0.6 || share[1] != 1 {
		t.Errorf("%v %v", site, share)
	}
	c := f.Compare([]float64{8, 1, 1, 4, 5})
	if !slices.Equal(c.Observed, []float64{10, 3, 1}) || !slices.Equal(c.Expected, []float64{12, 1, 1}) || !slices.Equal(c.Order, []int{0, 1, 2}) {
		t.Errorf("%+v", c)
	}
	if c.Elsewhere != 2/14.0 || math.Abs(c.SRMSE-math.Sqrt(8/4.0)/3.5) > 1e-12 || !math.IsNaN(c.Pair[4]) || c.Pair[1] != 2 {
		t.Errorf("%+v", c)
	}
	if to := access.ToNearest(f.Matrix, access.FromOrigins(f.Matrix, f.Count)); !slices.Equal(to, []float64{10, 0, 0, 0, 4}) {
		t.Errorf("to the nearest %v", to)
	}
}

func TestFlowsRefuse(t *testing.T) {
	m := byHand(t, nil, nil, nil).Matrix
	for want, c := range map[string]struct {
		from, to []int
		count    []float64
	}{
		"rows 1 and 3 are of the same origin and site": {[]int{0, 0, 0}, []int{0, 1, 0}, []float64{1, 2, 3}},
		"rows 1 and 2 are of the same origin":          {[]int{1, 1}, []int{2, 2}, []float64{1, 2}}, // without a time
		"row 2: -1 people":                             {[]int{0, 1}, []int{0, 0}, []float64{1, -1}},
		"row 1: +Inf people":                           {[]int{0}, []int{0}, []float64{math.Inf(1)}},
	} {
		if _, err := access.NewFlows(m, c.from, c.to, c.count); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f := byHand(t, []int{1}, []int{2}, []float64{math.NaN()})
	if f.Withheld() != 1 || f.Outside[1] != 0 {
		t.Errorf("withheld where there is no time: %+v", f)
	}
	if site, share := access.Main(f.Matrix, f.Count); site[0] != -1 || !math.IsNaN(share[0]) {
		t.Errorf("nobody seen goes to %v by %v", site, share)
	}
}

// Laws of random tables: nobody is lost between ranks, bands and catchments; whom
// all go to the nearest have no minutes more; what is expected as observed misses
// nothing; and rows with no way are no trouble.
func TestFlowsLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(18, 18))
	for range 50 {
		m := grid(r, 1+r.IntN(30), 1+r.IntN(8), 100)
		m.Places++ // nobody's way
		m.Start = append(m.Start, m.Len())
		for leg := range m.Time { // many ties
			m.Time[leg] = travel.FromMinutes(10 * math.Ceil(m.Time[leg].Minutes()/10))
		}
		var from, to []int
		var count []float64
		var all float64
		for i := range m.Places {
			for j := range m.Sites {
				n := float64(r.IntN(5))
				from, to, count = append(from, i), append(to, j), append(count, n)
				all += n
			}
		}
		f, err := access.NewFlows(m, from, to, count)
		if err != nil {
			t.Fatal(err)
		}
		g := access.Describe(m, f.Count, f.Outside, 3, []float64{20, 1000})
		ranked := g.Farther
		for _, n := range g.Rank {
			ranked += n
		}
		var drawn, nearest float64
		for j, d := range access.DrawnBy(m, f.Count) {
			drawn += d.People
			nearest += d.Nearest
			if d.People > 0 && d.Minutes.Mean < 10 || d.Nearest > d.People {
				t.Fatalf("site %d: %+v", j, d)
			}
		}
		if g.People+g.Outside != all || ranked != g.People || drawn != g.People || nearest != g.Rank[0] || g.Bands[1].People != g.People {
			t.Fatalf("of %v people: %+v, drawn %v, at the nearest %v", all, g, drawn, nearest)
		}
		near := access.Describe(m, access.ToNearest(m, access.FromOrigins(m, f.Count)), f.Outside, 1, nil)
		if near.Rank[0] != g.People || near.Farther != 0 || near.Extra.P95 != 0 && g.People > 0 || near.Minutes.Mean > g.Minutes.Mean {
			t.Fatalf("to the nearest %+v", near)
		}
		if c := f.Compare(f.Known()); c.Elsewhere != 0 || c.SRMSE != 0 {
			t.Fatalf("as observed it misses %+v", c)
		}
	}
}
