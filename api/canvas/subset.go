package canvas

import (
	"encoding/binary"
	"maps"
	"slices"
)

// subset is a font with the glyphs of a drawing alone, numbered anew. It is a
// TrueType font that browsers and readers of PDF take: outlines, widths, the
// characters of each glyph and kerning, no hints.
type subset struct {
	face *face
	id   map[uint16]uint16 // new number of a glyph
	old  []uint16          // by new number
	of   map[rune]uint16   // new number of a character
}

// newSubset numbers the glyphs of some texts, in the order of their characters.
func newSubset(f *face, texts []string) *subset {
	s := &subset{face: f, id: map[uint16]uint16{0: 0}, old: []uint16{0}, of: map[rune]uint16{}}
	seen := map[rune]uint16{}
	for _, t := range texts {
		for _, g := range f.shape(t) {
			if g.none {
				seen[missing] = g.id
			} else {
				seen[g.r] = g.id
			}
		}
	}
	for _, r := range slices.Sorted(maps.Keys(seen)) {
		s.of[r] = s.number(seen[r])
	}
	for i := 0; i < len(s.old); i++ { // more come while it runs
		components(f.glyph(s.old[i]), func(at []byte) { s.number(binary.BigEndian.Uint16(at)) })
	}
	return s
}

// number is the new number of a glyph.
func (s *subset) number(old uint16) uint16 {
	n, ok := s.id[old]
	if !ok {
		n = uint16(len(s.old))
		s.id[old] = n
		s.old = append(s.old, old)
	}
	return n
}

// table is a part of the font file. The file is ours, so that it is as it should
// be; a table that is not there is empty.
func (f *face) table(tag string) []byte {
	for i := range int(binary.BigEndian.Uint16(f.raw[4:])) {
		e := f.raw[12+16*i:]
		if string(e[:4]) == tag {
			at, n := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
			return f.raw[at : at+n]
		}
	}
	return nil
}

// glyph is the outline of a glyph as it stands in the file.
func (f *face) glyph(id uint16) []byte {
	loca, glyf := f.table("loca"), f.table("glyf")
	if binary.BigEndian.Uint16(f.table("head")[50:]) == 0 {
		return glyf[2*int(binary.BigEndian.Uint16(loca[2*int(id):])) : 2*int(binary.BigEndian.Uint16(loca[2*int(id)+2:]))]
	}
	return glyf[binary.BigEndian.Uint32(loca[4*int(id):]):binary.BigEndian.Uint32(loca[4*int(id)+4:])]
}

// components calls each with where the number of each glyph stands that a glyph
// is made of.
func components(g []byte, each func(at []byte)) {
	if len(g) < 10 || int16(binary.BigEndian.Uint16(g)) >= 0 {
		return
	}
	const words, scale, more, both, matrix = 1, 8, 0x20, 0x40, 0x80
	for at := 10; ; {
		flags := binary.BigEndian.Uint16(g[at:])
		each(g[at+2:])
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&both != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

// tables are those of the new font, by tag.
func (s *subset) tables() map[string][]byte {
	big := binary.BigEndian
	var glyf, loca, hmtx []byte
	most := 0
	for _, old := range s.old {
		loca = big.AppendUint32(loca, uint32(len(glyf)))
		g := slices.Clone(s.face.glyph(old))
		components(g, func(at []byte) { big.PutUint16(at, s.id[big.Uint16(at)]) })
		glyf = append(glyf, g...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		bearing := uint16(0)
		if len(g) >= 10 {
			bearing = big.Uint16(g[2:])
		}
		hmtx = big.AppendUint16(big.AppendUint16(hmtx, uint16(s.face.wide[old])), bearing)
		most = max(most, s.face.wide[old])
	}
	loca = big.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := slices.Clone(s.face.table("head")), slices.Clone(s.face.table("hhea")), slices.Clone(s.face.table("maxp"))
	big.PutUint32(head[8:], 0)  // the checksum comes last
	big.PutUint16(head[50:], 1) // long offsets
	big.PutUint16(hhea[10:], uint16(most))
	big.PutUint16(hhea[34:], uint16(len(s.old)))
	big.PutUint16(maxp[4:], uint16(len(s.old)))
	post := make([]byte, 32)
	big.PutUint32(post, 0x30000) // no names of glyphs
	copy(post[4:], s.face.table("post")[4:16])
	t := map[string][]byte{"head": head, "hhea": hhea, "maxp": maxp, "hmtx": hmtx, "loca": loca, "glyf": glyf,
		"cmap": s.cmap(), "post": post, "OS/2": s.face.table("OS/2"), "name": s.face.table("name")}
	if k := s.kern(); k != nil {
		t["kern"] = k
	}
	return t
}

// cmap says which glyph a character has (format 4).
func (s *subset) cmap() []byte {
	type run struct{ first, last, id uint16 } // characters in a row with glyphs in a row
	var runs []run
	for _, r := range slices.Sorted(maps.Keys(s.of)) {
		c, id := uint16(r), s.of[r]
		if n := len(runs); n > 0 && runs[n-1].last+1 == c && runs[n-1].id+(c-runs[n-1].first) == id {
			runs[n-1].last = c
		} else {
			runs = append(runs, run{c, c, id})
		}
	}
	runs = append(runs, run{0xffff, 0xffff, 0})
	n := len(runs)
	power := 0
	for 1<<(power+1) <= n {
		power++
	}
	var b []byte
	put := func(v ...int) {
		for _, x := range v {
			b = binary.BigEndian.AppendUint16(b, uint16(x))
		}
	}
	put(0, 1, 3, 1, 0, 12) // one table, Unicode for Windows
	put(4, 16+8*n, 0, 2*n, 2<<power, power, 2*n-2<<power)
	for _, r := range runs {
		put(int(r.last))
	}
	put(0)
	for _, r := range runs {
		put(int(r.first))
	}
	for _, r := range runs {
		put(int(r.id) - int(r.first))
	}
	for range runs {
		put(0)
	}
	return b
}

// kern says which pairs stand nearer to each other, or farther (format 0).
func (s *subset) kern() []byte {
	var pairs []byte
	n := 0
	chars := slices.Sorted(maps.Keys(s.of))
	slices.SortFunc(chars, func(a, b rune) int { return int(s.of[a]) - int(s.of[b]) })
	for _, a := range chars {
		for _, b := range chars {
			if k := s.face.kern(glyph{r: a, id: s.old[s.of[a]]}, glyph{r: b, id: s.old[s.of[b]]}); k != 0 {
				for _, v := range []uint16{s.of[a], s.of[b], uint16(k)} {
					pairs = binary.BigEndian.AppendUint16(pairs, v)
				}
				n++
			}
		}
	}
	if n == 0 || 14+len(pairs) > 0xffff {
		return nil
	}
	power := 0
	for 1<<(power+1) <= n {
		power++
	}
	var b []byte
	for _, v := range []int{0, 1, 0, 14 + len(pairs), 1, n, 6 << power, power, 6*n - 6<<power} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return append(b, pairs...)
}

// bytes is the font as a file.
func (s *subset) bytes() []byte {
	big := binary.BigEndian
	tables := s.tables()
	tags := slices.Sorted(maps.Keys(tables))
	power := 0
	for 1<<(power+1) <= len(tags) {
		power++
	}
	b := big.AppendUint32(nil, 0x10000)
	for _, v := range []int{len(tags), 16 << power, power, 16*len(tags) - 16<<power} {
		b = big.AppendUint16(b, uint16(v))
	}
	at := 12 + 16*len(tags)
	head := 0
	for _, tag := range tags {
		t := tables[tag]
		if tag == "head" {
			head = at
		}
		b = append(b, tag...)
		b = big.AppendUint32(b, checksum(t))
		b = big.AppendUint32(b, uint32(at))
		b = big.AppendUint32(b, uint32(len(t)))
		at += (len(t) + 3) / 4 * 4
	}
	for _, tag := range tags {
		b = append(b, tables[tag]...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	big.PutUint32(b[head+8:], 0xb1b0afba-checksum(b))
	return b
}

// checksum adds up a table in words of four bytes.
func checksum(t []byte) (sum uint32) {
	for len(t) >= 4 {
		sum += binary.BigEndian.Uint32(t)
		t = t[4:]
	}
	var rest [4]byte
	copy(rest[:], t)
	return sum + binary.BigEndian.Uint32(rest[:])
}
