package data

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

func written(t testing.TB, l *geo.Layer, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, l, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// again writes a layer and reads it back.
func again(t testing.TB, l *geo.Layer, format string) *geo.Layer {
	t.Helper()
	text := written(t, l, format)
	m, err := Read(context.Background(), strings.NewReader(text), "again", Source{Format: format}, Limits{})
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	return m
}

// difference is where two layers differ; the columns are given.
func difference(a, b *geo.Layer, ca, cb []geo.Column) string {
	if a.Len() != b.Len() || len(ca) != len(cb) || a.IsTable() != b.IsTable() {
		return fmt.Sprintf("%d rows, %d columns, table %v; %d rows, %d columns, table %v",
			a.Len(), len(ca), a.IsTable(), b.Len(), len(cb), b.IsTable())
	}
	for i := range a.Len() {
		p, q := a.Point(i), b.Point(i)
		// Rows that are only numbered may come back with a column called id for ids.
		if a.Identified() && a.ID(i) != b.ID(i) || a.Located(i) != b.Located(i) {
			return fmt.Sprintf("row %d: %q at %v, %q at %v", i, a.ID(i), p, b.ID(i), q)
		}
		if _, point := a.Shape(i).(orb.Point); point && (math.Abs(p[0]-q[0]) > rounding || math.Abs(p[1]-q[1]) > rounding) {
			return fmt.Sprintf("row %d at %v and %v", i, p, q)
		}
	}
	for k := range ca {
		if ca[k].Type != cb[k].Type {
			return fmt.Sprintf("%q is %s, %q is %s", ca[k].Name, ca[k].Type, cb[k].Name, cb[k].Type)
		}
		for i := range a.Len() {
			if ca[k].Value(i) != cb[k].Value(i) {
				return fmt.Sprintf("%q row %d: %#v, %#v", ca[k].Name, i, ca[k].Value(i), cb[k].Value(i))
			}
		}
	}
	return ""
}

// sameCSV writes a layer as CSV and demands that it reads back as it was, but
// for empty texts, which CSV cannot tell from no value.
func sameCSV(t testing.TB, l *geo.Layer) {
	t.Helper()
	m := again(t, l, CSV)
	var columns []geo.Column
	for _, c := range l.Columns() {
		if !repeats(l, c, l.Identified(), ofPoints(l)) {
			columns = append(columns, c)
		}
	}
	got := m.Columns()
	if l.Identified() {
		got = got[1:] // the column of the ids
	}
	if d := difference(l, m, columns, got); d != "" {
		t.Errorf("CSV: %s\n%.2000s", d, written(t, l, CSV))
	}
	if a, b := written(t, l, CSV), written(t, m, CSV); a != b {
		t.Errorf("CSV differs when written again:\n%.2000s\n%.2000s", a, b)
	}
}

// sameGeoJSON is sameCSV for the formats of GeoJSON. Whole numbers beyond 32
// bits come back as numbers.
func sameGeoJSON(t testing.TB, l *geo.Layer) {
	t.Helper()
	for _, format := range []string{GeoJSON, GeoJSONSeq, NDJSON} {
		if l.Len() == 0 && format != GeoJSON {
			continue // nothing is written, and an empty file is refused
		}
		m := again(t, l, format)
		columns := append([]geo.Column(nil), l.Columns()...)
		for k, c := range columns {
			if newProperty(c).point && c.Type == geo.Integer {
				columns[k] = geo.Numbers(c.Field, c.Values())
			}
		}
		if d := difference(l, m, columns, m.Columns()); d != "" {
			t.Errorf("%s: %s\n%.2000s", format, d, written(t, l, format))
		}
		if a, b := written(t, l, format), written(t, m, format); a != b {
			t.Errorf("%s differs when written again:\n%.2000s\n%.2000s", format, a, b)
		}
	}
}

var awkward = []string{
	"01001", "null", "", "NaN", "true", "-0", "1e5", "=1+1", "+44", "@x", "a,b", "a;b", "\t", " a", "a ",
	`say "x"`, `"`, `\`, "\n", "\r\n", "a\r", "\u2028", "é", "👩‍⚕️", "\ufeff", "\u007f", "</script>", "{}", "[1, 2]",
}

func TestRoundTripCSV(t *testing.T) {
	l := read(t, "a.csv", `id,lon,lat,pop,share,flag,code,note,none
a,8.5417,47.3769,434008,0.5,true,01001,"say ""x"", ok",
"b,c",-0.00000001,-33.8688197,-5,1,false,1002,"two
lines",
"  d",,,,,,,👩‍⚕️,
e,180,-90,3000000100,-1e-9,true,x,null,
`, Source{})
	sameCSV(t, l)
	sameGeoJSON(t, l)
	sameCSV(t, read(t, "a.csv", "n\n1\n\n2\n", Source{}))
	sameCSV(t, read(t, "a.csv", "id,id_2,n\n1,x,1.0\n1,y,2.0\n", Source{}))
	sameCSV(t, read(t, "a.csv", "id\n1.50\n007\n", Source{}))
	sameCSV(t, read(t, "a.csv", "a,b\n", Source{}))
}

func TestRoundTripTexts(t *testing.T) {
	var f []string
	for i, s := range awkward {
		f = append(f, fmt.Sprintf(`{"type":"Feature","id":%s,"geometry":null,"properties":{"t":%s,"some":%s}}`,
			appendQuoted(nil, fmt.Sprint(s, i)), appendQuoted(nil, s), map[bool]string{true: "null", false: string(appendQuoted(nil, s))}[i%2 == 0]))
	}
	l := read(t, "a.ndjson", strings.Join(f, "\n"), Source{})
	sameGeoJSON(t, l)
	texts, _ := l.Texts("t")
	for i, s := range awkward {
		if texts[i] != s {
			t.Errorf("got %q, want %q", texts[i], s)
		}
	}
	// Without the empty text, CSV keeps them too.
	rows := []int{}
	for i := range l.Len() {
		if texts[i] != "" {
			rows = append(rows, i)
		}
	}
	sameCSV(t, l.Pick(rows))
}

func TestRoundTripGeometries(t *testing.T) {
	ring := `[[0,0],[1.1234567,0],[1,1],[0,0]]`
	for _, g := range []string{
		`{"type":"Point","coordinates":[1.12345678,2]}`, `{"type":"MultiPoint","coordinates":[[1,2]]}`,
		`{"type":"LineString","coordinates":[[1,2],[3,4]]}`, `{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}`,
		`{"type":"Polygon","coordinates":[` + ring + `,` + ring + `]}`, `{"type":"MultiPolygon","coordinates":[[` + ring + `],[` + ring + `]]}`, `null`,
	} {
		for _, h := range []string{feature1, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[` + ring + `]},"properties":{}}`} {
			sameGeoJSON(t, read(t, "a.geojson", collection(`{"type":"Feature","geometry":`+g+`}`, h, properties("")), Source{}))
		}
	}
}
