package canvas

// Path is lines and curves, in one or more pieces.
type Path struct {
	steps []step
	at    []Spot
}

// step says how many of the next points a part of a path takes.
type step uint8

const (
	move  step = iota // one point
	line              // one
	curve             // three: two to pull at, and the end (cubic)
	shut              // none: back to the start of the piece
)

// Empty reports whether there is nothing to draw.
func (p *Path) Empty() bool { return len(p.steps) == 0 }

// Move begins a piece.
func (p *Path) Move(x, y float64) { p.add(move, Spot{x, y}) }

// Line goes on in a straight line.
func (p *Path) Line(x, y float64) { p.add(line, Spot{x, y}) }

// Curve goes on to x, y, pulled towards two points (a cubic Bézier curve).
func (p *Path) Curve(x1, y1, x2, y2, x, y float64) {
	p.add(curve, Spot{x1, y1}, Spot{x2, y2}, Spot{x, y})
}

// Close goes back to where the piece began.
func (p *Path) Close() { p.add(shut) }

func (p *Path) add(s step, at ...Spot) {
	if s != move && len(p.steps) == 0 {
		return // nothing has begun
	}
	p.steps = append(p.steps, s)
	p.at = append(p.at, at...)
}

// Circle adds a circle.
func (p *Path) Circle(x, y, r float64) {
	const k = 0.5522847498 // of the radius: a quarter of a circle by a curve
	p.Move(x+r, y)
	p.Curve(x+r, y+k*r, x+k*r, y+r, x, y+r)
	p.Curve(x-k*r, y+r, x-r, y+k*r, x-r, y)
	p.Curve(x-r, y-k*r, x-k*r, y-r, x, y-r)
	p.Curve(x+k*r, y-r, x+r, y-k*r, x+r, y)
	p.Close()
}

// Rect adds a rectangle.
func (p *Path) Rect(x, y, w, h float64) {
	p.Move(x, y)
	p.Line(x+w, y)
	p.Line(x+w, y+h)
	p.Line(x, y+h)
	p.Close()
}

// walk calls each with the parts of the path and the points that they take.
func (p *Path) walk(each func(s step, at []Spot)) {
	rest := p.at
	for _, s := range p.steps {
		n := [...]int{move: 1, line: 1, curve: 3, shut: 0}[s]
		each(s, rest[:n])
		rest = rest[n:]
	}
}

// bounds is the box that the points of the path lie in.
func (p *Path) bounds() box {
	if len(p.at) == 0 {
		return box{}
	}
	x0, y0, x1, y1 := p.at[0].X, p.at[0].Y, p.at[0].X, p.at[0].Y
	for _, s := range p.at {
		x0, y0, x1, y1 = min(x0, s.X), min(y0, s.Y), max(x1, s.X), max(y1, s.Y)
	}
	return box{x0, y0, x1 - x0, y1 - y0}
}

// outline is the shape as a path.
func (s *shape) outline() *Path {
	if s.path != nil {
		return s.path
	}
	var p Path
	if s.rect != nil {
		p.Rect(s.rect.x, s.rect.y, s.rect.w, s.rect.h)
	} else {
		p.Circle(s.round.x, s.round.y, s.round.r)
	}
	return &p
}
