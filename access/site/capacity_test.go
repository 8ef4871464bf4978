package site

import (
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
)

// assignments gives the least cost of a set of sites over all assignments.
func assignments(in *Instance, open []int) float64 {
	best := math.Inf(1)
	served := make([]int32, in.Places())
	var try func(i int)
	try = func(i int) {
		if i == in.Places() {
			if cost, err := in.Assigned(open, served); err == nil {
				best = min(best, cost)
			}
			return
		}
		served[i] = -1
		try(i + 1)
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if slices.Contains(open, int(in.site[k])) {
				served[i] = in.site[k]
				try(i + 1)
			}
		}
	}
	try(0)
	return best
}

func TestCapacitatedEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	solvedCases := 0
	for n := range 250 {
		places, sites := 1+r.IntN(5), 1+r.IntN(5)
		whole := r.IntN(2) == 0
		draw := func(k int) float64 {
			if whole {
				return float64(r.IntN(k))
			}
			return float64(k) * r.Float64()
		}
		rules := Rules{Pick: r.IntN(sites + 1), Demand: make([]float64, places), Capacity: make([]float64, sites)}
		shape := Shape{Places: places, Sites: sites, Fallback: make([]float64, places)}
		var pairs []Pair
		for i := range places {
			rules.Demand[i], shape.Fallback[i] = draw(6), 10+draw(30)
			if r.IntN(3) == 0 {
				shape.Fallback[i] = math.Inf(1)
			}
			for j := range sites {
				if r.IntN(5) > 0 {
					pairs = append(pairs, Pair{int32(i), int32(j), draw(30)})
				}
			}
		}
		for j := range sites {
			rules.Capacity[j] = draw(15)
			if r.IntN(9) == 0 {
				rules.Never = append(rules.Never, j)
			} else if r.IntN(9) == 0 && len(rules.Forced) < rules.Pick {
				rules.Forced = append(rules.Forced, j)
			}
		}
		if r.IntN(2) == 0 {
			rules.SiteFee = make([]float64, sites)
			for j := range sites {
				rules.SiteFee[j] = draw(10)
			}
		}
		if sites > 1 && r.IntN(3) == 0 {
			rules.Apart = [][2]int{{0, 1}}
		}
		in, err := NewInstance(shape, rules, slices.Values(pairs))
		if err != nil {
			t.Fatal(err)
		}
		want := math.Inf(1)
		for open := range sets(in) {
			want = min(want, assignments(in, open))
		}
		got, err := Solve(t.Context(), in, Options{Exact: true}, func(s Solution) {
			if s.Bound > want+1e-9 || s.Cost < want-1e-9 {
				t.Fatalf("case %d: bound %v, best %v, cost %v", n, s.Bound, want, s.Cost)
			}
		})
		if math.IsInf(want, 1) {
			if e := (*Infeasible)(nil); !errors.As(err, &e) {
				t.Fatalf("case %d: there is no plan, and the solver says %v %v", n, got.Open, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("case %d: %v; the best costs %v", n, err, want)
		}
		solvedCases++
		cost, err := in.Assigned(got.Open, got.Served)
		if err != nil || cost != got.Cost || math.Abs(got.Cost-want) > 1e-9*want || !got.Proven || got.Bound > want {
			t.Fatalf("case %d: %v costs %v (%v, %v), the best %v, bound %v", n, got.Open, got.Cost, cost, err, want, got.Bound)
		}
	}
	if solvedCases < 100 {
		t.Errorf("only %d of 250 cases have a plan", solvedCases)
	}
}

// OR-Library's capacitated medians: an honest bound, all within half a percent
// of the optimum, nearly all at it, and most proven.
func TestORLibraryCapacitated(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: 20 instances with branch and bound")
	}
	var all map[string]struct{ Opt, N, P, Q int }
	folder := shared(t, "siting", "orlib_pmedcap")
	optima(t, filepath.Join(folder, "optima.json"), &all)
	var proven, best atomic.Int32
	t.Run("each", func(t *testing.T) {
		for name, want := range all {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				in := capacitated(t, filepath.Join(folder, name))
				got, err := Solve(t.Context(), in, Options{Nodes: 420}, nil)
				if err != nil {
					t.Fatal(err)
				}
				opt := float64(want.Opt)
				if cost, err := in.Assigned(got.Open, got.Served); err != nil || cost != got.Cost {
					t.Errorf("cost %v, recomputed %v %v", got.Cost, cost, err)
				}
				if got.Cost < opt || got.Bound > opt || got.Cost > 1.005*opt {
					t.Errorf("between %v and %v, known %v", got.Bound, got.Cost, opt)
				}
				if got.Proven {
					proven.Add(1)
				}
				if got.Cost == opt {
					best.Add(1)
				}
				t.Logf("%v to %v, known %v, %d nodes, %s", got.Bound, got.Cost, opt, got.Nodes, got.Stopped)
			})
		}
	})
	if proven.Load() < 15 || best.Load() < 18 {
		t.Errorf("%d of 20 proven, %d at the optimum", proven.Load(), best.Load())
	}
}

func capacitated(t testing.TB, path string) *Instance {
	t.Helper()
	w := words(t, path)
	n, p, q := int(w[2]), int(w[3]), w[4]
	at := make([]spot, n)
	rules := Rules{Pick: p, Demand: make([]float64, n), Capacity: filled(n, q)}
	for i := range n {
		row := w[5+4*i:]
		at[i], rules.Demand[i] = spot{row[1], row[2], 1}, row[3]
	}
	in, err := NewInstance(Shape{Places: n, Sites: n}, rules, between(at, at, floored))
	if err != nil {
		t.Fatal(err)
	}
	return in
}
