package draw

import (
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// A map of a scenario says what the scenario changes, and nothing of today's
// numbers as if they were its own; it marks what opens and closes.
func TestScenarioOnTheMap(t *testing.T) {
	r := marland()
	r.Summary.Scenarios = []study.ScenarioSummary{{Name: "x", Changes: []string{"open n at 3, 45", "close s3"}, ComparedWith: "baseline",
		MeanTimeMin: 61.5, MeanChange: -8.5, PeopleNearer: 3_456_789, PeopleFarther: 12_345, Treated: []study.Gain{{Beyond: "hold", Treated: 20, Change: 1.234}}}}
	about := r.Layer("regions").About
	about.Name = "regions_x"
	sites := r.Layer("sites")
	r.Layers = append(r.Layers, r.Layer("regions").Named(about),
		must(geo.NewPoints(geo.About{Name: "sites_x"}, []string{"s1", "s3", "n"}, []orb.Point{sites.Point(0), sites.Point(3), {3, 45}},
			label("name", "One", "Three", "New"), label("status", "open", "closed", "opened"))))
	said := unbound(texts(elements(t, drawn(t, mapOf(r, Options{Layer: "regions_x", Column: "mean_time_min"})))))
	for _, want := range []string{"in scenario x", "3.5 million people travel less than today and 12,345 more", "70.0 to 61.5 minutes", "+1.23 treated", "open n at 3, 45; close s3", "opened in the scenario", "closed in the scenario", "regions"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in\n%s", want, said)
		}
	}
	for _, never := range []string{"have none within", "nine in ten within 290", "rows"} {
		if strings.Contains(said, never) {
			t.Errorf("%q is said, which is of today:\n%s", never, said)
		}
	}
	if today := unbound(texts(elements(t, drawn(t, mapOf(r, Options{Column: "mean_time_min"}))))); strings.Contains(today, "scenario") {
		t.Errorf("today's map speaks of the scenario:\n%s", today)
	}
}
