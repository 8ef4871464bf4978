package data

import "math"

// ellipsoid is one of revolution: half the diameter of its equator in metres,
// and its flattening, 0 for a sphere.
type ellipsoid struct{ a, f float64 }

// e2 is the square of the first eccentricity.
func (b ellipsoid) e2() float64 { return b.f * (2 - b.f) }

// projection takes metres east and north of a plane to longitude and latitude on
// its ellipsoid, in radians; false where the plane has no such point. The
// formulas are those of IOGP's Guidance Note 7-2 unless another source is named;
// they agree with PROJ to a hundredth of a millimetre.
type projection interface {
	inverse(east, north float64) (lon, lat float64, ok bool)
}

// parameters are those of a projection, in degrees and metres, with the scale.
type parameters struct{ lat0, lon0, k0, sp1, sp2, fe, fn float64 }

// The names of the methods that are converted.
const (
	transverseMercator = "tm"
	lambert1           = "lcc1" // conformal conic with one standard parallel
	lambert2           = "lcc2"
	lambertBelgium     = "belgium"
	mercatorA          = "merc"
	mercatorB          = "merc2"
	webMercator        = "web"
	lambertEqualArea   = "laea"
	albers             = "albers"
)

// project makes the projection of a method on an ellipsoid, nil where the
// method is not known or the parameters are none of it.
func project(method string, b ellipsoid, p parameters) projection {
	const r = math.Pi / 180
	p.lat0, p.lon0, p.sp1, p.sp2 = p.lat0*r, p.lon0*r, p.sp1*r, p.sp2*r
	if !(math.Abs(p.lat0) <= math.Pi/2 && math.Abs(p.sp1) <= math.Pi/2 && math.Abs(p.sp2) <= math.Pi/2 && p.k0 > 0) {
		return nil
	}
	var made projection
	switch method {
	case transverseMercator:
		made = newTransverse(b, p)
	case lambert1:
		p.sp1, p.sp2 = p.lat0, p.lat0
		made = newConformalConic(b, p, 0)
	case lambert2:
		made = newConformalConic(b, p, 0)
	case lambertBelgium: // "the Belgium modification": every meridian is turned by 29.2985 seconds
		made = newConformalConic(b, p, 29.2985/3600*r)
	case mercatorA:
		if p.lat0 != 0 {
			return nil
		}
		made = &mercator{b, p, b.a * p.k0}
	case mercatorB:
		made = &mercator{b, p, b.a * p.k0 * b.parallel(p.sp1)}
	case webMercator: // the sphere of the equator's radius, whatever the ellipsoid
		if p.lat0 != 0 || p.sp1 != 0 || p.k0 != 1 {
			return nil
		}
		made = &mercator{ellipsoid{a: b.a}, p, b.a}
	case lambertEqualArea:
		made = newEqualArea(b, p)
	case albers:
		made = newAlbers(b, p)
	}
	return made
}

// parallel is the radius of the parallel of a latitude, as a share of a.
func (b ellipsoid) parallel(lat float64) float64 {
	s := math.Sin(lat)
	return math.Cos(lat) / math.Sqrt(1-b.e2()*s*s)
}

// isometric is the isometric latitude.
func (b ellipsoid) isometric(lat float64) float64 {
	e := math.Sqrt(b.e2())
	s := math.Sin(lat)
	return math.Atanh(s) - e*math.Atanh(e*s)
}

// ofConformal is the latitude whose conformal latitude has the tangent t, by
// Newton's method (Karney 2011, equations 19 to 21).
func (b ellipsoid) ofConformal(t float64) float64 {
	e2 := b.e2()
	e := math.Sqrt(e2)
	if math.IsInf(t, 0) || math.Abs(t) > 1e100 {
		return math.Copysign(math.Pi/2, t)
	}
	tau := t / (1 - e2)
	if math.Abs(t) > 70 {
		tau = t * math.Exp(e*math.Atanh(e))
	}
	for range 6 {
		s := math.Hypot(1, tau)
		sigma := math.Sinh(e * math.Atanh(e*tau/s))
		have := tau*math.Hypot(1, sigma) - sigma*s
		step := (t - have) / math.Hypot(1, have) * (1 + (1-e2)*tau*tau) / ((1 - e2) * s)
		tau += step
		if math.Abs(step) <= 1e-15*math.Max(1, math.Abs(tau)) {
			break
		}
	}
	return math.Atan(tau)
}

// authalic is the function q of equal areas.
func (b ellipsoid) authalic(lat float64) float64 {
	e2 := b.e2()
	s := math.Sin(lat)
	if e2 == 0 {
		return 2 * s
	}
	e := math.Sqrt(e2)
	return (1 - e2) * (s/(1-e2*s*s) + math.Atanh(e*s)/e)
}

// ofAuthalic is the latitude of q, NaN beyond the poles.
func (b ellipsoid) ofAuthalic(q float64) float64 {
	pole := b.authalic(math.Pi / 2)
	share := q / pole
	if math.Abs(share) >= 1 {
		if math.Abs(share) > 1+1e-12 {
			return math.NaN()
		}
		return math.Copysign(math.Pi/2, q)
	}
	lat := math.Asin(share)
	e2 := b.e2()
	for range 20 {
		s, c := math.Sincos(lat)
		if c < 1e-9 {
			break
		}
		w := 1 - e2*s*s
		step := w * w / (2 * c * (1 - e2)) * (q - b.authalic(lat))
		lat += step
		if math.Abs(step) < 1e-15 {
			break
		}
	}
	return lat
}

// mercator is the projection of Mercator, of which scale is the radius.
type mercator struct {
	b     ellipsoid
	p     parameters
	scale float64
}

func (m *mercator) inverse(east, north float64) (lon, lat float64, ok bool) {
	lon = (east - m.p.fe) / m.scale
	lat = m.b.ofConformal(math.Sinh((north - m.p.fn) / m.scale))
	return m.p.lon0 + lon, lat, math.Abs(lon) < 2*math.Pi
}

// transverse is the transverse Mercator projection by Krüger's series to the
// sixth order of the third flattening (Karney, Transverse Mercator with an
// accuracy of a few nanometers, 2011): 5 nanometres within 35° of the central
// meridian.
type transverse struct {
	b       ellipsoid
	p       parameters
	scale   float64 // metres a radian of the meridian
	zero    float64 // of the origin's latitude
	inverts [6]float64
}

func newTransverse(b ellipsoid, p parameters) projection {
	n := b.f / (2 - b.f)
	n2 := n * n
	n3, n4 := n2*n, n2*n2
	n5, n6 := n4*n, n4*n2
	alpha := [6]float64{
		n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180 - 127*n5/288 + 7891*n6/37800,
		13*n2/48 - 3*n3/5 + 557*n4/1440 + 281*n5/630 - 1983433*n6/1935360,
		61*n3/240 - 103*n4/140 + 15061*n5/26880 + 167603*n6/181440,
		49561*n4/161280 - 179*n5/168 + 6601661*n6/7257600,
		34729*n5/80640 - 3418889*n6/1995840,
		212378941 * n6 / 319334400,
	}
	beta := [6]float64{
		n/2 - 2*n2/3 + 37*n3/96 - n4/360 - 81*n5/512 + 96199*n6/604800,
		n2/48 + n3/15 - 437*n4/1440 + 46*n5/105 - 1118711*n6/3870720,
		17*n3/480 - 37*n4/840 - 209*n5/4480 + 5569*n6/90720,
		4397*n4/161280 - 11*n5/504 - 830251*n6/7257600,
		4583*n5/161280 - 108847*n6/3991680,
		20648693 * n6 / 638668800,
	}
	t := &transverse{b: b, p: p, scale: p.k0 * b.a / (1 + n) * (1 + n2/4 + n4/64 + n6/256), inverts: beta}
	chi := math.Atan(math.Sinh(b.isometric(p.lat0)))
	if math.Abs(p.lat0) >= math.Pi/2 {
		chi = p.lat0
	}
	t.zero = chi
	for j, v := range alpha {
		t.zero += v * math.Sin(2*float64(j+1)*chi)
	}
	return t
}

func (t *transverse) inverse(east, north float64) (lon, lat float64, ok bool) {
	xi, eta := (north-t.p.fn)/t.scale+t.zero, (east-t.p.fe)/t.scale
	if !(math.Abs(xi) < 1.75 && math.Abs(eta) < 1.6) { // 80 degrees from the central meridian, ten beyond a pole
		return 0, 0, false
	}
	x, y := xi, eta
	for j, v := range t.inverts {
		k := 2 * float64(j+1)
		s, c := math.Sincos(k * xi)
		x -= v * s * math.Cosh(k*eta)
		y -= v * c * math.Sinh(k*eta)
	}
	s, c := math.Sincos(x)
	h := math.Sinh(y)
	return t.p.lon0 + math.Atan2(h, c), t.b.ofConformal(s / math.Hypot(h, c)), true
}

// conformalConic is Lambert's conformal conic projection, with a turn of all
// meridians.
type conformalConic struct {
	b                    ellipsoid
	p                    parameters
	n, scale, zero, turn float64
}

func newConformalConic(b ellipsoid, p parameters, turn float64) projection {
	c := &conformalConic{b: b, p: p, turn: turn}
	m1, t1 := b.parallel(p.sp1), b.isometric(p.sp1)
	c.n = math.Sin(p.sp1)
	if math.Abs(p.sp1-p.sp2) > 1e-10 {
		c.n = math.Log(m1/b.parallel(p.sp2)) / (b.isometric(p.sp2) - t1)
	}
	if !(math.Abs(c.n) > 1e-10) || math.Abs(p.sp1) > 1.57 || math.Abs(p.sp2) > 1.57 {
		return nil // a cylinder or a plane, no cone
	}
	c.scale = b.a * p.k0 * m1 / c.n * math.Exp(c.n*t1)
	if math.Abs(p.lat0) < math.Pi/2-1e-12 {
		c.zero = c.scale * math.Exp(-c.n*b.isometric(p.lat0))
	}
	return c
}

func (c *conformalConic) inverse(east, north float64) (lon, lat float64, ok bool) {
	x, y := east-c.p.fe, c.zero-(north-c.p.fn)
	sign := math.Copysign(1, c.n)
	rho := math.Hypot(x, y)
	angle := math.Atan2(sign*x, sign*y) + c.turn
	if rho == 0 {
		return c.p.lon0 + angle/c.n, sign * math.Pi / 2, true
	}
	lat = c.b.ofConformal(math.Sinh(-math.Log(rho/math.Abs(c.scale)) / c.n))
	return c.p.lon0 + angle/c.n, lat, math.Abs(angle/c.n) <= math.Pi+1e-9
}

// equalArea is Lambert's azimuthal equal-area projection.
type equalArea struct {
	b                     ellipsoid
	p                     parameters
	pole                  float64 // q there
	radius, d, sin0, cos0 float64
}

func newEqualArea(b ellipsoid, p parameters) projection {
	l := &equalArea{b: b, p: p, pole: b.authalic(math.Pi / 2), d: 1}
	l.radius = b.a * math.Sqrt(l.pole/2)
	beta := math.Asin(math.Max(-1, math.Min(1, b.authalic(p.lat0)/l.pole)))
	l.sin0, l.cos0 = math.Sincos(beta)
	if l.polar() {
		return l
	}
	l.d = b.a * b.parallel(p.lat0) / (l.radius * l.cos0)
	return l
}

func (l *equalArea) polar() bool { return math.Abs(l.p.lat0) > math.Pi/2-1e-10 }

func (l *equalArea) inverse(east, north float64) (lon, lat float64, ok bool) {
	x, y := east-l.p.fe, north-l.p.fn
	rho := math.Hypot(x/l.d, y*l.d)
	if rho > 2*l.radius {
		return 0, 0, false
	}
	if rho == 0 {
		return l.p.lon0, l.p.lat0, true
	}
	if l.polar() {
		sign := math.Copysign(1, l.p.lat0)
		lat = l.b.ofAuthalic(sign * (l.pole - rho*rho/(l.b.a*l.b.a)))
		return l.p.lon0 + math.Atan2(x, -sign*y), lat, lat == lat
	}
	s, c := math.Sincos(2 * math.Asin(rho/(2*l.radius)))
	lat = l.b.ofAuthalic(l.pole * (c*l.sin0 + l.d*y*s*l.cos0/rho))
	lon = math.Atan2(x*s, l.d*rho*l.cos0*c-l.d*l.d*y*l.sin0*s)
	return l.p.lon0 + lon, lat, lat == lat
}

// albersConic is the equal-area conic projection of Albers.
type albersConic struct {
	b          ellipsoid
	p          parameters
	n, c, zero float64
}

func newAlbers(b ellipsoid, p parameters) projection {
	m1, m2 := b.parallel(p.sp1), b.parallel(p.sp2)
	q1, q2 := b.authalic(p.sp1), b.authalic(p.sp2)
	k := &albersConic{b: b, p: p, n: math.Sin(p.sp1)}
	if math.Abs(p.sp1-p.sp2) > 1e-10 {
		k.n = (m1*m1 - m2*m2) / (q2 - q1)
	}
	if !(math.Abs(k.n) > 1e-10) {
		return nil
	}
	k.c = m1*m1 + k.n*q1
	k.zero = b.a * math.Sqrt(k.c-k.n*b.authalic(p.lat0)) / k.n
	if k.zero != k.zero {
		return nil
	}
	return k
}

func (k *albersConic) inverse(east, north float64) (lon, lat float64, ok bool) {
	x, y := east-k.p.fe, k.zero-(north-k.p.fn)
	sign := math.Copysign(1, k.n)
	rho := math.Hypot(x, y) * k.n / k.b.a
	lat = k.b.ofAuthalic((k.c - rho*rho) / k.n)
	angle := math.Atan2(sign*x, sign*y) / k.n
	return k.p.lon0 + angle, lat, lat == lat && math.Abs(angle) <= math.Pi+1e-9
}

// geocentric are the coordinates of a place on an ellipsoid, metres.
func (b ellipsoid) geocentric(lon, lat float64) (x, y, z float64) {
	s, c := math.Sincos(lat)
	n := b.a / math.Sqrt(1-b.e2()*s*s)
	sl, cl := math.Sincos(lon)
	return n * c * cl, n * c * sl, n * (1 - b.e2()) * s
}

// geodetic are the longitude and latitude of geocentric coordinates near the
// surface, by Bowring's formula (1976), repeated once.
func (b ellipsoid) geodetic(x, y, z float64) (lon, lat float64) {
	p := math.Hypot(x, y)
	e2 := b.e2()
	u := math.Atan2(z, p*(1-b.f))
	for range 3 {
		s, c := math.Sincos(u)
		lat = math.Atan2(z+e2/(1-e2)*(1-b.f)*b.a*s*s*s, p-e2*b.a*c*c*c)
		u = math.Atan2((1-b.f)*math.Sin(lat), math.Cos(lat))
	}
	return math.Atan2(y, x), lat
}
