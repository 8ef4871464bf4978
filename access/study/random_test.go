package study

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/access/study/spec"
	"careshed/geo"
)

// run is the study's result, or the refusal in words; other errors are failures.
func (s *randomStudy) run(t *testing.T, people, supply float64) (*finding.Result, string) {
	text := s.spec(people, supply)
	spec, err := Parse(strings.NewReader(text), nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	r, err := Run(context.Background(), s.world(t, people, supply), spec, nil)
	switch {
	case err == nil:
		return r, ""
	case !refusal.MatchString(err.Error()) || nonsense.MatchString(err.Error()):
		t.Fatalf("%v in\n%s\npeople %v, supply %v, minutes %v", err, text, s.people, s.supply, s.minutes)
	}
	return nil, refusal.FindString(err.Error())
}

var (
	// refusal begins with the field of the study that cannot be.
	refusal = regexp.MustCompile(`^siting cannot be done: |^(demand|penalty|scenarios|measures|siting|forecast|uncertainty|travel|sites|candidates|places|regions)[.a-z_0-9]*: `)
	// nonsense is no word for people.
	nonsense = regexp.MustCompile(`NaN|[+-]Inf|%!|json|panic|\*|\[\]`)
)

// Random studies at the edges: none fails, no value leaves its bounds, each number is a number or has a reason, no key that the schema requires is
// missing, and other units of people and supply change no p, rank, class or plan.
func TestRandomStudiesAtTheEdges(t *testing.T) {
	studies, seed := 150, uint64(15)
	if testing.Short() {
		studies = 60
	}
	if n, err := strconv.Atoi(os.Getenv("CARESHED_STUDIES")); err == nil {
		studies = n
	}
	if n, err := strconv.ParseUint(os.Getenv("CARESHED_SEED"), 10, 64); err == nil {
		seed = n
	}
	r := rand.New(rand.NewPCG(seed, 15))
	refused, seen := map[string]int{}, map[string]int{}
	for n := range studies {
		s := newRandomStudy(r)
		for _, kind := range []string{"engine: crow", "referral", "forecast:", "funnel:", "hub:", "fee:", "price:", "raam", "closest", "balancing",
			"capacity: room", "least_served:", "apart_km:", "also:", "then:", "frontier:", "close:", "stress:", "favour:", "sensitivity:", "grid:", "areal:", "draws: 12"} {
			if strings.Contains(s.spec(1, 1), kind) {
				seen[kind]++
			}
		}
		base, no := s.run(t, 1, 1)
		units := [][2]float64{{1e-6, 1e6}, {1e6, 1e-6}, {0.1, 1.0 / 3}, {math.Pow(10, 12*r.Float64()-6), math.Pow(10, 12*r.Float64()-6)}}[n%4]
		if strings.Contains(s.measures, "capacity") {
			units[0] = 1 // the slots are of patients
		}
		if strings.Contains(s.measures, "balancing") {
			units[1] = units[0] // which compares people with supply
		}
		other, not := s.run(t, units[0], units[1])
		if no != not {
			t.Errorf("study %d is refused by %q, and in units %v by %q", n, no, units, not)
		} else if no != "" {
			refused[no]++
			continue
		} else {
			for _, problem := range append(wrongs(base), wrongPlans(base)...) {
				t.Errorf("study %d: %s", n, problem)
			}
			for _, problem := range slices.Concat(wrongs(other), wrongPlans(other), s.differences(base, other), otherPlans(base, other)) {
				t.Errorf("study %d in units %v: %s", n, units, problem)
			}
		}
		if t.Failed() {
			t.Fatalf("in\n%s\npeople %v\nincome %v\nrank %v\nsupply %v\nfrom %v\nto %v\nminutes %v\nplaces %v\nsites %v\ncandidates %v\nprices %v, fees %v", s.spec(1, 1), s.people, s.income, s.rank, s.supply, s.from, s.to, s.minutes, s.at, s.siteAt, s.candAt, s.price, s.fee)
		}
	}
	t.Logf("of %d studies %v; refused: %v", studies, seen, refused)
	all := 0
	for _, n := range refused {
		all += n
	}
	for kind, n := range seen {
		if n < studies/50 {
			t.Errorf("only %d studies have %s", n, kind)
		}
	}
	if all > studies/4 {
		t.Errorf("%d of %d studies are refused: %v", all, studies, refused)
	}
}

// wrongs are the numbers of a result that cannot be.
func wrongs(r *finding.Result) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	text, err := json.Marshal(r.Summary)
	if err != nil {
		bad("no JSON: %v", err)
	}
	var back finding.Summary
	if err := json.Unmarshal(text, &back); err != nil {
		bad("JSON that is not read back: %v", err)
	}
	var keys any
	if err := json.Unmarshal(text, &keys); err != nil {
		bad("%v", err)
	}
	out = append(out, lacks(reflect.TypeFor[finding.Summary](), keys, "summary")...)
	for _, m := range r.Summary.NoValue {
		if m.Why == "" || m.Why == "it is 0 divided by 0" || strings.HasPrefix(m.Why, "it is infinite") {
			bad("%s has no value and no reason of its own: %q", m.Field, m.Why)
		}
	}
	for _, l := range slices.Concat(r.Layers, r.Tables) {
		for _, c := range l.Columns() {
			low, high := math.Inf(-1), math.Inf(1)
			switch {
			case strings.HasPrefix(c.Name, "change"):
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
	index := func(of string, q finding.IndexSummary) {
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
	if f := r.Summary.Referral; f != nil {
		for _, x := range []finding.Stats{f.GeodesicKm, f.DistanceKm, f.TimeMin} {
			if x.Mean < 0 || x.Median < 0 || x.Median > x.P90 || x.P90 > x.P95 {
				bad("referral: %+v", x)
			}
		}
	}
	if d := r.Summary.Demand; d != nil {
		for _, f := range d.Funnels {
			if !(f.Incident >= f.FirstLine && f.FirstLine >= f.AtLine && f.AtLine >= f.Label && f.Label >= f.Fit && f.Fit >= f.Eligible && f.Eligible >= 0) {
				bad("%+v", f)
			}
		}
	}
	if f := r.Summary.Forecast; f != nil {
		if f.Reach < 0 || f.Reach > 1 || f.Treated < 0 || f.Treated > f.Eligible*(1+1e-9) {
			bad("%+v", f)
		}
		if x := f.Target; x != nil {
			if sum := x.Now + x.Eligibles + x.Geography + x.Referral + x.Capacity + x.Residual; math.Abs(float64(sum-x.Target)) > 1e-12*math.Abs(float64(x.Target+x.Now))+1e-12*float64(max(x.Now, x.Target, -x.Eligibles, x.Eligibles, x.Geography, x.Referral, -x.Capacity, x.Residual, -x.Residual)) {
				bad("the parts add up to %v: %+v", sum, x)
			}
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

// lacks are the keys that a type requires, as the schema of the service has it, and
// that a JSON value lacks; only numbers, lists and maps may be null.
func lacks(of reflect.Type, v any, at string) (out []string) {
	switch {
	case of == numType:
	case of.Kind() == reflect.Pointer:
		return lacks(of.Elem(), v, at)
	case of.Kind() == reflect.Slice || of.Kind() == reflect.Array:
		list, _ := v.([]any)
		for _, x := range list {
			out = append(out, lacks(of.Elem(), x, at+"[]")...)
		}
	case of.Kind() == reflect.Map:
		byKey, _ := v.(map[string]any)
		for k, x := range byKey {
			out = append(out, lacks(of.Elem(), x, at+"."+k)...)
		}
	case of.Kind() == reflect.Struct && of.NumField() > 0 && of.Field(0).IsExported():
		byKey, ok := v.(map[string]any)
		if !ok {
			return []string{at + " is no object"}
		}
		for i := range of.NumField() {
			name, options, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name = cmp.Or(name, of.Field(i).Name); name == "-" || !of.Field(i).IsExported() {
				continue
			}
			if x, ok := byKey[name]; ok {
				out = append(out, lacks(of.Field(i).Type, x, at+"."+name)...)
			} else if options == "" {
				out = append(out, at+"."+name+" is missing")
			}
		}
	}
	return out
}

// differences are what another unit may not change.
func (s *randomStudy) differences(a, b *finding.Result) (out []string) {
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
	plan := func(r *finding.Result) (ids []string) {
		for _, p := range r.Summary.Siting.Plan {
			ids = append(ids, p.ID)
		}
		return ids
	}
	if p, q := plan(a), plan(b); !slices.Equal(p, q) {
		bad("the plans are %v and %v (%v and %v)", p, q, a.Summary.Siting.Gain, b.Summary.Siting.Gain)
	}
	for k, m := range a.Summary.Measures {
		if m.Name == "raam" {
			continue // its costs are held to the gap, below
		}
		for j, q := range m.Inequality {
			o := b.Summary.Measures[k].Inequality[j]
			name, _, _ := strings.Cut(q.Name, " ")
			if spec.In(name, "gini", "theil_t", "theil_l", "atkinson", "hoover", "p90_p10", "palma", "concentration", "relative_slope", "gap_ratio") && !same(float64(q.Value), float64(o.Value)) {
				bad("%s of %s is %v and %v (%s, %s)", q.Name, m.Column, q.Value, o.Value, q.Why, o.Why)
			}
		}
	}
	for k, m := range a.Summary.Measures {
		if !spec.In(m.Name, "raam", "closest", "balancing") {
			continue
		}
		// The search of raam may end elsewhere, each time within its bound of the one
		// equilibrium (docs/methods/raam.md).
		apart := 0.0
		if m.Name == "raam" {
			apart = float64(m.Bound + b.Summary.Measures[k].Bound)
		}
		x, _ := a.Layer("places").Column(m.Column)
		y, _ := b.Layer("places").Column(m.Column)
		for i := range x.Len() {
			if v, w := x.Number(i), y.Number(i); !same(v, w) && !(math.Abs(v-w) <= apart*max(v, w, 1e-6*float64(m.Mean))) {
				bad("%s of place %d is %v and %v, which may be %v apart", m.Column, i, v, w, apart)
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
