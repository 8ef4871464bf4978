package spec

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"careshed/geo/travel"

	"github.com/paulmach/orb"
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
			if o.has(field) {
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
	return Check(
		Rule{In(t.Round, "", "none", "floor", "nearest"), "travel.round", fmt.Sprintf("found %v", t.Round), "none, floor, nearest"},
		Rule{t.SpeedTimes >= 0, "travel.speed_times", fmt.Sprintf("found %v", t.SpeedTimes), "a number above 0"},
		Rule{t.Sea == nil || t.Sea.SpeedKmh > 0 && t.Sea.WaitMin >= 0, "travel.sea", "needs a speed above 0 and a wait of 0 or more", "{speed_kmh, wait_min}"},
	)
}

// Crow is the engine of straight lines as the spec sets it up, for whoever asks
// it about a place that no layer holds; land may be nil.
func (t TravelSpec) Crow(land func(orb.Point) int) *travel.Crow {
	c := &travel.Crow{Land: land}
	for _, b := range t.Circuity {
		c.Circuity = append(c.Circuity, travel.Band{To: orInf(b.ToKm), Value: b.Factor})
	}
	for _, b := range t.Speed {
		c.Speed = append(c.Speed, travel.Band{To: orInf(b.ToKm), Value: b.Kmh})
	}
	if x := t.SpeedTimes; x > 0 && x != 1 {
		base := c.Speed
		if base == nil {
			base = travel.Speed
		}
		c.Speed = nil
		for _, b := range base {
			c.Speed = append(c.Speed, travel.Band{To: b.To, Value: b.Value * x})
		}
	}
	if t.Sea != nil {
		c.Sea = &travel.Crossing{Speed: t.Sea.SpeedKmh, Wait: travel.FromMinutes(t.Sea.WaitMin)}
	}
	return c
}

func orInf(km float64) float64 {
	if km == 0 {
		return math.Inf(1)
	}
	return km
}
