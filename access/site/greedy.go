package site

import "slices"

// fill opens one site after the other, each time the one that saves most and
// of equals the first. The savings are those that the exchange keeps up to
// date, so a step costs no more than the places near the last site. Where
// nothing more saves anything it stops, once every region has the sites that
// it needs. A search that is to end with what it has opens them all the same: see
// [ErrEnough].
func (x *exchange) fill() {
	in := x.in
	ruled, limit := !in.rules.free(), in.rules.pick(in.sites)
	barred := make([]bool, in.sites) // further sites only bar more
	for x.count < limit && !abandoned(x.ctx) {
		open := x.sites()
		needed := in.rules.needed(open)
		best := -1
		for {
			best = -1
			var most float64
			for j := range in.sites {
				if x.slot[j] >= 0 || !x.may[j] || barred[j] {
					continue
				}
				helps := needed > 0 && in.rules.needed(append(open, j)) < needed
				if needed >= limit-x.count && needed > 0 && !helps {
					continue
				}
				if w := x.worth(j, -1); (w > 0 || helps) && (best < 0 || w > most) {
					best, most = j, w
				}
			}
			if best < 0 || !ruled || abandoned(x.ctx) || in.breaks(append(slices.Clone(open), best)) == nil {
				break
			}
			barred[best] = true
		}
		if best < 0 {
			return
		}
		x.apply(move{best, -1, 0})
	}
}

// needed is how many sites the regions still need.
func (r *Rules) needed(open []int) int {
	if r.AtLeast == nil {
		return 0
	}
	need := slices.Clone(r.AtLeast)
	for _, j := range open {
		if g := r.Region[j]; g >= 0 {
			need[g]--
		}
	}
	sum := 0
	for _, k := range need {
		sum += max(0, k)
	}
	return sum
}

// breaks is Check without what further sites can mend.
func (in *Instance) breaks(open []int) error {
	whole := in.rules
	partial := *in
	partial.rules.AtLeast, partial.rules.Forced = nil, nil
	if whole.AtLeast != nil && whole.AtMost == nil {
		partial.rules.AtMost = make([]int, len(whole.AtLeast))
		for g := range partial.rules.AtMost {
			partial.rules.AtMost[g] = -1
		}
	}
	return partial.Check(open)
}
