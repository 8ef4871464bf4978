package role

import (
	"fmt"
	"slices"
	"strings"

	"careshed/geo"
)

// dimension is what a unit measures.
type dimension uint8

const (
	unknown dimension = iota
	time
	length
	people
	share
)

// units are the words for units, each with what it is in minutes, kilometres,
// people or shares of one.
var units = map[string]struct {
	of    dimension
	times float64
}{
	"ms": {time, 1.0 / 60_000}, "millisecond": {time, 1.0 / 60_000}, "milliseconds": {time, 1.0 / 60_000},
	"s": {time, 1.0 / 60}, "sec": {time, 1.0 / 60}, "secs": {time, 1.0 / 60}, "second": {time, 1.0 / 60}, "seconds": {time, 1.0 / 60},
	"min": {time, 1}, "mins": {time, 1}, "minute": {time, 1}, "minutes": {time, 1},
	"h": {time, 60}, "hr": {time, 60}, "hrs": {time, 60}, "hour": {time, 60}, "hours": {time, 60},
	"m": {length, 0.001}, "metre": {length, 0.001}, "metres": {length, 0.001}, "meter": {length, 0.001}, "meters": {length, 0.001},
	"km": {length, 1}, "kilometre": {length, 1}, "kilometres": {length, 1}, "kilometer": {length, 1}, "kilometers": {length, 1},
	"mi": {length, 1.609344}, "mile": {length, 1.609344}, "miles": {length, 1.609344}, "ft": {length, 0.0003048}, "feet": {length, 0.0003048},
	"people": {people, 1}, "persons": {people, 1}, "inhabitants": {people, 1},
	"thousand": {people, 1000}, "thousands": {people, 1000}, "million": {people, 1e6}, "millions": {people, 1e6},
	"万": {people, 1e4}, "万人": {people, 1e4}, "만명": {people, 1e4}, "lakh": {people, 1e5}, "lakhs": {people, 1e5}, "crore": {people, 1e7}, "crores": {people, 1e7},
	"percent": {share, 0.01},
}

// Units are the words that a layer's entry may name as the unit of a column.
func Units() []string {
	return []string{"seconds", "minutes", "hours", "metres", "kilometres", "miles", "feet", "people", "thousands", "millions"}
}

// KnownUnit reports whether a word names a unit.
func KnownUnit(word string) bool { return units[strings.ToLower(word)].of != unknown }

// UnitOf is the unit that a word behind a number means, as tables write it (km, Std., Mio.,
// %), "" if it means none.
func UnitOf(word string) string {
	word = strings.Trim(strings.ToLower(word), " \u00a0.")
	switch word {
	case "%":
		word = "percent"
	case "k":
		word = "thousands"
	}
	if s := spelt[word]; s != "" {
		word = s
	}
	if units[word].of == unknown {
		return ""
	}
	return long(word)
}

// inUnit brings values into the unit of the role. A column whose name ends in
// another unit, and for which none is declared, is asked about.
func (r Role) inUnit(l *geo.Layer, c geo.Column, values []float64) ([]float64, error) {
	if r.unit == unknown {
		return values, nil
	}
	word := strings.ToLower(c.Unit)
	u := units[word]
	if u.of != people && r.whose == things && r.unit == people {
		return values, nil // hours of a theatre are a supply too, and a price in thousands by its name is as good as another
	}
	if u.of == unknown {
		return values, r.byName(l, c)
	}
	if u.of != r.unit {
		return nil, &Error{Layer: l.Name, Field: c.Name, What: fmt.Sprintf("is in %s, and %s are asked for", c.Unit, r.of), Accept: "another column"}
	}
	if u.times == 1 {
		return values, nil
	}
	values = slices.Clone(values)
	for i := range values {
		values[i] = scaled(values[i], u.times)
	}
	return values, nil
}

// byName asks about a column whose name says another unit than the role's, or says one of
// another dimension and none of its own.
func (r Role) byName(l *geo.Layer, c geo.Column) error {
	declared := func(unit string) string { return fmt.Sprintf("units: {%s: %s}", c.Name, unit) }
	word := unitInName(c.Name, r.unit)
	accept := fmt.Sprintf("%s in the layer's entry, or %s if the name misleads", declared(long(word)), declared(r.of))
	for _, of := range []dimension{time, length} {
		if u := unitInName(c.Name, of); word == "" && r.unit != people && len(u) > 1 {
			word, accept = u, fmt.Sprintf("another column, or %s in the layer's entry if the name misleads", declared(r.of))
		}
	}
	if word == "" || units[word].times == 1 && units[word].of == r.unit {
		return nil
	}
	return &Error{Layer: l.Name, Field: c.Name, What: fmt.Sprintf("is by its name in %s, and %s are asked for", long(word), r.of), Accept: accept}
}

// long is the word for a unit that messages use.
func long(word string) string {
	for _, w := range Units() {
		if units[w] == units[word] {
			return w
		}
	}
	return word
}
