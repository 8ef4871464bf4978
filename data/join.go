package data

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/geo"
)

// Join adds the columns of another table to a layer: every row takes those of
// the row with the same key, compared as text. Rows without a partner have no
// value there.
type Join struct {
	File    string            // relative to the folder of the catalog
	On      string            // the key: a field of both, or "ours=theirs"
	Columns map[string]string // our names: theirs; nil takes all but the key
}

// Apply is the layer with the columns of table. The errors are
// [*InputError]: a key or column that is not there, a key that stands twice in
// table, a name that the layer has already, keys of which none fits.
func (j Join) Apply(l, table *geo.Layer) (*geo.Layer, error) {
	ours, theirs, two := strings.Cut(j.On, "=")
	if !two {
		theirs = ours
	}
	ours, theirs = strings.TrimSpace(ours), strings.TrimSpace(theirs)
	if ours == "" || theirs == "" {
		return nil, &InputError{File: l.Name, Field: "join", Problem: "has no key", Accept: "on: a field of both files, or on: ours=theirs"}
	}
	key, err := joinField(l, "on", ours)
	if err != nil {
		return nil, err
	}
	other, err := joinField(table, "on", theirs)
	if err != nil {
		return nil, err
	}
	rows, err := j.partners(l, table, key, other)
	if err != nil {
		return nil, err
	}
	names := j.Columns
	if names == nil {
		names = map[string]string{}
		for _, f := range table.Fields() {
			if f.Name != theirs {
				names[f.Name] = f.Name
			}
		}
	}
	var added []geo.Column
	for _, name := range slices.SortedFunc(maps.Keys(names), j.order(table, names)) {
		c, err := joinField(table, "columns", names[name])
		if err != nil {
			return nil, err
		}
		if _, taken := l.Column(name); taken {
			return nil, &InputError{File: table.Name, Field: "join", Problem: fmt.Sprintf("brings a column %s, which %s has already", quote(name), plain(l.Name)),
				Accept: "columns: {another name: " + names[name] + "}"}
		}
		added = append(added, follow(c, name, rows))
	}
	return l.With(added...)
}

// order sorts our names as the table orders its columns.
func (j Join) order(table *geo.Layer, names map[string]string) func(a, b string) int {
	at := map[string]int{}
	for i, f := range table.Fields() {
		at[f.Name] = i
	}
	return func(a, b string) int {
		if d := at[names[a]] - at[names[b]]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	}
}

// joinField is a column that the join names.
func joinField(l *geo.Layer, what, name string) (geo.Column, error) {
	c, ok := l.Column(name)
	if ok {
		return c, nil
	}
	var known []string
	for _, f := range l.Fields() {
		known = append(known, f.Name)
	}
	return c, &InputError{File: l.Name, Field: "join", Problem: fmt.Sprintf("%s names column %s, which is not there%s; there are: %s",
		what, quote(name), meant(name, known), list(known))}
}

// partners are the rows of table by the rows of l, -1 for none.
func (j Join) partners(l, table *geo.Layer, key, other geo.Column) ([]int, error) {
	at := make(map[string]int, other.Len())
	for i := range other.Len() {
		if other.Null(i) {
			continue
		}
		k := other.Text(i)
		if first, twice := at[k]; twice {
			return nil, &InputError{File: table.Name, Feature: i + 1, Field: other.Name, Value: k,
				Problem: fmt.Sprintf("the key of row %d too", first+1), Accept: "a key that differs in every row"}
		}
		at[k] = i
	}
	rows := make([]int, key.Len())
	fits := false
	for i := range rows {
		rows[i] = -1
		if !key.Null(i) {
			if k, ok := at[key.Text(i)]; ok {
				rows[i], fits = k, true
			}
		}
	}
	if !fits && len(rows) > 0 {
		return nil, &InputError{File: table.Name, Field: "join", Problem: fmt.Sprintf("no key fits: %s has %s, %s has %s",
			plain(l.Name), example(key), plain(table.Name), example(other)), Accept: "keys that are written alike (01001 is not 1001)"}
	}
	return rows, nil
}

// example is a value of a column.
func example(c geo.Column) string {
	for i := range c.Len() {
		if !c.Null(i) {
			return fmt.Sprintf("%s %s", c.Name, quote(c.Text(i)))
		}
	}
	return "no " + c.Name
}

// follow is a column under another name with the values of the given rows.
func follow(c geo.Column, name string, rows []int) geo.Column {
	f := c.Field
	f.Name = name
	if c.Type == geo.Text {
		codes, words := c.Codes()
		return geo.Texts(f, spread(rows, words, codes), func(i int) bool { return rows[i] >= 0 && codes[rows[i]] >= 0 })
	}
	v := make([]float64, len(rows))
	for i, r := range rows {
		v[i] = math.NaN()
		if r >= 0 {
			v[i] = c.Number(r)
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

// spread are the words of rows, "" where there is none.
func spread(rows []int, words []string, codes []int32) []string {
	v := make([]string, len(rows))
	for i, r := range rows {
		if r >= 0 && codes[r] >= 0 {
			v[i] = words[codes[r]]
		}
	}
	return v
}
