package access

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/geo/travel"
)

// RAAMResult is the equilibrium of the rational agent access model.
type RAAMResult struct {
	Cost   []float64 // of each place; higher is worse; NaN where no supply is within reach
	Demand []float64 // that each site receives
	Gap    float64   // Wardrop: cost paid above the least available, as a share of the cost paid
	Sweeps int
}

// RAAM solves the rational agent access model (Saxon & Snow 2020) to
// equilibrium: everyone goes where the cost
//
//	t_ij/τ + D_j/(ρ S_j),  D_j = Σ_i x_ij,  ρ = ΣP/ΣS
//
// is least, congestion included. It is the minimum of the convex function
// Σ x t/τ + Σ D_j²/(2ρS_j), so the costs and the D_j are unique. Blocks of
// coordinates (one place at a time, exactly) descend until the gap is at most
// gap or maxSweeps have passed; the gap reached is part of the result.
//
// ρ is taken over the demand and the supply that reach each other.
func RAAM(ctx context.Context, m *travel.Matrix, demand, supply []float64, tau travel.Seconds, gap float64, maxSweeps int) (*RAAMResult, error) {
	if len(demand) != m.Places || len(supply) != m.Sites {
		return nil, fmt.Errorf("%d demands and %d supplies for a matrix of %d places and %d sites", len(demand), len(supply), m.Places, m.Sites)
	}
	if !(tau > 0) {
		return nil, fmt.Errorf("raam: tau is %v minutes; accepted: above 0", tau.Minutes())
	}
	var people, slots float64
	for _, p := range demand {
		people += p
	}
	for _, s := range supply {
		slots += s
	}
	if !(people > 0 && slots > 0) {
		return nil, fmt.Errorf("raam needs demand and supply: there are %v people and %v of supply", people, slots)
	}
	rho := people / slots
	r := &RAAMResult{Cost: make([]float64, m.Places), Demand: make([]float64, m.Sites)}
	slope := make([]float64, m.Sites) // of the cost of a site in its demand
	for j, s := range supply {
		slope[j] = 1 / (rho * s) // +Inf for a site without supply, which nobody uses
	}
	// The flows of each place, only those above 0.
	type flow struct {
		site int32
		leg  float64 // t/τ
		x    float64
	}
	flows := make([][]flow, m.Places)
	// respond moves the people of place i to where they pay least, the others
	// standing still: water runs into the sites up to one level.
	var pool []flow
	respond := func(i int, all bool) {
		for _, f := range flows[i] {
			r.Demand[f.site] -= f.x
		}
		pool = pool[:0]
		if all {
			for k := m.Start[i]; k < m.Start[i+1]; k++ {
				if j := m.Site[k]; supply[j] > 0 {
					pool = append(pool, flow{j, float64(m.Time[k] / tau), 0})
				}
			}
		} else {
			pool = append(pool, flows[i]...)
		}
		base := func(f flow) float64 { return f.leg + math.Max(0, r.Demand[f.site])*slope[f.site] }
		if all && len(pool) > 64 {
			// Only sites below the level that the cheapest alone would reach matter.
			top := math.Inf(1)
			for _, f := range pool {
				top = math.Min(top, base(f)+demand[i]*slope[f.site])
			}
			pool = slices.DeleteFunc(pool, func(f flow) bool { return base(f) > top })
		}
		slices.SortFunc(pool, func(a, b flow) int {
			return cmp.Or(cmp.Compare(base(a), base(b)), cmp.Compare(a.site, b.site))
		})
		// At level L, site j takes (L − base_j)/slope_j.
		var inv, weighted float64
		level := math.Inf(1)
		for k, f := range pool {
			inv += 1 / slope[f.site]
			weighted += base(f) / slope[f.site]
			level = (demand[i] + weighted) / inv
			if k+1 == len(pool) || level <= base(pool[k+1]) {
				break
			}
		}
		kept := flows[i][:0]
		for _, f := range pool {
			b := base(f)
			if b >= level {
				break
			}
			f.x = (level - b) / slope[f.site]
			kept = append(kept, f)
		}
		for _, f := range kept {
			r.Demand[f.site] += f.x
		}
		flows[i] = kept
	}
	measure := func() float64 {
		var paid, least float64
		for i := range m.Places {
			c := math.Inf(1)
			for k := m.Start[i]; k < m.Start[i+1]; k++ {
				if j := m.Site[k]; supply[j] > 0 {
					c = math.Min(c, float64(m.Time[k]/tau)+r.Demand[j]*slope[j])
				}
			}
			r.Cost[i] = c
			if math.IsInf(c, 1) {
				r.Cost[i] = math.NaN()
				continue
			}
			for _, f := range flows[i] {
				paid += f.x * (f.leg + r.Demand[f.site]*slope[f.site])
			}
			least += demand[i] * c
		}
		if paid == 0 {
			return 0
		}
		return math.Max(0, paid-least) / paid
	}
	for r.Sweeps = 1; ; r.Sweeps++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// Most sweeps look only at the sites in use; now and then at all.
		full := r.Sweeps%8 == 1
		for i := range m.Places {
			if demand[i] > 0 {
				respond(i, full)
			}
		}
		if full || r.Sweeps >= maxSweeps {
			// Sums that were added to and taken from for long are made anew.
			clear(r.Demand)
			for i := range flows {
				for _, f := range flows[i] {
					r.Demand[f.site] += f.x
				}
			}
			if r.Gap = measure(); r.Gap <= gap || r.Sweeps >= maxSweeps {
				return r, nil
			}
		}
	}
}
