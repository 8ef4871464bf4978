package travel

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
)

// Stretch is a part of a modelled journey, from where the one before ends to To, of
// which every second takes Factor seconds.
type Stretch struct {
	To     Seconds
	Factor float64
}

// Scaled is an engine whose times are those of another, each as much longer as people
// say or were seen to take. Ways, their lengths and which of two is the quicker stay.
type Scaled struct {
	Engine
	By []Stretch // rising, the last without end; of factors above 0
}

// Unwrap is the engine beneath.
func (e *Scaled) Unwrap() Engine { return e.Engine }

// Beneath is the first of an engine and those that it is made of that is of a type.
func Beneath[T any](e Engine) (T, bool) {
	for {
		if t, ok := e.(T); ok {
			return t, true
		}
		over, ok := e.(interface{ Unwrap() Engine })
		if !ok {
			var none T
			return none, false
		}
		e = over.Unwrap()
	}
}

// of is a modelled time scaled.
func (e *Scaled) of(t Seconds) Seconds {
	var out, from Seconds
	for _, s := range e.By {
		if t <= s.To {
			return out + (t-from)*Seconds(s.Factor)
		}
		out += (s.To - from) * Seconds(s.Factor)
		from = s.To
	}
	return out
}

// within is the modelled time that comes to a scaled one, or a rounding more: the
// scaled time decides.
func (e *Scaled) within(scaled Seconds) Seconds {
	if math.IsInf(float64(scaled), 0) || scaled <= 0 {
		return scaled
	}
	var out, from Seconds
	for _, s := range e.By {
		long := (s.To - from) * Seconds(s.Factor)
		if scaled <= out+long {
			return (from + (scaled-out)/Seconds(s.Factor)) * (1 + 1e-12)
		}
		out, from = out+long, s.To
	}
	return from
}

// inner is the query whose answers hold all that are within the limits when scaled.
func (e *Scaled) inner(q Query) Query {
	limit := make([]Seconds, len(q.Limit))
	for i, l := range q.Limit {
		limit[i] = e.within(l)
	}
	q.Limit = limit
	return q
}

// Sweep gives the legs beneath, scaled.
func (e *Scaled) Sweep(ctx context.Context, q Query, each func(site int, legs []Leg) error) error {
	var out []Leg
	return e.Engine.Sweep(ctx, e.inner(q), func(site int, legs []Leg) error {
		out = out[:0]
		for _, l := range legs {
			if l.Time = e.of(l.Time); l.Time <= q.LimitOf(int(l.Place)) {
				out = append(out, l)
			}
		}
		return each(site, out)
	})
}

// Nearest gives the legs beneath, scaled.
func (e *Scaled) Nearest(ctx context.Context, q Query, k int) ([]Leg, error) {
	legs, err := e.Engine.Nearest(ctx, e.inner(q), k)
	for i, l := range legs {
		if l.Site < 0 {
			continue
		}
		if l.Time = e.of(l.Time); l.Time > q.LimitOf(int(l.Place)) {
			l = Leg{Place: l.Place, Site: -1, Time: Unreached}
		}
		legs[i] = l
	}
	return legs, err
}

// About says how times are scaled.
func (e *Scaled) About() About {
	a := e.Engine.About()
	settings := map[string]string{"optimism": e.Words()}
	for k, v := range a.Settings {
		settings[k] = v
	}
	a.Settings = settings
	a.Detail += "; minutes times " + e.Words()
	return a
}

// Words are the factors.
func (e *Scaled) Words() string {
	var out []string
	for i, s := range e.By {
		switch {
		case len(e.By) == 1:
			return fmt.Sprintf("%g", s.Factor)
		case i == len(e.By)-1:
			out = append(out, fmt.Sprintf("%g beyond", s.Factor))
		default:
			out = append(out, fmt.Sprintf("%g to %g min", s.Factor, s.To.Minutes()))
		}
	}
	return strings.Join(out, ", ")
}

// scaledAreas draws the areas of a scaled engine.
type scaledAreas struct {
	beneath Areas
	by      *Scaled
}

// Areas draws what lies within the modelled times that the limits stand for.
func (a scaledAreas) Areas(ctx context.Context, stops []Stop, limits []Seconds, to bool) ([]orb.MultiPolygon, error) {
	inner := make([]Seconds, len(limits))
	for i, l := range limits {
		inner[i] = a.by.within(l)
	}
	return a.beneath.Areas(ctx, stops, inner, to)
}
