package ground

import (
	"fmt"
	"math"
	"strings"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// Model is demand and penalty with the values that act: given or default.
type Model struct {
	Reached
	Form     access.Form
	Family   access.Family
	Effect   float64
	Beyond   []access.Beyond
	Eligible []float64 // by place
	Timed    float64   // eligible with a travel time, on the baseline
	Curves   []Curve   // one for each beyond, the first leads
}

// Reached is how many of the eligible are treated, as it was observed.
type Reached struct {
	Rate        float64 // eligible per 100,000; NaN where the places bring their own
	Reach       float64
	Treated     float64
	Denominator float64    // what reach is a share of, with a travel time
	Fixed       bool       // the treated are a number of the study's own, or as many as were counted
	Doubt       [2]float64 // an interval of the eligible as far apart as the sources have it
}

// Curve is a penalty, calibrated on the baseline and held in every scenario.
type Curve struct {
	*access.Penalty
	P0 float64
}

// Settings are the values of a model before any place is looked at.
func (in *Ground) Settings() *Model {
	reach, _ := access.Lookup("demand.reach")
	effect, _ := access.Lookup("penalty.effect")
	rate, doubt := in.sureRate()
	m := &Model{Reached: Reached{Rate: rate, Reach: reach.Value, Doubt: doubt}, Form: access.Odds,
		Family: access.Exponential, Effect: effect.Value, Beyond: access.Beyonds}
	if d := in.Spec.Demand; d != nil {
		if d.Reach > 0 {
			m.Reach = d.Reach
		}
		m.Treated, m.Fixed = d.Treated.Number, d.Treated.Given()
	}
	if p := in.Spec.Penalty; p != nil {
		if p.Form != "" {
			m.Form = access.Form(p.Form)
		}
		if p.Family != "" {
			m.Family = access.Family(p.Family)
		}
		if p.Effect > 0 {
			m.Effect = p.Effect
		}
		if len(p.Beyond) > 0 {
			m.Beyond = nil
			for _, b := range p.Beyond {
				m.Beyond = append(m.Beyond, access.Beyond(b))
			}
		}
	}
	return m
}

// Model calibrates demand and penalty on the trips of the baseline.
func (in *Ground) Model(base *Trips) (*Model, error) {
	m := in.Settings()
	m.Eligible = in.Eligible
	if d := in.Spec.Demand; d != nil && (d.Eligible != "" || len(d.Funnel) > 0) {
		m.Rate = math.NaN()
	}
	for i, e := range in.over() {
		if !math.IsNaN(base.Minutes[i]) {
			m.Timed += m.Eligible[i]
			m.Denominator += e
		}
	}
	if d := in.Spec.Demand; d != nil && d.Treated.Observed {
		if err := in.scaled(m); err != nil {
			return nil, err
		}
	}
	if m.Treated == 0 {
		m.Treated = m.Reach * m.Denominator
	} else {
		m.Reach = m.Treated / m.Denominator
	}
	if m.Timed == 0 {
		in.Note("nobody_eligible")
	}
	for _, b := range m.Beyond {
		c, _, err := m.Calibrate(base, Setting{m.Family, m.Effect, b, 1})
		if err != nil {
			field := "reach"
			if d := in.Spec.Demand; d != nil && d.Treated.Given() {
				field = "treated"
			}
			return nil, &spec.SpecError{Field: "demand." + field, Problem: err.Error()}
		}
		m.Curves = append(m.Curves, c)
	}
	return m, nil
}

// Setting is what a curve is calibrated for: its family and effect, what is assumed
// beyond four hours, and by what every speed is multiplied.
type Setting struct {
	Family access.Family
	Effect float64
	Beyond access.Beyond
	Speed  float64
}

// Calibrate solves p0 on the baseline, and gives the likelihoods of the baseline.
func (m *Model) Calibrate(base *Trips, as Setting) (Curve, []float64, error) {
	p, err := access.NewPenalty(m.Form, as.Family, as.Effect, as.Beyond)
	if err != nil {
		return Curve{}, nil, err
	}
	relative := make([]float64, len(m.Eligible))
	for i, min := range base.Minutes {
		relative[i] = p.Relative(travel.FromMinutes(min / as.Speed))
	}
	if m.Timed == 0 {
		return Curve{p, math.NaN()}, relative, nil // nobody is there to be treated: all likelihoods are NaN
	}
	p0, err := p.Calibrate(m.Eligible, relative, m.Treated)
	for i, e := range relative {
		relative[i] = p.Of(p0, e) // NaN stays NaN
	}
	return Curve{p, p0}, relative, err
}

// Likelihoods are p(t) of each place, NaN where there is no time.
func (c Curve) Likelihoods(minutes []float64) []float64 {
	out := make([]float64, len(minutes))
	for i, min := range minutes {
		out[i] = c.At(min)
	}
	return out
}

func (c Curve) At(minutes float64) float64 {
	return c.Likelihood(c.P0, travel.FromMinutes(minutes))
}

// treated is the expected number, and that of those beyond four hours.
func (m *Model) Expect(likelihood, minutes []float64) (treated, beyond float64) {
	for i, p := range likelihood {
		if math.IsNaN(p) {
			continue
		}
		treated += m.Eligible[i] * p
		if minutes[i] > access.EffectTo.Minutes() {
			beyond += m.Eligible[i] * p
		}
	}
	return treated, beyond
}

// Foregone is what distance costs: the eligible with a time, were all as likely
// to be treated as those within half an hour, less the expected.
func (m *Model) Foregone(c Curve, likelihood []float64) float64 {
	if math.IsNaN(c.P0) {
		return c.P0
	}
	var sum float64
	for i, p := range likelihood {
		if !math.IsNaN(p) {
			sum += m.Eligible[i] * (c.P0 - p)
		}
	}
	return sum
}

// scaled sets the treated to as many as were counted.
func (in *Ground) scaled(m *Model) error {
	treated, said, err := in.countedLast()
	if err != nil {
		return err
	}
	if treated >= m.Denominator {
		return &spec.SpecError{Field: "demand.treated",
			Problem: fmt.Sprintf("observed: %.4g patients a year were counted (%s), of %.4g who are eligible and have a way to a center (%s)",
				treated, Some(said, 3), m.Denominator, strings.Join(in.Patients(), "; ")),
			Accept: "the indications that the count is of (demand.indications with demand.rates, or eligible_per_100k), or reach"}
	}
	m.Treated = treated
	in.Note("demand.observed", "treated", treated, "counts", said)
	return nil
}
