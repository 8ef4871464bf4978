package data

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"

	"careshed/geo"

	"github.com/paulmach/orb"
)

const acceptFGB = "FlatGeobuf of version 3"

// readFlatGeobuf reads FlatGeobuf 3 (flatgeobuf.org). Its index is passed over.
func readFlatGeobuf(ctx context.Context, r io.Reader, t *table) error {
	in, err := at(ctx, r, t.name, t.lim.Bytes)
	if err != nil {
		return err
	}
	f := &fgb{t: t, in: bufio.NewReaderSize(io.NewSectionReader(in, 0, in.size), 1<<16), left: in.size}
	var magic [8]byte
	if _, err := io.ReadFull(f.in, magic[:]); err != nil || string(magic[:3]) != "fgb" || string(magic[4:7]) != "fgb" {
		return f.fault("does not begin as FlatGeobuf does")
	}
	if magic[3] != 3 {
		return f.fault(fmt.Sprintf("is of version %d", magic[3]))
	}
	f.left -= 8
	head, err := f.block(16 << 20)
	if err != nil {
		return err
	}
	columns, err := f.header(head)
	if err != nil {
		return err
	}
	if err := t.typedID(columns); err != nil {
		return err
	}
	values := make([]any, len(columns)+1)
	columns = append(columns, typedColumn{name: "shape", role: aShape})
	for n := 0; f.left > 0; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b, err := f.block(1 << 30)
		if err != nil {
			return err
		}
		root, ok := flatRoot(b)
		if !ok {
			return f.damaged()
		}
		clear(values)
		if err := f.properties(root, values); err != nil {
			return err
		}
		shape, has := root.table(0)
		values[len(values)-1] = has
		if err := t.typedRow(columns, values, func(any) (orb.Geometry, error) {
			if !has {
				return nil, nil
			}
			return f.shape(shape, f.kind, 0)
		}); err != nil {
			return err
		}
	}
	if f.count > 0 && uint64(t.rows) != f.count {
		return f.fault(fmt.Sprintf("announces %d features and has %d", f.count, t.rows))
	}
	return nil
}

// fgb is a file of FlatGeobuf that is being read.
type fgb struct {
	t     *table
	in    *bufio.Reader
	left  int64
	kind  byte // of all geometries, 0 where each says its own
	count uint64
	types []byte // of the columns
	to    []int  // where their values go, -1 for nowhere
}

func (f *fgb) fault(problem string) error {
	return &InputError{File: f.t.name, Problem: problem, Accept: acceptFGB}
}

func (f *fgb) damaged() error {
	return f.t.fault("", "", "is damaged", "whole "+acceptFGB)
}

// block reads a buffer behind its size.
func (f *fgb) block(most int64) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(f.in, size[:]); err != nil {
		return nil, f.fault("ends in the middle")
	}
	n := int64(binary.LittleEndian.Uint32(size[:]))
	if f.left -= 4 + n; f.left < 0 || n > most || n < 8 {
		return nil, f.fault("ends in the middle, or has a part of an impossible size")
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(f.in, b); err != nil {
		return nil, f.fault("ends in the middle")
	}
	return b, nil
}

// The types of columns.
const (
	fgbByte = iota
	fgbUByte
	fgbBool
	fgbShort
	fgbUShort
	fgbInt
	fgbUInt
	fgbLong
	fgbULong
	fgbFloat
	fgbDouble
	fgbString
	fgbJSON
	fgbDateTime
	fgbBinary
)

// fgbSizes are the bytes of a value; 0 where the value says its own.
var fgbSizes = [...]int{1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0, 0, 0}

// header reads what all features have in common and passes over the index.
func (f *fgb) header(b []byte) ([]typedColumn, error) {
	t := f.t
	h, ok := flatRoot(b)
	if !ok {
		return nil, f.damaged()
	}
	f.kind = byte(h.scalar(2, 1))
	if h.scalar(3, 1) != 0 || h.scalar(4, 1) != 0 {
		t.heights()
	}
	f.count = h.scalar(8, 8)
	node := uint64(16)
	if h.field(9) != 0 {
		node = h.scalar(9, 2)
	}
	if t.about.Title == "" {
		t.about.Title = h.text(11)
	}
	if t.about.Description == "" {
		t.about.Description = h.text(12)
	}
	t.flat = t.source.Geometry == "none" || t.source.Lon != ""
	if !t.flat {
		if err := f.system(h); err != nil {
			return nil, err
		}
	}
	if f.count > uint64(t.lim.Features) {
		return nil, &InputError{File: t.name, Problem: fmt.Sprintf("holds %d features, more than %d", f.count, t.lim.Features), Accept: "fewer features, or a higher limit"}
	}
	if f.count > 0 && node > 0 {
		if node < 2 {
			return nil, f.damaged()
		}
		nodes := f.count
		for n := f.count; n > 1; nodes += n {
			n = (n + node - 1) / node
		}
		if f.count == 1 {
			nodes = 2 // a root above the only leaf
		}
		skip := int64(nodes) * 40
		if f.left -= skip; f.left < 0 {
			return nil, f.fault("ends in the middle of its index")
		}
		if _, err := io.CopyN(io.Discard, f.in, skip); err != nil {
			return nil, f.fault("ends in the middle of its index")
		}
	}
	return f.columns(h)
}

// system takes the system that the header names.
func (f *fgb) system(h flatTable) error {
	crs, ok := h.table(10)
	if !ok {
		return f.t.undeclared("The FlatGeobuf file does not name its coordinate reference system")
	}
	authority, code := crs.text(0), int32(crs.scalar(1, 4))
	s := &system{code: authority + ":" + strconv.Itoa(int(code)), name: crs.text(2), problem: "is not known"}
	if text := crs.text(4); text != "" {
		s = systemOfText(text)
	}
	if s.problem != "" && code > 0 {
		if authority == "" {
			authority = "EPSG"
		}
		if coded := systemOfCode(authority, strconv.Itoa(int(code))); coded.problem == "" {
			s = coded
		}
	}
	if code == 0 && crs.text(4) == "" {
		return f.t.undeclared("The FlatGeobuf file does not name its coordinate reference system")
	}
	return f.t.declared("crs", s)
}

func (f *fgb) columns(h flatTable) ([]typedColumn, error) {
	t := f.t
	n, at := h.vector(7, 4)
	if n > t.lim.Columns {
		return nil, &InputError{File: t.name, Problem: fmt.Sprintf("has more than %d columns", t.lim.Columns), Accept: "fewer columns, or a higher limit"}
	}
	var columns []typedColumn
	for i := range n {
		c, ok := h.indirect(at + 4*i)
		if !ok {
			return nil, f.damaged()
		}
		name, kind := c.text(0), byte(c.scalar(1, 1))
		if int(kind) >= len(fgbSizes) {
			return nil, f.damaged()
		}
		f.types, f.to = append(f.types, kind), append(f.to, -1)
		if kind == fgbBinary {
			t.note("The column " + plain(name) + " holds bytes and was left out.")
			continue
		}
		col := typedColumn{name: name, declared: geo.Integer}
		switch kind {
		case fgbBool:
			col.declared = geo.Bool
		case fgbFloat, fgbDouble:
			col.declared = geo.Number
		case fgbString, fgbJSON, fgbDateTime:
			col.declared = geo.Text
		}
		var err error
		if col.to, err = t.typed(name); err != nil {
			return nil, err
		}
		if col.to == nil {
			col.role = anID
		} else {
			col.to.declare(col.declared)
			if col.to.field.Title == "" {
				col.to.field.Title = c.text(2)
			}
		}
		f.to[i] = len(columns)
		columns = append(columns, col)
	}
	return columns, nil
}

// properties reads the values of a feature: the number of a column, then its value.
func (f *fgb) properties(root flatTable, values []any) error {
	n, at := root.vector(1, 1)
	b := root.b[at : at+n]
	if _, own := root.table(2); own {
		return f.t.fault("", "", "has columns of its own", "one list of columns for all features")
	}
	for len(b) > 0 {
		if len(b) < 2 {
			return f.damaged()
		}
		k := int(binary.LittleEndian.Uint16(b))
		b = b[2:]
		if k >= len(f.types) {
			return f.damaged()
		}
		size := fgbSizes[f.types[k]]
		if size == 0 {
			if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
				return f.damaged()
			}
			size = int(binary.LittleEndian.Uint32(b))
			b = b[4:]
		}
		if len(b) < size {
			return f.damaged()
		}
		if f.to[k] >= 0 {
			values[f.to[k]] = fgbValue(f.types[k], b[:size])
		}
		b = b[size:]
	}
	return nil
}

func fgbValue(kind byte, b []byte) any {
	switch kind {
	case fgbByte:
		return int64(int8(b[0]))
	case fgbUByte:
		return int64(b[0])
	case fgbBool:
		return b[0] != 0
	case fgbShort:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case fgbUShort:
		return int64(binary.LittleEndian.Uint16(b))
	case fgbInt:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case fgbUInt:
		return int64(binary.LittleEndian.Uint32(b))
	case fgbLong:
		return int64(binary.LittleEndian.Uint64(b))
	case fgbULong:
		return digits(strconv.FormatUint(binary.LittleEndian.Uint64(b), 10))
	case fgbFloat:
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	case fgbDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	}
	return string(b)
}

// shape reads a geometry, a part of a multiple one at depth 1.
func (f *fgb) shape(g flatTable, kind byte, depth int) (orb.Geometry, error) {
	t := f.t
	if own := byte(g.scalar(6, 1)); own != 0 {
		kind = own
	}
	n, at := g.vector(1, 8)
	if n/2 > t.lim.Vertices {
		return nil, t.fault("geometry", "", fmt.Sprintf("has more than %d positions", t.lim.Vertices), "a simpler geometry, or a higher limit of vertices")
	}
	c := caster{t: t, flat: doubles(g.b[at : at+8*n]), stride: 2, left: t.lim.Vertices}
	if n%2 != 0 {
		return nil, f.damaged()
	}
	ends, err := f.ends(g, n)
	if err != nil {
		return nil, err
	}
	var shape orb.Geometry
	switch {
	case kind == 6 && depth == 0: // its polygons are parts
		return f.polygons(g)
	case n == 0:
		return nil, nil
	case kind == 1:
		if n == 2 && c.flat[0] != c.flat[0] {
			return nil, nil
		}
		shape = c.point(0)
	case kind == 2:
		shape = c.line(0, n)
	case kind == 3:
		shape, _ = c.polygon(0, ends)
	case kind == 4:
		shape = orb.MultiPoint(c.points(0, n))
	case kind == 5:
		var lines orb.MultiLineString
		from := 0
		for _, to := range ends {
			lines = append(lines, c.line(from, to))
			from = to
		}
		shape = lines
	default:
		return nil, t.fault("geometry", fmt.Sprint(kind), "a kind that is not read", geometryKinds)
	}
	if c.err != nil {
		return nil, c.err
	}
	return shape, nil
}

func (f *fgb) polygons(g flatTable) (orb.Geometry, error) {
	n, at := g.vector(7, 4)
	var all orb.MultiPolygon
	for i := range n {
		part, ok := g.indirect(at + 4*i)
		if !ok {
			return nil, f.damaged()
		}
		s, err := f.shape(part, 3, 1)
		if err != nil {
			return nil, err
		}
		if p, ok := s.(orb.Polygon); ok {
			all = append(all, p)
		}
	}
	if all == nil {
		return nil, nil
	}
	return all, nil
}

// ends are where lines or rings end in the n numbers of the positions.
func (f *fgb) ends(g flatTable, n int) ([]int, error) {
	count, at := g.vector(0, 4)
	if count == 0 {
		return []int{n}, nil
	}
	ends := make([]int, count)
	last := 0
	for i := range ends {
		ends[i] = 2 * int(binary.LittleEndian.Uint32(g.b[at+4*i:]))
		if ends[i] < last || ends[i] > n {
			return nil, f.damaged()
		}
		last = ends[i]
	}
	if last != n {
		return nil, f.damaged()
	}
	return ends, nil
}

// flatTable is a table of FlatBuffers: every offset is looked at before it is
// followed, and what is not there reads as nothing.
type flatTable struct {
	b      []byte
	at     int
	fields []byte // the table of offsets, two bytes a field
}

// flatRoot is the root of a buffer.
func flatRoot(b []byte) (flatTable, bool) {
	return flatTable{b: b}.indirect(0)
}

// indirect is the table to which the offset at a place leads.
func (t flatTable) indirect(at int) (flatTable, bool) {
	if at < 0 || at+4 > len(t.b) {
		return flatTable{}, false
	}
	at += int(binary.LittleEndian.Uint32(t.b[at:]))
	if at+4 > len(t.b) {
		return flatTable{}, false
	}
	offsets := at - int(int32(binary.LittleEndian.Uint32(t.b[at:])))
	if offsets < 0 || offsets+4 > len(t.b) {
		return flatTable{}, false
	}
	size := int(binary.LittleEndian.Uint16(t.b[offsets:]))
	if size < 4 || offsets+size > len(t.b) {
		return flatTable{}, false
	}
	return flatTable{b: t.b, at: at, fields: t.b[offsets+4 : offsets+size]}, true
}

// field is the place of a field, 0 where it is left out.
func (t flatTable) field(n int) int {
	if 2*n+2 > len(t.fields) {
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(t.fields[2*n:]))
	if offset == 0 || t.at+offset >= len(t.b) {
		return 0
	}
	return t.at + offset
}

// scalar is a number without sign of so many bytes.
func (t flatTable) scalar(n, size int) uint64 {
	at := t.field(n)
	if at == 0 || at+size > len(t.b) {
		return 0
	}
	var b [8]byte
	copy(b[:], t.b[at:at+size])
	return binary.LittleEndian.Uint64(b[:])
}

// table is a field that is a table.
func (t flatTable) table(n int) (flatTable, bool) {
	at := t.field(n)
	if at == 0 {
		return flatTable{}, false
	}
	return t.indirect(at)
}

// vector is the length of a field that is a list of items of so many bytes, and
// where they begin; nothing where they do not fit.
func (t flatTable) vector(n, size int) (length, at int) {
	at = t.field(n)
	if at == 0 || at+4 > len(t.b) {
		return 0, 0
	}
	at += int(binary.LittleEndian.Uint32(t.b[at:]))
	if at+4 > len(t.b) {
		return 0, 0
	}
	length = int(binary.LittleEndian.Uint32(t.b[at:]))
	if at += 4; length < 0 || length > (len(t.b)-at)/size {
		return 0, 0
	}
	return length, at
}

// text is a field that is a text.
func (t flatTable) text(n int) string {
	length, at := t.vector(n, 1)
	return string(t.b[at : at+length])
}
