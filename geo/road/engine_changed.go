package road

import (
	"context"
	"slices"

	"careshed/geo/travel"
)

// mostChanged is how many bytes of indices with changes an engine keeps; the last is
// kept whatever it takes.
const mostChanged = 1 << 30

// changed keeps engines of the roads with changes, by their hash: the first who asks
// makes one, and the next wait for it or have it. One is made at a time, for it
// takes both the memory and the cores. The zero value keeps none.
type changed struct {
	turn chan struct{} // full while one is made
	kept []*keptEngine // the latest used last
}

type keptEngine struct {
	hash string
	*Engine
	met []travel.Met
}

// Changed is that of [travel.Changeable]: see Index.Changed.
func (e *Engine) Changed(ctx context.Context, changes []travel.RoadChange) (travel.Engine, []travel.Met, error) {
	e.mu.Lock()
	if e.changed.turn == nil {
		e.changed.turn = make(chan struct{}, 1)
	}
	turn := e.changed.turn
	e.mu.Unlock()
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	k, hash := &e.changed, hashOf(changes)
	if i := slices.IndexFunc(k.kept, func(o *keptEngine) bool { return o.hash == hash }); i >= 0 {
		found := k.kept[i]
		k.kept = append(slices.Delete(k.kept, i, i+1), found)
		return found.Engine, found.met, nil
	}
	var x *Index
	var met []travel.Met
	if err := e.x.Guarded(func() (err error) { x, met, err = e.x.Changed(ctx, changes, nil); return err }); err != nil {
		return nil, nil, err
	}
	anew, err := NewEngine(x)
	if err != nil {
		return nil, nil, err
	}
	k.kept = append(k.kept, &keptEngine{hash, anew, met})
	bytes := 0
	for i, o := range slices.Backward(k.kept) {
		if bytes += o.x.bytes(); bytes > mostChanged && i < len(k.kept)-1 {
			k.kept = slices.Delete(k.kept, 0, i+1)
			break
		}
	}
	return anew, met, nil
}

// ChangedBytes is that of [travel.Changeable]: measured, 3.9 times the index the first time,
// with the frame and the new index, of which the frame is kept (0.4 of the index); 2.7 later.
func (e *Engine) ChangedBytes() int64 { return 4 * int64(e.x.bytes()) }

// bytes is how much the sections of an index hold.
func (x *Index) bytes() (n int) {
	for _, s := range x.sections {
		n += len(s.data)
	}
	return n
}
