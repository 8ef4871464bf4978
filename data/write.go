package data

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"
)

// Write writes a layer in one of the formats of [Written]. Nothing is written
// of a layer that holds an infinite number or a geometry collection. What
// GeoPackage keeps is said at [WriteGeoPackage]; GeoParquet keeps as much.
//
// A Number always has a decimal point or, in CSV and GeoJSON alike, is as short
// as it can be read back: clients guess types from the first values, and 0 for
// 0.0 makes a column of integers of it. Coordinates have 7 decimals at most, a
// centimetre. "No value" is null in GeoJSON and an empty cell in CSV.
//
// GeoJSON: every feature has its id as text, a geometry or null, and all
// properties. Polygons beside MultiPolygons are written as MultiPolygons,
// likewise points and lines. A whole-number column with a value beyond 2^31-1
// in size is written with decimal points, because 32-bit clients would change
// the value. The title, licence and attribution of the layer are foreign
// members of a FeatureCollection; the other formats have no place for them.
//
// CSV: the id comes first, lon and lat follow if every location is a point,
// then the fields; a field called id, lon or lat is left out if it says the
// same. Lines end with LF. Texts stand as they are, but for those that a
// spreadsheet would take for a formula: they have an apostrophe before them, which
// is taken away when they are read. CSV cannot tell an empty text from no value, nor
// "1" from 1. CSVWKT has the shapes, whatever their kind, as well-known text
// with all digits instead of lon and lat.
//
// KML is for viewing: 32-bit numbers, no table without shapes. HTML is a table
// for people, without shapes but points.
func Write(w io.Writer, l *geo.Layer, format string) error {
	if err := finite(l); err != nil {
		return err
	}
	f, ok := FormatNamed(format)
	if !ok || !f.Writes() {
		return fmt.Errorf("write layer %s: no format %q; there are: %s", l.Name, format, strings.Join(Written(), ", "))
	}
	return f.write(w, l)
}

// finite finds infinite numbers, which no format can hold.
func finite(l *geo.Layer) error {
	for _, c := range l.Columns() {
		for i, v := range c.Values() {
			if math.IsInf(v, 0) {
				return fmt.Errorf("write layer %s: row %d (id %s): %s is infinite", l.Name, i+1, l.ID(i), c.Name)
			}
		}
	}
	return nil
}

// sink collects what is appended to buf and passes it on in large pieces. Its
// first error sticks.
type sink struct {
	to  io.Writer
	buf []byte
	err error
}

const sinkSize = 1 << 16

// rest passes buf on if it is large.
func (s *sink) rest() {
	if len(s.buf) >= sinkSize {
		s.flush()
	}
}

func (s *sink) flush() {
	if s.err == nil {
		_, s.err = s.to.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// appendFloat writes v with a decimal point, else as short as it can be read
// back.
func appendFloat(b []byte, v float64) []byte {
	from := len(b)
	if b = appendShort(b, v); len(b) > from {
		return b
	}
	b = geo.AppendNumber(b, v)
	switch exponent := slices.Index(b[from:], 'e'); {
	case slices.Contains(b[from:], '.'):
		return b
	case exponent >= 0:
		return slices.Insert(b, from+exponent, '.', '0')
	}
	return append(b, '.', '0')
}

// appendShort writes numbers with up to three decimals, the commonest by far,
// several times faster than strconv; it leaves others alone. The decimal it
// writes has at most 15 digits and is v after one correctly rounded division,
// so it is also the shortest that reads back as v.
func appendShort(b []byte, v float64) []byte {
	k := math.Round(v * 1000)
	if !(math.Abs(k) < 1e15) || k/1000 != v || v == 0 {
		return b
	}
	if k < 0 {
		b, k = append(b, '-'), -k
	}
	n := uint64(k)
	b = strconv.AppendUint(b, n/1000, 10)
	thousandths := n % 1000
	b = append(b, '.', byte('0'+thousandths/100))
	if thousandths%100 != 0 {
		b = append(b, byte('0'+thousandths/10%10))
		if thousandths%10 != 0 {
			b = append(b, byte('0'+thousandths%10))
		}
	}
	return b
}

// appendDegrees writes a coordinate with at most 7 decimals.
func appendDegrees(b []byte, v float64) []byte {
	n := int64(math.Round(v * 1e7))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/1e7, 10)
	if n %= 1e7; n == 0 {
		return b
	}
	b = append(b, '.')
	for digit := int64(1e6); n > 0; digit /= 10 {
		b = append(b, byte('0'+n/digit))
		n %= digit
	}
	return b
}

// ofPoints reports whether every location of a layer is a point.
func ofPoints(l *geo.Layer) bool {
	if l.IsTable() {
		return false
	}
	for i := range l.Len() {
		if g := l.Shape(i); g != nil && g.GeoJSONType() != "Point" {
			return false
		}
	}
	return true
}
