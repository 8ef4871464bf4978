package access

import (
	"context"
	"errors"
	"fmt"
	"math"

	"careshed/geo/travel"
)

// Constraint says which totals flows must keep: the members of Wilson's family of
// spatial interaction models (Wilson 1971), read as measures of accessibility
// (Soukhov et al. 2025).
type Constraint string

const (
	TotalSupply Constraint = "total supply" // D · S_j f_ij / Σ_ij S_j f_ij: supply shared among all pairs
	TotalPeople Constraint = "total people" // O · P_i f_ij / Σ_ij P_i f_ij: people shared among all pairs
	Origin      Constraint = "origin"       // P_i · S_j f_ij / Σ_j S_j f_ij: each place's people, Huff's model
	Destination Constraint = "destination"  // S_j · P_i f_ij / Σ_i P_i f_ij: each site's supply, spatial availability
	Doubly      Constraint = "doubly"       // A_i B_j P_i S_j f_ij: both, where people and supply are the same number
)

// ErrUnbalanced says that both totals of doubly constrained flows cannot be kept.
var ErrUnbalanced = errors.New("doubly constrained flows cannot be balanced")

// Interaction is flows between places and sites that keep their totals.
type Interaction struct {
	Flow        []float64 // of each pair
	Weight      []float64 // of each pair, by its time
	Place, Site []float64 // balancing factors; 1 where the constraint has none, NaN where nobody or nothing can be balanced
	Left        float64   // people or supply that no pair with a weight can take
	Steps       int       // rounds of balancing
	Gap         float64   // doubly: the largest miss of a total, as a share of it
}

// balance is how closely doubly constrained flows keep their totals.
const balance = 1e-10

// mostRounds is how often totals are balanced in turn before the search gives up.
const mostRounds = 20_000

// Interact gives the flows of a member of the family. People are by place, supply
// by site; f is the weight that the catchment gives a time. Doubly constrained flows
// need as much supply as people, to 1e-9, and a way for all of either: they are
// balanced until every total is kept to 1e-10, in turn for places and for sites
// (iterative proportional fitting, Furness).
func Interact(ctx context.Context, m *travel.Matrix, people, supply []float64, c Catchment, keep Constraint) (*Interaction, error) {
	if err := fits(m, people, supply); err != nil {
		return nil, err
	}
	weight, err := weights(m, c)
	if err != nil {
		return nil, err
	}
	f := &Interaction{Flow: make([]float64, m.Len()), Weight: weight, Place: ones(m.Places), Site: ones(m.Sites)}
	b := &balancing{m: m, people: people, supply: supply, weight: weight, f: f}
	switch keep {
	case TotalSupply:
		b.total(ones(m.Places), supply, sum(supply))
	case TotalPeople:
		b.total(people, ones(m.Sites), sum(people))
	case Origin:
		b.balancePlaces()
		f.Left = unbalanced(f.Place, people)
		b.flows()
	case Destination:
		b.balanceSites()
		f.Left = unbalanced(f.Site, supply)
		b.flows()
	case Doubly:
		if err := b.inShares(ctx); err != nil {
			return nil, err
		}
		b.flows()
	default:
		return nil, fmt.Errorf("constraint %q; accepted: %s, %s, %s, %s, %s", keep, TotalSupply, TotalPeople, Origin, Destination, Doubly)
	}
	return f, nil
}

// ByPlace sums flows over the sites of each place.
func (f *Interaction) ByPlace(m *travel.Matrix) []float64 {
	out := make([]float64, m.Places)
	for i := range out {
		out[i] = sum(f.Flow[m.Start[i]:m.Start[i+1]])
	}
	return out
}

// BySite sums flows over the places of each site.
func (f *Interaction) BySite(m *travel.Matrix) []float64 {
	out := make([]float64, m.Sites)
	for leg, v := range f.Flow {
		out[m.Site[leg]] += v
	}
	return out
}

// weights are those of all pairs, which must be numbers of 0 or more.
func weights(m *travel.Matrix, c Catchment) ([]float64, error) {
	out := make([]float64, m.Len())
	rows(m, func(_, from, to int, _ []float64) {
		for i := from; i < to; i++ {
			_, times := m.Row(i)
			c.fill(out[m.Start[i]:m.Start[i+1]], times)
		}
	})
	for leg, w := range out {
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("the weight of %v minutes is %v; accepted: a number of 0 or more", m.Time[leg].Minutes(), w)
		}
	}
	return out, nil
}

// balancing is flows on their way to their totals.
type balancing struct {
	m              *travel.Matrix
	people, supply []float64
	weight         []float64
	f              *Interaction
}

// total scales the weights of masses so that the flows sum to all there is.
func (b *balancing) total(places, sites []float64, all float64) {
	m, f := b.m, b.f
	var weighed float64
	for i := range m.Places {
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			f.Flow[leg] = places[i] * sites[m.Site[leg]] * b.weight[leg]
			weighed += f.Flow[leg]
		}
	}
	if !(weighed > 0) {
		f.Left = all
		return
	}
	for leg := range f.Flow {
		f.Flow[leg] *= all / weighed
	}
}

// balancePlaces makes the flows of each place its people.
func (b *balancing) balancePlaces() {
	m, f := b.m, b.f
	rows(m, func(_, from, to int, _ []float64) {
		for i := from; i < to; i++ {
			var all float64
			for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
				j := m.Site[leg]
				if s := b.supply[j]; s > 0 && !math.IsNaN(f.Site[j]) {
					all += f.Site[j] * s * b.weight[leg]
				}
			}
			f.Place[i] = inverse(all)
		}
	})
}

// balanceSites makes the flows of each site its supply.
func (b *balancing) balanceSites() {
	f := b.f
	all := sites(b.m, func(i int, js []int32, _ []travel.Seconds, _, sum []float64) {
		if p := b.people[i]; p > 0 && !math.IsNaN(f.Place[i]) {
			for k, j := range js {
				sum[j] += f.Place[i] * p * b.weight[b.m.Start[i]+k]
			}
		}
	})
	for j, v := range all {
		f.Site[j] = inverse(v)
	}
}

// inverse is 1/v, NaN where there is nothing to balance.
func inverse(v float64) float64 {
	if !(v > 0) {
		return math.NaN()
	}
	return 1 / v
}

// flows are A_i B_j P_i S_j f_ij.
func (b *balancing) flows() {
	m, f := b.m, b.f
	for i := range m.Places {
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			j := m.Site[leg]
			if v := along(f.Place[i], b.people[i], f.Site[j], b.supply[j], b.weight[leg]); v > 0 {
				f.Flow[leg] = v
			}
		}
	}
}

// along is the product of two factors, two masses and a weight. A steep weight and its
// factors come near the ends of what numbers can be, and their product need not.
func along(place, people, site, supply, weight float64) float64 {
	product, logs, plain := 1.0, 0.0, true
	for _, v := range [...]float64{place, people, site, supply, weight} {
		product *= v
		logs += math.Log(v)
		plain = plain && 1e-60 < v && v < 1e60
	}
	if plain {
		return product
	}
	return math.Exp(logs)
}

// Row puts into out how the sites of place i weigh for somebody who lives there, the
// heaviest being 1, whether or not anybody does; all are 0 where none has a weight.
func (f *Interaction) Row(m *travel.Matrix, i int, supply []float64, out []float64) {
	first, top := m.Start[i], math.Inf(-1)
	for leg := first; leg < m.Start[i+1]; leg++ {
		j := m.Site[leg]
		out[leg-first] = math.Log(f.Weight[leg]) + math.Log(f.Site[j]) + math.Log(supply[j])
		top = math.Max(top, out[leg-first]) // NaN of a site that nothing balances
	}
	for k := range m.Start[i+1] - first {
		if out[k] = math.Exp(out[k] - top); math.IsNaN(out[k]) {
			out[k] = 0
		}
	}
}

// inShares balances shares of all people and of all supply: factors of steep weights
// come near the ends of what numbers can be, and whether they leave them must not hang
// on the units of people.
func (b *balancing) inShares(ctx context.Context) error {
	p, s := sum(b.people), sum(b.supply)
	if !(p > 0) || math.Abs(p-s) > 1e-9*p {
		return fmt.Errorf("%w: they need as much supply as people; found %v of supply and %v people", ErrUnbalanced, s, p)
	}
	share := func(v []float64, all float64) []float64 {
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = x / all
		}
		return out
	}
	shares := &balancing{m: b.m, people: share(b.people, p), supply: share(b.supply, s), weight: b.weight, f: b.f}
	if err := shares.both(ctx, p, s); err != nil {
		return err
	}
	for j := range b.f.Site {
		b.f.Site[j] /= s
	}
	return nil
}

// both balances places and sites in turn until all totals are kept; of how many people
// and how much supply they are shares.
func (b *balancing) both(ctx context.Context, people, supply float64) error {
	f := b.f
	for f.Steps = 1; f.Steps <= mostRounds; f.Steps++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.balanceSites()
		// Now the sites are exact, and what places miss shows in how their factors change.
		before := append([]float64(nil), f.Place...)
		b.balancePlaces()
		if f.Steps == 1 {
			if left := unbalanced(f.Site, b.supply); left > 0 {
				return fmt.Errorf("%w: nobody has a way with a weight to sites with %v of supply", ErrUnbalanced, left*supply)
			}
			if left := unbalanced(f.Place, b.people); left > 0 {
				return fmt.Errorf("%w: %v people have no way with a weight to any supply", ErrUnbalanced, left*people)
			}
		}
		f.Gap = b.missed(before)
		if f.Gap <= balance {
			f.Place = before
			return nil
		}
		if math.IsInf(f.Gap, 1) {
			break // factors have left what numbers can be: somebody's total is never kept
		}
	}
	return fmt.Errorf("%w in %d rounds: some sites have more supply than the people who can reach them, or times weigh too steeply",
		ErrUnbalanced, f.Steps)
}

// missed is the largest change of a place's factor, as a share: what its total was
// missed by.
func (b *balancing) missed(before []float64) (gap float64) {
	for i, a := range b.f.Place {
		if b.people[i] == 0 {
			continue
		}
		miss := math.Abs(before[i]/a - 1)
		if math.IsNaN(miss) {
			return math.Inf(1)
		}
		gap = math.Max(gap, miss)
	}
	return gap
}

// unbalanced is what stands at places or sites whose factor is NaN.
func unbalanced(factor, mass []float64) (left float64) {
	for i, a := range factor {
		if math.IsNaN(a) {
			left += mass[i]
		}
	}
	return left
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

func sum(v []float64) (all float64) {
	for _, x := range v {
		all += x
	}
	return all
}
