package study

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/spec"
	"careshed/geo"
)

// Every measure of supply and demand runs from a study, and a place that has
// no value has a reason.
func TestEveryMeasureRuns(t *testing.T) {
	spec := toySpec + `  - cumulative: {limit_min: 120}
  - gravity: {decay: {power: {exponent: 1, scale_min: 10}}}
  - closest: {number: 1, limit_min: 200}
  - balancing: {limit_min: 200}
  - 2sfca: {limit_min: 120}
  - e2sfca: {limit_min: 120, decay: {epanechnikov: {}}}
  - 3sfca: {limit_min: 120, decay: {exponential: {per_min: 0.01}}, choice: huff}
  - m2sfca: {limit_min: 120, decay: {dai: {}}}
  - bfca: {limit_min: 120, decay: {logistic: {midpoint_min: 30, spread_min: 10}}}
  - availability: {limit_min: 120, decay: {steps_open: [{to_min: 60, weight: 0.5}]}}
  - raam: {limit_min: 300}
  - kd2sfca: {limit_min: 120, decay: {dai: {}}}
  - competition: {decay: {gaussian: {sigma_min: 60}}}
  - interval: {from_min: 30, limit_min: 120, step_min: 30}
  - passive: {limit_min: 120}
`
	r := runSpec(t, toy(t), spec)
	if len(r.Summary.Measures) != 16 {
		t.Fatalf("%d measures", len(r.Summary.Measures))
	}
	p := r.Layer("places")
	for _, m := range r.Summary.Measures {
		if m.Name == "passive" {
			continue
		}
		c, _ := p.Column(m.Column)
		v, why := column(t, p, m.Column), texts(t, p, m.Column+"_reason")
		for i := range v {
			if math.IsNaN(v[i]) && why[i] == "" {
				t.Errorf("%s: place %d has neither value nor reason", m.Name, i)
			}
		}
		if !(m.People > 0) && m.Name != "balancing" || len(m.Parameters) == 0 || c.Unit == "" {
			t.Errorf("%+v", m)
		}
	}
	// A head of a place has what the place has, shared by its people.
	a, two := column(t, p, "availability"), column(t, p, "2sfca")
	if a[0] <= 0 || two[0] <= 0 {
		t.Errorf("availability %v, 2sfca %v", a, two)
	}
}

func TestEveryIndexAndSpatialRuns(t *testing.T) {
	text := toySpec + `  - 2sfca: {limit_min: 120}
inequality: [gini, theil_t, {theil_l: {groups: country}}, {atkinson: {aversion: 0.5}}, hoover, p90_p10, {palma: {income: svi}}, {concentration: {rank: svi}}, {slope: {rank: svi}}, {quantiles: {at: [0.1, 0.5]}}, {gap: {groups: payer, between: [x, y], draws: 50}}, {fgt: {line: 0.00001, power: 1}}, {cost_fgt: {line: 60}}]
spatial: {of: [population, svi], neighbours: nearest, k: 2, permutations: 99}
`
	r := runSpec(t, toy(t), text)
	seen := map[string]bool{}
	for _, q := range r.Summary.Measures[0].Inequality {
		seen[q.Name] = true
		if math.IsNaN(float64(q.Value)) && q.Why == "" {
			t.Errorf("%+v has neither value nor reason", q)
		}
	}
	for _, n := range append(slices.DeleteFunc(spec.IndexNames(), func(n string) bool { return n == "gap" || n == "quantiles" }),
		"gap_difference", "gap_ratio", "quantile_0.1_lower", "quantile_0.5_interpolated", "theil_l_between", "relative_slope", "concentration_generalised") {
		if !seen[n] {
			t.Errorf("index %s is missing", n)
		}
	}
	if len(r.Summary.Spatial) != 2 || r.Layer("spatial").Len() != 10 {
		t.Errorf("%+v", r.Summary.Spatial)
	}
	for spec, want := range map[string]string{
		"spatial: {of: [time], neighbours: nearest}":        `has no field "time"`,
		"spatial: {of: [time_min], neighbours: contiguity}": "contiguity needs places that are polygons",
	} {
		s, err := Parse(strings.NewReader(toySpec+spec+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), toy(t), s, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
}

// Several supplies are what each is by itself, under its own column; who asks
// may be eligible patients, fractions of a person.
func TestSeveralSuppliesAndFractionsOfPatients(t *testing.T) {
	spec := func(supply, demand string) string {
		return strings.Replace(toySpec, "supply: {constant: 1}", "supply: "+supply, 1) +
			"  - 2sfca: {limit_min: 120" + demand + "}\n  - raam: {limit_min: 300" + demand + "}\n  - cumulative: {limit_min: 120}\n"
	}
	both := runSpec(t, toy(t), spec("[beds, tier]", ""))
	for _, f := range []string{"beds", "tier"} {
		alone := runSpec(t, toy(t), spec(f, ""))
		for _, m := range []string{"2sfca", "raam", "cumulative"} {
			a, b := column(t, alone.Layer("places"), m), column(t, both.Layer("places"), m+"_"+f)
			for i := range a {
				if a[i] != b[i] && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
					t.Errorf("%s of %s: place %d has %v alone and %v beside another supply", m, f, i, a[i], b[i])
				}
			}
		}
		if got := column(t, both.Layer("sites"), "supply_"+f); got[0] != column(t, alone.Layer("sites"), "supply")[0] {
			t.Errorf("supply of %s: %v", f, got)
		}
	}
	if both.Summary.Measures[0].Supply != "beds" || both.Summary.Measures[0].Column != "2sfca_beds" {
		t.Errorf("%+v", both.Summary.Measures[0])
	}
	// Ten eligible of 100,000 have ten thousand times the supply a head; RAAM's
	// cost is the same, since it counts in shares.
	people, patients := runSpec(t, toy(t), spec("beds", "")), runSpec(t, toy(t), spec("beds", ", demand: eligible"))
	for m, times := range map[string]float64{"2sfca": 10_000, "raam": 1, "cumulative": 1} {
		a, b := column(t, people.Layer("places"), m), column(t, patients.Layer("places"), m)
		for i := range a {
			if math.Abs(b[i]-times*a[i]) > 1e-5*math.Abs(b[i]) {
				t.Errorf("%s: place %d has %v by people and %v by patients", m, i, a[i], b[i])
			}
		}
	}
	if p := patients.Summary.Measures[0].Parameters["demand"]; p != "eligible" {
		t.Errorf("the summary says demand %q", p)
	}
}

// Passive counts those who can reach a site; all of country A but the island
// reach the campus at Alba within two hours.
func TestPassiveIsBySite(t *testing.T) {
	r := runSpec(t, toy(t), toySpec+"  - passive: {limit_min: 300}\n")
	v := column(t, r.Layer("sites"), "passive")
	if v[0] != 200_000 || v[2] != 80_000 || !math.IsNaN(v[3]) {
		t.Errorf("people within reach: %v", v)
	}
}

// Thresholds and decays side by side, each as if it were the study's own.
func TestSensitivityToThresholdsAndDecays(t *testing.T) {
	const measure = "  - e2sfca: {limit_min: 120, decay: {gaussian: {sigma_min: 60}}}\n  - 2sfca: {limit_min: 120}\n"
	r := runSpec(t, toy(t), toySpec+measure+"sensitivity: {limit_min: [60, 180], decay: [{linear: {}}, {exponential: {per_min: 0.01}}]}\n")
	table := r.Layer("sensitivity")
	label, of, metric, value := texts(t, table, "setting"), texts(t, table, "measure"), texts(t, table, "metric"), column(t, table, "value")
	got := map[string]float64{}
	for i := range label {
		if metric[i] == "mean" {
			got[label[i]+"|"+of[i]] = value[i]
		}
	}
	own := runSpec(t, toy(t), toySpec+"  - e2sfca: {limit_min: 180, decay: {linear: {}}}\n  - 2sfca: {limit_min: 60}\n").Summary.Measures
	if got["limit_min=180, decay=linear|e2sfca"] != float64(own[0].Mean) || got["limit_min=60|2sfca"] != float64(own[1].Mean) {
		t.Errorf("side by side %v, by themselves %v and %v", got, own[0].Mean, own[1].Mean)
	}
	for _, none := range []string{"decay=linear|2sfca", "limit_min=60, decay=linear|2sfca"} {
		if _, ok := got[none]; ok {
			t.Errorf("2sfca has no decay, and there is a row %s", none)
		}
	}
	if len(got) != 2+2+2+4 {
		t.Errorf("%d rows: %v", len(got), got)
	}
}

// Every reason for having nothing is the true one.
func TestReasonsWithoutSupply(t *testing.T) {
	towns := must(geo.NewTable(geo.About{Name: "towns"}, []string{"near", "far", "empty", "poor"}, num("population", 100, 100, 0, 100)))(t)
	centers := must(geo.NewTable(geo.About{Name: "centers"}, []string{"c", "lonely", "bare"}, num("beds", 2, 5, 0)))(t)
	times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", "near", "far", "empty", "poor"), text("to", "c", "c", "lonely", "bare"), num("min", 10, 500, 10, 10)))(t)
	w := World{Layers: shelf{"towns": towns, "centers": centers, "times": times}, Version: "test"}
	r := runSpec(t, w, `version: 1
name: t
places: {layer: towns}
sites: {layer: centers, supply: beds}
travel: {engine: matrix, borders: free, table: times, place: from, site: to, minutes: min}
measures:
  - 2sfca: {limit_min: 60}
  - cumulative: {limit_min: 60}
  - availability: {limit_min: 60, decay: {binary: {}}}
  - closest: {limit_min: 60, number: 3}
`)
	p := r.Layer("places")
	for m, want := range map[string]string{
		"2sfca":        "|no site in the catchment|nobody lives in the catchment of its sites|no supply in the catchment",
		"cumulative":   "|no site in the catchment||no supply in the catchment",
		"availability": "|no site in the catchment|nobody lives in the catchment of its sites|no supply in the catchment",
		"closest":      "too little supply within reach|no site in the catchment||too little supply within reach",
	} {
		if got := strings.Join(texts(t, p, m+"_reason"), "|"); got != want {
			t.Errorf("%s: %s, want %s", m, got, want)
		}
	}
}
