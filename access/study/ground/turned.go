package ground

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// turns are what may have happened to coordinates of places that lie far from all sites, each
// with what undoes it.
var turns = []struct {
	what, with, accept string
	back               func(p orb.Point) orb.Point
}{
	{"if longitude and latitude are swapped", "with longitude and latitude swapped", "the columns of longitude and latitude the other way round",
		func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} }},
	{"if longitudes take the other sign", "with longitudes of the other sign", "longitudes west of Greenwich with a minus, and only those",
		func(p orb.Point) orb.Point { return orb.Point{-p[0], p[1]} }},
	{"if latitudes take the other sign", "with latitudes of the other sign", "latitudes south of the equator with a minus, and only those",
		func(p orb.Point) orb.Point { return orb.Point{p[0], -p[1]} }},
}

// apart refuses places, sites and candidates that lie in different parts of the world,
// which swapped columns of longitude and latitude or a lost minus make of them.
func (in *Ground) apart(context.Context) error {
	if !in.Anywhere() {
		return nil
	}
	var some []orb.Point
	for i := 0; i < len(in.Stops); i += max(1, len(in.Stops)/5000) {
		if s := in.Stops[i]; s.Located && in.People[i] > 0 {
			some = append(some, s.At)
		}
	}
	far, err := turned("places", in.Places, some, Points(in.Sites))
	if err != nil {
		return err
	}
	if far > farKm {
		in.Note("places.far", "km", far)
	}
	if len(in.Candidates) == 0 || len(some) == 0 {
		return nil
	}
	_, err = turned("candidates", in.CandLayer, Points(in.Candidates), some)
	return err
}

// farKm is how far half of the places lie from any site where that is said.
const farKm = 2000

// turned is how many kilometres half of the points of a section lie from any of others, 0 if
// they are near, and refuses those that would lie near if they were turned. 500 of them are
// looked at.
func turned(section string, l *geo.Layer, at, others []orb.Point) (float64, error) {
	const turnedKm, several = 100, 3
	if closeBy(at, others, turnedKm) {
		return 0, nil
	}
	to, err := geo.NewPoints(geo.About{Name: "others"}, nil, others)
	if err != nil {
		return 0, err
	}
	half := func(back func(orb.Point) orb.Point) float64 { // of them lie within so many km
		var km, one []float64
		for i := 0; i < len(at); i += max(1, len(at)/500) {
			d := math.NaN()
			if p := back(at[i]); math.Abs(p[1]) <= 90 {
				for _, m := range to.Nearest(p) {
					d = m.Kilometres()
					break
				}
			}
			km, one = append(km, d), append(one, 1)
		}
		return access.NewWeighted(km, one).Quantile(0.5)
	}
	a := half(func(p orb.Point) orb.Point { return p })
	if !(a > turnedKm) || a < 5*turnedKm && len(at) < several {
		return a, nil
	}
	from := map[string]string{"places": "site", "candidates": "place"}[section]
	for k, t := range turns {
		if b := half(t.back); k == 0 && a > farKm && b < a/10 || k > 0 && b < a/20 {
			return a, spec.Refused(section, "", "half of layer %s lies more than %.0f km from any %s, "+
				"and %.0f km %s: check lon and lat", l.Name, a, from, b, t.what)
		}
	}
	return a, nil
}

// closeBy reports whether half of the points have one of others within so many km for certain,
// by a look at a hundred of them.
func closeBy(at, others []orb.Point, km float64) bool {
	const degree = 112 // km, more than any has
	near, all := 0, 0
	for i := 0; i < len(at); i += max(1, len(at)/100) {
		all++
		if slices.ContainsFunc(others, func(p orb.Point) bool { return math.Abs(at[i][0]-p[0])+math.Abs(at[i][1]-p[1]) < km/degree }) {
			near++
		}
	}
	return 2*near > all
}

// doubtTurned doubts places, sites and candidates of which two and more, but not half, lie far from
// all others and would lie near with their axes swapped or the other sign: rows that another
// hand has added. One alone is a stray.
func (in *Ground) doubtTurned() {
	if in.Places.IsTable() {
		return
	}
	sites := located(in.Sites)
	in.doubtTurnedOf(in.Places, in.Stops, sites, "center")
	in.doubtTurnedOf(in.SiteFields, sites, in.Stops, "place")
	in.doubtTurnedOf(in.CandLayer, located(in.Candidates), in.Stops, "place")
}

func (in *Ground) doubtTurnedOf(l *geo.Layer, of, others []travel.Stop, other string) {
	const nearKm = 100
	if l == nil || len(of) < 3 || len(others) == 0 {
		return
	}
	all := newCrowd(others)
	if len(all.at) == 0 {
		return
	}
	nobody := orb.Point{math.NaN(), math.NaN()}
	var rows [3][]int32
	for i, s := range of {
		if !s.Located || all.cells[degreeOf(s.At)] > 0 || all.around(s.At) > 0 {
			continue
		}
		km := all.nearest(s.At, nobody).Kilometres()
		for k, t := range turns {
			p := t.back(s.At)
			if km > strayKm && math.Abs(p[1]) <= 90 && p != s.At && all.around(p) > 0 && all.nearest(p, nobody).Kilometres() < min(nearKm, km/10) {
				rows[k] = append(rows[k], int32(i))
				break
			}
		}
	}
	for k, at := range rows {
		if len(at) < 2 || 2*len(at) > len(of) {
			continue
		}
		d := geo.Doubt{Text: fmt.Sprintf("%d of %d features (such as %s) lie more than %d km from any %s, and less than %d km %s: check their coordinates",
			len(at), len(of), of[at[0]].ID, strayKm, other, nearKm, turns[k].with)}
		if l == in.Places {
			d.Rows = at
		}
		in.doubt(l, d)
	}
}
