package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"careshed/api/fleet"
	"careshed/data/blob"
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
	f, err := e.openFleet(ctx, b.parting)
	if err != nil {
		return err
	}
	defer f.fleet.Close()
	w := &awaiting{onFleet: f, ask: b, all: len(tasks), failed: make([]error, len(tasks)), at: map[string][]int{}}
	p := &packer{store: f.store, sums: map[string]string{}}
	for i, t := range tasks {
		if e.there(t, b.config) {
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
	if err := w.results(ctx); err != nil {
		return err
	}
	if err := gather(tasks, w.failed, b.dir, b.config); err != nil {
		return err
	}
	return countFailed(w.failed)
}

// onFleet is a fleet and its store, as those have them who give it work.
type onFleet struct {
	*env
	fleet   *fleet.Fleet
	store   blob.Store
	address string // of the store
}

// openFleet opens both; close the fleet when done.
func (e *env) openFleet(ctx context.Context, p parting) (*onFleet, error) {
	store, err := blob.Open(p.store)
	if err != nil {
		return nil, usageError{err}
	}
	f, err := fleet.Open(ctx, p.on, version, fleet.Options{})
	return &onFleet{e, f, store, p.store}, err
}

// bring submits shards and waits for them: take is called with what became of each. If it
// finds that a result is lost, the shard is made again.
func (o *onFleet) bring(ctx context.Context, shards []fleet.Shard, take func(fleet.Outcome) error) error {
	open := map[string]fleet.Shard{}
	for _, s := range shards {
		open[s.ID] = s
	}
	if err := o.fleet.Submit(ctx, shards); err != nil {
		return err
	}
	said := false
	for len(open) > 0 {
		outcomes, err := o.fleet.Outcomes(ctx, sortedKeys(open))
		if err != nil {
			return err
		}
		for _, out := range outcomes {
			err := take(out)
			if errors.Is(err, blob.ErrNone) {
				err = o.fleet.Again(ctx, open[out.ID])
			} else {
				delete(open, out.ID)
			}
			if err != nil {
				return err
			}
		}
		if said, err = o.patient(ctx, len(outcomes) == 0 && len(open) > 0, said); err != nil {
			return err
		}
	}
	return nil
}

// patient waits a moment if there is nothing to do, and says once that no worker is there.
func (o *onFleet) patient(ctx context.Context, idle, said bool) (bool, error) {
	if !idle {
		return said, nil
	}
	if alive, err := o.fleet.Alive(ctx); err != nil {
		return said, err
	} else if alive == 0 && !said {
		fmt.Fprintf(o.log, "no worker of version %s is there yet; start some: careshed worker --state postgres://… --store %s\n", version, o.address)
		said = true
	}
	select {
	case <-ctx.Done():
		return said, ctx.Err()
	case <-time.After(300 * time.Millisecond):
		return said, nil
	}
}

// awaiting is a batch that a fleet makes.
type awaiting struct {
	*onFleet
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

// results submits the runs, waits for them and writes their results.
func (w *awaiting) results(ctx context.Context) error {
	list := make([]fleet.Shard, len(w.runs))
	runs := map[string]task{}
	for k, r := range w.runs {
		list[k], runs[r.shard.ID] = r.shard, r.task
	}
	return w.bring(ctx, list, func(o fleet.Outcome) error { return w.take(ctx, runs[o.ID], o) })
}

// take writes the result of a run, or notes why there is none.
func (w *awaiting) take(ctx context.Context, t task, o fleet.Outcome) error {
	if o.Status == fleet.Failed {
		for _, i := range w.at[o.ID] {
			w.failed[i] = errors.New(o.Problem)
		}
		w.say(t, o.Problem)
		return nil
	}
	err := w.adopt(t, w.ask.config, func(put putFile) error { return unpack(ctx, w.store, o.Result, put) })
	if err == nil {
		w.say(t, "done")
	}
	return err
}
