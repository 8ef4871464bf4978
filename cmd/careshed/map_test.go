package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const italy = `version: 1
name: italy
places: {layer: settlements, where: {country: IT}, weight: population}
regions: {layer: regions, where: {country: IT}, join: region_code}
sites: {layer: centers, where: {country: IT, tier: [1, 2]}, count: campus}
travel: {engine: crow, borders: same-country, sea: {speed_kmh: 30, wait_min: 60}}
measures:
  - travel: {}
  - density: {by: region}
  - gaps: {beyond_min: 120}
`

// drawMap runs the map command on a study in a folder of its own.
func drawMap(t *testing.T, dir, spec string, args ...string) (code int, out, log string) {
	t.Helper()
	path := filepath.Join(dir, "study.yaml")
	if err := os.WriteFile(path, []byte(spec), 0o666); err != nil {
		t.Fatal(err)
	}
	var o, l bytes.Buffer
	code = run(context.Background(), append([]string{"map", path, "-q"}, args...), strings.NewReader(""), &o, &l)
	return code, o.String(), l.String()
}

func TestMapCommand(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "map.svg")
	if code, out, log := drawMap(t, dir, italy, "-o", file); code != exitDone || out != "" {
		t.Fatalf("exit %d, printed %q, %s", code, out, log)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(written) > 200_000 {
		t.Errorf("the map has %d bytes", len(written))
	}
	for _, want := range []string{"<svg ", "Italy: 4 of 20 regions have no center", `data-id="IT-20"`, "Natural Earth", "</svg>"} {
		if !bytes.Contains(written, []byte(want)) {
			t.Errorf("the map does not hold %q", want)
		}
	}
	if n := bytes.Count(written, []byte("data-id=")); n != 20 {
		t.Errorf("%d regions are drawn, want 20", n)
	}
	for ending, want := range map[string]string{"png": "\x89PNG", "pdf": "%PDF-1.7", "SVG": "<svg "} {
		file := filepath.Join(dir, "map."+ending)
		if code, _, log := drawMap(t, dir, italy, "-o", file); code != exitDone {
			t.Fatalf("exit %d: %s", code, log)
		}
		if b, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(b, []byte(want)) {
			t.Errorf("%s: %v, begins %.8q", ending, err, b)
		}
	}
	if code, out, log := drawMap(t, dir, italy, "--lang", "de", "--miles", "--format", "svg", "--column", "mean_distance_km"); code != exitDone ||
		!strings.Contains(out, "Mittlere Entfernung zum nächsten") || !strings.Contains(out, "100 mi<") || !strings.Contains(out, "Meilen") {
		t.Errorf("exit %d: %s; not in German and miles", code, log)
	}
	code, out, log := drawMap(t, dir, italy)
	if code != exitDone || out != string(written) {
		t.Errorf("standard output differs from the file: exit %d, %s", code, log)
	}
	code, out, _ = drawMap(t, dir, italy, "--layer", "places", "--column", "time_min", "--breaks", "30,60,120", "--title", "A & B", "--width", "600")
	if code != exitDone || !strings.Contains(out, "A &amp; B") || !strings.Contains(out, "120 or more") || !strings.Contains(out, `width="600"`) {
		t.Errorf("exit %d: flags do not show in the map", code)
	}
}

func TestMapRefusals(t *testing.T) {
	asks := func(line string) string { return italy + "present:\n  map: " + line + "\n" }
	for _, c := range []struct {
		spec string
		args []string
		code int
		want string
	}{
		{italy, []string{"--column", "per_10"}, exitUsage, `--column: regions has no column "per_10"; did you mean per_10m?`},
		{italy, []string{"--column", "gap"}, exitUsage, "--column: gap is text, and classes need numbers"},
		{italy, []string{"--layer", "bands"}, exitUsage, "--layer: bands has no shapes to draw"},
		{italy, []string{"--breaks", "4,2"}, exitUsage, "--breaks: 2 at number 2 does not rise"},
		{italy, []string{"--breaks", "few"}, exitUsage, "invalid"},
		{italy, []string{"--width", "5"}, exitUsage, "--width: 5 pixels; accepted: 320 to 4000"},
		{italy, []string{"--format", "pdf"}, exitUsage, "--format pdf: the file"},
		{italy, []string{"--lang", "xx"}, exitUsage, `--lang: there is no language "xx"; accepted: en, de`},
		{italy, []string{"--dpi", "5"}, exitUsage, "--dpi: 5 dots per inch; accepted: 36 to 1200"},
		{asks("{column: densty}"), nil, exitInput, `study.yaml: present.map.column: regions has no column "densty"`},
		{italy, []string{"--titel", "x"}, exitUsage, "did you mean --title?"},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "map.svg")
		if err := os.WriteFile(file, []byte("before"), 0o666); err != nil {
			t.Fatal(err)
		}
		code, _, log := drawMap(t, dir, c.spec, append(c.args, "-o", file, "--overwrite")...)
		if code != c.code || !strings.Contains(log, c.want) {
			t.Errorf("%v: exit %d, %s\nwant %d, %s", c.args, code, log, c.code, c.want)
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != "before" {
			t.Errorf("%v: the file of before is gone", c.args)
		}
	}
	for name, want := range map[string]string{"map.gif": "accepted: a name that ends in .svg, .png, .pdf", "map": "accepted: a name that ends in"} {
		if code, _, log := drawMap(t, t.TempDir(), italy, "-o", filepath.Join(t.TempDir(), name)); code != exitUsage || !strings.Contains(log, want) {
			t.Errorf("%s: exit %d, %s", name, code, log)
		}
	}
	if code, _, log := drawMap(t, t.TempDir(), italy, "-o", filepath.Join(t.TempDir(), "none", "map.svg")); code != exitFailed {
		t.Errorf("a folder that is not there: exit %d, %s", code, log)
	}
}
