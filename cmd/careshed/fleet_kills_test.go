package main

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"careshed/data/pgtest"
)

// fleetOfVictims is a batch and a matrix that two workers make, of whom any may be killed.
type fleetOfVictims struct {
	*testing.T
	program string
	db      *pgtest.Server
	args    map[string][]string // of the program, by who it is: workers, and clients, which end
	alive   map[string]*exec.Cmd
	over    map[string]chan error // of clients under way
	killed  map[string]int
}

// start begins one of them.
func (f *fleetOfVictims) start(who string) {
	f.Helper()
	c := exec.Command(f.program, f.args[who]...)
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		f.Fatal(err)
	}
	done := make(chan error, 1)
	f.alive[who], f.over[who] = c, done
	go func() { done <- c.Wait() }()
}

// kill ends one of them at once; the database is back after a moment. Who was killed begins
// again.
func (f *fleetOfVictims) kill(who string, r *rand.Rand) {
	f.killed[who]++
	if who == "database" {
		f.db.Kill()
		time.Sleep(time.Duration(r.IntN(1500)) * time.Millisecond)
		f.db.Restart()
		return
	}
	_ = f.alive[who].Process.Kill()
	<-f.over[who]
	f.start(who)
}

// ended reports whether clients are done; those that failed, such as for want of a database,
// begin again, as a person would have them do.
func (f *fleetOfVictims) ended(clients map[string]bool) bool {
	for who, done := range clients {
		if done {
			continue
		}
		select {
		case err := <-f.over[who]:
			if clients[who] = err == nil; err != nil {
				f.start(who)
			}
		default:
		}
	}
	return !slices.Contains(slices.Collect(maps.Values(clients)), false)
}

// round has everything made anew, with so many kills at random moments.
func (f *fleetOfVictims) round(kills int, r *rand.Rand) {
	clients := map[string]bool{}
	for who := range f.args {
		f.start(who)
		if strings.HasPrefix(who, "client") {
			clients[who] = false
		}
	}
	defer func() {
		for who, c := range f.alive {
			if !clients[who] {
				_ = c.Process.Kill()
				<-f.over[who]
			}
		}
	}()
	victims := append(sortedKeys(f.args), "database")
	until := time.Now().Add(5 * time.Minute)
	for !f.ended(clients) {
		time.Sleep(time.Duration(50+r.IntN(900)) * time.Millisecond)
		if who := victims[r.IntN(len(victims))]; kills > 0 && !clients[who] {
			f.kill(who, r)
			kills--
		}
		if time.Now().After(until) {
			f.Fatalf("not done after five minutes: %v", clients)
		}
	}
}

// Whoever of a fleet is killed, whenever — workers, those who wait for results, the database —
// what is made in the end is what one machine makes, to the byte, and nothing beside it.
func TestKilledFleet(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: builds the program and kills fleets; make test-long runs it")
	}
	t.Parallel()
	spec, matrix := griddedStudy(t), gridMatrix(t, 60, 200, 300)
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	more := strings.Replace(string(text), "  - 2sfca: {limit_min: 60}\n", "  - 2sfca: {limit_min: 60}\n  - raam: {tau_min: 60}\nuncertainty: {draws: 2000, seed: 1}\n", 1) +
		"  raam.tau_min: [30, 60, 90, 120]\n"
	if err := os.WriteFile(spec, []byte(more), 0o666); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	wantBatch := locally(t, spec, config)
	wantMatrix, _, _ := made(t, filepath.Join(root, "local"), matrix)
	f := &fleetOfVictims{T: t, program: built(t), db: pgtest.Start(t), killed: map[string]int{}}
	r := rand.New(rand.NewPCG(7, 7))
	total := 6 * killings(t)
	const atOnce = 20
	for left := total; left > 0; left -= atOnce {
		dir, err := os.MkdirTemp(root, "round")
		if err != nil {
			t.Fatal(err)
		}
		store := "file:" + filepath.Join(dir, "store")
		on := []string{"--on", f.db.Address, "--store", store}
		worker := []string{"worker", "--state", f.db.Address, "--store", store}
		f.args = map[string][]string{"worker 1": worker, "worker 2": worker,
			"client of a batch":  append([]string{"batch", spec, "-o", filepath.Join(dir, "batch"), "--config", config}, on...),
			"client of a matrix": append(append(matrix[:len(matrix):len(matrix)], "-o", filepath.Join(dir, "matrix")), on...)}
		f.alive, f.over = map[string]*exec.Cmd{}, map[string]chan error{}
		f.round(min(left, atOnce), r)
		sameFiles(t, "the batch", filesOf(t, filepath.Join(dir, "batch")), wantBatch)
		sameFiles(t, "the matrix", filesOf(t, filepath.Join(dir, "matrix")), wantMatrix)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d kills: %v", total, f.killed)
}
