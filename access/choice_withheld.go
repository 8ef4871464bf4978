package access

import (
	"fmt"
	"math"
)

// A number that is withheld lies in a known range, such as 1 to 4. Leaving such pairs
// out would teach the model that the sites to which few go are not there: with numbers
// of some tens an origin, slopes come out a quarter too steep and no interval holds the
// truth. So the number is taken as what it is, one of those in the range:
//
//	n_ij ~ Poisson(N_i p_ij), of which Low ≤ n_ij ≤ High is all that is known
//
// with the N_i of highest likelihood. Where nothing is withheld N_i is the number
// seen, and the likelihood that of the logit.

// poissonLogs are the logarithms of n! over the range.
func (c *Choices) poissonLogs() []float64 {
	var logs []float64
	for n := c.Withheld[0]; n <= c.Withheld[1] && c.Withheld[1] > 0; n++ {
		v, _ := math.Lgamma(n + 1)
		logs = append(logs, v)
	}
	return logs
}

// inRange is a Poisson number known to lie in the range: the logarithm of Σ μⁿ/n!,
// its mean and variance.
func (c *Choices) inRange(logMu float64, logs []float64) (log, mean, variance float64) {
	top := math.Inf(-1)
	for k, l := range logs {
		n := c.Withheld[0] + float64(k)
		if n == 0 {
			top = math.Max(top, 0)
		} else {
			top = math.Max(top, n*logMu-l)
		}
	}
	var sum, first, second float64
	for k, l := range logs {
		n, v := c.Withheld[0]+float64(k), 0.0
		if n > 0 {
			v = n*logMu - l
		}
		p := math.Exp(v - top)
		sum += p
		first += n * p
		second += n * n * p
	}
	mean = first / sum
	return top + math.Log(sum), mean, math.Max(0, second/sum-mean*mean)
}

// withholds checks the range where a number is withheld.
func (c *Choices) withholds(pairs int) error {
	lo, hi := c.Withheld[0], c.Withheld[1]
	switch {
	case pairs == 0:
		return nil
	case c.Withheld == [2]float64{}:
		return fmt.Errorf("of %d pairs the number is withheld, and it is not said within which range; left out they would make the slope too steep", pairs)
	case !(lo >= 0 && lo <= hi && hi <= 1000) || lo != math.Trunc(lo) || hi != math.Trunc(hi):
		return fmt.Errorf("withheld numbers lie within %v to %v; accepted: whole numbers from 0 to 1000", lo, hi)
	}
	return nil
}

// partly is what is known of an origin some of whose numbers are withheld: what was
// seen, how many pairs are withheld, and the sites' log shares.
type partly struct {
	seen  float64
	pairs float64
	log   []float64 // of each pair, the logarithm of its share; -Inf where it is no alternative
}

// partly of an origin under coefficients; w is room to work in.
func (l *climb) partly(i int, beta []float64, r desk) partly {
	c, k := l.c, len(beta)
	lo, hi := c.Matrix.Start[i], c.Matrix.Start[i+1]
	out := partly{log: r.log[:hi-lo]}
	if c.Within != nil {
		l.mixed(i, beta, r)
	} else {
		top, _ := c.weigh(i, beta, l.without, r.w)
		var sum float64
		for _, p := range r.w[:hi-lo] {
			sum += p
		}
		copy(r.x, c.X[lo*k:hi*k])
		for leg := lo; leg < hi; leg++ {
			out.log[leg-lo] = dot(beta, c.X[leg*k:leg*k+k]) - top - math.Log(sum)
		}
	}
	for leg := lo; leg < hi; leg++ {
		if !l.open(leg) {
			out.log[leg-lo] = math.Inf(-1)
			continue
		}
		if n := c.Count[leg]; math.IsNaN(n) {
			out.pairs++
		} else {
			out.seen += n
		}
	}
	return out
}

// all is the number of people of an origin of highest likelihood: at which those seen
// and those expected of the withheld pairs are as many. 0 where nobody need be there.
func (l *climb) all(i int, o partly, r desk) float64 {
	c := l.c
	lo, hi := o.seen+o.pairs*c.Withheld[0], o.seen+o.pairs*c.Withheld[1]
	if lo <= 0 || o.pairs == 0 {
		return lo
	}
	n := (lo + hi) / 2
	for range 200 {
		excess, slope := o.seen-n, -1.0
		for k := range o.log {
			if leg := c.Matrix.Start[i] + k; l.open(leg) && math.IsNaN(c.Count[leg]) {
				_, mean, variance := c.inRange(math.Log(n)+o.log[k], r.logs)
				excess += mean
				slope += variance / n
			}
		}
		if excess >= 0 {
			lo = n
		} else {
			hi = n
		}
		next := n - excess/slope
		if !(next >= lo && next <= hi) {
			next = (lo + hi) / 2
		}
		if math.Abs(next-n) <= 1e-14*n {
			return next
		}
		n = next
	}
	return n
}

// hidden adds what the people of an origin say some of whose numbers are withheld. The
// information is that of all numbers, less what the withheld could still be (Louis),
// and less that their total is not known.
func (l *climb) hidden(part *moments, i int, beta []float64, r desk) {
	c, k := l.c, len(beta)
	o := l.partly(i, beta, r)
	n := l.all(i, o, r)
	if n == 0 {
		return
	}
	start := c.Matrix.Start[i]
	first := r.x[:k]
	clear(r.mean)
	clear(r.seen)
	clear(r.second)
	middle := o.seen + o.pairs*(c.Withheld[0]+c.Withheld[1])/2
	part.like += middle - n - middle*math.Log(middle)
	part.people += n
	var weight float64
	for leg := start; leg < c.Matrix.Start[i+1]; leg++ {
		if !l.open(leg) {
			continue
		}
		logMu := math.Log(n) + o.log[leg-start]
		mu, number, w := math.Exp(logMu), c.Count[leg], 0.0
		if math.IsNaN(number) {
			var log, variance float64
			log, number, variance = c.inRange(logMu, r.logs)
			part.like += log
			w = math.Max(0, mu-variance)
		} else {
			w = mu
			if number > 0 {
				part.like += number * logMu
			}
		}
		weight += w
		at := 0
		for a, x := range r.x[(leg-start)*k : (leg-start)*k+k] {
			part.size[a] = math.Max(part.size[a], math.Abs(x))
			r.away[a] = x - first[a]
			part.slope[a] += (number - mu) * r.away[a]
		}
		for a, x := range r.away {
			r.mean[a] += w * x
			for _, y := range r.away[a:] {
				r.second[at] += w * x * y
				at++
			}
		}
	}
	if weight > 0 {
		at := 0
		for a := range k {
			for b := a; b < k; b++ {
				part.info[a*k+b] += r.second[at] - r.mean[a]*r.mean[b]/weight
				at++
			}
		}
	}
}
