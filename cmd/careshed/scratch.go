package main

import (
	"os"
	"path/filepath"

	"careshed/geo/road/osm"
)

// scratchFiles are nameless files in a folder, or that of temporary files, which go with the program however it ends.
// Where files that are open keep their names, close removes them.
type scratchFiles struct {
	dir   string
	files []*os.File
}

// scratchBeside is for files beside one that is to be written.
func scratchBeside(path string) *scratchFiles { return &scratchFiles{dir: filepath.Dir(path)} }

func (s *scratchFiles) next() (osm.Scratch, error) {
	const name = ".careshed-*.scratch"
	f, err := os.CreateTemp(s.dir, name)
	if err != nil {
		f, err = os.CreateTemp("", name)
	}
	if err != nil {
		return nil, plainPath(err)
	}
	os.Remove(f.Name())
	s.files = append(s.files, f)
	return f, nil
}

func (s *scratchFiles) close() {
	for _, f := range s.files {
		f.Close()
		os.Remove(f.Name())
	}
	s.files = nil
}
