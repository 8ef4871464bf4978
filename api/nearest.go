package api

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// finder finds the centers nearest to any point under the rules of a study.
type finder struct {
	engine  travel.Engine
	crow    *travel.Crow // nil for another engine
	borders string
	sites   []finderSite
	groups  map[string]*reachable // by country or region; "" where borders are free
	only    string                // the one group there is, or ""
	regions *geo.Layer
}

type finderSite struct {
	travel.Stop
	name, country, region, campus string
	one                           string // what it counts as: its campus, or itself where the study counts rows
}

// reachable are the sites that people of one group may go to.
type reachable struct {
	stops []travel.Stop
	sites []int32 // of each stop, the index in the finder
	all   *geo.Layer
	near  map[int32]*geo.Layer // by landmass
	of    map[int32][]int32    // stops of a landmass, by row of its layer
}

func (e *executed) find(ctx context.Context) (*finder, error) {
	return e.finder.get(ctx, func() (*finder, error) { return e.newFinder(context.WithoutCancel(ctx)) })
}

func (e *executed) newFinder(ctx context.Context) (*finder, error) {
	spec := e.result.Spec
	rule := spec.Travel.Borders.Rule
	engine, err := e.world.Anywhere(ctx, spec.Travel)
	if err != nil {
		return nil, err
	}
	if engine == nil {
		return nil, cannot("study %s takes its times from engine %s, which knows no other points", e.id, spec.Travel.Engine)
	}
	if rule == "groups" {
		return nil, cannot("study %s has borders between groups of places, and a point belongs to none", e.id)
	}
	l := e.result.Layer("sites")
	if l == nil || l.IsTable() {
		return nil, cannot("study %s has no sites with a location", e.id)
	}
	f := &finder{engine: engine, borders: cmp.Or(rule, "same-country"), groups: map[string]*reachable{}, regions: e.result.Layer("regions")}
	f.crow, _ = engine.(*travel.Crow)
	text := func(field string, i int) string {
		if c, ok := l.Column(field); ok {
			return c.Text(i)
		}
		return ""
	}
	for i := range l.Len() {
		if text("status", i) == "open" && slices.Contains(strings.Split(text("roles", i), ","), "infuse") && l.Located(i) {
			x := finderSite{travel.Stop{ID: l.ID(i), At: l.Point(i), Located: true}, text("name", i), text("country", i), text("region_id", i), text("campus_id", i), l.ID(i)}
			if spec.Sites.Count == "campus" {
				x.one = cmp.Or(x.campus, x.one)
			}
			f.sites = append(f.sites, x)
		}
	}
	members := map[string][]int32{}
	for i := range f.sites {
		s := &f.sites[i]
		snap, err := f.engine.Snap(ctx, []travel.Stop{s.Stop})
		if err != nil {
			return nil, err
		}
		s.Mark = snap[0].Mark
		group := ""
		switch f.borders {
		case "same-country":
			group = s.country
		case "same-region":
			group = s.region
		}
		members[group] = append(members[group], int32(i))
	}
	for group, sites := range members {
		r, err := f.reachable(sites)
		if err != nil {
			return nil, err
		}
		f.groups[group] = r
		if len(members) == 1 {
			f.only = group
		}
	}
	return f, nil
}

func (f *finder) reachable(sites []int32) (*reachable, error) {
	r := &reachable{sites: sites, near: map[int32]*geo.Layer{}, of: map[int32][]int32{}}
	var all []orb.Point
	points := map[int32][]orb.Point{}
	for k, i := range sites {
		s := f.sites[i].Stop
		r.stops = append(r.stops, s)
		all = append(all, s.At)
		points[s.Mark] = append(points[s.Mark], s.At)
		r.of[s.Mark] = append(r.of[s.Mark], int32(k))
	}
	var err error
	for mass, p := range points {
		if r.near[mass], err = geo.NewPoints(geo.About{Name: "sites"}, nil, p); err != nil {
			return nil, err
		}
	}
	r.all, err = geo.NewPoints(geo.About{Name: "sites"}, nil, all)
	return r, err
}

// few are the stops among which the k quickest are: for straight lines the k
// nearest on the same landmass and, if water is crossed, the k nearest elsewhere, each the nearest
// of its campus there. The engine then says which.
func (f *finder) few(r *reachable, at travel.Stop, k int) []int32 {
	var out []int32
	if f.crow == nil { // on roads the nearest by straight line may not be among the quickest
		for i := range r.stops {
			out = append(out, int32(i))
		}
		return out
	}
	if here := r.near[at.Mark]; here != nil && at.Mark > 0 {
		for row := range here.Nearest(at.At) {
			if i := r.of[at.Mark][row]; !f.among(r, out, i) {
				out = append(out, i)
			}
			if len(out) == k {
				break
			}
		}
	}
	if f.crow.Sea != nil {
		here := len(out)
		for row := range r.all.Nearest(at.At) {
			i := int32(row)
			if r.stops[i].Mark == at.Mark && at.Mark >= 0 || f.among(r, out[here:], i) {
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
func (f *finder) among(r *reachable, stops []int32, i int32) bool {
	one := f.sites[r.sites[i]].one
	return slices.ContainsFunc(stops, func(j int32) bool { return f.sites[r.sites[j]].one == one })
}

type nearestIn struct {
	Lon     float64 `query:"lon" required:"true" min:"-180" max:"180" doc:"longitude, degrees" hint:"longitudes lie between -180 and 180"`
	Lat     float64 `query:"lat" required:"true" min:"-90" max:"90" doc:"latitude, degrees" hint:"latitudes lie between -90 and 90: are lon and lat swapped?"`
	K       int     `query:"k" min:"1" max:"50" def:"3" doc:"how many centers"`
	Country string  `query:"country" doc:"whose centers, by the two letters of ISO 3166; that of the point if left out"`
	Study   string  `query:"study" doc:"a study whose result is here, in place of the baseline"`
}

type nearestOut struct {
	Study    string        `json:"study"`
	Lon      study.Num     `json:"lon"`
	Lat      study.Num     `json:"lat"`
	Borders  string        `json:"borders"`
	Group    string        `json:"within,omitempty" doc:"the country or region whose centers these are"`
	Status   string        `json:"status" doc:"reached, sea (the first crosses water, or all lie across it) or unreached"`
	Reason   string        `json:"reason,omitempty" doc:"why there is no time"`
	Centers  []nearestRow  `json:"centers" doc:"quickest first; by straight line where there is no time"`
	Engine   string        `json:"engine"`
	Estimate bool          `json:"estimate" doc:"times are modelled, not measured on a network"`
	Notes    []string      `json:"notes"`
	Evidence []evidenceRow `json:"evidence"`
}

func (o nearestOut) rows() any { return o.Centers }

type nearestRow struct {
	Rank     int       `json:"rank"`
	ID       string    `json:"site_id"`
	Name     string    `json:"name"`
	Country  string    `json:"country"`
	Region   string    `json:"region_id"`
	Campus   string    `json:"campus_id" doc:"centers of one campus are one"`
	Lon      study.Num `json:"lon"`
	Lat      study.Num `json:"lat"`
	Geodesic study.Num `json:"geodesic_km" doc:"straight line"`
	Distance study.Num `json:"distance_km" doc:"along the way; null without a time"`
	Time     study.Num `json:"time_min"`
	Sea      bool      `json:"sea" doc:"the way crosses water without a bridge or tunnel"`
}

// coast is how far off a region's generalised border a point may lie and still
// belong to it, as for the places of a study.
const coast geo.Metres = 25_000

func (s *Server) nearest(ctx context.Context, _ *request, in nearestIn) (any, error) {
	at := orb.Point{in.Lon, in.Lat}
	e, country, err := s.lookedAt(ctx, at, in)
	if err != nil {
		return nil, err
	}
	f, err := e.find(ctx)
	if err != nil {
		return nil, err
	}
	group, err := f.groupOf(at, e.id, country)
	if err != nil {
		return nil, err
	}
	about := f.engine.About()
	out := nearestOut{Study: e.id, Lon: study.Num(in.Lon), Lat: study.Num(in.Lat), Borders: f.borders, Group: group, Engine: about.Name, Estimate: about.Estimate,
		Status: "unreached", Centers: []nearestRow{}, Notes: []string{"travel times are those of free roads, without traffic or waits"}, Evidence: []evidenceRow{}}
	if f.crow != nil {
		out.Notes, out.Evidence = []string{"travel times are estimates from straight lines, calibrated on the United States"}, e.evidence("crow.")
	}
	r := f.groups[group]
	if r == nil {
		out.Reason = string(travel.NoSite)
		return out, nil
	}
	stop := travel.Stop{At: at, Located: true}
	snap, err := f.engine.Snap(ctx, []travel.Stop{stop})
	if err != nil {
		return nil, err
	}
	stop.Mark = snap[0].Mark
	few := f.few(r, stop, in.K)
	q := travel.Query{Places: []travel.Stop{stop}, Lengths: true}
	for _, i := range few {
		q.Sites = append(q.Sites, r.stops[i])
	}
	legs, err := f.engine.Nearest(ctx, q, max(len(few), in.K))
	if err != nil {
		return nil, err
	}
	var shown []int32
	for _, l := range legs {
		if l.Site < 0 || len(shown) == in.K || f.among(r, shown, few[l.Site]) {
			continue
		}
		shown = append(shown, few[l.Site])
		out.Centers = append(out.Centers, f.row(len(shown), stop, r.sites[few[l.Site]], l.Length.Kilometres(), l.Time.Minutes()))
	}
	if len(out.Centers) > 0 {
		if out.Status = "reached"; out.Centers[0].Sea {
			out.Status, out.Reason = "sea", string(travel.Sea)
		}
		return out, nil
	}
	reason := f.engine.Reason(stop, r.stops)
	if out.Reason = string(reason); reason == travel.Sea {
		out.Status = "sea"
	}
	for row := range r.all.Nearest(at) {
		if f.among(r, shown, int32(row)) {
			continue
		}
		shown = append(shown, int32(row))
		out.Centers = append(out.Centers, f.row(len(shown), stop, r.sites[row], math.NaN(), math.NaN()))
		if len(shown) == in.K {
			break
		}
	}
	return out, nil
}

func (f *finder) row(rank int, from travel.Stop, i int32, km, minutes float64) nearestRow {
	x := &f.sites[i]
	return nearestRow{rank, x.ID, x.name, x.country, x.region, x.campus, study.Num(x.At[0]), study.Num(x.At[1]),
		study.Num(geo.Distance(from.At, x.At).Kilometres()), study.Num(km), study.Num(minutes), f.crow != nil && f.crow.Crosses(from, x.Stop)}
}

// lookedAt is the study that answers about a point, and the country that is
// meant, "" where a study is named and no country.
func (s *Server) lookedAt(ctx context.Context, at orb.Point, in nearestIn) (*executed, string, error) {
	if in.Study != "" {
		e, err := s.study(ctx, in.Study)
		return e, in.Country, err
	}
	code := in.Country
	if code == "" {
		c, ok := s.layers["regions"]
		if !ok {
			return nil, "", parameter("study", "", "the id of a study", "this server has no regions of its own: name a study whose result is here")
		}
		o, err := c.open(ctx)
		if err != nil {
			return nil, "", err
		}
		if code = fieldAt(o.layer, at, "country"); code == "" {
			if other := fieldAt(o.layer, orb.Point{at[1], at[0]}, "country"); math.Abs(at[0]) <= 90 && other != "" {
				return nil, "", parameter("lon", strconv.FormatFloat(at[0], 'g', -1, 64), "longitude as lon, latitude as lat",
					"the point lies in no country with a baseline study, and in %s if lon and lat are swapped", other)
			}
			return nil, "", parameter("country", "", s.words()["countries"], "the point lies in no country with a baseline study; name the country whose centers are meant")
		}
	}
	for _, b := range s.base.list {
		if b.Code == code {
			e, err := s.baseline(ctx, b)
			return e, code, err
		}
	}
	known := strings.Split(s.words()["countries"], ",")
	near := ""
	if n := geo.Like(code, known); n != "" {
		near = "; did you mean " + n + "?"
	}
	return nil, "", parameter("country", code, strings.Join(known, ", "), "there is no baseline study of this country%s", near)
}

// fieldAt is a field of the region that a point lies in, "" if in none.
func fieldAt(l *geo.Layer, at orb.Point, field string) string {
	c, ok := l.Column(field)
	if !ok || l.IsTable() {
		return ""
	}
	row, _ := l.Locate(at, coast)
	if row < 0 {
		return ""
	}
	return c.Text(row)
}

// groupOf is the country or region whose centers people at a point may go to.
func (f *finder) groupOf(at orb.Point, id, country string) (string, error) {
	switch f.borders {
	case "free":
		return "", nil
	case "same-region":
		if f.regions != nil && !f.regions.IsTable() {
			if row, _ := f.regions.Locate(at, coast); row >= 0 {
				return f.regions.ID(row), nil
			}
		}
		return "", cannot("the point lies in no region of study %s, whose borders are same-region", id)
	}
	if country != "" {
		return country, nil
	}
	if f.regions != nil {
		if c := fieldAt(f.regions, at, "country"); c != "" {
			return c, nil
		}
	}
	if len(f.groups) == 1 {
		return f.only, nil
	}
	return "", parameter("country", "", "a country with sites", "the sites are in several countries; name the one whose centers are meant")
}
