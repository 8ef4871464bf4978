package study

import (
	"cmp"
	"context"
	"slices"
	"sort"
)

// headlines adds those of a measure with other settings to a table.
func (g *ground) headlines(ctx context.Context, t *tidy, v variant) error {
	scores, err := g.scores(ctx, v.measure)
	if err != nil {
		return err
	}
	for _, s := range scores {
		sum, err := g.summarize(s)
		if err != nil {
			return err
		}
		t.add(v.label, s.column, "mean", float64(sum.Mean))
		t.add(v.label, s.column, "median", float64(sum.Median))
		if s.bySite {
			continue
		}
		t.add(v.label, s.column, "people_with_value", float64(sum.People))
		var none float64
		for _, p := range sum.None {
			none += float64(p)
		}
		t.add(v.label, s.column, "people_without_supply", none)
		for _, q := range sum.Inequality {
			t.add(v.label, s.column, cmp.Or(q.Rank, "")+underscore(q.Rank)+q.Name, float64(q.Value))
		}
	}
	return nil
}

// sideBySide makes the tables of sensitivity and of a grid.
func (r *run) sideBySide(ctx context.Context) error {
	sensitivity := tidy{name: "sensitivity", title: "Measures with other settings"}
	for _, v := range r.spec.Sensitivity.variants(valuedOf(r.spec.Measures)) {
		if err := r.ground.headlines(ctx, &sensitivity, v); err != nil {
			return err
		}
	}
	grid := tidy{name: "grid", title: "Measures over a grid of parameters"}
	if len(r.spec.Grid) > 0 {
		for _, p := range r.spec.Points() {
			changed, err := r.spec.At(p)
			if err != nil {
				return err
			}
			for _, me := range valuedOf(changed.Measures) {
				if !p.names(me.Name) {
					continue
				}
				if err := r.ground.headlines(ctx, &grid, variant{p.String(), me}); err != nil {
					return err
				}
			}
		}
	}
	for _, t := range []*tidy{&sensitivity, &grid} {
		if len(t.value) > 0 {
			if err := r.addTable(t.table()); err != nil {
				return err
			}
		}
	}
	return nil
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }

func underscore(s string) string {
	if s == "" {
		return ""
	}
	return "_"
}

func sorted[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
