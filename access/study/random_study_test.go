package study

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"careshed/access/study/spec"

	"github.com/paulmach/orb"
)

// randomStudy is a small study at the edges: zeros, ties, one site, one place, one
// group, isolated places, equal values, unreachable pairs, tiny and huge numbers.
type randomStudy struct {
	places, sites, candidates, hospitals int
	at, siteAt, candAt, hospitalAt       []orb.Point
	people, income, rank, supply         []float64
	slots, price, fee, beds              []float64
	groups                               []string
	from, to                             []string
	minutes                              []float64
	measures, siting, more, spread       string
	randomSettings
}

// amounts are n numbers of one of the kinds.
func (s *randomStudy) amounts(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	kind := r.IntN(7)
	unit := []float64{1, 1, 100, 0.1, 1e-6, 1e9, 1}[kind]
	for i := range v {
		switch {
		case kind == 0: // all alike
			v[i] = 3
		case kind == 6 && r.IntN(3) > 0, r.IntN(6) == 0: // many zeros
			v[i] = 0
		default:
			v[i] = unit * float64(1+r.IntN(5))
		}
	}
	return v
}

// randomMeasures are all measures by place that a matrix carries.
var randomMeasures = []string{"cumulative: {limit_min: 60}", "interval: {from_min: 20, limit_min: 60, step_min: 20}", "gravity: {decay: {exponential: {per_min: 0.05}}}",
	"passive: {limit_min: 60}", "closest: {number: %[1]v, limit_min: 100}", "balancing: {limit_min: 100}", "2sfca: {limit_min: 60}", "e2sfca: {limit_min: 60, decay: {gaussian: {sigma_min: 20}}}",
	"kd2sfca: {limit_min: 60, decay: {epanechnikov: {}}}", "competition: {decay: {power: {exponent: 1}}}", "3sfca: {limit_min: 60, decay: {exponential: {per_min: 0.05}}, choice: huff}",
	"m2sfca: {limit_min: 60, decay: {linear: {}}}", "bfca: {limit_min: 60, decay: {logistic: {midpoint_min: 30, spread_min: 10}}}", "availability: {limit_min: 60, decay: {steps: [{to_min: 20, weight: 1}, {to_min: 60, weight: 0.3}]}}",
	"raam: {limit_min: 100, gap: 0.0001}", "raam: {tau_min: 1, gap: 1e-10}"}

const randomIndices = `inequality: [gini, {theil_t: {groups: payer}}, {theil_l: {groups: payer}}, {atkinson: {aversion: 0.5}}, atkinson, {atkinson: {aversion: 2}}, hoover, p90_p10, {palma: {income: income}}, {concentration: {rank: rank}}, {concentration: {rank: rank, bounds: [0, 1000000000000000]}}, {slope: {rank: rank}}, {fgt: {line: 30}}, {fgt: {line: 30, power: 2}}, {cost_fgt: {line: 30, power: 1}}, {gap: {groups: payer, between: [x, y], draws: 40}}, {quantiles: {at: [0, 0.1, 0.5, 0.9, 1]}}]
`

func newRandomStudy(r *rand.Rand) *randomStudy {
	s := &randomStudy{places: 1 + r.IntN(9), sites: 1 + r.IntN(4), candidates: 1 + r.IntN(5), hospitals: 1 + r.IntN(3)}
	if r.IntN(8) == 0 {
		s.places = 1
	}
	near := s.located(r)
	s.at, s.siteAt, s.candAt, s.hospitalAt = near(s.places), near(s.sites), near(s.candidates), near(s.hospitals)
	s.price, s.fee, s.beds = s.amounts(r, s.candidates), s.amounts(r, s.candidates), s.amounts(r, s.hospitals)
	s.people, s.income, s.rank, s.supply = s.amounts(r, s.places), s.amounts(r, s.places), s.amounts(r, s.places), s.amounts(r, s.sites)
	for range s.sites {
		s.slots = append(s.slots, []float64{0, 0.3, 1, 4, 40}[r.IntN(5)])
	}
	if !(slices.Max(s.people) > 0) {
		s.people[0] = 5 // a study of nobody is refused
	}
	one := r.IntN(4) == 0
	for range s.places {
		g := []string{"x", "y"}[r.IntN(2)]
		if one {
			g = "x"
		}
		s.groups = append(s.groups, g)
	}
	reach := []float64{1, 0.7, 0.3}[r.IntN(3)]
	isolated := r.IntN(s.places + 2)
	pair := func(origin string, n int, kind string, j int) {
		for i := range n {
			if origin == "p" && i == isolated || r.Float64() > reach {
				continue
			}
			s.from, s.to, s.minutes = append(s.from, fmt.Sprint(origin, i)), append(s.to, fmt.Sprint(kind, j)), append(s.minutes, float64(r.IntN(9)*10))
		}
	}
	for j := range s.sites {
		pair("p", s.places, "s", j)
		pair("n", s.candidates, "s", j)
		pair("h", s.hospitals, "s", j)
	}
	for j := range s.candidates {
		pair("p", s.places, "n", j)
	}
	// The matrix lists every place and site, so that none is a slip of the pen.
	list := func(kind string, n int) {
		for k := range n {
			from, to := "nobody", fmt.Sprint(kind, k)
			if spec.In(kind, "p", "h") {
				from, to = to, "nowhere"
			}
			s.from, s.to, s.minutes = append(s.from, from), append(s.to, to), append(s.minutes, 1)
		}
	}
	list("p", s.places)
	list("s", s.sites)
	list("n", s.candidates)
	list("h", s.hospitals)
	s.settle(r)
	for range 2 {
		m := randomMeasures[r.IntN(len(randomMeasures))]
		if !strings.Contains(s.measures, "- "+strings.SplitN(m, ":", 2)[0]+":") {
			s.measures += "  - " + m + "\n"
		}
	}
	goal := []string{"treated", "covered", "mean_time", "kolm_pollak", "fgt", "worst_time", "all_covered", "worst_group", "gini", "burden"}[r.IntN(10)]
	switch goal {
	case "all_covered":
		s.siting = "siting: {goal: all_covered, within_min: 60, partial: true}\n"
	default:
		s.siting = fmt.Sprintf("siting: {goal: %s, pick: %d, exact: true, within_min: 40}\n", goal, 1+r.IntN(min(3, s.candidates)))
	}
	if spec.In(goal, "worst_time", "all_covered", "worst_group", "gini") {
		s.siting = strings.Replace(s.siting, "exact: true, ", "", 1)
	}
	s.ruled(r, goal)
	for _, m := range []string{"density: {}", "gaps: {beyond_min: 40}", "attrition: {leave_per_month: 0.1, days: {consult: 10, infusion: 30}, levers: {sooner: {consult: 1}}}", "delay: {life_years_per_day: 1.3, per: population, days: 10}",
		"capacity: {slots: slots, leave_per_month: 0.1, choices: 2}", "representation: {field: payer, recipients: {x: 0.7, y: 0.3}, patients: 50, source: made up}",
		"referral: {layer: hospitals" + []string{"", ", weight: beds"}[r.IntN(2)] + "}"} {
		// Patients one at a time are for studies of some thousand people.
		if r.IntN(2) == 0 && (!strings.HasPrefix(m, "capacity") || slices.Max(s.people) < 1e6) {
			s.measures += "  - " + m + "\n"
		}
	}
	if r.IntN(3) == 0 || strings.Contains(s.siting, "burden") {
		s.measures += "  - journey: {jurisdiction: EU, date: 2025-01-01, inpatient_days: 10, stages: [{name: infusion, role: infuse, visits: 2}, {name: visits, role: monitor, visits: 8}]}\n"
	}
	// Whether these are asked for follows from the study itself, so that what is drawn
	// after it stays.
	for k, m := range []string{"choice: {coefficients: {minutes: -0.05, region_border: -1}}", "providers: {by: payer}",
		"total_constrained: {decay: {exponential: {per_min: 0.05}}}", "origin_constrained: {decay: {linear: {}}, limit_min: 40}",
		"destination_constrained: {decay: {gaussian: {sigma_min: 20}}}", "doubly_constrained: {decay: {exponential: {per_min: 0.05}}}", "transfer: {}"} {
		if (s.places+3*s.sites+5*s.candidates+k)%3 == 0 {
			s.measures += "  - " + m + "\n"
		}
	}
	if strings.Contains(s.measures, "- choice:") && spec.In(goal, spec.Sums()...) {
		rule := []string{"", ", never: [n0]", ", apart_km: 5", ", hub: {within_min: 40}"}[s.sites%4]
		s.siting = fmt.Sprintf("siting: {goal: %s, pick: %d, within_min: 40, allocation: choice%s}\n", goal, 1+s.places%min(3, s.candidates), rule)
	}
	neighbours := []string{"nearest", "within, within_km: 30", "within, within_km: 0.001", "within, within_km: 500"}[r.IntN(4)]
	s.more = "spatial: {of: [time_min, population], neighbours: " + neighbours + ", permutations: 49}\n"
	vary := append([]string{"effect", "speed", "family", "demand"}, s.settings(r)...)
	if r.IntN(3) == 0 {
		r.Shuffle(len(vary), func(i, j int) { vary[i], vary[j] = vary[j], vary[i] })
		s.spread = fmt.Sprintf("uncertainty: {draws: 12, seed: 2, vary: [%s]%s}\n", strings.Join(vary[:2+r.IntN(len(vary)-1)], ", "), anyOf(r, "", ", correlations: [{of: [effect, speed], value: -1}]"))
	}
	return s
}
