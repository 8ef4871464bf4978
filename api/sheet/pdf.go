package sheet

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/api/canvas"
	"careshed/api/words"
)

// The colours of paper.
const (
	soft  canvas.Colour = "#4f5866"
	rule  canvas.Colour = "#c9cfd8"
	panel canvas.Colour = "#f1f3f6"
	land  canvas.Colour = "#dde2e9"
	paper canvas.Colour = "#ffffff"
)

// unsure is the fill beside what is in doubt, and stripe how wide it is.
var unsure = canvas.Fill{Colour: panel, Hatch: canvas.Rising, Ink: "#7d5b78"}

const stripe = 4.0

// Room around the page, and between two columns.
const (
	edge = 14 * canvas.MM
	gap  = 22.0
)

// Paper is what a sheet is printed on.
type Paper string

// The papers there are, the first if nothing is said.
const (
	A4     Paper = "a4"
	Letter Paper = "letter"
)

// Papers lists them.
func Papers() []string { return []string{string(A4), string(Letter)} }

// page is an empty page of the paper.
func (p Paper) page() *canvas.Drawing {
	if p == Letter {
		return canvas.New(8.5*96, 11*96)
	}
	return canvas.A4()
}

// PDF writes the sheet: a first page to be handed out, and behind it how its numbers come
// about, with every note of the study. What is long is set smaller.
func PDF(w io.Writer, s Sheet, l *words.Language, on Paper) error {
	p := s.page(l)
	b := book{sheet: &s, page: &p, words: l, paper: on}
	b.fitting(1.2, smallest, func(f *flow) { f.handout(&b) })
	whole := func(f *flow) {
		f.details(&b)
		if p.Notes != nil {
			f.heading(l.Say("sheet.notes.title"))
			f.split(p.Notes)
		}
	}
	if !b.fitting(1, 0.72, whole) { // the notes have pages of their own then
		b.fitting(1, smallest, func(f *flow) { f.details(&b) })
		b.notes()
	}
	for n, d := range b.pages {
		b.foot(d, n)
	}
	first := b.pages[0]
	first.Title, first.Language, first.Description = p.Title+" · "+p.Kicker, l.Code, s.mapTitle(l)
	return canvas.PDF(w, b.pages...)
}

// book is a sheet as its pages are set.
type book struct {
	sheet *Sheet
	page  *page
	words *words.Language
	paper Paper
	pages []*canvas.Drawing
	last  flow // below what is on the last page
}

// footing is the room of the lines at the bottom of a page.
const footing = 34.0

// fitting sets a page as large as fits on it, between two sizes. It reports whether it
// fits; what does not is left out, unless it may be no smaller than a reader bears.
func (b *book) fitting(most, least float64, set func(*flow)) bool {
	for k := most; ; k -= 0.04 {
		d := b.paper.page()
		f := flow{d: d, x: edge, y: edge, w: d.Width - 2*edge, k: k}
		set(&f)
		fits := f.y <= d.Height-edge-footing
		if fits || k < least && least == smallest {
			b.pages, b.last = append(b.pages, d), f
			return true
		}
		if k < least {
			return false
		}
	}
}

// smallest is the size, as a share of the usual, below which nobody reads a page.
const smallest = 0.6

// notes sets what is noted below the last page, and on as many more as that takes.
func (b *book) notes() {
	of, f := b.page.Notes, b.last
	f.k = 1
	for len(of) > 0 {
		n := f.fits(of, b.words, f.d.Height-edge-footing)
		if n < 1 && f.y > edge {
			d := b.paper.page()
			b.pages = append(b.pages, d)
			f = flow{d: d, x: edge, y: edge, w: d.Width - 2*edge, k: 1}
			continue
		}
		n = max(n, 1)
		f.heading(b.words.Say("sheet.notes.title"))
		f.split(of[:n])
		of = of[n:]
	}
}

// fits is how many notes fit above bottom.
func (f *flow) fits(of []string, l *words.Language, bottom float64) (n int) {
	for n = range len(of) + 1 {
		try := *f
		try.d = canvas.A4()
		try.heading(l.Say("sheet.notes.title"))
		if try.split(of[:n]); try.y > bottom {
			return n - 1
		}
	}
	return len(of)
}

// foot is at the bottom of every page: what made it of which data, who publishes it, and
// which page it is.
func (b *book) foot(d *canvas.Drawing, n int) {
	y := d.Height - edge
	small := canvas.Type{Size: 7.5, Colour: soft}
	d.Rule(edge, y-22, d.Width-edge, y-22, rule, 0.7)
	right := small
	right.Anchor = canvas.End
	count := b.words.Say("sheet.page", "n", n+1, "of", len(b.pages))
	d.Text(d.Width-edge, y-11, right, count)
	room := d.Width - 2*edge - right.Width(count) - 12
	d.Text(edge, y-11, small, small.Fit(b.page.Made, room))
	d.Text(edge, y, small, small.Fit(b.page.Published, d.Width-2*edge))
}

// flow sets one thing below the other in a column of the page.
type flow struct {
	d       *canvas.Drawing
	x, y, w float64 // the column, and where the next thing begins
	k       float64 // of all sizes
}

// handout is the first page.
func (f *flow) handout(b *book) {
	p := b.page
	b.corner(f)
	f.text(p.Kicker, canvas.Type{Size: 10, Colour: soft}, 2)
	f.y += 12 * f.k
	f.text(p.Title, canvas.Type{Size: 27, Bold: true}, 3)
	f.y += 3 * f.k
	f.doubts(p.Doubt)
	f.paragraphs(p.Lead, 13.5, canvas.Ink)
	f.y += 8 * f.k
	f.tiles(p.Tiles)
	f.y += 10 * f.k
	left, right := f.apart(0.56)
	left.chart(b)
	if p.Here != nil {
		right.heading(b.words.Say("sheet.here", "n", len(p.Here)))
		right.names(p.Here)
	}
	right.heading(b.words.Say("sheet.sites.title"))
	right.doubts(p.Banner)
	if p.Sites.Rows != nil {
		right.y -= 4 * f.k
		right.table(p.Sites, 0.07, 0.26, 0.28)
		right.y += 2 * f.k
	}
	right.paragraphs(p.Best, 10.5, canvas.Ink)
	f.y = math.Max(left.y, right.y)
	if p.Compared.Rows != nil {
		f.table(p.Compared, 0.34)
		f.y += 2 * f.k
		f.paragraphs([]string{p.Alike}, 8.5, soft)
	}
}

// The publisher's picture and the code of the sheet's address stand in the top right corner.
const (
	logoWidth  = 150.0
	cornerHigh = 58.0
)

// corner puts what the publisher gives into the corner of the first page.
func (b *book) corner(f *flow) {
	x := f.d.Width - edge
	if to := b.sheet.Publisher.Address; to != "" {
		x -= cornerHigh
		if err := f.d.Code(to, x, edge-8, cornerHigh); err == nil { // else it is too long for a code, and stands at the bottom
			f.d.Link(x, edge-8, cornerHigh, cornerHigh, to)
		}
		x -= 8
	}
	if p := b.sheet.Publisher.Logo; p != nil {
		k := min(logoWidth/float64(p.Rect.Dx()), cornerHigh/float64(p.Rect.Dy()))
		f.d.Picture(p, x-k*float64(p.Rect.Dx()), edge-8, logoWidth, cornerHigh)
	}
}

// details are what stands behind the first page.
func (f *flow) details(b *book) {
	p, l := b.page, b.words
	f.text(p.Title, canvas.Type{Size: 14, Bold: true}, 2)
	f.paragraphs(p.More, 10.5, canvas.Ink)
	left, right := f.columns()
	left.table(p.Figures, 0.46)
	left.part(l.Say("sheet.center.title"), p.Center)
	right.table(p.Patients, 0.26, 0.24, 0.31)
	if p.Patients.Rows == nil {
		right.heading(p.Patients.Caption)
	}
	right.paragraphs(p.Lost, 9.5, soft)
	f.y = math.Max(left.y, right.y)
	left, right = f.columns()
	if p.Against != nil {
		left.part(l.Say("sheet.against.title"), p.Against)
	}
	right.part(l.Say("sheet.list.title"), p.List)
	f.y = math.Max(left.y, right.y)
	f.heading(l.Say("sheet.method.title"))
	f.split(p.Method)
	f.heading(l.Say("sheet.sources.title"))
	f.split(p.Sources)
}

// chart is the map with its legend.
func (f *flow) chart(b *book) {
	c := b.sheet.chart(b.words)
	if c == nil {
		return
	}
	_, _, _, h := f.d.Place(c.Drawing, f.x, f.y, f.w, 470*f.k)
	f.y += h + 6*f.k
	f.text(writer{b.words, b.sheet}.left(c.left), canvas.Type{Size: 7.5, Colour: soft}, 4)
}

// mostHere is how many centers of a region are named on the first page.
const mostHere = 14

// names sets names below each other, close together.
func (f *flow) names(of []string) {
	for _, s := range of[:min(mostHere, len(of))] {
		f.text(s, canvas.Type{Size: 9.5}, 2)
	}
	if n := len(of) - mostHere; n > 0 {
		f.text("+ "+strconv.Itoa(n), canvas.Type{Size: 9.5, Colour: soft}, 1)
	}
}

// tiles are the numbers to be seen first, side by side and equally high.
func (f *flow) tiles(of []tile) {
	const between = 8.0
	w := (f.w - between*float64(len(of)-1)) / float64(len(of))
	pad, lines := 7*f.k, 0
	label := canvas.Type{Size: 8.6 * f.k, Colour: soft}
	for _, t := range of {
		lines = max(lines, len(label.Wrap(t.Label, w-2*pad, 3)))
	}
	set := func(d *canvas.Drawing, x float64, t tile) float64 {
		c := flow{d: d, x: x + pad, y: f.y + pad, w: w - 2*pad, k: f.k}
		c.text(t.Label, canvas.Type{Size: 8.6, Colour: soft}, 3)
		c.y = f.y + pad + 1.28*label.Size*float64(lines) + 3*f.k
		size := 16.5
		for size > 9 && (canvas.Type{Size: size * f.k, Bold: true}).Width(t.Value) > c.w {
			size -= 0.5
		}
		c.text(t.Value, canvas.Type{Size: size, Bold: true}, 1)
		c.text(t.Note, canvas.Type{Size: 8.2, Colour: soft}, 8)
		return c.y + pad/2
	}
	bottom := f.y
	for i, t := range of {
		bottom = math.Max(bottom, set(canvas.A4(), f.x+float64(i)*(w+between), t))
	}
	for i, t := range of {
		x := f.x + float64(i)*(w+between)
		f.d.Rect(x, f.y, w, bottom-f.y, canvas.Style{Fill: canvas.Plain(panel)})
		if t.Unsure {
			f.d.Rect(x, f.y, stripe, bottom-f.y, canvas.Style{Fill: unsure})
		}
		set(f.d, x, t)
	}
	f.y = bottom + 4*f.k
}

// columns are two of half the width, beginning here.
func (f *flow) columns() (left, right *flow) { return f.apart(0.5) }

// apart are two columns, the left with a share of the width.
func (f *flow) apart(share float64) (left, right *flow) {
	a, b := *f, *f
	a.w = (f.w - gap) * share
	b.x, b.w = f.x+a.w+gap, f.w-gap-a.w
	return &a, &b
}

// text sets a text in lines, no more than most, and moves below it.
func (f *flow) text(s string, t canvas.Type, most int) {
	if s == "" {
		return
	}
	t.Size *= f.k
	for _, line := range t.Wrap(s, f.w, most) {
		f.y += 1.28 * t.Size
		f.d.Text(f.x, f.y-0.3*t.Size, t, line)
	}
}

// breaks reports whether a word of a text is wider than the column.
func (f *flow) breaks(s string, t canvas.Type) bool {
	t.Size *= f.k
	return slices.ContainsFunc(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' }), func(word string) bool { return t.Width(word+"-") > f.w })
}

// longest is how many lines of a text are set at most.
const longest = 9

func (f *flow) paragraphs(of []string, size float64, c canvas.Colour) {
	for _, s := range of {
		f.y += 1.5 * f.k
		f.text(s, canvas.Type{Size: size, Colour: c}, longest)
	}
}

// doubts are set with the mark of doubt beside them.
func (f *flow) doubts(of []string) {
	for _, s := range of {
		f.y += 4 * f.k
		top, c := f.y, *f
		c.x, c.w = f.x+2*stripe, f.w-2*stripe
		c.text(s, canvas.Type{Size: 10.5, Bold: true}, longest)
		f.d.Rect(f.x, top, stripe, c.y-top, canvas.Style{Fill: unsure})
		f.y = c.y + 2*f.k
	}
}

func (f *flow) heading(s string) {
	f.y += 9 * f.k
	f.text(s, canvas.Type{Size: 11.5, Bold: true}, 2)
}

func (f *flow) part(heading string, of []string) {
	f.heading(heading)
	f.paragraphs(of, 10.5, canvas.Ink)
}

// table sets a grid, its first columns in shares of the width and the others
// alike.
func (f *flow) table(g grid, first ...float64) {
	if len(g.Rows) == 0 {
		return
	}
	if g.Caption != "" {
		f.heading(g.Caption)
	} else {
		f.y += 6 * f.k
	}
	rest := 1.0
	for _, share := range first {
		rest -= share
	}
	width := func(i int) float64 {
		if i < len(first) {
			return first[i] * f.w
		}
		return rest * f.w / float64(len(g.Head)-len(first))
	}
	row := func(cells []string, t, own canvas.Type) {
		top, bottom, x := f.y+2.5*f.k, f.y, f.x
		for i, s := range cells {
			c := flow{d: f.d, x: x, y: top, w: width(i) - 6, k: f.k}
			set := t
			if i == 0 {
				set = own
			}
			for set.Size > 6 && c.breaks(s, set) {
				set.Size -= 0.2
			}
			c.text(s, set, 8)
			bottom, x = math.Max(bottom, c.y), x+width(i)
		}
		f.y = bottom + 1.5*f.k
		f.d.Rule(f.x, f.y, f.x+f.w, f.y, rule, 0.6)
	}
	head := canvas.Type{Size: 8.4, Colour: soft, Bold: true}
	row(g.Head, head, head)
	for _, cells := range g.Rows {
		row(cells, canvas.Type{Size: 9.6, Bold: true}, canvas.Type{Size: 9.6})
	}
}

// split sets paragraphs small, in two columns.
func (f *flow) split(of []string) {
	left, right := f.columns()
	half := (len(of) + 1) / 2
	left.paragraphs(of[:half], 7.8, soft)
	right.paragraphs(of[half:], 7.8, soft)
	f.y = math.Max(left.y, right.y)
}
