package road

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// The wide instructions give what the plain loop gives.
func TestEightsPlainAndWide(t *testing.T) {
	if !wide {
		t.Skip("SKIPPED: this processor has no AVX2")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for size := range 40 {
		net := scatter(uint64(size), 1+size*13, size*31)
		for i := range net.Edges {
			net.Edges[i].Length = 0
		}
		x, err := Build(context.Background(), net, nil)
		if err != nil {
			t.Fatal(err)
		}
		h, err := x.half(Way(size % 2))
		if err != nil {
			t.Fatal(err)
		}
		a := make([]Eight, x.n)
		for v := range a {
			for lane := range Lanes {
				a[v].set(lane, []uint32{Never, r.Uint32N(Never), r.Uint32N(1000)}[r.IntN(3)])
			}
		}
		b := slices.Clone(a)
		from := min(1, x.n)
		if x.n > 2 {
			from = 1 + r.IntN(x.n-1)
		}
		h.eights(a, from, x.n)
		at := h.first[from]
		for v, end := range h.first[from+1 : x.n+1] {
			least(h.arcs[at:end], b, &b[from+v])
			at = end
		}
		if !slices.Equal(a, b) {
			t.Fatalf("%d nodes: the two differ", x.n)
		}
	}
}

// So do those of the lists.
func TestClosestPlainAndWide(t *testing.T) {
	if !wide {
		t.Skip("SKIPPED: this processor has no AVX2")
	}
	r := rand.New(rand.NewPCG(3, 4))
	stops := 0
	for size := range 30 {
		net := scatter(uint64(size), 20+size*13, 30+size*31)
		x, err := Build(context.Background(), net, nil)
		if err != nil {
			t.Fatal(err)
		}
		h, err := x.half(Way(size % 2))
		if err != nil {
			t.Fatal(err)
		}
		a := &Closest{words: 4 + size%3/2*4}
		for range x.n {
			a.rows = append(a.rows, word(r.IntN(8)/7))
			for range a.words - 1 {
				a.rows = append(a.rows, wordOf([]cost{never, cost(r.Uint64N(uint64(never))), cost(Never-1)<<32 + cost(r.Uint32())}[r.IntN(3)]))
			}
		}
		b := &Closest{words: a.words, rows: slices.Clone(a.rows)}
		for at := 1; at < x.n; {
			last, odd := a.step(h, at, min(x.n, at+1+r.IntN(9)))
			plain, plainOdd := b.plain(h, at, last)
			if plain != last || plainOdd != odd || !slices.Equal(a.rows, b.rows) {
				t.Fatalf("%d nodes from %d: to %d (%v), plain %d (%v)", x.n, at, last, odd, plain, plainOdd)
			}
			if at = last; odd {
				stops++
			}
			set := word(r.IntN(3))
			a.row(at - 1)[0], b.row(at - 1)[0] = set, set
		}
	}
	if stops < 100 {
		t.Errorf("stopped %d times", stops)
	}
}
