package data

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/wkt"
)

// wktNames are what columns of well-known text are called, likeliest first.
var wktNames = []string{"wkt", "geometry", "geom", "the_geom", "shape", "wkb", "wkb_geometry", "geojson", "geo_json", "geog", "geography", "st_astext", "st_asgeojson", "st_asbinary"}

// wktColumn is the column of a header with the shapes: the one that the source
// names, else the first of a usual name whose first value looks like
// well-known text. It is -1 where there is none.
func (t *table) wktColumn() (int, error) {
	switch {
	case t.source.Geometry == "none" || t.source.Lon != "":
		return -1, nil
	case t.source.WKT != "":
		return t.must("wkt", t.source.theirs(t.source.WKT))
	}
	for _, name := range wktNames {
		i := slices.IndexFunc(t.columns, func(c *column) bool { return strings.EqualFold(c.name, name) })
		if i >= 0 {
			return i, nil
		}
	}
	return -1, nil
}

// isShape reports whether the column of well-known text, in which b is the
// value of the row under way, is one. A column that was found by its name only
// turns out by its first value.
func (t *table) isShape(b []byte) bool {
	if !t.flat {
		return true
	}
	if t.source.WKT == "" && !looksShape(b) {
		t.wkt = -1
		return false
	}
	t.flat = false
	for range t.rows {
		t.addShape(nil)
	}
	return true
}

// looksShape reports whether a text is a shape as programs write them into cells:
// well-known text, WKB or EWKB in hexadecimal digits, or GeoJSON.
func looksShape(b []byte) bool { return looksWKT(b) || looksHex(b) || looksGeoJSON(b) }

// looksHex reports whether a text begins as WKB in hexadecimal digits does.
func looksHex(b []byte) bool {
	b = bytes.TrimPrefix(bytes.TrimPrefix(bytes.TrimPrefix(b, []byte("0x")), []byte("\\x")), []byte("X'"))
	if len(b) < 18 || b[0] != '0' || b[1] != '0' && b[1] != '1' {
		return false
	}
	head := make([]byte, 9)
	if _, err := hex.Decode(head, b[:18]); err != nil {
		return false
	}
	code := binary.BigEndian.Uint32(head[1:])
	if head[0] == 1 {
		code = binary.LittleEndian.Uint32(head[1:])
	}
	code &^= ewkbZ | ewkbM | ewkbSRID
	return code%1000 >= 1 && int(code%1000) < len(wkbKinds) && code < 4000
}

// looksGeoJSON reports whether a text begins as a geometry of GeoJSON does.
func looksGeoJSON(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) > 20 && b[0] == '{' && bytes.Contains(b[:min(len(b), 4096)], []byte(`"type"`)) &&
		(bytes.Contains(b, []byte(`"coordinates"`)) || bytes.Contains(b, []byte(`"geometries"`)))
}

// looksWKT reports whether a text begins as well-known text does.
func looksWKT(b []byte) bool {
	word := strings.ToUpper(string(b[:min(len(b), 20)]))
	if strings.HasPrefix(word, "SRID=") {
		return true
	}
	for _, kind := range wkbKinds[1:] {
		if strings.HasPrefix(word, strings.ToUpper(kind)) {
			return true
		}
	}
	return false
}

// textShape reads well-known text, perhaps with SRID=…; in front (EWKT).
func (t *table) textShape(b []byte) (g orb.Geometry, err error) {
	field := t.columns[t.wkt].name
	b = bytes.TrimSpace(b)
	t.crs = t.base
	switch {
	case looksHex(b):
		return t.hexShape(b, field)
	case len(b) > 0 && b[0] == '{':
		v := jsontext.Value(bytes.Clone(b))
		if !v.IsValid() || depth(v) > t.lim.Depth {
			return nil, t.fault(field, string(b), "not GeoJSON of a geometry", geometryKinds)
		}
		return t.geometry(v)
	}
	text := string(b)
	if rest, ok := strings.CutPrefix(strings.ToUpper(text[:min(len(text), 5)]), "SRID="); ok && rest == "" {
		srid, shape, found := strings.Cut(text[5:], ";")
		code, err := strconv.Atoi(strings.TrimSpace(srid))
		if !found || err != nil {
			return nil, t.fault(field, text, "has no number and semicolon behind SRID=", "SRID=4326;POINT (8.5 47.4)")
		}
		if err := t.srid(field, code); err != nil {
			return nil, err
		}
		text = shape
	}
	defer func() {
		if p := recover(); p != nil { // go-geom panics on some nonsense
			g, err = nil, t.fault(field, text, "not well-known text", geometryKinds)
		}
	}()
	decoded, err := wkt.Unmarshal(text)
	if err != nil {
		return nil, t.fault(field, text, "not well-known text: "+oneLine(strings.SplitN(err.Error(), "\n", 2)[0]), "such as POINT (8.5 47.4), of "+geometryKinds)
	}
	if _, ok := decoded.(*geom.GeometryCollection); ok && !decoded.Empty() {
		return nil, t.fault(field, text, "a geometry collection, which is not read", geometryKinds)
	}
	return t.shapeOf(decoded)
}

// hexShape reads WKB or EWKB in hexadecimal digits.
func (t *table) hexShape(b []byte, field string) (orb.Geometry, error) {
	digits := bytes.TrimPrefix(bytes.TrimPrefix(b, []byte("0x")), []byte("\\x"))
	if rest, ok := bytes.CutPrefix(digits, []byte("X'")); ok {
		digits = bytes.TrimSuffix(rest, []byte("'"))
	}
	binary := make([]byte, len(digits)/2)
	if n, err := hex.Decode(binary, digits); err != nil || n != len(binary) || len(digits)%2 != 0 {
		return nil, t.fault(field, string(b), "not WKB in hexadecimal digits", "whole WKB or EWKB, two digits a byte")
	}
	if err := t.srid(field, sridOf(binary)); err != nil {
		return nil, err
	}
	g, _, err := t.binaryShape(binary)
	return g, err
}

// unseenShapes notes what looks like shapes or coordinates in a layer that turned
// out to be a table.
func (t *table) unseenShapes(columns []geo.Column) {
	if t.source.Geometry == "none" || t.shaped || t.rows == 0 {
		return
	}
	names := map[string]string{}
	for _, c := range columns {
		names[lettersOf(c.Name)] = c.Name
		if c.Type != geo.Text {
			continue
		}
		if _, words := c.Codes(); len(words) > 0 && looksShape([]byte(words[0])) && (looksHex([]byte(words[0])) || strings.ContainsAny(words[0], "({")) {
			t.note("The column " + plain(c.Name) + " looks like shapes and was not read as such; wkt: " + plain(c.Name) + " reads it.")
		} else if looksPairs(words) {
			t.note("The column " + plain(c.Name) + " looks like pairs of coordinates (" + plain(words[0]) + ") and was not read as such: a column of each, lon and lat, is, or one called wkt of points such as POINT (9.19 45.46), the longitude first.")
		}
	}
	for _, pair := range [][2]string{{"easting", "northing"}, {"eastings", "northings"}, {"coordx", "coordy"}, {"xetrs89", "yetrs89"}, {"lambertx", "lamberty"},
		{"lambx", "lamby"}, {"rechtswert", "hochwert"}, {"geox", "geoy"}, {"este", "norte"}, {"gkrw", "gkhw"},
		{"längengrad", "breitengrad"}, {"laengengrad", "breitengrad"}, {"longitud", "latitud"}, {"longitudine", "latitudine"},
		{"decimallongitude", "decimallatitude"}, {"intptlon", "intptlat"}, {"intptlong", "intptlat"}, {"lngwgs84", "latwgs84"}} {
		if x, y := names[pair[0]], names[pair[1]]; x != "" && y != "" {
			t.note(fmt.Sprintf("The columns %s and %s look like coordinates and were not read as such; lon: %s and lat: %s read them, with crs: for a system other than WGS84.", plain(x), plain(y), plain(x), plain(y)))
		}
	}
}

// looksPairs reports whether texts are two numbers with decimals each, as 45.4642, 9.19 is.
func looksPairs(words []string) bool {
	for _, w := range words[:min(len(words), 100)] {
		parts := strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune(",; ()[]", r) })
		if len(parts) != 2 {
			return false
		}
		for _, p := range parts {
			v, err := strconv.ParseFloat(p, 64)
			if err != nil || !strings.Contains(p, ".") || !(math.Abs(v) <= 180) {
				return false
			}
		}
	}
	return len(words) > 0
}

// writeCSVWKT writes a layer as CSV with its shapes as well-known text, all
// digits kept, in a column wkt behind the id.
func writeCSVWKT(s *sink, l *geo.Layer) error {
	multiple, err := mixed(l)
	if err != nil {
		return err
	}
	rows := &csvRows{layer: l, ids: l.Identified()}
	if rows.ids {
		rows.front = []string{"id"}
	}
	rows.front = append(rows.front, "wkt")
	rows.choose(rows.front...)
	encoder := wkt.NewEncoder()
	shape := func(i int) ([]byte, error) {
		if !l.Located(i) {
			return nil, nil
		}
		g := l.Shape(i)
		text, err := encoder.Encode(toGeom(g, multiple[g.Dimensions()] && single(g)))
		return []byte(text), err
	}
	s.buf = rows.Head(s.buf)
	for i := range l.Len() {
		from := len(s.buf)
		if rows.ids {
			s.buf = append(appendCell(s.buf, []byte(l.ID(i))), ',')
		}
		text, err := shape(i)
		if err != nil {
			return fmt.Errorf("write layer %s: row %d (id %s): %w", l.Name, i+1, l.ID(i), err)
		}
		s.buf = append(appendCell(s.buf, text), ',')
		s.buf = endLine(rows.values(s.buf, i), from)
		if s.rest(); s.err != nil {
			return nil
		}
	}
	return nil
}
