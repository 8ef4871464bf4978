package site

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// gini of the costs that places bear.
func (in *Instance) gini(open []int) float64 {
	var bear []float64
	for i, f := range in.fallback {
		c := min(f, 1e3)
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if slices.Contains(open, int(in.site[k])) {
				c = min(c, in.cost[k])
			}
		}
		bear = append(bear, c)
	}
	var apart, sum float64
	for _, a := range bear {
		sum += a
		for _, b := range bear {
			apart += math.Abs(a - b)
		}
	}
	if sum == 0 {
		return 0
	}
	return apart / (2 * float64(len(bear)) * sum)
}

// moves is by how many moves plans differ: a swap counts once.
func moves(a, b []int) int {
	one := func(a, b []int) (k int) {
		for _, j := range a {
			if !slices.Contains(b, j) {
				k++
			}
		}
		return k
	}
	return max(one(a, b), one(b, a))
}

// Under every rule an improved plan costs no more than it did, and no allowed
// plan one move away costs less.
func TestImproveIsLocallyBest(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	better := 0
	for n := range 300 {
		in := arbitrary(t, r, n%128)
		var start []int
		count := 0
		for open := range sets(in) {
			if count++; r.IntN(count) == 0 {
				start = slices.Clone(open)
			}
		}
		if count == 0 {
			continue
		}
		got, cost := Improve(t.Context(), in, start, func(open []int) float64 {
			if err := in.Check(open); err != nil || !slices.IsSorted(open) {
				t.Fatalf("case %d: asked of %v: %v", n, open, err)
			}
			return in.gini(open)
		}, Options{})
		if in.Check(got) != nil || cost != in.gini(got) || cost > in.gini(start) {
			t.Fatalf("case %d: from %v to %v at %v", n, start, got, cost)
		}
		if cost < in.gini(start) {
			better++
		}
		for open := range sets(in) {
			if c := in.gini(open); moves(open, got) <= 1 && c < cost*(1-1e-8) {
				t.Fatalf("case %d: %v costs %v, one move away %v costs %v", n, got, cost, open, c)
			}
		}
	}
	if better < 60 {
		t.Errorf("only %d of 300 plans got better", better)
	}
}

func TestImproveKeepsWhatItMayNotChange(t *testing.T) {
	in := arbitrary(t, rand.New(rand.NewPCG(25, 26)), 0)
	twice := []int{0, 0}
	if got, cost := Improve(t.Context(), in, twice, in.gini, Options{}); !slices.Equal(got, twice) || !math.IsInf(cost, 1) {
		t.Errorf("a plan that breaks a rule became %v at %v", got, cost)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, cost := Improve(ctx, in, nil, in.gini, Options{}); len(got) != 0 || cost != in.gini(nil) {
		t.Errorf("cancelled before it began, and %v at %v", got, cost)
	}
}
