package site

import (
	"context"
	"math"
	"slices"
)

// Center finds the sites that make the largest cost of any place least (the
// p-center problem), over the costs of the instance as they stand: give it
// plain costs for the classic problem. Site fees do not count, and the rules
// hold. A place that no open site serves counts with its fallback.
//
// The answer is one of the costs, so it bisects them: whether Pick sites can
// serve every place at a given cost is a covering question (Minieka 1970),
// asked of what is left after dominance. Cost and Bound of the solution are
// the bracket, and better is called with each narrower one.
func Center(ctx context.Context, in *Instance, o Options, better func(Solution)) (Solution, error) {
	if err := in.impossible(); err != nil {
		return Solution{}, err
	}
	levels := in.levels()
	best := Solution{Cost: math.Inf(1), Stopped: Budget}
	low, high, proven := 0, len(levels)-1, 0 // the answer is levels[low..high]; below proven lies none
	for low <= high {
		best.Bound = levels[proven]
		mid := (low + high) / 2
		got, state := in.within(ctx, levels[mid], o, &best)
		switch state {
		case possible:
			worst := in.worst(got)
			best.Open, best.Cost = got, worst
			high, _ = slices.BinarySearch(levels, worst)
			if high == proven {
				low = high + 1
			} else {
				high--
			}
			if better != nil {
				better(in.centered(best))
			}
		case hopeless:
			low = mid + 1
			proven = max(proven, low)
		default:
			low = mid + 1
		}
		if ctx.Err() != nil {
			break
		}
	}
	if best.Open == nil {
		if ctx.Err() != nil {
			return best, ctx.Err()
		}
		if proven < len(levels) {
			return best, infeasible("together", math.NaN(), math.NaN(), "no plan that keeps the rules was found, nor proven impossible: allow more nodes")
		}
		return best, in.unserved(ctx)
	}
	best.Bound = best.Cost
	if proven < len(levels) {
		best.Bound = min(best.Cost, levels[proven])
	}
	switch {
	case best.Bound == best.Cost:
		best.Proven, best.Stopped = true, Proven
	case ctx.Err() != nil:
		best.Stopped = Cancelled
	}
	return in.centered(best), nil
}

// levels are the costs that the worst-off place can have, ascending: none
// below what some place costs at the least.
func (in *Instance) levels() []float64 {
	var least float64
	for i, f := range in.fallback {
		if in.start[i] < in.start[i+1] {
			f = in.cost[in.start[i]]
		}
		least = max(least, f)
	}
	all := make([]float64, 0, len(in.cost)+len(in.fallback)+1)
	for _, list := range [][]float64{in.cost, in.fallback, {least}} {
		for _, c := range list {
			if c >= least && !math.IsInf(c, 1) {
				all = append(all, c)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// worst is the largest cost of a place.
func (in *Instance) worst(open []int) float64 {
	var worst float64
	for i, j := range in.Evaluate(open).Served {
		c := in.fallback[i]
		for k := in.start[i]; j >= 0 && k < in.start[i+1]; k++ {
			if in.site[k] == j {
				c = in.cost[k]
				break
			}
		}
		worst = max(worst, c)
	}
	return worst
}

func (in *Instance) centered(s Solution) Solution {
	s.Served = in.Evaluate(s.Open).Served
	s.Open = slices.Clone(s.Open)
	return s
}

// What is known of a covering question.
const (
	unknown = iota
	possible
	hopeless
)

// within asks whether the rules allow sites that serve every place at no more
// than the given cost, and names such sites.
func (in *Instance) within(ctx context.Context, cost float64, o Options, tally *Solution) ([]int, int) {
	rules := in.rules
	rules.SiteFee = nil
	shape := Shape{Places: len(in.fallback), Sites: in.sites, Fallback: make([]float64, len(in.fallback))}
	for i, f := range in.fallback {
		if f > cost {
			shape.Fallback[i] = math.Inf(1)
		}
	}
	cover, err := NewInstance(shape, rules, func(yield func(Pair) bool) {
		for i := range in.fallback {
			for k := in.start[i]; k < in.start[i+1] && in.cost[k] <= cost; k++ {
				if !yield(Pair{int32(i), in.site[k], 0}) {
					return
				}
			}
		}
	})
	if err != nil {
		panic("site: the pairs within a cost are no instance: " + err.Error())
	}
	cover.volumes = in
	cover = cover.dominated()
	for i := range cover.fallback {
		if math.IsInf(cover.fallback[i], 1) {
			cover.fallback[i] = 1
		}
	}
	o.Gap = 0
	s := newSearch(ctx, cover, o, nil)
	s.enough = 0
	s.run()
	tally.Nodes += s.nodes
	tally.Iterations += s.iterations
	switch {
	case s.cost == 0:
		return s.best, possible
	case s.bound >= s.proof():
		return nil, hopeless
	}
	return nil, unknown
}
