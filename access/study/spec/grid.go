package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Point is one combination of a grid.
type Point []Setting

// Setting is a parameter of a measure with a value.
type Setting struct {
	Parameter string // MEASURE.PARAMETER
	Value     float64
}

// String is the point as text, such as 2sfca.limit_min=15.
func (p Point) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		parts[i] = fmt.Sprintf("%s=%g", s.Parameter, s.Value)
	}
	return strings.Join(parts, ",")
}

// Names reports whether a measure has a parameter at this point.
func (p Point) Names(measure string) bool {
	return slices.ContainsFunc(p, func(s Setting) bool { return strings.HasPrefix(s.Parameter, measure+".") })
}

// Points are the combinations of a spec's grid, the last parameter changing
// fastest; one empty point without a grid.
func (s Spec) Points() []Point {
	points := []Point{nil}
	for _, name := range slices.Sorted(maps.Keys(s.Grid)) {
		var next []Point
		for _, p := range points {
			for _, v := range s.Grid[name] {
				next = append(next, append(p[:len(p):len(p)], Setting{name, v}))
			}
		}
		points = next
	}
	return points
}

// At is the spec at a point of its grid, without the grid.
func (s Spec) At(p Point) (Spec, error) {
	s.Measures = append(Measures(nil), s.Measures...)
	for _, set := range p {
		name, param, _ := strings.Cut(set.Parameter, ".")
		for i, m := range s.Measures {
			if m.Name == name {
				changed, ok := m.With(param, set.Value)
				if !ok {
					return s, &SpecError{Field: "grid." + set.Parameter, Problem: "is not a parameter of this measure"}
				}
				s.Measures[i] = changed
			}
		}
	}
	s.Grid, s.Point = nil, p.String()
	return s, validateMeasures(&s)
}
