package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const strangeStudy = `version: 1
name: st
layers:
  p: {file: p.csv}
  s: {file: s.csv}
  r: {file: r.geojson}
places: {layer: p}
sites: {layer: s}
candidates: {layer: p}
regions: {layer: r}
travel: {engine: crow, borders: free}
measures: [travel, density]
`

// strangeInputs writes a study with its layers into a folder.
func strangeInputs(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"st.yaml":   strangeStudy,
		"p.csv":     "id,lon,lat,population,note\na,12.5,41.9,1000,keep\nb,12.9,41.5,500,me\n",
		"s.csv":     "id,lon,lat,beds\nS,12.4,41.9,10\n",
		"r.geojson": `{"type":"FeatureCollection","features":[{"type":"Feature","id":"L","properties":{"name":"L"},"geometry":{"type":"Polygon","coordinates":[[[12,41],[13,41],[13,42],[12,42],[12,41]]]}}]}`,
		"town.gr":   "p sp 3 4\na 1 2 600\na 2 1 600\na 2 3 900\na 3 2 900\n",
		"town.co":   "p aux sp co 3\nv 1 12400000 41900000\nv 2 12500000 41900000\nv 3 12900000 41500000\n",
		"pairs.csv": "source,target\n1,3\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// strange are names that outputs have, and lists of ours that are not.
var strange = []string{
	"summary.json", "manifest.json", "result.gpkg", "careshed-run.sha256", "careshed-report.sha256", "careshed-batch.sha256",
	"places.csv", "places.geojson", "places.parquet", "places.kml", "places.html", "regions.csv", "regions.geojson", "sites.csv", "sites.geojson", "links.csv", "links.geojson",
	"tables/bands.csv", "tables/mine.csv", "tables/candidates.csv", "batch.csv", "index.html", "st.html", "st.pdf", "L.html", "L.pdf", "IT.html",
	"map.svg", "map.png", "map.pdf", "out.csv", "out.geojson", "out.gpkg", "out.parquet", "out.xlsx", "result.xlsx", "out.roads", "jobs.sqlite", "notes.txt",
}

// A seen file is what a test finds of a file before and after.
type seen struct {
	mode fs.FileMode
	text string
}

func look(t *testing.T, dir string) map[string]seen {
	t.Helper()
	all := map[string]seen{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		s := seen{mode: info.Mode()}
		switch {
		case info.Mode()&os.ModeSymlink != 0:
			s.text, err = os.Readlink(path)
		case info.Mode().IsRegular():
			var b []byte
			b, err = os.ReadFile(path)
			s.text = string(b)
		}
		rel, _ := filepath.Rel(dir, path)
		all[rel] = s
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// kept demands that all that was there is as it was.
func kept(t *testing.T, what string, before, after map[string]seen) {
	t.Helper()
	for name, s := range before {
		if after[name] != s {
			t.Errorf("%s: %s was %v %.40q and is %v %.40q", what, name, s.mode, s.text, after[name].mode, after[name].text)
		}
	}
}

// Every command that writes leaves a folder full of other people's files as it
// was: files, links, read-only files, names in capitals.
func TestStrangersFilesStay(t *testing.T) {
	inputs := t.TempDir()
	strangeInputs(t, inputs)
	at := func(name string) string { return filepath.Join(inputs, name) }
	if code, _, log := call(t, "roads", "build", at("town.gr"), "--coords", at("town.co"), "-o", at("town.roads"), "-q"); code != exitDone {
		t.Fatal(log)
	}
	commands := [][]string{
		{"run", at("st.yaml"), "-q", "-o", "DIR"},
		{"run", at("st.yaml"), "-q", "-o", "DIR", "--formats", "csv,geojson,gpkg,parquet,kml,html"},
		{"run", at("st.yaml"), "-q", "-o", "DIR/notes.txt"},
		{"rank", at("st.yaml"), "-q", "-o", "DIR"},
		{"batch", at("st.yaml"), "-o", "DIR"},
		{"report", at("st.yaml"), "-q", "-o", "DIR"},
		{"map", at("st.yaml"), "-q", "-o", "DIR/map.svg"},
		{"map", at("st.yaml"), "-q", "-o", "DIR/map.png"},
		{"map", at("st.yaml"), "-q", "-o", "DIR/map.pdf"},
		{"data", "export", at("p.csv"), "-o", "DIR/out.csv"},
		{"data", "export", at("p.csv"), "-o", "DIR/out.geojson"},
		{"data", "export", at("p.csv"), "-o", "DIR/out.gpkg"},
		{"data", "export", at("p.csv"), "-o", "DIR/out.parquet"},
		{"roads", "build", at("town.gr"), "-q", "-o", "DIR/out.roads"},
		{"roads", "pairs", at("town.roads"), at("pairs.csv"), "-o", "DIR/out.csv"},
		{"roads", "matrix", at("town.roads"), at("p.csv"), at("s.csv"), "-o", "DIR/out.csv"},
		{"roads", "isochrone", at("town.roads"), "--at", "12.4,41.9", "--minutes", "5", "-o", "DIR/out.geojson"},
		{"data", "export", at("p.csv"), "-o", "DIR/out.xlsx"},
		{"run", at("st.yaml"), "-q", "-o", "DIR", "--formats", "xlsx"},
		{"serve", "--addr", "127.0.0.1:0", "-q", "--state", "DIR/jobs.sqlite"},
		{"serve", "--addr", "127.0.0.1:0", "-q", "--state", "DIR/out.gpkg"},
		{"serve", "--addr", "127.0.0.1:0", "-q", "--state", "DIR/notes.txt"},
	}
	folders := map[string]func(path string) error{
		"files":     func(path string) error { return os.WriteFile(path, []byte("a stranger's "+filepath.Base(path)), 0o644) },
		"read-only": func(path string) error { return os.WriteFile(path, []byte("a stranger's"), 0o444) },
		"links": func(path string) error {
			target := filepath.Join(filepath.Dir(path), "target-"+filepath.Base(path))
			if err := os.WriteFile(target, []byte("a stranger's, behind a link"), 0o644); err != nil {
				return err
			}
			return os.Symlink(target, path)
		},
		"links to nothing": func(path string) error { return os.Symlink("nowhere", path) },
		"empty":            func(path string) error { return os.WriteFile(path, nil, 0o644) },
		"folders":          func(path string) error { return os.Mkdir(path, 0o755) },
	}
	for kind, make := range folders {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "tables"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range strange {
			if err := make(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
		before, inputsBefore := look(t, dir), look(t, inputs)
		for _, args := range commands {
			var line []string
			for _, a := range args {
				line = append(line, strings.Replace(a, "DIR", dir, 1))
			}
			what := fmt.Sprintf("%s: %v", kind, args)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a server that starts after all
			var out, said bytes.Buffer
			code := run(ctx, line, strings.NewReader(""), &out, &said)
			cancel()
			log := said.String()
			into := strings.HasSuffix(args[len(args)-1], "notes.txt") && kind == "folders" // an empty folder takes a result
			if code == exitDone && !into {
				t.Errorf("%s: exit 0", what)
			}
			if log == "" && !into {
				t.Errorf("%s: nothing is said", what)
			}
			kept(t, what, before, look(t, dir))
			kept(t, what, inputsBefore, look(t, inputs))
		}
	}
}

// A result goes into a folder with other names, also in capitals, and a later
// one replaces its own files alone.
func TestOwnFilesAreReplaced(t *testing.T) {
	dir := t.TempDir()
	strangeInputs(t, dir)
	out := filepath.Join(dir, "out")
	if err := os.MkdirAll(filepath.Join(out, "tables"), 0o755); err != nil {
		t.Fatal(err)
	}
	strangers := []string{"PLACES.csv", "Summary.json", "tables/mine.csv", "tables/Bands.CSV", "places.csv.bak", ".hidden", "regions_mine.csv"}
	for _, name := range strangers {
		if err := os.WriteFile(filepath.Join(out, name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := look(t, out)
	spec := filepath.Join(dir, "st.yaml")
	run := func(args ...string) (int, string) {
		t.Helper()
		code, _, log := call(t, append([]string{"run", spec, "-q", "-o", out}, args...)...)
		kept(t, fmt.Sprint(args), before, look(t, out))
		return code, log
	}
	if code, log := run("--formats", "csv,geojson,parquet"); code != exitDone {
		t.Fatal(log)
	}
	if code, log := run(); code != exitDone {
		t.Fatal(log)
	}
	after := look(t, out)
	if _, ok := after["places.parquet"]; ok {
		t.Error("places.parquet of the earlier run is still there")
	}
	if _, ok := after["places.csv"]; !ok {
		t.Error("there are no places.csv")
	}
	// What the user has changed is the user's.
	places := filepath.Join(out, "places.csv")
	if err := os.WriteFile(places, []byte("changed by hand"), 0o644); err != nil {
		t.Fatal(err)
	}
	changed := look(t, out)
	if code, log := run(); code != exitInput || !strings.Contains(log, "has 1 file already, which careshed did not write, or which changed since: places.csv") {
		t.Errorf("exit %d, %s", code, log)
	}
	kept(t, "changed by hand", changed, look(t, out))
	// A run that no longer makes a file leaves it if it has changed.
	if err := os.Remove(places); err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(out, "tables", "bands.csv")
	if err := os.WriteFile(table, []byte("changed by hand"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec, []byte(strings.Replace(strangeStudy, "measures:", "output: {tables: none}\nmeasures:", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, log := run(); code != exitDone {
		t.Fatal(log)
	}
	if b, err := os.ReadFile(table); err != nil || string(b) != "changed by hand" {
		t.Errorf("%s: %v, %q", table, err, b)
	}
}

// Nothing that a command reads is replaced by what it writes, whatever the name
// of the folder or link, and whoever wrote the file.
func TestInputsStay(t *testing.T) {
	dir := t.TempDir()
	strangeInputs(t, dir)
	for from, to := range map[string]string{"p.csv": "places.csv", "s.csv": "sites.csv", "r.geojson": "regions.geojson"} {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	spec := strings.NewReplacer("p.csv", "places.csv", "s.csv", "sites.csv", "r.geojson", "regions.geojson").Replace(strangeStudy)
	if err := os.WriteFile(filepath.Join(dir, "st.yaml"), []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	linked := filepath.Join(t.TempDir(), "linked")
	if err := os.Symlink(dir, linked); err != nil {
		t.Fatal(err)
	}
	before := look(t, dir)
	for _, args := range [][]string{
		{"run", dir + "/st.yaml", "-q", "-o", dir},
		{"run", dir + "/st.yaml", "-q", "-o", linked},
		{"run", linked + "/st.yaml", "-q", "-o", dir + "/../" + filepath.Base(dir)},
		{"run", dir + "/st.yaml", "-q", "-o", dir, "--formats", "parquet,csv"},
		{"rank", dir + "/st.yaml", "-q", "-o", dir},
		{"map", dir + "/st.yaml", "-q", "-o", dir + "/st.svg", "--overwrite"},
		{"data", "export", dir + "/places.csv", "-o", dir + "/places.csv", "--overwrite"},
		{"data", "export", dir + "/places.csv", "-o", linked + "/places.csv", "--overwrite"},
		{"data", "export", dir + "/places.csv", "--format", "gpkg", "-o", dir + "/sites.csv"},
		{"roads", "build", dir + "/town.gr", "-q", "-o", dir + "/town.gr", "--overwrite"},
	} {
		code, _, log := call(t, args...)
		if code == exitDone && args[0] != "map" {
			t.Errorf("%v: exit 0", args)
		}
		if args[0] != "map" && !strings.Contains(log, "accepted: another") {
			t.Errorf("%v: %s", args, log)
		}
		kept(t, fmt.Sprint(args), before, look(t, dir))
	}
	// A study of a result does not write over that result, though the list says
	// that it is ours.
	out := filepath.Join(dir, "out")
	if code, _, log := call(t, "run", filepath.Join(dir, "st.yaml"), "-q", "-o", out); code != exitDone {
		t.Fatal(log)
	}
	second := strings.Replace(spec, "places.csv", "out/places.csv", 1)
	if err := os.WriteFile(filepath.Join(dir, "second.yaml"), []byte(second), 0o644); err != nil {
		t.Fatal(err)
	}
	before = look(t, dir)
	if code, _, log := call(t, "run", filepath.Join(dir, "second.yaml"), "-q", "-o", out); code != exitInput || !strings.Contains(log, "is read by the study") {
		t.Errorf("exit %d, %s", code, log)
	}
	kept(t, "a study of a result", before, look(t, dir))
}

// A run that is stopped as it moves its files in can be made again.
func TestStoppedCommit(t *testing.T) {
	dir := t.TempDir()
	strangeInputs(t, dir)
	out := filepath.Join(dir, "out")
	spec := filepath.Join(dir, "st.yaml")
	if code, _, log := call(t, "run", spec, "-q", "-o", out); code != exitDone {
		t.Fatal(log)
	}
	first := look(t, out)
	if err := os.WriteFile(spec, []byte(strings.Replace(strangeStudy, "borders: free", "borders: free, speed_times: 2", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, log := call(t, "run", spec, "-q", "-o", out); code != exitDone {
		t.Fatal(log)
	}
	second := look(t, out)
	// Half of the files of the second run beside half of the first, and the list of
	// both that stands while files move.
	list := first["careshed-run.sha256"].text + second["careshed-run.sha256"].text
	for k, name := range []string{"places.csv", "sites.csv", "summary.json", "manifest.json"} {
		if k%2 == 0 {
			if err := os.WriteFile(filepath.Join(out, name), []byte(first[name].text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(out, "careshed-run.sha256"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, log := call(t, "run", spec, "-q", "-o", out); code != exitDone {
		t.Fatal(log)
	}
	kept(t, "made again", second, look(t, out))
}
