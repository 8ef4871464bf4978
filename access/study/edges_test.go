package study

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// A likelihood that would have to be above 1 in some draws loses these draws, not
// the run.
func TestDrawsThatCannotBe(t *testing.T) {
	spec := strings.Replace(strings.Replace(toySpec, "reach: 0.2}", "reach: 0.885}", 1), "measures:", "penalty: {form: risk, family: exponential}\nuncertainty: {draws: 60, seed: 3, vary: [effect, speed]}\nmeasures:", 1)
	r := runSpec(t, toy(t), spec)
	fewer := 0
	for _, u := range r.Summary.Uncertainty {
		if strings.HasPrefix(u.What, "foregone_") {
			fewer += b2i(u.Draws < 60)
			if (u.Draws == 0) != math.IsNaN(float64(u.Low)) || math.IsNaN(float64(u.Low)) && u.Why == "" {
				t.Errorf("%+v", u)
			}
		}
	}
	if fewer == 0 {
		t.Errorf("at a reach of 0.885 every draw can be: %+v", r.Summary.Uncertainty)
	}
}

// What a summary has no value of is said under no_value, and every number of it
// stands in JSON, zeros too.
func TestNumbersWithoutValue(t *testing.T) {
	b, err := json.Marshal(&Summary{Measures: []MeasureSummary{{Mean: Num(math.Inf(1)), Inequality: []IndexSummary{{}}}}, Siting: &SitingSummary{}, Demand: &DemandSummary{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"value":0`, `"low_2_5":0`, `"high_97_5":0`, `"best_possible":0`, `"treated_of_label":0`, `"treated_of_fit":0`, `"draws":0`} {
		if !strings.Contains(string(b), key) {
			t.Errorf("%s is left out of %s", key, b)
		}
	}
	s := &Summary{Measures: []MeasureSummary{{Mean: Num(math.Inf(1)), Median: Num(math.NaN()), Inequality: []IndexSummary{{Value: Num(math.NaN()), Why: "somebody has a value of 0"}}}},
		Travel: &TravelSummary{WithoutTime: map[string]Num{"sea": Num(math.Inf(-1))}}}
	lost := map[string]string{}
	for _, m := range lacking(s) {
		lost[m.Field] = m.Why
	}
	if lost["measures[].mean"] == "" || lost["measures[].inequality[].value"] != "somebody has a value of 0" || lost["travel.people_without_time.sea"] == "" || !math.IsNaN(float64(s.Measures[0].Mean)) {
		t.Errorf("%v, %v", lost, s.Measures[0])
	}
}
