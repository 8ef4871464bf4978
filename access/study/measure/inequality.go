package measure

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// unbounded is a value that can be any number of 0 or more; chance is one that
// cannot leave 0 to 1, whose concentration index needs a correction.
var unbounded, chance = [2]float64{math.Inf(-1), math.Inf(1)}, [2]float64{0, 1}

// indices computes the study's indices of inequality of a value that lies within
// bounds.
func indices(ctx context.Context, in *ground.Ground, value []float64, bounds [2]float64) ([]finding.IndexSummary, error) {
	var out []finding.IndexSummary
	for _, q := range in.Spec.Inequality {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := &measuring{in: in, q: q, value: value, people: value, bounds: bounds, twice: in.Spec.Inequality.Twice(q.Name)}
		if err := m.prepare(); err != nil {
			return nil, err
		}
		if err := m.compute(ctx); err != nil {
			return nil, err
		}
		out = append(out, m.out...)
	}
	return out, nil
}

// measuring is one index of inequality, as it is computed.
type measuring struct {
	in     *ground.Ground
	q      spec.Index
	value  []float64
	bounds [2]float64 // of the value
	twice  bool       // the index is asked for with other settings too
	by     []float64  // rank, where there is one
	of     []int      // group, where there are some
	names  []string   // of the groups
	people []float64  // a number for all whom the index counts, else NaN
	out    []finding.IndexSummary
}

// prepare reads the groups or the ranks that the index needs.
func (m *measuring) prepare() (err error) {
	switch q := m.q; {
	case q.Groups != "":
		if m.of, m.names, err = m.in.Groups(q.Groups, "values"); err != nil {
			return fmt.Errorf("inequality.%s.groups: %w", q.Name, err)
		}
	case q.Field() != "":
		if m.by, err = m.in.Ranks(q.Field()); err != nil {
			return fmt.Errorf("inequality.%s: %w", q.Name, err)
		}
		m.people = make([]float64, len(m.value))
		for i := range m.people {
			m.people[i] = m.value[i] + m.by[i] // NaN where either is
		}
	}
	return nil
}

// add takes a value of the index, or the reason why it has none.
func (m *measuring) add(name string, v float64, err error) {
	if m.twice {
		name += m.q.Settings()
	}
	s := finding.IndexSummary{Name: name, Rank: m.q.Field(), Value: finding.Num(v), Low: finding.Num(math.NaN()), High: finding.Num(math.NaN()),
		People: finding.Num(access.NewWeighted(m.people, m.in.People).Total())}
	switch {
	case err != nil:
	case math.IsInf(v, 0):
		err = fmt.Errorf("infinite: %s", endless(m.q.Name, m.value))
	case math.IsNaN(v) && float64(s.People) == 0:
		err = fmt.Errorf("nobody has a value")
	case math.IsNaN(v):
		err = fmt.Errorf("undefined: 0 divided by 0")
	}
	if err != nil {
		s.Why, s.Value = err.Error(), finding.Num(math.NaN())
	}
	m.out = append(m.out, s)
}

func (m *measuring) compute(ctx context.Context) error {
	switch m.q.Name {
	case "gini":
		v, err := access.Gini(m.value, m.in.People)
		m.add(m.q.Name, v, err)
	case "theil_t", "theil_l":
		index := access.TheilT
		if m.q.Name == "theil_l" {
			index = access.TheilL
		}
		t, err := index(m.value, m.in.People, m.of)
		m.add(m.q.Name, t.Total, err)
		if m.of != nil {
			m.add(m.q.Name+"_between", t.Between, err)
			m.add(m.q.Name+"_within", t.Within, err)
		}
	case "atkinson":
		if m.q.Aversion == 0 {
			m.q.Aversion = 1
		}
		v, err := access.Atkinson(m.value, m.in.People, m.q.Aversion)
		m.add(m.q.Name, v, err)
	case "hoover":
		v, err := access.Hoover(m.value, m.in.People)
		m.add(m.q.Name, v, err)
	case "p90_p10":
		v, err := access.Spread(m.value, m.in.People)
		m.add(m.q.Name, v, err)
	case "palma":
		v, err := access.Palma(m.value, m.by, m.in.People)
		m.add(m.q.Name, v, err)
	case "concentration":
		m.concentration()
	case "gap":
		return m.gap(ctx)
	case "quantiles":
		m.quantiles()
	case "slope":
		slope, relative, err := access.Slope(m.value, m.by, m.in.People)
		m.add(m.q.Name, slope, err)
		m.add("relative_slope", relative, err)
	case "fgt":
		v, err := access.FGT(m.value, m.in.People, m.q.Line, m.q.Power)
		m.add(m.q.Name, v, err)
	case "cost_fgt":
		v, err := access.CostFGT(m.value, m.in.People, m.q.Line, m.q.Power)
		m.add(m.q.Name, v, err)
	}
	return nil
}

func (m *measuring) concentration() {
	within := m.bounds
	if len(m.q.Bounds) == 2 {
		within = [2]float64(m.q.Bounds)
	}
	outside := keepsWithin(m.value, m.in.People, within)
	c, err := access.Concentrate(m.value, m.by, m.in.People, within[0], within[1])
	m.add(m.q.Name, c.Index, err)
	m.add(m.q.Name+"_generalised", c.Generalised, err)
	if !math.IsInf(within[1], 0) {
		if outside != nil {
			err = outside
		}
		m.add(m.q.Name+"_wagstaff", c.Wagstaff, err)
		m.add(m.q.Name+"_erreygers", c.Erreygers, err)
	}
}

func (m *measuring) gap(ctx context.Context) error {
	a, b := slices.Index(m.names, m.q.Between[0]), slices.Index(m.names, m.q.Between[1])
	if (a < 0 || b < 0) && len(m.names) < 2 {
		why := fmt.Errorf("all places have one value of %s, %s: there are no two groups", m.q.Groups, strings.Join(m.names, ""))
		m.add("gap_difference", math.NaN(), why)
		m.add("gap_ratio", math.NaN(), why)
		return nil
	}
	if a < 0 || b < 0 {
		return fmt.Errorf("inequality.gap.between: %s has no value %q; accepted: two of %s", m.q.Groups,
			m.q.Between[ground.Bit(a >= 0)], strings.Join(m.names, ", "))
	}
	g, err := access.GroupGap(ctx, m.value, m.in.People, m.of, a, b, spec.Filled(m.q).Draws, spec.Filled(m.q).Seed)
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	ratio := err
	if err == nil && (math.IsInf(g.Ratio, 0) || math.IsNaN(g.Ratio)) {
		ratio = fmt.Errorf("the mean of %s is 0", m.q.Between[1])
	}
	m.add("gap_difference", g.Difference, err)
	m.add("gap_ratio", g.Ratio, ratio)
	for k, x := range [][2]float64{g.DifferenceInterval, g.RatioInterval} {
		if s := &m.out[len(m.out)-2+k]; err == nil {
			s.Rank = m.q.Between[0] + " against " + m.q.Between[1] + " (" + m.q.Groups + ")"
			between(s, x, g, m.q.Between[1])
		}
	}
	return nil
}

func (m *measuring) quantiles() {
	// Both conventions, named: the smallest value that reaches the share, and
	// the interpolated one.
	w := access.NewWeighted(m.value, m.in.People)
	for _, share := range m.q.At {
		m.add(fmt.Sprintf("quantile_%g_lower", share), w.Quantile(share), nil)
		m.add(fmt.Sprintf("quantile_%g_interpolated", share), w.Interpolated(share), nil)
	}
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
func between(s *finding.IndexSummary, x [2]float64, g access.GapBetween, second string) {
	s.Draws = g.Draws
	for k, end := range x {
		v := finding.Num(end)
		if math.IsInf(end, 0) || math.IsNaN(end) {
			v = finding.Num(math.NaN())
			if s.Why == "" {
				s.Why = fmt.Sprintf("the %s end of the interval has no value: in %d of %d draws the mean of %s is 0",
					[...]string{"lower", "upper"}[k], g.Endless+g.Undefined, g.Draws, second)
			}
		}
		*[2]*finding.Num{&s.Low, &s.High}[k] = v
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

// lorenz are the rows of curves.
type lorenz struct {
	name          []string
	people, share []float64
}

// add takes the curve of a value, at every hundredth of the people.
func (c *lorenz) add(measure string, value, weight []float64) {
	p, l, err := access.Lorenz(value, weight)
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
		c.name, c.people, c.share = append(c.name, measure), append(c.people, at), append(c.share, y)
	}
}
