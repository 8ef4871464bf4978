package tile

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func rect(w, s, e, n float64) orb.Polygon {
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

// read decodes a tile, by a decoder that is not ours, in units of its grid.
func read(t testing.TB, b []byte) []*geojson.Feature {
	t.Helper()
	if b == nil {
		return nil
	}
	l, err := mvt.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(l) != 1 || l[0].Extent != Extent || l[0].Version != 2 {
		t.Fatalf("%d layers", len(l))
	}
	return l[0].Features
}

func shapes(t testing.TB, g ...orb.Geometry) *Source {
	t.Helper()
	n := make([]float64, len(g))
	for i := range n {
		n[i] = float64(i)
	}
	return NewSource(must(geo.NewLayer(geo.About{Name: "x"}, nil, g, geo.Integers(geo.Field{Name: "n"}, n))))
}

func TestAttributesKeepTheirTypes(t *testing.T) {
	nan := math.NaN()
	l := must(geo.NewPoints(geo.About{}, []string{"a", "b", "c"}, []orb.Point{{1, 1}, {2, 2}, {3, 3}},
		geo.Numbers(geo.Field{Name: "zero"}, []float64{0, 0.4, nan}), geo.Integers(geo.Field{Name: "n"}, []float64{-1, 7, nan}), geo.Integers(geo.Field{Name: "big"}, []float64{3e9, 1, 0}),
		geo.Bools(geo.Field{Name: "open"}, []float64{1, 0, nan}), geo.Labels(geo.Field{Name: "word"}, []string{"x", "", "x"})))
	s := NewSource(l)
	f := read(t, s.Tile(0, 0, 0, Options{Name: "x"}))
	want := []string{"1 map[big:3e+09 id:a n:-1 open:true word:x zero:0]", "2 map[big:1 id:b n:7 open:false zero:0.4]", "3 map[big:0 id:c word:x]"}
	for i, x := range f {
		if got := fmt.Sprint(x.ID, " ", map[string]any(x.Properties)); got != want[i] {
			t.Errorf("%s, want %s", got, want[i])
		}
		if _, real := x.Properties["zero"].(float64); i < 2 && !real {
			t.Errorf("zero is %T", x.Properties["zero"])
		}
		if _, real := x.Properties["big"].(float64); !real {
			t.Errorf("big is %T, which would not fit 32 bits", x.Properties["big"])
		}
	}
	if len(f) != 3 {
		t.Fatalf("%d features", len(f))
	}
	one, _ := l.Column("n")
	if got := read(t, s.Tile(0, 0, 0, Options{Columns: []geo.Column{one}, Rows: []bool{false, true, false}, Count: 1})); len(got) != 1 || fmt.Sprint(map[string]any(got[0].Properties)) != "map[id:b n:7]" {
		t.Errorf("%v", got)
	}
	if !bytes.Equal(s.Tile(0, 0, 0, Options{Name: "x"}), s.Tile(0, 0, 0, Options{Name: "x"})) {
		t.Error("the same tile has other bytes")
	}
}

// Every point lies in one tile of a zoom, within a unit of its place.
func TestPointsLieWhereTheyAre(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var at []orb.Geometry
	for range 300 {
		at = append(at, orb.Point{r.Float64()*360 - 180, r.Float64()*170 - 85})
	}
	at = append(at, orb.Point{180, 0}, orb.Point{-180, 10}, orb.Point{179.9999, -80}, orb.Point{0, 85.0511}, orb.Point{0, 90}, orb.Point{5, -90})
	s := shapes(t, at...)
	for z := uint32(0); z <= 4; z++ {
		count := map[int]int{}
		for x := range uint32(1) << z {
			for y := range uint32(1) << z {
				for _, f := range read(t, s.Tile(z, x, y, Options{})) {
					p := f.Geometry.(orb.Point)
					i := int(f.Properties["n"].(float64))
					if p[0] < 0 || p[0] >= Extent || p[1] < 0 || p[1] >= Extent {
						continue
					}
					count[i]++
					q := Unproject(orb.Point{(float64(x) + p[0]/Extent) / math.Exp2(float64(z)), (float64(y) + p[1]/Extent) / math.Exp2(float64(z))})
					want := at[i].(orb.Point)
					if d := math.Abs(math.Remainder(q[0]-want[0], 360)); d > 360.0/Extent/math.Exp2(float64(z)) || math.Abs(q[1]-want[1]) > 180.0/Extent/math.Exp2(float64(z)) {
						t.Fatalf("zoom %d: point %v is drawn at %v", z, want, q)
					}
				}
			}
		}
		for i, g := range at {
			want := 1
			if math.Abs(g.(orb.Point)[1]) > 85.06 {
				want = 0
			}
			if count[i] != want {
				t.Errorf("zoom %d: point %v stands in %d tiles, want %d", z, g, count[i], want)
			}
		}
	}
}

// Tiles without their buffers cover a polygon, its hole left out, once.
func TestAreasAreWhole(t *testing.T) {
	p := rect(-20, 10, 70, 60)
	p = append(p, rect(0, 20, 10, 30)[0])
	twin := orb.MultiPolygon{rect(170, -30, 180, -10), rect(-180, -30, -160, -10)}
	s := shapes(t, p, twin, rect(-180, -90, 180, -60))
	area := func(w, s, e, n float64) float64 {
		a, b := Project(orb.Point{w, n}), Project(orb.Point{e, s})
		return (b[0] - a[0]) * (math.Min(1, b[1]) - a[1])
	}
	want := []float64{area(-20, 10, 70, 60) - area(0, 20, 10, 30), area(170, -30, 180, -10) + area(-180, -30, -160, -10), area(-180, -90, 180, -60)}
	for z := uint32(0); z <= 5; z++ {
		got := make([]float64, 3)
		for x := range uint32(1) << z {
			for y := range uint32(1) << z {
				for _, f := range read(t, s.Tile(z, x, y, Options{})) {
					g := f.Geometry
					for _, r := range rings(g) {
						if len(r) < 4 || r[0] != r[len(r)-1] {
							t.Fatalf("ring %v", r)
						}
					}
					got[int(f.Properties["n"].(float64))] += inTile(g)
				}
			}
		}
		side := Extent * math.Exp2(float64(z))
		for i := range want {
			if a := got[i] / side / side; math.Abs(a-want[i]) > 0.004/math.Exp2(float64(z)) {
				t.Errorf("zoom %d: polygon %d covers %v, want %v", z, i, a, want[i])
			}
		}
	}
}

func rings(g orb.Geometry) (out []orb.Ring) {
	switch g := g.(type) {
	case orb.Polygon:
		return g
	case orb.MultiPolygon:
		for _, p := range g {
			out = append(out, p...)
		}
	}
	return out
}

// inTile is the area within the tile, by counting on rectangles: the rings of
// these tests are such, so clipping their bounds is exact.
func inTile(g orb.Geometry) float64 {
	total := 0.0
	polygon := func(p orb.Polygon) {
		for i, r := range p {
			b := r.Bound()
			w := math.Max(0, math.Min(Extent, b.Max[0])-math.Max(0, b.Min[0]))
			h := math.Max(0, math.Min(Extent, b.Max[1])-math.Max(0, b.Min[1]))
			if i > 0 {
				w = -w
			}
			total += w * h
		}
	}
	switch g := g.(type) {
	case orb.Polygon:
		polygon(g)
	case orb.MultiPolygon:
		for _, p := range g {
			polygon(p)
		}
	}
	return total
}

// Outer rings have a positive area in the grid, whose y grows downwards, and
// holes a negative one (4.3.4.4), however they came.
func TestRingsRunAsTheFormatSays(t *testing.T) {
	cw := rect(10, 10, 20, 20)
	cw[0].Reverse()
	holed := orb.Polygon{rect(30, 10, 50, 30)[0], rect(35, 15, 40, 20)[0]}
	s := shapes(t, rect(-10, 10, 0, 20), cw, holed)
	for _, f := range read(t, s.Tile(3, 4, 3, Options{})) {
		p, ok := f.Geometry.(orb.Polygon)
		if !ok {
			t.Fatalf("%T", f.Geometry)
		}
		for i, r := range p {
			if a := planar.Area(orb.Ring(r)); a == 0 || (r.Orientation() == orb.CCW) != (i == 0) { // CCW by the formula, y down: clockwise on the screen
				t.Errorf("feature %v: ring %d runs %v", f.ID, i, r.Orientation())
			}
		}
	}
}

// In a cell the heaviest point stays, and a tile and its neighbour agree on the
// points in their buffers.
func TestThinning(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var at []orb.Point
	var weight []float64
	for range 5000 {
		at = append(at, orb.Point{r.NormFloat64() * 10, r.NormFloat64() * 10})
		weight = append(weight, math.Floor(r.Float64()*100))
	}
	weight[7] = math.NaN()
	l := must(geo.NewPoints(geo.About{}, nil, at, geo.Numbers(geo.Field{Name: "w"}, weight)))
	s := NewSource(l)
	for _, z := range []uint32{0, 3, 5} {
		type place struct{ x, y int64 }
		drawn := map[string]map[place]bool{} // by id: the tiles' view of where it is
		for x := range uint32(1) << z {
			for y := range uint32(1) << z {
				cells := map[place]bool{}
				for _, f := range read(t, s.Tile(z, x, y, Options{Weight: weight})) {
					p := f.Geometry.(orb.Point)
					id := f.Properties["id"].(string)
					exact := Project(at[must(find(l, id))])
					side := Extent * math.Exp2(float64(z))
					c := place{int64(math.Floor(exact[0] * side / cell)), int64(math.Floor(exact[1] * side / cell))}
					if cells[c] {
						t.Fatalf("zoom %d: two points in a cell", z)
					}
					cells[c] = true
					if drawn[id] == nil {
						drawn[id] = map[place]bool{}
					}
					drawn[id][place{int64(x)*Extent + int64(p[0]), int64(y)*Extent + int64(p[1])}] = true
				}
			}
		}
		best := map[place]int{}
		side := Extent * math.Exp2(float64(z))
		for i, p := range at {
			q := Project(p)
			c := place{int64(math.Floor(q[0] * side / cell)), int64(math.Floor(q[1] * side / cell))}
			if k, ok := best[c]; !ok || weight[i] > weight[k] || math.IsNaN(weight[k]) {
				best[c] = i
			}
		}
		if len(best) != len(drawn) {
			t.Errorf("zoom %d: %d points drawn, %d cells", z, len(drawn), len(best))
		}
		for _, i := range best {
			if len(drawn[l.ID(i)]) != 1 {
				t.Errorf("zoom %d: the heaviest point of a cell stands in %d places", z, len(drawn[l.ID(i)]))
			}
		}
	}
	n := 0
	for x := range uint32(64) {
		for y := range uint32(64) {
			for _, f := range read(t, s.Tile(10, 480+x, 480+y, Options{Weight: weight})) {
				if p := f.Geometry.(orb.Point); p[0] >= 0 && p[0] < Extent && p[1] >= 0 && p[1] < Extent {
					n++
				}
			}
		}
	}
	in := 0
	for _, p := range at {
		if q := Project(p); q[0]*1024 >= 480 && q[0]*1024 < 544 && q[1]*1024 >= 480 && q[1]*1024 < 544 {
			in++
		}
	}
	if n < in-3 || n > in+3 { // a point on the seam may round to the other side
		t.Errorf("zoom 10: %d points of %d", n, in)
	}
}

func find(l *geo.Layer, id string) (int, error) {
	if i, ok := l.Find(id); ok {
		return i, nil
	}
	return 0, fmt.Errorf("no %s", id)
}

// The same border is drawn the same in both tiles that it runs through.
func TestSimplificationKeepsNeighboursTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var coast orb.LineString
	for i := range 4000 {
		coast = append(coast, orb.Point{-20 + float64(i)*0.01, 5 * math.Sin(float64(i)/300) * (1 + 0.01*r.Float64())})
	}
	s := shapes(t, coast)
	at := map[[2]int64]map[uint32]bool{}
	vertices := 0
	for x := uint32(0); x < 8; x++ {
		for _, f := range read(t, s.Tile(3, x, 3, Options{})) {
			var all orb.MultiLineString
			switch g := f.Geometry.(type) {
			case orb.LineString:
				all = orb.MultiLineString{g}
			case orb.MultiLineString:
				all = g
			}
			for _, l := range all {
				vertices += len(l)
				for _, p := range l {
					if p[0] > -buffer+1 && p[0] < buffer-1 || p[0] > Extent-buffer+1 && p[0] < Extent+buffer-1 {
						k := [2]int64{int64(x)*Extent + int64(p[0]), int64(p[1])}
						if at[k] == nil {
							at[k] = map[uint32]bool{}
						}
						at[k][x] = true
					}
				}
			}
		}
	}
	if vertices == 0 || vertices > 2000 {
		t.Errorf("%d vertices of 4000", vertices)
	}
	for k, in := range at {
		if len(in) != 2 && k[1] > -buffer+1 && k[1] < Extent+buffer-1 {
			t.Errorf("vertex %v stands in %d tiles, want both", k, len(in))
		}
	}
}

func TestNothingIsNoTile(t *testing.T) {
	s := shapes(t, rect(10, 10, 20, 20), nil)
	if b := s.Tile(3, 0, 0, Options{}); b != nil {
		t.Errorf("%d bytes", len(b))
	}
	for _, g := range orb.AllGeometries {
		for z := range uint32(3) {
			shapes(t, g).Tile(z, 0, 0, Options{})
		}
	}
	if read(t, shapes(t, rect(170, -20, 190, -10)).Tile(3, 0, 4, Options{})) == nil {
		t.Error("what reaches beyond 180° is not drawn on the other side")
	}
}

func BenchmarkTile(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var g []orb.Geometry
	for i := range 3000 {
		cx, cy := -120+float64(i%60), 25+0.5*float64(i/60)
		var ring orb.Ring
		for k := range 60 {
			a := 2 * math.Pi * float64(k) / 60
			d := 0.4 + 0.1*r.Float64()
			ring = append(ring, orb.Point{cx + d*math.Cos(a), cy + d*math.Sin(a)})
		}
		g = append(g, orb.Polygon{append(ring, ring[0])})
	}
	s := shapes(b, g...)
	for _, z := range []uint32{2, 4, 6} {
		b.Run(fmt.Sprint("zoom", z), func(b *testing.B) {
			p := Project(orb.Point{-100, 40})
			for b.Loop() {
				s.Tile(z, uint32(p[0]*math.Exp2(float64(z))), uint32(p[1]*math.Exp2(float64(z))), Options{Name: "x"})
			}
		})
	}
}
