package site

import (
	"errors"
	"iter"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// arbitrary makes a small instance with the rules whose bits are set.
func arbitrary(t testing.TB, r *rand.Rand, which int) *Instance {
	n, m := 1+r.IntN(25), 1+r.IntN(13)
	shape := Shape{Places: n, Sites: m, Fallback: make([]float64, n)}
	whole := r.IntN(2) == 0
	cost := func() float64 {
		if whole {
			return float64(r.IntN(40))
		}
		return 40 * r.Float64()
	}
	for i := range n {
		shape.Fallback[i] = cost() + 10
		if r.IntN(6) == 0 {
			shape.Fallback[i] = math.Inf(1)
		}
	}
	rules := Rules{Pick: r.IntN(min(m, 5) + 1)}
	has := func(k int) bool { return which>>k&1 == 1 }
	if has(0) {
		for j := range m {
			if r.IntN(8) == 0 {
				rules.Forced = append(rules.Forced, j)
			} else if r.IntN(6) == 0 {
				rules.Never = append(rules.Never, j)
			}
		}
	}
	if has(1) || rules.Pick == 0 {
		rules.SiteFee = make([]float64, m)
		for j := range m {
			rules.SiteFee[j] = cost()
		}
	}
	if has(2) {
		rules.Price, rules.Budget = make([]float64, m), float64(r.IntN(30))
		for j := range m {
			rules.Price[j] = float64(r.IntN(15))
		}
	}
	if has(3) {
		g := 1 + r.IntN(3)
		rules.Region = make([]int32, m)
		for j := range m {
			rules.Region[j] = int32(r.IntN(g+1)) - 1
		}
		if r.IntN(3) > 0 {
			for range g {
				rules.AtMost = append(rules.AtMost, r.IntN(4)-1)
			}
		}
		if r.IntN(3) > 0 {
			for range g {
				rules.AtLeast = append(rules.AtLeast, r.IntN(2))
			}
		}
	}
	if has(4) {
		for a := range m {
			for b := range a {
				if r.IntN(4) == 0 {
					rules.Apart = append(rules.Apart, [2]int{a, b})
				}
			}
		}
	}
	if has(5) {
		h := &Hubs{Count: 1 + r.IntN(3), Each: r.IntN(3), InRange: make([][]Link, m)}
		for j := range m {
			for k := range h.Count {
				if r.IntN(2) == 0 {
					h.InRange[j] = append(h.InRange[j], Link{int32(k), r.Float64()})
				}
			}
		}
		rules.Hubs = h
	}
	if has(6) {
		rules.Volume, rules.Least = make([]float64, n), make([]float64, m)
		for i := range n {
			rules.Volume[i] = float64(r.IntN(5))
		}
		for j := range m {
			rules.Least[j] = float64(r.IntN(20))
		}
	}
	costs := make([]Pair, 0, n*m)
	for i := range n {
		for j := range m {
			if r.IntN(3) > 0 {
				costs = append(costs, Pair{int32(i), int32(j), cost()})
			}
		}
	}
	in, err := NewInstance(shape, rules, slices.Values(costs))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// enumerate looks at every set of sites.
func enumerate(in *Instance) (best []int, cost float64) {
	cost = math.Inf(1)
	for set := range 1 << in.sites {
		if in.rules.Pick > 0 && bits.OnesCount(uint(set)) > in.rules.Pick {
			continue
		}
		var open []int
		for j := range in.sites {
			if set>>j&1 == 1 {
				open = append(open, j)
			}
		}
		if in.Check(open) != nil {
			continue
		}
		if e := in.Evaluate(open); e.Cost < cost {
			best, cost = open, e.Cost
		}
	}
	return best, cost
}

// Under any mixture of rules the solver finds what looking at every set finds,
// and its floors hold for every set.
func TestSolveEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	impossible := 0
	for n := range 3000 {
		which := 0
		if n%2 == 0 {
			which = 1 << r.IntN(7)
		} else if n%3 == 0 {
			which = r.IntN(128)
		}
		in := arbitrary(t, r, which)
		want, cost := enumerate(in)
		got, err := Solve(t.Context(), in, Options{Exact: true}, func(s Solution) {
			if s.Bound > cost+1e-9 || s.Cost < cost-1e-9 {
				t.Fatalf("case %d: bound %v, best %v, cost %v", n, s.Bound, cost, s.Cost)
			}
		})
		if math.IsInf(cost, 1) {
			impossible++
			if e := (*Infeasible)(nil); !errors.As(err, &e) {
				t.Fatalf("case %d (rules %b): no set keeps the rules, and the solver says %v %v", n, which, got.Open, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("case %d (rules %b): %v; %v costs %v", n, which, err, want, cost)
		}
		verify(t, in, got)
		if math.Abs(got.Cost-cost) > 1e-9*cost || !got.Proven {
			t.Fatalf("case %d (rules %b): %v costs %v, the best %v costs %v", n, which, got.Open, got.Cost, want, cost)
		}
		if got.Bound > cost {
			t.Fatalf("case %d: bound %v above the best cost %v", n, got.Bound, cost)
		}
		checkFloors(t, in, got)
	}
	if impossible < 50 || impossible > 1500 {
		t.Errorf("%d of 3000 cases cannot be solved: the mixture of cases has changed", impossible)
	}
}

func checkFloors(t *testing.T, in *Instance, got Solution) {
	t.Helper()
	with, without := filled(in.sites, math.Inf(1)), filled(in.sites, math.Inf(1))
	for set := range 1 << in.sites {
		var open []int
		for j := range in.sites {
			if set>>j&1 == 1 {
				open = append(open, j)
			}
		}
		if in.Check(open) != nil {
			continue
		}
		cost := in.Evaluate(open).Cost
		for j := range in.sites {
			if set>>j&1 == 1 {
				with[j] = min(with[j], cost)
			} else {
				without[j] = min(without[j], cost)
			}
		}
	}
	for j := range in.sites {
		if got.Use[j] > with[j]+1e-9 || got.Avoid[j] > without[j]+1e-9 {
			t.Fatalf("site %d: floors %v and %v, the best plan with it costs %v, without it %v", j, got.Use[j], got.Avoid[j], with[j], without[j])
		}
	}
}

// plain are the pairs of an instance as they stand.
func (in *Instance) plain() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for i := range in.fallback {
			for k := in.start[i]; k < in.start[i+1]; k++ {
				if !yield(Pair{int32(i), in.site[k], in.cost[k]}) {
					return
				}
			}
		}
	}
}

// sets are all sets of sites that keep the rules.
func sets(in *Instance) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		for set := range 1 << in.sites {
			var open []int
			for j := range in.sites {
				if set>>j&1 == 1 {
					open = append(open, j)
				}
			}
			if in.Check(open) == nil && !yield(open) {
				return
			}
		}
	}
}

// The worst-off place of the center's plan is as well off as in any plan.
func TestCenterEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	solved := 0
	for n := range 1500 {
		which := 0
		if n%2 == 0 {
			which = 1 << r.IntN(7)
		} else if n%3 == 0 {
			which = r.IntN(128)
		}
		in := arbitrary(t, r, which)
		want := math.Inf(1)
		for open := range sets(in) {
			if !math.IsInf(in.Evaluate(open).Cost, 1) {
				want = min(want, in.worst(open))
			}
		}
		got, err := Center(t.Context(), in, Options{Exact: true}, func(s Solution) {
			if s.Bound > want || s.Cost < want {
				t.Fatalf("case %d: between %v and %v, the best is %v", n, s.Bound, s.Cost, want)
			}
		})
		if math.IsInf(want, 1) {
			if e := (*Infeasible)(nil); !errors.As(err, &e) {
				t.Fatalf("case %d (rules %b): no set keeps the rules, and the solver says %v %v", n, which, got.Open, err)
			}
			continue
		}
		solved++
		if err != nil {
			t.Fatalf("case %d (rules %b): %v, the best is %v", n, which, err, want)
		}
		if got.Cost != want || !got.Proven || in.worst(got.Open) != got.Cost || in.Check(got.Open) != nil {
			t.Fatalf("case %d (rules %b): %v costs %v, the best is %v", n, which, got.Open, got.Cost, want)
		}
	}
	if solved < 500 {
		t.Errorf("only %d of 1500 cases can be solved", solved)
	}
}

// As few sites cover as any set does; where none does, the reason names a place
// out of reach and a radius that would do.
func TestCoverEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	covered := 0
	for n := range 1000 {
		which := 0
		if n%2 == 0 {
			which = []int{1, 4, 8, 16, 32}[r.IntN(5)]
		}
		from := arbitrary(t, r, which)
		radius := 40 * r.Float64()
		rules := from.rules
		rules.SiteFee = nil
		in, err := NewCover(from.Places(), from.sites, radius, rules, from.plain())
		want := math.Inf(1)
		for open := range sets(from) {
			reached := make([]bool, from.Places())
			for p := range from.plain() {
				if p.Cost <= radius && slices.Contains(open, int(p.Site)) {
					reached[p.Place] = true
				}
			}
			if !slices.Contains(reached, false) {
				want = min(want, float64(len(open)))
			}
		}
		e := (*Infeasible)(nil)
		if err != nil {
			if !errors.As(err, &e) || e.Place < 0 || !math.IsInf(want, 1) {
				t.Fatalf("case %d: %v, and %v sites cover", n, err, want)
			}
			if !math.IsInf(e.Needs, 1) {
				if _, err := NewCover(from.Places(), from.sites, e.Needs, rules, from.plain()); err != nil {
					t.Fatalf("case %d: a radius of %v was to do: %v", n, e.Needs, err)
				}
			}
			continue
		}
		got, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		if math.IsInf(want, 1) {
			if !errors.As(err, &e) {
				t.Fatalf("case %d: no set covers, and the solver says %v %v", n, got.Open, err)
			}
			continue
		}
		covered++
		if err != nil || got.Cost != want || !got.Proven {
			t.Fatalf("case %d (rules %b): %v (%v), %v sites cover", n, which, got.Open, err, want)
		}
	}
	if covered < 200 {
		t.Errorf("only %d of 1000 cases can be covered", covered)
	}
}
