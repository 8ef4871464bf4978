package study

import (
	"context"
	"math"
	"slices"
	"strings"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// sites are the layers of sites.
type sites struct{ *finding.Study }

func findSites(_ context.Context, s *finding.Study) (finding.Finding, error) { return &sites{s}, nil }

// listed are the rows of a layer of sites: what each is now, in which words, the first
// center of its campus, and for how many it is the nearest.
type listed struct {
	sites  []ground.Center
	status []string
	words  string
	campus []string
	people []float64
}

// siteColumns are those of every layer of sites, and gives their ids and places.
func (r *sites) siteColumns(sh *finding.Sheet, of listed) ([]string, []orb.Point) {
	sites, n := of.sites, len(of.sites)
	ids, name, country, region, roles := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, s := range sites {
		ids[i], name[i], country[i], roles[i] = s.ID, s.Name, s.Country, strings.Join(s.Roles, ",")
		if s.Region >= 0 {
			region[i] = r.Regions.ID(s.Region)
		}
	}
	sh.Text("name", name)
	sh.Text("country", country)
	sh.Text("region_id", region)
	sh.Text("roles", roles)
	sh.Text("status", of.status, "words", of.words)
	sh.Text("campus_id", of.campus)
	sh.People("people_nearest", of.people)
	return ids, ground.Points(sites)
}

// peopleNearest counts the people who have a time to each of n sites and to none
// nearer.
func (r *sites) peopleNearest(t *ground.Trips, n int) []float64 {
	people := make([]float64, n)
	for i, j := range t.Site {
		if j >= 0 && !math.IsNaN(t.Minutes[i]) {
			people[j] += r.People[i]
		}
	}
	return people
}

// Tell makes the layer of sites: those there are and those that a plan would open;
// and with scenarios, where they are asked for, one for each.
func (r *sites) Tell(context.Context) error {
	var proposed []ground.Center
	var hubs []string
	if err := finding.Each(r.Study, func(f finding.Proposing) error {
		s, h := f.Proposed()
		proposed, hubs = append(proposed, s...), append(hubs, h...)
		return nil
	}); err != nil {
		return err
	}
	if err := r.today(proposed); err != nil || !finding.ScenarioLayers(r.Study) || r.SiteFields == nil || r.SiteFields.IsTable() {
		return err
	}
	for _, o := range finding.Outcomes(r.Study) {
		if err := r.scenario(o); err != nil {
			return err
		}
	}
	return nil
}

// today adds the layer of the sites there are and of those that a plan would open.
func (r *sites) today(proposed []ground.Center) error {
	all, have := append(slices.Clone(r.Sites), proposed...), len(r.Sites)
	n := len(all)
	status, campus := make([]string, n), make([]string, n)
	people := append(r.peopleNearest(r.Ways, have), ground.NaNs(len(proposed))...)
	for i, c := range ground.Campuses(r.Sites) {
		campus[i] = r.Sites[c].ID
	}
	for i := range all {
		status[i] = "open"
		if i >= have {
			status[i] = "proposed"
		}
	}
	sh := finding.Sheet{Of: "sites"}
	ids, at := r.siteColumns(&sh, listed{all, status, "open or proposed", campus, people})
	for k := range r.Supplies() {
		v := ground.NaNs(n)
		for i, s := range all {
			if k < len(s.Supply) {
				v[i] = s.Supply[k]
			}
		}
		if field := r.SupplyName(k); field != "" {
			sh.Number("supply_{field}", v, "field", field)
		} else {
			sh.Number("supply", v)
		}
	}
	if err := finding.Each(r.Study, func(f finding.OfSites) error { f.SiteColumns(&sh, n); return nil }); err != nil {
		return err
	}
	about := geo.About{Name: "sites", Title: r.Spec.Name + ": sites", Licence: r.SiteFields.Licence, Attribution: r.SiteFields.Attribution}
	if r.SiteFields.IsTable() {
		return r.AddLayer(geo.NewTable(about, ids, sh.Columns...))
	}
	return r.AddLayer(geo.NewPoints(about, ids, at, sh.Columns...))
}

// scenario adds the layer of the sites of a scenario: those that are open, those it
// opens or moves, and those it closes.
func (r *sites) scenario(o *finding.Outcome) error {
	before := map[string]ground.Center{}
	for _, s := range r.Sites {
		before[s.ID] = s
	}
	sites, people := slices.Clone(o.Sites), r.peopleNearest(o.Ways, len(o.Sites))
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
	sh := finding.Sheet{Of: "sites"}
	ids, at := r.siteColumns(&sh, listed{sites, status, "open, opened, moved or closed", campus, people})
	about := geo.About{Name: "sites_" + o.Name, Title: r.Spec.Name + ": sites in scenario " + o.Name, Licence: r.SiteFields.Licence,
		Attribution: r.SiteFields.Attribution}
	return r.AddLayer(geo.NewPoints(about, ids, at, sh.Columns...))
}
