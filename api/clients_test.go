package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"careshed/access/study"
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
		w, err := c.World(t.Context(), study.Spec{})
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
	for when, want := range map[string]int{"2024-01-01": 1, "2024-06-01": 1, "2024-06-01T10:00:00Z": 1, "2024-06-01T12:00:00+02:00": 1, "2024-02-01/..": 1} {
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
	if len(kinds) != 5 {
		t.Errorf("enclosures are %v", kinds)
	}
}
