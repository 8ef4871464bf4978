package api

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// A map of a result carries its regions and its finding; what cannot be drawn
// is a problem that says what can be.
func TestMaps(t *testing.T) {
	s := fixture(t, nil)
	w := do(t, s, call{method: "GET", path: "/collections/baseline-xa-regions/map"})
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.Contains(w.Body.String(), "<svg") || !strings.Contains(w.Body.String(), "data-id") {
		t.Fatalf("%d %s: %.300s", w.Code, w.Header(), w.Body)
	}
	if w := do(t, s, call{method: "GET", path: "/collections/baseline-xa-regions/map?column=mean_time_min&breaks=30,60,120&width=600"}); w.Code != 200 {
		t.Errorf("%d: %.300s", w.Code, w.Body)
	}
	if got := w.Header().Get("Content-Disposition"); got != `inline; filename="baseline-xa-regions.svg"` {
		t.Error(got)
	}
	// A browser that takes any picture is shown the first.
	w = do(t, s, call{method: "GET", path: "/collections/baseline-xa-regions/map", header: []string{"Accept", "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"}})
	if w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Error(w.Header())
	}
	for query, want := range map[string][2]string{"f=png": {"image/png", "\x89PNG"}, "f=pdf&lang=de": {"application/pdf", "%PDF-1.7"}, "lang=de&units=mi": {"image/svg+xml", "Zentren je 10 Mi"}} {
		w := do(t, s, call{method: "GET", path: "/collections/baseline-xa-regions/map?" + query, header: []string{"Accept-Encoding", "gzip"}})
		body := w.Body.String()
		if w.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = string(plain)
		}
		if w.Code != 200 || w.Header().Get("Content-Type") != want[0] || !strings.Contains(body, want[1]) {
			t.Errorf("%s: %d %v", query, w.Code, w.Header())
		}
		again := do(t, s, call{method: "GET", path: "/collections/baseline-xa-regions/map?" + query, header: []string{"If-None-Match", w.Header().Get("Etag")}})
		if again.Code != 304 {
			t.Errorf("%s: asked again: %d", query, again.Code)
		}
	}
	// The landing page shows it: its policy must let pictures of this server in.
	w = do(t, s, call{method: "GET", path: "/?f=html&country=XA"})
	if !strings.Contains(w.Header().Get("Content-Security-Policy"), "img-src 'self'") || !strings.Contains(w.Body.String(), "-regions/map?column=mean_time_min&amp;lang=en\" alt=") {
		t.Errorf("%s: %.500s", w.Header(), w.Body)
	}
	for path, field := range map[string]string{
		"/collections/baseline-xa-regions/map?column=mean_tim_min": "column", "/collections/baseline-xa-regions/map?column=name": "column",
		"/collections/baseline-xa-regions/map?breaks=3,2": "breaks", "/collections/baseline-xa-regions/map?breaks=a": "breaks",
		"/collections/baseline-xa-regions/map?width=9": "width", "/collections/baseline-xa-bands/map": "collectionId",
		"/collections/baseline-xa-regions/map?f=gif": "f", "/collections/baseline-xa-regions/map?lang=xx": "lang", "/collections/baseline-xa-regions/map?units=yd": "units",
		"/collections/baseline-xa-regions/map?f=png&width=4000&dpi=1200": "dpi",
	} {
		w := do(t, s, call{method: "GET", path: path})
		if w.Code != 400 {
			t.Errorf("%s: %d: %.300s", path, w.Code, w.Body)
			continue
		}
		if p := problemIn(t, w); p.Field != field || p.Accepted == "" {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

func TestReadable(t *testing.T) {
	for in, want := range map[[2]string]string{
		{"of_mine", "0.5268482772433261"}: "0.5268", {"of_mine", "12"}: "12", {"of_mine", "3.25"}: "3.25", {"of_mine", "0.000012345"}: "0.000012345",
		{"of_mine", "IT"}: "IT", {"of_mine", ""}: "", {"time_min", "61.23456"}: "61.2", {"time_min", "0.123456"}: "0.123456",
		{"mean_time_min_north", "61.23456"}: "61.2", {"population", "1234.56"}: "1235", {"share_beyond", "0.123456"}: "0.123", {"name", "3.14159265"}: "3.14159265",
	} {
		if got := readable(in[0], in[1]); got != want {
			t.Errorf("%q of %s reads %q, want %q", in[1], in[0], got, want)
		}
	}
}
