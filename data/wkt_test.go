package data

import (
	"context"
	"errors"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

func TestWKT(t *testing.T) {
	l := read(t, "a.csv", "id,name,geometry\na,x,\nb,y,POINT (8.5 47.4)\nc,z,\"SRID=4326;MultiPolygon(((0 0,1 0,1 1,0 0)))\"\nd,w,POINT EMPTY\ne,v,POINT Z (1 2 3)\n", Source{})
	if l.Located(0) || l.Point(1) != (orb.Point{8.5, 47.4}) || l.Shape(2).GeoJSONType() != "MultiPolygon" || l.Located(3) || l.Point(4) != (orb.Point{1, 2}) || len(l.Fields()) != 2 || len(l.Notes) != 1 {
		t.Errorf("%v %v %v %v", l.Point(1), l.Shape(2), l.Fields(), l.Notes)
	}
	// A column of a usual name with other words is a field.
	if l = read(t, "a.csv", "id,geometry,lon,lat\na,,1,2\nb,round,3,4\n", Source{}); len(l.Fields()) != 2 || l.Point(1) != (orb.Point{3, 4}) {
		t.Errorf("%v %v", l.Fields(), l.Point(1))
	}
	if l = read(t, "a.csv", "id,geom\na,\n", Source{}); len(l.Fields()) != 2 || !l.IsTable() {
		t.Errorf("%v", l.Fields())
	}
	if l = read(t, "a.csv", "id;where;lon\na;POINT(1 2);9\n", Source{WKT: "where"}); l.Point(0) != (orb.Point{1, 2}) || len(l.Fields()) != 2 {
		t.Errorf("%v at %v", l.Fields(), l.Point(0))
	}
	if l = read(t, "a.csv", "id,wkt\na,POINT(1 2)\n", Source{Geometry: "none"}); !l.IsTable() || len(l.Fields()) != 2 {
		t.Errorf("%v", l.Fields())
	}
	if l = read(t, "a.csv", "wkt\nSRID=3857;POINT(0 0)\n", Source{}); l.Point(0) != (orb.Point{0, 0}) {
		t.Errorf("%v", l.Point(0))
	}
}

func TestWKTRefuses(t *testing.T) {
	for _, c := range []struct {
		input  string
		source Source
		want   string
	}{
		{"id,wkt\na,POINT(1\n", Source{}, `a.csv: line 2: wkt is "POINT(1": not well-known text: `},
		{"id,wkt\na,POINT(1 2)\nb,near\n", Source{}, `a.csv: line 3: wkt is "near": not well-known text: `},
		{"id,wkt\na,POINT(35.6 139.7)\n", Source{}, `a.csv: line 2: position is "35.6,139.7": longitude and latitude look swapped`},
		{"id,wkt\na,\"SRID=28992;POINT(1 2)\"\n", Source{}, `a.csv: line 2: wkt is "SRID=28992": a system that is in Oblique Stereographic, which is not converted; accepted: `},
		{"id,wkt\na,\"SRID=x;POINT(1 2)\"\n", Source{}, `a.csv: line 2: wkt is "SRID=x;POINT(1 2)": has no number and semicolon behind SRID=`},
		{"id,wkt\na,\"GEOMETRYCOLLECTION(POINT(1 2))\"\n", Source{}, `a.csv: line 2: wkt is "GEOMETRYCOLLECTION(POINT(1 2))": a geometry collection, which is not read`},
		{"id,wkt\na,\"POLYGON((0 0,1 0,1 1,0 1))\"\n", Source{}, `a.csv: line 2: `},
		{"id,x\na,1\n", Source{WKT: "shape"}, `a.csv: wkt names column "shape", which is not there; there are: id, x`},
	} {
		got, err := Read(context.Background(), strings.NewReader(c.input), "a.csv", c.source, Limits{})
		var input *InputError
		if !errors.As(err, &input) || got != nil || !strings.HasPrefix(err.Error(), c.want) || strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// CSV with well-known text keeps what CSV can keep, and the shapes to the digit.
func TestCSVWKTKeepsShapes(t *testing.T) {
	for name, l := range trying(t) {
		if name == "texts" || l.IsTable() {
			continue
		}
		m := read(t, "a.csv", written(t, l, CSVWKT), Source{})
		if l.Len() != m.Len() || l.IsTable() != m.IsTable() {
			t.Errorf("%s: %d rows, %d", name, l.Len(), m.Len())
			continue
		}
		bare := func(l *geo.Layer) *geo.Layer {
			b, err := l.Replaced(geo.About{})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		if d := wholeDifference(bare(l), bare(m)); d != "" {
			t.Errorf("%s: %s\n%s", name, d, written(t, l, CSVWKT))
		}
	}
}

func FuzzWKT(f *testing.F) {
	f.Add([]byte("POINT (1 2)"))
	f.Add([]byte("SRID=4326;MULTIPOLYGON Z (((0 0 1,1 0 1,1 1 1,0 0 1),(0 0 0,1 0 0,1 1 0,0 0 0)))"))
	f.Add([]byte("MULTIPOINT M ((1 2 3), EMPTY)"))
	f.Add([]byte("GEOMETRYCOLLECTION (POINT (1 2), LINESTRING EMPTY)"))
	f.Fuzz(func(t *testing.T, input []byte) {
		table := newTable("fuzz", Source{}, fuzzLimits.withDefaults())
		table.columns, table.wkt = []*column{{name: "wkt"}}, 0
		_, err := table.textShape(input)
		var e *InputError
		if err != nil && (!errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\r")) {
			t.Errorf("%T %q", err, err)
		}
	})
}
