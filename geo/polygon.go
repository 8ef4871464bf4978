package geo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// part is one polygon of a layer, its edges sorted into bands of latitude so
// that a point meets few of them.
type part struct {
	row    int32
	box    orb.Bound
	south  float64 // latitude of the first band
	height float64 // of a band, degrees
	bands  [][]edge
}

type edge struct{ a, b orb.Point }

// edgesPerBand is how many edges a band holds in the mean, were each in one.
const edgesPerBand = 4

func newPart(row int, p orb.Polygon) *part {
	edges := 0
	for _, r := range p {
		edges += len(r)
	}
	t := &part{row: int32(row), box: p.Bound()}
	n := max(1, edges/edgesPerBand)
	t.south = t.box.Min[1]
	t.height = (t.box.Max[1] - t.south) / float64(n)
	if t.height == 0 {
		n = 1
	}
	t.bands = make([][]edge, n)
	each := func(do func(band int, e edge)) {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				lo, hi := t.band(math.Min(r[i-1][1], r[i][1])), t.band(math.Max(r[i-1][1], r[i][1]))
				for k := lo; k <= hi; k++ {
					do(k, edge{r[i-1], r[i]})
				}
			}
		}
	}
	counts := make([]int32, n)
	total := 0
	each(func(k int, _ edge) { counts[k]++; total++ })
	flat := make([]edge, 0, total)
	for k, c := range counts {
		t.bands[k] = flat[len(flat) : len(flat) : len(flat)+int(c)]
		flat = flat[:len(flat)+int(c)]
	}
	each(func(k int, e edge) { t.bands[k] = append(t.bands[k], e) })
	return t
}

func (t *part) band(lat float64) int {
	if t.height == 0 {
		return 0
	}
	return min(len(t.bands)-1, max(0, int((lat-t.south)/t.height)))
}

// contains reports whether p is inside by the even-odd rule, holes counted
// out. A point on an edge is inside one of two polygons that share it.
func (t *part) contains(p orb.Point) bool {
	if !t.box.Contains(p) {
		return false
	}
	in := false
	for _, e := range t.bands[t.band(p[1])] {
		if (e.a[1] > p[1]) != (e.b[1] > p[1]) &&
			p[0] < (e.b[0]-e.a[0])*(p[1]-e.a[1])/(e.b[1]-e.a[1])+e.a[0] {
			in = !in
		}
	}
	return in
}

// shore is the distance from a point outside to the nearest edge, +Inf if none
// is within the limit (one exactly at it is). An edge is straight in longitude and latitude (RFC 7946);
// its nearest point is found in the plane that touches the earth at p.
func (t *part) shore(p orb.Point, limit float64) float64 {
	const perDegree = radiusMin * degree
	c := math.Max(1e-9, math.Cos(p[1]*degree))
	k := t.band(p[1])
	least := math.Inf(1)
	for step := 0; ; step++ {
		below, above := k-step, k+step
		if below < 0 && above >= len(t.bands) {
			return least
		}
		// No closer than the parallel that bounds the band on p's side.
		if step > 0 {
			gap := math.Inf(1)
			if below >= 0 {
				gap = p[1] - (t.south + float64(below+1)*t.height)
			}
			if above < len(t.bands) {
				gap = math.Min(gap, t.south+float64(above)*t.height-p[1])
			}
			if gap*perDegree > limit {
				return least
			}
		}
		for _, b := range []int{below, above} {
			if b < 0 || b >= len(t.bands) {
				continue
			}
			for _, e := range t.bands[b] {
				ax, ay := lonDiff(p[0], e.a[0])*c, e.a[1]-p[1]
				dx, dy := (e.b[0]-e.a[0])*c, e.b[1]-e.a[1]
				u := 0.0
				if n := dx*dx + dy*dy; n > 0 {
					u = math.Min(1, math.Max(0, -(ax*dx+ay*dy)/n))
				}
				x, y := ax+u*dx, ay+u*dy
				if math.Hypot(x, y)*perDegree > 2*limit {
					continue
				}
				near := orb.Point{e.a[0] + u*(e.b[0]-e.a[0]), e.a[1] + u*dy}
				if d := float64(Distance(p, near)); d <= limit {
					least, limit = d, d
				}
			}
			if below == above {
				break
			}
		}
	}
}

// Representative is a point that stands for a shape: the point itself, the
// middle point of a line, and for polygons a point inside the largest one, in
// the middle of its widest stretch half way up (never in a hole or off a
// crescent, as a centroid may be). It is NaN for nil and empty shapes.
func Representative(g orb.Geometry) orb.Point {
	switch g := g.(type) {
	case orb.Point:
		return g
	case orb.MultiPoint:
		if len(g) > 0 {
			return g[0]
		}
	case orb.LineString:
		if len(g) > 0 {
			return g[len(g)/2]
		}
	case orb.MultiLineString:
		if len(g) > 0 {
			return Representative(g[0])
		}
	case orb.Ring:
		return Representative(orb.Polygon{g})
	case orb.Polygon:
		return interior(g)
	case orb.MultiPolygon:
		var largest orb.Polygon
		area := -1.0
		for _, p := range g {
			if a := roughArea(p); a > area {
				largest, area = p, a
			}
		}
		return interior(largest)
	case orb.Bound:
		return g.Center()
	case orb.Collection:
		for _, c := range g {
			if p := Representative(c); !math.IsNaN(p[0]) {
				return p
			}
		}
	}
	return nowhere
}

// roughArea is the area of the outer ring in square degrees at the equator:
// enough to tell the largest part.
func roughArea(p orb.Polygon) float64 {
	if len(p) == 0 || len(p[0]) == 0 {
		return 0
	}
	var a float64
	for i := 1; i < len(p[0]); i++ {
		a += p[0][i-1][0]*p[0][i][1] - p[0][i][0]*p[0][i-1][1]
	}
	b := p.Bound()
	return math.Abs(a) / 2 * math.Cos((b.Min[1]+b.Max[1])/2*degree)
}

// solidArea is the roughArea of a polygon without its holes.
func solidArea(p orb.Polygon) float64 {
	a := roughArea(p)
	for k := range p[1:] {
		a -= roughArea(p[k+1 : k+2])
	}
	return a
}

// sameSpot is how far apart, in degrees, two positions may lie and still be one:
// a centimetre, more than any conversion from one system to another moves them.
const sameSpot = 1e-7

func interior(p orb.Polygon) orb.Point {
	if len(p) == 0 || len(p[0]) == 0 {
		return nowhere
	}
	b := p.Bound()
	lat := (b.Min[1] + b.Max[1]) / 2
	// A vertex on the line would be met twice or not at all: move off it. Vertices
	// that another system's rounding has put there or off it are taken alike.
	for range 4 {
		if !slices.ContainsFunc(p[0], func(q orb.Point) bool { return math.Abs(q[1]-lat) < sameSpot }) {
			break
		}
		lat += (b.Max[1] - lat) * 0.0137
	}
	var cuts []float64
	for _, r := range p {
		for i := 1; i < len(r); i++ {
			a, c := r[i-1], r[i]
			if (a[1] > lat) != (c[1] > lat) {
				cuts = append(cuts, a[0]+(lat-a[1])/(c[1]-a[1])*(c[0]-a[0]))
			}
		}
	}
	slices.Sort(cuts)
	best, width := p[0][0], -1.0
	for i := 1; i < len(cuts); i += 2 {
		if w := cuts[i] - cuts[i-1]; w > width+sameSpot {
			best, width = orb.Point{(cuts[i] + cuts[i-1]) / 2, lat}, w
		}
	}
	return best
}

// polygons calls each with the polygons of a shape.
func polygons(g orb.Geometry, each func(orb.Polygon)) {
	switch g := g.(type) {
	case orb.Polygon:
		each(g)
	case orb.MultiPolygon:
		for _, p := range g {
			each(p)
		}
	case orb.Ring:
		each(orb.Polygon{g})
	case orb.Bound:
		each(g.ToPolygon())
	case orb.Collection:
		for _, c := range g {
			polygons(c, each)
		}
	}
}
