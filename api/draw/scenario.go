package draw

import (
	"math"
	"strings"

	"careshed/access/study"
)

// scenarioOf is the scenario that a layer or column shows, nil for what is there
// today: its numbers are not those of the summary.
func scenarioOf(r *study.Result, layer, column string) *study.ScenarioSummary {
	for i := range r.Summary.Scenarios {
		s := &r.Summary.Scenarios[i]
		if layer == "regions_"+s.Name || layer == "sites_"+s.Name || layer == "places" && strings.HasSuffix(column, "_"+s.Name) {
			return s
		}
	}
	return nil
}

// foundIn puts what a scenario changes on the map, in place of what is so today.
func (d *drawing) foundIn(s *study.ScenarioSummary, r *study.Result) {
	if d.title == "" {
		d.title = heading(orWord(r.Spec.Title, r.Spec.Name)) + d.say.Say("map.scenario.title", "column", d.legendTitle(), "name", s.Name)
	}
	if d.subtitle == "" {
		d.subtitle = d.say.Say("map.scenario.people", "nearer", d.people(s.PeopleNearer), "farther", d.people(s.PeopleFarther))
		if known(float64(s.MeanTimeMin)) && known(float64(s.MeanChange)) {
			decimals := 1
			if math.Abs(float64(s.MeanChange)) < 0.1 {
				decimals = 2
			}
			d.subtitle += d.say.Say("map.scenario.time", "before", d.say.Decimal(float64(s.MeanTimeMin-s.MeanChange), decimals), "after", d.say.Decimal(float64(s.MeanTimeMin), decimals))
		}
		if len(s.Treated) > 0 {
			g := s.Treated[0]
			sign := ""
			if g.Change > 0 {
				sign = "+"
			}
			d.subtitle += d.say.Say("map.scenario.treated", "change", sign+d.say.Number(float64(g.Change)), "beyond", d.say.Say("map.beyond."+g.Beyond))
		}
		d.subtitle += "."
	}
	if s.ComparedWith != "baseline" {
		d.notes = append(d.notes, d.say.Say("map.scenario.against", "name", s.ComparedWith))
	}
	d.notes = append(d.notes, d.say.Say("map.scenario.changes", "list", strings.Join(s.Changes, "; ")))
}
