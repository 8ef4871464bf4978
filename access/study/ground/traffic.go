package ground

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// traffic is the part of a table of factors that acts at an hour.
type traffic struct {
	*spec.TrafficSpec
	table  *geo.Layer
	rows   []int // that act
	class  []string
	factor []float64
}

// slowed are the changes that a table makes at an hour, one for each row that acts then.
func (in *Ground) slowed(ctx context.Context, t *spec.TrafficSpec) ([]travel.RoadChange, error) {
	l, err := in.Open(ctx, t.Layer)
	if err != nil {
		return nil, err
	}
	x := &traffic{TrafficSpec: t, table: l}
	if x.class, err = l.Texts("class"); err != nil {
		return nil, fmt.Errorf("traffic: %w", err)
	}
	if x.factor, err = l.Numbers("factor"); err != nil {
		return nil, fmt.Errorf("traffic: %w", err)
	}
	for i := range l.Len() {
		x.rows = append(x.rows, i)
	}
	for _, by := range []struct{ column, chosen string }{{"country", t.Country}, {"series", t.Series}} {
		if err := x.choose(by.column, by.chosen); err != nil {
			return nil, err
		}
	}
	if err := x.atHour(); err != nil {
		return nil, err
	}
	if len(x.rows) == 0 {
		return nil, spec.Refused("traffic.layer", "a table with rows", "layer %s has none", l.Name)
	}
	return x.changes()
}

// choose keeps the rows that have a text in a column. Where the rows have several and none is
// chosen, they do not belong together.
func (x *traffic) choose(column, chosen string) error {
	c, ok := x.table.Column(column)
	if !ok && chosen == "" {
		return nil
	}
	if _, err := x.table.MustHave(column); err != nil {
		return fmt.Errorf("traffic.%s: %w", column, err)
	}
	var there []string
	for _, i := range x.rows {
		there = append(there, c.Text(i))
	}
	slices.Sort(there)
	there = slices.Compact(there)
	switch {
	case chosen == "" && len(there) == 1:
		return nil
	case chosen == "":
		return spec.Refused("traffic."+column, strings.Join(there, ", "), "layer %s has rows of several, and which are meant is not said", x.table.Name)
	case !slices.Contains(there, chosen):
		return spec.Refused("traffic."+column, strings.Join(there, ", "), "found %q, of which layer %s has no row", chosen, x.table.Name)
	}
	x.rows = slices.DeleteFunc(x.rows, func(i int) bool { return c.Text(i) != chosen })
	return nil
}

// atHour keeps the rows that act at the hour: from is its beginning and to its end, which may
// be past midnight; a table without them, and a row with neither, is of the whole day.
func (x *traffic) atHour() error {
	_, begins := x.table.Column("from")
	_, ends := x.table.Column("to")
	if !begins && !ends {
		return nil
	}
	from, err := x.table.Numbers("from")
	if err != nil {
		return fmt.Errorf("traffic: %w", err)
	}
	to, err := x.table.Numbers("to")
	if err != nil {
		return fmt.Errorf("traffic: %w", err)
	}
	var act []int
	var spans []string
	for _, i := range x.rows {
		a, b := from[i], to[i]
		if math.IsNaN(a) && math.IsNaN(b) {
			act = append(act, i)
			continue
		}
		if !(a >= 0 && a < 24 && b > 0 && b <= 24 && a != b) {
			return spec.Refused("traffic.layer", "hours from 0 up to 24, and another to its end, at most 24",
				"row %s of layer %s is from %s to %s", x.table.ID(i), x.table.Name, hourText(a), hourText(b))
		}
		spans = append(spans, fmt.Sprintf("%g to %g", a, b))
		if h := *x.Hour; a < b && h >= a && h < b || a > b && (h >= a || h < b) {
			act = append(act, i)
		}
	}
	if len(act) == 0 {
		slices.Sort(spans)
		return spec.Refused("traffic.hour", "an hour of these: "+strings.Join(slices.Compact(spans), ", "),
			"found %g, of which layer %s says nothing", *x.Hour, x.table.Name)
	}
	x.rows = act
	return nil
}

// changes are those of the rows that act. A class in two of them would be slowed twice.
func (x *traffic) changes() (all []travel.RoadChange, err error) {
	seen := map[string]int{}
	for _, i := range x.rows {
		f, id := x.factor[i], x.table.ID(i)
		if !(f >= travel.LeastFactor && f <= travel.MostFactor) {
			found := fmt.Sprintf("the factor %v", f)
			if math.IsNaN(f) {
				found = "no factor"
			}
			return nil, spec.Refused("traffic.layer", fmt.Sprintf("%v to %v times the speed", travel.LeastFactor, travel.MostFactor),
				"row %s of layer %s has %s", id, x.table.Name, found)
		}
		classes := strings.FieldsFunc(x.class[i], func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
		if len(classes) == 0 {
			return nil, spec.Refused("traffic.layer", "a value of highway= in OpenStreetMap, such as motorway",
				"row %s of layer %s has no class", id, x.table.Name)
		}
		for _, c := range classes {
			if before, twice := seen[c]; twice {
				return nil, spec.Refused("traffic.layer", "one row for a class at an hour; country or series choose among rows",
					"rows %s and %s of layer %s both are of %s", x.table.ID(before), id, x.table.Name, c)
			}
			seen[c] = i
		}
		all = append(all, travel.RoadChange{Factor: f, Classes: classes})
	}
	return all, nil
}

func hourText(h float64) string {
	if math.IsNaN(h) {
		return "nothing"
	}
	return fmt.Sprintf("%g", h)
}
