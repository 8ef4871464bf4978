package osm

import (
	"errors"
	"fmt"
	"time"

	"careshed/geo/road"
)

// block is a PrimitiveBlock taken apart: the messages of its elements stay as
// they are until somebody asks for them.
type block struct {
	text        []string
	keys        []key // of text: which key of ours it is, noKey for others
	groups      [][]byte
	granularity int64 // nanodegrees
	lat, lon    int64 // nanodegrees
	dates       int64 // milliseconds
	versions    bool  // whether those of dense nodes are read
}

func parseBlock(data []byte) (*block, error) {
	b := &block{granularity: 100, dates: 1000}
	w := wire{data: data}
	for field, kind, ok := w.next(); ok; field, kind, ok = w.next() {
		switch field {
		case 1:
			// One string for the whole table: its parts cost nothing.
			table := w.take(kind)
			all := string(table)
			t := wire{data: table}
			for f, k, ok := t.next(); ok; f, k, ok = t.next() {
				if f != 1 {
					t.skip(k)
					continue
				}
				s := t.take(k)
				end := len(all) - len(t.data)
				b.text = append(b.text, all[end-len(s):end])
			}
			if t.bad {
				return nil, fmt.Errorf("table of strings: %w", errWire)
			}
		case 2:
			b.groups = append(b.groups, w.take(kind))
		case 17:
			b.granularity = int64(int32(w.number(kind)))
		case 18:
			b.dates = int64(int32(w.number(kind)))
		case 19:
			b.lat = int64(w.number(kind))
		case 20:
			b.lon = int64(w.number(kind))
		default:
			w.skip(kind)
		}
	}
	if w.bad {
		return nil, errWire
	}
	if b.granularity < 1 || b.granularity > 1e6 || !within(b.lat, 1e18) || !within(b.lon, 1e18) {
		return nil, fmt.Errorf("granularity %d, offsets %d and %d: coordinates cannot be read", b.granularity, b.lat, b.lon)
	}
	b.keys = make([]key, len(b.text))
	for i, s := range b.text {
		b.keys[i] = keyOf[s]
	}
	return b, nil
}

func within(v, limit int64) bool { return v >= -limit && v <= limit }

// has says whether any group holds elements of a kind: 1 nodes, 2 dense
// nodes, 3 ways.
func (b *block) has(fields ...int) bool {
	for _, g := range b.groups {
		w := wire{data: g}
		for field, kind, ok := w.next(); ok; field, kind, ok = w.next() {
			for _, f := range fields {
				if f == field {
					return true
				}
			}
			w.skip(kind)
		}
	}
	return false
}

// coord is a position of the file in units of 1e-7 degrees.
func (b *block) coord(lat, lon int64) (road.Coord, error) {
	const most = 4e11 // far beyond any degree, far below an overflow
	if within(lat, most) && within(lon, most) {
		lat, lon = b.lat+b.granularity*lat, b.lon+b.granularity*lon
		if within(lat, 90e9) && within(lon, 180e9) {
			return road.Coord{Lon: units(lon), Lat: units(lat)}, nil
		}
	}
	return road.Coord{}, errors.New("it lies off the earth")
}

// units is nanodegrees as 1e-7 degrees, rounded half away from zero.
func units(nano int64) int32 {
	if nano < 0 {
		return int32((nano - 50) / 100)
	}
	return int32((nano + 50) / 100)
}

// stamp is a date of the file; zero if it cannot be one.
func (b *block) stamp(v int64) time.Time {
	if v <= 0 || v > 1<<40 || b.dates <= 0 || b.dates > 1e6 {
		return time.Time{}
	}
	return time.UnixMilli(v * b.dates).UTC()
}

// tag puts the value of a key that we know into t.
func (b *block) tag(t *tags, k, v uint64) error {
	if k >= uint64(len(b.text)) || v >= uint64(len(b.text)) {
		return errors.New("a tag outside the table of strings")
	}
	if id := b.keys[k]; id != noKey {
		t[id] = b.text[v]
	}
	return nil
}

// tagsOf reads the parallel lists of keys and values.
func (b *block) tagsOf(t *tags, keys, values []byte) error {
	k, v := wire{data: keys}, wire{data: values}
	for len(k.data) > 0 && len(v.data) > 0 {
		if err := b.tag(t, k.varint(), v.varint()); err != nil {
			return err
		}
	}
	if k.bad || v.bad || len(k.data) != len(v.data) {
		return errors.New("keys and values do not match")
	}
	return nil
}

// rawWay is a way as it stands in the file; refs is decoded by the caller.
type rawWay struct {
	id   int64
	tags tags
	refs []byte // deltas, zigzag varints
	// lats and lons are the places of the points, likewise, where the file has
	// them on its ways (osmium add-locations-to-ways).
	lats, lons []byte
	age        age
}

// places appends where the points of a way are; a place that is none on earth is
// nowhere.
func (b *block) places(to []road.Coord, w *rawWay) ([]road.Coord, error) {
	refs, lats, lons := wire{data: w.refs}, wire{data: w.lats}, wire{data: w.lons}
	var lat, lon int64
	for len(refs.data) > 0 {
		refs.signed()
		if len(w.lats) == 0 {
			to = append(to, nowhere)
			continue
		}
		lat += lats.signed()
		lon += lons.signed()
		if refs.bad || lats.bad || lons.bad {
			return nil, fmt.Errorf("its places: %w", errWire)
		}
		at, err := b.coord(lat, lon)
		if err != nil {
			at = nowhere
		}
		to = append(to, at)
	}
	if refs.bad || len(lats.data) > 0 || len(lons.data) > 0 {
		return nil, fmt.Errorf("its places: %w", errWire)
	}
	return to, nil
}

// ways calls each for every way of the block; w is reused.
func (b *block) ways(each func(w *rawWay) error) error {
	var way rawWay
	for _, g := range b.groups {
		group := wire{data: g}
		for field, kind, ok := group.next(); ok; field, kind, ok = group.next() {
			if field != 3 {
				group.skip(kind)
				continue
			}
			way = rawWay{}
			var keys, values, info []byte
			w := wire{data: group.take(kind)}
			for f, k, ok := w.next(); ok; f, k, ok = w.next() {
				switch f {
				case 1:
					way.id = int64(w.number(k))
				case 2:
					keys = w.take(k)
				case 3:
					values = w.take(k)
				case 4:
					info = w.take(k)
				case 8:
					way.refs = w.take(k)
				case 9:
					way.lats = w.take(k)
				case 10:
					way.lons = w.take(k)
				default:
					w.skip(k)
				}
			}
			err := w.err()
			if err == nil {
				err = b.tagsOf(&way.tags, keys, values)
			}
			if err == nil {
				way.age, err = b.ageOf(info)
			}
			if err == nil {
				err = each(&way)
			}
			if err != nil {
				return fmt.Errorf("way %d: %w", way.id, err)
			}
		}
		if group.bad {
			return errWire
		}
	}
	return nil
}

// ageOf reads the metadata of an element.
func (b *block) ageOf(info []byte) (age, error) {
	var a age
	w := wire{data: info}
	for f, k, ok := w.next(); ok; f, k, ok = w.next() {
		switch f {
		case 1:
			a.version = int32(w.number(k))
		case 2:
			a.stamp = b.stamp(int64(w.number(k)))
		case 6:
			a.gone = w.number(k) == 0
		default:
			w.skip(k)
		}
	}
	return a, w.err()
}

// rawRelation is a relation as it stands in the file.
type rawRelation struct {
	id      int64
	tags    tags
	age     age
	members []member
}

// member is a node (0), way (1) or relation (2) of a relation, and its part in it.
type member struct {
	id   int64
	kind uint64
	role string
}

// relations calls each for every relation of the block.
func (b *block) relations(each func(r *rawRelation)) error {
	for _, g := range b.groups {
		group := wire{data: g}
		for field, kind, ok := group.next(); ok; field, kind, ok = group.next() {
			if field != 4 {
				group.skip(kind)
				continue
			}
			r, err := b.relation(group.take(kind))
			if err != nil {
				return fmt.Errorf("relation %d: %w", r.id, err)
			}
			each(r)
		}
		if group.bad {
			return errWire
		}
	}
	return nil
}

func (b *block) relation(data []byte) (*rawRelation, error) {
	r := &rawRelation{}
	var keys, values, info, roles, ids, kinds []byte
	w := wire{data: data}
	for f, k, ok := w.next(); ok; f, k, ok = w.next() {
		switch f {
		case 1:
			r.id = int64(w.number(k))
		case 2:
			keys = w.take(k)
		case 3:
			values = w.take(k)
		case 4:
			info = w.take(k)
		case 8:
			roles = w.take(k)
		case 9:
			ids = w.take(k)
		case 10:
			kinds = w.take(k)
		default:
			w.skip(k)
		}
	}
	err := w.err()
	if err == nil {
		err = b.tagsOf(&r.tags, keys, values)
	}
	if err == nil {
		r.age, err = b.ageOf(info)
	}
	if err != nil || r.tags[relationType] != "restriction" {
		return r, err
	}
	role, id, kind := wire{data: roles}, wire{data: ids}, wire{data: kinds}
	last := int64(0)
	for len(id.data) > 0 {
		last += id.signed()
		text := role.varint()
		m := member{id: last, kind: kind.varint()}
		if role.bad || id.bad || kind.bad || text >= uint64(len(b.text)) {
			return r, errors.New("its members do not match")
		}
		m.role = b.text[text]
		r.members = append(r.members, m)
	}
	return r, nil
}

// rawNode is a node as it stands in the file. Its tags are in no order that
// matters; At is checked to be on the earth.
type rawNode struct {
	id   int64
	at   road.Coord
	tags tags
	age  age
}

// nodes calls each for every node that want accepts; n is reused.
func (b *block) nodes(want func(id int64) bool, each func(n *rawNode)) error {
	for _, g := range b.groups {
		group := wire{data: g}
		for field, kind, ok := group.next(); ok; field, kind, ok = group.next() {
			var err error
			switch field {
			case 1:
				err = b.node(group.take(kind), want, each)
			case 2:
				err = b.dense(group.take(kind), want, each)
			default:
				group.skip(kind)
			}
			if err != nil {
				return err
			}
		}
		if group.bad {
			return errWire
		}
	}
	return nil
}

func (b *block) node(data []byte, want func(id int64) bool, each func(n *rawNode)) error {
	var n rawNode
	var lat, lon int64
	var keys, values, info []byte
	w := wire{data: data}
	for f, k, ok := w.next(); ok; f, k, ok = w.next() {
		switch {
		case f == 1 && k == wireVarint:
			n.id = w.signed()
		case f == 2:
			keys = w.take(k)
		case f == 3:
			values = w.take(k)
		case f == 4:
			info = w.take(k)
		case f == 8 && k == wireVarint:
			lat = w.signed()
		case f == 9 && k == wireVarint:
			lon = w.signed()
		default:
			w.skip(k)
		}
	}
	if w.bad {
		return errWire
	}
	if !want(n.id) {
		return nil
	}
	err := b.tagsOf(&n.tags, keys, values)
	if err == nil {
		n.age, err = b.ageOf(info)
	}
	if err == nil {
		n.at, err = b.coord(lat, lon)
	}
	if err != nil {
		return fmt.Errorf("node %d: %w", n.id, err)
	}
	each(&n)
	return nil
}

// dense reads nodes that are written column by column.
func (b *block) dense(data []byte, want func(id int64) bool, each func(n *rawNode)) error {
	var ids, lats, lons, texts, dates, versions, visible wire
	w := wire{data: data}
	for f, k, ok := w.next(); ok; f, k, ok = w.next() {
		switch f {
		case 1:
			ids.data = w.take(k)
		case 5:
			info := wire{data: w.take(k)}
			for f, k, ok := info.next(); ok; f, k, ok = info.next() {
				switch f {
				case 1:
					versions.data = info.take(k)
				case 2:
					dates.data = info.take(k)
				case 6:
					visible.data = info.take(k)
				default:
					info.skip(k)
				}
			}
			if info.bad {
				return errWire
			}
		case 8:
			lats.data = w.take(k)
		case 9:
			lons.data = w.take(k)
		case 10:
			texts.data = w.take(k)
		default:
			w.skip(k)
		}
	}
	if w.bad {
		return errWire
	}
	var n rawNode
	var lat, lon, date int64
	tagged, dated, versioned, seen := len(texts.data) > 0, len(dates.data) > 0, b.versions && len(versions.data) > 0, len(visible.data) > 0
	for len(ids.data) > 0 {
		n.id += ids.signed()
		lat += lats.signed()
		lon += lons.signed()
		if dated {
			date += dates.signed()
		}
		if n.age = (age{}); versioned {
			n.age.version = int32(versions.varint())
		}
		if seen {
			n.age.gone = visible.varint() == 0
		}
		if ids.bad || lats.bad || lons.bad || dates.bad || versions.bad || visible.bad {
			return fmt.Errorf("node %d: %w", n.id, errWire)
		}
		wanted := want(n.id)
		if wanted {
			n.tags = tags{}
			n.age.stamp = b.stamp(date)
		}
		for tagged {
			k := texts.varint()
			if k == 0 {
				break
			}
			v := texts.varint()
			if !wanted {
				continue
			}
			if err := b.tag(&n.tags, k, v); err != nil {
				return fmt.Errorf("node %d: %w", n.id, err)
			}
		}
		if texts.bad {
			return fmt.Errorf("node %d: its tags: %w", n.id, errWire)
		}
		if !wanted {
			continue
		}
		var err error
		if n.at, err = b.coord(lat, lon); err != nil {
			return fmt.Errorf("node %d: %w", n.id, err)
		}
		each(&n)
	}
	return nil
}
