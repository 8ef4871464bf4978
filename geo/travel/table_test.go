package travel

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/geo"
)

// plainTable reads a matrix row by row into a map, and says which pair stands
// twice: the first by when its place and its site came first, as rows from 1.
func plainTable(place, site geo.Column, minutes, km []float64) (pairs map[[2]string]Leg, twice string) {
	pairs = map[[2]string]Leg{}
	first := map[string]int{}
	rows := map[[2]string][]int{}
	for i, m := range minutes {
		key := [2]string{strings.TrimSpace(place.Text(i)), strings.TrimSpace(site.Text(i))}
		for k, id := range key {
			if name := fmt.Sprint(k, id); first[name] == 0 {
				first[name] = i + 1
			}
		}
		if math.IsNaN(m) {
			continue
		}
		rows[key] = append(rows[key], i+1)
		l := Leg{Time: FromMinutes(m), Length: geo.Metres(math.NaN())}
		if km != nil {
			l.Length = geo.Metres(km[i] * 1000)
		}
		pairs[key] = l
	}
	var keys [][2]string
	for key, at := range rows {
		if len(at) > 1 {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return pairs, ""
	}
	key := slices.MinFunc(keys, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(first["0"+a[0]], first["0"+b[0]]), cmp.Compare(first["1"+a[1]], first["1"+b[1]]))
	})
	return pairs, fmt.Sprintf("layer m: rows %d and %d both give the time from %s to %s", rows[key][0], rows[key][1], key[0], key[1])
}

// A table has what its rows say, in whatever order they are; ids are texts or
// numbers, with blanks or without.
func TestTableAgainstRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	refused := 0
	for n := range 300 {
		places, sites := 1+r.IntN(12), 1+r.IntN(9)
		var p, s geo.TextColumn
		var numbers, minutes, km []float64
		type row struct{ i, j int }
		var rows []row
		for i := range places {
			for j := range sites {
				if r.IntN(4) > 0 {
					rows = append(rows, row{i, j})
				}
			}
		}
		if len(rows) == 0 {
			continue
		}
		if n%3 > 0 {
			r.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
		}
		if n%5 == 0 {
			rows = append(rows, rows[r.IntN(len(rows))], rows[r.IntN(len(rows))])
		}
		for _, x := range rows {
			p.Append(strings.Repeat(" ", r.IntN(2)*(n%2)) + fmt.Sprint("p", x.i))
			numbers = append(numbers, float64(17031010100+x.i))
			s.Append(fmt.Sprint("s", x.j))
			minutes = append(minutes, []float64{math.NaN(), float64(r.IntN(20)), r.Float64() * 100}[min(2, r.IntN(9))])
			km = append(km, []float64{math.NaN(), r.Float64() * 100}[min(1, r.IntN(9))])
		}
		place := p.Column(geo.Field{Name: "place"})
		if n%7 == 0 {
			place = geo.Numbers(geo.Field{Name: "place"}, numbers)
		}
		site := s.Column(geo.Field{Name: "site"})
		l, err := geo.NewTable(geo.About{Name: "m"}, nil, place, site, geo.Numbers(geo.Field{Name: "minutes"}, minutes), geo.Numbers(geo.Field{Name: "km"}, km))
		if err != nil {
			t.Fatal(err)
		}
		column := "km"
		if n%2 == 0 {
			column, km = "", nil
		}
		want, twice := plainTable(place, site, minutes, km)
		got, err := NewTable(l, "place", "site", "minutes", column)
		if twice != "" {
			refused++
			// The row may have its id with a blank, as the message has it.
			if err == nil || strings.Join(strings.Fields(err.Error()), " ") != twice {
				t.Fatalf("problem %d: %v; want %s", n, err, twice)
			}
			continue
		}
		if err != nil {
			t.Fatalf("problem %d: %v", n, err)
		}
		asked(t, r, n, got, want)
		if again, _ := plainTable(place, site, minutes, km); !maps.EqualFunc(again, want, same) {
			t.Fatalf("problem %d: the layer is not as it was", n)
		}
	}
	if refused < 20 {
		t.Errorf("%d were refused", refused)
	}
}

func same(a, b Leg) bool {
	return a.Time == b.Time && (a.Length == b.Length || math.IsNaN(float64(a.Length)) && math.IsNaN(float64(b.Length)))
}

// asked asks a table for what its pairs are, for places and sites in any order,
// some of whom it does not have.
func asked(t *testing.T, r *rand.Rand, n int, table *Table, pairs map[[2]string]Leg) {
	t.Helper()
	places, sites := table.Keys()
	places, sites = append(places, "nowhere"), append(sites, "none")
	r.Shuffle(len(places), func(a, b int) { places[a], places[b] = places[b], places[a] })
	r.Shuffle(len(sites), func(a, b int) { sites[a], sites[b] = sites[b], sites[a] })
	q := Query{Limit: []Seconds{FromMinutes([]float64{30, 1e6}[n%2])}, Lengths: n%3 == 0}
	for _, id := range places {
		q.Places = append(q.Places, Stop{ID: id})
	}
	for _, id := range sites {
		q.Sites = append(q.Sites, Stop{ID: id})
	}
	m, err := Collect(context.Background(), table, q)
	if err != nil {
		t.Fatal(err)
	}
	const k = 3
	near, err := table.Nearest(context.Background(), q, k)
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b geo.Metres) bool { return a == b || a != a && b != b }
	for i, p := range places {
		var want []Leg
		for j, s := range sites {
			if l, ok := pairs[[2]string{p, s}]; ok && l.Time <= q.Limit[0] {
				l.Place, l.Site = int32(i), int32(j)
				if !q.Lengths {
					l.Length = 0
				}
				want = append(want, l)
			}
		}
		js, times := m.Row(i)
		if len(js) != len(want) {
			t.Fatalf("problem %d: place %s has %d legs, want %d", n, p, len(js), len(want))
		}
		for x, w := range want {
			if js[x] != w.Site || times[x] != w.Time || q.Lengths && !same(m.Length[m.Start[i]+x], w.Length) {
				t.Fatalf("problem %d: leg %d of place %s is to %d in %v, want %+v", n, x, p, js[x], times[x], w)
			}
		}
		slices.SortFunc(want, func(a, b Leg) int {
			return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Length, b.Length), cmp.Compare(a.Site, b.Site))
		})
		for x := range k {
			w := Leg{Place: int32(i), Site: -1, Time: Unreached}
			if x < len(want) {
				w = want[x]
			}
			if g := near[i*k+x]; g.Site != w.Site || g.Time != w.Time || !same(g.Length, w.Length) {
				t.Fatalf("problem %d: the nearest of place %s, number %d, is %+v, want %+v", n, p, x, g, w)
			}
		}
	}
}
