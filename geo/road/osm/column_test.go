package osm_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"
)

// scratch is a scratch file in memory, which is full after some bytes.
type scratch struct {
	data []byte
	most int
}

var errFull = errors.New("no space left")

func (s *scratch) Write(b []byte) (int, error) {
	if len(s.data)+len(b) > s.most {
		return 0, errFull
	}
	s.data = append(s.data, b...)
	return len(b), nil
}

func (s *scratch) ReadAt(b []byte, at int64) (int, error) {
	return bytes.NewReader(s.data).ReadAt(b, at)
}

// What is kept in scratch files gives the network that is had in memory, to the bit.
func TestScratchChangesNothing(t *testing.T) {
	files := map[string][]byte{"made up": madeUp(t, 3, 20000)}
	if paths, _ := filepath.Glob(filepath.Join(os.Getenv("CARESHED_SHARED"), "data", "roads", "pbf", "*.pbf")); !testing.Short() {
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(path)] = data
		}
	}
	for name, data := range files {
		written := 0
		spilled, sum, err := osm.ImportWith(t.Context(), osmtest.Opener(data), osm.Car(), osm.Options{
			Scratch: func() (osm.Scratch, error) { written++; return &scratch{most: 1 << 30}, nil },
		})
		if err != nil || written != 3 {
			t.Fatalf("%s: %d scratch files: %v", name, written, err)
		}
		held, want, err := osm.Import(t.Context(), osmtest.Opener(data), osm.Car(), nil)
		if err != nil || !reflect.DeepEqual(sum, want) || !reflect.DeepEqual(spilled, held) {
			t.Errorf("%s: with scratch files it is another network: %+v and %+v: %v", name, sum, want, err)
		}
	}
}

// A disk that is full is told of.
func TestScratchIsFull(t *testing.T) {
	data := madeUp(t, 3, 20000)
	for files := range 3 {
		some := files
		_, _, err := osm.ImportWith(t.Context(), osmtest.Opener(data), osm.Car(), osm.Options{Scratch: func() (osm.Scratch, error) {
			if some--; some < 0 {
				return &scratch{most: 1000}, nil
			}
			return &scratch{most: 1 << 30}, nil
		}})
		if !errors.Is(err, errFull) {
			t.Errorf("file %d is full: %v", files, err)
		}
		if _, _, err := osm.ImportWith(t.Context(), osmtest.Opener(data), osm.Car(), osm.Options{Scratch: func() (osm.Scratch, error) { return nil, io.ErrClosedPipe }}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("no file to be had: %v", err)
		}
	}
}
