package study

import (
	"context"
	"math"
	"slices"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// trips say how each place gets to the sites of a scenario that infuse.
type trips struct {
	k        int
	legs     []travel.Leg // k a place; Site is an index of the scenario's sites
	site     []int        // where each place goes, -1 nowhere; for Sea the nearest by straight line
	minutes  []float64    // NaN where there is no time
	km       []float64    // along the way, NaN where there is none
	straight []float64    // km, NaN where the place goes nowhere
	sea      []bool       // only by sea, or by sea as the spec says
	reason   []travel.Reason
	timed    *access.Weighted // minutes, weighted by people; for draws
}

// goals are the sites that people travel to: those that infuse.
func goals(sites []center) []int {
	var out []int
	for i := range sites {
		if sites[i].has("infuse") {
			out = append(out, i)
		}
	}
	return out
}

// byGroup calls each for every group of places that may use the same sites, by
// the border rule and by what the sites accept, with those sites.
func (in *inputs) byGroup(sites []center, open []int, each func(places, sites []int) error) error {
	where := map[string]int{}
	byBorder := map[string][]int{}
	var placesOf, sitesOf [][]int
	var claims [][]string
	for i, g := range in.group {
		key, claim := g, []string(nil)
		if i < len(in.claim) {
			claim = in.claim[i]
		}
		for _, c := range claim {
			key += "\x1f" + c
		}
		k, ok := where[key]
		if !ok {
			k = len(placesOf)
			where[key] = k
			byBorder[g] = append(byBorder[g], k)
			placesOf, sitesOf, claims = append(placesOf, nil), append(sitesOf, nil), append(claims, claim)
		}
		placesOf[k] = append(placesOf[k], i)
	}
	for _, j := range open {
		for _, k := range byBorder[sites[j].group] {
			if sites[j].takes(sites[j].group, claims[k]) {
				sitesOf[k] = append(sitesOf[k], j)
			}
		}
	}
	for k := range placesOf {
		if err := each(placesOf[k], sitesOf[k]); err != nil {
			return err
		}
	}
	return nil
}

func (in *inputs) query(sites []center, p, s []int) travel.Query {
	q := travel.Query{Places: make([]travel.Stop, len(p)), Sites: make([]travel.Stop, len(s))}
	for i, x := range p {
		q.Places[i] = in.stops[x]
	}
	for i, x := range s {
		q.Sites[i] = sites[x].Stop
	}
	return q
}

func (in *inputs) trips(ctx context.Context, sites []center, k int) (*trips, error) {
	n := in.places.Len()
	campus := campuses(sites)
	ask := k
	if k > 1 && in.spec.Sites.Count == "campus" {
		size := map[int]int{}
		for _, j := range goals(sites) {
			size[campus[j]]++
			ask = max(ask, k*size[campus[j]])
		}
	}
	t := &trips{k: k, legs: make([]travel.Leg, n*k), site: make([]int, n), minutes: nans(n), km: nans(n), straight: nans(n),
		sea: make([]bool, n), reason: make([]travel.Reason, n)}
	err := in.byGroup(sites, goals(sites), func(p, s []int) error {
		q := in.query(sites, p, s)
		q.Lengths = true
		legs, err := in.engine.Nearest(ctx, q, ask)
		if err != nil {
			return err
		}
		if ask > k {
			legs = firstOfCampus(legs, ask, k, func(j int32) int { return campus[s[j]] })
		}
		var across *geo.Layer // the sites, for those who have only the straight line
		for i, place := range p {
			t.site[place] = -1
			for r := range k {
				l := legs[i*k+r]
				l.Place = int32(place)
				if l.Site >= 0 {
					l.Site = int32(s[l.Site])
				}
				t.legs[place*k+r] = l
			}
			first := t.legs[place*k]
			if first.Site >= 0 {
				j := int(first.Site)
				t.site[place] = j
				t.minutes[place] = first.Time.Minutes()
				t.km[place] = first.Length.Kilometres() // NaN where it is not known
				if in.stops[place].Located && sites[j].Located {
					t.straight[place] = geo.Distance(in.stops[place].At, sites[j].At).Kilometres()
				}
				if in.crow != nil && in.crow.Crosses(in.stops[place], sites[j].Stop) {
					t.sea[place], t.reason[place] = true, travel.Sea
				}
				continue
			}
			t.reason[place] = in.engine.Reason(in.stops[place], q.Sites)
			if t.reason[place] != travel.Sea {
				continue
			}
			t.sea[place] = true
			if across == nil {
				if across, err = stopLayer(q.Sites); err != nil {
					return err
				}
			}
			for row, d := range across.Nearest(in.stops[place].At) {
				t.site[place], t.straight[place] = s[row], d.Kilometres()
				break
			}
		}
		return nil
	})
	return t, err
}

// firstOfCampus keeps, of ask legs a place, the k quickest to different campuses:
// the second nearest center is not another door of the nearest.
func firstOfCampus(legs []travel.Leg, ask, k int, campus func(int32) int) []travel.Leg {
	out := make([]travel.Leg, 0, len(legs)/ask*k)
	for from := 0; from < len(legs); from += ask {
		start := len(out)
		for _, l := range legs[from : from+ask] {
			if len(out)-start == k {
				break
			}
			if l.Site >= 0 && slices.ContainsFunc(out[start:], func(o travel.Leg) bool { return campus(o.Site) == campus(l.Site) }) {
				continue
			}
			out = append(out, l)
		}
		for len(out)-start < k {
			out = append(out, travel.Leg{Place: legs[from].Place, Site: -1, Time: travel.Unreached})
		}
	}
	return out
}

func stopLayer(stops []travel.Stop) (*geo.Layer, error) {
	l := make([]orb.Point, len(stops))
	for i, s := range stops {
		l[i] = s.At
	}
	return geo.NewPoints(geo.About{Name: "sites"}, nil, l)
}

func nans(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

// status is the word for how a place fares.
func (t *trips) status(i int) string {
	switch {
	case t.sea[i]:
		return "sea"
	case math.IsNaN(t.minutes[i]):
		return "unreached"
	}
	return "reached"
}

// without counts the people of each reason for having no time.
func (t *trips) without(people []float64) map[string]float64 {
	out := map[string]float64{}
	for i, m := range t.minutes {
		if math.IsNaN(m) && people[i] > 0 {
			out[string(t.reason[i])] += people[i]
		}
	}
	return out
}

// matrix collects the legs between all places and the sites of each group up
// to a limit. Columns are indices into open.
func (in *inputs) matrix(ctx context.Context, sites []center, open []int, limit travel.Seconds) (*travel.Matrix, error) {
	column := map[int]int32{}
	for c, j := range open {
		column[j] = int32(c)
	}
	type block struct {
		places []int
		m      *travel.Matrix
		sites  []int
	}
	var blocks []block
	err := in.byGroup(sites, open, func(p, s []int) error {
		q := in.query(sites, p, s)
		q.Limit = []travel.Seconds{limit}
		m, err := travel.Collect(ctx, in.engine, q)
		blocks = append(blocks, block{p, m, s})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(blocks) == 1 && len(blocks[0].sites) == len(open) {
		return blocks[0].m, nil // one group: its order is ours
	}
	out := &travel.Matrix{Places: in.places.Len(), Sites: len(open), Start: make([]int, in.places.Len()+1)}
	for _, b := range blocks {
		for i, p := range b.places {
			out.Start[p+1] = b.m.Start[i+1] - b.m.Start[i]
		}
	}
	for i := range out.Places {
		out.Start[i+1] += out.Start[i]
	}
	n := out.Start[out.Places]
	out.Site, out.Time = make([]int32, n), make([]travel.Seconds, n)
	for _, b := range blocks {
		for i, p := range b.places {
			js, times := b.m.Row(i)
			at := out.Start[p]
			for k, j := range js {
				out.Site[at+k], out.Time[at+k] = column[b.sites[j]], times[k]
			}
		}
	}
	return out, nil
}

func all(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = i
	}
	return v
}

// order is the indices of v in falling order, ties by index.
func order(v []float64) []int {
	rows := all(len(v))
	slices.SortStableFunc(rows, func(a, b int) int {
		switch {
		case v[a] > v[b]:
			return -1
		case v[a] < v[b]:
			return 1
		}
		return 0
	})
	return rows
}

// tied are values in which those that differ by rounding alone are the same, so
// that ranks do not depend on the unit of what was added up.
func tied(v []float64) []float64 {
	out := slices.Clone(v)
	rows := order(out)
	for k := 1; k < len(rows); k++ {
		if a, b := out[rows[k-1]], out[rows[k]]; math.Abs(a-b) <= 1e-11*math.Abs(a) {
			out[rows[k]] = a
		}
	}
	return out
}
