// Package postgres opens PostgreSQL for those who keep something of their own there: a
// fleet its shards, servers their jobs and layers. It knows what an address is, keeps
// passwords out of what is told, and has tables made by one of those who come at once.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// accepted is how an address is written.
const accepted = "postgres://USER@HOST:PORT/DATABASE"

// longestDial is how long a server is waited for that does not answer.
const longestDial = 5 * time.Second

// Is reports whether a text is meant as the address of a database, and not as a file.
func Is(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	return ok && (scheme == "postgres" || scheme == "postgresql")
}

// Name is an address as it may be told: host and database, without who comes and how.
func Name(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the database"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// Open opens the database at an address, whose connections have some settings of
// PostgreSQL's. Nothing is asked of it yet. PGPASSWORD and ~/.pgpass count as they do for
// psql.
func Open(ctx context.Context, address string, settings map[string]string) (*pgxpool.Pool, error) {
	if u, err := url.Parse(address); err != nil || !Is(address) || u.Scheme == "" {
		return nil, errors.New("the database is no address of PostgreSQL; accepted: " + accepted)
	}
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the database: %w", Plainly(err))
	}
	for name, value := range settings {
		c.ConnConfig.RuntimeParams[name] = value
	}
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = longestDial
	}
	if !strings.Contains(address, "pool_max_conns") {
		c.MaxConns = max(c.MaxConns, 10)
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("the database: %w", Plainly(err))
	}
	return pool, nil
}

// Plainly is an error without the address of the database, in which a password may be.
func Plainly(err error) error {
	var c *pgconn.ConnectError
	var p *pgconn.ParseConfigError
	switch {
	case errors.As(err, &p):
		return errors.New("its address cannot be read; accepted: " + accepted)
	case errors.As(err, &c):
		// Each way to the server has a line, with TLS and without.
		return errors.New(strings.Join(slices.Compact(strings.Split(c.Unwrap().Error(), "\n")), "; "))
	}
	return err
}

// Alone does something on a connection while nobody else does anything under the same
// lock: those who come at once make tables one after the other.
func Alone(ctx context.Context, pool *pgxpool.Pool, lock int64, do func(*pgxpool.Conn) error) error {
	one, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer one.Release()
	if _, err := one.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return err
	}
	defer one.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock)
	return do(one)
}
