package study

import (
	"careshed/access"
	"context"
	"math"
)

// demanded is how new cases become eligible patients.
type demanded struct{ *Study }

func findDemand(_ context.Context, s *Study) (Finding, error) {
	if len(s.Funnels) == 0 {
		return nil, nil
	}
	return &demanded{s}, nil
}

// Tell shows the funnels and what reach means over each denominator.
func (r *demanded) Tell(context.Context) error {
	var all access.FunnelCount
	s := &DemandSummary{ReachLabel: Num(math.NaN()), ReachFit: Num(math.NaN())}
	for _, f := range r.Funnels {
		c := f.Count
		s.Funnels = append(s.Funnels, FunnelSummary{f.Spec.Name, f.Spec.Disease, f.Spec.Line, Num(c.Incident), Num(c.FirstLine),
			Num(c.AtLine), Num(c.Label), Num(c.Fit), Num(c.Eligible),
			Num(c.Eligible / r.Total * 100_000)})
		all.Label += c.Label
		all.Fit += c.Fit
		all.Eligible += c.Eligible
	}
	s.Eligible, s.Per100k = Num(all.Eligible), Num(all.Eligible/r.Total*100_000)
	if m := r.Model; m != nil {
		s.ReachLabel, s.ReachFit = Num(m.Treated/all.Label), Num(m.Treated/all.Fit)
	}
	r.Result.Summary.Demand = s
	var sh sheet
	var name, disease []string
	var line, incident, first, at, label, fit, eligible, rate []float64
	for _, f := range s.Funnels {
		name, disease, line = append(name, f.Name), append(disease, f.Disease), append(line, float64(f.Line))
		incident, first, at = append(incident, float64(f.Incident)), append(first, float64(f.FirstLine)), append(at, float64(f.AtLine))
		label, fit = append(label, float64(f.Label)), append(fit, float64(f.Fit))
		eligible, rate = append(eligible, float64(f.Eligible)), append(rate, float64(f.Per100k))
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
	return r.AddTable(sh.table("demand", "From new cases to eligible patients"))
}
