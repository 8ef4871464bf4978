package api

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study"
	"careshed/access/study/spec"
)

// good is an address for every route that answers 200.
var good = map[string]string{
	"/": "/", "/conformance": "/conformance", "/api": "/api", "/api.html": "/api.html", "/collections": "/collections",
	"/collections/{collectionId}": "/collections/centers", "/collections/{collectionId}/map": "/collections/baseline-xa-regions/map", "/collections/{collectionId}/classes": "/collections/baseline-xa-regions/classes", "/collections/{collectionId}/items": "/collections/thousand/items",
	"/collections/{collectionId}/items/{featureId}": "/collections/centers/items/c1", "/nearest": "/nearest?lon=7&lat=47",
	"/collections/{collectionId}/queryables": "/collections/thousand/queryables", "/collections/{collectionId}/schema": "/collections/shapes/schema",
	"/collections/{collectionId}/tiles": "/collections/regions/tiles", "/collections/{collectionId}/tiles/WebMercatorQuad": "/collections/regions/tiles/WebMercatorQuad",
	"/collections/{collectionId}/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": "/collections/thousand/tiles/WebMercatorQuad/0/0/0",
	"/tiles/{collectionId}.json": "/tiles/regions.json", "/tiles/{collectionId}/metadata.json": "/tiles/regions/metadata.json", "/tiles/{collectionId}/{z}/{x}/{y}.pbf": "/tiles/regions/0/0/0.pbf",
	"/tileMatrixSets": "/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad": "/tileMatrixSets/WebMercatorQuad",
	"/density": "/density", "/gaps": "/gaps", "/penalty": "/penalty", "/sites": "/sites?country=XA&pick=2", "/evidence": "/evidence", "/search": "/search?q=e",
	"/processes": "/processes", "/processes/study": "/processes/study", "/processes/study/execution": "/processes/study/execution",
	"/collections/{collectionId}/versions": "/collections/sent/versions",
	"/isochrone":                           "/isochrone?lon=7&lat=47", "/processes/{processId}": "/processes/nearest", "/processes/{processId}/execution": "/processes/nearest/execution",
	"/jobs": "/jobs", "/jobs/{jobId}": "/jobs/one", "/jobs/{jobId}/results": "/jobs/one/results", "/jobs/{jobId}/events": "/jobs/one/events",
	"/studies": "/studies", "/studies/{studyId}": "/studies/baseline-xa", "/studies/{studyId}/sheet": "/studies/baseline-xa/sheet", "/studies/{studyId}/sheet/{regionId}": "/studies/baseline-xa/sheet/XA-2", "/healthz": "/healthz", "/readyz": "/readyz", "/metrics": "/metrics",
}

func with(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

// sample is a body that a route takes.
func sample(rt *route) (body string, header []string) {
	if slices.Contains(rt.media, "application/yaml") {
		return small("s", ""), []string{"Content-Type", "application/yaml"}
	}
	return `{"inputs": {"lon": 7, "lat": "47", "k": 2}}`, []string{"Content-Type", "application/json"}
}

func TestEveryRouteAnswersInEveryFormat(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Countries = []Country{{"XA", "Exa"}} })
	if err := s.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	aJob(t, s, "one")
	for _, rt := range s.table {
		if rt.method == http.MethodDelete || rt.method == http.MethodPut || rt.keyed {
			continue // they change something, or need the key; TestJobs, TestUploads and TestPreview ask them
		}
		path, ok := good[rt.path]
		if !ok {
			t.Errorf("no address for %s", rt.path)
			continue
		}
		c := call{method: rt.method, path: path}
		if rt.media != nil {
			c.body, c.header = sample(rt)
		}
		for _, f := range rt.formats {
			asked := c
			if f != asMetrics {
				asked.path = with(path, "f="+f.name)
			}
			byAccept := c
			byAccept.header = append([]string{"Accept", mediaType(f.kind)}, c.header...)
			for _, c := range []call{asked, byAccept} {
				w := do(t, s, c)
				if w.Code != 200 || w.Header().Get("Content-Type") != f.kind || w.Body.Len() == 0 {
					t.Errorf("%s %v: status %d, type %q, %d bytes: %.300s", c.path, c.header, w.Code, w.Header().Get("Content-Type"), w.Body.Len(), w.Body)
				}
			}
		}
		if rt.method != "GET" {
			continue
		}
		// HEAD is GET without the body.
		full, head := do(t, s, c), do(t, s, call{method: "HEAD", path: path})
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Type") != full.Header().Get("Content-Type") {
			t.Errorf("HEAD %s: status %d, %d bytes", path, head.Code, head.Body.Len())
		}
		tag := full.Header().Get("ETag")
		if rt.live != (tag == "") {
			t.Errorf("%s: tag %q", path, tag)
		}
		if tag == "" {
			continue
		}
		c.header = []string{"If-None-Match", `"other", ` + tag}
		if w := do(t, s, c); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s with its tag: status %d, %d bytes", path, w.Code, w.Body.Len())
		}
	}
}

func TestEveryRouteMeetsEveryErrorWithAProblem(t *testing.T) {
	s := fixture(t, nil)
	aJob(t, s, "one")
	allowed := map[string]bool{}
	for _, rt := range s.table {
		allowed[rt.method+" "+rt.path] = true
	}
	for _, rt := range s.table {
		path := good[rt.path]
		base := call{method: rt.method, path: path}
		if rt.keyed {
			continue // TestUploads meets their errors
		}
		if rt.media != nil {
			base.body, base.header = sample(rt)
		}
		expect := func(name string, c call, status int, kind kind) problemDoc {
			t.Helper()
			w := do(t, s, c)
			if w.Code != status {
				t.Errorf("%s %s: %s: status %d, want %d: %.300s", c.method, c.path, name, w.Code, status, w.Body)
				return problemDoc{}
			}
			p := problemIn(t, w)
			if p.Type != "urn:careshed:problem:"+string(kind) {
				t.Errorf("%s: %s: type %s, want %s", c.path, name, p.Type, kind)
			}
			return p
		}
		c := base
		c.path = with(path, "nonsense=1")
		if p := expect("unknown parameter", c, 400, badParameter); p.Field != "nonsense" {
			t.Errorf("%s: unknown parameter: field %q", path, p.Field)
		}
		c.path = with(path, "f=docx")
		expect("unknown format", c, 400, badParameter)
		c.path = with(path, "f=json&f=json")
		expect("format twice", c, 400, badParameter)
		c.path = with(path, "a=%zz")
		expect("query that cannot be read", c, 400, badParameter)
		c.path = with(path, "a=1;b=2")
		expect("semicolon", c, 400, badParameter)
		c = base
		c.header = append([]string{"Accept", "audio/ogg"}, base.header...)
		expect("Accept", c, 406, notAcceptable)
		for _, m := range []string{"PUT", "DELETE", "PATCH", "BREW"} {
			if allowed[m+" "+rt.path] {
				continue
			}
			c = base
			c.method = m
			if w := do(t, s, c); !strings.Contains(w.Header().Get("Allow"), rt.method) || !strings.Contains(w.Header().Get("Allow"), "OPTIONS") {
				t.Errorf("%s %s: Allow %q", m, path, w.Header().Get("Allow"))
			}
			expect("method", c, 405, wrongMethod)
		}
		c = base
		for i := range rt.params {
			p := &rt.params[i]
			if p.in == "path" {
				c = base
				if p.name == "featureId" {
					c.path = "/collections/centers/items/nobody"
				} else {
					c.path = strings.Replace(strings.Replace(rt.path, "{"+p.name+"}", "nobody", 1), "{featureId}", "x", 1)
				}
				expect("unknown "+p.name, c, 404, notFound)
				continue
			}
			plain, _, _ := strings.Cut(path, "?")
			for _, bad := range map[bool][]string{true: {"x", "1e99999", "NaN", ""}, false: {}}[p.kind.String() != "string" && p.schema == nil] {
				c.path = plain + "?" + p.name + "=" + bad
				if got := expect(p.name+"="+bad, c, 400, badParameter); got.Accepted == "" {
					t.Errorf("%s: says nothing of what is accepted", c.path)
				}
			}
			if p.enum != nil {
				c.path = plain + "?" + p.name + "=nonsense"
				expect(p.name, c, 400, badParameter)
			}
			c.path = plain + "?" + p.name + "=1&" + p.name + "=2"
			expect(p.name+" twice", c, 400, badParameter)
		}
		if rt.media == nil {
			continue
		}
		c = base
		c.header = []string{"Content-Type", "image/png"}
		expect("media type", c, 415, wrongMedia)
		c = base
		c.body = ""
		expect("empty body", c, 400, badBody)
		c.body = strings.Repeat("#", 1<<20+1)
		expect("large body", c, 413, tooLarge)
		if !slices.Contains(rt.media, "application/yaml") {
			continue
		}
		c.body = "version: 1\nname: [\n"
		expect("broken YAML", c, 422, badStudy)
		c.body = small("s", "sitez: 1\n")
		if p := expect("unknown field", c, 422, badStudy); !strings.Contains(p.Detail, `"sites"`) {
			t.Errorf("no suggestion: %+v", p)
		}
	}
	for _, path := range []string{"/nothing", "/collections/centers/itemz", "//", "/../etc/passwd", "/collections/%2e%2e/items", "/colections"} {
		w := do(t, s, call{path: path})
		if w.Code != 404 {
			t.Errorf("%s: status %d", path, w.Code)
		}
		problemIn(t, w)
	}
}

func TestSwappedAxesAreSuggested(t *testing.T) {
	s := fixture(t, nil)
	for _, path := range []string{"/nearest?lon=45&lat=93", "/collections/thousand/items?bbox=40,-120,50,-100"} {
		p := problemIn(t, do(t, s, call{path: path}))
		if !strings.Contains(p.Detail, "swapped") || p.Field == "" || p.Found == "" || p.Accepted == "" {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

func TestOptionsAndCrossOrigin(t *testing.T) {
	s := fixture(t, nil)
	w := do(t, s, call{method: "OPTIONS", path: "/processes/study/execution", header: []string{"Origin", "https://example.com", "Access-Control-Request-Method", "POST"}})
	h := w.Header()
	if w.Code != 204 || h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Content-Type") {
		t.Errorf("status %d, %v", w.Code, h)
	}
	if do(t, s, call{method: "OPTIONS", path: "/nothing"}).Code != 404 {
		t.Error("OPTIONS of nothing")
	}
}

func TestGzip(t *testing.T) {
	s := fixture(t, nil)
	for _, path := range []string{"/density", "/collections/thousand/items", "/api"} {
		plain := do(t, s, call{path: path})
		for range 2 { // made, then kept
			w := do(t, s, call{path: path, header: []string{"Accept-Encoding", "br, gzip;q=0.8"}})
			if w.Header().Get("Content-Encoding") != "gzip" {
				t.Errorf("%s: not compressed", path)
				continue
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(z)
			if err != nil || path != "/collections/thousand/items" && !bytes.Equal(got, plain.Body.Bytes()) || len(got) != plain.Body.Len() {
				t.Errorf("%s: differs after compression: %v", path, err)
			}
		}
		if do(t, s, call{path: path, header: []string{"Accept-Encoding", "gzip;q=0"}}).Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: compressed against the client's wish", path)
		}
	}
}

func TestLinksAreAbsoluteAndLeadSomewhere(t *testing.T) {
	s := fixture(t, nil)
	if err := s.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	seen, queue := map[string]bool{}, []string{"http://example.org/"}
	for len(queue) > 0 && len(seen) < 400 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] || strings.HasSuffix(at, "/execution") {
			continue
		}
		seen[at] = true
		path, ours := strings.CutPrefix(at, "http://example.org")
		if !ours {
			t.Errorf("%s is not absolute or not ours", at)
			continue
		}
		if path == "/app/" { // TestApp
			continue
		}
		w := do(t, s, call{path: path})
		if w.Code != 200 {
			t.Errorf("%s: status %d", at, w.Code)
		}
		if kind := w.Header().Get("Content-Type"); !strings.Contains(kind, "json") || strings.Contains(kind, "json-seq") || strings.HasPrefix(path, "/api") {
			continue
		}
		for _, l := range get[struct{ Links []link }](t, s, path).Links {
			if l.Rel == "" || l.Type == "" {
				t.Errorf("%s: link %+v is not whole", at, l)
			}
			if !l.Templated {
				queue = append(queue, l.Href)
			}
		}
	}
	rel := map[string]link{}
	for _, l := range get[landing](t, s, "/").Links {
		rel[l.Rel] = l
	}
	if d := rel["service-desc"]; d.Type != "application/vnd.oai.openapi+json;version=3.0" || d.Href != "http://example.org/api" || rel["data"].Href == "" || rel["conformance"].Href == "" {
		t.Errorf("landing page: %v", rel)
	}
	if proxied := fixture(t, func(c *Config) { c.URL = "https://example.com/x/" }); get[landing](t, proxied, "/").Links[0].Href != "https://example.com/x/" {
		t.Error("the URL that the server was given is not used")
	}
}

func TestPageSizeIsDeclaredWhereQGISLooks(t *testing.T) {
	s := fixture(t, nil)
	doc := get[struct {
		OpenAPI    string
		Components struct {
			Parameters map[string]struct {
				Schema struct {
					Default            any
					Maximum, Minimum   float64
					MinItems, MaxItems int
				}
				Style   string
				Explode bool
			}
		}
	}](t, s, "/api")
	l, b := doc.Components.Parameters["limit"], doc.Components.Parameters["bbox"]
	if doc.OpenAPI != "3.0.3" || l.Schema.Default != 100.0 || l.Schema.Maximum != 10_000 || l.Schema.Minimum != 1 {
		t.Errorf("limit: %+v", l)
	}
	if b.Schema.MinItems != 4 || b.Schema.MaxItems != 6 || b.Style != "form" || b.Explode {
		t.Errorf("bbox: %+v", b)
	}
}

func TestRequestIDs(t *testing.T) {
	s := fixture(t, nil)
	if got := do(t, s, call{path: "/healthz", header: []string{"X-Request-Id", "abc-1"}}).Header().Get("X-Request-Id"); got != "abc-1" {
		t.Errorf("id %q", got)
	}
	a, b := do(t, s, call{path: "/healthz", header: []string{"X-Request-Id", "a b\n"}}).Header().Get("X-Request-Id"), do(t, s, call{path: "/healthz"}).Header().Get("X-Request-Id")
	if a == b || a == "" || strings.ContainsAny(a, " \n") {
		t.Errorf("ids %q, %q", a, b)
	}
}

func TestQuickLooksAreTables(t *testing.T) {
	s := fixture(t, nil)
	for path, rows := range map[string]int{"/density": 3, "/density?by=region": 4, "/density?by=region&country=XB": 1, "/gaps": 2, "/gaps?limit=1": 1, "/penalty?country=XA": 3,
		"/nearest?lon=7&lat=47&k=2": 2, "/sites?country=XA&pick=1": 1, "/evidence": len(access.Register)} {
		w := do(t, s, call{path: with(path, "f=csv")})
		got, err := csv.NewReader(w.Body).ReadAll()
		if err != nil || w.Code != 200 || len(got) != rows+1 {
			t.Errorf("%s: status %d, %d rows, want %d: %v %v", path, w.Code, len(got)-1, rows, err, got)
		}
	}
}

// A panic of ours is a problem without internals, in a handler as in a study.
func TestPanics(t *testing.T) {
	s := fixture(t, func(c *Config) {
		make := c.World
		c.World = func(ctx context.Context, spec spec.Spec) (study.World, error) {
			if spec.Name == "bug" {
				panic("secret")
			}
			return make(ctx, spec)
		}
		rows := c.Rows
		c.Rows = rows
	})
	w := post(t, s, small("bug", ""))
	if p := problemIn(t, w); w.Code != 500 || strings.Contains(w.Body.String(), "secret") || p.Detail == "" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if len(s.studies.slots) != 0 {
		t.Error("the slot of a study that failed is still taken")
	}
	s.base = nil // a bug in a handler
	w = do(t, s, call{path: "/readyz"})
	if problemIn(t, w); w.Code != 500 || strings.Contains(w.Body.String(), "nil pointer") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// Whoever asks while the server stops is told to come back, and never that it failed,
// whatever of it is closed already.
func TestAnswersWhileItStops(t *testing.T) {
	s := fixture(t, withKey)
	if w := send(t, s, "/collections/mine", "secret", "a 7 47 1\n"); w.code != 201 {
		t.Fatal(w.code)
	}
	s.Close()
	for _, c := range []call{
		{path: "/jobs"}, {path: "/jobs/none"}, {path: "/collections/mine/versions"}, {path: "/studies/none"},
		{method: "DELETE", path: "/collections/mine", header: []string{"X-Api-Key", "secret"}},
		{method: "POST", path: "/processes/study/execution", body: small("late", ""), header: []string{"Content-Type", "application/yaml", "Prefer", "respond-async"}},
		{method: "PUT", path: "/collections/mine", body: "a 7 47 1\n", header: []string{"Content-Type", "text/csv", "X-Api-Key", "secret"}},
	} {
		r := httptest.NewRequest(cmp.Or(c.method, "GET"), "http://example.org"+c.path, strings.NewReader(c.body))
		for i := 0; i+1 < len(c.header); i += 2 {
			r.Header.Add(c.header[i], c.header[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError || w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}
