package ground

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo/role"
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
		if in.Eligible, err = in.PeopleAmong(role.Yearly, d.Eligible); err != nil {
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
	rate, _ := in.sureRate()
	return rate
}

// sureRate is rate with an interval whose ends are as far apart, one over the other, as
// the sources have it: that of the register, or what several indications add up to.
func (in *Ground) sureRate() (rate float64, interval [2]float64) {
	d := in.Spec.Demand
	if d != nil && len(d.Indications) > 0 {
		rate, interval, _ = access.EligibleOf(d.Indications, d.Rates) // the spec is checked
		return rate, interval
	}
	e, _ := access.Lookup("demand.eligible_per_100k")
	if d != nil && d.EligiblePer100k > 0 {
		return d.EligiblePer100k, e.Interval.Around(e.Value)
	}
	return e.Value, e.Interval.Around(e.Value)
}

// Indications are the keys of the indications that the eligible have, none where their
// number is the study's own: a field, funnels or another rate than that of the register.
func (in *Ground) Indications() []string {
	first := access.Indications()[0]
	switch d := in.Spec.Demand; {
	case d == nil:
		return []string{first.Key}
	case len(d.Indications) > 0:
		return d.Indications
	case d.Eligible != "" || len(d.Funnel) > 0:
		return nil
	default:
		if rate, _, _ := first.Per100k(0); in.rate() != rate {
			return nil
		}
		return []string{first.Key}
	}
}

// Patients says in words who the eligible are: of which indications, or whence their
// number.
func (in *Ground) Patients() []string {
	d := in.Spec.Demand
	if d != nil && d.Eligible != "" {
		return []string{"as in field " + d.Eligible}
	}
	var names []string
	for _, k := range in.Indications() {
		i, _ := access.IndicationOf(k)
		names = append(names, i.Name)
	}
	if names != nil {
		return names
	}
	for _, f := range d.Funnel {
		names = append(names, f.Name)
	}
	if names == nil {
		return []string{fmt.Sprintf("at the study's own rate of %g per 100,000 a year", in.rate())}
	}
	return names
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
		v, err := in.PeopleAmong(role.Part, field)
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
