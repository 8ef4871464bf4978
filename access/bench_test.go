package access_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"careshed/access"
	"careshed/geo/travel"
)

// yardstick is 84,000 places × 150 sites, all pairs listed: 12.6 million, up to
// some four hours, as PySAL access was measured on.
func yardstick() (m *travel.Matrix, demand, supply []float64) {
	const places, sites = 84_000, 150
	r := rand.New(rand.NewPCG(1, 1))
	var at [sites][2]float64
	for j := range at {
		at[j] = [2]float64{r.Float64() * 200, r.Float64() * 200}
	}
	m = &travel.Matrix{Places: places, Sites: sites, Start: make([]int, 1, places+1),
		Site: make([]int32, 0, places*sites), Time: make([]travel.Seconds, 0, places*sites)}
	for range places {
		x, y := r.Float64()*200, r.Float64()*200
		for j := range at {
			m.Site = append(m.Site, int32(j))
			m.Time = append(m.Time, travel.FromMinutes(2+math.Hypot(x-at[j][0], y-at[j][1])))
		}
		m.Start = append(m.Start, len(m.Site))
		demand = append(demand, math.Floor(r.ExpFloat64()*4000))
	}
	for range sites {
		supply = append(supply, 1+math.Floor(r.Float64()*20))
	}
	return m, demand, supply
}

func BenchmarkMeasures(b *testing.B) {
	m, demand, supply := yardstick()
	limit := travel.FromMinutes(240)
	gauss := access.GaussianDecay(travel.FromMinutes(60))
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"2sfca", func() error { _, err := access.FCA(m, demand, supply, access.Catchment{Limit: limit}); return err }},
		{"e2sfca-gaussian", func() error {
			_, err := access.FCA(m, demand, supply, access.Catchment{Limit: limit, Decay: gauss})
			return err
		}},
		{"3sfca-gaussian", func() error {
			_, err := access.FCA3(m, demand, supply, access.Catchment{Limit: limit, Decay: gauss}, nil)
			return err
		}},
		{"bfca-gaussian", func() error {
			_, err := access.BFCA(m, demand, supply, access.Catchment{Limit: limit, Decay: gauss})
			return err
		}},
		{"raam-1e-6", func() error {
			r, err := access.RAAM(b.Context(), m, demand, supply, travel.FromMinutes(60), 1e-6, 500)
			if err == nil {
				b.ReportMetric(r.Gap, "gap")
				b.ReportMetric(r.Bound, "bound")
				b.ReportMetric(float64(r.Steps), "steps")
			}
			return err
		}},
		{"doubly-constrained", func() error {
			var people, slots float64
			for _, p := range demand {
				people += p
			}
			for _, s := range supply {
				slots += s
			}
			matched := make([]float64, len(supply))
			for j, s := range supply {
				matched[j] = s * people / slots
			}
			f, err := access.Interact(b.Context(), m, demand, matched, access.Catchment{Decay: access.ExponentialDecay(0.05)}, access.Doubly)
			if err == nil {
				b.ReportMetric(f.Gap, "gap")
				b.ReportMetric(float64(f.Steps), "steps")
			}
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
