package geo

import (
	"iter"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// partIndex finds shapes by place: every polygon of a multipolygon on its own,
// so that a country cut at the antimeridian is two boxes and not the world.
type partIndex struct {
	tree  rtree.RTreeGN[float64, int32]
	parts []*part
	areas []float64                     // of the rows, in square degrees at the equator
	boxes rtree.RTreeGN[float64, int32] // rows by their boxes, for Search
}

func newPartIndex(l *Layer) *partIndex {
	x := &partIndex{areas: make([]float64, l.Len())}
	for i := range l.Len() {
		switch g := l.Shape(i).(type) {
		case nil:
		case orb.Point:
			x.boxes.Insert(g, g, int32(i))
		default:
			solid := false
			polygons(g, func(p orb.Polygon) {
				if len(p) == 0 || len(p[0]) == 0 {
					return
				}
				solid = true
				t := newPart(i, p)
				x.areas[i] += solidArea(p)
				x.tree.Insert(t.box.Min, t.box.Max, int32(len(x.parts)))
				x.boxes.Insert(t.box.Min, t.box.Max, int32(i))
				x.parts = append(x.parts, t)
			})
			if b := g.Bound(); !solid && !b.IsEmpty() {
				x.boxes.Insert(b.Min, b.Max, int32(i))
			}
		}
	}
	return x
}

func (l *Layer) index() *partIndex {
	l.partsOnce.Do(func() { l.parts = newPartIndex(l) })
	return l.parts
}

// Search yields the rows whose box meets b, each once, in no order. A box with
// Min[0] > Max[0] reaches across the antimeridian, and ±180° are one meridian.
func (l *Layer) Search(b orb.Bound) iter.Seq[int] {
	return func(yield func(int) bool) {
		if l.points == nil {
			return
		}
		seen := map[int32]bool{}
		for _, c := range whole(b) {
			more := true
			l.index().boxes.Search(c.Min, c.Max, func(_, _ [2]float64, i int32) bool {
				if !seen[i] {
					seen[i] = true
					more = yield(int(i))
				}
				return more
			})
			if !more {
				return
			}
		}
	}
}

// Containing is the row whose polygon holds p, -1 if none does; see [Layer.Holding].
func (l *Layer) Containing(p orb.Point) int {
	row, _ := l.Holding(p)
	return row
}

// Holding is the row whose polygon holds p, -1 if none does, and how many rows
// do. Of several it is the smallest, whatever their order: a region within
// another is the nearer one. Of equally small ones it is the first.
func (l *Layer) Holding(p orb.Point) (row, n int) {
	x := l.index()
	first, best := int32(-1), int32(-1)
	var more []int32 // the others
	x.tree.Search(p, p, func(_, _ [2]float64, i int32) bool {
		t := x.parts[i]
		switch {
		case t.row == first || slices.Contains(more, t.row) || !t.contains(p):
		case first < 0:
			first, best = t.row, t.row
		default:
			more = append(more, t.row)
			if a, b := x.areas[t.row], x.areas[best]; a < b || a == b && t.row < best {
				best = t.row
			}
		}
		return true
	})
	if first < 0 {
		return -1, 0
	}
	return int(best), 1 + len(more)
}

// Locate is the row whose polygon holds p or, where none does, the row with
// the nearest edge within reach and how far off it is: generalised coasts
// leave people in the water. The row is -1 if there is nothing within reach.
func (l *Layer) Locate(p orb.Point, reach Metres) (row int, off Metres) {
	if row := l.Containing(p); row >= 0 {
		return row, 0
	}
	here := place(p)
	rho := math.Hypot(here.x, here.y)
	x := l.index()
	best, limit := int32(-1), float64(reach)
	x.tree.Nearby(
		func(min, max [2]float64, _ int32, _ bool) float64 { return boxChord(p, rho, min, max) },
		func(_, _ [2]float64, i int32, chord float64) bool {
			if leastArc(chord) > limit {
				return false
			}
			t := x.parts[i]
			// Of equally near shapes the first counts; a shape with no edge as near as
			// the best is none of them, whatever its box holds.
			if d := t.shore(p, limit); d < limit || d == limit && (best < 0 || t.row < best) {
				best, limit = t.row, d
			}
			return true
		})
	if best < 0 {
		return -1, 0
	}
	return int(best), Metres(limit)
}
