package spec

import (
	"fmt"
	"math"
	"strconv"
)

// ForecastSpec looks ahead: who will be eligible and treated, and what a target
// asks of each lever.
type ForecastSpec struct {
	From            int                `yaml:"from" most:"-" doc:"the year of the study's demand"`
	To              int                `yaml:"to" most:"-" doc:"the last year"`
	PeopleGrowth    float64            `yaml:"people_growth" doc:"growth of the people a year, such as 0.004"`
	IncidenceGrowth float64            `yaml:"incidence_growth" doc:"growth of new cases a head a year"`
	ReferralGrowth  float64            `yaml:"referral_growth" doc:"growth of the odds of treatment a year by awareness and referral"`
	Opens           map[string]string  `yaml:"opens" doc:"YEAR: the scenario whose centers stand from then on"`
	BuildYears      int                `yaml:"build_years" most:"years" doc:"years from the decision to the first patient, added to each of opens"`
	Capacity        map[string]float64 `yaml:"capacity" doc:"YEAR: treatments that there is room for, straight between years; no limit if left out"`
	Target          *TargetSpec        `yaml:"target" doc:"what is aimed at in the last year"`
	History         map[string]float64 `yaml:"history" doc:"YEAR: patients treated, for trends beside the forecast"`
	HoldOut         int                `yaml:"hold_out" most:"years" default:"1" doc:"last years that the trends are tested on"`
}

// TargetSpec is a goal for the last year.
type TargetSpec struct {
	Double string `yaml:"double" doc:"proportion (of the eligible who are treated) or number (of patients): they differ as the eligible grow"`
}

func validateForecast(s *Spec) error {
	f := s.Forecast
	if f == nil {
		return nil
	}
	if err := Check(
		Rule{f.From >= 1990 && f.From < f.To && f.To <= f.From+50, "forecast", fmt.Sprintf("found %d to %d", f.From, f.To),
			"from: YEAR, to: a later YEAR, at most 50 on"},
		Rule{math.Abs(f.PeopleGrowth) < 0.5 && math.Abs(f.IncidenceGrowth) < 0.5 && math.Abs(f.ReferralGrowth) < 5, "forecast",
			"a growth is out of range", "a share a year, such as 0.01"},
		Rule{f.BuildYears >= 0, "forecast.build_years", "is below 0", "0 or more"},
		Rule{f.HoldOut >= 0, "forecast.hold_out", "is below 0", "0 or more"},
		Rule{f.Target == nil || In(f.Target.Double, "proportion", "number"), "forecast.target.double", "is missing", "proportion, number"},
	); err != nil {
		return err
	}
	for y, name := range f.Opens {
		found := false
		for _, sc := range s.Scenarios {
			found = found || sc.Name == name
		}
		if _, err := strconv.Atoi(y); err != nil || !found {
			return &SpecError{Field: "forecast.opens." + y, Problem: fmt.Sprintf("found %q", name), Accept: "YEAR: the name of a scenario"}
		}
	}
	for field, m := range map[string]map[string]float64{"capacity": f.Capacity, "history": f.History} {
		for y, v := range m {
			if _, err := strconv.Atoi(y); err != nil || !(v >= 0) {
				return &SpecError{Field: "forecast." + field + "." + y, Problem: fmt.Sprintf("found %v", v), Accept: "YEAR: a number of 0 or more"}
			}
		}
	}
	return nil
}

func (d *DemandSpec) ReachOf() string {
	if d == nil {
		return ""
	}
	return d.Denominator
}
