package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/brotli"
	"github.com/parquet-go/parquet-go/compress/gzip"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/paulmach/orb"
)

// Whatever packs the pages, the rows are the same.
func TestParquetCodecs(t *testing.T) {
	for _, c := range []compress.Codec{&snappy.Codec{}, &gzip.Codec{}, &zstd.Codec{}, &brotli.Codec{}} {
		var rows []shaped
		for i := range 3000 {
			rows = append(rows, shaped{wkbPoint(float64(i%180), 45), fmt.Sprint("n", i)})
		}
		l := read(t, "a.parquet", parquetFile(t, rows, geoEntry(`{"encoding":"WKB"}`), parquet.Compression(c)), Source{})
		if l.Len() != 3000 || l.Point(179) != (orb.Point{179, 45}) || !strings.HasPrefix(words(l, "name"), "n0 n1 n2 ") {
			t.Errorf("%s: %d rows", c, l.Len())
		}
	}
	for _, file := range []string{"brotli.parquet", "lz4_raw.parquet"} { // of DuckDB 1.5.6
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		l := read(t, file, string(b), Source{})
		if d, _ := l.Column("d"); l.Len() != 1000 || d.Number(999) != 1498.5 || !strings.HasSuffix(words(l, "name"), "name 4 name 5") {
			t.Errorf("%s: %d rows, %s", file, l.Len(), d.Text(999))
		}
	}
}

// Positions in lists, as GeoParquet 1.1 may have them, make the shapes that WKB
// makes; a row may be null or empty.
func TestParquetNestedShapes(t *testing.T) {
	type xy struct {
		X float64 `parquet:"x"`
		Y float64 `parquet:"y"`
	}
	entry := func(kind string) parquet.WriterOption {
		return geoEntry(`{"encoding":"` + kind + `","geometry_types":[]}`)
	}
	check := func(name, text string, want ...orb.Geometry) {
		t.Helper()
		l := read(t, "a.parquet", text, Source{})
		for i, w := range want {
			var got orb.Geometry
			if l.Located(i) {
				got = l.Shape(i)
			}
			if (got == nil) != (w == nil) || w != nil && !orb.Equal(got, w) {
				t.Errorf("%s, row %d: %v, want %v", name, i, got, w)
			}
		}
		if l.Len() != len(want) || words(l, "n") != strings.TrimSuffix(strings.Repeat("7 ", len(want)), " ") {
			t.Errorf("%s: %d rows, %s", name, l.Len(), words(l, "n"))
		}
	}
	type point struct {
		G *xy   `parquet:"geometry,optional"`
		N int64 `parquet:"n"`
	}
	check("point", parquetFile(t, []point{{&xy{1, 2}, 7}, {nil, 7}, {&xy{3, 4}, 7}}, entry("point")), orb.Point{1, 2}, nil, orb.Point{3, 4})
	type line struct {
		G []xy  `parquet:"geometry,list"`
		N int64 `parquet:"n"`
	}
	lines := []line{{[]xy{{1, 2}, {3, 4}}, 7}, {nil, 7}, {[]xy{{5, 6}, {7, 8}, {9, 10}}, 7}}
	check("linestring", parquetFile(t, lines, entry("linestring")), orb.LineString{{1, 2}, {3, 4}}, nil, orb.LineString{{5, 6}, {7, 8}, {9, 10}})
	check("multipoint", parquetFile(t, lines, entry("geoarrow.multipoint")), orb.MultiPoint{{1, 2}, {3, 4}}, nil, orb.MultiPoint{{5, 6}, {7, 8}, {9, 10}})
	type polygon struct {
		G [][]xy `parquet:"geometry,list"`
		N int64  `parquet:"n"`
	}
	ring, hole := []xy{{0, 0}, {4, 0}, {4, 4}, {0, 0}}, []xy{{1, 1}, {2, 1}, {2, 2}, {1, 1}}
	big, small := orb.Ring{{0, 0}, {4, 0}, {4, 4}, {0, 0}}, orb.Ring{{1, 1}, {2, 1}, {2, 2}, {1, 1}}
	areas := []polygon{{[][]xy{ring, hole}, 7}, {[][]xy{hole}, 7}}
	if text, ok := tried(func() string { return parquetFile(t, areas, entry("polygon")) }); ok {
		check("polygon", text, orb.Polygon{big, small}, orb.Polygon{small})
		check("multilinestring", parquetFile(t, areas, entry("multilinestring")), orb.MultiLineString{orb.LineString(big), orb.LineString(small)}, orb.MultiLineString{orb.LineString(small)})
	}
	type multi struct {
		G [][][]xy `parquet:"geometry,list"`
		N int64    `parquet:"n"`
	}
	if text, ok := tried(func() string {
		return parquetFile(t, []multi{{[][][]xy{{ring, hole}, {hole}}, 7}, {[][][]xy{{ring}}, 7}}, entry("multipolygon"))
	}); ok {
		check("multipolygon", text, orb.MultiPolygon{{big, small}, {small}}, orb.MultiPolygon{{big}})
	}
}

// tried is what a writer makes, if it can.
func tried(make func() string) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return make(), true
}

// The system of the metadata and of the column must be one; that of a single
// shape must not be another.
func TestParquetSystemsAgree(t *testing.T) {
	ewkb := func(srid uint32, x, y float64) []byte {
		b := binary.LittleEndian.AppendUint32([]byte{1}, 1|ewkbSRID)
		b = binary.LittleEndian.AppendUint32(b, srid)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(y))
	}
	const wgs = `{"encoding":"WKB","crs":{"type":"GeographicCRS","name":"WGS 84","id":{"authority":"EPSG","code":4326}}}`
	x, y := 1001875.4171394622, 5621521.486192066
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"EWKB converts where nothing is named": {parquetFile(t, []shaped{{ewkb(3857, x, y), "a"}}, geoEntry(`{"encoding":"WKB"}`)), true},
		"EWKB of the same system":              {parquetFile(t, []shaped{{ewkb(4326, 9, 45), "a"}}, geoEntry(wgs)), true},
		"EWKB against the column":              {parquetFile(t, []shaped{{ewkb(3857, x, y), "a"}}, geoEntry(wgs)), false},
		"EWKB of ED50 against WGS84":           {parquetFile(t, []shaped{{ewkb(4230, 9, 45), "a"}}, geoEntry(wgs)), false},
		"unknown, and EWKB knows":              {parquetFile(t, []shaped{{ewkb(3857, x, y), "a"}}, geoEntry(`{"encoding":"WKB","crs":null}`)), true},
	} {
		l, err := Read(context.Background(), strings.NewReader(c.text), "a.parquet", Source{}, Limits{})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && apart([2]float64(l.Point(0)), [2]float64{9, 45}) > 0.01 {
			t.Errorf("%s: %v", name, l.Point(0))
		}
		if err != nil && !strings.Contains(err.Error(), "SRID=") {
			t.Errorf("%s: %v", name, err)
		}
	}
	tab := newTable("a", Source{}, Limits{}.withDefaults())
	f, err := parquet.OpenFile(bytes.NewReader([]byte(parquetFile(t, []shaped{{nil, "x"}}, parquet.KeyValueMetadata("mine", `{"type":"GeographicCRS","name":"ED50","datum":{"name":"European Datum 1950"}}`)))), int64(len(parquetFile(t, []shaped{{nil, "x"}}, parquet.KeyValueMetadata("mine", `{"type":"GeographicCRS","name":"ED50","datum":{"name":"European Datum 1950"}}`)))))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ key, native, want string }{
		{`"EPSG:3857"`, "EPSG:27700", "EPSG:27700"}, {`"EPSG:4326"`, "EPSG:4230", "EPSG:4230"}, {`"EPSG:27700"`, "projjson:mine", "ED50"}, {"", "projjson:none", "projjson:none"},
		{"", "EPSG:28992", "Oblique Stereographic"}, {`"EPSG:25832"`, "urn:ogc:def:crs:EPSG::25832", ""}, {`"OGC:CRS84"`, "EPSG:4326", ""}, {"null", "EPSG:3857", ""}, {`"EPSG:3857"`, "srid:0", ""},
	} {
		err := tab.parquetCRS(f, []byte(c.key), c.native)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s and %s: %v", c.key, c.native, err)
		}
	}
}

// Decimals of every width, whole numbers beyond 2^53, UUIDs, times and short
// floats come out as other programs print them.
func TestParquetDigits(t *testing.T) {
	value, kind, _ := decimalOf(2)
	for text, v := range map[string]parquet.Value{
		"12.34": parquet.Int32Value(1234), "-0.05": parquet.Int64Value(-5), "92233720368547758.07": parquet.Int64Value(math.MaxInt64),
		"123456789012345678901234567890.12": parquet.FixedLenByteArrayValue(twos("12345678901234567890123456789012", 16)),
		"-1.00":                             parquet.ByteArrayValue(twos("-100", 1)), "-1234567890123456789.01": parquet.FixedLenByteArrayValue(twos("-123456789012345678901", 12)),
	} {
		if got := value(v); got != digits(text) {
			t.Errorf("%v, want %s (%s)", got, text, kind)
		}
	}
	for v, want := range map[float32]float64{0.1: 0.1, 3.4e38: 3.4e38, 16777217: 16777216, 1e-45: 1e-45, -2.5: -2.5, 0.3333333: 0.3333333} {
		if got := shortest(v); got != want {
			t.Errorf("%v is %v, want %v", v, got, want)
		}
	}
	for bits, want := range map[uint16]float64{0x2e66: 0.1, 0x3c00: 1, 0xc100: -2.5, 0x7bff: 65500, 0x3555: 0.3333, 0x0001: 6e-8} {
		if got := half(binary.LittleEndian.AppendUint16(nil, bits)); math.Abs(got.(float64)-want) > 1e-12*math.Abs(want) {
			t.Errorf("%#x is %v, want %v", bits, got, want)
		}
	}
	if got := uuid(parquet.FixedLenByteArrayValue([]byte("\x3f\x2c\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"))); got != "3f2c0102-0304-0506-0708-090a0b0c0d0e" {
		t.Error(got)
	}
	for n, want := range map[int64]string{36672e9: "10:11:12", 0: "00:00:00", 86399999999999: "23:59:59.999999999", 5e8: "00:00:00.5"} {
		if got := clock(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// twos is a number as bytes of a width, big-endian.
func twos(text string, width int) []byte {
	n, _ := new(big.Int).SetString(text, 10)
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*width)))
	}
	return n.FillBytes(make([]byte, width))
}

// Files that DuckDB writes in each way that it knows are read as they were.
func TestParquetOfDuckDB(t *testing.T) {
	home := os.Getenv("CARESHED_NODE")
	if _, err := os.Stat(filepath.Join(home, "node_modules", "@duckdb", "node-api")); home == "" || err != nil {
		t.Skip("SKIPPED: no @duckdb/node-api; npm install it into a folder and name that as CARESHED_NODE")
	}
	dir := t.TempDir()
	const script = `const {DuckDBInstance} = require('@duckdb/node-api');
(async () => { const c = await (await DuckDBInstance.create()).connect();
for (const codec of ['snappy', 'zstd', 'gzip', 'brotli', 'lz4_raw'])
  await c.run("COPY (SELECT i AS id, (i * 1.5)::DECIMAL(38,1) AS d, (9007199254740993 + i)::UBIGINT AS u, uuid_str::UUID AS k, TIME '10:11:12' AS t, 0.1::FLOAT AS f, i::HUGEINT AS h FROM (SELECT unnest([1,2,3]) AS i, '3f2c0102-0304-0506-0708-090a0b0c0d0e' AS uuid_str)) TO '" + process.argv[1] + "/" + codec + ".parquet' (COMPRESSION " + codec + ")");
})();`
	c := exec.Command("node", "-e", script, dir)
	c.Dir = home
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.parquet"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		l := read(t, filepath.Base(f), string(b), Source{})
		if words(l, "d") != "1.5 3 4.5" || words(l, "u") != "9007199254740994 9007199254740995 9007199254740996" || words(l, "t") != "10:11:12 10:11:12 10:11:12" || words(l, "f") != "0.1 0.1 0.1" ||
			!strings.HasPrefix(words(l, "k"), "3f2c0102-0304-0506-0708-090a0b0c0d0e ") {
			t.Errorf("%s: %s | %s | %s | %s", f, words(l, "d"), words(l, "u"), words(l, "t"), words(l, "k"))
		}
	}
	if len(files) != 5 {
		t.Errorf("%d files", len(files))
	}
}
