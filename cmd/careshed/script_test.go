package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "renew goldens")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"careshed": main})
}

// The command as a person uses it: help, typos, missing files, pipes.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "../../testdata/scripts",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			return copyTo(e.WorkDir, "../../testdata/specs")
		},
	})
}

func copyTo(dir string, from ...string) error {
	for _, f := range from {
		if err := os.CopyFS(filepath.Join(dir, filepath.Base(f)), os.DirFS(f)); err != nil {
			return err
		}
	}
	return nil
}

// call runs the program in this process.
func call(t testing.TB, args ...string) (code int, out, log string) {
	t.Helper()
	var o, l bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &o, &l)
	return code, o.String(), l.String()
}

// golden compares with a file of testdata/golden, renewed by -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from its golden; go test ./cmd/careshed -update renews it\n%s", name, firstDifference(string(got), string(want)))
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "got  " + x[i] + "\nwant " + y[i]
		}
	}
	return "one is longer"
}

// The six questions, unchanged, on the atlas and on small made-up files under
// the names that specs 5 and 6 give: all outputs but the largest are goldens.
func TestTheSixSpecsAreGoldens(t *testing.T) {
	dir := t.TempDir()
	for _, from := range []string{"../../testdata/specs"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	specs, err := filepath.Glob(filepath.Join(dir, "[1-6]-*.yaml"))
	if err != nil || len(specs) != 6 {
		t.Fatalf("%v, %v", specs, err)
	}
	for _, spec := range specs {
		name := strings.TrimSuffix(filepath.Base(spec), ".yaml")
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			code, printed, log := call(t, "run", spec, "-o", out)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, log)
			}
			golden(t, name+"/printed.txt", []byte(printed))
			err := filepath.WalkDir(out, func(path string, d os.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				rel, _ := filepath.Rel(out, path)
				info, err := d.Info()
				if err != nil || info.Size() > 60_000 || strings.HasSuffix(rel, ".sha256") || rel == "manifest.json" && name[0] < '5' {
					return err // the atlas's manifests carry the sums of its files
				}
				b, err := os.ReadFile(path)
				golden(t, name+"/"+filepath.ToSlash(rel), b)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
