package study

import (
	"context"
	"fmt"

	"careshed/access"
	"careshed/geo"
)

// run is a study under way.
type run struct {
	*inputs
	report  func(Progress)
	base    *trips
	model   *model // nil where nothing asks for it
	scores  []*score
	ground  *ground // of the valued measures, nil without any
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
		{"travel", r.travel}, {"journey", r.journey}, {"capacity", r.capacities}, {"supply and demand", r.measure}, {"scenarios", r.scenarios},
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
	if m := Asked[*TravelMeasure](r.spec.Measures); m != nil && m.K > 0 {
		k = m.K
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
	if r.spec.Measures.Has("penalty") || r.spec.Measures.Has("capacity") || r.spec.Forecast != nil || r.spec.Siting.aims("treated") || r.spec.Penalty != nil {
		if r.model, err = r.inputs.model(r.base); err != nil {
			return err
		}
	}
	return nil
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
		r.presentScenarios, r.presentSiting, r.presentPlaces, r.presentSpatial, r.presentSites, r.presentScenarioSites, r.presentLinks, r.presentGroups, r.presentDelay, r.presentPitfalls,
	} {
		if err := step(ctx); err != nil {
			return err
		}
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
	if len(r.outcome) > 0 && len(r.ofWays()) < len(valuedOf(r.spec.Measures)) {
		r.note("measures.baseline")
	}
}
