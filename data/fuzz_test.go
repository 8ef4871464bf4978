package data

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// Small limits keep a single input from taking long.
var fuzzLimits = Limits{Bytes: 1 << 20, Features: 1000, Columns: 50, Text: 1 << 16, Vertices: 10000}

// fuzzRead reads; an error must be an InputError in one line.
func fuzzRead(t *testing.T, input []byte, format string) {
	l, err := Read(context.Background(), strings.NewReader(string(input)), "fuzz", Source{Format: format}, fuzzLimits)
	if err != nil {
		var e *InputError
		if !errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\r") || l != nil {
			t.Errorf("%T %q with layer %v", err, err, l)
		}
		return
	}
	switch format {
	case CSV:
		sameCSV(t, l)
	case GeoJSON, GeoJSONSeq:
		sameGeoJSON(t, l)
	}
}

func FuzzGeoPackage(f *testing.F) {
	for name, l := range trying(f) {
		if name == "points" || name == "polygons" || name == "table" {
			f.Add([]byte(written(f, l, GeoPackage)))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, GeoPackage) })
}

func FuzzGeoParquet(f *testing.F) {
	for name, l := range trying(f) {
		if name == "points" || name == "polygons" || name == "table" {
			f.Add([]byte(written(f, l, GeoParquet)))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, GeoParquet) })
}

// FuzzWKB decodes geometries alone: what is read is written and read again.
func FuzzWKB(f *testing.F) {
	for _, l := range trying(f) {
		multiple, err := mixed(l)
		if err != nil {
			f.Fatal(err)
		}
		for i := range l.Rows() {
			var s sink
			if err := appendWKB(&s, l.Shape(i), multiple[l.Shape(i).Dimensions()]); err != nil {
				f.Fatal(err)
			}
			f.Add(s.buf)
		}
	}
	f.Add([]byte("\x01\x01\x00\x00\x20\xe6\x10\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40"))
	f.Fuzz(func(t *testing.T, input []byte) {
		table := newTable("fuzz", Source{}, fuzzLimits.withDefaults())
		g, _, err := table.binaryShape(input)
		if err != nil {
			var e *InputError
			if !errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\r") || g != nil {
				t.Errorf("%T %q with %v", err, err, g)
			}
			return
		}
		if g == nil {
			return
		}
		var s sink
		if err := appendWKB(&s, g, false); err != nil {
			t.Fatal(err)
		}
		if again, _, err := table.binaryShape(s.buf); err != nil || !orb.Equal(g, again) {
			t.Errorf("%v came back as %v, %v", g, again, err)
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, m := range malformed {
		if strings.HasSuffix(m.file, ".csv") {
			f.Add([]byte(m.input))
		}
	}
	f.Add([]byte("lon,lat"))
	f.Add([]byte("id,lon,lat,n,t\na,1,2,3,01001\n\"b\",,,1.50,\"x\"\"y\n\"\n"))
	f.Add([]byte("id;n;b\r\n1.50; 2 ;TRUE\r\n007;-0;false\r\n"))
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, CSV) })
}

func FuzzGeoJSON(f *testing.F) {
	for _, m := range malformed {
		if strings.HasSuffix(m.file, ".geojson") && len(m.input) < 2000 {
			f.Add([]byte(m.input))
		}
	}
	f.Add([]byte(collection(feature1, properties(`"name":1.50,"x":{"a":[1]},"y":true,"z":1e400,"big":3000000100`))))
	f.Add([]byte(`[{"code":"01","lon":8.5,"lat":"47.4 N","pop":null,"x":{"a":[1]}}]`))
	f.Add([]byte(`[{"a":1,"geom":{"type":"Point","coordinates":[8.5,47.4]}},{"geom":null}]`))
	f.Add([]byte(`[["NAME","lon","lat"],["A","8.5",47.4],[null,true,[]]]`))
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, GeoJSON) })
}

func FuzzGeoJSONSeq(f *testing.F) {
	for _, m := range malformed {
		if (strings.HasSuffix(m.file, ".ndjson") || strings.HasSuffix(m.file, ".geojsonseq")) && len(m.input) < 2000 {
			f.Add([]byte(m.input))
		}
	}
	f.Add([]byte("\x1e" + feature1 + "\n\x1e" + properties(`"name":-0,"id":"x"`) + "\n"))
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, GeoJSONSeq) })
}

func FuzzXLSX(f *testing.F) {
	for name, l := range trying(f) {
		if name == "points" || name == "table" {
			f.Add([]byte(written(f, l, XLSX)))
		}
	}
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, XLSX) })
}

func FuzzKML(f *testing.F) {
	for name, l := range trying(f) {
		if name == "points" || name == "polygons" || name == "mixed" {
			f.Add([]byte(written(f, l, KML)))
		}
	}
	f.Add([]byte(`<kml><Placemark><name>a</name><MultiGeometry><Point><coordinates>1,2,3</coordinates></Point></MultiGeometry><ExtendedData><Data name="n"><value>1</value></Data></ExtendedData></Placemark></kml>`))
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, KML) })
}

func FuzzFlatGeobuf(f *testing.F) {
	for _, file := range []string{"areas.fgb", "places.fgb"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, FlatGeobuf) })
}

func FuzzTopoJSON(f *testing.F) {
	f.Add([]byte(topoText))
	f.Add([]byte(`{"type":"Topology","arcs":[[[0,0],[1,1],[2,0]]],"objects":{"a":{"type":"MultiPolygon","arcs":[[[0,-1]]]}}}`))
	f.Fuzz(func(t *testing.T, input []byte) { fuzzRead(t, input, TopoJSON) })
}

// FuzzSystem reads definitions of coordinate systems; nothing may come of them
// that is no place on earth.
func FuzzSystem(f *testing.F) {
	for _, text := range []string{"EPSG:27700", "urn:ogc:def:crs:EPSG::4326", prjWGS84, prjUTM, `{"type":"ProjectedCRS","name":"x"}`, `BOUNDCRS[SOURCECRS[` + prjWGS84 + `]]`} {
		f.Add(text, 4e5, 3e5)
	}
	f.Fuzz(func(t *testing.T, text string, x, y float64) {
		s := systemOfText(text)
		tab := newTable("fuzz", Source{}, fuzzLimits.withDefaults())
		if tab.use(s) != "" || tab.crs == nil {
			return
		}
		if lon, lat, problem := tab.crs.degrees(x, y); problem == "" && !(lon-lon == 0 && lat-lat == 0) {
			if _, wrong, _ := position(lon, lat); wrong == "" {
				t.Errorf("%q takes %v, %v to %v, %v", text, x, y, lon, lat)
			}
		}
	})
}
