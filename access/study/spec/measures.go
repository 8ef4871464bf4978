package spec

import (
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

	node *yaml.Node // as it was written, until the grammar has read it
	at   string
}

// Params are the parameters of a measure: a pointer to a struct whose tags are
// its part of the grammar.
type Params interface {
	// Validate says what is wrong beyond what a field alone can show; at is the
	// path of the measure in the spec.
	Validate(s *Spec, m Measure, at string) error
	// Acting are the parameters that act, with their values in words.
	Acting(m Measure) []Acting
}

// Acting is a parameter that acts.
type Acting struct {
	Name  string
	Value string // in words
	Given bool   // in the spec
}

// A Tunable measure has numbers that a grid and a sensitivity can set, a Decaying
// one a decay that they can change. false says that it cannot be so here.
type (
	Tunable interface {
		With(param string, v float64) (Params, bool)
	}
	Decaying interface {
		WithDecay(m Measure, d *DecaySpec) (Params, bool)
	}
)

// Kind is what the grammar knows of a measure.
type Kind struct {
	Name    string
	New     func() Params // without parameters given
	ByPlace bool          // it gives every place a value, which can be compared
}

// decode keeps what was written: which measures there are, the grammar knows.
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
		if slices.ContainsFunc(*m, func(o Measure) bool { return o.Name == key.Value }) {
			return wrong(key, join(path, key.Value), "each measure once", "stands twice")
		}
		*m = append(*m, Measure{Name: key.Value, node: &yaml.Node{Content: []*yaml.Node{key, val}}, at: path})
	}
	return nil
}

// read gives each measure its parameters.
func (m Measures) read(g *Grammar) error {
	for i, o := range m {
		key, val := o.node.Content[0], o.node.Content[1]
		k := slices.IndexFunc(g.Measures, func(k Kind) bool { return k.Name == o.Name })
		if k < 0 {
			return unknown(key, o.at, g.measureNames())
		}
		m[i] = Measure{Name: o.Name, Params: g.Measures[k].New()}
		if err := decodeFields(val, join(o.at, o.Name), m[i].Params); err != nil {
			return err
		}
	}
	return nil
}

func decodeFields(n *yaml.Node, path string, v any) error {
	return decode(n, path, reflect.ValueOf(v).Elem())
}

// Has reports whether the study asks for a measure.
func (m Measures) Has(name string) bool {
	return slices.ContainsFunc(m, func(o Measure) bool { return o.Name == name })
}

// Asked are the parameters of a measure of its own kind, nil if the study does
// not ask for it.
func Asked[P Params](m Measures) (none P) {
	for _, o := range m {
		if p, ok := o.Params.(P); ok {
			return p
		}
	}
	return none
}

// With is a measure with one parameter changed.
func (m Measure) With(param string, v float64) (Measure, bool) {
	if t, ok := m.Params.(Tunable); ok {
		if changed, ok := t.With(param, v); ok {
			return Measure{Name: m.Name, Params: changed}, true
		}
	}
	return m, false
}

// WithDecay is a measure with another decay, false where it has none or the decay
// does not suit it.
func (m Measure) WithDecay(d *DecaySpec) (Measure, bool) {
	if t, ok := m.Params.(Decaying); ok {
		if changed, ok := t.WithDecay(m, d); ok {
			return Measure{Name: m.Name, Params: changed}, true
		}
	}
	return m, false
}

// Words are the parameters that act, by name.
func (m Measure) Words() map[string]string {
	out := map[string]string{}
	for _, p := range m.Params.Acting(m) {
		out[p.Name] = p.Value
	}
	return out
}
