package geo

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// A large shape meets only the boxes that it itself meets, not all that its box
// does; near a coast, on the antimeridian and at a pole.
func TestMeets(t *testing.T) {
	box := func(w, s, e, n float64) orb.Bound { return orb.Bound{Min: orb.Point{w, s}, Max: orb.Point{e, n}} }
	coast := orb.Polygon{{{0, 0}, {10, 0}, {10, 2}, {2, 2}, {2, 10}, {0, 10}, {0, 0}}} // an L
	holed := orb.Polygon{{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}}, {{3, 3}, {6, 3}, {6, 6}, {3, 6}, {3, 3}}}
	twin := orb.MultiPolygon{{{{178, -19}, {180, -19}, {180, -15}, {178, -15}, {178, -19}}}, {{{-180, -19}, {-178, -19}, {-178, -15}, {-180, -15}, {-180, -19}}}}
	cap := orb.Polygon{{{-180, -90}, {180, -90}, {180, -70}, {-180, -70}, {-180, -90}}}
	spike := orb.Polygon{{{0, 80}, {10, 90}, {20, 80}, {0, 80}}} // to the pole
	for _, x := range []struct {
		what string
		g    orb.Geometry
		b    orb.Bound
		want bool
	}{
		{"the sea inside the box of an L", coast, box(5, 5, 6, 6), false},
		{"its land", coast, box(1, 5, 6, 6), true},
		{"its corner", coast, box(2, 2, 3, 3), true},
		{"its edge from outside", coast, box(10, 1, 12, 3), true},
		{"all of it", coast, box(-1, -1, 11, 11), true},
		{"a box within it", coast, box(0.5, 0.5, 0.6, 0.6), true},
		{"a hole", holed, box(4, 4, 5, 5), false},
		{"the edge of a hole", holed, box(4, 4, 6, 5), true},
		{"around a hole", holed, box(2, 2, 7, 7), true},
		{"across the antimeridian", twin, box(179, -18, -179, -16), true},
		{"on it", twin, box(170, -18, 180, -16), true},
		{"beside it", twin, box(-177, -18, 177, -16), false},
		{"at -180", twin, box(-180, -18, -179.5, -16), true},
		{"west of it only", orb.MultiPolygon{twin[0]}, box(-180, -18, -179, -16), true}, // 180 is -180
		{"the pole from elsewhere", spike, box(100, 85, 110, 90), true},
		{"nearly the pole", spike, box(100, 85, 110, 89.999), false},
		{"Antarctica", cap, box(10, -90, 10, -90), true},
		{"a point on a corner", orb.Point{1, 1}, box(1, 1, 2, 2), true},
		{"a line past a corner", orb.LineString{{0, 3}, {3, 0}}, box(0, 0, 1.4, 1.4), false},
		{"a line on a corner", orb.LineString{{0, 3}, {3, 0}}, box(0, 0, 1.5, 1.5), true},
		{"a box upside down", coast, box(0, 5, 5, 0), false},
	} {
		if got := Meets(x.g, x.b); got != x.want {
			t.Errorf("%s: %v", x.what, got)
		}
	}
	// Against many points of random boxes: a point of both is found in both.
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		b := box(r.Float64()*10, r.Float64()*10, 0, 0)
		b.Max = orb.Point{b.Min[0] + r.Float64()*3, b.Min[1] + r.Float64()*3}
		for _, g := range []orb.Geometry{coast, holed} {
			part := newPart(0, g.(orb.Polygon))
			found := false
			for i := range 40 {
				for j := range 40 {
					p := orb.Point{b.Min[0] + (b.Max[0]-b.Min[0])*float64(i)/39, b.Min[1] + (b.Max[1]-b.Min[1])*float64(j)/39}
					found = found || part.contains(p)
				}
			}
			if found && !Meets(g, b) {
				t.Fatalf("%v and %v share a point and do not meet", g, b)
			}
		}
	}
}
