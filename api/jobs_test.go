package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/state"
)

// aJob is a job that is done, with the result of a small study; a layer was sent
// as well.
func aJob(t testing.TB, s *Server, id string) {
	t.Helper()
	spec, err := study.Parse(strings.NewReader(small(id, "")), nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.atOnce(t.Context(), id, spec)
	if err != nil {
		t.Fatal(err)
	}
	body, err := e.result.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.state.PutLayer(t.Context(), state.Layer{Name: "sent", Format: "csv"}, []byte("id\n"), state.Rule{Versions: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.state.Keep(t.Context(), state.Job{ID: id, Process: "study", Title: id, Input: spec.Text(), Created: time.Now(), Started: time.Now(), Finished: time.Now()}, body); err != nil {
		t.Fatal(err)
	}
}

// async sends a study as a job.
func async(t testing.TB, s *Server, spec string) *httptest.ResponseRecorder {
	t.Helper()
	return do(t, s, call{method: "POST", path: "/processes/study/execution", body: spec, header: []string{"Content-Type", "application/yaml", "Prefer", "respond-async"}})
}

func read[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %.300s", err, w.Body)
	}
	return v
}

// A study that is sent as a job is followed to its end, and its result is what
// the study gives at once.
func TestJobs(t *testing.T) {
	s := fixture(t, nil)
	w := async(t, s, small("slow", ""))
	j := read[jobDoc](t, w)
	if w.Code != http.StatusCreated || !strings.HasSuffix(w.Header().Get("Location"), "/jobs/"+j.ID) || w.Header().Get("Preference-Applied") != "respond-async" || j.Type != "process" || j.Process != "study" {
		t.Fatalf("%d %v %+v", w.Code, w.Header(), j)
	}
	eventually(t, "the job", func() bool { return get[jobDoc](t, s, "/jobs/"+j.ID).Status == "successful" })
	done := get[jobDoc](t, s, "/jobs/"+j.ID)
	if done.Progress != 100 || done.Finished == nil || done.Finished.Before(*done.Started) {
		t.Errorf("%+v", done)
	}
	results := get[studyDoc](t, s, "/jobs/"+j.ID+"/results")
	again := post(t, s, small("slow", ""))
	if doc := read[studyDoc](t, again); again.Code != 200 || doc.ID != j.ID || doc.Summary.Population != results.Summary.Population {
		t.Errorf("at once: %d %s, as a job %s", again.Code, doc.ID, j.ID)
	}
	// The same question is the same job, and is not asked again; inputs may hold it.
	if w := async(t, s, small("slow", "")); w.Code != http.StatusOK || read[jobDoc](t, w).ID != j.ID {
		t.Errorf("again: %d %s", w.Code, w.Body)
	}
	if w := do(t, s, call{method: "GET", path: "/collections/" + j.ID + "-places/items?limit=1"}); w.Code != 200 {
		t.Errorf("its places: %d %s", w.Code, w.Body)
	}
	if list := get[jobList](t, s, "/jobs"); len(list.Jobs) != 1 || list.Jobs[0].ID != j.ID {
		t.Errorf("%+v", list)
	}
	// A study that cannot be carried out says why, as it does at once.
	bad := strings.Replace(small("bad", ""), "layer: settlements", "layer: nobody", 1)
	if bad == small("bad", "") {
		t.Fatal("the study has no towns")
	}
	w = async(t, s, bad)
	b := read[jobDoc](t, w)
	eventually(t, "the failure", func() bool { return get[jobDoc](t, s, "/jobs/"+b.ID).Status == "failed" })
	failed := get[jobDoc](t, s, "/jobs/"+b.ID)
	atOnce := problemIn(t, post(t, s, bad))
	var told problemDoc
	if err := json.Unmarshal(failed.Problem, &told); err != nil || told.Detail != atOnce.Detail || told.Status != 422 || failed.Message != atOnce.Detail {
		t.Errorf("as a job: %+v, at once: %+v", told, atOnce)
	}
	if w := do(t, s, call{path: "/jobs/" + b.ID + "/results"}); w.Code != 422 || !strings.Contains(problemIn(t, w).Detail, atOnce.Detail) {
		t.Errorf("results of a failure: %d %s", w.Code, w.Body)
	}
	// What is no study is refused at once.
	if w := async(t, s, "name: x\n"); w.Code != 422 {
		t.Errorf("no study: %d", w.Code)
	}
	if w := do(t, s, call{method: "DELETE", path: "/jobs/" + j.ID}); w.Code != 200 || read[jobDoc](t, w).Status != "dismissed" {
		t.Errorf("taken off: %d %s", w.Code, w.Body)
	}
	if w := do(t, s, call{method: "DELETE", path: "/jobs/" + j.ID}); w.Code != 404 {
		t.Errorf("taken off twice: %d", w.Code)
	}
}

// gated is a world whose studies wait for the gate, or for their end.
func gated(c *Config) (open func()) {
	gate := make(chan struct{})
	inner := c.World
	c.World = func(ctx context.Context, s spec.Spec) (study.World, error) {
		if strings.HasPrefix(s.Name, "wait") {
			select {
			case <-gate:
			case <-ctx.Done():
				return study.World{}, ctx.Err()
			}
		}
		return inner(ctx, s)
	}
	return func() { close(gate) }
}

// Progress comes as it is made, to whoever listens; a job that runs can be ended,
// and when many wait no more are taken.
func TestJobEvents(t *testing.T) {
	var open func()
	s := fixture(t, func(c *Config) {
		open = gated(c)
		c.Limits.Runs, c.Limits.Waiting = 1, 2
	})
	srv := httptest.NewServer(s)
	defer srv.Close()
	first := read[jobDoc](t, async(t, s, small("wait1", "")))
	eventually(t, "the first runs", func() bool { return get[jobDoc](t, s, "/jobs/"+first.ID).Status == "running" })
	second := read[jobDoc](t, async(t, s, small("wait2", "")))
	async(t, s, small("wait3", ""))
	if w := async(t, s, small("wait4", "")); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("a fourth: %d %v", w.Code, w.Header())
	}
	if w := do(t, s, call{path: "/jobs/" + second.ID + "/results"}); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("results before their time: %d", w.Code)
	}
	r, err := http.Get(srv.URL + "/jobs/" + first.ID + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.Header.Get("Content-Type") != "text/event-stream" || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", r.Header)
	}
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	var seen []string
	opened := time.Time{}
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			seen = append(seen, name)
			if len(seen) == 1 {
				opened = time.Now()
				open()
			}
		}
	}
	if took := time.Since(opened); len(seen) < 2 || seen[0] != "running" || seen[len(seen)-1] != "successful" || took > time.Minute {
		t.Errorf("events %v after %v", seen, took)
	}
}

func TestDismissARunningJob(t *testing.T) {
	s := fixture(t, func(c *Config) { gated(c) })
	j := read[jobDoc](t, async(t, s, small("wait", "")))
	eventually(t, "it runs", func() bool { return get[jobDoc](t, s, "/jobs/"+j.ID).Status == "running" })
	if w := do(t, s, call{method: "DELETE", path: "/jobs/" + j.ID}); w.Code != 200 || read[jobDoc](t, w).Status != "dismissed" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := get[jobDoc](t, s, "/jobs/"+j.ID); got.Status != "dismissed" {
		t.Errorf("%+v", got)
	}
}

// Results outlive the server, those asked for at once too; what ran is marked,
// and what waited is carried out.
func TestServerRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	var ids []string
	{
		s := fixture(t, func(c *Config) {
			gated(c)
			c.State, c.Limits.Runs = path, 1
		})
		now := read[studyDoc](t, post(t, s, small("now", "")))
		later := read[jobDoc](t, async(t, s, small("later", "")))
		eventually(t, "it is done", func() bool { return get[jobDoc](t, s, "/jobs/"+later.ID).Status == "successful" })
		runs := read[jobDoc](t, async(t, s, small("wait", "")))
		eventually(t, "it runs", func() bool { return get[jobDoc](t, s, "/jobs/"+runs.ID).Status == "running" })
		waits := read[jobDoc](t, async(t, s, small("queued", "")))
		ids = []string{now.ID, later.ID, runs.ID, waits.ID}
		s.Close()
	}
	s := fixture(t, func(c *Config) { c.State, c.Limits.Runs = path, 1 })
	for _, id := range ids[:2] {
		if doc := get[studyDoc](t, s, "/studies/"+id); doc.ID != id {
			t.Errorf("%+v", doc)
		}
		if w := do(t, s, call{path: "/collections/" + id + "-places/items?limit=1"}); w.Code != 200 {
			t.Errorf("%s: %d %s", id, w.Code, w.Body)
		}
	}
	if j := get[jobDoc](t, s, "/jobs/"+ids[2]); j.Status != "failed" || j.Message != state.Interrupted {
		t.Errorf("what ran: %+v", j)
	}
	eventually(t, "what waited", func() bool { return get[jobDoc](t, s, "/jobs/"+ids[3]).Status == "successful" })
}

// Somebody who leaves before the first event is no failure of the server: nothing is logged as an error.
func TestEventsOfSomebodyWhoLeft(t *testing.T) {
	var log bytes.Buffer
	s := fixture(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	left, leave := context.WithCancel(t.Context())
	leave()
	for _, path := range []string{"/jobs/none/events", "/jobs", "/jobs/none", "/jobs/none/results"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(left, http.MethodGet, path, nil))
		if w.Code == http.StatusInternalServerError || strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: status %d, log %s", path, w.Code, log.String())
		}
	}
}
