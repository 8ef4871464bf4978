package measure

import (
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// RAAMMeasure asks for the rational agent access model.
type RAAMMeasure struct {
	TauMin   float64 `yaml:"tau_min" default:"60" doc:"minutes that weigh as much as average congestion"`
	LimitMin float64 `yaml:"limit_min" default:"all" doc:"minutes of travel at most"`
	Demand   string  `yaml:"demand" doc:"who asks for supply: people (if left out) or eligible"`
	Gap      float64 `yaml:"gap" default:"1e-6" doc:"what no cost may be off the equilibrium by, as a share of it"`
}

// Validate is that of [Params].
func (r *RAAMMeasure) Validate(s *spec.Spec, m spec.Measure, at string) error {
	return spec.Check(
		spec.That(r.TauMin >= 0 && r.LimitMin >= 0, at, "tau_min and limit_min are minutes above 0", ""),
		spec.That(r.Gap >= 0 && r.Gap < 1, at+".gap", fmt.Sprintf("found %v", r.Gap), "0 to 1"),
		spec.That(s.Sites.Supply != nil, "sites.supply", m.Name+" needs the supply of the sites", "a field, or {constant: 1}"))
}

// Acting is that of [Params].
func (r *RAAMMeasure) Acting(spec.Measure) []spec.Acting {
	var out []spec.Acting
	if r.Demand != "" {
		out = append(out, spec.Acting{Name: "demand", Value: r.Demand, Given: true})
	}
	limit := "none"
	if r.LimitMin > 0 {
		limit = fmt.Sprintf("%g", r.LimitMin)
	}
	return append(out, spec.Acting{Name: "limit_min", Value: limit, Given: r.LimitMin > 0},
		spec.Acting{Name: "tau_min", Value: fmt.Sprintf("%g", r.tau()), Given: r.TauMin > 0})
}

// Reach is that of [ground.Reaching].
func (r *RAAMMeasure) Reach(spec.Measure) float64 { return r.LimitMin }

// With is that of [Tunable].
func (r *RAAMMeasure) With(param string, v float64) (spec.Params, bool) {
	changed := *r
	switch param {
	case "limit_min":
		changed.LimitMin = v
	case "tau_min":
		changed.TauMin = v
	default:
		return nil, false
	}
	return &changed, true
}

func (r *RAAMMeasure) tau() float64 { return spec.Filled(*r).TauMin }

// gap is what no cost may be off that of the equilibrium by, as a share of it.
func (r *RAAMMeasure) gap() float64 { return spec.Filled(*r).Gap }

func (r *RAAMMeasure) values(ctx context.Context, g *basis, m spec.Measure) (all []*score, err error) {
	legs, asking := g.matrix, g.Asking(r.Demand)
	if r.LimitMin > 0 {
		legs = ground.Within(legs, travel.FromMinutes(r.LimitMin))
	}
	for k, supply := range g.supply {
		s := newScore(m, m.Name, asking, g.SupplyName(k))
		s.unit = "cost, higher is worse"
		all = append(all, s)
		if given := anyAbove0(supply); !anyAbove0(asking) || !given {
			// Nobody competes for what there is not.
			s.value, s.reason = ground.NaNs(legs.Places), make([]travel.Reason, legs.Places)
			for i := range s.reason {
				s.reason[i] = access.NoSupply
				if given {
					s.reason[i] = access.NoDemand
				}
			}
			s.handed, s.unused = 0, 0
			continue
		}
		found, err := access.RAAM(ctx, legs, asking, supply, travel.FromMinutes(r.tau()), r.gap(), 500)
		if err != nil {
			return nil, err
		}
		s.value, s.gap, s.bound, s.wanted = found.Cost, found.Gap, found.Bound, r.gap()
		s.reason = make([]travel.Reason, len(s.value))
		for i, v := range s.value {
			if math.IsNaN(v) {
				s.reason[i] = access.Uncovered
			}
		}
		s.handed, s.unused = 0, 0
		for j, d := range found.Demand {
			if d > 0 {
				s.handed += supply[j]
			} else {
				s.unused += supply[j]
			}
		}
	}
	return all, nil
}

// anyAbove0 reports whether any of the amounts is above 0.
func anyAbove0(v []float64) bool {
	return slices.ContainsFunc(v, func(x float64) bool { return x > 0 })
}
