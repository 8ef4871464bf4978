package data

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The same rows are the same bytes, however many come at once, and are read as a table; the
// end of the file says of what they were made.
func TestMatrixWriter(t *testing.T) {
	var rows []MatrixRow
	for i := range 3000 {
		rows = append(rows, MatrixRow{fmt.Sprint("p", i%50), fmt.Sprint("s", i/50), float64(i) / 7, float64(i) / 3})
	}
	write := func(size int) []byte {
		var out bytes.Buffer
		w := NewMatrixWriter(&out, "these")
		for chunk := range slices.Chunk(rows, size) {
			if err := w.Write(chunk); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	text := write(len(rows))
	if !bytes.Equal(text, write(7)) {
		t.Error("other bytes where seven come at once")
	}
	path := filepath.Join(t.TempDir(), "m.parquet")
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if of, n, err := MatrixFile(path); of != "these" || n != 3000 || err != nil {
		t.Error(of, n, err)
	}
	l, err := NewCatalog(filepath.Dir(path), map[string]Source{"m": {File: "m.parquet"}}).Layer(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		var cells []any
		for _, c := range l.Columns() {
			cells = append(cells, c.Value(i))
		}
		if want := []any{r.Place, r.Site, r.Minutes, r.Kilometres}; !slices.Equal(cells, want) {
			t.Fatalf("row %d is %v, not %v", i, cells, want)
		}
	}
	if err := os.WriteFile(path, text[:len(text)-9], 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := MatrixFile(path); err == nil {
		t.Error("a file that was cut is read")
	}
}

// A folder that is filled file by file has all of them in its list, and not what is kept no
// longer.
func TestFolderIsFilled(t *testing.T) {
	dir := t.TempDir()
	fill := func(name string, keep ...string) {
		f, err := OpenFolder(dir, "kind")
		if err != nil {
			t.Fatal(err)
		}
		f.Keep(keep...)
		if err := f.Write(name, func(w io.Writer) error { _, err := io.WriteString(w, name); return err }); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	fill("a")
	fill("b", "a", "b", "c")
	fill("c", "a", "b", "c")
	f, err := OpenFolder(dir, "kind")
	if err != nil || !f.Whole() || f.Kept("a") == "" || f.Kept("b") == "" || f.Kept("c") == "" {
		t.Fatal(err, f)
	}
	fill("d", "b")
	if f, err = OpenFolder(dir, "kind"); err != nil || !f.Whole() || f.Kept("a") != "" || f.Kept("b") == "" || f.Kept("d") == "" {
		t.Error(err, f)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("what is kept no longer is there")
	}
}
