package site

import "math"

// ascend raises the Lagrangian bound of a core by the volume algorithm
// (Barahona & Anbil 2000): a subgradient method whose direction is a running
// mean, which at the same time estimates how far each site is open in the
// linear relaxation. It ends when the bound reaches the cutoff, after the given
// iterations, when it no longer gets anywhere, or when enough sites are
// excluded that a smaller core is worth making.
func (s *search) ascend(c *core, m multipliers, iterations int, root bool) *ascent {
	n := c.places()
	r := newRelaxation(c)
	a := &ascent{multipliers: m, bound: math.Inf(-1), share: make([]float64, c.sites()),
		use: filled(c.sites(), math.Inf(-1)), avoid: filled(c.sites(), math.Inf(-1))}
	trial := multipliers{lambda: make([]float64, n), mu: m.mu}
	copy(trial.lambda, m.lambda)
	mean := make([]float64, n) // of the subgradients
	g := make([]float64, n)
	var meanBudget float64
	step := m.step
	if step == 0 {
		step = 0.5
	}
	alphaMost := 0.1
	reds, checked := 0, math.Inf(-1)
	for it := range iterations {
		if s.ctx.Err() != nil {
			break
		}
		s.iterations++
		r.solve(trial)
		r.floors(a.use, a.avoid)
		r.subgradient(trial.lambda, g)
		gBudget := r.overspent()
		if it == 0 {
			copy(mean, g)
			meanBudget = gBudget
			for _, j := range r.picked {
				a.share[j] = 1
			}
		} else {
			alpha := blend(g, mean, alphaMost)
			for i, v := range g {
				mean[i] += alpha * (v - mean[i])
			}
			meanBudget += alpha * (gBudget - meanBudget)
			for j := range a.share {
				a.share[j] *= 1 - alpha
			}
			for _, j := range r.picked {
				a.share[j] += alpha
			}
		}
		if r.value > a.bound {
			along := meanBudget * gBudget
			for i, v := range g {
				along += v * mean[i]
			}
			if along >= 0 {
				step = min(2, 1.5*step)
			} else {
				step = min(2, 1.05*step)
			}
			reds = 0
			a.bound, a.mu = r.value, trial.mu
			a.lambda, trial.lambda = trial.lambda, a.lambda
			if it == 0 {
				trial.lambda = make([]float64, n) // the caller's stay as they are
			}
			if root {
				s.relaxed(c, r.picked, it)
			}
		} else if reds++; reds == 10 {
			step, reds = max(1e-4, step*0.66), 0
		}
		if a.bound >= s.cutoff() {
			break
		}
		if it%20 == 19 && s.shrinks(c, a) {
			break
		}
		if it%50 == 49 {
			if a.bound-checked < 0.01*(s.target(a.bound)-a.bound) {
				break
			}
			checked = a.bound
			if alphaMost > 1e-3 && it%100 == 99 {
				alphaMost /= 2
			}
		}
		s.stepTo(c, a, mean, meanBudget, step, &trial)
	}
	a.step = step
	return a
}

// stepTo moves from the best multipliers along the mean subgradient.
func (s *search) stepTo(c *core, a *ascent, mean []float64, meanBudget, step float64, trial *multipliers) {
	scale := budgetScale(c)
	norm := (meanBudget * scale) * (meanBudget * scale)
	for i, v := range mean {
		l := a.lambda[i]
		if v > 0 && l >= c.fallback[i] || v < 0 && l <= c.cost[c.start[i]] {
			continue
		}
		norm += v * v
	}
	if norm < 1e-12 {
		norm = 1e-12
	}
	t := step * (s.target(a.bound) - a.bound) / norm
	for i, v := range mean {
		trial.lambda[i] = min(max(a.lambda[i]+t*v, c.cost[c.start[i]]), c.fallback[i])
	}
	trial.mu = max(0, a.mu+t*scale*scale*meanBudget)
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
		return bound + 0.05*math.Abs(bound) + 1
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
			if i := c.colPlace[k]; c.cost[c.colAt[k]] < lambda[i] {
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

// blend is the weight of the new subgradient that makes the mean shortest, at
// most most.
func blend(g, mean []float64, most float64) float64 {
	var num, den float64
	for i, v := range g {
		d := v - mean[i]
		num -= mean[i] * d
		den += d * d
	}
	if den == 0 {
		return most
	}
	if a := num / den; a > 0 {
		return min(a, most)
	}
	return most / 10
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}
