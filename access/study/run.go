package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// run is a study under way.
type run struct {
	*inputs
	report  func(Progress)
	base    *trips
	model   *model // nil where nothing asks for it
	scores  []*score
	matrix  *travel.Matrix
	supply  [][]float64 // by column
	passive []*score    // by site
	draws   *draws
	result  *Result
	outcome []*outcome // of the scenarios
	plan    *plan
	gaps    []access.Gap // by region, once they are known

	journeys *journeys
	hidden   hidden
	room     *room
	favour   []bool // whom the siting favours
	queues   *queues
	other    *run // on the other areal units, nil without
	byRegion bool // draws keep figures by region
}

// Run carries a study out. report, if not nil, is called now and then from the
// calling goroutine. The same world and spec give the same result to the bit.
func Run(ctx context.Context, w World, s Spec, report func(Progress)) (*Result, error) {
	if report == nil {
		report = func(Progress) {}
	}
	report(Progress{Stage: "read layers"})
	in, err := load(ctx, w, s)
	if err != nil {
		return nil, err
	}
	r := &run{inputs: in, report: report, result: &Result{Spec: s}}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"travel", r.travel}, {"journey", r.journey}, {"capacity", r.capacities}, {"supply and demand", r.supplyAndDemand}, {"scenarios", r.scenarios},
		{"siting", r.siting}, {"other units", r.otherUnits}, {"draws", r.uncertainty}, {"results", r.present},
	} {
		report(Progress{Stage: step.name})
		if err := step.do(ctx); err != nil {
			return nil, err
		}
	}
	return r.result, nil
}

func (r *run) travel(ctx context.Context) (err error) {
	k := 1
	if m := r.spec.Measures.get("travel"); m != nil && m.Travel.K > 0 {
		k = m.Travel.K
	}
	if len(goals(r.sites)) == 0 && r.spec.Sites.Layer != "" {
		return fmt.Errorf("sites: no site of layer %s infuses", r.spec.Sites.Layer)
	}
	if r.base, err = r.trips(ctx, r.sites, k); err != nil {
		return err
	}
	if r.spec.Uncertainty != nil || r.spec.Areal != nil {
		r.base.timed = access.NewWeighted(r.base.minutes, r.people)
	}
	if err := r.doubt(ctx); err != nil {
		return err
	}
	if r.spec.Measures.get("penalty") != nil || r.spec.Measures.get("capacity") != nil || r.spec.Forecast != nil || r.spec.Siting.aims("treated") || r.spec.Penalty != nil {
		if r.model, err = r.inputs.model(r.base); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) supplyAndDemand(ctx context.Context) (err error) {
	if len(r.measured()) == 0 {
		return nil
	}
	speed := 1.0
	if r.spec.Uncertainty != nil {
		speed = r.spec.Uncertainty.fastest()
	}
	if r.matrix, r.supply, err = r.supplyMatrix(ctx, speed); err != nil {
		return err
	}
	for _, m := range r.measured() {
		scores, err := r.score(ctx, m, r.matrix, r.supply)
		if err != nil {
			return err
		}
		for _, s := range scores {
			if m.RAAM != nil && s.gap > m.RAAM.gap() {
				r.note("measures.gap", "measure", s.column, "gap", s.gap, "asked", m.RAAM.gap())
			}
		}
		if m.Name == "passive" {
			r.byOpen(scores)
			continue
		}
		r.scores = append(r.scores, scores...)
	}
	return nil
}

// byOpen keeps scores by site, a value for every site.
func (r *run) byOpen(scores []*score) {
	open, _ := r.supplied()
	for _, s := range scores {
		all := nans(len(r.sites))
		for c, j := range open {
			all[j] = s.value[c]
		}
		s.value = all
		r.passive = append(r.passive, s)
	}
}

// bandLimits are the minutes that people are counted within.
func (in *inputs) bandLimits() []float64 {
	if m := in.spec.Measures.get("travel"); m != nil && len(m.Travel.BandsMin) > 0 {
		return m.Travel.BandsMin
	}
	return []float64{30, 60, 90, 120, 180, 240}
}

func (in *inputs) beyond() float64 {
	if m := in.spec.Measures.get("gaps"); m != nil && m.Gaps.BeyondMin > 0 {
		return m.Gaps.BeyondMin
	}
	return 120
}

// present makes layers, tables, summary and manifest of what was found.
func (r *run) present(ctx context.Context) error {
	s := &r.result.Summary
	s.Name, s.Title, s.Places, s.Population = r.spec.Name, r.spec.Title, r.places.Len(), Num(r.total)
	s.Sites = r.count(r.sites)
	r.warn()
	r.hidden = r.withhold()
	for _, step := range []func(context.Context) error{
		r.presentTravel, r.presentIsochrones, r.presentDemand, r.presentRegions, r.presentPenalty, r.presentScores, r.presentAreal, r.presentJourney, r.presentAttrition, r.presentForecast, r.presentCapacity, r.presentRepresentation, r.presentReferral,
		r.presentScenarios, r.presentSiting, r.presentPlaces, r.presentSpatial, r.presentSites, r.presentScenarioSites, r.presentLinks, r.presentGroups, r.presentPitfalls,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if d := r.spec.Measures.get("delay"); d != nil {
		s.Delay = &DelaySummary{Num(d.Delay.LifeYearsPerDay), Num(d.Delay.Days), Num(d.Delay.LifeYearsPerDay * d.Delay.Days)}
	}
	if r.draws != nil {
		s.Uncertainty = r.draws.intervals()
		if err := r.addTable(r.draws.table()); err != nil {
			return err
		}
		if r.byRegion {
			if err := r.addTable(r.localTable()); err != nil {
				return err
			}
		}
	}
	s.NoValue = lacking(s)
	s.Notes = append(Notes{}, r.notes...)
	r.result.Manifest = r.manifest(r.model)
	return nil
}

func (r *run) addTable(l *geo.Layer, err error) error {
	if err == nil {
		l, err = r.endless(l)
	}
	if err == nil {
		r.result.Tables = append(r.result.Tables, l.Numbered())
	}
	return err
}

func (r *run) addLayer(l *geo.Layer, err error) error {
	if err == nil {
		l, err = r.endless(l)
	}
	if err == nil {
		r.result.Layers = append(r.result.Layers, l.Numbered())
	}
	return err
}

// count counts centers: sites that infuse. A study that counts rows takes each
// row for a campus. A site of which neither location nor country is known is
// none that can be counted anywhere.
func (in *inputs) count(sites []center) SiteCount {
	var open []center
	for _, s := range sites {
		if s.has("infuse") && !in.nowhere(s) {
			open = append(open, s)
		}
	}
	distinct := map[int]bool{}
	for _, c := range campuses(open) {
		distinct[c] = true
	}
	n := SiteCount{Campuses: len(distinct), Rows: len(open), Other: len(sites) - len(open)}
	if in.spec.Sites.Count == "rows" {
		n.Campuses = n.Rows
	}
	return n
}

// nowhere reports whether nothing is known of where a site is, in a layer whose
// other sites have locations.
func (in *inputs) nowhere(s center) bool {
	return !s.Located && s.country == "" && in.siteFields != nil && !in.siteFields.IsTable()
}

// warn says what the numbers leave out; the pitfalls come on top.
func (r *run) warn() {
	if sea := r.seaPeople(); sea > 0 {
		if r.crow != nil && r.crow.Sea != nil {
			r.note("sea.crossed", "people", sea, "share", 100*sea/r.total)
		} else {
			r.note("sea.none", "people", sea, "share", 100*sea/r.total)
			r.note("sea.straight")
		}
	}
	if len(r.outcome) > 0 && len(r.scores) > 0 {
		r.note("measures.baseline")
	}
}

func (r *run) seaPeople() float64 {
	var sea float64
	for i, s := range r.base.sea {
		if s {
			sea += r.people[i]
		}
	}
	return sea
}

func (r *run) presentTravel(context.Context) error {
	if r.spec.Measures.get("travel") == nil {
		return nil
	}
	t := &TravelSummary{Engine: r.engine.About(), Borders: r.borders(), Sea: Num(r.seaPeople()), WithoutTime: map[string]Num{},
		GeodesicKm: stats(r.base.straight, r.people), DistanceKm: stats(r.base.km, r.people), TimeMin: stats(r.base.minutes, r.people)}
	for reason, people := range r.base.without(r.people) {
		t.WithoutTime[reason] = Num(people)
	}
	var sh sheet
	var minutes, people, share []float64
	for _, b := range access.Bands(r.base.minutes, r.people, r.bandLimits()) {
		t.Bands = append(t.Bands, Band{Num(b.Minutes), Num(b.People), Num(b.Share)})
		minutes, people, share = append(minutes, b.Minutes), append(people, b.People), append(share, b.Share)
	}
	r.result.Summary.Travel = t
	sh.number("minutes", "Within minutes", "min", minutes)
	sh.people("people", "People", people)
	sh.number("share", "Share of all people", "", share)
	return r.addTable(geo.NewTable(geo.About{Name: "bands", Title: "People within minutes of a center"}, nil, sh.columns...))
}

func (r *run) presentPenalty(context.Context) error {
	if r.model == nil {
		return nil
	}
	m := r.model
	p := &PenaltySummary{Form: string(m.form), Family: string(m.family), Effect: Num(m.effect), Observed: Num(m.treated), Reach: Num(m.reach)}
	var all float64
	for _, e := range m.eligible {
		all += e
	}
	p.Eligible, p.WithoutTime = Num(all), Num(all-m.timed)
	for _, c := range m.curves {
		l := c.likelihoods(r.base.minutes)
		treated, far := m.expect(l, r.base.minutes)
		foregone := m.foregone(c, l)
		p.Curves = append(p.Curves, PenaltyCurve{Beyond: string(c.Beyond), P0: Num(c.p0), ImpliedRisk: Num(c.ImpliedRisk(c.p0)),
			Treated: Num(treated), TreatedBeyond: Num(far), Foregone: Num(foregone),
			Ceiling: Num(treated + foregone), CeilingGain: Num(foregone / treated)})
	}
	r.result.Summary.Penalty = p
	// The curve itself, for a drawing and for anyone who checks.
	var sh sheet
	minutes := make([]float64, 0, 41)
	for t := 0.0; t <= 600; t += 15 {
		minutes = append(minutes, t)
	}
	sh.number("time_min", "Travel time", "min", minutes)
	for _, c := range m.curves {
		rel, like := make([]float64, len(minutes)), make([]float64, len(minutes))
		for i, t := range minutes {
			rel[i], like[i] = c.Relative(travel.FromMinutes(t)), c.at(t)
		}
		sh.modelled("effect_"+string(c.Beyond), "Relative effect, beyond four hours: "+string(c.Beyond), string(m.form)+" ratio", "penalty.effect", rel)
		sh.modelled("likelihood_"+string(c.Beyond), "Likelihood of treatment, beyond four hours: "+string(c.Beyond), "", "penalty.effect", like)
	}
	return r.addTable(geo.NewTable(geo.About{Name: "penalty_curve", Title: "Likelihood of treatment by travel time"}, nil, sh.columns...))
}

func (r *run) presentScores(ctx context.Context) error {
	var inequality tidy
	inequality.name, inequality.title, inequality.why = "inequality", "Inequality of the measures", []string{}
	for _, s := range slices.Concat(r.scores, r.passive) {
		sum, err := r.summarize(s)
		if err != nil {
			return err
		}
		r.result.Summary.Measures = append(r.result.Summary.Measures, sum)
		for _, q := range sum.Inequality {
			inequality.index(s.column, q)
		}
	}
	if r.spec.Measures.get("travel") != nil && len(r.spec.Inequality) > 0 {
		q, err := r.indices(r.base.minutes, unbounded)
		if err != nil {
			return err
		}
		for _, x := range q {
			inequality.index("travel time", x)
		}
	}
	if m := r.model; m != nil && len(r.spec.Inequality) > 0 {
		q, err := r.indices(m.curves[0].likelihoods(r.base.minutes), chance)
		if err != nil {
			return err
		}
		r.result.Summary.Penalty.Inequality = q
		for _, x := range q {
			inequality.index("likelihood", x)
		}
	}
	if err := r.presentLorenz(); err != nil {
		return err
	}
	if len(inequality.value) > 0 {
		if err := r.addTable(inequality.table()); err != nil {
			return err
		}
	}
	if r.matrix == nil {
		return nil
	}
	sensitivity, grid, err := r.sideBySide(ctx, r.matrix, r.supply)
	for _, t := range []*tidy{sensitivity, grid} {
		if t != nil && err == nil {
			err = r.addTable(t.table())
		}
	}
	return err
}

func timed(minutes []float64) (n int) {
	for _, m := range minutes {
		n += b2i(!math.IsNaN(m))
	}
	return n
}

// presentLorenz draws the curves that the Gini coefficients are the areas of.
func (r *run) presentLorenz() error {
	if !slices.ContainsFunc(r.spec.Inequality, func(q Index) bool { return q.Name == "gini" }) {
		return nil
	}
	var name []string
	var people, share []float64
	for _, s := range r.scores {
		r.lorenz(s.column, s.value, &name, &people, &share)
	}
	if r.spec.Measures.get("travel") != nil {
		r.lorenz("travel time", r.base.minutes, &name, &people, &share)
	}
	if r.model != nil {
		r.lorenz("likelihood", r.model.curves[0].likelihoods(r.base.minutes), &name, &people, &share)
	}
	var sh sheet
	sh.text("measure", "Measure", name)
	sh.number("people_share", "Cumulative share of people, from those with least", "", people)
	sh.number("value_share", "Their share of the whole", "", share)
	return r.addTable(sh.table("lorenz", "Lorenz curves"))
}

// presentReferral measures the way from hospitals to centers. It is a distance
// of its own kind: nothing of it enters the figures from home.
func (r *run) presentReferral(ctx context.Context) error {
	m := r.spec.Measures.get("referral")
	if m == nil {
		return nil
	}
	l, err := r.layer(ctx, "measures.referral", m.Referral.Layer, m.Referral.Where)
	if err != nil {
		return err
	}
	s := r.spec
	s.Places = PlacesSpec{Layer: m.Referral.Layer, Where: m.Referral.Where, Weight: "weight"}
	weight := make([]float64, l.Len())
	for i := range weight {
		weight[i] = 1
	}
	if m.Referral.Weight != "" {
		if weight, err = r.amounts(l, m.Referral.Weight); err != nil {
			return fmt.Errorf("measures.referral.weight: %w", err)
		}
	}
	from := &inputs{spec: s, world: r.world, used: r.used, engine: r.engine, crow: r.crow, places: l, people: weight, regions: r.regions,
		sites: r.sites, siteFields: r.siteFields, country: make([]string, l.Len()), stops: stops(l)}
	if c, ok := l.Column("country"); ok {
		for i := range from.country {
			from.country[i] = c.Text(i)
		}
	}
	if r.spec.Travel.Borders.Rule == "same-region" && r.regions != nil {
		at := make([]orb.Point, l.Len())
		for i := range at {
			at[i] = l.Point(i)
		}
		if from.region, _, err = r.assign(l, at); err != nil {
			return fmt.Errorf("measures.referral: %w", err)
		}
	}
	if err := from.loadBorders(ctx); err != nil {
		return fmt.Errorf("measures.referral: %w", err)
	}
	t, err := from.trips(ctx, r.sites, 1)
	if err != nil {
		return err
	}
	r.result.Summary.Referral = &ReferralSummary{Hospitals: l.Len(), Weight: orWord(m.Referral.Weight, "each hospital alike"),
		GeodesicKm: stats(t.straight, weight), DistanceKm: stats(t.km, weight), TimeMin: stats(t.minutes, weight)}
	if lost := len(weight) - timed(t.minutes); lost > 0 {
		r.note("referral.lost", "n", lost, "of", len(weight))
	}
	r.note("referral.apart")
	return nil
}
