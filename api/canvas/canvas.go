// Package canvas is a page that shapes and text are put on, written as SVG, PNG
// or PDF. What is on it is recorded once, and the three writers draw the same:
// with the same font, which is part of this package and of every file, so that a
// text takes the room it was measured to take. The same drawing gives the same
// bytes each time.
//
// Lengths are pixels of 1/96 inch, x to the right and y down. There is what maps
// and fact sheets need and no more: no transparency, gradients, or scripts written from right to left.
package canvas

import (
	"fmt"
	"math"
	"net/url"
)

// Other units of length, in pixels.
const (
	Point = 96.0 / 72
	MM    = 96 / 25.4
)

// A page of A4.
const (
	A4Width  = 210 * MM
	A4Height = 297 * MM
)

// Colour is red, green and blue as in "#1a2b3c"; "" is none.
type Colour string

// rgb are its parts; a colour that is none of ours is black.
func (c Colour) rgb() (r, g, b uint8) {
	if len(c) == 7 {
		_, _ = fmt.Sscanf(string(c), "#%02x%02x%02x", &r, &g, &b)
	}
	return r, g, b
}

// Luminance is how light the colour is to the eye, 0 to 1 (ITU-R BT.709).
func (c Colour) Luminance() float64 {
	r, g, b := c.rgb()
	return (0.2126*float64(r) + 0.7152*float64(g) + 0.0722*float64(b)) / 255
}

// Fill is how the inside of a shape looks. The zero value is none.
type Fill struct {
	Colour Colour
	Hatch  Hatch  // over the colour
	Ink    Colour // of the hatch
}

// Plain is a fill without a hatch.
func Plain(c Colour) Fill { return Fill{Colour: c} }

// Style is how a shape is drawn. A shape's inside is what its lines go around
// more often one way than the other: a hole runs against its outline.
type Style struct {
	Fill   Fill
	Stroke Colour
	Weight float64   // of the stroke; 1 if left out
	Dash   []float64 // lengths drawn and left out in turn
}

func (s Style) weight() float64 {
	if s.Weight == 0 {
		return 1
	}
	return s.Weight
}

// About is what a shape says of itself where a format can say it: its id, and a
// title that SVG shows when it is pointed at.
type About struct{ ID, Title string }

// Drawing is a page, or a picture to be placed on one. It is no longer changed
// once it is placed or written.
type Drawing struct {
	Width, Height float64
	Title         string // of the drawing, for those who do not see it
	Description   string
	Language      string // as of BCP 47; "en" if left out
	marks         []mark
}

// New is an empty page.
func New(width, height float64) *Drawing { return &Drawing{Width: width, Height: height} }

// A4 is an empty upright page of A4.
func A4() *Drawing { return New(A4Width, A4Height) }

// mark is something on the page: one of the types below.
type mark any

type (
	// A shape has one of path, rect or round.
	shape struct {
		style Style
		about About
		path  *Path
		rect  *box
		round *circle
	}
	box    struct{ x, y, w, h float64 }
	circle struct{ x, y, r float64 }
	dots   struct {
		at     []Spot
		size   float64
		colour Colour
	}
	label struct {
		x, y float64
		t    Type
		s    string
	}
	group struct {
		name  string
		title string
		marks []mark
	}
	placed struct {
		by  place
		sub *Drawing
	}
	link struct {
		box
		to string
	}
)

// Spot is a point of the page.
type Spot struct{ X, Y float64 }

// Draw puts a path on the page.
func (d *Drawing) Draw(p *Path, s Style, about About) {
	d.marks = append(d.marks, shape{style: s, about: about, path: p})
}

// Rect puts a rectangle on the page.
func (d *Drawing) Rect(x, y, w, h float64, s Style) {
	d.marks = append(d.marks, shape{style: s, rect: &box{x, y, w, h}})
}

// Circle puts a circle on the page.
func (d *Drawing) Circle(x, y, r float64, s Style) {
	d.marks = append(d.marks, shape{style: s, round: &circle{x, y, r}})
}

// Rule puts a straight line on the page.
func (d *Drawing) Rule(x1, y1, x2, y2 float64, c Colour, weight float64) {
	var p Path
	p.Move(x1, y1)
	p.Line(x2, y2)
	d.Draw(&p, Style{Stroke: c, Weight: weight}, About{})
}

// Dots puts many dots of one size, across, and colour on the page.
func (d *Drawing) Dots(at []Spot, size float64, c Colour) {
	d.marks = append(d.marks, dots{at, size, c})
}

// Text sets a line of text with its baseline at y.
func (d *Drawing) Text(x, y float64, t Type, s string) {
	if s = clean(s); s != "" {
		d.marks = append(d.marks, label{x, y, t, s})
	}
}

// Lines sets lines of text, the first with its baseline at y, and gives the
// baseline that the next would have.
func (d *Drawing) Lines(x, y, leading float64, t Type, lines ...string) float64 {
	for _, l := range lines {
		d.Text(x, y, t, l)
		y += leading
	}
	return y
}

// Paragraph sets a text in a column of a width and gives the baseline of the line
// after it.
func (d *Drawing) Paragraph(x, y, width, leading float64, t Type, s string) float64 {
	return d.Lines(x, y, leading, t, t.Wrap(s, width, math.MaxInt)...)
}

// Group sets apart what draw puts on the page, under a name for programs and a
// title for people; either may be "".
func (d *Drawing) Group(name, title string, draw func()) {
	before := d.marks
	d.marks = nil
	draw()
	d.marks = append(before, group{name, title, d.marks})
}

// Place puts another drawing into a box, as large as it goes, in the middle at
// the top, and gives the room that it takes.
func (d *Drawing) Place(sub *Drawing, x, y, width, height float64) (x1, y1, w, h float64) {
	k := math.Min(width/sub.Width, height/sub.Height)
	w, h = sub.Width*k, sub.Height*k
	x1, y1 = x+(width-w)/2, y
	d.marks = append(d.marks, placed{place{k, x1, y1}, sub})
	return x1, y1, w, h
}

// Link makes a part of the page lead to an address of the web.
func (d *Drawing) Link(x, y, w, h float64, to string) {
	if u, err := url.Parse(to); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		d.marks = append(d.marks, link{box{x, y, w, h}, u.String()})
	}
}

// place is where a drawing lies on another: enlarged k times, then moved.
type place struct{ k, x, y float64 }

func (p place) of(x, y float64) (float64, float64) { return p.x + p.k*x, p.y + p.k*y }

// then is the place of what lies at q on what lies at p.
func (p place) then(q place) place {
	x, y := p.of(q.x, q.y)
	return place{p.k * q.k, x, y}
}

// each calls do with every mark, also those in groups and placed drawings.
func each(marks []mark, do func(mark)) {
	for _, m := range marks {
		do(m)
		switch m := m.(type) {
		case group:
			each(m.marks, do)
		case placed:
			each(m.sub.marks, do)
		}
	}
}

// TextBox is the room that a line of text takes on the page.
type TextBox struct {
	X, Y, W, H float64
	Text       string
}

// Texts lists the lines of text on the page with the room they take: from the
// top of capitals to the bottom of descenders, for texts that are not turned.
func (d *Drawing) Texts() []TextBox {
	var out []TextBox
	var walk func(marks []mark, at place)
	walk = func(marks []mark, at place) {
		for _, m := range marks {
			switch m := m.(type) {
			case group:
				walk(m.marks, at)
			case placed:
				walk(m.sub.marks, at.then(m.by))
			case label:
				w := m.t.Width(m.s)
				x, y := at.of(m.x-w*m.t.Anchor.share(), m.y-0.73*m.t.Size)
				out = append(out, TextBox{x, y, w * at.k, 0.95 * m.t.Size * at.k, m.s})
			}
		}
	}
	walk(d.marks, place{k: 1})
	return out
}

// language is that of the drawing.
func (d *Drawing) language() string {
	if d.Language == "" {
		return "en"
	}
	return d.Language
}
