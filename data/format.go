package data

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"careshed/geo"
)

// Format is a row of the table of formats: a new one is a file and a row.
type Format struct {
	Name    string   // as --format, f and a layer's entry take it
	Title   string   // what a file of it is called in a sentence
	Endings []string // of the names of files that are written in it; a file of a result has the first
	Also    []string // further endings of files that are read as it: what is written is another thing
	Media   string   // its media type
	Shapes  bool     // it is for shapes: a table loses what it is
	Null    bool     // a row may be without a shape nevertheless, as a feature of GeoJSON
	Gzip    bool     // it is read with .gz behind the ending too
	Result  bool     // a run writes results in it
	Enclose bool     // the service offers a layer in it as one file

	write func(io.Writer, *geo.Layer) error    // nil: read only
	whole func(io.Writer, ...*geo.Layer) error // all layers and tables in one file, nil where each has its own
	read  func(context.Context, io.Reader, *table) error
}

// Formats are those that are read or written. A shapefile's ending is that of
// the zip file that holds it.
func Formats() []Format {
	text := func(format string) func(context.Context, io.Reader, *table) error {
		return func(ctx context.Context, r io.Reader, t *table) error { return readText(ctx, r, t, format) }
	}
	return []Format{
		{Name: CSV, Title: "CSV", Endings: []string{".csv"}, Also: []string{".tsv", ".txt"}, Media: "text/csv; charset=utf-8", Gzip: true, Result: true,
			write: sunk(func(s *sink, l *geo.Layer) error { writeCSV(s, l); return nil }), read: text(CSV)},
		{Name: CSVWKT, Title: "CSV with well-known text", Endings: []string{".csv"}, Media: "text/csv; charset=utf-8", Shapes: true, Enclose: true,
			write: sunk(writeCSVWKT)},
		{Name: GeoJSON, Title: "GeoJSON", Endings: []string{".geojson", ".json"}, Media: "application/geo+json", Shapes: true, Null: true, Gzip: true, Result: true,
			write: writeGeoJSONAs(GeoJSON), read: text(GeoJSON)},
		{Name: GeoJSONSeq, Title: "a sequence of GeoJSON features", Endings: []string{".geojsonseq", ".geojsons"}, Media: "application/geo+json-seq",
			Shapes: true, Null: true, Gzip: true, Enclose: true, write: writeGeoJSONAs(GeoJSONSeq), read: text(GeoJSONSeq)},
		{Name: NDJSON, Title: "GeoJSON, a feature a line", Endings: []string{".ndjson", ".geojsonl", ".jsonl"}, Media: "application/x-ndjson",
			Shapes: true, Null: true, Gzip: true, write: writeGeoJSONAs(NDJSON), read: text(NDJSON)},
		{Name: GeoPackage, Title: "a GeoPackage", Endings: []string{".gpkg"}, Media: "application/geopackage+sqlite3", Result: true, Enclose: true,
			write: alone(WriteGeoPackage), whole: WriteGeoPackage, read: readGPKG},
		{Name: GeoParquet, Title: "GeoParquet", Endings: []string{".parquet", ".geoparquet"}, Media: "application/vnd.apache.parquet", Result: true,
			Enclose: true, write: writeParquet, read: readParquet},
		{Name: XLSX, Title: "a workbook of Excel", Endings: []string{".xlsx"}, Also: []string{".xlsm"},
			Media:  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
			Result: true, Enclose: true, write: alone(WriteXLSX), whole: WriteXLSX, read: readXLSX},
		{Name: KML, Title: "KML", Endings: []string{".kml"}, Also: []string{".kmz"}, Media: "application/vnd.google-earth.kml+xml", Shapes: true, Result: true,
			Enclose: true, write: sunk(writeKML), read: readKML},
		{Name: HTML, Title: "a table for people", Endings: []string{".html", ".htm"}, Media: "text/html; charset=utf-8", Result: true,
			write: sunk(func(s *sink, l *geo.Layer) error { writeHTML(s, l); return nil })},
		{Name: Shapefile, Title: "a zipped shapefile, or another file in a ZIP archive", Endings: []string{".zip"}, Media: "application/zip", Shapes: true, read: readZIP},
		{Name: FlatGeobuf, Title: "FlatGeobuf", Endings: []string{".fgb"}, Media: "application/flatgeobuf", read: readFlatGeobuf},
		{Name: TopoJSON, Title: "TopoJSON", Endings: []string{".topojson"}, Media: "application/topojson", Shapes: true, Gzip: true, read: text(TopoJSON)},
	}
}

// Reads and Writes report what can be done with a format; Whole, that one file
// holds all layers and tables.
func (f Format) Reads() bool  { return f.read != nil }
func (f Format) Writes() bool { return f.write != nil }
func (f Format) Whole() bool  { return f.whole != nil }

// FormatNamed is the format of a name.
func FormatNamed(name string) (Format, bool) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return all[i], true
}

// Names are those of the formats for which something holds, in the order of the
// table.
func Names(holds func(Format) bool) (names []string) {
	for _, f := range Formats() {
		if holds(f) {
			names = append(names, f.Name)
		}
	}
	return names
}

// Written are the formats that Write knows.
func Written() []string { return Names(Format.Writes) }

// FormatOf is the format to write a file in by the ending of its name, .gz left
// out; "" if it tells none.
func FormatOf(file string) string {
	return byEnding(file, func(f Format, ending string) bool { return f.Writes() && slices.Contains(f.Endings, ending) })
}

// readAs is the format to read a file in by the ending of its name, "" if it tells
// none.
func readAs(file string) string {
	return byEnding(file, func(f Format, ending string) bool {
		return f.Reads() && (slices.Contains(f.Endings, ending) || slices.Contains(f.Also, ending))
	})
}

// byEnding is the first format that has the ending of a file.
func byEnding(file string, has func(f Format, ending string) bool) string {
	ending := path.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz"))
	for _, f := range Formats() {
		if has(f, ending) {
			return f.Name
		}
	}
	return ""
}

// WriteWhole writes layers and tables into one file of a format that holds them
// all; of a GeoPackage also how each is drawn, by its name.
func WriteWhole(w io.Writer, format string, styles map[string]Style, layers ...*geo.Layer) error {
	if format == GeoPackage {
		return WriteStyledGeoPackage(w, styles, layers...)
	}
	f, ok := FormatNamed(format)
	if !ok || !f.Whole() {
		return fmt.Errorf("write layers: %q holds one layer; accepted: %s", format, strings.Join(Names(Format.Whole), ", "))
	}
	return f.whole(w, layers...)
}

// sunk is a writer into a sink as one into a file, and alone one of many layers
// as one of a single.
func sunk(write func(*sink, *geo.Layer) error) func(io.Writer, *geo.Layer) error {
	return func(w io.Writer, l *geo.Layer) error {
		s := &sink{to: w, buf: make([]byte, 0, sinkSize+4096)}
		if err := write(s, l); err != nil {
			return err
		}
		if s.flush(); s.err != nil {
			return fmt.Errorf("write layer %s: %w", l.Name, s.err)
		}
		return nil
	}
}

func writeGeoJSONAs(format string) func(io.Writer, *geo.Layer) error {
	return sunk(func(s *sink, l *geo.Layer) error { return writeGeoJSON(s, l, format) })
}

func alone(write func(io.Writer, ...*geo.Layer) error) func(io.Writer, *geo.Layer) error {
	return func(w io.Writer, l *geo.Layer) error { return write(w, l) }
}
