package study

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// engine is a row of the table of travel engines: a new one is its package, and
// a row here.
type engine struct {
	Engine
	driven bool // its times are those of roads
	open   func(context.Context, *inputs) (travel.Engine, error)
}

// engines are the ways of travelling that a spec can name.
func engines() []engine {
	return []engine{
		{Engine{Name: "crow", Anywhere: true, Takes: []string{"sea", "circuity", "speed", "speed_times"}}, false, openCrow},
		{Engine{Name: "road", Anywhere: true, Needs: []string{"index"}}, true, openRoads},
		{Engine{Name: "osrm", Anywhere: true, Needs: []string{"service"}}, true, openRoads},
		{Engine{Name: "valhalla", Anywhere: true, Needs: []string{"service"}}, true, openRoads},
		{Engine{Name: "matrix", Needs: []string{"table"}, Takes: []string{"place", "site", "minutes", "kilometres"}}, false, openMatrix},
		{Engine{Name: "plane", Needs: []string{"x", "y"}, Takes: []string{"round"}}, false, openPlane},
	}
}

// engineOf is the engine of a name; one without a name where there is none.
func engineOf(name string) engine {
	for _, e := range engines() {
		if e.Name == name {
			return e
		}
	}
	return engine{}
}

func (in *inputs) loadEngine(ctx context.Context) error {
	e := engineOf(in.spec.Travel.Engine)
	if e.Anywhere && in.places.IsTable() {
		return fmt.Errorf("places: layer %s has no coordinates, and engine %s needs them; accepted: columns lon and lat, or lon: and lat: in the layer's entry",
			in.places.Name, e.Name)
	}
	opened, err := e.open(ctx, in)
	if err != nil {
		return err
	}
	in.engine = opened
	if k, ok := opened.(travel.Keyed); ok {
		in.engine = in.world.Memory.Over(k)
	}
	return nil
}

func openCrow(_ context.Context, in *inputs) (travel.Engine, error) {
	if in.world.Land == nil {
		in.note("engine.no_land")
	}
	in.crow = in.spec.Travel.Crow(in.world.Land)
	return in.crow, nil
}

func openPlane(_ context.Context, in *inputs) (travel.Engine, error) {
	t := in.spec.Travel
	in.plane = &travel.Plane{Round: travel.Rounding(cmp.Or(t.Round, "none"))}
	if err := in.plane.Places(in.places, t.X, t.Y); err != nil {
		return nil, fmt.Errorf("travel: %w", err)
	}
	return in.plane, nil
}

func openMatrix(ctx context.Context, in *inputs) (travel.Engine, error) {
	t := &in.spec.Travel
	l, err := in.open(ctx, t.Table)
	if err != nil {
		return nil, err
	}
	table, columns, found, err := travel.Read(l, travel.Columns{Place: t.Place, Site: t.Site, Minutes: t.Minutes, Kilometres: t.Kilometres})
	if err != nil {
		return nil, err
	}
	if found != "" {
		in.note("matrix.columns", "layer", l.Name, "text", found)
	}
	t.Place, t.Site, t.Minutes, t.Kilometres = columns.Place, columns.Site, columns.Minutes, columns.Kilometres
	for _, d := range table.Doubts {
		in.doubt(l, d)
	}
	return table, nil
}

func openRoads(ctx context.Context, in *inputs) (travel.Engine, error) {
	return in.world.onRoads(ctx, in.spec.Travel)
}

// onRoads is the engine of driving times that a spec asks for.
func (w World) onRoads(ctx context.Context, t TravelSpec) (travel.Engine, error) {
	if t.Index != "" {
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
	if e := engineOf(t.Engine); !e.Anywhere {
		return nil, nil
	} else {
		return e.open(ctx, &inputs{world: w, spec: Spec{Travel: t}})
	}
}

// anywhere reports whether the engine knows the way from any point, and not only
// between what a table lists.
func (in *inputs) anywhere() bool { return engineOf(in.spec.Travel.Engine).Anywhere }

// driven reports whether times are those of roads.
func (in *inputs) driven() bool { return engineOf(in.spec.Travel.Engine).driven }

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
