package site

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// inUnit is an instance whose costs are counted in another unit.
func inUnit(t testing.TB, in *Instance, unit float64) *Instance {
	shape := Shape{Places: in.Places(), Sites: in.sites}
	for _, f := range in.fallback {
		shape.Fallback = append(shape.Fallback, f*unit)
	}
	rules := in.rules
	if rules.SiteFee != nil {
		rules.SiteFee = slices.Clone(rules.SiteFee)
		for j := range rules.SiteFee {
			rules.SiteFee[j] *= unit
		}
	}
	var pairs []Pair
	for i := range in.fallback {
		for k := in.start[i]; k < in.start[i+1]; k++ {
			pairs = append(pairs, Pair{int32(i), in.site[k], in.cost[k] * unit})
		}
	}
	out, err := NewInstance(shape, rules, slices.Values(pairs))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// No plan, no plan nearly as good and no plan of several goals depends on the unit
// of the costs.
func TestPlansDoNotDependOnTheUnit(t *testing.T) {
	r := rand.New(rand.NewPCG(115, 116))
	several := 0
	for n := range 600 {
		in := arbitrary(t, r, []int{0, 1 << r.IntN(7), r.IntN(128)}[n%3])
		unit := math.Pow(10, 12*r.Float64()-6)
		other := inUnit(t, in, unit)
		a, no := Solve(t.Context(), in, Options{Exact: true}, nil)
		b, not := Solve(t.Context(), other, Options{Exact: true}, nil)
		if (no == nil) != (not == nil) || !slices.Equal(a.Open, b.Open) {
			t.Fatalf("case %d: the plan is %v (%v), with costs times %v it is %v (%v)", n, a.Open, no, unit, b.Open, not)
		}
		if no != nil {
			continue
		}
		x, y := alternatives(t, in, a.Open, 0.3), alternatives(t, other, b.Open, 0.3)
		if !slices.EqualFunc(x, y, func(a, b Alternative) bool { return a.In == b.In && a.Out == b.Out }) {
			t.Fatalf("case %d: alternatives are %v, with costs times %v they are %v", n, x, unit, y)
		}
		// The same ways, valued otherwise: a goal whose costs rise as those of the first.
		second := inUnit(t, in, 1)
		for k, c := range second.cost {
			second.cost[k] = c * c
		}
		for i, f := range second.fallback {
			second.fallback[i] = f * f
		}
		second.rules.SiteFee = nil
		second.size = 0
		second.measure()
		if in.rules.Least != nil {
			continue
		}
		several++
		limit := a.Cost * 1.1
		then, err := Within(t.Context(), in, second, a.Open, limit, Options{})
		if err != nil {
			t.Fatal(err)
		}
		later, err := Within(t.Context(), other, inUnit(t, second, 1/unit), b.Open, limit*unit, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if c, d := second.Evaluate(then.Open).Cost, second.Evaluate(later.Open).Cost; math.Abs(c-d) > 1e-9*c {
			t.Fatalf("case %d: then the plan is %v, which costs %v, and with costs times %v it is %v, which costs %v", n, then.Open, c, unit, later.Open, d)
		}
	}
	if several < 100 {
		t.Errorf("only %d cases have several goals", several)
	}
}

// Of equally good plans the solver takes that of fewest sites, and of those the one
// whose sites come first.
func TestTheFirstOfEqualPlans(t *testing.T) {
	r := rand.New(rand.NewPCG(117, 118))
	ties := 0
	for n := range 1200 {
		in := arbitrary(t, r, []int{0, 1 << r.IntN(7), r.IntN(128)}[n%3])
		if in.sites > 12 || !in.integral {
			continue
		}
		var all [][]int
		_, least := enumerate(in)
		if math.IsInf(least, 1) {
			continue
		}
		for set := range 1 << in.sites {
			var open []int
			for j := range in.sites {
				if set>>j&1 == 1 {
					open = append(open, j)
				}
			}
			if in.Check(open) == nil && in.Evaluate(open).Cost == least {
				all = append(all, open)
			}
		}
		ties += b2i(len(all) > 1)
		want := slices.MinFunc(all, func(a, b []int) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
		got, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		if err != nil || !slices.Equal(got.Open, want) {
			t.Fatalf("case %d: the plan is %v (%v), want %v of %v", n, got.Open, err, want, all)
		}
	}
	if ties < 30 {
		t.Errorf("only %d cases have ties", ties)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Toward another plan a plan goes only as far as that costs nothing, and no single
// change that costs nothing is left out.
func TestTowardAnotherPlan(t *testing.T) {
	r := rand.New(rand.NewPCG(119, 120))
	moved := 0
	for n := range 400 {
		in := arbitrary(t, r, 0)
		set := func() (open []int) {
			for j := range in.sites {
				if r.IntN(3) == 0 {
					open = append(open, j)
				}
			}
			return open
		}
		from, to := set(), set()
		if in.Check(from) != nil {
			continue
		}
		got := in.Toward(t.Context(), from, to)
		before, after := in.Evaluate(from).Cost, in.Evaluate(got).Cost
		if in.Check(got) != nil || above(after, before) || !slices.IsSorted(got) {
			t.Fatalf("case %d: from %v, which costs %v, towards %v comes %v, which costs %v", n, from, before, to, got, after)
		}
		for _, j := range got {
			if !slices.Contains(from, j) && !slices.Contains(to, j) {
				t.Fatalf("case %d: %v has a site of neither %v nor %v", n, got, from, to)
			}
		}
		for _, j := range from {
			if slices.Contains(to, j) && !slices.Contains(got, j) {
				t.Fatalf("case %d: %v lacks a site of both %v and %v", n, got, from, to)
			}
		}
		for _, j := range to {
			more := slices.Sorted(slices.Values(append(slices.Clone(got), j)))
			if !slices.Contains(got, j) && in.Check(more) == nil && !above(in.Evaluate(more).Cost, after) {
				t.Fatalf("case %d: %v could open %d of %v at no cost", n, got, j, to)
			}
		}
		moved += b2i(!slices.Equal(got, from))
	}
	if moved < 50 {
		t.Errorf("only %d plans change", moved)
	}
}
