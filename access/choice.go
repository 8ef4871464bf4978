package access

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/geo/travel"
)

// Choices are what people chose among, and what they chose: for each origin, a
// place or an area, the sites that it could have gone to, something known of each
// pair, and how many went there.
type Choices struct {
	Matrix   *travel.Matrix // the pairs: a row for each origin, its sites with their times
	Count    []float64      // of each pair how many went; NaN: withheld
	Within   *Within        // places within each origin, where these are areas; nil: each origin is a place
	Names    []string       // of the terms
	X        []float64      // the terms of each pair side by side
	Withheld [2]float64     // the range of a number that is withheld, such as 1 to 4
	Cluster  []int          // of each origin, for robust errors; nil: each origin by itself
}

// Term is something known of a pair of origin and site that may draw or deter.
type Term struct {
	Name string
	Of   func(origin, site int, t travel.Seconds) float64
}

// Minutes is the time itself: its coefficient is what a minute takes from the log
// odds of going there.
func Minutes() Term {
	return Term{"minutes", func(_, _ int, t travel.Seconds) float64 { return t.Minutes() }}
}

// LogMinutes is the logarithm of the minutes, of one minute at least: minus its
// coefficient is the exponent of Huff's model.
func LogMinutes() Term {
	return Term{"log_minutes", func(_, _ int, t travel.Seconds) float64 { return math.Log(math.Max(1, t.Minutes())) }}
}

// NewChoices evaluates terms on all pairs. count may be nil where nobody was seen,
// to ask a model that is known for its shares.
func NewChoices(m *travel.Matrix, count []float64, terms []Term) (*Choices, error) {
	if count == nil {
		count = make([]float64, m.Len())
	}
	if len(count) != m.Len() {
		return nil, fmt.Errorf("%d counts for %d pairs", len(count), m.Len())
	}
	for k, n := range count {
		if n < 0 || math.IsInf(n, 0) {
			return nil, fmt.Errorf("pair %d: %v people; accepted: 0 or more, or withheld", k+1, n)
		}
	}
	c := &Choices{Matrix: m, Count: count, X: make([]float64, m.Len()*len(terms))}
	for _, t := range terms {
		c.Names = append(c.Names, t.Name)
	}
	wrong := make([]error, (m.Places+block-1)/block)
	rows(m, func(b, from, to int, _ []float64) {
		for i := from; i < to; i++ {
			for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
				for k, t := range terms {
					v := t.Of(i, int(m.Site[leg]), m.Time[leg])
					if (math.IsNaN(v) || math.IsInf(v, 0)) && wrong[b] == nil {
						wrong[b] = fmt.Errorf("%s is %v between origin %d and site %d; accepted: a number", t.Name, v, i+1, m.Site[leg]+1)
					}
					c.X[leg*len(terms)+k] = v
				}
			}
		}
	})
	for _, err := range wrong {
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ChoiceFit is a conditional logit fitted by maximum likelihood.
//
// Where everybody seen goes to the best site by some weighing of the terms, the
// likelihood rises without end as that weighing grows. There is no estimate then:
// Unbounded names the terms that it weighs, and all figures but the counts are NaN.
// Of areas it is found by climbing on and on; of places it is proven.
type ChoiceFit struct {
	Names     []string
	Coef      []float64
	SE        []float64    // from the information: if people choose independently of each other
	Robust    []float64    // sandwich, clustered: if those of a cluster need not; NaN with too few clusters
	Interval  [][2]float64 // 95 %: robust, by Student's t; or from the information with too few clusters
	Cov       [][]float64  // robust covariances
	LogLike   float64
	Null      float64 // log likelihood if all sites of an origin were alike
	McFadden  float64 // 1 − LogLike/Null
	Adjusted  float64 // 1 − (LogLike − terms)/Null
	People    float64 // seen to choose among sites that differ in a term; with withheld numbers, those expected of them too
	Origins   int     // with such people
	Clusters  int     // of such origins
	Withheld  int     // pairs
	Steps     int     // of Newton's method
	Unbounded []string
}

// fewClusters is how many more clusters than terms a robust error needs. The scores
// of clusters sum to 0: of few of them their products say next to nothing, and the
// error of a single one that tells anything would be 0.
const fewClusters = 10

// z95 is the 97.5 % quantile of the normal distribution.
const z95 = 1.959963984540054

// t95 is that of Student's distribution with df degrees of freedom, of ten or more: by
// its expansion in 1/df (Abramowitz and Stegun 1964, 26.7.5), to 1e-5.
func t95(df float64) float64 {
	z, z2 := z95, z95*z95
	return z + z*(z2+1)/(4*df) + z*(3+z2*(16+z2*5))/(96*df*df) +
		z*(-15+z2*(17+z2*(19+z2*3)))/(384*df*df*df) +
		z*(-945+z2*(-1920+z2*(1482+z2*(776+z2*79))))/(92160*df*df*df*df)
}

// Fit finds the coefficients β of highest likelihood under which somebody of
// origin i goes to site j with probability
//
//	p_ij = exp(β·x_ij) / Σ_k exp(β·x_ik)
//
// (McFadden 1974). The likelihood is concave; Newton's method climbs it. Robust
// errors are H⁻¹ (Σ_g s_g s_gᵀ) H⁻¹ · G/(G−1) over G clusters with scores s_g; their
// intervals are those of Student's distribution with G−1 degrees of freedom (Bester,
// Conley and Hansen 2011).
// Of a withheld number it is known that it lies in the range Withheld. Sums over
// origins are made in an order that does not depend on the number of cores.
//
// Fewer than ten people for each term are refused, and terms that the table cannot
// tell apart.
func (c *Choices) Fit() (*ChoiceFit, error) {
	f, _, err := c.fit(nil, nil)
	return f, err
}

// fit is Fit without the sites that are left out, beginning at start if not nil.
func (c *Choices) fit(without []bool, start []float64) (*ChoiceFit, *climb, error) {
	f := &ChoiceFit{Names: c.Names}
	if err := c.look(f, without); err != nil {
		return nil, nil, err
	}
	l := &climb{c: c, without: without, every: 1}
	foot, scale := l.foothold()
	if start == nil {
		start = foot
	}
	here := l.at(start)
	if err := c.apart(here); err != nil {
		return nil, nil, err
	}
	top := l.newton(start, here, scale)
	f.Steps = l.steps
	if f.Withheld > 0 || c.Within != nil {
		f.Null = l.at(make([]float64, len(c.Names))).like
	}
	if f.Withheld > 0 {
		f.People = top.people
	}
	if l.lost {
		return nil, nil, fmt.Errorf("the likelihood of the choice has no summit that %d steps find, at %s of %v", l.steps, strings.Join(c.Names, ", "), l.beta)
	}
	if l.unbounded != nil {
		f.blank(l.unbounded)
		return f, l, nil
	}
	f.report(c, l, top)
	return f, l, nil
}

// look counts who chose, and refuses tables with too few of them.
func (c *Choices) look(f *ChoiceFit, without []bool) error {
	m, clusters := c.Matrix, map[int]bool{}
	for i := range m.Places {
		n, sites := 0.0, 0
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			if without != nil && without[m.Site[leg]] {
				continue
			}
			sites++
			if math.IsNaN(c.Count[leg]) {
				f.Withheld++
				n += c.Withheld[0]
			} else {
				n += c.Count[leg]
			}
		}
		if n > 0 && sites > 1 {
			f.Null -= n * math.Log(float64(sites))
		}
		if n > 0 && c.tells(i, without) {
			f.People += n
			f.Origins++
			clusters[c.cluster(i)] = true
		}
	}
	f.Clusters = len(clusters)
	if err := c.withholds(f.Withheld); err != nil {
		return err
	}
	if k := len(c.Names); k == 0 {
		return fmt.Errorf("a choice needs a term such as minutes")
	} else if f.People < float64(minEvents*k) {
		return fmt.Errorf("%.4g people seen to choose among sites that differ are too few to fit %d terms; accepted: %d or more", f.People, k, minEvents*k)
	}
	return nil
}

// tells reports whether the sites of an origin differ in a term.
func (c *Choices) tells(i int, without []bool) bool {
	l, k, first := climb{c: c, without: without}, len(c.Names), -1
	for leg := c.Matrix.Start[i]; leg < c.Matrix.Start[i+1]; leg++ {
		switch {
		case !l.open(leg):
		case first < 0:
			first = leg
		case !slices.Equal(c.X[first*k:first*k+k], c.X[leg*k:leg*k+k]):
			return true
		}
	}
	return false
}

func (c *Choices) cluster(origin int) int {
	if c.Cluster == nil {
		return origin
	}
	return c.Cluster[origin]
}

// apart refuses terms that the table cannot tell apart: a term that is the same for
// all sites of every origin, or a sum of others.
func (c *Choices) apart(here moments) error {
	k := len(c.Names)
	for a, name := range c.Names {
		if !(here.info[a*k+a] > 1e-24*here.people*here.size[a]*here.size[a]) {
			return fmt.Errorf("%s is the same for all sites of each origin, so that it tells nothing of their choice", name)
		}
	}
	if _, bad := factor(here.info, k); bad >= 0 {
		return fmt.Errorf("%s is a sum of the other terms for the sites of each origin, so that their coefficients cannot be told apart", c.Names[bad])
	}
	return nil
}

// blank says that there is no estimate.
func (f *ChoiceFit) blank(direction []float64) {
	nan := math.NaN()
	f.LogLike, f.McFadden, f.Adjusted = nan, nan, nan
	for a, name := range f.Names {
		f.Coef, f.SE, f.Robust = append(f.Coef, nan), append(f.SE, nan), append(f.Robust, nan)
		f.Interval = append(f.Interval, [2]float64{nan, nan})
		f.Cov = append(f.Cov, slices.Repeat([]float64{nan}, len(f.Names)))
		if direction[a] != 0 {
			f.Unbounded = append(f.Unbounded, name)
		}
	}
}

// report fills in the figures of a fit.
func (f *ChoiceFit) report(c *Choices, l *climb, top moments) {
	k := len(f.Names)
	f.Coef, f.LogLike = l.beta, top.like
	f.McFadden, f.Adjusted = 1-top.like/f.Null, 1-(top.like-float64(k))/f.Null
	inverse := invert(top.info, k)
	meat := c.meat(l)
	correct := math.NaN()
	if f.Clusters >= k+fewClusters {
		correct = float64(f.Clusters) / float64(f.Clusters-1)
	}
	cov := product(product(inverse, meat, k), inverse, k)
	for a := range k {
		f.SE = append(f.SE, math.Sqrt(inverse[a*k+a]))
		f.Robust = append(f.Robust, math.Sqrt(correct*cov[a*k+a]))
		half := t95(float64(f.Clusters-1)) * f.Robust[a]
		if math.IsNaN(half) {
			half = z95 * f.SE[a]
		}
		f.Interval = append(f.Interval, [2]float64{f.Coef[a] - half, f.Coef[a] + half})
		row := make([]float64, k)
		for b := range row {
			row[b] = correct * cov[a*k+b]
		}
		f.Cov = append(f.Cov, row)
	}
}

// LogLike is the log likelihood of coefficients.
func (c *Choices) LogLike(beta []float64) (float64, error) {
	f := &ChoiceFit{Names: c.Names}
	if err := c.look(f, nil); err != nil {
		return 0, err
	}
	return (&climb{c: c, every: 1}).at(beta).like, nil
}

// Logs are, for all pairs, the logarithm of how strongly the site draws the origin: the
// terms, weighed by coefficients. Shares are in proportion to their exponentials.
func (c *Choices) Logs(beta []float64) []float64 {
	out := make([]float64, c.Matrix.Len())
	for leg := range out {
		for k, b := range beta {
			out[leg] += b * c.X[leg*len(beta)+k]
		}
	}
	return out
}

// Shares are the probabilities of all pairs under coefficients: of each origin they
// sum to 1.
func (c *Choices) Shares(beta []float64) []float64 {
	out := make([]float64, c.Matrix.Len())
	rows(c.Matrix, func(_, from, to int, w []float64) {
		for i := from; i < to; i++ {
			if c.Within != nil {
				for k, log := range (&climb{c: c}).partly(i, beta, c.newDesk(w)).log {
					out[c.Matrix.Start[i]+k] = math.Exp(log)
				}
				continue
			}
			c.weigh(i, beta, nil, w)
			lo, hi := c.Matrix.Start[i], c.Matrix.Start[i+1]
			var sum float64
			for k := range hi - lo {
				sum += w[k]
			}
			for k := range hi - lo {
				out[lo+k] = w[k] / sum
			}
		}
	})
	return out
}

// Expected are the people that a model sends along each pair: those of each origin, by
// its shares. In a table that shows no number of the withheld range it is what is
// expected of a number that is shown. Withheld pairs have NaN.
func (c *Choices) Expected(beta []float64) []float64 {
	m, out := c.Matrix, make([]float64, c.Matrix.Len())
	withheld := slices.ContainsFunc(c.Count, math.IsNaN) &&
		!slices.ContainsFunc(c.Count, func(n float64) bool { return c.Withheld[0] <= n && n <= c.Withheld[1] })
	l := &climb{c: c}
	rows(m, func(_, from, to int, w []float64) {
		r := c.newDesk(w)
		for i := from; i < to; i++ {
			o := l.partly(i, beta, r)
			n := l.all(i, o, r)
			for k, log := range o.log {
				leg := m.Start[i] + k
				switch mu := n * math.Exp(log); {
				case math.IsNaN(c.Count[leg]):
					out[leg] = math.NaN()
				case !withheld || mu == 0:
					out[leg] = mu
				default:
					within, mean, _ := c.inRange(math.Log(mu), r.logs)
					share := math.Exp(within - mu) // of the numbers that would be withheld
					if out[leg] = (mu - share*mean) / (1 - share); share > 1-1e-9 {
						out[leg] = c.Withheld[1] + 1 // the least that would be shown
					}
				}
			}
		}
	})
	return out
}
