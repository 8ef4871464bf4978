package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A 2SFCA from a matrix that somebody brings, 84,000 places × 150 sites, all 12.6
// million pairs, the whole run: the file by place, and with its rows in any order.
// CPU of the process; its peak is that of /usr/bin/time -v over one of them.
func BenchmarkRunMatrix(b *testing.B) {
	for _, c := range []struct {
		name    string
		shuffle bool
	}{{"by-place", false}, {"any-order", true}} {
		b.Run(c.name, func(b *testing.B) {
			dir := b.TempDir()
			writeMatrix(b, dir, 84_000, 150, c.shuffle)
			var before, after syscall.Rusage
			syscall.Getrusage(syscall.RUSAGE_SELF, &before)
			for b.Loop() {
				var out, log bytes.Buffer
				if code := run(context.Background(), []string{"run", filepath.Join(dir, "study.yaml"), "--format", "json"}, nil, &out, &log); code != 0 {
					b.Fatal(log.String())
				}
			}
			syscall.Getrusage(syscall.RUSAGE_SELF, &after)
			spent := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
			b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s")
		})
	}
}

// writeMatrix writes a study and what it stands on, with ids as censuses and
// registers have them.
func writeMatrix(b *testing.B, dir string, places, sites int, shuffle bool) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	file := func(name string, write func(*bufio.Writer)) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		write(w)
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	tract := func(i int) int { return 17031010000 + 7*i }
	file("places.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "id,population")
		for i := range places {
			fmt.Fprintf(w, "%d,%d\n", tract(i), r.IntN(5000))
		}
	})
	file("sites.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "id,slots")
		for j := range sites {
			fmt.Fprintf(w, "H%03d,%d\n", j+1, 1+r.IntN(20))
		}
	})
	file("times.csv", func(w *bufio.Writer) {
		fmt.Fprintln(w, "place,site,minutes")
		row := func(n int) { fmt.Fprintf(w, "%d,H%03d,%.1f\n", tract(n/sites), n%sites+1, r.Float64()*400) }
		if !shuffle {
			for n := range places * sites {
				row(n)
			}
			return
		}
		for _, n := range r.Perm(places * sites) {
			row(n)
		}
	})
	file("study.yaml", func(w *bufio.Writer) {
		fmt.Fprint(w, `version: 1
name: fca
layers:
  places: {file: places.csv}
  sites: {file: sites.csv}
  times: {file: times.csv}
places: {layer: places}
sites: {layer: sites, supply: slots}
travel: {engine: matrix, table: times}
measures:
  - 2sfca: {limit_min: 60}
`)
	})
}
