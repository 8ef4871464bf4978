package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
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
	Bytes   int64              // of results that are kept, the oldest go first; 4 GiB
	Kept    int                // jobs that are kept; 10,000
	Problem func(error) []byte // how a failure is kept; its text
	Log     *slog.Logger
}

// Store is the jobs and their results. Its methods may be called by any number of
// goroutines.
type Store struct {
	db     *sql.DB
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
	river INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0);
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
	if o.Problem == nil {
		o.Problem = func(err error) []byte { return []byte(err.Error()) }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	name := "file::memory:?"
	if path != "" {
		if err := ours(ctx, path); err != nil {
			return nil, fmt.Errorf("jobs: %s: %w", path, err)
		}
		name = "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&"
	}
	db, err := sql.Open("sqlite", name+"_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	// SQLite has one writer, and a second connection to memory is another memory.
	db.SetMaxOpenConns(1)
	s := &Store{db: db, work: work, o: o, now: map[string]Job{}, cancels: map[string]context.CancelFunc{}, watchers: map[string]map[chan Job]struct{}{}}
	if err := s.begin(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("jobs: %s: %w", path, err)
	}
	return s, nil
}

func def[T int | int64](v *T, otherwise T) {
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
	if _, err := s.db.ExecContext(ctx, schema+layerSchema); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
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
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: s.o.Runs}},
		Workers:           workers,
		JobTimeout:        -1, // the work bounds itself
		MaxAttempts:       1,
		FetchCooldown:     20 * time.Millisecond,
		FetchPollInterval: 100 * time.Millisecond,
		Logger:            quiet(s.o.Log),
	})
	if err != nil {
		return err
	}
	if err := s.requeue(ctx); err != nil {
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
		row, err := s.client.InsertTx(ctx, tx, task{id}, nil)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE job SET river = ? WHERE id = ?`, row.Job.ID, id); err != nil {
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
	err := s.client.StopAndCancel(ctx)
	if closed := s.db.Close(); err == nil {
		err = closed
	}
	return err
}

const columns = `id, process, title, input, status, problem, created, started, finished, bytes`

func scan(row interface{ Scan(...any) error }) (Job, error) {
	var j Job
	var created, started, finished int64
	err := row.Scan(&j.ID, &j.Process, &j.Title, &j.Input, &j.Status, &j.Problem, &created, &started, &finished, &j.Bytes)
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
	j, err := scan(s.db.QueryRowContext(ctx, `SELECT `+columns+` FROM job WHERE id = ?`, id))
	return s.live(j), err
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

// List is the latest jobs, at most so many.
func (s *Store) List(ctx context.Context, most int) ([]Job, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+columns+` FROM job ORDER BY created DESC, id LIMIT ?`, most)
	if err != nil {
		return nil, err
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

// Result is what a successful job left, or ErrNone.
func (s *Store) Result(ctx context.Context, id string) ([]byte, error) {
	var body []byte
	err := s.db.QueryRowContext(ctx, `SELECT body FROM result WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return body, err
}

// Holding is the id of the successful job, the latest, of which text begins with
// the id and a hyphen: collections are named so. ErrNone if there is none.
func (s *Store) Holding(ctx context.Context, text string) (string, error) {
	var id string
	err := s.db.QueryRowContext(ctx, `SELECT id FROM job WHERE status = ? AND substr(?, 1, length(id) + 1) = id || '-' ORDER BY created DESC LIMIT 1`, Successful, text).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return id, err
}
