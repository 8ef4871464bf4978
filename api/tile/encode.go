package tile

import (
	"encoding/binary"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// commands draw a geometry (Mapbox Vector Tile 2.1, 4.3). Positions are rounded
// to the grid; what then has no length or area is not drawn.
type commands struct {
	data []uint32
	x, y int32
	grid [][2]int32
}

func (c *commands) reset() { c.data, c.x, c.y = c.data[:0], 0, 0 }

const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

func (c *commands) command(id, count int) { c.data = append(c.data, uint32(id&7|count<<3)) }

func (c *commands) to(p [2]int32) {
	c.data = append(c.data, zigzag(p[0]-c.x), zigzag(p[1]-c.y))
	c.x, c.y = p[0], p[1]
}

func zigzag(v int32) uint32 { return uint32(v<<1) ^ uint32(v>>31) }

// round puts positions on the grid, those that coincide with the one before
// left out.
func (c *commands) round(in []orb.Point) [][2]int32 {
	out := c.grid[:0]
	for _, p := range in {
		q := [2]int32{int32(math.Round(p[0])), int32(math.Round(p[1]))}
		if len(out) == 0 || q != out[len(out)-1] {
			out = append(out, q)
		}
	}
	c.grid = out
	return out
}

func (c *commands) points(in []orb.Point) {
	g := c.round(in)
	if len(g) == 0 {
		return
	}
	c.command(moveTo, len(g))
	for _, p := range g {
		c.to(p)
	}
}

func (c *commands) line(in []orb.Point) {
	g := c.round(in)
	if len(g) < 2 {
		return
	}
	c.command(moveTo, 1)
	c.to(g[0])
	c.command(lineTo, len(g)-1)
	for _, p := range g[1:] {
		c.to(p)
	}
}

// ring draws a ring, clockwise on the screen or, as a hole, against it. It
// reports whether there was something to draw.
func (c *commands) ring(in []orb.Point, hole bool) bool {
	g := c.round(in)
	if len(g) > 1 && g[0] == g[len(g)-1] {
		g = g[:len(g)-1]
	}
	if len(g) < 3 {
		return false
	}
	area := int64(0)
	for i, p := range g {
		q := g[(i+1)%len(g)]
		area += int64(p[0])*int64(q[1]) - int64(q[0])*int64(p[1])
	}
	if area == 0 {
		return false
	}
	c.command(moveTo, 1)
	c.to(g[0])
	c.command(lineTo, len(g)-1)
	for i := 1; i < len(g); i++ {
		if area > 0 != hole {
			c.to(g[i])
		} else {
			c.to(g[len(g)-i])
		}
	}
	c.command(closePath, 1)
	return true
}

// encoder writes one layer of a tile.
type encoder struct {
	layer   *geo.Layer
	options *Options
	columns []column
	body    []byte // of the features
	values  []byte
	count   uint32 // of values
	ids     bool   // are an attribute
	tags    []byte
	any     bool
}

// column writes the values of a column, each distinct one once.
type column struct {
	geo.Column
	numbers map[float64]uint32
	codes   []int32 // of texts: where the value stands plus one
	texts   map[string]uint32
	words   []string
	of      []int32
	real    bool
}

func newEncoder(s *Source, o *Options) *encoder {
	e := &encoder{layer: s.layer, options: o, ids: true}
	for _, c := range o.Columns {
		k := column{Column: c, real: c.Type == geo.Number || s.wide[c.Name]} // QGIS makes 32 bits of a whole number
		switch c.Type {
		case geo.Text:
			k.of, k.words = c.Codes()
			if len(k.words) <= 1<<16 {
				k.codes = make([]int32, len(k.words))
			} else {
				k.texts = map[string]uint32{}
			}
		default:
			k.numbers = map[float64]uint32{}
		}
		e.columns = append(e.columns, k)
		e.ids = e.ids && c.Name != "id"
	}
	return e
}

// The wire types and field numbers of the format (vector_tile.proto).
func field(b []byte, number, wire int) []byte {
	return binary.AppendUvarint(b, uint64(number<<3|wire))
}

func bytesField(b []byte, number int, v []byte) []byte {
	b = binary.AppendUvarint(field(b, number, 2), uint64(len(v)))
	return append(b, v...)
}

func (e *encoder) value(v []byte) uint32 {
	e.values = bytesField(e.values, 4, v)
	e.count++
	return e.count - 1
}

func (e *encoder) text(s string) uint32 { return e.value(bytesField(nil, 1, []byte(s))) }

// of is where the value of a row stands.
func (e *encoder) of(c *column, row int) uint32 {
	if c.Type == geo.Text {
		code := c.of[row]
		if c.codes != nil {
			if c.codes[code] == 0 {
				c.codes[code] = int32(e.text(c.words[code])) + 1
			}
			return uint32(c.codes[code] - 1)
		}
		s := c.words[code]
		at, ok := c.texts[s]
		if !ok {
			at = e.text(s)
			c.texts[s] = at
		}
		return at
	}
	v := c.Number(row)
	at, ok := c.numbers[v]
	if ok {
		return at
	}
	var b []byte
	switch {
	case c.Type == geo.Bool:
		b = append(field(b, 7, 0), 0)
		if v != 0 {
			b[1] = 1
		}
	case c.real:
		b = binary.LittleEndian.AppendUint64(field(b, 3, 1), math.Float64bits(v))
	default:
		b = binary.AppendVarint(field(b, 6, 0), int64(v)) // zigzag, as sint64 is
	}
	at = e.value(b)
	c.numbers[v] = at
	return at
}

func (e *encoder) feature(row int, kind uint8, geometry []uint32) {
	e.any = true
	e.tags = e.tags[:0]
	key := uint64(0)
	if e.ids {
		e.tags = binary.AppendUvarint(e.tags, key)
		e.tags = binary.AppendUvarint(e.tags, uint64(e.text(e.layer.ID(row))))
		key++
	}
	for i := range e.columns {
		c := &e.columns[i]
		if !c.Null(row) {
			e.tags = binary.AppendUvarint(e.tags, key)
			e.tags = binary.AppendUvarint(e.tags, uint64(e.of(c, row)))
		}
		key++
	}
	size := 0
	for _, v := range geometry {
		size += uvarintLen(v)
	}
	head := binary.AppendUvarint(field(nil, 1, 0), uint64(row)+1)
	head = bytesField(head, 2, e.tags)
	head = append(field(head, 3, 0), kind)
	head = binary.AppendUvarint(field(head, 4, 2), uint64(size))
	e.body = binary.AppendUvarint(field(e.body, 2, 2), uint64(len(head)+size))
	e.body = append(e.body, head...)
	for _, v := range geometry {
		e.body = binary.AppendUvarint(e.body, uint64(v))
	}
}

func uvarintLen(v uint32) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
}

// finish is the tile, nil if nothing was drawn.
func (e *encoder) finish() []byte {
	if !e.any {
		return nil
	}
	layer := binary.AppendUvarint(field(nil, 15, 0), 2)
	layer = bytesField(layer, 1, []byte(e.options.Name))
	layer = append(layer, e.body...)
	if e.ids {
		layer = bytesField(layer, 3, []byte("id"))
	}
	for _, c := range e.columns {
		layer = bytesField(layer, 3, []byte(c.Name))
	}
	layer = append(layer, e.values...)
	layer = binary.AppendUvarint(field(layer, 5, 0), Extent)
	return bytesField(make([]byte, 0, len(layer)+8), 3, layer)
}
