package main

import (
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
	"strings"
	"sync"

	"careshed/api/fleet"
	"careshed/data/blob"
	"careshed/geo/travel"
)

// matrixKind is that of shards that are parts of a matrix. Their spec is a file beside those
// that it names by their sums, and their setting says which part: part 3/50.
const matrixKind = "matrix"

// on has the workers of a fleet make parts, and brings them here.
func (f *partFolder) on(ctx context.Context, parts []int) error {
	o, err := f.openFleet(ctx, f.ask.parting)
	if err != nil {
		return err
	}
	defer o.fleet.Close()
	inputs, err := f.put(ctx, o.store)
	if err != nil {
		return err
	}
	all, shards, at := f.done+len(parts), make([]fleet.Shard, len(parts)), map[string]int{}
	for i, k := range parts {
		shards[i] = fleet.Shard{ID: f.id(k), Kind: matrixKind, Spec: inputs[0].Path, Inputs: inputs,
			Study: "matrix " + filepath.Base(f.ask.index), Setting: fmt.Sprintf("part %d/%d", k+1, f.parts())}
		at[f.id(k)] = k
	}
	failed := 0
	err = o.bring(ctx, shards, func(out fleet.Outcome) error {
		k := at[out.ID]
		if out.Status == fleet.Failed {
			failed++
			f.say(k, all, out.Problem)
			return nil
		}
		r, err := o.store.Get(ctx, out.Result)
		if err != nil {
			return fmt.Errorf("the store: %w", err)
		}
		err = f.add(k, func(w io.Writer) error { _, err := io.Copy(w, r); return err })
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		f.say(k, all, "done")
		return nil
	})
	if err == nil && failed > 0 {
		err = inputError{fmt.Errorf("%d of %d parts failed", failed, f.parts())}
	}
	return err
}

// put keeps what the parts are made of in the store: first the spec.
func (f *partFolder) put(ctx context.Context, store blob.Store) ([]fleet.Input, error) {
	text, err := json.Marshal(f.matrixSpec)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	key := hex.EncodeToString(sum[:])
	f.files[key] = text
	for key, text := range f.files {
		if err := store.Put(ctx, key, bytes.NewReader(text), int64(len(text))); err != nil {
			return nil, fmt.Errorf("the store: %w", err)
		}
	}
	roads, err := os.Open(f.ask.index)
	if err != nil {
		return nil, err
	}
	defer roads.Close()
	info, err := roads.Stat()
	if err != nil {
		return nil, err
	}
	if err := store.Put(ctx, f.Roads, roads, info.Size()); err != nil {
		return nil, fmt.Errorf("the store: %s: %w", f.ask.index, err)
	}
	return []fleet.Input{{Path: "matrix.json", SHA256: key}, {Path: "places.json", SHA256: f.Places},
		{Path: "roads", SHA256: f.Roads}, {Path: "sites.json", SHA256: f.Sites}}, nil
}

// tables has the matrix of which a worker made a part last, ready for the next one.
type tables struct {
	mu   sync.Mutex
	spec string // SHA-256
	last *matrix
}

// part makes a part of a matrix, which is kept as it is made.
func (h *hand) part(ctx context.Context, s fleet.Shard) (fleet.Keep, error) {
	m, err := h.matrixOf(ctx, s)
	if err != nil {
		return nil, err
	}
	at, err := partOf(strings.TrimPrefix(s.Setting, "part "))
	if err != nil || at.of != m.parts() || m.id(at.this-1) != s.ID {
		return nil, fmt.Errorf("%q is no part of the matrix that its spec says", s.Setting)
	}
	result, err := h.store.Write(ctx, func(w io.Writer) error { return m.write(ctx, w, at.this-1) })
	if err != nil {
		return nil, elsewhere(err) // of the store, or of the index here: what is asked can be made
	}
	return func(context.Context) (string, error) { return result, nil }, nil
}

// matrixOf is the matrix of a shard, made ready. The next part of the same one finds it so.
func (h *hand) matrixOf(ctx context.Context, s fleet.Shard) (*matrix, error) {
	h.tables.mu.Lock()
	defer h.tables.mu.Unlock()
	if len(s.Inputs) == 0 || s.Inputs[0].Path != s.Spec {
		return nil, errors.New("a matrix without a spec")
	}
	if key := s.Inputs[0].SHA256; h.tables.spec != key {
		h.tables.spec, h.tables.last = "", nil // before the next one takes memory
		m, err := h.ready(ctx, key)
		if err != nil {
			return nil, err
		}
		h.tables.spec, h.tables.last = key, m
	}
	return h.tables.last, nil
}

// ready reads a matrix whose spec is kept under a key, and makes it ready.
func (h *hand) ready(ctx context.Context, key string) (*matrix, error) {
	text, err := h.read(ctx, key)
	if err != nil {
		return nil, err
	}
	m := &matrix{}
	if err := json.Unmarshal(text, &m.matrixSpec); err != nil {
		return nil, err
	}
	for _, s := range []struct {
		key string
		to  *[]travel.Stop
	}{{m.Places, &m.places}, {m.Sites, &m.sites}} {
		if text, err = h.read(ctx, s.key); err != nil {
			return nil, err
		}
		if *s.to, err = unpackStops(text); err != nil {
			return nil, err
		}
	}
	index, err := h.cached(ctx, m.Roads)
	if err != nil {
		return nil, elsewhere(err)
	}
	return m, m.prepare(ctx, index)
}

// read is a file of the store as bytes.
func (h *hand) read(ctx context.Context, key string) ([]byte, error) {
	path, err := h.cached(ctx, key)
	if err != nil {
		return nil, elsewhere(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, elsewhere(err)
	}
	return text, nil
}
