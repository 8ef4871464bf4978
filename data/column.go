package data

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"careshed/geo"
)

// shape is what the values of a column have been so far.
type shape uint8

const (
	nothing shape = iota
	wholes
	numbers
	truths
	texts
)

// column collects values and finds their type. It starts with the narrowest
// type and widens; when it becomes text, the earlier values come back as they
// stood in the file. Rows that were left out are filled with "no value".
type column struct {
	name   string
	field  geo.Field // what a container tells of it: title, unit, evidence
	shape  shape
	values []float64 // unless text
	text   geo.TextColumn
	next   ahead
	empty  int // rows before the first value

	nameless bool // the file gives it none, in line namedAt
	namedAt  int

	odd spellings // the literals that their value would not be written as
}

// spellings are texts by row, for rows in rising order: of each how many rows it
// comes behind the one before, its length and its bytes.
type spellings struct {
	coded []byte
	last  int // row
}

func (s *spellings) add(row int, text []byte) {
	s.coded = binary.AppendUvarint(s.coded, uint64(row-s.last))
	s.coded = binary.AppendUvarint(s.coded, uint64(len(text)))
	s.coded = append(s.coded, text...)
	s.last = row
}

// spelling is a row with its text, on the way through the rows that have one.
type spelling struct {
	row  int // -1 behind the last
	text []byte
	left []byte
}

func (s *spellings) first() *spelling {
	x := &spelling{left: s.coded}
	x.next()
	return x
}

func (x *spelling) next() {
	if len(x.left) == 0 {
		x.row, x.text = -1, nil
		return
	}
	step, n := binary.Uvarint(x.left)
	size, k := binary.Uvarint(x.left[n:])
	x.row += int(step)
	x.text, x.left = x.left[n+k:n+k+int(size)], x.left[n+k+int(size):]
}

// of is the text of a row, nil if it has none; rows are asked for in rising order.
func (x *spelling) of(row int) []byte {
	if row != x.row {
		return nil
	}
	text := x.text
	x.next()
	return text
}

// pad adds rows without a value until there are n.
func (c *column) pad(n int) {
	switch c.shape {
	case nothing:
		c.empty = n
	case texts:
		for c.text.Len() < n {
			c.text.AppendNull()
		}
	default:
		for len(c.values) < n {
			c.values = append(c.values, math.NaN())
		}
	}
}

// become turns a column without values into one of a shape.
func (c *column) become(s shape) {
	n := c.empty
	c.shape = s
	c.pad(n)
}

// add appends a number, truth or, failing that, the text that stands in the
// file; lit is the literal without surrounding space, full with it.
func (c *column) add(lit, full []byte) {
	v, kind, canonical := parseNumber(lit)
	switch {
	case kind == notNumber:
		c.addText(full)
		return
	case c.shape == texts || c.shape == truths:
		c.addText(full)
		return
	case c.shape == nothing && kind == whole:
		c.become(wholes)
	case c.shape == nothing:
		c.become(numbers)
	case c.shape == wholes && kind == fraction:
		c.shape = numbers
	}
	c.keep(v, canonical && len(lit) == len(full), full)
}

// addSpelled appends a number that the file spells as full, with other signs; if
// it is none, the text.
func (c *column) addSpelled(lit, full []byte) {
	v, kind, _ := parseNumber(lit)
	switch {
	case kind == notNumber || c.shape == texts || c.shape == truths:
		c.addText(full)
		return
	case c.shape == nothing && kind == whole:
		c.become(wholes)
	case c.shape == nothing:
		c.become(numbers)
	case c.shape == wholes && kind == fraction:
		c.shape = numbers
	}
	c.keep(v, false, full)
}

// addTruth appends a truth value spelt as full.
func (c *column) addTruth(yes bool, full []byte) {
	if c.shape == nothing {
		c.become(truths)
	}
	if c.shape != truths {
		c.addText(full)
		return
	}
	if yes {
		c.keep(1, string(full) == "true", full)
	} else {
		c.keep(0, string(full) == "false", full)
	}
}

func (c *column) keep(v float64, canonical bool, full []byte) {
	if !canonical {
		c.odd.add(len(c.values), full)
	}
	c.values = append(roomy(c.values), v)
}

// roomy is s with room for one more. It doubles: columns of millions of rows would
// be copied five times by steps of a quarter.
func roomy[T any](s []T) []T {
	if len(s) == cap(s) {
		s = geo.Room(s, max(len(s), 64))
	}
	return s
}

// expect makes room for as many rows as there may be in all.
func (c *column) expect(rows int) {
	switch c.shape {
	case nothing:
	case texts:
		c.text.Grow(rows - c.text.Len())
	default:
		c.values = geo.Room(c.values, rows-len(c.values))
	}
}

// declare sets the type of a column that a file has types for.
func (c *column) declare(t geo.Type) {
	c.become(map[geo.Type]shape{geo.Integer: wholes, geo.Number: numbers, geo.Bool: truths, geo.Text: texts}[t])
}

// addWhole appends a whole number. One that a float64 would change makes the
// column one of texts.
func (c *column) addWhole(v int64) {
	if c.shape == nothing {
		c.become(wholes)
	}
	if c.shape == texts || c.shape == truths || v > maxWhole || v < -maxWhole {
		c.addText(strconv.AppendInt(nil, v, 10))
		return
	}
	c.values = append(c.values, float64(v))
}

// addDigits appends a decimal number as a container has it. A whole one that is
// beyond 2^53 makes the column one of texts.
func (c *column) addDigits(b []byte) {
	v, kind, canonical := parseNumber(b)
	if c.shape == texts || c.shape == truths || kind == notNumber || kind == fraction && math.Abs(v) > maxWhole && bytes.IndexByte(b, '.') < 0 {
		c.addText(b)
		return
	}
	switch {
	case c.shape == nothing && kind == whole:
		c.become(wholes)
	case c.shape == nothing:
		c.become(numbers)
	case c.shape == wholes && kind == fraction:
		c.shape = numbers
	}
	c.keep(v, canonical, b)
}

// addNumber appends a finite number.
func (c *column) addNumber(v float64) {
	switch c.shape {
	case nothing:
		c.become(numbers)
	case wholes:
		c.shape = numbers
	case texts, truths:
		c.addText(geo.AppendNumber(nil, v))
		return
	}
	c.values = append(c.values, v)
}

// addText appends a text and makes the column one of texts.
func (c *column) addText(b []byte) {
	if c.shape != texts {
		c.toText()
	}
	c.text.AppendBytes(b)
}

// toText spells out the values so far.
func (c *column) toText() {
	if c.shape == nothing {
		c.become(texts)
		return
	}
	was, odd := c.shape, c.odd.first()
	c.shape = texts
	var buf []byte
	for i, v := range c.values {
		if math.IsNaN(v) {
			c.text.AppendNull()
			continue
		}
		if buf = append(buf[:0], odd.of(i)...); len(buf) == 0 {
			buf = spelled(buf, v, was)
		}
		c.text.AppendBytes(buf)
	}
	c.values, c.odd = nil, spellings{}
}

// spelled appends a value as a column of a shape writes it.
func spelled(b []byte, v float64, s shape) []byte {
	switch {
	case s == truths && v != 0:
		return append(b, "true"...)
	case s == truths:
		return append(b, "false"...)
	case s == wholes:
		return strconv.AppendInt(b, int64(v), 10)
	}
	return geo.AppendNumber(b, v)
}

// column is the column of n rows under a name.
func (c *column) column(name string, n int) geo.Column {
	c.pad(n)
	f := c.field
	f.Name = name
	switch c.shape {
	case wholes:
		return geo.Integers(f, c.values)
	case numbers:
		return geo.Numbers(f, c.values)
	case truths:
		return geo.Bools(f, c.values)
	case nothing:
		c.become(texts)
	}
	return c.text.Column(f)
}
