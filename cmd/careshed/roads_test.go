package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"
)

// post sends a study and gives the status and the answer.
func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	r, err := http.Post(url+"/processes/study/execution", "application/yaml", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

const gridStudy = `version: 1
name: grid
places: {layer: towns}
sites: {layer: sites}
travel: {engine: road, index: grid, borders: free}
measures: [{travel: {isochrones_min: [5, 12]}}]
`

// gridRoads is a folder with a catalog of towns, a site and an index of the roads between.
func gridRoads(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"grid.gr":       "p sp 4 6\na 1 2 600000\na 2 1 600000\na 2 3 600000\na 3 2 600000\na 3 4 300000\na 4 3 300000\n",
		"grid.co":       "p aux sp co 4\nv 1 0 0\nv 2 50000 0\nv 3 90000 0\nv 4 120000 0\n",
		"towns.csv":     "id,lon,lat,population\nwest,0,0,100\nmiddle,0.05,0,200\nfield,5,5,50\n",
		"sites.csv":     "id,lon,lat\nh,0.09,0\n",
		"careshed.yaml": "layers:\n  towns: {file: towns.csv}\n  sites: {file: sites.csv}\nroads: {grid: grid.roads}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, log := call(t, "roads", "build", filepath.Join(dir, "grid.gr"), "--coords", filepath.Join(dir, "grid.co"), "-o", filepath.Join(dir, "grid.roads"), "-q"); code != 0 {
		t.Fatal(log)
	}
	return dir
}

// A server carries out studies on the indices that its catalog names, and on no
// files; their results, areas among them, are collections, and any point can be
// asked about.
func TestRoadsOverHTTP(t *testing.T) {
	dir := gridRoads(t)
	srv := server(t, filepath.Join(dir, "careshed.yaml"))
	status, text := post(t, srv.URL, gridStudy)
	if status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	var doc struct{ ID string }
	if err := json.Unmarshal([]byte(text), &doc); err != nil || doc.ID == "" {
		t.Fatalf("%v: %.200s", err, text)
	}
	var places features
	fetch(t, srv.URL+"/collections/"+doc.ID+"-places/items", &places)
	for i, want := range []string{`"time_min":20.0`, `"time_min":10.0`, `"reason":"no road near"`} {
		if got := string(places.Features[i].Properties); !strings.Contains(got, want) {
			t.Errorf("place %d: %s, want %s", i, got, want)
		}
	}
	var areas features
	fetch(t, srv.URL+"/collections/"+doc.ID+"-isochrones/items", &areas)
	if len(areas.Features) != 2 || !strings.Contains(string(areas.Features[0].Geometry), "MultiPolygon") {
		t.Errorf("%d areas", len(areas.Features))
	}
	var near struct {
		Engine   string
		Estimate bool
		Notes    []string
		Centers  []struct {
			ID   string  `json:"site_id"`
			Time float64 `json:"time_min"`
		}
	}
	fetch(t, srv.URL+"/nearest?lon=0.07&lat=0&study="+doc.ID, &near)
	if near.Engine != "road" || near.Estimate || len(near.Centers) != 1 || near.Centers[0].Time != 5 {
		t.Errorf("nearest: %+v", near)
	}

	// What takes people twice as long is twice as far for any point, and within twice
	// the minutes lies the same area.
	twice := strings.NewReplacer("name: grid", "name: twice", "borders: free", "borders: free, optimism: 2", "[5, 12]", "[10, 24]").Replace(gridStudy)
	if status, text = post(t, srv.URL, twice); status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var scaled features
	fetch(t, srv.URL+"/collections/"+doc.ID+"-isochrones/items", &scaled)
	for k, f := range scaled.Features {
		if string(f.Geometry) != string(areas.Features[k].Geometry) {
			t.Errorf("area %d differs at twice the minutes", k)
		}
	}
	fetch(t, srv.URL+"/nearest?lon=0.07&lat=0&study="+doc.ID, &near)
	if len(scaled.Features) != 2 || len(near.Centers) != 1 || near.Centers[0].Time != 10 || !strings.Contains(strings.Join(near.Notes, "; "), "is taken for 2 minutes") {
		t.Errorf("nearest: %+v", near)
	}

	// Names only, and those that are there.
	for _, index := range []string{"grid.roads", filepath.Join(dir, "grid.roads"), "gird"} {
		status, text := post(t, srv.URL, strings.Replace(gridStudy, "index: grid", "index: "+index, 1))
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, "accepted: grid") || strings.Contains(text, dir+"/careshed") {
			t.Errorf("index %s: %d %s", index, status, text)
		}
	}
	if status, text := post(t, srv.URL, strings.Replace(gridStudy, "engine: road, index: grid", "engine: osrm, service: http://127.0.0.1:9", 1)); status != http.StatusUnprocessableEntity {
		t.Errorf("a service by URL: %d %s", status, text)
	}
}

// A server does not start with an index that is not whole.
func TestDamagedRoadsAreRefusedAtOnce(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"x.roads": "CARROADS and nothing", "careshed.yaml": "roads: {x: x.roads}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, err := (&env{out: io.Discard, log: io.Discard}).apiConfig(t.Context(), filepath.Join(dir, "careshed.yaml"))
	if err == nil || !strings.Contains(err.Error(), "x.roads: road index") {
		t.Errorf("%v", err)
	}
}

// A study on a real extract: everybody has a time or a reason, larger areas hold
// more people, and no time is shorter than the straight line allows.
func TestRealRoads(t *testing.T) {
	root := shared(t)
	dir := t.TempDir()
	index := filepath.Join(dir, "li.roads")
	if code, out, log := call(t, "roads", "build", filepath.Join(root, "data", "roads", "pbf", "liechtenstein_valhalla.osm.pbf"), "-o", index, "-q"); code != 0 || !strings.Contains(out, "junctions") {
		t.Fatal(out, log)
	}
	var towns strings.Builder
	towns.WriteString("id,lon,lat,population\n")
	for i := range 20 {
		for j := range 10 {
			lon, lat := 9.48+0.14*float64(j)/9, 47.06+0.2*float64(i)/19
			towns.WriteString(strings.Join([]string{string(rune('a'+i)) + string(rune('a'+j)), ftoa(lon), ftoa(lat), "10"}, ",") + "\n")
		}
	}
	for name, text := range map[string]string{"towns.csv": towns.String(), "sites.csv": "id,lon,lat\nvaduz,9.5209,47.1410\n",
		"study.yaml": "version: 1\nname: li\nlayers: {towns: {file: towns.csv}, sites: {file: sites.csv}}\nplaces: {layer: towns}\nsites: {layer: sites}\ntravel: {engine: road, index: li.roads, borders: free}\nmeasures: [{travel: {bands_min: [5, 10, 20], isochrones_min: [5, 10, 20]}}]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-o", filepath.Join(dir, "out"), "-q"); code != 0 {
		t.Fatal(log)
	}
	l := layer(t, filepath.Join(dir, "out", "places.csv"))
	minutes, straight, reasons := numbers(t, l, "time_min"), numbers(t, l, "geodesic_km"), 0
	why, err := l.Texts("reason")
	if err != nil {
		t.Fatal(err)
	}
	for i := range minutes {
		switch {
		case minutes[i] > 0 && straight[i]/(minutes[i]/60) > 140:
			t.Errorf("%s: %v km in %v minutes", l.ID(i), straight[i], minutes[i])
		case !(minutes[i] > 0) && why[i] == "":
			t.Errorf("%s has neither a time nor a reason", l.ID(i))
		case !(minutes[i] > 0):
			reasons++
		}
	}
	if reasons == len(minutes) {
		t.Error("nobody has a time")
	}
	areas := layer(t, filepath.Join(dir, "out", "isochrones.geojson"))
	people := numbers(t, areas, "people")
	if len(people) != 3 || !slices.IsSortedFunc(people, func(a, b float64) int { return int(b - a) }) {
		t.Errorf("people within the areas: %v", people)
	}
}

func ftoa(v float64) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// A file that lacks more than a hundredth of its roads is refused with the places,
// unless one asks for what there is.
func TestRoadsThatAreMissing(t *testing.T) {
	gaps := []osm.Gap{{Way: 7, At: road.Coord{Lon: 74155000, Lat: 437290000}, Stretches: 9}, {Way: 8, Stretches: 2}}
	for _, c := range []struct {
		dropped, kept float64
		partial       bool
		want          string
	}{
		{0, 1e6, false, ""}, {9e3, 1e6, false, ""}, {11e3, 1e6, true, ""}, {1, 0, true, ""},
		{11e3, 1e6, false, "1.1 % of the length of its roads, some 11 km"}, {9e5, 1e5, false, "90.0 %"},
		{11e3, 1e6, false, "7.4155,43.7290 (way 7), way 8; accepted: an extract with whole ways"},
	} {
		err := wholeRoads(osm.Summary{Dropped: c.dropped, Metres: c.kept, Missing: 3, Points: 100, Gaps: gaps}, c.partial)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
