package study

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

// DensityMeasure asks for centers by population.
type DensityMeasure struct {
	By  string  `yaml:"by" doc:"region, with the countries that they add up to (if left out), or country alone"`
	Per float64 `yaml:"per" default:"10000000" doc:"people"`
}

// Validate is that of [Params].
func (m *DensityMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(
		spec.That(spec.In(m.By, "", "region", "country"), at+".by", fmt.Sprintf("found %q", m.By), "region, country"),
		spec.That(m.Per >= 0, at+".per", "is below 0", "people, such as 10000000"),
		spec.That(m.By != "region" || s.Regions != nil, at+".by", "the study has no regions", "a regions section"))
}

// Acting is that of [Params].
func (*DensityMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "range", Value: fmt.Sprintf("%g to %g per 10 million", access.DensityLow, access.DensityHigh)}}
}

// GapsMeasure asks where there is nothing.
type GapsMeasure struct {
	BeyondMin float64 `yaml:"beyond_min" default:"120" doc:"people farther than these minutes are beyond reach"`
}

// Validate is that of [Params].
func (m *GapsMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(
		spec.That(m.BeyondMin >= 0, at+".beyond_min", "is below 0", "minutes"),
		spec.That(s.Regions != nil, at, "the study has no regions", "a regions section"))
}

// Acting is that of [Params].
func (m *GapsMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "beyond_min", Value: fmt.Sprint(m.limit()), Given: m.BeyondMin > 0}}
}

// limit is the minutes that are beyond reach.
func (m *GapsMeasure) limit() float64 {
	if m == nil {
		m = &GapsMeasure{}
	}
	return spec.Filled(*m).BeyondMin
}

// beyond is the limit of the study.
func (r *run) beyond() float64 { return spec.Asked[*GapsMeasure](r.Spec.Measures).limit() }

// presentRegions counts centers by region and country, says what is known of
// those without, and gathers the figures of the places by region.
func (r *run) presentRegions(ctx context.Context) error {
	if density := spec.Asked[*DensityMeasure](r.Spec.Measures); density != nil {
		if err := r.presentDensity(*density); err != nil {
			return err
		}
	}
	if r.Regions == nil {
		return nil
	}
	g := r.gather(r.base, r.Sites)
	listed, notes, err := r.gapList(ctx)
	if err != nil {
		return err
	}
	if r.gaps, err = r.gapsOf(g, listed); err != nil {
		return err
	}
	if r.Spec.Measures.Has("gaps") {
		r.presentGaps(g, r.gaps)
	}
	var sh sheet
	r.regionColumns(&sh, r.base, g, r.gaps, notes)
	if s := r.result.Summary.Density; s != nil && spec.Asked[*DensityMeasure](r.Spec.Measures).By != "country" {
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
	status := make([]access.Gap, r.Regions.Len())
	for i := range status {
		var ok bool
		if status[i], ok = access.GapOf(int(g.campuses[i]), listed[i], r.Spec.Sites.Complete); !ok {
			return nil, fmt.Errorf("regions: %s: the gap list says %q; accepted: %v", r.Regions.ID(i), listed[i], access.GapWords())
		}
	}
	return status, nil
}

// presentDensity counts by country, and lists centers close to each other.
func (r *run) presentDensity(d DensityMeasure) error {
	per := spec.Filled(d).Per
	s := &DensitySummary{Per: Num(per), Published: [2]Num{access.DensityLow, access.DensityHigh}}
	if r.Regions != nil {
		s.Regions = r.Regions.Len()
	}
	r.densityByCountry(s, per)
	r.result.Summary.Density = s
	return r.presentCoLocated(s)
}

// densityByCountry counts the centers of each country against its people.
func (r *run) densityByCountry(s *DensitySummary, per float64) {
	people := map[string]float64{}
	for i, c := range r.Country {
		people[c] += r.People[i]
	}
	of := map[string][]ground.Center{}
	for _, x := range r.located() {
		of[x.Country] = append(of[x.Country], x)
	}
	var lists []string
	for _, c := range slices.Sorted(maps.Keys(people)) {
		n := r.Count(of[c])
		if c == "" {
			n = r.Count(r.Sites)
		}
		v, err := access.PerPeople(n.Campuses, people[c], per)
		if err != nil {
			r.Note("centers.no_density", "country", c, "why", err.Error())
			continue
		}
		list := ""
		if r.World.Completeness != nil {
			list = r.World.Completeness(r.Spec.Sites.Layer, c)
		}
		if list != "" {
			lists = append(lists, c+": "+list)
		}
		s.Countries = append(s.Countries, DensityCountry{
			List: list, Country: c, Population: Num(people[c]),
			Campuses: n.Campuses, Rows: n.Rows,
			PerPeople: Num(v), Position: position(v * 10_000_000 / per),
		})
	}
	if len(lists) > 0 {
		r.Note("centers.lists", "lists", lists)
	}
}

// presentCoLocated lists centers close to each other.
func (r *run) presentCoLocated(s *DensitySummary) error {
	campus := ground.Campuses(r.Sites)
	var open []ground.Center
	var on []int // the campus of each
	for i, x := range r.Sites {
		if x.Has("infuse") && !x.City {
			open, on = append(open, x), append(on, campus[i])
		}
	}
	var a, b, an, bn []string
	var km []float64
	var same []float64
	l := make([]geo.Metres, 0)
	access.Pairs(ground.Points(open), coLocated, func(i, j int, dist geo.Metres) {
		l = append(l, dist)
		a, b, an, bn = append(a, open[i].ID), append(b, open[j].ID), append(an, open[i].Name), append(bn, open[j].Name)
		km = append(km, dist.Kilometres())
		same = append(same, float64(ground.Bit(on[i] == on[j])))
	})
	s.CoLocated = len(l)
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
func (r *run) located() []ground.Center {
	out := slices.Clone(r.Sites)
	borrowed := 0
	for i := range out {
		if out[i].Country != "" || !out[i].Located || r.Places.IsTable() {
			continue
		}
		for p := range r.Places.Nearest(out[i].At) {
			out[i].Country = r.Country[p]
			break
		}
		borrowed += ground.Bit(out[i].Country != "")
	}
	if borrowed > 0 {
		r.Note("centers.borrowed", "n", borrowed)
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

func (r *run) gather(t *ground.Trips, open []ground.Center) *gathered {
	n := r.Regions.Len()
	g := &gathered{people: make([]float64, n), rows: make([]float64, n), campuses: make([]float64, n),
		beyond: make([]float64, n), sea: make([]float64, n), unreached: make([]float64, n), member: make([][]int, n)}
	limit := r.beyond()
	for i, row := range r.Region {
		if row < 0 {
			continue
		}
		g.member[row] = append(g.member[row], i)
		w := r.People[i]
		g.people[row] += w
		m := t.Minutes[i]
		switch {
		case math.IsNaN(m) && t.Sea[i]:
			g.sea[row] += w
		case math.IsNaN(m):
			g.unreached[row] += w
		}
		if !(m <= limit) {
			g.beyond[row] += w
		}
	}
	of := map[int][]ground.Center{}
	for _, s := range open {
		if s.Region >= 0 {
			of[s.Region] = append(of[s.Region], s)
		}
	}
	for row, sites := range of {
		c := r.Count(sites)
		g.rows[row], g.campuses[row] = float64(c.Rows), float64(c.Campuses)
	}
	return g
}

// gapList is what a list says of each region: from a layer that the spec names,
// else from the field gap_status of the regions.
func (r *run) gapList(ctx context.Context) (listed, notes []string, err error) {
	n := r.Regions.Len()
	listed, notes = make([]string, n), make([]string, n)
	copyOf := func(field string, to []string) {
		if c, ok := r.Regions.Column(field); ok {
			for i := range to {
				to[i] = c.Text(i)
			}
		}
	}
	g := r.Spec.Regions.Gaps
	if g == nil {
		copyOf("gap_status", listed)
		copyOf("gap_note", notes)
		return listed, notes, nil
	}
	l, err := r.Layer(ctx, "regions.gaps", g.Layer, g.Where)
	if err != nil {
		return nil, nil, err
	}
	on := g.Join
	if on.Place == "" {
		on = r.Spec.Regions.Join
	}
	theirs, err := l.Texts(on.Place)
	if err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.join: %w", err)
	}
	words, err := l.Texts(g.Column)
	if err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.column: %w", err)
	}
	comment, _ := ground.FirstColumn(l, "comment", "note", "gap_note")
	keys, err := r.Regions.Texts(on.Region)
	if err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.join: %w", err)
	}
	m := geo.Meet(fmt.Sprintf("%s of layer %s as %s of layer %s", on.Place, l.Name, on.Region, r.Regions.Name), theirs, keys)
	if err := r.Met(m); err != nil {
		return nil, nil, fmt.Errorf("regions.gaps.join: %w", err)
	}
	if m.Lost > 0 {
		r.Note("join", "text", m.String())
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
			s.Names[string(st)] = append(s.Names[string(st)], r.RegionName[i])
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
	for i, m := range r.base.Minutes {
		if !(m <= limit) {
			beyond += r.People[i]
		}
		if math.IsNaN(m) {
			without += r.People[i]
		}
	}
	s.PeopleBeyond, s.ShareBeyond, s.WithoutTime = Num(beyond), Num(beyond/r.Total), Num(without)
	var overstated float64
	for i, st := range status {
		if st == access.Stated || st == access.Incomplete {
			overstated += g.people[i]
		}
	}
	if overstated > 0 {
		r.Note("centers.overstated", "people", overstated)
	}
	if n := s.Count[string(access.Unknown)]; n > 0 {
		r.Note("centers.unknown", "n", n)
	}
	if n := s.Count[string(access.Incomplete)]; n > 0 {
		r.Note("centers.incomplete", "n", n)
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
func (r *run) onlyCountry() string {
	for _, c := range r.Country {
		if c != r.Country[0] {
			return ""
		}
	}
	return r.Country[0]
}

// regionColumns are the figures of the regions with the trips that people make,
// now or in a scenario; the likelihoods are those that the baseline gives.
func (r *run) regionColumns(sh *sheet, t *ground.Trips, g *gathered, status []access.Gap, notes []string) {
	n := r.Regions.Len()
	col := func() []float64 { return ground.NaNs(n) }
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
		w := pick(r.People, g.member[i])
		meanGeo[i] = access.NewWeighted(pick(t.Straight, g.member[i]), w).Mean()
		meanKm[i] = access.NewWeighted(pick(t.Km, g.member[i]), w).Mean()
		q := access.NewWeighted(pick(t.Minutes, g.member[i]), w).Stats()
		meanMin[i], medMin[i], p90Min[i] = q.Mean, q.Median, q.P90
	}
	sh.text("name", "Region", r.RegionName)
	sh.carried(r.Regions, "country", "region_code", r.Spec.Regions.Join.Region)
	sh.people("population", "People", g.people)
	sh.count("centers", "Centers that infuse, by campus", g.campuses)
	sh.count("rows", "Centers that infuse, by row", g.rows)
	if d := spec.Asked[*DensityMeasure](r.Spec.Measures); d == nil || d.By != "country" {
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
		r.patientColumns(sh, m, t, g)
	}
}

// patientColumns are the patients of each region, and what distance does to them.
func (r *run) patientColumns(sh *sheet, m *ground.Model, t *ground.Trips, g *gathered) {
	n := r.Regions.Len()
	eligible := make([]float64, n)
	for i := range n {
		for _, p := range g.member[i] {
			eligible[i] += m.Eligible[p]
		}
	}
	for _, c := range m.Curves {
		treated, foregone := r.patientsByRegion(c, c.Likelihoods(t.Minutes), 1)
		b := string(c.Beyond)
		sh.modelled("treated_"+b, "Expected treated patients, beyond four hours: "+b, "patients a year", "penalty.effect", blank(treated, r.hidden.regions))
		sh.modelled("foregone_"+b,
			"Treatments lost to distance against the mean of those within 30 minutes (below 0: nearer than that), beyond four hours: "+b,
			"patients a year", "penalty.effect", blank(foregone, r.hidden.regions))
	}
	if r.Spec.Privacy != nil {
		sh.text("withheld", "What is withheld", r.withheldWords(r.hidden.regions))
	}
	sh.modelled("eligible", "Eligible patients", "patients a year", "demand.eligible_per_100k", blank(eligible, r.hidden.regions))
}

// patientsByRegion are those treated and those whom distance keeps from it, given
// likelihoods of the places and so many times the eligible: of the people who have
// a likelihood. Where nobody has one there is no value: a sum over nobody is no zero.
func (r *run) patientsByRegion(c ground.Curve, likelihood []float64, rate float64) (treated, foregone []float64) {
	treated, foregone = ground.NaNs(r.Regions.Len()), ground.NaNs(r.Regions.Len())
	for i, row := range r.Region {
		l := likelihood[i]
		if row < 0 || math.IsNaN(l) || !(r.People[i]+r.model.Eligible[i] > 0) {
			continue
		}
		if math.IsNaN(treated[row]) {
			treated[row], foregone[row] = 0, 0
		}
		treated[row] += rate * r.model.Eligible[i] * l
		foregone[row] += rate * r.model.Eligible[i] * (c.P0 - l)
	}
	return treated, foregone
}

// byRegion are the lowest, median and highest density of the regions, and their
// mean over people, by so many times ten million.
func byRegion(per10m, people []float64, times float64) *RegionDensity {
	q := access.NewWeighted(per10m, ground.Ones(len(per10m))).Quantiles(0, 0.5, 1)
	return &RegionDensity{Num(q[0] * times), Num(q[1] * times), Num(q[2] * times), Num(access.NewWeighted(per10m, people).Mean() * times)}
}

// regionLayer is the layer of regions, now or in the scenario of a name.
func (r *run) regionLayer(scenario string, sh sheet) (*geo.Layer, error) {
	n := r.Regions.Len()
	ids := make([]string, n)
	shapes := make([]geoShape, n)
	for i := range n {
		ids[i], shapes[i] = r.Regions.ID(i), r.Regions.Shape(i)
	}
	about := geo.About{Name: "regions", Title: r.Spec.Name + ": regions", Attribution: r.Regions.Attribution, Licence: r.Regions.Licence}
	if scenario != "" {
		about.Name, about.Title = "regions_"+scenario, r.Spec.Name+": regions in scenario "+scenario
	}
	if r.Regions.IsTable() {
		return geo.NewTable(about, ids, sh.columns...)
	}
	return geo.NewLayer(about, ids, shapes, sh.columns...)
}
