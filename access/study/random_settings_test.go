package study

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// randomSettings are what a random study says beside its layers and measures.
type randomSettings struct {
	travel   string // but for the matrix
	optimism string // with a comma before it
	borders  string
	wide     bool                // the study spans the globe
	land     func(orb.Point) int // nil: water is not seen
	demand   string              // with %[1]v for a unit of patients
	forecast string              // with the same
	opens    bool                // a scenario opens a center
	randomRules
}

// located sets how the layers lie: near each other, all in one point, at the
// antimeridian or all over the globe, poles included.
func (s *randomStudy) located(r *rand.Rand) func(n int) []orb.Point {
	kind := r.IntN(8)
	crow := r.IntN(10) < 4
	if !crow {
		kind = 0
	}
	s.borders = "free"
	if crow {
		s.travel = "crow"
		s.borders = []string{"free", "free", "same-region", "{groups: payer}"}[r.IntN(4)]
		s.travel += []string{"", ", circuity: [{to_km: 10, factor: 1.5}, {factor: 1}]", ", speed: [{to_km: 5, kmh: 0.001}, {kmh: 50}]", ", speed: [{kmh: 1000000}]"}[r.IntN(4)]
		s.travel += []string{"", "", ", speed_times: 0.0001", ", speed_times: 10000"}[r.IntN(4)]
		if r.IntN(3) == 0 {
			s.land = func(p orb.Point) int { return ground.Bit(p[0] > 10.3) }
			s.travel += []string{"", ", sea: {speed_kmh: 30, wait_min: 45}"}[r.IntN(2)]
		}
	}
	s.optimism = []string{"", "", ", optimism: 1.5", ", optimism: [{to_min: 20, factor: 3}, {factor: 0.5}]"}[r.IntN(4)]
	s.wide = kind == 3 || kind == 4
	return func(n int) (out []orb.Point) {
		for range n {
			p := orb.Point{10 + float64(r.IntN(12))/20, 45 + float64(r.IntN(12))/20}
			switch kind {
			case 1:
				p = orb.Point{10, 45}
			case 3:
				p = orb.Point{[]float64{-180, -179.9, 179.9, 180}[r.IntN(4)], float64(r.IntN(3))}
			case 4:
				p = orb.Point{float64(r.IntN(73))*5 - 180, []float64{-90, -89.9, -60, 0, 30, 89.9, 90}[r.IntN(7)]}
			}
			out = append(out, p)
		}
		return out
	}
}

// settle draws demand and forecast.
func (s *randomStudy) settle(r *rand.Rand) {
	share := func() float64 { return []float64{0, 1e-6, 0.3, 0.8, 1}[r.IntN(5)] }
	reach := []float64{0.2, 0.2, 1e-6, 0.9}[r.IntN(4)]
	switch r.IntN(4) {
	case 0:
		s.demand = fmt.Sprintf("{eligible_per_100k: %v, reach: %v, denominator: eligible}", []float64{100, 1e-6, 1e5}[r.IntN(3)], reach)
	case 1:
		s.demand = fmt.Sprintf("{eligible: old, %s, denominator: %s}", []string{fmt.Sprint("reach: ", reach), "treated: %[1]v"}[r.IntN(2)], []string{"eligible", "referred"}[r.IntN(2)])
	default:
		of := []string{"incidence: {per_100k: 12.7, kind: crude}", "incidence: {by_age: {old: 80, people_of: 0.001}}", "incidence: {by_age: {old: 0}}"}
		late := []string{"", ", lag: [0, 1]", ", lag: [0.5, 0.25, 0.25]"}
		s.demand = fmt.Sprintf("{reach: %v, denominator: %s, funnel: [{name: third, disease: d, line: 3, %s, first_line: %v, progress: [%v, %v], covered: %v, fit: %v, earlier: %v%s}, {name: first, disease: d, line: 1, %s, first_line: %v, covered: %v, fit: %v%s}]}",
			reach, []string{"eligible", "label", "fit"}[r.IntN(3)], of[r.IntN(3)], share(), share(), share(), share(), share(), share(), late[r.IntN(3)], of[r.IntN(3)], share(), share(), share(), late[r.IntN(3)])
	}
	if r.IntN(2) == 0 {
		return
	}
	growth := func() float64 { return []float64{0, 0.01, -0.4, 0.4}[r.IntN(4)] }
	s.forecast = fmt.Sprintf("forecast: {from: 2025, to: %d, people_growth: %v, incidence_growth: %v, referral_growth: %v", []int{2026, 2030, 2075}[r.IntN(3)], growth(), growth(), []float64{0, 0.05, -0.9, 4}[r.IntN(4)])
	if s.opens = r.IntN(2) == 0 && (s.travel != "" || s.sites > 1); s.opens {
		s.forecast += fmt.Sprintf(", opens: {2026: more}, build_years: %d", r.IntN(3))
	}
	s.forecast += []string{"", ", target: {double: number}", ", target: {double: proportion}"}[r.IntN(3)]
	s.forecast += []string{"", ", capacity: {2025: 0, 2030: %[1]v}", ", capacity: {2026: %[1]v}"}[r.IntN(3)]
	s.forecast += []string{"", ", history: {2019: 0, 2020: 0, 2021: 0, 2022: 0, 2023: 0}", ", history: {2019: %[1]v, 2020: %[1]v, 2021: %[1]v, 2022: %[1]v, 2023: %[1]v}",
		", history: {2018: 0, 2019: %[1]v, 2020: %[1]v, 2021: 0, 2022: %[1]v, 2023: 0}"}[r.IntN(4)] + "}\n"
}

// spec is the text of the study, whose people and supply are in these units.
func (s *randomStudy) spec(people, supply float64) string {
	travel := "matrix, table: times, place: from, site: to, minutes: min"
	if s.travel != "" {
		travel = s.travel
	}
	scenario := ""
	if s.opens {
		scenario = "scenarios: {more: [{close: {id: s0}}]}\n" // a matrix knows no way to a new point
		if s.travel != "" {
			scenario = fmt.Sprintf("scenarios: {more: [{open: {id: n0, at: [%v, %v]}}]}\n", s.candAt[0][0], s.candAt[0][1])
		}
	}
	unit := func(format string, unit float64) string {
		if !strings.Contains(format, "%[1]v") {
			return format
		}
		return strings.ReplaceAll(format, "%[1]v", fmt.Sprint(unit))
	}
	return `version: 1
name: random
places: {layer: towns, weight: people_of, groups: {payer: values}}
regions: {layer: lands}
sites: {layer: centers, supply: supply}
candidates: {layer: cities` + s.roles + `}
travel: {engine: ` + travel + s.optimism + `, borders: ` + s.borders + `}
demand: ` + unit(s.demand, people) + `
penalty: {beyond: [hold, continue]}
measures:
  - travel: {k: 2}
  - penalty: {}
` + unit(s.measures, supply) + randomIndices + strings.Replace(s.siting, "LEAST", fmt.Sprint(s.least*people), 1) + s.more + s.spread + s.beside + unit(s.forecast, people) + scenario
}

// world is the study's world with people and supply in another unit.
func (s *randomStudy) world(t *testing.T, people, supply float64) World {
	scaled := func(v []float64, by float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			out[i] = v[i] * by
		}
		return out
	}
	ids := func(kind string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprint(kind, i))
		}
		return out
	}
	payer := func(n int) geo.Column { return text("payer", slices.Repeat([]string{"x", "y"}, n)[:n]...) }
	fee := people // of a goal that adds up people
	if spec.In(s.goal, "mean_time", "burden") {
		fee = 1 // of one that is a mean over them
	}
	zone := s.zone
	if zone == nil {
		zone = make([]float64, s.places)
	}
	old := scaled(s.people, 0.2*people)
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, ids("p", s.places), s.at, num("people_of", scaled(s.people, people)...), num("old", old...), num("income", scaled(s.income, supply)...), num("rank", scaled(s.rank, supply)...), text("payer", s.groups...), num("zone", zone...)))(t)
	// The same people in other units: those of every other place live in the one before.
	halves := scaled(s.people, people)
	for i := 1; i < len(halves); i += 2 {
		halves[i-1], halves[i] = halves[i-1]+halves[i], 0
	}
	blocks := must(towns.With(num("people_of", halves...)))(t).Named(geo.About{Name: "blocks"})
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, ids("s", s.sites), s.siteAt, num("supply", scaled(s.supply, supply)...), num("slots", s.slots...), payer(s.sites)))(t)
	shapes := []orb.Geometry{box(9, 44, 1.25, 3), box(10.25, 44, 1, 3), box(20, 60, 1, 1)}
	if s.wide {
		shapes = []orb.Geometry{box(-180, -90, 180, 180), box(0, -90, 180, 180), box(-50, 88, 1, 1)}
	}
	lands := must(geo.NewLayer(geo.About{Name: "lands"}, []string{"W", "E", "N"}, shapes))(t)
	cities := must(geo.NewPoints(geo.About{Name: "cities"}, ids("n", s.candidates), s.candAt, num("price", s.price...), num("fee", scaled(s.fee, fee)...), num("room", scaled(s.room, people)...), payer(s.candidates)))(t)
	hospitals := must(geo.NewPoints(geo.About{Name: "hospitals"}, ids("h", s.hospitals), s.hospitalAt, num("beds", s.beds...), payer(s.hospitals)))(t)
	times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", s.from...), text("to", s.to...), num("min", s.minutes...)))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers, "cities": cities, "times": times, "lands": lands, "hospitals": hospitals, "blocks": blocks}, Version: "test", Land: s.land}
}
