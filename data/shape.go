package data

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
)

// toGeom is a geometry for the encoders of go-geom, a multiple one if multi
// says so.
func toGeom(g orb.Geometry, multi bool) geom.T {
	switch g := g.(type) {
	case orb.Point:
		if multi {
			return geom.NewMultiPointFlat(geom.XY, []float64{g[0], g[1]})
		}
		return geom.NewPointFlat(geom.XY, []float64{g[0], g[1]})
	case orb.MultiPoint:
		return geom.NewMultiPointFlat(geom.XY, flat(nil, g))
	case orb.LineString:
		if multi {
			return toGeom(orb.MultiLineString{g}, false)
		}
		return geom.NewLineStringFlat(geom.XY, flat(nil, g))
	case orb.MultiLineString:
		var coordinates []float64
		var ends []int
		for _, line := range g {
			coordinates = flat(coordinates, line)
			ends = append(ends, len(coordinates))
		}
		return geom.NewMultiLineStringFlat(geom.XY, coordinates, ends)
	case orb.Ring:
		return toGeom(orb.Polygon{g}, multi)
	case orb.Bound:
		return toGeom(g.ToPolygon(), multi)
	case orb.Polygon:
		if multi {
			return toGeom(orb.MultiPolygon{g}, false)
		}
		coordinates, ends := flatRings(nil, g)
		return geom.NewPolygonFlat(geom.XY, coordinates, ends)
	case orb.MultiPolygon:
		var coordinates []float64
		var ends [][]int
		for _, p := range g {
			var rings []int
			coordinates, rings = flatRings(coordinates, p)
			ends = append(ends, rings)
		}
		return geom.NewMultiPolygonFlat(geom.XY, coordinates, ends)
	}
	return geom.NewGeometryCollection() // the writers refuse it before
}

func flat[P ~[]orb.Point](to []float64, points P) []float64 {
	for _, p := range points {
		to = append(to, p[0], p[1])
	}
	return to
}

func flatRings(to []float64, p orb.Polygon) (coordinates []float64, ends []int) {
	for _, r := range p {
		to = flat(to, r)
		ends = append(ends, len(to))
	}
	return to, ends
}

// shapeOf is the geometry of the row under way as go-geom has decoded it, under
// the rules of GeoJSON: degrees, closed rings, no empty parts. An empty
// geometry is nil.
func (t *table) shapeOf(g geom.T) (orb.Geometry, error) {
	if g == nil || g.Empty() {
		return nil, nil
	}
	if z := g.Layout(); z != geom.XY {
		t.heights()
	}
	c := caster{t: t, flat: g.FlatCoords(), stride: g.Stride(), left: t.lim.Vertices}
	if len(c.flat)/max(1, c.stride) > t.lim.Vertices {
		return nil, t.fault("geometry", "", fmt.Sprintf("has more than %d positions", t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
	}
	var shape orb.Geometry
	switch g := g.(type) {
	case *geom.Point:
		shape = c.point(0)
	case *geom.MultiPoint:
		shape = orb.MultiPoint(c.points(0, len(c.flat)))
	case *geom.LineString:
		shape = c.line(0, len(c.flat))
	case *geom.MultiLineString:
		var lines orb.MultiLineString
		from := 0
		for _, to := range g.Ends() {
			lines = append(lines, c.line(from, to))
			from = to
		}
		shape = lines
	case *geom.Polygon:
		shape, _ = c.polygon(0, g.Ends())
	case *geom.MultiPolygon:
		var polygons orb.MultiPolygon
		from := 0
		for _, ends := range g.Endss() {
			var p orb.Polygon
			p, from = c.polygon(from, ends)
			polygons = append(polygons, p)
		}
		shape = polygons
	default:
		return nil, t.fault("geometry", "", "is a collection of geometries", geometryKinds)
	}
	if c.err != nil {
		return nil, c.err
	}
	return shape, nil
}

// caster makes shapes of flat coordinates. Its first error sticks.
type caster struct {
	t      *table
	flat   []float64
	stride int
	left   int
	err    error
}

func (c *caster) fault(field, value, problem, accept string) {
	if c.err == nil {
		c.err = c.t.fault(field, value, problem, accept)
	}
}

func (c *caster) point(at int) orb.Point {
	x, y := c.flat[at], c.flat[at+1]
	if math.IsNaN(x) || math.IsNaN(y) {
		c.fault("position", pair(x, y), "not a finite number", positionAccept)
		return orb.Point{}
	}
	if c.t.crs != nil {
		u, v, problem := c.t.crs.degrees(x, y)
		if problem != "" {
			c.fault("position", pair(x, y), problem, acceptCRS)
			return orb.Point{}
		}
		x, y = u, v
	}
	p, problem, accept := position(x, y)
	if problem != "" {
		c.fault("position", pair(x, y), problem, accept)
	}
	return p
}

func (c *caster) points(from, to int) []orb.Point {
	p := make([]orb.Point, 0, (to-from)/c.stride)
	for ; from < to; from += c.stride {
		p = append(p, c.point(from))
	}
	return p
}

func (c *caster) line(from, to int) orb.LineString {
	p := c.points(from, to)
	if len(p) < 2 {
		c.fault("geometry", "", "has a line of "+counted(len(p), "position"), "at least 2 positions")
	}
	return p
}

// polygon takes the rings that end at ends, and says where the last one did.
func (c *caster) polygon(from int, ends []int) (p orb.Polygon, end int) {
	if len(ends) == 0 {
		c.fault("geometry", "", "has an empty polygon", "at least one ring")
	}
	for _, to := range ends {
		ring := c.points(from, to)
		if n := len(ring); n < 4 {
			c.fault("geometry", "", "has a ring of "+counted(n, "position"), "at least 4 positions, the last equal to the first")
		} else if ring[0] != ring[n-1] {
			c.fault("geometry", "", fmt.Sprintf("has a ring from %s to %s that is not closed", pair(ring[0][0], ring[0][1]), pair(ring[n-1][0], ring[n-1][1])),
				"a ring whose last position equals the first")
		}
		p = append(p, ring)
		from = to
	}
	return p, from
}
