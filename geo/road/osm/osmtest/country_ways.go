package osmtest

import (
	"encoding/binary"
	"fmt"
)

// elements are the ways or relations of a block and the words of their tags.
type elements struct {
	words []string
	place map[string]uint64
	group Message
	count int
}

func newElements() *elements { return &elements{words: []string{""}, place: map[string]uint64{"": 0}} }

func (e *elements) word(text string) uint64 {
	i, known := e.place[text]
	if !known {
		i = uint64(len(e.words))
		e.words = append(e.words, text)
		e.place[text] = i
	}
	return i
}

// tagged puts tags, key after value after key, into an element.
func (e *elements) tagged(m *Message, tags ...string) {
	var keys, values []byte
	for i := 0; i < len(tags); i += 2 {
		keys = binary.AppendUvarint(keys, e.word(tags[i]))
		values = binary.AppendUvarint(values, e.word(tags[i+1]))
	}
	m.Bytes(2, keys)
	m.Bytes(3, values)
}

func (e *elements) block() Message {
	var words, block Message
	for _, w := range e.words {
		words.Bytes(1, []byte(w))
	}
	block.Bytes(1, words)
	block.Bytes(2, e.group)
	return block
}

// put appends an element and writes the block when it is full.
func (g *grid) put(e *elements, field int, one Message) {
	e.group.Bytes(field, one)
	if e.count++; e.count >= perBlock {
		g.flush(e)
	}
}

func (g *grid) flush(e *elements) {
	g.frame("OSMData", e.block())
	*e = *newElements()
}

// wayID is the number of the way that starts at a road; houses have the third.
func (g *grid) wayID(c cell) int64 {
	id := 3 * (g.number(c) / cellNodes)
	if c.north {
		id++
	}
	return id + 1
}

// starts says whether a way starts at a road: where the road before is missing, where
// a turn is restricted, and at every fifth crossing.
func (g *grid) starts(c cell) bool {
	return !g.there(c.before()) || g.luck(c, luckWay)%5 == 0 || g.restricted(cell{row: c.row, col: c.col})
}

// wayOf is the number of the way that a road is of.
func (g *grid) wayOf(c cell) int64 {
	for !g.starts(c) {
		c = c.before()
	}
	return g.wayID(c)
}

// ways writes the roads and the houses.
func (g *grid) ways() {
	e := newElements()
	g.each(func(c cell) {
		for _, road := range [2]cell{c, {c.row, c.col, true}} {
			if g.there(road) && g.starts(road) {
				g.put(e, 3, g.way(e, road))
			}
		}
		if g.house(c) {
			g.put(e, 3, g.wall(e, c))
		}
	})
	g.flush(e)
}

// way is the way that starts at a road.
func (g *grid) way(e *elements, c cell) Message {
	var one Message
	one.Varint(1, uint64(g.wayID(c)))
	e.tagged(&one, g.tags(c)...)
	refs, last := []byte{}, int64(0)
	to := func(id int64) {
		refs = binary.AppendUvarint(refs, Zigzag(id-last))
		last = id
	}
	to(g.number(c))
	for more := true; more; more = g.there(c) && !g.starts(c) {
		first := g.number(c) + eastNode
		if c.north {
			first = g.number(c) + northNode
		}
		for k := range g.bends(c) {
			to(first + int64(k))
		}
		c = c.next()
		to(g.number(c))
	}
	one.Bytes(8, refs)
	return one
}

// wall is the way around a house.
func (g *grid) wall(e *elements, c cell) Message {
	var one Message
	one.Varint(1, uint64(g.wayID(c)+2))
	e.tagged(&one, "building", "yes")
	first := g.number(c) + houseNode
	var refs []byte
	for _, d := range [5]int64{first, 1, 1, 1, -3} {
		refs = binary.AppendUvarint(refs, Zigzag(d))
	}
	one.Bytes(8, refs)
	return one
}

// tags are those of the way that starts at a road.
func (g *grid) tags(c cell) []string {
	l := g.luck(c, luckWay)
	pick := func(shift int, of ...string) string { return of[l>>shift%uint64(len(of))] }
	kinds := [...][]string{
		street:   {"residential", "residential", "residential", "residential", "unclassified", "service", "track", "living_street"},
		arterial: {"tertiary", "tertiary", "secondary"},
		mainRoad: {"primary", "secondary"},
		trunk:    {"trunk"},
	}[c.grade()]
	tags := []string{"highway", pick(8, kinds...)}
	if l>>12%3 > 0 {
		tags = append(tags, "name", fmt.Sprint(pick(16, "Oak", "Main", "Mill", "Church", "Lake"), " ", pick(20, "Street", "Road", "Lane"), " ", l>>40%5000))
	}
	if c.grade() > street || l>>13%4 == 0 {
		limits := [...][]string{street: {"25 mph", "30", "50"}, arterial: {"35 mph", "50", "60"}, mainRoad: {"45 mph", "80"}, trunk: {"65 mph", "100"}}[c.grade()]
		tags = append(tags, "maxspeed", pick(24, limits...))
	}
	if l>>15%4 == 0 {
		tags = append(tags, "surface", pick(28, "asphalt", "asphalt", "concrete", "gravel", "unpaved"))
	}
	if c.grade() < trunk && l>>32%100 < 8 {
		tags = append(tags, "oneway", pick(44, "yes", "yes", "-1"))
	}
	if c.grade() == street && l>>34%100 < 3 {
		tags = append(tags, "access", pick(48, "private", "destination", "no"))
	}
	return tags
}

// restricted says whether a turn is at a crossing: one in 300.
func (g *grid) restricted(c cell) bool { return g.luck(c, luckTurn)%300 == 0 }

// restrictions writes what bans turning from the road that comes from the west to the
// one that leads north.
func (g *grid) restrictions() {
	e := newElements()
	g.each(func(c cell) {
		from, to := c.before(), cell{c.row, c.col, true}
		if !g.restricted(c) || !g.there(from) || !g.there(to) {
			return
		}
		var one Message
		one.Varint(1, uint64(g.number(c)))
		e.tagged(&one, "type", "restriction", "restriction", "no_left_turn")
		var roles, members []byte
		last := int64(0)
		for _, m := range []struct {
			role string
			id   int64
		}{{"from", g.wayOf(from)}, {"via", g.number(c)}, {"to", g.wayOf(to)}} {
			roles = binary.AppendUvarint(roles, e.word(m.role))
			members = binary.AppendUvarint(members, Zigzag(m.id-last))
			last = m.id
		}
		one.Bytes(8, roles)
		one.Bytes(9, members)
		one.Bytes(10, []byte{1, 0, 1})
		g.put(e, 4, one)
	})
	g.flush(e)
}
