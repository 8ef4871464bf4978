package draw

import (
	"math"

	"github.com/paulmach/orb"
)

// detail is how fine lines are drawn, in pixels.
type detail struct {
	tolerance float64 // how far a simplified line may stray
	spacing   float64 // points inside a line are no closer
}

// detailOf keeps maps of very many regions from growing out of hand.
func detailOf(rows int) detail {
	if rows > many {
		return detail{0.5, 1}
	}
	return detail{0.25, nearest}
}

// many regions are drawn more coarsely, each with its own border, and say
// nothing when pointed at.
const many = 1000

// node is a vertex as neighbours share it: 1e-7 degrees, both sides of the
// antimeridian the same.
type node [2]int32

func nodeAt(p orb.Point) node {
	lon := between(0, p[0])
	if lon <= -180 {
		lon = 180
	}
	return node{int32(math.Round(lon * 1e7)), int32(math.Round(p[1] * 1e7))}
}

func (a node) less(b node) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

// borders cuts rings into arcs where borders meet, as TopoJSON does (Bostock
// 2013), so that neighbours are simplified alike and leave no slivers, and
// every border is stroked once.
type borders struct {
	detail
	around map[node][2]node        // the two neighbours of a vertex on its ring
	knots  map[node]bool           // vertices where borders meet or part
	arcs   map[[2]node][]orb.Point // by first and second vertex, as on the page
	rows   map[[2]node][]int       // which rows drew the arc
	order  [][2]node               // in which arcs were first met
}

func newBorders(parts []part, fine detail) *borders {
	b := &borders{detail: fine, around: map[node][2]node{}, knots: map[node]bool{}, arcs: map[[2]node][]orb.Point{}, rows: map[[2]node][]int{}}
	for i := range parts {
		for _, r := range parts[i].rings {
			n := len(r) - 1
			at := make([]node, n)
			for k := range n {
				at[k] = nodeAt(r[k])
			}
			for k := range n {
				x, y := at[(k+n-1)%n], at[(k+1)%n]
				if y.less(x) {
					x, y = y, x
				}
				if seen, ok := b.around[at[k]]; !ok {
					b.around[at[k]] = [2]node{x, y}
				} else if seen != [2]node{x, y} {
					b.knots[at[k]] = true
				}
			}
		}
	}
	return b
}

// run is an arc of a ring: its key, and whether the ring goes along it backwards.
type run struct {
	key  [2]node
	back bool
}

// trace gives a ring as it is drawn on the page and the arcs it is made of.
func (b *borders) trace(r orb.Ring, page func(orb.Point) orb.Point) (line []orb.Point, runs []run) {
	n := len(r) - 1
	start := 0
	for k := range n { // a knot, else the least vertex
		p := nodeAt(r[k])
		if b.knots[p] {
			start = k
			break
		}
		if p.less(nodeAt(r[start])) {
			start = k
		}
	}
	at := func(k int) orb.Point { return r[(start+k)%n] }
	for from := 0; from < n; {
		to := from + 1
		for to < n && !b.knots[nodeAt(at(to))] {
			to++
		}
		first, second := nodeAt(at(from)), nodeAt(at(from+1))
		last, before := nodeAt(at(to)), nodeAt(at(to-1))
		back := last.less(first) || last == first && before.less(second)
		key := [2]node{first, second}
		if back {
			key = [2]node{last, before}
		}
		arc, ok := b.arcs[key]
		if !ok {
			lo, hi, by := from, to, 1
			if back {
				lo, hi, by = to, from, -1
			}
			full := []orb.Point{page(at(lo))}
			for k := lo; k != hi; k += by {
				along(at(k), at(k+by), func(p orb.Point) { full = append(full, page(p)) })
			}
			arc = b.thin(full)
			b.arcs[key] = arc
			b.order = append(b.order, key)
		}
		runs = append(runs, run{key, back})
		for k := range arc {
			p := arc[k]
			if back {
				p = arc[len(arc)-1-k]
			}
			if k == 0 && len(line) > 0 {
				continue
			}
			line = append(line, p)
		}
		from = to
	}
	return line[:len(line)-1], runs
}

// drawn notes that a row has drawn these arcs.
func (b *borders) drawn(row int, runs []run) {
	for _, r := range runs {
		b.rows[r.key] = append(b.rows[r.key], row)
	}
}

// strokes yields every arc that was drawn with the rows that it bounds, but for
// those inside a region (its polygons meet there: where it was cut at the
// antimeridian, say).
func (b *borders) strokes(yield func(line []orb.Point, rows []int)) {
	for _, key := range b.order {
		rows := b.rows[key]
		switch {
		case len(rows) == 0:
			continue
		case len(rows) > 1 && rows[0] == rows[1]:
			continue
		}
		yield(b.arcs[key], rows)
	}
}

// thin simplifies a line within the tolerance (Douglas and Peucker 1973), then
// leaves out points closer than the spacing. The ends stay.
func (d detail) thin(line []orb.Point) []orb.Point {
	if len(line) < 3 {
		return line
	}
	keep := make([]bool, len(line))
	last := len(line) - 1
	keep[0], keep[last] = true, true
	stack := [][2]int{{0, last}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		at, far := -1, d.tolerance
		for k := s[0] + 1; k < s[1]; k++ {
			if o := off(line[k], line[s[0]], line[s[1]]); o > far {
				at, far = k, o
			}
		}
		if at > 0 {
			keep[at] = true
			stack = append(stack, [2]int{s[0], at}, [2]int{at, s[1]})
		}
	}
	out := []orb.Point{line[0]}
	for k := 1; k < last; k++ {
		if keep[k] && dist(line[k], out[len(out)-1]) >= d.spacing && dist(line[k], line[last]) >= d.spacing {
			out = append(out, line[k])
		}
	}
	return append(out, line[last])
}

func dist(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

// off is the distance of p from the segment a–b.
func off(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	u := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		u = clamp(((p[0]-a[0])*dx+(p[1]-a[1])*dy)/n, 0, 1)
	}
	return math.Hypot(p[0]-a[0]-u*dx, p[1]-a[1]-u*dy)
}

// nearest is how near points of a ring may come, pixels.
const nearest = 0.4

// apart leaves out points too close to the one before, and at the end to the first.
func apart(line []orb.Point) []orb.Point {
	out := line[:1:1]
	for _, p := range line[1:] {
		if dist(p, out[len(out)-1]) >= nearest {
			out = append(out, p)
		}
	}
	for len(out) > 2 && dist(out[len(out)-1], out[0]) < nearest {
		out = out[:len(out)-1]
	}
	return out
}
