package data

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

func read(t *testing.T, file, input string, s Source) *geo.Layer {
	t.Helper()
	l, err := Read(context.Background(), strings.NewReader(input), file, s, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// describe shows the types and values of the columns: "pop integer 1 . 3".
func describe(l *geo.Layer) string {
	var lines []string
	for _, c := range l.Columns() {
		line := c.Name + " " + c.Type.String()
		for i := range c.Len() {
			v := "."
			if !c.Null(i) {
				v = c.Text(i)
			}
			line += " " + v
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func ids(l *geo.Layer) string {
	var s []string
	for i := range l.Len() {
		s = append(s, l.ID(i))
	}
	return strings.Join(s, " ")
}

func TestTypesOfCSV(t *testing.T) {
	for _, c := range []struct{ cells, want string }{
		{"1 2 -3 0", "integer 1 2 -3 0"},
		{"1 . 3", "integer 1 . 3"},
		{". . 3", "integer . . 3"},
		{". .", "text . ."},
		{"9007199254740992 1", "integer 9007199254740992 1"},
		{"9007199254740993 1", "text 9007199254740993 1"},
		{"100000000000000000000 1", "number 100000000000000000000 1"},
		{"1 2.5", "number 1 2.5"},
		{"1.0 2", "number 1 2"},
		{"1e3 .5 5. -0", "number 1000 0.5 5 -0"},
		{"1.50 1e3 x", "text 1.50 1e3 x"},
		{"-0 7 . 0.10 n/a", "text -0 7 . 0.10 n/a"},
		{"01001 01003", "text 01001 01003"},
		{"1001 01003", "text 1001 01003"},
		{"0.5 00.5", "text 0.5 00.5"},
		{"+1 2", "text +1 2"},
		{"1 NaN", "text 1 NaN"},
		{"1 Inf -inf", "text 1 Inf -inf"},
		{"1 1e999", "text 1 1e999"},
		{"1 0x10", "text 1 0x10"},
		{"1 1_000", "text 1 1_000"},
		{"1 1,5", "text 1 1,5"},
		{"true false .", "bool true false ."},
		{"TRUE False", "bool true false"},
		{"TRUE 1 false", "text TRUE 1 false"},
		{"1 true", "text 1 true"},
		{"true yes", "text true yes"},
		{"null NA", "text null NA"},
		{"- . e 1", "text - . e 1"},
	} {
		var b strings.Builder
		b.WriteString("x,last\n")
		for _, cell := range strings.Fields(c.cells) {
			if cell == "." {
				cell = ""
			}
			b.WriteString(`"` + cell + `",z` + "\n")
		}
		l := read(t, "a.csv", b.String(), Source{})
		got, _, _ := strings.Cut(describe(l), "\n")
		if got != "x "+c.want {
			t.Errorf("%s: got %s, want x %s", c.cells, got, c.want)
		}
	}
}

func TestSpaceInCSV(t *testing.T) {
	l := read(t, "a.csv", " n , q , t \n 1 ,\" 1\", a \n2\t,2,\n", Source{})
	n, _ := l.Column("n")
	q, _ := l.Column("q")
	text, _ := l.Column("t")
	if n.Type != geo.Integer || q.Type != geo.Text || q.Text(0) != " 1" || text.Text(0) != " a " {
		t.Errorf("got\n%s", describe(l))
	}
	// What was trimmed comes back when the column turns out to be text.
	l = read(t, "a.csv", "n,m\n 1 ,1\nx,1\n", Source{})
	if n, _ := l.Column("n"); n.Text(0) != " 1 " {
		t.Errorf("got %q", n.Text(0))
	}
}

func TestTypesOfGeoJSON(t *testing.T) {
	for _, c := range []struct{ values, want string }{
		{`1 2 null`, "integer 1 2 ."},
		{`1 2.5`, "number 1 2.5"},
		{`1.0 2`, "number 1 2"},
		{`null null`, "text . ."},
		{`1 "2"`, "text 1 2"},
		{`1.50 "x"`, "text 1.50 x"},
		{`"1" "2"`, "text 1 2"},
		{`"01001"`, "text 01001"},
		{`"" null`, "text  ."},
		{`true false null`, "bool true false ."},
		{`true 1`, "text true 1"},
		{`{"a":[1,"x"]} [1,2]`, `text {"a":[1,"x"]} [1,2]`},
		{`12345678901234567890 1`, "text 12345678901234567890 1"},
		{`1e999 1`, "text 1e999 1"},
		{`"\u00e9\n\ud83d\ude00"`, "text é\n😀"},
	} {
		var f []string
		for _, v := range strings.Fields(c.values) {
			f = append(f, properties(`"x":`+v))
		}
		f = append(f, properties("")) // a missing property is null
		for file, input := range map[string]string{
			"a.geojson": collection(f...), "a.ndjson": strings.Join(f, "\n"),
			"a.geojsonseq": "\x1e" + strings.Join(f, "\n\x1e") + "\n",
		} {
			if got := describe(read(t, file, input, Source{})); got != "x "+c.want+" ." {
				t.Errorf("%s %s: got %s, want x %s .", file, c.values, got, c.want)
			}
		}
	}
	// Space inside a nested value is left out; columns appear as they come.
	l := read(t, "a.geojson", collection(properties(`"a":1`), properties(`"b": { "c" : [ 1 , 2 ] } , "a" : 2`)), Source{})
	if got, want := describe(l), "a integer 1 2\nb text . {\"c\":[1,2]}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSeparators(t *testing.T) {
	for _, input := range []string{
		"lon,lat,name\n1,2,\"a;b;c;d\"\n",
		"lon;lat;name\r\n1;2;a;b;c;d\r\n",
		"lon\tlat\tname\n1\t2\ta;b;c;d\n\n",
		"\ufefflon,lat,\"name\"\n1,2,a;b;c;d",
		"\n\nlon,lat,name\n\n1,2,a;b;c;d\n\n",
	} {
		if strings.HasPrefix(input, "lon;") {
			input = strings.Replace(input, "a;b;c;d", `"a;b;c;d"`, 1)
		}
		for _, text := range []string{input, gz(input)} {
			l := read(t, "a.csv", text, Source{})
			if got := describe(l); got != "name text a;b;c;d" || l.Len() != 1 || l.Point(0) != (orb.Point{1, 2}) {
				t.Errorf("%q: got %s at %v", input, got, l.Point(0))
			}
		}
	}
}

func TestQuotes(t *testing.T) {
	l := read(t, "a.csv", "a,b,c\n\"x \"\"y\"\"\",\"1\n2\r\n3\",\"\"\n\"\"\"\",\",\",z\n", Source{})
	a, _ := l.Texts("a")
	b, _ := l.Texts("b")
	if !slices.Equal(a, []string{`x "y"`, `"`}) || !slices.Equal(b, []string{"1\n2\r\n3", ","}) {
		t.Errorf("got %q %q", a, b)
	}
}

func TestCoordinatesOfCSV(t *testing.T) {
	for _, c := range []struct {
		input  string
		source Source
		fields string
		points []orb.Point // nil for a table
	}{
		{input: "lon,lat,n\n1,2,3\n", fields: "n", points: []orb.Point{{1, 2}}},
		{input: "Latitude,LONG,n\n1,2,3\n", fields: "n", points: []orb.Point{{2, 1}}},
		{input: "lng,lat,longitude\n1,2,3\n", fields: "lng", points: []orb.Point{{3, 2}}},
		{input: "x,y,n\n1,2,3\n", fields: "n", points: []orb.Point{{1, 2}}},
		{input: "x,y,n\n1000,2,3\n", fields: "x y n"},
		{input: "x,y,n\n1,2,3\n", fields: "n", points: []orb.Point{{1, 2}}},
		{input: "x,y,n\n1000,2,3\n", fields: "x y n"},
		{input: "x,y,n\n1,2,3\n", fields: "n", points: []orb.Point{{1, 2}}},
		{input: "x,y,n\n1000,2,3\n", fields: "x y n"},
		{input: "lon,lat,n\n1,2,3\n", source: Source{Geometry: "none"}, fields: "lon lat n"},
		{input: "lon,lat\n,\n1.5,-2\n", points: []orb.Point{{math.NaN(), math.NaN()}, {1.5, -2}}},
		{input: "lon,lat\n180.00000005,-90.00000005\n007.5,02\n", points: []orb.Point{{180, -90}, {7.5, 2}}},
		{input: "lon,lat\n", points: []orb.Point{}},
		{input: "a,b\n", fields: "a b"},
	} {
		l := read(t, "a.csv", c.input, c.source)
		var fields []string
		for _, f := range l.Fields() {
			fields = append(fields, f.Name)
		}
		if got := strings.Join(fields, " "); got != c.fields || l.IsTable() != (c.points == nil) {
			t.Errorf("%q: fields %s, table %v", c.input, got, l.IsTable())
		}
		for i, p := range c.points {
			if got := l.Point(i); got != p && l.Located(i) != math.IsNaN(p[0]) && !math.IsNaN(p[0]) || l.Located(i) == math.IsNaN(p[0]) {
				t.Errorf("%q: row %d at %v, want %v", c.input, i, got, p)
			}
		}
	}
}

func TestIdentifiers(t *testing.T) {
	member := func(id string) string {
		return `{"type":"Feature","id":` + id + `,"geometry":null,"properties":{"fips":"0` + strings.Trim(id, `"`) + `"}}`
	}
	for _, c := range []struct {
		file, input string
		source      Source
		ids, fields string
	}{
		{"a.csv", "id,n\nA,1\nB,2\n", Source{}, "A B", "id n"},
		{"a.csv", "id,n\n01,1\n1.50,2\n", Source{}, "01 1.50", "id n"},
		{"a.csv", "id,n\nA,1\nA,2\n", Source{}, "1 2", "id n"},
		{"a.csv", "id,n\nA,1\n,2\n", Source{}, "1 2", "id n"},
		{"a.csv", "n\n5\n6\n", Source{}, "1 2", "n"},
		{"a.csv", "fips,n\n01001,1\n01003,2\n", Source{ID: "fips"}, "01001 01003", "fips n"},
		{"a.csv", "fips,n\n01001,1\n", Source{ID: "id", Columns: map[string]string{"id": "fips"}}, "01001", "id n"},
		{"a.csv", "fips,n\n01001,1\n", Source{Columns: map[string]string{"id": "fips"}}, "01001", "id n"},
		{"a.csv", "fips,n\n01001,1\n", Source{ID: "fips", Columns: map[string]string{"id": "fips"}}, "01001", "id n"},
		{"a.geojson", collection(member("5"), member(`"7"`)), Source{}, "5 7", "fips"},
		{"a.geojson", collection(member("1"), member(`"2"`)), Source{}, "01 02", "fips"}, // 1, 2 only number the rows
		{"a.geojson", collection(member("1"), member(`"2"`)), Source{ID: "fips"}, "01 02", "fips"},
		{"a.geojson", collection(member("7"), member("8")), Source{ID: "id"}, "7 8", "fips"},
		{"a.geojson", collection(properties(`"id":7`), properties(`"id":"x"`)), Source{}, "7 x", "id"},
		{"a.geojson", collection(properties(`"id":7`), properties(`"id":null`)), Source{}, "1 2", "id"},
		{"a.geojson", collection(properties(`"id":7`), properties(`"id":7`)), Source{}, "1 2", "id"},
		{"a.geojson", collection(properties(``), properties(``)), Source{}, "1 2", ""},
		{"a.geojson", member("7"), Source{}, "7", "fips"},
	} {
		l := read(t, c.file, c.input, c.source)
		var fields []string
		for _, f := range l.Fields() {
			fields = append(fields, f.Name)
		}
		if ids(l) != c.ids || strings.Join(fields, " ") != c.fields {
			t.Errorf("%s %+v: ids %s, fields %v", c.input, c.source, ids(l), fields)
		}
	}
}

func TestColumns(t *testing.T) {
	l := read(t, "a.csv", "a,b,c\n1,2,3\n", Source{Columns: map[string]string{"a": "b", "b": "a", "d": "c", "e": "c"}})
	if got, want := describe(l), "b integer 1\na integer 2\nd integer 3\ne integer 3"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestGeometries(t *testing.T) {
	for input, want := range map[string]orb.Geometry{
		`{"type":"Point","coordinates":[1.5,-2]}`:                              orb.Point{1.5, -2},
		`{"coordinates":[1,2,300,4],"bbox":[1,2,1,2],"type":"Point"}`:          orb.Point{1, 2},
		`{"type":"Point","coordinates":[1e1,123456789012345678e-17]}`:          orb.Point{10, 1.2345678901234567},
		`{"type":"MultiPoint","coordinates":[ [1,2] , [3,4] ]}`:                orb.MultiPoint{{1, 2}, {3, 4}},
		`{"type":"LineString","coordinates":[[1,2],[3,4]]}`:                    orb.LineString{{1, 2}, {3, 4}},
		`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}`:             orb.MultiLineString{{{1, 2}, {3, 4}}},
		`{"type":"Polygon","coordinates":[[[0,0,9],[1,0,9],[1,1,9],[0,0,9]]]}`: orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}},
		`{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,0]]]}`:         orb.Polygon{{{0, 0}, {1, 1}, {1, 0}, {0, 0}}},
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}`:  orb.MultiPolygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}},
		`null`: nil,
	} {
		for _, format := range []string{GeoJSON, NDJSON} {
			feature := `{"geometry":` + input + `,"properties":null,"type":"Feature"}`
			text := collection(feature1, feature)
			if format == NDJSON {
				text = feature1 + "\n" + feature
			}
			l := read(t, "a", text, Source{Format: format})
			if got := l.Shape(1); !orb.Equal(got, want) {
				t.Errorf("%s: got %v", input, got)
			}
			if l.Located(1) != (want != nil) {
				t.Errorf("%s: located %v", input, l.Located(1))
			}
		}
	}
}

func TestAcceptedCRS(t *testing.T) {
	for _, crs := range []string{
		`null`,
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}`,
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC::CRS84"}}`,
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4326"}}`,
		`{"type":"name","properties":{"name":"EPSG:4326"}}`,
		`{"type":"name","properties":{"name":"epsg:4326"}}`,
		`{"type":"name","properties":{"name":"http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}`,
		`{"type":"name","properties":{"name":"http://www.opengis.net/def/crs/EPSG/0/4326"}}`,
		`{"type":"name","properties":{"name":"WGS84"}}`,
		`{"type":"name","properties":{"name":"WGS 84"}}`,
	} {
		input := strings.Replace(collection(feature1), `"features"`, `"crs":`+crs+`,"features"`, 1)
		if l := read(t, "a.geojson", input, Source{}); l.Len() != 1 {
			t.Errorf("%s: %d features", crs, l.Len())
		}
	}
}

func TestDocuments(t *testing.T) {
	l := read(t, "a.json", "\ufeff"+feature1+"\n", Source{})
	if l.Len() != 1 || l.Point(0) != (orb.Point{8.5, 47.4}) {
		t.Errorf("single feature: %d at %v", l.Len(), l.Point(0))
	}
	l = read(t, "a.json", collection(), Source{Columns: map[string]string{"a": "b"}})
	if l.Len() != 0 || l.IsTable() {
		t.Errorf("no features: %d, table %v", l.Len(), l.IsTable())
	}
	l = read(t, "a.json", collection(properties(`"a":1`)), Source{})
	if !l.IsTable() {
		t.Error("features without any geometry are no table")
	}
	l = read(t, "a.json", collection(feature1), Source{Geometry: "none"})
	if !l.IsTable() || l.Len() != 1 {
		t.Error("geometry none is no table")
	}
	area := `{"type":"Feature","properties":{"pw_lon":5,"pw_lat":6},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}`
	l = read(t, "a.json", collection(area), Source{Lon: "pw_lon", Lat: "pw_lat"})
	if l.Point(0) != (orb.Point{5, 6}) || len(l.Fields()) != 0 {
		t.Errorf("points of properties: %v", l.Point(0))
	}
	l = read(t, "a.json", `{"licence":"CC0","features":[],"attribution":"A & B","title":"T","type":"FeatureCollection"}`, Source{Title: "ours"})
	if l.Title != "ours" || l.Licence != "CC0" || l.Attribution != "A & B" {
		t.Errorf("about: %+v", l.About)
	}
}
