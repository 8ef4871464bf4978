package main

import (
	"archive/tar"
	"bytes"
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
	"time"

	"careshed/api/fleet"
	"careshed/data/blob"

	"github.com/spf13/cobra"
)

// packed is a run as a fleet gets it.
type packed struct {
	task
	shard fleet.Shard
}

// packer makes shards of runs, and puts the files that they read into the store.
type packer struct {
	store blob.Store
	sums  map[string]string // of files, by path
}

// pack is a run with all that it reads. Paths are those from the study's folder, so
// that a worker can lay the files out as they lie here.
func (p *packer) pack(ctx context.Context, t task, config string) (packed, error) {
	dir, err := filepath.Abs(filepath.Dir(t.path))
	if err != nil {
		return packed{}, err
	}
	s := fleet.Shard{Study: t.spec.Name, Setting: t.point.String(), Spec: filepath.Base(t.path), Formats: strings.Join(t.formats, ",")}
	if config = beside(filepath.Dir(t.path), config); config != "" {
		if s.Config, err = from(dir, config); err != nil {
			return packed{}, err
		}
	}
	for _, file := range inputsOf(t.path, t.spec, config) {
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			continue // a table of a database, or one whose lack the run will tell
		}
		path, err := from(dir, file)
		if err != nil {
			return packed{}, err
		}
		sum, err := p.put(ctx, file, info.Size())
		if err != nil {
			return packed{}, err
		}
		s.Inputs = append(s.Inputs, fleet.Input{Path: path, SHA256: sum})
	}
	slices.SortFunc(s.Inputs, func(a, b fleet.Input) int { return strings.Compare(a.Path, b.Path) })
	s.Inputs = slices.Compact(s.Inputs)
	what, err := json.Marshal(struct {
		Version string
		Shard   fleet.Shard
	}{version, s})
	if err != nil {
		return packed{}, err
	}
	sum := sha256.Sum256(what)
	s.ID = hex.EncodeToString(sum[:16])
	return packed{t, s}, nil
}

// from is a path from a folder, with strokes.
func from(dir, file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(dir, abs)
	if err != nil || strings.Count(filepath.ToSlash(rel), "../") > depth {
		return "", inputError{fmt.Errorf("%s: is too far from the study's folder for a fleet; accepted: at most %d folders up", file, depth)}
	}
	return filepath.ToSlash(rel), nil
}

// put keeps a file, and gives its sum.
func (p *packer) put(ctx context.Context, file string, size int64) (string, error) {
	if sum, ok := p.sums[file]; ok {
		return sum, nil
	}
	sum, err := digest(file)
	if err != nil {
		return "", err
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := p.store.Put(ctx, sum, f, size); err != nil {
		return "", fmt.Errorf("the store: %s: %w", file, err)
	}
	p.sums[file] = sum
	return sum, nil
}

// batchOn has the workers of a fleet make the runs, and brings the results here.
func (e *env) batchOn(ctx context.Context, tasks []task, b batchAsk) error {
	if _, err := batchFolder(tasks, b.dir, b.config); err != nil {
		return err
	}
	store, err := blob.Open(b.store)
	if err != nil {
		return usageError{err}
	}
	f, err := fleet.Open(ctx, b.on, version, fleet.Options{})
	if err != nil {
		return err
	}
	defer f.Close()
	w := &awaiting{env: e, fleet: f, store: store, ask: b, all: len(tasks), failed: make([]error, len(tasks)), at: map[string][]int{}}
	p := &packer{store: store, sums: map[string]string{}}
	for i, t := range tasks {
		if e.fresh(t, b.config) {
			w.say(t, "there already")
			continue
		}
		run, err := p.pack(ctx, t, b.config)
		if err != nil {
			return err
		}
		w.runs = append(w.runs, run)
		w.at[run.shard.ID] = append(w.at[run.shard.ID], i)
	}
	if err := w.bring(ctx); err != nil {
		return err
	}
	if err := gather(tasks, w.failed, b.dir, b.config); err != nil {
		return err
	}
	return countFailed(w.failed)
}

// awaiting is a batch that a fleet makes.
type awaiting struct {
	*env
	fleet  *fleet.Fleet
	store  blob.Store
	ask    batchAsk
	runs   []packed
	at     map[string][]int // of the batch's runs, by shard
	all    int
	done   int
	failed []error
}

func (w *awaiting) say(t task, what string) {
	w.done++
	fmt.Fprintf(w.log, "%d of %d: %s: %s\n", w.done, w.all, t.name(), what)
}

// bring submits the runs, waits for them and writes their results.
func (w *awaiting) bring(ctx context.Context) error {
	list := make([]fleet.Shard, len(w.runs))
	open := map[string]packed{}
	for k, r := range w.runs {
		list[k], open[r.shard.ID] = r.shard, r
	}
	if err := w.fleet.Submit(ctx, list); err != nil {
		return err
	}
	said := false
	for len(open) > 0 {
		outcomes, err := w.fleet.Outcomes(ctx, sortedKeys(open))
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			gone, err := w.take(ctx, open[o.ID], o)
			if err != nil {
				return err
			}
			if gone {
				delete(open, o.ID)
			}
		}
		if n, err := w.fleet.Alive(ctx); err == nil && n == 0 && len(open) > 0 && !said {
			fmt.Fprintf(w.log, "no worker of version %s is there yet; start some: careshed worker --state postgres://… --store %s\n", version, w.ask.store)
			said = true
		}
		if len(outcomes) == 0 && len(open) > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(300 * time.Millisecond):
			}
		}
	}
	return nil
}

// take writes the result of a run, or notes why there is none; it reports whether the
// run is over. One whose result is lost is made again.
func (w *awaiting) take(ctx context.Context, r packed, o fleet.Outcome) (over bool, err error) {
	if o.Status == fleet.Failed {
		for _, i := range w.at[o.ID] {
			w.failed[i] = errors.New(o.Problem)
		}
		w.say(r.task, o.Problem)
		return true, nil
	}
	files, err := unpack(ctx, w.store, o.Result)
	if errors.Is(err, blob.ErrNone) {
		return false, w.fleet.Again(ctx, r.shard)
	}
	if err != nil {
		return false, fmt.Errorf("the store: %w", err)
	}
	names := map[string]string{}
	for name := range files {
		names[name] = ""
	}
	err = w.adopt(r.task, w.ask.config, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files[name])), nil
	}, names)
	if err != nil {
		return false, err
	}
	w.say(r.task, "done")
	return true, nil
}

// largestResult bounds what a result may hold that comes from the store.
const largestResult = 4 << 30

// unpack reads the files of a result.
func unpack(ctx context.Context, store blob.Store, key string) (map[string][]byte, error) {
	r, err := store.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	files := map[string][]byte{}
	t := tar.NewReader(io.LimitReader(r, largestResult))
	for {
		h, err := t.Next()
		if err == io.EOF {
			_, err = io.Copy(io.Discard, r) // its sum is looked at in the end
			return files, err
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			return nil, fmt.Errorf("the result holds %q, which is no file of a result", h.Name)
		}
		if files[h.Name], err = io.ReadAll(t); err != nil {
			return nil, err
		}
	}
}

func batchStatusCommand(e *env) *cobra.Command {
	var on string
	c := &cobra.Command{
		Use: "status", Short: "What the workers of a fleet do",
		Example: "  careshed batch status --on postgres://me@db/fleet",
		Args:    exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if on == "" {
				return usageError{errors.New("status needs a database: --on postgres://USER@HOST/DATABASE")}
			}
			f, err := fleet.Open(c.Context(), on, version, fleet.Options{})
			if err != nil {
				return err
			}
			defer f.Close()
			o, err := f.Overview(c.Context())
			if err != nil {
				return err
			}
			for _, s := range []fleet.Status{fleet.Waiting, fleet.Running, fleet.Done, fleet.Failed} {
				fmt.Fprintf(e.out, "%-8s %d\n", s, o.Shards[s])
			}
			fmt.Fprintf(e.out, "done in the last minute: %d", o.LastMin)
			if left := o.Shards[fleet.Waiting] + o.Shards[fleet.Running]; o.LastMin > 0 && left > 0 {
				fmt.Fprintf(e.out, "; at this rate the rest takes %s", (time.Duration(left) * time.Minute / time.Duration(o.LastMin)).Round(time.Second))
			}
			fmt.Fprintln(e.out)
			for _, w := range o.Workers {
				fmt.Fprintf(e.out, "worker %s, version %s: %d of %d at work, there for %s, last heard of %s ago\n",
					w.Name, w.Version, w.Running, w.Jobs, w.Since.Round(time.Second), w.Silent.Round(time.Second))
			}
			return nil
		},
	}
	c.Flags().StringVar(&on, "on", "", "the PostgreSQL database of the fleet: postgres://USER@HOST/DATABASE")
	return c
}

// bundle is a result as one file of bytes: the same files give the same bytes.
func bundle(dir string) ([]byte, error) {
	var out bytes.Buffer
	w, files := tar.NewWriter(&out), outputsOf(dir)
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: the result is not whole", dir)
	}
	for _, name := range sortedKeys(files) {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Format: tar.FormatPAX}); err != nil {
			return nil, err
		}
		if _, err := w.Write(text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
