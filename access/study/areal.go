package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// under is a layer beside those of a world.
type under struct {
	Layers
	name  string
	layer *geo.Layer
}

func (u under) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	if name == u.name {
		return u.layer, nil
	}
	return u.Layers.Layer(ctx, name)
}

// otherUnits carries the study out on the other units, as far as its headlines go.
func (r *run) otherUnits(ctx context.Context) error {
	a := r.spec.Areal
	if a == nil {
		return nil
	}
	w, s := r.world, r.spec
	s.Grid, s.Sensitivity, s.Forecast = nil, Sensitivity{Decay: s.Sensitivity.Decay}, nil
	s.Places.Layer, s.Places.Where = a.Layer, a.Where
	if a.Weight != "" {
		s.Places.Weight = a.Weight
	}
	if a.By != "" {
		l, err := r.together(a.By)
		if err != nil {
			return fmt.Errorf("areal.by: %w", err)
		}
		s.Places.Layer = l.Name
		w.Layers = under{w.Layers, l.Name, l}
	}
	in, err := load(ctx, w, s)
	if err != nil {
		return fmt.Errorf("areal: %w", err)
	}
	if off := in.total/r.total - 1; math.Abs(off) > 0.01 {
		r.note("areal.other_people", "other", int(math.Round(in.total)), "people", r.total)
	}
	o := &run{inputs: in, report: func(Progress) {}, result: &Result{Spec: s}}
	for _, do := range []func(context.Context) error{o.travel, o.journey, o.capacities, o.measure, o.scenarios} {
		err := do(ctx)
		var named *SpecError
		if errors.As(err, &named) {
			// What these people are and where they are does not go together with the
			// study: it has no result in these units, and stands in its own.
			r.note("areal.nothing", "why", err.Error())
			return nil
		}
		if err != nil {
			return fmt.Errorf("areal: %w", err)
		}
	}
	switch err := o.siting(ctx); {
	case cannotBe(err):
		o.plan = nil
		r.note("areal.no_plan", "why", err.Error())
	case err != nil:
		return fmt.Errorf("areal: %w", err)
	}
	r.other = o
	return nil
}

// together makes one place of all that share a value: people, patients and age
// groups are added up, ranks and incomes averaged over people, and a text is
// that of most people.
func (in *inputs) together(by string) (*geo.Layer, error) {
	if in.places.IsTable() {
		return nil, fmt.Errorf("layer %s has no coordinates", in.places.Name)
	}
	of, names, err := in.groups(by, "values")
	if err != nil {
		return nil, err
	}
	n := len(names)
	people := make([]float64, n)
	var x, y, z, any = make([]float64, n), make([]float64, n), make([]float64, n), make([]orb.Point, n)
	for i, k := range of {
		p := in.places.Point(i)
		people[k] += in.people[i]
		if math.IsNaN(p[0]) {
			continue
		}
		// Means on the sphere, so that the antimeridian is no edge.
		lon, lat := p[0]*math.Pi/180, p[1]*math.Pi/180
		x[k] += in.people[i] * math.Cos(lat) * math.Cos(lon)
		y[k] += in.people[i] * math.Cos(lat) * math.Sin(lon)
		z[k] += in.people[i] * math.Sin(lat)
		any[k] = p
	}
	at := make([]orb.Point, n)
	for k := range at {
		at[k] = any[k]
		if people[k] > 0 {
			at[k] = orb.Point{math.Atan2(y[k], x[k]) * 180 / math.Pi, math.Atan2(z[k], math.Hypot(x[k], y[k])) * 180 / math.Pi}
		}
	}
	weight := cmp.Or(in.spec.Places.Weight, "population")
	sums := map[string]bool{}
	if d := in.spec.Demand; d != nil {
		sums[d.Eligible] = true
		for _, f := range d.Funnel {
			for field := range f.Incidence.ByAge {
				sums[field] = true
			}
		}
	}
	columns := []geo.Column{geo.Numbers(geo.Field{Name: weight}, people)}
	other := make([]float64, n) // people counted under another's border
	for _, c := range in.places.Columns() {
		if c.Name == weight {
			continue
		}
		if c.Type == geo.Text {
			v, most := make([]string, n), make([]map[string]float64, n)
			for i, k := range of {
				if most[k] == nil {
					most[k] = map[string]float64{}
				}
				most[k][c.Text(i)] += in.people[i]
			}
			for k := range v {
				for _, t := range sorted(most[k]) {
					if v[k] == "" || most[k][t] > most[k][v[k]] {
						v[k] = t
					}
				}
				if c.Name == "country" || c.Name == in.spec.Travel.Borders.Column {
					other[k] = people[k] - most[k][v[k]]
				}
			}
			columns = append(columns, geo.Labels(c.Field, v))
			continue
		}
		sum, over := make([]float64, n), make([]float64, n)
		for i, k := range of {
			value := c.Number(i)
			if math.IsNaN(value) {
				continue
			}
			if sums[c.Name] {
				sum[k] += value
				continue
			}
			sum[k] += in.people[i] * value
			over[k] += in.people[i]
		}
		if !sums[c.Name] {
			for k := range sum {
				sum[k] /= over[k] // NaN where nobody has a value
			}
		}
		columns = append(columns, geo.Numbers(geo.Field{Name: c.Name, Title: c.Title, Unit: c.Unit}, sum))
	}
	astray := 0.0
	for _, p := range other {
		astray += p
	}
	if astray > 0 {
		in.note("areal.astray", "by", by, "people", astray)
	}
	return geo.NewPoints(geo.About{Name: in.places.Name + " by " + by}, names, at, columns...)
}

// presentAreal sets the headlines in the study's units beside those in the
// others.
func (r *run) presentAreal(ctx context.Context) error {
	if r.other == nil {
		return nil
	}
	m := r.settings()
	sure := draw{effect: m.effect, speed: 1, rate: 1, family: m.family}
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
	s := &ArealSummary{Places: r.places.Len(), Others: r.other.places.Len(), MeanTime: [2]Num{Num(here.get("mean_time_min")), Num(there.get("mean_time_min"))},
		Beyond: [2]Num{Num(here.get("share_beyond")), Num(there.get("share_beyond"))}}
	if r.plan != nil && r.other.plan != nil {
		for _, j := range r.plan.Open {
			if slices.Contains(r.other.plan.Open, j) {
				s.InBoth = append(s.InBoth, r.candidates[j].ID)
			} else {
				s.OnlyHere = append(s.OnlyHere, r.candidates[j].ID)
			}
		}
	}
	r.result.Summary.Areal = s
	r.note("areal.result", "others", s.Others, "places", s.Places, "other_min", float64(s.MeanTime[1]), "min", float64(s.MeanTime[0]),
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
