package spec

import (
	"cmp"
	"fmt"

	"careshed/access"
)

// FunnelSpec leads from new cases of a disease to eligible patients at a line.
type FunnelSpec struct {
	Name      string        `yaml:"name" doc:"such as dlbcl-third-line"`
	Disease   string        `yaml:"disease" doc:"funnels of one disease must not count a patient twice"`
	Line      int           `yaml:"line" most:"lines" doc:"line of therapy: 3 is after two lines"`
	Incidence IncidenceSpec `yaml:"incidence" doc:"new cases a year"`
	FirstLine *float64      `yaml:"first_line" doc:"share of the new cases who are treated at all"`
	Progress  []float64     `yaml:"progress" most:"lines" doc:"shares who go on from each line to the next"`
	Covered   *float64      `yaml:"covered" doc:"share inside the label and paid for"`
	Fit       *float64      `yaml:"fit" doc:"share of these who are fit for the therapy"`
	Earlier   *float64      `yaml:"earlier" doc:"share of these who had the therapy at an earlier line"`
	Lag       []float64     `yaml:"lag" most:"years" doc:"forecast: shares who reach the line 0, 1, 2, … years after diagnosis; all at once if left out"`
}

// IncidenceSpec is new cases a year, crude or by age.
type IncidenceSpec struct {
	Per100k float64            `yaml:"per_100k" doc:"new cases a year per 100,000 people"`
	Kind    string             `yaml:"kind" doc:"crude: age-standardised rates are not for multiplying with people"`
	ByAge   map[string]float64 `yaml:"by_age" doc:"FIELD: new cases a year per 100,000 of the people in that field (an age and sex group of the places)"`
}

func validateFunnels(funnels []FunnelSpec) error {
	later := map[string]int{}
	for _, f := range funnels {
		at := "demand.funnel." + cmp.Or(f.Name, "NAME")
		i := f.Incidence
		if err := Check(
			Rule{f.Name != "" && f.Disease != "", at, "needs a name and a disease", "{name, disease, line, incidence, first_line, progress, covered, fit}"},
			Rule{(i.Per100k > 0) != (len(i.ByAge) > 0), at + ".incidence", "needs per_100k or by_age, one of them",
				"{per_100k, kind: crude}, {by_age: {FIELD: per_100k}}"},
			Rule{len(i.ByAge) > 0 || i.Kind == "crude", at + ".incidence.kind",
				fmt.Sprintf("found %q: an age-standardised rate times people counts patients of another population", i.Kind),
				"crude; or by_age with the people of each age"},
			Rule{f.FirstLine != nil && f.Covered != nil && f.Fit != nil, at,
				"first_line, covered and fit must be named: a share left out is missing, not 1", "shares, 0 to 1"},
		); err != nil {
			return err
		}
		for field, rate := range i.ByAge {
			if !(rate >= 0) {
				return &SpecError{Field: at + ".incidence.by_age." + field, Problem: fmt.Sprintf("found %v", rate), Accept: "0 or more"}
			}
		}
		if err := f.Funnel().Check(); err != nil {
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
			return &SpecError{Field: "demand.funnel." + f.Name + ".earlier",
				Problem: fmt.Sprintf("%d funnels of %s name none: who was treated at an earlier line would count twice", later[f.Disease], f.Disease),
				Accept:  "the share treated at an earlier line, for every line but the first"}
		}
	}
	return nil
}

// givesAway refuses what would give withheld numbers of patients away where they are
// counted: scores of who asks, and what candidates gain in treated patients.
func givesAway(s *Spec) error {
	if s.Privacy == nil || s.Privacy.SuppressBelow == 0 || s.Demand == nil || s.Demand.Eligible == "" {
		return nil
	}
	for _, m := range s.Measures {
		if m.Words()["demand"] == "eligible" {
			return &SpecError{Field: "measures." + m.Name + ".demand", Accept: "people",
				Problem: "eligible patients are counted in " + s.Demand.Eligible + ", and small numbers are withheld: a score would give them away"}
		}
	}
	if s.Siting.Aims("treated") {
		return &SpecError{Field: "siting.goal",
			Accept: "a goal that counts people, such as mean_time or covered; or no privacy, in a result that is not published",
			Problem: "eligible patients are counted in " + s.Demand.Eligible +
				", and small numbers are withheld: what each candidate gains would give them away"}
	}
	return nil
}

func (f FunnelSpec) Funnel() access.Funnel {
	or := func(p *float64, v float64) float64 {
		if p != nil {
			return *p
		}
		return v
	}
	return access.Funnel{Name: f.Name, Disease: f.Disease, Line: f.Line, FirstLine: or(f.FirstLine, 1), Progress: f.Progress,
		Covered: or(f.Covered, 1), Fit: or(f.Fit, 1), Earlier: or(f.Earlier, 0)}
}
