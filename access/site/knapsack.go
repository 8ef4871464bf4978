package site

import (
	"math"
	"slices"
)

// packRelaxation bounds a parcel: a knapsack for each site that is not closed,
// and the best sites by their knapsacks.
type packRelaxation struct {
	p      *packing
	node   parcel
	rules  *core  // what is decided of sites, and the undecided ones
	closed []bool // of all sites

	lambda []float64 // the best
	best   float64
	share  []float64 // of the undecided sites
	mean   []float64 // of the pairs, in the mean of the relaxed plans
	use    []float64
	avoid  []float64
	picker relaxation
	took   [][]deed // what each site that is picked or open takes
}

// newPackRelaxation returns nil if a place of the parcel has nowhere to go.
func newPackRelaxation(p *packing, node parcel, rules *core) *packRelaxation {
	in := p.in
	r := &packRelaxation{p: p, node: node, rules: rules, closed: make([]bool, in.sites), best: math.Inf(-1),
		share: make([]float64, rules.sites()), mean: make([]float64, len(in.cost)),
		use: filled(rules.sites(), math.Inf(-1)), avoid: filled(rules.sites(), math.Inf(-1)), took: make([][]deed, in.sites)}
	for j := range r.closed {
		r.closed[j] = true
	}
	for _, j := range rules.site {
		r.closed[j] = false
	}
	for _, j := range rules.opened {
		r.closed[j] = false
	}
	for i, bound := range node.bound {
		some := !bound
		for k := in.start[i]; k < in.start[i+1] && !some; k++ {
			some = !node.banned[k] && !r.closed[in.site[k]]
		}
		if !some {
			return nil
		}
	}
	r.picker = relaxation{c: rules, score: make([]float64, rules.sites())}
	return r
}

// fallback is the most that a place can pay.
func (r *packRelaxation) fallback(i int) float64 {
	if r.node.bound[i] {
		return math.Inf(1)
	}
	return r.p.in.fallback[i]
}

// fill solves the knapsack of site j: the least sum of cost less multiplier
// over places that fit together. With keep it remembers what it takes.
func (r *packRelaxation) fill(j int, lambda []float64, keep bool) float64 {
	p, in := r.p, r.p.in
	capacity := in.rules.Capacity[j]
	deeds := p.deeds[:0]
	var load float64
	for k := in.colStart[j]; k < in.colStart[j+1]; k++ {
		i, at := in.colPlace[k], in.colAt[k]
		if worth := lambda[i] - in.cost[at]; worth > 0 && !r.node.banned[at] && p.demand[i] <= capacity {
			deeds = append(deeds, deed{i, at, worth, p.demand[i], 1})
			load += p.demand[i]
		}
	}
	p.deeds = deeds
	var sum float64
	switch {
	case load <= capacity:
		for _, d := range deeds {
			sum += d.worth
		}
	case p.whole:
		sum = p.exact(deeds, int(capacity), keep)
	default:
		sum = relaxed(deeds, capacity)
	}
	if keep {
		r.took[j] = append(r.took[j][:0], deeds...)
		r.took[j] = slices.DeleteFunc(r.took[j], func(d deed) bool { return d.part == 0 })
	}
	return -sum
}

// exact solves a knapsack by dynamic programming over the capacity.
func (p *packing) exact(deeds []deed, capacity int, keep bool) float64 {
	width := capacity + 1
	if len(p.value) < width {
		p.value = make([]float64, width)
	}
	value := p.value[:width]
	clear(value)
	if keep {
		if len(p.taken) < width*len(deeds) {
			p.taken = make([]bool, width*len(deeds))
		}
		clear(p.taken[:width*len(deeds)])
	}
	for n, d := range deeds {
		w := int(d.demand)
		from, to := value[:width-w], value[w:]
		from = from[:len(to)]
		if !keep {
			for c := len(to) - 1; c >= 0; c-- {
				if v := from[c] + d.worth; v > to[c] {
					to[c] = v
				}
			}
			continue
		}
		taken := p.taken[n*width+w : (n+1)*width]
		for c := len(to) - 1; c >= 0; c-- {
			if v := from[c] + d.worth; v > to[c] {
				to[c], taken[c] = v, true
			}
		}
	}
	if keep {
		c := capacity
		for n := len(deeds) - 1; n >= 0; n-- {
			deeds[n].part = 0
			if p.taken[n*width+c] {
				deeds[n].part = 1
				c -= int(deeds[n].demand)
			}
		}
	}
	return value[capacity]
}

// relaxed fills a knapsack by worth for demand, the last deed in part (Dantzig
// 1957): no less than whole deeds are worth.
func relaxed(deeds []deed, capacity float64) (sum float64) {
	sortDeeds(deeds)
	for n := range deeds {
		d := &deeds[n]
		d.part = 1
		if d.demand > capacity {
			d.part = capacity / d.demand
		}
		capacity -= d.part * d.demand
		sum += d.part * d.worth
	}
	return sum
}

// solve evaluates the Lagrangian.
func (r *packRelaxation) solve(lambda []float64) float64 {
	in := r.p.in
	limit := r.p.proof()
	for k, j := range r.rules.site {
		if r.use[k] >= limit { // in no better plan
			r.picker.score[k] = math.Inf(1)
			continue
		}
		r.picker.score[k] = in.rules.fee(int(j)) + r.fill(int(j), lambda, false)
	}
	r.picker.pick()
	var sum, size float64
	for _, l := range lambda {
		sum += l
	}
	size = sum
	for _, j := range r.rules.opened {
		v := in.rules.fee(j) + r.fill(j, lambda, true)
		sum += v
		size += math.Abs(v)
	}
	for _, k := range r.picker.picked {
		r.fill(int(r.rules.site[k]), lambda, true)
		sum += r.picker.score[k]
		size += math.Abs(r.picker.score[k])
	}
	r.picker.value = sum - 1e-13*size
	return r.picker.value
}

// plan lists the open and the picked sites.
func (r *packRelaxation) plan() []int {
	open := slices.Clone(r.rules.opened)
	for _, k := range r.picker.picked {
		open = append(open, int(r.rules.site[k]))
	}
	slices.Sort(open)
	return open
}

// ascend raises the bound as search.ascend does, and places what the
// relaxations pick.
func (r *packRelaxation) ascend(from []float64, step float64, iterations, depth int) {
	p, in := r.p, r.p.in
	n := in.Places()
	now, g, direction := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, l := range from {
		now[i] = min(l, r.fallback(i))
	}
	r.lambda = slices.Clone(now)
	const least = 1e-4 // knapsacks change by leaps: ever smaller steps came further than steps of one fine size
	vain, before := 0, math.Inf(-1)
	stall, window := 0.005, 100
	if depth > 0 {
		stall, window = 0.02, 50
	}
	for it := range iterations {
		if p.ctx.Err() != nil {
			return
		}
		p.iterations++
		value := r.solve(now)
		r.picker.floors(r.use, r.avoid)
		if value > r.best {
			vain, r.best = 0, value
			copy(r.lambda, now)
			if p.iterations >= p.nextPolish {
				p.nextPolish = p.iterations + 10 + p.iterations/16
				if depth == 0 {
					p.exchange(r.plan())
				} else {
					p.place(r.plan())
				}
			}
		} else if vain++; vain >= patience && step > least {
			vain, step = 0, max(least, step*shrink)
			copy(now, r.lambda)
			r.solve(now)
			clear(direction)
		}
		if r.best >= p.cutoff() {
			return
		}
		if it%window == window-1 {
			if r.best-before < stall*(p.target(r.best)-r.best) {
				return
			}
			before = r.best
		}
		r.subgradient(now, g, it == 0)
		var norm float64
		for i, v := range g {
			direction[i] = boldMemory*direction[i] + (1-boldMemory)*v
			if it == 0 {
				direction[i] = v
			}
			if d := direction[i]; !(d > 0 && now[i] >= r.fallback(i)) && !(d < 0 && now[i] <= 0) {
				norm += d * d
			}
		}
		t := step * (p.target(r.best) - r.best) / max(norm, 1e-9)
		for i, d := range direction {
			now[i] = min(max(now[i]+t*d, 0), r.fallback(i))
		}
	}
}

// subgradient is one less what the relaxed plan serves of each place, which
// also goes into the means.
func (r *packRelaxation) subgradient(lambda, g []float64, first bool) {
	for i := range g {
		g[i] = 1
	}
	weight := blur
	if first {
		weight = 1
	}
	for k := range r.mean {
		r.mean[k] *= 1 - weight
	}
	take := func(j int) {
		for _, d := range r.took[j] {
			g[d.place] -= d.part
			r.mean[d.at] += weight * d.part
		}
	}
	for _, j := range r.rules.opened {
		take(j)
	}
	for _, k := range r.picker.picked {
		take(int(r.rules.site[k]))
	}
	for i, v := range g {
		if v > 0 && lambda[i] >= r.fallback(i) {
			g[i] = 0
		}
	}
	r.picker.mix(r.share, first)
}
