package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/state"
	"careshed/data/pgtest"
)

// BenchmarkJobsPage is GET /jobs over HTTP beside 10,000 jobs that wait, and its slowest
// hundredth: from a file, and from a database that servers share.
func BenchmarkJobsPage(b *testing.B) {
	for name, address := range map[string]string{"file": b.TempDir() + "/jobs.sqlite", "postgres": pgtest.Start(b).Address} {
		b.Run(name, func(b *testing.B) {
			s := fixture(b, func(c *Config) {
				c.State, c.Limits.Waiting = address, 20_000
				world := c.World
				c.World = func(ctx context.Context, sp spec.Spec) (study.World, error) {
					if strings.HasPrefix(sp.Name, "busy") {
						<-ctx.Done()
						return study.World{}, ctx.Err()
					}
					return world(ctx, sp)
				}
			})
			for k := range 2 {
				w := do(b, s, call{method: "POST", path: "/processes/study/execution", body: small(fmt.Sprint("busy", k), ""),
					header: []string{"Content-Type", "application/yaml", "Prefer", "respond-async"}})
				if w.Code != http.StatusCreated {
					b.Fatal(w.Code, w.Body)
				}
			}
			for k := range 10_000 {
				if _, _, err := s.state.Add(b.Context(), state.Job{ID: fmt.Sprintf("waiting%05d", k), Process: "study", Title: "A study", Input: make([]byte, 1000)}); err != nil {
					b.Fatal(err)
				}
			}
			served := httptest.NewServer(s)
			defer served.Close()
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				r, err := http.Get(served.URL + "/jobs")
				if err != nil {
					b.Fatal(err)
				}
				text, err := io.ReadAll(r.Body)
				r.Body.Close()
				if took = append(took, time.Since(begun)); err != nil || r.StatusCode != 200 || strings.Count(string(text), `"jobID"`) < 10 {
					b.Fatal(r.StatusCode, err, string(text[:min(len(text), 500)]))
				}
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "ms/slow")
		})
	}
}
