package role

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/geo"
)

// noLevelColumn refuses rows of several levels of areas that a column tells apart: a country,
// its regions and their provinces, which hold the same people in other numbers of rows.
func (r Role) noLevelColumn(l *geo.Layer, c geo.Column, people []float64) error {
	for _, level := range l.Columns() {
		if level.Name == c.Name || !ofLevels(level.Name) {
			continue
		}
		kinds, first, ok := sumsBy(level, people)
		if !ok || len(kinds) < 2 {
			continue
		}
		least, most := len(people), 0
		for _, k := range kinds {
			least, most = min(least, k.rows), max(most, k.rows)
		}
		// As many rows of each are no levels: all rows may be of one size.
		if least == most || kinds[0].people < enough || !sameSums(kinds) {
			continue
		}
		e := r.fault(l, c, first, fmt.Sprintf("in a row of which %s says %s, and the rows of each of the %d values of %s hold %s people: "+
			"areas of several levels, by which everybody would be counted %s", level.Name, level.Text(first), len(kinds), level.Name,
			geo.AppendNumber(nil, kinds[0].people), many(len(kinds))))
		e.Accept = fmt.Sprintf("rows of one level; where: {%s: VALUE} in the study chooses", level.Name)
		return e
	}
	return nil
}

// levels are words in what columns are called that tell levels of areas apart.
var levels = []string{"level", "levl", "lvl", "niveau", "ebene", "nivel", "livello", "nível", "stufe", "poziom", "úroveň", "taso", "nivå", "sumlev",
	"hierarch", "geotype", "areatype", "geographytype", "gebietstyp"}

// ofLevels reports whether a column is called as one that tells levels of areas apart: in others
// round numbers add up to the same by chance.
func ofLevels(name string) bool {
	name = geo.PlainName(name)
	return slices.ContainsFunc(levels, func(w string) bool { return strings.Contains(name, w) })
}

// ofLevel are the rows of a value and their people.
type ofLevel struct {
	rows   int
	people float64
}

// sumsBy adds people by the values of a column, the first first; not ok where there are more
// values than levels, or a row has none.
func sumsBy(c geo.Column, people []float64) (kinds []ofLevel, first int, ok bool) {
	at := map[string]int{}
	first = -1
	for i, v := range people {
		if c.Null(i) {
			return nil, 0, false
		}
		text := c.Text(i)
		k, known := at[text]
		if !known {
			if k = len(kinds); k == mostLevels {
				return nil, 0, false
			}
			at[text], kinds = k, append(kinds, ofLevel{})
		}
		if k == 1 && first < 0 {
			first = i
		}
		kinds[k].rows, kinds[k].people = kinds[k].rows+1, kinds[k].people+v
	}
	return kinds, first, true
}

func sameSums(kinds []ofLevel) bool {
	return !slices.ContainsFunc(kinds, func(k ofLevel) bool { return math.Abs(k.people-kinds[0].people) > exactly*kinds[0].people })
}

// noWhole refuses rows called a total beside rows of the same places that hold a part of
// them, as all people beside foreigners or women: both would be counted.
func (r Role) noWhole(l *geo.Layer, c geo.Column, people []float64, places [][]int) error {
	words := totalRows(l, IsTotal)
	if len(words) < 2 {
		return nil
	}
	rows, example, held := 0, -1, 0.0
	for _, here := range places {
		whole, totals := -1, 0
		for _, i := range here {
			if _, called := words[i]; called {
				whole = i
				totals++
			}
		}
		if totals != 1 || slices.ContainsFunc(here, func(i int) bool { return people[i] > people[whole] }) {
			return nil
		}
		if example < 0 {
			example = whole
		}
		rows, held = rows+len(here), held+people[whole]
	}
	if len(places) < 2 || 2*rows < l.Len() || held < enough {
		return nil
	}
	e := r.fault(l, c, example, fmt.Sprintf("in a row called %q, beside other rows of the same place, none of which has more, as in every place of several rows: "+
		"those are a part of it, and would be counted twice", words[example]))
	e.Accept = countedTwice
	return e
}
