package road

import (
	"context"
	"errors"
	"testing"

	"careshed/geo/travel"
)

// An index whose bytes change after they were checked gives no answer, and no sweep
// leaves it, whatever the bytes are now: zeros, heads beyond all nodes, arcs without end.
func TestSweepsStayInsideAnIndexThatChanges(t *testing.T) {
	net := scatter(7, 400, 900)
	for name, spoil := range map[string]func(h *half){
		"zeros":       func(h *half) { clear(h.arcs) },
		"heads":       func(h *half) { fill(h.arcs, arc{head: lastArc - 1, time: 1}) },
		"later heads": func(h *half) { fill(h.arcs, arc{head: lastArc | 399, time: 1}) },
		"firsts":      func(h *half) { fill(h.first, uint32(1<<31)) },
		"no firsts":   func(h *half) { clear(h.first) },
	} {
		for way := range 2 {
			x, err := Build(context.Background(), net, nil)
			if err != nil {
				t.Fatal(err)
			}
			var changed error
			x.watch.changed = func() error { return changed }
			q, err := x.NewQuery()
			if err != nil {
				t.Fatal(err)
			}
			h := q.down[way]
			*h = half{first: append([]uint32(nil), h.first...), arcs: append([]arc(nil), h.arcs...), lengths: h.lengths}
			q.up[1-way] = h
			seeds := [][]Seed{{{Node: 1}}, {{Node: 5}}, {{Node: 300}}}
			for what, ask := range map[string]func(){
				"batch":   func() { q.Batch(Way(way), seeds, nil) },
				"nearest": func() { q.NearestK(Way(way), seeds, 3, nil) },
				"times":   func() { q.Times(Way(way), seeds[0], nil) },
			} {
				x.watch.lost.Store(nil)
				changed = nil
				err := x.Guarded(func() error {
					defer func() {
						if p := recover(); p != nil {
							changed = errors.New("the file changed")
							panic(p)
						}
					}()
					spoil(h)
					changed = errors.New("the file changed")
					ask()
					return nil
				})
				var lost *travel.LostError
				if !errors.As(err, &lost) {
					t.Errorf("%s, %s: %v", name, what, err)
				}
				if changed = nil; x.Guarded(func() error { return nil }) == nil {
					t.Errorf("%s, %s: the index is used again", name, what)
				}
			}
		}
	}
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// A sweep that finds its index unsound says so even where nothing tells that it changed;
// a panic that is a bug of ours stays one.
func TestGuardedTellsFaultsFromBugs(t *testing.T) {
	x := &Index{watch: watch{changed: func() error { return nil }}}
	if err := x.Guarded(func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a bug is taken for a lost file")
			}
		}()
		_ = x.Guarded(func() error { return []error{}[len(x.names)] })
	}()
	if err := x.Guarded(func() error { return travel.Spread(context.Background(), 4, 1, func(int, int) { panic(errUnsound) }) }); !errors.Is(err, errUnsound) {
		t.Errorf("%v", err)
	}
}
