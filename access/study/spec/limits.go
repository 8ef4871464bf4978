package spec

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Asker is who has a study carried out: somebody on a machine of their own, or a
// client of a service that others use too. The zero value is the former.
type Asker int

const (
	Alone Asker = iota
	Served
)

// Limit is the most of something that a study may ask for. Nothing is computed, and
// no memory taken, for one that asks for more.
type Limit struct {
	Name string     // by which tags and [Implied] counts name it
	What string     // what is counted
	Most [2]float64 // by asker
}

// Limits are all of them. A field of the grammar names its own in the tag most: a
// whole number is no more than that, a list and a group of fields have no more
// entries, a text no more letters; lists and groups that name none have the limit
// entries. Counts that follow from several fields, or from fields and data, are below.
func Limits() []Limit {
	return []Limit{
		{"name", "letters of a name", [2]float64{200, 200}},
		{"title", "letters of a title", [2]float64{1_000, 300}},
		{"entries", "entries of a list", [2]float64{100_000, 10_000}},
		{"nearest", "nearest centers of a place", [2]float64{100, 100}},
		{"ranks", "nearest centers that flows are compared with", [2]float64{100, 100}},
		{"choices", "centers that patients are sent on to", [2]float64{20, 20}},
		{"bands", "bands of minutes or kilometres", [2]float64{1_000, 100}},
		{"isochrones", "areas around a center", [2]float64{12, 12}},
		{"breaks", "class limits of a map", [2]float64{100, 50}},
		{"steps", "steps of a decay", [2]float64{1_000, 1_000}},
		{"stages", "stages of a course", [2]float64{200, 50}},
		{"visits", "days of visits", [2]float64{1_000, 1_000}},
		{"indices", "indices of inequality", [2]float64{200, 50}},
		{"quantiles", "quantiles", [2]float64{1_000, 100}},
		{"scenarios", "scenarios", [2]float64{1_000, 100}},
		{"rebuilt", "scenarios with roads of their own", [2]float64{1_000, 10}},
		{"gathered", "columns whose values may gather", [2]float64{200, 20}},
		{"neighbours", "nearest neighbours of a place", [2]float64{1_000, 1_000}},
		{"permutations", "permutations of a place's neighbours", [2]float64{1_000_000, 100_000}},
		{"resamples", "draws of a gap between groups", [2]float64{1_000_000, 100_000}},
		{"draws", "draws", [2]float64{100_000, 10_000}},
		{"folds", "folds that a choice is fitted without", [2]float64{1_000, 100}},
		{"pick", "sites to open or close", [2]float64{10_000, 1_000}},
		{"plans", "plans side by side", [2]float64{1_000, 100}},
		{"together", "centers that close together", [2]float64{5, 5}},
		{"lines", "lines of therapy", [2]float64{100, 100}},
		{"years", "years", [2]float64{200, 200}},

		// of several fields
		{"limits", "limits of an interval", [2]float64{100_000, 1_000}},
		{"settings", "settings of a sensitivity, times the measures", [2]float64{100_000, 2_000}},
		{"points", "points of a grid", [2]float64{1_000_000, 10_000}},

		// of fields and data
		{"drawn", "draws times places", [2]float64{1e11, 1e9}},
		{"permuted", "permutations times neighbours, places and columns", [2]float64{1e14, 5e10}},
		{"resampled", "draws of gaps times places and measures", [2]float64{1e13, 1e10}},
		{"pairs", "neighbours of all places", [2]float64{2e8, 5e6}},
	}
}

// limitOf is a limit by its name.
func limitOf(name string) Limit {
	all := Limits()
	if i := slices.IndexFunc(all, func(l Limit) bool { return l.Name == name }); i >= 0 {
		return all[i]
	}
	panic("spec: no limit " + name)
}

// Most is a limit for whoever asks.
func (a Asker) Most(limit string) float64 { return limitOf(limit).Most[a] }

// Allows refuses a count of a field that is more than its limit, with a [SpecError].
func (a Asker) Allows(limit, field string, n float64) error {
	l := limitOf(limit)
	if n <= l.Most[a] {
		return nil
	}
	accept := "up to " + Thousands(l.Most[a])
	if alone := l.Most[Alone]; alone > l.Most[a] {
		accept += " (on the command line " + Thousands(alone) + ")"
	}
	return &SpecError{Field: field, Problem: fmt.Sprintf("found %s %s", Thousands(n), l.What), Accept: accept}
}

// Thousands writes a count for people.
func Thousands(n float64) string {
	if !(n < 1e15) {
		return fmt.Sprintf("%.3g", n)
	}
	text := fmt.Sprintf("%.0f", n)
	var b strings.Builder
	for i, c := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Implied is a count that follows from several parameters of a measure.
type Implied struct {
	Field, Limit string
	Count        float64
}

// Implying is a measure that has such counts.
type Implying interface {
	Implies(m Measure) []Implied
}

// Allows refuses a study that asks for more than whoever asks may have, as far as the
// study alone shows it; [Asker.Allows] is for what follows from data.
func (s *Spec) Allows(a Asker) error {
	if err := a.fields(reflect.ValueOf(s).Elem(), "", ""); err != nil {
		return err
	}
	for _, m := range s.Measures {
		at := "measures." + m.Name
		if err := a.fields(reflect.ValueOf(m.Params), at, ""); err != nil {
			return err
		}
		for _, c := range implied(m) {
			if err := a.Allows(c.Limit, at+"."+c.Field, c.Count); err != nil {
				return err
			}
		}
	}
	if err := a.Allows("rebuilt", "scenarios", float64(s.Scenarios.onOtherRoads())); err != nil {
		return err
	}
	v := s.Sensitivity
	n := float64(len(v.LimitMin)+len(v.TauMin)+len(v.Decay)) + float64(len(v.LimitMin))*float64(len(v.Decay))
	if err := a.Allows("settings", "sensitivity", n*float64(len(s.Measures))); err != nil {
		return err
	}
	for _, x := range v.Variants(s.Measures) {
		for _, c := range implied(x.Measure) {
			if err := a.Allows(c.Limit, "sensitivity: "+x.Label+": measures."+x.Measure.Name+"."+c.Field, c.Count); err != nil {
				return err
			}
		}
	}
	return s.allowsGrid(a)
}

// allowsGrid looks at the points of a grid, and at every value of it by itself.
func (s *Spec) allowsGrid(a Asker) error {
	points := 1.0
	for _, values := range s.Grid {
		points *= float64(len(values))
	}
	if err := a.Allows("points", "grid", points); err != nil {
		return err
	}
	for name, values := range s.Grid {
		measure, param, _ := strings.Cut(name, ".")
		for _, m := range s.Measures {
			if m.Name != measure {
				continue
			}
			for _, v := range values {
				changed, _ := m.With(param, v)
				for _, c := range implied(changed) {
					if err := a.Allows(c.Limit, "grid."+name, c.Count); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// implied are the counts that follow from the parameters of a measure.
func implied(m Measure) []Implied {
	if x, ok := m.Params.(Implying); ok {
		return x.Implies(m)
	}
	return nil
}

// fields looks at every field of a section that can count something.
func (a Asker) fields(v reflect.Value, at, limit string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return a.fields(v.Elem(), at, limit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if name(f) == "-" || !f.IsExported() {
				continue
			}
			if err := a.fields(v.Field(i), join(at, name(f)), f.Tag.Get("most")); err != nil {
				return err
			}
		}
	case reflect.Int, reflect.Int64:
		if limit != "" && limit != free {
			return a.Allows(limit, at, math.Abs(float64(v.Int())))
		}
	case reflect.String:
		if limit != "" {
			return a.Allows(limit, at, float64(utf8.RuneCountInString(v.String())))
		}
	case reflect.Slice, reflect.Map:
		return a.entries(v, at, limit)
	}
	return nil
}

// free is the limit of a whole number that counts nothing, such as a year.
const free = "-"

// entries looks at a list or a group of fields, and at what is in it.
func (a Asker) entries(v reflect.Value, at, limit string) error {
	if limit == "" {
		limit = "entries"
	}
	if err := a.Allows(limit, at, float64(v.Len())); err != nil {
		return err
	}
	if v.Kind() == reflect.Map {
		for key, value := range v.Seq2() {
			if err := a.fields(value, join(at, key.String()), ""); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range v.Len() {
		if err := a.fields(v.Index(i), fmt.Sprintf("%s[%d]", at, i), ""); err != nil {
			return err
		}
	}
	return nil
}
