package study

import (
	"context"
	"io"
)

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

// measures are those there are: a new one is a file and a row.
func measures() []Kind {
	all := []Kind{
		{Name: "travel", New: func() Params { return &TravelMeasure{} }},
		{Name: "density", New: func() Params { return &DensityMeasure{} }},
		{Name: "gaps", New: func() Params { return &GapsMeasure{} }},
		{Name: "penalty", New: func() Params { return &PenaltyMeasure{} }},
	}
	for _, c := range catchments {
		all = append(all, Kind{Name: c.name, New: func() Params { return &CatchmentMeasure{} }})
	}
	all = append(all,
		Kind{Name: "raam", New: func() Params { return &RAAMMeasure{} }},
		Kind{Name: "journey", New: func() Params { return &JourneyMeasure{} }},
		Kind{Name: "capacity", New: func() Params { return &CapacityMeasure{} }},
		Kind{Name: "attrition", New: func() Params { return &AttritionMeasure{} }},
		Kind{Name: "representation", New: func() Params { return &RepresentationMeasure{} }},
		Kind{Name: "referral", New: func() Params { return &ReferralMeasure{} }},
		Kind{Name: "delay", New: func() Params { return &DelayMeasure{} }},
	)
	for i := range all {
		_, byPlace := all[i].New().(valued)
		all[i].ByPlace = byPlace || all[i].Name == "travel" || all[i].Name == "penalty"
	}
	return all
}

// grammar is what specs can name: the measures and the engines.
func grammar() *Grammar {
	g := &Grammar{Measures: measures()}
	for _, e := range engines() {
		g.Engines = append(g.Engines, e.Engine)
	}
	return g
}

// Parse reads a spec, YAML or JSON, strictly: every word must be known. base is
// nil where specs may not extend others.
func Parse(r io.Reader, base Open) (Spec, error) { return grammar().Parse(r, base) }

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
func valuedOf(m Measures) (out []Measure) {
	for _, o := range m {
		if _, ok := o.Params.(valued); ok {
			out = append(out, o)
		}
	}
	return out
}
