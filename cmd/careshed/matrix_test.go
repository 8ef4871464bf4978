package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"careshed/data"
	"careshed/data/pgtest"
)

// gridMatrix writes the roads of n × n junctions, and places and sites on them, and gives
// the words of the command that asks for all ways, in parts of a few sites.
func gridMatrix(t *testing.T, n, places, sites int) []string {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(4, 2))
	points := func(kind string, count int) string {
		b := bytes.NewBufferString("id,lon,lat\n")
		for i := range count {
			fmt.Fprintf(b, "%s%d,%.6f,%.6f\n", kind, i, 7+r.Float64()*float64(n)/10_000, 47+r.Float64()*float64(n)/10_000)
		}
		b.WriteString("far,9,49\nnowhere,,\n")
		return b.String()
	}
	for name, text := range map[string]string{"grid.gr": streetsOfAGrid(n), "grid.co": cornersOfAGrid(n),
		"places.csv": points("p", places), "sites.csv": points("s", sites)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	index := filepath.Join(dir, "grid.roads")
	if code, _, log := call(t, "roads", "build", filepath.Join(dir, "grid.gr"), "--coords", filepath.Join(dir, "grid.co"), "-o", index, "-q"); code != 0 {
		t.Fatal(log)
	}
	return []string{"roads", "matrix", index, filepath.Join(dir, "places.csv"), filepath.Join(dir, "sites.csv"), "--format", "parquet", "--part-rows", fmt.Sprint(5 * (places + 2))}
}

// made carries a command out, which writes into a folder, and gives its files.
func made(t *testing.T, dir string, words []string, more ...string) (files map[string]string, out, log string) {
	t.Helper()
	code, out, log := call(t, append(append(words[:len(words):len(words)], "-o", dir), more...)...)
	if code != 0 {
		t.Fatalf("%d: %s", code, log)
	}
	return filesOf(t, dir), out, log
}

// The parts of a matrix have the rows that CSV has, in one schema, and say what they were
// made of. What is there is not made again; what is missing or damaged is.
func TestMatrixParts(t *testing.T) {
	words, root := gridMatrix(t, 40, 60, 38), t.TempDir()
	dir := filepath.Join(root, "times")
	want, out, _ := made(t, dir, words)
	if len(want) != 8+2 || !strings.Contains(out, "2,280 of 2,480 pairs in 8 of 8 parts") {
		t.Fatalf("%s: %v", out, sortedKeys(want))
	}
	_, csv, _ := call(t, append(words[:5:5], "--format", "csv")...)
	rows := []string{"place,site,minutes,kilometres"}
	for k := range 8 {
		name := fmt.Sprintf("part-%05d", k+1)
		l, err := data.NewCatalog(dir, map[string]data.Source{name: {File: name + ".parquet"}}).Layer(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range l.Len() {
			var cells []string
			for _, c := range l.Columns() {
				cells = append(cells, fmt.Sprint(c.Value(i)))
			}
			rows = append(rows, strings.Join(cells, ","))
		}
	}
	if got := strings.Join(rows, "\n") + "\n"; got != csv {
		t.Errorf("the rows are not those of CSV:\n%.200s\n%.200s", got, csv)
	}
	var told matrixTold
	if err := json.Unmarshal([]byte(want["manifest.json"]), &told); err != nil || told.Pairs != 2280 || len(told.Parts) != 8 || told.Files.Roads != "grid.roads" {
		t.Errorf("%v %+v", err, told)
	}
	again, _, log := made(t, dir, words)
	sameFiles(t, "again", again, want)
	if strings.Count(log, "there already") != 8 {
		t.Error(log)
	}
	// One is lost, one is damaged, one is that of another matrix.
	one, two, three := filepath.Join(dir, partName(1)), filepath.Join(dir, partName(2)), filepath.Join(dir, partName(3))
	if err := os.Remove(one); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(two, []byte("damaged"), 0o666); err != nil {
		t.Fatal(err)
	}
	mended, _, log := made(t, dir, words)
	if strings.Count(log, "there already") != 6 || !strings.Contains(log, "kept with .changed after its name: part-00003.parquet") {
		t.Error(log)
	}
	if err := os.Remove(two + ".changed"); err != nil {
		t.Fatal(err)
	}
	delete(mended, partName(2)+".changed")
	sameFiles(t, "mended", mended, want)
	limited, _, log := made(t, dir, words, "--limit-min", "0.3")
	if strings.Contains(log, "there already") || limited[partName(3)] == want[partName(3)] {
		t.Errorf("%s: %s", log, three)
	}
	back, _, _ := made(t, dir, words)
	sameFiles(t, "back", back, want)
}

// Parts that are made apart, by shards or by workers, are what one machine makes, to the
// byte.
func TestMatrixApart(t *testing.T) {
	words, root := gridMatrix(t, 40, 60, 38), t.TempDir()
	want, _, _ := made(t, filepath.Join(root, "whole"), words)
	var parts []string
	for k := range 3 {
		parts = append(parts, filepath.Join(root, fmt.Sprint("shard", k)))
		if k == 2 { // the last one is not made yet
			code, _, log := call(t, append(words[:len(words):len(words)], "-o", filepath.Join(root, "merged"), "--merge", strings.Join(parts, ","))...)
			if code != 3 || !strings.Contains(log, "2 of 8 parts are in none of the folders, whole and made by this version of the same roads, places and sites: part-00003.parquet, part-00006.parquet") {
				t.Fatalf("%d: %s", code, log)
			}
		}
		files, _, _ := made(t, parts[k], words, "--shard", fmt.Sprintf("%d/3", k+1))
		if _, whole := files["manifest.json"]; whole {
			t.Error("a shard has the manifest of all")
		}
	}
	merged, _, _ := made(t, filepath.Join(root, "merged"), words, "--merge", strings.Join(parts, ","))
	sameFiles(t, "merged", merged, want)

	address, store := pgtest.Start(t).Address, "file:"+filepath.Join(root, "store")
	twoWorkers(t, address, store)
	on := []string{"--on", address, "--store", store}
	byFleet, _, _ := made(t, filepath.Join(root, "fleet"), words, on...)
	sameFiles(t, "by a fleet", byFleet, want)
	// Results are lost from the store, and the folder is another.
	kept, err := filepath.Glob(filepath.Join(root, "store", "*", "*"))
	if err != nil || len(kept) != 8+4 {
		t.Fatalf("%d files are kept: 8 parts and 4 that are read were expected (%v)", len(kept), err)
	}
	for _, path := range kept[:6] {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	again, _, _ := made(t, filepath.Join(root, "again"), words, on...)
	sameFiles(t, "again", again, want)
}

// DuckDB reads the parts as one table, as docs/fleet.md says.
func TestMatrixIsADataSet(t *testing.T) {
	home := os.Getenv("CARESHED_NODE")
	if _, err := os.Stat(filepath.Join(home, "node_modules", "@duckdb", "node-api")); home == "" || err != nil {
		t.Skip("SKIPPED: no @duckdb/node-api; npm install it into a folder and name that as CARESHED_NODE")
	}
	dir := filepath.Join(t.TempDir(), "times")
	made(t, dir, gridMatrix(t, 40, 60, 38))
	text, err := os.ReadFile("../../docs/fleet.md")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(`(?m)^(SELECT .*) FROM 'times/\*\.parquet' (GROUP BY place);$`).FindStringSubmatch(string(text))
	if asked == nil {
		t.Fatal("docs/fleet.md asks nothing of the parts")
	}
	const script = `const {DuckDBInstance} = require('@duckdb/node-api');
(async () => { const c = await (await DuckDBInstance.create()).connect(), d = process.argv[1], q = process.argv[2];
const one = async q => Object.values((await (await c.run(q)).getRowObjectsJson())[0]).join(' ');
console.log(await one("SELECT count(*), count(nearest_min) FROM (" + q.replace('FROM', "FROM '" + d + "/*.parquet'") + ")"),
  await one("SELECT count(*), count(DISTINCT site), count(DISTINCT filename) FROM read_parquet('" + d + "/*.parquet', filename = true)"));
})();`
	c := exec.Command("node", "-e", script, dir, asked[1]+" FROM "+asked[2])
	c.Dir = home
	out, err := c.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "60 60 2280 38 8" {
		t.Errorf("%v: %s", err, out)
	}
}

// What cannot be asked is refused before anything is read.
func TestMatrixRefuses(t *testing.T) {
	for words, says := range map[string]string{
		"--format parquet":                      "needs a folder: -o DIR",
		"--format xlsx":                         "--format",
		"--shard 1/2 -o x --format csv":         "accepted: --format parquet",
		"--shard 3/2 -o x":                      `--shard "3/2"`,
		"--shard 1/2 -o x --merge y":            "accepted: one of them",
		"--on postgres://x -o x":                "--on and --store go together",
		"--format parquet -o x --part-rows 0":   "--part-rows 0; accepted: 1 or more",
		"--format parquet -o x --part-rows few": "few",
	} {
		code, _, log := call(t, append([]string{"roads", "matrix", "a", "b", "c"}, strings.Fields(words)...)...)
		if code != 2 || !strings.Contains(log, says) {
			t.Errorf("%s: %d %s", words, code, log)
		}
	}
	if code, _, log := call(t, append(gridMatrix(t, 5, 3, 3), "-o", filepath.Join(t.TempDir(), "x"), "--on", "postgres://tester@127.0.0.1:1/none", "--store", "file:"+t.TempDir())...); code == 0 {
		t.Error(log)
	}
}

// Stops are the same after they were packed, to the bit, and the same stops are the same bytes.
func TestStopsArePacked(t *testing.T) {
	words := gridMatrix(t, 5, 30, 1)
	e := &env{}
	places, _, err := e.stops(t.Context(), matrixAsk{places: words[3], sites: words[4]})
	if err != nil {
		t.Fatal(err)
	}
	text, sum, err := packStops(places)
	if err != nil {
		t.Fatal(err)
	}
	back, err := unpackStops(text)
	if err != nil || len(back) != 32 {
		t.Fatal(len(back), err)
	}
	for i, s := range places {
		if back[i].ID != s.ID || back[i].Located != s.Located || s.Located && back[i].At != s.At {
			t.Errorf("%+v came back as %+v", s, back[i])
		}
	}
	if _, other, _ := packStops(back); other != sum {
		t.Error("packed again, they have another sum")
	}
	ids := map[string]bool{}
	for k := range 100 {
		ids[matrixSpec{PartRows: 1}.id(k)] = true
	}
	if len(ids) != 100 {
		t.Errorf("%d ids of 100 parts", len(ids))
	}
}
