package data

import (
	"fmt"
	"math"
	"unicode/utf8"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// writeGeoJSON writes a FeatureCollection or a sequence of features.
func writeGeoJSON(s *sink, l *geo.Layer, format string) error {
	f, err := newFeatures(l, l.Identified(), nil)
	if err != nil {
		return err
	}
	if format == GeoJSON {
		s.buf = append(s.buf, `{"type":"FeatureCollection"`...)
		for _, m := range []struct{ name, text string }{
			{"title", l.Title}, {"licence", l.Licence}, {"attribution", l.Attribution},
		} {
			if m.text != "" {
				s.buf = append(s.buf, `,"`+m.name+`":`...)
				s.buf = appendQuoted(s.buf, m.text)
			}
		}
		s.buf = append(s.buf, `,"features":[`...)
	}
	for i := range l.Len() {
		switch {
		case format == GeoJSONSeq:
			s.buf = append(s.buf, 0x1e)
		case format == GeoJSON && i > 0:
			s.buf = append(s.buf, ",\n"...)
		case format == GeoJSON:
			s.buf = append(s.buf, '\n')
		}
		s.buf = f.Append(s.buf, i)
		if format != GeoJSON {
			s.buf = append(s.buf, '\n')
		}
		if s.rest(); s.err != nil {
			return nil
		}
	}
	if format == GeoJSON {
		s.buf = append(s.buf, "\n]}\n"...)
	}
	return nil
}

// mixed tells for points, lines and polygons whether single ones stand beside
// multiple ones. It refuses what cannot be written.
func mixed(l *geo.Layer) (multiple [3]bool, err error) {
	fault := func(i int, problem string) error {
		return fmt.Errorf("write layer %s: row %d (id %s): %s", l.Name, i+1, l.ID(i), problem)
	}
	var single, multi [3]bool
	for i := range l.Len() {
		g := l.Shape(i)
		if _, point := g.(orb.Point); g == nil || point && !l.Located(i) {
			continue
		}
		switch g := g.(type) {
		case orb.Collection:
			return multiple, fault(i, "geometry collections are not written")
		case orb.Point, orb.LineString, orb.Ring, orb.Polygon, orb.Bound:
			single[g.Dimensions()] = true
		default:
			multi[g.Dimensions()] = true
		}
		for p := range positions(g) {
			if !(math.Abs(p[0]) <= 360 && math.Abs(p[1]) <= 90+rounding) {
				return multiple, fault(i, "coordinates such as "+pair(p[0], p[1])+" are not degrees")
			}
		}
	}
	for d := range multiple {
		multiple[d] = single[d] && multi[d]
	}
	return multiple, nil
}

// positions yields the positions of a geometry.
func positions(g orb.Geometry) func(yield func(orb.Point) bool) {
	return func(yield func(orb.Point) bool) { walk(g, yield) }
}

func walk(g orb.Geometry, yield func(orb.Point) bool) bool {
	switch g := g.(type) {
	case orb.Point:
		return yield(g)
	case orb.MultiPoint:
		return each(g, yield)
	case orb.LineString:
		return each(g, yield)
	case orb.Ring:
		return each(g, yield)
	case orb.MultiLineString:
		return each(g, func(s orb.LineString) bool { return walk(s, yield) })
	case orb.Polygon:
		return each(g, func(r orb.Ring) bool { return walk(r, yield) })
	case orb.MultiPolygon:
		return each(g, func(p orb.Polygon) bool { return walk(p, yield) })
	case orb.Bound:
		return yield(g.Min) && yield(g.Max)
	}
	return true
}

func each[T any](items []T, yield func(T) bool) bool {
	for _, v := range items {
		if !yield(v) {
			return false
		}
	}
	return true
}

// features writes the rows of a layer.
type features struct {
	layer      *geo.Layer
	ids        bool
	multiple   [3]bool
	position   Position
	properties []property
}

// Position writes a position of longitude and latitude, as an array of two numbers.
type Position func(b []byte, p orb.Point) []byte

// newFeatures writes features with or without their ids. A file of rows that
// are only numbered has none, lest somebody joins by the numbers. Without a position
// they are written in degrees.
func newFeatures(l *geo.Layer, ids bool, position Position) (*features, error) {
	if position == nil {
		position = appendPosition
	}
	multiple, err := mixed(l)
	if err != nil {
		return nil, err
	}
	f := &features{layer: l, ids: ids, multiple: multiple, position: position}
	for _, c := range l.Columns() {
		f.properties = append(f.properties, newProperty(c))
	}
	return f, nil
}

func (f *features) Head(b []byte) []byte { return b }

// Append writes row i as one line without its end.
func (f *features) Append(b []byte, i int) []byte {
	b = append(b, `{"type":"Feature"`...)
	if f.ids {
		b = append(b, `,"id":`...)
		b = appendQuoted(b, f.layer.ID(i))
	}
	b = append(b, `,"geometry":`...)
	if f.layer.Located(i) {
		b = f.appendGeometry(b, f.layer.Shape(i))
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"properties":{`...)
	for k := range f.properties {
		if k > 0 {
			b = append(b, ',')
		}
		b = f.properties[k].append(b, i)
	}
	return append(b, "}}"...)
}

// property writes the values of a column.
type property struct {
	column geo.Column
	name   []byte // in quotes, with its colon
	point  bool   // numbers take a decimal point
	codes  []int32
	words  [][]byte // the distinct texts in quotes, if they recur
}

func newProperty(c geo.Column) property {
	p := property{column: c, name: append(appendQuoted(nil, c.Name), ':'), point: c.Type == geo.Number}
	if c.Type == geo.Integer {
		for _, v := range c.Values() {
			if math.Abs(v) > math.MaxInt32 {
				p.point = true
			}
		}
	}
	if c.Type == geo.Text {
		codes, words := c.Codes()
		p.codes = codes
		if len(words) <= len(codes)/2 {
			p.words = make([][]byte, len(words))
			for k, w := range words {
				p.words[k] = appendQuoted(nil, w)
			}
		}
	}
	return p
}

func (p *property) append(b []byte, i int) []byte {
	b = append(b, p.name...)
	switch {
	case p.column.Null(i):
		return append(b, "null"...)
	case p.words != nil:
		return append(b, p.words[p.codes[i]]...)
	case p.column.Type == geo.Text:
		return appendQuoted(b, p.column.Text(i))
	case p.point:
		return appendFloat(b, p.column.Number(i))
	}
	return p.column.AppendText(b, i)
}

// appendGeometry writes a geometry that has a position.
func (f *features) appendGeometry(b []byte, g orb.Geometry) []byte {
	kind := g.GeoJSONType()
	multi := false
	switch g.(type) {
	case orb.Point, orb.LineString, orb.Ring, orb.Polygon, orb.Bound:
		if multi = f.multiple[g.Dimensions()]; multi {
			kind = "Multi" + kind
		}
	}
	b = append(b, `{"type":"`...)
	b = append(b, kind...)
	b = append(b, `","coordinates":`...)
	if multi {
		b = append(b, '[')
	}
	switch g := g.(type) {
	case orb.Point:
		b = f.position(b, g)
	case orb.MultiPoint:
		b = appendAll(b, g, f.position)
	case orb.LineString:
		b = appendAll(b, g, f.position)
	case orb.MultiLineString:
		b = appendAll(b, g, f.line)
	case orb.Ring:
		b = f.polygon(b, orb.Polygon{g})
	case orb.Polygon:
		b = f.polygon(b, g)
	case orb.MultiPolygon:
		b = appendAll(b, g, f.polygon)
	case orb.Bound:
		b = f.polygon(b, g.ToPolygon())
	}
	if multi {
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendPosition(b []byte, p orb.Point) []byte {
	b = appendDegrees(append(b, '['), p[0])
	b = appendDegrees(append(b, ','), p[1])
	return append(b, ']')
}

func (f *features) line(b []byte, l orb.LineString) []byte { return appendAll(b, l, f.position) }

func (f *features) ring(b []byte, r orb.Ring) []byte { return appendAll(b, r, f.position) }

func (f *features) polygon(b []byte, p orb.Polygon) []byte { return appendAll(b, p, f.ring) }

// appendAll writes an array.
func appendAll[T any](b []byte, items []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, v)
	}
	return append(b, ']')
}

// appendQuoted writes a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || n > 1 {
				i += n
				continue
			}
		}
		b = append(b, s[from:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, "\ufffd"...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		}
		i++
		from = i
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
