package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// another is from how many degrees on a second location of a row is another place:
// a kilometre of latitude, which addresses and the middles of places seldom differ by.
const another = 0.01

// saysElsewhere doubts rows of which other columns of coordinates say that they lie
// elsewhere than where they were read, or have a location where none was read. lon and
// lat are the columns that were read, -1 where shapes were.
func (t *table) saysElsewhere(lon, lat int) {
	if t.source.Lon != "" || t.points == nil {
		return
	}
	second := func(names []string, first int) (at int, values []float64) {
		at = -1
		is := func(c *column) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(c.name, n) }) && (c.shape == wholes || c.shape == numbers)
		}
		for i, c := range t.columns {
			if is(c) && (at < 0 || at == first) {
				at, values = i, c.values
			}
		}
		return at, values
	}
	i, xs := second(coordinateNames[0], lon)
	j, ys := second(coordinateNames[1], lat)
	if xs == nil || ys == nil || i == lon && j == lat || !degreesLike(xs, 180) || !degreesLike(ys, 90) {
		return
	}
	if text := t.compared(xs, ys); text != "" {
		t.doubt(fmt.Sprintf("The columns %s and %s %s; lon: and lat: in the layer's entry name those that are right.",
			plain(t.columns[i].name), plain(t.columns[j].name), text))
	}
}

// compared is what other coordinates of the rows say that their points do not, "" if nothing.
func (t *table) compared(xs, ys []float64) string {
	differ, more, example := 0, 0, 0
	for i, p := range t.points[:min(len(t.points), len(xs), len(ys))] {
		switch {
		case math.IsNaN(xs[i]) || math.IsNaN(ys[i]) || xs[i] == 0 && ys[i] == 0:
		case math.IsNaN(p[0]):
			more++
		case math.Abs(math.Remainder(p[0]-xs[i], 360)) > another || math.Abs(p[1]-ys[i]) > another:
			if differ++; differ == 1 {
				example = i
			}
		}
	}
	switch p := t.points; {
	case differ > 0:
		return fmt.Sprintf("say of %d of %d rows that they lie elsewhere than where they were read (row %d: %s, read %s)", differ, len(p), example+1,
			pair(xs[example], ys[example]), pair(p[example][0], p[example][1]))
	case more > 0:
		return fmt.Sprintf("hold locations of %d of %d rows that were read as having none", more, len(p))
	}
	return ""
}
