package study

import (
	"math"
	"strings"
	"testing"
)

const germany = `demand:
  reach: 0.2
  denominator: fit
  funnel:
    - {name: third, disease: dlbcl, line: 3, incidence: {per_100k: 12.7, kind: crude}, first_line: 0.805, progress: [0.19, 0.3375], covered: 0.9, fit: 0.5, earlier: 0.1}
`

// The line funnel of German claims (2,633 new cases, 2,119 first line, 403
// second, 136 third) on the toy's 300,000 people, every place by its share.
func TestFunnel(t *testing.T) {
	spec := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", germany, 1)
	r := runSpec(t, toy(t), spec)
	d := r.Summary.Demand
	incident := 300_000 * 12.7 / 100_000
	line := incident * 0.805 * 0.19 * 0.3375
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"incident", float64(d.Funnels[0].Incident), incident}, {"at the line", float64(d.Funnels[0].AtLine), line},
		{"share of the incident at the line, 5.2 % in the source", math.Round(1000*line/incident) / 10, 5.2},
		{"label", float64(d.Funnels[0].Label), line * 0.9}, {"fit", float64(d.Funnels[0].Fit), line * 0.45},
		{"eligible", float64(d.Eligible), line * 0.405}, {"penalty's eligible", float64(r.Summary.Penalty.Eligible), line * 0.405},
		{"of a place", column(t, r.Layer("places"), "eligible")[0], line * 0.405 / 3},
	} {
		if math.Abs(c.got-c.want) > 1e-9*math.Abs(c.want) {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	// Reach over either denominator, side by side.
	if !(d.ReachLabel > 0 && d.ReachFit == 2*d.ReachLabel) {
		t.Errorf("reach %v of label, %v of fit", d.ReachLabel, d.ReachFit)
	}
	// By age: the same people, the same rate, the same patients.
	by := runSpec(t, toy(t), strings.Replace(spec, "{per_100k: 12.7, kind: crude}", "{by_age: {population: 12.7}}", 1))
	if by.Summary.Demand.Eligible != d.Eligible {
		t.Errorf("by age %v, crude %v", by.Summary.Demand.Eligible, d.Eligible)
	}
	for change, want := range map[[2]string]string{
		{"kind: crude", "kind: age-standardised"}:          "demand.funnel.third.incidence.kind: found \"age-standardised\"",
		{", kind: crude", ""}:                              "demand.funnel.third.incidence.kind: found \"\"",
		{"fit: 0.5, ", ""}:                                 "a share left out is missing, not 1",
		{"progress: [0.19, 0.3375]", "progress: [0.19]"}:   "line 3 needs 2 shares of progress from line to line, found 1",
		{"covered: 0.9", "covered: 9"}:                     "covered is 9; accepted: a share, 0 to 1",
		{"demand:\n", "demand:\n  eligible_per_100k: 1\n"}: "eligible, eligible_per_100k and funnel exclude each other",
		{"earlier: 0.1}", "}\n    - {name: second, disease: dlbcl, line: 2, incidence: {per_100k: 12.7, kind: crude}, first_line: 0.8, progress: [0.2], covered: 1, fit: 0.5}"}: "who was treated at an earlier line would count twice",
	} {
		if _, err := Parse(strings.NewReader(strings.Replace(spec, change[0], change[1], 1)), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", change, err, want)
		}
	}
}
