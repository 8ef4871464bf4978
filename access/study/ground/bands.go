package ground

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"careshed/api/words"
	"careshed/geo/travel"
)

// fewNames is how many countries a note names before it counts the others.
const fewNames = 4

// calibrate gives the straight lines of a study that stands in one country the bands
// of that country, where roads were measured there, and says of every other country
// that the default bands are another's. Bands that the study gives stand in the place
// of either.
func (in *Ground) calibrate(context.Context) error {
	in.measureTimes()
	t := in.Spec.Travel
	if in.Crow == nil || t.GivesBands() {
		return nil
	}
	people := in.countries()
	_, in.Unplaced = people[""]
	if here := slices.Collect(maps.Keys(people)); len(here) == 1 {
		if m, ok := travel.MeasuredIn(here[0]); ok && m.Own() {
			in.Crow.Circuity, in.Crow.Speed = t.Bands(m.Bands())
			in.Crow.Country = m.Country
			in.Crow.Basis = fmt.Sprintf("fitted to %d journeys on the roads of %s", m.Default.Journeys, words.Default().Country(m.Country))
			in.Note("crow.own", "countries", []string{m.Country}, "journeys", m.Default.Journeys, "people", people[m.Country])
			return nil
		}
	}
	if t.SpeedTimes > 0 && t.SpeedTimes != 1 {
		return nil
	}
	delete(people, "")
	delete(people, travel.Home)
	borrow := slices.SortedFunc(maps.Keys(people), func(a, b string) int { // where most live first
		if people[a] != people[b] {
			return map[bool]int{true: -1, false: 1}[people[a] > people[b]]
		}
		return strings.Compare(a, b)
	})
	if len(borrow) == 0 {
		return nil
	}
	total := 0.0
	for _, c := range borrow {
		total += people[c]
	}
	few := min(len(borrow), fewNames)
	in.Note("crow.borrowed", "countries", borrow[:few], "more", len(borrow)-few, "people", total)
	return nil
}

// measureTimes finds how far true times lie from the estimate, where the study asks for
// what was measured: in its countries, if each was measured whole, else the widest.
func (in *Ground) measureTimes() {
	u := in.Spec.Uncertainty
	if u == nil || !u.Times.Measured || u.Times.High > 0 { // other units are drawn as the study's own
		return
	}
	s, of, theirs := travel.ScatterOf(slices.Collect(maps.Keys(in.countries())))
	own := *u // the spec is others' too
	own.Times.Low, own.Times.High = s.Low, s.High
	in.Spec.Uncertainty, in.Measured, in.Theirs = &own, of, theirs
}

// countries are how many people live in each country of the study's places, by its
// two letters; "" where nothing says which.
func (in *Ground) countries() map[string]float64 {
	code, out := map[string]string{}, map[string]float64{}
	for i, c := range in.Country {
		if in.People[i] == 0 {
			continue
		}
		known, ok := code[c]
		if !ok {
			known = words.CountryCode(c)
			code[c] = known
		}
		out[known] += in.People[i]
	}
	return out
}
