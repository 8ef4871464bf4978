package data

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// rulesOf are the filters of a style.
func rulesOf(t *testing.T, qml string) []string {
	t.Helper()
	var doc struct {
		Rules []struct {
			Filter string `xml:"filter,attr"`
			Symbol string `xml:"symbol,attr"`
		} `xml:"renderer-v2>rules>rule"`
		Symbols []struct {
			Name string `xml:"name,attr"`
			Type string `xml:"type,attr"`
		} `xml:"renderer-v2>symbols>symbol"`
	}
	if err := xml.Unmarshal([]byte(qml), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Rules) != len(doc.Symbols) {
		t.Errorf("%d rules, %d symbols", len(doc.Rules), len(doc.Symbols))
	}
	var filters []string
	for i, r := range doc.Rules {
		if r.Symbol != doc.Symbols[i].Name {
			t.Errorf("rule %d has symbol %s", i, r.Symbol)
		}
		filters = append(filters, r.Filter)
	}
	return filters
}

// A style is in the table of QGIS, and every row falls into one class, that of
// the map: a limit belongs to the class above it.
func TestStyledGeoPackage(t *testing.T) {
	values := []float64{-1, 0, 0.3, 0.29999, 2, 11.4, 1e9}
	var points []orb.Point
	for i := range values {
		points = append(points, orb.Point{float64(i), 1})
	}
	l, err := geo.NewPoints(geo.About{Name: `re"gions`}, nil, points, geo.Numbers(geo.Field{Name: `per "10m" <&`, Title: "Centers & more"}, values))
	if err != nil {
		t.Fatal(err)
	}
	style := Style{Column: `per "10m" <&`, Title: "Centers & more", Breaks: []float64{0.3, 2, 11.4}, Colours: []string{"#edf8b1", "#a1dab4", "#41b6c4", "#225ea8"}}
	var b bytes.Buffer
	if err := WriteStyledGeoPackage(&b, map[string]Style{l.Name: style, "other": style}, l); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := WriteStyledGeoPackage(&again, map[string]Style{l.Name: style}, l); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("other bytes when written again: %v", err)
	}
	file := filepath.Join(t.TempDir(), "a.gpkg")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var table, column, qml string
	var usual bool
	if err := db.QueryRow("SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles").Scan(&table, &column, &qml, &usual); err != nil || table != l.Name || column != "geom" || !usual {
		t.Fatalf("%q %q %v %v", table, column, usual, err)
	}
	want := []int{0, 0, 1, 0, 2, 3, 3}
	for k, filter := range rulesOf(t, qml) {
		rows, err := db.Query("SELECT fid FROM " + sqlName(table) + " WHERE " + filter)
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		for rows.Next() {
			var fid int
			if err := rows.Scan(&fid); err != nil {
				t.Fatal(err)
			}
			if want[fid-1] != k {
				t.Errorf("%v is in class %d, want %d", values[fid-1], k, want[fid-1])
			}
			want[fid-1] = -1
		}
		rows.Close()
	}
	for i, k := range want {
		if k >= 0 {
			t.Errorf("%v is in no class", values[i])
		}
	}
	if m := read(t, "a.gpkg", b.String(), Source{}); m.Len() != l.Len() {
		t.Errorf("%v", m)
	}
	tables, err := Tables(context.Background(), bytes.NewReader(b.Bytes()), "a.gpkg", Limits{})
	if err != nil || len(tables) != 1 {
		t.Errorf("%v, %v", tables, err)
	}
	if _, err := exec.LookPath("ogrinfo"); err == nil {
		if out, err := exec.Command("ogrinfo", "-so", file, l.Name).CombinedOutput(); err != nil || !strings.Contains(string(out), fmt.Sprintf("Feature Count: %d", l.Len())) || strings.Contains(string(out), "Warning") {
			t.Errorf("%s, %v", out, err)
		}
	}
}
