package data

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// speaksGo finds what says nothing to people: words of Go and of its libraries.
var speaksGo = regexp.MustCompile(`unmarshal|Go struct|Go value|json:|jsontext:|xml:|interface \{|map\[|\[\]\w|\bu?int\d*\b|float(32|64)|\bnil\b|reflect|runtime error|0x[0-9a-f]{6}|\*\w+\.\w+|struct|panic|goroutine|thrift|strconv|parquet\.\w|geom\.\w|%!`)

// No reader speaks of Go, whatever it is given: each format is cut, and its bytes
// changed, in hundreds of places.
func TestNoGoInMessages(t *testing.T) {
	files := map[string][]string{}
	layers := trying(t)
	for _, format := range []string{CSV, CSVWKT, GeoJSON, GeoJSONSeq, NDJSON, GeoPackage, GeoParquet, XLSX, KML} {
		for _, name := range []string{"points", "polygons"} {
			read := format
			if format == CSVWKT {
				read = CSV
			}
			files[read] = append(files[read], written(t, layers[name], format))
		}
	}
	shp := zipped(t, map[string]string{"a.shp": shpOf(shpPoint(1, 2), shpPoint(3, 4)), "a.dbf": dbfOf(0, []string{"N N5", "T C3", "D D8", "L L1"}, "     1abc20200101T", "     2def20200102F"), "a.prj": prjWGS84})
	files[Shapefile] = []string{shp}
	files[TopoJSON] = []string{topoText}
	for _, file := range []string{"areas.fgb", "places.fgb"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		files[FlatGeobuf] = append(files[FlatGeobuf], string(b))
	}
	random := rand.New(rand.NewPCG(1, 2))
	errors := 0
	try := func(format, input string) {
		t.Helper()
		_, err := Read(context.Background(), strings.NewReader(input), "a", Source{Format: format}, fuzzLimits)
		if err == nil {
			return
		}
		errors++
		text := regexp.MustCompile(`"(\\.|[^"\\])*"|XML name: \S+`).ReplaceAllString(err.Error(), "") // the user's own words
		if m := speaksGo.FindString(text); m != "" {
			t.Errorf("%s says %q: %s", format, m, err)
		}
	}
	for _, format := range slices.Sorted(maps.Keys(files)) {
		for _, input := range files[format] {
			for k := range 120 {
				b := []byte(input)
				switch k % 4 {
				case 0:
					b = b[:random.IntN(len(b))]
				case 1:
					b[random.IntN(len(b))] = byte(random.IntN(256))
				case 2:
					for range 8 {
						b[random.IntN(len(b))] = byte(random.IntN(256))
					}
				case 3:
					at := random.IntN(len(b))
					b = append(b[:at:at], b[min(len(b), at+1+random.IntN(20)):]...)
				}
				try(format, string(b))
			}
		}
	}
	// Values of other kinds than are due, where a decoder has types of its own.
	odd := []string{`1`, `"x"`, `true`, `[]`, `{}`, `[[1]]`, `{"a":1}`, `null`}
	for _, v := range odd {
		for _, text := range []string{`{"version":@,"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB"}}}`, `{"version":"1.1.0","primary_column":@,"columns":{}}`, `{"primary_column":"geometry","columns":@}`,
			`{"primary_column":"geometry","columns":{"geometry":@}}`, `{"primary_column":"geometry","columns":{"geometry":{"encoding":@}}}`, `{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","crs":@}}}`,
			`{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","crs":{"type":"ProjectedCRS","name":@,"conversion":@}}}}`} {
			try(GeoParquet, parquetFile(t, []shaped{{wkbPoint(1, 2), "x"}}, parquet.KeyValueMetadata("geo", strings.ReplaceAll(text, "@", v))))
		}
		for _, text := range []string{`{"type":"Topology","arcs":@,"objects":{"a":{"type":"LineString","arcs":[0]}}}`, `{"type":"Topology","transform":@,"arcs":[],"objects":{}}`, `{"type":"Topology","arcs":[],"objects":@}`, `{"type":"Topology","arcs":[],"objects":{"a":@}}`,
			`{"type":"Topology","arcs":[[[0,0],[1,1]]],"objects":{"a":{"type":"Polygon","arcs":@}}}`, `{"type":"Topology","arcs":[],"objects":{"a":{"type":"MultiPoint","coordinates":@}}}`} {
			try(TopoJSON, strings.ReplaceAll(text, "@", v))
		}
		for _, text := range []string{`{"type":@,"features":[]}`, `{"type":"FeatureCollection","features":@}`, `{"type":"FeatureCollection","crs":@,"features":[]}`, `{"type":"FeatureCollection","features":[@]}`, `{"type":"Feature","properties":@,"geometry":null}`,
			`{"type":"Feature","properties":{},"geometry":@}`, `{"type":"Feature","id":@,"properties":{},"geometry":null}`, `{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":@}}`, `{"type":"FeatureCollection","crs":{"type":"name","properties":@},"features":[]}`} {
			try(GeoJSON, strings.ReplaceAll(text, "@", v))
		}
		for _, text := range []string{"id,geom\n1,@\n", "id,geojson\n1,\"{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":@}\"\n"} {
			try(CSV, strings.ReplaceAll(text, "@", strings.ReplaceAll(v, `"`, `""`)))
		}
	}
	if errors < 1000 {
		t.Errorf("only %d errors looked at", errors)
	}
}
