package canvas

import (
	"math"
	"slices"
	"unicode/utf8"
)

// pieces are the corners of a path of straight lines, piece by piece.
func (p *Path) pieces() (out [][]Spot) {
	at := 0
	for _, s := range p.steps {
		switch s {
		case move:
			out = append(out, []Spot{p.at[at]})
			at++
		case line:
			out[len(out)-1] = append(out[len(out)-1], p.at[at])
			at++
		case curve:
			out[len(out)-1] = append(out[len(out)-1], p.at[at+2])
			at += 3
		}
	}
	return out
}

// A shape must have so much of a box's width where it stands; so many times the width is ample.
const mostOver, ample = 0.85, 1.6

// Room is where a box of a width and height fits into a shape, such as for a name: in the
// middle of the widest stretch that is free, of those that are ample the one nearest to the
// middle of the shape; false if there is none.
func (p *Path) Room(w, h float64, free func(x, y, w, h float64) bool) (bx, by float64, ok bool) {
	pieces := p.pieces()
	top, bottom := math.Inf(1), math.Inf(-1)
	for _, piece := range pieces {
		for _, v := range piece {
			top, bottom = math.Min(top, v.Y), math.Max(bottom, v.Y)
		}
	}
	const rows = 24
	widest, off := mostOver*w, math.Inf(1)
	for k := range rows {
		y := top + (bottom-top-h)*(float64(k)+0.5)/rows
		if y < top {
			return bx, by, ok
		}
		for _, span := range common(across(pieces, y), across(pieces, y+h/2), across(pieces, y+h)) {
			room, away := math.Min(span[1]-span[0], ample*w), math.Abs(y+h/2-(top+bottom)/2)
			if x := (span[0] + span[1] - w) / 2; (room > widest || room == widest && ok && away < off) && free(x, y, w, h) {
				widest, off, bx, by, ok = room, away, x, y, true
			}
		}
	}
	return bx, by, ok
}

// across are the stretches of a shape at a height.
func across(pieces [][]Spot, y float64) (spans [][2]float64) {
	var at []float64
	for _, piece := range pieces {
		for i, v := range piece {
			u := piece[(i+len(piece)-1)%len(piece)]
			if (u.Y > y) != (v.Y > y) {
				at = append(at, u.X+(v.X-u.X)*(y-u.Y)/(v.Y-u.Y))
			}
		}
	}
	slices.Sort(at)
	for i := 0; i+1 < len(at); i += 2 {
		spans = append(spans, [2]float64{at[i], at[i+1]})
	}
	return spans
}

// common are the stretches that lie in one of each list.
func common(first [][2]float64, others ...[][2]float64) [][2]float64 {
	for _, other := range others {
		var both [][2]float64
		for _, a := range first {
			for _, b := range other {
				if lo, hi := math.Max(a[0], b[0]), math.Min(a[1], b[1]); lo < hi {
					both = append(both, [2]float64{lo, hi})
				}
			}
		}
		first = both
	}
	return first
}

// Name is a text on as many as two lines of some size, no word of it broken.
type Name struct {
	Lines         []string
	Type          Type
	Width, Height float64
}

// longestName is how many letters a name may have to be written into a box: the longest of a
// region in use has some 60.
const longestName = 120

// Names are the ways to write a name in the middle of a box, the largest first: none for a
// text that is longer than a name.
func Names(text string, sizes ...float64) (out []Name) {
	if utf8.RuneCountInString(text) > longestName {
		return nil
	}
	for _, size := range sizes {
		t := Type{Size: size, Anchor: Middle}
		for lines := 1; lines <= 2; lines++ {
			n := Name{Lines: []string{text}, Type: t, Height: 1.15*size*float64(lines) + 2}
			if lines == 2 {
				n.Lines = t.Balanced(text, 0.75*t.Width(text), 2)
			}
			whole := ""
			for i, s := range n.Lines {
				n.Width = math.Max(n.Width, t.Width(s))
				if i > 0 {
					whole += " "
				}
				whole += s
			}
			if n.Width += 5; len(n.Lines) == lines && whole == text {
				out = append(out, n)
			}
		}
	}
	return out
}

// Name writes a name into a box that begins at x, y.
func (d *Drawing) Name(x, y float64, n Name) {
	d.Lines(x+n.Width/2, y+1+0.9*n.Type.Size, 1.15*n.Type.Size, n.Type, n.Lines...)
}

// On is a name in the ink that is read on a colour.
func (n Name) On(c Colour) Name {
	n.Type.Colour = Ink
	if c.Luminance() < 0.45 {
		n.Type.Colour = "#ffffff"
	}
	return n
}
