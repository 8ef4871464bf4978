package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/siting"
	"careshed/access/study/spec"
)

// areal is the study on other units, as far as its headlines go.
type areal struct {
	*finding.Study
	other *finding.Study
}

// elsewhere is a study on the other units, nil where it has no result there.
func elsewhere(s *finding.Study) *finding.Study {
	if r := finding.Of[*areal](s); r != nil {
		return r.other
	}
	return nil
}

// findElsewhere carries the study out on the other units.
func findElsewhere(ctx context.Context, r *finding.Study) (finding.Finding, error) {
	a := r.Spec.Areal
	if a == nil {
		return nil, nil
	}
	w, s := r.World, r.Spec
	s.Grid, s.Sensitivity, s.Forecast = nil, spec.Sensitivity{Decay: s.Sensitivity.Decay}, nil
	s.Places.Layer, s.Places.Where = a.Layer, a.Where
	if a.Weight != "" {
		s.Places.Weight = a.Weight
	}
	if a.By != "" {
		l, err := r.Together(a.By)
		if err != nil {
			return nil, fmt.Errorf("areal.by: %w", err)
		}
		s.Places.Layer = l.Name
		w.Layers = ground.Beside(w.Layers, l)
	}
	in, err := ground.Load(ctx, w, s)
	if unfit(r, err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("areal: %w", err)
	}
	if off := in.Total/r.Total - 1; math.Abs(off) > 0.01 {
		r.Note("areal.other_people", "other", int(math.Round(in.Total)), "people", r.Total)
	}
	o := newStudy(in, func(Progress) {})
	all := parts()
	for _, k := range ordered(all) {
		if all[k].whole {
			continue
		}
		err := find(ctx, o, k)
		switch {
		case siting.CannotBe(err):
			o.Found[k] = nil
			r.Note("areal.no_plan", "why", err.Error())
		case unfit(r, err):
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("areal: %w", err)
		}
	}
	return &areal{r, o}, nil
}

// unfit notes that who the people of the other units are and where they are does not
// go with what a field of the study asks: it has no result in these units, and stands
// in its own. What the section itself names wrongly, such as a field that its layer
// does not have, is an error of the study.
func unfit(r *finding.Study, err error) bool {
	var refused *spec.SpecError
	if !errors.As(err, &refused) {
		return false
	}
	r.Note("areal.nothing", "why", err.Error())
	return true
}

// Tell sets the headlines in the study's units beside those in the others.
func (r *areal) Tell(ctx context.Context) error {
	m := r.Settings()
	here, there := once(ctx, r.Study, finding.Sure(m, r.Study)), once(ctx, r.other, finding.Sure(m, r.Study))
	if here.Err != nil {
		return here.Err
	}
	if there.Err != nil {
		return there.Err
	}
	var name []string
	var a, b, change []float64
	for k, metric := range here.Names {
		j := slices.Index(there.Names, metric)
		if j < 0 {
			continue
		}
		name, a, b, change = append(name, metric), append(a, here.Value[k]), append(b, there.Value[j]), append(change, there.Value[j]-here.Value[k])
	}
	s := &finding.ArealSummary{Places: r.Places.Len(), Others: r.other.Places.Len(),
		MeanTime: [2]Num{Num(here.Get("mean_time_min")), Num(there.Get("mean_time_min"))},
		Beyond:   [2]Num{Num(here.Get("share_beyond")), Num(there.Get("share_beyond"))}}
	if err := finding.Each(r.Study, func(f finding.Elsewhere) error { f.Beside(r.other, s); return nil }); err != nil {
		return err
	}
	r.Result.Summary.Areal = s
	r.Note("areal.result", "others", s.Others, "places", s.Places, "other_min", float64(s.MeanTime[1]), "min", float64(s.MeanTime[0]),
		"other_share", 100*float64(s.Beyond[1]), "share", 100*float64(s.Beyond[0]))
	sh := finding.Sheet{Of: "areal"}
	sh.Text("metric", name)
	sh.Number("value", a)
	sh.Number("other_units", b)
	sh.Number("change", change)
	return r.AddTable(sh.Table())
}
