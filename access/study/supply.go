package study

import (
	"context"
	"fmt"
	"math"
	"sort"

	"careshed/access"
	"careshed/geo/travel"
)

// score is a measure of supply and demand by place.
type score struct {
	measure Measure
	value   []float64 // NaN: no value
	reason  []travel.Reason
	mean    float64
	handed  float64
	unused  float64
	gap     float64
}

// supplied are the sites that take part in supply and demand: those that infuse
// and have a supply. A site with a supply of 0 takes part and gives nothing.
func (in *inputs) supplied() (open []int, supply []float64) {
	for _, j := range goals(in.sites) {
		if !math.IsNaN(in.sites[j].supply) {
			open = append(open, j)
			supply = append(supply, in.sites[j].supply)
		}
	}
	return open, supply
}

// widest is the longest time that any variant of the measures looks at, every
// speed multiplied by up to speed; 0 is no limit.
func (in *inputs) widest(speed float64) travel.Seconds {
	most := 0.0
	for _, m := range in.spec.Measures {
		limit := -1.0
		switch {
		case m.FCA != nil:
			limit = m.FCA.LimitMin
		case m.RAAM != nil:
			limit = m.RAAM.LimitMin
		}
		for _, v := range append(in.spec.Grid[m.Name+".limit_min"], in.spec.Sensitivity["limit_min"]...) {
			limit = math.Max(limit, v)
		}
		if limit == 0 || m.RAAM != nil && m.RAAM.LimitMin == 0 || m.FCA != nil && m.FCA.Choice == "listed" {
			return 0
		}
		most = math.Max(most, limit)
	}
	return travel.FromMinutes(most * speed)
}

// supplyMatrix collects the legs that the measures need, once.
func (in *inputs) supplyMatrix(ctx context.Context, speed float64) (*travel.Matrix, []float64, error) {
	open, supply := in.supplied()
	limit := in.widest(speed)
	if limit == 0 {
		limit = travel.Unreached
	}
	m, err := in.matrix(ctx, in.sites, open, limit)
	return m, supply, err
}

func (in *inputs) score(ctx context.Context, me Measure, m *travel.Matrix, supply []float64) (*score, error) {
	s := &score{measure: me, gap: math.NaN()}
	switch {
	case me.FCA != nil:
		if err := in.scoreFCA(s, me, m, supply); err != nil {
			return nil, err
		}
	case me.RAAM != nil:
		limited := m
		if me.RAAM.LimitMin > 0 {
			limited = within(m, travel.FromMinutes(me.RAAM.LimitMin))
		}
		tau := me.RAAM.TauMin
		if tau == 0 {
			tau = 60
		}
		r, err := access.RAAM(ctx, limited, in.people, supply, travel.FromMinutes(tau), me.RAAM.gap(), 500)
		if err != nil {
			return nil, err
		}
		s.value, s.gap = r.Cost, r.Gap
		s.reason = make([]travel.Reason, len(s.value))
		for i, v := range s.value {
			if math.IsNaN(v) {
				s.reason[i] = access.Uncovered
			}
		}
		for j, d := range r.Demand {
			if d > 0 {
				s.handed += supply[j]
			} else {
				s.unused += supply[j]
			}
		}
	}
	s.mean = access.NewWeighted(s.value, in.people).Mean()
	return s, nil
}

// gap is the Wardrop gap at which RAAM ends.
func (m *RAAMMeasure) gap() float64 {
	if m.Gap == 0 {
		return 1e-6
	}
	return m.Gap
}

// scoreFCA computes a measure by catchment.
func (in *inputs) scoreFCA(s *score, me Measure, m *travel.Matrix, supply []float64) (err error) {
	c := me.FCA.catchment()
	limited := m
	if c.Limit > 0 && (me.Name == "closest" || me.Name == "balancing") {
		limited = within(m, c.Limit)
	}
	var r *access.FCAResult
	s.handed, s.unused = math.NaN(), math.NaN()
	switch me.Name {
	case "2sfca", "e2sfca":
		r, err = access.FCA(m, in.people, supply, c)
	case "3sfca":
		var choice *access.Catchment
		switch me.FCA.Choice {
		case "listed":
			choice = &access.Catchment{Decay: c.Decay}
		case "huff":
			choice = &access.Catchment{Limit: c.Limit, Decay: access.Power(60, 1, 1)}
		}
		r, err = access.FCA3(m, in.people, supply, c, choice)
	case "m2sfca":
		r, err = access.M2SFCA(m, in.people, supply, c)
	case "bfca":
		r, err = access.BFCA(m, in.people, supply, c)
	case "availability":
		s.value, err = access.SpatialAvailability(m, in.people, supply, c)
	case "cumulative", "gravity":
		s.value, err = access.Opportunities(m, supply, c)
	case "closest":
		s.value, err = access.CostTo(limited, supply, max(1, me.FCA.Number))
	case "balancing":
		step := me.FCA.StepMin
		if step == 0 {
			step = 1
		}
		s.value, err = access.BalancingCost(limited, in.people, supply, travel.FromMinutes(step))
	}
	if err != nil {
		return err
	}
	if r != nil {
		s.value, s.reason, s.unused, s.handed = r.Score, r.Reason, r.Unused, 0
		for i, p := range in.people {
			s.handed += p * s.value[i]
		}
	} else {
		s.reason = make([]travel.Reason, len(s.value))
		for i, v := range s.value {
			if v == 0 && me.Name != "balancing" && me.Name != "closest" || math.IsNaN(v) {
				s.reason[i] = access.NoSupply
			}
		}
	}
	for i := range s.value {
		if s.reason[i] != travel.None && me.FCA.None == "null" {
			s.value[i] = math.NaN()
		}
	}
	return nil
}

func (f *FCAMeasure) catchment() access.Catchment {
	c := access.Catchment{Limit: travel.FromMinutes(f.LimitMin)}
	if f.Decay == nil {
		return c
	}
	min := travel.FromMinutes
	switch d := f.Decay; {
	case d.Gaussian != nil:
		c.Decay = access.GaussianDecay(min(d.Gaussian.SigmaMin))
	case d.Dai != nil:
		c.Decay = access.DaiGaussian(c.Limit)
	case d.Epanechnikov != nil:
		c.Decay = access.Epanechnikov(c.Limit)
	case d.Exponential != nil:
		c.Decay = access.ExponentialDecay(d.Exponential.PerMin)
	case d.Power != nil:
		scale, least := d.Power.ScaleMin, d.Power.LeastMin
		if scale == 0 {
			scale = 1
		}
		if least == 0 {
			least = 1
		}
		c.Decay = access.Power(min(scale), d.Power.Exponent, min(least))
	case d.Linear != nil:
		c.Decay = access.Linear(c.Limit)
	case d.Logistic != nil:
		c.Decay = access.LogisticDecay(min(d.Logistic.MidpointMin), min(d.Logistic.SpreadMin))
	case d.Steps != nil:
		c.Decay = access.Steps(knots(d.Steps))
	case d.StepsOpen != nil:
		c.Decay = access.StepsOpen(knots(d.StepsOpen))
	case d.Curve != nil:
		c.Decay = access.Curve(knots(d.Curve))
	}
	return c
}

func knots(steps []StepSpec) (at []travel.Seconds, weight []float64) {
	for _, s := range steps {
		at, weight = append(at, travel.FromMinutes(s.ToMin)), append(weight, s.Weight)
	}
	return at, weight
}

// within is the legs of a matrix up to a limit.
func within(m *travel.Matrix, limit travel.Seconds) *travel.Matrix {
	out := &travel.Matrix{Places: m.Places, Sites: m.Sites, Start: make([]int, m.Places+1)}
	for i := range m.Places {
		js, times := m.Row(i)
		for k, t := range times {
			if t <= limit {
				out.Site, out.Time = append(out.Site, js[k]), append(out.Time, t)
			}
		}
		out.Start[i+1] = len(out.Site)
	}
	return out
}

// faster is a matrix with every speed multiplied by speed.
func faster(m *travel.Matrix, speed float64) *travel.Matrix {
	out := *m
	out.Time = make([]travel.Seconds, len(m.Time))
	for k, t := range m.Time {
		out.Time[k] = t / travel.Seconds(speed)
	}
	return &out
}

// set is a measure with one parameter changed.
func (m Measure) set(param string, v float64) (Measure, bool) {
	switch {
	case m.FCA != nil && param == "limit_min":
		f := *m.FCA
		f.LimitMin = v
		m.FCA = &f
	case m.RAAM != nil && param == "limit_min":
		r := *m.RAAM
		r.LimitMin = v
		m.RAAM = &r
	case m.RAAM != nil && param == "tau_min":
		r := *m.RAAM
		r.TauMin = v
		m.RAAM = &r
	default:
		return m, false
	}
	return m, true
}

// parameters are a measure's settings in words.
func (m Measure) parameters() map[string]string {
	p := map[string]string{}
	switch {
	case m.FCA != nil:
		p["limit_min"] = "none"
		if m.FCA.LimitMin > 0 {
			p["limit_min"] = fmt.Sprintf("%g", m.FCA.LimitMin)
		}
		p["none"] = orWord(m.FCA.None, "zero")
		p["decay"] = m.FCA.Decay.words()
		if m.Name == "3sfca" {
			p["choice"] = orWord(m.FCA.Choice, "catchment")
		}
		if m.Name == "closest" {
			p["number"] = fmt.Sprintf("%g", max(1, m.FCA.Number))
		}
	case m.RAAM != nil:
		tau := m.RAAM.TauMin
		if tau == 0 {
			tau = 60
		}
		p["tau_min"] = fmt.Sprintf("%g", tau)
		p["limit_min"] = "none"
		if m.RAAM.LimitMin > 0 {
			p["limit_min"] = fmt.Sprintf("%g", m.RAAM.LimitMin)
		}
	}
	return p
}

// given reports whether the spec names a parameter of a measure.
func (m Measure) given(key string) bool {
	if f := m.FCA; f != nil {
		return map[string]bool{"limit_min": f.LimitMin > 0, "none": f.None != "", "decay": f.Decay != nil, "choice": f.Choice != "", "number": f.Number > 0}[key]
	}
	if r := m.RAAM; r != nil {
		return map[string]bool{"tau_min": r.TauMin > 0, "limit_min": r.LimitMin > 0}[key]
	}
	return false
}

// words is a decay as people would say it.
func (d *DecaySpec) words() string {
	switch {
	case d == nil || d.Binary != nil:
		return "binary"
	case d.Gaussian != nil:
		return fmt.Sprintf("gaussian, sigma %g min", d.Gaussian.SigmaMin)
	case d.Dai != nil:
		return "Dai's gaussian"
	case d.Epanechnikov != nil:
		return "epanechnikov"
	case d.Exponential != nil:
		return fmt.Sprintf("exponential, %g per min", d.Exponential.PerMin)
	case d.Power != nil:
		return fmt.Sprintf("power, exponent %g", d.Power.Exponent)
	case d.Linear != nil:
		return "linear"
	case d.Logistic != nil:
		return fmt.Sprintf("logistic, midpoint %g, spread %g min", d.Logistic.MidpointMin, d.Logistic.SpreadMin)
	case d.Steps != nil:
		return fmt.Sprintf("%d right-closed steps", len(d.Steps))
	case d.StepsOpen != nil:
		return fmt.Sprintf("%d right-open steps", len(d.StepsOpen))
	}
	return fmt.Sprintf("curve through %d points", len(d.Curve))
}

func (in *inputs) summarize(s *score) (MeasureSummary, error) {
	w := access.NewWeighted(s.value, in.people)
	out := MeasureSummary{Name: s.measure.Name, Parameters: s.measure.parameters(), Mean: Num(s.mean),
		Median: Num(w.Quantile(0.5)), People: Num(w.Total()), None: map[string]Num{}, Handed: Num(s.handed), Unused: Num(s.unused), Gap: Num(s.gap)}
	for i, r := range s.reason {
		if r != travel.None && in.people[i] > 0 {
			out.None[string(r)] += Num(in.people[i])
		}
	}
	var err error
	out.Inequality, err = in.indices(s.value)
	return out, err
}

// variants are the headlines of the measures with parameters changed: one at a
// time for sensitivity, in every combination for a grid.
func (in *inputs) variants(ctx context.Context, m *travel.Matrix, supply []float64) (sensitivity, grid *tidy, err error) {
	run := func(t *tidy, label string, me Measure) error {
		s, err := in.score(ctx, me, m, supply)
		if err != nil {
			return err
		}
		sum, err := in.summarize(s)
		if err != nil {
			return err
		}
		t.add(label, me.Name, "mean", float64(sum.Mean))
		t.add(label, me.Name, "median", float64(sum.Median))
		t.add(label, me.Name, "people_with_value", float64(sum.People))
		var none float64
		for _, p := range sum.None {
			none += float64(p)
		}
		t.add(label, me.Name, "people_without_supply", none)
		for _, q := range sum.Inequality {
			t.add(label, me.Name, orWord(q.Rank, "")+underscore(q.Rank)+q.Name, float64(q.Value))
		}
		return nil
	}
	if len(in.spec.Sensitivity) > 0 {
		sensitivity = &tidy{name: "sensitivity", title: "Measures with one parameter changed"}
		for _, param := range sorted(in.spec.Sensitivity) {
			for _, v := range in.spec.Sensitivity[param] {
				for _, me := range in.spec.Measures {
					if changed, ok := me.set(param, v); ok {
						if err := run(sensitivity, fmt.Sprintf("%s=%g", param, v), changed); err != nil {
							return nil, nil, err
						}
					}
				}
			}
		}
	}
	if len(in.spec.Grid) > 0 {
		grid = &tidy{name: "grid", title: "Measures over a grid of parameters"}
		for _, p := range in.spec.Points() {
			changed, err := in.spec.At(p)
			if err != nil {
				return nil, nil, err
			}
			for _, me := range changed.Measures {
				if (me.FCA != nil || me.RAAM != nil) && p.names(me.Name) {
					if err := run(grid, p.String(), me); err != nil {
						return nil, nil, err
					}
				}
			}
		}
	}
	return sensitivity, grid, nil
}

func underscore(s string) string {
	if s == "" {
		return ""
	}
	return "_"
}

func sorted[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
