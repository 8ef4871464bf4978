package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// shortChord is the chord, in metres, up to which shortArc is used.
const shortChord = 300e3

// The least and greatest radius of curvature of the ellipsoid.
const (
	radiusMin = equatorial * (1 - ecc2)
	radiusMax = equatorial * equatorial / polar
)

// spot is a point of the ellipsoid's surface in geocentric metres.
type spot struct{ x, y, z float64 }

func place(p orb.Point) spot {
	sphi, cphi := sincosd(p[1])
	slam, clam := sincosd(p[0])
	n := equatorial / math.Sqrt(1-ecc2*sphi*sphi)
	return spot{n * cphi * clam, n * cphi * slam, n * (1 - ecc2) * sphi}
}

// chord2 is the squared straight-line distance through the earth. It orders
// neighbours nearly as the geodesic does, for three multiplications.
func (a spot) chord2(b spot) float64 {
	dx, dy, dz := a.x-b.x, a.y-b.y, a.z-b.z
	return dx*dx + dy*dy + dz*dz
}

// shortArc is the geodesic distance for a chord of at most shortChord.
//
// The geodesic is taken as the arc of a circle whose curvature κ is the normal
// curvature of the ellipsoid half way, in the direction of the chord:
// s = (2/κ)·asin(κc/2). What is left out are the derivatives of κ along the
// line and the torsion, of relative size e²(s/R)⁴/500 and e⁴(s/R)⁴/500: less
// than 0.1 mm at 300 km. The tests hold it to that against karney.
func shortArc(a, b spot, chord float64) Metres {
	if chord == 0 {
		return 0
	}
	const ia, ib = 1 / (equatorial * equatorial), 1 / (polar * polar)
	mx, my, mz := a.x+b.x, a.y+b.y, a.z+b.z
	dx, dy, dz := b.x-a.x, b.y-a.y, b.z-a.z
	// For F = (x²+y²)/a² + z²/b² = 1, κ = (d·Hd)/(|∇F|·|d|²); the middle of the
	// chord is scaled onto the surface.
	h := (dx*dx+dy*dy)*ia + dz*dz*ib
	f := (mx*mx+my*my)*ia + mz*mz*ib
	g := (mx*mx+my*my)*ia*ia + mz*mz*ib*ib
	k := h / (chord * chord) * math.Sqrt(f/g)
	x := k * chord / 2
	x *= x
	return Metres(chord * (1 + x*(1.0/6+x*(3.0/40+x*(15.0/336+x*105.0/3456)))))
}

// leastArc is a lower bound of the geodesic distance over a chord: the arc of
// a circle of the greatest radius of curvature, less one part in a million for
// the torsion of the path. It rises with the chord.
func leastArc(chord float64) float64 {
	return 2 * radiusMax * math.Asin(chord/(2*radiusMax)) * (1 - 1e-6)
}

// rival is the longest chord whose geodesic may still be no longer than that
// of a chord c: on either side the arc is one of a circle between the least
// and the greatest radius of curvature (c²/24R² beyond the chord), so the
// lengths of two equal chords differ by 8.5e-4·(c/R)² at most. It holds for
// c up to rivalLimit.
func rival(c float64) float64 {
	r := c / radiusMin
	return c * (1 + 2e-6 + 1.2e-3*r*r)
}

const rivalLimit = 2e6

// boxChord is a lower bound of the chord from a to any point of the lon/lat
// box. Two bounds hold and the greater is taken: the arc between two parallels
// is at least radiusMin times their difference, and no point at longitude
// difference d < 90° from a is nearer than the meridian plane, ρ·sin d. The
// box may lie on the other side of ±180°; near a pole ρ and the bound vanish.
func boxChord(at orb.Point, rho float64, min, max [2]float64) float64 {
	var bound float64
	dlat := 0.0
	if at[1] < min[1] {
		dlat = min[1] - at[1]
	} else if at[1] > max[1] {
		dlat = at[1] - max[1]
	}
	if dlat > 0 {
		bound = 2 * radiusMin * math.Sin(dlat*degree/2)
	}
	if at[0] < min[0] || at[0] > max[0] {
		d := math.Min(lonGap(at[0], min[0]), lonGap(at[0], max[0]))
		b := rho
		if d < 90 {
			b = rho * math.Sin(d*degree)
		}
		if b > bound {
			bound = b
		}
	}
	// Rounding of a thousandth of a millimetre on the safe side.
	return math.Max(0, bound-1e-6)
}

// lonGap is the absolute difference of two longitudes, at most 180.
func lonGap(a, b float64) float64 {
	d := math.Abs(a - b)
	if d > 180 {
		d = math.Abs(math.Remainder(d, 360))
	}
	return d
}
