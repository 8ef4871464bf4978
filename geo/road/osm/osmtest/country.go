package osmtest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"
)

// Country is a made-up extract as large as one wishes: streets on a crooked grid with
// gaps, dead ends and islands, arterials every eight blocks, main roads every 32 and
// trunk roads every 128. One of six crossings is none, for only one road passes it
// or none. All of it follows from the seed and from where a thing stands, so that it
// is written as it is counted, in the memory of a block.
//
// An import finds about Junctions junctions, 1.4 edges and 9 points of roads each
// (seven real extracts: 1.2 to 1.6, and 2 to 13), in ways of five blocks at the mean.
type Country struct {
	Seed      uint64
	Junctions int
}

// What a cell of the grid has: its crossing, then the bends of the roads east and
// north, then the corners of its house, by their numbers.
const (
	cellNodes = 64
	eastNode  = 1
	northNode = 24
	houseNode = 48
	crossings = 0.838 // of the cells, that are junctions
	tile      = 32    // neighbours in an extract have numbers that are near but not in rows
	perBlock  = 8000  // elements
)

// Grades of roads.
const (
	street = iota
	arterial
	mainRoad
	trunk
)

// grid is a country as it is written.
type grid struct {
	Country
	side, rows int
	out        io.Writer
	zip        *zlib.Writer
	packed     bytes.Buffer
	err        error
}

// cell is a crossing of the grid; north says which of its two roads is meant.
type cell struct {
	row, col int
	north    bool
}

// PBF writes the country as a file: nodes, ways, then turn restrictions.
func (c Country) PBF(w io.Writer) error {
	side := max(2, int(math.Ceil(math.Sqrt(float64(c.Junctions)/crossings))))
	g := &grid{Country: c, side: side, rows: side, out: w}
	g.zip, g.err = zlib.NewWriterLevel(&g.packed, zlib.BestSpeed)
	var head Message
	head.Bytes(4, []byte("OsmSchema-V0.6"))
	head.Bytes(4, []byte("DenseNodes"))
	head.Varint(32, 1700000000)
	g.frame("OSMHeader", head)
	g.nodes()
	g.ways()
	g.restrictions()
	return g.err
}

// frame writes a block of the file.
func (g *grid) frame(kind string, data []byte) {
	if g.err != nil {
		return
	}
	g.packed.Reset()
	g.zip.Reset(&g.packed)
	g.zip.Write(data) // a buffer takes everything
	g.zip.Close()
	var blob, head Message
	blob.Varint(2, uint64(len(data)))
	blob.Bytes(3, g.packed.Bytes())
	head.Bytes(1, []byte(kind))
	head.Varint(3, uint64(len(blob)))
	for _, part := range [][]byte{binary.BigEndian.AppendUint32(nil, uint32(len(head))), head, blob} {
		if _, err := g.out.Write(part); err != nil {
			g.err = err
			return
		}
	}
}

// each visits the cells in the order of their numbers, tile by tile.
func (g *grid) each(visit func(c cell)) {
	for tr := 0; tr < g.rows; tr += tile {
		for tc := 0; tc < g.side; tc += tile {
			for row := tr; row < min(tr+tile, g.rows); row++ {
				for col := tc; col < min(tc+tile, g.side); col++ {
					visit(cell{row: row, col: col})
				}
			}
			if g.err != nil {
				return
			}
		}
	}
}

// number is that of the first node of a cell.
func (g *grid) number(c cell) int64 {
	tr, tc := c.row/tile*tile, c.col/tile*tile
	high, wide := min(tile, g.rows-tr), min(tile, g.side-tc)
	return 1 + cellNodes*int64(tr*g.side+tc*high+(c.row-tr)*wide+c.col-tc)
}

// What is drawn of a cell, each with luck of its own.
const (
	luckEast = iota
	luckNorth
	luckPlace
	luckBends
	luckWay
	luckTurn
	luckHouse
	luckSign = 1000 // and those after it, for every bend
)

// luck is a number that a cell draws, the same each time (splitmix64, Steele et al. 2014).
func (g *grid) luck(c cell, of uint64) uint64 {
	x := g.Seed*0x9e3779b97f4a7c15 + uint64(c.row)<<34 + uint64(c.col)<<4 + of<<52
	if c.north {
		x += 8
	}
	for range 2 {
		x += 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// share makes of luck a number from 0 to below 1.
func share(luck uint64) float64 { return float64(luck>>11) / (1 << 53) }

// grade is that of the road of a cell, which is that of its row or column.
func (c cell) grade() int {
	line := c.row
	if c.north {
		line = c.col
	}
	switch {
	case line%128 == 64:
		return trunk
	case line%32 == 16:
		return mainRoad
	case line%8 == 4:
		return arterial
	}
	return street
}

// next is the cell that the road of a cell leads to, before the one it comes from.
func (c cell) next() cell   { return c.step(1) }
func (c cell) before() cell { return c.step(-1) }

func (c cell) step(by int) cell {
	if c.north {
		c.row += by
	} else {
		c.col += by
	}
	return c
}

// there says whether a cell has its road.
func (g *grid) there(c cell) bool {
	to := c.next()
	if c.row < 0 || c.col < 0 || to.row >= g.rows || to.col >= g.side {
		return false
	}
	of := uint64(luckEast)
	if c.north {
		of = luckNorth
	}
	return share(g.luck(c, of)) < [...]float64{0.615, 0.93, 0.97, 1}[c.grade()]
}

// bends is how many a road has: none for a third of the streets, five at the mean.
func (g *grid) bends(c cell) int {
	l := g.luck(c, luckBends)
	if l%3 == 0 {
		return 0
	}
	return 1 + int(l>>8%7) + int(l>>16%7)
}

// at is where a crossing lies, in units of 1e-7 degrees.
func (g *grid) at(c cell) (lon, lat int64) {
	const block = 12000 // some 130 m
	l := g.luck(cell{row: c.row, col: c.col}, luckPlace)
	return -900000000 + int64(c.col)*block + int64(l%7200), 250000000 + int64(c.row)*block*3/4 + int64(l>>20%5400)
}
