package ground

import (
	"fmt"
	"slices"
	"sync"
	"weak"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"
	"careshed/geo/travel"
)

// Recent keeps what the last studies of a world worked out and the next ones mostly ask for
// again: the parts of layers that they chose by a where, what they read of columns, and the
// ways to candidates. What it gives is shared and not changed by anybody. A layer that nobody
// else holds any more, as one that was taken away, is not kept by it. The zero value keeps no
// ways, a nil one nothing. It may be used by any number of goroutines.
type Recent struct {
	Ways travel.Memory

	mu   sync.Mutex
	kept []recentOne // the latest used last
}

// recentOne is a part of a layer, or a reading of a column.
type recentOne struct {
	key   recentKey
	value any
	bytes int64
}

// recentKey is what was asked of a layer: a where, or a field for a role.
type recentKey struct {
	of           weak.Pointer[geo.Layer]
	where, field string
	as           role.Role
}

// mostRecent is how many bytes of parts and readings are kept, about.
const mostRecent = 32 << 20

// over is an engine with what is remembered of its ways.
func (r *Recent) over(e travel.Keyed) travel.Engine {
	if r == nil {
		return e
	}
	return r.Ways.Over(e)
}

// choose is the part of a layer that meets all conditions; nil if no feature does.
func (r *Recent) choose(l *geo.Layer, where spec.Where) (*geo.Layer, error) {
	find := func() (*geo.Layer, int64, error) {
		rows, err := where.Rows(l)
		if err != nil || len(rows) == 0 {
			return nil, 0, err
		}
		return l.Pick(rows), int64(len(rows)) * int64(len(l.Columns())+4) * 8, nil // with ids and points
	}
	return recall(r, recentKey{of: weak.Make(l), where: fmt.Sprintf("%#v", where)}, find)
}

// read is a field of a layer, read for a role.
func (r *Recent) read(as role.Role, l *geo.Layer, field string) (role.Reading, error) {
	return recall(r, recentKey{of: weak.Make(l), field: field, as: as}, func() (role.Reading, int64, error) {
		got, err := as.Read(l, field)
		return got, int64(len(got.Values)) * 8, err
	})
}

// recall is what is kept by a key, or else found and kept from now on, unless it fails or is
// large.
func recall[T any](r *Recent, key recentKey, find func() (T, int64, error)) (T, error) {
	if r == nil {
		value, _, err := find()
		return value, err
	}
	if value, ok := r.get(key); ok {
		return value.(T), nil
	}
	value, bytes, err := find()
	if err == nil && bytes <= mostRecent/4 {
		r.keep(recentOne{key, value, bytes + 1<<10}) // with what is around it
	}
	return value, err
}

func (r *Recent) get(key recentKey) (any, bool) {
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

// keep adds one, and lets go those of layers that are gone, and then the least lately used
// until there is room.
func (r *Recent) keep(x recentOne) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = slices.DeleteFunc(r.kept, func(old recentOne) bool { return old.key.of.Value() == nil })
	r.kept = append(r.kept, x)
	var bytes int64
	for _, x := range r.kept {
		bytes += x.bytes
	}
	for bytes > mostRecent {
		bytes -= r.kept[0].bytes
		r.kept = slices.Delete(r.kept, 0, 1)
	}
}
