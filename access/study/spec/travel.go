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
	c.Circuity, c.Speed = t.Bands(nil, nil)
	if len(t.Speed) > 0 {
		c.Basis = "with speeds that the study gives"
	}
	if t.Sea != nil {
		c.Sea = &travel.Crossing{Speed: t.Sea.SpeedKmh, Wait: travel.FromMinutes(t.Sea.WaitMin)}
	}
	return c
}

// GivesBands reports whether the spec has bands, in whose place no country's stand.
func (t TravelSpec) GivesBands() bool { return len(t.Circuity) > 0 || len(t.Speed) > 0 }

// Bands are those that the spec has in place of others, which are the default ones if
// nil, with every speed times speed_times.
func (t TravelSpec) Bands(circuity, speed []travel.Band) (ways, speeds []travel.Band) {
	if len(t.Circuity) > 0 {
		circuity = nil
		for _, b := range t.Circuity {
			circuity = append(circuity, travel.Band{To: orInf(b.ToKm), Value: b.Factor})
		}
	}
	if len(t.Speed) > 0 {
		speed = nil
		for _, b := range t.Speed {
			speed = append(speed, travel.Band{To: orInf(b.ToKm), Value: b.Kmh})
		}
	}
	if x := t.SpeedTimes; x > 0 && x != 1 {
		base := speed
		if base == nil {
			base = travel.Speed
		}
		speed = nil
		for _, b := range base {
			speed = append(speed, travel.Band{To: b.To, Value: b.Value * x})
		}
	}
	return circuity, speed
}

func orInf(km float64) float64 {
	if km == 0 {
		return math.Inf(1)
	}
	return km
}
