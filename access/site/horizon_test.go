package site

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"testing"
)

// onPlane are random places and candidates on a plane, some of which have no way to
// each other, and how many pairs were asked for at the most.
type onPlane struct {
	cost   [][]float64 // of each site, by place; +Inf: no way
	weight []float64
	most   int
}

func drawPlane(r *rand.Rand, places, sites int, apart bool) *onPlane {
	at := func(n int) [][2]float64 {
		out := make([][2]float64, n)
		for i := range out {
			out[i] = [2]float64{math.Round(r.Float64() * 100), math.Round(r.Float64() * 100)}
		}
		return out
	}
	p, s := at(places), at(sites)
	o := &onPlane{weight: make([]float64, places), cost: make([][]float64, sites)}
	for i := range o.weight {
		o.weight[i] = float64(r.IntN(6))
	}
	for j := range s {
		o.cost[j] = make([]float64, places)
		for i := range p {
			o.cost[j][i] = math.Hypot(p[i][0]-s[j][0], p[i][1]-s[j][1])
			if apart && (p[i][0] < 50) != (s[j][0] < 50) {
				o.cost[j][i] = math.Inf(1)
			}
		}
	}
	return o
}

func (o *onPlane) pairs(ctx context.Context, limit []float64, of []int) (iter.Seq[Pair], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if of == nil {
		for j := range o.cost {
			of = append(of, j)
		}
	}
	each := func(yield func(Pair) bool) {
		for _, j := range of {
			for i, c := range o.cost[j] {
				if c <= limit[i] && !math.IsInf(c, 1) && !yield(Pair{int32(i), int32(j), c}) {
					return
				}
			}
		}
	}
	n := 0
	for range each {
		n++
	}
	o.most = max(o.most, n)
	return each, nil
}

// A horizon finds what the search over all pairs finds, under rules and for every kind
// of cost, also where not everybody can reach everything.
func TestHorizon(t *testing.T) {
	costs := map[string]func(float64) float64{
		"minutes":     func(c float64) float64 { return c },
		"kolm-pollak": func(c float64) float64 { return math.Exp(0.05 * (c - 60)) },
		"fgt":         func(c float64) float64 { return math.Pow(math.Max(0, c-20)/20, 2) },
	}
	for name, cost := range costs {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 4))
			for n := range 120 {
				o := drawPlane(r, 20+r.IntN(60), 5+r.IntN(25), n%4 == 3)
				rules := Rules{Pick: 1 + r.IntN(5)}
				if n%3 == 1 {
					rules.Forced, rules.Never = []int{0}, []int{1, 2}
				}
				if n%5 == 2 {
					rules.SiteFee = filled(len(o.cost), 10)
				}
				all, _ := o.pairs(t.Context(), filled(len(o.weight), math.Inf(1)), nil)
				shape := Shape{Places: len(o.weight), Sites: len(o.cost), Fallback: filled(len(o.weight), math.Inf(1))}
				for i, w := range o.weight {
					if w == 0 {
						shape.Fallback[i] = 0
					}
				}
				in, err := NewInstance(shape, rules, Transformed(o.weight, cost, all))
				if err != nil {
					t.Fatal(err)
				}
				want, wantErr := Solve(t.Context(), in, Options{Exact: true}, nil)
				h := Horizon{Places: len(o.weight), Sites: len(o.cost), Rules: rules, Weight: o.weight, Cost: cost, Pairs: o.pairs, Few: 40}
				got, err := h.Solve(t.Context(), Options{Exact: true})
				if (err == nil) != (wantErr == nil) {
					t.Fatalf("instance %d: %v; by all pairs %v", n, err, wantErr)
				}
				if err != nil {
					continue
				}
				near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }
				if !got.Proven || !near(got.Cost, want.Cost) || !near(in.Evaluate(got.Open).Cost, got.Cost) || got.Bound > want.Cost*(1+1e-9)+1e-9 {
					t.Fatalf("instance %d: %+v; by all pairs %v, cost %v, bound %v", n, got, want.Open, want.Cost, want.Bound)
				}
			}
		})
	}
}

// Of many pairs a horizon looks at few.
func TestHorizonHoldsFewPairs(t *testing.T) {
	o := drawPlane(rand.New(rand.NewPCG(3, 3)), 600, 300, false)
	h := Horizon{Places: 600, Sites: 300, Rules: Rules{Pick: 12}, Weight: o.weight, Cost: func(c float64) float64 { return c }, Pairs: o.pairs, Few: 20_000}
	x, err := h.Solve(t.Context(), Options{})
	if err != nil || !x.Proven {
		t.Fatalf("%+v, %v", x, err)
	}
	if all := 600 * 300; o.most > all/3 {
		t.Errorf("%d of %d pairs were held", o.most, all)
	}
}

// A search of which the best plan so far is enough gives a plan, with what it costs, also
// where it had none yet; one that nobody waits for gives none.
func TestHorizonIsStopped(t *testing.T) {
	o := drawPlane(rand.New(rand.NewPCG(5, 3)), 300, 100, false)
	h := Horizon{Places: 300, Sites: 100, Rules: Rules{Pick: 8}, Weight: o.weight, Cost: func(c float64) float64 { return c }, Pairs: o.pairs}
	for _, h.Few = range []int{1_000, 1_000_000} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(ErrEnough)
		x, err := h.Solve(ctx, Options{Exact: true})
		if err != nil || x.Proven || x.Stopped != Cancelled || len(x.Open) != 8 {
			t.Fatalf("%+v, %v", x, err)
		}
		plain, err := h.nearest(t.Context(), x.Open, 1)
		if want := h.cost(x.Open, plain[0]); err != nil || math.Abs(x.Cost-want) > 1e-9*want || x.Bound > x.Cost {
			t.Errorf("cost %v, bound %v; the plan costs %v (%v)", x.Cost, x.Bound, want, err)
		}
		gone, end := context.WithCancel(t.Context())
		end()
		if x, err := h.Solve(gone, Options{}); err == nil {
			t.Errorf("%+v", x)
		}
	}
}
