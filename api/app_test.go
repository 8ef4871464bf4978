package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"careshed/api/web"
)

// The app is a page that reaches this server alone; without its slash it leads
// there, and a program without it says how to make one with it.
func TestApp(t *testing.T) {
	s := fixture(t, func(c *Config) { c.URL = "https://example.org/care" })
	ask := func(path string, header ...string) *httptest.ResponseRecorder { // no row of the table, and not in the document
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		s.ServeHTTP(w, r)
		return w
	}
	if w := ask("/app?x=1"); w.Code != 308 || w.Header().Get("Location") != "https://example.org/care/app/" {
		t.Errorf("%d %s", w.Code, w.Header())
	}
	w := ask("/app/")
	if !web.Built() {
		if p := problemIn(t, w); w.Code != 404 || !strings.Contains(p.Detail, "make build") {
			t.Errorf("%d %+v", w.Code, p)
		}
		return
	}
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<script") || !strings.Contains(policy, "connect-src 'self'") || strings.Contains(policy, "http") {
		t.Errorf("%d %s: %.300s", w.Code, w.Header(), w.Body)
	}
	for accepted, coding := range map[string]string{"gzip": "gzip", "gzip, deflate, br, zstd": "br", "gzip;q=1.0, br;q=0": "gzip", "br; q=0.5": "br", "deflate": "", "gzip;q=0": "", "*": "br", "*, br;q=0": "gzip", "GZIP": "gzip", "*;q=0": ""} {
		if w := ask("/app/", "Accept-Encoding", accepted); w.Header().Get("Content-Encoding") != coding {
			t.Errorf("%s: %s", accepted, w.Header())
		}
	}
	all := w.Body.Len()
	if w := ask("/app/", "Range", "bytes=0-9"); w.Code != 206 || w.Body.Len() != 10 {
		t.Errorf("one part: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask("/app/", "Range", "bytes=0-0"+strings.Repeat(",1-1", 1000)); w.Code != 200 || w.Body.Len() != all {
		t.Errorf("many parts: %d, %d bytes of %d", w.Code, w.Body.Len(), all)
	}
	for _, path := range []string{"/app/assets/none.js", "/app/.keep", "/app/..%2fweb.go"} {
		if w := ask(path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Whoever draws a layer has the limits and colours of the printed map.
func TestClasses(t *testing.T) {
	s := fixture(t, nil)
	c := get[struct {
		Breaks  []float64
		Colours []string
		Counts  []int
	}](t, s, "/collections/baseline-xa-regions/classes")
	n := 0
	for _, k := range c.Counts {
		n += k
	}
	if len(c.Breaks) != 4 || len(c.Colours) != 5 || len(c.Counts) != 5 || n == 0 {
		t.Errorf("%+v", c)
	}
	w := do(t, s, call{method: "GET", path: "/collections/baseline-xa-regions/classes?column=mean_tim_min"})
	if p := problemIn(t, w); w.Code != 400 || p.Field != "column" || !strings.Contains(p.Detail, "mean_time_min") {
		t.Errorf("%d %+v", w.Code, p)
	}
}
