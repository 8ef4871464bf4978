package sheet

import (
	"io"
	"math"

	"careshed/api/canvas"
	"careshed/api/words"
)

// The colours of paper.
const (
	soft  canvas.Colour = "#4f5866"
	rule  canvas.Colour = "#c9cfd8"
	panel canvas.Colour = "#f1f3f6"
	land  canvas.Colour = "#dde2e9"
	mark  canvas.Colour = "#0b6e75"
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

// PDF writes the sheet as one page of A4. What is long is set smaller; notes of
// the study stand as far as there is room, and how many do not is said.
func PDF(w io.Writer, s Sheet, l *words.Language) error {
	p := s.page(l)
	var d *canvas.Drawing
	for k := 1.0; k > 0.6; k -= 0.05 {
		f := flow{d: canvas.A4(), x: edge, y: edge, w: canvas.A4Width - 2*edge, k: k}
		f.d.Title, f.d.Language, f.d.Description = p.Title+" · "+p.Kicker, l.Code, s.mapTitle(l)
		f.sheet(&s, &p, l)
		if d = f.d; f.y <= canvas.A4Height-edge-14 {
			break
		}
	}
	return d.PDF(w)
}

// flow sets one thing below the other in a column of the page.
type flow struct {
	d       *canvas.Drawing
	x, y, w float64 // the column, and where the next thing begins
	k       float64 // of all sizes
}

func (f *flow) sheet(s *Sheet, p *page, l *words.Language) {
	bottom := canvas.A4Height - edge
	f.top(s, p, l)
	f.tiles(p.Tiles)
	left, right := f.columns()
	left.table(p.Figures, 0.46)
	right.table(p.Patients, 0.26, 0.24, 0.31)
	if p.Patients.Rows == nil {
		right.heading(p.Patients.Caption)
	}
	right.paragraphs(p.Lost, 9.5, soft)
	right.part(l.Say("sheet.center.title"), p.Center)
	f.y = math.Max(left.y, right.y)
	left, right = f.columns()
	left.heading(l.Say("sheet.sites.title"))
	left.doubts(p.Banner)
	if p.Sites.Rows != nil {
		left.y -= 4 * f.k
		left.table(p.Sites, 0.06, 0.24, 0.34)
		left.y += 2 * f.k
	}
	left.paragraphs(p.Next, 10.5, canvas.Ink)
	right.part(l.Say("sheet.list.title"), p.List)
	right.heading(l.Say("sheet.sources.title"))
	right.paragraphs(p.Sources, 7.8, soft)
	f.y = math.Max(left.y, right.y)
	f.heading(l.Say("sheet.method.title"))
	f.split(p.Method)
	f.notes(p.Notes, l, bottom-16)
	f.d.Rule(edge, bottom-10, edge+f.w, bottom-10, rule, 0.7)
	f.d.Text(edge, bottom, canvas.Type{Size: 7.5, Colour: soft}, p.Made)
}

// top is the title with the finding, and the map beside it.
func (f *flow) top(s *Sheet, p *page, l *words.Language) {
	mapWidth := 165.0
	below := f.y
	column := *f
	if m := s.locate(mapWidth, 150); m != nil {
		f.d.Group("map", "", func() { f.locator(m, f.x+f.w-mapWidth, f.y) })
		caption := flow{d: f.d, x: f.x + f.w - mapWidth, y: f.y + m.height + 2, w: mapWidth, k: f.k}
		caption.text(writer{l, s}.left(m), canvas.Type{Size: 7.5, Colour: soft}, 4)
		below = caption.y
		column.w -= mapWidth + gap
	}
	column.text(p.Kicker, canvas.Type{Size: 10, Colour: soft}, 2)
	column.y += 12 * f.k
	column.text(p.Title, canvas.Type{Size: 25, Bold: true}, 3)
	column.y += 3 * f.k
	column.doubts(p.Doubt)
	column.paragraphs(p.Lead, 12.5, canvas.Ink)
	f.y = math.Max(column.y, below) + 8*f.k
}

func (f *flow) locator(m *locator, x, y float64) {
	for _, a := range m.areas {
		var path canvas.Path
		for _, ring := range a.rings {
			for i, v := range ring {
				if i == 0 {
					path.Move(x+v.x, y+v.y)
				} else {
					path.Line(x+v.x, y+v.y)
				}
			}
			path.Close()
		}
		fill := land
		if a.own {
			fill = mark
		}
		f.d.Draw(&path, canvas.Style{Fill: canvas.Plain(fill), Stroke: paper, Weight: 0.5}, canvas.About{})
	}
	if b := m.inset; b != nil {
		f.d.Rect(x+b.x, y+b.y, b.w, b.h, canvas.Style{Stroke: rule, Weight: 0.7})
	}
	for _, d := range m.dots {
		f.d.Circle(x+d.x, y+d.y, 1.7, canvas.Style{Fill: canvas.Plain(canvas.Ink), Stroke: paper, Weight: 0.4})
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
func (f *flow) columns() (left, right *flow) {
	a, b := *f, *f
	a.w = (f.w - gap) / 2
	b.x, b.w = f.x+a.w+gap, a.w
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
			if i == 0 {
				c.text(s, own, 4)
			} else {
				c.text(s, t, 4)
			}
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

// notes sets as many as there is room for, and says how many are left.
func (f *flow) notes(of []string, l *words.Language, bottom float64) {
	if len(of) == 0 {
		return
	}
	f.heading(l.Say("sheet.notes.title"))
	more := func(n int) []string {
		if n == 0 {
			return nil
		}
		return []string{l.Say("sheet.notes.more", "n", n)}
	}
	fits := 0
	for n := range len(of) + 1 {
		try := *f
		try.d = canvas.A4()
		if try.split(append(append([]string{}, of[:n]...), more(len(of)-n)...)); try.y > bottom {
			break
		}
		fits = n
	}
	f.split(append(append([]string{}, of[:fits]...), more(len(of)-fits)...))
}
