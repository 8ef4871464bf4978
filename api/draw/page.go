package draw

import (
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/api/canvas"
	"careshed/api/words"
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
	insetBar = 16
)

// The ink of the page.
const (
	ink   canvas.Colour = canvas.Ink
	pale  canvas.Colour = "#555555"
	line  canvas.Colour = "#6b6b6b"
	paper canvas.Colour = "#ffffff"
	frame canvas.Colour = "#c8c8c8"
)

// page lays the map out.
func (d *drawing) page() *canvas.Drawing {
	c := canvas.New(d.width, 0)
	c.Title, c.Description, c.Language = d.title, strings.ReplaceAll(d.subtitle, "\u00a0", " "), d.say.Code
	inner := d.width - 2*edge
	y := float64(edge)
	if !d.bare {
		head, under := canvas.Type{Size: 22, Bold: true}, canvas.Type{Size: 14.5, Colour: "#333333"}
		if lines := head.Balanced(d.title, inner, 3); len(lines) > 0 {
			c.Lines(edge, y+20, 27, head, lines...)
			y += 27*float64(len(lines)) + 2
		}
		if lines := under.Balanced(d.subtitle, inner, 8); len(lines) > 0 {
			c.Lines(edge, y+14, 20, under, lines...)
			y += 20 * float64(len(lines))
		}
		y += 12
	}

	sites, merged := d.marked()
	a := d.arrange(sites)
	// Which sites crowd is known once all is in its place, and then the legend says so.
	d.layout(canvas.New(d.width, 0), a, d.legend(sites, false), y)
	_, crowded := crowds(a.spots(sites))
	y = d.layout(c, a, d.legend(sites, crowded), y)
	spots := a.spots(sites)
	d.draw(c, a, spots)
	if merged {
		d.notes = slices.Insert(d.notes, d.foremost, d.say.Say("map.note.campus", "length", d.length(1)))
	}
	if !d.bare {
		y = d.footer(c, a, len(sites)-len(spots), y+8)
	}
	c.Height = math.Ceil(y)
	return c
}

// layout sets the map, its insets and the legend, and gives the height it ends at.
func (d *drawing) layout(c *canvas.Drawing, a *atlas, blocks []block, y float64) float64 {
	inner := d.width - 2*edge
	main := a.panels[0]
	aspect := main.wide() / main.high()
	if d.below(aspect) {
		high := d.lower(math.Min(inner/aspect, 1.2*inner))
		main.fit(rect{edge, y, inner, high}, 4, math.Inf(1))
		y += high
		d.bar(c, main, edge, y+6, 11.5)
		return d.flow(c, a, blocks, y+barSpace+14)
	}
	wide := inner - column - gutter
	high := d.lower(math.Min(wide/aspect, tallest*wide))
	main.fit(rect{edge, y, wide, high}, 4, math.Inf(1))
	x, at := edge+wide+gutter, y+2
	for i := range blocks {
		at += blocks[i].lay(c, d.say, x, at, column) + 14
	}
	if len(a.panels) > 1 {
		at += d.insets(c, a, x, at, column)
	}
	y += high
	d.bar(c, main, edge, y+6, 11.5)
	return math.Max(y+barSpace, at)
}

// lower is the height of the map, where it is bounded.
func (d *drawing) lower(high float64) float64 {
	if d.high > 0 {
		high = math.Min(high, d.high)
	}
	d.high = high
	return high
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
	a := newAtlas(parts, at, d.say, func(row int) string {
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
func (d *drawing) flow(c *canvas.Drawing, a *atlas, blocks []block, y float64) float64 {
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
		width := inner
		if d.width >= narrow {
			width = math.Min(inner, float64(min(len(a.panels)-1, 3))*210)
		}
		place(width, func(x, y float64) float64 { return d.insets(c, a, x, y, width) })
	}
	width := math.Min(inner, 236)
	place(width, func(x, y float64) float64 { return blocks[0].lay(c, d.say, x, y, width) })
	place(width, func(x, y float64) float64 {
		at := y
		for i := range blocks[1:] {
			at += blocks[1+i].lay(c, d.say, x, at, width) + 10
		}
		return at - y
	})
	return y + row
}

// insets sets the insets in rows of frames and gives the height they take.
func (d *drawing) insets(c *canvas.Drawing, a *atlas, x, y, width float64) float64 {
	const gap = 8.0
	n := len(a.panels) - 1
	across := max(1, min(n, int((width+gap)/(insetW+gap)), 3))
	if n == 4 {
		across = min(across, 2)
	}
	w := (width - gap*float64(across-1)) / float64(across)
	h := math.Min(150, w*0.8) + insetBar
	if across == 1 {
		h = math.Min(150, w*0.5) + insetBar
	}
	label := 0.0
	name := canvas.Type{Size: 11.5}
	names := make([][]string, n)
	for i, p := range a.panels[1:] {
		names[i] = name.Wrap(p.label, w-12, 2)
		label = math.Max(label, float64(len(names[i]))*14+5)
	}
	for i, p := range a.panels[1:] {
		fx, fy := x+float64(i%across)*(w+gap), y+float64(i/across)*(h+label+gap)
		c.Rect(fx, fy, w, h+label, canvas.Style{Stroke: frame})
		c.Lines(fx+6, fy+14, 14, name, names[i]...)
		p.fit(rect{fx + 1, fy + label, w - 2, h - 1 - insetBar}, 6, 1.5*a.panels[0].scale)
		d.bar(c, p, fx+6, fy+label+h-insetBar+2, 10)
	}
	rows := float64((n + across - 1) / across)
	at := rows * (h + label + gap)
	c.Text(x, y+at+6, canvas.Type{Size: 11, Colour: pale}, d.say.Say("map.insets"))
	return at + 14
}

// bar draws a scale bar: a round length, at most a quarter of the map.
func (d *drawing) bar(c *canvas.Drawing, p *panel, x, y, size float64) {
	unit, key := 1000.0, "unit.km"
	if d.say.Miles {
		unit, key = 1000*words.KmPerMile, "unit.miles"
	}
	most := p.box.w / 4 / p.scale / unit
	long := math.Pow(10, math.Floor(math.Log10(most)))
	for _, m := range []float64{5, 2, 1} {
		if m*long <= most {
			long *= m
			break
		}
	}
	w := long * unit * p.scale
	var line canvas.Path
	line.Move(x+.5, y+.5)
	line.Line(x+.5, y+5.5)
	line.Line(x+.5+w, y+5.5)
	line.Line(x+.5+w, y+.5)
	c.Draw(&line, canvas.Style{Stroke: ink}, canvas.About{})
	c.Text(x+w+7, y+7, canvas.Type{Size: size}, d.say.Say(key, "n", plain(d.say, long)))
}

// length writes kilometres in the unit of the reader, to a tenth.
func (d *drawing) length(km float64) string {
	if d.say.Miles {
		return d.say.Say("unit.miles", "n", math.Round(10*km/words.KmPerMile)/10)
	}
	return d.say.Say("unit.km", "n", math.Round(10*km)/10)
}

// draw puts the map itself on the page.
func (d *drawing) draw(c *canvas.Drawing, a *atlas, spots []spot) {
	if d.areas {
		d.drawAreas(c, a, spots)
	} else {
		d.drawPoints(c, a)
	}
	if len(spots) == 0 {
		return
	}
	marks, _ := crowds(spots)
	c.Group("sites", "", func() {
		for _, k := range kinds {
			for _, m := range marks {
				if m.kind == k.name {
					c.Group("", strings.Join(m.names, "\n"), func() { m.draw(c, k, markSize(len(spots))) })
				}
			}
		}
	})
}

// speck is how small a region's largest piece may be, pixels, before a square
// stands for it; crumb how small any other piece.
const (
	speck = 2.4
	crumb = 0.9
)

// shapes draws the parts of each row and calls each with its path. Borders are
// stroked once for all, so that they look the same on both sides.
func shapes(parts []part, a *atlas, each func(row int, path *canvas.Path)) *borders {
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
		var path canvas.Path
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
				ring(&path, line, k > 0)
				b.drawn(parts[i].row, runs)
			}
		}
		if at >= 0 && widest(largest) < speck {
			at := largest.Center()
			path.Rect(at[0]-1.5, at[1]-1.5, 3, 3)
		}
		each(parts[from].row, &path)
		from = to
	}
	return b
}

func widest(b orb.Bound) float64 { return math.Max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]) }

// ring adds a closed line to a path; holes go around against outlines.
func ring(path *canvas.Path, line []orb.Point, hole bool) {
	area := 0.0
	for i, p := range line {
		q := line[(i+1)%len(line)]
		area += p[0]*q[1] - q[0]*p[1]
	}
	path.Move(line[0][0], line[0][1])
	for i := 1; i < len(line); i++ {
		p := line[i]
		if area < 0 != hole {
			p = line[len(line)-i]
		}
		path.Line(p[0], p[1])
	}
	path.Close()
}

// stroke draws borders: those between two dark rows light, all others in a colour.
func stroke(c *canvas.Drawing, b *borders, colour canvas.Colour, dark func(row int) bool) {
	var path, light canvas.Path
	b.strokes(func(line []orb.Point, rows []int) {
		p := &path
		if len(rows) > 1 && dark(rows[0]) && dark(rows[1]) {
			p = &light
		}
		p.Move(line[0][0], line[0][1])
		for _, v := range line[1:] {
			p.Line(v[0], v[1])
		}
	})
	c.Draw(&light, canvas.Style{Stroke: paper, Weight: 0.7}, canvas.About{})
	c.Draw(&path, canvas.Style{Stroke: colour, Weight: 0.6}, canvas.About{})
}

func (d *drawing) drawAreas(c *canvas.Drawing, a *atlas, spots []spot) {
	some := d.layer.Len() <= many
	var b *borders
	var all []named
	c.Group("regions", "", func() {
		b = shapes(d.parts, a, func(row int, path *canvas.Path) {
			s, about := canvas.Style{Fill: d.fill(row)}, canvas.About{ID: d.layer.ID(row)}
			if some {
				about.Title = d.caption(row)
			} else {
				s.Stroke, s.Weight = line, 0.4
			}
			c.Draw(path, s, about)
			all = append(all, named{row, path})
		})
	})
	if some {
		stroke(c, b, line, func(row int) bool { f := d.fill(row); return f.Hatch == canvas.NoHatch && f.Colour.Luminance() < 0.55 })
		d.names(c, a.panels[0].box, all, spots)
	}
}

// caption is what a row says when it is pointed at.
func (d *drawing) caption(row int) string {
	v := d.withoutValue(row)
	if known(d.values[row]) {
		v = d.style.text(d.values[row])
	}
	for _, x := range doubts {
		switch {
		case x.why != d.doubt(row):
		case d.doubted(row):
			v = d.say.Say("map.caption.unsure", "why", d.say.Say(x.meaning))
		case d.unsure(row):
			v = d.say.Say("map.caption.perhaps", "value", v, "why", d.say.Say(x.meaning))
		}
	}
	return d.say.Say("map.caption", "name", nameOf(d.layer, row), "value", v)
}

// drawPoints draws points of one size, those of the higher classes on top, over
// the outlines of the regions. Points of a class within half a pixel are one.
func (d *drawing) drawPoints(c *canvas.Drawing, a *atlas) {
	if len(d.outline) > 0 {
		around := d.aroundPlaces()
		b := shapes(d.outline, a, func(row int, path *canvas.Path) {
			fill := canvas.Plain("#f4f4f4")
			if around != nil && around[row] != "" {
				fill = inDoubt(around[row], fill.Colour)
			}
			c.Draw(path, canvas.Style{Fill: fill}, canvas.About{})
		})
		stroke(c, b, "#a8a8a8", func(int) bool { return false })
	}
	size := 6.5
	if len(d.parts) > 2000 {
		size = 3.6
	}
	of := map[canvas.Colour]map[[2]int]bool{} // where on the page, down and across, in half pixels
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
		of[fill][[2]int{int(math.Floor(2 * v[1])), int(math.Floor(2 * v[0]))}] = true
	}
	fills := []canvas.Colour{pointFill(noData)}
	for i := range len(d.classes.breaks) + 1 {
		fills = append(fills, d.classes.colour(i))
	}
	c.Group("points", "", func() {
		for _, f := range fills {
			if len(of[f]) == 0 {
				continue
			}
			var at []canvas.Spot
			for _, p := range slices.SortedFunc(maps.Keys(of[f]), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) }) {
				at = append(at, canvas.Spot{X: float64(p[1]) / 2, Y: float64(p[0]) / 2})
			}
			c.Dots(at, size+.8, "#666666")
			c.Dots(at, size, f)
		}
	})
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
	switch status := text("status"); status {
	case "proposed", "opened", "closed":
		return status
	case "moved":
		return "opened"
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
func (d *drawing) footer(c *canvas.Drawing, a *atlas, outside int, y float64) float64 {
	const leading = 15.5
	small := canvas.Type{Size: 11.5, Colour: pale}
	inner := d.width - 2*edge
	var lines []string
	say := func(text string, most int) { lines = append(lines, small.Wrap(text, inner, most)...) }
	if len(a.left) > 0 {
		var names []string
		of := d.layer
		if !d.areas {
			of = d.regions
		}
		for _, row := range a.left {
			names = append(names, nameOf(of, row))
		}
		say(d.say.Say("map.left_out", "names", strings.Join(names, ", ")), 2)
	}
	if n := d.unlocated(); n > 0 {
		say(d.say.Say("map.no_shape", "n", n), 1)
	}
	if outside > 0 {
		say(d.say.Say("map.outside", "n", outside), 1)
	}
	for i, n := range d.notes {
		if i == 6 {
			say(d.say.Say("map.more_notes", "n", len(d.notes)-i), 1)
			break
		}
		say(d.say.Say("map.note", "text", sentence(n)), 6)
	}
	if len(d.sources) > 0 {
		say(d.say.Say("map.sources", "list", strings.Join(d.sources, "; ")), 40) // whom to credit is never cut
	}
	if len(lines) == 0 {
		return y + edge - 8
	}
	c.Rule(edge, y, edge+inner, y, frame, 1)
	c.Lines(edge, y+18, leading, small, lines...)
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
