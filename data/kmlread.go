package data

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"golang.org/x/text/transform"
)

const acceptKML = "KML 2.2 with Placemarks, or KMZ"

// readKML reads the Placemarks of KML (OGC 07-147r2) or of the document in a KMZ
// archive, whatever folders they stand in: their name and description, and their
// ExtendedData, typed where a schema types them.
func readKML(ctx context.Context, r io.Reader, t *table) error {
	in, err := at(ctx, r, t.name, t.lim.Bytes)
	if err != nil {
		return err
	}
	var head [4]byte
	if n, _ := in.ReadAt(head[:], 0); n == 4 && string(head[:]) == "PK\x03\x04" {
		return t.kmz(ctx, in)
	}
	return t.kml(ctx, io.NewSectionReader(in, 0, in.size))
}

// kmz reads the first document of an archive.
func (t *table) kmz(ctx context.Context, in random) error {
	all, err := t.unzip(ctx, in, "ZIP archive", acceptKML)
	if err != nil {
		return err
	}
	for _, f := range all.z.File {
		if !strings.EqualFold(path.Ext(f.Name), ".kml") {
			continue
		}
		open, err := all.open(f)
		if err != nil {
			return err
		}
		defer open.Close()
		return t.kml(ctx, open)
	}
	return &InputError{File: t.name, Problem: "holds no .kml file", Accept: acceptKML}
}

// kmlReader goes through the elements of a document.
type kmlReader struct {
	t     *table
	d     *xml.Decoder
	types map[string]string // of fields, by the name of their schema and theirs
	links bool              // it refers to other documents
	seen  bool              // it has the root of KML
}

func (t *table) kml(ctx context.Context, in io.Reader) error {
	k := &kmlReader{t: t, d: xml.NewDecoder(in), types: map[string]string{}}
	k.d.CharsetReader = func(name string, in io.Reader) (io.Reader, error) {
		e, ok := encodingOf(name)
		if !ok {
			return nil, t.badEncoding("encoding", name)
		}
		return transform.NewReader(in, e.NewDecoder()), nil
	}
	t.flat = t.source.Geometry == "none" || t.source.Lon != ""
	for depth := 0; ; {
		token, err := k.d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return k.fault(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if depth++; depth > t.lim.Depth {
				return &InputError{File: t.name, Problem: fmt.Sprintf("nests deeper than %d", t.lim.Depth), Accept: "flatter KML"}
			}
			switch e.Name.Local {
			case "kml":
				k.seen = true
			case "Schema":
				depth--
				err = k.schema(e)
			case "Placemark":
				depth--
				if ctx.Err() != nil {
					return ctx.Err()
				}
				err = k.placemark()
			case "NetworkLink":
				k.links = true
			case "name":
				if depth == 3 && t.about.Title == "" {
					depth--
					t.about.Title, err = k.text()
				}
			}
			if err != nil {
				return k.fault(err)
			}
		case xml.EndElement:
			depth--
		}
	}
	if !k.seen {
		return &InputError{File: t.name, Problem: "is XML, but no KML", Accept: acceptKML}
	}
	if k.links {
		t.doubt("The document refers to others by NetworkLink; they were not read.")
	}
	return nil
}

// fault says that a document is not XML, or what else was wrong.
func (k *kmlReader) fault(err error) error {
	var known *InputError
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &syntax):
		return &InputError{File: k.t.name, Line: syntax.Line, Problem: "not valid XML: " + oneLine(syntax.Msg), Accept: acceptKML}
	case errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF:
		return &InputError{File: k.t.name, Problem: "the file ends in the middle", Accept: "a whole file"}
	}
	return &InputError{File: k.t.name, Problem: "not valid XML", Accept: acceptKML}
}

// text is what stands in the element that has begun.
func (k *kmlReader) text() (string, error) {
	var b strings.Builder
	for depth := 1; depth > 0; {
		token, err := k.d.Token()
		if err != nil {
			return "", err
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if b.Write(e); b.Len() > 64*k.t.lim.Vertices+k.t.lim.Text {
				return "", k.t.fault("", "", "has a text that is too long", "a shorter one")
			}
		}
	}
	return b.String(), nil
}

// each calls do for every element within the one that has begun, which do must
// read to its end, or skip.
func (k *kmlReader) each(do func(xml.StartElement) error) error {
	for {
		token, err := k.d.Token()
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if err := do(e); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (k *kmlReader) schema(e xml.StartElement) error {
	id := attribute(e, "id")
	return k.each(func(e xml.StartElement) error {
		if e.Name.Local == "SimpleField" && len(k.types) < k.t.lim.Columns {
			k.types[id+"\x00"+attribute(e, "name")] = attribute(e, "type")
		}
		return k.d.Skip()
	})
}

// placemark reads one feature.
func (k *kmlReader) placemark() error {
	t := k.t
	type value struct{ name, text, kind string }
	var values []value
	var shapes []orb.Geometry
	err := k.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "name", "description":
			text, err := k.text()
			if text = strings.TrimSpace(text); text != "" {
				values = append(values, value{e.Name.Local, text, "string"})
			}
			return err
		case "ExtendedData":
			return k.each(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "Data":
					name := attribute(e, "name")
					return k.each(func(e xml.StartElement) error {
						if e.Name.Local != "value" {
							return k.d.Skip()
						}
						text, err := k.text()
						values = append(values, value{name, text, ""})
						return err
					})
				case "SchemaData":
					schema := strings.TrimPrefix(attribute(e, "schemaUrl"), "#")
					return k.each(func(e xml.StartElement) error {
						name := attribute(e, "name")
						text, err := k.text()
						values = append(values, value{name, text, k.types[schema+"\x00"+name]})
						return err
					})
				}
				return k.d.Skip()
			})
		}
		found, err := k.shapes(e, 0)
		shapes = append(shapes, found...)
		return err
	})
	if err != nil {
		return err
	}
	idValue := []byte(nil)
	seen := map[string]bool{}
	for _, v := range values {
		if v.name == "" || seen[v.name] { // a Data called name beside the element
			continue
		}
		seen[v.name] = true
		if v.name == t.idName {
			idValue = []byte(strings.TrimSpace(v.text))
			t.rowID = append(t.rowID[:0], idValue...)
		}
		c, err := t.columnOf([]byte(v.name), len(t.columns))
		if err != nil {
			return err
		}
		if len(v.text) > t.lim.Text {
			return t.fault(v.name, "", fmt.Sprintf("is longer than %d bytes", t.lim.Text), "a shorter text, or a higher limit of text")
		}
		k.value(t.columns[c], v.text, v.kind)
	}
	if err := t.kmlID(idValue); err != nil {
		return err
	}
	if !t.flat {
		g, err := t.joined(shapes)
		if err != nil {
			return err
		}
		t.addShape(g)
	}
	return t.endRow()
}

// kmlID takes the value of the column of the ids.
func (t *table) kmlID(id []byte) error {
	if t.idFrom == idUnknown && t.rows == 0 {
		t.idFrom = idPerhaps
	}
	return t.fieldID(id)
}

// value adds a value under the type of its field in the schema, or as CSV does.
func (k *kmlReader) value(c *column, text, kind string) {
	literal := []byte(strings.TrimSpace(text))
	if len(literal) == 0 {
		return
	}
	c.pad(k.t.rows)
	switch kind {
	case "string":
		c.addText([]byte(text))
	case "bool":
		switch string(literal) {
		case "1", "true":
			c.addTruth(true, literal)
		case "0", "false":
			c.addTruth(false, literal)
		default:
			c.addText([]byte(text))
		}
	default:
		if yes, is := truth(literal); is && kind == "" {
			c.addTruth(yes, literal)
		} else if c.shape == texts {
			c.addText([]byte(text))
		} else {
			c.add(literal, literal)
		}
	}
}

// shapes reads the geometry in an element that has begun, none of another.
func (k *kmlReader) shapes(e xml.StartElement, depth int) (shapes []orb.Geometry, err error) {
	t := k.t
	c := caster{t: t, stride: 2, left: t.lim.Vertices}
	coordinates := func(to func()) error {
		return k.each(func(e xml.StartElement) error {
			if e.Name.Local != "coordinates" {
				return k.d.Skip()
			}
			text, err := k.text()
			if err != nil {
				return err
			}
			if c.flat, err = t.tuples(text); err != nil || len(c.flat) == 0 {
				return err
			}
			to()
			return c.err
		})
	}
	switch e.Name.Local {
	case "Point":
		err = coordinates(func() { shapes = append(shapes, c.point(0)) })
	case "LineString", "LinearRing":
		err = coordinates(func() { shapes = append(shapes, c.line(0, len(c.flat))) })
	case "Polygon":
		var outer orb.Ring
		var inner []orb.Ring
		ring := func(to func(orb.Ring)) error {
			return k.each(func(e xml.StartElement) error {
				if e.Name.Local != "LinearRing" {
					return k.d.Skip()
				}
				return coordinates(func() {
					if p, _ := c.polygon(0, []int{len(c.flat)}); c.err == nil {
						to(p[0])
					}
				})
			})
		}
		err = k.each(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "outerBoundaryIs":
				return ring(func(r orb.Ring) { outer = r })
			case "innerBoundaryIs":
				return ring(func(r orb.Ring) { inner = append(inner, r) })
			}
			return k.d.Skip()
		})
		if err == nil && outer == nil && inner != nil {
			return nil, t.fault("geometry", "", "has a polygon without an outer ring", "an outer ring and perhaps inner ones")
		}
		if outer != nil {
			shapes = append(shapes, append(orb.Polygon{outer}, inner...))
		}
	case "MultiGeometry":
		if depth > 8 {
			return nil, t.fault("geometry", "", "nests deeper than 8", geometryKinds)
		}
		err = k.each(func(e xml.StartElement) error {
			found, err := k.shapes(e, depth+1)
			shapes = append(shapes, found...)
			return err
		})
	case "Model", "Track", "MultiTrack":
		return nil, t.fault("geometry", e.Name.Local, "not read", geometryKinds)
	default:
		err = k.d.Skip()
	}
	return shapes, err
}

// tuples are the coordinates of KML: longitude, latitude and perhaps a height,
// with commas between and space behind each.
func (t *table) tuples(text string) ([]float64, error) {
	var flat []float64
	for f := range strings.FieldsSeq(text) {
		parts := strings.Split(f, ",")
		if len(parts) < 2 || len(parts) > 3 {
			return nil, t.fault("coordinates", f, "not a longitude, a latitude and perhaps a height", "8.5,47.4 or 8.5,47.4,400, with space between positions")
		}
		if len(parts) == 3 && parts[2] != "" && strings.Trim(parts[2], "0.") != "" {
			t.heights()
		}
		for _, p := range parts[:2] {
			v, err := strconv.ParseFloat(p, 64)
			if err != nil || v-v != 0 {
				return nil, t.fault("coordinates", f, "not a finite number", "8.5,47.4 or 8.5,47.4,400, with space between positions")
			}
			flat = append(flat, v)
		}
		if len(flat)/2 > t.lim.Vertices {
			return nil, t.fault("geometry", "", fmt.Sprintf("has more than %d positions", t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
		}
	}
	return flat, nil
}

// joined is one geometry of several of a kind, nil of none.
func (t *table) joined(shapes []orb.Geometry) (orb.Geometry, error) {
	if len(shapes) == 0 {
		return nil, nil
	}
	if len(shapes) == 1 {
		return shapes[0], nil
	}
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var areas orb.MultiPolygon
	for _, s := range shapes {
		switch s := s.(type) {
		case orb.Point:
			points = append(points, s)
		case orb.LineString:
			lines = append(lines, s)
		case orb.Polygon:
			areas = append(areas, s)
		}
	}
	switch len(shapes) {
	case len(points):
		return points, nil
	case len(lines):
		return lines, nil
	case len(areas):
		return areas, nil
	}
	return nil, t.fault("geometry", "", "is a collection of geometries of several kinds", geometryKinds)
}
