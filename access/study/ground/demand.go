package ground

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"careshed/access"
	"careshed/access/study/spec"
)

// funnelCount is a funnel with what it counts.
type funnelCount struct {
	Spec  spec.FunnelSpec
	Count access.FunnelCount
}

// loadDemand gives every place its eligible patients a year: a field, a rate for
// all, or the funnels from new cases.
func (in *Ground) loadDemand(context.Context) (err error) {
	d := in.Spec.Demand
	in.Eligible = make([]float64, in.Places.Len())
	switch {
	case d != nil && d.Eligible != "":
		if in.Eligible, err = in.Amounts(in.Places, d.Eligible); err != nil {
			return fmt.Errorf("demand.eligible: %w", err)
		}
	case d != nil && len(d.Funnel) > 0:
		in.label, in.fit = make([]float64, len(in.Eligible)), make([]float64, len(in.Eligible))
		for _, f := range d.Funnel {
			incident, err := in.incident(f)
			if err != nil {
				return fmt.Errorf("demand.funnel.%s: %w", f.Name, err)
			}
			var all float64
			for i, n := range incident {
				all += n
				c := f.Funnel().Count(n)
				in.Eligible[i] += c.Eligible
				in.label[i] += c.Label
				in.fit[i] += c.Fit
			}
			in.Funnels = append(in.Funnels, funnelCount{f, f.Funnel().Count(all)})
		}
	default:
		rate := in.rate()
		for i, p := range in.People {
			in.Eligible[i] = p * rate / 100_000
		}
	}
	return nil
}

// rate is the eligible patients a year per 100,000 people, given or default.
func (in *Ground) rate() float64 {
	if d := in.Spec.Demand; d != nil && d.EligiblePer100k > 0 {
		return d.EligiblePer100k
	}
	e, _ := access.Lookup("demand.eligible_per_100k")
	return e.Value
}

// incident is the new cases a year of every place.
func (in *Ground) incident(f spec.FunnelSpec) ([]float64, error) {
	out := make([]float64, in.Places.Len())
	if f.Incidence.Per100k > 0 {
		for i, p := range in.People {
			out[i] = p * f.Incidence.Per100k / 100_000
		}
		return out, nil
	}
	for _, field := range slices.Sorted(maps.Keys(f.Incidence.ByAge)) {
		v, err := in.Amounts(in.Places, field)
		if err != nil {
			return nil, err
		}
		for i, p := range v {
			out[i] += p * f.Incidence.ByAge[field] / 100_000
		}
	}
	return out, nil
}

// over is what reach is a share of: the patients of each place in the denominator
// that the spec names.
func (in *Ground) over() []float64 {
	switch in.Spec.Demand.ReachOf() {
	case "label":
		return in.label
	case "fit":
		return in.fit
	}
	return in.Eligible
}
