package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/geo/travel"
)

// score is a measure of supply and demand by place, or for passive by site.
type score struct {
	measure Measure
	column  string    // its name in results: the measure's, with the supply's where there are several
	supply  string    // the column of supply, "" where there is one
	value   []float64 // NaN: no value
	weight  []float64 // who asks: people or eligible patients
	reason  []travel.Reason
	mean    float64
	handed  float64
	unused  float64
	gap     float64
}

func (s *score) title() string {
	t := strings.ToUpper(s.measure.Name)
	if s.column == "interval_median" || strings.HasPrefix(s.column, "interval_median_") {
		t += ", median over the limits"
	}
	if s.supply != "" {
		t += " of " + s.supply
	}
	return t
}

// measured are the measures of supply and demand that the study asks for.
func (in *inputs) measured() []Measure {
	var out []Measure
	for _, m := range in.spec.Measures {
		if m.FCA != nil || m.RAAM != nil {
			out = append(out, m)
		}
	}
	return out
}

// supplyNames are the endings of the columns that each supply has: none where
// there is one.
func (in *inputs) supplyNames() []string {
	s := in.spec.Sites.Supply
	switch {
	case s == nil:
		return nil
	case len(s.Fields) < 2:
		return []string{""}
	}
	var out []string
	for _, f := range s.Fields {
		out = append(out, "_"+f)
	}
	return out
}

// supplied are the sites that take part in supply and demand, those that
// infuse, and their supply by column. A site with a supply of 0 takes part and
// gives nothing.
func (in *inputs) supplied() (open []int, supplies [][]float64) {
	open = goals(in.sites)
	for k := range in.supplyNames() {
		v := make([]float64, len(open))
		for c, j := range open {
			v[c] = in.sites[j].supply[k]
		}
		supplies = append(supplies, v)
	}
	return open, supplies
}

// asking is who asks for supply under a measure: people, or eligible patients,
// who may be fractions.
func (in *inputs) asking(m Measure) []float64 {
	if m.FCA != nil && m.FCA.Demand == "eligible" || m.RAAM != nil && m.RAAM.Demand == "eligible" {
		return in.eligible
	}
	return in.people
}

// widest is the longest time that any variant of the measures looks at, every
// speed multiplied by up to speed; 0 is no limit.
func (in *inputs) widest(speed float64) travel.Seconds {
	most := 0.0
	for _, m := range in.measured() {
		limit := -1.0
		switch {
		case m.FCA != nil:
			limit = m.FCA.LimitMin
		case m.RAAM != nil:
			limit = m.RAAM.LimitMin
		}
		if limit == 0 || m.FCA != nil && m.FCA.Choice == "listed" {
			return 0
		}
		for _, v := range append(in.spec.Grid[m.Name+".limit_min"], in.spec.Sensitivity.LimitMin...) {
			limit = math.Max(limit, v)
		}
		most = math.Max(most, limit)
	}
	return travel.FromMinutes(most * speed)
}

// supplyMatrix collects the legs that the measures need, once.
func (in *inputs) supplyMatrix(ctx context.Context, speed float64) (*travel.Matrix, [][]float64, error) {
	open, supplies := in.supplied()
	limit := in.widest(speed)
	if limit == 0 {
		limit = travel.Unreached
	}
	m, err := in.matrix(ctx, in.sites, open, limit)
	return m, supplies, err
}

// score computes a measure for every column of supply.
func (in *inputs) score(ctx context.Context, me Measure, m *travel.Matrix, supplies [][]float64) ([]*score, error) {
	names := in.supplyNames()
	blank := func(column string, k int) *score {
		s := &score{measure: me, column: column, weight: in.asking(me), handed: math.NaN(), unused: math.NaN(), gap: math.NaN()}
		if k < len(names) {
			s.column += names[k]
			s.supply = strings.TrimPrefix(names[k], "_")
		}
		return s
	}
	var all []*score
	var err error
	switch {
	case me.Name == "passive":
		s := blank(me.Name, len(names))
		s.value, err = access.Passive(m, s.weight, me.FCA.catchment())
		s.mean = access.NewWeighted(s.value, ones(len(s.value))).Mean()
		return []*score{s}, err
	case me.FCA != nil:
		all, err = in.scoreFCA(me, m, supplies, blank)
	case me.RAAM != nil:
		all, err = in.scoreRAAM(ctx, me, m, supplies, blank)
	}
	if err != nil {
		return nil, fmt.Errorf("measures.%s: %w", me.Name, err)
	}
	for _, s := range all {
		s.mean = access.NewWeighted(s.value, s.weight).Mean()
	}
	return all, nil
}

func (in *inputs) scoreRAAM(ctx context.Context, me Measure, m *travel.Matrix, supplies [][]float64, blank func(string, int) *score) (all []*score, err error) {
	if me.RAAM.LimitMin > 0 {
		m = within(m, travel.FromMinutes(me.RAAM.LimitMin))
	}
	tau := me.RAAM.TauMin
	if tau == 0 {
		tau = 60
	}
	for k, supply := range supplies {
		s := blank(me.Name, k)
		asked, given := slices.Max(append([]float64{0}, s.weight...)) > 0, slices.Max(append([]float64{0}, supply...)) > 0
		if !asked || !given {
			// Nobody competes for what there is not.
			s.value, s.reason = nans(m.Places), make([]travel.Reason, m.Places)
			for i := range s.reason {
				s.reason[i] = access.NoSupply
				if given {
					s.reason[i] = access.NoDemand
				}
			}
			s.gap, s.handed, s.unused = math.NaN(), 0, 0
			all = append(all, s)
			continue
		}
		r, err := access.RAAM(ctx, m, s.weight, supply, travel.FromMinutes(tau), me.RAAM.gap(), 500)
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
		s.handed, s.unused = 0, 0
		for j, d := range r.Demand {
			if d > 0 {
				s.handed += supply[j]
			} else {
				s.unused += supply[j]
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// gap is the Wardrop gap at which RAAM ends.
func (m *RAAMMeasure) gap() float64 {
	if m.Gap == 0 {
		return 1e-6
	}
	return m.Gap
}

// methods are the catchment family by the names that a spec has for them.
var methods = map[string]access.Method{"2sfca": access.TwoStep, "e2sfca": access.TwoStep, "kd2sfca": access.TwoStep, "competition": access.TwoStep,
	"availability": access.TwoStep, "3sfca": access.ThreeStep, "m2sfca": access.Modified, "bfca": access.Balanced}

// scoreFCA computes a measure by catchment.
func (in *inputs) scoreFCA(me Measure, m *travel.Matrix, supplies [][]float64, blank func(string, int) *score) (all []*score, err error) {
	c, f := me.FCA.catchment(), me.FCA
	if method, ok := methods[me.Name]; ok {
		var choice *access.Catchment
		switch f.Choice {
		case "listed":
			choice = &access.Catchment{Decay: c.Decay}
		case "huff":
			choice = &access.Catchment{Limit: c.Limit, Decay: access.Power(60, 1, 1)}
		}
		results, err := access.Catchments(m, in.asking(me), supplies, method, c, choice)
		if err != nil {
			return nil, err
		}
		for k, r := range results {
			s := blank(me.Name, k)
			s.value, s.reason, s.unused, s.handed = r.Score, r.Reason, r.Unused, 0
			for i, w := range s.weight {
				s.handed += w * s.value[i]
				if me.Name == "availability" {
					s.value[i] *= w
				}
			}
			all = append(all, s)
		}
	} else {
		limited := m
		if c.Limit > 0 && (me.Name == "closest" || me.Name == "balancing") {
			limited = within(m, c.Limit)
		}
		step := travel.FromMinutes(max(f.StepMin, 0))
		if step == 0 {
			step = 60
		}
		for k, supply := range supplies {
			s, median := blank(me.Name, k), (*score)(nil)
			switch me.Name {
			case "cumulative", "gravity":
				s.value, err = access.Opportunities(m, supply, c)
			case "interval":
				median = blank("interval_median", k)
				s.value, median.value, err = access.Interval(m, supply, travel.FromMinutes(f.FromMin), c.Limit, step)
			case "closest":
				s.value, err = access.CostTo(limited, supply, orFloat(f.Number, 1))
			case "balancing":
				s.value, err = access.BalancingCost(limited, s.weight, supply, step)
			}
			if err != nil {
				return nil, err
			}
			all = append(all, s)
			if median != nil {
				all = append(all, median)
			}
		}
		if err := why(me, m, c, all); err != nil {
			return nil, err
		}
	}
	for _, s := range all {
		for i := range s.value {
			if s.reason[i] != travel.None && f.None == "null" {
				s.value[i] = math.NaN()
			}
		}
	}
	return all, nil
}

// why gives the reasons of measures that count supply in reach.
func why(me Measure, m *travel.Matrix, c access.Catchment, all []*score) error {
	covered, err := access.Opportunities(m, ones(m.Sites), c)
	if err != nil {
		return err
	}
	for _, s := range all {
		s.reason = make([]travel.Reason, len(s.value))
		for i, v := range s.value {
			switch {
			case covered[i] == 0 && (v == 0 && me.Name != "balancing" || math.IsNaN(v)):
				s.reason[i] = access.Uncovered
			case math.IsNaN(v):
				s.reason[i] = access.TooLittle
			case strings.HasPrefix(s.column, "interval_median"): // 0 if most limits reach nothing
			case v == 0 && me.Name != "balancing" && me.Name != "closest":
				s.reason[i] = access.NoSupply
			}
		}
	}
	return nil
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
		if !in(m.Name, "passive", "closest", "balancing") {
			p["none"] = orWord(m.FCA.None, "zero")
		}
		if m.FCA.Demand != "" {
			p["demand"] = m.FCA.Demand
		}
		if m.Name == "interval" {
			p["from_min"], p["step_min"] = fmt.Sprintf("%g", m.FCA.FromMin), fmt.Sprintf("%g", orFloat(m.FCA.StepMin, 1))
		}
		if m.Name != "closest" && m.Name != "balancing" {
			p["decay"] = m.FCA.Decay.words()
		}
		if m.Name == "3sfca" {
			p["choice"] = orWord(m.FCA.Choice, "catchment")
		}
		if m.Name == "closest" {
			p["number"] = fmt.Sprintf("%g", orFloat(m.FCA.Number, 1))
		}
	case m.RAAM != nil:
		if m.RAAM.Demand != "" {
			p["demand"] = m.RAAM.Demand
		}
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
		return map[string]bool{"limit_min": f.LimitMin > 0, "none": f.None != "", "decay": f.Decay != nil, "choice": f.Choice != "", "number": f.Number > 0, "demand": f.Demand != "", "from_min": f.FromMin > 0, "step_min": f.StepMin > 0}[key]
	}
	if r := m.RAAM; r != nil {
		return map[string]bool{"tau_min": r.TauMin > 0, "limit_min": r.LimitMin > 0, "demand": r.Demand != ""}[key]
	}
	return false
}

func (in *inputs) summarize(s *score) (MeasureSummary, error) {
	if s.measure.Name == "passive" {
		return MeasureSummary{Name: s.measure.Name, Column: s.column, Parameters: s.measure.parameters(), Mean: Num(s.mean), Of: "sites",
			Median: Num(access.NewWeighted(s.value, ones(len(s.value))).Quantile(0.5)), People: Num(math.NaN()), None: map[string]Num{},
			Handed: Num(math.NaN()), Unused: Num(math.NaN()), Gap: Num(math.NaN())}, nil
	}
	w := access.NewWeighted(s.value, s.weight)
	out := MeasureSummary{Name: s.measure.Name, Supply: s.supply, Column: s.column, Parameters: s.measure.parameters(), Mean: Num(s.mean),
		Median: Num(w.Quantile(0.5)), People: Num(w.Total()), None: map[string]Num{}, Handed: Num(s.handed), Unused: Num(s.unused), Gap: Num(s.gap)}
	for i, r := range s.reason {
		if r != travel.None && in.people[i] > 0 {
			out.None[string(r)] += Num(in.people[i])
		}
	}
	var err error
	out.Inequality, err = in.indices(s.value, unbounded)
	return out, err
}
