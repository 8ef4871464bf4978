// Package road answers how long it takes to drive, exactly, on a road network
// held in memory: a contraction hierarchy (Geisberger et al. 2008) over the
// junctions, sweeps over it (PHAST, Delling et al. 2013) and buckets (Knopp et
// al. 2007).
//
// Times are integers of milliseconds, so that the same network gives the same
// answer whatever the order of the sums. Turns are part of the network: what they
// cost, and which are banned, is put there by splitting junctions (Turn).
package road

import (
	"math"

	"github.com/paulmach/orb"
)

// Never is the time of what cannot be driven. Every other time is below it.
const Never = math.MaxInt32

// Coord is a position in units of 1e-7 degrees, as OpenStreetMap keeps it.
type Coord struct{ Lon, Lat int32 }

// Point is c in degrees.
func (c Coord) Point() orb.Point { return orb.Point{float64(c.Lon) / 1e7, float64(c.Lat) / 1e7} }

// CoordOf is the nearest Coord to p.
func CoordOf(p orb.Point) Coord {
	return Coord{int32(math.Round(p[0] * 1e7)), int32(math.Round(p[1] * 1e7))}
}

// Edge is a stretch of road between two junctions. Ahead is the time from From
// to To in milliseconds and Back the other way; Never where one may not drive.
// Local is a road for those who start or end on it or behind it (private,
// destination): no journey passes through it. Through is a road for those who
// pass (ferries, motorways): no journey starts or ends on it.
type Edge struct {
	From, To    int32
	Ahead, Back uint32
	Length      uint32 // decimetres
	Bends       uint32 // its bends are Network.Bends[Bends of the edge before : Bends]
	Local       bool
	Through     bool
}

// Network is a road network before anything is computed on it: the junctions,
// the edges between them and the edges' bends (the points of the shape between
// the two ends, from From to To). Edges may be parallel, loops, of no length.
type Network struct {
	Nodes []Coord
	Edges []Edge
	Bends []Coord
	Mates []Mate  // of edges that Turn split, by the edge and the mate
	Ways  Origins // of the map, that edges are made of

	Origin  string // what it was read from, for people
	Profile string // the name and hash of the profile
	Stamp   string // the date of the data, RFC 3339, or empty
}

// Shape is edge e with its ends.
func (n *Network) Shape(e int) []Coord {
	first := uint32(0)
	if e > 0 {
		first = n.Edges[e-1].Bends
	}
	edge := n.Edges[e]
	shape := append([]Coord{n.Nodes[edge.From]}, n.Bends[first:edge.Bends]...)
	return append(shape, n.Nodes[edge.To])
}

// Seed is a way onto the network or off it: a junction, and what it takes to
// get there.
type Seed struct {
	Node   int32
	Time   uint32 // milliseconds
	Length uint32 // decimetres
	Off    uint32 // of the length, what is not driven
}
