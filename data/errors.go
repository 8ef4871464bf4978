package data

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"careshed/geo"
)

// InputError says what is wrong in a file, where, and what would be accepted.
// Fields that do not apply are empty: Feature and Line count from 1.
type InputError struct {
	File    string // the name the reader was given
	Feature int    // its place in the file; 0 if the fault is not in one feature
	Line    int    // for CSV, the line on which the row or cell starts
	ID      string // of the feature, if known
	Field   string // column, property or geometry member
	Value   string // as it stands in the file, shortened
	Problem string
	Accept  string
	Tables  []string // of the file, where one of them must be named
	Err     error    // the cause, if another error was
}

// Choice are the tables of the file, if the error is that one of them must be named.
func (e *InputError) Choice() []string { return e.Tables }

// Error is one line such as
//
//	places.geojson: feature 17 (id 01001): population is "n/a": not a number; accepted: a number ≥ 0
func (e *InputError) Error() string {
	var b strings.Builder
	b.WriteString(plain(e.File))
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, ": line %d", e.Line)
	case e.Feature > 0:
		fmt.Fprintf(&b, ": feature %d", e.Feature)
	}
	if e.ID != "" && e.ID != strconv.Itoa(e.Feature) {
		fmt.Fprintf(&b, " (id %s)", plain(e.ID))
	}
	b.WriteString(": ")
	if e.Field != "" {
		b.WriteString(plain(e.Field))
		b.WriteByte(' ')
	}
	if e.Value != "" {
		fmt.Fprintf(&b, "is %s: ", quote(e.Value))
	}
	b.WriteString(e.Problem)
	if e.Accept != "" {
		b.WriteString("; accepted: ")
		b.WriteString(e.Accept)
	}
	return b.String()
}

func (e *InputError) Unwrap() error { return e.Err }

// UnknownLayerError says that a catalog has no layer of a name.
type UnknownLayerError struct {
	Name  string
	Known []string
}

func (e *UnknownLayerError) Error() string {
	return fmt.Sprintf("no layer %s%s; there are: %s", quote(e.Name), meant(e.Name, e.Known), list(e.Known))
}

// quote shows a value on one line, shortened. Numbers stand without quotes.
func quote(s string) string {
	if _, kind, _ := parseNumber([]byte(s)); kind != notNumber && len(s) <= 40 {
		return s
	}
	return strconv.Quote(shorten(s))
}

// plain is s if it can stand in a message without quotes, else quoted.
func plain(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` || len(s) > 200 {
		return strconv.Quote(shorten(s))
	}
	return s
}

func shorten(s string) string { return shortenTo(s, 60) }

func shortenTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for !utf8.ValidString(s) && len(s) > most-utf8.UTFMax {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// list names what there is, the first few if they are many.
func list(names []string) string {
	const most = 30
	if len(names) == 0 {
		return "none"
	}
	var b strings.Builder
	for i, n := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(plain(n))
	}
	return b.String()
}

// meant is `, did you mean "x"?` when one of the names is close, else "".
func meant(name string, known []string) string {
	if like := geo.Like(name, known); like != "" {
		return fmt.Sprintf(", did you mean %s?", strconv.Quote(like))
	}
	return ""
}
