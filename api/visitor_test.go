package api

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"careshed/geo"
)

var bearer = []string{"Authorization", "Bearer secret"}

// What is sent with the key is told to its holder alone, and listed for nobody else;
// the same study sent without it is another, and whoever knows its id has it.
func TestStudiesOfTheKey(t *testing.T) {
	s := fixture(t, withKey)
	text := small("mine", "penalty: {}\n")
	send := func(header ...string) *answerOf {
		w := do(t, s, call{method: "POST", path: "/processes/study/execution", body: text, header: append([]string{"Content-Type", "application/yaml"}, header...)})
		return &answerOf{w.Code, w.Body.String(), w.Header()}
	}
	own := send(bearer...)
	open := outcomeIn(t, []byte(send().body)).ID
	id := outcomeIn(t, []byte(own.body)).ID
	if id == open || len(id) != len("mine-")+32 {
		t.Fatalf("%s with the key, %s without", id, open)
	}
	job := read[jobDoc](t, do(t, s, call{method: "POST", path: "/processes/study/execution", body: small("later", ""),
		header: append([]string{"Content-Type", "application/yaml", "Prefer", "respond-async"}, bearer...)}))
	eventually(t, "the job is done", func() bool {
		return strings.Contains(do(t, s, call{path: "/jobs/" + job.ID, header: bearer}).Body.String(), "successful")
	})
	for _, path := range []string{"/studies/" + id, "/collections/" + id + "-places", "/collections/" + id + "-places/items?limit=1", "/collections/" + id + "-regions/map",
		"/density?study=" + id, "/penalty?study=" + id, "/studies/" + id + "/sheet", "/jobs/" + job.ID, "/jobs/" + job.ID + "/results", "/collections/" + job.ID + "-places"} {
		for range 2 { // the second may come from what is kept
			w := do(t, s, call{path: path, header: bearer})
			if w.Code != 200 || strings.Contains(w.Header().Get("Cache-Control"), "public") {
				t.Errorf("%s, with the key: %d %v", path, w.Code, w.Header())
			}
			if w := do(t, s, call{path: path}); w.Code != 404 {
				t.Errorf("%s, without: %d", path, w.Code)
			}
			if w := do(t, s, call{path: path, header: []string{"Authorization", "Bearer other"}}); w.Code != 404 {
				t.Errorf("%s, with another key: %d", path, w.Code)
			}
		}
	}
	if w := do(t, s, call{method: "DELETE", path: "/jobs/" + job.ID}); w.Code != 404 {
		t.Errorf("taken off by a stranger: %d", w.Code)
	}
	if w := do(t, s, call{path: "/studies/" + open}); w.Code != 200 {
		t.Errorf("sent without the key: %d", w.Code)
	}
	for _, path := range []string{"/jobs", "/studies", "/collections", "/api"} {
		without, with := do(t, s, call{path: path}).Body.String(), do(t, s, call{path: path, header: bearer}).Body.String()
		if strings.Contains(without, id) || strings.Contains(without, job.ID) || strings.Contains(without, open) {
			t.Errorf("%s lists what others sent", path)
		}
		if want := map[bool]string{true: job.ID, false: id}[path == "/jobs"]; path != "/api" && !strings.Contains(with, want) {
			t.Errorf("%s does not list it for the holder of the key", path)
		}
	}
}

// A layer may be for the key alone, and so are studies that name it.
func TestLayersOfTheKey(t *testing.T) {
	s := fixture(t, withKey)
	for name, path := range map[string]string{"mine": "/collections/mine?for=key", "ours": "/collections/ours"} {
		if a := send(t, s, path, "secret", "a 6 46 10\n"); a.code != http.StatusCreated {
			t.Fatalf("%s: %d %s", name, a.code, a.body)
		}
	}
	study := func(layer string, header ...string) int {
		return do(t, s, call{method: "POST", path: "/processes/study/execution", body: strings.Replace(sent, "layer: mine", "layer: "+layer, 1),
			header: append([]string{"Content-Type", "application/yaml"}, header...)}).Code
	}
	for _, c := range []struct {
		layer         string
		without, with int
	}{{"mine", 404, 200}, {"ours", 200, 200}} {
		for _, path := range []string{"/collections/" + c.layer, "/collections/" + c.layer + "/items"} {
			if got := do(t, s, call{path: path, header: bearer}).Code; got != c.with {
				t.Errorf("%s with the key: %d", path, got)
			}
			if got := do(t, s, call{path: path}).Code; got != c.without {
				t.Errorf("%s without: %d", path, got)
			}
		}
		if got := study(c.layer); (got == 200) != (c.without == 200) {
			t.Errorf("a study of %s without the key: %d", c.layer, got)
		}
		if got := study(c.layer, bearer...); got != 200 {
			t.Errorf("a study of %s with the key: %d", c.layer, got)
		}
	}
}

// What is taken off the list is gone, its layers with it.
func TestGoneIsGone(t *testing.T) {
	s := fixture(t, nil)
	j := read[jobDoc](t, async(t, s, small("gone", "")))
	eventually(t, "it is done", func() bool { return get[jobDoc](t, s, "/jobs/"+j.ID).Status == "successful" })
	paths := []string{"/studies/" + j.ID, "/jobs/" + j.ID, "/collections/" + j.ID + "-places/items?limit=5", "/tiles/" + j.ID + "-places/3/4/2.pbf"}
	for _, path := range paths {
		if w := do(t, s, call{path: path}); w.Code >= 300 {
			t.Fatalf("%s: %d", path, w.Code)
		}
	}
	if w := do(t, s, call{method: "DELETE", path: "/jobs/" + j.ID}); w.Code != 200 {
		t.Fatal(w.Code)
	}
	for _, path := range paths {
		if w := do(t, s, call{path: path}); w.Code != 404 {
			t.Errorf("%s, afterwards: %d", path, w.Code)
		}
	}
}

func TestJobsByPages(t *testing.T) {
	s := fixture(t, nil)
	seen := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		async(t, s, small(name, ""))
	}
	path, pages := "/jobs?limit=2", 0
	for path != "" {
		list := get[jobList](t, s, path)
		if len(list.Jobs) > 2 {
			t.Fatalf("%d jobs on a page", len(list.Jobs))
		}
		for _, j := range list.Jobs {
			seen[j.ID] = true
		}
		path = ""
		for _, l := range list.Links {
			if l.Rel == "next" {
				path = strings.TrimPrefix(l.Href, "http://example.org")
			}
		}
		pages++
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("%d jobs on %d pages", len(seen), pages)
	}
	if w := do(t, s, call{path: "/jobs?after=none"}); w.Code != 400 {
		t.Errorf("behind none: %d", w.Code)
	}
}

// No log line has a key, however its name is written.
func TestKeysAreNotLogged(t *testing.T) {
	var log bytes.Buffer
	s := fixture(t, func(c *Config) {
		withKey(c)
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	for _, query := range []string{"key=sEcReT1", "id=a&key=sEcReT1&lon=x", "%6bey=sEcReT1", "KEY=sEcReT1", "key=a&key=sEcReT1", "api_key=sEcReT1", "access_token=sEcReT1", "a=1;key=sEcReT1", "%zz=1&key=sEcReT1"} {
		log.Reset()
		for _, c := range []call{{method: "PUT", path: "/collections/mine?" + query, body: "a 1 2 3", header: []string{"Content-Type", "text/csv"}}, {path: "/evidence?" + query}, {path: "/nowhere?" + query}} {
			w := do(t, s, c)
			if w.Code < 400 {
				t.Errorf("%s %s: %d", c.method, c.path, w.Code)
			}
		}
		if text := log.String(); strings.Contains(text, "sEcReT1") || strings.Count(text, "msg=request") != 3 {
			t.Errorf("%s is logged as %s", query, text)
		}
	}
	if got := withoutSecrets("lon=1&lat=2"); got != "lon=1&lat=2" {
		t.Errorf("a query without a key is logged as %s", got)
	}
}

// Pages of other origins may read and send studies; only those that the server was told
// of may change and give the key.
func TestOrigins(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Origins = []string{"https://own.example"} })
	for _, c := range []struct {
		origin, allowed string
		changes         bool
	}{{"https://own.example", "https://own.example", true}, {"https://other.example", "*", false}, {"null", "*", false}} {
		h := do(t, s, call{method: "OPTIONS", path: "/jobs", header: []string{"Origin", c.origin, "Access-Control-Request-Method", "DELETE"}}).Header()
		methods, headers := h.Get("Access-Control-Allow-Methods"), h.Get("Access-Control-Allow-Headers")
		if h.Get("Access-Control-Allow-Origin") != c.allowed || strings.Contains(methods, "DELETE") != c.changes || strings.Contains(methods, "PUT") != c.changes ||
			strings.Contains(headers, "Authorization") != c.changes || !strings.Contains(methods, "POST") || h.Get("Vary") != "Origin" {
			t.Errorf("%s: %v", c.origin, h)
		}
	}
}

// Small things: a limit too small to draw, a temporary file that cannot be written, a
// picture that is opened by itself.
func TestOddRequests(t *testing.T) {
	s := fixture(t, func(c *Config) {
		withKey(c)
		c.Decode = func(context.Context, Upload) (*geo.Layer, error) {
			return nil, fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "/var/secret", Err: fs.ErrPermission})
		}
	})
	for _, minutes := range []string{"1e-300", "0.09", "0", "NaN", "601"} {
		if w := do(t, s, call{path: "/isochrone?lon=6&lat=46&engine=crow&minutes=" + minutes}); w.Code != 400 {
			t.Errorf("within %s minutes: %d", minutes, w.Code)
		}
	}
	if w := do(t, s, call{path: "/isochrone?lon=6&lat=46&engine=crow&minutes=0.1"}); w.Code != 200 {
		t.Errorf("within 0.1 minutes: %d %s", w.Code, w.Body)
	}
	if a := send(t, s, "/collections/mine", "secret", "a 1 2 3"); a.code != 500 || strings.Contains(a.body, "secret") {
		t.Errorf("%d %s", a.code, a.body)
	}
	if csp := do(t, s, call{path: "/collections/regions/map?f=svg"}).Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") {
		t.Errorf("a picture has the policy %q", csp)
	}
}
