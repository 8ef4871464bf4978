package access

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Gini is the weighted Gini coefficient, 1 − Σ (p_k − p_{k−1})(L_k + L_{k−1})
// over the Lorenz curve of the values in rising order (Gini 1912, Lorenz 1905).
// Rows without a value or weight take no part; a negative value is an error.
func Gini(value, weight []float64) (float64, error) {
	p, l, err := Lorenz(value, weight)
	if err != nil {
		return 0, err
	}
	g := 1.0
	for k := 1; k < len(p); k++ {
		g -= (p[k] - p[k-1]) * (l[k] + l[k-1])
	}
	return clamped(g, 0, 1, len(p)), nil
}

// Lorenz is the curve of cumulative shares of weight and of value, from (0,0)
// to (1,1), a point for each row in rising order of value.
func Lorenz(value, weight []float64) (people, share []float64, err error) {
	w := NewWeighted(value, weight)
	people, share = []float64{0}, []float64{0}
	var cumW, cumV float64
	for _, i := range w.order {
		if value[i] < 0 {
			return nil, nil, fmt.Errorf("a Lorenz curve needs values of 0 or more; row %d has %v", i+1, value[i])
		}
		cumW += weight[i]
		cumV += weight[i] * value[i]
		people, share = append(people, cumW), append(share, cumV)
	}
	if !(cumV > 0) {
		return nil, nil, fmt.Errorf("a Lorenz curve needs a mean above 0: %d rows sum to %v", len(w.order), cumV)
	}
	for k := range people {
		people[k] /= cumW
		share[k] /= cumV
	}
	return people, share, nil
}

// Concentration is the concentration index of a value over a social rank, with
// the corrections that a bounded value needs (Kakwani, Wagstaff & van Doorslaer
// 1997; Wagstaff 2005; Erreygers 2009). Negative: the value is gathered among
// those of low rank.
type Concentration struct {
	Index       float64 // (2/μ) Σ p (x−μ)(R−½); NaN with a mean of 0, which the next and the last bear
	Generalised float64 // μ·Index
	Wagstaff    float64 // (b−a)μ·Index / ((b−μ)(μ−a)); NaN if unbounded
	Erreygers   float64 // 4μ·Index/(b−a); NaN if unbounded
}

// Concentrate computes it; R is the fractional rank in the middle of each
// row's weight, and rows of one rank share the mean of theirs. The value lies
// between least and most; give infinities where it has no bounds.
func Concentrate(value, rank, weight []float64, least, most float64) (Concentration, error) {
	var rows []int32
	var total float64
	for i := range value {
		if !math.IsNaN(value[i]) && !math.IsNaN(rank[i]) && weight[i] > 0 {
			rows = append(rows, int32(i))
			total += weight[i]
		}
	}
	slices.SortFunc(rows, func(a, b int32) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(a, b))
	})
	var mu, cum, s float64
	for _, i := range rows {
		mu += weight[i] * value[i] / total
	}
	if len(rows) == 0 {
		return Concentration{}, errors.New("nobody has a value")
	}
	for from := 0; from < len(rows); {
		to, tied := from, 0.0
		for to < len(rows) && rank[rows[to]] == rank[rows[from]] {
			tied += weight[rows[to]]
			to++
		}
		r := (cum + tied/2) / total
		for ; from < to; from++ {
			s += weight[rows[from]] / total * (value[rows[from]] - mu) * (r - 0.5)
		}
		cum += tied
	}
	s = settled(s, math.Abs(mu), len(rows)) // values that are all alike leave rounding
	c := Concentration{Index: math.NaN(), Generalised: 2 * s, Wagstaff: math.NaN(), Erreygers: math.NaN()}
	if mu != 0 {
		c.Index = clamped(2/mu*s, -1, 1, len(rows))
	}
	if !math.IsInf(least, 0) && !math.IsInf(most, 0) {
		// At either bound all values are alike, and Wagstaff's is 0 over 0.
		c.Wagstaff = clamped((most-least)*c.Generalised/((most-mu)*(mu-least)), -1, 1, len(rows))
		c.Erreygers = clamped(4*c.Generalised/(most-least), -1, 1, len(rows))
	}
	return c, nil
}
