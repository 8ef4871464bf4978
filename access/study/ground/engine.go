package ground

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// engine is a row of the table of travel engines: a new one is its package, and
// a row here.
type engine struct {
	spec.Engine
	driven bool // its times are those of roads
	open   func(context.Context, *Ground) (travel.Engine, error)
}

// Engines are the ways of travelling that a spec can name.
func Engines() []engine {
	return []engine{
		{spec.Engine{Name: "crow", Anywhere: true, Takes: []string{"sea", "circuity", "speed", "speed_times"}}, false, openCrow},
		{spec.Engine{Name: "road", Anywhere: true, Needs: []string{"index"}, Takes: []string{"roads"}}, true, openRoads},
		{spec.Engine{Name: "osrm", Anywhere: true, Needs: []string{"service"}}, true, openRoads},
		{spec.Engine{Name: "valhalla", Anywhere: true, Needs: []string{"service"}}, true, openRoads},
		{spec.Engine{Name: "ors", Anywhere: true, Needs: []string{"service"}}, true, openRoads},
		{spec.Engine{Name: "matrix", Needs: []string{"table"}, Takes: []string{"place", "site", "minutes", "kilometres"}}, false, openMatrix},
		{spec.Engine{Name: "plane", Needs: []string{"x", "y"}, Takes: []string{"round"}}, false, openPlane},
	}
}

// engineOf is the engine of a name; one without a name where there is none.
func engineOf(name string) engine {
	for _, e := range Engines() {
		if e.Name == name {
			return e
		}
	}
	return engine{}
}

// unlocated says of a layer without coordinates which of its columns they may be.
func (in *Ground) unlocated(section string, l *geo.Layer) error {
	var names []string
	for _, f := range l.Fields() {
		names = append(names, f.Name)
	}
	seen := ""
	for _, n := range l.Notes { // what was seen and not read
		if strings.Contains(n, "coordinates") || strings.Contains(n, "looks like shapes") {
			seen += " " + n
		}
	}
	return fmt.Errorf("%s: no longitude and latitude were found in layer %s, and engine %s needs them; which of its columns are they (%s)? "+
		"accepted: columns called lon and lat, or their names as lon and lat: in the layer's entry, or of an upload as ?lon=COLUMN&lat=COLUMN, "+
		"with crs: where they are not in degrees%s",
		section, l.Name, in.Spec.Travel.Engine, Some(names, 12), strings.TrimSuffix(strings.Replace(seen, " ", "; ", 1), "."))
}

func (in *Ground) loadEngine(ctx context.Context) error {
	e := engineOf(in.Spec.Travel.Engine)
	if e.Anywhere && in.Places.IsTable() {
		return in.unlocated("places", in.Places)
	}
	opened, err := e.open(ctx, in)
	if err != nil {
		return err
	}
	in.drive(opened)
	if s, ok := in.Engine.(*travel.Scaled); ok {
		in.Note("travel.optimism", "factor", s.Words())
	}
	return nil
}

// drive sets the engine: one that remembers, and that scales its times as the study says.
func (in *Ground) drive(opened travel.Engine) {
	in.Engine = opened
	if k, ok := opened.(travel.Keyed); ok {
		in.Engine = in.World.Recent.over(k)
	}
	if o := in.Spec.Travel.Optimism; o.Acts() {
		in.Engine = &travel.Scaled{Engine: in.Engine, By: o.Stretches()}
	}
}

func openCrow(_ context.Context, in *Ground) (travel.Engine, error) {
	if in.World.Land == nil {
		in.Note("engine.no_land")
	}
	in.Crow = in.Spec.Travel.Crow(in.World.Land)
	return in.Crow, nil
}

func openPlane(_ context.Context, in *Ground) (travel.Engine, error) {
	t := in.Spec.Travel
	in.plane = &travel.Plane{Round: travel.Rounding(cmp.Or(t.Round, "none"))}
	if err := in.plane.Places(in.Places, t.X, t.Y); err != nil {
		return nil, fmt.Errorf("travel: %w", err)
	}
	return in.plane, nil
}

func openMatrix(ctx context.Context, in *Ground) (travel.Engine, error) {
	t := &in.Spec.Travel
	l, err := in.Open(ctx, t.Table)
	if err != nil {
		return nil, err
	}
	table, columns, found, err := travel.Read(l, travel.Columns{Place: t.Place, Site: t.Site, Minutes: t.Minutes, Kilometres: t.Kilometres})
	if err != nil {
		return nil, err
	}
	if found != "" {
		in.Note("matrix.columns", "layer", l.Name, "text", found)
	}
	t.Place, t.Site, t.Minutes, t.Kilometres = columns.Place, columns.Site, columns.Minutes, columns.Kilometres
	for _, d := range table.Doubts {
		in.doubt(l, d)
	}
	return table, nil
}

func openRoads(ctx context.Context, in *Ground) (travel.Engine, error) {
	e, err := in.World.onRoads(ctx, in.Spec.Travel)
	if err != nil || !in.Spec.Travel.Roads.Given() {
		return e, err
	}
	all, err := in.roadChanges(ctx, "travel.roads", in.Spec.Travel.Roads.Changes())
	if err != nil {
		return nil, err
	}
	e, _, err = in.changedRoads(ctx, e, "travel.roads", all)
	return e, err
}

// onRoads is the engine of driving times that a spec asks for.
func (w World) onRoads(ctx context.Context, t spec.TravelSpec) (travel.Engine, error) {
	if t.Index != "" {
		if w.Roads == nil {
			return nil, &spec.SpecError{Field: "travel.index", Problem: fmt.Sprintf("found %q; there is no index of roads here", t.Index),
				Accept: "engine crow"}
		}
		e, err := w.Roads(ctx, t.Index)
		if err != nil {
			return nil, fmt.Errorf("travel.index: %w", err)
		}
		return e, nil
	}
	if w.Service == nil {
		return nil, &spec.SpecError{Field: "travel.service", Problem: fmt.Sprintf("found %q; no service is known here", t.Service), Accept: "engine crow"}
	}
	e, err := w.Service(ctx, t.Engine, t.Service)
	if err != nil {
		return nil, fmt.Errorf("travel.service: %w", err)
	}
	return e, nil
}

// Anywhere reports whether the engine knows the way from any point, and not only
// between what a table lists.
func (in *Ground) Anywhere() bool { return engineOf(in.Spec.Travel.Engine).Anywhere }

// driven reports whether times are those of roads.
func (in *Ground) driven() bool { return engineOf(in.Spec.Travel.Engine).driven }

// Borders is the border rule in words.
func (in *Ground) Borders() string {
	b := in.Spec.Travel.Borders
	switch b.Rule {
	case "":
		return "same-country"
	case "groups":
		return "within the same " + b.Column
	}
	return b.Rule
}
