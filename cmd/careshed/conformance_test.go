package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// client asks a server for a test.
type client struct {
	t    *testing.T
	base string
}

func (a client) get(path string, status int) []byte {
	a.t.Helper()
	r, err := http.Get(a.base + path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != status {
		a.t.Errorf("%s: status %d, want %d, %v: %.300s", path, r.StatusCode, status, err, body)
	}
	return body
}

func (a client) into(path string, v any) {
	a.t.Helper()
	if body := a.get(path, 200); json.Unmarshal(body, v) != nil {
		a.t.Errorf("%s: no JSON: %.200s", path, body)
	}
}

type anyLink struct{ Rel, Type, Href string }

func has(links []anyLink, rel string) bool {
	return slices.ContainsFunc(links, func(l anyLink) bool { return l.Rel == rel && l.Type != "" && strings.HasPrefix(l.Href, "http") })
}

type anyCollection struct {
	ID, ItemType     string
	Title            string
	Links            []anyLink
	NumberOfFeatures int
	Extent           *struct {
		Spatial struct {
			Box [][]float64 `json:"bbox"`
			CRS string
		}
	}
	CRS    []string
	Fields []struct{ Name, Type string }
}

type anyPage struct {
	Type           string
	Features       []map[string]any
	Links          []anyLink
	NumberMatched  *int
	NumberReturned *int
	TimeStamp      string
}

// The kinds of the abstract tests of OGC API Features, Part 1 (Annex A), Part 2 and
// Part 3, over every collection of the atlas and of the results of every study in
// testdata/specs.
func TestEveryCollectionConforms(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: runs all studies")
	}
	// Under serve a study names no files: its layers stand in a catalog.
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/specs")); err != nil {
		t.Fatal(err)
	}
	catalog := filepath.Join(dir, "careshed.yaml")
	err := os.WriteFile(catalog, []byte("layers:\n  counties: {file: us-counties.geojson, id: fips}\n  hexes: {file: land_use.csv, id: id, geometry: none}\n  schools: {file: land_use.csv, id: id, geometry: none}\n  ttm: {file: travel_matrix.csv.gz}\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	h := server(t, catalog)
	a := client{t, h.URL}
	specs, err := filepath.Glob("../../testdata/specs/[1-6]*.yaml")
	if err != nil || len(specs) < 6 {
		t.Fatalf("%d studies, %v", len(specs), err)
	}
	for _, name := range specs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "../../testdata/specs/2-what-if.yaml" {
			base, err := os.ReadFile("../../testdata/specs/1-beyond-two-hours.yaml")
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(string(base), "places:")
			rest, _, _ = strings.Cut(rest, "measures:")
			text = bytes.Replace(text, []byte("base: 1-beyond-two-hours.yaml\n"), []byte("places:"+rest), 1)
		}
		text = regexp.MustCompile(`(?m)^layers:\n(  .*\n)+`).ReplaceAll(text, nil)
		r, err := http.Post(h.URL+"/processes/study/execution", "application/yaml", bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != 200 {
			t.Errorf("%s: status %d: %.300s", name, r.StatusCode, body)
		}
	}
	var list struct {
		Collections []anyCollection
		Links       []anyLink
	}
	a.into("/collections", &list)
	if len(list.Collections) < 45 || !has(list.Links, "self") || !has(list.Links, "alternate") {
		t.Errorf("%d collections, %v", len(list.Collections), list.Links)
	}
	for _, c := range list.Collections {
		t.Run(c.ID, func(t *testing.T) { conforms(client{t, h.URL}, c) })
	}
	offered(a, list.Collections)
}

// conforms asks a collection what the standard says that it answers.
func conforms(a client, c anyCollection) {
	t := a.t
	at := "/collections/" + url.PathEscape(c.ID)
	var alone anyCollection
	a.into(at, &alone)
	if fmt.Sprint(alone.Extent) == "" || alone.ID != c.ID || (alone.Extent == nil) != (c.Extent == nil) || alone.Extent != nil && fmt.Sprint(*alone.Extent) != fmt.Sprint(*c.Extent) {
		t.Errorf("alone it is %+v, in the list %+v", alone, c)
	}
	for _, rel := range []string{"self", "alternate", "items", "enclosure"} {
		if !has(alone.Links, rel) && (rel != "enclosure" || c.NumberOfFeatures < 10_000) {
			t.Errorf("no link %s with a type: %v", rel, alone.Links)
		}
	}
	page := func(query string) (p anyPage) {
		t.Helper()
		a.into(at+"/items"+query, &p)
		if p.Type != "FeatureCollection" || p.Features == nil || p.NumberMatched == nil || p.NumberReturned == nil || *p.NumberReturned != len(p.Features) || *p.NumberReturned > *p.NumberMatched ||
			p.TimeStamp == "" || !has(p.Links, "self") || !has(p.Links, "alternate") || !has(p.Links, "collection") {
			t.Errorf("items%s: %d features of %v, %v, %v", query, len(p.Features), p.NumberMatched, p.TimeStamp, p.Links)
		}
		return p
	}
	all := page("")
	if *all.NumberMatched != c.NumberOfFeatures {
		t.Errorf("%d features, %d matched", c.NumberOfFeatures, *all.NumberMatched)
	}
	located := 0
	for _, f := range all.Features {
		id, ok := f["id"].(string)
		if _, geometry := f["geometry"]; f["type"] != "Feature" || !ok || id == "" || !geometry || f["properties"] == nil {
			t.Fatalf("a feature is %v", f)
		}
		if f["geometry"] != nil {
			located++
		}
	}
	if len(all.Features) > 0 {
		var one map[string]any
		a.into(at+"/items/"+url.PathEscape(all.Features[0]["id"].(string)), &one)
		if one["id"] != all.Features[0]["id"] || fmt.Sprint(one["properties"]) != fmt.Sprint(all.Features[0]["properties"]) {
			t.Errorf("alone a feature is %v, on the page %v", one, all.Features[0])
		}
	}
	// Limits, offsets and next links: nothing is lost, nothing comes twice.
	if p := page("?limit=1"); len(p.Features) > 1 || c.NumberOfFeatures > 1 && !has(p.Links, "next") {
		t.Errorf("limit=1: %d features, %v", len(p.Features), p.Links)
	}
	if n := c.NumberOfFeatures; n > 1 && n < 2000 {
		limit := n/3 + 1
		for _, begin := range []string{"", "&offset=0"} {
			var ids []string
			for path := fmt.Sprintf("/items?limit=%d%s", limit, begin); path != ""; {
				p := page(strings.TrimPrefix(path, "/items"))
				path = ""
				for _, f := range p.Features {
					ids = append(ids, f["id"].(string))
				}
				for _, l := range p.Links {
					if l.Rel == "next" {
						path = strings.TrimPrefix(l.Href, a.base+at)
					}
				}
			}
			got := len(ids)
			slices.Sort(ids)
			if ids = slices.Compact(ids); len(ids) != n || got != n {
				t.Errorf("pages of %d%s: %d features, %d of them different, of %d", limit, begin, got, len(ids), n)
			}
		}
		if p := page(fmt.Sprintf("?offset=%d&limit=5", n-1)); len(p.Features) != 1 || has(p.Links, "next") {
			t.Errorf("the last by offset: %d features", len(p.Features))
		}
	}
	if p := page(fmt.Sprintf("?offset=%d", c.NumberOfFeatures+5)); len(p.Features) != 0 || *p.NumberMatched != c.NumberOfFeatures {
		t.Errorf("beyond the end: %d features", len(p.Features))
	}
	// Boxes: features without a geometry meet every box; the whole world has all.
	if p := page("?bbox=-180,-90,180,90"); *p.NumberMatched != c.NumberOfFeatures {
		t.Errorf("in the whole world are %d of %d", *p.NumberMatched, c.NumberOfFeatures)
	}
	nowhere := page("?bbox=-140,-50,-139.9,-49.9&limit=10000") // the South Pacific
	for _, f := range nowhere.Features {
		if f["geometry"] != nil {
			t.Errorf("%v meets a box in the South Pacific", f["id"])
		}
	}
	if c.Extent == nil && *nowhere.NumberMatched != c.NumberOfFeatures {
		t.Errorf("of a table %d of %d meet a box", *nowhere.NumberMatched, c.NumberOfFeatures)
	}
	page("?bbox=177,-90,-177,90&limit=2")
	page("?bbox=-10,35,0,20,60,10&limit=2")
	page("?datetime=2020-01-01T00:00:00Z/..&limit=2")
	if p := page("?skipGeometry=true&limit=3"); slices.ContainsFunc(p.Features, func(f map[string]any) bool { return f["geometry"] != nil }) {
		t.Errorf("skipGeometry leaves a geometry")
	}
	if p := page("?resulttype=hits"); *p.NumberMatched != c.NumberOfFeatures || len(p.Features) != 0 {
		t.Errorf("hits: %d features of %d", len(p.Features), *p.NumberMatched)
	}
	page("?bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326&bbox=35,-10,60,20&limit=2")
	page("?crs=http://www.opengis.net/def/crs/EPSG/0/3857&limit=2")
	for _, bad := range []string{"limit=0", "limit=x", "bbox=1,2,3", "bbox=a,b,c,d", "datetime=yesterday", "unknown-parameter-of-nobody=1", "crs=nonsense", "offset=-1", "filter=NONSENSE("} {
		a.get(at+"/items?"+bad, 400)
	}
	a.get(at+"/items/no-such-feature-of-anybody", 404)
	// Filters name what queryables list, and a schema all that features have.
	var queryables, schema struct{ Properties map[string]json.RawMessage }
	a.into(at+"/queryables", &queryables)
	a.into(at+"/schema", &schema)
	var inner struct{ Properties map[string]json.RawMessage }
	if err := json.Unmarshal(schema.Properties["properties"], &inner); err != nil {
		t.Fatal(err)
	}
	for _, f := range all.Features[:min(3, len(all.Features))] {
		for name := range f["properties"].(map[string]any) {
			if _, ok := inner.Properties[name]; !ok && name != "id" {
				t.Errorf("%s is not in the schema", name)
			}
			if _, ok := queryables.Properties[name]; !ok {
				t.Errorf("%s is not among the queryables", name)
			}
		}
	}
	for _, f := range c.Fields[:min(2, len(c.Fields))] {
		p := page("?limit=1&filter=" + url.QueryEscape(fmt.Sprintf("%q IS NULL OR %q IS NOT NULL", f.Name, f.Name)))
		if *p.NumberMatched != c.NumberOfFeatures {
			t.Errorf("%s is null or not in %d of %d", f.Name, *p.NumberMatched, c.NumberOfFeatures)
		}
		page("?limit=2&sortby=" + url.QueryEscape("-"+f.Name))
		page("?limit=2&properties=" + url.QueryEscape(f.Name) + "&properties=" + url.QueryEscape(c.Fields[0].Name))
	}
	for _, l := range alone.Links {
		if l.Rel == "enclosure" && c.NumberOfFeatures < 1000 && strings.Contains(l.Href, "gpkg") {
			a.get(strings.TrimPrefix(l.Href, a.base), 200)
		}
	}
}

// offered asks every path of the OpenAPI document that is about a collection of
// every collection that it is offered for.
func offered(a client, collections []anyCollection) {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Ref      string `json:"$ref"`
				Schema   struct{ Enum []string }
			}
		}
		Components struct {
			Parameters map[string]struct{ Name string }
		}
	}
	a.into("/api", &doc)
	asked := 0
	for path, methods := range doc.Paths {
		get, ok := methods["get"]
		if !ok || !strings.Contains(path, "{collectionId}") {
			continue
		}
		var only []string
		for _, p := range get.Parameters {
			if p.In == "path" && p.Name == "collectionId" {
				only = p.Schema.Enum
			}
		}
		for _, c := range collections {
			if only != nil && !slices.Contains(only, c.ID) {
				continue
			}
			at := strings.ReplaceAll(path, "{collectionId}", url.PathEscape(c.ID))
			if strings.Contains(at, "{featureId}") {
				continue // asked by conforms
			}
			at = strings.NewReplacer("{tileMatrix}", "0", "{tileRow}", "0", "{tileCol}", "0", "{z}", "0", "{x}", "0", "{y}", "0").Replace(at)
			r, err := http.Get(a.base + at)
			if err != nil {
				a.t.Fatal(err)
			}
			body, _ := io.ReadAll(r.Body)
			r.Body.Close()
			if r.StatusCode != 200 && r.StatusCode != 204 {
				a.t.Errorf("%s is offered, and answers %d: %.200s", at, r.StatusCode, body)
			}
			asked++
		}
	}
	if asked < 300 {
		a.t.Errorf("%d addresses asked", asked)
	}
	// The parameters that the standard asks for are described for every collection.
	for _, c := range collections {
		op, ok := doc.Paths["/collections/"+url.PathEscape(c.ID)+"/items"]
		if !ok {
			a.t.Errorf("%s has no path of its own", c.ID)
			continue
		}
		names := map[string]bool{}
		for _, p := range op["get"].Parameters {
			names[p.Name] = true
			names[doc.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")].Name] = true
		}
		for _, n := range []string{"bbox", "limit", "datetime", "offset", "filter", "crs"} {
			if !names[n] && !slices.ContainsFunc(c.Fields, func(f struct{ Name, Type string }) bool { return f.Name == n }) {
				a.t.Errorf("%s: %s is not described", c.ID, n)
			}
		}
	}
}
