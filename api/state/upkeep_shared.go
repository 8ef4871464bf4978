package state

import (
	"context"
	"fmt"
	"time"

	"careshed/api/postgres"

	"github.com/jackc/pgx/v5/stdlib"
)

// lookingShared opens a database that has careshed's tables, and makes none.
func lookingShared(ctx context.Context, address string) (*shared, error) {
	p := &shared{s: &Store{}}
	p.ctx, p.end = context.WithCancel(ctx)
	p.s.e = p
	var err error
	if p.pool, err = postgres.Open(ctx, address, map[string]string{"search_path": home}); err != nil {
		return nil, err
	}
	p.s.db = stdlib.OpenDBFromPool(p.pool)
	version, err := sharedState(ctx, p.pool)
	if err == nil && version == 0 {
		err = fmt.Errorf("has no schema %s; accepted: a database that careshed serve --state has used", home)
	}
	if err != nil {
		p.shut()
		return nil, p.told(err)
	}
	return p, nil
}

// ofShared looks at what careshed keeps in a database.
func (h *Health) ofShared(ctx context.Context, address string) error {
	p, err := lookingShared(ctx, address)
	if err != nil {
		return fmt.Errorf("%s: %w", postgres.Name(address), err)
	}
	defer p.shut()
	if err := p.s.db.QueryRowContext(ctx, `SELECT coalesce(CAST(sum(pg_total_relation_size(c.oid)) AS bigint), 0) FROM pg_class c
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'`, home).Scan(&h.Bytes); err != nil {
		return fmt.Errorf("%s: %w", postgres.Name(address), p.told(err))
	}
	if err := h.rows(ctx, p.s.db); err != nil {
		return fmt.Errorf("%s: %w", postgres.Name(address), p.told(err))
	}
	lost, err := texts(ctx, p.s.db, `SELECT 'job ' || id || ' is said to run, and no server has it' FROM job
WHERE status = 'running' AND id NOT IN (SELECT id FROM run) LIMIT 20`)
	h.Faults = append(h.Faults, lost...)
	return p.told(err)
}

// pruneShared takes old jobs away, also while servers use the database.
func pruneShared(ctx context.Context, address string, before time.Time, bytes int64) (gone int64, err error) {
	p, err := lookingShared(ctx, address)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", postgres.Name(address), err)
	}
	defer p.shut()
	c, err := p.begin(ctx, ofJobs)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", postgres.Name(address), p.told(err))
	}
	defer c.Rollback()
	if gone, err = pruneOf(ctx, c, before, bytes); err == nil {
		err = c.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", postgres.Name(address), p.told(err))
	}
	return gone, nil
}
