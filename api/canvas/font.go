package canvas

import (
	_ "embed"
	"fmt"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The font comes in two weights; fonts/README.md says whose it is.
//
//go:embed fonts/regular.ttf
var regularTTF []byte

//go:embed fonts/bold.ttf
var boldTTF []byte

// face is one weight of the font. It may be used by several at once.
type face struct {
	raw   []byte
	units float64 // of the size
	gid   map[rune]uint16
	wide  []int // advance of each glyph, units
	box   uint16

	mu    sync.Mutex
	font  *sfnt.Font
	buf   sfnt.Buffer
	kerns map[[2]uint16]int
	lines map[uint16]sfnt.Segments
}

var (
	regular = sync.OnceValue(func() *face { return newFace(regularTTF) })
	bold    = sync.OnceValue(func() *face { return newFace(boldTTF) })
)

// missing stands for what the font has not.
const missing = '□'

// newFace reads a font that is part of the program: one that is wrong is our bug.
func newFace(raw []byte) *face {
	parsed, err := sfnt.Parse(raw)
	if err != nil {
		panic(fmt.Errorf("canvas: font: %w", err))
	}
	f := &face{raw: raw, units: float64(parsed.UnitsPerEm()), font: parsed, gid: map[rune]uint16{},
		kerns: map[[2]uint16]int{}, lines: map[uint16]sfnt.Segments{}}
	for i := range parsed.NumGlyphs() {
		w, err := parsed.GlyphAdvance(&f.buf, sfnt.GlyphIndex(i), f.em(), font.HintingNone)
		if err != nil {
			panic(fmt.Errorf("canvas: font: glyph %d: %w", i, err))
		}
		f.wide = append(f.wide, w.Round())
	}
	for r := rune(' '); r <= 0xffff; r++ {
		if g, err := parsed.GlyphIndex(&f.buf, r); err == nil && g != 0 {
			f.gid[r] = uint16(g)
		}
	}
	f.box = f.gid[missing]
	return f
}

// em asks the font for lengths in its own units.
func (f *face) em() fixed.Int26_6 { return fixed.I(int(f.units)) }

// glyph is a sign of a line of text. The next begins its width and then move
// further, in units of the font.
type glyph struct {
	r    rune
	id   uint16
	move int
	none bool // the font has it not: a box stands for it
}

// shape gives the glyphs of a line of text.
func (f *face) shape(s string) []glyph {
	out := make([]glyph, 0, len(s))
	for _, r := range s {
		g := glyph{r: r}
		id, ok := f.gid[r]
		switch {
		case ok:
			g.id = id
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			continue
		default:
			g.id, g.none = f.box, true
			room := 0.6
			if r >= 0x2e80 {
				room = 1
			}
			g.move = int(room*f.units) - f.wide[f.box]
		}
		if n := len(out); n > 0 && ok && !out[n-1].none {
			out[n-1].move += f.kern(out[n-1], g)
		}
		out = append(out, g)
	}
	return out
}

// kern is how much nearer a glyph comes to the one before it, units. Figures keep
// their width, so that columns of numbers stand under each other.
func (f *face) kern(a, b glyph) int {
	if unicode.IsDigit(a.r) || unicode.IsDigit(b.r) {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := [2]uint16{a.id, b.id}
	k, ok := f.kerns[key]
	if !ok {
		v, err := f.font.Kern(&f.buf, sfnt.GlyphIndex(a.id), sfnt.GlyphIndex(b.id), f.em(), font.HintingNone)
		if err == nil {
			k = v.Round()
		}
		f.kerns[key] = k
	}
	return k
}

// advance is how wide a line of text is, in sizes of the font.
func (f *face) advance(s string) float64 {
	n := 0
	for _, g := range f.shape(s) {
		n += f.wide[g.id] + g.move
	}
	return float64(n) / f.units
}

// outline are the lines of a glyph, in units, y down.
func (f *face) outline(id uint16) sfnt.Segments {
	f.mu.Lock()
	defer f.mu.Unlock()
	lines, ok := f.lines[id]
	if !ok {
		loaded, err := f.font.LoadGlyph(&f.buf, sfnt.GlyphIndex(id), f.em(), nil)
		if err == nil {
			lines = append(sfnt.Segments(nil), loaded...) // the buffer is used again
		}
		f.lines[id] = lines
	}
	return lines
}
