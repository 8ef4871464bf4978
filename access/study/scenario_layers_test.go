package study

import (
	"math"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// The regions of a scenario are those of a study that has its sites from the
// start, but for the likelihoods, which the baseline gives: their treated
// patients add up to what the summary says of the scenario.
func TestRegionsOfScenarios(t *testing.T) {
	const asked = "output: {scenario_regions: csv}\n"
	r := runSpec(t, toy(t), toySpec+asked+"scenarios:\n  fewer:\n    - close: {id: c3}\n    - open: {id: n, at: [3.5, 46]}\n  same: []\n")
	base, fewer, same := r.Layer("regions"), r.Layer("regions_fewer"), r.Layer("regions_same")
	if fewer == nil || same == nil {
		t.Fatal("no layer of regions in a scenario")
	}
	w := toy(t)
	l := w.Layers.(shelf)["centers"]
	w.Layers.(shelf)["centers"] = must(geo.NewPoints(l.About, []string{"c1", "c2", "n", "c4"}, []orb.Point{l.Point(0), l.Point(1), {3.5, 46}, l.Point(3)},
		text("name", "One", "One annex", "n", "Spoke"), text("country", "A", "A", "A", "A"), num("tier", 1, 2, 1, 1), text("location", "hospital", "hospital", "hospital", "hospital"),
		text("roles", "infuse", "infuse,monitor", "infuse", "evaluate, monitor"), num("beds", 10, 0, 5, 3), text("payer", "x", "x", "y", "y")))(t)
	from := runSpec(t, w, toySpec).Layer("regions")
	for i, f := range base.Fields() {
		if g := fewer.Fields()[i]; f != g {
			t.Fatalf("column %d is %v in the scenario, %v in the baseline", i, g, f)
		}
		likely := strings.HasPrefix(f.Name, "treated_") || strings.HasPrefix(f.Name, "foregone_")
		for row := range base.Len() {
			a, b, c, d := must(base.Texts(f.Name))(t)[row], must(same.Texts(f.Name))(t)[row], must(fewer.Texts(f.Name))(t)[row], must(from.Texts(f.Name))(t)[row]
			if a != b || c != d && !likely {
				t.Errorf("%s of %s: %s in a scenario without changes, %s in the baseline; %s after them, %s from the start", f.Name, base.ID(row), b, a, c, d)
			}
		}
	}
	sites := r.Layer("sites_fewer")
	if sites == nil {
		t.Fatal("no layer of the sites of a scenario")
	}
	status := map[string]string{}
	for i, s := range texts(t, sites, "status") {
		status[sites.ID(i)] = s
	}
	if len(status) != 5 || status["c3"] != "closed" || status["n"] != "opened" || status["c1"] != "open" {
		t.Errorf("%v", status)
	}
	for _, s := range r.Summary.Scenarios {
		var sum float64
		for _, v := range column(t, r.Layer("regions_"+s.Name), "treated_hold") {
			if !math.IsNaN(v) {
				sum += v
			}
		}
		if want := float64(s.Treated[0].Treated); !(math.Abs(sum-want) <= 1e-9) {
			t.Errorf("%s: regions add up to %v treated, the summary says %v", s.Name, sum, want)
		}
	}
	if got := runSpec(t, toy(t), toySpec+"scenarios: {same: []}\n").Layer("regions_same"); got != nil {
		t.Error("the layer is there without being asked for")
	}
	_, err := Parse(strings.NewReader(toySpec+asked+"privacy: {suppress_below: 5}\n"), nil)
	if err == nil || !strings.Contains(err.Error(), "output.scenario_regions") {
		t.Errorf("beside privacy: %v", err)
	}
}
