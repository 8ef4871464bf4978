package study

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

func index(t *testing.T, of []IndexSummary, name string) IndexSummary {
	t.Helper()
	for _, q := range of {
		if q.Name == name {
			return q
		}
	}
	t.Fatalf("no index %s in %+v", name, of)
	return IndexSummary{}
}

// A likelihood cannot leave 0 to 1: its concentration index comes with both
// corrections, and they are C/(1 − μ) and 4μC.
func TestTheLikelihoodIsBounded(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"inequality: [gini, {concentration: {rank: svi}}]\n")
	q := r.Summary.Penalty.Inequality
	c := float64(index(t, q, "concentration").Value)
	l, people := column(t, r.Layer("places"), "likelihood_hold"), column(t, r.Layer("places"), "population")
	var mu, all float64
	for i := range l {
		if !math.IsNaN(l[i]) {
			mu += l[i] * people[i]
			all += people[i]
		}
	}
	mu /= all
	if w, e := float64(index(t, q, "concentration_wagstaff").Value), float64(index(t, q, "concentration_erreygers").Value); math.Abs(w-c/(1-mu)) > 1e-12 || math.Abs(e-4*mu*c) > 1e-12 || c == 0 {
		t.Errorf("C %v, Wagstaff %v, Erreygers %v at mean %v", c, w, e, mu)
	}
	// The area between the Lorenz curve and the diagonal is half the Gini.
	table := r.Layer("lorenz")
	of, p, s := words(t, table, "measure"), column(t, table, "people_share"), column(t, table, "value_share")
	var area float64
	for i := 1; i < len(p); i++ {
		if of[i] == "likelihood" && of[i-1] == "likelihood" {
			area += (p[i] - p[i-1]) * (p[i] + p[i-1] - s[i] - s[i-1]) / 2
		}
	}
	if g := float64(index(t, q, "gini").Value); math.Abs(2*area-g) > 0.002 || g == 0 {
		t.Errorf("Gini %v, twice the area %v", g, 2*area)
	}
}

func TestGapsBetweenGroupsHaveIntervals(t *testing.T) {
	spec := toySpec + "inequality: [{gap: {groups: payer, between: [x, y], draws: 200, seed: 5}}]\n"
	r := runSpec(t, toy(t), spec)
	q := r.Summary.Penalty.Inequality
	d, ratio := index(t, q, "gap_difference"), index(t, q, "gap_ratio")
	l := column(t, r.Layer("places"), "likelihood_hold")
	// Payer x: Alba 100,000, Bora 50,000; payer y: Cara 50,000, Dora 80,000.
	x, y := (100*l[0]+50*l[1])/150, (50*l[2]+80*l[3])/130
	if math.Abs(float64(d.Value)-(x-y)) > 1e-12 || math.Abs(float64(ratio.Value)-x/y) > 1e-12 {
		t.Errorf("difference %v and ratio %v, by hand %v and %v", d.Value, ratio.Value, x-y, x/y)
	}
	if !(d.Low <= d.Value && d.Value <= d.High && d.Low < d.High) || d.Rank != "x against y (payer)" {
		t.Errorf("%+v", d)
	}
	if again := index(t, runSpec(t, toy(t), spec).Summary.Penalty.Inequality, "gap_difference"); again != d {
		t.Errorf("the same seed gives %+v, then %+v", d, again)
	}
	for spec, want := range map[string]string{
		"{gap: {groups: payer, between: [x, z]}}":       `payer has no value "z"; accepted: two of x, y`,
		"{concentration: {rank: svi, bounds: [0, 10]}}": "inequality.concentration.bounds: place",
	} {
		s, err := Parse(strings.NewReader(toySpec+"inequality: ["+spec+"]\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), toy(t), s, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
	for spec, want := range map[string]string{
		"{gap: {groups: payer}}":                       "inequality.gap.between: found []",
		"{quantiles: {at: [1.5]}}":                     "inequality.quantiles.at: found 1.5",
		"{quantiles: {}}":                              "inequality.quantiles.at: is missing; accepted: shares of people",
		"{concentration: {rank: svi, bounds: [1, 0]}}": "inequality.concentration.bounds: found [1 0]",
	} {
		if _, err := Parse(strings.NewReader(toySpec+"inequality: ["+spec+"]\n"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// 7.3 % of recipients is refused as a ratio without the share of the people.
func TestRepresentationNeedsItsDenominator(t *testing.T) {
	if _, err := Parse(strings.NewReader(toySpec+"  - representation: {recipients: {low-income: 0.073}}\n"), nil); err == nil ||
		!strings.Contains(err.Error(), "measures.representation.population.low-income: denominator missing: 7.3 % of recipients says nothing") {
		t.Errorf("%v", err)
	}
	r := runSpec(t, toy(t), toySpec+"  - representation: {recipients: {low-income: 0.073}, population: {low-income: 0.146}, patients: 4396}\n")
	g := r.Summary.Representation[0]
	// Wilson's interval of 0.073 among 4,396: 0.0657 to 0.0811.
	if g.Ratio != 0.5 || math.Abs(float64(g.Low)-0.0657/0.146) > 5e-4 || math.Abs(float64(g.High)-0.0811/0.146) > 5e-4 {
		t.Errorf("%+v", g)
	}
	// The share of the people can come from the places: 130,000 of 300,000 have y.
	r = runSpec(t, toy(t), toySpec+"  - representation: {field: payer, recipients: {y: 0.2}}\n")
	if g := r.Summary.Representation[0]; math.Abs(float64(g.People)-13.0/30) > 1e-12 || math.Abs(float64(g.Ratio)-0.2*30/13) > 1e-12 || !math.IsNaN(float64(g.Low)) {
		t.Errorf("%+v", g)
	}
	// A handful of recipients is withheld.
	r = runSpec(t, toy(t), toySpec+"  - representation: {field: payer, recipients: {y: 0.02, x: 0.98}, patients: 100}\nprivacy: {suppress_below: 5}\n")
	if s := r.Summary.Representation; len(s) != 1 || s[0].Group != "x" {
		t.Errorf("%+v", s)
	}
}

// A number that is withheld cannot be found by taking the others from a total
// that is printed.
func TestWithheldNumbersStayWithheld(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"privacy: {suppress_below: 2.5}\n")
	// Eligible by region: 15, 5, 8, 2. Of these treated are below 2.5: East about 1,
	// South 1.6, Isle none; the sums of a region are printed.
	g := r.Layer("regions")
	e := column(t, g, "eligible")
	hidden := 0
	for _, x := range e {
		if math.IsNaN(x) {
			hidden++
		}
	}
	if hidden == 1 {
		t.Errorf("one region alone is withheld, the total gives it away: %v", e)
	}
	for _, row := range []int{0, 1, 2, 3} {
		var withheld, shown int
		for i, name := range words(t, r.Layer("places"), "region_id") {
			if name == g.ID(row) {
				if math.IsNaN(column(t, r.Layer("places"), "eligible")[i]) {
					withheld++
				} else {
					shown++
				}
			}
		}
		if withheld == 1 && shown > 0 {
			t.Errorf("region %s has one place withheld and %d shown", g.ID(row), shown)
		}
	}
}

// Where most places have the same value there are no clusters to call out, and
// neighbours that cannot be are refused.
func TestTiesAreNotClusters(t *testing.T) {
	at, people, beds := make([]orb.Point, 300), make([]float64, 300), make([]float64, 300)
	ids := make([]string, 300)
	for i := range at {
		at[i], people[i], ids[i] = orb.Point{float64(i%20) / 10, 45 + float64(i/20)/10}, 100, fmt.Sprint("p", i)
	}
	beds[137] = 5
	places := must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...), num("beds", beds...)))(t)
	w := World{Layers: shelf{"towns": places, "centers": must(geo.NewPoints(geo.About{Name: "centers"}, []string{"c"}, at[:1]))(t)}, Version: "test", Land: func(orb.Point) int { return 0 }}
	const spec = "version: 1\nname: t\nplaces: {layer: towns, groups: {beds: values}}\nsites: {layer: centers}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\nspatial: {of: [beds], neighbours: nearest, k: 6}\n"
	s := runSpec(t, w, spec).Summary.Spatial[0]
	if s.Clusters > 10 || s.Spots > 10 {
		t.Errorf("one place of 300 has a value, and there are %d clusters and %d spots", s.Clusters, s.Spots)
	}
	few, err := Parse(strings.NewReader(strings.Replace(spec, "k: 6", "k: 300", 1)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), w, few, nil); err == nil || !strings.Contains(err.Error(), "300 nearest neighbours of 300 places with a location; accepted: 1 to 299") {
		t.Errorf("%v", err)
	}
}

// The same index with other settings can be told apart.
func TestAnIndexTwice(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"inequality: [{atkinson: {aversion: 0.5}}, {atkinson: {aversion: 2}}, gini]\n")
	q := r.Summary.Penalty.Inequality
	if a, b := index(t, q, "atkinson (aversion 0.5)"), index(t, q, "atkinson (aversion 2)"); !(a.Value < b.Value) {
		t.Errorf("%+v, %+v", a, b)
	}
	index(t, q, "gini")
}
