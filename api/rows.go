package api

import (
	"bytes"
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
	if !skip && (crs.plain() || format == "csv") {
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
	rows, err := s.config.Rows(l, format)
	if err != nil {
		return nil, err
	}
	if l.IsTable() && !o.layer.IsTable() && !skip {
		rows = &moved{Rows: rows, layer: o.layer, crs: *crs, multiple: multiples(o.layer)}
	}
	s.writers.put(key, &keptRows{rows, o}, int64(16*len(columns)*l.Len()+16*l.Len()))
	return rows, nil
}

// keptRows are rows with the layer that they write.
type keptRows struct {
	Rows
	of *opened
}

// moved writes GeoJSON features with their positions in another reference
// system: Rows writes them without a geometry, whose place it then fills.
type moved struct {
	Rows
	layer    *geo.Layer
	crs      refSystem
	multiple [3]bool
}

// noGeometry is how a feature without a geometry says so. Within an id or a
// value its quotation marks would be escaped.
var noGeometry = []byte(`"geometry":null`)

func (m *moved) Append(b []byte, row int) []byte {
	start := len(b)
	b = m.Rows.Append(b, row)
	if !m.layer.Located(row) {
		return b
	}
	at := bytes.Index(b[start:], noGeometry)
	if at < 0 {
		return b
	}
	at += start + len(noGeometry) - len("null")
	rest := append([]byte(nil), b[at+len("null"):]...)
	return append(m.geometry(b[:at], m.layer.Shape(row)), rest...)
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

func (m *moved) geometry(b []byte, g orb.Geometry) []byte {
	switch x := g.(type) {
	case orb.Ring:
		g = orb.Polygon{x}
	case orb.Bound:
		g = x.ToPolygon()
	}
	if m.multiple[g.Dimensions()] {
		switch x := g.(type) {
		case orb.Point:
			g = orb.MultiPoint{x}
		case orb.LineString:
			g = orb.MultiLineString{x}
		case orb.Polygon:
			g = orb.MultiPolygon{x}
		}
	}
	b = append(b, `{"type":"`...)
	b = append(b, g.GeoJSONType()...)
	b = append(b, `","coordinates":`...)
	switch g := g.(type) {
	case orb.Point:
		b = m.position(b, g)
	case orb.MultiPoint:
		b = appendList(b, g, m.position)
	case orb.LineString:
		b = appendList(b, g, m.position)
	case orb.MultiLineString:
		b = appendList(b, g, m.line)
	case orb.Polygon:
		b = m.polygon(b, g)
	case orb.MultiPolygon:
		b = appendList(b, g, m.polygon)
	}
	return append(b, '}')
}

func (m *moved) position(b []byte, p orb.Point) []byte {
	p = m.crs.fromDegrees(p)
	b = append(b, '[')
	b = m.number(b, p[0])
	b = append(b, ',')
	return append(m.number(b, p[1]), ']')
}

func (m *moved) number(b []byte, v float64) []byte {
	per := 1 / m.crs.step()
	return strconv.AppendFloat(b, math.Round(v*per)/per, 'f', -1, 64)
}

func (m *moved) line(b []byte, l orb.LineString) []byte { return appendList(b, l, m.position) }

func (m *moved) polygon(b []byte, p orb.Polygon) []byte {
	return appendList(b, p, func(b []byte, r orb.Ring) []byte { return appendList(b, r, m.position) })
}

func appendList[T any](b []byte, items []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, v)
	}
	return append(b, ']')
}
