package data

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Shapefiles of central Europe as others wrote them.
func TestForeignEncodings(t *testing.T) {
	for _, c := range []struct{ file, note string }{
		{"cp1250-with-cpg.zip", ""}, {"ldid-c8.zip", ""}, {"utf8-with-cpg-latin1.zip", "All texts are UTF-8"},
	} {
		l, err := foreignLayer(t, "15-shapefile-central-european/"+c.file, Source{})
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if got := words(l, "nazwa"); !strings.HasPrefix(got, "Łódź Kraków") || c.note == "" && len(l.Notes) > 0 || !told(l, c.note) && c.note != "" {
			t.Errorf("%s: %s, %q", c.file, got, l.Notes)
		}
	}
	l, err := foreignLayer(t, "15-shapefile-central-european/cp1250-no-cpg.zip", Source{})
	if err != nil || !told(l, "Windows-1252") {
		t.Errorf("%v, %v", err, l)
	}
	if l, err = foreignLayer(t, "15-shapefile-central-european/cp1250-no-cpg.zip", Source{Encoding: "windows-1250"}); err != nil || words(l, "nazwa") != "Łódź Kraków" || len(l.Notes) > 0 {
		t.Errorf("%v, %v", err, l)
	}
}

// words are the texts of a column.
func words(l *geo.Layer, name string) string {
	c, _ := l.Column(name)
	var all []string
	for i := range l.Len() {
		all = append(all, c.Text(i))
	}
	return strings.Join(all, " ")
}

// Texts of tables in other encodings, by a .cpg file or by the driver.
func TestCodePagesOfTables(t *testing.T) {
	in := func(e interface{ String(string) (string, error) }, s string) string {
		b, err := e.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, c := range []struct {
		text, bytes, cpg string
		driver           byte
	}{
		{"Łódź", in(charmap.CodePage852.NewEncoder(), "Łódź"), "852", 0},
		{"Łódź", in(charmap.CodePage852.NewEncoder(), "Łódź"), "", 0x64},
		{"Łódź", in(charmap.ISO8859_2.NewEncoder(), "Łódź"), "ISO-8859-2", 0},
		{"Łódź", in(charmap.ISO8859_2.NewEncoder(), "Łódź"), "ISO 88592", 0},
		{"Київ", in(charmap.Windows1251.NewEncoder(), "Київ"), "ANSI 1251", 0},
		{"Москва", in(charmap.CodePage866.NewEncoder(), "Москва"), "", 0x65},
		{"Москва", in(charmap.KOI8R.NewEncoder(), "Москва"), "KOI8-R", 0},
		{"北京", in(simplifiedchinese.GBK.NewEncoder(), "北京"), "936", 0},
		{"北京", in(simplifiedchinese.GBK.NewEncoder(), "北京"), "", 0x4d},
		{"İzmir", in(charmap.Windows1254.NewEncoder(), "İzmir"), "", 0xca},
		{"Málaga", in(charmap.Macintosh.NewEncoder(), "Málaga"), "", 0x04},
		{"Málaga", "Málaga", "", 0x03}, {"Málaga", "Málaga", "OEM 850", 0}, {"Łódź", "Łódź", "UTF8", 0}, {"Łódź", "Łódź", "", 0},
	} {
		record := " " + c.bytes + strings.Repeat(" ", 20-len(c.bytes))
		files := map[string]string{"a.shp": shpOf(shpPoint(1, 2)), "a.dbf": dbfOf(c.driver, []string{"T C20"}, record), "a.prj": prjWGS84}
		if c.cpg != "" {
			files["a.cpg"] = c.cpg
		}
		l := read(t, "a.zip", zipped(t, files), Source{})
		if got := words(l, "T"); got != c.text {
			t.Errorf("%q %x: %q, want %q", c.cpg, c.driver, got, c.text)
		}
	}
}

// CSV in every encoding that Excel and others write.
func TestEncodingsOfCSV(t *testing.T) {
	const text = "name;n\nŁódź;1\nKraków;2\n"
	wide := func(e unicode.Endianness, b unicode.BOMPolicy, s string) string {
		out, err := unicode.UTF16(e, b).NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	middle, err := charmap.Windows1250.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ input, encoding, want, note string }{
		{text, "", "Łódź Kraków", ""}, {"\ufeff" + text, "", "Łódź Kraków", ""}, {text, "utf-8", "Łódź Kraków", ""},
		{wide(unicode.LittleEndian, unicode.UseBOM, text), "", "Łódź Kraków", "UTF-16"},
		{wide(unicode.BigEndian, unicode.UseBOM, text), "", "Łódź Kraków", "UTF-16"},
		{wide(unicode.LittleEndian, unicode.IgnoreBOM, text), "", "Łódź Kraków", "UTF-16"},
		{wide(unicode.BigEndian, unicode.IgnoreBOM, text), "utf-16be", "Łódź Kraków", ""},
		{middle, "cp1250", "Łódź Kraków", ""}, {middle, "Windows-1250", "Łódź Kraków", ""}, {middle, "1250", "Łódź Kraków", ""},
		{middle, "", "£ódŸ Kraków", "line 2, were taken for Windows-1252"},
		{"name;n\nK\xf6ln;1\nM\xfcnster;2\n", "", "Köln Münster", "Windows-1252"},
		{"name;n\nK\xf6ln;1\n\x80uro;2\n", "latin1", "Köln €uro", ""},
	} {
		l := read(t, "a.csv", c.input, Source{Encoding: c.encoding})
		if got := words(l, "name"); got != c.want || c.note == "" && len(l.Notes) > 0 || !told(l, c.note) && c.note != "" {
			t.Errorf("%q as %q: %s, %q", c.input, c.encoding, got, l.Notes)
		}
	}
	l := read(t, "a.geojson", strings.ReplaceAll(`{"type":"Feature","geometry":null,"properties":{"name":"K@ln"}}`, "@", "\xf6"), Source{Encoding: "cp1252"})
	if got := words(l, "name"); got != "Köln" {
		t.Errorf("%q", got)
	}
}

// Numbers with the signs of a country, as far as the entry says which.
func TestSignsOfNumbers(t *testing.T) {
	for _, c := range []struct {
		decimal, thousands, cells string
		kind                      geo.Type
		want                      string
	}{
		{",", "", "1,5;-2;0,25", geo.Number, "1.5 -2 0.25"}, {",", ".", "1.234,5;1.000.000;7", geo.Number, "1234.5 1000000 7"},
		{"", ",", "1,234;12;1,000,000", geo.Integer, "1234 12 1000000"}, {"", "'", "1'234;12;7", geo.Integer, "1234 12 7"},
		{",", " ", "1 234,5;12;7", geo.Number, "1234.5 12 7"}, {",", "\u00a0", "1\u00a0234;12;7", geo.Integer, "1234 12 7"},
		{",", ".", "1.23;1;2", geo.Text, "1.23 1 2"}, {",", "", "1.5;1;2", geo.Text, "1.5 1 2"}, {",", "", "007;1;2", geo.Text, "007 1 2"},
		{"", ",", "1,2,3;1;2", geo.Text, "1,2,3 1 2"}, {",", "", "1,5;x;2,0", geo.Text, "1,5 x 2,0"}, {"", "", "1.234;2;3", geo.Number, "1.234 2 3"},
		{",", ".", "1234,5;1.5e3;2", geo.Text, "1234,5 1.5e3 2"}, {",", "", "1,5e3;1;2", geo.Number, "1500 1 2"},
	} {
		input := "k\tn\n"
		for i, cell := range strings.Split(c.cells, ";") {
			input += fmt.Sprintf("%d\t%s\n", i, cell)
		}
		l := read(t, "a.tsv", input, Source{Decimal: c.decimal, Thousands: c.thousands})
		if n, _ := l.Column("n"); n.Type != c.kind || words(l, "n") != c.want {
			t.Errorf("%+v: %s %s", c, n.Type, words(l, "n"))
		}
	}
	l := read(t, "a.csv", "lon;lat\n8,5;47,4\n", Source{Decimal: ","})
	if l.Point(0) != (orb.Point{8.5, 47.4}) {
		t.Errorf("%v", l.Point(0))
	}
}

// The first line of Excel names the separator.
func TestNamedSeparator(t *testing.T) {
	for _, input := range []string{"sep=;\nname;n\na;1\n", "SEP=;\r\nname;n\r\na;1\r\n", "\"sep=;\"\nname;n\na;1\n", "\ufeffsep=;\nname;n\na;1\n", "sep=|\nname|n\na|1\n", "sep=\t\nname\tn\na\t1\n", "name|n\na|1\n"} {
		l := read(t, "a.csv", input, Source{})
		if n, ok := l.Column("n"); !ok || n.Type != geo.Integer || words(l, "name") != "a" {
			t.Errorf("%q: %v", input, l.Fields())
		}
	}
	if l, err := foreignLayer(t, "19-empty-and-odd-files/sepline.csv", Source{}); err != nil || l.Len() == 0 || len(l.Fields()) < 2 {
		t.Errorf("%v", err)
	}
}

// Shapes in cells, however they are written, and columns of x and y.
func TestShapesInCells(t *testing.T) {
	for _, file := range []string{"hex.csv", "gj.csv", "sfxy.csv"} {
		l, err := foreignLayer(t, "f11-csv-shapes-unseen/"+file, Source{})
		if err != nil || l.IsTable() || !l.Located(0) {
			t.Errorf("%s: %v", file, err)
		}
	}
	const utm = "0101000020E8640000000000000084184100000000AC2F5141" // SRID 25832
	for _, c := range []struct {
		input  string
		source Source
		want   orb.Point
		note   string
	}{
		{"id,wkb_geometry\n1,0101000000000000000000224000000000008046C0\n", Source{}, orb.Point{9, -45}, ""},
		{"id,geom\n1,0x00000000014022000000000000C046800000000000\n", Source{}, orb.Point{9, -45}, ""},
		{"id,geom\n1,\\x0101000000000000000000224000000000008046C0\n", Source{}, orb.Point{9, -45}, ""},
		{"id,geom\n1," + utm + "\n", Source{}, orb.Point{7.8361525, 40.6924}, "EPSG:25832"},
		{`id,geojson` + "\n" + `1,"{""type"":""Point"",""coordinates"":[9,-45]}"` + "\n", Source{}, orb.Point{9, -45}, ""},
		{"id,odd\n1,POINT (9 -45)\n", Source{WKT: "odd"}, orb.Point{9, -45}, ""},
		{"POINT_X,POINT_Y,n\n9,-45,1\n", Source{}, orb.Point{9, -45}, "POINT_X"},
		{"x,y,n\n400000,5000000,1\n", Source{CRS: "EPSG:25832"}, orb.Point{7.727967, 45.1464}, "EPSG:25832"},
		{"east,north\n530034,180381\n", Source{Lon: "east", Lat: "north", CRS: "EPSG:27700"}, orb.Point{-0.1277, 51.5074}, "right to 2 metres"},
		{"id,wkt\n1,POINT (530034 180381)\n", Source{CRS: "urn:ogc:def:crs:EPSG::27700"}, orb.Point{-0.1277, 51.5074}, ""},
	} {
		l := read(t, "a.csv", c.input, c.source)
		if l.IsTable() {
			t.Errorf("%q is a table: %q", c.input, l.Notes)
			continue
		}
		if p := l.Point(0); math.Abs(p[0]-c.want[0]) > 1e-3 || c.note != "EPSG:25832" && math.Abs(p[1]-c.want[1]) > 1e-3 || c.note != "" && !told(l, c.note) {
			t.Errorf("%q: %v, %q", c.input, p, l.Notes)
		}
	}
	for input, note := range map[string]string{
		"id,where\n1,POINT (9 45)\n":                              "wkt: where",
		"id,easting,northing\n1,400000,200000\n":                  "lon: easting and lat: northing",
		"id,x,y\n1,400000,200000\n":                               "lon: x, lat: y and crs:",
		"id,blob\n1,0101000000000000000000224000000000008046C0\n": "wkt: blob",
	} {
		if l := read(t, "a.csv", input, Source{}); !l.IsTable() || !told(l, note) {
			t.Errorf("%q: %q", input, l.Notes)
		}
	}
	for _, input := range []string{"id,name\n1,Point Pleasant\n", "id,geometry\n1,round\n", "x,n\n1,2\n", "x,y\na,b\n"} {
		if l := read(t, "a.csv", input, Source{}); !l.IsTable() || len(l.Notes) > 0 {
			t.Errorf("%q: %q", input, l.Notes)
		}
	}
}

// QGIS's own tables are no data, and views are read.
func TestGeoPackageOfQGIS(t *testing.T) {
	l, err := foreignLayer(t, "f08-qgis-layer-styles/qg.gpkg", Source{})
	if err != nil || l.IsTable() || !told(l, "layer_styles") {
		t.Fatalf("%v, %v", err, l)
	}
	base := places(t)
	styled := altered(t, "CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB); INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('qgis_projects', 'attributes', 'qgis_projects')", base)
	if l := read(t, "a.gpkg", styled, Source{}); l.Len() != base.Len() || !told(l, "qgis_projects") {
		t.Errorf("%q", l.Notes)
	}
	table := altered(t, "CREATE TABLE extra (k TEXT); INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('extra', 'attributes', 'extra')", base)
	if l := read(t, "a.gpkg", table, Source{}); l.Len() != base.Len() || !told(l, "extra") {
		t.Errorf("%q", l.Notes)
	}
	view := altered(t, `CREATE VIEW v AS SELECT * FROM places WHERE id <> 'b'; INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'features', 'v', 4326);
		INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POINT', 4326, 0, 0)`, base)
	if l := read(t, "a.gpkg", view, Source{Table: "v"}); l.Len() != base.Len()-1 || l.IsTable() || !told(l, "is a view") {
		t.Errorf("%d rows, %q", l.Len(), l.Notes)
	}
}

// Deleted records of a shapefile are no features.
func TestDeletedRecords(t *testing.T) {
	files := map[string]string{"a.shp": shpOf(shpPoint(1, 2), shpPoint(3, 4), shpPoint(5, 6)), "a.dbf": dbfOf(0, []string{"N N5"}, "     1", "*    2", "     3"), "a.prj": prjWGS84}
	l := read(t, "a.zip", zipped(t, files), Source{})
	if l.Len() != 2 || words(l, "N") != "1 3" || l.Point(1) != (orb.Point{5, 6}) {
		t.Errorf("%d: %s at %v", l.Len(), words(l, "N"), l.Point(1))
	}
}
