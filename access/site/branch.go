package site

import (
	"math"
	"slices"
)

// promising is how much dearer than the best a relaxed plan may be to be improved.
const promising = 1.5

// childStep is how boldly the ascent of a part begins.
const childStep = 0.1

// firstMultipliers lie between the cheapest and the next cheapest site of each
// place in the best plan, where the best multipliers tend to be.
func (s *search) firstMultipliers(c *core) multipliers {
	m := multipliers{lambda: make([]float64, c.places())}
	for i := range m.lambda {
		place := i
		if c.from != nil {
			place = int(c.from[i])
		}
		d := (s.x.d1[place] + s.x.d2[place]) / 2
		m.lambda[i] = min(max(d, c.least[i]), c.fallback[i])
	}
	return m
}

// branch searches a core to its end: it bounds it, excludes and opens what the
// bound decides, and splits what is left on the site of which the relaxation
// is least sure, the likelier half first. It returns a bound of every plan in
// the core that is better than the best known, +Inf if there is none.
func (s *search) branch(c *core, m multipliers, bound float64, depth int) float64 {
	if s.cost <= s.enough {
		return s.cost
	}
	if s.ctx.Err() != nil || s.spent() {
		s.limited = true
		return bound
	}
	s.nodes++
	for round := 0; ; round++ {
		if c.hopeless() {
			return math.Inf(1)
		}
		if c.sites() == 0 || c.left == 0 {
			s.offer(c.opened)
			return math.Inf(1)
		}
		if c.places() == 0 && c.simple() {
			s.offer(c.opened)
			return math.Inf(1)
		}
		a := s.ascend(c, m, s.budget(depth), depth == 0)
		bound = max(bound, a.bound)
		if depth == 0 {
			s.learn(c, a, round)
		}
		if bound >= s.cutoff() {
			if bound >= s.proof() {
				return math.Inf(1)
			}
			return bound
		}
		marks := s.decided(a)
		again := s.shrank(marks)
		if depth == 0 && !again && s.relink() {
			marks, again = s.decided(a), true
		}
		m = a.multipliers
		if slices.Max(marks) > undecided {
			if c = c.decide(marks); c == nil {
				return math.Inf(1)
			}
			m = c.carry(m)
			if depth == 0 {
				s.focus(c)
			}
		}
		if again {
			continue
		}
		if c.sites() == 0 {
			continue
		}
		return s.split(c, a, marks, m, bound, depth)
	}
}

// focus goes on looking for plans among the sites of the root that are left
// and those of the best plans, where these have few of the pairs: no other
// site is in a better plan.
func (s *search) focus(c *core) {
	const few = 0.4
	keep := make([]bool, s.in.sites)
	for _, j := range c.site {
		keep[j] = true
	}
	for _, j := range c.opened {
		keep[j] = true
	}
	for _, p := range s.elite {
		for _, j := range p.open {
			keep[j] = true
		}
	}
	for _, j := range s.in.rules.Forced {
		keep[j] = true
	}
	pairs, all := 0, len(s.x.in.cost)
	for j, k := range keep {
		if k {
			pairs += s.x.in.colStart[j+1] - s.x.in.colStart[j]
		}
	}
	if all < manyPairs || float64(pairs) > few*float64(all) {
		return
	}
	slots := len(s.x.open)
	s.x, s.spare = newExchange(s.ctx, s.x.in.only(keep, pairs), slots), nil
	for j, k := range keep {
		s.x.may[j] = s.x.may[j] && k
	}
}

// simple reports whether opening no further site breaks no rule.
func (c *core) simple() bool {
	for _, k := range c.need {
		if k > 0 {
			return false
		}
	}
	return c.in.rules.Least == nil
}

func (s *search) split(c *core, a *ascent, marks []int8, m multipliers, bound float64, depth int) float64 {
	var share []float64
	for j, v := range a.share {
		if marks[j] == undecided {
			share = append(share, v)
		}
	}
	at, most := 0, -1.0
	for j, v := range share {
		if u := min(v, 1-v); u > most {
			at, most = j, u
		}
	}
	order := [2]int8{opening, closing}
	if share[at] < 0.5 {
		order = [2]int8{closing, opening}
	}
	worst := math.Inf(1)
	for _, what := range order {
		child := make([]int8, c.sites())
		child[at] = what
		if next := c.decide(child); next != nil {
			start := next.carry(m)
			start.step, start.drift, start.over = childStep, nil, 0
			worst = min(worst, s.branch(next, start, bound, depth+1))
		}
	}
	return worst
}

// budget is the iterations that a node's bound may take.
func (s *search) budget(depth int) int {
	if depth > 0 {
		return 100
	}
	if s.o.Iterations > 0 {
		return s.o.Iterations
	}
	return 3000
}

func (s *search) spent() bool {
	if s.o.Exact {
		return false
	}
	limit := s.o.Nodes
	if limit == 0 {
		limit = 2000
	}
	return s.nodes >= limit
}

// learn takes the floors of the root's sites over. The first round's hold for
// every plan; later ones for those that are better than the best known, so
// that they count up to its cost.
func (s *search) learn(c *core, a *ascent, round int) {
	most := math.Inf(1)
	if round > 0 {
		most = s.proof()
	}
	for j, site := range c.site {
		s.use[site] = max(s.use[site], min(most, a.use[j]))
		s.avoid[site] = max(s.avoid[site], min(most, a.avoid[j]))
	}
	for _, site := range c.opened {
		s.use[site] = max(s.use[site], min(most, a.bound))
	}
	if b := min(a.bound, s.proof()); b > s.bound {
		s.bound = b
		s.tell()
	}
}

// decided marks the sites of which the floors say that they are in no better
// plan, or in every one.
func (s *search) decided(a *ascent) []int8 {
	marks := make([]int8, len(a.use))
	limit := s.proof()
	for j := range marks {
		switch {
		case a.use[j] >= limit:
			marks[j] = closing
		case a.avoid[j] >= limit:
			marks[j] = opening
		}
	}
	return marks
}

// shrinks reports whether the floors decide so much that a new core pays.
func (s *search) shrinks(c *core, a *ascent) bool {
	if c.sites() < 16 {
		return false
	}
	limit, gone := s.proof(), 0
	for j := range a.use {
		if a.use[j] >= limit || a.avoid[j] >= limit {
			gone += c.colStart[j+1] - c.colStart[j]
		}
	}
	return 5*gone > 2*len(c.cost)
}

// shrank reports whether enough was decided to bound anew before splitting.
func (s *search) shrank(marks []int8) bool {
	gone := 0
	for _, m := range marks {
		if m != undecided {
			gone++
		}
	}
	return 5*gone > len(marks)
}

// relaxed offers the plan that a relaxation opens, and improves
// it from time to time: such plans differ just where the choice is hard.
func (s *search) relaxed(c *core, picked []int32) {
	if s.iterations < s.nextPolish {
		return
	}
	s.nextPolish = s.iterations + 15 + s.iterations/8
	open := slices.Clone(c.opened)
	for _, j := range picked {
		open = append(open, int(c.site[j]))
	}
	slices.Sort(open)
	if cost := s.offer(open); cost > promising*s.cost && !math.IsInf(cost, 1) {
		return // far from the best: improving it costs most and leads to the same plans
	}
	s.polish(open)
}
