package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"careshed/api/keys"
)

// ringOf gives every role a key of its own name.
func ringOf(secret string) (string, keys.Role) {
	role, err := keys.RoleOf(secret)
	if err != nil {
		return "", keys.None
	}
	return "a-" + secret, role
}

// A key may what its role may and no more; nobody's key may nothing where the server is
// closed; what is changed, run or refused stands in the log, and nothing else of it.
func TestKeysWithRoles(t *testing.T) {
	var mu sync.Mutex
	var log []Audited
	for _, closed := range []bool{false, true} {
		log = nil
		s := fixture(t, func(c *Config) {
			c.Keys, c.Decode, c.Closed = ringOf, lines, closed
			c.Audit = func(a Audited) { mu.Lock(); log = append(log, a); mu.Unlock() }
		})
		const secretQuery = "patients=42"
		for _, c := range []struct {
			what               call
			none, read, run, w int // the status that each gets
		}{
			{call{method: "GET", path: "/collections"}, 200, 200, 200, 200},
			{call{method: "GET", path: "/jobs"}, 200, 200, 200, 200},
			{call{method: "POST", path: "/processes/study/execution?" + secretQuery, body: "version: 1", header: []string{"Content-Type", "application/yaml"}}, 400, 403, 400, 400},
			{call{method: "DELETE", path: "/jobs/nothing"}, 404, 403, 404, 404},
			{call{method: "PUT", path: "/collections/mine", body: "a 7 47 42\n", header: []string{"Content-Type", "text/csv"}}, 401, 403, 403, 201},
			{call{method: "DELETE", path: "/collections/mine"}, 401, 403, 403, 200},
			{call{method: "GET", path: "/healthz"}, 200, 200, 200, 200},
		} {
			for key, want := range map[string]int{"": c.none, "wrong": c.none, "read": c.read, "run": c.run, "write": c.w, "admin": c.w} {
				if closed && (key == "" || key == "wrong") && c.what.path != "/healthz" {
					want = http.StatusUnauthorized
				}
				ask := c.what
				ask.header = append([]string{}, c.what.header...)
				if key != "" {
					ask.header = append(ask.header, "Authorization", "Bearer "+key)
				}
				if strings.HasPrefix(ask.path, "/collections/mine") && (key == "write" || key == "admin") {
					ask.path = "/collections/mine-" + key
				}
				w := do(t, s, ask)
				if kept := w.Header().Get("Cache-Control"); closed && key == "read" && ask.path == "/collections" && (strings.Contains(kept, "public") || !strings.Contains(kept, "private") && !strings.Contains(kept, "no-store")) {
					t.Errorf("a closed server lets caches keep: %q", kept)
				}
				got := w.Code
				if want == 400 && got == 422 { // the study is looked at
					got = 400
				}
				if got != want {
					t.Errorf("closed %v: %s %s with %q: %d, want %d: %.200s", closed, ask.method, ask.path, key, w.Code, want, w.Body)
				}
			}
		}
		seen := map[string]bool{}
		for _, a := range log {
			if a.Method == "GET" && a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden {
				t.Errorf("%+v is in the log", a)
			}
			if strings.Contains(fmt.Sprint(a), secretQuery) || strings.Contains(fmt.Sprint(a), "47 42") {
				t.Errorf("%+v tells what was asked", a)
			}
			if a.Method == "PUT" && a.Status == http.StatusCreated && (len(a.SHA256) != 64 || a.ID == "") {
				t.Errorf("%+v", a)
			}
			seen[fmt.Sprint(a.Key, a.Role, a.Method, a.Status)] = true
		}
		for _, want := range []string{"a-writewritePUT201", "a-runrunPUT403", "a-adminadminDELETE200"} {
			if !seen[want] {
				t.Errorf("closed %v: no %s in the log: %v", closed, want, seen)
			}
		}
	}
}

// A layer for admins alone is an admin's to send; lists of what others sent are theirs too.
func TestWhatAdminsAloneSee(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Keys, c.Decode = ringOf, lines })
	if w := send(t, s, "/collections/mine?for=key", "write", "a 7 47 1\n"); w.code != http.StatusBadRequest {
		t.Errorf("%d %s", w.code, w.body)
	}
	if w := send(t, s, "/collections/mine?for=key", "admin", "a 7 47 1\n"); w.code != http.StatusCreated {
		t.Errorf("%d %s", w.code, w.body)
	}
	for key, want := range map[string]int{"": 404, "write": 404, "admin": 200} {
		if w := do(t, s, call{method: "GET", path: "/collections/mine", header: []string{"X-Api-Key", key}}); w.Code != want {
			t.Errorf("%q: %d", key, w.Code)
		}
	}
}

// A key sends so many layers and bytes, with all versions that are kept; another's do not
// count, nor what was taken away.
func TestQuotaOfAKey(t *testing.T) {
	s := fixture(t, func(c *Config) {
		c.Keys, c.Decode, c.Key = ringOf, lines, "secret"
		c.Limits.KeyLayers, c.Limits.KeyBytes = 2, 40
	})
	ok := func(name, key string, want int) {
		t.Helper()
		if w := send(t, s, "/collections/"+name, key, "a 7 47 1\n"); w.code != want {
			t.Errorf("%s of %s: %d %s, want %d", name, key, w.code, w.body, want)
		}
	}
	ok("one", "write", 201)
	ok("two", "write", 201)
	ok("three", "write", 403)
	ok("four", "admin", 201)
	ok("two", "write", 200)
	ok("two", "write", 200)
	ok("two", "write", 403) // 5 times 9 bytes
	if w := do(t, s, call{method: "DELETE", path: "/collections/two", header: []string{"X-Api-Key", "write"}}); w.Code != 200 {
		t.Fatal(w.Code)
	}
	ok("three", "write", 201)
}

// A key that asks too much at once waits, and others do not.
func TestPaceOfAKey(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Keys = ringOf })
	s.paces.of("a-read").SetLimit(0)
	s.paces.of("a-read").SetBurst(3)
	got := ""
	for range 5 {
		got += fmt.Sprint(do(t, s, call{method: "GET", path: "/conformance", header: []string{"X-Api-Key", "read"}}).Code, " ")
	}
	if got != "200 200 200 429 429 " {
		t.Error(got)
	}
	if w := do(t, s, call{method: "GET", path: "/conformance", header: []string{"X-Api-Key", "run"}}); w.Code != 200 {
		t.Error(w.Code)
	}
}

// Layers that nobody asked for lately are not held in memory, and are there all the same
// when somebody does.
func TestLayersLeaveMemory(t *testing.T) {
	s := fixture(t, withKey)
	one, err := lines(t.Context(), Upload{Format: "csv", Body: []byte("a 7 47 1")})
	if err != nil {
		t.Fatal(err)
	}
	s.limits.LayerBytes = 3 * bytesOf(one)
	held := func() (names string) {
		for _, l := range s.uploads.all() {
			if l.held.Load() > 0 {
				names += l.Name
			}
		}
		return names
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if w := send(t, s, "/collections/"+name, "secret", name+" 7 47 1\n"); w.code != http.StatusCreated {
			t.Fatal(w.body)
		}
	}
	if got := held(); got != "cde" {
		t.Errorf("%s are in memory", got)
	}
	for _, name := range []string{"c", "a"} { // one that is there, and one that is read again
		if w := do(t, s, call{path: "/collections/" + name + "/items"}); w.Code != 200 || !strings.Contains(w.Body.String(), `"id":"`+name+`"`) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if got := held(); got != "ace" {
		t.Errorf("%s are in memory", got)
	}
}

// What is sent with a key is told to its holder and to admins, in every way in which it can be
// asked for, at once and as a job, before and after a restart: to another key, and to nobody's,
// it is as if it were not there, and the same study of theirs is another.
func TestStudiesHaveOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.sqlite")
	ring := func(secret string) (string, keys.Role) {
		return secret, map[string]keys.Role{"alice": keys.Run, "bob": keys.Write, "reader": keys.Read, "boss": keys.Admin}[secret]
	}
	open := func() *Server {
		return fixture(t, func(c *Config) { c.State, c.Keys = path, ring })
	}
	s := open()
	with := func(key, method, path, body string, also ...string) *httptest.ResponseRecorder {
		header := append([]string{}, also...)
		if key != "" {
			header = append(header, "Authorization", "Bearer "+key)
		}
		return do(t, s, call{method, path, body, header})
	}
	ids := map[string]string{}
	send := func(key, name string, also ...string) {
		w := with(key, "POST", "/processes/study/execution", small(name, ""), append(also, "Content-Type", "application/yaml")...)
		var d struct{ ID, JobID string }
		if json.Unmarshal(w.Body.Bytes(), &d) != nil || d.ID+d.JobID == "" {
			t.Fatalf("%s: %d %s", key, w.Code, w.Body)
		}
		ids[key+" "+name] = d.ID + d.JobID
	}
	for _, key := range []string{"alice", "bob", ""} {
		send(key, "one")
		send(key, "two", "Prefer", "respond-async")
		for with(key, "GET", "/jobs/"+ids[key+" two"]+"/results", "").Code != 200 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	for range 2 {
		for whose, id := range ids {
			owner, _, _ := strings.Cut(whose, " ")
			for _, key := range []string{"alice", "bob", "reader", "boss", ""} {
				want := 404
				if owner == "" || key == owner || key == "boss" {
					want = 200
				}
				for _, path := range []string{"/studies/" + id, "/jobs/" + id, "/jobs/" + id + "/results", "/collections/" + id + "-places", "/collections/" + id + "-places/items?limit=1",
					"/collections/" + id + "-places/map?f=svg", "/density?study=" + id, "/nearest?lon=7&lat=47&study=" + id, "/studies/" + id + "?f=xlsx", "/studies/" + id + "/sheet"} {
					if got := with(key, "GET", path, "").Code; got != want && !(want == 200 && got != 404) {
						t.Errorf("%s with key %q: %d, want %d", path, key, got, want)
					}
				}
				for _, list := range []string{"/jobs", "/studies"} {
					listed := strings.Contains(with(key, "GET", list, "").Body.String(), id)
					if listed != (key != "" && (key == owner || key == "boss")) && !(key == "boss" && list == "/studies") {
						t.Errorf("%s with key %q has %s of %q: %v", list, key, id, owner, listed)
					}
				}
			}
			if owner == "alice" {
				if got := with("bob", "DELETE", "/jobs/"+id, "").Code; got != 404 {
					t.Errorf("bob ends a job of alice: %d", got)
				}
			}
		}
		if ids["alice one"] == ids["bob one"] || ids["alice one"] == ids[" one"] {
			t.Errorf("one id for several owners: %v", ids)
		}
		s.Close()
		s = open()
	}
}
