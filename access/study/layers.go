package study

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/geo"

	"github.com/paulmach/orb"
)

type geoShape = orb.Geometry

// presentPlaces makes the layer of places: where each goes, how long it takes,
// what that does to the likelihood of treatment, and every score.
func (r *run) presentPlaces(context.Context) error {
	var sh sheet
	sh.carried(r.Places, "name", "country", "region_code")
	if r.Regions != nil {
		r.regionOfPlaces(&sh)
	}
	sh.people("population", "People", r.People)
	sh.carried(r.Places, slices.Sorted(maps.Keys(r.Spec.Places.Groups))...)
	for _, q := range r.Spec.Inequality {
		sh.carried(r.Places, q.Field())
	}
	r.waysOfPlaces(&sh, r.base)
	if m := r.model; m != nil {
		r.patientsOfPlaces(&sh, m, r.base)
	}
	r.scoresOfPlaces(&sh)
	if r.queues != nil {
		r.queues.columns(&sh, r.hiddenQueues())
	}
	if r.journeys != nil {
		r.journeys.columns(&sh)
	}
	for _, o := range r.outcome {
		o.placeColumns(&sh)
	}
	about := geo.About{Name: "places", Title: r.Spec.Name + ": places", Licence: r.Places.Licence, Attribution: r.Places.Attribution}
	l, err := r.Places.Replaced(about, sh.columns...)
	if err != nil {
		return err
	}
	r.result.Layers = append([]*geo.Layer{l}, r.result.Layers...)
	return nil
}

// regionOfPlaces are the region of each place, and whether it lies off all.
func (r *run) regionOfPlaces(sh *sheet) {
	n := r.Places.Len()
	region := make([]string, n)
	for i, row := range r.Region {
		if row >= 0 {
			region[i] = r.Regions.ID(row)
		}
	}
	sh.text("region_id", "Region", region)
	if slices.Contains(r.Coastal, true) {
		off := make([]float64, n)
		for i, c := range r.Coastal {
			if c {
				off[i] = 1
			}
		}
		sh.flag("region_nearest", "Lies off every region's generalised border; counted in the nearest", off)
	}
}

// waysOfPlaces are the ways to the nearest centers, or why there is none.
func (r *run) waysOfPlaces(sh *sheet, t *ground.Trips) {
	n := r.Places.Len()
	site, status, reason := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		if j := t.Site[i]; j >= 0 {
			site[i] = r.Sites[j].ID
		}
		status[i], reason[i] = t.Status(i), string(t.Reason[i])
	}
	sh.text("site_id", "Center it goes to", site)
	sh.number("geodesic_km", "Straight line to that center", "km", t.Straight)
	sh.number("distance_km", "Way to that center", "km", t.Km)
	sh.number("time_min", "Time to that center", "min", t.Minutes)
	if r.Off != nil {
		sh.number("road_m", "Straight line to the nearest road", "m", r.Off)
	}
	sh.text("status", "reached, sea or unreached", status)
	sh.text("reason", "Why there is no time, or that it crosses water", reason)
	for k := 1; k < t.K; k++ {
		ids, min := make([]string, n), ground.NaNs(n)
		for i := range n {
			if l := t.Legs[i*t.K+k]; l.Site >= 0 {
				ids[i], min[i] = r.Sites[l.Site].ID, l.Time.Minutes()
			}
		}
		sh.text(fmt.Sprintf("site_id_%d", k+1), fmt.Sprintf("Center number %d by time", k+1), ids)
		sh.number(fmt.Sprintf("time_min_%d", k+1), fmt.Sprintf("Time to number %d", k+1), "min", min)
	}
}

// patientsOfPlaces are the patients, and what the ways do to the likelihood of
// their treatment.
func (r *run) patientsOfPlaces(sh *sheet, m *ground.Model, t *ground.Trips) {
	n := r.Places.Len()
	far := make([]float64, n)
	for i, min := range t.Minutes {
		far[i] = math.NaN()
		if !math.IsNaN(min) {
			far[i] = 0
			if min > access.EffectTo.Minutes() {
				far[i] = 1
			}
		}
	}
	sh.modelled("eligible", "Eligible patients", "patients a year", "demand.eligible_per_100k", blank(m.Eligible, r.hidden.places))
	if r.Spec.Privacy != nil {
		sh.text("withheld", "What is withheld", r.withheldWords(r.hidden.places))
	}
	sh.flag("beyond_evidence", "Beyond four hours, where there is no evidence", far)
	for _, c := range m.Curves {
		l := c.Likelihoods(t.Minutes)
		treated := make([]float64, n)
		for i := range l {
			treated[i] = m.Eligible[i] * l[i]
		}
		// The likelihood times the eligible would give the number away.
		l, treated = blank(l, r.hidden.places), blank(treated, r.hidden.places)
		b := string(c.Beyond)
		sh.modelled("likelihood_"+b, "Likelihood of treatment, beyond four hours: "+b, "", "penalty.effect", l)
		sh.modelled("treated_"+b, "Expected treated patients, beyond four hours: "+b, "patients a year", "penalty.effect", treated)
	}
}

// scoresOfPlaces are the scores, with the reasons of those that are missing.
func (r *run) scoresOfPlaces(sh *sheet) {
	for _, s := range r.ofPlaces() {
		sh.number(s.column, s.heading(), s.unit, s.value)
		if s.reason == nil {
			continue
		}
		why := make([]string, len(s.reason))
		for i, x := range s.reason {
			why[i] = string(x)
		}
		sh.text(s.column+"_reason", "Why there is no supply", why)
	}
}

// hiddenQueues are the places whose waiting is withheld: their own numbers are, or
// those of the campus that they go to.
func (r *run) hiddenQueues() []bool {
	hidden := r.hidden.places
	if h := r.hidden.campuses; h != nil {
		hidden = slices.Clone(hidden)
		for i, j := range r.base.Site {
			if j >= 0 && !math.IsNaN(r.base.Minutes[i]) {
				hidden[i] = hidden[i] || h[r.room.index[int32(j)]]
			}
		}
	}
	return hidden
}

// placeColumns are where people go in a scenario, and their scores there.
func (o *outcome) placeColumns(sh *sheet) {
	ids := make([]string, len(o.trips.Site))
	for i, j := range o.trips.Site {
		if j >= 0 {
			ids[i] = o.sites[j].ID
		}
	}
	sh.text("site_id_"+o.name, "Center in scenario "+o.name, ids)
	sh.number("time_min_"+o.name, "Time in scenario "+o.name, "min", o.trips.Minutes)
	for _, s := range o.scores {
		if !s.bySite {
			sh.number(s.column+"_"+o.name, s.heading()+" in scenario "+o.name, s.unit, s.value)
		}
	}
}

// siteColumns are those of every layer of sites, and gives their ids and places;
// words says which words of status there are.
func (r *run) siteColumns(sh *sheet, sites []ground.Center, status []string, words string, campus []string, people []float64) ([]string, []orb.Point) {
	n := len(sites)
	ids, name, country, region, roles := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, s := range sites {
		ids[i], name[i], country[i], roles[i] = s.ID, s.Name, s.Country, strings.Join(s.Roles, ",")
		if s.Region >= 0 {
			region[i] = r.Regions.ID(s.Region)
		}
	}
	sh.text("name", "Name", name)
	sh.text("country", "Country", country)
	sh.text("region_id", "Region", region)
	sh.text("roles", "What it does", roles)
	sh.text("status", words, status)
	sh.text("campus_id", "First center of its campus", campus)
	sh.people("people_nearest", "People for whom it is the nearest", people)
	return ids, ground.Points(sites)
}

// peopleNearest counts the people who have a time to each of n sites and to none
// nearer.
func (r *run) peopleNearest(t *ground.Trips, n int) []float64 {
	people := make([]float64, n)
	for i, j := range t.Site {
		if j >= 0 && !math.IsNaN(t.Minutes[i]) {
			people[j] += r.People[i]
		}
	}
	return people
}

// presentSites makes the layer of sites: those there are and those the plan
// would open.
func (r *run) presentSites(context.Context) error {
	sites := append([]ground.Center(nil), r.Sites...)
	if r.plan != nil {
		for _, j := range r.plan.Open {
			sites = append(sites, r.Candidates[j])
		}
	}
	n, have := len(sites), len(r.Sites)
	status, campus, hub := make([]string, n), make([]string, n), make([]string, n)
	people, order := make([]float64, n), ground.NaNs(n)
	for i, c := range ground.Campuses(r.Sites) {
		campus[i] = r.Sites[c].ID
	}
	copy(people, r.peopleNearest(r.base, have))
	for i := range sites {
		status[i] = "open"
		if i >= have {
			status[i], people[i], order[i] = "proposed", math.NaN(), float64(i-have+1)
			hub[i] = r.plan.hubID(r, i-have)
		}
	}
	var sh sheet
	ids, at := r.siteColumns(&sh, sites, status, "open or proposed", campus, people)
	for k := range r.Supplies() {
		v := ground.NaNs(n)
		for i, s := range sites {
			if k < len(s.Supply) {
				v[i] = s.Supply[k]
			}
		}
		sh.number(joined("supply", r.SupplyName(k)), strings.TrimSpace("Supply "+strings.ReplaceAll(r.SupplyName(k), "_", " ")), "", v)
	}
	for _, p := range r.ofSites() {
		sh.number(p.column, "People within reach, "+p.measure.Name, p.unit, append(slices.Clone(p.value), ground.NaNs(n-have)...))
	}
	if r.plan != nil {
		sh.count("opening_order", "Order of opening", order)
		sh.text("hub_id", "Hub it reports to", hub)
	}
	about := geo.About{Name: "sites", Title: r.Spec.Name + ": sites", Licence: r.SiteFields.Licence, Attribution: r.SiteFields.Attribution}
	if r.SiteFields.IsTable() {
		return r.addLayer(geo.NewTable(about, ids, sh.columns...))
	}
	return r.addLayer(geo.NewPoints(about, ids, at, sh.columns...))
}

// maxLinks is how many links are made without being asked for.
const maxLinks = 100_000

// mostLinks is how many are made at all: a line for each takes memory.
const mostLinks = 5_000_000

// presentLinks makes the layer of links: a line from each place to each of its
// nearest sites.
func (r *run) presentLinks(context.Context) error {
	if !r.Spec.Measures.Has("travel") || r.Spec.Output["links"] == "none" || r.Places.IsTable() {
		return nil
	}
	n := 0
	for _, l := range r.base.Legs {
		if l.Site >= 0 {
			n++
		}
	}
	if n > maxLinks && r.Spec.Output["links"] == "" {
		r.Note("links.left_out", "n", n, "entry", "{links: csv}")
		return nil
	}
	if n > mostLinks {
		r.Note("links.too_many", "n", n, "most", mostLinks)
		return nil
	}
	var place, site []string
	var rank, min, km, straight []float64
	shapes := make([]orb.Geometry, 0, n)
	for at, l := range r.base.Legs {
		if l.Site < 0 {
			continue
		}
		i, s := int(l.Place), r.Sites[l.Site]
		place, site = append(place, r.Places.ID(i)), append(site, s.ID)
		rank, min, km = append(rank, float64(at%r.base.K+1)), append(min, l.Time.Minutes()), append(km, l.Length.Kilometres())
		straight = append(straight, geo.Distance(r.Stops[i].At, s.At).Kilometres())
		var line orb.Geometry // none where an end has no position, as in a matrix by id
		if r.Stops[i].Located && s.Located {
			line = orb.LineString{r.Stops[i].At, s.At}
		}
		shapes = append(shapes, line)
	}
	var sh sheet
	sh.text("place_id", "Place", place)
	sh.text("site_id", "Center", site)
	sh.count("rank", "1 is the nearest by time", rank)
	sh.number("geodesic_km", "Straight line", "km", straight)
	sh.number("distance_km", "Way", "km", km)
	sh.number("time_min", "Time", "min", min)
	return r.addLayer(geo.NewLayer(geo.About{Name: "links", Title: r.Spec.Name + ": links"}, nil, shapes, sh.columns...))
}

// presentGroups reports by groups of people: quintiles of a field, or its values.
func (r *run) presentGroups(context.Context) error {
	if len(r.Spec.Places.Groups) == 0 {
		return nil
	}
	var field, group, metric []string
	var value []float64
	add := func(f, g, m string, v float64) {
		field, group, metric, value = append(field, f), append(group, g), append(metric, m), append(value, v)
	}
	for _, f := range slices.Sorted(maps.Keys(r.Spec.Places.Groups)) {
		of, names, err := r.Groups(f, r.Spec.Places.Groups[f])
		if err != nil {
			return err
		}
		for k, g := range names {
			w := make([]float64, len(r.People))
			var people, beyond, eligible float64
			for i := range w {
				if of[i] == k {
					w[i] = r.People[i]
					people += w[i]
					eligible += r.Eligible[i]
					if !(r.base.Minutes[i] <= r.beyond()) {
						beyond += w[i]
					}
				}
			}
			add(f, g, "people", people)
			add(f, g, "mean_time_min", access.NewWeighted(r.base.Minutes, w).Mean())
			add(f, g, "share_beyond", beyond/people)
			for _, s := range r.ofPlaces() {
				add(f, g, "mean_"+s.column, access.NewWeighted(s.value, w).Mean())
			}
			if m := r.model; m != nil {
				c := m.Curves[0]
				mean := access.NewWeighted(c.Likelihoods(r.base.Minutes), w).Mean()
				if p := r.Spec.Privacy; p != nil && math.Min(eligible, eligible*mean) < p.SuppressBelow {
					mean = math.NaN()
					r.Note("groups.withheld", "group", g, "field", f, "least", p.SuppressBelow)
				}
				add(f, g, "mean_likelihood_"+string(c.Beyond), mean)
			}
		}
	}
	var sh sheet
	sh.text("field", "Field", field)
	sh.text("group", "Group, 1 the lowest", group)
	sh.text("metric", "Metric", metric)
	sh.number("value", "Value", "", value)
	return r.addTable(geo.NewTable(geo.About{Name: "groups", Title: "By groups of people"}, nil, sh.columns...))
}
