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

	served []int32 // of the best plan
	deeds  []deed  // scratch of a knapsack
	value  []float64
	taken  []bool
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
	p := &packing{search: s, skeleton: newCore(bare), demand: s.in.rules.Demand, whole: true}
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
	x := newExchange(s.in, max(1, min(s.in.rules.pick(s.in.sites), 32)))
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
				return 0, &Infeasible{i, -1, -1, "reach", math.NaN(), math.NaN(), fmt.Sprintf("place %d must be served", i)}
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
			return 0, &Infeasible{i, int(j), -1, "reach", math.NaN(), math.NaN(), fmt.Sprintf("place %d is assigned to site %d, which does not serve it", i, j)}
		}
		sum += in.cost[at]
		if in.rules.Demand != nil {
			load[j] += in.rules.Demand[i]
		}
	}
	for j, l := range load {
		if in.rules.Capacity != nil && l > in.rules.Capacity[j]*(1+slack) {
			return 0, &Infeasible{-1, j, -1, "capacity", in.rules.Capacity[j], l, fmt.Sprintf("site %d would serve %v and its capacity is %v", j, l, in.rules.Capacity[j])}
		}
	}
	return sum, nil
}

// place assigns the places to a set of sites and offers the plan: always the
// place first that has most to lose by waiting (regret insertion: Martello &
// Toth 1981), then single moves and swaps as long as they save.
// It returns the assignment and its cost, with penalties where places that must
// be served are not; nil where the rules forbid the set.
func (p *packing) place(open []int) ([]int32, float64) {
	in := p.in
	if p.in.Check(open) != nil {
		return nil, math.Inf(1)
	}
	n := in.Places()
	is := make([]bool, in.sites)
	room := make([]float64, in.sites)
	for _, j := range open {
		is[j], room[j] = true, in.rules.Capacity[j]*(1+slack)
	}
	soft := in.softened()
	served, paid := make([]int32, n), make([]float64, n)
	waiting := make([]int32, n)
	for i := range waiting {
		waiting[i] = int32(i)
	}
	fits := func(i int32) (at int, cost, regret float64) {
		at, cost = -1, soft[i]
		second := soft[i]
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if j := in.site[k]; is[j] && p.demand[i] <= room[j] {
				if at < 0 {
					at, cost = k, in.cost[k]
				} else {
					second = in.cost[k]
					break
				}
			}
		}
		return at, cost, second - cost
	}
	for len(waiting) > 0 {
		top, topAt, topCost, most := -1, -1, 0.0, -1.0
		for w, i := range waiting {
			at, cost, regret := fits(i)
			regret += 1e-9 * p.demand[i] // of equals the larger
			if regret > most {
				top, topAt, topCost, most = w, at, cost, regret
			}
		}
		i := waiting[top]
		served[i], paid[i] = -1, topCost
		if topAt >= 0 {
			served[i] = in.site[topAt]
			room[served[i]] -= p.demand[i]
		}
		waiting = slices.Delete(waiting, top, top+1)
	}
	p.settleIn(served, paid, room, is)
	p.accept(open, served)
	var cost float64
	for _, v := range paid {
		cost += v
	}
	for _, j := range open {
		cost += in.rules.fee(j)
	}
	return served, cost
}

// exchange swaps open sites of a plan for those that serve their places most
// cheaply, as long as the plan gets better.
func (p *packing) exchange(open []int) {
	served, cost := p.place(open)
	for again := served != nil; again && p.ctx.Err() == nil; {
		again = false
		for _, out := range slices.Clone(open) {
			if slices.Contains(p.in.rules.Forced, out) {
				continue
			}
			for _, in := range p.standins(open, served, out) {
				trial := append(slices.DeleteFunc(slices.Clone(open), func(j int) bool { return j == out }), in)
				slices.Sort(trial)
				if s, c := p.place(trial); c < cost {
					open, served, cost, again = trial, s, c, true
					break
				}
			}
		}
	}
}

// standins are the closed sites that would serve the places of an open one
// most cheaply.
func (p *packing) standins(open []int, served []int32, out int) []int {
	const most = 8
	sum := make([]float64, p.in.sites)
	count, members := make([]int, p.in.sites), 0
	for i, j := range served {
		if int(j) != out {
			continue
		}
		members++
		for k := p.in.start[i]; k < p.in.start[i+1]; k++ {
			sum[p.in.site[k]] += p.in.cost[k]
			count[p.in.site[k]]++
		}
	}
	var near []int
	for j := range sum {
		if count[j] == members && members > 0 && !slices.Contains(open, j) {
			near = append(near, j)
		}
	}
	slices.SortFunc(near, func(a, b int) int { return cmp.Or(cmp.Compare(sum[a], sum[b]), cmp.Compare(a, b)) })
	return near[:min(most, len(near))]
}

// settleIn moves single places, and swaps pairs of them, while that saves.
func (p *packing) settleIn(served []int32, paid, room []float64, is []bool) {
	in := p.in
	slot, slots := make([]int, len(is)), 0
	for j, opened := range is {
		slot[j] = -1
		if opened {
			slot[j] = slots
			slots++
		}
	}
	costAt := filled(len(served)*slots, math.Inf(1))
	for i := range served {
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if j := in.site[k]; is[j] {
				costAt[i*slots+slot[j]] = in.cost[k]
			}
		}
	}
	for again := true; again; {
		again = false
		for i := range served {
			for k := in.start[i]; k < in.start[i+1] && in.cost[k] < paid[i]-slack; k++ {
				if j := in.site[k]; is[j] && j != served[i] && p.demand[i] <= room[j] {
					if served[i] >= 0 {
						room[served[i]] += p.demand[i]
					}
					served[i], paid[i] = j, in.cost[k]
					room[j] -= p.demand[i]
					again = true
					break
				}
			}
		}
		for a := range served {
			if p.eject(a, served, paid, room, slot) {
				again = true
			}
		}
		for a := range served {
			for b := range a {
				ja, jb := served[a], served[b]
				if ja == jb || ja < 0 || jb < 0 {
					continue
				}
				ca, cb := costAt[a*slots+slot[jb]], costAt[b*slots+slot[ja]]
				d := p.demand[a] - p.demand[b]
				if ca+cb < paid[a]+paid[b]-slack && d <= room[jb] && -d <= room[ja] {
					served[a], served[b], paid[a], paid[b] = jb, ja, ca, cb
					room[ja] += d
					room[jb] -= d
					again = true
				}
			}
		}
	}
}

// eject moves place a to a site from which another place makes room for it by
// going to a third site, if the two moves together save.
func (p *packing) eject(a int, served []int32, paid, room []float64, slot []int) bool {
	in := p.in
	for k := in.start[a]; k < in.start[a+1]; k++ {
		j := in.site[k]
		saves := paid[a] - in.cost[k]
		if saves <= slack && served[a] >= 0 {
			break
		}
		if slot[j] < 0 || served[a] == j {
			continue
		}
		short := p.demand[a] - room[j]
		for b, jb := range served {
			if jb != j || p.demand[b] < short {
				continue
			}
			for q := in.start[b]; q < in.start[b+1] && in.cost[q]-paid[b] < saves-slack; q++ {
				c := in.site[q]
				free := room[c]
				if c == served[a] {
					free += p.demand[a]
				}
				if c == j || slot[c] < 0 || p.demand[b] > free {
					continue
				}
				if served[a] >= 0 {
					room[served[a]] += p.demand[a]
				}
				room[j] += p.demand[b] - p.demand[a]
				room[c] -= p.demand[b]
				served[a], paid[a] = j, in.cost[k]
				served[b], paid[b] = c, in.cost[q]
				return true
			}
		}
	}
	return false
}

// sortDeeds puts the deeds of most worth for their demand first.
func sortDeeds(d []deed) {
	slices.SortFunc(d, func(a, b deed) int {
		return cmp.Or(-cmp.Compare(a.worth*b.demand, b.worth*a.demand), cmp.Compare(a.place, b.place))
	})
}
