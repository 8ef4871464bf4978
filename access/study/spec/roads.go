package spec

import (
	"fmt"
	"slices"

	"careshed/geo/travel"

	"go.yaml.in/yaml/v4"
)

// RoadsSpec is what differs on the roads from what the index has.
type RoadsSpec struct {
	Close *ClosedRoads `yaml:"close" doc:"roads that are closed: the numbers of ways in OpenStreetMap, or {within: LAYER} for all that touch its polygons; with ways, classes and within, those that are all of it"`
	Speed []SpeedSpec  `yaml:"speed" doc:"roads that are driven faster or slower, one after the other"`
}

// Given reports whether anything differs.
func (r RoadsSpec) Given() bool { return r.Close != nil || len(r.Speed) > 0 }

// ClosedRoads are roads that are all of what is given.
type ClosedRoads struct {
	Ways    []int64  `yaml:"ways" doc:"the numbers of ways in OpenStreetMap"`
	Classes []string `yaml:"classes" doc:"kinds of road, by highway= in OpenStreetMap, such as motorway"`
	Within  string   `yaml:"within" doc:"a layer of polygons"`
}

// decode reads a list of ways, or the fields.
func (c *ClosedRoads) decode(n *yaml.Node, path string) error {
	if n.Kind == yaml.SequenceNode {
		type list struct {
			Ways []int64 `yaml:"ways"`
		}
		var of list
		named := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "ways"}, n}}
		if err := decodeFields(named, path, &of); err != nil {
			return err
		}
		c.Ways = of.Ways
	} else {
		type plain ClosedRoads // without this method
		if err := decodeFields(n, path, (*plain)(c)); err != nil {
			return err
		}
	}
	if len(c.Ways) == 0 && len(c.Classes) == 0 && c.Within == "" {
		return wrong(n, path, "[WAY, …], or fields of: ways, classes, within", "closes nothing")
	}
	return nil
}

// SpeedSpec is another speed on the roads that are all of what is given; on all roads,
// if nothing is.
type SpeedSpec struct {
	Ways    []int64  `yaml:"ways" doc:"the numbers of ways in OpenStreetMap"`
	Classes []string `yaml:"classes" doc:"kinds of road, by highway= in OpenStreetMap, such as motorway"`
	Within  string   `yaml:"within" doc:"a layer of polygons: as far as roads lie in them"`
	Factor  float64  `yaml:"factor" doc:"multiplies the speed, 0.01 to 5"`
	Kmh     float64  `yaml:"kmh" doc:"in its place: the speed, 1 to 300 km/h"`
}

// RoadChange is one change with the layer of its polygons, "" for none.
type RoadChange struct {
	travel.RoadChange
	Within string
}

// Changes are all of them, in their order: closures first.
func (r RoadsSpec) Changes() (all []RoadChange) {
	if c := r.Close; c != nil {
		all = append(all, RoadChange{travel.RoadChange{Close: true, Ways: c.Ways, Classes: c.Classes, Area: c.Within}, c.Within})
	}
	for _, s := range r.Speed {
		all = append(all, RoadChange{travel.RoadChange{Factor: s.Factor, Kmh: s.Kmh, Ways: s.Ways, Classes: s.Classes, Area: s.Within}, s.Within})
	}
	return all
}

// onOtherRoads counts the scenarios for which an index is built anew.
func (s Scenarios) onOtherRoads() (n int) {
	for _, sc := range s {
		if slices.ContainsFunc(sc.Changes, func(c Change) bool { return c.Roads.Given() }) {
			n++
		}
	}
	return n
}

// validate says what no speed can mean.
func (r RoadsSpec) validate(at string) error {
	for i, s := range r.Speed {
		at := fmt.Sprintf("%s.speed[%d]", at, i)
		byFactor := s.Factor >= travel.LeastFactor && s.Factor <= travel.MostFactor
		bySpeed := s.Kmh >= travel.LeastKmh && s.Kmh <= travel.MostKmh
		if err := Check(
			Rule{s.Factor != 0 || s.Kmh != 0, at, "neither factor nor kmh", "one of them"},
			Rule{s.Factor == 0 || s.Kmh == 0, at, "factor and kmh exclude each other", "one of them"},
			Rule{s.Factor == 0 || byFactor, at + ".factor", found(s.Factor), fmt.Sprintf("%v to %v", travel.LeastFactor, travel.MostFactor)},
			Rule{s.Kmh == 0 || bySpeed, at + ".kmh", found(s.Kmh), fmt.Sprintf("%v to %v", travel.LeastKmh, travel.MostKmh)},
		); err != nil {
			return err
		}
	}
	return nil
}

// validateRoads says which roads of the travel and of scenarios cannot differ.
func validateRoads(s *Spec) error {
	if err := s.Travel.Roads.validate("travel.roads"); err != nil {
		return err
	}
	for _, sc := range s.Scenarios {
		i := slices.IndexFunc(sc.Changes, func(c Change) bool { return c.Kind == changeRoads })
		if i < 0 {
			continue
		}
		at := "scenarios." + sc.Name
		if s.Travel.Engine != "road" {
			return &SpecError{Field: at, Problem: "roads: engine " + s.Travel.Engine + " has none that could differ", Accept: "engine road"}
		}
		for _, c := range sc.Changes {
			if err := c.Roads.validate(at + ".roads"); err != nil {
				return err
			}
		}
	}
	return nil
}
