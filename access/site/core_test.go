package site

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// Where no site is decided, a core is what going through all pairs of its parent makes of it.
func TestSettleIsKeepWithoutDecisions(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 400 {
		parent := newCore(arbitrary(t, r, n))
		marks := make([]int8, parent.sites())
		a, b := core{in: parent.in, start: []int{0}}, core{in: parent.in}
		a.keep(parent, marks)
		b.settle(parent)
		for name, of := range map[string]func(c *core) any{
			"start": func(c *core) any { return c.start }, "at": func(c *core) any { return slices.Clip(c.at) }, "cost": func(c *core) any { return slices.Clip(c.cost) },
			"least": func(c *core) any { return c.least }, "fallback": func(c *core) any { return c.fallback }, "from": func(c *core) any { return c.from },
			"colStart": func(c *core) any { return c.colStart }, "colPlace": func(c *core) any { return c.colPlace }, "colAt": func(c *core) any { return c.colAt },
			"site": func(c *core) any { return c.site }, "fee": func(c *core) any { return c.fee }, "settled": func(c *core) any { return c.settled },
		} {
			if x, y := of(&a), of(&b); !reflect.DeepEqual(x, y) && reflect.ValueOf(x).Kind() != reflect.Slice || reflect.ValueOf(x).Kind() == reflect.Slice && !sameList(x, y) {
				t.Fatalf("%d: %s: %v, want %v", n, name, y, x)
			}
		}
	}
}

// sameList is equality of slices of which an empty one may be nil.
func sameList(x, y any) bool {
	return reflect.ValueOf(x).Len() == 0 && reflect.ValueOf(y).Len() == 0 || reflect.DeepEqual(x, y)
}

// The cheapest open site of each place is the same by columns as by rows.
func TestCheapestByColumnIsByRow(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for n := range 400 {
		in := arbitrary(t, r, n)
		is := make([]bool, in.sites)
		var open []int
		for j := range is {
			if r.IntN(2) == 0 {
				is[j], open = true, append(open, j)
			}
		}
		r.Shuffle(len(open), func(a, b int) { open[a], open[b] = open[b], open[a] })
		if a, b := in.cheapestByRow(is), in.cheapestByColumn(open); !slices.Equal(a, b) {
			t.Fatalf("%d: %v, by columns %v", n, a, b)
		}
	}
}
