package measure

import (
	"cmp"
	"context"
	"math"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// Pitfalls is that of [Misleading].
func (r *Travelled) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 7, Key: "borders", Check: r.acrossBorders},
		{Number: 8, Key: "straight-lines", Check: r.straightLines},
		{Number: 9, Key: "nearest-not-used", Check: r.nearestNotUsed},
		{Number: 13, Key: "counted-twice", Check: r.countedTwice},
	}
}

// acrossBorders counts the people who have a nearer center across a border that
// the study draws: by travel.borders, or by choosing sites of a country.
func (r *Travelled) acrossBorders(ctx context.Context) (*finding.Note, error) {
	s := r.Spec.Sites
	if s.Layer == "" {
		return nil, nil
	}
	all, err := r.Open(ctx, s.Layer)
	if err != nil {
		return nil, err
	}
	var other spec.Where
	for _, c := range s.Where {
		if c.Field != "country" && c.Field != r.Spec.Travel.Borders.Column {
			other = append(other, c)
		}
	}
	rows, err := other.Rows(all)
	if err != nil {
		return nil, err
	}
	if r.Spec.Travel.Borders.Rule == "free" && len(other) == len(s.Where) || all.IsTable() && r.Anywhere() {
		return nil, nil
	}
	quiet := *r.Ground
	quiet.Notes = nil
	sites, err := quiet.MakeSites("sites", all.Pick(rows), s.Roles)
	if err != nil {
		return nil, err
	}
	q := travel.Query{Sites: r.beyondBorder(all, rows, sites)}
	snaps, err := r.Engine.Snap(ctx, q.Sites)
	if err != nil {
		return nil, err
	}
	for j, s := range snaps {
		q.Sites[j].Mark = s.Mark
	}
	q.Places = r.Stops
	legs, err := r.Engine.Nearest(ctx, q, 1)
	if err != nil {
		return nil, err
	}
	people := r.PeopleWhere(func(i int) bool {
		return legs[i].Site >= 0 && !(legs[i].Time.Minutes() >= r.Ways.Minutes[i])
	})
	if people == 0 {
		return nil, nil
	}
	if r.Spec.Travel.Borders.Rule == "free" {
		return finding.Mind("borders.sites", people, "where", s.Where.String())
	}
	return finding.Mind("borders", people, "rule", r.Borders())
}

// beyondBorder are the sites that the study has not but could have, were there no
// border: all on the other side, and those on this side that its choice leaves
// out.
func (r *Travelled) beyondBorder(all *geo.Layer, rows []int, sites []ground.Center) (out []travel.Stop) {
	// Of the sites on this side of the border only those that the study has.
	here, has := map[string]bool{}, map[string]bool{}
	free := r.Spec.Travel.Borders.Rule == "free"
	for i := range r.Group {
		if !free {
			here[cmp.Or(r.Group[i], r.Country[i])] = true
		}
	}
	for _, s := range r.Sites {
		has[s.ID] = true
		if free { // then the choice of sites draws the border
			here[s.Country] = true
		}
	}
	side := func(j int) string {
		switch b := r.Spec.Travel.Borders; {
		case b.Rule == "groups":
			t, _ := all.Column(b.Column)
			return t.Text(rows[j])
		case b.Rule == "same-region" && sites[j].Region >= 0:
			return r.Regions.ID(sites[j].Region)
		}
		return sites[j].Country
	}
	for _, j := range ground.Goals(sites) {
		if has[sites[j].ID] || !here[side(j)] {
			out = append(out, sites[j].Stop)
		}
	}
	return out
}

// farFromRoad is how far from a road a place may be without a word.
const farFromRoad = 1000.0

func (r *Travelled) straightLines(context.Context) (*finding.Note, error) {
	if r.Off != nil {
		people := r.PeopleWhere(func(i int) bool { return !math.IsNaN(r.Ways.Minutes[i]) })
		far := r.PeopleWhere(func(i int) bool { return r.Off[i] > farFromRoad && !math.IsNaN(r.Ways.Minutes[i]) })
		speed, slowed := r.Engine.About().Settings["access"], r.Spec.Travel.Roads.Slows()
		switch {
		case far > 0 && slowed:
			return finding.Mind("roads.slowed.far", people, "far", int(math.Round(far)), "speed", speed)
		case far > 0:
			return finding.Mind("roads.far", people, "far", int(math.Round(far)), "speed", speed)
		case slowed:
			return finding.Mind("roads.slowed", people)
		}
		return finding.Mind("roads", people)
	}
	if r.Crow == nil {
		return nil, nil
	}
	people := r.PeopleWhere(func(i int) bool { return !math.IsNaN(r.Ways.Minutes[i]) })
	if len(r.Spec.Travel.Speed) == 1 {
		return finding.Mind("speed", people)
	}
	if r.Crow.Country != "" {
		return finding.Mind("straight-lines.own", people, "countries", []string{r.Crow.Country})
	}
	if len(r.Spec.Travel.Speed) > 0 {
		return finding.Mind("straight-lines.given", people)
	}
	if r.Unplaced {
		return finding.Mind("straight-lines.home", people) // whose speeds they are is said nowhere else
	}
	return finding.Mind("straight-lines", people)
}

// bypass is the time by which a second center may be farther and still be used
// (Alford-Teaster 2016: most who did not use the nearest had one within five
// minutes of it).
const bypass = 5.0

func (r *Travelled) nearestNotUsed(ctx context.Context) (*finding.Note, error) {
	campus := ground.Campuses(r.Sites)
	other := make([]bool, len(r.People))
	err := r.ByGroup(r.Sites, ground.Goals(r.Sites), func(places, sites []int) error {
		q := r.Query(r.Sites, places, sites)
		q.Limit = make([]travel.Seconds, len(places))
		for k, i := range places {
			q.Limit[k] = travel.FromMinutes(r.Ways.Minutes[i] + bypass)
			if math.IsNaN(r.Ways.Minutes[i]) {
				q.Limit[k] = 0
			}
		}
		return r.Engine.Sweep(ctx, q, func(site int, legs []travel.Leg) error {
			for _, l := range legs {
				i := places[l.Place]
				other[i] = other[i] || campus[sites[site]] != campus[r.Ways.Site[i]]
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	people := r.PeopleWhere(func(i int) bool { return other[i] && !math.IsNaN(r.Ways.Minutes[i]) })
	if people == 0 {
		return nil, nil
	}
	return finding.Mind("nearest-not-used", people, "minutes", bypass)
}

func (r *Travelled) countedTwice(context.Context) (*finding.Note, error) {
	if r.Spec.Sites.Count != "rows" {
		return nil, nil
	}
	campus := ground.Campuses(r.Sites)
	size := map[int]int{}
	for _, j := range ground.Goals(r.Sites) {
		size[campus[j]]++
	}
	double := 0
	for _, n := range size {
		double += n - 1
	}
	if double == 0 {
		return nil, nil
	}
	people := r.PeopleWhere(func(i int) bool { return !math.IsNaN(r.Ways.Minutes[i]) && size[campus[r.Ways.Site[i]]] > 1 })
	return finding.Mind("counted-twice", people, "n", double)
}
