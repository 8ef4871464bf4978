package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A study that asks for more than a service gives is refused at the door, by name, and
// takes no slot: at once and as a job.
func TestStudiesBeyondTheLimits(t *testing.T) {
	s := fixture(t, nil)
	for _, c := range []struct{ more, field, found string }{
		{"  - interval: {from_min: 1, limit_min: 60, step_min: 1.0e-9}\n", "measures.interval.step_min", "limits of an interval"},
		{"spatial: {of: [time_min], neighbours: nearest, k: 1000, permutations: 1000000}\n", "spatial.permutations", "1,000,000 permutations"},
		{"uncertainty: {draws: 10001}\n", "uncertainty.draws", "10,001 draws"},
	} {
		for _, prefer := range []string{"", "respond-async"} {
			w := do(t, s, call{method: "POST", path: "/processes/study/execution", body: small("much", c.more), header: []string{"Content-Type", "application/yaml", "Prefer", prefer}})
			p := problemIn(t, w)
			if w.Code != http.StatusUnprocessableEntity || p.Field != c.field || !strings.Contains(p.Detail, c.found) || !strings.HasPrefix(p.Accepted, "up to ") {
				t.Errorf("%s%q: %d %+v", prefer, c.more, w.Code, p)
			}
		}
	}
	if n := len(get[jobList](t, s, "/jobs").Jobs); n != 0 || len(s.studies.slots) != 0 {
		t.Errorf("%d jobs, %d slots taken", n, len(s.studies.slots))
	}
}

// A study that nobody waits for any more is ended, and its slot is free; as long as
// one of two waits it goes on.
func TestClientsThatAreGone(t *testing.T) {
	var open func()
	s := fixture(t, func(c *Config) {
		open = gated(c)
		c.Limits.Runs = 1
	})
	ask := func(ctx context.Context) chan int {
		code := make(chan int, 1)
		go func() {
			r := httptest.NewRequestWithContext(ctx, "POST", "http://example.org/processes/study/execution", strings.NewReader(small("wait", "")))
			r.Header.Set("Content-Type", "application/yaml")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			code <- w.Code
		}()
		return code
	}
	waiting := func() (n int) {
		s.studies.mu.Lock()
		defer s.studies.mu.Unlock()
		for _, a := range s.studies.running {
			n += a.waiting
		}
		return n
	}
	first, goFirst := context.WithCancel(t.Context())
	second, goSecond := context.WithCancel(t.Context())
	a, b := ask(first), ask(second)
	eventually(t, "two wait", func() bool { return waiting() == 2 })
	goFirst()
	<-a
	if waiting() != 1 || len(s.studies.slots) != 1 {
		t.Errorf("with one gone %d wait, %d slots taken", waiting(), len(s.studies.slots))
	}
	goSecond()
	<-b
	eventually(t, "the slot is free", func() bool { return len(s.studies.slots) == 0 })
	third := ask(t.Context())
	eventually(t, "it is begun anew", func() bool { return waiting() == 1 })
	open()
	if code := <-third; code != http.StatusOK {
		t.Errorf("begun anew: %d", code)
	}
}
