package study

import (
	"context"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Measures are what a study computes, in the order of the spec.
type Measures []Measure

// Measure is one of them with its parameters.
type Measure struct {
	Name   string
	Params Params
}

// Params are the parameters of a measure: a pointer to a struct whose tags are
// its part of the grammar. What else a measure does, it says by the interfaces
// below.
type Params interface {
	// Validate says what is wrong beyond what a field alone can show; at is the
	// path of the measure in the spec.
	Validate(s *Spec, m Measure, at string) error
	// Acting are the parameters that act, with their values in words.
	Acting(m Measure) []Parameter
}

// A valued measure gives every place, or every site, a value. Columns, summary,
// headlines, draws, scenarios, inequality and manifest follow from that.
type valued interface {
	Params
	values(ctx context.Context, g *ground, m Measure) ([]*score, error)
}

// A reaching measure looks at all sites within some minutes: 0 is all there are.
type reaching interface {
	reach(m Measure) (minutes float64)
}

// A tunable measure has numbers that a grid and a sensitivity can set, a decayed
// one a decay that they can change. false says that it cannot be so here.
type (
	tunable interface {
		with(param string, v float64) (Params, bool)
	}
	decayed interface {
		decaying(m Measure, d *DecaySpec) (Params, bool)
	}
)

// kind is a row of the table of measures.
type kind struct {
	name   string
	params func() Params
}

// kinds are the measures there are: a new one is a file and a row.
func kinds() []kind {
	all := []kind{
		{"travel", func() Params { return &TravelMeasure{} }},
		{"density", func() Params { return &DensityMeasure{} }},
		{"gaps", func() Params { return &GapsMeasure{} }},
		{"penalty", func() Params { return &PenaltyMeasure{} }},
	}
	for _, c := range catchments {
		all = append(all, kind{c.name, func() Params { return &CatchmentMeasure{} }})
	}
	return append(all,
		kind{"raam", func() Params { return &RAAMMeasure{} }},
		kind{"journey", func() Params { return &JourneyMeasure{} }},
		kind{"capacity", func() Params { return &CapacityMeasure{} }},
		kind{"attrition", func() Params { return &AttritionMeasure{} }},
		kind{"representation", func() Params { return &RepresentationMeasure{} }},
		kind{"referral", func() Params { return &ReferralMeasure{} }},
		kind{"delay", func() Params { return &DelayMeasure{} }},
	)
}

// MeasureNames lists the measures there are.
func MeasureNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

func (m *Measures) decode(n *yaml.Node, path string) error {
	if n.Kind != yaml.SequenceNode {
		return wrong(n, path, "a list of measures", "found %s", kindOf(n))
	}
	for _, c := range n.Content {
		val := &yaml.Node{Kind: yaml.MappingNode, Line: c.Line}
		key := c
		if c.Kind == yaml.MappingNode && len(c.Content) == 2 {
			key, val = c.Content[0], c.Content[1]
		} else if c.Kind != yaml.ScalarNode {
			return wrong(c, path, "a measure with its parameters", "found %s", kindOf(c))
		}
		all := kinds()
		at := slices.IndexFunc(all, func(k kind) bool { return k.name == key.Value })
		if at < 0 {
			return unknown(key, path, MeasureNames())
		}
		if slices.ContainsFunc(*m, func(o Measure) bool { return o.Name == key.Value }) {
			return wrong(key, join(path, key.Value), "each measure once", "stands twice")
		}
		me := Measure{key.Value, all[at].params()}
		if err := decodeFields(val, join(path, key.Value), me.Params); err != nil {
			return err
		}
		*m = append(*m, me)
	}
	return nil
}

func decodeFields(n *yaml.Node, path string, v any) error {
	return decode(n, path, reflect.ValueOf(v).Elem())
}

// has reports whether the study asks for a measure.
func (m Measures) has(name string) bool {
	return slices.ContainsFunc(m, func(o Measure) bool { return o.Name == name })
}

// asked are the parameters of a measure of its own kind, nil if the study does
// not ask for it.
func asked[P Params](m Measures) (none P) {
	for _, o := range m {
		if p, ok := o.Params.(P); ok {
			return p
		}
	}
	return none
}

// valued are the measures that give values.
func (m Measures) valued() []Measure {
	var out []Measure
	for _, o := range m {
		if _, ok := o.Params.(valued); ok {
			out = append(out, o)
		}
	}
	return out
}

// with is a measure with one parameter changed.
func (m Measure) with(param string, v float64) (Measure, bool) {
	if t, ok := m.Params.(tunable); ok {
		if changed, ok := t.with(param, v); ok {
			return Measure{m.Name, changed}, true
		}
	}
	return m, false
}

// decaying is a measure with another decay, false where it has none or the decay
// does not suit it.
func (m Measure) decaying(d *DecaySpec) (Measure, bool) {
	if t, ok := m.Params.(decayed); ok {
		if changed, ok := t.decaying(m, d); ok {
			return Measure{m.Name, changed}, true
		}
	}
	return m, false
}

// words are the parameters that act, by name.
func (m Measure) words() map[string]string {
	out := map[string]string{}
	for _, p := range m.Params.Acting(m) {
		out[p.Name] = p.Value
	}
	return out
}
