package main

import (
	"context"
	"crypto/sha256"
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
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

// task is one run of a batch: a study at one point of its grid.
type task struct {
	path, dir string
	spec      spec.Spec
	point     spec.Point
	formats   []string // in which layers and tables are written
}

func (t task) name() string {
	if len(t.point) == 0 {
		return t.spec.Name
	}
	return t.spec.Name + " " + t.point.String()
}

// batchAsk is where a batch goes and who carries it out.
type batchAsk struct {
	dir, config string
	formats     []string // in which layers and tables are written
	jobs        int
	parting
}

func batchCommand(e *env) *cobra.Command {
	var b batchAsk
	c := &cobra.Command{
		Use: "batch SPEC…", Short: "Carry out many studies, or a grid of one",
		Long: `Carry out many studies. A study with a grid runs once for every combination.
Each run has its folder, DIR/NAME or DIR/NAME/POINT, and DIR/batch.csv holds the
headlines of all, one number a row.

A run that is there already, made by this version from the same study and the
same files, is not made again: a batch that was stopped goes on where it was.
A study that fails does not stop the others; the exit code then is 3.

Several machines: --shard I/N makes one part of N alone (Slurm, Kubernetes), and
--merge brings the folders of all parts together. With --on the runs are made by
the workers (careshed worker) that share a PostgreSQL database. The results are
the same to the byte.`,
		Example: `  careshed batch studies/*.yaml -o results
  careshed batch matrix.yaml -o results --jobs 2
  careshed batch matrix.yaml -o part1 --shard 1/8
  careshed batch matrix.yaml -o results --merge part1,part2
  careshed batch matrix.yaml -o results --on postgres://me@db/fleet --store file:/shared/store`,
		Args: atLeast(1, "one or more studies"),
		RunE: func(c *cobra.Command, args []string) error { return e.batchAsked(c.Context(), args, b) },
	}
	c.Flags().StringVarP(&b.dir, "output", "o", "", "folder for the results")
	c.Flags().StringVar(&b.config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().IntVarP(&b.jobs, "jobs", "j", 1, "how many studies at a time")
	c.Flags().StringSliceVar(&b.formats, "formats", textFormats(), "what each run writes: "+strings.Join(resultFormats(), ", ")+"; with parquet the folders are one data set")
	b.parting.flags(c, "runs")
	c.AddCommand(batchStatusCommand(e))
	return c
}

// batchAsked carries out a batch as its flags say.
func (e *env) batchAsked(ctx context.Context, studies []string, b batchAsk) error {
	switch {
	case b.dir == "":
		return usageError{fmt.Errorf("batch needs a folder: -o DIR")}
	case b.jobs < 1:
		return usageError{fmt.Errorf("--jobs %d; accepted: 1 or more", b.jobs)}
	}
	if err := b.parting.check(); err != nil {
		return err
	}
	for _, f := range b.formats {
		if err := oneOf("--formats", f, resultFormats()...); err != nil {
			return err
		}
	}
	only, err := partOf(b.shard)
	if err != nil {
		return err
	}
	tasks, err := plan(studies, b.dir)
	if err != nil {
		return err
	}
	for i := range tasks {
		tasks[i].formats = b.formats
	}
	switch {
	case len(b.merge) > 0:
		return e.merge(ctx, tasks, b, b.merge)
	case b.on != "":
		return e.batchOn(ctx, tasks, b)
	}
	return e.batch(ctx, taken(only, tasks), b, only.of > 0)
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

// batch makes the runs here; of a part there is no table of all.
func (e *env) batch(ctx context.Context, tasks []task, b batchAsk, isPart bool) error {
	if _, err := batchFolder(tasks, b.dir, b.config); err != nil {
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
	for range min(b.jobs, len(tasks)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				t := tasks[i]
				var what string
				if what, failed[i] = travel.Caught(func() (string, error) { return e.made(ctx, t, b.config) }); failed[i] != nil {
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
	if !isPart {
		if err := gather(tasks, failed, b.dir, b.config); err != nil {
			return err
		}
	}
	return countFailed(failed)
}

// countFailed is the error of a batch of which some runs failed.
func countFailed(failed []error) error {
	n := 0
	for _, err := range failed {
		if err != nil {
			n++
		}
	}
	if n > 0 {
		return inputError{fmt.Errorf("%d of %d runs failed", n, len(failed))}
	}
	return nil
}

// one makes a run, into its folder.
func (e *env) one(ctx context.Context, t task, config string) error {
	folder, err := resultFolder(t.dir, t.spec, t.formats, inputsOf(t.path, t.spec, config))
	if err != nil {
		return err
	}
	r, give, err := e.computed(ctx, t, config)
	if err != nil {
		return err
	}
	defer give()
	return writeResult(folder, r, t.formats)
}

// computed is the result of a run, and what gives the memory back that it has.
func (e *env) computed(ctx context.Context, t task, config string) (*study.Result, func(), error) {
	w, err := e.world(ctx, t.path, t.spec, config)
	if err != nil {
		return nil, nil, err
	}
	give := func() {}
	if e.memory != nil {
		w.Share = e.memory.Share(nil)
		give = w.Share.Give
	}
	r, err := study.Run(ctx, w, t.spec, nil)
	if err != nil {
		give()
		return nil, nil, explain(t.path, err)
	}
	return r, give, nil
}

// made is a run that is there already, or is made now, in words. What of an earlier
// one is damaged or was changed is kept under another name, and the run made again.
func (e *env) made(ctx context.Context, t task, config string) (string, error) {
	if e.there(t, config) {
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
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
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
	if sum, err := digest(filepath.Join(dir, manifestName)); err == nil {
		known[manifestName] = sum
	}
	return known
}

// there is fresh of a run that is ours to make: what an earlier program left beside it when
// it was killed is removed.
func (e *env) there(t task, config string) bool {
	if !e.fresh(t, config) {
		return false
	}
	data.Tidy(t.dir, resultKind)
	return true
}

// fresh reports whether a run is there already and whole, from the same study,
// files and version: the list of its files and its manifest agree with all of them.
func (e *env) fresh(t task, config string) bool {
	m := manifestOf(t.dir)
	if m == nil || !madeOf(m, t) {
		return false
	}
	f, err := data.OpenFolder(t.dir, resultKind)
	if err != nil || !f.Whole() {
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

// madeOf reports whether a manifest is that of a run of this study and version, with files
// in all formats that are asked for.
func madeOf(m *study.Manifest, t task) bool {
	return m.Version == version && m.SpecSHA256 == t.spec.Digest() && len(m.Outputs) > 0 && writtenAs(m, t.formats)
}

// writtenAs reports whether a result was written in each format that is asked for.
func writtenAs(m *study.Manifest, formats []string) bool {
	was := m.Formats
	if was == nil {
		was = textFormats()
	}
	return !slices.ContainsFunc(formats, func(f string) bool { return !slices.Contains(was, f) })
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

// gather writes the headlines of all runs, one number a row, for people and for
// programs.
func gather(tasks []task, failed []error, dir, config string) error {
	f, err := batchFolder(tasks, dir, config)
	if err != nil {
		return err
	}
	defer f.Close()
	h, err := batchTableOf(tasks, failed)
	if err != nil {
		return err
	}
	table, err := h.table()
	if err != nil {
		return err
	}
	if err := errors.Join(f.Write("batch.csv", h.csv), f.Write("batch.parquet", func(w io.Writer) error { return data.Write(w, table, data.GeoParquet) })); err != nil {
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
	return f, f.Check("batch.csv", "batch.parquet")
}
