package data

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/wkt"
)

// wktNames are what columns of well-known text are called, likeliest first.
var wktNames = []string{"wkt", "geometry", "geom", "the_geom"}

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
	if t.source.WKT == "" && !looksWKT(b) {
		t.wkt = -1
		return false
	}
	t.flat = false
	for range t.rows {
		t.addShape(nil)
	}
	return true
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
	text := string(bytes.TrimSpace(b))
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
			g, err = nil, t.fault(field, text, oneLine(fmt.Sprintf("not well-known text: %v", p)), geometryKinds)
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
		if rows.ids {
			s.buf = append(appendCell(s.buf, []byte(l.ID(i))), ',')
		}
		text, err := shape(i)
		if err != nil {
			return fmt.Errorf("write layer %s: row %d (id %s): %w", l.Name, i+1, l.ID(i), err)
		}
		s.buf = append(appendCell(s.buf, text), ',')
		s.buf = append(rows.values(s.buf, i), '\n')
		if s.rest(); s.err != nil {
			return nil
		}
	}
	return nil
}
