package siting

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"careshed/access/study/finding"
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
	var sh finding.Sheet
	sh.Text("instead_of", "Site of the plan", out)
	sh.Text("instead_of_name", "Name", outName)
	sh.Text("opens", "Site that opens instead", in)
	sh.Text("opens_name", "Name", inName)
	sh.Number("gain", "Gain of the plan with the swap", r.plan.unit, gain)
	sh.Number("loss", "Lost against the plan", r.plan.unit, loss)
	return r.AddTable(sh.Table("alternatives", "Plans that differ by one site and are nearly as good"))
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
	var sh finding.Sheet
	sh.Number("within_min", "Minutes from a spoke to its hub at most", "min", minutes)
	sh.Count("sites", "Sites that the best plan opens", open)
	sh.Number("gain", "What it gains", r.plan.unit, gain)
	sh.Number("gap", "The most by which a plan could be better, as a share", "", gap)
	sh.Text("barred_id", "Of the best plan without hubs, the first site that the limit forbids", barred)
	sh.Text("binding_hub_id", "The hub nearest to it, which is too far", hub)
	sh.Number("binding_hub_min", "Time from the one to the other", "min", hubMin)
	return r.AddTable(sh.Table("hub_range", "What the limit between spoke and hub costs"))
}

func (r *sited) presentRegret(s *search) error {
	var name []string
	var first, mean, worst []float64
	for _, c := range s.contenders {
		name, first, mean, worst = append(name, c.name), append(first, c.first), append(mean, c.mean), append(worst, c.worst)
	}
	var sh finding.Sheet
	sh.Text("plan", "Plan", name)
	sh.Number("share_best", "Share of the draws in which none of these is better", "", first)
	sh.Number("mean_regret", "Lost against the best found in each draw, mean", r.plan.unit, mean)
	sh.Number("max_regret", "Lost against the best found in each draw, at worst", r.plan.unit, worst)
	return r.AddTable(sh.Table("regret", "Plans nearly as good, over the draws"))
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
	var sh finding.Sheet
	sh.Number("times", "How often the favoured count", "", times)
	sh.Number("gain", "Gain of all", r.plan.unit, gain)
	sh.Number("gain_favoured", "Gain of those favoured", r.plan.unit, favoured)
	sh.Number("gap", "The most by which a plan could be better at these weights, as a share", "", gap)
	sh.Number("gini", "Gini of the minutes afterwards; reported, not sought, and without a bound", "", gini)
	sh.Number("p95_time_min", "95th percentile of the minutes afterwards", "min", worst)
	sh.Number("share_within", fmt.Sprintf("Share of people within %g minutes afterwards", measure.Beyond(r.Study)), "", within)
	sh.Text("open", "Sites", open)
	return r.AddTable(sh.Table("frontier", "Plans between the goal and those who are favoured"))
}

// presentGains says who gains by the plan: people by region, and by group.
func (r *sited) presentGains() error {
	minutes := r.minutesWith(r.plan, r.plan.Open)
	type total struct{ people, nearer, before, after, timed float64 }
	var kind, group, name []string
	var people, nearer, before, after []float64
	add := func(k string, ids, names []string, of []int) {
		sums := make([]total, len(ids))
		for i, g := range of {
			if g < 0 {
				continue
			}
			s, w := &sums[g], r.People[i]
			s.people += w
			a, b := r.Ways.Minutes[i], minutes[i]
			if b < a || math.IsNaN(a) && !math.IsNaN(b) {
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
	var sh finding.Sheet
	sh.Text("field", "By", kind)
	sh.Text("group", "Region or group", group)
	sh.Text("name", "Name", name)
	sh.People("people", "People", people)
	sh.People("people_nearer", "People who would travel less", nearer)
	sh.Number("mean_time_min_before", "Mean time today, of those who have one", "min", before)
	sh.Number("mean_time_min_after", "Mean time with the plan, of the same", "min", after)
	return r.AddTable(sh.Table("who_gains", "Who gains by the plan"))
}
