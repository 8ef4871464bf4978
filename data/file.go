package data

import (
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// WriteFile writes a file whole or not at all: into a new file in the same
// folder, flushed to disk, then renamed over path. A path that ends in .gz is
// compressed, the same content to the same bytes. If write or the disk fails,
// path is as before and nothing is left behind; what a program that was killed left
// beside it is removed by the next that writes it.
func WriteFile(path string, write func(io.Writer) error) error {
	return writeFile(osDisk{}, path, write)
}

func writeFile(d disk, path string, write func(io.Writer) error) error {
	dir, prefix := filepath.Dir(path), besides(filepath.Base(path))
	sweep(dir, prefix, runs)
	name := filepath.Join(dir, stamped(prefix)+rand.Text()[:8])
	if err := fillFile(d, name, write, strings.HasSuffix(strings.ToLower(path), ".gz")); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := d.rename(name, path); err != nil {
		_ = d.remove(name)
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := d.sync(dir); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// besides begins the names under which a file is written before it has its own.
func besides(name string) string { return "." + name + "." }

// fillFile writes a new file and brings it to the disk, or leaves nothing of it.
func fillFile(d disk, name string, write func(io.Writer) error, compress bool) error {
	f, err := d.create(name, 0o666)
	if err != nil {
		return bare(err) // it names the file that stands in
	}
	err = fill(f, write, compress)
	if err == nil {
		err = f.Sync()
	}
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err != nil {
		_ = d.remove(name)
	}
	return err
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
