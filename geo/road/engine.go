package road

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"

	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Engine answers with driving times on an index (travel.Engine). A journey is
// the way from the place to its road, on the roads, and from the site's road to
// the site; the ends off the road are driven at DefaultAccess. Whoever has no
// road within DefaultLimit has no time, and is told so.
type Engine struct {
	x       *Index
	locator *Locator

	queries sync.Pool
	closest sync.Pool // of space for the nearest of all junctions
	mu      sync.RWMutex
	known   map[orb.Point]*Snapped // nil: no road near
	changed changed                // engines of the same roads with changes
}

// mostKnown bounds the stops that an engine remembers the roads of.
const mostKnown = 1 << 20

// NewEngine is the engine of an index. It checks all that queries use, so that a
// damaged file is an error here and none later.
func NewEngine(x *Index) (*Engine, error) {
	l, err := x.Locator()
	if err != nil {
		return nil, err
	}
	q, err := x.NewQuery()
	if err != nil {
		return nil, err
	}
	e := &Engine{x: x, locator: l, known: map[orb.Point]*Snapped{}}
	e.queries.Put(q)
	return e, nil
}

// Index is what the engine answers from.
func (e *Engine) Index() *Index { return e.x }

func (e *Engine) query() *Query {
	if q, ok := e.queries.Get().(*Query); ok {
		return q
	}
	q, err := e.x.NewQuery()
	if err != nil {
		panic("road: an index that was sound is not: " + err.Error())
	}
	return q
}

// About names the network and the profile.
func (e *Engine) About() travel.About {
	a := e.x.Source()
	from := a.Origin
	if a.Stamp != "" {
		from += " of " + a.Stamp
	}
	roads, changes := "a road network without traffic", e.x.Changes()
	if changes != "" {
		roads = "roads of which some are closed or at other speeds, else without traffic"
	}
	about := travel.About{Name: "road", Detail: "driving times on " + roads + ", from " + from,
		Settings: map[string]string{"profile": a.Profile, "roads": a.Origin, "roads_date": a.Stamp, "roads_sum": e.x.Sum(), "attribution": attribution(a),
			"access":    fmt.Sprintf("%g km/h to the nearest road, up to %g km", DefaultAccess, DefaultLimit.Kilometres()),
			"last_mile": fmt.Sprintf("%d m, against one-way roads too", LastMile),
		}}
	if changes != "" {
		about.Settings["roads_changed"] = changes
	}
	return about
}

// attribution is what whoever shows the times owes the map.
func attribution(a Source) string {
	if a.Profile == DIMACS {
		return ""
	}
	return "© OpenStreetMap contributors, ODbL 1.0"
}

// Key tells one index from another.
func (e *Engine) Key() string {
	a := e.x.Source()
	return fmt.Sprintf("road %q %q %q %d %d %s", a.Origin, a.Profile, a.Stamp, e.x.n, e.x.edges, e.x.Sum())
}

// road is a stop's road, nil if there is none.
func (e *Engine) road(s travel.Stop) *Snapped {
	if !s.Located {
		return nil
	}
	e.mu.RLock()
	found, ok := e.known[s.At]
	e.mu.RUnlock()
	if ok {
		return found
	}
	if snapped, ok := e.locator.Snap(s.At); ok {
		found = &snapped
	}
	e.mu.Lock()
	if len(e.known) >= mostKnown {
		clear(e.known)
	}
	e.known[s.At] = found
	e.mu.Unlock()
	return found
}

func (e *Engine) roads(ctx context.Context, stops []travel.Stop) ([]*Snapped, error) {
	out := make([]*Snapped, len(stops))
	err := travel.Spread(ctx, len(stops), 256, func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = e.road(stops[i])
		}
	})
	return out, err
}

// snap finds the road of each stop.
func (e *Engine) snap(ctx context.Context, stops []travel.Stop) ([]travel.Snap, error) {
	roads, err := e.roads(ctx, stops)
	out := make([]travel.Snap, len(stops))
	for i, r := range roads {
		switch {
		case !stops[i].Located:
			out[i].Reason = travel.NoLocation
		case r == nil:
			out[i].Reason = travel.NoRoad
			if off, ok := e.locator.NearestRoad(stops[i].At); ok {
				out[i].Off = off
			}
		default:
			out[i] = travel.Snap{Off: r.Off, Mark: 1}
		}
	}
	return out, err
}

// reason is NoWay for a place whose roads lead to no site, OnIsland if they lead
// nowhere else.
func (e *Engine) reason(place travel.Stop, sites []travel.Stop) travel.Reason {
	if !place.Located {
		return travel.NoLocation
	}
	if len(sites) == 0 {
		return travel.NoSite
	}
	from := e.road(place)
	if from == nil {
		return travel.NoRoad
	}
	near, err := e.nearest(context.Background(), travel.Query{Places: []travel.Stop{place}, Sites: sites}, 1)
	if err == nil && near[0].Site >= 0 {
		return travel.BeyondLimit
	}
	if from.Island {
		return travel.OnIsland
	}
	return travel.NoWay
}

// journeys are the ends of a query on the network: seeds by which places are
// left and sites reached, or, with Back, the other way around.
type journeys struct {
	e             *Engine
	q             travel.Query
	places, sites []*Snapped
	placeSeeds    [][]Seed
	siteSeeds     [][]Seed
	limit         []uint32          // milliseconds, of each place
	beside, zones map[int32][]int32 // places by edge and by zone: the ways without a junction
	yards         Tree              // places by their yards: the ways without a road
	levels        []int
}

func (e *Engine) journeys(ctx context.Context, q travel.Query) (*journeys, error) {
	j := &journeys{e: e, q: q, placeSeeds: make([][]Seed, len(q.Places)), siteSeeds: make([][]Seed, len(q.Sites)),
		limit: make([]uint32, len(q.Places)), beside: map[int32][]int32{}, zones: map[int32][]int32{}}
	var err error
	if j.places, err = e.roads(ctx, q.Places); err != nil {
		return nil, err
	}
	if j.sites, err = e.roads(ctx, q.Sites); err != nil {
		return nil, err
	}
	var within []int32
	for i, p := range j.places {
		if p == nil {
			continue
		}
		if j.placeSeeds[i] = p.Out; q.Back {
			j.placeSeeds[i] = p.In
		}
		ms := math.Floor(float64(q.LimitOf(i))*1000 + 1e-6)
		if !(ms >= 0) {
			j.placeSeeds[i] = nil
			continue
		}
		j.limit[i] = uint32(min(ms, Never-1))
		within = append(within, int32(i))
		p.roads(func(s *Snapped) {
			j.beside[s.Edge] = append(j.beside[s.Edge], int32(i))
			if s.Zone >= 0 {
				j.zones[s.Zone] = append(j.zones[s.Zone], int32(i))
			}
		})
	}
	j.yards = treeOf(within, func(i int32) Coord { return CoordOf(q.Places[i].At) }, func(i int32, b *Box) {
		b.grow(j.places[i].spot, j.places[i].yard())
	})
	j.levels = j.yards.levels()
	for k, s := range j.sites {
		if s == nil {
			continue
		}
		if j.siteSeeds[k] = s.In; q.Back {
			j.siteSeeds[k] = s.Out
		}
	}
	return j, nil
}

// direct calls each with the places from which a site is reached without a
// junction, with some of them more than once.
func (j *journeys) direct(site int, each func(place int32, time, length uint32)) {
	s := j.sites[site]
	if s == nil {
		return
	}
	try := func(i int32) {
		a, b := j.places[i], s
		if j.q.Back {
			a, b = b, a
		}
		if t, d, ok := j.e.locator.Direct(a, b); ok && t <= j.limit[i] {
			each(i, t, d)
		}
	}
	j.yards.nearing(j.levels, s.spot, func() float64 { return s.yard() * s.yard() }, try)
	s.roads(func(s *Snapped) {
		for _, i := range j.beside[s.Edge] {
			try(i)
		}
		if s.Zone >= 0 {
			for _, i := range j.zones[s.Zone] {
				try(i)
			}
		}
	})
}

// What a climb costs and a node of a sweep, in the same unit: measured, to
// choose between the two ways to the same answer. A sweep for the five nearest
// costs three times as much as one for the nearest.
const (
	climbCost = 40_000
	sweepCost = 10
)

// sweep finds the legs of one site after the other.
func (e *Engine) sweep(ctx context.Context, q travel.Query, each func(site int, legs []travel.Leg) error) error {
	t, err := e.table(ctx, q)
	if err != nil {
		return err
	}
	return t.rows(ctx, 0, len(q.Sites), each)
}

// scan is a row by a sweep from the site.
func (j *journeys) scan(s *scratch, way Way, site int) []Leg {
	rows := s.rows[:0]
	if j.q.Lengths {
		s.times, s.lengths = s.query.Lengths(way, j.siteSeeds[site], s.times, s.lengths)
	} else {
		s.times = s.query.Times(way, j.siteSeeds[site], s.times)
	}
	for i, seeds := range j.placeSeeds {
		best := never
		for _, p := range seeds {
			if s.times[p.Node] >= Never {
				continue
			}
			length := uint32(0)
			if j.q.Lengths {
				length = s.lengths[p.Node] + p.Length
			}
			best = min(best, costOf(s.times[p.Node]+p.Time, length))
		}
		if best < never && best.time() <= j.limit[i] {
			rows = append(rows, Leg{int32(i), best.time(), best.length()})
		}
	}
	return rows
}

func (j *journeys) leg(place, site int32, time, length uint32) travel.Leg {
	l := travel.Leg{Place: place, Site: site, Time: travel.Seconds(float64(time) / 1000)}
	if j.q.Lengths {
		l.Length = geo.Metres(float64(length) / 10)
	}
	return l
}

// nearest finds the nearest sites of all places: by one sweep over the network
// for all, or where there are few of both by the climbs of each.
func (e *Engine) nearest(ctx context.Context, q travel.Query, k int) ([]travel.Leg, error) {
	out := make([]travel.Leg, len(q.Places)*k)
	for i := range out {
		out[i] = travel.Leg{Place: int32(i / max(k, 1)), Site: -1, Time: travel.Unreached}
	}
	if k <= 0 || len(q.Sites) == 0 {
		return out, nil
	}
	if climbCost*(len(q.Places)+len(q.Sites)) < sweepCost*e.x.n*(k+1)/2 {
		return out, e.nearestOfTable(ctx, q, k, out)
	}
	j, err := e.journeys(ctx, q)
	if err != nil {
		return nil, err
	}
	way := To
	if q.Back {
		way = From
	}
	query := e.query()
	defer e.queries.Put(query)
	closest, _ := e.closest.Get().(*Closest)
	closest = query.NearestK(way, j.siteSeeds, k, closest)
	defer e.closest.Put(closest)
	lists := make([]Reached, len(q.Places)*k)
	if err := travel.Spread(ctx, len(q.Places), 1024, func(from, to int) {
		for i := from; i < to; i++ {
			closest.Pick(j.placeSeeds[i], lists[i*k:i*k+k])
		}
	}); err != nil {
		return nil, err
	}
	for s := range q.Sites {
		j.direct(s, func(place int32, time, length uint32) {
			insert(lists[int(place)*k:int(place)*k+k], Reached{costOf(time, length), int32(s)})
		})
	}
	for i, r := range lists {
		if r.Owner >= 0 && r.Time() <= j.limit[i/k] {
			out[i] = j.leg(int32(i/k), r.Owner, r.Time(), r.Length())
		}
	}
	return out, nil
}

// nearestOfTable keeps the k best of each place from all legs.
func (e *Engine) nearestOfTable(ctx context.Context, q travel.Query, k int, out []travel.Leg) error {
	lengths := q.Lengths
	q.Lengths = true // ties go to the shorter way
	before := func(a, b travel.Leg) bool {
		return b.Site < 0 || a.Time < b.Time || a.Time == b.Time && (a.Length < b.Length || a.Length == b.Length && a.Site < b.Site)
	}
	if err := e.sweep(ctx, q, func(_ int, legs []travel.Leg) error {
		for _, l := range legs {
			own := out[int(l.Place)*k : int(l.Place)*k+k]
			for at := range own {
				if before(l, own[at]) {
					copy(own[at+1:], own[at:])
					own[at] = l
					break
				}
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if !lengths {
		for i := range out {
			out[i].Length = 0
		}
	}
	return nil
}

// scratch is what one goroutine works in.
type scratch struct {
	query          *Query
	times, lengths []uint32
	rows           []Leg
	legs           []travel.Leg
}

// inOrder computes ahead on all cores and hands on one at a time, in order.
func (e *Engine) inOrder(ctx context.Context, n int, compute func(*scratch, int), each func(int, []travel.Leg) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	space := make([]*scratch, 4*workers)
	for i := range space {
		space[i] = &scratch{}
	}
	queries := make([]*Query, workers)
	for w := range queries {
		queries[w] = e.query()
		defer e.queries.Put(queries[w])
	}
	for from := 0; from < n; from += len(space) {
		size := min(len(space), n-from)
		lent := -1
		own := func() *Query { lent++; return queries[lent] }
		if err := travel.SpreadWith(ctx, size, 1, own, func(q *Query, k, _ int) {
			space[k].query = q
			compute(space[k], from+k)
		}); err != nil {
			return err
		}
		for k := range size {
			if err := each(from+k, space[k].legs); err != nil {
				return err
			}
		}
	}
	return nil
}

// areas are the areas within each limit of the nearest of some stops: from them,
// or with to, to them. Whether a point is inside and how long it takes agree, up to a
// cell of the grid: the corners are asked for as places are. See Isochrones.
func (e *Engine) areas(ctx context.Context, stops []travel.Stop, limits []travel.Seconds, to bool) ([]orb.MultiPolygon, error) {
	roads, err := e.roads(ctx, stops)
	if err != nil {
		return nil, err
	}
	way := From
	if to {
		way = To
	}
	ask := Isochrone{To: to}
	var seeds []Seed
	for _, r := range roads {
		if r == nil {
			continue
		}
		r.roads(func(s *Snapped) { ask.Starts = append(ask.Starts, *s) })
		if to {
			seeds = append(seeds, r.In...)
		} else {
			seeds = append(seeds, r.Out...)
		}
	}
	if len(ask.Starts) == 0 {
		return nil, fmt.Errorf("no road within %g km of any of %d points", DefaultLimit.Kilometres(), len(stops))
	}
	most := travel.Seconds(0)
	for _, l := range limits {
		most = max(most, l)
		ask.Within = append(ask.Within, uint32(min(math.Floor(float64(l)*1000), Never-1)))
	}
	// As far from a road as one gets at all: whoever lives there has a time.
	ask.Walk = min(DefaultLimit, max(defaultWalk, geo.Metres(float64(most)*DefaultAccess/3.6)))
	q := e.query()
	ask.Times = q.Times(way, seeds, nil)
	e.queries.Put(q)
	// The corners of the grid are places like others, but not to be remembered.
	// What is farther from its road than one gets in time is out of time.
	near := *e.locator
	near.Limit = ask.Walk
	alike := &Engine{x: e.x, locator: &near, known: map[orb.Point]*Snapped{}}
	ask.At = func(points []orb.Point) ([]uint32, error) {
		places := make([]travel.Stop, len(points))
		for i, p := range points {
			places[i] = travel.Stop{At: p, Located: true}
		}
		legs, err := alike.Nearest(ctx, travel.Query{Places: places, Sites: stops, Limit: []travel.Seconds{most}, Back: !to}, 1)
		times := make([]uint32, len(points))
		for i := range times {
			if times[i] = Never; err == nil && legs[i].Site >= 0 {
				times[i] = uint32(math.Round(float64(legs[i].Time) * 1000))
			}
		}
		return times, err
	}
	return e.locator.Isochrones(ask)
}
