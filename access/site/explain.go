package site

import (
	"math"
	"slices"
)

// impossible names the first rule that by itself no plan can keep, nil if
// there is none: not a proof that all can be kept together.
func (in *Instance) impossible() error {
	r := &in.rules
	never := make([]bool, in.sites)
	for _, j := range r.Never {
		never[j] = true
	}
	for _, j := range r.Forced {
		if never[j] {
			return about(-1, j, -1, "pick", math.NaN(), math.NaN(), "site %d must be open and may not be", j)
		}
	}
	if k := len(r.Forced); k > r.pick(in.sites) {
		return infeasible("pick", float64(r.pick(in.sites)), float64(k), "%d sites must be open and %d may be", k, r.pick(in.sites))
	}
	if len(r.Forced) > 0 {
		if err := in.breaks(r.Forced); err != nil {
			e := err.(*Infeasible)
			e.Message = "of the sites that must be open: " + e.Message
			return e
		}
	}
	if err := in.unreached(never); err != nil {
		return err
	}
	if err := in.unfilled(never); err != nil {
		return err
	}
	return in.overfull(never)
}

// overfull says so if what must be served exceeds what the largest sites hold.
func (in *Instance) overfull(never []bool) error {
	r := &in.rules
	if r.Capacity == nil {
		return nil
	}
	var must, room float64
	for i, f := range in.fallback {
		if math.IsInf(f, 1) {
			must += r.Demand[i]
		}
	}
	var sizes []float64
	for j, c := range r.Capacity {
		if !never[j] {
			sizes = append(sizes, c)
		}
	}
	slices.Sort(sizes)
	for _, c := range sizes[max(0, len(sizes)-r.pick(in.sites)):] {
		room += c
	}
	if must > room*(1+slack) {
		return infeasible("capacity", room, must, "%v must be served and the sites that may be open hold %v", must, room)
	}
	return nil
}

// unreached names a place that must be served and that no site may serve.
func (in *Instance) unreached(never []bool) error {
	for i, f := range in.fallback {
		if !math.IsInf(f, 1) {
			continue
		}
		row := in.site[in.start[i]:in.start[i+1]]
		if len(row) == 0 {
			return about(i, -1, -1, "reach", math.NaN(), math.NaN(), "place %d must be served and no candidate is listed for it", i)
		}
		if all(row, func(j int32) bool { return never[j] }) {
			return about(i, int(row[0]), -1, "reach", math.NaN(), in.cost[in.start[i]], "place %d must be served and none of the %d candidates listed for it may be open; the cheapest is site %d at %v", i, len(row), row[0], in.cost[in.start[i]])
		}
	}
	return nil
}

// unfilled names a region that needs more sites than there can be, or the rule
// that the sites needed in all exceed.
func (in *Instance) unfilled(never []bool) error {
	r := &in.rules
	var needs int
	var price float64
	for g := range r.regions() {
		var prices []float64
		for j, k := range r.Region {
			if int(k) != g || never[j] || r.Hubs != nil && len(r.Hubs.InRange[j]) == 0 {
				continue
			}
			if r.Price != nil {
				prices = append(prices, r.Price[j])
			} else {
				prices = append(prices, 0)
			}
		}
		need := r.atLeast(g)
		if most := min(len(prices), r.atMost(g)); need > most {
			return about(-1, -1, g, "region", float64(most), float64(need), "region %d needs %d sites and %d can be open there", g, need, most)
		}
		slices.Sort(prices)
		for _, p := range prices[:max(0, need)] {
			price += p
		}
		needs += max(0, need)
	}
	if needs > r.pick(in.sites) {
		return infeasible("pick", float64(r.Pick), float64(needs), "the regions need %d sites and %d may be open", needs, r.pick(in.sites))
	}
	if r.Price != nil && price > r.Budget*(1+slack) {
		return infeasible("budget", r.Budget, price, "the sites that the regions need take at least %v and the budget is %v", price, r.Budget)
	}
	return nil
}
