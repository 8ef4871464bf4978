package data

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
)

// containers are the formats with types, in which a layer comes back whole.
var containers = []string{GeoPackage, GeoParquet}

// sameWhole writes a layer and demands that everything of it reads back: ids,
// types, values, descriptions, and coordinates to the digit. Polygons beside
// MultiPolygons come back as MultiPolygons.
func sameWhole(t testing.TB, l *geo.Layer, format string) {
	t.Helper()
	text := written(t, l, format)
	m, err := Read(context.Background(), strings.NewReader(text), "again", Source{Format: format}, Limits{})
	if err != nil {
		t.Errorf("%s: %v", format, err)
		return
	}
	if d := wholeDifference(l, m); d != "" {
		t.Errorf("%s: %s", format, d)
	}
	if twice := written(t, l, format); twice != text {
		t.Errorf("%s: other bytes when written again", format)
	}
}

func wholeDifference(a, b *geo.Layer) string {
	if d := difference(a, b, a.Columns(), b.Columns()); d != "" {
		return d
	}
	multiple, err := mixed(a)
	if err != nil {
		return err.Error()
	}
	for i := range a.Len() {
		p, q := a.Shape(i), b.Shape(i)
		if !a.Located(i) {
			p = nil
		}
		if p == nil || q == nil {
			if p != nil || q != nil {
				return fmt.Sprintf("row %d is %v and %v", i, p, q)
			}
			continue
		}
		if multiple[p.Dimensions()] && single(p) {
			p = fromGeom(toGeom(p, true))
		} else {
			p = fromGeom(toGeom(p, false))
		}
		if !orb.Equal(p, q) {
			return fmt.Sprintf("row %d is %v and %v", i, p, q)
		}
	}
	for k, f := range a.Fields() {
		if f != b.Fields()[k] {
			return fmt.Sprintf("field %+v came back as %+v", f, b.Fields()[k])
		}
	}
	if a.Title != b.Title || a.Description != b.Description || a.Licence != b.Licence || a.Attribution != b.Attribution {
		return fmt.Sprintf("%+v came back as %+v", a.About, b.About)
	}
	return ""
}

// fromGeom is the shape that a geometry should be read as.
func fromGeom(g geom.T) orb.Geometry {
	t := newTable("x", Source{}, Limits{}.withDefaults())
	s, err := t.shapeOf(g)
	if err != nil {
		panic(err)
	}
	return s
}

var square = orb.Ring{{0.1, 0.1}, {10.000000000001, 0.1}, {10, 10}, {0.1, 10}, {0.1, 0.1}}

// trying are layers with all that a format may lose.
func trying(t testing.TB) map[string]*geo.Layer {
	nan := math.NaN()
	must := func(l *geo.Layer, err error) *geo.Layer {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	about := geo.About{Name: "places", Title: "Orte & „Plätze“", Description: "Two\nlines", Licence: "CC BY 4.0", Attribution: "© Müller", Notes: []string{"Mind the gap."}}
	hole := orb.Ring{{2, 2}, {2, 3}, {3, 3}, {3, 2}, {2, 2}}
	var texts, ids []string
	var nowhere []orb.Geometry
	for i, s := range awkward {
		texts, ids, nowhere = append(texts, s), append(ids, fmt.Sprint(s, i)), append(nowhere, nil)
	}
	fields := []geo.Column{
		geo.Integers(geo.Field{Name: "pop", Title: "Einwohner", Unit: "people", Evidence: "B1a"}, []float64{5, nan, -maxWhole}),
		geo.Numbers(geo.Field{Name: "share", Unit: "%"}, []float64{0, 1.0 / 3, nan}),
		geo.Bools(geo.Field{Name: "ok"}, []float64{1, 0, nan}),
		geo.Texts(geo.Field{Name: "Größe \"x\""}, []string{"01001", "", "Zürich 👩‍⚕️"}, func(i int) bool { return i != 0 }),
		geo.Numbers(geo.Field{Name: "SHARE"}, []float64{1e300, 5e-324, -0.25}),
		geo.Integers(geo.Field{Name: "fid"}, []float64{7, 7, 7}),
		geo.Labels(geo.Field{Name: "geom"}, []string{"a", "b", "c"}),
		geo.Labels(geo.Field{Name: "geometry"}, []string{"", "", ""}),
	}
	three := []string{"a", "b,c", "é"}
	return map[string]*geo.Layer{
		"points":   must(geo.NewPoints(about, three, []orb.Point{{8.123456789012345, -33.1}, {nan, nan}, {-180, 90}}, fields...)),
		"rows":     must(geo.NewPoints(geo.About{Name: "rows"}, nil, []orb.Point{{1, 2}, {3, 4}, {5, 6}}, fields[0])),
		"polygons": must(geo.NewLayer(about, three, []orb.Geometry{orb.Polygon{square, hole}, orb.MultiPolygon{{square, hole}, {{{170, 1}, {180, 1}, {180, 2}, {170, 1}}}}, nil}, fields...)),
		"antimeridian": must(geo.NewLayer(geo.About{Name: "fiji"}, nil, []orb.Geometry{
			orb.MultiPolygon{{{{177, -18}, {180, -18}, {180, -16}, {177, -18}}}, {{{-180, -18}, {-178, -18}, {-180, -16}, {-180, -18}}}}}, geo.Labels(geo.Field{Name: "name"}, []string{"Viti"}))),
		"lines":  must(geo.NewLayer(geo.About{Name: "lines"}, nil, []orb.Geometry{orb.LineString{{0, 0}, {1, 1}}, orb.MultiLineString{{{0, 0}, {1, 1}}, {{2, 2}, {3, 3}, {4, 5}}}})),
		"mixed":  must(geo.NewLayer(geo.About{Name: "mixed"}, []string{"x", "y", "z"}, []orb.Geometry{orb.Point{1, 2}, orb.Polygon{square}, orb.MultiPoint{{1, 2}, {3, 4}}})),
		"bound":  must(geo.NewLayer(geo.About{Name: "bound"}, nil, []orb.Geometry{orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{1, 1}}, square})),
		"table":  must(geo.NewTable(about, three, fields...)),
		"texts":  must(geo.NewLayer(geo.About{Name: "texts"}, ids, nowhere, geo.Texts(geo.Field{Name: "t"}, texts, nil))),
		"empty":  must(geo.NewPoints(about, nil, []orb.Point{}, geo.Integers(geo.Field{Name: "pop", Unit: "people"}, nil), geo.Labels(geo.Field{Name: "t"}, nil))),
		"none":   must(geo.NewTable(geo.About{Name: "none"}, nil, geo.Bools(geo.Field{Name: "b"}, nil))),
		"id":     must(geo.NewTable(geo.About{Name: "id"}, []string{"1.5", "2"}, geo.Numbers(geo.Field{Name: "id"}, []float64{1.5, 2}))),
		"twice":  must(geo.NewTable(geo.About{Name: "twice"}, nil, geo.Labels(geo.Field{Name: "id"}, []string{"x", "x", ""}))),
		"others": must(geo.NewTable(geo.About{Name: "others"}, nil, geo.Labels(geo.Field{Name: "id"}, []string{"2", "1"}))),
		"ids":    must(geo.NewTable(geo.About{Name: "ids"}, []string{"p", "q"}, geo.Labels(geo.Field{Name: "id"}, []string{"x", "y"}), geo.Labels(geo.Field{Name: "ID"}, []string{"x", "y"}))),
	}
}

func TestContainersKeepAll(t *testing.T) {
	for name, l := range trying(t) {
		for _, format := range containers {
			t.Run(format+"/"+name, func(t *testing.T) {
				if name == "texts" { // a layer that is nowhere is a table when read
					m, err := geo.NewTable(l.About, allIDs(l), l.Columns()...)
					if err != nil {
						t.Fatal(err)
					}
					l = m
				}
				sameWhole(t, l, format)
			})
		}
	}
}

func allIDs(l *geo.Layer) []string {
	ids := make([]string, l.Len())
	for i := range ids {
		ids[i] = l.ID(i)
	}
	return ids
}

// Every real layer goes out and comes back in every container.
func TestContainersKeepSharedLayers(t *testing.T) {
	dir := shared(t)
	for file := range figures {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			l, err := Read(context.Background(), bytes.NewReader(text), file, Source{}, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if testing.Short() && l.Len() > 10000 {
				t.Skip("SKIPPED: large, without -short only")
			}
			for _, format := range containers {
				sameWhole(t, l, format)
			}
		})
	}
}
