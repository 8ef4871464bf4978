package site

import (
	"math"
	"slices"
)

// How the ascent moves: first boldly, and once bold steps are vain, finely.
// Tried on OR-Library, TSPLIB and sparse national instances: plain
// subgradients and the volume algorithm (Barahona & Anbil 2000) came several
// times later to the same bound.
const (
	boldMemory = 0.7  // share of the last direction in the next
	patience   = 10   // bold steps without a better bound before the step shrinks
	shrink     = 0.85 // of the bold step
	fineMemory = 0.9  // share of the last direction in the next
	fineStep   = 0.02 // share of the way to the best plan's cost
	blur       = 0.05 // weight of each relaxed plan in the mean of them
)

// ascend raises the Lagrangian bound of a core by deflected subgradients
// (Camerini, Fratta & Maffioli 1975): each direction keeps part of the last,
// and the step is a share of the way to the best plan's cost (Polyak 1969).
// After a few vain steps it shrinks, and goes on from the best multipliers;
// once it is fine it stays so, and never goes back. The running mean of the relaxed plans estimates how far each site is open in the
// linear relaxation. It ends when the bound reaches the cutoff, after the given
// iterations, when it no longer gets anywhere, or when enough sites are
// decided that a smaller core is worth making.
func (s *search) ascend(c *core, m multipliers, iterations int, root bool) *ascent {
	n := c.places()
	r := newRelaxation(c)
	a := &ascent{multipliers: multipliers{lambda: slices.Clone(m.lambda), mu: m.mu}, bound: math.Inf(-1), share: make([]float64, c.sites()),
		use: filled(c.sites(), math.Inf(-1)), avoid: filled(c.sites(), math.Inf(-1))}
	now := multipliers{lambda: slices.Clone(m.lambda), mu: m.mu, over: m.over, step: m.step}
	if now.step == 0 {
		now.step = 1
	}
	direction, g := make([]float64, n), make([]float64, n)
	copy(direction, m.drift)
	vain, before := 0, math.Inf(-1)
	stall := 0.005
	if !root {
		stall = 0.02
	}
	for it := range iterations {
		if s.ctx.Err() != nil {
			break
		}
		s.iterations++
		r.solve(now)
		r.floors(a.use, a.avoid)
		if r.value > a.bound {
			vain = 0
			a.bound, a.mu = r.value, now.mu
			copy(a.lambda, now.lambda)
			s.relaxed(c, r.picked)
		} else if vain++; vain >= patience && now.step > fineStep {
			vain = 0
			now.step = max(fineStep, now.step*shrink)
			now.mu = a.mu
			copy(now.lambda, a.lambda)
			r.solve(now)
			clear(direction)
			now.over = 0
		}
		r.mix(a.share, it == 0)
		if a.bound >= s.cutoff() || s.cost <= s.enough || it%20 == 19 && s.shrinks(c, a) {
			break
		}
		if it%100 == 99 {
			if a.bound-before < stall*(s.target(a.bound)-a.bound) {
				break
			}
			before = a.bound
		}
		r.subgradient(now.lambda, g)
		keep, from := boldMemory, a.bound
		if now.step <= fineStep {
			keep, from = fineMemory, r.value
		}
		if it == 0 && m.drift == nil {
			keep = 0
		}
		for i, v := range g {
			direction[i] = keep*direction[i] + (1-keep)*v
		}
		now.over = keep*now.over + (1-keep)*r.overspent()
		s.move(c, &now, direction, from)
	}
	a.step, a.drift, a.over = now.step, direction, now.over
	return a
}

// mix takes the picked sites into the mean of the relaxed plans.
func (r *relaxation) mix(share []float64, first bool) {
	weight := blur
	if first {
		weight = 1
	}
	for j := range share {
		share[j] *= 1 - weight
	}
	for _, j := range r.picked {
		share[j] += weight
	}
}

// move goes along the direction. Multipliers stay between the least cost of a
// place, below which a bound always gains, and its fallback.
func (s *search) move(c *core, now *multipliers, direction []float64, from float64) {
	scale := budgetScale(c)
	norm := (now.over * scale) * (now.over * scale)
	for i, v := range direction {
		l := now.lambda[i]
		if v > 0 && l >= c.fallback[i] || v < 0 && l <= c.least[i] {
			continue
		}
		norm += v * v
	}
	t := now.step * (s.target(from) - from) / max(norm, 1e-9)
	for i, v := range direction {
		now.lambda[i] = min(max(now.lambda[i]+t*v, c.least[i]), c.fallback[i])
	}
	now.mu = max(0, now.mu+t*scale*scale*now.over)
}

// budgetScale brings the overspending into the size of the places' terms.
func budgetScale(c *core) float64 {
	if c.in.rules.Price == nil || !(c.in.rules.Budget > 0) {
		return 1
	}
	return math.Sqrt(float64(c.places())) / c.in.rules.Budget
}

// target is the cost that the ascent aims at: that of the best plan, or a
// little above the bound while there is none.
func (s *search) target(bound float64) float64 {
	if math.IsInf(s.cost, 1) {
		return bound + 0.05*max(math.Abs(bound), 1e-3*s.in.size)
	}
	return max(s.cost, bound+1e-7*math.Abs(s.cost))
}

// subgradient is, for each place, one less the number of picked sites that
// serve it for less than its multiplier.
func (r *relaxation) subgradient(lambda, g []float64) {
	c := r.c
	for i := range g {
		g[i] = 1
		if lambda[i] >= c.fallback[i] {
			g[i] = 0 // its fallback serves it, unless a site does
		}
	}
	clear(r.served)
	for _, j := range r.picked {
		for k := c.colStart[j]; k < c.colStart[j+1]; k++ {
			if i := c.colPlace[k]; c.colAt[k] < r.ends[i] {
				r.served[i]++
			}
		}
	}
	for i, k := range r.served {
		if k > 0 {
			g[i] = float64(1 - k)
		}
	}
}

// overspent is how far the picked sites exceed the budget.
func (r *relaxation) overspent() float64 {
	price := r.c.in.rules.Price
	if price == nil {
		return 0
	}
	sum := -r.c.budget
	for _, j := range r.picked {
		sum += price[r.c.site[j]]
	}
	return sum
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}
