package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// unbounded is a value that can be any number of 0 or more; chance is one that
// cannot leave 0 to 1, whose concentration index needs a correction.
var unbounded, chance = [2]float64{math.Inf(-1), math.Inf(1)}, [2]float64{0, 1}

// indices computes the study's indices of inequality of a value that lies within
// bounds.
func indices(in *ground.Ground, value []float64, bounds [2]float64) ([]IndexSummary, error) {
	var out []IndexSummary
	for _, q := range in.Spec.Inequality {
		var by []float64
		var of []int
		var names []string
		var err error
		people := value
		switch {
		case q.Groups != "":
			if of, names, err = in.Groups(q.Groups, "values"); err != nil {
				return nil, fmt.Errorf("inequality.%s.groups: %w", q.Name, err)
			}
		case q.Field() != "":
			if by, err = in.Ranks(q.Field()); err != nil {
				return nil, fmt.Errorf("inequality.%s: %w", q.Name, err)
			}
			people = make([]float64, len(value))
			for i := range people {
				people[i] = value[i] + by[i] // NaN where either is
			}
		}
		twice := in.Spec.Inequality.Twice(q.Name)
		add := func(name string, v float64, err error) {
			if twice {
				name += q.Settings()
			}
			s := IndexSummary{Name: name, Rank: q.Field(), Value: Num(v), Low: Num(math.NaN()), High: Num(math.NaN()),
				People: Num(access.NewWeighted(people, in.People).Total())}
			switch {
			case err != nil:
			case math.IsInf(v, 0):
				err = fmt.Errorf("infinite: %s", endless(q.Name, value))
			case math.IsNaN(v) && float64(s.People) == 0:
				err = fmt.Errorf("nobody has a value")
			case math.IsNaN(v):
				err = fmt.Errorf("undefined: 0 divided by 0")
			}
			if err != nil {
				s.Why, s.Value = err.Error(), Num(math.NaN())
			}
			out = append(out, s)
		}
		switch q.Name {
		case "gini":
			v, err := access.Gini(value, in.People)
			add(q.Name, v, err)
		case "theil_t", "theil_l":
			index := access.TheilT
			if q.Name == "theil_l" {
				index = access.TheilL
			}
			t, err := index(value, in.People, of)
			add(q.Name, t.Total, err)
			if of != nil {
				add(q.Name+"_between", t.Between, err)
				add(q.Name+"_within", t.Within, err)
			}
		case "atkinson":
			if q.Aversion == 0 {
				q.Aversion = 1
			}
			v, err := access.Atkinson(value, in.People, q.Aversion)
			add(q.Name, v, err)
		case "hoover":
			v, err := access.Hoover(value, in.People)
			add(q.Name, v, err)
		case "p90_p10":
			v, err := access.Spread(value, in.People)
			add(q.Name, v, err)
		case "palma":
			v, err := access.Palma(value, by, in.People)
			add(q.Name, v, err)
		case "concentration":
			within := bounds
			if len(q.Bounds) == 2 {
				within = [2]float64(q.Bounds)
			}
			outside := keepsWithin(value, in.People, within)
			c, err := access.Concentrate(value, by, in.People, within[0], within[1])
			add(q.Name, c.Index, err)
			add(q.Name+"_generalised", c.Generalised, err)
			if !math.IsInf(within[1], 0) {
				if outside != nil {
					err = outside
				}
				add(q.Name+"_wagstaff", c.Wagstaff, err)
				add(q.Name+"_erreygers", c.Erreygers, err)
			}
		case "gap":
			a, b := slices.Index(names, q.Between[0]), slices.Index(names, q.Between[1])
			if (a < 0 || b < 0) && len(names) < 2 {
				why := fmt.Errorf("all places have one value of %s, %s: there are no two groups", q.Groups, strings.Join(names, ""))
				add("gap_difference", math.NaN(), why)
				add("gap_ratio", math.NaN(), why)
				break
			}
			if a < 0 || b < 0 {
				return nil, fmt.Errorf("inequality.gap.between: %s has no value %q; accepted: two of %s", q.Groups,
					q.Between[ground.Bit(a >= 0)], strings.Join(names, ", "))
			}
			g, err := access.GroupGap(value, in.People, of, a, b, spec.Filled(q).Draws, spec.Filled(q).Seed)
			ratio := err
			if err == nil && (math.IsInf(g.Ratio, 0) || math.IsNaN(g.Ratio)) {
				ratio = fmt.Errorf("the mean of %s is 0", q.Between[1])
			}
			add("gap_difference", g.Difference, err)
			add("gap_ratio", g.Ratio, ratio)
			for k, x := range [][2]float64{g.DifferenceInterval, g.RatioInterval} {
				if s := &out[len(out)-2+k]; err == nil {
					s.Rank = q.Between[0] + " against " + q.Between[1] + " (" + q.Groups + ")"
					s.between(x, g, q.Between[1])
				}
			}
		case "quantiles":
			// Both conventions, named: the smallest value that reaches the share, and
			// the interpolated one.
			w := access.NewWeighted(value, in.People)
			for _, share := range q.At {
				add(fmt.Sprintf("quantile_%g_lower", share), w.Quantile(share), nil)
				add(fmt.Sprintf("quantile_%g_interpolated", share), w.Interpolated(share), nil)
			}
		case "slope":
			slope, relative, err := access.Slope(value, by, in.People)
			add(q.Name, slope, err)
			add("relative_slope", relative, err)
		case "fgt":
			v, err := access.FGT(value, in.People, q.Line, q.Power)
			add(q.Name, v, err)
		case "cost_fgt":
			v, err := access.CostFGT(value, in.People, q.Line, q.Power)
			add(q.Name, v, err)
		}
	}
	return out, nil
}

// endless is why an index is infinite.
func endless(index string, value []float64) string {
	if index == "theil_l" && slices.Contains(value, 0) {
		return "somebody has a value of 0"
	}
	return "it is divided by 0, or too large to be a number"
}

// between is the interval over the draws of a gap. An end that is infinite is no
// value, and the other end stands.
func (s *IndexSummary) between(x [2]float64, g access.GapBetween, second string) {
	s.Draws = g.Draws
	for k, end := range x {
		v := Num(end)
		if math.IsInf(end, 0) || math.IsNaN(end) {
			v = Num(math.NaN())
			if s.Why == "" {
				s.Why = fmt.Sprintf("the %s end of the interval has no value: in %d of %d draws the mean of %s is 0",
					[...]string{"lower", "upper"}[k], g.Endless+g.Undefined, g.Draws, second)
			}
		}
		*[2]*Num{&s.Low, &s.High}[k] = v
	}
}

// keepsWithin checks that a value keeps within the bounds that a spec claims.
func keepsWithin(value, people []float64, bounds [2]float64) error {
	for i, v := range value {
		if people[i] > 0 && (v < bounds[0] || v > bounds[1]) {
			return fmt.Errorf("place %d has %.4g, outside the bounds %g to %g", i+1, v, bounds[0], bounds[1])
		}
	}
	return nil
}

// lorenz adds the curve of a value to a sheet, at every hundredth of the people.
func (r *run) lorenz(measure string, value []float64, name *[]string, people, share *[]float64) {
	p, l, err := access.Lorenz(value, r.People)
	if err != nil {
		return // the index beside it says why
	}
	k := 0
	for n := 0; n <= 100; n++ {
		at := float64(n) / 100
		for k+1 < len(p)-1 && p[k+1] < at {
			k++
		}
		y := l[k]
		if d := p[k+1] - p[k]; d > 0 {
			y += (l[k+1] - l[k]) * math.Min(1, (at-p[k])/d)
		}
		*name, *people, *share = append(*name, measure), append(*people, at), append(*share, y)
	}
}
