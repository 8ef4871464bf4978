package measure

import (
	"context"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Pitfalls is that of [Misleading].
func (r *Penalty) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 1, Key: "transported-effect", Check: r.transported},
		{Number: 2, Key: "beyond-evidence", Check: r.beyondEvidence},
		{Number: 4, Key: "after-referral", Check: r.afterReferral},
		{Number: 11, Key: "denominator", Check: r.unnamedDenominator},
		{Number: 12, Key: "incidence", Check: r.incidenceDefinition},
		{Number: 19, Key: "small-numbers", Check: r.smallNumbers},
	}
}

func (r *Penalty) transported(context.Context) (*finding.Note, error) {
	if r.Spec.Penalty != nil && spec.Chosen(r.Spec.Penalty, "effect") {
		return nil, nil
	}
	d := r.Spec.Demand
	if d != nil && (d.Eligible != "" || len(d.Funnel) > 0 || spec.Chosen(d, "eligible_per_100k") || r.otherThanDefault()) {
		return finding.Mind("transported.other", r.Total)
	}
	if people := r.PeopleWhere(func(i int) bool { return r.Country[i] != "US" }); people > 0 {
		return finding.Mind("transported", people)
	}
	return nil, nil
}

func (r *Penalty) beyondEvidence(context.Context) (*finding.Note, error) {
	far := r.PeopleWhere(func(i int) bool { return r.Ways.Minutes[i] > access.EffectTo.Minutes() })
	if far == 0 {
		return nil, nil
	}
	shown := make([]string, len(r.Model.Beyond))
	for k, b := range r.Model.Beyond {
		shown[k] = string(b)
	}
	return finding.Mind("beyond-evidence", far, "shown", shown)
}

func (r *Penalty) afterReferral(context.Context) (*finding.Note, error) {
	if r.Spec.Demand.ReachOf() != "referred" {
		return nil, nil
	}
	return finding.Mind("after-referral", r.Total)
}

func (r *Penalty) unnamedDenominator(context.Context) (*finding.Note, error) {
	d := r.Spec.Demand
	if d == nil || d.Denominator != "" || d.Reach == 0 && !d.Treated.Given() {
		return nil, nil
	}
	if !spec.Chosen(d, "reach") && d.Reach > 0 && d.Eligible == "" && len(d.Funnel) == 0 {
		return nil, nil
	}
	return finding.Mind("denominator", r.Total)
}

// The eligible a year per 100,000 people that are published for the third line of
// diffuse large B-cell lymphoma (Germany, US).
const eligibleLow, eligibleHigh = 0.95, 1.41

func (r *Penalty) incidenceDefinition(context.Context) (*finding.Note, error) {
	if r.otherThanDefault() {
		return nil, nil // the range is of that indication
	}
	var all float64
	for _, e := range r.Eligible {
		all += e
	}
	rate := all / r.Total * 100_000
	if rate >= eligibleLow && rate <= eligibleHigh {
		return nil, nil
	}
	return finding.Mind("incidence", r.Total, "rate", rate, "low", eligibleLow, "high", eligibleHigh)
}

// fewPatients is a number a year below which a rate is mostly chance.
const fewPatients = 5

func (r *Penalty) smallNumbers(context.Context) (*finding.Note, error) {
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
		return finding.Mind("small.places", people, "n", n, "few", fewPatients)
	}
	treated := make([]float64, r.Regions.Len())
	for i, row := range r.Region {
		if row >= 0 && !math.IsNaN(l[i]) {
			treated[row] += r.Eligible[i] * l[i]
		}
	}
	hidden := finding.Of[*Withheld](r.Study).OfRegions
	for i := range treated {
		if hidden[i] {
			treated[i] = 0 // is told nowhere
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
	return finding.Mind("small.regions", people, "n", n, "few", fewPatients)
}

// otherThanDefault reports whether the study names other indications than the one that
// the default is of.
func (r *Penalty) otherThanDefault() bool {
	d := r.Spec.Demand
	return d != nil && len(d.Indications) > 0 && !slices.Equal(d.Indications, []string{access.Indications()[0].Key})
}
