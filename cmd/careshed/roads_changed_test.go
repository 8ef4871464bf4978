package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo/road/osm/osmtest"
)

// A road with a bridge in its middle, and a way round it in the north.
const bridgeMap = `
	node 1 5.00 45
	node 2 5.01 45
	node 3 5.02 45
	node 4 5.03 45
	node 5 5.01 45.02
	node 6 5.02 45.02
	way 11 1,2 highway=primary
	way 12 2,3 highway=primary bridge=yes
	way 13 3,4 highway=primary
	way 14 2,5,6,3 highway=residential
`

const bridgeStudy = `version: 1
name: bridge
layers: {towns: {file: towns.csv}, clinics: {file: clinics.csv}, flood: {file: flood.geojson}}
places: {layer: towns}
sites: {layer: clinics}
travel: {engine: road, index: bridge.roads, borders: free%s}
measures: [{travel: {bands_min: [5, 15]}}]
scenarios:
  bridge:
    - roads: {close: [12]}
  flood:
    - roads: {close: {within: flood}}
  hour_8:
    - roads: {speed: [{classes: [primary], factor: 0.5}]}
  hour_3:
    - roads: {speed: [{factor: 1.25}, {ways: [12], kmh: 130}]}
  opened:
    - open: {id: west_clinic, at: [5.0, 45.0]}
    - roads: {close: [12]}
`

func bridgeFolder(t *testing.T, roads string) string {
	t.Helper()
	dir := t.TempDir()
	builtRoads(t, dir, "bridge", bridgeMap, osmtest.Style{})
	put(t, filepath.Join(dir, "towns.csv"), "id,lon,lat,population\nwest,5.0,45,1000\nmiddle,5.011,45.02,200\neast,5.03,45,500\n")
	put(t, filepath.Join(dir, "clinics.csv"), "id,lon,lat\nhospital,5.0299,45\n")
	put(t, filepath.Join(dir, "flood.geojson"), `{"type":"FeatureCollection","features":[{"type":"Feature","id":"river","properties":{},`+
		`"geometry":{"type":"Polygon","coordinates":[[[5.014,44.99],[5.016,44.99],[5.016,45.01],[5.014,45.01],[5.014,44.99]]]}}]}`)
	put(t, filepath.Join(dir, "study.yaml"), fmt.Sprintf(bridgeStudy, roads))
	return dir
}

// One study has today, a closed bridge by its number and by an area, and two hours of the
// day; what was closed is in the manifest, and the map of who loses most can be drawn.
func TestStudyOfAClosedBridge(t *testing.T) {
	dir := bridgeFolder(t, "")
	study, out := filepath.Join(dir, "study.yaml"), filepath.Join(dir, "out")
	if code, _, log := call(t, "run", study, "-o", out, "-q"); code != 0 {
		t.Fatal(log)
	}
	l := layer(t, filepath.Join(out, "places.csv"))
	minutes := func(column string) float64 { return numbers(t, l, column)[0] }
	today := minutes("time_min")
	// 787.4 m of a hundredth of a degree: the bridge at 65 km/h, the way round 5.24 km at 25.
	bridge, lost := minutes("time_min_bridge"), minutes("change_min_bridge")
	if !(bridge-today > 11 && bridge-today < 13) || math.Abs(bridge-today-lost) > 1e-9 {
		t.Errorf("%v today, %v with the bridge closed, change %v", today, bridge, lost)
	}
	if flood := minutes("time_min_flood"); flood != bridge {
		t.Errorf("%v with the bridge closed by its number, %v by an area", bridge, flood)
	}
	if slow := minutes("time_min_hour_8"); slow < 1.9*today || slow > 2*today+0.001 {
		t.Errorf("%v today, %v at half the speed", today, slow)
	}
	if fast := minutes("time_min_hour_3"); fast > 0.8*today {
		t.Errorf("%v today, %v at night", today, fast)
	}
	if near := minutes("time_min_opened"); near > 0.1 {
		t.Errorf("%v min to the clinic next door", near)
	}
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"scenarios.bridge.roads", "roads: closed: way 12 (1 stretch, 0.8 km)", "closed: roads in flood (1 stretch", "speed times 0.5: roads of class primary (3 stretches"} {
		if !strings.Contains(string(manifest), want) {
			t.Errorf("the manifest does not say %q", want)
		}
	}
	svg := filepath.Join(dir, "loses.svg")
	if code, _, log := call(t, "map", study, "--layer", "places", "--column", "change_min_bridge", "-o", svg, "-q"); code != 0 {
		t.Fatal(log)
	}
	if drawn, err := os.ReadFile(svg); err != nil || !strings.Contains(string(drawn), "bridge") {
		t.Error("no map of the change", err)
	}

	// The same closed in travel.roads is the same for everybody, and scenarios go on from it.
	closed := bridgeFolder(t, ", roads: {close: [12]}")
	if code, _, log := call(t, "run", filepath.Join(closed, "study.yaml"), "-o", filepath.Join(closed, "out"), "-q"); code != 0 {
		t.Fatal(log)
	}
	again := layer(t, filepath.Join(closed, "out", "places.csv"))
	for i, want := range numbers(t, l, "time_min_bridge") {
		if got := numbers(t, again, "time_min")[i]; got != want {
			t.Errorf("%s: %v closed from the start, %v in a scenario", l.ID(i), got, want)
		}
	}
	if slow := numbers(t, again, "time_min_hour_8")[0]; slow <= bridge {
		t.Errorf("%v with the bridge closed, and slower: %v", bridge, slow)
	}
	manifest, err = os.ReadFile(filepath.Join(closed, "out", "manifest.json"))
	if err != nil || !strings.Contains(string(manifest), `"roads_changed": "closed: way 12 (1 stretch, 0.8 km)"`) {
		t.Errorf("the manifest does not say what is closed: %v", err)
	}
}

func TestStudyOfRoadsThatCannotDiffer(t *testing.T) {
	dir := bridgeFolder(t, "")
	for _, c := range []struct{ from, to, want string }{
		{"close: [12]", "close: [99]", "scenarios.bridge: roads: way 99 is not on this index"},
		{"close: [12]", "close: []", "closes nothing; accepted: [WAY, …]"},
		{"close: [12]", "close: [a]", "a finite number"},
		{"close: [12]", "shut: [12]", `unknown field "shut"`},
		{"{close: {within: flood}}", "{close: {within: towns}}", "feature 1 (id west) of layer towns is none; accepted: polygons"},
		{"{within: flood}", "{within: nowhere}", "nowhere"},
		{"classes: [primary]", "classes: [motorwy]", `no roads of class "motorwy"; accepted: motorway, motorway_link`},
		{"factor: 0.5", "factor: 50", "scenarios.hour_8.roads.speed[0].factor: found 50; accepted: 0.01 to 5"},
		{"factor: 0.5", "factor: 0.5, kmh: 9", "exclude each other"},
		{", factor: 0.5", "", "neither factor nor kmh"},
		{"engine: road, index: bridge.roads", "engine: crow", "engine crow has none that could differ; accepted: engine road"},
		{"engine: road, index: bridge.roads", "engine: crow, roads: {close: [12]}", "travel.roads: engine crow has none; accepted: engine road"},
	} {
		put(t, filepath.Join(dir, "wrong.yaml"), strings.Replace(fmt.Sprintf(bridgeStudy, ""), c.from, c.to, 1))
		if code, _, log := call(t, "run", filepath.Join(dir, "wrong.yaml"), "-q"); code != exitInput || !strings.Contains(log, c.want) {
			t.Errorf("%s: exit %d, %s; want %q", c.to, code, log, c.want)
		}
	}
}

// Porto today, with the bridge of Arrábida closed, at eight and at three in one run.
func TestStudyOfPorto(t *testing.T) {
	root := shared(t)
	dir := t.TempDir()
	if code, _, log := call(t, "roads", "build", filepath.Join(root, "data", "roads", "pbf", "porto_r5.osm.pbf"), "-o", filepath.Join(dir, "porto.roads"), "-q"); code != 0 {
		t.Fatal(log)
	}
	r := rand.New(rand.NewPCG(1, 22))
	var towns strings.Builder
	towns.WriteString("id,lon,lat,population\n")
	for i := range 400 {
		fmt.Fprintf(&towns, "%d,%.5f,%.5f,%d\n", i, -8.66+0.08*r.Float64(), 41.11+0.07*r.Float64(), 100+r.IntN(900))
	}
	put(t, filepath.Join(dir, "towns.csv"), towns.String())
	put(t, filepath.Join(dir, "sites.csv"), "id,lon,lat\nsao_joao,-8.6010,41.1817\nsanto_antonio,-8.6193,41.1471\n")
	put(t, filepath.Join(dir, "bridge.geojson"), `{"type":"Feature","id":"arrabida","properties":{},"geometry":{"type":"Polygon",`+
		`"coordinates":[[[-8.6407,41.1474],[-8.6399,41.1474],[-8.6399,41.1482],[-8.6407,41.1482],[-8.6407,41.1474]]]}}`)
	put(t, filepath.Join(dir, "study.yaml"), `version: 1
name: porto
layers: {towns: {file: towns.csv}, sites: {file: sites.csv}, bridge: {file: bridge.geojson}}
places: {layer: towns}
sites: {layer: sites}
travel: {engine: road, index: porto.roads, borders: free}
measures: [{travel: {bands_min: [10, 20, 30]}}]
scenarios:
  arrabida:
    - roads: {close: {within: bridge}}
  hour_8:
    - roads: {speed: [{classes: [motorway, motorway_link, trunk, trunk_link], factor: 0.6}, {classes: [primary, secondary], factor: 0.75}]}
  hour_3:
    - roads: {speed: [{factor: 1.1}]}
`)
	if code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-o", filepath.Join(dir, "out"), "-q"); code != 0 {
		t.Fatal(log)
	}
	l := layer(t, filepath.Join(dir, "out", "places.csv"))
	closed, eight, three := numbers(t, l, "change_min_arrabida"), numbers(t, l, "change_min_hour_8"), numbers(t, l, "change_min_hour_3")
	lose, worst := 0, 0.0
	for i := range closed {
		// A place on the bridge finds another road, which may be nearer to the hospital.
		if eight[i] < -1e-9 || three[i] > 1e-9 {
			t.Errorf("%s: %v at eight, %v at three", l.ID(i), eight[i], three[i])
		}
		if closed[i] > 0.01 {
			lose, worst = lose+1, max(worst, closed[i])
		}
	}
	if lose == 0 || lose == len(closed) {
		t.Errorf("%d of %d lose by the closed bridge", lose, len(closed))
	}
	t.Logf("%d of %d lose by the closed bridge, up to %.1f min", lose, len(closed), worst)
	if code, _, log := call(t, "map", filepath.Join(dir, "study.yaml"), "--layer", "places", "--column", "change_min_arrabida", "-o", filepath.Join(dir, "m.svg"), "-q"); code != 0 {
		t.Fatal(log)
	}
}

// An index without the ways of the map is smaller, answers, and says that nothing can be
// closed on it.
func TestRoadsWithoutWays(t *testing.T) {
	dir := bridgeFolder(t, "")
	extract := filepath.Join(dir, "again.osm.pbf")
	if err := os.WriteFile(extract, osmtest.Map(bridgeMap).PBF(t, osmtest.Style{}), 0o666); err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(dir, "bridge.roads")
	full, err := os.Stat(index)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, log := call(t, "roads", "build", extract, "-o", index, "-q", "--overwrite", "--without-ways"); code != 0 {
		t.Fatal(log)
	}
	if bare, err := os.Stat(index); err != nil || bare.Size() >= full.Size() {
		t.Errorf("%d bytes, with ways %d: %v", bare.Size(), full.Size(), err)
	}
	if times := timesOf(t, index, "5.0,45,5.03,45"); times[0] == "" {
		t.Error("no way")
	}
	code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-q")
	if code != exitInput || !strings.Contains(log, "scenarios.bridge: roads: the index does not say of which ways") {
		t.Errorf("exit %d, %s", code, log)
	}
}

// speedsOf is a table of factors with two countries and two series of hours.
const speedsOf = "id,country,series,class,from,to,factor\n" +
	"a,FR,work,primary primary_link,7,10,0.5\n" +
	"b,FR,work,residential,7,10,0.8\n" +
	"c,FR,work,primary,22,6,1.25\n" +
	"d,FR,rest,primary,,,0.9\n" +
	"e,DE,work,primary,7,10,0.1\n"

func trafficFolder(t *testing.T, speeds, roads, scenarios string) string {
	t.Helper()
	dir := bridgeFolder(t, roads)
	put(t, filepath.Join(dir, "speeds.csv"), speeds)
	before, _, _ := strings.Cut(fmt.Sprintf(bridgeStudy, roads), "scenarios:")
	put(t, filepath.Join(dir, "study.yaml"), strings.Replace(before, "layers: {", "layers: {speeds: {file: speeds.csv}, ", 1)+scenarios)
	return dir
}

// A table of factors by class, country and hour gives what the factors of its rows give when
// they are written out; a scenario's hour stands in place of that of travel.roads, and the
// notes do not say that roads are free.
func TestTrafficByHour(t *testing.T) {
	const of = "layer: speeds, country: FR, series: work"
	dir := trafficFolder(t, speedsOf, ", roads: {traffic: {"+of+", hour: 23}}", `scenarios:
  table_8: [{roads: {traffic: {`+of+`, hour: 8.5}}}]
  night: [{roads: {traffic: {`+of+`, hour: 5.99}}}]
  rest: [{roads: {traffic: {layer: speeds, country: FR, series: rest, hour: 0}}}]
  closed: [{roads: {close: [12]}}]
`)
	out := filepath.Join(dir, "out")
	if code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-o", out); code != 0 {
		t.Fatal(log)
	}
	plain := trafficFolder(t, speedsOf, "", `scenarios:
  base: [{roads: {speed: [{classes: [primary], factor: 1.25}]}}]
  table_8: [{roads: {speed: [{classes: [primary], factor: 0.5}, {classes: [residential], factor: 0.8}]}}]
  rest: [{roads: {speed: [{classes: [primary], factor: 0.9}]}}]
  closed: [{roads: {close: [12], speed: [{classes: [primary], factor: 1.25}]}}]
`)
	if code, _, log := call(t, "run", filepath.Join(plain, "study.yaml"), "-o", filepath.Join(plain, "out"), "-q"); code != 0 {
		t.Fatal(log)
	}
	got, want := layer(t, filepath.Join(out, "places.csv")), layer(t, filepath.Join(plain, "out", "places.csv"))
	for g, w := range map[string]string{"time_min": "time_min_base", "time_min_table_8": "time_min_table_8", "time_min_night": "time_min_base",
		"time_min_rest": "time_min_rest", "time_min_closed": "time_min_closed"} {
		if a, b := fmt.Sprint(numbers(t, got, g)), fmt.Sprint(numbers(t, want, w)); a != b {
			t.Errorf("%s is %s, %s written out is %s", g, a, w, b)
		}
	}
	if a, b := numbers(t, got, "time_min")[0], numbers(t, got, "time_min_table_8")[0]; a >= b {
		t.Errorf("%v at night, %v at half past eight", a, b)
	}
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	summary, wrong := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil || wrong != nil || strings.Contains(string(summary), "free roads") || !strings.Contains(string(summary), "speeds that the study gives") {
		t.Errorf("%v %v: roads are said to be free: %s", err, wrong, summary)
	}
	for _, want := range []string{"else without traffic", "speed times 0.5: roads of class primary, primary_link (3 stretches", "speeds.csv"} {
		if !strings.Contains(string(manifest), want) {
			t.Errorf("the manifest does not say %q", want)
		}
	}
}

func TestTrafficThatCannotAct(t *testing.T) {
	for _, c := range []struct{ table, of, want string }{
		{speedsOf, "layer: speeds, hour: 8", "traffic.country: layer speeds has rows of several, and which are meant is not said; accepted: DE, FR"},
		{speedsOf, "layer: speeds, country: FR, hour: 8", "traffic.series: layer speeds has rows of several, and which are meant is not said; accepted: rest, work"},
		{speedsOf, "layer: speeds, country: IT, hour: 8", `traffic.country: found "IT", of which layer speeds has no row; accepted: DE, FR`},
		{speedsOf, "layer: speeds, country: FR, series: work, hour: 12", "traffic.hour: found 12, of which layer speeds says nothing; accepted: an hour of these: 22 to 6, 7 to 10"},
		{speedsOf, "layer: speeds, country: DE", "traffic.hour: is missing; accepted: 0 up to 24"},
		{speedsOf, "layer: speeds, country: DE, hour: 24", "traffic.hour: found 24; accepted: 0 up to 24"},
		{speedsOf, "hour: 8", "traffic.layer: is missing"},
		{speedsOf, "layer: speed, hour: 8", "speed"},
		{"id,kind,factor\na,primary,0.5\n", "layer: speeds, hour: 8", `has no field "class"`},
		{"id,class,factor\na,primary,half\n", "layer: speeds, hour: 8", `field "factor" needs numbers; feature 1 has "half"`},
		{"id,class,factor\na,primary,85\n", "layer: speeds, hour: 8", "row a of layer speeds has the factor 85; accepted: 0.01 to 5 times the speed"},
		{"id,class,factor\na,primary,\nb,trunk,0.5\n", "layer: speeds, hour: 8", "row a of layer speeds has no factor"},
		{"id,class,factor\na,,0.5\n", "layer: speeds, hour: 8", "row a of layer speeds has no class; accepted: a value of highway="},
		{"id,class,factor\na,motorwy,0.5\n", "layer: speeds, hour: 8", `no roads of class "motorwy"; accepted: motorway`},
		{"id,class,factor\na,primary,0.5\nb,trunk primary,0.6\n", "layer: speeds, hour: 8", "rows a and b of layer speeds both are of primary"},
		{"id,class,from,factor\na,primary,7,0.5\n", "layer: speeds, hour: 8", `has no field "to"`},
		{"id,class,from,to,factor\na,primary,7,,0.5\nb,trunk,7,9,1\n", "layer: speeds, hour: 8", "row a of layer speeds is from 7 to nothing"},
		{"id,class,from,to,factor\na,primary,700,1000,0.5\n", "layer: speeds, hour: 8", "row a of layer speeds is from 700 to 1000; accepted: hours"},
	} {
		dir := trafficFolder(t, c.table, ", roads: {traffic: {"+c.of+"}}", "")
		if code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-q"); code != exitInput || !strings.Contains(log, c.want) {
			t.Errorf("%s of\n%s: exit %d, %s; want %q", c.of, c.table, code, log, c.want)
		}
	}
	dir := trafficFolder(t, speedsOf, "", "scenarios:\n  two: [{roads: {traffic: {layer: speeds, hour: 8}}}, {roads: {traffic: {layer: speeds, hour: 9}}}]\n")
	if code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-q"); code != exitInput || !strings.Contains(log, "traffic of two hours at once") {
		t.Errorf("exit %d, %s", code, log)
	}
}

// The table of the atlas acts where a study names it, and only there.
func TestTrafficOfTheAtlas(t *testing.T) {
	dir := trafficFolder(t, speedsOf, "", `scenarios:
  england: [{roads: {traffic: {layer: traffic, series: england-2017, hour: 3}}}]
  written: [{roads: {speed: [{classes: [primary], factor: 0.6717}]}}]
`)
	if code, _, log := call(t, "run", filepath.Join(dir, "study.yaml"), "-o", filepath.Join(dir, "out"), "-q"); code != 0 {
		t.Fatal(log)
	}
	l := layer(t, filepath.Join(dir, "out", "places.csv"))
	if a, b := fmt.Sprint(numbers(t, l, "time_min_england")), fmt.Sprint(numbers(t, l, "time_min_written")); a != b {
		t.Errorf("%s by the atlas, %s written out", a, b)
	}
}
