package measure

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// TravelMeasure asks for the way to the nearest sites.
type TravelMeasure struct {
	K             int       `yaml:"k" most:"nearest" default:"1" doc:"how many of the nearest sites"`
	IsochronesMin []float64 `yaml:"isochrones_min" most:"isochrones" doc:"engine road: also the areas within so many minutes of a center, as a layer"`
	BandsMin      []float64 `yaml:"bands_min" most:"bands" doc:"minutes within which people are counted; 30, 60, 90, 120, 180, 240 if left out"`
	BandsKm       []float64 `yaml:"bands_km" most:"bands" doc:"kilometres of way within which people are counted; none if left out"`
}

// Validate is that of [Params].
func (m *TravelMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	beyond := func(v float64) bool { return !(v > 0 && v <= 1440) }
	if err := spec.Check(
		spec.That(m.K >= 0, at+".k", fmt.Sprintf("found %d", m.K), "1 or more"),
		spec.That(!slices.ContainsFunc(m.IsochronesMin, beyond), at+".isochrones_min", "does not fit",
			"numbers of minutes, above 0 and up to 1440"),
	); err != nil {
		return err
	}
	for _, of := range []struct {
		name, unit string
		limits     []float64
	}{{".bands_min", "minutes", m.BandsMin}, {".bands_km", "kilometres", m.BandsKm}} {
		for _, b := range of.limits {
			if !(b > 0) {
				return &spec.SpecError{Field: at + of.name, Problem: fmt.Sprintf("found %v", b), Accept: of.unit + " above 0"}
			}
		}
	}
	return nil
}

// Acting is that of [Params].
func (m *TravelMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "k", Value: fmt.Sprint(max(1, m.K)), Given: m.K > 0},
		{Name: "bands_min", Value: fmt.Sprint(m.bands()), Given: len(m.BandsMin) > 0}}
}

// bands are the minutes that people are counted within.
func (m *TravelMeasure) bands() []float64 {
	if m != nil && len(m.BandsMin) > 0 {
		return m.BandsMin
	}
	return []float64{30, 60, 90, 120, 180, 240}
}

// bandLimits are those of a study.
func bandLimits(s *finding.Study) []float64 {
	return spec.Asked[*TravelMeasure](s.Spec.Measures).bands()
}

// Travelled is how people get to the centers.
type Travelled struct{ *finding.Study }

// FindWays sends everybody to the nearest center.
func FindWays(ctx context.Context, s *finding.Study) (_ finding.Finding, err error) {
	k := 1
	if m := spec.Asked[*TravelMeasure](s.Spec.Measures); m != nil && m.K > 0 {
		k = m.K
	}
	if len(ground.Goals(s.Sites)) == 0 && s.Spec.Sites.Layer != "" {
		return nil, fmt.Errorf("sites: no site of layer %s infuses", s.Spec.Sites.Layer)
	}
	if s.Ways, err = s.Trips(ctx, s.Sites, k); err != nil {
		return nil, err
	}
	if s.Spec.Uncertainty != nil || s.Spec.Areal != nil {
		s.Ways.Timed = access.NewWeighted(s.Ways.Minutes, s.People)
	}
	r := &Travelled{s}
	return r, r.unsureSites(ctx)
}

func (r *Travelled) seaPeople() float64 {
	var sea float64
	for i, s := range r.Ways.Sea {
		if s {
			sea += r.People[i]
		}
	}
	return sea
}

// Tell is that of [Finding].
func (r *Travelled) Tell(context.Context) error {
	r.warn()
	if !r.Spec.Measures.Has("travel") {
		return nil
	}
	t := &finding.TravelSummary{Engine: r.Engine.About(), Borders: r.Borders(), Sea: finding.Num(r.seaPeople()), WithoutTime: map[string]finding.Num{},
		GeodesicKm: finding.StatsOf(r.Ways.Straight, r.People), DistanceKm: finding.StatsOf(r.Ways.Km,
			r.People), TimeMin: finding.StatsOf(r.Ways.Minutes, r.People)}
	for reason, people := range r.Ways.Without(r.People) {
		t.WithoutTime[reason] = finding.Num(people)
	}
	sh := finding.Sheet{Of: "bands"}
	var minutes, people, share []float64
	for _, b := range access.Bands(r.Ways.Minutes, r.People, bandLimits(r.Study)) {
		t.Bands = append(t.Bands, finding.Band{Minutes: finding.Num(b.Minutes), People: finding.Num(b.People), Share: finding.Num(b.Share)})
		minutes, people, share = append(minutes, b.Minutes), append(people, b.People), append(share, b.Share)
	}
	r.Result.Summary.Travel = t
	sh.Number("minutes", minutes)
	sh.People("people", people)
	sh.Number("share", share)
	if err := r.AddTable(sh.Table()); err != nil {
		return err
	}
	return r.kilometres(t)
}

// kilometres counts people within kilometres of way, where the study asks for it.
func (r *Travelled) kilometres(t *finding.TravelSummary) error {
	limits := spec.Asked[*TravelMeasure](r.Spec.Measures).BandsKm
	if len(limits) == 0 {
		return nil
	}
	sh := finding.Sheet{Of: "bands_km"}
	var km, people, share []float64
	for _, b := range access.Bands(r.Ways.Km, r.People, limits) {
		t.BandsKm = append(t.BandsKm, finding.BandKm{Km: finding.Num(b.Minutes), People: finding.Num(b.People), Share: finding.Num(b.Share)})
		km, people, share = append(km, b.Minutes), append(people, b.People), append(share, b.Share)
	}
	sh.Number("km", km)
	sh.People("people", people)
	sh.Number("share", share)
	return r.AddTable(sh.Table())
}

// warn says whom the times leave out, for water.
func (r *Travelled) warn() {
	sea := r.seaPeople()
	if sea == 0 {
		return
	}
	if r.Crow != nil && r.Crow.Sea != nil {
		r.Note("sea.crossed", "people", sea, "share", 100*sea/r.Total)
		return
	}
	r.Note("sea.none", "people", sea, "share", 100*sea/r.Total)
	r.Note("sea.straight")
}

// unsureSites says for how many people a site of which it is not known whether it
// takes them would be nearer.
func (r *Travelled) unsureSites(ctx context.Context) error {
	unsure := append(slices.Clone(r.Doubtful), r.SilentSites()...)
	if len(unsure) == 0 {
		return nil
	}
	with, err := r.Quickest(ctx, unsure)
	if err != nil {
		return err
	}
	var people float64
	for i, t := range with {
		if t < r.Ways.Minutes[i] || math.IsNaN(r.Ways.Minutes[i]) && !math.IsNaN(t) {
			people += r.People[i]
		}
	}
	if people > 0 {
		r.Note("accepts.unsure", "people", people, "n", len(unsure))
	}
	return nil
}

// PlaceColumns are the ways to the nearest centers, or why there is none.
func (r *Travelled) PlaceColumns(sh *finding.Sheet) {
	n, t := r.Places.Len(), r.Ways
	site, status, reason := make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		if j := t.Site[i]; j >= 0 {
			site[i] = r.Sites[j].ID
		}
		status[i], reason[i] = t.Status(i), string(t.Reason[i])
	}
	sh.Text("site_id", site)
	sh.Number("geodesic_km", t.Straight)
	sh.Number("distance_km", t.Km)
	sh.Number("time_min", t.Minutes)
	if r.Off != nil {
		sh.Number("road_m", r.Off)
	}
	sh.Text("status", status)
	sh.Text("reason", reason)
	for k := 1; k < t.K; k++ {
		ids, min := make([]string, n), ground.NaNs(n)
		for i := range n {
			if l := t.Legs[i*t.K+k]; l.Site >= 0 {
				ids[i], min[i] = r.Sites[l.Site].ID, l.Time.Minutes()
			}
		}
		sh.Text("site_id_{k}", ids, "k", k+1)
		sh.Number("time_min_{k}", min, "k", k+1)
	}
}

// OfGroup is that of [OfGroups].
func (r *Travelled) OfGroup(g finding.Group, add func(metric string, value float64)) {
	var people, far float64
	for i, w := range g.Weight {
		people += w
		if !(r.Ways.Minutes[i] <= Beyond(r.Study)) {
			far += w
		}
	}
	add("people", people)
	add("mean_time_min", access.NewWeighted(r.Ways.Minutes, g.Weight).Mean())
	add("share_beyond", far/people)
}

// Draw has the headlines of the ways at the speed of a draw.
func (r *Travelled) Draw(_ context.Context, x finding.Draw, d *finding.Drawn) error {
	minutes, limit := atSpeed(r.Ways.Minutes, x.Speed), Beyond(r.Study)
	var all, far, timed float64
	for i, t := range minutes {
		if !math.IsNaN(t) {
			all += r.People[i] * t
			timed += r.People[i]
		}
		if !(t <= limit) {
			far += r.People[i]
		}
	}
	d.Add("mean_time_min", all/timed)
	d.Add("median_time_min", r.Ways.Timed.Quantile(0.5)/x.Speed)
	d.Add("p90_time_min", r.Ways.Timed.Quantile(0.9)/x.Speed)
	d.Add("share_beyond", far/r.Total)
	if x.ByRegion {
		d.Local = append(d.Local, finding.Regional{Name: "share_beyond", Value: r.beyondByRegion(minutes, limit)})
	}
	for _, band := range access.Bands(minutes, r.People, bandLimits(r.Study)) {
		d.Add(fmt.Sprintf("share_within_%g_min", band.Minutes), band.Share)
	}
	for _, o := range finding.Outcomes(r.Study) {
		d.Add("mean_time_min_"+o.Name, access.Mean(o.Ways.Minutes, r.People)/x.Speed)
	}
	return nil
}

// beyondByRegion is the share of each region's people beyond a limit.
func (r *Travelled) beyondByRegion(minutes []float64, limit float64) []float64 {
	beyond, people := make([]float64, r.Regions.Len()), make([]float64, r.Regions.Len())
	for i, row := range r.Region {
		if row < 0 {
			continue
		}
		people[row] += r.People[i]
		if !(minutes[i] <= limit) {
			beyond[row] += r.People[i]
		}
	}
	for row := range beyond {
		beyond[row] /= people[row]
	}
	return beyond
}

// atSpeed are minutes with every speed multiplied by speed.
func atSpeed(minutes []float64, speed float64) []float64 {
	if speed == 1 {
		return minutes
	}
	out := make([]float64, len(minutes))
	for i, t := range minutes {
		out[i] = t / speed
	}
	return out
}

// ByPlace is that of [Unequal].
func (r *Travelled) ByPlace() (string, []float64, [2]float64) {
	if !r.Spec.Measures.Has("travel") {
		return "", nil, unbounded
	}
	return "travel time", r.Ways.Minutes, unbounded
}

// Inequality is that of [Unequal]: the table has it.
func (*Travelled) Inequality([]finding.IndexSummary) {}

// Compare compares the times and distances of all, and the centers.
func (r *Travelled) Compare(_ context.Context, c *finding.Comparison, o *finding.Outcome, s *finding.ScenarioSummary) error {
	with := c.With
	a, b := finding.StatsOf(with.Ways.Minutes, r.People), finding.StatsOf(o.Ways.Minutes, r.People)
	s.MeanTimeMin = b.Mean
	s.MeanChange = b.Mean - a.Mean
	c.Add(o, "mean_time_min", float64(a.Mean), float64(b.Mean))
	c.Add(o, "median_time_min", float64(a.Median), float64(b.Median))
	c.Add(o, "p90_time_min", float64(a.P90), float64(b.P90))
	ka, kb := finding.StatsOf(with.Ways.Km, r.People), finding.StatsOf(o.Ways.Km, r.People)
	c.Add(o, "mean_distance_km", float64(ka.Mean), float64(kb.Mean))
	bands, other := access.Bands(with.Ways.Minutes, r.People, bandLimits(r.Study)), access.Bands(o.Ways.Minutes, r.People, bandLimits(r.Study))
	for i := range bands {
		c.Add(o, fmt.Sprintf("people_within_%g_min", bands[i].Minutes), bands[i].People, other[i].People)
	}
	ca, cb := r.Count(with.Sites), r.Count(o.Sites)
	c.Add(o, "campuses", float64(ca.Campuses), float64(cb.Campuses))
	r.countNearer(with, o, s)
	if s.NewlyTimed+s.NoLonger > 0 {
		r.compareThoseWithBoth(c, o, s)
	}
	return nil
}

// countNearer counts for whom the way is shorter, or longer, and who has one only
// before or after.
func (r *Travelled) countNearer(with, o *finding.Outcome, s *finding.ScenarioSummary) {
	for i, w := range r.People {
		x, y := with.Ways.Minutes[i], o.Ways.Minutes[i]
		switch {
		case math.IsNaN(x) && !math.IsNaN(y):
			s.NewlyTimed += finding.Num(w)
		case ground.More(x, y):
			s.PeopleNearer += finding.Num(w)
		case ground.More(y, x) || math.IsNaN(y) && !math.IsNaN(x):
			s.PeopleFarther += finding.Num(w)
			if math.IsNaN(y) {
				s.NoLonger += finding.Num(w)
			}
		}
	}
}

// compareThoseWithBoth compares the means of those who have a time before and
// after.
func (r *Travelled) compareThoseWithBoth(c *finding.Comparison, o *finding.Outcome, s *finding.ScenarioSummary) {
	with := c.With
	// Means of other people say nothing of a change: who loses a long way would
	// make it look shorter.
	x, y := finding.OfBoth(with.Ways.Minutes, o.Ways.Minutes)
	before, after := access.Mean(x, r.People), access.Mean(y, r.People)
	s.MeanChange = finding.Num(after - before)
	c.Add(o, "mean_time_min_of_those_with_both", before, after)
	var without, then float64
	for i, w := range r.People {
		if math.IsNaN(with.Ways.Minutes[i]) {
			without += w
		}
		if math.IsNaN(o.Ways.Minutes[i]) {
			then += w
		}
	}
	c.Add(o, "people_without_time", without, then)
}
