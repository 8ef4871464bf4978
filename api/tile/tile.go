// Package tile makes vector tiles (Mapbox Vector Tile 2.1) of a layer in the
// tile matrix set WebMercatorQuad.
//
// Lines and rings lose the vertices that a zoom cannot show, the same ones in
// every tile, so that neighbours meet. Of many points the heaviest in each cell
// of a grid stays at low zooms. What lies across the antimeridian is drawn on
// both sides of the map; what lies beyond ±85.05° has no place on it.
//
// The package has an encoder of its own, since it works on columns: equal
// values are written once, a number keeps its type whatever its value, a null
// is no attribute, and the same tile is the same bytes.
package tile

import (
	"math"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
)

const (
	// Extent is the side of a tile in units of its grid.
	Extent = 4096
	// MaxZoom is the deepest zoom of WebMercatorQuad.
	MaxZoom = 24

	buffer    = 128  // units around a tile that are drawn too: two cells
	cell      = 64   // side of a cell in which one point stays, units: 4 of 256 pixels
	tolerance = 3    // units that a line may be moved by leaving vertices out
	thinBelow = 10   // zoom from which on every point is shown
	fewPoints = 1000 // so many points are shown at any zoom
)

// Options say what is drawn. The zero value draws every row with every column.
type Options struct {
	Name    string       // of the layer in the tile
	Columns []geo.Column // attributes; nil: those of the layer
	Rows    []bool       // rows to be drawn; nil: all
	Count   int          // how many those are
	Weight  []float64    // of each row: the heaviest points stay; nil: the first
}

// Source is a layer made ready for tiles. It may be used from several
// goroutines.
type Source struct {
	layer *geo.Layer
	rows  []shape
	wide  map[string]bool // columns of whole numbers that do not fit 32 bits
}

// shape is a geometry on the map, whose sides are 1, with y to the south.
type shape struct {
	kind  uint8 // as the format has it
	point []orb.Point
	parts []line
	box   orb.Bound
}

const (
	points = 1 + iota
	lines
	polygons
)

// line is a line, or a ring of a polygon.
type line struct {
	at     []orb.Point
	weight []float32 // of each vertex: the distance² within which it may be left out
	hole   bool
	box    orb.Bound
}

// NewSource projects a layer.
func NewSource(l *geo.Layer) *Source {
	s := &Source{layer: l, rows: make([]shape, l.Len()), wide: map[string]bool{}}
	for _, c := range l.Columns() {
		if c.Type == geo.Integer {
			s.wide[c.Name] = slices.ContainsFunc(c.Values(), func(v float64) bool { return math.Abs(v) > math.MaxInt32 })
		}
	}
	for i := range s.rows {
		if l.Located(i) {
			s.rows[i].add(l.Shape(i))
		}
	}
	return s
}

// Project gives a position on the map of side 1. Latitudes end at ±89.9°, far
// off the map.
func Project(p orb.Point) orb.Point {
	lat := math.Max(-89.9, math.Min(89.9, p[1])) * math.Pi / 180
	return orb.Point{p[0]/360 + 0.5, 0.5 - math.Atanh(math.Sin(lat))/(2*math.Pi)}
}

// Unproject is the inverse of Project.
func Unproject(p orb.Point) orb.Point {
	return orb.Point{(p[0] - 0.5) * 360, math.Atan(math.Sinh((0.5-p[1])*2*math.Pi)) * 180 / math.Pi}
}

func (s *shape) add(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		s.addPoint(g)
	case orb.MultiPoint:
		for _, p := range g {
			s.addPoint(p)
		}
	case orb.LineString:
		s.addLine(g, lines, false)
	case orb.MultiLineString:
		for _, l := range g {
			s.addLine(l, lines, false)
		}
	case orb.Ring:
		s.addLine(g, polygons, false)
	case orb.Polygon:
		for i, r := range g {
			s.addLine(r, polygons, i > 0)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			s.add(p)
		}
	case orb.Bound:
		s.add(g.ToPolygon())
	case orb.Collection: // a feature of a tile is of one kind: the first
		for _, x := range g {
			s.add(x)
		}
	}
}

// grow takes a kind of geometry, if it fits what is there.
func (s *shape) grow(kind uint8, b orb.Bound) bool {
	if s.kind == 0 {
		s.kind, s.box = kind, b
		return true
	}
	if s.kind != kind {
		return false
	}
	s.box = s.box.Union(b)
	return true
}

func (s *shape) addPoint(p orb.Point) {
	q := Project(p)
	if s.grow(points, orb.Bound{Min: q, Max: q}) {
		s.point = append(s.point, q)
	}
}

func (s *shape) addLine(in []orb.Point, kind uint8, hole bool) {
	if len(in) < 2 {
		return
	}
	l := line{at: make([]orb.Point, len(in)), weight: make([]float32, len(in)), hole: hole}
	for i, p := range in {
		l.at[i] = Project(p)
	}
	l.box = orb.LineString(l.at).Bound()
	if !s.grow(kind, l.box) {
		return
	}
	l.weigh(0, len(in)-1)
	l.weight[0], l.weight[len(in)-1] = math.MaxFloat32, math.MaxFloat32
	s.parts = append(s.parts, l)
}

// weigh finds for each vertex the distance² within which Douglas and Peucker
// (1973) would leave it out.
func (l *line) weigh(from, to int) {
	type stretch struct{ from, to int }
	waiting := []stretch{{from, to}}
	for len(waiting) > 0 {
		s := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		far, most := -1, 0.0
		for i := s.from + 1; i < s.to; i++ {
			if d := distance2(l.at[i], l.at[s.from], l.at[s.to]); d > most {
				far, most = i, d
			}
		}
		if far < 0 {
			continue
		}
		// A vertex weighs no more than the one whose leaving out it survives.
		least := min(l.limit(s.from), l.limit(s.to))
		l.weight[far] = min(float32(most), least)
		waiting = append(waiting, stretch{s.from, far}, stretch{far, s.to})
	}
}

// limit is the weight of an end of a stretch; the ends of the line have none yet.
func (l *line) limit(i int) float32 {
	if i == 0 || i == len(l.at)-1 {
		return math.MaxFloat32
	}
	return l.weight[i]
}

func distance2(p, a, b orb.Point) float64 {
	x, y := a[0], a[1]
	dx, dy := b[0]-x, b[1]-y
	if n := dx*dx + dy*dy; n > 0 {
		t := math.Max(0, math.Min(1, ((p[0]-x)*dx+(p[1]-y)*dy)/n))
		x, y = x+t*dx, y+t*dy
	}
	return (p[0]-x)*(p[0]-x) + (p[1]-y)*(p[1]-y)
}

// window is a tile with its buffer.
type window struct {
	scale  float64 // units of the side of the map
	ox, oy float64 // of the tile's corner, units
	box    orb.Bound
	least  float32 // weight of the vertices that are shown
}

func windowOf(z, x, y uint32) window {
	w := window{scale: Extent * float64(uint64(1)<<z), ox: Extent * float64(x), oy: Extent * float64(y)}
	w.box = orb.Bound{Min: orb.Point{-buffer, -buffer}, Max: orb.Point{Extent + buffer, Extent + buffer}}
	t := tolerance / w.scale
	w.least = float32(t * t)
	return w
}

// onMap is what the window sees of the map.
func (w *window) onMap() orb.Bound {
	return orb.Bound{Min: orb.Point{(w.ox - buffer) / w.scale, (w.oy - buffer) / w.scale},
		Max: orb.Point{(w.ox + Extent + buffer) / w.scale, (w.oy + Extent + buffer) / w.scale}}
}

func (w *window) place(p orb.Point, shift float64) orb.Point {
	return orb.Point{(p[0]+shift)*w.scale - w.ox, p[1]*w.scale - w.oy}
}

// sight is a row that a window sees, on the map moved by a number of worlds.
type sight struct {
	row   int32
	shift int8
}

// seen are the rows that a window may see, in their order.
func (s *Source) seen(w *window, o *Options) []sight {
	var out []sight
	view := w.onMap()
	for _, shift := range []int8{-1, 0, 1} {
		d := float64(shift)
		sw, ne := Unproject(orb.Point{view.Min[0] - d, view.Max[1]}), Unproject(orb.Point{view.Max[0] - d, view.Min[1]})
		if sw[0] > 540 || ne[0] < -540 {
			continue
		}
		for i := range s.layer.Search(orb.Bound{Min: orb.Point{sw[0], math.Max(-90, sw[1])}, Max: orb.Point{ne[0], math.Min(90, ne[1])}}) {
			b := s.rows[i].box
			if s.rows[i].kind == 0 || o.Rows != nil && !o.Rows[i] ||
				b.Max[0]+d < view.Min[0] || b.Min[0]+d > view.Max[0] || b.Max[1] < view.Min[1] || b.Min[1] > view.Max[1] {
				continue
			}
			out = append(out, sight{int32(i), shift})
		}
	}
	slices.SortFunc(out, func(a, b sight) int {
		if a.row != b.row {
			return int(a.row - b.row)
		}
		return int(a.shift - b.shift)
	})
	return out
}

// Tile draws a tile: column x from the west, row y from the north, both less
// than 2^z. It is nil where nothing is.
func (s *Source) Tile(z, x, y uint32, o Options) []byte {
	w := windowOf(z, x, y)
	if o.Columns == nil {
		o.Columns = s.layer.Columns()
	}
	if o.Rows == nil {
		o.Count = s.layer.Len()
	}
	seen := s.seen(&w, &o)
	if z < thinBelow && o.Count > fewPoints {
		seen = s.thin(seen, &w, &o)
	}
	e := newEncoder(s, &o)
	var g commands
	for i, at := range seen {
		sh := &s.rows[at.row]
		sh.draw(&g, &w, float64(at.shift))
		// What is seen on both sides of the antimeridian is one feature, but for
		// points, which clients want single.
		if sh.kind != points && i+1 < len(seen) && seen[i+1].row == at.row {
			continue
		}
		if len(g.data) > 0 {
			e.feature(int(at.row), sh.kind, g.data)
		}
		g.reset()
	}
	return e.finish()
}

// thin leaves of the points in a cell the heaviest, of equal ones the first.
// Cells are the same for all tiles of a zoom.
func (s *Source) thin(seen []sight, w *window, o *Options) []sight {
	best := map[[2]int64]int{}
	kept := make([]bool, len(seen))
	for i, at := range seen {
		sh := &s.rows[at.row]
		if sh.kind != points || len(sh.point) != 1 {
			kept[i] = true
			continue
		}
		p := w.place(sh.point[0], float64(at.shift))
		key := [2]int64{int64(math.Floor((p[0] + w.ox) / cell)), int64(math.Floor((p[1] + w.oy) / cell))}
		other, taken := best[key]
		if !taken || o.heavier(int(at.row), int(seen[other].row)) {
			if taken {
				kept[other] = false
			}
			best[key], kept[i] = i, true
		}
	}
	out := seen[:0]
	for i, at := range seen {
		if kept[i] {
			out = append(out, at)
		}
	}
	return out
}

func (o *Options) heavier(a, b int) bool {
	if o.Weight == nil {
		return false
	}
	x, y := o.Weight[a], o.Weight[b]
	return x > y || math.IsNaN(y) && !math.IsNaN(x)
}

// draw appends the commands of a shape.
func (s *shape) draw(g *commands, w *window, shift float64) {
	switch s.kind {
	case points:
		var on []orb.Point
		for _, p := range s.point {
			if q := w.place(p, shift); w.box.Contains(q) {
				on = append(on, q)
			}
		}
		g.points(on)
		return
	case lines:
		for i := range s.parts {
			if l := s.parts[i].shown(w, shift); l != nil {
				for _, piece := range clip.LineString(w.box, l) {
					g.line(piece)
				}
			}
		}
		return
	}
	outer := false // is drawn, so its holes are
	for i := range s.parts {
		p := &s.parts[i]
		if p.hole && !outer {
			continue
		}
		drawn := false
		if l := p.shown(w, shift); l != nil {
			r := orb.Ring(l)
			if !w.contains(r) {
				r = clip.Ring(w.box, r)
			}
			drawn = g.ring(r, p.hole)
		}
		if !p.hole {
			outer = drawn
		}
	}
}

func (w *window) contains(r orb.Ring) bool {
	for _, p := range r {
		if !w.box.Contains(p) {
			return false
		}
	}
	return true
}

// shown are the vertices of a line that the window shows, in units; nil if it
// passes by.
func (l *line) shown(w *window, shift float64) orb.LineString {
	low, high := w.place(l.box.Min, shift), w.place(l.box.Max, shift)
	if high[0] < w.box.Min[0] || low[0] > w.box.Max[0] || high[1] < w.box.Min[1] || low[1] > w.box.Max[1] {
		return nil
	}
	out := make(orb.LineString, 0, len(l.at))
	for i, p := range l.at {
		if l.weight[i] >= w.least {
			out = append(out, w.place(p, shift))
		}
	}
	// A ring that would lose its area is small: it stays as it is, as far as the
	// grid shows it, or a map of small regions would have holes.
	if n := len(l.at); len(out) < 5 && n > len(out) && l.at[0] == l.at[n-1] {
		out = out[:0]
		for _, p := range l.at {
			out = append(out, w.place(p, shift))
		}
	}
	return out
}
