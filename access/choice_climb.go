package access

import (
	"math"
	"slices"
)

// climb is a search for the highest likelihood of choices.
type climb struct {
	c         *Choices
	without   []bool // sites that are left out; nil: none
	every     int    // only every so-many-th origin
	beta      []float64
	steps     int
	unbounded []float64 // a direction in which the likelihood rises without end
	lost      bool      // the search ended without a summit and without a direction
}

// moments are a log likelihood with its slope and its information, minus the
// second derivatives.
type moments struct {
	like   float64
	slope  []float64
	info   []float64 // k × k
	size   []float64 // of each term the largest value
	people float64
}

// weigh puts exp(β·x − the largest) of the alternatives of an origin into w, 0 for
// those that are none, and gives the largest and its place in the row; -1 without
// any. Nothing overflows, and somebody always has weight 1.
func (c *Choices) weigh(i int, beta []float64, without []bool, w []float64) (top float64, best int) {
	m, k := c.Matrix, len(beta)
	lo, hi := m.Start[i], m.Start[i+1]
	top, best = math.Inf(-1), -1
	for leg := lo; leg < hi; leg++ {
		if without != nil && without[m.Site[leg]] {
			w[leg-lo] = math.Inf(-1)
			continue
		}
		var v float64
		for a, x := range c.X[leg*k : leg*k+k] {
			v += beta[a] * x
		}
		if w[leg-lo] = v; v > top {
			top, best = v, leg-lo
		}
	}
	for n := range hi - lo {
		w[n] = math.Exp(w[n] - top)
		if best < 0 {
			w[n] = 0
		}
	}
	return top, best
}

// at is the likelihood and its derivatives at β. Terms are taken as differences
// from those of the best site, so that little is lost where nearly everybody goes
// there.
func (l *climb) at(beta []float64) moments {
	c, k := l.c, len(beta)
	m := c.Matrix
	parts := make([]moments, (m.Places+block-1)/block)
	rows(m, func(b, from, to int, w []float64) {
		part := moments{slope: make([]float64, k), info: make([]float64, k*k), size: make([]float64, k)}
		r := c.newDesk(w)
		for i := from; i < to; i++ {
			if i%l.every == 0 {
				l.origin(&part, i, beta, r)
			}
		}
		parts[b] = part
	})
	sum := moments{slope: make([]float64, k), info: make([]float64, k*k), size: make([]float64, k)}
	for _, p := range parts {
		sum.like += p.like
		sum.people += p.people
		for a := range k {
			sum.slope[a] += p.slope[a]
			sum.size[a] = math.Max(sum.size[a], p.size[a])
		}
		for a := range sum.info {
			sum.info[a] += p.info[a]
		}
	}
	for a := range k {
		for b := range a {
			sum.info[a*k+b] = sum.info[b*k+a]
		}
	}
	return sum
}

// desk is what one worker works in: the weights of a row and their logarithms, sums
// over it of the terms, of those of the sites chosen, and of products of two, and what
// withheld numbers need.
type desk struct {
	w, log, mean, seen, second, away, logs []float64
	x                                      []float64 // terms of a row, side by side
}

func (c *Choices) newDesk(w []float64) desk {
	k := len(c.Names)
	return desk{w, make([]float64, len(w)), make([]float64, k), make([]float64, k), make([]float64, k*(k+1)/2), make([]float64, k), c.poissonLogs(),
		make([]float64, k*len(w))}
}

// origin adds what the people of an origin say.
func (l *climb) origin(part *moments, i int, beta []float64, r desk) {
	w, mean, seen, second, away := r.w, r.mean, r.seen, r.second, r.away
	c, k := l.c, len(beta)
	m := c.Matrix
	lo, hi := m.Start[i], m.Start[i+1]
	var people float64
	for leg := lo; leg < hi; leg++ {
		if n := c.Count[leg]; n != 0 && (l.without == nil || !l.without[m.Site[leg]]) {
			people += n // NaN of a withheld one
		}
	}
	if math.IsNaN(people) || people > 0 && c.Within != nil {
		l.hidden(part, i, beta, r)
		return
	}
	if people == 0 {
		return
	}
	top, best := c.weigh(i, beta, l.without, w)
	first := c.X[(lo+best)*k : (lo+best)*k+k]
	clear(mean)
	clear(seen)
	clear(second)
	var sum, like float64
	for leg := lo; leg < hi; leg++ {
		p := w[leg-lo]
		if n := c.Count[leg]; n > 0 && (l.without == nil || !l.without[m.Site[leg]]) {
			var v float64
			for a, x := range c.X[leg*k : leg*k+k] {
				v += beta[a] * x
				seen[a] += n * (x - first[a])
			}
			like += n * (v - top)
		}
		if p == 0 {
			continue
		}
		sum += p
		for a, x := range c.X[leg*k : leg*k+k] {
			away[a] = x - first[a]
		}
		at := 0
		for a, x := range away {
			d := p * x
			mean[a] += d
			for _, y := range away[a:] {
				second[at] += d * y
				at++
			}
		}
	}
	part.like += like - people*math.Log(sum)
	part.people += people
	for a := range k {
		mean[a] /= sum
	}
	at := 0
	for a := range k {
		part.slope[a] += seen[a] - people*mean[a]
		part.size[a] = math.Max(part.size[a], math.Abs(first[a]))
		for b := a; b < k; b++ {
			part.info[a*k+b] += people * (second[at]/sum - mean[a]*mean[b])
			at++
		}
	}
}

// mostClimbs is far beyond what a likelihood with a summit takes: a dozen.
const mostClimbs = 200

// newton climbs from start, whose moments are here. scale, the moments where all
// sites are alike, measures a step: by how far it moves the log odds between sites,
// by standard deviation.
func (l *climb) newton(start []float64, here, scale moments) moments {
	k := len(start)
	l.beta = slices.Clone(start)
	step := l.beta
	for l.steps = 1; l.steps <= mostClimbs; l.steps++ {
		lower, bad := factor(here.info, k)
		if bad >= 0 {
			break
		}
		step = solve(lower, here.slope, k)
		size := math.Sqrt(quadratic(scale.info, step, k) / scale.people)
		// A summit draws Newton's method in ever faster; a slope without end is
		// climbed by steps of much the same size.
		if size > 0.01 && l.steps >= 5 && (l.endless(step) || l.endless(l.beta)) {
			return here
		}
		next, higher := l.advance(here, step)
		if !higher {
			if size > 1e-5 { // else rounding alone keeps it from the summit
				l.end(step)
			}
			return here
		}
		// The next would be of the order of its square; by the expected information of
		// areas, of a share of it.
		if here = next; size < 1e-6 && (l.c.Within == nil || size < 1e-10) {
			return here
		}
	}
	if !l.endless(step) && !l.endless(l.beta) {
		l.end(step)
	}
	return here
}

// end is that of a climb that finds no summit. Of areas it means that there is none:
// their likelihood flattens out as coefficients grow.
func (l *climb) end(step []float64) {
	if l.c.Within != nil {
		l.unbounded = slices.Clone(step)
	} else {
		l.lost = true
	}
}

// advance goes a step, or the longest part of it by halves that does not lead down.
func (l *climb) advance(here moments, step []float64) (moments, bool) {
	for t := 1.0; t > 1e-9; t /= 2 {
		to := slices.Clone(l.beta)
		for a := range to {
			to[a] += t * step[a]
		}
		if next := l.at(to); next.like >= here.like-1e-13*math.Abs(here.like) {
			l.beta = to
			return next, true
		}
	}
	return here, false
}

// endless reports whether nobody's likelihood falls along a direction and
// somebody's rises: everybody went to a best site by it, and some had worse ones.
// It is kept, with the parts that change no order at 0.
func (l *climb) endless(d []float64) bool {
	all := l.order(d)
	if l.c.Within != nil { // of areas it cannot be told by their means: who climbs on and on has no summit
		if l.steps > mostAreaClimbs {
			l.unbounded = slices.Clone(d)
		}
		return l.unbounded != nil
	}
	if !(all.spread > 0) || all.short > 1e-6*all.spread {
		return false
	}
	l.unbounded = slices.Clone(d)
	for a := range d {
		one := make([]float64, len(d))
		if one[a] = d[a]; l.order(one).spread < 1e-6*all.spread {
			l.unbounded[a] = 0
		}
	}
	return true
}

// order is how a direction orders the sites of the origins: the widest range of d·x,
// and the most that the site somebody went to falls short of the best.
func (l *climb) order(d []float64) (all struct{ spread, short float64 }) {
	c, k, m := l.c, len(d), l.c.Matrix
	parts := slices.Repeat([]struct{ spread, short float64 }{all}, (m.Places+block-1)/block)
	rows(m, func(b, from, to int, _ []float64) {
		for i := from; i < to; i++ {
			if i%l.every != 0 {
				continue
			}
			high, low, chosen := math.Inf(-1), math.Inf(1), math.Inf(1)
			for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
				if !l.open(leg) {
					continue
				}
				v := dot(d, c.X[leg*k:leg*k+k])
				high, low = math.Max(high, v), math.Min(low, v)
				if n := c.Count[leg]; n > 0 || math.IsNaN(n) && c.Withheld[0] > 0 {
					chosen = math.Min(chosen, v)
				}
			}
			if !math.IsInf(chosen, 1) {
				parts[b].spread, parts[b].short = math.Max(parts[b].spread, high-low), math.Max(parts[b].short, high-chosen)
			}
		}
	})
	for _, p := range parts {
		all.spread, all.short = math.Max(all.spread, p.spread), math.Max(all.short, p.short)
	}
	return all
}

// open reports whether a pair is an alternative.
func (l *climb) open(leg int) bool {
	return l.without == nil || !l.without[l.c.Matrix.Site[leg]]
}

func dot(a, b []float64) (v float64) {
	for i, x := range a {
		v += x * b[i]
	}
	return v
}

// foothold is where to begin, and the moments where all sites are alike. With many
// origins both are of a sample of them, which costs little: its summit is near that
// of all. Where the sample has none it is 0.
func (l *climb) foothold() (start []float64, scale moments) {
	none := make([]float64, len(l.c.Names))
	const sample = 4096
	if l.c.Matrix.Places < 4*sample {
		return none, l.at(none)
	}
	few := &climb{c: l.c, without: l.without, every: l.c.Matrix.Places / sample}
	scale = few.at(none)
	if _, bad := factor(scale.info, len(none)); bad >= 0 {
		return none, l.at(none)
	}
	if few.newton(none, scale, scale); few.unbounded != nil || few.lost {
		return none, scale
	}
	return few.beta, scale
}

// meat is Σ_g s_g s_gᵀ of the scores of clusters, summed in the order of origins.
func (c *Choices) meat(l *climb) []float64 {
	k, m := len(l.beta), c.Matrix
	scores := make([]float64, m.Places*k)
	rows(m, func(_, from, to int, w []float64) {
		r, info, size := c.newDesk(w), make([]float64, k*k), make([]float64, k)
		for i := from; i < to; i++ {
			l.origin(&moments{slope: scores[i*k : i*k+k], info: info, size: size}, i, l.beta, r)
		}
	})
	if c.Cluster != nil {
		row, order := map[int]int{}, 0
		joint := make([]float64, 0, len(scores))
		for i := range m.Places {
			g := c.Cluster[i]
			if _, there := row[g]; !there {
				row[g] = order
				order++
				joint = append(joint, make([]float64, k)...)
			}
			for a := range k {
				joint[row[g]*k+a] += scores[i*k+a]
			}
		}
		scores = joint
	}
	out := make([]float64, k*k)
	for g := 0; g < len(scores); g += k {
		for a := range k {
			for b := range k {
				out[a*k+b] += scores[g+a] * scores[g+b]
			}
		}
	}
	return out
}
