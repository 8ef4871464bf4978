package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

const germany = `demand:
  reach: 0.2
  denominator: fit
  funnel:
    - {name: third, disease: dlbcl, line: 3, incidence: {per_100k: 12.7, kind: crude}, first_line: 0.805, progress: [0.19, 0.3375], covered: 0.9, fit: 0.5, earlier: 0.1}
`

// The line funnel of German claims (2,633 new cases, 2,119 first line, 403
// second, 136 third) on the toy's 300,000 people, every place by its share.
func TestFunnel(t *testing.T) {
	spec := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", germany, 1)
	r := runSpec(t, toy(t), spec)
	d := r.Summary.Demand
	incident := 300_000 * 12.7 / 100_000
	line := incident * 0.805 * 0.19 * 0.3375
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"incident", float64(d.Funnels[0].Incident), incident}, {"at the line", float64(d.Funnels[0].AtLine), line},
		{"share of the incident at the line, 5.2 % in the source", math.Round(1000*line/incident) / 10, 5.2},
		{"label", float64(d.Funnels[0].Label), line * 0.9}, {"fit", float64(d.Funnels[0].Fit), line * 0.45},
		{"eligible", float64(d.Eligible), line * 0.405}, {"penalty's eligible", float64(r.Summary.Penalty.Eligible), line * 0.405},
		{"of a place", column(t, r.Layer("places"), "eligible")[0], line * 0.405 / 3},
	} {
		if math.Abs(c.got-c.want) > 1e-9*math.Abs(c.want) {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	// Reach is a share of the fit here: 0.2 of those with a time, the island apart.
	fit := line * 0.45 * 280 / 300
	if got := float64(r.Summary.Penalty.Observed); math.Abs(got-0.2*fit) > 1e-9 || r.Summary.Penalty.Reach != 0.2 {
		t.Errorf("treated %v, want %v; reach %v", got, 0.2*fit, r.Summary.Penalty.Reach)
	}
	// Over either denominator, side by side.
	if !(d.ReachLabel > 0 && math.Abs(float64(d.ReachFit-2*d.ReachLabel)) < 1e-12) {
		t.Errorf("reach %v of label, %v of fit", d.ReachLabel, d.ReachFit)
	}
	// By age: the same people, the same rate, the same patients.
	by := runSpec(t, toy(t), strings.Replace(spec, "{per_100k: 12.7, kind: crude}", "{by_age: {population: 12.7}}", 1))
	if by.Summary.Demand.Eligible != d.Eligible {
		t.Errorf("by age %v, crude %v", by.Summary.Demand.Eligible, d.Eligible)
	}
	for change, want := range map[[2]string]string{
		{"kind: crude", "kind: age-standardised"}:          "demand.funnel.third.incidence.kind: found \"age-standardised\"",
		{", kind: crude", ""}:                              "demand.funnel.third.incidence.kind: found \"\"",
		{"fit: 0.5, ", ""}:                                 "a share left out is missing, not 1",
		{"progress: [0.19, 0.3375]", "progress: [0.19]"}:   "line 3 needs 2 shares of progress from line to line, found 1",
		{"covered: 0.9", "covered: 9"}:                     "covered is 9; accepted: a share, 0 to 1",
		{"demand:\n", "demand:\n  eligible_per_100k: 1\n"}: "eligible, eligible_per_100k and funnel exclude each other",
		{"earlier: 0.1}", "}\n    - {name: second, disease: dlbcl, line: 2, incidence: {per_100k: 12.7, kind: crude}, first_line: 0.8, progress: [0.2], covered: 1, fit: 0.5}"}: "who was treated at an earlier line would count twice",
	} {
		if _, err := Parse(strings.NewReader(strings.Replace(spec, change[0], change[1], 1)), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", change, err, want)
		}
	}
}

// What the target asks is taken apart, and the parts add up; both readings of
// doubling are shown.
func TestForecast(t *testing.T) {
	const ahead = `scenarios:
  two:
    - open: {id: new, at: [3.5, 46]}
forecast:
  from: 2025
  to: 2030
  people_growth: 0.01
  referral_growth: 0.05
  opens: {2027: two}
  build_years: 1
  target: {double: proportion}
  history: {2017: 151, 2018: 301, 2019: 1136, 2020: 1874, 2021: 2524, 2022: 3205, 2023: 4888}
`
	r := runSpec(t, toy(t), toySpec+ahead)
	f := r.Summary.Forecast
	x := f.Target
	if sum := x.Now + x.Eligibles + x.Geography + x.Referral + x.Capacity + x.Residual; math.Abs(float64(sum-x.Target)) > 1e-9 {
		t.Errorf("%+v sums to %v", x, sum)
	}
	grown := math.Pow(1.01, 5)
	if now := float64(x.Now); math.Abs(float64(x.Target)-2*now*grown) > 1e-9 || math.Abs(float64(x.Other)-2*now) > 1e-9 || math.Abs(float64(x.Yearly)-0.1487) > 1e-4 {
		t.Errorf("%+v", x)
	}
	if !(x.Geography > 0 && x.Residual > 0 && x.Ceiling < x.Target) {
		t.Errorf("%+v", x)
	}
	table := r.Layer("forecast")
	year, treated, scenario := column(t, table, "year"), column(t, table, "treated"), words(t, table, "scenario")
	for i := range year {
		if want := map[bool]string{true: "two"}[year[i] >= 2028]; scenario[i] != want {
			t.Errorf("in %v stands %q", year[i], scenario[i])
		}
		if i > 0 && treated[i] <= treated[i-1] {
			t.Errorf("treated %v", treated)
		}
	}
	if len(f.Trends) != 2 || f.Trends[1].Error > -0.1 {
		t.Errorf("%+v", f.Trends)
	}
	// Room for five keeps it at five.
	tight := runSpec(t, toy(t), toySpec+ahead+"  capacity: {2025: 4, 2030: 5}\n").Summary.Forecast
	if tight.Treated != 5 || !(tight.Target.Capacity < 0) {
		t.Errorf("%+v", tight)
	}
	// A year's lag between diagnosis and the line puts growth off by a year.
	lagged := func(lag string) float64 {
		spec := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", strings.Replace(germany, "earlier: 0.1}", "earlier: 0.1"+lag+"}", 1), 1)
		return float64(runSpec(t, toy(t), spec+"forecast: {from: 2025, to: 2026, people_growth: 0.1}\n").Summary.Forecast.Eligible)
	}
	if a, b, c := lagged(""), lagged(", lag: [0, 1]"), lagged(", lag: [0.5, 0.5]"); math.Abs(a/b-1.1) > 1e-9 || math.Abs(c/b-1.05) > 1e-9 {
		t.Errorf("at once %v, a year on %v, half and half %v", a, b, c)
	}
	for spec, want := range map[string]string{
		"demand: {denominator: fit}":                                   "demand: stands twice",
		"forecast: {from: 2030, to: 2025}":                             "forecast: found 2030 to 2025",
		"forecast: {from: 2025, to: 2030, target: {double: patients}}": "accepted: proportion, number",
		"forecast: {from: 2025, to: 2030, opens: {2027: three}}":       "forecast.opens.2027: found \"three\"",
		"forecast: {from: 2025, to: 2030, capacity: {soon: 5}}":        "forecast.capacity.soon: found 5",
	} {
		if _, err := Parse(strings.NewReader(toySpec+spec+"\n"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// Twice a reach of 0.6 is refused; who has a way only later is left out and
// counted in a note.
func TestForecastHonesty(t *testing.T) {
	s, err := Parse(strings.NewReader(strings.Replace(toySpec, "reach: 0.2", "reach: 0.6", 1)+"forecast: {from: 2025, to: 2030, target: {double: proportion}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), toy(t), s, nil); err == nil || !strings.Contains(err.Error(), "twice today's reach is more than everybody") {
		t.Errorf("%v", err)
	}
	r := runSpec(t, toy(t), toySpec+"scenarios:\n  isle:\n    - open: {id: new, at: [11, 46]}\nforecast: {from: 2025, to: 2026, opens: {2025: isle}, target: {double: proportion}}\n")
	if g := r.Summary.Forecast.Target.Geography; g != 0 {
		t.Errorf("the island has no way today, and geography gains %v", g)
	}
	if !slices.ContainsFunc(r.Summary.Notes, func(n string) bool { return strings.Contains(n, "2 eligible a year have no way to a center today") }) {
		t.Errorf("notes %q", r.Summary.Notes)
	}
}

func TestAttritionLevers(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"  - attrition: {leave_per_month: 0.105, days: {referral: 11, apheresis: 107, vein_to_vein: 32}, levers: {in-24-hours: {referral: 1}, all: {referral: 1, apheresis: 30, vein_to_vein: 24}}}\n")
	a := r.Summary.Attrition
	// 150 days at 0.105 a month: Sarah Cannon's 40.5 %.
	if math.Abs(float64(a.Lost)-0.405) > 0.002 || a.Levers[1].Name != "in-24-hours" || !(a.Levers[1].Lost < a.Lost && a.Levers[0].Lost < a.Levers[1].Lost) {
		t.Errorf("%+v", a)
	}
	want := float64(r.Summary.Penalty.Observed) * (math.Exp(0.105*10*12/365.25) - 1)
	if got := float64(a.Levers[1].Change); math.Abs(got-want) > 1e-9 {
		t.Errorf("ten days fewer treat %v more, by hand %v", got, want)
	}
	for spec, want := range map[string]string{
		"{days: {a: 1}}":                                            "measures.attrition.leave_per_month: found 0",
		"{leave_per_month: 0.1}":                                    "measures.attrition.days: is missing",
		"{leave_per_month: 0.1, days: {a: -1}}":                     "measures.attrition.days.a: found -1",
		"{leave_per_month: 0.1, days: {a: 1}, levers: {x: {b: 1}}}": "measures.attrition.levers.x.b: found 1; accepted: days of 0 or more for a stage of days: a",
	} {
		if _, err := Parse(strings.NewReader(toySpec+"  - attrition: "+spec+"\n"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

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
	seen := map[string]Interval{}
	for _, i := range s.Uncertainty {
		seen[i.What] = i
	}
	for name, want := range map[string]Num{"served_per_month": s.Capacity.Served, "waiting": s.Capacity.Waiting, "journey_hours": s.Journey.Hours.Mean,
		"treated_in_last_year": s.Forecast.Treated, "median_time_min": s.Travel.TimeMin.Median, "ceiling_hold": s.Penalty.Curves[0].Ceiling} {
		i, ok := seen[name]
		if !ok || math.Abs(float64(i.Value-want)) > 1e-9*math.Abs(float64(want)) || !(i.Low <= i.Value && i.Value <= i.High) {
			t.Errorf("%s: %+v, the study has %v", name, i, want)
		}
	}
	if !(seen["waiting"].Low < seen["waiting"].High) {
		t.Errorf("%+v", seen["waiting"])
	}
}

// Correlated factors are correlated as asked, and each keeps its own spread.
func TestCorrelatedDraws(t *testing.T) {
	u := &UncertaintySpec{Draws: 20_000, Seed: 2, Vary: []string{"effect", "speed", "demand"}, Correlations: []CorrelationSpec{{[]string{"effect", "speed"}, 0.6}, {[]string{"speed", "demand"}, -0.3}}}
	var x, y, z []float64
	for _, d := range u.make(&model{effect: 0.3}, 0) {
		x, y, z = append(x, math.Log(d.effect)), append(y, math.Log(d.speed)), append(z, math.Log(d.rate))
	}
	if a, b, c := correlation(x, y), correlation(y, z), correlation(x, z); math.Abs(a-0.6) > 0.02 || math.Abs(b+0.3) > 0.02 || math.Abs(c) > 0.02 {
		t.Errorf("correlations %v, %v, %v", a, b, c)
	}
	plain := (&UncertaintySpec{Draws: 50, Seed: 2, Vary: []string{"effect"}}).make(&model{effect: 0.3}, 0)
	for i, d := range (&UncertaintySpec{Draws: 50, Seed: 2, Vary: []string{"effect", "decay", "areal"}}).make(&model{effect: 0.3}, 3) {
		if d.effect != plain[i].effect {
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
	metric, here, there, change := words(t, table, "metric"), column(t, table, "value"), column(t, table, "other_units"), column(t, table, "change")
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
			t.Errorf("%s changed by %v in the same units", words(t, same.Layer("areal"), "metric")[i], c)
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
	if r := runSpec(t, w, "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: crow, borders: free}\nmeasures: [travel, {passive: {limit_min: 60}}]\ninequality: [gini]\nuncertainty: {draws: 5, vary: [speed]}\n"); slices.ContainsFunc(r.Summary.Uncertainty, func(i Interval) bool { return i.What == "gini_passive" }) {
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
	if !slices.ContainsFunc(a.Summary.Notes, func(n string) bool { return strings.Contains(n, "cross a border of travel: 80,000 people") }) || math.IsNaN(float64(a.Summary.Areal.MeanTime[1])) {
		t.Errorf("%+v, notes %q", a.Summary.Areal, a.Summary.Notes)
	}
	// Reach is over the denominator that the study names.
	spec := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", germany, 1)
	f := runSpec(t, toy(t), spec+"forecast: {from: 2025, to: 2026, people_growth: 0.1}\n").Summary.Forecast
	if f.Denominator != "fit" || math.Abs(float64(f.Reach)-0.2) > 1e-9 {
		t.Errorf("%+v", f)
	}
}
