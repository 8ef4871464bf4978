package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/data"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/paulmach/orb"
)

// world is a small world in memory: country XA with two regions at home and one
// overseas, country XB across the antimeridian, and layers to page through.
type world map[string]*geo.Layer

func (w world) Layer(_ context.Context, name string) (*geo.Layer, error) {
	if l, ok := w[name]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("no layer %q", name)
}

func (w world) Files(name string) []study.File { return nil }

func rect(w, s, e, n float64) orb.Polygon {
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func texts(name string, v ...string) geo.Column   { return geo.Labels(geo.Field{Name: name}, v) }
func nums(name string, v ...float64) geo.Column   { return geo.Numbers(geo.Field{Name: name}, v) }
func counts(name string, v ...float64) geo.Column { return geo.Integers(geo.Field{Name: name}, v) }

func newWorld() world {
	w := world{}
	add := func(name string, l *geo.Layer, err error) {
		w[name] = must(l, err).Named(geo.About{Name: name, Title: strings.ToUpper(name), Licence: "test"})
	}
	var at []orb.Point
	var ids, name, country, code []string
	var people []float64
	place := func(c, region string, lon, lat, n float64) {
		ids = append(ids, fmt.Sprintf("%s-%d", c, len(ids)))
		at, name, country, code, people = append(at, orb.Point{lon, lat}), append(name, fmt.Sprintf("Place %d", len(ids))), append(country, c), append(code, region), append(people, n)
	}
	for i := range 20 {
		for j := range 10 {
			lon := 5.25 + 0.5*float64(i)
			region := "1"
			if lon > 10 {
				region = "2"
			}
			place("XA", region, lon, 45.25+0.5*float64(j), float64(1000*(1+(i*7+j*3)%90)))
		}
	}
	for i := range 5 {
		place("XA", "3", -60.9+0.2*float64(i), 14.5, 20_000)
	}
	for i := range 40 {
		lon := 178 + 0.1*float64(i)
		if lon > 180 {
			lon -= 360
		}
		place("XB", "1", lon, -17.5, 3000)
	}
	l, err := geo.NewPoints(geo.About{}, ids, at, texts("name", name...), texts("country", country...), texts("region_code", code...), counts("population", people...))
	add("settlements", l, err)

	l, err = geo.NewLayer(geo.About{}, []string{"XA-1", "XA-2", "XA-3", "XB-1"},
		[]orb.Geometry{rect(5, 45, 10, 50), rect(10, 45, 15, 50), rect(-61, 14, -60, 15), orb.MultiPolygon{rect(177, -19, 180, -16), rect(-180, -19, -177, -16)}},
		texts("country", "XA", "XA", "XA", "XB"), texts("region_code", "1", "2", "3", "1"), texts("region_name", "West", "East", "Isles", "Twin"),
		geo.Bools(geo.Field{Name: "metropolitan"}, []float64{1, 1, 0, 1}), texts("gap_status", "", "none", "doubtful", ""), texts("gap_note", "", "says so", "", ""))
	add("regions", l, err)

	l, err = geo.NewPoints(geo.About{}, []string{"c1", "c2", "c3", "c4", "c5"},
		[]orb.Point{{6, 46}, {6.005, 46}, {8, 48}, {9, 49}, {-179.9, -17.5}},
		texts("name", "One", "One B", "Three", "Four", "Five"), texts("country", "XA", "XA", "XA", "XA", "XB"), texts("region_code", "1", "1", "1", "1", "1"),
		counts("tier", 1, 1, 2, 1, 1), texts("location", "hospital", "hospital", "hospital", "hospital", "hospital"))
	add("centers", l, err)

	l, err = geo.NewTable(geo.About{}, []string{"XA", "XB"}, texts("country", "XA", "XB"), counts("published_centers", 7, math.NaN()),
		texts("published_as_of", "2025-04", ""), texts("list_completeness", "4 of 7", "1"), texts("note", "Region East has none.", ""))
	add("countries", l, err)

	l, err = geo.NewTable(geo.About{}, []string{"1", "2", "3"}, texts("country", "XA", "XA", "XC"), texts("area", "", "", ""), texts("product", "axi (Brand)", "cilta (Other)", "any"),
		texts("indication", "LBCL", "MM", "any"), texts("line", "3L+", "r/r", "any"), texts("said", "yes", "no", "yes"), texts("answer", "yes", "no", "yes"), texts("since", "2020-05", "", ""),
		texts("by", "", "", ""), texts("as_of", "", "2024", ""), texts("source", "x", "x", "x"), texts("status", "read in an excerpt", "derived", "not read"))
	add("indications", l, err)

	// A layer to page through: ids that need escaping, numbers that clients
	// misread, a column that is empty in front, features on both sides of ±180°.
	const n = 1000
	thousand := make([]orb.Point, n)
	odd := make([]string, n)
	zero, big, late, whole := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		odd[i] = fmt.Sprintf("a/%d é?&+%%", i)
		thousand[i] = orb.Point{math.Mod(float64(i)*7.3, 360) - 180, math.Mod(float64(i)*3.1, 170) - 85}
		zero[i], big[i], late[i], whole[i] = float64(i%3), 3e9+float64(i), math.NaN(), float64(i)
		if i >= 500 {
			late[i] = 0.4
		}
		if i%100 == 99 {
			thousand[i] = orb.Point{math.NaN(), math.NaN()}
		}
	}
	l, err = geo.NewPoints(geo.About{}, odd, thousand, nums("zero", zero...), counts("big", big...), nums("late", late...), counts("whole", whole...), texts("word", odd...))
	add("thousand", l, err)
	shapes := make([]orb.Geometry, 30)
	for i := range shapes {
		x := float64(i * 12)
		if shapes[i] = rect(x-180, -10, x-170, 10); i%3 == 0 {
			shapes[i] = orb.MultiPolygon{rect(x-180, -10, x-175, 10), rect(x-174, -10, x-170, 10)}
		}
	}
	l, err = geo.NewLayer(geo.About{}, nil, shapes, counts("n", whole[:30]...))
	add("shapes", l, err)
	return w
}

// twoLands puts the isles of XA on a landmass of their own.
func twoLands(p orb.Point) int {
	if p[0] < -30 && p[0] > -90 {
		return 2
	}
	return 1
}

// squareRoads draw squares, a degree wide for each hour.
func squareRoads(_ context.Context, name string) (travel.Engine, error) {
	if name != "square" {
		return nil, fmt.Errorf("no roads %q", name)
	}
	return squares{&travel.Crow{}}, nil
}

type squares struct{ *travel.Crow }

func (squares) Areas(_ context.Context, stops []travel.Stop, limits []travel.Seconds, _ bool) (out []orb.MultiPolygon, err error) {
	for _, l := range limits {
		r := l.Minutes() / 120
		p := stops[0].At
		out = append(out, orb.MultiPolygon{rect(p[0]-r, p[1]-r, p[0]+r, p[1]+r)})
	}
	return out, nil
}

// writeFile writes as the server does: several layers into a GeoPackage, else one.
func writeFile(w io.Writer, layers []*geo.Layer, format string) error {
	if format == data.GeoPackage {
		return data.WriteGeoPackage(w, layers...)
	}
	return data.Write(w, layers[0], format)
}

// offered are the formats that the program offers.
func offered() (out []Enclosure) {
	for _, f := range data.Formats() {
		if f.Enclose {
			out = append(out, Enclosure{f.Name, f.Title, f.Media, f.Endings[0], f.Shapes && !f.Null, f.Whole()})
		}
	}
	return out
}

func fixture(t testing.TB, change func(*Config)) *Server {
	t.Helper()
	w := newWorld()
	c := Config{
		World: func(context.Context, spec.Spec) (study.World, error) {
			return study.World{Layers: w, Land: twoLands, Version: "test", Roads: squareRoads}, nil
		},
		Write: writeFile, Enclosures: offered(),
		Rows: func(l *geo.Layer, format string, position Position) (Rows, error) {
			return data.NewRows(l, format, data.Position(position))
		},
		Countries: []Country{{"XA", "Exa"}, {"XB", "Exbe"}},
		Files:     []string{"own.csv"},
		Studies:   map[string]string{"specs/base.yaml": small("base", "")},
		Version:   "test",
		Roads:     []string{"square"},
	}
	for _, name := range []string{"settlements", "regions", "centers", "countries", "indications", "thousand", "shapes"} {
		c.Layers = append(c.Layers, Layer{Name: name})
	}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// small is a study of XA.
func small(name, more string) string {
	return fmt.Sprintf(`version: 1
name: %s
places: {layer: settlements, where: {country: XA}, weight: population}
regions: {layer: regions, where: {country: XA}, join: region_code}
sites: {layer: centers, where: {country: XA}}
travel: {engine: crow, borders: same-country}
measures:
  - travel: {k: 2}
  - density: {by: region}
  - gaps: {beyond_min: 120}
%s`, name, more)
}

type call struct {
	method, path, body string
	header             []string
}

// do asks and checks the answer against the OpenAPI document.
func do(t testing.TB, s *Server, c call) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(cmp.Or(c.method, "GET"), "http://example.org"+c.path, strings.NewReader(c.body))
	for i := 0; i+1 < len(c.header); i += 2 {
		r.Header.Add(c.header[i], c.header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	conforms(t, s, c, w)
	return w
}

var (
	bareEnding = regexp.MustCompile(`\}\.\w+$`)
	tilePath   = regexp.MustCompile(`^(/tiles/[^/?]+|/tiles/[^/]+/[^/]+/[^/]+/[^/?]+)\.(json|pbf)`)
)

// described is the OpenAPI document of a server, read once.
var described sync.Map

func router(t testing.TB, s *Server) routers.Router {
	t.Helper()
	if r, ok := described.Load(s); ok {
		return r.(routers.Router)
	}
	text := must(toJSON(s.describe(t.Context(), "http://example.org")))
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatalf("the OpenAPI document is not valid: %v", err)
	}
	book := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	for _, kind := range []string{book, "text/html", "text/csv", "text/plain", "text/event-stream", "image/svg+xml", "image/png", "application/pdf", "application/vnd.mapbox-vector-tile", "application/geo+json-seq", "application/geopackage+sqlite3", "application/vnd.apache.parquet", "application/vnd.google-earth.kml+xml"} {
		openapi3filter.RegisterBodyDecoder(kind, func(b io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
			text, err := io.ReadAll(b)
			return string(text), err
		})
	}
	for _, kind := range []string{"application/geo+json", "application/vnd.oai.openapi+json", "application/schema+json"} {
		openapi3filter.RegisterBodyDecoder(kind, func(b io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
			var v any
			err := json.NewDecoder(b).Decode(&v)
			return v, err
		})
	}
	// The router of kin-openapi knows no ending after a parameter.
	for _, path := range doc.Paths.InMatchingOrder() {
		if bare := bareEnding.ReplaceAllString(path, "}"); bare != path {
			item := doc.Paths.Value(path)
			doc.Paths.Delete(path)
			doc.Paths.Set(bare, item)
		}
	}
	r, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	described.Store(s, r)
	return r
}

func conforms(t testing.TB, s *Server, c call, w *httptest.ResponseRecorder) {
	t.Helper()
	if c.method != "" && c.method != "GET" && c.method != "POST" || w.Code == http.StatusNotFound && strings.Contains(w.Body.String(), "problem:route") || w.Header().Get("Content-Encoding") != "" {
		return
	}
	r := httptest.NewRequest(cmp.Or(c.method, "GET"), "http://example.org"+tilePath.ReplaceAllString(c.path, "$1"), nil)
	route, params, err := router(t, s).FindRoute(r)
	if err != nil {
		if w.Code == http.StatusMethodNotAllowed {
			return
		}
		t.Errorf("%s: not in the OpenAPI document: %v", c.path, err)
		return
	}
	body := w.Body.Bytes()
	in := &openapi3filter.ResponseValidationInput{RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		t.Errorf("%s %s: the answer is not as the OpenAPI document says: %.600v", c.method, c.path, err)
	}
}

// get asks and reads the answer.
func get[T any](t testing.TB, s *Server, path string) T {
	t.Helper()
	w := do(t, s, call{path: path})
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func problemIn(t testing.TB, w *httptest.ResponseRecorder) problemDoc {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("content type %q, want problem+json: %s", got, w.Body)
	}
	var p problemDoc
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code || p.Title == "" || p.Detail == "" || p.RequestID == "" || !strings.HasPrefix(p.Type, "urn:careshed:problem:") || p.Instance == "" {
		t.Errorf("problem is not whole: %+v", p)
	}
	return p
}

// post sends a study.
func post(t testing.TB, s *Server, spec string) *httptest.ResponseRecorder {
	t.Helper()
	return do(t, s, call{method: "POST", path: "/processes/study/execution", body: spec, header: []string{"Content-Type", "application/yaml"}})
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("%s: not within two minutes", what)
}
