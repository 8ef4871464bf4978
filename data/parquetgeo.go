package data

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/paulmach/orb"
)

const acceptGeoParquet = "GeoParquet 1.0, 1.1 or 2.0"

// parquetGeo is the column with the geometry: its name, "" for none, and how
// its positions nest, nil for WKB.
type parquetGeo struct {
	name   string
	nested *nestedShape
}

// geoColumn finds the column with the geometry and takes its system. It stands
// in the metadata of GeoParquet, in the type of the column itself (GEOMETRY and
// GEOGRAPHY of Parquet), or in both, and then it must be one system.
func (t *table) geoColumn(f *parquet.File) (parquetGeo, error) {
	native := map[string]string{} // the systems of columns that are shapes by their type
	first := ""
	for _, c := range f.Root().Columns() {
		crs, ok := nativeCRS(c)
		if !ok {
			continue
		}
		if native[c.Name()] = crs; first == "" {
			first = c.Name()
		}
	}
	text, ok := f.Lookup("geo")
	if name := t.source.theirs(t.source.WKT); t.source.WKT != "" {
		c := f.Root().Column(name)
		if c == nil || !c.Leaf() {
			_, err := t.must("wkt", name)
			return parquetGeo{}, err
		}
		if c.Type().Kind() == parquet.ByteArray && !isText(c) {
			return parquetGeo{name: name}, t.parquetCRS(f, nil, native[name])
		}
	}
	if !ok {
		if first == "" {
			return parquetGeo{}, nil
		}
		t.spherical(f, first)
		return parquetGeo{name: first}, t.parquetCRS(f, nil, native[first])
	}
	var g geoParquet
	if json.Unmarshal([]byte(text), &g) != nil {
		return parquetGeo{}, &InputError{File: t.name, Field: "geo", Value: text, Problem: "not metadata of GeoParquet", Accept: acceptGeoParquet}
	}
	c, ok := g.Columns[g.Primary]
	if !ok {
		return parquetGeo{}, &InputError{File: t.name, Field: "geo", Problem: "does not describe the primary column " + quote(g.Primary), Accept: acceptGeoParquet}
	}
	found := parquetGeo{name: g.Primary}
	if !strings.EqualFold(c.Encoding, "WKB") {
		depth, known := nestedDepths[strings.ToLower(strings.TrimPrefix(c.Encoding, "geoarrow."))]
		if !known {
			return parquetGeo{}, &InputError{File: t.name, Field: "encoding", Value: c.Encoding, Problem: "not read",
				Accept: "WKB, or point, linestring, polygon and the multiple ones; convert with: ogr2ogr -lco GEOMETRY_ENCODING=WKB"}
		}
		found.nested = &nestedShape{kind: strings.ToLower(strings.TrimPrefix(c.Encoding, "geoarrow.")), depth: depth}
	}
	if c.Edges == "spherical" {
		t.note(sphericalEdges)
	} else {
		t.spherical(f, g.Primary)
	}
	return found, t.parquetCRS(f, c.CRS, native[g.Primary])
}

const sphericalEdges = "Edges are great circles in the file; they are taken for straight lines in degrees."

// spherical notes that a column of GEOGRAPHY has edges on the sphere.
func (t *table) spherical(f *parquet.File, name string) {
	if c := f.Root().Column(name); c != nil {
		if l := logical(c); l != nil {
			if _, is := l.Value.(*format.GeographyType); is {
				t.note(sphericalEdges)
			}
		}
	}
}

// nativeCRS is the system of a column that is of shapes by its type, "" for the
// default.
func nativeCRS(c *parquet.Column) (string, bool) {
	if l := logical(c); l != nil {
		switch g := l.Value.(type) {
		case *format.GeometryType:
			return g.CRS, true
		case *format.GeographyType:
			return g.CRS, true
		}
	}
	return "", false
}

// parquetCRS takes the system that the metadata and the type of the column name,
// each of which may be silent. "null" and "srid:0" say that it is not known.
func (t *table) parquetCRS(f *parquet.File, key json.RawMessage, native string) error {
	var ofKey, ofColumn *system
	unknown := false
	switch {
	case len(key) == 0:
	case string(key) == "null":
		unknown = true
	case key[0] == '"':
		var text string
		if json.Unmarshal(key, &text) == nil {
			ofKey = systemOfText(text)
		}
	default:
		ofKey = systemOfText(string(key))
	}
	switch name, inFile := strings.CutPrefix(native, "projjson:"); {
	case native == "":
	case native == "srid:0":
		unknown = unknown || ofKey == nil
	case inFile:
		text, ok := f.Lookup(name)
		if !ok {
			return &InputError{File: t.name, Field: "crs", Value: native, Problem: "a name that the metadata of the file do not have", Accept: acceptCRS}
		}
		ofColumn = systemOfText(text)
	default:
		ofColumn = systemOfText(native)
	}
	switch {
	case ofKey != nil && ofColumn != nil && ofKey.problem == "" && ofColumn.problem == "" && !ofKey.same(ofColumn):
		return &InputError{File: t.name, Field: "crs", Value: ofColumn.title(), Problem: "in the type of the column, but " + plain(ofKey.title()) + " in the metadata of GeoParquet",
			Accept: "one system in both"}
	case ofKey != nil && ofColumn != nil && ofKey.problem != "":
		return t.declared("crs", ofColumn)
	case ofKey != nil:
		t.explicit = true
		return t.declared("crs", ofKey)
	case ofColumn != nil:
		t.explicit = true
		return t.declared("crs", ofColumn)
	case unknown:
		return t.undeclared("The file says that its coordinate reference system is not known")
	}
	return nil // OGC:CRS84
}

// embedded looks at the system that EWKB names within a column that may name
// one itself.
func (t *table) embedded(code int) error {
	if code == 0 {
		t.crs = t.base
		return nil
	}
	if t.explicit {
		s := wgs84Degrees("EPSG:4326", false)
		if t.base != nil {
			s = t.base.s
		}
		of := systemOfCode("EPSG", fmt.Sprint(code))
		if of.problem != "" || !of.same(s) && (t.base != nil || t.use(of) != "" || t.crs != nil) {
			return t.fault("geometry", fmt.Sprintf("SRID=%d", code), "not the system of the column, "+plain(s.title()), "one system in both")
		}
		t.crs = t.base
		return nil
	}
	return t.srid("geometry", code)
}

// nestedDepths are the encodings of positions in lists by how deep they nest.
var nestedDepths = map[string]int{"point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2, "multipolygon": 3}

// nestedShape reads shapes of one kind whose positions stand in columns of x and
// y (the native encodings of GeoParquet 1.1).
type nestedShape struct {
	kind   string
	depth  int // of the lists
	x, y   int // the columns
	most   int // definition level of a position
	xs, ys parquetCursor
	held   [2]parquet.Value // the first of the next row
	has    bool

	flat  []float64
	ends  []int   // of lines or rings, in flat
	parts [][]int // of polygons
}

// nestedShape finds the columns of x and y under the column of the shapes.
func (t *table) nestedShape(c *parquet.Column, n *nestedShape) (parquetLeaf, error) {
	fault := &InputError{File: t.name, Field: c.Name(), Problem: "does not have the columns x and y that its encoding " + n.kind + " asks for",
		Accept: "GeoParquet 1.1; convert with: ogr2ogr -lco GEOMETRY_ENCODING=WKB"}
	for range 2*n.depth + 1 {
		if c.Column("x") != nil {
			break
		}
		if len(c.Columns()) != 1 {
			return parquetLeaf{}, fault
		}
		c = c.Columns()[0]
	}
	x, y := c.Column("x"), c.Column("y")
	if x == nil || y == nil || !x.Leaf() || !y.Leaf() || x.Type().Kind() != parquet.Double || y.Type().Kind() != parquet.Double ||
		x.MaxRepetitionLevel() != n.depth || x.MaxDefinitionLevel() != y.MaxDefinitionLevel() || y.MaxRepetitionLevel() != n.depth {
		return parquetLeaf{}, fault
	}
	if c.Column("z") != nil || c.Column("m") != nil {
		t.heights()
	}
	n.x, n.y, n.most = x.Index(), y.Index(), x.MaxDefinitionLevel()
	return parquetLeaf{nested: n}, nil
}

// next reads the positions of the next row. Of the last row of a row group the
// end is that of the columns.
func (n *nestedShape) next(t *table, last bool) error {
	n.flat, n.ends, n.parts = n.flat[:0], n.ends[:0], n.parts[:0]
	for first := true; ; first = false {
		var err error
		if !n.has {
			if n.held[0], err = n.xs.next(); err == nil {
				n.held[1], err = n.ys.next()
			}
			if err != nil && last && !first {
				return nil // as checkPages has counted, all are read
			}
			if err != nil {
				return err
			}
			n.has = true
		}
		x, y := n.held[0], n.held[1]
		if x.RepetitionLevel() != y.RepetitionLevel() || x.IsNull() != y.IsNull() || first && x.RepetitionLevel() != 0 {
			return t.notParquet("has columns x and y that do not match")
		}
		if !first && x.RepetitionLevel() == 0 {
			return nil
		}
		n.has = false
		if x.IsNull() || x.DefinitionLevel() < n.most {
			continue
		}
		n.position(x.RepetitionLevel())
		if len(n.flat)/2 > t.lim.Vertices {
			return t.fault("geometry", "", fmt.Sprintf("has more than %d positions", t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
		}
		n.flat = append(n.flat, x.Double(), y.Double())
	}
}

// position begins what begins with a position of a repetition level.
func (n *nestedShape) position(level int) {
	at := len(n.flat)
	switch {
	case n.depth == 2 && level < 2 && at > 0:
		n.ends = append(n.ends, at)
	case n.depth == 3 && level < 3 && at > 0:
		n.ends = append(n.ends, at)
		if level < 2 {
			n.parts = append(n.parts, append([]int(nil), n.ends...))
			n.ends = n.ends[:0]
		}
	}
}

// shape is the shape of the row.
func (n *nestedShape) shape(t *table) (orb.Geometry, error) {
	if len(n.flat) == 0 || n.kind == "point" && n.flat[0] != n.flat[0] {
		return nil, nil
	}
	c := caster{t: t, flat: n.flat, stride: 2, left: t.lim.Vertices}
	end := len(n.flat)
	var shape orb.Geometry
	switch n.kind {
	case "point":
		shape = c.point(0)
	case "linestring":
		shape = c.line(0, end)
	case "multipoint":
		shape = orb.MultiPoint(c.points(0, end))
	case "polygon":
		shape, _ = c.polygon(0, append(n.ends, end))
	case "multilinestring":
		var lines orb.MultiLineString
		from := 0
		for _, to := range append(n.ends, end) {
			lines = append(lines, c.line(from, to))
			from = to
		}
		shape = lines
	case "multipolygon":
		var polygons orb.MultiPolygon
		from := 0
		for _, ends := range append(n.parts, append(n.ends, end)) {
			var p orb.Polygon
			p, from = c.polygon(from, ends)
			polygons = append(polygons, p)
		}
		shape = polygons
	}
	if c.err != nil {
		return nil, c.err
	}
	return shape, nil
}

// bytesColumn notes that a column of bytes is left out, and more where they are
// shapes that the file does not describe.
func (t *table) bytesColumn(f *parquet.File, c *parquet.Column, in random) {
	name := plain(c.Name())
	if c.Type().Kind() == parquet.ByteArray && t.source.Geometry != "none" {
		if v, ok := t.firstValue(f, c, in); ok && len(v) >= 9 && v[0] <= 1 {
			survey := wkbSurvey{b: v, left: t.lim.Vertices, most: t.lim.Vertices}
			if survey.geometry(0); survey.problem == "" && survey.i == len(v) {
				t.note("The column " + name + " looks like shapes (WKB), but the file does not describe them: it has no metadata of GeoParquet (geo) and no column of type GEOMETRY. It was left out; wkt: " + name + " reads it.")
				return
			}
		}
	}
	t.note("The column " + name + " holds bytes and was left out.")
}

// firstValue is the first value of a column, looking at one page at most.
func (t *table) firstValue(f *parquet.File, c *parquet.Column, in random) ([]byte, bool) {
	groups := f.RowGroups()
	if len(groups) == 0 || c.Index() >= len(groups[0].ColumnChunks()) || c.Index() >= len(f.Metadata().RowGroups[0].Columns) ||
		t.checkPages(in, &f.Metadata().RowGroups[0].Columns[c.Index()].MetaData, groups[0].NumRows(), false) != nil {
		return nil, false
	}
	pages := groups[0].ColumnChunks()[c.Index()].Pages()
	defer pages.Close()
	page, err := pages.ReadPage()
	if err != nil {
		return nil, false
	}
	values := make([]parquet.Value, 64)
	n, _ := page.Values().ReadValues(values)
	for _, v := range values[:n] {
		if !v.IsNull() {
			return v.ByteArray(), true
		}
	}
	return nil, false
}
