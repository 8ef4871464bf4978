package access

import (
	"fmt"
	"math"
)

// SiteHoldOut is how well a model foretells sites that it was not fitted to.
type SiteHoldOut struct {
	Observed, Expected []float64   // people, by site
	Coef               [][]float64 // of each fold; NaN where there is no estimate
	LogLike            float64     // of those who went to sites of their fold, under the model fitted without
	Null               float64     // of the same if all sites of an origin were alike
	None               int         // folds without an estimate: their sites have no expectation
}

// HoldOut leaves sites out, a fold after the other: the model is fitted to those who
// went elsewhere, as if the sites of the fold were not there, and says then how many
// would go to them once they are. Site j is of fold j modulo folds; with 0 folds
// each site is one. A model that fits and foretells badly has learnt the sites, not
// what draws people to them.
func (c *Choices) HoldOut(folds int) (*SiteHoldOut, error) {
	m := c.Matrix
	if folds == 0 {
		folds = m.Sites
	}
	if folds < 2 || folds > m.Sites {
		return nil, fmt.Errorf("%d folds of %d sites; accepted: 2 to the number of sites", folds, m.Sites)
	}
	whole, _, err := c.fit(nil, nil)
	if err != nil {
		return nil, err
	}
	start := whole.Coef
	if whole.Unbounded != nil {
		start = nil
	}
	h := &SiteHoldOut{Observed: make([]float64, m.Sites), Expected: make([]float64, m.Sites)}
	for leg, n := range c.Count {
		if !math.IsNaN(n) {
			h.Observed[m.Site[leg]] += n
		}
	}
	for fold := range folds {
		without := make([]bool, m.Sites)
		for j := fold; j < m.Sites; j += folds {
			without[j] = true
		}
		f, _, err := c.fit(without, start)
		if err != nil {
			return nil, fmt.Errorf("without the sites of fold %d of %d: %w", fold+1, folds, err)
		}
		h.Coef = append(h.Coef, f.Coef)
		if f.Unbounded != nil {
			h.None++
		}
		h.foretell(c, f, without)
	}
	return h, nil
}

// foretell adds what a fit says of the sites that it was made without.
func (h *SiteHoldOut) foretell(c *Choices, f *ChoiceFit, without []bool) {
	m := c.Matrix
	if f.Unbounded != nil {
		for j, out := range without {
			if out {
				h.Expected[j] = math.NaN()
			}
		}
		return
	}
	expected, share := c.Expected(f.Coef), c.Shares(f.Coef)
	for i := range m.Places {
		open := float64(m.Start[i+1] - m.Start[i])
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			if n := c.Count[leg]; without[m.Site[leg]] && !math.IsNaN(n) {
				h.Expected[m.Site[leg]] += expected[leg]
				if n > 0 {
					h.LogLike += n * math.Log(share[leg])
					h.Null -= n * math.Log(open)
				}
			}
		}
	}
}
