package data

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	"careshed/geo"

	"github.com/paulmach/orb"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// WriteGeoPackage writes layers as the tables of one GeoPackage 1.3.1 (OGC
// 12-128r18), each under its name: features with an R-tree where there are
// shapes, attributes where there are none. What it refuses and how it mixes
// polygons with MultiPolygons is as with [Write].
//
// Whole numbers are INTEGER, numbers DOUBLE, truths BOOLEAN, texts TEXT.
// Coordinates keep all their digits. Ids other than row numbers stand in a
// column id. Titles and units are in gpkg_data_columns; the rest of what a
// layer tells of itself, with the names of fields that SQL holds for equal, is
// JSON in gpkg_metadata, from which [Read] has it back.
//
// The file is made in memory, which takes about three times its size. The same
// layers give the same bytes: gpkg_contents dates them all to 1970.
func WriteGeoPackage(w io.Writer, layers ...*geo.Layer) error {
	return WriteStyledGeoPackage(w, nil, layers...)
}

// WriteStyledGeoPackage is WriteGeoPackage with styles by the name of their
// layers, in the table layer_styles in which QGIS looks for them.
func WriteStyledGeoPackage(w io.Writer, styles map[string]Style, layers ...*geo.Layer) error {
	for _, l := range layers {
		if err := finite(l); err != nil {
			return err
		}
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return fmt.Errorf("write GeoPackage: %w", err)
	}
	defer db.Close()
	ctx := context.Background()
	c, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("write GeoPackage: %w", err)
	}
	defer c.Close()
	g := &gpkgWriter{ctx: ctx, conn: c, used: map[string]bool{}, styles: styles}
	g.exec("PRAGMA page_size = 4096")
	g.exec("BEGIN")
	g.exec(gpkgSchema)
	for _, l := range layers {
		if err := g.layer(l); err != nil {
			return err
		}
	}
	g.exec("COMMIT")
	if g.err != nil {
		return fmt.Errorf("write GeoPackage: %w", g.err)
	}
	var file []byte
	err = c.Raw(func(driver any) error {
		s, ok := driver.(interface{ Serialize() ([]byte, error) })
		if !ok {
			return fmt.Errorf("%T cannot be serialized", driver)
		}
		file, err = s.Serialize()
		return err
	})
	if err == nil {
		_, err = w.Write(file)
	}
	if err != nil {
		return fmt.Errorf("write GeoPackage: %w", err)
	}
	return nil
}

// gpkgWriter fills a GeoPackage. Its first error of the database sticks.
type gpkgWriter struct {
	ctx  context.Context
	conn *sql.Conn
	used map[string]bool // names of tables and, for they may not repeat, titles
	n    int             // layers so far
	err  error

	styles map[string]Style
	styled bool // the table of styles is there
}

func (g *gpkgWriter) exec(text string, args ...any) {
	if g.err == nil {
		_, g.err = g.conn.ExecContext(g.ctx, text, args...)
	}
}

// quoted is a name in SQL.
func sqlName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// sqlTypes are the types of columns in GeoPackage by ours.
var sqlTypes = map[geo.Type]string{geo.Integer: "INTEGER", geo.Number: "DOUBLE", geo.Bool: "BOOLEAN", geo.Text: "TEXT"}

// The columns of a table beside the fields, as GDAL calls them.
const gpkgID, gpkgGeometry = "fid", "geom"

func (g *gpkgWriter) layer(l *geo.Layer) error {
	multiple, err := mixed(l)
	if err != nil {
		return err
	}
	g.n++
	name := l.Name
	if name == "" {
		name = "layer"
	}
	for _, reserved := range []string{"gpkg_", "sqlite_", "rtree_"} {
		if strings.HasPrefix(strings.ToLower(name), reserved) {
			name = "layer_" + name
		}
	}
	name = free(g.used, name)
	k := keep(l, gpkgID, gpkgGeometry)

	columns := []string{sqlName(gpkgID) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"}
	marks := "?"
	if !l.IsTable() {
		columns = append(columns, sqlName(gpkgGeometry)+" "+gpkgKind(l, multiple))
		marks += ", ?"
	}
	if k.ID != "" {
		columns = append(columns, sqlName(k.ID)+" TEXT")
		marks += ", ?"
	}
	for i, c := range l.Columns() {
		columns = append(columns, sqlName(k.Fields[i].Column)+" "+sqlTypes[c.Type])
		marks += ", ?"
	}
	g.exec("CREATE TABLE " + sqlName(name) + " (" + strings.Join(columns, ", ") + ")")
	box := g.rows(l, name, marks, k, multiple)
	g.register(l, name, k, gpkgKind(l, multiple), box)
	if s, ok := g.styles[l.Name]; ok && !l.IsTable() {
		g.style(s, l, name, k, gpkgKind(l, multiple))
	}
	return nil
}

// rows writes the rows of a layer and gives the box around them.
func (g *gpkgWriter) rows(l *geo.Layer, name, marks string, k kept, multiple [3]bool) (box orb.Bound) {
	box = nothingInside
	if g.err != nil {
		return box
	}
	insert, err := g.conn.PrepareContext(g.ctx, "INSERT INTO "+sqlName(name)+" VALUES ("+marks+")")
	if err != nil {
		g.err = err
		return box
	}
	defer insert.Close()
	var tree rtree
	var blob sink
	args := make([]any, 0, len(l.Columns())+3)
	for i := range l.Len() {
		args = append(args[:0], i+1)
		if !l.IsTable() {
			var shape any
			if l.Located(i) {
				s := l.Shape(i)
				b := s.Bound()
				box = box.Union(b)
				tree.add(int64(i+1), b)
				blob.buf = appendGPKGHeader(blob.buf[:0], s, b)
				if err := appendWKB(&blob, s, multiple[s.Dimensions()] && single(s)); err != nil {
					g.err = fmt.Errorf("row %d (id %s): %w", i+1, l.ID(i), err)
					return box
				}
				shape = blob.buf
			}
			args = append(args, shape)
		}
		if k.ID != "" {
			args = append(args, l.ID(i))
		}
		for _, c := range l.Columns() {
			args = append(args, c.Value(i))
		}
		if _, err := insert.ExecContext(g.ctx, args...); err != nil {
			g.err = fmt.Errorf("row %d (id %s): %w", i+1, l.ID(i), err)
			return box
		}
	}
	if !l.IsTable() {
		g.rtree(name, &tree)
	}
	return box
}

// nothingInside is the box around nothing.
var nothingInside = orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}

// single reports whether a geometry is of one part by its type.
func single(g orb.Geometry) bool {
	switch g.(type) {
	case orb.Point, orb.LineString, orb.Ring, orb.Polygon, orb.Bound:
		return true
	}
	return false
}

// kindOf is the kind of geometry that all shapes of a layer are written as,
// "Geometry" if they differ.
func kindOf(l *geo.Layer, multiple [3]bool) string {
	kind := ""
	for i := range l.Len() {
		if !l.Located(i) {
			continue
		}
		s := l.Shape(i)
		own := s.GeoJSONType()
		if single(s) && multiple[s.Dimensions()] {
			own = "Multi" + own
		}
		if kind != "" && kind != own {
			return "Geometry"
		}
		kind = own
	}
	if kind == "" && l.Len() == 0 {
		return "Point" // an empty layer of points is all that remains without shapes
	}
	if kind == "" {
		return "Geometry"
	}
	return kind
}

func gpkgKind(l *geo.Layer, multiple [3]bool) string { return strings.ToUpper(kindOf(l, multiple)) }

// appendGPKGHeader appends what stands before the WKB of a shape (clause
// 2.1.3): little-endian, with an envelope unless it is a point, WGS84.
func appendGPKGHeader(b []byte, g orb.Geometry, box orb.Bound) []byte {
	_, point := g.(orb.Point)
	flags := byte(0b011)
	if point {
		flags = 0b001
	}
	b = append(b, 'G', 'P', 0, flags)
	b = binary.LittleEndian.AppendUint32(b, wgs84)
	if !point {
		for _, v := range []float64{box.Min[0], box.Max[0], box.Min[1], box.Max[1]} {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return b
}

const wgs84 = 4326

// register enters a table into the lists of the GeoPackage.
func (g *gpkgWriter) register(l *geo.Layer, name string, k kept, kind string, box orb.Bound) {
	title := name
	if l.Title != "" && !g.used["title "+l.Title] && !g.used[strings.ToLower(l.Title)] {
		title = l.Title
	}
	g.used["title "+title] = true
	contents := "INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, '" + gpkgTime + "', ?, ?, ?, ?, ?)"
	if l.IsTable() {
		g.exec(contents, name, "attributes", title, l.Description, nil, nil, nil, nil, nil)
	} else {
		sides := []any{nil, nil, nil, nil}
		if box.Min[0] <= box.Max[0] {
			sides = []any{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
		}
		g.exec(contents, append(append([]any{name, "features", title, l.Description}, sides...), wgs84)...)
		g.exec("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)", name, gpkgGeometry, kind, wgs84)
		g.exec("INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', 'http://www.geopackage.org/spec131/#extension_rtree', 'write-only')", name, gpkgGeometry)
	}
	if k.ID != "" {
		g.exec("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, 'Identifier', 'identifier of the row', NULL, NULL)", name, k.ID, k.ID)
	}
	for _, f := range k.Fields {
		if f.Title != "" || f.description() != "" {
			g.exec("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", name, f.Column, f.Column, orNull(f.Title), orNull(f.description()))
		}
	}
	if text := k.text(); text != "" {
		g.exec("INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'application/json', ?)", g.n, gpkgKept, text)
		g.exec("INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, '"+gpkgTime+"', ?, NULL)", name, g.n)
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
