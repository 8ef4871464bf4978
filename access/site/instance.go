package site

import (
	"careshed/geo/travel"
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
)

// Pair is what serving a place from a site costs. The cost holds the weight of
// the place already: person-minutes, not minutes.
type Pair struct {
	Place, Site int32
	Cost        float64
}

// Rules say which sets of sites may be opened. The zero value allows any set.
type Rules struct {
	Pick    int       // at most so many sites in all, those of Forced among them; 0: any number
	Forced  []int     // open in every plan
	Never   []int     // open in none
	SiteFee []float64 // what opening a site adds to the cost (simple plant location); nil: nothing

	Price  []float64 // what a site takes from the budget; nil: no budget
	Budget float64

	Region  []int32 // of each site, -1: in none; nil: no regions
	AtMost  []int   // sites open in each region; negative: any number; nil: any number in all
	AtLeast []int   // sites open in each region; nil: none needed

	Apart [][2]int // pairs of sites of which at most one may be open: those closer than a minimum distance
	Hubs  *Hubs    // every open site reports to a hub; nil: no rule

	// An open site must serve at least Least of Volume. Each place goes to the
	// site that costs it least (of equals the first), or to none if its
	// fallback is cheaper. Nil: no rule.
	Volume []float64 // of each place
	Least  []float64 // of each site

	// A site can serve at most Capacity of Demand, and each place is served
	// whole by one site, not always by its nearest. Nil: no limit.
	Demand   []float64 // of each place
	Capacity []float64 // of each site
}

// Shape is the size of an instance and what a place costs that no open site
// serves: its cost at the nearest site there is already, or a stated penalty.
// +Inf says that the place must be served; a nil Fallback, that all must be.
type Shape struct {
	Places, Sites int
	Fallback      []float64
}

// Instance is the choice of sites that serves places at least cost:
//
//	min Σ_i min(fallback_i, min_{j open} cost_ij) + Σ_{j open} fee_j
//
// over the sets that Rules allow. Pairs that are not listed, or that cost no
// less than the fallback, do not exist. It is immutable: solves may share it.
//
// A pair takes 20 bytes: rows are sorted by cost, and columns point into them.
type Instance struct {
	rules    Rules
	sites    int
	fallback []float64

	start []int // of each place's row, and the end of the last
	site  []int32
	cost  []float64

	colStart []int // of each site's column
	colPlace []int32
	colAt    []int32 // where the pair is in its row: an index of cost

	size     float64 // of its costs, see tolerance
	integral bool    // every cost and fee is a whole number, so bounds round up

	volumes *Instance // whose costs say to which site a place goes, for least volumes; nil: its own
}

// Places and Sites are the sizes; Pairs counts those that can matter.
func (in *Instance) Places() int  { return len(in.fallback) }
func (in *Instance) Sites() int   { return in.sites }
func (in *Instance) Pairs() int   { return len(in.cost) }
func (in *Instance) Rules() Rules { return in.rules }

// Nothing is the cost of opening no site: +Inf where a place must be served.
// A plan gains Nothing() − Cost.
func (in *Instance) Nothing() float64 {
	var sum float64
	for _, f := range in.fallback {
		sum += f
	}
	return sum
}

// NewInstance takes the pairs in any order, and goes through them twice, so
// that no copy is held beside the instance's own.
func NewInstance(shape Shape, rules Rules, pairs iter.Seq[Pair]) (*Instance, error) {
	n, m := shape.Places, shape.Sites
	if n < 0 || m < 0 || n > math.MaxInt32 || m > math.MaxInt32 {
		return nil, fmt.Errorf("%d places and %d sites: both must lie between 0 and %d", n, m, math.MaxInt32)
	}
	if shape.Fallback != nil && len(shape.Fallback) != n {
		return nil, fmt.Errorf("%d fallback costs for %d places", len(shape.Fallback), n)
	}
	in := &Instance{rules: rules, sites: m, fallback: make([]float64, n), start: make([]int, n+1), colStart: make([]int, m+1), integral: true}
	for i := range in.fallback {
		in.fallback[i] = math.Inf(1)
		if shape.Fallback != nil {
			in.fallback[i] = shape.Fallback[i]
		}
		if !(in.fallback[i] >= 0) {
			return nil, fmt.Errorf("place %d: fallback cost %v: it must be 0 or more", i, in.fallback[i])
		}
		in.whole(in.fallback[i])
	}
	if err := rules.check(n, m); err != nil {
		return nil, err
	}
	for _, f := range rules.SiteFee {
		in.whole(f)
	}
	if err := in.fill(pairs); err != nil {
		return nil, err
	}
	in.measure()
	return in, nil
}

// measure finds the size of the costs: of every place its fallback, or its dearest
// site where it has none.
func (in *Instance) measure() {
	for i, f := range in.fallback {
		if math.IsInf(f, 1) {
			f = 0
			if end := in.start[i+1]; end > in.start[i] {
				f = in.cost[end-1]
			}
		}
		in.size += f
	}
}

// tolerance is how far apart two costs near this one may be by rounding alone: a
// share of it, or of the size of the instance where it is much less. No search
// compares with a number of its own, so that plans do not depend on the unit.
func (in *Instance) tolerance(cost float64) float64 {
	return slack * math.Max(1e-3*in.size, math.Abs(cost))
}

func (in *Instance) whole(v float64) {
	if !math.IsInf(v, 1) && (v != math.Trunc(v) || v > 1<<50) {
		in.integral = false
	}
}

func (in *Instance) fill(pairs iter.Seq[Pair]) (err error) {
	n, m := len(in.fallback), in.sites
	total := 0
	for p := range pairs {
		switch {
		case p.Place < 0 || int(p.Place) >= n:
			return fmt.Errorf("pair of place %d and site %d: places go from 0 to %d", p.Place, p.Site, n-1)
		case p.Site < 0 || int(p.Site) >= m:
			return fmt.Errorf("pair of place %d and site %d: sites go from 0 to %d", p.Place, p.Site, m-1)
		case !(p.Cost >= 0) || math.IsInf(p.Cost, 1):
			return fmt.Errorf("pair of place %d and site %d: cost %v: it must be finite and 0 or more", p.Place, p.Site, p.Cost)
		}
		if p.Cost < in.fallback[p.Place] {
			in.start[p.Place+1]++
			total++
		}
	}
	if total > math.MaxInt32 {
		return fmt.Errorf("%d pairs: at most %d fit", total, math.MaxInt32)
	}
	for i := range n {
		in.start[i+1] += in.start[i]
	}
	in.site, in.cost = make([]int32, total), make([]float64, total)
	next := slices.Clone(in.start[:n])
	for p := range pairs {
		if p.Cost < in.fallback[p.Place] {
			k := next[p.Place]
			if k == in.start[p.Place+1] {
				return fmt.Errorf("place %d: more pairs the second time than the first", p.Place)
			}
			in.site[k], in.cost[k] = p.Site, p.Cost
			next[p.Place]++
			in.whole(p.Cost)
		}
	}
	in.sortRows()
	in.colStart, in.colPlace, in.colAt = columns(in.start, in.site, m)
	for j := range m {
		for k := in.colStart[j] + 1; k < in.colStart[j+1]; k++ {
			if in.colPlace[k] == in.colPlace[k-1] {
				return fmt.Errorf("the pair of place %d and site %d is listed twice", in.colPlace[k], j)
			}
		}
	}
	return nil
}

// sortRows sorts every row by cost, and equals by site.
func (in *Instance) sortRows() {
	n := len(in.fallback)
	type entry struct {
		cost float64
		site int32
	}
	own := func() *[]entry { return new([]entry) }
	_ = travel.SpreadWith(context.Background(), n, 256, own, func(space *[]entry, from, to int) {
		for i := from; i < to; i++ {
			sites, costs := in.site[in.start[i]:in.start[i+1]], in.cost[in.start[i]:in.start[i+1]]
			row := (*space)[:0]
			for k, c := range costs {
				row = append(row, entry{c, sites[k]})
			}
			slices.SortFunc(row, func(a, b entry) int {
				if a.cost != b.cost {
					return cmp.Compare(a.cost, b.cost)
				}
				return cmp.Compare(a.site, b.site)
			})
			for k, e := range row {
				costs[k], sites[k] = e.cost, e.site
			}
			*space = row
		}
	})
}

// columns turns rows into columns, places ascending in each.
func columns(start []int, site []int32, m int) (colStart []int, place, at []int32) {
	colStart = make([]int, m+1)
	for _, j := range site {
		colStart[j+1]++
	}
	for j := range m {
		colStart[j+1] += colStart[j]
	}
	place, at = make([]int32, len(site)), make([]int32, len(site))
	next := slices.Clone(colStart[:m])
	for i := range len(start) - 1 {
		for k := start[i]; k < start[i+1]; k++ {
			j := site[k]
			place[next[j]], at[next[j]] = int32(i), int32(k)
			next[j]++
		}
	}
	return colStart, place, at
}

// only is the instance without the pairs of the sites that are not kept. Sites
// and places have the same numbers.
func (in *Instance) only(keep []bool, pairs int) *Instance {
	part := *in
	part.site, part.cost, part.start = make([]int32, 0, pairs), make([]float64, 0, pairs), make([]int, 1, len(in.start))
	for i := range in.fallback {
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if keep[in.site[k]] {
				part.site, part.cost = append(part.site, in.site[k]), append(part.cost, in.cost[k])
			}
		}
		part.start = append(part.start, len(part.site))
	}
	part.colStart, part.colPlace, part.colAt = columns(part.start, part.site, in.sites)
	if in.volumes == nil {
		part.volumes = in
	}
	return &part
}

// volume is what each site serves, for the rule of least volumes.
func (in *Instance) volume(open []int) []float64 {
	by := in
	if in.volumes != nil {
		by = in.volumes
	}
	volume := make([]float64, in.sites)
	for i, j := range by.Evaluate(open).Served {
		if j >= 0 {
			volume[j] += in.rules.Volume[i]
		}
	}
	return volume
}

// Evaluation is what a set of open sites costs.
type Evaluation struct {
	Cost   float64 // fees included; +Inf if a place that must be served is not
	Served []int32 // site of each place, -1: its fallback
}

// Evaluate computes the cost of a set of open sites, each place served at least
// cost and, among equals, by the first site. It looks at no rule: see Check. It
// is the independent check of every plan without capacities. Costs are added in
// the order of the places, however the site of each is found.
func (in *Instance) Evaluate(open []int) Evaluation {
	is := make([]bool, in.sites)
	var sum float64
	for _, j := range open {
		is[j] = true
	}
	for j, opened := range is {
		if opened {
			sum += in.rules.fee(j)
		}
	}
	at := in.cheapest(open, is)
	for i, c := range in.fallback {
		if k := at[i]; k >= 0 {
			c, at[i] = in.cost[k], in.site[k]
		}
		sum += c
	}
	return Evaluation{sum, at}
}

// cheapest is the pair of each place with the first open site of its row, as an
// index of cost, -1 where none is open: by the columns of the open sites where
// these are short beside the rows that would be gone through.
func (in *Instance) cheapest(open []int, is []bool) []int32 {
	pairs := 0
	for _, j := range open {
		pairs += in.colStart[j+1] - in.colStart[j]
	}
	if pairs*(len(open)+1) < len(in.cost) {
		return in.cheapestByColumn(open)
	}
	return in.cheapestByRow(is)
}

// cheapestByColumn is cheapest by the columns of the open sites.
func (in *Instance) cheapestByColumn(open []int) []int32 {
	at := make([]int32, len(in.fallback))
	for i := range at {
		at[i] = -1
	}
	for _, j := range open {
		for k := in.colStart[j]; k < in.colStart[j+1]; k++ {
			if i, here := in.colPlace[k], in.colAt[k]; at[i] < 0 || here < at[i] {
				at[i] = here
			}
		}
	}
	return at
}

// cheapestByRow is cheapest by the rows of all places.
func (in *Instance) cheapestByRow(is []bool) []int32 {
	at := make([]int32, len(in.fallback))
	for i := range at {
		at[i] = -1
		for k := in.start[i]; k < in.start[i+1]; k++ {
			if is[in.site[k]] {
				at[i] = int32(k)
				break
			}
		}
	}
	return at
}
