// Package measure has the measures of a study, a file each: its parameters, how it is
// found, and what it adds to results, draws and scenarios. The formulas stand in
// package access.
package measure

import (
	"context"
	"slices"

	"careshed/access/study/spec"
)

// A valued measure gives every place, or every site, a value. Columns, summary,
// headlines, draws, scenarios, inequality and manifest follow from that.
type Valued interface {
	spec.Params
	values(ctx context.Context, g *basis, m spec.Measure) ([]*score, error)
}

// ValuedKinds are the valued measures: a new one is a file and a row.
func ValuedKinds(string) []spec.Kind {
	var all []spec.Kind
	for _, c := range catchments {
		all = append(all, Asked[CatchmentMeasure](c.name)...)
	}
	return slices.Concat(all,
		Asked[RAAMMeasure]("raam"),
		Asked[ChoiceMeasure]("choice"),
		interactionKinds(),
	)
}

// Asked is the one measure of a name, with parameters of a type.
func Asked[M any, P interface {
	*M
	spec.Params
}](name string) []spec.Kind {
	return []spec.Kind{{Name: name, New: func() spec.Params { return P(new(M)) }}}
}

// valuedOf are the measures that give values.
func valuedOf(m spec.Measures) (out []spec.Measure) {
	for _, o := range m {
		if _, ok := o.Params.(Valued); ok {
			out = append(out, o)
		}
	}
	return out
}
