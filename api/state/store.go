package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"
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
	Beat    time.Duration      // between two signs of life of a server that shares its database; 5 s
	Lapse   time.Duration      // after the last of which others take up what it had; 30 s
	Problem func(error) []byte // how a failure is kept; its text
	Log     *slog.Logger
}

// Store is the jobs and their results. Its methods may be called by any number of
// goroutines.
type Store struct {
	db   *sql.DB // the one that writes
	read *sql.DB // those that read: they do not wait for the writer
	e    engine
	work Work
	o    Options

	mu       sync.Mutex
	now      map[string]Job                   // those that run, with their progress
	cancels  map[string]context.CancelFunc    // what ends them
	watchers map[string]map[chan Job]struct{} // by job
	told     func(Change)                     // who follows what others change
}

// Open opens or makes the file, "" for one in memory that ends with the program, or the
// tables in the database at postgres://….
// Jobs that ran when the file was last used are marked as failed; those that
// waited go on waiting. Close it when done.
func Open(ctx context.Context, path string, work Work, o Options) (*Store, error) {
	def(&o.Runs, 2)
	def(&o.Waiting, 100)
	def(&o.Kept, 10_000)
	def(&o.Bytes, 4<<30)
	def(&o.Failed, 7*24*time.Hour)
	def(&o.Passing, 24*time.Hour)
	def(&o.Beat, 5*time.Second)
	def(&o.Lapse, 6*o.Beat)
	if o.Problem == nil {
		o.Problem = func(err error) []byte { return []byte(err.Error()) }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{work: work, o: o, now: map[string]Job{}, cancels: map[string]context.CancelFunc{}, watchers: map[string]map[chan Job]struct{}{}}
	opening := s.openFile
	if Shared(path) {
		opening = s.openShared
	}
	err := opening(ctx, path)
	if err == nil {
		err = s.e.start(ctx)
	}
	if err != nil {
		s.e.shut()
		return nil, fmt.Errorf("jobs: %s: %w", Name(path), err)
	}
	return s, nil
}

func def[T int | int64 | time.Duration](v *T, otherwise T) {
	if *v == 0 {
		*v = otherwise
	}
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
	return errors.Join(s.e.stop(ctx), s.e.shut())
}

// Ping asks whether what is kept can be asked for: a file can, a database if it answers.
func (s *Store) Ping(ctx context.Context) error { return s.e.told(s.read.PingContext(ctx)) }

const columns = `id, process, title, input, status, problem, created, started, finished, bytes, private, passing, owner`

func scan(row interface{ Scan(...any) error }) (Job, error) {
	var j Job
	var created, started, finished int64
	err := row.Scan(&j.ID, &j.Process, &j.Title, &j.Input, &j.Status, &j.Problem, &created, &started, &finished, &j.Bytes, &j.Private, &j.Passing, &j.Owner)
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

func jobOf(ctx context.Context, in asker, id string) (Job, error) {
	return scan(in.QueryRowContext(ctx, `SELECT `+columns+` FROM job WHERE id = $1`, id))
}

// Get is a job by its id, or ErrNone.
func (s *Store) Get(ctx context.Context, id string) (Job, error) {
	j, err := jobOf(ctx, s.read, id)
	if err == nil {
		j, err = s.live(ctx, j)
	}
	return j, s.e.told(err)
}

// live is a job with its progress.
func (s *Store) live(ctx context.Context, j Job) (Job, error) {
	one := []Job{j}
	err := s.progress(ctx, one)
	return one[0], err
}

// progress fills in how far those jobs are that run, here or on another server.
func (s *Store) progress(ctx context.Context, jobs []Job) error {
	elsewhere := false
	s.mu.Lock()
	for k, j := range jobs {
		if j.Status != Running {
			continue
		}
		if now, ok := s.now[j.ID]; ok {
			jobs[k].Stage, jobs[k].Done, jobs[k].Total = now.Stage, now.Done, now.Total
		} else {
			elsewhere = true
		}
	}
	s.mu.Unlock()
	if !elsewhere {
		return nil
	}
	return s.e.progress(ctx, jobs)
}

// longProblem is the problem that a list leaves out, in bytes.
const longProblem = 4096

// List is the latest jobs, at most so many, those behind the one of an id or, where it
// is "", all: without what was asked, and without those that pass; of one owner, or of
// everybody where owner is "". ErrNone if there is no job of that id.
func (s *Store) List(ctx context.Context, owner, after string, most int) ([]Job, error) {
	created := int64(math.MaxInt64)
	if after != "" {
		if err := s.read.QueryRowContext(ctx, `SELECT created FROM job WHERE id = $1`, after).Scan(&created); errors.Is(err, sql.ErrNoRows) {
			return nil, ErrNone
		} else if err != nil {
			return nil, s.e.told(err)
		}
	}
	rows, err := s.read.QueryContext(ctx, `SELECT id, process, title, '', status, CASE WHEN length(problem) <= $1 THEN problem END,
	created, started, finished, bytes, private, passing, owner FROM job
WHERE NOT passing AND created <= $2 AND (created < $3 OR id > $4) AND ($5 = '' OR owner = $6) ORDER BY created DESC, id LIMIT $7`,
		longProblem, created, created, after, owner, owner, most)
	if err != nil {
		return nil, s.e.told(err)
	}
	defer rows.Close()
	var out []Job
	for rows.Next() {
		j, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, s.e.told(err)
	}
	return out, s.e.told(s.progress(ctx, out))
}

// Result is what a successful job left, with whether the job is private and passing, and its owner; or
// ErrNone.
func (s *Store) Result(ctx context.Context, id string) (body []byte, of Job, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT body, private, passing, owner FROM result JOIN job USING (id) WHERE id = $1`, id).Scan(&body, &of.Private, &of.Passing, &of.Owner)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return body, of, s.e.told(err)
}

// Stay makes a job that passes one like others. ErrNone if there is none of that id.
func (s *Store) Stay(ctx context.Context, id string) error {
	return insisting(ctx, func() error {
		done, err := touched(s.db.ExecContext(ctx, `UPDATE job SET passing = false WHERE id = $1`, id))
		if err == nil && !done {
			err = ErrNone
		}
		return s.e.told(err)
	})
}

// Sweep lets the jobs go that passed, and others whose time is over.
func (s *Store) Sweep(ctx context.Context) (err error) {
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofJobs)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.prune(ctx, tx, ""); err != nil {
		return err
	}
	return tx.Commit()
}

// Holding is the id of the successful job, the latest, of which text begins with
// the id and a hyphen: collections are named so. ErrNone if there is none.
func (s *Store) Holding(ctx context.Context, text string) (string, error) {
	var id string
	err := s.read.QueryRowContext(ctx, `SELECT id FROM job
WHERE status = $1 AND substr(CAST($2 AS text), 1, length(id) + 1) = id || '-' ORDER BY created DESC LIMIT 1`, Successful, text).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return id, s.e.told(err)
}
