package access_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"careshed/access"
	"careshed/geo/travel"
)

// gathered counts people by areas of so many places each, and says which places they
// are: the mean time is that of all its people.
func gathered(t testing.TB, places *access.Choices, each int, people []float64) *access.Choices {
	t.Helper()
	m := places.Matrix
	areas := (m.Places + each - 1) / each
	within := &access.Within{Places: places, Of: make([][]int, areas), Share: make([]float64, m.Places)}
	all := make([]float64, areas)
	for i := range m.Places {
		within.Of[i/each] = append(within.Of[i/each], i)
		all[i/each] += people[i]
	}
	k := len(places.Names)
	out := &travel.Matrix{Places: areas, Sites: m.Sites, Start: []int{0}}
	c := &access.Choices{Matrix: out, Names: places.Names, Within: within}
	for a := range areas {
		for j := range m.Sites {
			var minutes, count float64
			x := make([]float64, k)
			for _, i := range within.Of[a] {
				within.Share[i] = people[i] / all[a]
				leg := m.Start[i] + j
				minutes += within.Share[i] * m.Time[leg].Minutes()
				count += places.Count[leg]
				for b := range x {
					x[b] += within.Share[i] * places.X[leg*k+b]
				}
			}
			out.Site, out.Time = append(out.Site, int32(j)), append(out.Time, travel.FromMinutes(minutes))
			c.Count, c.X = append(c.Count, count), append(c.X, x...)
		}
		out.Start = append(out.Start, out.Len())
	}
	return c
}

// Areas of one place are places.
func TestAreasOfOnePlace(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 1))
	c := chosen(t, r, grid(r, 60, 7, 90), []access.Term{access.Minutes(), border()}, []float64{-0.04, -0.5}, func(i int) int { return i % 20 })
	ones := make([]float64, 60)
	for i := range ones {
		ones[i] = 1
	}
	for _, hide := range []bool{false, true} {
		if hide {
			c = withhold(c, 1, 4)
		}
		a := gathered(t, c, 1, ones)
		a.Withheld = c.Withheld
		plain, err := c.Fit()
		if err != nil {
			t.Fatal(err)
		}
		f, err := a.Fit()
		if err != nil {
			t.Fatal(err)
		}
		for k := range f.Coef {
			like(t, "coefficient", f.Coef[k], plain.Coef[k], 1e-8)
			like(t, "error", f.SE[k], plain.SE[k], 1e-6)
			like(t, "robust error", f.Robust[k], plain.Robust[k], 1e-6)
		}
		like(t, "log likelihood", f.LogLike, plain.LogLike, 1e-9)
		like(t, "null", f.Null, plain.Null, 1e-9)
		for leg, p := range a.Shares(plain.Coef) {
			like(t, "share", p, c.Shares(plain.Coef)[leg], 1e-9)
		}
	}
}

// People counted by areas of ten places: the slope by which the places chose is found
// and held, where areas taken for places in their middle lose it; the likelihood is a
// slow sum, and flat at its summit.
func TestChoiceOfAreas(t *testing.T) {
	seeds, low, high := 1000.0, 0.93, 0.97
	if testing.Short() { // 80 of them cover within three of their standard errors
		seeds, low, high = 80, 0.87, 1
	}
	const slope = -0.08
	covered, middles, mean := 0.0, 0.0, 0.0
	for seed := range int(seeds) {
		r := rand.New(rand.NewPCG(uint64(seed), 19))
		m := grid(r, 400, 8, 120)
		people := make([]float64, m.Places)
		for i := range people {
			people[i] = float64(1 + r.IntN(9))
		}
		places := chosen(t, r, m, []access.Term{access.Minutes()}, []float64{slope}, func(i int) int { return 6 * int(people[i]) })
		c := gathered(t, places, 10, people)
		f, err := c.Fit()
		if err != nil || f.Unbounded != nil {
			t.Fatal(seed, err, f)
		}
		mean += f.Coef[0] / seeds
		if f.Interval[0][0] <= slope && slope <= f.Interval[0][1] {
			covered++
		}
		c.Within = nil
		middle, err := c.Fit()
		if err != nil {
			t.Fatal(err)
		}
		if middle.Interval[0][0] <= slope && slope <= middle.Interval[0][1] {
			middles++
		}
	}
	covered, middles = covered/seeds, middles/seeds
	t.Logf("mean %.4f of %v, covered %v; taken for places %v", mean, slope, covered, middles)
	if math.Abs(mean/slope-1) > 0.03 || covered < low || covered > high || middles > 0.5 {
		t.Errorf("mean %v of %v; %v of the intervals hold it, taken for places %v", mean, slope, covered, middles)
	}
}

func TestLikelihoodOfAreas(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 3))
	m := grid(r, 60, 5, 100)
	people := make([]float64, m.Places)
	for i := range people {
		people[i] = float64(1 + r.IntN(9))
	}
	places := chosen(t, r, m, []access.Term{access.Minutes(), border()}, []float64{-0.06, -0.7}, func(int) int { return 8 })
	c := gathered(t, places, 6, people)
	f, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	slow := func(beta []float64) (v float64) {
		p := places.Shares(beta)
		for a := range c.Matrix.Places {
			for j := range m.Sites {
				var share float64
				for _, i := range c.Within.Of[a] {
					share += c.Within.Share[i] * p[m.Start[i]+j]
				}
				v += c.Count[c.Matrix.Start[a]+j] * math.Log(share)
			}
		}
		return v
	}
	like(t, "log likelihood", f.LogLike, slow(f.Coef), 1e-10)
	like(t, "null", f.Null, slow([]float64{0, 0}), 1e-10)
	for a := range f.Coef {
		for _, h := range []float64{-1e-3, 1e-3} {
			other := []float64{f.Coef[0], f.Coef[1]}
			other[a] += h * f.SE[a]
			if fall := f.LogLike - slow(other); !(fall > 0 && fall < 2e-6) {
				t.Errorf("%s: %v of an error away the likelihood is %v lower", f.Names[a], h, fall)
			}
		}
	}
}

// Everybody of every place at the nearest: no slope fits best, and none is given.
func TestChoiceOfAreasWithoutASummit(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 5))
	m := grid(r, 80, 4, 100)
	people := make([]float64, m.Places)
	for i := range people {
		people[i] = 1
	}
	places := chosen(t, r, m, []access.Term{access.Minutes()}, []float64{-1e6}, func(int) int { return 10 })
	f, err := gathered(t, places, 5, people).Fit()
	if err != nil || f.Unbounded == nil || !math.IsNaN(f.Coef[0]) || !math.IsNaN(f.LogLike) {
		t.Errorf("%+v, %v", f, err)
	}
}
