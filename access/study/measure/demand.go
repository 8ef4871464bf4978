package measure

import (
	"context"
	"math"

	"careshed/access"
	"careshed/access/study/finding"
)

// demanded is how new cases become eligible patients.
type demanded struct{ *finding.Study }

// FindDemand finds how new cases become eligible, where the study asks for it.
func FindDemand(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if len(s.Funnels) == 0 {
		return nil, nil
	}
	return &demanded{s}, nil
}

// Tell shows the funnels and what reach means over each denominator.
func (r *demanded) Tell(context.Context) error {
	var all access.FunnelCount
	s := &finding.DemandSummary{ReachLabel: finding.Num(math.NaN()), ReachFit: finding.Num(math.NaN())}
	for _, f := range r.Funnels {
		c := f.Count
		s.Funnels = append(s.Funnels, finding.FunnelSummary{Name: f.Spec.Name, Disease: f.Spec.Disease,
			Line: f.Spec.Line, Incident: finding.Num(c.Incident), FirstLine: finding.Num(c.FirstLine),
			AtLine: finding.Num(c.AtLine), Label: finding.Num(c.Label), Fit: finding.Num(c.Fit), Eligible: finding.Num(c.Eligible),
			Per100k: finding.Num(c.Eligible / r.Total * 100_000)})
		all.Label += c.Label
		all.Fit += c.Fit
		all.Eligible += c.Eligible
	}
	s.Eligible, s.Per100k = finding.Num(all.Eligible), finding.Num(all.Eligible/r.Total*100_000)
	if m := r.Model; m != nil {
		s.ReachLabel, s.ReachFit = finding.Num(m.Treated/all.Label), finding.Num(m.Treated/all.Fit)
	}
	r.Result.Summary.Demand = s
	sh := finding.Sheet{Of: "demand"}
	var name, disease []string
	var line, incident, first, at, label, fit, eligible, rate []float64
	for _, f := range s.Funnels {
		name, disease, line = append(name, f.Name), append(disease, f.Disease), append(line, float64(f.Line))
		incident, first, at = append(incident, float64(f.Incident)), append(first, float64(f.FirstLine)), append(at, float64(f.AtLine))
		label, fit = append(label, float64(f.Label)), append(fit, float64(f.Fit))
		eligible, rate = append(eligible, float64(f.Eligible)), append(rate, float64(f.Per100k))
	}
	sh.Text("funnel", name)
	sh.Text("disease", disease)
	sh.Count("line", line)
	sh.Number("incident", incident)
	sh.Number("first_line", first)
	sh.Number("at_line", at)
	sh.Number("label", label)
	sh.Number("fit", fit)
	sh.Number("eligible", eligible)
	sh.Number("eligible_per_100k", rate)
	return r.AddTable(sh.Table())
}
