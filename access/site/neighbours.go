package site

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
)

// Alternative is a plan near another: In is opened instead of Out.
type Alternative struct {
	Out, In int
	Open    []int
	Cost    float64
}

// Alternatives lists the plans that differ from the given one by one swap, keep
// the rules and cost no more than share above it (0.01: one percent), the
// cheapest first, and no more than most of them; all is how many there are at that
// distance: plans that differ by more sites may be as good. Instances with capacities
// have none here, since there a swap moves places between the other sites too.
func (in *Instance) Alternatives(ctx context.Context, open []int, share float64, most int) (found []Alternative, all int, err error) {
	if in.rules.Capacity != nil || len(open) == 0 {
		return nil, 0, nil
	}
	x := newExchange(ctx, in, len(open))
	x.set(open)
	base := in.Evaluate(open).Cost
	limit := base + share*math.Abs(base)
	var out []Alternative
	for s, o := range slices.Clone(x.open) {
		if o < 0 || x.kept[o] {
			continue
		}
		for j := range in.sites {
			if !x.may[j] || x.slot[j] >= 0 || x.cost-x.worth(j, s) > limit+slack*math.Abs(base) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, 0, err
			}
			plan := x.after(move{j, s, 0})
			if cost := in.Evaluate(plan).Cost; !above(cost, limit) && in.Check(plan) == nil {
				out = append(out, Alternative{Out: int(o), In: j, Cost: cost})
			}
		}
	}
	bySites := func(a, b Alternative) int { return cmp.Or(cmp.Compare(a.Out, b.Out), cmp.Compare(a.In, b.In)) }
	slices.SortFunc(out, func(a, b Alternative) int { return cmp.Or(cmp.Compare(a.Cost, b.Cost), bySites(a, b)) })
	for from := 0; from < len(out); { // ties in the order of their sites
		to := from + 1
		for to < len(out) && !above(out[to].Cost, out[to-1].Cost) {
			to++
		}
		slices.SortFunc(out[from:to], bySites)
		from = to
	}
	found = out[:min(len(out), most)]
	for k := range found {
		found[k].Open = x.after(move{found[k].In, int(x.slot[found[k].Out]), 0})
	}
	return found, len(out), nil
}

// Toward changes a plan towards another as far as that costs nothing: sites of the
// other open again, sites beside it close, or one takes the place of another.
// When ctx ends it leaves the rest as it is.
func (in *Instance) Toward(ctx context.Context, open, other []int) []int {
	out := slices.Clone(open)
	cost := in.Evaluate(out).Cost
	try := func(plan []int) bool {
		if ctx.Err() != nil {
			return false
		}
		slices.Sort(plan)
		c := in.Evaluate(plan).Cost
		if above(c, cost) || in.Check(plan) != nil {
			return false
		}
		out, cost = plan, math.Min(c, cost)
		return true
	}
	without := func(j int) []int { return slices.DeleteFunc(slices.Clone(out), func(k int) bool { return k == j }) }
	beside := slices.DeleteFunc(slices.Clone(open), func(j int) bool { return slices.Contains(other, j) })
	for k := len(beside) - 1; k >= 0; k-- {
		try(without(beside[k]))
	}
	for _, j := range other {
		if slices.Contains(out, j) || try(append(slices.Clone(out), j)) {
			continue
		}
		for k := len(beside) - 1; k >= 0; k-- {
			if slices.Contains(out, beside[k]) && try(append(without(beside[k]), j)) {
				break
			}
		}
	}
	return out
}

// Closures gives, for each site of a plan, what the plan costs without it: the
// stress test of centers there are. +Inf where a place that must be served
// then is not.
func (in *Instance) Closures(open []int) []float64 {
	out := make([]float64, len(open))
	for k := range open {
		out[k] = in.Evaluate(slices.Delete(slices.Clone(open), k, k+1)).Cost
	}
	return out
}

// Stage is one step of a staged opening: the site that opens, the cost with
// all up to it, and a bound of every plan of as many sites: what nesting the
// stages costs is no more than Cost − Bound.
type Stage struct {
	Site        int
	Cost, Bound float64
	Proven      bool // Bound is the cost of the best plan of this many sites
}

// Rollout orders the opening of a plan's sites: forced ones first, then each
// time the one that saves most. Every prefix is set beside the best plan of its
// size; of all of them, what is known of the whole plan already stands for the search.
func Rollout(ctx context.Context, whole Solution, sizes *Sizes) ([]Stage, error) {
	in := sizes.in
	var stages []Stage
	var built []int
	waiting := slices.Clone(whole.Open)
	soft := in.soft()
	for len(waiting) > 0 {
		best, least := -1, math.Inf(1)
		forcedLeft := slices.ContainsFunc(waiting, func(j int) bool { return slices.Contains(in.rules.Forced, j) })
		for k, j := range waiting {
			if forcedLeft && !slices.Contains(in.rules.Forced, j) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			cost := soft.Evaluate(append(slices.Clone(built), j)).Cost
			if best < 0 || above(least, cost) {
				best, least = k, cost
			}
		}
		built = append(built, waiting[best])
		stages = append(stages, Stage{Site: waiting[best], Cost: in.Evaluate(built).Cost})
		waiting = slices.Delete(waiting, best, best+1)
	}
	search := len(stages)
	if n := len(stages); n > 0 && n == in.rules.pick(in.sites) {
		stages[n-1].Bound, stages[n-1].Proven = whole.Bound, whole.Proven
		search--
	}
	errs := make([]error, search)
	each(search, func(k int) {
		k = search - 1 - k // the longest first
		got, err := sizes.found[k]()
		switch e := (*Infeasible)(nil); {
		case err == nil:
			// No plan of fewer sites is better than the best of all.
			stages[k].Bound, stages[k].Proven = max(got.Bound, whole.Bound), got.Proven
		case errors.As(err, &e):
			stages[k].Bound, stages[k].Proven = math.Inf(1), true // no plan of so few sites keeps the rules
		default:
			errs[k] = err
		}
	})
	for k, err := range errs {
		if err != nil {
			return stages[:k], err
		}
	}
	return stages, nil
}

// soft is the instance with penalties for places that must be served and are not,
// so that sets which serve too few can be compared.
func (in *Instance) soft() *Instance {
	soft := *in
	soft.fallback = in.softened()
	return &soft
}
