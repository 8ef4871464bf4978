package main

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// python is one that has QGIS.
func python(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import qgis.core").Run() == nil {
			return name
		}
	}
	t.Skip("SKIPPED: no QGIS here: install python3-qgis")
	return ""
}

// QGIS opens a collection with its count, extent, types and values, filters it,
// and draws it from its tiles.
func TestQGISReadsTheService(t *testing.T) {
	program := python(t)
	h := server(t, "")
	const id, column, condition = "baseline-it-regions", "per_10m", "population > 3000000"
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	text, err := exec.CommandContext(ctx, program, filepath.Join("..", "..", "testdata", "qgis", "read.py"), h.URL, id, column, condition).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	type opened struct {
		Valid      bool
		Said, Read int
		Extent     [4]float64
		Fields     map[string]string
		Sum        float64
	}
	var got struct {
		QGIS            string
		Whole, Filtered opened
		Painted         int
		PaintedAtSea    int `json:"painted_at_sea"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	var c struct {
		NumberOfFeatures int
		Extent           struct{ Spatial struct{ BBox [][4]float64 } }
		Fields           []struct{ Name, Type string }
	}
	fetch(t, h.URL+"/collections/"+id, &c)
	var all, some features
	fetch(t, h.URL+"/collections/"+id+"/items?limit=1000", &all)
	fetch(t, h.URL+"/collections/"+id+"/items?limit=1000&filter="+url.QueryEscape(condition), &some)
	sum := func(f features) (total float64) {
		for _, x := range f.Features {
			var p map[string]any
			if err := json.Unmarshal(x.Properties, &p); err != nil {
				t.Fatal(err)
			}
			if v, ok := p[column].(float64); ok {
				total += v
			}
		}
		return total
	}
	for name, x := range map[string]struct {
		got  opened
		want features
	}{"whole": {got.Whole, all}, "filtered": {got.Filtered, some}} {
		if n := x.want.NumberMatched; !x.got.Valid || x.got.Read != n || x.got.Said != n || n == 0 || math.Abs(x.got.Sum-sum(x.want)) > 1e-6 {
			t.Errorf("%s: %+v, want %d features and %s to add up to %v", name, x.got, n, column, sum(x.want))
		}
	}
	for i, v := range c.Extent.Spatial.BBox[0] {
		if math.Abs(v-got.Whole.Extent[i]) > 1e-5 {
			t.Errorf("extent %v, want %v", got.Whole.Extent, c.Extent.Spatial.BBox[0])
			break
		}
	}
	for _, f := range c.Fields {
		if is, want := got.Whole.Fields[f.Name], map[string]string{"number": "Real", "integer": "Integer", "text": "String", "bool": "Boolean"}[f.Type]; is != want {
			t.Errorf("%s is %s, want %s", f.Name, is, want)
		}
	}
	if got.Painted < 2000 || got.PaintedAtSea != 0 {
		t.Errorf("tiles paint %d pixels of 40,000 where the regions are and %d at sea", got.Painted, got.PaintedAtSea)
	}
	t.Logf("QGIS %s: %d features, %d pixels painted", got.QGIS, got.Whole.Read, got.Painted)
}
