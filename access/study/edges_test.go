package study

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// A likelihood that would have to be above 1 in some draws loses these draws, not
// the run.
func TestDrawsThatCannotBe(t *testing.T) {
	spec := strings.Replace(strings.Replace(toySpec, "reach: 0.2}", "reach: 0.885}", 1), "measures:", "penalty: {form: risk, family: exponential}\nuncertainty: {draws: 60, seed: 3, vary: [effect, speed]}\nmeasures:", 1)
	r := runSpec(t, toy(t), spec)
	fewer := 0
	for _, u := range r.Summary.Uncertainty {
		if strings.HasPrefix(u.What, "foregone_") {
			fewer += ground.Bit(u.Draws < 60)
			if (u.Draws == 0) != math.IsNaN(float64(u.Low)) || math.IsNaN(float64(u.Low)) && u.Why == "" {
				t.Errorf("%+v", u)
			}
		}
	}
	if fewer == 0 {
		t.Errorf("at a reach of 0.885 every draw can be: %+v", r.Summary.Uncertainty)
	}
}

// What a summary has no value of is said under no_value, and every number of it
// stands in JSON, zeros too.
func TestNumbersWithoutValue(t *testing.T) {
	b, err := json.Marshal(&finding.Summary{Measures: []finding.MeasureSummary{{Mean: Num(math.Inf(1)), Inequality: []finding.IndexSummary{{}}}}, Siting: &finding.SitingSummary{}, Demand: &finding.DemandSummary{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"value":0`, `"low_2_5":0`, `"high_97_5":0`, `"best_possible":0`, `"treated_of_label":0`, `"treated_of_fit":0`, `"draws":0`} {
		if !strings.Contains(string(b), key) {
			t.Errorf("%s is left out of %s", key, b)
		}
	}
	s := &finding.Summary{Measures: []finding.MeasureSummary{{Mean: Num(math.Inf(1)), Median: Num(math.NaN()), Inequality: []finding.IndexSummary{{Value: Num(math.NaN()), Why: "somebody has a value of 0"}}}},
		Travel: &finding.TravelSummary{WithoutTime: map[string]Num{"sea": Num(math.Inf(-1))}}}
	lost := map[string]string{}
	for _, m := range lacking(s) {
		lost[m.Field] = m.Why
	}
	if lost["measures[].mean"] == "" || lost["measures[].inequality[].value"] != "somebody has a value of 0" || lost["travel.people_without_time.sea"] == "" || !math.IsNaN(float64(s.Measures[0].Mean)) {
		t.Errorf("%v, %v", lost, s.Measures[0])
	}
}

// Hospitals have a border group as places do, under every rule: same-region too.
func TestReferralWithinRegions(t *testing.T) {
	w := toy(t)
	hospitals := must(geo.NewPoints(geo.About{Name: "hospitals"}, []string{"h1", "h2", "h3"}, []orb.Point{{0.6, 46}, {3.5, 46}, {-40, 10}}, text("country", "A", "A", "B"), text("payer", "x", "y", "x"), num("beds", 0, 0, 0)))(t)
	w.Layers.(shelf)["hospitals"] = hospitals
	for rule, timed := range map[string]int{"same-region": 1, "free": 3, "same-country": 3, "{groups: payer}": 3} {
		spec := strings.Replace(toySpec, "borders: same-country", "borders: "+rule, 1) + "  - referral: {layer: hospitals}\n"
		r := runSpec(t, w, spec)
		// h2 lies in East, which has no center; h3 in no region.
		lost := fmt.Sprintf("%d of 3 referring hospitals have no time", 3-timed)
		if f := r.Summary.Referral; f.Hospitals != 3 || !(f.TimeMin.Mean > 0) || (timed == 3) == slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.Contains(n, "referring hospitals have no time") }) ||
			timed < 3 && !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.HasPrefix(n, lost) }) {
			t.Errorf("%s: %+v, of whom %d should have a time: %q", rule, f, timed, r.Summary.Notes.Texts())
		}
	}
	// Beds of 0 throughout weigh nobody: no value, and no failure.
	spec := toySpec + "  - referral: {layer: hospitals, weight: beds}\n"
	r := runSpec(t, w, spec)
	if f := r.Summary.Referral; !math.IsNaN(float64(f.TimeMin.Mean)) || !slices.ContainsFunc(r.Summary.NoValue, func(m finding.Missing) bool { return m.Field == "referral.time_min.mean" && m.Why != "" }) {
		t.Errorf("%+v, %+v", f, r.Summary.NoValue)
	}
}

// A forecast of nobody is 0 patients, or no value with its reason; and the parts
// that cancel out leave no less than nobody and no more than everybody.
func TestForecastOfNobody(t *testing.T) {
	none := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", strings.Replace(germany, "fit: 0.5", "fit: 0", 1), 1)
	r := runSpec(t, toy(t), none+"forecast: {from: 2025, to: 2030, people_growth: 0.01, target: {double: number}}\n")
	if f := r.Summary.Forecast; f.Eligible != 0 {
		t.Errorf("%+v", f)
	}
	for _, m := range r.Summary.NoValue {
		if strings.HasPrefix(m.Field, "forecast") && m.Why != "nobody eligible has a way to a center" && m.Why != "nobody is treated today" {
			t.Errorf("%+v", m)
		}
	}
	for _, growth := range []string{"people_growth: -0.4, incidence_growth: -0.4", "people_growth: 0.4, incidence_growth: 0.4, referral_growth: 4", "people_growth: -0.49, referral_growth: -0.9"} {
		for _, room := range []string{"", ", capacity: {2025: 0}"} {
			r := runSpec(t, toy(t), toySpec+"forecast: {from: 2025, to: 2075, "+growth+room+"}\n")
			eligible, treated, reach := column(t, r.Layer("forecast"), "eligible"), column(t, r.Layer("forecast"), "treated"), column(t, r.Layer("forecast"), "reach")
			for i, v := range treated {
				if v < 0 || v > eligible[i] || reach[i] < 0 || reach[i] > 1 || room != "" && v != 0 {
					t.Errorf("%s%s: year %d: %v of %v are treated, a reach of %v", growth, room, 2025+i, v, eligible[i], reach[i])
				}
			}
		}
	}
}

// What cannot be computed is refused by the field that would have to change.
func TestRefusalsNameTheField(t *testing.T) {
	slow := strings.Replace(toySpec, "engine: crow,", "engine: crow, speed_times: 0.0001,", 1)
	for spec, want := range map[string]string{
		slow + "siting: {pick: 1, goal: kolm_pollak}\n":                                                                                           "siting.goal: Kolm-Pollak",
		toySpec + "siting: {pick: 1, goal: kolm_pollak, aversion: 100}\n":                                                                         "siting.goal: Kolm-Pollak",
		slow + "siting: {pick: 1, goal: mean_time, then: {goal: kolm_pollak}}\n":                                                                  "siting.goal: Kolm-Pollak",
		toySpec + "siting: {pick: 1, goal: fgt, power: 1000, within_min: 1}\n":                                                                    "siting.goal: FGT",
		strings.Replace(toySpec, "reach: 0.2", "treated: 1000", 1):                                                                                "demand.treated: 1000 treated of 28 eligible",
		strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}\n", strings.Replace(germany, "earlier: 0.1", "earlier: 0.9", 1), 1): "demand.reach: ",
	} {
		s, err := Parse(strings.NewReader(spec), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Run(t.Context(), toy(t), s, nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A draw so slow that a cost is too large to be a number loses what it would say of
// the plan, not the run; shares are of the draws that have a plan.
func TestSlowDrawsWhoseCostsAreTooLarge(t *testing.T) {
	const draws = 60
	text := toySpec + "uncertainty: {draws: 60, seed: 3, vary: [speed]}\nsiting: {pick: 2, goal: %s}\n"
	for _, goal := range []string{"kolm_pollak, aversion: 3.6", "kolm_pollak, aversion: 3.6, apart_km: 1", "fgt, within_min: 1, power: 127"} {
		r := runSpec(t, toy(t), fmt.Sprintf(text, goal))
		lost := 0
		for _, u := range r.Summary.Uncertainty {
			if spec.In(u.What, "plan_gain", "best_gain_found") {
				lost = draws - u.Draws
				if !(u.Low <= u.High) || u.Draws == 0 {
					t.Errorf("%s: %+v", goal, u)
				}
			} else if u.Draws != draws {
				t.Errorf("%s: of %d draws %s has a value in %d", goal, draws, u.What, u.Draws)
			}
		}
		if lost == 0 {
			t.Errorf("%s: no draw is too slow", goal)
		}
		most := 0.0
		for _, p := range r.Summary.Siting.Plan {
			most = max(most, float64(p.InDraws))
		}
		if most != 1 {
			t.Errorf("%s: the site that is in every plan is in %v of the draws", goal, most)
		}
		for i, v := range column(t, r.Layer("uncertainty_regions"), "draws") {
			if v != draws && v != float64(draws-lost) && v != 0 {
				t.Errorf("%s: row %d of the regions has a value in %v draws", goal, i, v)
			}
		}
	}
}

// Other units in which nothing can be said leave the study in its own as it is.
func TestOtherUnitsWithoutResult(t *testing.T) {
	own := toySpec + "siting: {goal: all_covered, within_min: 60}\n"
	for areal, want := range map[string]string{
		"areal: {by: payer}\n": "in the other areal units there is no plan: siting",
		"areal: {by: payer}\nuncertainty: {draws: 10, seed: 1, vary: [areal]}\n": "in the other areal units there is no plan: siting",
	} {
		r, alone := runSpec(t, toy(t), own+areal), runSpec(t, toy(t), own)
		if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool { return strings.HasPrefix(n, want) }) {
			t.Errorf("%s: notes are %q", areal, r.Summary.Notes.Texts())
		}
		if fmt.Sprint(r.Summary.Siting.Plan) != fmt.Sprint(alone.Summary.Siting.Plan) {
			t.Errorf("%s: the plan is %+v, alone %+v", areal, r.Summary.Siting.Plan, alone.Summary.Siting.Plan)
		}
	}
	// Everybody eligible would have to be treated there.
	w := toy(t)
	w.Layers.(shelf)["blocks"] = must(must(w.Layers.Layer(t.Context(), "towns"))(t).With(num("population", 1, 0, 0, 0, 0)))(t).Named(geo.About{Name: "blocks"})
	spec := strings.Replace(toySpec, "reach: 0.2", "treated: 5", 1) + "areal: {layer: blocks}\nuncertainty: {draws: 10, seed: 1, vary: [areal]}\n"
	r := runSpec(t, w, spec)
	if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool {
		return strings.HasPrefix(n, "in the other areal units the study has no result: demand.treated: ")
	}) {
		t.Errorf("notes are %q", r.Summary.Notes.Texts())
	}
	for _, u := range r.Summary.Uncertainty {
		if u.Draws == 0 || u.Draws == 10 || u.Low != u.High {
			t.Errorf("%+v", u)
		}
	}
}

// What does not go with who and where the people of the other units are is refused in
// the study's own units, and takes nothing from them in others. What the section names
// wrongly is refused.
func TestRefusalsInOtherUnits(t *testing.T) {
	swapped := []orb.Point{{46, 0.5}, {46, 1.5}, {46, 3.5}, {44.9, 1.5}, {11, 46}}
	isle := []orb.Point{{11, 46}, {11, 46.1}, {11, 46.2}, {11, 46.3}, {11, 46.4}}
	turned := []orb.Point{{-0.5, -46}, {1.5, -46}, {3.5, -46}, {1.5, -44.9}, {11, -46}}
	afar := []orb.Point{{60, 46}, {60, 47}, {60, 48}, {60, 49}, {60, 50}}
	for name, c := range map[string]struct {
		at      []orb.Point
		columns []geo.Column
		more    string // sections
		spec    [2]string
		why     string
	}{
		"a scenario's site far from everybody": {at: isle, more: "scenarios: {more: [{open: {id: new, at: [1, 46]}}]}\n",
			why: "scenarios.more: open: new at [1, 46] is "},
		"longitude and latitude swapped":   {at: swapped, why: "places: half of layer blocks lies more than "},
		"latitudes of the other sign":      {at: turned, why: "regions: none of the 5 places with people lies in a region of layer lands; with latitudes of the other sign, "},
		"everybody outside of the regions": {at: afar, why: "regions: none of the 5 places with people lies in a region of layer lands"},
		"regions by another word": {columns: []geo.Column{text("land", "w", "w", "e", "s", "i")}, spec: [2]string{"{layer: lands}", "{layer: lands, join: {place: land, region: name}}"},
			why: "places: regions.join: "},
		"no country of several":    {columns: []geo.Column{}, why: "travel.borders: layer blocks has no field country"},
		"a matrix of other places": {columns: []geo.Column{}, spec: [2]string{"{engine: crow, borders: same-country}", "{engine: matrix, table: times, place: place, site: site, minutes: time_min, borders: free}"}, why: "travel.place: "},
		"nobody":                   {columns: []geo.Column{text("country", "A", "A", "A", "B", "A"), num("population", 0, 0, 0, 0, 0)}, why: "places: nobody lives in layer blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			w := toy(t)
			towns := must(must(w.Layers.Layer(t.Context(), "towns"))(t).With(text("land", "West", "West", "East", "South", "Isle")))(t)
			w.Layers.(shelf)["towns"] = towns
			w.Layers.(shelf)["times"] = must(geo.NewTable(geo.About{Name: "times"}, []string{"1", "2", "3"}, text("place", "a1", "b1", "a1"), text("site", "c1", "c3", "n1"), num("time_min", 10, 20, 30)))(t)
			at := []orb.Point{{0.5, 46}, {1.5, 46}, {3.5, 46}, {1.5, 44.9}, {11, 46}}
			if c.at != nil {
				at, c.columns = c.at, []geo.Column{text("country", "A", "A", "A", "B", "A")}
			} else if len(c.columns) > 0 && !slices.ContainsFunc(c.columns, func(c geo.Column) bool { return c.Name == "country" }) {
				c.columns = append(c.columns, text("country", "A", "A", "A", "B", "A"))
			}
			if !slices.ContainsFunc(c.columns, func(c geo.Column) bool { return c.Name == "population" }) {
				c.columns = append(c.columns, num("population", 100_000, 50_000, 50_000, 80_000, 20_000))
			}
			w.Layers.(shelf)["blocks"] = must(geo.NewPoints(geo.About{Name: "blocks"}, []string{"q1", "q2", "q3", "q4", "q5"}, at, c.columns...))(t)
			own := toySpec + c.more
			if c.spec[0] != "" {
				own = strings.Replace(own, c.spec[0], c.spec[1], 1)
			}
			r, alone := runSpec(t, w, own+"areal: {layer: blocks}\nuncertainty: {draws: 10, seed: 1, vary: [areal]}\n"), runSpec(t, w, own)
			if !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool {
				return strings.HasPrefix(n, "in the other areal units the study has no result: "+c.why)
			}) {
				t.Errorf("notes are %q", r.Summary.Notes.Texts())
			}
			if r.Summary.Areal != nil || r.Layer("areal") != nil || fmt.Sprint(r.Summary.Travel) != fmt.Sprint(alone.Summary.Travel) {
				t.Errorf("areal is %+v, travel %+v, alone %+v", r.Summary.Areal, r.Summary.Travel, alone.Summary.Travel)
			}
			// In its own units each is refused, and names its field.
			_, err := Run(t.Context(), w, must(Parse(strings.NewReader(strings.Replace(own, "{layer: towns}", "{layer: blocks}", 1)), nil))(t), nil)
			var refused *spec.SpecError
			if !errors.As(err, &refused) || refused.Field == "" || !strings.HasPrefix(err.Error(), c.why) {
				t.Errorf("refused by %v", err)
			}
		})
	}
	w := toy(t)
	for areal, want := range map[string]string{"{layer: towns, weight: heads}": "areal: places: ", "{layer: nothing}": "areal: ", "{by: nothing}": "areal.by: "} {
		if _, err := Run(t.Context(), w, must(Parse(strings.NewReader(toySpec+"areal: "+areal+"\n"), nil))(t), nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", areal, err)
		}
	}
}

// Fees are in units of the first goal and lessen no other's gain; where the plan
// loses by them, nothing is given up for a further goal.
func TestFeesAreOfTheFirstGoal(t *testing.T) {
	w := toy(t)
	cities := must(w.Layers.Layer(t.Context(), "cities"))(t)
	w.Layers.(shelf)["cities"] = must(cities.With(num("fee", 100, 200, 300)))(t)
	for _, rules := range []string{"fee: fee, also: [{goal: treated, weight: 1}], then: {goal: mean_time}", "fee: fee, within_min: 0.001, at_least: {W: 1}, then: {goal: treated, give: 0.5}"} {
		r := runSpec(t, w, toySpec+"siting: {goal: covered, pick: 2, "+rules+"}\n")
		l := r.Layer("goals")
		for i, v := range column(t, l, "gain") {
			if v < 0 && i > 0 {
				t.Errorf("%s: row %d of the goals gains %v", rules, i, v)
			}
		}
	}
}

// Centers close, and candidates open, only where that gains something.
func TestNothingMovesForNothing(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"siting: {goal: covered, within_min: 0.001, pick: 1, close: 2}\n")
	// Only who lives where a center is can be reached so soon: at c1 already, and
	// at n1 and n2.
	if m := r.Summary.Siting.Moves; m.Gain != 70_000 || len(m.Closes) != 1 || len(m.Opens) != 2 {
		t.Errorf("%+v", *m)
	}
	r = runSpec(t, toy(t), toySpec+"siting: {goal: covered, within_min: 1000, pick: 3, close: 2}\n")
	if m := r.Summary.Siting.Moves; len(m.Closes) != 0 {
		t.Errorf("%+v", *m)
	}
}

// Where a scenario takes the way from people, or gives them their first, the change
// of the mean is that of those who have a time in both: else who loses a long way
// would make it look shorter.
func TestChangeOfTheMeanIsOfTheSamePeople(t *testing.T) {
	towns := must(geo.NewTable(geo.About{Name: "towns"}, []string{"a", "b", "c"}, num("population", 1000, 2000, 3000), text("land", "W", "W", "E")))(t)
	lands := must(geo.NewTable(geo.About{Name: "lands"}, []string{"W", "E"}, text("land", "W", "E")))(t)
	sites := must(geo.NewTable(geo.About{Name: "sites"}, []string{"s", "t", "u"}, num("slots", 1, 1, 1), text("land", "W", "W", "E")))(t)
	times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", "a", "a", "b", "c", "c"), text("to", "s", "t", "s", "t", "u"), num("min", 10, 25, 20, 200, 90)))(t)
	w := World{Layers: shelf{"towns": towns, "lands": lands, "sites": sites, "times": times}, Version: "test"}
	const spec = `version: 1
name: x
places: {layer: towns}
regions: {layer: lands, join: land}
sites: {layer: sites}
travel: {engine: matrix, table: times, place: from, site: to, minutes: min, borders: free}
measures: [{travel: {}}]
scenarios:
  lost: [{close: {id: s}}]
  far: [{close: {id: u}}]
  only: [{close: {id: t}}, {close: {id: u}}]
  first: [{close: {id: s}}, {close: {id: t}}]
`
	r := runSpec(t, w, spec)
	for name, want := range map[string]struct{ mean, change, farther, lost float64 }{
		"lost":  {(1000*25 + 3000*90) / 4000., 15 * 1000 / 4000., 3000, 2000}, // of a and c; b has no way any more
		"far":   {(1000*10 + 2000*20 + 3000*200) / 6000., 110 * 3000 / 6000., 3000, 0},
		"only":  {(1000*10 + 2000*20) / 3000., 0, 3000, 3000},
		"first": {90, 0, 3000, 3000},
	} {
		k := slices.IndexFunc(r.Summary.Scenarios, func(s finding.ScenarioSummary) bool { return s.Name == name })
		if s := r.Summary.Scenarios[k]; math.Abs(float64(s.MeanTimeMin)-want.mean) > 1e-9 || math.Abs(float64(s.MeanChange)-want.change) > 1e-9 || float64(s.PeopleFarther) != want.farther || float64(s.NoLonger) != want.lost {
			t.Errorf("%s: %+v, want %+v", name, s, want)
		}
	}
	by := r.Layer("compare_regions")
	scenario, change := must(by.Texts("scenario"))(t), column(t, by, "change_min")
	region := must(by.Texts("region_id"))(t)
	for i := range scenario {
		want := map[string]float64{"lost W": 15, "far E": 110}[scenario[i]+" "+region[i]]
		if (scenario[i] == "only" || scenario[i] == "first") && region[i] != "W" || scenario[i] == "first" {
			want = math.NaN() // nobody there has a time in both
		}
		if math.Abs(change[i]-want) > 1e-9 || math.IsNaN(change[i]) != math.IsNaN(want) {
			t.Errorf("%s in %s changes by %v, want %v", scenario[i], region[i], change[i], want)
		}
	}
}

// A matrix by id needs no positions: the ways to sites without one have no line, and
// everything else stands.
func TestWaysToSitesWithoutPosition(t *testing.T) {
	at := []orb.Point{{10, 45}, {11, 45}}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b"}, at, num("population", 10, 20)))(t)
	nowhere := orb.Point{math.NaN(), math.NaN()}
	times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", "a", "b"), text("to", "s", "t"), num("min", 10, 20)))(t)
	const spec = "version: 1\nname: x\nplaces: {layer: towns}\nsites: {layer: sites}\ntravel: {engine: matrix, table: times, place: from, site: to, minutes: min, borders: free}\nmeasures: [{travel: {}}]\n"
	for name, sites := range map[string]*geo.Layer{
		"none has":    must(geo.NewTable(geo.About{Name: "sites"}, []string{"s", "t"}, num("slots", 1, 1)))(t),
		"one has not": must(geo.NewPoints(geo.About{Name: "sites"}, []string{"s", "t"}, []orb.Point{{10, 46}, nowhere}, num("slots", 1, 1)))(t),
	} {
		links := runSpec(t, World{Layers: shelf{"towns": towns, "sites": sites, "times": times}, Version: "test"}, spec).Layer("links")
		for i := range links.Len() {
			has := name == "one has not" && i == 0
			if line := links.Shape(i); (line != nil) != has {
				t.Errorf("%s: the line of way %d is %v", name, i, line)
			}
		}
	}
}

// Notes count people as they are, however many, and say where rows have no ids
// though a column was meant.
func TestNotesOfPeopleAndIDs(t *testing.T) {
	for people, want := range map[float64]string{1e25: "people 10,000,000,000,000,000,905,969,664", 1234.4: "people 1,234", -1e25: "people -10,000,000,000,000,000,905,969,664"} {
		n := NewNote("areal.astray", map[string]any{"by": "x", "people": people})
		if got := "people " + strings.Split(strings.Split(n.Text, "travel: ")[1], " people")[0]; got != want {
			t.Errorf("%v: %s, want %s", people, got, want)
		}
	}
	w := toy(t)
	towns := must(w.Layers.Layer(t.Context(), "towns"))(t)
	about := towns.About
	about.Identity = geo.Identity{Why: `id is "a" in features 1 and 2`, Meant: true}
	w.Layers.(shelf)["towns"] = towns.Named(about)
	if r := runSpec(t, w, toySpec); !slices.ContainsFunc(r.Summary.Notes.Texts(), func(n string) bool {
		return strings.Contains(n, `no column of layer towns was taken for the ids, since id is "a" in features 1 and 2`)
	}) {
		t.Errorf("%q", r.Summary.Notes.Texts())
	}
}
