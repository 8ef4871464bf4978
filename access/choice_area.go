package access

import "math"

// Within is the places within areas whose people were counted together. The people of
// an area go to a site as those of its places do:
//
//	p_aj = Σ_i share_i p_ij,  p_ij = exp(β·x_ij) / Σ_k exp(β·x_ik)
//
// Taking an area for a place in its middle would make slopes too weak: near its center
// people go there, far from it they do not, and on the mean neither is seen. The
// likelihood is climbed by its expected information (Fisher's scoring), and need not be
// concave: the climb begins where all sites are alike.
type Within struct {
	Places *Choices  // terms between all places and the sites
	Of     [][]int   // the places of each area
	Share  []float64 // of each place in the people of its area
}

// mostAreaClimbs is far beyond what a likelihood of areas with a summit takes.
const mostAreaClimbs = 150

// mixed puts the logarithms of an area's shares into r.log, and into r.x what they
// change with each coefficient. Sites that are none of the area's are none of its
// places' either; places without any way take no part.
func (l *climb) mixed(i int, beta []float64, r desk) {
	c, k := l.c, len(beta)
	lo, hi := c.Matrix.Start[i], c.Matrix.Start[i+1]
	row := make([]int, c.Matrix.Sites) // 1 + the place of a site in the row
	for leg := lo; leg < hi; leg++ {
		if l.open(leg) {
			row[c.Matrix.Site[leg]] = 1 + leg - lo
		}
	}
	share, change := make([]float64, hi-lo), r.x[:(hi-lo)*k]
	clear(change)
	p, mean := make([]float64, c.Matrix.Sites), make([]float64, k)
	var people float64
	at := c.Within.Places
	for _, place := range c.Within.Of[i] {
		from, to := at.Matrix.Start[place], at.Matrix.Start[place+1]
		top, sum := math.Inf(-1), 0.0
		for leg := from; leg < to; leg++ {
			if p[leg-from] = math.Inf(-1); row[at.Matrix.Site[leg]] > 0 {
				p[leg-from] = dot(beta, at.X[leg*k:leg*k+k])
				top = math.Max(top, p[leg-from])
			}
		}
		if math.IsInf(top, -1) {
			continue
		}
		clear(mean)
		for leg := from; leg < to; leg++ {
			p[leg-from] = math.Exp(p[leg-from] - top)
			sum += p[leg-from]
			for a := range mean {
				mean[a] += p[leg-from] * at.X[leg*k+a]
			}
		}
		s := c.Within.Share[place]
		people += s
		for leg := from; leg < to; leg++ {
			if n := row[at.Matrix.Site[leg]] - 1; n >= 0 {
				share[n] += s * p[leg-from] / sum
				for a := range mean {
					change[n*k+a] += s * p[leg-from] / sum * (at.X[leg*k+a] - mean[a]/sum)
				}
			}
		}
	}
	for n, v := range share {
		r.log[n] = math.Log(v / people)
		for a := range k {
			if v > 0 {
				change[n*k+a] /= v
			}
		}
	}
}
