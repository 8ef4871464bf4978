package access

import (
	"fmt"
	"math"

	"careshed/geo/travel"
)

// Catchment says who is within reach and how much a time counts.
type Catchment struct {
	Limit travel.Seconds // 0: as far as the matrix goes
	Decay Decay          // nil: everything within the limit counts fully
}

func (c Catchment) weight(t travel.Seconds) float64 {
	if c.Limit > 0 && t > c.Limit {
		return 0
	}
	if c.Decay == nil {
		return 1
	}
	return c.Decay(t)
}

// FCAResult is a floating catchment score with what it rests on.
type FCAResult struct {
	Score  []float64       // supply a head; 0 where no supply is within reach
	Reason []travel.Reason // why a score is 0, None otherwise
	Ratio  []float64       // of each site, NaN where nobody is in its catchment
	Unused float64         // supply of sites in whose catchment nobody lives
}

// Uncovered and NoSupply are reasons of a score of 0.
const (
	Uncovered travel.Reason = "no site in the catchment"
	NoSupply  travel.Reason = "no supply in the catchment"
)

// FCA is the two-step floating catchment area method (Radke & Mu 2000; Luo &
// Wang 2003), with a decay the enhanced one (E2SFCA, Luo & Qi 2009):
//
//	R_j = S_j / Σ_k P_k W(t_kj),   A_i = Σ_j R_j W(t_ij).
//
// Demand is people (or patients, which may be fractions) by place, supply by
// site. What is handed out, Σ P_i A_i, is the supply of the sites that anybody
// reaches.
func FCA(m *travel.Matrix, demand, supply []float64, c Catchment) (*FCAResult, error) {
	if len(demand) != m.Places || len(supply) != m.Sites {
		return nil, fmt.Errorf("%d demands and %d supplies for a matrix of %d places and %d sites", len(demand), len(supply), m.Places, m.Sites)
	}
	weight := make([]float64, m.Len())
	reached := make([]float64, m.Sites)
	for i := range m.Places {
		for k := m.Start[i]; k < m.Start[i+1]; k++ {
			w := c.weight(m.Time[k])
			weight[k] = w
			reached[m.Site[k]] += demand[i] * w
		}
	}
	r := &FCAResult{Score: make([]float64, m.Places), Reason: make([]travel.Reason, m.Places), Ratio: make([]float64, m.Sites)}
	for j, s := range supply {
		r.Ratio[j] = math.NaN()
		if reached[j] > 0 {
			r.Ratio[j] = s / reached[j]
		} else {
			r.Unused += s
		}
	}
	for i := range m.Places {
		covered := false
		for k := m.Start[i]; k < m.Start[i+1]; k++ {
			if weight[k] == 0 {
				continue
			}
			covered = true
			if ratio := r.Ratio[m.Site[k]]; !math.IsNaN(ratio) {
				r.Score[i] += ratio * weight[k]
			}
		}
		switch {
		case !covered:
			r.Reason[i] = Uncovered
		case r.Score[i] == 0:
			r.Reason[i] = NoSupply
		}
	}
	return r, nil
}
