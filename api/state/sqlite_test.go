package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// A file is one server's, however it ends, and nobody else may read a new one.
func TestFileOfOneServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, path, Options{})
	if _, err := Open(t.Context(), path, echo, Options{}); !errors.Is(err, ErrRuns) {
		t.Errorf("a second server: %v", err)
	}
	for _, name := range []string{path, path + "-lock", path + "-wal"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	shut(t, s)
	shut(t, open(t, path, Options{}))
}

// While another program has the file locked what is kept is told, nothing is lost, and
// who wants to change something is told why it cannot be.
func TestLockedByAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	gate := make(chan struct{})
	s, err := Open(t.Context(), path, gatedEcho(gate), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, s)
	if _, _, err := s.Add(t.Context(), Job{ID: "runs", Input: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	until(t, s, "runs", func(j Job) bool { return j.Status == Running })
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	close(gate) // the job ends while the file is locked
	if _, _, err := s.Add(t.Context(), Job{ID: "new", Input: []byte("x")}); !errors.Is(err, ErrLocked) {
		t.Errorf("a new job: %v", err)
	}
	if _, err := s.PutLayer(t.Context(), Layer{Name: "l"}, []byte("x"), Rule{Versions: 10}); !errors.Is(err, ErrLocked) {
		t.Errorf("a layer: %v", err)
	}
	if err := s.DropLayer(t.Context(), "l"); !errors.Is(err, ErrLocked) {
		t.Errorf("a layer that goes: %v", err)
	}
	if _, err := s.Dismiss(t.Context(), "runs"); !errors.Is(err, ErrLocked) {
		t.Errorf("a job that is ended: %v", err)
	}
	if j, err := s.Get(t.Context(), "runs"); err != nil || j.Status != Running {
		t.Errorf("what is kept: %v %+v", err, j)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if j := until(t, s, "runs", done); j.Status != Successful {
		t.Errorf("afterwards: %+v", j)
	}
	if _, added, err := s.Add(t.Context(), Job{ID: "new", Input: []byte("x")}); err != nil || !added {
		t.Errorf("a new job, afterwards: %v", err)
	}
}

// gatedEcho is echo behind a gate.
func gatedEcho(gate chan struct{}) Work {
	return func(ctx context.Context, j Job, report func(string, int, int)) ([]byte, error) {
		<-gate
		return echo(ctx, j, report)
	}
}

// Jobs that fail count with what was asked and why they failed, and go by age too.
func TestFailedJobsGo(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		s := open(t, path, Options{Bytes: 10_000, Runs: 1, Waiting: 30})
		defer shut(t, s)
		long := "fail " + strings.Repeat("x", 995)
		for i := range 30 {
			id := fmt.Sprint("f", i)
			if _, _, err := s.Add(t.Context(), Job{ID: id, Title: "t", Input: []byte(long)}); err != nil {
				t.Fatal(err)
			}
		}
		until(t, s, "f29", done)
		list, err := s.List(t.Context(), "", "", 100)
		if err != nil || len(list) < 5 || len(list) > 9 || !slices.ContainsFunc(list[:2], func(j Job) bool { return j.ID == "f29" }) { // two may be of one millisecond
			t.Errorf("%d jobs of 1 kB are kept within 10 kB: %v %+v", len(list), err, list)
		}
		for _, j := range list {
			if len(j.Input) > 0 {
				t.Fatalf("a list has what was asked: %d bytes", len(j.Input))
			}
		}
		old := time.Now().Add(-8 * 24 * time.Hour).UnixMilli()
		if _, err := s.db.Exec(`UPDATE job SET finished = $1 WHERE id = 'f28'`, old); err != nil {
			t.Fatal(err)
		}
		if err := s.Keep(t.Context(), Job{ID: "old", Created: time.UnixMilli(old), Finished: time.UnixMilli(old)}, []byte("r")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), "f28"); !errors.Is(err, ErrNone) {
			t.Errorf("it failed eight days ago, and is kept: %v", err)
		}
		if _, err := s.Get(t.Context(), "old"); err != nil {
			t.Errorf("what was found eight days ago: %v", err)
		}
	})
}

// Page by page every job comes once, the latest first.
func TestListByPages(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		s := open(t, path, Options{})
		defer shut(t, s)
		for i := range 25 {
			at := time.UnixMilli(int64(1000 + i/3)) // three at a time
			if err := s.Keep(t.Context(), Job{ID: fmt.Sprintf("k%02d", i), Created: at, Finished: at}, nil); err != nil {
				t.Fatal(err)
			}
		}
		seen, after, last := map[string]bool{}, "", time.Now()
		for {
			page, err := s.List(t.Context(), "", after, 4)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range page {
				if seen[j.ID] || j.Created.After(last) {
					t.Fatalf("%s of %v stands behind %v, or twice", j.ID, j.Created, last)
				}
				seen[j.ID], after, last = true, j.ID, j.Created
			}
			if len(page) < 4 {
				break
			}
		}
		if len(seen) != 25 {
			t.Errorf("%d jobs", len(seen))
		}
		if _, err := s.List(t.Context(), "", "none", 4); !errors.Is(err, ErrNone) {
			t.Errorf("behind none: %v", err)
		}
	})
}

// A file of before there were versions opens with what is in it; one of a later program,
// or one that lacks tables, does not.
func TestOlderAndNewerFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, path, Options{})
	if err := s.Keep(t.Context(), Job{ID: "found", Created: time.Now(), Finished: time.Now()}, []byte("r")); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	altered := func(statement string) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+path)
		if err == nil {
			_, err = db.Exec(statement)
		}
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	altered(`ALTER TABLE job DROP COLUMN private; ALTER TABLE job DROP COLUMN passing; PRAGMA user_version = 0`)
	s = open(t, path, Options{})
	if b, of, err := s.Result(t.Context(), "found"); err != nil || string(b) != "r" || of.Private || of.Passing {
		t.Errorf("of an older file: %q %+v %v", b, of, err)
	}
	shut(t, s)
	altered(`PRAGMA user_version = 2`)
	if _, err := Open(t.Context(), path, echo, Options{}); !errors.Is(err, errNewer) {
		t.Errorf("of a later program: %v", err)
	}
	altered(`PRAGMA user_version = 1; DROP TABLE result`)
	if _, err := Open(t.Context(), path, echo, Options{}); !errors.Is(err, ErrStranger) {
		t.Errorf("without a table: %v", err)
	}
}

// The tables of River as an older careshed left them are carried over, and what was
// found is there.
func TestOlderQueue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, path, Options{})
	if err := s.Keep(t.Context(), Job{ID: "found", Created: time.Now(), Finished: time.Now()}, []byte("r")); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	migrator, err := rivermigrate.New(riversqlite.New(db), nil)
	if err != nil {
		t.Fatal(err)
	}
	const before = 6 // that of River 0.31
	if _, err := migrator.Migrate(t.Context(), rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: before}); err != nil {
		t.Fatal(err)
	}
	if all, err := migrator.ExistingVersions(t.Context()); err != nil || len(all) != before {
		t.Fatalf("%d versions, %v", len(all), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, Options{})
	defer shut(t, s)
	if b, _, err := s.Result(t.Context(), "found"); err != nil || string(b) != "r" {
		t.Errorf("%q %v", b, err)
	}
	if _, _, err := s.Add(t.Context(), Job{ID: "new", Input: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if j := until(t, s, "new", done); j.Status != Successful {
		t.Errorf("%+v", j)
	}
}

// A job that waits is due at once, whatever time the clock comes to show.
func TestWaitingJobsAreDue(t *testing.T) {
	gate := make(chan struct{})
	s, err := Open(t.Context(), "", gatedEcho(gate), Options{Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, s)
	defer close(gate)
	for _, id := range []string{"a", "b", "c"} {
		if _, _, err := s.Add(t.Context(), Job{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	var late int
	if err := s.db.QueryRow(`SELECT count(*) FROM river_job WHERE scheduled_at > '2000-01-02'`).Scan(&late); err != nil || late != 0 {
		t.Errorf("%d are due later, %v", late, err)
	}
}
