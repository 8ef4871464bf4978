package ground

import (
	"context"
	"math"
	"slices"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Trips say how each place gets to the sites of a scenario that infuse.
type Trips struct {
	K        int
	Legs     []travel.Leg // k a place; Site is an index of the scenario's sites
	Site     []int        // where each place goes, -1 nowhere; for Sea the nearest by straight line
	Minutes  []float64    // NaN where there is no time
	Km       []float64    // along the way, NaN where there is none
	Straight []float64    // km, NaN where the place goes nowhere
	Sea      []bool       // only by sea, or by sea as the spec says
	Reason   []travel.Reason
	Timed    *access.Weighted // minutes, weighted by people; for draws
}

// Goals are the sites that people travel to: those that infuse.
func Goals(sites []Center) []int {
	var out []int
	for i := range sites {
		if sites[i].Has("infuse") {
			out = append(out, i)
		}
	}
	return out
}

// ByGroup calls each for every group of places that may use the same sites, by
// the border rule and by what the sites accept, with those sites.
func (in *Ground) ByGroup(sites []Center, open []int, each func(places, sites []int) error) error {
	where := map[string]int{}
	byBorder := map[string][]int{}
	var placesOf, sitesOf [][]int
	var claims [][]string
	last := -1 // of the place before, which most often has the same
	for i, g := range in.Group {
		if len(in.claim) == 0 && last >= 0 && g == in.Group[i-1] {
			placesOf[last] = append(placesOf[last], i)
			continue
		}
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
		placesOf[k], last = append(placesOf[k], i), k
	}
	for _, j := range open {
		for _, k := range byBorder[sites[j].Group] {
			if sites[j].takes(sites[j].Group, claims[k]) {
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

func (in *Ground) Query(sites []Center, p, s []int) travel.Query {
	q := travel.Query{Places: make([]travel.Stop, len(p)), Sites: make([]travel.Stop, len(s))}
	for i, x := range p {
		q.Places[i] = in.Stops[x]
	}
	for i, x := range s {
		q.Sites[i] = sites[x].Stop
	}
	return q
}

// toAsk is for how many sites the k nearest campuses are found among.
func (in *Ground) toAsk(sites []Center, campus []int, k int) (ask int) {
	if ask = k; k == 1 || in.Spec.Sites.Count != "campus" {
		return ask
	}
	size := map[int]int{}
	for _, j := range Goals(sites) {
		size[campus[j]]++
		ask = max(ask, k*size[campus[j]])
	}
	return ask
}

// Trips sends everybody to the k nearest sites that infuse.
func (in *Ground) Trips(ctx context.Context, sites []Center, k int) (*Trips, error) {
	n := in.Places.Len()
	campus := Campuses(sites)
	ask := in.toAsk(sites, campus, k)
	if err := in.room("ways to the nearest centers", int64(n)*int64(ask), ofTrip); err != nil {
		return nil, err
	}
	t := &Trips{K: k, Legs: make([]travel.Leg, n*k), Site: make([]int, n), Minutes: NaNs(n), Km: NaNs(n), Straight: NaNs(n),
		Sea: make([]bool, n), Reason: make([]travel.Reason, n)}
	err := in.ByGroup(sites, Goals(sites), func(p, s []int) error {
		q := in.Query(sites, p, s)
		q.Lengths = true
		legs, err := in.Engine.Nearest(ctx, q, ask)
		if err != nil {
			return err
		}
		if ask > k {
			legs = firstOfCampus(legs, ask, k, func(j int32) int { return campus[s[j]] })
		}
		var across *geo.Layer // the sites, for those who have only the straight line
		for i, place := range p {
			if err := ctx.Err(); err != nil {
				return err
			}
			t.Site[place] = -1
			for r := range k {
				l := legs[i*k+r]
				l.Place = int32(place)
				if l.Site >= 0 {
					l.Site = int32(s[l.Site])
				}
				t.Legs[place*k+r] = l
			}
			if t.Legs[place*k].Site >= 0 {
				t.reached(in, place, sites)
				continue
			}
			t.Reason[place] = in.Engine.Reason(in.Stops[place], q.Sites)
			if t.Reason[place] != travel.Sea {
				continue
			}
			t.Sea[place] = true
			if across == nil {
				if across, err = stopLayer(q.Sites); err != nil {
					return err
				}
			}
			for row, d := range across.Nearest(in.Stops[place].At) {
				t.Site[place], t.Straight[place] = s[row], d.Kilometres()
				break
			}
		}
		return nil
	})
	return t, err
}

// Quickest are the minutes to the quickest of some sites that infuse, NaN where there is no time.
func (in *Ground) Quickest(ctx context.Context, sites []Center) ([]float64, error) {
	minutes := NaNs(in.Places.Len())
	return minutes, in.ByGroup(sites, Goals(sites), func(p, s []int) error {
		legs, err := in.Engine.Nearest(ctx, in.Query(sites, p, s), 1)
		for i, l := range legs {
			if l.Site >= 0 {
				minutes[p[i]] = l.Time.Minutes()
			}
		}
		return err
	})
}

// reached fills in the way of a place to the center that its first leg goes to.
func (t *Trips) reached(in *Ground, place int, sites []Center) {
	first := t.Legs[place*t.K]
	j := int(first.Site)
	t.Site[place] = j
	t.Minutes[place] = first.Time.Minutes()
	t.Km[place] = first.Length.Kilometres() // NaN where it is not known
	if in.Stops[place].Located && sites[j].Located {
		t.Straight[place] = geo.Distance(in.Stops[place].At, sites[j].At).Kilometres()
	}
	if in.Crow != nil && in.Crow.Crosses(in.Stops[place], sites[j].Stop) {
		t.Sea[place], t.Reason[place] = true, travel.Sea
	}
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

func NaNs(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

// Status is the word for how a place fares.
func (t *Trips) Status(i int) string {
	switch {
	case t.Sea[i]:
		return "sea"
	case math.IsNaN(t.Minutes[i]):
		return "unreached"
	}
	return "reached"
}

// Without counts the people of each reason for having no time.
func (t *Trips) Without(people []float64) map[string]float64 {
	out := map[string]float64{}
	for i, m := range t.Minutes {
		if math.IsNaN(m) && people[i] > 0 {
			out[string(t.Reason[i])] += people[i]
		}
	}
	return out
}

// Matrix collects the legs between all places and the sites of each group up
// to a limit. Columns are indices into open.
func (in *Ground) Matrix(ctx context.Context, sites []Center, open []int, limit travel.Seconds) (*travel.Matrix, error) {
	return in.matrixOf(ctx, sites, open, travel.Query{Limit: []travel.Seconds{limit}})
}

// Lengths is the matrix without a limit, with how long the ways are: NaN where that is
// not known.
func (in *Ground) Lengths(ctx context.Context, sites []Center, open []int) (*travel.Matrix, error) {
	return in.matrixOf(ctx, sites, open, travel.Query{Limit: []travel.Seconds{travel.Unreached}, Lengths: true})
}

// matrixOf is the matrix of the legs up to the limit that a query says, with lengths if
// it asks for them.
func (in *Ground) matrixOf(ctx context.Context, sites []Center, open []int, as travel.Query) (*travel.Matrix, error) {
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
	err := in.ByGroup(sites, open, func(p, s []int) error {
		q := in.Query(sites, p, s)
		q.Limit, q.Lengths = as.Limit, as.Lengths
		m, err := in.collect(ctx, q)
		blocks = append(blocks, block{p, m, s})
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(blocks) == 1 && len(blocks[0].sites) == len(open) {
		return blocks[0].m, nil // one group: its order is ours
	}
	out := &travel.Matrix{Places: in.Places.Len(), Sites: len(open), Start: make([]int, in.Places.Len()+1)}
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
	if as.Lengths {
		out.Length = make([]geo.Metres, n)
	}
	for _, b := range blocks {
		for i, p := range b.places {
			js, times := b.m.Row(i)
			at := out.Start[p]
			for k, j := range js {
				out.Site[at+k], out.Time[at+k] = column[b.sites[j]], times[k]
			}
			if as.Lengths {
				copy(out.Length[at:], b.m.Length[b.m.Start[i]:b.m.Start[i+1]])
			}
		}
	}
	return out, nil
}

func All(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = i
	}
	return v
}

// Order is the indices of v in falling order, ties by index.
func Order(v []float64) []int {
	rows := All(len(v))
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

// rounding is the share of a sum by which the order of adding up, or its unit, can
// change it.
const rounding = 1e-11

// More says that a sum is more than another by more than rounding, so that which of
// two is the better does not depend on the unit of what was added up.
func More(a, b float64) bool { return a-b > rounding*math.Abs(b) }

// Tied are values in which those that differ by rounding alone are the same, so
// that ranks do not depend on the unit of what was added up.
func Tied(v []float64) []float64 {
	out := slices.Clone(v)
	rows := Order(out)
	for k := 1; k < len(rows); k++ {
		if a, b := out[rows[k-1]], out[rows[k]]; math.Abs(a-b) <= rounding*math.Abs(a) {
			out[rows[k]] = a
		}
	}
	return out
}
