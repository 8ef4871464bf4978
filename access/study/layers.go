package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/role"

	"github.com/paulmach/orb"
)

type geoShape = orb.Geometry

func points(sites []center) []orb.Point {
	p := make([]orb.Point, len(sites))
	for i, s := range sites {
		p[i] = s.At
	}
	return p
}

// presentPlaces makes the layer of places: where each goes, how long it takes,
// what that does to the likelihood of treatment, and every score.
func (r *run) presentPlaces(context.Context) error {
	n := r.places.Len()
	t := r.base
	var sh sheet
	sh.carried(r.places, "name", "country", "region_code")
	if r.regions != nil {
		region := make([]string, n)
		for i, row := range r.region {
			if row >= 0 {
				region[i] = r.regions.ID(row)
			}
		}
		sh.text("region_id", "Region", region)
		if slices.Contains(r.coastal, true) {
			off := make([]float64, n)
			for i, c := range r.coastal {
				if c {
					off[i] = 1
				}
			}
			sh.flag("region_nearest", "Lies off every region's generalised border; counted in the nearest", off)
		}
	}
	sh.people("population", "People", r.people)
	sh.carried(r.places, sorted(r.spec.Places.Groups)...)
	for _, q := range r.spec.Inequality {
		sh.carried(r.places, q.field())
	}
	site, status, reason := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		if j := t.site[i]; j >= 0 {
			site[i] = r.sites[j].ID
		}
		status[i], reason[i] = t.status(i), string(t.reason[i])
	}
	sh.text("site_id", "Center it goes to", site)
	sh.number("geodesic_km", "Straight line to that center", "km", t.straight)
	sh.number("distance_km", "Way to that center", "km", t.km)
	sh.number("time_min", "Time to that center", "min", t.minutes)
	if r.off != nil {
		sh.number("road_m", "Straight line to the nearest road", "m", r.off)
	}
	sh.text("status", "reached, sea or unreached", status)
	sh.text("reason", "Why there is no time, or that it crosses water", reason)
	for k := 1; k < t.k; k++ {
		ids, min := make([]string, n), nans(n)
		for i := range n {
			if l := t.legs[i*t.k+k]; l.Site >= 0 {
				ids[i], min[i] = r.sites[l.Site].ID, l.Time.Minutes()
			}
		}
		sh.text(fmt.Sprintf("site_id_%d", k+1), fmt.Sprintf("Center number %d by time", k+1), ids)
		sh.number(fmt.Sprintf("time_min_%d", k+1), fmt.Sprintf("Time to number %d", k+1), "min", min)
	}
	if m := r.model; m != nil {
		far := make([]float64, n)
		for i, min := range t.minutes {
			far[i] = math.NaN()
			if !math.IsNaN(min) {
				far[i] = 0
				if min > access.EffectTo.Minutes() {
					far[i] = 1
				}
			}
		}
		sh.modelled("eligible", "Eligible patients", "patients a year", "demand.eligible_per_100k", blank(m.eligible, r.hidden.places))
		if r.spec.Privacy != nil {
			sh.text("withheld", "What is withheld", r.withheldWords(r.hidden.places))
		}
		sh.flag("beyond_evidence", "Beyond four hours, where there is no evidence", far)
		for _, c := range m.curves {
			l := c.likelihoods(t.minutes)
			treated := make([]float64, n)
			for i := range l {
				treated[i] = m.eligible[i] * l[i]
			}
			// The likelihood times the eligible would give the number away.
			l, treated = blank(l, r.hidden.places), blank(treated, r.hidden.places)
			b := string(c.Beyond)
			sh.modelled("likelihood_"+b, "Likelihood of treatment, beyond four hours: "+b, "", "penalty.effect", l)
			sh.modelled("treated_"+b, "Expected treated patients, beyond four hours: "+b, "patients a year", "penalty.effect", treated)
		}
	}
	for _, s := range r.ofPlaces() {
		sh.number(s.column, s.heading(), s.unit, s.value)
		if s.reason == nil {
			continue
		}
		why := make([]string, n)
		for i, x := range s.reason {
			why[i] = string(x)
		}
		sh.text(s.column+"_reason", "Why there is no supply", why)
	}
	if r.queues != nil {
		hidden := r.hidden.places
		if h := r.hidden.campuses; h != nil {
			hidden = slices.Clone(hidden)
			for i, j := range r.base.site {
				if j >= 0 && !math.IsNaN(r.base.minutes[i]) {
					hidden[i] = hidden[i] || h[r.room.index[int32(j)]]
				}
			}
		}
		r.queues.columns(&sh, hidden)
	}
	if r.journeys != nil {
		r.journeys.columns(&sh)
	}
	for _, o := range r.outcome {
		ids := make([]string, n)
		for i, j := range o.trips.site {
			if j >= 0 {
				ids[i] = o.sites[j].ID
			}
		}
		sh.text("site_id_"+o.name, "Center in scenario "+o.name, ids)
		sh.number("time_min_"+o.name, "Time in scenario "+o.name, "min", o.trips.minutes)
		for _, s := range o.scores {
			if !s.bySite {
				sh.number(s.column+"_"+o.name, s.heading()+" in scenario "+o.name, s.unit, s.value)
			}
		}
	}
	about := geo.About{Name: "places", Title: r.spec.Name + ": places", Licence: r.places.Licence, Attribution: r.places.Attribution}
	l, err := r.places.Replaced(about, sh.columns...)
	if err != nil {
		return err
	}
	r.result.Layers = append([]*geo.Layer{l}, r.result.Layers...)
	return nil
}

// siteColumns are those of every layer of sites, and gives their ids and places;
// words says which words of status there are.
func (r *run) siteColumns(sh *sheet, sites []center, status []string, words string, campus []string, people []float64) ([]string, []orb.Point) {
	n := len(sites)
	ids, name, country, region, roles := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, s := range sites {
		ids[i], name[i], country[i], roles[i] = s.ID, s.name, s.country, strings.Join(s.roles, ",")
		if s.region >= 0 {
			region[i] = r.regions.ID(s.region)
		}
	}
	sh.text("name", "Name", name)
	sh.text("country", "Country", country)
	sh.text("region_id", "Region", region)
	sh.text("roles", "What it does", roles)
	sh.text("status", words, status)
	sh.text("campus_id", "First center of its campus", campus)
	sh.people("people_nearest", "People for whom it is the nearest", people)
	return ids, points(sites)
}

// peopleNearest counts the people who have a time to each of n sites and to none
// nearer.
func (r *run) peopleNearest(t *trips, n int) []float64 {
	people := make([]float64, n)
	for i, j := range t.site {
		if j >= 0 && !math.IsNaN(t.minutes[i]) {
			people[j] += r.people[i]
		}
	}
	return people
}

// presentSites makes the layer of sites: those there are and those the plan
// would open.
func (r *run) presentSites(context.Context) error {
	sites := append([]center(nil), r.sites...)
	if r.plan != nil {
		for _, j := range r.plan.Open {
			sites = append(sites, r.candidates[j])
		}
	}
	n, have := len(sites), len(r.sites)
	status, campus, hub := make([]string, n), make([]string, n), make([]string, n)
	people, order := make([]float64, n), nans(n)
	for i, c := range campuses(r.sites) {
		campus[i] = r.sites[c].ID
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
	for k := range r.supplies() {
		v := nans(n)
		for i, s := range sites {
			if k < len(s.supply) {
				v[i] = s.supply[k]
			}
		}
		sh.number(joined("supply", r.supplyName(k)), strings.TrimSpace("Supply "+strings.ReplaceAll(r.supplyName(k), "_", " ")), "", v)
	}
	for _, p := range r.ofSites() {
		sh.number(p.column, "People within reach, "+p.measure.Name, p.unit, append(slices.Clone(p.value), nans(n-have)...))
	}
	if r.plan != nil {
		sh.count("opening_order", "Order of opening", order)
		sh.text("hub_id", "Hub it reports to", hub)
	}
	about := geo.About{Name: "sites", Title: r.spec.Name + ": sites", Licence: r.siteFields.Licence, Attribution: r.siteFields.Attribution}
	if r.siteFields.IsTable() {
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
	if !r.spec.Measures.Has("travel") || r.spec.Output["links"] == "none" || r.places.IsTable() {
		return nil
	}
	n := 0
	for _, l := range r.base.legs {
		if l.Site >= 0 {
			n++
		}
	}
	if n > maxLinks && r.spec.Output["links"] == "" {
		r.note("links.left_out", "n", n, "entry", "{links: csv}")
		return nil
	}
	if n > mostLinks {
		r.note("links.too_many", "n", n, "most", mostLinks)
		return nil
	}
	var place, site []string
	var rank, min, km, straight []float64
	shapes := make([]orb.Geometry, 0, n)
	for at, l := range r.base.legs {
		if l.Site < 0 {
			continue
		}
		i, s := int(l.Place), r.sites[l.Site]
		place, site = append(place, r.places.ID(i)), append(site, s.ID)
		rank, min, km = append(rank, float64(at%r.base.k+1)), append(min, l.Time.Minutes()), append(km, l.Length.Kilometres())
		straight = append(straight, geo.Distance(r.stops[i].At, s.At).Kilometres())
		shapes = append(shapes, orb.LineString{r.stops[i].At, s.At})
	}
	var sh sheet
	sh.text("place_id", "Place", place)
	sh.text("site_id", "Center", site)
	sh.count("rank", "1 is the nearest by time", rank)
	sh.number("geodesic_km", "Straight line", "km", straight)
	sh.number("distance_km", "Way", "km", km)
	sh.number("time_min", "Time", "min", min)
	return r.addLayer(geo.NewLayer(geo.About{Name: "links", Title: r.spec.Name + ": links"}, nil, shapes, sh.columns...))
}

// presentGroups reports by groups of people: quintiles of a field, or its values.
func (r *run) presentGroups(context.Context) error {
	if len(r.spec.Places.Groups) == 0 {
		return nil
	}
	var field, group, metric []string
	var value []float64
	add := func(f, g, m string, v float64) {
		field, group, metric, value = append(field, f), append(group, g), append(metric, m), append(value, v)
	}
	for _, f := range sorted(r.spec.Places.Groups) {
		of, names, err := r.groups(f, r.spec.Places.Groups[f])
		if err != nil {
			return err
		}
		for k, g := range names {
			w := make([]float64, len(r.people))
			var people, beyond, eligible float64
			for i := range w {
				if of[i] == k {
					w[i] = r.people[i]
					people += w[i]
					eligible += r.eligible[i]
					if !(r.base.minutes[i] <= r.beyond()) {
						beyond += w[i]
					}
				}
			}
			add(f, g, "people", people)
			add(f, g, "mean_time_min", access.NewWeighted(r.base.minutes, w).Mean())
			add(f, g, "share_beyond", beyond/people)
			for _, s := range r.ofPlaces() {
				add(f, g, "mean_"+s.column, access.NewWeighted(s.value, w).Mean())
			}
			if m := r.model; m != nil {
				c := m.curves[0]
				mean := access.NewWeighted(c.likelihoods(r.base.minutes), w).Mean()
				if p := r.spec.Privacy; p != nil && math.Min(eligible, eligible*mean) < p.SuppressBelow {
					mean = math.NaN()
					r.note("groups.withheld", "group", g, "field", f, "least", p.SuppressBelow)
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

// ranks are the numbers that places are ordered by.
func (in *inputs) ranks(field string) ([]float64, error) { return in.read(role.Rank, in.places, field) }

// labels are the values that places are grouped by, "" for none; a code for no
// value is none.
func (in *inputs) labels(field string) ([]string, error) {
	v, err := in.places.Texts(field)
	if err != nil {
		return nil, err
	}
	if c, _ := in.places.Column(field); c.Type == geo.Number || c.Type == geo.Integer {
		numbers, err := in.ranks(field)
		if err != nil {
			return nil, err
		}
		for i, x := range numbers {
			if math.IsNaN(x) {
				v[i] = ""
			}
		}
	}
	return v, nil
}

// groups gives each place the number of its group, -1 for none.
func (in *inputs) groups(field, how string) (of []int, names []string, err error) {
	of = make([]int, in.places.Len())
	if how == "values" {
		v, err := in.labels(field)
		if err != nil {
			return nil, nil, err
		}
		index := map[string]int{}
		for _, t := range v {
			index[t]++
		}
		if len(index) > 1000 {
			return nil, nil, fmt.Errorf("places.groups.%s: %d different values are too many groups; accepted: up to 1000, or quintile", field, len(index))
		}
		names = sorted(index)
		for k, t := range names {
			index[t] = k
		}
		for i, t := range v {
			of[i] = index[t]
		}
		for k, t := range names {
			if t == "" {
				names[k] = "no value"
			}
		}
		return of, names, nil
	}
	v, err := in.ranks(field)
	if err != nil {
		return nil, nil, fmt.Errorf("places.groups: %w", err)
	}
	n := map[string]int{"quartile": 4, "quintile": 5, "decile": 10}[how]
	missing := false
	for i, g := range access.Groups(v, in.people, n) {
		of[i] = g - 1
		if g == 0 && in.people[i] > 0 {
			of[i], missing = n, true
		}
	}
	for k := range n {
		names = append(names, fmt.Sprint(k+1))
	}
	if missing {
		names = append(names, "no value")
	}
	return of, names, nil
}
