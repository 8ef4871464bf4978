package study

import (
	"context"
	"math"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"
)

// A journey goes to the nearest site with each stage's role; a spoke that
// monitors spares the window's trips; missing rates are missing.
func TestJourney(t *testing.T) {
	const journey = `  - journey:
      jurisdiction: US
      date: 2025-07-01
      near_min: 120
      inpatient_days: 10
      caregiver: true
      stages: [{name: consult, role: evaluate, visits: 2}, {name: infusion, role: infuse, visits: 1, window: true}, {name: visits, role: monitor, visits: 10, window: true}]
`
	r := runSpec(t, toy(t), toySpec+journey)
	j := r.Summary.Journey
	if j == nil || j.NearDays != 14 || !strings.Contains(j.Regime, "2025") || !math.IsNaN(float64(j.Cost.Mean)) {
		t.Fatalf("%+v", j)
	}
	p := r.Layer("places")
	// a2 lives 8 km from the spoke c4, which evaluates and monitors, and 77 km
	// from the center that infuses.
	trips, hours, lost := column(t, p, "journey_trips"), column(t, p, "journey_hours"), texts(t, p, "journey_missing")
	if trips[1] != 13 || !(hours[1] > 0) || lost[1] != "rate per km" || lost[4] != "monitor" || !math.IsNaN(trips[4]) {
		t.Errorf("trips %v, hours %v, missing %v", trips, hours, lost)
	}
	// Without the spoke nobody travels less.
	without := runSpec(t, toy(t), strings.Replace(toySpec, "tier: [1, 2]", "name: [One, One annex, Two]", 1)+journey)
	for i, h := range column(t, without.Layer("places"), "journey_hours") {
		if h < hours[i]-1e-12 {
			t.Errorf("place %d: %v hours without the spoke, %v with it", i, h, hours[i])
		}
	}
	// The radius after June 2025 is not verified: it never acts silently.
	silent, err := Parse(strings.NewReader(toySpec+strings.Replace(journey, "      near_min: 120\n", "", 1)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), toy(t), silent, nil); err == nil || !strings.Contains(err.Error(), "measures.journey.near_min: is missing") {
		t.Errorf("without a radius: %v", err)
	}
	// A call in place of a visit travels nowhere, and dated visits are counted.
	calls := runSpec(t, toy(t), toySpec+strings.Replace(journey, "role: monitor, visits: 10, window: true", "role: monitor, telehealth: true, days: [3, 5, 20]", 1))
	if got := column(t, calls.Layer("places"), "journey_trips"); got[1] != 3 {
		t.Errorf("trips with calls %v", got)
	}
	full := runSpec(t, toy(t), toySpec+journey+"      rates: {per_km: 0.5, night: 100, meal_day: 30, wage_hour: 0}\n")
	if c := full.Summary.Journey.Cost.Mean; !(c > 0) {
		t.Errorf("cost %v", c)
	}
	for spec, want := range map[string]string{
		strings.Replace(journey, "jurisdiction: US", "jurisdiction: FR", 1):   "measures.journey.jurisdiction: found \"FR\"; accepted: US, EU",
		strings.Replace(journey, "visits: 10", "visits: 10, days: [1, 2]", 1): "visits has 10 visits and 2 days",
		strings.Replace(journey, "2025-07-01", "July", 1):                     "measures.journey.date: found \"July\"",
		strings.Replace(journey, "role: monitor", "role: watch", 1):           "with role \"watch\"",
		strings.Replace(journey, "      inpatient_days: 10\n", "", 1):         "inpatient_days: is missing",
	} {
		if _, err := Parse(strings.NewReader(toySpec+spec), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Without kilometres there is no cost by the kilometre, and who cannot go through
// the course has no part of it.
func TestAnUnknownWayHasNoCost(t *testing.T) {
	towns := must(geo.NewTable(geo.About{Name: "towns"}, []string{"a", "b"}, num("population", 100, 300)))(t)
	centers := must(geo.NewTable(geo.About{Name: "centers"}, []string{"hub", "spoke"}, text("roles", "infuse", "monitor")))(t)
	times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", "a", "a", "b"), text("to", "hub", "spoke", "spoke"), num("min", 30, 20, 40), num("km", 25, 20, 30)))(t)
	w := World{Layers: shelf{"towns": towns, "centers": centers, "times": times}, Version: "test"}
	run := func(km string) *finding.Result {
		return runSpec(t, w, `version: 1
name: t
places: {layer: towns}
sites: {layer: centers}
travel: {engine: matrix, borders: free, table: times, place: from, site: to, minutes: min`+km+`}
measures:
  - journey: {jurisdiction: EU, date: 2025-01-01, inpatient_days: 5, stages: [{name: infusion, role: infuse, visits: 1}, {name: visits, role: monitor, visits: 3}], rates: {per_km: 1, night: 1, meal_day: 1, wage_hour: 1}}
`)
	}
	with, without := run(", kilometres: km").Layer("places"), run("").Layer("places")
	// a: one return trip to the hub and three to the spoke: 2·(25 + 3·20) km.
	if km, cost := column(t, with, "journey_km"), column(t, with, "journey_cost"); km[0] != 170 || math.IsNaN(cost[0]) {
		t.Errorf("%v km, cost %v", km, cost)
	}
	if km, cost, why := column(t, without, "journey_km"), column(t, without, "journey_cost"), texts(t, without, "journey_missing"); !math.IsNaN(km[0]) || !math.IsNaN(cost[0]) || why[0] != "kilometres of the way" {
		t.Errorf("%v km, cost %v, missing %v", km, cost, why)
	}
	for _, c := range []string{"journey_trips", "journey_nights", "journey_caregiver_nights", "journey_hours"} {
		if v := column(t, with, c); !math.IsNaN(v[1]) {
			t.Errorf("b has no way to a center that infuses, and %s is %v", c, v[1])
		}
	}
	if why := texts(t, with, "journey_missing"); why[1] != "infusion" {
		t.Errorf("missing %q", why)
	}
	// a has a way to a center: visits without days and a cost without kilometres are why two headlines have no value.
	for _, m := range run("").Summary.NoValue {
		if lost := m.Lost(); lost && strings.HasPrefix(m.Field, "journey.") || strings.HasSuffix(m.Field, "contact_days") && !strings.Contains(m.Why, "without days") {
			t.Errorf("%+v", m)
		}
	}
}
