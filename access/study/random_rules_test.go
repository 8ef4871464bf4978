package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"careshed/access/study/finding"
	"careshed/access/study/spec"
	"careshed/geo"
)

// randomRules are the rules of a random siting, and what stands around its plan.
type randomRules struct {
	goal       string
	room, zone []float64 // of candidates: what they can take; of places: a unit that several share
	least      float64   // people an opened site must serve, 0: any number
	roles      string    // of the candidates
	beside     string    // sections: sensitivity, grid, areal
}

// anyOf is one of the words, each as likely.
func anyOf(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

// ruled adds rules to the siting: some that its goal does not know are left out.
func (s *randomStudy) ruled(r *rand.Rand, goal string) {
	add := func(rule string) { s.siting = strings.Replace(s.siting, "goal:", rule+", goal:", 1) }
	sometimes := func() bool { return r.IntN(4) == 0 }
	whole := spec.In(goal, "worst_time", "all_covered", "worst_group", "gini")
	summed := spec.In(goal, spec.Sums()...)
	switch goal {
	case "kolm_pollak":
		add("aversion: " + anyOf(r, "1e-12", "0.01", "0.01", "2", "3"))
	case "fgt":
		add("power: " + anyOf(r, "0", "1", "2", "100"))
	}
	s.goal = goal
	s.room = s.amounts(r, s.candidates)
	for i := range s.room {
		s.room[i] *= 4
	}
	if summed && r.IntN(5) == 0 {
		// Centers that may close know no other rule.
		add(fmt.Sprintf("close: %d", 1+r.IntN(3)))
		s.beyond(r, add, summed, false)
		return
	}
	if r.IntN(3) == 0 {
		add("hub: {" + anyOf(r, "within_min: 0.001", "within_min: 40", "within_min: 40, spokes_per_hub: 1", "within_min: 1000000", "within_min: 30, curve: [1, 60, 600]") + "}")
	}
	if r.IntN(3) == 0 && !whole {
		add("fee: fee")
	}
	if r.IntN(3) == 0 {
		add("price: price, budget: " + anyOf(r, "1e-9", "3", "7", "1e12"))
	}
	if sometimes() {
		add("apart_km: " + anyOf(r, "1e-9", "5", "30", "300", "1e5"))
	}
	if r.IntN(8) == 0 {
		add(anyOf(r, "forced: [n0]", "never: [n0]", "at_most_per_region: 1", "at_least: {W: 1}"))
	}
	bounded := summed && sometimes()
	if bounded {
		add("capacity: room")
	} else if sometimes() && !spec.In(goal, "worst_time", "all_covered", "burden") {
		s.least = []float64{1e-9, 1, 4, 20}[r.IntN(4)]
		add("least_served: LEAST")
	}
	s.beyond(r, add, summed, bounded)
}

// beyond adds further goals, favours, closures and frontiers, as far as the goal
// and its rules know them.
func (s *randomStudy) beyond(r *rand.Rand, add func(string), summed, bounded bool) {
	if !summed {
		return
	}
	who := func() string {
		return fmt.Sprintf("field: %s, end: %s, share: %s", anyOf(r, "income", "rank", "time_min"), anyOf(r, "highest", "lowest"), anyOf(r, "1e-9", "0.2", "0.5", "1"))
	}
	switch r.IntN(4) {
	case 0:
		add("frontier: {" + who() + anyOf(r, "", ", times: [1, 1000000]", ", times: [1, 1, 2, 0]") + "}")
	case 1:
		add("favour: {" + who() + anyOf(r, "", ", times: 1", ", times: 1000000") + "}")
	}
	if r.IntN(4) == 0 {
		add("alternatives: " + anyOf(r, "1e-9", "0.5", "10"))
	}
	if r.IntN(4) == 0 && strings.Contains(s.siting, "goal: treated") {
		add("choice: " + anyOf(r, "0.001", "2", "50"))
	}
	if bounded {
		return
	}
	if r.IntN(3) == 0 {
		add("stress: {worst: " + anyOf(r, "0", "1", "2", "5") + ", plans: " + anyOf(r, "0", "1", "5", "1000") + "}")
	}
	others := slices.DeleteFunc(spec.Sums(), func(goal string) bool { return strings.Contains(s.siting, "goal: "+goal) })
	r.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	switch several := r.IntN(6); {
	case several == 0:
		add("then: {goal: " + others[0] + anyOf(r, "", ", give: 0", ", give: 0.3", ", give: 0.999999") + "}")
	case several == 1:
		add("also: [{goal: " + others[0] + ", weight: " + anyOf(r, "1e-9", "1", "1e9") + "}, {goal: " + others[1] + ", weight: 0.5}]")
	case several == 2:
		add("also: [{goal: " + others[0] + ", weight: 1}], then: {goal: " + others[1] + "}")
	case r.IntN(6) == 0:
		s.roles = ", roles: [monitor]"
		add("spoke_credit: " + anyOf(r, "0", "0.5", "1"))
	}
}

// settings adds other settings of the measures, and other units of the people.
func (s *randomStudy) settings(r *rand.Rand) (vary []string) {
	if r.IntN(3) == 0 {
		short := "0.001"
		if strings.Contains(s.measures, "interval") {
			short = "20" // where it begins
		}
		s.beside += "sensitivity: {limit_min: [" + short + ", 40, 100000], tau_min: [" + anyOf(r, "0.001", "10", "100000") + "], decay: [{exponential: {per_min: " + anyOf(r, "1e-6", "0.02", "100") + "}}, {linear: {}}, {power: {exponent: 3}}]}\n"
		vary = append(vary, "decay")
	}
	if r.IntN(3) == 0 {
		var points []string
		for _, line := range strings.Split(strings.TrimSpace(s.measures), "\n") {
			if name, has, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "- "), ":"); strings.Contains(has, "limit_min") {
				points = append(points, name+".limit_min: [30, 60]")
			} else if name == "raam" {
				points = append(points, name+".tau_min: [1, 30]")
			}
		}
		if points != nil {
			s.beside += "grid: {" + strings.Join(points, ", ") + "}\n"
		}
	}
	if r.IntN(3) == 0 {
		s.zone = make([]float64, s.places)
		for i := range s.zone {
			s.zone[i] = float64(r.IntN(3))
		}
		s.beside += "areal: {layer: blocks, weight: people_of}\n"
		if s.travel != "" {
			s.beside = strings.Replace(s.beside, "layer: blocks, weight: people_of", "by: "+anyOf(r, "payer", "zone"), 1)
		}
		vary = append(vary, "areal")
	}
	return vary
}

// siting's tables must hold what the names of their columns say.
func wrongPlans(r *finding.Result) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	values := func(table, column string) []float64 {
		if l := r.Layer(table); l != nil {
			if c, ok := l.Column(column); ok {
				return c.Values()
			}
		}
		return nil
	}
	for _, bound := range []struct {
		table, column string
		low, high     float64
	}{{"plan", "gap", 0, 1}, {"frontier", "gap", 0, 1}, {"frontier", "gini", 0, 1}, {"frontier", "share_within", 0, 1}, {"hub_range", "gap", 0, 1}, {"plans_without", "gap", 0, 1},
		{"closures", "people", 0, math.Inf(1)}, {"closures", "loss", 0, math.Inf(1)}, {"closures", "repair_gain", 0, math.Inf(1)}, {"worst_closures", "loss", 0, math.Inf(1)},
		{"regret", "mean_regret", 0, math.Inf(1)}, {"regret", "max_regret", 0, math.Inf(1)}, {"goals", "share", math.Inf(-1), 1}, {"candidates", "regret_floor", 0, math.Inf(1)}, {"candidates", "rank", 1, math.Inf(1)}} {
		for i, v := range values(bound.table, bound.column) {
			if v < bound.low || v > bound.high {
				bad("%s.%s is %v in row %d", bound.table, bound.column, v, i)
			}
		}
	}
	for _, name := range []string{"sensitivity", "grid"} {
		l := r.Layer(name)
		if l == nil {
			continue
		}
		metric, _ := l.Column("metric")
		value, _ := l.Column("value")
		for i, v := range value.Values() {
			what := metric.Text(i)
			switch {
			case strings.HasPrefix(what, "gini") || strings.HasPrefix(what, "hoover") || strings.HasPrefix(what, "atkinson"):
				if v < 0 || v > 1 {
					bad("%s: %s is %v in row %d", name, what, v, i)
				}
			case strings.HasPrefix(what, "people") && v < 0:
				bad("%s: %s is %v in row %d", name, what, v, i)
			}
		}
	}
	if m := r.Summary.Siting; m != nil && m.Moves != nil {
		if x := m.Moves; x.Gain > x.Bound || x.Gain < 0 || len(x.Closes) > x.Allowed {
			bad("moves: %+v", *x)
		}
	}
	return out
}

// otherPlans are the words of the siting's tables that another unit changes.
func otherPlans(a, b *finding.Result) (out []string) {
	for _, name := range []string{"alternatives", "closures", "worst_closures", "plans_without", "frontier", "hub_range", "plan", "best_by_region", "goals", "who_gains"} {
		x, y := a.Layer(name), b.Layer(name)
		if (x == nil) != (y == nil) || x != nil && x.Len() != y.Len() {
			out = append(out, fmt.Sprintf("the table %s is there in one unit only, or has other rows: %q and %q", name, firstTexts(x), firstTexts(y)))
			continue
		}
		if x == nil {
			continue
		}
		for _, c := range x.Columns() {
			d, _ := y.Column(c.Name)
			for i := range c.Len() {
				if c.Type == geo.Text && c.Text(i) != d.Text(i) {
					out = append(out, fmt.Sprintf("%s.%s of row %d is %q and %q", name, c.Name, i, c.Text(i), d.Text(i)))
				}
			}
		}
	}
	if x, y := a.Summary.Siting.Moves, b.Summary.Siting.Moves; x != nil && y != nil && (!slices.Equal(x.Closes, y.Closes) || !slices.Equal(x.Opens, y.Opens)) {
		out = append(out, fmt.Sprintf("moves are %+v and %+v", *x, *y))
	}
	return out
}

// firstTexts is the first column of texts of a table, which names its rows.
func firstTexts(l *geo.Layer) []string {
	if l != nil {
		for _, c := range l.Columns() {
			if c.Type == geo.Text {
				v, _ := l.Texts(c.Name)
				return v
			}
		}
	}
	return nil
}
