package study

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/access/study/measure"
	"careshed/access/study/siting"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// with is a spec with some of its text replaced, pairs of old and new.
func with(t *testing.T, spec string, pairs ...string) string {
	t.Helper()
	for k := 0; k < len(pairs); k += 2 {
		if !strings.Contains(spec, pairs[k]) {
			t.Fatalf("%q is not in the spec", pairs[k])
		}
		spec = strings.Replace(spec, pairs[k], pairs[k+1], 1)
	}
	return spec
}

// Every pitfall fires where a study runs into it, with the people whom it
// concerns, and only there.
func TestPitfalls(t *testing.T) {
	const journey = "  - journey: {jurisdiction: US, date: 2025-01-01, inpatient_days: %s, stages: [{name: infusion, role: infuse, visits: 1}], rates: {per_km: 1, night: 1, meal_day: 1, wage_hour: 0}}\n"
	const noPenalty = "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, where: {tier: [1, 2]}, count: campus}\ntravel: {engine: crow, borders: free}\nmeasures:\n  - travel: {k: 2}\n"
	us := func(t *testing.T) World { // all in the US, half of it far away
		w := toy(t)
		s := w.Layers.(shelf)
		s["towns"] = must(s["towns"].With(text("country", "US", "US", "US", "US", "US")))(t)
		s["centers"] = must(s["centers"].With(text("country", "US", "US", "US", "US")))(t)
		s["cities"] = must(s["cities"].With(text("country", "US", "US", "US")))(t)
		return w
	}
	shapes := func(t *testing.T) World {
		w := toy(t)
		w.Layers.(shelf)["towns"] = must(geo.NewLayer(geo.About{Name: "towns"}, []string{"p"}, []orb.Geometry{box(0, 45.5, 1, 1)}, text("country", "A"), num("population", 1000)))(t)
		return w
	}
	matrix := func(t *testing.T) World {
		towns := must(geo.NewTable(geo.About{Name: "towns"}, []string{"a", "b"}, num("population", 100, 200), num("nocar", 10, 5)))(t)
		centers := must(geo.NewTable(geo.About{Name: "centers"}, []string{"c", "d"}, num("tier", 1, 1)))(t)
		times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", "a", "a", "b"), text("to", "c", "d", "c"), num("min", 10, 14, 20)))(t)
		return World{Layers: shelf{"towns": towns, "centers": centers, "times": times}, Version: "test"}
	}
	const plain = "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: matrix, borders: free, table: times, place: from, site: to, minutes: min}\nmeasures:\n  - travel: {k: 2}\n"
	clinic := func(t *testing.T) World { return clinicWorld(t, 500_000, 1000) }
	plan := toySpec + "siting: {pick: 1, goal: treated}\n"
	given := with(t, toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "demand: {eligible_per_100k: 1.19, reach: 0.2}\npenalty: {effect: 0.5}")
	open := toySpec + "scenarios:\n  x:\n    - open: {id: new, at: [3.5, 46]}\n"
	close := toySpec + "scenarios:\n  x:\n    - close: {id: c2}\n"
	for _, c := range []struct {
		number  int
		fires   string
		in      func(*testing.T) World
		people  float64 // -1: some
		says    string
		silent  string
		without func(*testing.T) World
	}{
		{1, toySpec, nil, 300_000, "on other patients", given, nil},
		{1, with(t, toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "penalty: {}"), nil, 300_000, "live elsewhere", with(t, toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "penalty: {}"), us},
		{2, with(t, toySpec, "borders: same-country}", "borders: free, speed_times: 0.2}"), nil, -1, "shown as: hold, continue, recover", toySpec, nil},
		{3, plan, nil, -1, "only if distance itself", toySpec, nil},
		{4, with(t, toySpec, "reach: 0.2", "reach: 0.2, denominator: referred"), nil, 300_000, "referred", with(t, toySpec, "reach: 0.2", "reach: 0.2, denominator: eligible"), nil},
		{5, with(t, toySpec, "{layer: towns}", "{layer: towns, groups: {svi: quintile}}"), nil, 300_000, "not of the person", toySpec, nil},
		{6, noPenalty, shapes, 1000, "1 place is an area", noPenalty, nil},
		{7, toySpec, nil, -1, "live closer to a center", with(t, toySpec, "same-country", "free"), nil},
		{7, with(t, toySpec, "{tier: [1, 2]}", "{tier: [1, 2], country: A}", "same-country", "free"), nil, 130_000, "live closer to a center", with(t, toySpec, "same-country", "free"), nil},
		{8, noPenalty, nil, 280_000, "estimated from straight-line distance", plain, matrix},
		{8, with(t, noPenalty, "borders: free}", "borders: free, speed: [{kmh: 48}]}"), nil, 280_000, "one speed for every distance", plain, matrix},
		{9, plain, matrix, 100, "within 5 minutes of the nearest", toySpec, nil},
		{10, toySpec, nil, 50_000, "although their region has one", with(t, toySpec, "  - density: {}\n", ""), nil},
		{11, with(t, toySpec, "reach: 0.2}", "reach: 0.3}"), nil, 300_000, "a share of what?", with(t, toySpec, "reach: 0.2}", "reach: 0.3, denominator: eligible}"), nil},
		{12, toySpec, nil, 300_000, "10 eligible a year", given, nil},
		{13, with(t, toySpec, "count: campus", "count: rows"), nil, 200_000, "1 row is at a hospital", toySpec, nil},
		{14, fmt.Sprintf(clinicSpec, "slots: slots, leave_per_month: 0.1"), clinic, 500_000, "asked for more than it has room for", fmt.Sprintf(clinicSpec, "slots: slots, leave_per_month: 0.1"), func(t *testing.T) World { return clinicWorld(t, 1000, 1000) }},
		{14, plan, nil, -1, "every center has free places", toySpec, nil},
		{15, plan, nil, -1, "fewer than 40 patients a year", with(t, plan, "eligible_per_100k: 10", "eligible_per_100k: 10000"), nil},
		{15, open, nil, -1, "(new) would treat fewer than 40 patients a year", close, nil},
		{16, toySpec + fmt.Sprintf(journey, "3"), nil, -1, "3 days in hospital", toySpec + fmt.Sprintf(journey, "15"), nil},
		{17, toySpec + fmt.Sprintf(journey, "15"), nil, 300_000, "live under other rules", toySpec + fmt.Sprintf(journey, "15"), us},
		{18, plan, nil, -1, "any further center shortens trips", plan + "uncertainty: {draws: 3}\n", nil},
		{18, open, nil, -1, "any further center shortens trips", close, nil},
		{19, toySpec, nil, -1, "regions fewer than 5 treated patients a year", toySpec + "privacy: {suppress_below: 5}\n", nil},
		{20, with(t, toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "penalty: {}"), nil, 300_000, "eligible patients per 100,000 people", with(t, toySpec, "  - density: {}\n", ""), nil},
		{21, plan, withFarFifth, -1, "for the fifth of people farthest", plan, nil},
		{22, toySpec + with(t, fmt.Sprintf(journey, "15"), "per_km: 1, ", ""), nil, -1, "missing is not 0", toySpec + fmt.Sprintf(journey, "15"), nil},
		{22, with(t, plain, "{layer: towns}", "{layer: towns, without_car: nocar}"), matrix, 15, "households without a car", plain, matrix},
		{23, toySpec + "forecast: {from: 2025, to: 2030, target: {double: number}}\n", nil, 300_000, "by either reading", toySpec + "forecast: {from: 2025, to: 2030}\n", nil},
	} {
		world := func(make func(*testing.T) World) World {
			if make == nil {
				make = func(t *testing.T) World { return toy(t) }
			}
			return make(t)
		}
		find := func(r *finding.Result) *finding.PitfallSummary {
			for i, p := range r.Summary.Pitfalls {
				if p.Number == c.number && strings.Contains(p.Text, c.says) {
					return &r.Summary.Pitfalls[i]
				}
			}
			return nil
		}
		r := runSpec(t, world(c.in), c.fires)
		p := find(r)
		switch {
		case p == nil:
			t.Errorf("pitfall %d (%s) does not fire: %+v", c.number, c.says, r.Summary.Pitfalls)
			continue
		case c.people >= 0 && math.Abs(float64(p.People)-c.people) > 1e-6 || !(p.People > 0):
			t.Errorf("pitfall %d concerns %v people, want %v: %s", c.number, p.People, c.people, p.Text)
		case !strings.Contains(strings.Join(r.Summary.Notes.Texts(), "\n"), p.Text):
			t.Errorf("pitfall %d is not among the notes", c.number)
		}
		if p := find(runSpec(t, world(c.without), c.silent)); p != nil {
			t.Errorf("pitfall %d fires where it should not: %s", c.number, p.Text)
		}
	}
}

// withFarFifth has a small far town that a candidate of its own would serve, and
// a large near one whose candidate gains more in all.
func withFarFifth(t *testing.T) World {
	w := toy(t)
	s := w.Layers.(shelf)
	s["towns"] = must(geo.NewPoints(geo.About{Name: "towns"}, []string{"big", "far", "home"}, []orb.Point{{1.9, 46}, {3.9, 46}, {0.5, 46}},
		text("country", "A", "A", "A"), num("population", 900_000, 30_000, 100_000)))(t)
	s["cities"] = must(geo.NewPoints(geo.About{Name: "cities"}, []string{"atbig", "atfar"}, []orb.Point{{1.9, 46.01}, {3.9, 46.01}}, text("name", "Big", "Far"), text("country", "A", "A")))(t)
	return w
}

// The list of the pitfalls is that of the code.
func TestPitfallsAreListed(t *testing.T) {
	b, err := os.ReadFile("../../docs/pitfalls.md")
	if err != nil {
		t.Fatal(err)
	}
	var all []finding.Pitfall
	for _, of := range []finding.Misleading{(*measure.Travelled)(nil), (*measure.Penalty)(nil), (*measure.Density)(nil), (*measure.Journeys)(nil), (*measure.Forecast)(nil), (*measure.Counted)(nil), (*siting.Openings)(nil), (*pitfalls)(nil)} {
		all = append(all, of.Pitfalls()...)
	}
	slices.SortFunc(all, func(a, b finding.Pitfall) int { return a.Number - b.Number })
	for i, p := range all {
		if p.Number != i+1 || !strings.Contains(string(b), fmt.Sprintf("| %d | `%s` |", p.Number, p.Key)) {
			t.Errorf("pitfall %d (%s) is not in docs/pitfalls.md", p.Number, p.Key)
		}
	}
	if row := fmt.Sprintf("| %d | `", len(all)+1); strings.Contains(string(b), row) {
		t.Errorf("docs/pitfalls.md has a pitfall that no finding has: %s", row)
	}
}
