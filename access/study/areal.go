package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// areal is the study on other units, as far as its headlines go.
type areal struct {
	*Study
	other *Study
}

// elsewhere is a study on the other units, nil where it has no result there.
func elsewhere(s *Study) *Study {
	if r := Of[*areal](s); r != nil {
		return r.other
	}
	return nil
}

// findElsewhere carries the study out on the other units.
func findElsewhere(ctx context.Context, r *Study) (Finding, error) {
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
		err := o.find(ctx, k)
		var named *spec.SpecError
		switch {
		case cannotBe(err):
			o.Found[k] = nil
			r.Note("areal.no_plan", "why", err.Error())
		case errors.As(err, &named):
			// What these people are and where they are does not go together with the
			// study: it has no result in these units, and stands in its own.
			r.Note("areal.nothing", "why", err.Error())
			return nil, nil
		case err != nil:
			return nil, fmt.Errorf("areal: %w", err)
		}
	}
	return &areal{r, o}, nil
}

// Tell sets the headlines in the study's units beside those in the others.
func (r *areal) Tell(ctx context.Context) error {
	m := r.Settings()
	here, there := once(ctx, r.Study, sure(m, r.Study)), once(ctx, r.other, sure(m, r.Study))
	if here.err != nil {
		return here.err
	}
	if there.err != nil {
		return there.err
	}
	var name []string
	var a, b, change []float64
	for k, metric := range here.names {
		j := slices.Index(there.names, metric)
		if j < 0 {
			continue
		}
		name, a, b, change = append(name, metric), append(a, here.value[k]), append(b, there.value[j]), append(change, there.value[j]-here.value[k])
	}
	s := &ArealSummary{Places: r.Places.Len(), Others: r.other.Places.Len(), MeanTime: [2]Num{Num(here.get("mean_time_min")), Num(there.get("mean_time_min"))},
		Beyond: [2]Num{Num(here.get("share_beyond")), Num(there.get("share_beyond"))}}
	if err := Each(r.Study, func(f Elsewhere) error { f.Beside(r.other, s); return nil }); err != nil {
		return err
	}
	r.Result.Summary.Areal = s
	r.Note("areal.result", "others", s.Others, "places", s.Places, "other_min", float64(s.MeanTime[1]), "min", float64(s.MeanTime[0]),
		"other_share", 100*float64(s.Beyond[1]), "share", 100*float64(s.Beyond[0]))
	var sh sheet
	sh.text("metric", "Metric", name)
	sh.number("value", "In the study's units", "", a)
	sh.number("other_units", "In the other units", "", b)
	sh.number("change", "Change", "", change)
	return r.AddTable(sh.table("areal", "Headlines in two areal units"))
}
