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

// Rule is what a layer that is put must keep to.
type Rule struct {
	Versions int // of older ones the latest so many stay, this one among them
	// Allowed refuses a layer beside the current ones, of which each takes so many bytes
	// with its versions: nothing changes between its answer and the layer's being there.
	Allowed func(current []Layer, held map[string]int64) error
}

// PutLayer keeps a new version of a layer, whole or not at all, and makes it the
// current one.
func (s *Store) PutLayer(ctx context.Context, l Layer, body []byte, rule Rule) (_ Layer, err error) {
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofLayers)
	if err != nil {
		return l, err
	}
	defer tx.Rollback()
	if rule.Allowed != nil {
		current, err := layersOf(tx.QueryContext(ctx, currentLayers))
		if err != nil {
			return l, err
		}
		held, err := heldBy(ctx, tx)
		if err != nil {
			return l, err
		}
		if err := rule.Allowed(current, held); err != nil {
			return l, err
		}
	}
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) + 1 FROM layer WHERE name = $1`, l.Name).Scan(&l.Version); err != nil {
		return l, err
	}
	l.Created, l.Current, l.Bytes = time.Now().UTC(), true, int64(len(body))
	if _, err := tx.ExecContext(ctx, `UPDATE layer SET current = false WHERE name = $1`, l.Name); err != nil {
		return l, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO layer (`+layerColumns+`, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true, $9)`,
		l.Name, l.Version, l.Format, some(l.Options), l.SHA256, l.Bytes, l.Rows, millis(l.Created), some(body)); err != nil {
		return l, err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM layer WHERE name = $1 AND version <= $2`, l.Name, l.Version-rule.Versions); err != nil {
		return l, err
	}
	return l, tx.Commit()
}

const currentLayers = `SELECT ` + layerColumns + ` FROM layer WHERE current ORDER BY name`

// Layers are the current versions, by name.
func (s *Store) Layers(ctx context.Context) ([]Layer, error) {
	list, err := layersOf(s.read.QueryContext(ctx, currentLayers))
	return list, s.e.told(err)
}

// Versions are all that are kept of a layer, the latest first.
func (s *Store) Versions(ctx context.Context, name string) ([]Layer, error) {
	list, err := layersOf(s.read.QueryContext(ctx, `SELECT `+layerColumns+` FROM layer WHERE name = $1 ORDER BY version DESC`, name))
	return list, s.e.told(err)
}

func layersOf(rows *sql.Rows, err error) ([]Layer, error) {
	if err != nil {
		return nil, err
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

// heldBy are the bytes of each layer, with all versions that are kept.
func heldBy(ctx context.Context, in asker) (map[string]int64, error) {
	rows, err := in.QueryContext(ctx, `SELECT name, CAST(sum(bytes) AS bigint) FROM layer GROUP BY name`)
	if err != nil {
		return nil, err
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
	err := s.read.QueryRowContext(ctx, `SELECT body FROM layer WHERE name = $1 AND version = $2`, name, version).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNone
	}
	return body, s.e.told(err)
}

// DropLayer takes a layer away with all its versions. It is ErrNone if there is
// none.
func (s *Store) DropLayer(ctx context.Context, name string) (err error) {
	defer func() { err = s.e.told(err) }()
	tx, err := s.begin(ctx, ofLayers)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing is left of it by the end
	gone, err := touched(tx.ExecContext(ctx, `DELETE FROM layer WHERE name = $1`, name))
	if err == nil && !gone {
		err = ErrNone
	}
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if err := s.e.compact(ctx); err != nil { // the layer is gone all the same
		s.o.Log.Warn("the state file was not made smaller", "error", err.Error())
	}
	return nil
}
