package data

import (
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// WriteFile writes a file whole or not at all: into a new file in the same
// folder, flushed to disk, then renamed over path. A path that ends in .gz is
// compressed, the same content to the same bytes. If write or the disk fails,
// path is as before and nothing is left behind.
func WriteFile(path string, write func(io.Writer) error) error {
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		var p *os.PathError // names the file that stands in for path
		if errors.As(err, &p) {
			err = p.Err
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	kept := false
	defer func() {
		if !kept {
			f.Close()
			os.Remove(name)
		}
	}()
	if err := fill(f, write, strings.HasSuffix(strings.ToLower(path), ".gz")); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(name, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	kept = true
	return nil
}

func fill(f io.Writer, write func(io.Writer) error, compress bool) error {
	if !compress {
		return write(f)
	}
	z := gzip.NewWriter(f)
	if err := write(z); err != nil {
		return err
	}
	return z.Close()
}
