package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"careshed/access/study"
	"careshed/data/blob"
)

// A bundle is the same bytes whether there was room for it in memory or not, in whatever
// order its files were written; it comes back as it was, with the sums of its manifest, and
// leaves nothing behind. What was damaged in the store is not taken for whole.
func TestBundles(t *testing.T) {
	files := map[string]string{"places.csv": strings.Repeat("id,minutes\n", 5000), "tables/compare.csv": "a\n", "links.csv": strings.Repeat("x", 70_000), "empty.csv": ""}
	var m study.Manifest
	for _, name := range sortedKeys(files) {
		sum := sha256.Sum256([]byte(files[name]))
		m.Outputs = append(m.Outputs, study.File{Name: name, SHA256: hex.EncodeToString(sum[:])})
	}
	manifest, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	files[manifestName] = string(manifest)
	store := filepath.Join(t.TempDir(), "store")
	keys := map[string]bool{}
	var last *bundle
	for _, room := range []int64{bundleRoom, 80_000, 1000, 0} {
		dir := t.TempDir()
		b := newBundle(t.Context(), blob.Folder(store), dir)
		b.room.Store(room)
		var all sync.WaitGroup
		for name, text := range files {
			all.Go(func() {
				err := b.Write(name, func(w io.Writer) error {
					for at := 0; at < len(text); at += 4096 { // as encoders do
						if _, err := io.WriteString(w, text[at:min(at+4096, len(text))]); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := errors.Join(b.Commit(), b.Close()); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("with room for %d bytes %v were left", room, left)
		}
		keys[b.key], last = true, b
	}
	if len(keys) != 1 {
		t.Errorf("the same files were kept as %d different ones", len(keys))
	}
	got := map[string]string{}
	put := func(name, sum string, r io.Reader) error {
		text, err := io.ReadAll(r)
		got[name] = string(text)
		if own := sha256.Sum256(text); name != manifestName && sum != hex.EncodeToString(own[:]) {
			t.Errorf("%s came with the sum %q", name, sum)
		}
		return err
	}
	if err := unpack(t.Context(), blob.Folder(store), last.key, put); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, "unpacked", got, files)
	path := filepath.Join(store, last.key[:2], last.key)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := unpack(t.Context(), blob.Folder(store), last.key, func(_, _ string, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }); err == nil {
		t.Error("a damaged bundle was taken for whole")
	}
	b := newBundle(t.Context(), blob.Folder(store), t.TempDir())
	full := errors.New("full")
	if err := b.Write("x", func(io.Writer) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}
