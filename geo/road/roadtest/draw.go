package roadtest

import (
	"strings"
	"testing"

	"careshed/geo/road"
)

// Map is a drawn network.
type Map struct {
	*road.Network
	names map[byte]int32
	t     testing.TB
}

// Node is the junction with a name.
func (m *Map) Node(name byte) int32 {
	m.t.Helper()
	v, ok := m.names[name]
	if !ok {
		m.t.Fatalf("no junction %q on the map", name)
	}
	return v
}

// Name is the name of a junction.
func (m *Map) Name(node int32) byte {
	for name, v := range m.names {
		if v == node {
			return name
		}
	}
	return '?'
}

// Draw makes a network of a drawing:
//
//	a--b>>c
//	|  :
//	d..e
//
// Small letters and digits are junctions, numbered from left to right and from
// the top down. Every sign between two of them takes a second and is 10 m long:
// - | / \ are roads, > < ^ V one-way roads, and . : private ones. A road is
// straight and may not be without signs.
func Draw(t testing.TB, text string) *Map {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(text, "\t", ""), "\n")
	m := &Map{Network: &road.Network{Origin: "drawn", Profile: "drawn"}, names: map[byte]int32{}, t: t}
	sign := func(row, col int) byte {
		if row < 0 || row >= len(lines) || col < 0 || col >= len(lines[row]) {
			return ' '
		}
		return lines[row][col]
	}
	junction := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	for row, line := range lines {
		for col := range len(line) {
			if c := line[col]; junction(c) {
				if _, twice := m.names[c]; twice {
					t.Fatalf("two junctions %q", c)
				}
				m.names[c] = int32(len(m.Nodes))
				// A sign is about 10 m wide and high on the equator.
				m.Nodes = append(m.Nodes, road.Coord{Lon: int32(col * 900), Lat: int32(-row * 900)})
			}
		}
	}
	used := 0
	for row, line := range lines {
		for col := range len(line) {
			if !junction(line[col]) {
				continue
			}
			for _, way := range []struct {
				down, right int
				signs       string // both ways, ahead, back, private
			}{{0, 1, "-><."}, {1, 0, "|V^:"}, {1, 1, `\`}, {1, -1, "/"}} {
				first := sign(row+way.down, col+way.right)
				kind := strings.IndexByte(way.signs, first)
				if kind < 0 {
					continue
				}
				n := 0
				end := first
				for ; end == first; n++ {
					end = sign(row+(n+2)*way.down, col+(n+2)*way.right)
				}
				if !junction(end) {
					t.Fatalf("the road %q from %q leads to %q, not to a junction", first, line[col], end)
				}
				used += n
				e := road.Edge{From: m.names[line[col]], To: m.names[end], Ahead: uint32(n) * 1000, Back: uint32(n) * 1000, Length: uint32(n) * 100}
				switch kind {
				case 1:
					e.Back = road.Never
				case 2:
					e.Ahead = road.Never
				case 3:
					e.Local = true
				}
				m.Edges = append(m.Edges, e)
			}
		}
	}
	for _, line := range lines {
		for i := range len(line) {
			if strings.IndexByte(`-|/\><^V.:`, line[i]) >= 0 {
				used--
			}
		}
	}
	if used != 0 {
		t.Fatal("a road of the map does not start at a junction, or two cross")
	}
	return m
}
