package siting

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"careshed/access/site"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// plain are the minutes from places to candidates, as pairs of an instance whose
// rows are the places named by row (-1: left out).
func (p *plan) plain(row []int32) iter.Seq[site.Pair] {
	return func(yield func(site.Pair) bool) {
		for j, legs := range p.legs {
			for _, l := range legs {
				if i := row[l.Place]; i >= 0 && !yield(site.Pair{Place: i, Site: int32(j), Cost: l.Time.Minutes()}) {
					return
				}
			}
		}
	}
}

// inhabited are the places where somebody lives who has a time today; those
// without one are counted apart.
func (r *sited) inhabited(p *plan) (where []int) {
	for i, w := range r.People {
		if w > 0 && !math.IsInf(float64(p.now[i]), 1) {
			where = append(where, i)
		}
	}
	return where
}

func rowsOf(where []int, n int) []int32 {
	row := slices.Repeat([]int32{-1}, n)
	for k, i := range where {
		row[i] = int32(k)
	}
	return row
}

// populated are the places where somebody lives.
func (r *sited) populated() (where []int) {
	for i, w := range r.People {
		if w > 0 {
			where = append(where, i)
		}
	}
	return where
}

// findFromNothing finds the plan where no center is there: nobody travels yet, so that
// no candidate has a gain, and what is sought is a cost.
func (r *sited) findFromNothing(ctx context.Context, p *plan) error {
	n := len(r.Candidates)
	p.Plan = site.Plan{Alone: ground.NaNs(n), Why: make([]string, n)}
	p.far, p.apart, p.nearer = math.NaN(), ground.NaNs(n), ground.NaNs(n)
	if err := r.solve(ctx, p, nil); err != nil {
		return err
	}
	r.plan = p
	return r.legsWithin(ctx, p.Open, func(int) travel.Seconds { return travel.Unreached }, func(j int, legs []leg) error {
		p.legs[j] = slices.Clone(legs)
		return nil
	})
}

// fromNothing solves a siting without centers that are there: everybody must be served
// by what opens, or under covered counts as left out. The cost is that of textbooks,
// weights times costs.
func (r *sited) fromNothing(ctx context.Context, s *search, p *plan, o site.Options) (err error) {
	g := r.Spec.Siting
	weight := r.favoured(r.People)
	n := len(weight)
	if g.Goal == "covered" {
		limit := spec.Filled(*g).WithinMin
		s.unit = fmt.Sprintf("people farther than %g minutes", limit)
		if err := r.waysWithin(ctx, p, limit); err != nil {
			return err
		}
		shape := site.Shape{Places: n, Sites: len(r.Candidates), Fallback: weight}
		if s.instance, err = site.NewInstance(shape, s.rules, site.Covering(limit, p.plain(rowsOf(ground.All(n), n)))); err == nil {
			s.solution, err = site.Solve(ctx, s.instance, o, nil)
		}
		return err
	}
	cost := func(minutes float64) float64 { return minutes }
	s.unit = "minutes over all people"
	if g.Goal != "mean_time" {
		worth, _, name := r.worth(nil)
		cost, s.unit = func(minutes float64) float64 { return -worth(travel.FromMinutes(minutes)) }, name
	}
	farthest := 0.0
	of := func(minutes float64) float64 {
		if !math.IsInf(minutes, 1) {
			farthest = math.Max(farthest, minutes)
		}
		return cost(minutes)
	}
	if s.rules.Capacity == nil && s.rules.Least == nil {
		h := site.Horizon{Places: n, Sites: len(r.Candidates), Rules: s.rules, Weight: weight, Cost: of, Pairs: r.pairs()}
		s.solution, err = h.Solve(ctx, o)
	} else {
		err = r.everyPair(ctx, s, p, of, o)
	}
	var heaviest float64
	for _, w := range weight {
		heaviest = math.Max(heaviest, w)
	}
	if err != nil && math.IsInf(cost(farthest)*math.Max(1, heaviest*float64(n)), 1) {
		return tooLarge{&spec.SpecError{Field: "siting.goal",
			Problem: fmt.Sprintf("%s of a way of %.4g minutes is too large to be a number", s.unit, farthest),
			Accept:  "a smaller siting.aversion or siting.power, or mean_time"}}
	}
	return err
}

// everyPair solves a siting from nothing under rules to which every pair matters.
func (r *sited) everyPair(ctx context.Context, s *search, p *plan, cost func(minutes float64) float64, o site.Options) (err error) {
	weight := r.favoured(r.People)
	n := len(weight)
	if err := r.waysWithin(ctx, p, math.Inf(1)); err != nil {
		return err
	}
	shape := site.Shape{Places: n, Sites: len(r.Candidates), Fallback: slices.Repeat([]float64{math.Inf(1)}, n)}
	for i, w := range weight {
		if w == 0 {
			shape.Fallback[i] = 0 // nobody to serve
		}
	}
	if s.instance, err = site.NewInstance(shape, s.rules, site.Transformed(weight, cost, p.plain(rowsOf(ground.All(n), n)))); err == nil {
		s.solution, err = site.Solve(ctx, s.instance, o, nil)
	}
	return err
}

// waysWithin collects the ways from all candidates up to a limit in minutes, where no
// center is there; where some are, the plan has those that are shorter than today's.
func (r *sited) waysWithin(ctx context.Context, p *plan, minutes float64) error {
	if len(r.Sites) > 0 {
		return nil
	}
	// One more by rounding does no harm: what is beyond the limit has no part in the instance.
	limit := travel.FromMinutes(minutes * (1 + 1e-12))
	return r.legsWithin(ctx, ground.All(len(r.Candidates)), func(int) travel.Seconds { return limit }, func(j int, legs []leg) error {
		p.legs[j] = slices.Clone(legs)
		return r.RoomForPairs(len(legs))
	})
}

// pairs gives the minutes between places and candidates up to limits, as a
// [site.Horizon] asks for them, in the memory that the study may have.
func (r *sited) pairs() func(context.Context, []float64, []int) (iter.Seq[site.Pair], error) {
	most := 0 // that were held before
	return func(ctx context.Context, limit []float64, of []int) (iter.Seq[site.Pair], error) {
		if of == nil {
			of = ground.All(len(r.Candidates))
		}
		type column struct {
			place   []int32
			minutes []float64
		}
		columns, n := make([]column, len(of)), 0
		at := rowsOf(of, len(r.Candidates))
		err := r.legsWithin(ctx, of, func(i int) travel.Seconds { return travel.FromMinutes(limit[i]) }, func(j int, legs []leg) error {
			c := column{make([]int32, len(legs)), make([]float64, len(legs))}
			for k, l := range legs {
				c.place[k], c.minutes[k] = l.Place, l.Time.Minutes()
			}
			columns[at[j]] = c
			if n += len(legs); n > most {
				more := n - most
				most = n
				return r.RoomForPairs(more)
			}
			return nil
		})
		return func(yield func(site.Pair) bool) {
			for k, c := range columns {
				for x, i := range c.place {
					if !yield(site.Pair{Place: i, Site: int32(of[k]), Cost: c.minutes[x]}) {
						return
					}
				}
			}
		}, err
	}
}

// plainInstance has the minutes as costs, and today's as fallback.
func (r *sited) plainInstance(p *plan, rules site.Rules, where []int) (*site.Instance, error) {
	shape := site.Shape{Places: len(where), Sites: len(r.Candidates), Fallback: make([]float64, len(where))}
	for k, i := range where {
		shape.Fallback[k] = p.now[i].Minutes()
	}
	return site.NewInstance(shape, rules, p.plain(rowsOf(where, len(r.People))))
}

// cover asks for the fewest sites that bring everybody within the limit; with
// partial, everybody who can be brought.
func (r *sited) cover(ctx context.Context, s *search, p *plan, rules site.Rules) (where []int, err error) {
	limit := spec.Filled(*r.Spec.Siting).WithinMin
	if err := r.waysWithin(ctx, p, limit); err != nil {
		return nil, err
	}
	// The nearest that a place could have, what is there today included.
	nearest := make([]float64, len(r.People))
	for i, t := range p.now {
		nearest[i] = t.Minutes()
	}
	may := func(j int) bool {
		return !slices.Contains(rules.Never, j) && (p.hubs == nil || len(p.hubs.InRange[j]) > 0)
	}
	for j, legs := range p.legs {
		if may(j) {
			nearer(nearest, legs)
		}
	}
	beyond, first := 0.0, -1
	for i, w := range r.People {
		switch {
		case w == 0 || p.now[i].Minutes() <= limit:
		case nearest[i] <= limit:
			where = append(where, i)
		default:
			if beyond += w; first < 0 {
				first = i
			}
		}
	}
	if first >= 0 && !r.Spec.Siting.Partial {
		return nil, r.uncovered(ctx, nearest, may, first, beyond)
	}
	if beyond > 0 {
		r.Note("siting.beyond", "minutes", limit, "people", beyond)
	}
	if rules.Pick == 0 {
		rules.Pick = len(r.Candidates)
	}
	s.instance, err = site.NewCover(len(where), len(r.Candidates), limit, rules, p.plain(rowsOf(where, len(r.People))))
	return where, err
}

// nearer takes the legs that are shorter than what is known.
func nearer(nearest []float64, legs []leg) {
	for _, l := range legs {
		nearest[l.Place] = math.Min(nearest[l.Place], l.Time.Minutes())
	}
}

// uncovered says of the first place that cannot be covered how far it has it to the
// nearest candidate or center, and which limit would reach everybody.
func (r *sited) uncovered(ctx context.Context, nearest []float64, may func(j int) bool, first int, beyond float64) error {
	limit := spec.Filled(*r.Spec.Siting).WithinMin
	if len(r.Sites) == 0 { // what is beyond the limit was not looked at
		err := r.legsWithin(ctx, ground.All(len(r.Candidates)), func(int) travel.Seconds { return travel.Unreached }, func(j int, legs []leg) error {
			if may(j) {
				nearer(nearest, legs)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	most := limit
	for i, w := range r.People {
		if w > 0 && nearest[i] > most {
			most = nearest[i]
		}
	}
	found, would := "no center or candidate that may open has a way to it", "no limit"
	if !math.IsInf(nearest[first], 1) {
		found = fmt.Sprintf("the nearest candidate or center is %.2f minutes away", nearest[first])
	}
	if !math.IsInf(most, 1) {
		would = fmt.Sprintf("a limit of %g", math.Ceil(most*100)/100)
	}
	return noPlan(fmt.Sprintf("place %s cannot be covered: %s and the limit is %g; "+
		"%s would reach every place (partial: true covers who can be covered, all but %.0f people)",
		r.Places.ID(first), found, limit, would, beyond))
}
