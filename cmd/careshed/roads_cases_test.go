package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"careshed/geo/road/osm/osmtest"
)

// builtRoads is an index of a map, named for it, in a folder.
func builtRoads(t *testing.T, dir, name string, m osmtest.Map, s osmtest.Style) string {
	t.Helper()
	file := filepath.Join(dir, name+".osm.pbf")
	put(t, file, string(m.PBF(t, s)))
	index := filepath.Join(dir, name+".roads")
	if code, _, log := call(t, "roads", "build", file, "-o", index, "-q", "--overwrite"); code != 0 {
		t.Fatalf("%s: %s", name, log)
	}
	return index
}

// drawnMap is the map of a file of OpenStreetMap's XML.
func drawnMap(t *testing.T, path string) osmtest.Map {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("SKIPPED: %v (set CARESHED_SHARED)", err)
	}
	return osmtest.XML(t, b)
}

// timesOf are the milliseconds of pairs of points, "" where there is no way.
func timesOf(t *testing.T, index string, pairs ...string) (out []string) {
	t.Helper()
	list := filepath.Join(t.TempDir(), "pairs.csv")
	put(t, list, "source_lon,source_lat,target_lon,target_lat\n"+strings.Join(pairs, "\n")+"\n")
	code, text, log := call(t, "roads", "pairs", index, list)
	if code != 0 {
		t.Fatal(log)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		out = append(out, row[4])
	}
	return out
}

// A file with the places of points on its ways is read as one with nodes is.
func TestCaseLocationsOnWays(t *testing.T) {
	dir := t.TempDir()
	m := drawnMap(t, filepath.Join(shared(t), "cases", "roads", "01-locations-on-ways", "net.osm"))
	want := []string{"183706", "300272"}
	for name, s := range map[string]osmtest.Style{"plain": {}, "placed": {Placed: true}, "needed": {Placed: true, Needs: "LocationsOnWays"}} {
		index := builtRoads(t, dir, name, m, s)
		if got := timesOf(t, index, "5.001,45.0002,5.039,45", "5.001,45.0002,5.02,45.03"); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// A hospital beside a road by which one only leaves, or only arrives, is reached
// and left by the street behind it; the people of a study reach it.
func TestCaseExitOnlyStop(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"exit_plain", "exit_aisle", "exit_private", "entry_aisle"} {
		m := drawnMap(t, filepath.Join(shared(t), "cases", "roads", "02-last-mile-exit-only-stop", name+".osm"))
		index := builtRoads(t, dir, name, m, osmtest.Style{})
		if got, want := timesOf(t, index, "5.002,45,5.0101,45.0004", "5.0101,45.0004,5.002,45"), []string{"102639", "102639"}; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	put(t, filepath.Join(dir, "places.csv"), "id,lon,lat,population\ntown,5.002,45,1000\neast,5.018,45,500\n")
	put(t, filepath.Join(dir, "sites.csv"), "id,lon,lat\nhospital,5.0101,45.0004\n")
	got := placesOf(t, dir, "engine: road, index: exit_aisle.roads", "id", "site_id", "time_min", "status")
	if !strings.HasPrefix(got, "town hospital 1.7106") || strings.Count(got, " reached") != 2 {
		t.Error(got)
	}
}

// placesOf runs a small study on places.csv and sites.csv and gives some columns.
func placesOf(t *testing.T, dir, engine string, columns ...string) string {
	t.Helper()
	put(t, filepath.Join(dir, "s.yaml"), fmt.Sprintf(`version: 1
name: s
layers: {p: {file: places.csv}, s: {file: sites.csv}}
places: {layer: p}
sites: {layer: s}
travel: {%s, borders: free}
measures: [{travel: {bands_min: [15, 30]}}]
`, engine))
	code, text, log := call(t, "run", filepath.Join(dir, "s.yaml"), "--format", "csv")
	if code != 0 {
		t.Fatal(log)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, row := range rows[1:] {
		for i, c := range columns {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(row[slices.Index(rows[0], c)])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Whoever is at the hospital is there, however far its road is; two points nearer to
// one another than to their roads are the straight line apart.
func TestCaseSamePlace(t *testing.T) {
	dir := t.TempDir()
	index := builtRoads(t, dir, "net", "node 1 5 45\nnode 2 5.02 45\nway 1 1,2 highway=primary", osmtest.Style{})
	put(t, filepath.Join(dir, "places.csv"), "id,lon,lat,population\nsame,5.012,45.009,100\nten_metres,5.0121,45.009,100\nhundred_m_road,5.012,45.0009,100\n")
	put(t, filepath.Join(dir, "sites.csv"), "id,lon,lat\nfar_hospital,5.012,45.009\nnear_hospital,5.012,45.0009\n")
	got := placesOf(t, dir, "engine: road, index: net.roads", "id", "site_id", "time_min", "distance_km")
	if want := "same far_hospital 0.0 0.0\nten_metres far_hospital 0.03153333333333333 0.0079\nhundred_m_road near_hospital 0.0 0.0\n"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if got, want := timesOf(t, index, "5.012,45.009,5.012,45.009", "5.0121,45.009,5.012,45.009", "5.012,45.00005,5.012,45.00005"), []string{"0", "1892", "0"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// 200 m apart and five metres off the road, it is the road.
	if got := timesOf(t, index, "5.012,45.00005,5.0146,45.00005"); got[0] <= "11000" || got[0] >= "15000" {
		t.Errorf("along the road: %v", got)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// A road that is closed one way is driven the other: by every key of access, and of
// one-way traffic.
func TestCaseAccessByDirection(t *testing.T) {
	dir := t.TempDir()
	const direct, round = "131014", "500269"
	for tag, want := range map[string][2]string{
		"": {direct, direct}, "motor_vehicle:forward=no": {round, direct}, "motor_vehicle:backward=no": {direct, round}, "vehicle:backward=no": {direct, round},
		"access:forward=no": {round, direct}, "motorcar:backward=no": {direct, round}, "oneway:motor_vehicle=yes": {direct, round},
		"oneway:motorcar=yes": {direct, round}, "oneway:vehicle=yes": {direct, round}, "motorcar:forward=yes access=no": {direct, round},
	} {
		index := builtRoads(t, dir, "net", osmtest.Map("node 1 4.99 45\nnode 2 5 45\nnode 3 5.02 45\nnode 4 5.03 45\nnode 5 5 45.03\nnode 6 5.02 45.03\n"+
			"way 1 1,2 highway=primary\nway 2 2,3 highway=primary "+tag+"\nway 3 3,4 highway=primary\nway 4 2,5,6,3 highway=primary"), osmtest.Style{})
		if got := timesOf(t, index, "4.995,45,5.025,45", "5.025,45,4.995,45"); !slices.Equal(got, want[:]) {
			t.Errorf("%s: there and back %v, want %v", tag, got, want)
		}
	}
}

// Weights of 0 take no time; seconds are declared, and asked about where nobody did.
func TestCaseWeights(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		put(t, filepath.Join(dir, name), text)
		return filepath.Join(dir, name)
	}
	pairs := func(index, list string) string {
		code, text, log := call(t, "roads", "pairs", index, file("q.csv", "source,target\n"+list))
		if code != 0 {
			t.Fatal(log)
		}
		return text
	}
	index := filepath.Join(dir, "z.roads")
	code, text, log := call(t, "roads", "build", file("z.gr", "p sp 5 5\na 1 2 0\na 2 3 0\na 3 4 0\na 4 5 0\na 1 5 3\n"), "--coords", file("z.co", "p aux sp co 5\nv 1 0 0\nv 2 10000 0\nv 3 20000 0\nv 4 30000 0\nv 5 40000 0\n"), "-o", index, "-q")
	if code != 0 || !strings.Contains(text, "4 arcs have weight 0 and take no time") {
		t.Error(text, log)
	}
	if got := pairs(index, "1,2\n1,5\n"); !strings.Contains(got, "1,2,0,1113.2\n1,5,0,4452.8\n") {
		t.Error(got)
	}
	graph, coords := file("s.gr", "p sp 3 2\na 1 2 600\na 2 3 600\n"), file("s.co", "p aux sp co 3\nv 1 0 0\nv 2 90000 0\nv 3 180000 0\n")
	for weights, want := range map[string]string{"milliseconds": "1,3,1200,20037.6", "seconds": "1,3,1200000,20037.6", "tenths": "1,3,120000,20037.6"} {
		code, text, log := call(t, "roads", "build", graph, "--coords", coords, "-o", index, "-q", "--overwrite", "--weights", weights)
		if code != 0 || strings.Contains(text, "are the weights seconds") != (weights == "milliseconds") {
			t.Error(weights, text, log)
		}
		if got := pairs(index, "1,3\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", weights, got, want)
		}
	}
	if code, _, log := call(t, "roads", "build", graph, "-o", index, "-q", "--overwrite", "--weights", "hours"); code != 2 || !strings.Contains(log, "accepted: milliseconds") {
		t.Error(code, log)
	}
}

// A profile is data: what it changes changes the times, and results say which it was.
func TestRoadsByProfile(t *testing.T) {
	dir := t.TempDir()
	file, index := filepath.Join(dir, "net.osm.pbf"), filepath.Join(dir, "net.roads")
	put(t, file, string(osmtest.Map("node 1 5 45\nnode 2 5.02 45\nway 1 1,2 highway=residential").PBF(t, osmtest.Style{})))
	code, car, _ := call(t, "roads", "profile")
	if code != 0 || !strings.Contains(car, "residential") {
		t.Fatal(car)
	}
	times := map[string]string{}
	for name, text := range map[string]string{"car": car, "slow": "name: slow\nversion: 1\nkinds: [{name: residential, speed_kmh: 10, rank: 3}]\n"} {
		put(t, filepath.Join(dir, name+".yaml"), text)
		code, out, log := call(t, "roads", "build", file, "-o", index, "-q", "--overwrite", "--profile", filepath.Join(dir, name+".yaml"))
		if code != 0 || !strings.Contains(out, "profile "+name+" ") {
			t.Fatal(out, log)
		}
		times[name] = timesOf(t, index, "5.001,45,5.019,45")[0]
	}
	if code, _, log := call(t, "roads", "build", file, "-o", index, "-q", "--overwrite"); code != 0 {
		t.Fatal(log)
	}
	if plain := timesOf(t, index, "5.001,45,5.019,45")[0]; times["car"] != plain || len(times["slow"]) <= 6-1 || times["slow"] <= plain {
		t.Errorf("%v, without a file %s", times, plain)
	}
	put(t, filepath.Join(dir, "bad.yaml"), "name: bad\nversion: 1\nsped: 4\n")
	if code, _, log := call(t, "roads", "build", file, "-o", index, "-q", "--overwrite", "--profile", filepath.Join(dir, "bad.yaml")); code == 0 || !strings.Contains(log, `unknown field "sped"`) {
		t.Error(log)
	}
}

// The profile that roads profile prints builds the same bytes as none: for car, and for
// car-turns by its name.
func TestPrintedProfileIsTheDefault(t *testing.T) {
	dir := t.TempDir()
	extract := filepath.Join(dir, "m.osm.pbf")
	m := bridgeMap + "way 20 4,6 route=ferry duration=45_min motor_vehicle=yes\nway 21 1,5 highway=track smoothness=bad\nway 22 4,5 highway=tertiary surface=gravel\n"
	if err := os.WriteFile(extract, osmtest.Map(m).PBF(t, osmtest.Style{}), 0o666); err != nil {
		t.Fatal(err)
	}
	built := func(name string, args ...string) string {
		path := filepath.Join(dir, name)
		if code, _, log := call(t, append([]string{"roads", "build", extract, "-o", path, "-q"}, args...)...); code != 0 {
			t.Fatal(log)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, args := range map[string][]string{"car": nil, "car-turns": {"--profile", "car-turns"}} {
		file := filepath.Join(dir, name+".yaml")
		if code, _, log := call(t, "roads", "profile", name, "-o", file); code != 0 {
			t.Fatal(log)
		}
		if built(name+".roads", args...) != built(name+"-file.roads", "--profile", file) {
			t.Errorf("%s: built with the file that it prints, other bytes", name)
		}
	}
}
