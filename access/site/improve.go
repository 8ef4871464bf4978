package site

import (
	"context"
	"math"
	"slices"
)

// Improve lowers the cost of a plan for a goal that is no sum over places, such
// as the Gini coefficient of access. cost gives what is sought to be least for
// a set of open sites, ascending; +Inf or NaN: the set is not wanted. Each step
// makes the best allowed swap, of equals the first, then the best opening or
// closing if no swap helps, until none helps (Teitz & Bart 1968, by best
// moves). There is no bound: the plan that it returns with its cost is best
// among those one move away, and nothing is known of others.
//
// The rules of the instance hold for every set that cost is called with; if
// the plan given breaks them, it is returned as it is, with +Inf. Capacities
// are not looked at: cost has to. A plan of k among m sites takes about k·m
// calls a step. At most o.Iterations steps are made (0: 3,000); when ctx ends
// the best plan so far is returned. cost is called by one goroutine.
func Improve(ctx context.Context, in *Instance, open []int, cost func(open []int) float64, o Options) ([]int, float64) {
	now := slices.Clone(open)
	slices.Sort(now)
	if in.Check(now) != nil {
		return now, math.Inf(1)
	}
	least := cost(slices.Clone(now))
	if math.IsNaN(least) {
		least = math.Inf(1)
	}
	steps := o.Iterations
	if steps == 0 {
		steps = 3000
	}
	for range steps {
		next, c := in.step(ctx, now, least, cost, true)
		if next == nil && ctx.Err() == nil {
			next, c = in.step(ctx, now, least, cost, false)
		}
		if next == nil {
			break
		}
		now, least = next, c
	}
	return now, least
}

// step is the best plan one swap away, or one opening or closing, nil if none
// costs less than least by more than rounding.
func (in *Instance) step(ctx context.Context, now []int, least float64, cost func([]int) float64, swap bool) (best []int, c float64) {
	limit := least - slack*math.Abs(least)
	if math.IsInf(least, 1) {
		limit = least
	}
	try := func(plan []int) {
		slices.Sort(plan)
		if ctx.Err() != nil || in.Check(plan) != nil {
			return
		}
		if v := cost(slices.Clone(plan)); v < limit {
			best, c, limit = plan, v, v-slack*math.Abs(v) // a tie goes to the first
		}
	}
	forced, never := make([]bool, in.sites), make([]bool, in.sites)
	for _, j := range in.rules.Forced {
		forced[j] = true
	}
	for _, j := range in.rules.Never {
		never[j] = true
	}
	for k, out := range now {
		if forced[out] {
			continue
		}
		without := slices.Delete(slices.Clone(now), k, k+1)
		if !swap {
			try(slices.Clone(without))
			continue
		}
		for j := range in.sites {
			if _, is := slices.BinarySearch(now, j); !is && !never[j] {
				try(append(slices.Clone(without), j))
			}
		}
	}
	for j := range in.sites {
		if _, is := slices.BinarySearch(now, j); !swap && !is && !never[j] {
			try(append(slices.Clone(now), j))
		}
	}
	return best, c
}
