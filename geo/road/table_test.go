package road_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/geo/road/roadtest"
	"careshed/geo/travel"
)

// A table gives the same legs to the bit whichever sites are asked of it, in which order, at
// the same time or not, by either of its ways: buckets (many sites) and sweeps (few).
func TestTable(t *testing.T) {
	net := roadtest.Generate(5, 3000)
	r := rand.New(rand.NewPCG(3, 9))
	e := engine(t, build(t, net))
	places, sites := around(net, r, "p", 90), around(net, r, "s", 400)
	for _, q := range []travel.Query{
		{Places: places, Sites: sites, Lengths: true},
		{Places: places, Sites: sites[:3], Lengths: true},
		{Places: places, Sites: sites, Limit: []travel.Seconds{900}, Back: true},
	} {
		t.Run(fmt.Sprint(len(q.Sites)), func(t *testing.T) {
			t.Parallel()
			want := make([][]travel.Leg, len(q.Sites))
			if err := e.Sweep(context.Background(), q, func(site int, legs []travel.Leg) error { want[site] = slices.Clone(legs); return nil }); err != nil {
				t.Fatal(err)
			}
			table, err := e.Table(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, size := range []int{1, 7, len(q.Sites)} {
				for from := len(q.Sites) / size * size; from >= 0; from -= size {
					next, to := from, min(from+size, len(q.Sites))
					err := table.Rows(context.Background(), from, to, func(site int, legs []travel.Leg) error {
						if site != next || !slices.Equal(legs, want[site]) {
							t.Errorf("%d at a time: site %d (expected: %d) has other legs", size, site, next)
						}
						next++
						return nil
					})
					if err != nil || next != to {
						t.Fatal(next, to, err)
					}
				}
			}
			// Asked apart, a site has them too: the two ways to an answer agree.
			apart := q
			for k, s := range q.Sites[:min(40, len(q.Sites))] {
				apart.Sites = []travel.Stop{s}
				err := e.Sweep(context.Background(), apart, func(_ int, legs []travel.Leg) error {
					same := slices.EqualFunc(legs, want[k], func(a, b travel.Leg) bool { return a.Place == b.Place && a.Time == b.Time && a.Length == b.Length })
					if !same {
						t.Errorf("site %d alone has other legs", k)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
