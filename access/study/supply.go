package study

import (
	"context"
	"math"

	"careshed/geo/travel"
)

// supplyName is the column of supply number k, "" where there is one.
func (in *inputs) supplyName(k int) string {
	if s := in.spec.Sites.Supply; s != nil && len(s.Fields) > 1 {
		return s.Fields[k]
	}
	return ""
}

// supplies is how many columns of supply the sites have.
func (in *inputs) supplies() int {
	if s := in.spec.Sites.Supply; s != nil {
		return max(1, len(s.Fields))
	}
	return 0
}

// supplied are the sites that take part in supply and demand, those that
// infuse, and their supply by column. A site with a supply of 0 takes part and
// gives nothing.
func (in *inputs) supplied() (open []int, supplies [][]float64) {
	open = goals(in.sites)
	for k := range in.supplies() {
		v := make([]float64, len(open))
		for c, j := range open {
			v[c] = in.sites[j].supply[k]
		}
		supplies = append(supplies, v)
	}
	return open, supplies
}

// asking is who asks for supply: people, or eligible patients, who may be
// fractions.
func (in *inputs) asking(demand string) []float64 {
	if demand == "eligible" {
		return in.eligible
	}
	return in.people
}

// widest is the longest time that any variant of the measures looks at, every
// speed multiplied by up to speed; 0 is no limit. false says that no measure asks
// for the matrix.
func (in *inputs) widest(speed float64) (_ travel.Seconds, any bool) {
	most := 0.0
	for _, m := range in.spec.Measures {
		of, ok := m.Params.(reaching)
		if !ok {
			continue
		}
		any = true
		limit := of.reach(m)
		if limit == 0 {
			return 0, true
		}
		for _, v := range append(in.spec.Grid[m.Name+".limit_min"], in.spec.Sensitivity.LimitMin...) {
			limit = math.Max(limit, v)
		}
		most = math.Max(most, limit)
	}
	return travel.FromMinutes(most * speed), any
}

// supplyMatrix collects the legs that the measures need, once.
func (in *inputs) supplyMatrix(ctx context.Context, speed float64) (*travel.Matrix, [][]float64, error) {
	limit, any := in.widest(speed)
	if !any {
		return nil, nil, nil
	}
	if limit == 0 {
		limit = travel.Unreached
	}
	open, supplies := in.supplied()
	m, err := in.matrix(ctx, in.sites, open, limit)
	return m, supplies, err
}

// within is the legs of a matrix up to a limit.
func within(m *travel.Matrix, limit travel.Seconds) *travel.Matrix {
	out := &travel.Matrix{Places: m.Places, Sites: m.Sites, Start: make([]int, m.Places+1)}
	for i := range m.Places {
		js, times := m.Row(i)
		for k, t := range times {
			if t <= limit {
				out.Site, out.Time = append(out.Site, js[k]), append(out.Time, t)
			}
		}
		out.Start[i+1] = len(out.Site)
	}
	return out
}

// faster is a matrix with every speed multiplied by speed.
func faster(m *travel.Matrix, speed float64) *travel.Matrix {
	out := *m
	out.Time = make([]travel.Seconds, len(m.Time))
	for k, t := range m.Time {
		out.Time[k] = t / travel.Seconds(speed)
	}
	return &out
}
