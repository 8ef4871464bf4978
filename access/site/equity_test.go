package site

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Transformed costs (Kolm-Pollak, α-fairness, a falling likelihood) under
// regions, distances and hubs together: the plan, its cost from the plain
// costs, and its floors are those of looking at every set of up to 12 sites.
func TestEquityUnderRulesEqualsEnumeration(t *testing.T) {
	goals := []func(c float64) float64{
		func(c float64) float64 { return math.Exp(0.05 * c) },
		func(c float64) float64 { return math.Pow(c, 2.5) },
		func(c float64) float64 { return 1 - math.Exp(-c/20) },
	}
	const regions, distances, hubs = 1 << 3, 1 << 4, 1 << 5
	r := rand.New(rand.NewPCG(27, 28))
	solved := 0
	for n := range 600 {
		from := arbitrary(t, r, regions|distances|hubs|n%2) // with and without sites that must be open
		if from.sites > 12 {
			continue
		}
		f := goals[n%len(goals)]
		weight := make([]float64, from.Places())
		shape := Shape{Places: from.Places(), Sites: from.sites, Fallback: make([]float64, from.Places())}
		for i := range weight {
			weight[i] = float64(1 + r.IntN(9))
			shape.Fallback[i] = math.Inf(1)
			if fall := from.fallback[i]; !math.IsInf(fall, 1) {
				shape.Fallback[i] = weight[i] * f(fall)
			}
		}
		in, err := NewInstance(shape, from.rules, Transformed(weight, f, from.plain()))
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for open := range sets(from) {
			sum := 0.0
			for _, j := range open {
				sum += from.rules.fee(j)
			}
			for i, least := range from.fallback {
				for k := from.start[i]; k < from.start[i+1]; k++ {
					if slices.Contains(open, int(from.site[k])) {
						least = min(least, from.cost[k])
					}
				}
				if math.IsInf(least, 1) {
					sum = least
					break
				}
				sum += weight[i] * f(least)
			}
			best = min(best, sum)
		}
		got, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		if math.IsInf(best, 1) {
			if e := (*Infeasible)(nil); !errors.As(err, &e) {
				t.Fatalf("case %d: no set keeps the rules, and the solver says %v %v", n, got.Open, err)
			}
			continue
		}
		solved++
		if err != nil || !got.Proven || math.Abs(got.Cost-best) > 1e-9*best || got.Bound > best*(1+1e-12) {
			t.Fatalf("case %d: %v costs %v over %v (%v), the best %v", n, got.Open, got.Cost, got.Bound, err, best)
		}
		verify(t, in, got)
		checkFloors(t, in, got)
	}
	if solved < 200 {
		t.Errorf("only %d of 600 cases can be solved", solved)
	}
}
