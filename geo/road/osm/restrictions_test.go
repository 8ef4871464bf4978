package osm_test

import (
	"context"
	"fmt"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"

	"github.com/paulmach/orb"
)

// A block of streets of 2 km:
//
//	7---8---9
//	|   |   |
//	4---5---6
//	|   |   |
//	1---2---3
const blocks = `
	node 1 0 0
	node 2 0.02 0
	node 3 0.04 0
	node 4 0 0.02
	node 5 0.02 0.02
	node 6 0.04 0.02
	node 7 0 0.04
	node 8 0.02 0.04
	node 9 0.04 0.04
	way 12 1,2 highway=primary
	way 23 2,3 highway=primary
	way 45 4,5 highway=primary
	way 56 5,6 highway=primary
	way 78 7,8 highway=primary
	way 89 8,9 highway=primary
	way 14 1,4 highway=primary
	way 47 4,7 highway=primary
	way 25 2,5 highway=primary
	way 58 5,8 highway=primary
	way 36 3,6 highway=primary
	way 69 6,9 highway=primary
`

// driven is the kilometres from the middle of one street to that of another.
func driven(t *testing.T, m osmtest.Map, p *osm.Profile, from, to [2]float64) (km float64, ok bool, sum osm.Summary) {
	t.Helper()
	net, sum, err := osm.Import(context.Background(), osmtest.Opener(m.PBF(t, osmtest.Style{})), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := road.Build(context.Background(), net, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, q := ready(t, x)
	a, found := l.Snap(orb.Point(from))
	b, found2 := l.Snap(orb.Point(to))
	if !found || !found2 {
		t.Fatal("no road")
	}
	j, ok := q.Trip(l, &a, &b)
	return float64(j.Length) / 10000, ok, sum
}

// Streets from the west and from the south of junction 5 to those to the east, the
// north and back: what restrictions leave of them, in kilometres.
func TestRestrictions(t *testing.T) {
	west, south, east, north := [2]float64{0.01, 0.02}, [2]float64{0.02, 0.01}, [2]float64{0.03, 0.02}, [2]float64{0.02, 0.03}
	turn := func(tags string) string { return "relation 1 from:w45,via:n5,to:w58 type=restriction " + tags }
	short, round := 2.2, 6.7 // over 5; around a block
	wednesday := "2026-05-13T08:30"
	for _, c := range []struct {
		name, relation, when string
		from, to             [2]float64
		want                 float64
	}{
		{"free", "", "", west, north, short},
		{"banned", turn("restriction=no_left_turn"), "", west, north, round},
		{"banned, the other way", turn("restriction=no_left_turn"), "", north, west, short},
		{"banned, straight on", turn("restriction=no_left_turn"), "", west, east, short},
		{"only, to its way", turn("restriction=only_left_turn"), "", west, north, short},
		{"only, elsewhere", turn("restriction=only_left_turn"), "", west, east, round},
		{"only, from elsewhere", turn("restriction=only_left_turn"), "", south, east, short},
		{"for lorries", turn("restriction:hgv=no_left_turn"), "", west, north, short},
		{"for cars", turn("restriction:motorcar=no_left_turn"), "", west, north, round},
		{"but for cars", turn("restriction=no_left_turn except=bicycle;motorcar"), "", west, north, short},
		{"but for bicycles", turn("restriction=no_left_turn except=bicycle"), "", west, north, round},
		{"at some time, without one", turn("restriction:conditional=no_left_turn␣@␣(Mo-Fr␣07:00-09:00)"), "", west, north, short},
		{"at that time", turn("restriction:conditional=no_left_turn␣@␣(Mo-Fr␣07:00-09:00)"), wednesday, west, north, round},
		{"at another time", turn("restriction:conditional=no_left_turn␣@␣(Sa)"), wednesday, west, north, short},
		{"of another type", "relation 1 from:w45,via:n5,to:w58 type=route restriction=no_left_turn", "", west, north, short},
		{"deleted since", turn("restriction=no_left_turn") + "\nrelation 1@2! from:w45,via:n5,to:w58 type=restriction restriction=no_left_turn", "", west, north, short},
		{"made since", "relation 1@2 from:w45,via:n5,to:w58 type=restriction restriction=no_left_turn\nrelation 1@1 from:w45,via:n5,to:w56 type=restriction restriction=no_straight_on", "", west, north, round},
		{"by a way", "relation 1 from:w14,via:w45,to:w58 type=restriction restriction=no_left_turn", "", [2]float64{0, 0.01}, north, 6.7},
		{"by a way, from elsewhere", "relation 1 from:w14,via:w45,to:w58 type=restriction restriction=no_left_turn", "", [2]float64{0, 0.03}, north, 4.5},
		{"by a way, from the way itself", "relation 1 from:w14,via:w45,to:w58 type=restriction restriction=no_left_turn", "", west, north, short},
		{"by a way, onto the way itself", "relation 1 from:w14,via:w45,to:w58 type=restriction restriction=no_left_turn", "", [2]float64{0, 0.01}, west, short},
		{"no entry", "relation 1 from:w45,from:w25,via:n5,to:w58 type=restriction restriction=no_entry", "", south, north, round},
		{"no exit", "relation 1 from:w45,via:n5,to:w58,to:w56 type=restriction restriction=no_exit", "", west, east, round},
		{"a way that is not there", "relation 1 from:w45,via:n5,to:w99 type=restriction restriction=no_left_turn", "", west, north, short},
		{"a point that is not there", "relation 1 from:w45,via:n99,to:w58 type=restriction restriction=no_left_turn", "", west, north, short},
		{"a point elsewhere", "relation 1 from:w45,via:n9,to:w58 type=restriction restriction=no_left_turn", "", west, north, short},
	} {
		p := osm.Car()
		p.When = c.when
		got, ok, _ := driven(t, osmtest.Map(blocks+c.relation), p, c.from, c.to)
		if !ok || got < c.want-0.1 || got > c.want+0.1 {
			t.Errorf("%s: %.2f km, %v; want %v", c.name, got, ok, c.want)
		}
	}
}

// A dead end is where one turns back, unless that is banned; a restriction that names
// two from-ways, or a way that runs through, is not clear and told.
func TestRestrictionsOfTurningBack(t *testing.T) {
	const street = "node 1 0 0\nnode 2 0.02 0\nnode 3 0.04 0\nway 12 1,2 highway=primary oneway=yes\nway 23 2,3 highway=primary\nway 13 1,3 highway=primary oneway=yes\nway 21 2,1 highway=secondary\n"
	ban := "relation 1 from:w23,via:n3,to:w23 type=restriction restriction=no_u_turn"
	for _, c := range []struct {
		relation string
		want     float64
	}{{"", 0}, {ban, 0}} {
		_, ok, sum := driven(t, osmtest.Map(street+c.relation), osm.Car(), [2]float64{0.01, 0}, [2]float64{0.03, 0})
		if !ok || sum.Bans != len(c.relation)/len(ban) || sum.Unclear != 0 {
			t.Errorf("%q: %v %+v", c.relation, ok, sum)
		}
	}
	for _, unclear := range []string{
		"relation 1 from:w45,from:w25,via:n5,to:w58 type=restriction restriction=no_left_turn",
		"relation 1 from:w45,to:w58 type=restriction restriction=no_left_turn",
		"relation 1 via:n5,to:w58 type=restriction restriction=no_left_turn",
	} {
		if _, _, sum := driven(t, osmtest.Map(blocks+unclear), osm.Car(), [2]float64{0.01, 0.02}, [2]float64{0.03, 0.02}); sum.Unclear != 1 || sum.Bans != 0 {
			t.Errorf("%s: %s", unclear, fmt.Sprintf("%+v", sum))
		}
	}
}
