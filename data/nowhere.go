package data

import (
	"fmt"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// nullIsland is how far around 0,0 there is nothing but sea: the nearest coast,
// of Ghana, is some 570 km away.
const nullIsland geo.Metres = 500_000

// leaveNullIsland takes away the location of rows at exactly 0,0, where programs
// put what they could not geocode. A layer with other points near there is left
// as it is: it is drawn around 0,0 on purpose.
func (t *table) leaveNullIsland() {
	var at []int32
	others := false
	look := func(i int, p orb.Point) (near bool) {
		switch {
		case math.IsNaN(p[0]):
		case p == orb.Point{}:
			at = append(at, int32(i))
		case math.Abs(p[0]) < 5 && math.Abs(p[1]) < 5 && geo.Distance(p, orb.Point{}) < nullIsland:
			return true
		default:
			others = true
		}
		return false
	}
	for i, p := range t.points {
		if look(i, p) {
			return
		}
	}
	for i, g := range t.shapes {
		p := orb.Point{math.NaN(), 0}
		if q, ok := g.(orb.Point); ok {
			p = q
		} else if g != nil {
			p = g.Bound().Center()
			if p == (orb.Point{}) {
				return // an area around 0,0
			}
		}
		if look(i, p) {
			return
		}
	}
	if len(at) == 0 || !others {
		return
	}
	for _, i := range at {
		if t.shapes != nil {
			t.shapes[i] = nil
		} else {
			t.points[i] = orb.Point{math.NaN(), math.NaN()}
		}
	}
	text := fmt.Sprintf("%s at longitude 0, latitude 0, in the sea, where programs put what they cannot locate: taken for no location", lies(len(at)))
	t.note(text)
	t.about.Doubts = append(t.about.Doubts, geo.Doubt{Text: text, Rows: at})
}

// halfNowhere is how many degrees from 0 every other coordinate lies where one that is 0 has
// most likely been lost.
const halfNowhere = 5

// doubtHalf doubts rows of which one coordinate alone is 0, and that of all others far from it.
func (t *table) doubtHalf() {
	for axis, name := range []string{"longitude", "latitude"} {
		var at []int32
		others := 0
		for i, p := range t.points {
			switch v := p[axis]; {
			case math.IsNaN(v):
			case v == 0:
				at = append(at, int32(i))
			case math.Abs(v) < halfNowhere:
				others = -len(t.points)
			default:
				others++
			}
		}
		if len(at) > 0 && others > len(at) {
			text := fmt.Sprintf("%s at %s 0 exactly, and all others more than %d degrees from it (feature %d): is that %s missing?", lies(len(at)), name, halfNowhere, at[0]+1, name)
			t.note(text)
			t.about.Doubts = append(t.about.Doubts, geo.Doubt{Text: text, Rows: at})
		}
	}
}

// enoughPoints is from how many points on their digits tell how they were written.
const enoughPoints = 10

// doubtCoarse doubts points that all lie at whole degrees, as where a spreadsheet has cut their
// decimals, and those of which none has more than 59 hundredths, as degrees and minutes have
// that are written with a point: 9.11 for 9°11'.
func (t *table) doubtCoarse() {
	n, whole, minutes, seen := 0, true, true, map[float64]bool{}
	box := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for _, p := range t.points {
		if math.IsNaN(p[0]) {
			continue
		}
		n, box = n+1, box.Extend(p)
		for _, v := range p {
			hundredths := math.Round(math.Abs(v) * 100)
			part := math.Mod(hundredths, 100)
			seen[part] = true
			whole = whole && v == math.Trunc(v)
			minutes = minutes && part < 60 && math.Abs(math.Abs(v)*100-hundredths) < 1e-6
		}
		if !whole && !minutes {
			return
		}
	}
	switch {
	case n < enoughPoints:
	case whole:
		t.doubt(fmt.Sprintf("All %d points lie at whole degrees, up to 80 km from where they may be: were their decimals cut?", n))
	case minutes && len(seen) >= enoughPoints && min(box.Max[0]-box.Min[0], box.Max[1]-box.Min[1]) > 2: // a town may lie between 9.1 and 9.3
		t.doubt(fmt.Sprintf("None of the coordinates of %d points has more than 59 hundredths: are these degrees and minutes, such as 9.11 for 9°11'?", n))
	}
}

func lies(n int) string {
	if n == 1 {
		return "1 feature lies"
	}
	return fmt.Sprintf("%d features lie", n)
}
