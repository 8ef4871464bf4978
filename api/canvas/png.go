package canvas

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"
)

// Screen is how many dots of a screen an inch has: at that, a pixel of the page is
// one of the picture.
const Screen = 96

// The dots per inch of a picture, and how many of its pixels there may be.
const (
	MinDPI, MaxDPI = 36, 1200
	DefaultDPI     = 2 * Screen
	MaxPixels      = 32 << 20
)

// TooLargeError says that a picture would have too many pixels.
type TooLargeError struct{ Width, Height int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("a picture of %d by %d pixels; accepted: %d pixels in all", e.Width, e.Height, MaxPixels)
}

// PNG writes the drawing as a picture of so many dots per inch; 0 is DefaultDPI,
// or fewer where that would be too large.
func (d *Drawing) PNG(w io.Writer, dpi float64) error {
	k := dpi / Screen
	if dpi == 0 {
		k = math.Min(DefaultDPI/Screen, math.Sqrt(0.99*MaxPixels/(d.Width*d.Height)))
	}
	wide, high := math.Ceil(d.Width*k), math.Ceil(d.Height*k)
	if !(wide >= 1 && high >= 1 && wide*high <= MaxPixels) {
		return &TooLargeError{int(math.Min(wide, 1e9)), int(math.Min(high, 1e9))}
	}
	p := &painter{dst: image.NewRGBA(image.Rect(0, 0, int(wide), int(high)))}
	draw.Draw(p.dst, p.dst.Bounds(), image.White, image.Point{}, draw.Src)
	p.write(d.marks, place{k: k})
	var b bytes.Buffer
	if err := png.Encode(&b, p.dst); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	// The density follows the header, which is 33 bytes with the signature.
	dots := binary.BigEndian.AppendUint32([]byte("pHYs"), uint32(math.Round(k*Screen/0.0254)))
	dots = append(binary.BigEndian.AppendUint32(dots, uint32(math.Round(k*Screen/0.0254))), 1)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(dots)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, dots...), crc32.ChecksumIEEE(dots))
	for _, part := range [][]byte{b.Bytes()[:33], chunk, b.Bytes()[33:]} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write PNG: %w", err)
		}
	}
	return nil
}

// painter fills shapes on a picture.
type painter struct {
	dst    *image.RGBA
	raster vector.Rasterizer
}

func (p *painter) write(marks []mark, at place) {
	for _, m := range marks {
		switch m := m.(type) {
		case shape:
			p.shape(&m, at)
		case dots:
			for _, s := range m.at {
				var c Path
				c.Circle(s.X, s.Y, m.size/2)
				p.fill(c.flat(at), solid(m.colour))
			}
		case label:
			p.label(m, at)
		case photo:
			p.photo(m, at)
		case group:
			p.write(m.marks, at)
		case placed:
			p.write(m.sub.marks, at.then(m.by))
		}
	}
}

func solid(c Colour) image.Image {
	r, g, b := c.rgb()
	return image.NewUniform(color.RGBA{r, g, b, 255})
}

func (p *painter) shape(m *shape, at place) {
	path, s := m.outline(), m.style
	lines := path.flat(at)
	if s.Fill.Colour != "" {
		p.fill(lines, solid(s.Fill.Colour))
	}
	if s.Fill.Hatch != NoHatch {
		p.fill(lines, newPattern(s.Fill, at, p.dst.Bounds()))
	}
	if s.Stroke != "" {
		p.fill(stroked(lines, s.weight()*at.k, s.Dash, at.k), solid(s.Stroke))
	}
}

// fill paints what lies inside closed lines.
func (p *painter) fill(lines []polyline, with image.Image) {
	low, high := Spot{math.Inf(1), math.Inf(1)}, Spot{math.Inf(-1), math.Inf(-1)}
	for _, l := range lines {
		for _, s := range l.at {
			low, high = Spot{min(low.X, s.X), min(low.Y, s.Y)}, Spot{max(high.X, s.X), max(high.Y, s.Y)}
		}
	}
	if !(low.X <= high.X) {
		return
	}
	whole := p.dst.Bounds()
	clamped := func(v float64, most int) int { return int(math.Min(math.Max(v, 0), float64(most))) }
	r := image.Rect(clamped(math.Floor(low.X), whole.Max.X), clamped(math.Floor(low.Y), whole.Max.Y),
		clamped(math.Ceil(high.X), whole.Max.X), clamped(math.Ceil(high.Y), whole.Max.Y))
	if r.Empty() {
		return
	}
	p.raster.Reset(r.Dx(), r.Dy())
	x, y := float64(r.Min.X), float64(r.Min.Y)
	for _, l := range lines {
		for i, s := range l.at {
			if i == 0 {
				p.raster.MoveTo(float32(s.X-x), float32(s.Y-y))
			} else {
				p.raster.LineTo(float32(s.X-x), float32(s.Y-y))
			}
		}
		p.raster.ClosePath()
	}
	p.raster.Draw(p.dst, r, with, r.Min)
}

// label sets a line of text.
func (p *painter) label(m label, at place) {
	f := m.t.face()
	k := m.t.Size * at.k / f.units
	sin, cos := math.Sincos(m.t.Turn * math.Pi / 180)
	x0, y0 := at.of(m.x, m.y)
	glyphs := f.shape(m.s)
	pen := 0.0
	if share := m.t.Anchor.share(); share > 0 {
		pen = -share * f.advance(m.s) * f.units
	}
	var text Path
	for _, g := range glyphs {
		of := func(i int, args [3]point26) Spot {
			x, y := pen+args[i].x, args[i].y
			return Spot{x0 + k*(x*cos-y*sin), y0 + k*(x*sin+y*cos)}
		}
		for _, s := range f.outline(g.id) {
			var a [3]point26
			for i, v := range s.Args {
				a[i] = point26{float64(v.X) / 64, float64(v.Y) / 64}
			}
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				text.Close()
				v := of(0, a)
				text.Move(v.X, v.Y)
			case sfnt.SegmentOpLineTo:
				v := of(0, a)
				text.Line(v.X, v.Y)
			case sfnt.SegmentOpQuadTo:
				from, by, to := text.at[len(text.at)-1], of(0, a), of(1, a)
				text.Curve(from.X+(by.X-from.X)*2/3, from.Y+(by.Y-from.Y)*2/3, to.X+(by.X-to.X)*2/3, to.Y+(by.Y-to.Y)*2/3, to.X, to.Y)
			case sfnt.SegmentOpCubeTo:
				b, c, to := of(0, a), of(1, a), of(2, a)
				text.Curve(b.X, b.Y, c.X, c.Y, to.X, to.Y)
			}
		}
		pen += float64(f.wide[g.id] + g.move)
	}
	p.fill(text.flat(place{k: 1}), solid(m.t.colour()))
}

// point26 is a point of a glyph, in units.
type point26 struct{ x, y float64 }

// pattern is a hatch as a picture.
type pattern struct {
	h     hatch
	at    place
	ink   color.RGBA
	bound image.Rectangle
}

func newPattern(f Fill, at place, bound image.Rectangle) *pattern {
	r, g, b := f.Ink.rgb()
	return &pattern{hatches[f.Hatch], at, color.RGBA{r, g, b, 255}, bound}
}

func (p *pattern) ColorModel() color.Model { return color.RGBAModel }
func (p *pattern) Bounds() image.Rectangle { return p.bound }
func (p *pattern) At(x, y int) color.Color {
	a := p.h.cover((float64(x)+0.5-p.at.x)/p.at.k, (float64(y)+0.5-p.at.y)/p.at.k, 1/p.at.k)
	part := func(v uint8) uint8 { return uint8(math.Round(a * float64(v))) }
	return color.RGBA{part(p.ink.R), part(p.ink.G), part(p.ink.B), uint8(math.Round(a * 255))}
}
