package draw

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// part is one polygon of a row, or the point of a row of points.
type part struct {
	row     int
	rings   []orb.Ring // of a polygon
	at      orb.Point  // of a point
	area    float64    // square kilometres; 0 for a point
	cluster int
}

// vertices yields the points that the part will be drawn through.
func (p *part) vertices(yield func(orb.Point)) {
	if p.rings == nil {
		yield(p.at)
		return
	}
	for _, r := range p.rings {
		yield(r[0])
		for i := 1; i < len(r); i++ {
			along(r[i-1], r[i], yield)
		}
	}
}

// polygonsOf are the polygons of a layer. drawn is false if it has none; an
// error says that it has lines.
func polygonsOf(l *geo.Layer) (parts []part, drawn bool, err error) {
	for row := range l.Len() {
		var walk func(g orb.Geometry) error
		walk = func(g orb.Geometry) error {
			switch g := g.(type) {
			case nil, orb.Point, orb.MultiPoint:
			case orb.Polygon:
				if p, ok := newPart(row, g); ok {
					parts = append(parts, p)
				}
			case orb.MultiPolygon:
				for _, p := range g {
					if err := walk(p); err != nil {
						return err
					}
				}
			case orb.Ring:
				return walk(orb.Polygon{g})
			case orb.Bound:
				return walk(g.ToPolygon())
			case orb.Collection:
				for _, x := range g {
					if err := walk(x); err != nil {
						return err
					}
				}
			default:
				return &OptionError{Option: "layer", Problem: fmt.Sprintf("%s holds lines", l.Name), Accept: "a layer of areas or points"}
			}
			return nil
		}
		if err := walk(l.Shape(row)); err != nil {
			return nil, false, err
		}
	}
	return parts, len(parts) > 0, nil
}

// pointsOf are the locations of a layer, one a row.
func pointsOf(l *geo.Layer) []part {
	var parts []part
	for i := range l.Rows() {
		if p := l.Point(i); located(p) {
			parts = append(parts, part{row: i, at: p})
		}
	}
	return parts
}

func located(p orb.Point) bool { return known(p[0]) && known(p[1]) && math.Abs(p[1]) <= 90 }

// newPart keeps the rings of a polygon that have an inside to speak of.
func newPart(row int, g orb.Polygon) (part, bool) {
	p := part{row: row}
	for i, r := range g {
		clean := make(orb.Ring, 0, len(r)+1)
		for _, v := range r {
			if located(v) && (len(clean) == 0 || nodeAt(clean[len(clean)-1]) != nodeAt(v)) {
				clean = append(clean, v)
			}
		}
		if n := len(clean); n > 0 && nodeAt(clean[0]) == nodeAt(clean[n-1]) {
			clean = clean[:n-1]
		}
		if len(clean) > 0 {
			clean = append(clean, clean[0])
		}
		if len(clean) < 4 {
			if i == 0 {
				return part{}, false
			}
			continue
		}
		p.rings = append(p.rings, clean)
		if i == 0 {
			p.area = ringArea(clean)
		}
	}
	return p, len(p.rings) > 0
}

// ringArea is the area of a ring on the sphere, square kilometres.
func ringArea(r orb.Ring) float64 {
	const radius = 6371.0
	var a float64
	for i := 1; i < len(r); i++ {
		a += between(r[i-1][0], r[i][0]) * degree * (2 + math.Sin(r[i-1][1]*degree) + math.Sin(r[i][1]*degree))
	}
	return math.Abs(a) / 2 * radius * radius
}

// middle is the mean direction of the parts, areas weighing what they measure.
func middle(parts []part) orb.Point {
	var x, y, z float64
	add := func(p orb.Point, w float64) {
		sl, cl := math.Sincos(p[0] * degree)
		sp, cp := math.Sincos(p[1] * degree)
		x, y, z = x+w*cp*cl, y+w*cp*sl, z+w*sp
	}
	for i := range parts {
		p := &parts[i]
		n := 0
		p.vertices(func(orb.Point) { n++ })
		w := (p.area + 1e-6) / float64(n)
		p.vertices(func(v orb.Point) { add(v, w) })
	}
	if math.Hypot(math.Hypot(x, y), z) == 0 {
		return orb.Point{}
	}
	return orb.Point{math.Atan2(y, x) / degree, math.Atan2(z, math.Hypot(x, y)) / degree}
}

// Rules of what is set apart from the main map.
const (
	nearKm     = 150  // parts closer than this always belong together,
	nearShare  = 0.1  // or than this share of the root of the area
	insetGrows = 1.5  // an inset: what would make the map's frame this much larger
	smallGrows = 1.15 // left out: a small part of a region that would do so this much
	smallShare = 0.01 // of the region
	mostInsets = 8
)

// cluster is parts that lie near each other.
type cluster struct {
	parts []int
	cells []orb.Point // where they lie, coarsely
	rows  int         // rows whose largest part is here
	area  float64
}

// clusters groups the parts that lie near each other, the main group first:
// the one at home to most rows, then the largest.
func clusters(parts []part) []cluster {
	proj := centredOn(middle(parts))
	near := 1000 * math.Max(nearKm, nearShare*math.Sqrt(spread(parts, proj)))
	const fine = 6 // cells along that distance
	type cell [2]int32
	index := map[cell]int{}
	var cells []cell
	var where []orb.Point
	var up []int
	find := func(i int) int {
		for up[i] != i {
			up[i] = up[up[i]]
			i = up[i]
		}
		return i
	}
	join := func(a, b int) {
		if a, b = find(a), find(b); a < b {
			up[b] = a
		} else {
			up[a] = b
		}
	}
	home := make([]int, len(parts))
	for i := range parts {
		home[i] = -1
		parts[i].vertices(func(p orb.Point) {
			v := proj.forward(p)
			c := cell{int32(math.Floor(v[0] / near * fine)), int32(math.Floor(v[1] / near * fine))}
			k, ok := index[c]
			if !ok {
				k = len(cells)
				index[c] = k
				cells, where, up = append(cells, c), append(where, p), append(up, k)
			}
			if home[i] < 0 {
				home[i] = k
			}
			join(k, home[i])
		})
	}
	for k, c := range cells {
		for dx := int32(-fine); dx <= fine; dx++ {
			for dy := int32(-fine); dy <= fine; dy++ {
				if dx*dx+dy*dy > fine*fine {
					continue
				}
				if o, ok := index[cell{c[0] + dx, c[1] + dy}]; ok {
					join(k, o)
				}
			}
		}
	}
	number := map[int]int{}
	var out []cluster
	largest := map[int]int{} // part of a row
	for i := range parts {
		root := find(home[i])
		n, ok := number[root]
		if !ok {
			n = len(out)
			number[root] = n
			out = append(out, cluster{})
		}
		parts[i].cluster = n
		out[n].parts = append(out[n].parts, i)
		out[n].area += parts[i].area
		if j, ok := largest[parts[i].row]; !ok || parts[i].area > parts[j].area {
			largest[parts[i].row] = i
		}
	}
	for k, p := range where {
		n := number[find(k)]
		out[n].cells = append(out[n].cells, p)
	}
	for _, i := range largest {
		out[parts[i].cluster].rows++
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if out[a].rows != out[b].rows {
			return out[b].rows - out[a].rows
		}
		return cmp.Compare(out[b].area, out[a].area)
	})
	sorted := make([]cluster, len(out))
	for to, from := range order {
		sorted[to] = out[from]
		for _, i := range out[from].parts {
			parts[i].cluster = to
		}
	}
	return sorted
}

// spread is the area that the parts cover, square kilometres; for points, that
// of the frame around the middle four fifths of them.
func spread(parts []part, proj projection) float64 {
	var area float64
	var x, y []float64
	for i := range parts {
		area += parts[i].area
		if parts[i].rings == nil {
			v := proj.forward(parts[i].at)
			x, y = append(x, v[0]/1000), append(y, v[1]/1000)
		}
	}
	if area > 0 || len(x) == 0 {
		return area
	}
	slices.Sort(x)
	slices.Sort(y)
	a, b := len(x)/10, len(x)-1-len(x)/10
	return (x[b] - x[a]) * (y[b] - y[a])
}

// plan says where clusters are drawn: in the main map, as an inset with others,
// or nowhere.
type plan struct {
	main   []int
	insets [][]int
	out    []int
}

// arrange makes the plan. Left out is what hardly belongs to the picture (an
// uninhabited island far off) and would take the room of the rest; keep says of
// a cluster that it may not be left out.
func arrange(parts []part, cs []cluster, keep []bool) plan {
	homes := map[int]int{} // cluster of the largest part of a row
	largest, total := map[int]float64{}, map[int]float64{}
	for _, p := range parts {
		total[p.row] += p.area
		if a, ok := largest[p.row]; !ok || p.area > a {
			largest[p.row], homes[p.row] = p.area, p.cluster
		}
	}
	main := newFrame(parts, &cs[0])
	type far struct {
		i     int
		frame orb.Bound
		dist  float64
	}
	var rest []far
	for i := 1; i < len(cs); i++ {
		b := main.around(&cs[i])
		dx := math.Max(0, math.Max(b.Min[0]-main.box.Max[0], main.box.Min[0]-b.Max[0]))
		dy := math.Max(0, math.Max(b.Min[1]-main.box.Max[1], main.box.Min[1]-b.Max[1]))
		rest = append(rest, far{i, b, math.Hypot(dx, dy)})
	}
	slices.SortStableFunc(rest, func(a, b far) int { return cmp.Compare(a.dist, b.dist) })
	p := plan{main: []int{0}}
	inset := map[int]int{} // inset of a cluster
	own := func(i int) {
		inset[i] = len(p.insets)
		p.insets = append(p.insets, []int{i})
	}
	var islets []far // small parts of rows that live elsewhere
	for _, f := range rest {
		small := true
		for _, i := range cs[f.i].parts {
			small = small && parts[i].rings != nil && parts[i].area < smallShare*total[parts[i].row]
		}
		switch {
		case small:
			islets = append(islets, f)
		case main.grown(f.frame) >= insetGrows:
			own(f.i)
		default:
			main.box = main.box.Union(f.frame)
			p.main = append(p.main, f.i)
		}
	}
	for _, f := range islets {
		home := homes[parts[cs[f.i].parts[0]].row]
		at, elsewhere := inset[home]
		frame := main
		if elsewhere {
			frame = newFrame(parts, &cs[home])
		}
		switch box := frame.around(&cs[f.i]); {
		case frame.grown(box) < smallGrows && elsewhere:
			p.insets[at] = append(p.insets[at], f.i)
		case frame.grown(box) < smallGrows:
			main.box = main.box.Union(box)
			p.main = append(p.main, f.i)
		case keep[f.i]:
			own(f.i)
		default:
			p.out = append(p.out, f.i)
		}
	}
	slices.SortFunc(p.insets, func(a, b []int) int { return a[0] - b[0] })
	if len(p.insets) > mostInsets { // scattered over the world
		for _, i := range p.insets {
			p.main = append(p.main, i...)
		}
		p.insets = nil
	}
	return p
}

// framed is the frame of a cluster in a projection of its own.
type framed struct {
	proj projection
	box  orb.Bound
}

func newFrame(parts []part, c *cluster) framed {
	f := framed{proj: centredOn(middle(pick(parts, c.parts)))}
	f.box = f.around(c)
	return f
}

func (f framed) around(c *cluster) orb.Bound {
	p := f.proj.forward(c.cells[0])
	b := orb.Bound{Min: p, Max: p}
	for _, c := range c.cells {
		b = b.Extend(f.proj.forward(c))
	}
	return b
}

// grown is how much larger the frame gets with another.
func (f framed) grown(by orb.Bound) float64 {
	size := func(b orb.Bound) float64 { // a little more, so that a point has an area
		return (b.Max[0] - b.Min[0] + 1000) * (b.Max[1] - b.Min[1] + 1000)
	}
	return size(f.box.Union(by)) / size(f.box)
}

func pick(parts []part, which []int) []part {
	p := make([]part, len(which))
	for i, k := range which {
		p[i] = parts[k]
	}
	return p
}
