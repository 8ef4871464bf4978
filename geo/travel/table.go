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
	start    []int            // by from
	site     []int32          // this and the next two are columns of the layer where that has them in order
	minutes  []float64        // of a pair
	km       []float64        // nil if none is known, NaN where it is not
	symbol   []string         // ids of the sites
	unread   map[string]error // what is wrong with columns of a wide matrix
	Doubts   []geo.Doubt      // about the times and lengths, by rows of the layer
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
	times, err := read(role.Minutes, minutes)
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
	for i := range times {
		if places[i] < 0 || sites[i] < 0 {
			return nil, fmt.Errorf("layer %s: row %d has no %s or no %s", l.Name, i+1, place, site)
		}
	}
	if p, s, twice := t.fill(places, sites, times, km); twice {
		var rows []int
		for i := range times {
			if places[i] == p && sites[i] == s && !math.IsNaN(times[i]) {
				rows = append(rows, i)
			}
		}
		return nil, fmt.Errorf("layer %s: rows %d and %d both give the time from %s to %s",
			l.Name, rows[0]+1, rows[1]+1, word(l, place, rows[1]), word(l, site, rows[1]))
	}
	return t, nil
}

// fill takes the rows with a time, in whatever order they are: those of each place
// together, by site. It says which pair stands twice, the first by place and site.
func (t *Table) fill(places, sites []int32, minutes, km []float64) (place, site int32, twice bool) {
	t.start = make([]int, len(t.from)+1)
	for i, p := range places {
		if !math.IsNaN(minutes[i]) {
			t.start[p+1]++
		}
	}
	for i := 1; i < len(t.start); i++ {
		t.start[i] += t.start[i-1]
	}
	theirs := t.start[len(t.from)] == len(places) && slices.IsSorted(places)
	if theirs { // all rows stand by place
		t.site, t.minutes, t.km = sites, minutes, km
	} else {
		t.scatter(places, sites, minutes, km)
	}
	return t.ordered(theirs)
}

// scatter puts rows in any order where those of their place are.
func (t *Table) scatter(places, sites []int32, minutes, km []float64) {
	n := t.start[len(t.from)]
	t.site, t.minutes = make([]int32, n), make([]float64, n)
	if km != nil {
		t.km = make([]float64, n)
	}
	next := slices.Clone(t.start[:len(t.from)])
	for i, m := range minutes {
		if math.IsNaN(m) {
			continue
		}
		at := next[places[i]]
		next[places[i]]++
		t.site[at], t.minutes[at] = sites[i], m
		if km != nil {
			t.km[at] = km[i]
		}
	}
}

// ordered puts the pairs of each place in the order of the sites, and says which
// stands twice. Columns that are theirs, the layer's, are copied before.
func (t *Table) ordered(theirs bool) (place, site int32, twice bool) {
	var keys []uint64
	for p := range len(t.from) {
		from, to := t.start[p], t.start[p+1]
		if !slices.IsSorted(t.site[from:to]) {
			if theirs {
				t.site, t.minutes, t.km, theirs = slices.Clone(t.site), slices.Clone(t.minutes), slices.Clone(t.km), false
			}
			keys = keys[:0]
			for k, site := range t.site[from:to] {
				keys = append(keys, uint64(site)<<32|uint64(k))
			}
			t.byKey(from, to, keys)
		}
		row := t.site[from:to]
		for k := 1; k < len(row); k++ {
			if row[k] == row[k-1] {
				return int32(p), row[k], true
			}
		}
	}
	return 0, 0, false
}

// byKey puts the pairs from..to in the order of keys, each a site and, in its lower
// half, where its pair stood behind from.
func (t *Table) byKey(from, to int, keys []uint64) {
	slices.Sort(keys)
	reorder(t.site[from:to], keys)
	reorder(t.minutes[from:to], keys)
	if t.km != nil {
		reorder(t.km[from:to], keys)
	}
}

func reorder[T any](v []T, keys []uint64) {
	was := slices.Clone(v)
	for k, key := range keys {
		v[k] = was[uint32(key)]
	}
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
		if code, words = c.Codes(); slices.ContainsFunc(words, padded) {
			code, words = trimmed(code, words)
		}
	} else {
		code, words = numerals(c)
	}
	index = make(map[string]int32, len(words))
	for k, w := range words {
		index[w] = int32(k)
	}
	return code, index, words, nil
}

// trimmed are codes of texts without the blanks around them, -1 where none is left.
func trimmed(code []int32, words []string) ([]int32, []string) {
	var t geo.TextColumn
	for _, w := range words {
		if w = strings.TrimSpace(w); w == "" {
			t.AppendNull()
		} else {
			t.Append(w)
		}
	}
	anew, words := t.Column(geo.Field{}).Codes()
	out := make([]int32, len(code))
	for i, c := range code {
		if out[i] = c; c >= 0 {
			out[i] = anew[c]
		}
	}
	return out, words
}

// numerals are the codes of numbers as texts: each number is written once.
func numerals(c geo.Column) (code []int32, words []string) {
	known := map[uint64]int32{}
	code = make([]int32, c.Len())
	last := int32(-1) // that of the row before: places mostly stand together
	for i, v := range c.Values() {
		switch {
		case math.IsNaN(v):
			code[i] = -1
			continue
		case i > 0 && code[i-1] >= 0 && math.Float64bits(v) == math.Float64bits(c.Number(i-1)):
			code[i] = last
			continue
		}
		k, ok := known[math.Float64bits(v)]
		if !ok {
			k = int32(len(words))
			known[math.Float64bits(v)] = k
			words = append(words, c.Text(i))
		}
		code[i], last = k, k
	}
	return code, words
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
		j, time := of[t.site[k]], FromMinutes(t.minutes[k])
		if j < 0 || time > limit {
			continue
		}
		leg := Leg{Place: int32(i), Site: j, Time: time}
		if q.Lengths {
			leg.Length = t.lengthOf(k)
		}
		each(leg)
	}
}

func (t *Table) lengthOf(k int) geo.Metres {
	if t.km == nil {
		return geo.Metres(math.NaN())
	}
	return geo.Metres(t.km[k] * 1000)
}

// collect is Collect, without a detour by the sites.
func (t *Table) collect(ctx context.Context, q Query) (*Matrix, error) {
	if q.Back {
		return nil, t.oneWay()
	}
	of := t.sites(q.Sites)
	m := &Matrix{Places: len(q.Places), Sites: len(q.Sites), Start: make([]int, len(q.Places)+1)}
	for i := range q.Places {
		t.legs(q, i, of, func(Leg) { m.Start[i+1]++ })
		m.Start[i+1] += m.Start[i]
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := m.Start[len(q.Places)]
	m.Site, m.Time = make([]int32, n), make([]Seconds, n)
	if q.Lengths {
		m.Length = make([]geo.Metres, n)
	}
	inOrder := slices.IsSorted(slices.DeleteFunc(slices.Clone(of), func(j int32) bool { return j < 0 }))
	err := Spread(ctx, len(q.Places), 512, func(from, to int) {
		var row []Leg
		for i := from; i < to; i++ {
			row = row[:0]
			t.legs(q, i, of, func(l Leg) { row = append(row, l) })
			if !inOrder {
				slices.SortFunc(row, func(a, b Leg) int { return cmp.Compare(a.Site, b.Site) })
			}
			for k, l := range row {
				at := m.Start[i] + k
				m.Site[at], m.Time[at] = l.Site, l.Time
				if q.Lengths {
					m.Length[at] = l.Length
				}
			}
		}
	})
	return m, err
}

func (t *Table) oneWay() error {
	return fmt.Errorf("the matrix %s lists the way to the sites only", t.name)
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
		return t.oneWay()
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
		return nil, t.oneWay()
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
	for n := range out {
		out[n] = Leg{Place: int32(place), Site: -1, Time: Unreached}
	}
	before := func(a, b *Leg) bool {
		if b.Site < 0 || a.Time != b.Time {
			return b.Site < 0 || a.Time < b.Time
		}
		return cmp.Or(cmp.Compare(a.Length, b.Length), cmp.Compare(a.Site, b.Site)) < 0
	}
	for _, l := range found {
		at := len(out)
		for at > 0 && before(&l, &out[at-1]) {
			at--
		}
		if at < len(out) {
			copy(out[at+1:], out[at:])
			out[at] = l
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

// Unread says why the column of a site in a wide matrix could not be read, nil if it was or
// there is none.
func (t *Table) Unread(site string) error { return t.unread[site] }

// Longest is the longest time of a pair, 0 without any.
func (t *Table) Longest() Seconds {
	if len(t.minutes) == 0 {
		return 0
	}
	return FromMinutes(slices.Max(t.minutes))
}

// Instant calls each with every way of no time from one of the places to one of the sites.
func (t *Table) Instant(places, sites []Stop, each func(Leg)) {
	q, of := Query{Places: places, Sites: sites, Limit: []Seconds{0}}, t.sites(sites)
	for i := range places {
		t.legs(q, i, of, each)
	}
}

// Fractions reports whether half of the times at least are no whole minutes.
func (t *Table) Fractions() bool {
	n := 0
	for _, m := range t.minutes {
		if m != math.Trunc(m) {
			n++
		}
	}
	return n > 0 && 2*n >= len(t.minutes)
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

// Lacks reports whether the table lists both a place and a site, and no time between them.
func (t *Table) Lacks(place, site Stop) bool {
	row, from := t.from[place.ID]
	j, to := t.to[site.ID]
	if !from || !to {
		return false
	}
	_, there := slices.BinarySearch(t.site[t.start[row]:t.start[row+1]], j)
	return !there
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
