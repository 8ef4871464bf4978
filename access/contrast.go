package access

import (
	"math"

	"careshed/geo/travel"
)

// Contrast is what a table says by itself of patients two hours away or more
// against those nearer, whatever a family can be: the odds ratio of the two by
// two table, as R's glm with one factor has it. It may be above 1.
type Contrast struct {
	Near, Far Observed   // sums; the times are means over eligible patients
	Odds      float64    // NaN where one of the four numbers is 0: the groups are separate, see Separate
	Interval  [2]float64 // 95 %, by the profile of the likelihood; NaN: open
	// Firth is the odds ratio by Firth's penalised likelihood (1993), half a patient
	// added to each of the four numbers. It is finite always.
	Firth float64
}

// Separate says which of the four numbers is 0, so that the odds ratio has no
// finite estimate other than 0, "" where none is.
func (c Contrast) Separate() string {
	switch {
	case c.Far.Treated == 0:
		return "nobody was treated from two hours away or more"
	case c.Near.Treated == 0:
		return "nobody was treated from nearer than two hours"
	case c.Far.Treated == c.Far.Eligible:
		return "everybody was treated from two hours away or more"
	case c.Near.Treated == c.Near.Eligible:
		return "everybody was treated from nearer than two hours"
	}
	return ""
}

// FarAgainstNear compares the rows of a table on either side of two hours. It
// refuses what Refit refuses.
func FarAgainstNear(table []Observed) (Contrast, error) {
	if _, _, err := fittable(table); err != nil {
		return Contrast{}, err
	}
	var c Contrast
	for _, o := range table {
		side := &c.Near
		if o.Time >= EffectFrom {
			side = &c.Far
		}
		side.Time += o.Time * travel.Seconds(o.Eligible)
		side.Eligible += o.Eligible
		side.Treated += o.Treated
	}
	c.Near.Time /= travel.Seconds(c.Near.Eligible)
	c.Far.Time /= travel.Seconds(c.Far.Eligible)
	a, b := c.Near.Treated, c.Near.Eligible-c.Near.Treated
	x, y := c.Far.Treated, c.Far.Eligible-c.Far.Treated
	c.Firth = (x + 0.5) / (y + 0.5) * (b + 0.5) / (a + 0.5)
	c.Odds = math.NaN()
	if c.Separate() == "" {
		c.Odds = x / y * b / a
	}
	c.Interval = c.profile()
	return c, nil
}

// profile is the interval of the odds ratio: where the likelihood, at its best
// for the nearer group's odds, has fallen by half the quantile of χ².
func (c Contrast) profile() [2]float64 {
	table := []Observed{c.Near, c.Far}
	start := math.Log((c.Near.Treated + c.Far.Treated) / (c.Near.Eligible + c.Far.Eligible - c.Near.Treated - c.Far.Treated))
	at := func(b float64) float64 {
		shape := []float64{0, b}
		return likelihood(table, shape, odds(table, shape, start))
	}
	const far = 60 // e^60 is as good as infinite
	best := math.Log(c.Odds)
	if math.IsNaN(best) {
		best = highest(-far, far, at)
	}
	top := at(best)
	edge := func(to float64) float64 {
		if top-at(to) < halfChi2 {
			return math.NaN()
		}
		from := best
		for range 100 {
			if mid := (from + to) / 2; top-at(mid) < halfChi2 {
				from = mid
			} else {
				to = mid
			}
		}
		return math.Exp(from)
	}
	return [2]float64{edge(-far), edge(far)}
}
