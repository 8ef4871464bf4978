package data

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strings"
)

// unread is a kind of file that people have and that is not read, with what makes
// one of it that is.
type unread struct {
	endings []string
	what    string // with its article
	instead string // a command, or what to choose in the program that wrote it
}

// unreads are the kinds of files of this field that are not read, by their endings.
var unreads = []unread{
	{[]string{".xls", ".xlt"}, "a workbook of Excel as it was before 2007, or a page that is called so", "open it and save it as .xlsx or CSV"},
	{[]string{".xlsb"}, "a binary workbook of Excel", "open it and save it as .xlsx or CSV"},
	{[]string{".ods", ".fods"}, "a sheet of LibreOffice", "soffice --convert-to xlsx, or save it as .xlsx"},
	{[]string{".numbers"}, "a sheet of Numbers", "export it as .xlsx or CSV"},
	{[]string{".gml"}, "GML", "ogr2ogr out.gpkg in.gml"},
	{[]string{".gpx"}, "GPX", "ogr2ogr out.gpkg in.gpx waypoints"},
	{[]string{".osm"}, "OpenStreetMap XML", "ogr2ogr out.gpkg in.osm points for places; osmium cat in.osm -o out.osm.pbf for roads"},
	{[]string{".pbf"}, "an extract of OpenStreetMap", "careshed roads build makes a road network of it; ogr2ogr out.gpkg in.osm.pbf points for places"},
	{[]string{".px"}, "PX of a statistical office", "choose CSV or Excel where it was downloaded"},
	{[]string{".sav", ".dta", ".sas7bdat", ".por"}, "a file of SPSS, Stata or SAS", "haven of R reads it, and write.csv writes CSV"},
	{[]string{".rds", ".rda", ".rdata"}, "a file of R", "sf::st_write(x, \"out.gpkg\") or write.csv"},
	{[]string{".feather", ".arrow", ".arrows"}, "Arrow", "pyarrow.parquet.write_table writes Parquet"},
	{[]string{".shp", ".dbf", ".shx", ".prj", ".cpg"}, "a part of a shapefile", "the parts in one ZIP archive (.zip)"},
	{[]string{".sqlite", ".db", ".sqlite3"}, "a database of SQLite", "ogr2ogr out.gpkg in.sqlite"},
	{[]string{".gdb", ".mdb", ".accdb"}, "a database of Esri or Access", "ogr2ogr out.gpkg in.gdb"},
	{[]string{".tab", ".mif", ".mid"}, "a table of MapInfo", "ogr2ogr out.gpkg in.tab"},
	{[]string{".dxf", ".dwg"}, "a drawing", "ogr2ogr out.gpkg in.dxf, or -lco GEOMETRY=AS_WKT for CSV"},
	{[]string{".tif", ".tiff", ".nc", ".asc", ".vrt", ".img"}, "a grid of cells", "gdal_translate -of XYZ writes its cells as rows, or gdal_polygonize.py as shapes"},
	{[]string{".mbtiles", ".pmtiles", ".mvt"}, "map tiles, whose shapes are cut and rounded", "the layer from which they were made"},
	{[]string{".qgz", ".qgs", ".lyrx", ".aprx", ".mxd"}, "a project, which names layers and holds none", "the layers that it names"},
	{[]string{".pdf", ".doc", ".docx", ".odt", ".rtf"}, "a text", "its table as CSV or .xlsx"},
	{[]string{".xml"}, "XML", "CSV or Excel where it was downloaded; ogr2ogr out.gpkg in.xml if it is GML"},
	{[]string{".xz", ".bz2", ".7z", ".rar", ".tar", ".tgz", ".zst"}, "a packed file", "unpack it, or pack it with gzip or as .zip"},
}

// unreadEnding is what a file is that is not read, by the ending of its name.
func unreadEnding(file string) (unread, bool) {
	ending := path.Ext(strings.TrimSuffix(strings.ToLower(file), ".gz"))
	k := slices.IndexFunc(unreads, func(u unread) bool { return slices.Contains(u.endings, ending) })
	if ending == "" || k < 0 {
		return unread{}, false
	}
	return unreads[k], true
}

// others are the first bytes of files that are no text, or none that is read, each with
// what the file is and what makes it readable, "" where that depends on who asks.
var others = []struct{ magic, what, instead string }{
	{"PK\x03\x04", "a ZIP archive (a spreadsheet or a zipped shapefile)", "GeoJSON or CSV in UTF-8; a zipped shapefile with the ending .zip or format shapefile"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook of Excel as it was before 2007, or one with a password", "a workbook that was saved as .xlsx without a password, or CSV"},
	{"SQLite format 3\x00", "an SQLite database or GeoPackage", "a GeoPackage with the ending .gpkg or format gpkg"},
	{"PAR1\x15", "Parquet", "Parquet with the ending .parquet or format parquet"},
	{"ARROW1\x00\x00", "Arrow", "Parquet, as pyarrow.parquet.write_table writes it"},
	{"\x00\x00\x27\x0a", "a .shp file", "a shapefile in a ZIP archive: .shp, .dbf, .prj and .cpg"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd", ""},
	{"BZh91AY&SY", "compressed with bzip2", ""},
	{"\xfd7zXZ\x00", "compressed with xz", ""},
	{"7z\xbc\xaf\x27\x1c", "an archive of 7-Zip", ""},
	{"Rar!\x1a\x07", "an archive of RAR", ""},
	{"%PDF-", "a PDF", "its table as CSV or .xlsx"},
	{"<?xml", "XML", ""},
	{"fgb\x03fgb", "FlatGeobuf", ""},
	{"<!", "HTML or XML", ""},
	{"<html", "HTML", ""},
	{"version https://git-lfs.github.com/spec/", gitPointer, "the file: fetch it with git lfs pull"},
	{"version https://hawser.github.com/spec/", gitPointer, "the file: fetch it with git lfs pull"},
	{"oid sha256:", gitPointer, "the file: fetch it with git lfs pull"},
	{"/annex/objects/", annexPointer, "the file: fetch it with git annex get"},
	{"../.git/annex/objects/", annexPointer, "the file: fetch it with git annex get"},
	{"outs:\n- md5:", dvcPointer, "the file: fetch it with dvc pull"},
	{"outs:\n- hash:", dvcPointer, "the file: fetch it with dvc pull"},
}

const (
	gitPointer   = "a pointer of Git LFS, not the file itself"
	annexPointer = "a pointer of git-annex, not the file itself"
	dvcPointer   = "a pointer of DVC, not the file itself"
)

// pointer is what a file is whose first bytes are those of a pointer into a
// store of large files, "" if they are not.
func pointer(head []byte) string {
	for _, o := range others {
		if strings.Contains(o.what, "a pointer of") && bytes.HasPrefix(head, []byte(o.magic)) {
			return o.what
		}
	}
	return ""
}

// otherBytes is the error of a file whose first bytes are those of another kind, nil of
// any else. accept is what it could be where nothing better is known.
func otherBytes(file string, head []byte, accept string) error {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(mark)), " \r\n\t")
	for _, o := range others {
		if bytes.HasPrefix(head, []byte(o.magic)) || o.magic[0] == '<' && bytes.HasPrefix(text, []byte(o.magic)) {
			return &InputError{File: file, Problem: "is " + o.what, Accept: cmp.Or(o.instead, accept)}
		}
	}
	return nil
}

// documents are kinds of JSON that are no GeoJSON, each with members that tell it.
var documents = []struct {
	members []string
	unread
}{
	{[]string{"geometryType", "features"}, unread{what: "Esri JSON", instead: "f=geojson in the address of the service in place of f=json, or ogr2ogr -t_srs EPSG:4326 out.geojson in.json"}},
	{[]string{"osm3s", "elements"}, unread{what: "an answer of Overpass", instead: "Export as GeoJSON in overpass turbo, or [out:csv(::id, name, ::lon, ::lat)] in the query"}},
	{[]string{"class", "dimension"}, unread{what: "JSON-stat", instead: "CSV where it was downloaded (Eurostat: format=SDMX-CSV)"}},
	{[]string{"dimension", "value"}, unread{what: "JSON-stat", instead: "CSV where it was downloaded (Eurostat: format=SDMX-CSV)"}},
	{[]string{"columns", "data"}, unread{what: "a table as pandas writes with orient split", instead: "CSV (to_csv), or to_json with orient=\"records\""}},
	{[]string{"head", "results"}, unread{what: "an answer of SPARQL", instead: "CSV where it was downloaded"}},
}

// unreadDocument is what a JSON object is that is no GeoJSON, by the names of its members.
func unreadDocument(members []string) (unread, bool) {
	for _, d := range documents {
		if !slices.ContainsFunc(d.members, func(m string) bool { return !slices.Contains(members, m) }) {
			return d.unread, true
		}
	}
	return unread{}, false
}

// fault says what the file is and what would be read in its place.
func (u unread) fault(file string) error {
	return &InputError{File: file, Problem: "is " + u.what + ", which is not read", Accept: u.instead}
}
