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
	"slices"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// A part is a measure or a section of a study: what it needs, and how it is found.
type part struct {
	name  string
	stage string      // what is told while it is found; "" where that takes no time
	kinds []spec.Kind // the measures by which a spec asks for it
	needs []string    // the parts that must have found before it
	whole bool        // of the study as a whole: not found again in other areal units

	// find gives nil for a part that the study does not ask for.
	find func(context.Context, *Study) (Finding, error)
}

// parts are those of a study, in the order in which results tell of them. A new
// measure is a file and a row.
func parts() []part {
	return []part{
		{name: "travel", stage: "travel", kinds: kinds[TravelMeasure]("travel"), find: findWays},
		{name: "privacy", needs: []string{"penalty", "capacity"}, find: findWithheld},
		{name: "isochrones", needs: []string{"travel"}, find: findIsochrones},
		{name: "demand", needs: []string{"penalty"}, find: findDemand},
		{name: "density", needs: []string{"regions"}, kinds: kinds[DensityMeasure]("density"), find: findDensity},
		{name: "gaps", needs: []string{"regions"}, kinds: kinds[GapsMeasure]("gaps"), find: findGaps},
		{name: "regions", needs: []string{"travel"}, find: findRegions},
		{name: "penalty", needs: []string{"travel"}, kinds: kinds[PenaltyMeasure]("penalty"), find: findPenalty},
		{name: "scores", stage: "supply and demand", needs: []string{"penalty"}, kinds: valuedKinds(), find: findScores},
		{name: "areal", stage: "other units", needs: []string{"siting"}, whole: true, find: findElsewhere},
		{name: "capacity", stage: "capacity", needs: []string{"penalty"}, kinds: kinds[CapacityMeasure]("capacity"), find: findWaiting},
		{name: "journey", stage: "journey", needs: []string{"travel"}, kinds: kinds[JourneyMeasure]("journey"), find: findJourneys},
		{name: "attrition", needs: []string{"penalty", "capacity"}, kinds: kinds[AttritionMeasure]("attrition"), find: findAttrition},
		{name: "forecast", needs: []string{"penalty", "scenarios"}, find: findForecast},
		{name: "representation", kinds: kinds[RepresentationMeasure]("representation"), find: findRepresentation},
		{name: "referral", kinds: kinds[ReferralMeasure]("referral"), find: findReferral},
		{name: "scenarios", stage: "scenarios", needs: []string{"scores"}, find: findScenarios},
		{name: "siting", stage: "siting", needs: []string{"penalty", "journey", "scenarios"}, find: findPlan},
		{name: "openings", needs: []string{"scenarios", "siting", "capacity"}, find: findOpenings},
		{name: "places", needs: []string{"travel"}, find: findPlaces},
		{name: "spatial", needs: []string{"places"}, find: findSpatial},
		{name: "sites", needs: []string{"travel"}, find: findSites},
		{name: "links", needs: []string{"travel"}, find: findLinks},
		{name: "groups", needs: []string{"travel"}, find: findGroups},
		{name: "delay", kinds: kinds[DelayMeasure]("delay"), find: findDelay},
		{name: "pitfalls", find: findPitfalls},
		{name: "draws", stage: "draws", needs: []string{"scores", "journey", "capacity", "forecast", "siting", "areal"}, whole: true, find: findDraws},
	}
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
	under := newStudy(in, report)
	for _, k := range ordered(parts()) {
		if err := under.find(ctx, k); err != nil {
			return nil, err
		}
	}
	report(Progress{Stage: "results"})
	return under.tell(ctx)
}

// newStudy is a study of which nothing is found yet.
func newStudy(in *ground.Ground, report func(Progress)) *Study {
	return &Study{Ground: in, Report: report, Result: &Result{Spec: in.Spec}, Found: make([]Finding, len(parts()))}
}

// find has a part of the study found, by its place among the parts.
func (s *Study) find(ctx context.Context, k int) (err error) {
	p := parts()[k]
	if p.stage != "" {
		s.Report(Progress{Stage: p.stage})
	}
	s.Found[k], err = p.find(ctx, s)
	return err
}

// ordered are the places of the parts in an order in which each comes after those
// that it needs, and else as they stand.
func ordered(all []part) (order []int) {
	at := map[string]int{}
	for k, p := range all {
		at[p.name] = k
	}
	var add func(k int, above []string)
	add = func(k int, above []string) {
		p := all[k]
		if slices.Contains(above, p.name) {
			panic(fmt.Sprintf("the parts %v need each other", above))
		}
		if slices.Contains(order, k) {
			return
		}
		for _, n := range p.needs {
			first, ok := at[n]
			if !ok {
				panic(fmt.Sprintf("part %s needs %s, which is none", p.name, n))
			}
			add(first, append(slices.Clone(above), p.name))
		}
		order = append(order, k)
	}
	for k := range all {
		add(k, nil)
	}
	return order
}

// tell makes layers, tables, summary and manifest of what was found.
func (s *Study) tell(ctx context.Context) (*Result, error) {
	sum := &s.Result.Summary
	sum.Name, sum.Title, sum.Places, sum.Population = s.Spec.Name, s.Spec.Title, s.Places.Len(), Num(s.Total)
	sum.Sites = s.Count(s.Sites)
	if err := Each(s, func(f Finding) error { return f.Tell(ctx) }); err != nil {
		return nil, err
	}
	sum.NoValue = lacking(sum)
	sum.Notes = append(Notes{}, s.Notes...)
	s.Result.Manifest = s.manifest()
	return s.Result, nil
}
