package finding

import (
	"math"
	"slices"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// Outcome is what a scenario leads to.
type Outcome struct {
	Name    string
	Sites   []ground.Center
	Changes []string // in words
	Ways    *ground.Trips
	Ground  *ground.Ground // that of the study, on other roads where the scenario changes them
}

// Branching has outcomes of scenarios.
type Branching interface{ Outcomes() []*Outcome }

// Outcomes are those of a study's scenarios, none without any.
func Outcomes(s *Study) (all []*Outcome) {
	for _, f := range s.Found {
		if b, ok := f.(Branching); ok {
			all = append(all, b.Outcomes()...)
		}
	}
	return all
}

// Comparison gathers what scenarios change against the baseline or another: a row a
// scenario and metric.
type Comparison struct {
	With *Outcome

	Scenario, Metric      []string
	Before, After, Change []float64
}

// Add compares a number in the scenario with what it was.
func (c *Comparison) Add(o *Outcome, metric string, a, b float64) {
	c.Scenario, c.Metric = append(c.Scenario, o.Name), append(c.Metric, metric)
	c.Before, c.After, c.Change = append(c.Before, a), append(c.After, b), append(c.Change, b-a)
}

// OfBoth are two lists of minutes, of those who have both.
func OfBoth(x, y []float64) ([]float64, []float64) {
	x, y = slices.Clone(x), slices.Clone(y)
	for i := range x {
		if math.IsNaN(x[i]) || math.IsNaN(y[i]) {
			x[i], y[i] = math.NaN(), math.NaN()
		}
	}
	return x, y
}

// ScenarioLayers reports whether a study asks for regions and sites of every scenario
// as layers.
func ScenarioLayers(s *Study) bool {
	how := s.Spec.Output[spec.ScenarioRegions]
	return how != "" && how != "none"
}
