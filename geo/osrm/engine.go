// Package osrm asks services that compute matrices of driving times, OSRM's
// table, Valhalla's sources_to_targets and openrouteservice's matrix, and is an engine of travel.
//
// It sends no more than the service takes at once, tries again what failed for
// a moment, and keeps apart what the service cannot answer: a stop without a
// road near, a pair without a way, a pair further than the service computes.
// None of them becomes a time.
package osrm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// noRoad is the Mark of a stop that Snap found no road for, road of the others.
const (
	road   = 1
	noRoad = -1
)

// Config says which service to ask, and how. Zero fields are the defaults.
type Config struct {
	URL string // of the service: http://host:5000 for OSRM, http://host:8002 for Valhalla, http://host:8080/ors for openrouteservice
	// Profile is OSRM's or openrouteservice's profile or Valhalla's costing; "driving",
	// "driving-car" and "auto".
	Profile string
	Key     string // sent as Authorization; "": none
	// Stops is the most coordinates, and Pairs the most pairs, of a request:
	// 100 and 2500, what OSRM and Valhalla allow by default.
	Stops, Pairs int
	Off          geo.Metres    // a stop further from its road has none; 10 km
	Timeout      time.Duration // of a request; a minute
	Tries        int           // of a request that may succeed the next time; 4
	Pause        time.Duration // before the second, twice as long before each further; 500 ms
	Parallel     int           // requests at a time; 4
	Client       *http.Client  // http.DefaultClient
}

func (c Config) filled(profile string) (Config, error) {
	c.URL = strings.TrimRight(c.URL, "/")
	if !strings.HasPrefix(c.URL, "http://") && !strings.HasPrefix(c.URL, "https://") {
		return c, fmt.Errorf("%q is no address of a service; accepted: http://… or https://…", c.URL)
	}
	set := func(v *int, otherwise int) {
		if *v <= 0 {
			*v = otherwise
		}
	}
	set(&c.Stops, 100)
	set(&c.Pairs, 2500)
	set(&c.Tries, 4)
	set(&c.Parallel, 4)
	if c.Profile == "" {
		c.Profile = profile
	}
	if c.Off <= 0 {
		c.Off = 10000
	}
	if c.Timeout <= 0 {
		c.Timeout = time.Minute
	}
	if c.Pause <= 0 {
		c.Pause = 500 * time.Millisecond
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	if c.Stops < 2 {
		return c, fmt.Errorf("%d coordinates a request; 2 at least", c.Stops)
	}
	return c, nil
}

// grid is what a service answers: a cell for each source and target.
type grid struct {
	cells []cell // by source, then target
	// How far the stops are from their roads; nil if the service does not say.
	sources, targets []float64
}

type cell struct {
	time   float64 // seconds
	length float64 // metres; NaN if not known
	why    travel.Reason
}

// service is one way to ask.
type service interface {
	name() string
	table(ctx context.Context, sources, targets []orb.Point) (grid, error)
}

// Errors that are answers: asking for less may help.
var (
	errRoad = errors.New("a stop has no road near")
	errFar  = errors.New("a pair is further than the service computes")
	errBig  = errors.New("the request is larger than the service takes")
	errPair = errors.New("a pair has no way, and may have spoilt others")
)

// Engine asks a service. It may be used by several goroutines.
type Engine struct {
	Config
	service

	mu  sync.Mutex
	why map[orb.Point]travel.Reason // of places without a leg, as far as they were asked for
	// sampled is how many pairs were asked for again, there and back, see sample.
	sampled map[bool]int
}

// block is how many places and sites go into a request.
func (e *Engine) block(places, sites int) (p, s int) {
	s = max(1, min(sites, e.Stops/2, int(math.Sqrt(float64(e.Pairs)))))
	p = max(1, min(places, e.Stops-s, e.Pairs/s))
	return p, s
}

// usable are the stops that can be asked for.
func usable(stops []travel.Stop) (at []int) {
	for i, s := range stops {
		if s.Located && s.Mark != noRoad && !math.IsNaN(s.At[0]) && !math.IsNaN(s.At[1]) {
			at = append(at, i)
		}
	}
	return at
}

func points(stops []travel.Stop, at []int) []orb.Point {
	out := make([]orb.Point, len(at))
	for i, k := range at {
		out[i] = stops[k].At
	}
	return out
}

// Sweep asks for blocks of sites and all places, several requests at a time.
func (e *Engine) Sweep(ctx context.Context, q travel.Query, each func(site int, legs []travel.Leg) error) error {
	places, sites := usable(q.Places), usable(q.Sites)
	perRequest, group := e.block(len(places), len(sites))
	var row []travel.Leg
	next := 0 // site to be called
	flush := func(to int) error {
		for ; next < to; next++ {
			if err := each(next, nil); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	for first := 0; first < len(sites); first += group {
		some := sites[first:min(len(sites), first+group)]
		if len(places) == 0 {
			break
		}
		rows, err := e.rows(ctx, q, places, some, perRequest)
		if err != nil {
			return err
		}
		for k, site := range some {
			if err := flush(site); err != nil {
				return err
			}
			row = row[:0]
			for i, place := range places {
				c := rows[k*len(places)+i]
				if c.why != travel.None {
					continue
				}
				l := travel.Leg{Place: int32(place), Site: int32(site), Time: travel.Seconds(c.time)}
				if q.Lengths {
					l.Length = geo.Metres(c.length)
				}
				if l.Time <= q.LimitOf(place) {
					row = append(row, l)
				}
			}
			if err := each(site, row); err != nil {
				return err
			}
			next = site + 1
		}
	}
	return flush(len(q.Sites))
}

// rows asks for the cells of all places and some sites, by site.
func (e *Engine) rows(ctx context.Context, q travel.Query, places, sites []int, perRequest int) ([]cell, error) {
	out := make([]cell, len(places)*len(sites))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	free := make(chan struct{}, e.Parallel)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for from := 0; from < len(places) && ctx.Err() == nil; from += perRequest {
		to := min(len(places), from+perRequest)
		free <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-free }()
			part, some := places[from:to], sites
			cells, err := travel.Caught(func() ([]cell, error) { return e.ask(ctx, points(q.Places, part), points(q.Sites, some), q.Back) })
			if err != nil {
				mu.Lock()
				if failed == nil {
					failed = fmt.Errorf("%s: places %d to %d, sites %d to %d: %w", e.name(), part[0], part[len(part)-1], some[0], some[len(some)-1], err)
				}
				mu.Unlock()
				cancel()
				return
			}
			for i := range part {
				for k := range some {
					out[k*len(places)+from+i] = cells[i*len(some)+k]
				}
			}
		}()
	}
	wg.Wait()
	if failed == nil {
		failed = ctx.Err()
	}
	if failed != nil {
		return nil, failed
	}
	if err := e.sample(ctx, q, places, sites, out); err != nil {
		return nil, err
	}
	e.remember(q, places, len(sites), out)
	return out, nil
}

// ask is the cells by place, then site. What the service refuses as a whole is
// asked for in halves, down to a pair.
func (e *Engine) ask(ctx context.Context, places, sites []orb.Point, back bool) ([]cell, error) {
	sources, targets := places, sites
	if back {
		sources, targets = sites, places
	}
	g, err := e.table(ctx, sources, targets)
	var why travel.Reason
	switch {
	case errors.Is(err, errRoad):
		why = travel.NoRoad
	case errors.Is(err, errFar):
		why = travel.TooFar
	case errors.Is(err, errBig), errors.Is(err, errPair):
	case err != nil:
		return nil, err
	default:
		if err := e.possible(g, sources, targets); err != nil {
			return nil, err
		}
		return e.cells(g, len(places), len(sites), back)
	}
	switch {
	case len(places) > 1:
		m := len(places) / 2
		a, err := e.ask(ctx, places[:m], sites, back)
		if err != nil {
			return nil, err
		}
		b, err := e.ask(ctx, places[m:], sites, back)
		return slices.Concat(a, b), err
	case len(sites) > 1:
		m := len(sites) / 2
		a, err := e.ask(ctx, places, sites[:m], back)
		if err != nil {
			return nil, err
		}
		b, err := e.ask(ctx, places, sites[m:], back)
		return slices.Concat(a, b), err
	case why == travel.None:
		return nil, err // even one pair is too much
	}
	return []cell{{why: why}}, nil
}

// quickest is faster than any way on land, in metres a second.
const quickest = 150

// possible refuses times in which nobody gets from one stop to the other, be it in a straight
// line: zeros that stand for pairs the service gave up (openrouteservice, issue 666), or
// times of other stops.
func (e *Engine) possible(g grid, sources, targets []orb.Point) error {
	off := func(list []float64, i int) float64 {
		if i < len(list) && list[i] > 0 {
			return list[i]
		}
		return float64(e.Off) // the service does not say
	}
	for i := range min(len(g.cells), len(sources)*len(targets)) {
		c, s, t := &g.cells[i], i/len(targets), i%len(targets)
		if c.why != travel.None {
			continue
		}
		if d := float64(geo.Distance(sources[s], targets[t])); d > off(g.sources, s)+off(g.targets, t)+quickest*(c.time+1) {
			return fmt.Errorf("the service answers %g s from %.5f,%.5f to %.5f,%.5f, which lie %.1f km apart: it cannot be relied on", c.time, sources[s][0], sources[s][1], targets[t][0], targets[t][1], d/1000)
		}
	}
	return nil
}

// cells turns an answer around, if need be, and leaves out what is too far
// from its road.
func (e *Engine) cells(g grid, places, sites int, back bool) ([]cell, error) {
	if len(g.cells) != places*sites {
		return nil, fmt.Errorf("the service answered %d times for %d × %d", len(g.cells), places, sites)
	}
	out := make([]cell, len(g.cells))
	for i := range places {
		for k := range sites {
			s, t, c := i, k, &g.cells[i*sites+k]
			if back {
				s, t, c = k, i, &g.cells[k*places+i]
			}
			if far(g.sources, s, e.Off) || far(g.targets, t, e.Off) {
				c.why = travel.NoRoad
			}
			if c.why == travel.None && !(c.time >= 0 && !math.IsInf(c.time, 1)) {
				return nil, fmt.Errorf("the service answered a time of %v s", c.time)
			}
			out[i*sites+k] = *c
		}
	}
	return out, nil
}

func far(off []float64, i int, limit geo.Metres) bool {
	return i < len(off) && off[i] > float64(limit)
}

// remember keeps why places had no way to some site. A way is better than any
// reason; of the reasons, the first stays.
func (e *Engine) remember(q travel.Query, places []int, sites int, cells []cell) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.why == nil {
		e.why = map[orb.Point]travel.Reason{}
	}
	for i, p := range places {
		why := travel.None
		for k := range sites {
			c := &cells[k*len(places)+i]
			if c.why == travel.None {
				why = travel.BeyondLimit
				break
			}
			if why == travel.None {
				why = c.why
			}
		}
		if before, known := e.why[q.Places[p].At]; !known || before != travel.BeyondLimit {
			e.why[q.Places[p].At] = why
		}
	}
}

// Nearest asks for every pair and keeps the quickest k.
func (e *Engine) Nearest(ctx context.Context, q travel.Query, k int) ([]travel.Leg, error) {
	out := make([]travel.Leg, k*len(q.Places))
	for i := range out {
		out[i] = travel.Leg{Place: int32(i / k), Site: -1, Time: travel.Unreached}
	}
	asked := q
	asked.Lengths = true // ties go to the shorter way
	err := e.Sweep(ctx, asked, func(_ int, legs []travel.Leg) error {
		for _, l := range legs {
			best := out[int(l.Place)*k : int(l.Place)*k+k]
			at := k
			for at > 0 && quicker(&l, &best[at-1]) {
				at--
			}
			if at < k {
				copy(best[at+1:], best[at:])
				best[at] = l
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !q.Lengths {
		for i := range out {
			out[i].Length = 0
		}
	}
	return out, nil
}

// quicker puts the site that came first before equals.
func quicker(a, b *travel.Leg) bool {
	if b.Site < 0 || a.Time != b.Time {
		return b.Site < 0 || a.Time < b.Time
	}
	return a.Length < b.Length
}

// Snap asks for the way from each stop to itself, which tells whether it has a
// road; the distance is 0 where the service does not say it.
func (e *Engine) Snap(ctx context.Context, stops []travel.Stop) ([]travel.Snap, error) {
	out := make([]travel.Snap, len(stops))
	at := usable(stops)
	for i := range out {
		out[i].Reason = travel.NoLocation
		if stops[i].Mark == noRoad {
			out[i] = travel.Snap{Mark: noRoad, Reason: travel.NoRoad}
		}
	}
	size := min(e.Stops-1, e.Pairs)
	for from := 0; from < len(at); from += size {
		part := at[from:min(len(at), from+size)]
		if err := e.snap(ctx, stops, part, out); err != nil {
			return nil, fmt.Errorf("%s: stops %d to %d: %w", e.name(), part[0], part[len(part)-1], err)
		}
	}
	return out, nil
}

// snap asks for the ways from some stops to the first of them.
func (e *Engine) snap(ctx context.Context, stops []travel.Stop, part []int, out []travel.Snap) error {
	sources := points(stops, part)
	g, err := e.table(ctx, sources, sources[:1])
	refused := errors.Is(err, errRoad) || errors.Is(err, errFar) || errors.Is(err, errBig) || errors.Is(err, errPair)
	switch {
	case refused && len(part) > 1:
		m := len(part) / 2
		if err := e.snap(ctx, stops, part[:m], out); err != nil {
			return err
		}
		return e.snap(ctx, stops, part[m:], out)
	case refused && !errors.Is(err, errBig):
		out[part[0]] = travel.Snap{Mark: noRoad, Reason: travel.NoRoad}
		return nil
	case err != nil:
		return err
	}
	for i, k := range part {
		out[k] = travel.Snap{Mark: road}
		if i < len(g.sources) {
			out[k].Off = geo.Metres(g.sources[i])
		}
		if far(g.sources, i, e.Off) || i < len(g.cells) && g.cells[i].why == travel.NoRoad {
			out[k].Mark, out[k].Reason = noRoad, travel.NoRoad
		}
	}
	return nil
}

// Reason says what the service said when it was asked for the place.
func (e *Engine) Reason(place travel.Stop, sites []travel.Stop) travel.Reason {
	switch {
	case !place.Located:
		return travel.NoLocation
	case place.Mark == noRoad:
		return travel.NoRoad
	case len(usable(sites)) == 0:
		return travel.NoSite
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if why := e.why[place.At]; why != travel.None {
		return why
	}
	return travel.NoWay
}

// About names the service and its profile, and not its address.
func (e *Engine) About() travel.About {
	return travel.About{
		Name:     e.name(),
		Detail:   "times of an external routing service, by the profile and the roads that it was started with",
		Settings: map[string]string{"profile": e.Profile},
	}
}
