package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Scratch files hold what is written to them, leave nothing in their folder, and are had
// elsewhere where that folder takes none.
func TestScratchFilesLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{dir, filepath.Join(dir, "none")} {
		s := scratchBeside(filepath.Join(folder, "a.roads"))
		f, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("shape")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 3)
		if _, err := f.ReadAt(got, 2); err != nil || string(got) != "ape" {
			t.Errorf("read %q: %v", got, err)
		}
		s.close()
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left in the folder: %v, %v", left, err)
		}
	}
}
