package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"careshed/data/pgtest"
)

// saying is a log that may be read while it is written.
type saying struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *saying) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *saying) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// A worker shows the fleet to people and tells it to Prometheus; status tells the same.
func TestTheFleetIsShown(t *testing.T) {
	db := pgtest.Start(t)
	spec := griddedStudy(t)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	store := "file:" + filepath.Join(t.TempDir(), "store")
	ctx, stop := context.WithCancel(t.Context())
	var worker sync.WaitGroup
	t.Cleanup(func() { stop(); worker.Wait() })
	var log saying
	worker.Go(func() {
		if code := run(ctx, []string{"worker", "--state", db.Address, "--store", store, "--jobs", "3", "--metrics", "127.0.0.1:0"}, nil, io.Discard, &log); code != 0 {
			t.Errorf("worker: %d %s", code, log.String())
		}
	})
	if code, _, said := call(t, "batch", spec, "-o", filepath.Join(t.TempDir(), "out"), "--config", config, "--on", db.Address, "--store", store); code != 0 {
		t.Fatal(said)
	}
	at := regexp.MustCompile(`shown at (http://\S+/),`).FindStringSubmatch(log.String())
	if at == nil {
		t.Fatal(log.String())
	}
	get := func(path string, status int) string {
		t.Helper()
		r, err := http.Get(at[1] + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != status {
			t.Errorf("%s: %d %v", path, r.StatusCode, err)
		}
		return string(text)
	}
	if page := get("", 200); !strings.Contains(page, "12 of 12 shards done") || !strings.Contains(page, "<td>0 of 3</td><td>12</td>") {
		t.Error(page)
	}
	var told struct {
		Shards  map[string]int
		Workers []struct{ Jobs, Done int }
		Seconds float64 `json:"shard_seconds"`
	}
	if err := json.Unmarshal([]byte(get("jobs", 200)), &told); err != nil || told.Shards["done"] != 12 || len(told.Workers) != 1 || told.Workers[0].Done != 12 || told.Seconds <= 0 {
		t.Error(err, told)
	}
	figures := get("metrics", 200)
	for _, line := range []string{`careshed_shards_total{outcome="done"} 12`, `careshed_shard_seconds_count 12`, `careshed_store_bytes_total{direction="put"} [1-9]`, `careshed_store_bytes_total{direction="read"} [1-9]`,
		`careshed_fleet_shards{status="waiting"} 0`, `careshed_fleet_shards{status="done"} 12`, `careshed_fleet_workers 1`, `careshed_fleet_retries_total 0`, `careshed_fleet_up 1`} {
		if !regexp.MustCompile("(?m)^" + strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line)).MatchString(figures) {
			t.Errorf("no figure %s in\n%s", line, figures)
		}
	}
	statusTells(t, db.Address)
	db.Kill()
	get("jobs", http.StatusServiceUnavailable)
	if figures := get("metrics", 200); !strings.Contains(figures, "careshed_fleet_up 0") || strings.Contains(figures, "careshed_fleet_shards") {
		t.Error(figures)
	}
	db.Restart()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && !strings.Contains(get("metrics", 200), "careshed_fleet_up 1"); {
		time.Sleep(100 * time.Millisecond)
	}
}

// statusTells asks for the state of a fleet that is done, in all forms.
func statusTells(t *testing.T, address string) {
	t.Helper()
	for form, says := range map[string]string{"text": "done     12", "json": `"done": 12`, "html": "12 of 12 shards done"} {
		if code, out, _ := call(t, "batch", "status", "--on", address, "--format", form); code != 0 || !strings.Contains(out, says) {
			t.Errorf("%s: %d %s", form, code, out)
		}
	}
	if code, out, _ := call(t, "batch", "status", "--on", address, "--watch"); code != 0 || strings.Count(out, "waiting  0") != 1 {
		t.Errorf("watched, with all done: %d %s", code, out)
	}
	for _, c := range [][]string{{"--format", "xml", "--on", "postgres://x"}, {"--watch", "--format", "json", "--on", "postgres://x"}, {}} {
		if code, _, log := call(t, append([]string{"batch", "status"}, c...)...); code != 2 {
			t.Errorf("%v: %d %s", c, code, log)
		}
	}
}
