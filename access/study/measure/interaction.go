package measure

import (
	"context"
	"errors"
	"fmt"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

// InteractionMeasure asks for a member of Wilson's family of spatial interaction
// models, read as a measure (Soukhov et al. 2025).
type InteractionMeasure struct {
	LimitMin float64         `yaml:"limit_min" default:"all" doc:"minutes of travel at most"`
	Decay    *spec.DecaySpec `yaml:"decay" doc:"how the weight falls with time"`
	Demand   string          `yaml:"demand" doc:"who asks for supply: people (if left out) or eligible"`
}

// interactions are the members: what each keeps, and what it gives places or sites.
var interactions = []struct {
	name   string
	keep   access.Constraint
	title  string
	unit   string
	bySite bool
}{
	{"total_constrained", access.TotalSupply, "Supply, by the total constrained model", "supply", false},
	{"origin_constrained", access.Origin, "People who come, by the origin constrained model", "people", true},
	{"destination_constrained", access.Destination, "Supply, by the destination constrained model", "supply", false},
	{"doubly_constrained", access.Doubly, "Time, by the doubly constrained model", "min", false},
}

// interactionKinds are the members as measures.
func interactionKinds() (all []spec.Kind) {
	for _, x := range interactions {
		all = append(all, Asked[InteractionMeasure](x.name)...)
	}
	return all
}

// Validate is that of [Params].
func (f *InteractionMeasure) Validate(s *spec.Spec, m spec.Measure, at string) error {
	if err := spec.Check(
		spec.That(f.LimitMin >= 0, at+".limit_min", fmt.Sprintf("found %v", f.LimitMin), "minutes above 0"),
		spec.That(f.Decay != nil, at+".decay", "is missing", spec.DecayNames()),
		spec.That(spec.In(f.Demand, "", "people", "eligible"), at+".demand", fmt.Sprintf("found %q", f.Demand), "people, eligible"),
		spec.That(s.Sites.Supply != nil, "sites.supply", m.Name+" needs the supply of the sites", "a field, or {constant: 1}"),
	); err != nil {
		return err
	}
	return f.Decay.Validate(f.LimitMin > 0, at)
}

// Acting is that of [Params].
func (f *InteractionMeasure) Acting(m spec.Measure) (out []spec.Acting) {
	for _, a := range f.catchment().Acting(spec.Measure{Name: "gravity", Params: f.catchment()}) {
		if spec.In(a.Name, "limit_min", "decay", "demand") {
			out = append(out, a)
		}
	}
	return out
}

// catchment has the same limit, decay and demand.
func (f *InteractionMeasure) catchment() *CatchmentMeasure {
	return &CatchmentMeasure{LimitMin: f.LimitMin, Decay: f.Decay, Demand: f.Demand}
}

// Reach is that of [ground.Reaching].
func (f *InteractionMeasure) Reach(spec.Measure) float64 { return f.LimitMin }

// With is that of [Tunable].
func (f *InteractionMeasure) With(param string, v float64) (spec.Params, bool) {
	changed := *f
	changed.LimitMin = v
	return &changed, param == "limit_min"
}

// WithDecay is that of [Decaying].
func (f *InteractionMeasure) WithDecay(_ spec.Measure, d *spec.DecaySpec) (spec.Params, bool) {
	changed := *f
	changed.Decay = d
	return &changed, d.Validate(f.LimitMin > 0, "") == nil
}

// unbalanced is why a place has no value where both totals cannot be kept.
const unbalanced travel.Reason = "people and supply cannot be balanced"

func (f *InteractionMeasure) values(ctx context.Context, g *basis, m spec.Measure) (all []*score, err error) {
	for k, supply := range g.supply {
		for _, x := range interactions {
			if x.name != m.Name {
				continue
			}
			s := newScore(m, m.Name, g.Asking(f.Demand), g.SupplyName(k))
			s.title, s.unit, s.bySite = x.title, x.unit, x.bySite
			if x.keep == access.Doubly {
				err = f.doubly(ctx, g, supply, s)
			} else {
				err = f.flow(ctx, g, supply, x.keep, s)
			}
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// flow gives places what they get, or sites who comes.
func (f *InteractionMeasure) flow(ctx context.Context, g *basis, supply []float64, keep access.Constraint, s *score) error {
	found, err := access.Interact(ctx, g.matrix, s.weight, supply, f.catchment().catchment(), keep)
	if err != nil {
		return err
	}
	if s.bySite {
		s.value = found.BySite(g.matrix)
		return nil
	}
	s.value, s.reason, s.unused, s.handed = found.ByPlace(g.matrix), make([]travel.Reason, g.matrix.Places), found.Left, 0
	weighed, err := access.Opportunities(g.matrix, ground.Ones(g.matrix.Sites), f.catchment().catchment())
	if err != nil {
		return err
	}
	for i, v := range s.value {
		s.handed += v
		if v == 0 && weighed[i] == 0 {
			s.reason[i] = access.Uncovered
		}
	}
	return nil
}

// doubly gives places the mean time of the flows that keep both totals: those of
// people, and of supply in shares of all people. Places and sites that no weight
// connects to any are left out of both.
func (f *InteractionMeasure) doubly(ctx context.Context, g *basis, supply []float64, s *score) error {
	people, shared, covered := f.matched(g, s.weight, supply)
	s.value, s.reason = ground.NaNs(g.matrix.Places), make([]travel.Reason, g.matrix.Places)
	found, err := access.Interact(ctx, g.matrix, people, shared, f.catchment().catchment(), access.Doubly)
	if errors.Is(err, access.ErrUnbalanced) {
		for i := range s.reason {
			s.reason[i] = unbalanced
			if !covered[i] {
				s.reason[i] = access.Uncovered
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	s.gap, s.wanted = found.Gap, 1e-9
	row := make([]float64, g.matrix.Sites)
	for i := range s.value {
		if !covered[i] {
			s.reason[i] = access.Uncovered
			continue
		}
		var all, minutes float64
		found.Row(g.matrix, i, shared, row)
		_, times := g.matrix.Row(i)
		for k, t := range times {
			if w := row[k]; w > 0 {
				all += w
				minutes += w * t.Minutes()
			}
		}
		s.value[i] = minutes / all
	}
	return nil
}

// matched are people and supply of those whom a weight connects, the supply scaled to
// as much as there are people.
func (f *InteractionMeasure) matched(g *basis, weight, supply []float64) (people, shared []float64, covered []bool) {
	c := f.catchment().catchment()
	m := g.matrix
	covered, reached := make([]bool, m.Places), make([]bool, m.Sites)
	for i := range m.Places {
		js, times := m.Row(i)
		for k, j := range js {
			within := c.Limit == 0 || times[k] <= c.Limit
			if within && c.Decay(times[k]) > 0 && supply[j] > 0 {
				covered[i] = true
				reached[j] = reached[j] || weight[i] > 0
			}
		}
	}
	people, shared = make([]float64, m.Places), make([]float64, m.Sites)
	var all, there float64
	for i, w := range weight {
		if covered[i] {
			people[i] = w
			all += w
		}
	}
	for j, v := range supply {
		if reached[j] {
			shared[j] = v
			there += v
		}
	}
	for j := range shared {
		if there > 0 {
			shared[j] *= all / there
		}
	}
	return people, shared, covered
}
