package access

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"careshed/geo/travel"
)

// Flows are people who were seen to go from origins, areas of any size, to sites.
type Flows struct {
	Matrix  *travel.Matrix // the pairs between which there is a time
	Count   []float64      // of each pair; 0: nobody; NaN: withheld
	Outside []float64      // of each origin: seen at sites to which it has no time
	Hidden  int            // withheld numbers of such pairs
}

// NewFlows fills a table of observations into a matrix of times: a row for each
// pair seen, with the row of its origin, of its site, and how many (NaN: withheld).
// Pairs without a row were seen by nobody.
func NewFlows(m *travel.Matrix, from, to []int, count []float64) (*Flows, error) {
	f := &Flows{Matrix: m, Count: make([]float64, m.Len()), Outside: make([]float64, m.Places)}
	leg := map[[2]int]int{}
	for i := range m.Places {
		for k := m.Start[i]; k < m.Start[i+1]; k++ {
			leg[[2]int{i, int(m.Site[k])}] = k
		}
	}
	first := map[[2]int]int{}
	for row, n := range count {
		pair := [2]int{from[row], to[row]}
		if n < 0 || math.IsInf(n, 0) {
			return nil, fmt.Errorf("row %d: %v people; accepted: 0 or more, or no value where it is withheld", row+1, n)
		}
		if other, twice := first[pair]; twice {
			return nil, fmt.Errorf("rows %d and %d are of the same origin and site: their numbers could be parts of a sum or the same twice", other+1, row+1)
		}
		first[pair] = row
		k, timed := leg[pair]
		switch {
		case timed:
			f.Count[k] = n
		case math.IsNaN(n):
			f.Hidden++
		default:
			f.Outside[pair[0]] += n
		}
	}
	return f, nil
}

// Known are the people of each pair, 0 where the number is withheld.
func (f *Flows) Known() []float64 { return known(f.Count) }

// known is people along pairs with 0 for those withheld.
func known(people []float64) []float64 {
	out := slices.Clone(people)
	for k, n := range out {
		if math.IsNaN(n) {
			out[k] = 0
		}
	}
	return out
}

// Withheld counts the pairs whose number is withheld.
func (f *Flows) Withheld() int {
	n := f.Hidden
	for _, c := range f.Count {
		if math.IsNaN(c) {
			n++
		}
	}
	return n
}

// Going is what people along pairs, observed or expected, say of how far they go.
type Going struct {
	People  float64   // along pairs
	Outside float64   // seen where there is no time
	Rank    []float64 // people at the nearest site, at the second, …; at sites equally near, all at the nearer rank
	Farther float64   // people beyond the last rank
	Minutes Stats
	Extra   Stats // minutes more than to the nearest
	Bands   []Band
}

// Describe sums up people along pairs: by rank of the site, up to so many, and by
// bands of minutes, whose shares are of all, those outside included.
func Describe(m *travel.Matrix, people, outside []float64, ranks int, limits []float64) Going {
	g := Going{Rank: make([]float64, ranks)}
	people = known(people)
	minutes, extra := make([]float64, m.Len(), m.Len()+1), make([]float64, m.Len())
	for i := range m.Places {
		_, times := m.Row(i)
		rank, nearest := rankByTime(times), least(times)
		for k, t := range times {
			leg := m.Start[i] + k
			minutes[leg] = t.Minutes()
			extra[leg] = t.Minutes() - nearest.Minutes()
			g.People += people[leg]
			if rank[k] < ranks {
				g.Rank[rank[k]] += people[leg]
			} else {
				g.Farther += people[leg]
			}
		}
	}
	for _, n := range outside {
		g.Outside += n
	}
	g.Minutes, g.Extra = NewWeighted(minutes, people).Stats(), NewWeighted(extra, people).Stats()
	g.Bands = Bands(append(minutes, math.NaN()), append(slices.Clone(people), g.Outside), limits)
	return g
}

// rankByTime is how many sites of a row are nearer than each.
func rankByTime(times []travel.Seconds) []int {
	sorted := slices.Clone(times)
	slices.Sort(sorted)
	rank := make([]int, len(times))
	for k, t := range times {
		rank[k], _ = slices.BinarySearch(sorted, t)
	}
	return rank
}

// least is the shortest of times, [travel.Unreached] of none.
func least(times []travel.Seconds) travel.Seconds {
	if len(times) == 0 {
		return travel.Unreached
	}
	return slices.Min(times)
}

// ToNearest sends the people of each origin to the nearest of its sites, the first
// of those equally near.
func ToNearest(m *travel.Matrix, people []float64) []float64 {
	out := make([]float64, m.Len())
	for i := range m.Places {
		if _, times := m.Row(i); len(times) > 0 {
			out[m.Start[i]+slices.Index(times, least(times))] = people[i]
		}
	}
	return out
}

// FromOrigins sums people over the pairs of each origin, those withheld left out.
func FromOrigins(m *travel.Matrix, people []float64) []float64 {
	people = known(people)
	out := make([]float64, m.Places)
	for i := range out {
		out[i] = sum(people[m.Start[i]:m.Start[i+1]])
	}
	return out
}

// Drawn is where the people of a site come from: its catchment as observed.
type Drawn struct {
	People  float64 // who go to the site
	Origins int     // from so many
	Nearest float64 // of them, for whom no other is nearer
	Passed  float64 // for whom it is a nearest, and who go elsewhere
	Minutes Stats
}

// DrawnBy is the catchment of each site, of people along pairs.
func DrawnBy(m *travel.Matrix, people []float64) []Drawn {
	people = known(people)
	out := make([]Drawn, m.Sites)
	minutes, weight := make([][]float64, m.Sites), make([][]float64, m.Sites)
	for i := range m.Places {
		js, times := m.Row(i)
		all, nearest := sum(people[m.Start[i]:m.Start[i+1]]), least(times)
		for k, j := range js {
			n := people[m.Start[i]+k]
			d := &out[j]
			if times[k] == nearest {
				d.Nearest += n
				d.Passed += all - n
			}
			if n > 0 {
				d.People += n
				d.Origins++
				minutes[j], weight[j] = append(minutes[j], times[k].Minutes()), append(weight[j], n)
			}
		}
	}
	for j := range out {
		out[j].Minutes = NewWeighted(minutes[j], weight[j]).Stats()
	}
	return out
}

// Main is the site to which most people of each origin go, -1 where nobody was seen,
// with their share. Of sites with as many it is the nearer, then the first.
func Main(m *travel.Matrix, people []float64) (site []int, share []float64) {
	people = known(people)
	site, share = make([]int, m.Places), make([]float64, m.Places)
	for i := range m.Places {
		js, times := m.Row(i)
		site[i], share[i] = -1, math.NaN()
		best, all := -1, 0.0
		for k := range js {
			n := people[m.Start[i]+k]
			all += n
			if n > 0 && (best < 0 || n > people[m.Start[i]+best] || n == people[m.Start[i]+best] && times[k] < times[best]) {
				best = k
			}
		}
		if best >= 0 {
			site[i], share[i] = int(js[best]), people[m.Start[i]+best]/all
		}
	}
	return site, share
}

// Missed is how far expected people lie from those observed.
type Missed struct {
	Observed, Expected []float64 // by site
	Order              []int     // sites, those missed by most people first
	Elsewhere          float64   // share of people whom the model sends along another pair: half the sum of what pairs differ by
	SRMSE              float64   // root of the mean square of what pairs differ by, over the mean of a pair
	Pair               []float64 // of each pair the residual (observed − expected)/√expected; NaN where withheld or nobody is expected
}

// Compare holds expected people along pairs against a table. Withheld pairs take no
// part.
func (f *Flows) Compare(expected []float64) Missed {
	m := f.Matrix
	c := Missed{Observed: make([]float64, m.Sites), Expected: make([]float64, m.Sites), Pair: make([]float64, m.Len())}
	var people, square, apart, pairs float64
	for k, n := range f.Count {
		c.Pair[k] = math.NaN()
		e := expected[k]
		if math.IsNaN(n) || math.IsNaN(e) {
			continue
		}
		c.Observed[m.Site[k]] += n
		c.Expected[m.Site[k]] += e
		if e > 0 {
			c.Pair[k] = (n - e) / math.Sqrt(e)
		}
		people += n
		square += (n - e) * (n - e)
		apart += math.Abs(n - e)
		pairs++
	}
	c.Elsewhere, c.SRMSE = apart/2/people, math.Sqrt(square/pairs)/(people/pairs)
	for j := range m.Sites {
		c.Order = append(c.Order, j)
	}
	slices.SortStableFunc(c.Order, func(a, b int) int {
		return cmp.Compare(math.Abs(c.Observed[b]-c.Expected[b]), math.Abs(c.Observed[a]-c.Expected[a]))
	})
	return c
}

// DrawnPeople are the people of each site, along pairs.
func DrawnPeople(m *travel.Matrix, people []float64) []float64 {
	out := make([]float64, m.Sites)
	for leg, n := range known(people) {
		out[m.Site[leg]] += n
	}
	return out
}
