package osrm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"

	"github.com/paulmach/orb"

	"careshed/geo/travel"
)

// NewORS is an engine that asks the matrix service of openrouteservice (version 2 of
// its interface, releases 5 to 9). The caps are its maximum_routes, 2500 by default, and the
// coordinates of a request, of which it counts none.
func NewORS(c Config) (*Engine, error) {
	c, err := c.filled("driving-car")
	if err != nil {
		return nil, fmt.Errorf("ors: %w", err)
	}
	return &Engine{Config: c, service: &ors{&c}, sampled: map[bool]int{}}, nil
}

type ors struct{ *Config }

func (o *ors) name() string { return "ors" }

// Codes of openrouteservice's errors (its docs, "Error Codes").
const (
	orsTooMany = 6004 // more pairs than maximum_routes
	orsNoRoad  = 6010 // a coordinate has no road near
	orsTooFar  = 6020 // the search visits more nodes than it may
)

// snapped is where a coordinate got onto a road; nil where it did not.
type snapped struct {
	Distance *float64 `json:"snapped_distance"`
}

func (o *ors) table(ctx context.Context, sources, targets []orb.Point) (grid, error) {
	ask := struct {
		Locations    []orb.Point `json:"locations"`
		Sources      []int       `json:"sources"`
		Destinations []int       `json:"destinations"`
		Metrics      []string    `json:"metrics"`
		Units        string      `json:"units"`
	}{Locations: append(append([]orb.Point{}, sources...), targets...), Metrics: []string{"duration", "distance"}, Units: "m"}
	for i := range ask.Locations {
		if i < len(sources) {
			ask.Sources = append(ask.Sources, i)
		} else {
			ask.Destinations = append(ask.Destinations, i)
		}
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return grid{}, err
	}
	var answer struct {
		Durations, Distances  [][]*float64
		Sources, Destinations []*snapped
		Error                 *struct{ Code int }
	}
	err = o.call(ctx, "POST", o.URL+"/v2/matrix/"+url.PathEscape(o.Profile), body, room(len(sources)*len(targets), len(sources)+len(targets)), &answer)
	if err != nil {
		var r *refusal
		if !errors.As(err, &r) || json.Unmarshal(r.body, &answer) != nil || answer.Error == nil {
			return grid{}, err
		}
		switch answer.Error.Code {
		case orsTooMany:
			return grid{}, errBig
		case orsNoRoad:
			return grid{}, errRoad
		case orsTooFar:
			return grid{}, errFar
		}
		return grid{}, err
	}
	g := grid{sources: snappedBy(answer.Sources), targets: snappedBy(answer.Destinations)}
	if g.cells, err = cellsOf(answer.Durations, answer.Distances, len(sources), len(targets), 1); err != nil {
		return grid{}, err
	}
	return g, g.spoilt(len(targets))
}

// snappedBy is how far coordinates are from their roads, infinitely where they have none.
func snappedBy(list []*snapped) []float64 {
	out := make([]float64, len(list))
	for i, s := range list {
		if s == nil {
			out[i] = math.Inf(1)
		} else if s.Distance != nil {
			out[i] = *s.Distance
		}
	}
	return out
}

// spoilt is errPair where a pair has no way though both its ends have roads, in a table of more
// than one: one pair without a way leaves others of its table without a time
// (openrouteservice, issue 1785), so that none of them is believed until it is asked for alone.
func (g grid) spoilt(targets int) error {
	for i, c := range g.cells {
		if c.why == travel.NoWay && len(g.cells) > 1 && !far(g.sources, i/targets, math.MaxFloat64) && !far(g.targets, i%targets, math.MaxFloat64) {
			return errPair
		}
	}
	return nil
}
