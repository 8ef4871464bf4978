package data

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-kml/v3"
)

// writeKML writes a layer as KML 2.2 (OGC 07-147r2): a Placemark for every row
// with a location or without, its values as typed ExtendedData. The name of a
// Placemark is the field called name, else the id. Row by row, so that a large
// layer needs no tree in memory.
func writeKML(s *sink, l *geo.Layer) error {
	if l.IsTable() {
		return fmt.Errorf("write layer %s: a table without shapes; KML holds shapes only", l.Name)
	}
	if _, err := mixed(l); err != nil {
		return err
	}
	k := keep(l)
	s.buf = append(s.buf, xml.Header...)
	e := xml.NewEncoder(sinkWriter{s})
	root := xml.StartElement{Name: xml.Name{Local: "kml"}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: kml.Namespace}}}
	document := xml.StartElement{Name: xml.Name{Local: "Document"}}
	put := func(err error) {
		if s.err == nil {
			s.err = err
		}
	}
	put(e.EncodeToken(root))
	put(e.EncodeToken(document))
	put(encode(e, kml.Name(cmp.Or(l.Title, l.Name))))
	if l.Description != "" {
		put(encode(e, kml.Description(l.Description)))
	}
	put(encode(e, kmlSchema(l, k)))
	labels, _ := l.Column("name")
	for i := range l.Len() {
		label := l.ID(i)
		if labels.Name != "" && !labels.Null(i) {
			label = labels.Text(i)
		}
		parts := []kml.Element{kml.Name(label), kml.ExtendedData(kmlData(l, k, i))}
		if l.Located(i) {
			parts = append(parts, kmlShape(l.Shape(i)))
		}
		put(encode(e, kml.Placemark(parts...)))
		put(e.Flush())
		if s.rest(); s.err != nil {
			break
		}
	}
	put(e.EncodeToken(document.End()))
	put(e.EncodeToken(root.End()))
	put(e.Close())
	s.buf = append(s.buf, '\n')
	return nil
}

func encode(e *xml.Encoder, element kml.Element) error {
	return element.MarshalXML(e, xml.StartElement{})
}

// kmlSchemaID is what rows call the schema by.
const kmlSchemaID = "fields"

// kmlSchema declares the types of the fields and, as their display name, their
// title and unit.
func kmlSchema(l *geo.Layer, k kept) kml.Element {
	var fields []kml.Element
	if k.ID != "" {
		fields = append(fields, kml.SimpleField(k.ID, "string"))
	}
	for i, c := range l.Columns() {
		var title []kml.Element
		if text := titled(c.Field); text != c.Name {
			title = append(title, kml.DisplayName(text))
		}
		fields = append(fields, kml.SimpleField(k.Fields[i].Column, kmlType(c), title...))
	}
	return kml.Schema(kmlSchemaID, fields...)
}

// kmlType is the type of a column; int has 32 bits.
func kmlType(c geo.Column) string {
	switch c.Type {
	case geo.Text:
		return "string"
	case geo.Bool:
		return "int" // of 0 and 1, as GDAL has it: togeojson takes any text of type bool for true
	case geo.Integer:
		for _, v := range c.Values() {
			if math.Abs(v) > math.MaxInt32 {
				return "double"
			}
		}
		return "int"
	}
	return "double"
}

// kmlData are the values of a row; what is missing is left out.
func kmlData(l *geo.Layer, k kept, i int) kml.Element {
	var values []kml.Element
	if k.ID != "" {
		values = append(values, kml.SimpleData(k.ID, l.ID(i)))
	}
	for n, c := range l.Columns() {
		switch {
		case c.Null(i):
		case c.Type == geo.Bool: // GDAL reads true as 0
			values = append(values, kml.SimpleData(k.Fields[n].Column, string(geo.AppendNumber(nil, c.Number(i)))))
		default:
			values = append(values, kml.SimpleData(k.Fields[n].Column, c.Text(i)))
		}
	}
	return kml.SchemaData("#"+kmlSchemaID, values...)
}

func kmlShape(g orb.Geometry) kml.Element {
	switch g := g.(type) {
	case orb.Point:
		return kml.Point(kmlCoordinates([]orb.Point{g}))
	case orb.LineString:
		return kml.LineString(kmlCoordinates(g))
	case orb.Ring:
		return kmlShape(orb.Polygon{g})
	case orb.Bound:
		return kmlShape(g.ToPolygon())
	case orb.Polygon:
		p := kml.Polygon()
		for n, ring := range g {
			line := kml.LinearRing(kmlCoordinates(ring))
			if n == 0 {
				p.Add(kml.OuterBoundaryIs(line))
			} else {
				p.Add(kml.InnerBoundaryIs(line))
			}
		}
		return p
	}
	m := kml.MultiGeometry()
	switch g := g.(type) {
	case orb.MultiPoint:
		for _, p := range g {
			m.Add(kmlShape(p))
		}
	case orb.MultiLineString:
		for _, line := range g {
			m.Add(kmlShape(line))
		}
	case orb.MultiPolygon:
		for _, p := range g {
			m.Add(kmlShape(p))
		}
	}
	return m
}

func kmlCoordinates(points []orb.Point) kml.Element {
	c := make([]kml.Coordinate, len(points))
	for i, p := range points {
		c[i] = kml.Coordinate{Lon: p[0], Lat: p[1]}
	}
	return kml.Coordinates(c...)
}

// titled is what people read above a column: its title or name, with the unit.
func titled(f geo.Field) string {
	title := cmp.Or(f.Title, f.Name)
	if f.Unit != "" {
		title += " (" + f.Unit + ")"
	}
	return title
}
