package draw

import (
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/api/canvas"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Of every country, in every column that rests on the list of centers: a region that may
// have a center which the list lacks is drawn with its mark and told with its doubt, and
// so is a mean that leaves out more than a tenth of the region's people.
func TestDoubtIsDrawn(t *testing.T) {
	some := countries
	if testing.Short() {
		some = []string{"AU", "CZ", "DE"}
	}
	marked := 0
	for _, country := range some {
		l := resultOf(country).Layer("regions")
		gap := must(l.Texts("gap"))
		people, sea, unreached := must(l.Numbers("population")), must(l.Numbers("people_sea")), must(l.Numbers("people_unreached"))
		for _, column := range numeric(l) {
			if c, ok := study.ColumnOf(column); !ok || !c.Listed() {
				continue
			}
			d, err := newDrawing(l, Options{Column: column})
			if err != nil {
				continue // no region has a value
			}
			for i := range l.Len() {
				unsure := gap[i] == "doubtful" || gap[i] == "stated" || gap[i] == "incomplete" || gap[i] == "not in the list"
				many := strings.HasSuffix(column, "time_min") && sea[i]+unreached[i] > people[i]/10
				if !unsure && !many || !known(d.values[i]) {
					continue
				}
				marked++
				if d.fill(i).Hatch == canvas.NoHatch || !strings.Contains(d.caption(i), "not sure: ") && !strings.Contains(d.caption(i), "no center known (") {
					t.Errorf("%s of %s (%s, %v of %v without a way) is drawn as %v and told as %q", column, l.ID(i), gap[i], sea[i]+unreached[i], people[i],
						d.fill(i), d.caption(i))
				}
			}
		}
	}
	if marked < 10 {
		t.Errorf("only %d regions are in doubt", marked)
	}
}

// A mean that leaves out more than a tenth of the people is hatched, and one that leaves
// out fewer is not; a count of people leaves nobody out.
func TestMeansThatLeaveOutManyAreHatched(t *testing.T) {
	number := func(name string, v ...float64) geo.Column { return geo.Numbers(geo.Field{Name: name}, v) }
	square := func(x float64) orb.Geometry {
		return orb.Bound{Min: orb.Point{x, 0}, Max: orb.Point{x + 1, 1}}.ToPolygon()
	}
	l := must(geo.NewLayer(geo.About{Name: "regions"}, []string{"a", "b", "c"}, []orb.Geometry{square(0), square(1), square(2)},
		number("population", 1000, 1000, 1000), number("people_sea", 60, 50, 0), number("people_unreached", 41, 50, 0),
		number("mean_time_min", 20, 70, 130), number("people_beyond", 101, 100, 1000)))
	for column, want := range map[string][]bool{"mean_time_min": {true, false, false}, "people_beyond": {false, false, false}} {
		d := must(newDrawing(l, Options{Column: column}))
		for i, hatched := range want {
			if got := d.fill(i).Hatch != canvas.NoHatch; got != hatched || hatched != strings.Contains(d.caption(i), "more than a tenth") {
				t.Errorf("%s of %s: hatched %v, told %q", column, l.ID(i), got, d.caption(i))
			}
		}
	}
}
