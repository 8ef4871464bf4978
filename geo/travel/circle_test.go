package travel

import (
	"math"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
	flat "github.com/paulmach/orb/planar"
)

// Every corner of an area is as far in time as its limit, areas grow with their
// limits and hold their center, and rings go against the clock.
func TestAroundByTheEstimate(t *testing.T) {
	c := &Crow{}
	limits := []Seconds{FromMinutes(5), FromMinutes(60), FromMinutes(240)}
	for _, at := range []orb.Point{{-104.8, 41.1}, {12.5, 41.9}, {179.9, -17}, {25, 69}} {
		before := 0.0
		for k, limit := range limits {
			ring, err := c.Around(at, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range ring {
				if got := c.Drive(c.Way(geo.Distance(at, p))); math.Abs(float64(got-limits[k])) > 0.5 {
					t.Errorf("%v: a corner of %v s is %v s away", at, limits[k], got)
				}
			}
			if ring.Orientation() != orb.CCW || !flat.RingContains(ring, at) {
				t.Errorf("%v: the ring turns %v", at, ring.Orientation())
			}
			if area := flat.Area(ring); area <= before {
				t.Errorf("%v: the area does not grow", at)
			} else {
				before = area
			}
		}
	}
	if _, err := c.Around(orb.Point{0, 88}, FromMinutes(240)); err == nil {
		t.Error("a pole is inside")
	}
}
