// Package role reads columns of layers for what they are used as: people,
// supply, minutes, kilometres, prices, ranks. It is the one place that says
// which values a role takes and which of them cannot be meant: codes that
// programs write where there is no value, truth values and dates taken for
// numbers, a unit that is another, shares and thousands where people are asked
// for.
//
// What is certain is refused, or read as no value with a doubt that says so;
// what is only likely is a doubt. Who calls decides whom to tell, and counts the
// people of the rows that a doubt names.
package role

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"careshed/geo"
)

// Role is what a column is used as.
type Role struct {
	of      string // what the numbers are, in the plural
	accept  string // what a value may be
	least   float64
	missing bool      // a row may have no value
	unit    dimension // what the numbers measure; they are in minutes, kilometres or people whatever the unit of the column
	codes   strict    // how readily large round numbers are taken for codes
	whose   counting  // which of the people are counted
	per     span      // of what time the numbers are; any where that does not matter
}

// counting is which of the people of its row a number counts.
type counting uint8

const (
	things    counting = iota // beds, slots, prices
	everybody                 // and nobody in two rows
	some                      // those without a car, or of an age
	patients                  // so few that their expected number is a part of one
)

type strict uint8

const (
	amount  strict = iota // 65535 people may live in a town
	measure               // nobody travels 9999 minutes where the others travel 90
)

const amountAccept = "a finite number of 0 or more"

// The roles there are.
var (
	People     = Role{of: "people", accept: amountAccept, unit: people, whose: everybody}
	Part       = Role{of: "people", accept: amountAccept, unit: people, whose: some}
	Patients   = Role{of: "people", accept: amountAccept, unit: people, whose: patients}              // eligible, referred, treated
	Amount     = Role{of: "amounts", accept: amountAccept, unit: people}                              // supply, capacity, price; thousands of them may be declared
	Yearly     = Role{of: "people", accept: amountAccept, unit: people, whose: patients, per: yearly} // Patients of a year
	Monthly    = Role{of: "amounts", accept: amountAccept, unit: people, per: monthly}                // Amount of a month
	Count      = Role{of: "people", accept: "a number of 0 or more, or nothing where it is withheld", missing: true, unit: people, whose: patients}
	Minutes    = Role{of: "minutes", accept: "a number of minutes ≥ 0, or empty if there is no way", missing: true, unit: time, codes: measure}
	Kilometres = Role{of: "kilometres", accept: "a number of kilometres ≥ 0, or empty if it is not known", missing: true, unit: length, codes: measure}
	Rank       = Role{of: "numbers", accept: "a number, or nothing", least: math.Inf(-1), missing: true} // an index of deprivation, a score
	Position   = Role{of: "coordinates", accept: "degrees, or nothing for a row without a location", least: math.Inf(-1), missing: true}
)

// Everywhere is the role with a value asked for in every row.
func (r Role) Everywhere() Role {
	r.missing = false
	r.accept = strings.TrimSuffix(strings.TrimSuffix(r.accept, ", or empty if there is no way"), ", or nothing")
	return r
}

// Reading is a column read for a role.
type Reading struct {
	Values []float64   // one a row, in the unit of the role; NaN where there is none
	Doubts []geo.Doubt // each names the field
}

// Error says what a role cannot take.
type Error struct {
	Layer  string
	Row    int // from 1; 0 if the fault is not in one row
	ID     string
	Field  string
	Value  string // as it stands, shortened; "" for none
	What   string // what is wrong
	Accept string
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "layer %s: ", e.Layer)
	if e.Row > 0 {
		fmt.Fprintf(&b, "feature %d (id %s): ", e.Row, e.ID)
	}
	b.WriteString(e.Field)
	if e.Value != "" {
		fmt.Fprintf(&b, " is %s,", quoted(e.Value))
	}
	fmt.Fprintf(&b, " %s; accepted: %s", e.What, e.Accept)
	return b.String()
}

// Read is a field read for the role. Texts will do if each spells a number, as
// 007 does. The error is [*Error], or [*geo.FieldError] if there is no such field.
func (r Role) Read(l *geo.Layer, field string) (Reading, error) {
	c, err := l.MustHave(field)
	if err != nil {
		return Reading{}, err
	}
	var out Reading
	values, all, half := r.measured(c, &out)
	if half && !all {
		return Reading{}, r.unmeasured(l, c)
	}
	if !all {
		if values, err = r.numbers(l, c); err != nil {
			return Reading{}, err
		}
	}
	if values, err = r.withoutCodes(l, c, values, &out); err != nil {
		return Reading{}, err
	}
	if err := r.bounds(l, c, values); err != nil {
		return Reading{}, err
	}
	if out.Values = values; !all {
		if out.Values, err = r.inUnit(l, c, values); err != nil {
			return Reading{}, err
		}
	}
	r.doubt(c, out.Values, &out)
	switch {
	case r.whose == everybody:
		if err := r.once(l, c, out.Values, &out); err != nil {
			return Reading{}, err
		}
	case r.unit == people && !r.missing && l.Len() >= 3:
		if err := r.noTotal(l, c, out.Values, &out); err != nil {
			return Reading{}, err
		}
		if r.whose == things {
			if err := r.noSeries(l, c, out.Values, &out); err != nil {
				return Reading{}, err
			}
		}
	}
	return out, nil
}

func (r Role) fault(l *geo.Layer, c geo.Column, row int, what string) *Error {
	e := &Error{Layer: l.Name, Field: c.Name, What: what, Accept: r.accept}
	if row >= 0 {
		e.Row, e.ID = row+1, l.ID(row)
		if !c.Null(row) {
			e.Value = shortened(c.Text(row))
		}
	}
	return e
}

func shortened(t string) string {
	if len(t) > 60 {
		t = strings.ToValidUTF8(t[:60], "") + "…"
	}
	return t
}

// quoted is a value in quotes, unless it is a number or a truth value.
func quoted(v string) string {
	_, err := strconv.ParseFloat(v, 64)
	if err == nil && strings.Trim(v, "0123456789+-.eE") == "" || v == "true" || v == "false" {
		return v
	}
	return strconv.Quote(v)
}

// numbers are the values as numbers. A yes/no column and a column of texts that
// are none are refused by what they are.
func (r Role) numbers(l *geo.Layer, c geo.Column) ([]float64, error) {
	if c.Doubt != "" {
		return nil, &Error{Layer: l.Name, Field: c.Name, What: "cannot be read as a number for certain: " + c.Doubt, Accept: r.accept}
	}
	switch c.Type {
	case geo.Bool:
		for i := range c.Len() {
			if !c.Null(i) {
				return nil, r.fault(l, c, i, "a yes/no value and no number")
			}
		}
		return c.Values(), nil
	case geo.Text:
		return r.texts(l, c)
	}
	return c.Values(), nil
}

// texts are the numbers that texts spell.
func (r Role) texts(l *geo.Layer, c geo.Column) ([]float64, error) {
	codes, words := c.Codes()
	meaning, wrong := make([]float64, len(words)), make([]string, len(words))
	for k, w := range words {
		meaning[k], wrong[k] = spelled(w)
	}
	if example := parted(words); example != "" {
		return nil, &Error{Layer: l.Name, Field: c.Name, What: fmt.Sprintf("is text, and every value with a point has three digits behind it, such as %s: does the point part thousands?", example),
			Accept: r.accept + `, as numbers; in CSV, thousands: "." or decimal: "." in the layer's entry says what the point is`}
	}
	values := make([]float64, len(codes))
	some := false
	for i, code := range codes {
		values[i] = math.NaN()
		if code < 0 {
			continue
		}
		if wrong[code] != "" {
			e := r.unspelled(l, c, i, wrong[code])
			if i == 0 && !slices.ContainsFunc(codes[1:], func(k int32) bool { return k >= 0 && wrong[k] != "" }) && len(codes) > 2 {
				e.Accept += "; no other row holds a text: if the first is a second line of names or of units, take it away"
			}
			return nil, e
		}
		values[i], some = meaning[code], true
	}
	if !some && l.Len() > 0 && !r.missing {
		return nil, &Error{Layer: l.Name, Field: c.Name, What: "has no value in any feature", Accept: r.accept}
	}
	return values, nil
}

// unspelled is the fault of a text that is no number. One without a digit may say that there
// is none, as NA, : and x do, and then it is told how such rows are read or left out.
func (r Role) unspelled(l *geo.Layer, c geo.Column, row int, wrong string) *Error {
	e := r.fault(l, c, row, wrong)
	switch w := strings.TrimSpace(c.Text(row)); {
	case r == Position && strings.HasPrefix(wrong, "not a number alone"):
		e.What += ", and degrees west or south take a minus"
		e.Accept += ", written alike in every row: 9.19, 9°11'24\"E or 9.19 E"
	case w == "" || strings.ContainsFunc(w, unicode.IsDigit) && !within(w):
	case r.missing:
		e.Accept += fmt.Sprintf("; missing: [%q] in the layer's entry reads it as none", w)
	default:
		e.Accept += fmt.Sprintf(" in every row; where no number is given, a study's where: {%s: {not: %q}} leaves the row out", c.Name, w)
	}
	return e
}

// within reports whether a text gives bounds of a number in place of it: <5, ≤ 4, 1-4, 1 bis 4.
func within(w string) bool {
	w = strings.TrimPrefix(w, "&lt;")
	for _, sign := range []string{"<", ">", "≤", "≥"} {
		if strings.HasPrefix(w, sign) {
			return true
		}
	}
	parts := strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsDigit(r) })
	if len(parts) == 1 {
		return len(w) < 5 && strings.Trim(w, "0123456789") == "" // &lt;5
	}
	between := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(w, parts[0]), parts[len(parts)-1]))
	return len(parts) == 2 && slices.Contains([]string{"-", "–", "to", "bis", "à", "a"}, between)
}

// parted is an example of numbers in texts whose points may part thousands: each
// point stands before three digits, and no more than three stand without. "" if
// they are not so.
func parted(words []string) string {
	example := ""
	for _, w := range words {
		whole, decimals, point := strings.Cut(strings.TrimSpace(w), ".")
		switch {
		case strings.Trim(whole+decimals, "0123456789") != "" || len(whole) == 0 || len(whole) > 3 || whole[0] == '0' || point && len(decimals) != 3:
			return ""
		case point && example == "":
			example = w
		}
	}
	return example
}

// spelled is the number that a text spells, or what is wrong with it.
func spelled(w string) (v float64, wrong string) {
	w = strings.Replace(strings.TrimSpace(w), "−", "-", 1) // U+2212 is a minus and nothing else
	v, err := strconv.ParseFloat(w, 64)
	switch {
	case strings.Trim(w, "0123456789+-.eE") == "" && err == nil:
		return v, ""
	case math.IsInf(v, 0):
		return 0, "infinite"
	case w == "":
		return 0, "an empty text"
	case !strings.ContainsFunc(w, unicode.IsDigit):
		return 0, "not a number"
	case isClock(w):
		return 0, "a time by the clock and no number: 1:30 is 90 minutes"
	case isDate(w):
		return 0, "a date and no number"
	case strings.Count(w, ",") == 1 && strings.Trim(w, "0123456789-,") == "" && len(w)-strings.IndexByte(w, ',') == 4:
		return 0, `not a number: does the comma part thousands or decimals? thousands: "," or decimal: "," in the layer's entry says which`
	case strings.Count(w, ",") == 1 && strings.Trim(w, "0123456789-,") == "":
		return 0, `not a number: decimals take a point and thousands nothing, or decimal: "," in the layer's entry`
	case within(w):
		return 0, "bounds and not a number"
	case strings.Trim(strings.TrimPrefix(w, "-"), "0123456789.,'’ \u00a0\u202f") == "":
		if !grouped(strings.TrimPrefix(w, "-")) {
			return 0, "not one number: two belong in a column each"
		}
		return 0, "not a number: thousands take nothing, or " + signsOf(w) + " in the layer's entry"
	case w[0] == '(' && w[len(w)-1] == ')' && strings.Trim(w, "(0123456789.,)") == "":
		return 0, "a number in brackets: of little worth, or below 0? Without them it is read"
	}
	if w[0] >= '1' && w[0] <= '9' {
		return 0, "not a number alone: a flag, a sign or a footnote behind it belongs in a column of its own"
	}
	return 0, "not a number"
}

// grouped reports whether every group of digits but the first, and perhaps a last one behind
// another sign, has three, as thousands have.
func grouped(w string) bool {
	groups := strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsDigit(r) })
	for k, g := range groups {
		if k == 0 && len(g) > 3 || k > 0 && k < len(groups)-1 && len(g) != 3 {
			return false
		}
	}
	return len(groups) > 0 && !strings.Contains(w, ", ")
}

// signsOf are the words of a layer's entry that read a number whose thousands are parted.
func signsOf(w string) string {
	first, last := "", ""
	for _, r := range w {
		if sign := string(r); strings.Contains(".,'’ \u00a0\u202f", sign) {
			if first == "" {
				first = sign
			}
			last = sign
		}
	}
	sign := strings.Trim(strconv.QuoteToGraphic(first), `"`)
	if first > "~" && first != "’" {
		sign = strings.Trim(strconv.QuoteToASCII(first), `"`) // a space that looks like any other
	}
	text := `thousands: "` + sign + `"`
	if last != first && (last == "," || last == ".") {
		text += ` with decimal: "` + last + `"`
	}
	return text
}

// isClock reports whether a text is written as hours and minutes, perhaps with seconds.
func isClock(w string) bool {
	parts := strings.Split(w, ":")
	return (len(parts) == 2 || len(parts) == 3) && strings.Trim(w, "0123456789:.") == "" && w[0] != ':' && len(parts[1]) == 2
}

// isDate reports whether a text is written as a date, or a date and a time.
func isDate(w string) bool {
	parts := strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("-/.T: Z", r) })
	if len(parts) < 3 || strings.Trim(w, "0123456789-/.T: Z+") != "" {
		return false
	}
	return len(parts[0]) == 4 && len(parts[1]) <= 2 && len(parts[2]) <= 2 || len(parts[0]) <= 2 && len(parts[1]) <= 2 && len(parts[2]) == 4
}

// bounds refuses what is missing, infinite or below the least value.
func (r Role) bounds(l *geo.Layer, c geo.Column, values []float64) error {
	for i, v := range values {
		switch {
		case math.IsNaN(v) && !r.missing:
			return r.fault(l, c, i, "is missing")
		case math.IsInf(v, 0):
			e := r.fault(l, c, i, "is infinite")
			e.Value = ""
			return e
		case v < r.least:
			e := r.fault(l, c, i, fmt.Sprintf("below %g", r.least))
			if r.missing && slices.Contains(slight, v) {
				e.Accept += fmt.Sprintf("; missing: [%g] in the layer's entry reads it as none", v)
			}
			return e
		}
	}
	return nil
}
