package site

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// exchange is a set of open sites under improvement by opening, closing and
// swapping, after Resende & Werneck (2007): for every site what opening it
// would gain, for every open site what closing it would lose, and for the
// pairs where the two interact, by how much a swap is better than their
// difference. A move changes only the terms of the places near it.
//
// Memory is 8 bytes for each site and slot, and a slot is an open site.
type exchange struct {
	ctx  context.Context // once it ends no further move is made
	in   *Instance
	soft []float64 // fallback, with a penalty where a place must be served
	may  []bool    // sites that may be opened
	kept []bool    // sites that may not be closed

	open  []int32 // site in each slot, -1: empty
	slot  []int32 // of each site, -1: closed
	count int     // open sites
	cost  float64 // with penalties

	first, second []int32 // slots that serve a place cheapest and next, -1: none below its fallback
	d1, d2        []float64
	gain          []float64 // of each site
	loss          []float64 // of each slot
	extra         []float64 // of each site and slot
	moves         int       // since all was computed afresh
}

// newExchange starts with no open site and room for slots of them.
func newExchange(ctx context.Context, in *Instance, slots int) *exchange {
	n, m := len(in.fallback), in.sites
	x := &exchange{ctx: ctx, in: in, soft: in.softened(), may: make([]bool, m), kept: make([]bool, m),
		open: make([]int32, slots), slot: make([]int32, m), first: make([]int32, n), second: make([]int32, n),
		d1: make([]float64, n), d2: make([]float64, n), gain: make([]float64, m), loss: make([]float64, slots),
		extra: make([]float64, m*slots)}
	for j := range m {
		x.may[j] = true
	}
	for _, j := range in.rules.Never {
		x.may[j] = false
	}
	for _, j := range in.rules.Forced {
		x.kept[j] = true
	}
	return x
}

// softened is the fallback costs with, for a place that must be served, a
// penalty above what any one site can save elsewhere by leaving it out. It
// guides the search only: no plan that leaves such a place out is ever given.
func (in *Instance) softened() []float64 {
	soft := slices.Clone(in.fallback)
	var most float64
	for _, f := range in.rules.SiteFee {
		most = max(most, f)
	}
	hard := false
	for i, f := range in.fallback {
		if math.IsInf(f, 1) {
			hard = true
			if end := in.start[i+1]; end > in.start[i] {
				most = max(most, in.cost[end-1])
			}
		}
	}
	if hard {
		for i, f := range soft {
			if math.IsInf(f, 1) {
				soft[i] = 1 + 4*most
			}
		}
	}
	return soft
}

// set makes open the open sites, and computes all afresh.
func (x *exchange) set(open []int) {
	for len(x.open) < len(open) {
		x.grow()
	}
	for s := range x.open {
		x.open[s] = -1
	}
	for j := range x.slot {
		x.slot[j] = -1
	}
	for s, j := range open {
		x.open[s], x.slot[j] = int32(j), int32(s)
	}
	x.count = len(open)
	x.refresh()
}

func (x *exchange) refresh() {
	clear(x.gain)
	clear(x.loss)
	clear(x.extra)
	for i := range x.soft {
		if i%1024 == 0 && abandoned(x.ctx) {
			break // nobody waits for it
		}
		x.nearest(i)
		x.account(i, 1)
	}
	x.moves = 0
	x.total()
}

func (x *exchange) total() {
	x.cost = 0
	for _, d := range x.d1 {
		x.cost += d
	}
	for _, j := range x.open {
		if j >= 0 {
			x.cost += x.in.rules.fee(int(j))
		}
	}
}

// nearest finds the two open sites that serve place i cheapest.
func (x *exchange) nearest(i int) {
	in := x.in
	x.first[i], x.second[i], x.d1[i], x.d2[i] = -1, -1, x.soft[i], x.soft[i]
	for k := in.start[i]; k < in.start[i+1]; k++ {
		s := x.slot[in.site[k]]
		if s < 0 {
			continue
		}
		if x.first[i] < 0 {
			x.first[i], x.d1[i] = s, in.cost[k]
			continue
		}
		x.second[i], x.d2[i] = s, in.cost[k]
		return
	}
}

// account adds (sign 1) or takes back (−1) what place i says of all moves.
func (x *exchange) account(i int, sign float64) {
	in, s, d1, d2 := x.in, int(x.first[i]), x.d1[i], x.d2[i]
	k, end := in.start[i], in.start[i+1]
	for ; k < end && in.cost[k] < d1; k++ {
		x.gain[in.site[k]] += sign * (d1 - in.cost[k])
	}
	if s < 0 {
		return
	}
	x.loss[s] += sign * (d2 - d1)
	slots := len(x.open)
	for q := in.start[i]; q < k; q++ {
		x.extra[int(in.site[q])*slots+s] += sign * (d2 - d1)
	}
	for ; k < end && in.cost[k] < d2; k++ {
		x.extra[int(in.site[k])*slots+s] += sign * (d2 - in.cost[k])
	}
}

// move is a swap of in for the site in slot out; either may be none (-1).
type move struct {
	in, out int
	profit  float64
}

// worth is what a move saves.
func (x *exchange) worth(in, out int) float64 {
	r := &x.in.rules
	switch {
	case in < 0:
		return r.fee(int(x.open[out])) - x.loss[out]
	case out < 0:
		return x.gain[in] - r.fee(in)
	}
	return x.gain[in] - r.fee(in) - x.loss[out] + r.fee(int(x.open[out])) + x.extra[in*len(x.open)+out]
}

// apply makes a move.
func (x *exchange) apply(m move) {
	in := x.in
	touched := make([]int32, 0, 1024)
	mark := func(i int32) {
		if x.d2[i] >= 0 {
			touched = append(touched, i)
			x.account(int(i), -1)
			x.d2[i] = -1 // until it is computed again
		}
	}
	if m.out >= 0 {
		for i := range x.first {
			if int(x.first[i]) == m.out || int(x.second[i]) == m.out {
				mark(int32(i))
			}
		}
	}
	slot := m.out
	if m.in >= 0 {
		for k := in.colStart[m.in]; k < in.colStart[m.in+1]; k++ {
			if i := in.colPlace[k]; in.cost[in.colAt[k]] < x.d2[i] {
				mark(i)
			}
		}
	}
	if m.out >= 0 {
		x.slot[x.open[m.out]] = -1
		x.open[m.out] = -1
		x.loss[m.out] = 0
		for j := range in.sites {
			x.extra[j*len(x.open)+m.out] = 0
		}
		x.count--
	}
	if m.in >= 0 {
		if slot < 0 {
			if slot = slices.Index(x.open, -1); slot < 0 {
				slot = x.grow()
			}
		}
		x.open[slot], x.slot[m.in] = int32(m.in), int32(slot)
		x.count++
	}
	for _, i := range touched {
		x.nearest(int(i))
		x.account(int(i), 1)
	}
	x.total()
	if x.moves++; x.moves == 64 {
		x.refresh() // sums drift as terms come and go
	}
}

// grow doubles the slots, and returns the first new one.
func (x *exchange) grow() int {
	old, slots := len(x.open), 2*len(x.open)
	extra := make([]float64, x.in.sites*slots)
	for j := range x.in.sites {
		copy(extra[j*slots:], x.extra[j*old:(j+1)*old])
	}
	x.extra = extra
	x.loss = append(x.loss, make([]float64, old)...)
	for range old {
		x.open = append(x.open, -1)
	}
	return old
}

// improve makes the best allowed move as long as one saves anything. limit is
// the number of sites that may be open.
func (x *exchange) improve(limit int, allows func(m move) bool) {
	for range 100_000 {
		if x.ctx.Err() != nil {
			return
		}
		m, ok := x.best(limit, allows)
		if !ok {
			return
		}
		before, cost := x.sites(), x.cost
		x.apply(m)
		if !(x.cost < cost) { // rounding alone had made it look good
			x.set(before)
			return
		}
	}
}

// best finds the move that saves most, of equals the first. Where allows is
// given, it is the first in order of saving that it lets pass.
func (x *exchange) best(limit int, allows func(m move) bool) (move, bool) {
	least := x.in.tolerance(x.cost)
	top := move{-1, -1, least}
	var all []move
	try := func(in, out int) {
		w := x.worth(in, out)
		if allows != nil {
			if w > least {
				all = append(all, move{in, out, w})
			}
		} else if w > top.profit {
			top = move{in, out, w}
		}
	}
	room := x.count < limit
	cheapest := math.Inf(1)
	for s, j := range x.open {
		if j < 0 || x.kept[j] {
			continue
		}
		cheapest = min(cheapest, x.loss[s]-x.in.rules.fee(int(j)))
		try(-1, s)
	}
	slots := len(x.open)
	for j := range x.in.sites {
		if !x.may[j] || x.slot[j] >= 0 {
			continue
		}
		if room {
			try(j, -1)
		}
		if x.gain[j] == 0 && allows == nil && x.in.rules.SiteFee == nil {
			continue // opens for nobody
		}
		gain := x.gain[j] - x.in.rules.fee(j)
		for s, extra := range x.extra[j*slots : (j+1)*slots] {
			if gain-cheapest+extra <= top.profit && allows == nil {
				continue
			}
			if o := x.open[s]; o >= 0 && !x.kept[o] {
				try(j, s)
			}
		}
	}
	if allows == nil {
		return top, top.profit > least
	}
	slices.SortFunc(all, func(a, b move) int {
		return cmp.Or(-cmp.Compare(a.profit, b.profit), cmp.Compare(a.in, b.in), cmp.Compare(a.out, b.out))
	})
	for _, m := range all {
		if allows(m) {
			return m, true
		}
	}
	return move{}, false
}

// sites lists the open sites, ascending.
func (x *exchange) sites() []int {
	open := make([]int, 0, x.count)
	for _, j := range x.open {
		if j >= 0 {
			open = append(open, int(j))
		}
	}
	slices.Sort(open)
	return open
}

// after lists the sites that would be open after a move.
func (x *exchange) after(m move) []int {
	open := make([]int, 0, x.count+1)
	for s, j := range x.open {
		if j >= 0 && s != m.out {
			open = append(open, int(j))
		}
	}
	if m.in >= 0 {
		open = append(open, m.in)
	}
	slices.Sort(open)
	return open
}
