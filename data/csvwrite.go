package data

import (
	"bytes"
	"fmt"
	"math"

	"careshed/geo"
)

// writeCSV writes a header and a line for every row.
func writeCSV(s *sink, l *geo.Layer) {
	points := ofPoints(l)
	columns := l.Columns()
	names := map[string]bool{"id": true, "lon": points, "lat": points}
	s.buf = append(s.buf, "id"...)
	if points {
		s.buf = append(s.buf, ",lon,lat"...)
	}
	var written []geo.Column
	for _, c := range columns {
		if repeats(l, c, points) {
			continue
		}
		name := c.Name
		for k := 2; names[name]; k++ {
			name = fmt.Sprintf("%s_%d", c.Name, k)
		}
		names[name] = true
		s.buf = append(s.buf, ',')
		s.buf = appendCell(s.buf, []byte(name))
		written = append(written, c)
	}
	s.buf = append(s.buf, '\n')
	var number []byte
	for i := range l.Len() {
		s.buf = appendCell(s.buf, append(number[:0], l.ID(i)...))
		if points {
			s.buf = append(s.buf, ',')
			if p := l.Point(i); l.Located(i) {
				s.buf = appendDegrees(s.buf, p[0])
				s.buf = append(s.buf, ',')
				s.buf = appendDegrees(s.buf, p[1])
			} else {
				s.buf = append(s.buf, ',')
			}
		}
		for _, c := range written {
			s.buf = append(s.buf, ',')
			switch {
			case c.Null(i):
			case c.Type == geo.Number:
				s.buf = appendFloat(s.buf, c.Number(i))
			case c.Type == geo.Text:
				number = c.AppendText(number[:0], i)
				s.buf = appendCell(s.buf, number)
			default:
				s.buf = c.AppendText(s.buf, i)
			}
		}
		s.buf = append(s.buf, '\n')
		if s.rest(); s.err != nil {
			return
		}
	}
}

// appendCell writes a text, in quotes if it would not be read back without.
func appendCell(b, text []byte) []byte {
	if len(text) == 0 {
		return b
	}
	if !bytes.ContainsAny(text, "\",;\t\r\n") && text[0] != ' ' && text[len(text)-1] != ' ' {
		return append(b, text...)
	}
	b = append(b, '"')
	for _, c := range text {
		if c == '"' {
			b = append(b, '"')
		}
		b = append(b, c)
	}
	return append(b, '"')
}

// repeats reports whether a column called id, lon or lat says what the id or
// the point of the row says already.
func repeats(l *geo.Layer, c geo.Column, points bool) bool {
	axis := 0
	switch {
	case c.Name == "id":
		return repeatsID(l, c)
	case !points || c.Type != geo.Number && c.Type != geo.Integer:
		return false
	case c.Name == "lat":
		axis = 1
	case c.Name != "lon":
		return false
	}
	for i, v := range c.Values() {
		if p := l.Point(i)[axis]; !(math.Abs(p-v) <= rounding) && !(math.IsNaN(p) && math.IsNaN(v)) {
			return false
		}
	}
	return true
}

// repeatsID compares numbers as numbers: an id 1.50 is the value 1.5.
func repeatsID(l *geo.Layer, c geo.Column) bool {
	for i := range c.Len() {
		id := l.ID(i)
		if c.Text(i) == id {
			continue
		}
		if c.Type == geo.Text || c.Type == geo.Bool {
			return false
		}
		if v, kind, _ := parseNumber([]byte(id)); kind == notNumber || v != c.Number(i) {
			return false
		}
	}
	return true
}
