package state

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sent puts a layer of so many bytes.
func sent(t *testing.T, s *Store, name string, size int) {
	t.Helper()
	body := bytes.Repeat([]byte{'x'}, size)
	sum := sha256.Sum256(body)
	if _, err := s.PutLayer(t.Context(), Layer{Name: name, Format: "csv", Options: []byte("{}"), SHA256: hex.EncodeToString(sum[:])}, body, Rule{Versions: 10}); err != nil {
		t.Fatal(err)
	}
}

// sizeOf is what a state file takes on the disk.
func sizeOf(path string) (n int64) {
	for _, p := range []string{path, path + "-wal"} {
		if info, err := os.Stat(p); err == nil {
			n += info.Size()
		}
	}
	return n
}

// Ten versions of a layer are kept, no more and no fewer, and what is taken away is given
// back to the disk.
func TestVersionsAndTheirSpace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, path, Options{})
	defer shut(t, s)
	for n := 1; n <= 13; n++ {
		sent(t, s, "mine", 300_000)
		list, err := s.Versions(t.Context(), "mine")
		if err != nil || len(list) != min(n, 10) || list[0].Version != n || !list[0].Current {
			t.Fatalf("after %d: %d versions, %v", n, len(list), err)
		}
	}
	if held, err := heldBy(t.Context(), s.read); err != nil || held["mine"] != 3_000_000 {
		t.Errorf("%v %v", held, err)
	}
	if sizeOf(path) < 3_000_000 {
		t.Fatalf("%d bytes", sizeOf(path))
	}
	if err := s.DropLayer(t.Context(), "mine"); err != nil {
		t.Fatal(err)
	}
	if n := sizeOf(path); n > 500_000 {
		t.Errorf("the file still has %d bytes", n)
	}
	if err := s.DropLayer(t.Context(), "mine"); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
	sent(t, s, "mine", 10) // the store goes on
}

// A state file is checked and copied while it is used; the copy is whole, its owner's
// alone, and opens with all that was there.
func TestBackupWhileItIsUsed(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "jobs.sqlite"), filepath.Join(dir, "copy.sqlite")
	s := open(t, path, Options{})
	for n := range 5 {
		id := fmt.Sprint("job", n)
		if _, _, err := s.Add(t.Context(), Job{ID: id, Process: "echo", Title: id, Input: []byte(id)}); err != nil {
			t.Fatal(err)
		}
		until(t, s, id, done)
	}
	sent(t, s, "mine", 1000)
	if h, err := Check(t.Context(), path); err != nil || len(h.Faults) > 0 || h.Jobs[Successful] != 5 || h.Results != 5 || h.Layers != 1 {
		t.Errorf("%+v %v", h, err)
	}
	if err := Backup(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), path, to); err == nil {
		t.Error("a file that was there is written over")
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".copy*")); len(left) > 0 {
		t.Error(left)
	}
	if _, err := Prune(t.Context(), path, time.Now(), -1); !errors.Is(err, ErrRuns) {
		t.Errorf("pruned under a server: %v", err)
	}
	shut(t, s)
	c := open(t, to, Options{})
	if body, _, err := c.Result(t.Context(), "job3"); err != nil || string(body) != "did job3" {
		t.Errorf("%q %v", body, err)
	}
	if body, err := c.LayerBody(t.Context(), "mine", 1); err != nil || len(body) != 1000 {
		t.Errorf("%d %v", len(body), err)
	}
	shut(t, c)
}

// Damage of every kind is found: pages, tables, references, sums, and files of others.
func TestCheckFindsDamage(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, whole, Options{})
	if _, _, err := s.Add(t.Context(), Job{ID: "one", Process: "echo", Title: "one", Input: []byte("one")}); err != nil {
		t.Fatal(err)
	}
	until(t, s, "one", done)
	sent(t, s, "mine", 200_000)
	shut(t, s)
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	alter := func(statement string) func(string) error {
		return func(path string) error {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.Exec(statement)
			return err
		}
	}
	for what, c := range map[string]struct {
		damage func(string) error
		want   string
	}{
		"none":      {func(string) error { return nil }, ""},
		"a layer":   {alter(`UPDATE layer SET body = x'00'`), "version 1 of layer mine is not what was sent"},
		"a result":  {alter(`DELETE FROM result`), "job one was successful and has no result"},
		"no job":    {alter(`PRAGMA foreign_keys = 0; DELETE FROM job`), "belongs to none of job"},
		"no table":  {alter(`DROP TABLE layer`), "no such table: layer"},
		"later":     {alter(`PRAGMA user_version = 99`), "later careshed"},
		"truncated": {func(p string) error { return os.Truncate(p, int64(len(text)/2/4096*4096)) }, " "},
		"zeros": {func(p string) error {
			return os.WriteFile(p, append(text[:len(text)/2:len(text)/2], make([]byte, len(text)-len(text)/2)...), 0o600)
		}, " "},
	} {
		path := filepath.Join(t.TempDir(), "copy.sqlite")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := c.damage(path); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		h, err := Check(t.Context(), path)
		if got := strings.Join(h.Faults, "; "); err != nil || (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", what, got, err, c.want)
		}
		if what == "zeros" || what == "truncated" {
			if s, err := Open(t.Context(), path, echo, Options{}); err == nil {
				t.Errorf("%s: a damaged file is used", what)
				shut(t, s)
			}
		}
		if to := path + "2"; c.want != "" {
			if err := Backup(t.Context(), path, to); err == nil {
				t.Errorf("%s: a damaged file was backed up", what)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*sqlite2*")); len(left) > 0 {
				t.Errorf("%s: %v", what, left)
			}
		}
	}
	for what, content := range map[string]string{"empty": "", "text": "hello", "other": "SQLite format 3\x00" + strings.Repeat("\x00", 200)} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Check(t.Context(), path); !errors.Is(err, ErrStranger) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Old jobs go, or the oldest until so much is left, with their results; the file is smaller.
func TestPrune(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, path, Options{})
	for n := range 6 {
		id := fmt.Sprint("job", n)
		if _, _, err := s.Add(t.Context(), Job{ID: id, Process: "echo", Title: id, Input: []byte(id + " " + strings.Repeat("x", 100_000))}); err != nil {
			t.Fatal(err)
		}
		until(t, s, id, done)
		if _, err := s.db.Exec(`UPDATE job SET created = ?, finished = ? WHERE id = ?`, 1000*n+1, 1000*n+1, id); err != nil {
			t.Fatal(err)
		}
	}
	shut(t, s)
	before := sizeOf(path)
	if n, err := Prune(t.Context(), path, time.UnixMilli(2000), -1); err != nil || n != 2 {
		t.Errorf("%d by age, %v", n, err)
	}
	if n, err := Prune(t.Context(), path, time.UnixMilli(0), 450_000); err != nil || n != 2 {
		t.Errorf("%d by size, %v", n, err)
	}
	if after := sizeOf(path); after > before/2 {
		t.Errorf("%d bytes, before %d", after, before)
	}
	h, err := Check(t.Context(), path)
	if err != nil || len(h.Faults) > 0 || h.Results != 2 || h.Jobs[Successful] != 2 {
		t.Errorf("%+v %v", h, err)
	}
	s = open(t, path, Options{})
	if _, err := s.Get(t.Context(), "job5"); err != nil {
		t.Error(err)
	}
	shut(t, s)
}
