package site

import (
	"careshed/geo/travel"
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// assigner assigns places to a set of open sites with capacities, and improves
// both (the generalised assignment problem inside the capacitated median).
// Each goroutine needs its own.
type assigner struct {
	in   *Instance
	soft []float64 // fallback, with a penalty where a place must be served

	open   []int     // site in each slot
	column []float64 // cost of each place in each slot, slots of a place side by side; +Inf: no pair
	served []int32   // slot of each place, -1: its fallback
	paid   []float64 // of each place
	room   []float64 // of each slot

	sum   []float64 // scratch: of each site
	count []int
	slot  []int32 // of each site, -1: closed
}

func newAssigner(in *Instance) *assigner {
	n := in.Places()
	return &assigner{in: in, soft: in.softened(), served: make([]int32, n), paid: make([]float64, n),
		sum: make([]float64, in.sites), count: make([]int, in.sites), slot: make([]int32, in.sites)}
}

// assign opens sites and assigns the places, then improves: places move, and
// sites move within the places that they serve, as long as that saves. It
// reports whether the rules allow the set.
func (a *assigner) assign(open []int) bool {
	if a.in.Check(open) != nil {
		return false
	}
	a.set(open)
	a.insert()
	a.improve()
	for a.recenter() {
		a.improve()
	}
	return true
}

// cost of the plan, with penalties where places that must be served are not.
func (a *assigner) cost() (sum float64) {
	for _, v := range a.paid {
		sum += v
	}
	for _, j := range a.open {
		sum += a.in.rules.fee(j)
	}
	return sum
}

// plan is the open sites, ascending, and the site of each place.
func (a *assigner) plan() (open []int, served []int32) {
	open, served = slices.Clone(a.open), make([]int32, len(a.served))
	slices.Sort(open)
	for i, s := range a.served {
		if served[i] = s; s >= 0 {
			served[i] = int32(a.open[s])
		}
	}
	return open, served
}

func (a *assigner) set(open []int) {
	in := a.in
	a.open = append(a.open[:0], open...)
	a.column = slices.Grow(a.column[:0], in.Places()*len(open))[:in.Places()*len(open)]
	a.room = a.room[:0]
	for j := range a.slot {
		a.slot[j] = -1
	}
	for s, j := range open {
		a.room = append(a.room, in.rules.Capacity[j]*(1+slack))
		a.fill(s)
	}
}

// fill writes the costs of the site in a slot.
func (a *assigner) fill(s int) {
	in, j, slots := a.in, a.open[s], len(a.open)
	a.slot[j] = int32(s)
	for i := range in.Places() {
		a.column[i*slots+s] = math.Inf(1)
	}
	for k := in.colStart[j]; k < in.colStart[j+1]; k++ {
		a.column[int(in.colPlace[k])*slots+s] = in.cost[in.colAt[k]]
	}
}

// row is what a place costs in each slot.
func (a *assigner) row(i int) []float64 {
	return a.column[i*len(a.open) : (i+1)*len(a.open)]
}

// move brings a place from the slot that it has to another.
func (a *assigner) move(i int, s int32) {
	d := a.in.rules.Demand[i]
	if a.served[i] >= 0 {
		a.room[a.served[i]] += d
	}
	a.served[i], a.paid[i] = s, a.soft[i]
	if s >= 0 {
		a.room[s] -= d
		a.paid[i] = a.row(i)[s]
	}
}

// insert assigns all places, always that first which has most to lose by
// waiting (regret insertion: Martello & Toth 1981), and of equals the larger.
func (a *assigner) insert() {
	demand := a.in.rules.Demand
	type option struct {
		place       int
		best, next  int32 // slots, -1: the fallback
		cost, worth float64
	}
	all := 0.0
	for _, d := range demand {
		all += d
	}
	if all == 0 {
		all = 1
	}
	look := func(o *option) {
		second := a.soft[o.place]
		o.best, o.next, o.cost = -1, -1, second
		for s, c := range a.row(o.place) {
			if c >= second || demand[o.place] > a.room[s] {
				continue
			}
			if c < o.cost {
				o.next, second = o.best, o.cost
				o.best, o.cost = int32(s), c
			} else {
				o.next, second = int32(s), c
			}
		}
		o.worth = second - o.cost + 1e-9*a.in.size*demand[o.place]/all // of equals the largest
	}
	waiting := make([]option, len(a.served))
	for i := range waiting {
		a.served[i], waiting[i].place = -1, i
		look(&waiting[i])
	}
	for len(waiting) > 0 {
		top := 0
		for w := range waiting {
			if waiting[w].worth > waiting[top].worth {
				top = w
			}
		}
		o := waiting[top]
		waiting = slices.Delete(waiting, top, top+1)
		a.move(o.place, o.best)
		for w := range waiting {
			o2 := &waiting[w]
			if o.best >= 0 && (o2.best == o.best || o2.next == o.best) && demand[o2.place] > a.room[o.best] {
				look(o2)
			}
		}
	}
}

// improve moves single places, lets one make room for another, and swaps two,
// as long as that saves.
func (a *assigner) improve() {
	demand := a.in.rules.Demand
	for again := true; again; {
		again = false
		for i := range a.served {
			best, cost := int32(-1), a.paid[i]-slack
			for s, c := range a.row(i) {
				if c < cost && demand[i] <= a.room[s] {
					best, cost = int32(s), c
				}
			}
			if best >= 0 {
				a.move(i, best)
				again = true
			}
		}
		for i := range a.served {
			again = a.eject(i) || again
		}
		for i := range a.served {
			again = a.swap(i) || again
		}
	}
}

// swap exchanges place i for the first before it with which that saves.
func (a *assigner) swap(i int) bool {
	s, row, demand := a.served[i], a.row(i), a.in.rules.Demand
	if s < 0 {
		return false
	}
	for b, t := range a.served[:i] {
		if t == s || t < 0 {
			continue
		}
		d := demand[i] - demand[b]
		if row[t]-a.paid[i] < a.paid[b]-a.column[b*len(a.open)+int(s)]-slack && d <= a.room[t] && -d <= a.room[s] {
			a.move(i, t)
			a.move(b, s)
			return true
		}
	}
	return false
}

// eject moves place i to a slot from which another place makes room for it by
// going to a third, if the two moves together save.
func (a *assigner) eject(i int) bool {
	demand := a.in.rules.Demand
	for t, c := range a.row(i) {
		saves := a.paid[i] - c
		if saves <= slack || int32(t) == a.served[i] {
			continue
		}
		short := demand[i] - a.room[t]
		for b, at := range a.served {
			if int(at) != t || demand[b] < short {
				continue
			}
			for u, v := range a.row(b) {
				if u == t || v-a.paid[b] >= saves-slack {
					continue
				}
				free := a.room[u]
				if int32(u) == a.served[i] {
					free += demand[i]
				}
				if demand[b] <= free {
					a.move(b, int32(u))
					a.move(i, int32(t))
					return true
				}
			}
		}
	}
	return false
}

// recenter moves sites to where they serve the places that they have at least
// cost (alternating location and assignment: Maranzana 1964), and reports
// whether any moved.
func (a *assigner) recenter() (moved bool) {
	in := a.in
	for s, j := range a.open {
		if slices.Contains(in.rules.Forced, j) {
			continue
		}
		members, load := a.sums(int32(s))
		best, least := -1, a.sum[j]+in.rules.fee(j)-slack
		for k, sum := range a.sum {
			if a.count[k] == members && sum+in.rules.fee(k) < least && a.slot[k] < 0 && load <= in.rules.Capacity[k]*(1+slack) {
				if !slices.Contains(in.rules.Never, k) && a.allowed(s, k) {
					best, least = k, sum+in.rules.fee(k)
				}
			}
		}
		if best < 0 {
			continue
		}
		moved = true
		a.slot[j], a.open[s] = -1, best
		a.fill(s)
		a.room[s] = in.rules.Capacity[best]*(1+slack) - load
		for i, t := range a.served {
			if int(t) == s {
				a.paid[i] = a.row(i)[s]
			}
		}
	}
	return moved
}

// allowed reports whether site k may stand in for the one in slot s.
func (a *assigner) allowed(s, k int) bool {
	if a.in.rules.free() {
		return true
	}
	open := slices.Clone(a.open)
	open[s] = k
	return a.in.Check(open) == nil
}

// sums fills sum and count with what the places of a slot would cost at each
// site, and of how many the site has a pair. It returns how many places there
// are and what they demand.
func (a *assigner) sums(s int32) (members int, load float64) {
	in := a.in
	clear(a.sum)
	clear(a.count)
	for i, t := range a.served {
		if t != s {
			continue
		}
		members++
		load += in.rules.Demand[i]
		for k := in.start[i]; k < in.start[i+1]; k++ {
			a.sum[in.site[k]] += in.cost[k]
			a.count[in.site[k]]++
		}
	}
	return members, load
}

// standins are the closed sites that would serve the places of a slot most
// cheaply.
func (a *assigner) standins(s int32) []int {
	const most = 8
	members, _ := a.sums(s)
	var near []int
	for j, k := range a.count {
		if k == members && members > 0 && a.slot[j] < 0 {
			near = append(near, j)
		}
	}
	slices.SortFunc(near, func(x, y int) int { return cmp.Or(cmp.Compare(a.sum[x], a.sum[y]), cmp.Compare(x, y)) })
	return near[:min(most, len(near))]
}

// place assigns the places to a set of sites and offers the plan.
func (p *packing) place(open []int) {
	if p.assigner.assign(open) {
		p.accept(p.assigner.plan())
	}
}

// exchange swaps open sites of a plan for those that serve their places most
// cheaply, as long as the plan gets better.
func (p *packing) exchange(open []int) {
	a := p.assigner
	if !a.assign(open) {
		return
	}
	for again := true; again && p.ctx.Err() == nil; {
		again = false
		p.accept(a.plan())
		from, cost := slices.Clone(a.open), a.cost()
		var trials [][]int
		for s, out := range from {
			if slices.Contains(p.in.rules.Forced, out) {
				continue
			}
			for _, in := range a.standins(int32(s)) {
				trial := slices.Clone(from)
				trial[s] = in
				trials = append(trials, trial)
			}
		}
		for _, trial := range trials {
			if a.assign(trial) && a.cost() < cost-slack {
				again = true
				break
			}
		}
	}
}

// shake looks for better plans near the best: again and again it replaces a
// few of the sites, and goes on from what comes of it unless that is worse by
// more than a little (iterated local search). Several walks go on at the same
// time, each with its own numbers drawn, so that runs repeat.
func (p *packing) shake() {
	if len(p.best) == 0 {
		return
	}
	const walks = 4
	rounds := max(20, min(500, 1_000_000/(p.in.Places()*len(p.best))))
	var found [walks]struct {
		open   []int
		served []int32
	}
	own := func() *assigner { return newAssigner(p.in) }
	_ = travel.SpreadWith(context.Background(), walks, 1, own, func(a *assigner, k, _ int) {
		found[k].open, found[k].served = p.wander(a, rand.New(rand.NewPCG(p.o.Seed, uint64(k))), rounds)
	})
	for _, f := range found {
		if f.open != nil {
			p.accept(f.open, f.served)
		}
	}
}

// wander is one walk: the best plan that it meets, nil if none is better than
// the one from which it begins.
func (p *packing) wander(a *assigner, r *rand.Rand, rounds int) (open []int, served []int32) {
	const tolerance, patience = 0.02, 40
	if !a.assign(p.best) {
		return nil, nil
	}
	start, best := slices.Clone(a.open), p.cost
	now, vain := a.cost(), 0
	for range rounds {
		if p.ctx.Err() != nil {
			break
		}
		trial := slices.Clone(a.open)
		for range 1 + r.IntN(3) {
			s := r.IntN(len(trial))
			near := a.standins(int32(s))
			if len(near) == 0 || slices.Contains(p.in.rules.Forced, trial[s]) {
				continue
			}
			in := near[r.IntN(len(near))]
			if r.IntN(3) == 0 {
				in = r.IntN(p.in.sites)
			}
			if !slices.Contains(trial, in) {
				trial[s] = in
			}
		}
		before := slices.Clone(a.open)
		if !a.assign(trial) {
			a.assign(before)
			continue
		}
		cost := a.cost()
		if cost < best {
			open, served = a.plan()
			start, best, vain = slices.Clone(a.open), cost, 0
		} else if vain++; vain > patience {
			a.assign(start)
			now, vain = a.cost(), 0
			continue
		}
		if cost > now*(1+tolerance*r.Float64()) {
			a.assign(before)
			continue
		}
		now = cost
	}
	return open, served
}
