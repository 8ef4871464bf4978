package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/geo/travel"
)

// pitfall is a way in which a right number misleads. Its check gives the people
// whom it concerns in this study and says what to mind, or "" where the study
// does not run into it.
type pitfall struct {
	number int
	key    string
	check  func(*run, context.Context) (people float64, text string, err error)
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
		people, text, err := p.check(r, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
		if text == "" {
			continue
		}
		r.result.Summary.Pitfalls = append(r.result.Summary.Pitfalls, PitfallSummary{p.number, p.key, Num(people), grouped(text)})
		r.note("%s", text)
	}
	return nil
}

// where sums the people of the places for which something holds.
func (r *run) where(holds func(i int) bool) (people float64) {
	for i, w := range r.people {
		if holds(i) {
			people += w
		}
	}
	return people
}

func (r *run) transported(context.Context) (float64, string, error) {
	if r.model == nil || r.spec.Penalty != nil && r.spec.Penalty.Effect != 0 && r.spec.Penalty.Effect != 0.60 {
		return 0, "", nil
	}
	d := r.spec.Demand
	if d != nil && (d.Eligible != "" || len(d.Funnel) > 0 || d.EligiblePer100k != 0 && d.EligiblePer100k != 1.19) {
		return r.total, fmt.Sprintf("the effect of distance comes from one US study of third-line lymphoma, mostly Medicare; here it acts on other patients (%.0f people)", r.total), nil
	}
	if people := r.where(func(i int) bool { return r.country[i] != "US" }); people > 0 {
		return people, fmt.Sprintf("the effect of distance comes from one US study of third-line lymphoma, mostly Medicare; %.0f people live elsewhere", people), nil
	}
	return 0, "", nil
}

func (r *run) beyondEvidence(context.Context) (float64, string, error) {
	if r.model == nil {
		return 0, "", nil
	}
	far := r.where(func(i int) bool { return r.base.minutes[i] > access.EffectTo.Minutes() })
	if far == 0 {
		return 0, "", nil
	}
	shown := "shown as " + listed(r.model.beyond...)
	if len(r.model.beyond) == len(access.Beyonds) {
		shown = "every assumption is shown"
	}
	return far, fmt.Sprintf("%.0f people live beyond four hours, where there is no evidence: %s", far, shown), nil
}

func (r *run) afterReferral(context.Context) (float64, string, error) {
	if r.model == nil || r.spec.Demand.denominator() != "referred" {
		return 0, "", nil
	}
	return r.total, fmt.Sprintf("the effect of distance acts at referral; this study counts those who are referred, among whom several series found no gradient, and those who come from far are a selected group (%.0f people)", r.total), nil
}

func (r *run) ecological(context.Context) (float64, string, error) {
	fields := sorted(r.spec.Places.Groups)
	for _, q := range r.spec.Inequality {
		if f := q.field(); f != "" && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return 0, "", nil
	}
	people := r.where(func(i int) bool {
		return slices.ContainsFunc(fields, func(f string) bool { c, ok := r.places.Column(f); return ok && !c.Null(i) })
	})
	return people, fmt.Sprintf("%s: of the area, not of the person; nothing follows for the single patient (%.0f people)", strings.Join(fields, ", "), people), nil
}

func (r *run) arealUnits(context.Context) (float64, string, error) {
	if r.other != nil {
		return 0, "", nil // both are shown
	}
	polygons := 0
	people := r.where(func(i int) bool {
		g := r.places.Shape(i)
		if g == nil || g.GeoJSONType() == "Point" {
			return false
		}
		polygons++
		return true
	})
	if polygons == 0 {
		return 0, "", nil
	}
	return people, fmt.Sprintf("%d places are shapes: each counts as one point inside it, %.0f people in the mean, who do not live there; settlement points are better, and areal shows another unit", polygons, people/float64(polygons)), nil
}

// acrossBorders counts the people who have a nearer center across a border that
// the study draws: by travel.borders, or by choosing sites of a country.
func (r *run) acrossBorders(ctx context.Context) (float64, string, error) {
	s := r.spec.Sites
	if s.Layer == "" {
		return 0, "", nil
	}
	all, err := r.open(ctx, s.Layer)
	if err != nil {
		return 0, "", err
	}
	var other Where
	for _, c := range s.Where {
		if c.Field != "country" && c.Field != r.spec.Travel.Borders.Column {
			other = append(other, c)
		}
	}
	rows, err := other.rows(all)
	if err != nil {
		return 0, "", err
	}
	if r.spec.Travel.Borders.Rule == "free" && len(other) == len(s.Where) || all.IsTable() && r.anywhere() {
		return 0, "", nil
	}
	quiet := *r.inputs
	quiet.notes = nil
	sites, err := quiet.makeSites("sites", all.Pick(rows), s.Roles)
	if err != nil {
		return 0, "", err
	}
	// Of the sites on this side of the border only those that the study has.
	here, has := map[string]bool{}, map[string]bool{}
	free := r.spec.Travel.Borders.Rule == "free"
	for i := range r.group {
		if !free {
			here[orWord(r.group[i], r.country[i])] = true
		}
	}
	for _, s := range r.sites {
		has[s.ID] = true
		if free { // then the choice of sites draws the border
			here[s.country] = true
		}
	}
	side := func(j int) string {
		switch b := r.spec.Travel.Borders; {
		case b.Rule == "groups":
			t, _ := all.Column(b.Column)
			return t.Text(rows[j])
		case b.Rule == "same-region" && sites[j].region >= 0:
			return r.regions.ID(sites[j].region)
		}
		return sites[j].country
	}
	var q travel.Query
	for _, j := range goals(sites) {
		if has[sites[j].ID] || !here[side(j)] {
			q.Sites = append(q.Sites, sites[j].Stop)
		}
	}
	snaps, err := r.engine.Snap(ctx, q.Sites)
	if err != nil {
		return 0, "", err
	}
	for j, s := range snaps {
		q.Sites[j].Mark = s.Mark
	}
	q.Places = r.stops
	legs, err := r.engine.Nearest(ctx, q, 1)
	if err != nil {
		return 0, "", err
	}
	people := r.where(func(i int) bool {
		return legs[i].Site >= 0 && !(legs[i].Time.Minutes() >= r.base.minutes[i])
	})
	if people == 0 {
		return 0, "", nil
	}
	why := "borders " + r.borders()
	if r.spec.Travel.Borders.Rule == "free" {
		why = "sites where " + s.Where.String()
	}
	return people, fmt.Sprintf("for %.0f people a center is nearer that they may not use here (%s); it counts where payer and licence permit", people, why), nil
}

// farFromRoad is how far from a road a place may be without a word.
const farFromRoad = 1000.0

func (r *run) straightLines(context.Context) (float64, string, error) {
	if r.off != nil {
		people := r.where(func(i int) bool { return !math.IsNaN(r.base.minutes[i]) })
		far := r.where(func(i int) bool { return r.off[i] > farFromRoad })
		text := fmt.Sprintf("travel times are those of free roads, without traffic or waits (%.0f people)", people)
		if far > 0 {
			text += fmt.Sprintf("; %.0f of them are placed more than a kilometre from any road, and that stretch is taken at %s", far, r.engine.About().Settings["access"])
		}
		return people, text, nil
	}
	if r.crow == nil {
		return 0, "", nil
	}
	people := r.where(func(i int) bool { return !math.IsNaN(r.base.minutes[i]) })
	text := fmt.Sprintf("travel times are estimates from straight lines, calibrated on the United States (%.0f people)", people)
	if len(r.spec.Travel.Speed) == 1 {
		text = fmt.Sprintf("one speed for every distance: at 30 mph 29 %% of US people were beyond two hours, by the road network 18 %% (%.0f people)", people)
	}
	return people, text, nil
}

// bypass is the time by which a second center may be farther and still be used
// (Alford-Teaster 2016: most who did not use the nearest had one within five
// minutes of it).
const bypass = 5.0

func (r *run) nearestNotUsed(ctx context.Context) (float64, string, error) {
	campus := campuses(r.sites)
	other := make([]bool, len(r.people))
	err := r.byGroup(r.sites, goals(r.sites), func(places, sites []int) error {
		q := r.query(r.sites, places, sites)
		q.Limit = make([]travel.Seconds, len(places))
		for k, i := range places {
			q.Limit[k] = travel.FromMinutes(r.base.minutes[i] + bypass)
			if math.IsNaN(r.base.minutes[i]) {
				q.Limit[k] = 0
			}
		}
		return r.engine.Sweep(ctx, q, func(site int, legs []travel.Leg) error {
			for _, l := range legs {
				i := places[l.Place]
				other[i] = other[i] || campus[sites[site]] != campus[r.base.site[i]]
			}
			return nil
		})
	})
	if err != nil {
		return 0, "", err
	}
	people := r.where(func(i int) bool { return other[i] && !math.IsNaN(r.base.minutes[i]) })
	if people == 0 {
		return 0, "", nil
	}
	return people, fmt.Sprintf("for %.0f people another center is within %g minutes of the nearest: which one they use is not distance's to say", people, bypass), nil
}

func (r *run) densityIsNotAccess(context.Context) (float64, string, error) {
	if r.spec.Measures.get("density") == nil {
		return 0, "", nil
	}
	has := map[int]bool{}
	for i := range r.sites {
		if r.sites[i].has("infuse") {
			has[r.sites[i].region] = true
		}
	}
	limit := r.beyond()
	people := r.where(func(i int) bool {
		in := r.regions == nil || r.region[i] >= 0 && has[r.region[i]]
		return in && !(r.base.minutes[i] <= limit)
	})
	if people == 0 {
		return 0, "", nil
	}
	return people, fmt.Sprintf("density is not access: %.0f people live farther than %g minutes from a center in regions that have one", people, limit), nil
}

func (r *run) unnamedDenominator(context.Context) (float64, string, error) {
	d := r.spec.Demand
	if r.model == nil || d == nil || d.Denominator != "" || d.Reach == 0 && d.Treated == 0 || d.Reach == 0.20 && d.Eligible == "" && len(d.Funnel) == 0 {
		return 0, "", nil
	}
	return r.total, fmt.Sprintf("reach is a share of what? demand.denominator does not say; published ones differ (Italy: 17 %% of the eligible, 72 %% of the referred) and are never compared (%.0f people)", r.total), nil
}

// The eligible a year per 100,000 people that are published for the third line of
// diffuse large B-cell lymphoma (Germany, US).
const eligibleLow, eligibleHigh = 0.95, 1.41

func (r *run) incidenceDefinition(context.Context) (float64, string, error) {
	if r.model == nil {
		return 0, "", nil
	}
	var all float64
	for _, e := range r.eligible {
		all += e
	}
	rate := all / r.total * 100_000
	if rate >= eligibleLow && rate <= eligibleHigh {
		return 0, "", nil
	}
	return r.total, fmt.Sprintf("%.3g eligible a year per 100,000 people; for third-line lymphoma %g to %g are published, and definitions of incidence differ four-fold (%.0f people)", rate, eligibleLow, eligibleHigh, r.total), nil
}

func (r *run) countedTwice(context.Context) (float64, string, error) {
	if r.spec.Sites.Count != "rows" {
		return 0, "", nil
	}
	campus := campuses(r.sites)
	size := map[int]int{}
	for _, j := range goals(r.sites) {
		size[campus[j]]++
	}
	double := 0
	for _, n := range size {
		double += n - 1
	}
	if double == 0 {
		return 0, "", nil
	}
	people := r.where(func(i int) bool { return !math.IsNaN(r.base.minutes[i]) && size[campus[r.base.site[i]]] > 1 })
	return people, fmt.Sprintf("%d rows stand on a campus that is counted already: one hospital under several programs counts several times (nearest to %.0f people)", double, people), nil
}

func (r *run) outpatient(context.Context) (float64, string, error) {
	if r.journeys == nil || r.journeys.course.Inpatient >= 7 {
		return 0, "", nil
	}
	people := r.where(func(i int) bool { return r.journeys.burden[i].Relocated && !math.IsNaN(r.journeys.burden[i].Trips) })
	return people, fmt.Sprintf("%g days in hospital: nights and visits move from the hospital to the household, and what the hospital saves is not the patient's (%.0f people would stay near the center)", r.journeys.course.Inpatient, people), nil
}

// jurisdictions are the countries that a regime is written for.
var jurisdictions = map[string][]string{"US": {"US"}, "EU": {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "UK"}}

func (r *run) otherRegime(context.Context) (float64, string, error) {
	if r.journeys == nil {
		return 0, "", nil
	}
	regime := r.journeys.course.Regime
	people := r.where(func(i int) bool {
		return r.country[i] != "" && !slices.Contains(jurisdictions[regime.Jurisdiction], r.country[i])
	})
	if people == 0 {
		return 0, "", nil
	}
	return people, fmt.Sprintf("the journey follows %s, and %.0f people live under other rules", regime.Name, people), nil
}

// fewPatients is a number a year below which a rate is mostly chance.
const fewPatients = 5

func (r *run) smallNumbers(context.Context) (float64, string, error) {
	if p := r.spec.Privacy; r.model == nil || p != nil && p.SuppressBelow >= fewPatients {
		return 0, "", nil
	}
	l := r.model.curves[0].likelihoods(r.base.minutes)
	if r.regions == nil {
		if d := r.spec.Demand; d == nil || d.Eligible == "" {
			return 0, "", nil // fractions of a rate, not counts
		}
		n := 0
		people := r.where(func(i int) bool {
			few := r.eligible[i]*l[i] > 0 && r.eligible[i]*l[i] < fewPatients
			n += b2i(few)
			return few
		})
		if n == 0 {
			return 0, "", nil
		}
		return people, fmt.Sprintf("%d places have fewer than %d expected treated a year: chance rules there, and privacy.suppress_below can withhold them (%.0f people)", n, fewPatients, people), nil
	}
	treated := make([]float64, r.regions.Len())
	for i, row := range r.region {
		if row >= 0 && !math.IsNaN(l[i]) {
			treated[row] += r.eligible[i] * l[i]
		}
	}
	n := 0
	for _, t := range treated {
		n += b2i(t > 0 && t < fewPatients)
	}
	if n == 0 {
		return 0, "", nil
	}
	people := r.where(func(i int) bool {
		row := r.region[i]
		return row >= 0 && treated[row] > 0 && treated[row] < fewPatients
	})
	return people, fmt.Sprintf("%d regions have fewer than %d expected treated a year: chance rules there, and privacy.suppress_below can withhold them (%.0f people)", n, fewPatients, people), nil
}

func (r *run) industryFunded(context.Context) (float64, string, error) {
	var names []string
	for _, p := range r.manifest(r.model).Parameters {
		if !p.Given && p.Evidence != nil && p.Evidence.Funding != "" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return 0, "", nil
	}
	return r.total, fmt.Sprintf("%s: from sources that industry paid for or that are linked to it (careshed evidence; %.0f people)", strings.Join(names, ", "), r.total), nil
}

func (r *run) missingIsNotZero(context.Context) (float64, string, error) {
	var texts []string
	var people float64
	if j := r.journeys; j != nil {
		lacking := map[string]bool{}
		without := r.where(func(i int) bool {
			if b := j.burden[i]; b.Missing != "" && !math.IsNaN(b.Trips) {
				lacking[b.Missing] = true
				return true
			}
			return false
		})
		if without > 0 {
			people = math.Max(people, without)
			texts = append(texts, fmt.Sprintf("no cost is given where %s is not known (%.0f people): missing is not 0", strings.Join(sorted(lacking), " or "), without))
		}
	}
	if f := r.spec.Places.WithoutCar; f != "" {
		v, err := r.amounts(r.places, f)
		if err != nil {
			return 0, "", fmt.Errorf("places.without_car: %w", err)
		}
		var none float64
		for i, n := range v {
			if n > r.people[i] {
				return 0, "", fmt.Errorf("places.without_car: place %s has %g people without a car of %g", r.places.ID(i), n, r.people[i])
			}
			none += n
		}
		if none > 0 {
			people = math.Max(people, none)
			texts = append(texts, fmt.Sprintf("%.0f people live in households without a car: times by road are not theirs", none))
		}
	}
	return people, strings.Join(texts, "; "), nil
}

func (r *run) doubling(context.Context) (float64, string, error) {
	if r.spec.Forecast == nil || r.spec.Forecast.Target == nil {
		return 0, "", nil
	}
	t := r.result.Summary.Forecast.Target
	return r.total, fmt.Sprintf("doubling the %s is %.4g treated a year; by the other reading it would be %.4g, and geography alone reaches %.4g (%.0f people)", t.Double, float64(t.Target), float64(t.Other), float64(t.Ceiling), r.total), nil
}
