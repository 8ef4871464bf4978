package measure

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// ChoiceMeasure asks where people go if they choose among the centers by a
// conditional logit, fitted to flows or given: how long that takes, how many go to
// the nearest, and how many come to each site.
type ChoiceMeasure struct {
	Fit          []string           `yaml:"fit" doc:"terms to fit to the flows: minutes, log_minutes, border (another country), region_border, a field of the sites, or log_FIELD, its logarithm"`
	Coefficients map[string]float64 `yaml:"coefficients" doc:"TERM: its coefficient, in place of fit; {log_minutes: -2} is Huff's model with the exponent 2"`
	HoldOut      int                `yaml:"hold_out" most:"folds" doc:"fit: also without the sites, in so many folds, and what is then expected at them; none if left out"`
}

// Validate is that of [Params].
func (c *ChoiceMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	if err := spec.Check(
		spec.That((len(c.Fit) > 0) != (len(c.Coefficients) > 0), at, "needs terms to fit or coefficients, one of the two",
			"fit: [minutes] or coefficients: {log_minutes: -2}"),
		spec.That(len(c.Fit) == 0 || s.Flows != nil, at+".fit", "there are no flows to fit to", "flows, or coefficients"),
		spec.That(c.HoldOut == 0 || c.HoldOut > 1 && len(c.Fit) > 0, at+".hold_out", fmt.Sprintf("found %d", c.HoldOut), "beside fit, 2 or more folds"),
	); err != nil {
		return err
	}
	for k, name := range c.Fit {
		if slices.Contains(c.Fit[:k], name) {
			return &spec.SpecError{Field: at + ".fit", Problem: name + " stands twice", Accept: "each term once"}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Coefficients)) {
		if v := c.Coefficients[name]; math.IsNaN(v) || math.IsInf(v, 0) {
			return &spec.SpecError{Field: at + ".coefficients." + name, Problem: fmt.Sprintf("found %v", v), Accept: "a number"}
		}
	}
	return nil
}

// Acting is that of [Params].
func (c *ChoiceMeasure) Acting(spec.Measure) []spec.Acting {
	if len(c.Fit) > 0 {
		return []spec.Acting{{Name: "fit", Value: strings.Join(c.Fit, ", "), Given: true}}
	}
	var words []string
	for _, name := range slices.Sorted(maps.Keys(c.Coefficients)) {
		words = append(words, fmt.Sprintf("%s %g", name, c.Coefficients[name]))
	}
	return []spec.Acting{{Name: "coefficients", Value: strings.Join(words, ", "), Given: true}}
}

// Reach is that of [ground.Reaching]: all sites that there are.
func (*ChoiceMeasure) Reach(spec.Measure) float64 { return 0 }

// model are the terms and their coefficients; none of these where the fit has no
// estimate.
func (c *ChoiceMeasure) model(ctx context.Context, in *ground.Ground) (names []string, beta []float64, err error) {
	if len(c.Fit) == 0 {
		for _, name := range slices.Sorted(maps.Keys(c.Coefficients)) {
			names, beta = append(names, name), append(beta, c.Coefficients[name])
		}
		return names, beta, nil
	}
	o, err := in.Choose(ctx, c.Fit)
	if err != nil || o.Fit.Unbounded != nil {
		return c.Fit, nil, err
	}
	return c.Fit, o.Fit.Coef, nil
}

// noEstimate is why a place has no value where the likelihood of a choice rises
// without end.
const noEstimate travel.Reason = "the choice that would be fitted has no estimate"

// shares are the probabilities of all legs of the basis, nil without an estimate.
func (c *ChoiceMeasure) shares(ctx context.Context, g *basis) ([]float64, error) {
	names, beta, err := c.model(ctx, g.Ground)
	if err != nil || beta == nil {
		return nil, err
	}
	terms, err := g.Terms(names, ground.Goals(g.sites))
	if err != nil {
		return nil, err
	}
	choices, err := access.NewChoices(g.matrix, nil, terms)
	if err != nil {
		return nil, err
	}
	return choices.Shares(beta), nil
}

func (c *ChoiceMeasure) values(ctx context.Context, g *basis, m spec.Measure) ([]*score, error) {
	share, err := c.shares(ctx, g)
	if err != nil {
		return nil, err
	}
	time, nearest := newScore(m, "choice", g.People, ""), newScore(m, "choice_nearest", g.People, "")
	site := newScore(m, "choice_people", g.People, "")
	time.title, time.unit = "Time to the center that people choose, expected", "min"
	nearest.title = "Share of people who choose the nearest center"
	site.title, site.unit, site.bySite = "People who choose the site, expected", "people", true
	time.value, nearest.value, site.value = ground.NaNs(g.matrix.Places), ground.NaNs(g.matrix.Places), make([]float64, g.matrix.Sites)
	time.reason, nearest.reason = make([]travel.Reason, g.matrix.Places), make([]travel.Reason, g.matrix.Places)
	if share == nil {
		site.value = ground.NaNs(g.matrix.Sites)
	}
	for i := range g.matrix.Places {
		js, times := g.matrix.Row(i)
		switch {
		case share == nil:
			time.reason[i], nearest.reason[i] = noEstimate, noEstimate
			continue
		case len(js) == 0:
			time.reason[i], nearest.reason[i] = access.Uncovered, access.Uncovered
			continue
		}
		time.value[i], nearest.value[i] = 0, 0
		least := slices.Min(times)
		for k, p := range share[g.matrix.Start[i]:g.matrix.Start[i+1]] {
			time.value[i] += p * times[k].Minutes()
			if times[k] == least {
				nearest.value[i] += p
			}
			site.value[js[k]] += p * g.People[i]
		}
		nearest.value[i] = min(1, nearest.value[i])
		// A mean of equal times may err by its last digit.
		time.value[i] = math.Max(time.value[i], least.Minutes())
	}
	return []*score{time, nearest, site}, nil
}
