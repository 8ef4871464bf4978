package site

import (
	"fmt"
	"math"
)

// Infeasible says which place, site or region asks for what no plan can give,
// and what would do. Place, Site and Region are -1 where they are not meant.
type Infeasible struct {
	Place, Site, Region int
	Rule                string  // "reach", "pick", "apart", "region", "budget", "hubs", "volume", "capacity" or "together"
	Limit, Needs        float64 // what the rule allows, and the least that would do; NaN where there is no number
	Message             string
	Would               []Relaxation // of one rule each, where the rules can only together not be kept
}

func (e *Infeasible) Error() string { return e.Message }

func infeasible(rule string, limit, needs float64, format string, args ...any) *Infeasible {
	return about(-1, -1, -1, rule, limit, needs, format, args...)
}

func about(place, site, region int, rule string, limit, needs float64, format string, args ...any) *Infeasible {
	return &Infeasible{Place: place, Site: site, Region: region, Rule: rule, Limit: limit, Needs: needs, Message: fmt.Sprintf(format, args...)}
}

// check says what in the rules cannot be meant.
func (r *Rules) check(places, sites int) error {
	if r.Pick < 0 {
		return fmt.Errorf("pick %d: it must be 0 (any number) or more", r.Pick)
	}
	for _, list := range []struct {
		name  string
		sites []int
	}{{"forced", r.Forced}, {"never", r.Never}} {
		seen := make(map[int]bool)
		for _, j := range list.sites {
			if j < 0 || j >= sites || seen[j] {
				return fmt.Errorf("%s site %d: sites go from 0 to %d, each once", list.name, j, sites-1)
			}
			seen[j] = true
		}
	}
	for _, list := range []struct {
		name   string
		values []float64
		size   int
		of     string
	}{
		{"site fee", r.SiteFee, sites, "sites"}, {"price", r.Price, sites, "sites"}, {"least volume", r.Least, sites, "sites"},
		{"capacity", r.Capacity, sites, "sites"}, {"volume", r.Volume, places, "places"}, {"demand", r.Demand, places, "places"},
	} {
		if list.values != nil && len(list.values) != list.size {
			return fmt.Errorf("%d values of %s for %d %s", len(list.values), list.name, list.size, list.of)
		}
		for k, v := range list.values {
			if !(v >= 0) || math.IsInf(v, 1) {
				return fmt.Errorf("%s %v of number %d: it must be finite and 0 or more", list.name, v, k)
			}
		}
	}
	if !(r.Budget >= 0) {
		return fmt.Errorf("budget %v: it must be 0 or more", r.Budget)
	}
	if (r.Volume == nil) != (r.Least == nil) || (r.Demand == nil) != (r.Capacity == nil) {
		return fmt.Errorf("volumes of places go with least volumes of sites, and demands with capacities: give both or neither")
	}
	if r.Capacity != nil && r.Least != nil {
		return fmt.Errorf("least volumes count the places nearest to a site, capacities move places elsewhere: give one of them")
	}
	return r.checkPlaces(sites)
}

func (r *Rules) checkPlaces(sites int) error {
	if r.Region != nil && len(r.Region) != sites {
		return fmt.Errorf("%d regions for %d sites", len(r.Region), sites)
	}
	if r.Region == nil && (r.AtMost != nil || r.AtLeast != nil) {
		return fmt.Errorf("limits of regions are given and the regions of sites are not")
	}
	for j, g := range r.Region {
		if g < -1 {
			return fmt.Errorf("site %d is in region %d: regions go from 0, and -1 is none", j, g)
		}
		for _, limits := range [][]int{r.AtMost, r.AtLeast} {
			if limits != nil && int(g) >= len(limits) {
				return fmt.Errorf("site %d is in region %d: the limits go from 0 to %d", j, g, len(limits)-1)
			}
		}
	}
	for _, pair := range r.Apart {
		if pair[0] == pair[1] || min(pair[0], pair[1]) < 0 || max(pair[0], pair[1]) >= sites {
			return fmt.Errorf("sites %d and %d to be kept apart: they must be two, from 0 to %d", pair[0], pair[1], sites-1)
		}
	}
	if h := r.Hubs; h != nil {
		if len(h.InRange) != sites {
			return fmt.Errorf("hubs in range of %d sites, there are %d", len(h.InRange), sites)
		}
		for j, in := range h.InRange {
			for _, l := range in {
				if l.Hub < 0 || int(l.Hub) >= h.Count {
					return fmt.Errorf("site %d lists hub %d: hubs go from 0 to %d", j, l.Hub, h.Count-1)
				}
			}
		}
	}
	return nil
}

// regions is the number of regions.
func (r *Rules) regions() int { return max(len(r.AtMost), len(r.AtLeast)) }

func (r *Rules) atMost(g int) int {
	if r.AtMost == nil || r.AtMost[g] < 0 {
		return math.MaxInt32
	}
	return r.AtMost[g]
}

func (r *Rules) atLeast(g int) int {
	if r.AtLeast == nil {
		return 0
	}
	return r.AtLeast[g]
}

func (r *Rules) fee(j int) float64 {
	if r.SiteFee == nil {
		return 0
	}
	return r.SiteFee[j]
}

// pick is the number of sites that may be open.
func (r *Rules) pick(sites int) int {
	if r.Pick == 0 {
		return sites
	}
	return min(r.Pick, sites)
}

// free reports whether only the number of sites is limited.
func (r *Rules) free() bool {
	return r.Price == nil && r.regions() == 0 && len(r.Apart) == 0 && r.Hubs == nil && r.Least == nil
}

// slack of a comparison of sums in floating point.
const slack = 1e-9

// Check says which rule a set of open sites breaks, nil if none. It looks at
// the set alone, plainly; capacities are checked with the assignment.
func (in *Instance) Check(open []int) error {
	r := &in.rules
	is := make([]bool, in.sites)
	for _, j := range open {
		if is[j] {
			return infeasible("pick", 1, 2, "site %d is listed twice", j)
		}
		is[j] = true
	}
	if len(open) > r.pick(in.sites) {
		return infeasible("pick", float64(r.Pick), float64(len(open)), "%d sites are open and %d may be", len(open), r.Pick)
	}
	for _, j := range r.Forced {
		if !is[j] {
			return about(-1, j, -1, "pick", math.NaN(), math.NaN(), "site %d must be open", j)
		}
	}
	for _, j := range r.Never {
		if is[j] {
			return about(-1, j, -1, "pick", math.NaN(), math.NaN(), "site %d may not be open", j)
		}
	}
	if r.Price != nil {
		var sum float64
		for _, j := range open {
			sum += r.Price[j]
		}
		if sum > r.Budget*(1+slack) {
			return infeasible("budget", r.Budget, sum, "the sites take %v and the budget is %v", sum, r.Budget)
		}
	}
	if err := r.checkRegions(open); err != nil {
		return err
	}
	for _, pair := range r.Apart {
		if is[pair[0]] && is[pair[1]] {
			return about(-1, pair[0], -1, "apart", math.NaN(), math.NaN(), "sites %d and %d are too close to each other", pair[0], pair[1])
		}
	}
	if r.Hubs != nil {
		l := newLinks(r.Hubs, in.sites)
		for _, j := range open {
			if !l.take(j) {
				return about(-1, j, -1, "hubs", float64(r.Hubs.Each), math.NaN(), "no hub in range has room for site %d beside the others", j)
			}
		}
	}
	if r.Least != nil {
		volume := in.volume(open)
		for _, j := range open {
			if volume[j] < r.Least[j]*(1-slack) {
				return about(-1, j, -1, "volume", r.Least[j], volume[j], "site %d serves %v and needs %v", j, volume[j], r.Least[j])
			}
		}
	}
	return nil
}

func (r *Rules) checkRegions(open []int) error {
	count := make([]int, r.regions())
	for _, j := range open {
		if g := r.Region; g != nil && g[j] >= 0 && int(g[j]) < len(count) {
			count[g[j]]++
		}
	}
	for g, k := range count {
		if k > r.atMost(g) {
			return about(-1, -1, g, "region", float64(r.atMost(g)), float64(k), "region %d has %d open sites and may have %d", g, k, r.atMost(g))
		}
		if k < r.atLeast(g) {
			return about(-1, -1, g, "region", float64(r.atLeast(g)), float64(k), "region %d has %d open sites and needs %d", g, k, r.atLeast(g))
		}
	}
	return nil
}
