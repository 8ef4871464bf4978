// Package site ranks candidate sites: what each would gain alone, and in which
// order to open them. It is pure, like access.
//
// Goals are sums over places of the best value that any open site offers, so
// a further site never loses anything and gains less the more are open.
package site

import (
	"careshed/geo/travel"
	"context"
	"fmt"
	"math"
)

// Offer is what a candidate would be worth to a place.
type Offer struct {
	Place int32
	Worth float64
}

// Problem is what can be chosen. Now is the worth of each place as things
// stand; Offers lists, for each candidate, the places to which it would be
// worth more. Weight is how much a place counts.
type Problem struct {
	Weight []float64
	Now    []float64
	Offers [][]Offer
	Pick   int
	Hubs   *Hubs // nil: no rule
}

// Plan is an order of opening. Gain[k] is what the kth site adds to those
// before it; Alone is, for every candidate, what it would gain by itself.
type Plan struct {
	Open  []int
	Gain  []float64
	Hub   []int // of each open site, -1 without a rule
	Alone []float64
	Why   []string // for each candidate, why it may not be opened; "" if it may
	Short string   // why fewer than Pick were opened; "" if not
}

// Gain is what a set of candidates adds, computed plainly: the independent
// check of every plan.
func (p *Problem) Gain(open []int) float64 {
	best := append([]float64(nil), p.Now...)
	for _, j := range open {
		for _, o := range p.Offers[j] {
			best[o.Place] = math.Max(best[o.Place], o.Worth)
		}
	}
	var sum float64
	for i, w := range p.Weight {
		sum += w * (best[i] - p.Now[i])
	}
	return sum
}

// Ordered puts sites in the order in which each gains most beside those before
// it; of equals the first listed comes first.
func (p *Problem) Ordered(open []int) []int {
	worth := append([]float64(nil), p.Now...)
	left := append([]int(nil), open...)
	out := make([]int, 0, len(open))
	for len(left) > 0 {
		best, most := 0, math.Inf(-1)
		for k, j := range left {
			if g := p.gain(j, worth); k == 0 || above(g, most) {
				best, most = k, g
			}
		}
		j := left[best]
		for _, o := range p.Offers[j] {
			worth[o.Place] = math.Max(worth[o.Place], o.Worth)
		}
		out, left = append(out, j), append(left[:best], left[best+1:]...)
	}
	return out
}

// sameGain is how far apart, as a share, two gains or costs may be and still be a
// tie, which the first takes: adding up in another unit changes the last digits.
const sameGain = 1e-11

// above reports whether a is more than b, and no tie.
func above(a, b float64) bool { return a-b > sameGain*math.Abs(b) }

// gain is what candidate j adds to the worth that places have.
func (p *Problem) gain(j int, worth []float64) float64 {
	var sum float64
	for _, o := range p.Offers[j] {
		if d := o.Worth - worth[o.Place]; d > 0 {
			sum += p.Weight[o.Place] * d
		}
	}
	return sum
}

// Greedy opens, one after the other, the candidate that gains most, and among
// equals the first. Because gains only fall, a gain computed earlier bounds
// today's, and most candidates need no second look (lazy greedy: Minoux 1978).
// Its plan is worth at least 63 % of the best one's (Nemhauser, Wolsey &
// Fisher 1978), without hub rules; how far it is from the best is not known.
func Greedy(ctx context.Context, p *Problem) (Plan, error) {
	n := len(p.Offers)
	plan := Plan{Alone: make([]float64, n), Why: make([]string, n)}
	each(n, func(j int) { plan.Alone[j] = p.gain(j, p.Now) })
	links := newLinks(p.Hubs, n)
	bound := append([]float64(nil), plan.Alone...)
	fresh := make([]int, n) // how many were open when the bound was computed
	worth := append([]float64(nil), p.Now...)
	opened := make([]bool, n)
	for j := range n {
		plan.Why[j] = links.why(j)
	}
	for len(plan.Open) < p.Pick {
		best := -1
		for ctx.Err() == nil {
			best = -1
			for j := range n {
				if !opened[j] && plan.Why[j] == "" && (best < 0 || bound[j] > bound[best] && above(bound[j], bound[best])) {
					best = j
				}
			}
			if best < 0 || fresh[best] == len(plan.Open) {
				break
			}
			bound[best] = p.gain(best, worth)
			fresh[best] = len(plan.Open)
		}
		if err := ctx.Err(); err != nil {
			return plan, err
		}
		if best < 0 {
			plan.Short = fmt.Sprintf("only %d of %d sites can be opened under the rules", len(plan.Open), p.Pick)
			break
		}
		if !(bound[best] > 0) {
			plan.Short = fmt.Sprintf("after %d of %d sites no candidate gains anything", len(plan.Open), p.Pick)
			break
		}
		if !links.take(best) {
			plan.Why[best] = "every hub in range has its full number of spokes"
			continue
		}
		opened[best] = true
		plan.Open = append(plan.Open, best)
		plan.Gain = append(plan.Gain, bound[best])
		for _, o := range p.Offers[best] {
			worth[o.Place] = math.Max(worth[o.Place], o.Worth)
		}
	}
	for _, j := range plan.Open {
		plan.Hub = append(plan.Hub, links.hub(j))
	}
	return plan, nil
}

// each runs do for 0..n on all cores.
func each(n int, do func(int)) {
	_ = travel.Spread(context.Background(), n, 1, func(k, _ int) { do(k) })
}
