package site

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Capacitated siting (Solve with Capacity in the rules): each place is served
// whole by one open site, and a site serves no more than its capacity. The
// assignment is relaxed, which leaves a knapsack for each site (Ceselli &
// Righini 2005 use the same ones): stronger than the linear relaxation where
// demands and capacities are whole numbers.

// packing is the capacitated part of a search.
type packing struct {
	*search
	skeleton *core // the rules about sets of sites, without places
	demand   []float64
	whole    bool // demands and capacities are whole and small: knapsacks are solved exactly

	served   []int32 // of the best plan
	assigner *assigner
	deeds    []deed // scratch of a knapsack
	value    []float64
	taken    []bool
}

// Knapsacks up to so large a capacity are solved by dynamic programming;
// beyond, their linear relaxation bounds them.
const mostUnits = 5000

// deed is a place that a site may serve: what that is worth at the multipliers.
type deed struct {
	place  int32
	at     int32 // the pair
	worth  float64
	demand float64
	part   float64 // how much of it is taken, 0 to 1
}

// parcel is a part of the search: what is decided of sites and of pairs.
type parcel struct {
	marks  []int8
	banned []bool // pairs
	bound  []bool // places that must be served by a site, not by their fallback
}

func newPacking(s *search) *packing {
	r := s.in.rules
	r.SiteFee, r.Demand, r.Capacity = nil, nil, nil
	bare := &Instance{rules: r, sites: s.in.sites, start: []int{0}, colStart: make([]int, s.in.sites+1)}
	p := &packing{search: s, skeleton: newCore(bare), demand: s.in.rules.Demand, whole: true, assigner: newAssigner(s.in)}
	for _, list := range [][]float64{s.in.rules.Demand, s.in.rules.Capacity} {
		for _, v := range list {
			if v != math.Trunc(v) {
				p.whole = false
			}
		}
	}
	if slices.Max(append([]float64{0}, s.in.rules.Capacity...)) > mostUnits {
		p.whole = false
	}
	return p
}

// packed solves a capacitated instance.
func (s *search) packed() {
	p := newPacking(s)
	s.pack = p
	root := parcel{marks: make([]int8, s.in.sites), banned: make([]bool, len(s.in.cost)), bound: make([]bool, s.in.Places())}
	for _, j := range s.in.rules.Forced {
		root.marks[j] = opening
	}
	for _, j := range s.in.rules.Never {
		root.marks[j] = closing
	}
	for i, f := range s.in.fallback {
		root.bound[i] = math.IsInf(f, 1)
	}
	lambda := make([]float64, s.in.Places())
	x := newExchange(s.ctx, s.in, max(1, min(s.in.rules.pick(s.in.sites), 32)))
	x.set(s.in.rules.Forced)
	x.fill()
	for i := range lambda {
		lambda[i] = (x.d1[i] + x.d2[i]) / 2
	}
	p.exchange(x.sites())
	s.bound = max(s.bound, p.split(root, lambda, 1, math.Inf(-1), 0))
}

// split searches a parcel: a bound of the plans in it that are better than
// the best known.
func (p *packing) split(node parcel, lambda []float64, step, bound float64, depth int) float64 {
	if p.ctx.Err() != nil || p.spent() {
		p.limited = true
		return bound
	}
	p.nodes++
	rules := p.skeleton.decide(slices.Clone(node.marks))
	if rules == nil {
		return math.Inf(1)
	}
	r := newPackRelaxation(p, node, rules)
	if r == nil {
		return math.Inf(1)
	}
	r.ascend(lambda, step, p.budget(depth), depth)
	if depth == 0 && r.best < p.cutoff() {
		p.shake()
	}
	bound = max(bound, r.best)
	if depth == 0 {
		if b := min(bound, p.proof()); b > p.bound {
			p.search.bound = b
			p.tell()
		}
	}
	if bound >= p.cutoff() {
		if bound >= p.proof() {
			return math.Inf(1)
		}
		return bound
	}
	// Sites that the bound decides are decided in the whole parcel.
	next := parcel{slices.Clone(node.marks), node.banned, node.bound}
	for k, j := range rules.site {
		switch {
		case r.use[k] >= p.proof():
			next.marks[j] = closing
		case r.avoid[k] >= p.proof():
			next.marks[j] = opening
		}
	}
	one, two, ok := p.parts(next, r)
	if !ok {
		return math.Inf(1)
	}
	worst := math.Inf(1)
	for _, part := range []parcel{one, two} {
		worst = min(worst, p.split(part, r.lambda, 0.1, bound, depth+1))
	}
	return worst
}

// parts divides a parcel: on the site of which the relaxation is least sure,
// or else on the pair. There is nothing to divide when all is decided.
func (p *packing) parts(node parcel, r *packRelaxation) (one, two parcel, ok bool) {
	at, most := -1, 0.02
	last := -1
	for k, j := range r.rules.site {
		if node.marks[j] != undecided {
			continue
		}
		last = k
		if u := min(r.share[k], 1-r.share[k]); u > most {
			at, most = k, u
		}
	}
	pair, unsure := -1, 0.02
	open := -1 // a pair that is not decided
	for i := range p.in.fallback {
		options, least, top := 0, unsure, -1
		for k := p.in.start[i]; k < p.in.start[i+1]; k++ {
			if node.banned[k] || r.closed[p.in.site[k]] {
				continue
			}
			options++
			if u := min(r.mean[k], 1-r.mean[k]); u > least {
				top, least = k, u
			}
			if options > 1 || !node.bound[i] {
				open = k
			}
		}
		if top >= 0 && (options > 1 || !node.bound[i]) {
			pair, unsure = top, least
		}
	}
	if at < 0 && (pair < 0 || p.in.breaks(r.plan()) != nil) {
		at = last
	}
	if at >= 0 {
		first, second := opening, closing
		if r.share[at] < 0.5 {
			first, second = closing, opening
		}
		one = parcel{slices.Clone(node.marks), node.banned, node.bound}
		two = parcel{slices.Clone(node.marks), node.banned, node.bound}
		one.marks[r.rules.site[at]], two.marks[r.rules.site[at]] = first, second
		return one, two, true
	}
	if pair < 0 {
		pair = open
	}
	if pair < 0 {
		p.settle(node, r)
		return one, two, false
	}
	i, _ := slices.BinarySearch(p.in.start, pair+1)
	i--
	one = parcel{node.marks, slices.Clone(node.banned), slices.Clone(node.bound)}
	two = parcel{node.marks, slices.Clone(node.banned), node.bound}
	for k := p.in.start[i]; k < p.in.start[i+1]; k++ {
		one.banned[k] = k != pair
	}
	one.bound[i] = true
	two.banned[pair] = true
	return one, two, true
}

// dismiss leaves out sites of the best plan that serve nobody, the last first, as
// far as the rules let it.
func (p *packing) dismiss() {
	for k := len(p.best) - 1; k >= 0; k-- {
		j := p.best[k]
		fewer := slices.Delete(slices.Clone(p.best), k, k+1)
		if slices.Contains(p.served, int32(j)) || p.in.rules.fee(j) < 0 || p.in.Check(fewer) != nil {
			continue
		}
		if cost, err := p.in.Assigned(fewer, p.served); err == nil {
			p.best, p.cost, p.bound = fewer, cost, math.Min(p.bound, cost)
		}
	}
}

// settle offers the one plan of a parcel in which all is decided.
func (p *packing) settle(node parcel, r *packRelaxation) {
	served := make([]int32, p.in.Places())
	for i := range served {
		served[i] = -1
		for k := p.in.start[i]; k < p.in.start[i+1]; k++ {
			if j := p.in.site[k]; !node.banned[k] && !r.closed[j] {
				served[i] = j
				break
			}
		}
	}
	p.accept(r.rules.opened, served)
}

// accept keeps a plan that is allowed and better than the best.
func (p *packing) accept(open []int, served []int32) {
	if p.in.Check(open) != nil {
		return
	}
	cost, err := p.in.Assigned(open, served)
	if err != nil || !(cost < p.cost) {
		return
	}
	p.best, p.cost, p.served = append([]int{}, open...), cost, slices.Clone(served)
	slices.Sort(p.best)
	p.tell()
}

// Assigned computes plainly what a capacitated plan costs: places served as
// stated, -1 for the fallback. It says which place or site breaks what.
func (in *Instance) Assigned(open []int, served []int32) (float64, error) {
	if len(served) != in.Places() {
		return 0, fmt.Errorf("%d places are assigned and there are %d", len(served), in.Places())
	}
	is, load := make([]bool, in.sites), make([]float64, in.sites)
	var sum float64
	for _, j := range open {
		is[j] = true
	}
	for j, opened := range is {
		if opened {
			sum += in.rules.fee(j)
		}
	}
	for i, j := range served {
		if j < 0 {
			if math.IsInf(in.fallback[i], 1) {
				return 0, about(i, -1, -1, "reach", math.NaN(), math.NaN(), "place %d must be served", i)
			}
			sum += in.fallback[i]
			continue
		}
		at := -1
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if in.site[k] == j {
				at = k
			}
		}
		if at < 0 || !is[j] {
			return 0, about(i, int(j), -1, "reach", math.NaN(), math.NaN(), "place %d is assigned to site %d, which does not serve it", i, j)
		}
		sum += in.cost[at]
		if in.rules.Demand != nil {
			load[j] += in.rules.Demand[i]
		}
	}
	for j, l := range load {
		if in.rules.Capacity != nil && l > in.rules.Capacity[j]*(1+slack) {
			return 0, about(-1, j, -1, "capacity", in.rules.Capacity[j], l, "site %d would serve %v and its capacity is %v", j, l, in.rules.Capacity[j])
		}
	}
	return sum, nil
}

// sortDeeds puts the deeds of most worth for their demand first.
func sortDeeds(d []deed) {
	slices.SortFunc(d, func(a, b deed) int {
		return cmp.Or(-cmp.Compare(a.worth*b.demand, b.worth*a.demand), cmp.Compare(a.place, b.place))
	})
}
