package study

import (
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/finding"
)

// withCounts is the toy with counts of country A, of its land West, of another country
// and of one hospital.
func withCounts(t *testing.T, counts ...access.Count) World {
	w := toy(t)
	w.Counted = func([]string) ([]access.Count, error) { return counts, nil }
	return w
}

func count(area string, low float64, change func(*access.Count)) access.Count {
	c := access.Count{Area: area, Country: area, People: 220_000, From: "2024", To: "2024", Indication: "all", Stage: "infused", Low: low,
		Qualifier: "exact", Per: "year", Scope: "country or larger", Source: "https://example.org", Kind: "ministry"}
	if change != nil {
		change(&c)
	}
	return c
}

// A count of an area that lies wholly in the study stands beside the model, per 100,000
// and as a ratio; one of a part of it, of elsewhere or of one hospital does not.
func TestCountsStandBesideTheModel(t *testing.T) {
	one := toySpec
	r := runSpec(t, withCounts(t,
		count("A", 22, nil),
		count("A", 44, func(c *access.Count) { c.People = 500_000 }), // the study has a part of it
		count("X", 10, nil),
		count("A", 3, func(c *access.Count) { c.Scope = "one hospital" }),
		count("A, West", 1, func(c *access.Count) { c.Country, c.Regions, c.People = "A", []string{"W"}, 150_000 }),
	), one)
	if len(r.Summary.Counted) != 2 {
		t.Fatalf("%d counts stand beside the model: %+v", len(r.Summary.Counted), r.Summary.Counted)
	}
	a := r.Summary.Counted[0]
	treated := column(t, r.Layer("places"), "treated_hold")
	country := r.Layer("places")
	var want float64
	for i, v := range treated {
		if c, _ := country.Column("country"); c.Text(i) == "A" && !math.IsNaN(v) {
			want += v
		}
	}
	if float64(a.Yearly) != 22 || math.Abs(float64(a.Model)-want) > 1e-12 || math.Abs(float64(a.Per100k)-10) > 1e-12 {
		t.Errorf("%+v, want a model of %v", a, want)
	}
	if ratio := float64(a.Per100k / a.Model100k); float64(a.Ratio) != ratio {
		t.Errorf("ratio %v, want %v", a.Ratio, ratio)
	}
	l := r.Layer("counted")
	if l == nil || l.Len() != 2 {
		t.Fatal("no table of counts")
	}
	fires := slices.ContainsFunc(r.Summary.Pitfalls, func(p finding.PitfallSummary) bool { return p.Key == "counted" })
	if far := a.Ratio > 2 || a.Ratio < 0.5 || r.Summary.Counted[1].Ratio > 2 || r.Summary.Counted[1].Ratio < 0.5; fires != far {
		t.Errorf("the pitfall fires: %v; ratios %v and %v", fires, a.Ratio, r.Summary.Counted[1].Ratio)
	}
}

// treated: observed sets the treated to what was counted, infusions before other
// stages, a single year before several, the later before the earlier; without a count,
// in several countries, or with more than are eligible, it is refused by its field.
func TestTreatedAsObserved(t *testing.T) {
	both := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "demand: {eligible_per_100k: 10, treated: observed}", 1)
	spec := strings.NewReplacer("{layer: towns}", "{layer: towns, where: {country: A}}", "{layer: lands}", "{layer: lands, where: {country: A}}",
		"where: {tier: [1, 2]}", "where: {country: A, tier: [1, 2]}").Replace(both)
	r := runSpec(t, withCounts(t,
		count("A", 9, func(c *access.Count) { c.From, c.To = "2023", "2023" }),
		count("A", 30, func(c *access.Count) { c.From, c.To, c.Per = "2020", "2025", "period" }),
		count("A", 5, nil),
		count("A", 15, func(c *access.Count) { c.Stage, c.From, c.To = "applied", "2025", "2025" }),
	), spec)
	if got := float64(r.Summary.Penalty.Observed); got != 5 {
		t.Errorf("treated %v, want the 5 of 2024", got)
	}
	if !slices.ContainsFunc(r.Summary.Notes, func(n Note) bool { return n.Key == "demand.observed" }) {
		t.Error("no note says what was counted")
	}
	for _, c := range []struct {
		world      World
		spec, want string
	}{
		{withCounts(t, count("B", 2, nil)), spec, "demand.treated: observed: no count by year is known of the whole of A"},
		{toy(t), spec, "demand.treated: observed: no count by year is known"},
		{withCounts(t, count("A", 5000, nil)), spec, "of 20 who are eligible"},
		{withCounts(t, count("A", 5, nil)), both, "the study is of several countries, A, B"},
	} {
		if _, err := Run(t.Context(), c.world, must(Parse(strings.NewReader(c.spec), nil))(t), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("found %v, want %q", err, c.want)
		}
	}
}

// Counts give no number of patients away that the study withholds, neither in the table
// nor by a ratio, and no infinite ratio is told.
func TestCountsKeepWhatIsWithheld(t *testing.T) {
	west := count("A, West", 1, func(c *access.Count) { c.Country, c.Regions, c.People = "A", []string{"W"}, 150_000 })
	r := runSpec(t, withCounts(t, west, count("A", 22, nil)), toySpec+"privacy: {suppress_below: 50}\n")
	hidden, _ := r.Layer("regions").Column("withheld")
	if hidden.Text(0) == "" {
		t.Fatal("nothing is withheld")
	}
	for _, c := range r.Summary.Counted {
		if one := len(c.Regions) > 0; one != math.IsNaN(float64(c.Model)) || one != math.IsNaN(float64(c.Ratio)) || one != (c.NoModel != "") {
			t.Errorf("%+v", c)
		}
	}
	for _, p := range r.Summary.Pitfalls {
		if strings.Contains(p.Text, "West") {
			t.Errorf("the pitfall tells: %s", p.Text)
		}
	}
	none := strings.Replace(toySpec, "reach: 0.2}", "reach: 0.2}\npenalty: {}", 1)
	far := withCounts(t, count("A", 1, func(c *access.Count) { c.Country, c.Regions, c.People = "A", []string{"I"}, 20_000 }))
	r = runSpec(t, far, none)
	if c := r.Summary.Counted[0]; !math.IsNaN(float64(c.Ratio)) || c.NoModel == "" {
		t.Errorf("nobody on the isle has a way: %+v", c)
	}
}

// A number of the study's own is called that, and by no indication: a rate, a field and
// funnels. The rate of the register is of the indication that the register has it for.
func TestOwnNumbersAreOfNoIndication(t *testing.T) {
	for demand, want := range map[string]string{
		"{eligible_per_100k: 10}":   "at the study's own rate of 10 per 100,000 a year",
		"{eligible: population}":    "as in field population",
		"{eligible_per_100k: 1.19}": "third-line large B-cell lymphoma",
		"{reach: 0.3}":              "third-line large B-cell lymphoma",
		"{indications: [lbcl-3l]}":  "third-line large B-cell lymphoma",
	} {
		named := strings.HasPrefix(want, "third")
		w := withCounts(t, count("A", 900, func(c *access.Count) { c.Indication = "LBCL 3L" }))
		r := runSpec(t, w, strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "demand: "+demand, 1))
		p := r.Summary.Penalty
		if got := strings.Join(p.Patients, "; "); got != want || named != (len(p.Indications) == 1) {
			t.Errorf("%s: %q, indications %v", demand, got, p.Indications)
		}
		if why := r.Summary.Counted[0].Why; named == slices.Contains(why, "indication: LBCL 3L") {
			t.Errorf("%s: %q sets the count apart", demand, why)
		}
		k := slices.IndexFunc(r.Summary.Pitfalls, func(x finding.PitfallSummary) bool { return x.Key == "counted" })
		if k < 0 {
			t.Errorf("%s: a count far from the model is not said", demand)
		} else if x := r.Summary.Pitfalls[k]; strings.Contains(x.Text, "study's own number") == named {
			t.Errorf("%s: %s", demand, x.Text)
		}
	}
}

// Indications name whose patients the figures are of, everywhere that they are shown.
func TestIndicationsAreNamed(t *testing.T) {
	spec := strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", "demand: {indications: [mm-4l, fl], rates: {fl: 2.35}}", 1)
	r := runSpec(t, toy(t), spec)
	if got := float64(r.Summary.Penalty.Eligible); math.Abs(got-300_000*4e-5) > 1e-9 {
		t.Errorf("%v eligible, want 12", got)
	}
	if got := strings.Join(r.Summary.Penalty.Patients, "; "); got != "myeloma after three lines; follicular lymphoma" {
		t.Errorf("patients with %s", got)
	}
	for _, name := range []string{"eligible", "treated_hold", "likelihood_hold"} {
		for _, l := range r.Layers {
			if c, ok := l.Column(name); ok && name != "likelihood_hold" && !strings.Contains(c.Title, "myeloma after three lines; follicular lymphoma") {
				t.Errorf("%s of %s is called %q", name, l.Name, c.Title)
			}
		}
	}
	for text, want := range map[string]string{
		"demand: {indications: [fl]}":                                    "demand.rates.fl: no number of eligible patients with follicular lymphoma",
		"demand: {indications: [cll]}":                                   "demand.indications: found \"cll\"",
		"demand: {indications: [mm-4l, mm-4l]}":                          "mm-4l stands twice",
		"demand: {indications: [mm-4l], rates: {fl: 1}}":                 "demand.rates.fl: the study does not name this indication",
		"demand: {indications: [fl], rates: {fl: -1}}":                   "demand.rates.fl",
		"demand: {indications: [mm-4l], eligible_per_100k: 1}":           "exclude each other",
		"demand: {treated: many}":                                        "demand.treated: found \"many\"; accepted: a number of patients a year, or observed",
		"demand: {treated: observed, reach: 0.2, eligible_per_100k: 10}": "reach and treated exclude each other",
	} {
		_, err := Parse(strings.NewReader(strings.Replace(toySpec, "demand: {eligible_per_100k: 10, reach: 0.2}", text, 1)), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// A scenario that changes the way of one withheld region alone tells no number of
// patients: by its change that region's could be told.
func TestScenarioOfOneWithheldRegion(t *testing.T) {
	spec := toySpec + "privacy: {suppress_below: 2}\nuncertainty: {draws: 5}\nscenarios:\n  x:\n    - open: {id: new, at: [3.5, 46]}\n"
	r := runSpec(t, toy(t), spec)
	regions := r.Layer("regions")
	withheld, _ := regions.Column("withheld")
	if withheld.Text(1) == "" {
		t.Fatalf("the east is not withheld: %v", withheld)
	}
	told := func(r *Result) bool {
		metric, _ := r.Layer("compare").Column("metric")
		for i := range r.Layer("compare").Len() {
			if strings.HasPrefix(metric.Text(i), "treated_") {
				return true
			}
		}
		return len(r.Summary.Scenarios[0].Treated) > 0 ||
			slices.ContainsFunc(r.Summary.Uncertainty, func(x finding.Interval) bool { return strings.HasPrefix(x.What, "treated_change_") })
	}
	if told(r) {
		t.Errorf("told: %+v", r.Summary.Scenarios[0].Treated)
	}
	if !slices.ContainsFunc(r.Summary.Notes, func(n Note) bool { return n.Key == "privacy.scenario" }) {
		t.Error("no note says so")
	}
	if open := runSpec(t, toy(t), strings.Replace(spec, "privacy: {suppress_below: 2}\n", "", 1)); !told(open) {
		t.Error("without privacy nothing is told either")
	}
}
