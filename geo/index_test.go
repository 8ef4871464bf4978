package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

func scatter(r *rand.Rand, n int) []orb.Point {
	pts := make([]orb.Point, n)
	for i := range pts {
		switch r.IntN(6) {
		case 0: // by the antimeridian
			pts[i] = orb.Point{math.Remainder(180+r.NormFloat64()*3, 360), r.NormFloat64() * 20}
		case 1: // by a pole
			pts[i] = orb.Point{r.Float64()*360 - 180, 90 - math.Abs(r.NormFloat64())*3}
		case 2: // in a cluster, with repeats
			pts[i] = orb.Point{math.Round(r.NormFloat64()*10) / 10, 60 + math.Round(r.NormFloat64()*10)/10}
		default:
			pts[i] = anywhere(r)
		}
		if i%37 == 36 {
			pts[i] = nowhere
		}
	}
	return pts
}

func bruteOrder(pts []orb.Point, p orb.Point) (rows []int, dist []Metres) {
	dist = make([]Metres, len(pts))
	for i, q := range pts {
		if !math.IsNaN(q[0]) {
			rows = append(rows, i)
			dist[i] = Distance(p, q)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		switch {
		case dist[a] < dist[b]:
			return -1
		case dist[a] > dist[b]:
			return 1
		}
		return a - b
	})
	return rows, dist
}

func TestNearestEqualsBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{0, 1, 2, 31, 32, 33, 200, 3000} {
		pts := scatter(r, n)
		l, err := NewPoints(About{Name: "scatter"}, nil, pts)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range append(scatter(r, 60), orb.Point{180, 0}, orb.Point{-180, 0}, orb.Point{0, 90}, orb.Point{77, -90}) {
			if math.IsNaN(p[0]) {
				continue
			}
			want, dist := bruteOrder(pts, p)
			var got []int
			for row, d := range l.Nearest(p) {
				if d != dist[row] {
					t.Fatalf("%v to row %d: %v, plainly %v", p, row, d, dist[row])
				}
				got = append(got, row)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("n=%d from %v: order %v, plainly %v", n, p, got, want)
			}
			// Stopping after one is another path through the code.
			for row := range l.Nearest(p) {
				if row != want[0] {
					t.Fatalf("n=%d from %v: first %d, plainly %d", n, p, row, want[0])
				}
				break
			}
		}
	}
}

// At 60° north a place 83 km to the east comes before one 134 km to the north,
// and across 180° a neighbour before one on this side: the planar distance of
// boxes has both wrong.
func TestNearestIsNotPlanar(t *testing.T) {
	l, _ := NewPoints(About{}, nil, []orb.Point{{10, 61.2}, {11.5, 60}, {-179.9, 0}, {170.5, 0}})
	for _, c := range []struct {
		from orb.Point
		want int
	}{{orb.Point{10, 60}, 1}, {orb.Point{179.9, 0}, 2}} {
		for row := range l.Nearest(c.from) {
			if row != c.want {
				t.Errorf("nearest to %v is row %d, want %d", c.from, row, c.want)
			}
			break
		}
	}
}

func TestSearchAcrossTheAntimeridian(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	pts := append(scatter(r, 2000), orb.Point{180, 5}, orb.Point{-180, 6})
	l, _ := NewPoints(About{}, nil, pts)
	inside := func(b orb.Bound, p orb.Point) bool {
		if p[1] < b.Min[1] || p[1] > b.Max[1] {
			return false
		}
		for _, lon := range []float64{p[0] - 360, p[0], p[0] + 360} {
			east := b.Max[0]
			if east < b.Min[0] {
				east += 360
			}
			if lon >= b.Min[0] && lon <= east {
				return true
			}
		}
		return false
	}
	for _, b := range []orb.Bound{
		{Min: orb.Point{177, -30}, Max: orb.Point{-177, 30}},
		{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}},
		{Min: orb.Point{170, -10}, Max: orb.Point{180, 10}},
		{Min: orb.Point{-180, -10}, Max: orb.Point{-170, 10}},
		{Min: orb.Point{-20, 50}, Max: orb.Point{20, 70}},
	} {
		var want []int
		for i, p := range pts {
			if !math.IsNaN(p[0]) && inside(b, p) {
				want = append(want, i)
			}
		}
		got := slices.Sorted(l.Search(b))
		if !slices.Equal(got, want) {
			t.Errorf("%v: %d rows, plainly %d", b, len(got), len(want))
		}
	}
}

func TestContainingAndLocate(t *testing.T) {
	square := func(x, y, s float64) orb.Ring {
		return orb.Ring{{x, y}, {x + s, y}, {x + s, y + s}, {x, y + s}, {x, y}}
	}
	l, err := NewLayer(About{}, []string{"ring", "twins", "none", "fiji"}, []orb.Geometry{
		orb.Polygon{square(0, 0, 10), square(4, 4, 2)},
		orb.MultiPolygon{{square(20, 0, 1)}, {square(30, 0, 5)}},
		nil,
		orb.MultiPolygon{{square(177, -18, 3)}, {orb.Ring{{-180, -18}, {-178, -18}, {-178, -15}, {-180, -15}, {-180, -18}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p    orb.Point
		want int
	}{
		{orb.Point{1, 1}, 0}, {orb.Point{5, 5}, -1}, {orb.Point{20.5, 0.5}, 1}, {orb.Point{33, 3}, 1},
		{orb.Point{25, 0.5}, -1}, {orb.Point{178, -17}, 3}, {orb.Point{-179, -17}, 3}, {orb.Point{-170, -17}, -1},
	} {
		if got := l.Containing(c.p); got != c.want {
			t.Errorf("%v lies in %d, want %d", c.p, got, c.want)
		}
	}
	for i := range l.Len() {
		if l.Located(i) && l.Containing(l.Point(i)) != i {
			t.Errorf("the representative point %v of %s is not inside", l.Point(i), l.ID(i))
		}
	}
	// Off the coast, in the hole, and across 180°.
	for _, c := range []struct {
		p    orb.Point
		want int
		off  Metres
	}{
		{orb.Point{5, -0.1}, 0, Distance(orb.Point{5, 0}, orb.Point{5, -0.1})},
		{orb.Point{4.1, 5}, 0, Distance(orb.Point{4, 5}, orb.Point{4.1, 5})},
		{orb.Point{-177.9, -17}, 3, Distance(orb.Point{-178, -17}, orb.Point{-177.9, -17})},
		{orb.Point{15, 40}, -1, 0},
	} {
		row, off := l.Locate(c.p, 25_000)
		if row != c.want || math.Abs(float64(off-c.off)) > 1 {
			t.Errorf("%v: row %d %v m off, want %d and %v", c.p, row, off, c.want, c.off)
		}
	}
}

// Bands change nothing: on ragged rings they agree with a plain crossing count
// and a plain nearest edge.
func TestBandsEqualPlainRings(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 12 {
		var ring orb.Ring
		n := 5 + r.IntN(400)
		for i := range n {
			a := 2 * math.Pi * float64(i) / float64(n)
			d := 1 + r.Float64()*3
			ring = append(ring, orb.Point{20 + d*math.Cos(a), 40 + d*math.Sin(a)})
		}
		ring = append(ring, ring[0])
		part := newPart(0, orb.Polygon{ring})
		for range 20 {
			p := orb.Point{15 + r.Float64()*10, 35 + r.Float64()*10}
			in := false
			nearest := math.Inf(1)
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
					in = !in
				}
				// The distance along an edge falls and rises: halve the interval.
				at := func(u float64) float64 {
					return float64(Distance(p, orb.Point{a[0] + u*(b[0]-a[0]), a[1] + u*(b[1]-a[1])}))
				}
				lo, hi := 0.0, 1.0
				for range 40 {
					if third := (hi - lo) / 3; at(lo+third) < at(hi-third) {
						hi -= third
					} else {
						lo += third
					}
				}
				nearest = min(nearest, at(lo))
			}
			if part.contains(p) != in {
				t.Fatalf("%v: inside %v, plainly %v", p, !in, in)
			}
			if got := part.shore(p, 25_000); nearest < 25_000 && (got < nearest-1 || got > nearest*1.01+1) {
				t.Fatalf("%v: %v m from the edge, plainly about %v", p, got, nearest)
			}
		}
	}
}

func TestRepresentativeOfEveryGeometry(t *testing.T) {
	for _, g := range orb.AllGeometries {
		Representative(g) // must not panic; nil and empty shapes give NaN
		polygons(g, func(orb.Polygon) {})
	}
	crescent := orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 3}, {3, 3}, {3, 1}, {0, 1}, {0, 0}}}
	p := Representative(crescent)
	if !newPart(0, crescent).contains(p) {
		t.Errorf("%v is outside the crescent", p)
	}
}

// An island in the bay of a larger shape is not part of that shape, although the
// larger one comes first and its box holds the island.
func TestLocateOffAnIslandInABay(t *testing.T) {
	bay := orb.Polygon{{{0, 0}, {20, 0}, {20, 1}, {1, 1}, {1, 20}, {0, 20}, {0, 0}}}
	island := orb.Polygon{{{10, 10}, {10.5, 10}, {10.5, 10.5}, {10, 10.5}, {10, 10}}}
	l, err := NewLayer(About{Name: "land"}, nil, []orb.Geometry{bay, island})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []orb.Point{{10.55, 10.2}, {9.99, 10.2}, {10.2, 10.6}} {
		if row, off := l.Locate(p, 25_000); row != 1 || !(off > 0 && off < 15_000) {
			t.Errorf("%v lies %v off shape %d", p, off, row)
		}
	}
	if row, _ := l.Locate(orb.Point{5, 5}, 25_000); row != -1 {
		t.Errorf("the middle of the bay belongs to shape %d", row)
	}
	// A border that two shapes share: the first.
	twins, err := NewLayer(About{Name: "twins"}, nil, []orb.Geometry{orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}}, orb.Polygon{{{0, 0}, {1, 0}, {1, -1}, {0, -1}, {0, 0}}}})
	if err != nil {
		t.Fatal(err)
	}
	if row, off := twins.Locate(orb.Point{-0.1, 0}, 25_000); row != 0 || off <= 0 {
		t.Errorf("at the common corner: shape %d, %v off", row, off)
	}
}
