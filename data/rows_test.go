package data_test

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"careshed/data"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Rows one by one are what Write writes, whichever of them are taken.
func TestRowsAreThoseOfWrite(t *testing.T) {
	l, err := geo.NewPoints(geo.About{Name: "l"}, []string{"a", "b,c", "d"}, []orb.Point{{1, 2}, {math.NaN(), math.NaN()}, {-3.5, 4}},
		geo.Numbers(geo.Field{Name: "n"}, []float64{0, math.NaN(), 0.4}), geo.Labels(geo.Field{Name: "lon"}, []string{"x", "", "1"}), geo.Integers(geo.Field{Name: "big"}, []float64{1, 3e9, 2}))
	if err != nil {
		t.Fatal(err)
	}
	for format, between := range map[string]string{data.CSV: "", data.GeoJSON: ",\n"} {
		var whole bytes.Buffer
		if err := data.Write(&whole, l, format); err != nil {
			t.Fatal(err)
		}
		rows, err := data.NewRows(l, format, nil)
		if err != nil {
			t.Fatal(err)
		}
		b := rows.Head(nil)
		for i := range l.Len() {
			if i > 0 {
				b = append(b, between...)
			}
			b = rows.Append(b, i)
		}
		if !strings.Contains(whole.String(), string(b)) || format == data.CSV && whole.String() != string(b) {
			t.Errorf("%s: rows\n%s\nwhole\n%s", format, b, whole.String())
		}
	}
	if _, err := data.NewRows(l, data.NDJSON, nil); err == nil {
		t.Error("NDJSON has no rows of its own")
	}
	inf, err := geo.NewTable(geo.About{Name: "l"}, nil, geo.Numbers(geo.Field{Name: "n"}, []float64{math.Inf(1)}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.NewRows(inf, data.CSV, nil); err == nil {
		t.Error("an infinite number is written")
	}
}

// Positions in another system stand where those in degrees do, in every geometry.
func TestRowsWithOtherPositions(t *testing.T) {
	ring := orb.Ring{{0, 0}, {2, 0}, {2, 1}, {0, 0}}
	for name, shapes := range map[string][]orb.Geometry{
		"single":   {orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}, orb.Polygon{ring}},
		"multiple": {orb.MultiPoint{{1, 2}, {3, 4}}, orb.MultiLineString{{{1, 2}, {3, 4}}}, orb.MultiPolygon{{ring}}},
		"both":     {orb.Point{1, 2}, orb.MultiPoint{{1, 2}}, orb.LineString{{1, 2}, {3, 4}}, orb.MultiLineString{{{1, 2}, {3, 4}}}, orb.Polygon{ring}, orb.MultiPolygon{{ring}}},
	} {
		ids := make([]string, len(shapes))
		for i := range ids {
			ids[i] = fmt.Sprintf(`"geometry":null %d`, i)
		}
		l, err := geo.NewLayer(geo.About{Name: "shapes"}, ids, shapes)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := data.NewRows(l, data.GeoJSON, nil)
		if err != nil {
			t.Fatal(err)
		}
		moved, err := data.NewRows(l, data.GeoJSON, func(b []byte, p orb.Point) []byte { return fmt.Appendf(b, "[%g,%g]", 1000*p[0], -p[1]) })
		if err != nil {
			t.Fatal(err)
		}
		number := regexp.MustCompile(`\[(-?[\d.e-]+),(-?[\d.e-]+)\]`)
		for i := range ids {
			want := number.ReplaceAllStringFunc(string(plain.Append(nil, i)), func(at string) string {
				var x, y float64
				if _, err := fmt.Sscanf(at, "[%g,%g]", &x, &y); err != nil {
					t.Fatal(err)
				}
				return fmt.Sprintf("[%g,%g]", 1000*x, -y)
			})
			if got := string(moved.Append(nil, i)); got != want || !strings.Contains(got, "000,-") {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	}
}
