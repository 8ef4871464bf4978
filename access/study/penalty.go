package study

import (
	"context"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// PenaltyMeasure asks what distance does to the likelihood of treatment; the
// section penalty of the spec has its parameters.
type PenaltyMeasure struct{}

// Validate is that of [Params].
func (*PenaltyMeasure) Validate(*spec.Spec, spec.Measure, string) error { return nil }

// Acting is that of [Params].
func (*PenaltyMeasure) Acting(spec.Measure) []spec.Acting { return nil }

func (r *run) presentPenalty(context.Context) error {
	if r.model == nil {
		return nil
	}
	m := r.model
	p := &PenaltySummary{Form: string(m.Form), Family: string(m.Family), Effect: Num(m.Effect), Observed: Num(m.Treated), Reach: Num(m.Reach)}
	var all float64
	for _, e := range m.Eligible {
		all += e
	}
	p.Eligible, p.WithoutTime = Num(all), Num(all-m.Timed)
	for _, c := range m.Curves {
		l := c.Likelihoods(r.base.Minutes)
		treated, far := m.Expect(l, r.base.Minutes)
		foregone := m.Foregone(c, l)
		p.Curves = append(p.Curves, PenaltyCurve{Beyond: string(c.Beyond), P0: Num(c.P0), ImpliedRisk: Num(c.ImpliedRisk(c.P0)),
			Treated: Num(treated), TreatedBeyond: Num(far), Foregone: Num(foregone),
			Ceiling: Num(treated + foregone), CeilingGain: Num(foregone / treated)})
	}
	r.result.Summary.Penalty = p
	// The curve itself, for a drawing and for anyone who checks.
	var sh sheet
	minutes := make([]float64, 0, 41)
	for t := 0.0; t <= 600; t += 15 {
		minutes = append(minutes, t)
	}
	sh.number("time_min", "Travel time", "min", minutes)
	for _, c := range m.Curves {
		rel, like := make([]float64, len(minutes)), make([]float64, len(minutes))
		for i, t := range minutes {
			rel[i], like[i] = c.Relative(travel.FromMinutes(t)), c.At(t)
		}
		sh.modelled("effect_"+string(c.Beyond), "Relative effect, beyond four hours: "+string(c.Beyond), string(m.Form)+" ratio", "penalty.effect", rel)
		sh.modelled("likelihood_"+string(c.Beyond), "Likelihood of treatment, beyond four hours: "+string(c.Beyond), "", "penalty.effect", like)
	}
	return r.addTable(geo.NewTable(geo.About{Name: "penalty_curve", Title: "Likelihood of treatment by travel time"}, nil, sh.columns...))
}
