package measure

import (
	"cmp"
	"context"
	"fmt"

	"careshed/access/study/finding"
	"careshed/access/study/spec"
)

// DelayMeasure multiplies a population-level figure of life-years by days.
type DelayMeasure struct {
	LifeYearsPerDay float64 `yaml:"life_years_per_day" doc:"life-years lost for every day that a new indication comes later"`
	Per             string  `yaml:"per" doc:"population: the figure is not a rate per patient or per center"`
	Days            float64 `yaml:"days" doc:"days of delay"`
}

// Validate is that of [Params].
func (m *DelayMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(
		spec.That(m.Per == "population", at+".per",
			fmt.Sprintf("life-years a day of delay are a figure for a whole population when an indication comes later; it is not a rate per %s",
				cmp.Or(m.Per, "patient or center")), "population"),
		spec.That(m.LifeYearsPerDay > 0, at+".life_years_per_day", "is missing", "1.3 (Canadian review; the paper was not found)"),
		spec.That(m.Days > 0, at+".days", "is missing", "days of delay"))
}

// Acting is that of [Params].
func (*DelayMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// delay is what days of delay cost.
type delay struct {
	*finding.Study
	of *DelayMeasure
}

// FindDelay finds what delay costs, where the study asks for it.
func FindDelay(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if m := spec.Asked[*DelayMeasure](s.Spec.Measures); m != nil {
		return &delay{s, m}, nil
	}
	return nil, nil
}

// Tell is that of [Finding].
func (d *delay) Tell(context.Context) error {
	d.Result.Summary.Delay = &finding.DelaySummary{LifeYearsPerDay: finding.Num(d.of.LifeYearsPerDay),
		Days: finding.Num(d.of.Days), LifeYears: finding.Num(d.of.LifeYearsPerDay * d.of.Days)}
	return nil
}
