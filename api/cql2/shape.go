package cql2

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// bound makes a box of four numbers, or of six with heights, which are ignored.
func bound(where string, v []float64, b *budget) (orb.Geometry, error) {
	switch len(v) {
	case 4:
	case 6:
		v = []float64{v[0], v[1], v[3], v[4]}
	default:
		return nil, &Error{Where: where, Problem: fmt.Sprintf("a box of %d numbers", len(v)), Accepted: "west, south, east, north; or six numbers with heights"}
	}
	out := orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}
	for _, p := range []orb.Point{out.Min, out.Max} {
		if err := b.position(where, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sound refuses lines and rings that are none.
func sound(where string, g orb.Geometry) error {
	line := func(l []orb.Point) error {
		if len(l) < 2 {
			return &Error{Where: where, Problem: "a line has fewer than two positions", Accepted: "two positions or more"}
		}
		return nil
	}
	polygon := func(p orb.Polygon) error {
		if len(p) == 0 {
			return &Error{Where: where, Problem: "a polygon has no ring", Accepted: "a ring of four positions or more"}
		}
		for _, r := range p {
			if len(r) < 4 || r[0] != r[len(r)-1] {
				return &Error{Where: where, Problem: "a ring has fewer than four positions, or does not end where it begins", Accepted: "a closed ring"}
			}
		}
		return nil
	}
	switch g := g.(type) {
	case orb.LineString:
		return line(g)
	case orb.MultiLineString:
		for _, l := range g {
			if err := line(l); err != nil {
				return err
			}
		}
	case orb.Polygon:
		return polygon(g)
	case orb.MultiPolygon:
		for _, p := range g {
			if err := polygon(p); err != nil {
				return err
			}
		}
	case orb.Collection:
		for _, x := range g {
			if err := sound(where, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// figure is a geometry taken apart. Its lines hold the rings of its areas too.
type figure struct {
	points []orb.Point
	lines  []orb.LineString
	areas  []orb.Polygon
	box    orb.Bound
}

// nearEnough is the distance, in degrees, within which a position lies on a
// line: a tenth of a millimetre, far above what rounding does to midpoints.
const nearEnough = 1e-9

func figureOf(g orb.Geometry) *figure {
	f := &figure{box: orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}}
	f.add(g)
	for _, p := range f.points {
		f.box = f.box.Extend(p)
	}
	for _, l := range f.lines {
		for _, p := range l {
			f.box = f.box.Extend(p)
		}
	}
	return f
}

func (f *figure) add(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		f.points = append(f.points, g)
	case orb.MultiPoint:
		f.points = append(f.points, g...)
	case orb.LineString:
		f.lines = append(f.lines, g)
	case orb.MultiLineString:
		f.lines = append(f.lines, g...)
	case orb.Ring:
		f.add(orb.Polygon{g})
	case orb.Polygon:
		if len(g) > 0 {
			f.areas = append(f.areas, g)
		}
		for _, r := range g {
			f.lines = append(f.lines, orb.LineString(r))
		}
	case orb.MultiPolygon:
		for _, p := range g {
			f.add(p)
		}
	case orb.Bound:
		if g.Min[0] > g.Max[0] { // across the antimeridian
			f.add(orb.Bound{Min: g.Min, Max: orb.Point{180, g.Max[1]}})
			f.add(orb.Bound{Min: orb.Point{-180, g.Min[1]}, Max: g.Max})
			return
		}
		f.add(g.ToPolygon())
	case orb.Collection:
		for _, x := range g {
			f.add(x)
		}
	}
}

func apart(a, b orb.Bound) bool {
	return a.Max[0] < b.Min[0]-nearEnough || b.Max[0] < a.Min[0]-nearEnough || a.Max[1] < b.Min[1]-nearEnough || b.Max[1] < a.Min[1]-nearEnough
}

// onSegment reports whether p lies on a segment.
func onSegment(p, a, b orb.Point) bool {
	if p[0] < math.Min(a[0], b[0])-nearEnough || p[0] > math.Max(a[0], b[0])+nearEnough ||
		p[1] < math.Min(a[1], b[1])-nearEnough || p[1] > math.Max(a[1], b[1])+nearEnough {
		return false
	}
	dx, dy := b[0]-a[0], b[1]-a[1]
	n := dx*dx + dy*dy
	if n == 0 {
		return true
	}
	u := math.Min(1, math.Max(0, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/n))
	return math.Hypot(a[0]+u*dx-p[0], a[1]+u*dy-p[1]) <= nearEnough
}

func onLine(p orb.Point, l orb.LineString) bool {
	for i := 1; i < len(l); i++ {
		if onSegment(p, l[i-1], l[i]) {
			return true
		}
	}
	return false
}

// inside reports whether p lies in a polygon, its holes counted out, wherever
// edges have no part in it.
func inside(p orb.Point, o orb.Polygon) bool {
	in := false
	for _, r := range o {
		for i := 1; i < len(r); i++ {
			a, b := r[i-1], r[i]
			if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < (b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1])+a[0] {
				in = !in
			}
		}
	}
	return in
}

// within the closure, or strictly inside an area.
func (f *figure) covers(p orb.Point, strictly bool) bool {
	on := false
	for _, l := range f.lines {
		if onLine(p, l) {
			on = true
			break
		}
	}
	if on {
		return !strictly
	}
	for _, o := range f.areas {
		if inside(p, o) {
			return true
		}
	}
	if strictly {
		return false
	}
	for _, q := range f.points {
		if onSegment(p, q, q) {
			return true
		}
	}
	return false
}

// crossing reports whether two segments meet.
func crossing(a, b, c, d orb.Point) bool {
	if math.Max(a[0], b[0]) < math.Min(c[0], d[0])-nearEnough || math.Max(c[0], d[0]) < math.Min(a[0], b[0])-nearEnough ||
		math.Max(a[1], b[1]) < math.Min(c[1], d[1])-nearEnough || math.Max(c[1], d[1]) < math.Min(a[1], b[1])-nearEnough {
		return false
	}
	if side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b) {
		return true
	}
	return onSegment(a, c, d) || onSegment(b, c, d) || onSegment(c, a, b) || onSegment(d, a, b)
}

func side(a, b, p orb.Point) bool {
	return (b[0]-a[0])*(p[1]-a[1])-(b[1]-a[1])*(p[0]-a[0]) > 0
}

// intersects reports whether two figures share a position.
func intersects(f, g *figure) bool {
	if apart(f.box, g.box) {
		return false
	}
	for _, p := range f.points {
		if g.covers(p, false) {
			return true
		}
	}
	for _, p := range g.points {
		if f.covers(p, false) {
			return true
		}
	}
	for _, l := range f.lines {
		for i := 1; i < len(l); i++ {
			a, b := l[i-1], l[i]
			if apart(orb.Bound{Min: a, Max: a}.Extend(b), g.box) {
				continue
			}
			for _, m := range g.lines {
				for k := 1; k < len(m); k++ {
					if crossing(a, b, m[k-1], m[k]) {
						return true
					}
				}
			}
		}
	}
	// No lines meet, so one lies wholly in the other or they are apart.
	return startsIn(f, g) || startsIn(g, f)
}

func startsIn(f, g *figure) bool {
	if len(g.areas) == 0 {
		return false
	}
	for _, l := range f.lines {
		if len(l) > 0 && g.covers(l[0], false) {
			return true
		}
	}
	return false
}

// pieces calls each with the middle of every piece that the lines of g cut the
// lines of f into, until it says no. It reports whether all said yes.
func pieces(f, g *figure, each func(orb.Point) bool) bool {
	for _, l := range f.lines {
		for i := 1; i < len(l); i++ {
			a, b := l[i-1], l[i]
			cuts := []float64{0, 1}
			for _, m := range g.lines {
				for k := 1; k < len(m); k++ {
					cuts = cut(cuts, a, b, m[k-1], m[k])
				}
			}
			if len(cuts) > 2 {
				slices.Sort(cuts)
			}
			for k := 1; k < len(cuts); k++ {
				if k > 1 && cuts[k] == cuts[k-1] {
					continue
				}
				u := (cuts[k-1] + cuts[k]) / 2
				if !each(orb.Point{a[0] + u*(b[0]-a[0]), a[1] + u*(b[1]-a[1])}) {
					return false
				}
			}
		}
	}
	return true
}

// cut adds where c–d cuts a–b, as shares of it.
func cut(cuts []float64, a, b, c, d orb.Point) []float64 {
	if !crossing(a, b, c, d) {
		return cuts
	}
	dx, dy, ex, ey := b[0]-a[0], b[1]-a[1], d[0]-c[0], d[1]-c[1]
	add := func(u float64) {
		if u > 0 && u < 1 {
			cuts = append(cuts, u)
		}
	}
	if det := dx*ey - dy*ex; det != 0 {
		add(((c[0]-a[0])*ey - (c[1]-a[1])*ex) / det)
	}
	if n := dx*dx + dy*dy; n > 0 { // along it, the ends of the other cut
		for _, p := range []orb.Point{c, d} {
			if onSegment(p, a, b) {
				add(((p[0]-a[0])*dx + (p[1]-a[1])*dy) / n)
			}
		}
	}
	return cuts
}

// contained reports whether f lies within g: nothing of it outside, and some of
// it not on g's edge (OGC 06-103r4).
func contained(f, g *figure) bool {
	if f.box.Min[0] < g.box.Min[0]-nearEnough || f.box.Max[0] > g.box.Max[0]+nearEnough ||
		f.box.Min[1] < g.box.Min[1]-nearEnough || f.box.Max[1] > g.box.Max[1]+nearEnough ||
		len(f.areas) > 0 && len(g.areas) == 0 {
		return false
	}
	interior := len(f.areas) > 0 || len(g.areas) == 0 // then covered is enough, but for ends of lines
	for _, p := range f.points {
		if !g.covers(p, false) {
			return false
		}
		if len(g.areas) == 0 {
			interior = len(g.lines) == 0 || len(f.lines) > 0 || !g.endsAt(f.points)
		} else {
			interior = interior || g.covers(p, true)
		}
	}
	whole := pieces(f, g, func(p orb.Point) bool {
		interior = interior || g.covers(p, true)
		return g.covers(p, false)
	})
	if !whole || !interior {
		return false
	}
	if len(f.areas) == 0 {
		return true
	}
	// No edge of g may run through the inside of f.
	return pieces(g, f, func(p orb.Point) bool { return !f.covers(p, true) })
}

// endsAt reports whether all points are ends of open lines.
func (f *figure) endsAt(points []orb.Point) bool {
	for _, p := range points {
		end := false
		for _, l := range f.lines {
			if len(l) > 0 && l[0] != l[len(l)-1] && (onSegment(p, l[0], l[0]) || onSegment(p, l[len(l)-1], l[len(l)-1])) {
				end = true
			}
		}
		if !end {
			return false
		}
	}
	return true
}
