package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"modernc.org/sqlite" // the driver of database/sql, without cgo
)

// longestLock is how long a lock that another program has on the file is waited for:
// whoever asks is then told to come back.
const longestLock = 900 * time.Millisecond

// longestFinish is how long the beginning and the end of a job wait for the same.
const longestFinish = 2 * time.Minute

const schema = `
CREATE TABLE IF NOT EXISTS job (
	id TEXT PRIMARY KEY, process TEXT NOT NULL, title TEXT NOT NULL, input BLOB NOT NULL,
	status TEXT NOT NULL, problem BLOB, created INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0, finished INTEGER NOT NULL DEFAULT 0,
	river INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, private INTEGER NOT NULL DEFAULT 0, passing INTEGER NOT NULL DEFAULT 0,
	owner TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS job_created ON job (created);
CREATE TABLE IF NOT EXISTS result (id TEXT PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE, body BLOB NOT NULL);`

const layerSchema = `
CREATE TABLE IF NOT EXISTS layer (
	name TEXT NOT NULL, version INTEGER NOT NULL, format TEXT NOT NULL, options BLOB NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
	rows INTEGER NOT NULL, created INTEGER NOT NULL, current INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (name, version));`

// file is the engine of a store in a SQLite file, or in memory.
type file struct {
	s      *Store
	db     *sql.DB // the one that writes
	lock   io.Closer
	client *river.Client[*sql.Tx]
}

// openFile opens the file, which this server alone may use.
func (s *Store) openFile(ctx context.Context, path string) (err error) {
	f := &file{s: s}
	s.e = f
	name, reading := "file::memory:?", ""
	if path != "" {
		if f.lock, err = locked(path + "-lock"); err != nil {
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
	if f.db, err = sql.Open("sqlite", name+"_pragma=foreign_keys(1)&"+busy+"&_txlock=immediate"); err != nil {
		return err
	}
	// SQLite has one writer, and a second connection to memory is another memory.
	f.db.SetMaxOpenConns(1)
	if err := f.sound(ctx, f.db); err != nil {
		return err
	}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	if s.db, s.read = f.db, f.db; reading != "" {
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
func (f *file) shut() error {
	var failed []error
	if f.s.read != nil && f.s.read != f.db {
		failed = append(failed, f.s.read.Close())
	}
	if f.db != nil {
		failed = append(failed, f.db.Close())
	}
	if f.lock != nil {
		failed = append(failed, f.lock.Close())
	}
	return errors.Join(failed...)
}

// prepare makes the tables and marks what was under way: whoever ran is no more. River
// would wait an hour before it tries again what may have brought the program down.
func (f *file) prepare(ctx context.Context) error {
	migrator, err := rivermigrate.New(riversqlite.New(f.db), &rivermigrate.Config{Logger: quiet(f.s.o.Log)})
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	if err := f.tables(ctx); err != nil {
		return err
	}
	_, err = f.db.ExecContext(ctx, `UPDATE job SET status = $1, problem = $2, finished = $3 WHERE status = $4`,
		Failed, f.s.o.Problem(errors.New(Interrupted)), time.Now().UnixMilli(), Running)
	return err
}

func (f *file) start(ctx context.Context) (err error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{store: f.s}); err != nil {
		return err
	}
	f.client, err = river.NewClient(riversqlite.New(f.db), &river.Config{
		Queues:     map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: f.s.o.Runs}},
		Workers:    workers,
		JobTimeout: -1, // the work bounds itself
		// What ran when a program ended is marked by the next, which has the file alone:
		// River is to rescue nothing that runs on.
		RescueStuckJobsAfter: 10 * 365 * 24 * time.Hour,
		MaxAttempts:          1,
		FetchCooldown:        20 * time.Millisecond,
		// An idle server looks for work four times a second. River's notices on SQLite are a table
		// that is looked at twenty times a second, and serve several programs on one file.
		FetchPollInterval: 250 * time.Millisecond,
		PollOnly:          true,
		Logger:            quiet(f.s.o.Log),
	})
	if err != nil {
		return err
	}
	if err := f.requeue(ctx); err != nil {
		return err
	}
	if err := f.s.prune(ctx, f.db, ""); err != nil {
		return err
	}
	return f.client.Start(context.WithoutCancel(ctx))
}

func (f *file) stop(ctx context.Context) error { return f.client.StopAndCancel(ctx) }

// begin begins a transaction, which is the only one that writes.
func (f *file) begin(ctx context.Context, _ matter) (*change, error) {
	turn, cancel := context.WithTimeout(ctx, longestTurn)
	defer cancel()
	conn, err := f.db.Conn(turn)
	if err != nil {
		if ctx.Err() == nil && turn.Err() != nil {
			err = ErrLocked
		}
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(f.told(err), conn.Close())
	}
	return &change{asker: tx, lite: tx, free: conn.Close, end: func(commit bool) error {
		if commit {
			return f.told(tx.Commit())
		}
		return tx.Rollback()
	}}, nil
}

// requeue puts the jobs that wait into the queue anew, in their order. What River
// has of them is not trusted: one that it took up as the program ended is running
// or discarded to it, and would wait for ever.
func (f *file) requeue(ctx context.Context) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM river_job`); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT id FROM job WHERE status = $1 ORDER BY created, river, id`, Accepted)
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
		queued, err := f.due(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE job SET river = $1 WHERE id = $2`, queued, id); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// told is an error, as ErrLocked where a lock is the cause.
func (f *file) told(err error) error {
	const busy, lockedTable = 5, 6 // SQLITE_BUSY and SQLITE_LOCKED, in all their kinds
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == busy || e.Code()&0xff == lockedTable) {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// schemaVersion is that of our tables: 1 has who a job is told to.
const schemaVersion = 1

// errNewer says that a later program made the file.
var errNewer = errors.New("was made by a later careshed, whose tables this one does not know")

// tables makes the tables that a new file lacks, and changes those of an older one. A
// file of ours in which some are missing was altered, and is refused.
func (f *file) tables(ctx context.Context) error {
	var version, id, there int
	if err := f.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if err := f.db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	const known = `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('job', 'result', 'layer')`
	if err := f.db.QueryRowContext(ctx, known).Scan(&there); err != nil {
		return err
	}
	switch {
	case version > schemaVersion:
		return errNewer
	case version > 0 && there < 3:
		return fmt.Errorf("%w: tables are missing", ErrStranger)
	case there > 0:
		for later, kind := range map[string]string{"private": "INTEGER NOT NULL DEFAULT 0", "passing": "INTEGER NOT NULL DEFAULT 0", "owner": "TEXT NOT NULL DEFAULT ''"} { // columns that files of before lack
			var columns int
			if err := f.db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info('job') WHERE name = $1`, later).Scan(&columns); err != nil {
				return err
			}
			if columns > 0 {
				continue
			}
			if _, err := f.db.ExecContext(ctx, `ALTER TABLE job ADD COLUMN `+later+` `+kind); err != nil {
				return err
			}
		}
	}
	if _, err := f.db.ExecContext(ctx, schema+layerSchema); err != nil {
		return err
	}
	_, err := f.db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, schemaVersion))
	return err
}

// due puts a job into the queue, from whenever the clock may come to show: a clock that
// goes back makes none wait.
func (f *file) due(ctx context.Context, tx *sql.Tx, id string) (queued int64, err error) {
	row, err := f.client.InsertTx(ctx, tx, task{id}, nil)
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE river_job SET scheduled_at = '2000-01-01 00:00:00.000' WHERE id = $1`, row.Job.ID)
	return row.Job.ID, err
}

func (f *file) queue(ctx context.Context, c *change, id string) (int64, error) {
	return f.due(ctx, c.lite, id)
}

func (f *file) unqueue(ctx context.Context, c *change, _ string, number int64) error {
	if _, err := f.client.JobCancelTx(ctx, c.lite, number); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
		return err
	}
	return nil
}

func (f *file) claim(ctx context.Context, j Job) (bool, error) {
	return touched(f.db.ExecContext(ctx, `UPDATE job SET status = $1, started = $2 WHERE id = $3 AND status = $4`, j.Status, millis(j.Started), j.ID, Accepted))
}

// What follows is between servers, of which a file has one.
func (f *file) release(context.Context, *change, string) (bool, error) { return true, nil }
func (f *file) giveBack(context.Context, string) (bool, error)         { return false, nil }
func (f *file) leave(string)                                           {}
func (f *file) report(Job)                                             {}
func (f *file) progress(context.Context, []Job) error                  { return nil }

// compact gives the space of what was taken away back to the disk. A file that was made
// before files could do so keeps it for what comes next; careshed state prune gives it back.
func (f *file) compact(ctx context.Context) error {
	for _, step := range []string{`PRAGMA incremental_vacuum`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		rows, err := f.db.QueryContext(ctx, step)
		if err != nil {
			return f.told(err)
		}
		for rows.Next() { // each is a page
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return f.told(err)
		}
	}
	return nil
}
