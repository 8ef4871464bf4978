package osmtest

import "encoding/binary"

// denseNodes are those of a block, column by column.
type denseNodes struct {
	ids, lats, lons, texts []byte
	id, lat, lon           int64
	count                  int
}

// The words of nodes; a node's tag is a place of one and the next.
var nodeWords = []string{"", "highway", "traffic_signals", "highway", "stop", "barrier", "gate", "barrier", "bollard", "highway", "crossing"}

const (
	signals  = 1
	stop     = 3
	gate     = 5
	bollard  = 7
	crossing = 9
)

// add appends a node with a tag, or with none.
func (d *denseNodes) add(id, lon, lat int64, tag int) {
	d.ids = binary.AppendUvarint(d.ids, Zigzag(id-d.id))
	d.lons = binary.AppendUvarint(d.lons, Zigzag(lon-d.lon))
	d.lats = binary.AppendUvarint(d.lats, Zigzag(lat-d.lat))
	d.id, d.lon, d.lat = id, lon, lat
	if tag > 0 {
		d.texts = append(d.texts, byte(tag), byte(tag+1))
	}
	d.texts = append(d.texts, 0)
	d.count++
}

// nodes writes the crossings, the bends of roads and the corners of houses.
func (g *grid) nodes() {
	var d denseNodes
	flush := func() {
		var dense, group, block, words Message
		dense.Bytes(1, d.ids)
		dense.Bytes(8, d.lats)
		dense.Bytes(9, d.lons)
		dense.Bytes(10, d.texts)
		group.Bytes(2, dense)
		for _, w := range nodeWords {
			words.Bytes(1, []byte(w))
		}
		block.Bytes(1, words)
		block.Bytes(2, group)
		g.frame("OSMData", block)
		d = denseNodes{ids: d.ids[:0], lats: d.lats[:0], lons: d.lons[:0], texts: d.texts[:0]}
	}
	g.each(func(c cell) {
		g.cellNodes(&d, c)
		if d.count >= perBlock {
			flush()
		}
	})
	flush()
}

// cellNodes appends the nodes of a cell.
func (g *grid) cellNodes(d *denseNodes, c cell) {
	first := g.number(c)
	lon, lat := g.at(c)
	d.add(first, lon, lat, g.sign(c))
	for _, road := range [2]cell{c, {c.row, c.col, true}} {
		if !g.there(road) {
			continue
		}
		toLon, toLat := g.at(road.next())
		n := int64(g.bends(road))
		start := first + eastNode
		if road.north {
			start = first + northNode
		}
		for k := range n {
			l := g.luck(road, luckSign+uint64(k))
			tag := 0
			switch l % 2000 {
			case 0:
				tag = gate
			case 1:
				tag = bollard
			case 2, 3, 4, 5, 6, 7, 8, 9:
				tag = crossing
			}
			d.add(start+k, lon+(toLon-lon)*(k+1)/(n+1)+int64(l>>20%600)-300, lat+(toLat-lat)*(k+1)/(n+1)+int64(l>>40%600)-300, tag)
		}
	}
	if g.house(c) {
		const wide = 1500
		for k, corner := range [4][2]int64{{0, 0}, {wide, 0}, {wide, wide}, {0, wide}} {
			d.add(first+houseNode+int64(k), lon+2500+corner[0], lat+2500+corner[1], 0)
		}
	}
}

// sign is what stands at a crossing.
func (g *grid) sign(c cell) int {
	busy := max(c.grade(), cell{c.row, c.col, true}.grade())
	l := g.luck(c, luckSign) % 100
	switch {
	case busy > street && l < 25:
		return signals
	case busy == street && l < 4:
		return stop
	}
	return 0
}

// house says whether a cell has one: two of three have.
func (g *grid) house(c cell) bool { return g.luck(c, luckHouse)%3 > 0 }
