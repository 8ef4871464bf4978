package geo

import (
	"cmp"
	"container/heap"
	"iter"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// bucketSize is the number of points that one item of the R-tree stands for.
// Scanning a point costs a nanosecond, putting an item in the queue of the
// R-tree ten: about √n of each is the best share.
func bucketSize(n int) int { return min(256, max(32, int(math.Sqrt(float64(n))))) }

// nearIndex finds neighbours. Points lie in buckets along a Hilbert curve; the
// R-tree orders the buckets by boxChord and the box of a bucket in geocentric
// coordinates, and within a bucket plain chords decide.
type nearIndex struct {
	tree    rtree.RTreeGN[float64, int32]
	points  []orb.Point
	spots   []spot  // in bucket order
	rows    []int32 // row of each spot
	buckets []bucket
}

type bucket struct {
	from, to int32
	lo, hi   spot
}

func (b *bucket) chord2(p spot) float64 {
	dx := outside(p.x, b.lo.x, b.hi.x)
	dy := outside(p.y, b.lo.y, b.hi.y)
	dz := outside(p.z, b.lo.z, b.hi.z)
	return dx*dx + dy*dy + dz*dz
}

func outside(v, lo, hi float64) float64 {
	if v < lo {
		return lo - v
	}
	if v > hi {
		return v - hi
	}
	return 0
}

// newNearIndex puts the points into buckets, along the curve or, where little will be
// asked, in the order in which they come: that takes a quarter of the time, and tells the same.
func newNearIndex(points []orb.Point, curve bool) *nearIndex {
	x := &nearIndex{points: points, rows: make([]int32, 0, len(points))}
	for i, p := range points {
		if !math.IsNaN(p[0]) && !math.IsNaN(p[1]) {
			x.rows = append(x.rows, int32(i))
		}
	}
	if curve {
		alongCurve(x.rows, points)
	}
	x.spots = make([]spot, len(x.rows))
	for i, r := range x.rows {
		x.spots[i] = place(points[r])
	}
	size := bucketSize(len(x.rows))
	for from := 0; from < len(x.rows); from += size {
		to := min(from+size, len(x.rows))
		b := bucket{from: int32(from), to: int32(to), lo: x.spots[from], hi: x.spots[from]}
		box := orb.Bound{Min: points[x.rows[from]], Max: points[x.rows[from]]}
		for i := from; i < to; i++ {
			s := x.spots[i]
			b.lo = spot{min(b.lo.x, s.x), min(b.lo.y, s.y), min(b.lo.z, s.z)}
			b.hi = spot{max(b.hi.x, s.x), max(b.hi.y, s.y), max(b.hi.z, s.z)}
			box = box.Extend(points[x.rows[i]])
		}
		x.tree.Insert(box.Min, box.Max, int32(len(x.buckets)))
		x.buckets = append(x.buckets, b)
	}
	return x
}

// alongCurve sorts rows by the place of their points on a Hilbert curve.
func alongCurve(rows []int32, points []orb.Point) {
	keys := make([]uint64, len(points))
	for _, r := range rows {
		keys[r] = hilbert(points[r])
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
}

// hilbert is the position of p on a Hilbert curve of 2^16 × 2^16 cells.
func hilbert(p orb.Point) uint64 {
	const side = 1 << 16
	x := uint32(min(side-1, max(0, (p[0]+180)/360*side)))
	y := uint32(min(side-1, max(0, (p[1]+90)/180*side)))
	var d uint64
	for s := uint32(side / 2); s > 0; s /= 2 {
		var rx, ry uint32
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = side-1-x, side-1-y
			}
			x, y = y, x
		}
	}
	return d
}

// visit calls each with the buckets in the order of their chord from at, and
// that chord, until it returns false.
func (x *nearIndex) visit(at orb.Point, here spot, each func(b *bucket, chord float64) bool) {
	rho := math.Hypot(here.x, here.y)
	x.tree.Nearby(
		func(min, max [2]float64, i int32, item bool) float64 {
			if item {
				return math.Sqrt(x.buckets[i].chord2(here))
			}
			return boxChord(at, rho, min, max)
		},
		func(_, _ [2]float64, i int32, chord float64) bool { return each(&x.buckets[i], chord) })
}

// first is the nearest row, the first of several at the same distance; -1 if
// there is none. sure is false where chords cannot tell (half-way round the
// earth) and the general search must.
func (x *nearIndex) first(at orb.Point, here spot) (row int, dist Metres, sure bool) {
	best, limit := math.Inf(1), math.Inf(1)
	var close [8]int32 // spots whose chord is within rival of the best
	n := 0
	x.visit(at, here, func(b *bucket, chord float64) bool {
		if chord*chord > limit {
			return false
		}
		for i := b.from; i < b.to; i++ {
			d := here.chord2(x.spots[i])
			if d > limit {
				continue
			}
			if d < best {
				best = d
				r := rival(math.Sqrt(d))
				limit = r * r
				// Keep those that still can be nearer, or are as near.
				kept := 0
				for _, c := range close[:min(n, len(close))] {
					if here.chord2(x.spots[c]) <= limit {
						close[kept] = c
						kept++
					}
				}
				if n <= len(close) {
					n = kept
				}
			}
			if n < len(close) {
				close[n] = i
			}
			n++
		}
		return true
	})
	if n == 0 {
		return -1, 0, true
	}
	if n > len(close) || best > rivalLimit*rivalLimit {
		return 0, 0, false
	}
	row, dist = -1, Metres(math.Inf(1))
	for _, c := range close[:n] {
		d := x.distance(at, here, int(c))
		if r := int(x.rows[c]); d < dist || d == dist && r < row {
			row, dist = r, d
		}
	}
	return row, dist, true
}

func (x *nearIndex) distance(at orb.Point, here spot, i int) Metres {
	s := x.spots[i]
	if d2 := here.chord2(s); d2 < shortChord*shortChord {
		return shortArc(here, s, math.Sqrt(d2))
	}
	return karney(at, x.points[x.rows[i]])
}

// A waiting row is known by a lower bound of its distance until it comes to
// the front; then its distance is computed and it waits again.
type waiting struct {
	at    float64
	i     int32
	exact bool
}

type queue struct {
	w    []waiting
	rows []int32
}

func (q *queue) Len() int { return len(q.w) }
func (q *queue) Less(i, j int) bool {
	a, b := q.w[i], q.w[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.exact != b.exact {
		return !a.exact // whoever may be as near must be known before a tie is settled
	}
	return q.rows[a.i] < q.rows[b.i]
}
func (q *queue) Swap(i, j int) { q.w[i], q.w[j] = q.w[j], q.w[i] }
func (q *queue) Push(v any)    { q.w = append(q.w, v.(waiting)) }
func (q *queue) Pop() any {
	v := q.w[len(q.w)-1]
	q.w = q.w[:len(q.w)-1]
	return v
}

// all yields every row in the order of distance, ties in the order of rows,
// leaving out the first skip of them. Rows wait outside the queue until their
// turn may be near: putting one in costs more than looking at twenty.
func (x *nearIndex) all(at orb.Point, here spot, skip int, yield func(int, Metres) bool) {
	q := &queue{rows: x.rows}
	var far []distant
	// settle yields what is surely nearer than bound.
	settle := func(bound float64) bool {
		for len(q.w) > 0 && q.w[0].at < bound {
			w := q.w[0]
			if !w.exact {
				q.w[0] = waiting{float64(x.distance(at, here, int(w.i))), w.i, true}
				heap.Fix(q, 0)
				continue
			}
			heap.Pop(q)
			if skip > 0 {
				skip--
				continue
			}
			if !yield(int(x.rows[w.i]), Metres(w.at)) {
				return false
			}
		}
		return true
	}
	// until does so for all within a chord, a little farther each time.
	until := func(chord float64) bool {
		for {
			least := math.Inf(1)
			for _, f := range far {
				least = min(least, f.chord2)
			}
			if !(least < chord*chord) {
				return settle(leastArc(min(chord, 2*radiusMin)))
			}
			reach := min(chord, 1.2*math.Sqrt(least)+1)
			kept := far[:0]
			for _, f := range far {
				if f.chord2 < reach*reach {
					heap.Push(q, waiting{leastArc(math.Sqrt(f.chord2)), f.i, false})
				} else {
					kept = append(kept, f)
				}
			}
			far = kept
			if reach < chord && !settle(leastArc(min(reach, 2*radiusMin))) {
				return false
			}
		}
	}
	stopped := false
	x.visit(at, here, func(b *bucket, chord float64) bool {
		if !until(chord) {
			stopped = true
			return false
		}
		for i := b.from; i < b.to; i++ {
			far = append(far, distant{here.chord2(x.spots[i]), i})
		}
		return true
	})
	if !stopped && until(math.Inf(1)) {
		settle(math.Inf(1))
	}
}

// distant is a row that is not in the queue yet.
type distant struct {
	chord2 float64
	i      int32
}

// fewAsked is for how many questions the order along the curve does not pay.
const fewAsked = 8

func (l *Layer) nearest() *nearIndex {
	if l.asked.Load() < fewAsked && l.asked.Add(1) <= fewAsked {
		l.roughOnce.Do(func() { l.rough = newNearIndex(l.points, false) })
		return l.rough
	}
	l.nearOnce.Do(func() { l.near = newNearIndex(l.points, true) })
	return l.near
}

// Nearest yields rows with their distances from p, nearest first, by true
// distance on the ellipsoid; rows at the same distance come in their order.
// The distance of a shape is that of its Point. Rows without a location never
// come. The first row costs least: stop there if one is enough.
func (l *Layer) Nearest(p orb.Point) iter.Seq2[int, Metres] {
	return func(yield func(int, Metres) bool) {
		x := l.nearest()
		here := place(p)
		row, dist, sure := x.first(p, here)
		skip := 0
		if sure {
			if row < 0 || !yield(row, dist) {
				return
			}
			skip = 1
		}
		x.all(p, here, skip, yield)
	}
}
