package api

import (
	"math"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// Whatever a query holds, it is read within its bounds or refused with a
// problem; it never fails the server.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{"limit=10&bbox=1,2,3,4", "bbox=170,-10,-170,10&cursor=YWJj", "limit=1e3", "lon=1&lat=2&k=3&country=XA", "by=region&f=csv", "a=1;b", "%zz", "limit=99999999999999999999",
		"datetime=../2020-01-01", "bbox=NaN,1,2,3", "f=html", "study=baseline-xa", "pick=3&country=XA", "limit=+5", "filter=whole>3&sortby=-late,word", "properties=word&crs=EPSG:3857", "word=x&filter-lang=cql2-json&filter={}", "bbox=%2c", "lon=0x1p3&lat=1_0"} {
		f.Add(q)
	}
	s := fixture(f, nil)
	paths := []string{"/collections/thousand/items", "/nearest", "/density", "/gaps", "/penalty", "/collections", "/tiles/regions/2/2/1.pbf", "/tiles/regions.json"}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range paths {
			r := httptest.NewRequest("GET", "http://example.org"+path, nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 200 && w.Code != 204 && w.Code != 400 && w.Code != 404 && w.Code != 422 {
				t.Errorf("%s?%s: status %d: %s", path, query, w.Code, w.Body)
			}
			if w.Code >= 300 {
				problemIn(t, w)
			}
		}
		v, err := queryOf(query)
		if err != nil {
			return
		}
		var in itemsIn
		if bind(reflect.ValueOf(&in).Elem(), paramsOf(reflect.TypeFor[itemsIn](), s.words()), v, func(string) string { return "thousand" }) != nil {
			return
		}
		if in.Limit < 1 || in.Limit > s.limits.PageMost {
			t.Errorf("%q: limit %d", query, in.Limit)
		}
		if !in.Box.given {
			return
		}
		if b, err := in.Box.in(&in.BoxCRS); err == nil && !(math.Abs(b.Min[0]) <= 180 && math.Abs(b.Max[0]) <= 180 && b.Min[1] >= -90 && b.Max[1] <= 90 && b.Min[1] <= b.Max[1]) {
			t.Errorf("%q: box %v", query, b)
		}
	})
}

// Whatever stands where a tile is named, it is a tile, no tile, or not found.
func FuzzTilePath(f *testing.F) {
	for _, p := range []string{"0/0/0", "24/16777215/0", "5/-1/3", "1e3/0/0", "3/8/8", "%2e%2e/0/0", "0/0/0.pbf", "99999999999999999999/0/0"} {
		f.Add(p)
	}
	s := fixture(f, nil)
	f.Fuzz(func(t *testing.T, place string) {
		for _, path := range []string{"/tiles/regions/" + place + ".pbf", "/collections/thousand/tiles/WebMercatorQuad/" + place} {
			r := httptest.NewRequest("GET", "http://example.org/", nil)
			u, err := url.Parse("http://example.org" + path)
			if err != nil {
				continue
			}
			r.URL = u
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 200 && w.Code != 204 && w.Code != 400 && w.Code != 404 {
				t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
			}
		}
	})
}

func FuzzAccept(f *testing.F) {
	for _, a := range []string{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*", "", "application/geo+json;q=0", ";;;,", "text/*;q=0.1, application/json"} {
		f.Add(a)
	}
	formats := []*format{asGeoJSON, asCSV, asHTML}
	f.Fuzz(func(t *testing.T, accept string) {
		got, err := choose(formats, nil, []string{accept})
		if (got == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", accept, got, err)
		}
	})
}

func TestAccept(t *testing.T) {
	formats := []*format{asGeoJSON, asCSV, asHTML}
	for accept, want := range map[string]*format{"": asGeoJSON, "*/*": asGeoJSON, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": asHTML,
		"application/json": asGeoJSON, "text/csv;q=0.5, text/html;q=0.4": asCSV, "text/*": asCSV, "image/png": nil, "image/png, */*;q=0.1": asGeoJSON, "text/html;q=0, text/csv": asCSV,
		"APPLICATION/GEO+JSON": asGeoJSON, "application/geo+json;q=0, */*": asCSV, "text/*, text/csv;q=0": asHTML, "*/*;q=0": nil,
		"application/*;q=0.9, application/geo+json;q=0.1, text/csv;q=0.5": asCSV, "*/*, text/html;q=0.2": asGeoJSON} {
		if got, _ := choose(formats, nil, []string{accept}); got != want {
			t.Errorf("%q: %v, want %v", accept, got, want)
		}
	}
}

// A spec that a request brings is read or refused, whatever it is.
func FuzzStudy(f *testing.F) {
	f.Add(small("s", ""))
	f.Add(small("s", "layers: {x: {file: /etc/passwd}}\n"))
	f.Add("base: specs/base.yaml\nname: x\nversion: 1\n")
	f.Add("{}")
	f.Add(url.QueryEscape(small("s", "")))
	s := fixture(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := s.parse([]byte(text))
		if err != nil {
			if p := problemOf(studyProblem(err, s.limits.Run)); p.kind == internal {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for _, l := range spec.Layers {
			if l.File != "own.csv" {
				t.Errorf("%q: names the file %q", text, l.File)
			}
		}
		if id := (&Server{}).studyID(spec, sender{}); strings.ContainsAny(id, "/?#% ") || id == "" {
			t.Errorf("%q: id %q", text, id)
		}
	})
}
