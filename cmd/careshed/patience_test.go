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

// The first interrupt of a search keeps the best plan so far.
func TestInterruptKeepsTheBestPlan(t *testing.T) {
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
	code := run(ctx, []string{"rank", hard(t), "-q"}, nil, &out, &log)
	if code != exitDone || !strings.Contains(out.String(), "stopped before it was proven, the best plan so far") || !strings.Contains(log.String(), "interrupt again") {
		t.Errorf("exit %d:\n%s\n%s", code, &out, &log)
	}
	if strings.Contains(out.String(), "Inf") {
		t.Errorf("a search that was stopped has no bound:\n%s", &out)
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
