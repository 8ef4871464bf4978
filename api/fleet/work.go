package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Do carries out a shard and gives what keeps its result. An error, of either, is the
// shard's outcome: it would fail elsewhere too. One that is ErrElsewhere is this machine's:
// the shard is handed out again.
type Do func(ctx context.Context, s Shard) (Keep, error)

// Keep keeps a result and gives its SHA-256. A worker does so beside the next shard.
type Keep func(ctx context.Context) (result string, err error)

// ErrElsewhere says that a shard could not be carried out here, and may be elsewhere.
var ErrElsewhere = errors.New("not here")

// mostAttempts is how many workers may have begun a shard before it counts as failed:
// it may be the shard that ends them.
const mostAttempts = 5

// member is one worker of a fleet.
type member struct {
	river.WorkerDefaults[handed]
	*Fleet
	name   string
	do     Do
	client *river.Client[pgx.Tx]

	running context.Context // until this worker ends
	keeping chan struct{}   // one for each result that is being kept
	kept    sync.WaitGroup

	mu   sync.Mutex
	have map[string]string // tokens by shard
}

// Work carries out shards, so many at once, until ctx ends; it then finishes what it
// has for as long as grace, and gives back the rest. name tells this worker from others.
func (f *Fleet) Work(ctx context.Context, name string, jobs int, grace time.Duration, do Do) error {
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	m := &member{Fleet: f, name: name, do: do, running: running, keeping: make(chan struct{}, jobs), have: map[string]string{}}
	workers := river.NewWorkers()
	river.AddWorker(workers, m)
	config := &river.Config{Logger: f.o.Log, Workers: workers, Queues: map[string]river.QueueConfig{f.queue: {MaxWorkers: jobs}},
		FetchCooldown: 5 * time.Millisecond, FetchPollInterval: 500 * time.Millisecond, JobTimeout: -1, RescueStuckJobsAfter: f.o.rescue}
	var err error
	if m.client, err = river.NewClient(riverpgxv5.New(f.pool), config); err != nil {
		return err
	}
	if err := m.register(ctx, jobs); err != nil {
		return err
	}
	if err := m.client.Start(running); err != nil {
		return plainly(err)
	}
	var beating sync.WaitGroup
	beating.Go(func() { m.live(running) })
	<-ctx.Done()
	err = m.finish(ctx, grace, end)
	end()
	beating.Wait()
	gone, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	_, gonerr := f.pool.Exec(gone, `DELETE FROM careshed_worker WHERE name = $1`, name)
	return errors.Join(plainly(err), plainly(gonerr))
}

// finish takes nothing new, and finishes what was begun for as long as grace; then end is
// called and the rest given back.
func (m *member) finish(ctx context.Context, grace time.Duration, end func()) error {
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer stop()
	if m.client.Stop(within) == nil && waited(within, &m.kept) {
		return nil
	}
	end()
	short, stop := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer stop()
	err := m.client.StopAndCancel(short)
	waited(short, &m.kept)
	return err
}

// waited reports whether all of a group were done before ctx ended.
func waited(ctx context.Context, all *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func (m *member) register(ctx context.Context, jobs int) error {
	_, err := m.pool.Exec(ctx, `INSERT INTO careshed_worker (name, version, jobs) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET version = excluded.version, jobs = excluded.jobs, started = now(), beat = now()`, m.name, m.version, jobs)
	return plainly(err)
}

// live gives signs of life, and hands out again what the dead had.
func (m *member) live(ctx context.Context) {
	tick := time.NewTicker(m.o.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := errors.Join(m.beat(ctx), m.inherit(ctx)); err != nil && ctx.Err() == nil {
			m.o.Log.Warn("the database does not answer", "error", err.Error())
		}
	}
}

func (m *member) beat(ctx context.Context) error {
	m.mu.Lock()
	tokens := make([]string, 0, len(m.have))
	for _, t := range m.have {
		tokens = append(tokens, t)
	}
	m.mu.Unlock()
	_, err := m.pool.Exec(ctx, `UPDATE careshed_worker SET beat = now() WHERE name = $1`, m.name)
	if err == nil && len(tokens) > 0 {
		_, err = m.pool.Exec(ctx, `UPDATE careshed_shard SET beat = now() WHERE token = ANY($1) AND status = 'running'`, tokens)
	}
	return plainly(err)
}

// inherit hands out again what was begun by workers that gave no sign of life, and what
// River handed to a worker that was gone before it had begun.
func (m *member) inherit(ctx context.Context) error {
	return plainly(pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		left, err := names(tx.Query(ctx, `WITH gone AS (UPDATE careshed_shard SET status = CASE WHEN attempts >= $1 THEN 'failed' ELSE 'waiting' END, token = '', worker = '',
	problem = CASE WHEN attempts >= $1 THEN 'the workers that began it were gone before it was done, ' || attempts || ' of them' ELSE '' END
WHERE id IN (SELECT id FROM careshed_shard WHERE version = $2 AND status = 'running' AND beat < now() - $3::interval LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING id, status) SELECT id FROM gone WHERE status = 'waiting'`, mostAttempts, m.version, m.o.Lapse))
		if err != nil {
			return err
		}
		lost, err := names(tx.Query(ctx, `UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id IN (
	SELECT j.id FROM river_job j JOIN careshed_shard s ON s.id = j.args->>'id'
	WHERE j.queue = $1 AND j.kind = 'shard' AND j.state = 'running' AND j.attempted_at < now() - $2::interval AND s.status = 'waiting' LIMIT 100 FOR UPDATE OF j SKIP LOCKED)
RETURNING args->>'id'`, m.queue, m.o.Lapse))
		if err != nil {
			return err
		}
		slices.Sort(left)
		for _, id := range lost {
			if !slices.Contains(left, id) {
				left = append(left, id)
			}
		}
		hand := make([]river.InsertManyParams, len(left))
		for k, id := range left {
			hand[k] = m.hand(id)
		}
		if len(hand) > 0 {
			_, err = m.client.InsertManyTx(ctx, tx, hand)
		}
		return err
	}))
}

// names are the texts of the only column of an answer.
func names(rows pgx.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// NextRetry is soon: what failed is the way to the database, and not the shard.
func (m *member) NextRetry(job *river.Job[handed]) time.Time {
	return time.Now().Add(min(30*time.Second, time.Second<<min(job.Attempt, 5)))
}

// Work carries out a shard that River hands over, unless somebody has it or it is done. Its
// result is kept beside the next one: for River the shard is done before.
func (m *member) Work(ctx context.Context, job *river.Job[handed]) error {
	s, token, err := m.take(ctx, job.Args.ID)
	if err != nil || token == "" {
		return err
	}
	m.hold(s.ID, token)
	var keep Keep
	err = m.safely(s, func() (err error) { keep, err = m.do(ctx, s); return err })
	if err == nil {
		select { // as many are being kept as are carried out, and no more
		case m.keeping <- struct{}{}:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if err != nil {
		defer m.hold(s.ID, "")
		return m.conclude(ctx, s.ID, token, "", err)
	}
	m.kept.Go(func() {
		defer func() { <-m.keeping }()
		defer m.hold(s.ID, "")
		var result string
		err := m.safely(s, func() (err error) { result, err = keep(m.running); return err })
		if err := m.conclude(m.running, s.ID, token, result, err); err != nil {
			m.o.Log.Warn("a shard's end could not be told", "shard", s.ID, "error", err.Error())
		}
	})
	return nil
}

// hold notes a shard that this worker has, or with "" has no longer.
func (m *member) hold(id, token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.have[id] = token; token == "" {
		delete(m.have, id)
	}
}

// conclude tells what became of a shard, or gives it back.
func (m *member) conclude(ctx context.Context, id, token, result string, err error) error {
	switch {
	case err == nil:
	case ctx.Err() != nil: // this worker ends, which is no fault of the shard
		return m.giveBack(id, token, 1, err)
	case errors.Is(err, ErrElsewhere):
		err := m.giveBack(id, token, 0, err)
		select { // others first: what is wrong here is so for the next one too
		case <-ctx.Done():
		case <-time.After(m.o.Beat):
		}
		return err
	}
	status, problem := Done, ""
	if err != nil {
		status, problem = Failed, err.Error()
	}
	return m.insisting(func(ctx context.Context) error {
		_, err := m.pool.Exec(ctx, `UPDATE careshed_shard SET status = $3, result = $4, problem = $5, finished = now() WHERE id = $1 AND token = $2 AND status = 'running'`,
			id, token, status, result, problem)
		return err
	})
}

// take claims a shard: its token is "" if there is nothing to do. The database has the claim on
// its disk by then: one that it forgot as it was killed would leave a shard that waits and that
// River counts as done.
func (m *member) take(ctx context.Context, id string) (s Shard, token string, err error) {
	token = rand.Text()
	var inputs []byte
	err = m.pool.QueryRow(ctx, `UPDATE careshed_shard SET status = 'running', worker = $2, token = $3, beat = now(), started = now(), attempts = attempts + 1
WHERE id = $1 AND version = $4 AND status = 'waiting' RETURNING id, kind, study, setting, spec, config, formats, inputs`, id, m.name, token, m.version).
		Scan(&s.ID, &s.Kind, &s.Study, &s.Setting, &s.Spec, &s.Config, &s.Formats, &inputs)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, "", nil
	}
	if err == nil {
		err = json.Unmarshal(inputs, &s.Inputs)
	}
	return s, token, plainly(err)
}

// giveBack hands a shard out again that was not finished here; so many attempts do not
// count.
func (m *member) giveBack(id, token string, forgiven int, why error) error {
	m.o.Log.Warn("a shard was given back", "shard", id, "why", why.Error())
	return m.insisting(func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, `UPDATE careshed_shard SET status = CASE WHEN attempts - $5 >= $3 THEN 'failed' ELSE 'waiting' END, problem = $4, token = '', worker = '', attempts = attempts - $5
WHERE id = $1 AND token = $2 AND status = 'running'`, id, token, mostAttempts, why.Error(), forgiven)
			if err != nil || tag.RowsAffected() == 0 {
				return err
			}
			hand := m.hand(id)
			_, err = m.client.InsertTx(ctx, tx, hand.Args, hand.InsertOpts)
			return err
		})
	})
}

// insisting tries until the database answers, for as long as others leave a shard to
// this worker.
func (m *member) insisting(do func(context.Context) error) (err error) {
	ctx, stop := context.WithTimeout(context.Background(), m.o.Lapse)
	defer stop()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		if err = do(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return plainly(err)
		case <-time.After(wait):
		}
	}
}

// safely makes an error of a panic, which is a bug of ours.
func (m *member) safely(s Shard, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			m.o.Log.Error("a shard panicked", "shard", s.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("a fault of this program: %v", p)
		}
	}()
	return do()
}
