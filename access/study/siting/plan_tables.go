package siting

import (
	"cmp"
	"context"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Tell makes the tables of the plan and of all candidates.
func (r *sited) Tell(ctx context.Context) error {
	p := r.plan
	s := r.sumSiting(p)
	volume, err := r.volumesOf(ctx)
	if err != nil {
		return err
	}
	t, total := r.planColumns(p, s, volume)
	switch {
	case p.search == nil:
		s.Gain, s.Far = finding.Num(total), finding.Num(p.far)
	case !p.search.minimum:
		s.Gain, s.Far = finding.Num(p.search.gained(p.search.solution.Cost)), finding.Num(p.far)
	}
	r.Result.Summary.Siting = s
	r.notePlan(p, t)
	if err := r.planTable(t); err != nil {
		return err
	}
	if err := r.candidateTable(); err != nil {
		return err
	}
	if err := r.presentBestByRegion(); err != nil || p.search == nil {
		return err
	}
	return r.presentSearch()
}

// sumSiting is the summary of a plan, without its sites.
func (r *sited) sumSiting(p *plan) *finding.SitingSummary {
	g := r.Spec.Siting
	allowed := 0
	for _, why := range p.Why {
		if why == "" {
			allowed++
		}
	}
	s := &finding.SitingSummary{
		Goal: g.Goal, Asked: g.Pick, Opened: len(p.Open), Why: p.Short, Candidates: len(r.Candidates), Allowed: allowed,
		Method: "greedy: each step opens the site that gains most; how far from the best plan is not known",
		Unit:   p.unit, GainUnit: p.unit, Under: p.under,
		Value: finding.Num(math.NaN()), Bound: finding.Num(math.NaN()), Gap: finding.Num(math.NaN()),
	}
	if p.search != nil {
		p.search.summarize(s)
	}
	s.Moves, s.Short = p.moves, r.shortLists()
	if p.search != nil && r.Spec.Uncertainty != nil && len(p.search.contenders) > 1 {
		worst := make([]float64, len(p.search.contenders))
		for k, c := range p.search.contenders {
			worst[k] = -c.worst
		}
		s.LeastRegret = p.search.contenders[ground.Order(ground.Tied(worst))[0]].name
	}
	return s
}

// wholeList is the share of the published centers that a list has to have for a plan to
// be taken as it stands.
const wholeList = 0.9

// shortLists are the countries of the study whose list of centers lacks more of the
// published ones; none where the study says that its list is complete.
func (r *sited) shortLists() (out []finding.ListShort) {
	if r.World.Completeness == nil || r.Spec.Sites.Complete {
		return nil
	}
	countries := slices.Clone(r.Country)
	slices.Sort(countries)
	for _, c := range slices.Compact(countries) {
		if l := r.World.Completeness(r.Spec.Sites.Layer, c); float64(l.Listed) < wholeList*float64(l.Published) {
			out = append(out, finding.ListShort{Country: c, Listed: l.Listed, Published: l.Published})
		}
	}
	return out
}

// planRows is the table of a plan: a row a site, in the order of opening.
type planRows struct {
	planWords
	planPoints
	planGains
}

type planWords struct{ ids, name, region, hub, ties, unsure []string }

type planPoints struct{ lon, lat, order []float64 }

type planGains struct{ gain, sum, best, gap, alone, nearer, apart, hubMin, in, volume []float64 }

// planColumns fills the table and the steps of the summary, and gives the gain of
// all.
func (r *sited) planColumns(p *plan, s *finding.SitingSummary, volume []float64) (*planRows, float64) {
	n := len(p.Open)
	t := &planRows{}
	for _, c := range []*[]string{&t.ids, &t.name, &t.region, &t.hub, &t.ties, &t.unsure} {
		*c = make([]string, n)
	}
	for _, c := range []*[]float64{
		&t.lon, &t.lat, &t.order, &t.gain, &t.sum, &t.best, &t.gap, &t.alone, &t.nearer, &t.apart, &t.hubMin, &t.in, &t.volume,
	} {
		*c = ground.NaNs(n)
	}
	var total float64
	for k, j := range p.Open {
		c := r.Candidates[j]
		t.volume[k] = volume[j]
		total += p.Gain[k]
		t.ids[k], t.name[k], t.lon[k], t.lat[k] = c.ID, c.Name, c.At[0], c.At[1]
		if c.Region >= 0 {
			t.region[k] = r.Regions.ID(c.Region)
		}
		t.order[k], t.gain[k], t.sum[k] = float64(k+1), p.Gain[k], total
		t.alone[k], t.nearer[k], t.apart[k], t.in[k] = p.Alone[j], p.nearer[j], p.apart[j], p.inDraws[j]
		if p.search != nil && k < len(p.search.stages) {
			t.best[k], t.gap[k] = p.search.atBest(k, total)
		}
		t.hub[k] = p.hubID(r, k)
		if p.search != nil {
			t.ties[k] = p.search.ties(r, j, p.Gain[k])
		}
		if p.hubs != nil && p.Hub != nil {
			for _, l := range p.hubs.InRange[j] {
				if int(l.Hub) == p.Hub[k] {
					t.hubMin[k] = l.Time / 60
				}
			}
		}
		if len(r.Sites) == 0 {
			t.apart[k] = math.NaN()
		}
		t.unsure[k] = r.unsure(c)
		s.Plan = append(s.Plan, finding.PlanStep{
			ID: c.ID, Name: c.Name, Gain: finding.Num(p.Gain[k]), Apart: finding.Num(t.apart[k]), Unsure: t.unsure[k],
			Hub: t.hub[k], HubMin: finding.Num(t.hubMin[k]), InDraws: finding.Num(p.inDraws[j]),
		})
	}
	return t, total
}

// served is the candidate of the plan that infuses and is nearest to each place, -1
// where a center of today is nearer, and the time to either.
func (r *sited) served() (at []int, time []travel.Seconds) {
	at, time = slices.Repeat([]int{-1}, len(r.People)), slices.Clone(r.plan.now)
	for _, j := range r.plan.Open {
		if !r.Candidates[j].Has("infuse") {
			continue
		}
		for _, l := range r.plan.legs[j] {
			if l.Time < time[l.Place] {
				at[l.Place], time[l.Place] = j, l.Time
			}
		}
	}
	return at, time
}

// volumesOf are the expected treated patients of each candidate of the plan: those for
// whom it would be the nearest, or who would choose it.
func (r *sited) volumesOf(ctx context.Context) ([]float64, error) {
	if r.byChoice() {
		return r.volumesByChoice(ctx)
	}
	return r.volumes(), nil
}

// volumes are the expected treated patients a year for whom each candidate of the plan
// would be the nearest, NaN without a model of treatment; small numbers are withheld as
// the study says.
func (r *sited) volumes() []float64 {
	volume := ground.NaNs(len(r.Candidates))
	if r.Model == nil {
		return volume
	}
	for _, j := range r.plan.Open {
		if r.Candidates[j].Has("infuse") {
			volume[j] = 0
		}
	}
	at, time := r.served()
	for i, j := range at {
		if l := r.Model.Curves[0].At(time[i].Minutes()); j >= 0 && !math.IsNaN(l) {
			volume[j] += r.Eligible[i] * l
		}
	}
	hidden := finding.Of[*measure.Withheld](r.Study)
	for j, v := range volume {
		if p := r.Spec.Privacy; p != nil && v > 0 && (v < p.SuppressBelow || hidden.Alone(func(i int) bool { return at[i] == j })) {
			volume[j] = math.NaN()
		}
	}
	return volume
}

// atBest is the most that any plan of the first sites could gain, after k, and how
// much more that is than what the plan gains, as a share of it.
func (s *search) atBest(k int, total float64) (best, gap float64) {
	// What is proven is so up to a billionth of the cost, which may be much more
	// than the gain.
	st := s.stages[k]
	if best = s.gained(st.Bound); st.Proven && st.Cost-st.Bound <= 2e-9*math.Abs(st.Cost) {
		best = total
	}
	if gap = math.Max(0, best-total) / math.Abs(best); !(gap >= 1e-9) {
		gap = 0
	}
	return best, gap
}

// notePlan notes what is to be known of the plan's sites.
func (r *sited) notePlan(p *plan, t *planRows) {
	g := r.Spec.Siting
	for k, j := range p.Open {
		if p.apart[j] > 0 && len(r.Sites) > 0 {
			r.Note("siting.apart", "site", cmp.Or(t.name[k], t.ids[k]), "apart", p.apart[j], "gain", p.Alone[j])
		}
	}
	if r.Spec.Candidates.Roles != nil && !r.Candidates[0].Has("infuse") {
		if g.SpokeCredit != nil {
			r.Note("siting.credit", "credit", *g.SpokeCredit)
		} else {
			r.Note("siting.no_credit")
		}
	}
	for k, unsure := range t.unsure {
		if unsure != "" && unsure != string(access.Unknown) { // of the whole list a note says that
			r.Note("siting.beside", "site", cmp.Or(t.name[k], t.ids[k]), "list", unsure)
		}
	}
}

func (r *sited) planTable(t *planRows) error {
	sh := finding.Sheet{Of: "plan", Unit: r.plan.unit}
	sh.Count("opening_order", t.order)
	sh.Text("name", t.name)
	sh.Text("region_id", t.region)
	sh.Number("gain", t.gain)
	sh.Number("gain_total", t.sum)
	sh.Number("best_total", t.best)
	sh.Number("gap", t.gap)
	sh.Number("gain_alone", t.alone)
	sh.Number("gain_apart", t.apart)
	sh.People("people_nearer", t.nearer)
	if r.Model != nil {
		sh.Number("volume", t.volume)
	}
	sh.Text("hub_id", t.hub)
	sh.Number("hub_min", t.hubMin)
	sh.Number("share_of_draws", t.in)
	sh.Text("ties", t.ties)
	sh.Text("region_gap", t.unsure)
	return r.AddTable(r.pointTable(&sh, t.ids, t.lon, t.lat))
}

// unsure is what the list of centers says of a site's region, where it may hold
// a center that the list lacks.
func (r *sited) unsure(s ground.Center) string {
	return finding.Of[*measure.Regions](r.Study).Unsure(s.Region)
}

// pointTable is a sheet of sites, with points where the candidates have them.
func (r *sited) pointTable(sh *finding.Sheet, ids []string, lon, lat []float64) (*geo.Layer, error) {
	if r.CandLayer.IsTable() {
		return geo.NewTable(sh.About(), ids, sh.Columns...)
	}
	at := make([]orb.Point, len(ids))
	for i := range at {
		at[i] = orb.Point{lon[i], lat[i]}
	}
	return geo.NewPoints(sh.About(), ids, at, sh.Columns...)
}

// candidateTable ranks every candidate by its gain alone. Equal gains share a rank.
func (r *sited) candidateTable() error {
	p := r.plan
	alone := ground.Tied(p.Alone)
	rows := ground.Order(alone)
	n := len(rows)
	ids, name, why, unsure := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	lon, lat, rank, gain, apart := ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n)
	nearer, opened, in, low, high := ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n), ground.NaNs(n)
	for k, j := range rows {
		c := r.Candidates[j]
		ids[k], name[k], lon[k], lat[k], why[k] = c.ID, c.Name, c.At[0], c.At[1], p.Why[j]
		unsure[k] = r.unsure(c)
		low[k], high[k] = p.place[0][j], p.place[1][j]
		gain[k], apart[k], nearer[k], in[k] = p.Alone[j], p.apart[j], p.nearer[j], p.inDraws[j]
		rank[k] = float64(k + 1)
		if k > 0 && alone[j] == alone[rows[k-1]] {
			rank[k] = rank[k-1]
		}
		for o, x := range p.Open {
			if x == j {
				opened[k] = float64(o + 1)
			}
		}
	}
	sh := finding.Sheet{Of: "candidates", Unit: p.unit}
	sh.Count("rank", rank)
	sh.Text("name", name)
	sh.Number("gain_alone", gain)
	sh.Number("gain_apart", apart)
	sh.People("people_nearer", nearer)
	sh.Count("opening_order", opened)
	sh.Number("share_of_draws", in)
	sh.Number("order_low_2_5", low)
	sh.Number("order_high_97_5", high)
	if p.search != nil && p.search.regret != nil {
		floor, word := ground.NaNs(n), make([]string, n)
		for k, j := range rows {
			floor[k], word[k] = p.search.regret[j], p.search.verdict(j)
		}
		sh.Number("regret_floor", floor)
		sh.Text("verdict", word)
	}
	sh.Text("why_not", why)
	sh.Text("region_gap", unsure)
	return r.AddTable(r.pointTable(&sh, ids, lon, lat))
}

// Proposed is that of [Proposing].
func (r *sited) Proposed() (sites []ground.Center, hubs []string) {
	for k, j := range r.plan.Open {
		sites, hubs = append(sites, r.Candidates[j]), append(hubs, r.plan.hubID(r, k))
	}
	return sites, hubs
}

// SiteColumns are the order of opening, and the hub of each.
func (r *sited) SiteColumns(sh *finding.Sheet, n int) {
	order, hub := ground.NaNs(n), make([]string, n)
	_, hubs := r.Proposed()
	for k := range r.plan.Open {
		order[len(r.Sites)+k], hub[len(r.Sites)+k] = float64(k+1), hubs[k]
	}
	sh.Count("opening_order", order)
	sh.Text("hub_id", hub)
}
