package site

import (
	"cmp"
	"math"
	"slices"
)

// multipliers price what a relaxation leaves out: lambda is what a place pays
// to be served, mu what a unit of the budget is worth.
type multipliers struct {
	lambda []float64
	mu     float64
	step   float64 // how boldly the ascent last moved; 0: not begun
	drift  []float64
	over   float64 // the directions of lambda and mu that it had; nil: none
}

// ascent is the best Lagrangian bound found over a core, and what it says of
// each undecided site.
type ascent struct {
	multipliers
	bound float64
	share []float64 // how far open a site is in the mean of the relaxed plans, 0 to 1
	// No plan of the core that opens a site costs less than use; none that
	// does not, less than avoid.
	use, avoid []float64
}

// relaxation evaluates the Lagrangian of a core. Each place is served by any
// number of open sites and pays lambda for each; then the best sites are those
// with the least reduced cost
//
//	score_j = fee_j + mu price_j + Σ_i min(0, cost_ij − lambda_i)
//
// and opening the best that pick and regions allow bounds every plan from
// below (Cornuéjols, Fisher & Nemhauser 1977). Distances between sites, hubs
// and volumes are left out, which can only lower the bound.
type relaxation struct {
	c      *core
	ends   []int32 // where in its row a place's multiplier ends
	score  []float64
	picked []int32
	value  float64
	served []int32 // by how many of the picked, of each place

	parts  [][]float64 // scores by stretch of the places
	bounds []int       // of the stretches
	order  []int32
}

// Pairs beyond which the places are gone through in stretches at the same
// time. The stretches depend on the instance alone, so sums are the same to
// the bit on any number of cores.
const (
	manyPairs = 100_000
	stretches = 4
)

func newRelaxation(c *core) *relaxation {
	r := &relaxation{c: c, score: make([]float64, c.sites()), served: make([]int32, c.places()), ends: make([]int32, c.places())}
	if len(c.cost) > manyPairs {
		r.bounds = append(r.bounds, 0)
		for k := 1; k < stretches; k++ {
			at, _ := slices.BinarySearch(c.start, len(c.cost)*k/stretches)
			r.bounds = append(r.bounds, at)
		}
		r.bounds = append(r.bounds, c.places())
		for range stretches {
			r.parts = append(r.parts, make([]float64, c.sites()))
		}
	}
	return r
}

func (r *relaxation) stretch(from, to int, lambda, score []float64) {
	c := r.c
	for i := from; i < to; i++ {
		l := lambda[i]
		if l <= c.least[i] {
			r.ends[i] = int32(c.start[i])
			continue
		}
		row := c.cost[c.start[i]:c.start[i+1]]
		at := c.at[c.start[i]:c.start[i+1]]
		end := len(row)
		for k, v := range row {
			if v >= l {
				end = k
				break
			}
			score[at[k]] += v - l
		}
		r.ends[i] = int32(c.start[i] + end)
	}
}

// solve fills score, picked and value for the multipliers.
func (r *relaxation) solve(m multipliers) {
	c := r.c
	copy(r.score, c.fee)
	if price := c.in.rules.Price; price != nil {
		for j, s := range c.site {
			r.score[j] += m.mu * price[s]
		}
	}
	if r.parts == nil {
		r.stretch(0, c.places(), m.lambda, r.score)
	} else {
		each(len(r.parts), func(k int) {
			clear(r.parts[k])
			r.stretch(r.bounds[k], r.bounds[k+1], m.lambda, r.parts[k])
		})
		for _, part := range r.parts {
			for j, v := range part {
				r.score[j] += v
			}
		}
	}
	r.pick()
	sum, size := c.settled, math.Abs(c.settled)
	for _, l := range m.lambda {
		sum += l
	}
	size += sum
	for _, j := range r.picked {
		sum += r.score[j]
		size += math.Abs(r.score[j])
	}
	if c.in.rules.Price != nil {
		sum -= m.mu * c.budget
		size += m.mu * math.Abs(c.budget)
	}
	r.value = sum - 1e-13*size // rounding must not lift a bound above the truth
}

// pick opens the sites of least score: in every region those that it needs,
// then whatever lowers the sum, as far as the regions have room. Sets that
// regions allow form a matroid with lower bounds, on which this is exact.
func (r *relaxation) pick() {
	c := r.c
	r.order = r.order[:0]
	for j, s := range r.score {
		if s < 0 || len(c.room) > 0 {
			r.order = append(r.order, int32(j))
		}
	}
	slices.SortFunc(r.order, func(a, b int32) int {
		if r.score[a] != r.score[b] {
			return cmp.Compare(r.score[a], r.score[b])
		}
		return cmp.Compare(a, b)
	})
	if len(c.room) == 0 {
		r.picked = append(r.picked[:0], r.order[:min(c.left, len(r.order))]...)
		return
	}
	room, need, needed := slices.Clone(c.room), slices.Clone(c.need), 0
	for _, k := range need {
		needed += max(0, k)
	}
	left := c.left - needed // sites that no region needs
	r.picked = r.picked[:0]
	for _, j := range r.order {
		g := c.group(int(j))
		switch {
		case g >= 0 && need[g] > 0:
			need[g]--
		case r.score[j] >= 0 || left == 0 || g >= 0 && room[g] == 0:
			continue
		default:
			left--
		}
		if g >= 0 {
			room[g]--
		}
		r.picked = append(r.picked, j)
	}
}

// floors raises use and avoid to what the present multipliers prove: the bound
// and the cost of the one exchange that brings a site in or out.
func (r *relaxation) floors(use, avoid []float64) {
	c := r.c
	in := make([]bool, len(r.score))
	count, worst := make([]int, len(c.room)), make([]float64, len(c.room))
	last := 0.0 // the most that leaving out a picked site can save
	for g := range worst {
		worst[g] = math.Inf(-1)
	}
	for _, j := range r.picked {
		in[j] = true
		if g := c.group(int(j)); g >= 0 {
			count[g]++
			worst[g] = max(worst[g], r.score[j])
		}
		last = max(last, r.score[j])
	}
	full := len(r.picked) == c.left
	if full && len(r.picked) > 0 {
		last = math.Inf(-1)
		for _, j := range r.picked {
			last = max(last, r.score[j])
		}
	}
	// The least score that could come in, by region and outside regions.
	least := make([]float64, len(c.room)+1)
	for g := range least {
		least[g] = math.Inf(1)
	}
	for j, s := range r.score {
		if !in[j] {
			g := c.group(j) + 1
			least[g] = min(least[g], s)
		}
	}
	for j, s := range r.score {
		g := c.group(j)
		if in[j] {
			next := 0.0
			if g >= 0 && count[g] <= c.need[g] {
				next = math.Inf(1)
			}
			for k, v := range least {
				if k == 0 || k-1 == g || count[k-1] < c.room[k-1] {
					if g < 0 || count[g] > c.need[g] || k-1 == g {
						next = min(next, v)
					}
				}
			}
			avoid[j] = max(avoid[j], r.value-s+next)
			use[j] = max(use[j], r.value)
			continue
		}
		out := last
		if g >= 0 && count[g] == c.room[g] {
			out = worst[g]
		}
		use[j] = max(use[j], r.value+s-out)
		avoid[j] = max(avoid[j], r.value)
	}
}
