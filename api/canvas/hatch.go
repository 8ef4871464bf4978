package canvas

import "math"

// Hatch is a pattern over a fill. They are told apart in grey as well.
type Hatch uint8

const (
	NoHatch  Hatch = iota
	Rising         // lines from the lower left to the upper right
	Level          // level lines
	Upright        // upright lines
	Crossed        // lines both ways, aslant
	Speckled       // dots
)

// hatch is how a pattern is drawn: families of lines, or dots on a square grid,
// all counted from the corner of the page.
type hatch struct {
	step   float64      // between lines, or dots
	weight float64      // of a line, or across a dot
	across [][2]float64 // unit vectors across the lines
}

var hatches = [...]hatch{
	Rising:   {6, 1.2, [][2]float64{{math.Sqrt2 / 2, math.Sqrt2 / 2}}},
	Level:    {6, 1.1, [][2]float64{{0, 1}}},
	Upright:  {6, 1.1, [][2]float64{{1, 0}}},
	Crossed:  {6, 0.9, [][2]float64{{math.Sqrt2 / 2, math.Sqrt2 / 2}, {math.Sqrt2 / 2, -math.Sqrt2 / 2}}},
	Speckled: {5, 2, nil},
}

// cover is how much of the point x, y the pattern inks, for pixels that measure
// so much: 0 to 1.
func (h hatch) cover(x, y, pixel float64) float64 {
	ink := func(distance, half float64) float64 {
		return math.Min(math.Max((half-distance)/pixel+0.5, 0), 1)
	}
	off := func(v float64) float64 { return math.Abs(math.Remainder(v, h.step)) }
	if h.across == nil {
		return ink(math.Hypot(off(x), off(y)), h.weight/2)
	}
	most := 0.0
	for _, a := range h.across {
		most = math.Max(most, ink(off(x*a[0]+y*a[1]), h.weight/2))
	}
	return most
}

// over calls line with every line of the pattern that crosses a box; dots are
// lines of no length.
func (h hatch) over(b box, line func(from, to Spot)) {
	if h.across == nil {
		for y := math.Ceil(b.y/h.step) * h.step; y <= b.y+b.h; y += h.step {
			for x := math.Ceil(b.x/h.step) * h.step; x <= b.x+b.w; x += h.step {
				line(Spot{x, y}, Spot{x, y})
			}
		}
		return
	}
	corners := []Spot{{b.x, b.y}, {b.x + b.w, b.y}, {b.x, b.y + b.h}, {b.x + b.w, b.y + b.h}}
	for _, a := range h.across {
		low, high := math.Inf(1), math.Inf(-1)   // across the lines
		first, last := math.Inf(1), math.Inf(-1) // along them
		for _, c := range corners {
			v, u := c.X*a[0]+c.Y*a[1], -c.X*a[1]+c.Y*a[0]
			low, high, first, last = math.Min(low, v), math.Max(high, v), math.Min(first, u), math.Max(last, u)
		}
		for v := math.Ceil(low/h.step) * h.step; v <= high; v += h.step {
			line(Spot{v*a[0] - first*a[1], v*a[1] + first*a[0]}, Spot{v*a[0] - last*a[1], v*a[1] + last*a[0]})
		}
	}
}
