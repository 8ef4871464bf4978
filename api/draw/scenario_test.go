package draw

import (
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/words"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// A map of a scenario says what the scenario changes, and nothing of today's
// numbers as if they were its own; it marks what opens and closes.
func TestScenarioOnTheMap(t *testing.T) {
	r := marland()
	r.Summary.Scenarios = []study.ScenarioSummary{{Name: "x", Changes: []string{"open n at 3, 45", "close s3"}, ComparedWith: "baseline",
		MeanTimeMin: 61.5, MeanChange: -8.5, PeopleNearer: 3_456_789, PeopleFarther: 12_345, Treated: []study.Gain{{Beyond: "hold", Treated: 20, Change: 1.234}}}}
	r.Spec.Scenarios = spec.Scenarios{{Name: "x"}, {Name: "base"}}
	about := r.Layer("regions").About
	about.Name = "regions_x"
	sites := r.Layer("sites")
	r.Layers = append(r.Layers, r.Layer("regions").Named(about),
		must(geo.NewPoints(geo.About{Name: "sites_x"}, []string{"s1", "s3", "n"}, []orb.Point{sites.Point(0), sites.Point(3), {3, 45}},
			label("name", "One", "Three", "New"), label("status", "open", "closed", "opened"))))
	said := unbound(texts(elements(t, drawn(t, mapOf(r, Options{Layer: "regions_x", Column: "mean_time_min"})))))
	for _, want := range []string{"in scenario x", "3.5 million people travel less than today and 12,000 more", "70.0 to 61.5 minutes", "+1.23 treated", "open n at 3, 45; close s3", "opened in the scenario", "closed in the scenario", "regions"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in\n%s", want, said)
		}
	}
	for _, never := range []string{"have none within", "nine in ten within 290", "rows"} {
		if strings.Contains(said, never) {
			t.Errorf("%q is said, which is of today:\n%s", never, said)
		}
	}
	// The scenario that others are compared with has no numbers of its own, and
	// never those of today.
	about.Name = "regions_base"
	r.Layers = append(r.Layers, r.Layer("regions").Named(about))
	said = unbound(texts(elements(t, drawn(t, mapOf(r, Options{Layer: "regions_base", Column: "mean_time_min"})))))
	if !strings.Contains(said, "in scenario base") || strings.Contains(said, "have none within") || strings.Contains(said, "this is today") {
		t.Errorf("the map of the reference says\n%s", said)
	}
}

// A map of today in a study with scenarios says, before all else, that these are
// not in it.
func TestTodayBesideScenarios(t *testing.T) {
	r := marland()
	if said := unbound(texts(elements(t, drawn(t, mapOf(r, Options{}))))); strings.Contains(said, "scenario") {
		t.Errorf("a study without scenarios speaks of them:\n%s", said)
	}
	for names, want := range map[string]string{
		"x":               "Note: this is today, without the scenario of the study (x): a scenario has a map of its own.",
		"potenza closure": "Note: this is today, without the scenarios of the study (potenza, closure): a scenario has a map of its own.",
		"a b c d e f g h": "Note: this is today, without the scenarios of the study (a, b, c, d, e, f and 2 more): a scenario has a map of its own.",
	} {
		r.Spec.Scenarios = nil
		for _, n := range strings.Fields(names) {
			r.Spec.Scenarios = append(r.Spec.Scenarios, spec.Scenario{Name: n})
		}
		for _, o := range []Options{{}, {Column: "mean_time_min"}, {Layer: "places", Column: "time_min"}} {
			said := strings.ReplaceAll(unbound(texts(elements(t, drawn(t, mapOf(r, o))))), "\n", " ")
			if at := strings.Index(said, "Note: "); at < 0 || !strings.HasPrefix(said[at:], want) {
				t.Errorf("%s, %+v: the first note is not %q:\n%s", names, o, want, said)
			}
		}
	}
	r.Spec.Scenarios = spec.Scenarios{{Name: "min"}}
	if said := unbound(texts(elements(t, drawn(t, mapOf(r, Options{Layer: "places", Column: "time_min"}))))); strings.Contains(said, "in scenario") {
		t.Errorf("a column of today is taken for one of a scenario:\n%s", said)
	}
}

// Who has a way only in a scenario is nobody who travels less: they are said too.
func TestFirstWayOnTheMap(t *testing.T) {
	r := bridged()
	s := r.Summary.Scenarios[0]
	if !(s.NewlyTimed > 800_000 && s.NewlyTimed < 900_000) || s.PeopleNearer != 0 {
		t.Fatalf("the center on La Réunion: %+v", s)
	}
	for lang, want := range map[string]string{
		"en": "0 people travel less than today and 0 more", "de": "0 Menschen reisen kürzer als heute",
	} {
		say := must(words.In(lang))
		first := say.Say("map.scenario.newly", "people", say.About(float64(s.NewlyTimed))) + say.Say("map.scenario.newly_treated", "n", say.Number(float64(s.Treated[0].Newly))) + "."
		for _, width := range []int{MinWidth, 1000} {
			said := strings.ReplaceAll(unbound(texts(elements(t, drawn(t, mapOf(r, Options{Layer: "regions_bourbon", Column: "mean_time_min", Words: say, Width: width}))))), "\n", " ")
			if !strings.Contains(said, want) || !strings.Contains(said, first) {
				t.Errorf("%q and %q are not both said in\n%s", want, first, said)
			}
		}
	}
}
