package study

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"careshed/access/study/finding"
	"careshed/access/study/measure"
	"careshed/access/study/scenario"
	"careshed/access/study/siting"
	"careshed/access/study/spec"
)

// A part is a measure or a section of a study: what it needs, and how it is found.
type part struct {
	name  string
	stage string                        // what is told while it is found; "" where that takes no time
	asked func(name string) []spec.Kind // the measures by which a spec asks for it; nil for a section
	needs string                        // the parts that must have found before it
	whole bool                          // of the study as a whole: not found again in other areal units

	// find gives nil for a part that the study does not ask for.
	find func(context.Context, *finding.Study) (finding.Finding, error)
}

// parts are those of a study, in the order in which results tell of them. A new
// measure is a file and a row.
func parts() []part {
	return []part{
		{name: "travel", stage: "travel", asked: measure.Asked[measure.TravelMeasure], find: measure.FindWays},
		{name: "privacy", needs: "penalty capacity", find: measure.FindWithheld},
		{name: "isochrones", needs: "travel", find: measure.FindIsochrones},
		{name: "demand", needs: "penalty", find: measure.FindDemand},
		{name: "density", needs: "regions", asked: measure.Asked[measure.DensityMeasure], find: measure.FindDensity},
		{name: "gaps", needs: "regions", asked: measure.Asked[measure.GapsMeasure], find: measure.FindGaps},
		{name: "regions", needs: "travel", find: measure.FindRegions},
		{name: "penalty", needs: "travel", asked: measure.Asked[measure.PenaltyMeasure], find: measure.FindPenalty},
		{name: "counted", needs: "penalty privacy regions", find: measure.FindCounted},
		{name: "scores", stage: "supply and demand", needs: "penalty", asked: measure.ValuedKinds, find: measure.FindScores},
		{name: "areal", stage: "other units", needs: "siting", whole: true, find: findElsewhere},
		{name: "capacity", stage: "capacity", needs: "penalty chosen", asked: measure.Asked[measure.CapacityMeasure], find: measure.FindWaiting},
		{name: "chosen", needs: "scores penalty", find: measure.FindChosen},
		{name: "providers", needs: "chosen", asked: measure.Asked[measure.ProvidersMeasure], find: measure.FindProviders},
		{name: "flows", needs: "scores", whole: true, find: measure.FindFlows},
		{name: "journey", stage: "journey", needs: "travel", asked: measure.Asked[measure.JourneyMeasure], find: measure.FindJourneys},
		{name: "attrition", needs: "penalty capacity", asked: measure.Asked[measure.AttritionMeasure], find: measure.FindAttrition},
		{name: "transfer", needs: "chosen journey", asked: measure.Asked[measure.TransferMeasure], find: measure.FindTransfers},
		{name: "forecast", needs: "penalty scenarios", find: measure.FindForecast},
		{name: "representation", asked: measure.Asked[measure.RepresentationMeasure], find: measure.FindRepresentation},
		{name: "referral", asked: measure.Asked[measure.ReferralMeasure], find: measure.FindReferral},
		{name: "scenarios", stage: "scenarios", needs: "scores", find: scenario.FindScenarios},
		{name: "siting", stage: "siting", needs: "penalty journey scenarios chosen", find: siting.FindPlan},
		{name: "openings", needs: "scenarios siting capacity", find: siting.FindOpenings},
		{name: "places", needs: "travel", find: findPlaces},
		{name: "spatial", needs: "places", find: findSpatial},
		{name: "sites", needs: "travel", find: findSites},
		{name: "links", needs: "travel", find: findLinks},
		{name: "groups", needs: "travel regions", find: findGroups},
		{name: "delay", asked: measure.Asked[measure.DelayMeasure], find: measure.FindDelay},
		{name: "pitfalls", find: findPitfalls},
		{name: "draws", stage: "draws", needs: "scores journey capacity chosen transfer forecast siting areal", whole: true, find: findDraws},
	}
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
		for _, n := range strings.Fields(p.needs) {
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
