package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// whole is a box as the boxes whose union it is, none across the antimeridian:
// west may be greater than east. The meridians 180 and -180 are one, and so are
// all points of a pole: a box that touches either reaches what lies there.
func whole(b orb.Bound) []orb.Bound {
	if b.Min[1] > b.Max[1] {
		return nil
	}
	boxes := []orb.Bound{b}
	if b.Min[0] > b.Max[0] {
		boxes = []orb.Bound{
			{Min: b.Min, Max: orb.Point{180, b.Max[1]}},
			{Min: orb.Point{-180, b.Min[1]}, Max: b.Max},
		}
	}
	for _, c := range boxes {
		if c.Max[0] >= 180 {
			boxes = append(boxes, orb.Bound{Min: orb.Point{-180, b.Min[1]}, Max: orb.Point{-180, b.Max[1]}})
		}
		if c.Min[0] <= -180 {
			boxes = append(boxes, orb.Bound{Min: orb.Point{180, b.Min[1]}, Max: orb.Point{180, b.Max[1]}})
		}
	}
	for _, pole := range [2]float64{-90, 90} {
		if b.Min[1] <= pole && b.Max[1] >= pole {
			boxes = append(boxes, orb.Bound{Min: orb.Point{-180, pole}, Max: orb.Point{180, pole}})
		}
	}
	return boxes
}

// Meets reports whether a shape and a box, as [Layer.Search] takes it, have a point
// in common, edges and corners included. Edges are straight in longitude and
// latitude (RFC 7946), and holes are no part of a shape.
func Meets(g orb.Geometry, b orb.Bound) bool {
	for _, c := range whole(b) {
		if meets(g, c) {
			return true
		}
	}
	return false
}

func meets(g orb.Geometry, b orb.Bound) bool {
	switch g := g.(type) {
	case orb.Point:
		return b.Contains(g)
	case orb.MultiPoint:
		for _, p := range g {
			if b.Contains(p) {
				return true
			}
		}
	case orb.LineString:
		return lineMeets(g, b)
	case orb.MultiLineString:
		for _, l := range g {
			if lineMeets(l, b) {
				return true
			}
		}
	case orb.Ring:
		return polygonMeets(orb.Polygon{g}, b)
	case orb.Polygon:
		return polygonMeets(g, b)
	case orb.MultiPolygon:
		for _, p := range g {
			if polygonMeets(p, b) {
				return true
			}
		}
	case orb.Bound:
		return g.Intersects(b)
	case orb.Collection:
		for _, x := range g {
			if meets(x, b) {
				return true
			}
		}
	}
	return false
}

func polygonMeets(p orb.Polygon, b orb.Bound) bool {
	if len(p) == 0 || len(p[0]) == 0 {
		return false
	}
	box := p[0].Bound()
	if !box.Intersects(b) {
		return false
	}
	if b.Contains(box.Min) && b.Contains(box.Max) {
		return true
	}
	in := false // the south-west corner of the box, by the even-odd rule
	for _, r := range p {
		if lineMeets(orb.LineString(r), b) {
			return true
		}
		for i := 1; i < len(r); i++ {
			a, c := r[i-1], r[i]
			if (a[1] > b.Min[1]) != (c[1] > b.Min[1]) && b.Min[0] < (c[0]-a[0])*(b.Min[1]-a[1])/(c[1]-a[1])+a[0] {
				in = !in
			}
		}
	}
	return in // no edge meets the box: it lies within or outside as a whole
}

func lineMeets(l orb.LineString, b orb.Bound) bool {
	if len(l) == 1 {
		return b.Contains(l[0])
	}
	for i := 1; i < len(l); i++ {
		if segmentMeets(l[i-1], l[i], b) {
			return true
		}
	}
	return false
}

// segmentMeets reports whether a segment meets a box: their boxes do, and the
// corners of the box are not all on one side of the line. A corner on the line, up
// to rounding, is on neither.
func segmentMeets(p, q orb.Point, b orb.Bound) bool {
	if math.Max(p[0], q[0]) < b.Min[0] || math.Min(p[0], q[0]) > b.Max[0] || math.Max(p[1], q[1]) < b.Min[1] || math.Min(p[1], q[1]) > b.Max[1] {
		return false
	}
	dx, dy := q[0]-p[0], q[1]-p[1]
	left, right := false, false
	for _, c := range [4]orb.Point{b.Min, {b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}} {
		x, y := dx*(c[1]-p[1]), dy*(c[0]-p[0])
		if d := x - y; math.Abs(d) > 1e-15*(math.Abs(x)+math.Abs(y)) {
			left, right = left || d > 0, right || d < 0
		} else {
			return true
		}
	}
	return left && right
}
