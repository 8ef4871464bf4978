package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// clinicWorld has two towns and two centers on a line, a spoke between them.
func clinicWorld(t testing.TB, west, east float64) World {
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"w", "e"}, []orb.Point{{0, 46}, {2, 46}}, num("population", west, east)))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, []string{"cw", "ce", "spoke"}, []orb.Point{{0, 46}, {2, 46}, {0.4, 46}},
		text("roles", "infuse", "infuse", "apheresis,lymphodepletion"), num("slots", 2, 3, 0), num("cells", 1, 5, 4), num("beds", 2, 2, 0), num("list", 12, 0, 0)))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers}, Version: "test", Land: func(orb.Point) int { return 0 }}
}

const clinicSpec = `version: 1
name: clinic
places: {layer: towns}
sites: {layer: centers, count: rows}
travel: {engine: crow, borders: free}
demand: {eligible_per_100k: 100, reach: 0.2, denominator: eligible}
measures:
  - travel: {}
  - capacity: {%s}
`

// 24 treated a year are expected of 120,000 people, 2 a month; by hand with the
// queue that the access package tests against Erlang's formulas.
func TestCapacityByHand(t *testing.T) {
	r := runSpec(t, clinicWorld(t, 120_000, 0), fmt.Sprintf(clinicSpec, "slots: slots, leave_per_month: 0.1, waiting: list, months: 6"))
	s := r.Summary.Capacity
	want, err := access.Queue{Arrivals: 2, Servers: 2, Rate: 1, Abandon: 0.1}.Run()
	if err != nil || math.Abs(float64(s.Arrivals)-2) > 1e-9 || math.Abs(float64(s.Served)-want.Served) > 1e-9 || math.Abs(float64(s.Lost)-want.Lost) > 1e-9 || s.Capacity != 5 {
		t.Fatalf("%+v, by hand %+v (%v)", s, want, err)
	}
	c := r.Layer("capacity")
	later, _ := access.Queue{Arrivals: 2, Servers: 2, Rate: 1, Abandon: 0.1}.Over(6, 12)
	if got := column(t, c, "waiting_later")[0]; math.Abs(got-later.Waiting) > 1e-9 {
		t.Errorf("after six months %v wait, by hand %v", got, later.Waiting)
	}
	if got := column(t, r.Layer("places"), "served_share")[0]; math.Abs(got-want.Reached) > 1e-9 {
		t.Errorf("%v are served, by hand %v", got, want.Reached)
	}
	// A full center without anybody who leaves has no long run, and that is said.
	spec, err := Parse(strings.NewReader(fmt.Sprintf(clinicSpec, "slots: slots")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), clinicWorld(t, 120_000, 0), spec, nil); err == nil || !strings.Contains(err.Error(), "measures.capacity: cw: 2 arrivals for a capacity of 2 grow without end") {
		t.Errorf("%v", err)
	}
	// The scarcest limit binds: cw collects 1 and the spoke's 4 help it, so that its
	// beds bind: 2 beds of 20 days are 3 a month; ce's as well.
	r = runSpec(t, clinicWorld(t, 120_000, 60_000), fmt.Sprintf(clinicSpec, "apheresis: cells, beds: beds, days_in_bed: 20, leave_per_month: 0.1"))
	if got := column(t, r.Layer("capacity"), "capacity"); got[0] != 3 || got[1] != 3 {
		t.Errorf("capacities %v", got)
	}
	// Six of twenty days saved elsewhere are 20/14 of the beds (Toulouse); the
	// town lives at cw itself, so no spoke is nearer and nothing is saved.
	r = runSpec(t, clinicWorld(t, 120_000, 60_000), fmt.Sprintf(clinicSpec, "beds: beds, days_in_bed: 20, days_saved: 6, leave_per_month: 0.1"))
	if got := column(t, r.Layer("capacity"), "capacity"); got[0] != 3 || got[1] != 3 {
		t.Errorf("capacities %v", got)
	}
}

// What arrives is treated, lost or deterred; a spoke's slots never lengthen the
// list; being sent on never serves fewer than waiting at a full center does.
func TestCapacityLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 40 {
		w := clinicWorld(t, 20_000+float64(r.IntN(400_000)), 20_000+float64(r.IntN(400_000)))
		for _, choices := range []int{1, 2} {
			res := runSpec(t, w, fmt.Sprintf(clinicSpec, fmt.Sprintf("slots: slots, leave_per_month: 0.1, choices: %d", choices)))
			s := res.Summary.Capacity
			if in, out := float64(s.Arrivals), float64(s.Served+s.Lost+s.Deterred); math.Abs(in-out) > 1e-9*in {
				t.Fatalf("%v arrive, %v are accounted for: %+v", in, out, s)
			}
			var treated float64
			l, e := column(t, res.Layer("places"), "served_share"), column(t, res.Layer("places"), "treated_hold")
			for i := range l {
				treated += l[i] * e[i] / 12
			}
			if math.Abs(treated-float64(s.Served)) > 1e-9*treated {
				t.Fatalf("places have %v treated, centers %v", treated, s.Served)
			}
		}
		with := runSpec(t, w, fmt.Sprintf(clinicSpec, "apheresis: cells, leave_per_month: 0.1")).Summary.Capacity
		c := w.Layers.(shelf)["centers"]
		w.Layers.(shelf)["centers"] = c.Pick([]int{0, 1})
		without := runSpec(t, w, fmt.Sprintf(clinicSpec, "apheresis: cells, leave_per_month: 0.1")).Summary.Capacity
		if with.Waiting > without.Waiting+1e-9 || with.Served < without.Served-1e-9 {
			t.Fatalf("with the spoke %+v, without %+v", with, without)
		}
	}
}

func TestCapacityErrors(t *testing.T) {
	for spec, want := range map[string]string{
		"leave_per_month: 0.1":                      "measures.capacity: needs slots, or limits",
		"slots: slots, beds: beds, days_in_bed: 20": "needs slots, or limits",
		"beds: beds":                              "measures.capacity.days_in_bed: belongs to beds",
		"slots: slots, leave_per_month: -1":       "measures.capacity.leave_per_month: is below 0",
		"slots: slots, referred_per_treated: 0.5": "measures.capacity.referred_per_treated: found 0.5; accepted: 1 or more",
		"slots: slotz, leave_per_month: 0.1":      `measures.capacity: layer centers has no field "slotz"`,
	} {
		s, err := Parse(strings.NewReader(fmt.Sprintf(clinicSpec, spec)), nil)
		if err == nil {
			_, err = Run(context.Background(), clinicWorld(t, 1000, 1000), s, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// Who chose one door of a campus is sent on to another campus, never to the next door:
// as many are treated, lost and deterred as where the campus is one row of the same
// room, and draws as strongly.
func TestCapacityByChoiceAsksACampusOnce(t *testing.T) {
	spec := strings.Replace(clinicSpec, "count: rows", "count: campus", 1)
	run := func(doors int, slots, pull float64) *finding.CapacitySummary {
		w := clinicWorld(t, 120_000, 60_000)
		ids, at := []string{"ce"}, []orb.Point{{2, 46}}
		room, pulls := []float64{3}, []float64{1}
		for d := range doors {
			ids, at = append(ids, fmt.Sprint("door", d)), append(at, orb.Point{0, 46})
			room, pulls = append(room, slots), append(pulls, pull)
		}
		w.Layers.(shelf)["centers"] = must(geo.NewPoints(geo.About{Name: "centers"}, ids, at, num("slots", room...), num("pull", pulls...)))(t)
		return runSpec(t, w, fmt.Sprintf(spec, "slots: slots, leave_per_month: 0.1, choices: 2, send_on_above: 0.9, allocation: choice")+
			"  - choice: {coefficients: {minutes: -0.02, log_pull: 1}}\n").Summary.Capacity
	}
	one, two := run(1, 1, 2), run(2, 0.5, 1)
	for what, v := range map[string][2]Num{"arrive": {one.Arrivals, two.Arrivals}, "are treated": {one.Served, two.Served}, "are lost": {one.Lost, two.Lost},
		"are sent on": {one.SentOn, two.SentOn}, "are deterred": {one.Deterred, two.Deterred}} {
		if math.Abs(float64(v[0]-v[1])) > 1e-9 || !(v[0] > 0) {
			t.Errorf("%s: %v where the campus is one row, %v where it is two", what, v[0], v[1])
		}
	}
}

// Those who choose ask where they choose: as many as are expected to be treated there;
// what arrives is treated, lost or deterred; and with a steep choice they ask at the
// nearest.
func TestCapacityByChoice(t *testing.T) {
	w := clinicWorld(t, 120_000, 60_000)
	run := func(beta, more string) (*Result, []float64) {
		r := runSpec(t, w, fmt.Sprintf(clinicSpec, "slots: slots, leave_per_month: 0.1, referred_per_treated: 1.5"+more)+
			"  - choice: {coefficients: {minutes: "+beta+"}}\nuncertainty: {draws: 10, seed: 1}\n")
		return r, column(t, r.Layer("capacity"), "arrivals")
	}
	for _, more := range []string{"", ", choices: 2, send_on_above: 0.4"} {
		r, asked := run("-0.004", ", allocation: choice"+more)
		treated := column(t, r.Layer("sites"), "treated_by_choice_hold")
		for j, n := range asked {
			if want := treated[j] * 1.5 / 12; math.Abs(n-want) > 1e-12 || !(n > 0) {
				t.Errorf("%s: %v ask at center %d, expected %v", more, n, j, want)
			}
		}
		s := r.Summary.Capacity
		if math.Abs(float64(s.Arrivals-s.Served-s.Lost-s.Deterred)) > 1e-9 {
			t.Errorf("%s: %+v", more, s)
		}
		for _, share := range column(t, r.Layer("places"), "served_share") {
			if !(share > 0 && share <= 1) {
				t.Errorf("%s: a share of %v is served", more, share)
			}
		}
		found := false
		for _, u := range r.Summary.Uncertainty {
			found = found || u.What == "served_per_month" && u.Low < u.High && u.Value == s.Served
		}
		if !found {
			t.Errorf("%s: draws have no patients served", more)
		}
		_, want := run("-5", more)
		_, steep := run("-5", ", allocation: choice"+more)
		for j := range want {
			if math.Abs(steep[j]-want[j]) > 1e-9 {
				t.Errorf("%s: by a steep choice %v ask at center %d, at the nearest %v", more, steep[j], j, want[j])
			}
		}
	}
	for spec, want := range map[string]string{
		fmt.Sprintf(clinicSpec, "slots: slots, allocation: choice"):                                                                               "a measure choice",
		fmt.Sprintf(clinicSpec, "slots: slots, allocation: huff") + "  - choice: {coefficients: {minutes: -1}}\n":                                 "nearest, choice",
		fmt.Sprintf(clinicSpec, "slots: slots, allocation: choice") + "  - choice: {coefficients: {minutes: -1}}\nprivacy: {suppress_below: 5}\n": "no privacy",
	} {
		if _, err := Parse(strings.NewReader(spec), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
