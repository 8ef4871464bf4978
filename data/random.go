package data

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// random is a file that is read here and there, as GeoPackage, GeoParquet and
// ZIP need it.
type random struct {
	io.ReaderAt
	size int64
}

// at makes r readable anywhere. A reader that can do so itself and knows its
// size is taken as it is, unless it is gzipped; any other is read into memory,
// up to the limit of bytes.
func at(ctx context.Context, r io.Reader, name string, most int64) (random, error) {
	if ra, ok := r.(interface {
		io.ReaderAt
		Size() int64
	}); ok {
		var head [48]byte
		n, err := ra.ReadAt(head[:], 0)
		switch {
		case err != nil && err != io.EOF:
			return random{}, fileFault(name, err)
		case n == 0:
			return random{}, &InputError{File: name, Problem: "is empty", Accept: "a whole file"}
		case ra.Size() > most:
			return random{}, &InputError{File: name, Problem: fmt.Sprintf("holds more than %d bytes", most), Accept: "a smaller file, or a higher limit"}
		case pointer(head[:n]) != "":
			return random{}, &InputError{File: name, Problem: "is " + pointer(head[:n]), Accept: "the file, fetched from its store (git lfs pull, git annex get, dvc pull)"}
		case string(head[:2]) != "\x1f\x8b":
			return random{ra, ra.Size()}, nil
		}
	}
	in, err := unpack(ctx, r, name, most)
	if err != nil {
		return random{}, err
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return random{}, err // ready for the user
	}
	if len(b) == 0 {
		return random{}, &InputError{File: name, Problem: "is empty", Accept: "a whole file"}
	}
	return random{bytes.NewReader(b), int64(len(b))}, nil
}

// file is the file under one name, as a file system for SQLite.
func (r random) file(name string) fs.FS { return oneFile{name, r} }

type oneFile struct {
	name string
	random
}

func (f oneFile) Open(name string) (fs.File, error) {
	if name != f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return openFile{io.NewSectionReader(f.random, 0, f.size), f}, nil
}

type openFile struct {
	*io.SectionReader
	of oneFile
}

func (f openFile) Stat() (fs.FileInfo, error) { return fileInfo{f.of}, nil }
func (f openFile) Close() error               { return nil }

type fileInfo struct{ of oneFile }

func (i fileInfo) Name() string       { return i.of.name }
func (i fileInfo) Size() int64        { return i.of.size }
func (i fileInfo) Mode() fs.FileMode  { return 0o444 }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return false }
func (i fileInfo) Sys() any           { return nil }
