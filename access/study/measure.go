package study

import (
	"context"
	"errors"
	"io"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// A valued measure gives every place, or every site, a value. Columns, summary,
// headlines, draws, scenarios, inequality and manifest follow from that.
type valued interface {
	spec.Params
	values(ctx context.Context, g *basis, m spec.Measure) ([]*score, error)
}

// valuedKinds are the valued measures: a new one is a file and a row.
func valuedKinds() (all []spec.Kind) {
	for _, c := range catchments {
		all = append(all, spec.Kind{Name: c.name, New: func() spec.Params { return &CatchmentMeasure{} }})
	}
	return append(all, spec.Kind{Name: "raam", New: func() spec.Params { return &RAAMMeasure{} }})
}

// kinds is the one measure of a part.
func kinds[M any, P interface {
	*M
	spec.Params
}](name string) []spec.Kind {
	return []spec.Kind{{Name: name, New: func() spec.Params { return P(new(M)) }}}
}

// measures are those that specs can ask for.
func measures() (all []spec.Kind) {
	for _, p := range parts() {
		for _, k := range p.kinds {
			_, byPlace := k.New().(valued)
			k.ByPlace = byPlace || k.Name == "travel" || k.Name == "penalty"
			all = append(all, k)
		}
	}
	return all
}

// grammar is what specs can name: the measures and the engines.
func grammar() *spec.Grammar {
	g := &spec.Grammar{Measures: measures()}
	for _, e := range ground.Engines() {
		g.Engines = append(g.Engines, e.Engine)
	}
	return g
}

// Parse reads a spec, YAML or JSON, strictly: every word must be known. base is
// nil where specs may not extend others.
func Parse(r io.Reader, base spec.Open) (spec.Spec, error) { return grammar().Parse(r, base) }

// Unpack is the result that [finding.Result.Pack] wrote.
func Unpack(data []byte) (*Result, error) {
	return unpack(data, func(r io.Reader) (spec.Spec, error) {
		return Parse(r, func(string) (io.Reader, error) { return nil, errors.New("a kept study extends no other") })
	})
}

// Schema is the JSON Schema (2020-12) of specs.
func Schema() []byte { return grammar().Schema() }

// MeasureNames lists the measures there are.
func MeasureNames() (names []string) {
	for _, k := range measures() {
		names = append(names, k.Name)
	}
	return names
}

// valuedOf are the measures that give values.
func valuedOf(m spec.Measures) (out []spec.Measure) {
	for _, o := range m {
		if _, ok := o.Params.(valued); ok {
			out = append(out, o)
		}
	}
	return out
}
