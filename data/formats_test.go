package data

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/xuri/excelize/v2"
)

// sheetOf is a workbook with one sheet.
func sheetOf(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Cells keep their types; dates are texts; the header may stand below empty rows.
func TestXLSX(t *testing.T) {
	when := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	text := sheetOf(t, func(f *excelize.File) {
		must(f.SetSheetRow("Sheet1", "A2", &[]any{"code", "lon", "lat", "n", "share", "ok", "day", "when", "took", "mixed", "formula"}))
		must(f.SetSheetRow("Sheet1", "A3", &[]any{"01001", 8.5, 47.4, 7, 0.1, true, when, when, 0.0625, 1, 3}))
		must(f.SetSheetRow("Sheet1", "A4", &[]any{"01002", 9.5, 48.4, 8, 2, false, when, nil, 1.5, "x", 4}))
		date, clock, long := "yyyy-mm-dd", "dd.mm.yyyy hh:mm:ss", "[h]:mm:ss"
		for format, cells := range map[*string][2]string{&date: {"G3", "G4"}, &clock: {"H3", "H4"}, &long: {"I3", "I4"}} {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: format})
			must(err)
			must(f.SetCellStyle("Sheet1", cells[0], cells[1], style))
		}
		must(f.SetCellFloat("Sheet1", "G3", 45418, -1, 64))
		must(f.SetCellFloat("Sheet1", "G4", 45419, -1, 64))
		_, err := f.NewSheet("other")
		must(err)
		must(f.SetSheetRow("other", "A1", &[]any{"a"}))
		must(f.SetSheetRow("other", "A2", &[]any{"y"}))
	})
	l := read(t, "a.xlsx", text, Source{ID: "code"})
	want := []string{"code text 01001 01002", "n integer 7 8", "share number 0.1 2", "ok bool true false", "day text 2024-05-06 2024-05-07", "when text 2024-05-06T07:08:09 ", "took text 01:30:00 36:00:00", "mixed text 1 x", "formula integer 3 4"}
	for i, c := range l.Columns() {
		if got := c.Name + " " + c.Type.String() + " " + c.Text(0) + " " + c.Text(1); i >= len(want) || got != want[i] {
			t.Errorf("column %d: %q", i, got)
		}
	}
	if l.ID(0) != "01001" || l.Point(1) != (orb.Point{9.5, 48.4}) || !told(l, "other") {
		t.Errorf("%s at %v, %q", l.ID(0), l.Point(1), l.Notes)
	}
	if l := read(t, "a.xlsx", text, Source{Table: "other"}); l.Len() != 1 || words(l, "a") != "y" {
		t.Errorf("%v", l)
	}
	for name, c := range map[string]struct {
		fill func(f *excelize.File)
		s    Source
		want string
	}{
		"empty":    {func(f *excelize.File) {}, Source{}, "a sheet without a header"},
		"no sheet": {func(f *excelize.File) {}, Source{Table: "Sheet"}, `did you mean "Sheet1"?`},
		"no name": {func(f *excelize.File) {
			f.SetSheetRow("Sheet1", "A1", &[]any{"a"})
			f.SetSheetRow("Sheet1", "A2", &[]any{1, 2})
		}, Source{}, "has a value in column B, which has no name"},
	} {
		_, err := Read(context.Background(), strings.NewReader(sheetOf(t, c.fill)), "a.xlsx", c.s, Limits{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(context.Background(), strings.NewReader("PK\x03\x04 no archive"), "a.xlsx", Source{}, Limits{}); err == nil {
		t.Error("no archive was read")
	}
}

// What a sheet shows otherwise than it holds: codes with zeros before them are as they are
// shown, and rows that are hidden are told.
func TestXLSXShown(t *testing.T) {
	text := sheetOf(t, func(f *excelize.File) {
		for k, row := range [][]any{{"fips", "region", "n"}, {1001, "North", 1}, {48001, nil, 2}, {1003, "South", 3}} {
			f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", k+1), &row)
		}
		zeros := "00000"
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
		if err != nil {
			t.Fatal(err)
		}
		f.SetCellStyle("Sheet1", "A2", "A4", style)
		f.SetRowVisible("Sheet1", 3, false)
	})
	l := read(t, "a.xlsx", text, Source{})
	if got := words(l, "fips"); got != "01001 48001 01003" {
		t.Errorf("codes %s", got)
	}
	if !told(l, "hides 1 row, as a filter does") || len(l.Doubts) != 1 {
		t.Errorf("%q", l.Notes)
	}
	plain := read(t, "a.xlsx", sheetOf(t, func(f *excelize.File) {
		f.SetSheetRow("Sheet1", "A1", &[]any{"a", "b"})
		f.SetSheetRow("Sheet1", "A2", &[]any{1, 2})
	}), Source{})
	if len(plain.Notes) > 0 {
		t.Errorf("%q", plain.Notes)
	}
}

// What a sheet shows behind a number is its unit: 0.2 that is seen as 20% is no number of
// people, and 1.5 that is seen as 1.5 h are no minutes.
func TestXLSXUnits(t *testing.T) {
	for _, c := range []struct {
		unit    string
		formats []string
	}{
		{"percent", []string{"0%", "0.0 %", `0"%"`, "0.00%;[Red]-0.00%", "#,##0.0\\%"}},
		{"hours", []string{`0.0" h"`, `0.0\ \h`, `#,##0.0 "Std."`, `0.0" h";-0.0" h"`, `[>1]0.0" hours";0.0" hours"`}},
		{"minutes", []string{`0" min"`, `0\ "Min."`}},
		{"kilometres", []string{`0.0 "km"`}},
		{"miles", []string{`0.0" mi"`}},
		{"millions", []string{`0.00" Mio."`}},
		{"thousands", []string{`#,##0" Tsd."`, `0.0"k"`}},
		{"", []string{"0.00", "#,##0", `0.0," Tsd."`, `0.0,"k"`, `0.0,," Mio."`, `#,##0 "€"`, "0.0E+00", "General", `"min" 0`, `0 "Einw."`}},
	} {
		for _, format := range c.formats {
			text := sheetOf(t, func(f *excelize.File) {
				_ = f.SetSheetRow("Sheet1", "A1", &[]any{"id", "v"})
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range []float64{0.2, 1.5} {
					_ = f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &[]any{i, v})
					_ = f.SetCellStyle("Sheet1", fmt.Sprintf("B%d", i+2), fmt.Sprintf("B%d", i+2), style)
				}
			})
			v, _ := read(t, "a.xlsx", text, Source{}).Column("v")
			if x := v.Number(1); v.Unit != c.unit || x != 1.5 {
				t.Errorf("%s: %v in %q, want %q", format, x, v.Unit, c.unit)
			}
		}
	}
	mixed := func(formats ...string) string {
		return sheetOf(t, func(f *excelize.File) {
			_ = f.SetSheetRow("Sheet1", "A1", &[]any{"id", "v"})
			for i, format := range formats {
				at := fmt.Sprintf("B%d", i+2)
				style, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
				_ = f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &[]any{i, 1.5})
				_ = f.SetCellStyle("Sheet1", at, at, style)
			}
		})
	}
	if _, err := Read(context.Background(), strings.NewReader(mixed(`0.0" h"`, `0" min"`)), "a.xlsx", Source{}, Limits{}); err == nil || !strings.Contains(err.Error(), "shows in several units") {
		t.Errorf("hours and minutes: %v", err)
	}
	for _, c := range []struct{ formats, unit, note string }{
		{`0.0" h"|0.0|0.0" h"`, "hours", "shows 1 of the 3 numbers of the column v without a unit and the others in hours; all were read in hours"},
		{"0%|0.0", "percent", "shows 1 of the 2 numbers of the column v without a unit and the others in percent"},
		{"0|0%|0|0", "", "shows 1 of the 4 numbers of the column v in percent and the others without a unit; all were read as they stand"},
	} {
		l := read(t, "a.xlsx", mixed(strings.Split(c.formats, "|")...), Source{})
		if v, _ := l.Column("v"); v.Unit != c.unit || !told(l, c.note) {
			t.Errorf("%s: %q, %q", c.formats, v.Unit, l.Notes)
		}
	}
}

// A workbook that is written reads back, and is the same bytes again.
func TestXLSXKeeps(t *testing.T) {
	for name, l := range trying(t) {
		if name != "points" && name != "table" && name != "rows" && name != "others" {
			continue
		}
		text := written(t, l, XLSX)
		if written(t, l, XLSX) != text {
			t.Errorf("%s: other bytes when written again", name)
		}
		m, err := Read(context.Background(), strings.NewReader(text), "a.xlsx", Source{}, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range l.Len() {
			for _, c := range l.Columns() {
				if c.Name == "id" {
					continue
				}
				got, ok := m.Column(c.Name)
				if near := c.Type == geo.Number && ok && got.Type == geo.Number && !(math.Abs(got.Number(i)-c.Number(i)) > 1e-14*math.Abs(c.Number(i))); !near && (!ok || got.Text(i) != c.Text(i)) {
					t.Errorf("%s: row %d: %s is %q, was %q", name, i, c.Name, got.Text(i), c.Text(i))
				}
			}
		}
	}
	var b bytes.Buffer
	long := strings.Repeat("é", 40)
	var layers []*geo.Layer
	for _, n := range []string{long, long, "a/b:c", "history", "'"} {
		l, err := geo.NewTable(geo.About{Name: n}, nil, geo.Labels(geo.Field{Name: "x"}, []string{"1"}))
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, l)
	}
	if err := WriteXLSX(&b, layers...); err != nil {
		t.Fatal(err)
	}
	if l := read(t, "a.xlsx", b.String(), Source{Table: "a_b_c"}); words(l, "x") != "1" {
		t.Error(words(l, "x"))
	}
}

const kmlText = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Orte</name>
<Schema id="s"><SimpleField name="n" type="int"/><SimpleField name="code" type="string"/><SimpleField name="ok" type="bool"/></Schema>
<Folder><Placemark><name>A</name><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="n">5</SimpleData><SimpleData name="code">01001</SimpleData><SimpleData name="ok">0</SimpleData></SchemaData></ExtendedData>
<Point><coordinates> 8.5,47.4,400 </coordinates></Point></Placemark></Folder>
<Placemark><name>B</name><ExtendedData><Data name="n"><value>7</value></Data><Data name="code"><value>2</value></Data></ExtendedData>
<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 4,0 4,4 0,4 0,0</coordinates></LinearRing></outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>1,1 1,2 2,2 1,1</coordinates></LinearRing></innerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>C</name></Placemark></Document></kml>`

func TestKMLIn(t *testing.T) {
	l := read(t, "a.kml", kmlText, Source{})
	if l.Len() != 3 || l.Title != "Orte" || words(l, "name") != "A B C" || words(l, "n") != "5 7 " || words(l, "code") != "01001 2 " || words(l, "ok") != "false  " || !told(l, "Altitudes") {
		t.Errorf("%s, %s, %s, %q", words(l, "n"), words(l, "code"), words(l, "ok"), l.Notes)
	}
	if p, ok := l.Shape(1).(orb.Polygon); !ok || len(p) != 2 || l.Located(2) || l.Shape(0) != (orb.Point{8.5, 47.4}) {
		t.Errorf("%v", l.Shape(1))
	}
	if l := read(t, "a.kmz", zipped(t, map[string]string{"doc.kml": kmlText}), Source{}); l.Len() != 3 {
		t.Errorf("%v", l)
	}
	for input, want := range map[string]string{
		"<kml><Placemark>":   "not valid XML: unexpected EOF",
		"<gpx></gpx>":        "is XML, but no KML",
		"<kml><a></b></kml>": "line 1: not valid XML",
		`<kml><Placemark><Point><coordinates>8.5 47.4</coordinates></Point></Placemark></kml>`:                                                                                      `coordinates is 8.5: not a longitude, a latitude`,
		`<kml><Placemark><Point><coordinates>47.4,108.5</coordinates></Point></Placemark></kml>`:                                                                                    "look swapped",
		`<kml><Placemark><Track></Track></Placemark></kml>`:                                                                                                                         `geometry is "Track": not read`,
		`<kml><Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><LineString><coordinates>1,2 3,4</coordinates></LineString></MultiGeometry></Placemark></kml>`: "several kinds",
	} {
		_, err := Read(context.Background(), strings.NewReader(input), "a.kml", Source{}, Limits{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", input, err)
		}
	}
}

// A false value in our KML is false to readers that take any text of type bool
// for true.
func TestBooleansOfKML(t *testing.T) {
	l, err := geo.NewPoints(geo.About{Name: "x"}, nil, []orb.Point{{1, 2}, {3, 4}}, geo.Bools(geo.Field{Name: "ok"}, []float64{1, 0}))
	if err != nil {
		t.Fatal(err)
	}
	text := written(t, l, KML)
	if strings.Contains(text, `"bool"`) || !strings.Contains(text, `<SimpleField name="ok" type="int">`) || !strings.Contains(text, `<SimpleData name="ok">0</SimpleData>`) {
		t.Error(text)
	}
	if m := read(t, "a.kml", text, Source{}); words(m, "ok") != "1 0" {
		t.Error(words(m, "ok"))
	}
}

const topoText = `{"type":"Topology","transform":{"scale":[0.5,0.5],"translate":[10,40]},"objects":{"areas":{"type":"GeometryCollection","geometries":[
{"type":"Polygon","id":"a","properties":{"n":1},"arcs":[[0,1]]},{"type":"MultiPolygon","id":"b","properties":{"n":2},"arcs":[[[-2,2]]]},{"type":"Point","id":"c","properties":{"n":3},"coordinates":[2,4]},{"type":null,"id":"d"}]}},
"arcs":[[[0,0],[4,0]],[[4,0],[0,4],[-4,0],[0,-4]],[[4,0],[0,-2],[-4,0],[0,2]]]}`

func TestTopoJSON(t *testing.T) {
	for _, file := range []string{"a.topojson", "a.json"} {
		l := read(t, file, topoText, Source{})
		if l.Len() != 4 || l.ID(1) != "b" || words(l, "n") != "1 2 3 " {
			t.Fatalf("%d: %s", l.Len(), words(l, "n"))
		}
		if want := (orb.Polygon{{{10, 40}, {12, 40}, {12, 42}, {10, 42}, {10, 40}}}); !orb.Equal(l.Shape(0), want) {
			t.Errorf("%v", l.Shape(0))
		}
		if l.Shape(2) != (orb.Point{11, 42}) || l.Located(3) {
			t.Errorf("%v", l.Shape(2))
		}
	}
	for input, want := range map[string]string{
		strings.Replace(topoText, "[[0,1]]", "[[0,9]]", 1):                 "arcs is 9: not the number of an arc",
		strings.Replace(topoText, `"arcs":[[[0,0]`, `"arcs":[[["x",0]`, 1): "has arcs that are no lists of positions",
		strings.Replace(topoText, `"scale":[0.5,0.5],`, "", 1):             "has a transform without scale",
		`{"type":"Topology","objects":{"a":{},"b":{}},"arcs":[]}`:          "has 2 objects; accepted: the name of one of them as table: a, b",
	} {
		_, err := Read(context.Background(), strings.NewReader(input), "a.topojson", Source{}, Limits{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestFlatGeobuf(t *testing.T) {
	text := func(file string) string {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	l := read(t, "a.fgb", text("areas.fgb"), Source{})
	if l.Len() != 2 || words(l, "code") != "01002 01001" || words(l, "big") != "1 9007199254740993" || words(l, "name") != " Łódź" || words(l, "rate") != "2.5 0.1" || words(l, "ok") != "false true" {
		t.Errorf("%d: %s, %s, %s", l.Len(), words(l, "code"), words(l, "big"), words(l, "name"))
	}
	if m, ok := l.Shape(1).(orb.MultiPolygon); !ok || len(m) != 1 || len(m[0]) != 2 {
		t.Errorf("%v", l.Shape(1))
	}
	if l := read(t, "b.fgb", text("places.fgb"), Source{}); l.Shape(0) != (orb.Point{8.5, 47.4}) {
		t.Errorf("%v", l.Shape(0))
	}
	whole := text("areas.fgb")
	for n := range len(whole) {
		if _, err := Read(context.Background(), strings.NewReader(whole[:n]), "a.fgb", Source{}, Limits{}); err == nil {
			t.Errorf("the first %d bytes were read", n)
		}
	}
}

// JSON-FG with its shapes in place is named.
func TestJSONFG(t *testing.T) {
	const text = `{"type":"FeatureCollection","conformsTo":["http://www.opengis.net/spec/json-fg-1/0.2/conf/core"],"coordRefSys":"[EPSG:25832]","features":[{"type":"Feature","id":1,"properties":{},"geometry":@,"place":{"type":"Point","coordinates":[400000,5000000]},"time":null}]}`
	if _, err := Read(context.Background(), strings.NewReader(strings.Replace(text, "@", "null", 1)), "a.json", Source{}, Limits{}); err == nil || !strings.Contains(err.Error(), "JSON-FG") {
		t.Error(err)
	}
	if l := read(t, "a.json", strings.Replace(text, "@", `{"type":"Point","coordinates":[9,45]}`, 1), Source{}); l.Point(0) != (orb.Point{9, 45}) {
		t.Errorf("%v", l.Point(0))
	}
}

// What GDAL writes by default in every format reads as the layer that it read.
func TestFormatsOfGDAL(t *testing.T) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("SKIPPED: no ogr2ogr of GDAL; install gdal-bin")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in.geojson")
	const text = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"01001","n":5,"share":0.1},"geometry":{"type":"Point","coordinates":[8.5,47.4]}},{"type":"Feature","properties":{"code":"01002","n":7,"share":2.5},"geometry":{"type":"Point","coordinates":[9.25,48.5]}}]}`
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for driver, c := range map[string]struct {
		file    string
		options []string
	}{
		"FlatGeobuf": {"a.fgb", []string{"-lco", "SPATIAL_INDEX=NO"}}, "KML": {"a.kml", nil}, "LIBKML": {"b.kml", nil}, "GPKG": {"a.gpkg", nil}, "GeoJSON": {"a.geojson", nil},
		"GeoJSONSeq": {"a.geojsonl", nil}, "CSV": {"a.csv", []string{"-lco", "GEOMETRY=AS_XY"}}, "XLSX": {"a.xlsx", []string{"-dialect", "SQLite", "-sql", "select *, ST_X(geometry) lon, ST_Y(geometry) lat from \"in\""}},
	} {
		file := filepath.Join(dir, c.file)
		for _, system := range []string{"", "EPSG:25832", "EPSG:3857", "EPSG:3035"} {
			if system != "" && (driver == "KML" || driver == "LIBKML" || driver == "XLSX" || driver == "CSV" || driver == "GeoJSONSeq") {
				continue
			}
			os.Remove(file)
			args := append([]string{"-f", driver, file, in}, c.options...)
			if system != "" {
				args = append(args, "-t_srs", system)
			}
			if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
				if strings.Contains(string(out), "Unable to find driver") || strings.Contains(string(out), "no such function") {
					t.Logf("SKIPPED: %s: %s", driver, out)
					continue
				}
				t.Errorf("%s: %v %s", driver, err, out)
				continue
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			l := read(t, c.file, string(b), Source{})
			if words(l, "code") != "01001 01002" || words(l, "n") != "5 7" || words(l, "share") != "0.1 2.5" || l.IsTable() ||
				apart([2]float64(l.Point(0)), [2]float64{8.5, 47.4}) > 0.001 || apart([2]float64(l.Point(1)), [2]float64{9.25, 48.5}) > 0.001 {
				t.Errorf("%s in %q: %s %s %s at %v", driver, system, words(l, "code"), words(l, "n"), words(l, "share"), l.Point(0))
			}
		}
	}
}

// Whole numbers are ids as a sheet shows them, however the file writes them: other
// programs write 1001.0 and 1.8148E+14.
func TestXLSXWholeNumbers(t *testing.T) {
	text := sheetOf(t, func(f *excelize.File) {
		for k, row := range [][]any{{"id", "n"}, {111, 1}, {222, 2}, {333, 3}} {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", k+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	})
	z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("<v>111</v>", "<v>1001.0</v>", "<v>222</v>", "<v>1.8148E+14</v>", "<v>333</v>", "<v>9007199254740993</v>").Replace(string(part))
		if _, err := io.WriteString(w, changed); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	l := read(t, "a.xlsx", b.String(), Source{})
	if got, want := words(l, "id"), "1001 181480000000000 9007199254740993"; got != want || l.ID(1) != "181480000000000" {
		t.Errorf("%s, id %s, want %s", got, l.ID(1), want)
	}
}
