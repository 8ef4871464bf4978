package road

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// patch is where polygons are, for asking which part of a road lies inside of any of
// them. Coordinates are taken as those of a plane. Its sides stand in bands of
// latitude.
type patch struct {
	bound  orb.Bound
	bands  [][]side
	height float64
	odd    []bool // of each polygon, while a point is looked for
	cuts   []float64
}

// side is a stretch of the border of a polygon.
type side struct {
	a, b    orb.Point
	polygon int
}

const mostBands = 1024

func newPatch(polygons []orb.Polygon) *patch {
	a := &patch{odd: make([]bool, len(polygons)), bound: orb.MultiPolygon(polygons).Bound()}
	var all []side
	for p, poly := range polygons {
		for _, ring := range poly {
			for i := range ring {
				if next := ring[(i+1)%len(ring)]; next != ring[i] {
					all = append(all, side{ring[i], next, p})
				}
			}
		}
	}
	n := min(max(1, len(all)/4), mostBands)
	a.bands = make([][]side, n)
	a.height = (a.bound.Max[1] - a.bound.Min[1]) / float64(n)
	for _, s := range all {
		for b := a.band(min(s.a[1], s.b[1])); b <= a.band(max(s.a[1], s.b[1])); b++ {
			a.bands[b] = append(a.bands[b], s)
		}
	}
	return a
}

func (a *patch) band(lat float64) int {
	if !(a.height > 0) {
		return 0
	}
	return max(0, min(int((lat-a.bound.Min[1])/a.height), len(a.bands)-1))
}

// holds says whether a point is inside: of how many sides of a polygon lie east of it
// (the rule of even and odd).
func (a *patch) holds(p orb.Point) bool {
	if !a.bound.Contains(p) {
		return false
	}
	clear(a.odd)
	for _, s := range a.bands[a.band(p[1])] {
		if (s.a[1] > p[1]) != (s.b[1] > p[1]) && p[0] < s.a[0]+(p[1]-s.a[1])/(s.b[1]-s.a[1])*(s.b[0]-s.a[0]) {
			a.odd[s.polygon] = !a.odd[s.polygon]
		}
	}
	return slices.Contains(a.odd, true)
}

// within is the share of the length of a line that lies inside, and whether it comes
// inside at all. A line of no length is where its point is.
func (a *patch) within(shape []Coord) (share float64, touches bool) {
	inside, whole := 0.0, 0.0
	for i := 1; i < len(shape); i++ {
		part := a.along(shape[i-1].Point(), shape[i].Point())
		length := shape[i-1].space().to(shape[i].space())
		inside, whole = inside+part*length, whole+length
		touches = touches || part > 0
	}
	if whole == 0 {
		if len(shape) > 0 && a.holds(shape[0].Point()) {
			return 1, true
		}
		return 0, false
	}
	return min(1, inside/whole), touches
}

// along is the share of the straight line from p to q that lies inside: between two
// places where it crosses sides all of it does, or nothing.
func (a *patch) along(p, q orb.Point) float64 {
	if !a.bound.Intersects(orb.MultiPoint{p, q}.Bound()) {
		return 0
	}
	a.cuts = append(a.cuts[:0], 0, 1)
	for b := a.band(min(p[1], q[1])); b <= a.band(max(p[1], q[1])); b++ {
		for _, s := range a.bands[b] {
			if t, ok := crossing(p, q, s.a, s.b); ok {
				a.cuts = append(a.cuts, t)
			}
		}
	}
	slices.Sort(a.cuts)
	sum := 0.0
	for i := 1; i < len(a.cuts); i++ {
		from, to := a.cuts[i-1], a.cuts[i]
		if mid := (from + to) / 2; to > from && a.holds(orb.Point{p[0] + mid*(q[0]-p[0]), p[1] + mid*(q[1]-p[1])}) {
			sum += to - from
		}
	}
	return sum
}

// crossing is where on the way from p to q the line from a to b is crossed, 0 to 1.
func crossing(p, q, a, b orb.Point) (float64, bool) {
	dx, dy, ex, ey := q[0]-p[0], q[1]-p[1], b[0]-a[0], b[1]-a[1]
	det := dx*ey - dy*ex
	if det == 0 {
		return 0, false
	}
	fx, fy := a[0]-p[0], a[1]-p[1]
	t, u := (fx*ey-fy*ex)/det, (fx*dy-fy*dx)/det
	return t, t > 0 && t < 1 && u >= 0 && u <= 1 && !math.IsNaN(t)
}
