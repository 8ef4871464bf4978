package api

import (
	"fmt"
	"math"
	"strconv"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// writer is how the rows of a collection are written: its format, the columns
// that were asked for (nil: all), the reference system, and whether geometries are
// left out.
func (s *Server) writer(c *collection, o *opened, format, properties string, crs *refSystem, skip bool) (Rows, error) {
	if properties == "" && !skip && (crs.plain() || format == "csv") {
		return o.rows[format], nil
	}
	columns, err := columnsOf(o.layer, properties)
	if err != nil {
		return nil, err
	}
	if columns == nil {
		columns = o.layer.Columns()
	}
	key := fmt.Sprintf("%s\n%s\n%s %v", c.id, format, crs.uri, skip)
	for _, col := range columns {
		key += "\n" + col.Name
	}
	if known, ok := s.writers.get(key); ok && known.of == o {
		return known.Rows, nil
	}
	l := o.layer
	if !skip {
		l, err = l.Replaced(l.About, columns...)
	} else {
		ids := make([]string, l.Len())
		for i := range ids {
			ids[i] = l.ID(i)
		}
		l, err = geo.NewTable(l.About, ids, columns...)
	}
	if err != nil {
		return nil, err
	}
	var position Position
	if !crs.plain() {
		in := *crs // which outlives the request
		position = in.position
	}
	rows, err := s.config.Rows(l, format, position)
	if err != nil {
		return nil, err
	}
	s.writers.put(key, &keptRows{rows, o}, int64(16*len(columns)*l.Len()+16*l.Len()))
	return rows, nil
}

// keptRows are rows with the layer that they write.
type keptRows struct {
	Rows
	of *opened
}

// position writes a position of longitude and latitude in the system.
func (c *refSystem) position(b []byte, p orb.Point) []byte {
	p = c.fromDegrees(p)
	b = c.number(append(b, '['), p[0])
	b = c.number(append(b, ','), p[1])
	return append(b, ']')
}

// number writes a coordinate to the step of the system.
func (c *refSystem) number(b []byte, v float64) []byte {
	per := 1 / c.step()
	return strconv.AppendFloat(b, math.Round(v*per)/per, 'f', -1, 64)
}

// multiples tells for points, lines and polygons whether single ones stand
// beside multiple ones: then all are written as multiple ones.
func multiples(l *geo.Layer) (out [3]bool) {
	var single, multi [3]bool
	for i := range l.Len() {
		switch g := l.Shape(i).(type) {
		case nil, orb.Collection:
		case orb.Point, orb.LineString, orb.Ring, orb.Polygon, orb.Bound:
			single[g.Dimensions()] = true
		default:
			multi[g.Dimensions()] = true
		}
	}
	for d := range out {
		out[d] = single[d] && multi[d]
	}
	return out
}
