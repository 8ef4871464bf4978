package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// outcome is what a scenario leads to.
type outcome struct {
	name    string
	sites   []ground.Center
	changes []string
	scores  []*score // of the measures that follow from the ways
	trips   *ground.Trips
}

func (r *run) scenarios(ctx context.Context) error {
	for n, sc := range r.Spec.Scenarios {
		r.report(Progress{Stage: "scenarios", Done: n, Total: len(r.Spec.Scenarios)})
		o := &outcome{name: sc.Name, sites: slices.Clone(r.Sites)}
		for _, c := range sc.Changes {
			said, err := r.apply(ctx, o, c)
			if err != nil {
				return fmt.Errorf("scenarios.%s: %s: %w", sc.Name, c.Kind, err)
			}
			o.changes = append(o.changes, said)
		}
		if len(ground.Goals(o.sites)) == 0 {
			return fmt.Errorf("scenarios.%s: no site that infuses is left", sc.Name)
		}
		var err error
		if o.trips, err = r.Trips(ctx, o.sites, r.base.K); err != nil {
			return err
		}
		r.outcome = append(r.outcome, o)
	}
	return nil
}

// apply makes one change and says in words what it was.
func (r *run) apply(ctx context.Context, o *outcome, c spec.Change) (string, error) {
	if c.Kind == "open" {
		s, err := r.newSite(ctx, o, c)
		if err != nil {
			return "", err
		}
		o.sites = append(o.sites, s)
		return fmt.Sprintf("open %s at %g, %g (%s)", s.ID, s.At[0], s.At[1], strings.Join(s.Roles, ", ")), nil
	}
	if c.ID != "nearest" && !slices.ContainsFunc(o.sites, func(s ground.Center) bool { return s.Row < 0 && s.ID == c.ID }) {
		if err := ground.Identify("sites", r.SiteFields, []string{c.ID}); err != nil {
			return "", err
		}
	}
	i, err := find(o.sites, c)
	if err != nil {
		return "", err
	}
	s := o.sites[i]
	switch c.Kind {
	case "close":
		o.sites = slices.Delete(o.sites, i, i+1)
		on := ground.Campuses(append(slices.Clone(o.sites), s))
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
		moved, err := r.newSite(ctx, &outcome{}, spec.Change{ID: s.ID, At: c.At, Roles: s.Roles, Group: s.Group})
		if err != nil {
			return "", err
		}
		moved.Name, moved.Supply, moved.Row, moved.Country = s.Name, s.Supply, s.Row, s.Country
		o.sites[i] = moved
		return fmt.Sprintf("move %s to %g, %g", s.Label(), c.At[0], c.At[1]), nil
	}
	o.sites[i].Roles = c.Roles
	return fmt.Sprintf("%s now does: %s", s.Label(), strings.Join(c.Roles, ", ")), nil
}

// find is the site of an id, or the one nearest to a point by straight line.
func find(sites []ground.Center, c spec.Change) (int, error) {
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
		return 0, fmt.Errorf("there is no site %q%s", c.ID, near)
	}
	l, err := geo.NewPoints(geo.About{Name: "sites"}, nil, ground.Points(sites))
	if err != nil {
		return 0, err
	}
	for i := range l.Nearest(*c.To) {
		return i, nil
	}
	return 0, fmt.Errorf("there is no site with a location")
}

// farOff is how far from everybody a site can hardly be meant to be.
const farOff geo.Metres = 500_000

// newSite is a site that a scenario opens. Under a border rule it belongs to
// the group of the nearest place, unless the spec names one.
func (r *run) newSite(ctx context.Context, o *outcome, c spec.Change) (ground.Center, error) {
	for _, s := range o.sites {
		if s.ID == c.ID {
			return ground.Center{}, fmt.Errorf("site %q exists already", c.ID)
		}
	}
	if !r.Anywhere() {
		return ground.Center{}, fmt.Errorf("a matrix knows no way to a new point; accepted: engine crow or road")
	}
	s := ground.Center{Name: c.ID, Roles: c.Roles, Group: c.Group, Row: -1, Region: -1}
	s.ID, s.At, s.Located = c.ID, *c.At, true
	if len(s.Roles) == 0 {
		s.Roles = []string{"infuse"}
	}
	snaps, err := r.Engine.Snap(ctx, []travel.Stop{s.Stop})
	if err != nil {
		return ground.Center{}, err
	}
	if why := snaps[0].Reason; why != travel.None {
		return ground.Center{}, fmt.Errorf("%s at [%g, %g]: %s", c.ID, s.At[0], s.At[1], why)
	}
	s.Mark = snaps[0].Mark
	for i, d := range r.Places.Nearest(s.At) {
		if d > farOff {
			return ground.Center{}, fmt.Errorf("%s at [%g, %g] is %.0f km from the nearest place; "+
				"accepted: [longitude, latitude] within %.0f km of where people live",
				c.ID, s.At[0], s.At[1], d.Kilometres(), farOff.Kilometres())
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

// presentScenarios compares each scenario with the baseline or with another.
func (r *run) presentScenarios(ctx context.Context) error {
	if len(r.outcome) == 0 {
		return nil
	}
	against := &outcome{name: "baseline", trips: r.base, sites: r.Sites}
	for _, o := range r.outcome {
		if o.name == r.Spec.Compare {
			against = o
		}
	}
	known, err := r.scoresIn(ctx, against, 1)
	if err != nil {
		return err
	}
	c := &comparison{with: against, known: known}
	for _, o := range r.outcome {
		if o.trips == against.trips {
			continue
		}
		if err := r.compare(ctx, c, o); err != nil {
			return err
		}
	}
	return r.presentComparison(c)
}

// comparison gathers what scenarios change against the baseline or another.
type comparison struct {
	with  *outcome
	known []*score // of that

	scenario, metric      []string
	before, after, change []float64

	scenarios, regions, names            []string // a row a region and scenario
	people, was, is, by, nearer, farther []float64
}

func (c *comparison) add(o *outcome, metric string, a, b float64) {
	c.scenario, c.metric = append(c.scenario, o.name), append(c.metric, metric)
	c.before, c.after, c.change = append(c.before, a), append(c.after, b), append(c.change, b-a)
}

// compare adds a scenario to a comparison and to the summary.
func (r *run) compare(ctx context.Context, c *comparison, o *outcome) error {
	s := ScenarioSummary{Name: o.name, Changes: o.changes, ComparedWith: c.with.name}
	r.compareWays(c, o, &s)
	r.countNearer(c.with, o, &s)
	if s.NewlyTimed+s.NoLonger > 0 {
		r.compareThoseWithBoth(c, o, &s)
	}
	if m := r.model; m != nil {
		for _, curve := range m.Curves {
			g := r.gain(curve, c.with.trips, o.trips)
			s.Treated = append(s.Treated, g)
			c.add(o, "treated_"+string(curve.Beyond), float64(g.Treated-g.Change-g.Newly), float64(g.Treated))
		}
	}
	var err error
	if o.scores, err = r.scoresIn(ctx, o, 1); err != nil {
		return err
	}
	for k, x := range o.scores {
		s.Measures = append(s.Measures, MeasureChange{x.column, Num(x.mean), Num(x.change(c.known[k]))})
		c.add(o, "mean_"+x.column, c.known[k].mean, x.mean)
	}
	if r.Regions != nil {
		r.compareRegions(c.with.trips, o, func(region int, people, a, b, change, nearer, farther float64) {
			c.scenarios, c.regions, c.names = append(c.scenarios, o.name), append(c.regions, r.Regions.ID(region)), append(c.names, r.RegionName[region])
			c.people, c.was, c.is, c.by = append(c.people, people), append(c.was, a), append(c.is, b), append(c.by, change)
			c.nearer, c.farther = append(c.nearer, nearer), append(c.farther, farther)
		})
	}
	r.result.Summary.Scenarios = append(r.result.Summary.Scenarios, s)
	return nil
}

// compareWays compares the times and distances of all, and the centers.
func (r *run) compareWays(c *comparison, o *outcome, s *ScenarioSummary) {
	with := c.with
	a, b := stats(with.trips.Minutes, r.People), stats(o.trips.Minutes, r.People)
	s.MeanTimeMin = b.Mean
	s.MeanChange = b.Mean - a.Mean
	c.add(o, "mean_time_min", float64(a.Mean), float64(b.Mean))
	c.add(o, "median_time_min", float64(a.Median), float64(b.Median))
	c.add(o, "p90_time_min", float64(a.P90), float64(b.P90))
	ka, kb := stats(with.trips.Km, r.People), stats(o.trips.Km, r.People)
	c.add(o, "mean_distance_km", float64(ka.Mean), float64(kb.Mean))
	bands, other := access.Bands(with.trips.Minutes, r.People, r.bandLimits()), access.Bands(o.trips.Minutes, r.People, r.bandLimits())
	for i := range bands {
		c.add(o, fmt.Sprintf("people_within_%g_min", bands[i].Minutes), bands[i].People, other[i].People)
	}
	ca, cb := r.Count(with.sites), r.Count(o.sites)
	c.add(o, "campuses", float64(ca.Campuses), float64(cb.Campuses))
}

// countNearer counts for whom the way is shorter, or longer, and who has one only
// before or after.
func (r *run) countNearer(with, o *outcome, s *ScenarioSummary) {
	for i, w := range r.People {
		x, y := with.trips.Minutes[i], o.trips.Minutes[i]
		switch {
		case math.IsNaN(x) && !math.IsNaN(y):
			s.NewlyTimed += Num(w)
		case y < x:
			s.PeopleNearer += Num(w)
		case y > x || math.IsNaN(y) && !math.IsNaN(x):
			s.PeopleFarther += Num(w)
			if math.IsNaN(y) {
				s.NoLonger += Num(w)
			}
		}
	}
}

// compareThoseWithBoth compares the means of those who have a time before and
// after.
func (r *run) compareThoseWithBoth(c *comparison, o *outcome, s *ScenarioSummary) {
	with := c.with
	// Means of other people say nothing of a change: who loses a long way would
	// make it look shorter.
	x, y := ofBoth(with.trips.Minutes, o.trips.Minutes)
	before, after := access.Mean(x, r.People), access.Mean(y, r.People)
	s.MeanChange = Num(after - before)
	c.add(o, "mean_time_min_of_those_with_both", before, after)
	var without, then float64
	for i, w := range r.People {
		if math.IsNaN(with.trips.Minutes[i]) {
			without += w
		}
		if math.IsNaN(o.trips.Minutes[i]) {
			then += w
		}
	}
	c.add(o, "people_without_time", without, then)
}

// presentComparison makes the tables of scenarios, of all people and by region.
func (r *run) presentComparison(c *comparison) error {
	var sh, by sheet
	sh.text("scenario", "Scenario", c.scenario)
	sh.text("metric", "Metric", c.metric)
	sh.number("before", "In "+c.with.name, "", c.before)
	sh.number("after", "In the scenario", "", c.after)
	sh.number("change", "Change", "", c.change)
	if err := r.addTable(geo.NewTable(geo.About{Name: "compare", Title: "Scenarios compared with " + c.with.name}, nil, sh.columns...)); err != nil {
		return err
	}
	if r.Regions == nil {
		return nil
	}
	by.text("scenario", "Scenario", c.scenarios)
	by.text("region_id", "Region", c.regions)
	by.text("name", "Region", c.names)
	by.people("population", "People", c.people)
	by.number("mean_time_min_before", "Mean time in "+c.with.name, "min", c.was)
	by.number("mean_time_min_after", "Mean time in the scenario", "min", c.is)
	by.number("change_min", "Change of those who have a time in both", "min", c.by)
	by.people("people_nearer", "People who travel less", c.nearer)
	by.people("people_farther", "People who travel more", c.farther)
	return r.addTable(geo.NewTable(geo.About{Name: "compare_regions", Title: "Scenarios by region, compared with " + c.with.name}, nil, by.columns...))
}

// gain is the change in expected treatments. Those who had no time before and
// have one now are counted apart: nothing is known of what they had.
func (r *run) gain(c ground.Curve, before, after *ground.Trips) Gain {
	g := Gain{Beyond: string(c.Beyond)}
	var outside float64
	for i, e := range r.model.Eligible {
		x, y := before.Minutes[i], after.Minutes[i]
		if math.IsNaN(y) {
			if !math.IsNaN(x) {
				g.Change -= Num(e * c.At(x))
			}
			continue
		}
		p := e * c.At(y)
		g.Treated += Num(p)
		if math.IsNaN(x) {
			g.Newly += Num(p)
			continue
		}
		d := p - e*c.At(x)
		g.Change += Num(d)
		if x > access.EffectTo.Minutes() || y > access.EffectTo.Minutes() {
			outside += d
		}
	}
	g.Outside = Num(math.NaN())
	if g.Change != 0 {
		g.Outside = Num(outside) / g.Change
	}
	return g
}

// ofBoth are two lists of minutes, of those who have both.
func ofBoth(x, y []float64) ([]float64, []float64) {
	x, y = slices.Clone(x), slices.Clone(y)
	for i := range x {
		if math.IsNaN(x[i]) || math.IsNaN(y[i]) {
			x[i], y[i] = math.NaN(), math.NaN()
		}
	}
	return x, y
}

// compareRegions calls each with the regions in which anybody's time changes.
func (r *run) compareRegions(with *ground.Trips, o *outcome, each func(region int, people, before, after, change, nearer, farther float64)) {
	n := r.Regions.Len()
	people, nearer, farther := make([]float64, n), make([]float64, n), make([]float64, n)
	member, lone := make([][]int, n), make([]bool, n) // lone: somebody has a time before or after only
	x, y := ofBoth(with.Minutes, o.trips.Minutes)
	for i, row := range r.Region {
		if row < 0 {
			continue
		}
		member[row] = append(member[row], i)
		people[row] += r.People[i]
		lone[row] = lone[row] || math.IsNaN(with.Minutes[i]) != math.IsNaN(o.trips.Minutes[i])
		switch x, y := with.Minutes[i], o.trips.Minutes[i]; {
		case y < x || math.IsNaN(x) && !math.IsNaN(y):
			nearer[row] += r.People[i]
		case y > x || math.IsNaN(y) && !math.IsNaN(x):
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
		before, after := mean(with.Minutes), mean(o.trips.Minutes)
		change := after - before
		if lone[row] {
			change = mean(y) - mean(x)
		}
		each(row, people[row], before, after, change, nearer[row], farther[row])
	}
}
