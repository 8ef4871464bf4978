package road

import (
	"math"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// timesFrom are the times of all nodes from one, by Bellman-Ford.
func timesFrom(n *Network, v int) []uint32 {
	d := make([]uint32, len(n.Nodes))
	for i := range d {
		d[i] = Never
	}
	d[v] = 0
	settle(n, d, func(e *Edge) bool { return !e.Local })
	return d
}

func area(m orb.MultiPolygon, lat float64) float64 { // square metres, on the sphere
	return planar.Area(m) * metresDegree * metresDegree * math.Cos(lat*math.Pi/180)
}

// sound checks that an area is what RFC 7946 asks for: rings closed, outer
// ones counterclockwise, holes clockwise and within, and none crosses itself
// or another.
func sound(t *testing.T, m orb.MultiPolygon) {
	t.Helper()
	type side struct{ a, b orb.Point }
	cells := map[[2]int][]side{}
	const size = 0.002
	for i, p := range m {
		for k, r := range p {
			if len(r) < 4 || r[0] != r[len(r)-1] {
				t.Fatalf("polygon %d, ring %d: %d points, not closed", i, k, len(r))
			}
			if a := twiceArea(r); (a > 0) != (k == 0) || a == 0 {
				t.Fatalf("polygon %d, ring %d turns the wrong way: %v", i, k, a)
			}
			if k > 0 && !inside(p[0], r[0]) {
				t.Fatalf("polygon %d: hole %d is not in it", i, k)
			}
			for j := 1; j < len(r); j++ {
				a, b := r[j-1], r[j]
				for x := int(math.Floor(min(a[0], b[0]) / size)); x <= int(math.Floor(max(a[0], b[0])/size)); x++ {
					for y := int(math.Floor(min(a[1], b[1]) / size)); y <= int(math.Floor(max(a[1], b[1])/size)); y++ {
						key := [2]int{x, y}
						for _, s := range cells[key] {
							if crosses(a, b, s.a, s.b) {
								t.Fatalf("polygon %d, ring %d: %v-%v crosses %v-%v", i, k, a, b, s.a, s.b)
							}
						}
						cells[key] = append(cells[key], side{a, b})
					}
				}
			}
		}
	}
}

func crosses(a, b, c, d orb.Point) bool {
	turn := func(a, b, c orb.Point) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	if a == c || a == d || b == c || b == d {
		return false
	}
	return turn(a, b, c)*turn(a, b, d) < 0 && turn(c, d, a)*turn(c, d, b) < 0
}

// Larger limits hold smaller ones, every area is sound, and roads reached in
// time are inside.
func TestIsochronesNest(t *testing.T) {
	for seed := range uint64(6) {
		n := scatter(seed, 120, 260)
		times := timesFrom(n, 3)
		within := []uint32{20000, 60000, 120000, 240000}
		q := Isochrone{Times: times, Within: within, Cell: 120, Walk: 300}
		areas, err := n.Streets().Isochrones(q)
		if err != nil {
			t.Fatal(err)
		}
		holes := 0
		for i, m := range areas {
			sound(t, m)
			for _, p := range m {
				holes += len(p) - 1
				if i+1 < len(areas) {
					for _, r := range p {
						for _, at := range r {
							if !planar.MultiPolygonContains(areas[i+1], at) {
								t.Fatalf("seed %d: %v of the area within %d is not within %d", seed, at, within[i], within[i+1])
							}
						}
					}
				}
			}
			// The time it takes to be a cell away from the border.
			slack := uint32(math.Ceil(120 * math.Sqrt2 * 3.6 / DefaultAccess * 1000))
			for v, c := range n.Nodes {
				if times[v]+slack <= within[i] && !planar.MultiPolygonContains(m, c.Point()) {
					t.Fatalf("seed %d: node %d, reached after %d ms, is not within %d", seed, v, times[v], within[i])
				}
			}
			// A place further than the walk from every road is outside.
			far := orb.Point{0.05, 0.12}
			if planar.MultiPolygonContains(m, far) {
				t.Fatal("far from all roads and inside")
			}
		}
		if seed == 0 && holes == 0 {
			t.Error("no area has a hole: the test sees none")
		}
		again, _ := n.Streets().Isochrones(q)
		for i := range again {
			if !orb.Equal(areas[i], again[i]) {
				t.Fatal("the second time it is another area")
			}
		}
	}
}

// On a fine grid of streets with speed v, the area within T of its middle is
// a square on its corner with half diagonal v·T.
func TestIsochroneArea(t *testing.T) {
	for _, at := range []struct{ lon, lat float64 }{{0, 0}, {24, 0.5}, {179.95, 0}} {
		n := streets(Coord{int32(at.lon * 1e7), int32(at.lat * 1e7)}, 101, 101, 10000) // 111 m, 10 s
		times := timesFrom(n, 50*101+50)
		areas, err := n.Streets().Isochrones(Isochrone{Times: times, Within: []uint32{100000, 300000, 450000}, Cell: 60, Walk: 80})
		if err != nil {
			t.Fatal(err)
		}
		for i, T := range []float64{100, 300, 450} {
			half := T / 10 * 111.195
			want := 2 * half * half
			got := area(areas[i], at.lat)
			// The border is unsharp by less than a cell.
			if border := 4 * math.Sqrt2 * half; math.Abs(got-want) > 40*border {
				t.Errorf("at %v: within %v s: %.0f m², the square has %.0f", at, T, got, want)
			}
			sound(t, areas[i])
			if at.lon > 179 && i == 2 {
				west, east := false, false
				for _, p := range areas[i] {
					b := p.Bound()
					if b.Max[0] > 180 || b.Min[0] < -180 || b.Max[0]-b.Min[0] > 1 {
						t.Errorf("not cut at 180°: %v", b)
					}
					east = east || b.Max[0] == 180
					west = west || b.Min[0] == -180
				}
				if !west || !east {
					t.Error("the halves do not meet at 180°")
				}
			}
		}
	}
}

// A stop in the middle of an edge reaches a part of it and no node.
func TestIsochroneOfAStart(t *testing.T) {
	n := streets(Coord{0, 0}, 2, 1, 1000000) // 11 km in 10 s
	n.Edges[0].Ahead, n.Edges[0].Back = 600000, Never
	never := []uint32{Never, Never}
	l := NewLocator(n)
	start := l.on(hit{edge: 0, share: 0.5})
	for _, to := range []bool{false, true} {
		areas, err := n.Streets().Isochrones(Isochrone{Times: never, Within: []uint32{60000}, Starts: []Snapped{start}, To: to})
		if err != nil || len(areas[0]) != 1 {
			t.Fatal(areas, err)
		}
		b := areas[0].Bound()
		// A tenth of the edge, ahead; with To, from behind.
		lo, hi := 0.05, 0.06
		if to {
			lo, hi = 0.04, 0.05
		}
		walk := 0.0025 // 60 s at 15 km/h are 250 m
		if math.Abs(b.Min[0]-(lo-walk*b2f(!to))) > 0.0022 || math.Abs(b.Max[0]-(hi+walk*b2f(to))) > 0.0022 {
			t.Errorf("to %v: %v", to, b)
		}
	}
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func TestIsochroneErrors(t *testing.T) {
	n := streets(Coord{0, 0}, 2, 2, 10000)
	if _, err := n.Streets().Isochrones(Isochrone{Times: []uint32{0}}); err == nil {
		t.Error("too few times")
	}
	if _, err := n.Streets().Isochrones(Isochrone{Times: make([]uint32, 4), Cell: geo.Metres(math.NaN())}); err == nil {
		t.Error("no size of cells")
	}
	never := []uint32{Never, Never, Never, Never}
	areas, err := n.Streets().Isochrones(Isochrone{Times: never, Within: []uint32{1, 2}})
	if err != nil || len(areas) != 2 || len(areas[0]) != 0 {
		t.Errorf("nothing is reached: %v, %v", areas, err)
	}
	// A grid of millimetres is made coarser.
	if areas, err = n.Streets().Isochrones(Isochrone{Times: make([]uint32, 4), Within: []uint32{5000}, Cell: 0.001, Walk: 10}); err != nil || len(areas[0]) == 0 {
		t.Errorf("%v, %v", areas, err)
	}
}
