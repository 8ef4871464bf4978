package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study"
	"careshed/api/sheet"
	"careshed/api/words"
	"careshed/data/atlas"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// baseline is the result of a country's study with measures in place of the usual ones.
func (e *env) baseline(ctx context.Context, b study.Baseline, measures ...string) (*study.Result, error) {
	b.Measures = measures
	s, err := b.Spec("")
	if err != nil {
		return nil, err
	}
	w, err := e.world(ctx, ".", s, "")
	if err != nil {
		return nil, err
	}
	return study.Run(ctx, w, s, nil)
}

// headlineTable is every country of the atlas in one table, beside what is
// published; France a second time without its regions overseas. After it come
// the other countries of the list of centers.
func (e *env) headlineTable(ctx context.Context) (string, error) {
	known, err := e.atlas.Countries(ctx)
	if err != nil {
		return "", err
	}
	regions, err := e.atlas.Layer(ctx, "regions")
	if err != nil {
		return "", err
	}
	var p page
	p.line("%-20s %11s %8s %5s %7s %7s %7s %7s  %s", "country", "people", "campuses", "rows", "per 10m", "mean km", "median", "P90", "regions without a center in the list")
	for _, c := range known {
		if c.Listed == 0 {
			p.line("%-20s %11s %8d %5d %7s %7s %7s %7s  %s", c.Name, number(study.Num(peopleOf(regions, c.Code)), 0), 0, 0, "", "", "", "", "all: the list has no center")
		} else if err := e.headlines(ctx, &p, c, regions); err != nil {
			return "", err
		}
		if note := e.atlas.Completeness(ctx, c.Code); note != "" {
			p.line("%-20s the list has %s", "", note)
		}
		paid, err := e.reimbursed(ctx, c.Code)
		if err != nil {
			return "", err
		}
		p.line("%-20s %s", "", sheet.PaidLine(words.Default(), access.PaidBy(paid)))
	}
	p.line("\nKilometres are straight lines to the nearest center of the same country, people across water included.")
	if err := e.densityTable(ctx, &p); err != nil {
		return "", err
	}
	if err := e.paidTable(ctx, &p, known); err != nil {
		return "", err
	}
	if err := e.countTable(ctx, &p); err != nil {
		return "", err
	}
	p.line("\nLayers: %s", strings.Join(e.atlas.Names(), ", "))
	return p.String(), nil
}

// headlines are the rows of a country: the whole, and without its regions
// overseas if it has any.
func (e *env) headlines(ctx context.Context, p *page, c atlas.Country, regions *geo.Layer) error {
	whole := study.Baseline{Code: c.Code, Name: c.Name}
	rows := []study.Baseline{whole}
	if part, ok := whole.OnMainland(regions); ok {
		part.Name += ", metrop."
		rows = append(rows, part)
	}
	for _, b := range rows {
		r, err := e.baseline(ctx, b, "travel", "density", "gaps")
		if err != nil {
			return err
		}
		s := r.Summary
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
		p.line("%-20s %11s %8d %5d %7s %7s %7s %7s  %s", b.Name, number(s.Population, 0), d.Campuses, d.Rows, number(d.PerPeople, 2),
			number(s.Travel.GeodesicKm.Mean, 1), number(s.Travel.GeodesicKm.Median, 1), number(s.Travel.GeodesicKm.P90, 1), cmp.Or(strings.Join(gaps, ", "), "none"))
	}
	return nil
}

// listed is a country of the list of centers.
type listed struct {
	code, name, source string
	people             float64
	year               float64
	regions            bool // the atlas has its regions
	rows, campuses     int  // of tiers 1 and 2
	per10m             float64
}

// densities are all countries that the list of centers names, the densest first.
func (e *env) densities(ctx context.Context) ([]listed, error) {
	l, err := e.atlas.Layer(ctx, "populations")
	if err != nil {
		return nil, err
	}
	centers, err := e.atlas.Layer(ctx, "centers")
	if err != nil {
		return nil, err
	}
	tier, err := centers.Numbers("tier")
	if err != nil {
		return nil, err
	}
	text := map[string][]string{}
	for _, field := range []string{"name", "source"} {
		if text[field], err = l.Texts(field); err != nil {
			return nil, err
		}
	}
	people, err := l.Numbers("population")
	if err != nil {
		return nil, err
	}
	year, err := l.Numbers("year")
	if err != nil {
		return nil, err
	}
	of, err := centers.Texts("country")
	if err != nil {
		return nil, err
	}
	adult, err := centers.Texts("adult")
	if err != nil {
		return nil, err
	}
	where, err := centers.Texts("location")
	if err != nil {
		return nil, err
	}
	regions, ok := l.Column("regions")
	if !ok || regions.Type != geo.Bool {
		return nil, fmt.Errorf("layer populations does not say which countries have regions")
	}
	out := make([]listed, l.Len())
	for i := range out {
		c := listed{code: l.ID(i), name: text["name"][i], source: text["source"][i], people: people[i], year: year[i], regions: regions.Number(i) != 0}
		var at []orb.Point
		var hospital []bool
		for k, country := range of {
			if country == c.code && tier[k] <= 2 && adult[k] == "yes" { // as studies of adults count
				at, hospital = append(at, centers.Point(k)), append(hospital, where[k] == "hospital")
			}
		}
		distinct := map[int]bool{}
		for _, n := range access.Campuses(at, hospital) {
			distinct[n] = true
		}
		c.rows, c.campuses = len(at), len(distinct)
		if c.per10m, err = access.PerPeople(c.campuses, c.people, 1e7); err != nil {
			return nil, fmt.Errorf("layer populations: %s: %w", c.code, err)
		}
		out[i] = c
	}
	slices.SortStableFunc(out, func(a, b listed) int { return cmp.Compare(b.per10m, a.per10m) })
	return out, nil
}

// densityTable are the countries without regions, and how far the list
// recomputes the published range.
func (e *env) densityTable(ctx context.Context, p *page) error {
	all, err := e.densities(ctx)
	if err != nil {
		return err
	}
	p.line("\n%-20s %13s %8s %5s %7s  %s", "centers only", "people", "campuses", "rows", "per 10m", "people from")
	for _, c := range all {
		per10m := number(study.Num(c.per10m), 2)
		if c.campuses == 0 {
			per10m = "–" // none is listed, which is not none
		}
		if !c.regions {
			p.line("%-20s %13s %8d %5d %7s  %s (%.0f)", c.name, number(study.Num(c.people), 0), c.campuses, c.rows, per10m, c.source, c.year)
		}
	}
	some := slices.DeleteFunc(slices.Clone(all), func(c listed) bool { return c.campuses == 0 })
	most, least := some[0], some[len(some)-1]
	p.line("\nOf %d countries with a listed center the list gives %s (%s) to %s (%s) per 10 million. Published for 25 countries, without their names: %v to %v.",
		len(some), number(study.Num(least.per10m), 2), least.name, number(study.Num(most.per10m), 2), most.name, access.DensityLow, access.DensityHigh)
	p.line("The highest was 10 centers for 8.8 million people; no listed country comes to it. Where a list is incomplete its density is too low: see each country.")
	return nil
}

// reimbursed is what the atlas knows of reimbursement in a country.
func (e *env) reimbursed(ctx context.Context, country string) ([]access.Reimbursement, error) {
	l, err := e.atlas.Layer(ctx, "indications")
	if err != nil {
		return nil, err
	}
	return access.Reimbursements(l, country)
}

// paidTable is what is known of reimbursement in the countries of which the atlas has no
// regions, and how the rows of all were checked.
func (e *env) paidTable(ctx context.Context, p *page, shown []atlas.Country) error {
	l, err := e.atlas.Layer(ctx, "indications")
	if err != nil {
		return err
	}
	rows, err := access.Reimbursements(l)
	if err != nil {
		return err
	}
	names, err := e.populations(ctx, false)
	if err != nil {
		return err
	}
	p.line("\nIndications that are reimbursed, in countries without regions here")
	of, status := map[string][]access.Reimbursement{}, map[string]int{}
	for _, r := range rows {
		status[r.Status]++
		if !slices.ContainsFunc(shown, func(c atlas.Country) bool { return c.Code == r.Country }) {
			of[r.Country] = append(of[r.Country], r)
		}
	}
	for _, code := range sortedKeys(of) {
		p.line("%-20s %s", cmp.Or(names.name[code], words.Default().Country(code), code), sheet.PaidLine(words.Default(), access.PaidBy(of[code])))
	}
	p.line("Layer indications has %d rows with their sources: %d read in an excerpt, %d derived, %d not read. It is not complete: what is missing there is not known.",
		len(rows), status["read in an excerpt"], status["derived"], status["not read"])
	return nil
}

// peopleOf is the population of a country's regions.
func peopleOf(regions *geo.Layer, country string) float64 {
	of, err := regions.Texts("country")
	if err != nil {
		return math.NaN()
	}
	people, err := regions.Numbers("population")
	if err != nil {
		return math.NaN()
	}
	sum := 0.0
	for i, c := range of {
		if c == country {
			sum += people[i]
		}
	}
	return sum
}
