package draw

import (
	"fmt"
	"math"

	"careshed/access"
)

// entry is a line of the legend.
type entry struct {
	swatch string // a fill, or
	dot    string // the markup of a point, drawn around the origin
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

// doubts are why a region without a center in the list is no sure gap.
var doubts = []struct {
	gap           access.Gap
	fill, meaning string
}{
	{access.Stated, "url(#careshed-stated)", "a source says there is one, hospital unnamed"},
	{access.Doubtful, "url(#careshed-doubtful)", "none found, but doubtful"},
	{access.Incomplete, "url(#careshed-incomplete)", "the list is incomplete here"},
	{access.Unknown, "url(#careshed-unknown)", "not known how complete the list is"},
}

const noData = "url(#careshed-none)"

// fill is how a row is drawn.
func (d *drawing) fill(i int) string {
	if d.doubted(i) {
		for _, x := range doubts {
			if x.gap == d.gap[i] {
				return x.fill
			}
		}
	}
	if v := d.values[i]; known(v) {
		return d.classes.colour(d.classes.of(v))
	}
	return noData
}

// legend explains the fills and points that the map has.
func (d *drawing) legend(spots []spot) []block {
	own := block{head: d.legendTitle(), counted: d.rowsWord()}
	for i := range len(d.classes.breaks) + 1 {
		label := d.classes.label(i, d.style)
		if d.subject == centers && d.classes.count[i] > 0 && d.classes.high[i] == 0 && d.classes.low[i] == 0 {
			label = "0: no center"
		}
		own.entries = append(own.entries, d.swatch(d.classes.colour(i), label, d.classes.count[i]))
	}
	missing, doubted := 0, map[access.Gap]int{}
	for i, v := range d.values {
		if d.doubted(i) {
			doubted[d.gap[i]]++
		} else if !known(v) {
			missing++
		}
	}
	if missing > 0 {
		own.entries = append(own.entries, d.swatch(noData, "no data", missing))
	}
	blocks := []block{own}
	unsure := block{head: "None in the list, but no sure gap"}
	for _, x := range doubts {
		if n := doubted[x.gap]; n > 0 {
			unsure.entries = append(unsure.entries, entry{swatch: x.fill, label: x.meaning, count: n})
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
			points.entries = append(points.entries, entry{dot: k.mark(3.2), label: k.label, count: n})
		}
	}
	if len(points.entries) > 0 {
		blocks = append(blocks, points)
	}
	return blocks
}

// swatch is an entry for rows of a fill: areas, or points as they are drawn.
func (d *drawing) swatch(fill, label string, n int) entry {
	e := entry{swatch: fill, label: label, count: n}
	if !d.areas {
		e.dot = fmt.Sprintf(`<circle r="5" fill="%s" stroke="%s" stroke-width=".6"/>`, pointFill(fill), line)
	}
	return e
}

// pointFill is the fill of points, which are too small for hatching.
func pointFill(fill string) string {
	if fill == noData {
		return "#a0a0a0"
	}
	return fill
}

// rowsWord is what the rows of the layer are called.
func (d *drawing) rowsWord() string {
	switch n := d.layer.Name; n {
	case "regions", "places", "sites", "counties":
		return n
	}
	return "rows"
}

// lay draws a block, or only measures it if s is nil, and gives its height.
func (b *block) lay(s *svg, x, y, width float64) float64 {
	at := y
	if b.head != "" {
		room := width
		if b.counted != "" {
			room -= measure(b.counted, 11) + 12
			if s != nil {
				s.text(x+width, at+headSize, 11, 14, fmt.Sprintf(` text-anchor="end" fill="%s"`, pale), b.counted)
			}
		}
		lines := wrap(b.head, headSize, room, 4)
		if s != nil {
			s.text(x, at+headSize, headSize, legendStep+1, ` font-weight="bold"`, lines...)
		}
		at += float64(len(lines))*(legendStep+1) + 6
	}
	for _, e := range b.entries {
		lines := wrap(e.label, legendSize, width-swatchW-8-countW, 3)
		if s != nil {
			if e.dot != "" {
				s.add(`<g transform="translate(%s %s)">%s</g>`, num(x+swatchW/2), num(at+swatchH/2), e.dot)
			} else {
				s.add(`<rect x="%s" y="%s" width="%d" height="%d" fill="%s" stroke="%s" stroke-width=".6"/>`, num(x), num(at), swatchW, swatchH, e.swatch, line)
			}
			s.text(x+swatchW+8, at+12, legendSize, legendStep, "", lines...)
			if e.count >= 0 {
				s.text(x+width, at+12, legendSize, legendStep, fmt.Sprintf(` text-anchor="end" fill="%s"`, pale), grouped(float64(e.count), 0))
			}
		}
		at += math.Max(21, float64(len(lines))*legendStep+5)
	}
	return at - y
}

// kind is a kind of site and how it is marked.
type kind struct {
	name, label string
	mark        func(size float64) string
}

var kinds = []kind{
	{"open", "center", func(r float64) string {
		return fmt.Sprintf(`<circle r="%s" fill="%s" stroke="%s" stroke-width=".9"/>`, num(r), ink, ground)
	}},
	{"other", "site that does not infuse", func(r float64) string {
		return fmt.Sprintf(`<circle r="%s" fill="%s" stroke="%s" stroke-width="1.1"/>`, num(r*0.8), ground, ink)
	}},
	{"proposed", "proposed site", func(r float64) string {
		a := r * 1.5
		return fmt.Sprintf(`<path d="M0 %sl%s %sl%s %sl%s %sz" fill="#c51b8a" stroke="%s" stroke-width=".9"/>`,
			num(-a), num(a), num(a), num(-a), num(a), num(-a), num(-a), ground)
	}},
}
