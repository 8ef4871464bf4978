package study

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// shelf is layers in memory.
type shelf map[string]*geo.Layer

func (s shelf) Layer(_ context.Context, name string) (*geo.Layer, error) {
	if l, ok := s[name]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("no layer %q", name)
}

func (s shelf) Files(name string) []File {
	return []File{{Name: name + ".csv", SHA256: "00", Bytes: 1}}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func text(name string, v ...string) geo.Column { return geo.Labels(geo.Field{Name: name}, v) }
func num(name string, v ...float64) geo.Column { return geo.Numbers(geo.Field{Name: name}, v) }

func box(x, y, w, h float64) orb.Geometry {
	return orb.Polygon{{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}}
}

// toy is a world of two countries, an island, and a border that matters:
//
//	country A: lands West (0..2) and East (2..4); country B: land South (0..4, below)
//	island: land Isle, east of 10 degrees, without a center
func toy(t testing.TB) World {
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a1", "a2", "a3", "b1", "i1"},
		[]orb.Point{{0.5, 46}, {1.5, 46}, {3.5, 46}, {1.5, 44.9}, {11, 46}},
		text("name", "Alba", "Bora", "Cara", "Dora", "Eila"), text("country", "A", "A", "A", "B", "A"),
		num("population", 100_000, 50_000, 50_000, 80_000, 20_000), num("svi", .1, .5, .9, .5, .7), text("payer", "x", "x", "y", "y", "x")))(t)
	lands := must(geo.NewLayer(geo.About{Name: "lands"}, []string{"W", "E", "S", "I"},
		[]orb.Geometry{box(0, 45.1, 2, 1.5), box(2, 45.1, 2, 1.5), box(0, 44, 4, 1.1), box(10, 45, 2, 2)},
		text("name", "West", "East", "South", "Isle"), text("country", "A", "A", "B", "A"), text("gap_status", "", "high", "", "incomplete")))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, []string{"c1", "c2", "c3", "c4"},
		[]orb.Point{{0.5, 46.0}, {0.494, 46.0}, {1.5, 44.95}, {1.6, 46}},
		text("name", "One", "One annex", "Two", "Spoke"), text("country", "A", "A", "B", "A"), num("tier", 1, 2, 1, 1),
		text("location", "hospital", "hospital", "hospital", "hospital"), text("roles", "infuse", "infuse,monitor", "infuse", "evaluate, monitor"),
		num("beds", 10, 0, 5, 3), text("payer", "x", "x", "y", "y")))(t)
	sites := must(geo.NewPoints(geo.About{Name: "cities"}, []string{"n1", "n2", "n3"},
		[]orb.Point{{3.5, 46}, {11, 46}, {1.5, 46.01}}, text("name", "Near Cara", "Near Eila", "Near Bora"), text("country", "A", "A", "A"), text("payer", "x", "x", "x")))(t)
	return World{Layers: shelf{"towns": towns, "lands": lands, "centers": centers, "cities": sites}, Version: "test",
		Land: func(p orb.Point) int {
			if p[0] > 10 {
				return 1
			}
			return 0
		}}
}

const toySpec = `version: 1
name: toy
places: {layer: towns}
regions: {layer: lands}
sites: {layer: centers, where: {tier: [1, 2]}, count: campus, supply: {constant: 1}}
candidates: {layer: cities}
travel: {engine: crow, borders: same-country}
demand: {eligible_per_100k: 10, reach: 0.2}
measures:
  - travel: {k: 2, bands_min: [30, 60, 240]}
  - density: {}
  - gaps: {beyond_min: 60}
  - penalty: {}
`

func runSpec(t testing.TB, w World, spec string) *finding.Result {
	t.Helper()
	s, err := Parse(strings.NewReader(spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), w, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func column(t testing.TB, l *geo.Layer, name string) []float64 {
	t.Helper()
	return must(l.Numbers(name))(t)
}

func texts(t testing.TB, l *geo.Layer, name string) []string {
	t.Helper()
	return must(l.Texts(name))(t)
}

func TestToyByHand(t *testing.T) {
	r := runSpec(t, toy(t), toySpec)
	s := r.Summary
	if s.Population != 300_000 || s.Sites != (SiteCount{Campuses: 2, Rows: 3, Other: 1}) {
		t.Errorf("population %v, sites %+v", s.Population, s.Sites)
	}
	p := r.Layer("places")
	// a1 lives at c1; a2's nearest infusing center is c1, 77.5 km off (c4 is nearer
	// and does not infuse, c3 is across the border); the island has nobody.
	if got := texts(t, p, "site_id"); !slices.Equal(got, []string{"c1", "c1", "c1", "c3", "c1"}) {
		t.Errorf("sites %v", got)
	}
	if got := texts(t, p, "status"); !slices.Equal(got, []string{"reached", "reached", "reached", "reached", "sea"}) {
		t.Errorf("status %v", got)
	}
	if got := texts(t, p, "reason"); got[4] != "sea" || got[0] != "" {
		t.Errorf("reasons %v", got)
	}
	if got := texts(t, p, "region_id"); !slices.Equal(got, []string{"W", "W", "E", "S", "I"}) {
		t.Errorf("regions %v", got)
	}
	straight := geo.Distance(orb.Point{1.5, 46}, orb.Point{0.5, 46}).Kilometres()
	km, min := column(t, p, "distance_km"), column(t, p, "time_min")
	if g := column(t, p, "geodesic_km"); g[1] != straight || math.Abs(km[1]-straight*1.18) > 1e-9 {
		t.Errorf("a2 goes %v km straight, %v along the way; want %v and 1.18 times that", g[1], km[1], straight)
	}
	if want := 60 + (straight*1.18-60.18)/91.62*60; math.Abs(min[1]-want) > 1e-9 {
		t.Errorf("a2 takes %v minutes, want %v", min[1], want)
	}
	if !math.IsNaN(min[4]) || !math.IsNaN(km[4]) || math.IsNaN(column(t, p, "geodesic_km")[4]) {
		t.Error("across the sea there is a straight line and no time")
	}
	// a1 (100,000) is at 0 minutes, b1 (80,000) near c3, a2 beyond 60, a3 far off.
	b := s.Travel.Bands
	if b[0].People != 180_000 || b[1].People != 180_000 || b[2].People != 280_000 || b[2].Share != Num(280_000.0/300_000) {
		t.Errorf("bands %+v", b)
	}
	if s.Travel.Sea != 20_000 || s.Travel.WithoutTime["sea"] != 20_000 {
		t.Errorf("by sea %v, without time %v", s.Travel.Sea, s.Travel.WithoutTime)
	}
	if want := Num((0*100_000 + min[1]*50_000 + min[2]*50_000 + min[3]*80_000) / 280_000); math.Abs(float64(s.Travel.TimeMin.Mean-want)) > 1e-9 {
		t.Errorf("mean time %v, want %v", s.Travel.TimeMin.Mean, want)
	}
	// One campus for 220,000 in A, one for 80,000 in B.
	d := s.Density
	if len(d.Countries) != 2 || d.Countries[0].Campuses != 1 || d.Countries[0].Rows != 2 || math.Abs(float64(d.Countries[0].PerPeople)-1e7/220_000) > 1e-9 || d.CoLocated != 1 {
		t.Errorf("density %+v", d)
	}
	// East is a gap; what the list says of the island means nothing.
	g := s.Gaps
	if g.Count["none"] != 1 || g.Count["incomplete"] != 1 || g.Count["has a center"] != 2 || g.People != 50_000 || g.PeopleBeyond != 120_000 || g.WithoutTime != 20_000 {
		t.Errorf("gaps %+v", g)
	}
	x := s.Penalty
	if math.Abs(float64(x.Observed)-0.2*28) > 1e-9 || math.Abs(float64(x.WithoutTime)-2) > 1e-9 {
		t.Errorf("penalty %+v", x)
	}
	for _, c := range x.Curves {
		if math.Abs(float64(c.Treated-x.Observed)) > 1e-6 {
			t.Errorf("%s: expected %v, observed %v", c.Beyond, c.Treated, x.Observed)
		}
	}
	if names := r.Layer("links"); names.Len() != 4 { // one campus in either country
		t.Errorf("%d links", names.Len())
	}
	withMeasure := runSpec(t, toy(t), toySpec+"  - 2sfca: {limit_min: 60}\n").Manifest.Parameters
	for name, want := range map[string]bool{"2sfca.limit_min": true, "2sfca.none": false, "travel.k": true} {
		if !slices.ContainsFunc(withMeasure, func(p finding.Parameter) bool { return p.Name == name && p.Given == want }) {
			t.Errorf("%s is not in the manifest as given %v", name, want)
		}
	}
	for _, n := range r.Manifest.Parameters {
		if n.Name == "penalty.effect" && (n.Evidence == nil || n.Given) {
			t.Errorf("the effect acts without its evidence: %+v", n)
		}
	}
}

// People within kilometres of way are those whose way is no longer; who has none is
// within no band.
func TestBandsOfKilometres(t *testing.T) {
	r := runSpec(t, toy(t), strings.Replace(toySpec, "{k: 2, bands_min", "{k: 2, bands_km: [1, 100, 1e6], bands_min", 1))
	km, people := column(t, r.Layer("places"), "distance_km"), column(t, r.Layer("places"), "population")
	for k, limit := range []float64{1, 100, 1e6} {
		var want, all float64
		for i, w := range people {
			if all += w; km[i] <= limit {
				want += w
			}
		}
		if b := r.Summary.Travel.BandsKm[k]; float64(b.Km) != limit || float64(b.People) != want || float64(b.Share) != want/all {
			t.Errorf("%+v, want %v of %v within %v km", b, want, all, limit)
		}
	}
	if l := r.Layer("bands_km"); l == nil || l.Len() != 3 {
		t.Error("no table of them")
	}
}

func TestBorders(t *testing.T) {
	for rule, want := range map[string][]string{
		"free":            {"c1", "c1", "c3", "c3", "c3"},
		"same-country":    {"c1", "c1", "c1", "c3", "c1"},
		"same-region":     {"c1", "c1", "", "c3", ""},
		"{groups: payer}": {"c1", "c1", "c3", "c3", "c1"},
	} {
		r := runSpec(t, toy(t), strings.Replace(toySpec, "borders: same-country", "borders: "+rule, 1))
		got := texts(t, r.Layer("places"), "site_id")
		if rule == "free" {
			// Whichever is nearer for the island by straight line.
			want[4] = got[4]
			if got[1] != "c1" {
				t.Errorf("free: %v", got)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: sites %v, want %v", rule, got, want)
		}
	}
	r := runSpec(t, toy(t), strings.Replace(toySpec, "borders: same-country", "borders: same-region", 1))
	if got := texts(t, r.Layer("places"), "reason"); got[2] != "no site it may use" {
		t.Errorf("reasons %v", got)
	}
}

func TestScenarios(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+`scenarios:
  more:
    - open: {id: n, at: [3.5, 46]}
  fewer:
    - close: {id: nearest, to: [0.4941, 46]}
    - close: {id: c1}
    - open: {id: n, at: [1.6, 46], roles: [monitor]}
    - role: {id: c4, roles: [infuse]}
  isle:
    - open: {id: n, at: [11, 46]}
    - move: {id: c3, at: [1.5, 44.9]}
compare: baseline
`)
	p := r.Layer("places")
	base, more, fewer, isle := column(t, p, "time_min"), column(t, p, "time_min_more"), column(t, p, "time_min_fewer"), column(t, p, "time_min_isle")
	if more[2] != 0 || more[0] != base[0] || !math.IsNaN(more[4]) {
		t.Errorf("more: %v, baseline %v", more, base)
	}
	if got := texts(t, p, "site_id_fewer"); !slices.Equal(got[:4], []string{"c4", "c4", "c4", "c3"}) || fewer[0] == 0 {
		t.Errorf("fewer: %v", got)
	}
	if isle[4] != 0 || isle[3] != 0 {
		t.Errorf("isle: %v", isle)
	}
	for _, s := range r.Summary.Scenarios {
		switch s.Name {
		case "more":
			if s.PeopleNearer != 50_000 || s.PeopleFarther != 0 || s.Treated[0].Change <= 0 {
				t.Errorf("%+v", s)
			}
		case "fewer":
			if !strings.Contains(s.Changes[0], "1 more on its campus stay open") || s.PeopleFarther != 100_000 {
				t.Errorf("%+v", s)
			}
		case "isle":
			// What is gained by people who had no time is not a gain of the model.
			if s.NewlyTimed != 20_000 || s.Treated[0].Newly <= 0 {
				t.Errorf("%+v", s)
			}
		}
	}
	// p0 is that of the baseline: the treated change by what the table says.
	c := r.Layer("compare")
	if c == nil || r.Layer("compare_regions") == nil {
		t.Fatal("no comparison")
	}
	for spec, want := range map[string]string{
		"- close: {id: c9}":             `there is no site "c9"; did you mean "c1"?`,
		"- open: {id: c1, at: [1, 45]}": `site "c1" exists already`,
		"- close: {id: c1}\n    - close: {id: c2}\n    - close: {id: c3}": "no site that infuses is left",
	} {
		s, err := Parse(strings.NewReader(toySpec+"scenarios:\n  x:\n    "+spec+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), toy(t), s, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
}

// The volume of a site of the plan is the expected treated of those who would go there
// if it opened in a scenario; a site that would do too little to be told has none.
func TestVolumeOfASite(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"siting: {pick: 1, goal: treated}\n")
	first := r.Summary.Siting.Plan[0].ID
	at := map[string]string{"n1": "[3.5, 46]", "n2": "[11, 46]", "n3": "[1.5, 46.01]"}[first]
	opened := runSpec(t, toy(t), toySpec+"scenarios:\n  x:\n    - open: {id: new, at: "+at+"}\n")
	places, x := opened.Layer("places"), opened.Summary.Penalty
	p := must(access.NewPenalty(access.Form(x.Form), access.Family(x.Family), float64(x.Effect), access.Hold))(t)
	goes, _ := places.Column("site_id_x")
	eligible, minutes := column(t, places, "eligible"), column(t, places, "time_min_x")
	var want float64
	for i := range eligible {
		if goes.Text(i) == "new" && !math.IsNaN(minutes[i]) {
			want += eligible[i] * p.Likelihood(float64(x.Curves[0].P0), travel.FromMinutes(minutes[i]))
		}
	}
	if got := column(t, r.Layer("plan"), "volume")[0]; !(want > 0) || math.Abs(got-want) > 1e-12 {
		t.Errorf("%s: %v a year, want %v", first, got, want)
	}
	r = runSpec(t, toy(t), toySpec+"siting: {pick: 1, goal: treated}\nprivacy: {suppress_below: 1000}\n")
	if got := column(t, r.Layer("plan"), "volume")[0]; !math.IsNaN(got) {
		t.Errorf("%v a year are told, and fewer than 1,000 are withheld", got)
	}
}

func TestSiting(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"siting: {pick: 3, goal: treated}\nuncertainty: {draws: 20, seed: 3}\n")
	s := r.Summary.Siting
	if s.Opened != 3 || len(s.Plan) != 3 || s.Unit != "treated patients a year" {
		t.Fatalf("%+v", s)
	}
	plan, cand := r.Layer("plan"), r.Layer("candidates")
	// The gain of a plan is that of a scenario with the same sites, for those who
	// had a time.
	first := s.Plan[0].ID
	at := map[string]string{"n1": "[3.5, 46]", "n2": "[11, 46]", "n3": "[1.5, 46.01]"}[first]
	again := runSpec(t, toy(t), toySpec+"scenarios:\n  x:\n    - open: {id: new, at: "+at+"}\n")
	g := again.Summary.Scenarios[0].Treated[0]
	if apart := column(t, plan, "gain_apart")[0]; math.Abs(float64(s.Plan[0].Gain)-apart-float64(g.Change)) > 1e-9 {
		t.Errorf("the plan gains %v with %v apart, the scenario %v", s.Plan[0].Gain, apart, g.Change)
	}
	if cand.Len() != 3 || column(t, cand, "rank")[0] != 1 {
		t.Errorf("%d candidates", cand.Len())
	}
	if !math.IsNaN(float64(s.Plan[0].InDraws)) && s.Plan[0].InDraws <= 0 {
		t.Errorf("%+v", s.Plan[0])
	}
	if got := r.Layer("sites"); got.Len() != 7 {
		t.Errorf("%d sites with the proposed", got.Len())
	}
	// Hub rules: nobody is near enough, or a hub takes one spoke only.
	r = runSpec(t, toy(t), toySpec+"siting: {pick: 3, goal: covered, within_min: 30, hub: {within_min: 100, spokes_per_hub: 1}}\n")
	if s := r.Summary.Siting; s.Opened != 2 && s.Opened != 1 || s.Why == "" {
		t.Errorf("%+v", s)
	}
	for _, p := range r.Summary.Siting.Plan {
		if p.Hub == "" || math.IsNaN(float64(p.HubMin)) || p.HubMin > 100 {
			t.Errorf("%+v", p)
		}
	}
	// A spoke that does not infuse gains no treated patient, unless credited.
	spoke := strings.Replace(toySpec, "{layer: cities}", "{layer: cities, roles: [monitor]}", 1)
	if s := runSpec(t, toy(t), spoke+"siting: {pick: 1, goal: treated}\n").Summary.Siting; s.Gain != 0 {
		t.Errorf("spokes gain %v", s.Gain)
	}
	full := runSpec(t, toy(t), toySpec+"siting: {pick: 1, goal: treated}\n").Summary.Siting.Gain
	half := runSpec(t, toy(t), spoke+"siting: {pick: 1, goal: treated, spoke_credit: 0.5}\n").Summary.Siting.Gain
	if math.Abs(float64(half-full/2)) > 1e-12 {
		t.Errorf("half the credit gains %v of %v", half, full)
	}
}

// Adding an infusing center never lowers anyone's likelihood nor raises
// anyone's time, under hold and continue; recover is outside the law.
func TestOpeningNeverHarms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		spec := toySpec + fmt.Sprintf("penalty: {family: %s, form: %s, effect: %.2f}\nscenarios:\n  x:\n    - open: {id: new, at: [%.3f, %.3f]}\n",
			[]string{"exponential", "gaussian", "logistic", "step"}[r.IntN(4)], []string{"odds", "risk"}[r.IntN(2)], 0.45+0.4*r.Float64(), r.Float64()*12, 44+r.Float64()*3)
		res := runSpec(t, toy(t), spec)
		p := res.Layer("places")
		before, after := column(t, p, "time_min"), column(t, p, "time_min_x")
		for i := range before {
			if after[i] > before[i]+1e-12 || math.IsNaN(after[i]) && !math.IsNaN(before[i]) {
				t.Fatalf("%s\nplace %d takes %v, before %v", spec, i, after[i], before[i])
			}
		}
		for _, g := range res.Summary.Scenarios[0].Treated {
			if g.Beyond != "recover" && g.Change < -1e-12 {
				t.Fatalf("%s\n%s: treated change by %v", spec, g.Beyond, g.Change)
			}
		}
	}
}

func TestMeasuresOnTheToy(t *testing.T) {
	spec := toySpec + `  - e2sfca: {limit_min: 120, decay: {gaussian: {sigma_min: 60}}, none: "null"}
  - raam: {tau_min: 60}
inequality: [gini, {concentration: {rank: svi}}]
sensitivity: {limit_min: [60, 120]}
uncertainty: {draws: 10, seed: 1, vary: [effect, speed]}
grid: {e2sfca.limit_min: [60, 120]}
`
	spec = strings.Replace(spec, "{layer: towns}", "{layer: towns, groups: {svi: quintile, country: values}}", 1)
	r := runSpec(t, toy(t), spec)
	var e2, raam finding.MeasureSummary
	for _, m := range r.Summary.Measures {
		if m.Name == "e2sfca" {
			e2 = m
		} else {
			raam = m
		}
	}
	// Supply is one for each campus, shared by its rows: two campuses.
	if math.Abs(float64(e2.Handed)-2) > 1e-12 || e2.Unused != 0 || raam.Gap > 1e-6 {
		t.Errorf("e2sfca %+v, raam %+v", e2, raam)
	}
	p := r.Layer("places")
	if v, why := column(t, p, "e2sfca"), texts(t, p, "e2sfca_reason"); !math.IsNaN(v[4]) || why[4] == "" || why[0] != "" {
		t.Errorf("%v, %v", v, why)
	}
	for _, n := range []string{"sensitivity", "grid", "inequality", "groups", "uncertainty"} {
		if l := r.Layer(n); l == nil || l.Len() == 0 {
			t.Errorf("no table %s", n)
		}
	}
	// The variant with the study's own limit is the study.
	s := r.Layer("sensitivity")
	for i, label := range texts(t, s, "setting") {
		if label == "limit_min=120" && texts(t, s, "measure")[i] == "e2sfca" && texts(t, s, "metric")[i] == "mean" &&
			math.Abs(column(t, s, "value")[i]-float64(e2.Mean)) > 1e-15 {
			t.Errorf("the same limit gives %v, the study %v", column(t, s, "value")[i], e2.Mean)
		}
	}
}

func TestPrivacy(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"privacy: {suppress_below: 6}\n")
	p, g := r.Layer("places"), r.Layer("regions")
	// Eligible: 10, 5, 5, 8, 2 by place; 15, 5, 8, 2 by region.
	for name, l := range map[string]*geo.Layer{"places": p, "regions": g} {
		e, treated := column(t, l, "eligible"), column(t, l, "treated_hold")
		for i := range e {
			if e[i] > 0 && e[i] < 6 || treated[i] > 0 && treated[i] < 6 || math.IsNaN(e[i]) && !math.IsNaN(treated[i]) {
				t.Errorf("%s: eligible %v, treated %v", name, e, treated)
			}
		}
		if !math.IsNaN(e[len(e)-1]) {
			t.Errorf("%s: %v", name, e)
		}
	}
	if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, "withheld") }) {
		t.Errorf("notes %v", r.Summary.Notes.Texts())
	}
}

// The same world and spec give the same result to the bit, on one core or many.
func TestRunRepeats(t *testing.T) {
	spec := toySpec + "  - raam: {}\nsiting: {pick: 2, goal: treated}\nuncertainty: {draws: 5, vary: [effect, speed, family, demand]}\nscenarios:\n  x:\n    - close: {id: c1}\n"
	dump := func() []byte {
		r := runSpec(t, toy(t), spec)
		b := must(json.Marshal(r.Summary))(t)
		b = append(b, must(json.Marshal(r.Manifest))(t)...)
		for _, l := range append(append([]*geo.Layer{}, r.Layers...), r.Tables...) {
			for _, c := range l.Columns() {
				for i := range c.Len() {
					b = append(c.AppendText(b, i), '\n')
				}
			}
		}
		return b
	}
	a := dump()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if b := dump(); !bytes.Equal(a, b) {
		t.Error("one core gives another result")
	}
}

func TestBadLayers(t *testing.T) {
	change := func(name string, l *geo.Layer) World {
		w := toy(t)
		s := w.Layers.(shelf)
		s[name] = l
		return w
	}
	towns := func(pop ...float64) *geo.Layer {
		return must(geo.NewPoints(geo.About{Name: "towns"}, []string{"p", "q"}, []orb.Point{{0.5, 46}, {1, 46}}, text("country", "A", "A"), num("population", pop...)))(t)
	}
	for _, c := range []struct {
		name string
		w    World
		spec string
		want string
	}{
		{"a missing population", change("towns", towns(1, math.NaN())), toySpec, "places: layer towns: feature 2 (id q): population is missing; accepted: a finite number of 0 or more"},
		{"a negative population", change("towns", towns(-3, 1)), toySpec, "feature 1 (id p): population is -3, below 0"},
		{"an infinite population", change("towns", towns(1, math.Inf(1))), toySpec, "population is infinite"},
		{"nobody", change("towns", towns(0, 0)), toySpec, "nobody lives in layer towns"},
		{"words for people", change("towns", must(geo.NewPoints(geo.About{Name: "towns"}, nil, []orb.Point{{1, 46}}, text("country", "A"), text("population", "n/a")))(t)), toySpec, `feature 1 (id 1): population is "n/a"`},
		{"an unknown field", toy(t), strings.Replace(toySpec, "{layer: towns}", "{layer: towns, weight: pop}", 1), `layer towns has no field "pop"; it has name, country, population`},
		{"an unknown layer", toy(t), strings.Replace(toySpec, "{layer: towns}", "{layer: town}", 1), `no layer "town"`},
		{"a condition nobody meets", toy(t), strings.Replace(toySpec, "tier: [1, 2]", "tier: 9", 1), "sites.where: no feature of layer centers has tier is 9"},
		{"a condition on no field", toy(t), strings.Replace(toySpec, "tier: [1, 2]", "teir: 9", 1), `sites.where: layer centers has no field "teir"`},
		{"a bound on text", toy(t), strings.Replace(toySpec, "tier: [1, 2]", "name: {min: 3}", 1), `field "name" is text, need a number for {min, max}`},
		{"a word for a number", toy(t), strings.Replace(toySpec, "tier: [1, 2]", "tier: one", 1), `field "tier" is number and is compared with "one"`},
		{"a join that fits nothing", toy(t), strings.Replace(toySpec, "{layer: lands}", "{layer: lands, join: {place: name, region: country}}", 1), "both have country"},
		{"a join without matches", toy(t), strings.Replace(toySpec, "{layer: lands}", "{layer: lands, join: {place: payer, region: name}}", 1), `payer of layer towns as name of layer lands: 2 of 2 keys are not found, such as "x", "y"`},
		{"a join by no field", toy(t), strings.Replace(toySpec, "{layer: lands}", "{layer: lands, join: code}", 1), `layer lands has no field "code"`},
		{"coordinates in metres", change("towns", must(geo.NewTable(geo.About{Name: "towns", Notes: []string{"The columns x and y hold no degrees and were not read as coordinates; lon: x reads them."}}, nil, num("population", 5)))(t)), toySpec,
			"with crs: where they are not in degrees; The columns x and y hold no degrees and were not read as coordinates; lon: x reads them"},
		{"no coordinates", change("towns", must(geo.NewTable(geo.About{Name: "towns"}, nil, num("population", 5)))(t)), toySpec, "no longitude and latitude were found in layer towns, and engine crow needs them; which of its columns are they (population)?"},
		{"an unknown role", change("centers", must(geo.NewPoints(geo.About{Name: "centers"}, nil, []orb.Point{{1, 46}}, num("tier", 1), text("country", "A"), text("roles", "infuse, cure")))(t)), toySpec, `roles holds "cure"; accepted: refer`},
		{"no center that infuses", change("centers", must(geo.NewPoints(geo.About{Name: "centers"}, nil, []orb.Point{{1, 46}}, num("tier", 1), text("country", "A"), text("roles", "monitor")))(t)), toySpec, "no site of layer centers infuses"},
		{"sites in several countries, places in none", change("towns", must(geo.NewPoints(geo.About{Name: "towns"}, nil, []orb.Point{{1, 46}}, num("population", 5)))(t)), toySpec, "travel.borders: layer towns has no field country"},
		{"an unknown word of a gap list", change("lands", must(geo.NewLayer(geo.About{Name: "lands"}, []string{"X"}, []orb.Geometry{box(2, 40, 20, 20)}, text("gap_status", "perhaps")))(t)), toySpec, `X: the gap list says "perhaps"`},
		{"regions that are points", change("lands", must(geo.NewLayer(geo.About{Name: "lands"}, []string{"X"}, []orb.Geometry{orb.Point{1, 46}}))(t)), toySpec, "regions: layer lands holds points, and no place can lie in one; accepted: a layer of areas"},
		{"regions elsewhere", change("lands", must(geo.NewLayer(geo.About{Name: "lands"}, []string{"X"}, []orb.Geometry{box(60, 10, 2, 2)}))(t)), toySpec, "none of the 5 places with people lies in a region of layer lands"},
		{"swapped", change("lands", must(geo.NewLayer(geo.About{Name: "lands"}, []string{"X"}, []orb.Geometry{box(35, -10, 20, 30)}))(t)), toySpec, "with longitude and latitude swapped, 5 would; accepted: the columns"},
	} {
		s, err := Parse(strings.NewReader(c.spec), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if _, err := Run(context.Background(), c.w, s, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

func TestReferralIsItsOwnKind(t *testing.T) {
	plain := runSpec(t, toy(t), toySpec)
	r := runSpec(t, toy(t), toySpec+"  - referral: {layer: cities}\n")
	if r.Summary.Referral == nil || r.Summary.Referral.Hospitals != 3 {
		t.Fatalf("%+v", r.Summary.Referral)
	}
	if r.Summary.Travel.TimeMin != plain.Summary.Travel.TimeMin {
		t.Error("the way from hospitals changed that from home")
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, err := Parse(strings.NewReader(toySpec), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(ctx, toy(t), s, nil); err == nil {
		t.Error("a cancelled study ends with a result")
	}
}

// Two codes for one country leave its sites unused: the study says so.
func TestStrangersAreNoted(t *testing.T) {
	w := toy(t)
	s := w.Layers.(shelf)
	country := []string{"A", "A", "GB", "A"}
	s["centers"] = must(s["centers"].With(text("country", country...)))(t)
	r := runSpec(t, w, toySpec)
	if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool {
		return strings.Contains(n, "1 site stands where no place is") && strings.Contains(n, "GB (1)")
	}) {
		t.Errorf("notes %v", r.Summary.Notes.Texts())
	}
	if r := runSpec(t, toy(t), toySpec); slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, "stand where no place is") }) {
		t.Errorf("notes %v", r.Summary.Notes.Texts())
	}
}

// Sites that name no country are counted in that of the nearest place, and it
// is said; by says what is counted by.
func TestDensityOfSitesWithoutCountry(t *testing.T) {
	w := toy(t)
	s := w.Layers.(shelf)
	s["centers"] = must(geo.NewPoints(geo.About{Name: "centers"}, []string{"c1", "c3"}, []orb.Point{{0.5, 46}, {1.5, 44.95}}, num("tier", 1, 1)))(t)
	free := strings.Replace(toySpec, "borders: same-country", "borders: free", 1)
	r := runSpec(t, w, free)
	for _, c := range r.Summary.Density.Countries {
		if c.Campuses != 1 {
			t.Errorf("%+v", c)
		}
	}
	if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, "2 sites name no country") }) {
		t.Errorf("notes %q", r.Summary.Notes.Texts())
	}
	if d := runSpec(t, w, strings.Replace(free, "density: {}", "density: {by: region}", 1)).Summary.Density; len(d.Countries) != 2 || d.ByRegion == nil {
		t.Errorf("by region: %+v", d)
	}
	by := runSpec(t, w, strings.Replace(free, "density: {}", "density: {by: country}", 1))
	if d := by.Summary.Density; len(d.Countries) != 2 || d.ByRegion != nil {
		t.Errorf("by country: %+v", d)
	}
	if _, ok := by.Layer("regions").Column("per_10m"); ok {
		t.Error("by country, and the regions have a density")
	}
}

// Where nobody has a travel time nothing is known of treatments: no value, now,
// over the draws and in scenarios. Where some have one, it is that of these.
func TestTreatmentsOfNobodyAreNoZero(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"output: {scenario_regions: csv}\nuncertainty: {draws: 20}\nscenarios:\n  bridged:\n    - open: {id: n, at: [11, 46]}\n")
	now, then := r.Layer("regions"), r.Layer("regions_bridged")
	isle, _ := now.Find("I")
	for _, c := range r.Summary.Penalty.Curves {
		for _, name := range []string{"treated_" + c.Beyond, "foregone_" + c.Beyond} {
			var sum float64
			for row, v := range column(t, now, name) {
				if math.IsNaN(v) != (row == isle) {
					t.Errorf("%s of %s: %v", name, now.ID(row), v)
				}
				if row != isle {
					sum += v
				}
			}
			if want := float64(map[bool]Num{true: c.Treated, false: c.Foregone}[strings.HasPrefix(name, "treated_")]); !(math.Abs(sum-want) <= 1e-9) {
				t.Errorf("the regions add up to %v %s, the summary has %v", sum, name, want)
			}
			if v := column(t, then, name)[isle]; math.IsNaN(v) {
				t.Errorf("with a center of its own the isle has no %s", name)
			}
			if v := intervalOf(t, r, name, "I"); !math.IsNaN(v[0]) {
				t.Errorf("%s of the isle has the interval %v", name, v)
			}
		}
	}
	if v := column(t, now, "eligible")[isle]; !(math.Abs(v-2) <= 1e-9) {
		t.Errorf("%v eligible on the isle", v)
	}
	// Another island of the same region changes nothing of those who have a time.
	w := toy(t)
	lands := w.Layers.(shelf)["lands"]
	w.Layers.(shelf)["lands"] = must(geo.NewLayer(lands.About, []string{"W", "E", "S"}, []orb.Geometry{lands.Shape(0), orb.MultiPolygon{lands.Shape(1).(orb.Polygon), lands.Shape(3).(orb.Polygon)}, lands.Shape(2)},
		text("name", "West", "East and Isle", "South"), text("country", "A", "A", "B")))(t)
	one, two := column(t, now, "treated_hold")[1], column(t, runSpec(t, w, toySpec).Layer("regions"), "treated_hold")[1]
	if one != two {
		t.Errorf("%v treated in the east, %v with the isle", one, two)
	}
}
