package fleet

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Overview is what the fleet does.
type Overview struct {
	Workers []Worker       `json:"workers"`
	Shards  map[Status]int `json:"shards"`
	LastMin int            `json:"done_in_the_last_minute"`
	Retries int            `json:"retries"`       // how often shards were begun again
	Seconds float64        `json:"shard_seconds"` // of those that are done, from their beginning to their end
}

// Worker is a machine's part in the fleet.
type Worker struct {
	Name    string        `json:"name"`
	Version string        `json:"version"`
	Jobs    int           `json:"jobs"`
	Running int           `json:"running"`
	Done    int           `json:"done"`
	Since   time.Duration `json:"-"` // it has been there
	Silent  time.Duration `json:"-"` // since its last sign of life
	Up      float64       `json:"seconds_there"`
	Quiet   float64       `json:"seconds_silent"`
}

// Lost reports whether a worker counts as dead.
func (w Worker) Lost(lapse time.Duration) bool { return w.Silent > lapse }

// Open is how many shards are not over.
func (o Overview) Open() int { return o.Shards[Waiting] + o.Shards[Running] }

// All is how many shards there are.
func (o Overview) All() int { return o.Open() + o.Shards[Done] + o.Shards[Failed] }

// Left is how long the rest takes at the rate of the last minute, 0 if that cannot be said.
func (o Overview) Left() time.Duration {
	if o.LastMin == 0 {
		return 0
	}
	return (time.Duration(o.Open()) * time.Minute / time.Duration(o.LastMin)).Round(time.Second)
}

// Overview counts shards of this version and lists all workers that were heard of in
// the last day.
func (f *Fleet) Overview(ctx context.Context) (Overview, error) {
	out := Overview{Shards: map[Status]int{Waiting: 0, Running: 0, Done: 0, Failed: 0}, Workers: []Worker{}}
	rows, err := f.pool.Query(ctx, `SELECT status, count(*), sum(greatest(attempts - 1, 0)),
	coalesce(sum(extract(epoch FROM finished - started)) FILTER (WHERE status = 'done'), 0)::float8,
	count(*) FILTER (WHERE status = 'done' AND finished > now() - interval '1 minute') FROM careshed_shard WHERE version = $1 GROUP BY status`, f.version)
	if err != nil {
		return out, plainly(err)
	}
	var status Status
	var n, retries, minute int
	var seconds float64
	if _, err := pgx.ForEachRow(rows, []any{&status, &n, &retries, &seconds, &minute}, func() error {
		out.Shards[status] = n
		out.Retries, out.Seconds, out.LastMin = out.Retries+retries, out.Seconds+seconds, out.LastMin+minute
		return nil
	}); err != nil {
		return out, plainly(err)
	}
	rows, err = f.pool.Query(ctx, `SELECT w.name, w.version, w.jobs, count(*) FILTER (WHERE s.status = 'running'), count(*) FILTER (WHERE s.status = 'done'),
	extract(epoch FROM now() - w.started)::float8, extract(epoch FROM now() - w.beat)::float8
	FROM careshed_worker w LEFT JOIN careshed_shard s ON s.worker = w.name WHERE w.beat > now() - interval '1 day' GROUP BY w.name ORDER BY w.name`)
	if err != nil {
		return out, plainly(err)
	}
	var w Worker
	_, err = pgx.ForEachRow(rows, []any{&w.Name, &w.Version, &w.Jobs, &w.Running, &w.Done, &w.Up, &w.Quiet}, func() error {
		w.Since, w.Silent = time.Duration(w.Up*1e9), time.Duration(w.Quiet*1e9)
		out.Workers = append(out.Workers, w)
		return nil
	})
	return out, plainly(err)
}
