package travel

import (
	"fmt"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// corners is how many corners such an area has.
const corners = 96

// Around is the area within a time of a point by the estimate, as a ring: all
// that lies within the straight line of the time, water aside. Whatever lies
// across water is inside and takes longer, or cannot be reached; longitudes go on
// counting beyond 180 degrees. A pole inside the area is an error.
func (c *Crow) Around(at orb.Point, limit Seconds) (orb.Ring, error) {
	radius := c.Straight(limit)
	if math.IsInf(float64(radius), 0) || radius <= 0 {
		return nil, fmt.Errorf("the limit %v s has no straight line", float64(limit))
	}
	if math.Abs(at[1])+radius.Kilometres()/110 > 89 {
		return nil, fmt.Errorf("the area around [%g, %g] would hold a pole", at[0], at[1])
	}
	return circle(at, radius), nil
}

// circle is the ring of points at a distance from a point: found on a sphere, and
// then moved until the distance on the ellipsoid is right.
func circle(center orb.Point, radius geo.Metres) orb.Ring {
	const degree = math.Pi / 180
	ring := make(orb.Ring, 0, corners+1)
	sin, cos := math.Sincos(center[1] * degree)
	for i := range corners {
		sa, ca := math.Sincos(-2 * math.Pi * float64(i) / corners) // the ring of a polygon goes against the clock
		arc := float64(radius) / 6371008.8
		var p orb.Point
		for range 6 {
			sr, cr := math.Sincos(arc)
			lat := math.Asin(sin*cr + cos*sr*ca)
			p = orb.Point{center[0] + math.Atan2(sa*sr*cos, cr-sin*math.Sin(lat))/degree, lat / degree}
			arc *= float64(radius) / float64(geo.Distance(center, p))
		}
		ring = append(ring, p)
	}
	return append(ring, ring[0])
}
