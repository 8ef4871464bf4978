package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// ringWork is how many comparisons the rings of one shape may take, a second's.
const ringWork = 1e9

// sorted makes polygons of the rings of a shapefile: a clockwise ring is an
// outer one, another is a hole of the smallest outer ring around it. A hole in
// no ring, as wrongly turned files have, is taken for an outer ring. It reports
// false if that would take too long.
func sorted(rings []orb.Ring) (orb.Geometry, bool) {
	if len(rings) == 1 {
		return orb.Polygon{rings[0]}, true
	}
	type outer struct {
		polygon orb.Polygon
		box     orb.Bound
		area    float64
	}
	var outers []outer
	var holes []orb.Ring
	for _, r := range rings {
		if r.Orientation() == orb.CW {
			outers = append(outers, outer{orb.Polygon{r}, r.Bound(), math.Abs(planar.Area(r))})
		} else {
			holes = append(holes, r)
		}
	}
	known := len(outers)
	work := 0
	for _, h := range holes {
		best := -1
		box := h.Bound()
		// Holes may touch the outer ring at a position, not along a side.
		inside := orb.Point{(h[0][0] + h[1][0]) / 2, (h[0][1] + h[1][1]) / 2}
		for i := range outers[:known] {
			o := &outers[i]
			work++
			if o.box.Contains(box.Min) && o.box.Contains(box.Max) && (best < 0 || o.area < outers[best].area) {
				if work += len(o.polygon[0]); planar.RingContains(o.polygon[0], inside) {
					best = i
				}
			}
		}
		if work > ringWork {
			return nil, false
		}
		if best >= 0 {
			outers[best].polygon = append(outers[best].polygon, h)
		} else {
			outers = append(outers, outer{polygon: orb.Polygon{h}})
		}
	}
	if len(outers) == 1 {
		return outers[0].polygon, true
	}
	m := make(orb.MultiPolygon, len(outers))
	for i, o := range outers {
		m[i] = o.polygon
	}
	return m, true
}

// astray are the rings of polygons that cannot be what they stand for: holes outside of the
// ring before them, or as large as it.
type astray struct {
	turned, outside int // features
	first           int // of the features with a ring outside, from 0
}

// ringSlip is by how many degrees a hole may leave its ring: rounding.
const ringSlip = 1e-6

// ordered puts the ring that holds all others of a polygon before them, where a program wrote
// a hole first, and counts the features of which no order makes sense.
func (t *table) ordered(g orb.Geometry) {
	var turned, outside bool
	look := func(p orb.Polygon) {
		if len(p) < 2 {
			return
		}
		first := p[0].Bound().Pad(ringSlip)
		for k := 1; k < len(p); k++ {
			b := p[k].Bound()
			holds := first.Contains(b.Min) && first.Contains(b.Max)
			if around := b.Pad(ringSlip); !holds && around.Contains(p[0].Bound().Min) && around.Contains(p[0].Bound().Max) {
				p[0], p[k], turned = p[k], p[0], true
				first = around
				continue
			}
			outside = outside || !holds || b == p[0].Bound() && slices.Equal(p[k], p[0])
		}
	}
	switch g := g.(type) {
	case orb.Polygon:
		look(g)
	case orb.MultiPolygon:
		for _, p := range g {
			look(p)
		}
	}
	if turned {
		t.astray.turned++
	}
	if outside {
		if t.astray.outside++; t.astray.outside == 1 {
			t.astray.first = t.rows
		}
	}
}

// noteRings says what [table.ordered] saw.
func (t *table) noteRings(ids []string) {
	if n := t.astray.turned; n > 0 {
		t.note(fmt.Sprintf("%s with a hole before the border around it: the border was taken for it all the same.", counted(n, "polygon")))
	}
	if n := t.astray.outside; n > 0 {
		name := fmt.Sprintf("feature %d", t.astray.first+1)
		if ids != nil {
			name += " (id " + plain(ids[t.astray.first]) + ")"
		}
		t.doubt(fmt.Sprintf("%s with a hole that lies outside of its border, or is as large, such as %s: is it an area of its own? ogr2ogr -makevalid mends it.", counted(n, "polygon"), name))
	}
}
