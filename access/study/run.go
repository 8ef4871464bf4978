// Package study carries out a study: a document that names layers, travel,
// demand, penalty, measures, scenarios, siting and uncertainty. Run is the only
// orchestrator; whatever presents a result calls it, so that no two can
// disagree.
//
// The package reads no file: a World brings the layers and the engines.
package study

import (
	"context"
	"fmt"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

// run is a study under way.
type run struct {
	*ground.Ground
	report  func(Progress)
	base    *ground.Trips
	model   *ground.Model // nil where nothing asks for it
	scores  []*score
	basis   *basis // of the valued measures, nil without any
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
func Run(ctx context.Context, w World, s spec.Spec, report func(Progress)) (*Result, error) {
	if report == nil {
		report = func(Progress) {}
	}
	report(Progress{Stage: "read layers"})
	in, err := ground.Load(ctx, w, s)
	if err != nil {
		return nil, err
	}
	r := &run{Ground: in, report: report, result: &Result{Spec: s}}
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
	if m := spec.Asked[*TravelMeasure](r.Spec.Measures); m != nil && m.K > 0 {
		k = m.K
	}
	if len(ground.Goals(r.Sites)) == 0 && r.Spec.Sites.Layer != "" {
		return fmt.Errorf("sites: no site of layer %s infuses", r.Spec.Sites.Layer)
	}
	if r.base, err = r.Trips(ctx, r.Sites, k); err != nil {
		return err
	}
	if r.Spec.Uncertainty != nil || r.Spec.Areal != nil {
		r.base.Timed = access.NewWeighted(r.base.Minutes, r.People)
	}
	if err := r.unsureSites(ctx); err != nil {
		return err
	}
	if r.Spec.Measures.Has("penalty") || r.Spec.Measures.Has("capacity") || r.Spec.Forecast != nil || r.Spec.Siting.Aims("treated") || r.Spec.Penalty != nil {
		if r.model, err = r.Ground.Model(r.base); err != nil {
			return err
		}
	}
	return nil
}

// present makes layers, tables, summary and manifest of what was found.
func (r *run) present(ctx context.Context) error {
	s := &r.result.Summary
	s.Name, s.Title, s.Places, s.Population = r.Spec.Name, r.Spec.Title, r.Places.Len(), Num(r.Total)
	s.Sites = r.Count(r.Sites)
	r.warn()
	r.hidden = r.withhold()
	for _, step := range []func(context.Context) error{
		r.presentTravel, r.presentIsochrones, r.presentDemand, r.presentRegions, r.presentPenalty, r.presentScores, r.presentAreal,
		r.presentJourney, r.presentAttrition, r.presentForecast, r.presentCapacity, r.presentRepresentation, r.presentReferral,
		r.presentScenarios, r.presentSiting, r.presentPlaces, r.presentSpatial, r.presentSites, r.presentScenarioSites, r.presentLinks,
		r.presentGroups, r.presentDelay, r.presentPitfalls,
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
	s.Notes = append(Notes{}, r.Notes...)
	r.result.Manifest = r.manifest()
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

// warn says what the numbers leave out; the pitfalls come on top.
func (r *run) warn() {
	if sea := r.seaPeople(); sea > 0 {
		if r.Crow != nil && r.Crow.Sea != nil {
			r.Note("sea.crossed", "people", sea, "share", 100*sea/r.Total)
		} else {
			r.Note("sea.none", "people", sea, "share", 100*sea/r.Total)
			r.Note("sea.straight")
		}
	}
	if len(r.outcome) > 0 && len(r.ofWays()) < len(valuedOf(r.Spec.Measures)) {
		r.Note("measures.baseline")
	}
}
