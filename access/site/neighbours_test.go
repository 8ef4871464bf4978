package site

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Alternatives are all the swaps within the share, and no others.
func TestAlternativesEqualEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	found := 0
	for n := range 300 {
		in := arbitrary(t, r, n%128)
		best, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		if err != nil {
			continue
		}
		want := 0
		for _, out := range best.Open {
			for j := range in.sites {
				if slices.Contains(best.Open, j) || slices.Contains(in.rules.Forced, out) || slices.Contains(in.rules.Never, j) {
					continue
				}
				plan := append(slices.DeleteFunc(slices.Clone(best.Open), func(k int) bool { return k == out }), j)
				if in.Check(plan) == nil && in.Evaluate(plan).Cost <= best.Cost*1.2 {
					want++
				}
			}
		}
		got := alternatives(t, in, best.Open, 0.2)
		for k, a := range got {
			if in.Evaluate(a.Open).Cost != a.Cost || in.Check(a.Open) != nil || k > 0 && a.Cost < got[k-1].Cost {
				t.Fatalf("case %d: %+v", n, a)
			}
		}
		if len(got) != want {
			t.Fatalf("case %d: %d alternatives, %d by enumeration", n, len(got), want)
		}
		found += want
	}
	if found < 50 {
		t.Errorf("only %d alternatives in all", found)
	}
}

// Every prefix of a staged opening costs no less than its bound, the last is
// the plan itself, and closing a site never helps a plan without fees.
func TestRolloutAndClosures(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	staged := 0
	for n := range 150 {
		in := arbitrary(t, r, 0)
		best, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		if err != nil {
			continue
		}
		sizes := NewSizes(t.Context(), in, Options{Exact: true})
		if n%2 == 0 {
			sizes.Ahead(t.Context())
		}
		stages, err := Rollout(t.Context(), best, sizes)
		if err != nil || len(stages) != len(best.Open) {
			t.Fatalf("case %d: %v %v", n, stages, err)
		}
		for k, s := range stages {
			staged++
			least := math.Inf(1)
			for open := range sets(in) {
				if len(open) <= k+1 {
					least = min(least, in.Evaluate(open).Cost)
				}
			}
			if s.Bound > least || s.Cost < s.Bound || !s.Proven {
				t.Fatalf("case %d: stage %d costs %v, bound %v, the best %v", n, k, s.Cost, s.Bound, least)
			}
		}
		for k, cost := range in.Closures(best.Open) {
			if in.rules.SiteFee == nil && cost < best.Cost {
				t.Fatalf("case %d: without site %d the plan costs %v, with it %v", n, best.Open[k], cost, best.Cost)
			}
		}
	}
	if staged < 100 {
		t.Errorf("only %d stages", staged)
	}
}

// alternatives are all of them.
func alternatives(t *testing.T, in *Instance, open []int, share float64) []Alternative {
	t.Helper()
	found, all, err := in.Alternatives(t.Context(), open, share, math.MaxInt)
	if err != nil || all != len(found) {
		t.Fatalf("%d of %d alternatives, %v", len(found), all, err)
	}
	return found
}
