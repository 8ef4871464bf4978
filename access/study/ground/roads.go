package ground

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// changedRoads is an engine on roads of which some are closed or driven at other
// speeds; said is what each change met, in words. Errors are of the field, if it has a name.
func (in *Ground) changedRoads(ctx context.Context, e travel.Engine, field string, all []travel.RoadChange) (out travel.Engine, said []string, err error) {
	c, ok := e.(travel.Changeable)
	if !ok {
		return nil, nil, spec.Refused(field, "engine road", "engine %s has no roads that could differ", e.About().Name)
	}
	if err := in.room("roads of which some are closed", 1, c.ChangedBytes()); err != nil {
		return nil, nil, err
	}
	out, met, err := c.Changed(ctx, all)
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, under(field, err)
	}
	for i, m := range met {
		said = append(said, fmt.Sprintf("roads: %s (%s)", all[i], m))
	}
	return out, said, nil
}

// roadChanges are changes as an engine takes them: with their polygons, and the rows of a
// table of traffic each for itself.
func (in *Ground) roadChanges(ctx context.Context, field string, changes []spec.RoadChange) (all []travel.RoadChange, err error) {
	for _, ch := range changes {
		if ch.Traffic != nil {
			rows, err := in.slowed(ctx, ch.Traffic)
			if err != nil {
				return nil, under(field, err)
			}
			all = append(all, rows...)
			continue
		}
		one := ch.RoadChange
		if ch.Within != "" {
			l, err := in.Open(ctx, ch.Within)
			if err != nil {
				return nil, under(field, err)
			}
			if one.Within, err = polygonsOf(l); err != nil {
				return nil, under(field, err)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// under names the field that an error is of; "": whoever calls does.
func under(field string, err error) error {
	if field == "" {
		return err
	}
	return spec.Within(field, err)
}

// polygonsOf are those of a layer, at least one.
func polygonsOf(l *geo.Layer) ([]orb.Polygon, error) {
	var all []orb.Polygon
	for i := range l.Len() {
		if l.IsTable() {
			break
		}
		switch g := l.Shape(i).(type) {
		case orb.Polygon:
			all = append(all, g)
		case orb.MultiPolygon:
			all = append(all, g...)
		default:
			return nil, spec.Refused("", "polygons", "feature %d (id %s) of layer %s is none", i+1, l.ID(i), l.Name)
		}
	}
	if len(all) == 0 {
		return nil, spec.Refused("", "a layer with polygons", "layer %s has no polygons", l.Name)
	}
	return all, nil
}

// OnRoads is the ground with roads that differ by more than travel.roads says, and the
// sites found on them anew; said is what each of these changes met, in words. Traffic of another hour stands in place of
// that of travel.roads. The ground
// it is made of does not change.
func (in *Ground) OnRoads(ctx context.Context, more []spec.RoadChange, sites []Center) (on *Ground, again []Center, said []string, err error) {
	base, err := in.World.onRoads(ctx, in.Spec.Travel)
	if err != nil {
		return nil, nil, nil, err
	}
	own := in.Spec.Travel.Roads.Changes()
	isTraffic := func(c spec.RoadChange) bool { return c.Traffic != nil }
	if slices.ContainsFunc(more, isTraffic) { // of another hour
		own = slices.DeleteFunc(own, isTraffic)
	}
	before, err := in.roadChanges(ctx, "", own)
	if err != nil {
		return nil, nil, nil, err
	}
	after, err := in.roadChanges(ctx, "", more)
	if err != nil {
		return nil, nil, nil, err
	}
	e, said, err := in.changedRoads(ctx, base, "", append(slices.Clone(before), after...))
	if err != nil {
		return nil, nil, nil, err
	}
	copied := *in
	on = &copied
	on.drive(e)
	on.Stops, again = slices.Clone(in.Stops), slices.Clone(sites)
	snaps, err := on.Engine.Snap(ctx, on.Stops)
	if err != nil {
		return nil, nil, nil, err
	}
	for i, s := range snaps {
		on.Stops[i].Mark = s.Mark
	}
	stops := make([]travel.Stop, len(again))
	for i := range again {
		stops[i] = again[i].Stop
	}
	if snaps, err = on.Engine.Snap(ctx, stops); err != nil {
		return nil, nil, nil, err
	}
	lost := 0
	for i, s := range snaps {
		if again[i].Mark = s.Mark; s.Reason != travel.None {
			lost++
		}
	}
	if lost == len(again) && lost > 0 {
		return nil, nil, nil, errors.New("no site has a road near that is left")
	}
	return on, again, said[len(before):], nil
}
