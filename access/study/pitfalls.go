package study

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// pitfall is a way in which a right number misleads. Its check says what to mind
// in this study and whom it concerns; nil where the study does not run into it.
type pitfall struct {
	number int
	key    string
	check  func(*run, context.Context) (*Note, error)
}

// pitfalls are those that docs/pitfalls.md lists, in its order.
var pitfalls = []pitfall{
	{1, "transported-effect", (*run).transported},
	{2, "beyond-evidence", (*run).beyondEvidence},
	{3, "association", (*run).association},
	{4, "after-referral", (*run).afterReferral},
	{5, "ecological", (*run).ecological},
	{6, "areal-units", (*run).arealUnits},
	{7, "borders", (*run).acrossBorders},
	{8, "straight-lines", (*run).straightLines},
	{9, "nearest-not-used", (*run).nearestNotUsed},
	{10, "density-is-not-access", (*run).densityIsNotAccess},
	{11, "denominator", (*run).unnamedDenominator},
	{12, "incidence", (*run).incidenceDefinition},
	{13, "counted-twice", (*run).countedTwice},
	{14, "capacity", (*run).withoutRoom},
	{15, "volume", (*run).smallVolumes},
	{16, "outpatient", (*run).outpatient},
	{17, "regime", (*run).otherRegime},
	{18, "by-construction", (*run).byConstruction},
	{19, "small-numbers", (*run).smallNumbers},
	{20, "funding", (*run).industryFunded},
	{21, "equity-order", (*run).equityOrder},
	{22, "missing-is-not-zero", (*run).missingIsNotZero},
	{23, "doubling", (*run).doubling},
}

// presentPitfalls notes those that this study runs into.
func (r *run) presentPitfalls(ctx context.Context) error {
	for _, p := range pitfalls {
		n, err := p.check(r, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
		if n == nil {
			continue
		}
		r.result.Summary.Pitfalls = append(r.result.Summary.Pitfalls, PitfallSummary{p.number, p.key, n.People, n.Text})
		r.Keep(*n)
	}
	return nil
}

// mind is what a pitfall says of so many people.
func mind(key string, people float64, args ...any) (*Note, error) {
	n := ground.NewNote("pitfall."+key, ground.Named(append(args, "people", people)))
	return &n, nil
}

// where sums the people of the places for which something holds.
func (r *run) where(holds func(i int) bool) (people float64) {
	for i, w := range r.People {
		if holds(i) {
			people += w
		}
	}
	return people
}

func (r *run) transported(context.Context) (*Note, error) {
	if r.model == nil || r.Spec.Penalty != nil && spec.Chosen(r.Spec.Penalty, "effect") {
		return nil, nil
	}
	d := r.Spec.Demand
	if d != nil && (d.Eligible != "" || len(d.Funnel) > 0 || spec.Chosen(d, "eligible_per_100k")) {
		return mind("transported.other", r.Total)
	}
	if people := r.where(func(i int) bool { return r.Country[i] != "US" }); people > 0 {
		return mind("transported", people)
	}
	return nil, nil
}

func (r *run) beyondEvidence(context.Context) (*Note, error) {
	if r.model == nil {
		return nil, nil
	}
	far := r.where(func(i int) bool { return r.base.Minutes[i] > access.EffectTo.Minutes() })
	if far == 0 {
		return nil, nil
	}
	shown := make([]string, len(r.model.Beyond))
	for k, b := range r.model.Beyond {
		shown[k] = string(b)
	}
	return mind("beyond-evidence", far, "shown", shown)
}

func (r *run) afterReferral(context.Context) (*Note, error) {
	if r.model == nil || r.Spec.Demand.ReachOf() != "referred" {
		return nil, nil
	}
	return mind("after-referral", r.Total)
}

func (r *run) ecological(context.Context) (*Note, error) {
	fields := slices.Sorted(maps.Keys(r.Spec.Places.Groups))
	for _, q := range r.Spec.Inequality {
		if f := q.Field(); f != "" && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil, nil
	}
	people := r.where(func(i int) bool {
		return slices.ContainsFunc(fields, func(f string) bool { c, ok := r.Places.Column(f); return ok && !c.Null(i) })
	})
	return mind("ecological", people, "fields", fields)
}

func (r *run) arealUnits(context.Context) (*Note, error) {
	if r.other != nil {
		return nil, nil // both are shown
	}
	polygons := 0
	people := r.where(func(i int) bool {
		g := r.Places.Shape(i)
		if g == nil || g.GeoJSONType() == "Point" {
			return false
		}
		polygons++
		return true
	})
	if polygons == 0 {
		return nil, nil
	}
	return mind("areal-units", people, "n", polygons, "mean", int(math.Round(people/float64(polygons))))
}

// acrossBorders counts the people who have a nearer center across a border that
// the study draws: by travel.borders, or by choosing sites of a country.
func (r *run) acrossBorders(ctx context.Context) (*Note, error) {
	s := r.Spec.Sites
	if s.Layer == "" {
		return nil, nil
	}
	all, err := r.Open(ctx, s.Layer)
	if err != nil {
		return nil, err
	}
	var other spec.Where
	for _, c := range s.Where {
		if c.Field != "country" && c.Field != r.Spec.Travel.Borders.Column {
			other = append(other, c)
		}
	}
	rows, err := other.Rows(all)
	if err != nil {
		return nil, err
	}
	if r.Spec.Travel.Borders.Rule == "free" && len(other) == len(s.Where) || all.IsTable() && r.Anywhere() {
		return nil, nil
	}
	quiet := *r.Ground
	quiet.Notes = nil
	sites, err := quiet.MakeSites("sites", all.Pick(rows), s.Roles)
	if err != nil {
		return nil, err
	}
	q := travel.Query{Sites: r.beyondBorder(all, rows, sites)}
	snaps, err := r.Engine.Snap(ctx, q.Sites)
	if err != nil {
		return nil, err
	}
	for j, s := range snaps {
		q.Sites[j].Mark = s.Mark
	}
	q.Places = r.Stops
	legs, err := r.Engine.Nearest(ctx, q, 1)
	if err != nil {
		return nil, err
	}
	people := r.where(func(i int) bool {
		return legs[i].Site >= 0 && !(legs[i].Time.Minutes() >= r.base.Minutes[i])
	})
	if people == 0 {
		return nil, nil
	}
	if r.Spec.Travel.Borders.Rule == "free" {
		return mind("borders.sites", people, "where", s.Where.String())
	}
	return mind("borders", people, "rule", r.Borders())
}

// beyondBorder are the sites that the study has not but could have, were there no
// border: all on the other side, and those on this side that its choice leaves
// out.
func (r *run) beyondBorder(all *geo.Layer, rows []int, sites []ground.Center) (out []travel.Stop) {
	// Of the sites on this side of the border only those that the study has.
	here, has := map[string]bool{}, map[string]bool{}
	free := r.Spec.Travel.Borders.Rule == "free"
	for i := range r.Group {
		if !free {
			here[cmp.Or(r.Group[i], r.Country[i])] = true
		}
	}
	for _, s := range r.Sites {
		has[s.ID] = true
		if free { // then the choice of sites draws the border
			here[s.Country] = true
		}
	}
	side := func(j int) string {
		switch b := r.Spec.Travel.Borders; {
		case b.Rule == "groups":
			t, _ := all.Column(b.Column)
			return t.Text(rows[j])
		case b.Rule == "same-region" && sites[j].Region >= 0:
			return r.Regions.ID(sites[j].Region)
		}
		return sites[j].Country
	}
	for _, j := range ground.Goals(sites) {
		if has[sites[j].ID] || !here[side(j)] {
			out = append(out, sites[j].Stop)
		}
	}
	return out
}

// farFromRoad is how far from a road a place may be without a word.
const farFromRoad = 1000.0

func (r *run) straightLines(context.Context) (*Note, error) {
	if r.Off != nil {
		people := r.where(func(i int) bool { return !math.IsNaN(r.base.Minutes[i]) })
		far := r.where(func(i int) bool { return r.Off[i] > farFromRoad && !math.IsNaN(r.base.Minutes[i]) })
		if far > 0 {
			return mind("roads.far", people, "far", int(math.Round(far)), "speed", r.Engine.About().Settings["access"])
		}
		return mind("roads", people)
	}
	if r.Crow == nil {
		return nil, nil
	}
	people := r.where(func(i int) bool { return !math.IsNaN(r.base.Minutes[i]) })
	if len(r.Spec.Travel.Speed) == 1 {
		return mind("speed", people)
	}
	return mind("straight-lines", people)
}

// bypass is the time by which a second center may be farther and still be used
// (Alford-Teaster 2016: most who did not use the nearest had one within five
// minutes of it).
const bypass = 5.0

func (r *run) nearestNotUsed(ctx context.Context) (*Note, error) {
	campus := ground.Campuses(r.Sites)
	other := make([]bool, len(r.People))
	err := r.ByGroup(r.Sites, ground.Goals(r.Sites), func(places, sites []int) error {
		q := r.Query(r.Sites, places, sites)
		q.Limit = make([]travel.Seconds, len(places))
		for k, i := range places {
			q.Limit[k] = travel.FromMinutes(r.base.Minutes[i] + bypass)
			if math.IsNaN(r.base.Minutes[i]) {
				q.Limit[k] = 0
			}
		}
		return r.Engine.Sweep(ctx, q, func(site int, legs []travel.Leg) error {
			for _, l := range legs {
				i := places[l.Place]
				other[i] = other[i] || campus[sites[site]] != campus[r.base.Site[i]]
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	people := r.where(func(i int) bool { return other[i] && !math.IsNaN(r.base.Minutes[i]) })
	if people == 0 {
		return nil, nil
	}
	return mind("nearest-not-used", people, "minutes", bypass)
}

func (r *run) densityIsNotAccess(context.Context) (*Note, error) {
	if !r.Spec.Measures.Has("density") {
		return nil, nil
	}
	has := map[int]bool{}
	for i := range r.Sites {
		if r.Sites[i].Has("infuse") {
			has[r.Sites[i].Region] = true
		}
	}
	limit := r.beyond()
	people := r.where(func(i int) bool {
		in := r.Regions == nil || r.Region[i] >= 0 && has[r.Region[i]]
		return in && !(r.base.Minutes[i] <= limit)
	})
	if people == 0 {
		return nil, nil
	}
	return mind("density", people, "minutes", limit)
}

func (r *run) unnamedDenominator(context.Context) (*Note, error) {
	d := r.Spec.Demand
	if r.model == nil || d == nil || d.Denominator != "" || d.Reach == 0 && d.Treated == 0 {
		return nil, nil
	}
	if !spec.Chosen(d, "reach") && d.Reach > 0 && d.Eligible == "" && len(d.Funnel) == 0 {
		return nil, nil
	}
	return mind("denominator", r.Total)
}

// The eligible a year per 100,000 people that are published for the third line of
// diffuse large B-cell lymphoma (Germany, US).
const eligibleLow, eligibleHigh = 0.95, 1.41

func (r *run) incidenceDefinition(context.Context) (*Note, error) {
	if r.model == nil {
		return nil, nil
	}
	var all float64
	for _, e := range r.Eligible {
		all += e
	}
	rate := all / r.Total * 100_000
	if rate >= eligibleLow && rate <= eligibleHigh {
		return nil, nil
	}
	return mind("incidence", r.Total, "rate", rate, "low", eligibleLow, "high", eligibleHigh)
}

func (r *run) countedTwice(context.Context) (*Note, error) {
	if r.Spec.Sites.Count != "rows" {
		return nil, nil
	}
	campus := ground.Campuses(r.Sites)
	size := map[int]int{}
	for _, j := range ground.Goals(r.Sites) {
		size[campus[j]]++
	}
	double := 0
	for _, n := range size {
		double += n - 1
	}
	if double == 0 {
		return nil, nil
	}
	people := r.where(func(i int) bool { return !math.IsNaN(r.base.Minutes[i]) && size[campus[r.base.Site[i]]] > 1 })
	return mind("counted-twice", people, "n", double)
}

func (r *run) outpatient(context.Context) (*Note, error) {
	if r.journeys == nil || r.journeys.course.Inpatient >= 7 {
		return nil, nil
	}
	people := r.where(func(i int) bool { return r.journeys.burden[i].Relocated && !math.IsNaN(r.journeys.burden[i].Trips) })
	return mind("outpatient", people, "days", r.journeys.course.Inpatient)
}

// jurisdictions are the countries that a regime is written for.
var jurisdictions = map[string][]string{
	"US": {"US"},
	"EU": {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
		"LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "UK"},
}

func (r *run) otherRegime(context.Context) (*Note, error) {
	if r.journeys == nil {
		return nil, nil
	}
	regime := r.journeys.course.Regime
	people := r.where(func(i int) bool {
		return r.Country[i] != "" && !slices.Contains(jurisdictions[regime.Jurisdiction], r.Country[i])
	})
	if people == 0 {
		return nil, nil
	}
	return mind("regime", people, "regime", regime.Name)
}

// fewPatients is a number a year below which a rate is mostly chance.
const fewPatients = 5

func (r *run) smallNumbers(context.Context) (*Note, error) {
	if p := r.Spec.Privacy; r.model == nil || p != nil && p.SuppressBelow >= fewPatients {
		return nil, nil
	}
	l := r.model.Curves[0].Likelihoods(r.base.Minutes)
	if r.Regions == nil {
		if d := r.Spec.Demand; d == nil || d.Eligible == "" {
			return nil, nil // fractions of a rate, not counts
		}
		n := 0
		people := r.where(func(i int) bool {
			few := r.Eligible[i]*l[i] > 0 && r.Eligible[i]*l[i] < fewPatients
			n += ground.Bit(few)
			return few
		})
		if n == 0 {
			return nil, nil
		}
		return mind("small.places", people, "n", n, "few", fewPatients)
	}
	treated := make([]float64, r.Regions.Len())
	for i, row := range r.Region {
		if row >= 0 && !math.IsNaN(l[i]) {
			treated[row] += r.Eligible[i] * l[i]
		}
	}
	n := 0
	for _, t := range treated {
		n += ground.Bit(t > 0 && t < fewPatients)
	}
	if n == 0 {
		return nil, nil
	}
	people := r.where(func(i int) bool {
		row := r.Region[i]
		return row >= 0 && treated[row] > 0 && treated[row] < fewPatients
	})
	return mind("small.regions", people, "n", n, "few", fewPatients)
}

func (r *run) industryFunded(context.Context) (*Note, error) {
	var names []string
	for _, p := range r.manifest().Parameters {
		if !p.Given && p.Evidence != nil && p.Evidence.Funding != "" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return mind("funding", r.Total, "parameters", names)
}

func (r *run) missingIsNotZero(context.Context) (*Note, error) {
	var without, carless float64
	lacking := map[string]bool{}
	if j := r.journeys; j != nil {
		without = r.where(func(i int) bool {
			if b := j.burden[i]; b.Missing != "" && !math.IsNaN(b.Trips) {
				lacking[b.Missing] = true
				return true
			}
			return false
		})
	}
	if f := r.Spec.Places.WithoutCar; f != "" {
		v, err := r.Amounts(r.Places, f)
		if err != nil {
			return nil, fmt.Errorf("places.without_car: %w", err)
		}
		for i, n := range v {
			if n > r.People[i] {
				return nil, fmt.Errorf("places.without_car: place %s has %g people without a car of %g", r.Places.ID(i), n, r.People[i])
			}
			carless += n
		}
	}
	switch {
	case without > 0 && carless > 0:
		return mind("missing.both", math.Max(without, carless), "lacking", slices.Sorted(maps.Keys(lacking)), "without",
			int(math.Round(without)), "carless", int(math.Round(carless)))
	case without > 0:
		return mind("missing.cost", without, "lacking", slices.Sorted(maps.Keys(lacking)))
	case carless > 0:
		return mind("missing.car", carless)
	}
	return nil, nil
}

func (r *run) doubling(context.Context) (*Note, error) {
	if r.Spec.Forecast == nil || r.Spec.Forecast.Target == nil {
		return nil, nil
	}
	t := r.result.Summary.Forecast.Target
	if t.Target == t.Other {
		return mind("doubling.one", r.Total, "target", float64(t.Target), "ceiling", float64(t.Ceiling))
	}
	return mind("doubling", r.Total, "double", t.Double, "target", float64(t.Target), "other", float64(t.Other), "ceiling", float64(t.Ceiling))
}
