package study

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// randomStudy is a small study at the edges: zeros, ties, one site, one place, one
// group, isolated places, equal values, unreachable pairs, tiny and huge numbers.
type randomStudy struct {
	places, sites, candidates      int
	at, siteAt, candAt             []orb.Point
	people, income, rank, supply   []float64
	slots                          []float64
	groups                         []string
	from, to                       []string
	minutes                        []float64
	measures, siting, more, spread string
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
	"passive: {limit_min: 60}", "closest: {number: 2, limit_min: 100}", "balancing: {limit_min: 100}", "2sfca: {limit_min: 60}", "e2sfca: {limit_min: 60, decay: {gaussian: {sigma_min: 20}}}",
	"kd2sfca: {limit_min: 60, decay: {epanechnikov: {}}}", "competition: {decay: {power: {exponent: 1}}}", "3sfca: {limit_min: 60, decay: {exponential: {per_min: 0.05}}, choice: huff}",
	"m2sfca: {limit_min: 60, decay: {linear: {}}}", "bfca: {limit_min: 60, decay: {logistic: {midpoint_min: 30, spread_min: 10}}}", "availability: {limit_min: 60, decay: {steps: [{to_min: 20, weight: 1}, {to_min: 60, weight: 0.3}]}}",
	"raam: {limit_min: 100, gap: 0.0001}"}

const randomIndices = `inequality: [gini, {theil_t: {groups: payer}}, {theil_l: {groups: payer}}, {atkinson: {aversion: 0.5}}, atkinson, {atkinson: {aversion: 2}}, hoover, p90_p10, {palma: {income: income}}, {concentration: {rank: rank}}, {concentration: {rank: rank, bounds: [0, 1000000000000000]}}, {slope: {rank: rank}}, {fgt: {line: 30}}, {fgt: {line: 30, power: 2}}, {cost_fgt: {line: 30, power: 1}}, {gap: {groups: payer, between: [x, y], draws: 40}}, {quantiles: {at: [0, 0.1, 0.5, 0.9, 1]}}]
`

func newRandomStudy(r *rand.Rand) *randomStudy {
	s := &randomStudy{places: 1 + r.IntN(9), sites: 1 + r.IntN(4), candidates: 1 + r.IntN(5)}
	if r.IntN(8) == 0 {
		s.places = 1
	}
	near := func(n int) (out []orb.Point) {
		for range n {
			out = append(out, orb.Point{10 + float64(r.IntN(12))/20, 45 + float64(r.IntN(12))/20})
		}
		return out
	}
	s.at, s.siteAt, s.candAt = near(s.places), near(s.sites), near(s.candidates)
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
	pair := func(kind string, j int) {
		for i := range s.places {
			if i == isolated || r.Float64() > reach {
				continue
			}
			s.from, s.to, s.minutes = append(s.from, fmt.Sprint("p", i)), append(s.to, fmt.Sprint(kind, j)), append(s.minutes, float64(r.IntN(9)*10))
		}
	}
	for j := range s.sites {
		pair("s", j)
	}
	for j := range s.candidates {
		pair("n", j)
	}
	// The matrix lists every place and site, so that none is a slip of the pen.
	list := func(kind string, n int) {
		for k := range n {
			from, to := "nobody", fmt.Sprint(kind, k)
			if kind == "p" {
				from, to = to, "nowhere"
			}
			s.from, s.to, s.minutes = append(s.from, from), append(s.to, to), append(s.minutes, 1)
		}
	}
	list("p", s.places)
	list("s", s.sites)
	list("n", s.candidates)
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
	if in(goal, "worst_time", "all_covered", "worst_group", "gini") {
		s.siting = strings.Replace(s.siting, "exact: true, ", "", 1)
	}
	for _, m := range []string{"density: {}", "gaps: {beyond_min: 40}", "attrition: {leave_per_month: 0.1, days: {consult: 10, infusion: 30}, levers: {sooner: {consult: 1}}}", "delay: {life_years_per_day: 1.3, per: population, days: 10}",
		"capacity: {slots: slots, leave_per_month: 0.1, choices: 2}", "representation: {field: payer, recipients: {x: 0.7, y: 0.3}, patients: 50, source: made up}"} {
		// Patients one at a time are for studies of some thousand people.
		if r.IntN(2) == 0 && (!strings.HasPrefix(m, "capacity") || slices.Max(s.people) < 1e6) {
			s.measures += "  - " + m + "\n"
		}
	}
	if r.IntN(3) == 0 || strings.Contains(s.siting, "burden") {
		s.measures += "  - journey: {jurisdiction: EU, date: 2025-01-01, inpatient_days: 10, stages: [{name: infusion, role: infuse, visits: 2}, {name: visits, role: monitor, visits: 8}]}\n"
	}
	neighbours := []string{"nearest", "within, within_km: 30", "within, within_km: 0.001", "within, within_km: 500"}[r.IntN(4)]
	s.more = "spatial: {of: [time_min, population], neighbours: " + neighbours + ", permutations: 49}\n"
	if r.IntN(3) == 0 {
		s.spread = "uncertainty: {draws: 12, seed: 2, vary: [effect, speed]}\n"
	}
	return s
}

// spec is the text of the study.
func (s *randomStudy) spec() string {
	return `version: 1
name: random
places: {layer: towns, weight: people_of, groups: {payer: values}}
regions: {layer: lands}
sites: {layer: centers, supply: supply}
candidates: {layer: cities}
travel: {engine: matrix, borders: free, table: times, place: from, site: to, minutes: min}
demand: {eligible_per_100k: 100, reach: 0.2, denominator: eligible}
penalty: {beyond: [hold, continue]}
measures:
  - travel: {k: 2}
  - penalty: {}
` + s.measures + randomIndices + s.siting + s.more + s.spread
}

// world is the study's world with people and supply in another unit.
func (s *randomStudy) world(t *testing.T, people, supply float64) World {
	scaled := func(v []float64, by float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			out[i] = v[i] * by
		}
		return out
	}
	ids := func(kind string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint(kind, i))
		}
		return out
	}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, ids("p", s.places), s.at, num("people_of", scaled(s.people, people)...), num("income", scaled(s.income, supply)...), num("rank", scaled(s.rank, supply)...), text("payer", s.groups...)))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, ids("s", s.sites), s.siteAt, num("supply", scaled(s.supply, supply)...), num("slots", s.slots...)))(t)
	lands := must(geo.NewLayer(geo.About{Name: "lands"}, []string{"W", "E", "N"}, []orb.Geometry{box(9, 44, 1.25, 3), box(10.25, 44, 1, 3), box(20, 60, 1, 1)}))(t)
	cities := must(geo.NewPoints(geo.About{Name: "cities"}, ids("n", s.candidates), s.candAt))(t)
	times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", s.from...), text("to", s.to...), num("min", s.minutes...)))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers, "cities": cities, "times": times, "lands": lands}, Version: "test"}
}

func (s *randomStudy) run(t *testing.T, people, supply float64) (*Result, error) {
	spec, err := Parse(strings.NewReader(s.spec()), nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, s.spec())
	}
	return Run(context.Background(), s.world(t, people, supply), spec, nil)
}

// A thousand random studies at the edges: none fails, no value leaves its bounds,
// each number is a number or has a reason, and other units of people and supply
// change no p, rank, class or plan.
func TestRandomStudiesAtTheEdges(t *testing.T) {
	studies := 1000
	if testing.Short() {
		studies = 100
	}
	r := rand.New(rand.NewPCG(15, 15))
	for n := range studies {
		s := newRandomStudy(r)
		base, err := s.run(t, 1, 1)
		if err != nil {
			t.Fatalf("study %d: %v in\n%s\npeople %v, supply %v, minutes %v", n, err, s.spec(), s.people, s.supply, s.minutes)
		}
		for _, problem := range wrongs(base) {
			t.Errorf("study %d: %s", n, problem)
		}
		units := [][2]float64{{1e-6, 1e6}, {1e6, 1e-6}, {0.1, 1.0 / 3}, {1e-3, 7.3}}[n%4]
		if strings.Contains(s.measures, "capacity") {
			units[0] = 1 // the slots are of patients
		}
		other, err := s.run(t, units[0], units[1])
		if err != nil {
			t.Fatalf("study %d in units %v: %v in\n%s", n, units, err, s.spec())
		}
		for _, problem := range append(wrongs(other), differences(base, other)...) {
			t.Errorf("study %d in units %v: %s", n, units, problem)
		}
		if t.Failed() {
			t.Fatalf("in\n%s\npeople %v\nincome %v\nrank %v\nsupply %v\nfrom %v\nto %v\nminutes %v", s.spec(), s.people, s.income, s.rank, s.supply, s.from, s.to, s.minutes)
		}
	}
}

// wrongs are the numbers of a result that cannot be.
func wrongs(r *Result) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	text, err := json.Marshal(r.Summary)
	if err != nil {
		bad("no JSON: %v", err)
	}
	var back Summary
	if err := json.Unmarshal(text, &back); err != nil {
		bad("JSON that is not read back: %v", err)
	}
	for _, m := range r.Summary.NoValue {
		if m.Why == "" || m.Why == "it is 0 divided by 0" || strings.HasPrefix(m.Why, "it is infinite") {
			bad("%s has no value and no reason of its own: %q", m.Field, m.Why)
		}
	}
	for _, l := range slices.Concat(r.Layers, r.Tables) {
		for _, c := range l.Columns() {
			low, high := math.Inf(-1), math.Inf(1)
			switch {
			case c.Name == "share" || strings.HasSuffix(c.Name, "_share") || strings.HasSuffix(c.Name, "_p") || strings.HasPrefix(c.Name, "likelihood"):
				low, high = 0, 1
			case strings.Contains(c.Name, "people") || strings.HasSuffix(c.Name, "_min"):
				low = 0
			}
			for i, v := range c.Values() {
				if math.IsInf(v, 0) || v < low || v > high {
					bad("%s.%s is %v in row %d", l.Name, c.Name, v, i)
				}
			}
		}
	}
	index := func(of string, q IndexSummary) {
		low, high := math.Inf(-1), math.Inf(1)
		name, _, _ := strings.Cut(q.Name, " ")
		switch name {
		case "gini", "atkinson", "hoover":
			low, high = 0, 1
		case "theil_t", "theil_l", "theil_t_between", "theil_l_between", "theil_t_within", "theil_l_within", "fgt", "cost_fgt", "palma", "p90_p10":
			low = 0
		case "concentration", "concentration_wagstaff", "concentration_erreygers":
			low, high = -1, 1
		}
		if v := float64(q.Value); v < low || v > high {
			bad("%s of %s is %v", q.Name, of, v)
		}
		if math.IsNaN(float64(q.Value)) && q.Why == "" || q.Draws > 0 && math.IsNaN(float64(q.Low+q.High)) && q.Why == "" {
			bad("%s of %s has no value and no reason", q.Name, of)
		}
		if q.Low > q.High {
			bad("%s of %s: %v to %v", q.Name, of, q.Low, q.High)
		}
	}
	for _, m := range r.Summary.Measures {
		for _, q := range m.Inequality {
			index(m.Column, q)
		}
	}
	if p := r.Summary.Penalty; p != nil {
		for _, q := range p.Inequality {
			index("likelihood", q)
		}
	}
	for _, u := range r.Summary.Uncertainty {
		if u.Low > u.High || math.IsNaN(float64(u.Value+u.Low+u.High)) && u.Why == "" {
			bad("%+v", u)
		}
	}
	for _, s := range r.Summary.Spatial {
		if math.IsNaN(float64(s.Moran+s.Z)) && s.Why == "" {
			bad("%+v", s)
		}
	}
	if s := r.Summary.Siting; s != nil {
		if s.Value > 0 && s.Bound > s.Value || s.Bound < 0 && s.Value >= 0 || s.Gain > s.Bound || s.Gap < 0 {
			bad("the plan has %v, gains %v, and the bound is %v (gap %v)", s.Value, s.Gain, s.Bound, s.Gap)
		}
		if math.IsNaN(float64(s.Value)) && math.IsNaN(float64(s.Gain)) && s.NoCost == "" {
			bad("the plan has neither value nor gain: %+v", s)
		}
	}
	return out
}

// differences are what another unit may not change.
func differences(a, b *Result) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	same := func(x, y float64) bool {
		return x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-9*math.Max(math.Abs(x), math.Abs(y)) || math.Abs(x-y) < 1e-12
	}
	x, y := a.Layer("spatial"), b.Layer("spatial")
	for _, c := range x.Columns() {
		d, _ := y.Column(c.Name)
		for i := range c.Len() {
			if c.Type == geo.Text && c.Text(i) != d.Text(i) || c.Type != geo.Text && (strings.HasSuffix(c.Name, "_p") && c.Text(i) != d.Text(i) || !same(c.Number(i), d.Number(i)) && math.Abs(c.Number(i)-d.Number(i)) > 1e-6) {
				bad("spatial.%s of row %d is %s and %s", c.Name, i, c.Text(i), d.Text(i))
			}
		}
	}
	plan := func(r *Result) (ids []string) {
		for _, p := range r.Summary.Siting.Plan {
			ids = append(ids, p.ID)
		}
		return ids
	}
	if p, q := plan(a), plan(b); !slices.Equal(p, q) {
		bad("the plans are %v and %v (%v and %v)", p, q, a.Summary.Siting.Gain, b.Summary.Siting.Gain)
	}
	for k, m := range a.Summary.Measures {
		if in(m.Name, "raam", "closest", "balancing") {
			continue // an equilibrium to a gap; numbers of supply, which another unit changes
		}
		for j, q := range m.Inequality {
			o := b.Summary.Measures[k].Inequality[j]
			name, _, _ := strings.Cut(q.Name, " ")
			if in(name, "gini", "theil_t", "theil_l", "atkinson", "hoover", "p90_p10", "palma", "concentration", "relative_slope", "gap_ratio") && !same(float64(q.Value), float64(o.Value)) {
				bad("%s of %s is %v and %v (%s, %s)", q.Name, m.Column, q.Value, o.Value, q.Why, o.Why)
			}
		}
	}
	if p, q := a.Summary.Travel.TimeMin, b.Summary.Travel.TimeMin; p.Median != q.Median && !(math.IsNaN(float64(p.Median)) && math.IsNaN(float64(q.Median))) || p.P90 != q.P90 && !(math.IsNaN(float64(p.P90)) && math.IsNaN(float64(q.P90))) {
		bad("minutes are %+v and %+v", p, q)
	}
	if p, q := a.Layer("candidates"), b.Layer("candidates"); p != nil && q != nil {
		c, _ := p.Column("rank")
		d, _ := q.Column("rank")
		for i := range c.Len() {
			if c.Text(i) != d.Text(i) || p.ID(i) != q.ID(i) {
				bad("candidate %s ranks %s, and %s ranks %s", p.ID(i), c.Text(i), q.ID(i), d.Text(i))
			}
		}
	}
	return out
}
