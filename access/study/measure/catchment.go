package measure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// CatchmentMeasure asks for a measure of supply and demand by catchment.
type CatchmentMeasure struct {
	LimitMin float64         `yaml:"limit_min" doc:"minutes of the catchment; gravity may go without"`
	Decay    *spec.DecaySpec `yaml:"decay" doc:"how the weight falls with time"`
	None     string          `yaml:"none" doc:"what a place without supply in reach has: zero or null"`
	Choice   string          `yaml:"choice" doc:"3sfca: how people choose: catchment (by the decay, within the limit), listed (by the decay over all pairs, as PySAL) or huff (by 1/time)"`
	Demand   string          `yaml:"demand" doc:"who asks for supply: people (if left out) or eligible"`
	FromMin  float64         `yaml:"from_min" doc:"interval: the first limit, minutes; limit_min is the last"`
	Number   float64         `yaml:"number" default:"1" doc:"closest: how many opportunities"`
	StepMin  float64         `yaml:"step_min" default:"1" doc:"balancing, interval: minutes of a step"`
}

// member is a measure of the catchment family: its name in a spec, its unit, and
// what it takes. A method of access computes it for all supplies at once, or
// reached for one.
type member struct {
	name, unit string
	decay      need
	unlimited  bool   // may go without limit_min
	own        string // the parameter that it alone takes, beside those of all
	method     access.Method
	reached    func(*inReach) error
	says       string // the parameters that its summary names
}

// need is whether a member takes a decay.
type need int

const (
	noDecay need = iota
	mayDecay
	mustDecay
)

// catchments are the members of the family: a new one is a row, and a function
// where no method of access is it already.
var catchments = []member{
	{name: "cumulative", unit: "supply", reached: opportunities, says: "limit_min none demand decay"},
	{name: "interval", unit: "supply", own: "from_min step_min", reached: interval, says: "limit_min none demand from_min step_min decay"},
	{name: "gravity", unit: "supply, weighted", decay: mustDecay, unlimited: true, reached: opportunities, says: "limit_min none demand decay"},
	{name: "passive", unit: "people", decay: mayDecay, unlimited: true, says: "limit_min demand decay"}, // by site
	{name: "closest", unit: "min", unlimited: true, own: "number", reached: closest, says: "limit_min demand number"},
	{name: "balancing", unit: "min", unlimited: true, own: "step_min", reached: balancing, says: "limit_min demand"},
	{name: "2sfca", unit: "supply a head", method: access.TwoStep, says: "limit_min none demand decay"},
	{name: "e2sfca", unit: "supply a head", decay: mustDecay, method: access.TwoStep, says: "limit_min none demand decay"},
	{name: "kd2sfca", unit: "supply a head", decay: mustDecay, method: access.TwoStep, says: "limit_min none demand decay"},
	{name: "competition", unit: "supply a head", decay: mustDecay, unlimited: true, method: access.TwoStep, says: "limit_min none demand decay"},
	{name: "3sfca", unit: "supply a head", decay: mustDecay, own: "choice", method: access.ThreeStep, says: "limit_min none demand decay choice"},
	{name: "m2sfca", unit: "supply a head", decay: mustDecay, method: access.Modified, says: "limit_min none demand decay"},
	{name: "bfca", unit: "supply a head", decay: mustDecay, method: access.Balanced, says: "limit_min none demand decay"},
	{name: "availability", unit: "supply", decay: mustDecay, method: access.TwoStep, says: "limit_min none demand decay"},
}

// of is the member of the family that a measure is.
func (CatchmentMeasure) of(m spec.Measure) member {
	return catchments[slices.IndexFunc(catchments, func(c member) bool { return c.name == m.Name })]
}

func (c member) takes(param string) bool { return slices.Contains(strings.Fields(c.own), param) }

// Validate is that of [Params].
func (f *CatchmentMeasure) Validate(s *spec.Spec, m spec.Measure, at string) error {
	if err := f.suits(m, at); err != nil {
		return err
	}
	if m.Name != "passive" && s.Sites.Supply == nil {
		return &spec.SpecError{Field: "sites.supply", Problem: m.Name + " needs the supply of the sites", Accept: "a field, or {constant: 1}"}
	}
	return nil
}

// suits says what does not suit the member of the family.
func (f *CatchmentMeasure) suits(m spec.Measure, at string) error {
	c := f.of(m)
	if err := spec.Check(
		spec.That(f.LimitMin > 0 || c.unlimited && f.LimitMin == 0, at+".limit_min", spec.Missing(f.LimitMin), "minutes above 0"),
		spec.That(spec.In(f.None, "", "zero", "null"), at+".none", fmt.Sprintf("found %q", f.None), "zero, null"),
		spec.That(spec.In(f.Choice, "", "catchment", "listed", "huff") && (f.Choice == "" || c.takes("choice")), at+".choice",
			fmt.Sprintf("found %q", f.Choice), "for 3sfca: catchment, listed, huff"),
		spec.That(f.Number >= 0 && (f.Number == 0 || c.takes("number")), at+".number", fmt.Sprintf("found %v", f.Number), "for closest: a number above 0"),
		spec.That(spec.In(f.Demand, "", "people", "eligible"), at+".demand", fmt.Sprintf("found %q", f.Demand), "people, eligible"),
		spec.That(f.StepMin >= 0 && (f.StepMin == 0 || c.takes("step_min")), at+".step_min", fmt.Sprintf("found %v", f.StepMin),
			"for balancing and interval: minutes above 0"),
		spec.That(!c.takes("from_min") || f.FromMin > 0 && f.FromMin <= f.LimitMin, at+".from_min", fmt.Sprintf("found %v", f.FromMin),
			"minutes above 0, up to limit_min"),
		spec.That(c.takes("from_min") || f.FromMin == 0, at+".from_min", m.Name+" has none", "interval"),
		spec.That(c.decay != mustDecay || f.Decay != nil, at+".decay", "is missing", spec.DecayNames()),
		spec.That(c.decay != noDecay || f.Decay == nil, at+".decay", m.Name+" has none", "e2sfca for a decay"),
	); err != nil || f.Decay == nil {
		return err
	}
	kernel := f.Decay.Dai != nil || f.Decay.Epanechnikov != nil
	return cmp.Or(spec.Check(spec.That(m.Name != "kd2sfca" || kernel, at+".decay", "is no kernel", "dai, epanechnikov; e2sfca takes the others")),
		f.Decay.Validate(f.LimitMin > 0, at))
}

// Acting is that of [Params].
func (f *CatchmentMeasure) Acting(m spec.Measure) []spec.Acting {
	limit := "none"
	if f.LimitMin > 0 {
		limit = fmt.Sprintf("%g", f.LimitMin)
	}
	all := map[string]spec.Acting{
		"limit_min": {Value: limit, Given: f.LimitMin > 0},
		"none":      {Value: cmp.Or(f.None, "zero"), Given: f.None != ""},
		"decay":     {Value: f.Decay.Words(), Given: f.Decay != nil},
		"choice":    {Value: cmp.Or(f.Choice, "catchment"), Given: f.Choice != ""},
		"number":    {Value: fmt.Sprintf("%g", spec.Filled(*f).Number), Given: f.Number > 0},
		"from_min":  {Value: fmt.Sprintf("%g", f.FromMin), Given: f.FromMin > 0},
		"step_min":  {Value: fmt.Sprintf("%g", spec.Filled(*f).StepMin), Given: f.StepMin > 0},
		"demand":    {Value: f.Demand, Given: true},
	}
	says := strings.Fields(f.of(m).says)
	var out []spec.Acting
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		if p.Name = name; slices.Contains(says, name) && p.Value != "" {
			out = append(out, p)
		}
	}
	return out
}

// Implies is that of [spec.Implying]: an interval has a limit for every step.
func (f *CatchmentMeasure) Implies(m spec.Measure) []spec.Implied {
	if m.Name != "interval" {
		return nil
	}
	return []spec.Implied{{Field: "step_min", Limit: "limits", Count: 1 + math.Floor((f.LimitMin-f.FromMin)/spec.Filled(*f).StepMin)}}
}

// Reach is that of [ground.Reaching].
func (f *CatchmentMeasure) Reach(m spec.Measure) float64 {
	if f.Choice == "listed" {
		return 0
	}
	return f.LimitMin
}

// With is that of [Tunable].
func (f *CatchmentMeasure) With(param string, v float64) (spec.Params, bool) {
	if param != "limit_min" {
		return nil, false
	}
	changed := *f
	changed.LimitMin = v
	return &changed, true
}

// WithDecay is that of [Decaying].
func (f *CatchmentMeasure) WithDecay(m spec.Measure, d *spec.DecaySpec) (spec.Params, bool) {
	if f.Decay == nil {
		return nil, false
	}
	changed := *f
	changed.Decay = d
	return &changed, changed.suits(m, "") == nil // a kernel measure takes kernels only
}

// values computes the measure for every column of supply, or passive for every site.
func (f *CatchmentMeasure) values(ctx context.Context, g *basis, m spec.Measure) (all []*score, err error) {
	of, c, asking := f.of(m), f.catchment(), g.Asking(f.Demand)
	switch {
	case of.method != "":
		all, err = f.byMethod(caught{g, m, of, c, asking})
	case of.reached != nil:
		all, err = f.byReach(ctx, caught{g, m, of, c, asking})
	default:
		s := newScore(m, m.Name, asking, "")
		s.bySite, s.unit, s.title = true, of.unit, "People within reach, passive"
		s.value, err = access.Passive(g.matrix, asking, c)
		return []*score{s}, err
	}
	if err != nil {
		return nil, err
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

// caught is a member of the family that is to be computed: the measure, its catchment,
// and who asks.
type caught struct {
	*basis
	measure   spec.Measure
	of        member
	catchment access.Catchment
	asking    []float64
}

// byMethod computes a floating catchment for all supplies at once.
func (f *CatchmentMeasure) byMethod(x caught) (all []*score, err error) {
	c := x.catchment
	var choice *access.Catchment
	switch f.Choice {
	case "listed":
		choice = &access.Catchment{Decay: c.Decay}
	case "huff":
		choice = &access.Catchment{Limit: c.Limit, Decay: access.Power(60, 1, 1)}
	}
	results, err := access.Catchments(x.matrix, x.asking, x.supply, x.of.method, c, choice)
	if err != nil {
		return nil, err
	}
	for k, r := range results {
		s := newScore(x.measure, x.measure.Name, x.asking, x.SupplyName(k))
		s.unit, s.value, s.reason, s.unused, s.handed = x.of.unit, r.Score, r.Reason, r.Unused, 0
		for i, w := range x.asking {
			s.handed += w * s.value[i]
			if x.measure.Name == "availability" {
				s.value[i] *= w
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// inReach is what a member is computed from that counts the supply in reach, and
// what it finds.
type inReach struct {
	ctx            context.Context
	of             *CatchmentMeasure
	catchment      access.Catchment
	legs           *travel.Matrix
	asking, supply []float64
	step           travel.Seconds
	value, median  []float64
}

func opportunities(r *inReach) (err error) {
	r.value, err = access.Opportunities(r.legs, r.supply, r.catchment)
	return err
}

func interval(r *inReach) (err error) {
	r.value, r.median, err = access.Interval(r.ctx, r.legs, r.supply, travel.FromMinutes(r.of.FromMin), r.catchment.Limit, r.step)
	return err
}

func closest(r *inReach) (err error) {
	r.value, err = access.CostTo(r.within(), r.supply, spec.Filled(*r.of).Number)
	return err
}

func balancing(r *inReach) (err error) {
	r.value, err = access.BalancingCost(r.within(), r.asking, r.supply, r.step)
	return err
}

// within are the legs up to the limit, if there is one.
func (r *inReach) within() *travel.Matrix {
	if r.catchment.Limit > 0 {
		return ground.Within(r.legs, r.catchment.Limit)
	}
	return r.legs
}

// byReach computes a member that counts the supply in reach, one supply after
// the other.
func (f *CatchmentMeasure) byReach(ctx context.Context, x caught) (all []*score, err error) {
	m := x.measure
	covered, err := access.Opportunities(x.matrix, ground.Ones(x.matrix.Sites), x.catchment)
	if err != nil {
		return nil, err
	}
	for k, supply := range x.supply {
		r := inReach{ctx: ctx, of: f, catchment: x.catchment, legs: x.matrix, asking: x.asking,
			supply: supply, step: travel.FromMinutes(spec.Filled(*f).StepMin)}
		if err := errors.Join(ctx.Err(), x.of.reached(&r)); err != nil {
			return nil, err
		}
		s := newScore(m, m.Name, x.asking, x.SupplyName(k))
		s.unit, s.value, s.reason = x.of.unit, r.value, whyReached(m.Name, r.value, covered)
		all = append(all, s)
		if r.median != nil {
			s := newScore(m, "interval_median", x.asking, x.SupplyName(k))
			s.unit, s.value, s.reason = x.of.unit, r.median, whyReached("interval_median", r.median, covered)
			s.title += ", median over the limits"
			all = append(all, s)
		}
	}
	return all, nil
}

// whyReached gives the reasons of measures that count supply in reach.
func whyReached(name string, value, covered []float64) []travel.Reason {
	reason := make([]travel.Reason, len(value))
	for i, v := range value {
		switch {
		case covered[i] == 0 && (v == 0 && name != "balancing" || math.IsNaN(v)):
			reason[i] = access.Uncovered
		case math.IsNaN(v):
			reason[i] = access.TooLittle
		case name == "interval_median": // 0 if most limits reach nothing
		case v == 0 && name != "balancing" && name != "closest":
			reason[i] = access.NoSupply
		}
	}
	return reason
}

// catchment is who is within reach under a measure, and how much a time counts.
func (f *CatchmentMeasure) catchment() access.Catchment {
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
		c.Decay = access.Power(min(spec.Filled(*d.Power).ScaleMin), d.Power.Exponent, min(spec.Filled(*d.Power).LeastMin))
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

func knots(steps []spec.StepSpec) (at []travel.Seconds, weight []float64) {
	for _, s := range steps {
		at, weight = append(at, travel.FromMinutes(s.ToMin)), append(weight, s.Weight)
	}
	return at, weight
}
