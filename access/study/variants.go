package study

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"careshed/geo/travel"
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
		return func(m Measure) (Measure, bool) {
			if m.FCA == nil || m.FCA.Decay == nil {
				return m, false
			}
			f := *m.FCA
			f.Decay, m.FCA = d, &f
			return m, validateFCA(m, "") == nil // a kernel measure takes kernels only
		}
	}
	set := func(param string, v float64) func(Measure) (Measure, bool) {
		return func(m Measure) (Measure, bool) { return m.set(param, v) }
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
				return m.set("limit_min", v)
			})
		}
	}
	return out
}

// headlines adds those of a measure with other settings to a table.
func (in *inputs) headlines(ctx context.Context, t *tidy, v variant, m *travel.Matrix, supplies [][]float64) error {
	scores, err := in.score(ctx, v.measure, m, supplies)
	if err != nil {
		return err
	}
	for _, s := range scores {
		sum, err := in.summarize(s)
		if err != nil {
			return err
		}
		t.add(v.label, s.column, "mean", float64(sum.Mean))
		t.add(v.label, s.column, "median", float64(sum.Median))
		if sum.Of == "sites" {
			continue
		}
		t.add(v.label, s.column, "people_with_value", float64(sum.People))
		var none float64
		for _, p := range sum.None {
			none += float64(p)
		}
		t.add(v.label, s.column, "people_without_supply", none)
		for _, q := range sum.Inequality {
			t.add(v.label, s.column, orWord(q.Rank, "")+underscore(q.Rank)+q.Name, float64(q.Value))
		}
	}
	return nil
}

// sideBySide makes the tables of sensitivity and of a grid, nil where the study
// asks for none.
func (in *inputs) sideBySide(ctx context.Context, m *travel.Matrix, supplies [][]float64) (sensitivity, grid *tidy, err error) {
	for _, v := range in.spec.Sensitivity.variants(in.measured()) {
		if sensitivity == nil {
			sensitivity = &tidy{name: "sensitivity", title: "Measures with other settings"}
		}
		if err := in.headlines(ctx, sensitivity, v, m, supplies); err != nil {
			return nil, nil, err
		}
	}
	if len(in.spec.Grid) == 0 {
		return sensitivity, nil, nil
	}
	grid = &tidy{name: "grid", title: "Measures over a grid of parameters"}
	for _, p := range in.spec.Points() {
		changed, err := in.spec.At(p)
		if err != nil {
			return nil, nil, err
		}
		for _, me := range changed.Measures {
			if (me.FCA != nil || me.RAAM != nil) && p.names(me.Name) {
				if err := in.headlines(ctx, grid, variant{p.String(), me}, m, supplies); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	return sensitivity, grid, nil
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
