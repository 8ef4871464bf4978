package osrm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"careshed/geo"
	"careshed/geo/osrm"
	"careshed/geo/travel"
	"careshed/geo/travel/traveltest"

	"github.com/paulmach/orb"
)

// world is what the services of these tests know. East of 10° there is no
// road, north of 47° no way leads out, and more than 400 km are too far for
// Valhalla.
type world struct {
	most     int // coordinates, or pairs
	requests atomic.Int32
	broken   atomic.Int32 // so many requests fail first
	routes   atomic.Int32
	shy      map[orb.Point]bool // matrices have no time to or from these, routes have
}

func (w *world) road(p orb.Point) bool { return p[0] < 10 }

// time is whole seconds, and longer one way than the other.
func (w *world) time(a, b orb.Point) (seconds, metres float64, ok bool) {
	if a != b && (a[1] > 47) != (b[1] > 47) {
		return 0, 0, false
	}
	d := float64(geo.Distance(a, b))
	t := math.Round(d / 20)
	if a[0] > b[0] {
		t += 60
	}
	return t, math.Round(d * 1.2), true
}

// fails says whether this request is one that fails.
func (w *world) fails(resp http.ResponseWriter) bool {
	w.requests.Add(1)
	if w.broken.Add(-1) >= 0 {
		resp.Header().Set("Retry-After", "0")
		http.Error(resp, "try later", http.StatusServiceUnavailable)
		return true
	}
	return false
}

// osrm answers as osrm-routed 5.27 does.
func (w *world) osrm(resp http.ResponseWriter, req *http.Request) {
	if w.fails(resp) {
		return
	}
	refuse := func(code, message string) {
		resp.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(resp, `{"code":%q,"message":%q}`, code, message)
	}
	path := strings.TrimPrefix(req.URL.Path, "/table/v1/driving/")
	var all []orb.Point
	for _, s := range strings.Split(path, ";") {
		var p orb.Point
		if _, err := fmt.Sscanf(s, "%g,%g", &p[0], &p[1]); err != nil {
			refuse("InvalidUrl", "URL string malformed")
			return
		}
		all = append(all, p)
	}
	if len(all) > w.most {
		refuse("TooBig", "Too many table coordinates")
		return
	}
	for i, p := range all {
		if !w.road(p) {
			refuse("NoSegment", fmt.Sprintf("Could not find a matching segment for coordinate %d", i))
			return
		}
	}
	list := func(name string) (out []orb.Point) {
		_, rest, _ := strings.Cut(req.URL.RawQuery, name+"=")
		rest, _, _ = strings.Cut(rest, "&")
		for _, s := range strings.Split(rest, ";") {
			i, _ := strconv.Atoi(s)
			out = append(out, all[i])
		}
		return out
	}
	sources, targets := list("sources"), list("destinations")
	answer := map[string]any{"code": "Ok"}
	var times, lengths [][]any
	for _, a := range sources {
		var t, l []any
		for _, b := range targets {
			if s, m, ok := w.time(a, b); ok {
				t, l = append(t, s), append(l, m)
			} else {
				t, l = append(t, nil), append(l, nil)
			}
		}
		times, lengths = append(times, t), append(lengths, l)
	}
	way := func(points []orb.Point) (out []any) {
		for _, p := range points {
			out = append(out, map[string]any{"hint": "x", "distance": 4.2, "name": "", "location": p})
		}
		return out
	}
	answer["durations"], answer["distances"] = times, lengths
	answer["sources"], answer["destinations"] = way(sources), way(targets)
	json.NewEncoder(resp).Encode(answer)
}

// valhalla answers as valhalla_service 3.6 does.
func (w *world) valhalla(resp http.ResponseWriter, req *http.Request) {
	if w.fails(resp) {
		return
	}
	refuse := func(code int, message string) {
		resp.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(resp, `{"error_code":%d,"error":%q,"status_code":400,"status":"Bad Request"}`, code, message)
	}
	type location struct{ Lat, Lon float64 }
	var ask struct {
		Sources, Targets, Locations []location
		Costing                     string
	}
	if err := json.NewDecoder(req.Body).Decode(&ask); err != nil || ask.Costing != "auto" {
		refuse(100, "Failed to parse json request")
		return
	}
	if strings.HasSuffix(req.URL.Path, "/route") {
		w.routes.Add(1)
		p, q := orb.Point{ask.Locations[0].Lon, ask.Locations[0].Lat}, orb.Point{ask.Locations[1].Lon, ask.Locations[1].Lat}
		s, m, ok := w.time(p, q)
		if !ok {
			refuse(442, "No path could be found for input")
			return
		}
		json.NewEncoder(resp).Encode(map[string]any{"trip": map[string]any{"status": 0, "units": "kilometers", "summary": map[string]any{"time": s, "length": m / 1000}}})
		return
	}
	if len(ask.Sources)*len(ask.Targets) > w.most {
		refuse(150, fmt.Sprintf("Exceeded max locations: %d", w.most))
		return
	}
	var rows [][]map[string]any
	for i, a := range ask.Sources {
		var row []map[string]any
		for k, b := range ask.Targets {
			p, q := orb.Point{a.Lon, a.Lat}, orb.Point{b.Lon, b.Lat}
			if !w.road(p) || !w.road(q) {
				refuse(171, "No suitable edges near location")
				return
			}
			if geo.Distance(p, q) > 400000 {
				refuse(154, "Path distance exceeds the max distance limit: 400000 meters")
				return
			}
			cell := map[string]any{"from_index": i, "to_index": k, "time": nil, "distance": nil}
			if s, m, ok := w.time(p, q); ok && !w.shy[p] && !w.shy[q] {
				cell["time"], cell["distance"] = s, m/1000
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	json.NewEncoder(resp).Encode(map[string]any{"sources_to_targets": rows, "sources": ask.Sources, "targets": ask.Targets, "units": "kilometers", "algorithm": "costmatrix"})
}

func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func stop(id string, lon, lat float64) travel.Stop {
	return travel.Stop{ID: id, At: orb.Point{lon, lat}, Located: true}
}

// stops are places and sites, one of each without a road, one place in the
// north without a way, one 600 km away.
func stops() (places, sites []travel.Stop) {
	for i := range 23 {
		places = append(places, stop(fmt.Sprint("p", i), 5+0.02*float64(i), 45+0.01*float64(i*i%17)))
	}
	places = append(places, stop("field", 11, 45), stop("north", 5, 47.5), stop("far", 5, 39.5))
	for i := range 7 {
		sites = append(sites, stop(fmt.Sprint("s", i), 5.01+0.05*float64(i), 45.05))
	}
	return places, append(sites, stop("at sea", 12, 45))
}

func engines(t *testing.T, c osrm.Config) (map[string]*osrm.Engine, map[string]*world) {
	t.Helper()
	worlds := map[string]*world{"osrm": {most: 10}, "valhalla": {most: 24}, "ors": {most: 24}}
	c.Pause = time.Millisecond
	c.URL = serve(t, worlds["osrm"].osrm)
	c.Stops = 10
	a, err := osrm.New(c)
	if err != nil {
		t.Fatal(err)
	}
	c.URL = serve(t, worlds["valhalla"].valhalla)
	c.Stops, c.Pairs = 0, 24
	b, err := osrm.NewValhalla(c)
	if err != nil {
		t.Fatal(err)
	}
	c.URL = serve(t, worlds["ors"].ors) + "/ors/"
	o, err := osrm.NewORS(c)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*osrm.Engine{"osrm": a, "valhalla": b, "ors": o}, worlds
}

func TestConformance(t *testing.T) {
	es, _ := engines(t, osrm.Config{})
	for name, e := range es {
		t.Run(name, func(t *testing.T) {
			places, sites := stops()
			traveltest.Run(t, e, places, sites)
		})
	}
}

// Every time is the service's own, in both directions, whatever the blocks.
func TestTimesAreTheServices(t *testing.T) {
	ctx := context.Background()
	es, worlds := engines(t, osrm.Config{})
	places, sites := stops()
	for name, e := range es {
		for _, back := range []bool{false, true} {
			found := 0
			err := e.Sweep(ctx, travel.Query{Places: places, Sites: sites, Back: back, Lengths: true}, func(site int, legs []travel.Leg) error {
				for _, l := range legs {
					a, b := places[l.Place].At, sites[site].At
					if back {
						a, b = b, a
					}
					s, m, ok := worlds[name].time(a, b)
					if !ok || float64(l.Time) != s || math.Abs(float64(l.Length)-m) > 1e-6 {
						t.Fatalf("%s: %+v, the service says %v s, %v m, %v", name, l, s, m, ok)
					}
					found++
				}
				return nil
			})
			want := 23 * 7
			if name == "osrm" {
				want += 7 // the far place
			}
			if err != nil || found != want {
				t.Errorf("%s, back %v: %d legs of %d, %v", name, back, found, want, err)
			}
		}
	}
}

// There is not back, and a service that mixes up the pairs of a table, or the ends of
// all, is found out by asking for some of them alone.
func TestDirections(t *testing.T) {
	es, worlds := engines(t, osrm.Config{})
	places, sites := stops()
	for name, e := range es {
		there, _, _ := worlds[name].time(places[0].At, sites[6].At)
		back, _, _ := worlds[name].time(sites[6].At, places[0].At)
		traveltest.OneWay(t, e, places[0], sites[6], travel.Seconds(there), travel.Seconds(back))
	}
	for what, mix := range map[string]func(rows [][]float64){
		"rows upside down": func(rows [][]float64) { slices.Reverse(rows) },
		"a column moved on": func(rows [][]float64) {
			for i, r := range rows {
				rows[i] = append(r[1:], r[0])
			}
		},
		"sources and targets": func(rows [][]float64) {
			n := len(rows)
			flat := slices.Concat(rows...)
			for i := range rows {
				for k := range rows[i] {
					rows[i][k] = flat[k*n+i]
				}
			}
		},
	} {
		w := &world{most: 100}
		honest := httptest.NewServer(http.HandlerFunc(w.osrm))
		t.Cleanup(honest.Close)
		url := serve(t, func(resp http.ResponseWriter, req *http.Request) {
			r, err := http.Get(honest.URL + req.URL.RequestURI())
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Body.Close()
			var answer map[string]any
			var table struct{ Durations [][]float64 }
			body, _ := io.ReadAll(r.Body)
			if json.Unmarshal(body, &answer) != nil || json.Unmarshal(body, &table) != nil {
				t.Error(string(body))
			}
			mix(table.Durations)
			answer["durations"] = table.Durations
			json.NewEncoder(resp).Encode(answer)
		})
		e, err := osrm.New(osrm.Config{URL: url, Pause: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Nearest(context.Background(), travel.Query{Places: places[:7], Sites: sites[:7]}, 1)
		if err == nil || !strings.Contains(err.Error(), "it cannot be relied on") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Where a matrix of Valhalla has no time, its route is asked; a stop that no way leads
// to is not asked for again and again.
func TestMatricesOfValhallaThatLackPairs(t *testing.T) {
	es, worlds := engines(t, osrm.Config{})
	places, sites := stops()
	w := worlds["valhalla"]
	w.shy = map[orb.Point]bool{places[3].At: true, sites[2].At: true}
	q := travel.Query{Places: places[:23], Sites: sites[:7], Lengths: true}
	for _, back := range []bool{false, true} {
		q.Back = back
		m, err := travel.Collect(context.Background(), es["valhalla"], q)
		if err != nil || m.Len() != 23*7 {
			t.Fatalf("%d legs, %v", m.Len(), err)
		}
		_, times := m.Row(3)
		for k, s := range sites[:7] {
			a, b := places[3].At, s.At
			if back {
				a, b = b, a
			}
			if want, _, _ := w.time(a, b); float64(times[k]) != want {
				t.Errorf("back %v, site %d: %v s, want %v", back, k, times[k], want)
			}
		}
	}
	before := w.routes.Load()
	var far []travel.Stop // of which no way leads anywhere
	for i := range 20 {
		far = append(far, stop(fmt.Sprint("n", i), 5+0.01*float64(i), 47.5))
	}
	m, err := travel.Collect(context.Background(), es["valhalla"], travel.Query{Places: far, Sites: sites[:2]})
	if err != nil || m.Len() != 0 {
		t.Errorf("%d legs, %v", m.Len(), err)
	}
	if asked := w.routes.Load() - before; asked > 60 {
		t.Errorf("%d routes for 40 pairs", asked)
	}
}

// What has no time has a reason.
func TestReasons(t *testing.T) {
	ctx := context.Background()
	es, _ := engines(t, osrm.Config{})
	places, sites := stops()
	for name, e := range es {
		if _, err := e.Nearest(ctx, travel.Query{Places: places, Sites: sites}, 1); err != nil {
			t.Fatal(err)
		}
		want := map[string]travel.Reason{"field": travel.NoRoad, "north": travel.NoWay, "far": travel.BeyondLimit, "p0": travel.BeyondLimit}
		if name != "osrm" {
			want["far"] = travel.TooFar
		}
		for _, p := range places {
			if w, ok := want[p.ID]; ok && e.Reason(p, sites) != w {
				t.Errorf("%s: %s: %q, want %q", name, p.ID, e.Reason(p, sites), w)
			}
		}
		if r := e.Reason(travel.Stop{ID: "nowhere"}, sites); r != travel.NoLocation {
			t.Errorf("nowhere: %q", r)
		}
		snaps, err := e.Snap(ctx, places)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range snaps {
			if (s.Reason == travel.NoRoad) != (places[i].ID == "field") {
				t.Errorf("%s: %s: %+v", name, places[i].ID, s)
			}
		}
		if name != "valhalla" && math.Abs(float64(snaps[0].Off)-4.2) > 1e-9 {
			t.Errorf("%+v", snaps[0])
		}
	}
}

// A road further than Off is none.
func TestOff(t *testing.T) {
	es, _ := engines(t, osrm.Config{Off: 4})
	places, sites := stops()
	legs, err := es["osrm"].Nearest(context.Background(), travel.Query{Places: places, Sites: sites}, 1)
	if err != nil || legs[0].Site != -1 || es["osrm"].Reason(places[0], sites) != travel.NoRoad {
		t.Errorf("%+v %v", legs[0], err)
	}
}

// What fails for a moment is tried again, what fails for good is an error that
// names the pairs, and neither is an answer.
func TestFailures(t *testing.T) {
	ctx := context.Background()
	places, sites := stops()
	q := travel.Query{Places: places[:20], Sites: sites[:3]}
	es, worlds := engines(t, osrm.Config{Tries: 3, Parallel: 1})
	for name, e := range es {
		worlds[name].broken.Store(2)
		if _, err := e.Nearest(ctx, q, 1); err != nil {
			t.Errorf("%s: two failures, then answers: %v", name, err)
		}
		worlds[name].broken.Store(1 << 20)
		_, err := e.Nearest(ctx, q, 1)
		if err == nil || !strings.Contains(err.Error(), name+": places 0 to ") || !strings.Contains(err.Error(), "sites 0 to 2: after 3 tries: status 503") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, want := range map[string]string{
		"<html>":        "cannot be read",
		`{"code":"Ok"}`: "0 rows of times",
		`{"code":"Ok","durations":[[1]],"distances":[[1]]}`: "for",
		`{"code":"Weird"}`: `code "Weird"`,
	} {
		var asked atomic.Int32
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); fmt.Fprint(w, text) })
		e, err := osrm.New(osrm.Config{URL: url, Parallel: 1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Nearest(ctx, q, 1); err == nil || !strings.Contains(err.Error(), want) || asked.Load() != 1 {
			t.Errorf("%s: %v after %d requests", text, err, asked.Load())
		}
	}
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	})
	e, _ := osrm.New(osrm.Config{URL: slow, Timeout: 20 * time.Millisecond, Tries: 2, Pause: time.Millisecond})
	if _, err := e.Nearest(ctx, q, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a service that does not answer: %v", err)
	}
	if _, err := osrm.New(osrm.Config{URL: "localhost:5000"}); err == nil {
		t.Error("an address without a scheme")
	}
}

// Answers that Valhalla 3.6.1 gave, word for word.
func TestRecordedValhalla(t *testing.T) {
	places := []travel.Stop{stop("a", -8.611, 41.149), stop("b", -8.7, 41.2)}
	for name, text := range map[string]string{
		"verbose": `{"sources_to_targets":[[{"from_index":0,"to_index":0,"time":0,"distance":0},{"from_index":0,"to_index":1,"time":744,"distance":12.721,"begin_heading":179.6,"end_heading":179.4,"begin_lat":41.149004,"begin_lon":-8.611192,"end_lat":41.200001,"end_lon":-8.699746}],[{"from_index":1,"to_index":0,"time":631,"distance":11.195,"begin_heading":359.4,"end_heading":179.6,"begin_lat":41.200001,"begin_lon":-8.699746,"end_lat":41.149004,"end_lon":-8.611192},{"from_index":1,"to_index":1,"time":0,"distance":0}]],"sources":[{"lat":41.149004,"lon":-8.611192},{"lat":41.200001,"lon":-8.699746}],"targets":[{"lat":41.149004,"lon":-8.611192},{"lat":41.200001,"lon":-8.699746}],"units":"kilometers","algorithm":"costmatrix"}`,
		"concise": `{"sources_to_targets":{"durations":[[0,744],[631,0]],"distances":[[0,12.721],[11.195,0]]},"units":"kilometers","algorithm":"costmatrix"}`,
	} {
		url := serve(t, func(w http.ResponseWriter, req *http.Request) {
			var ask struct{ Sources, Targets []struct{ Lat, Lon float64 } }
			if err := json.NewDecoder(req.Body).Decode(&ask); err != nil {
				t.Error(err)
			}
			if len(ask.Sources) == 2 {
				fmt.Fprint(w, text)
				return
			}
			seconds := map[[2]float64]int{{-8.611, -8.7}: 744, {-8.7, -8.611}: 631}[[2]float64{ask.Sources[0].Lon, ask.Targets[0].Lon}]
			fmt.Fprintf(w, `{"sources_to_targets":[[{"time":%d,"distance":1}]],"units":"kilometers"}`, seconds)
		})
		e, err := osrm.NewValhalla(osrm.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		m, err := travel.Collect(context.Background(), e, travel.Query{Places: places, Sites: places, Lengths: true})
		if err != nil || m.Len() != 4 {
			t.Fatal(name, m, err)
		}
		if _, times := m.Row(0); times[1] != 744 {
			t.Errorf("%s: %v", name, times)
		}
		if _, times := m.Row(1); times[0] != 631 {
			t.Errorf("%s: %v", name, times)
		}
	}
}

// No answer makes the decoders panic, and none becomes a time that is not one.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"code":"Ok","durations":[[0,null],[3.5,0]],"distances":[[0,null],[12,0]],"sources":[{"distance":1},{}],"destinations":[{"distance":1},{}]}`,
		`{"sources_to_targets":[[{"time":0,"distance":0},{"time":null}],[{"time":9},{}]],"sources":[null,{"lat":91,"lon":999}],"units":"miles"}`,
		`{"sources_to_targets":{"durations":[[0,744],[631,0]]}}`, `{"code":"Ok","durations":[[-1,2],[3,4]]}`, `[]`,
	} {
		f.Add([]byte(s), 200)
		f.Add([]byte(s), 400)
	}
	places := []travel.Stop{stop("a", 5, 45), stop("b", 6, 46)}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		if status < 200 || status > 499 || status < 300 && status > 204 {
			return
		}
		c := osrm.Config{URL: "http://service", Tries: 1, Client: &http.Client{Transport: answer{body, status}}}
		a, _ := osrm.New(c)
		b, _ := osrm.NewValhalla(c)
		for _, e := range []*osrm.Engine{a, b} {
			legs, err := e.Nearest(context.Background(), travel.Query{Places: places, Sites: places, Lengths: true}, 2)
			if err != nil {
				continue
			}
			for _, l := range legs {
				if l.Site >= 0 && !(l.Time >= 0 && !math.IsInf(float64(l.Time), 0)) {
					t.Fatalf("%+v", l)
				}
			}
		}
	})
}

type answer struct {
	body   []byte
	status int
}

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteHeader(a.status)
	w.Write(a.body)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}
