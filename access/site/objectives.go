package site

import (
	"fmt"
	"iter"
	"math"
)

// The goals of siting as costs of one kind of instance. Each takes the plain
// cost of a pair (minutes, kilometres), not weighted, and gives the pairs of
// an instance.

// Weighted is the p-median's cost (Hakimi 1964): weight times plain cost. With
// Pick 0 and site fees it is the simple plant location problem.
func Weighted(weight []float64, plain iter.Seq[Pair]) iter.Seq[Pair] {
	return Transformed(weight, func(c float64) float64 { return c }, plain)
}

// Transformed is weight times f(plain cost). f must not fall and not be
// negative. Of f depends what is sought:
//
//	c                    least mean cost
//	c^(1+a), a > 0       α-fairness: the larger a, the more the worst-off count
//	exp(k c), k > 0      Kolm-Pollak: see EqualCost
//	1 − likelihood(c)    fewest people left untreated, for any curve that falls
func Transformed(weight []float64, f func(float64) float64, plain iter.Seq[Pair]) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for p := range plain {
			w := 1.0
			if weight != nil {
				w = weight[p.Place]
			}
			if !yield(Pair{p.Place, p.Site, w * f(p.Cost)}) {
				return
			}
		}
	}
}

// Covering is the maximal covering problem's cost (Church & ReVelle 1974):
// nothing for a pair within the radius; other pairs do not exist. With the
// weight of a place as its fallback, the cost of a plan is the weight that it
// leaves uncovered.
func Covering(radius float64, plain iter.Seq[Pair]) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for p := range plain {
			if p.Cost <= radius && !yield(Pair{p.Place, p.Site, 0}) {
				return
			}
		}
	}
}

// EqualCost is the Kolm-Pollak equally distributed equivalent of a plan: the
// cost that, borne by all alike, would be as bad as the plan's costs are. total
// is the plan's cost with exp(k c) as the transform, weight the sum of weights.
func EqualCost(k, total, weight float64) float64 { return math.Log(total/weight) / k }

// FromOffers states a Problem as an instance: the cost of a place is by how
// much its worth falls short of the best that it is offered. A plan gains
// Nothing() − Cost. The Pick and Hubs of the problem go into the rules.
func FromOffers(p *Problem, rules Rules) (*Instance, error) {
	n := len(p.Now)
	if len(p.Weight) != n {
		return nil, fmt.Errorf("%d weights for %d places", len(p.Weight), n)
	}
	best := append([]float64(nil), p.Now...)
	for j, offers := range p.Offers {
		for _, o := range offers {
			if o.Place < 0 || int(o.Place) >= n {
				return nil, fmt.Errorf("site %d offers to place %d: places go from 0 to %d", j, o.Place, n-1)
			}
			best[o.Place] = math.Max(best[o.Place], o.Worth)
		}
	}
	shape := Shape{Places: n, Sites: len(p.Offers), Fallback: make([]float64, n)}
	for i, w := range p.Weight {
		shape.Fallback[i] = w * (best[i] - p.Now[i])
	}
	if p.Pick > 0 {
		rules.Pick = p.Pick
	}
	if p.Hubs != nil {
		rules.Hubs = p.Hubs
	}
	return NewInstance(shape, rules, func(yield func(Pair) bool) {
		for j, offers := range p.Offers {
			for _, o := range offers {
				if o.Worth > p.Now[o.Place] && !yield(Pair{o.Place, int32(j), p.Weight[o.Place] * (best[o.Place] - o.Worth)}) {
					return
				}
			}
		}
	})
}
