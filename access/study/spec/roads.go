package spec

import (
	"fmt"
	"slices"

	"careshed/geo/travel"

	"go.yaml.in/yaml/v4"
)

// RoadsSpec is what differs on the roads from what the index has.
type RoadsSpec struct {
	Close   *ClosedRoads `yaml:"close" doc:"roads that are closed: the numbers of ways in OpenStreetMap, or {within: LAYER} for all that touch its polygons; with ways, classes and within, those that are all of it"`
	Traffic *TrafficSpec `yaml:"traffic" doc:"road: how traffic slows the roads at an hour, by a table of factors"`
	Speed   []SpeedSpec  `yaml:"speed" doc:"roads that are driven faster or slower, one after the other"`
}

// Given reports whether anything differs.
func (r RoadsSpec) Given() bool { return r.Close != nil || r.Slows() }

// Slows reports whether any road is driven at another speed.
func (r RoadsSpec) Slows() bool { return r.Traffic != nil || len(r.Speed) > 0 }

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

// TrafficSpec is an hour of a table that says how fast roads are then. Its columns are class,
// by highway= in OpenStreetMap, and factor, of the speed; and, if it has them, from and to, in
// hours, and country and series, which tell rows apart.
type TrafficSpec struct {
	Layer   string   `yaml:"layer" doc:"the table: traffic, that of the atlas, or one of your own"`
	Series  string   `yaml:"series" doc:"of its rows, those with this text in column series"`
	Country string   `yaml:"country" doc:"of its rows, those with this text in column country"`
	Hour    *float64 `yaml:"hour" doc:"the hour of the day, 0 up to 24: 8.5 is half past eight"`
}

// RoadChange is one change with the layer of its polygons, "" for none, or the table whose
// rows are changes.
type RoadChange struct {
	travel.RoadChange
	Within  string
	Traffic *TrafficSpec
}

// Changes are all of them, in their order: closures first, then traffic.
func (r RoadsSpec) Changes() (all []RoadChange) {
	if c := r.Close; c != nil {
		all = append(all, RoadChange{RoadChange: travel.RoadChange{Close: true, Ways: c.Ways, Classes: c.Classes, Area: c.Within}, Within: c.Within})
	}
	if r.Traffic != nil {
		all = append(all, RoadChange{Traffic: r.Traffic})
	}
	for _, s := range r.Speed {
		one := travel.RoadChange{Factor: s.Factor, Kmh: s.Kmh, Ways: s.Ways, Classes: s.Classes, Area: s.Within}
		all = append(all, RoadChange{RoadChange: one, Within: s.Within})
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
	if t := r.Traffic; t != nil {
		if err := t.validate(at + ".traffic"); err != nil {
			return err
		}
	}
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

func (t TrafficSpec) validate(at string) error {
	if t.Hour == nil {
		return &SpecError{Field: at + ".hour", Problem: "is missing", Accept: "0 up to 24"}
	}
	return Check(
		Rule{t.Layer != "", at + ".layer", "is missing", "traffic, or the name of a table of your own"},
		Rule{*t.Hour >= 0 && *t.Hour < 24, at + ".hour", found(*t.Hour), "0 up to 24"},
	)
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
		hours := 0
		for _, c := range sc.Changes {
			if err := c.Roads.validate(at + ".roads"); err != nil {
				return err
			}
			if c.Roads.Traffic != nil {
				hours++
			}
		}
		if hours > 1 {
			return &SpecError{Field: at, Problem: "roads: traffic of two hours at once", Accept: "one of them; a scenario for each hour"}
		}
	}
	return nil
}
