package canvas

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// PDF writes the drawing as a document of one page.
func (d *Drawing) PDF(w io.Writer) error { return PDF(w, d) }

// PDF writes drawings as the pages of a document (ISO 32000-1, PDF 1.7), which has
// the title and language of the first. Its text can be selected and searched. It
// says nothing of when it was made.
func PDF(w io.Writer, pages ...*Drawing) error {
	if len(pages) == 0 {
		return fmt.Errorf("write PDF: there is no page")
	}
	p := &pdf{}
	catalog, tree, info := p.next(), p.next(), p.next()
	var resources strings.Builder
	for _, bold := range []bool{false, true} {
		texts := textsOf(bold, pages...)
		if len(texts) == 0 {
			continue
		}
		f := newSubset(Type{Bold: bold}.face(), texts)
		p.fonts[fontIndex(bold)] = f
		n, err := p.font(f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&resources, "/F%d %d 0 R ", fontIndex(bold), n)
	}
	var kids []string
	for _, d := range pages {
		n, err := p.page(d, tree, resources.String())
		if err != nil {
			return err
		}
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
	}
	first := pages[0]
	p.object(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), strings.Join(kids, " ")))
	p.object(info, fmt.Sprintf("<</Title %s/Subject %s/Creator(careshed)>>", pdfText(first.Title), pdfText(first.Description)))
	p.object(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang %s/ViewerPreferences<</DisplayDocTitle true>>>>", tree, pdfText(first.language())))
	if _, err := w.Write(p.file(catalog, info)); err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	return nil
}

// pdf is a document as it grows.
type pdf struct {
	bytes.Buffer
	count int
	at    map[int]int // where an object begins
	fonts [2]*subset
}

func fontIndex(bold bool) int {
	if bold {
		return 1
	}
	return 0
}

// next is the number of a new object.
func (p *pdf) next() int {
	if p.count == 0 {
		p.at = map[int]int{}
		p.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	}
	p.count++
	return p.count
}

func (p *pdf) object(n int, body string) {
	p.at[n] = p.Len()
	fmt.Fprintf(p, "%d 0 obj\n%s\nendobj\n", n, body)
}

// stream is an object of bytes, packed.
func (p *pdf) stream(n int, more string, data []byte) error {
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	if err == nil {
		if _, err = z.Write(data); err == nil {
			err = z.Close()
		}
	}
	if err != nil {
		return fmt.Errorf("write PDF: %w", err)
	}
	p.object(n, fmt.Sprintf("<</Length %d/Filter/FlateDecode%s>>\nstream\n%s\nendstream", packed.Len(), more, packed.Bytes()))
	return nil
}

// file ends the document with the table of its objects.
func (p *pdf) file(catalog, info int) []byte {
	sum := sha256.Sum256(p.Bytes())
	id := hex.EncodeToString(sum[:16])
	table := p.Len()
	fmt.Fprintf(p, "xref\n0 %d\n0000000000 65535 f \n", p.count+1)
	for n := 1; n <= p.count; n++ {
		fmt.Fprintf(p, "%010d 00000 n \n", p.at[n])
	}
	fmt.Fprintf(p, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n", p.count+1, catalog, info, id, id, table)
	return p.Bytes()
}

// pdfText is a text outside the page.
func pdfText(s string) string { return "<feff" + utf16Hex(clean(s)) + ">" }

func utf16Hex(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04x", u)
	}
	return b.String()
}

// font writes a font with what its glyphs mean, and gives its number.
func (p *pdf) font(s *subset) (int, error) {
	f := s.face
	thousandths := func(units int) int { return int(math.Round(float64(units) * 1000 / f.units)) }
	signed := func(table string, at int) int {
		t := f.table(table)
		return thousandths(int(int16(uint16(t[at])<<8 | uint16(t[at+1]))))
	}
	var widths, means []string
	for _, old := range s.old {
		widths = append(widths, strconv.Itoa(thousandths(f.wide[old])))
	}
	for _, r := range slices.Sorted(maps.Keys(s.of)) {
		means = append(means, fmt.Sprintf("<%04x> <%s>", s.of[r], utf16Hex(string(r))))
	}
	raw := s.bytes()
	sum := sha256.Sum256(raw)
	name := "CARESH+CareshedSans-Regular"
	stem := 80
	if f == bold() {
		name, stem = "CARESH+CareshedSans-Bold", 140
	}
	for i := range 6 { // a tag of the subset, as the format wants it
		name = name[:i] + string(rune('A'+sum[i]%26)) + name[i+1:]
	}
	file, unicode, descriptor, descendant, font := p.next(), p.next(), p.next(), p.next(), p.next()
	if err := p.stream(file, fmt.Sprintf("/Length1 %d", len(raw)), raw); err != nil {
		return 0, err
	}
	var cmap strings.Builder
	cmap.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n")
	for part := range slices.Chunk(means, 100) {
		fmt.Fprintf(&cmap, "%d beginbfchar\n%s\nendbfchar\n", len(part), strings.Join(part, "\n"))
	}
	cmap.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end\n")
	if err := p.stream(unicode, "", []byte(cmap.String())); err != nil {
		return 0, err
	}
	p.object(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV %d/FontFile2 %d 0 R>>",
		name, signed("head", 36), signed("head", 38), signed("head", 40), signed("head", 42), signed("hhea", 4), signed("hhea", 6), signed("OS/2", 88), stem, file))
	p.object(descendant, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 0/W[0[%s]]/CIDToGIDMap/Identity>>",
		name, descriptor, strings.Join(widths, " ")))
	p.object(font, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, descendant, unicode))
	return font, nil
}

// page writes a page and gives its number.
func (p *pdf) page(d *Drawing, tree int, fonts string) (int, error) {
	const point = 1 / Point
	height := d.Height * point
	c := &content{fonts: p.fonts}
	c.add("%s 0 0 %s 0 %s cm", real(point), real(-point), real(height))
	c.write(d.marks, place{k: 1})
	n, body := p.next(), p.next()
	if err := p.stream(body, "", c.Bytes()); err != nil {
		return 0, err
	}
	annots := ""
	for _, l := range c.links {
		a := p.next()
		p.object(a, fmt.Sprintf("<</Type/Annot/Subtype/Link/Border[0 0 0]/Rect[%s %s %s %s]/A<</S/URI/URI(%s)>>>>", real(l.x*point), real(height-(l.y+l.h)*point),
			real((l.x+l.w)*point), real(height-l.y*point), strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l.to)))
		annots += fmt.Sprintf("%d 0 R ", a)
	}
	if annots != "" {
		annots = "/Annots[" + annots + "]"
	}
	photos := ""
	for k, of := range c.photos {
		at, err := p.photo(of)
		if err != nil {
			return 0, err
		}
		photos += fmt.Sprintf("/P%d %d 0 R", k, at)
	}
	if photos != "" {
		photos = "/XObject<<" + photos + ">>"
	}
	p.object(n, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources<</Font<<%s>>%s>>%s>>",
		tree, real(d.Width*point), real(height), body, strings.TrimSpace(fonts), photos, annots))
	return n, nil
}

// real writes a number as PDF takes it.
func real(v float64) string {
	s := strconv.FormatFloat(v, 'f', 4, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// content is what a page shows.
type content struct {
	bytes.Buffer
	fonts  [2]*subset
	links  []link
	photos []*Picture
}

func (c *content) add(format string, args ...any) { fmt.Fprintf(c, format+"\n", args...) }

func (c *content) ink(colour Colour, operator string) {
	r, g, b := colour.rgb()
	part := func(v uint8) string { return strconv.FormatFloat(float64(v)/255, 'f', 3, 64) }
	c.add("%s %s %s %s", part(r), part(g), part(b), operator)
}

func (c *content) write(marks []mark, at place) {
	for _, m := range marks {
		switch m := m.(type) {
		case shape:
			c.shape(&m)
		case dots:
			c.ink(m.colour, "RG")
			c.add("1 J %s w", real(m.size))
			for _, s := range m.at {
				c.add("%s %s m %[1]s %s l", num(s.X), num(s.Y))
			}
			c.add("S 0 J")
		case label:
			c.label(m)
		case photo:
			c.photo(m)
		case group:
			c.write(m.marks, at)
		case placed:
			c.add("q %s 0 0 %[1]s %s %s cm", real(m.by.k), real(m.by.x), real(m.by.y))
			c.write(m.sub.marks, at.then(m.by))
			c.add("Q")
		case link:
			x, y := at.of(m.x, m.y)
			c.links = append(c.links, link{box{x, y, m.w * at.k, m.h * at.k}, m.to})
		}
	}
}

// trace writes a path.
func (c *content) trace(p *Path) {
	p.walk(func(s step, at []Spot) {
		for _, a := range at {
			c.WriteString(real(math.Round(a.X*100)/100) + " " + real(math.Round(a.Y*100)/100) + " ")
		}
		c.WriteString([...]string{move: "m", line: "l", curve: "c", shut: "h"}[s] + "\n")
	})
}

func (c *content) shape(m *shape) {
	p, s := m.outline(), m.style
	if p.Empty() {
		return
	}
	filled := s.Fill.Colour != ""
	if filled {
		c.ink(s.Fill.Colour, "rg")
	}
	if s.Fill.Hatch != NoHatch {
		if filled {
			c.trace(p)
			c.add("f")
			filled = false
		}
		c.hatch(p, s.Fill)
	}
	stroked := s.Stroke != ""
	if stroked {
		c.ink(s.Stroke, "RG")
		c.add("%s w 1 j", real(s.weight()))
		if len(s.Dash) > 0 {
			var d []string
			for _, v := range s.Dash {
				d = append(d, real(v))
			}
			c.add("[%s] 0 d", strings.Join(d, " "))
		}
	}
	switch {
	case filled && stroked:
		c.trace(p)
		c.add("B")
	case filled:
		c.trace(p)
		c.add("f")
	case stroked:
		c.trace(p)
		c.add("S")
	}
	if stroked && len(s.Dash) > 0 {
		c.add("[] 0 d")
	}
}

// hatch draws the lines of a pattern inside a path. A pattern of the format
// itself shows seams in some readers.
func (c *content) hatch(p *Path, f Fill) {
	h := hatches[f.Hatch]
	c.add("q")
	c.trace(p)
	c.add("W n")
	c.ink(f.Ink, "RG")
	c.add("%s w", real(h.weight))
	if h.across == nil {
		c.add("1 J")
	}
	h.over(p.bounds(), func(from, to Spot) {
		c.add("%s %s m %s %s l", num(from.X), num(from.Y), num(to.X), num(to.Y))
	})
	c.add("S Q")
}

// label sets a line of text. What the font has not is said beside the boxes that
// stand for it.
func (c *content) label(m label) {
	f := c.fonts[fontIndex(m.t.Bold)]
	glyphs := f.face.shape(m.s)
	var b strings.Builder
	wide, lacks := 0, false
	open := false
	for i, g := range glyphs {
		if !open {
			b.WriteString("<")
			open = true
		}
		fmt.Fprintf(&b, "%04x", f.id[g.id])
		if g.move != 0 && i < len(glyphs)-1 {
			fmt.Fprintf(&b, ">%d", -int(math.Round(float64(g.move)*1000/f.face.units)))
			open = false
		}
		wide += f.face.wide[g.id] + g.move
		lacks = lacks || g.none
	}
	if open {
		b.WriteString(">")
	}
	sin, cos := math.Sincos(m.t.Turn * math.Pi / 180)
	before := float64(wide) / f.face.units * m.t.Size * m.t.Anchor.share()
	if lacks {
		c.add("/Span<</ActualText %s>>BDC", pdfText(m.s))
	}
	c.ink(m.t.colour(), "rg")
	c.add("BT /F%d %s Tf %s %s %[4]s %s %s %s Tm [%s] TJ ET", fontIndex(m.t.Bold), real(m.t.Size), real(cos), real(sin), real(-cos),
		real(m.x-before*cos), real(m.y-before*sin), b.String())
	if lacks {
		c.add("EMC")
	}
}
