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
	// LastMile is how far from a stop roads of one direction are looked for, and
	// how far one goes against it along them, in metres.
	LastMile = 500
)

// mostHalves is how many roads of one direction are looked at: the nearest.
const mostHalves = 8

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
	Main    Tree     // edges by which the largest part is left and reached: its own, and Local ones
	Halves  Tree     // edges by which it is only left, or only reached
	Islands Tree     // edges of the other parts of some length
	Corners []Corner // the ends of Local edges and of Halves, by node, then edge
	Public  []uint64 // a bit for each node: a road open to all ends there
	Leads   []uint64 // a bit for each node open to all: the largest part is reached from it
	Led     []uint64 // likewise: it is reached from the largest part
}

// Corner is an end of a Local edge or of a half. Local edges that meet where no
// road open to all does are of one zone.
type Corner struct{ Node, Edge, Zone int32 }

// Locator finds the road at a stop. It is immutable and may be used by several
// goroutines at once; Limit and Access are set before.
type Locator struct {
	Limit  geo.Metres // 0: DefaultLimit
	Access float64    // km/h; 0: DefaultAccess

	*Streets
	near            Nearby
	main, half, isl []int // the levels of the trees
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
	// OneWay are roads nearer to the stop by which one can only leave or only
	// arrive: the exit of a garage, a drop-off lane. Out and In are the ways by
	// all of them, so that the quickest of a journey is found, whichever it is.
	OneWay []Snapped

	spot           space  // the stop itself
	access, beside uint32 // milliseconds and decimetres to the road
}

// NewLocator prepares a network for Snap. The network must be whole (what an
// import gives is) and may not change as long as the Locator is used.
func NewLocator(n *Network) *Locator {
	l := &Locator{Streets: n.Streets()}
	p := &parts{Network: n}
	p.find()
	l.near.Public, l.near.Leads, l.near.Led = p.public, p.leads, p.led
	l.near.Corners = p.corners
	l.near.Main = l.newTree(p.main)
	l.near.Halves = l.newTree(p.halves)
	l.near.Islands = l.newTree(p.islands)
	l.level()
	return l
}

func (l *Locator) level() {
	l.main, l.half, l.isl = l.near.Main.levels(), l.near.Halves.levels(), l.near.Islands.levels()
}

// Nearby is what OpenLocator takes; it shares the Locator's memory.
func (l *Locator) Nearby() Nearby { return l.near }

// OpenLocator is NewLocator from what one kept, perhaps in a file: it checks
// what it needs not to read out of bounds, and takes the streets to be checked.
func OpenLocator(s *Streets, near Nearby) (*Locator, error) {
	for _, t := range near.trees() {
		if !t.valid(s.Len()) {
			return nil, errors.New("roads near a point: the boxes do not fit the edges")
		}
	}
	for _, bits := range [...][]uint64{near.Public, near.Leads, near.Led} {
		if len(bits) != (len(s.nodes)+63)/64 {
			return nil, errors.New("roads near a point: the marks of junctions do not fit the nodes")
		}
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
	l.level()
	return l, nil
}

// Snap finds the road at a stop: the nearest edge by which the main network (the
// largest strongly connected part) can be left and reached, within the limit. If
// a road of an island is much nearer, or there is no other, it is that one:
// whoever lives on an island is not taken to live ashore. Through edges are
// passed over. Roads that are nearer and serve one direction only are taken for
// that one as well, see OneWay. ok is false where there is nothing.
func (l *Locator) Snap(p orb.Point) (s Snapped, ok bool) {
	if !onEarth(p) {
		return s, false
	}
	limit := float64(l.Limit)
	if limit == 0 {
		limit = float64(DefaultLimit)
	}
	at := spaceOf(p[0], p[1])
	best, ok := l.find(&l.near.Main, l.main, at, limit)
	ashore := ok
	reach := limit
	if ok {
		reach = (best.off - islandMetres) / islandTimes
	}
	if reach > 0 {
		// At the reach itself the main network keeps the stop.
		if other, much := l.find(&l.near.Islands, l.isl, at, reach); much && !(ok && other.off >= reach) {
			best, ok, ashore = other, true, false
		}
	}
	if ok && !ashore {
		s = l.on(best)
		s.spot, s.Island = at, true
		return s, true
	}
	within := min(limit, LastMile)
	if ok {
		within = min(within, best.off)
		s = l.on(best)
		s.spot = at
	}
	for _, h := range l.around(&l.near.Halves, l.half, at, within, mostHalves) {
		if ok && h.off >= best.off {
			continue
		}
		one := l.on(h)
		one.spot = at
		l.stroll(&one)
		s.OneWay = append(s.OneWay, one)
	}
	if !ok && len(s.OneWay) == 0 {
		return s, false
	}
	if !ok { // the nearest of them stands for all
		rest := s.OneWay[1:]
		s = s.OneWay[0]
		s.OneWay = rest
	}
	for i := range s.OneWay {
		for _, w := range s.OneWay[i].Out {
			s.Out = quicker(s.Out, w)
		}
		for _, w := range s.OneWay[i].In {
			s.In = quicker(s.In, w)
		}
	}
	return s, true
}

func onEarth(p orb.Point) bool { return p[1] >= -90 && p[1] <= 90 && math.Abs(p[0]) <= 540 }

// NearestRoad is how far the nearest road is on which a stop may be put, whatever the
// limit; ok is false where the network has none.
func (l *Locator) NearestRoad(p orb.Point) (off geo.Metres, ok bool) {
	if !onEarth(p) {
		return 0, false
	}
	far := 2e7
	for _, t := range [...]struct {
		tree   *Tree
		levels []int
	}{{&l.near.Main, l.main}, {&l.near.Halves, l.half}, {&l.near.Islands, l.isl}} {
		if h, found := l.find(t.tree, t.levels, spaceOf(p[0], p[1]), far); found {
			far, ok = h.off, true
		}
	}
	return geo.Metres(far), ok
}

// speed is how fast one gets from a stop to its road, km/h.
func (l *Locator) speed() float64 {
	if l.Access == 0 {
		return DefaultAccess
	}
	return l.Access
}

// walk is the time for some metres off the road, milliseconds.
func (l *Locator) walk(metres float64) uint32 {
	return uint32(min(math.Round(metres*3600/l.speed()), Never/4))
}

// on is a stop at a place on an edge.
func (l *Locator) on(h hit) Snapped {
	s := Snapped{Edge: h.edge, Share: h.share, Off: geo.Metres(h.off), Zone: -1}
	s.At[0], s.At[1] = l.at(h)
	s.spot = spaceOf(s.At[0], s.At[1])
	s.access = l.walk(h.off)
	s.beside = uint32(math.Round(h.off * 10))
	if l.edge(s.Edge).Local {
		s.Zone = l.zone(s.Edge)
		s.Out, s.In = l.ways(&s, false), l.ways(&s, true)
		return s
	}
	var some [4]Seed
	for _, end := range l.ends(some[:0], s.Edge, s.Share, false) {
		s.Out = s.reach(s.Out, end)
	}
	for _, end := range l.ends(some[:0], s.Edge, s.Share, true) {
		s.In = s.reach(s.In, end)
	}
	return s
}

// reach adds the way to the road to a way along it.
func (s *Snapped) reach(seeds []Seed, w Seed) []Seed {
	if w.Time >= Never {
		return seeds
	}
	w.Time = min(w.Time+s.access, Never-1)
	w.Length += s.beside
	w.Off = s.beside
	return quicker(seeds, w)
}

// quicker adds a way; of two to one node (a loop) the quicker is kept.
func quicker(seeds []Seed, w Seed) []Seed {
	for i := range seeds {
		if seeds[i].Node == w.Node {
			if costOf(w.Time, w.Length) < costOf(seeds[i].Time, seeds[i].Length) {
				seeds[i] = w
			}
			return seeds
		}
	}
	return append(seeds, w)
}

// ends appends the ways from a place on an edge to its ends, or from its ends to
// the place: those by its mates too, where one arrives and leaves elsewhere. Time is
// Never where one may not.
func (l *Locator) ends(to []Seed, e int32, share float64, in bool) []Seed {
	to = l.endsOf(to, e, share, in)
	for _, m := range l.matesOf(e) {
		// Who starts on a copy did not come the way that it is for.
		if in || m.Copy == 0 {
			to = l.endsOf(to, m.Mate, share, in)
		}
	}
	return to
}

func (l *Locator) endsOf(to []Seed, e int32, share float64, in bool) []Seed {
	edge := l.edge(e)
	ahead, back := edge.Ahead, edge.Back
	if in {
		ahead, back = back, ahead
	}
	rest := partOf(edge.Length, 1-share)
	return append(to,
		Seed{Node: edge.To, Time: partOf(ahead, 1-share), Length: rest},
		Seed{Node: edge.From, Time: partOf(back, share), Length: edge.Length - rest})
}

// partOf is a share of a time or a length; Never stays.
func partOf(whole uint32, share float64) uint32 {
	if whole >= Never {
		return Never
	}
	return uint32(math.Round(float64(whole) * share))
}

// roads calls each with a stop at its road, and at each of OneWay.
func (s *Snapped) roads(each func(*Snapped)) {
	each(s)
	for i := range s.OneWay {
		each(&s.OneWay[i])
	}
}

// yard is how far around a stop one moves without a road, in metres: as far as its
// road is, and 25 m at least.
func (s *Snapped) yard() float64 { return max(float64(s.Off), leastYard) }

const leastYard = 25

// Direct is the way from a to b that uses no junction open to all: straight on,
// where their yards meet (the town and the hospital at one point, two houses of a
// street), along an edge that both are on, or among the Local roads of a zone.
// That there is none does not say that b cannot be reached from a. The way over
// the junctions may still be quicker.
func (l *Locator) Direct(a, b *Snapped) (time, length uint32, ok bool) {
	j := l.direct(a, b)
	if j.Time >= Never {
		return 0, 0, false
	}
	return j.Time, j.Length, true
}

func (l *Locator) direct(a, b *Snapped) Journey {
	best, off := never, uint32(0)
	if d := a.spot.to(b.spot); d <= a.yard()+b.yard() {
		off = uint32(math.Round(d * 10))
		best = costOf(l.walk(d), off)
	}
	a.roads(func(from *Snapped) {
		b.roads(func(to *Snapped) {
			if c := l.between(from, to); c < best {
				best, off = c, from.beside+to.beside
			}
		})
	})
	if best >= never {
		return Journey{Time: Never}
	}
	return Journey{best.time(), best.length(), off}
}

// between is the way from a's road to b's that is Direct, and those to the roads.
func (l *Locator) between(a, b *Snapped) cost {
	best := never
	if a.Edge == b.Edge {
		gap := math.Abs(a.Share - b.Share)
		along := func(e int32) {
			edge := l.edge(e)
			if a.Share <= b.Share {
				best = min(best, costOf(partOf(edge.Ahead, gap), partOf(edge.Length, gap)))
			}
			if a.Share >= b.Share {
				best = min(best, costOf(partOf(edge.Back, gap), partOf(edge.Length, gap)))
			}
		}
		along(a.Edge)
		for _, m := range l.matesOf(a.Edge) {
			along(m.Mate)
		}
	}
	if a.Zone >= 0 && a.Zone == b.Zone {
		into := l.ends(nil, b.Edge, b.Share, true)
		l.explore(a.Edge, a.Share, false, func(w Seed) bool {
			for _, i := range into {
				if i.Node == w.Node && i.Time < Never {
					best = min(best, costOf(w.Time+i.Time, w.Length+i.Length))
				}
			}
			return w.Time < best.time()
		})
	}
	if best >= never {
		return never
	}
	best += costOf(a.access, a.beside) + costOf(b.access, b.beside)
	return min(best, costOf(Never-1, best.length()))
}
