package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hard is a siting that is not proven for a long time.
func hard(t *testing.T) string {
	dir := t.TempDir()
	var places, sites strings.Builder
	places.WriteString("id,x,y,people\n")
	sites.WriteString("id,x,y\n")
	seed := uint32(1)
	next := func() uint32 { seed = seed*1664525 + 1013904223; return seed >> 16 % 10000 }
	for i := range 700 {
		id := string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		row := id + "," + itoa(next()) + "," + itoa(next())
		places.WriteString(row + ",1\n")
		sites.WriteString(row + "\n")
	}
	for name, text := range map[string]string{"places.csv": places.String(), "sites.csv": sites.String(), "hard.yaml": `version: 1
name: hard
layers: {places: {file: places.csv, geometry: none}, sites: {file: sites.csv, geometry: none}}
places: {layer: places, weight: people}
candidates: {layer: sites}
travel: {engine: plane, x: x, y: y}
siting: {pick: 60, goal: mean_time, least_served: 9, exact: true}
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "hard.yaml")
}

func itoa(n uint32) string {
	var b []byte
	for {
		b = append([]byte{byte('0' + n%10)}, b...)
		if n /= 10; n == 0 {
			return string(b)
		}
	}
}

// The first interrupt of a search keeps the best plan so far, under rules to which every
// pair matters and without; so do the seconds that a study gives it.
func TestInterruptKeepsTheBestPlan(t *testing.T) {
	study := hard(t)
	interrupted(t, study)
	text, err := os.ReadFile(study)
	if err != nil {
		t.Fatal(err)
	}
	for _, seconds := range []bool{false, true} {
		plain := strings.Replace(string(text), "least_served: 9, ", "", 1)
		if seconds {
			plain = strings.Replace(plain, "exact: true", "exact: true, seconds: 0.2", 1)
		}
		if err := os.WriteFile(study, []byte(plain), 0o666); err != nil {
			t.Fatal(err)
		}
		if !seconds {
			interrupted(t, study)
		} else if code, out, log := call(t, "rank", study, "-q"); code != exitDone || !strings.Contains(out, "stopped before it was proven, the best plan so far") {
			t.Errorf("exit %d:\n%s\n%s", code, out, log)
		}
	}
}

func interrupted(t *testing.T, study string) {
	t.Helper()
	var out, log bytes.Buffer
	ctx, end := listen(context.Background(), &log)
	defer end()
	p := ctx.Value(patienceKey{}).(*patience)
	go func() {
		for {
			p.mu.Lock()
			ready := p.searching
			p.mu.Unlock()
			if ready {
				time.Sleep(300 * time.Millisecond)
				_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	code := run(ctx, []string{"rank", study, "-q"}, nil, &out, &log)
	if code != exitDone || !strings.Contains(out.String(), "stopped before it was proven, the best plan so far") || !strings.Contains(log.String(), "interrupt again") {
		t.Errorf("exit %d:\n%s\n%s", code, &out, &log)
	}
	if strings.Contains(out.String(), "Inf") {
		t.Errorf("a search that was stopped has no bound:\n%s", &out)
	}
}

// A cost that is no number names the setting that makes it so, and not a pair.
func TestCostsThatAreNoNumbers(t *testing.T) {
	study := hard(t)
	text, err := os.ReadFile(study)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{"", "least_served: 1, "} {
		ask := strings.Replace(string(text), "goal: mean_time, least_served: 9, exact: true", rule+"goal: kolm_pollak, aversion: 5", 1)
		if err := os.WriteFile(study, []byte(ask), 0o666); err != nil {
			t.Fatal(err)
		}
		if code, _, log := call(t, "rank", study, "-q"); code != 3 || !strings.Contains(log, "siting.goal: ") || !strings.Contains(log, "a smaller siting.aversion") {
			t.Errorf("exit %d: %s", code, log)
		}
	}
}

// The second ends the program, and so does one when nothing is searched.
func TestInterruptEnds(t *testing.T) {
	for _, searching := range []bool{false, true} {
		ctx, end := listen(context.Background(), io.Discard)
		defer end()
		p := ctx.Value(patienceKey{}).(*patience)
		p.searching = searching
		p.interrupt()
		if searching != (ctx.Err() == nil) {
			t.Errorf("searching %v: after an interrupt %v", searching, ctx.Err())
		}
		p.interrupt()
		if ctx.Err() == nil {
			t.Error("after two interrupts the program goes on")
		}
	}
}
