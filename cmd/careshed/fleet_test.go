package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"careshed/data/blob"
	"careshed/data/pgtest"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// filesOf are the bytes of all files below a folder.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out[relative(dir, path)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameFiles(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %s is not the same (%d bytes, %d wanted)", what, name, len(got[name]), len(text))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is there too", what, name)
		}
	}
}

// griddedStudy writes a study with a grid of 12 points, on a file beside it and one that a
// catalog two folders up names.
func griddedStudy(t *testing.T) (spec string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"data/towns.csv":   "id,lon,lat,population\na,7,47,1000\nb,8,47.5,2000\nc,9,48,500\nd,7.5,46.5,250\n",
		"data/centers.csv": "id,name,lon,lat,country\nx,X,7.1,47,CH\ny,Y,9,47.8,CH\n",
		"careshed.yaml":    "layers:\n  centers: {file: data/centers.csv}\n",
		"studies/one/grid.yaml": "version: 1\nname: grid\nlayers: {towns: {file: ../../data/towns.csv}}\nplaces: {layer: towns}\nsites: {layer: centers, supply: {constant: 1}}\n" +
			"travel: {engine: crow, borders: free}\nmeasures:\n  - travel: {}\n  - penalty: {}\n  - 2sfca: {limit_min: 60}\ngrid:\n  2sfca.limit_min: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]\n",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "studies/one/grid.yaml")
}

// locally is a batch on this machine, and the files that it makes.
func locally(t *testing.T, spec, config string) map[string]string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "local")
	if code, _, log := call(t, "batch", spec, "-o", dir, "--config", config); code != 0 {
		t.Fatal(log)
	}
	return filesOf(t, dir)
}

// Parts that are made apart and merged are what one machine makes, to the byte.
func TestBatchParts(t *testing.T) {
	spec := griddedStudy(t)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	want := locally(t, spec, config)
	root := t.TempDir()
	var parts []string
	for k := range 3 {
		dir := filepath.Join(root, fmt.Sprint("part", k))
		parts = append(parts, dir)
		if k == 2 { // the last one is not made yet
			code, _, log := call(t, "batch", spec, "-o", filepath.Join(root, "all"), "--config", config, "--merge", strings.Join(parts, ","))
			if code != 3 || !strings.Contains(log, "4 of 12 runs") {
				t.Fatalf("%d: %s", code, log)
			}
		}
		if code, _, log := call(t, "batch", spec, "-o", dir, "--config", config, "--shard", fmt.Sprintf("%d/3", k+1)); code != 0 || !strings.Contains(log, "4 of 4") {
			t.Fatalf("%d: %s", code, log)
		}
		if _, err := os.Stat(filepath.Join(dir, "batch.csv")); err == nil {
			t.Error("a part has a table of all")
		}
	}
	if code, _, log := call(t, "batch", spec, "-o", filepath.Join(root, "all"), "--config", config, "--merge", strings.Join(parts, ",")); code != 0 {
		t.Fatalf("%d: %s", code, log)
	}
	sameFiles(t, "merged", filesOf(t, filepath.Join(root, "all")), want)
	for _, c := range [][]string{{"--shard", "0/3"}, {"--shard", "4/3"}, {"--shard", "x"}, {"--shard", "1/2", "--merge", "a"}, {"--on", "postgres://x"}, {"--store", "file:x"}} {
		if code, _, log := call(t, append([]string{"batch", spec, "-o", filepath.Join(root, "no")}, c...)...); code != 2 {
			t.Errorf("%v: %d %s", c, code, log)
		}
	}
}

// twoWorkers are there until the test ends.
func twoWorkers(t *testing.T, address, store string) {
	ctx, stop := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	t.Cleanup(func() { stop(); workers.Wait() })
	for range 2 {
		workers.Go(func() {
			var out, log bytes.Buffer
			if code := run(ctx, []string{"worker", "--state", address, "--store", store, "--jobs", "2"}, nil, &out, &log); code != 0 {
				t.Errorf("worker: %d %s", code, log.String())
			}
		})
	}
}

// A fleet makes what one machine makes, to the byte: with a worker that is killed at any
// moment, a study that fails, results lost from the store, and again when all is there.
func TestBatchOnAFleet(t *testing.T) {
	address := pgtest.Start(t).Address
	spec := griddedStudy(t)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	want := locally(t, spec, config)
	root := t.TempDir()
	store := "file:" + filepath.Join(root, "store")
	twoWorkers(t, address, store)
	on := []string{"--config", config, "--on", address, "--store", store}
	dir := filepath.Join(root, "fleet")
	code, _, log := call(t, append([]string{"batch", spec, "-o", dir}, on...)...)
	if code != 0 || !strings.Contains(log, "12 of 12: grid") {
		t.Fatalf("%d: %s", code, log)
	}
	sameFiles(t, "by a fleet", filesOf(t, dir), want)
	code, _, log = call(t, append([]string{"batch", spec, "-o", dir}, on...)...)
	if code != 0 || strings.Count(log, "there already") != 12 {
		t.Errorf("%d: %s", code, log)
	}
	// Results are taken from the store where they are, and made again where they are lost.
	kept, err := filepath.Glob(filepath.Join(root, "store", "*", "*"))
	if err != nil || len(kept) != 12+4 {
		t.Fatalf("%d files are kept: 12 results and 4 that are read were expected (%v)", len(kept), err)
	}
	for _, path := range kept[:5] {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	again := filepath.Join(root, "again")
	if code, _, log = call(t, append([]string{"batch", spec, "-o", again}, on...)...); code != 0 {
		t.Fatalf("%d: %s", code, log)
	}
	sameFiles(t, "again", filesOf(t, again), want)
	// What fails says why as it does here.
	bad := filepath.Join(filepath.Dir(spec), "bad.yaml")
	if err := os.WriteFile(bad, []byte("version: 1\nname: bad\nplaces: {layer: nowhere}\nsites: {layer: centers}\ntravel: {engine: crow}\nmeasures: [travel: {}]\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, here := call(t, "batch", bad, "-o", filepath.Join(root, "bad1"), "--config", config)
	code, _, log = call(t, append([]string{"batch", bad, "-o", filepath.Join(root, "bad2")}, on...)...)
	if plain := strings.ReplaceAll(here, filepath.Dir(bad)+"/", ""); code != 3 || plain != log {
		t.Errorf("%d: %s\nhere: %s", code, log, plain)
	}
	if code, out, log := call(t, "batch", "status", "--on", address); code != 0 || !strings.Contains(out, "done     12") || strings.Count(out, "worker ") != 2 {
		t.Errorf("%d %s %s", code, out, log)
	}
}

// The same with a bucket of an object store in place of a folder.
func TestBatchOnABucket(t *testing.T) {
	address := pgtest.Start(t).Address
	t.Setenv("AWS_ACCESS_KEY_ID", "tester")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	objects := s3mem.New()
	if err := objects.CreateBucket("fleet"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(objects).Server())
	t.Cleanup(server.Close)
	store := "s3://fleet/runs?region=us-east-1&path-style=true&endpoint=" + server.URL
	spec := griddedStudy(t)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	ctx, stop := context.WithCancel(t.Context())
	var worker sync.WaitGroup
	t.Cleanup(func() { stop(); worker.Wait() })
	worker.Go(func() {
		var out, log bytes.Buffer
		if code := run(ctx, []string{"worker", "--state", address, "--store", store}, nil, &out, &log); code != 0 {
			t.Errorf("worker: %d %s", code, log.String())
		}
	})
	dir := filepath.Join(t.TempDir(), "fleet")
	if code, _, log := call(t, "batch", spec, "-o", dir, "--config", config, "--on", address, "--store", store); code != 0 {
		t.Fatalf("%d: %s", code, log)
	}
	sameFiles(t, "by a bucket", filesOf(t, dir), locally(t, spec, config))
}

// TestWorkersAreKilled ends workers, as processes, at moments of their work.
func TestWorkersAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: builds the program and kills it for a minute; make test-long runs it")
	}
	t.Parallel()
	address := pgtest.Start(t).Address
	program := filepath.Join(t.TempDir(), "careshed")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	spec := griddedStudy(t)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	root := t.TempDir()
	store := "file:" + filepath.Join(root, "store")
	dir := filepath.Join(root, "fleet")
	local := exec.Command(program, "batch", spec, "-o", filepath.Join(root, "local"), "--config", config)
	if out, err := local.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	batch := exec.Command(program, "batch", spec, "-o", dir, "--config", config, "--on", address, "--store", store)
	var log bytes.Buffer
	batch.Stdout, batch.Stderr = &log, &log
	if err := batch.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- batch.Wait() }()
	own := t.TempDir()
	for kills := 0; ; kills++ {
		w := exec.Command(program, "worker", "--state", address, "--store", store)
		w.Env = append(os.Environ(), "TMPDIR="+own)
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		var err error
		over := false
		if kills < 12 {
			time.Sleep(time.Duration(100+70*kills) * time.Millisecond)
			err = errors.Join(w.Process.Kill())
		} else { // this one may live
			err, over = <-done, true
			if e := w.Process.Signal(syscall.SIGTERM); e != nil {
				t.Error(e)
			}
		}
		w.Wait()
		if err != nil {
			t.Fatalf("%v\n%s", err, log.String())
		}
		if over {
			break
		}
	}
	sameFiles(t, "after twelve kills", filesOf(t, dir), filesOf(t, filepath.Join(root, "local")))
	left, err := filepath.Glob(filepath.Join(root, "store", "*", ".coming-*"))
	if err != nil || len(left) > 12 {
		t.Errorf("%v %v", left, err)
	}
	if left, err := os.ReadDir(own); err != nil || len(left) > 0 { // each sweeps what the one before left
		t.Errorf("%v %v", left, err)
	}
	if _, err := blob.Open(store); err != nil {
		t.Error(err)
	}
}
