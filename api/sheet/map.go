package sheet

import (
	"math"
	"slices"

	"careshed/access/study"
	"careshed/api/canvas"
	"careshed/api/draw"
	"careshed/api/words"
)

// shadedBy is the column by which the map of a sheet is coloured: what its first sentence
// is about. Its limits are the same on every sheet, so that a colour is the same minutes.
const shadedBy = "median_time_min"

// The map of a sheet is so wide, and without its legend so high at most.
const (
	chartWidth = 400.0
	chartMost  = 400.0
)

// chart is the map of a sheet.
type chart struct {
	*canvas.Drawing
	left []string // regions that are not on it
}

// chart draws the map with its legend, nil where the regions have no shapes.
func (s *Sheet) chart(l *words.Language) *chart {
	m := s.locate(chartWidth, chartMost)
	if m == nil {
		return nil
	}
	c := &chart{Drawing: canvas.New(chartWidth, m.height), left: m.left}
	c.Title, c.Language = s.mapTitle(l), l.Code
	column, _ := study.ColumnOf(shadedBy)
	shading, err := draw.Shade(s.from.regions.Layer, draw.Options{Column: shadedBy, Breaks: column.Breaks(), Words: l})
	if err == nil { // else nobody anywhere has a time
		c.legend(shading)
	}
	for _, a := range m.areas {
		style := canvas.Style{Fill: canvas.Plain(land), Stroke: paper, Weight: 0.6}
		if shading.Fills != nil {
			style.Fill, style.Stroke = shading.Fills[a.row], border
		}
		if a.own {
			style.Stroke, style.Weight = canvas.Ink, 1.8
		}
		c.Draw(a.path(), style, canvas.About{Title: s.from.regions.text("name", a.row)})
	}
	if b := m.inset; b != nil {
		c.Rect(b.x, b.y, b.w, b.h, canvas.Style{Stroke: rule, Weight: 0.7})
	}
	for _, d := range m.dots {
		c.Circle(d.x, d.y, 2.1, canvas.Style{Fill: canvas.Plain(canvas.Ink), Stroke: paper, Weight: 0.6})
	}
	n := namer{chart: c, places: m}
	for _, a := range m.areas {
		n.area(a, s.from.regions.text("name", a.row), shading.Fills)
	}
	for _, d := range m.dots {
		n.center(d)
	}
	return c
}

// legend says below the map what its colours mean.
func (c *chart) legend(of draw.Shading) {
	const size, step, swatch = 8.6, 15.0, 14.0
	y := c.Height + 16
	head, text := canvas.Type{Size: size, Bold: true}, canvas.Type{Size: size}
	y = c.Lines(0, y, step, head, head.Wrap(of.Title, c.Width, 3)...) - step + 6
	x := 0.0
	for _, key := range of.Keys {
		lines := text.Wrap(key.Text, c.Width-swatch-6, 3)
		w := swatch + 6
		for _, line := range lines {
			w = math.Max(w, swatch+6+text.Width(line))
		}
		if x > 0 && (x+w > c.Width || len(lines) > 1) {
			x, y = 0, y+step
		}
		c.Rect(x, y, swatch, 9, canvas.Style{Fill: key.Fill, Stroke: border, Weight: 0.5})
		c.Lines(x+swatch+5, y+8, step-3, text, lines...)
		if x += w + 14; len(lines) > 1 {
			x, y = 0, y+step+(step-3)*float64(len(lines)-1)
		}
	}
	if x > 0 {
		y += step
	}
	c.Height = y
}

// border is between regions of a map.
const border canvas.Colour = "#8d95a1"

func (a *area) path() *canvas.Path {
	var path canvas.Path
	for _, ring := range a.rings {
		for i, v := range ring {
			if i == 0 {
				path.Move(v.x, v.y)
			} else {
				path.Line(v.x, v.y)
			}
		}
		path.Close()
	}
	return &path
}

// namer writes names on a map where there is room for them.
type namer struct {
	*chart
	places *locator
	taken  []frame
}

// Sizes of names, the largest that fits.
var nameSizes = []float64{9.5, 8.5, 7.5, 6.8}

// area names a region inside its shape, on as many as two lines.
func (n *namer) area(a area, name string, fills []canvas.Fill) {
	for _, text := range canvas.Names(name, nameSizes...) {
		x, y, ok := a.path().Room(text.Width, text.Height, func(x, y, w, h float64) bool { return n.free(frame{x, y, w, h}) })
		if !ok {
			continue
		}
		at := frame{x, y, text.Width, text.Height}
		text.Type.Colour = canvas.Ink
		if fills != nil {
			if f := fills[a.row]; f.Hatch != canvas.NoHatch {
				n.Rect(at.x, at.y, at.w, at.h, canvas.Style{Fill: canvas.Plain(f.Colour)})
			}
			text = text.On(fills[a.row].Colour)
		}
		n.Name(x, y, text)
		n.taken = append(n.taken, at)
		return
	}
}

// free reports whether nothing stands in a box yet.
func (n *namer) free(at frame) bool {
	for _, d := range n.places.dots {
		if d.x > at.x-3 && d.x < at.x+at.w+3 && d.y > at.y-3 && d.y < at.y+at.h+3 {
			return false
		}
	}
	return !slices.ContainsFunc(n.taken, at.meets)
}

func (f frame) meets(o frame) bool {
	return f.x < o.x+o.w && o.x < f.x+f.w && f.y < o.y+o.h && o.y < f.y+f.h
}

// center names a center of the sheet's own region beside its point.
func (n *namer) center(d dot) {
	if d.name == "" {
		return
	}
	t := canvas.Type{Size: 8, Bold: true}
	w, h := t.Width(d.name)+4, 10.0
	for _, x := range []float64{d.x + 4, d.x - 4 - w} {
		at := frame{x, d.y - h/2, w, h}
		if at.x < 0 || at.x+at.w > n.Width || slices.ContainsFunc(n.taken, at.meets) || n.crowded(at, d) {
			continue
		}
		n.Rect(at.x, at.y, at.w, at.h, canvas.Style{Fill: canvas.Plain(paper)})
		n.Text(at.x+2, at.y+7.8, t, d.name)
		n.taken = append(n.taken, at)
		return
	}
}

// crowded reports whether another center stands where the name of one would.
func (n *namer) crowded(at frame, own dot) bool {
	return slices.ContainsFunc(n.places.dots, func(d dot) bool {
		return d != own && at.meets(frame{d.x - 2, d.y - 2, 4, 4})
	})
}
