package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
)

// chosenGain is what opening candidates changes for people who choose, by a scenario
// that opens them: another way through the program than that of siting.
func chosenGain(t *testing.T, w World, spec, metric string, open []string) float64 {
	t.Helper()
	cities := w.Layers.(shelf)["cities"]
	var opens []string
	for _, id := range open {
		i, _ := cities.Find(id)
		opens = append(opens, fmt.Sprintf("{open: {id: %s, at: [%v, %v]}}", id, cities.Point(i)[0], cities.Point(i)[1]))
	}
	r := runSpec(t, w, spec+"scenarios:\n  x: ["+strings.Join(opens, ", ")+"]\n")
	l := r.Layer("compare")
	names, change := must(l.Texts("metric"))(t), column(t, l, "change")
	k := slices.Index(names, metric)
	if k < 0 {
		t.Fatalf("scenarios are not compared by %s: %v", metric, names)
	}
	return change[k]
}

func planOf(r *finding.Result) (open []string, gain float64, proven bool) {
	for _, s := range r.Summary.Siting.Plan {
		open = append(open, s.ID)
	}
	return open, float64(r.Summary.Siting.Gain), r.Summary.Siting.Proven
}

// The plan for people who choose gains what a scenario that opens its sites changes by
// choice, and no other set of so many gains more.
func TestSitingByChoiceAgainstScenarios(t *testing.T) {
	for seed := range uint64(4) {
		w := sitingWorld(t, seed)
		for _, beta := range []string{"minutes: -0.03", "log_minutes: -2", "minutes: -0.01, region_border: -1"} {
			spec := sitingSpec + fmt.Sprintf("  - choice: {coefficients: {%s}}\n", beta)
			for goal, metric := range map[string]struct {
				name string
				sign float64
			}{"treated": {"treated_by_choice_hold", 1}, "mean_time": {"mean_time_min_by_choice", -1}} {
				open, gain, proven := planOf(runSpec(t, w, spec+fmt.Sprintf("siting: {pick: 2, goal: %s, allocation: choice}\n", goal)))
				if !proven {
					t.Errorf("28 sets of candidates, and the plan is not proven")
				}
				if len(open) > 0 {
					if want := metric.sign * chosenGain(t, w, spec, metric.name, open); math.Abs(gain-want) > 1e-9*(1+math.Abs(want)) {
						t.Errorf("seed %d, %s, %s: %v gain %v, a scenario has %v", seed, beta, goal, open, gain, want)
					}
				}
				if seed > 0 {
					continue
				}
				for a := range 7 {
					for b := range a {
						if other := metric.sign * chosenGain(t, w, spec, metric.name, []string{fmt.Sprint("n", a), fmt.Sprint("n", b)}); other > gain+1e-9 {
							t.Errorf("%s, %s: n%d and n%d gain %v, the plan %v gains %v", beta, goal, a, b, other, open, gain)
						}
					}
				}
			}
		}
	}
}

// With the steepest choice people go to the nearest: the plan is that of the nearest.
func TestSitingBySteepestChoiceIsTheNearest(t *testing.T) {
	for seed := range uint64(6) {
		w := sitingWorld(t, seed)
		spec := sitingSpec + "  - choice: {coefficients: {minutes: -1.9}}\n"
		for _, goal := range []string{"treated", "covered", "mean_time", "kolm_pollak", "fgt"} {
			near := runSpec(t, w, spec+fmt.Sprintf("siting: {pick: 2, goal: %s}\n", goal))
			_, want, _ := planOf(near)
			open, gain, _ := planOf(runSpec(t, w, spec+fmt.Sprintf("siting: {pick: 2, goal: %s, allocation: choice}\n", goal)))
			if math.Abs(gain-want) > 0.02*(1+math.Abs(want)) {
				t.Errorf("seed %d, %s: %v gain %v, by the nearest %v", seed, goal, open, gain, want)
			}
			u := near.Summary.Siting.Under
			if last := u[len(u)-1]; !strings.Contains(last.Assumption, "measure choice") || math.Abs(float64(last.Gain)-want) > 0.02*(1+math.Abs(want)) {
				t.Errorf("seed %d, %s: the plan gains %v, %+v", seed, goal, want, u)
			}
		}
	}
}

// Rules hold, draws have the plan's gain, and what rests on the nearest is refused.
func TestSitingByChoiceKeepsRules(t *testing.T) {
	w := sitingWorld(t, 2)
	spec := sitingSpec + "  - choice: {coefficients: {log_minutes: -2}}\n"
	r := runSpec(t, w, spec+"siting: {pick: 3, goal: treated, allocation: choice, forced: [n3], never: [n1], at_most_per_region: 2}\nuncertainty: {draws: 20, seed: 4}\n")
	open, gain, _ := planOf(r)
	if !slices.Contains(open, "n3") || slices.Contains(open, "n1") {
		t.Errorf("the plan is %v", open)
	}
	found := false
	for _, u := range r.Summary.Uncertainty {
		if u.What == "plan_gain" {
			found = true
			if !(u.Low <= finding.Num(gain) && finding.Num(gain) <= u.High) || math.Abs(float64(u.Value)-gain) > 1e-9 {
				t.Errorf("the plan gains %v, over the draws %+v", gain, u)
			}
		}
	}
	if !found {
		t.Error("draws have no plan_gain")
	}
	if v := column(t, r.Layer("plan"), "volume"); !(v[0] > 0) {
		t.Errorf("volumes %v", v)
	}
	for more, field := range map[string]string{
		"allocation: huff":                                         "siting.allocation",
		"allocation: choice, close: 1":                             "siting.allocation",
		"allocation: choice, method: greedy":                       "siting.allocation",
		"allocation: choice, also: [{goal: mean_time, weight: 1}]": "siting.allocation",
	} {
		_, err := Parse(strings.NewReader(spec+"siting: {pick: 1, goal: treated, "+more+"}\n"), nil)
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", more, err)
		}
	}
	_, err := Run(t.Context(), w, must(Parse(strings.NewReader(strings.Replace(spec, "log_minutes: -2", "minutes: -400", 1)+
		"siting: {pick: 1, goal: treated, allocation: choice}\n"), nil))(t), nil)
	if err == nil || !strings.Contains(err.Error(), "so steeply") {
		t.Errorf("a choice without measure: %v", err)
	}
	if _, err := Parse(strings.NewReader(sitingSpec+"siting: {pick: 1, goal: treated, allocation: choice}\n"), nil); err == nil || !strings.Contains(err.Error(), "measure choice") {
		t.Errorf("without a choice: %v", err)
	}
}

// A choice that is too steep to be a number in slow draws has no gain in these, and the
// study stands; beside a plan for the nearest a note says that nothing can be told.
func TestSitingByTooSteepAChoice(t *testing.T) {
	w := sitingWorld(t, 2)
	gains := func(beta, siting string) (plan finding.Interval, notes []string) {
		r := runSpec(t, w, sitingSpec+"  - choice: {coefficients: {minutes: "+beta+"}}\nsiting: {pick: 1, goal: mean_time"+siting+"}\n"+
			"uncertainty: {draws: 60, seed: 4, vary: [speed]}\n")
		for _, u := range r.Summary.Uncertainty {
			if u.What == "plan_gain" {
				plan = u
			}
		}
		return plan, r.Summary.Notes.Texts()
	}
	if u, _ := gains("-2.5", ", allocation: choice"); u.Draws == 0 || u.Draws == 60 || !(u.Low <= u.Value && u.Value <= u.High) {
		t.Errorf("slow draws should have no gain, and fast ones one: %+v", u)
	}
	u, notes := gains("-400", "")
	if u.Draws != 60 || !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "so steeply") }) {
		t.Errorf("beside a plan for the nearest: %+v, %q", u, notes)
	}
}
