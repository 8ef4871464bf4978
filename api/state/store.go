package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver of database/sql, without cgo
)

// Work carries out a job: it gives the result, or an error whose text, as Problem
// of the options puts it, is kept. report may be called from one goroutine.
type Work func(ctx context.Context, j Job, report func(stage string, done, total int)) ([]byte, error)

// Options bound what a store takes. Zeros are the defaults.
type Options struct {
	Runs    int                // jobs at once; 2
	Waiting int                // jobs that may wait; 100
	Bytes   int64              // of results, questions and problems that are kept, the oldest go first; 4 GiB
	Kept    int                // jobs that are kept; 10,000
	Passing time.Duration      // for which a job is kept that is in no list; 24 hours
	Failed  time.Duration      // for which a job is kept that failed or was dismissed; 7 days
	Problem func(error) []byte // how a failure is kept; its text
	Log     *slog.Logger
}

// Store is the jobs and their results. Its methods may be called by any number of
// goroutines.
type Store struct {
	db     *sql.DB // the one that writes
	read   *sql.DB // those that read: they do not wait for the writer
	lock   io.Closer
	client *river.Client[*sql.Tx]
	work   Work
	o      Options

	mu       sync.Mutex
	now      map[string]Job                   // those that run, with their progress
	cancels  map[string]context.CancelFunc    // what ends them
	watchers map[string]map[chan Job]struct{} // by job
}

const schema = `
CREATE TABLE IF NOT EXISTS job (
	id TEXT PRIMARY KEY, process TEXT NOT NULL, title TEXT NOT NULL, input BLOB NOT NULL,
	status TEXT NOT NULL, problem BLOB, created INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0, finished INTEGER NOT NULL DEFAULT 0,
	river INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, private INTEGER NOT NULL DEFAULT 0, passing INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS job_created ON job (created);
CREATE TABLE IF NOT EXISTS result (id TEXT PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE, body BLOB NOT NULL);`

// Open opens or makes the file, "" for one in memory that ends with the program.
// Jobs that ran when the file was last used are marked as failed; those that
// waited go on waiting. Close it when done.
func Open(ctx context.Context, path string, work Work, o Options) (*Store, error) {
	def(&o.Runs, 2)
	def(&o.Waiting, 100)
	def(&o.Kept, 10_000)
	def(&o.Bytes, 4<<30)
	def(&o.Failed, 7*24*time.Hour)
	def(&o.Passing, 24*time.Hour)
	if o.Problem == nil {
		o.Problem = func(err error) []byte { return []byte(err.Error()) }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{work: work, o: o, now: map[string]Job{}, cancels: map[string]context.CancelFunc{}, watchers: map[string]map[chan Job]struct{}{}}
	if err := s.open(ctx, path); err != nil {
		s.shut()
		return nil, fmt.Errorf("jobs: %s: %w", path, err)
	}
	return s, nil
}

// open opens the file, which this server alone may use, and begins.
func (s *Store) open(ctx context.Context, path string) (err error) {
	name, reading := "file::memory:?", ""
	if path != "" {
		if s.lock, err = locked(path + "-lock"); err != nil {
			return err
		}
		if err := ours(ctx, path); err != nil {
			return err
		}
		if err := private(path); err != nil {
			return err
		}
		name = "file:" + path + "?_pragma=auto_vacuum(2)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&"
		reading = "file:" + path + "?mode=ro&_pragma=query_only(1)&"
	}
	busy := fmt.Sprintf("_pragma=busy_timeout(%d)", longestLock.Milliseconds())
	if s.db, err = sql.Open("sqlite", name+"_pragma=foreign_keys(1)&"+busy+"&_txlock=immediate"); err != nil {
		return err
	}
	// SQLite has one writer, and a second connection to memory is another memory.
	s.db.SetMaxOpenConns(1)
	if err := sound(ctx, s.db); err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	if s.read = s.db; reading != "" {
		if s.read, err = sql.Open("sqlite", reading+busy); err != nil {
			return err
		}
		s.read.SetMaxOpenConns(4)
	}
	return nil
}

// private makes a new file that nobody else may read: what is sent is in it.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // whose owner has said who may
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// shut closes what is open.
func (s *Store) shut() error {
	var failed []error
	if s.read != nil && s.read != s.db {
		failed = append(failed, s.read.Close())
	}
	if s.db != nil {
		failed = append(failed, s.db.Close())
	}
	if s.lock != nil {
		failed = append(failed, s.lock.Close())
	}
	return errors.Join(failed...)
}

func def[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
}

func (s *Store) begin(ctx context.Context) error {
	driver := riversqlite.New(s.db)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet(s.o.Log)})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	if err := s.tables(ctx); err != nil {
		return err
	}
	// Whoever ran is no more. River would wait an hour before it tries again what
	// may have brought the program down.
	if _, err := s.db.ExecContext(ctx, `UPDATE job SET status = ?, problem = ?, finished = ? WHERE status = ?`,
		Failed, s.o.Problem(errors.New(Interrupted)), time.Now().UnixMilli(), Running); err != nil {
		return err
	}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{store: s}); err != nil {
		return err
	}
	s.client, err = river.NewClient(driver, &river.Config{
		Queues:     map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: s.o.Runs}},
		Workers:    workers,
		JobTimeout: -1, // the work bounds itself
		// What ran when a program ended is marked by the next, which has the file alone:
		// River is to rescue nothing that runs on.
		RescueStuckJobsAfter: 10 * 365 * 24 * time.Hour,
		MaxAttempts:          1,
		FetchCooldown:        20 * time.Millisecond,
		FetchPollInterval:    100 * time.Millisecond,
		Logger:               quiet(s.o.Log),
	})
	if err != nil {
		return err
	}
	if err := s.requeue(ctx); err != nil {
		return err
	}
	if err := s.prune(ctx, s.db, ""); err != nil {
		return err
	}
	return s.client.Start(context.WithoutCancel(ctx))
}

// requeue puts the jobs that wait into the queue anew, in their order. What River
// has of them is not trusted: one that it took up as the program ended is running
// or discarded to it, and would wait for ever.
func (s *Store) requeue(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM river_job`); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT id FROM job WHERE status = ? ORDER BY created, river, id`, Accepted)
	if err != nil {
		return err
	}
	defer rows.Close()
	var waiting []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		waiting = append(waiting, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range waiting {
		queued, err := s.due(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE job SET river = ? WHERE id = ?`, queued, id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// quiet lets warnings and errors through.
func quiet(l *slog.Logger) *slog.Logger { return slog.New(atLeast{l.Handler()}) }

type atLeast struct{ slog.Handler }

func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}
func (h atLeast) WithAttrs(a []slog.Attr) slog.Handler { return atLeast{h.Handler.WithAttrs(a)} }
func (h atLeast) WithGroup(g string) slog.Handler      { return atLeast{h.Handler.WithGroup(g)} }

// Close stops the jobs under way, which are marked as interrupted, and closes the
// file.
func (s *Store) Close(ctx context.Context) error {
	return errors.Join(s.client.StopAndCancel(ctx), s.shut())
}

const columns = `id, process, title, input, status, problem, created, started, finished, bytes, private, passing`

func scan(row interface{ Scan(...any) error }) (Job, error) {
	var j Job
	var created, started, finished int64
	err := row.Scan(&j.ID, &j.Process, &j.Title, &j.Input, &j.Status, &j.Problem, &created, &started, &finished, &j.Bytes, &j.Private, &j.Passing)
	at := func(ms int64) time.Time {
		if ms == 0 {
			return time.Time{}
		}
		return time.UnixMilli(ms).UTC()
	}
	j.Created, j.Started, j.Finished = at(created), at(started), at(finished)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return j, err
}

// Get is a job by its id, or ErrNone.
func (s *Store) Get(ctx context.Context, id string) (Job, error) {
	j, err := scan(s.read.QueryRowContext(ctx, `SELECT `+columns+` FROM job WHERE id = ?`, id))
	return s.live(j), told(err)
}

// live is a job with its progress.
func (s *Store) live(j Job) Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, ok := s.now[j.ID]; ok && j.Status == Running {
		j.Stage, j.Done, j.Total = now.Stage, now.Done, now.Total
	}
	return j
}

// longProblem is the problem that a list leaves out, in bytes.
const longProblem = 4096

// List is the latest jobs, at most so many, those behind the one of an id or, where it
// is "", all: without what was asked, and without those that pass. ErrNone if there is no job of that id.
func (s *Store) List(ctx context.Context, after string, most int) ([]Job, error) {
	created := int64(math.MaxInt64)
	if after != "" {
		if err := s.read.QueryRowContext(ctx, `SELECT created FROM job WHERE id = ?`, after).Scan(&created); errors.Is(err, sql.ErrNoRows) {
			return nil, ErrNone
		} else if err != nil {
			return nil, told(err)
		}
	}
	rows, err := s.read.QueryContext(ctx, `SELECT id, process, title, x'', status, CASE WHEN length(problem) <= ? THEN problem END, created, started, finished, bytes, private, passing FROM job
WHERE passing = 0 AND (created < ? OR created = ? AND id > ?) ORDER BY created DESC, id LIMIT ?`, longProblem, created, created, after, most)
	if err != nil {
		return nil, told(err)
	}
	defer rows.Close()
	var out []Job
	for rows.Next() {
		j, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, s.live(j))
	}
	return out, rows.Err()
}

// Result is what a successful job left, with whether the job is private and passing; or
// ErrNone.
func (s *Store) Result(ctx context.Context, id string) (body []byte, of Job, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT body, private, passing FROM result JOIN job USING (id) WHERE id = ?`, id).Scan(&body, &of.Private, &of.Passing)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return body, of, told(err)
}

// Stay makes a job that passes one like others. ErrNone if there is none of that id.
func (s *Store) Stay(ctx context.Context, id string) error {
	return insisting(ctx, func() error {
		done, err := s.db.ExecContext(ctx, `UPDATE job SET passing = 0 WHERE id = ?`, id)
		if err != nil {
			return told(err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNone)
		}
		return nil
	})
}

// Sweep lets the jobs go that passed, and others whose time is over.
func (s *Store) Sweep(ctx context.Context) error { return told(s.prune(ctx, s.db, "")) }

// Holding is the id of the successful job, the latest, of which text begins with
// the id and a hyphen: collections are named so. ErrNone if there is none.
func (s *Store) Holding(ctx context.Context, text string) (string, error) {
	var id string
	err := s.read.QueryRowContext(ctx, `SELECT id FROM job WHERE status = ? AND substr(?, 1, length(id) + 1) = id || '-' ORDER BY created DESC LIMIT 1`, Successful, text).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return id, told(err)
}
