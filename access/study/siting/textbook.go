package siting

import (
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

// fromNothing states a siting without centers that are there: everybody must be
// served by what opens, or under covered counts as left out. The cost is that of
// textbooks, weights times costs.
func (r *sited) fromNothing(p *plan, rules site.Rules) (*site.Instance, string, error) {
	g := r.Spec.Siting
	weight := r.favoured(r.People)
	n := len(weight)
	row := rowsOf(ground.All(n), n)
	shape := site.Shape{Places: n, Sites: len(r.Candidates)}
	if g.Goal == "covered" {
		shape.Fallback = weight
		in, err := site.NewInstance(shape, rules, site.Covering(spec.Filled(*g).WithinMin, p.plain(row)))
		return in, fmt.Sprintf("people farther than %g minutes", spec.Filled(*g).WithinMin), err
	}
	shape.Fallback = slices.Repeat([]float64{math.Inf(1)}, n)
	for i, w := range weight {
		if w == 0 {
			shape.Fallback[i] = 0 // nobody to serve
		}
	}
	cost, unit := func(minutes float64) float64 { return minutes }, "minutes over all people"
	if g.Goal != "mean_time" {
		worth, _, name := r.worth(nil)
		cost, unit = func(minutes float64) float64 { return -worth(travel.FromMinutes(minutes)) }, name
	}
	in, err := site.NewInstance(shape, rules, site.Transformed(weight, cost, p.plain(row)))
	return in, unit, err
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
func (r *sited) cover(s *search, p *plan, rules site.Rules) (where []int, err error) {
	limit := spec.Filled(*r.Spec.Siting).WithinMin
	// The nearest that a place could have, what is there today included.
	nearest := make([]float64, len(r.People))
	for i, t := range p.now {
		nearest[i] = t.Minutes()
	}
	for j, legs := range p.legs {
		if slices.Contains(rules.Never, j) || p.hubs != nil && len(p.hubs.InRange[j]) == 0 {
			continue
		}
		for _, l := range legs {
			nearest[l.Place] = math.Min(nearest[l.Place], l.Time.Minutes())
		}
	}
	beyond, most, first := 0.0, limit, -1
	for i, w := range r.People {
		switch {
		case w == 0 || p.now[i].Minutes() <= limit:
		case nearest[i] <= limit:
			where = append(where, i)
		default:
			if beyond += w; first < 0 {
				first = i
			}
			most = math.Max(most, nearest[i])
		}
	}
	if first >= 0 && !r.Spec.Siting.Partial {
		found, would := "no center or candidate that may open has a way to it", "no limit"
		if !math.IsInf(nearest[first], 1) {
			found = fmt.Sprintf("the nearest candidate or center is %.2f minutes away", nearest[first])
		}
		if !math.IsInf(most, 1) {
			would = fmt.Sprintf("a limit of %g", math.Ceil(most*100)/100)
		}
		return nil, noPlan(fmt.Sprintf("place %s cannot be covered: %s and the limit is %g; "+
			"%s would reach every place (partial: true covers who can be covered, all but %.0f people)",
			r.Places.ID(first), found, limit, would, beyond))
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
