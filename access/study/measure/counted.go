package measure

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
)

// Counted is what was counted beside what the model expects in the same areas.
type Counted struct {
	*finding.Study
	rows []finding.CountSummary
}

// FindCounted finds the counts of areas that lie wholly in the study, where it has a
// model of treatment.
func FindCounted(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if s.Model == nil {
		return nil, nil
	}
	here, err := s.CountsHere()
	if err != nil || len(here) == 0 {
		return nil, err
	}
	r := &Counted{Study: s}
	for _, c := range here {
		r.rows = append(r.rows, r.beside(c))
	}
	return r, nil
}

// beside is a count with the expected treated of its area, under the leading curve.
func (r *Counted) beside(c ground.CountHere) finding.CountSummary {
	var people, treated float64
	area := slices.Repeat([]int{-1}, len(r.People))
	for i, l := range r.Model.Curves[0].Likelihoods(r.Ways.Minutes) {
		if c.Member[i] {
			people += r.People[i]
			area[i] = 0
			if !math.IsNaN(l) {
				treated += r.Model.Eligible[i] * l
			}
		}
	}
	x := finding.CountSummary{Area: c.Area, Country: c.Country, Regions: c.Regions, When: c.When(),
		Indication: c.Indication, Stage: c.Stage, Qualifier: c.Qualifier, Kind: c.Kind, Source: c.Source,
		Yearly: finding.Num(c.PerYear()), Per100k: finding.Num(c.Per100k(c.People)),
		Model: finding.Num(treated), Model100k: finding.Num(1e5 * treated / people),
		Why: c.Why(r.Indications())}
	x.Ratio, x.Unsure = x.Per100k/x.Model100k, finding.Of[*Regions](r.Study).UnsureOf(area, 1)[0]
	switch {
	case r.withheld(c):
		x.NoModel = "withheld: a number of patients below the study's limit, or one that would give such a number away"
		x.Model, x.Model100k, x.Ratio = finding.Num(math.NaN()), finding.Num(math.NaN()), finding.Num(math.NaN())
	case !(treated > 0):
		x.NoModel = "the model expects nobody there"
		x.Ratio = finding.Num(math.NaN())
	}
	return x
}

// withheld reports whether the expected treated of an area would tell those of a region
// that are withheld.
func (r *Counted) withheld(c ground.CountHere) bool {
	for row, hidden := range finding.Of[*Withheld](r.Study).OfRegions {
		if hidden && slices.Contains(c.Regions, r.Regions.ID(row)) {
			return true
		}
	}
	return false
}

// apart reports whether a count and the model are more than a factor of two apart.
func apart(x finding.CountSummary) bool { return x.Ratio > 2 || x.Ratio < 0.5 }

// Tell sets them side by side.
func (r *Counted) Tell(context.Context) error {
	r.Result.Summary.Counted = r.rows
	var area, when, indication, stage, qualifier, kind, source, why, reason, unsure []string
	var yearly, rate, model, modelRate, ratio []float64
	for _, x := range r.rows {
		area, when, indication = append(area, x.Area), append(when, x.When), append(indication, x.Indication)
		stage, qualifier, kind = append(stage, x.Stage), append(qualifier, x.Qualifier), append(kind, x.Kind)
		source, why, reason = append(source, x.Source), append(why, strings.Join(x.Why, "; ")), append(reason, x.NoModel)
		unsure = append(unsure, x.Unsure)
		yearly, rate = append(yearly, float64(x.Yearly)), append(rate, float64(x.Per100k))
		model, modelRate, ratio = append(model, float64(x.Model)), append(modelRate, float64(x.Model100k)), append(ratio, float64(x.Ratio))
	}
	sh := finding.Sheet{Of: "counted"}
	sh.Text("area", area)
	sh.Text("when", when)
	sh.Text("indication", indication)
	sh.Text("stage", stage)
	sh.Text("qualifier", qualifier)
	sh.Number("counted", yearly)
	sh.Number("counted_per_100k", rate)
	sh.Number("model", model, "patients", strings.Join(r.Patients(), "; "))
	sh.Number("model_per_100k", modelRate)
	sh.Number("ratio", ratio)
	sh.Text("apart", why)
	sh.Text("reason", reason)
	sh.Text("kind", kind)
	sh.Text("source", source)
	sh.Text("region_gap", unsure)
	return r.AddTable(sh.Table())
}

// Pitfalls is that of [finding.Misleading].
func (r *Counted) Pitfalls() []finding.Pitfall {
	return []finding.Pitfall{{Number: 24, Key: "counted", Check: r.otherThanCounted}}
}

// otherThanCounted names the counts that the model is more than twice or less than half
// of, with what may explain it.
func (r *Counted) otherThanCounted(context.Context) (*finding.Note, error) {
	var areas []string
	for _, whole := range []bool{true, false} { // countries first
		for _, x := range r.rows {
			if !apart(x) || whole != (len(x.Regions) == 0) {
				continue
			}
			where := x.Country // a code reads alike in every language
			if _, region, of := strings.Cut(x.Area, ", "); of {
				where += ", " + region
			}
			areas = append(areas, fmt.Sprintf("%s %s (%.2g)", where, strings.Replace(x.When, " to ", " – ", 1), float64(x.Ratio)))
		}
	}
	if len(areas) == 0 {
		return nil, nil
	}
	if len(areas) > 4 {
		areas = append(areas[:4], "…")
	}
	if of := r.Indications(); of != nil {
		return finding.Mind("counted", r.Total, "areas", areas, "indications", of)
	}
	return finding.Mind("counted.own", r.Total, "areas", areas)
}
