package study

import (
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"math"
	"slices"
)

// outcome is what a scenario leads to.
type outcome struct {
	name    string
	sites   []ground.Center
	changes []string // in words
	ways    *ground.Trips
}

// Branching has outcomes of scenarios.
type Branching interface{ Outcomes() []*outcome }

// outcomes are those of a study's scenarios, none without any.
func outcomes(s *Study) (all []*outcome) {
	for _, f := range s.Found {
		if b, ok := f.(Branching); ok {
			all = append(all, b.Outcomes()...)
		}
	}
	return all
}

// comparison gathers what scenarios change against the baseline or another: a row a
// scenario and metric.
type comparison struct {
	with *outcome

	scenario, metric      []string
	before, after, change []float64
}

// add compares a number in the scenario with what it was.
func (c *comparison) add(o *outcome, metric string, a, b float64) {
	c.scenario, c.metric = append(c.scenario, o.name), append(c.metric, metric)
	c.before, c.after, c.change = append(c.before, a), append(c.after, b), append(c.change, b-a)
}

// ofBoth are two lists of minutes, of those who have both.
func ofBoth(x, y []float64) ([]float64, []float64) {
	x, y = slices.Clone(x), slices.Clone(y)
	for i := range x {
		if math.IsNaN(x[i]) || math.IsNaN(y[i]) {
			x[i], y[i] = math.NaN(), math.NaN()
		}
	}
	return x, y
}

// scenarioLayers reports whether a study asks for regions and sites of every scenario
// as layers.
func scenarioLayers(s *Study) bool {
	how := s.Spec.Output[spec.ScenarioRegions]
	return how != "" && how != "none"
}
