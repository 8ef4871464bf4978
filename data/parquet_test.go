package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"careshed/geo"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/gzip"
)

// parquetFile is a Parquet file of rows of a Go type.
func parquetFile[T any](t testing.TB, rows []T, options ...parquet.WriterOption) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// wkbPoint is the WKB of a point.
func wkbPoint(x, y float64) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{1}, 1)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(y))
}

type shaped struct {
	Geometry []byte `parquet:"geometry"`
	Name     string `parquet:"name"`
}

func geoEntry(column string) parquet.WriterOption {
	return parquet.KeyValueMetadata("geo", `{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":`+column+`}}`)
}

// What other programs write is read: other types, codecs and systems.
func TestParquetOfOthers(t *testing.T) {
	type row struct {
		ID      string    `parquet:"id"`
		Lon     float32   `parquet:"Lon"`
		Lat     float64   `parquet:"lat"`
		Small   int32     `parquet:"small,gzip"`
		Large   int64     `parquet:"large"`
		U       uint64    `parquet:"u"`
		Day     int32     `parquet:"day,date"`
		When    time.Time `parquet:"when,timestamp(millisecond)"`
		Price   int64     `parquet:"price,decimal(2:18)"`
		Maybe   *string   `parquet:"maybe,optional"`
		Tags    []string  `parquet:"tags"`
		Raw     []byte    `parquet:"raw"`
		Yes     bool      `parquet:"yes"`
		Missing *float64  `parquet:"missing,optional"`
	}
	word := "x"
	text := parquetFile(t, []row{
		{"a", 1.5, 2, -7, 1 << 60, math.MaxUint64, 18263, time.UnixMilli(1577934245123), 1234, &word, []string{"p", "q"}, []byte{1}, true, nil},
		{"b", 3, 4, 8, 1, 1, 0, time.UnixMilli(0), -5, nil, nil, nil, false, nil},
	}, parquet.Compression(&gzip.Codec{}))
	l := read(t, "a.parquet", text, Source{})
	want := []string{"id a b", "small -7 8", "large 1152921504606846976 1", "u 18446744073709551615 1", "day 2020-01-02 1970-01-01",
		"when 2020-01-02T03:04:05.123Z 1970-01-01T00:00:00Z", "price 12.34 -0.05", "maybe x ", "yes true false", "missing  "}
	for i, c := range l.Columns() {
		if got := c.Name + " " + c.Text(0) + " " + c.Text(1); i >= len(want) || got != want[i] {
			t.Errorf("column %d: %q", i, got)
		}
	}
	if l.ID(1) != "b" || l.Point(1)[0] != 3 || len(l.Notes) != 2 {
		t.Errorf("id %s at %v, notes %v", l.ID(1), l.Point(1), l.Notes)
	}
	if c, _ := l.Column("missing"); c.Type != geo.Number {
		t.Errorf("missing is %s", c.Type)
	}
	for name, c := range map[string]string{
		"CRS84":    `{"encoding":"WKB","geometry_types":[]}`,
		"null":     `{"encoding":"WKB","geometry_types":[],"crs":null}`,
		"EPSG":     `{"encoding":"WKB","geometry_types":[],"crs":{"type":"GeographicCRS","name":"NAD83","id":{"authority":"EPSG","code":4269}}}`,
		"by datum": `{"encoding":"WKB","geometry_types":[],"crs":{"type":"GeographicCRS","name":"x","datum_ensemble":{"name":"World Geodetic System 1984 ensemble"}}}`,
		"OGC":      `{"encoding":"wkb","geometry_types":[],"crs":{"type":"GeographicCRS","name":"WGS 84 (CRS84)","id":{"authority":"OGC","code":"CRS84"}}}`,
	} {
		l := read(t, "a.parquet", parquetFile(t, []shaped{{wkbPoint(8.5, 47.4), "Zürich"}}, geoEntry(c)), Source{})
		if p := l.Point(0); p[0] != 8.5 || p[1] != 47.4 || len(l.Fields()) != 1 {
			t.Errorf("%s: %v, %v", name, p, l.Fields())
		}
	}
	l = read(t, "a.parquet", parquetFile(t, []shaped{{wkbPoint(950961.6, 6004030.5), "Zürich"}}, geoEntry(`{"encoding":"WKB","crs":{"type":"ProjectedCRS","name":"Pseudo","id":{"authority":"EPSG","code":3857}}}`)), Source{})
	if p := l.Point(0); math.Abs(p[0]-8.5426) > 1e-3 {
		t.Errorf("Mercator: %v", p)
	}
}

func TestParquetRefuses(t *testing.T) {
	good := parquetFile(t, []shaped{{wkbPoint(8.5, 47.4), "Zürich"}}, geoEntry(`{"encoding":"WKB"}`))
	swapped := parquetFile(t, []shaped{{wkbPoint(1, 2), "a"}, {wkbPoint(35.6, 139.7), "b"}}, geoEntry(`{"encoding":"WKB"}`))
	for _, c := range []struct {
		name, input string
		source      Source
		lim         Limits
		want        string
	}{
		{"nothing", "", Source{}, Limits{}, "a.parquet: is empty; accepted: a whole file"},
		{"text", "id,lon,lat\n1,2,3", Source{}, Limits{}, "a.parquet: does not end as Parquet does; accepted: " + acceptParquet},
		{"cut", good[:len(good)/2], Source{}, Limits{}, "a.parquet: does not end as Parquet does"},
		{"long footer", "PAR1\xff\xff\x00\x00PAR1", Source{}, Limits{}, "a.parquet: has a footer longer than the file"},
		{"endless list", "PAR1" + "\x15\x02\x19\xfc\xff\xff\xff\xff\x07" + "\x09\x00\x00\x00PAR1", Source{}, Limits{}, "a.parquet: has a damaged footer"},
		{"point encoding", parquetFile(t, []shaped{{nil, "x"}}, geoEntry(`{"encoding":"point"}`)), Source{}, Limits{}, `a.parquet: geometry does not have the columns x and y that its encoding point asks for; accepted: GeoParquet 1.1`},
		{"odd encoding", parquetFile(t, []shaped{{nil, "x"}}, geoEntry(`{"encoding":"TWKB"}`)), Source{}, Limits{}, `a.parquet: encoding is "TWKB": not read; accepted: WKB`},
		{"Dutch grid", parquetFile(t, []shaped{{nil, "x"}}, geoEntry(`{"encoding":"WKB","crs":{"type":"ProjectedCRS","name":"Amersfoort / RD New","id":{"authority":"EPSG","code":28992}}}`)), Source{}, Limits{},
			`a.parquet: crs is "Amersfoort / RD New (EPSG:28992)": a system that is in Oblique Stereographic, which is not converted; accepted: ` + acceptCRS},
		{"no primary column", parquetFile(t, []shaped{{nil, "x"}}, parquet.KeyValueMetadata("geo", `{"columns":{}}`)), Source{}, Limits{}, `a.parquet: geo does not describe the primary column ""`},
		{"no metadata", parquetFile(t, []shaped{{nil, "x"}}, parquet.KeyValueMetadata("geo", `[]`)), Source{}, Limits{}, `a.parquet: geo is "[]": not metadata of GeoParquet`},
		{"no WKB", parquetFile(t, []shaped{{[]byte("POINT"), "x"}}, geoEntry(`{"encoding":"WKB"}`)), Source{}, Limits{}, "a.parquet: feature 1: geometry has byte order 80"},
		{"swapped", swapped, Source{ID: "name"}, Limits{}, `a.parquet: feature 2 (id b): position is "35.6,139.7": longitude and latitude look swapped; accepted: ` + positionAccept},
		{"many rows", swapped, Source{}, Limits{Features: 1}, "a.parquet: holds 2 features, more than 1"},
		{"no such id", good, Source{ID: "x"}, Limits{}, `a.parquet: id names column "x", which is not there; there are: name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(context.Background(), strings.NewReader(c.input), "a.parquet", c.source, c.lim)
			var input *InputError
			if !errors.As(err, &input) || got != nil || !strings.HasPrefix(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
