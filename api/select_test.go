package api

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// ids follows the pages of a collection, with a limit of its own for each.
func ids(t *testing.T, s *Server, path string, limit func() int) []string {
	t.Helper()
	var out []string
	for pages := 0; path != ""; pages++ {
		at, query, _ := strings.Cut(path, "?")
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		v.Set("limit", fmt.Sprint(limit()))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "http://example.org"+at+"?"+v.Encode(), nil))
		var p collectionOfFeatures
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 200 {
			t.Fatalf("%s: status %d, %v: %s", path, w.Code, err, w.Body)
		}
		for _, f := range p.Features {
			out = append(out, f.ID)
		}
		if path = p.next(); path == "" && p.NumberMatched != len(out) || p.NumberReturned != len(p.Features) || pages > 2000 {
			t.Fatalf("%s: %d matched, %d on %d pages", query, p.NumberMatched, len(out), pages)
		}
	}
	return out
}

// Whatever is selected and however it is sorted, the pages together hold each
// feature once, in the same order whatever their lengths.
func TestPagesOfASelectionNeitherLoseNorRepeat(t *testing.T) {
	s := fixture(t, nil)
	l := newWorld()["thousand"]
	r := rand.New(rand.NewPCG(1, 1))
	late, _ := l.Numbers("late")
	for _, c := range []struct {
		query  string
		holds  func(i int) bool
		sorted func(a, b int) bool // a may come before b
	}{
		{"filter=whole>=250", func(i int) bool { return i >= 250 }, nil},
		{"filter=late=0.4 AND zero<>1", func(i int) bool { return i >= 500 && i%3 != 1 }, nil},
		{"filter=late IS NULL&sortby=-whole", func(i int) bool { return i < 500 }, func(a, b int) bool { return a > b }},
		{"sortby=late,-zero", func(int) bool { return true }, func(a, b int) bool {
			switch {
			case math.IsNaN(late[a]) != math.IsNaN(late[b]):
				return math.IsNaN(late[b])
			}
			return a%3 >= b%3
		}},
		{"sortby=-late", func(int) bool { return true }, func(a, b int) bool { return !math.IsNaN(late[a]) || math.IsNaN(late[b]) }},
		{"sortby=+word", func(int) bool { return true }, func(a, b int) bool { return l.ID(a) <= l.ID(b) }},
		{"sortby=-id&zero=2", func(i int) bool { return i%3 == 2 }, func(a, b int) bool { return l.ID(a) >= l.ID(b) }},
		{"filter=word LIKE 'a/1%' OR S_INTERSECTS(geometry,BBOX(-10,-40,60,40))&bbox=-180,-90,30,90", func(i int) bool {
			p := l.Point(i)
			in := l.Located(i) && p[0] >= -10 && p[0] <= 60 && math.Abs(p[1]) <= 40
			return (strings.HasPrefix(l.ID(i), "a/1") || in) && !(p[0] > 30) // what has no place meets every box
		}, nil},
		{"filter=FALSE", func(int) bool { return false }, nil},
		{"filter=whole<0 OR whole=77&sortby=zero&bbox=-180,-90,180,90", func(i int) bool { return i == 77 }, nil},
	} {
		var want []string
		for i := range l.Len() {
			if c.holds(i) {
				want = append(want, l.ID(i))
			}
		}
		q, v := strings.Split(c.query, "&"), url.Values{}
		for _, p := range q {
			name, value, _ := strings.Cut(p, "=")
			v.Set(name, value)
		}
		path := "/collections/thousand/items?" + v.Encode()
		first := ids(t, s, path, func() int { return 10_000 })
		for range 3 {
			got := ids(t, s, path, func() int { return 1 + r.IntN(200) })
			if !slices.Equal(got, first) {
				t.Errorf("%s: the order depends on the length of pages", c.query)
			}
		}
		for i := 1; c.sorted != nil && i < len(first); i++ {
			a, _ := l.Find(first[i-1])
			b, _ := l.Find(first[i])
			if !c.sorted(a, b) {
				t.Fatalf("%s: %s before %s", c.query, first[i-1], first[i])
			}
		}
		slices.Sort(first)
		slices.Sort(want)
		if !slices.Equal(first, want) {
			t.Errorf("%s: %d features, want %d", c.query, len(first), len(want))
		}
	}
}

func TestCursorsBelongToTheirSelection(t *testing.T) {
	s := fixture(t, nil)
	next := get[collectionOfFeatures](t, s, "/collections/thousand/items?limit=10&filter=whole%3E5&sortby=-whole").next()
	for _, change := range [][2]string{{"whole%3E5", "whole%3E6"}, {"sortby=-whole", "sortby=whole"}, {"filter=", "bbox=0,0,90,90&filter="}} {
		path := strings.Replace(next, change[0], change[1], 1)
		if path == next {
			t.Fatalf("%s has no %s", next, change[0])
		}
		if p := problemIn(t, do(t, s, call{path: path})); p.Type != "urn:careshed:problem:cursor" {
			t.Errorf("%s: %+v", path, p)
		}
	}
	if do(t, s, call{path: next + "&crs=EPSG:3857&properties=word"}).Code != 200 {
		t.Error("a cursor does not depend on how the page is written")
	}
}

func TestFiltersThatAreRefused(t *testing.T) {
	s := fixture(t, nil)
	for query, says := range map[string]string{
		"filter=nobody=1": "nobody", "filter=T_AFTER(word,DATE('2020-01-01'))": "temporal", "filter=whole>'x'": "number", "filter=whole+1": "condition", "filter=whole>": "the end",
		"filter={}&filter-lang=cql2-json": "no part of a filter", "filter-lang=sql": "", "filter-crs=EPSG:31370&filter=TRUE": "", "filter=S_INTERSECTS(geometry,POINT(1 200))": "swapped",
		"sortby=nobody": "nobody", "sortby=" + strings.Repeat("word,", 9) + "word": "10 columns", "properties=nobody": "nobody", "sortby=": "", "wordd=x": `did you mean "word"`, "whole=x": "integer",
		"crs=EPSG:31370": "reference system", "crs=EPSG:3857&f=csv": "longitude and latitude only", "bbox-crs=x&bbox=1,2,3,4": "reference system", "bbox=9e9,0,9e9,1&bbox-crs=EPSG:3857": "beyond the edge",
	} {
		v := url.Values{}
		for p := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(p, "=")
			v.Set(name, value)
		}
		w := do(t, s, call{path: "/collections/thousand/items?" + v.Encode()})
		if query == "sortby=" {
			if w.Code != 200 {
				t.Errorf("an empty order: status %d", w.Code)
			}
			continue
		}
		p := problemIn(t, w)
		if p.Status != 400 || p.Field == "" || p.Accepted == "" || !strings.Contains(p.Detail, says) {
			t.Errorf("%s: %+v", query, p)
		}
	}
	slow := fixture(t, func(c *Config) { c.Limits.Filter = 1 })
	if p := problemIn(t, do(t, slow, call{path: "/collections/thousand/items?filter=whole%3E5"})); p.Status != 503 || p.Field != "filter" {
		t.Errorf("%+v", p)
	}
}

// Of the official examples the service answers those that it can, and tells of
// the others what is not supported.
func TestOfficialExamplesOverHTTP(t *testing.T) {
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	files, err := filepath.Glob(filepath.Join(root, "cases", "ogc", "cql2_examples", "*", "*.*"))
	if err != nil || len(files) == 0 {
		t.Skipf("SKIPPED: no examples at %s (set CARESHED_SHARED)", root)
	}
	s := fixture(t, nil)
	not := 0
	for _, file := range files {
		lang := map[string]string{".txt": "cql2-text", ".json": "cql2-json"}[filepath.Ext(file)]
		if lang == "" {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w := do(t, s, call{path: "/collections/thousand/items?filter-lang=" + lang + "&filter=" + url.QueryEscape(string(b))})
		if w.Code == 200 {
			continue
		}
		p := problemIn(t, w)
		if strings.Contains(p.Detail, "not supported") {
			not++
		} else if !strings.Contains(p.Detail, "there is no property") { // nor has the fixture what most examples ask for
			t.Errorf("%s: %+v", file, p)
		}
		if w.Code != 400 || p.Field != "filter" || p.Accepted == "" {
			t.Errorf("%s: %+v", file, p)
		}
	}
	if not < 70 || not > 90 {
		t.Errorf("%d examples use what is not supported", not)
	}
}

// Part 2: the same features in another reference system lie in the same place.
func TestReferenceSystems(t *testing.T) {
	s := fixture(t, nil)
	type shaped struct {
		Features []struct {
			ID       string
			Geometry *struct {
				Type        string
				Coordinates any
			}
			Properties map[string]any
		}
	}
	var flat func(any, *[]float64)
	flat = func(v any, out *[]float64) {
		switch v := v.(type) {
		case float64:
			*out = append(*out, v)
		case []any:
			for _, x := range v {
				flat(x, out)
			}
		}
	}
	for _, id := range []string{"thousand", "shapes", "regions"} {
		plain := get[shaped](t, s, "/collections/"+id+"/items?limit=200")
		for _, uri := range systems {
			path := "/collections/" + id + "/items?limit=200&crs=" + url.QueryEscape(uri)
			w := do(t, s, call{path: path})
			if got := w.Header().Get("Content-Crs"); got != "<"+uri+">" {
				t.Errorf("%s: Content-Crs %q", path, got)
			}
			crs := refSystem{uri}
			for i, f := range get[shaped](t, s, path).Features {
				want := plain.Features[i]
				if f.ID != want.ID || fmt.Sprint(f.Properties) != fmt.Sprint(want.Properties) || (f.Geometry == nil) != (want.Geometry == nil) {
					t.Fatalf("%s: %v, want %v", path, f, want)
				}
				if f.Geometry == nil {
					continue
				}
				var a, b []float64
				flat(f.Geometry.Coordinates, &a)
				flat(want.Geometry.Coordinates, &b)
				for k := 0; k < len(b); k += 2 {
					p, err := crs.toDegrees([2]float64{a[k], a[k+1]})
					if err != nil || math.Abs(p[0]-b[k]) > 2e-7 || math.Abs(p[1]-b[k+1]) > 2e-7 || f.Geometry.Type != want.Geometry.Type {
						t.Fatalf("%s: %v is %v, want %v", path, a[k:k+2], p, b[k:k+2])
					}
				}
			}
		}
	}
	for _, path := range []string{"bbox=5,45,10,50", "bbox=45,5,50,10&bbox-crs=EPSG:4326", "bbox=556597.4539,5621521.4861,1113194.9080,6446275.8411&bbox-crs=EPSG:3857",
		"filter=S_INTERSECTS(geometry,BBOX(45,5,50,10))&filter-crs=EPSG:4326"} {
		at, _ := url.ParseQuery(path)
		if got := get[collectionOfFeatures](t, s, "/collections/regions/items?"+at.Encode()).NumberMatched; got != 2 {
			t.Errorf("%s: %d regions, want 2", path, got)
		}
	}
	if got := get[collectionOfFeatures](t, s, "/collections/regions/items?bbox=19815003.5,-2100000,-19815003.5,-1800000&bbox-crs=EPSG:3857").NumberMatched; got != 1 {
		t.Errorf("a box across the antimeridian in EPSG:3857: %d regions, want 1", got)
	}
	f := get[shaped](t, s, "/collections/centers/items?crs=EPSG:3857&limit=1").Features[0]
	if fmt.Sprint(f.Geometry.Coordinates) != "[667916.94 5.78034922e+06]" { // by PROJ's cs2cs
		t.Errorf("6 46 in EPSG:3857 is %v", f.Geometry.Coordinates)
	}
	if w := do(t, s, call{path: "/collections/centers/items/c1?crs=http://www.opengis.net/def/crs/EPSG/0/4326"}); !strings.Contains(w.Body.String(), `"coordinates":[46,6]`) {
		t.Errorf("latitude comes first in EPSG:4326: %s", w.Body)
	}
}

func TestPropertiesAreChosen(t *testing.T) {
	s := fixture(t, nil)
	f := get[collectionOfFeatures](t, s, "/collections/thousand/items?limit=1&properties=word,zero").Features[0]
	if len(f.Properties) != 2 || f.Properties["word"] == nil || f.Properties["zero"] == nil {
		t.Errorf("properties %v", f.Properties)
	}
	if got := strings.SplitN(do(t, s, call{path: "/collections/thousand/items?f=csv&properties=word,zero"}).Body.String(), "\n", 2)[0]; strings.TrimSpace(got) != "id,lon,lat,zero,word" {
		t.Errorf("columns %s", got)
	}
	if body := do(t, s, call{path: "/collections/centers/items/c1?properties=tier"}).Body.String(); strings.Contains(body, `"name"`) || !strings.Contains(body, `"tier":1`) {
		t.Error(body)
	}
}

// Features are as the schema of their collection says, and every queryable can
// be asked for.
func TestSchemasHoldForTheFeatures(t *testing.T) {
	s := fixture(t, nil)
	for _, id := range []string{"thousand", "shapes", "regions", "countries", "centers"} {
		sch := get[map[string]any](t, s, "/collections/"+id+"/schema")
		if refs := fmt.Sprint(sch["properties"].(map[string]any)["geometry"]); id == "shapes" && !strings.Contains(refs, "MultiPolygon") || id == "thousand" && !strings.Contains(refs, "Point.json") {
			t.Errorf("%s: geometry %s", id, refs)
		}
		delete(sch["properties"].(map[string]any), "geometry") // whose schema lies elsewhere
		c := jsonschema.NewCompiler()
		if err := c.AddResource("mem:schema", sch); err != nil {
			t.Fatal(err)
		}
		delete(sch, "$id")
		compiled, err := c.Compile("mem:schema")
		if err != nil {
			t.Fatal(err)
		}
		types := get[struct {
			Properties struct {
				Properties struct {
					Properties map[string]struct {
						Type     string
						Nullable bool
					}
				}
			}
		}](t, s, "/collections/"+id+"/schema").Properties.Properties.Properties
		for _, f := range get[map[string]any](t, s, "/collections/"+id+"/items?limit=1000")["features"].([]any) {
			values := f.(map[string]any)["properties"].(map[string]any)
			for name, v := range values {
				if v == nil {
					values[name] = map[string]any{"string": "", "number": 1.0, "integer": 1.0, "boolean": true}[types[name].Type]
					if !types[name].Nullable {
						t.Fatalf("%s: %s is null", id, name)
					}
				}
			}
			if err := compiled.Validate(f); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
		q := get[struct {
			Properties map[string]struct{ Type string }
		}](t, s, "/collections/"+id+"/queryables")
		for name, is := range q.Properties {
			for _, filter := range []string{name + " IS NOT NULL", map[string]string{"string": name + "='x'", "number": name + ">1", "integer": name + "=1", "boolean": name + "=true", "": "S_INTERSECTS(geometry,POINT(0 0))"}[is.Type]} {
				if w := do(t, s, call{path: "/collections/" + id + "/items?filter=" + url.QueryEscape(filter)}); w.Code != 200 {
					t.Errorf("%s: %s: %s", id, filter, w.Body)
				}
			}
		}
	}
}

// The parameters that GDAL finds for a collection are its columns.
func TestColumnsAreParametersInTheDescription(t *testing.T) {
	s := fixture(t, nil)
	get[collectionList](t, s, "/collections")
	doc := get[struct {
		Paths map[string]struct {
			Get struct {
				OperationID string
				Parameters  []struct{ Name, In string }
			}
		}
	}](t, s, "/api")
	names := map[string]bool{}
	for _, p := range doc.Paths["/collections/centers/items"].Get.Parameters {
		names[p.Name] = true
	}
	if !names["country"] || !names["tier"] || names["collectionId"] {
		t.Errorf("parameters %v", names)
	}
	for path, want := range map[string]int{"centers/items?country=XB": 1, "centers/items?tier=2&country=XA": 1, "regions/items?metropolitan=false": 1, "centers/items?name=Nobody": 0, "thousand/items?late=0.4": 500} {
		if got := get[collectionOfFeatures](t, s, "/collections/"+path); got.NumberMatched != want {
			t.Errorf("%s: %d, want %d", path, got.NumberMatched, want)
		}
	}
}

// yamlFiles reads schemas in YAML that name each other by file.
type yamlFiles struct{ root fs.FS }

func (y yamlFiles) Load(at string) (any, error) {
	b, err := fs.ReadFile(y.root, at[strings.LastIndexByte(at, '/')+1:])
	if err != nil {
		return nil, err
	}
	var v any
	if err := yaml.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	text, err := toJSON(v)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
}

// The answers are as the schemas of the standard say.
func TestAnswersAgainstTheSchemasOfOGC(t *testing.T) {
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	dir := filepath.Join(root, "cases", "ogc", "ogc_schemas")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: no schemas here: %v (set CARESHED_SHARED)", err)
	}
	s := fixture(t, nil)
	c := jsonschema.NewCompiler()
	c.UseLoader(yamlFiles{os.DirFS(dir)})
	c.DefaultDraft(jsonschema.Draft4)
	for path, name := range map[string]string{"/": "landingPage", "/conformance": "confClasses", "/collections": "collections", "/collections/regions": "collection", "/collections/countries": "collection",
		"/collections/thousand/items?limit=20": "featureCollectionGeoJSON", "/collections/shapes/items": "featureCollectionGeoJSON", "/collections/regions/items?crs=EPSG:3857": "featureCollectionGeoJSON",
		"/collections/centers/items/c1": "featureGeoJSON", "/collections/regions/items/XB-1": "featureGeoJSON", "/collections/nobody": "exception"} {
		sch, err := c.Compile("mem:///" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		w := do(t, s, call{path: path})
		v, err := jsonschema.UnmarshalJSON(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if o, ok := v.(map[string]any); ok && name == "exception" {
			o["code"] = fmt.Sprint(o["status"]) // the schema is of drafts before RFC 9457
		}
		if err := sch.Validate(v); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
