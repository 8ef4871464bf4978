package travel

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// Band is a stretch of distance, up to To kilometres, with a value for it.
type Band struct{ To, Value float64 }

// Circuity is the length of the road over the straight line, by kilometres of
// straight line: medians measured on three road networks (New York, Luxembourg
// and Porto).
var Circuity = []Band{{5, 1.33}, {10, 1.26}, {25, 1.22}, {50, 1.20}, {100, 1.18}, {math.Inf(1), 1.15}}

// Speed is km/h along the road, by kilometres of road from the start of the
// journey. It is calibrated, with Circuity, so that the straight line is
// covered at 51, 66 and 80 km/h after 1, 2 and 5 hours, which reproduces the
// shares of people in the United States within 1, 2 and 5 hours of a center in
// April 2025: a calibration, not a validation.
var Speed = []Band{{51 * 1.18, 51 * 1.18}, {132 * 1.15, 132*1.15 - 51*1.18}, {math.Inf(1), (400*1.15 - 132*1.15) / 3}}

// Crossing is how water without a fixed link is crossed: Wait once, then the
// whole straight line at a speed in km/h. Whoever crosses is counted apart.
type Crossing struct {
	Speed float64
	Wait  Seconds
}

// Crow estimates travel from geodesic distance: the way is the straight line
// times the circuity of its band, and the time follows from the speeds along
// it. Neither falls as the distance grows: where a band's lower factor would
// shorten the way, the way stays as long as at the end of the band before.
//
// Between two landmasses there is no leg unless Sea says how to cross.
type Crow struct {
	Land     func(orb.Point) int // the landmass of a point; nil: all is one
	Circuity []Band              // nil: the default
	Speed    []Band              // nil: the default
	Sea      *Crossing
	Basis    string // what the bands rest on, in words; that of the default if empty
	Country  string // whose own bands they are; "" for those that every country borrows, or that somebody gives
}

// Calibrated is what the default bands rest on.
const Calibrated = "calibrated on the United States"

func (c *Crow) circuity() []Band {
	if c.Circuity == nil {
		return Circuity
	}
	return c.Circuity
}

func (c *Crow) speed() []Band {
	if c.Speed == nil {
		return Speed
	}
	return c.Speed
}

// Way is the estimated length of the road over a straight line.
func (c *Crow) Way(straight geo.Metres) geo.Metres {
	km := straight.Kilometres()
	longest := 0.0 // at the end of the bands before
	for _, b := range c.circuity() {
		if km <= b.To {
			return geo.Metres(1000 * math.Max(longest, km*b.Value))
		}
		longest = math.Max(longest, b.To*b.Value)
	}
	return geo.Metres(1000 * longest)
}

// straight is the longest straight line whose way is no longer than way, or a
// rounding longer.
func (c *Crow) straight(way geo.Metres) geo.Metres {
	if math.IsInf(float64(way), 1) {
		return way
	}
	km, best, longest := way.Kilometres()*(1+1e-12), 0.0, 0.0
	for _, b := range c.circuity() {
		if km < longest {
			break
		}
		best = math.Max(best, math.Min(b.To, km/b.Value))
		longest = math.Max(longest, b.To*b.Value)
	}
	return geo.Metres(1000 * best)
}

// Drive is the estimated time over a length of road.
func (c *Crow) Drive(way geo.Metres) Seconds {
	km, from, t := way.Kilometres(), 0.0, 0.0
	for _, b := range c.speed() {
		if km <= b.To {
			return Seconds(3600 * (t + (km-from)/b.Value))
		}
		t += (b.To - from) / b.Value
		from = b.To
	}
	return Seconds(3600 * t)
}

// driven is the length of road covered in a time.
func (c *Crow) driven(s Seconds) geo.Metres {
	h, from := float64(s)/3600, 0.0
	if math.IsInf(h, 1) {
		return geo.Metres(h)
	}
	for _, b := range c.speed() {
		if need := (b.To - from) / b.Value; h > need {
			h -= need
			from = b.To
			continue
		}
		return geo.Metres(1000 * (from + h*b.Value))
	}
	return geo.Metres(1000 * from)
}

// Straight is the longest straight line on one landmass that can be travelled
// in a time.
func (c *Crow) Straight(s Seconds) geo.Metres { return c.straight(c.driven(s)) }

func (c *Crow) sail(straight geo.Metres) Seconds {
	return c.Sea.Wait + Seconds(3600*straight.Kilometres()/c.Sea.Speed)
}

// leg is the time and length of a journey; ok is false across water that
// cannot be crossed.
func (c *Crow) leg(straight geo.Metres, sea bool) (t Seconds, way geo.Metres, ok bool) {
	if !sea {
		way = c.Way(straight)
		return c.Drive(way), way, true
	}
	if c.Sea == nil {
		return Unreached, 0, false
	}
	return c.sail(straight), straight, true
}

// Crosses reports whether a journey between two stops leaves its landmass.
func (c *Crow) Crosses(a, b Stop) bool {
	m := c.mass(a)
	return m < 0 || m != c.mass(b)
}

// mass is a landmass, shifted so that a mark of 0 stays "not asked". Stops far
// out at sea are each alone, and no site shares their landmass.
func (c *Crow) mass(s Stop) int32 {
	if s.Mark != 0 {
		return s.Mark
	}
	if c.Land == nil {
		return 1
	}
	m := int32(c.Land(s.At))
	if m < 0 {
		return -1
	}
	return m + 1
}

// Snap marks the stops with their landmasses.
func (c *Crow) Snap(ctx context.Context, stops []Stop) ([]Snap, error) {
	out := make([]Snap, len(stops))
	err := Spread(ctx, len(stops), 1024, func(from, to int) {
		for i := from; i < to; i++ {
			if !stops[i].Located {
				out[i].Reason = NoLocation
				continue
			}
			out[i].Mark = c.mass(stops[i])
		}
	})
	return out, err
}

// Reason is Sea for a place whose sites are all across water.
func (c *Crow) Reason(place Stop, sites []Stop) Reason {
	switch {
	case !place.Located:
		return NoLocation
	case len(sites) == 0:
		return NoSite
	}
	for _, s := range sites {
		if s.Located && (c.Sea != nil || !c.Crosses(place, s)) {
			return BeyondLimit
		}
	}
	return Sea
}

// About names the bands.
func (c *Crow) About() About {
	a := About{Name: "crow", Estimate: true,
		Detail:   "geodesic distance times circuity bands, divided by speed bands: an estimate, " + cmp.Or(c.Basis, Calibrated),
		Settings: map[string]string{"circuity": bands(c.circuity(), "km", ""), "speed": bands(c.speed(), "km of road", " km/h"), "sea": "not crossed"}}
	if c.Country != "" {
		a.Settings["country"] = c.Country
	}
	if c.Basis != "" {
		a.Settings["basis"] = c.Basis
	}
	if c.Sea != nil {
		a.Settings["sea"] = fmt.Sprintf("%g min wait, then the straight line at %g km/h", c.Sea.Wait.Minutes(), c.Sea.Speed)
	}
	return a
}

func bands(b []Band, unit, of string) string {
	var s string
	for i, x := range b {
		if i > 0 {
			s += ", "
		}
		if math.IsInf(x.To, 1) {
			s += fmt.Sprintf("beyond: %.6g%s", x.Value, of)
		} else {
			s += fmt.Sprintf("to %.6g %s: %.6g%s", x.To, unit, x.Value, of)
		}
	}
	return s
}

// shores are the sites of a query by landmass, each with its index.
type shores struct {
	all  *geo.Layer
	rows []int32 // of all
	near map[int32]*geo.Layer
	of   map[int32][]int32 // site index by row of the layer of a landmass
	mass []int32           // by site
}

func (c *Crow) shores(sites []Stop) (*shores, error) {
	w := &shores{near: map[int32]*geo.Layer{}, of: map[int32][]int32{}, mass: make([]int32, len(sites))}
	points := map[int32][]orb.Point{}
	var all []orb.Point
	for j, s := range sites {
		if !s.Located {
			continue
		}
		m := c.mass(s)
		w.mass[j] = m
		w.of[m] = append(w.of[m], int32(j))
		points[m] = append(points[m], s.At)
		w.rows = append(w.rows, int32(j))
		all = append(all, s.At)
	}
	var err error
	for m, p := range points {
		if w.near[m], err = geo.NewPoints(geo.About{Name: "sites"}, nil, p); err != nil {
			return nil, err
		}
	}
	w.all, err = geo.NewPoints(geo.About{Name: "sites"}, nil, all)
	return w, err
}

// Nearest finds the nearest sites on the landmass of each place and, where Sea
// allows, compares them with those across the water.
func (c *Crow) Nearest(ctx context.Context, q Query, k int) ([]Leg, error) {
	w, err := c.shores(q.Sites)
	if err != nil {
		return nil, err
	}
	out := make([]Leg, len(q.Places)*k)
	err = Spread(ctx, len(q.Places), 2048, func(from, to int) {
		var found []Leg
		for i := from; i < to; i++ {
			found = found[:0]
			if p := q.Places[i]; p.Located {
				found = c.nearestTo(found, w, p, q, i, k)
			}
			for n := range k {
				leg := Leg{Place: int32(i), Site: -1, Time: Unreached}
				if n < len(found) {
					leg = found[n]
				}
				out[i*k+n] = leg
			}
		}
	})
	return out, err
}

func (c *Crow) nearestTo(found []Leg, w *shores, p Stop, q Query, i, k int) []Leg {
	limit := q.LimitOf(i)
	m := c.mass(p)
	add := func(j int32, d geo.Metres, sea bool) {
		t, way, ok := c.leg(d, sea)
		if !ok || t > limit {
			return
		}
		if !q.Lengths {
			way = 0
		}
		found = append(found, Leg{int32(i), j, t, way})
	}
	if here := w.near[m]; here != nil && m > 0 {
		n := 0
		for row, d := range here.Nearest(p.At) {
			add(w.of[m][row], d, false)
			if n++; n == k {
				break
			}
		}
	}
	if c.Sea == nil {
		return found
	}
	worst := func() Seconds {
		if len(found) < k {
			return limit
		}
		return found[k-1].Time
	}
	order := func() {
		// Rows came by distance, then by site; the sort keeps that order in ties.
		slices.SortStableFunc(found, func(a, b Leg) int {
			switch {
			case a.Time < b.Time:
				return -1
			case a.Time > b.Time:
				return 1
			}
			return 0
		})
		found = found[:min(len(found), k)]
	}
	for row, d := range w.all.Nearest(p.At) {
		if c.sail(d) > worst() {
			break
		}
		if j := w.rows[row]; w.mass[j] != m || m < 0 {
			add(j, d, true)
			order()
		}
	}
	order()
	return found
}

// Sweep visits, for each site, the places whose straight line to it can be
// travelled within their limit.
func (c *Crow) Sweep(ctx context.Context, q Query, each func(site int, legs []Leg) error) error {
	points := make([]orb.Point, len(q.Places))
	reach := make([]geo.Metres, len(q.Places))
	mass := make([]int32, len(q.Places))
	if err := Spread(ctx, len(q.Places), 2048, func(from, to int) {
		for i := from; i < to; i++ {
			p := q.Places[i]
			points[i] = p.At
			if !p.Located {
				points[i] = orb.Point{math.NaN(), math.NaN()}
				continue
			}
			mass[i] = c.mass(p)
			// A little farther than the limit, so that rounding loses nobody;
			// the time decides.
			far := float64(c.Straight(q.LimitOf(i)))
			if c.Sea != nil {
				far = math.Max(far, float64(q.LimitOf(i)-c.Sea.Wait)/3.6*c.Sea.Speed)
			}
			reach[i] = geo.Metres(far*(1+1e-9) + 1e-3)
		}
	}); err != nil {
		return err
	}
	l, err := geo.NewPoints(geo.About{Name: "places"}, nil, points)
	if err != nil {
		return err
	}
	within := l.Reach(reach)
	sweep := func(site int, legs []Leg) []Leg {
		s := q.Sites[site]
		if !s.Located {
			return legs
		}
		m := c.mass(s)
		for i, d := range within.From(s.At) {
			t, way, ok := c.leg(d, mass[i] != m || m < 0)
			if !ok || t > q.LimitOf(i) {
				continue
			}
			if !q.Lengths {
				way = 0
			}
			legs = append(legs, Leg{int32(i), int32(site), t, way})
		}
		return legs
	}
	return inOrder(ctx, len(q.Sites), sweep, each)
}

// inOrder computes ahead on all cores and hands on one at a time, in order.
func inOrder(ctx context.Context, n int, compute func(int, []Leg) []Leg, each func(int, []Leg) error) error {
	const ahead = 32
	var bufs [ahead][]Leg
	for from := 0; from < n; from += ahead {
		if err := Spread(ctx, min(ahead, n-from), 1, func(k, _ int) {
			bufs[k] = compute(from+k, bufs[k][:0])
		}); err != nil {
			return err
		}
		for k := range min(ahead, n-from) {
			if err := each(from+k, bufs[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
