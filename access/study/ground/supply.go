package ground

import (
	"context"
	"math"

	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// A Reaching measure looks at all sites within some minutes: 0 is all there are.
type Reaching interface {
	Reach(m spec.Measure) (minutes float64)
}

// SupplyName is the column of supply number k, "" where there is one.
func (in *Ground) SupplyName(k int) string {
	if s := in.Spec.Sites.Supply; s != nil && len(s.Fields) > 1 {
		return s.Fields[k]
	}
	return ""
}

// Supplies is how many columns of supply the sites have.
func (in *Ground) Supplies() int {
	if s := in.Spec.Sites.Supply; s != nil {
		return max(1, len(s.Fields))
	}
	return 0
}

// Supplied are the sites that take part in supply and demand, those that
// infuse, and their supply by column. A site with a supply of 0 takes part and
// gives nothing.
func (in *Ground) Supplied() (open []int, supplies [][]float64) {
	open = Goals(in.Sites)
	for k := range in.Supplies() {
		v := make([]float64, len(open))
		for c, j := range open {
			v[c] = in.Sites[j].Supply[k]
		}
		supplies = append(supplies, v)
	}
	return open, supplies
}

// Asking is who asks for supply: people, or eligible patients, who may be
// fractions.
func (in *Ground) Asking(demand string) []float64 {
	if demand == "eligible" {
		return in.Eligible
	}
	return in.People
}

// widest is the longest time that any variant of the measures looks at, every
// speed multiplied by up to speed; 0 is no limit. false says that no measure asks
// for the matrix.
func (in *Ground) widest(speed float64) (_ travel.Seconds, any bool) {
	most := 0.0
	for _, m := range in.Spec.Measures {
		of, ok := m.Params.(Reaching)
		if !ok {
			continue
		}
		any = true
		limit := of.Reach(m)
		if limit == 0 {
			return 0, true
		}
		for _, v := range append(in.Spec.Grid[m.Name+".limit_min"], in.Spec.Sensitivity.LimitMin...) {
			limit = math.Max(limit, v)
		}
		most = math.Max(most, limit)
	}
	return travel.FromMinutes(most * speed), any
}

// SupplyMatrix collects the legs that the measures need, once.
func (in *Ground) SupplyMatrix(ctx context.Context, speed float64) (*travel.Matrix, [][]float64, error) {
	limit, any := in.widest(speed)
	if !any {
		return nil, nil, nil
	}
	if limit == 0 {
		limit = travel.Unreached
	}
	open, supplies := in.Supplied()
	m, err := in.Matrix(ctx, in.Sites, open, limit)
	return m, supplies, err
}

// Within is the legs of a matrix up to a limit.
func Within(m *travel.Matrix, limit travel.Seconds) *travel.Matrix {
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

// Faster is a matrix with every speed multiplied by speed.
func Faster(m *travel.Matrix, speed float64) *travel.Matrix {
	out := *m
	out.Time = make([]travel.Seconds, len(m.Time))
	for k, t := range m.Time {
		out.Time[k] = t / travel.Seconds(speed)
	}
	return &out
}
