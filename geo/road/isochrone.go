package road

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// Isochrone asks for the areas that can be reached from somewhere within
// times, given when the nodes are reached.
type Isochrone struct {
	// Times are when each node of the network is reached, in milliseconds;
	// Never if it is not.
	Times []uint32
	// Within are the limits, in milliseconds.
	Within []uint32
	// To says that Times are to get from the nodes to somewhere: one-way
	// edges count the other way around.
	To bool
	// Cell is the size of the grid, in metres; 0: the extent over 400, but
	// 100 at least. A grid of more than mostCells is made coarser.
	Cell geo.Metres
	// Walk is how far from a road the area goes; 0: 500 m, or a cell if that
	// is more. Off the road one moves at Access km/h; 0: DefaultAccess.
	Walk   geo.Metres
	Access float64
	// At, if not nil, is when any point is reached, in milliseconds, or Never: the
	// area is then what it says, up to Walk from a road, and agrees with times asked
	// for by point. Without, it is a band around the roads.
	At func(points []orb.Point) ([]uint32, error)
	// Starts are places on edges where journeys begin (or end, with To): the
	// nodes do not tell what lies between two stops on one edge.
	Starts []Snapped
}

const (
	mostCells    = 4 << 20
	defaultWalk  = 500
	metresDegree = 111195.0 // of latitude, on the sphere
)

// Isochrones are the areas for every limit of q, in its order: polygons whose
// outer rings run counterclockwise and whose holes run clockwise (RFC 7946),
// in degrees, cut at 180° of longitude.
//
// An area is all that lies within Walk of a road point reached in time, as far
// as the time left allows at Access. Nobody stops on Through edges, so that
// they add nothing. The area is drawn on a grid by marching squares
// with interpolation along the cells' edges (Lorensen and Cline 1987, in the
// plane), so that borders are true to about a cell. A larger limit contains a
// smaller one. An area without a road in time is empty.
func (s *Streets) Isochrones(q Isochrone) ([]orb.MultiPolygon, error) {
	if len(q.Times) != len(s.nodes) {
		return nil, fmt.Errorf("isochrone: %d times for %d nodes", len(q.Times), len(s.nodes))
	}
	if !(q.Cell >= 0) || !(q.Walk >= 0) || !(q.Access >= 0) || math.IsInf(float64(q.Cell+q.Walk), 0) {
		return nil, errors.New("isochrone: cell, walk and access are 0 (the default) or more")
	}
	if q.Access == 0 {
		q.Access = DefaultAccess
	}
	out := make([]orb.MultiPolygon, len(q.Within))
	if len(q.Within) == 0 {
		return out, nil
	}
	reach := s.reached(&q, slices.Max(q.Within))
	for i := range q.Starts {
		if q.At != nil { // around a start one is in time without a road
			lon, lat := q.Starts[i].spot.degrees()
			at := sample{lon: lon, lat: lat}
			reach = append(reach, stretch{at, at})
		}
	}
	if len(reach) == 0 {
		return out, nil
	}
	for _, w := range windows(reach, &q) {
		var times []uint32
		if q.At != nil {
			var err error
			if times, err = q.At(w.corners()); err != nil {
				return nil, err
			}
		}
		for i, limit := range q.Within {
			var f *field
			if q.At != nil {
				f = w.timed(times, limit)
			} else {
				f = w.field(reach, limit)
			}
			out[i] = append(out[i], f.polygons()...)
		}
	}
	return out, nil
}

// sample is a place on a road and when it is reached, in seconds.
type sample struct {
	lon, lat float64
	time     float64
}

// stretch is a straight piece of road that is reached in time, or a part of
// it: from time at from to time at to, in seconds, linearly.
type stretch struct{ from, to sample }

// fine is how exactly the shape of a road is drawn, in metres: a quarter of the
// smallest cell that is chosen where none is given.
const fine = 25

// reached is every stretch of road reached by the limit; where both ends of an
// edge are reached, from both.
func (s *Streets) reached(q *Isochrone, limit uint32) []stretch {
	var out []stretch
	starts := map[int32][]*Snapped{}
	for i := range q.Starts {
		s := &q.Starts[i]
		starts[s.Edge] = append(starts[s.Edge], s)
	}
	sec := func(ms uint32) float64 { return float64(ms) / 1000 }
	most := sec(limit)
	for i := range s.edges {
		e := s.edge(int32(i))
		a, b, from := q.Times[e.From], q.Times[e.To], starts[int32(i)]
		ahead, back := e.Ahead, e.Back
		if q.To {
			ahead, back = back, ahead
		}
		if !e.Through && len(s.mates) > 0 {
			a, b, ahead, back = s.withMates(int32(i), q)
		}
		if e.Through || a > limit && b > limit && len(from) == 0 {
			continue
		}
		line := s.outline(int32(i))
		if len(line.points) > 2 {
			line.thin(fine)
		}
		// spread goes on from a share of the edge, reached after start, up to the
		// shares lo and hi or until the time is over.
		spread := func(share float64, start uint32, lo, hi float64) {
			left := most - sec(start)
			if left < 0 {
				return
			}
			if hi = min(hi, share+left/sec(ahead)); ahead < Never && hi > share {
				out = line.drive(out, share, hi, sec(start), sec(ahead))
			}
			if lo = max(lo, share-left/sec(back)); back < Never && lo < share {
				out = line.drive(out, share, lo, sec(start), sec(back))
			}
			if (ahead >= Never || hi <= share) && (back >= Never || lo >= share) {
				out = line.drive(out, share, share, sec(start), 0)
			}
		}
		// Where both ends are reached, up to where the two ways meet.
		meet := func(otherwise float64) float64 {
			if a > limit || b > limit || ahead >= Never || back >= Never {
				return otherwise
			}
			return max(0, min(1, (sec(b)+sec(back)-sec(a))/(sec(ahead)+sec(back))))
		}
		if a <= limit {
			spread(0, a, 0, meet(1))
		}
		if b <= limit {
			spread(1, b, meet(0), 1)
		}
		for _, s := range from {
			spread(s.Share, s.access, 0, 1)
		}
	}
	return out
}

// withMates is when an edge and its mates are reached at From and at To, and how long
// they take from there on.
func (s *Streets) withMates(i int32, q *Isochrone) (a, b, ahead, back uint32) {
	a, b, ahead, back = Never, Never, Never, Never
	take := func(e Edge) {
		there, here := e.Ahead, e.Back
		if q.To {
			there, here = here, there
		}
		if there < Never {
			a, ahead = min(a, q.Times[e.From]), there
		}
		if here < Never {
			b, back = min(b, q.Times[e.To]), here
		}
	}
	mates := s.matesOf(i)
	if take(s.edge(i)); len(mates) == 0 {
		// The ends of a road of one direction are reached all the same.
		e := s.edge(i)
		return q.Times[e.From], q.Times[e.To], ahead, back
	}
	for _, m := range mates {
		if !q.To || m.Copy == 0 {
			take(s.edge(m.Mate))
		}
	}
	return a, b, ahead, back
}

// outline is the shape of an edge in degrees, its longitudes in one piece, and
// the share of the length at each point.
type outline struct {
	points []sample
	shares []float64
}

func (s *Streets) outline(e int32) (o outline) {
	length := 0.0
	var last space
	s.coords(e, func(c Coord) {
		p := sample{lon: float64(c.Lon) / 1e7, lat: float64(c.Lat) / 1e7}
		at := c.space()
		if k := len(o.points); k > 0 {
			before := o.points[k-1].lon
			p.lon = before + math.Remainder(p.lon-before, 360)
			length += at.to(last)
		}
		last = at
		o.points = append(o.points, p)
		o.shares = append(o.shares, length)
	})
	for k := range o.shares {
		if length > 0 {
			o.shares[k] /= length
		} else if k > 0 {
			o.shares[k] = 1
		}
	}
	return o
}

// thin drops the points that lie within some metres of the line without them
// (Douglas and Peucker 1973).
func (o *outline) thin(metres float64) {
	keep := make([]bool, len(o.points))
	var split func(a, b int)
	split = func(a, b int) {
		keep[a], keep[b] = true, true
		p, q := o.points[a], o.points[b]
		k := metresDegree * math.Cos(p.lat*math.Pi/180)
		dx, dy := (q.lon-p.lon)*k, (q.lat-p.lat)*metresDegree
		l := dx*dx + dy*dy
		far, at := metres*metres, -1
		for i := a + 1; i < b; i++ {
			x, y := (o.points[i].lon-p.lon)*k, (o.points[i].lat-p.lat)*metresDegree
			t := 0.0
			if l > 0 {
				t = max(0, min(1, (x*dx+y*dy)/l))
			}
			x, y = x-t*dx, y-t*dy
			if d := x*x + y*y; d > far {
				far, at = d, i
			}
		}
		if at > 0 {
			split(a, at)
			split(at, b)
		}
	}
	split(0, len(o.points)-1)
	n := 0
	for i, yes := range keep {
		if yes {
			o.points[n], o.shares[n] = o.points[i], o.shares[i]
			n++
		}
	}
	o.points, o.shares = o.points[:n], o.shares[:n]
}

// at is the place at a share of the length.
func (o *outline) at(share float64) sample {
	k, _ := slices.BinarySearch(o.shares, share)
	k = max(1, min(k, len(o.shares)-1))
	a, b, f := o.points[k-1], o.points[k], 0.0
	if d := o.shares[k] - o.shares[k-1]; d > 0 {
		f = (share - o.shares[k-1]) / d
	}
	return sample{lon: a.lon + f*(b.lon-a.lon), lat: a.lat + f*(b.lat-a.lat)}
}

// drive appends the stretches between two shares of the length, driven from
// the one, after start seconds, to the other; the whole edge takes pace.
func (o *outline) drive(out []stretch, from, to, start, pace float64) []stretch {
	put := func(share float64) sample {
		s := o.at(share)
		s.time = start + pace*math.Abs(share-from)
		return s
	}
	last := put(from)
	pass := func(share float64) {
		next := put(share)
		out = append(out, stretch{last, next})
		last = next
	}
	if from <= to {
		for _, share := range o.shares {
			if share > from && share < to {
				pass(share)
			}
		}
	} else {
		for _, share := range slices.Backward(o.shares) {
			if share < from && share > to {
				pass(share)
			}
		}
	}
	pass(to)
	return out
}

// window is a grid over a part of the earth that does not cross 180°.
type window struct {
	west, south  float64 // the first corner
	dlon, dlat   float64 // degrees between corners
	cols, rows   int     // of corners
	cell         float64 // metres
	middle       float64 // longitudes are counted from it
	walk, access float64 // metres; metres a second
}

// windows are one grid over all stretches, or two that meet at 180°.
func windows(reach []stretch, q *Isochrone) []window {
	south, north := math.Inf(1), math.Inf(-1)
	// Longitudes are counted from the first, around the earth.
	origin := reach[0].from.lon
	west, east := math.Inf(1), math.Inf(-1)
	for _, s := range reach {
		for _, p := range [2]sample{s.from, s.to} {
			d := math.Remainder(p.lon-origin, 360)
			west, east = min(west, d), max(east, d)
			south, north = min(south, p.lat), max(north, p.lat)
		}
	}
	// Cells are as wide as they are high in the middle of the extent.
	scale := max(0.001, math.Cos((south+north)/2*math.Pi/180))
	tall, wide := (north-south)*metresDegree, (east-west)*metresDegree*scale
	walk := float64(q.Walk)
	if walk == 0 {
		walk = defaultWalk
	}
	cell := float64(q.Cell)
	if cell == 0 {
		cell = max(100, (max(tall, wide)+2*walk)/400)
	}
	for (tall/cell+2*walk/cell+6)*(wide/cell+2*walk/cell+6) > mostCells {
		cell *= 1.25
	}
	walk = max(walk, cell)
	w := window{dlat: cell / metresDegree, dlon: min(90, cell/metresDegree/scale), cell: cell, walk: walk, access: q.Access / 3.6}
	margin := (walk + 2*cell) / metresDegree
	w.south = max(-90, south-margin)
	w.rows = int(math.Ceil((min(90, north+margin)-w.south)/w.dlat)) + 1
	high := min(89, max(math.Abs(south), math.Abs(north))+margin)
	side := min(180, margin/math.Cos(high*math.Pi/180))
	// A grid from one longitude to another; one that ends at 180° has a column
	// right on it.
	grid := func(from, to float64) window {
		v := w
		v.cols = int(math.Ceil((to-from)/v.dlon)) + 1
		v.west = from
		if to == 180 {
			v.west = 180 - float64(v.cols-1)*v.dlon
		}
		v.middle = (from + to) / 2
		return v
	}
	from, to := origin+west-side, origin+east+side
	if to-from >= 360 {
		return []window{grid(-180, 0), grid(0, 180)}
	}
	// Bring the middle into -180 to 180, then see what hangs over.
	shift := 360 * math.Round((from+to)/720)
	from, to = from-shift, to-shift
	switch {
	case from < -180:
		return []window{grid(from+360, 180), grid(-180, to)}
	case to > 180:
		return []window{grid(from, 180), grid(-180, to-360)}
	}
	return []window{grid(from, to)}
}

// corners are the points of the grid, row by row from the south.
func (w window) corners() []orb.Point {
	out := make([]orb.Point, 0, w.cols*w.rows)
	for y := range w.rows {
		for x := range w.cols {
			out = append(out, orb.Point{max(-180, min(180, w.west+float64(x)*w.dlon)), min(90, w.south+float64(y)*w.dlat)})
		}
	}
	return out
}

// timed is the field of an area by the times of the corners: what is left of the
// limit, in metres at the speed of the access, and no more than counts. The rim is
// outside, so that every ring closes.
func (w window) timed(times []uint32, limit uint32) *field {
	f := &field{window: w, value: make([]float64, len(times))}
	for i, t := range times {
		left := (float64(limit) - float64(t)) / 1000 * w.access
		if y, x := i/w.cols, i%w.cols; t >= Never || y == 0 || y == w.rows-1 || x == 0 || x == w.cols-1 {
			left = math.Inf(-1)
		}
		f.value[i] = max(-1.5*w.cell, min(1.5*w.cell, left))
	}
	return f
}

// field is how far within (positive) or outside an area the corners of a grid
// are, in metres.
type field struct {
	window
	value []float64
}

// field is the area reached by a limit: every stretch of road is a band around
// it, as wide as the time left allows and no wider than walk.
func (w window) field(reach []stretch, limit uint32) *field {
	f := &field{window: w, value: make([]float64, w.cols*w.rows)}
	out := -1.5 * w.cell
	for i := range f.value {
		f.value[i] = out
	}
	most := float64(limit) / 1000
	for _, s := range reach {
		if s.from.time > most {
			continue
		}
		if s.to.time > most {
			// The rest is out of time.
			t := (most - s.from.time) / (s.to.time - s.from.time)
			s.to = sample{s.from.lon + t*(s.to.lon-s.from.lon), s.from.lat + t*(s.to.lat-s.from.lat), most}
		}
		f.band(s, most)
	}
	return f
}

// band raises the corners around a stretch.
func (f *field) band(s stretch, most float64) {
	radius := func(time float64) float64 { return min(f.walk, (most-time)*f.access) }
	a, b := s.from, s.to
	shift := 360 * math.Round((a.lon-f.middle)/360)
	a.lon, b.lon = a.lon-shift, b.lon-shift
	ra, rb := radius(a.time), radius(b.time)
	far := max(ra, rb) + 1.5*f.cell
	y0 := max(0, int(math.Floor((min(a.lat, b.lat)-far/metresDegree-f.south)/f.dlat)))
	y1 := min(f.rows-1, int(math.Ceil((max(a.lat, b.lat)+far/metresDegree-f.south)/f.dlat)))
	for y := y0; y <= y1; y++ {
		lat := f.south + float64(y)*f.dlat
		// Metres on the ground, true at this latitude.
		k := max(1e-6, metresDegree*math.Cos(lat*math.Pi/180))
		x0 := max(0, int(math.Floor((min(a.lon, b.lon)-far/k-f.west)/f.dlon)))
		x1 := min(f.cols-1, int(math.Ceil((max(a.lon, b.lon)+far/k-f.west)/f.dlon)))
		dx, dy := (b.lon-a.lon)*k, (b.lat-a.lat)*metresDegree
		l := dx*dx + dy*dy
		for x := x0; x <= x1; x++ {
			px, py := (f.west+float64(x)*f.dlon-a.lon)*k, (lat-a.lat)*metresDegree
			t := 0.0
			if l > 0 {
				t = max(0, min(1, (px*dx+py*dy)/l))
			}
			px, py = px-t*dx, py-t*dy
			d := math.Sqrt(px*px + py*py)
			at := &f.value[y*f.cols+x]
			*at = max(*at, radius(a.time+t*(b.time-a.time))-d)
		}
	}
}

// polygons are the areas where the field is not negative.
func (f *field) polygons() orb.MultiPolygon {
	rings := f.rings()
	type ringed struct {
		ring orb.Ring
		area float64
		box  orb.Bound
	}
	var outer, holes []ringed
	for _, r := range rings {
		x := ringed{r, twiceArea(r), r.Bound()}
		if x.area > 0 {
			outer = append(outer, x)
		} else if x.area < 0 {
			holes = append(holes, x)
		}
	}
	// The smallest ring around a hole is the one that it is in.
	slices.SortStableFunc(outer, func(a, b ringed) int { return cmp.Compare(a.area, b.area) })
	out := make(orb.MultiPolygon, len(outer))
	for i, o := range outer {
		out[i] = orb.Polygon{o.ring}
	}
	for _, h := range holes {
		for i, o := range outer {
			if o.area > -h.area && o.box.Contains(h.ring[0]) && inside(o.ring, h.ring[0]) {
				out[i] = append(out[i], h.ring)
				break
			}
		}
	}
	slices.Reverse(out) // the largest first
	return out
}

func twiceArea(r orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		// From the first point, to lose no digits.
		ax, ay := r[i-1][0]-r[0][0], r[i-1][1]-r[0][1]
		bx, by := r[i][0]-r[0][0], r[i][1]-r[0][1]
		sum += ax*by - bx*ay
	}
	return sum
}

func inside(r orb.Ring, p orb.Point) bool {
	in := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]) {
			in = !in
		}
	}
	return in
}
