package measure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
)

// DensityMeasure asks for centers by population.
type DensityMeasure struct {
	By  string  `yaml:"by" doc:"region, with the countries that they add up to (if left out), or country alone"`
	Per float64 `yaml:"per" default:"10000000" doc:"people"`
}

// Validate is that of [Params].
func (m *DensityMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(
		spec.That(spec.In(m.By, "", "region", "country"), at+".by", fmt.Sprintf("found %q", m.By), "region, country"),
		spec.That(m.Per >= 0, at+".per", "is below 0", "people, such as 10000000"),
		spec.That(m.By != "region" || s.Regions != nil, at+".by", "the study has no regions", "a regions section"))
}

// Acting is that of [Params].
func (*DensityMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "range", Value: fmt.Sprintf("%g to %g per 10 million", access.DensityLow, access.DensityHigh)}}
}

// Density is centers by population.
type Density struct {
	*finding.Study
	of DensityMeasure
}

// FindDensity finds centers by population, where the study asks for it.
func FindDensity(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if m := spec.Asked[*DensityMeasure](s.Spec.Measures); m != nil {
		return &Density{s, spec.Filled(*m)}, nil
	}
	return nil, nil
}

// Tell counts by country and region, and lists centers close to each other.
func (r *Density) Tell(context.Context) error {
	per := r.of.Per
	s := &finding.DensitySummary{Per: finding.Num(per), Published: [2]finding.Num{access.DensityLow, access.DensityHigh}}
	r.densityByCountry(s, per)
	if by := finding.Of[*Regions](r.Study); by != nil {
		s.Regions = r.Regions.Len()
		if r.of.By != "country" {
			s.ByRegion = byRegion(by.now.per10m(), by.now.people, per/10_000_000)
		}
	}
	r.Result.Summary.Density = s
	return r.presentCoLocated(s)
}

// densityByCountry counts the centers of each country against its people.
func (r *Density) densityByCountry(s *finding.DensitySummary, per float64) {
	people := map[string]float64{}
	for i, c := range r.Country {
		people[c] += r.People[i]
	}
	of := map[string][]ground.Center{}
	for _, x := range r.located() {
		of[x.Country] = append(of[x.Country], x)
	}
	var lists, codes, keys, listed []string
	for _, c := range slices.Sorted(maps.Keys(people)) {
		n := r.Count(of[c])
		if c == "" {
			n = r.Count(r.Sites)
		}
		v, err := access.PerPeople(n.Campuses, people[c], per)
		if err != nil {
			r.Note("centers.no_density", "country", c, "why", err.Error())
			continue
		}
		var list ground.List
		if r.World.Completeness != nil {
			list = r.World.Completeness(r.Spec.Sites.Layer, c)
		}
		if list.Text != "" {
			lists, codes, keys, listed = append(lists, list.Text), append(codes, c), append(keys, list.Key), append(listed, strconv.Itoa(list.Listed))
		}
		s.Countries = append(s.Countries, finding.DensityCountry{
			List: list.Text, ListKey: list.Key, Listed: list.Listed, Published: list.Published, Country: c, Population: finding.Num(people[c]),
			Campuses: n.Campuses, Rows: n.Rows,
			PerPeople: finding.Num(v), Position: position(v * 10_000_000 / per),
		})
	}
	if len(lists) > 0 {
		r.Note("centers.lists", "lists", lists, "of", codes, "keys", keys, "listed", listed)
	}
}

// presentCoLocated lists centers close to each other.
func (r *Density) presentCoLocated(s *finding.DensitySummary) error {
	campus := ground.Campuses(r.Sites)
	var open []ground.Center
	var on []int // the campus of each
	for i, x := range r.Sites {
		if x.Has("infuse") && !x.City {
			open, on = append(open, x), append(on, campus[i])
		}
	}
	var a, b, an, bn []string
	var km []float64
	var same []float64
	l := make([]geo.Metres, 0)
	access.Pairs(ground.Points(open), coLocated, func(i, j int, dist geo.Metres) {
		l = append(l, dist)
		a, b, an, bn = append(a, open[i].ID), append(b, open[j].ID), append(an, open[i].Name), append(bn, open[j].Name)
		km = append(km, dist.Kilometres())
		same = append(same, float64(ground.Bit(on[i] == on[j])))
	})
	s.CoLocated = len(l)
	sh := finding.Sheet{Of: "colocated"}
	sh.Text("site_id", a)
	sh.Text("name", an)
	sh.Text("other_id", b)
	sh.Text("other_name", bn)
	sh.Number("geodesic_km", km)
	sh.Flag("one_campus", same)
	return r.AddTable(sh.Table())
}

// located are the sites with a country each: one that names none stands in that
// of the nearest place.
func (r *Density) located() []ground.Center {
	out := slices.Clone(r.Sites)
	borrowed := 0
	for i := range out {
		if out[i].Country != "" || !out[i].Located || r.Places.IsTable() {
			continue
		}
		for p := range r.Places.Nearest(out[i].At) {
			out[i].Country = r.Country[p]
			break
		}
		borrowed += ground.Bit(out[i].Country != "")
	}
	if borrowed > 0 {
		r.Note("centers.borrowed", "n", borrowed)
	}
	return out
}

// coLocated is how close two centers are to be called a cluster.
const coLocated geo.Metres = 5000

func position(per10m float64) string {
	switch {
	case per10m == 0:
		return "none in the list"
	case per10m < access.DensityLow:
		return "below the published range"
	case per10m > access.DensityHigh:
		return "above the published range"
	}
	return "within the published range"
}

// byRegion are the lowest, median and highest density of the regions, and their
// mean over people, by so many times ten million.
func byRegion(per10m, people []float64, times float64) *finding.RegionDensity {
	q := access.NewWeighted(per10m, ground.Ones(len(per10m))).Quantiles(0, 0.5, 1)
	return &finding.RegionDensity{Lowest: finding.Num(q[0] * times), Median: finding.Num(q[1] * times),
		Highest: finding.Num(q[2] * times), People: finding.Num(access.NewWeighted(per10m, people).Mean() * times)}
}

// Pitfalls is that of [Misleading].
func (r *Density) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 10, Key: "density-is-not-access", Check: r.densityIsNotAccess},
	}
}

func (r *Density) densityIsNotAccess(context.Context) (*finding.Note, error) {
	has := map[int]bool{}
	for i := range r.Sites {
		if r.Sites[i].Has("infuse") {
			has[r.Sites[i].Region] = true
		}
	}
	limit := Beyond(r.Study)
	people := r.PeopleWhere(func(i int) bool {
		in := r.Regions == nil || r.Region[i] >= 0 && has[r.Region[i]]
		return in && !(r.Ways.Minutes[i] <= limit)
	})
	if people == 0 {
		return nil, nil
	}
	return finding.Mind("density", people, "minutes", limit)
}
