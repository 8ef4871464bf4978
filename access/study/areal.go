package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// otherUnits carries the study out on the other units, as far as its headlines go.
func (r *run) otherUnits(ctx context.Context) error {
	a := r.Spec.Areal
	if a == nil {
		return nil
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
			return fmt.Errorf("areal.by: %w", err)
		}
		s.Places.Layer = l.Name
		w.Layers = ground.Beside(w.Layers, l)
	}
	in, err := ground.Load(ctx, w, s)
	if err != nil {
		return fmt.Errorf("areal: %w", err)
	}
	if off := in.Total/r.Total - 1; math.Abs(off) > 0.01 {
		r.Note("areal.other_people", "other", int(math.Round(in.Total)), "people", r.Total)
	}
	o := &run{Ground: in, report: func(Progress) {}, result: &Result{Spec: s}}
	for _, do := range []func(context.Context) error{o.travel, o.journey, o.capacities, o.measure, o.scenarios} {
		err := do(ctx)
		var named *spec.SpecError
		if errors.As(err, &named) {
			// What these people are and where they are does not go together with the
			// study: it has no result in these units, and stands in its own.
			r.Note("areal.nothing", "why", err.Error())
			return nil
		}
		if err != nil {
			return fmt.Errorf("areal: %w", err)
		}
	}
	switch err := o.siting(ctx); {
	case cannotBe(err):
		o.plan = nil
		r.Note("areal.no_plan", "why", err.Error())
	case err != nil:
		return fmt.Errorf("areal: %w", err)
	}
	r.other = o
	return nil
}

// presentAreal sets the headlines in the study's units beside those in the
// others.
func (r *run) presentAreal(ctx context.Context) error {
	if r.other == nil {
		return nil
	}
	m := r.Settings()
	sure := draw{effect: m.Effect, speed: 1, rate: 1, family: m.Family}
	here, there := r.once(ctx, sure, r.plan), r.other.once(ctx, sure, r.plan)
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
	if r.plan != nil && r.other.plan != nil {
		for _, j := range r.plan.Open {
			if slices.Contains(r.other.plan.Open, j) {
				s.InBoth = append(s.InBoth, r.Candidates[j].ID)
			} else {
				s.OnlyHere = append(s.OnlyHere, r.Candidates[j].ID)
			}
		}
	}
	r.result.Summary.Areal = s
	r.Note("areal.result", "others", s.Others, "places", s.Places, "other_min", float64(s.MeanTime[1]), "min", float64(s.MeanTime[0]),
		"other_share", 100*float64(s.Beyond[1]), "share", 100*float64(s.Beyond[0]))
	var sh sheet
	sh.text("metric", "Metric", name)
	sh.number("value", "In the study's units", "", a)
	sh.number("other_units", "In the other units", "", b)
	sh.number("change", "Change", "", change)
	return r.addTable(sh.table("areal", "Headlines in two areal units"))
}

// get is a headline of a draw, NaN if it has none of the name.
func (o *drawn) get(name string) float64 {
	if k := slices.Index(o.names, name); k >= 0 {
		return o.value[k]
	}
	return math.NaN()
}

// spread is the standard deviation of the logarithm that makes an interval the
// middle 95 %.
func spread(key string) float64 {
	e, _ := access.Lookup(key)
	return math.Log(e.Interval[1]/e.Interval[0]) / (2 * normal975)
}

// normal975 is the quantile of the standard normal distribution that leaves 2.5 %
// above it.
const normal975 = 1.959963984540054
