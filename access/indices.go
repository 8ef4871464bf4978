package access

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Atkinson is 1 − (Σ p (x/μ)^{1−e})^{1/(1−e)}, for e = 1 one less the geometric
// mean over μ (Atkinson 1970): the share of the total that could be given up if
// it were spread evenly, under an aversion e > 0 to inequality.
func Atkinson(value, weight []float64, aversion float64) (float64, error) {
	if !(aversion > 0) {
		return 0, fmt.Errorf("an Atkinson index needs an aversion above 0, found %v", aversion)
	}
	w := NewWeighted(value, weight)
	mu := w.Mean()
	if !(mu > 0) || w.Quantile(0) < 0 {
		return 0, fmt.Errorf("an Atkinson index needs values of 0 or more with a mean above 0")
	}
	var s float64
	for _, i := range w.order {
		p := weight[i] / w.total
		if aversion == 1 {
			s += p * math.Log(value[i]/mu)
		} else {
			s += p * math.Pow(value[i]/mu, 1-aversion)
		}
	}
	n := len(w.order)
	if aversion == 1 {
		return clamped(1-math.Exp(s), 0, 1, n), nil
	}
	return clamped(1-math.Pow(s, 1/(1-aversion)), 0, 1, n), nil
}

// Hoover is ½ Σ p |x/μ − 1|, the share that would have to change hands.
func Hoover(value, weight []float64) (float64, error) {
	w := NewWeighted(value, weight)
	mu := w.Mean()
	if !(mu > 0) {
		return 0, fmt.Errorf("a Hoover index needs a mean above 0")
	}
	var s float64
	for _, i := range w.order {
		s += weight[i] / w.total * math.Abs(value[i]/mu-1)
	}
	return clamped(s/2, 0, 1, len(w.order)), nil
}

// Palma is the mean value of the richest tenth over that of the poorest two
// fifths (Cobham & Sumner 2013; for access Pereira et al. 2019): people whose
// income is above its 90 % quantile, and up to its 40 % quantile, interpolated.
func Palma(value, income, weight []float64) (float64, error) {
	both := make([]float64, len(value))
	for i := range both {
		both[i] = weight[i]
		if math.IsNaN(value[i]) || math.IsNaN(income[i]) {
			both[i] = 0
		}
	}
	w := NewWeighted(income, both)
	low, high := w.Interpolated(0.4), w.Interpolated(0.9)
	var poor, poorPeople, rich, richPeople float64
	for i, x := range value {
		switch {
		case both[i] == 0:
		case income[i] <= low:
			poor += both[i] * x
			poorPeople += both[i]
		case income[i] > high:
			rich += both[i] * x
			richPeople += both[i]
		}
	}
	if !(poor > 0 && richPeople > 0) {
		return 0, fmt.Errorf("a Palma ratio needs a poorest two fifths with a value above 0 and a richest tenth")
	}
	return rich / richPeople / (poor / poorPeople), nil
}

// FGT is the Foster-Greer-Thorbecke index of those below a line,
// Σ p ((z−x)/z)^a over x < z: their share (a = 0), how far below (1), with
// weight on the farthest (2). For a cost, where more is worse, CostFGT counts
// those above the line.
func FGT(value, weight []float64, line, power float64) (float64, error) {
	return fgt(value, weight, line, power, func(x float64) float64 { return (line - x) / line })
}

// CostFGT is Σ p ((x−z)/z)^a over x > z; above power 0 it has no upper bound.
func CostFGT(value, weight []float64, line, power float64) (float64, error) {
	return fgt(value, weight, line, power, func(x float64) float64 { return (x - line) / line })
}

func fgt(value, weight []float64, line, power float64, gap func(float64) float64) (float64, error) {
	if !(line > 0) || power < 0 {
		return 0, fmt.Errorf("an FGT index needs a line above 0 and a power of 0 or more, found %v and %v", line, power)
	}
	w := NewWeighted(value, weight)
	var s float64
	for _, i := range w.order {
		if g := gap(value[i]); g > 0 {
			s += weight[i] / w.total * math.Pow(g, power)
		}
	}
	if power == 0 {
		s = clamped(s, 0, 1, len(w.order))
	}
	return s, nil
}

// Spread is P90/P10, by the quantile that travel uses.
func Spread(value, weight []float64) (float64, error) {
	q := NewWeighted(value, weight).Quantiles(0.1, 0.9)
	if len(value) > 0 && q[0] == 0 {
		return 0, fmt.Errorf("a tenth of the people or more have 0: there is nothing to divide by")
	}
	return q[1] / q[0], nil
}

// Slope is the slope index of inequality, the weighted regression of a value on
// the social rank from 0 to 1 (ties averaged), and the relative index, the
// slope over the mean. Positive: those of high rank have more.
func Slope(value, rank, weight []float64) (slope, relative float64, err error) {
	c, err := Concentrate(value, rank, weight, math.Inf(-1), math.Inf(1))
	if err != nil {
		return 0, 0, err
	}
	// Concentration is 2/μ times the covariance with R; R has this variance.
	var rows []int
	var total, mu float64
	for i := range value {
		if !math.IsNaN(value[i]) && !math.IsNaN(rank[i]) && weight[i] > 0 {
			rows = append(rows, i)
			total += weight[i]
			mu += weight[i] * value[i]
		}
	}
	mu /= total
	slices.SortStableFunc(rows, func(a, b int) int {
		switch {
		case rank[a] < rank[b]:
			return -1
		case rank[a] > rank[b]:
			return 1
		}
		return 0
	})
	var cum, variance float64
	for from := 0; from < len(rows); {
		to, tied := from, 0.0
		for to < len(rows) && rank[rows[to]] == rank[rows[from]] {
			tied += weight[rows[to]]
			to++
		}
		r := (cum+tied/2)/total - 0.5
		variance += tied / total * r * r
		cum += tied
		from = to
	}
	if variance == 0 {
		return 0, 0, fmt.Errorf("a slope needs at least two ranks")
	}
	slope = c.Generalised / 2 / variance
	return slope, slope / mu, nil
}

// GapBetween is the difference and the ratio of the means of two groups, with
// intervals by bootstrap over the rows. A ratio to a mean of 0 is infinite, and
// NaN of 0 to 0.
type GapBetween struct {
	Difference, Ratio                 float64
	DifferenceInterval, RatioInterval [2]float64 // middle 95 % of the draws
	Draws, Endless, Undefined         int        // all draws; those in which the second mean is 0, and both are
}

// GroupGap compares the rows of group a with those of group b. The same seed
// gives the same intervals.
func GroupGap(ctx context.Context, value, weight []float64, group []int, a, b, draws int, seed uint64) (GapBetween, error) {
	var in [2][]int
	for i, g := range group {
		if math.IsNaN(value[i]) || !(weight[i] > 0) {
			continue
		}
		switch g {
		case a:
			in[0] = append(in[0], i)
		case b:
			in[1] = append(in[1], i)
		}
	}
	if len(in[0]) < 2 || len(in[1]) < 2 {
		return GapBetween{}, fmt.Errorf("a gap needs two rows or more of either group; found %d and %d", len(in[0]), len(in[1]))
	}
	mean := func(rows []int, at func(k int) int) float64 {
		var s, w float64
		for k := range rows {
			i := rows[at(k)]
			s += weight[i] * value[i]
			w += weight[i]
		}
		return s / w
	}
	whole := func(k int) int { return k }
	x, y := mean(in[0], whole), mean(in[1], whole)
	g := GapBetween{Difference: settled(x-y, math.Max(math.Abs(x), math.Abs(y)), len(value)), Ratio: x / y, Draws: draws}
	r := rand.New(rand.NewPCG(seed, 0x9a9))
	diffs, ratios := make([]float64, draws), make([]float64, draws)
	one := make([]float64, draws)
	for d := range draws {
		if err := ctx.Err(); err != nil {
			return GapBetween{}, err
		}
		p := mean(in[0], func(int) int { return r.IntN(len(in[0])) })
		q := mean(in[1], func(int) int { return r.IntN(len(in[1])) })
		diffs[d], ratios[d], one[d] = p-q, p/q, 1
		if q == 0 {
			g.Endless += b2i(p != 0)
			g.Undefined += b2i(p == 0)
		}
	}
	q := NewWeighted(diffs, one).Quantiles(0.025, 0.975)
	g.DifferenceInterval = [2]float64{q[0], q[1]}
	q = NewWeighted(ratios, one).Quantiles(0.025, 0.975)
	g.RatioInterval = [2]float64{q[0], q[1]}
	return g, nil
}
