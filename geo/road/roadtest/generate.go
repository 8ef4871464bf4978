// Package roadtest makes road networks for tests: drawn as text, generated, or
// read from the graphs of the DIMACS challenge.
package roadtest

import (
	"math"
	"math/rand/v2"

	"careshed/geo/road"
)

// Generate makes a road network of about n junctions and 2.4 arcs each: a
// country of local streets with gaps, dead ends and islands, arterials every
// eight blocks, main roads every 32 and motorways every 128; some streets
// one-way, parallel, looped or of no length, and many of the same length. The
// same seed gives the same network.
func Generate(seed uint64, n int) *road.Network {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	side := max(2, int(math.Ceil(math.Sqrt(float64(n)))))
	rows := max(1, (n+side-1)/side)
	net := &road.Network{Origin: "generated", Profile: "generated"}
	at := func(row, col int) int32 {
		// Numbers run through tiles of 32 by 32, as neighbours in an extract
		// have numbers that are near but not in rows.
		const tile = 32
		tr, tc := row/tile, col/tile
		high, wide := min(tile, rows-tr*tile), min(tile, side-tc*tile)
		return int32(tr*tile*side + tc*tile*high + (row%tile)*wide + col%tile)
	}
	net.Nodes = make([]road.Coord, rows*side)
	const block = 0.0012 // degrees: about 130 m
	for row := range rows {
		for col := range side {
			lon := 5 + block*(float64(col)+0.6*(r.Float64()-0.5))
			lat := 44 + block*(float64(row)+0.6*(r.Float64()-0.5))
			net.Nodes[at(row, col)] = road.Coord{Lon: int32(lon * 1e7), Lat: int32(lat * 1e7)}
		}
	}
	// class of the street along a row or column
	class := func(line int) int {
		switch {
		case line%128 == 64:
			return 3
		case line%32 == 16:
			return 2
		case line%8 == 4:
			return 1
		}
		return 0
	}
	keep := [4]float64{0.615, 0.93, 0.97, 1}
	speed := [4]float64{25, 45, 65, 95} // km/h
	join := func(a, b int32, c int) {
		if r.Float64() >= keep[c] {
			return
		}
		e := road.Edge{From: a, To: b}
		p, q := net.Nodes[a], net.Nodes[b]
		dx := float64(p.Lon-q.Lon) * math.Cos(float64(p.Lat)/1e7*math.Pi/180)
		dy := float64(p.Lat - q.Lat)
		metres := math.Hypot(dx, dy) / 1e7 * 111_320
		if r.IntN(4) == 0 {
			metres = 120 // ties
		}
		e.Length = uint32(metres * 10)
		v := speed[c] * (0.8 + 0.05*float64(r.IntN(9)))
		e.Ahead = uint32(metres / v * 3600)
		e.Back = e.Ahead
		switch k := r.IntN(1000); {
		case k < 3:
			e.Ahead, e.Back, e.Length = 0, 0, 0
		case k < 60:
			e.Back = road.Never
		case k < 100:
			e.Ahead = road.Never
		case k < 110:
			e.Back += uint32(r.IntN(20_000)) // a queue in one direction
		}
		net.Edges = append(net.Edges, e)
		switch k := r.IntN(1000); {
		case k < 5:
			e.Ahead, e.Length = e.Ahead+uint32(r.IntN(3)), e.Length+uint32(r.IntN(2))
			net.Edges = append(net.Edges, e)
		case k < 7:
			e.To = e.From
			net.Edges = append(net.Edges, e)
		}
	}
	for row := range rows {
		for col := range side {
			if col+1 < side {
				join(at(row, col), at(row, col+1), class(row))
			}
			if row+1 < rows {
				join(at(row, col), at(row+1, col), class(col))
			}
		}
	}
	for i := range net.Edges {
		e := &net.Edges[i]
		if e.Ahead > road.Never {
			e.Ahead = road.Never
		}
		if t := max(1, min(e.Ahead, e.Back)); e.Length > 2*t {
			e.Length = 2 * t
		}
	}
	return net
}
