package osrm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"careshed/geo"

	"github.com/paulmach/orb"

	"careshed/geo/travel"
)

// NewValhalla is an engine that asks Valhalla's sources_to_targets. The cap on
// pairs is its service_limits…max_matrix_location_pairs; what is further apart
// than its max_matrix_distance (400 km by default) is travel.TooFar.
func NewValhalla(c Config) (*Engine, error) {
	if c.Stops <= 0 {
		c.Stops = 1000 // Valhalla counts pairs
	}
	c, err := c.filled("auto")
	if err != nil {
		return nil, fmt.Errorf("valhalla: %w", err)
	}
	return &Engine{Config: c, service: &valhalla{&c}, sampled: map[bool]int{}}, nil
}

type valhalla struct{ *Config }

func (v *valhalla) name() string { return "valhalla" }

type location struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// stops are the places that Valhalla answers for; before version 3.2 they stand in
// one more list. What is neither is left empty: the places are then not known.
type stops []*location

func (s *stops) UnmarshalJSON(b []byte) error {
	var flat []*location
	if json.Unmarshal(b, &flat) == nil {
		*s = flat
		return nil
	}
	var nested [][]*location
	if json.Unmarshal(b, &nested) == nil {
		*s = slices.Concat(nested...)
		return nil
	}
	return errors.New("its sources or targets are no lists of places; accepted: Valhalla 3.0 or later")
}

func locations(points []orb.Point) []location {
	out := make([]location, len(points))
	for i, p := range points {
		out[i] = location{p[1], p[0]}
	}
	return out
}

// Codes of Valhalla's errors (its docs, "HTTP status codes and conditions").
const (
	tooMany    = 150 // exceeded max locations
	tooDistant = 154 // path distance exceeds the max distance limit
	noEdges    = 171 // no suitable edges near location
	noPath     = 442 // no path could be found for input
)

func (v *valhalla) table(ctx context.Context, sources, targets []orb.Point) (grid, error) {
	body, err := json.Marshal(map[string]any{
		"sources": locations(sources), "targets": locations(targets), "costing": v.Profile, "units": "kilometers", "verbose": true,
	})
	if err != nil {
		return grid{}, err
	}
	var answer struct {
		Cells   json.RawMessage `json:"sources_to_targets"`
		Units   string          `json:"units"`
		Sources stops           `json:"sources"`
		Targets stops           `json:"targets"`
	}
	if err := v.call(ctx, "POST", v.URL+"/sources_to_targets", body, room(len(sources)*len(targets), len(sources)+len(targets)), &answer); err != nil {
		var r *refusal
		var e struct {
			Code int `json:"error_code"`
		}
		if !errors.As(err, &r) || json.Unmarshal(r.body, &e) != nil {
			return grid{}, err
		}
		switch e.Code {
		case tooMany:
			return grid{}, errBig
		case tooDistant:
			return grid{}, errFar
		case noEdges:
			return grid{}, errRoad
		case noPath:
			g := grid{cells: make([]cell, len(sources)*len(targets))}
			for i := range g.cells {
				g.cells[i].why = travel.NoWay
			}
			return g, v.byWay(ctx, sources, targets, g.cells)
		}
		return grid{}, err
	}
	g := grid{sources: between(sources, answer.Sources), targets: between(targets, answer.Targets)}
	unit := 1000.0
	if answer.Units == "miles" {
		unit = 1609.344
	}
	times, lengths, err := matrices(answer.Cells)
	if err != nil {
		return grid{}, err
	}
	if g.cells, err = cellsOf(times, lengths, len(sources), len(targets), unit); err != nil {
		return g, err
	}
	return g, v.byWay(ctx, sources, targets, g.cells)
}

// hopeless is after how many ways in a row that are not found a stop is taken to have
// none.
const hopeless = 3

// byWay asks for single ways where a matrix has none: Valhalla's matrices do without
// the second search that its routes make, and have no time for stops on some roads
// for the last mile (version 3.6.1: 39 of 3,000 random pairs in three extracts, all
// of which it routes).
func (v *valhalla) byWay(ctx context.Context, sources, targets []orb.Point, cells []cell) error {
	from, to := make([]int, len(sources)), make([]int, len(targets))
	for i, a := range sources {
		for k, b := range targets {
			c := &cells[i*len(targets)+k]
			if c.why != travel.NoWay || from[i] >= hopeless || to[k] >= hopeless {
				continue
			}
			found, err := v.way(ctx, a, b)
			if err != nil {
				return err
			}
			if *c = found; c.why == travel.None {
				from[i], to[k] = 0, 0
				continue
			}
			from[i]++
			to[k]++
		}
	}
	return nil
}

// way is one way, by Valhalla's route.
func (v *valhalla) way(ctx context.Context, from, to orb.Point) (cell, error) {
	body, err := json.Marshal(map[string]any{
		"locations": locations([]orb.Point{from, to}), "costing": v.Profile, "units": "kilometers", "directions_type": "none",
	})
	if err != nil {
		return cell{}, err
	}
	var answer struct {
		Trip struct {
			Summary struct{ Time, Length *float64 }
		}
	}
	// A route has its shape with it, a point every few metres.
	err = v.call(ctx, "POST", v.URL+"/route", body, 64<<20, &answer)
	var r *refusal
	var e struct {
		Code int `json:"error_code"`
	}
	switch {
	case err == nil && answer.Trip.Summary.Time != nil && answer.Trip.Summary.Length != nil:
		return cell{time: *answer.Trip.Summary.Time, length: *answer.Trip.Summary.Length * 1000}, nil
	case err == nil:
		return cell{}, fmt.Errorf("%w: a route without a time", errAnswer)
	case !errors.As(err, &r) || json.Unmarshal(r.body, &e) != nil:
		return cell{}, err
	case e.Code == tooDistant:
		return cell{why: travel.TooFar}, nil
	case e.Code == noEdges || e.Code == noPath:
		return cell{why: travel.NoWay}, nil
	}
	return cell{}, err
}

// matrices reads the cells as Valhalla writes them: an object for each pair,
// or, in its concise form, two matrices.
func matrices(data json.RawMessage) (times, lengths [][]*float64, err error) {
	var concise struct{ Durations, Distances [][]*float64 }
	if json.Unmarshal(data, &concise) == nil {
		return concise.Durations, concise.Distances, nil
	}
	var rows [][]struct{ Time, Distance *float64 }
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, nil, fmt.Errorf("%w: its sources_to_targets are neither rows of times nor two matrices; accepted: Valhalla 3.0 or later", errAnswer)
	}
	for _, row := range rows {
		t, d := make([]*float64, len(row)), make([]*float64, len(row))
		for i, c := range row {
			t[i], d[i] = c.Time, c.Distance
		}
		times, lengths = append(times, t), append(lengths, d)
	}
	return times, lengths, nil
}

// between is how far stops are from where Valhalla put them; nil if it does
// not say.
func between(asked []orb.Point, found []*location) []float64 {
	if len(found) != len(asked) {
		return nil
	}
	out := make([]float64, len(asked))
	for i, f := range found {
		if f != nil {
			out[i] = float64(geo.Distance(asked[i], orb.Point{f.Lon, f.Lat}))
		}
	}
	return out
}
