package state

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"careshed/data/pgtest"
)

// echo gives its input back; "wait" waits for its end, "fail" and "panic" do so.
func echo(ctx context.Context, j Job, report func(string, int, int)) ([]byte, error) {
	report("begin", 1, 4)
	switch strings.Split(string(j.Input), " ")[0] {
	case "wait":
		report("waiting", 2, 4)
		<-ctx.Done()
		return nil, ctx.Err()
	case "fail":
		return nil, errors.New("it cannot be done")
	case "panic":
		panic("oops")
	}
	return append([]byte("did "), j.Input...), nil
}

func open(t *testing.T, path string, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, echo, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shut(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// until waits for a state of a job.
func until(t *testing.T, s *Store, id string, what func(Job) bool) Job {
	t.Helper()
	states, end, err := s.Watch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	for {
		select {
		case j := <-states:
			if what(j) {
				return j
			}
		case <-time.After(2 * time.Minute): // a busy machine is no failure
			j, err := s.Get(t.Context(), id)
			t.Fatalf("job %s: %+v %v", id, j, err)
		}
	}
}

func done(j Job) bool { return j.Status.Done() }

// each is a test of a store in memory, in a file, and in PostgreSQL.
func each(t *testing.T, test func(t *testing.T, path string)) {
	t.Run("memory", func(t *testing.T) { test(t, "") })
	t.Run("file", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "jobs.sqlite")) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.Start(t).Address) })
}

func TestJobs(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		s := open(t, path, Options{})
		add := func(id, input string) Job {
			t.Helper()
			j, _, err := s.Add(t.Context(), Job{ID: id, Process: "echo", Title: "Echo", Input: []byte(input)})
			if err != nil {
				t.Fatal(err)
			}
			return j
		}
		start := time.Now()
		if j := add("a", "hello"); j.Status != Accepted || j.Created.IsZero() {
			t.Errorf("added: %+v", j)
		}
		if j := until(t, s, "a", done); j.Status != Successful || j.Share() != 1 || j.Finished.Before(j.Started) || j.Bytes != 9 {
			t.Errorf("done: %+v", j)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("a small job took %v", took)
		}
		if b, _, err := s.Result(t.Context(), "a"); err != nil || string(b) != "did hello" {
			t.Errorf("result %q %v", b, err)
		}
		// The same question is not asked twice.
		if j, added, err := s.Add(t.Context(), Job{ID: "a", Input: []byte("other")}); err != nil || added || j.Status != Successful || string(j.Input) != "hello" {
			t.Errorf("again: %v %v %+v", err, added, j)
		}
		// Failures say why, and may be tried again.
		for _, c := range []struct{ id, input, why string }{{"f", "fail", "it cannot be done"}, {"p", "panic", "a fault of this program: oops"}} {
			add(c.id, c.input)
			if j := until(t, s, c.id, done); j.Status != Failed {
				t.Errorf("%s: %+v", c.id, j)
			}
			if j, err := s.Get(t.Context(), c.id); err != nil || string(j.Problem) != c.why {
				t.Errorf("%s: %q %v", c.id, j.Problem, err)
			}
			if _, _, err := s.Result(t.Context(), c.id); !errors.Is(err, ErrNone) {
				t.Errorf("%s has a result: %v", c.id, err)
			}
		}
		if _, added, err := s.Add(t.Context(), Job{ID: "f", Process: "echo", Title: "Echo", Input: []byte("now")}); err != nil || !added {
			t.Errorf("tried again: %v %v", added, err)
		}
		if j := until(t, s, "f", done); j.Status != Successful {
			t.Errorf("tried again: %+v", j)
		}
		// Progress is seen as it comes, and a job that runs can be ended.
		add("w", "wait")
		if j := until(t, s, "w", func(j Job) bool { return j.Stage == "waiting" }); j.Share() != 0.5 || j.Status != Running {
			t.Errorf("under way: %+v", j)
		}
		if j, err := s.Dismiss(t.Context(), "w"); err != nil || j.Status != Dismissed {
			t.Errorf("dismissed: %v %+v", err, j)
		}
		time.Sleep(50 * time.Millisecond)
		if j, err := s.Get(t.Context(), "w"); err != nil || j.Status != Dismissed {
			t.Errorf("dismissed: %v %+v", err, j)
		}
		if _, err := s.Dismiss(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		if _, err := s.Get(t.Context(), "a"); !errors.Is(err, ErrNone) {
			t.Errorf("taken off the list: %v", err)
		}
		if _, _, err := s.Result(t.Context(), "a"); !errors.Is(err, ErrNone) {
			t.Errorf("its result: %v", err)
		}
		if list, err := s.List(t.Context(), "", "", 10); err != nil || len(list) != 3 {
			t.Errorf("%d jobs, %v", len(list), err)
		}
		if id, err := s.Holding(t.Context(), "f-places"); err != nil || id != "f" {
			t.Errorf("holding: %q %v", id, err)
		}
		if _, err := s.Holding(t.Context(), "ff-places"); !errors.Is(err, ErrNone) {
			t.Errorf("holding: %v", err)
		}
		shut(t, s)
	})
}

// Only so many run at once, only so many wait, and each has its turn.
func TestQueueIsBounded(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		var at, most atomic.Int32
		gate := make(chan struct{})
		s, err := Open(t.Context(), path, func(context.Context, Job, func(string, int, int)) ([]byte, error) {
			n := at.Add(1)
			defer at.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			<-gate
			return nil, nil
		}, Options{Runs: 2, Waiting: 5})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, s)
		full := 0
		var ids []string
		for i := range 20 {
			id := fmt.Sprint("j", i)
			_, _, err := s.Add(t.Context(), Job{ID: id, Input: []byte{}})
			if errors.Is(err, ErrFull) {
				full++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if full == 0 {
			t.Error("the queue is never full")
		}
		for _, id := range ids[:2] {
			until(t, s, id, func(j Job) bool { return j.Status == Running })
		}
		// A job is told of as running before its function is called.
		for end := time.Now().Add(2 * time.Minute); at.Load() < 2 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		close(gate)
		for _, id := range ids {
			if j := until(t, s, id, done); j.Status != Successful {
				t.Errorf("%+v", j)
			}
		}
		if most.Load() != 2 {
			t.Errorf("%d ran at once", most.Load())
		}
	})
}

// What was finished and what waited outlive the program; what ran is marked.
func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jobs.sqlite")
	s := open(t, path, Options{Runs: 1})
	for _, j := range []Job{{ID: "done", Input: []byte("x")}, {ID: "runs", Input: []byte("wait")}, {ID: "waits", Input: []byte("y")}} {
		if _, _, err := s.Add(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		if j.ID == "done" {
			until(t, s, "done", done)
		}
	}
	until(t, s, "runs", func(j Job) bool { return j.Stage == "waiting" })
	shut(t, s)

	s = open(t, path, Options{Runs: 1})
	defer shut(t, s)
	if j, err := s.Get(t.Context(), "runs"); err != nil || j.Status != Failed || string(j.Problem) != Interrupted {
		t.Errorf("what ran: %v %+v", err, j)
	}
	if b, _, err := s.Result(t.Context(), "done"); err != nil || string(b) != "did x" {
		t.Errorf("what was done: %q %v", b, err)
	}
	if j := until(t, s, "waits", done); j.Status != Successful {
		t.Errorf("what waited: %+v", j)
	}
}

// A job that the queue had taken up as the program ended, and that was never
// begun, is carried out by the next.
func TestTakenUpAtTheEnd(t *testing.T) {
	for _, state := range []string{"running", "discarded"} {
		path := filepath.Join(t.TempDir(), "jobs.sqlite")
		s := open(t, path, Options{Runs: 1})
		for _, j := range []Job{{ID: "runs", Input: []byte("wait")}, {ID: "waits", Input: []byte("y")}} {
			if _, _, err := s.Add(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
		until(t, s, "runs", func(j Job) bool { return j.Stage == "waiting" })
		if _, err := s.db.Exec(`UPDATE river_job SET state = ?, attempt = 1, attempted_at = CURRENT_TIMESTAMP, finalized_at = CASE ? WHEN 'discarded' THEN CURRENT_TIMESTAMP END WHERE id = (SELECT river FROM job WHERE id = 'waits')`, state, state); err != nil {
			t.Fatal(err)
		}
		shut(t, s)
		s = open(t, path, Options{Runs: 1})
		if j := until(t, s, "waits", done); j.Status != Successful {
			t.Errorf("%s: %+v", state, j)
		}
		shut(t, s)
	}
}

// Of many results the oldest go; those that were carried out elsewhere count.
func TestOldResultsGo(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		s := open(t, path, Options{Bytes: 25})
		defer shut(t, s)
		for i := range 5 {
			if err := s.Keep(t.Context(), Job{ID: fmt.Sprint("k", i), Created: time.UnixMilli(int64(i + 1)), Finished: time.UnixMilli(int64(i + 1))}, make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
		}
		list, err := s.List(t.Context(), "", "", 10)
		if err != nil || len(list) != 2 || list[0].ID != "k4" || list[1].ID != "k3" {
			t.Errorf("kept: %v %v", list, err)
		}
	})
}

// Jobs that pass are in no list and go when their time is over; one that stays is like others.
func TestPassing(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		s := open(t, path, Options{Passing: time.Hour})
		defer shut(t, s)
		old := time.Now().Add(-2 * time.Hour)
		for _, j := range []Job{{ID: "passed", Passing: true, Created: old, Finished: old}, {ID: "stayed", Passing: true, Created: old, Finished: old},
			{ID: "passes", Passing: true, Created: time.Now(), Finished: time.Now()}, {ID: "other", Created: old, Finished: old}} {
			tx, err := s.begin(t.Context(), ofJobs)
			if err != nil {
				t.Fatal(err)
			}
			j.Status = Successful
			if err := put(t.Context(), tx, j, 0); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			tx.Rollback() // which gives the connection back
		}
		if err := s.Stay(t.Context(), "stayed"); err != nil {
			t.Fatal(err)
		}
		if err := s.Stay(t.Context(), "nobody"); !errors.Is(err, ErrNone) {
			t.Errorf("a job that is not there: %v", err)
		}
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := s.List(t.Context(), "", "", 10)
		if err != nil || len(list) != 2 || list[0].ID != "other" || list[1].ID != "stayed" {
			t.Errorf("listed: %v %v", list, err)
		}
		if _, err := s.Get(t.Context(), "passed"); !errors.Is(err, ErrNone) {
			t.Errorf("what passed: %v", err)
		}
		if j, err := s.Get(t.Context(), "passes"); err != nil || !j.Passing {
			t.Errorf("what passes: %v %v", j, err)
		}
	})
}
