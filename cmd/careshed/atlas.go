package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"

	"careshed/access/study"
	"careshed/geo"
)

// baseline is the summary of a country of the atlas: the nearest center of the
// same country, density and gaps, all with their defaults. more narrows places,
// regions and sites, such as to metropolitan France.
func (e *env) baseline(ctx context.Context, country, more string) (study.Summary, error) {
	s, err := study.Parse(strings.NewReader(fmt.Sprintf(`version: 1
name: %[1]s
places: {layer: settlements, where: {country: %[1]s%[2]s}}
regions: {layer: regions, where: {country: %[1]s%[2]s}, join: region_code}
sites: {layer: centers, where: {country: %[1]s, tier: [1, 2]}, count: campus}
travel: {engine: crow}
measures:
  - travel: {bands_min: [60, 120, 300]}
  - density: {}
  - gaps: {}
`, country, more)), nil)
	if err != nil {
		return study.Summary{}, err
	}
	w, err := e.world(ctx, ".", s, "")
	if err != nil {
		return study.Summary{}, err
	}
	r, err := study.Run(ctx, w, s, nil)
	if err != nil {
		return study.Summary{}, err
	}
	return r.Summary, nil
}

// headlineTable is every country of the atlas in one table, beside what is
// published; France a second time without its regions overseas.
func (e *env) headlineTable(ctx context.Context) (string, error) {
	countries, err := e.atlas.Layer(ctx, "countries")
	if err != nil {
		return "", err
	}
	regions, err := e.atlas.Layer(ctx, "regions")
	if err != nil {
		return "", err
	}
	var p page
	p.line("%-18s %11s %8s %5s %7s %7s %7s %7s  %s", "country", "people", "campuses", "rows", "per 10m", "mean km", "median", "P90", "regions without a center in the list")
	for i := range countries.Len() {
		code := countries.ID(i)
		cell := func(field string) string {
			c, ok := countries.Column(field)
			if !ok {
				return ""
			}
			return c.Text(i)
		}
		rows := []struct{ name, where string }{{cell("name"), ""}}
		if near := mainland(regions, code); near != "" {
			rows = append(rows, struct{ name, where string }{cell("name") + ", metrop.", ", region_code: [" + near + "]"})
		}
		for _, r := range rows {
			s, err := e.baseline(ctx, code, r.where)
			if err != nil {
				return "", err
			}
			d := study.DensityCountry{PerPeople: study.Num(math.NaN())}
			for _, c := range s.Density.Countries {
				d = c
			}
			var gaps []string
			for _, status := range sortedKeys(s.Gaps.Count) {
				if status != "has a center" {
					gaps = append(gaps, fmt.Sprintf("%d %s", s.Gaps.Count[status], status))
				}
			}
			p.line("%-18s %11s %8d %5d %7s %7s %7s %7s  %s", r.name, number(s.Population, 0), d.Campuses, d.Rows, number(d.PerPeople, 2),
				number(s.Travel.GeodesicKm.Mean, 1), number(s.Travel.GeodesicKm.Median, 1), number(s.Travel.GeodesicKm.P90, 1), cmp.Or(strings.Join(gaps, ", "), "none"))
		}
		if note := cell("list_completeness"); note != "" {
			p.line("%-18s the list has %s", "", note)
		}
	}
	p.line("\nKilometres are straight lines to the nearest center of the same country, people across water included.")
	p.line("\nLayers: %s", strings.Join(e.atlas.Names(), ", "))
	return p.String(), nil
}

// mainland lists the region codes of a country that are not overseas, "" where
// it has none overseas.
func mainland(regions *geo.Layer, country string) string {
	home, ok := regions.Column("metropolitan")
	of, has := regions.Column("country")
	code, coded := regions.Column("region_code")
	if !ok || !has || !coded || home.Type != geo.Bool {
		return ""
	}
	var near []string
	far := false
	for i := range regions.Len() {
		if of.Text(i) != country {
			continue
		}
		if home.Number(i) == 0 {
			far = true
		} else {
			near = append(near, fmt.Sprintf("%q", code.Text(i)))
		}
	}
	if !far {
		return ""
	}
	return strings.Join(near, ", ")
}
