package measure

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// TransferMeasure asks how far people go who are treated in their own region, and how
// far those who go to another, stage by stage.
type TransferMeasure struct {
	MoreDays map[string]float64 `yaml:"more_days" doc:"STAGE: days more that a stage of attrition takes for who goes to another region, such as {apheresis: 2}"`
}

// Validate is that of [spec.Params].
func (m *TransferMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	if err := spec.Check(spec.That(s.Regions != nil, at, "there are no regions: nobody's own is known", "a study with a section regions")); err != nil {
		return err
	}
	days := map[string]float64{}
	if a := spec.Asked[*AttritionMeasure](s.Measures); a != nil {
		days = a.Days
	}
	for _, stage := range slices.Sorted(maps.Keys(m.MoreDays)) {
		_, known := days[stage]
		if more := m.MoreDays[stage]; !known || !(more >= 0) {
			return &spec.SpecError{Field: at + ".more_days." + stage, Problem: fmt.Sprintf("found %v", more),
				Accept: "days of 0 or more for a stage of the measure attrition: " + ground.Some(slices.Sorted(maps.Keys(days)), 12)}
		}
	}
	return nil
}

// Acting is that of [spec.Params].
func (*TransferMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// transfers is who goes to another region, and what that takes.
type transfers struct {
	*finding.Study
	of      *TransferMeasure
	nearest sided
	choice  *sided // nil without a choice that has an estimate
}

// sided are ways of people with the side that their center is on: one a place to the
// nearest, one a pair by choice.
type sided struct {
	by                   string
	place                []int
	people, minutes, way []float64 // NaN without a time; km, NaN where they are not known
	side                 []access.Side
}

// FindTransfers tells the sides apart, where the study asks for it.
func FindTransfers(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	m := spec.Asked[*TransferMeasure](s.Spec.Measures)
	if m == nil {
		return nil, nil
	}
	r := &transfers{Study: s, of: m}
	r.nearest = r.byNearest(s.Ways, s.Sites)
	c := finding.Of[*Chosen](s)
	if c == nil {
		return r, nil
	}
	w, err := r.byChoice(ctx, c)
	r.choice = &w
	return r, err
}

// side is where a site lies, seen from a place.
func (r *transfers) side(place int, s *ground.Center) access.Side {
	outside := false
	if s.Region < 0 && s.Located && !r.Regions.IsTable() {
		row, _ := r.Regions.Locate(s.At, ground.CoastReach)
		outside = row < 0 // else only its key is missing
	}
	return access.Aside(r.Region[place], s.Region, outside)
}

func (r *transfers) byNearest(t *ground.Trips, sites []ground.Center) sided {
	w := sided{by: "nearest", place: ground.All(len(r.People)), people: r.People, minutes: t.Minutes, way: t.Km, side: make([]access.Side, len(r.People))}
	for i, j := range t.Site {
		w.side[i] = access.NoCenterReached
		if !math.IsNaN(t.Minutes[i]) {
			w.side[i] = r.side(i, &sites[j])
		}
	}
	return w
}

// byChoice has a way for every pair, with the people who choose it, and one for those of
// a place who reach no center.
func (r *transfers) byChoice(ctx context.Context, c *Chosen) (sided, error) {
	w := sided{by: "choice"}
	m, err := r.Lengths(ctx, r.Sites, c.ways.open)
	if err != nil {
		return w, err
	}
	if m.Len() != c.ways.matrix.Len() {
		return w, fmt.Errorf("measures.transfer: %d ways with lengths, and %d that people choose from", m.Len(), c.ways.matrix.Len())
	}
	add := func(place int, people, minutes, km float64, side access.Side) {
		w.place, w.people, w.minutes = append(w.place, place), append(w.people, people), append(w.minutes, minutes)
		w.way, w.side = append(w.way, km), append(w.side, side)
	}
	for i, people := range r.People {
		if m.Start[i] == m.Start[i+1] {
			add(i, people, math.NaN(), math.NaN(), access.NoCenterReached)
		}
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			site := &r.Sites[c.ways.open[m.Site[leg]]]
			add(i, people*c.ways.share[leg], m.Time[leg].Minutes(), m.Length[leg].Kilometres(), r.side(i, site))
		}
	}
	return w, nil
}

// on are the people of the ways that lead to a side, 0 on the others.
func (w *sided) on(side access.Side) (people []float64, all float64) {
	people = make([]float64, len(w.people))
	for k, n := range w.people {
		if w.side[k] == side {
			people[k] = n
			all += n
		}
	}
	return people, all
}

// share is the share to another region of all who go to their own or to another.
func (w *sided) share() float64 {
	_, own := w.on(access.OwnRegion)
	_, another := w.on(access.AnotherRegion)
	return another / (own + another)
}

// Tell is that of [finding.Finding].
func (r *transfers) Tell(context.Context) error {
	days, err := r.days()
	if err != nil {
		return err
	}
	s := &finding.TransferSummary{}
	for _, w := range []*sided{&r.nearest, r.choice} {
		if w != nil {
			s.Rows = append(s.Rows, r.rows(w, days)...)
		}
	}
	s.Rows = append(s.Rows, r.stageRows(days)...)
	r.Result.Summary.Transfer = s
	if e, ok := access.Lookup("delay.spain_transfer"); ok && r.of.MoreDays == nil {
		ends := e.Interval.Around(e.Value)
		r.Note("transfer.days", "from", ends[0], "to", ends[1], "where", e.Population, "source", e.Source)
	}
	return r.table(s.Rows)
}

// rows are those of the ways to the center: the region that is not known is told where
// there is any.
func (r *transfers) rows(w *sided, days *sidedDays) (out []finding.TransferRow) {
	for _, side := range access.Sides() {
		people, all := w.on(side)
		if side == access.RegionUnknown && all == 0 {
			continue
		}
		x := transferRow(w.by, side, "")
		x.People, x.Share = finding.Num(all), r.shareOf(all)
		x.TimeMin, x.DistanceKm = finding.StatsOf(w.minutes, people), finding.StatsOf(w.way, people)
		switch {
		case side == access.NoCenterReached:
			x.Why = "not asked: they reach no center"
		case all == 0:
			x.Why = "not asked: nobody goes there"
		case days != nil && w == &r.nearest:
			x.Days, x.Lost = finding.Num(days.sum(side)), finding.Num(days.lost(side))
		}
		out = append(out, x)
	}
	return out
}

// shareOf is people as a share of all, whom a sum over choices may pass by its rounding.
func (r *transfers) shareOf(people float64) finding.Num { return finding.Num(min(1, people/r.Total)) }

// transferRow is a row without any number.
func transferRow(by string, side access.Side, stage string) finding.TransferRow {
	none := finding.Num(math.NaN())
	stats := finding.Stats{Mean: none, Median: none, P90: none, P95: none}
	return finding.TransferRow{By: by, Where: side.String(), Stage: stage, TimeMin: stats, DistanceKm: stats,
		Trips: none, Hours: none, Nights: none, InOwn: none, Days: none, Lost: none}
}

// stageRows are those of the stages of the journey, and of those that attrition has days
// of: one of each side to which anybody goes, with the nearest center.
func (r *transfers) stageRows(days *sidedDays) (out []finding.TransferRow) {
	j := finding.Of[*Journeys](r.Study)
	var names []string
	var asks [][]access.StageBurden
	if j != nil {
		asks = j.byStage()
		for _, s := range j.Course.Stages {
			names = append(names, s.Name)
		}
	}
	if days != nil {
		for _, stage := range days.stages {
			if !slices.Contains(names, stage) {
				names = append(names, stage)
			}
		}
	}
	for k, stage := range names {
		for _, side := range access.Sides() {
			people, all := r.nearest.on(side)
			if side == access.NoCenterReached || all == 0 {
				continue
			}
			x := transferRow(r.nearest.by, side, stage)
			x.People, x.Share = finding.Num(all), r.shareOf(all)
			if j != nil && k < len(j.Course.Stages) {
				r.ofJourney(stageOf{j, asks, k}, people, &x)
			}
			if days != nil {
				x.Days = finding.Num(days.of(stage, side))
			}
			out = append(out, x)
		}
	}
	return out
}

// stageOf is a stage of the journey, with what each place's course asks at its stages.
type stageOf struct {
	*Journeys
	asks  [][]access.StageBurden
	stage int
}

// ofJourney fills in what a stage of the journey asks of people, of those who can go
// through the course.
func (r *transfers) ofJourney(j stageOf, people []float64, x *finding.TransferRow) {
	stage, role := j.stage, j.Course.Stages[j.stage].Role
	n := len(people)
	minutes, km, trips, hours, nights, own := ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n)
	var all float64
	for i, w := range people {
		if !(w > 0) || math.IsNaN(j.Burden[i].Trips) {
			continue
		}
		all += w
		b := j.asks[i][stage]
		trips[i], hours[i], nights[i] = b.Trips, b.Hours, b.Nights
		if site := j.siteOf[role][i]; site >= 0 && !j.Course.Stages[stage].Remote {
			minutes[i], km[i] = j.ByRole[role][i].Time.Minutes(), j.ByRole[role][i].Km
			own[i] = float64(ground.Bit(r.side(i, &r.Sites[site]) == access.OwnRegion))
		}
	}
	x.People, x.Share = finding.Num(all), r.shareOf(all)
	x.TimeMin, x.DistanceKm = finding.StatsOf(minutes, people), finding.StatsOf(km, people)
	x.Trips, x.Hours = finding.Num(access.Mean(trips, people)), finding.Num(access.Mean(hours, people))
	x.Nights, x.InOwn = finding.Num(access.Mean(nights, people)), finding.Num(access.Mean(own, people))
	if all == 0 {
		x.Why = "nobody of them has a way to every stage"
	}
}

// sidedDays are the days of the stages of attrition for who goes to the own region and
// for who goes to another.
type sidedDays struct {
	stages       []string
	own, another []float64
	leave        float64
}

// days tells them apart, nil where the study does not say by how much they differ.
func (r *transfers) days() (*sidedDays, error) {
	m := spec.Asked[*AttritionMeasure](r.Spec.Measures)
	if r.of.MoreDays == nil || m == nil {
		return nil, nil
	}
	share := r.nearest.share()
	d := &sidedDays{stages: slices.Sorted(maps.Keys(m.Days)), leave: m.LeavePerMonth}
	for _, stage := range d.stages {
		own, another := access.DaysBySide(m.Days[stage], r.of.MoreDays[stage], share)
		if own < 0 {
			return nil, &spec.SpecError{Field: "measures.transfer.more_days." + stage,
				Problem: fmt.Sprintf("%v days more for %.4g %% of people make the mean of %v days one below 0 for the others",
					r.of.MoreDays[stage], 100*share, m.Days[stage]),
				Accept: "fewer days"}
		}
		d.own, d.another = append(d.own, own), append(d.another, another)
	}
	return d, nil
}

// by are the days of the stages on a side, nil where no side is known.
func (d *sidedDays) by(side access.Side) []float64 {
	switch side {
	case access.OwnRegion:
		return d.own
	case access.AnotherRegion:
		return d.another
	}
	return nil
}

func (d *sidedDays) of(stage string, side access.Side) float64 {
	k, days := slices.Index(d.stages, stage), d.by(side)
	if k < 0 || days == nil {
		return math.NaN()
	}
	return days[k]
}

func (d *sidedDays) sum(side access.Side) float64 {
	if d.by(side) == nil {
		return math.NaN()
	}
	return total(d.by(side))
}

func (d *sidedDays) lost(side access.Side) float64 {
	if d.by(side) == nil {
		return math.NaN()
	}
	return access.Attrition(d.by(side), d.leave)
}

// table writes the rows.
func (r *transfers) table(rows []finding.TransferRow) error {
	var by, where, stage []string
	columns := []struct {
		key string
		of  func(finding.TransferRow) finding.Num
	}{
		{"share", func(x finding.TransferRow) finding.Num { return x.Share }},
		{"mean_time_min", func(x finding.TransferRow) finding.Num { return x.TimeMin.Mean }},
		{"median_time_min", func(x finding.TransferRow) finding.Num { return x.TimeMin.Median }},
		{"p90_time_min", func(x finding.TransferRow) finding.Num { return x.TimeMin.P90 }},
		{"mean_distance_km", func(x finding.TransferRow) finding.Num { return x.DistanceKm.Mean }},
		{"median_distance_km", func(x finding.TransferRow) finding.Num { return x.DistanceKm.Median }},
		{"p90_distance_km", func(x finding.TransferRow) finding.Num { return x.DistanceKm.P90 }},
		{"trips", func(x finding.TransferRow) finding.Num { return x.Trips }},
		{"hours", func(x finding.TransferRow) finding.Num { return x.Hours }},
		{"nights", func(x finding.TransferRow) finding.Num { return x.Nights }},
		{"in_own_region", func(x finding.TransferRow) finding.Num { return x.InOwn }},
		{"days", func(x finding.TransferRow) finding.Num { return x.Days }},
		{"lost_share", func(x finding.TransferRow) finding.Num { return x.Lost }},
	}
	people, values := make([]float64, len(rows)), make([][]float64, len(columns))
	for k, x := range rows {
		by, where, stage = append(by, x.By), append(where, x.Where), append(stage, x.Stage)
		people[k] = float64(x.People)
		for c, column := range columns {
			values[c] = append(values[c], float64(column.of(x)))
		}
	}
	sh := finding.Sheet{Of: "by_transfer"}
	sh.Text("by", by)
	sh.Text("where", where)
	sh.Text("stage", stage)
	sh.People("people", people)
	for c, column := range columns {
		sh.Number(column.key, values[c])
	}
	return r.AddTable(sh.Table())
}

// RegionColumns are the people of each region who go to another, as a share of all its
// people: to the nearest center, now or in a scenario, and now by choice.
func (r *transfers) RegionColumns(sh *finding.Sheet, t *ground.Trips, member [][]int) {
	w := r.nearest
	if t != r.Ways {
		for _, o := range finding.Outcomes(r.Study) {
			if o.Ways == t {
				w = r.byNearest(t, o.Sites)
			}
		}
	}
	sh.Number("share_transferred", r.byRegion(&w, len(member)))
	if r.choice != nil && t == r.Ways {
		sh.Number("share_transferred_by_choice", r.byRegion(r.choice, len(member)))
	}
}

func (r *transfers) byRegion(w *sided, regions int) []float64 {
	away, all := make([]float64, regions), make([]float64, regions)
	for k, i := range w.place {
		if row := r.Region[i]; row >= 0 {
			all[row] += w.people[k]
			if w.side[k] == access.AnotherRegion {
				away[row] += w.people[k]
			}
		}
	}
	for row := range away {
		away[row] /= all[row]
	}
	return away
}

// Draw has the mean times of both sides at the speed of a draw.
func (r *transfers) Draw(_ context.Context, x finding.Draw, d *finding.Drawn) error {
	for _, of := range []struct {
		name string
		side access.Side
	}{{"mean_time_min_own_region", access.OwnRegion}, {"mean_time_min_another_region", access.AnotherRegion}} {
		people, _ := r.nearest.on(of.side)
		d.Add(of.name, access.Mean(r.nearest.minutes, people)/x.Speed)
	}
	return nil
}

// Compare has the people who go to another region, as a share of all.
func (r *transfers) Compare(_ context.Context, c *finding.Comparison, o *finding.Outcome, _ *finding.ScenarioSummary) error {
	share := func(o *finding.Outcome) float64 {
		w := r.byNearest(o.Ways, o.Sites)
		_, another := w.on(access.AnotherRegion)
		return another / r.Total
	}
	c.Add(o, "share_transferred", share(c.With), share(o))
	return nil
}
