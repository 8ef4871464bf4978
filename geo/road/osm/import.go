// Package osm reads a road network from an OpenStreetMap extract in the PBF
// format (https://wiki.openstreetmap.org/wiki/PBF_Format).
//
// It keeps what a car may use: junctions, dead ends and the edges between
// them, with a time for each direction made by a Profile, and what turns cost and
// which are banned. It leaves out relations of any other kind, elevation and traffic.
package osm

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"slices"
	"time"

	"careshed/geo/road"
)

// Progress is how far an import has come: the bytes read in pass 1 or 2.
type Progress struct {
	Pass int
	Read int64
}

// Summary is what an import met, for people.
type Summary struct {
	Ways    int     // that a car may use
	Points  int     // of those ways, each once
	Missing int     // points that ways name and the file does not hold: the edge of a clipped extract
	Cut     int     // points at which a barrier closes the road
	Open    int     // nodes on roads that are open to all
	Strong  int     // strongly connected components of those roads
	Main    int     // nodes of the largest
	Older   int     // ways and points of roads that the file holds more than once, beside the newest of each
	Behind  int     // edges reached through private roads only, and made Local for it
	Metres  float64 // of all edges
	Bans    int     // restrictions of turns that the network has
	Unclear int     // restrictions that it has not, for what they say of these roads is not clear
	Split   road.Split
	// Dropped is the length of the stretches, metres, that ways have and the
	// network has not, for the file lacks a point of theirs: they count with the
	// mean length of the others. Gaps are some of the places, at most three.
	Dropped float64
	Gaps    []Gap
}

// Gap is where stretches of a way were dropped.
type Gap struct {
	Way       int64      // its number in OpenStreetMap
	At        road.Coord // the last point before; the zero value where no point of the way is known
	Stretches int
}

// Import is ImportWith a report alone: all is held in memory.
func Import(ctx context.Context, open func() (io.ReadCloser, error), p *Profile, report func(Progress)) (*road.Network, Summary, error) {
	return ImportWith(ctx, open, p, Options{Report: report})
}

// Options are what an import may be told beside its file and its profile.
type Options struct {
	// Report, if not nil, is called now and then from one goroutine.
	Report func(Progress)
	// Scratch, if not nil, gives empty files for the shapes of the roads and for
	// what says of which ways they are, which are then not held in memory but when
	// all else is done. The network is the same.
	Scratch func() (Scratch, error)
}

// ImportWith reads a file twice, through open, and builds the network that p
// makes of it. The same bytes give the same network. A file whose elements are in
// no order is read up to three times more, see newest.go.
func ImportWith(ctx context.Context, open func() (io.ReadCloser, error), p *Profile, o Options) (*road.Network, Summary, error) {
	if p == nil {
		return nil, Summary{}, errors.New("import roads: no profile")
	}
	if err := p.check(); err != nil {
		return nil, Summary{}, fmt.Errorf("import roads: profile: %w", err)
	}
	if o.Report == nil {
		o.Report = func(Progress) {}
	}
	im := importer{rules: newRules(p), report: o.Report, scratch: o.Scratch}
	if err := im.run(ctx, open, im.ways); err != nil {
		return nil, im.sum, fmt.Errorf("ways: %w", err)
	}
	if im.wayOrder.not {
		if err := im.run(ctx, open, im.newestWays); err != nil {
			return nil, im.sum, fmt.Errorf("ways: %w", err)
		}
		all := im.countWays()
		im.roads, im.refs, im.places, im.relations, im.ids = nil, nil, nil, nil, idSet{}
		if err := im.run(ctx, open, im.ways); err != nil {
			return nil, im.sum, fmt.Errorf("ways: %w", err)
		}
		im.sum.Older += all - im.countWays()
	}
	if err := im.ids.finish(); err != nil {
		return nil, im.sum, fmt.Errorf("ways: %w", err)
	}
	if err := im.newestRelations(); err != nil {
		return nil, im.sum, fmt.Errorf("relations: %w", err)
	}
	im.sum.Ways, im.sum.Points = im.countWays(), im.ids.len()
	if len(im.roads) == 0 {
		return nil, im.sum, errors.New("the file holds no road that a car may use")
	}
	if err := im.run(ctx, open, im.nodes); err != nil {
		return nil, im.sum, fmt.Errorf("nodes: %w", err)
	}
	if im.nodeOrder.not {
		im.newestNode = make([]aged, im.ids.len())
		if err := im.run(ctx, open, im.nodes); err != nil {
			return nil, im.sum, fmt.Errorf("nodes: %w", err)
		}
	}
	im.places, im.newestNode, im.newestWay = nil, nil, nil
	im.countMissing()
	net, err := im.build(ctx)
	if err != nil {
		return nil, im.sum, err
	}
	net.Profile = p.String()
	if im.head.stamp.IsZero() {
		im.head.stamp = im.newest
	}
	if !im.head.stamp.IsZero() {
		net.Stamp = im.head.stamp.Format(time.RFC3339)
	}
	return net, im.sum, nil
}

type importer struct {
	rules   *rules
	report  func(Progress)
	scratch func() (Scratch, error)
	sum     Summary
	head    header
	newest  time.Time
	last    int64 // where the last block with nodes ends

	roads  []wayRoad
	refs   []byte // of all roads: deltas, zigzag varints, afresh for each road
	ids    idSet
	coords []road.Coord // of the ids; nowhere where the file has none
	places []road.Coord // of the refs, one after the other, where ways have them; else nil
	spots  map[int32]spot

	// See newest.go: whether elements are in order, and the newest where they are not.
	wayOrder, nodeOrder inOrder
	newestWay           map[int64]aged
	newestNode          []aged // of the ids; a sum of 0: none yet

	relations  []*rawRelation  // restrictions of turns
	corners    map[int64]int32 // the vertices of points at which they turn
	bannedWays map[int64]int32 // ways that are members of restrictions, from 1

	kept   int     // stretches with both ends, counted where points are missing
	metres float64 // of them
}

// wayRoad is a way that a car may use; its refs end at end.
type wayRoad struct {
	roadway
	id  int64
	end uint64
}

// nowhere marks a point whose node has not been found.
var nowhere = road.Coord{Lon: math.MaxInt32, Lat: math.MaxInt32}

func (im *importer) run(ctx context.Context, open func() (io.ReadCloser, error), pass func(context.Context, io.Reader) error) error {
	r, err := open()
	if err != nil {
		return err
	}
	err = pass(ctx, r)
	if e := r.Close(); err == nil {
		err = e
	}
	return err
}

// wayBlock is what pass 1 takes from a block.
type wayBlock struct {
	roads  []wayRoad
	refs   []byte
	places []road.Coord // of the refs; nil where no way has them
	points int          // that the refs are
	newest time.Time
	nodes  bool
	order  inOrder
	rules  []*rawRelation
}

// ways is pass 1: the roads and the ids of their points.
func (im *importer) ways(ctx context.Context, r io.Reader) error {
	decode := func(data []byte) (out wayBlock, err error) {
		b, err := parseBlock(data)
		if err != nil {
			return out, err
		}
		out.nodes = b.has(1, 2)
		err = b.ways(func(w *rawWay) error {
			out.order.see(w.id)
			roads, n := im.rules.way(&w.tags)
			if n == 0 || len(w.refs) == 0 || !im.current(w) {
				return nil
			}
			if len(w.refs) > maxBlob/2 || w.refs[len(w.refs)-1] >= 0x80 {
				return fmt.Errorf("its points: %w", errWire)
			}
			for _, road := range roads[:n] {
				if len(w.lats) > 0 || out.places != nil {
					for len(out.places) < out.points {
						out.places = append(out.places, nowhere)
					}
					if out.places, err = b.places(out.places, w); err != nil {
						return err
					}
				}
				out.points += pointsOf(w.refs)
				out.refs = append(out.refs, w.refs...)
				out.roads = append(out.roads, wayRoad{road, w.id, uint64(len(out.refs))})
			}
			if w.age.stamp.After(out.newest) {
				out.newest = w.age.stamp
			}
			return nil
		})
		if err == nil {
			err = b.relations(func(r *rawRelation) {
				if r.tags[relationType] == "restriction" {
					out.rules = append(out.rules, r)
				}
			})
		}
		return out, err
	}
	points := 0
	taken := map[int64]bool{} // of ways that may be there twice
	take := func(b wayBlock, end int64) error {
		if b.nodes {
			im.last = end
		}
		im.wayOrder.then(b.order)
		im.relations = append(im.relations, b.rules...)
		if b.places != nil && im.places == nil {
			im.places = slices.Repeat([]road.Coord{nowhere}, points)
		}
		start, at, last := uint64(0), 0, false
		for _, road := range b.roads {
			refs := b.refs[start:road.end]
			start = road.end
			n := pointsOf(refs)
			at += n
			if im.newestWay != nil && !road.twin {
				last = taken[road.id]
				taken[road.id] = true
			}
			if last { // a twin with its way
				continue
			}
			if err := im.ids.add(refs); err != nil {
				return err
			}
			im.refs = append(im.refs, refs...)
			for k := at - n; im.places != nil && k < at; k++ {
				place := nowhere
				if k < len(b.places) {
					place = b.places[k]
				}
				im.places = append(im.places, place)
			}
			points += n
			road.end = uint64(len(im.refs))
			im.roads = append(im.roads, road)
		}
		if b.newest.After(im.newest) {
			im.newest = b.newest
		}
		im.report(Progress{1, end})
		return nil
	}
	return walk(ctx, r, func(h header) error { im.head = h; return nil }, decode, take)
}

// pointsOf is how many numbers a list of them holds.
func pointsOf(refs []byte) (n int) {
	for _, c := range refs {
		if c < 0x80 {
			n++
		}
	}
	return n
}

// placeByWays takes the places that ways themselves have for their points.
func (im *importer) placeByWays() error {
	if im.places == nil {
		return nil
	}
	start, k, hint := uint64(0), 0, 0
	for _, r := range im.roads {
		w := wire{data: im.refs[start:r.end]}
		start = r.end
		for id := int64(0); len(w.data) > 0 && k < len(im.places); k++ {
			id += w.signed()
			i, ok := im.ids.find(id, hint)
			if !ok {
				return fmt.Errorf("node %d was lost between two passes", id) // a bug of ours
			}
			if hint = i; im.places[k] != nowhere {
				im.coords[i] = im.places[k]
			}
		}
	}
	return nil
}

// nodeBlock is what pass 2 takes from a block.
type nodeBlock struct {
	index  []int32
	at     []road.Coord
	ages   []age // where nodes are there several times
	spots  map[int32]spot
	newest time.Time
	order  inOrder
}

// nodes is pass 2: where the points of the roads are, and what stands there.
func (im *importer) nodes(ctx context.Context, r io.Reader) error {
	im.coords = make([]road.Coord, im.ids.len())
	for i := range im.coords {
		im.coords[i] = nowhere
	}
	im.spots = map[int32]spot{}
	if err := im.placeByWays(); err != nil {
		return err
	}
	decode := func(data []byte) (out nodeBlock, err error) {
		b, err := parseBlock(data)
		if err != nil {
			return out, err
		}
		b.versions = im.newestNode != nil
		hint := 0
		want := func(id int64) bool {
			out.order.see(id)
			i, ok := im.ids.find(id, hint)
			hint = i
			return ok
		}
		err = b.nodes(want, func(n *rawNode) {
			i := int32(hint)
			if im.newestNode != nil {
				out.ages = append(out.ages, n.age)
			} else if n.age.gone {
				return
			}
			if n.age.stamp.After(out.newest) {
				out.newest = n.age.stamp
			}
			k := int32(len(out.index))
			out.index = append(out.index, i)
			out.at = append(out.at, n.at)
			if s, ok := im.rules.node(&n.tags); ok {
				if out.spots == nil {
					out.spots = map[int32]spot{}
				}
				out.spots[k] = s
			}
		})
		return out, err
	}
	take := func(b nodeBlock, end int64) error {
		im.nodeOrder.then(b.order)
		for k, i := range b.index {
			s, tagged := b.spots[int32(k)]
			if im.newestNode != nil {
				is, err := im.supersedes(i, aged{b.ages[k], maphash.Comparable(seed, placed{b.at[k], s}) | 1})
				if err != nil {
					return err
				}
				if !is {
					continue
				}
			}
			im.coords[i] = b.at[k]
			if tagged {
				im.spots[i] = s
			}
		}
		if b.newest.After(im.newest) {
			im.newest = b.newest
		}
		im.report(Progress{2, end})
		if end >= im.last {
			return errStop
		}
		return nil
	}
	return walk(ctx, r, func(header) error { return nil }, decode, take)
}

// countWays is how many ways are roads.
func (im *importer) countWays() (n int) {
	for _, r := range im.roads {
		if !r.twin {
			n++
		}
	}
	return n
}

// placed is what a node says.
type placed struct {
	at road.Coord
	spot
}

// supersedes says whether a node takes the place of what is known of its point.
func (im *importer) supersedes(i int32, a aged) (bool, error) {
	old := im.newestNode[i]
	if old.sum != 0 {
		im.sum.Older++
		best, err := old.newer(a, "node", im.ids.id(int(i)))
		if err != nil || best == old {
			return false, err
		}
	}
	im.newestNode[i] = a
	delete(im.spots, i)
	if im.coords[i] = nowhere; a.gone {
		return false, nil
	}
	return true, nil
}

// countMissing counts the points that the file does not hold.
func (im *importer) countMissing() {
	for _, c := range im.coords {
		if c == nowhere {
			im.sum.Missing++
		}
	}
}
