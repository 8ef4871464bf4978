package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// chooser is a world of towns in counties, centers, and people seen to go to them by
// a logit of minutes and beds.
func chooser(t testing.TB, seed uint64, perMinute, perLogBed float64) (World, string) {
	r := rand.New(rand.NewPCG(seed, 7))
	const towns, sites = 120, 6
	var id, county, center, country, home []string
	var at, to []orb.Point
	people, beds := make([]float64, towns), make([]float64, sites)
	for j := range sites {
		center, to = append(center, fmt.Sprint("c", j)), append(to, orb.Point{10 + r.Float64(), 45 + r.Float64()})
		beds[j], country = float64(5+r.IntN(40)), append(country, []string{"A", "B"}[j%2])
	}
	for i := range towns {
		id, county = append(id, fmt.Sprint("t", i)), append(county, fmt.Sprint("k", i%40))
		at, home = append(at, orb.Point{10 + r.Float64(), 45 + r.Float64()}), append(home, []string{"A", "B"}[i%2])
		people[i] = float64(1 + r.IntN(5000))
	}
	w := World{Version: "test", Layers: shelf{
		"towns":   must(geo.NewPoints(geo.About{Name: "towns"}, id, at, text("county", county...), num("population", people...), text("country", home...)))(t),
		"centers": must(geo.NewPoints(geo.About{Name: "centers"}, center, to, num("beds", beds...), text("country", country...)))(t)}}
	spec := `version: 1
name: chooser
places: {layer: towns}
sites: {layer: centers, supply: beds}
travel: {engine: crow, borders: free}
measures:
  - travel: {k: 6}
`
	base := runSpec(t, w, spec)
	links := base.Layer("links")
	from, site, minutes := must(links.Texts("place_id"))(t), must(links.Texts("site_id"))(t), column(t, links, "time_min")
	weight := map[string][]float64{}
	goals := map[string][]string{}
	for k := range from {
		j := slices.Index(center, site[k])
		weight[from[k]] = append(weight[from[k]], perMinute*minutes[k]+perLogBed*math.Log(beds[j]))
		goals[from[k]] = append(goals[from[k]], site[k])
	}
	count := map[[2]string]float64{}
	for _, place := range id {
		var all float64
		most := slices.Max(weight[place])
		for k, x := range weight[place] {
			weight[place][k] = math.Exp(x - most)
			all += weight[place][k]
		}
		for range 30 {
			u, k := r.Float64()*all, 0
			for ; k < len(weight[place])-1 && u >= weight[place][k]; k++ {
				u -= weight[place][k]
			}
			count[[2]string{place, goals[place][k]}]++
		}
	}
	var o, d []string
	var n []float64
	for _, place := range id {
		for _, c := range center {
			if v := count[[2]string{place, c}]; v > 0 {
				o, d, n = append(o, place), append(d, c), append(n, v)
			}
		}
	}
	w.Layers.(shelf)["seen"] = must(geo.NewTable(geo.About{Name: "seen"}, nil, text("from", o...), text("to", d...), num("n", n...)))(t)
	return w, spec
}

const seenSpec = "flows: {layer: seen, from: from, to: to, count: n}\n"

// What made the flows is found, its fragment gives the same values, and the values
// are those of a slow sum over all links.
func TestChoiceInAStudy(t *testing.T) {
	w, base := chooser(t, 1, -0.05, 0.8)
	r := runSpec(t, w, base+"  - choice: {fit: [minutes, log_beds], hold_out: 3}\n"+seenSpec)
	c := r.Summary.Choice
	if c == nil || len(c.Terms) != 2 || c.Interval != "robust, by origin" {
		t.Fatalf("%+v", c)
	}
	for k, truth := range []float64{-0.05, 0.8} {
		if x := c.Terms[k]; math.Abs(float64(x.Value)-truth) > 4*float64(x.Robust) || !(x.Low < x.Value && x.Value < x.High) {
			t.Errorf("%+v, made by %v", x, truth)
		}
	}
	if c.HeldOut == nil || !(c.HeldOut.LogLike > c.HeldOut.Null) || !(c.McFadden > 0.05) {
		t.Errorf("%+v", c)
	}
	given := runSpec(t, w, base+"  - "+c.Fragment+"\n")
	links := r.Layer("links")
	from, site, minutes := must(links.Texts("place_id"))(t), must(links.Texts("site_id"))(t), column(t, links, "time_min")
	beds := column(t, w.Layers.(shelf)["centers"], "beds")
	people := column(t, r.Layer("places"), "population")
	sum, time, near := map[string]float64{}, map[string]float64{}, map[string]float64{}
	least := map[string]float64{}
	for k := range from {
		j := int(site[k][1] - '0')
		p := math.Exp(float64(c.Terms[0].Value)*minutes[k] + float64(c.Terms[1].Value)*math.Log(beds[j]))
		sum[from[k]] += p
		time[from[k]] += p * minutes[k]
		if m, ok := least[from[k]]; !ok || minutes[k] < m {
			least[from[k]], near[from[k]] = minutes[k], p
		}
	}
	places := r.Layer("places")
	for i := range places.Len() {
		id := places.ID(i)
		for name, want := range map[string]float64{"choice": time[id] / sum[id], "choice_nearest": near[id] / sum[id]} {
			if got := column(t, places, name)[i]; math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s of %s is %v, slowly %v", name, id, got, want)
			}
			if got := column(t, given.Layer("places"), name)[i]; math.Abs(got-want) > 1e-4*want {
				t.Errorf("by the fragment %s of %s is %v, slowly %v", name, id, got, want)
			}
		}
	}
	var all, there float64
	for _, p := range people {
		all += p
	}
	for _, p := range column(t, r.Layer("sites"), "choice_people") {
		there += p
	}
	if math.Abs(all-there) > 1e-9*all {
		t.Errorf("%v of %v people choose a site", there, all)
	}
}

// The tables add up: nobody is lost between them.
func TestFlowsInAStudy(t *testing.T) {
	w, base := chooser(t, 2, -0.05, 0)
	seen := w.Layers.(shelf)["seen"]
	n := slices.Clone(column(t, seen, "n"))
	n[3] = math.NaN() // withheld
	from, to := must(seen.Texts("from"))(t), must(seen.Texts("to"))(t)
	from, to, n = append(from, "t1", "nowhere"), append(to, "abroad", "c1"), append(n, 17, 5)
	w.Layers.(shelf)["seen"] = must(geo.NewTable(geo.About{Name: "seen"}, nil, text("from", from...), text("to", to...), num("n", n...)))(t)
	r := runSpec(t, w, base+"  - choice: {fit: [minutes]}\n"+strings.Replace(seenSpec, "}", ", withheld: [1, 9]}", 1))
	f := r.Summary.Flows
	if f.Withheld != 1 || f.Elsewhere != 17 || float64(f.People) != 3600-column(t, seen, "n")[3] || f.Origins != 120 {
		t.Errorf("%+v", f)
	}
	flows, sites := r.Layer("flows"), r.Layer("flows_by_site")
	sum := func(v []float64) (s float64) {
		for _, x := range v {
			if !math.IsNaN(x) {
				s += x
			}
		}
		return s
	}
	for k, column := range [][]float64{column(t, flows, "observed"), column(t, sites, "observed"), column(t, sites, "nearest"), column(t, flows, "expected"), column(t, sites, "expected")} {
		if got := sum(column); math.Abs(got-float64(f.People)) > []float64{1e-6, 1e-6, 1e-6, 9, 9}[k] {
			t.Errorf("column %d has %v of %v people", k, got, f.People)
		}
	}
	if got := sum(column(t, sites, "from_nearest")) / float64(f.People); math.Abs(got-float64(f.Ranks[0])) > 1e-12 {
		t.Errorf("%v at the nearest, ranks say %v", got, f.Ranks[0])
	}
	said := strings.Join(r.Summary.Notes.Texts(), "\n")
	for _, want := range []string{"of 1 pair in the flows", "17 patients in the flows went to sites", "5 patients in the flows come from origins"} {
		if !strings.Contains(said, want) {
			t.Errorf("no note says %q:\n%s", want, said)
		}
	}
	// By county: the same people, fewer origins, and the weaker slope of coarser areas is no error.
	towns := w.Layers.(shelf)["towns"]
	county := must(towns.Texts("county"))(t)
	of := map[[2]string]float64{}
	for k, id := range must(seen.Texts("from"))(t) {
		row, _ := towns.Find(id)
		of[[2]string{county[row], to[k]}] += column(t, seen, "n")[k]
	}
	var o, d []string
	var m []float64
	for i := range 40 {
		for j := range 6 {
			pair := [2]string{fmt.Sprint("k", i), fmt.Sprint("c", j)}
			if of[pair] > 0 {
				o, d, m = append(o, pair[0]), append(d, pair[1]), append(m, of[pair])
			}
		}
	}
	w.Layers.(shelf)["seen"] = must(geo.NewTable(geo.About{Name: "seen"}, nil, text("from", o...), text("to", d...), num("n", m...)))(t)
	r = runSpec(t, w, base+"  - choice: {fit: [minutes]}\nflows: {layer: seen, from: from, to: to, count: n, by: county, ranks: 6}\n")
	if f := r.Summary.Flows; f.Origins != 40 || f.People != 3600 || math.Abs(float64(f.Ranks[0]+f.Ranks[1]+f.Ranks[2]+f.Ranks[3]+f.Ranks[4]+f.Ranks[5])-1) > 1e-12 {
		t.Errorf("%+v", f)
	}
	links := r.Layer("links")
	var time, share float64
	for k, id := range must(links.Texts("place_id"))(t) {
		if row, _ := towns.Find(id); county[row] == "k3" && must(links.Texts("site_id"))(t)[k] == "c2" {
			p := column(t, towns, "population")[row]
			time += p * column(t, links, "time_min")[k]
			share += p
		}
	}
	origin, site := must(r.Layer("flows").Texts("origin"))(t), must(r.Layer("flows").Texts("site_id"))(t)
	for k := range origin {
		if got := column(t, r.Layer("flows"), "time_min")[k]; origin[k] == "k3" && site[k] == "c2" && math.Abs(got-time/share) > 1e-9 {
			t.Errorf("county k3 is %v minutes from c2, slowly %v", got, time/share)
		}
	}
}

// Nobody who passes by the nearest: no number, and everything says why.
func TestChoiceWithoutAnEstimateInAStudy(t *testing.T) {
	w, base := chooser(t, 3, -100, 0)
	r := runSpec(t, w, base+"  - choice: {fit: [minutes]}\n"+seenSpec+"uncertainty: {draws: 3}\n")
	if c := r.Summary.Choice; c.Why == "" || c.Fragment != "" || !math.IsNaN(float64(c.Terms[0].Value)) {
		t.Errorf("%+v", c)
	}
	places := r.Layer("places")
	for i := range places.Len() {
		if why := must(places.Texts("choice_reason"))(t)[i]; !math.IsNaN(column(t, places, "choice")[i]) || why != "the choice that would be fitted has no estimate" {
			t.Fatalf("place %d has %v, %q", i, column(t, places, "choice")[i], why)
		}
	}
	if said := strings.Join(r.Summary.Notes.Texts(), "\n"); !strings.Contains(said, "the choice of centers could not be fitted") {
		t.Error(said)
	}
}

// A table of those alone who left their own area is noted: nobody in it went to the nearest
// site. One of everybody is not.
func TestFlowsOfLeavers(t *testing.T) {
	w, base := chooser(t, 6, -0.02, 0)
	links := runSpec(t, w, base).Layer("links")
	nearest := map[string]string{}
	minutes := column(t, links, "time_min")
	least := map[string]float64{}
	from, site := must(links.Texts("place_id"))(t), must(links.Texts("site_id"))(t)
	for k, place := range from {
		if m, there := least[place]; !there || minutes[k] < m {
			least[place], nearest[place] = minutes[k], site[k]
		}
	}
	seen := w.Layers.(shelf)["seen"]
	o, d := must(seen.Texts("from"))(t), must(seen.Texts("to"))(t)
	var away []int
	for k := range o {
		if nearest[o[k]] != d[k] {
			away = append(away, k)
		}
	}
	w.Layers.(shelf)["left"] = seen.Pick(away)
	for layer, want := range map[string]bool{"seen": false, "left": true} {
		r := runSpec(t, w, base+strings.Replace(seenSpec, "seen", layer, 1))
		if all := strings.Join(r.Summary.Notes.Texts(), "\n"); strings.Contains(all, "nobody of 120 origins went to the nearest site") != want {
			t.Errorf("%s: noted are\n%s", layer, all)
		}
	}
}

// Draws vary the speed under a choice; borders and Huff's exponent act as they say.
func TestChoiceGiven(t *testing.T) {
	w, base := chooser(t, 4, -0.05, 0)
	mean := func(choice, more string) (float64, *Result) {
		r := runSpec(t, w, base+"  - choice: {coefficients: {"+choice+"}}\n"+more)
		return float64(r.Summary.Measures[0].Mean), r
	}
	nearest := float64(runSpec(t, w, base).Summary.Travel.TimeMin.Mean)
	steep, _ := mean("log_minutes: -4000", "")
	if math.Abs(steep-nearest) > 1e-3 {
		t.Errorf("the steepest choice takes %v minutes, the nearest %v", steep, nearest)
	}
	even, _ := mean("log_minutes: 0", "")
	two, r := mean("log_minutes: -2", "uncertainty: {draws: 20, vary: [speed]}\n")
	if !(nearest < two && two < even) {
		t.Errorf("nearest %v, exponent 2 %v, all alike %v", nearest, two, even)
	}
	if k := slices.IndexFunc(r.Summary.Uncertainty, func(x finding.Interval) bool { return x.What == "mean_choice" }); k < 0 {
		t.Error("the draws do not vary it")
	} else if over := r.Summary.Uncertainty[k]; !(float64(over.Low) < two && two < float64(over.High)) {
		t.Errorf("%+v over the draws of speed, the study has %v", over, two)
	}
	_, r = mean("border: -1000", "")
	country := must(w.Layers.(shelf)["centers"].Texts("country"))(t)
	var home float64
	for j, p := range column(t, r.Layer("sites"), "choice_people") {
		if country[j] == "A" {
			home += p
		}
	}
	var people float64
	for i, c := range must(w.Layers.(shelf)["towns"].Texts("country"))(t) {
		if c == "A" {
			people += column(t, w.Layers.(shelf)["towns"], "population")[i]
		}
	}
	if math.Abs(home-people) > 1e-6 {
		t.Errorf("behind a border that nobody crosses %v people choose the centers of A, where %v live", home, people)
	}
}

func TestFlowsRefuse(t *testing.T) {
	w, base := chooser(t, 5, -0.05, 0)
	w.Layers.(shelf)["twice"] = must(geo.NewTable(geo.About{Name: "twice"}, nil, text("from", "elsewhere", "t1", "t1"), text("to", "c1", "c1", "c1"), num("n", 5, 1, 2)))(t)
	w.Layers.(shelf)["sum"] = must(geo.NewTable(geo.About{Name: "sum"}, nil, text("from", "t1", "t2", "t1"), text("to", "c1", "c1", "Total"), num("n", 1, 2, 3)))(t)
	w.Layers.(shelf)["strange"] = must(geo.NewTable(geo.About{Name: "strange"}, nil, text("from", "x"), text("to", "c1"), num("n", 1)))(t)
	w.Layers.(shelf)["few"] = must(geo.NewTable(geo.About{Name: "few"}, nil, text("from", "t1", "t2", "t3"), text("to", "c1", "c1", "c2"), num("n", 40, math.NaN(), 7)))(t)
	w.Layers.(shelf)["words"] = must(geo.NewTable(geo.About{Name: "words"}, nil, text("from", "t1"), text("to", "c1"), text("n", "<5")))(t)
	for want, spec := range map[string]string{
		"there are no flows to fit to":              "  - choice: {fit: [minutes]}\n",
		"one of the two":                            "  - choice: {fit: [minutes], coefficients: {minutes: -1}}\n" + seenSpec,
		"measures.choice: needs terms":              "  - choice: {}\n",
		"minutes stands twice":                      "  - choice: {fit: [minutes, minutes]}\n" + seenSpec,
		"2 or more folds":                           "  - choice: {coefficients: {minutes: -1}, hold_out: 3}\n",
		"no field of the sites":                     "  - choice: {coefficients: {size: 1}}\n",
		"the study has no regions":                  "  - choice: {coefficients: {region_border: 1}}\n",
		"rows 2 and 3 are of the same origin":       "flows: {layer: twice, from: from, to: to, count: n}\n",
		"row 3 is called \"Total\"":                 "flows: {layer: sum, from: from, to: to, count: n}\n",
		"flows.from":                                "flows: {layer: strange, from: from, to: to, count: n}\n",
		"missing: [\"<5\"] in the layer's entry":    "flows: {layer: words, from: from, to: to, count: n}\n",
		"flows.withheld: is missing":                "  - choice: {fit: [minutes]}\nflows: {layer: few, from: from, to: to, count: n}\n",
		"flows.withheld: found [4 1]":               "flows: {layer: few, from: from, to: to, count: n, withheld: [4, 1]}\n",
		"flows.to: is missing":                      "flows: {layer: seen, from: from, count: n}\n",
		"flows.by: there are no regions":            "flows: {layer: seen, from: from, to: to, count: n, by: region}\n",
		"in a study without privacy":                seenSpec + "privacy: {suppress_below: 5}\n",
		"beds is the same for all sites of each or": "  - choice: {fit: [minutes, beds]}\n" + seenSpec,
	} {
		if strings.HasPrefix(want, "beds is") {
			c := w.Layers.(shelf)["centers"]
			w.Layers.(shelf)["centers"] = must(c.With(num("beds", slices.Repeat([]float64{3}, c.Len())...)))(t)
		}
		s, err := Parse(strings.NewReader(base+spec), nil)
		if err == nil {
			_, err = Run(context.Background(), w, s, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What is said of the sites by yes and no takes part in a choice as 1 and 0.
func TestChoiceByYesAndNo(t *testing.T) {
	w, base := chooser(t, 5, -0.05, 0)
	c := w.Layers.(shelf)["centers"]
	v := make([]float64, c.Len())
	v[0] = 1
	w.Layers.(shelf)["centers"] = must(c.With(geo.Bools(geo.Field{Name: "academic"}, v), num("one", v...)))(t)
	text := func(field string) string {
		r := runSpec(t, w, base+"  - choice: {coefficients: {minutes: -0.05, "+field+": 1}}\n")
		return fmt.Sprint(column(t, r.Layer("sites"), "choice_people"))
	}
	if a, b := text("academic"), text("one"); a != b {
		t.Errorf("%s, with numbers %s", a, b)
	}
}

// What follows from a choice is, at its steepest, what follows from the nearest; and
// else a slow sum over all ways, with as many treated as were observed.
func TestWhatFollowsFromAChoice(t *testing.T) {
	w, base := chooser(t, 6, -0.05, 0)
	more := "  - penalty: {}\ndemand: {eligible_per_100k: 100, reach: 0.3}\nscenarios: {less: [{close: {id: c2}}]}\n"
	near := func(name string, a, b finding.Num) {
		t.Helper()
		if !(math.Abs(float64(a-b)) <= 1e-6*math.Abs(float64(b))) {
			t.Errorf("%s: %v by the steepest choice, %v by the nearest", name, a, b)
		}
	}
	row := func(r *finding.Result, metric string) [2]float64 {
		t.Helper()
		l := r.Layer("compare")
		k := slices.Index(must(l.Texts("metric"))(t), metric)
		if k < 0 {
			t.Fatalf("no comparison of %s", metric)
		}
		return [2]float64{column(t, l, "before")[k], column(t, l, "after")[k]}
	}
	r := runSpec(t, w, base+"  - choice: {coefficients: {log_minutes: -1e7}}\n"+more)
	c, p := r.Summary.ByChoice, r.Summary.Penalty
	near("mean time", c.TimeMin.Mean, r.Summary.Travel.TimeMin.Mean)
	near("share at the nearest", c.Nearest, 1)
	for k := range p.Curves {
		near("p0", c.Curves[k].P0, p.Curves[k].P0)
		near("treated", c.Curves[k].Treated, p.Curves[k].Treated)
		near("foregone", c.Curves[k].Foregone, p.Curves[k].Foregone)
		near("ceiling", c.Curves[k].Ceiling, p.Curves[k].Ceiling)
	}
	for a, b := range map[string]string{"mean_time_min_by_choice": "mean_time_min", "treated_by_choice_hold": "treated_hold"} {
		for k := range 2 {
			near(a, finding.Num(row(r, a)[k]), finding.Num(row(r, b)[k]))
		}
	}
	r = runSpec(t, w, base+"  - choice: {coefficients: {log_minutes: -1.5}}\n"+more)
	curve := r.Summary.ByChoice.Curves[0]
	near("treated", curve.Treated, r.Summary.Penalty.Observed)
	penalty := must(access.NewPenalty(access.Odds, access.Exponential, 0.6, access.Hold))(t)
	links, places := r.Layer("links"), r.Layer("places")
	from, minutes := must(links.Texts("place_id"))(t), column(t, links, "time_min")
	all := map[string]float64{}
	for k, m := range minutes {
		all[from[k]] += math.Pow(math.Max(1, m), -1.5)
	}
	var treated, foregone float64
	for k, m := range minutes {
		i, _ := places.Find(from[k])
		e := column(t, places, "population")[i] / 1000 * math.Pow(math.Max(1, m), -1.5) / all[from[k]]
		l := penalty.Likelihood(float64(curve.P0), travel.FromMinutes(m))
		treated += e * l
		foregone += e * (float64(curve.P0) - l)
	}
	near("treated, slowly", curve.Treated, finding.Num(treated))
	near("foregone, slowly", curve.Foregone, finding.Num(foregone))
	var bySite float64
	for _, n := range column(t, r.Layer("sites"), "treated_by_choice_hold") {
		bySite += n
	}
	near("treated by site", finding.Num(bySite), curve.Treated)
	if after := row(r, "treated_by_choice_hold"); !(after[1] < after[0]) {
		t.Errorf("closing a center changes the treated by choice from %v to %v", after[0], after[1])
	}
	// Beside privacy the treated by choice are told in all only.
	r = runSpec(t, w, base+"  - choice: {coefficients: {log_minutes: -1.5}}\n"+more+"privacy: {suppress_below: 5}\n")
	for _, metric := range texts(t, r.Layer("compare"), "metric") {
		if strings.HasPrefix(metric, "treated_by_choice") {
			t.Errorf("%s is compared beside privacy", metric)
		}
	}
	if _, told := r.Layer("sites").Column("treated_by_choice_hold"); told || !strings.Contains(strings.Join(r.Summary.Notes.Texts(), "\n"), "treated by choice, at each site and in each scenario, is not told") {
		t.Error("the treated by choice of sites are told beside privacy, or no note says that they are not")
	}
	// A field of the sites is not known of what a scenario opens: it is said, not guessed.
	r = runSpec(t, w, base+"  - choice: {coefficients: {log_beds: 1}}\nscenarios: {more: [{open: {id: n, at: [10.5, 45.5]}}]}\n")
	if said := strings.Join(r.Summary.Notes.Texts(), "\n"); !strings.Contains(said, "scenario more is not compared by choice") {
		t.Error(said)
	}
}

// Origins by sites: nobody is lost, and the bands are those of the ways.
func TestProviders(t *testing.T) {
	w, base := chooser(t, 7, -0.05, 0)
	for _, by := range []string{"county", "country"} {
		r := runSpec(t, w, strings.Replace(base, "k: 6", "k: 6, bands_min: [60, 30]", 1)+"  - choice: {coefficients: {log_minutes: -1.5}}\n  - providers: {by: "+by+"}\n")
		l := r.Layer("providers")
		origin, site, band := must(l.Texts("origin"))(t), must(l.Texts("site_id"))(t), column(t, l, "band_min")
		near, choice := column(t, l, "people_nearest"), column(t, l, "people_by_choice")
		got := map[string]float64{}
		for k := range origin {
			got[fmt.Sprint(origin[k], site[k], band[k])] = near[k]
			got["all"] += near[k]
			got["chosen"] += choice[k]
		}
		if all := float64(r.Summary.Population); math.Abs(got["all"]-all) > 1e-6 || math.Abs(got["chosen"]-all) > 1e-6 {
			t.Errorf("by %s: %v and %v of %v people", by, got["all"], got["chosen"], all)
		}
		places := r.Layer("places")
		want := map[string]float64{}
		of := must(w.Layers.(shelf)["towns"].Texts(by))(t)
		for i := range places.Len() {
			b := math.NaN()
			switch m := column(t, places, "time_min")[i]; {
			case m <= 30:
				b = 30
			case m <= 60:
				b = 60
			}
			want[fmt.Sprint(of[i], must(places.Texts("site_id"))(t)[i], b)] += column(t, places, "population")[i]
		}
		for k, n := range want {
			if got[k] != n {
				t.Errorf("by %s: %s has %v people, slowly %v", by, k, got[k], n)
			}
		}
	}
}
