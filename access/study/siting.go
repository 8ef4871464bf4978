package study

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"careshed/access"
	"careshed/access/site"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// fallback is how far people without a time are taken to be when sites are
// ranked: as far as the evidence goes, the kindest assumption to the centers
// there are. What they gain is shown apart.
const fallback = access.EffectTo

// plan is the chosen sites, with what each candidate rests on.
type plan struct {
	site.Plan
	legs    [][]travel.Leg // of each candidate: the places that it could serve better
	now     []travel.Seconds
	hubs    *site.Hubs
	hubOf   []int // site index of each hub
	apart   []float64
	nearer  []float64
	inDraws []float64 // share of the draws in which a candidate is in the plan
	unit    string
	under   []GainUnder
	far     float64 // share of the gain from beyond four hours
}

func (p *plan) hubID(r *run, k int) string {
	if p.hubs == nil {
		return ""
	}
	return r.sites[p.hubOf[p.Hub[k]]].ID
}

// siting collects, once, the legs to candidates that beat the nearest open
// site, and opens the candidates that gain most.
func (r *run) siting(ctx context.Context) (err error) {
	g := r.spec.Siting
	if g == nil {
		return nil
	}
	p := &plan{legs: make([][]travel.Leg, len(r.candidates)), now: make([]travel.Seconds, r.places.Len()),
		apart: make([]float64, len(r.candidates)), nearer: make([]float64, len(r.candidates)), inDraws: nans(len(r.candidates))}
	for i, m := range r.base.minutes {
		p.now[i] = travel.FromMinutes(m)
		if math.IsNaN(m) {
			p.now[i] = travel.Unreached
		}
	}
	if err := r.offers(ctx, p); err != nil {
		return err
	}
	if p.hubs, p.hubOf, err = r.hubs(ctx); err != nil {
		return err
	}
	problem, unit, err := r.problem(p, nil, 1)
	if err != nil {
		return err
	}
	p.unit = unit
	if p.Plan, err = site.Greedy(ctx, problem); err != nil {
		return err
	}
	for j, offers := range problem.Offers {
		for k, l := range p.legs[j] {
			if math.IsInf(float64(p.now[l.Place]), 1) {
				p.apart[j] += problem.Weight[l.Place] * math.Max(0, offers[k].Worth-problem.Now[l.Place])
			}
			if l.Time < p.now[l.Place] {
				p.nearer[j] += r.people[l.Place]
			}
		}
	}
	if g.Goal == "treated" {
		for c := range r.model.curves {
			if r.model.curves[c].Beyond == access.Recover {
				continue
			}
			other, _, err := r.problem(p, &r.model.curves[c], 1)
			if err != nil {
				return err
			}
			p.under = append(p.under, GainUnder{"beyond four hours: " + string(r.model.curves[c].Beyond), Num(other.Gain(p.Open))})
		}
	}
	p.far = r.farShare(p, problem)
	r.plan = p
	return nil
}

// farShare is the part of a plan's gain that goes to people who are more than
// four hours away today, where there is no evidence.
func (r *run) farShare(p *plan, problem *site.Problem) float64 {
	best := slices.Clone(problem.Now)
	for _, j := range p.Open {
		for _, o := range problem.Offers[j] {
			best[o.Place] = math.Max(best[o.Place], o.Worth)
		}
	}
	var all, far float64
	for i, b := range best {
		g := problem.Weight[i] * (b - problem.Now[i])
		all += g
		if p.now[i] > access.EffectTo && !math.IsInf(float64(p.now[i]), 1) {
			far += g
		}
	}
	return far / all
}

// offers sweeps from every candidate over the places of its border group that
// it could serve sooner than today's nearest site.
func (r *run) offers(ctx context.Context, p *plan) error {
	done := 0
	return r.byGroup(r.candidates, all(len(r.candidates)), func(places, sites []int) error {
		if len(sites) == 0 {
			return nil
		}
		q := r.query(r.candidates, places, sites)
		q.Limit = make([]travel.Seconds, len(places))
		for i, place := range places {
			q.Limit[i] = p.now[place]
		}
		return r.engine.Sweep(ctx, q, func(k int, legs []travel.Leg) error {
			own := make([]travel.Leg, len(legs))
			for n, l := range legs {
				l.Place = int32(places[l.Place])
				own[n] = l
			}
			p.legs[sites[k]] = own
			if done++; done%64 == 0 {
				r.report(Progress{"siting", done, len(r.candidates)})
			}
			return nil
		})
	})
}

// hubs are the sites that infuse, and for each candidate those within the limit.
func (r *run) hubs(ctx context.Context) (*site.Hubs, []int, error) {
	h := r.spec.Siting.Hub
	if h == nil {
		return nil, nil, nil
	}
	of := goals(r.sites)
	rule := &site.Hubs{InRange: make([][]site.Link, len(r.candidates)), Count: len(of), Each: h.SpokesPerHub}
	q := travel.Query{Places: make([]travel.Stop, len(r.candidates)), Sites: make([]travel.Stop, len(of)),
		Limit: []travel.Seconds{travel.FromMinutes(h.WithinMin)}}
	for i := range r.candidates {
		q.Places[i] = r.candidates[i].Stop
	}
	for k, j := range of {
		q.Sites[k] = r.sites[j].Stop
	}
	err := r.engine.Sweep(ctx, q, func(k int, legs []travel.Leg) error {
		for _, l := range legs {
			if r.candidates[l.Place].group == r.sites[of[k]].group {
				rule.InRange[l.Place] = append(rule.InRange[l.Place], site.Link{Hub: int32(k), Time: float64(l.Time)})
			}
		}
		return nil
	})
	return rule, of, err
}

// problem states the choice for the goal, with a penalty curve (nil: the
// leading one) and every speed multiplied by speed.
func (r *run) problem(p *plan, c *curve, speed float64) (*site.Problem, string, error) {
	g := r.spec.Siting
	out := &site.Problem{Pick: g.Pick, Hubs: p.hubs, Offers: make([][]site.Offer, len(p.legs))}
	var worth func(travel.Seconds) float64
	unit := ""
	switch g.Goal {
	case "treated":
		if c == nil {
			c = &r.model.curves[0]
		}
		out.Weight, unit = r.model.eligible, "treated patients a year"
		worth = func(t travel.Seconds) float64 { return c.Likelihood(c.p0, t) }
	case "covered":
		limit := g.WithinMin
		if limit == 0 {
			limit = 120
		}
		within := travel.FromMinutes(limit)
		out.Weight, unit = r.people, fmt.Sprintf("people within %g minutes", limit)
		worth = func(t travel.Seconds) float64 {
			if t <= within {
				return 1
			}
			return 0
		}
	case "mean_time":
		out.Weight, unit = r.people, "minutes off the mean"
		worth = func(t travel.Seconds) float64 { return -t.Minutes() / r.total }
	}
	factor := travel.Seconds(1 / speed)
	out.Now = make([]float64, len(p.now))
	for i, t := range p.now {
		if math.IsInf(float64(t), 1) {
			t = fallback
		}
		out.Now[i] = worth(t * factor)
	}
	credit := 1.0
	if g.SpokeCredit != nil {
		credit = *g.SpokeCredit
	}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := w; j < len(p.legs); j += workers {
				offers := make([]site.Offer, len(p.legs[j]))
				share := 1.0
				if !r.candidates[j].has("infuse") {
					share = credit
					if g.SpokeCredit == nil {
						share = 0
					}
				}
				for k, l := range p.legs[j] {
					v := worth(l.Time * factor)
					now := out.Now[l.Place]
					offers[k] = site.Offer{Place: l.Place, Worth: now + share*(v-now)}
				}
				out.Offers[j] = offers
			}
		}()
	}
	wg.Wait()
	return out, unit, nil
}

// presentSiting makes the tables of the plan and of all candidates.
func (r *run) presentSiting(context.Context) error {
	p := r.plan
	if p == nil {
		return nil
	}
	g := r.spec.Siting
	allowed := 0
	for _, why := range p.Why {
		if why == "" {
			allowed++
		}
	}
	s := &SitingSummary{Goal: g.Goal, Asked: g.Pick, Opened: len(p.Open), Why: p.Short, Candidates: len(r.candidates), Allowed: allowed,
		Method: "greedy: each step opens the site that gains most; how far from the best plan is not known", Unit: p.unit, Under: p.under}
	n := len(p.Open)
	ids, name, region, hub := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	lon, lat, order, gain, sum, hubMin, alone, nearer, apart, in := nans(n), nans(n), nans(n), nans(n), nans(n), nans(n), nans(n), nans(n), nans(n), nans(n)
	var total float64
	for k, j := range p.Open {
		c := r.candidates[j]
		total += p.Gain[k]
		ids[k], name[k], lon[k], lat[k] = c.ID, c.name, c.At[0], c.At[1]
		if c.region >= 0 {
			region[k] = r.regions.ID(c.region)
		}
		order[k], gain[k], sum[k], alone[k], nearer[k], apart[k], in[k] = float64(k+1), p.Gain[k], total, p.Alone[j], p.nearer[j], p.apart[j], p.inDraws[j]
		hub[k] = p.hubID(r, k)
		if p.hubs != nil {
			for _, l := range p.hubs.InRange[j] {
				if int(l.Hub) == p.Hub[k] {
					hubMin[k] = l.Time / 60
				}
			}
		}
		s.Plan = append(s.Plan, PlanStep{ID: c.ID, Name: c.name, Gain: Num(p.Gain[k]), Apart: Num(p.apart[j]), Unsure: r.unsure(c), Hub: hub[k], HubMin: Num(hubMin[k]), InDraws: Num(p.inDraws[j])})
	}
	s.Gain, s.Far = Num(total), Num(p.far)
	for k, j := range p.Open {
		if p.apart[j] > 0 {
			r.note("%s gains %.4g of its %.4g for people who have no time today and are taken as four hours away", orWord(name[k], ids[k]), p.apart[j], p.Alone[j])
		}
	}
	r.result.Summary.Siting = s
	if r.spec.Candidates.Roles != nil && !r.candidates[0].has("infuse") {
		credit := "0; name spoke_credit to assume more"
		if g.SpokeCredit != nil {
			credit = fmt.Sprintf("%g by assumption; at 0 the gain is 0, at 1 it is that of a site that infuses", *g.SpokeCredit)
		}
		r.note("the candidates do not infuse: their credit for treated patients is %s", credit)
	}
	unsure := make([]string, n)
	for k, j := range p.Open {
		unsure[k] = r.unsure(r.candidates[j])
		if unsure[k] != "" {
			r.note("%s lies in a region of which the list of centers says %q: there may be a center that it would stand beside", orWord(name[k], ids[k]), unsure[k])
		}
	}
	var sh sheet
	sh.count("opening_order", "Order of opening", order)
	sh.text("name", "Name", name)
	sh.text("region_id", "Region", region)
	sh.number("gain", "Gain beside those before it", p.unit, gain)
	sh.number("gain_total", "Gain up to here", p.unit, sum)
	sh.number("gain_alone", "Gain by itself", p.unit, alone)
	sh.number("gain_apart", "Of which people without a time today, taken as four hours away", p.unit, apart)
	sh.people("people_nearer", "People who would travel less, by itself", nearer)
	sh.text("hub_id", "Hub it reports to", hub)
	sh.number("hub_min", "Time to the hub", "min", hubMin)
	sh.number("share_of_draws", "Share of the draws in which it is in the plan", "", in)
	sh.text("region_gap", "What the list says of centers in its region, where that is not sure", unsure)
	if err := r.addTable(r.pointTable(geo.About{Name: "plan", Title: "Sites to open, in order"}, ids, lon, lat, sh.columns)); err != nil {
		return err
	}
	return r.candidateTable()
}

// unsure is what the list of centers says of a site's region, where it may hold
// a center that the list lacks.
func (r *run) unsure(s center) string {
	if r.gaps == nil || s.region < 0 {
		return ""
	}
	switch g := r.gaps[s.region]; g {
	case access.Stated, access.Doubtful, access.Incomplete:
		return string(g)
	}
	return ""
}

// pointTable is a table of sites, with points where the candidates have them.
func (r *run) pointTable(about geo.About, ids []string, lon, lat []float64, columns []geo.Column) (*geo.Layer, error) {
	if r.candLayer.IsTable() {
		return geo.NewTable(about, ids, columns...)
	}
	at := make([]orb.Point, len(ids))
	for i := range at {
		at[i] = orb.Point{lon[i], lat[i]}
	}
	return geo.NewPoints(about, ids, at, columns...)
}

// candidateTable ranks every candidate by its gain alone. Equal gains share a rank.
func (r *run) candidateTable() error {
	p := r.plan
	rows := order(p.Alone)
	n := len(rows)
	ids, name, why, unsure := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	lon, lat, rank, gain, apart, nearer, opened, in := nans(n), nans(n), nans(n), nans(n), nans(n), nans(n), nans(n), nans(n)
	for k, j := range rows {
		c := r.candidates[j]
		ids[k], name[k], lon[k], lat[k], why[k] = c.ID, c.name, c.At[0], c.At[1], p.Why[j]
		unsure[k] = r.unsure(c)
		gain[k], apart[k], nearer[k], in[k] = p.Alone[j], p.apart[j], p.nearer[j], p.inDraws[j]
		rank[k] = float64(k + 1)
		if k > 0 && gain[k] == gain[k-1] {
			rank[k] = rank[k-1]
		}
		for o, x := range p.Open {
			if x == j {
				opened[k] = float64(o + 1)
			}
		}
	}
	var sh sheet
	sh.count("rank", "Rank by gain alone", rank)
	sh.text("name", "Name", name)
	sh.number("gain_alone", "Gain by itself", p.unit, gain)
	sh.number("gain_apart", "Of which people without a time today, taken as four hours away", p.unit, apart)
	sh.people("people_nearer", "People who would travel less", nearer)
	sh.count("opening_order", "Order of opening in the plan", opened)
	sh.number("share_of_draws", "Share of the draws in which it is in the plan", "", in)
	sh.text("why_not", "Why it may not be opened", why)
	sh.text("region_gap", "What the list says of centers in its region, where that is not sure", unsure)
	return r.addTable(r.pointTable(geo.About{Name: "candidates", Title: "Candidates by gain alone"}, ids, lon, lat, sh.columns))
}
