package study

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// changed is what closing centers and opening candidates changes of the treated,
// as a scenario.
func changed(t *testing.T, w World, shut, open []string) float64 {
	t.Helper()
	if len(shut)+len(open) == 0 {
		return 0
	}
	spec := sitingSpec + "scenarios:\n  x:\n"
	for _, id := range shut {
		spec += "    - close: {id: " + id + "}\n"
	}
	for _, id := range open {
		row, _ := w.Layers.(shelf)["cities"].Find(id)
		p := w.Layers.(shelf)["cities"].Point(row)
		spec += fmt.Sprintf("    - open: {id: %s, at: [%v, %v]}\n", id, p[0], p[1])
	}
	return float64(runSpec(t, w, spec).Summary.Scenarios[0].Treated[0].Change)
}

// Closing centers, and what mends it, against scenarios that close and open.
func TestStressAgainstScenarios(t *testing.T) {
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }
	for seed := range uint64(3) {
		w := sitingWorld(t, seed)
		ids := []string{"c1", "c2", "c3", "c4"}
		w.Layers.(shelf)["centers"] = must(geo.NewPoints(geo.About{Name: "centers"}, ids, []orb.Point{{1, 45}, {5, 45}, {3, 47}, {3.3, 44.5}}, num("tier", 1, 1, 1, 1)))(t)
		r := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: treated, exact: true, hub: {within_min: 400}, stress: {worst: 3, plans: 4}}\n")
		plan := []string{r.Summary.Siting.Plan[0].ID, r.Summary.Siting.Plan[1].ID}

		// The worst sets of each size, among all of that size.
		v := r.Layer("worst_closures")
		for k, loss := range column(t, v, "loss") {
			most := 0.0
			for set := range 1 << len(ids) {
				var shut []string
				for j, id := range ids {
					if set>>j&1 == 1 {
						shut = append(shut, id)
					}
				}
				if len(shut) == k+1 {
					most = max(most, -changed(t, w, shut, nil))
				}
			}
			if named := strings.Fields(texts(t, v, "sites")[k]); !near(loss, most) || !near(loss, -changed(t, w, named, nil)) || texts(t, v, "proof")[k] != "proven" {
				t.Errorf("closing %v loses %v, the worst %d lose %v", named, loss, k+1, most)
			}
		}
		if v.Len() != 3 {
			t.Errorf("%d sizes", v.Len())
		}

		// The best repair, among all candidates.
		c := r.Layer("closures")
		for i, gain := range column(t, c, "repair_gain") {
			shut := []string{c.ID(i)}
			before, most := changed(t, w, shut, nil), 0.0
			for j := range 7 {
				most = max(most, changed(t, w, shut, []string{fmt.Sprint("n", j)})-before)
			}
			id := texts(t, c, "repair_id")[i]
			if !near(gain, most) || !near(gain, changed(t, w, shut, []string{id})-before) {
				t.Errorf("without %s, %s gains %v, the best %v", c.ID(i), id, gain, most)
			}
		}

		// The plan without a center, among all pairs.
		l := r.Layer("plans_without")
		if l.Len() != 4 {
			t.Fatalf("%d plans without a center", l.Len())
		}
		for i, gain := range column(t, l, "gain") {
			shut := []string{l.ID(i)}
			before, most := changed(t, w, shut, nil), 0.0
			for a := range 7 {
				for b := range a {
					most = max(most, changed(t, w, shut, []string{fmt.Sprint("n", a), fmt.Sprint("n", b)})-before)
				}
			}
			opens := strings.Fields(texts(t, l, "opens")[i])
			kept := 0
			for _, id := range opens {
				if slices.Contains(plan, id) {
					kept++
				}
			}
			if !near(gain, changed(t, w, shut, opens)-before) || gain < most*(1-1e-3) || gain > most*(1+1e-9) || float64(kept) != column(t, l, "kept")[i] {
				t.Errorf("without %s, %v gain %v, the best %v (kept %v)", l.ID(i), opens, gain, most, column(t, l, "kept")[i])
			}
		}
	}
}

// Several goals at once: the plan is the best of all pairs by what was asked for.
func TestSeveralGoalsAgainstEnumeration(t *testing.T) {
	differ := 0
	for seed := range uint64(6) {
		w := sitingWorld(t, seed)
		var pairs [][]string
		for a := range 7 {
			pairs = append(pairs, []string{fmt.Sprint("n", a)})
			for b := range a {
				pairs = append(pairs, []string{fmt.Sprint("n", a), fmt.Sprint("n", b)})
			}
		}
		gains := func(goal string) (out []float64, best float64) {
			for _, p := range pairs {
				out = append(out, worthOf(t, w, goal, p))
				best = max(best, out[len(out)-1])
			}
			return out, best
		}
		covered, mostCovered := gains("covered")
		mean, mostMean := gains("mean_time")
		kolm, mostKolm := gains("kolm_pollak")

		at := func(s *finding.Result) int {
			var open []string
			for _, p := range s.Summary.Siting.Plan {
				open = append(open, p.ID)
			}
			return slices.IndexFunc(pairs, func(p []string) bool { return sameWords(p, open) })
		}
		r := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: covered, within_min: 60, exact: true, then: {goal: mean_time, give: 0.2}}\n")
		want := 0.0
		for k := range pairs {
			if covered[k] >= mostCovered*(1-0.2)-1e-6 {
				want = max(want, mean[k])
			}
		}
		k := at(r)
		if mean[k] < want-1e-6*want || covered[k] < mostCovered*0.8-1e-6 {
			t.Errorf("seed %d: %v covers %v of %v and gains %v minutes; %v could be had", seed, pairs[k], covered[k], mostCovered, mean[k], want)
		}
		if covered[k] < mostCovered-1e-9 { // something was given up
			differ++
		}
		g := r.Layer("goals")
		for row, c := range []struct{ gain, best float64 }{{covered[k], mostCovered}, {mean[k], mostMean}} {
			if got := column(t, g, "gain")[row]; math.Abs(got-c.gain) > 1e-6*c.gain {
				t.Errorf("seed %d, goal %d: gains %v, opening the sites gains %v", seed, row, got, c.gain)
			}
			if got := column(t, g, "best_possible")[row]; math.Abs(got-c.best) > 1e-6*c.best {
				t.Errorf("seed %d, goal %d: %v is possible at most, want %v", seed, row, got, c.best)
			}
		}
		if m := r.Summary.Siting.Method; !strings.Contains(m, "several goals; no plan is better") || r.Summary.Siting.Proven {
			t.Errorf("method: %s", m)
		}

		r = runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: covered, within_min: 60, exact: true, also: [{goal: mean_time, weight: 0.7}, {goal: kolm_pollak, weight: 2}]}\n")
		sum := func(k int) float64 {
			return covered[k]/mostCovered + 0.7*mean[k]/mostMean + 2*kolm[k]/mostKolm
		}
		want = 0
		for k := range pairs {
			want = max(want, sum(k))
		}
		if k := at(r); sum(k) < want-1e-6 {
			t.Errorf("seed %d: %v is worth %v, the best %v", seed, pairs[k], sum(k), want)
		}
	}
	if differ == 0 {
		t.Error("in no case do the goals differ")
	}
}

func sameWords(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestSeveralGoalsRefuse(t *testing.T) {
	for siting, says := range map[string]string{
		"{pick: 1, goal: covered, then: {goal: coverd}}":                     `siting.then.goal: found "coverd"`,
		"{pick: 1, goal: worst_time, then: {goal: covered}}":                 `siting.then.goal: found "covered" beside "worst_time"`,
		"{pick: 1, goal: treated, also: [{goal: treated, weight: 1}]}":       "siting.also[0].goal: stands twice",
		"{pick: 1, goal: treated, also: [{goal: covered}]}":                  "siting.also[0].weight: found 0",
		"{pick: 1, goal: treated, then: {goal: covered, give: 1}}":           "siting.then.give",
		"{pick: 1, goal: treated, then: {goal: covered, aversion: 1}}":       "siting.then: a number does not fit",
		"{pick: 1, goal: treated, method: greedy, then: {goal: covered}}":    "siting.method",
		"{pick: 1, goal: gini, stress: {worst: 2}}":                          "siting.stress",
		"{pick: 1, goal: treated, stress: {worst: 9}}":                       "siting.stress.worst: found 9",
		"{pick: 1, goal: treated, capacity: price, then: {goal: mean_time}}": "siting.then: several goals",
	} {
		_, err := Parse(strings.NewReader(sitingSpec+"siting: "+siting+"\n"), nil)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: wanted %q, got %v", siting, says, err)
		}
	}
}
