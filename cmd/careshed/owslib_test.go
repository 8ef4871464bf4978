package main

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// OWSLib reads collections, pages by offset, chosen properties, features without
// geometry and one feature, and hears that there is no search by words.
func TestOWSLibReadsTheService(t *testing.T) {
	program := "/usr/bin/python3"
	if exec.Command(program, "-c", "import owslib.ogcapi.features").Run() != nil {
		t.Skip("SKIPPED: no OWSLib here: install python3-owslib")
	}
	h := server(t, "")
	const id, column, condition = "baseline-it-regions", "population", "population > 3000000"
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, filepath.Join("..", "..", "testdata", "owslib", "read.py"), h.URL, id, column, condition)
	var complaint strings.Builder
	c.Stderr = &complaint
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	var got struct {
		Version, Item, Refused               string
		Conformance, Collections, Queryables []string
		FeatureCollections                   []string `json:"feature_collections"`
		Matched, Filtered                    int
		InBox                                int `json:"in_box"`
		IDs, Properties                      []string
		Sum                                  float64
		Geometries                           []any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	var list struct{ Collections []struct{ ID string } }
	fetch(t, h.URL+"/collections", &list)
	var all, some features
	fetch(t, h.URL+"/collections/"+id+"/items?limit=1000", &all)
	fetch(t, h.URL+"/collections/"+id+"/items?limit=1000&filter="+url.QueryEscape(condition), &some)
	var ids, collections []string
	var sum float64
	for _, f := range all.Features {
		var p map[string]any
		if err := json.Unmarshal(f.Properties, &p); err != nil {
			t.Fatal(err)
		}
		v, _ := p[column].(float64)
		ids, sum = append(ids, f.ID), sum+v
	}
	for _, c := range list.Collections {
		collections = append(collections, c.ID)
	}
	if n := all.NumberMatched; n < 8 || got.Matched != n || got.InBox != n || !slices.Equal(got.IDs, ids) || math.Abs(got.Sum-sum) > 1e-6 || !(sum > 0) {
		t.Errorf("%d features of %d, %d in the box of all, ids %q, want %q; %s adds up to %v, want %v", got.Matched, n, got.InBox, got.IDs, ids, column, got.Sum, sum)
	}
	if n := some.NumberMatched; got.Filtered != n || n == 0 || n == all.NumberMatched {
		t.Errorf("%d where %s, want %d", got.Filtered, condition, n)
	}
	if !slices.Equal(got.Collections, collections) || !slices.Contains(collections, id) || !slices.Contains(got.Queryables, column) {
		t.Errorf("collections %q, want %q; queryables %q", got.Collections, collections, got.Queryables)
	}
	if !slices.Contains(got.FeatureCollections, id) || !slices.Contains(got.Conformance, "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core") {
		t.Errorf("collections of features %q; conformance %q", got.FeatureCollections, got.Conformance)
	}
	if !slices.Equal(got.Properties, []string{"name", column}) || len(got.Geometries) != 3 || slices.ContainsFunc(got.Geometries, func(g any) bool { return g != nil }) {
		t.Errorf("of two properties without geometry come %q and %v", got.Properties, got.Geometries)
	}
	if got.Item != ids[0] || !strings.HasPrefix(got.Refused, "refused: ") || !strings.Contains(got.Refused, `"q"`) {
		t.Errorf("feature %s, want %s; q: %s", got.Item, ids[0], got.Refused)
	}
	t.Logf("OWSLib %s: %d collections, %d features", got.Version, len(got.Collections), got.Matched)
}
