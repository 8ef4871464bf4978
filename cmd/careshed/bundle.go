package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"careshed/access/study"
	"careshed/data/blob"
)

// bundle is a result on its way into a store, as one file: a tar of its manifest and then
// its files by name, compressed by zstd, so that the same files give the same bytes. Until Commit they are held in memory, as long as
// there is room, and then in a folder.
type bundle struct {
	ctx   context.Context
	store blob.Store
	dir   string // for what has no room
	key   string // SHA-256 of the whole, once it is kept

	room  atomic.Int64 // bytes
	mu    sync.Mutex
	files map[string]*heldFile
}

// manifestName is the file of a result that has the sums of the others.
const manifestName = "manifest.json"

// bundleRoom is how much of a result is held in memory until it is kept.
const bundleRoom = 64 << 20

func newBundle(ctx context.Context, store blob.Store, dir string) *bundle {
	b := &bundle{ctx: ctx, store: store, dir: dir, files: map[string]*heldFile{}}
	b.room.Store(bundleRoom)
	return b
}

// Write holds a file until Commit.
func (b *bundle) Write(name string, write func(io.Writer) error) error {
	f := &heldFile{of: b, mem: buffers.Get().(*bytes.Buffer), hash: sha256.New()}
	b.mu.Lock()
	b.files[name] = f
	b.mu.Unlock()
	if err := write(f); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// Sum is the SHA-256 of a file that Write has written.
func (b *bundle) Sum(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return hex.EncodeToString(b.files[name].hash.Sum(nil))
}

// Commit keeps all files in the store. An error is the store's, or this machine's.
func (b *bundle) Commit(...string) (err error) {
	b.key, err = b.store.Write(b.ctx, func(out io.Writer) error { return blob.Pack(out, b.tar) })
	if err != nil {
		return elsewhere(err)
	}
	return nil
}

// tar writes the files one behind the other.
func (b *bundle) tar(out io.Writer) error {
	w := tar.NewWriter(out)
	for _, name := range append([]string{manifestName}, slices.DeleteFunc(sortedKeys(b.files), func(n string) bool { return n == manifestName })...) {
		f := b.files[name]
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: f.size, Format: tar.FormatPAX}); err != nil {
			return err
		}
		if err := f.copyTo(w); err != nil {
			return err
		}
	}
	return w.Close()
}

// Close forgets the files.
func (b *bundle) Close() error {
	for _, f := range b.files {
		f.close()
	}
	return nil
}

// heldFile is a file of a bundle: in memory, or on the disk once there is no room.
type heldFile struct {
	of   *bundle
	mem  *bytes.Buffer
	disk *os.File // nil as long as it is in memory
	hash hash.Hash
	size int64
}

// buffers are those of results before, whose memory is used again.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (f *heldFile) Write(p []byte) (n int, err error) {
	if f.disk == nil && f.of.room.Add(-int64(len(p))) < 0 {
		f.of.room.Add(int64(len(p)))
		if err := f.spill(); err != nil {
			return 0, err
		}
	}
	if f.disk != nil {
		n, err = f.disk.Write(p)
	} else {
		n, err = f.mem.Write(p)
	}
	f.hash.Write(p[:n])
	f.size += int64(n)
	return n, err
}

// spill moves the file to the disk: what it took of the room is free again.
func (f *heldFile) spill() (err error) {
	if f.disk, err = os.CreateTemp(f.of.dir, "held-*"); err != nil {
		return err
	}
	f.of.room.Add(f.size)
	_, err = f.mem.WriteTo(f.disk)
	return err
}

func (f *heldFile) copyTo(w io.Writer) error {
	if f.disk == nil {
		_, err := w.Write(f.mem.Bytes())
		return err
	}
	if _, err := f.disk.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, f.disk)
	return err
}

func (f *heldFile) close() {
	if f.mem.Cap() <= bundleRoom/16 {
		f.mem.Reset()
		buffers.Put(f.mem)
	}
	if f.disk != nil {
		f.disk.Close()
		os.Remove(f.disk.Name())
	}
}

// largestResult bounds what a result may hold that comes from the store.
const largestResult = 4 << 30

// unpack hands on the files of a result, with the sums that its manifest has for them. What
// they hold is right only if it gives no error: the sum of the whole answers for all.
func unpack(ctx context.Context, store blob.Store, key string, put putFile) error {
	r, err := store.Get(ctx, key)
	if err != nil {
		return fmt.Errorf("the store: %w", err)
	}
	defer r.Close()
	if err := blob.Unpack(r, func(z io.Reader) error { return untar(io.LimitReader(z, largestResult), put) }); err != nil {
		return err
	}
	if _, err = io.Copy(io.Discard, r); err != nil { // its sum is looked at in the end
		return fmt.Errorf("the store: %w", err)
	}
	return nil
}

func untar(r io.Reader, put putFile) error {
	t, sums := tar.NewReader(r), map[string]string{}
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the store: %w", err)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			return fmt.Errorf("the result holds %q, which is no file of a result", h.Name)
		}
		var file io.Reader = t
		if h.Name == manifestName {
			if file, err = known(t, sums); err != nil {
				return fmt.Errorf("the store: %w", err)
			}
		}
		if err := put(h.Name, sums[h.Name], file); err != nil {
			return err
		}
	}
}

// known reads the sums of a result's files out of its manifest.
func known(r io.Reader, sums map[string]string) (io.Reader, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var m study.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	for _, f := range m.Outputs {
		sums[f.Name] = f.SHA256
	}
	return bytes.NewReader(text), nil
}
