package site

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The worst closure is what looking at every set finds, and losses are those of
// going from place to place.
func TestWorstClosureEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(47, 48))
	for n := range 300 {
		sites, deep := 2+r.IntN(9), 1+r.IntN(4)
		type place struct {
			order []int32
			loss  []float64
		}
		var places []place
		c := &Closing{}
		for range 1 + r.IntN(40) {
			p := place{}
			for _, j := range r.Perm(sites)[:min(deep, sites)] {
				p.order = append(p.order, int32(j))
				before := 0.0
				if len(p.loss) > 0 {
					before = p.loss[len(p.loss)-1]
				}
				p.loss = append(p.loss, before+float64(r.IntN(5)))
			}
			places = append(places, p)
			c.Add(p.order, p.loss)
		}
		plain := func(set int) (sum float64) {
			for _, p := range places {
				lost := 0.0
				for m, j := range p.order {
					if set>>j&1 == 0 {
						break
					}
					lost = p.loss[m]
				}
				sum += lost
			}
			return sum
		}
		for k := 1; k <= deep; k++ {
			closed, loss, proven := c.Worst(t.Context(), k)
			want := 0.0
			for set := range 1 << sites {
				var list []int32
				for j := range sites {
					if set>>j&1 == 1 {
						list = append(list, int32(j))
					}
				}
				if len(list) <= deep {
					if got := c.Loss(list); math.Abs(got-plain(set)) > 1e-9 {
						t.Fatalf("case %d: closing %v loses %v, want %v", n, list, got, plain(set))
					}
				}
				if len(list) <= k {
					want = max(want, plain(set))
				}
			}
			if !proven || math.Abs(loss-want) > 1e-9 || len(closed) > k {
				t.Fatalf("case %d: the worst %d are %v, loss %v (proven %v), want %v", n, k, closed, loss, proven, want)
			}
		}
	}
}
