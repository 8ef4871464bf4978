package study

import (
	"math"

	"careshed/access"
	"careshed/geo/travel"
)

// model is demand and penalty with the values that act: given or default.
type model struct {
	rate        float64 // eligible per 100,000; NaN where the places bring their own
	reach       float64
	treated     float64 // observed
	form        access.Form
	family      access.Family
	effect      float64
	beyond      []access.Beyond
	eligible    []float64 // by place
	timed       float64   // eligible with a travel time, on the baseline
	denominator float64   // what reach is a share of, with a travel time
	curves      []curve   // one for each beyond, the first leads
}

// curve is a penalty, calibrated on the baseline and held in every scenario.
type curve struct {
	*access.Penalty
	p0 float64
}

// settings are the values of a model before any place is looked at.
func (in *inputs) settings() *model {
	reach, _ := access.Lookup("demand.reach")
	effect, _ := access.Lookup("penalty.effect")
	m := &model{rate: in.rate(), reach: reach.Value, form: access.Odds, family: access.Exponential, effect: effect.Value, beyond: access.Beyonds}
	if d := in.spec.Demand; d != nil {
		if d.Reach > 0 {
			m.reach = d.Reach
		}
		m.treated = d.Treated
	}
	if p := in.spec.Penalty; p != nil {
		if p.Form != "" {
			m.form = access.Form(p.Form)
		}
		if p.Family != "" {
			m.family = access.Family(p.Family)
		}
		if p.Effect > 0 {
			m.effect = p.Effect
		}
		if len(p.Beyond) > 0 {
			m.beyond = nil
			for _, b := range p.Beyond {
				m.beyond = append(m.beyond, access.Beyond(b))
			}
		}
	}
	return m
}

// model calibrates demand and penalty on the trips of the baseline.
func (in *inputs) model(base *trips) (*model, error) {
	m := in.settings()
	m.eligible = in.eligible
	if d := in.spec.Demand; d != nil && (d.Eligible != "" || len(d.Funnel) > 0) {
		m.rate = math.NaN()
	}
	for i, e := range in.over() {
		if !math.IsNaN(base.minutes[i]) {
			m.timed += m.eligible[i]
			m.denominator += e
		}
	}
	if m.treated == 0 {
		m.treated = m.reach * m.denominator
	} else {
		m.reach = m.treated / m.denominator
	}
	if m.timed == 0 {
		in.note("nobody_eligible")
	}
	for _, b := range m.beyond {
		c, _, err := m.calibrate(m.family, m.effect, b, base, 1)
		if err != nil {
			field := "reach"
			if d := in.spec.Demand; d != nil && d.Treated > 0 {
				field = "treated"
			}
			return nil, &SpecError{Field: "demand." + field, Problem: err.Error()}
		}
		m.curves = append(m.curves, c)
	}
	return m, nil
}

// calibrate solves p0 on the baseline, every speed multiplied by speed, and
// gives the likelihoods of the baseline.
func (m *model) calibrate(f access.Family, effect float64, b access.Beyond, base *trips, speed float64) (curve, []float64, error) {
	p, err := access.NewPenalty(m.form, f, effect, b)
	if err != nil {
		return curve{}, nil, err
	}
	relative := make([]float64, len(m.eligible))
	for i, min := range base.minutes {
		relative[i] = p.Relative(travel.FromMinutes(min / speed))
	}
	if m.timed == 0 {
		return curve{p, math.NaN()}, relative, nil // nobody is there to be treated: all likelihoods are NaN
	}
	p0, err := p.Calibrate(m.eligible, relative, m.treated)
	for i, e := range relative {
		relative[i] = p.Of(p0, e) // NaN stays NaN
	}
	return curve{p, p0}, relative, err
}

// likelihoods are p(t) of each place, NaN where there is no time.
func (c curve) likelihoods(minutes []float64) []float64 {
	out := make([]float64, len(minutes))
	for i, min := range minutes {
		out[i] = c.at(min)
	}
	return out
}

func (c curve) at(minutes float64) float64 {
	return c.Likelihood(c.p0, travel.FromMinutes(minutes))
}

// treated is the expected number, and that of those beyond four hours.
func (m *model) expect(likelihood, minutes []float64) (treated, beyond float64) {
	for i, p := range likelihood {
		if math.IsNaN(p) {
			continue
		}
		treated += m.eligible[i] * p
		if minutes[i] > access.EffectTo.Minutes() {
			beyond += m.eligible[i] * p
		}
	}
	return treated, beyond
}

// foregone is what distance costs: the eligible with a time, were all as likely
// to be treated as those within half an hour, less the expected.
func (m *model) foregone(c curve, likelihood []float64) float64 {
	if math.IsNaN(c.p0) {
		return c.p0
	}
	var sum float64
	for i, p := range likelihood {
		if !math.IsNaN(p) {
			sum += m.eligible[i] * (c.p0 - p)
		}
	}
	return sum
}
