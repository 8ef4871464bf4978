package data

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"

	"careshed/geo"
)

// writeCSV writes a header and a line for every row.
func writeCSV(s *sink, l *geo.Layer) {
	rows := newCSVRows(l, l.Identified())
	s.buf = rows.Head(s.buf)
	for i := range l.Len() {
		s.buf = rows.Append(s.buf, i)
		if s.rest(); s.err != nil {
			return
		}
	}
}

// csvRows writes single rows as CSV.
type csvRows struct {
	layer   *geo.Layer
	front   []string // the columns before the fields: id, lon, lat or some of them
	ids     bool
	points  bool
	names   []string
	columns []geo.Column
}

// newCSVRows writes rows with or without their ids. A file of rows that are
// only numbered has none, lest somebody joins by the numbers.
func newCSVRows(l *geo.Layer, ids bool) *csvRows {
	r := &csvRows{layer: l, ids: ids, points: ofPoints(l)}
	if len(l.Columns()) == 0 && !r.points {
		r.ids = true // a row must have something
	}
	if r.ids {
		r.front = append(r.front, "id")
	}
	if r.points {
		r.front = append(r.front, "lon", "lat")
	}
	r.choose(r.front...)
	return r
}

// choose takes the fields that say something the columns in front do not, under
// names that differ from theirs.
func (r *csvRows) choose(front ...string) {
	taken := map[string]bool{}
	for _, name := range front {
		taken[name] = true
	}
	for _, c := range r.layer.Columns() {
		if repeats(r.layer, c, r.ids, r.points) {
			continue
		}
		name := c.Name
		for k := 2; taken[name]; k++ {
			name = fmt.Sprintf("%s_%d", c.Name, k)
		}
		taken[name] = true
		r.names, r.columns = append(r.names, name), append(r.columns, c)
	}
}

func (r *csvRows) Head(b []byte) []byte {
	if len(r.front) == 0 && len(r.names) == 1 {
		if _, named := namedSeparator([]byte(r.names[0])); named {
			b = append(b, "sep=,\n"...) // or the name would be read as such a line
		}
	}
	for _, name := range r.front {
		b = append(append(b, name...), ',')
	}
	from := len(b)
	b = append(r.fields(b), '\n')
	if otherBytes("", b, "") != nil { // the first name begins as a file of another kind
		b = append(inQuotes(b[:from:from], []byte(r.names[0])), b[from+len(r.names[0]):]...)
	}
	return b
}

// fields appends the names of the fields behind those in front.
func (r *csvRows) fields(b []byte) []byte {
	for _, name := range r.names {
		b = append(appendCell(b, []byte(name)), ',')
	}
	return b[:len(b)-1]
}

func (r *csvRows) Append(b []byte, i int) []byte {
	from := len(b)
	if r.ids {
		b = append(appendCell(b, []byte(r.layer.ID(i))), ',')
	}
	if r.points {
		if p := r.layer.Point(i); r.layer.Located(i) {
			b = append(appendDegrees(b, p[0]), ',')
			b = append(appendDegrees(b, p[1]), ',')
		} else {
			b = append(b, ",,"...)
		}
	}
	return endLine(r.values(b, i), from)
}

// endLine ends the line that begins at from. A single cell that is empty stands in
// quotes: readers pass over a line with nothing in it, and the row would be lost.
func endLine(b []byte, from int) []byte {
	if len(b) == from {
		b = append(b, `""`...)
	}
	return append(b, '\n')
}

// values appends the values of row i behind what is in front.
func (r *csvRows) values(b []byte, i int) []byte {
	for _, c := range r.columns {
		switch {
		case c.Null(i):
		case c.Type == geo.Number:
			b = appendFloat(b, c.Number(i))
		case c.Type == geo.Text:
			b = appendCell(b, []byte(c.Text(i)))
		default:
			b = c.AppendText(b, i)
		}
		b = append(b, ',')
	}
	return b[:len(b)-1]
}

// appendCell writes a text, in quotes if it would not be read back without: readers
// take space of any script off the ends of a name, and a byte order mark off the
// beginning of a file. One that a spreadsheet would compute gets an apostrophe
// ([geo.Inert]), which is taken away when it is read.
func appendCell(b, text []byte) []byte {
	if len(text) == 0 {
		return b
	}
	if c := text[0]; (c < '0' || c == '=' || c == '@' || c >= utf8.RuneSelf) && geo.Live(string(text)) {
		text = []byte(geo.Inert(string(text)))
	}
	if !bytes.ContainsAny(text, "\"\r\n"+separators) && len(bytes.TrimSpace(text)) == len(text) && !bytes.HasPrefix(text, []byte(mark)) {
		return append(b, text...)
	}
	return inQuotes(b, text)
}

func inQuotes(b, text []byte) []byte {
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
func repeats(l *geo.Layer, c geo.Column, ids, points bool) bool {
	axis := 0
	switch {
	case c.Name == "id":
		return ids && repeatsID(l, c)
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
