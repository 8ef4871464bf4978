package siting

import (
	"math"
	"slices"

	"careshed/access/site"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/access/study/spec"
)

// bestByRegion finds, for each region, the candidate that gains most for its own
// people if it alone opens, the first of those that gain the same. A candidate that the
// rules forbid is none.
func (r *sited) bestByRegion(p *plan, problem *site.Problem) {
	if r.Regions == nil || len(r.Sites) == 0 || r.byChoice() || spec.In(r.Spec.Siting.Goal, "worst_time", "all_covered", "worst_group", "gini") {
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
			if ground.More(g, b.gain[row]) {
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
			if shorter(l.Time, p.now[l.Place]) {
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
func (r *sited) gainByRegion(problem *site.Problem, offers []site.Offer, gain []float64) {
	for _, o := range offers {
		if row := r.Region[int(o.Place)%len(r.Region)]; row >= 0 && ground.More(o.Worth, problem.Now[o.Place]) { // the stages of a journey follow each other
			gain[row] += problem.Weight[o.Place] * (o.Worth - problem.Now[o.Place])
		}
	}
}

// presentBestByRegion makes the table of these candidates.
func (r *sited) presentBestByRegion() error {
	b := r.plan.regions
	if b == nil {
		return nil
	}
	hidden := finding.Of[*measure.Withheld](r.Study).OfRegions
	var region, name, own, id, candidate, in, unsure []string
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
		own = append(own, finding.Of[*measure.Regions](r.Study).Unsure(row))
		id, candidate = append(id, c.ID), append(candidate, c.Name)
		in, unsure = append(in, home), append(unsure, r.unsure(c))
		g, a := b.gain[row], b.apart[row]
		if r.Spec.Siting.Goal == "treated" && hidden[row] {
			g, a = math.NaN(), math.NaN()
		}
		gain, alone, apart, nearer = append(gain, g), append(alone, r.plan.Alone[j]), append(apart, a), append(nearer, b.nearer[row])
		first = append(first, b.first[row])
	}
	sh := finding.Sheet{Of: "best_by_region", Unit: r.plan.unit}
	sh.Text("region_id", region)
	sh.Text("name", name)
	sh.Text("candidate_id", id)
	sh.Text("candidate_name", candidate)
	sh.Text("candidate_region_id", in)
	sh.Number("gain", gain)
	sh.Number("gain_apart", apart)
	sh.People("people_nearer", nearer)
	sh.People("people_newly", first)
	sh.Number("gain_alone", alone)
	sh.Text("region_gap", own)
	sh.Text("candidate_region_gap", unsure)
	return r.AddTable(sh.Table())
}

// localGain is what the best candidate of each region gains there in a draw; without
// a problem a draw has none.
func (r *sited) localGain(x finding.Draw, d *finding.Drawn, problem *site.Problem) {
	if !x.ByRegion || r.plan.regions == nil {
		return
	}
	out, gain := ground.NaNs(r.Regions.Len()), make([]float64, r.Regions.Len())
	for row, j := range r.plan.regions.candidate {
		if j >= 0 && problem != nil {
			clear(gain)
			r.gainByRegion(problem, problem.Offers[j], gain)
			out[row] = x.Rate * gain[row]
		}
	}
	d.Local = append(d.Local, finding.Regional{Name: "site_gain", Value: out})
}
