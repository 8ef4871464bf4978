package travel

import (
	"math"
	"slices"
)

// Scatter is how times by road lie around an estimate of them: half of the journeys
// take less than Median times the estimate, 2.5 % less than Low and 2.5 % more than
// High times.
type Scatter struct {
	Journeys          int
	Low, Median, High float64
}

// Width is how many times its lower end the upper end is.
func (s Scatter) Width() float64 { return s.High / s.Low }

// Measured is how the estimate stands beside the roads of one extract, between
// junctions drawn at random, by the profile car and without traffic.
type Measured struct {
	Country string // ISO 3166, two letters
	Of      string // the extract, and of when it is
	Whole   bool   // it holds the country; else a town or a part of it, which is not its country
	Why     string // why the country has no bands of its own; "" if it has

	Default, DefaultFar Scatter // time by road over the default estimate; of FarKm and more
	Far                 Scatter // of FarKm and more, over the bands fitted to the same roads; zero where none are in the country

	Circuity, Speed []Band // the country's own, as far as it has journeys; nil: borrowed
}

// ByCountry is what was measured: fitted numbers alone, by careshed travel calibrate
// on OpenStreetMap extracts (ODbL, © OpenStreetMap contributors). docs/methods/travel.md
// has the table, and how to measure another.
var ByCountry = []Measured{
	{Country: "AD", Of: "Andorra, whole, 2013", Whole: true,
		Default: Scatter{99_835, 0.934, 1.496, 4.492}, DefaultFar: Scatter{30_578, 1.029, 1.466, 2.788}, Far: Scatter{30_578, 0.695, 0.990, 1.882},
		Circuity: []Band{{5, 1.815}, {10, 1.689}, {25, 1.662}}, Speed: []Band{{5, 49.66}, {10, 65.44}, {25, 54.91}, {45, 49.47}}},
	{Country: "BR", Of: "Porto Alegre, a part of the city, 2020", Why: "a city is not its country, and no journey is longer than 17 km",
		Default: Scatter{99_948, 1.465, 1.894, 4.103}, DefaultFar: Scatter{7_741, 1.452, 1.647, 2.538}, Far: Scatter{7_741, 0.842, 0.957, 1.474}},
	{Country: "DE", Of: "Heidelberg and the hills around it, 2024", Why: "a city is not its country, and the extract cuts the motorways around it",
		Default: Scatter{99_059, 1.399, 2.179, 5.490}, DefaultFar: Scatter{28_884, 1.480, 2.122, 3.595}, Far: Scatter{28_884, 0.703, 1.011, 1.710}},
	{Country: "LI", Of: "Liechtenstein, whole, 2015", Whole: true, Why: "its quickest ways lead over the motorway on the Swiss bank of the Rhine, which the extract does not hold",
		Default: Scatter{99_924, 1.091, 1.595, 6.095}, DefaultFar: Scatter{32_323, 1.115, 1.369, 3.865}, Far: Scatter{32_323, 0.786, 0.971, 2.734}},
	{Country: "LU", Of: "Luxembourg, whole, undated", Whole: true, Why: "the graph's times are those of another program's car, and the borrowed bands are no farther from them than its own would be",
		Default: Scatter{99_978, 0.639, 0.973, 2.012}, DefaultFar: Scatter{88_739, 0.633, 0.952, 1.582}, Far: Scatter{88_739, 0.703, 1.060, 1.679}},
	{Country: "MC", Of: "Monaco and the French coast beside it, 2016", Why: "the country is a town of 2 km, and the journeys are those of the coast around it",
		Default: Scatter{98_335, 1.089, 2.128, 8.062}},
	{Country: "PT", Of: "Porto and its surroundings, 2015", Why: "a city and its surroundings are not their country",
		Default: Scatter{99_972, 0.818, 1.131, 2.289}, DefaultFar: Scatter{78_188, 0.808, 1.073, 1.692}, Far: Scatter{78_188, 0.788, 1.018, 1.494}},
	{Country: "US", Of: "a town in Maryland, undated", Why: "the default bands are calibrated on the United States; a town has no journeys to fit others to",
		Default: Scatter{99_627, 1.575, 2.054, 3.601}},
}

// Home is the country whose people the default bands are calibrated on.
const Home = "US"

// MeasuredIn is what was measured in a country, by its two letters.
func MeasuredIn(country string) (Measured, bool) {
	for _, m := range ByCountry {
		if m.Country == country {
			return m, true
		}
	}
	return Measured{}, false
}

// Own reports whether the country has bands of its own.
func (m Measured) Own() bool { return m.Circuity != nil }

// Bands are the country's own as far as they reach, and the default ones beyond.
func (m Measured) Bands() (circuity, speed []Band) {
	return reaching(m.Circuity, Circuity), reaching(m.Speed, Speed)
}

// reaching is bands that go on with others where they end.
func reaching(own, others []Band) []Band {
	out, end := append([]Band(nil), own...), 0.0
	if len(own) > 0 {
		end = own[len(own)-1].To
	}
	for _, b := range others {
		if b.To > end {
			out = append(out, b)
		}
	}
	return out
}

// ScatterOf is how far journeys to a center lie from bands that are fitted to their
// roads: that of the countries, where each was measured whole, else the widest of all
// that were measured. of is the country whose it is.
func ScatterOf(countries []string) (s Scatter, of Measured, theirs bool) {
	theirs = len(countries) > 0
	for _, c := range countries {
		m, ok := MeasuredIn(c)
		theirs = theirs && ok && m.Whole && m.Far.Journeys > 0
	}
	widest := math.Inf(-1)
	for _, m := range ByCountry {
		if theirs && !slices.Contains(countries, m.Country) || m.Far.Journeys == 0 {
			continue
		}
		if w := m.Far.Width(); w > widest {
			s, of, widest = m.Far, m, w
		}
	}
	return s, of, theirs
}
