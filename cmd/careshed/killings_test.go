package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killings is how often each command is killed: once, or as often as CARESHED_KILLS says
// (make kills).
func killings(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CARESHED_KILLS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CARESHED_KILLS=%q; accepted: a number from 1", text)
	}
	return n
}

// killed is what is killed: its words, OUT standing for where it writes, and whether that is a folder.
type killed struct {
	name, words string
	folder      bool
}

// Whatever command is killed, whenever: what it makes is there whole or not at all, and when
// it is given again it makes what one makes that nothing happened to, and leaves nothing beside it.
func TestKilledCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: builds the program and kills it; make test-long runs it")
	}
	t.Parallel()
	program, root := built(t), t.TempDir()
	grid := griddedStudy(t)
	catalog := filepath.Join(filepath.Dir(grid), "../../careshed.yaml")
	files := map[string]string{
		"drawn.yaml": strings.Replace(italianStudy, "NAME", "drawn", 1) + "uncertainty: {draws: 300, seed: 1}\n",
		"grid.gr":    streetsOfAGrid(120),
		"grid.co":    cornersOfAGrid(120),
		"places.csv": "id,lon,lat\na,7.01,47.01\nb,7.1,47.1\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []killed{
		{"run", "run ROOT/drawn.yaml -o OUT", true},
		{"run, to Parquet", "run ROOT/drawn.yaml -o OUT --formats parquet,gpkg", true},
		{"batch", "batch " + grid + " -o OUT --config " + catalog, true},
		{"report", "report IT-16 -o OUT", true},
		{"map", "map Italy -o OUT.pdf --overwrite", false},
		{"data export", "data export settlements -o OUT.gpkg --overwrite", false},
		{"roads build", "roads build ROOT/grid.gr --coords ROOT/grid.co -o OUT.roads --overwrite", false},
	} {
		t.Run(c.name, func(t *testing.T) { c.survives(t, program, root) })
	}
}

// start begins the command, which writes to out.
func (c killed) start(program, root, out string) *exec.Cmd {
	words := strings.Fields(c.words)
	for i, w := range words {
		words[i] = strings.NewReplacer("ROOT", root, "OUT", out).Replace(w)
	}
	return exec.Command(program, words...)
}

func (c killed) survives(t *testing.T, program, root string) {
	r := rand.New(rand.NewPCG(12, uint64(len(c.name))))
	whole := filepath.Join(t.TempDir(), "made")
	began := time.Now()
	if out, err := c.start(program, root, whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(began)
	want := filesOf(t, filepath.Dir(whole))
	dir := t.TempDir()
	midway := 0
	for range killings(t) {
		cmd := c.start(program, root, filepath.Join(dir, "made"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-time.After(time.Duration(r.Float64() * 1.1 * float64(took))):
			_ = cmd.Process.Kill()
			<-done
			midway++
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		}
		c.wholeOrNone(t, filesOf(t, dir), want)
		if r.IntN(3) == 0 { // else over what is there
			dir = t.TempDir()
		}
	}
	if out, err := c.start(program, root, filepath.Join(dir, "made")).CombinedOutput(); err != nil {
		t.Fatalf("given again: %v\n%s", err, out)
	}
	sameFiles(t, "given again", filesOf(t, dir), want)
	t.Logf("%s: killed %d times in the middle", c.name, midway)
}

// wholeOrNone looks at what a killed command left: files under their names are whole, and a
// folder with a manifest has all that belongs to it.
func (c killed) wholeOrNone(t *testing.T, got, want map[string]string) {
	t.Helper()
	complete := maps.Clone(want)
	for name, text := range got {
		if full, ok := want[name]; ok && text != full && !unfinished(name) {
			t.Errorf("%s has %d bytes of %d that a whole one has", name, len(text), len(full))
		}
		delete(complete, name)
	}
	if _, ok := got["made/manifest.json"]; ok && len(complete) > 0 {
		t.Errorf("there is a manifest, and %d files are missing", len(complete))
	}
}

// unfinished are the lists that a batch makes longer as it goes.
func unfinished(name string) bool { return strings.HasSuffix(name, ".log") }

// streetsOfAGrid is a DIMACS graph of n × n junctions.
func streetsOfAGrid(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "p sp %d %d\n", n*n, 4*n*(n-1))
	for i := range n * n {
		for _, j := range []int{i + 1, i + n} {
			if j < n*n && (j != i+1 || j%n > 0) {
				fmt.Fprintf(&b, "a %d %d %d\na %d %d %d\n", i+1, j+1, 100+i%7, j+1, i+1, 100+i%7)
			}
		}
	}
	return b.String()
}

func cornersOfAGrid(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "p aux sp co %d\n", n*n)
	for i := range n * n {
		fmt.Fprintf(&b, "v %d %d %d\n", i+1, 7_000_000+i%n*1000, 47_000_000+i/n*1000)
	}
	return b.String()
}

// A server that is killed at any moment, while layers are sent and jobs run, has everything
// afterwards that it said it had: the layer it answered for or the one that was coming, every
// job that it took, and the results of those that were done.
func TestKilledServerAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: builds the program and kills it; make test-long runs it")
	}
	t.Setenv(keyVariable, "0123456789abcdef")
	program, state := built(t), filepath.Join(t.TempDir(), "state.sqlite")
	r := rand.New(rand.NewPCG(5, 5))
	s := served{rows: 1, coming: 1, finished: map[string]string{}}
	for n := range killings(t) + 1 {
		url, kill := started(t, program, "--state", state)
		if n == 0 {
			s.send(t, url, 1)
		}
		s.holds(t, url)
		ended := make(chan bool)
		go func() { defer close(ended); s.load(url, n) }()
		time.Sleep(time.Duration(r.IntN(4000)) * time.Millisecond)
		kill()
		<-ended
	}
	url, kill := started(t, program, "--state", state)
	defer kill()
	s.holds(t, url)
	t.Logf("killed %d times: %d jobs taken, %d done, a layer of %d rows", killings(t)+1, len(s.taken), len(s.finished), s.rows)
}

// served is what a server said: the rows of the layer that it answered for, those of the one
// that is coming, the jobs that it took and those that were done, with the first of their places.
type served struct {
	rows, coming int
	taken        []string
	finished     map[string]string
}

// load sends layers and jobs until the server is gone.
func (s *served) load(url string, n int) {
	for i := 0; ; i++ {
		s.coming = 1000 * (100*n + i + 2) % 90_000
		if !s.put(url, s.coming) {
			return
		}
		s.rows = s.coming
		body := strings.Replace(italianStudy, "NAME", fmt.Sprintf("n%d-%d", n, i), 1)
		req, _ := http.NewRequest("POST", url+"/processes/study/execution", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/yaml")
		req.Header.Set("Prefer", "respond-async")
		var j jobState
		if !answered(req, &j) {
			return
		}
		s.taken = append(s.taken, j.ID)
		for j.Status != "successful" {
			req, _ := http.NewRequest("GET", url+"/jobs/"+j.ID, nil)
			if !answered(req, &j) {
				return
			}
		}
		var first features
		req, _ = http.NewRequest("GET", url+"/collections/"+j.ID+"-places/items?limit=1", nil)
		if !answered(req, &first) || len(first.Features) == 0 {
			return
		}
		s.finished[j.ID] = string(first.Features[0].Properties)
	}
}

// answered sends a request and reads its answer, if there is one.
func answered(req *http.Request, into any) bool {
	req.Header.Set("Authorization", "Bearer 0123456789abcdef")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode < 300 && (into == nil || json.NewDecoder(answer.Body).Decode(into) == nil)
}

func (s *served) put(url string, rows int) bool {
	var b strings.Builder
	b.WriteString("id,lon,lat\n")
	for i := range rows {
		fmt.Fprintf(&b, "p%d,7.5,47.5\n", i)
	}
	req, _ := http.NewRequest("PUT", url+"/collections/mine", strings.NewReader(b.String()))
	req.Header.Set("Content-Type", "text/csv")
	return answered(req, nil)
}

func (s *served) send(t *testing.T, url string, rows int) {
	t.Helper()
	if !s.put(url, rows) {
		t.Fatal("the first layer was not taken")
	}
}

func (s *served) holds(t *testing.T, url string) {
	t.Helper()
	var got features
	req, _ := http.NewRequest("GET", url+"/collections/mine/items?limit=1", nil)
	if !answered(req, &got) || got.NumberMatched != s.rows && got.NumberMatched != s.coming {
		t.Errorf("the layer has %d rows; said: %d, coming: %d", got.NumberMatched, s.rows, s.coming)
	}
	s.rows = got.NumberMatched
	for _, id := range s.taken {
		var j jobState
		req, _ := http.NewRequest("GET", url+"/jobs/"+id, nil)
		if first, done := s.finished[id]; !answered(req, &j) || done && j.Status != "successful" {
			t.Errorf("job %s: %+v, done: %v", id, j, done)
		} else if done {
			var places features
			req, _ := http.NewRequest("GET", url+"/collections/"+id+"-places/items?limit=1", nil)
			if !answered(req, &places) || len(places.Features) == 0 || string(places.Features[0].Properties) != first {
				t.Errorf("the result of %s is another", id)
			}
		}
	}
}

// What a batch left beside a result as it was killed, after the result was whole, is
// removed by the next, which does not make the result again; files of others stay.
func TestKilledBesideAWholeResult(t *testing.T) {
	spec := griddedStudy(t)
	dir := filepath.Join(t.TempDir(), "results")
	batch := []string{"batch", spec, "-o", dir, "--config", filepath.Join(filepath.Dir(spec), "../../careshed.yaml")}
	if code, _, log := call(t, batch...); code != 0 {
		t.Fatal(log)
	}
	want := filesOf(t, dir)
	runs, err := filepath.Glob(filepath.Join(dir, "*", "*", resultKind+".sha256"))
	if err != nil || len(runs) != 12 {
		t.Fatal(runs, err)
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	in := filepath.Dir(runs[3])
	left := []string{fmt.Sprintf(".%s.sha256.%d-ABCDEFGH", resultKind, gone.Process.Pid), fmt.Sprintf(".careshed-%d-1/places.csv", gone.Process.Pid)}
	for _, name := range append(left, ".careshed-run.sha256.mine", "notes.txt") {
		path := filepath.Join(in, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("half"), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	code, _, log := call(t, batch...)
	if code != 0 || strings.Count(log, "there already") != 12 {
		t.Errorf("%d %s", code, log)
	}
	for _, name := range []string{".careshed-run.sha256.mine", "notes.txt"} {
		if err := os.Remove(filepath.Join(in, name)); err != nil {
			t.Error(err)
		}
	}
	sameFiles(t, "the batch", filesOf(t, dir), want)
	if _, err := os.Stat(filepath.Dir(filepath.Join(in, left[1]))); err == nil {
		t.Error("the folder in which files waited is there still")
	}
}
