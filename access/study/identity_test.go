package study

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"careshed/geo"
)

// identified is a table of towns with the given columns of texts, ids from the
// first of them if the identity says so.
func identified(t *testing.T, id geo.Identity, ids []string, columns map[string][]string) *geo.Layer {
	t.Helper()
	people := geo.Numbers(geo.Field{Name: "population"}, []float64{1000, 100, 10})
	all := []geo.Column{people}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		all = append(all, geo.Labels(geo.Field{Name: name}, columns[name]))
	}
	l, err := geo.NewTable(geo.About{Name: "towns", Identity: id}, ids, all...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const byMatrix = `
version: 1
name: ids
places: {layer: towns}
sites: {layer: sites}
travel: {engine: matrix, table: times, place: from_id, site: to_id, minutes: minutes}
measures: [travel]
`

// Nothing is joined by the numbers of rows, nor by one of two columns that both
// fit.
func TestMatrixByID(t *testing.T) {
	times, err := geo.NewTable(geo.About{Name: "times"}, nil,
		geo.Labels(geo.Field{Name: "from_id"}, []string{"1", "2 ", "3"}),
		geo.Labels(geo.Field{Name: "to_id"}, []string{"S", "S", "S"}),
		geo.Numbers(geo.Field{Name: "minutes"}, []float64{10, 20, 90}))
	if err != nil {
		t.Fatal(err)
	}
	sites, err := geo.NewTable(geo.About{Name: "sites"}, []string{"S"}, geo.Labels(geo.Field{Name: "name"}, []string{"S"}))
	if err != nil {
		t.Fatal(err)
	}
	right, other := []string{"3", "1", "2"}, []string{"2", "3", "1"}
	for _, c := range []struct {
		name   string
		towns  *geo.Layer
		refuse string
	}{
		{"ids", identified(t, geo.Identity{From: "id"}, right, nil), ""},
		{"numbered rows", identified(t, geo.Identity{Why: "id is empty in feature 2"}, nil, map[string][]string{"kod": right, "name": {"a", "b", "c"}}),
			"travel.place: layer towns has no ids to be found by: id is empty in feature 2; accepted: id: in the layer's entry, the name of a column that differs in every row, such as kod (3 of its 3 values are looked for), population, name"},
		{"rivals that both fit", identified(t, geo.Identity{From: "id", Rivals: []string{"code"}}, right, map[string][]string{"code": other}),
			"travel.place: both id and code of layer towns could be its ids, and the ids looked for stand in both; accepted: id: id or id: code"},
		{"a rival that does not fit", identified(t, geo.Identity{From: "id", Rivals: []string{"code"}}, right, map[string][]string{"code": {"x", "y", "z"}}), ""},
		{"names that are nearly the ids", identified(t, geo.Identity{From: "id"}, right, map[string][]string{"name": {"3", "1", "two"}}), "travel.place: both id and name of layer towns could be its ids"},
		{"names that are the ids", identified(t, geo.Identity{From: "id"}, right, map[string][]string{"name": right}), ""},
		{"a rival, but the user has named the ids", identified(t, geo.Identity{From: "id", Named: true, Rivals: []string{"code"}}, right, map[string][]string{"code": other}), ""},
		{"no key fits", identified(t, geo.Identity{From: "id"}, []string{"01", "02", "03"}, nil),
			`travel.place: places of layer towns in from_id of times: 3 of 3 keys are not found, such as "01", "02", "03" ("01" here, "1" there: leading zeros?)`},
	} {
		s, err := Parse(strings.NewReader(byMatrix), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), World{Layers: shelf{"towns": c.towns, "sites": sites, "times": times}}, s, nil)
		switch {
		case c.refuse == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.refuse == "":
			// 1,000 people live in "3": 90 minutes; 100 in "1": 10; 10 in "2": 20.
			if got, want := float64(r.Summary.Travel.TimeMin.Mean), (1000*90+100*10+10*20)/1110.0; got < want-1e-9 || got > want+1e-9 {
				t.Errorf("%s: mean %v, want %v", c.name, got, want)
			}
			if len(r.Manifest.Joins) != 2 || r.Manifest.Joins[0].Matched != 3 {
				t.Errorf("%s: joins %+v", c.name, r.Manifest.Joins)
			}
		case err == nil || !strings.HasPrefix(err.Error(), c.refuse):
			t.Errorf("%s:\n got  %v\n want %s", c.name, err, c.refuse)
		}
	}
}
