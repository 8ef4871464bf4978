package site

import (
	"careshed/geo/travel"
	"math/rand/v2"
	"runtime"
	"slices"
)

// relink walks from each of the best plans to others and improves what it
// meets on the way (path relinking: Resende & Werneck 2004). Plans that the
// bound's relaxations opened differ where the choice is hard; some with a third
// of the best one's sites drawn anew join in. It ends when a round finds no
// better plan, and reports whether any did.
func (s *search) relink() bool {
	if s.best == nil || !s.in.rules.free() || s.in.rules.pick(s.in.sites) < 2 {
		return false
	}
	starts, first := s.o.Starts, s.cost
	if starts == 0 {
		starts = 8
	}
	r := rand.New(rand.NewPCG(s.o.Seed, 0x9e3779b97f4a7c15))
	var shaken [][]int
	anew := starts
	if s.enough >= 0 { // whether a plan serves all: the bound decides sooner
		anew = max(0, starts-len(s.elite))
	}
	for range anew {
		shaken = append(shaken, s.shaken(r))
	}
	s.improveAll(len(shaken), func(_ *exchange, k int) []int { return shaken[k] })
	for {
		pool, before := slices.Clone(s.elite[:min(len(s.elite), starts)]), s.cost
		var ways [][2]int
		for a := range pool {
			for b := range a {
				key := [2]string{name(pool[a].open), name(pool[b].open)}
				if !s.tried[key] && !near(pool[a].open, pool[b].open) {
					s.tried[key] = true
					ways = append(ways, [2]int{b, a})
				}
			}
		}
		s.improveAll(len(ways), func(x *exchange, k int) []int {
			return x.walk(pool[ways[k][0]].open, pool[ways[k][1]].open)
		})
		if !(s.cost < before) || s.bound >= s.cutoff() || s.ctx.Err() != nil {
			return s.cost < first
		}
	}
}

// near reports whether plans differ by so few sites that what lies between
// them is one swap from either, and interchange has seen it.
func near(a, b []int) bool {
	differ := 0
	for _, j := range a {
		if _, both := slices.BinarySearch(b, j); !both {
			differ++
		}
	}
	return differ <= 2
}

// improveAll improves n plans on all cores, and offers them in their order:
// what comes of one depends on no other, so runs repeat on any number of cores.
func (s *search) improveAll(n int, plan func(x *exchange, k int) []int) {
	workers := min(n, runtime.GOMAXPROCS(0))
	for len(s.spare) < workers {
		x := newExchange(s.ctx, s.x.in, len(s.x.open))
		copy(x.may, s.x.may)
		s.spare = append(s.spare, x)
	}
	out := make([][]int, n)
	lent := -1
	own := func() *exchange { lent++; return s.spare[lent] }
	_ = travel.SpreadWith(s.ctx, n, 1, own, func(x *exchange, k, _ int) { out[k] = s.improved(x, plan(x, k)) })
	for _, open := range out {
		if open != nil {
			s.offer(open)
		}
	}
}

func name(open []int) string {
	b := make([]byte, 0, 4*len(open))
	for _, j := range open {
		b = append(b, byte(j), byte(j>>8), byte(j>>16), byte(j>>24))
	}
	return string(b)
}

// shaken is the best plan with a third of its sites replaced: by sites drawn at
// random, each for the one that it replaces best.
func (s *search) shaken(r *rand.Rand) []int {
	x := s.x
	x.set(s.best)
	var closed []int
	for j, may := range x.may {
		if may && x.slot[j] < 0 {
			closed = append(closed, j)
		}
	}
	for range 1 + len(s.best)/3 {
		if len(closed) == 0 {
			break
		}
		in, out := closed[r.IntN(len(closed))], -1
		for slot, o := range x.open {
			if x.slot[in] < 0 && o >= 0 && !x.kept[o] && (out < 0 || x.worth(in, slot) > x.worth(in, out)) {
				out = slot
			}
		}
		if out >= 0 {
			x.apply(move{in, out, 0})
		}
	}
	return x.sites()
}

// walk swaps its way from one plan to another, always by the best swap, and
// returns the best plan strictly between them, or the first if there is none.
func (x *exchange) walk(from, to []int) []int {
	x.set(from)
	var in, out []int
	for _, j := range to {
		if x.slot[j] < 0 {
			in = append(in, j)
		}
	}
	for _, j := range from {
		if !slices.Contains(to, j) {
			out = append(out, j)
		}
	}
	best, cost := from, 0.0
	for first := true; len(in) > 1 && len(out) > 1 && x.ctx.Err() == nil; first = false {
		top, a, b := move{}, -1, -1
		for p, j := range in {
			for q, o := range out {
				if w := x.worth(j, int(x.slot[o])); a < 0 || w > top.profit {
					top, a, b = move{j, int(x.slot[o]), w}, p, q
				}
			}
		}
		x.apply(top)
		in, out = slices.Delete(in, a, a+1), slices.Delete(out, b, b+1)
		if first || x.cost < cost {
			best, cost = x.sites(), x.cost
		}
	}
	return best
}
