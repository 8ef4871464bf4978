package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/data"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

// task is one run of a batch: a study at one point of its grid.
type task struct {
	path, dir string
	spec      spec.Spec
	point     spec.Point
}

func (t task) name() string {
	if len(t.point) == 0 {
		return t.spec.Name
	}
	return t.spec.Name + " " + t.point.String()
}

func batchCommand(e *env) *cobra.Command {
	var dir, config string
	var jobs int
	c := &cobra.Command{
		Use: "batch SPEC…", Short: "Carry out many studies, or a grid of one",
		Long: `Carry out many studies. A study with a grid runs once for every combination.
Each run has its folder, DIR/NAME or DIR/NAME/POINT, and DIR/batch.csv holds the
headlines of all, one number a row.

A run that is there already, made by this version from the same study and the
same files, is not made again: a batch that was stopped goes on where it was.
A study that fails does not stop the others; the exit code then is 3.`,
		Example: `  careshed batch studies/*.yaml -o results
  careshed batch matrix.yaml -o results --jobs 2`,
		Args: atLeast(1, "one or more studies"),
		RunE: func(c *cobra.Command, args []string) error {
			if dir == "" {
				return usageError{fmt.Errorf("batch needs a folder: -o DIR")}
			}
			if jobs < 1 {
				return usageError{fmt.Errorf("--jobs %d; accepted: 1 or more", jobs)}
			}
			tasks, err := plan(args, dir)
			if err != nil {
				return err
			}
			return e.batch(c.Context(), tasks, dir, config, jobs)
		},
	}
	c.Flags().StringVarP(&dir, "output", "o", "", "folder for the results")
	c.Flags().StringVar(&config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().IntVarP(&jobs, "jobs", "j", 1, "how many studies at a time")
	return c
}

// plan reads all studies before the first one runs.
func plan(paths []string, dir string) ([]task, error) {
	var tasks []task
	seen := map[string]string{}
	for _, p := range paths {
		s, err := readSpec(p)
		if err != nil {
			return nil, err
		}
		if other, twice := seen[s.Name]; twice {
			return nil, inputError{fmt.Errorf("%s and %s are both called %q; each study of a batch needs a name of its own", other, p, s.Name)}
		}
		seen[s.Name] = p
		for _, point := range s.Points() {
			at, err := s.At(point)
			if err != nil {
				return nil, err
			}
			folder := filepath.Join(dir, s.Name)
			if len(point) > 0 {
				folder = filepath.Join(folder, point.String())
			}
			tasks = append(tasks, task{path: p, dir: folder, spec: at, point: point})
		}
	}
	return tasks, nil
}

func (e *env) batch(ctx context.Context, tasks []task, dir, config string, jobs int) error {
	if _, err := batchFolder(tasks, dir, config); err != nil {
		return err
	}
	failed := make([]error, len(tasks))
	var mu sync.Mutex
	done := 0
	say := func(t task, what string) {
		mu.Lock()
		defer mu.Unlock()
		done++
		fmt.Fprintf(e.log, "%d of %d: %s: %s\n", done, len(tasks), t.name(), what)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(jobs, len(tasks)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				t := tasks[i]
				var what string
				if what, failed[i] = travel.Caught(func() (string, error) { return e.made(ctx, t, config) }); failed[i] != nil {
					what = failed[i].Error()
				}
				say(t, what)
			}
		}()
	}
	for i := range tasks {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := gather(tasks, failed, dir, config); err != nil {
		return err
	}
	n := 0
	for _, err := range failed {
		if err != nil {
			n++
		}
	}
	if n > 0 {
		return inputError{fmt.Errorf("%d of %d runs failed", n, len(tasks))}
	}
	return nil
}

func (e *env) one(ctx context.Context, t task, config string) error {
	w, err := e.world(ctx, t.path, t.spec, config)
	if err != nil {
		return err
	}
	folder, err := resultFolder(t.dir, t.spec, textFormats(), inputsOf(t.path, t.spec, config))
	if err != nil {
		return err
	}
	r, err := study.Run(ctx, w, t.spec, nil)
	if err != nil {
		return explain(t.path, err)
	}
	return writeResult(folder, r, textFormats())
}

// made is a run that is there already, or is made now, in words. What of an earlier
// one is damaged or was changed is kept under another name, and the run made again.
func (e *env) made(ctx context.Context, t task, config string) (string, error) {
	if e.fresh(t, config) {
		return "there already", nil
	}
	aside, err := data.Mend(t.dir, resultKind, outputsOf(t.dir))
	if err != nil {
		return "", err
	}
	if err := e.one(ctx, t, config); err != nil {
		return "", err
	}
	if len(aside) == 0 {
		return "done", nil
	}
	return fmt.Sprintf("done again: not as it was written, and kept with .changed after its name: %s", strings.Join(aside, ", ")), nil
}

// manifestOf is the manifest of a result, nil if there is none that can be read.
func manifestOf(dir string) *study.Manifest {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	var m study.Manifest
	if err != nil || json.Unmarshal(text, &m) != nil {
		return nil
	}
	return &m
}

// outputsOf are the files of a result with their sums, as its manifest has them, and
// the manifest itself.
func outputsOf(dir string) map[string]string {
	m := manifestOf(dir)
	if m == nil || m.Program != "careshed" || len(m.Outputs) == 0 {
		return nil
	}
	known := map[string]string{}
	for _, f := range m.Outputs {
		known[f.Name] = f.SHA256
	}
	if sum, err := digest(filepath.Join(dir, "manifest.json")); err == nil {
		known["manifest.json"] = sum
	}
	return known
}

// fresh reports whether a run is there already and whole, from the same study,
// files and version: the list of its files and its manifest agree with all of them.
func (e *env) fresh(t task, config string) bool {
	m := manifestOf(t.dir)
	if m == nil || m.Version != version || m.SpecSHA256 != t.spec.Digest() {
		return false
	}
	f, err := data.OpenFolder(t.dir, resultKind)
	if err != nil || !f.Whole() || len(m.Outputs) == 0 {
		return false
	}
	for _, out := range m.Outputs {
		if f.Kept(out.Name) != out.SHA256 {
			return false
		}
	}
	for _, in := range m.Inputs {
		for _, f := range in.Files {
			if strings.HasPrefix(f.Name, "atlas:") {
				continue // inside the binary: the version answers for it
			}
			if sum, err := digest(e.pathOf(t, config, in.Layer, f.Name)); err != nil || sum != f.SHA256 {
				return false
			}
		}
	}
	return true
}

// digest is the SHA-256 of a file.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pathOf is where a file of a layer lies: beside the study that names the
// layer, else beside the catalog.
func (e *env) pathOf(t task, config, layer, file string) string {
	dir := filepath.Dir(t.path)
	if _, own := t.spec.Layers[layer]; !own {
		if c := beside(dir, config); c != "" {
			dir = filepath.Dir(c)
		}
	}
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// gather writes the headlines of all runs, one number a row.
func gather(tasks []task, failed []error, dir, config string) error {
	f, err := batchFolder(tasks, dir, config)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Write("batch.csv", func(w io.Writer) error {
		c := csv.NewWriter(w)
		c.Write([]string{"study", "setting", "metric", "value"})
		for i, t := range tasks {
			if failed[i] != nil {
				c.Write([]string{t.spec.Name, t.point.String(), "failed", ""})
				continue
			}
			text, err := os.ReadFile(filepath.Join(t.dir, "summary.json"))
			if err != nil {
				return err
			}
			var v any
			if err := json.Unmarshal(text, &v); err != nil {
				return errors.Join(fmt.Errorf("%s is not whole", filepath.Join(t.dir, "summary.json")), err)
			}
			for _, m := range leaves("", v, nil) {
				c.Write([]string{t.spec.Name, t.point.String(), geo.Inert(m.name), m.value})
			}
		}
		c.Flush()
		return c.Error()
	}); err != nil {
		return err
	}
	return f.Commit()
}

// batchFolder is the folder of the table of headlines.
func batchFolder(tasks []task, dir, config string) (*data.Folder, error) {
	var inputs []string
	for _, t := range tasks {
		inputs = append(inputs, inputsOf(t.path, t.spec, config)...)
	}
	f, err := data.OpenFolder(dir, "careshed-batch", inputs...)
	if err != nil {
		return nil, err
	}
	return f, f.Check("batch.csv")
}

type leaf struct{ name, value string }

// leaves are the numbers of a summary with the paths to them. An element of a
// list is known by its name where it has one.
func leaves(path string, v any, out []leaf) []leaf {
	switch v := v.(type) {
	case float64:
		out = append(out, leaf{path, string(geo.AppendNumber(nil, v))})
	case map[string]any:
		for _, k := range sortedKeys(v) {
			out = leaves(strings.TrimPrefix(path+"."+k, "."), v[k], out)
		}
	case []any:
		for i, x := range v {
			label := fmt.Sprint(i)
			if m, ok := x.(map[string]any); ok {
				for _, key := range []string{"name", "what", "country", "assumption", "id"} {
					if s, ok := m[key].(string); ok && s != "" {
						label = s
						if by, ok := m["rank"].(string); ok && by != "" {
							label += "_by_" + by
						}
						break
					}
				}
				if min, ok := m["minutes"].(float64); ok {
					label = string(geo.AppendNumber(nil, min))
				}
			}
			out = leaves(path+"."+label, x, out)
		}
	}
	return slices.Clip(out)
}
