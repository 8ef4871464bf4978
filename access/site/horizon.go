package site

import (
	"context"
	"fmt"
	"iter"
	"math"
)

// Horizon is a choice of sites of which each place knows only those within a limit of
// its own, so that no more pairs are held than can matter. What lies beyond the limit
// costs at least what the limit does: with that as the fallback of a place, no plan
// costs less than the instance says, and a plan that serves everybody within the limits
// costs just that. Where the best plan serves a place from beyond its limit, the limit
// grows, and the search goes on.
//
// Pairs gives the plain costs (minutes, kilometres) of pairs up to a limit for each
// place, of the sites named, or of all where sites is nil; +Inf is no limit, and a
// negative limit no pair. They are gone through twice.
type Horizon struct {
	Places, Sites int
	Rules         Rules     // without capacities and least volumes, to which places beyond a limit matter
	Weight        []float64 // of each place; one of weight 0 need not be served
	Cost          func(plain float64) float64
	Pairs         func(ctx context.Context, limit []float64, sites []int) (iter.Seq[Pair], error)

	Few int // so many pairs in all are taken without a limit; 0: two million
}

// rounds is how often limits grow, at most, before what is known is all there is: each
// time they grow for the places of one plan, and few plans are nearly as good.
const rounds = 12

// Solve finds a set of sites of least Σ weight × cost, every place served. It is
// [Solve] on all pairs, in less memory.
func (h *Horizon) Solve(ctx context.Context, o Options) (best Solution, err error) {
	if h.Rules.Capacity != nil || h.Rules.Least != nil {
		return best, fmt.Errorf("a horizon knows neither capacities nor least volumes")
	}
	collect, done := untilAbandoned(ctx)
	defer done()
	limit, wide, err := h.begin(ctx, collect)
	if err != nil {
		return best, err
	}
	best.Cost = math.Inf(1)
	with := o
	if !wide { // a first plan shows which limits are too narrow before its proof is sought
		with.Exact, with.Nodes = false, 1
	}
	for range rounds {
		x, err := h.within(ctx, collect, limit, with)
		if err != nil {
			if best.Open != nil && ctx.Err() != nil {
				break
			}
			return best, err
		}
		plain, err := h.nearest(collect, x.Open, 1)
		if err != nil {
			return best, err
		}
		x.Bound = math.Max(best.Bound, x.Bound)
		if beyond := h.grow(limit, plain[0], x.Served); beyond == 0 {
			if x.Proven || ctx.Err() != nil || with == o {
				return x, nil // its cost is that of the instance
			}
			with = o
		}
		if cost := h.cost(x.Open, plain[0]); cost < best.Cost {
			best = Solution{Open: x.Open, Cost: cost, Stopped: Budget}
		}
		best.Bound = math.Min(x.Bound, best.Cost)
		if ctx.Err() != nil {
			break
		}
	}
	if best.Open == nil || math.IsInf(best.Cost, 1) {
		return best, infeasible("together", math.NaN(), math.NaN(), "no plan that serves every place was found")
	}
	if ctx.Err() != nil {
		best.Stopped = Cancelled
	}
	return best, nil
}

// untilAbandoned is a context that ends when nobody waits for a plan any more, and not
// when the best one so far is enough: what a first plan takes is then still collected.
func untilAbandoned(ctx context.Context) (context.Context, context.CancelFunc) {
	collect, end := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if abandoned(ctx) {
			end(context.Cause(ctx))
		}
	})
	return collect, func() { stop(); end(nil) }
}

// within is the best plan of the pairs within the limits, beyond which a place costs
// what its limit does.
func (h *Horizon) within(ctx, collect context.Context, limit []float64, o Options) (Solution, error) {
	pairs, err := h.Pairs(collect, limit, nil)
	if err != nil {
		return Solution{}, err
	}
	in, err := h.instance(limit, pairs)
	if err != nil {
		return Solution{}, err
	}
	return Solve(ctx, in, o, nil)
}

func (h *Horizon) instance(limit []float64, pairs iter.Seq[Pair]) (*Instance, error) {
	shape := Shape{Places: h.Places, Sites: h.Sites, Fallback: make([]float64, h.Places)}
	for i, w := range h.Weight {
		switch {
		case !(w > 0) || limit[i] < 0:
		case math.IsInf(limit[i], 1):
			shape.Fallback[i] = math.Inf(1)
		default:
			shape.Fallback[i] = w * h.Cost(limit[i])
		}
	}
	return NewInstance(shape, h.Rules, Transformed(h.Weight, h.Cost, pairs))
}

// cost is what a plan costs, fees included, given how far each place has it.
func (h *Horizon) cost(open []int, plain []float64) (sum float64) {
	for _, j := range open {
		sum += h.Rules.fee(j)
	}
	for i, c := range plain {
		if h.Weight[i] > 0 {
			sum += h.Weight[i] * h.Cost(c)
		}
	}
	return sum
}

// grow moves the limits of the places that a plan serves from beyond them to a little
// more than what it takes, and counts those places.
func (h *Horizon) grow(limit, plain []float64, served []int32) (beyond int) {
	for i, j := range served {
		if j >= 0 || !(h.Weight[i] > 0) || plain[i] <= limit[i] {
			continue
		}
		limit[i] = 1.1 * plain[i]
		beyond++
	}
	return beyond
}

// begin gives the first limits: none where there are few pairs. Else they are a multiple
// of how far each place has it to the second nearest site of a plan that is good for a
// sample of the places: three times, or less where that would be too many pairs, but no
// less than once, since what a place counts in the bound of the best plan lies between
// its nearest and its second nearest site there. wide says that they are likely to do.
func (h *Horizon) begin(ctx, collect context.Context) (limit []float64, wide bool, err error) {
	few := h.Few
	if few == 0 {
		few = 2_000_000
	}
	limit = filled(h.Places, math.Inf(1))
	if h.Places*h.Sites <= few || h.Rules.Pick == 1 {
		return limit, true, nil
	}
	every := max(1, h.Places*h.Sites/few)
	sample := filled(h.Places, -1)
	for i := 0; i < h.Places; i += every {
		sample[i] = math.Inf(1)
	}
	pairs, err := h.Pairs(collect, sample, nil)
	if err != nil {
		return nil, false, err
	}
	in, err := h.instance(sample, pairs)
	if err != nil {
		return nil, false, err
	}
	s := newSearch(ctx, in, Options{}, nil)
	s.start()
	if abandoned(ctx) {
		return nil, false, ctx.Err()
	}
	if len(s.best) < 2 {
		return limit, true, nil
	}
	plain, err := h.nearest(collect, s.best, 2)
	if err != nil {
		return nil, false, err
	}
	times := h.affordable(plain[1], pairs, 2*few/every)
	for i := range plain[1] {
		plain[1][i] *= times
	}
	return plain[1], times >= 2, nil
}

// affordable is by how much limits can be multiplied, so that of some pairs no more are
// within them than can be held.
func (h *Horizon) affordable(limit []float64, pairs iter.Seq[Pair], most int) float64 {
	steps := []float64{3, 2.5, 2, 1.75, 1.5, 1.25}
	within := make([]int, len(steps))
	for p := range pairs {
		for k, times := range steps {
			if p.Cost <= times*limit[p.Place] {
				within[k]++
			}
		}
	}
	for k, times := range steps {
		if within[k] <= most {
			return times
		}
	}
	return 1
}

// nearest are the plain costs of each place at the nearest of some sites, and at the
// second nearest, up to the kth: +Inf where there are fewer.
func (h *Horizon) nearest(ctx context.Context, open []int, k int) ([][]float64, error) {
	pairs, err := h.Pairs(ctx, filled(h.Places, math.Inf(1)), open)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, k)
	for r := range out {
		out[r] = filled(h.Places, math.Inf(1))
	}
	for p := range pairs {
		c := p.Cost
		for r := range out {
			if c < out[r][p.Place] {
				c, out[r][p.Place] = out[r][p.Place], c
			}
		}
	}
	return out, nil
}
