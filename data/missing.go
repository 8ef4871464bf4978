package data

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"
	roles "careshed/geo/role"
)

// withoutMissing is a column in which the values that the source declares to
// mean "no value" are none: numbers by their value, texts to the letter. A
// column that was text for their sake alone becomes one of numbers.
func withoutMissing(c geo.Column, missing []string) geo.Column {
	f := c.Field
	f.Missing = true
	if c.Type == geo.Text {
		return textsWithout(c, f, missing)
	}
	var numbers []float64
	for _, m := range missing {
		if v, err := strconv.ParseFloat(strings.TrimSpace(m), 64); err == nil {
			numbers = append(numbers, v)
		}
	}
	v := slices.Clone(c.Values())
	for i, x := range v {
		if slices.Contains(numbers, x) {
			v[i] = math.NaN()
		}
	}
	switch c.Type {
	case geo.Integer:
		return geo.Integers(f, v)
	case geo.Bool:
		return geo.Bools(f, v)
	}
	return geo.Numbers(f, v)
}

func textsWithout(c geo.Column, f geo.Field, missing []string) geo.Column {
	codes, words := c.Codes()
	gone := make([]bool, len(words))
	some, numeric := false, true
	for k, w := range words {
		if gone[k] = slices.Contains(missing, strings.TrimSpace(w)); gone[k] {
			some = true
		} else if _, kind, _ := parseNumber([]byte(strings.TrimSpace(w))); kind == notNumber {
			numeric = false
		}
	}
	if !some {
		c.Field = f
		return c
	}
	if !numeric {
		texts := make([]string, len(codes))
		for i, k := range codes {
			if k >= 0 {
				texts[i] = words[k]
			}
		}
		return geo.Texts(f, texts, func(i int) bool { return codes[i] >= 0 && !gone[codes[i]] })
	}
	to := column{field: f}
	for i, k := range codes {
		if k >= 0 && !gone[k] {
			to.pad(i)
			to.add([]byte(strings.TrimSpace(words[k])), []byte(words[k]))
		}
	}
	return to.column(f.Name, len(codes))
}

// inUnits says of columns in which unit they are, as the source declares; * is
// every column of numbers that has no entry of its own.
func inUnits(l *geo.Layer, units map[string]string) (*geo.Layer, error) {
	var changed []geo.Column
	if all := units["*"]; all != "" {
		each := maps.Clone(units)
		delete(each, "*")
		for _, c := range l.Columns() {
			if _, own := units[c.Name]; !own && (c.Type == geo.Number || c.Type == geo.Integer) {
				each[c.Name] = all
			}
		}
		units = each
	}
	for _, name := range slices.Sorted(maps.Keys(units)) {
		c, err := l.MustHave(name)
		if err != nil {
			return nil, &InputError{File: l.Source, Field: "units", Problem: fmt.Sprintf("names column %s, which is not there%s; there are: %s",
				quote(name), meant(name, fieldNames(l)), list(fieldNames(l)))}
		}
		if !roles.KnownUnit(units[name]) {
			return nil, &InputError{File: l.Source, Field: "units." + name, Value: units[name], Problem: "not a known unit", Accept: strings.Join(roles.Units(), ", ")}
		}
		c.Unit = units[name]
		changed = append(changed, c)
	}
	if changed == nil {
		return l, nil
	}
	return l.With(changed...)
}

func fieldNames(l *geo.Layer) []string {
	var names []string
	for _, f := range l.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// partedThousands says why the numbers of a CSV file whose cells are parted by
// semicolons may be thousands: every value with a point has three digits before
// the end, and none has more than three without. "" if they are not.
func (c *column) partedThousands() string {
	if c.shape != numbers {
		return ""
	}
	parted, example := 0, ""
	for _, text := range c.literals(len(c.values)) {
		whole, decimals, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		switch {
		case text == "":
		case len(whole) == 0 || len(whole) > 3 || whole[0] == '0' && len(whole)+len(decimals) > 1:
			return ""
		case point && len(decimals) != 3:
			return ""
		case point:
			if parted++; example == "" {
				example = text
			}
		}
	}
	if parted == 0 {
		return ""
	}
	return fmt.Sprintf(`every value with a point has three digits behind it, such as %s: does the point part thousands? thousands: "." or decimal: "." in the layer's entry says which`, example)
}

// otherSigns says why a column of texts may not be taken for numbers where the
// signs in numbers were declared: a point in it is a sign of something else. ""
// if there is no such text.
func (c *column) otherSigns() string {
	if c.shape != texts {
		return ""
	}
	_, words := c.text.Column(c.field).Codes()
	for _, w := range words {
		if strings.Contains(w, ".") && strings.Trim(w, "0123456789.-+eE \u00a0") == "" && w != "." {
			return fmt.Sprintf(`%q has a point, which is not the sign before decimals that was declared: does it part thousands? thousands: "." in the layer's entry says so`, w)
		}
	}
	return ""
}
