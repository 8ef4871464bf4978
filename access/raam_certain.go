package access

import (
	"context"
	"math"
	"slices"

	"careshed/geo/travel"
)

// shortlist is a RAAM problem in which the places choose among few sites each,
// with who goes where.
type shortlist struct {
	*equilibrium
	choice []int32 // of each place: the one site on its list; else -1 - its number here; or nowhere
	who    []int32 // of each number, the place
	start  []int
	site   []int32
	time   []float64 // ÷ τ
	going  []float64

	base   []tally   // of each site: from places with one site on their lists
	demand []float64 // and from all
}

// tally is a sum with what its last digit has left out (Neumaier 1974).
type tally struct{ sum, rest float64 }

func (t *tally) add(x float64) {
	sum := t.sum + x
	if math.Abs(t.sum) >= math.Abs(x) {
		t.rest += t.sum - sum + x
	} else {
		t.rest += x - sum + t.sum
	}
	t.sum = sum
}

const nowhere = math.MinInt32

// shortlist has the sites that cost at most window above the least.
func (e *equilibrium) shortlist(price []float64, window float64) *shortlist {
	lists := make([][]int32, (e.m.Places+block-1)/block) // counts and sites
	rows(e.m, func(b, from, to int, w []float64) {
		var list []int32
		for i := from; i < to; i++ {
			js, times := e.m.Row(i)
			least := e.costs(js, times, price, w)
			at := len(list)
			if list = append(list, 0); e.demand[i] <= 0 || math.IsInf(least, 1) {
				continue
			}
			for k, j := range js {
				if w[k]-least <= window {
					list = append(list, j)
				}
			}
			list[at] = int32(len(list) - at - 1)
		}
		lists[b] = list
	})
	s := e.empty()
	for b, list := range lists {
		for i := b * block; len(list) > 0; i++ {
			count := int(list[0])
			s.put(i, list[1:1+count], nil)
			list = list[1+count:]
		}
	}
	return s
}

func (e *equilibrium) empty() *shortlist {
	return &shortlist{equilibrium: e, choice: make([]int32, e.m.Places), start: []int{0}, base: make([]tally, e.m.Sites), demand: make([]float64, e.m.Sites)}
}

// put gives the next place its list, in the order of its row, and who of it goes
// where: all who go to the one site if it is one.
func (s *shortlist) put(place int, list []int32, going []float64) {
	switch len(list) {
	case 0:
		s.choice[place] = nowhere
		return
	case 1:
		s.choice[place] = list[0]
		s.base[list[0]].add(s.equilibrium.demand[place])
		return
	}
	s.choice[place] = -1 - int32(len(s.who))
	s.who = append(s.who, int32(place))
	js, times := s.m.Row(place)
	k := 0
	for _, j := range list {
		for js[k] != j {
			k++
		}
		s.site, s.time = append(s.site, j), append(s.time, float64(times[k])*s.per)
	}
	if going == nil {
		going = make([]float64, len(list))
	}
	s.going = append(s.going, going...)
	s.start = append(s.start, len(s.site))
}

// smooth is the problem of the places with more than one site on their lists, the
// others' choice being made.
func (s *shortlist) smooth() *equilibrium {
	few := &equilibrium{m: &travel.Matrix{Places: len(s.who), Sites: s.m.Sites, Start: s.start, Site: s.site, Time: make([]travel.Seconds, len(s.time))},
		per: 1, room: s.room, decided: make([]float64, s.m.Sites)}
	for j, t := range s.base {
		few.decided[j] = t.sum + t.rest
	}
	for k, t := range s.time {
		few.m.Time[k] = travel.Seconds(t)
	}
	for _, i := range s.who {
		few.demand = append(few.demand, s.equilibrium.demand[i])
	}
	return few
}

// spread sends people where the smoothed minimum says.
func (s *shortlist) spread(price []float64, width float64) {
	for n, i := range s.who {
		least, total := math.Inf(1), 0.0
		for k := s.start[n]; k < s.start[n+1]; k++ {
			least = min(least, s.time[k]+price[s.site[k]])
		}
		for k := s.start[n]; k < s.start[n+1]; k++ {
			s.going[k] = math.Exp((least - s.time[k] - price[s.site[k]]) / width)
			total += s.going[k]
		}
		for k := s.start[n]; k < s.start[n+1]; k++ {
			s.going[k] *= s.equilibrium.demand[i] / total
		}
	}
}

// finish settles shortlists, and puts on them whatever site turns out to cost
// less, until the costs are certain enough.
func (e *equilibrium) finish(ctx context.Context, s *shortlist, within float64, steps *int, maxSteps int) (*RAAMResult, error) {
	together := e.together()
	above := 1e-6
	for {
		settled, err := s.settle(ctx, above, steps, maxSteps)
		if err != nil {
			return nil, err
		}
		r, better := s.certify(together, above)
		r.Steps = *steps
		switch {
		case r.Bound <= within || *steps >= maxSteps:
			return r, nil
		case len(better) > 0:
			s = s.with(better)
		case !settled || above <= digit:
			return r, nil // as far as digits go
		default:
			above = max(digit, above*min(0.1, within/r.Bound/2))
		}
		*steps++
	}
}

// with is a shortlist with a site more for some places.
func (s *shortlist) with(more []pair) *shortlist {
	next := s.equilibrium.empty()
	for i, c := range s.choice {
		var list []int32
		var going []float64
		switch {
		case c >= 0:
			list, going = []int32{c}, []float64{s.equilibrium.demand[i]}
		case c != nowhere:
			n := int(-1 - c)
			list, going = s.site[s.start[n]:s.start[n+1]], s.going[s.start[n]:s.start[n+1]]
		}
		if len(more) > 0 && int(more[0].place) == i {
			k, _ := slices.BinarySearch(list, more[0].site)
			list = slices.Insert(slices.Clone(list), k, more[0].site)
			going = slices.Insert(slices.Clone(going), k, 0)
			more = more[1:]
		}
		next.put(i, list, going)
	}
	return next
}

type pair struct{ place, site int32 }

// settle finds who goes where on a shortlist, until nobody pays more than a share
// above the least: by turns each place fills up the sites that cost it least, as
// water finds its level, and all who go to several sites are shifted together
// (projected gradients and conjugate gradients, Moré & Toraldo 1991). It is false
// if that comes no nearer any more.
func (s *shortlist) settle(ctx context.Context, above float64, steps *int, maxSteps int) (bool, error) {
	s.count()
	least, since := math.Inf(1), 0
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		worst := 0.0
		for n := range s.who {
			worst = max(worst, s.paidAbove(n))
		}
		if worst <= above {
			return true, nil
		}
		if since++; worst < least/2 {
			least, since = worst, 0
		}
		if since > 30 || *steps >= maxSteps {
			return false, nil
		}
		for range 4 {
			for n := range s.who {
				s.level(n)
			}
		}
		s.count()
		s.shift()
		s.count()
		*steps++
	}
}

// count is how many come to each site.
func (s *shortlist) count() {
	all := slices.Clone(s.base)
	for k, j := range s.site {
		all[j].add(s.going[k])
	}
	for j, t := range all {
		s.demand[j] = t.sum + t.rest
	}
}

func (s *shortlist) cost(k int) float64 { return s.time[k] + s.demand[s.site[k]]/s.room[s.site[k]] }

// paidAbove is the most that anybody of a place pays above the least, as a share
// of the least.
func (s *shortlist) paidAbove(n int) float64 {
	least, most := math.Inf(1), 0.0
	for k := s.start[n]; k < s.start[n+1]; k++ {
		c := s.cost(k)
		if least = min(least, c); s.going[k] > 0 {
			most = max(most, c)
		}
	}
	return (most - least) / least
}

// level sends the people of a place where they pay least, all others staying:
// R_j (λ − a_j) of them to each site that costs a_j < λ without them.
func (s *shortlist) level(n int) {
	from, to := s.start[n], s.start[n+1]
	var few [16]int
	order := few[:0]
	for k := from; k < to; k++ {
		s.demand[s.site[k]] -= s.going[k]
		order = append(order, k)
		for at := len(order) - 1; at > 0 && s.cost(order[at]) < s.cost(order[at-1]); at-- {
			order[at], order[at-1] = order[at-1], order[at]
		}
	}
	people := s.equilibrium.demand[s.who[n]]
	room, filled, level := 0.0, 0.0, 0.0 // Σ R_j, Σ R_j a_j and λ of the sites so far
	used := 0
	for used < len(order) {
		k := order[used]
		a, r := s.cost(k), s.room[s.site[k]]
		if used > 0 && a >= level {
			break
		}
		room, filled = room+r, filled+r*a
		level = (people + filled) / room
		used++
	}
	rest := people
	for at := used - 1; at >= 0; at-- {
		k := order[at]
		s.going[k] = max(0, min(rest, s.room[s.site[k]]*(level-s.cost(k))))
		if at == 0 {
			s.going[k] = rest
		}
		rest -= s.going[k]
	}
	for at, k := range order {
		if at >= used {
			s.going[k] = 0
		}
	}
	for k := from; k < to; k++ {
		s.demand[s.site[k]] += s.going[k]
	}
}

// shift moves people among the sites that those of their place go to, to the
// least Σ x t/τ + Σ D²/2R on that face, by conjugate gradients: as far as nobody
// is sent from where nobody is left, and then among the sites that remain.
func (s *shortlist) shift() {
	for s.face() {
		s.count()
	}
	// However far people were shifted, they are as many as before to the last digit.
	for n, i := range s.who {
		sum := 0.0
		for k := s.start[n]; k < s.start[n+1]; k++ {
			sum += s.going[k]
		}
		for k := s.start[n]; k < s.start[n+1]; k++ {
			s.going[k] *= s.equilibrium.demand[i] / sum
		}
	}
}

// face is shift as far as somewhere nobody is left, and says whether that was so.
func (s *shortlist) face() bool {
	used, ends := s.shared()
	r := make([]float64, len(used)) // down the slope
	for at, k := range used {
		r[at] = -s.cost(k)
	}
	keepPeople(r, ends)
	p, hp, moved := slices.Clone(r), make([]float64, len(used)), make([]float64, len(s.demand))
	rr := dot(r, r)
	for first, n := rr, 0; rr > 1e-24*first && n < len(used)+20; n++ {
		clear(moved)
		for at, k := range used {
			moved[s.site[k]] += p[at]
		}
		var php, scale float64
		for at, k := range used {
			room := s.room[s.site[k]]
			hp[at] = moved[s.site[k]] / room
			php, scale = php+p[at]*hp[at], scale+p[at]*p[at]/room
		}
		keepPeople(hp, ends)
		size := rr / php
		if !(php > 1e-14*scale) {
			// People of several places are exchanged between the same sites.
			size = math.Inf(1)
		}
		last := -1
		for at, k := range used {
			if p[at] < 0 && s.going[k] < -size*p[at] {
				size, last = -s.going[k]/p[at], at
			}
		}
		if math.IsInf(size, 1) {
			return false
		}
		for at, k := range used {
			s.going[k] = max(0, s.going[k]+size*p[at])
			r[at] -= size * hp[at]
		}
		if last >= 0 {
			s.going[used[last]] = 0
			return true
		}
		next := dot(r, r)
		for at := range p {
			p[at] = r[at] + next/rr*p[at]
		}
		rr = next
	}
	return false
}

// shared are the entries with people, of places whose people go to several sites,
// and where those of each place end.
func (s *shortlist) shared() (used, ends []int) {
	for n := range s.who {
		from := len(used)
		for k := s.start[n]; k < s.start[n+1]; k++ {
			if s.going[k] > 0 {
				used = append(used, k)
			}
		}
		if len(used)-from < 2 {
			used = used[:from]
			continue
		}
		ends = append(ends, len(used))
	}
	return used, ends
}

// keepPeople takes out of a step what would change how many people a place has.
func keepPeople(step []float64, ends []int) {
	from := 0
	for _, to := range ends {
		var mean float64
		for _, x := range step[from:to] {
			mean += x
		}
		mean /= float64(to - from)
		for at := from; at < to; at++ {
			step[at] -= mean
		}
		from = to
	}
}

// certify says how far the cost of any place may be from that of the
// equilibrium, and which sites cost less than those on a place's list.
//
// Let p be the congestion that the people make, who all go where it costs least at
// p: that is the equilibrium π*. If some go where it costs up to η more, p is off
// π* by (n−1)η at most, n being the number of sites. For let p* = p + d, the sites
// be in the order of d, and J the first of them, down to the first step of more
// than η. Whoever goes to one of J at π* has, at p, a site of J that costs less by
// more than η than any outside, and so is among those who make p there:
//
//	Σ_J R_j (p_j + d_j) = Σ_J R_j π*_j ≤ Σ_J R_j p_j
//
// so that the last d of J is 0 or less, and the first, at most n−1 steps above it,
// (n−1)η at most; and likewise below. (It is the comparison by which the prices
// of the dual are unique.) The least of some prices moves no farther than they
// do. All of this is said of sites that share places, directly or through others
// (together); η takes in the last digits.
func (s *shortlist) certify(together []int32, above float64) (*RAAMResult, []pair) {
	e := s.equilibrium
	r := &RAAMResult{Cost: make([]float64, e.m.Places), Demand: slices.Clone(s.demand)}
	price := make([]float64, e.m.Sites)
	for j, room := range e.room {
		if room > 0 {
			price[j] = s.demand[j] / room
		}
	}
	type part struct {
		above       []float64 // η by group of sites
		paid, least float64
		better      []pair
	}
	parts := make([]part, (e.m.Places+block-1)/block)
	rows(e.m, func(b, from, to int, w []float64) {
		p := part{above: make([]float64, e.m.Sites)}
		for i := from; i < to; i++ {
			js, times := e.m.Row(i)
			least := e.costs(js, times, price, w)
			if r.Cost[i] = least; math.IsInf(least, 1) {
				r.Cost[i] = math.NaN()
			}
			if s.choice[i] == nowhere {
				continue
			}
			most, paid, cheapest := s.pays(i, js, w)
			if most > least+above*least && cheapest > least {
				p.better = append(p.better, pair{int32(i), js[slices.Index(w[:len(js)], least)]})
			}
			g := together[e.first(js)]
			p.above[g] = max(p.above[g], most-least+4*digit*least)
			p.paid += paid
			p.least += e.demand[i] * least
		}
		parts[b] = p
	})
	eta := make([]float64, e.m.Sites)
	var paid, least float64
	var better []pair
	for _, p := range parts {
		paid, least, better = paid+p.paid, least+p.least, append(better, p.better...)
		for g, a := range p.above {
			eta[g] = max(eta[g], a)
		}
	}
	if paid > 0 {
		r.Gap = max(0, paid-least) / paid
	}
	var people float64
	for i, c := range s.choice {
		if c != nowhere {
			people += e.demand[i]
		}
	}
	r.Bound = e.bound(r.Cost, max(leastCost*paid/max(people, 1e-300), 1e-300), price, eta, together)
	return r, better
}

// leastCost is the share of the mean cost below which costs count as much as that,
// when what they may be off is told as a share.
const leastCost = 1e-6

// bound is the largest, over the places, of what their cost may be off, as a
// share of it or of the least cost that counts.
func (e *equilibrium) bound(cost []float64, least float64, price, eta []float64, together []int32) float64 {
	off, others := make([]float64, e.m.Sites), make([]float64, e.m.Sites)
	const sums = 16 * digit // of people: each a few digits off, and their tally two
	for j, g := range together {
		if e.room[j] > 0 {
			off[g] = max(off[g], sums*price[j])
			if int(g) != j {
				others[g]++
			}
		}
	}
	for g := range off {
		off[g] += others[g] * eta[g]
	}
	worst := 0.0
	for i, c := range cost {
		js, _ := e.m.Row(i)
		var b float64
		for _, j := range js {
			if e.room[j] > 0 {
				b = max(b, off[together[j]])
			}
		}
		if b > 0 && c == c {
			worst = max(worst, b/max(c, least))
		}
	}
	return worst
}

// pays is what the people of a place pay at most, and in all, at the costs w of
// its row, and what the cheapest site on its list costs.
func (s *shortlist) pays(i int, js []int32, w []float64) (most, paid, cheapest float64) {
	c := s.choice[i]
	if c >= 0 {
		most = w[slices.Index(js, c)]
		return most, s.equilibrium.demand[i] * most, most
	}
	cheapest = math.Inf(1)
	k := 0
	for at := s.start[-1-c]; at < s.start[-c]; at++ {
		for js[k] != s.site[at] {
			k++
		}
		cheapest = min(cheapest, w[k])
		if paid += s.going[at] * w[k]; s.going[at] > 0 {
			most = max(most, w[k])
		}
	}
	return most, paid, cheapest
}

// digit is what the last digit of 1 is worth, at most.
const digit = 0x1p-52

// first is the first site of a row that has room.
func (e *equilibrium) first(js []int32) int32 {
	for _, j := range js {
		if e.room[j] > 0 {
			return j
		}
	}
	return -1
}

// together gives the sites that share places, directly or through others, the
// same number: that of one of them.
func (e *equilibrium) together() []int32 {
	group := make([]int32, e.m.Sites)
	left := 0
	for j := range group {
		if group[j] = int32(j); e.room[j] > 0 {
			left++
		}
	}
	find := func(j int32) int32 {
		for group[j] != j {
			group[j] = group[group[j]]
			j = group[j]
		}
		return j
	}
	for i := 0; i < e.m.Places && left > 1; i++ {
		js, _ := e.m.Row(i)
		first := e.first(js)
		if e.demand[i] <= 0 || first < 0 {
			continue
		}
		for _, j := range js {
			if a, b := find(first), find(j); e.room[j] > 0 && a != b {
				group[max(a, b)] = min(a, b)
				left--
			}
		}
	}
	for j := range group {
		group[j] = find(int32(j))
	}
	return group
}
