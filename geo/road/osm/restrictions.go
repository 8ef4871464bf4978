package osm

import (
	"cmp"
	"slices"
	"strings"

	"careshed/geo/road"
)

// A relation of type restriction says which turn is banned (no_left_turn) or alone
// allowed (only_straight_on): from a way, by a node or by further ways, to a way.

// newestRelations keeps of every restriction its newest self, and notes the ways
// they name.
func (im *importer) newestRelations() error {
	slices.SortStableFunc(im.relations, func(a, b *rawRelation) int {
		return cmp.Or(cmp.Compare(a.id, b.id), b.age.compare(a.age))
	})
	im.relations = slices.CompactFunc(im.relations, func(a, b *rawRelation) bool { return a.id == b.id })
	im.bannedWays = map[int64]int32{}
	kept := im.relations[:0]
	for _, r := range im.relations {
		if _, _, ok := im.rules.restricts(r); !ok || r.age.gone {
			continue
		}
		kept = append(kept, r)
		for _, m := range r.members {
			if m.kind == 1 && im.bannedWays[m.id] == 0 {
				im.bannedWays[m.id] = int32(len(im.bannedWays) + 1)
			}
		}
	}
	im.relations = kept
	return nil
}

// restricts says whether a relation bans something to cars, now, and whether it
// names what alone is allowed.
func (r *rules) restricts(rel *rawRelation) (value string, only, ok bool) {
	t := &rel.tags
	for v := range strings.SplitSeq(t[except], ";") {
		switch strings.TrimSpace(v) {
		case "motorcar", "motor_vehicle", "vehicle":
			return "", false, false
		}
	}
	value = cmp.Or(t[restrictionCar], t[restrictionMotor], r.now(t[restrictionAt]), t[restriction])
	switch {
	case strings.HasPrefix(value, "no_"):
		return value, false, true
	case strings.HasPrefix(value, "only_"):
		return value, true, true
	}
	return "", false, false
}

// corner finds the vertices at which restrictions turn, which are to be nodes.
func (im *importer) corner() (fixed map[int32]bool) {
	fixed, im.corners = map[int32]bool{}, map[int64]int32{}
	via := map[int64]bool{}
	fix := func(id int64) {
		if i, ok := im.ids.find(id, 0); ok && im.ids.shared.has(i) && im.spots[int32(i)].use == Open {
			v := int32(im.ids.shared.of(i))
			fixed[v], im.corners[id] = true, v
		}
	}
	for _, r := range im.relations {
		for _, m := range r.members {
			switch {
			case m.role == "via" && m.kind == 0:
				fix(m.id)
			case m.role == "via" && m.kind == 1:
				via[m.id] = true
			}
		}
	}
	if len(via) == 0 {
		return fixed
	}
	start := uint64(0)
	for _, w := range im.roads {
		refs := wire{data: im.refs[start:w.end]}
		start = w.end
		if !via[w.id] {
			continue
		}
		id := int64(0)
		for k := 0; len(refs.data) > 0; k++ {
			if id += refs.signed(); k == 0 || len(refs.data) == 0 {
				fix(id)
			}
		}
	}
	return fixed
}

// turns puts what turns cost and which are banned into the network.
func (im *importer) turns(net *road.Network, j *junctions) (err error) {
	t := road.Turns{Table: im.rules.Turns, Rank: j.ranks}
	c := newCorners(net, j, im.bannedWays)
	for _, r := range im.relations {
		value, only, _ := im.rules.restricts(r)
		bans, clear := c.bans(im, r, value, only)
		switch {
		case !clear:
			im.sum.Unclear++
		case len(bans) > 0:
			im.sum.Bans++
			t.Banned = append(t.Banned, bans...)
		}
	}
	im.sum.Split, err = net.Turn(t)
	return err
}

// corners are the darts at the nodes that restricted ways come to.
type corners struct {
	net   *road.Network
	j     *junctions
	index map[int64]int32       // of ways
	into  map[int32][]road.Dart // by the node they come to
	outOf map[int32][]road.Dart // by the node they leave
}

func newCorners(net *road.Network, j *junctions, index map[int64]int32) *corners {
	c := &corners{net: net, j: j, index: index, into: map[int32][]road.Dart{}, outOf: map[int32][]road.Dart{}}
	near := map[int32]bool{}
	for e := range j.ways {
		near[net.Edges[e].From], near[net.Edges[e].To] = true, true
	}
	for i, e := range net.Edges {
		if e.Local || !near[e.From] && !near[e.To] {
			continue
		}
		for _, back := range [2]bool{false, true} {
			tail, head, time := e.From, e.To, e.Ahead
			if back {
				tail, head, time = e.To, e.From, e.Back
			}
			if time < road.Never {
				d := road.Dart{Edge: int32(i), Back: back}
				c.outOf[tail] = append(c.outOf[tail], d)
				c.into[head] = append(c.into[head], d)
			}
		}
	}
	return c
}

// way is the way of a dart at its tail, or at its head.
func (c *corners) way(d road.Dart, head bool) int32 {
	w := c.j.ways[d.Edge]
	if d.Back != head {
		return w[1]
	}
	return w[0]
}

func (c *corners) head(d road.Dart) int32 {
	if d.Back {
		return c.net.Edges[d.Edge].From
	}
	return c.net.Edges[d.Edge].To
}

// bans are the journeys that a restriction bans; clear is false where one cannot
// tell which they are. One whose ways are not here, or not driven, bans nothing.
func (c *corners) bans(im *importer, r *rawRelation, value string, only bool) (bans [][]road.Dart, clear bool) {
	var from, to, via []int32
	node := int32(-1)
	for _, m := range r.members {
		w := c.index[m.id]
		switch {
		case m.role == "from" && m.kind == 1:
			from = append(from, w)
		case m.role == "to" && m.kind == 1:
			to = append(to, w)
		case m.role == "via" && m.kind == 1:
			via = append(via, w)
		case m.role == "via" && m.kind == 0:
			if node = c.nodeOf(im, m.id); node < 0 {
				return nil, true
			}
		}
	}
	many := value == "no_entry" || value == "no_exit"
	if len(from) == 0 || len(to) == 0 || (node < 0) == (len(via) == 0) || !many && len(from)+len(to) != 2 {
		return nil, false
	}
	for _, f := range from {
		for _, t := range to {
			some, ok := c.journeys(f, t, node, via)
			if !ok {
				return nil, false
			}
			bans = append(bans, some...)
		}
	}
	if only {
		bans = c.others(bans)
	}
	return bans, true
}

// nodeOf is the node of the network at a point of the map, -1 if there is none.
func (c *corners) nodeOf(im *importer, id int64) int32 {
	v, ok := im.corners[id]
	if !ok {
		return -1
	}
	return c.j.node[v] - 1
}

// journeys are the darts from one way by a node, or by ways, to another.
func (c *corners) journeys(from, to, node int32, via []int32) (out [][]road.Dart, clear bool) {
	if node >= 0 {
		in := where(c.into[node], func(d road.Dart) bool { return c.way(d, true) == from })
		on := where(c.outOf[node], func(d road.Dart) bool { return c.way(d, false) == to })
		if from == to && len(in) == 1 && len(on) == 1 || from != to && len(in) <= 1 && len(on) <= 1 {
			for _, a := range in {
				for _, b := range on {
					out = append(out, []road.Dart{a, b})
				}
			}
			return out, true
		}
		return nil, len(in) == 0 || len(on) == 0
	}
	for e := range c.j.ways {
		for _, back := range [2]bool{false, true} {
			d := road.Dart{Edge: e, Back: back}
			if c.way(d, true) == from && slices.Contains(c.into[c.head(d)], d) {
				out = append(out, c.along([]road.Dart{d}, to, via)...)
			}
		}
	}
	return out, len(out) <= 1
}

// mostVia is how many edges the ways of a restriction may be in one.
const mostVia = 32

// along goes on from some darts over edges of the ways via, each of them at least
// once, to one of the way to.
func (c *corners) along(driven []road.Dart, to int32, via []int32) (out [][]road.Dart) {
	if len(driven) > mostVia {
		return nil
	}
	last := driven[len(driven)-1]
	for _, d := range c.outOf[c.head(last)] {
		if d.Edge == last.Edge {
			continue
		}
		if c.way(d, false) == to && len(driven) > 1 && c.all(driven[1:], via) {
			out = append(out, append(slices.Clone(driven), d))
			continue
		}
		if w := c.way(d, false); w == c.way(d, true) && slices.Contains(via, w) && !slices.ContainsFunc(driven, func(o road.Dart) bool { return o.Edge == d.Edge }) {
			out = append(out, c.along(append(slices.Clone(driven), d), to, via)...)
		}
	}
	return out
}

// all says whether darts are of all the ways.
func (c *corners) all(darts []road.Dart, ways []int32) bool {
	for _, w := range ways {
		if !slices.ContainsFunc(darts, func(d road.Dart) bool { return c.way(d, false) == w }) {
			return false
		}
	}
	return true
}

// others are the journeys that leave those that alone are allowed.
func (c *corners) others(allowed [][]road.Dart) (bans [][]road.Dart) {
	for _, a := range allowed {
		for k := 1; k < len(a); k++ {
			for _, d := range c.outOf[c.head(a[k-1])] {
				if d != a[k] {
					bans = append(bans, append(slices.Clone(a[:k]), d))
				}
			}
		}
	}
	return bans
}

func where(darts []road.Dart, is func(road.Dart) bool) (out []road.Dart) {
	for _, d := range darts {
		if is(d) {
			out = append(out, d)
		}
	}
	return out
}
