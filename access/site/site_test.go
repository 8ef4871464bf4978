package site

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

func random(r *rand.Rand) *Problem {
	n, m := 3+r.IntN(40), 2+r.IntN(12)
	p := &Problem{Weight: make([]float64, n), Now: make([]float64, n), Offers: make([][]Offer, m), Pick: 1 + r.IntN(4)}
	for i := range n {
		p.Weight[i], p.Now[i] = float64(r.IntN(10)), r.Float64()*0.5
	}
	for j := range m {
		for i := range n {
			if r.IntN(3) == 0 {
				p.Offers[j] = append(p.Offers[j], Offer{int32(i), float64(r.IntN(20)) / 20})
			}
		}
	}
	if r.IntN(2) == 0 {
		h := &Hubs{Count: 1 + r.IntN(3), Each: r.IntN(3), InRange: make([][]Link, m)}
		for j := range m {
			for k := range h.Count {
				if r.IntN(2) == 0 {
					h.InRange[j] = append(h.InRange[j], Link{int32(k), r.Float64()})
				}
			}
		}
		p.Hubs = h
	}
	return p
}

// placed reports by plain search whether every site of a set finds a hub.
func placed(p *Problem, open []int) bool {
	if p.Hubs == nil {
		return true
	}
	load := make([]int, p.Hubs.Count)
	var try func(k int) bool
	try = func(k int) bool {
		if k == len(open) {
			return true
		}
		for _, l := range p.Hubs.InRange[open[k]] {
			if p.Hubs.Each == 0 || load[l.Hub] < p.Hubs.Each {
				load[l.Hub]++
				if try(k + 1) {
					return true
				}
				load[l.Hub]--
			}
		}
		return false
	}
	return try(0)
}

// plainGreedy looks at every candidate at every step, by full recomputation.
func plainGreedy(p *Problem) (open []int) {
	for len(open) < p.Pick {
		best, most := -1, -1.0
		for j := range p.Offers {
			with := append(slices.Clone(open), j)
			if slices.Contains(open, j) || !placed(p, with) {
				continue
			}
			if g := p.Gain(with) - p.Gain(open); g > max(1e-12, most+1e-12) {
				best, most = j, g
			}
		}
		if best < 0 {
			break
		}
		open = append(open, best)
	}
	return open
}

func TestLazyGreedyEqualsPlainGreedy(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 600 {
		p := random(r)
		got, err := Greedy(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		want := plainGreedy(p)
		if len(got.Open) != len(want) {
			t.Fatalf("case %d: opened %v, plainly %v", n, got.Open, want)
		}
		if a, b := p.Gain(got.Open), p.Gain(want); math.Abs(a-b) > 1e-9 {
			t.Fatalf("case %d: opened %v worth %v, plainly %v worth %v", n, got.Open, a, want, b)
		}
		var sum float64
		for k, g := range got.Gain {
			sum += g
			if k > 0 && p.Hubs == nil && g > got.Gain[k-1]+1e-12 {
				t.Fatalf("case %d: gains rise: %v", n, got.Gain)
			}
		}
		if math.Abs(sum-p.Gain(got.Open)) > 1e-9 {
			t.Fatalf("case %d: the steps gain %v, the set %v", n, sum, p.Gain(got.Open))
		}
		for j, a := range got.Alone {
			if math.Abs(a-p.Gain([]int{j})) > 1e-12 {
				t.Fatalf("case %d: candidate %d gains %v alone, recomputed %v", n, j, a, p.Gain([]int{j}))
			}
		}
		if len(want) < p.Pick && got.Short == "" {
			t.Fatalf("case %d: too few opened and no reason", n)
		}
		checkHubs(t, p, got)
	}
}

func checkHubs(t *testing.T, p *Problem, got Plan) {
	t.Helper()
	if p.Hubs == nil {
		return
	}
	load := make([]int, p.Hubs.Count)
	for k, j := range got.Open {
		h := got.Hub[k]
		if !slices.ContainsFunc(p.Hubs.InRange[j], func(l Link) bool { return int(l.Hub) == h }) {
			t.Fatalf("site %d reports to hub %d, which is out of range", j, h)
		}
		if load[h]++; p.Hubs.Each > 0 && load[h] > p.Hubs.Each {
			t.Fatalf("hub %d has more than %d spokes", h, p.Hubs.Each)
		}
	}
}

// Without hub rules a greedy plan is worth at least 1 − 1/e of the best one.
func TestGreedyGuarantee(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		p := random(r)
		p.Hubs = nil
		got, err := Greedy(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		best := 0.0
		var try func(from int, open []int)
		try = func(from int, open []int) {
			best = max(best, p.Gain(open))
			if len(open) == p.Pick {
				return
			}
			for j := from; j < len(p.Offers); j++ {
				try(j+1, append(open, j))
			}
		}
		try(0, nil)
		if g := p.Gain(got.Open); g < (1-1/math.E)*best-1e-9 {
			t.Fatalf("greedy is worth %v of %v", g, best)
		}
	}
}

func TestGreedyRepeatsToTheBit(t *testing.T) {
	p := random(rand.New(rand.NewPCG(5, 6)))
	a, err := Greedy(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b, err := Greedy(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Open, b.Open) || !slices.Equal(a.Gain, b.Gain) || !slices.Equal(a.Alone, b.Alone) {
		t.Errorf("%+v on all cores, %+v on one", a, b)
	}
}
