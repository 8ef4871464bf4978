package api

import (
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
	// The landing page shows it: its policy must let pictures of this server in.
	w = do(t, s, call{method: "GET", path: "/?f=html"})
	if !strings.Contains(w.Header().Get("Content-Security-Policy"), "img-src 'self'") || !strings.Contains(w.Body.String(), "-regions/map\" alt=") {
		t.Errorf("%s: %.500s", w.Header(), w.Body)
	}
	for path, field := range map[string]string{
		"/collections/baseline-xa-regions/map?column=mean_tim_min": "column", "/collections/baseline-xa-regions/map?column=name": "column",
		"/collections/baseline-xa-regions/map?breaks=3,2": "breaks", "/collections/baseline-xa-regions/map?breaks=a": "breaks",
		"/collections/baseline-xa-regions/map?width=9": "width", "/collections/baseline-xa-bands/map": "collectionId",
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
	for in, want := range map[string]string{"0.5268482772433261": "0.5268", "12": "12", "3.25": "3.25", "0.000012345": "0.000012345", "IT": "IT", "": ""} {
		if got := readable(in); got != want {
			t.Errorf("%q reads %q, want %q", in, got, want)
		}
	}
}
