package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

func layer(t *testing.T, about geo.About, ids []string, shapes []orb.Geometry, columns ...geo.Column) *geo.Layer {
	t.Helper()
	l, err := geo.NewLayer(about, ids, shapes, columns...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWrite(t *testing.T) {
	nan := math.NaN()
	l := layer(t, geo.About{Name: "l", Title: "T", Licence: `"CC"`, Attribution: "© A"}, []string{"a", "b,c"},
		[]orb.Geometry{orb.Point{-8.123456789, 0.5}, nil},
		geo.Integers(geo.Field{Name: "pop"}, []float64{5, nan}),
		geo.Integers(geo.Field{Name: "big"}, []float64{3000000100, 1}),
		geo.Numbers(geo.Field{Name: "share"}, []float64{0, 1e21}),
		geo.Bools(geo.Field{Name: "ok"}, []float64{1, 0}),
		geo.Labels(geo.Field{Name: `na"me`}, []string{"=x\n\"y\"", ""}))
	for format, want := range map[string]string{
		CSV: "id,lon,lat,pop,big,share,ok,\"na\"\"me\"\n" +
			"a,-8.1234568,0.5,5,3000000100,0.0,true,\"'=x\n\"\"y\"\"\"\n" +
			"\"b,c\",,,,1,1.0e+21,false,\n",
		GeoJSON: `{"type":"FeatureCollection","title":"T","licence":"\"CC\"","attribution":"© A","features":[
{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[-8.1234568,0.5]},"properties":{"pop":5,"big":3000000100.0,"share":0.0,"ok":true,"na\"me":"=x\n\"y\""}},
{"type":"Feature","id":"b,c","geometry":null,"properties":{"pop":null,"big":1.0,"share":1.0e+21,"ok":false,"na\"me":null}}
]}
`,
		NDJSON: `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[-8.1234568,0.5]},"properties":{"pop":5,"big":3000000100.0,"share":0.0,"ok":true,"na\"me":"=x\n\"y\""}}
{"type":"Feature","id":"b,c","geometry":null,"properties":{"pop":null,"big":1.0,"share":1.0e+21,"ok":false,"na\"me":null}}
`,
	} {
		if got := written(t, l, format); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", format, got, want)
		}
	}
	want := "\x1e" + strings.ReplaceAll(strings.TrimSuffix(written(t, l, NDJSON), "\n"), "\n", "\n\x1e") + "\n"
	if got := written(t, l, GeoJSONSeq); got != want {
		t.Errorf("geojsonseq: got\n%q\nwant\n%q", got, want)
	}
}

// A field called as the id or the coordinates is left out only where it says
// the same, and otherwise takes another name.
func TestWriteNames(t *testing.T) {
	p := []orb.Geometry{orb.Point{1, 2}, orb.Point{3, 4}}
	n := func(name string, v ...float64) geo.Column { return geo.Numbers(geo.Field{Name: name}, v) }
	l := layer(t, geo.About{}, []string{"1", "2"}, p, n("lon", 1, 3), n("id", 1, 2), n("lat", 0, 0), n("lat_2", 9, 9))
	if got, want := written(t, l, CSV), "id,lon,lat,lat_2,lat_2_2\n1,1,2,0.0,9.0\n2,3,4,0.0,9.0\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Areas have no coordinates in CSV, and rows that are only numbered no ids.
	area := orb.Polygon{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}
	l = layer(t, geo.About{}, nil, []orb.Geometry{area, area}, n("lon", 7, 8))
	if got, want := written(t, l, CSV), "lon\n7.0\n8.0\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteGeometries(t *testing.T) {
	for _, g := range orb.AllGeometries {
		l := layer(t, geo.About{Name: "l"}, nil, []orb.Geometry{g, orb.Point{1, 2}})
		var b bytes.Buffer
		switch err := Write(&b, l, GeoJSON); {
		case err != nil && (b.Len() > 0 || !strings.Contains(fmt.Sprintf("%T", g), "Collection")):
			t.Errorf("%T: %v after %d bytes", g, err, b.Len())
		case err == nil && !jsontext.Value(b.Bytes()).IsValid():
			t.Errorf("%T: not JSON: %s", g, b.String())
		}
	}
	square := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}}
	line := orb.LineString{{0, 0}, {1, 1}}
	shapes := []orb.Geometry{
		orb.Point{1, 2}, orb.MultiPoint{{1, 2}}, line, orb.MultiLineString{line},
		square, orb.Polygon{square}, orb.MultiPolygon{{square}}, orb.Bound{Max: orb.Point{1, 1}},
	}
	l := layer(t, geo.About{}, nil, shapes)
	if got := written(t, l, NDJSON); strings.Count(got, `"Multi`) != len(shapes) {
		t.Errorf("single geometries beside multiple ones:\n%s", got)
	}
	sameGeoJSON(t, again(t, l, GeoJSON))
	l = layer(t, geo.About{}, nil, []orb.Geometry{square, orb.Polygon{square}, orb.Bound{Max: orb.Point{1, 1}}, line})
	if got := written(t, l, NDJSON); strings.Contains(got, `"Multi`) || strings.Count(got, `"Polygon"`) != 3 {
		t.Errorf("single geometries alone:\n%s", got)
	}
}

// What no format can hold is refused before a byte is written.
func TestWriteRefuses(t *testing.T) {
	p := []orb.Geometry{orb.Point{1, 2}}
	for _, c := range []struct {
		l      *geo.Layer
		format string
		want   string
	}{
		{layer(t, geo.About{Name: "l"}, nil, p, geo.Numbers(geo.Field{Name: "n"}, []float64{math.Inf(1)})), CSV, "write layer l: row 1 (id 1): n is infinite"},
		{layer(t, geo.About{Name: "l"}, nil, []orb.Geometry{orb.LineString{{1, 2}, {math.NaN(), 2}}}), GeoJSON, "write layer l: row 1 (id 1): coordinates such as NaN,2 are not degrees"},
		{layer(t, geo.About{Name: "l"}, nil, []orb.Geometry{orb.Point{354916, 2}}), GeoJSON, "write layer l: row 1 (id 1): coordinates such as 354916,2 are not degrees"},
		{layer(t, geo.About{Name: "l"}, nil, p), "shp", `write layer l: no format "shp"; there are: csv, csv-wkt, geojson, geojsonseq, ndjson, gpkg, parquet, xlsx, kml, html`},
	} {
		var b bytes.Buffer
		if err := Write(&b, c.l, c.format); err == nil || err.Error() != c.want || b.Len() > 0 {
			t.Errorf("got %v after %d bytes, want %s", err, b.Len(), c.want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.0", 1: "1.0", -1: "-1.0", 0.5: "0.5", -12.25: "-12.25", 0.001: "0.001", 100.01: "100.01",
		0.30000000000000004: "0.30000000000000004", 1e15: "1000000000000000.0", 1e21: "1.0e+21", -2.5e-7: "-2.5e-07",
		math.MaxFloat64: "1.7976931348623157e+308", 5e-324: "5.0e-324", 999999999999.999: "999999999999.999",
	} {
		if got := string(appendFloat(nil, v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	// It always reads back, and is never longer than strconv makes it.
	v := 0.1
	for range 200000 {
		v = math.Mod(v*1103515245.25+12345, 1e6)
		for _, x := range []float64{v, math.Round(v), math.Round(v*10) / 10, math.Round(v*1000) / 1000, -v / 1e9} {
			got := string(appendFloat(nil, x))
			back, err := strconv.ParseFloat(got, 64)
			if short := strconv.FormatFloat(x, 'f', -1, 64); err != nil || back != x || len(got) > len(short)+2 {
				t.Fatalf("%s reads back as %v, not %v", got, back, x)
			}
		}
	}
}

func TestAppendDegrees(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", -0.00000001: "0", 180: "180", -180: "-180", 8.5417: "8.5417", -0.1: "-0.1", 1.00000005: "1.0000001", 0.0000001: "0.0000001", 10.2030405: "10.2030405",
	} {
		if got := string(appendDegrees(nil, v)); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.csv.gz")
	l := read(t, "a.csv", "id,n\na,1\n", Source{})
	for range 2 {
		if err := WriteFile(path, func(w io.Writer) error { return Write(w, l, CSV) }); err != nil {
			t.Fatal(err)
		}
	}
	once, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(once), "\x1f\x8b") {
		t.Fatalf("not gzip: %q, %v", once, err)
	}
	if m := read(t, "a.csv.gz", string(once), Source{}); m.Len() != 1 {
		t.Errorf("%d rows", m.Len())
	}
	// A failure leaves the file as it was and nothing beside it.
	for _, fail := range []func(w io.Writer) error{
		func(w io.Writer) error { return errors.New("no more") },
		func(w io.Writer) error { w.Write(bytes.Repeat([]byte("x"), 1<<20)); return errors.New("no more") },
		func(w io.Writer) error { return Write(fullDisk{}, l, CSV) },
	} {
		if err := WriteFile(path, fail); err == nil {
			t.Error("no error")
		}
		now, _ := os.ReadFile(path)
		files, _ := os.ReadDir(dir)
		if !bytes.Equal(now, once) || len(files) != 1 {
			t.Errorf("left %d bytes, %d files", len(now), len(files))
		}
	}
	if err := WriteFile(filepath.Join(dir, "none", "a.csv"), func(io.Writer) error { return nil }); err == nil {
		t.Error("no error for a folder that is not there")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
