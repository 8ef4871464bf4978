// Package scenario opens, closes and moves the sites of a study, changes its roads, and
// compares what follows.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// scenarios are what the scenarios of a study lead to.
type scenarios struct {
	*finding.Study
	outcomes []*finding.Outcome
	regions  regionRows
	roads    []finding.Acts
}

// regionRows is a row a region and scenario in which anybody's time changes.
type regionRows struct {
	scenario, region, name        []string
	people, before, after, change []float64
	nearer, farther               []float64
	unsure                        []string // what the list says of the region
}

// Outcomes is that of [Branching].
func (r *scenarios) Outcomes() []*finding.Outcome { return r.outcomes }

// FindScenarios makes the changes of every scenario, and sends everybody to the
// nearest center there.
func FindScenarios(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	if len(s.Spec.Scenarios) == 0 {
		return nil, nil
	}
	r := &scenarios{Study: s}
	for n, sc := range s.Spec.Scenarios {
		s.Report(finding.Progress{Stage: "scenarios", Done: n, Total: len(s.Spec.Scenarios)})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o := &finding.Outcome{Name: sc.Name, Sites: slices.Clone(s.Sites), Ground: s.Ground}
		if err := r.changeRoads(ctx, o, sc); err != nil {
			return nil, err
		}
		for _, c := range sc.Changes {
			if c.Roads.Given() {
				continue
			}
			said, err := r.apply(ctx, o, c)
			if err != nil {
				return nil, ofScenario(sc.Name, c.Kind, err)
			}
			o.Changes = append(o.Changes, said)
		}
		if len(ground.Goals(o.Sites)) == 0 {
			return nil, spec.Refused("scenarios."+sc.Name, "", "no site that infuses is left")
		}
		var err error
		if o.Ways, err = o.Ground.Trips(ctx, o.Sites, s.Ways.K); err != nil {
			return nil, err
		}
		r.outcomes = append(r.outcomes, o)
	}
	return r, nil
}

// changeRoads puts an outcome on the roads of its scenario, whatever their place in
// the list of its changes.
func (r *scenarios) changeRoads(ctx context.Context, o *finding.Outcome, sc spec.Scenario) (err error) {
	var roads []spec.RoadChange
	for _, c := range sc.Changes {
		roads = append(roads, c.Roads.Changes()...)
	}
	if len(roads) == 0 {
		return nil
	}
	if o.Ground, o.Sites, o.Changes, err = r.OnRoads(ctx, roads, o.Sites); err != nil {
		return ofScenario(sc.Name, "roads", err)
	}
	r.roads = append(r.roads, finding.Acts{Name: "scenarios." + sc.Name + ".roads", Value: strings.Join(o.Changes, "; "), Given: true})
	return nil
}

// Acts are the roads that scenarios change, for the manifest.
func (r *scenarios) Acts() []finding.Acts { return r.roads }

// ofScenario names the scenario and the change that an error is of.
func ofScenario(name, kind string, err error) error {
	var refused *spec.SpecError
	if errors.As(err, &refused) {
		return spec.Refused("scenarios."+name, refused.Accept, "%s: %s", kind, refused.Problem)
	}
	return fmt.Errorf("scenarios.%s: %s: %w", name, kind, err)
}

// apply makes one change and says in words what it was.
func (r *scenarios) apply(ctx context.Context, o *finding.Outcome, c spec.Change) (string, error) {
	if c.Kind == "open" {
		s, err := r.newSite(ctx, o, c)
		if err != nil {
			return "", err
		}
		o.Sites = append(o.Sites, s)
		return fmt.Sprintf("open %s at %g, %g (%s)", s.ID, s.At[0], s.At[1], strings.Join(s.Roles, ", ")), nil
	}
	if c.ID != "nearest" && !slices.ContainsFunc(o.Sites, func(s ground.Center) bool { return s.Row < 0 && s.ID == c.ID }) {
		if err := ground.Identify("sites", r.SiteFields, []string{c.ID}); err != nil {
			return "", err
		}
	}
	i, err := siteOf(o.Sites, c)
	if err != nil {
		return "", err
	}
	s := o.Sites[i]
	switch c.Kind {
	case "close":
		o.Sites = slices.Delete(o.Sites, i, i+1)
		on := ground.Campuses(append(slices.Clone(o.Sites), s))
		left := -1 // itself
		for _, k := range on {
			if k == on[len(on)-1] {
				left++
			}
		}
		if left > 0 {
			return fmt.Sprintf("close %s; %d more on its campus stay open", s.Label(), left), nil
		}
		return "close " + s.Label(), nil
	case "move":
		moved, err := r.newSite(ctx, &finding.Outcome{Ground: o.Ground}, spec.Change{ID: s.ID, At: c.At, Roles: s.Roles, Group: s.Group})
		if err != nil {
			return "", err
		}
		moved.Name, moved.Supply, moved.Row, moved.Country = s.Name, s.Supply, s.Row, s.Country
		o.Sites[i] = moved
		return fmt.Sprintf("move %s to %g, %g", s.Label(), c.At[0], c.At[1]), nil
	}
	o.Sites[i].Roles = c.Roles
	return fmt.Sprintf("%s now does: %s", s.Label(), strings.Join(c.Roles, ", ")), nil
}

// siteOf is the site of an id, or the one nearest to a point by straight line.
func siteOf(sites []ground.Center, c spec.Change) (int, error) {
	if c.ID != "nearest" {
		for i, s := range sites {
			if s.ID == c.ID {
				return i, nil
			}
		}
		ids := make([]string, len(sites))
		for i, s := range sites {
			ids[i] = s.ID
		}
		near := geo.Like(c.ID, ids)
		if near != "" {
			near = fmt.Sprintf("; did you mean %q?", near)
		}
		return 0, spec.Refused("", "", "there is no site %q%s", c.ID, near)
	}
	l, err := geo.NewPoints(geo.About{Name: "sites"}, nil, ground.Points(sites))
	if err != nil {
		return 0, err
	}
	for i := range l.Nearest(*c.To) {
		return i, nil
	}
	return 0, spec.Refused("", "", "there is no site with a location")
}

// farOff is how far from everybody a site can hardly be meant to be.
const farOff geo.Metres = 500_000

// newSite is a site that a scenario opens. Under a border rule it belongs to
// the group of the nearest place, unless the spec names one.
func (r *scenarios) newSite(ctx context.Context, o *finding.Outcome, c spec.Change) (ground.Center, error) {
	for _, s := range o.Sites {
		if s.ID == c.ID {
			return ground.Center{}, spec.Refused("", "", "site %q exists already", c.ID)
		}
	}
	if !r.Anywhere() {
		return ground.Center{}, spec.Refused("", "engine crow or road", "a matrix knows no way to a new point")
	}
	s := ground.Center{Name: c.ID, Roles: c.Roles, Group: c.Group, Row: -1, Region: -1}
	s.ID, s.At, s.Located = c.ID, *c.At, true
	if len(s.Roles) == 0 {
		s.Roles = []string{"infuse"}
	}
	snaps, err := o.Ground.Engine.Snap(ctx, []travel.Stop{s.Stop})
	if err != nil {
		return ground.Center{}, err
	}
	if why := snaps[0].Reason; why != travel.None {
		return ground.Center{}, spec.Refused("", "", "%s at [%g, %g]: %s", c.ID, s.At[0], s.At[1], why)
	}
	s.Mark = snaps[0].Mark
	for i, d := range r.Places.Nearest(s.At) {
		if d > farOff {
			return ground.Center{}, spec.Refused("", fmt.Sprintf("[longitude, latitude] within %.0f km of where people live", farOff.Kilometres()),
				"%s at [%g, %g] is %.0f km from the nearest place", c.ID, s.At[0], s.At[1], d.Kilometres())
		}
		s.Country = r.Country[i]
		if s.Group == "" {
			s.Group = r.Group[i]
		}
		s.Region = r.Region[i]
		break
	}
	if r.Regions != nil && !r.Regions.IsTable() {
		s.Region, _ = r.Regions.Locate(s.At, ground.CoastReach)
	}
	if r.Spec.Travel.Borders.Rule == "same-region" && c.Group == "" && s.Region >= 0 {
		s.Group = r.Regions.ID(s.Region)
	}
	return s, nil
}

// Tell compares each scenario with the baseline or with another.
func (r *scenarios) Tell(ctx context.Context) error {
	c := &finding.Comparison{With: &finding.Outcome{Name: "baseline", Ways: r.Ways, Sites: r.Sites, Ground: r.Ground}}
	for _, o := range r.outcomes {
		if o.Name == r.Spec.Compare {
			c.With = o
		}
	}
	for _, o := range r.outcomes {
		if o.Ways == c.With.Ways {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		s := finding.ScenarioSummary{Name: o.Name, Changes: o.Changes, ComparedWith: c.With.Name}
		if err := finding.Each(r.Study, func(f finding.Comparable) error { return f.Compare(ctx, c, o, &s) }); err != nil {
			return err
		}
		r.Result.Summary.Scenarios = append(r.Result.Summary.Scenarios, s)
		if r.Regions != nil {
			r.compareRegions(c, o)
		}
	}
	return r.presentComparison(c)
}

// presentComparison makes the tables of scenarios, of all people and by region.
func (r *scenarios) presentComparison(c *finding.Comparison) error {
	sh, by := finding.Sheet{Of: "compare"}, finding.Sheet{Of: "compare_regions"}
	sh.Text("scenario", c.Scenario)
	sh.Text("metric", c.Metric)
	sh.Number("before", c.Before, "with", c.With.Name)
	sh.Number("after", c.After)
	sh.Number("change", c.Change)
	if err := r.AddTable(sh.Table("with", c.With.Name)); err != nil {
		return err
	}
	if r.Regions == nil {
		return nil
	}
	t := &r.regions
	by.Text("scenario", t.scenario)
	by.Text("region_id", t.region)
	by.Text("name", t.name)
	by.People("population", t.people)
	by.Number("mean_time_min_before", t.before, "with", c.With.Name)
	by.Number("mean_time_min_after", t.after)
	by.Number("change_min", t.change)
	by.People("people_nearer", t.nearer)
	by.People("people_farther", t.farther)
	by.Text("region_gap", t.unsure)
	return r.AddTable(by.Table("with", c.With.Name))
}

// compareRegions adds a row for each region in which anybody's time changes.
func (r *scenarios) compareRegions(c *finding.Comparison, o *finding.Outcome) {
	with, t := c.With.Ways, &r.regions
	n := r.Regions.Len()
	people, nearer, farther := make([]float64, n), make([]float64, n), make([]float64, n)
	member, lone := make([][]int, n), make([]bool, n) // lone: somebody has a time before or after only
	x, y := finding.OfBoth(with.Minutes, o.Ways.Minutes)
	for i, row := range r.Region {
		if row < 0 {
			continue
		}
		member[row] = append(member[row], i)
		people[row] += r.People[i]
		lone[row] = lone[row] || math.IsNaN(with.Minutes[i]) != math.IsNaN(o.Ways.Minutes[i])
		switch x, y := with.Minutes[i], o.Ways.Minutes[i]; {
		case ground.More(x, y) || math.IsNaN(x) && !math.IsNaN(y):
			nearer[row] += r.People[i]
		case ground.More(y, x) || math.IsNaN(y) && !math.IsNaN(x):
			farther[row] += r.People[i]
		}
	}
	for row := range n {
		if nearer[row]+farther[row] == 0 {
			continue
		}
		mean := func(v []float64) float64 {
			x, w := make([]float64, len(member[row])), make([]float64, len(member[row]))
			for k, i := range member[row] {
				x[k], w[k] = v[i], r.People[i]
			}
			return access.NewWeighted(x, w).Mean()
		}
		before, after := mean(with.Minutes), mean(o.Ways.Minutes)
		change := after - before
		if lone[row] {
			change = mean(y) - mean(x)
		}
		t.scenario, t.region, t.name = append(t.scenario, o.Name), append(t.region, r.Regions.ID(row)), append(t.name, r.RegionName[row])
		t.people, t.before, t.after = append(t.people, people[row]), append(t.before, before), append(t.after, after)
		t.change, t.nearer, t.farther = append(t.change, change), append(t.nearer, nearer[row]), append(t.farther, farther[row])
		t.unsure = append(t.unsure, finding.Of[finding.Listing](r.Study).Unsure(row))
	}
}

// PlaceColumns are where people go in each scenario, and what findings have there.
func (r *scenarios) PlaceColumns(sh *finding.Sheet) {
	for _, o := range r.outcomes {
		ids := make([]string, len(o.Ways.Site))
		for i, j := range o.Ways.Site {
			if j >= 0 {
				ids[i] = o.Sites[j].ID
			}
		}
		sh.Text("site_id_{scenario}", ids, "scenario", o.Name)
		sh.Number("time_min_{scenario}", o.Ways.Minutes, "scenario", o.Name)
		change := slices.Clone(o.Ways.Minutes)
		for i := range change {
			if before := r.Ways.Minutes[i]; !ground.More(change[i], before) && !ground.More(before, change[i]) && change[i]+before > 0 {
				change[i] = 0 // not what rounding leaves
			} else {
				change[i] -= before
			}
		}
		sh.Number("change_min_{scenario}", change, "scenario", o.Name)
		for _, f := range r.Found {
			if in, ok := f.(finding.InScenario); ok {
				in.ScenarioColumns(sh, o)
			}
		}
	}
}

// DrawPatients has what each scenario changes in a draw.
func (r *scenarios) DrawPatients(_ context.Context, x finding.Draw, under finding.Curve, d *finding.Drawn) error {
	if under.Of == nil {
		return nil
	}
	for _, o := range r.outcomes {
		if finding.Tells(r.Study, r.Ways, o.Ways) {
			continue
		}
		var gain float64
		for i, e := range r.Model.Eligible {
			if y := o.Ways.Minutes[i] / x.Speed; !math.IsNaN(y) && !math.IsNaN(under.Minutes[i]) {
				gain += e * (under.Of.At(y) - under.Likelihood[i])
			}
		}
		d.Add("treated_change_"+o.Name+"_"+string(under.Beyond), x.Rate*gain)
	}
	return nil
}
