package role

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"careshed/geo"
)

// dimension is what a unit measures.
type dimension uint8

const (
	unknown dimension = iota
	time
	length
	people
)

// units are the words for units, each with what it is in minutes, kilometres or
// people.
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
}

// Units are the words that a layer's entry may name as the unit of a column.
func Units() []string {
	return []string{"seconds", "minutes", "hours", "metres", "kilometres", "miles", "feet", "people", "thousands", "millions"}
}

// KnownUnit reports whether a word names a unit.
func KnownUnit(word string) bool { return units[strings.ToLower(word)].of != unknown }

// inUnit brings values into the unit of the role. A column whose name ends in
// another unit, and for which none is declared, is asked about.
func (r Role) inUnit(l *geo.Layer, c geo.Column, values []float64) ([]float64, error) {
	if r.unit == unknown {
		return values, nil
	}
	word := strings.ToLower(c.Unit)
	u := units[word]
	if u.of == unknown {
		if word = unitInName(c.Name, r.unit); word == "" || units[word].times == 1 {
			return values, nil
		}
		return nil, &Error{Layer: l.Name, Field: c.Name, What: fmt.Sprintf("is by its name in %s, and %s are asked for", long(word), r.of),
			Accept: fmt.Sprintf("units: {%s: %s} in the layer's entry, or units: {%s: %s} if the name misleads", c.Name, long(word), c.Name, r.of)}
	}
	if u.of != r.unit {
		return nil, &Error{Layer: l.Name, Field: c.Name, What: fmt.Sprintf("is in %s, and %s are asked for", c.Unit, r.of), Accept: "another column"}
	}
	if u.times == 1 {
		return values, nil
	}
	values = slices.Clone(values)
	part := math.Round(1 / u.times) // so that 600 s are 10 min to the bit
	for i := range values {
		if u.times < 1 && math.Abs(part*u.times-1) < 1e-12 {
			values[i] /= part
		} else {
			values[i] *= u.times
		}
	}
	return values, nil
}

// unitInName is the unit that a name ends in, as duration_s and distance_m do,
// "" if it ends in none of the dimension.
func unitInName(name string, of dimension) string {
	words := strings.FieldsFunc(strings.ToLower(split(name)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return ""
	}
	last := words[len(words)-1]
	if units[last].of == of && (len(words) > 1 || len(last) > 3) {
		return last
	}
	return ""
}

// split parts the words of a name such as durationSeconds.
func split(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
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
