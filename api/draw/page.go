package draw

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// The layout of the page, pixels.
const (
	edge     = 24
	gutter   = 24
	column   = 264 // legend and insets beside the map
	tallest  = 1.15
	flat     = 1.35 // maps wider than this have the legend below
	narrow   = 680  // and pages narrower than this
	barSpace = 30
	insetW   = 120 // at least
)

// spot is a site: where it is, on the earth or on the page.
type spot struct {
	at   orb.Point
	kind string
	name string
}

// write lays the page out and writes it.
func (d *drawing) write(w io.Writer) error {
	var s svg
	inner := d.width - 2*edge
	y := float64(edge)
	if lines := balanced(d.title, 22, inner, 3); len(lines) > 0 {
		s.text(edge, y+20, 22, 27, ` font-weight="bold"`, lines...)
		y += 27*float64(len(lines)) + 2
	}
	if lines := balanced(d.subtitle, 14.5, inner, 4); len(lines) > 0 {
		s.text(edge, y+14, 14.5, 20, ` fill="#333"`, lines...)
		y += 20 * float64(len(lines))
	}
	y += 12

	sites, merged := d.marked()
	a := d.arrange(sites)
	main := a.panels[0]
	aspect := main.wide() / main.high()
	beside := d.width >= narrow && aspect <= flat
	blocks := d.legend(sites)
	if beside {
		wide := inner - column - gutter
		high := math.Min(wide/aspect, tallest*wide)
		main.fit(rect{edge, y, wide, high}, 4, math.Inf(1))
		x, at := edge+wide+gutter, y+2
		for i := range blocks {
			at += blocks[i].lay(&s, x, at, column) + 14
		}
		if len(a.panels) > 1 {
			at += d.insets(&s, a, x, at, column)
		}
		y += high
		d.bar(&s, main, edge, y+6)
		y = math.Max(y+barSpace, at)
	} else {
		high := math.Min(inner/aspect, 1.2*inner)
		main.fit(rect{edge, y, inner, high}, 4, math.Inf(1))
		y += high
		d.bar(&s, main, edge, y+6)
		y += barSpace + 14
		y = d.flow(&s, a, blocks, y)
	}
	var spots []spot // on the page
	for _, p := range sites {
		if at, ok := a.place(p.at); ok {
			spots = append(spots, spot{at, p.kind, p.name})
		}
	}
	d.draw(&s, a, spots)
	if merged {
		d.notes = append([]string{"a center is a campus: hospital points within 1 km of each other are one"}, d.notes...)
	}
	y = d.footer(&s, a, len(sites)-len(spots), y+8)

	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img" font-family="%[3]s" fill="%[4]s">
<title>%[5]s</title>
<desc>%[6]s</desc>
%[7]s
<rect width="%[1]s" height="%[2]s" fill="%[8]s"/>
`, num(d.width), num(math.Ceil(y)), fonts, ink, escape(d.title), escape(d.subtitle), patterns, ground)
	for _, b := range [][]byte{[]byte(head), s.Bytes(), []byte("</svg>\n")} {
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write map: %w", err)
		}
	}
	return nil
}

// arrange divides the parts into panels.
func (d *drawing) arrange(sites []spot) *atlas {
	parts, names := d.parts, d.layer
	switch {
	case d.areas:
	case len(d.outline) > 0:
		parts = append([]part(nil), d.outline...)
		for _, p := range d.parts {
			p.row = -1
			parts = append(parts, p)
		}
		names = d.regions
	default:
		names = nil
	}
	at := make([]orb.Point, len(sites))
	for i, s := range sites {
		at[i] = s.at
	}
	a := newAtlas(parts, at, func(row int) string {
		if names == nil || row < 0 {
			return ""
		}
		return nameOf(names, row)
	})
	if !d.areas && len(d.outline) > 0 { // back to parts of their own
		for i := range d.outline {
			d.outline[i].cluster = parts[i].cluster
		}
		for i := range d.parts {
			d.parts[i].cluster = parts[len(d.outline)+i].cluster
		}
	}
	return a
}

// nameOf is what people call a row.
func nameOf(l *geo.Layer, row int) string {
	if c, ok := l.Column("name"); ok && c.Text(row) != "" {
		return c.Text(row)
	}
	return l.ID(row)
}

// flow sets insets and legend below the map, as many beside each other as fit.
func (d *drawing) flow(s *svg, a *atlas, blocks []block, y float64) float64 {
	inner := d.width - 2*edge
	x, row := float64(edge), 0.0
	place := func(width float64, lay func(x, y float64) float64) {
		if x > edge && x+width > edge+inner {
			x, y, row = edge, y+row+14, 0
		}
		row = math.Max(row, lay(x, y))
		x += width + gutter
	}
	if len(a.panels) > 1 {
		width := math.Min(inner, float64(min(len(a.panels)-1, 3))*210)
		place(width, func(x, y float64) float64 { return d.insets(s, a, x, y, width) })
	}
	width := math.Min(inner, 236)
	place(width, func(x, y float64) float64 { return blocks[0].lay(s, x, y, width) })
	place(width, func(x, y float64) float64 {
		at := y
		for i := range blocks[1:] {
			at += blocks[1+i].lay(s, x, at, width) + 10
		}
		return at - y
	})
	return y + row
}

// insets sets the insets in rows of frames and gives the height they take.
func (d *drawing) insets(s *svg, a *atlas, x, y, width float64) float64 {
	const gap = 8.0
	n := len(a.panels) - 1
	across := max(1, min(n, int((width+gap)/(insetW+gap)), 3))
	if n == 4 {
		across = min(across, 2)
	}
	w := (width - gap*float64(across-1)) / float64(across)
	h := math.Min(150, w*0.8)
	if across == 1 {
		h = math.Min(150, w*0.5)
	}
	label := 0.0
	names := make([][]string, n)
	for i, p := range a.panels[1:] {
		names[i] = wrap(p.label, 11.5, w-12, 2)
		label = math.Max(label, float64(len(names[i]))*14+5)
	}
	for i, p := range a.panels[1:] {
		fx, fy := x+float64(i%across)*(w+gap), y+float64(i/across)*(h+label+gap)
		s.add(`<rect x="%s" y="%s" width="%s" height="%s" fill="none" stroke="%s"/>`, num(fx), num(fy), num(w), num(h+label), frame)
		s.text(fx+6, fy+14, 11.5, 14, "", names[i]...)
		p.fit(rect{fx + 1, fy + label, w - 2, h - 1}, 6, 1.5*a.panels[0].scale)
	}
	rows := float64((n + across - 1) / across)
	at := rows * (h + label + gap)
	s.text(x, y+at+6, 11, 14, fmt.Sprintf(` fill="%s"`, pale), "Insets have scales of their own.")
	return at + 14
}

// bar draws the scale bar: a round length, at most a quarter of the map.
func (d *drawing) bar(s *svg, p *panel, x, y float64) {
	most := p.box.w / 4 / p.scale / 1000 // km
	size := math.Pow(10, math.Floor(math.Log10(most)))
	for _, m := range []float64{5, 2, 1} {
		if m*size <= most {
			size *= m
			break
		}
	}
	w := size * 1000 * p.scale
	s.add(`<path d="M%s %sv5h%sv-5" fill="none" stroke="%s"/>`, num(x+.5), num(y+.5), num(w), ink)
	s.text(x+w+8, y+7, 11.5, 14, "", plain(size)+" km")
}

// draw puts the map itself on the page.
func (d *drawing) draw(s *svg, a *atlas, spots []spot) {
	if d.areas {
		d.drawAreas(s, a)
	} else {
		d.drawPoints(s, a)
	}
	if len(spots) == 0 {
		return
	}
	r := 3.2
	if len(spots) > 60 {
		r = 2.4
	}
	s.add(`<g id="sites">`)
	for _, k := range kinds {
		mark := k.mark(r)
		for _, p := range spots {
			if p.kind == k.name {
				s.add(`<g transform="translate(%s %s)"><title>%s</title>%s</g>`, num(p.at[0]), num(p.at[1]), escape(p.name), mark)
			}
		}
	}
	s.add(`</g>`)
}

// speck is how small a region's largest piece may be, pixels, before a square
// stands for it; crumb how small any other piece.
const (
	speck = 2.4
	crumb = 0.9
)

// shapes draws the parts of each row and calls each with its path. Borders are
// stroked once for all, so that they look the same on both sides.
func shapes(parts []part, a *atlas, each func(row int, path []byte)) *borders {
	rows := 0
	for i := range parts {
		if i == 0 || parts[i].row != parts[i-1].row {
			rows++
		}
	}
	b := newBorders(parts, detailOf(rows))
	for from := 0; from < len(parts); {
		to := from
		for to < len(parts) && parts[to].row == parts[from].row {
			to++
		}
		var t trail
		var largest orb.Bound
		at := -1
		for i := from; i < to; i++ {
			n := a.of[parts[i].cluster]
			if n < 0 {
				continue
			}
			for k, r := range parts[i].rings {
				line, runs := b.trace(r, a.panels[n].page)
				box := orb.MultiPoint(line).Bound()
				if size := widest(box); k == 0 && (at < 0 || size > widest(largest)) {
					largest, at = box, i
				}
				if line = apart(line); widest(box) < crumb || len(line) < 3 {
					if k == 0 {
						break // its holes are smaller
					}
					continue
				}
				t.ring(line)
				b.drawn(parts[i].row, runs)
			}
		}
		if at >= 0 && widest(largest) < speck {
			t.square(largest.Center(), 3)
		}
		each(parts[from].row, t.data)
		from = to
	}
	return b
}

func widest(b orb.Bound) float64 { return math.Max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]) }

func stroke(s *svg, b *borders, colour string) {
	var t trail
	b.strokes(func(line []orb.Point) {
		t.move(line[0])
		t.lines(line[1:])
	})
	s.add(`<path d="%s" fill="none" stroke="%s" stroke-width=".6" stroke-linejoin="round"/>`, t.data, colour)
}

func (d *drawing) drawAreas(s *svg, a *atlas) {
	if d.layer.Len() > many {
		s.add(`<g id="regions" fill-rule="evenodd" stroke="%s" stroke-width=".4" stroke-linejoin="round">`, line)
	} else {
		s.add(`<g id="regions" fill-rule="evenodd">`)
	}
	b := shapes(d.parts, a, func(row int, path []byte) {
		s.add(`<path data-id="%s" fill="%s" d="%s"%s`, escape(d.layer.ID(row)), d.fill(row), path, d.ending(row))
	})
	s.add(`</g>`)
	if d.layer.Len() <= many {
		stroke(s, b, line)
	}
}

// ending closes the element of a row, with what it says when pointed at.
func (d *drawing) ending(row int) string {
	if d.layer.Len() > many {
		return "/>"
	}
	return "><title>" + escape(d.caption(row)) + "</title></path>"
}

// caption is what a row says when it is pointed at.
func (d *drawing) caption(row int) string {
	v := "no data"
	if x := d.values[row]; d.doubted(row) {
		v = "none in the list (" + string(d.gap[row]) + ")"
	} else if known(x) {
		v = d.style.text(x)
	}
	return nameOf(d.layer, row) + ": " + v
}

// drawPoints draws points of one size, those of the higher classes on top, over
// the outlines of the regions. Points of a class within half a pixel are one.
func (d *drawing) drawPoints(s *svg, a *atlas) {
	if len(d.outline) > 0 {
		var t trail
		b := shapes(d.outline, a, func(_ int, path []byte) { t.data = append(t.data, path...) })
		s.add(`<path d="%s" fill="#f4f4f4" fill-rule="evenodd"/>`, t.data)
		stroke(s, b, "#a8a8a8")
	}
	size := 6.5
	if len(d.parts) > 2000 {
		size = 3.6
	}
	of := map[string]map[[2]int]bool{} // by colour, where on the page, tenths of a pixel
	for _, p := range d.parts {
		n := a.of[p.cluster]
		if n < 0 {
			continue
		}
		fill := pointFill(d.fill(p.row))
		if of[fill] == nil {
			of[fill] = map[[2]int]bool{}
		}
		v := a.panels[n].page(p.at)
		of[fill][[2]int{round(v[1]) / 5 * 5, round(v[0]) / 5 * 5}] = true
	}
	fills := []string{pointFill(noData)}
	for i := range len(d.classes.breaks) + 1 {
		fills = append(fills, d.classes.colour(i))
	}
	s.add(`<g id="points" fill="none" stroke-linecap="round">`)
	for _, f := range fills {
		if len(of[f]) == 0 {
			continue
		}
		var t trail
		for _, at := range slices.SortedFunc(maps.Keys(of[f]), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
			t.dot(at[1], at[0])
		}
		s.add(`<path d="%s" stroke="#666" stroke-width="%s"/>`, t.data, num(size+.8))
		s.add(`<path d="%s" stroke="%s" stroke-width="%s"/>`, t.data, f, num(size))
	}
	s.add(`</g>`)
}

// kindOf is the kind of a site.
func kindOf(l *geo.Layer, i int) string {
	text := func(name string) string {
		c, ok := l.Column(name)
		if !ok {
			return ""
		}
		return c.Text(i)
	}
	if text("status") == "proposed" {
		return "proposed"
	}
	if r := text("roles"); r != "" && !strings.Contains(","+r+",", ",infuse,") {
		return "other"
	}
	return "open"
}

// marked are the sites to draw, one for each campus, as they are counted;
// merged reports whether that left any out.
func (d *drawing) marked() (spots []spot, merged bool) {
	if d.sites == nil {
		return nil, false
	}
	campus, ok := d.sites.Column("campus_id")
	seen := map[[2]string]bool{}
	for i := range d.sites.Rows() {
		s := spot{at: d.sites.Point(i), kind: kindOf(d.sites, i), name: nameOf(d.sites, i)}
		if ok && campus.Text(i) != "" {
			key := [2]string{campus.Text(i), s.kind}
			if seen[key] {
				merged = true
				continue
			}
			seen[key] = true
		}
		spots = append(spots, s)
	}
	return spots, merged
}

// footer sets what is not on the map, the notes and the sources.
func (d *drawing) footer(s *svg, a *atlas, outside int, y float64) float64 {
	const size, leading = 11.5, 15.5
	inner := d.width - 2*edge
	var lines []string
	say := func(text string, most int) { lines = append(lines, wrap(text, size, inner, most)...) }
	if len(a.left) > 0 {
		var names []string
		of := d.layer
		if !d.areas {
			of = d.regions
		}
		for _, row := range a.left {
			names = append(names, nameOf(of, row))
		}
		say("Not drawn, being small and far off: parts of "+strings.Join(names, ", ")+".", 2)
	}
	if n := d.unlocated(); n > 0 {
		say(fmt.Sprintf("Not drawn: %s of the layer without a shape.", count(n, "row")), 1)
	}
	if outside > 0 {
		say(fmt.Sprintf("Not drawn: %s outside the map.", count(outside, "site")), 1)
	}
	for i, n := range d.notes {
		if i == 6 {
			say(fmt.Sprintf("%d more notes stand in the summary of the result.", len(d.notes)-i), 1)
			break
		}
		say("Note: "+sentence(n), 6)
	}
	if len(d.sources) > 0 {
		say("Sources: "+strings.Join(d.sources, "; ")+".", 40) // whom to credit is never cut
	}
	if len(lines) == 0 {
		return y + edge - 8
	}
	s.add(`<path d="M%d %sh%s" stroke="%s"/>`, edge, num(y), num(inner), frame)
	s.text(edge, y+18, size, leading, fmt.Sprintf(` fill="%s"`, pale), lines...)
	return y + 18 + leading*float64(len(lines)-1) + edge - 4
}

// unlocated counts the rows that have no shape.
func (d *drawing) unlocated() int {
	seen := make([]bool, d.layer.Len())
	for _, p := range d.parts {
		seen[p.row] = true
	}
	n := 0
	for _, s := range seen {
		if !s {
			n++
		}
	}
	return n
}

// sentence ends a note with a full stop.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}
