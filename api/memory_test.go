package api

import (
	"net/http"
	"testing"
	"time"
)

// A study that can never fit is refused, with what it needs and what there is; one for
// which there is no memory now is told to come back, and finds it then.
func TestMemoryOfStudies(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.Memory, c.Limits.Patience = 64<<20, time.Millisecond })
	w := post(t, s, small("large", "uncertainty: {draws: 10000}\n"))
	if p := problemIn(t, w); w.Code != http.StatusUnprocessableEntity || p.Type != "urn:careshed:problem:too-much" || p.Found == "" || p.Accepted != "up to 64 MiB" {
		t.Errorf("%d %+v", w.Code, p)
	}
	other := s.memory.Share(nil)
	if err := other.Grow("another", 60<<20); err != nil {
		t.Fatal(err)
	}
	w = post(t, s, small("fits", ""))
	if p := problemIn(t, w); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "10" || p.Type != "urn:careshed:problem:memory" {
		t.Errorf("%d %v %+v", w.Code, w.Header(), p)
	}
	j := read[jobDoc](t, async(t, s, small("later", ""))) // a job waits
	other.Give()
	eventually(t, "the job is done", func() bool { return get[jobDoc](t, s, "/jobs/"+j.ID).Status == "successful" })
	if w := post(t, s, small("fits", "")); w.Code != 200 {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
	if used := s.memory.Used(); used != 0 {
		t.Errorf("%d bytes are not given back", used)
	}
}

// What is drawn, written or sent has its share too, and gives it back.
func TestMemoryOfRequests(t *testing.T) {
	s := fixture(t, func(c *Config) {
		c.Limits.Memory, c.Limits.Patience = 256<<20, time.Millisecond
		withKey(c)
	})
	send := call{method: "PUT", path: "/collections/mine", body: "a 6 46 10", header: []string{"Content-Type", "text/csv", "Authorization", "Bearer secret"}}
	calls := []call{send, {path: "/collections/regions/map?f=png"}, {path: "/collections/thousand/items?f=gpkg"}, {path: "/studies/baseline-xa/sheet?f=html"}}
	for _, c := range calls {
		if w := do(t, s, c); w.Code >= 400 {
			t.Fatalf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
	other := s.memory.Share(nil)
	if err := other.Grow("another", 256<<20); err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		w := do(t, s, c)
		if p := problemIn(t, w); w.Code != http.StatusServiceUnavailable || p.Type != "urn:careshed:problem:memory" {
			t.Errorf("%s: %d %+v", c.path, w.Code, p)
		}
	}
	other.Give()
	for _, c := range calls {
		if w := do(t, s, c); w.Code >= 400 {
			t.Errorf("%s, afterwards: %d %s", c.path, w.Code, w.Body)
		}
	}
	if used := s.memory.Used(); used != 0 {
		t.Errorf("%d bytes are not given back", used)
	}
}
