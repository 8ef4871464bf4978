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
)

// modelled is what the default demand is of.
var modelled = []string{access.Indications()[0].Key}

// counts are the counts of the atlas, in its order; of some countries, or of all if
// none is named.
func (e *env) counts(ctx context.Context, of ...string) ([]access.Count, error) {
	l, err := e.atlas.Layer(ctx, "observed")
	if err != nil {
		return nil, err
	}
	text := func(field string, i int) string {
		c, ok := l.Column(field)
		if !ok {
			return ""
		}
		return c.Text(i)
	}
	var rows []int
	regional := false // the people of regions stand beside their shapes, which take time to read
	for i := range l.Len() {
		if len(of) == 0 || slices.Contains(of, text("country", i)) {
			rows = append(rows, i)
			regional = regional || text("region_codes", i) != "" && (len(of) == 0 || text("scope", i) != "one hospital") // which no study is held against
		}
	}
	all, err := e.populations(ctx, regional)
	if err != nil {
		return nil, err
	}
	numbers := map[string][]float64{}
	for _, field := range []string{"count", "count_high", "rate_per_100k"} {
		if numbers[field], err = l.Numbers(field); err != nil {
			return nil, err
		}
	}
	out := make([]access.Count, len(rows))
	for k, i := range rows {
		c := access.Count{Area: cmp.Or(all.name[text("country", i)], text("country", i)), Country: text("country", i), People: math.NaN(),
			From: text("from", i), To: text("to", i), Indication: text("indication", i), Stage: text("stage", i),
			Low: numbers["count"][i], High: numbers["count_high"][i], Rate: numbers["rate_per_100k"][i], Qualifier: text("qualifier", i), Per: text("per", i),
			Scope: text("scope", i), Source: text("source", i), Kind: text("kind", i), Note: text("note", i)}
		if r := text("region_name", i); r != "" {
			c.Area += ", " + r
		}
		for _, code := range strings.Fields(text("region_codes", i)) {
			c.Regions = append(c.Regions, c.Country+"-"+code)
		}
		switch {
		case len(c.Regions) > 0 && regional:
			c.People = 0
			for _, id := range c.Regions {
				c.People += all.people[id]
			}
		case text("region_name", i) == "" && all.people[c.Country] > 0:
			c.People = all.people[c.Country]
		}
		out[k] = c
	}
	return out, nil
}

// peopled is the people of countries and regions, by their ids.
type peopled struct {
	people map[string]float64
	name   map[string]string
}

// populations are those of the countries that have a list or a count, and of the
// regions of the atlas if they are asked for.
func (e *env) populations(ctx context.Context, regional bool) (peopled, error) {
	p := peopled{map[string]float64{}, map[string]string{}}
	for layer, field := range map[string]string{"populations": "name", "regions": "region_name"} {
		if layer == "regions" && !regional {
			continue
		}
		l, err := e.atlas.Layer(ctx, layer)
		if err != nil {
			return p, err
		}
		people, err := l.Numbers("population")
		if err != nil {
			return p, err
		}
		names, err := l.Texts(field)
		if err != nil {
			return p, err
		}
		for i, n := range people {
			p.people[l.ID(i)], p.name[l.ID(i)] = n, names[i]
		}
	}
	return p, nil
}

// said writes the number of a count as its source has it.
func said(c access.Count) string {
	switch {
	case c.Rate > 0:
		return "no count"
	case !(c.Low > 0):
		return "-"
	case c.Qualifier == "range":
		return fmt.Sprintf("%s-%s", number(study.Num(c.Low), 0), number(study.Num(c.High), 0))
	case c.Qualifier == "at least":
		return number(study.Num(c.Low), 0) + "+"
	}
	return number(study.Num(c.Low), 0)
}

// countTable lists what was counted in whole countries and regions.
func (e *env) countTable(ctx context.Context, p *page) error {
	all, err := e.counts(ctx)
	if err != nil {
		return err
	}
	p.line("\n%-34s %-24s %-11s %-15s %9s %8s  %s", "counted patients", "years", "indication", "stage", "count", "per 100k", "source")
	for _, c := range all {
		if c.Areal() {
			p.line("%-34s %-24s %-11s %-15s %9s %8s  %s", c.Area, c.When(), c.Indication, c.Stage, said(c), rate(c.Per100k(c.People)), c.Kind)
		}
	}
	p.line("\nPer 100,000 people and year: the mean of the years counted, of all people as in the layer regions. Means hide growth: do not rank countries by them.")
	p.line("Layer observed has %d counts, those of single hospitals and of what was expected at a start too.", len(all))
	return nil
}

// rate writes patients per 100,000, nothing where there are none.
func rate(v float64) string {
	if !(v >= 0) {
		return "-"
	}
	return fmt.Sprintf("%.2f", v)
}

// held is a count beside what the model expects of the same area.
type held struct {
	access.Count
	model float64 // treated patients a year; NaN where the area has no listed center
}

// ratio is how many times the model was counted.
func (b held) ratio() float64 { return b.Per100k(b.People) / (1e5 * b.model / b.People) }

// countsBeside are the counts of areas by year, with the model where the atlas
// has the area and a center in its country.
func (e *env) countsBeside(ctx context.Context) ([]held, error) {
	all, err := e.counts(ctx)
	if err != nil {
		return nil, err
	}
	known, err := e.atlas.Countries(ctx)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, c := range known {
		listed[c.Code] = c.Listed > 0
	}
	models := map[string]map[string]float64{}
	var out []held
	for _, c := range all {
		if !c.Areal() || math.IsNaN(c.Per100k(c.People)) {
			continue
		}
		b := held{Count: c, model: math.NaN()}
		if listed[c.Country] {
			if models[c.Country] == nil {
				if models[c.Country], err = e.treated(ctx, c.Country); err != nil {
					return nil, err
				}
			}
			if len(c.Regions) == 0 {
				b.model = models[c.Country][""]
			} else {
				b.model = 0
				for _, id := range c.Regions {
					b.model += models[c.Country][id]
				}
			}
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b held) int { return cmp.Compare(a.Area, b.Area) })
	return out, nil
}

// treated are the expected treated patients of a country (id "") and its
// regions, with every default.
func (e *env) treated(ctx context.Context, country string) (map[string]float64, error) {
	r, err := e.baseline(ctx, study.Baseline{Code: country}, "travel", "penalty")
	if err != nil {
		return nil, err
	}
	regions := r.Layer("regions")
	people, err := regions.Numbers("treated_hold")
	if err != nil {
		return nil, err
	}
	out := map[string]float64{"": float64(r.Summary.Penalty.Curves[0].Treated)}
	for i, n := range people {
		out[regions.ID(i)] = n
	}
	return out, nil
}

// realityTable is the model beside the counts, with what may explain a ratio
// above two.
func (e *env) realityTable(ctx context.Context) (string, error) {
	rows, err := e.countsBeside(ctx)
	if err != nil {
		return "", err
	}
	var p page
	p.line("Counted beside the model: treated patients a year of third-line large B-cell lymphoma (the default demand), all other defaults.")
	p.line("A ratio above two or under a half is marked; after it what sets the count apart.")
	p.line("\n%-34s %-24s %-11s %-14s %8s %8s %8s %8s %6s    %s", "area", "years", "indication", "stage", "a year", "per 100k", "model", "per 100k", "ratio", "the count is not the model's:")
	for _, b := range rows {
		mark := ""
		if r := b.ratio(); r > 2 || r < 0.5 {
			mark = "!"
		}
		yearly := "-"
		if y := b.PerYear(); y > 0 {
			yearly = number(study.Num(y), 0)
		}
		model, ratio := "-", "-"
		if !math.IsNaN(b.model) {
			model, ratio = number(study.Num(b.model), 1), fmt.Sprintf("%.1f", b.ratio())
		}
		p.line("%-34s %-24s %-11s %-14s %8s %8s %8s %8s %6s %1s  %s", b.Area, b.When(), b.Indication, b.Stage, yearly, rate(b.Per100k(b.People)),
			model, rate(1e5*b.model/b.People), ratio, mark, strings.Join(b.Why(modelled), "; "))
		if b.Note != "" {
			p.line("    %s (%s)", b.Note, b.Kind)
		}
	}
	return p.String(), nil
}
