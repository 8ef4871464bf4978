package road_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strings"
	"testing"

	"careshed/geo/road"
)

const (
	someGraph = `c a triangle
p sp 3 5
a 1 2 1000
a 2 1 1000
a 2 3 500
a 3 2 600
a 3 1 0
`
	someCoords = `p aux sp co 3
v 1 -74000000 40000000
v 2 -74000000 40001000
v 3 -74001000 40000000
`
)

func TestReadDIMACS(t *testing.T) {
	net, _, err := road.ReadDIMACS(strings.NewReader(someGraph), strings.NewReader(someCoords), road.Milliseconds)
	if err != nil {
		t.Fatal(err)
	}
	// A thousandth of a degree of the meridian is 111.04 m at 40° N.
	want := []road.Edge{
		{From: 0, To: 1, Ahead: 1000, Back: 1000, Length: 1110},
		{From: 1, To: 2, Ahead: 500, Back: road.Never, Length: 1401}, // 140 m, capped
		{From: 2, To: 1, Ahead: 600, Back: road.Never, Length: 1401},
		{From: 2, To: 0, Ahead: 0, Back: road.Never, Length: 854},
	}
	if !slices.Equal(net.Edges, want) {
		t.Errorf("edges %+v, want %+v", net.Edges, want)
	}
	if len(net.Nodes) != 3 || net.Nodes[1] != (road.Coord{Lon: -740000000, Lat: 400010000}) {
		t.Errorf("nodes %v", net.Nodes)
	}
	// Compressed, and without coordinates, the times are the same.
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	io.WriteString(w, someGraph)
	w.Close()
	bare, _, err := road.ReadDIMACS(&z, nil, road.Milliseconds)
	if err != nil || len(bare.Edges) != 4 || bare.Edges[0].Back != 1000 || bare.Edges[0].Length != 0 {
		t.Errorf("compressed: %+v, %v", bare, err)
	}
}

func TestDIMACSErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ graph, coords, want string }{
		{"", "", "no line p"},
		{"a 1 2 3\n", "", "line 1: an arc before the line p"},
		{"p sp 2 1\na 1 3 5\n", "", "line 2: 3 is not from 1 to 2"},
		{"p sp 2 1\na 1 2 x\n", "", `line 2: "x" is not a whole number`},
		{"p sp 2 1\na 1 2 -1\n", "", "line 2: -1 is not from 0"},
		{"p sp 2 1\na 1 2\n", "", "line 2: want a FROM TO WEIGHT"},
		{"p sp 2 2\na 1 2 3\n", "", "1 arcs, and line p announces 2"},
		{"p sp 2 0\na 1 2 3\n", "", "line 2: more than the 0 arcs"},
		{"p sp 2 0\np sp 2 0\n", "", "line 2: a second line p"},
		{"p sp 2000000000 0\n", "", "2000000000 nodes with no more than 0 arcs"},
		{"c x\nq\n", "", `line 2: a line "q"`},
		{someGraph, "p aux sp co 4\n", "coordinates: line 1: 4 nodes, and the graph has 3"},
		{someGraph, "v 1 200000000 0\n", "coordinates: line 1: 200000000 is not from"},
		{someGraph, "v 1 0 0\nv 1 0 0\n", "line 2: node 1 a second time"},
		{someGraph, "v 1 0 0\n", "coordinates: 1 nodes of 3"},
	} {
		var coords io.Reader
		if c.coords != "" {
			coords = strings.NewReader(c.coords)
		}
		if _, _, err := road.ReadDIMACS(strings.NewReader(c.graph), coords, road.Milliseconds); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %q: %v; want %q", c.graph, c.coords, err, c.want)
		}
	}
}

func FuzzDIMACS(f *testing.F) {
	f.Add(someGraph, someCoords)
	f.Add("p sp 1 0\n", "")
	f.Fuzz(func(t *testing.T, g, coords string) {
		var c io.Reader
		if coords != "" {
			c = strings.NewReader(coords)
		}
		net, _, err := road.ReadDIMACS(strings.NewReader(g), c, road.Milliseconds)
		if err != nil || len(net.Nodes) > 500 {
			return
		}
		// What is read can be built.
		use(build(t, net))
	})
}

// A weight of 0 is no time, a graph of seconds takes as long as it says, and lengths
// are those of the coordinates, however fast that is; who is too fast is counted.
func TestWeightsOfDIMACS(t *testing.T) {
	const coords = "p aux sp co 3\nv 1 0 0\nv 2 90000 0\nv 3 180000 0\n"
	for _, c := range []struct {
		graph   string
		weights road.Weights
		ms, dm  uint32
		sum     road.Weighed
	}{
		{"p sp 3 2\na 1 2 600\na 2 3 600\n", road.Milliseconds, 1200, 200375, road.Weighed{Fast: 2}},
		{"p sp 3 2\na 1 2 600\na 2 3 600\n", road.Seconds, 1200000, 200375, road.Weighed{}},
		{"p sp 3 2\na 1 2 6000\na 2 3 6000\n", road.Tenths, 1200000, 200375, road.Weighed{}},
		{"p sp 3 2\na 1 2 0\na 2 3 0\n", road.Seconds, 0, 200375, road.Weighed{Zero: 2, Fast: 2}},
	} {
		net, sum, err := road.ReadDIMACS(strings.NewReader(c.graph), strings.NewReader(coords), c.weights)
		if err != nil || sum != c.sum {
			t.Fatalf("%+v: %+v, %v", c, sum, err)
		}
		o := newOracle(t, net)
		ms, dm, ok := o.q.Pair([]road.Seed{{Node: o.places[0]}}, []road.Seed{{Node: o.places[2]}})
		if !ok || ms != c.ms || dm/10 != c.dm/10 {
			t.Errorf("%+v: %d ms, %d dm, %v", c, ms, dm, ok)
		}
	}
	_, _, err := road.ReadDIMACS(strings.NewReader("p sp 2 1\na 1 2 2147484\n"), nil, road.Seconds)
	if err == nil || !strings.Contains(err.Error(), "2147483") {
		t.Errorf("a weight of 25 days: %v", err)
	}
}
