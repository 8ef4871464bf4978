package canvas

import "math"

// polyline is a piece of a path as straight lines.
type polyline struct {
	at     []Spot
	closed bool
}

// flat is the path at its place, with its curves as short lines.
func (p *Path) flat(by place) []polyline {
	var out []polyline
	p.walk(func(s step, at []Spot) {
		if s == move {
			x, y := by.of(at[0].X, at[0].Y)
			out = append(out, polyline{at: []Spot{{x, y}}})
			return
		}
		l := &out[len(out)-1]
		switch s {
		case line:
			x, y := by.of(at[0].X, at[0].Y)
			l.at = append(l.at, Spot{x, y})
		case curve:
			var q [4]Spot
			q[0] = l.at[len(l.at)-1]
			for i, a := range at {
				q[i+1].X, q[i+1].Y = by.of(a.X, a.Y)
			}
			long := apart(q[0], q[1]) + apart(q[1], q[2]) + apart(q[2], q[3])
			n := int(math.Min(math.Max(3, math.Ceil(math.Sqrt(long)*1.5)), 64))
			for i := 1; i <= n; i++ {
				u := float64(i) / float64(n)
				v := 1 - u
				a, b, c, d := v*v*v, 3*u*v*v, 3*u*u*v, u*u*u
				l.at = append(l.at, Spot{a*q[0].X + b*q[1].X + c*q[2].X + d*q[3].X, a*q[0].Y + b*q[1].Y + c*q[2].Y + d*q[3].Y})
			}
		case shut:
			l.closed = true
		}
	})
	return out
}

func apart(a, b Spot) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// stroked is the area that a pen of a width covers along lines: to both sides of
// them, with round corners where they turn sharply and flat ends.
func stroked(lines []polyline, width float64, dash []float64, k float64) []polyline {
	if len(dash) > 0 {
		lines = dashed(lines, dash, k)
	}
	var out []polyline
	for _, l := range lines {
		at := []Spot{l.at[0]}
		for _, s := range l.at[1:] {
			if apart(s, at[len(at)-1]) > 1e-3 {
				at = append(at, s)
			}
		}
		if l.closed && len(at) > 2 {
			if apart(at[0], at[len(at)-1]) > 1e-3 {
				at = append(at, at[0])
			}
		}
		if len(at) < 2 {
			continue
		}
		out = append(out, band(at, width/2)...)
		if l.closed && len(at) > 2 {
			out = append(out, disc(at[0], width/2))
		}
	}
	return out
}

// band is the area within half of a line, in pieces that end where it turns
// sharply.
func band(at []Spot, half float64) []polyline {
	var out []polyline
	var left, right []Spot
	unit := func(i int) Spot { // direction of the step that begins at i
		n := apart(at[i], at[i+1])
		return Spot{(at[i+1].X - at[i].X) / n, (at[i+1].Y - at[i].Y) / n}
	}
	put := func(p Spot, across Spot) {
		left = append(left, Spot{p.X - across.Y, p.Y + across.X})
		right = append(right, Spot{p.X + across.Y, p.Y - across.X})
	}
	flush := func() {
		ring := append([]Spot(nil), left...)
		for i := len(right) - 1; i >= 0; i-- {
			ring = append(ring, right[i])
		}
		out = append(out, polyline{at: ring, closed: true})
		left, right = nil, nil
	}
	first := unit(0)
	put(at[0], Spot{first.X * half, first.Y * half})
	for i := 1; i < len(at)-1; i++ {
		a, b := unit(i-1), unit(i)
		dot := a.X*b.X + a.Y*b.Y
		if dot < 0.5 || dot < 0.98 && (apart(at[i], at[i-1]) < 2*half || apart(at[i], at[i+1]) < 2*half) { // too sharp, or too short, for a mitre
			put(at[i], Spot{a.X * half, a.Y * half})
			flush()
			out = append(out, disc(at[i], half))
			put(at[i], Spot{b.X * half, b.Y * half})
			continue
		}
		m := half / (1 + dot) // the mitre
		put(at[i], Spot{(a.X + b.X) * m, (a.Y + b.Y) * m})
	}
	last := unit(len(at) - 2)
	put(at[len(at)-1], Spot{last.X * half, last.Y * half})
	flush()
	return out
}

// disc goes around as bands do.
func disc(at Spot, r float64) polyline {
	const n = 12
	l := polyline{closed: true}
	for i := range n {
		sin, cos := math.Sincos(-2 * math.Pi * float64(i) / n)
		l.at = append(l.at, Spot{at.X + r*cos, at.Y + r*sin})
	}
	return l
}

// dashed cuts lines into dashes.
func dashed(lines []polyline, dash []float64, k float64) []polyline {
	total := 0.0
	for _, d := range dash {
		if !(d > 0) {
			return lines
		}
		total += d * k
	}
	if total < 0.5 { // finer than can be seen
		return lines
	}
	var out []polyline
	for _, l := range lines {
		at := l.at
		if l.closed {
			at = append(append([]Spot(nil), at...), at[0])
		}
		n, rest := 0, dash[0]*k
		piece := []Spot{at[0]}
		for i := 1; i < len(at); {
			from, to := piece[len(piece)-1], at[i]
			d := apart(from, to)
			if d < rest {
				piece, rest = append(piece, to), rest-d
				i++
				continue
			}
			u := rest / d
			cut := Spot{from.X + u*(to.X-from.X), from.Y + u*(to.Y-from.Y)}
			if n%2 == 0 {
				out = append(out, polyline{at: append(piece, cut)})
			}
			piece = []Spot{cut}
			n++
			rest = dash[n%len(dash)] * k
		}
		if n%2 == 0 && len(piece) > 1 {
			out = append(out, polyline{at: piece})
		}
	}
	return out
}
