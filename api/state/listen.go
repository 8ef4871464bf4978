package state

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"careshed/api/postgres"

	"github.com/jackc/pgx/v5"
)

// Change says what another server, or somebody beside, changed: a job, or a layer. One
// that names neither says that anything may have changed.
type Change struct {
	Job, Layer string
	Gone       bool // the job is taken away
}

// Shared reports whether a path is that of a database, which servers share.
func Shared(path string) bool { return postgres.Is(path) }

// Name is a path as it may be told: of a database without who comes and how.
func Name(path string) string {
	if postgres.Is(path) {
		return postgres.Name(path)
	}
	return path
}

// Follow has each change told that comes from elsewhere, one after the other; it begins
// with one of anything. A store in a file has nothing to tell.
func (s *Store) Follow(told func(Change)) {
	p, ok := s.e.(*shared)
	if !ok {
		return
	}
	s.mu.Lock()
	s.told = told
	s.mu.Unlock()
	p.pass(Change{})
}

// pass hands a change on to who follows.
func (p *shared) pass(c Change) {
	p.s.mu.Lock()
	told := p.s.told
	p.s.mu.Unlock()
	if told != nil && p.ctx.Err() == nil {
		told(c)
	}
}

// longestSilence is after how long a connection that hears nothing is tried.
const longestSilence = 10 * time.Second

// listener is a connection that hears what is told to all servers.
func (p *shared) listener(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, p.pool.Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, `LISTEN `+home); err != nil {
		conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

// follow hears what others change until the end. Where its connection is lost it opens
// another, and takes it that anything has changed meanwhile.
func (p *shared) follow(conn *pgx.Conn) {
	for p.ctx.Err() == nil {
		err := p.hear(conn)
		late, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), time.Second)
		conn.Close(late)
		cancel()
		if p.ctx.Err() != nil {
			return
		}
		p.s.o.Log.Warn("the connection that hears of changes was lost", "error", p.told(err).Error())
		for wait := 20 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
			if conn, err = p.listener(p.ctx); err == nil {
				break
			}
			select {
			case <-p.ctx.Done():
				return
			case <-time.After(wait):
			}
		}
		p.pass(Change{})
		p.s.mu.Lock()
		var watched []string
		for id := range p.s.watchers {
			watched = append(watched, id)
		}
		p.s.mu.Unlock()
		for _, id := range watched {
			p.refresh(id)
		}
	}
}

// hear hands on what a connection hears, until it is lost.
func (p *shared) hear(conn *pgx.Conn) error {
	for {
		ctx, cancel := context.WithTimeout(p.ctx, longestSilence)
		n, err := conn.WaitForNotification(ctx)
		silent := ctx.Err() != nil && p.ctx.Err() == nil
		cancel()
		if err != nil && silent {
			ctx, cancel := context.WithTimeout(p.ctx, longestSilence/2)
			err = conn.Ping(ctx)
			cancel()
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		var said struct{ What, ID, By string }
		if err := json.Unmarshal([]byte(n.Payload), &said); err != nil {
			return err
		}
		p.heard(said.What, said.ID, said.By == p.name)
	}
}

// heard is what follows when a job or layer was changed, by this server or by another.
func (p *shared) heard(what, id string, own bool) {
	switch {
	case what == "gone":
		p.refresh(id)
		p.pass(Change{Job: id, Gone: true})
	case own: // it knows
	case what == "layer":
		p.pass(Change{Layer: id})
	case what == "job":
		p.refresh(id)
		p.pass(Change{Job: id})
	case what == "run":
		p.refresh(id)
	}
}

// refresh tells those who watch a job of its state, and ends it here if it is another's
// now or is dismissed.
func (p *shared) refresh(id string) {
	p.s.mu.Lock()
	watched := len(p.s.watchers[id]) > 0
	p.s.mu.Unlock()
	token := p.token(id)
	if !watched && token == "" {
		return
	}
	if token != "" {
		var mine bool
		err := p.pool.QueryRow(p.ctx, `SELECT EXISTS (SELECT 1 FROM run WHERE id = $1 AND token = $2)`, id, token).Scan(&mine)
		if err == nil && !mine && p.token(id) == token {
			p.s.stop(id)
		}
	}
	j, err := p.s.Get(p.ctx, id)
	if errors.Is(err, ErrNone) {
		j, err = Job{ID: id, Status: Dismissed}, nil
	}
	if err == nil {
		p.s.tell(j)
	}
}

// often is how often others are told how far a job is.
const often = 200 * time.Millisecond

func (p *shared) report(j Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.have[j.ID] != "" {
		p.fresh[j.ID] = j
	}
}

// reporting tells others how far the jobs of this server are.
func (p *shared) reporting() {
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		fresh := p.fresh
		p.fresh = map[string]Job{}
		p.mu.Unlock()
		for id, j := range fresh {
			// What cannot be told is soon followed by what is newer.
			_, err := p.pool.Exec(p.ctx, `UPDATE run SET stage = $1, done = $2, total = $3 WHERE id = $4 AND token = $5`,
				j.Stage, j.Done, j.Total, id, p.token(id))
			if err != nil && p.ctx.Err() == nil {
				p.s.o.Log.Debug("the progress of a job was not told", "job", id, "error", p.told(err).Error())
			}
		}
	}
}

// progress is that of jobs on other servers.
func (p *shared) progress(ctx context.Context, jobs []Job) error {
	at := map[string]int{}
	var ids []string
	for k, j := range jobs {
		if j.Status == Running && p.token(j.ID) == "" {
			at[j.ID] = k
			ids = append(ids, j.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := p.pool.Query(ctx, `SELECT id, stage, done, total FROM run WHERE id = ANY($1)`, ids)
	if err != nil {
		return err
	}
	var id, stage string
	var done, total int
	_, err = pgx.ForEachRow(rows, []any{&id, &stage, &done, &total}, func() error {
		j := &jobs[at[id]]
		j.Stage, j.Done, j.Total = stage, done, total
		return nil
	})
	return err
}
