package spec

import (
	"fmt"
)

// Variant is a measure with other settings, named in words.
type Variant struct {
	Label   string
	Measure Measure
}

// Variants are the settings of the sensitivity section: each threshold, each
// decay and each τ by itself, then threshold and decay together. A decay that
// does not suit a measure is left out there.
func (s Sensitivity) Variants(measures []Measure) []Variant {
	var out []Variant
	add := func(label string, change func(Measure) (Measure, bool)) {
		for _, m := range measures {
			if m, ok := change(m); ok {
				out = append(out, Variant{label, m})
			}
		}
	}
	decayed := func(d *DecaySpec) func(Measure) (Measure, bool) {
		return func(m Measure) (Measure, bool) { return m.WithDecay(d) }
	}
	set := func(param string, v float64) func(Measure) (Measure, bool) {
		return func(m Measure) (Measure, bool) { return m.With(param, v) }
	}
	for _, v := range s.LimitMin {
		add(fmt.Sprintf("limit_min=%g", v), set("limit_min", v))
	}
	for _, v := range s.TauMin {
		add(fmt.Sprintf("tau_min=%g", v), set("tau_min", v))
	}
	for i := range s.Decay {
		add("decay="+s.Decay[i].Words(), decayed(&s.Decay[i]))
	}
	for _, v := range s.LimitMin {
		for i := range s.Decay {
			add(fmt.Sprintf("limit_min=%g, decay=%s", v, s.Decay[i].Words()), func(m Measure) (Measure, bool) {
				m, ok := decayed(&s.Decay[i])(m)
				if !ok {
					return m, false
				}
				return m.With("limit_min", v)
			})
		}
	}
	return out
}
