package road

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// errUnsound is what a sweep panics with that would leave the index: it was checked
// when it was opened, and has changed since.
var errUnsound = errors.New("road: an index that was sound is not any more")

// watch tells whether the bytes of an index are still those that it was opened from.
type watch struct {
	changed func() error // nil: they cannot change
	lost    atomic.Pointer[travel.LostError]
}

// OpenWatched is Open of bytes that others may change, as those of a mapped file:
// changed says how they did, nil if they did not. It is asked before and after each use,
// so that no answer is of bytes that changed meanwhile; see Guarded.
func OpenWatched(data []byte, changed func() error) (*Index, error) {
	var x *Index
	opening := &Index{watch: watch{changed: changed}}
	err := opening.Guarded(func() (err error) {
		x, err = Open(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	x.watch.changed = changed
	return x, nil
}

// Guarded uses the index: what do answers holds only if Guarded returns no error. If the
// bytes change, or cannot be read, that is a *travel.LostError, and of every later use
// too: the program does not end with a fault of memory.
func (x *Index) Guarded(do func() error) (err error) {
	if x.watch.changed == nil {
		return do()
	}
	if lost := x.watch.lost.Load(); lost != nil {
		return lost
	}
	lose := func(cause error) {
		x.watch.lost.CompareAndSwap(nil, &travel.LostError{Err: cause})
		err = x.watch.lost.Load()
	}
	if changed := x.watch.changed(); changed != nil {
		lose(changed)
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if changed := x.watch.changed(); changed != nil {
			lose(changed)
			return
		}
		if p == nil {
			return
		}
		cause, _ := p.(error)
		var fault interface{ Addr() uintptr }
		if !errors.As(cause, &fault) && !errors.Is(cause, errUnsound) {
			panic(p)
		}
		lose(fmt.Errorf("road index: its bytes cannot be read: %w", cause))
	}()
	return do()
}

// Snap finds the road of each stop.
func (e *Engine) Snap(ctx context.Context, stops []travel.Stop) (out []travel.Snap, err error) {
	err = e.x.Guarded(func() (err error) { out, err = e.snap(ctx, stops); return err })
	return out, err
}

// Reason is NoWay for a place whose roads lead to no site, OnIsland if they lead nowhere
// else. It panics with a *travel.LostError if the index is lost.
func (e *Engine) Reason(place travel.Stop, sites []travel.Stop) (why travel.Reason) {
	if err := e.x.Guarded(func() error { why = e.reason(place, sites); return nil }); err != nil {
		panic(err)
	}
	return why
}

// Sweep hands on the legs of one site after the other. What it has handed on holds only
// if it returns no error.
func (e *Engine) Sweep(ctx context.Context, q travel.Query, each func(site int, legs []travel.Leg) error) error {
	return e.x.Guarded(func() error { return e.sweep(ctx, q, each) })
}

// Nearest finds the nearest sites of all places.
func (e *Engine) Nearest(ctx context.Context, q travel.Query, k int) (legs []travel.Leg, err error) {
	err = e.x.Guarded(func() (err error) { legs, err = e.nearest(ctx, q, k); return err })
	return legs, err
}

// Areas are the areas within each limit of the nearest of some stops: from them, or with
// to, to them.
func (e *Engine) Areas(ctx context.Context, stops []travel.Stop, limits []travel.Seconds, to bool) (areas []orb.MultiPolygon, err error) {
	err = e.x.Guarded(func() (err error) { areas, err = e.areas(ctx, stops, limits, to); return err })
	return areas, err
}
