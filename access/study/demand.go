package study

import (
	"context"
	"fmt"
	"math"

	"careshed/access"
)

// funnelCount is a funnel with what it counts.
type funnelCount struct {
	spec  FunnelSpec
	count access.FunnelCount
}

// loadDemand gives every place its eligible patients a year: a field, a rate for
// all, or the funnels from new cases.
func (in *inputs) loadDemand(context.Context) (err error) {
	d := in.spec.Demand
	in.eligible = make([]float64, in.places.Len())
	switch {
	case d != nil && d.Eligible != "":
		if in.eligible, err = in.amounts(in.places, d.Eligible); err != nil {
			return fmt.Errorf("demand.eligible: %w", err)
		}
	case d != nil && len(d.Funnel) > 0:
		in.label, in.fit = make([]float64, len(in.eligible)), make([]float64, len(in.eligible))
		for _, f := range d.Funnel {
			incident, err := in.incident(f)
			if err != nil {
				return fmt.Errorf("demand.funnel.%s: %w", f.Name, err)
			}
			var all float64
			for i, n := range incident {
				all += n
				c := f.funnel().Count(n)
				in.eligible[i] += c.Eligible
				in.label[i] += c.Label
				in.fit[i] += c.Fit
			}
			in.funnels = append(in.funnels, funnelCount{f, f.funnel().Count(all)})
		}
	default:
		rate := in.rate()
		for i, p := range in.people {
			in.eligible[i] = p * rate / 100_000
		}
	}
	return nil
}

// rate is the eligible patients a year per 100,000 people, given or default.
func (in *inputs) rate() float64 {
	if d := in.spec.Demand; d != nil && d.EligiblePer100k > 0 {
		return d.EligiblePer100k
	}
	e, _ := access.Lookup("demand.eligible_per_100k")
	return e.Value
}

// incident is the new cases a year of every place.
func (in *inputs) incident(f FunnelSpec) ([]float64, error) {
	out := make([]float64, in.places.Len())
	if f.Incidence.Per100k > 0 {
		for i, p := range in.people {
			out[i] = p * f.Incidence.Per100k / 100_000
		}
		return out, nil
	}
	for _, field := range sorted(f.Incidence.ByAge) {
		v, err := in.amounts(in.places, field)
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
func (in *inputs) over() []float64 {
	switch in.spec.Demand.denominator() {
	case "label":
		return in.label
	case "fit":
		return in.fit
	}
	return in.eligible
}

// presentDemand shows the funnels and what reach means over each denominator.
func (r *run) presentDemand(context.Context) error {
	if len(r.funnels) == 0 {
		return nil
	}
	var all access.FunnelCount
	s := &DemandSummary{ReachLabel: Num(math.NaN()), ReachFit: Num(math.NaN())}
	for _, f := range r.funnels {
		c := f.count
		s.Funnels = append(s.Funnels, FunnelSummary{f.spec.Name, f.spec.Disease, f.spec.Line, Num(c.Incident), Num(c.FirstLine), Num(c.AtLine), Num(c.Label), Num(c.Fit), Num(c.Eligible),
			Num(c.Eligible / r.total * 100_000)})
		all.Label += c.Label
		all.Fit += c.Fit
		all.Eligible += c.Eligible
	}
	s.Eligible, s.Per100k = Num(all.Eligible), Num(all.Eligible/r.total*100_000)
	if m := r.model; m != nil {
		s.ReachLabel, s.ReachFit = Num(m.treated/all.Label), Num(m.treated/all.Fit)
	}
	r.result.Summary.Demand = s
	var sh sheet
	var name, disease []string
	var line, incident, first, at, label, fit, eligible, rate []float64
	for _, f := range s.Funnels {
		name, disease, line = append(name, f.Name), append(disease, f.Disease), append(line, float64(f.Line))
		incident, first, at = append(incident, float64(f.Incident)), append(first, float64(f.FirstLine)), append(at, float64(f.AtLine))
		label, fit, eligible, rate = append(label, float64(f.Label)), append(fit, float64(f.Fit)), append(eligible, float64(f.Eligible)), append(rate, float64(f.Per100k))
	}
	sh.text("funnel", "Funnel", name)
	sh.text("disease", "Disease", disease)
	sh.count("line", "Line of therapy", line)
	sh.number("incident", "New cases", "patients a year", incident)
	sh.number("first_line", "Treated at all", "patients a year", first)
	sh.number("at_line", "Reach the line", "patients a year", at)
	sh.number("label", "Inside the label and paid for", "patients a year", label)
	sh.number("fit", "Of these, fit", "patients a year", fit)
	sh.number("eligible", "Of these, not treated earlier", "patients a year", eligible)
	sh.number("eligible_per_100k", "Eligible per 100,000 people", "per 100,000", rate)
	return r.addTable(sh.table("demand", "From new cases to eligible patients"))
}
