package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The recipes of docs/contributing.md are followed to the letter, in a copy.
func TestRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program anew")
	}
	t.Parallel()
	root := copied(t)
	text, err := os.ReadFile("../../docs/contributing.md")
	if err != nil {
		t.Fatal(err)
	}
	follow(t, root, string(text))
	program := filepath.Join(root, "careshed")
	inCopy(t, root, nil, "go", "vet", "./access/study/...", "./data", "./api", "./geo/walk")
	inCopy(t, root, nil, "go", "build", "-o", program, "./cmd/careshed")
	t.Run("measure", func(t *testing.T) { toyMeasure(t, root, program) })
	t.Run("format", func(t *testing.T) {
		inCopy(t, root, nil, program, "run", "-q", "toy.yaml", "-o", "result", "--formats", "md")
		if b, err := os.ReadFile(filepath.Join(root, "result", "places.md")); err != nil || !strings.HasPrefix(string(b), "| id | ") {
			t.Errorf("%v, %.80s", err, b)
		}
		inCopy(t, root, nil, program, "data", "export", "toy.csv", "-o", "toy.md")
	})
	t.Run("engine", func(t *testing.T) {
		spec := strings.Replace(toyStudy, "engine: crow", "engine: walk", 1)
		write(t, filepath.Join(root, "walk.yaml"), spec)
		// 0.1 degrees of latitude are 11.1 km: 1.3 times as long at 5 km/h.
		if s := summaryOf(t, root, program, "walk.yaml"); s.Travel.TimeMin.Mean < 80 {
			t.Errorf("a mean of %v minutes on foot", s.Travel.TimeMin.Mean)
		}
	})
	t.Run("route", func(t *testing.T) { toyRoute(t, root, program) })
	t.Run("country", func(t *testing.T) { toyCountry(t, root, program) })
}

const toyStudy = `version: 1
name: toy
layers: {towns: {file: toy.csv}, sites: {file: sites.csv}}
places: {layer: towns}
sites: {layer: sites}
travel: {engine: crow, borders: free}
measures: [travel, crowding: {per_people: 1000}]
scenarios:
  third: [open: {id: n, at: [11.0, 45.3]}]
uncertainty: {draws: 20, seed: 1}
inequality: [gini]
`

type toySummary struct {
	Travel struct {
		TimeMin struct{ Mean float64 } `json:"time_min"`
	}
	Measures []struct {
		Column     string
		Mean       float64
		Parameters map[string]string
		Inequality []struct{ Name string }
	}
	Scenarios []struct {
		Measures []struct {
			Column string
			Change float64
		}
	}
	Uncertainty []struct {
		What string
		Low  float64 `json:"low_2_5"`
	}
	Notes []struct {
		Key  string
		Args map[string]any
	}
}

func summaryOf(t *testing.T, root, program, spec string) (s toySummary) {
	t.Helper()
	if err := json.Unmarshal([]byte(inCopy(t, root, nil, program, "run", "-q", "--format", "json", spec)), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// toyMeasure looks for everything that a measure gets without another edit.
func toyMeasure(t *testing.T, root, program string) {
	// d has no position, and so no way.
	write(t, filepath.Join(root, "toy.csv"), "id,lon,lat,population\na,11.0,45.0,1000\nb,11.0,45.1,2000\nc,11.0,45.3,3000\nd,,,500\n")
	write(t, filepath.Join(root, "sites.csv"), "id,lon,lat\nS,11.0,45.0\nT,11.0,47.0\n")
	write(t, filepath.Join(root, "toy.yaml"), toyStudy)
	s := summaryOf(t, root, program, "toy.yaml")
	if len(s.Measures) != 1 || s.Measures[0].Mean != 6 || s.Measures[0].Parameters["per_people"] != "1000" || len(s.Measures[0].Inequality) != 1 {
		t.Errorf("summary %+v", s.Measures)
	}
	if len(s.Scenarios) != 1 || len(s.Scenarios[0].Measures) != 1 || s.Scenarios[0].Measures[0].Change != -3 {
		t.Errorf("scenarios %+v", s.Scenarios)
	}
	what := map[string]bool{}
	for _, u := range s.Uncertainty {
		what[u.What] = true
	}
	for _, w := range []string{"mean_crowding", "gini_crowding", "mean_crowding_third"} {
		if !what[w] {
			t.Errorf("draws have no %s: %v", w, what)
		}
	}
	noted := false
	for _, n := range s.Notes {
		noted = noted || n.Key == "measures.none" && fmt.Sprint(n.Args["people"]) == "500"
	}
	if !noted {
		t.Errorf("no note on people without a value: %+v", s.Notes)
	}
	if out := inCopy(t, root, nil, program, "run", "-q", "toy.yaml"); !strings.Contains(out, "crowding (per_people 1000): mean 6") {
		t.Errorf("headlines:\n%s", out)
	}
	if out := inCopy(t, root, nil, program, "run", "-q", "--format", "csv", "toy.yaml"); !strings.Contains(out, "crowding") || !strings.Contains(out, "crowding_third") {
		t.Errorf("columns:\n%.200s", out)
	}
	if out := inCopy(t, root, nil, program, "schema"); !strings.Contains(out, "per_people") {
		t.Error("the schema lacks the measure")
	}
	if out := inCopy(t, root, fmt.Errorf("exit status 3"), program, "run", "-q", "bad.yaml"); !strings.Contains(out, "per_people: is below 0") {
		t.Errorf("%s", out)
	}
	inCopy(t, root, nil, program, "run", "-q", "toy.yaml", "-o", "whole")
	if b, err := os.ReadFile(filepath.Join(root, "whole", "manifest.json")); err != nil || !strings.Contains(string(b), "crowding.per_people") {
		t.Errorf("manifest: %v", err)
	}
	if out := inCopy(t, root, nil, program, "map", "-q", "toy.yaml", "--lang", "de", "--column", "crowding", "-o", "map.svg", "--overwrite"); out != "" {
		t.Log(out)
	}
	if b, err := os.ReadFile(filepath.Join(root, "map.svg")); err != nil || !strings.Contains(string(b), "Menschen haben keinen Wert") {
		t.Errorf("no German note on the map: %v", err)
	}
	inCopy(t, root, nil, "go", "test", "./cmd/careshed", "-run", "TestMethods/crowding", "-count=1", "-update")
	inCopy(t, root, nil, "go", "test", "./cmd/careshed", "-run", "TestMethods/crowding|TestColumnsAreDocumented", "-count=1")
}

func toyRoute(t *testing.T, root, program string) {
	c := exec.Command(program, "serve", "--addr", "127.0.0.1:0")
	c.Dir = root
	log, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Process.Kill(); c.Wait() }()
	address := make(chan string, 2)
	for _, r := range []io.Reader{log, out} {
		go func() {
			var all strings.Builder
			b := make([]byte, 4096)
			for {
				n, err := r.Read(b)
				all.Write(b[:n])
				if m := regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`).FindString(all.String()); m != "" {
					address <- m
				}
				if err != nil {
					return
				}
			}
		}()
	}
	var at string
	select {
	case at = <-address:
	case <-time.After(2 * time.Minute):
		t.Fatal("the server prints no address")
	}
	for path, want := range map[string]string{"/hello?name=Ada": "hello, Ada", "/api": "who is greeted", "/nearest?lon=13&lat=25": "XT-001"} {
		r, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if !strings.Contains(string(b), want) {
			t.Errorf("%s: %d %.200s", path, r.StatusCode, b)
		}
	}
}

// copied is a copy of the files of the repository.
func copied(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	out, err := exec.Command("git", "-C", "../..", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			continue // removed and not committed yet
		}
		write(t, filepath.Join(root, name), string(b))
	}
	write(t, filepath.Join(root, "bad.yaml"), strings.Replace(toyStudy, "per_people: 1000", "per_people: -1", 1))
	if b, err := os.ReadFile("../../api/web/dist/index.html.gz"); err == nil {
		write(t, filepath.Join(root, "api/web/dist/index.html.gz"), string(b))
	}
	return root
}

// follow writes the files and rows of a document of recipes.
func follow(t *testing.T, root, text string) {
	t.Helper()
	before := regexp.MustCompile("go(?:es)? before `([^`]+)`")
	at := ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if m := before.FindStringSubmatch(lines[i]); m != nil {
			at = m[1]
		}
		fence, ok := strings.CutPrefix(lines[i], "```")
		if !ok || fence == "" {
			continue
		}
		mark := "```"
		if more, ok := strings.CutPrefix(fence, "`"); ok {
			fence, mark = more, "````" // a page with fences of its own
		}
		var body []string
		for i++; lines[i] != mark; i++ {
			body = append(body, lines[i])
		}
		f := strings.Fields(fence)
		switch {
		case len(f) == 2:
			write(t, filepath.Join(root, f[1]), strings.Join(body, "\n")+"\n")
		case len(f) == 3 && f[1] == "row":
			path := filepath.Join(root, f[2])
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			packed := strings.HasSuffix(path, ".gz")
			if packed {
				b = unpacked(t, b)
			}
			k := strings.Index(string(b), at)
			if at == "" || k < 0 {
				t.Fatalf("%s has no line with %q", f[2], at)
			}
			k = strings.LastIndex(string(b[:k]), "\n") + 1
			text := string(b[:k]) + strings.Join(body, "\n") + "\n" + string(b[k:])
			if packed {
				text = repacked(t, text)
			}
			write(t, path, text)
		}
	}
}

func unpacked(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func repacked(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// toyCountry looks for the country wherever countries are told of.
func toyCountry(t *testing.T, root, program string) {
	for _, c := range []struct{ args, want string }{
		{"run -q Toyland", "Toyland: 1,000,000 people in 3 places, 1 center (1 row)"},
		{"run -q XT --format csv --layer regions", "XT-2,East Toyland,XT,2,300000,0,"},
		{"rank -q Toyland --pick 1", "Easttown"},
		{"report -q Toyland -o toyland --format json", "3 sheets"},
		{"report -q XT-2 -o east --format json", "1 sheet"},
		{"data info atlas", "Toyland"},
	} {
		if out := inCopy(t, root, nil, program, strings.Fields(c.args)...); !strings.Contains(out, c.want) {
			t.Errorf("careshed %s has no %q:\n%s", c.args, c.want, out)
		}
	}
	var east struct {
		CountryName string `json:"country_name"`
		Figures     struct{ People float64 }
		Gap         string
	}
	b, err := os.ReadFile(filepath.Join(root, "east", "XT-2.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &east); err != nil || east.Figures.People != 300_000 || east.Gap != "none" {
		t.Errorf("%v, %+v", err, east)
	}
	inCopy(t, root, nil, program, "map", "-q", "Toyland", "-o", "toyland.svg")
	if b, err := os.ReadFile(filepath.Join(root, "toyland.svg")); err != nil || !strings.Contains(string(b), "Toyland") {
		t.Errorf("the map does not name the country: %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// inCopy runs a command in the copy and gives what it prints; want is its error.
func inCopy(t *testing.T, root string, want error, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = root
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	var log strings.Builder
	c.Stderr = &log
	out, err := c.Output()
	if fmt.Sprint(err) != fmt.Sprint(want) {
		t.Fatalf("%s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, out, log.String())
	}
	return string(out) + map[bool]string{true: log.String()}[want != nil]
}
