package draw

import (
	"math"
	"strings"

	"careshed/api/words"

	"github.com/paulmach/orb"
)

// panel is the main map or an inset: parts in a projection of their own.
type panel struct {
	proj   projection
	frame  orb.Bound // of the parts, metres
	scale  float64   // pixels a metre
	dx, dy float64
	label  string
	box    rect // what may be drawn on
}

// rect is a rectangle of the page.
type rect struct{ x, y, w, h float64 }

func (r rect) contains(p orb.Point) bool {
	return p[0] >= r.x && p[0] <= r.x+r.w && p[1] >= r.y && p[1] <= r.y+r.h
}

// newPanel centers a projection on the frame of the parts.
func newPanel(parts []part) *panel {
	at := middle(parts)
	for range 3 {
		p := &panel{proj: centredOn(at)}
		p.measure(parts)
		at = p.proj.inverse(p.frame.Center())
	}
	p := &panel{proj: centredOn(at)}
	p.measure(parts)
	return p
}

func (p *panel) measure(parts []part) {
	first := true
	for i := range parts {
		parts[i].vertices(func(v orb.Point) {
			m := p.proj.forward(v)
			if first {
				p.frame, first = orb.Bound{Min: m, Max: m}, false
			}
			p.frame = p.frame.Extend(m)
		})
	}
}

func (p *panel) wide() float64 { return math.Max(1000, p.frame.Max[0]-p.frame.Min[0]) }
func (p *panel) high() float64 { return math.Max(1000, p.frame.Max[1]-p.frame.Min[1]) }

// fit puts the panel into a box, as large as it goes but no larger than most
// pixels a metre, in the middle of what is left.
func (p *panel) fit(box rect, margin, most float64) {
	p.box = box
	p.scale = math.Min(most, math.Min((box.w-2*margin)/p.wide(), (box.h-2*margin)/p.high()))
	c := p.frame.Center()
	p.dx = box.x + box.w/2 - c[0]*p.scale
	p.dy = box.y + box.h/2 + c[1]*p.scale
}

// page is where a place is drawn.
func (p *panel) page(at orb.Point) orb.Point {
	v := p.proj.forward(at)
	return orb.Point{p.dx + v[0]*p.scale, p.dy - v[1]*p.scale}
}

// atlas is the main map, its insets, and what is on neither.
type atlas struct {
	panels   []*panel // the main map first
	of       []int    // panel of each cluster; -1 for what is left out
	clusters []cluster
	left     []int // rows with a part that is left out
}

// newAtlas arranges the parts: those of the layer and, beneath points, the
// regions. name says what a row of the layer is called; rows of clusters with
// one of the sites are never left out.
func newAtlas(parts []part, sites []orb.Point, say *words.Language, name func(row int) string) *atlas {
	a := &atlas{clusters: clusters(parts)}
	keep := make([]bool, len(a.clusters))
	for _, s := range sites {
		if c := a.nearest(s); c >= 0 {
			keep[c] = true
		}
	}
	plan := arrange(parts, a.clusters, keep)
	a.of = make([]int, len(a.clusters))
	gather := func(n int, cs []int) []part {
		var which []int
		for _, c := range cs {
			a.of[c] = n
			which = append(which, a.clusters[c].parts...)
		}
		return pick(parts, which)
	}
	a.panels = append(a.panels, newPanel(gather(0, plan.main)))
	for _, cs := range plan.insets {
		own := gather(len(a.panels), cs)
		p := newPanel(own)
		p.label = labelOf(own, say, name)
		a.panels = append(a.panels, p)
	}
	seen := map[int]bool{}
	for _, c := range plan.out {
		a.of[c] = -1
		for _, i := range a.clusters[c].parts {
			if row := parts[i].row; !seen[row] {
				seen[row] = true
				a.left = append(a.left, row)
			}
		}
	}
	return a
}

// labelOf names the rows of an inset, the largest first.
func labelOf(parts []part, say *words.Language, name func(row int) string) string {
	area := map[int]float64{}
	var rows []int
	for _, p := range parts {
		if _, ok := area[p.row]; !ok {
			rows = append(rows, p.row)
		}
		area[p.row] += p.area
	}
	var names []string
	for len(rows) > 0 {
		best := 0
		for i, r := range rows {
			if area[r] > area[rows[best]] {
				best = i
			}
		}
		if n := name(rows[best]); n != "" {
			names = append(names, n)
		}
		rows = append(rows[:best], rows[best+1:]...)
	}
	if len(names) > 3 {
		return say.Say("map.more", "name", names[0], "n", len(names)-1)
	}
	return strings.Join(names, ", ")
}

// nearest is the cluster nearest to a place, -1 if none is within 500 km.
func (a *atlas) nearest(at orb.Point) int {
	if !located(at) {
		return -1
	}
	unit := func(p orb.Point) (x, y, z float64) {
		sl, cl := math.Sincos(p[0] * degree)
		sp, cp := math.Sincos(p[1] * degree)
		return cp * cl, cp * sl, sp
	}
	x, y, z := unit(at)
	best, most := -1, math.Cos(500.0/6371)
	for c := range a.clusters {
		for _, p := range a.clusters[c].cells {
			px, py, pz := unit(p)
			if dot := x*px + y*py + z*pz; dot > most {
				best, most = c, dot
			}
		}
	}
	return best
}

// place is where a site is drawn: on the panel of the nearest cluster. ok is
// false for a site that lies on none.
func (a *atlas) place(at orb.Point) (orb.Point, bool) {
	c := a.nearest(at)
	if c < 0 || a.of[c] < 0 {
		return orb.Point{}, false
	}
	p := a.panels[a.of[c]]
	v := p.page(at)
	return v, p.box.contains(v)
}
