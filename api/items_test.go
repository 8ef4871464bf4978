package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

type collectionOfFeatures struct {
	NumberMatched, NumberReturned int
	TimeStamp                     string
	Features                      []struct {
		ID         string
		Geometry   *struct{ Type string }
		Properties map[string]json.RawMessage
	}
	Links []link
}

func (c collectionOfFeatures) next() string {
	for _, l := range c.Links {
		if l.Rel == "next" {
			return strings.TrimPrefix(l.Href, "http://example.org")
		}
	}
	return ""
}

// walk follows the next links and gives the ids in order.
func walk(t *testing.T, s *Server, path string, most int) []string {
	t.Helper()
	var ids []string
	for pages := 0; path != ""; pages++ {
		var p collectionOfFeatures
		if pages == 0 {
			p = get[collectionOfFeatures](t, s, path)
		} else { // like the first, so not checked against the OpenAPI document again
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest("GET", "http://example.org"+path, nil))
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 200 {
				t.Fatalf("%s: status %d, %v", path, w.Code, err)
			}
		}
		if p.NumberReturned != len(p.Features) || len(p.Features) > most {
			t.Fatalf("%s: %d returned, %d there, limit %d", path, p.NumberReturned, len(p.Features), most)
		}
		if p.next() != "" && len(p.Features) == 0 || pages > 1100 {
			t.Fatalf("%s: pages without end", path)
		}
		for _, f := range p.Features {
			ids = append(ids, f.ID)
		}
		if p.next() == "" && p.NumberMatched != len(ids) {
			t.Errorf("%s: %d matched, %d on the pages", path, p.NumberMatched, len(ids))
		}
		path = p.next()
	}
	return ids
}

func TestPagingNeitherLosesNorRepeats(t *testing.T) {
	all := fixture(t, nil)
	short := fixture(t, func(c *Config) { c.Limits.PageBytes = 1000 }) // pages end early
	l := newWorld()["thousand"]
	for _, b := range []struct {
		query string
		holds func(p orb.Point) bool
	}{
		{"", func(orb.Point) bool { return true }},
		{"&bbox=-10,-40,60,40", func(p orb.Point) bool { return p[0] >= -10 && p[0] <= 60 && math.Abs(p[1]) <= 40 }},
		{"&bbox=-10,-40,0,60,40,10", func(p orb.Point) bool { return p[0] >= -10 && p[0] <= 60 && math.Abs(p[1]) <= 40 }},
		{"&bbox=170,-90,-170,90", func(p orb.Point) bool { return p[0] >= 170 || p[0] <= -170 }},
		{"&bbox=0.001,0.001,0.002,0.002", func(p orb.Point) bool { return false }},
	} {
		var want []string
		for i := range l.Len() {
			if b.query == "" || !l.Located(i) || b.holds(l.Point(i)) { // what has no place meets every box
				want = append(want, l.ID(i))
			}
		}
		slices.Sort(want)
		for _, limit := range []int{1, 7, 10, 1000} {
			if limit == 1 && testing.Short() {
				continue
			}
			for name, s := range map[string]*Server{"": all, " with short pages": short} {
				if limit == 1 && s == short {
					continue
				}
				got := walk(t, s, fmt.Sprintf("/collections/thousand/items?limit=%d%s", limit, b.query), limit)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("limit %d%s%s: %d features, want %d", limit, b.query, name, len(got), len(want))
				}
			}
		}
	}
}

func TestCSVPages(t *testing.T) {
	s := fixture(t, nil)
	path, n, head := "/collections/thousand/items?f=csv&limit=300", 0, ""
	for path != "" {
		w := do(t, s, call{path: path})
		rows, err := csv.NewReader(w.Body).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if h := strings.Join(rows[0], ","); head == "" {
			head = h
		} else if h != head {
			t.Errorf("columns change from page to page: %s", h)
		}
		if w.Header().Get("OGC-NumberMatched") != "1000" || w.Header().Get("OGC-NumberReturned") != fmt.Sprint(len(rows)-1) {
			t.Errorf("%v", w.Header())
		}
		n += len(rows) - 1
		from, rest, _ := strings.Cut(w.Header().Get("Link"), ">")
		if path = strings.TrimPrefix(from, "<http://example.org"); path != "" && !strings.Contains(rest, `rel="next"`) {
			t.Errorf("Link %q", rest)
		}
	}
	if n != 1000 || head != "id,lon,lat,zero,big,late,whole,word" {
		t.Errorf("%d rows, columns %s", n, head)
	}
}

// Clients read the types of fields off the first ten features: every number
// must show there that it is one, and no column of numbers may be empty.
func TestFirstFeaturesShowTheTypes(t *testing.T) {
	s := fixture(t, nil)
	p := get[collectionOfFeatures](t, s, "/collections/thousand/items?limit=10")
	seen := map[string]bool{}
	for _, f := range p.Features {
		for _, name := range []string{"zero", "big", "late", "whole", "word"} {
			v, ok := f.Properties[name]
			if !ok {
				t.Fatalf("feature %s lacks %s", f.ID, name)
			}
			text := string(v)
			seen[name] = seen[name] || text != "null"
			if text != "null" && strings.Contains(text, ".") != (name == "zero" || name == "big" || name == "late") && name != "word" {
				t.Errorf("%s is %s", name, text)
			}
		}
	}
	if !seen["late"] || !seen["zero"] {
		t.Errorf("a column is empty on the first page: %v", seen)
	}
	kinds := map[string]bool{}
	for _, f := range get[collectionOfFeatures](t, s, "/collections/shapes/items?limit=2").Features {
		kinds[f.Geometry.Type] = true
	}
	if len(kinds) != 1 || !kinds["MultiPolygon"] {
		t.Errorf("geometry types %v, want one", kinds)
	}
}

// Rows in front push others out of the sample: the last of the ten must not be
// lost in that way.
func TestArrangeKeepsTheSample(t *testing.T) {
	n := 40
	col := func(at int) []float64 {
		v := make([]float64, n)
		for i := range v {
			if v[i] = math.NaN(); i >= at {
				v[i] = 1
			}
		}
		return v
	}
	for _, late := range [][]int{{9, 20}, {9, 8, 30, 31}, {0}, {9, 10, 11, 12, 13, 14}, {39}, {9, 35, 36, 37, 38, 39}} {
		var cols []geo.Column
		for _, at := range late {
			cols = append(cols, nums(fmt.Sprint("c", at), col(at)...))
		}
		o := &opened{layer: must(geo.NewTable(geo.About{}, nil, cols...))}
		o.arrange()
		for _, c := range cols {
			known := false
			for _, row := range o.order[:10] {
				known = known || !c.Null(int(row))
			}
			if !known {
				t.Errorf("%v: %s is empty in the sample %v", late, c.Name, o.order[:10])
			}
		}
		sorted := slices.Sorted(slices.Values(o.order))
		for i, row := range sorted {
			if int(row) != i || o.order[o.place[i]] != int32(i) {
				t.Fatalf("%v: not an order of all rows", late)
			}
		}
	}
}

func TestItem(t *testing.T) {
	s := fixture(t, nil)
	l := newWorld()["thousand"]
	for _, i := range []int{0, 99, 501} {
		path := "/collections/thousand/items/" + url.PathEscape(l.ID(i))
		f := get[struct {
			ID         string
			Geometry   any
			Properties map[string]any
			Links      []link
		}](t, s, path)
		if f.ID != l.ID(i) || f.Properties["word"] != l.ID(i) || f.Properties["whole"] != float64(i) || (f.Geometry == nil) != !l.Located(i) || len(f.Links) == 0 {
			t.Errorf("%s: %+v", path, f)
		}
	}
}

func TestCursors(t *testing.T) {
	s := fixture(t, nil)
	next := get[collectionOfFeatures](t, s, "/collections/thousand/items?limit=10").next()
	u, err := url.Parse(next)
	if err != nil {
		t.Fatal(err)
	}
	cursor := u.Query().Get("cursor")
	for _, path := range []string{"/collections/shapes/items?cursor=" + cursor, "/collections/thousand/items?cursor=" + cursor + "x", "/collections/thousand/items?cursor=AAAA", "/collections/thousand/items?cursor=10"} {
		if p := problemIn(t, do(t, s, call{path: path})); p.Type != "urn:careshed:problem:cursor" || p.Status != 400 {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

func TestLimitIsClampedAboveAndRefusedBelow(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.PageMost = 50 })
	for path, want := range map[string]int{"?limit=100000": 50, "?limit=50": 50, "": 50, "?limit=3": 3} {
		if got := get[collectionOfFeatures](t, s, "/collections/thousand/items"+path); got.NumberReturned != want {
			t.Errorf("%s: %d features, want %d", path, got.NumberReturned, want)
		}
	}
	for _, limit := range []string{"0", "-1", "1.5", "", "ten"} {
		if w := do(t, s, call{path: "/collections/thousand/items?limit=" + limit}); w.Code != 400 {
			t.Errorf("limit=%s: status %d", limit, w.Code)
		}
	}
}

func TestBoxes(t *testing.T) {
	s := fixture(t, nil)
	for _, bad := range []string{"1,2,3", "1,2,3,4,5", "a,b,c,d", "0,10,10,0", "0,0,200,10", "0,0,0,10,10,-5", "NaN,0,1,1", ",,,", "0,0,1,1e999"} {
		p := problemIn(t, do(t, s, call{path: "/collections/thousand/items?bbox=" + url.QueryEscape(bad)}))
		if p.Status != 400 || p.Field != "bbox" || p.Accepted == "" {
			t.Errorf("bbox=%s: %+v", bad, p)
		}
	}
	for path, want := range map[string]int{"regions/items?bbox=178,-18,-178,-17": 1, "regions/items?bbox=-61,14,-60,15": 1, "shapes/items?bbox=-180,-90,180,90": 30,
		"countries/items": 2, "countries/items?bbox=-180,-90,180,90": 2, "countries/items?bbox=1,1,2,2": 2, "thousand/items?bbox=0.001,0.001,0.002,0.002": 10} {
		if got := get[collectionOfFeatures](t, s, "/collections/"+path); got.NumberMatched != want {
			t.Errorf("%s: %d, want %d", path, got.NumberMatched, want)
		}
	}
	for text, ok := range map[string]bool{"2020-01-01T00:00:00Z": true, "2020-01-01/..": true, "../2020-01-01T00:00:00Z": true, "2021-01-01/2020-01-01": false, "yesterday": false, "a/b/c": false, "": false} {
		if got := do(t, s, call{path: "/collections/shapes/items?datetime=" + text}).Code; (got == 200) != ok {
			t.Errorf("datetime=%s: status %d", text, got)
		}
	}
}

func TestExtentIsTheSameInTheListAndAlone(t *testing.T) {
	s := fixture(t, nil)
	for _, c := range get[collectionList](t, s, "/collections").Collections {
		one := get[collectionDoc](t, s, "/collections/"+c.ID)
		if fmt.Sprint(c.Extent) == "" || (c.Extent == nil) != (one.Extent == nil) || c.Extent != nil && fmt.Sprint(*c.Extent) != fmt.Sprint(*one.Extent) {
			t.Errorf("%s: %v, alone %v", c.ID, c.Extent, one.Extent)
		}
		if table := c.ID == "countries" || c.ID == "indications"; (c.Extent == nil) != table {
			t.Errorf("%s: extent %v", c.ID, c.Extent)
		}
	}
}

// The time in a page does not make another content of it.
func TestPagesKeepTheirTag(t *testing.T) {
	s := fixture(t, nil)
	tag := func(path string) string { return do(t, s, call{path: path}).Header().Get("ETag") }
	a := tag("/collections/thousand/items?limit=5")
	if a == "" || a != tag("/collections/thousand/items?limit=5") || a == tag("/collections/thousand/items?limit=6") {
		t.Errorf("tag %q", a)
	}
}
