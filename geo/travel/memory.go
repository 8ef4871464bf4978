package travel

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sync"
)

// Memory keeps the legs of past questions, and where stops were found to lie. A sweep with other limits computes
// only what is new: one more center brings the limits of the places around it
// down, and asks for nothing. It is shared by the engines made
// from it, by any number of goroutines. The zero value keeps nothing.
type Memory struct {
	Most int64 // bytes of legs kept; the least lately used go first

	mu    sync.Mutex
	kept  map[[32]byte]*remembered
	used  []*remembered // the latest last
	bytes int64
}

// remembered are all legs of one set of places and sites within limits, or, with
// neither limits nor firsts, the answer of Nearest or of Snap. It is not changed once it is
// kept.
type remembered struct {
	key   [32]byte
	limit []Seconds
	first []int // of each site's legs, and the end of the last
	legs  []Leg
	snaps []Snap
}

func (r *remembered) bytes() int64 {
	return int64(len(r.legs))*24 + int64(len(r.snaps))*32 + int64(len(r.first)+len(r.limit))*8
}

// Keyed is an engine whose legs depend on nothing but its key and the query.
type Keyed interface {
	Engine
	Key() string
}

// Over is e with this memory for its sweeps. A nil memory is none.
func (m *Memory) Over(e Keyed) Engine {
	if m == nil || m.Most <= 0 {
		return e
	}
	return &recalling{Keyed: e, memory: m}
}

// Key tells one Crow from another. It does not tell what is land: engines with
// different landmasses have no memory in common.
func (c *Crow) Key() string {
	sea := Crossing{}
	if c.Sea != nil {
		sea = *c.Sea
	}
	return fmt.Sprintf("crow %v %v %v %v", c.circuity(), c.speed(), c.Sea != nil, sea)
}

type recalling struct {
	Keyed
	memory *Memory
}

// Unwrap is the engine beneath.
func (e *recalling) Unwrap() Engine { return e.Keyed }

// Sweep gives what Keyed's Sweep does, the legs of a site in any order.
func (e *recalling) Sweep(ctx context.Context, q Query, each func(site int, legs []Leg) error) error {
	key := e.key(q, 0)
	old := e.memory.recall(key)
	if old == nil {
		old = &remembered{key: key, limit: filled(len(q.Places), -1), first: make([]int, len(q.Sites)+1)}
	}
	now := &remembered{key: key, limit: slices.Clone(old.limit), first: make([]int, 1, len(q.Sites)+1)}
	var farther []int32 // places of which more legs are asked for than are known
	for i := range q.Places {
		if l := q.LimitOf(i); l > now.limit[i] {
			now.limit[i] = l
			farther = append(farther, int32(i))
		}
	}
	again := make([]bool, len(q.Places))
	part := Query{Sites: q.Sites, Back: q.Back, Lengths: q.Lengths, Places: make([]Stop, len(farther)), Limit: make([]Seconds, len(farther))}
	for k, i := range farther {
		again[i] = true
		part.Places[k], part.Limit[k] = q.Places[i], now.limit[i]
	}
	var within []Leg
	keep := true
	tell := func(site int, fresh []Leg) error {
		within = within[:0]
		for _, l := range old.legs[old.first[site]:old.first[site+1]] {
			if again[l.Place] {
				continue
			}
			if len(farther) > 0 && keep {
				now.legs = append(now.legs, l)
			}
			if l.Time <= q.LimitOf(int(l.Place)) {
				within = append(within, l)
			}
		}
		for _, l := range fresh {
			l.Place = farther[l.Place]
			within = append(within, l)
			if keep {
				now.legs = append(now.legs, l)
			}
		}
		if keep = keep && now.bytes() <= e.memory.Most; !keep {
			now.legs = nil
		}
		now.first = append(now.first, len(now.legs))
		return each(site, within)
	}
	if len(farther) == 0 {
		for j := range q.Sites {
			if err := tell(j, nil); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	}
	if err := e.Keyed.Sweep(ctx, part, tell); err != nil {
		return err
	}
	if keep {
		now.legs = slices.Clip(now.legs)
		e.memory.keep(now)
	}
	return nil
}

// worthKeeping is how many stops an answer is kept for: of fewer, as for somebody who asks for
// one point, to look it up takes longer than to find it.
const worthKeeping = 50

// Nearest gives what Keyed's Nearest does.
func (e *recalling) Nearest(ctx context.Context, q Query, k int) ([]Leg, error) {
	if len(q.Places) < worthKeeping {
		return e.Keyed.Nearest(ctx, q, k)
	}
	key := e.key(q, k, q.Limit...)
	if old := e.memory.recall(key); old != nil {
		return slices.Clone(old.legs), nil
	}
	legs, err := e.Keyed.Nearest(ctx, q, k)
	if now := (&remembered{key: key, legs: legs}); err == nil && now.bytes() <= e.memory.Most {
		now.legs = slices.Clone(legs)
		e.memory.keep(now)
	}
	return legs, err
}

// Snap gives what Keyed's Snap does.
func (e *recalling) Snap(ctx context.Context, stops []Stop) ([]Snap, error) {
	if len(stops) < worthKeeping {
		return e.Keyed.Snap(ctx, stops)
	}
	key := e.key(Query{Places: stops}, snapping)
	if old := e.memory.recall(key); old != nil {
		return slices.Clone(old.snaps), nil
	}
	snaps, err := e.Keyed.Snap(ctx, stops)
	if now := (&remembered{key: key, snaps: snaps}); err == nil && now.bytes() <= e.memory.Most {
		now.snaps = slices.Clone(snaps)
		e.memory.keep(now)
	}
	return snaps, err
}

// snapping stands in a key in place of how many are nearest.
const snapping = -1

// key is what the answer depends on: the k nearest, 0 for a sweep or snapping, and the
// limits as far as given.
func (e *recalling) key(q Query, k int, limit ...Seconds) [32]byte {
	h := sha256.New()
	var b []byte
	flush := func() { h.Write(b); b = b[:0] }
	b = fmt.Appendf(b, "%s\x00%v %v %d %d %d %d\x00", e.Key(), q.Back, q.Lengths, k, len(limit), len(q.Places), len(q.Sites))
	for _, l := range limit {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(l)))
	}
	for _, stops := range [][]Stop{q.Places, q.Sites} {
		for _, s := range stops {
			b = binary.LittleEndian.AppendUint64(b, uint64(len(s.ID)))
			b = append(b, s.ID...)
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.At[0]))
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.At[1]))
			b = binary.LittleEndian.AppendUint32(b, uint32(s.Mark))
			if s.Located {
				b = append(b, 1)
			} else {
				b = append(b, 0)
			}
			if len(b) > 1<<15 {
				flush()
			}
		}
	}
	flush()
	return [32]byte(h.Sum(nil))
}

func (m *Memory) recall(key [32]byte) *remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.kept[key]
	if r != nil {
		at := slices.Index(m.used, r)
		m.used = append(slices.Delete(m.used, at, at+1), r)
	}
	return r
}

func (m *Memory) keep(r *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[[32]byte]*remembered{}
	}
	if old := m.kept[r.key]; old != nil {
		at := slices.Index(m.used, old)
		m.used = slices.Delete(m.used, at, at+1)
		m.bytes -= old.bytes()
	}
	m.kept[r.key] = r
	m.used = append(m.used, r)
	m.bytes += r.bytes()
	for m.bytes > m.Most && len(m.used) > 0 {
		oldest := m.used[0]
		m.used = m.used[1:]
		delete(m.kept, oldest.key)
		m.bytes -= oldest.bytes()
	}
}

func filled(n int, v Seconds) []Seconds {
	out := make([]Seconds, n)
	for i := range out {
		out[i] = v
	}
	return out
}
