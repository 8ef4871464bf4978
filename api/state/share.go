package state

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"
)

// mostAttempts is how many servers may have been gone while they had a job before it
// counts as failed: it may be the job that ends them.
const mostAttempts = 5

// lapsed is the problem of such a job.
const lapsed = "the servers that began this were gone before it was done, %d of them; send it again"

func (p *shared) queue(ctx context.Context, c *change, id string) (int64, error) {
	row, err := p.client.InsertTx(ctx, c.pg, task{id}, nil)
	if err != nil {
		return 0, err
	}
	return row.Job.ID, nil
}

func (p *shared) unqueue(ctx context.Context, c *change, id string, number int64) error {
	if _, err := c.ExecContext(ctx, `DELETE FROM run WHERE id = $1`, id); err != nil {
		return err
	}
	if _, err := p.client.JobCancelTx(ctx, c.pg, number); err != nil && !errors.Is(err, rivertype.ErrNotFound) {
		return err
	}
	return nil
}

func (p *shared) claim(ctx context.Context, j Job) (bool, error) {
	token := rand.Text()
	mine, err := touched(p.s.db.ExecContext(ctx, `WITH took AS (UPDATE job SET status = $1, started = $2 WHERE id = $3 AND status = $4 RETURNING id)
INSERT INTO run (id, token, beat, attempts) SELECT id, $5, now(), 1 FROM took
ON CONFLICT (id) DO UPDATE SET token = excluded.token, beat = excluded.beat, attempts = run.attempts + 1, stage = '', done = 0, total = 0`,
		j.Status, millis(j.Started), j.ID, Accepted, token))
	if err != nil || !mine {
		return false, err
	}
	p.mu.Lock()
	p.have[j.ID] = token
	p.mu.Unlock()
	return true, nil
}

func (p *shared) token(id string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.have[id]
}

func (p *shared) release(ctx context.Context, c *change, id string) (bool, error) {
	return touched(c.ExecContext(ctx, `DELETE FROM run WHERE id = $1 AND token = $2`, id, p.token(id)))
}

func (p *shared) leave(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.have, id)
	delete(p.fresh, id)
}

// giveBack puts a job into the queue again, for another server or the next start.
func (p *shared) giveBack(ctx context.Context, id string) (given bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, longestTurn)
	defer cancel()
	c, err := p.begin(ctx, ofJobs)
	if err != nil {
		return false, err
	}
	defer c.Rollback()
	if mine, err := p.release(ctx, c, id); err != nil || !mine {
		return false, p.told(err)
	}
	if err := p.again(ctx, c, id); err != nil {
		return false, p.told(err)
	}
	return true, c.Commit()
}

// again has a job wait that was begun or handed out.
func (p *shared) again(ctx context.Context, c *change, id string) error {
	number, err := p.queue(ctx, c, id)
	if err == nil {
		_, err = c.ExecContext(ctx, `UPDATE job SET status = $1, started = 0, river = $2 WHERE id = $3`, Accepted, number, id)
	}
	return err
}

// live gives signs of life, and takes up what the dead had.
func (p *shared) live() {
	tick := time.NewTicker(p.s.o.Beat)
	defer tick.Stop()
	for away := false; ; {
		select {
		case <-p.ctx.Done():
			return
		case <-tick.C:
		}
		err := p.told(errors.Join(p.beat(p.ctx), p.inherit(p.ctx)))
		if err != nil && p.ctx.Err() == nil && !away && !errors.Is(err, ErrLocked) {
			p.s.o.Log.Warn("the database does not answer", "error", err.Error())
		}
		away = err != nil
	}
}

// beat says that this server lives, and ends the jobs that are its no more.
func (p *shared) beat(ctx context.Context) error {
	p.mu.Lock()
	have := maps.Clone(p.have)
	p.mu.Unlock()
	if len(have) == 0 {
		return nil
	}
	rows, err := p.pool.Query(ctx, `UPDATE run SET beat = now() WHERE token = ANY($1) RETURNING id`, slices.Collect(maps.Values(have)))
	if err != nil {
		return err
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for id, token := range have {
		if !slices.Contains(kept, id) && p.token(id) == token {
			p.s.stop(id)
		}
	}
	return nil
}

// inherit puts into the queue what was begun by servers that gave no sign of life, and
// what River handed to one that was gone before it had begun.
func (p *shared) inherit(ctx context.Context) error {
	const orphans = `SELECT j.id, j.status, coalesce(r.attempts, 0) FROM job j LEFT JOIN run r ON r.id = j.id LEFT JOIN river_job q ON q.id = j.river
WHERE j.status = 'running' AND (r.id IS NULL OR r.beat < now() - make_interval(secs => $1))
	OR j.status = 'accepted' AND (q.id IS NULL OR q.state IN ('cancelled', 'completed', 'discarded')
		OR q.state = 'running' AND q.attempted_at < now() - make_interval(secs => $1))
ORDER BY j.created, j.id LIMIT 100`
	type orphan struct {
		ID       string
		Status   Status
		Attempts int
	}
	look := func(rows pgx.Rows, err error) ([]orphan, error) {
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowToStructByPos[orphan])
	}
	seconds := p.s.o.Lapse.Seconds()
	if some, err := look(p.pool.Query(ctx, orphans, seconds)); err != nil || len(some) == 0 {
		return err // without a turn among those who change jobs
	}
	c, err := p.begin(ctx, ofJobs)
	if err != nil {
		return err
	}
	defer c.Rollback()
	list, err := look(c.pg.Query(ctx, orphans, seconds)) // others may have taken them up meanwhile
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Status == Running && o.Attempts >= mostAttempts {
			err = p.giveUp(ctx, c, o.ID, o.Attempts)
		} else {
			err = p.again(ctx, c, o.ID)
		}
		if err != nil {
			return err
		}
	}
	if err := c.Commit(); err != nil {
		return err
	}
	for _, o := range list {
		p.refresh(o.ID)
	}
	return nil
}

// giveUp is the end of a job of which servers died.
func (p *shared) giveUp(ctx context.Context, c *change, id string, attempts int) error {
	if _, err := c.ExecContext(ctx, `DELETE FROM run WHERE id = $1`, id); err != nil {
		return err
	}
	_, err := c.ExecContext(ctx, `UPDATE job SET status = $1, problem = $2, finished = $3 WHERE id = $4`,
		Failed, p.s.o.Problem(fmt.Errorf(lapsed, attempts)), time.Now().UnixMilli(), id)
	return err
}
