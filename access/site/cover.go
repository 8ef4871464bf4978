package site

import (
	"fmt"
	"iter"
	"math"
	"slices"
)

// NewCover is the set covering problem (Toregas et al. 1971): the fewest sites
// with one within the radius of every place; its cost is their number. Site
// fees in the rules are replaced. A place that no site that may be opened
// reaches gives an *Infeasible with the least radius that would reach all.
func NewCover(places, sites int, radius float64, rules Rules, plain iter.Seq[Pair]) (*Instance, error) {
	rules.SiteFee = filled(sites, 1)
	in, err := NewInstance(Shape{Places: places, Sites: sites}, rules, Covering(radius, plain))
	if err != nil {
		return nil, err
	}
	barred := make([]bool, sites)
	for _, j := range rules.Never {
		barred[j] = true
	}
	nearest := filled(places, math.Inf(1))
	for p := range plain {
		if !barred[p.Site] {
			nearest[p.Place] = min(nearest[p.Place], p.Cost)
		}
	}
	far, most := -1, radius
	for i, d := range nearest {
		if d > radius && far < 0 {
			far = i
		}
		most = max(most, d)
	}
	if far >= 0 {
		text := fmt.Sprintf("the nearest candidate is %v from place %d and the limit is %v; a limit of %v would reach every place", nearest[far], far, radius, most)
		if math.IsInf(nearest[far], 1) {
			text = fmt.Sprintf("no candidate is listed for place %d", far)
		}
		return nil, &Infeasible{Place: far, Site: -1, Region: -1, Rule: "reach", Limit: radius, Needs: most, Message: text}
	}
	return in.dominated(), nil
}

// dominated drops from an instance whose pairs all cost nothing the places
// that are served whenever another is, and, where only fees and numbers of
// sites matter, the sites that serve no place that another does not as well.
// Places keep their numbers: a dropped one costs nothing without any site.
func (in *Instance) dominated() *Instance {
	n, m := len(in.fallback), in.sites
	rows := make([]int, 0, n)
	for i := range n {
		if in.start[i+1] > in.start[i] && math.IsInf(in.fallback[i], 1) {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		return (in.start[a+1] - in.start[a]) - (in.start[b+1] - in.start[b])
	})
	// A kept row is looked for under its site of fewest places: a row that
	// holds it holds that site too.
	under := make([][]int, m)
	mark := make([]int, m)
	kept := make([]bool, n)
	for _, i := range rows {
		row := in.site[in.start[i]:in.start[i+1]]
		for _, j := range row {
			mark[j] = i + 1
		}
		held := false
		for _, j := range row {
			for _, k := range under[j] {
				if all(in.site[in.start[k]:in.start[k+1]], func(j int32) bool { return mark[j] == i+1 }) {
					held = true
					break
				}
			}
			if held {
				break
			}
		}
		if held {
			continue
		}
		kept[i] = true
		rare := row[0]
		for _, j := range row {
			if in.colStart[j+1]-in.colStart[j] < in.colStart[rare+1]-in.colStart[rare] {
				rare = j
			}
		}
		under[rare] = append(under[rare], i)
	}
	shape := Shape{Places: n, Sites: m, Fallback: make([]float64, n)}
	for i := range n {
		if kept[i] || in.start[i+1] == in.start[i] {
			shape.Fallback[i] = in.fallback[i]
		}
	}
	small, err := NewInstance(shape, in.rules, func(yield func(Pair) bool) {
		for i := range n {
			for k := in.start[i]; kept[i] && k < in.start[i+1]; k++ {
				if !yield(Pair{int32(i), in.site[k], 0}) {
					return
				}
			}
		}
	})
	if err != nil {
		panic("site: a part of an instance is none: " + err.Error())
	}
	small.volumes = in.volumes
	small.rules.Never = append(slices.Clone(in.rules.Never), small.outdone()...)
	return small
}

// outdone lists the sites that serve only places that another site serves as
// well, and that no rule tells from it.
func (in *Instance) outdone() (out []int) {
	if !in.rules.free() || len(in.rules.Forced) > 0 {
		return nil
	}
	barred, gone := make([]bool, in.sites), make([]bool, in.sites)
	for _, j := range in.rules.Never {
		barred[j] = true
	}
	mark := make([]int, len(in.fallback))
	for j := range in.sites {
		if barred[j] || in.colStart[j] == in.colStart[j+1] {
			continue
		}
		column := in.colPlace[in.colStart[j]:in.colStart[j+1]]
		// Whoever outdoes j serves j's place of fewest sites.
		few := column[0]
		for _, i := range column {
			mark[i] = j + 1
			if in.start[i+1]-in.start[i] < in.start[few+1]-in.start[few] {
				few = i
			}
		}
		for _, k := range in.site[in.start[few]:in.start[few+1]] {
			if int(k) == j || gone[k] || barred[k] || in.rules.fee(int(k)) > in.rules.fee(j) {
				continue
			}
			other := in.colPlace[in.colStart[k]:in.colStart[k+1]]
			if len(other) < len(column) || len(other) == len(column) && in.rules.fee(int(k)) == in.rules.fee(j) && int(k) > j {
				continue
			}
			shares := 0
			for _, i := range other {
				if mark[i] == j+1 {
					shares++
				}
			}
			if shares == len(column) {
				gone[j] = true
				out = append(out, j)
				break
			}
		}
	}
	return out
}

func all(list []int32, holds func(int32) bool) bool {
	for _, v := range list {
		if !holds(v) {
			return false
		}
	}
	return true
}
