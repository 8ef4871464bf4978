package siting

import (
	"maps"
	"math"
	"slices"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
)

// presentSearch makes the tables of alternatives, closures and the frontier.
func (r *sited) presentSearch() error {
	s := r.plan.search
	if !s.minimum {
		if err := r.presentAlternatives(s); err != nil {
			return err
		}
	}
	if err := r.presentGoals(s); err != nil {
		return err
	}
	if err := r.presentStress(&s.stress); err != nil {
		return err
	}
	if len(s.hubCurve) > 0 {
		if err := r.presentHubRange(s); err != nil {
			return err
		}
	}
	if len(s.contenders) > 1 && r.Spec.Uncertainty != nil {
		if err := r.presentRegret(s); err != nil {
			return err
		}
	}
	if err := r.presentGains(); err != nil {
		return err
	}
	if len(s.frontier) > 0 {
		return r.presentFrontier(s)
	}
	return nil
}

func (r *sited) presentAlternatives(s *search) error {
	var out, in, outName, inName []string
	var gain, loss []float64
	for _, a := range s.others {
		out, in = append(out, r.Candidates[a.Out].ID), append(in, r.Candidates[a.In].ID)
		outName, inName = append(outName, r.Candidates[a.Out].Name), append(inName, r.Candidates[a.In].Name)
		gain = append(gain, s.gained(a.Cost))
		loss = append(loss, a.Cost-s.solution.Cost)
	}
	sh := finding.Sheet{Of: "alternatives", Unit: r.plan.unit}
	sh.Text("instead_of", out)
	sh.Text("instead_of_name", outName)
	sh.Text("opens", in)
	sh.Text("opens_name", inName)
	sh.Number("gain", gain)
	sh.Number("loss", loss)
	return r.AddTable(sh.Table())
}

func (r *sited) presentHubRange(s *search) error {
	var minutes, gain, gap, open, hubMin []float64
	var barred, hub []string
	for _, h := range s.hubCurve {
		minutes, gain, gap, open = append(minutes, h.minutes), append(gain, h.gain), append(gap, h.gap), append(open, float64(h.open))
		barredID, hubID := "", ""
		if h.barred >= 0 {
			barredID = r.Candidates[h.barred].ID
		}
		if h.hub >= 0 {
			hubID = r.Sites[h.hub].ID
		}
		barred, hub, hubMin = append(barred, barredID), append(hub, hubID), append(hubMin, h.hubMin)
	}
	sh := finding.Sheet{Of: "hub_range", Unit: r.plan.unit}
	sh.Number("within_min", minutes)
	sh.Count("sites", open)
	sh.Number("gain", gain)
	sh.Number("gap", gap)
	sh.Text("barred_id", barred)
	sh.Text("binding_hub_id", hub)
	sh.Number("binding_hub_min", hubMin)
	return r.AddTable(sh.Table())
}

func (r *sited) presentRegret(s *search) error {
	var name []string
	var first, mean, worst []float64
	for _, c := range s.contenders {
		name, first, mean, worst = append(name, c.name), append(first, c.first), append(mean, c.mean), append(worst, c.worst)
	}
	sh := finding.Sheet{Of: "regret", Unit: r.plan.unit}
	sh.Text("plan", name)
	sh.Number("share_best", first)
	sh.Number("mean_regret", mean)
	sh.Number("max_regret", worst)
	return r.AddTable(sh.Table())
}

func (r *sited) presentFrontier(s *search) error {
	var open []string
	var times, gain, favoured, gap, gini, worst, within []float64
	for _, f := range s.frontier {
		text := ""
		for k, j := range f.open {
			if k > 0 {
				text += " "
			}
			text += r.Candidates[j].ID
		}
		open = append(open, text)
		times, gain, favoured, gap = append(times, f.times), append(gain, f.gain), append(favoured, f.favoured), append(gap, f.gap)
		gini, worst, within = append(gini, f.gini), append(worst, f.worst), append(within, f.within)
	}
	sh := finding.Sheet{Of: "frontier", Unit: r.plan.unit}
	sh.Number("times", times)
	sh.Number("gain", gain)
	sh.Number("gain_favoured", favoured)
	sh.Number("gap", gap)
	sh.Number("gini", gini)
	sh.Number("p95_time_min", worst)
	sh.Number("share_within", within, "minutes", measure.Beyond(r.Study))
	sh.Text("open", open)
	return r.AddTable(sh.Table())
}

// presentGains says who gains by the plan: people by region, and by group.
func (r *sited) presentGains() error {
	minutes := r.minutesWith(r.plan, r.plan.Open)
	type total struct{ people, nearer, before, after, timed float64 }
	var kind, group, name, unsure []string
	var people, nearer, before, after []float64
	list := finding.Of[*measure.Regions](r.Study)
	add := func(k string, ids, names []string, of []int) {
		sums, gaps := make([]total, len(ids)), list.UnsureOf(of, len(ids))
		for i, g := range of {
			if g < 0 {
				continue
			}
			s, w := &sums[g], r.People[i]
			s.people += w
			a, b := r.Ways.Minutes[i], minutes[i]
			if ground.More(a, b) || math.IsNaN(a) && !math.IsNaN(b) {
				s.nearer += w
			}
			if !math.IsNaN(a) {
				s.before, s.after, s.timed = s.before+w*a, s.after+w*b, s.timed+w
			}
		}
		for g, s := range sums {
			if s.nearer == 0 {
				continue
			}
			kind, group, name = append(kind, k), append(group, ids[g]), append(name, names[g])
			people, nearer = append(people, s.people), append(nearer, s.nearer)
			unsure = append(unsure, gaps[g])
			before, after = append(before, s.before/s.timed), append(after, s.after/s.timed)
		}
	}
	if r.Regions != nil {
		ids := make([]string, r.Regions.Len())
		for i := range ids {
			ids[i] = r.Regions.ID(i)
		}
		add("region", ids, r.RegionName, r.Region)
	}
	for _, f := range slices.Sorted(maps.Keys(r.Spec.Places.Groups)) {
		of, names, err := r.Groups(f, r.Spec.Places.Groups[f])
		if err != nil {
			return err
		}
		add(f, names, names, of)
	}
	if len(kind) == 0 {
		return nil
	}
	sh := finding.Sheet{Of: "who_gains"}
	sh.Text("field", kind)
	sh.Text("group", group)
	sh.Text("name", name)
	sh.People("people", people)
	sh.People("people_nearer", nearer)
	sh.Number("mean_time_min_before", before)
	sh.Number("mean_time_min_after", after)
	sh.Text("region_gap", unsure)
	return r.AddTable(sh.Table())
}
