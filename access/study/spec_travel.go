package study

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// validate says what does not suit the engine that is named.
func (t TravelSpec) validate(g *Grammar) error {
	e := g.engine(t.Engine)
	if e.Name == "" {
		return &SpecError{Field: "travel.engine", Problem: fmt.Sprintf("found %v", t.Engine), Accept: strings.Join(g.engineNames(), ", ")}
	}
	v := reflect.ValueOf(t)
	for i, field := range names(v.Type()) {
		var owners []string
		for _, o := range g.Engines {
			if slices.Contains(o.Needs, field) || slices.Contains(o.Takes, field) {
				owners = append(owners, o.Name)
			}
		}
		given, needed := !v.Field(i).IsZero(), slices.Contains(e.Needs, field)
		switch {
		case needed && !given:
			return &SpecError{Field: "travel." + field, Problem: "is missing", Accept: v.Type().Field(i).Tag.Get("doc")}
		case given && !needed && len(owners) > 0 && !slices.Contains(owners, e.Name):
			return &SpecError{Field: "travel." + field, Problem: fmt.Sprintf("engine %s has none", e.Name), Accept: "engine " + strings.Join(owners, ", ")}
		}
	}
	return check(
		rule{in(t.Round, "", "none", "floor", "nearest"), "travel.round", fmt.Sprintf("found %v", t.Round), "none, floor, nearest"},
		rule{t.SpeedTimes >= 0, "travel.speed_times", fmt.Sprintf("found %v", t.SpeedTimes), "a number above 0"},
		rule{t.Sea == nil || t.Sea.SpeedKmh > 0 && t.Sea.WaitMin >= 0, "travel.sea", "needs a speed above 0 and a wait of 0 or more", "{speed_kmh, wait_min}"},
	)
}
