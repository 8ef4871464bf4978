package study

import (
	"context"
	"math"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Pitfalls is that of [Misleading].
func (r *penalty) Pitfalls() []Pitfall {
	return []Pitfall{
		{1, "transported-effect", r.transported},
		{2, "beyond-evidence", r.beyondEvidence},
		{4, "after-referral", r.afterReferral},
		{11, "denominator", r.unnamedDenominator},
		{12, "incidence", r.incidenceDefinition},
		{19, "small-numbers", r.smallNumbers},
	}
}

func (r *penalty) transported(context.Context) (*Note, error) {
	if r.Spec.Penalty != nil && spec.Chosen(r.Spec.Penalty, "effect") {
		return nil, nil
	}
	d := r.Spec.Demand
	if d != nil && (d.Eligible != "" || len(d.Funnel) > 0 || spec.Chosen(d, "eligible_per_100k")) {
		return mind("transported.other", r.Total)
	}
	if people := r.PeopleWhere(func(i int) bool { return r.Country[i] != "US" }); people > 0 {
		return mind("transported", people)
	}
	return nil, nil
}

func (r *penalty) beyondEvidence(context.Context) (*Note, error) {
	far := r.PeopleWhere(func(i int) bool { return r.Ways.Minutes[i] > access.EffectTo.Minutes() })
	if far == 0 {
		return nil, nil
	}
	shown := make([]string, len(r.Model.Beyond))
	for k, b := range r.Model.Beyond {
		shown[k] = string(b)
	}
	return mind("beyond-evidence", far, "shown", shown)
}

func (r *penalty) afterReferral(context.Context) (*Note, error) {
	if r.Spec.Demand.ReachOf() != "referred" {
		return nil, nil
	}
	return mind("after-referral", r.Total)
}

func (r *penalty) unnamedDenominator(context.Context) (*Note, error) {
	d := r.Spec.Demand
	if d == nil || d.Denominator != "" || d.Reach == 0 && d.Treated == 0 {
		return nil, nil
	}
	if !spec.Chosen(d, "reach") && d.Reach > 0 && d.Eligible == "" && len(d.Funnel) == 0 {
		return nil, nil
	}
	return mind("denominator", r.Total)
}

// The eligible a year per 100,000 people that are published for the third line of
// diffuse large B-cell lymphoma (Germany, US).
const eligibleLow, eligibleHigh = 0.95, 1.41

func (r *penalty) incidenceDefinition(context.Context) (*Note, error) {
	var all float64
	for _, e := range r.Eligible {
		all += e
	}
	rate := all / r.Total * 100_000
	if rate >= eligibleLow && rate <= eligibleHigh {
		return nil, nil
	}
	return mind("incidence", r.Total, "rate", rate, "low", eligibleLow, "high", eligibleHigh)
}

// fewPatients is a number a year below which a rate is mostly chance.
const fewPatients = 5

func (r *penalty) smallNumbers(context.Context) (*Note, error) {
	if p := r.Spec.Privacy; p != nil && p.SuppressBelow >= fewPatients {
		return nil, nil
	}
	l := r.Model.Curves[0].Likelihoods(r.Ways.Minutes)
	if r.Regions == nil {
		if d := r.Spec.Demand; d == nil || d.Eligible == "" {
			return nil, nil // fractions of a rate, not counts
		}
		n := 0
		people := r.PeopleWhere(func(i int) bool {
			few := r.Eligible[i]*l[i] > 0 && r.Eligible[i]*l[i] < fewPatients
			n += ground.Bit(few)
			return few
		})
		if n == 0 {
			return nil, nil
		}
		return mind("small.places", people, "n", n, "few", fewPatients)
	}
	treated := make([]float64, r.Regions.Len())
	for i, row := range r.Region {
		if row >= 0 && !math.IsNaN(l[i]) {
			treated[row] += r.Eligible[i] * l[i]
		}
	}
	n := 0
	for _, t := range treated {
		n += ground.Bit(t > 0 && t < fewPatients)
	}
	if n == 0 {
		return nil, nil
	}
	people := r.PeopleWhere(func(i int) bool {
		row := r.Region[i]
		return row >= 0 && treated[row] > 0 && treated[row] < fewPatients
	})
	return mind("small.regions", people, "n", n, "few", fewPatients)
}
