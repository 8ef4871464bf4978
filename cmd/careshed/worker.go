package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"careshed/access/study"
	"careshed/api/fleet"
	"careshed/data"
	"careshed/data/blob"

	"github.com/spf13/cobra"
)

// depth is how many folders up from a study's own its files may lie, to be laid out by
// a worker.
const depth = 8

func workerCommand(e *env) *cobra.Command {
	var on, store, memory, cache, page string
	var jobs int
	var grace time.Duration
	c := &cobra.Command{
		Use: "worker", Short: "Make the runs of batches, beside other machines",
		Long: `Make the runs that careshed batch --on hands out, beside as many workers as
there are. A worker takes runs of its own version alone. What a worker had that is
not heard of for half a minute is made by another. At SIGTERM it finishes what it
has, for as long as --grace, and gives back the rest.`,
		Example: "  careshed worker --state postgres://me@db/fleet --store file:/shared/store --jobs 4",
		Args:    exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			if on == "" || store == "" {
				return usageError{errors.New("worker needs --state postgres://USER@HOST/DATABASE and --store file:DIR or s3://BUCKET/PREFIX")}
			}
			if jobs < 1 {
				return usageError{fmt.Errorf("--jobs %d; accepted: 1 or more", jobs)}
			}
			if err := e.within(memory); err != nil {
				return err
			}
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(100) // one small run after the other: to collect more often costs a tenth of them
			}
			s, err := blob.Open(store)
			if err != nil {
				return usageError{err}
			}
			m := newWorkerMeters()
			return e.work(c.Context(), on, jobs, grace, &hand{env: e, store: m.counted(s), cache: cache, meters: m, page: page})
		},
	}
	c.Flags().StringVar(&on, "state", "", "the PostgreSQL database of the fleet: postgres://USER@HOST/DATABASE")
	c.Flags().StringVar(&store, "store", "", "where files and results are kept: file:DIR, a folder that all workers see, or s3://BUCKET/PREFIX")
	c.Flags().StringVar(&cache, "cache", "", "folder for the files that runs read, kept from one start to the next; a temporary one if left out")
	c.Flags().IntVarP(&jobs, "jobs", "j", 1, "how many runs at a time")
	c.Flags().DurationVar(&grace, "grace", 5*time.Minute, "how long to finish what was begun when asked to end")
	c.Flags().StringVar(&page, "metrics", "", "address at which the fleet is shown to people, and told to Prometheus (/metrics), such as 127.0.0.1:9464")
	memoryFlag(c, &memory)
	return c
}

// workerPrefix begins the names of the folders in which the workers of a machine make their
// runs. Machines and containers may share a temporary folder, where the numbers of each
// other's programs say nothing; no name of a host holds a low line.
func workerPrefix(host string) string { return "careshed-worker-" + host + "_" }

// sweptOnce is of a program's first worker: to the next one in it, a folder of the same
// number is no earlier program's.
var sweptOnce sync.Once

// work takes part in a fleet until ctx ends.
func (e *env) work(ctx context.Context, on string, jobs int, grace time.Duration, h *hand) (err error) {
	f, err := fleet.Open(ctx, on, version, fleet.Options{Log: slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return err
	}
	defer f.Close()
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	sweptOnce.Do(func() { data.Sweep(os.TempDir(), workerPrefix(host)) })
	if h.dir, err = data.TempFolder("", workerPrefix(host)); err != nil {
		return err
	}
	defer os.RemoveAll(h.dir)
	if h.cache == "" {
		h.cache = filepath.Join(h.dir, "cache")
	}
	if err := os.MkdirAll(h.cache, 0o777); err != nil {
		return err
	}
	blob.Sweep(h.cache)
	if kept, ok := h.store.(blob.Folder); ok {
		blob.Sweep(string(kept))
	}
	if h.page != "" {
		stop, err := e.page(h.page, f, h.meters)
		if err != nil {
			return err
		}
		defer stop()
	}
	name := fmt.Sprintf("%s-%d-%s", host, os.Getpid(), strings.ToLower(rand.Text()[:4]))
	fmt.Fprintf(e.log, "worker %s, version %s: %d at a time\n", name, version, jobs)
	return f.Work(ctx, name, jobs, grace, h.make)
}

// hand makes the runs of a worker.
type hand struct {
	*env
	store      blob.Store
	dir, cache string
	tables     tables // of road matrices, which are made ready once
	meters     *workerMeters
	page       string // where the fleet is shown; "" for nowhere

	mu sync.Mutex // of what is said, and of files that come
}

// make carries out a shard, and gives what keeps its result.
func (h *hand) make(ctx context.Context, s fleet.Shard) (fleet.Keep, error) {
	begun := time.Now()
	work := h.run
	if s.Kind == matrixKind {
		work = h.part
	}
	keep, err := work(ctx, s)
	if err != nil {
		h.ended(ctx, s, begun, err)
		return nil, err
	}
	return func(ctx context.Context) (result string, err error) {
		result, err = keep(ctx)
		h.ended(ctx, s, begun, err)
		return result, err
	}, nil
}

// ended says and counts what became of a shard.
func (h *hand) ended(ctx context.Context, s fleet.Shard, begun time.Time, err error) {
	h.meters.ended(ctx, err, time.Since(begun))
	h.mu.Lock()
	defer h.mu.Unlock()
	what := fmt.Sprintf("done in %s", time.Since(begun).Round(time.Millisecond))
	if err != nil {
		what = err.Error()
	}
	fmt.Fprintf(h.log, "%s: %s\n", strings.TrimSpace(s.Study+" "+s.Setting), what)
}

// run lays out the files of a run and makes it.
func (h *hand) run(ctx context.Context, s fleet.Shard) (fleet.Keep, error) {
	root, err := os.MkdirTemp(h.dir, "run-")
	if err != nil {
		return nil, elsewhere(err)
	}
	defer os.RemoveAll(root)
	at := filepath.Join(root, filepath.Join(strings.Split(strings.Repeat("f", depth), "")...))
	for _, in := range s.Inputs {
		if err := h.layOut(ctx, root, filepath.Join(at, filepath.FromSlash(in.Path)), in.SHA256); err != nil {
			return nil, elsewhere(err)
		}
	}
	t, config, err := runOf(s, at)
	if err != nil {
		return nil, plainlyHere(err, at)
	}
	r, give, err := h.patiently(ctx, t, config)
	if err != nil {
		return nil, plainlyHere(err, at)
	}
	return func(ctx context.Context) (string, error) {
		defer give()
		b := newBundle(ctx, h.store, h.dir)
		if err := writeResult(b, r, t.formats); err != nil && !errors.Is(err, fleet.ErrElsewhere) {
			return "", plainlyHere(err, at)
		} else if err != nil {
			return "", err
		}
		return b.key, nil
	}, nil
}

// patiently makes a run, and waits where others have the memory that it needs.
func (h *hand) patiently(ctx context.Context, t task, config string) (*study.Result, func(), error) {
	for {
		r, give, err := h.computed(ctx, t, config)
		var full *study.NoMemory
		if !errors.As(err, &full) || full.Never {
			return r, give, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// elsewhere says of an error that it is this machine's.
func elsewhere(err error) error { return fmt.Errorf("%w: %w", fleet.ErrElsewhere, err) }

// plainlyHere is an error of a run as it would be where the files lie, without the
// folder in which they were laid out. A full disk is this machine's.
func plainlyHere(err error, at string) error {
	if errors.Is(err, syscall.ENOSPC) {
		return elsewhere(err)
	}
	return errors.New(strings.ReplaceAll(err.Error(), at+string(filepath.Separator), ""))
}

// runOf is the run of a shard whose files are laid out.
func runOf(s fleet.Shard, at string) (t task, config string, err error) {
	t.path, t.formats = filepath.Join(at, s.Spec), strings.Split(s.Formats, ",")
	if s.Config != "" {
		config = filepath.Join(at, filepath.FromSlash(s.Config))
	}
	whole, err := readSpec(t.path)
	if err != nil {
		return t, config, err
	}
	for _, point := range whole.Points() {
		if point.String() == s.Setting {
			t.point = point
			t.spec, err = whole.At(point)
			return t, config, err
		}
	}
	return t, config, fmt.Errorf("%s has no point %q in its grid", s.Spec, s.Setting)
}

// layOut puts a file in its place, from the cache.
func (h *hand) layOut(ctx context.Context, root, path, key string) error {
	if rel, err := filepath.Rel(root, path); err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("%q lies outside of the study", path)
	}
	kept, err := h.cached(ctx, key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.Symlink(kept, path)
}

// cached is where a file lies in the cache, into which it comes once.
func (h *hand) cached(ctx context.Context, key string) (string, error) {
	kept := filepath.Join(h.cache, key)
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := os.Stat(kept); err == nil {
		return kept, nil
	}
	return kept, h.fetch(ctx, kept, key)
}

// fetch brings a file into the cache, whole or not at all.
func (h *hand) fetch(ctx context.Context, kept, key string) error {
	r, err := h.store.Get(ctx, key)
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.CreateTemp(h.cache, ".coming-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), kept)
}
