package study

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access/study/finding"
	"careshed/access/study/measure"
	"careshed/geo/role"
)

// pitfalls are those that a study runs into.
type pitfalls struct{ *finding.Study }

func findPitfalls(_ context.Context, s *finding.Study) (finding.Finding, error) {
	return &pitfalls{s}, nil
}

// Tell notes them, in the order of docs/pitfalls.md.
func (r *pitfalls) Tell(ctx context.Context) error {
	var all []finding.Pitfall
	if err := finding.Each(r.Study, func(f finding.Misleading) error { all = append(all, f.Pitfalls()...); return nil }); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b finding.Pitfall) int { return a.Number - b.Number })
	for _, p := range all {
		n, err := p.Check(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
		if n == nil {
			continue
		}
		r.Result.Summary.Pitfalls = append(r.Result.Summary.Pitfalls, finding.PitfallSummary{Number: p.Number, Key: p.Key, People: n.People, Text: n.Text})
		r.Keep(*n)
	}
	return nil
}

// Pitfalls are those of the study as a whole.
func (r *pitfalls) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{
		{Number: 5, Key: "ecological", Check: r.ecological},
		{Number: 6, Key: "areal-units", Check: r.arealUnits},
		{Number: 20, Key: "funding", Check: r.industryFunded},
		{Number: 22, Key: "missing-is-not-zero", Check: r.missingIsNotZero},
	}
}

func (r *pitfalls) ecological(context.Context) (*Note, error) {
	fields := slices.Sorted(maps.Keys(r.Spec.Places.Groups))
	for _, q := range r.Spec.Inequality {
		if f := q.Field(); f != "" && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil, nil
	}
	people := r.PeopleWhere(func(i int) bool {
		return slices.ContainsFunc(fields, func(f string) bool { c, ok := r.Places.Column(f); return ok && !c.Null(i) })
	})
	return finding.Mind("ecological", people, "fields", fields)
}

func (r *pitfalls) arealUnits(context.Context) (*Note, error) {
	if elsewhere(r.Study) != nil {
		return nil, nil // both are shown
	}
	polygons := 0
	people := r.PeopleWhere(func(i int) bool {
		g := r.Places.Shape(i)
		if g == nil || g.GeoJSONType() == "Point" {
			return false
		}
		polygons++
		return true
	})
	if polygons == 0 {
		return nil, nil
	}
	return finding.Mind("areal-units", people, "n", polygons, "mean", int(math.Round(people/float64(polygons))))
}

func (r *pitfalls) industryFunded(context.Context) (*Note, error) {
	var names []string
	for _, p := range manifest(r.Study).Parameters {
		if !p.Given && p.Evidence != nil && p.Evidence.Funding != "" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return finding.Mind("funding", r.Total, "parameters", names)
}

func (r *pitfalls) missingIsNotZero(context.Context) (*Note, error) {
	var without, carless float64
	lacking := map[string]bool{}
	if j := finding.Of[*measure.Journeys](r.Study); j != nil {
		without = r.PeopleWhere(func(i int) bool {
			if b := j.Burden[i]; b.Missing != "" && !math.IsNaN(b.Trips) {
				lacking[b.Missing] = true
				return true
			}
			return false
		})
	}
	if f := r.Spec.Places.WithoutCar; f != "" {
		v, err := r.PeopleAmong(role.Part, f)
		if err != nil {
			return nil, fmt.Errorf("places.without_car: %w", err)
		}
		for i, n := range v {
			if n > r.People[i] {
				return nil, fmt.Errorf("places.without_car: place %s has %g people without a car of %g", r.Places.ID(i), n, r.People[i])
			}
			carless += n
		}
	}
	switch {
	case without > 0 && carless > 0:
		return finding.Mind("missing.both", math.Max(without, carless), "lacking", slices.Sorted(maps.Keys(lacking)), "without",
			int(math.Round(without)), "carless", int(math.Round(carless)))
	case without > 0:
		return finding.Mind("missing.cost", without, "lacking", slices.Sorted(maps.Keys(lacking)))
	case carless > 0:
		return finding.Mind("missing.car", carless)
	}
	return nil, nil
}
