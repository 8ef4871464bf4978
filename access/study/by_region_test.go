package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// The best candidate of a region gains there what opening it gains there, by
// another way through the program, and no other gains more.
func TestBestByRegion(t *testing.T) {
	for seed := range uint64(3) {
		w := sitingWorld(t, seed)
		for _, goal := range []string{"treated", "covered", "mean_time"} {
			within := ""
			if goal == "covered" {
				within = ", within_min: 60"
			}
			spec := sitingSpec + "siting: {pick: 1, goal: " + goal + within + "}\nuncertainty: {draws: 20, seed: 2}\n"
			r := runSpec(t, w, spec)
			best := r.Layer("best_by_region")
			if best == nil || best.Len() == 0 {
				t.Fatalf("seed %d, %s: no region gains", seed, goal)
			}
			most := map[string]float64{}
			cities := w.Layers.(shelf)["cities"]
			for j := range cities.Len() {
				for region, g := range gainsOf(t, w, goal, cities, j) {
					most[region] = math.Max(most[region], g)
				}
			}
			region, id := must(best.Texts("region_id"))(t), must(best.Texts("candidate_id"))(t)
			gain, nearer := column(t, best, "gain"), column(t, best, "people_nearer")
			for k, name := range region {
				row, _ := cities.Find(id[k])
				own := gainsOf(t, w, goal, cities, row)[name]
				if math.Abs(own-gain[k]) > 1e-6*own || math.Abs(most[name]-gain[k]) > 1e-6*own || !(nearer[k] > 0) {
					t.Errorf("seed %d, %s: region %s gains %v by %s, opening it %v; the most is %v", seed, goal, name, gain[k], id[k], own, most[name])
				}
			}
			if over := intervalOf(t, r, "site_gain", region[0]); over[0] != gain[0] || !(over[1] <= gain[0] && gain[0] <= over[2]) {
				t.Errorf("%s: %v over the draws, the table has %v", goal, over, gain[0])
			}
		}
	}
}

// gainsOf is what opening one candidate gains in each region.
func gainsOf(t *testing.T, w World, goal string, cities *geo.Layer, j int) map[string]float64 {
	t.Helper()
	p := cities.Point(j)
	r := runSpec(t, w, sitingSpec+fmt.Sprintf("scenarios: {x: [{open: {id: %s, at: [%v, %v]}}]}\n", cities.ID(j), p[0], p[1]))
	l := r.Layer("places")
	region, people := must(l.Texts("region_id"))(t), column(t, l, "population")
	before, after, eligible := column(t, l, "time_min"), column(t, l, "time_min_x"), column(t, l, "eligible")
	penalty, err := access.NewPenalty(access.Odds, access.Exponential, 0.6, access.Hold)
	if err != nil {
		t.Fatal(err)
	}
	likely := func(minutes float64) float64 {
		return penalty.Likelihood(float64(r.Summary.Penalty.Curves[0].P0), travel.FromMinutes(minutes))
	}
	out, total := map[string]float64{}, 0.0
	for _, p := range people {
		total += p
	}
	for i, name := range region {
		switch goal {
		case "treated":
			out[name] += eligible[i] * (likely(after[i]) - likely(before[i]))
		case "covered":
			out[name] += people[i] * float64(ground.Bit(after[i] <= 60)-ground.Bit(before[i] <= 60))
		case "mean_time":
			out[name] += people[i] / total * (before[i] - after[i])
		}
	}
	return out
}

// Whom a site gives a first time is counted, four hours away or more too: where it
// gives nobody one, that is known.
func TestFirstTimeByRegion(t *testing.T) {
	for _, c := range []struct {
		name       string
		candidates string
		newly      float64
	}{{"in the east", "[Near Cara]", 0}, {"on the isle", "[Near Eila]", 20_000}} {
		w := toy(t)
		lands := w.Layers.(shelf)["lands"]
		w.Layers.(shelf)["lands"] = must(geo.NewLayer(lands.About, []string{"W", "E", "S"}, []orb.Geometry{lands.Shape(0), orb.MultiPolygon{lands.Shape(1).(orb.Polygon), lands.Shape(3).(orb.Polygon)}, lands.Shape(2)},
			text("name", "West", "East and Isle", "South"), text("country", "A", "A", "B")))(t)
		r := runSpec(t, w, strings.Replace(toySpec, "{layer: cities}", "{layer: cities, where: {name: "+c.candidates+"}}", 1)+"siting: {pick: 1, goal: treated}\n")
		l := r.Layer("best_by_region")
		k := slices.Index(texts(t, l, "region_id"), "E")
		if k < 0 || column(t, l, "people_newly")[k] != c.newly || !(column(t, l, "people_nearer")[k] >= c.newly) {
			t.Errorf("%s: row %d, %v have a first time, want %v", c.name, k, column(t, l, "people_newly"), c.newly)
		}
	}
}

// The figures of a region over the draws lie about those of its layer.
func TestIntervalsByRegion(t *testing.T) {
	r := runSpec(t, sitingWorld(t, 1), sitingSpec+"  - gaps: {beyond_min: 60}\n  - density: {}\nuncertainty: {draws: 60, seed: 2}\n")
	l := r.Layer("regions")
	for row := range l.Len() {
		for _, name := range []string{"mean_time_min", "median_time_min", "p90_time_min", "share_beyond", "treated_hold", "foregone_hold"} {
			want := column(t, l, name)[row]
			got := intervalOf(t, r, name, l.ID(row))
			if got[0] != want || !(got[1] <= want && want <= got[2]) {
				t.Errorf("%s of %s: %v over the draws, the layer has %v", name, l.ID(row), got, want)
			}
		}
	}
	r = runSpec(t, sitingWorld(t, 1), sitingSpec+"uncertainty: {draws: 60}\nprivacy: {suppress_below: 1000}\n")
	if v := intervalOf(t, r, "treated_hold", "W"); v[0] == v[0] {
		t.Errorf("a number that is withheld has the interval %v", v)
	}
	r = runSpec(t, sitingWorld(t, 1), sitingSpec+"areal: {by: payer}\nuncertainty: {draws: 10, vary: [areal]}\n")
	if r.Layer("uncertainty_regions") != nil {
		t.Error("other units have no regions of ours")
	}
}

// intervalOf is value, low and high of a region's metric over the draws.
func intervalOf(t *testing.T, r *finding.Result, metric, region string) [3]float64 {
	t.Helper()
	l := r.Layer("uncertainty_regions")
	if l == nil {
		t.Fatal("no intervals by region")
	}
	id, what := must(l.Texts("region_id"))(t), must(l.Texts("metric"))(t)
	for i := range id {
		if id[i] == region && what[i] == metric {
			return [3]float64{column(t, l, "value")[i], column(t, l, "low_2_5")[i], column(t, l, "high_97_5")[i]}
		}
	}
	return [3]float64{math.NaN(), math.NaN(), math.NaN()}
}

// Two candidates gain a region the same in minutes that are added up otherwise: the
// first is its best, in whatever unit people are counted.
func TestBestByRegionTiesInAnyUnit(t *testing.T) {
	const study = `version: 1
name: tie
places: {layer: towns}
regions: {layer: lands}
sites: {layer: centers}
candidates: {layer: cities}
travel: {engine: matrix, table: times, place: from, site: to, minutes: min, borders: free}
measures: [travel]
siting: {pick: 1, goal: mean_time}
`
	lands := must(geo.NewLayer(geo.About{Name: "lands"}, []string{"W"}, []orb.Geometry{box(10, 45, 2, 2)}, text("name", "West")))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, []string{"s"}, []orb.Point{{10.5, 45.5}}))(t)
	cities := must(geo.NewPoints(geo.About{Name: "cities"}, []string{"n0", "n1"}, []orb.Point{{10.3, 45.2}, {10.2, 45.4}}))(t)
	times := must(geo.NewTable(geo.About{Name: "times"}, []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"},
		text("from", "p0", "p1", "p2", "p0", "p1", "p2", "p0", "p1", "p2"), text("to", "s", "s", "s", "n0", "n0", "n0", "n1", "n1", "n1"),
		num("min", 60, 60, 60, 30, 60, 60, 50, 50, 50)))(t) // 30 minutes for one place, or 10 for each of three
	for unit := 1e-6; unit < 1e6; unit *= 1.7 {
		towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"p0", "p1", "p2"}, []orb.Point{{10.5, 45.5}, {10.2, 45.2}, {10.4, 45.1}},
			num("population", 3*unit, 3*unit, 3*unit)))(t)
		r := runSpec(t, World{Layers: shelf{"towns": towns, "lands": lands, "centers": centers, "cities": cities, "times": times}, Version: "test"}, study)
		if got := texts(t, r.Layer("best_by_region"), "candidate_id"); !slices.Equal(got, []string{"n0"}) {
			t.Errorf("in units of %g the best is %q", unit, got)
		}
	}
}
