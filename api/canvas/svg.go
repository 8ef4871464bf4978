package canvas

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// family is the font in SVG; a program that does not read it out of the file
// takes one of the others.
const family = "'Careshed Sans', Inter, Helvetica, Arial, 'Liberation Sans', sans-serif"

// SVG writes the drawing as SVG, with the glyphs that it uses inside.
func (d *Drawing) SVG(w io.Writer) error {
	s := &svg{patterns: map[string]string{}}
	s.write(d.marks)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img" lang="%[3]s" font-family="%[4]s" fill="%[5]s">`+"\n",
		num(d.Width), num(d.Height), escape(d.language()), family, Ink)
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(d.Title))
	if d.Description != "" {
		fmt.Fprintf(&b, "<desc>%s</desc>\n", escape(d.Description))
	}
	b.WriteString("<defs>\n")
	if err := fontFaces(&b, d); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(s.patterns)) {
		b.WriteString(s.patterns[id])
	}
	fmt.Fprintf(&b, "</defs>\n"+`<rect width="%s" height="%s" fill="#fff"/>`+"\n", num(d.Width), num(d.Height))
	b.Write(s.Bytes())
	b.WriteString("</svg>\n")
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// fontFaces writes the font as a style.
func fontFaces(b *bytes.Buffer, pages ...*Drawing) error {
	var style strings.Builder
	for _, x := range []struct {
		bold   bool
		weight int
	}{{false, 400}, {true, 700}} {
		texts := textsOf(x.bold, pages...)
		if len(texts) == 0 {
			continue
		}
		file, err := newSubset(Type{Bold: x.bold}.face(), texts).woff()
		if err != nil {
			return err
		}
		fmt.Fprintf(&style, "@font-face{font-family:'Careshed Sans';font-weight:%d;src:url(data:font/woff;base64,%s)}\n", x.weight, base64.StdEncoding.EncodeToString(file))
	}
	if style.Len() > 0 {
		fmt.Fprintf(b, "<style>%s</style>\n", style.String())
	}
	return nil
}

// textsOf are the texts set in one weight.
func textsOf(bold bool, pages ...*Drawing) (texts []string) {
	for _, d := range pages {
		each(d.marks, func(m mark) {
			if l, ok := m.(label); ok && l.t.Bold == bold {
				texts = append(texts, l.s)
			}
		})
	}
	return texts
}

// woff is the font as browsers take it, packed (W3C WOFF 1.0).
func (s *subset) woff() ([]byte, error) {
	big := binary.BigEndian
	plain := s.bytes()
	n := int(big.Uint16(plain[4:]))
	head := 44 + 20*n
	var dir, body []byte
	for i := range n {
		e := plain[12+16*i:]
		at, size := big.Uint32(e[8:]), big.Uint32(e[12:])
		table := plain[at : at+size]
		var packed bytes.Buffer
		z, err := zlib.NewWriterLevel(&packed, zlib.BestCompression)
		if err != nil {
			return nil, fmt.Errorf("pack font: %w", err)
		}
		if _, err = z.Write(table); err == nil {
			err = z.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("pack font: %w", err)
		}
		out := packed.Bytes()
		if len(out) >= len(table) {
			out = table
		}
		dir = append(dir, e[:4]...)
		for _, v := range []uint32{uint32(head + len(body)), uint32(len(out)), size, big.Uint32(e[4:])} {
			dir = big.AppendUint32(dir, v)
		}
		body = append(body, out...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	b := append([]byte("wOFF"), 0, 1, 0, 0)
	b = big.AppendUint32(b, uint32(head+len(body)))
	b = big.AppendUint16(b, uint16(n))
	b = big.AppendUint16(b, 0)
	b = big.AppendUint32(b, uint32(len(plain)))
	b = append(b, make([]byte, 44-len(b))...) // no version, metadata or private data
	return append(append(b, dir...), body...), nil
}

// svg collects the body of a picture.
type svg struct {
	bytes.Buffer
	patterns map[string]string // by id
	common   bool              // the group has said how its shapes are stroked
}

func (s *svg) add(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func (s *svg) write(marks []mark) {
	for _, m := range marks {
		switch m := m.(type) {
		case shape:
			s.shape(&m)
		case dots:
			var t trail
			for _, at := range m.at {
				t.dot(at)
			}
			s.add(`<path d="%s" fill="none" stroke-linecap="round" stroke="%s" stroke-width="%s"/>`, t.data, m.colour, num(m.size))
		case label:
			s.label(m)
		case photo:
			s.photo(m)
		case group:
			s.WriteString("<g")
			if m.name != "" {
				fmt.Fprintf(s, ` id="%s"`, escape(m.name))
			}
			before := s.common
			if s.common = alike(m.marks); s.common {
				s.stroke(m.marks[0].(shape).style)
			}
			s.WriteString(">\n")
			if m.title != "" {
				s.add("<title>%s</title>", escape(m.title))
			}
			s.write(m.marks)
			s.add("</g>")
			s.common = before
		case placed:
			s.add(`<g transform="translate(%s %s) scale(%s)">`, num(m.by.x), num(m.by.y), strconv.FormatFloat(m.by.k, 'f', 5, 64))
			s.write(m.sub.marks)
			s.add("</g>")
		case link:
			s.add(`<a href="%s"><rect x="%s" y="%s" width="%s" height="%s" fill="none" pointer-events="all"/></a>`, escape(m.to), num(m.x), num(m.y), num(m.w), num(m.h))
		}
	}
}

// alike reports whether all of several marks are shapes stroked in one way.
func alike(marks []mark) bool {
	for _, m := range marks {
		one, ok := marks[0].(shape)
		if o, same := m.(shape); !ok || !same || o.style.Stroke == "" || o.style.Stroke != one.style.Stroke || o.style.Weight != one.style.Weight || o.style.Dash != nil {
			return false
		}
	}
	return len(marks) > 1
}

func (s *svg) stroke(style Style) {
	fmt.Fprintf(s, ` stroke="%s" stroke-width="%s" stroke-linejoin="round"`, style.Stroke, fine(style.weight()))
}

func (s *svg) shape(m *shape) {
	end := ""
	switch {
	case m.rect != nil:
		fmt.Fprintf(s, `<rect x="%s" y="%s" width="%s" height="%s"`, num(m.rect.x), num(m.rect.y), num(m.rect.w), num(m.rect.h))
	case m.round != nil:
		fmt.Fprintf(s, `<circle cx="%s" cy="%s" r="%s"`, num(m.round.x), num(m.round.y), num(m.round.r))
	default:
		var t trail
		t.path(m.path)
		end = fmt.Sprintf(` d="%s"`, t.data)
		s.WriteString("<path")
	}
	if m.about.ID != "" {
		fmt.Fprintf(s, ` data-id="%s"`, escape(m.about.ID))
	}
	fmt.Fprintf(s, ` fill="%s"`, s.fill(m.style.Fill))
	if m.style.Stroke != "" && !s.common {
		s.stroke(m.style)
	}
	if len(m.style.Dash) > 0 {
		var d []string
		for _, v := range m.style.Dash {
			d = append(d, num(v))
		}
		fmt.Fprintf(s, ` stroke-dasharray="%s"`, strings.Join(d, " "))
	}
	s.WriteString(end)
	if m.about.Title == "" {
		s.add("/>")
		return
	}
	name := "path"
	if m.rect != nil {
		name = "rect"
	} else if m.round != nil {
		name = "circle"
	}
	s.add("><title>%s</title></%s>", escape(m.about.Title), name)
}

func (s *svg) label(m label) {
	fmt.Fprintf(s, `<text x="%s" y="%s" font-size="%s"`, num(m.x), num(m.y), num(m.t.Size))
	if m.t.Bold {
		s.WriteString(` font-weight="700"`)
	}
	if c := m.t.colour(); c != Ink {
		fmt.Fprintf(s, ` fill="%s"`, c)
	}
	switch m.t.Anchor {
	case Middle:
		s.WriteString(` text-anchor="middle"`)
	case End:
		s.WriteString(` text-anchor="end"`)
	}
	if m.t.Turn != 0 {
		fmt.Fprintf(s, ` transform="rotate(%s %s %s)"`, num(m.t.Turn), num(m.x), num(m.y))
	}
	s.add(">%s</text>", escape(m.s))
}

// fill is a fill as an attribute; a hatched one becomes a pattern.
func (s *svg) fill(f Fill) string {
	switch {
	case f.Hatch == NoHatch && f.Colour == "":
		return "none"
	case f.Hatch == NoHatch:
		return string(f.Colour)
	}
	h := hatches[f.Hatch]
	id := fmt.Sprintf("hatch%d-%s-%s", f.Hatch, strings.TrimPrefix(string(f.Colour), "#"), strings.TrimPrefix(string(f.Ink), "#"))
	ground := ""
	if f.Colour != "" {
		ground = fmt.Sprintf(`<rect width="%[1]s" height="%[1]s" fill="%[2]s"/>`, num(h.step), f.Colour)
	}
	half := h.step / 2
	turn, body, shift := "", "", half
	switch f.Hatch {
	case Speckled:
		body = fmt.Sprintf(`<circle cx="%[1]s" cy="%[1]s" r="%[2]s" fill="%[3]s"/>`, num(half), num(h.weight/2), f.Ink)
	default:
		d := fmt.Sprintf("M%s 0v%s", num(half), num(h.step))
		switch f.Hatch {
		case Rising:
			turn = "rotate(45) "
		case Crossed:
			turn = "rotate(45) "
			d += fmt.Sprintf("M0 %sh%s", num(half), num(h.step))
		case Level:
			d = fmt.Sprintf("M0 %sh%s", num(half), num(h.step))
		}
		body = fmt.Sprintf(`<path d="%s" stroke="%s" stroke-width="%s"/>`, d, f.Ink, fine(h.weight))
	}
	s.patterns[id] = fmt.Sprintf(`<pattern id="%s" width="%[2]s" height="%[2]s" patternUnits="userSpaceOnUse" patternTransform="%stranslate(-%[4]s -%[4]s)">%s%s</pattern>`+"\n",
		id, num(h.step), turn, num(shift), ground, body)
	return "url(#" + id + ")"
}

// num writes a length to a tenth of a pixel.
func num(v float64) string { return string(tenths(nil, round(v))) }

// fine writes the weight of a line to a hundredth.
func fine(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

// round is a length in tenths of a pixel; no drawing is as large as a million.
func round(v float64) int { return int(math.Round(math.Min(math.Max(v, -1e6), 1e6) * 10)) }

// tenths appends n/10 as short as it goes.
func tenths(b []byte, n int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	if n >= 10 || n == 0 {
		b = strconv.AppendInt(b, int64(n/10), 10)
	}
	if n%10 != 0 {
		b = append(b, '.', byte('0'+n%10))
	}
	return b
}

// trail writes path data: whole moves, then steps relative to the point before.
type trail struct {
	data           []byte
	x, y           int // the point
	before         int // the last number written
	letter         byte
	startX, startY int
}

func (t *trail) path(p *Path) {
	p.walk(func(s step, at []Spot) {
		switch s {
		case move:
			t.x, t.y = round(at[0].X), round(at[0].Y)
			t.startX, t.startY = t.x, t.y
			t.op('M')
			t.pair(t.x, t.y)
		case line:
			t.op('l')
			t.steps(at)
		case curve:
			t.op('c')
			t.steps(at)
		case shut:
			t.data, t.letter = append(t.data, 'z'), 'z'
			t.x, t.y = t.startX, t.startY
		}
	})
}

// steps writes points relative to where the pen is, and moves it to the last.
func (t *trail) steps(at []Spot) {
	x, y := 0, 0
	for _, s := range at {
		x, y = round(s.X), round(s.Y)
		t.pair(x-t.x, y-t.y)
	}
	t.x, t.y = x, y
}

// dot draws a line without length, which round ends make a dot of.
func (t *trail) dot(s Spot) {
	x, y := round(s.X), round(s.Y)
	if t.letter == 0 {
		t.op('M')
		t.pair(x, y)
	} else {
		t.op('m')
		t.pair(x-t.x, y-t.y)
	}
	t.x, t.y = x, y
	t.data, t.letter = append(t.data, "h0"...), 'h'
}

// op writes a letter unless the one before holds on.
func (t *trail) op(letter byte) {
	if t.letter != letter || letter == 'M' || letter == 'm' {
		t.data, t.letter = append(t.data, letter), letter
	}
}

// pair writes two numbers.
func (t *trail) pair(x, y int) {
	if last := t.data[len(t.data)-1]; last >= '0' && last <= '9' {
		t.next(x)
	}
	t.data = tenths(t.data, x)
	t.before = x
	t.next(y)
	t.data = tenths(t.data, y)
	t.before = y
}

// next sets a space before n where it would run into the number before.
func (t *trail) next(n int) {
	point := n > 0 && n < 10 && t.before%10 != 0 // .5 after a decimal
	if n >= 0 && !point {
		t.data = append(t.data, ' ')
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// escape is a text as content or attribute of XML.
func escape(s string) string { return escaper.Replace(clean(s)) }
