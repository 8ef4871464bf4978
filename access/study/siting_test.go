package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// sitingWorld has towns at random around two centers, and seven candidates, some
// of them in a region of their own.
func sitingWorld(t testing.TB, seed uint64) World {
	r := rand.New(rand.NewPCG(seed, 3))
	var at, where []orb.Point
	var people, poor, price []float64
	var ids, cands, kind []string
	for i := range 40 {
		at = append(at, orb.Point{r.Float64() * 6, 44 + r.Float64()*4})
		people, poor = append(people, float64(1000+r.IntN(90_000))), append(poor, r.Float64())
		ids, kind = append(ids, fmt.Sprint("t", i)), append(kind, []string{"x", "y"}[r.IntN(2)])
	}
	for j := range 7 {
		where = append(where, orb.Point{r.Float64() * 6, 44 + r.Float64()*4})
		cands, price = append(cands, fmt.Sprint("n", j)), append(price, float64(1+r.IntN(5)))
	}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...), num("svi", poor...), text("payer", kind...)))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, []string{"c1", "c2"}, []orb.Point{{1, 45}, {5, 45}}, num("tier", 1, 1)))(t)
	cities := must(geo.NewPoints(geo.About{Name: "cities"}, cands, where, num("price", price...)))(t)
	lands := must(geo.NewLayer(geo.About{Name: "lands"}, []string{"W", "E"}, []orb.Geometry{box(-1, 43, 4, 6), box(3, 43, 4, 6)}))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers, "cities": cities, "lands": lands}, Version: "test", Land: func(orb.Point) int { return 0 }}
}

const sitingSpec = `version: 1
name: s
places: {layer: towns, groups: {payer: values}}
regions: {layer: lands}
sites: {layer: centers}
candidates: {layer: cities}
travel: {engine: crow, borders: free}
demand: {eligible_per_100k: 100, reach: 0.2, denominator: eligible}
penalty: {beyond: [hold]}
measures:
  - travel: {bands_min: [60]}
  - journey: {jurisdiction: EU, date: 2025-01-01, inpatient_days: 10, stages: [{name: infusion, role: infuse, visits: 2}, {name: visits, role: monitor, visits: 8}]}
`

// worthOf is what a set of candidates gains under a goal, from a scenario that
// opens them: another way through the program than the solver's.
func worthOf(t *testing.T, w World, goal string, open []string) float64 {
	t.Helper()
	if len(open) == 0 {
		return 0
	}
	spec := sitingSpec + "scenarios:\n  x:\n"
	cities := w.Layers.(shelf)["cities"]
	for _, id := range open {
		row, ok := cities.Find(id)
		if !ok {
			t.Fatalf("no candidate %s", id)
		}
		p := cities.Point(row)
		spec += fmt.Sprintf("    - open: {id: %s, at: [%v, %v]}\n", id, p[0], p[1])
	}
	r := runSpec(t, w, spec)
	l := r.Layer("places")
	people, before, after := column(t, l, "population"), column(t, l, "time_min"), column(t, l, "time_min_x")
	var sum, total float64
	for _, p := range people {
		total += p
	}
	for i, p := range people {
		a, b := before[i], after[i]
		switch goal {
		case "covered":
			sum += p * float64(ground.Bit(b <= 60)-ground.Bit(a <= 60))
		case "mean_time":
			sum += p * (a - b) / total
		case "kolm_pollak":
			sum += p * (math.Exp(0.01*(a-60)) - math.Exp(0.01*(b-60)))
		case "fgt":
			over := func(m float64) float64 { return math.Pow(math.Max(0, m-60)/60, 2) }
			sum += p * (over(a) - over(b))
		case "burden":
			sum += p * 20 * (a - b) / 60 / total // ten visits there and back
		}
	}
	if goal == "treated" {
		return float64(r.Summary.Scenarios[0].Treated[0].Change)
	}
	return sum
}

// Whatever the goal, the plan gains what opening its sites gains, and no set of
// candidates gains more.
func TestPlansAgainstEnumeration(t *testing.T) {
	for seed := range uint64(3) {
		w := sitingWorld(t, seed)
		for _, goal := range []string{"treated", "covered", "mean_time", "kolm_pollak", "fgt", "burden"} {
			within := ""
			if goal == "covered" || goal == "fgt" {
				within = ", within_min: 60"
			}
			r := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: "+goal+within+", exact: true}\n")
			s := r.Summary.Siting
			var open []string
			for _, p := range s.Plan {
				open = append(open, p.ID)
			}
			if got := worthOf(t, w, goal, open); math.Abs(got-float64(s.Gain)) > 1e-6*math.Abs(got) {
				t.Errorf("%s: the plan %v claims %v, opening it gains %v", goal, open, s.Gain, got)
			}
			best := 0.0
			for a := range 7 {
				for b := range a {
					best = max(best, worthOf(t, w, goal, []string{fmt.Sprint("n", a), fmt.Sprint("n", b)}))
				}
			}
			if math.Abs(best-float64(s.Gain)) > 1e-6*best || !s.Proven || s.Gap != 0 || float64(s.Bound) < best*(1-1e-6) {
				t.Errorf("%s: the plan gains %v (bound %v, proven %v), the best %v", goal, s.Gain, s.Bound, s.Proven, best)
			}
			// Each step's total is that of its prefix, and no prefix beats its bound.
			p := r.Layer("plan")
			sum, most := column(t, p, "gain_total"), column(t, p, "best_total")
			if got := worthOf(t, w, goal, open[:1]); math.Abs(got-sum[0]) > 1e-6*got || most[0] < sum[0]*(1-1e-9) {
				t.Errorf("%s: the first step gains %v of at most %v, opening it %v", goal, sum[0], most[0], got)
			}
		}
	}
}

// The farthest and the fewest, against enumeration.
func TestWorstTimeAndAllCovered(t *testing.T) {
	for seed := range uint64(3) {
		w := sitingWorld(t, seed)
		longest := func(open ...string) float64 {
			spec := sitingSpec + "scenarios:\n  x:\n"
			for _, id := range open {
				row, _ := w.Layers.(shelf)["cities"].Find(id)
				p := w.Layers.(shelf)["cities"].Point(row)
				spec += fmt.Sprintf("    - open: {id: %s, at: [%v, %v]}\n", id, p[0], p[1])
			}
			return slices.Max(column(t, runSpec(t, w, spec).Layer("places"), "time_min_x"))
		}
		best, all := math.Inf(1), []string{"n0", "n1", "n2", "n3", "n4", "n5", "n6"}
		for a := range 7 {
			for b := range a {
				best = min(best, longest(all[a], all[b]))
			}
		}
		s := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: worst_time, exact: true}\n").Summary.Siting
		if math.Abs(float64(s.Value)-best) > 1e-9*best || !s.Proven || math.Abs(float64(s.Bound)-best) > 1e-9*best {
			t.Errorf("the longest way is %v (%v, proven %v), by enumeration %v", s.Value, s.Bound, s.Proven, best)
		}
		// With that as the limit, two are enough; a hair less and they are not.
		c := runSpec(t, w, sitingSpec+fmt.Sprintf("siting: {goal: all_covered, within_min: %v, exact: true}\n", best+1e-6)).Summary.Siting
		if c.Value > 2 || !c.Proven {
			t.Errorf("%v sites for everybody within %v", c.Value, best)
		}
		spec, err := Parse(strings.NewReader(sitingSpec+"siting: {goal: all_covered, within_min: 1}\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), w, spec, nil); err == nil || !strings.Contains(err.Error(), "and the limit is 1; a limit of ") || !strings.Contains(err.Error(), "place t") {
			t.Errorf("%v", err)
		}
		part := runSpec(t, w, sitingSpec+"siting: {goal: all_covered, within_min: 1, partial: true}\n")
		if !slices.ContainsFunc(part.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, "no possible site is within 1 minutes of") }) {
			t.Errorf("notes %q", part.Summary.Notes.Texts())
		}
	}
}

// Rules hold, and what they cost is not hidden: a plan under a rule never gains
// more than one without.
func TestSitingRules(t *testing.T) {
	w := sitingWorld(t, 1)
	ids := func(r *finding.Result) (out []string) {
		for _, p := range r.Summary.Siting.Plan {
			out = append(out, p.ID)
		}
		return out
	}
	free := runSpec(t, w, sitingSpec+"siting: {pick: 3, goal: mean_time}\n")
	best := free.Summary.Siting.Gain
	first := ids(free)[0]
	cities := w.Layers.(shelf)["cities"]
	price := column(t, cities, "price")
	for rule, holds := range map[string]func(open []string) bool{
		"never: [" + first + "]": func(open []string) bool { return !slices.Contains(open, first) },
		"forced: [n6]":           func(open []string) bool { return slices.Contains(open, "n6") },
		"at_most_per_region: 1":  func(open []string) bool { return len(open) <= 2 },
		"at_least: {E: 2}": func(open []string) bool {
			n := 0
			for _, id := range open {
				row, _ := cities.Find(id)
				n += ground.Bit(cities.Point(row)[0] > 3)
			}
			return n >= 2
		},
		"apart_km: 200": func(open []string) bool {
			for i, a := range open {
				for _, b := range open[:i] {
					x, _ := cities.Find(a)
					y, _ := cities.Find(b)
					if geo.Distance(cities.Point(x), cities.Point(y)).Kilometres() < 200 {
						return false
					}
				}
			}
			return true
		},
		"price: price, budget: 4": func(open []string) bool {
			sum := 0.0
			for _, id := range open {
				row, _ := cities.Find(id)
				sum += price[row]
			}
			return sum <= 4
		},
		"least_served: 300000": func(open []string) bool {
			r := worthServed(t, w, open)
			return slices.Min(r) >= 300_000
		},
		"hub: {within_min: 90}": func(open []string) bool { return true },
	} {
		r := runSpec(t, w, sitingSpec+"siting: {pick: 3, goal: mean_time, "+rule+"}\n")
		if open := ids(r); !holds(open) || r.Summary.Siting.Gain > best+1e-9 || len(open) == 0 {
			t.Errorf("%s: %v gains %v, without the rule %v", rule, open, r.Summary.Siting.Gain, best)
		}
	}
	for rule, want := range map[string]string{
		"forced: [n9]":           `siting.forced: there is no candidate "n9"; did you mean`,
		"at_least: {N: 1}":       `siting.at_least: there is no region "N"`,
		"at_least: {E: 9}":       "siting cannot be done: ",
		"price: cost, budget: 3": `layer cities has no field "cost"`,
	} {
		s, err := Parse(strings.NewReader(sitingSpec+"siting: {pick: 3, goal: mean_time, "+rule+"}\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), w, s, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", rule, err, want)
		}
	}
	for rule, want := range map[string]string{
		"method: fast":                       `siting.method: found "fast"; accepted: best, greedy`,
		"method: greedy, exact: true":        "siting.method: greedy knows no rules but hubs",
		"budget: 3":                          "siting.budget: belongs to price",
		"favour: {field: svi, share: 2}":     "siting.favour: does not fit",
		"aversion: 0.1":                      "siting.aversion: found 0.1",
		"frontier: {field: svi, end: upper}": "siting.frontier: does not fit",
		"at_least: {E: 1}, apart_km: -1":     "siting: at_most_per_region, apart_km",
		"goal: treated":                      "stands twice",
	} {
		if _, err := Parse(strings.NewReader(sitingSpec+"siting: {pick: 3, goal: mean_time, "+rule+"}\n"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", rule, err, want)
		}
	}
}

// worthServed are the people who would go to each of the open candidates.
func worthServed(t *testing.T, w World, open []string) []float64 {
	t.Helper()
	spec := sitingSpec + "scenarios:\n  x:\n"
	for _, id := range open {
		row, _ := w.Layers.(shelf)["cities"].Find(id)
		p := w.Layers.(shelf)["cities"].Point(row)
		spec += fmt.Sprintf("    - open: {id: %s, at: [%v, %v]}\n", id, p[0], p[1])
	}
	l := runSpec(t, w, spec).Layer("places")
	people, to := column(t, l, "population"), texts(t, l, "site_id_x")
	out := make([]float64, len(open))
	for i, p := range people {
		if k := slices.Index(open, to[i]); k >= 0 {
			out[k] += p
		}
	}
	return out
}

// What stands around a plan: swaps that are nearly as good, centers that could
// close, limits between spoke and hub, plans for those far away, and how the
// rivals fare over the draws.
func TestAroundThePlan(t *testing.T) {
	w := sitingWorld(t, 2)
	r := runSpec(t, w, sitingSpec+`siting: {pick: 2, goal: treated, alternatives: 0.3, hub: {within_min: 240, curve: [60, 120, 600]}, frontier: {field: time_min, times: [1, 4, 50]}}
uncertainty: {draws: 30, seed: 4, vary: [effect, speed]}
`)
	s := r.Summary.Siting
	a := r.Layer("alternatives")
	if a.Len() == 0 {
		t.Fatal("no swap loses less than 30 %")
	}
	gain, loss := column(t, a, "gain"), column(t, a, "loss")
	for i := range gain {
		if loss[i] < -1e-9 || math.Abs(gain[i]+loss[i]-float64(s.Gain)) > 1e-6 {
			t.Errorf("a swap gains %v and loses %v; the plan gains %v", gain[i], loss[i], s.Gain)
		}
	}
	// A wider limit never gains less, and the study's own lies between.
	h := column(t, r.Layer("hub_range"), "gain")
	for i := 1; i < len(h); i++ {
		if h[i] < h[i-1]-1e-9 || math.IsNaN(h[i]) && !math.IsNaN(h[i-1]) {
			t.Errorf("wider limits gain %v", h)
		}
	}
	if float64(s.Gain) > h[2]+1e-9 {
		t.Errorf("within 240 minutes %v, within 600 %v", s.Gain, h[2])
	}
	// Along the frontier one falls as the other rises.
	f := r.Layer("frontier")
	all, far := column(t, f, "gain"), column(t, f, "gain_favoured")
	for i := 1; i < len(all); i++ {
		if !(all[i] < all[i-1] && far[i] > far[i-1]) {
			t.Errorf("frontier: all %v, favoured %v", all, far)
		}
	}
	if all[0] != float64(s.Gain) && math.Abs(all[0]-float64(s.Gain)) > 1e-9 {
		t.Errorf("counting alike gains %v on the frontier, %v in the plan", all[0], s.Gain)
	}
	// Closing a center is a scenario: the loss is the same.
	c := r.Layer("closures")
	for i := range c.Len() {
		shut := runSpec(t, w, sitingSpec+"scenarios:\n  x:\n    - close: {id: "+c.ID(i)+"}\n").Summary.Scenarios[0]
		if want := -float64(shut.Treated[0].Change); math.Abs(column(t, c, "loss")[i]-want) > 1e-9*math.Abs(want) {
			t.Errorf("closing %s loses %v, as a scenario %v", c.ID(i), column(t, c, "loss")[i], want)
		}
	}
	// A limit of the way binds as one of time does.
	near := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: treated, hub: {within_km: 120}}\n")
	for k, id := range texts(t, near.Layer("plan"), "hub_id") {
		row, _ := w.Layers.(shelf)["cities"].Find(near.Layer("plan").ID(k))
		hub, _ := w.Layers.(shelf)["centers"].Find(id)
		if d := geo.Distance(w.Layers.(shelf)["cities"].Point(row), w.Layers.(shelf)["centers"].Point(hub)); d.Kilometres() > 120 {
			t.Errorf("%s is %v km from its hub in a straight line", near.Layer("plan").ID(k), d.Kilometres())
		}
	}
	if s.LeastRegret == "" {
		t.Error("no rival has the least maximum regret")
	}
	g := r.Layer("regret")
	share, mean, worst := column(t, g, "share_best"), column(t, g, "mean_regret"), column(t, g, "max_regret")
	for i := range share {
		if share[i] < 0 || share[i] > 1 || mean[i] < -1e-12 || worst[i] < mean[i]-1e-12 {
			t.Errorf("rival %d: best in %v, regret %v and %v", i, share[i], mean[i], worst[i])
		}
	}
	low, high, order := column(t, r.Layer("candidates"), "order_low_2_5"), column(t, r.Layer("candidates"), "order_high_97_5"), column(t, r.Layer("candidates"), "share_of_draws")
	for i := range low {
		if order[i] > 0 != (low[i] >= 1 && high[i] >= low[i] && high[i] <= 2) {
			t.Errorf("a candidate in %v of the draws opens as number %v to %v", order[i], low[i], high[i])
		}
	}
	if who := r.Layer("who_gains"); who == nil || !slices.Contains(texts(t, who, "field"), "payer") || !slices.Contains(texts(t, who, "field"), "region") {
		t.Error("it is not said who gains")
	}
	// What is proven of a candidate holds: one that is never in a best plan is in
	// none, and its regret is a lower bound.
	cand := r.Layer("candidates")
	verdict, floor := texts(t, cand, "verdict"), column(t, cand, "regret_floor")
	for i := range verdict {
		in := slices.ContainsFunc(s.Plan, func(p finding.PlanStep) bool { return p.ID == cand.ID(i) })
		if in && (verdict[i] == "never" || floor[i] > 1e-9) {
			t.Errorf("%s is in the plan, and never, at %v", cand.ID(i), floor[i])
		}
		if math.IsNaN(floor[i]) || in {
			continue
		}
		forced := sitingSpec + "siting: {pick: 2, goal: treated, forced: [" + cand.ID(i) + "], hub: {within_min: 240}}\n"
		if spec, err := Parse(strings.NewReader(forced), nil); err != nil {
			t.Fatal(err)
		} else if x, err := Run(context.Background(), w, spec, nil); err == nil && float64(s.Gain-x.Summary.Siting.Gain) < floor[i]-1e-9 {
			t.Errorf("%s: forced, %v is lost; at least %v was proven", cand.ID(i), s.Gain-x.Summary.Siting.Gain, floor[i])
		}
	}
}

// Favouring some never gains more for all together.
func TestFavour(t *testing.T) {
	w := sitingWorld(t, 0)
	plain := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: mean_time}\n")
	far := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: mean_time, favour: {field: svi, end: highest, share: 0.2, times: 1000}}\n")
	if a, b := worthOf(t, w, "mean_time", []string{plain.Summary.Siting.Plan[0].ID}), worthOf(t, w, "mean_time", []string{far.Summary.Siting.Plan[0].ID}); b > a+1e-9 {
		t.Errorf("favouring some gains %v for all, favouring none %v", b, a)
	}
}

// If everybody goes to the nearest, a high power of choice says what the plan
// says; a low one says less.
func TestChoiceBesideTheNearest(t *testing.T) {
	w := sitingWorld(t, 1)
	s := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: treated, choice: 400}\n").Summary.Siting
	of := func(s *finding.SitingSummary) float64 { return float64(s.Under[len(s.Under)-1].Gain) }
	if math.Abs(of(s)-float64(s.Gain)) > 1e-3*float64(s.Gain) {
		t.Errorf("the nearest gains %v, a choice all but certain %v", s.Gain, of(s))
	}
	low := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: treated, choice: 1}\n").Summary.Siting
	if !(of(low) < float64(low.Gain)) || !strings.Contains(low.Under[len(low.Under)-1].Assumption, "1/time^1") {
		t.Errorf("%+v", low.Under)
	}
}

// If centers may close, the plan is at least as good as one that keeps them, and
// the best of all ways to close and open.
func TestMovesAgainstEnumeration(t *testing.T) {
	for seed := range uint64(3) {
		w := sitingWorld(t, seed)
		s := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: mean_time, close: 1, exact: true}\n").Summary.Siting
		m := s.Moves
		if m == nil || m.Gain < s.Gain-1e-9 || !m.Proven || len(m.Closes) > 1 || len(m.Opens) > 2 {
			t.Fatalf("%+v beside a gain of %v", m, s.Gain)
		}
		cities := w.Layers.(shelf)["cities"]
		gain := func(shut string, open ...int) float64 {
			spec := sitingSpec + "scenarios:\n  x:\n"
			if shut != "" {
				spec += "    - close: {id: " + shut + "}\n"
			}
			for _, j := range open {
				p := cities.Point(j)
				spec += fmt.Sprintf("    - open: {id: n%d, at: [%v, %v]}\n", j, p[0], p[1])
			}
			l := runSpec(t, w, spec).Layer("places")
			people, a, b := column(t, l, "population"), column(t, l, "time_min"), column(t, l, "time_min_x")
			var sum, all float64
			for i, p := range people {
				// Beyond four hours counts as four hours, or as today.
				sum += p * (a[i] - min(b[i], max(a[i], 240)))
				all += p
			}
			return sum / all
		}
		best := float64(s.Gain)
		for a := range 7 {
			for b := range a {
				for _, shut := range []string{"c1", "c2"} {
					best = max(best, gain(shut, a, b))
				}
			}
		}
		if math.Abs(best-float64(m.Gain)) > 1e-6*best {
			t.Errorf("moving gains %v, by enumeration %v (%+v)", m.Gain, best, m)
		}
	}
	if _, err := Parse(strings.NewReader(sitingSpec+"siting: {pick: 1, goal: mean_time, close: 1, apart_km: 10}\n"), nil); err == nil || !strings.Contains(err.Error(), "siting.close: closing centers knows no other rule yet") {
		t.Errorf("%v", err)
	}
}

// What a planner's trial found: the time limit keeps the best plan, the draws keep
// the rules, the gap is a share of the gain, and impossible is said truly.
func TestSitingHonesty(t *testing.T) {
	w := sitingWorld(t, 1)
	// A forbidden site is in no draw; the plan's sites are.
	first := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: treated}\n").Summary.Siting.Plan[0].ID
	r := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: treated, never: ["+first+"]}\nuncertainty: {draws: 20, vary: [effect]}\n")
	c := r.Layer("candidates")
	in, why := column(t, c, "share_of_draws"), texts(t, c, "why_not")
	row, _ := c.Find(first)
	if in[row] != 0 || why[row] != "siting.never names it" {
		t.Errorf("%s is forbidden and in %v of the draws (%q)", first, in[row], why[row])
	}
	if chosen, _ := c.Find(r.Summary.Siting.Plan[0].ID); !(in[chosen] > 0) {
		t.Errorf("the plan is in %v of the draws", in[chosen])
	}
	for _, i := range r.Summary.Uncertainty {
		if i.What == "plan_gain" && math.Abs(float64(i.Value-r.Summary.Siting.Gain)) > 1e-9 {
			t.Errorf("the plan gains %v, in the draws %v", r.Summary.Siting.Gain, i.Value)
		}
	}
	// Fees are taken off in the draws as well.
	cities := w.Layers.(shelf)["cities"]
	w.Layers.(shelf)["cities"] = must(cities.With(num("fee", 1, 1, 1, 1, 1, 1, 1)))(t)
	fee := runSpec(t, w, sitingSpec+"siting: {goal: treated, fee: fee}\nuncertainty: {draws: 5, vary: [effect]}\n")
	for _, i := range fee.Summary.Uncertainty {
		if i.What == "plan_gain" && math.Abs(float64(i.Value-fee.Summary.Siting.Gain)) > 1e-9 {
			t.Errorf("with fees the plan gains %v, in the draws %v", fee.Summary.Siting.Gain, i.Value)
		}
	}
	// A gap that is asked for is a share of the gain.
	if s := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: treated, gap: 0.2}\n").Summary.Siting; s.Gap > 0.2 {
		t.Errorf("a gap of 0.2 was asked for, and %v is left", s.Gap)
	}
	// A time limit keeps the best plan so far, or says that there is none.
	spec, err := Parse(strings.NewReader(sitingSpec+"siting: {pick: 2, goal: mean_time, seconds: 0.001}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	switch x, err := Run(context.Background(), w, spec, nil); {
	case err != nil && strings.Contains(err.Error(), "siting.seconds: no plan was found"): // the machine was too slow for any
	case err != nil:
		t.Error(err)
	case len(x.Summary.Siting.Plan) == 0 || x.Summary.Siting.Stopped == "" && !x.Summary.Siting.Proven:
		t.Errorf("%+v", x.Summary.Siting)
	}
	// A center of its own for each spoke: the greedy plan's full hub bars nobody.
	far := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: worst_time, hub: {within_min: 600, spokes_per_hub: 1}}\n")
	for i, word := range texts(t, far.Layer("candidates"), "why_not") {
		if word != "" {
			t.Errorf("candidate %d: %s", i, word)
		}
	}
	if got := column(t, far.Layer("candidates"), "share_of_draws"); !math.IsNaN(got[0]) {
		t.Errorf("nothing was drawn, and a site is in %v of the draws", got[0])
	}
	// With room for all the capacity binds nobody; with less, the gain is given.
	w.Layers.(shelf)["cities"] = must(cities.With(num("room", 300_000, 300_000, 300_000, 300_000, 300_000, 300_000, 300_000), num("plenty", 9e9, 9e9, 9e9, 9e9, 9e9, 9e9, 9e9)))(t)
	if s := runSpec(t, w, sitingSpec+"siting: {pick: 1, goal: mean_time, capacity: room}\n").Summary.Siting; !(s.Gain > 0) || s.Bound < s.Gain-1e-9 {
		t.Errorf("%+v", s)
	}
	// Where rows count, the people of one door go to the next door of its campus.
	doors := sitingWorld(t, 2)
	doors.Layers.(shelf)["centers"] = must(geo.NewPoints(geo.About{Name: "centers"}, []string{"c1", "c2", "c3"}, []orb.Point{{1, 45}, {5, 45}, {1, 45}}, num("tier", 1, 1, 1)))(t)
	shut := runSpec(t, doors, strings.Replace(sitingSpec, "{layer: centers}", "{layer: centers, count: rows}", 1)+"siting: {pick: 1, goal: mean_time}\n").Layer("closures")
	if without, loss := column(t, shut, "people_without"), column(t, shut, "loss"); len(without) != 3 || slices.Max(without) != 0 || !(loss[0] > 0) || loss[1] != 0 || loss[2] != 0 {
		t.Errorf("closing one of two doors leaves %v without a center and loses %v", without, loss)
	}
	// What cannot bind changes nothing around the plan either.
	plain := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: mean_time, alternatives: 0.3}\n")
	idle := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: mean_time, alternatives: 0.3, capacity: plenty}\n")
	if g, h := column(t, plain.Layer("alternatives"), "gain"), column(t, idle.Layer("alternatives"), "gain"); len(g) == 0 || !slices.Equal(g, h) {
		t.Errorf("swaps gain %v, and with room for everybody %v", g, h)
	}
	if fmt.Sprint(plain.Summary.Siting.Plan) != fmt.Sprint(idle.Summary.Siting.Plan) {
		t.Errorf("the plan is %+v, and with room for everybody %+v", plain.Summary.Siting.Plan, idle.Summary.Siting.Plan)
	}
	// A limit of the range is the study with that limit, its capacity and all.
	narrow := sitingSpec + "siting: {pick: 2, goal: mean_time, capacity: room, hub: {within_min: %d, curve: [600]}}\n"
	curve, full := runSpec(t, w, fmt.Sprintf(narrow, 300)), runSpec(t, w, fmt.Sprintf(narrow, 600)).Summary.Siting
	if got := column(t, curve.Layer("hub_range"), "gain")[0]; math.Abs(got-float64(full.Gain)) > 1e-6 {
		t.Errorf("within 600 minutes the range gains %v, the study %v", got, full.Gain)
	}
	if free := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: mean_time, hub: {within_min: 600}}\n").Summary.Siting; !(free.Gain > full.Gain) {
		t.Errorf("the capacity does not bind: %v with it, %v without", full.Gain, free.Gain)
	}
}

// Goals without a bound: no single swap does better, and it is said that more is
// not known.
func TestGoalsWithoutABound(t *testing.T) {
	for seed := range uint64(2) {
		w := sitingWorld(t, seed)
		for _, goal := range []string{"gini", "worst_group"} {
			s := runSpec(t, w, sitingSpec+"siting: {pick: 2, goal: "+goal+"}\n").Summary.Siting
			if !math.IsNaN(float64(s.Bound)) || s.Proven || !strings.Contains(s.Method, "no bound") {
				t.Errorf("%s claims a bound: %+v", goal, s)
			}
			value := func(open ...string) float64 {
				spec := sitingSpec + "inequality: [gini]\nscenarios:\n  x:\n"
				for _, id := range open {
					row, _ := w.Layers.(shelf)["cities"].Find(id)
					p := w.Layers.(shelf)["cities"].Point(row)
					spec += fmt.Sprintf("    - open: {id: %s, at: [%v, %v]}\n", id, p[0], p[1])
				}
				l := runSpec(t, w, spec).Layer("places")
				people, minutes, payer := column(t, l, "population"), column(t, l, "time_min_x"), texts(t, l, "payer")
				if goal == "gini" {
					v, err := access.Gini(minutes, people)
					if err != nil {
						t.Fatal(err)
					}
					return v
				}
				worst := 0.0
				for _, g := range []string{"x", "y"} {
					var sum, all float64
					for i := range people {
						if payer[i] == g {
							sum, all = sum+people[i]*minutes[i], all+people[i]
						}
					}
					worst = max(worst, sum/all)
				}
				return worst
			}
			a, b := s.Plan[0].ID, s.Plan[1].ID
			here := value(a, b)
			if math.Abs(here-float64(s.Value)) > 1e-9 {
				t.Errorf("%s: the plan claims %v, opening it gives %v", goal, s.Value, here)
			}
			for j := range 7 {
				id := fmt.Sprint("n", j)
				if id == a || id == b {
					continue
				}
				if v := min(value(a, id), value(id, b)); v < here-1e-12 {
					t.Errorf("%s: opening %s instead gives %v, the plan %v", goal, id, v, here)
				}
			}
		}
	}
}

// A place in the middle between its center and a site that opens is no nearer to either,
// whatever rounding says: 9.5 lies 0.7 degrees from both 8.8 and 10.2 on the same parallel.
// Only the 10,000 people at 9.0 come nearer.
func TestTheMiddleIsNotNearer(t *testing.T) {
	at := []orb.Point{{9, 45}, {9.5, 45}, {9.9, 45}}
	w := World{Layers: shelf{
		"towns": must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b", "c"}, at, num("population", 10_000, 20_000, 30_000),
			text("region", "A", "B", "C")))(t),
		"lands":   must(geo.NewTable(geo.About{Name: "lands"}, []string{"A", "B", "C"}, text("region", "A", "B", "C")))(t),
		"centers": must(geo.NewPoints(geo.About{Name: "centers"}, []string{"s"}, []orb.Point{{10.2, 45}}, text("region", "C")))(t),
		"cities":  must(geo.NewPoints(geo.About{Name: "cities"}, []string{"n"}, []orb.Point{{8.8, 45}}, text("region", "A")))(t),
	}, Version: "test", Land: func(orb.Point) int { return 0 }}
	r := runSpec(t, w, "version: 1\nname: t\nplaces: {layer: towns}\nregions: {layer: lands, join: region}\nsites: {layer: centers, count: rows}\n"+
		"candidates: {layer: cities}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\nsiting: {pick: 1, goal: mean_time}\n"+
		"scenarios:\n  x:\n    - open: {id: x, at: [8.8, 45]}\n")
	if s := r.Summary.Scenarios[0]; s.PeopleNearer != 10_000 || s.PeopleFarther != 0 {
		t.Errorf("nearer for %v, farther for %v, want 10,000 and 0", s.PeopleNearer, s.PeopleFarther)
	}
	if got := column(t, r.Layer("places"), "change_min_x"); got[1] != 0 || got[2] != 0 || !(got[0] < -10) {
		t.Errorf("changes %v", got)
	}
	for table, name := range map[string]string{"compare_regions": "people_nearer", "plan": "people_nearer", "candidates": "people_nearer", "best_by_region": "people_nearer", "who_gains": "people_nearer"} {
		if got := column(t, r.Layer(table), name); len(got) != 1 || got[0] != 10_000 {
			t.Errorf("%s: %s %v, want one of 10,000", table, name, got)
		}
	}
}
