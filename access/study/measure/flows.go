package measure

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// num is a number as results write it.
type num = finding.Num

// statsOf are mean and quantiles as results write them.
func statsOf(s access.Stats) finding.Stats {
	return finding.Stats{Mean: num(s.Mean), Median: num(s.Median), P90: num(s.P90), P95: num(s.P95)}
}

// seen is who was seen to go where, and the choice that was fitted to it.
type seen struct {
	*finding.Study
	flows *ground.Observed
}

// FindFlows reads the flows, where the study has some.
func FindFlows(ctx context.Context, s *finding.Study) (finding.Finding, error) {
	o, err := s.Flows(ctx)
	if err != nil || o == nil {
		return nil, err
	}
	return &seen{s, o}, nil
}

// Tell makes tables and headlines of them.
func (r *seen) Tell(context.Context) error {
	o := r.flows
	var expected []float64
	if o.Fit != nil && o.Fit.Unbounded == nil {
		expected = o.Choices.Expected(o.Fit.Coef)
	}
	limits := slices.Sorted(slices.Values(bandLimits(r.Study)))
	seen := access.Describe(o.Matrix, o.Count, o.Outside, spec.Filled(*r.Spec.Flows).Ranks, limits)
	near := access.Describe(o.Matrix, access.ToNearest(o.Matrix, access.FromOrigins(o.Matrix, o.Count)), o.Outside, spec.Filled(*r.Spec.Flows).Ranks, limits)
	chosen := access.Going{Rank: ground.NaNs(len(seen.Rank)), Bands: slices.Clone(seen.Bands)}
	if expected != nil {
		chosen = access.Describe(o.Matrix, expected, o.Outside, spec.Filled(*r.Spec.Flows).Ranks, limits)
	}
	ways := goings{seen, near, chosen, expected != nil}
	r.sumFlows(o, ways)
	held, err := r.presentChoice(o, expected)
	if err != nil {
		return err
	}
	for _, table := range []func() error{
		func() error { return r.howFar(ways) },
		func() error { return r.tableOfFlows(o, expected, limits) },
		func() error { return r.tableOfDrawn(o, expected, held) },
	} {
		if err := table(); err != nil {
			return err
		}
	}
	return nil
}

// goings are how far people were seen to go, would go to the nearest, and by the choice
// that was fitted, if one was.
type goings struct {
	seen, near, chosen access.Going
	fitted             bool
}

func (r *seen) sumFlows(o *ground.Observed, w goings) {
	seen, near, chosen, fitted := w.seen, w.near, w.chosen, w.fitted
	s := &finding.FlowsSummary{People: num(seen.People), Origins: len(o.Areas), Withheld: o.Withheld(), Outside: num(seen.Outside),
		Elsewhere: num(o.Elsewhere), TimeMin: statsOf(seen.Minutes), ExtraMin: statsOf(seen.Extra)}
	for _, n := range seen.Rank {
		s.Ranks = append(s.Ranks, num(n/seen.People))
	}
	for k, b := range seen.Bands {
		band := finding.FlowBand{Minutes: num(b.Minutes), Seen: num(b.Share), Nearest: num(near.Bands[k].Share), Chosen: num(math.NaN())}
		if fitted {
			band.Chosen = num(chosen.Bands[k].Share)
		}
		s.Bands = append(s.Bands, band)
	}
	r.Result.Summary.Flows = s
	if len(o.Areas) >= 3 && len(seen.Rank) > 1 && seen.People > 0 && seen.Rank[0] == 0 && s.Withheld == 0 {
		r.Note("flows.leavers", "origins", len(o.Areas))
	}
}

// mostMissed is how many sites the summary names.
const mostMissed = 5

// coefficientColumns are the columns of a fit.
var coefficientColumns = [5]string{"coefficient", "standard_error", "robust_error", "low_2_5", "high_97_5"}

// presentChoice says what was fitted, and gives what is expected at sites that were
// held out.
func (r *seen) presentChoice(o *ground.Observed, expected []float64) (held *access.SiteHoldOut, err error) {
	f := o.Fit
	if f == nil {
		return nil, nil
	}
	s := &finding.ChoiceSummary{LogLike: num(f.LogLike), Null: num(f.Null), McFadden: num(f.McFadden), Adjusted: num(f.Adjusted),
		People: num(f.People), Origins: f.Origins, Interval: "robust, by origin", Elsewhere: num(math.NaN()), Missed: []finding.MissedSite{}}
	if math.IsNaN(f.Robust[0]) {
		s.Interval = "independent"
	}
	var pairs []string
	sh := finding.Sheet{Of: "choice"}
	columns := make([][]float64, 5)
	for a, name := range f.Names {
		row := []float64{f.Coef[a], f.SE[a], f.Robust[a], f.Interval[a][0], f.Interval[a][1]}
		for k, v := range row {
			columns[k] = append(columns[k], v)
		}
		s.Terms = append(s.Terms, finding.TermSummary{Name: name, Value: num(row[0]), Error: num(row[1]), Robust: num(row[2]),
			Low: num(row[3]), High: num(row[4])})
		pairs = append(pairs, fmt.Sprintf("%s: %.6g", name, f.Coef[a]))
	}
	if f.Unbounded != nil {
		s.Why = "the likelihood rises without end by " + strings.Join(f.Unbounded, ", ") + ", as where everybody goes to the best site"
		r.Note("choice.endless", "terms", f.Unbounded)
	} else {
		s.Fragment = "choice: {coefficients: {" + strings.Join(pairs, ", ") + "}}"
		missed := o.Compare(expected)
		s.Elsewhere = num(missed.Elsewhere)
		for _, j := range missed.Order[:min(mostMissed, len(missed.Order))] {
			s.Missed = append(s.Missed, finding.MissedSite{ID: r.Sites[o.Open[j]].ID, Observed: num(missed.Observed[j]),
				Expected: num(missed.Expected[j])})
		}
	}
	if m := spec.Asked[*ChoiceMeasure](r.Spec.Measures); m.HoldOut > 0 {
		if held, err = o.Choices.HoldOut(m.HoldOut); err != nil {
			return nil, fmt.Errorf("measures.choice.hold_out: %w", err)
		}
		s.HeldOut = &finding.HeldOut{Folds: m.HoldOut, None: held.None, LogLike: num(held.LogLike), Null: num(held.Null)}
	}
	r.Result.Summary.Choice = s
	sh.Text("term", f.Names)
	for k, c := range coefficientColumns {
		sh.Number(c, columns[k])
	}
	return held, r.AddTable(sh.Table())
}

// howFar sets those seen beside the nearest and the fitted choice.
func (r *seen) howFar(w goings) error {
	seen, near, chosen, fitted := w.seen, w.near, w.chosen, w.fitted
	var of, metric []string
	var value []float64
	for _, g := range []struct {
		name string
		access.Going
	}{{"observed", seen}, {"nearest", near}, {"choice", chosen}} {
		if g.name == "choice" && !fitted {
			continue
		}
		add := func(what string, v float64) {
			of, metric, value = append(of, g.name), append(metric, what), append(value, v)
		}
		add("people", g.People)
		add("people_without_time", g.Outside)
		for k, n := range g.Rank {
			add(fmt.Sprintf("people_at_rank_%d", k+1), n)
		}
		add("people_farther", g.Farther)
		for _, s := range []struct {
			name string
			access.Stats
		}{{"time_min", g.Minutes}, {"extra_min", g.Extra}} {
			add("mean_"+s.name, s.Mean)
			add("median_"+s.name, s.Median)
			add("p90_"+s.name, s.P90)
		}
		for _, b := range g.Bands {
			add(fmt.Sprintf("people_within_%g_min", b.Minutes), b.People)
		}
	}
	sh := finding.Sheet{Of: "how_far"}
	sh.Text("of", of)
	sh.Text("metric", metric)
	sh.Number("value", value)
	return r.AddTable(sh.Table())
}

// mostFlows is how many pairs a table lists that were not seen.
const mostFlows = 500_000

// tableOfFlows lists origins by sites, with bands of time.
func (r *seen) tableOfFlows(o *ground.Observed, expected, limits []float64) error {
	var area, site []string
	var minutes, band, rank, seen, model []float64
	m := o.Matrix
	for a := range m.Places {
		js, times := m.Row(a)
		for k, j := range js {
			leg := m.Start[a] + k
			if m.Len() > mostFlows && o.Count[leg] == 0 {
				continue
			}
			area, site = append(area, o.Areas[a]), append(site, r.Sites[o.Open[j]].ID)
			minutes, seen = append(minutes, times[k].Minutes()), append(seen, o.Count[leg])
			at, nearer := math.NaN(), 1.0
			if b := slices.IndexFunc(limits, func(l float64) bool { return times[k].Minutes() <= l }); b >= 0 {
				at = limits[b]
			}
			for _, t := range times {
				if t < times[k] {
					nearer++
				}
			}
			band, rank = append(band, at), append(rank, nearer)
			if expected != nil {
				model = append(model, expected[leg])
			}
		}
	}
	sh := finding.Sheet{Of: "flows"}
	sh.Text("origin", area)
	sh.Text("site_id", site)
	sh.Number("time_min", minutes)
	sh.Number("band_min", band)
	sh.Count("rank", rank)
	sh.Number("observed", seen)
	if expected != nil {
		sh.Number("expected", model)
		sh.Number("residual", residuals(seen, model))
	}
	return r.AddTable(sh.Table())
}

func residuals(seen, model []float64) []float64 {
	out := make([]float64, len(seen))
	for k := range out {
		if out[k] = math.NaN(); model[k] > 0 {
			out[k] = (seen[k] - model[k]) / math.Sqrt(model[k])
		}
	}
	return out
}

// tableOfDrawn lists sites with those whom they draw.
func (r *seen) tableOfDrawn(o *ground.Observed, expected []float64, held *access.SiteHoldOut) error {
	n := o.Matrix.Sites
	drawn := access.DrawnBy(o.Matrix, o.Count)
	near := access.DrawnBy(o.Matrix, access.ToNearest(o.Matrix, access.FromOrigins(o.Matrix, o.Count)))
	id, name := make([]string, n), make([]string, n)
	columns := make([][]float64, 7)
	for j, d := range drawn {
		s := r.Sites[o.Open[j]]
		id[j], name[j] = s.ID, cmp.Or(s.Name, s.ID)
		for k, v := range []float64{d.People, near[j].People, float64(d.Origins), d.Nearest, d.Passed, d.Minutes.Mean, d.Minutes.P90} {
			columns[k] = append(columns[k], v)
		}
	}
	sh := finding.Sheet{Of: "flows_by_site"}
	sh.Text("site_id", id)
	sh.Text("name", name)
	sh.Number("observed", columns[0])
	sh.Number("nearest", columns[1])
	if expected != nil {
		sh.Number("expected", access.DrawnPeople(o.Matrix, expected))
	}
	if held != nil {
		sh.Number("held_out", held.Expected)
	}
	sh.Count("origins", columns[2])
	sh.Number("from_nearest", columns[3])
	sh.Number("passed_by", columns[4])
	sh.Number("mean_time_min", columns[5])
	sh.Number("p90_time_min", columns[6])
	return r.AddTable(sh.Table())
}
