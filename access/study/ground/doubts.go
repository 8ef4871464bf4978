package ground

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// doubts notes what is doubtful in the layers of the study: what was seen as
// they were read, and where places and sites lie.
func (in *Ground) doubts(context.Context) error {
	seen := map[string]bool{}
	say := func(l *geo.Layer) {
		if l == nil || seen[l.Name] {
			return
		}
		seen[l.Name] = true
		for _, d := range l.Doubts {
			in.doubt(l, d)
		}
	}
	for _, l := range []*geo.Layer{in.Places, in.SiteFields, in.CandLayer, in.Regions} {
		say(l)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Used)) {
		say(in.Used[name])
	}
	if n := len(slices.DeleteFunc(slices.Clone(in.Sites), func(s Center) bool { return !in.nowhere(s) })); n > 0 {
		in.Note("centers.nowhere", "n", n, "of", len(in.Sites))
	}
	in.noteNotOpen()
	in.noteNamesakes()
	in.noteShapeless()
	in.noteStrays()
	in.doubtTurned()
	in.noteMiddles()
	return nil
}

// strayDegrees is how far around a point that may be misplaced nothing else
// lies, and strayKm from what distance on that is said.
const (
	strayDegrees = 3
	strayKm      = 1000
)

// degrees are the cells of a degree, and degreeOf is the cell of a point.
const degrees = 360 * 181

func degreeOf(p orb.Point) int { return min(359, int(p[0]+180))*181 + int(p[1]+90) }

// crowd is everything that is located: places and sites.
type crowd struct {
	cells []int32 // how many lie in each degree
	at    []orb.Point
	layer *geo.Layer // of all, made when first asked for
}

func newCrowd(lists ...[]travel.Stop) *crowd {
	c := &crowd{cells: make([]int32, degrees)}
	for _, stops := range lists {
		for _, s := range stops {
			if s.Located {
				c.cells[degreeOf(s.At)]++
				c.at = append(c.at, s.At)
			}
		}
	}
	return c
}

// alone reports whether nothing else lies within some degrees of a point of the
// crowd.
func (c *crowd) alone(p orb.Point) bool {
	return c.cells[degreeOf(p)] == 1 && c.around(p) == 1
}

// around is how many of the crowd lie within some degrees of a point.
func (c *crowd) around(p orb.Point) int32 {
	x, y, n := degreeOf(p)/181, degreeOf(p)%181, int32(0)
	for dx := -strayDegrees; dx <= strayDegrees; dx++ {
		for dy := max(0, y-strayDegrees); dy <= min(180, y+strayDegrees); dy++ {
			n += c.cells[(x+dx+360)%360*181+dy]
		}
	}
	return n
}

// nearest is how far from a point the nearest of the crowd is that lies elsewhere
// than self.
func (c *crowd) nearest(p, self orb.Point) geo.Metres {
	if c.layer == nil {
		c.layer, _ = geo.NewPoints(geo.About{Name: "places and sites"}, nil, c.at)
	}
	for i, d := range c.layer.Nearest(p) {
		if c.at[i] != self {
			return d
		}
	}
	return geo.Metres(math.NaN())
}

// noteStrays notes places, sites and candidates that lie far from everything else, as one
// swapped pair of coordinates among many makes them.
func (in *Ground) noteStrays() {
	if in.Places.IsTable() {
		return
	}
	all := newCrowd(in.Stops, located(in.Sites), located(in.Candidates))
	said := 0
	look := func(what string, s travel.Stop, args ...any) {
		if !s.Located || said == 5 || !all.alone(s.At) {
			return
		}
		off := all.nearest(s.At, s.At)
		if !(off > strayKm*1000) {
			return
		}
		said++
		if math.Abs(s.At[0]) <= 90 {
			if near := all.nearest(orb.Point{s.At[1], s.At[0]}, s.At); near < off/10 {
				in.Note(what+".stray.swapped", append(args, "id", s.ID, "km", off.Kilometres(), "swapped_km", near.Kilometres())...)
				return
			}
		}
		in.Note(what+".stray", append(args, "id", s.ID, "km", off.Kilometres())...)
	}
	for i, s := range in.Stops {
		look("places", s, "people", in.People[i])
	}
	for _, s := range in.Sites {
		look("sites", s.Stop)
	}
	for _, s := range in.Candidates {
		look("sites", s.Stop)
	}
}

// middles are points that geocoders give for a country when they find nothing
// better: the countries' middles in Google's public data table (countries.csv,
// 2012), and those of the United States in MaxMind's and GeoNames' data.
var middles = map[orb.Point]string{
	{133.775136, -25.274398}: "Australia", {14.550072, 47.516231}: "Austria", {4.469936, 50.503887}: "Belgium",
	{-51.92528, -14.235004}: "Brazil", {-106.346771, 56.130366}: "Canada", {104.195397, 35.86166}: "China",
	{15.2, 45.1}: "Croatia", {15.472962, 49.817492}: "Czechia", {9.501785, 56.26392}: "Denmark",
	{25.748151, 61.92411}: "Finland", {2.213749, 46.227638}: "France", {10.451526, 51.165691}: "Germany",
	{21.824312, 39.074208}: "Greece", {19.503304, 47.162494}: "Hungary", {78.96288, 20.593684}: "India",
	{-8.24389, 53.41291}: "Ireland", {12.56738, 41.87194}: "Italy", {138.252924, 36.204824}: "Japan",
	{5.291266, 52.132633}: "the Netherlands", {8.468946, 60.472024}: "Norway", {19.145136, 51.919438}: "Poland",
	{-8.224454, 39.399872}: "Portugal", {14.995463, 46.151241}: "Slovenia", {-3.74922, 40.463667}: "Spain",
	{18.643501, 60.128161}: "Sweden", {8.227512, 46.818188}: "Switzerland", {-3.435973, 55.378051}: "the United Kingdom",
	{-95.712891, 37.09024}: "the United States", {-98.5795, 39.8283}: "the United States", {-97.822, 37.751}: "the United States",
	{-98.5, 39.76}: "the United States",
}

// noteMiddles notes places and sites at the middle of a country, where geocoders
// put what they could not find.
func (in *Ground) noteMiddles() {
	type count struct {
		places, sites int
		people        float64
	}
	found := map[string]*count{}
	near := make([][]orb.Point, degrees) // the middles in each degree
	for p := range middles {
		near[degreeOf(p)] = append(near[degreeOf(p)], p)
	}
	at := func(s travel.Stop) *count {
		if !s.Located {
			return nil
		}
		for _, p := range near[degreeOf(s.At)] {
			if math.Abs(s.At[0]-p[0]) < 0.0015 && math.Abs(s.At[1]-p[1]) < 0.0015 {
				name := middles[p]
				if found[name] == nil {
					found[name] = &count{}
				}
				return found[name]
			}
		}
		return nil
	}
	for i, s := range in.Stops {
		if c := at(s); c != nil {
			c.places++
			c.people += in.People[i]
		}
	}
	for _, s := range in.Sites {
		if c := at(s.Stop); c != nil && !s.City {
			c.sites++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		c := found[name]
		in.Note("places.middle", "sites", c.sites, "places", c.places, "people", c.people, "country", name)
	}
}

// noteTimes notes times of a matrix that can hardly be minutes: seconds or hours,
// by the speed in a straight line, or by their size where nothing is located.
func (in *Ground) noteTimes(ctx context.Context) error {
	t, ok := travel.Beneath[*travel.Table](in.Engine)
	if !ok || len(in.Sites) == 0 {
		return nil
	}
	step := max(1, len(in.Stops)/500)
	var some []travel.Stop
	var people []float64
	for i := 0; i < len(in.Stops); i += step {
		some, people = append(some, in.Stops[i]), append(people, in.People[i])
	}
	k := min(5, len(in.Sites))
	legs, err := t.Nearest(ctx, travel.Query{Places: some, Sites: located(in.Sites), Lengths: true}, k)
	if err != nil {
		return err
	}
	see := in.pacesOf(legs, k, some)
	spec := in.Spec.Travel
	if n := in.instant(t); n > 0 {
		in.Note("matrix.zero", "n", n, "layer", spec.Table)
	}
	say := func(key, field, unit string, args ...any) {
		in.Note(key, append(args, "entry", fmt.Sprintf("{%s: %s}", field, unit), "layer", spec.Table)...)
	}
	switch m := middle(see.speeds); {
	case len(see.speeds) >= 3 && m > 300:
		say("matrix.fast", spec.Minutes, "hours", "kmh", m)
	case len(see.speeds) >= 3 && m < 3:
		say("matrix.slow", spec.Minutes, "seconds", "kmh", m)
	case len(see.speeds) < 3:
		half := access.NewWeighted(see.nearest, people).Quantile(0.5)
		if half > 240 {
			say("matrix.long", spec.Minutes, "seconds", "minutes", math.Floor(half))
		} else if short := t.Longest().Minutes(); short > 0 && short <= 12 && t.Fractions() {
			say("matrix.short", spec.Minutes, "hours", "minutes", short)
		}
	}
	in.doubtMixed(see.far, spec.Table, spec.Minutes)
	switch m, p := middle(see.ratios), middle(see.lengths); {
	case len(see.ratios) >= 3 && m > 50, len(see.ratios) < 3 && len(see.lengths) >= 3 && p > 1000:
		say("matrix.metres", spec.Kilometres, "metres")
	case len(see.ratios) >= 3 && m < 0.01:
		say("matrix.kilometres", spec.Kilometres, "kilometres")
	case len(see.ratios) >= 3 && m < 0.9:
		say("matrix.miles", spec.Kilometres, "miles")
	}
	return nil
}

// doubtMixed doubts a matrix of which some rows, not most, can hardly be in minutes, as where two
// hands have joined it.
func (in *Ground) doubtMixed(speeds []float64, table, field string) {
	slow, fast := 0, 0
	for _, v := range speeds {
		if v < 3 {
			slow++
		}
		if v > 300 {
			fast++
		}
	}
	for _, odd := range []struct {
		n          int
		what, unit string
	}{{slow, "slower than 3", "seconds"}, {fast, "faster than 300", "hours"}} {
		if odd.n >= 5 && 20*odd.n >= len(speeds) && 2*odd.n < len(speeds) {
			in.Note("layer", "layer", table, "text", fmt.Sprintf("of %d ways over more than 20 km that were looked at, %d are %s km/h in a straight line, "+
				"and the others are not: are some rows of %s in %s?", len(speeds), odd.n, odd.what, field, odd.unit))
		}
	}
}

// paces is what the legs of a matrix look like beside the straight lines.
type paces struct {
	speeds  []float64 // kilometres an hour in a straight line
	far     []float64 // those of ways over more than farNow
	ratios  []float64 // length over the straight line
	lengths []float64 // kilometres of the length an hour
	nearest []float64 // minutes to the first of each place, NaN without one
}

// farNow is how far a site is never that takes no time.
const farNow geo.Metres = 20_000

// instant is how many ways of a matrix take no time and go farther than farNow.
func (in *Ground) instant(t *travel.Table) (n int) {
	t.Instant(in.Stops, located(in.Sites), func(l travel.Leg) {
		from, to := in.Stops[l.Place], in.Sites[l.Site].Stop
		if from.Located && to.Located && geo.Distance(from.At, to.At) > farNow {
			n++
		}
	})
	return n
}

// pacesOf looks at the k legs of each of some places.
func (in *Ground) pacesOf(legs []travel.Leg, k int, some []travel.Stop) (p paces) {
	for n, l := range legs {
		if n%k == 0 {
			p.nearest = append(p.nearest, math.NaN())
			if l.Site >= 0 {
				p.nearest[len(p.nearest)-1] = l.Time.Minutes()
			}
		}
		if l.Site < 0 || !(l.Time > 0) {
			continue
		}
		if l.Length > 0 {
			p.lengths = append(p.lengths, l.Length.Kilometres()/(l.Time.Minutes()/60))
		}
		from, to := some[l.Place], in.Sites[l.Site].Stop
		if !from.Located || !to.Located {
			continue
		}
		km := geo.Distance(from.At, to.At).Kilometres()
		if km > 1 {
			p.speeds = append(p.speeds, km/(l.Time.Minutes()/60))
			if km > farNow.Kilometres() {
				p.far = append(p.far, p.speeds[len(p.speeds)-1])
			}
			if l.Length > 0 {
				p.ratios = append(p.ratios, l.Length.Kilometres()/km)
			}
		}
	}
	return p
}

// middle is the median, NaN of nothing.
func middle(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return v[len(v)/2]
}
