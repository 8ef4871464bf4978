package travel

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/geo"
)

// Plane measures straight lines between coordinates of a plane, by id, a unit of
// length as a minute: the rule of textbook instances of siting, which are not on
// the globe. Coordinates of places and of sites are apart, since ids may stand
// for both.
type Plane struct {
	Round         Rounding
	places, sites map[string][2]float64
}

// Rounding is what an instance does with its distances.
type Rounding string

const (
	Unrounded   Rounding = "none"
	RoundDown   Rounding = "floor"   // OR-Library's and TSPLIB's medians
	RoundNearer Rounding = "nearest" // TSPLIB's EUC_2D
)

// Places and Sites read the coordinates of a layer, the first of equal ids kept.
func (p *Plane) Places(l *geo.Layer, x, y string) (err error) {
	p.places, err = planar(p.places, l, x, y)
	return err
}

// Sites adds the coordinates of a layer of sites.
func (p *Plane) Sites(l *geo.Layer, x, y string) (err error) {
	p.sites, err = planar(p.sites, l, x, y)
	return err
}

func planar(at map[string][2]float64, l *geo.Layer, x, y string) (map[string][2]float64, error) {
	xs, err := l.Numbers(x)
	if err != nil {
		return nil, err
	}
	ys, err := l.Numbers(y)
	if err != nil {
		return nil, err
	}
	if at == nil {
		at = map[string][2]float64{}
	}
	for i := range xs {
		if math.IsNaN(xs[i]) || math.IsNaN(ys[i]) || math.IsInf(xs[i], 0) || math.IsInf(ys[i], 0) {
			continue // Snap says so
		}
		if _, twice := at[l.ID(i)]; !twice {
			at[l.ID(i)] = [2]float64{xs[i], ys[i]}
		}
	}
	return at, nil
}

// leg is the way between two points; ok is false beyond the limit.
func (p *Plane) leg(a, b [2]float64, limit Seconds) (Seconds, bool) {
	d := math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]))
	switch p.Round {
	case RoundDown:
		d = math.Floor(d)
	case RoundNearer:
		d = math.Floor(d + 0.5)
	}
	t := FromMinutes(d)
	return t, t <= limit
}

// Sweep looks at every pair.
func (p *Plane) Sweep(ctx context.Context, q Query, each func(site int, legs []Leg) error) error {
	at, known := make([][2]float64, len(q.Places)), make([]bool, len(q.Places))
	for i, s := range q.Places {
		at[i], known[i] = p.places[s.ID]
	}
	return inOrder(ctx, len(q.Sites), func(j int, legs []Leg) []Leg {
		b, ok := p.sites[q.Sites[j].ID]
		if !ok {
			return legs
		}
		for i, a := range at {
			if !known[i] {
				continue
			}
			if t, ok := p.leg(a, b, q.LimitOf(i)); ok {
				legs = append(legs, Leg{Place: int32(i), Site: int32(j), Time: t})
			}
		}
		return legs
	}, each)
}

// Nearest looks at every pair.
func (p *Plane) Nearest(ctx context.Context, q Query, k int) ([]Leg, error) {
	out := make([]Leg, len(q.Places)*k)
	err := Spread(ctx, len(q.Places), 256, func(from, to int) {
		var found []Leg
		for i := from; i < to; i++ {
			found = found[:0]
			if a, ok := p.places[q.Places[i].ID]; ok {
				for j, s := range q.Sites {
					if b, ok := p.sites[s.ID]; ok {
						if t, ok := p.leg(a, b, q.LimitOf(i)); ok {
							found = append(found, Leg{Place: int32(i), Site: int32(j), Time: t})
						}
					}
				}
			}
			quickest(found, out[i*k:i*k+k], i)
		}
	})
	return out, err
}

// Snap knows the ids that have coordinates, as places or as sites.
func (p *Plane) Snap(_ context.Context, stops []Stop) ([]Snap, error) {
	out := make([]Snap, len(stops))
	for i, s := range stops {
		_, a := p.places[s.ID]
		_, b := p.sites[s.ID]
		if !a && !b {
			out[i].Reason = NoLocation
		}
	}
	return out, nil
}

// Reason is NoLocation for a place without coordinates.
func (p *Plane) Reason(place Stop, sites []Stop) Reason {
	if _, ok := p.places[place.ID]; !ok {
		return NoLocation
	}
	if slices.ContainsFunc(sites, func(s Stop) bool { _, ok := p.sites[s.ID]; return ok }) {
		return BeyondLimit
	}
	return NoSite
}

// About says how lengths are rounded.
func (p *Plane) About() About {
	return About{Name: "plane", Detail: "straight lines on a plane, a unit of length as a minute", Settings: map[string]string{"rounding": fmt.Sprint(p.Round)}}
}
