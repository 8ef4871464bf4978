package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"careshed/geo"
)

// Catalog holds layers by name. Each is read when it is first asked for and
// once only; several goroutines may ask at the same time. A failed reading is
// tried again at the next call.
type Catalog struct {
	dir     string
	limits  Limits
	entries map[string]*entry
}

type entry struct {
	source Source
	turn   chan struct{} // whoever holds it reads; then layer and files stand
	layer  *geo.Layer
	files  []File
}

// File is a file that was read, or a table of a database.
type File struct {
	Name   string `json:"name"`   // as the source gives it; of a table postgis:schema.table
	SHA256 string `json:"sha256"` // of a table, over its values as they came
	Bytes  int64  `json:"bytes"`  // as on disk, or as they came
}

// NewCatalog makes a catalog of sources whose paths are relative to dir, with
// the default limits.
func NewCatalog(dir string, sources map[string]Source) *Catalog {
	c := &Catalog{dir: dir, entries: make(map[string]*entry, len(sources))}
	for name, s := range sources {
		c.entries[name] = &entry{source: s, turn: make(chan struct{}, 1)}
	}
	return c
}

// Limited is a catalog of the same sources under other limits, nothing read.
func (c *Catalog) Limited(l Limits) *Catalog {
	sources := make(map[string]Source, len(c.entries))
	for name, e := range c.entries {
		sources[name] = e.source
	}
	limited := NewCatalog(c.dir, sources)
	limited.limits = l
	return limited
}

// Names lists the layers in alphabetical order.
func (c *Catalog) Names() []string { return slices.Sorted(maps.Keys(c.entries)) }

// Source is where a layer comes from.
func (c *Catalog) Source(name string) (Source, bool) {
	e, ok := c.entries[name]
	if !ok {
		return Source{}, false
	}
	return e.source, true
}

// Layer is the layer of a name; About.Name is that name. The error is
// [*UnknownLayerError], [*InputError] or that of ctx, which bounds this call
// only: another caller's wait goes on.
func (c *Catalog) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	e, ok := c.entries[name]
	if !ok {
		return nil, &UnknownLayerError{Name: name, Known: c.Names()}
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e.layer != nil {
		return e.layer, nil
	}
	l, files, err := c.read(ctx, e.source)
	if err != nil {
		return nil, fmt.Errorf("layer %s: %w", plain(name), err)
	}
	about := l.About
	about.Name = name
	e.layer, e.files = l.Named(about), files
	return e.layer, nil
}

// Digest gives the files that a layer was read from with their sums, taken
// while reading. A layer must have been read before.
func (c *Catalog) Digest(name string) ([]File, error) {
	e, ok := c.entries[name]
	if !ok {
		return nil, &UnknownLayerError{Name: name, Known: c.Names()}
	}
	e.turn <- struct{}{}
	defer func() { <-e.turn }()
	if e.layer == nil {
		return nil, fmt.Errorf("digest of layer %s: it has not been read", plain(name))
	}
	return slices.Clone(e.files), nil
}

// read reads a source with its join.
func (c *Catalog) read(ctx context.Context, s Source) (*geo.Layer, []File, error) {
	if s.PostGIS != "" {
		l, from, err := database(ctx, s, c.limits)
		return l, []File{from}, err
	}
	join, units := s.Join, s.Units
	if s.Join = nil; join != nil {
		s.Units = nil // of the whole
	}
	l, file, err := c.file(ctx, s)
	if err != nil || join == nil {
		return l, []File{file}, err
	}
	other, joined, err := c.file(ctx, Source{File: join.File, Geometry: "none", Format: join.Format, Table: join.Table,
		Encoding: join.Encoding, Decimal: join.Decimal, Thousands: join.Thousands, Missing: join.Missing})
	if err != nil {
		return nil, nil, fmt.Errorf("join: %w", err)
	}
	if l, err = join.Apply(l, other); err != nil {
		return nil, nil, err
	}
	l, err = inUnits(l, units)
	return l, []File{file, joined}, err
}

// file reads one file to its end, whatever its reader needs of it.
func (c *Catalog) file(ctx context.Context, s Source) (*geo.Layer, File, error) {
	path := s.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.dir, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, File{}, fileFault(s.File, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, File{}, fileFault(s.File, err)
	}
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return nil, File{}, &InputError{File: s.File, Problem: "has changes beside it, in " + filepath.Base(path) + "-wal",
			Accept: "a file that no program has open; close it in QGIS first"}
	}
	sum := &summed{file: f, size: info.Size(), hash: sha256.New()}
	l, err := Read(ctx, sum, s.File, s, c.limits)
	if err != nil {
		return nil, File{}, err
	}
	if _, err := io.Copy(io.Discard, sum); err != nil {
		return nil, File{}, fileFault(s.File, err)
	}
	return l, File{Name: s.File, SHA256: hex.EncodeToString(sum.hash.Sum(nil)), Bytes: sum.bytes}, nil
}

// summed takes the sum of what is read through it from the beginning. A
// reader may look anywhere with ReadAt; the sum is then taken afterwards.
type summed struct {
	file  *os.File
	size  int64
	hash  hash.Hash
	bytes int64
}

func (s *summed) Size() int64 { return s.size }

func (s *summed) ReadAt(p []byte, offset int64) (int, error) { return s.file.ReadAt(p, offset) }

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.hash.Write(p[:n])
	s.bytes += int64(n)
	return n, err
}
