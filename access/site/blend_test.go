package site

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// twoGoals are two instances with the same rules whose costs rise with the same
// times.
func twoGoals(t *testing.T, r *rand.Rand, which int) (first, second *Instance) {
	times := arbitrary(t, r, which&^2)
	rules := times.rules
	n := times.Places()
	w1, w2 := make([]float64, n), make([]float64, n)
	for i := range n {
		w1[i], w2[i] = float64(r.IntN(4)), float64(r.IntN(4))
	}
	make := func(w []float64, f func(float64) float64) *Instance {
		shape := Shape{Places: n, Sites: times.sites, Fallback: slices.Clone(times.fallback)}
		for i, v := range shape.Fallback {
			if !math.IsInf(v, 1) {
				shape.Fallback[i] = w[i] * f(v)
			}
		}
		in, err := NewInstance(shape, rules, Transformed(w, f, times.plain()))
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	limit := 5 + 20*r.Float64()
	return make(w1, func(c float64) float64 { return c }), make(w2, []func(float64) float64{
		func(c float64) float64 { return c },
		func(c float64) float64 { return math.Exp(c / 15) },
		func(c float64) float64 {
			if c > limit {
				return 1
			}
			return 0
		},
	}[r.IntN(3)])
}

// Of the plans that give up no more than a share of the first goal, the one that
// is found is the best by the second, as looking at every set finds it.
func TestWithinEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 28))
	tried, moved := 0, 0
	cases := 1500
	if testing.Short() {
		cases = 300
	}
	for n := range cases {
		which := 0
		if n%2 == 1 {
			which = r.IntN(128)
		}
		first, second := twoGoals(t, r, which)
		_, least := enumerate(first)
		x, err := Solve(t.Context(), first, Options{Exact: true}, nil)
		if err != nil {
			continue
		}
		limit := least * (1 + []float64{0, 0.01, 0.1, 0.5}[r.IntN(4)])
		want := math.Inf(1)
		for open := range sets(first) {
			if first.Evaluate(open).Cost <= limit+1e-9*max(1, limit) {
				want = min(want, second.Evaluate(open).Cost)
			}
		}
		tried++
		if second.Evaluate(x.Open).Cost > want+1e-9 {
			moved++
		}
		for _, o := range []Options{{Exact: true}, {}, {Nodes: 1, Iterations: 5}} {
			got, err := Within(t.Context(), first, second, x.Open, limit, o)
			if err != nil {
				t.Fatalf("case %d: %v", n, err)
			}
			if c := first.Evaluate(got.Open).Cost; c > limit+1e-8*max(1, limit) || first.Check(got.Open) != nil {
				t.Fatalf("case %d: %v costs %v by the first goal, the limit is %v (%v)", n, got.Open, c, limit, first.Check(got.Open))
			}
			if got.Cost != second.Evaluate(got.Open).Cost || got.Bound > want+1e-9*max(1, want) || got.Cost < want-1e-7*max(1, want) {
				t.Fatalf("case %d: cost %v, bound %v, the best is %v", n, got.Cost, got.Bound, want)
			}
			if (o.Exact || got.Proven) && (!got.Proven || got.Cost > want+1e-6*max(1, want)) {
				t.Fatalf("case %d: %v costs %v (proven %v), the best is %v", n, got.Open, got.Cost, got.Proven, want)
			}
		}
	}
	if tried < cases/5 || moved < cases/15 {
		t.Errorf("%d cases, in %d of them the goals differ: too few", tried, moved)
	}
}

// A blend costs what its goals cost.
func TestBlendAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(37, 38))
	for n := range 300 {
		a, b := twoGoals(t, r, r.IntN(128))
		w := 3 * r.Float64()
		both, err := Blend(a, b, w)
		if err != nil {
			t.Fatal(err)
		}
		for open := range sets(a) {
			want := a.Evaluate(open).Cost + w*b.Evaluate(open).Cost
			if got := both.Evaluate(open).Cost; got != want && math.Abs(got-want) > 1e-9*want {
				t.Fatalf("case %d: %v costs %v by the blend, want %v", n, open, got, want)
			}
		}
	}
}
