package data

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// errFault is what a step answers that is to fail.
var errFault = errors.New("no space left on device")

// faulty fails its n-th step, and every later one if it stays full.
type faulty struct {
	osDisk
	left int
	full bool
	hits int
}

func (d *faulty) step() error {
	d.left--
	if d.left == 0 || d.full && d.left < 0 {
		d.hits++
		return errFault
	}
	return nil
}

func (d *faulty) create(path string, mode os.FileMode) (outFile, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	f, err := d.osDisk.create(path, mode)
	return &faultyFile{f, d}, err
}

func (d *faulty) rename(from, to string) error {
	return errors.Join(d.step(), d.after(func() error { return d.osDisk.rename(from, to) }))
}

func (d *faulty) remove(path string) error {
	return errors.Join(d.step(), d.after(func() error { return d.osDisk.remove(path) }))
}

func (d *faulty) sync(dir string) error { return d.step() }

// after carries out a step unless it has just failed.
func (d *faulty) after(do func() error) error {
	if d.left == 0 || d.full && d.left < 0 {
		return nil
	}
	return do()
}

type faultyFile struct {
	outFile
	disk *faulty
}

// Write writes half of it where it fails, as a disk does that runs full.
func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.disk.step(); err != nil {
		n, _ := f.outFile.Write(p[:len(p)/2])
		return n, err
	}
	return f.outFile.Write(p)
}

func (f *faultyFile) Sync() error  { return errors.Join(f.disk.step(), f.outFile.Sync()) }
func (f *faultyFile) Close() error { return errors.Join(f.disk.step(), f.outFile.Close()) }

// filesOf are the names and contents in a folder.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// put writes a result of three files, as a run does.
func put(dir string, d disk, text string) error {
	f, err := OpenFolder(dir, "careshed-run")
	if err != nil {
		return err
	}
	f.disk = d
	defer f.Close()
	for _, name := range []string{"places.csv", "tables/one.csv", "manifest.json"} {
		if err := f.Write(name, func(w io.Writer) error {
			_, err := io.WriteString(w, text+" "+name+"\n")
			return err
		}); err != nil {
			return err
		}
	}
	return f.Commit("manifest.json")
}

// Whatever step of writing a result fails, once or from then on, an error says so, every
// file is whole, of before or of now, nothing lies about, and the next run makes the same
// as one that nothing happened to.
func TestResultsOnAFailingDisk(t *testing.T) {
	want := t.TempDir()
	if err := put(want, osDisk{}, "new"); err != nil {
		t.Fatal(err)
	}
	faults := 0
	for _, full := range []bool{false, true} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			if err := put(dir, osDisk{}, "old"); err != nil {
				t.Fatal(err)
			}
			d := &faulty{left: n, full: full}
			err := put(dir, d, "new")
			if d.hits == 0 {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			faults++
			if !errors.Is(err, errFault) {
				t.Fatalf("step %d failed, and the run says %v", n, err)
			}
			for name, text := range filesOf(t, dir) {
				if name == "careshed-run.sha256" {
					continue
				}
				if text != "old "+name+"\n" && text != "new "+name+"\n" && !strings.HasPrefix(name, ".") {
					t.Errorf("step %d, full %v: %s holds %q", n, full, name, text)
				}
			}
			if err := put(dir, osDisk{}, "new"); err != nil {
				t.Fatalf("step %d, full %v: the next run says %v", n, full, err)
			}
			got := filesOf(t, dir)
			for name := range got {
				if strings.HasPrefix(name, ".") && full { // it could not even be removed
					delete(got, name)
				}
			}
			if want := filesOf(t, want); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("step %d, full %v: %v, want %v", n, full, got, want)
			}
		}
	}
	if faults < 40 {
		t.Errorf("only %d steps were made to fail", faults)
	}
	t.Logf("%d faults", faults)
}

// One file is as before or as it is to be.
func TestFilesOnAFailingDisk(t *testing.T) {
	for _, path := range []string{"a.csv", "a.csv.gz"} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			path := filepath.Join(dir, path)
			write := func(text string) func(io.Writer) error {
				return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
			}
			if err := WriteFile(path, write("old")); err != nil {
				t.Fatal(err)
			}
			before := filesOf(t, dir)
			d := &faulty{left: n}
			err := writeFile(d, path, write("new"))
			if d.hits == 0 {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			if !errors.Is(err, errFault) || !strings.Contains(err.Error(), path) {
				t.Errorf("step %d failed, and it says %v", n, err)
			}
			after := filesOf(t, dir)
			if len(after) != 1 {
				t.Errorf("step %d: %v", n, after)
			}
			if fmt.Sprint(after) != fmt.Sprint(before) {
				if err := WriteFile(path, write("new")); err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(filesOf(t, dir)) != fmt.Sprint(after) {
					t.Errorf("step %d: neither as before nor as it is to be: %v", n, after)
				}
			}
		}
	}
}

// What of a result is damaged gets another name, whatever the damage, and the result can
// be made again; what nobody damaged stays where it is, and so do files of other people.
func TestMend(t *testing.T) {
	damage := map[string]func(path string) error{
		"half":      func(path string) error { return os.Truncate(path, 3) },
		"empty":     func(path string) error { return os.Truncate(path, 0) },
		"other":     func(path string) error { return os.WriteFile(path, []byte("{}"), 0o600) },
		"not there": os.Remove,
	}
	for what, do := range damage {
		for _, name := range []string{"places.csv", "tables/one.csv", "manifest.json", "careshed-run.sha256"} {
			dir := t.TempDir()
			if err := put(dir, osDisk{}, "old"); err != nil {
				t.Fatal(err)
			}
			own := filepath.Join(dir, "mine.txt")
			if err := os.WriteFile(own, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			known := map[string]string{}
			for n := range filesOf(t, dir) {
				if n != "mine.txt" && n != "careshed-run.sha256" {
					known[n], _ = fileSum(filepath.Join(dir, n))
				}
			}
			if err := do(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			left, _ := os.ReadFile(filepath.Join(dir, name))
			aside, err := Mend(dir, "careshed-run", known)
			if err != nil {
				t.Fatalf("%s %s: %v", name, what, err)
			}
			if gone := what == "not there"; gone != (len(aside) == 0) || !gone && aside[0] != name {
				t.Errorf("%s %s: %v is put aside", name, what, aside)
			}
			if err := put(dir, osDisk{}, "new"); err != nil {
				t.Fatalf("%s %s: %v", name, what, err)
			}
			got := filesOf(t, dir)
			if got["mine.txt"] != "mine" || got["places.csv"] != "new places.csv\n" || len(aside) > 0 && got[name+".changed"] != string(left) {
				t.Errorf("%s %s: %v", name, what, got)
			}
		}
	}
}
