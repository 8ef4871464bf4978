package road

import (
	"cmp"
	"math"
	"slices"
)

// fan is how many edges a lowest box holds, and how many boxes a higher one.
const fan = 4

// Box bounds edges in space, not on the map: in geocentric coordinates, in
// decimetres, neither the poles nor 180° of longitude are anything special.
type Box struct{ Min, Max [3]int32 }

// Tree finds the edges near a point: the edges in an order that keeps
// neighbours together (a Hilbert curve), and a box around every fan of them,
// around every fan of these, and so on, level after level, to a single one.
// It takes some 12 bytes an edge. A file of trees hangs on fan.
type Tree struct {
	Order []int32
	Boxes []Box
}

// levels is where the boxes of each level end; the last level has one box.
func (t *Tree) levels() []int {
	var ends []int
	for n, total := len(t.Order), 0; n > 1 || total == 0 && n > 0; {
		n = (n + fan - 1) / fan
		total += n
		ends = append(ends, total)
	}
	return ends
}

// space is a point in geocentric metres.
type space [3]float64

func (a space) minus(b space) space   { return space{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a space) dot(b space) float64   { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a space) length() float64       { return math.Sqrt(a.dot(a)) }
func (a space) to(b space) float64    { return a.minus(b).length() }
func (a space) times(f float64) space { return space{a[0] * f, a[1] * f, a[2] * f} }
func (a space) toward(b space, t float64) space {
	return space{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1]), a[2] + t*(b[2]-a[2])}
}

// spaceOf is the point of the WGS84 ellipsoid at a longitude and latitude.
func spaceOf(lon, lat float64) space {
	const a, e2 = 6378137.0, 0.0066943799901413165
	sl, cl := math.Sincos(lon * math.Pi / 180)
	sp, cp := math.Sincos(lat * math.Pi / 180)
	n := a / math.Sqrt(1-e2*sp*sp)
	return space{n * cp * cl, n * cp * sl, n * (1 - e2) * sp}
}

func (c Coord) space() space { return spaceOf(float64(c.Lon)/1e7, float64(c.Lat)/1e7) }

// nearest is the place on the segment from a to b nearest to p: the share of
// the way from a, and the distance squared. The segment follows the ground:
// where it is long, its chord is lifted by what the earth bulges (2 cm at 1 km).
func (p space) nearest(a, b space) (t, square float64) {
	d := b.minus(a)
	l := d.dot(d)
	if l > 0 {
		t = max(0, min(1, p.minus(a).dot(d)/l))
	}
	q := a.toward(b, t)
	if l > 1e6 {
		if r := q.length(); r > 0 {
			q = q.times((a.length()*(1-t) + b.length()*t) / r)
		}
	}
	d = p.minus(q)
	return t, d.dot(d)
}

// emptyBox bounds nothing and grows.
func emptyBox() Box {
	const far = math.MaxInt32
	return Box{Min: [3]int32{far, far, far}, Max: [3]int32{-far, -far, -far}}
}

// grow takes in a ball of a point and a radius in metres.
func (b *Box) grow(p space, r float64) {
	for k := range p {
		b.Min[k] = min(b.Min[k], int32(math.Floor((p[k]-r)*10)))
		b.Max[k] = max(b.Max[k], int32(math.Ceil((p[k]+r)*10)))
	}
}

func (b *Box) join(c *Box) {
	for k := range b.Min {
		b.Min[k], b.Max[k] = min(b.Min[k], c.Min[k]), max(b.Max[k], c.Max[k])
	}
}

// square is a lower bound, in square metres, of the squared distance from p to
// what b holds.
func (b *Box) square(p space) float64 {
	sum := 0.0
	for k := range p {
		d := max(float64(b.Min[k])/10-p[k], p[k]-float64(b.Max[k])/10, 0)
		sum += d * d
	}
	return sum
}

// newTree is the tree of some of the edges.
func (s *Streets) newTree(edges []int32) Tree {
	return treeOf(edges, func(e int32) Coord {
		edge := s.edge(e)
		return s.nodes[edge.From].middle(s.nodes[edge.To])
	}, s.bound)
}

// treeOf is the tree of things that lie somewhere and grow boxes.
func treeOf(things []int32, middle func(int32) Coord, bound func(int32, *Box)) Tree {
	type place struct {
		key   uint64
		thing int32
	}
	places := make([]place, len(things))
	for i, e := range things {
		places[i] = place{hilbert(middle(e)), e}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.thing, b.thing))
	})
	t := Tree{Order: make([]int32, len(things))}
	for i, p := range places {
		t.Order[i] = p.thing
	}
	ends := t.levels()
	if len(ends) == 0 {
		return t
	}
	t.Boxes = make([]Box, ends[len(ends)-1])
	for i := range t.Boxes {
		t.Boxes[i] = emptyBox()
	}
	for i, e := range t.Order {
		bound(e, &t.Boxes[i/fan])
	}
	start := 0
	for l := 0; l+1 < len(ends); l++ {
		for i := start; i < ends[l]; i++ {
			t.Boxes[ends[l]+(i-start)/fan].join(&t.Boxes[i])
		}
		start = ends[l]
	}
	return t
}

// bound grows b by an edge.
func (s *Streets) bound(e int32, b *Box) {
	var last space
	first := true
	s.each(e, func(p space) {
		r := 0.1
		if !first {
			l := p.to(last)
			r += l * l / (8 * 6.3e6) // as much as the ground stands above the chord
			b.grow(last, r)
		}
		b.grow(p, r)
		last, first = p, false
	})
}

// middle is half way between two places, the short way around.
func (c Coord) middle(d Coord) Coord {
	lon := int64(d.Lon) - int64(c.Lon)
	if lon > 1.8e9 {
		lon -= 3.6e9
	} else if lon < -1.8e9 {
		lon += 3.6e9
	}
	x := int64(c.Lon) + lon/2
	if x > 1.8e9 {
		x -= 3.6e9
	} else if x < -1.8e9 {
		x += 3.6e9
	}
	return Coord{Lon: int32(x), Lat: int32((int64(c.Lat) + int64(d.Lat)) / 2)}
}

// hilbert is the place of c along a Hilbert curve over the map.
func hilbert(c Coord) uint64 {
	x, y := uint32(c.Lon)^1<<31, uint32(c.Lat)^1<<31
	var d uint64
	for s := uint32(1) << 31; s > 0; s /= 2 {
		var rx, ry uint32
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d = d<<2 | uint64(3*rx^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return d
}

// valid checks a tree that may come from a file.
func (t *Tree) valid(edges int) bool {
	for _, e := range t.Order {
		if e < 0 || int(e) >= edges {
			return false
		}
	}
	ends := t.levels()
	return len(ends) == 0 && len(t.Boxes) == 0 || len(ends) > 0 && len(t.Boxes) == ends[len(ends)-1]
}

// hit is a place on an edge.
type hit struct {
	edge  int32
	share float64 // of the edge's length, from its From
	off   float64 // metres
}

// rival is the nearest edge so far, by the squared distance: roots of equals
// might differ, and ties would go to whoever came first.
type rival struct {
	edge   int32
	share  float64
	square float64
}

// find is the edge of t nearest to p within a limit in metres; of several
// equally near, the first. ok is false if there is none.
func (s *Streets) find(t *Tree, ends []int, p space, limit float64) (h hit, ok bool) {
	if len(t.Order) == 0 {
		return h, false
	}
	best := rival{edge: math.MaxInt32, square: limit * limit}
	near := lookoutAt(p)
	t.nearing(ends, p, func() float64 { return best.square }, func(e int32) {
		if !s.beyond(e, &near, best.square) {
			s.approach(e, p, &best)
		}
	})
	return hit{best.edge, best.share, math.Sqrt(best.square)}, best.edge != math.MaxInt32
}

// around are the edges of t nearest to p within a limit, most of them at most, the
// nearest first.
func (s *Streets) around(t *Tree, ends []int, p space, limit float64, most int) []hit {
	var found []rival
	far := func() float64 {
		if len(found) < most {
			return limit * limit
		}
		return found[most-1].square
	}
	near := lookoutAt(p)
	t.nearing(ends, p, far, func(e int32) {
		if s.beyond(e, &near, far()) {
			return
		}
		one := rival{edge: math.MaxInt32, square: limit * limit}
		if s.approach(e, p, &one); one.edge != e {
			return
		}
		at, _ := slices.BinarySearchFunc(found, one, func(a, b rival) int {
			return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.edge, b.edge))
		})
		found = slices.Insert(found, at, one)
		found = found[:min(len(found), most)]
	})
	out := make([]hit, len(found))
	for i, r := range found {
		out[i] = hit{r.edge, r.share, math.Sqrt(r.square)}
	}
	return out
}

// lookout is a point from which edges are told to be too far by their coordinates
// alone, which is much cheaper than to measure them.
type lookout struct {
	lon, lat   int64
	east, nord float64 // metres at least for a unit of longitude, up to some degrees north and south, and of latitude
}

func lookoutAt(p space) lookout {
	lon, lat := p.degrees()
	const least = 0.998e-7 // of a degree: less than any curve of the earth takes off
	return lookout{
		lon: int64(math.Round(lon * 1e7)), lat: int64(math.Round(lat * 1e7)),
		east: least * 111319 * math.Max(0, math.Cos(min(90, math.Abs(lat)+2)*math.Pi/180)), nord: least * 110574,
	}
}

// widest is how far a lookout sees, in square metres: there the earth is flat enough.
const widest = 1e5 * 1e5

// beyond says that an edge is farther than a squared distance for certain: the box of
// its coordinates is.
func (s *Streets) beyond(e int32, at *lookout, square float64) bool {
	if square > widest {
		return false
	}
	const far = math.MaxInt64
	west, east, south, north := int64(far), int64(-far), int64(far), int64(-far)
	s.coords(e, func(c Coord) {
		lon, lat := int64(c.Lon), int64(c.Lat)
		west, east = min(west, lon), max(east, lon)
		south, north = min(south, lat), max(north, lat)
	})
	if east-west > 1.8e9 || west-at.lon > 1.8e9 || at.lon-east > 1.8e9 || north > 80e7 || south < -80e7 {
		return false // around the back of the earth, or over a pole
	}
	// The straight line between two points of one latitude bends towards the pole: by
	// the square of its length over eight radii, times the tangent of the latitude,
	// which is below 6 here.
	long := math.Hypot(float64(east-west), float64(north-south)) * 0.0112
	x := float64(max(west-at.lon, at.lon-east, 0)) * at.east
	y := float64(max(south-at.lat, at.lat-north, 0))*at.nord - 6*long*long/(8*6.3e6)
	y = max(0, y)
	return x*x+y*y > square*1.0001+1
}

// nearing calls each with what may lie within a squared distance of p, which may
// shrink while it does, the nearest boxes first.
func (t *Tree) nearing(ends []int, p space, square func() float64, each func(int32)) {
	if len(t.Order) == 0 {
		return
	}
	type child struct {
		i     int
		bound float64
	}
	var visit func(level, i int)
	visit = func(level, i int) {
		if level == 0 {
			for _, e := range t.Order[i*fan : min(len(t.Order), (i+1)*fan)] {
				each(e)
			}
			return
		}
		// The boxes below box i of its level.
		base, end := 0, ends[level-1]
		if level > 1 {
			base = ends[level-2]
		}
		var near [fan]child
		kids := near[:0]
		for k := base + i*fan; k < min(end, base+(i+1)*fan); k++ {
			if d := t.Boxes[k].square(p); d <= square() {
				kids = append(kids, child{k - base, d})
			}
		}
		slices.SortFunc(kids, func(a, b child) int { return cmp.Compare(a.bound, b.bound) })
		for _, k := range kids {
			if k.bound <= square() {
				visit(level-1, k.i)
			}
		}
	}
	visit(len(ends)-1, 0)
}

// approach improves best by edge e.
func (s *Streets) approach(e int32, p space, best *rival) {
	var last space
	first, found := true, false
	segment, at, share := 0, 0, 0.0
	square := best.square
	s.each(e, func(q space) {
		if !first {
			if t, d := p.nearest(last, q); d < square || d == square && !found && e < best.edge {
				at, share, square, found = segment, t, d, true
			}
			segment++
		}
		last, first = q, false
	})
	if !found {
		return
	}
	before, length := 0.0, 0.0
	first, segment = true, 0
	s.each(e, func(q space) {
		if !first {
			l := q.to(last)
			if segment == at {
				before = length + share*l
			}
			length += l
			segment++
		}
		last, first = q, false
	})
	*best = rival{edge: e, square: square}
	if length > 0 {
		best.share = min(1, before/length)
	}
}

// at is the place at a share of the length of an edge, in degrees.
func (s *Streets) at(h hit) (lon, lat float64) {
	total := 0.0
	var last space
	first := true
	s.each(h.edge, func(p space) {
		if !first {
			total += p.to(last)
		}
		last, first = p, false
	})
	left := h.share * total
	first = true
	found := false
	var at space
	s.each(h.edge, func(p space) {
		if !first && !found {
			if l := p.to(last); left <= l && l > 0 {
				at, found = last.toward(p, left/l), true
			} else {
				left -= l
			}
		}
		last, first = p, false
	})
	if !found {
		at = last
	}
	return at.degrees()
}

// degrees is the longitude and latitude of a point at the ground: the latitude of a
// point on the chord's level (Bowring 1976, on the surface exact to a fraction of a
// millimetre).
func (at space) degrees() (lon, lat float64) {
	const a, e2 = 6378137.0, 0.0066943799901413165
	rho := math.Hypot(at[0], at[1])
	beta := math.Atan2(at[2], rho*math.Sqrt(1-e2))
	sb, cb := math.Sincos(beta)
	b := a * math.Sqrt(1-e2)
	lat = math.Atan2(at[2]+e2/(1-e2)*b*sb*sb*sb, rho-e2*a*cb*cb*cb)
	return math.Atan2(at[1], at[0]) * 180 / math.Pi, lat * 180 / math.Pi
}
