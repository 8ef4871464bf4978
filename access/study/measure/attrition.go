package measure

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// AttritionMeasure asks how many are lost between referral and infusion, and
// what shorter stages would save.
type AttritionMeasure struct {
	LeavePerMonth float64                       `yaml:"leave_per_month" doc:"rate at which patients die, progress or go elsewhere; 0.05 to 0.21 has been implied"`
	Days          map[string]float64            `yaml:"days" doc:"STAGE: its days, such as {referral: 11, apheresis: 107, vein_to_vein: 32}"`
	Levers        map[string]map[string]float64 `yaml:"levers" doc:"NAME: {STAGE: days}, the stages that would be shorter"`
}

// Acting is that of [Params].
func (*AttritionMeasure) Acting(spec.Measure) []spec.Acting { return nil }

// Validate is that of [Params].
func (m *AttritionMeasure) Validate(_ *spec.Spec, _ spec.Measure, at string) error {
	if err := spec.Check(
		spec.That(m.LeavePerMonth > 0 && m.LeavePerMonth < 10, at+".leave_per_month", fmt.Sprintf("found %v", m.LeavePerMonth),
			"a rate above 0, such as 0.105"),
		spec.That(len(m.Days) > 0, at+".days", "is missing", "{STAGE: days}"),
	); err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(m.Days)) {
		if d := m.Days[k]; !(d >= 0) {
			return &spec.SpecError{Field: at + ".days." + k, Problem: fmt.Sprintf("found %v", d), Accept: "days of 0 or more"}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Levers)) {
		for stage, d := range m.Levers[name] {
			if _, ok := m.Days[stage]; !ok || !(d >= 0) {
				return &spec.SpecError{Field: at + ".levers." + name + "." + stage, Problem: fmt.Sprintf("found %v", d),
					Accept: "days of 0 or more for a stage of days: " + ground.Some(slices.Sorted(maps.Keys(m.Days)), 12)}
			}
		}
	}
	return nil
}

// attrition is who is lost between referral and infusion.
type attrition struct {
	*finding.Study
	of *AttritionMeasure
}

// FindAttrition finds who is lost on the way, where the study asks for it.
func FindAttrition(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if m := spec.Asked[*AttritionMeasure](s.Spec.Measures); m != nil {
		return &attrition{s, m}, nil
	}
	return nil, nil
}

// Tell is that of [Finding].
func (r *attrition) Tell(context.Context) error {
	m := r.of
	stages := slices.Sorted(maps.Keys(m.Days))
	with := func(change map[string]float64) (days []float64, sum float64) {
		for _, k := range stages {
			d := m.Days[k]
			if v, ok := change[k]; ok {
				d = v
			}
			days = append(days, d)
			sum += d
		}
		return days, sum
	}
	days, sum := with(nil)
	lost := access.Attrition(days, m.LeavePerMonth)
	s := &finding.AttritionSummary{Days: finding.Num(sum), LeavePerMonth: finding.Num(m.LeavePerMonth), Lost: finding.Num(lost)}
	name, total, share, more := []string{"today"}, []float64{sum}, []float64{lost}, []float64{0}
	for _, l := range slices.Sorted(maps.Keys(m.Levers)) {
		days, sum := with(m.Levers[l])
		x := access.Attrition(days, m.LeavePerMonth)
		gain := math.NaN()
		if r.Model != nil {
			gain = r.Model.Treated * ((1-x)/(1-lost) - 1)
		}
		s.Levers = append(s.Levers, finding.LeverSummary{Name: l, Days: finding.Num(sum), Lost: finding.Num(x),
			More: finding.Num((1-x)/(1-lost) - 1), Change: finding.Num(gain)})
		name, total, share, more = append(name, l), append(total, sum), append(share, x), append(more, gain)
	}
	r.Result.Summary.Attrition = s
	if finding.Of[*Waiting](r.Study) != nil {
		r.Note("attrition.overlap")
	}
	sh := finding.Sheet{Of: "attrition"}
	sh.Text("lever", name)
	sh.Number("days", total)
	sh.Number("lost_share", share)
	sh.Number("treated_change", more)
	return r.AddTable(sh.Table())
}
