package road

import (
	"careshed/geo/travel"
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
)

// Leg is a journey between a site and a place, by index.
type Leg struct {
	Place        int32
	Time, Length uint32 // milliseconds, decimetres
}

// Buckets holds the places of a table of journeys, so that its rows, one for a
// site, can be computed one at a time (many-to-many by buckets, Knopp et al.
// 2007): each place leaves what its climb found at the nodes it came by, and
// the climb of a site collects it there. It is immutable.
type Buckets struct {
	way    Way
	places int
	limits []uint32
	most   uint32   // the highest limit
	first  []uint32 // the notes at node v are first[v] to first[v+1]
	notes  []note
}

// note is what a place left at a node.
type note struct {
	place        uint32
	time, length uint32
}

// NewBuckets prepares the places, of each the seeds by which it is left or
// reached. way is the direction of the journeys: From the places or To them.
// limits is empty (none), one limit in milliseconds for all, or one for each
// place; a leg exactly at the limit is within it.
func (x *Index) NewBuckets(ctx context.Context, way Way, places [][]Seed, limits []uint32) (*Buckets, error) {
	b := &Buckets{way: way, places: len(places), limits: limits}
	if len(limits) == 0 {
		b.limits = []uint32{Never - 1}
	}
	for i := range b.limits {
		b.most = max(b.most, min(b.limits[i], Never-1))
	}
	// Places that lie together climb one after the other, for much of what one
	// climb fetches serves the next.
	order := make([]int, len(places))
	for i := range order {
		order[i] = i
	}
	at := func(i int) int32 {
		if len(places[i]) == 0 {
			return -1
		}
		return places[i][0].Node
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(at(i), at(j)) })

	// Each chunk of places keeps its labels until all are counted.
	const chunk = 256
	type part struct {
		counts []uint32 // labels of each place
		labels []label
	}
	parts := make([]part, (len(places)+chunk-1)/chunk)
	err := parallel(ctx, x, len(parts), func(q *Query, p int) {
		for _, i := range order[p*chunk : min(len(places), (p+1)*chunk)] {
			tops := q.climb(way, places[i], b.limit(i))
			parts[p].counts = append(parts[p].counts, uint32(len(tops)))
			parts[p].labels = append(parts[p].labels, tops...)
		}
	})
	if err != nil {
		return nil, err
	}
	total := 0
	b.first = make([]uint32, x.n+2)
	for _, p := range parts {
		for _, l := range p.labels {
			b.first[l.node+2]++
		}
		total += len(p.labels)
	}
	if total > math.MaxUint32 {
		return nil, fmt.Errorf("%d places leave %d notes: split them", len(places), total)
	}
	for v := range x.n {
		b.first[v+2] += b.first[v+1]
	}
	b.notes = make([]note, total)
	next := b.first[1:]
	for k, p := range parts {
		labels := p.labels
		for m, n := range p.counts {
			place := uint32(order[k*chunk+m])
			for _, l := range labels[:n] {
				b.notes[next[l.node]] = note{place, l.cost.time(), l.cost.length()}
				next[l.node]++
			}
			labels = labels[n:]
		}
		parts[k] = part{}
	}
	return b, nil
}

func (b *Buckets) limit(place int) uint32 {
	if len(b.limits) == 1 {
		return b.limits[0]
	}
	return b.limits[place]
}

// Row is the journeys between a site and the places that are within their
// limits, in the order of the places. The site's seeds are those of the other
// end: by which it is reached From the places, or left To them. legs is used if
// it is large enough. q is of the same index.
func (b *Buckets) Row(q *Query, site []Seed, legs []Leg) []Leg {
	q.totals = fit(q.totals, b.places)
	totals := q.totals
	for i := range totals {
		totals[i] = never
	}
	for _, l := range q.climb(1-b.way, site, b.most) {
		for _, n := range b.notes[b.first[l.node]:b.first[l.node+1]] {
			t := &totals[n.place]
			*t = min(*t, l.cost+costOf(n.time, n.length))
		}
	}
	legs = legs[:0]
	for i, t := range totals {
		if t.time() <= min(b.limit(i), Never-1) {
			legs = append(legs, Leg{int32(i), t.time(), t.length()})
		}
	}
	return legs
}

// borrow is a query that was used before, or a new one.
func (x *Index) borrow() (*Query, error) {
	if q, ok := x.spare.Get().(*Query); ok {
		return q, nil
	}
	return x.NewQuery()
}

// parallel calls do for 0 to n-1, each goroutine with a query of its own.
func parallel(ctx context.Context, x *Index, n int, do func(q *Query, i int)) error {
	var queries []*Query
	defer func() {
		for _, q := range queries {
			x.spare.Put(q)
		}
	}()
	for range min(runtime.GOMAXPROCS(0), n) {
		q, err := x.borrow()
		if err != nil {
			return err
		}
		queries = append(queries, q)
	}
	lent := -1
	own := func() *Query { lent++; return queries[lent] }
	return travel.SpreadWith(ctx, n, 1, own, func(q *Query, i, _ int) { do(q, i) })
}
