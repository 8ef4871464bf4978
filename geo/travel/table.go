package travel

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/geo"
	"careshed/geo/role"
)

// Table is a matrix of travel times that somebody computed elsewhere, by id.
// A pair that it does not list cannot be travelled.
type Table struct {
	name     string
	from, to map[string]int32
	start    []int // by from
	site     []int32
	time     []Seconds
	length   []geo.Metres // NaN where it is not known
	symbol   []string     // ids of the sites
	Doubts   []geo.Doubt  // about the times and lengths, by rows of the layer
}

// NewTable reads a layer without shapes, one row a pair: text or number
// columns with the ids of place and site and one with minutes. A row without
// minutes is a pair that cannot be travelled. A pair that stands twice and a
// negative time are errors; what is taken for no time is a doubt. kilometres may be "".
func NewTable(l *geo.Layer, place, site, minutes, kilometres string) (*Table, error) {
	if l.Len() == 0 {
		return nil, fmt.Errorf("layer %s has no rows; accepted: a row for each pair of place and site", l.Name)
	}
	t := &Table{name: l.Name}
	read := func(as role.Role, field string) ([]float64, error) {
		r, err := as.Read(l, field)
		t.Doubts = append(t.Doubts, r.Doubts...)
		return r.Values, err
	}
	time, err := read(role.Minutes, minutes)
	if err != nil {
		return nil, err
	}
	var km []float64
	if kilometres != "" {
		if km, err = read(role.Kilometres, kilometres); err != nil {
			return nil, err
		}
	}
	var places, sites []int32
	if places, t.from, _, err = codes(l, place); err != nil {
		return nil, err
	}
	if sites, t.to, t.symbol, err = codes(l, site); err != nil {
		return nil, err
	}
	order := make([]int32, 0, len(time))
	for i, m := range time {
		switch {
		case places[i] < 0 || sites[i] < 0:
			return nil, fmt.Errorf("layer %s: row %d has no %s or no %s", l.Name, i+1, place, site)
		case math.IsNaN(m):
			continue
		}
		order = append(order, int32(i))
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(places[a], places[b]), cmp.Compare(sites[a], sites[b]), cmp.Compare(a, b))
	})
	t.start = make([]int, len(t.from)+1)
	for k, r := range order {
		if k > 0 && places[r] == places[order[k-1]] && sites[r] == sites[order[k-1]] {
			return nil, fmt.Errorf("layer %s: rows %d and %d both give the time from %s to %s",
				l.Name, order[k-1]+1, r+1, word(l, place, int(r)), word(l, site, int(r)))
		}
		t.start[places[r]+1]++
		t.site = append(t.site, sites[r])
		t.time = append(t.time, FromMinutes(time[r]))
		length := geo.Metres(math.NaN())
		if km != nil {
			length = geo.Metres(km[r] * 1000)
		}
		t.length = append(t.length, length)
	}
	for i := 1; i < len(t.start); i++ {
		t.start[i] += t.start[i-1]
	}
	return t, nil
}

func word(l *geo.Layer, field string, row int) string {
	c, _ := l.Column(field)
	return c.Text(row)
}

func padded(s string) bool { return s != strings.TrimSpace(s) || s == "" }

// codes numbers the distinct values of a field, without the blanks around them.
func codes(l *geo.Layer, field string) (code []int32, index map[string]int32, words []string, err error) {
	c, err := l.MustHave(field)
	if err != nil {
		return nil, nil, nil, err
	}
	if c.Type == geo.Text {
		code, words = c.Codes()
	}
	if c.Type != geo.Text || slices.ContainsFunc(words, padded) {
		var t geo.TextColumn
		for i := range c.Len() {
			if k := strings.TrimSpace(c.Text(i)); k == "" {
				t.AppendNull()
			} else {
				t.Append(k)
			}
		}
		code, words = t.Column(c.Field).Codes()
	}
	index = make(map[string]int32, len(words))
	for k, w := range words {
		index[w] = int32(k)
	}
	return code, index, words, nil
}

// legs calls each with the legs of a place within its limit; of maps a site of
// the table to that of the query.
func (t *Table) legs(q Query, i int, of []int32, each func(Leg)) {
	if q.Back {
		return
	}
	row, ok := t.from[q.Places[i].ID]
	if !ok {
		return
	}
	limit := q.LimitOf(i)
	for k := t.start[row]; k < t.start[row+1]; k++ {
		j := of[t.site[k]]
		if j < 0 || t.time[k] > limit {
			continue
		}
		leg := Leg{Place: int32(i), Site: j, Time: t.time[k]}
		if q.Lengths {
			leg.Length = t.length[k]
		}
		each(leg)
	}
}

func (t *Table) sites(sites []Stop) []int32 {
	of := make([]int32, len(t.symbol))
	for k := range of {
		of[k] = -1
	}
	for j, s := range sites {
		if k, ok := t.to[s.ID]; ok && of[k] < 0 {
			of[k] = int32(j)
		}
	}
	return of
}

// Sweep lists the pairs of each site. The way back is not in a table: asking
// for it is an error.
func (t *Table) Sweep(ctx context.Context, q Query, each func(site int, legs []Leg) error) error {
	if q.Back {
		return fmt.Errorf("the matrix %s lists the way to the sites only", t.name)
	}
	of := t.sites(q.Sites)
	columns := make([][]Leg, len(q.Sites))
	for i := range q.Places {
		t.legs(q, i, of, func(l Leg) { columns[l.Site] = append(columns[l.Site], l) })
	}
	for j, legs := range columns {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := each(j, legs); err != nil {
			return err
		}
	}
	return nil
}

// Nearest looks through the row of each place.
func (t *Table) Nearest(ctx context.Context, q Query, k int) ([]Leg, error) {
	if q.Back {
		return nil, fmt.Errorf("the matrix %s lists the way to the sites only", t.name)
	}
	of := t.sites(q.Sites)
	out := make([]Leg, len(q.Places)*k)
	err := Spread(ctx, len(q.Places), 512, func(from, to int) {
		var found []Leg
		for i := from; i < to; i++ {
			found = found[:0]
			t.legs(q, i, of, func(l Leg) { found = append(found, l) })
			quickest(found, out[i*k:i*k+k], i)
		}
	})
	return out, err
}

// quickest fills out with the quickest legs of a place, as Nearest gives them.
func quickest(found, out []Leg, place int) {
	slices.SortFunc(found, func(a, b Leg) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Length, b.Length), cmp.Compare(a.Site, b.Site))
	})
	for n := range out {
		out[n] = Leg{Place: int32(place), Site: -1, Time: Unreached}
		if n < len(found) {
			out[n] = found[n]
		}
	}
}

// Snap finds ids, as places or as sites.
func (t *Table) Snap(_ context.Context, stops []Stop) ([]Snap, error) {
	out := make([]Snap, len(stops))
	for i, s := range stops {
		_, from := t.from[s.ID]
		_, to := t.to[s.ID]
		if !from && !to {
			out[i].Reason = NotListed
		}
	}
	return out, nil
}

// Keys are the ids of the places and of the sites that the table lists.
func (t *Table) Keys() (places, sites []string) {
	return slices.Sorted(maps.Keys(t.from)), slices.Sorted(maps.Keys(t.to))
}

// Longest is the longest time of a pair, 0 without any.
func (t *Table) Longest() Seconds {
	if len(t.time) == 0 {
		return 0
	}
	return slices.Max(t.time)
}

// Fractions reports whether half of the times at least are no whole minutes.
func (t *Table) Fractions() bool {
	n := 0
	for _, s := range t.time {
		if m := s.Minutes(); m != math.Trunc(m) {
			n++
		}
	}
	return n > 0 && 2*n >= len(t.time)
}

// Listed reports of each place whether the table has a pair of it with one of
// the sites, however long it takes.
func (t *Table) Listed(places, sites []Stop) []bool {
	of := t.sites(sites)
	out := make([]bool, len(places))
	for i := range places {
		t.legs(Query{Places: places}, i, of, func(Leg) { out[i] = true })
	}
	return out
}

// Reason is NotListed for a place without a pair.
func (t *Table) Reason(place Stop, sites []Stop) Reason {
	if len(sites) == 0 {
		return NoSite
	}
	found := false
	t.legs(Query{Places: []Stop{place}}, 0, t.sites(sites), func(Leg) { found = true })
	if found {
		return BeyondLimit
	}
	return NotListed
}

// About names the layer of the matrix.
func (t *Table) About() About {
	return About{Name: "matrix", Detail: "travel times as listed in " + t.name, Settings: map[string]string{"pairs": fmt.Sprint(len(t.site))}}
}
