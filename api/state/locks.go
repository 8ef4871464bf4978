package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
)

// longestLock is how long a lock that another program has on the file is waited for, and
// a turn to write: whoever asks is then told to come back.
const longestLock = 900 * time.Millisecond

// longestFinish is how long the beginning and the end of a job wait for the same.
const longestFinish = 2 * time.Minute

// told is an error, as ErrLocked where a lock is the cause.
func told(err error) error {
	const busy, lockedTable = 5, 6 // SQLITE_BUSY and SQLITE_LOCKED, in all their kinds
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == busy || e.Code()&0xff == lockedTable) {
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return err
}

// insisting tries something again as long as a lock is in its way: nobody waits for an
// answer, and what was found must not be lost.
func insisting(ctx context.Context, do func() error) error {
	end := time.Now().Add(longestFinish)
	for {
		err := do()
		if !errors.Is(err, ErrLocked) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(longestLock / 10):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// change is a transaction that writes.
type change struct {
	*sql.Tx
	conn *sql.Conn
}

// Rollback ends a transaction that was not committed, and gives its connection back.
func (c change) Rollback() error { return errors.Join(c.Tx.Rollback(), c.conn.Close()) }

// Commit is that of sql.Tx.
func (c change) Commit() error { return told(c.Tx.Commit()) }

// change begins one, once it is its turn. The caller rolls it back in any case.
func (s *Store) change(ctx context.Context) (change, error) {
	turn, cancel := context.WithTimeout(ctx, longestLock)
	defer cancel()
	conn, err := s.db.Conn(turn)
	if err != nil {
		if ctx.Err() == nil && turn.Err() != nil {
			err = ErrLocked
		}
		return change{}, err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return change{}, errors.Join(told(err), conn.Close())
	}
	return change{tx, conn}, nil
}

// schemaVersion is that of our tables: 1 has who a job is told to.
const schemaVersion = 1

// errNewer says that a later program made the file.
var errNewer = errors.New("was made by a later careshed, whose tables this one does not know")

// tables makes the tables that a new file lacks, and changes those of an older one. A
// file of ours in which some are missing was altered, and is refused.
func (s *Store) tables(ctx context.Context) error {
	var version, id, there int
	if err := s.db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if err := s.db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('job', 'result', 'layer')`).Scan(&there); err != nil {
		return err
	}
	switch {
	case version > schemaVersion:
		return errNewer
	case version > 0 && there < 3:
		return fmt.Errorf("%w: tables are missing", ErrStranger)
	case there > 0:
		for _, later := range []string{"private", "passing"} { // columns that files of before lack
			var columns int
			if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM pragma_table_info('job') WHERE name = ?`, later).Scan(&columns); err != nil {
				return err
			}
			if columns > 0 {
				continue
			}
			if _, err := s.db.ExecContext(ctx, `ALTER TABLE job ADD COLUMN `+later+` INTEGER NOT NULL DEFAULT 0`); err != nil {
				return err
			}
		}
	}
	if _, err := s.db.ExecContext(ctx, schema+layerSchema); err != nil {
		return err
	}
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, schemaVersion))
	return err
}

// due puts a job into the queue, from whenever the clock may come to show: a clock that
// goes back makes none wait.
func (s *Store) due(ctx context.Context, tx *sql.Tx, id string) (queued int64, err error) {
	row, err := s.client.InsertTx(ctx, tx, task{id}, nil)
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE river_job SET scheduled_at = '2000-01-01 00:00:00.000' WHERE id = ?`, row.Job.ID)
	return row.Job.ID, err
}

// prune lets the oldest jobs go where they are too many or too large with all that is
// kept of them, and those that failed long ago; the one of an id stays.
func (s *Store) prune(ctx context.Context, in interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, id string) error {
	_, err := in.ExecContext(ctx, `DELETE FROM job WHERE id IN (
	SELECT id FROM (SELECT id, status, finished, passing,
		sum(bytes + length(input) + coalesce(length(problem), 0) + length(title)) OVER newest AS held, count(*) OVER newest AS kept
		FROM job WHERE finished > 0 WINDOW newest AS (ORDER BY created DESC, id))
	WHERE (held > ? OR kept > ? OR status <> ? AND finished < ? OR passing <> 0 AND finished < ?) AND id <> ?)`,
		s.o.Bytes, s.o.Kept, Successful, time.Now().Add(-s.o.Failed).UnixMilli(), time.Now().Add(-s.o.Passing).UnixMilli(), id)
	return err
}
