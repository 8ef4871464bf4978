package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// One site more, and the five best beside it anew, over HTTP on the atlas: what
// somebody waits for who moves a pin. The country has been ranked before.
func BenchmarkRerankAtlas(b *testing.B) {
	srv := server(b, "")
	for _, country := range []string{"US", "DE", "IT", "ES"} {
		var first struct {
			Plan []struct {
				ID string `json:"site_id"`
			} `json:"plan"`
		}
		fetch(b, srv.URL+"/sites?pick=20&country="+country, &first)
		n := 0
		b.Run(country, func(b *testing.B) {
			for b.Loop() {
				pin := first.Plan[n%len(first.Plan)].ID
				n++
				body := fmt.Sprintf(`{"version": 1, "name": "rerank-%d", "places": {"layer": "settlements", "where": {"country": %[2]q}, "weight": "population"},
"regions": {"layer": "regions", "where": {"country": %[2]q}, "join": "region_code"},
"sites": {"layer": "centers", "where": {"country": %[2]q, "tier": [1, 2]}, "count": "campus"},
"travel": {"engine": "crow", "borders": "same-country"}, "measures": [{"travel": {"k": 3}}, "penalty"],
"candidates": {"layer": "settlements", "where": {"country": %[2]q, "population": {"min": 50000}}, "roles": ["infuse"]},
"siting": {"pick": 6, "goal": "treated", "forced": [%[3]q]}, "output": {"links": "none"}}`, n, country, pin)
				resp, err := http.Post(srv.URL+"/processes/study/execution", "application/json", bytes.NewBufferString(body))
				if err != nil {
					b.Fatal(err)
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
					b.Fatalf("%v %d %s", err, resp.StatusCode, text)
				}
			}
		})
	}
}
