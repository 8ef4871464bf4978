package measure

import (
	"context"

	"careshed/access/study/finding"
	"careshed/access/study/spec"
)

// headlines adds those of a measure with other settings to a table.
func (g *basis) headlines(ctx context.Context, t *finding.Tidy, v spec.Variant) error {
	scores, err := g.scores(ctx, v.Measure)
	if err != nil {
		return err
	}
	for _, s := range scores {
		sum, err := summarize(ctx, g.Ground, s)
		if err != nil {
			return err
		}
		t.Add(v.Label, s.column, "mean", float64(sum.Mean))
		t.Add(v.Label, s.column, "median", float64(sum.Median))
		if s.bySite {
			continue
		}
		t.Add(v.Label, s.column, "people_with_value", float64(sum.People))
		var none float64
		for _, p := range sum.None {
			none += float64(p)
		}
		t.Add(v.Label, s.column, "people_without_supply", none)
		for _, q := range sum.Inequality {
			t.Add(v.Label, s.column, q.Name+finding.Underscore(q.Rank)+q.Rank, float64(q.Value))
		}
	}
	return nil
}

// sideBySide makes the tables of sensitivity and of a grid.
func (r *scored) sideBySide(ctx context.Context) error {
	sensitivity := finding.Tidy{Of: "sensitivity"}
	for _, v := range r.Spec.Sensitivity.Variants(valuedOf(r.Spec.Measures)) {
		if err := r.basis.headlines(ctx, &sensitivity, v); err != nil {
			return err
		}
	}
	grid := finding.Tidy{Of: "grid"}
	if len(r.Spec.Grid) > 0 {
		for _, p := range r.Spec.Points() {
			changed, err := r.Spec.At(p)
			if err != nil {
				return err
			}
			for _, me := range valuedOf(changed.Measures) {
				if !p.Names(me.Name) {
					continue
				}
				if err := r.basis.headlines(ctx, &grid, spec.Variant{Label: p.String(), Measure: me}); err != nil {
					return err
				}
			}
		}
	}
	for _, t := range []*finding.Tidy{&sensitivity, &grid} {
		if len(t.Value) > 0 {
			if err := r.AddTable(t.Table()); err != nil {
				return err
			}
		}
	}
	return nil
}
