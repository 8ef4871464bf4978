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
// the row with the same key, compared as text without the blanks around it.
// Rows without a partner have no value there, and a note of the layer says how
// many there are and what the keys look like.
type Join struct {
	File    string            // relative to the folder of the catalog
	On      string            // the key: a field of both, or "ours=theirs"
	Columns map[string]string // our names: theirs; nil takes all but the key
	// How the file is read, as of a [Source].
	Format, Table, Encoding, Decimal, Thousands string
	Missing                                     []string
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
	rows, met, err := j.partners(l, table, key, other)
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
	about := l.About
	about.Joins = append(slices.Clone(about.Joins), met)
	if met.Lost > 0 {
		about.Notes = append(slices.Clone(about.Notes), "The "+met.String()+"; their rows have no "+list(sortedNames(names))+".")
	}
	return l.Named(about).With(added...)
}

func sortedNames(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

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
func (j Join) partners(l, table *geo.Layer, key, other geo.Column) ([]int, geo.Meeting, error) {
	at := make(map[string]int, other.Len())
	theirs := make([]string, 0, other.Len())
	for i := range other.Len() {
		k := strings.TrimSpace(other.Text(i))
		if k == "" {
			continue
		}
		if first, twice := at[k]; twice {
			return nil, geo.Meeting{}, &InputError{File: table.Name, Feature: i + 1, Field: other.Name, Value: k,
				Problem: fmt.Sprintf("the key of row %d too", first+1), Accept: "a key that differs in every row"}
		}
		at[k] = i
		theirs = append(theirs, k)
	}
	rows, ours := make([]int, key.Len()), make([]string, key.Len())
	for i := range rows {
		ours[i] = strings.TrimSpace(key.Text(i))
		rows[i] = -1
		if k, ok := at[ours[i]]; ok {
			rows[i] = k
		}
	}
	m := geo.Meet(fmt.Sprintf("join of %s by %s with %s", plain(l.Name), plain(key.Name), plain(table.Name)), ours, theirs)
	m.Field = key.Name
	if m.Matched == 0 && len(rows) > 0 {
		return nil, m, &InputError{File: table.Name, Field: "join", Problem: fmt.Sprintf("no key fits: %s has %s, %s has %s%s",
			plain(l.Name), example(key), plain(table.Name), example(other), likely(m)), Accept: "keys that are written alike (01001 is not 1001)"}
	}
	return rows, m, nil
}

// likely is what may keep the keys apart, in brackets.
func likely(m geo.Meeting) string {
	if m.Hint == "" {
		return ""
	}
	return " (" + m.Hint + ")"
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
