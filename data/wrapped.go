package data

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// uncut refuses polygons that cross the antimeridian without being cut there:
// an edge from 178 to -178 goes round the world, and what lies between the two
// is outside. An edge along a pole, as around Antarctica, and the box of the
// whole world are meant so.
func (t *table) uncut() error {
	for i, g := range t.shapes {
		var rings []orb.Ring
		switch g := g.(type) {
		case orb.Polygon:
			rings = g
		case orb.MultiPolygon:
			for _, p := range g {
				rings = append(rings, p...)
			}
		}
		for _, r := range rings {
			if a, b, found := aroundTheWorld(r); found {
				return &InputError{File: t.name, Feature: i + 1, Field: "geometry",
					Problem: fmt.Sprintf("has an edge from %s to %s, which goes round the world", pair(a[0], a[1]), pair(b[0], b[1])),
					Accept:  "a shape that is cut in two where it crosses 180 degrees (RFC 7946, 3.1.9); cut it with: ogr2ogr -wrapdateline -datelineoffset 30 out.geojson in.geojson"}
			}
		}
	}
	return nil
}

// aroundTheWorld finds an edge of more than 180 degrees that cannot be meant.
func aroundTheWorld(r orb.Ring) (a, b orb.Point, found bool) {
	for k := 1; k < len(r); k++ {
		a, b = r[k-1], r[k]
		span := math.Abs(a[0] - b[0])
		switch {
		case span <= 180:
		case math.Abs(a[1]) > 84 && math.Abs(b[1]) > 84 && a[1]*b[1] > 0:
		case span > 359.999999 && boxOfTheWorld(r):
		default:
			return a, b, true
		}
	}
	return a, b, false
}

// boxOfTheWorld reports whether all positions lie on the antimeridian.
func boxOfTheWorld(r orb.Ring) bool {
	for _, p := range r {
		if math.Abs(p[0]) < 179.999999 {
			return false
		}
	}
	return true
}
