package access_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/access"
	"careshed/geo/travel"
)

// plainRAAM sends one place after the other where its people pay least, all
// others staying, until nobody pays more than a few last digits above the least:
// the same convex program, a block at a time, with a bisection for each. It says
// what is still paid above the least, as a share of it.
func plainRAAM(m *travel.Matrix, demand, supply []float64, tau travel.Seconds) (out []float64, worst float64) {
	var people, slots float64
	for _, d := range demand {
		people += d
	}
	for _, s := range supply {
		slots += s
	}
	going := make([]float64, m.Len())
	cost := func(k int, at []float64) float64 {
		return float64(m.Time[k])/float64(tau) + at[m.Site[k]]/(people/slots*supply[m.Site[k]])
	}
	comes := func() []float64 {
		at := make([]float64, m.Sites)
		for k, j := range m.Site {
			at[j] += going[k]
		}
		return at
	}
	for range 3000 {
		worst = 0
		at := comes()
		for i := range m.Places {
			least, most := math.Inf(1), 0.0
			for k := m.Start[i]; k < m.Start[i+1]; k++ {
				if supply[m.Site[k]] > 0 {
					least = min(least, cost(k, at))
					if going[k] > 0 {
						most = max(most, cost(k, at))
					}
				}
			}
			if demand[i] == 0 || math.IsInf(least, 1) {
				continue
			}
			if worst = max(worst, (most-least)/least); most == 0 {
				worst = 1
			}
			low, high := 0.0, 0.0
			for k := m.Start[i]; k < m.Start[i+1]; k++ {
				if j := m.Site[k]; supply[j] > 0 {
					at[j] -= going[k]
					high = max(high, cost(k, at)+demand[i]/(people/slots*supply[j]))
				}
			}
			fill := func(level float64) (sum float64) {
				for k := m.Start[i]; k < m.Start[i+1]; k++ {
					if j := m.Site[k]; supply[j] > 0 {
						going[k] = max(0, people/slots*supply[j]*(level-cost(k, at)))
						sum += going[k]
					}
				}
				return sum
			}
			for range 70 {
				if mid := (low + high) / 2; fill(mid) < demand[i] {
					low = mid
				} else {
					high = mid
				}
			}
			sum := fill(high)
			for k := m.Start[i]; k < m.Start[i+1]; k++ {
				if supply[m.Site[k]] > 0 {
					going[k] *= demand[i] / sum
					at[m.Site[k]] += going[k]
				}
			}
		}
		if worst < 1e-14 {
			break
		}
	}
	at := comes()
	out, worst = make([]float64, m.Places), 0
	for i := range out {
		out[i] = math.NaN()
		most := 0.0
		for k := m.Start[i]; k < m.Start[i+1]; k++ {
			if supply[m.Site[k]] > 0 {
				if c := cost(k, at); !(c >= out[i]) {
					out[i] = c
				}
			}
			if going[k] > 0 {
				most = max(most, cost(k, at))
			}
		}
		if most > 0 {
			worst = max(worst, (most-out[i])/out[i])
		}
	}
	return out, worst
}

// within says that no cost is off the right one by more than the bound.
func within(t *testing.T, name string, r *access.RAAMResult, want []float64, slack float64) {
	t.Helper()
	if math.IsInf(r.Bound, 1) {
		return
	}
	var mean float64 // in all: more than the mean
	for _, c := range want {
		if !math.IsNaN(c) {
			mean += c
		}
	}
	for i, c := range r.Cost {
		if math.IsNaN(c) != math.IsNaN(want[i]) || !math.IsNaN(c) && !(math.Abs(c-want[i]) <= r.Bound*max(c, 1e-6*mean)+slack*want[i]) {
			t.Fatalf("%s: place %d costs %v, and at equilibrium %v: %v of it off, and no more than %v was certain", name, i, c, want[i], math.Abs(c-want[i])/c, r.Bound)
		}
	}
}

// town is a random problem with what makes equilibria hard: times in whole
// minutes, so that much ties; supplies a billion times apart; places without
// people, people that are fractions, sites without supply, parts that share no
// site.
func town(r *rand.Rand, kind int) (m *travel.Matrix, demand, supply []float64) {
	m = matrix(r, 2+r.IntN(30), 2+r.IntN(9), []float64{1, 0.7, 0.2}[kind%3])
	demand, supply = randoms(r, m.Places, 8), randoms(r, m.Sites, 8)
	supply[0], demand[0] = 5, 5
	switch kind % 5 {
	case 1: // ties
		for k := range m.Time {
			m.Time[k] = travel.FromMinutes(math.Floor(m.Time[k].Minutes()/20) * 20)
		}
	case 2:
		for j := range supply {
			supply[j] *= math.Pow(10, -float64(r.IntN(5)))
		}
	case 3:
		for i := range demand {
			demand[i] *= math.Pow(10, -float64(r.IntN(9)))
		}
	case 4: // all the same
		for k := range m.Time {
			m.Time[k] = 0
		}
	}
	return m, demand, supply
}

// Every cost is within the bound that is printed, whether the search was long or
// short; and by default the bound is a millionth of a cost.
func TestRAAMIsCertain(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	precise := 0
	for n := range 400 {
		m, demand, supply := town(r, n)
		want, off := plainRAAM(m, demand, supply, 1800)
		if off < 1e-9 {
			precise++
		}
		for _, steps := range []int{1, 2, 5, 500} {
			got, err := access.RAAM(t.Context(), m, demand, supply, 1800, 1e-6, steps)
			if err != nil {
				t.Fatal(err)
			}
			if name := fmt.Sprintf("problem %d, %d steps", n, steps); steps == 500 && !(got.Bound <= 1e-6 && got.Gap <= 1e-6) {
				t.Fatalf("%s: certain to %v, gap %v after %d steps", name, got.Bound, got.Gap, got.Steps)
			} else {
				within(t, name, got, want, float64(m.Sites)*off+1e-12)
			}
		}
	}
	if precise < 300 {
		t.Errorf("the plain search came to the end of %d problems", precise)
	}
}

// A solution to 1e-6 is within its bound of one that comes closer.
func certain(t *testing.T, name string, m *travel.Matrix, demand, supply []float64, tau travel.Seconds, closer float64) (got *access.RAAMResult) {
	t.Helper()
	exact, err := access.RAAM(t.Context(), m, demand, supply, tau, closer, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if exact.Bound > 1e-7 || exact.Gap > 1e-11 {
		t.Errorf("%s: certain to %v, gap %v after %d steps", name, exact.Bound, exact.Gap, exact.Steps)
	}
	for _, steps := range []int{20, 500} {
		if got, err = access.RAAM(t.Context(), m, demand, supply, tau, 1e-6, steps); err != nil {
			t.Fatal(err)
		}
		if steps == 500 && got.Bound > 1e-6 {
			t.Errorf("%s: certain to %v after %d steps", name, got.Bound, got.Steps)
		}
		within(t, name, got, exact.Cost, exact.Bound)
	}
	return got
}

// A sample of the places begins the search where there are many.
func TestRAAMOfMany(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	m := matrix(r, 22_000, 60, 0.9)
	demand, supply := randoms(r, m.Places, 5000), randoms(r, m.Sites, 20)
	certain(t, "22,000 places", m, demand, supply, 1800, 1e-12)
}

// The order of places and sites, and the unit of people, change nothing that
// matters: the last digits.
func TestRAAMUnits(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for n := range 30 {
		m, demand, supply := town(r, n)
		a, err := access.RAAM(t.Context(), m, demand, supply, 1800, 1e-6, 500)
		if err != nil {
			t.Fatal(err)
		}
		other := slices.Clone(demand)
		for i := range other {
			other[i] *= 1.19e-5
		}
		b, err := access.RAAM(t.Context(), m, other, supply, 1800, 1e-6, 500)
		if err != nil {
			t.Fatal(err)
		}
		within(t, fmt.Sprint("problem ", n), a, b.Cost, b.Bound)
	}
}
