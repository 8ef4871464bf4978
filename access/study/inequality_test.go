package study

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

func index(t *testing.T, of []finding.IndexSummary, name string) finding.IndexSummary {
	t.Helper()
	for _, q := range of {
		if q.Name == name {
			return q
		}
	}
	t.Fatalf("no index %s in %+v", name, of)
	return finding.IndexSummary{}
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
	of, p, s := texts(t, table, "measure"), column(t, table, "people_share"), column(t, table, "value_share")
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
		"{gap: {groups: payer, between: [x, z]}}": `payer has no value "z"; accepted: two of x, y`,
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

// A value outside the bounds that a spec claims has no corrected index, and it is
// said why; the plain one stands.
func TestBoundsThatDoNotHold(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"inequality: [{concentration: {rank: svi, bounds: [0, 0.1]}}]\n")
	w := index(t, r.Summary.Penalty.Inequality, "concentration_wagstaff")
	if !math.IsNaN(float64(w.Value)) || !strings.Contains(w.Why, "outside the bounds 0 to 0.1") || math.IsNaN(float64(index(t, r.Summary.Penalty.Inequality, "concentration").Value)) {
		t.Errorf("%+v", w)
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
	// A handful of recipients is withheld, and the rest that would give it away.
	r = runSpec(t, toy(t), toySpec+"  - representation: {field: payer, recipients: {y: 0.02, x: 0.98}, patients: 100}\nprivacy: {suppress_below: 5}\n")
	if s := r.Summary.Representation; len(s) != 0 {
		t.Errorf("%+v", s)
	}
}

// A number that is withheld cannot be found by taking the others from a total
// that is printed: of a region, of all regions, of all places.
func TestWithheldNumbersStayWithheld(t *testing.T) {
	world := func(eligible ...float64) World {
		w := toy(t)
		towns := w.Layers.(shelf)["towns"]
		w.Layers.(shelf)["towns"] = must(towns.With(num("cases", eligible...)))(t)
		return w
	}
	spec := strings.Replace(toySpec, "eligible_per_100k: 10, reach", "eligible: cases, reach", 1) + "privacy: {suppress_below: 5}\n"
	hidden := func(l *geo.Layer) (n int, shown float64) {
		for _, x := range column(t, l, "eligible") {
			if math.IsNaN(x) {
				n++
			} else {
				shown += x
			}
		}
		return n, shown
	}
	for _, cases := range [][]float64{{30, 1, 70, 80, 60}, {300, 200, 3, 100, 50}, {300, 400, 100, 100, 2}} {
		r := runSpec(t, world(cases...), spec)
		places, regions := r.Layer("places"), r.Layer("regions")
		for name, l := range map[string]*geo.Layer{"places": places, "regions": regions} {
			if n, _ := hidden(l); n == 1 {
				t.Errorf("%v: one of the %s alone is withheld, and the total gives it away", cases, name)
			}
		}
		// A region whose number is withheld is not the sum of places that are shown.
		e, of := column(t, places, "eligible"), texts(t, places, "region_id")
		for row, x := range column(t, regions, "eligible") {
			open := true
			for i := range e {
				if of[i] == regions.ID(row) && math.IsNaN(e[i]) {
					open = false
				}
			}
			if math.IsNaN(x) && open {
				t.Errorf("%v: region %s is withheld, and all its places are shown", cases, regions.ID(row))
			}
		}
		without := runSpec(t, world(cases...), strings.NewReplacer("regions: {layer: lands}\n", "", "  - gaps: {beyond_min: 60}\n", "").Replace(spec))
		if n, _ := hidden(without.Layer("places")); n < 2 {
			t.Errorf("%v: without regions %d places are withheld", cases, n)
		}
	}
	if _, err := Parse(strings.NewReader(spec+"sites: {supply: {constant: 1}}\n"), nil); err == nil {
		t.Error("sites stand twice")
	}
	scored := strings.Replace(spec, "  - penalty: {}\n", "  - penalty: {}\n  - 2sfca: {limit_min: 60, demand: eligible}\n", 1)
	if _, err := Parse(strings.NewReader(scored), nil); err == nil || !strings.Contains(err.Error(), "a score would give them away; accepted: people") {
		t.Errorf("%v", err)
	}
}

// Where the eligible are counted, what is told of the whole and what is known of the ways do
// not tell a number that is withheld. The totals of eligible and of treated patients less
// those shown are two equations for the withheld ones, whose likelihoods follow from their
// minutes: x + y = E and p x + q y = T. Neither does a scenario of one such place alone, nor
// what candidates gain, nor a whole of fewer patients.
func TestWithheldNumbersDoNotFollow(t *testing.T) {
	world := func(cases ...float64) World {
		w := toy(t)
		w.Layers.(shelf)["towns"] = must(w.Layers.(shelf)["towns"].With(num("cases", cases...)))(t)
		return w
	}
	spec := strings.Replace(toySpec, "eligible_per_100k: 10, reach", "eligible: cases, reach", 1) + "privacy: {suppress_below: 3}\n"
	w := world(300, 200, 2, 240, 60)
	r := runSpec(t, w, spec)
	curve := r.Summary.Penalty.Curves[0]
	p := must(access.NewPenalty(access.Odds, access.Exponential, 0.6, access.Hold))(t)
	minutes, e := column(t, r.Layer("places"), "time_min"), column(t, r.Layer("places"), "eligible")
	left, treated := float64(r.Summary.Penalty.Eligible-r.Summary.Penalty.WithoutTime), float64(curve.Treated)
	var of []float64 // likelihoods of the withheld
	for i, min := range minutes {
		switch l := p.Likelihood(float64(curve.P0), travel.FromMinutes(min)); {
		case math.IsNaN(min):
		case math.IsNaN(e[i]):
			of = append(of, l)
		default:
			left, treated = left-e[i], treated-l*e[i]
		}
	}
	if len(of) == 2 && of[0] != of[1] {
		t.Errorf("the totals tell that %.6f and %.6f are withheld", (treated-of[1]*left)/(of[0]-of[1]), (of[0]*left-treated)/(of[0]-of[1]))
	}
	if len(of) < 3 {
		t.Errorf("%d places with a way are withheld", len(of))
	}
	alone := strings.NewReplacer("regions: {layer: lands}\n", "", "  - gaps: {beyond_min: 60}\n", "").Replace(spec) +
		"uncertainty: {draws: 5}\nscenarios:\n  x:\n    - open: {id: new, at: [3.5, 46]}\n"
	r = runSpec(t, w, alone)
	for _, table := range []string{"compare", "uncertainty"} {
		for _, m := range texts(t, r.Layer(table), "metric") {
			if strings.HasPrefix(m, "treated_change") || table == "compare" && strings.HasPrefix(m, "treated") {
				t.Errorf("%s tells %s, of a place alone whose number is withheld", table, m)
			}
		}
	}
	_, err := Parse(strings.NewReader(spec+"siting: {pick: 1, goal: treated}\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "siting.goal: eligible patients are counted in cases") {
		t.Errorf("%v", err)
	}
	few := must(Parse(strings.NewReader(spec), nil))(t)
	if _, err = Run(context.Background(), world(1, 0, 0.5, 0.5, 0), few, nil); err == nil || !strings.Contains(err.Error(), "fewer eligible patients") {
		t.Errorf("%v", err)
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

// A center's number that is withheld cannot be solved for from what stands beside
// it, and every withheld row says so.
func TestWithheldCenters(t *testing.T) {
	r := runSpec(t, clinicWorld(t, 20_000, 600_000), fmt.Sprintf(clinicSpec, "slots: slots, leave_per_month: 0.1")+"privacy: {suppress_below: 5}\n")
	c := r.Layer("capacity")
	why := texts(t, c, "withheld")
	if why[0] == "" || why[1] == "" {
		t.Fatalf("withheld %q: 4 patients a year come to one center, and the total is printed", why)
	}
	for _, name := range []string{"arrivals", "taken", "use", "served", "lost", "waiting", "wait_months", "delayed_share", "waiting_later"} {
		if v := column(t, c, name); !math.IsNaN(v[0]) {
			t.Errorf("%s of a withheld center is %v", name, v[0])
		}
	}
	p := r.Layer("places")
	if v := column(t, p, "served_share"); !math.IsNaN(v[0]) || texts(t, p, "withheld")[0] == "" {
		t.Errorf("served_share %v", v)
	}
	// Regions with many patients are not withheld because little is lost there.
	g := runSpec(t, toy(t), strings.Replace(toySpec, "eligible_per_100k: 10", "eligible_per_100k: 1000", 1)+"privacy: {suppress_below: 5}\n").Layer("regions")
	if v := column(t, g, "eligible"); math.IsNaN(v[0]) {
		t.Errorf("eligible %v", v)
	}
}
