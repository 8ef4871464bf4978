package draw

import (
	"math"

	"github.com/paulmach/orb"
)

// The WGS84 ellipsoid.
const (
	semiMajor = 6378137.0 // metres
	flatness  = 1 / 298.257223563
	squared   = flatness * (2 - flatness) // of the eccentricity
	degree    = math.Pi / 180
)

// projection is the Lambert azimuthal equal-area projection of the ellipsoid,
// oblique aspect (Snyder 1987, Map Projections: A Working Manual, equations
// 24-17 to 24-26). Areas are exact everywhere; shapes are true at the center.
// It has no seam: longitudes count modulo 360, and only the point opposite the
// center is nowhere.
type projection struct {
	lon, sin, cos float64 // of the center; sin and cos of its authalic latitude
	radius, d     float64 // of the authalic sphere; Snyder's D
}

var (
	eccentricity = math.Sqrt(squared)
	polarQ       = authalicQ(math.Pi / 2)
)

// authalicQ is Snyder's q (3-12): twice the area from the equator, per radian
// and squared semi-major axis.
func authalicQ(lat float64) float64 {
	s := math.Sin(lat)
	return (1 - squared) * (s/(1-squared*s*s) - math.Log((1-eccentricity*s)/(1+eccentricity*s))/(2*eccentricity))
}

func clamp(v, low, high float64) float64 { return math.Min(math.Max(v, low), high) }

// centredOn is the projection around a point. A center within half a degree of
// a pole is moved off it, where D has no value.
func centredOn(p orb.Point) projection {
	lat := clamp(p[1], -89.5, 89.5) * degree
	beta := math.Asin(clamp(authalicQ(lat)/polarQ, -1, 1))
	radius := semiMajor * math.Sqrt(polarQ/2)
	s := math.Sin(lat)
	m := math.Cos(lat) / math.Sqrt(1-squared*s*s)
	return projection{lon: p[0], sin: math.Sin(beta), cos: math.Cos(beta), radius: radius, d: semiMajor * m / (radius * math.Cos(beta))}
}

// forward gives metres east and north of the center.
func (q projection) forward(p orb.Point) orb.Point {
	beta := math.Asin(clamp(authalicQ(clamp(p[1], -90, 90)*degree)/polarQ, -1, 1))
	sb, cb := math.Sin(beta), math.Cos(beta)
	sl, cl := math.Sincos(between(q.lon, p[0]) * degree)
	// At the opposite point the root has no end: stay a metre or so from it.
	b := q.radius * math.Sqrt(2/math.Max(1+q.sin*sb+q.cos*cb*cl, 1e-13))
	return orb.Point{b * q.d * cb * sl, b / q.d * (q.cos*sb - q.sin*cb*cl)}
}

// inverse is the point that forward puts at v. What lies outside the disc of
// the world is drawn to its rim.
func (q projection) inverse(v orb.Point) orb.Point {
	rho := math.Hypot(v[0]/q.d, q.d*v[1])
	if rho < 1e-9 {
		return orb.Point{q.lon, geodetic(math.Asin(q.sin)) / degree}
	}
	sc, cc := math.Sincos(2 * math.Asin(math.Min(1, rho/(2*q.radius))))
	beta := math.Asin(clamp(cc*q.sin+q.d*v[1]*sc*q.cos/rho, -1, 1))
	lon := q.lon + math.Atan2(v[0]*sc, q.d*rho*q.cos*cc-q.d*q.d*v[1]*q.sin*sc)/degree
	return orb.Point{between(0, lon), geodetic(beta) / degree}
}

// geodetic is the latitude of an authalic latitude, radians (Snyder 3-18).
func geodetic(beta float64) float64 {
	const e2, e4, e6 = squared, squared * squared, squared * squared * squared
	return beta + (e2/3+31*e4/180+517*e6/5040)*math.Sin(2*beta) +
		(23*e4/360+251*e6/3780)*math.Sin(4*beta) + 761*e6/45360*math.Sin(6*beta)
}

// between is the way from one longitude to another, the short way round:
// degrees in [-180, 180].
func between(from, to float64) float64 {
	return math.Remainder(to-from, 360)
}

// step is how far apart points of an edge may be before they are projected,
// degrees: an edge is straight in longitude and latitude, not on the map.
const step = 1.0

// along yields the points of an edge after a, up to and with b, no more than a
// step apart. An edge that spans more than half the world goes the short way:
// it belongs to a ring that was not cut at the antimeridian.
func along(a, b orb.Point, yield func(orb.Point)) {
	dx, dy := between(a[0], b[0]), b[1]-a[1]
	n := int(math.Ceil(math.Max(math.Abs(dx), math.Abs(dy)) / step))
	for i := 1; i < n; i++ {
		u := float64(i) / float64(n)
		yield(orb.Point{a[0] + u*dx, a[1] + u*dy})
	}
	yield(b)
}
