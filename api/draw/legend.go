package draw

import (
	"math"
	"strings"

	"careshed/api/canvas"
	"careshed/api/words"
)

// entry is a line of the legend.
type entry struct {
	swatch canvas.Fill
	mark   func(c *canvas.Drawing, x, y float64) // a point, in place of the swatch
	label  string
	count  int // of rows, -1 for none
}

// block is a part of the legend that stays together.
type block struct {
	head    string
	counted string // what the counts are of
	entries []entry
}

const (
	legendSize = 12.5
	headSize   = 13
	legendStep = 16 // between lines of one label
	swatchW    = 26
	swatchH    = 15
	countW     = 34
)

var noData = canvas.Fill{Colour: "#e2e2e2", Hatch: canvas.Rising, Ink: "#8c8c8c"}

// fill is how a row is drawn.
func (d *drawing) fill(i int) canvas.Fill {
	v := d.values[i]
	switch {
	case d.doubted(i):
		return inDoubt(d.doubt(i), paper)
	case !known(v):
		return noData
	}
	colour := d.classes.colour(d.classes.of(v))
	if d.unsure(i) {
		return inDoubt(d.doubt(i), colour)
	}
	return canvas.Plain(colour)
}

// legend explains the fills and points that the map has, and circles that stand
// for several.
func (d *drawing) legend(spots []spot, crowded bool) []block {
	own := block{head: d.legendTitle(), counted: d.rowsWord()}
	for i := range len(d.classes.breaks) + 1 {
		label := d.classes.label(i, d.style)
		if d.subject == centers && d.classes.count[i] > 0 && d.classes.high[i] == 0 && d.classes.low[i] == 0 {
			label = d.say.Say("map.zero_centers")
		}
		own.entries = append(own.entries, d.swatch(canvas.Plain(d.classes.colour(i)), label, d.classes.count[i]))
	}
	missing, doubted := 0, map[doubt]int{}
	for i, v := range d.values {
		switch {
		case d.doubted(i) || d.unsure(i):
			doubted[d.doubt(i)]++
		case !known(v):
			missing++
		}
	}
	for _, why := range d.aroundPlaces() {
		if why != "" {
			doubted[why]++
		}
	}
	if missing > 0 {
		own.entries = append(own.entries, d.swatch(noData, d.withoutValue(-1), missing))
	}
	blocks := []block{own}
	unsure := block{head: d.say.Say("map.unsure")}
	if d.subject != centers {
		unsure.head, unsure.counted = d.say.Say("map.unsure.number"), d.say.Say("map.rows.regions")
	}
	for _, x := range doubts {
		if n := doubted[x.why]; n > 0 {
			unsure.entries = append(unsure.entries, entry{swatch: inDoubt(x.why, paper), label: d.say.Say(x.meaning), count: n})
		}
	}
	if len(unsure.entries) > 0 {
		blocks = append(blocks, unsure)
	}
	var points block
	for _, k := range kinds {
		n := 0
		for _, s := range spots {
			if s.kind == k.name {
				n++
			}
		}
		if n > 0 {
			mark := k.mark
			points.entries = append(points.entries, entry{mark: func(c *canvas.Drawing, x, y float64) { mark(c, x, y, 3.2) }, label: d.say.Say(k.label), count: n})
		}
	}
	if crowded {
		points.entries = append(points.entries, entry{mark: func(c *canvas.Drawing, x, y float64) { crowd(c, x, y, "3", kinds[0].crowd) }, label: d.say.Say("map.crowd"), count: -1})
	}
	if len(points.entries) > 0 {
		blocks = append(blocks, points)
	}
	return blocks
}

// swatch is an entry for rows of a fill: areas, or points as they are drawn.
func (d *drawing) swatch(fill canvas.Fill, label string, n int) entry {
	e := entry{swatch: fill, label: label, count: n}
	if !d.areas {
		e.mark = func(c *canvas.Drawing, x, y float64) {
			c.Circle(x, y, 5, canvas.Style{Fill: canvas.Plain(pointFill(fill)), Stroke: line, Weight: 0.6})
		}
	}
	return e
}

// pointFill is the colour of points, which are too small for hatching.
func pointFill(f canvas.Fill) canvas.Colour {
	if f.Hatch != canvas.NoHatch {
		return "#a0a0a0"
	}
	return f.Colour
}

// rowsWord is what the rows of the layer are called.
func (d *drawing) rowsWord() string {
	n, _, _ := strings.Cut(d.layer.Name, "_") // regions_NAME are those of a scenario
	switch n {
	case "regions", "places", "sites", "counties":
		return d.say.Say("map.rows." + n)
	}
	return d.say.Say("map.rows.rows")
}

// lay draws a block and gives its height.
func (b *block) lay(c *canvas.Drawing, say *words.Language, x, y, width float64) float64 {
	at := y
	small := canvas.Type{Size: 11, Colour: pale, Anchor: canvas.End}
	if b.head != "" {
		room := width
		if b.counted != "" {
			room -= small.Width(b.counted) + 12
			c.Text(x+width, at+headSize, small, b.counted)
		}
		head := canvas.Type{Size: headSize, Bold: true}
		lines := head.Wrap(b.head, room, 4)
		c.Lines(x, at+headSize, legendStep+1, head, lines...)
		at += float64(len(lines))*(legendStep+1) + 6
	}
	text := canvas.Type{Size: legendSize}
	for _, e := range b.entries {
		lines := text.Wrap(e.label, width-swatchW-8-countW, 3)
		if e.mark != nil {
			e.mark(c, x+swatchW/2, at+swatchH/2)
		} else {
			c.Rect(x, at, swatchW, swatchH, canvas.Style{Fill: e.swatch, Stroke: line, Weight: 0.6})
		}
		c.Lines(x+swatchW+8, at+12, legendStep, text, lines...)
		if e.count >= 0 {
			c.Text(x+width, at+12, canvas.Type{Size: legendSize, Colour: pale, Anchor: canvas.End}, decimal(say, float64(e.count), 0))
		}
		at += math.Max(21, float64(len(lines))*legendStep+5)
	}
	return at - y
}

// kind is a kind of site and how it is marked.
type kind struct {
	name, label string // label: a text
	mark        func(c *canvas.Drawing, x, y, size float64)
	crowd       crowdStyle
}

var kinds = []kind{
	{"open", "map.center", func(c *canvas.Drawing, x, y, r float64) {
		c.Circle(x, y, r, canvas.Style{Fill: canvas.Plain(ink), Stroke: paper, Weight: 0.9})
	}, crowdStyle{ink, paper, paper}},
	{"other", "map.other_site", func(c *canvas.Drawing, x, y, r float64) {
		c.Circle(x, y, r*0.8, canvas.Style{Fill: canvas.Plain(paper), Stroke: ink, Weight: 1.1})
	}, crowdStyle{paper, ink, ink}},
	{"closed", "map.closed", func(c *canvas.Drawing, x, y, r float64) {
		c.Circle(x, y, r*0.9, canvas.Style{Fill: canvas.Plain(paper), Stroke: "#b30000", Weight: 1.6})
	}, crowdStyle{paper, "#b30000", "#b30000"}},
	{"proposed", "map.proposed", diamond, crowdStyle{"#c51b8a", paper, paper}},
	{"opened", "map.opened", diamond, crowdStyle{"#c51b8a", paper, paper}},
}

// diamond marks a site that is not there today.
func diamond(c *canvas.Drawing, x, y, r float64) {
	var p canvas.Path
	a := r * 1.5
	p.Move(x, y-a)
	p.Line(x+a, y)
	p.Line(x, y+a)
	p.Line(x-a, y)
	p.Close()
	c.Draw(&p, canvas.Style{Fill: canvas.Plain("#c51b8a"), Stroke: paper, Weight: 0.9}, canvas.About{})
}
