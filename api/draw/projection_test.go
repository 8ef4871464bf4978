package draw

import (
	"math"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// cellArea integrates the area of a grid cell on the ellipsoid from the radii
// of curvature: no equal-area latitude comes into it.
func cellArea(west, south, size float64) float64 {
	const n = 2000
	var sum float64
	for i := range n {
		lat := (south + size*(float64(i)+0.5)/n) * degree
		w := 1 - squared*math.Sin(lat)*math.Sin(lat)
		sum += semiMajor * semiMajor * (1 - squared) / (w * w) * math.Cos(lat)
	}
	return sum * size * degree / n * size * degree
}

func TestAreasAreKept(t *testing.T) {
	for _, center := range []orb.Point{{12.5, 42}, {-96, 39}, {179.5, -17}, {0, 0}, {30, 90}, {134, -25.5}} {
		q := centredOn(center)
		for _, cell := range []orb.Point{{12, 42}, {-170, 60}, {179.5, -18}, {45, -45}, {-70, 0}, {15, 88}} {
			const n = 400
			var ring []orb.Point
			corner := []orb.Point{cell, {cell[0] + 1, cell[1]}, {cell[0] + 1, cell[1] + 1}, {cell[0], cell[1] + 1}, cell}
			for k := 1; k < len(corner); k++ {
				for i := range n {
					u := float64(i) / n
					ring = append(ring, q.forward(orb.Point{corner[k-1][0] + u*(corner[k][0]-corner[k-1][0]), corner[k-1][1] + u*(corner[k][1]-corner[k-1][1])}))
				}
			}
			var a float64
			for i, p := range ring {
				o := ring[(i+1)%len(ring)]
				a += p[0]*o[1] - o[0]*p[1]
			}
			if want := cellArea(cell[0], cell[1], 1); math.Abs(math.Abs(a)/2/want-1) > 1e-4 {
				t.Errorf("around %v the cell at %v measures %.6g km², on the ellipsoid %.6g", center, cell, a/2e6, want/1e6)
			}
		}
	}
}

func TestInverseUndoesForward(t *testing.T) {
	for _, center := range []orb.Point{{12.5, 42}, {-96, 39}, {179.5, -17}, {0, 0}, {0, -90}} {
		q := centredOn(center)
		for lon := -180.0; lon < 180; lon += 7.3 {
			for lat := -89.0; lat <= 89; lat += 6.1 {
				p := orb.Point{lon, lat}
				if geo.Distance(center, p) > 19_500_000 {
					continue // next to the point opposite, which is nowhere
				}
				if back := q.inverse(q.forward(p)); geo.Distance(p, back) > 0.01 {
					t.Fatalf("around %v: %v came back as %v, %v m off", center, p, back, geo.Distance(p, back))
				}
			}
		}
	}
}

// Near the center a metre is a metre in every direction.
func TestShapesAreTrueAtTheCenter(t *testing.T) {
	center := orb.Point{-96, 39}
	q := centredOn(center)
	for _, p := range []orb.Point{{-96.1, 39}, {-96, 39.1}, {-95.93, 38.95}} {
		v := q.forward(p)
		if got, want := math.Hypot(v[0], v[1]), float64(geo.Distance(center, p)); math.Abs(got/want-1) > 1e-5 {
			t.Errorf("%v lies %v m from the center, drawn %v", p, want, got)
		}
	}
}

func TestProjectionHasNoHoles(t *testing.T) {
	for _, center := range []orb.Point{{0, 0}, {0, 90}, {180, -90}, {-180, 12}} {
		q := centredOn(center)
		for _, p := range []orb.Point{{0, 0}, {180, 0}, {-180, 0}, {0, 90}, {77, -90}, {540, 12}, {0, -12}, {12, 91}} {
			if v := q.forward(p); !known(v[0]) || !known(v[1]) {
				t.Errorf("around %v, %v is drawn at %v", center, p, v)
			}
		}
		if p := q.inverse(orb.Point{1e9, 1e9}); !known(p[0]) || !known(p[1]) {
			t.Errorf("around %v, what is off the world comes from %v", center, p)
		}
	}
}
