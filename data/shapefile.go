package data

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/paulmach/orb"
)

const acceptShapefile = "a ZIP archive with one shapefile: .shp, .dbf, .prj and perhaps .cpg of one name"

// shapefile reads a shapefile (Esri white paper, July 1998) in a ZIP
// archive. Z and M are dropped; the rings of a polygon are sorted into outer
// ones and holes.
func (t *table) shapefile(ctx context.Context, all *archive) error {
	parts, err := t.shapefileParts(all)
	if err != nil {
		return err
	}
	if err := t.prj(parts[".prj"]); err != nil {
		return err
	}
	s := &shp{t: t, b: parts[".shp"], at: 100, end: len(parts[".shp"])}
	if err := s.header(); err != nil {
		return err
	}
	var d *dbf
	var columns []typedColumn
	var fields []dbfField
	var decode func([]byte) (string, bool)
	if b, ok := parts[".dbf"]; ok {
		if decode, err = t.dbfDecoder(string(parts[".cpg"]), b); err != nil {
			return err
		}
		if d, err = t.openDBF(b, decode); err != nil {
			return err
		}
		if columns, fields, err = t.dbfColumns(d); err != nil {
			return err
		}
	} else {
		t.note("The shapefile has no .dbf file: its shapes have no fields.")
	}
	if err := t.typedID(columns); err != nil {
		return err
	}
	t.flat = t.source.Geometry == "none" || t.source.Lon != ""
	values := make([]any, len(columns)+1)
	columns = append(columns, typedColumn{name: "shape", role: aShape})
	for i := 0; s.more(); i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		shape, err := s.next()
		if err != nil {
			return err
		}
		if d != nil {
			if i >= d.rows {
				return &InputError{File: t.name, Field: ".dbf", Problem: fmt.Sprintf("has %d records, the .shp file has more", d.rows), Accept: "as many in both"}
			}
			if d.deleted(i) {
				continue
			}
			for k, f := range fields {
				if values[k], err = t.dbfCell(d, i, f, decode); err != nil {
					return err
				}
			}
		}
		if err := t.typedRow(columns, values, func(any) (orb.Geometry, error) { return shape, nil }); err != nil {
			return err
		}
	}
	return nil
}

// shapefileParts are the files of the shapefile by their ending, unpacked
// within the limit of bytes.
func (t *table) shapefileParts(all *archive) (map[string][]byte, error) {
	z, fault := all.z, all.fault
	stem := ""
	var found []string
	for _, f := range z.File {
		ext := strings.ToLower(path.Ext(f.Name))
		if base := path.Base(f.Name); ext != ".shp" || strings.HasPrefix(base, "._") {
			continue
		}
		name := strings.TrimSuffix(f.Name, path.Ext(f.Name))
		found = append(found, path.Base(name))
		if t.source.Table == "" || path.Base(name) == t.source.Table {
			stem = name
		}
	}
	switch {
	case len(found) == 0:
		return nil, fault("holds no .shp file")
	case t.source.Table != "" && stem == "":
		return nil, &InputError{File: t.name, Field: "table", Value: t.source.Table, Problem: "not there" + meant(t.source.Table, found), Accept: list(found)}
	case t.source.Table == "" && len(found) > 1:
		return nil, &InputError{File: t.name, Problem: fmt.Sprintf("holds %d shapefiles", len(found)), Accept: "the name of one of them as table: " + list(found), Tables: found}
	}
	t.offers(found)
	parts := map[string][]byte{}
	for _, f := range z.File {
		ext := strings.ToLower(path.Ext(f.Name))
		if !strings.EqualFold(strings.TrimSuffix(f.Name, path.Ext(f.Name)), stem) || ext != ".shp" && ext != ".dbf" && ext != ".prj" && ext != ".cpg" {
			continue
		}
		if _, twice := parts[ext]; twice {
			return nil, fault(fmt.Sprintf("holds %s twice", plain(f.Name)))
		}
		b, err := all.all(f)
		if err != nil {
			return nil, err
		}
		parts[ext] = b
	}
	return parts, nil
}

// prj takes note of the system of the coordinates.
func (t *table) prj(text []byte) error {
	if len(text) == 0 {
		return t.undeclared("The shapefile has no .prj file")
	}
	return t.declared(".prj", systemOfText(strings.ToValidUTF8(string(text), "\ufffd")))
}

// shp goes through the records of a .shp file.
type shp struct {
	t       *table
	b       []byte
	at, end int
}

func (s *shp) fault(problem, accept string) error { return s.t.fault(".shp", "", problem, accept) }

const wholeSHP = "a whole .shp file"

func (s *shp) header() error {
	if len(s.b) < 100 || binary.BigEndian.Uint32(s.b) != 9994 {
		return &InputError{File: s.t.name, Field: ".shp", Problem: "does not begin as shapefiles do", Accept: wholeSHP}
	}
	if end := 2 * int64(binary.BigEndian.Uint32(s.b[24:])); end < 100 || end > int64(len(s.b)) {
		return &InputError{File: s.t.name, Field: ".shp", Problem: fmt.Sprintf("announces %d bytes and has %d: it ends in the middle", end, len(s.b)), Accept: wholeSHP}
	} else {
		s.end = int(end)
	}
	return nil
}

func (s *shp) more() bool { return s.at < s.end }

// next reads the shape of the next record, nil for none.
func (s *shp) next() (orb.Geometry, error) {
	if s.end-s.at < 12 {
		return nil, s.fault("ends in the middle", wholeSHP)
	}
	size := 2 * int64(binary.BigEndian.Uint32(s.b[s.at+4:]))
	if size < 4 || size > int64(s.end-s.at-8) {
		return nil, s.fault("ends in the middle", wholeSHP)
	}
	b := s.b[s.at+8 : s.at+8+int(size)]
	s.at += 8 + int(size)
	kind := binary.LittleEndian.Uint32(b)
	b = b[4:]
	switch kind {
	case 0:
		return nil, nil
	case 11, 13, 15, 18, 21, 23, 25, 28:
		s.t.heights()
		kind %= 10
	}
	c := caster{t: s.t, stride: 2}
	switch kind {
	case 1:
		if len(b) < 16 {
			return nil, s.fault("has a point that ends in the middle", wholeSHP)
		}
		c.flat = doubles(b[:16])
		if p := c.point(0); c.err == nil {
			return p, nil
		}
		return nil, c.err
	case 8:
		if len(b) < 36 {
			return nil, s.fault("has points that end in the middle", wholeSHP)
		}
		n, err := s.count(b[32:], b[36:], 16)
		if err != nil || n == 0 {
			return nil, err
		}
		c.flat = doubles(b[36 : 36+16*n])
		if m := orb.MultiPoint(c.points(0, len(c.flat))); c.err == nil {
			return m, nil
		}
		return nil, c.err
	case 3, 5:
		return s.parts(kind, b, c)
	}
	return nil, s.fault(fmt.Sprintf("has a shape of kind %d, which is not read", kind), "points, lines and polygons (1, 3, 5, 8 and with Z or M)")
}

// count is a number of positions that fit into rest.
func (s *shp) count(number, rest []byte, size int) (int, error) {
	n := int64(binary.LittleEndian.Uint32(number))
	switch {
	case n*int64(size) > int64(len(rest)):
		return 0, s.fault(fmt.Sprintf("announces %d parts and has %d bytes", n, len(rest)), wholeSHP)
	case n > int64(s.t.lim.Vertices):
		return 0, s.fault(fmt.Sprintf("has more than %d positions", s.t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
	}
	return int(n), nil
}

// parts reads lines or rings.
func (s *shp) parts(kind uint32, b []byte, c caster) (orb.Geometry, error) {
	if len(b) < 40 {
		return nil, s.fault("has a shape that ends in the middle", wholeSHP)
	}
	count, err := s.count(b[32:], b[40:], 4)
	if err != nil {
		return nil, err
	}
	starts := b[40 : 40+4*count]
	n, err := s.count(b[36:], b[40+4*count:], 16)
	if err != nil || n == 0 || count == 0 {
		return nil, err
	}
	c.flat = doubles(b[40+4*count : 40+4*count+16*n])
	var lines orb.MultiLineString
	var rings []orb.Ring
	for k := range count {
		from, to := int64(binary.LittleEndian.Uint32(starts[4*k:])), int64(n)
		if k+1 < count {
			to = int64(binary.LittleEndian.Uint32(starts[4*k+4:]))
		}
		if from > to || to > int64(n) || k == 0 && from != 0 {
			return nil, s.fault("has parts that do not follow each other", wholeSHP)
		}
		if kind == 3 {
			lines = append(lines, c.line(int(2*from), int(2*to)))
		} else {
			p, _ := c.polygon(int(2*from), []int{int(2 * to)})
			if c.err != nil {
				return nil, c.err
			}
			rings = append(rings, p[0])
		}
	}
	switch {
	case c.err != nil:
		return nil, c.err
	case kind == 3 && len(lines) == 1:
		return lines[0], nil
	case kind == 3:
		return lines, nil
	}
	shape, ok := sorted(rings)
	if !ok {
		return nil, s.fault(fmt.Sprintf("has %d rings, too many to sort holes from", len(rings)), "a simpler geometry")
	}
	return shape, nil
}

func doubles(b []byte) []float64 {
	v := make([]float64, len(b)/8)
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return v
}
