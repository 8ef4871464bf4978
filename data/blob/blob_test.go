package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// What is put is got, whole and unchanged, or an error; what is not whole is not there.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := Open("file:" + filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	key := sum("a matrix")
	if _, err := s.Get(ctx, key); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
	for _, bad := range []struct {
		key, text string
		size      int64
	}{{key, "a matri", 8}, {key, "another.", 8}, {key, "a matrix", 7}} {
		if err := s.Put(ctx, bad.key, strings.NewReader(bad.text), bad.size); err == nil {
			t.Errorf("%q was taken for what it is not", bad.text)
		}
		if there, err := s.Has(ctx, key); there || err != nil {
			t.Fatalf("what is not whole is visible: %v %v", there, err)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := s.Put(ctx, key, strings.NewReader("a matrix"), 8); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	r, err := s.Get(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != "a matrix" || r.Close() != nil {
		t.Errorf("%q %v", text, err)
	}
	ended, end := context.WithCancel(ctx)
	end()
	if err := s.Put(ended, sum("late"), strings.NewReader("late"), 4); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	path := Folder(filepath.Join(dir, "store")).path(key)
	files, _ := os.ReadDir(filepath.Dir(path))
	if len(files) != 1 {
		t.Errorf("%v were left", files)
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, []byte("a matrox"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Get(ctx, key); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); err == nil {
		t.Error("damaged bytes were given as whole")
	}
}

// What was never finished goes a day after its last byte; what is coming, what is kept and
// what is somebody else's stays.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-25 * time.Hour)
	want := map[string]bool{".coming-1": false, "ab/.coming-2": false, ".coming-3": true, "ab/abcd": true, "abc/.coming-4": true, "notes.txt": true}
	for name := range want {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("half"), 0o666)); err != nil {
			t.Fatal(err)
		}
		if name != ".coming-3" {
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := Sweep(dir); n != 2 {
		t.Errorf("%d files were removed", n)
	}
	for name, stays := range want {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is written is kept by its sum, once; what is not whole leaves nothing.
func TestFolderWrites(t *testing.T) {
	s, ctx, key := Folder(filepath.Join(t.TempDir(), "store")), t.Context(), sum("a matrix")
	for range 2 {
		if wrote, err := s.Write(ctx, func(w io.Writer) error { _, err := io.WriteString(w, "a matrix"); return err }); wrote != key || err != nil {
			t.Errorf("written as %s: %v", wrote, err)
		}
	}
	full := errors.New("full")
	if _, err := s.Write(ctx, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(string(s), ".coming-*")); len(files) != 0 {
		t.Errorf("%v were left", files)
	}
	if r, err := s.Get(ctx, key); err != nil {
		t.Error(err)
	} else if text, err := io.ReadAll(r); string(text) != "a matrix" || errors.Join(err, r.Close()) != nil {
		t.Errorf("%q %v", text, err)
	}
}

func TestKeysAndAddresses(t *testing.T) {
	for _, key := range []string{"", "ab", "../../../etc/passwd", strings.ToUpper(sum("x")), sum("x")[:62] + "/x"} {
		s := Folder(t.TempDir())
		if _, err := s.Get(t.Context(), key); err == nil || errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", key, err)
		}
		if err := s.Put(t.Context(), key, strings.NewReader("x"), 1); err == nil {
			t.Errorf("%q was put", key)
		}
	}
	for _, address := range []string{"", "store", "file:", "ftp://x/y", "file://host/x", "s3:///x", "s3://b?endpoint=x", "s3://b?path-style=1", "s3://b?key=x", "s3://u:p@b/x"} {
		if _, err := Open(address); err == nil || !strings.Contains(err.Error(), "accepted: ") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
