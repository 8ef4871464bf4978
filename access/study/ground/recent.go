package ground

import (
	"fmt"
	"slices"
	"sync"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"
	"careshed/geo/travel"
)

// Recent keeps what the last studies of a world worked out and the next ones mostly ask for
// again: the parts of layers that they chose by a where, what they read of columns, and the
// ways to candidates. What it gives is shared and not changed by anybody. The zero value
// keeps no ways, a nil one nothing. It may be used by any number of goroutines.
type Recent struct {
	Ways travel.Memory

	mu   sync.Mutex
	kept []recentOne // the latest used last
}

type recentOne struct{ key, value any }

// What is kept: so many parts and readings, none of more rows.
const mostRecent, mostRecentRows = 16, 100_000

type chosenPart struct {
	of    *geo.Layer
	where string
}

type readColumn struct {
	of    *geo.Layer
	as    role.Role
	field string
}

// over is an engine with what is remembered of its ways.
func (r *Recent) over(e travel.Keyed) travel.Engine {
	if r == nil {
		return e
	}
	return r.Ways.Over(e)
}

// choose is the part of a layer that meets all conditions; nil if no feature does.
func (r *Recent) choose(l *geo.Layer, where spec.Where) (*geo.Layer, error) {
	return kept(r, l.Len(), chosenPart{l, fmt.Sprintf("%#v", where)}, func() (*geo.Layer, error) {
		rows, err := where.Rows(l)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		return l.Pick(rows), nil
	})
}

// read is a field of a layer, read for a role.
func (r *Recent) read(as role.Role, l *geo.Layer, field string) (role.Reading, error) {
	return kept(r, l.Len(), readColumn{l, as, field}, func() (role.Reading, error) { return as.Read(l, field) })
}

// kept is what is kept by a key, or else found and kept from now on, unless it fails.
func kept[T any](r *Recent, rows int, key any, find func() (T, error)) (T, error) {
	if r == nil || rows > mostRecentRows {
		return find()
	}
	if value, ok := r.recall(key); ok {
		return value.(T), nil
	}
	value, err := find()
	if err == nil {
		r.keep(key, value)
	}
	return value, err
}

func (r *Recent) recall(key any) (any, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := slices.IndexFunc(r.kept, func(x recentOne) bool { return x.key == key })
	if k < 0 {
		return nil, false
	}
	x := r.kept[k]
	r.kept = append(slices.Delete(r.kept, k, k+1), x)
	return x.value, true
}

func (r *Recent) keep(key, value any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, recentOne{key, value})
	if len(r.kept) > mostRecent {
		r.kept = slices.Delete(r.kept, 0, 1)
	}
}
