package study

import (
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/site"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

// bestByRegion finds, for each region, the candidate that gains most for its own
// people if it alone opens. A candidate that the rules forbid is none.
func (r *run) bestByRegion(p *plan, problem *site.Problem) {
	if r.Regions == nil || len(r.Sites) == 0 || spec.In(r.Spec.Siting.Goal, "worst_time", "all_covered", "worst_group", "gini") {
		return
	}
	n := r.Regions.Len()
	b := &regionBest{
		candidate: slices.Repeat([]int{-1}, n), gain: make([]float64, n),
		apart: make([]float64, n), nearer: make([]float64, n), first: make([]float64, n),
	}
	gain := make([]float64, n)
	for j, offers := range problem.Offers {
		if p.Why[j] != "" {
			continue
		}
		clear(gain)
		r.gainByRegion(problem, offers, gain)
		for row, g := range gain {
			if g > b.gain[row] {
				b.candidate[row], b.gain[row] = j, g
			}
		}
	}
	for row, j := range b.candidate {
		if j < 0 {
			continue
		}
		for k, l := range p.legs[j] {
			if r.Region[l.Place] != row {
				continue
			}
			if r.Spec.Siting.Goal != "burden" && math.IsInf(float64(p.now[l.Place]), 1) {
				b.apart[row] += problem.Weight[l.Place] * math.Max(0, problem.Offers[j][k].Worth-problem.Now[l.Place])
			}
			if l.Time < p.now[l.Place] {
				b.nearer[row] += r.People[l.Place]
			}
			if math.IsInf(float64(p.now[l.Place]), 1) {
				b.first[row] += r.People[l.Place]
			}
		}
	}
	p.regions = b
}

// regionBest is the best candidate of each region, -1 where none gains anything,
// and what it does for the people of that region alone.
type regionBest struct {
	candidate                  []int
	gain, apart, nearer, first []float64 // first: people whom it gives a time that they have not today
}

// gainByRegion adds what offers are worth more than today, by region.
func (r *run) gainByRegion(problem *site.Problem, offers []site.Offer, gain []float64) {
	for _, o := range offers {
		if row := r.Region[int(o.Place)%len(r.Region)]; row >= 0 { // the stages of a journey follow each other
			gain[row] += problem.Weight[o.Place] * math.Max(0, o.Worth-problem.Now[o.Place])
		}
	}
}

// presentBestByRegion makes the table of these candidates.
func (r *run) presentBestByRegion() error {
	b := r.plan.regions
	if b == nil {
		return nil
	}
	var region, name, id, candidate, in, unsure []string
	var gain, alone, apart, nearer, first []float64
	for row, j := range b.candidate {
		if j < 0 {
			continue
		}
		c := r.Candidates[j]
		home := ""
		if c.Region >= 0 {
			home = r.Regions.ID(c.Region)
		}
		region, name = append(region, r.Regions.ID(row)), append(name, r.RegionName[row])
		id, candidate = append(id, c.ID), append(candidate, c.Name)
		in, unsure = append(in, home), append(unsure, r.unsure(c))
		g, a := b.gain[row], b.apart[row]
		if r.Spec.Siting.Goal == "treated" && r.hidden.regions[row] {
			g, a = math.NaN(), math.NaN()
		}
		gain, alone, apart, nearer = append(gain, g), append(alone, r.plan.Alone[j]), append(apart, a), append(nearer, b.nearer[row])
		first = append(first, b.first[row])
	}
	var sh sheet
	sh.text("region_id", "Region", region)
	sh.text("name", "Name", name)
	sh.text("candidate_id", "Candidate that alone gains most for the people of the region", id)
	sh.text("candidate_name", "Its name", candidate)
	sh.text("candidate_region_id", "The region in which it stands", in)
	sh.number("gain", "Gain for the people of the region, by itself", r.plan.unit, gain)
	sh.number("gain_apart", "Of which people without a time today, taken as four hours away", r.plan.unit, apart)
	sh.people("people_nearer", "People of the region who would travel less", nearer)
	sh.people("people_newly", "Of these, people without a time today", first)
	sh.number("gain_alone", "Gain for all people, by itself", r.plan.unit, alone)
	sh.text("region_gap", "What the list says of centers where it stands, where that is not sure", unsure)
	return r.addTable(sh.table("best_by_region", "The candidate that alone gains most for each region"))
}

// mostLocal bounds the figures by region that draws keep: regions times draws.
const mostLocal = 1_000_000

// regional are figures of every region in one draw.
type regional struct {
	name  string
	value []float64
}

// localDraws says whether draws are kept by region: not where units change, since
// others have no regions of ours.
func (r *run) localDraws() bool {
	u := r.Spec.Uncertainty
	if r.Regions == nil || slices.Contains(u.Varies(), "areal") {
		return false
	}
	if r.Regions.Len()*u.Draws > mostLocal {
		r.Note("draws.no_regions", "regions", r.Regions.Len(), "draws", u.Draws, "most", mostLocal)
		return false
	}
	return true
}

// localWay is the share of each region's people beyond the limit.
func (r *run) localWay(d *drawn, minutes []float64) {
	if !r.byRegion {
		return
	}
	limit := r.beyond()
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
	d.local = append(d.local, regional{"share_beyond", beyond})
}

// localPatients are those treated and those whom distance keeps from it, given
// the likelihoods of a draw.
func (r *run) localPatients(d *drawn, c ground.Curve, likelihood []float64, rate float64) {
	if !r.byRegion {
		return
	}
	treated, foregone := r.patientsByRegion(c, likelihood, rate)
	b := string(c.Beyond)
	d.local = append(d.local, regional{"treated_" + b, treated}, regional{"foregone_" + b, foregone})
}

// localNothing keeps the place of figures that a draw does not have.
func (r *run) localNothing(d *drawn, b access.Beyond, gain bool) {
	if !r.byRegion {
		return
	}
	none := ground.NaNs(r.Regions.Len())
	d.local = append(d.local, regional{"treated_" + string(b), none}, regional{"foregone_" + string(b), none})
	if gain {
		r.localNoGain(d)
	}
}

// localNoGain keeps the place of the gains that a draw does not have.
func (r *run) localNoGain(d *drawn) {
	if r.byRegion && r.plan.regions != nil {
		d.local = append(d.local, regional{"site_gain", ground.NaNs(r.Regions.Len())})
	}
}

// localGain is what the best candidate of each region gains there in a draw.
func (r *run) localGain(d *drawn, problem *site.Problem, rate float64) {
	if !r.byRegion || r.plan.regions == nil {
		return
	}
	out, gain := ground.NaNs(r.Regions.Len()), make([]float64, r.Regions.Len())
	for row, j := range r.plan.regions.candidate {
		if j >= 0 {
			clear(gain)
			r.gainByRegion(problem, problem.Offers[j], gain)
			out[row] = rate * gain[row]
		}
	}
	d.local = append(d.local, regional{"site_gain", out})
}

// localTable has the figures of each region with the middle 95 % of the draws.
func (r *run) localTable() (*geo.Layer, error) {
	d := r.draws
	slow := access.NewWeighted(d.slowness, ground.Ones(len(d.slowness))).Quantiles(0.025, 0.975)
	regions := r.result.Layer("regions")
	var id, name, metric []string
	var value, low, high, n []float64
	add := func(row int, what string, v, l, h, draws float64) {
		if math.IsNaN(v) {
			return
		}
		id, name, metric = append(id, r.Regions.ID(row)), append(name, r.RegionName[row]), append(metric, what)
		value, low, high, n = append(value, v), append(low, l), append(high, h), append(n, draws)
	}
	for row := range r.Regions.Len() {
		for _, what := range []string{"mean_time_min", "median_time_min", "p90_time_min"} {
			v, err := regions.Numbers(what)
			if err != nil {
				return nil, err
			}
			add(row, what, v[row], v[row]*slow[0], v[row]*slow[1], float64(len(d.slowness))) // a speed divides every time
		}
		for k, l := range d.localSure {
			if r.hidden.regions[row] && l.name != "share_beyond" && (l.name != "site_gain" || r.Spec.Siting.Goal == "treated") {
				continue // an interval would give the number away
			}
			one := make([]float64, len(d.local))
			for i := range one {
				one[i] = d.local[i][k].value[row]
			}
			w := access.NewWeighted(one, ground.Ones(len(one)))
			q := w.Quantiles(0.025, 0.975)
			add(row, l.name, l.value[row], q[0], q[1], w.Total())
		}
	}
	var sh sheet
	sh.text("region_id", "Region", id)
	sh.text("name", "Name", name)
	sh.text("metric", "Metric", metric)
	sh.number("value", "Value", "", value)
	sh.number("low_2_5", "2.5 % of the draws are lower", "", low)
	sh.number("high_97_5", "2.5 % of the draws are higher", "", high)
	sh.count("draws", "Draws in which it has a value", n)
	return sh.table("uncertainty_regions", fmt.Sprintf("Figures of the regions over %d draws", d.n))
}
