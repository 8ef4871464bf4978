package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"careshed/access"
	"careshed/geo"
)

// DensityMeasure asks for centers by population.
type DensityMeasure struct {
	By  string  `yaml:"by" doc:"region, with the countries that they add up to (if left out), or country alone"`
	Per float64 `yaml:"per" doc:"people; 10,000,000 if left out"`
}

// Validate is that of [Params].
func (m *DensityMeasure) Validate(s *Spec, _ Measure, at string) error {
	return check(
		rule{in(m.By, "", "region", "country"), at + ".by", fmt.Sprintf("found %q", m.By), "region, country"},
		rule{m.Per >= 0, at + ".per", "is below 0", "people, such as 10000000"},
		rule{m.By != "region" || s.Regions != nil, at + ".by", "the study has no regions", "a regions section"})
}

// Acting is that of [Params].
func (*DensityMeasure) Acting(Measure) []Acting {
	return []Acting{{Name: "range", Value: fmt.Sprintf("%g to %g per 10 million", access.DensityLow, access.DensityHigh)}}
}

// GapsMeasure asks where there is nothing.
type GapsMeasure struct {
	BeyondMin float64 `yaml:"beyond_min" doc:"people farther than these minutes are beyond reach; 120 if left out"`
}

// Validate is that of [Params].
func (m *GapsMeasure) Validate(s *Spec, _ Measure, at string) error {
	return check(
		rule{m.BeyondMin >= 0, at + ".beyond_min", "is below 0", "minutes"},
		rule{s.Regions != nil, at, "the study has no regions", "a regions section"})
}

// Acting is that of [Params].
func (m *GapsMeasure) Acting(Measure) []Acting {
	return []Acting{{Name: "beyond_min", Value: fmt.Sprint(m.limit()), Given: m.BeyondMin > 0}}
}

// limit is the minutes that are beyond reach.
func (m *GapsMeasure) limit() float64 {
	if m != nil && m.BeyondMin > 0 {
		return m.BeyondMin
	}
	return 120
}

// beyond is the limit of the study.
func (in *inputs) beyond() float64 { return Asked[*GapsMeasure](in.spec.Measures).limit() }

// presentRegions counts centers by region and country, says what is known of
// those without, and gathers the figures of the places by region.
func (r *run) presentRegions(ctx context.Context) error {
	if density := Asked[*DensityMeasure](r.spec.Measures); density != nil {
		if err := r.presentDensity(*density); err != nil {
			return err
		}
	}
	if r.regions == nil {
		return nil
	}
	g := r.gather(r.base, r.sites)
	listed, notes, err := r.gapList(ctx)
	if err != nil {
		return err
	}
	if r.gaps, err = r.gapsOf(g, listed); err != nil {
		return err
	}
	if r.spec.Measures.Has("gaps") {
		r.presentGaps(g, r.gaps)
	}
	var sh sheet
	r.regionColumns(&sh, r.base, g, r.gaps, notes)
	if s := r.result.Summary.Density; s != nil && Asked[*DensityMeasure](r.spec.Measures).By != "country" {
		s.ByRegion = byRegion(sh.values("per_10m"), g.people, float64(s.Per)/10_000_000)
	}
	if err := r.addLayer(r.regionLayer("", sh)); err != nil {
		return err
	}
	return r.presentScenarioRegions(listed, notes)
}

// gapsOf says of each region whether it has a center and, if not, what the list
// says of that.
func (r *run) gapsOf(g *gathered, listed []string) ([]access.Gap, error) {
	status := make([]access.Gap, r.regions.Len())
	for i := range status {
		var ok bool
		if status[i], ok = access.GapOf(int(g.campuses[i]), listed[i], r.spec.Sites.Complete); !ok {
			return nil, fmt.Errorf("regions: %s: the gap list says %q; accepted: %v", r.regions.ID(i), listed[i], access.GapWords())
		}
	}
	return status, nil
}

// presentDensity counts by country, and lists centers close to each other.
func (r *run) presentDensity(d DensityMeasure) error {
	per := d.Per
	if per == 0 {
		per = 10_000_000
	}
	s := &DensitySummary{Per: Num(per), Published: [2]Num{access.DensityLow, access.DensityHigh}}
	if r.regions != nil {
		s.Regions = r.regions.Len()
	}
	people := map[string]float64{}
	for i, c := range r.country {
		people[c] += r.people[i]
	}
	of := map[string][]center{}
	for _, x := range r.located() {
		of[x.country] = append(of[x.country], x)
	}
	var lists []string
	for _, c := range sorted(people) {
		n := r.count(of[c])
		if c == "" {
			n = r.count(r.sites)
		}
		v, err := access.PerPeople(n.Campuses, people[c], per)
		if err != nil {
			r.note("centers.no_density", "country", c, "why", err.Error())
			continue
		}
		list := ""
		if r.world.Completeness != nil {
			list = r.world.Completeness(r.spec.Sites.Layer, c)
		}
		if list != "" {
			lists = append(lists, c+": "+list)
		}
		s.Countries = append(s.Countries, DensityCountry{List: list, Country: c, Population: Num(people[c]), Campuses: n.Campuses, Rows: n.Rows,
			PerPeople: Num(v), Position: position(v * 10_000_000 / per)})
	}
	if len(lists) > 0 {
		r.note("centers.lists", "lists", lists)
	}
	campus := campuses(r.sites)
	var open []center
	var on []int // the campus of each
	for i, x := range r.sites {
		if x.has("infuse") && !x.city {
			open, on = append(open, x), append(on, campus[i])
		}
	}
	var a, b, an, bn []string
	var km []float64
	var same []float64
	l := make([]geo.Metres, 0)
	access.Pairs(points(open), coLocated, func(i, j int, dist geo.Metres) {
		l = append(l, dist)
		a, b, an, bn = append(a, open[i].ID), append(b, open[j].ID), append(an, open[i].name), append(bn, open[j].name)
		km = append(km, dist.Kilometres())
		same = append(same, float64(b2i(on[i] == on[j])))
	})
	s.CoLocated = len(l)
	r.result.Summary.Density = s
	var sh sheet
	sh.text("site_id", "Center", a)
	sh.text("name", "Name", an)
	sh.text("other_id", "Center close by", b)
	sh.text("other_name", "Name", bn)
	sh.number("geodesic_km", "Straight line", "km", km)
	sh.flag("one_campus", "Counted as one", same)
	return r.addTable(geo.NewTable(geo.About{Name: "colocated", Title: "Centers within 5 km of each other"}, nil, sh.columns...))
}

// located are the sites with a country each: one that names none stands in that
// of the nearest place.
func (r *run) located() []center {
	out := slices.Clone(r.sites)
	borrowed := 0
	for i := range out {
		if out[i].country != "" || !out[i].Located || r.places.IsTable() {
			continue
		}
		for p := range r.places.Nearest(out[i].At) {
			out[i].country = r.country[p]
			break
		}
		borrowed += b2i(out[i].country != "")
	}
	if borrowed > 0 {
		r.note("centers.borrowed", "n", borrowed)
	}
	return out
}

// coLocated is how close two centers are to be called a cluster.
const coLocated geo.Metres = 5000

func position(per10m float64) string {
	switch {
	case per10m == 0:
		return "none in the list"
	case per10m < access.DensityLow:
		return "below the published range"
	case per10m > access.DensityHigh:
		return "above the published range"
	}
	return "within the published range"
}

// gathered are figures of the places and sites by region.
type gathered struct {
	people, rows, campuses, beyond, sea, unreached []float64
	member                                         [][]int // places of each region
}

func (r *run) gather(t *trips, open []center) *gathered {
	n := r.regions.Len()
	g := &gathered{people: make([]float64, n), rows: make([]float64, n), campuses: make([]float64, n),
		beyond: make([]float64, n), sea: make([]float64, n), unreached: make([]float64, n), member: make([][]int, n)}
	limit := r.beyond()
	for i, row := range r.region {
		if row < 0 {
			continue
		}
		g.member[row] = append(g.member[row], i)
		w := r.people[i]
		g.people[row] += w
		m := t.minutes[i]
		switch {
		case math.IsNaN(m) && t.sea[i]:
			g.sea[row] += w
		case math.IsNaN(m):
			g.unreached[row] += w
		}
		if !(m <= limit) {
			g.beyond[row] += w
		}
	}
	of := map[int][]center{}
	for _, s := range open {
		if s.region >= 0 {
			of[s.region] = append(of[s.region], s)
		}
	}
	for row, sites := range of {
		c := r.count(sites)
		g.rows[row], g.campuses[row] = float64(c.Rows), float64(c.Campuses)
	}
	return g
}

// gapList is what a list says of each region: from a layer that the spec names,
// else from the field gap_status of the regions.
func (r *run) gapList(ctx context.Context) (listed, notes []string, err error) {
	n := r.regions.Len()
	listed, notes = make([]string, n), make([]string, n)
	copyOf := func(field string, to []string) {
		if c, ok := r.regions.Column(field); ok {
			for i := range to {
				to[i] = c.Text(i)
			}
		}
	}
	g := r.spec.Regions.Gaps
	if g == nil {
		copyOf("gap_status", listed)
		copyOf("gap_note", notes)
		return listed, notes, nil
	}
	l, err := r.layer(ctx, "regions.gaps", g.Layer, g.Where)
	if err != nil {
		return nil, nil, err
	}
	on := g.Join
	if on.Place == "" {
		on = r.spec.Regions.Join
	}
	theirs, err := l.Texts(on.Place)
	if err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.join: %w", err)
	}
	words, err := l.Texts(g.Column)
	if err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.column: %w", err)
	}
	comment, _ := firstColumn(l, "comment", "note", "gap_note")
	keys, err := r.regions.Texts(on.Region)
	if err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.join: %w", err)
	}
	m := geo.Meet(fmt.Sprintf("%s of layer %s as %s of layer %s", on.Place, l.Name, on.Region, r.regions.Name), theirs, keys)
	if err := r.met(m); err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.join: %w", err)
	}
	if m.Lost > 0 {
		r.note("join", "text", m.String())
	}
	row := map[string]int{}
	for i, k := range keys {
		row[strings.TrimSpace(k)] = i
	}
	for i, k := range theirs {
		if at, ok := row[strings.TrimSpace(k)]; ok {
			listed[at] = words[i]
			if comment.Len() > 0 {
				notes[at] = comment.Text(i)
			}
		}
	}
	return listed, notes, nil
}

func (r *run) presentGaps(g *gathered, status []access.Gap) {
	s := &GapsSummary{BeyondMin: Num(r.beyond()), Regions: len(status), Count: map[string]int{}, Names: map[string][]string{}}
	for i, st := range status {
		s.Count[string(st)]++
		if st != access.HasCenter {
			s.Names[string(st)] = append(s.Names[string(st)], r.regionName[i])
		}
		if st == access.NoCenter {
			s.People += Num(g.people[i])
		}
	}
	for _, names := range s.Names {
		sort.Strings(names)
	}
	limit := r.beyond()
	var beyond, without float64
	for i, m := range r.base.minutes {
		if !(m <= limit) {
			beyond += r.people[i]
		}
		if math.IsNaN(m) {
			without += r.people[i]
		}
	}
	s.PeopleBeyond, s.ShareBeyond, s.WithoutTime = Num(beyond), Num(beyond/r.total), Num(without)
	var overstated float64
	for i, st := range status {
		if st == access.Stated || st == access.Incomplete {
			overstated += g.people[i]
		}
	}
	if overstated > 0 {
		r.note("centers.overstated", "people", overstated)
	}
	if n := s.Count[string(access.Unknown)]; n > 0 {
		r.note("centers.unknown", "n", n)
	}
	if n := s.Count[string(access.Incomplete)]; n > 0 {
		r.note("centers.incomplete", "n", n)
	}
	if one := r.onlyCountry(); one != "" {
		if e, ok := access.Lookup("gaps." + one); ok {
			// Only where the study's regions are those that the figure counts.
			if strings.HasPrefix(e.Unit, fmt.Sprintf("%d ", len(status))) {
				s.Published = fmt.Sprintf("%g of %s (%s)", e.Value, e.Unit, e.Source)
			}
		}
	}
	r.result.Summary.Gaps = s
}

// onlyCountry is the country of all places, "" if there are several.
func (in *inputs) onlyCountry() string {
	for _, c := range in.country {
		if c != in.country[0] {
			return ""
		}
	}
	return in.country[0]
}

// regionColumns are the figures of the regions with the trips that people make,
// now or in a scenario; the likelihoods are those that the baseline gives.
func (r *run) regionColumns(sh *sheet, t *trips, g *gathered, status []access.Gap, notes []string) {
	n := r.regions.Len()
	col := func() []float64 { return nans(n) }
	per10m, meanGeo, meanKm, meanMin, medMin, p90Min, shareBeyond := col(), col(), col(), col(), col(), col(), col()
	words := make([]string, n)
	pick := func(v []float64, rows []int) []float64 {
		out := make([]float64, len(rows))
		for k, i := range rows {
			out[k] = v[i]
		}
		return out
	}
	for i := range n {
		words[i] = string(status[i])
		if g.people[i] > 0 {
			per10m[i], _ = access.PerPeople(int(g.campuses[i]), g.people[i], 10_000_000)
			shareBeyond[i] = g.beyond[i] / g.people[i]
		}
		w := pick(r.people, g.member[i])
		meanGeo[i] = access.NewWeighted(pick(t.straight, g.member[i]), w).Mean()
		meanKm[i] = access.NewWeighted(pick(t.km, g.member[i]), w).Mean()
		q := access.NewWeighted(pick(t.minutes, g.member[i]), w).Stats()
		meanMin[i], medMin[i], p90Min[i] = q.Mean, q.Median, q.P90
	}
	sh.text("name", "Region", r.regionName)
	sh.carried(r.regions, "country", "region_code", r.spec.Regions.Join.Region)
	sh.people("population", "People", g.people)
	sh.count("centers", "Centers that infuse, by campus", g.campuses)
	sh.count("rows", "Centers that infuse, by row", g.rows)
	if d := Asked[*DensityMeasure](r.spec.Measures); d == nil || d.By != "country" {
		sh.modelled("per_10m", "Centers per 10 million people", "per 10 million", "density.range", per10m)
	}
	sh.text("gap", "What the list says of a region without a center", words)
	sh.text("gap_note", "Source of that", notes)
	sh.number("mean_geodesic_km", "Straight line to the nearest center, mean", "km", meanGeo)
	sh.number("mean_distance_km", "Way to the nearest center, mean", "km", meanKm)
	sh.number("mean_time_min", "Time to the nearest center, mean", "min", meanMin)
	sh.number("median_time_min", "Time, median", "min", medMin)
	sh.number("p90_time_min", "Time, 90th percentile", "min", p90Min)
	sh.people("people_beyond", fmt.Sprintf("People not within %g minutes, those without a time included", r.beyond()), g.beyond)
	sh.number("share_beyond", fmt.Sprintf("Share of people not within %g minutes, those without a time included", r.beyond()), "", shareBeyond)
	sh.people("people_sea", "People without a time: across water", g.sea)
	sh.people("people_unreached", "People without a time: other reasons", g.unreached)
	if m := r.model; m != nil {
		eligible := make([]float64, n)
		for i := range n {
			for _, p := range g.member[i] {
				eligible[i] += m.eligible[p]
			}
		}
		for _, c := range m.curves {
			treated, foregone := r.patientsByRegion(c, c.likelihoods(t.minutes), 1)
			b := string(c.Beyond)
			sh.modelled("treated_"+b, "Expected treated patients, beyond four hours: "+b, "patients a year", "penalty.effect", blank(treated, r.hidden.regions))
			sh.modelled("foregone_"+b, "Treatments lost to distance against the mean of those within 30 minutes (below 0: nearer than that), beyond four hours: "+b, "patients a year", "penalty.effect", blank(foregone, r.hidden.regions))
		}
		if r.spec.Privacy != nil {
			sh.text("withheld", "What is withheld", r.withheldWords(r.hidden.regions))
		}
		sh.modelled("eligible", "Eligible patients", "patients a year", "demand.eligible_per_100k", blank(eligible, r.hidden.regions))
	}
}

// patientsByRegion are those treated and those whom distance keeps from it, given
// likelihoods of the places and so many times the eligible: of the people who have
// a likelihood. Where nobody has one there is no value: a sum over nobody is no zero.
func (r *run) patientsByRegion(c curve, likelihood []float64, rate float64) (treated, foregone []float64) {
	treated, foregone = nans(r.regions.Len()), nans(r.regions.Len())
	for i, row := range r.region {
		l := likelihood[i]
		if row < 0 || math.IsNaN(l) || !(r.people[i]+r.model.eligible[i] > 0) {
			continue
		}
		if math.IsNaN(treated[row]) {
			treated[row], foregone[row] = 0, 0
		}
		treated[row] += rate * r.model.eligible[i] * l
		foregone[row] += rate * r.model.eligible[i] * (c.p0 - l)
	}
	return treated, foregone
}

// byRegion are the lowest, median and highest density of the regions, and their
// mean over people, by so many times ten million.
func byRegion(per10m, people []float64, times float64) *RegionDensity {
	q := access.NewWeighted(per10m, ones(len(per10m))).Quantiles(0, 0.5, 1)
	return &RegionDensity{Num(q[0] * times), Num(q[1] * times), Num(q[2] * times), Num(access.NewWeighted(per10m, people).Mean() * times)}
}

// regionLayer is the layer of regions, now or in the scenario of a name.
func (r *run) regionLayer(scenario string, sh sheet) (*geo.Layer, error) {
	n := r.regions.Len()
	ids := make([]string, n)
	shapes := make([]geoShape, n)
	for i := range n {
		ids[i], shapes[i] = r.regions.ID(i), r.regions.Shape(i)
	}
	about := geo.About{Name: "regions", Title: r.spec.Name + ": regions", Attribution: r.regions.Attribution, Licence: r.regions.Licence}
	if scenario != "" {
		about.Name, about.Title = "regions_"+scenario, r.spec.Name+": regions in scenario "+scenario
	}
	if r.regions.IsTable() {
		return geo.NewTable(about, ids, sh.columns...)
	}
	return geo.NewLayer(about, ids, shapes, sh.columns...)
}
