package state

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"careshed/api/postgres"
)

// Health is what Check finds in a state file.
type Health struct {
	Jobs    map[Status]int
	Results int
	Layers  int      // with their versions
	Bytes   int64    // of the file, or of all tables in a database
	Free    int64    // of the file, what is not used
	Faults  []string // nothing is wrong if there are none
}

// looking opens a file for reading, also while a server has it.
func looking(ctx context.Context, path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	if err := ours(ctx, path); err != nil {
		return nil, err
	}
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
}

// Check looks at all of a state file, also while a server uses it: pages, tables,
// references, and whether layers are what was sent; in a database at what is careshed's.
// An error is one of looking; what is wrong with the state is among the faults.
func Check(ctx context.Context, path string) (Health, error) {
	h := Health{Jobs: map[Status]int{}}
	if postgres.Is(path) {
		return h, h.ofShared(ctx, path)
	}
	db, err := looking(ctx, path)
	if err != nil {
		return h, fmt.Errorf("%s: %w", path, err)
	}
	defer db.Close()
	if h.Faults, err = texts(ctx, db, `PRAGMA integrity_check(20)`); err != nil {
		h.Faults = append(h.Faults, err.Error())
	}
	if len(h.Faults) == 1 && h.Faults[0] == "ok" {
		h.Faults = nil
	}
	if len(h.Faults) > 0 {
		return h, nil // nothing that it says can be trusted
	}
	if err := h.tables(ctx, db); err != nil {
		h.Faults = append(h.Faults, err.Error())
	}
	return h, ctx.Err()
}

// quickly is how large a file may be, in bytes, that is looked through at each start.
const quickly = 256 << 20

// sound looks through the pages of a file that is to be used, unless it is large.
func (f *file) sound(ctx context.Context, db *sql.DB) error {
	var pages, size int64
	if err := errors.Join(db.QueryRowContext(ctx, `PRAGMA page_count`).Scan(&pages), db.QueryRowContext(ctx, `PRAGMA page_size`).Scan(&size)); err != nil {
		return f.told(err)
	}
	if pages*size > quickly {
		return nil
	}
	faults, err := texts(ctx, db, `PRAGMA quick_check(1)`)
	if err != nil {
		return f.told(err)
	}
	if len(faults) != 1 || faults[0] != "ok" {
		return fmt.Errorf("is damaged (%s); careshed state check says more; accepted: a backup of it", strings.Join(faults, "; "))
	}
	return nil
}

// tables counts what is there and holds it against what must be.
func (h *Health) tables(ctx context.Context, db *sql.DB) error {
	var version, pages, free, size int64
	for pragma, into := range map[string]*int64{"user_version": &version, "page_count": &pages, "freelist_count": &free, "page_size": &size} {
		if err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(into); err != nil {
			return err
		}
	}
	if h.Bytes, h.Free = pages*size, free*size; version > schemaVersion {
		return errNewer
	}
	lost, err := texts(ctx, db, `SELECT 'a row of ' || "table" || ' belongs to none of ' || parent FROM pragma_foreign_key_check LIMIT 20`)
	h.Faults = append(h.Faults, lost...)
	if err != nil {
		return err
	}
	return h.rows(ctx, db)
}

// rows counts what there is, and holds it against what must be.
func (h *Health) rows(ctx context.Context, db *sql.DB) error {
	counts, err := db.QueryContext(ctx, `SELECT status, count(*) FROM job GROUP BY status`)
	if err != nil {
		return err
	}
	defer counts.Close()
	for counts.Next() {
		var status Status
		var n int
		if err := counts.Scan(&status, &n); err != nil {
			return err
		}
		h.Jobs[status] = n
	}
	if err := errors.Join(counts.Err(), db.QueryRowContext(ctx, `SELECT count(*) FROM result`).Scan(&h.Results)); err != nil {
		return err
	}
	missing, err := texts(ctx, db, `SELECT 'job ' || id || ' was successful and has no result' FROM job WHERE status = 'successful' AND id NOT IN (SELECT id FROM result) LIMIT 20`)
	h.Faults = append(h.Faults, missing...)
	if err != nil {
		return err
	}
	return h.layers(ctx, db)
}

// layers takes the sums of what was sent.
func (h *Health) layers(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT name, version, sha256, body FROM layer ORDER BY name, version`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, want string
		var version int
		var body sql.RawBytes
		if err := rows.Scan(&name, &version, &want, &body); err != nil {
			return err
		}
		h.Layers++
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != want {
			h.Faults = append(h.Faults, fmt.Sprintf("version %d of layer %s is not what was sent", version, name))
		}
	}
	return rows.Err()
}

// texts are the rows of a query of one column.
func texts(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return out, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}

// Backup copies a state file into a new one, as it was at one moment, also while a server
// uses it. The copy is its owner's alone, was checked, and is there whole or not at all.
// PostgreSQL has a program of its own for that.
func Backup(ctx context.Context, path, to string) (err error) {
	if postgres.Is(path) {
		return fmt.Errorf("%s is a database; accepted: a state file; pg_dump --schema=%s backs up what careshed keeps there", postgres.Name(path), home)
	}
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already; accepted: a new name", to)
	}
	db, err := looking(ctx, path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer db.Close()
	stage := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+"."+rand.Text()[:8])
	if err := private(stage); err != nil {
		return fmt.Errorf("%s: %w", to, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", to, err), os.Remove(stage))
		}
	}()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, stage); err != nil {
		return err
	}
	h, err := Check(ctx, stage)
	if err == nil && len(h.Faults) > 0 {
		err = errors.New(strings.Join(h.Faults, "; "))
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(stage, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(stage, to)
}

// Prune takes away jobs that ended before a time, the oldest until no more than so many
// bytes are kept of them (negative: however many), and gives the space back. No server may
// use a file meanwhile; those that share a database may, and are told.
func Prune(ctx context.Context, path string, before time.Time, bytes int64) (gone int64, err error) {
	if postgres.Is(path) {
		return pruneShared(ctx, path, before, bytes)
	}
	if _, err := os.Stat(path); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	lock, err := locked(path + "-lock")
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	defer lock.Close()
	if err := ours(ctx, path); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=foreign_keys(1)&_pragma=auto_vacuum(2)&_pragma=busy_timeout(10000)")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if gone, err = pruneOf(ctx, db, before, bytes); err != nil {
		return gone, fmt.Errorf("%s: %w", path, err)
	}
	_, err = db.ExecContext(ctx, `VACUUM`)
	return gone, err
}

func pruneOf(ctx context.Context, in asker, before time.Time, bytes int64) (gone int64, err error) {
	done, err := in.ExecContext(ctx, `DELETE FROM job WHERE id IN (
	SELECT id FROM (SELECT id, finished, sum(bytes + length(input) + coalesce(length(problem), 0) + length(title)) OVER (ORDER BY created DESC, id) AS held
		FROM job WHERE finished > 0) AS ended
	WHERE finished < $1 OR CAST($2 AS bigint) >= 0 AND held > CAST($2 AS bigint))`, before.UnixMilli(), bytes)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}
