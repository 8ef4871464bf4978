// Package ground is what a study stands on: its layers, read, checked and aligned,
// the centers and whom they may serve, the engine of travel and the ways to the
// nearest, demand, the model of treatment, and the notes on all of it. Everything
// after it works by index.
package ground

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Ground is the layers of a study, checked and aligned. Everything after it
// works by index.
type Ground struct {
	Spec  spec.Spec
	World World
	Driving
	Populace
	Territory
	Supplying
	bordered
	Told
	observed *Observed // the flows, once a part asks for them
}

// Driving is the engine that times the ways.
type Driving struct {
	Engine travel.Engine
	Crow   *travel.Crow  // nil for another engine
	Off    []float64     // metres to the road of each place; nil for engines without roads
	plane  *travel.Plane // nil for another engine

	Measured travel.Measured // whose spread of times is drawn, where the study asks for what was measured
	Theirs   bool            // and that it is of the study's own countries
	Unplaced bool            // people live in places of which nothing says the country
}

// Populace is the places, the people in them and the patients among these.
type Populace struct {
	Places     *geo.Layer
	People     []float64 // by place
	Eligible   []float64 // patients a year, by place
	Funnels    []funnelCount
	label, fit []float64 // patients a year inside the label, and fit, by place; nil without funnels
	Total      float64
	Stops      []travel.Stop
	Country    []string // of each place, "" if unknown
}

// Territory is the regions, and in which of them the places lie.
type Territory struct {
	Regions    *geo.Layer // nil if the study has none
	RegionName []string
	Region     []int  // of each place: row of regions, -1 if none
	Coastal    []bool // the place lies off every region and is counted in the nearest
}

// Supplying is the sites there are and those that could be.
type Supplying struct {
	Sites          []Center // the baseline
	SiteFields     *geo.Layer
	doubtfulFields *geo.Layer
	Candidates     []Center
	CandLayer      *geo.Layer
	Doubtful       []Center // of which it is not known whether they take the study's patients
}

// bordered is which sites people may go to.
type bordered struct {
	claim [][]string // of each place, by the accepts rules that look at places
	Group []string   // of each place under the border rule; equal texts may travel to each other
}

// Told is what is to be said of it all.
type Told struct {
	Notes Notes
	Joins []geo.Meeting         // how keys met, for the manifest
	Used  map[string]*geo.Layer // layers by the names that the spec has for them
}

// Center is a site there is, or one that could be.
type Center struct {
	travel.Stop
	Name    string
	Country string
	Region  int // row of regions, -1 if none
	Roles   []string
	Group   string
	serves  [][]string // see takes
	Supply  []float64  // by column of sites.supply; nil for a site that a scenario opened
	City    bool       // only the city is known
	Row     int        // of the layer it came from, -1 if a scenario opened it
}

func (s *Center) Has(role string) bool { return slices.Contains(s.Roles, role) }

// Label is a site's id with its name, if it has one.
func (s *Center) Label() string {
	if s.Name == "" || s.Name == s.ID {
		return s.ID
	}
	return fmt.Sprintf("%s (%s)", s.ID, s.Name)
}

// Called is what a reader knows a site by: its name, or its id if it has none.
func (s *Center) Called() string { return cmp.Or(s.Name, s.ID) }

// Load reads the layers of a study, checks them and aligns them. A study that asks
// for more than [World.Asker] may have is refused before anything is read.
func Load(ctx context.Context, w World, s spec.Spec) (*Ground, error) {
	if err := s.Allows(w.Asker); err != nil {
		return nil, err
	}
	in := &Ground{Spec: s, World: w}
	for _, step := range []func(context.Context) error{
		in.loadPlaces, in.allowed, in.loadDemand, in.loadEngine, in.loadRegions, in.reserve, in.loadSites, in.loadClaims,
		in.apart, in.doubts, in.LoadBorders, in.calibrate, in.meet, in.noteTimes, in.snap,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// Open is the whole of a layer; the manifest will name it.
func (in *Ground) Open(ctx context.Context, name string) (*geo.Layer, error) {
	l, err := in.World.Layers.Layer(ctx, name)
	if err != nil {
		return nil, err
	}
	if in.Used == nil {
		in.Used = map[string]*geo.Layer{}
	}
	in.Used[name] = l
	return l, nil
}

// Layer is the part of a layer that a section of the spec chooses.
func (in *Ground) Layer(ctx context.Context, section, name string, where spec.Where) (*geo.Layer, error) {
	l, err := in.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	if l.Identity.Meant {
		in.Note("layer.numbered", "layer", name, "why", l.Identity.Why)
	}
	if len(where) == 0 {
		return l, nil
	}
	part, err := in.World.Recent.choose(l, where)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s.where: %w", section, err)
	case part == nil:
		return nil, fmt.Errorf("%s.where: no feature of layer %s has %s", section, name, where)
	}
	return part, nil
}

// read is a field of a layer for what it is used as. What is doubtful about its
// values is noted, with the people of the rows if the layer is the places.
func (in *Ground) read(as role.Role, l *geo.Layer, field string) ([]float64, error) {
	r, err := in.World.Recent.read(as, l, field)
	if err != nil {
		return nil, err
	}
	for _, d := range r.Doubts {
		in.doubt(l, d)
	}
	return r.Values, nil
}

// Amounts are the values of a field that must be finite numbers of 0 or more.
func (in *Ground) Amounts(l *geo.Layer, field string) ([]float64, error) {
	return in.read(role.Amount, l, field)
}

// AMonth are the values of a field that are numbers of treatments or the like of each month.
func (in *Ground) AMonth(l *geo.Layer, field string) ([]float64, error) {
	return in.read(role.Monthly, l, field)
}

// Referred are the values of a field of a layer that are numbers of patients.
func (in *Ground) Referred(l *geo.Layer, field string) ([]float64, error) {
	return in.read(role.Patients, l, field)
}

// PeopleAmong are the values of a field of the places that are numbers of some of their people:
// [role.Part] or [role.Yearly].
func (in *Ground) PeopleAmong(as role.Role, field string) ([]float64, error) {
	v, err := in.read(as, in.Places, field)
	if err != nil {
		return nil, err
	}
	doubts, err := role.PartOf(in.Places, field, v, in.People)
	for _, d := range doubts {
		in.doubt(in.Places, d)
	}
	return v, err
}

// doubt notes what is doubtful in a layer.
func (in *Ground) doubt(l *geo.Layer, d geo.Doubt) {
	if len(d.Rows) == 0 || len(in.People) != l.Len() || in.Places == nil || l.Name != in.Places.Name {
		in.Note("layer", "layer", l.Name, "text", d.Text)
		return
	}
	var people float64
	for _, i := range d.Rows {
		people += in.People[i]
	}
	in.Note("layer.people", "layer", l.Name, "text", d.Text, "people", people)
}

func (in *Ground) loadPlaces(ctx context.Context) (err error) {
	p := in.Spec.Places
	if in.Places, err = in.Layer(ctx, "places", p.Layer, p.Where); err != nil {
		return err
	}
	if in.People, err = in.read(role.People, in.Places, cmp.Or(p.Weight, "population")); err != nil {
		return fmt.Errorf("places: %w", explainMissing(in.Places, err))
	}
	for _, w := range in.People {
		in.Total += w
	}
	if in.Total <= 0 {
		return spec.Refused("places", "", "nobody lives in layer %s: %s sums to %v", p.Layer, cmp.Or(p.Weight, "population"), in.Total)
	}
	in.Stops = Stops(in.Places)
	in.Country = make([]string, in.Places.Len())
	if c, ok := in.Places.Column("country"); ok {
		for i := range in.Country {
			in.Country[i] = c.Text(i)
		}
	}
	for f := range p.Groups {
		if _, err := in.Places.MustHave(f); err != nil {
			return fmt.Errorf("places.groups: %w", err)
		}
	}
	return nil
}

func Stops(l *geo.Layer) []travel.Stop {
	s := make([]travel.Stop, l.Len())
	for i := range s {
		s[i] = travel.Stop{ID: l.ID(i), At: l.Point(i), Located: l.Located(i)}
	}
	return s
}

func (in *Ground) loadSites(ctx context.Context) (err error) {
	s := in.Spec.Sites
	if s.Layer == "" { // a siting from nothing
		if in.SiteFields, err = geo.NewTable(geo.About{Name: "sites"}, []string{}); err != nil {
			return err
		}
	} else if in.SiteFields, err = in.Layer(ctx, "sites", s.Layer, s.Where); err != nil {
		return err
	}
	all := in.SiteFields
	if take, unsure, err := in.accepting(all); err != nil {
		return err
	} else if len(take) < all.Len() {
		if in.Doubtful, err = in.MakeSites("sites", all.Pick(unsure), s.Roles); err != nil {
			return err
		}
		in.doubtfulFields, in.SiteFields = all.Pick(unsure), all.Pick(take)
	}
	if in.Sites, err = in.MakeSites("sites", in.SiteFields, s.Roles); err != nil {
		return err
	}
	if err := in.loadSupply(); err != nil {
		return err
	}
	if c := in.Spec.Candidates; c != nil {
		if in.CandLayer, err = in.Layer(ctx, "candidates", c.Layer, c.Where); err != nil {
			return err
		}
		if in.Candidates, err = in.MakeSites("candidates", in.CandLayer, c.Roles); err != nil {
			return err
		}
		for i := range in.Candidates {
			for j := range in.Sites {
				if in.Candidates[i].ID == in.Sites[j].ID {
					return fmt.Errorf("candidates: %s is the id of a site as well; ids must tell them apart", in.Candidates[i].ID)
				}
			}
		}
	}
	return nil
}

func (in *Ground) MakeSites(section string, l *geo.Layer, roles []string) ([]Center, error) {
	if len(roles) == 0 {
		roles = []string{"infuse"}
	}
	for _, r := range roles {
		if !in.known(r) {
			return nil, &spec.SpecError{Field: section + ".roles", Problem: fmt.Sprintf("found %q", r), Accept: strings.Join(spec.Roles(), ", ")}
		}
	}
	if in.plane != nil && l.Len() > 0 {
		if err := in.plane.Sites(l, in.Spec.Travel.X, in.Spec.Travel.Y); err != nil {
			return nil, fmt.Errorf("%s: %w", section, err)
		}
	}
	if l.IsTable() && l.Len() > 0 && in.Anywhere() {
		return nil, in.unlocated(section, l)
	}
	name, _ := FirstColumn(l, "name", "title")
	country, hasCountry := l.Column("country")
	own, hasRoles := l.Column("roles")
	location, hasLocation := l.Column("location")
	out := make([]Center, l.Len())
	for i, st := range Stops(l) {
		t := Center{Stop: st, Roles: roles, Row: i, Region: -1}
		if name.Len() > 0 {
			t.Name = name.Text(i)
		}
		if hasCountry {
			t.Country = country.Text(i)
		}
		if hasLocation {
			t.City = location.Text(i) == "city"
		}
		if hasRoles && section == "sites" && !own.Null(i) {
			var err error
			if t.Roles, err = in.rolesOf(l, i, own.Text(i)); err != nil {
				return nil, err
			}
		}
		t.serves = in.serves(l, i)
		out[i] = t
	}
	if in.Regions == nil {
		return out, nil
	}
	at := make([]orb.Point, len(out))
	for i := range out {
		at[i] = out[i].At
	}
	rows, _, err := in.Assign(l, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", section, err)
	}
	for i := range out {
		out[i].Region = rows[i]
	}
	return out, nil
}

// rolesOf are the roles that a row of a layer of sites names for itself.
func (in *Ground) rolesOf(l *geo.Layer, row int, text string) ([]string, error) {
	var roles []string
	for _, r := range strings.Split(text, ",") {
		if r = strings.TrimSpace(r); !in.known(r) {
			return nil, fmt.Errorf("layer %s: feature %d (id %s): roles holds %q; accepted: %s", l.Name, row+1, l.ID(row), r,
				strings.Join(spec.Roles(), ", "))
		}
		roles = append(roles, r)
	}
	return roles, nil
}

func (in *Ground) known(role string) bool { return slices.Contains(spec.Roles(), role) }

func FirstColumn(l *geo.Layer, names ...string) (geo.Column, bool) {
	for _, n := range names {
		if c, ok := l.Column(n); ok {
			return c, true
		}
	}
	return geo.Column{}, false
}

// loadSupply gives each site its supply. A constant is for each row, or shared
// by the rows of a campus where the spec counts campuses.
func (in *Ground) loadSupply() error {
	s := in.Spec.Sites.Supply
	if s == nil {
		return nil
	}
	for _, f := range s.Fields {
		v, err := in.Amounts(in.SiteFields, f)
		if err != nil {
			return fmt.Errorf("sites.supply: %w", err)
		}
		for i := range in.Sites {
			in.Sites[i].Supply = append(in.Sites[i].Supply, v[i])
		}
	}
	if len(s.Fields) > 0 {
		return nil
	}
	campus := Campuses(in.Sites)
	size := map[int]float64{}
	for _, c := range campus {
		size[c]++
	}
	for i := range in.Sites {
		each := s.Constant
		if in.Spec.Sites.Count == "campus" {
			each /= size[campus[i]]
		}
		in.Sites[i].Supply = []float64{each}
	}
	if n := len(in.Sites) - len(size); n > 0 {
		if in.Spec.Sites.Count == "campus" {
			in.Note("supply.campuses", "supply", s.Constant, "n", len(size))
		} else {
			in.Note("supply.rows", "supply", s.Constant, "rows", len(in.Sites), "n", n)
		}
	}
	return nil
}

func Campuses(sites []Center) []int {
	at, hospital := make([]orb.Point, len(sites)), make([]bool, len(sites))
	for i, s := range sites {
		at[i], hospital[i] = s.At, !s.City
	}
	return access.Campuses(at, hospital)
}

// Counted gives each site what it counts as: its campus, or itself where rows
// count (sites.count).
func (in *Ground) Counted() []int {
	if in.Spec.Sites.Count == "rows" {
		return All(len(in.Sites))
	}
	return Campuses(in.Sites)
}

// snap lets the engine find all stops once.
func (in *Ground) snap(ctx context.Context) error {
	snaps, err := in.Engine.Snap(ctx, in.Stops)
	if err != nil {
		return err
	}
	if in.driven() {
		in.Off = NaNs(len(snaps))
	}
	for i, s := range snaps {
		in.Stops[i].Mark = s.Mark
		if in.Off != nil && (s.Reason == travel.None || s.Off > 0) {
			in.Off[i] = float64(s.Off)
		}
	}
	for of, sites := range [][]Center{in.Sites, in.Candidates, in.Doubtful} {
		st := make([]travel.Stop, len(sites))
		for i := range sites {
			st[i] = sites[i].Stop
		}
		snaps, err := in.Engine.Snap(ctx, st)
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
		if doubtful := of == 2; unusable == 0 || doubtful { // sites that do not count need no way
			continue
		}
		_, matrix := travel.Beneath[*travel.Table](in.Engine)
		if unusable == len(sites) {
			what := [...]string{"center", "candidate"}[of]
			if matrix {
				return fmt.Errorf("no %s is in a row of the matrix (%q, for example, is in none): a matrix names places and sites by the ids of their layers",
					what, sites[0].ID)
			}
			return fmt.Errorf("no %s can be used by engine %s (no location, or no road near: %q, for example)", what, in.Engine.About().Name, sites[0].ID)
		}
		if !matrix {
			in.Note("engine.unusable", "n", unusable, "of", len(sites))
		}
	}
	return nil
}

func Points(sites []Center) []orb.Point {
	p := make([]orb.Point, len(sites))
	for i, s := range sites {
		p[i] = s.At
	}
	return p
}

// Count counts centers: sites that infuse. A study that counts rows takes each
// row for a campus. A site of which neither location nor country is known is
// none that can be counted anywhere.
func (in *Ground) Count(sites []Center) SiteCount {
	var open []Center
	for _, s := range sites {
		if s.Has("infuse") && !in.nowhere(s) {
			open = append(open, s)
		}
	}
	distinct := map[int]bool{}
	for _, c := range Campuses(open) {
		distinct[c] = true
	}
	n := SiteCount{Campuses: len(distinct), Rows: len(open), Other: len(sites) - len(open)}
	if in.Spec.Sites.Count == "rows" {
		n.Campuses = n.Rows
	}
	return n
}

// nowhere reports whether nothing is known of where a site is, in a layer whose
// other sites have locations.
func (in *Ground) nowhere(s Center) bool {
	return !s.Located && s.Country == "" && in.SiteFields != nil && !in.SiteFields.IsTable()
}
