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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// About says what a layer is and where it comes from.
type About struct {
	Name, Title, Description     string
	Source, Licence, Attribution string
	Notes                        []string // what a user of the layer must know
	Doubts                       []Doubt  // what a user of numbers made from it must know too
	Identity                     Identity
	Joins                        []Meeting // how the keys of other tables met those of this one
	Origin                       Origin
}

// Origin is what a layer was read from: the format, of an archive that of the file in it, and
// the tables among which it could be chosen, as sheets of a workbook are: first the one that is
// read unless another is named; none if the file has no such.
type Origin struct {
	Format string
	Tables []string
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
	roughOnce sync.Once
	rough     *nearIndex   // what the first few are told from
	asked     atomic.Int64 // how often the nearest was asked for
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
