package state

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	_ "embed" // the tables
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"careshed/api/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// home is the schema of all that servers keep, River's tables among it: a fleet in the
// same database has others.
const home = "careshed_server"

// sharedVersion is that of our tables in PostgreSQL.
const sharedVersion = 1

//go:embed tables.sql
var sharedTables string

// shared is the engine of a store in PostgreSQL, which servers share.
type shared struct {
	s      *Store
	name   string // tells this server from others
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	ctx    context.Context // of what runs beside
	end    context.CancelFunc
	beside sync.WaitGroup

	mu    sync.Mutex
	have  map[string]string // the tokens of the jobs that are this server's
	fresh map[string]Job    // those of which others were not told how far they are
}

// openShared opens the database, and makes its tables if there are none.
func (s *Store) openShared(ctx context.Context, address string) error {
	p := &shared{s: s, name: rand.Text(), have: map[string]string{}, fresh: map[string]Job{}}
	s.e = p
	p.ctx, p.end = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if p.pool, err = postgres.Open(ctx, address, map[string]string{"search_path": home, "careshed.server": p.name}); err != nil {
		return err
	}
	s.db = stdlib.OpenDBFromPool(p.pool)
	s.read = s.db
	if err := postgres.Alone(ctx, p.pool, int64(ofJobs), func(one *pgxpool.Conn) error { return p.tables(ctx, one) }); err != nil {
		return p.told(err)
	}
	return nil
}

// tables makes the tables where there are none, and refuses those that are not of this
// version, or not ours.
func (p *shared) tables(ctx context.Context, one *pgxpool.Conn) error {
	version, err := sharedState(ctx, one)
	if err != nil {
		return err
	}
	if version == 0 {
		if err := pgx.BeginFunc(ctx, one, func(tx pgx.Tx) error { return makeTables(ctx, tx) }); err != nil {
			return err
		}
	}
	m, err := rivermigrate.New(riverpgxv5.New(p.pool), &rivermigrate.Config{Logger: quiet(p.s.o.Log), Schema: home})
	if err != nil {
		return err
	}
	var queue *int // nil in tables without a queue, which a program left that was stopped
	known := m.AllVersions()
	if version > 0 {
		err = one.QueryRow(ctx, `SELECT max(version) FROM river_migration`).Scan(&queue)
	}
	if answer := (*pgconn.PgError)(nil); errors.As(err, &answer) && answer.Code == "42P01" { // undefined table
		err = nil
	}
	if err != nil {
		return err
	}
	if last := known[len(known)-1].Version; queue != nil && *queue > last {
		return fmt.Errorf("%w: its queue is of version %d; accepted: up to %d", errNewer, *queue, last)
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

func makeTables(ctx context.Context, tx pgx.Tx) error {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regnamespace($1) IS NOT NULL`, home).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := tx.Exec(ctx, `CREATE SCHEMA `+home); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, sharedTables); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO version VALUES ($1)`, sharedVersion)
	return err
}

// sharedState is the version of the tables of a database, 0 if there are none. Tables
// that are not ours, or of another version, are refused.
func sharedState(ctx context.Context, in interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}) (version int, err error) {
	rows, err := in.Query(ctx, `SELECT table_name::text FROM information_schema.tables WHERE table_schema = $1`, home)
	if err != nil {
		return 0, err
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(there) == 0 {
		return 0, err
	}
	if !slices.Contains(there, "version") {
		return 0, fmt.Errorf("its schema %s %w", home, errStrangeSchema)
	}
	rows, err = in.Query(ctx, `SELECT tables FROM version`)
	if err != nil {
		return 0, err
	}
	if version, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); err != nil {
		return 0, fmt.Errorf("its schema %s %w (version: %w)", home, errStrangeSchema, err)
	}
	switch {
	case version > sharedVersion:
		return version, fmt.Errorf("its tables are of version %d: it %w; accepted: version %d", version, errNewer, sharedVersion)
	case version < sharedVersion:
		return version, fmt.Errorf("its tables are of version %d, which no careshed made; accepted: version %d", version, sharedVersion)
	}
	for _, name := range []string{"job", "layer", "result", "run"} {
		if !slices.Contains(there, name) {
			return version, fmt.Errorf("its schema %s %w (there is no table %s)", home, errStrangeSchema, name)
		}
	}
	return version, nil
}

var errStrangeSchema = errors.New("is there already and not as careshed made it; accepted: a database without it, or with that of careshed")

func (p *shared) start(ctx context.Context) (err error) {
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{store: p.s}); err != nil {
		return err
	}
	p.client, err = river.NewClient(riverpgxv5.New(p.pool), &river.Config{
		Schema:     home,
		Queues:     map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: p.s.o.Runs}},
		Workers:    workers,
		JobTimeout: -1, // the work bounds itself
		// A job is its server's as long as that gives signs of life, whatever River thinks.
		RescueStuckJobsAfter: 10 * 365 * 24 * time.Hour,
		MaxAttempts:          1000, // what fails there is the way to the database
		FetchCooldown:        5 * time.Millisecond,
		FetchPollInterval:    500 * time.Millisecond,
		Logger:               quiet(p.s.o.Log),
	})
	if err != nil {
		return err
	}
	if err := p.inherit(ctx); err != nil {
		return p.told(err)
	}
	if err := p.s.Sweep(ctx); err != nil {
		return err
	}
	hears, err := p.listener(ctx)
	if err != nil {
		return p.told(err)
	}
	if err := p.client.Start(context.WithoutCancel(ctx)); err != nil {
		hears.Close(ctx)
		return p.told(err)
	}
	p.beside.Go(func() { p.follow(hears) })
	p.beside.Go(p.live)
	p.beside.Go(p.reporting)
	return nil
}

// stop gives back what is under way.
func (p *shared) stop(ctx context.Context) error { return p.told(p.client.StopAndCancel(ctx)) }

func (p *shared) shut() error {
	p.end()
	p.beside.Wait()
	if p.pool == nil {
		return nil
	}
	var err error
	if p.s.db != nil {
		err = p.s.db.Close()
	}
	p.pool.Close()
	return err
}

// begin begins a transaction on a connection of its own, which both pgx, for River, and
// database/sql use, one after the other.
func (p *shared) begin(ctx context.Context, m matter) (*change, error) {
	conn, err := p.s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &change{asker: conn, free: conn.Close}
	if err := conn.Raw(func(d any) (err error) {
		c.pg, err = d.(*stdlib.Conn).Conn().Begin(ctx)
		return err
	}); err != nil {
		return nil, errors.Join(p.told(err), conn.Close())
	}
	c.end = func(commit bool) error {
		if commit {
			return p.told(c.pg.Commit(ctx))
		}
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestTurn)
		defer cancel()
		return c.pg.Rollback(late)
	}
	_, err = c.pg.Exec(ctx, fmt.Sprintf(`SET LOCAL lock_timeout = %d`, longestTurn.Milliseconds()))
	if err == nil {
		_, err = c.pg.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(m))
	}
	if err != nil {
		c.Rollback()
		return nil, p.told(err)
	}
	return c, nil
}

// told is an error without the address, as ErrAway where the database is gone and as
// ErrLocked where others were in the way for too long.
func (p *shared) told(err error) error {
	var answer *pgconn.PgError
	var net net.Error
	var connect *pgconn.ConnectError
	switch {
	case err == nil, errors.Is(err, ErrAway), errors.Is(err, ErrLocked), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &connect):
		return fmt.Errorf("%w: %w", ErrAway, postgres.Plainly(err))
	case errors.As(err, &answer):
		switch answer.Code {
		case "55P03", "40001", "40P01": // lock not available, serialization failure, deadlock
			return fmt.Errorf("%w: %w", ErrLocked, err)
		case "57P01", "57P02", "57P03", "57P05", "53300", "25006": // it shuts down, crashed, starts, has too many guests, only reads
			return fmt.Errorf("%w: %w", ErrAway, err)
		}
		if answer.Code[:2] == "08" { // connection exceptions
			return fmt.Errorf("%w: %w", ErrAway, err)
		}
		return err
	case errors.As(err, &net), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, pgconn.ErrConnClosed),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone):
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// compact does nothing: PostgreSQL does so itself.
func (p *shared) compact(context.Context) error { return nil }
