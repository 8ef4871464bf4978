package study

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"careshed/access"
)

// FunnelSpec leads from new cases of a disease to eligible patients at a line.
type FunnelSpec struct {
	Name      string        `yaml:"name" doc:"such as dlbcl-third-line"`
	Disease   string        `yaml:"disease" doc:"funnels of one disease must not count a patient twice"`
	Line      int           `yaml:"line" doc:"line of therapy: 3 is after two lines"`
	Incidence IncidenceSpec `yaml:"incidence" doc:"new cases a year"`
	FirstLine *float64      `yaml:"first_line" doc:"share of the new cases who are treated at all"`
	Progress  []float64     `yaml:"progress" doc:"shares who go on from each line to the next"`
	Covered   *float64      `yaml:"covered" doc:"share inside the label and paid for"`
	Fit       *float64      `yaml:"fit" doc:"share of these who are fit for the therapy"`
	Earlier   *float64      `yaml:"earlier" doc:"share of these who had the therapy at an earlier line"`
	Lag       []float64     `yaml:"lag" doc:"forecast: shares who reach the line 0, 1, 2, … years after diagnosis; all at once if left out"`
}

// IncidenceSpec is new cases a year, crude or by age.
type IncidenceSpec struct {
	Per100k float64            `yaml:"per_100k" doc:"new cases a year per 100,000 people"`
	Kind    string             `yaml:"kind" doc:"crude: age-standardised rates are not for multiplying with people"`
	ByAge   map[string]float64 `yaml:"by_age" doc:"FIELD: new cases a year per 100,000 of the people in that field (an age and sex group of the places)"`
}

// funnelCount is a funnel with what it counts.
type funnelCount struct {
	spec  FunnelSpec
	count access.FunnelCount
}

func validateFunnels(funnels []FunnelSpec) error {
	later := map[string]int{}
	for _, f := range funnels {
		at := "demand.funnel." + cmp.Or(f.Name, "NAME")
		i := f.Incidence
		if err := check(
			rule{f.Name != "" && f.Disease != "", at, "needs a name and a disease", "{name, disease, line, incidence, first_line, progress, covered, fit}"},
			rule{(i.Per100k > 0) != (len(i.ByAge) > 0), at + ".incidence", "needs per_100k or by_age, one of them", "{per_100k, kind: crude}, {by_age: {FIELD: per_100k}}"},
			rule{len(i.ByAge) > 0 || i.Kind == "crude", at + ".incidence.kind", fmt.Sprintf("found %q: an age-standardised rate times people counts patients of another population", i.Kind), "crude; or by_age with the people of each age"},
			rule{f.FirstLine != nil && f.Covered != nil && f.Fit != nil, at, "first_line, covered and fit must be named: a share left out is missing, not 1", "shares, 0 to 1"},
		); err != nil {
			return err
		}
		for field, rate := range i.ByAge {
			if !(rate >= 0) {
				return &SpecError{Field: at + ".incidence.by_age." + field, Problem: fmt.Sprintf("found %v", rate), Accept: "0 or more"}
			}
		}
		if err := f.funnel().Check(); err != nil {
			return &SpecError{Field: at, Problem: err.Error()}
		}
		var lag float64
		for _, l := range f.Lag {
			lag += l
		}
		if len(f.Lag) > 0 && !(lag > 0.999 && lag < 1.001) {
			return &SpecError{Field: at + ".lag", Problem: fmt.Sprintf("the shares sum to %g", lag), Accept: "shares that sum to 1"}
		}
		if f.Earlier == nil {
			later[f.Disease]++
		}
	}
	for _, f := range funnels {
		if later[f.Disease] > 1 {
			return &SpecError{Field: "demand.funnel." + f.Name + ".earlier", Problem: fmt.Sprintf("%d funnels of %s name none: who was treated at an earlier line would count twice", later[f.Disease], f.Disease),
				Accept: "the share treated at an earlier line, for every line but the first"}
		}
	}
	return nil
}

func (f FunnelSpec) funnel() access.Funnel {
	or := func(p *float64, v float64) float64 {
		if p != nil {
			return *p
		}
		return v
	}
	return access.Funnel{Name: f.Name, Disease: f.Disease, Line: f.Line, FirstLine: or(f.FirstLine, 1), Progress: f.Progress,
		Covered: or(f.Covered, 1), Fit: or(f.Fit, 1), Earlier: or(f.Earlier, 0)}
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
