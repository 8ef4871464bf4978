// Package geo holds layers in columns and answers where things are: distances
// on the WGS84 ellipsoid, nearest neighbours, what lies in a box, in which
// polygon a point lies, on which landmass.
//
// Everything is longitude and latitude in degrees (RFC 7946). The package
// reads and writes nothing, projects nothing and repairs no geometry.
package geo

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb"
)

// Type is the type of a field's values.
type Type uint8

const (
	Number  Type = iota // float64
	Integer             // whole numbers up to 2^53, kept as float64
	Text
	Bool
)

func (t Type) String() string {
	return [...]string{"number", "integer", "text", "bool"}[t]
}

// Field describes one column: its name as the user and the files know it, a
// title for people, the unit of its values and the row of the evidence
// register that they rest on, if any.
type Field struct {
	Name, Title, Unit, Evidence string
	Type                        Type
	Missing                     bool   // it was said which values mean none: no other is taken for a code
	Doubt                       string // why values cannot be taken for numbers for certain, "" if nothing speaks against it
}

// Column is a field with its values, one a row. A missing number is NaN and a
// missing text has code -1; build columns with Numbers, Integers, Bools and
// Texts.
type Column struct {
	Field
	numbers []float64
	codes   []int32
	words   []string
}

// Numbers makes a column of floating-point values; NaN is "no value".
func Numbers(f Field, v []float64) Column {
	f.Type = Number
	return Column{Field: f, numbers: v}
}

// Integers makes a column of whole numbers; NaN is "no value".
func Integers(f Field, v []float64) Column {
	f.Type = Integer
	return Column{Field: f, numbers: v}
}

// Bools makes a column of truth values: 0, 1 or NaN for "no value".
func Bools(f Field, v []float64) Column {
	f.Type = Bool
	return Column{Field: f, numbers: v}
}

// Texts makes a column of texts; where is nil or says which rows have a value.
func Texts(f Field, v []string, where func(i int) bool) Column {
	var t TextColumn
	for i, s := range v {
		if where != nil && !where(i) {
			t.AppendNull()
		} else {
			t.Append(s)
		}
	}
	return t.Column(f)
}

// Labels makes a column of texts in which the empty text is "no value".
func Labels(f Field, v []string) Column {
	return Texts(f, v, func(i int) bool { return v[i] != "" })
}

// TextColumn collects texts; equal texts are kept once. The zero value is empty.
type TextColumn struct {
	codes []int32
	words []string
	known map[string]int32
	after []int32 // of each code, which came behind it the last time
	bare  []bool  // of each code, whether it stands in a file as it is, without quotes
}

// Append adds a row with a text.
func (t *TextColumn) Append(s string) {
	c, ok := t.known[s]
	if !ok {
		if t.known == nil {
			t.known = map[string]int32{}
		}
		s = strings.Clone(s)
		c = int32(len(t.words))
		t.words = append(t.words, s)
		t.bare = append(t.bare, strings.TrimSpace(s) != "" && !strings.ContainsAny(s, "\",;|\t\r\n"))
		t.known[s] = c
	}
	t.add(c)
}

// AppendBytes is Append without a copy of a text that is known already.
func (t *TextColumn) AppendBytes(b []byte) {
	// Rows with the same text mostly stand together.
	if n := len(t.codes); n > 0 && t.codes[n-1] >= 0 && t.words[t.codes[n-1]] == string(b) {
		t.add(t.codes[n-1])
		return
	}
	if c, ok := t.known[string(b)]; ok {
		t.add(c)
		return
	}
	t.Append(string(b))
}

// Grow makes room for n more rows.
func (t *TextColumn) Grow(n int) { t.codes = slices.Grow(t.codes, max(0, n)) }

// Expect is the code of the text that b begins with and that a sign between cells
// follows, and its length: the text of the last row, or the one that came behind
// it the last time. The length is 0 if it is neither, or has such signs, quotes or
// nothing but blanks in it, which a file cannot have as they are.
func (t *TextColumn) Expect(b []byte) (code int32, length int) {
	n := len(t.codes)
	if n == 0 || t.codes[n-1] < 0 {
		return 0, 0
	}
	last := t.codes[n-1]
	for _, c := range [2]int32{last, t.behind(last)} {
		if w := t.words[c]; t.bare[c] && len(b) > len(w) && string(b[:len(w)]) == w && ends(b[len(w)]) {
			return c, len(w)
		}
	}
	return 0, 0
}

func ends(b byte) bool {
	return b == ',' || b == ';' || b == '\t' || b == '|' || b == '\n' || b == '\r'
}

// behind is the code that was last behind another.
func (t *TextColumn) behind(code int32) int32 {
	if int(code) < len(t.after) {
		return t.after[code]
	}
	return code
}

// AppendKnown adds a row with a text if that is there already.
func (t *TextColumn) AppendKnown(b []byte) bool {
	n := len(t.codes)
	if n > 0 && t.codes[n-1] >= 0 {
		for _, c := range [2]int32{t.codes[n-1], t.behind(t.codes[n-1])} {
			if t.words[c] == string(b) {
				t.add(c)
				return true
			}
		}
	}
	c, ok := t.known[string(b)]
	if ok {
		t.add(c)
	}
	return ok
}

// AppendCode adds a row with a text that is there already.
func (t *TextColumn) AppendCode(code int32) { t.add(code) }

// add notes also what a code comes behind.
func (t *TextColumn) add(code int32) {
	if n := len(t.codes); n > 0 && t.codes[n-1] >= 0 && t.codes[n-1] != code {
		for len(t.after) < len(t.words) {
			t.after = append(t.after, 0)
		}
		t.after[t.codes[n-1]] = code
	}
	t.codes = append(t.codes, code)
}

// AppendNull adds a row without a value.
func (t *TextColumn) AppendNull() { t.codes = append(t.codes, -1) }

// Len is the number of rows so far.
func (t *TextColumn) Len() int { return len(t.codes) }

// Column ends the collection.
func (t *TextColumn) Column(f Field) Column {
	f.Type = Text
	return Column{Field: f, codes: t.codes, words: t.words}
}

// Len is the number of rows.
func (c Column) Len() int {
	if c.Type == Text {
		return len(c.codes)
	}
	return len(c.numbers)
}

// Null reports whether row i has no value.
func (c Column) Null(i int) bool {
	if c.Type == Text {
		return c.codes[i] < 0
	}
	return math.IsNaN(c.numbers[i])
}

// Number is the value of row i of a column that is not text; NaN if none.
func (c Column) Number(i int) float64 { return c.numbers[i] }

// Text is row i as text, "" for no value. Numbers are written as short as they
// can be read back.
func (c Column) Text(i int) string {
	switch {
	case c.Null(i):
		return ""
	case c.Type == Text:
		return c.words[c.codes[i]]
	}
	return string(c.AppendText(nil, i))
}

// Value is row i as float64, int64, bool, string or nil.
func (c Column) Value(i int) any {
	switch {
	case c.Null(i):
		return nil
	case c.Type == Text:
		return c.words[c.codes[i]]
	case c.Type == Bool:
		return c.numbers[i] != 0
	case c.Type == Integer:
		return int64(c.numbers[i])
	}
	return c.numbers[i]
}

// Codes gives a text column as indices into its distinct texts, -1 for no
// value. Neither may be changed.
func (c Column) Codes() (codes []int32, words []string) { return c.codes, c.words }

// Coded is a column of any type as indices into its distinct texts, as
// [Column.Codes] gives those of a text column.
func (c Column) Coded() (codes []int32, words []string) {
	if c.Type == Text {
		return c.codes, c.words
	}
	var t TextColumn
	for i := range c.Len() {
		if c.Null(i) {
			t.AppendNull()
		} else {
			t.Append(c.Text(i))
		}
	}
	return t.codes, t.words
}

// Values gives the numbers of a column that is not text. They may not be changed.
func (c Column) Values() []float64 { return c.numbers }

func (c Column) pick(rows []int) Column {
	if c.Type == Text {
		codes := make([]int32, len(rows))
		for i, r := range rows {
			codes[i] = c.codes[r]
		}
		c.codes = codes
		return c
	}
	v := make([]float64, len(rows))
	for i, r := range rows {
		v[i] = c.numbers[r]
	}
	c.numbers = v
	return c
}

// About says what a layer is and where it comes from.
type About struct {
	Name, Title, Description     string
	Source, Licence, Attribution string
	Notes                        []string // what a user of the layer must know
	Doubts                       []Doubt  // what a user of numbers made from it must know too
	Identity                     Identity
	Joins                        []Meeting // how the keys of other tables met those of this one
}

// A Doubt is something about a layer that somebody should look at before
// believing what is made of it.
type Doubt struct {
	Text string  // a clause without a full stop
	Rows []int32 // those concerned; nil for all
}

// picked are doubts of the rows that are picked, under their new numbers. One
// of which no row is left is gone.
func picked(doubts []Doubt, rows []int) []Doubt {
	if len(doubts) == 0 {
		return nil
	}
	at := make(map[int32]int32, len(rows))
	for i, r := range rows {
		at[int32(r)] = int32(i)
	}
	var left []Doubt
	for _, d := range doubts {
		n := Doubt{Text: d.Text}
		for _, r := range d.Rows {
			if i, ok := at[r]; ok {
				n.Rows = append(n.Rows, i)
			}
		}
		if d.Rows == nil || n.Rows != nil {
			left = append(left, n)
		}
	}
	return left
}

// Identity says where the ids of a layer that was read come from.
type Identity struct {
	From   string   // the column, or "feature" for the id of a GeoJSON feature; "" where rows are only numbered
	Named  bool     // the user named the column, or we wrote it
	Rivals []string // other columns that are called as ids are, differ in every row and are not the same
	Why    string   // why a column that is called so was not taken, such as `id is "2" in features 2 and 3`
	Meant  bool     // that column is called id: it was meant
}

// Layer is a table of places with a shape each, or of no shape at all. It is
// immutable and may be shared between goroutines; indexes are built on first
// use. A row without a location keeps its values.
type Layer struct {
	About
	ids     []string // nil: "1", "2", …
	counted bool     // ids are row numbers and identify nothing
	points  []orb.Point
	shapes  []orb.Geometry // nil where every shape is a point
	columns []Column
	byName  map[string]int

	idOnce    sync.Once
	idIndex   map[string]int
	nearOnce  sync.Once
	near      *nearIndex
	partsOnce sync.Once
	parts     *partIndex
}

var nowhere = orb.Point{math.NaN(), math.NaN()}

// NewPoints makes a layer of points; a NaN coordinate is "no location". ids
// may be nil.
func NewPoints(about About, ids []string, points []orb.Point, columns ...Column) (*Layer, error) {
	l := &Layer{About: about, ids: ids, points: points, columns: columns}
	return l, l.check(len(points))
}

// NewLayer makes a layer of shapes; a nil shape is "no location". ids may be nil.
func NewLayer(about About, ids []string, shapes []orb.Geometry, columns ...Column) (*Layer, error) {
	l := &Layer{About: about, ids: ids, columns: columns, points: make([]orb.Point, len(shapes))}
	allPoints := true
	for i, s := range shapes {
		if p, ok := s.(orb.Point); ok {
			l.points[i] = p
			continue
		}
		if s != nil {
			allPoints = false
		}
		l.points[i] = Representative(s)
	}
	if !allPoints {
		l.shapes = shapes
	}
	return l, l.check(len(shapes))
}

// NewTable makes a layer without shapes.
func NewTable(about About, ids []string, columns ...Column) (*Layer, error) {
	n := len(ids)
	if ids == nil && len(columns) > 0 {
		n = columns[0].Len()
	}
	l := &Layer{About: about, ids: ids, columns: columns}
	return l, l.check(n)
}

func (l *Layer) check(n int) error {
	if n > math.MaxInt32 {
		return fmt.Errorf("layer %s: %d rows are more than %d", l.Name, n, math.MaxInt32)
	}
	l.counted = l.counted || l.ids == nil
	if l.ids != nil && len(l.ids) != n {
		return fmt.Errorf("layer %s: %d ids for %d rows", l.Name, len(l.ids), n)
	}
	l.byName = make(map[string]int, len(l.columns))
	for i, c := range l.columns {
		if c.Len() != n {
			return fmt.Errorf("layer %s: field %s has %d values for %d rows", l.Name, c.Name, c.Len(), n)
		}
		if _, twice := l.byName[c.Name]; twice {
			return fmt.Errorf("layer %s: field %s stands twice", l.Name, c.Name)
		}
		l.byName[c.Name] = i
	}
	return nil
}

// Len is the number of rows.
func (l *Layer) Len() int {
	switch {
	case l.points != nil:
		return len(l.points)
	case l.ids != nil:
		return len(l.ids)
	case len(l.columns) > 0:
		return l.columns[0].Len()
	}
	return 0
}

// IsTable reports whether the layer has no shapes at all.
func (l *Layer) IsTable() bool { return l.points == nil }

// Identified reports whether the rows have ids of their own, and not their
// number in the file alone. Nothing may be joined by a number in the file.
func (l *Layer) Identified() bool { return !l.counted }

// ID is the identifier of row i, or its number from 1 if the layer has none.
func (l *Layer) ID(i int) string {
	if l.ids == nil {
		return fmt.Sprint(i + 1)
	}
	return l.ids[i]
}

// Numbered is the layer with its row numbers for ids where it has none of its
// own: in a result they are what other tables name its rows by.
func (l *Layer) Numbered() *Layer {
	n := l.Named(l.About)
	n.counted = false
	return n
}

// Find is the row with an identifier.
func (l *Layer) Find(id string) (int, bool) {
	l.idOnce.Do(func() {
		l.idIndex = make(map[string]int, l.Len())
		for i := range l.Len() {
			if _, twice := l.idIndex[l.ID(i)]; !twice {
				l.idIndex[l.ID(i)] = i
			}
		}
	})
	i, ok := l.idIndex[id]
	return i, ok
}

// Shape is the geometry of row i, nil if it has none.
func (l *Layer) Shape(i int) orb.Geometry {
	switch {
	case l.points == nil:
		return nil
	case l.shapes != nil:
		return l.shapes[i]
	case !l.Located(i):
		return nil
	}
	return l.points[i]
}

// Point is where row i is: the point itself, or a point inside its shape. It
// is NaN for a row without a location.
func (l *Layer) Point(i int) orb.Point {
	if l.points == nil {
		return nowhere
	}
	return l.points[i]
}

// Located reports whether row i has a location.
func (l *Layer) Located(i int) bool {
	return l.points != nil && !math.IsNaN(l.points[i][0])
}

// Fields lists the columns in order.
func (l *Layer) Fields() []Field {
	f := make([]Field, len(l.columns))
	for i, c := range l.columns {
		f[i] = c.Field
	}
	return f
}

// Columns lists the columns with their values, in order.
func (l *Layer) Columns() []Column { return l.columns }

// Column is the column of a name.
func (l *Layer) Column(name string) (Column, bool) {
	i, ok := l.byName[name]
	if !ok {
		return Column{}, false
	}
	return l.columns[i], true
}

// FieldError says that a layer has no field of a name, or not of the type asked for.
type FieldError struct {
	Layer, Field string
	Known        []string
	Want         string // "" if the field is missing
	Got          Type
	Row          int    // of the first value that does not fit, from 1; 0 if none is known
	Value        string // that value
}

func (e *FieldError) Error() string {
	if e.Row > 0 {
		return fmt.Sprintf("layer %s: field %q needs %s; feature %d has %q (a missing value is an empty cell or null)", e.Layer, e.Field, e.Want, e.Row, e.Value)
	}
	if e.Want != "" {
		return fmt.Sprintf("layer %s: field %q is %s, need %s", e.Layer, e.Field, e.Got, e.Want)
	}
	near := ""
	if like := Like(e.Field, e.Known); like != "" {
		near = fmt.Sprintf("; did you mean %q?", like)
	}
	return fmt.Sprintf("layer %s has no field %q%s; it has %s", e.Layer, e.Field, near, strings.Join(e.Known, ", "))
}

// MustHave is the column of a name, or a FieldError that lists the fields there are.
func (l *Layer) MustHave(field string) (Column, error) {
	c, ok := l.Column(field)
	if ok {
		return c, nil
	}
	e := &FieldError{Layer: l.Name, Field: field}
	for _, c := range l.columns {
		e.Known = append(e.Known, c.Name)
	}
	return Column{}, e
}

// Numbers are the values of a field that is not text, NaN where there is none.
// They may not be changed.
func (l *Layer) Numbers(field string) ([]float64, error) {
	c, err := l.MustHave(field)
	if err != nil {
		return nil, err
	}
	if c.Type == Text {
		e := &FieldError{Layer: l.Name, Field: field, Want: "numbers", Got: c.Type}
		for i := range c.Len() {
			if _, err := strconv.ParseFloat(c.Text(i), 64); err != nil && !c.Null(i) {
				e.Row, e.Value = i+1, c.Text(i)
				break
			}
		}
		return nil, e
	}
	return c.numbers, nil
}

// Texts are the values of a field as text, "" where there is none.
func (l *Layer) Texts(field string) ([]string, error) {
	c, err := l.MustHave(field)
	if err != nil {
		return nil, err
	}
	v := make([]string, c.Len())
	for i := range v {
		v[i] = c.Text(i)
	}
	return v, nil
}

// Pick is a layer of the given rows, in that order.
func (l *Layer) Pick(rows []int) *Layer {
	n := &Layer{About: l.About, byName: l.byName, ids: make([]string, len(rows)), counted: l.counted}
	n.Doubts = picked(l.Doubts, rows)
	for i, r := range rows {
		n.ids[i] = l.ID(r)
	}
	if l.points != nil {
		n.points = make([]orb.Point, len(rows))
		for i, r := range rows {
			n.points[i] = l.points[r]
		}
	}
	if l.shapes != nil {
		n.shapes = make([]orb.Geometry, len(rows))
		for i, r := range rows {
			n.shapes[i] = l.shapes[r]
		}
	}
	n.columns = make([]Column, len(l.columns))
	for i, c := range l.columns {
		n.columns[i] = c.pick(rows)
	}
	return n
}

// With is the layer with columns added, or put in the place of those of the
// same name. Shapes and ids are shared.
func (l *Layer) With(columns ...Column) (*Layer, error) {
	n := &Layer{About: l.About, ids: l.ids, counted: l.counted, points: l.points, shapes: l.shapes}
	n.columns = append(n.columns, l.columns...)
	for _, c := range columns {
		if i, ok := l.byName[c.Name]; ok {
			n.columns[i] = c
		} else {
			n.columns = append(n.columns, c)
		}
	}
	return n, n.check(l.Len())
}

// Named is the layer under another description.
func (l *Layer) Named(about About) *Layer {
	return &Layer{About: about, ids: l.ids, counted: l.counted, points: l.points, shapes: l.shapes, columns: l.columns, byName: l.byName}
}

// Rows yields the row numbers whose point is known.
func (l *Layer) Rows() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range l.Len() {
			if l.Located(i) && !yield(i) {
				return
			}
		}
	}
}

// Replaced is a layer of the same rows, ids and shapes with other columns.
func (l *Layer) Replaced(about About, columns ...Column) (*Layer, error) {
	n := &Layer{About: about, ids: l.ids, counted: l.counted, points: l.points, shapes: l.shapes, columns: columns}
	return n, n.check(l.Len())
}
