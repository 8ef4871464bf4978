package site

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Blend is the instance whose costs are those of a, each plus weight times that
// of b: two goals at once. They have the same places, sites and rules, those of
// a; a's fees count.
//
// A plan costs by it no less than it costs by a plus weight times by b, and just
// as much where each place likes its sites in the same order by both, as with
// costs that rise with the same travel time.
func Blend(a, b *Instance, weight float64) (*Instance, error) {
	if a.Places() != b.Places() || a.sites != b.sites {
		return nil, fmt.Errorf("%d places and %d sites beside %d and %d: they must be the same", a.Places(), a.sites, b.Places(), b.sites)
	}
	if !(weight >= 0) || math.IsInf(weight, 1) {
		return nil, fmt.Errorf("weight %v: it must be finite and 0 or more", weight)
	}
	shape := Shape{Places: a.Places(), Sites: a.sites, Fallback: make([]float64, a.Places())}
	for i := range shape.Fallback {
		if shape.Fallback[i] = a.fallback[i]; weight > 0 {
			shape.Fallback[i] += weight * b.fallback[i]
		}
	}
	rules := a.rules
	if a.rules.SiteFee != nil || b.rules.SiteFee != nil {
		rules.SiteFee = make([]float64, a.sites)
		for j := range rules.SiteFee {
			rules.SiteFee[j] = a.rules.fee(j) + weight*b.rules.fee(j)
		}
	}
	both, err := NewInstance(shape, rules, func(yield func(Pair) bool) {
		other := make([]float64, a.sites)
		for i := range a.fallback {
			for j := range other {
				other[j] = b.fallback[i]
			}
			for k := b.start[i]; k < b.start[i+1]; k++ {
				other[b.site[k]] = b.cost[k]
			}
			for k := a.start[i]; k < a.start[i+1]; k++ {
				j := a.site[k]
				if !math.IsInf(other[j], 1) && !yield(Pair{int32(i), j, a.cost[k] + weight*other[j]}) {
					return
				}
				other[j] = math.Inf(1) // done
			}
			for k := b.start[i]; k < b.start[i+1]; k++ {
				if j := b.site[k]; !math.IsInf(other[j], 1) && !math.IsInf(a.fallback[i], 1) && !yield(Pair{int32(i), j, a.fallback[i] + weight*other[j]}) {
					return
				}
			}
		}
	})
	if err == nil && a.rules.Least != nil {
		both.volumes = a
		if a.volumes != nil {
			both.volumes = a.volumes
		}
	}
	return both, err
}

// How Within looks for the price of a unit of the first goal.
const (
	priceRounds = 24
	priceEffort = 1e-3 // gap of the searches on the way
	judgedNodes = 20_000
)

// Within finds the plan of least cost by second among those that cost no more
// than limit by first: goals in their order, the first up to a share of its
// best. Both instances have the same places, sites and rules, and every place
// likes its sites in the same order by both. The solution's Cost and Bound are
// those of second.
//
// The limit is priced (Lagrange): a plan that keeps it costs by second at least
// its blended cost less price times limit. The price that gives the best floor
// is found by bisection, and the blend searched to its end with plans judged by
// the limit and by second. known is a plan that keeps the limit, such as the best
// by first.
func Within(ctx context.Context, first, second *Instance, known []int, limit float64, o Options) (Solution, error) {
	if first.rules.Capacity != nil {
		return Solution{}, errors.New("goals in their order are not for capacities: there a place is not always served by the site it likes best")
	}
	if first.rules.Least != nil { // the first says whom a site serves
		other := *second
		other.volumes = first
		second = &other
	}
	keeps := func(open []int) bool {
		return first.Evaluate(open).Cost <= limit+first.tolerance(limit)
	}
	if err := first.Check(known); err != nil || !keeps(known) {
		return Solution{}, fmt.Errorf("the known plan costs %v, the limit is %v: %w", first.Evaluate(known).Cost, limit, err)
	}
	quick := o
	quick.Exact, quick.Gap = false, math.Max(o.Gap, priceEffort)
	limits := math.Max(1e-9*first.size, math.Abs(limit))
	if limits == 0 {
		limits = 1 // nothing costs anything by first: any price will do
	}
	best, err := Solve(ctx, second, quick, nil)
	if err != nil { // no plan in so few steps
		best = Solution{Open: known, Cost: second.Evaluate(known).Cost, Bound: second.floor()}
	}
	low, high, at := 0.0, math.Inf(1), 0.0 // prices
	floor, price := best.Bound, 0.0
	plans := [][]int{known}
	for range priceRounds {
		if keeps(best.Open) {
			plans = append(plans, best.Open)
			high = at
		} else {
			low = at
		}
		switch {
		case high == 0:
		case math.IsInf(high, 1) && at == 0:
			// As many units of second as lie between the plans for one of first.
			at = math.Max(1e-9*second.size, math.Abs(best.Cost)) / limits
		case math.IsInf(high, 1):
			at *= 4
		default:
			at = (low + high) / 2
		}
		if high == 0 || high-low < 1e-4*high || ctx.Err() != nil {
			break
		}
		blend, err := Blend(second, first, at)
		if err != nil {
			return Solution{}, err
		}
		if best, err = Solve(ctx, blend, quick, nil); err != nil {
			break
		}
		if f := best.Bound - at*limit; f > floor {
			floor, price = f, at
		}
	}
	// Without any price the blend would not see a site that only first needs.
	price = math.Max(price, 1e-7*math.Max(1e-9*second.size, math.Abs(second.Evaluate(known).Cost))/limits)
	blend, err := Blend(second, first, price)
	if err != nil {
		return Solution{}, err
	}
	blend.integral = false
	if o.Nodes == 0 {
		o.Nodes = judgedNodes // the limit leaves a gap that only branching closes
	}
	s := newSearch(ctx, blend, o, nil)
	s.judge = func(open []int) float64 {
		if !keeps(open) {
			return math.Inf(1)
		}
		return second.Evaluate(open).Cost + price*limit*(1+slack)
	}
	for _, open := range plans {
		s.offer(open)
	}
	s.run()
	out, err := s.result()
	if err != nil {
		return out, err
	}
	e := second.Evaluate(out.Open)
	out.Bound = math.Min(e.Cost, math.Max(floor, out.Bound-price*limit*(1+slack)))
	out.Cost, out.Served, out.Use, out.Avoid = e.Cost, e.Served, nil, nil
	if out.Proven {
		out.Bound = math.Min(e.Cost, math.Max(out.Bound, e.Cost-2*slack*math.Max(1, math.Abs(e.Cost))))
	}
	return out, nil
}
