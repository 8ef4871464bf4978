package sheet

import (
	"cmp"
	"math"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// locator is where things lie on the map of a sheet: the regions, the one that the sheet
// is about, and the centers. A region too far from the others has a frame of its own.
type locator struct {
	width, height float64
	areas         []area
	dots          []dot
	inset         *frame   // of the sheet's region, nil where it is on the main map
	left          []string // regions that are on neither
}

type spot struct{ x, y float64 }

// dot is a center that infuses, named if it lies in the sheet's own region.
type dot struct {
	spot
	name string
}

type area struct {
	row   int
	own   bool
	rings [][]spot
}

// frame is a rectangle of the page.
type frame struct{ x, y, w, h float64 }

// piece is a polygon with its row and its bound.
type piece struct {
	row   int
	shape orb.Polygon
	bound orb.Bound
}

// farApart is how far land may lie from the rest and still be on the main map.
const farApart geo.Metres = 500_000

// locate lays the map out, nil where the regions have no shapes.
func (s *Sheet) locate(width, most float64) *locator {
	pieces, home := s.from.land()
	if len(pieces) == 0 {
		return nil
	}
	ownHome := s.row < 0
	for i, p := range pieces {
		ownHome = ownHome || p.row == s.row && home[i]
	}
	pick := func(keep func(int) bool) (out []piece) {
		for i := range pieces {
			if keep(i) {
				out = append(out, pieces[i])
			}
		}
		return out
	}
	m := &locator{width: width}
	main := pick(func(i int) bool { return home[i] })
	room := frame{0, 0, width, most}
	if !ownHome {
		room.h = 0.62 * most
	}
	to, used := fit(main, room)
	m.put(main, to, s.row)
	m.height = used
	on := map[int]bool{s.row: true}
	for _, p := range main {
		on[p.row] = true
	}
	for i := range s.from.regions.Len() {
		if !on[i] {
			m.left = append(m.left, cmp.Or(s.from.regions.text("name", i), s.from.regions.ID(i)))
		}
	}
	dots := s.open()
	m.mark(dots, to, frame{0, 0, width, used})
	if !ownHome {
		own := pick(func(i int) bool { return pieces[i].row == s.row })
		m.inset = &frame{0, used + 8, 0.6 * width, most - used - 8}
		inner := frame{m.inset.x + 6, m.inset.y + 6, m.inset.w - 12, m.inset.h - 12}
		to, used := fit(own, inner)
		m.inset.h = used + 6 - m.inset.y
		m.put(own, to, s.row)
		m.mark(dots, to, inner)
		m.height = m.inset.y + m.inset.h
	}
	return m
}

// piecesOf are the polygons of the regions.
func piecesOf(regions table) (out []piece) {
	if regions.Layer == nil || regions.IsTable() {
		return nil
	}
	for i := range regions.Len() {
		switch g := regions.Shape(i).(type) {
		case orb.Polygon:
			out = append(out, piece{i, g, g.Bound()})
		case orb.MultiPolygon:
			for _, p := range g {
				out = append(out, piece{i, p, p.Bound()})
			}
		}
	}
	return out
}

// together are the pieces of the land on which most people live: those that lie no
// farther from each other than farApart, directly or through others.
func together(pieces []piece, people func(row int) float64) []bool {
	of := make([]int, len(pieces)) // the land of each piece
	lands := 0
	for first := range pieces {
		if of[first] > 0 {
			continue
		}
		lands++
		of[first] = lands
		for todo := []int{first}; len(todo) > 0; {
			at := pieces[todo[0]].bound
			todo = todo[1:]
			for i := range pieces {
				if of[i] == 0 && apart(at, pieces[i].bound) < farApart {
					of[i] = lands
					todo = append(todo, i)
				}
			}
		}
	}
	largest := map[int]int{} // piece of each region
	for i, p := range pieces {
		if j, ok := largest[p.row]; !ok || size(p.bound) > size(pieces[j].bound) {
			largest[p.row] = i
		}
	}
	if lands == 0 {
		return nil // a study without regions
	}
	total := make([]float64, lands+1)
	for row, i := range largest {
		total[of[i]] += people(row)
	}
	most := 1
	for land := range total {
		if total[land] > total[most] {
			most = land
		}
	}
	in := make([]bool, len(pieces))
	for i := range in {
		in[i] = of[i] == most
	}
	return in
}

// size is about how large a bound is, to compare.
func size(b orb.Bound) float64 {
	return (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1]) * math.Cos(b.Center()[1]*math.Pi/180)
}

// apart is about how far two bounds lie from each other, on a sphere that is
// flat between them.
func apart(a, b orb.Bound) geo.Metres {
	between := func(k int) float64 { return math.Max(0, math.Max(a.Min[k]-b.Max[k], b.Min[k]-a.Max[k])) }
	x := math.Min(between(0), 360-between(0)-(a.Max[0]-a.Min[0])-(b.Max[0]-b.Min[0]))
	lat := (a.Center()[1] + b.Center()[1]) / 2 * math.Pi / 180
	return geo.Metres(111_200 * math.Hypot(math.Max(0, x)*math.Cos(lat), between(1)))
}

// onPage puts a place on the page.
type onPage func(orb.Point) spot

// fit projects pieces into a frame, as large as they go, from its top left, and
// gives the bottom of what they take.
func fit(pieces []piece, in frame) (onPage, float64) {
	var sum [3]float64 // the middle, as a direction from the middle of the globe
	for _, p := range pieces {
		for _, v := range p.shape[0] {
			lon, lat := v[0]*math.Pi/180, v[1]*math.Pi/180
			sum[0], sum[1], sum[2] = sum[0]+math.Cos(lat)*math.Cos(lon), sum[1]+math.Cos(lat)*math.Sin(lon), sum[2]+math.Sin(lat)
		}
	}
	at := equalArea(math.Atan2(sum[1], sum[0]), math.Atan2(sum[2], math.Hypot(sum[0], sum[1])))
	box := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, p := range pieces {
		for _, v := range p.shape[0] {
			q := at(v)
			box.Min = orb.Point{math.Min(box.Min[0], q.x), math.Min(box.Min[1], q.y)}
			box.Max = orb.Point{math.Max(box.Max[0], q.x), math.Max(box.Max[1], q.y)}
		}
	}
	w, h := math.Max(box.Max[0]-box.Min[0], 1e-9), math.Max(box.Max[1]-box.Min[1], 1e-9)
	k := math.Min(in.w/w, in.h/h)
	left := in.x + (in.w-k*w)/2
	return func(p orb.Point) spot {
		q := at(p)
		return spot{left + k*(q.x-box.Min[0]), in.y + k*(box.Max[1]-q.y)}
	}, in.y + k*h
}

// equalArea is Lambert's azimuthal equal-area projection about a point (radians),
// north up.
func equalArea(lon0, lat0 float64) onPage {
	sin0, cos0 := math.Sincos(lat0)
	return func(p orb.Point) spot {
		sin, cos := math.Sincos(p[1] * math.Pi / 180)
		sinL, cosL := math.Sincos(p[0]*math.Pi/180 - lon0)
		k := math.Sqrt(2 / math.Max(1e-6, 1+sin0*sin+cos0*cos*cosL))
		return spot{k * cos * sinL, k * (cos0*sin - sin0*cos*cosL)}
	}
}

// put draws pieces, region by region and the sheet's own last, so that its
// outline lies over those of its neighbours.
func (m *locator) put(pieces []piece, to onPage, own int) {
	slices.SortStableFunc(pieces, func(a, b piece) int {
		switch {
		case a.row == b.row:
			return 0
		case a.row == own:
			return 1
		case b.row == own:
			return -1
		}
		return a.row - b.row
	})
	last := -1
	for _, p := range pieces {
		if p.row != last {
			m.areas = append(m.areas, area{row: p.row, own: p.row == own})
			last = p.row
		}
		a := &m.areas[len(m.areas)-1]
		for _, ring := range p.shape {
			if r := thinned(ring, to); len(r) > 2 || a.own {
				a.rings = append(a.rings, r)
			}
		}
	}
}

// thinned leaves out what lies too close to be seen.
func thinned(ring orb.Ring, to onPage) (out []spot) {
	for i, v := range ring {
		p := to(v)
		if n := len(out); n > 0 && math.Hypot(p.x-out[n-1].x, p.y-out[n-1].y) < 0.6 && i < len(ring)-1 {
			continue
		}
		out = append(out, p)
	}
	return out
}

// open is a center that infuses, at a place of the globe.
type open struct {
	orb.Point
	name, campus string // in the sheet's own region
}

// open are the centers that infuse.
func (s *Sheet) open() (out []open) {
	sites := s.from.sites
	for i := range sites.rows() {
		if sites.text("status", i) != "open" || !sites.Located(i) {
			continue
		}
		o := open{Point: sites.Point(i)}
		if s.row >= 0 && sites.text("region_id", i) == s.RegionID {
			o.name = cmp.Or(sites.text("name", i), sites.ID(i))
			o.campus = cmp.Or(sites.text("campus_id", i), sites.ID(i))
		}
		out = append(out, o)
	}
	return out
}

// mark puts the centers that lie within a frame on the map.
func (m *locator) mark(all []open, to onPage, within frame) {
	for _, o := range all {
		d := dot{to(o.Point), o.name}
		if d.x >= within.x && d.x <= within.x+within.w && d.y >= within.y && d.y <= within.y+within.h {
			m.dots = append(m.dots, d)
		}
	}
}
