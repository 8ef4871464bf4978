package geo

import (
	"math"
	"reflect"
	"testing"

	"github.com/paulmach/orb"
)

// A layer comes back as it was, of every kind of shape and column.
func TestPackedLayers(t *testing.T) {
	columns := func(n int) []Column {
		var v []float64
		var s []string
		for i := range n {
			v, s = append(v, float64(i)*1.5), append(s, []string{"", "a", "ß, \"b\""}[i%3])
		}
		if n > 1 {
			v[1] = math.NaN()
		}
		w := make([]float64, n)
		return []Column{Numbers(Field{Name: "v", Title: "V", Unit: "km", Evidence: "x"}, v), Integers(Field{Name: "n"}, w), Bools(Field{Name: "b"}, w), Labels(Field{Name: "s"}, s)}
	}
	about := About{Name: "l", Title: "T", Notes: []string{"a", "b"}}
	shapes := []orb.Geometry{nil}
	for _, g := range orb.AllGeometries {
		if _, box := g.(orb.Bound); g != nil && !box { // a box becomes a polygon
			shapes = append(shapes, g)
		}
	}
	var ids []string
	for i := range shapes {
		ids = append(ids, string(rune('a'+i)))
	}
	for name, make := range map[string]func() (*Layer, error){
		"points": func() (*Layer, error) {
			return NewPoints(about, nil, []orb.Point{{1, 2}, nowhere, {-180, 90}}, columns(3)...)
		},
		"no points": func() (*Layer, error) { return NewPoints(about, []string{}, []orb.Point{}, columns(0)...) },
		"table":     func() (*Layer, error) { return NewTable(about, []string{"x", "y"}, columns(2)...) },
		"numbered":  func() (*Layer, error) { return NewTable(about, nil, columns(4)...) },
		"shapes":    func() (*Layer, error) { return NewLayer(about, ids, shapes, columns(len(shapes))...) },
	} {
		l, err := make()
		if err != nil {
			t.Fatal(name, err)
		}
		b, err := l.MarshalBinary()
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := UnmarshalLayer(b)
		if err != nil {
			t.Fatal(name, err)
		}
		if got.Len() != l.Len() || got.IsTable() != l.IsTable() || !reflect.DeepEqual(got.About, l.About) {
			t.Fatalf("%s: %d rows, %+v", name, got.Len(), got.About)
		}
		for i := range l.Len() {
			if got.ID(i) != l.ID(i) || !l.IsTable() && (got.Located(i) != l.Located(i) || l.Located(i) && !orb.Equal(got.Shape(i), l.Shape(i))) {
				t.Errorf("%s, row %d: %s %v, want %s %v", name, i, got.ID(i), got.Shape(i), l.ID(i), l.Shape(i))
			}
			for k, c := range l.Columns() {
				if a, b := got.Columns()[k], c; a.Field != b.Field || a.Null(i) != b.Null(i) || a.Value(i) != b.Value(i) {
					t.Errorf("%s, row %d: %v, want %v", name, i, a.Value(i), b.Value(i))
				}
			}
		}
		for k := range b {
			b[k] ^= 0x55
			_, _ = UnmarshalLayer(b) // an error or another layer, never a panic
			b[k] ^= 0x55
		}
		if _, err := UnmarshalLayer(b[:len(b)/2]); err == nil {
			t.Errorf("%s: half of it is a layer", name)
		}
	}
}
