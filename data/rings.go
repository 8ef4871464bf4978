package data

import (
	"math"

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
