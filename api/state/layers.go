package state

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Layer is a layer that somebody sent: one of its versions.
type Layer struct {
	Name    string
	Version int
	Format  string
	Options []byte // how to read it, as the sender said
	SHA256  string // of the body
	Bytes   int64
	Rows    int
	Created time.Time
	Current bool
}

const layerSchema = `
CREATE TABLE IF NOT EXISTS layer (
	name TEXT NOT NULL, version INTEGER NOT NULL, format TEXT NOT NULL, options BLOB NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
	rows INTEGER NOT NULL, created INTEGER NOT NULL, current INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (name, version));`

const layerColumns = `name, version, format, options, sha256, bytes, rows, created, current`

func scanLayer(row interface{ Scan(...any) error }) (Layer, error) {
	var l Layer
	var created int64
	err := row.Scan(&l.Name, &l.Version, &l.Format, &l.Options, &l.SHA256, &l.Bytes, &l.Rows, &created, &l.Current)
	l.Created = time.UnixMilli(created).UTC()
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return l, err
}

// PutLayer keeps a new version of a layer, whole or not at all, and makes it the
// current one. Of older versions the latest keep stay.
func (s *Store) PutLayer(ctx context.Context, l Layer, body []byte, keep int) (Layer, error) {
	tx, err := s.change(ctx)
	if err != nil {
		return l, err
	}
	defer tx.Rollback()
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) + 1 FROM layer WHERE name = ?`, l.Name).Scan(&l.Version); err != nil {
		return l, err
	}
	l.Created, l.Current, l.Bytes = time.Now().UTC(), true, int64(len(body))
	if _, err := tx.ExecContext(ctx, `UPDATE layer SET current = 0 WHERE name = ?`, l.Name); err != nil {
		return l, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO layer (`+layerColumns+`, body) VALUES (?,?,?,?,?,?,?,?,1,?)`,
		l.Name, l.Version, l.Format, some(l.Options), l.SHA256, l.Bytes, l.Rows, millis(l.Created), some(body)); err != nil {
		return l, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM layer WHERE name = ? AND version <= ?`, l.Name, l.Version-keep); err != nil {
		return l, err
	}
	return l, tx.Commit()
}

// Layers are the current versions, by name; Versions are all of one layer, the
// latest first.
func (s *Store) Layers(ctx context.Context) ([]Layer, error) {
	return s.layers(ctx, `SELECT `+layerColumns+` FROM layer WHERE current = 1 ORDER BY name`)
}

// Versions are all that are kept of a layer, the latest first.
func (s *Store) Versions(ctx context.Context, name string) ([]Layer, error) {
	return s.layers(ctx, `SELECT `+layerColumns+` FROM layer WHERE name = ? ORDER BY version DESC`, name)
}

func (s *Store) layers(ctx context.Context, query string, args ...any) ([]Layer, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, told(err)
	}
	defer rows.Close()
	var out []Layer
	for rows.Next() {
		l, err := scanLayer(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// LayerBytes are the bytes of each layer, with all versions that are kept.
func (s *Store) LayerBytes(ctx context.Context) (map[string]int64, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT name, sum(bytes) FROM layer GROUP BY name`)
	if err != nil {
		return nil, told(err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var bytes int64
		if err := rows.Scan(&name, &bytes); err != nil {
			return nil, err
		}
		out[name] = bytes
	}
	return out, rows.Err()
}

// LayerBody is what was sent, or ErrNone.
func (s *Store) LayerBody(ctx context.Context, name string, version int) ([]byte, error) {
	var body []byte
	err := s.read.QueryRowContext(ctx, `SELECT body FROM layer WHERE name = ? AND version = ?`, name, version).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return body, told(err)
}

// DropLayer takes a layer away with all its versions. It is ErrNone if there is
// none.
func (s *Store) DropLayer(ctx context.Context, name string) error {
	tx, err := s.change(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing is left of it by the end
	done, err := tx.ExecContext(ctx, `DELETE FROM layer WHERE name = ?`, name)
	if err != nil {
		return told(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNone)
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if err := tx.conn.Close(); err != nil {
		return err
	}
	if err := s.compact(ctx); err != nil { // the layer is gone all the same
		s.o.Log.Warn("the state file was not made smaller", "error", err.Error())
	}
	return nil
}

// compact gives the space of what was taken away back to the disk. A file that was made
// before files could do so keeps it for what comes next; careshed state prune gives it back.
func (s *Store) compact(ctx context.Context) error {
	for _, step := range []string{`PRAGMA incremental_vacuum`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		rows, err := s.db.QueryContext(ctx, step)
		if err != nil {
			return told(err)
		}
		for rows.Next() { // each is a page
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return told(err)
		}
	}
	return nil
}
