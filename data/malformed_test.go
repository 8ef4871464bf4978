package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// malformed are inputs with the error that each must give.
var malformed = []struct {
	name, file, input string
	source            Source
	limits            Limits
	want              string
}{
	// Every format.
	{name: "empty CSV", file: "a.csv", input: "",
		want: "a.csv: is empty; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "empty GeoJSON", file: "a.geojson", input: "",
		want: "a.geojson: is empty; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "empty sequence", file: "a.geojsonseq", input: "",
		want: "a.geojsonseq: is empty; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "only a byte order mark", file: "a.csv", input: "\ufeff",
		want: "a.csv: is empty; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "empty inside gzip", file: "a.csv.gz", input: gz(""),
		want: "a.csv.gz: is empty; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "unknown ending", file: "a.xyz", input: "x",
		want: "a.xyz: the ending does not tell the format; accepted: .csv, .geojson, .geojsonseq, .ndjson, .topojson, each with or without .gz, .gpkg, .parquet, .geoparquet, .xlsx, .xlsm, .kml, .kmz, .zip (a shapefile, or one file of these), .fgb, or a format by name"},
	{name: "a sheet of LibreOffice", file: "a.ods", input: "x",
		want: "a.ods: is a sheet of LibreOffice, which is not read; accepted: soffice --convert-to xlsx, or save it as .xlsx"},
	{name: "an old workbook by its bytes", file: "a.csv", input: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00",
		want: "a.csv: is a workbook of Excel as it was before 2007, or one with a password; accepted: a workbook that was saved as .xlsx without a password, or CSV"},
	{name: "the same called as a new one", file: "a.xlsx", input: "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00",
		want: "a.xlsx: is a workbook of Excel as it was before 2007, or one with a password; accepted: a workbook that was saved as .xlsx without a password, or CSV"},
	{name: "a page behind a byte order mark", file: "a.csv", input: "\ufeff\n<!DOCTYPE html>\n<html></html>",
		want: "a.csv: is HTML or XML; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "Esri JSON", file: "a.json", input: `{"geometryType":"esriGeometryPoint","features":[{"attributes":{"N":1},"geometry":{"x":9,"y":45}}]}`,
		want: "a.json: is Esri JSON, which is not read; accepted: f=geojson in the address of the service in place of f=json, or ogr2ogr -t_srs EPSG:4326 out.geojson in.json"},
	{name: "Overpass", file: "a.json", input: `{"version":0.6,"osm3s":{},"elements":[{"type":"node","id":1,"lat":45,"lon":9}]}`,
		want: "a.json: is an answer of Overpass, which is not read; accepted: Export as GeoJSON in overpass turbo, or [out:csv(::id, name, ::lon, ::lat)] in the query"},
	{name: "JSON-stat", file: "a.json", input: `{"version":"2.0","class":"dataset","dimension":{},"value":[1]}`,
		want: "a.json: is JSON-stat, which is not read; accepted: CSV where it was downloaded (Eurostat: format=SDMX-CSV)"},
	{name: "lines of title", file: "a.csv", input: "Kreise\nname,pop\nx,1\n",
		want: "a.csv: line 2: has 2 cells, the header has 1; accepted: as many cells in every row, with quotes around a cell that holds a separator; if lines of title stand before the names of the columns, take them away"},
	{name: "unknown format", file: "a.csv", input: "x", source: Source{Format: "shp"},
		want: `a.csv: format is "shp": not a known format; accepted: csv, geojson, geojsonseq, ndjson, gpkg, parquet, xlsx, kml, shapefile, flatgeobuf, topojson`},
	{name: "unknown geometry", file: "a.csv", input: "x", source: Source{Geometry: "wkt"},
		want: `a.csv: geometry is "wkt": not a kind of geometry; accepted: nothing, or "none" for a table`},
	{name: "lon without lat", file: "a.csv", input: "x", source: Source{Lon: "x"},
		want: "a.csv: only one of lon and lat is named; accepted: both or none"},
	{name: "lon with no geometry", file: "a.csv", input: "x", source: Source{Lon: "x", Lat: "y", Geometry: "none"},
		want: "a.csv: lon and lat are named for a table without geometry; accepted: either of them"},
	{name: "join on a stream", file: "a.csv", input: "x", source: Source{Join: &Join{}},
		want: "a.csv: join cannot be carried out on a single stream; accepted: a source without join"},
	{name: "spreadsheet", file: "a.csv", input: "PK\x03\x04\x14\x00",
		want: "a.csv: is a ZIP archive (a spreadsheet or a zipped shapefile); accepted: GeoJSON or CSV in UTF-8; a zipped shapefile with the ending .zip or format shapefile"},
	{name: "GeoPackage", file: "a.geojson", input: "SQLite format 3\x00 and so on",
		want: "a.geojson: is an SQLite database or GeoPackage; accepted: a GeoPackage with the ending .gpkg or format gpkg"},
	{name: "web page", file: "a.geojson", input: "<!DOCTYPE html><title>404</title>",
		want: "a.geojson: is HTML or XML; accepted: GeoJSON or CSV in UTF-8, plain or gzipped"},
	{name: "cut gzip", file: "a.csv.gz", input: gz("lon,lat\n1,2\n")[:30],
		want: "a.csv.gz: line 3: the file ends in the middle; accepted: a whole file"},
	{name: "cut gzip header", file: "a.csv.gz", input: gz("lon,lat\n1,2\n")[:5],
		want: "a.csv.gz: the file ends in the middle; accepted: a whole file"},
	{name: "cut gzip of JSON", file: "a.geojson.gz", input: gz(collection(feature1))[:60],
		want: "a.geojson.gz: feature 1: the file ends in the middle; accepted: a whole file"},
	{name: "cut gzip of a sequence", file: "a.ndjson.gz", input: gz(feature1)[:60],
		want: "a.ndjson.gz: feature 1: the file ends in the middle; accepted: a whole file"},
	{name: "damaged gzip", file: "a.csv.gz", input: damaged(gz("lon,lat\n1,2\n")),
		want: "a.csv.gz: line 3: damaged gzip data; accepted: a whole gzip file"},
	{name: "gzip bomb", file: "a.csv.gz", input: gz("a\n" + strings.Repeat("1\n", 1<<20)), limits: Limits{Bytes: 1 << 20},
		want: "a.csv.gz: line 524289: holds more than 1048576 bytes after decompression; accepted: a smaller file, or a higher limit"},
	{name: "gzip bomb of JSON", file: "a.json.gz", input: gz(`{"x":"` + strings.Repeat(" ", 1<<21)), limits: Limits{Bytes: 1 << 20},
		want: "a.json.gz: feature 1: holds more than 1048576 bytes after decompression; accepted: a smaller file, or a higher limit"},
	{name: "gzip bomb of a sequence", file: "a.ndjson.gz", input: gz(strings.Repeat("\n", 1<<21)), limits: Limits{Bytes: 1 << 20},
		want: "a.ndjson.gz: feature 1: holds more than 1048576 bytes after decompression; accepted: a smaller file, or a higher limit"},

	// CSV.
	{name: "no header", file: "a.csv", input: "\n\n",
		want: "a.csv: has no header; accepted: a first line with the names of the columns"},
	{name: "header of numbers", file: "a.csv", input: "1.5,2.5\n3,4\n",
		want: "a.csv: line 1: the first line holds numbers only; accepted: a first line with the names of the columns"},
	{name: "nameless column", file: "a.csv", input: "\"\",lon,lat\nx,2,3\n",
		want: "a.csv: line 1: column 1 has no name, and holds \"x\" in feature 1; accepted: a name for every column (pandas: index_label; R: row.names = FALSE and the names as a column)"},
	{name: "binary", file: "a.csv", input: "\x1f\x02,b\n",
		want: `a.csv: line 1: column 1 is called "\x1f\x02"; accepted: text in UTF-8`},
	{name: "column twice", file: "a.csv", input: "a,b,a\n1,2,3\n",
		want: "a.csv: line 1: a names both column 1 and column 3; accepted: names that differ"},
	{name: "too few cells", file: "a.csv", input: "a,b,c\n1,2,3\n1,2\n",
		want: "a.csv: line 3: has 2 cells, the header has 3; accepted: as many cells in every row, with quotes around a cell that holds a separator"},
	{name: "too many cells", file: "a.csv", input: "a,b\n1,2\n1,2,3\n",
		want: "a.csv: line 3: has 3 cells, the header has 2; accepted: as many cells in every row, with quotes around a cell that holds a separator"},
	{name: "too many cells after a cell of two lines", file: "a.csv", input: "a,b\n\"x\ny\",2\n1,2,3\n",
		want: "a.csv: line 4: has 3 cells, the header has 2; accepted: as many cells in every row, with quotes around a cell that holds a separator"},
	{name: "open quote", file: "a.csv", input: "a,b\n1,2\n3,\"four\n5,6\n",
		want: `a.csv: line 3: the row opens a quote that is never closed; accepted: RFC 4180: "a cell with ""quotes"""`},
	{name: "bare quote", file: "a.csv", input: "a,b\n5\" pipe,2\n\"x\",3\n6\" pipe,2\n",
		want: `a.csv: line 2: the row has a quote inside a cell that does not begin with one; accepted: RFC 4180: "a cell with ""quotes"""`},
	{name: "text after a quote", file: "a.csv", input: "a,b\n\"x\"y,2\n",
		want: `a.csv: line 2: the row has text between a closing quote and the next separator; accepted: RFC 4180: "a cell with ""quotes"""`},
	{name: "carriage return", file: "a.csv", input: "a,b\n1\r,2\n",
		want: "a.csv: line 2: the row has a carriage return outside quotes; accepted: lines that end with LF or CR LF"},
	{name: "NUL", file: "a.csv", input: "a,b\n1,\x002\n",
		want: "a.csv: line 2: the row has a NUL byte; accepted: text in UTF-8 (not UTF-16)"},
	{name: "neither UTF-8 nor Windows-1252", file: "a.csv", input: "name,pop\nOrl\x81ans,2\n",
		want: "a.csv: line 2: byte 0x81 is not UTF-8; accepted: UTF-8, or the encoding by its name as encoding: " + acceptEncodings},
	{name: "both UTF-8 and not", file: "a.csv", input: "name,pop\nOrl\xc3\xa9ans,2\nOrl\xe9ans,2\n",
		want: "a.csv: line 3: byte 0xE9 is not UTF-8; accepted: UTF-8, or the encoding by its name as encoding: " + acceptEncodings},
	{name: "not UTF-8 and then it", file: "a.csv", input: "name,pop\nOrl\xe9ans,2\nOrl\xc3\xa9ans,2\n",
		want: "a.csv: line 3: holds UTF-8, lines before other bytes; accepted: one encoding, or its name as encoding: " + acceptEncodings},
	{name: "unknown encoding", file: "a.csv", input: "name,pop\nx,2\n", source: Source{Encoding: "cp9999"},
		want: `a.csv: encoding is "cp9999": not an encoding that is read; accepted: ` + acceptEncodings},
	{name: "decimals and thousands alike", file: "a.csv", input: "n\n1\n", source: Source{Decimal: ",", Thousands: ","},
		want: `a.csv: thousands is ",": the sign before decimals too; accepted: two signs that differ, such as decimal: "," and thousands: "."`},
	{name: "Git LFS", file: "a.csv", input: "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
		want: "a.csv: is a pointer of Git LFS, not the file itself; accepted: the file: fetch it with git lfs pull"},
	{name: "git-annex", file: "a.geojson", input: "/annex/objects/SHA256E-s12--ab.geojson\n",
		want: "a.geojson: is a pointer of git-annex, not the file itself; accepted: the file: fetch it with git annex get"},
	{name: "Git LFS of a GeoPackage", file: "a.gpkg", input: "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
		want: "a.gpkg: is a pointer of Git LFS, not the file itself; accepted: the file, fetched from its store (git lfs pull, git annex get, dvc pull)"},
	{name: "DVC of Parquet", file: "a.parquet", input: "outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 37891850\n  path: a.parquet\n",
		want: "a.parquet: is a pointer of DVC, not the file itself; accepted: the file, fetched from its store (git lfs pull, git annex get, dvc pull)"},
	{name: "long row", file: "a.csv", input: "a\n" + strings.Repeat("x", 200) + "\n", limits: Limits{Text: 100},
		want: "a.csv: line 2: the row is too long; accepted: a shorter row, or a higher limit of text"},
	{name: "endless quote", file: "a.csv", input: "a\n\"" + strings.Repeat("x\n", 1<<17), limits: Limits{Text: 100},
		want: "a.csv: line 2: the row is too long; accepted: a shorter row, or a higher limit of text"},
	{name: "many rows", file: "a.csv", input: "a\n1\n2\n3\n", limits: Limits{Features: 2},
		want: "a.csv: line 4: is one feature more than 2; accepted: fewer features, or a higher limit"},
	{name: "many columns", file: "a.csv", input: "a,b,c\n", limits: Limits{Columns: 2},
		want: "a.csv: line 1: c is one column more than 2; accepted: fewer columns, or a higher limit"},
	{name: "many cells", file: "a.csv", input: "a,b\n1,2\n3,4\n", limits: Limits{Cells: 3},
		want: "a.csv: line 3: features times columns are more than 3; accepted: fewer of either, or a higher limit"},
	{name: "only lon", file: "a.csv", input: "Longitude,name\n1,a\n",
		want: `a.csv: has a column "Longitude" but none called lat, latitude; accepted: both coordinates, named in the source if need be, or geometry none for a table`},
	{name: "only lat", file: "a.csv", input: "name,LAT\na,1\n",
		want: `a.csv: has a column "LAT" but none called lon, longitude, lng, long; accepted: both coordinates, named in the source if need be, or geometry none for a table`},
	{name: "named lon is missing", file: "a.csv", input: "longitud,lat\n1,2\n", source: Source{Lon: "longitude", Lat: "lat"},
		want: `a.csv: lon names column "longitude", which is not there, did you mean "longitud"?; there are: longitud, lat`},
	{name: "lon without lat in a row", file: "a.csv", input: "lon,lat,id\n1,2,a\n1,,b\n",
		want: "a.csv: feature 2 (id b): lat is missing; accepted: both coordinates, or nothing for a row without a location"},
	{name: "lat without lon in a row", file: "a.csv", input: "lon,lat\n,2\n",
		want: "a.csv: feature 1: lon is missing; accepted: both coordinates, or nothing for a row without a location"},
	{name: "lon is a text", file: "a.csv", input: "lon,lat\n1,2\n12 E,2\n",
		want: `a.csv: feature 2: lon is "12 E": not a number alone: a flag, a sign or a footnote behind it belongs in a column of its own, and degrees west or south take a minus; accepted: degrees, or nothing for a row without a location, written alike in every row: 9.19, 9°11'24"E or 9.19 E`},
	{name: "decimal comma", file: "a.csv", input: "lon;lat\n\"8,5\";47\n",
		want: "a.csv: feature 1: lon is \"8,5\": not a number: decimals take a point and thousands nothing, or decimal: \",\" in the layer's entry; accepted: degrees, or nothing for a row without a location"},
	{name: "lon is NaN", file: "a.csv", input: "lon,lat\nNaN,2\n",
		want: `a.csv: feature 1: lon is "NaN": not a number; accepted: degrees, or nothing for a row without a location; missing: ["NaN"] in the layer's entry reads it as none`},
	{name: "lon is infinite", file: "a.csv", input: "lon,lat\n1e999,2\n",
		want: `a.csv: feature 1: lon is "1e999": infinite; accepted: degrees, or nothing for a row without a location`},
	{name: "lon is true", file: "a.csv", input: "lon,lat\ntrue,2\n",
		want: `a.csv: feature 1: lon is "true": a yes/no value and no number; accepted: degrees, or nothing for a row without a location`},
	{name: "lon beyond 180", file: "a.csv", input: "lon,lat\n190,2\n",
		want: `a.csv: feature 1: lon,lat is "190,2": longitude beyond 180 degrees; accepted: longitude -180 to 180 and latitude -90 to 90, in degrees (WGS84)`},
	{name: "lat beyond 90", file: "a.csv", input: "lon,lat\n-120,-95.5\n",
		want: `a.csv: feature 1: lon,lat is "-120,-95.5": latitude beyond 90 degrees; accepted: longitude -180 to 180 and latitude -90 to 90, in degrees (WGS84)`},
	{name: "swapped", file: "a.csv", input: "lon,lat,id\n43.7,-79.4,a\n35.6,139.7,b\n",
		want: `a.csv: feature 2 (id b): lon,lat is "35.6,139.7": longitude and latitude look swapped; accepted: longitude -180 to 180 and latitude -90 to 90, in degrees (WGS84)`},
	{name: "projected", file: "a.csv", input: "lon,lat\n354916,594670\n",
		want: `a.csv: feature 1: lon,lat is "354916,594670": not degrees; accepted: degrees of WGS84, or crs: with the system that they are of, such as crs: EPSG:25832, in the layer's entry`},
	{name: "missing id", file: "a.csv", input: "code,pop\nA,1\n,2\n", source: Source{ID: "code"},
		want: "a.csv: line 3: code is missing, and it is the id; accepted: a text or a number in every row"},
	{name: "id twice", file: "a.csv", input: "code,pop\nA,1\nB,2\nA,3\n", source: Source{ID: "code"},
		want: `a.csv: feature 3: code is "A": the id of feature 1 too; accepted: an id that differs in every feature`},
	{name: "no id column", file: "a.csv", input: "fips,pop\nA,1\n", source: Source{ID: "fisp"},
		want: `a.csv: id names column "fisp", which is not there, did you mean "fips"?; there are: fips, pop`},
	{name: "no such column", file: "a.csv", input: "pop2020,name\n1,a\n", source: Source{Columns: map[string]string{"population": "pop_2020"}},
		want: `a.csv: columns names column "pop_2020", which is not there, did you mean "pop2020"?; there are: pop2020, name`},
	{name: "names clash", file: "a.csv", input: "population,pop\n1,2\n", source: Source{Columns: map[string]string{"population": "pop"}},
		want: `a.csv: columns calls both "population" and "pop" "population"; accepted: a name for one column`},

	// GeoJSON documents.
	{name: "no JSON", file: "a.geojson", input: "lon,lat\n",
		want: "a.geojson: feature 1: not valid JSON at byte 0: invalid character 'l' at start of value; accepted: JSON in UTF-8"},
	{name: "array", file: "a.geojson", input: "[]",
		want: "a.geojson: is an empty JSON array; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946), or an array of records ([{\"name\": \"A\", \"pop\": 5}, …])"},
	{name: "number", file: "a.geojson", input: "12",
		want: "a.geojson: is a JSON number, not an object; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946), or an array of records ([{\"name\": \"A\", \"pop\": 5}, …])"},
	{name: "no type", file: "a.geojson", input: "{}",
		want: "a.geojson: type is missing; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946), or an array of records ([{\"name\": \"A\", \"pop\": 5}, …])"},
	{name: "other type", file: "a.geojson", input: `{"type":"Fluture"}`,
		want: `a.geojson: type is "Fluture": not a kind of GeoJSON; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946)`},
	{name: "bare geometry", file: "a.geojson", input: `{"type":"Point","coordinates":[1,2]}`,
		want: `a.geojson: type is "Point": a geometry without a feature around it; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946)`},
	{name: "TopoJSON", file: "a.json", input: `{"type":"Topology","objects":{},"arcs":[]}`,
		want: "a.json: has no objects; accepted: " + acceptTopoJSON},
	{name: "no features", file: "a.geojson", input: `{"type":"FeatureCollection"}`,
		want: "a.geojson: features is missing; accepted: an array of features"},
	{name: "features of another kind", file: "a.geojson", input: `{"type":"FeatureCollection","features":{}}`,
		want: "a.geojson: features is not an array; accepted: an array of features"},
	{name: "features beside Feature", file: "a.geojson", input: `{"type":"Feature","features":[]}`,
		want: `a.geojson: type is "Feature": beside an array of features; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946)`},
	{name: "feature is null", file: "a.geojson", input: collection("null"),
		want: "a.geojson: feature 1: is a JSON null, not an object; accepted: a GeoJSON Feature"},
	{name: "feature of another type", file: "a.geojson", input: collection(feature1, `{"type":"Point","coordinates":[1,2]}`),
		want: `a.geojson: feature 2: type is "Point": not a feature; accepted: "Feature"`},
	{name: "feature without type", file: "a.geojson", input: collection(`{"properties":{}}`),
		want: `a.geojson: feature 1: type is missing; accepted: "Feature"`},
	{name: "cut in a feature", file: "a.geojson", input: `{"type":"FeatureCollection","features":[` + feature1 + `,{"type":"Fea`,
		want: "a.geojson: feature 2: the file ends in the middle; accepted: a whole file"},
	{name: "cut after a feature", file: "a.geojson", input: `{"type":"FeatureCollection","features":[` + feature1,
		want: "a.geojson: feature 2: the file ends in the middle; accepted: a whole file"},
	{name: "cut before the end", file: "a.geojson", input: `{"type":"FeatureCollection","features":[` + feature1 + `]`,
		want: "a.geojson: feature 2: the file ends in the middle; accepted: a whole file"},
	{name: "syntax", file: "a.geojson", input: `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":NaN}}]}`,
		want: "a.geojson: feature 1: not valid JSON at byte 76: invalid character 'N' at start of value in /features/0/properties/a; accepted: JSON in UTF-8"},
	{name: "trailing comma", file: "a.geojson", input: `{"type":"FeatureCollection","features":[` + feature1 + `,]}`,
		want: "a.geojson: feature 2: not valid JSON at byte 143: invalid character ',' at start of value in /features; accepted: JSON in UTF-8"},
	{name: "two documents", file: "a.geojson", input: collection(feature1) + collection(feature1),
		want: "a.geojson: feature 2: not valid JSON: a second value follows the first; accepted: one value in JSON; where every line is one, format: ndjson in the layer's entry, or the ending .ndjson"},
	{name: "text after the end", file: "a.geojson", input: collection(feature1) + "x",
		want: "a.geojson: feature 2: not valid JSON at byte 145: invalid character 'x' at start of value; accepted: JSON in UTF-8"},
	{name: "property twice", file: "a.geojson", input: collection(properties(`"a":1,"a":2`)),
		want: "a.geojson: feature 1: not valid JSON at byte 94: duplicate object member name in /features/0/properties/a; accepted: JSON in UTF-8"},
	{name: "not UTF-8", file: "a.geojson", input: collection(properties("\"a\":\"Orl\xe9ans\"")),
		want: "a.geojson: feature 1: not valid JSON at byte 96: invalid UTF-8 in /features/0/properties/a; accepted: JSON in UTF-8"},
	{name: "half a surrogate pair", file: "a.geojson", input: collection(properties(`"a":"\ud83d"`)),
		want: "a.geojson: feature 1: not valid JSON at byte 93: invalid surrogate pair `\\ud83d\"}}]}` in string in /features/0/properties/a; accepted: JSON in UTF-8"},
	{name: "properties are a list", file: "a.geojson", input: collection(`{"type":"Feature","geometry":null,"properties":[1]}`),
		want: "a.geojson: feature 1: properties is a JSON array; accepted: an object, or null"},
	{name: "deep", file: "a.geojson", input: collection(properties(`"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40))),
		want: "a.geojson: feature 1: nests deeper than 32; accepted: flatter JSON, or a higher limit of depth"},
	{name: "very deep", file: "a.geojson", input: collection(properties(`"a":` + strings.Repeat("[", 1e5))),
		want: `a.geojson: feature 1: not valid JSON at byte 10088: exceeded max depth in "/features/0/properties/a/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0…"; accepted: JSON in UTF-8`},
	{name: "very deep beside", file: "a.geojson", input: `{"a":` + strings.Repeat(`{"a":`, 1e5),
		want: `a.geojson: feature 1: not valid JSON at byte 50000: exceeded max depth in "/a/////////////a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a…"; accepted: JSON in UTF-8`},
	{name: "many features", file: "a.geojson", input: collection(feature1, feature1), limits: Limits{Features: 1},
		want: "a.geojson: feature 2: is one feature more than 1; accepted: fewer features, or a higher limit"},
	{name: "many properties", file: "a.geojson", input: collection(properties(`"a":1,"b":2,"c":3`)), limits: Limits{Columns: 2},
		want: "a.geojson: feature 1: c is one column more than 2; accepted: fewer columns, or a higher limit"},
	{name: "many values", file: "a.geojson", input: collection(properties(`"a":1`), properties(`"b":2`)), limits: Limits{Cells: 3},
		want: "a.geojson: feature 2: features times columns are more than 3; accepted: fewer of either, or a higher limit"},
	{name: "long text", file: "a.geojson", input: collection(properties(`"a":"` + strings.Repeat("x", 200) + `"`)), limits: Limits{Text: 100},
		want: "a.geojson: feature 1: a is longer than 100 bytes; accepted: a shorter text, or a higher limit of text"},
	{name: "long name", file: "a.geojson", input: collection(properties(`"` + strings.Repeat("x", 200) + `":1`)), limits: Limits{Text: 100},
		want: "a.geojson: feature 1: properties has a name longer than 100 bytes; accepted: a shorter name"},

	// Identifiers.
	{name: "null id", file: "a.geojson", input: collection(`{"type":"Feature","id":null,"geometry":null,"properties":null}`),
		want: `a.geojson: feature 1: id is "null": not an identifier; accepted: a text or a number`},
	{name: "empty id", file: "a.geojson", input: collection(`{"type":"Feature","id":"","geometry":null,"properties":null}`),
		want: "a.geojson: feature 1: id is empty; accepted: a text or a number"},
	{name: "true id", file: "a.geojson", input: collection(`{"type":"Feature","id":true,"geometry":null,"properties":null}`),
		want: `a.geojson: feature 1: id is "true": not an identifier; accepted: a text or a number`},
	{name: "ids that stop", file: "a.geojson", input: collection(`{"type":"Feature","id":1,"geometry":null,"properties":null}`, feature1),
		want: "a.geojson: feature 2: id is missing while the features before have one; accepted: an id for every feature or for none"},
	{name: "ids that begin late", file: "a.geojson", input: collection(feature1, `{"type":"Feature","id":1,"geometry":null,"properties":null}`),
		want: "a.geojson: feature 2 (id 1): id is given while the features before have none; accepted: an id for every feature or for none"},
	{name: "member id twice", file: "a.geojson", input: collection(`{"type":"Feature","id":1,"geometry":null,"properties":null}`, `{"type":"Feature","id":"1","geometry":null,"properties":null}`),
		want: "a.geojson: feature 2: id is 1: the id of feature 1 too; accepted: an id that differs in every feature"},
	{name: "property id twice", file: "a.geojson", input: collection(properties(`"fips":"01"`), properties(`"fips":"01"`)), source: Source{ID: "fips"},
		want: `a.geojson: feature 2: fips is "01": the id of feature 1 too; accepted: an id that differs in every feature`},
	{name: "property id is null", file: "a.geojson", input: collection(properties(`"fips":"01"`), properties(`"fips":null`)), source: Source{ID: "fips"},
		want: "a.geojson: feature 2: fips is missing, and it is the id; accepted: a text or a number in every row"},
	{name: "property id is a list", file: "a.geojson", input: collection(properties(`"fips":[1]`)), source: Source{ID: "fips"},
		want: "a.geojson: feature 1: fips is missing, and it is the id; accepted: a text or a number in every row"},
	{name: "no property for the id", file: "a.geojson", input: collection(properties(`"fips":"01"`)), source: Source{ID: "fisp"},
		want: `a.geojson: id names column "fisp", which is not there, did you mean "fips"?; there are: fips`},
	{name: "no such property", file: "a.geojson", input: collection(properties(`"pop":"01"`)), source: Source{Columns: map[string]string{"population": "popp"}},
		want: `a.geojson: columns names column "popp", which is not there, did you mean "pop"?; there are: pop`},

	// Coordinate reference systems.
	{name: "Dutch grid", file: "a.geojson", input: `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::28992"}},"features":[]}`,
		want: `a.geojson: crs is "Amersfoort / RD New (EPSG:28992)": a system that is in Oblique Stereographic, which is not converted; accepted: ` + acceptCRS},
	{name: "unknown, late", file: "a.geojson", input: `{"type":"FeatureCollection","features":[],"crs":{"type":"name","properties":{"name":"EPSG:99999"}}}`,
		want: `a.geojson: crs is "EPSG:99999": a system that is not known; accepted: ` + acceptCRS},
	{name: "linked crs", file: "a.geojson", input: `{"type":"FeatureCollection","features":[],"crs":{"type":"link","properties":{"href":"x"}}}`,
		want: `a.geojson: crs is "x": a system that is a link to a definition, which is not followed; accepted: ` + acceptCRS},
	{name: "crs is a text", file: "a.geojson", input: `{"type":"FeatureCollection","features":[],"crs":"Lambert"}`,
		want: `a.geojson: crs is "Lambert": a system that is not known; accepted: ` + acceptCRS},
	{name: "crs of a feature", file: "a.ndjson", input: `{"type":"Feature","crs":{"type":"name","properties":{"name":"EPSG:21781"}}}`,
		want: `a.ndjson: crs is "CH1903 / LV03 (EPSG:21781)": a system that is in Hotine Oblique Mercator (variant B), which is not converted; accepted: ` + acceptCRS},

	// Geometries.
	{name: "geometry is a text", file: "a.geojson", input: geometries(`"POINT(1 2)"`),
		want: "a.geojson: feature 2: geometry is a JSON text; accepted: an object, or null"},
	{name: "geometry without type", file: "a.geojson", input: geometries(`{"coordinates":[1,2]}`),
		want: "a.geojson: feature 2: geometry has no type; accepted: Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon"},
	{name: "geometry of another type", file: "a.geojson", input: geometries(`{"type":"Circle","coordinates":[1,2]}`),
		want: `a.geojson: feature 2: geometry is "Circle": not a kind of geometry; accepted: Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon`},
	{name: "geometry collection", file: "a.geojson", input: geometries(`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}`),
		want: `a.geojson: feature 2: geometry is "GeometryCollection": not read; accepted: Point, MultiPoint, LineString, MultiLineString, Polygon, MultiPolygon`},
	{name: "no coordinates", file: "a.geojson", input: geometries(`{"type":"Point"}`),
		want: "a.geojson: feature 2: coordinates are missing; accepted: an array; null for the whole geometry of a row without a location"},
	{name: "null coordinates", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":null}`),
		want: "a.geojson: feature 2: coordinates are missing; accepted: an array; null for the whole geometry of a row without a location"},
	{name: "coordinates are a text", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":"1,2"}`),
		want: "a.geojson: feature 2: coordinates are a JSON text where an array is due; accepted: arrays nested as the type of the geometry demands"},
	{name: "one number", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":[1]}`),
		want: "a.geojson: feature 2: coordinates have a position of 1 number; accepted: longitude and latitude, and perhaps an altitude"},
	{name: "null in a position", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":[1,null]}`),
		want: `a.geojson: feature 2: coordinate is "null": not a finite number; accepted: longitude and latitude in degrees`},
	{name: "text in a position", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":["1","2"]}`),
		want: `a.geojson: feature 2: coordinate is "\"1\"": not a finite number; accepted: longitude and latitude in degrees`},
	{name: "infinite coordinate", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":[1e999,2]}`),
		want: `a.geojson: feature 2: coordinate is "1e999": not a finite number; accepted: longitude and latitude in degrees`},
	{name: "point too deep", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":[[1,2]]}`),
		want: `a.geojson: feature 2: coordinate is "[1,2]": not a finite number; accepted: longitude and latitude in degrees`},
	{name: "line too flat", file: "a.geojson", input: geometries(`{"type":"LineString","coordinates":[1,2]}`),
		want: "a.geojson: feature 2: coordinates are a JSON number where an array is due; accepted: arrays nested as the type of the geometry demands"},
	{name: "line of one position", file: "a.geojson", input: geometries(`{"type":"LineString","coordinates":[[1,2]]}`),
		want: "a.geojson: feature 2: coordinates have a line of 1 position; accepted: at least 2 positions"},
	{name: "short ring", file: "a.geojson", input: geometries(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}`),
		want: "a.geojson: feature 2: coordinates have a ring of 3 positions; accepted: at least 4 positions, the last equal to the first"},
	{name: "open ring", file: "a.geojson", input: geometries(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}`),
		want: "a.geojson: feature 2: coordinates have a ring from 0,0 to 0,1 that is not closed; accepted: a ring whose last position equals the first"},
	{name: "polygon too flat", file: "a.geojson", input: geometries(`{"type":"Polygon","coordinates":[[0,0],[1,0],[1,1],[0,0]]}`),
		want: "a.geojson: feature 2: coordinates are a JSON number where an array is due; accepted: arrays nested as the type of the geometry demands"},
	{name: "projected polygon", file: "a.geojson", input: geometries(`{"type":"Polygon","coordinates":[[[354916,594670],[1,0],[1,1],[0,1]]]}`),
		want: `a.geojson: feature 2: position is "354916,594670": not degrees; accepted: degrees of WGS84, or crs: with the system that they are of, such as crs: EPSG:25832, in the layer's entry`},
	{name: "swapped point", file: "a.geojson", input: geometries(`{"type":"Point","coordinates":[35.6,139.7]}`),
		want: `a.geojson: feature 2: position is "35.6,139.7": longitude and latitude look swapped; accepted: longitude -180 to 180 and latitude -90 to 90, in degrees (WGS84)`},
	{name: "many vertices", file: "a.geojson", input: geometries(`{"type":"MultiPoint","coordinates":[[0,0],[1,1],[2,2]]}`), limits: Limits{Vertices: 2},
		want: "a.geojson: feature 2: coordinates are more than 2 positions; accepted: a simpler geometry, or a higher limit of vertices"},
	{name: "lon of properties", file: "a.geojson", input: collection(properties(`"x":"east","y":2`)), source: Source{Lon: "x", Lat: "y"},
		want: `a.geojson: feature 1: x is "east": not a number; accepted: degrees, or nothing for a row without a location; missing: ["east"] in the layer's entry reads it as none`},

	// Sequences.
	{name: "sequence cut in a text", file: "a.geojsonseq", input: "\x1e" + feature1 + "\n\x1e{\"type\":\"Fea\n\x1e" + feature1,
		want: "a.geojsonseq: feature 2: not valid JSON at byte 118: invalid character '\\n' in string (expecting non-control character) in /type; accepted: JSON in UTF-8"},
	{name: "sequence cut at the end", file: "a.geojsonseq", input: "\x1e" + feature1 + "\n\x1e{\"type\":",
		want: "a.geojsonseq: feature 2: the file ends in the middle; accepted: a whole file"},
	{name: "lines cut in a feature", file: "a.ndjson", input: feature1 + "\n" + feature1[:20] + "\n" + feature1,
		want: "a.ndjson: feature 2: not valid JSON at byte 124: invalid character '\\n' in string (expecting non-control character); accepted: JSON in UTF-8"},
	{name: "collection in a line", file: "a.ndjson", input: collection(feature1),
		want: `a.ndjson: feature 1: type is "FeatureCollection": not a feature; accepted: "Feature"`},
	{name: "number in a line", file: "a.ndjson", input: feature1 + "\n12\n",
		want: "a.ndjson: feature 2: is a JSON number, not an object; accepted: a GeoJSON Feature"},
	{name: "bad position in a line", file: "a.ndjson", input: feature1 + "\n" + `{"type":"Feature","id":"b","properties":{},"geometry":{"type":"Point","coordinates":[1]}}`,
		want: "a.ndjson: feature 2 (id b): id is given while the features before have none; accepted: an id for every feature or for none"},
	{name: "bad position with an id", file: "a.ndjson", source: Source{ID: "fips"}, input: `{"type":"Feature","properties":{"fips":"01001"},"geometry":{"type":"Point","coordinates":[1]}}`,
		want: "a.ndjson: feature 1 (id 01001): coordinates have a position of 1 number; accepted: longitude and latitude, and perhaps an altitude"},
	{name: "null line", file: "a.geojsonseq", input: "\x1enull\n",
		want: "a.geojsonseq: feature 1: is a JSON null, not an object; accepted: a GeoJSON Feature"},
}

const feature1 = `{"type":"Feature","geometry":{"type":"Point","coordinates":[8.5,47.4]},"properties":{"name":"Zürich"}}`

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func properties(p string) string {
	return `{"type":"Feature","geometry":null,"properties":{` + p + `}}`
}

func geometries(g string) string {
	return collection(feature1, `{"type":"Feature","properties":{"name":"x"},"geometry":`+g+`}`)
}

func gz(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.String()
}

// damaged is a gzip file with its sum changed.
func damaged(file string) string {
	return file[:len(file)-8] + "sums" + file[len(file)-4:]
}

func TestMalformed(t *testing.T) {
	for _, m := range malformed {
		t.Run(m.name, func(t *testing.T) {
			l, err := Read(context.Background(), strings.NewReader(m.input), m.file, m.source, m.limits)
			if err == nil {
				t.Fatalf("no error for %.80q", m.input)
			}
			if l != nil {
				t.Error("a layer beside the error")
			}
			var input *InputError
			if !errors.As(err, &input) {
				t.Errorf("%T is not an InputError", err)
			}
			got := err.Error()
			if strings.ContainsAny(got, "\n\r") || !utf8.ValidString(got) || len(got) > 600 {
				t.Errorf("not one line: %q", got)
			}
			if got != m.want {
				t.Errorf("got  %s\nwant %s", got, m.want)
			}
		})
	}
}

// A feature is refused in the same words in a document and in a sequence.
func TestMalformedInSequence(t *testing.T) {
	begin, end := strings.TrimSuffix(collection(feature1), "]}")+",", "]}"
	n := 0
	for _, m := range malformed {
		bad, ok := strings.CutPrefix(m.input, begin)
		bad, whole := strings.CutSuffix(bad, end)
		if !ok || !whole || !strings.Contains(m.want, "feature 2") || strings.Contains(m.want, "valid JSON") {
			continue
		}
		n++
		for file, input := range map[string]string{
			"a.ndjson":     feature1 + "\n" + bad + "\n",
			"a.geojsonseq": "\x1e" + feature1 + "\n\x1e" + bad + "\n",
			"a.jsonl.gz":   gz(feature1 + "\n" + bad),
		} {
			_, err := Read(context.Background(), strings.NewReader(input), file, m.source, m.limits)
			if want := strings.Replace(m.want, "a.geojson", file, 1); err == nil || err.Error() != want {
				t.Errorf("%s:\ngot  %v\nwant %s", m.name, err, want)
			}
		}
	}
	if n < 23 {
		t.Errorf("only %d features tried", n)
	}
}

// A file cut anywhere is an error, or, cut between two lines, a shorter layer.
func TestCutAnywhere(t *testing.T) {
	for _, f := range []struct {
		file, input string
		whole       string // what a cut must end with to be whole
	}{
		{"a.geojson", collection(feature1, feature1), ""},
		{"a.geojson.gz", gz(collection(feature1, feature1)), ""},
		{"a.csv.gz", gz("a,b\n1,\"x\ny\"\n3,4\n"), ""},
		{"a.ndjson", feature1 + "\n" + feature1 + "\n", "}"},
		{"a.geojsonseq", "\x1e" + feature1 + "\n\x1e" + feature1 + "\n", "}"},
	} {
		for n := range f.input {
			cut := f.input[:n]
			_, err := Read(context.Background(), strings.NewReader(cut), f.file, Source{}, Limits{})
			var input *InputError
			switch trimmed := strings.TrimRight(cut, "\n\x1e"); {
			case err != nil && !errors.As(err, &input):
				t.Errorf("%s cut at %d: %v", f.file, n, err)
			case err == nil && (f.whole == "" || trimmed != "" && !strings.HasSuffix(trimmed, f.whole)):
				t.Errorf("%s cut at %d: no error", f.file, n)
			}
		}
	}
}

// Reading ends with its context, whatever the format.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for file, input := range map[string]string{
		"a.csv": "a\n1\n", "a.geojson": collection(feature1), "a.geojsonseq": "\x1e" + feature1,
		"a.ndjson": feature1, "a.csv.gz": gz("a\n1\n"),
	} {
		if _, err := Read(ctx, strings.NewReader(input), file, Source{}, Limits{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// An error of the disk reaches the user with the name of the file.
func TestFailingDisk(t *testing.T) {
	for file, input := range map[string]string{
		"a.csv": "a\n1\n", "a.geojson": collection(feature1)[:90], "a.ndjson": feature1,
	} {
		r := io.MultiReader(strings.NewReader(input), iotest.ErrReader(errors.New("disk on fire")))
		_, err := Read(context.Background(), r, file, Source{}, Limits{})
		if err == nil || !strings.HasPrefix(err.Error(), file) || !strings.HasSuffix(err.Error(), "disk on fire") {
			t.Errorf("%s: %v", file, err)
		}
	}
}
