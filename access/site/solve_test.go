package site

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// A run repeats to the bit, on any number of cores, also where the bound is
// computed in stretches at the same time.
func TestSolveRepeatsToTheBit(t *testing.T) {
	shape, pairs := nation(4000, 400, 500)
	in, err := NewInstance(shape, Rules{Pick: 12}, pairs)
	if err != nil {
		t.Fatal(err)
	}
	if in.Pairs() <= manyPairs {
		t.Fatalf("%d pairs: too few to be gone through in stretches", in.Pairs())
	}
	solve := func() Solution {
		got, err := Solve(t.Context(), in, Options{Nodes: 3, Seed: 5}, nil)
		if err != nil {
			t.Fatal(err)
		}
		verify(t, in, got)
		return got
	}
	a := solve()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if b := solve(); !reflect.DeepEqual(a, b) {
		t.Errorf("%v between %v and %v on all cores, %v between %v and %v on one", a.Open, a.Bound, a.Cost, b.Open, b.Bound, b.Cost)
	}
}

// A search that is cancelled returns the best plan so far, with a bound that
// holds, and each report is better than the last.
func TestCancelKeepsTheBest(t *testing.T) {
	shape, pairs := nation(2000, 300, 500)
	in, err := NewInstance(shape, Rules{Pick: 15}, pairs)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var last Solution
	reports := 0
	got, err := Solve(ctx, in, Options{Exact: true}, func(s Solution) {
		if reports++; reports > 1 && (s.Cost > last.Cost || s.Bound < last.Bound || s.Cost == last.Cost && s.Bound == last.Bound) {
			t.Errorf("between %v and %v after between %v and %v", s.Bound, s.Cost, last.Bound, last.Cost)
		}
		if last = s; reports == 2 {
			cancel()
		}
	})
	if err != nil || got.Stopped != Cancelled || got.Proven || got.Cost > last.Cost {
		t.Fatalf("%v at %v after %v: %v", got.Stopped, got.Cost, last.Cost, err)
	}
	verify(t, in, got)
	enough, end := context.WithCancelCause(t.Context())
	end(ErrEnough)
	if got, err := Solve(enough, in, Options{}, nil); err != nil || got.Stopped != Cancelled || math.IsInf(got.Cost, 1) {
		t.Errorf("ended before it began: %v at %v: %v", got.Stopped, got.Cost, err)
	}
	if got, err := Solve(ctx, in, Options{}, nil); !errors.Is(err, context.Canceled) || got.Open != nil {
		t.Errorf("given up before it began: %v: %v", got.Open, err)
	}
}

// What a plan gains over offers is what the instance says: all that is lost
// without any site less the plan's cost; and it is never less than greedy's.
func TestOffersAsInstance(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for n := range 300 {
		p := random(r)
		in, err := FromOffers(p, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Solve(t.Context(), in, Options{Exact: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if gain := in.Nothing() - got.Cost; math.Abs(gain-p.Gain(got.Open)) > 1e-9 {
			t.Fatalf("case %d: gains %v, recomputed %v", n, gain, p.Gain(got.Open))
		}
		greedy, err := Greedy(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Gain(greedy.Open) > p.Gain(got.Open)+1e-9 || !got.Proven || !placed(p, got.Open) {
			t.Fatalf("case %d: greedy %v gains %v, the proven best %v gains %v", n, greedy.Open, p.Gain(greedy.Open), got.Open, p.Gain(got.Open))
		}
	}
}

// The equally distributed equivalent of equal costs is that cost, and lies
// between mean and worst of unequal ones.
func TestKolmPollakLiesBetweenMeanAndWorst(t *testing.T) {
	const k = 0.05
	weight, costs := []float64{1, 2, 3}, [][]float64{{10, 90}, {40, 20}, {30, 30}}
	pairs := Transformed(weight, func(c float64) float64 { return math.Exp(k * c) }, grid(costs))
	in, err := NewInstance(Shape{Places: 3, Sites: 2}, Rules{Pick: 1}, pairs)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Solve(t.Context(), in, Options{}, nil)
	if err != nil || !slices.Equal(got.Open, []int{0}) {
		t.Fatalf("%v %v: the first site spares the first place 80", got.Open, err)
	}
	if e := EqualCost(k, got.Cost, 6); !(e > (10+80+90)/6.0 && e < 40) {
		t.Errorf("equal cost %v", e)
	}
	if e := EqualCost(k, 6*math.Exp(k*25), 6); math.Abs(e-25) > 1e-12 {
		t.Errorf("all bear 25, the equal cost is %v", e)
	}
}
