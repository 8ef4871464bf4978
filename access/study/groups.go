package study

import (
	"context"
	"maps"
	"slices"

	"careshed/access/study/finding"
	"careshed/access/study/measure"
)

// groups are figures by groups of people: quintiles of a field, or its values.
type groups struct{ *finding.Study }

func findGroups(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if len(s.Spec.Places.Groups) == 0 {
		return nil, nil
	}
	return &groups{s}, nil
}

// Tell asks every finding about every group.
func (r *groups) Tell(context.Context) error {
	list := finding.Of[*measure.Regions](r.Study)
	var field, group, metric, unsure []string
	var value []float64
	for _, f := range slices.Sorted(maps.Keys(r.Spec.Places.Groups)) {
		of, names, err := r.Groups(f, r.Spec.Places.Groups[f])
		if err != nil {
			return err
		}
		gaps := list.UnsureOf(of, len(names))
		for k, name := range names {
			g := finding.Group{Field: f, Name: name, Weight: make([]float64, len(r.People))}
			for i := range of {
				if of[i] == k {
					g.Weight[i] = r.People[i]
					g.Eligible += r.Eligible[i]
				}
			}
			add := func(m string, v float64) {
				unsure = append(unsure, gaps[k])
				field, group, metric, value = append(field, f), append(group, name), append(metric, m), append(value, v)
			}
			if err := finding.Each(r.Study, func(f finding.OfGroups) error { f.OfGroup(g, add); return nil }); err != nil {
				return err
			}
		}
	}
	sh := finding.Sheet{Of: "groups"}
	sh.Text("field", field)
	sh.Text("group", group)
	sh.Text("metric", metric)
	sh.Number("value", value)
	sh.Text("region_gap", unsure)
	return r.AddTable(sh.Table())
}
