package road

import (
	"errors"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// What a Locator does where its fields are zero.
const (
	// DefaultLimit is how far from a road a stop may lie.
	DefaultLimit geo.Metres = 10000
	// DefaultAccess is the speed between a stop and its road, km/h. It stands
	// for tracks and yards that no map has: slower than the slowest road,
	// faster than on foot, since a stop is often the middle of many homes.
	DefaultAccess = 15.0
)

// A stop belongs to an island, and not to the main network, if the island's
// road is so much nearer: main > islandTimes × island + islandMetres.
const (
	islandTimes  = 3
	islandMetres = 250
)

// island is the length of road, in metres, from which a part of the network
// that no journey joins to the rest counts as an island. A shorter one is a
// slip of the map, and no stop is put there.
const island = 5000

// Nearby is what a Locator keeps beside the network: flat arrays, so that they
// can be sections of a file. It takes about 15 bytes an edge.
type Nearby struct {
	Main    Tree     // edges of the largest part, and Local ones that lead to it
	Islands Tree     // the same for the other parts of some length
	Corners []Corner // the ends of Local edges, by node, then edge
	Public  []uint64 // a bit for each node: a road open to all ends there
}

// Corner is an end of a Local edge. Local edges that meet where no road open
// to all does are of one zone.
type Corner struct{ Node, Edge, Zone int32 }

// Locator finds the road at a stop. It is immutable and may be used by several
// goroutines at once; Limit and Access are set before.
type Locator struct {
	Limit  geo.Metres // 0: DefaultLimit
	Access float64    // km/h; 0: DefaultAccess

	*Streets
	near      Nearby
	main, isl []int // the levels of the trees
}

// Snapped is a stop on its road.
//
// Out and In are the ways between the stop and junctions that are open to all:
// Out to leave, In to arrive; Time and Length are those to the road (at
// Access), along it and, where it is Local, along further Local edges. One of
// them is empty where one can only arrive or only leave.
type Snapped struct {
	Off    geo.Metres // from the stop to its road, in a straight line
	At     orb.Point  // where on the road
	Edge   int32
	Share  float64 // of the edge's length, from its From
	Zone   int32   // of a Local edge; -1 for others
	Island bool    // its road is not of the main network
	Out    []Seed
	In     []Seed

	access, beside uint32 // milliseconds and decimetres to the road
}

// NewLocator prepares a network for Snap. The network must be whole (what an
// import gives is) and may not change as long as the Locator is used.
func NewLocator(n *Network) *Locator {
	l := &Locator{Streets: n.Streets()}
	p := &parts{Network: n}
	p.find()
	l.near.Public = p.public
	l.near.Corners = p.corners
	l.near.Main = l.newTree(p.main)
	l.near.Islands = l.newTree(p.islands)
	l.main, l.isl = l.near.Main.levels(), l.near.Islands.levels()
	return l
}

// Nearby is what OpenLocator takes; it shares the Locator's memory.
func (l *Locator) Nearby() Nearby { return l.near }

// OpenLocator is NewLocator from what one kept, perhaps in a file: it checks
// what it needs not to read out of bounds, and takes the streets to be checked.
func OpenLocator(s *Streets, near Nearby) (*Locator, error) {
	if !near.Main.valid(s.Len()) || !near.Islands.valid(s.Len()) {
		return nil, errors.New("roads near a point: the boxes do not fit the edges")
	}
	if len(near.Public) != (len(s.nodes)+63)/64 {
		return nil, errors.New("roads near a point: the marks of public junctions do not fit the nodes")
	}
	for i, c := range near.Corners {
		if c.Node < 0 || int(c.Node) >= len(s.nodes) || c.Edge < 0 || int(c.Edge) >= s.Len() ||
			i > 0 && (c.Node < near.Corners[i-1].Node || c.Node == near.Corners[i-1].Node && c.Edge < near.Corners[i-1].Edge) {
			return nil, errors.New("roads near a point: the corners of local roads are out of order")
		}
		if e := s.edge(c.Edge); e.From != c.Node && e.To != c.Node {
			return nil, errors.New("roads near a point: a corner of a local road is not at its end")
		}
	}
	l := &Locator{Streets: s, near: near}
	l.main, l.isl = near.Main.levels(), near.Islands.levels()
	return l, nil
}

// Snap finds the road at a stop: the nearest edge of the main network (the
// largest strongly connected part, and the Local roads that lead to it) within
// the limit. If a road of an island is much nearer, or there is no other, it
// is that one: whoever lives on an island is not taken to live ashore. Through
// edges are passed over. ok is false where there is nothing.
func (l *Locator) Snap(p orb.Point) (s Snapped, ok bool) {
	if !(p[1] >= -90 && p[1] <= 90) || !(math.Abs(p[0]) <= 540) {
		return s, false
	}
	limit := float64(l.Limit)
	if limit == 0 {
		limit = float64(DefaultLimit)
	}
	at := spaceOf(p[0], p[1])
	best, ok := l.find(&l.near.Main, l.main, at, limit)
	ashore := ok
	if ok {
		limit = (best.off - islandMetres) / islandTimes
	}
	if limit > 0 {
		// At limit itself the main network keeps the stop.
		if other, much := l.find(&l.near.Islands, l.isl, at, limit); much && !(ok && other.off >= limit) {
			best, ok, ashore = other, true, false
		}
	}
	if !ok {
		return s, false
	}
	s = l.on(best)
	s.Island = !ashore
	return s, true
}

// on is a stop at a place on an edge.
func (l *Locator) on(h hit) Snapped {
	s := Snapped{Edge: h.edge, Share: h.share, Off: geo.Metres(h.off), Zone: -1}
	s.At[0], s.At[1] = l.at(h)
	access := l.Access
	if access == 0 {
		access = DefaultAccess
	}
	s.access = uint32(min(math.Round(h.off*3600/access), Never/4))
	s.beside = uint32(math.Round(h.off * 10))
	if l.edge(s.Edge).Local {
		s.Zone = l.zone(s.Edge)
		s.Out, s.In = l.ways(&s, false), l.ways(&s, true)
		return s
	}
	for _, end := range l.ends(s.Edge, s.Share, false) {
		s.Out = s.reach(s.Out, end)
	}
	for _, end := range l.ends(s.Edge, s.Share, true) {
		s.In = s.reach(s.In, end)
	}
	return s
}

// reach adds the way to the road to a way along it. Of two ways to one node
// (a loop) the quicker is kept.
func (s *Snapped) reach(seeds []Seed, w Seed) []Seed {
	if w.Time >= Never {
		return seeds
	}
	w.Time = min(w.Time+s.access, Never-1)
	w.Length += s.beside
	for i := range seeds {
		if seeds[i].Node == w.Node {
			if w.Time < seeds[i].Time {
				seeds[i] = w
			}
			return seeds
		}
	}
	return append(seeds, w)
}

// ends are the ways from a place on an edge to its ends, or from its ends to
// the place; Time is Never where one may not.
func (l *Locator) ends(e int32, share float64, in bool) [2]Seed {
	edge := l.edge(e)
	ahead, back := edge.Ahead, edge.Back
	if in {
		ahead, back = back, ahead
	}
	rest := partOf(edge.Length, 1-share)
	return [2]Seed{
		{edge.To, partOf(ahead, 1-share), rest},
		{edge.From, partOf(back, share), edge.Length - rest},
	}
}

// partOf is a share of a time or a length; Never stays.
func partOf(whole uint32, share float64) uint32 {
	if whole >= Never {
		return Never
	}
	return uint32(math.Round(float64(whole) * share))
}

// Direct is the way from a to b that uses no junction open to all: along the
// edge that both are on, or among the Local roads of a zone. Only stops with
// the same Edge, or the same Zone (not -1), have one; that there is none does
// not say that b cannot be reached from a. The way over the junctions may
// still be quicker.
func (l *Locator) Direct(a, b *Snapped) (time, length uint32, ok bool) {
	time = Never
	take := func(t, d uint32) {
		if t < time {
			time, length = t, d
		}
	}
	if a.Edge == b.Edge {
		edge := l.edge(a.Edge)
		gap := math.Abs(a.Share - b.Share)
		if a.Share <= b.Share {
			take(partOf(edge.Ahead, gap), partOf(edge.Length, gap))
		}
		if a.Share >= b.Share {
			take(partOf(edge.Back, gap), partOf(edge.Length, gap))
		}
	}
	if a.Zone >= 0 && a.Zone == b.Zone {
		into := l.ends(b.Edge, b.Share, true)
		l.explore(a.Edge, a.Share, false, func(w Seed) bool {
			for _, i := range into {
				if i.Node == w.Node && i.Time < Never {
					take(w.Time+i.Time, w.Length+i.Length)
				}
			}
			return w.Time < time
		})
	}
	if time >= Never {
		return 0, 0, false
	}
	return min(time+a.access+b.access, Never-1), length + a.beside + b.beside, true
}
