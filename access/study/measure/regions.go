package measure

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Regions are the figures of the places by region, with what is known of those
// that have no center.
type Regions struct {
	*finding.Study
	now    *gathered
	Gaps   []access.Gap // by region
	listed []string     // what a list says of each
	notes  []string
}

// FindRegions gathers them, where the study has regions.
func FindRegions(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	if s.Regions == nil {
		return nil, nil
	}
	r := &Regions{Study: s}
	r.now = r.gather(s.Ways, s.Sites)
	var err error
	if r.listed, r.notes, err = r.gapList(ctx); err != nil {
		return nil, err
	}
	r.Gaps, err = r.gapsOf(r.now)
	return r, err
}

// unsurePeople is the share of some people above which the doubt about the region that
// they live in is one about them.
const unsurePeople = 0.1

// Unsure is what the list of centers says of a region that may have a center which the
// list lacks, "" of any other and where a study has no regions.
func (r *Regions) Unsure(row int) string {
	if r == nil || row < 0 || !r.Gaps[row].Unsure() {
		return ""
	}
	return string(r.Gaps[row])
}

// UnsureOf is, for each group of places, what the list says of the regions in which more
// than a tenth of its people live, where these may have a center that the list lacks; ""
// if nothing. Each place is of the group of its number, -1 for none.
func (r *Regions) UnsureOf(of []int, groups int) []string {
	said := make([]string, groups)
	if r == nil {
		return said
	}
	all, by := make([]float64, groups), map[string][]float64{}
	for i, k := range of {
		if k < 0 {
			continue
		}
		all[k] += r.People[i]
		if g := r.Unsure(r.Region[i]); g != "" {
			if by[g] == nil {
				by[g] = make([]float64, groups)
			}
			by[g][k] += r.People[i]
		}
	}
	for _, g := range slices.Sorted(maps.Keys(by)) {
		for k, n := range by[g] {
			switch {
			case !(n > unsurePeople*all[k]):
			case said[k] == "":
				said[k] = g
			default:
				said[k] += "; " + g
			}
		}
	}
	return said
}

// apart are the figures of the way without the regions whose list of centers is not to
// be trusted, nil where it is everywhere.
func (r *Regions) apart() *finding.ApartSummary {
	s := &finding.ApartSummary{BeyondMin: finding.Num(Beyond(r.Study))}
	weight := slices.Clone(r.People)
	for row, g := range r.Gaps {
		if g != access.Stated && g != access.Incomplete {
			continue
		}
		s.Regions = append(s.Regions, r.RegionName[row])
		s.People += finding.Num(r.now.people[row])
		for _, i := range r.now.member[row] {
			weight[i] = 0
		}
	}
	if s.Regions == nil {
		return nil
	}
	slices.Sort(s.Regions)
	s.TimeMin = finding.StatsOf(r.Ways.Minutes, weight)
	var all, far float64
	for i, w := range weight {
		all += w
		if !(r.Ways.Minutes[i] <= float64(s.BeyondMin)) {
			far += w
		}
	}
	s.ShareBeyond = finding.Num(far / all)
	return s
}

// Tell makes the layer of regions, and with scenarios, where they are asked for,
// one for each.
func (r *Regions) Tell(context.Context) error {
	r.Result.Summary.Apart = r.apart()
	if err := r.AddLayer(r.layer("", r.Ways, r.now, r.Gaps)); err != nil || !finding.ScenarioLayers(r.Study) {
		return err
	}
	for _, o := range finding.Outcomes(r.Study) {
		g := r.gather(o.Ways, o.Sites)
		status, err := r.gapsOf(g)
		if err != nil {
			return err
		}
		if err := r.AddLayer(r.layer(o.Name, o.Ways, g, status)); err != nil {
			return err
		}
	}
	return nil
}

// gapsOf says of each region whether it has a center and, if not, what the list
// says of that. A site there of which it is not known whether it takes the study's
// patients may be one.
func (r *Regions) gapsOf(g *gathered) ([]access.Gap, error) {
	status := make([]access.Gap, r.Regions.Len())
	for i := range status {
		var ok bool
		if status[i], ok = access.GapOf(int(g.campuses[i]), r.listed[i], r.Spec.Sites.Complete); !ok {
			return nil, fmt.Errorf("regions: %s: the gap list says %q; accepted: %v", r.Regions.ID(i), r.listed[i], access.GapWords())
		}
	}
	for _, s := range r.Doubtful {
		if s.Region >= 0 && (status[s.Region] == access.NoCenter || status[s.Region] == access.Unknown) {
			status[s.Region] = access.Doubtful
		}
	}
	return status, nil
}

// gathered are figures of the places and sites by region.
type gathered struct {
	people, rows, campuses, beyond, sea, unreached []float64
	member                                         [][]int // places of each region
}

func (r *Regions) gather(t *ground.Trips, open []ground.Center) *gathered {
	n := r.Regions.Len()
	g := &gathered{people: make([]float64, n), rows: make([]float64, n), campuses: make([]float64, n),
		beyond: make([]float64, n), sea: make([]float64, n), unreached: make([]float64, n), member: make([][]int, n)}
	limit := Beyond(r.Study)
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
func (r *Regions) gapList(ctx context.Context) (listed, notes []string, err error) {
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
		return nil, nil, spec.Within("regions.gaps.join", err)
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

// per10m are the centers of each region per ten million people, NaN where nobody
// lives.
func (g *gathered) per10m() []float64 {
	out := ground.NaNs(len(g.people))
	for i, people := range g.people {
		if people > 0 {
			out[i], _ = access.PerPeople(int(g.campuses[i]), people, 10_000_000)
		}
	}
	return out
}

// layer is the layer of regions, now or in the scenario of a name.
func (r *Regions) layer(scenario string, t *ground.Trips, g *gathered, status []access.Gap) (*geo.Layer, error) {
	sh := finding.Sheet{Of: "regions"}
	r.columns(&sh, t, g, status)
	if err := finding.Each(r.Study, func(f finding.OfRegions) error { f.RegionColumns(&sh, t, g.member); return nil }); err != nil {
		return nil, err
	}
	n := r.Regions.Len()
	ids, shapes := make([]string, n), make([]orb.Geometry, n)
	for i := range n {
		ids[i], shapes[i] = r.Regions.ID(i), r.Regions.Shape(i)
	}
	about := geo.About{Name: "regions", Title: r.Spec.Name + ": regions", Attribution: r.Regions.Attribution, Licence: r.Regions.Licence}
	if scenario != "" {
		about.Name, about.Title = "regions_"+scenario, r.Spec.Name+": regions in scenario "+scenario
	}
	if r.Regions.IsTable() {
		return geo.NewTable(about, ids, sh.Columns...)
	}
	return geo.NewLayer(about, ids, shapes, sh.Columns...)
}

// columns are the figures of the regions with the trips that people make, now or in
// a scenario.
func (r *Regions) columns(sh *finding.Sheet, t *ground.Trips, g *gathered, status []access.Gap) {
	n := r.Regions.Len()
	col := func() []float64 { return ground.NaNs(n) }
	meanGeo, meanKm, meanMin, medMin, p90Min, shareBeyond := col(), col(), col(), col(), col(), col()
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
			shareBeyond[i] = g.beyond[i] / g.people[i]
		}
		w := pick(r.People, g.member[i])
		meanGeo[i] = access.NewWeighted(pick(t.Straight, g.member[i]), w).Mean()
		meanKm[i] = access.NewWeighted(pick(t.Km, g.member[i]), w).Mean()
		q := access.NewWeighted(pick(t.Minutes, g.member[i]), w).Stats()
		meanMin[i], medMin[i], p90Min[i] = q.Mean, q.Median, q.P90
	}
	limit := Beyond(r.Study)
	sh.Text("name", r.RegionName)
	sh.Carried(r.Regions, "country", "region_code", r.Spec.Regions.Join.Region)
	sh.People("population", g.people)
	sh.Count("centers", g.campuses)
	sh.Count("rows", g.rows)
	if d := spec.Asked[*DensityMeasure](r.Spec.Measures); d == nil || d.By != "country" {
		sh.Modelled("per_10m", "density.range", g.per10m())
	}
	sh.Text("gap", words)
	sh.Text("gap_note", r.notes)
	sh.Number("mean_geodesic_km", meanGeo)
	sh.Number("mean_distance_km", meanKm)
	sh.Number("mean_time_min", meanMin)
	sh.Number("median_time_min", medMin)
	sh.Number("p90_time_min", p90Min)
	sh.People("people_beyond", g.beyond, "minutes", limit)
	sh.Number("share_beyond", shareBeyond, "minutes", limit)
	sh.People("people_sea", g.sea)
	sh.People("people_unreached", g.unreached)
}
