package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/role"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// inputs are the layers of a study, checked and aligned. Everything after it
// works by index.
type inputs struct {
	spec   Spec
	world  World
	engine travel.Engine
	crow   *travel.Crow  // nil for another engine
	off    []float64     // metres to the road of each place; nil for engines without roads
	plane  *travel.Plane // nil for another engine

	places     *geo.Layer
	people     []float64 // by place
	eligible   []float64 // patients a year, by place
	funnels    []funnelCount
	label, fit []float64 // patients a year inside the label, and fit, by place; nil without funnels
	total      float64
	stops      []travel.Stop
	country    []string // of each place, "" if unknown
	region     []int    // row of regions, -1 if none
	coastal    []bool   // the place lies off every region and is counted in the nearest

	regions    *geo.Layer // nil if the study has none
	regionName []string

	sites          []center // the baseline
	siteFields     *geo.Layer
	doubtfulFields *geo.Layer
	candidates     []center
	candLayer      *geo.Layer

	doubtful []center // of which it is not known whether they take the study's patients

	claim [][]string // of each place, by the accepts rules that look at places
	group []string   // of each place under the border rule; equal texts may travel to each other
	notes Notes
	joins []geo.Meeting         // how keys met, for the manifest
	used  map[string]*geo.Layer // layers by the names that the spec has for them
}

// center is a site there is, or one that could be.
type center struct {
	travel.Stop
	name    string
	country string
	region  int // row of regions, -1 if none
	roles   []string
	group   string
	serves  [][]string // see takes
	supply  []float64  // by column of sites.supply; nil for a site that a scenario opened
	city    bool       // only the city is known
	row     int        // of the layer it came from, -1 if a scenario opened it
}

func (s *center) has(role string) bool { return slices.Contains(s.roles, role) }

// label is a site's id with its name, if it has one.
func (s *center) label() string {
	if s.name == "" || s.name == s.ID {
		return s.ID
	}
	return fmt.Sprintf("%s (%s)", s.ID, s.name)
}

// apart refuses places and sites that lie in different parts of the world,
// which swapped columns of longitude and latitude make of them.
func (in *inputs) apart(context.Context) error {
	if !in.anywhere() {
		return nil
	}
	const farKm = 2000
	to, err := geo.NewPoints(geo.About{Name: "sites"}, nil, points(in.sites))
	if err != nil {
		return err
	}
	near := func(p orb.Point) float64 {
		for _, d := range to.Nearest(p) {
			return d.Kilometres()
		}
		return math.NaN()
	}
	var asIs, swapped []float64
	step := max(1, len(in.stops)/500)
	for i := 0; i < len(in.stops); i += step {
		if s := in.stops[i]; s.Located && in.people[i] > 0 {
			asIs = append(asIs, near(s.At))
			other := math.NaN()
			if math.Abs(s.At[0]) <= 90 {
				other = near(orb.Point{s.At[1], s.At[0]})
			}
			swapped = append(swapped, other)
		}
	}
	one := make([]float64, len(asIs))
	for i := range one {
		one[i] = 1
	}
	a, b := access.NewWeighted(asIs, one).Quantile(0.5), access.NewWeighted(swapped, one).Quantile(0.5)
	if a > farKm && b < a/10 {
		return fmt.Errorf("places: half of layer %s lies more than %.0f km from any site, and %.0f km if longitude and latitude are swapped: check lon and lat", in.places.Name, a, b)
	}
	if a > farKm {
		in.note("places.far", "km", a)
	}
	return nil
}

func load(ctx context.Context, w World, s Spec) (*inputs, error) {
	in := &inputs{spec: s, world: w}
	for _, step := range []func(context.Context) error{in.loadPlaces, in.loadDemand, in.loadEngine, in.loadRegions, in.loadSites, in.loadClaims, in.apart, in.doubts, in.loadBorders, in.meet, in.noteTimes, in.snap} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// open is the whole of a layer; the manifest will name it.
func (in *inputs) open(ctx context.Context, name string) (*geo.Layer, error) {
	l, err := in.world.Layers.Layer(ctx, name)
	if err != nil {
		return nil, err
	}
	if in.used == nil {
		in.used = map[string]*geo.Layer{}
	}
	in.used[name] = l
	return l, nil
}

// layer is the part of a layer that a section of the spec chooses.
func (in *inputs) layer(ctx context.Context, section, name string, where Where) (*geo.Layer, error) {
	l, err := in.open(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(where) == 0 {
		return l, nil
	}
	rows, err := where.rows(l)
	if err != nil {
		return nil, fmt.Errorf("%s.where: %w", section, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s.where: no feature of layer %s has %s", section, name, where)
	}
	return l.Pick(rows), nil
}

// read is a field of a layer for what it is used as. What is doubtful about its
// values is noted, with the people of the rows if the layer is the places.
func (in *inputs) read(as role.Role, l *geo.Layer, field string) ([]float64, error) {
	r, err := as.Read(l, field)
	if err != nil {
		return nil, err
	}
	for _, d := range r.Doubts {
		in.doubt(l, d)
	}
	return r.Values, nil
}

// amounts are the values of a field that must be finite numbers of 0 or more.
func (in *inputs) amounts(l *geo.Layer, field string) ([]float64, error) {
	return in.read(role.Amount, l, field)
}

// doubt notes what is doubtful in a layer.
func (in *inputs) doubt(l *geo.Layer, d geo.Doubt) {
	if len(d.Rows) == 0 || len(in.people) != l.Len() || in.places == nil || l.Name != in.places.Name {
		in.note("layer", "layer", l.Name, "text", d.Text)
		return
	}
	var people float64
	for _, i := range d.Rows {
		people += in.people[i]
	}
	in.note("layer.people", "layer", l.Name, "text", d.Text, "people", people)
}

func (in *inputs) loadPlaces(ctx context.Context) (err error) {
	p := in.spec.Places
	if in.places, err = in.layer(ctx, "places", p.Layer, p.Where); err != nil {
		return err
	}
	if in.people, err = in.read(role.People, in.places, cmp.Or(p.Weight, "population")); err != nil {
		return fmt.Errorf("places: %w", explainMissing(in.places, err))
	}
	for _, w := range in.people {
		in.total += w
	}
	if in.total <= 0 {
		return fmt.Errorf("places: nobody lives in layer %s: %s sums to %v", p.Layer, cmp.Or(p.Weight, "population"), in.total)
	}
	in.stops = stops(in.places)
	in.country = make([]string, in.places.Len())
	if c, ok := in.places.Column("country"); ok {
		for i := range in.country {
			in.country[i] = c.Text(i)
		}
	}
	for f := range p.Groups {
		if _, err := in.places.MustHave(f); err != nil {
			return fmt.Errorf("places.groups: %w", err)
		}
	}
	return nil
}

func stops(l *geo.Layer) []travel.Stop {
	s := make([]travel.Stop, l.Len())
	for i := range s {
		s[i] = travel.Stop{ID: l.ID(i), At: l.Point(i), Located: l.Located(i)}
	}
	return s
}

func (in *inputs) loadSites(ctx context.Context) (err error) {
	s := in.spec.Sites
	if s.Layer == "" { // a siting from nothing
		if in.siteFields, err = geo.NewTable(geo.About{Name: "sites"}, []string{}); err != nil {
			return err
		}
	} else if in.siteFields, err = in.layer(ctx, "sites", s.Layer, s.Where); err != nil {
		return err
	}
	if len(s.Accepts) > 0 {
		all := in.siteFields
		take, unsure, err := in.accepting(all)
		if err != nil {
			return err
		}
		if in.doubtful, err = in.makeSites("sites", all.Pick(unsure), s.Roles); err != nil {
			return err
		}
		in.doubtfulFields, in.siteFields = all.Pick(unsure), all.Pick(take)
	}
	if in.sites, err = in.makeSites("sites", in.siteFields, s.Roles); err != nil {
		return err
	}
	if err := in.loadSupply(); err != nil {
		return err
	}
	if c := in.spec.Candidates; c != nil {
		if in.candLayer, err = in.layer(ctx, "candidates", c.Layer, c.Where); err != nil {
			return err
		}
		if in.candidates, err = in.makeSites("candidates", in.candLayer, c.Roles); err != nil {
			return err
		}
		for i := range in.candidates {
			for j := range in.sites {
				if in.candidates[i].ID == in.sites[j].ID {
					return fmt.Errorf("candidates: %s is the id of a site as well; ids must tell them apart", in.candidates[i].ID)
				}
			}
		}
	}
	return nil
}

func (in *inputs) makeSites(section string, l *geo.Layer, roles []string) ([]center, error) {
	if len(roles) == 0 {
		roles = []string{"infuse"}
	}
	for _, r := range roles {
		if !in.known(r) {
			return nil, &SpecError{Field: section + ".roles", Problem: fmt.Sprintf("found %q", r), Accept: strings.Join(Roles, ", ")}
		}
	}
	if in.plane != nil && l.Len() > 0 {
		if err := in.plane.Sites(l, in.spec.Travel.X, in.spec.Travel.Y); err != nil {
			return nil, fmt.Errorf("%s: %w", section, err)
		}
	}
	if l.IsTable() && l.Len() > 0 && in.anywhere() {
		return nil, fmt.Errorf("%s: layer %s has no coordinates, and engine %s needs them", section, l.Name, in.spec.Travel.Engine)
	}
	name, _ := firstColumn(l, "name", "title")
	country, hasCountry := l.Column("country")
	own, hasRoles := l.Column("roles")
	location, hasLocation := l.Column("location")
	out := make([]center, l.Len())
	for i, st := range stops(l) {
		t := center{Stop: st, roles: roles, row: i, region: -1}
		if name.Len() > 0 {
			t.name = name.Text(i)
		}
		if hasCountry {
			t.country = country.Text(i)
		}
		if hasLocation {
			t.city = location.Text(i) == "city"
		}
		if hasRoles && section == "sites" && !own.Null(i) {
			t.roles = nil
			for _, r := range strings.Split(own.Text(i), ",") {
				if r = strings.TrimSpace(r); !in.known(r) {
					return nil, fmt.Errorf("layer %s: feature %d (id %s): roles holds %q; accepted: %s", l.Name, i+1, l.ID(i), r, strings.Join(Roles, ", "))
				}
				t.roles = append(t.roles, r)
			}
		}
		t.serves = in.serves(l, i)
		out[i] = t
	}
	if in.regions != nil {
		at := make([]orb.Point, len(out))
		for i := range out {
			at[i] = out[i].At
		}
		rows, _, err := in.assign(l, at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", section, err)
		}
		for i := range out {
			out[i].region = rows[i]
		}
	}
	return out, nil
}

func (in *inputs) known(role string) bool { return slices.Contains(Roles, role) }

func firstColumn(l *geo.Layer, names ...string) (geo.Column, bool) {
	for _, n := range names {
		if c, ok := l.Column(n); ok {
			return c, true
		}
	}
	return geo.Column{}, false
}

// loadSupply gives each site its supply. A constant is for each row, or shared
// by the rows of a campus where the spec counts campuses.
func (in *inputs) loadSupply() error {
	s := in.spec.Sites.Supply
	if s == nil {
		return nil
	}
	for _, f := range s.Fields {
		v, err := in.amounts(in.siteFields, f)
		if err != nil {
			return fmt.Errorf("sites.supply: %w", err)
		}
		for i := range in.sites {
			in.sites[i].supply = append(in.sites[i].supply, v[i])
		}
	}
	if len(s.Fields) > 0 {
		return nil
	}
	campus := campuses(in.sites)
	size := map[int]float64{}
	for _, c := range campus {
		size[c]++
	}
	for i := range in.sites {
		each := s.Constant
		if in.spec.Sites.Count == "campus" {
			each /= size[campus[i]]
		}
		in.sites[i].supply = []float64{each}
	}
	if n := len(in.sites) - len(size); n > 0 {
		if in.spec.Sites.Count == "campus" {
			in.note("supply.campuses", "supply", s.Constant, "n", len(size))
		} else {
			in.note("supply.rows", "supply", s.Constant, "rows", len(in.sites), "n", n)
		}
	}
	return nil
}

func campuses(sites []center) []int {
	at, hospital := make([]orb.Point, len(sites)), make([]bool, len(sites))
	for i, s := range sites {
		at[i], hospital[i] = s.At, !s.city
	}
	return access.Campuses(at, hospital)
}

// counted gives each site what it counts as: its campus, or itself where rows
// count (sites.count).
func (in *inputs) counted() []int {
	if in.spec.Sites.Count == "rows" {
		return all(len(in.sites))
	}
	return campuses(in.sites)
}

// snap lets the engine find all stops once.
func (in *inputs) snap(ctx context.Context) error {
	snaps, err := in.engine.Snap(ctx, in.stops)
	if err != nil {
		return err
	}
	if in.driven() {
		in.off = nans(len(snaps))
	}
	for i, s := range snaps {
		in.stops[i].Mark = s.Mark
		if in.off != nil && s.Reason == travel.None {
			in.off[i] = float64(s.Off)
		}
	}
	for _, sites := range [][]center{in.sites, in.candidates, in.doubtful} {
		st := make([]travel.Stop, len(sites))
		for i := range sites {
			st[i] = sites[i].Stop
		}
		snaps, err := in.engine.Snap(ctx, st)
		if err != nil {
			return err
		}
		unusable := 0
		for i, s := range snaps {
			sites[i].Mark = s.Mark
			if s.Reason != travel.None {
				unusable++
			}
		}
		if unusable == len(sites) && len(sites) > 0 {
			return fmt.Errorf("no site can be used by engine %s (no location, no road near, or not listed: %q, for example)", in.engine.About().Name, sites[0].ID)
		}
		if _, matrix := in.engine.(*travel.Table); unusable > 0 && !matrix {
			in.note("engine.unusable", "n", unusable, "of", len(sites))
		}
	}
	return nil
}
