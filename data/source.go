// Package data reads layers and writes them: GeoJSON, GeoJSON text sequences,
// newline-delimited GeoJSON and CSV, each plain or gzipped; GeoPackage,
// GeoParquet, zipped shapefiles, FlatGeobuf, TopoJSON, KML, sheets of Excel and
// tables of PostGIS; HTML to look at.
//
// Every input is taken for hostile: limits are on by default, and whatever is
// wrong comes back as an [InputError] that names the file, the feature, the
// field and the value and says what would be accepted. Nothing is repaired, or
// guessed at but the types of columns that have none and the encoding of a text;
// what is guessed, dropped or converted stands in the layer's Notes.
//
// The package opens what a [Source] names and nothing else; whoever fills in a
// Source from a request must take care that it names no file and no database.
package data

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"careshed/geo"
)

// The formats that a Source may name.
const (
	GeoJSON    = "geojson"    // RFC 7946 FeatureCollection or Feature
	GeoJSONSeq = "geojsonseq" // RFC 8142: every feature follows a record separator
	NDJSON     = "ndjson"     // one feature a line
	CSV        = "csv"        // RFC 4180 with a header; comma, semicolon or tab
	GeoPackage = "gpkg"       // OGC 12-128r18
	GeoParquet = "parquet"    // GeoParquet 1.1, or Parquet for a table
	Shapefile  = "shapefile"  // Esri, zipped; read only
	XLSX       = "xlsx"       // a sheet of a workbook of Excel
	FlatGeobuf = "flatgeobuf" // FlatGeobuf 3; read only
	TopoJSON   = "topojson"   // an object of a Topology; read only
	CSVWKT     = "csv-wkt"    // CSV with every shape as well-known text; written only, read as CSV
	KML        = "kml"        // OGC 07-147r2, or KMZ
	HTML       = "html"       // a table for people; written only
)

// Source says where a layer comes from and how its columns are called.
type Source struct {
	File   string // relative to the folder of the catalog
	Format string // one of the formats; "" goes by the ending, .gz left out
	Table  string // of a GeoPackage, workbook or database, or a file in an archive; "" is the only one, or the first sheet
	// PostGIS names a database instead of a file: an environment variable that
	// holds its address, or an address without a password; Table is
	// schema.table. Only a [Catalog] reads it.
	PostGIS string
	ID      string // column or property of the identifier; "" is described at Read
	// Columns of the coordinates. In CSV "" finds them by name; in GeoJSON they
	// are properties that take the place of the geometry.
	Lon, Lat string
	WKT      string // column with shapes as text or WKB; "" finds it by name
	// CRS is the system of the coordinates where the file names none, such as
	// EPSG:27700; "" is WGS84.
	CRS string
	// Encoding of texts, such as cp1250; "" is what the file says, else UTF-8.
	// Decimal and Thousands are the signs in numbers of CSV; "" is a point and
	// none.
	Encoding, Decimal, Thousands string
	// Missing are values that mean "no value", in every column but the ids; nil:
	// none is declared. Units are those of columns, by our names, as [role.Units]
	// lists them.
	Missing []string
	Units   map[string]string
	// Geometry "none" reads a table: coordinate columns stay ordinary columns
	// and GeoJSON geometries are left out.
	Geometry string
	Columns  map[string]string // our names: theirs; other columns keep their name
	Join     *Join             // another table's columns, by key

	Title, Licence, Attribution string
}

// theirs is what the file calls the column of a name.
func (s Source) theirs(name string) string {
	if t, ok := s.Columns[name]; ok {
		return t
	}
	return name
}

// format is the format to read file in.
func (s Source) format(file string) (string, error) {
	switch {
	case (s.Lon == "") != (s.Lat == ""):
		return "", &InputError{File: file, Problem: "only one of lon and lat is named", Accept: "both or none"}
	case s.Decimal != "" && s.Decimal != "." && s.Decimal != ",":
		return "", &InputError{File: file, Field: "decimal", Value: s.Decimal, Problem: "not a sign before decimals", Accept: `"." or ","`}
	case s.Thousands != "" && !slices.Contains(thousandsSigns, s.Thousands):
		return "", &InputError{File: file, Field: "thousands", Value: s.Thousands, Problem: "not a sign between thousands", Accept: `".", ",", "'" or a space`}
	case s.Thousands != "" && s.Thousands == s.Decimal:
		return "", &InputError{File: file, Field: "thousands", Value: s.Thousands, Problem: "the sign before decimals too", Accept: "two signs that differ, such as decimal: \",\" and thousands: \".\""}
	case s.Lon != "" && s.Geometry == "none":
		return "", &InputError{File: file, Problem: "lon and lat are named for a table without geometry", Accept: "either of them"}
	}
	if s.Geometry != "" && s.Geometry != "none" {
		return "", &InputError{File: file, Field: "geometry", Value: s.Geometry,
			Problem: "not a kind of geometry", Accept: `nothing, or "none" for a table`}
	}
	if s.Format == "" {
		if f := readAs(file); f != "" {
			return f, nil
		}
		if u, known := unreadEnding(file); known {
			return "", u.fault(file)
		}
		return "", &InputError{File: file, Problem: "the ending does not tell the format", Accept: readEndings()}
	}
	if f, ok := FormatNamed(s.Format); ok && f.Reads() {
		return f.Name, nil
	}
	return "", &InputError{File: file, Field: "format", Value: s.Format, Problem: "not a known format", Accept: strings.Join(Names(Format.Reads), ", ")}
}

// readEndings lists the endings of what is read.
func readEndings() string {
	var plain, packed []string
	for _, f := range Formats() {
		switch {
		case !f.Reads():
		case f.Gzip:
			packed = append(packed, f.Endings[0])
		case f.Name == Shapefile:
			plain = append(plain, f.Endings[0]+" (a shapefile, or one file of these)")
		default:
			plain = append(append(plain, f.Endings...), f.Also...)
		}
	}
	return strings.Join(packed, ", ") + ", each with or without .gz, " + strings.Join(plain, ", ") + ", or a format by name"
}

// Limits bound what one file may hold. A zero is the default.
type Limits struct {
	Bytes    int64            // after decompression; 4 GiB
	Features int              // or rows; 20 million
	Columns  int              // 1,000
	Cells    int              // features times columns; 250 million
	Depth    int              // of nested JSON; 32
	Vertices int              // of one feature; 5 million
	Text     int              // bytes of one text, and of one row of CSV; 1 MiB
	Formats  map[string]int64 // bytes of a file in one of these formats, if they are less; none
	Tables   bool             // views of GeoPackage are not read: what they compute may have no end
}

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 4 << 30
	}
	for _, d := range []struct {
		limit *int
		value int
	}{
		{&l.Features, 20e6}, {&l.Columns, 1000}, {&l.Cells, 250e6},
		{&l.Depth, 32}, {&l.Vertices, 5e6}, {&l.Text, 1 << 20},
	} {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	return l
}

// Read reads one layer from r, called name in messages; the format goes by
// s.Format or by the ending of name. gzip is recognised by its first bytes.
//
// Column types are found over all rows. A column is Integer if all its values
// are whole numbers up to 2^53, Number if all are finite, Bool if all are true
// or false, else Text with every value as it stands in the file. A leading
// zero or a plus sign makes a text, so 01001 stays what it is, and so does a
// whole number with more digits than a float64 holds. An empty cell, a null
// and a missing property are "no value"; a column with no value is Text.
//
// Identifiers are the column or property s.ID. Without one they are what is
// called so, differs in every row and is nowhere empty: the "id" member of
// features, a column id, a key, a column of [geo.CalledID]; else rows are only
// numbered ([geo.Layer.Identified]). A column that serves as identifier stays a
// field too.
//
// A CSV file has points if s.Lon and s.Lat name columns, or if columns are
// called lon, longitude, lng or long, and lat or latitude, in any case; else
// it is a table. So is GeoJSON without any geometry. A row whose coordinates
// are empty or whose geometry is null is kept, without a location. Columns
// that give the coordinates are no fields unless s.Columns names them.
//
// GeoPackage, GeoParquet, shapefiles and databases have types, which columns
// keep, with titles and units where they were written by [Write]. A column that
// mixes them nevertheless is an error; a whole number beyond 2^53 makes its
// column Text. Dates and times are Text in the form of ISO 8601, bytes are left
// out. The key of a table serves as identifier if there is no column id.
// Coordinates must be degrees of WGS84 or of a system within two metres of it,
// or Web Mercator, which is converted.
//
// A reader that has ReadAt and Size is read in place where the format allows
// it; others are read into memory.
//
// Errors are [*InputError], or the error of ctx. Source.Join needs a second
// file and is carried out by [Catalog.Layer] or [Join.Apply]; here it is
// refused.
func Read(ctx context.Context, r io.Reader, name string, s Source, lim Limits) (*geo.Layer, error) {
	format, err := s.format(name)
	if err != nil {
		return nil, err
	}
	if s.Join != nil {
		return nil, &InputError{File: name, Field: "join", Problem: "cannot be carried out on a single stream", Accept: "a source without join"}
	}
	if s.Thousands == "." && s.Decimal == "" {
		s.Decimal = "," // the sign that is left
	}
	lim = lim.withDefaults()
	t := newTable(name, s, lim)
	if err := t.settle(); err != nil {
		return nil, err
	}
	if err := t.readAs(ctx, r, format); err != nil {
		return nil, err
	}
	l, err := t.layer()
	if err != nil {
		return nil, err
	}
	return inUnits(l, s.Units)
}

// readAs reads a file, or one in an archive, in a format.
func (t *table) readAs(ctx context.Context, r io.Reader, format string) error {
	if most := t.lim.Formats[format]; most > 0 {
		t.lim.Bytes = min(t.lim.Bytes, most)
	}
	t.about.Origin.Format = format
	f, _ := FormatNamed(format)
	return f.read(ctx, r, t)
}

// topologyHead reports whether a document begins as a Topology does.
func topologyHead(head []byte) bool {
	return bytes.HasPrefix(bytes.Join(bytes.Fields(head), nil), []byte(`{"type":"Topology"`))
}

// readText reads CSV, GeoJSON or TopoJSON.
func readText(ctx context.Context, r io.Reader, t *table, format string) error {
	stream, head, err := open(ctx, r, t.name, t.lim.Bytes)
	if err != nil {
		return err
	}
	t.size = stream.size
	in, err := t.transcoded(stream, head)
	if err != nil {
		return err
	}
	switch {
	case format == CSV:
		return readCSV(in, t)
	case format == TopoJSON, format == GeoJSON && topologyHead(head):
		return readTopoJSON(in, t)
	}
	return readGeoJSON(in, t, format)
}
