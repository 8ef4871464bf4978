package study

import (
	"context"
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
		{"demand:\n", "demand:\n  eligible_per_100k: 1\n"}: "eligible, eligible_per_100k, funnel and indications exclude each other",
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
	year, treated, scenario := column(t, table, "year"), column(t, table, "treated"), texts(t, table, "scenario")
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
	if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool {
		return strings.Contains(n, "2 eligible patients a year have no way to a center today")
	}) {
		t.Errorf("notes %q", r.Summary.Notes.Texts())
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
