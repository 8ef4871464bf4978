package access

import (
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
	Bound  float64   // no place's cost is farther from that of the equilibrium, as a share of it (see leastCost)
	Gap    float64   // Wardrop: cost paid above the least available, as a share of the cost paid
	Steps  int       // Newton steps
}

// RAAM solves the rational agent access model (Saxon & Snow 2020) to
// equilibrium: everyone goes where the cost
//
//	t_ij/τ + D_j/(ρ S_j),  D_j = Σ_i x_ij,  ρ = ΣP/ΣS
//
// is least, congestion included. It is the minimum of the convex function
// Σ x t/τ + Σ D_j²/(2ρS_j), so the costs and the D_j are unique.
//
// The dual has one price π_j a site: maximise Σ_i P_i min_j(t_ij/τ + π_j) −
// Σ_j ρ S_j π_j²/2. The minimum is smoothed to −ε ln Σ exp(−c/ε), the smooth
// function climbed by Newton steps (conjugate gradients over the sites that
// each place has in view), and ε lowered. As it falls, all but a few places see
// one site only: the others are settled to the last digit (settle).
//
// It ends when every place's cost is within a share of itself from that of the
// equilibrium, for certain (certify): what is certain is part of the result, and
// more than was asked for if maxSteps were not enough.
//
// Supply of 0 is never used. ρ is taken over all demand and supply given.
func RAAM(ctx context.Context, m *travel.Matrix, demand, supply []float64, tau travel.Seconds, within float64, maxSteps int) (*RAAMResult, error) {
	if err := fits(m, demand, supply); err != nil {
		return nil, err
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
	e := &equilibrium{m: m, demand: demand, per: 1 / float64(tau), room: make([]float64, m.Sites)}
	for j, s := range supply {
		e.room[j] = people / slots * s // ρS_j: the demand that costs 1
	}
	price := make([]float64, m.Sites)
	for j := range price {
		price[j] = 1 // as if all were spread evenly
	}
	// Prices far from the solution need a wide view, which a sample of the places
	// gives for little.
	far, steps := e, 0
	if every := (m.Len() + sample - 1) / sample; every > 1 {
		far = e.every(every)
	}
	if err := far.solve(ctx, price, 0.5, firstWidth, &steps, maxSteps); err != nil {
		return nil, err
	}
	s := e.shortlist(price, horizon*firstWidth)
	if err := s.smooth().solve(ctx, price, firstWidth, lastWidth, &steps, maxSteps); err != nil {
		return nil, err
	}
	s = e.shortlist(price, horizon*lastWidth)
	s.spread(price, lastWidth)
	return e.finish(ctx, s, within, &steps, maxSteps)
}

// The search looks at a sample of so many legs down to firstWidth, and from there
// on at those places alone who see more than one site.
const (
	sample     = 1 << 20
	firstWidth = 0.01
	lastWidth  = 3e-4
)

// every is the problem of each nth place, who stand for the others too.
func (e *equilibrium) every(n int) *equilibrium {
	few := &equilibrium{m: &travel.Matrix{Sites: e.m.Sites, Start: []int{0}}, per: e.per, room: e.room}
	var all, chosen float64
	for i, d := range e.demand {
		all += d
		if i%n == 0 {
			js, times := e.m.Row(i)
			few.m.Site, few.m.Time = append(few.m.Site, js...), append(few.m.Time, times...)
			few.m.Start = append(few.m.Start, len(few.m.Site))
			few.demand = append(few.demand, d)
			chosen += d
		}
	}
	few.m.Places = len(few.demand)
	for i := range few.demand {
		few.demand[i] *= all / math.Max(chosen, 1e-300)
	}
	return few
}

// narrower is by how much ε falls from one search to the next.
const narrower = 3

// solve climbs from the prices given, which it improves in place, with ε from
// width down to narrowest.
func (e *equilibrium) solve(ctx context.Context, price []float64, width, narrowest float64, steps *int, maxSteps int) error {
	var people float64
	for _, d := range e.demand {
		people += d
	}
	view := e.look(slices.Clone(price), width)
	var before []float64 // the prices at the width before
	for {
		for range 30 {
			if err := ctx.Err(); err != nil {
				return err
			}
			// What is sent against what the prices stand for.
			if e.mismatch(view) <= width/100*people || *steps >= maxSteps {
				break
			}
			next, better := e.climb(view, width)
			*steps++
			if !better {
				break
			}
			view = next
		}
		if *steps >= maxSteps || width <= narrowest {
			copy(price, view.price)
			return nil
		}
		// The prices go straight with ε, nearly: follow the line.
		next := slices.Clone(view.price)
		if before != nil {
			for j := range next {
				next[j] += (view.price[j] - before[j]) / narrower
			}
		}
		before = view.price
		width = math.Max(width/narrower, narrowest)
		view = e.look(next, width)
	}
}

func (e *equilibrium) mismatch(s *sight) float64 {
	var sum float64
	for j := range s.demand {
		sum += math.Abs(e.slope(s, j))
	}
	return sum
}

// slope is who comes to a site above those that its price stands for.
func (e *equilibrium) slope(s *sight, j int) float64 {
	d := s.demand[j] - e.room[j]*s.price[j]
	if e.decided != nil {
		d += e.decided[j]
	}
	return d
}

// equilibrium is a RAAM problem; sites without room are out of it.
type equilibrium struct {
	m      *travel.Matrix
	demand []float64
	per    float64   // 1/τ
	room   []float64 // of each site: the demand that costs 1

	decided []float64 // who comes to each site besides; nil for nobody
}

// sight is what the places see at some prices: the sites within view, with the
// share of the place's people that goes there.
type sight struct {
	price  []float64
	value  float64   // of the smoothed dual
	demand []float64 // by site
	blocks []sightBlock
}

type sightBlock struct {
	start []int32
	site  []int32
	share []float64
}

// horizon is how many widths above the least cost a site is out of view: its
// share would be below 1e-12.
const horizon = 28

// look sends everyone where the smoothed minimum says.
func (e *equilibrium) look(price []float64, width float64) *sight {
	n := (e.m.Places + block - 1) / block
	s := &sight{price: price, blocks: make([]sightBlock, n)}
	values := make([]float64, n)
	demands := make([][]float64, n)
	rows(e.m, func(b, from, to int, w []float64) {
		v := sightBlock{start: make([]int32, 1, to-from+1)}
		d := make([]float64, e.m.Sites)
		for i := from; i < to; i++ {
			js, times := e.m.Row(i)
			least := e.costs(js, times, price, w)
			if e.demand[i] > 0 && !math.IsInf(least, 1) {
				first, total := len(v.site), 0.0
				for k, j := range js {
					if x := (w[k] - least) / width; x < horizon {
						x = math.Exp(-x)
						v.site, v.share = append(v.site, j), append(v.share, x)
						total += x
					}
				}
				for k := first; k < len(v.site); k++ {
					v.share[k] /= total
					d[v.site[k]] += e.demand[i] * v.share[k]
				}
				values[b] += e.demand[i] * (least - width*math.Log(total))
			}
			v.start = append(v.start, int32(len(v.site)))
		}
		s.blocks[b], demands[b] = v, d
	})
	s.demand = make([]float64, e.m.Sites)
	for b := range n {
		s.value += values[b]
		for j, d := range demands[b] {
			s.demand[j] += d
		}
	}
	for j, p := range price {
		s.value -= e.room[j] * p * p / 2
		if e.decided != nil {
			s.value += e.decided[j] * p
		}
	}
	return s
}

// costs fills the costs of a row and returns the least, +Inf where there is none.
func (e *equilibrium) costs(js []int32, times []travel.Seconds, price, w []float64) float64 {
	least := math.Inf(1)
	for k, j := range js {
		w[k] = math.Inf(1)
		if e.room[j] > 0 {
			w[k] = float64(times[k])*e.per + price[j]
			if w[k] < least {
				least = w[k]
			}
		}
	}
	return least
}

// climb takes one Newton step up the smoothed dual, halved until it is worth it.
func (e *equilibrium) climb(s *sight, width float64) (*sight, bool) {
	price := s.price
	slope := make([]float64, len(price))
	for j := range slope {
		slope[j] = e.slope(s, j)
	}
	step := e.newton(s, slope, width)
	var rise float64
	for j := range step {
		rise += slope[j] * step[j]
	}
	if !(rise > 0) {
		return s, false
	}
	for size := 1.0; size > 1e-6; size /= 2 {
		next := make([]float64, len(price))
		for j := range next {
			next[j] = price[j] + size*step[j]
		}
		if v := e.look(next, width); v.value >= s.value+1e-4*size*rise || size == 1 && rise < 1e-13*math.Abs(s.value) {
			return v, true
		}
	}
	return s, false
}

// newton solves (L/ε + diag(ρS)) x = slope by conjugate gradients, where L is
// the Laplacian of the places' views.
func (e *equilibrium) newton(s *sight, slope []float64, width float64) []float64 {
	n := len(slope)
	diagonal := append([]float64(nil), e.room...)
	for b, v := range s.blocks {
		for i := 0; i+1 < len(v.start); i++ {
			p := e.demand[b*block+i] / width
			for k := v.start[i]; k < v.start[i+1]; k++ {
				diagonal[v.site[k]] += p * v.share[k] * (1 - v.share[k])
			}
		}
	}
	for j, d := range diagonal {
		if d == 0 {
			diagonal[j] = 1
		}
	}
	x, r := make([]float64, n), append([]float64(nil), slope...)
	z, p := make([]float64, n), make([]float64, n)
	var rz, start float64
	for j := range r {
		z[j] = r[j] / diagonal[j]
		p[j] = z[j]
		rz += r[j] * z[j]
	}
	start = rz
	for range 2*n + 100 {
		if rz <= 1e-8*start {
			break
		}
		ap := e.apply(s, p, width)
		var pap float64
		for j := range p {
			pap += p[j] * ap[j]
		}
		if !(pap > 0) {
			break
		}
		a := rz / pap
		var next float64
		for j := range x {
			x[j] += a * p[j]
			r[j] -= a * ap[j]
			z[j] = r[j] / diagonal[j]
			next += r[j] * z[j]
		}
		b := next / rz
		rz = next
		for j := range p {
			p[j] = z[j] + b*p[j]
		}
	}
	return x
}

func (e *equilibrium) apply(s *sight, x []float64, width float64) []float64 {
	out := make([]float64, len(x))
	for j := range x {
		out[j] = e.room[j] * x[j]
	}
	for b, v := range s.blocks {
		for i := 0; i+1 < len(v.start); i++ {
			from, to := v.start[i], v.start[i+1]
			if to-from < 2 {
				continue // all go to one site: nothing shifts
			}
			var mean float64
			for k := from; k < to; k++ {
				mean += v.share[k] * x[v.site[k]]
			}
			p := e.demand[b*block+i] / width
			for k := from; k < to; k++ {
				out[v.site[k]] += p * v.share[k] * (x[v.site[k]] - mean)
			}
		}
	}
	return out
}
