package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

func (in *inputs) loadEngine(ctx context.Context) error {
	t := in.spec.Travel
	switch t.Engine {
	case "crow":
		c := t.Crow(in.world.Land)
		if in.world.Land == nil {
			in.note("engine.no_land")
		}
		if in.places.IsTable() {
			return fmt.Errorf("places: layer %s has no coordinates, and engine crow needs them; accepted: columns lon and lat, or lon: and lat: in the layer's entry", in.places.Name)
		}
		in.engine, in.crow = in.world.Memory.Over(c), c
	case "matrix":
		l, err := in.open(ctx, t.Table)
		if err != nil {
			return err
		}
		table, columns, found, err := travel.Read(l, travel.Columns{Place: t.Place, Site: t.Site, Minutes: t.Minutes, Kilometres: t.Kilometres})
		if err != nil {
			return err
		}
		if found != "" {
			in.note("matrix.columns", "layer", l.Name, "text", found)
		}
		in.spec.Travel.Place, in.spec.Travel.Site, in.spec.Travel.Minutes, in.spec.Travel.Kilometres = columns.Place, columns.Site, columns.Minutes, columns.Kilometres
		for _, d := range table.Doubts {
			in.doubt(l, d)
		}
		in.engine = table
	case "plane":
		in.plane = &travel.Plane{Round: travel.Rounding(orWord(t.Round, "none"))}
		if err := in.plane.Places(in.places, t.X, t.Y); err != nil {
			return fmt.Errorf("travel: %w", err)
		}
		in.engine = in.plane
	case "road", "osrm", "valhalla":
		if in.places.IsTable() {
			return fmt.Errorf("places: layer %s has no coordinates, and engine %s needs them; accepted: columns lon and lat, or lon: and lat: in the layer's entry", in.places.Name, t.Engine)
		}
		e, err := in.world.onRoads(ctx, t)
		if err != nil {
			return err
		}
		in.engine = e
		if k, ok := e.(travel.Keyed); ok {
			in.engine = in.world.Memory.Over(k)
		}
	}
	return nil
}

// onRoads is the engine of driving times that a spec asks for.
func (w World) onRoads(ctx context.Context, t TravelSpec) (travel.Engine, error) {
	if t.Engine == "road" {
		if w.Roads == nil {
			return nil, &SpecError{Field: "travel.index", Problem: fmt.Sprintf("found %q; there is no index of roads here", t.Index), Accept: "engine crow"}
		}
		e, err := w.Roads(ctx, t.Index)
		if err != nil {
			return nil, fmt.Errorf("travel.index: %w", err)
		}
		return e, nil
	}
	if w.Service == nil {
		return nil, &SpecError{Field: "travel.service", Problem: fmt.Sprintf("found %q; no service is known here", t.Service), Accept: "engine crow"}
	}
	e, err := w.Service(ctx, t.Engine, t.Service)
	if err != nil {
		return nil, fmt.Errorf("travel.service: %w", err)
	}
	return e, nil
}

// Anywhere is the engine of a study that knows the way from any point, nil if it
// has none: a matrix lists its points.
func (w World) Anywhere(ctx context.Context, t TravelSpec) (travel.Engine, error) {
	switch t.Engine {
	case "crow":
		return t.Crow(w.Land), nil
	case "road", "osrm", "valhalla":
		return w.onRoads(ctx, t)
	}
	return nil, nil
}

// anywhere reports whether the engine knows the way from any point, and not only
// between what a table lists.
func (in *inputs) anywhere() bool { return in.crow != nil || in.driven() }

// driven reports whether times are those of roads.
func (in *inputs) driven() bool {
	return slices.Contains([]string{"road", "osrm", "valhalla"}, in.spec.Travel.Engine)
}

// Crow is the engine of straight lines as the spec sets it up, for whoever asks
// it about a place that no layer holds; land may be nil.
func (t TravelSpec) Crow(land func(orb.Point) int) *travel.Crow {
	c := &travel.Crow{Land: land}
	for _, b := range t.Circuity {
		c.Circuity = append(c.Circuity, travel.Band{To: orInf(b.ToKm), Value: b.Factor})
	}
	for _, b := range t.Speed {
		c.Speed = append(c.Speed, travel.Band{To: orInf(b.ToKm), Value: b.Kmh})
	}
	if x := t.SpeedTimes; x > 0 && x != 1 {
		base := c.Speed
		if base == nil {
			base = travel.Speed
		}
		c.Speed = nil
		for _, b := range base {
			c.Speed = append(c.Speed, travel.Band{To: b.To, Value: b.Value * x})
		}
	}
	if t.Sea != nil {
		c.Sea = &travel.Crossing{Speed: t.Sea.SpeedKmh, Wait: travel.FromMinutes(t.Sea.WaitMin)}
	}
	return c
}

func orInf(km float64) float64 {
	if km == 0 {
		return math.Inf(1)
	}
	return km
}
