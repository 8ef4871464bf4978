//go:build unix

package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// An index of roads that is changed while it is mapped: one that is renamed over it
// leaves the answers as they were; one that is cut off, emptied, filled with zeros or
// written over in place is an error that names the file, and the program goes on.
func TestAnIndexThatChangesWhileItIsMapped(t *testing.T) {
	x, err := road.Build(context.Background(), roadtest.Generate(3, 20_000), nil)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "whole.roads")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.WriteTo(out); err != nil || out.Close() != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		change func(path string) error
		lost   bool
	}{
		"nothing": {func(string) error { return nil }, false},
		"removed": {os.Remove, false},
		"renamed over": {func(path string) error {
			return errors.Join(os.WriteFile(path+"2", []byte("other"), 0o600), os.Rename(path+"2", path))
		}, false},
		"half":   {func(path string) error { return os.Truncate(path, int64(len(whole)/2)) }, true},
		"empty":  {func(path string) error { return os.Truncate(path, 0) }, true},
		"zeros":  {func(path string) error { return os.WriteFile(path, make([]byte, len(whole)), 0o600) }, true},
		"longer": {func(path string) error { return os.WriteFile(path, append(whole[:len(whole):len(whole)], 0), 0o600) }, true},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "used.roads")
			if err := os.WriteFile(path, whole, 0o600); err != nil {
				t.Fatal(err)
			}
			e, err := openRoads(path)
			if err != nil {
				t.Fatal(err)
			}
			stops := []travel.Stop{{At: orb.Point{8.01, 47.01}, Located: true}, {At: orb.Point{8.02, 47.02}, Located: true}}
			ask := func() (legs []travel.Leg, err error) {
				return e.Nearest(context.Background(), travel.Query{Places: stops, Sites: stops[:1]}, 1)
			}
			before, err := ask()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			after, err := ask()
			var lost *travel.LostError
			switch {
			case c.lost != errors.As(err, &lost):
				t.Errorf("%v", err)
			case c.lost && !strings.Contains(err.Error(), "used.roads"):
				t.Errorf("%v does not name the file", err)
			case !c.lost && (err != nil || after[1] != before[1]):
				t.Errorf("%v, before %v: %v", after, before, err)
			}
			if _, err := e.Snap(context.Background(), stops); c.lost != errors.As(err, &lost) {
				t.Errorf("snap: %v", err)
			}
			if _, err := e.Areas(context.Background(), stops, []travel.Seconds{60}, true); c.lost != errors.As(err, &lost) {
				t.Errorf("areas: %v", err)
			}
		})
	}
}

// Bytes that cannot be read any more, though nothing says that the file changed, are an
// error too, in whichever goroutine they are missed.
func TestMappedBytesThatAreGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "used.roads")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	b, _, err := mapFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err = road.OpenWatched(b, func() error { return nil })
	var lost *travel.LostError
	if !errors.As(err, &lost) {
		t.Errorf("%v", err)
	}
}

// A server whose index was changed in place answers 503, names the file, and goes on.
func TestAServerWhoseIndexChanges(t *testing.T) {
	dir := gridRoads(t)
	srv := server(t, filepath.Join(dir, "careshed.yaml"))
	if status, text := post(t, srv.URL, gridStudy); status != http.StatusOK && status != http.StatusCreated {
		t.Fatalf("%d %s", status, text)
	}
	if err := os.Truncate(filepath.Join(dir, "grid.roads"), 100); err != nil {
		t.Fatal(err)
	}
	status, text := post(t, srv.URL, strings.Replace(gridStudy, "name: grid", "name: again", 1))
	if status != http.StatusServiceUnavailable || !strings.Contains(text, "grid.roads") || strings.Contains(text, dir) {
		t.Errorf("%d %s", status, text)
	}
	r, err := http.Get(srv.URL + "/healthz")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("%v %v", r, err)
	}
}
