package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// transferWorld has four regions side by side, towns in them, outside them all and on an
// island without a center, and centers and spokes, one of them outside.
func transferWorld(t testing.TB, seed uint64) World {
	r := rand.New(rand.NewPCG(seed, 11))
	var at, where []orb.Point
	var people []float64
	var ids, sites, roles []string
	for i := range 60 {
		p := orb.Point{r.Float64() * 8, 44 + r.Float64()*2}
		if i%20 == 1 {
			p = orb.Point{20, 45} // the island
		}
		if i%20 == 2 {
			p = orb.Point{4, 49} // in no region
		}
		at, ids, people = append(at, p), append(ids, fmt.Sprint("t", i)), append(people, float64(r.IntN(5)*1000))
	}
	for j := range 7 {
		p := orb.Point{r.Float64() * 8, 44 + r.Float64()*2}
		if j == 6 {
			p = orb.Point{9.5, 45} // outside, and near the fourth region
		}
		where, sites = append(where, p), append(sites, fmt.Sprint("s", j))
		roles = append(roles, []string{"infuse", "infuse", "evaluate,monitor", "infuse", "apheresis", "infuse", "infuse"}[j])
	}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...)))(t)
	centers := must(geo.NewPoints(geo.About{Name: "centers"}, sites, where, text("roles", roles...)))(t)
	lands := must(geo.NewLayer(geo.About{Name: "lands"}, []string{"A", "B", "C", "D"},
		[]orb.Geometry{box(0, 43, 2, 4), box(2, 43, 2, 4), box(4, 43, 2, 4), box(6, 43, 2, 4)}))(t)
	return World{Layers: shelf{"towns": towns, "centers": centers, "lands": lands}, Version: "test", Land: func(p orb.Point) int {
		if p[0] > 15 {
			return 1
		}
		return 0
	}}
}

const transferSpec = `version: 1
name: t
places: {layer: towns}
regions: {layer: lands}
sites: {layer: centers}
travel: {engine: crow, borders: free}
scenarios: {more: [{open: {id: n, at: [20.1, 45]}}, {close: {id: s0}}]}
output: {scenario_regions: csv}
measures:
  - travel
  - choice: {coefficients: {minutes: -0.03}}
  - journey: {jurisdiction: EU, date: 2025-01-01, inpatient_days: 10, caregiver: true, stages: [
      {name: consult, role: evaluate, visits: 2}, {name: apheresis, role: apheresis, visits: 1}, {name: infusion, role: infuse, visits: 1},
      {name: visits, role: monitor, visits: 8, window: true}, {name: calls, role: follow-up, visits: 3, telehealth: true}]}
  - attrition: {leave_per_month: 0.1, days: {apheresis: 50, vein_to_vein: 30}}
  - transfer: {more_days: {apheresis: 3, vein_to_vein: 2}}
`

// byTransfer sums columns of the table over its rows of one kind, weighted by people.
func byTransfer(t *testing.T, r *finding.Result, by, stage string, of func(where string, people float64, row int)) {
	t.Helper()
	l := r.Layer("by_transfer")
	how, where, what, people := texts(t, l, "by"), texts(t, l, "where"), texts(t, l, "stage"), column(t, l, "people")
	for k := range how {
		if how[k] == by && what[k] == stage {
			of(where[k], people[k], k)
		}
	}
}

// The rows against a plain count over the places; the people of all rows are all people,
// and their means are those of all.
func TestTransferAgainstAPlainCount(t *testing.T) {
	rows := map[string]int{}
	for seed := range uint64(8) {
		r := runSpec(t, transferWorld(t, seed), transferSpec)
		places, sites := r.Layer("places"), r.Layer("sites")
		home, to, minutes, people := texts(t, places, "region_id"), texts(t, places, "site_id"), column(t, places, "time_min"), column(t, places, "population")
		of := map[string]string{}
		for k, region := range texts(t, sites, "region_id") {
			of[sites.ID(k)] = region
		}
		count, time := map[string]float64{}, map[string]float64{}
		away, all := map[string]float64{}, map[string]float64{}
		var total float64
		for i, n := range people {
			where := "region not known"
			switch {
			case math.IsNaN(minutes[i]):
				where = "no center reached"
			case home[i] != "" && of[to[i]] == home[i]:
				where = "own region"
			case home[i] != "": // the center outside lies in none by its coordinates
				where = "another region"
				away[home[i]] += n
			}
			all[home[i]] += n
			total, count[where], time[where] = total+n, count[where]+n, time[where]+n*minutes[i]
		}
		var told float64
		mean := column(t, r.Layer("by_transfer"), "mean_time_min")
		byTransfer(t, r, "nearest", "", func(where string, n float64, row int) {
			rows[where]++
			told += n
			if n != count[where] {
				t.Errorf("seed %d: %v people, %s; counted %v", seed, n, where, count[where])
			}
			if want := time[where] / count[where]; where != "no center reached" && n > 0 && math.Abs(mean[row]-want) > 1e-9*want {
				t.Errorf("seed %d: %v minutes, %s; counted %v", seed, mean[row], where, want)
			}
		})
		if told != total {
			t.Errorf("seed %d: the rows have %v of %v people", seed, told, total)
		}
		regions := r.Layer("regions")
		for k, got := range column(t, regions, "share_transferred") {
			if want := away[regions.ID(k)] / all[regions.ID(k)]; math.Abs(got-want) > 1e-12 && got == got {
				t.Errorf("seed %d: %v of region %s go to another, counted %v", seed, got, regions.ID(k), want)
			}
		}
	}
	if len(rows) != 4 {
		t.Errorf("the worlds have only rows %v", rows)
	}
}

// Whatever is split adds up to what it was split from: minutes and kilometres of the
// nearest and of the choice, what the journey asks, and the days of attrition.
func TestTransferRecombines(t *testing.T) {
	for seed := range uint64(8) {
		r := runSpec(t, transferWorld(t, seed), transferSpec)
		s, l := r.Summary, r.Layer("by_transfer")
		whole := func(by, stage, name string, known func(where string) bool) (mean, all float64) {
			v := column(t, l, name)
			byTransfer(t, r, by, stage, func(where string, n float64, row int) {
				if known(where) && n > 0 && !math.IsNaN(v[row]) {
					mean, all = mean+n*v[row], all+n
				}
			})
			return mean / all, all
		}
		any := func(string) bool { return true }
		like := func(what string, got, want float64) {
			t.Helper()
			if !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
				t.Errorf("seed %d, %s: %v by parts, %v of the whole", seed, what, got, want)
			}
		}
		got, _ := whole("nearest", "", "mean_time_min", any)
		like("minutes", got, float64(s.Travel.TimeMin.Mean))
		got, _ = whole("nearest", "", "mean_distance_km", any)
		like("kilometres", got, float64(s.Travel.DistanceKm.Mean))
		got, reached := whole("choice", "", "mean_time_min", any)
		like("minutes by choice", got, float64(s.ByChoice.TimeMin.Mean))
		like("people by choice", reached, float64(s.ByChoice.People))
		if km, _ := whole("choice", "", "mean_distance_km", any); !(km >= float64(s.Travel.DistanceKm.Mean)) {
			t.Errorf("seed %d: people choose ways of %v km, the nearest are %v", seed, km, s.Travel.DistanceKm.Mean)
		}
		var trips, hours, nights float64
		for _, stage := range []string{"consult", "apheresis", "infusion", "visits", "calls"} {
			for name, sum := range map[string]*float64{"trips": &trips, "hours": &hours, "nights": &nights} {
				v, people := whole("nearest", stage, name, any)
				*sum += v
				like("people of "+stage, people, float64(s.Journey.People))
			}
		}
		like("trips", trips, float64(s.Journey.Trips.Mean))
		like("hours", hours, float64(s.Journey.Hours.Mean))
		like("nights", nights, float64(s.Journey.Nights.Mean))
		sides := func(where string) bool { return where == "own region" || where == "another region" }
		for stage, want := range map[string]float64{"apheresis": 50, "vein_to_vein": 30} {
			// Days are of all on a side, trips of those who can go through the course.
			var mean, all float64
			byTransfer(t, r, "nearest", "", func(where string, n float64, _ int) {
				byTransfer(t, r, "nearest", stage, func(w string, _ float64, row int) {
					if w == where && sides(where) {
						mean, all = mean+n*column(t, l, "days")[row], all+n
					}
				})
			})
			like("days of "+stage, mean/all, want)
		}
	}
}

// A scenario tells who is transferred then, in its layer of regions too.
func TestTransferInScenario(t *testing.T) {
	r := runSpec(t, transferWorld(t, 3), transferSpec)
	l := r.Layer("compare")
	metric, before, after := texts(t, l, "metric"), column(t, l, "before"), column(t, l, "after")
	share := func(layer string) (sum float64) {
		g := r.Layer(layer)
		people := column(t, g, "population")
		for k, v := range column(t, g, "share_transferred") {
			sum += v * people[k]
		}
		return sum / float64(r.Summary.Population)
	}
	for k, m := range metric {
		if m != "share_transferred" {
			continue
		}
		if math.Abs(before[k]-share("regions")) > 1e-12 || math.Abs(after[k]-share("regions_more")) > 1e-12 || before[k] == after[k] {
			t.Errorf("%v before and %v after, the regions have %v and %v", before[k], after[k], share("regions"), share("regions_more"))
		}
		return
	}
	t.Errorf("share_transferred is not among %v", metric)
}

// What cannot be told is refused.
func TestTransferRefuses(t *testing.T) {
	for change, want := range map[string][2]string{
		"regions":   {"regions: {layer: lands}\n", "measures.transfer: there are no regions"},
		"attrition": {"  - attrition: {leave_per_month: 0.1, days: {apheresis: 50, vein_to_vein: 30}}\n", "measures.transfer.more_days.apheresis: found 3"},
		"too many":  {"more_days: {apheresis: 3, ", "below 0 for the others"},
		"a stage":   {"vein_to_vein: 2", "measures.transfer.more_days.consult: found 2; accepted: days of 0 or more for a stage of the measure attrition: apheresis, vein_to_vein"},
		"negative":  {"vein_to_vein: 2", "measures.transfer.more_days.vein_to_vein: found -2"},
	} {
		to := map[string]string{"too many": "more_days: {apheresis: 3000, ", "a stage": "consult: 2", "negative": "vein_to_vein: -2"}[change]
		s, err := Parse(strings.NewReader(strings.Replace(strings.Replace(transferSpec, want[0], to, 1), "output: {scenario_regions: csv}\n", "", 1)), nil)
		if err == nil {
			_, err = Run(context.Background(), transferWorld(t, 1), s, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want[1]) {
			t.Errorf("%s: %v, want %s", change, err, want[1])
		}
	}
}
