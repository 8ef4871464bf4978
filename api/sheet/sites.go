package sheet

import (
	"cmp"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study"
)

// siting is how the study chose sites, nil if it was not asked to.
func (s *Sheet) siting() *Siting {
	p := s.from.result.Summary.Siting
	if p == nil {
		s.Missing["sites"] = "not asked"
		return nil
	}
	c := s.from.result.Spec.Candidates
	least := none
	if c != nil {
		for _, x := range c.Where {
			if x.Field == "population" && !math.IsNaN(x.Min) {
				least = study.Num(x.Min)
			}
		}
	}
	var short []Short
	for _, x := range p.Short {
		short = append(short, Short(x))
	}
	return &Siting{Short: short, Least: least, Goal: p.Goal, Unit: p.GainUnit, Candidates: p.Candidates, Allowed: p.Allowed, Proven: p.Proven,
		Infuse: c == nil || c.Roles == nil || slices.Contains(c.Roles, "infuse")}
}

// evidence is what gains rest on: those in treatments on the effect of distance.
func (x *Siting) evidence(s *Sheet) string {
	if x.Goal == "treated" {
		return "penalty.effect"
	}
	return s.from.evidenceOfTimes()
}

// plan is the sites of the plan of the whole.
func (s *Sheet) plan() {
	if s.Siting = s.siting(); s.Siting == nil {
		return
	}
	p := s.from.result.Summary.Siting
	if len(p.Plan) == 0 {
		s.Missing["sites"] = "no gain"
		return
	}
	plan := table{s.from.result.Layer("plan")}
	for i, step := range p.Plan {
		x := Site{ID: step.ID, Name: cmp.Or(step.Name, step.ID), Region: plan.text("region_id", i), Alone: plan.number("gain_alone", i), Apart: step.Apart,
			Gain: s.from.value("", step.Gain, "", s.Siting.evidence(s)), Nearer: plan.number("people_nearer", i), Newly: none, Unsure: step.Unsure, InDraws: step.InDraws}
		x.RegionName, x.Doubts = s.from.regions.name(x.Region), doubtsOf("people_beyond", access.Gap(x.Unsure), 0)
		s.Sites = append(s.Sites, x)
	}
	if known(p.Gain) {
		gain := s.from.value("", p.Gain, "plan_gain", s.Siting.evidence(s))
		s.SitesGain = &gain
	}
}

// best is the candidate that alone gains most for the people of the region.
func (s *Sheet) best() {
	if s.Siting = s.siting(); s.Siting == nil {
		return
	}
	t := table{s.from.result.Layer("best_by_region")}
	if t.Layer == nil {
		s.Missing["sites"] = "not by region"
		return
	}
	for i := range t.rows() {
		if t.text("region_id", i) != s.RegionID {
			continue
		}
		x := Site{ID: t.text("candidate_id", i), Region: t.text("candidate_region_id", i), Alone: t.number("gain_alone", i), Apart: t.number("gain_apart", i),
			Gain: s.from.value(s.RegionID, t.number("gain", i), "site_gain", s.Siting.evidence(s)), Nearer: t.number("people_nearer", i), Newly: t.number("people_newly", i), Unsure: t.text("candidate_region_gap", i), InDraws: none}
		x.Doubts = doubtsOf("people_beyond", access.Gap(t.text("region_gap", i)), 0)
		x.Name, x.RegionName = cmp.Or(t.text("candidate_name", i), x.ID), s.from.regions.name(x.Region)
		if !known(x.Gain.Value) {
			s.Missing["sites"] = "withheld"
			return
		}
		s.Sites = []Site{x}
		return
	}
	s.Missing["sites"] = "no gain"
}

// apart reports how much of a site's gain is of people without a time today: all,
// some or none.
func (x *Site) apart(of study.Num) string {
	switch {
	case !(x.Apart > 0):
		return "none"
	case x.Apart >= 0.999*of:
		return "all"
	}
	return "some"
}
