package study

import (
	"context"
	"math"
	"slices"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

func (r *run) scenarioLayers() bool {
	how := r.Spec.Output[spec.ScenarioRegions]
	return how != "" && how != "none"
}

// presentScenarioRegions makes a layer of the regions in every scenario; listed
// and notes are what is known of those without a center.
func (r *run) presentScenarioRegions(listed, notes []string) error {
	if !r.scenarioLayers() {
		return nil
	}
	for _, o := range r.outcome {
		g := r.gather(o.trips, o.sites)
		status, err := r.gapsOf(g, listed)
		if err != nil {
			return err
		}
		var sh sheet
		r.regionColumns(&sh, o.trips, g, status, notes)
		if err := r.addLayer(r.regionLayer(o.name, sh)); err != nil {
			return err
		}
	}
	return nil
}

// presentScenarioSites makes a layer of the sites of every scenario: those that
// are open, those it opens or moves, and those it closes.
func (r *run) presentScenarioSites(context.Context) error {
	if !r.scenarioLayers() || r.SiteFields == nil || r.SiteFields.IsTable() {
		return nil
	}
	for _, o := range r.outcome {
		before := map[string]ground.Center{}
		for _, s := range r.Sites {
			before[s.ID] = s
		}
		sites, people := slices.Clone(o.sites), r.peopleNearest(o.trips, len(o.sites))
		status := make([]string, len(sites))
		for i, s := range sites {
			was, old := before[s.ID]
			switch delete(before, s.ID); {
			case !old:
				status[i] = "opened"
			case was.At != s.At:
				status[i] = "moved"
			default:
				status[i] = "open"
			}
		}
		for _, s := range r.Sites {
			if _, closed := before[s.ID]; closed {
				sites, status, people = append(sites, s), append(status, "closed"), append(people, math.NaN())
			}
		}
		campus := make([]string, len(sites))
		for i, c := range ground.Campuses(sites) {
			campus[i] = sites[c].ID
		}
		var sh sheet
		ids, at := r.siteColumns(&sh, sites, status, "open, opened, moved or closed", campus, people)
		about := geo.About{Name: "sites_" + o.name, Title: r.Spec.Name + ": sites in scenario " + o.name, Licence: r.SiteFields.Licence,
			Attribution: r.SiteFields.Attribution}
		if err := r.addLayer(geo.NewPoints(about, ids, at, sh.columns...)); err != nil {
			return err
		}
	}
	return nil
}
