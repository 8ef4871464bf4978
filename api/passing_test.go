package api

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// isListed reports whether /studies, /collections and /jobs name a study.
func isListed(t *testing.T, s *Server, id string) (studies, collections, jobs bool) {
	t.Helper()
	text := func(path string) string { return do(t, s, call{path: path}).Body.String() }
	return strings.Contains(text("/studies"), id), strings.Contains(text("/collections"), id+"-places"), strings.Contains(text("/jobs"), `"`+id+`"`)
}

func passingStudy(t *testing.T, s *Server, name, keep string) studyDoc {
	t.Helper()
	return read[studyDoc](t, do(t, s, call{method: "POST", path: "/processes/study/execution?keep=" + keep, body: small(name, ""), header: []string{"Content-Type", "application/yaml"}}))
}

// A study that passes is found by its id and stands in no list, until it is kept; it has the
// id, the layers and the answers that it would have anyway.
func TestPassingStudies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.sqlite")
	s := fixture(t, func(c *Config) { c.State = path })
	d := passingStudy(t, s, "passing", "no")
	if a, b, c := isListed(t, s, d.ID); a || b || c {
		t.Errorf("a study that passes is listed: %v %v %v", a, b, c)
	}
	items := do(t, s, call{path: "/collections/" + d.ID + "-places/items?limit=1"})
	again := do(t, s, call{path: "/collections/" + d.ID + "-places/items?limit=1", header: []string{"If-None-Match", items.Header().Get("ETag")}})
	if w := do(t, s, call{path: "/studies/" + d.ID}); w.Code != 200 || items.Code != 200 || again.Code != 304 {
		t.Errorf("by its id: %d %d %d", w.Code, items.Code, again.Code)
	}
	if w := do(t, s, call{method: "PUT", path: "/studies/" + d.ID}); w.Code != 200 || read[studyDoc](t, w).ID != d.ID {
		t.Errorf("kept: %d %s", w.Code, w.Body)
	}
	if a, b, _ := isListed(t, s, d.ID); !a || !b {
		t.Errorf("a study that is kept: %v %v", a, b)
	}
	if passingStudy(t, s, "passing", "no").ID != d.ID {
		t.Error("it has another id")
	}
	if a, _, _ := isListed(t, s, d.ID); !a {
		t.Error("asked for in passing, it is kept no longer")
	}
	other := passingStudy(t, s, "other", "no")
	s.Close()
	s = fixture(t, func(c *Config) { c.State = path })
	if w := do(t, s, call{path: "/studies/" + d.ID}); w.Code != 200 {
		t.Errorf("what is kept, after a restart: %d", w.Code)
	}
	if w := do(t, s, call{path: "/studies/" + other.ID}); w.Code != 404 {
		t.Errorf("what passed, after a restart: %d", w.Code)
	}
	if w := do(t, s, call{method: "PUT", path: "/studies/" + other.ID}); w.Code != 404 {
		t.Errorf("what passed cannot be kept: %d", w.Code)
	}
}

// The same of a job; a study that somebody else asks to keep is kept.
func TestPassingJobs(t *testing.T) {
	s := fixture(t, nil)
	spec := small("job", "")
	send := func(keep string) jobDoc {
		return read[jobDoc](t, do(t, s, call{method: "POST", path: "/processes/study/execution" + keep, body: spec, header: []string{"Content-Type", "application/yaml", "Prefer", "respond-async"}}))
	}
	j := send("?keep=no")
	for range 500 {
		if get[jobDoc](t, s, "/jobs/"+j.ID).Status == "successful" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if a, b, c := isListed(t, s, j.ID); a || b || c || get[studyDoc](t, s, "/jobs/"+j.ID+"/results").ID != j.ID {
		t.Errorf("a job that passes: %v %v %v", a, b, c)
	}
	send("")
	if a, b, c := isListed(t, s, j.ID); !a || !b || !c {
		t.Errorf("a job that is kept: %v %v %v", a, b, c)
	}
	kept := passingStudy(t, s, "at-once", "no").ID
	passingStudy(t, s, "at-once", "yes")
	if a, b, _ := isListed(t, s, kept); !a || !b {
		t.Error("asked for by somebody who keeps it, it is not kept")
	}
}

// What passes goes some time after its last use, what is kept stays.
func TestSweep(t *testing.T) {
	s := fixture(t, nil)
	old, used, kept := passingStudy(t, s, "old", "no").ID, passingStudy(t, s, "used", "no").ID, passingStudy(t, s, "kept", "yes").ID
	time.Sleep(5 * time.Millisecond)
	since := time.Now()
	time.Sleep(5 * time.Millisecond)
	do(t, s, call{path: "/collections/" + used + "-places/items?limit=1"})
	s.sweep(since)
	for id, want := range map[string]int{old: 404, used: 200, kept: 200} {
		if w := do(t, s, call{path: "/studies/" + id}); w.Code != want {
			t.Errorf("%s: %d", id, w.Code)
		}
	}
}
