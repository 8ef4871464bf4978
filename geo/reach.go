package geo

import (
	"iter"
	"math"

	"github.com/paulmach/orb"
)

// Reach answers which rows a point serves when every row has a limit of its
// own: the places closer to a candidate than to any open site.
type Reach struct {
	x      *nearIndex
	limit  []Metres // by row
	chord2 []float64
	most   []float64 // the greatest chord2 of each bucket
}

// Reach prepares limits, one a row; a negative or NaN limit is never met and
// +Inf always. It may be shared between goroutines.
func (l *Layer) Reach(limit []Metres) *Reach {
	x := l.nearest()
	r := &Reach{x: x, limit: limit, chord2: make([]float64, len(x.rows)), most: make([]float64, len(x.buckets))}
	for b := range x.buckets {
		r.most[b] = -1
		for i := x.buckets[b].from; i < x.buckets[b].to; i++ {
			m := float64(limit[x.rows[i]])
			r.chord2[i] = -1
			if m >= 0 {
				// The chord is never longer than the way; a micrometre for rounding.
				r.chord2[i] = (m + 1e-6) * (m + 1e-6)
			}
			r.most[b] = math.Max(r.most[b], r.chord2[i])
		}
	}
	return r
}

// From yields the rows no farther from p than their limit, with the distance.
func (r *Reach) From(p orb.Point) iter.Seq2[int, Metres] {
	return func(yield func(int, Metres) bool) {
		here := place(p)
		for k := range r.x.buckets {
			b := &r.x.buckets[k]
			if b.chord2(here) > r.most[k] {
				continue
			}
			for i := b.from; i < b.to; i++ {
				if here.chord2(r.x.spots[i]) > r.chord2[i] {
					continue
				}
				row := int(r.x.rows[i])
				if d := r.x.distance(p, here, int(i)); d <= r.limit[row] && !yield(row, d) {
					return
				}
			}
		}
	}
}
