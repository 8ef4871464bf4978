package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
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

// Penalty is what distance costs in treatments.
type Penalty struct{ *finding.Study }

// FindPenalty makes the model of treatment, where anything asks for it.
func FindPenalty(_ context.Context, s *finding.Study) (_ finding.Finding, err error) {
	if !s.Spec.Measures.Has("penalty") && !s.Spec.Measures.Has("capacity") && s.Spec.Forecast == nil && !s.Spec.Siting.Aims("treated") &&
		s.Spec.Penalty == nil {
		return nil, nil
	}
	if s.Model, err = s.Ground.Model(s.Ways); err != nil {
		return nil, err
	}
	return &Penalty{s}, nil
}

// Tell is that of [Finding].
func (r *Penalty) Tell(context.Context) error {
	m := r.Model
	p := &finding.PenaltySummary{Patients: r.Patients(), Indications: r.Indications(),
		Form: string(m.Form), Family: string(m.Family), Effect: finding.Num(m.Effect),
		Observed: finding.Num(m.Treated), Reach: finding.Num(m.Reach)}
	var all float64
	for _, e := range m.Eligible {
		all += e
	}
	p.Eligible, p.WithoutTime = finding.Num(all), finding.Num(all-m.Timed)
	for _, c := range m.Curves {
		l := c.Likelihoods(r.Ways.Minutes)
		treated, far := m.Expect(l, r.Ways.Minutes)
		foregone := m.Foregone(c, l)
		p.Curves = append(p.Curves, finding.PenaltyCurve{Beyond: string(c.Beyond), P0: finding.Num(c.P0), ImpliedRisk: finding.Num(c.ImpliedRisk(c.P0)),
			Treated: finding.Num(treated), TreatedBeyond: finding.Num(far), Foregone: finding.Num(foregone),
			Ceiling: finding.Num(treated + foregone), CeilingGain: finding.Num(foregone / treated)})
		if c.Beyond == access.Recover {
			sent, err := r.sentElsewhere()
			if err != nil {
				return err
			}
			p.Curves[len(p.Curves)-1].Sent = sent
		}
	}
	r.Result.Summary.Penalty = p
	return r.AddTable(r.curves())
}

// curves are the curves themselves, for a drawing and for anyone who checks.
func (r *Penalty) curves() (*geo.Layer, error) {
	m := r.Model
	sh := finding.Sheet{Of: "penalty_curve", Unit: string(m.Form) + " ratio"}
	minutes := make([]float64, 0, 41)
	for t := 0.0; t <= 600; t += 15 {
		minutes = append(minutes, t)
	}
	sh.Number("time_min", minutes)
	for _, c := range m.Curves {
		rel, like := make([]float64, len(minutes)), make([]float64, len(minutes))
		for i, t := range minutes {
			rel[i], like[i] = c.Relative(travel.FromMinutes(t)), c.At(t)
		}
		sh.Modelled("effect_{beyond}", "penalty.effect", rel, "beyond", c.Beyond)
		sh.Modelled("likelihood_{beyond}", "penalty.effect", like, "beyond", c.Beyond)
	}
	return sh.Table()
}

// PlaceColumns are the patients, and what the ways do to the likelihood of their
// treatment.
func (r *Penalty) PlaceColumns(sh *finding.Sheet) {
	n, m, t := r.Places.Len(), r.Model, r.Ways
	hidden, of := finding.Of[*Withheld](r.Study).ofPlaces, strings.Join(r.Patients(), "; ")
	far := make([]float64, n)
	for i, min := range t.Minutes {
		far[i] = math.NaN()
		if !math.IsNaN(min) {
			far[i] = 0
			if min > access.EffectTo.Minutes() {
				far[i] = 1
			}
		}
	}
	sh.Modelled("eligible", "demand.eligible_per_100k", finding.Blank(m.Eligible, hidden), "patients", of)
	if r.Spec.Privacy != nil {
		sh.Text("withheld", withheldWords(r.Study, hidden))
	}
	sh.Flag("beyond_evidence", far)
	for _, c := range m.Curves {
		l := c.Likelihoods(t.Minutes)
		treated := make([]float64, n)
		for i := range l {
			treated[i] = m.Eligible[i] * l[i]
		}
		// The likelihood times the eligible would give the number away.
		l, treated = finding.Blank(l, hidden), finding.Blank(treated, hidden)
		sh.Modelled("likelihood_{beyond}", "penalty.effect", l, "beyond", c.Beyond)
		sh.Modelled("treated_{beyond}", "penalty.effect", treated, "beyond", c.Beyond, "patients", of)
	}
}

// RegionColumns are the patients of each region, and what distance does to them;
// the likelihoods are those that the baseline gives.
func (r *Penalty) RegionColumns(sh *finding.Sheet, t *ground.Trips, member [][]int) {
	n, m := r.Regions.Len(), r.Model
	hidden, of := finding.Of[*Withheld](r.Study).OfRegions, strings.Join(r.Patients(), "; ")
	eligible := make([]float64, n)
	for i := range n {
		for _, p := range member[i] {
			eligible[i] += m.Eligible[p]
		}
	}
	for _, c := range m.Curves {
		treated, foregone := r.patientsByRegion(c, c.Likelihoods(t.Minutes), 1)
		sh.Modelled("treated_{beyond}", "penalty.effect", finding.Blank(treated, hidden), "beyond", c.Beyond, "patients", of)
		sh.Modelled("foregone_{beyond}", "penalty.effect", finding.Blank(foregone, hidden), "beyond", c.Beyond, "patients", of)
	}
	if r.Spec.Privacy != nil {
		sh.Text("withheld", withheldWords(r.Study, hidden))
	}
	sh.Modelled("eligible", "demand.eligible_per_100k", finding.Blank(eligible, hidden), "patients", of)
}

// patientsByRegion are those treated and those whom distance keeps from it, given
// likelihoods of the places and so many times the eligible: of the people who have
// a likelihood. Where nobody has one there is no value: a sum over nobody is no zero.
func (r *Penalty) patientsByRegion(c ground.Curve, likelihood []float64, rate float64) (treated, foregone []float64) {
	treated, foregone = ground.NaNs(r.Regions.Len()), ground.NaNs(r.Regions.Len())
	for i, row := range r.Region {
		l := likelihood[i]
		if row < 0 || math.IsNaN(l) || !(r.People[i]+r.Model.Eligible[i] > 0) {
			continue
		}
		if math.IsNaN(treated[row]) {
			treated[row], foregone[row] = 0, 0
		}
		treated[row] += rate * r.Model.Eligible[i] * l
		foregone[row] += rate * r.Model.Eligible[i] * (c.P0 - l)
	}
	return treated, foregone
}

// OfGroup is that of [OfGroups].
func (r *Penalty) OfGroup(g finding.Group, add func(metric string, value float64)) {
	c := r.Model.Curves[0]
	mean := access.NewWeighted(c.Likelihoods(r.Ways.Minutes), g.Weight).Mean()
	if p := r.Spec.Privacy; p != nil && math.Min(g.Eligible, g.Eligible*mean) < p.SuppressBelow {
		mean = math.NaN()
		r.Note("groups.withheld", "group", g.Name, "field", g.Field, "least", p.SuppressBelow)
	}
	add("mean_likelihood_"+string(c.Beyond), mean)
}

// Draw has the headlines of the model, by what holds beyond four hours.
func (r *Penalty) Draw(ctx context.Context, x finding.Draw, d *finding.Drawn) error {
	minutes := atSpeed(r.Ways.Minutes, x.Speed)
	for k, b := range r.Model.Beyond {
		if b == access.Recover {
			continue
		}
		under := finding.Curve{Leads: k == 0, Beyond: b}
		c, l, err := r.Model.Calibrate(r.Ways, ground.Setting{Family: x.Family, Effect: x.Effect, Beyond: b, Speed: x.Speed})
		switch {
		case errors.Is(err, access.ErrCannotBe):
			// In this draw so many cannot be treated: these headlines have no value.
			if x.ByRegion {
				none := ground.NaNs(r.Regions.Len())
				d.Local = append(d.Local, finding.Regional{Name: "treated_" + string(b), Value: none},
					finding.Regional{Name: "foregone_" + string(b), Value: none})
			}
		case err != nil:
			return err
		default:
			under.Of, under.Likelihood, under.Minutes = &c, l, minutes
			if demand := r.Spec.Demand; demand == nil || !demand.Treated.Given() { // else they are a number, and nothing is known of its doubt
				treated, _ := r.Model.Expect(l, minutes)
				d.Add("treated_"+string(b), x.Rate*treated)
			}
			d.Add("foregone_"+string(b), x.Rate*r.Model.Foregone(c, l))
			d.Add("ceiling_"+string(b), x.Rate*r.Model.Timed*c.P0)
			d.Add("implied_relative_risk_"+string(b), c.ImpliedRisk(c.P0))
			if x.ByRegion {
				treated, foregone := r.patientsByRegion(c, l, x.Rate)
				d.Local = append(d.Local, finding.Regional{Name: "treated_" + string(b), Value: treated},
					finding.Regional{Name: "foregone_" + string(b), Value: foregone})
			}
		}
		if err := finding.Each(r.Study, func(f finding.OfPatients) error { return f.DrawPatients(ctx, x, under, d) }); err != nil {
			return err
		}
	}
	return nil
}

// Acts is that of [Acting].
func (r *Penalty) Acts() (out []finding.Acts) {
	add := func(name, value string, given bool) {
		out = append(out, finding.Acts{Name: name, Value: value, Given: given})
	}
	m, d, p := r.Model, r.Spec.Demand, r.Spec.Penalty
	whose := "US, third line"
	if r.Indications() == nil {
		whose = "the study's own"
	}
	if d != nil && d.Eligible != "" {
		add("demand.eligible", "field "+d.Eligible, true)
	} else if d != nil && len(d.Funnel) > 0 {
		add("demand.funnel", fmt.Sprintf("%d funnels from new cases", len(d.Funnel)), true)
	} else if d != nil && len(d.Indications) > 0 {
		for _, k := range d.Indications {
			i, _ := access.IndicationOf(k)
			n, _, _ := i.Per100k(d.Rates[k])
			add(cmp.Or(i.Evidence, "demand."+k), fmt.Sprintf("%g (%s)", n, i.Name), d.Rates[k] > 0)
		}
	} else {
		add("demand.eligible_per_100k", fmt.Sprintf("%g (%s)", m.Rate, whose), d != nil && d.EligiblePer100k > 0)
	}
	add("demand.reach", fmt.Sprintf("%g", m.Reach), d != nil && (d.Reach > 0 || d.Treated.Given()))
	add("penalty.form", string(m.Form), p != nil && p.Form != "")
	add("penalty.family", string(m.Family), p != nil && p.Family != "")
	add("penalty.effect", fmt.Sprintf("%g", m.Effect), p != nil && p.Effect > 0)
	add("penalty.site", "the nearest open site that infuses, once, at referral", p != nil && p.Site != "")
	return out
}

// ByPlace is that of [Unequal].
func (r *Penalty) ByPlace() (string, []float64, [2]float64) {
	return "likelihood", r.Model.Curves[0].Likelihoods(r.Ways.Minutes), chance
}

// Inequality is that of [Unequal].
func (r *Penalty) Inequality(found []finding.IndexSummary) {
	r.Result.Summary.Penalty.Inequality = found
}

// Compare has the change in expected treatments under each curve.
func (r *Penalty) Compare(_ context.Context, c *finding.Comparison, o *finding.Outcome, s *finding.ScenarioSummary) error {
	if finding.Tells(r.Study, c.With.Ways, o.Ways) {
		r.Note("privacy.scenario", "least", r.Spec.Privacy.SuppressBelow, "scenario", o.Name)
		return nil
	}
	for _, curve := range r.Model.Curves {
		g := r.gain(curve, c.With.Ways, o.Ways)
		s.Treated = append(s.Treated, g)
		c.Add(o, "treated_"+string(curve.Beyond), float64(g.Treated-g.Change-g.Newly), float64(g.Treated))
	}
	return nil
}

// gain is the change in expected treatments. Those who had no time before and
// have one now are counted apart: nothing is known of what they had.
func (r *Penalty) gain(c ground.Curve, before, after *ground.Trips) finding.Gain {
	g := finding.Gain{Beyond: string(c.Beyond)}
	var outside float64
	for i, e := range r.Model.Eligible {
		x, y := before.Minutes[i], after.Minutes[i]
		if math.IsNaN(y) {
			if !math.IsNaN(x) {
				g.Change -= finding.Num(e * c.At(x))
			}
			continue
		}
		p := e * c.At(y)
		g.Treated += finding.Num(p)
		if math.IsNaN(x) {
			g.Newly += finding.Num(p)
			continue
		}
		d := p - e*c.At(x)
		g.Change += finding.Num(d)
		if x > access.EffectTo.Minutes() || y > access.EffectTo.Minutes() {
			outside += d
		}
	}
	g.Outside = finding.Num(math.NaN())
	if g.Change != 0 {
		g.Outside = finding.Num(outside) / g.Change
	}
	return g
}
