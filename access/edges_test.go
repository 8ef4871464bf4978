package access_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// hub is a place that sees all others, which see few: at is a middle and points
// on a circle around it.
func hub(n int) ([]float64, *access.Neighbours) {
	at, value := []orb.Point{{10, 45}}, []float64{7}
	for i := range n - 1 {
		angle := 2 * math.Pi * float64(i) / float64(n-1)
		at = append(at, orb.Point{10 + 0.2*math.Cos(angle), 45 + 0.14*math.Sin(angle)})
		value = append(value, 10+0.3*float64(i*i%7))
	}
	w, err := access.NeighboursWithin(context.Background(), at, geo.Metres(18_000), 1_000_000)
	if err != nil {
		panic(err)
	}
	return value, w
}

// All permutations give a place that sees all others what it has: no score, as R
// spdep's localG (NaN), and p = (m+1)/(m+1).
func TestPlaceThatSeesAllOthers(t *testing.T) {
	for _, n := range []int{4, 5, 6, 12, 40} {
		value, w := hub(n)
		if js, _ := w.Row(0); len(js) != n-1 {
			t.Fatalf("the hub of %d sees %d", n, len(js))
		}
		for _, unit := range []float64{1, 0.1, 1.0 / 3, 1e-6, 1e6} {
			v := make([]float64, n)
			for i := range v {
				v[i] = unit * value[i]
			}
			g, err := access.GetisOrd(t.Context(), v, w, access.Without, 999, 1)
			if err != nil {
				t.Fatal(err)
			}
			star, _ := access.GetisOrd(t.Context(), v, w, access.WithItself, 0, 1)
			l, _ := access.LocalMoran(t.Context(), v, w, 999, 1)
			if !math.IsNaN(g.Z[0]) || !math.IsNaN(star.Z[0]) || !math.IsNaN(l.Z[0]) || g.P[0] != 1 || l.P[0] != 1 || g.Why[0] != access.AllNeighbours || star.Why[0] != access.AllNeighbours {
				t.Errorf("%d places, unit %v: Gi %v (%s), Gi* %v, z %v, p %v and %v", n, unit, g.Z[0], g.Why[0], star.Z[0], l.Z[0], g.P[0], l.P[0])
			}
		}
	}
	// Where all others have one value there is nothing to compare with.
	value := []float64{3, 0.1, 0.1, 0.1, 0.1, 0.1}
	w, err := access.NearestNeighbours(t.Context(), []orb.Point{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := access.GetisOrd(t.Context(), value, w, access.Without, 99, 1); err != nil || !math.IsNaN(g.Z[0]) || g.Why[0] != access.OthersAllEqual || g.P[0] != 1 {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := access.MoranI([]float64{0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3, 0.3}, w); err == nil {
		t.Error("0.1 + 0.2 and 0.3 are values that differ")
	}
}

// Many ties: 23 places with one value and one with another. Of 23 others 12 are
// drawn, so that a draw holds the odd one with 12/23 and then equals what is seen;
// the unit of the values changes no p.
func TestTiesInAnyUnit(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for trial := range 60 {
		n := 10 + r.IntN(30)
		at, whole := make([]orb.Point, n), make([]float64, n)
		for i := range at {
			at[i] = orb.Point{10 + r.Float64(), 45 + r.Float64()}
			whole[i] = []float64{1, 2, 3, 7}[r.IntN(4)]
			if trial%2 == 0 {
				whole[i] = 1
			}
		}
		whole[n/2] = 9
		w, err := access.NearestNeighbours(t.Context(), at, 1+r.IntN(n-2))
		if err != nil {
			t.Fatal(err)
		}
		want, err := access.LocalMoran(t.Context(), whole, w, 199, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range []float64{0.1, 1.0 / 3, 1e-6, 1e6, 7.3, 1e-200, 1e200} {
			v := make([]float64, n)
			for i := range v {
				v[i] = whole[i] * unit
			}
			got, err := access.LocalMoran(t.Context(), v, w, 199, 5)
			if unit > 1e100 || unit < 1e-100 {
				// Squares are no numbers any more; an error says less than a wrong p.
				if err == nil && got.P[0] != want.P[0] {
					t.Errorf("unit %v: p %v, want %v", unit, got.P[0], want.P[0])
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range v {
				if got.P[i] != want.P[i] {
					t.Fatalf("trial %d, unit %v: p of place %d is %v, and %v in whole numbers", trial, unit, i, got.P[i], want.P[i])
				}
			}
		}
	}
}

// A table of two bands: the odds ratio and its profile interval are those of R
// 4.2.2, glm(cbind(treated, eligible - treated) ~ I(time >= 120), binomial) and
// confint; where the data are separate, Firth's estimate is that of half a patient
// added to each number. What a family cannot be is not an estimate.
func TestRefitAtTheEdge(t *testing.T) {
	open := math.NaN()
	for _, x := range []struct {
		near, far       float64
		odds, low, high float64
		firth           float64
		edge            access.Edge // of the step
	}{
		{200, 250, 1.333333, 1.080209, 1.647452, 1.332613, access.NoLoss},
		{400, 30, 0.046392, 0.030958, 0.067001, 0.047121, access.Inside},
		{400, 0, open, open, 0.0028954, 0.00074931, access.Stronger},
		{200, 200, 1, 0.80313, 1.24514, 1, access.NoLoss},
		{0, 400, open, 345.376, open, 1334.56, access.NoLoss},
		{400, 1000, open, 777.099, open, 3000.25, access.NoLoss},
		{200, 195, 0.968944, 0.777310, 1.207661, 0.969010, access.Inside},
	} {
		table := []access.Observed{{Time: travel.FromMinutes(20), Eligible: 1000, Treated: x.near}, {Time: travel.FromMinutes(180), Eligible: 1000, Treated: x.far}}
		c, err := access.FarAgainstNear(table)
		if err != nil {
			t.Fatal(err)
		}
		for k, pair := range [][2]float64{{c.Odds, x.odds}, {c.Interval[0], x.low}, {c.Interval[1], x.high}, {c.Firth, x.firth}} {
			if !near(pair[0], pair[1], 2e-5*math.Abs(pair[1])) && !(math.IsNaN(pair[0]) && math.IsNaN(pair[1])) {
				t.Errorf("%v and %v treated: number %d is %v, want %v", x.near, x.far, k, pair[0], pair[1])
			}
		}
		if (c.Separate() != "") != math.IsNaN(x.odds) {
			t.Errorf("%v and %v treated: separate: %q", x.near, x.far, c.Separate())
		}
		for _, f := range access.Families {
			fit, err := access.Refit(table, f)
			if err != nil {
				t.Fatal(err)
			}
			if (fit.Edge != access.Inside) != math.IsNaN(fit.Effect) || fit.Edge != access.Inside && (fit.Expected != nil || !math.IsNaN(fit.Interval[0]) || !math.IsNaN(fit.Interval[1])) {
				t.Errorf("%s of %v and %v treated: %+v", f, x.near, x.far, fit)
			}
			if f != access.Step {
				continue
			}
			if fit.Edge != x.edge {
				t.Errorf("%v and %v treated: the step ends at %q, want %q", x.near, x.far, fit.Edge, x.edge)
			}
			// Where the step can be the odds ratio it is it, with its interval, open
			// above where that reaches 1.
			if fit.Edge == access.Inside && (!near(fit.Effect, c.Odds, 1e-6) || !near(fit.Interval[0], c.Interval[0], 1e-6) ||
				!near(fit.Interval[1], c.Interval[1], 1e-6) && !(math.IsNaN(fit.Interval[1]) && c.Interval[1] > 1)) {
				t.Errorf("the step has %v (%v), the table %v (%v)", fit.Effect, fit.Interval, c.Odds, c.Interval)
			}
		}
	}
}

// Weights are of any unit: persons, thousands, shares.
func TestWeightsOfAnyUnit(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		n := 1 + r.IntN(30)
		value, income, people := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range value {
			value[i], income[i], people[i] = float64(1+r.IntN(6)), float64(r.IntN(8)), float64(r.IntN(5)*100)
		}
		for _, unit := range []float64{1e-3, 1e-6, 1e6, 1.0 / 3, 1 / 7919.0} {
			w := make([]float64, n)
			for i := range w {
				w[i] = people[i] * unit
			}
			a, b := access.NewWeighted(value, people), access.NewWeighted(value, w)
			for k := range 21 {
				q := float64(k) / 20
				if x, y := a.Interpolated(q), b.Interpolated(q); x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
					t.Fatalf("quantile %v of %v by %v is %v, and %v in another unit", q, value, people, x, y)
				}
				if x, y := a.Quantile(q), b.Quantile(q); x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
					t.Fatalf("lower quantile %v of %v by %v is %v, and %v in another unit", q, value, people, x, y)
				}
			}
			x, errX := access.Palma(value, income, people)
			y, errY := access.Palma(value, income, w)
			if (errX == nil) != (errY == nil) || !near(x, y, 1e-12*x) {
				t.Fatalf("Palma %v (%v), and %v (%v) in another unit", x, errX, y, errY)
			}
			for i, g := range access.Groups(income, people, 4) {
				if h := access.Groups(income, w, 4)[i]; g != h {
					t.Fatalf("group %d, and %d in another unit", g, h)
				}
			}
		}
	}
	// Hmisc's by persons, where a boundary of places is at the share.
	towns := access.NewWeighted([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []float64{.1, .1, .1, .1, .1, .1, .1, .1, .1, .1})
	for q, want := range map[float64]float64{0.1: 1.9, 0.5: 5.5, 0: 1, 1: 10, 0.25: 3} {
		if got := towns.Interpolated(q); !near(got, want, 1e-12) {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}

// Erlang's second formula is the long run of the chain, as near to full as one
// likes; above, a queue is refused in words.
func TestQueueNearlyFull(t *testing.T) {
	for _, use := range []float64{0.999, 0.9999, 0.99999, 0.999999, 1 - 1e-8} {
		f, err := access.Queue{Arrivals: use, Servers: 1, Rate: 1}.Run()
		want := use * use / (1 - use)
		if err != nil || !near(f.Waiting, want, 1e-7*want) || !near(f.Wait, want/use, 1e-7*want) || f.Lost != 0 || f.Served != use {
			t.Errorf("M/M/1 at %v: %+v, %v, want %v waiting", use, f, err, want)
		}
	}
	r := rand.New(rand.NewPCG(8, 8))
	for range 100 {
		q := access.Queue{Servers: 1 + r.IntN(60), Rate: 0.1 + r.Float64()}
		q.Arrivals = float64(q.Servers) * q.Rate * (0.05 + 0.9*r.Float64())
		// The chain, one patient after the other.
		var waiting, all float64
		p := 1.0
		for n := 0; n < 20_000; n++ {
			waiting += p * float64(max(0, n-q.Servers))
			all += p
			p *= q.Arrivals / (float64(min(n+1, q.Servers)) * q.Rate)
		}
		if f, err := q.Run(); err != nil || !near(f.Waiting, waiting/all, 1e-9*(1+waiting/all)) {
			t.Fatalf("%v: %v waiting, the chain has %v", q, f.Waiting, waiting/all)
		}
	}
	for _, q := range []access.Queue{{Arrivals: 1, Servers: 1, Rate: 1}, {Arrivals: 1 - 1e-10, Servers: 1, Rate: 1}, {Arrivals: 1e9, Servers: 1, Rate: 1, Abandon: 1e-9}, {Arrivals: -1}, {Arrivals: math.NaN()}} {
		_, err := q.Run()
		if err == nil {
			t.Errorf("%v has a long run", q)
		} else if text := err.Error(); containsAny(text, "Arrivals:", "{", "+v", "access.") {
			t.Errorf("%v is not in words", err)
		}
	}
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// Indices keep within their bounds whatever the values, to the digit.
func TestIndicesKeepTheirBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 3000 {
		n := 1 + r.IntN(12)
		value, weight, rank, group := make([]float64, n), make([]float64, n), make([]float64, n), make([]int, n)
		scale := math.Pow(10, float64(r.IntN(13)-6))
		same := r.IntN(4) == 0
		for i := range value {
			value[i], weight[i], rank[i], group[i] = scale*float64(r.IntN(4)), []float64{0, 0.1, 1, 1e6, 1e-6}[r.IntN(5)], float64(r.IntN(3)), r.IntN(3)
			if same {
				value[i] = scale * 0.1
			}
		}
		within := func(what string, v, low, high float64, err error) {
			if err == nil && !(v >= low && v <= high) {
				t.Fatalf("%s of %v by %v is %v, outside %v to %v", what, value, weight, v, low, high)
			}
			if same && err == nil && what != "concentration" && v > 1e-12 {
				t.Fatalf("%s of one value by %v is %v", what, weight, v)
			}
		}
		g, err := access.Gini(value, weight)
		within("gini", g, 0, 1, err)
		for _, e := range []float64{0.5, 1, 2} {
			a, err := access.Atkinson(value, weight, e)
			within("atkinson", a, 0, 1, err)
		}
		h, err := access.Hoover(value, weight)
		within("hoover", h, 0, 1, err)
		for _, f := range []func(v, w []float64, g []int) (access.Theil, error){access.TheilT, access.TheilL} {
			x, err := f(value, weight, group)
			within("theil", x.Total, 0, math.Inf(1), err)
			within("theil between", x.Between, 0, math.Inf(1), err)
			within("theil within", x.Within, 0, math.Inf(1), err)
		}
		c, err := access.Concentrate(value, rank, weight, 0, scale*4)
		for _, v := range []float64{c.Index, c.Wagstaff, c.Erreygers} {
			if !math.IsNaN(v) || access.NewWeighted(value, weight).Mean() > 0 {
				within("concentration", v, -1, 1, err)
			}
		}
		if same && err == nil && c.Index != 0 {
			t.Fatalf("concentration of one value is %v", c.Index)
		}
	}
}

// Supplies that add up to a number equal it in any unit, though the sums round
// otherwise: 0.1 + 0.2 is no more than 0.3, and 0.7 + 0.1 is 0.8.
func TestSumsOfSupplyInAnyUnit(t *testing.T) {
	m := &travel.Matrix{Places: 1, Sites: 3, Start: []int{0, 3}, Site: []int32{0, 1, 2}, Time: []travel.Seconds{60, 120, 180}}
	for _, unit := range []float64{1, 10, 1e-6, 1e6, 1.0 / 3, 7.3} {
		for _, supply := range [][]float64{{0.1, 0.2, 5}, {0.7, 0.1, 5}, {1.1, 2.2, 5}} {
			number := math.Round(10*(supply[0]+supply[1])) / 10 * unit
			scaled := []float64{supply[0] * unit, supply[1] * unit, supply[2] * unit}
			closest, err := access.CostTo(m, scaled, number)
			if err != nil || closest[0] != 2 {
				t.Errorf("%v in units of %v make %v after %v minutes, %v", supply, unit, number, closest, err)
			}
			balancing, err := access.BalancingCost(m, []float64{number}, scaled, 60)
			if err != nil || balancing[0] != 3 {
				t.Errorf("%v in units of %v are more than %v after %v minutes, %v", supply, unit, number, balancing, err)
			}
		}
	}
}

// As many treated as there are eligible are not fewer, in any unit.
func TestAllTreatedInAnyUnit(t *testing.T) {
	p, err := access.NewPenalty(access.Odds, access.Exponential, 0.6, access.Hold)
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []float64{1, 0.1, 1.0 / 3, 1e-6, 1e6, 7.3} {
		eligible := []float64{0.1 * unit, 0.2 * unit, 0.3 * unit, 0.1 * unit}
		for _, treated := range []float64{0.7 * unit, 0.7 * unit * (1 + 0x1p-52), 0.7 * unit * (1 - 0x1p-52)} {
			if p0, err := p.Calibrate(eligible, []float64{1, 1, 1, 1}, treated); err == nil {
				t.Errorf("%v of %v are treated: a likelihood of %v", treated, eligible, p0)
			}
		}
		if p0, err := p.Calibrate(eligible, []float64{1, 1, 1, 1}, 0.35*unit); err != nil || math.Abs(p0-0.5) > 1e-9 {
			t.Errorf("half of %v: %v, %v", eligible, p0, err)
		}
	}
}

// Firth's estimate of the contrast is where the likelihood times the root of the
// information is highest, looked for plainly: for tables in the middle, strong ones
// and separate ones.
func TestFirthIsThePenalisedMaximum(t *testing.T) {
	climb := func(lo, hi float64, f func(float64) float64) (at, top float64) {
		const golden = 0.6180339887498949
		for range 80 {
			a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
			if f(a) > f(b) {
				hi = b
			} else {
				lo = a
			}
		}
		at = (lo + hi) / 2
		return at, f(at)
	}
	log := func(n, p float64) float64 {
		if n == 0 {
			return 0
		}
		return n * math.Log(p)
	}
	for _, x := range [][4]float64{{400, 1000, 30, 1000}, {200, 1000, 250, 1000}, {400, 1000, 0, 1000}, {0, 1000, 400, 1000}, {400, 1000, 1000, 1000}, {37, 90, 3, 4000}} {
		table := []access.Observed{{Time: travel.FromMinutes(20), Treated: x[0], Eligible: x[1]}, {Time: travel.FromMinutes(180), Treated: x[2], Eligible: x[3]}}
		c, err := access.FarAgainstNear(table)
		if err != nil {
			t.Fatal(err)
		}
		penalised := func(a, b float64) float64 {
			p, q := 1/(1+math.Exp(-a)), 1/(1+math.Exp(-a-b))
			near, far := x[1]*p*(1-p), x[3]*q*(1-q)
			return log(x[0], p) + log(x[1]-x[0], 1-p) + log(x[2], q) + log(x[3]-x[2], 1-q) + math.Log(near*far)/2
		}
		b, _ := climb(-14, 14, func(b float64) float64 {
			_, top := climb(-14, 14, func(a float64) float64 { return penalised(a, b) })
			return top
		})
		if want := math.Exp(b); !near(c.Firth, want, 1e-5*want) {
			t.Errorf("%v: Firth's estimate is %v, by climbing %v", x, c.Firth, want)
		}
	}
}

// The effect that a fit offers is one that a penalty takes, and gives back what was
// seen: a table of two bands holds two parameters, so every family that can be
// fitted meets both.
func TestStrongEffectsAreTakenByAPenalty(t *testing.T) {
	for _, far := range []float64{2, 30, 150, 390} {
		table := []access.Observed{{Time: travel.FromMinutes(20), Eligible: 1000, Treated: 400}, {Time: travel.FromMinutes(180), Eligible: 1000, Treated: far}}
		if far < 20 {
			table[1].Eligible, table[1].Treated = 100_000, 100*far
		}
		fitted := 0
		for _, f := range access.Families {
			fit, err := access.Refit(table, f)
			if err != nil {
				t.Fatal(err)
			}
			if fit.Edge != access.Inside {
				continue
			}
			fitted++
			p, err := access.NewPenalty(access.Odds, f, fit.Effect, access.Hold)
			if err != nil {
				t.Fatalf("%s, effect %v: %v", f, fit.Effect, err)
			}
			for _, o := range table {
				if got := o.Eligible * p.Likelihood(fit.P0, o.Time); !near(got, o.Treated, 1e-4*o.Treated) {
					t.Errorf("%s, effect %v: %v treated at %v minutes, want %v", f, fit.Effect, got, o.Time.Minutes(), o.Treated)
				}
			}
		}
		if fitted < 3 {
			t.Errorf("%v far away: %d families are fitted", far, fitted)
		}
	}
}

// A place without neighbours has a local Moran of 0, which has no sign.
func TestLocalMoranOfAPlaceAlone(t *testing.T) {
	alone, err := access.NeighboursWithin(t.Context(), []orb.Point{{10, 45}, {11, 45}, {12, 45}, {13, 45}}, 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	l, err := access.LocalMoran(t.Context(), []float64{1, 2, 5, 5}, alone, 9, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range l.Value {
		if v != 0 || math.Signbit(v) || l.Why[i] == "" {
			t.Errorf("place %d: %v, %q", i, v, l.Why[i])
		}
	}
}
