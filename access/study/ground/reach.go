package ground

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Reach says which centers people at any point may go to and how long it takes, by
// the borders, the roles, the campuses and the accepts rules of a study.
type Reach struct {
	travelling
	spec    spec.Spec
	sites   []Center
	campus  []int // of each site, the first of its campus
	one     []int // of each site, what it counts as
	regions *geo.Layer
	living  living
	found
}

// travelling is by what engine, and what is known of it.
type travelling struct {
	engine   travel.Engine
	crow     *travel.Crow // nil for another engine
	about    travel.About
	anywhere bool // it knows ways from any point
}

// found is what was found once and is kept.
type found struct {
	mu      sync.Mutex
	classes map[string]*open
	known   map[string]bool // groups of places and sites
}

// living is who lives where: a point is taken for its nearest place where the rules
// look at places.
type living struct {
	places *geo.Layer
	group  []string
	claim  [][]string
}

// Reach is that of the study.
func (in *Ground) Reach() *Reach {
	r := &Reach{travelling: travelling{in.Engine, in.Crow, in.Engine.About(), in.Anywhere()},
		spec: in.Spec, sites: in.Sites, campus: Campuses(in.Sites), one: All(len(in.Sites)), regions: in.Regions,
		living: living{in.Places, in.Group, in.claim}, found: found{classes: map[string]*open{}}}
	if in.Spec.Sites.Count == "campus" { // as the k nearest of places are
		r.one = r.campus
	}
	return r
}

// Unreachable says why a study can tell nothing of a point.
type Unreachable string

func (e Unreachable) Error() string { return string(e) }

// ErrWhichCountry says that nothing tells whose centers are meant.
const ErrWhichCountry = Unreachable("the sites are in several countries; name the one whose centers are meant")

// Someone is somebody at a point, as the rules of a study see them.
type Someone struct {
	Stop  travel.Stop
	Group string // of the border rule; "" where borders are free
	Like  string // the place whose patients they are taken for, "" where no rule looks at places
	claim []string
}

// Someone is somebody at a point. country, if not empty, is whose centers they may go
// to under borders by country. Errors are [Unreachable].
func (r *Reach) Someone(ctx context.Context, at orb.Point, country string) (who Someone, err error) {
	if !r.anywhere {
		return who, Unreachable(fmt.Sprintf("takes its times from engine %s, which knows no other points", r.spec.Travel.Engine))
	}
	if !slices.ContainsFunc(r.sites, func(s Center) bool { return s.Located }) {
		return who, Unreachable("has no sites with a location")
	}
	who.Stop = travel.Stop{At: at, Located: true}
	snaps, err := r.engine.Snap(ctx, []travel.Stop{who.Stop})
	if err != nil {
		return who, err
	}
	who.Stop.Mark = snaps[0].Mark
	if who.Group, err = r.groupOf(at, country); err != nil {
		return who, err
	}
	if slices.ContainsFunc(r.spec.Sites.Accepts, func(a spec.AcceptSpec) bool { return a.Of != "" }) {
		if i := r.living.nearest(at, func(i int) bool { return r.living.group[i] == who.Group }); i >= 0 {
			who.Like, who.claim = r.living.places.ID(i), r.living.claim[i]
		}
	}
	return who, nil
}

// groupOf is the group of the border rule that people at a point belong to.
func (r *Reach) groupOf(at orb.Point, country string) (string, error) {
	switch r.spec.Travel.Borders.Rule {
	case "free":
		return "", nil
	case "groups":
		if i := r.living.nearest(at, func(int) bool { return true }); i >= 0 {
			return r.living.group[i], nil
		}
		return "", Unreachable("has borders between groups of places, and none of its places has a location")
	case "same-region":
		if row := r.regionAt(at); row >= 0 {
			return r.regions.ID(row), nil
		}
		return "", Unreachable("has borders between regions, and the point lies in none")
	}
	if country != "" {
		if !r.has(country) {
			return "", Unreachable("has neither places nor sites in country " + country)
		}
		return country, nil
	}
	if row := r.regionAt(at); row >= 0 {
		if c, ok := r.regions.Column("country"); ok && c.Text(row) != "" {
			return c.Text(row), nil
		}
	}
	only := map[string]bool{}
	for _, j := range Goals(r.sites) {
		only[r.sites[j].Group] = true
	}
	for g := range only {
		if len(only) == 1 {
			return g, nil
		}
	}
	return "", ErrWhichCountry
}

// has reports whether a place or a site is of a group.
func (r *Reach) has(group string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]bool{}
		for _, g := range r.living.group {
			r.known[g] = true
		}
		for _, s := range r.sites {
			r.known[s.Group] = true
		}
	}
	return r.known[group]
}

// regionAt is the row of the region that a point lies in, or off whose generalised
// border it lies, -1 for none.
func (r *Reach) regionAt(at orb.Point) int {
	if r.regions == nil || r.regions.IsTable() {
		return -1
	}
	row, _ := r.regions.Locate(at, CoastReach)
	return row
}

// nearest is the place nearest to a point of those that count, -1 if there is none.
func (l living) nearest(at orb.Point, counts func(i int) bool) int {
	if l.places.IsTable() {
		return -1
	}
	for i := range l.places.Nearest(at) {
		if counts(i) {
			return i
		}
	}
	return -1
}

// Way is how somebody gets to a center.
type Way struct {
	Center
	Campus      string  // the first center of its campus
	Straight    float64 // km
	Km, Minutes float64 // NaN where there is no way
	AcrossWater bool    // without a bridge or tunnel
}

// Nearest are the ways to the k centers that somebody reaches soonest, each campus
// once where the study counts so. Without any way they are the nearest by straight
// line, and reason says why.
func (r *Reach) Nearest(ctx context.Context, who Someone, k int) (ways []Way, reason travel.Reason, err error) {
	o, err := r.openTo(who)
	if err != nil || o == nil {
		return nil, travel.NoSite, err
	}
	few := o.few(who.Stop, k)
	q := travel.Query{Places: []travel.Stop{who.Stop}, Lengths: true}
	for _, i := range few {
		q.Sites = append(q.Sites, r.sites[o.sites[i]].Stop)
	}
	legs, err := r.engine.Nearest(ctx, q, max(len(few), k))
	if err != nil {
		return nil, travel.None, err
	}
	shown := make([]int, 0, len(few))
	ways = make([]Way, 0, min(k, len(o.stops)))
	add := func(i int, km, minutes float64) {
		if len(shown) < k && !o.among(shown, i) {
			shown = append(shown, i)
			ways = append(ways, r.way(who, o.sites[i], km, minutes))
		}
	}
	for _, l := range legs {
		if l.Site >= 0 {
			add(few[l.Site], l.Length.Kilometres(), l.Time.Minutes())
		}
	}
	if len(ways) > 0 {
		if ways[0].AcrossWater {
			reason = travel.Sea
		}
		return ways, reason, nil
	}
	reason = r.engine.Reason(who.Stop, o.stops)
	for row := range o.all.Nearest(who.Stop.At) {
		if add(row, math.NaN(), math.NaN()); len(shown) == k {
			break
		}
	}
	return ways, reason, nil
}

func (r *Reach) way(who Someone, j int, km, minutes float64) Way {
	s := r.sites[j]
	return Way{Center: s, Campus: r.sites[r.campus[j]].ID, Straight: geo.Distance(who.Stop.At, s.At).Kilometres(), Km: km, Minutes: minutes,
		AcrossWater: r.crow != nil && r.crow.Crosses(who.Stop, s.Stop)}
}

// Engine is how it times ways, and whether it estimates.
func (r *Reach) Engine() travel.About { return r.about }

// RegionOf is the id of a center's region, "" if it lies in none.
func (r *Reach) RegionOf(c Center) string {
	if c.Region < 0 {
		return ""
	}
	return r.regions.ID(c.Region)
}

// Borders is the border rule in one word.
func (r *Reach) Borders() string {
	if b := r.spec.Travel.Borders.Rule; b != "" {
		return b
	}
	return "same-country"
}

// open are the centers that are open to people of one group with one claim.
type open struct {
	*Reach
	sites []int
	stops []travel.Stop
	all   *geo.Layer
	near  map[int32]*geo.Layer // by landmass
	of    map[int32][]int      // stops of a landmass, by row of its layer
}

// openTo are the centers that somebody may go to, nil if there are none. What is
// found once for a group and claim is kept.
func (r *Reach) openTo(who Someone) (*open, error) {
	key := strings.Join(append([]string{who.Group}, who.claim...), "\x1f")
	r.mu.Lock()
	defer r.mu.Unlock()
	if o, ok := r.classes[key]; ok {
		return o, nil
	}
	var o *open
	var sites []int
	for _, j := range Goals(r.sites) {
		if r.sites[j].Located && r.sites[j].takes(who.Group, who.claim) {
			sites = append(sites, j)
		}
	}
	if len(sites) > 0 {
		var err error
		if o, err = r.newOpen(sites); err != nil {
			return nil, err
		}
	}
	r.classes[key] = o
	return o, nil
}

func (r *Reach) newOpen(sites []int) (*open, error) {
	o := &open{Reach: r, sites: sites, near: map[int32]*geo.Layer{}, of: map[int32][]int{}}
	points := map[int32][]orb.Point{}
	for k, j := range sites {
		s := r.sites[j].Stop
		o.stops = append(o.stops, s)
		points[s.Mark] = append(points[s.Mark], s.At)
		o.of[s.Mark] = append(o.of[s.Mark], k)
	}
	var err error
	for mass, p := range points {
		if o.near[mass], err = geo.NewPoints(geo.About{Name: "sites"}, nil, p); err != nil {
			return nil, err
		}
	}
	o.all, err = stopLayer(o.stops)
	return o, err
}

// few are the stops among which the k quickest are: for straight lines the k nearest
// on the same landmass and, if water is crossed, the k nearest elsewhere, each the
// nearest of its campus there. The engine then says which.
func (o *open) few(at travel.Stop, k int) (out []int) {
	if o.crow == nil { // on roads the nearest by straight line may not be among the quickest
		return All(len(o.stops))
	}
	if here := o.near[at.Mark]; here != nil && at.Mark > 0 {
		for row := range here.Nearest(at.At) {
			if i := o.of[at.Mark][row]; !o.among(out, i) {
				out = append(out, i)
			}
			if len(out) == k {
				break
			}
		}
	}
	if o.crow.Sea != nil {
		here := len(out)
		for i := range o.all.Nearest(at.At) {
			if o.stops[i].Mark == at.Mark && at.Mark >= 0 || o.among(out[here:], i) {
				continue
			}
			if out = append(out, i); len(out) == here+k {
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

// among reports whether one of the stops counts as the same center as stop i.
func (o *open) among(stops []int, i int) bool {
	one := o.one[o.sites[i]]
	return slices.ContainsFunc(stops, func(k int) bool { return o.one[o.sites[k]] == one })
}
