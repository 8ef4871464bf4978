package state

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// engine is what differs between a SQLite file, which one server has, and a PostgreSQL
// database, which servers share. What the store asks of its tables is the same SQL in
// both: $1 for what is filled in, true and false, ON CONFLICT.
type engine interface {
	// begin begins a transaction that writes, once it is its turn among all who would
	// change the same matter: what it reads stays so until its end.
	begin(ctx context.Context, m matter) (*change, error)
	// start hands out jobs from now on, and stop ends those under way.
	start(ctx context.Context) error
	stop(ctx context.Context) error
	// queue puts a job into the queue and gives its number there; unqueue takes it out.
	queue(ctx context.Context, c *change, id string) (int64, error)
	unqueue(ctx context.Context, c *change, id string, number int64) error
	// claim makes a job this server's that waits. False: it waits no more.
	claim(ctx context.Context, j Job) (bool, error)
	// release is the end of a claim, with what became of the job. False: it is lost.
	release(ctx context.Context, c *change, id string) (bool, error)
	// giveBack lets another server carry out a job that this one cannot finish. False:
	// there is no other, or the job is not this server's any more.
	giveBack(ctx context.Context, id string) (bool, error)
	leave(id string) // this server has nothing more to do with a job
	// report says how far a job of this server is; progress tells it of those of others.
	report(j Job)
	progress(ctx context.Context, jobs []Job) error
	// told is an error as a caller can tell it from others: ErrLocked, ErrAway.
	told(err error) error
	// compact gives the space of what was taken away back to the disk.
	compact(ctx context.Context) error
	shut() error
}

// matter is what a transaction changes: those of one are done one after the other.
type matter int64

const (
	ofJobs   matter = 0x63617265_01
	ofLayers matter = 0x63617265_02
)

// asker is a database, a connection or a transaction.
type asker interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// change is a transaction that writes.
type change struct {
	asker
	lite *sql.Tx // of SQLite
	pg   pgx.Tx  // of PostgreSQL
	end  func(commit bool) error
	free func() error // gives the connection back
}

// Commit makes what was written stay, and gives the connection back.
func (c *change) Commit() error { return errors.Join(c.end(true), c.free()) }

// Rollback ends a transaction that was not committed, and gives its connection back.
func (c *change) Rollback() error { return errors.Join(c.end(false), c.free()) }

// longestTurn is how long others are waited for who change the same: they write by this
// program's rules, and will end.
const longestTurn = 5 * time.Second

var (
	// ErrAway says that the database does not answer.
	ErrAway = errors.New("the database does not answer")
)

// insisting tries something again as long as a lock is in its way or the database does
// not answer: nobody waits for an answer, and what was found must not be lost.
func insisting(ctx context.Context, do func() error) error {
	end := time.Now().Add(longestFinish)
	for {
		err := do()
		if !errors.Is(err, ErrLocked) && !errors.Is(err, ErrAway) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(longestLock / 10):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// begin begins a transaction. The caller rolls it back in any case.
func (s *Store) begin(ctx context.Context, m matter) (*change, error) {
	c, err := s.e.begin(ctx, m)
	return c, s.e.told(err)
}
