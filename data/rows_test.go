package data_test

import (
	"bytes"
	"math"
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
		rows, err := data.NewRows(l, format)
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
	if _, err := data.NewRows(l, data.NDJSON); err == nil {
		t.Error("NDJSON has no rows of its own")
	}
	inf, err := geo.NewTable(geo.About{Name: "l"}, nil, geo.Numbers(geo.Field{Name: "n"}, []float64{math.Inf(1)}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.NewRows(inf, data.CSV); err == nil {
		t.Error("an infinite number is written")
	}
}
