package site

import (
	"math/rand/v2"
	"slices"
)

// relink walks from each of the best plans to others and improves what it
// meets on the way (path relinking: Resende & Werneck 2004). Plans that the
// bound's relaxations opened differ where the choice is hard; where there are
// too few of them, plans with a third of their sites drawn anew join in. It
// ends when a round finds no better plan, and reports whether any did.
func (s *search) relink() bool {
	if s.best == nil || !s.in.rules.free() || s.in.rules.pick(s.in.sites) < 2 {
		return false
	}
	starts, first := s.o.Starts, s.cost
	if starts == 0 {
		starts = 8
	}
	r := rand.New(rand.NewPCG(s.o.Seed, 0x9e3779b97f4a7c15))
	for range starts {
		if len(s.elite) >= starts || s.ctx.Err() != nil {
			break
		}
		s.polish(s.shaken(r))
	}
	for {
		pool, before := slices.Clone(s.elite[:min(len(s.elite), starts)]), s.cost
		for a := range pool {
			for b := range a {
				key := [2]string{name(pool[a].open), name(pool[b].open)}
				if s.tried[key] || s.ctx.Err() != nil {
					continue
				}
				s.tried[key] = true
				s.polish(s.walk(pool[b].open, pool[a].open))
			}
		}
		if !(s.cost < before) {
			return s.cost < first
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

// shaken is the best plan with a third of its sites, drawn at random, replaced.
func (s *search) shaken(r *rand.Rand) []int {
	s.x.set(s.best)
	for range 1 + len(s.best)/3 {
		out, in := r.IntN(len(s.x.open)), r.IntN(s.in.sites)
		if o := s.x.open[out]; o >= 0 && !s.x.kept[o] && s.x.may[in] && s.x.slot[in] < 0 && s.x.gain[in]+s.x.extra[in*len(s.x.open)+out] > 0 {
			s.x.apply(move{in, out, 0})
		}
	}
	return s.x.sites()
}

// walk swaps its way from one plan to another, always by the best swap, and
// returns the best plan strictly between them, or the first if there is none.
func (s *search) walk(from, to []int) []int {
	s.x.set(from)
	var in, out []int
	for _, j := range to {
		if s.x.slot[j] < 0 {
			in = append(in, j)
		}
	}
	for _, j := range from {
		if !slices.Contains(to, j) {
			out = append(out, j)
		}
	}
	best, cost := from, 0.0
	for first := true; len(in) > 1 && len(out) > 1; first = false {
		top, a, b := move{}, -1, -1
		for p, j := range in {
			for q, o := range out {
				if w := s.x.worth(j, int(s.x.slot[o])); a < 0 || w > top.profit {
					top, a, b = move{j, int(s.x.slot[o]), w}, p, q
				}
			}
		}
		s.x.apply(top)
		in, out = slices.Delete(in, a, a+1), slices.Delete(out, b, b+1)
		if first || s.x.cost < cost {
			best, cost = s.x.sites(), s.x.cost
		}
	}
	return best
}
