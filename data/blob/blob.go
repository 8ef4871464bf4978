// Package blob keeps bytes by their SHA-256: what a fleet of machines reads and what
// it made. Nothing is visible before it is whole, and what is there never changes.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Store keeps bytes by their SHA-256, in hexadecimal. Its methods may be called from
// several goroutines and machines.
type Store interface {
	// Put keeps what r holds, size bytes whose sum is key. What is there already is not
	// sent again. Bytes of another sum are an error, and are not kept.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// Write keeps what write writes, and gives its sum: for what is too large to be in
	// memory. An error of write's is given as it is.
	Write(ctx context.Context, write func(io.Writer) error) (key string, err error)
	// Get opens what is kept; the reader fails at its end if the bytes have another sum.
	// ErrNone if there is nothing.
	Get(ctx context.Context, key string) (io.ReadCloser, error)
	// Has reports whether something is kept.
	Has(ctx context.Context, key string) (bool, error)
}

// ErrNone says that nothing is kept under a key.
var ErrNone = errors.New("is not in the store")

// Open opens the store at an address: file:DIR, or s3://BUCKET/PREFIX.
func Open(address string) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("store: its address cannot be read; accepted: file:DIR, or %s", acceptS3)
	}
	switch u.Scheme {
	case "file":
		dir := u.Opaque
		if dir == "" {
			dir = u.Path
		}
		if dir == "" || u.Host != "" {
			return nil, fmt.Errorf("store %q names no folder; accepted: file:DIR", address)
		}
		return Folder(dir), nil
	case "s3":
		return openS3(u)
	}
	return nil, fmt.Errorf("store %q; accepted: file:DIR, a folder that all machines see, or %s", address, acceptS3)
}

// Folder is a store in a folder, which it makes when something is put: DIR/ab/abcd….
type Folder string

func (d Folder) path(key string) string { return filepath.Join(string(d), key[:2], key) }

// Has looks for the file.
func (d Folder) Has(_ context.Context, key string) (bool, error) {
	if err := named(key); err != nil {
		return false, err
	}
	_, err := os.Stat(d.path(key))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Put writes a file beside its place, has it on the disk, and moves it there.
func (d Folder) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if there, err := d.Has(ctx, key); there || err != nil {
		return err
	}
	dir := filepath.Dir(d.path(key))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, coming+"*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing once it has moved
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), reading{ctx, r})
	err = errors.Join(err, f.Sync(), f.Chmod(0o444), f.Close())
	if err == nil && (n != size || hex.EncodeToString(h.Sum(nil)) != key) {
		err = fmt.Errorf("%d bytes of another sum than %s came", n, key)
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), d.path(key))
}

// Write writes a file beside, has it on the disk, and moves it to its place.
func (d Folder) Write(ctx context.Context, write func(io.Writer) error) (key string, err error) {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(string(d), coming+"*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // nothing once it has moved
	h := sha256.New()
	if err := errors.Join(write(io.MultiWriter(f, h)), ctx.Err()); err != nil {
		return "", errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Chmod(0o444), f.Close()); err != nil {
		return "", err
	}
	key = hex.EncodeToString(h.Sum(nil))
	if err := os.MkdirAll(filepath.Dir(d.path(key)), 0o777); err != nil {
		return "", err
	}
	return key, os.Rename(f.Name(), d.path(key))
}

// coming begins the names of files that are being written.
const coming = ".coming-"

// forsaken is how long after its last byte a file that was coming is nobody's: whoever wrote
// it was killed, maybe on another machine.
const forsaken = 24 * time.Hour

// Sweep removes the files that were never finished in dir and the folders in it, a day after
// their last byte, and says how many they were. Others stay.
func Sweep(dir string) (n int) {
	for _, pattern := range []string{coming + "*", "??/" + coming + "*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the pattern is right
		for _, path := range found {
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > forsaken && os.Remove(path) == nil {
				n++
			}
		}
	}
	return n
}

// Get opens the file.
func (d Folder) Get(_ context.Context, key string) (io.ReadCloser, error) {
	if err := named(key); err != nil {
		return nil, err
	}
	f, err := os.Open(d.path(key))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", key, ErrNone)
	}
	if err != nil {
		return nil, err
	}
	return &summed{f, sha256.New(), key}, nil
}

// named refuses what is no sum, and so no name of a file elsewhere.
func named(key string) error {
	if b, err := hex.DecodeString(key); err != nil || len(b) != sha256.Size || strings.ToLower(key) != key {
		return fmt.Errorf("%q is no SHA-256 in small hexadecimal digits", key)
	}
	return nil
}

// reading is a reader that ends with its context.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// summed is a reader that fails at its end if what was read has another sum.
type summed struct {
	io.ReadCloser
	h   hash.Hash
	key string
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.h.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(s.h.Sum(nil)) != s.key {
		return n, fmt.Errorf("%s is damaged in the store: its bytes have another sum", s.key)
	}
	return n, err
}
