package study

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
)

// variant is a measure with other settings, named in words.
type variant struct {
	label   string
	measure Measure
}

// variants are the settings of the sensitivity section: each threshold, each
// decay and each τ by itself, then threshold and decay together. A decay that
// does not suit a measure is left out there.
func (s Sensitivity) variants(measures []Measure) []variant {
	var out []variant
	add := func(label string, change func(Measure) (Measure, bool)) {
		for _, m := range measures {
			if m, ok := change(m); ok {
				out = append(out, variant{label, m})
			}
		}
	}
	decayed := func(d *DecaySpec) func(Measure) (Measure, bool) {
		return func(m Measure) (Measure, bool) { return m.decaying(d) }
	}
	set := func(param string, v float64) func(Measure) (Measure, bool) {
		return func(m Measure) (Measure, bool) { return m.with(param, v) }
	}
	for _, v := range s.LimitMin {
		add(fmt.Sprintf("limit_min=%g", v), set("limit_min", v))
	}
	for _, v := range s.TauMin {
		add(fmt.Sprintf("tau_min=%g", v), set("tau_min", v))
	}
	for i := range s.Decay {
		add("decay="+s.Decay[i].words(), decayed(&s.Decay[i]))
	}
	for _, v := range s.LimitMin {
		for i := range s.Decay {
			add(fmt.Sprintf("limit_min=%g, decay=%s", v, s.Decay[i].words()), func(m Measure) (Measure, bool) {
				m, ok := decayed(&s.Decay[i])(m)
				if !ok {
					return m, false
				}
				return m.with("limit_min", v)
			})
		}
	}
	return out
}

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
	for _, v := range r.spec.Sensitivity.variants(r.spec.Measures.valued()) {
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
			for _, me := range changed.Measures.valued() {
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
