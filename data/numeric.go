package data

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"careshed/geo"
)

// Range says which numbers a field may hold. The zero value is a number that
// is not negative, in every row.
type Range struct {
	Min     float64 // -Inf: no lower limit
	Max     float64 // 0 or +Inf: no upper limit
	Missing bool    // a row may have no value
}

func (r Range) String() string {
	s := "a number"
	switch low, high := !math.IsInf(r.Min, -1), r.bounded(); {
	case low && high:
		s += fmt.Sprintf(" from %v to %v", r.Min, r.Max)
	case low:
		s += fmt.Sprintf(" ≥ %v", r.Min)
	case high:
		s += fmt.Sprintf(" ≤ %v", r.Max)
	}
	if r.Missing {
		s += ", or nothing"
	}
	return s
}

func (r Range) bounded() bool { return r.Max != 0 && !math.IsInf(r.Max, 1) }

// fault is what is wrong with a value, "" if nothing is.
func (r Range) fault(v float64) string {
	switch {
	case math.IsInf(v, 0):
		return "infinite"
	case v < r.Min:
		return fmt.Sprintf("less than %v", r.Min)
	case r.bounded() && v > r.Max:
		return fmt.Sprintf("more than %v", r.Max)
	}
	return ""
}

// Numeric is a field as finite numbers within a range, NaN where there is no
// value. A column of texts will do if each is a decimal number, such as 007.
// The numbers may not be changed.
//
// The error is an [*InputError] that names the layer, the first row at fault,
// its id, the field, its value and what is accepted.
func Numeric(l *geo.Layer, field string, accept Range) ([]float64, error) {
	c, ok := l.Column(field)
	if !ok {
		var known []string
		for _, f := range l.Fields() {
			known = append(known, f.Name)
		}
		return nil, &InputError{File: l.Name, Field: field,
			Problem: fmt.Sprintf("is not a field%s; there are: %s", meant(field, known), list(known))}
	}
	fault := func(row int, value, problem string) error {
		return &InputError{File: l.Name, Feature: row + 1, ID: l.ID(row), Field: field,
			Value: value, Problem: problem, Accept: accept.String()}
	}
	if c.Type == geo.Bool {
		for i := range c.Len() {
			if !c.Null(i) {
				return nil, fault(i, c.Text(i), "not a number")
			}
		}
	}
	values := c.Values()
	if c.Type == geo.Text {
		codes, words := c.Codes()
		meaning, problems := spelledNumbers(words)
		values = make([]float64, len(codes))
		for i, code := range codes {
			if code < 0 {
				values[i] = math.NaN()
				continue
			}
			if problems[code] != "" {
				return nil, fault(i, words[code], problems[code])
			}
			values[i] = meaning[code]
		}
	}
	for i, v := range values {
		if math.IsNaN(v) {
			if !accept.Missing {
				return nil, fault(i, "", "is missing")
			}
			continue
		}
		if problem := accept.fault(v); problem != "" {
			return nil, fault(i, c.Text(i), problem)
		}
	}
	return values, nil
}

// spelledNumbers are the numbers that words spell, or what is wrong with them.
func spelledNumbers(words []string) (values []float64, problems []string) {
	values, problems = make([]float64, len(words)), make([]string, len(words))
	for i, w := range words {
		v, err := strconv.ParseFloat(w, 64)
		decimal := strings.Trim(w, "0123456789+-.eE") == ""
		switch {
		case decimal && err == nil:
			values[i] = v
		case math.IsInf(v, 0):
			problems[i] = "infinite"
		case w == "":
			problems[i] = "is an empty text"
		case strings.Count(w, ",") == 1 && strings.Trim(w, "0123456789-,") == "":
			problems[i] = "not a number (decimals take a point, thousands nothing)"
		default:
			problems[i] = "not a number"
		}
	}
	return values, problems
}
