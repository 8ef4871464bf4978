package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

func box(x, y, side float64) orb.Polygon {
	return orb.Polygon{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}}
}

// Of overlapping areas the smallest holds a point, whatever their order; a hole
// that is another region belongs to that.
func TestHolding(t *testing.T) {
	large, small := box(0, 0, 10), box(2, 2, 1)
	ring := orb.Polygon{box(20, 0, 10)[0], box(22, 2, 1)[0]}
	within := box(22, 2, 1)
	for _, order := range [][]orb.Geometry{{large, small, ring, within}, {within, ring, small, large}, {small, orb.MultiPolygon{large, box(40, 0, 1)}, within, ring}} {
		l, err := geo.NewLayer(geo.About{}, nil, order)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			p    orb.Point
			want orb.Geometry
			n    int
		}{
			{orb.Point{2.5, 2.5}, small, 2}, {orb.Point{5, 5}, large, 1}, {orb.Point{22.5, 2.5}, within, 1}, {orb.Point{25, 5}, ring, 1}, {orb.Point{60, 5}, nil, 0},
		} {
			row, n := l.Holding(c.p)
			if n != c.n || (row < 0) != (c.want == nil) || row >= 0 && c.want.Bound().Center() != l.Shape(row).Bound().Center() && n != 1 {
				t.Errorf("%v: row %d of %d, want one of %d", c.p, row, n, c.n)
			}
			if l.Containing(c.p) != row {
				t.Errorf("%v: Containing says %d", c.p, l.Containing(c.p))
			}
		}
	}
}

// Holding against trying every area.
func TestHoldingOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		shapes := make([]orb.Geometry, 1+r.IntN(12))
		sides := make([]float64, len(shapes))
		boxes := make([]orb.Bound, len(shapes))
		for i := range shapes {
			sides[i] = 1 + 9*r.Float64()
			p := box(20*r.Float64(), 0, sides[i])
			shapes[i], boxes[i] = p, p.Bound()
		}
		l, err := geo.NewLayer(geo.About{}, nil, shapes)
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			p := orb.Point{30 * r.Float64(), 10 * r.Float64()}
			best, n := -1, 0
			area := func(i int) float64 { // as the middle of its latitudes has it
				return sides[i] * sides[i] * cosine((boxes[i].Min[1]+boxes[i].Max[1])/2)
			}
			for i, b := range boxes {
				if p[0] > b.Min[0] && p[0] < b.Max[0] && p[1] > b.Min[1] && p[1] < b.Max[1] {
					if n++; best < 0 || area(i) < area(best) {
						best = i
					}
				}
			}
			if row, k := l.Holding(p); row != best || k != n {
				t.Fatalf("%v: row %d of %d, want %d of %d", p, row, k, best, n)
			}
		}
	}
}

func cosine(lat float64) float64 { return math.Cos(lat * math.Pi / 180) }
