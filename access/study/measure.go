package study

import (
	"context"
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

// measures are those there are: a new one is a file and a row.
func measures() []spec.Kind {
	all := []spec.Kind{
		{Name: "travel", New: func() spec.Params { return &TravelMeasure{} }},
		{Name: "density", New: func() spec.Params { return &DensityMeasure{} }},
		{Name: "gaps", New: func() spec.Params { return &GapsMeasure{} }},
		{Name: "penalty", New: func() spec.Params { return &PenaltyMeasure{} }},
	}
	for _, c := range catchments {
		all = append(all, spec.Kind{Name: c.name, New: func() spec.Params { return &CatchmentMeasure{} }})
	}
	all = append(all,
		spec.Kind{Name: "raam", New: func() spec.Params { return &RAAMMeasure{} }},
		spec.Kind{Name: "journey", New: func() spec.Params { return &JourneyMeasure{} }},
		spec.Kind{Name: "capacity", New: func() spec.Params { return &CapacityMeasure{} }},
		spec.Kind{Name: "attrition", New: func() spec.Params { return &AttritionMeasure{} }},
		spec.Kind{Name: "representation", New: func() spec.Params { return &RepresentationMeasure{} }},
		spec.Kind{Name: "referral", New: func() spec.Params { return &ReferralMeasure{} }},
		spec.Kind{Name: "delay", New: func() spec.Params { return &DelayMeasure{} }},
	)
	for i := range all {
		_, byPlace := all[i].New().(valued)
		all[i].ByPlace = byPlace || all[i].Name == "travel" || all[i].Name == "penalty"
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
