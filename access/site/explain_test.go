package site

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What cannot be done is said with the place or region, the rule, and what
// would do.
func TestImpossibleIsExplained(t *testing.T) {
	pairs := []Pair{{0, 0, 1}, {0, 1, 2}, {1, 1, 3}, {2, 2, 4}}
	must := Shape{Places: 3, Sites: 4}
	may := Shape{Places: 3, Sites: 4, Fallback: []float64{9, 9, 9}}
	region := []int32{0, 0, 1, -1}
	for _, c := range []struct {
		shape Shape
		rules Rules
		rule  string
		place int
		needs float64
		says  string
	}{
		{Shape{Places: 4, Sites: 4}, Rules{}, "reach", 3, math.NaN(), "place 3"},
		{must, Rules{Never: []int{1}}, "reach", 1, 3, "site 1 at 3"},
		{must, Rules{Pick: 1}, "pick", -1, 2, "what would do: 2 sites (1 may be open)"},
		{may, Rules{Pick: 1, Forced: []int{0, 1}}, "pick", -1, 2, "2 sites must be open and 1 may be"},
		{may, Rules{Forced: []int{2}, Never: []int{2}}, "pick", -1, math.NaN(), "site 2"},
		{may, Rules{Forced: []int{0, 1}, Apart: [][2]int{{0, 1}}}, "apart", -1, math.NaN(), "too close"},
		{may, Rules{Region: region, AtLeast: []int{0, 2}}, "region", -1, 2, "region 1 needs 2 sites and 1 can"},
		{may, Rules{Region: region, AtLeast: []int{1, 1}, Pick: 1}, "pick", -1, 2, "need 2 sites"},
		{may, Rules{Region: region, AtLeast: []int{1, 1}, Price: []float64{5, 4, 3, 1}, Budget: 6}, "budget", -1, 7, "at least 7"},
		{may, Rules{Forced: []int{3}, Hubs: &Hubs{Count: 1, InRange: make([][]Link, 4)}}, "hubs", -1, math.NaN(), "site 3"},
		{may, Rules{Forced: []int{3}, Volume: []float64{1, 1, 1}, Least: []float64{0, 0, 0, 2}}, "volume", -1, 0, "serves 0 and needs 2"},
	} {
		in, err := NewInstance(c.shape, c.rules, slices.Values(pairs))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Solve(t.Context(), in, Options{}, nil)
		e := (*Infeasible)(nil)
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.says, err)
			continue
		}
		if e.Rule != c.rule || e.Place != c.place || !strings.Contains(e.Message, c.says) || e.Needs != c.needs && !(math.IsNaN(e.Needs) && math.IsNaN(c.needs)) {
			t.Errorf("%s %s: rule %s, place %d, needs %v: %v", c.rule, c.says, e.Rule, e.Place, e.Needs, e)
		}
	}
}

// What cannot be meant is refused, naming it.
func TestInstanceRefuses(t *testing.T) {
	one := Shape{Places: 1, Sites: 2}
	fine := []Pair{{0, 0, 1}, {0, 1, 2}}
	for _, c := range []struct {
		shape Shape
		rules Rules
		pairs []Pair
		says  string
	}{
		{one, Rules{}, []Pair{{1, 0, 1}}, "places go from 0 to 0"},
		{one, Rules{}, []Pair{{0, 2, 1}}, "sites go from 0 to 1"},
		{one, Rules{}, []Pair{{0, 1, -1}}, "cost -1"},
		{one, Rules{}, []Pair{{0, 1, math.NaN()}}, "cost NaN"},
		{one, Rules{}, []Pair{{0, 1, 1}, {0, 1, 2}}, "place 0 and site 1 is listed twice"},
		{Shape{Places: 1, Sites: 2, Fallback: []float64{-1}}, Rules{}, fine, "fallback cost -1"},
		{Shape{Places: 1, Sites: 2, Fallback: []float64{1, 2}}, Rules{}, fine, "2 fallback costs for 1 places"},
		{one, Rules{Pick: -1}, fine, "pick -1"},
		{one, Rules{Forced: []int{2}}, fine, "forced site 2"},
		{one, Rules{Never: []int{0, 0}}, fine, "each once"},
		{one, Rules{SiteFee: []float64{1}}, fine, "1 values of site fee for 2 sites"},
		{one, Rules{Price: []float64{1, math.NaN()}}, fine, "price NaN"},
		{one, Rules{Region: []int32{0, 3}, AtMost: []int{1}}, fine, "region 3"},
		{one, Rules{Apart: [][2]int{{0, 0}}}, fine, "kept apart"},
		{one, Rules{Volume: []float64{1}}, fine, "give both or neither"},
		{one, Rules{Hubs: &Hubs{InRange: [][]Link{{{Hub: 1}}, nil}, Count: 1}}, fine, "hub 1"},
	} {
		_, err := NewInstance(c.shape, c.rules, slices.Values(c.pairs))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("wanted %q, got %v", c.says, err)
		}
	}
}

// Where the rules can only together not be kept, each relaxation that is named
// allows a plan, and where it says that nothing less does, nothing less does.
func TestRelaxationsEqualEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	seen := map[string]int{}
	cases := 6000
	if testing.Short() {
		cases = 1000
	}
	for n := range cases {
		in := arbitrary(t, r, r.IntN(128))
		_, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		e := (*Infeasible)(nil)
		if !errors.As(err, &e) || e.Would == nil {
			continue
		}
		can := func(change func(*Rules)) bool {
			other := *in
			change(&other.rules)
			_, cost := enumerate(&other)
			return !math.IsInf(cost, 1)
		}
		for _, w := range e.Would {
			seen[w.Rule]++
			var change, less func(*Rules)
			switch {
			case math.IsNaN(w.Needs) && w.Rule == "hubs":
				change = func(r *Rules) { r.Hubs = nil }
			case math.IsNaN(w.Needs) && w.Rule == "apart":
				change = func(r *Rules) { r.Apart = nil }
			case w.Message == "no least number of sites in regions":
				change = func(r *Rules) { r.AtLeast = nil }
			case w.Message == "no largest number of sites in regions":
				change = func(r *Rules) { r.AtMost = nil }
			case w.Message == "no sites that must be open":
				change = func(r *Rules) { r.Forced = nil }
			case w.Message == "no sites that may not be open":
				change = func(r *Rules) { r.Never = nil }
			case w.Rule == "pick":
				change, less = func(r *Rules) { r.Pick = int(w.Needs) }, func(r *Rules) { r.Pick = int(w.Needs) - 1 }
			case w.Rule == "budget":
				change, less = func(r *Rules) { r.Budget = w.Needs }, func(r *Rules) { r.Budget = w.Needs - 1 }
			case w.Rule == "volume":
				share := w.Needs / w.Limit
				change = func(r *Rules) { r.Least = times(r.Least, share) }
				less = func(r *Rules) { r.Least = times(r.Least, share+1.0/32) }
			case w.Rule == "hubs":
				each := func(k int) func(*Rules) { return func(r *Rules) { h := *r.Hubs; h.Each = k; r.Hubs = &h } }
				change, less = each(int(w.Needs)), each(int(w.Needs)-1)
			default:
				t.Fatalf("case %d: what is %+v?", n, w)
			}
			if !can(change) {
				t.Fatalf("case %d: %s would not do", n, w.Message)
			}
			if less != nil && can(less) {
				t.Fatalf("case %d: less than %s would do", n, w.Message)
			}
		}
	}
	for _, rule := range []string{"pick", "budget", "volume", "hubs", "apart", "region"} {
		if seen[rule] < cases/1000 {
			t.Errorf("%s was relaxed in %d cases only: %v", rule, seen[rule], seen)
		}
	}
}
