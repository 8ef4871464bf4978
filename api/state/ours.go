package state

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
)

// applicationID marks a state file in its header, as SQLite has a place for it:
// "care" in ASCII.
const applicationID = 0x63617265

// ErrStranger says that a file is somebody else's: no job is written into it.
var ErrStranger = errors.New("is there already and is no state file of careshed; accepted: the name of a new file, or of one that careshed made")

// ours refuses a file that careshed did not make, before it is opened for
// writing: a new name and a state file will do.
func ours(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrStranger // a link to nothing
	}
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return err
	}
	defer f.Close()
	header := make([]byte, 72)
	if _, err := io.ReadFull(f, header); err != nil || string(header[:16]) != "SQLite format 3\x00" {
		return ErrStranger
	}
	switch binary.BigEndian.Uint32(header[68:]) {
	case applicationID:
		return nil
	case 0: // before files were marked
		return marked(ctx, path)
	}
	return ErrStranger
}

// marked looks for the tables of a state file that has no mark yet, without
// changing the file.
func marked(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('job', 'result', 'river_job', 'river_migration')`).Scan(&n); err != nil {
		return fmt.Errorf("%w (%w)", ErrStranger, err)
	}
	if n < 2 {
		return ErrStranger
	}
	return nil
}
