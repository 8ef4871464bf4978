// Package fleet parts the studies of a batch among machines that share a PostgreSQL
// database. A shard is one run; it is known by the hash of what makes it, so that the
// same run is made once, and a second run of it does no harm. River hands the ids of
// shards to workers; who has one says so by a heartbeat, and what a dead worker had
// is handed out again.
package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"careshed/api/postgres"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Shard is one run of a study, or a piece of other work, and the files that it reads.
type Shard struct {
	ID, Kind       string // the hash of what makes it; "" for a run of a study
	Study, Setting string // the study's name, and the point of its grid
	Spec, Config   string // the paths of the study and of its catalog file, "" without one
	Formats        string // in which layers and tables are written, with commas between them
	Inputs         []Input
}

// Input is a file: its path from the study's folder, and the SHA-256 of its bytes, by
// which it is kept.
type Input struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Status is how far a shard is.
type Status string

const (
	Waiting Status = "waiting"
	Running Status = "running"
	Done    Status = "done"
	Failed  Status = "failed"
)

// Outcome is what became of a shard.
type Outcome struct {
	ID      string
	Status  Status
	Result  string // SHA-256 of what was made, as it is kept; "" unless done
	Problem string // why it failed
}

// Options are how long a fleet waits. Zeros are the defaults.
type Options struct {
	Beat  time.Duration // between two signs of life of a worker; 5 s
	Lapse time.Duration // after the last of which it counts as dead; 30 s
	Log   *slog.Logger

	rescue time.Duration // after which River takes a job for stuck; its own default
}

// Fleet is the shards and workers of one version of the program in a database.
type Fleet struct {
	pool    *pgxpool.Pool
	version string
	queue   string
	o       Options
}

// tables are ours beside River's. A version of the program takes what its own made. A
// column with a default, such as kind, is nothing to programs that do not know it.
const tables = `
CREATE TABLE IF NOT EXISTS careshed_schema (version int PRIMARY KEY);
CREATE TABLE IF NOT EXISTS careshed_shard (
	id text PRIMARY KEY, version text NOT NULL, study text NOT NULL, setting text NOT NULL, spec text NOT NULL, config text NOT NULL, formats text NOT NULL, inputs jsonb NOT NULL,
	status text NOT NULL, worker text NOT NULL DEFAULT '', token text NOT NULL DEFAULT '', beat timestamptz, attempts int NOT NULL DEFAULT 0,
	result text NOT NULL DEFAULT '', problem text NOT NULL DEFAULT '', created timestamptz NOT NULL DEFAULT now(), started timestamptz, finished timestamptz);
CREATE INDEX IF NOT EXISTS careshed_shard_running ON careshed_shard (beat) WHERE status = 'running';
CREATE INDEX IF NOT EXISTS careshed_shard_status ON careshed_shard (version, status);
CREATE TABLE IF NOT EXISTS careshed_worker (
	name text PRIMARY KEY, version text NOT NULL, jobs int NOT NULL, started timestamptz NOT NULL DEFAULT now(), beat timestamptz NOT NULL DEFAULT now());
DO $$ BEGIN
	IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'careshed_shard' AND column_name = 'kind') THEN
		ALTER TABLE careshed_shard ADD COLUMN kind text NOT NULL DEFAULT '';
	END IF;
END $$;
INSERT INTO careshed_schema VALUES (1) ON CONFLICT DO NOTHING;`

// schema is the version of the tables that this program knows.
const schema = 1

// migrating is the lock under which one of those who come at once makes the tables.
const migrating = 0x63617265

// Open opens the database at a URL, and makes its tables if there are none. A database
// of a newer program is refused. Close it when done.
func Open(ctx context.Context, address, version string, o Options) (*Fleet, error) {
	if o.Beat == 0 {
		o.Beat = 5 * time.Second
	}
	if o.Lapse == 0 {
		o.Lapse = 6 * o.Beat
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	pool, err := postgres.Open(ctx, address, nil)
	if err != nil {
		return nil, err
	}
	f := &Fleet{pool: pool, version: version, queue: queueOf(version), o: o}
	if err := f.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("the database: %w", plainly(err))
	}
	return f, nil
}

// Close ends all connections.
func (f *Fleet) Close() { f.pool.Close() }

// plainly is an error without the address of the database.
func plainly(err error) error { return postgres.Plainly(err) }

// queueOf is the queue of a version, in the letters that River allows.
func queueOf(version string) string {
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}
	name := "v_" + strings.Map(keep, version)
	return name[:min(len(name), 60)]
}

func (f *Fleet) migrate(ctx context.Context) error {
	return postgres.Alone(ctx, f.pool, migrating, func(one *pgxpool.Conn) error { return f.tables(ctx, one) })
}

// tables makes the tables that are missing, ours and River's.
func (f *Fleet) tables(ctx context.Context, one *pgxpool.Conn) error {
	if _, err := one.Exec(ctx, tables); err != nil {
		return err
	}
	var newest int
	if err := one.QueryRow(ctx, `SELECT max(version) FROM careshed_schema`).Scan(&newest); err != nil {
		return err
	}
	if newest > schema {
		return fmt.Errorf("its tables are of version %d, which a newer program made; accepted: up to %d", newest, schema)
	}
	m, err := rivermigrate.New(riverpgxv5.New(f.pool), &rivermigrate.Config{Logger: f.o.Log})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// handed is what River keeps of a shard.
type handed struct {
	ID string `json:"id"`
}

func (handed) Kind() string { return "shard" }

// Submit hands out shards. Those that are there and wait, run or are done stay as they
// are; those that failed are tried again.
func (f *Fleet) Submit(ctx context.Context, shards []Shard) error {
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{Logger: f.o.Log})
	if err != nil {
		return err
	}
	const atOnce = 500
	for len(shards) > 0 {
		n := min(atOnce, len(shards))
		if err := pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error { return f.submit(ctx, tx, client, shards[:n]) }); err != nil {
			return plainly(err)
		}
		shards = shards[n:]
	}
	return nil
}

func (f *Fleet) submit(ctx context.Context, tx pgx.Tx, client *river.Client[pgx.Tx], shards []Shard) error {
	batch := &pgx.Batch{}
	for _, s := range shards {
		inputs, err := json.Marshal(s.Inputs)
		if err != nil {
			return err
		}
		batch.Queue(`INSERT INTO careshed_shard (id, version, study, setting, spec, config, formats, inputs, kind, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting')
ON CONFLICT (id) DO UPDATE SET status = 'waiting', problem = '', attempts = 0, worker = '' WHERE careshed_shard.status = 'failed'`,
			s.ID, f.version, s.Study, s.Setting, s.Spec, s.Config, s.Formats, inputs, s.Kind)
	}
	sent := tx.SendBatch(ctx, batch)
	var hand []river.InsertManyParams
	for _, s := range shards {
		tag, err := sent.Exec()
		if err != nil {
			return errors.Join(err, sent.Close())
		}
		if tag.RowsAffected() > 0 {
			hand = append(hand, f.hand(s.ID))
		}
	}
	if err := sent.Close(); err != nil || len(hand) == 0 {
		return err
	}
	_, err := client.InsertManyTx(ctx, tx, hand)
	return err
}

// hand is how River is given a shard: again and again, for it is not the shard that fails
// there.
func (f *Fleet) hand(id string) river.InsertManyParams {
	return river.InsertManyParams{Args: handed{id}, InsertOpts: &river.InsertOpts{Queue: f.queue, MaxAttempts: 1000}}
}

// Outcomes are those of the shards of some ids that are done or failed.
func (f *Fleet) Outcomes(ctx context.Context, ids []string) ([]Outcome, error) {
	rows, err := f.pool.Query(ctx, `SELECT id, status, result, problem FROM careshed_shard WHERE id = ANY($1) AND status IN ('done', 'failed')`, ids)
	if err != nil {
		return nil, plainly(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Outcome])
	return out, plainly(err)
}

// Again has a shard made once more whose result is lost.
func (f *Fleet) Again(ctx context.Context, s Shard) error {
	client, err := river.NewClient(riverpgxv5.New(f.pool), &river.Config{Logger: f.o.Log})
	if err != nil {
		return err
	}
	return plainly(pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE careshed_shard SET status = 'failed' WHERE id = $1 AND status = 'done'`, s.ID); err != nil {
			return err
		}
		return f.submit(ctx, tx, client, []Shard{s})
	}))
}

// Alive is how many workers of this version live.
func (f *Fleet) Alive(ctx context.Context) (n int, err error) {
	err = f.pool.QueryRow(ctx, `SELECT count(*) FROM careshed_worker WHERE version = $1 AND beat > now() - $2::interval`, f.version, f.o.Lapse).Scan(&n)
	return n, plainly(err)
}
