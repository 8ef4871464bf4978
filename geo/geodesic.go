package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Metres is a length on the ground.
type Metres float64

// Kilometres is m in kilometres.
func (m Metres) Kilometres() float64 { return float64(m) / 1000 }

// The WGS84 ellipsoid.
const (
	equatorial = 6378137.0
	flattening = 1 / 298.257223563
	polar      = equatorial * (1 - flattening)
	ecc2       = flattening * (2 - flattening)    // first eccentricity squared
	ep2        = ecc2 / (1 - ecc2)                // second eccentricity squared
	third      = flattening / (2 - flattening)    // third flattening n
	degree     = math.Pi / 180                    // radians
	tiny       = 1.4916681462400413e-154          // sqrt of the smallest normal float64
	tol0       = 2.220446049250313e-16            // one ulp at 1
	tol1       = 200 * tol0                       //
	tol2       = 1.4901161193847656e-08           // sqrt(tol0)
	tolBisect  = tol0 * tol2                      //
	xthresh    = 1000 * tol2                      //
	etol2      = 0.1 * tol2 / 0.04090959542131074 // 0.1·tol2 / sqrt(f·(1−f/2)/2)
)

// Distance is the length of the shortest path between two lon/lat points in
// degrees on the WGS84 ellipsoid, right to well below a millimetre for any
// pair, antipodal ones included.
//
// Up to shortChord it follows from the chord and the curvature of the
// ellipsoid in its direction (see shortArc); beyond that it is Karney's
// solution of the inverse problem (C. F. F. Karney, Algorithms for geodesics,
// J. Geodesy 87, 43-55, 2013).
func Distance(p, q orb.Point) Metres {
	a, b := place(p), place(q)
	if d2 := a.chord2(b); d2 < shortChord*shortChord {
		return shortArc(a, b, math.Sqrt(d2))
	}
	return karney(p, q)
}

// karney solves the inverse geodesic problem for the distance alone.
// The symbols are those of the paper: β reduced latitude, σ arc length on the
// auxiliary sphere, ω and λ spherical and geographical longitude, α azimuth.
func karney(p, q orb.Point) Metres {
	lon12 := math.Abs(lonDiff(p[0], q[0]))
	lat1, lat2 := p[1], q[1]
	// Put the point nearer to a pole first and south of the equator.
	if math.Abs(lat1) < math.Abs(lat2) {
		lat1, lat2 = lat2, lat1
	}
	if lat1 > 0 {
		lat1, lat2 = -lat1, -lat2
	}
	lam12 := lon12 * degree
	var slam12, clam12 float64
	if lon12 > 90 {
		slam12, clam12 = sincosd(180 - lon12)
		clam12 = -clam12
	} else {
		slam12, clam12 = sincosd(lon12)
	}
	sbet1, cbet1 := reduced(lat1)
	sbet2, cbet2 := reduced(lat2)
	// Equal latitudes to the last bit avoid a spurious difference of cosines.
	if cbet1 < -sbet1 {
		if cbet2 == cbet1 {
			sbet2 = math.Copysign(sbet1, sbet2)
		}
	} else if math.Abs(sbet2) == -sbet1 {
		cbet2 = cbet1
	}
	dn1, dn2 := math.Sqrt(1+ep2*sbet1*sbet1), math.Sqrt(1+ep2*sbet2*sbet2)

	meridian := lat1 == -90 || slam12 == 0
	if meridian {
		// The path runs along a meridian, perhaps over a pole.
		ssig1, csig1 := sbet1, clam12*cbet1
		ssig2, csig2 := sbet2, cbet2
		sig12 := math.Atan2(math.Max(0, csig1*ssig2-ssig1*csig2), csig1*csig2+ssig1*ssig2)
		s12, m12 := lengths(third, sig12, ssig1, csig1, dn1, ssig2, csig2, dn2)
		if sig12 < 1 || m12 >= 0 {
			if sig12 < 3*tiny {
				return 0
			}
			return Metres(s12 * polar)
		}
	}
	if sbet1 == 0 && lon12 <= 180*(1-flattening) {
		return Metres(equatorial * lam12) // along the equator
	}

	sig12, salp1, calp1, dnm := inverseStart(sbet1, cbet1, dn1, sbet2, cbet2, dn2, lam12, slam12, clam12)
	if sig12 >= 0 {
		return Metres(sig12 * polar * dnm) // short: the sphere of the mean latitude is exact enough
	}
	// Newton's method on λ12(α1), kept inside a bracket by bisection.
	salp1a, calp1a, salp1b, calp1b := tiny, 1.0, tiny, -1.0
	var l lambda
	tripn, tripb := false, false
	for numit := 0; ; numit++ {
		l = lambda12(sbet1, cbet1, dn1, sbet2, cbet2, dn2, salp1, calp1, slam12, clam12, numit < 20)
		limit := tol0
		if tripn {
			limit = 8 * tol0
		}
		if tripb || !(math.Abs(l.miss) >= limit) || numit == 83 {
			break
		}
		if l.miss > 0 && (numit > 20 || calp1/salp1 > calp1b/salp1b) {
			salp1b, calp1b = salp1, calp1
		} else if l.miss < 0 && (numit > 20 || calp1/salp1 < calp1a/salp1a) {
			salp1a, calp1a = salp1, calp1
		}
		if numit < 20 && l.slope > 0 {
			dalp1 := -l.miss / l.slope
			if math.Abs(dalp1) < math.Pi {
				sd, cd := math.Sincos(dalp1)
				if ns := salp1*cd + calp1*sd; ns > 0 {
					salp1, calp1 = unit(ns, calp1*cd-salp1*sd)
					tripn = math.Abs(l.miss) <= 16*tol0
					continue
				}
			}
		}
		salp1, calp1 = unit((salp1a+salp1b)/2, (calp1a+calp1b)/2)
		tripn = false
		tripb = math.Abs(salp1a-salp1)+(calp1a-calp1) < tolBisect ||
			math.Abs(salp1-salp1b)+(calp1-calp1b) < tolBisect
	}
	s12, _ := lengths(l.eps, l.sig12, l.ssig1, l.csig1, dn1, l.ssig2, l.csig2, dn2)
	return Metres(s12 * polar)
}

// lengths returns s12/b and m12/b (equations 7 and 38 to 40 of the paper).
func lengths(eps, sig12, ssig1, csig1, dn1, ssig2, csig2, dn2 float64) (s12, m12 float64) {
	a1, c1 := seriesA1(eps), seriesC1(eps)
	a2, c2 := seriesA2(eps), seriesC2(eps)
	b1 := sinSeries(ssig2, csig2, &c1) - sinSeries(ssig1, csig1, &c1)
	b2 := sinSeries(ssig2, csig2, &c2) - sinSeries(ssig1, csig1, &c2)
	s12 = (1 + a1) * (sig12 + b1)
	j12 := (a1-a2)*sig12 + ((1+a1)*b1 - (1+a2)*b2)
	m12 = dn2*(csig1*ssig2) - dn1*(ssig1*csig2) - csig1*csig2*j12
	return s12, m12
}

// inverseStart returns a starting azimuth for Newton's method, or, for short
// lines, the solution itself as sig12 >= 0 with the mean dn.
func inverseStart(sbet1, cbet1, dn1, sbet2, cbet2, dn2, lam12, slam12, clam12 float64) (sig12, salp1, calp1, dnm float64) {
	sig12 = -1
	sbet12 := sbet2*cbet1 - cbet2*sbet1
	cbet12 := cbet2*cbet1 + sbet2*sbet1
	sbet12a := sbet2*cbet1 + cbet2*sbet1
	short := cbet12 >= 0 && sbet12 < 0.5 && cbet2*lam12 < 0.5
	somg12, comg12 := slam12, clam12
	if short {
		sbetm2 := (sbet1 + sbet2) * (sbet1 + sbet2)
		sbetm2 /= sbetm2 + (cbet1+cbet2)*(cbet1+cbet2)
		dnm = math.Sqrt(1 + ep2*sbetm2)
		somg12, comg12 = math.Sincos(lam12 / ((1 - flattening) * dnm))
	}
	salp1 = cbet2 * somg12
	if comg12 >= 0 {
		calp1 = sbet12 + cbet2*sbet1*somg12*somg12/(1+comg12)
	} else {
		calp1 = sbet12a - cbet2*sbet1*somg12*somg12/(1-comg12)
	}
	ssig12 := math.Hypot(salp1, calp1)
	csig12 := sbet1*sbet2 + cbet1*cbet2*comg12
	if short && ssig12 < etol2 {
		return math.Atan2(ssig12, csig12), salp1, calp1, dnm
	}
	if csig12 < 0 && ssig12 < 6*third*math.Pi*cbet1*cbet1 {
		// Nearly antipodal: scale the neighbourhood of the antipode to the
		// astroid problem (section 5 of the paper).
		lam12x := math.Atan2(-slam12, -clam12)
		k2 := sbet1 * sbet1 * ep2
		eps := k2 / (2*(1+math.Sqrt(1+k2)) + k2)
		lamscale := flattening * cbet1 * seriesA3(eps) * math.Pi
		x := lam12x / lamscale
		y := sbet12a / (lamscale * cbet1)
		if y > -tol1 && x > -1-xthresh {
			salp1 = math.Min(1, -x)
			calp1 = -math.Sqrt(1 - salp1*salp1)
		} else {
			k := astroid(x, y)
			omg12a := lamscale * (-x * k / (1 + k))
			s, c := math.Sincos(omg12a)
			somg12, comg12 = s, -c
			salp1 = cbet2 * somg12
			calp1 = sbet12a - cbet2*sbet1*somg12*somg12/(1-comg12)
		}
	}
	if salp1 > 0 {
		salp1, calp1 = unit(salp1, calp1)
	} else {
		salp1, calp1 = 1, 0
	}
	return sig12, salp1, calp1, dnm
}

// astroid returns the positive root k of k⁴+2k³−(x²+y²−1)k²−2y²k−y² = 0.
func astroid(x, y float64) float64 {
	p, q := x*x, y*y
	r := (p + q - 1) / 6
	if q == 0 && r <= 0 {
		return 0
	}
	s := p * q / 4
	r2 := r * r
	r3 := r * r2
	disc := s * (s + 2*r3)
	u := r
	if disc >= 0 {
		t3 := s + r3
		t3 += math.Copysign(math.Sqrt(disc), t3)
		t := math.Cbrt(t3)
		u += t
		if t != 0 {
			u += r2 / t
		}
	} else {
		ang := math.Atan2(math.Sqrt(-disc), -(s + r3))
		u += 2 * r * math.Cos(ang/3)
	}
	v := math.Sqrt(u*u + q)
	uv := u + v
	if u < 0 {
		uv = q / (v - u)
	}
	w := (uv - q) / (2 * v)
	return uv / (math.Sqrt(uv+w*w) + w)
}

type lambda struct {
	miss, slope                            float64 // λ12(α1) − λ12 and its derivative
	sig12, ssig1, csig1, ssig2, csig2, eps float64
}

// lambda12 follows the geodesic that leaves point 1 at α1 to the parallel of
// point 2 and compares the longitude there with the one wanted.
func lambda12(sbet1, cbet1, dn1, sbet2, cbet2, dn2, salp1, calp1, slam120, clam120 float64, slope bool) lambda {
	if sbet1 == 0 && calp1 == 0 {
		calp1 = -tiny // the equatorial line leaves the equator a little
	}
	salp0 := salp1 * cbet1
	calp0 := math.Hypot(calp1, salp1*sbet1)
	ssig1, csig1 := sbet1, calp1*cbet1
	somg1, comg1 := salp0*sbet1, csig1
	ssig1, csig1 = unit(ssig1, csig1)

	calp2 := math.Abs(calp1)
	if cbet2 != cbet1 || math.Abs(sbet2) != -sbet1 {
		d := (sbet1 - sbet2) * (sbet1 + sbet2)
		if cbet1 < -sbet1 {
			d = (cbet2 - cbet1) * (cbet1 + cbet2)
		}
		calp2 = math.Sqrt(calp1*cbet1*calp1*cbet1+d) / cbet2
	}
	ssig2, csig2 := sbet2, calp2*cbet2
	somg2, comg2 := salp0*sbet2, csig2
	ssig2, csig2 = unit(ssig2, csig2)

	sig12 := math.Atan2(math.Max(0, csig1*ssig2-ssig1*csig2), csig1*csig2+ssig1*ssig2)
	somg12 := math.Max(0, comg1*somg2-somg1*comg2)
	comg12 := comg1*comg2 + somg1*somg2
	eta := math.Atan2(somg12*clam120-comg12*slam120, comg12*clam120+somg12*slam120)
	k2 := calp0 * calp0 * ep2
	eps := k2 / (2*(1+math.Sqrt(1+k2)) + k2)
	c3 := seriesC3(eps)
	b312 := sinSeries5(ssig2, csig2, &c3) - sinSeries5(ssig1, csig1, &c3)
	domg12 := -flattening * seriesA3(eps) * salp0 * (sig12 + b312)
	l := lambda{miss: eta + domg12, sig12: sig12, ssig1: ssig1, csig1: csig1, ssig2: ssig2, csig2: csig2, eps: eps}
	if slope {
		if calp2 == 0 {
			l.slope = -2 * (1 - flattening) * dn1 / sbet1
		} else {
			_, m12 := lengths(eps, sig12, ssig1, csig1, dn1, ssig2, csig2, dn2)
			l.slope = m12 * (1 - flattening) / (calp2 * cbet2)
		}
	}
	return l
}

// The series in the third flattening n and in ε, to order 6 (Karney 2013,
// equations 17, 18, 42, 43, 24 and 25).

func seriesA1(eps float64) float64 {
	e2 := eps * eps
	t := e2 * (e2*(e2+4) + 64) / 256
	return (t + eps) / (1 - eps)
}

func seriesC1(eps float64) (c [7]float64) {
	e2 := eps * eps
	d := eps
	c[1] = d * ((6-e2)*e2 - 16) / 32
	d *= eps
	c[2] = d * ((64-9*e2)*e2 - 128) / 2048
	d *= eps
	c[3] = d * (9*e2 - 16) / 768
	d *= eps
	c[4] = d * (3*e2 - 5) / 512
	d *= eps
	c[5] = -7 * d / 1280
	d *= eps
	c[6] = -7 * d / 2048
	return c
}

func seriesA2(eps float64) float64 {
	e2 := eps * eps
	t := e2 * (e2*(-11*e2-28) - 192) / 256
	return (t - eps) / (1 + eps)
}

func seriesC2(eps float64) (c [7]float64) {
	e2 := eps * eps
	d := eps
	c[1] = d * (e2*(e2+2) + 16) / 32
	d *= eps
	c[2] = d * (e2*(35*e2+64) + 384) / 2048
	d *= eps
	c[3] = d * (15*e2 + 80) / 768
	d *= eps
	c[4] = d * (7*e2 + 35) / 512
	d *= eps
	c[5] = 63 * d / 1280
	d *= eps
	c[6] = 77 * d / 2048
	return c
}

func seriesA3(eps float64) float64 {
	const n = third
	return 1 + eps*((n-1)/2+eps*((n*(3*n-1)-2)/8+eps*(((-n-3)*n-1)/16+eps*((-2*n-3)/64+eps*(-3.0/128)))))
}

func seriesC3(eps float64) (c [6]float64) {
	const n = third
	d := eps
	c[1] = d * ((1-n)/4 + eps*((1-n*n)/8+eps*(((3-n)*n+3)/64+eps*((2*n+5)/128+eps*(3.0/128)))))
	d *= eps
	c[2] = d * (((n-3)*n+2)/32 + eps*(((-3*n-2)*n+3)/64+eps*((n+3)/128+eps*(5.0/256))))
	d *= eps
	c[3] = d * ((n*(5*n-9)+5)/192 + eps*((9-10*n)/384+eps*(7.0/512)))
	d *= eps
	c[4] = d * ((7-14*n)/512 + eps*(7.0/512))
	d *= eps
	c[5] = d * 21 / 2560
	return c
}

// sinSeries is Σ c[i] sin 2ix by Clenshaw summation.
func sinSeries(sinx, cosx float64, c *[7]float64) float64 {
	ar := 2 * (cosx - sinx) * (cosx + sinx)
	y1, y0 := 0.0, c[6]
	for i := 5; i >= 1; i-- {
		y0, y1 = ar*y0-y1+c[i], y0
	}
	return 2 * sinx * cosx * y0
}

func sinSeries5(sinx, cosx float64, c *[6]float64) float64 {
	ar := 2 * (cosx - sinx) * (cosx + sinx)
	y1, y0 := 0.0, c[5]
	for i := 4; i >= 1; i-- {
		y0, y1 = ar*y0-y1+c[i], y0
	}
	return 2 * sinx * cosx * y0
}

func unit(s, c float64) (float64, float64) {
	r := math.Hypot(s, c)
	return s / r, c / r
}

// reduced returns sine and cosine of the reduced latitude; the cosine is never 0.
func reduced(lat float64) (sin, cos float64) {
	s, c := sincosd(lat)
	s, c = unit((1-flattening)*s, c)
	return s, math.Max(tiny, c)
}

// sincosd is exact at multiples of 90 degrees.
func sincosd(deg float64) (sin, cos float64) {
	switch deg {
	case 0:
		return 0, 1
	case 90:
		return 1, 0
	case -90:
		return -1, 0
	case 180, -180:
		return 0, -1
	}
	return math.Sincos(deg * degree)
}

// lonDiff is b − a in degrees, brought into [-180, 180].
func lonDiff(a, b float64) float64 {
	d := math.Remainder(b-a, 360)
	return d
}
