package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// oddly is a server with a layer whose columns are called as parameters are.
func oddly(t *testing.T) *Server {
	at := []orb.Point{{12.5, 41.9}, {13, 42}, {-179.5, -17}}
	odd := must(geo.NewPoints(geo.About{Name: "odd"}, []string{"a", "b", "c"}, at, texts("datetime", "2024-01-01", "2024-06-01T10:00:00Z", ""), texts("geometry", "g", "h", "i"),
		texts("crs", "x", "y", "z"), texts("bbox", "q", "r", "s"), texts("filter", "a", "b", "c"), counts("limit", 3, 5, 7), texts("f", "json", "csv", "x"), counts("offset", 1, 2, 3), texts("name", "one", "two", "three")))
	days := must(geo.NewPoints(geo.About{Name: "days"}, nil, at, texts("word", "2024-05-01", "x", ""), texts("day", "2024-05-01", "2024-05-02", "2024-05-03"), texts("at", "2024-05-01T01:02:03Z", "2024-05-02T00:00:00+02:00", "")))
	s := fixture(t, func(c *Config) {
		c.Layers = append(c.Layers, Layer{Name: "odd"}, Layer{Name: "days"})
		w, err := c.World(t.Context(), spec.Spec{})
		if err != nil {
			t.Fatal(err)
		}
		w.Layers.(world)["odd"], w.Layers.(world)["days"] = odd, days
	})
	get[collectionList](t, s, "/collections") // which opens all
	return s
}

// Columns called as parameters hide no feature and block no filter, and GDAL, which
// sends what the document describes, finds none of them there as parameters.
func TestColumnsCalledAsParameters(t *testing.T) {
	s := oddly(t)
	for filter, want := range map[string]int{`"filter" = 'a'`: 1, `"limit" > 4`: 2, `"datetime" = '2024-01-01'`: 1, `"bbox" IN ('q','r')`: 2, `"crs" = 'z'`: 1, `"f" = 'csv'`: 1, `"geometry" = 'h'`: 1, `"offset" = 3`: 1,
		"S_INTERSECTS(geometry, POINT(12.5 41.9))": 1, "S_INTERSECTS(geometry, BBOX(12,41,14,43)) AND geometry = 'g'": 1} {
		if got := get[collectionOfFeatures](t, s, "/collections/odd/items?filter="+url.QueryEscape(filter)); got.NumberMatched != want {
			t.Errorf("%s: %d, want %d", filter, got.NumberMatched, want)
		}
	}
	type parameters struct {
		Paths map[string]struct {
			Get struct {
				Parameters []struct {
					Name string
					Ref  string `json:"$ref"`
				}
			}
		}
		Components struct {
			Parameters map[string]struct{ Name string }
		}
	}
	doc := get[parameters](t, s, "/api")
	named := map[string]int{}
	for _, p := range doc.Paths["/collections/odd/items"].Get.Parameters {
		named[p.Name]++
		named[doc.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")].Name]++
	}
	for _, n := range []string{"datetime", "crs", "bbox", "filter", "limit", "f", "offset"} {
		if named[n] > 0 {
			t.Errorf("%s is described as a parameter beside the column", n)
		}
	}
	if named["name"] != 1 || named["sortby"] != 1 || named["bbox-crs"] != 1 {
		t.Errorf("described are %v", named)
	}
}

// Dates are called dates where every value is one, and datetime is about the first
// such column.
func TestDates(t *testing.T) {
	s := oddly(t)
	type described struct {
		Properties map[string]struct {
			Format     string
			Properties map[string]struct{ Format string }
		}
	}
	q, d := get[described](t, s, "/collections/days/queryables"), get[described](t, s, "/collections/days/schema").Properties["properties"].Properties
	if q.Properties["day"].Format != "date" || q.Properties["at"].Format != "date-time" || q.Properties["word"].Format != "" || d["day"].Format != "date" || d["at"].Format != "" || d["word"].Format != "" {
		t.Errorf("queryables %+v, schema %+v", q, d)
	}
	for when, want := range map[string]int{"2024-05-02": 1, "2024-05-02/..": 2, "../2024-05-02": 2, "2024-05-02T12:00:00Z": 1, "2024-05-01T/2024-05-02T": 2, "2025-01-01/..": 0} {
		if got := get[collectionOfFeatures](t, s, "/collections/days/items?datetime="+url.QueryEscape(when)); got.NumberMatched != want {
			t.Errorf("days %s: %d, want %d", when, got.NumberMatched, want)
		}
	}
	if d := get[described](t, s, "/collections/odd/schema").Properties["properties"].Properties; d["datetime"].Format != "" {
		t.Errorf("GDAL would ask datetime for a column that is not everybody's: %+v", d)
	}
	// c has no time and meets every one (OGC 17-069r4, fc-time-response, C).
	for when, want := range map[string]int{"2024-01-01": 2, "2024-06-01": 2, "2024-06-01T10:00:00Z": 2, "2024-06-01T12:00:00+02:00": 2, "2024-02-01/..": 2, "2023-01-01": 1, "../..": 3} {
		if got := get[collectionOfFeatures](t, s, "/collections/odd/items?datetime="+url.QueryEscape(when)); got.NumberMatched != want {
			t.Errorf("odd %s: %d, want %d", when, got.NumberMatched, want)
		}
	}
	if got := get[collectionOfFeatures](t, s, "/collections/shapes/items?datetime=2024-01-01"); got.NumberMatched != 30 {
		t.Errorf("of features without a time %d meet a day", got.NumberMatched)
	}
}

// What the usual client libraries send.
func TestRequestsOfClients(t *testing.T) {
	s := oddly(t)
	for path, want := range map[string][2]int{ // matched, returned
		"items?limit=10&offset=0&f=json":                               {1000, 10}, // ogc-client
		"items?limit=10&offset=995":                                    {1000, 5},
		"items?offset=5000":                                            {1000, 0},
		"items?startindex=998":                                         {1000, 2},
		"items?properties=zero&properties=big&limit=3":                 {1000, 3}, // OWSLib
		"items?skipGeometry=true&limit=3":                              {1000, 3},
		"items?resulttype=hits":                                        {1000, 0},
		"items?bbox=-180&bbox=-90&bbox=180&bbox=90&limit=1":            {1000, 1},
		"items?sortby=zero&sortby=-big&limit=1":                        {1000, 1},
		"items?zero=1&zero=2&limit=1":                                  {666, 1},
		"items?limit=2&limit=2":                                        {1000, 2},
		"items?offset=3&limit=2&filter=" + url.QueryEscape("zero = 0"): {334, 2},
	} {
		got := get[collectionOfFeatures](t, s, "/collections/thousand/"+path)
		if got.NumberMatched != want[0] || got.NumberReturned != want[1] {
			t.Errorf("%s: %d of %d, want %d of %d", path, got.NumberReturned, got.NumberMatched, want[1], want[0])
		}
	}
	for _, bad := range []string{"offset=-1", "offset=x", "limit=2&limit=3", "f=json&f=csv", "crs=CRS84&crs=EPSG:3857", "zer=1", "q=one", "skipGeometry=perhaps"} {
		if w := do(t, s, call{path: "/collections/thousand/items?" + bad}); w.Code != 400 {
			t.Errorf("%s: status %d", bad, w.Code)
		}
	}
	// By offset the next links go on by offset, also where pages end early, and
	// nothing is lost.
	short := fixture(t, func(c *Config) { c.Limits.PageBytes = 1000 })
	for _, s := range []*Server{s, short} {
		seen := map[string]bool{}
		for path, n := "/collections/thousand/items?limit=150&offset=0", 0; path != ""; n++ {
			p := get[collectionOfFeatures](t, s, path)
			for _, f := range p.Features {
				if seen[f.ID] {
					t.Fatalf("%s comes twice", f.ID)
				}
				seen[f.ID] = true
			}
			if path = p.next(); path != "" && !strings.Contains(path, fmt.Sprintf("offset=%d", len(seen))) {
				t.Fatalf("after %d features the next link is %s", len(seen), path)
			}
		}
		if len(seen) != 1000 {
			t.Errorf("%d features by offset", len(seen))
		}
	}
	p := get[collectionOfFeatures](t, s, "/collections/thousand/items?skipGeometry=true&limit=1&properties=zero")
	if p.Features[0].Geometry != nil {
		t.Errorf("without its geometry a feature is %+v", p.Features[0])
	}
	got := get[collectionDoc](t, s, "/collections/thousand")
	kinds := map[string]bool{}
	for _, l := range got.Links {
		if l.Rel == "enclosure" {
			kinds[l.Type] = true
			if w := do(t, s, call{path: strings.TrimPrefix(l.Href, "http://example.org")}); w.Code != 200 {
				t.Errorf("%s: status %d", l.Href, w.Code)
			}
		}
	}
	if len(kinds) != 6 {
		t.Errorf("enclosures are %v", kinds)
	}
}

// ogc-client 1.3.0 of npm goes from link to link by their relations, asks each for
// JSON in two ways, and pages by offset.
func TestWayOfOGCClient(t *testing.T) {
	s := fixture(t, nil)
	type link struct{ Rel, Type, Href string }
	type page struct {
		Links       []link
		ConformsTo  []string
		Collections []struct {
			ID       string
			ItemType string
			Links    []link
		}
		Tilesets []struct {
			TileMatrixSetURI string
			Links            []link
		}
		TileMatrixSets []struct{ ID, URI string }
		Features       []struct{ ID any }
		NumberMatched  int
	}
	ask := func(href string) (p page) {
		t.Helper()
		path := strings.TrimPrefix(href, "http://example.org")
		if mark := "?"; !strings.Contains(path, "f=json") {
			if strings.Contains(path, "?") {
				mark = "&"
			}
			path += mark + "f=json"
		}
		w := do(t, s, call{path: path, header: []string{"Accept", "application/json,application/schema+json"}})
		if kind := w.Header().Get("Content-Type"); w.Code != 200 || !strings.Contains(kind, "json") {
			t.Fatalf("%s: status %d, %s", path, w.Code, kind)
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return p
	}
	to := func(links []link, rels ...string) string {
		t.Helper()
		for _, l := range links {
			if slices.Contains(rels, l.Rel) {
				return l.Href
			}
		}
		t.Fatalf("no link %v among %v", rels, links)
		return ""
	}
	root := ask("/")
	classes := ask(to(root.Links, "conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance")).ConformsTo
	for _, class := range []string{"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core", "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core"} {
		if !slices.Contains(classes, class) {
			t.Errorf("%s is not among %v", class, classes)
		}
	}
	sets := ask(to(root.Links, "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes")).TileMatrixSets
	tiled := 0
	for _, c := range ask(to(root.Links, "data", "http://www.opengis.net/def/rel/ogc/1.0/data")).Collections {
		self := ask(to(c.Links, "self"))
		ask(to(self.Links, "queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables"))
		items := to(self.Links, "items")
		got := ask(items + "?limit=2&offset=1")
		if c.ItemType != "feature" || got.NumberMatched > 2 && len(got.Features) != 2 {
			t.Errorf("%s is of %q and has %d features on a page of 2", c.ID, c.ItemType, len(got.Features))
		}
		for _, f := range got.Features {
			ask(items + "/" + url.PathEscape(fmt.Sprint(f.ID)))
		}
		ask(items + "?limit=5&offset=0&skipGeometry=true&bbox=5%2C35%2C20%2C48")
		ask(items + "?datetime=2020-01-01T00%3A00%3A00.000Z%2F2021-01-01T00%3A00%3A00.000Z&bbox=5%2C35%2C20%2C48&bbox-crs=EPSG%3A4326&crs=EPSG%3A4326")
		if !slices.ContainsFunc(c.Links, func(l link) bool { return l.Rel == "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector" }) {
			continue
		}
		tiled++
		for _, set := range ask(to(self.Links, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")).Tilesets {
			if !slices.ContainsFunc(sets, func(known struct{ ID, URI string }) bool { return known.URI == set.TileMatrixSetURI }) {
				t.Errorf("%s has tiles in %s, which is not among %v", c.ID, set.TileMatrixSetURI, sets)
			}
			to(ask(to(set.Links, "self")).Links, "item")
		}
	}
	if tiled == 0 {
		t.Error("no collection has tiles")
	}
}

// A table is offered in the formats that hold it: as features without geometry,
// as its own pages are, and not as shapes.
func TestEnclosuresOfATable(t *testing.T) {
	s := fixture(t, nil)
	offered := map[string]bool{}
	for _, l := range get[collectionDoc](t, s, "/collections/baseline-xa-bands").Links {
		if l.Rel != "enclosure" {
			continue
		}
		_, query, _ := strings.Cut(l.Href, "?f=")
		offered[query] = true
		if w := do(t, s, call{path: strings.TrimPrefix(l.Href, "http://example.org")}); w.Code != 200 {
			t.Errorf("%s: status %d", l.Href, w.Code)
		}
	}
	if !offered["geojsonseq"] || !offered["gpkg"] || !offered["parquet"] || offered["kml"] || offered["csv-wkt"] {
		t.Errorf("a table is offered in %v", offered)
	}
}
