package site

import (
	"context"
	"math"
	"slices"
)

// Spread is what can be chosen where people do not all go to the best site that is
// open, but spread over the open ones, to each in proportion to its pull: a conditional
// logit (McFadden 1974), of which Huff's model (1963) is one. What a set of sites is
// worth to a place is the mean of the worths of all that are open, by their pulls.
//
// A further site may lose something: it can draw people away from one that is better
// for them. Gains are therefore no sum of best offers, and no bound is known.
type Spread struct {
	Weight []float64 // how much each place counts
	Pull   []float64 // on each place, of all the sites there are; 0: there is none
	Worth  []float64 // theirs, the mean by their pulls; where there is none, that of having none
	Offers [][]Draw  // of each candidate
}

// Draw is how strongly a candidate draws a place, and what it is worth to it.
type Draw struct {
	Place int32
	Pull  float64
	Worth float64
}

// mixture adds up the open sites' offers to places.
type mixture struct {
	s           *Spread
	pull, worth []float64 // Σ pull and Σ pull·worth, of the candidates that are open
	touched     []int32
}

func (s *Spread) newMixture() *mixture {
	return &mixture{s: s, pull: make([]float64, len(s.Weight)), worth: make([]float64, len(s.Weight))}
}

func (m *mixture) clear() {
	for _, i := range m.touched {
		m.pull[i], m.worth[i] = 0, 0
	}
	m.touched = m.touched[:0]
}

func (m *mixture) add(j int) {
	for _, o := range m.s.Offers[j] {
		if m.pull[o.Place] == 0 {
			m.touched = append(m.touched, o.Place)
		}
		m.pull[o.Place] += o.Pull
		m.worth[o.Place] += o.Pull * o.Worth
	}
}

// gain is that of what was added, over nothing.
func (m *mixture) gain() (sum float64) {
	for _, i := range m.touched {
		sum += m.s.Weight[i] * m.s.moved(i, m.pull[i], m.worth[i])
	}
	return sum
}

// with is what one more would add.
func (m *mixture) with(j int) (sum float64) {
	for _, o := range m.s.Offers[j] {
		i := o.Place
		more := m.s.moved(i, m.pull[i]+o.Pull, m.worth[i]+o.Pull*o.Worth) - m.s.moved(i, m.pull[i], m.worth[i])
		sum += m.s.Weight[i] * more
	}
	return sum
}

// of is the mixture of a set, and what it gains.
func (m *mixture) of(open []int) float64 {
	m.clear()
	for _, j := range open {
		m.add(j)
	}
	return m.gain()
}

// moved is by how much what a place has is worth more once sites of a pull, and of a
// worth times that, are open beside those there are.
func (s *Spread) moved(i int32, pull, worth float64) float64 {
	all := s.Pull[i] + pull
	if !(all > 0) {
		return 0
	}
	return (worth - pull*s.Worth[i]) / all
}

// Gain is what a set of candidates adds; it may be below 0.
func (s *Spread) Gain(open []int) float64 { return s.newMixture().of(open) }

// SpreadPlan is a set of candidates for people who spread over the open sites.
type SpreadPlan struct {
	Open   []int     // in the order in which each adds most to those before it
	Gain   []float64 // what each adds there; one that the rules force may lose something
	Alone  []float64 // of every candidate, what it would gain by itself
	Proven bool      // every set that the rules allow was tried
}

// tries is how many sets of candidates are tried one by one, in place of a search.
const tries = 20_000

// Solve looks for the set of candidates that gains most and keeps the rules of the
// instance, whose costs are not looked at. start is a set that keeps them. Where the
// rules allow few sets all are tried. Else the site that adds most opens, one after the
// other, and from there, and from start, sites are exchanged until no exchange and no
// opening or closing helps: best among plans one move away, without a bound.
func (s *Spread) Solve(ctx context.Context, in *Instance, start []int, o Options) (SpreadPlan, error) {
	p, m := SpreadPlan{Alone: make([]float64, len(s.Offers))}, s.newMixture()
	for j := range s.Offers {
		p.Alone[j] = m.with(j)
	}
	var best []int
	most := math.Inf(-1)
	take := func(open []int) {
		g := m.of(open)
		if best == nil || above(g, most) || !above(most, g) && len(open) < len(best) { // of equals the fewest sites, then the first
			best, most = append([]int{}, open...), g
		}
	}
	if p.Proven = in.sets() <= tries; p.Proven {
		in.each(ctx, take)
	} else {
		for _, from := range [][]int{m.opened(ctx, in), start} {
			if from != nil && in.Check(from) == nil {
				take(m.improved(ctx, in, from, o))
			}
		}
	}
	p.Open, p.Gain = m.inOrder(best)
	return p, ctx.Err()
}

// opened is the plan that opens, one after the other, the site that adds most of those
// that the rules allow beside those before it.
func (m *mixture) opened(ctx context.Context, in *Instance) []int {
	open := slices.Sorted(slices.Values(in.rules.Forced))
	for ctx.Err() == nil {
		m.of(open)
		best, most := -1, 0.0
		for j := range in.sites {
			if slices.Contains(open, j) || in.Check(append(slices.Clone(open), j)) != nil {
				continue
			}
			if g := m.with(j); above(g, most) {
				best, most = j, g
			}
		}
		if best < 0 {
			return open
		}
		open = append(open, best)
	}
	return open
}

// improved makes the best exchange of a site for another until none helps, and then the
// best opening or closing (Teitz & Bart 1968, by best moves).
func (m *mixture) improved(ctx context.Context, in *Instance, open []int, o Options) []int {
	steps := o.Iterations
	if steps == 0 {
		steps = 3000
	}
	for range steps {
		next := m.exchanged(ctx, in, open)
		if next == nil {
			next, _ = in.step(ctx, slices.Sorted(slices.Values(open)), -m.of(open), func(set []int) float64 { return -m.of(set) }, false)
		}
		if next == nil {
			break
		}
		open = next
	}
	return open
}

// exchanged is the best plan in which one site stands for another, nil if none gains
// more.
func (m *mixture) exchanged(ctx context.Context, in *Instance, open []int) (next []int) {
	most := m.of(open)
	for k, out := range open {
		if slices.Contains(in.rules.Forced, out) {
			continue
		}
		without := slices.Delete(slices.Clone(open), k, k+1)
		base := m.of(without)
		for j := range in.sites {
			if ctx.Err() != nil {
				return nil
			}
			if slices.Contains(open, j) {
				continue
			}
			if g := base + m.with(j); above(g, most) {
				if set := append(slices.Clone(without), j); in.Check(set) == nil {
					next, most = set, g
				}
			}
		}
	}
	return next
}

// inOrder puts sites in the order in which each adds most to those before it, with what
// it adds.
func (m *mixture) inOrder(open []int) (order []int, gain []float64) {
	left := slices.Clone(open)
	m.clear()
	for len(left) > 0 {
		best, most := 0, math.Inf(-1)
		for k, j := range left {
			if g := m.with(j); k == 0 || above(g, most) {
				best, most = k, g
			}
		}
		m.add(left[best])
		order, gain = append(order, left[best]), append(gain, most)
		left = slices.Delete(left, best, best+1)
	}
	return order, gain
}

// sets is how many sets of sites there are of no more than may open, the rules aside.
func (in *Instance) sets() float64 {
	sum, n := 1.0, 1.0
	for k := range in.rules.pick(in.sites) {
		n *= float64(in.sites-k) / float64(k+1)
		if sum += n; sum > tries {
			break
		}
	}
	return sum
}

// each calls do with every set that keeps the rules.
func (in *Instance) each(ctx context.Context, do func(open []int)) {
	most := in.rules.pick(in.sites)
	var open []int
	var from func(j int)
	from = func(j int) {
		if ctx.Err() != nil {
			return
		}
		if in.Check(open) == nil {
			do(open)
		}
		if len(open) == most {
			return
		}
		for ; j < in.sites; j++ {
			open = append(open, j)
			from(j + 1)
			open = open[:len(open)-1]
		}
	}
	from(0)
}
