package geo

import (
	"fmt"

	"github.com/paulmach/orb"
)

// shoreReach is how far off a generalised coast a place may lie and still
// belong to the landmass behind it.
const shoreReach Metres = 25_000

// Land tells which points can be reached from each other without crossing
// water: polygons joined by land or by a bridge, tunnel or causeway have one
// landmass number.
type Land struct {
	layer *Layer
	mass  []float64
}

// NewLand takes polygons with the number of their landmass in a field.
func NewLand(l *Layer, field string) (*Land, error) {
	mass, err := l.Numbers(field)
	if err != nil {
		return nil, err
	}
	for i, m := range mass {
		if m != m || m < 0 {
			return nil, fmt.Errorf("layer %s: feature %s has no landmass number", l.Name, l.ID(i))
		}
	}
	return &Land{layer: l, mass: mass}, nil
}

// NoLand is the landmass of a point far out at sea.
const NoLand = -1

// Of is the number of the landmass that p is on, or is nearest to within
// 25 km; NoLand beyond that. Lakes count as land.
func (w *Land) Of(p orb.Point) int {
	row, _ := w.layer.Locate(p, shoreReach)
	if row < 0 {
		return NoLand
	}
	return int(w.mass[row])
}
