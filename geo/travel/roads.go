package travel

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// RoadChange closes roads, or changes the speed on them. It holds for the roads
// that are all of what is given: of these ways, of these classes, in this area; with
// nothing given, for all roads.
type RoadChange struct {
	Close  bool
	Factor float64 // of the speed, where above 0
	Kmh    float64 // the speed, where above 0

	Ways    []int64  // by their numbers in OpenStreetMap
	Classes []string // such as motorway
	Within  []orb.Polygon
	Area    string // what Within is called
}

// The speeds that a change may name, and the factors.
const (
	LeastFactor, MostFactor = 0.01, 5.0
	LeastKmh, MostKmh       = 1.0, 300.0
)

// Changeable is an engine whose roads can be closed, or driven at other speeds.
type Changeable interface {
	Engine
	// Changed is the engine on the roads with the changes, made one after the other,
	// and what each of them met. Its About says what was changed.
	Changed(ctx context.Context, changes []RoadChange) (Engine, []Met, error)
	// ChangedBytes is about what it takes in memory to have them changed.
	ChangedBytes() int64
}

// Met is what a change met: stretches of road between junctions, and how long they are.
type Met struct {
	Stretches int
	Metres    float64
}

// String is the change in words.
func (c RoadChange) String() string {
	var of []string
	if len(c.Ways) > 0 {
		const most = 12
		var ids []string
		for _, w := range c.Ways[:min(len(c.Ways), most)] {
			ids = append(ids, fmt.Sprint(w))
		}
		if more := len(c.Ways) - most; more > 0 {
			ids = append(ids, fmt.Sprintf("%d more", more))
		}
		of = append(of, "ways "+strings.Join(ids, ", "))
		if len(c.Ways) == 1 {
			of[0] = "way " + ids[0]
		}
	}
	if len(c.Classes) > 0 {
		of = append(of, "roads of class "+strings.Join(slices.Compact(slices.Sorted(slices.Values(c.Classes))), ", "))
	}
	if c.Within != nil {
		of = append(of, "roads in "+c.Area)
	}
	if len(of) == 0 {
		of = append(of, "all roads")
	}
	on := strings.Join(of, " and ")
	if len(of) > 1 {
		on = "what is both: " + on
	}
	switch {
	case c.Close:
		return "closed: " + on
	case c.Kmh > 0:
		return fmt.Sprintf("%g km/h: %s", c.Kmh, on)
	}
	return fmt.Sprintf("speed times %g: %s", c.Factor, on)
}

// String is what was met, in words.
func (m Met) String() string {
	if m.Stretches == 1 {
		return fmt.Sprintf("1 stretch, %.1f km", m.Metres/1000)
	}
	return fmt.Sprintf("%d stretches, %.1f km", m.Stretches, m.Metres/1000)
}
