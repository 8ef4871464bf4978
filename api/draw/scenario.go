package draw

import (
	"math"
	"strings"

	"careshed/access/study"
)

// scenarioOf is the scenario that a layer or column shows, "" for what is there
// today, and what the summary says of it: its numbers are not those of today, and
// there are none of the scenario that others are compared with.
func scenarioOf(r *study.Result, layer, column string) (name string, found *study.ScenarioSummary) {
	for _, s := range r.Spec.Scenarios {
		if layer == "regions_"+s.Name || layer == "sites_"+s.Name || layer == "places" && column == "time_min_"+s.Name {
			name = s.Name
			break
		}
	}
	for i := range r.Summary.Scenarios {
		if s := &r.Summary.Scenarios[i]; s.Name == name {
			found = s
		}
	}
	return name, found
}

// mostScenarios is how many are named in a note.
const mostScenarios = 6

// foundToday says on a map of today which scenarios of the study it leaves out.
func (d *drawing) foundToday(r *study.Result) {
	var names []string
	for _, s := range r.Spec.Scenarios {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return
	}
	list := strings.Join(names[:min(len(names), mostScenarios)], ", ")
	if more := len(names) - mostScenarios; more > 0 {
		list = d.say.Say("map.more", "name", list, "n", more)
	}
	d.notes = append(d.notes, d.say.Say("map.scenario.today", "n", len(names), "names", list))
}

// foundIn puts what a scenario changes on the map, in place of what is so today.
func (d *drawing) foundIn(name string, s *study.ScenarioSummary, r *study.Result) {
	if d.title == "" {
		d.title = d.heading(r) + d.say.Say("map.scenario.title", "column", d.legendTitle(), "name", name)
	}
	if s == nil {
		return
	}
	if d.subtitle == "" {
		d.subtitle = d.say.Say("map.scenario.people", "nearer", d.people(s.PeopleNearer), "farther", d.people(s.PeopleFarther))
		if known(float64(s.MeanTimeMin)) && known(float64(s.MeanChange)) {
			decimals := 1
			if math.Abs(float64(s.MeanChange)) < 0.1 {
				decimals = 2
			}
			if s.NewlyTimed+s.NoLonger > 0 {
				sign := ""
				if s.MeanChange > 0 {
					sign = "+"
				}
				d.subtitle += d.say.Say("map.scenario.time_of_both", "change", sign+d.say.Decimal(float64(s.MeanChange), decimals))
			} else {
				d.subtitle += d.say.Say("map.scenario.time", "before", d.say.Decimal(float64(s.MeanTimeMin-s.MeanChange), decimals), "after", d.say.Decimal(float64(s.MeanTimeMin), decimals))
			}
		}
		if len(s.Treated) > 0 {
			g := s.Treated[0]
			sign := ""
			if g.Change > 0 {
				sign = "+"
			}
			d.subtitle += d.say.Say("map.scenario.treated", "change", sign+d.say.Number(float64(g.Change)), "beyond", d.say.Say("map.beyond."+g.Beyond))
		}
		if s.NewlyTimed > 0 {
			d.subtitle += d.say.Say("map.scenario.newly", "people", d.people(s.NewlyTimed))
			if len(s.Treated) > 0 {
				d.subtitle += d.say.Say("map.scenario.newly_treated", "n", d.say.Number(float64(s.Treated[0].Newly)))
			}
		}
		if s.NoLonger > 0 {
			d.subtitle += d.say.Say("map.scenario.lost", "people", d.people(s.NoLonger))
		}
		d.subtitle += "."
	}
	if s.ComparedWith != "baseline" {
		d.notes = append(d.notes, d.say.Say("map.scenario.against", "name", s.ComparedWith))
	}
	d.notes = append(d.notes, d.say.Say("map.scenario.changes", "list", strings.Join(s.Changes, d.say.Say("join.also"))))
}
