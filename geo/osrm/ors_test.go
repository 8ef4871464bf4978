package osrm_test

import (
	"careshed/geo"
	"careshed/geo/osrm"
	"careshed/geo/travel"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// ors answers as openrouteservice 9 does: one pair without a way leaves its whole table
// without times (issue 1785 there).
func (w *world) ors(resp http.ResponseWriter, req *http.Request) {
	if w.fails(resp) {
		return
	}
	refuse := func(status, code int, message string) {
		resp.WriteHeader(status)
		fmt.Fprintf(resp, `{"error":{"code":%d,"message":%q},"info":{"engine":{"version":"9.0.0"}}}`, code, message)
	}
	var ask struct {
		Locations             []orb.Point
		Sources, Destinations []int
		Metrics               []string
		Units                 string
	}
	if err := json.NewDecoder(req.Body).Decode(&ask); err != nil || req.URL.Path != "/ors/v2/matrix/driving-car" || ask.Units != "m" || len(ask.Metrics) != 2 {
		refuse(400, 6000, "Unable to parse JSON request.")
		return
	}
	if len(ask.Sources)*len(ask.Destinations) > w.most {
		refuse(400, 6004, fmt.Sprintf("Request parameters exceed the server configuration limits. Only a total of %d routes are allowed.", w.most))
		return
	}
	times, lengths := [][]any{}, [][]any{}
	spoilt := false
	for _, i := range ask.Sources {
		var t, l []any
		for _, k := range ask.Destinations {
			a, b := ask.Locations[i], ask.Locations[k]
			if !w.road(a) || !w.road(b) {
				refuse(404, 6010, "Could not find routable point within a radius of 350.0 meters of specified coordinate.")
				return
			}
			if geo.Distance(a, b) > 400000 {
				refuse(500, 6020, "Unable to compute a distance/duration matrix: Search exceeds the limit of visited nodes.")
				return
			}
			seconds, m, ok := w.time(a, b)
			spoilt = spoilt || !ok
			t, l = append(t, seconds), append(l, m)
		}
		times, lengths = append(times, t), append(lengths, l)
	}
	way := func(of []int) (out []any) {
		for _, i := range of {
			out = append(out, map[string]any{"location": ask.Locations[i], "snapped_distance": 4.2})
		}
		return out
	}
	for i := range times {
		for k := range times[i] {
			if spoilt {
				times[i][k], lengths[i][k] = nil, nil
			}
		}
	}
	json.NewEncoder(resp).Encode(map[string]any{"durations": times, "distances": lengths, "sources": way(ask.Sources), "destinations": way(ask.Destinations)})
}

// Times in which nobody gets there in a straight line are refused: zeros for what the service
// gave up, or times of other stops.
func TestImpossibleTimes(t *testing.T) {
	for _, answer := range []string{
		`{"durations":[[0,0],[0,0]],"distances":[[0,0],[0,0]],"sources":[{"snapped_distance":1},{"snapped_distance":1}],"destinations":[{"snapped_distance":1},{"snapped_distance":1}]}`,
		`{"durations":[[100,200],[200,100]],"distances":[[1,1],[1,1]],"sources":[{"snapped_distance":1},{}],"destinations":[{},{}]}`,
	} {
		e, err := osrm.NewORS(osrm.Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })})
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Nearest(context.Background(), travel.Query{Places: []travel.Stop{stop("a", 5, 45), stop("b", 5.5, 45)}, Sites: []travel.Stop{stop("c", 6, 45.5), stop("d", 7, 45)}}, 1)
		if err == nil || !strings.Contains(err.Error(), "km apart: it cannot be relied on") {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// A service that does not say how far stops are from its roads is believed where they may
// have got onto the same one.
func TestTimesOfStopsOffTheRoad(t *testing.T) {
	const answer = `{"durations":[[0]],"distances":[[0]],"sources":[{"location":[5,45]}],"destinations":[{"location":[5,45]}]}`
	e, err := osrm.NewORS(osrm.Config{URL: serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })})
	if err != nil {
		t.Fatal(err)
	}
	legs, err := e.Nearest(context.Background(), travel.Query{Places: []travel.Stop{stop("a", 5, 45.03)}, Sites: []travel.Stop{stop("c", 5, 44.97)}}, 1)
	if err != nil || len(legs) != 1 || legs[0].Time != 0 {
		t.Errorf("%+v, %v", legs, err)
	}
}

// The key of a service goes with each request, and is in no error.
func TestKeyOfAService(t *testing.T) {
	e, err := osrm.NewORS(osrm.Config{Key: "s3cret", Tries: 1, URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "s3cret" {
			t.Error(r.Header)
		}
		http.Error(w, "no", http.StatusForbidden)
	})})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Nearest(context.Background(), travel.Query{Places: []travel.Stop{stop("a", 5, 45)}, Sites: []travel.Stop{stop("c", 6, 45.5)}}, 1)
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "403") {
		t.Error(err)
	}
}
