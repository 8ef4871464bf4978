package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Draws reach every headline: the journey, the lists and the last year.
func TestDrawsReachEveryHeadline(t *testing.T) {
	spec := fmt.Sprintf(clinicSpec, "slots: slots, leave_per_month: 0.1, choices: 2") + `  - penalty: {}
  - journey: {jurisdiction: EU, date: 2025-01-01, inpatient_days: 5, stages: [{name: infusion, role: infuse, visits: 1}]}
forecast: {from: 2025, to: 2030, people_growth: 0.01, target: {double: number}}
uncertainty: {draws: 40, seed: 3, vary: [effect, speed, demand], correlations: [{of: [effect, speed], value: 0.5}]}
`
	w := clinicWorld(t, 300_000, 200_000)
	r := runSpec(t, w, spec)
	s := r.Summary
	seen := map[string]finding.Interval{}
	for _, i := range s.Uncertainty {
		seen[i.What] = i
	}
	for name, want := range map[string]Num{"served_per_month": s.Capacity.Served, "waiting": s.Capacity.Waiting, "journey_hours": s.Journey.Hours.Mean,
		"treated_in_last_year": s.Forecast.Treated, "median_time_min": s.Travel.TimeMin.Median, "ceiling_hold": s.Penalty.Curves[0].Ceiling, "share_within_120_min": s.Travel.Bands[3].Share} {
		i, ok := seen[name]
		if !ok || math.Abs(float64(i.Value-want)) > 1e-9*math.Abs(float64(want)) || !(i.Low <= i.Value && i.Value <= i.High) {
			t.Errorf("%s: %+v, the study has %v", name, i, want)
		}
	}
	if !(seen["waiting"].Low < seen["waiting"].High) {
		t.Errorf("%+v", seen["waiting"])
	}
	// Without a target nothing is left over to reach it, in no draw.
	for _, i := range runSpec(t, w, strings.Replace(spec, ", target: {double: number}", "", 1)).Summary.Uncertainty {
		if i.What == "residual_in_last_year" {
			t.Errorf("%+v", i)
		}
	}
}

// Correlated factors are correlated as asked, and each keeps its own spread.
func TestCorrelatedDraws(t *testing.T) {
	u := &spec.UncertaintySpec{Draws: 20_000, Seed: 2, Vary: []string{"effect", "speed", "demand"}, Correlations: []spec.CorrelationSpec{{Of: []string{"effect", "speed"}, Value: 0.6}, {Of: []string{"speed", "demand"}, Value: -0.3}}}
	var x, y, z []float64
	for _, d := range finding.Drawings(u, &ground.Model{Effect: 0.3}, 0) {
		x, y, z = append(x, math.Log(d.Effect)), append(y, math.Log(d.Speed)), append(z, math.Log(d.Rate))
	}
	if a, b, c := correlation(x, y), correlation(y, z), correlation(x, z); math.Abs(a-0.6) > 0.02 || math.Abs(b+0.3) > 0.02 || math.Abs(c) > 0.02 {
		t.Errorf("correlations %v, %v, %v", a, b, c)
	}
	plain := finding.Drawings(&spec.UncertaintySpec{Draws: 50, Seed: 2, Vary: []string{"effect"}}, &ground.Model{Effect: 0.3}, 0)
	for i, d := range finding.Drawings(&spec.UncertaintySpec{Draws: 50, Seed: 2, Vary: []string{"effect", "decay", "areal"}}, &ground.Model{Effect: 0.3}, 3) {
		if d.Effect != plain[i].Effect {
			t.Fatal("varying one more factor changed another's draws")
		}
	}
	for spec, want := range map[string]string{
		"vary: [decay]": "decay needs others to draw from", "vary: [areal]": "areal needs other units",
		"correlations: [{of: [effect, family], value: 0.1}]":                                                                  "uncertainty.correlations: cannot hold together",
		"correlations: [{of: [effect, speed], value: 2}]":                                                                     "uncertainty.correlations: found 2",
		"correlations: [{of: [effect, speed], value: 1}, {of: [speed, demand], value: 1}, {of: [effect, demand], value: -1}]": "cannot hold together",
	} {
		if _, err := Parse(strings.NewReader(toySpec+"uncertainty: {draws: 5, "+spec+"}\n"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

func correlation(x, y []float64) float64 {
	var mx, my, xx, yy, xy float64
	n := float64(len(x))
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	for i := range x {
		xx, yy, xy = xx+(x[i]-mx)*(x[i]-mx), yy+(y[i]-my)*(y[i]-my), xy+(x[i]-mx)*(y[i]-my)
	}
	return xy / math.Sqrt(xx*yy)
}

// The same people in other units: by a field of the places, or in a layer.
func TestArealUnits(t *testing.T) {
	spec := toySpec + "  - 2sfca: {limit_min: 120}\nsiting: {pick: 1, goal: treated}\nareal: {by: payer}\n"
	r := runSpec(t, toy(t), spec+"uncertainty: {draws: 60, vary: [areal]}\n")
	a := r.Summary.Areal
	if a.Places != 5 || a.Others != 2 || a.MeanTime[0] == a.MeanTime[1] {
		t.Fatalf("%+v", a)
	}
	table := r.Layer("areal")
	metric, here, there, change := texts(t, table, "metric"), column(t, table, "value"), column(t, table, "other_units"), column(t, table, "change")
	for i := range metric {
		if change[i] != there[i]-here[i] && !math.IsNaN(change[i]) {
			t.Errorf("%s: %v to %v is %v", metric[i], here[i], there[i], change[i])
		}
	}
	// The draws are one or the other, so the interval spans both.
	for _, i := range r.Summary.Uncertainty {
		if i.What == "mean_time_min" && (i.Low != min(a.MeanTime[0], a.MeanTime[1]) || i.High != max(a.MeanTime[0], a.MeanTime[1])) {
			t.Errorf("%+v, the two units have %v", i, a.MeanTime)
		}
	}
	// A layer of the same places changes nothing.
	same := runSpec(t, toy(t), toySpec+"siting: {pick: 1, goal: treated}\nareal: {layer: towns}\n")
	for i, c := range column(t, same.Layer("areal"), "change") {
		if c != 0 {
			t.Errorf("%s changed by %v in the same units", texts(t, same.Layer("areal"), "metric")[i], c)
		}
	}
	if s := same.Summary.Areal; len(s.OnlyHere) != 0 || len(s.InBoth) != 1 {
		t.Errorf("%+v", s)
	}
	for spec, want := range map[string]string{
		"areal: {}": "areal: needs layer or by", "areal: {by: payer, layer: towns}": "areal: needs layer or by",
	} {
		if _, err := Parse(strings.NewReader(toySpec+spec+"\n"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// The decay is drawn among the measure's own and those of sensitivity.
func TestTheDecayIsDrawn(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"  - e2sfca: {limit_min: 120, decay: {gaussian: {sigma_min: 60}}}\nsensitivity: {decay: [{linear: {}}]}\nuncertainty: {draws: 40, vary: [decay]}\n")
	linear := runSpec(t, toy(t), toySpec+"  - e2sfca: {limit_min: 120, decay: {linear: {}}}\n").Summary.Measures[0].Mean
	for _, i := range r.Summary.Uncertainty {
		if own := r.Summary.Measures[0].Mean; i.What == "mean_e2sfca" && (i.Low != min(own, linear) || i.High != max(own, linear)) {
			t.Errorf("%+v, own %v, linear %v", i, own, linear)
		}
	}
}

// What a sceptic found: measures by site in draws, the room in draws, decays
// that do not suit, headlines that only the other units have.
func TestDrawsAreHonest(t *testing.T) {
	// More sites than places, and an index over places.
	w := clinicWorld(t, 1000, 2000)
	if r := runSpec(t, w, "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: crow, borders: free}\nmeasures: [travel, {passive: {limit_min: 60}}]\ninequality: [gini]\nuncertainty: {draws: 5, vary: [speed]}\n"); slices.ContainsFunc(r.Summary.Uncertainty, func(i finding.Interval) bool { return i.What == "gini_passive" }) {
		t.Error("a measure by site has an index over people")
	}
	// The room does not grow with the demand that is drawn.
	r := runSpec(t, toy(t), toySpec+"forecast: {from: 2025, to: 2026, capacity: {2025: 3}, target: {double: number}}\nuncertainty: {draws: 50, vary: [demand]}\n")
	for _, i := range r.Summary.Uncertainty {
		if i.What == "treated_in_last_year" && (i.High > 3 || i.Value != 3) {
			t.Errorf("%+v with room for 3", i)
		}
	}
	// A kernel measure keeps its kernel, whatever decay is drawn.
	k := runSpec(t, toy(t), toySpec+"  - kd2sfca: {limit_min: 120, decay: {dai: {}}}\n  - e2sfca: {limit_min: 120, decay: {dai: {}}}\nsensitivity: {decay: [{gaussian: {sigma_min: 10}}]}\ninequality: [gini]\nuncertainty: {draws: 30, vary: [decay]}\n")
	for _, i := range k.Summary.Uncertainty {
		if i.What == "gini_kd2sfca" && i.Low != i.High || i.What == "gini_e2sfca" && i.Low == i.High {
			t.Errorf("%+v", i)
		}
	}
	// Units across a border go with most of their people, and it is said.
	two := toy(t)
	towns := two.Layers.(shelf)["towns"]
	two.Layers.(shelf)["towns"] = must(towns.With(text("zone", "1", "1", "2", "1", "2")))(t)
	a := runSpec(t, two, toySpec+"areal: {by: zone}\n")
	if !slices.ContainsFunc(a.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, "cross a border of travel: 80,000 people") }) || math.IsNaN(float64(a.Summary.Areal.MeanTime[1])) {
		t.Errorf("%+v, notes %q", a.Summary.Areal, a.Summary.Notes.Texts())
	}
	// Reach is over the denominator that the study names.
	spec := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", germany, 1)
	f := runSpec(t, toy(t), spec+"forecast: {from: 2025, to: 2026, people_growth: 0.1}\n").Summary.Forecast
	if f.Denominator != "fit" || math.Abs(float64(f.Reach)-0.2) > 1e-9 {
		t.Errorf("%+v", f)
	}
}
