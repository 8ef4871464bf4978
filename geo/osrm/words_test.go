package osrm_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"careshed/geo/osrm"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

var speaksGo = regexp.MustCompile(`unmarshal|Go struct|Go value|json:|\bu?int\d*\b|float64|\bnil\b|map\[|\[\]|struct|osrm\.`)

// asked sends one request of two places and one site and answers it with a text.
func asked(t *testing.T, engine func(osrm.Config) (*osrm.Engine, error), answer string) (*travel.Matrix, error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, answer)
	}))
	defer s.Close()
	e, err := engine(osrm.Config{URL: s.URL, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	places := []travel.Stop{{ID: "a", At: orb.Point{8, 47}, Located: true}, {ID: "b", At: orb.Point{8.1, 47}, Located: true}}
	sites := []travel.Stop{{ID: "s", At: orb.Point{8.05, 47}, Located: true}}
	return travel.Collect(context.Background(), e, travel.Query{Places: places, Sites: sites, Limit: []travel.Seconds{7200}})
}

// Valhalla before version 3.2 has its sources and targets in one list more.
func TestOlderValhalla(t *testing.T) {
	const at = `{"lat":47,"lon":8},{"lat":47,"lon":8.1}`
	const site = `{"lat":47,"lon":8.05}`
	for name, form := range map[string]string{
		"nested": `"sources":[[%s]],"targets":[[%s]]`, "flat": `"sources":[%s],"targets":[%s]`, "each alone": `"sources":[[{"lat":47,"lon":8}],[{"lat":47,"lon":8.1}]],"targets":[[{"lat":47,"lon":8.05}]]`, "none": ``,
	} {
		for direction, rows := range map[string]string{"to": `[[{"time":60,"distance":1}],[{"time":90,"distance":2}]]`, "from": `[[{"time":60,"distance":1},{"time":90,"distance":2}]]`} {
			sources, targets := at, site
			if direction == "from" {
				sources, targets = site, at
			}
			lists := form
			if strings.Contains(form, "%s") {
				lists = fmt.Sprintf(form, sources, targets)
			} else if direction == "from" {
				continue
			}
			if lists != "" {
				lists = "," + lists
			}
			m, err := asked(t, osrm.NewValhalla, `{"algorithm":"timedistancematrix","units":"kilometers","sources_to_targets":`+rows+lists+`}`)
			if err != nil {
				if strings.Contains(err.Error(), "rows of times") {
					continue // the other way round
				}
				t.Errorf("%s: %v", name, err)
				continue
			}
			if n := len(m.Time); n != 2 {
				t.Errorf("%s: %d times", name, n)
			}
		}
	}
}

// No adapter speaks of Go, whatever a service answers.
func TestNoGoInAnswers(t *testing.T) {
	good := `{"code":"Ok","durations":[[60],[90]],"distances":[[1],[2]],"sources":[{"distance":1},{"distance":1}],"destinations":[{"distance":1}],"sources_to_targets":[[{"time":60,"distance":1}],[{"time":90,"distance":1}]],"targets":[{"lat":1,"lon":2}]}`
	members := []string{"code", "durations", "distances", "sources", "destinations", "sources_to_targets", "targets"}
	answers := []string{"", "x", "[]", "1", `"x"`, "null", good[:40], "<html>"}
	for _, v := range []string{"1", `"x"`, "true", "[]", "{}", "[[1]]", `[["x"]]`, "[1]", `[{"time":"x"}]`, `[[{"time":"x","distance":[]}]]`, `[[[]]]`} {
		for _, m := range members {
			answers = append(answers, regexp.MustCompile(`"`+m+`":("[^"]*"|\[\[[^:]*?\]\]|\[.*?\](?:\])?)`).ReplaceAllString(good, `"`+m+`":`+v))
			answers = append(answers, `{"`+m+`":`+v+`}`)
		}
	}
	for name, engine := range map[string]func(osrm.Config) (*osrm.Engine, error){"osrm": osrm.New, "valhalla": osrm.NewValhalla} {
		failed := 0
		for _, a := range answers {
			_, err := asked(t, engine, a)
			if err == nil {
				continue
			}
			failed++
			if m := speaksGo.FindString(strings.ReplaceAll(err.Error(), a, "")); m != "" {
				t.Errorf("%s says %q of %s: %v", name, m, a, err)
			}
		}
		if failed < 50 {
			t.Errorf("%s: only %d errors", name, failed)
		}
	}
}
