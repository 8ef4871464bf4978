package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
)

// task is what River keeps of a job: its id.
type task struct {
	ID string `json:"id"`
}

func (task) Kind() string { return "job" }

// Add puts a job into the queue. One of the same id that waits, runs or was
// successful is given back as it is, and added is false; one that failed or was
// dismissed is tried again. ErrFull if too many wait.
func (s *Store) Add(ctx context.Context, j Job) (out Job, added bool, err error) {
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofJobs)
	if err != nil {
		return Job{}, false, err
	}
	defer tx.Rollback()
	old, err := jobOf(ctx, tx, j.ID)
	switch {
	case err == nil && old.Status != Failed && old.Status != Dismissed:
		tx.Rollback()
		old, err = s.live(ctx, old)
		return old, false, err
	case err != nil && !errors.Is(err, ErrNone):
		return Job{}, false, err
	}
	var waiting int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM job WHERE status = $1`, Accepted).Scan(&waiting); err != nil {
		return Job{}, false, err
	}
	if waiting >= s.o.Waiting {
		return Job{}, false, ErrFull
	}
	queued, err := s.e.queue(ctx, tx, j.ID)
	if err != nil {
		return Job{}, false, err
	}
	j.Status, j.Created = Accepted, time.Now().UTC()
	if err := put(ctx, tx, j, queued); err != nil {
		return Job{}, false, err
	}
	if err := tx.Commit(); err != nil {
		return Job{}, false, err
	}
	s.tell(j)
	return j, true, nil
}

func put(ctx context.Context, tx asker, j Job, queued int64) error {
	j.Input = some(j.Input)
	_, err := tx.ExecContext(ctx, `INSERT INTO job (id, process, title, input, status, created, started, finished, river, bytes, private, passing, owner)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO UPDATE SET process = excluded.process, title = excluded.title, input = excluded.input, status = excluded.status, problem = NULL,
	created = excluded.created, started = excluded.started, finished = excluded.finished, river = excluded.river, bytes = excluded.bytes,
	private = excluded.private, passing = excluded.passing, owner = excluded.owner`,
		j.ID, j.Process, j.Title, j.Input, j.Status, millis(j.Created), millis(j.Started), millis(j.Finished), queued, j.Bytes, j.Private, j.Passing, j.Owner)
	return err
}

// touched reports whether a statement changed a row.
func touched(done sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// some is b, which is then never NULL.
func some(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Keep puts a job that was carried out elsewhere, with its result.
func (s *Store) Keep(ctx context.Context, j Job, result []byte) (err error) {
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofJobs)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	old, err := jobOf(ctx, tx, j.ID)
	if err == nil && (old.Status == Running || old.Status == Successful) {
		return nil // it is there, or will be
	}
	j.Status, j.Bytes = Successful, int64(len(result))
	if err := put(ctx, tx, j, 0); err != nil {
		return err
	}
	if err := s.store(ctx, tx, j.ID, result); err != nil {
		return err
	}
	return tx.Commit()
}

// store keeps a result, and lets the oldest go that are too many.
func (s *Store) store(ctx context.Context, tx asker, id string, result []byte) error {
	const keep = `INSERT INTO result (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body`
	if _, err := tx.ExecContext(ctx, keep, id, some(result)); err != nil {
		return err
	}
	return s.prune(ctx, tx, id)
}

// Dismiss ends a job that waits or runs, and takes one that is done off the
// list, with its result.
func (s *Store) Dismiss(ctx context.Context, id string) (j Job, err error) {
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofJobs)
	if err != nil {
		return Job{}, err
	}
	defer tx.Rollback()
	if j, err = jobOf(ctx, tx, id); err != nil {
		return j, err
	}
	if j.Status.Done() {
		j.Status = Dismissed
		if _, err := tx.ExecContext(ctx, `DELETE FROM job WHERE id = $1`, id); err != nil {
			return j, err
		}
		return j, tx.Commit()
	}
	var queued int64
	if err := tx.QueryRowContext(ctx, `SELECT river FROM job WHERE id = $1`, id).Scan(&queued); err != nil {
		return j, err
	}
	if err := s.e.unqueue(ctx, tx, id, queued); err != nil {
		return j, err
	}
	j.Status, j.Finished = Dismissed, time.Now().UTC()
	if _, err := tx.ExecContext(ctx, `UPDATE job SET status = $1, finished = $2 WHERE id = $3`, j.Status, millis(j.Finished), id); err != nil {
		return j, err
	}
	if err := tx.Commit(); err != nil {
		return j, err
	}
	s.stop(id)
	s.tell(j)
	return j, nil
}

// worker carries out what River hands it.
type worker struct {
	river.WorkerDefaults[task]
	store *Store
}

func (w *worker) Work(ctx context.Context, t *river.Job[task]) error {
	s := w.store
	var j Job
	err := insisting(ctx, func() (err error) { j, err = s.Get(ctx, t.Args.ID); return err })
	if errors.Is(err, ErrNone) || err == nil && j.Status != Accepted {
		return nil // it was dismissed
	}
	if err != nil {
		return err
	}
	stopped := ctx // by the end of the program
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	j.Status, j.Started = Running, time.Now().UTC()
	var mine bool
	if err := insisting(ctx, func() (err error) {
		mine, err = s.e.claim(ctx, j)
		return s.e.told(err)
	}); err != nil || !mine {
		return err
	}
	defer s.e.leave(j.ID)
	defer s.stop(j.ID)
	s.start(j, cancel)
	result, err := s.safely(ctx, j)
	if err != nil && stopped.Err() != nil {
		if given, gone := s.e.giveBack(context.WithoutCancel(ctx), j.ID); given || gone != nil {
			return gone
		}
		err = errors.New(Interrupted)
	}
	if kept := insisting(context.Background(), func() error { return s.finish(j, result, err) }); errors.Is(kept, ErrAway) {
		return kept // a server that reaches the database makes it again
	} else if kept != nil {
		// The disk is full, say: whoever waits must know.
		s.o.Log.Error("a result could not be kept", "job", j.ID, "error", kept.Error())
		return s.finish(j, nil, fmt.Errorf("the result could not be kept: %w", kept))
	}
	return nil
}

// NextRetry is soon: what failed is the way to the database, and not the job.
func (w *worker) NextRetry(t *river.Job[task]) time.Time {
	return time.Now().Add(min(30*time.Second, time.Second<<min(t.Attempt, 5)))
}

// safely makes an error of a panic, which is a bug of ours, and no end of all.
func (s *Store) safely(ctx context.Context, j Job) (result []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error("a job panicked", "job", j.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("a fault of this program: %v", p)
		}
	}()
	return s.work(ctx, j, func(stage string, done, total int) { s.report(j.ID, stage, done, total) })
}

// finish writes what became of a job, the result with it or nothing.
func (s *Store) finish(j Job, result []byte, failed error) (err error) {
	ctx := context.Background() // the database must know, whoever gives up
	defer s.stop(j.ID)
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofJobs)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	j.Finished = time.Now().UTC()
	if j.Status, j.Bytes = Successful, int64(len(result)); failed != nil {
		j.Status, j.Bytes, j.Problem = Failed, 0, s.o.Problem(failed)
	}
	if mine, err := s.e.release(ctx, tx, j.ID); err != nil || !mine {
		return err // another server has it meanwhile, or it was dismissed
	}
	done, err := touched(tx.ExecContext(ctx, `UPDATE job SET status = $1, finished = $2, problem = $3, bytes = $4 WHERE id = $5 AND status = $6`,
		j.Status, millis(j.Finished), j.Problem, j.Bytes, j.ID, Running))
	if err != nil || !done {
		return err // dismissed meanwhile
	}
	if failed == nil {
		err = s.store(ctx, tx, j.ID, result)
	} else {
		err = s.prune(ctx, tx, j.ID)
	}
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.tell(j)
	return nil
}

// prune lets the oldest jobs go where they are too many or too large with all that is
// kept of them, and those that failed long ago; the one of an id stays.
func (s *Store) prune(ctx context.Context, in asker, id string) error {
	_, err := in.ExecContext(ctx, `DELETE FROM job WHERE id IN (
	SELECT id FROM (SELECT id, status, finished, passing,
		sum(bytes + length(input) + coalesce(length(problem), 0) + length(title)) OVER newest AS held, count(*) OVER newest AS kept
		FROM job WHERE finished > 0 WINDOW newest AS (ORDER BY created DESC, id)) AS ended
	WHERE (held > $1 OR kept > $2 OR status <> $3 AND finished < $4 OR passing AND finished < $5) AND id <> $6)`,
		s.o.Bytes, s.o.Kept, Successful, time.Now().Add(-s.o.Failed).UnixMilli(), time.Now().Add(-s.o.Passing).UnixMilli(), id)
	return err
}
