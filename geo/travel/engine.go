// Package travel answers how long it takes to get from places to sites, by any
// engine: straight lines made into estimates (Crow), a matrix that somebody
// else computed (Table), roads.
//
// An engine never invents a time: what cannot be reached has no leg, and
// Reason says why.
package travel

import (
	"context"
	"math"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// Seconds is a duration of travel.
type Seconds float64

// Minutes is s in minutes.
func (s Seconds) Minutes() float64 { return float64(s) / 60 }

// FromMinutes is a duration given in minutes.
func FromMinutes(m float64) Seconds { return Seconds(m * 60) }

// Unreached is the time to where one cannot get.
var Unreached = Seconds(math.Inf(1))

// Stop is an end of a journey. Mark is what the engine noted about it in Snap
// (a landmass, say); 0 means that it was not asked yet.
type Stop struct {
	ID      string
	At      orb.Point
	Located bool
	Mark    int32
}

// Leg is a journey from a place to a site, both by index in the query. Length
// is along the way: 0 unless the query asks for lengths, NaN where the engine
// knows the time and not the length.
type Leg struct {
	Place, Site int32
	Time        Seconds
	Length      geo.Metres
}

// Query is a set of journeys. Limit is empty (none), one limit for all, or one
// for each place; a leg exactly at the limit is within it. Back asks for the
// way from the sites to the places.
type Query struct {
	Places, Sites []Stop
	Limit         []Seconds
	Back, Lengths bool
}

// LimitOf is the limit of a place.
func (q Query) LimitOf(place int) Seconds {
	switch len(q.Limit) {
	case 0:
		return Unreached
	case 1:
		return q.Limit[0]
	}
	return q.Limit[place]
}

// Snap is how an engine found a stop: how far off, or why not.
type Snap struct {
	Off    geo.Metres // from what serves it; with NoRoad, from what is nearest, 0 if that is not known
	Mark   int32
	Reason Reason // None if the stop can be used
}

// Reason says why a place has no time. The texts are part of the results.
type Reason string

const (
	None        Reason = ""
	NoLocation  Reason = "no location"
	NoSite      Reason = "no site it may use"
	Sea         Reason = "sea"
	NotListed   Reason = "not listed in the matrix"
	BeyondLimit Reason = "beyond the limit"
	NoRoad      Reason = "no road near"
	NoWay       Reason = "no way by road"
	OnIsland    Reason = "no way by road from its island" // or from another part that no road joins to the rest
	TooFar      Reason = "farther than the service computes"
)

// Engine computes journeys. Its methods may be called from several goroutines.
type Engine interface {
	// Sweep calls each once for every site, one call at a time and in order,
	// with the legs within the limit, in no order; legs is reused.
	Sweep(ctx context.Context, q Query, each func(site int, legs []Leg) error) error
	// Nearest is the up to k quickest legs of every place: those of place i,
	// quickest first, at [i*k : i*k+k], with Site -1 and Time Unreached where
	// there are fewer. Ties go to the shorter way, then to the first site.
	Nearest(ctx context.Context, q Query, k int) ([]Leg, error)
	// Snap says of each stop whether the engine can use it.
	Snap(ctx context.Context, stops []Stop) ([]Snap, error)
	// Reason says why a place that Nearest gave no leg has none.
	Reason(place Stop, sites []Stop) Reason
	// About describes the engine for results: its name and what its times are.
	About() About
}

// About is what a result says of the engine that made it.
type About struct {
	Name     string            `json:"engine"`
	Estimate bool              `json:"estimate"` // times are modelled, not measured on a network
	Detail   string            `json:"detail"`
	Settings map[string]string `json:"settings,omitempty"`
}
