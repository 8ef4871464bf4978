//go:build unix

package data

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Folders of programs that were killed are swept; those of programs that run, and what
// is called otherwise, stay.
func TestSweep(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	stay := map[string]bool{fmt.Sprintf("careshed-upload-%d-abc", os.Getppid()): true, "careshed-upload-0-abc": true, "careshed-upload--1-a": true, "careshed-upload-x": true, "careshed-other": true, "file": true}
	go1, own := fmt.Sprintf("careshed-upload-%d-abc", gone.Process.Pid), fmt.Sprintf("careshed-upload-%d-abc", os.Getpid())
	for _, name := range []string{go1, own} {
		stay[name] = false
	}
	for name := range stay {
		if err := os.MkdirAll(filepath.Join(dir, name, "in"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if n := Sweep(dir, "careshed-upload-"); n != 2 {
		t.Errorf("%d are swept", n)
	}
	for name, want := range stay {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("TMPDIR", dir)
	made, err := TempFolder("", "careshed-upload-")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
