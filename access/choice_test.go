package access_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo/travel"
)

// grid is a matrix of all pairs between random origins and sites in a square of so
// many minutes.
func grid(r *rand.Rand, origins, sites int, minutes float64) *travel.Matrix {
	at := make([][2]float64, sites)
	for j := range at {
		at[j] = [2]float64{r.Float64() * minutes, r.Float64() * minutes}
	}
	m := &travel.Matrix{Places: origins, Sites: sites, Start: []int{0}}
	for range origins {
		x, y := r.Float64()*minutes, r.Float64()*minutes
		for j := range at {
			m.Site = append(m.Site, int32(j))
			m.Time = append(m.Time, travel.FromMinutes(2+math.Hypot(x-at[j][0], y-at[j][1])))
		}
		m.Start = append(m.Start, len(m.Site))
	}
	return m
}

// size is a term that is the same from everywhere.
func size(of []float64) access.Term {
	return access.Term{Name: "size", Of: func(_, j int, _ travel.Seconds) float64 { return of[j] }}
}

// border is crossed between origins and sites of other parity.
func border() access.Term {
	return access.Term{Name: "border", Of: func(i, j int, _ travel.Seconds) float64 { return float64((i + j) % 2) }}
}

// chosen lets n people of each origin choose by coefficients.
func chosen(t testing.TB, r *rand.Rand, m *travel.Matrix, terms []access.Term, beta []float64, n func(i int) int) *access.Choices {
	t.Helper()
	c, err := access.NewChoices(m, nil, terms)
	if err != nil {
		t.Fatal(err)
	}
	share := c.Shares(beta)
	for i := range m.Places {
		for range n(i) {
			u, leg := r.Float64(), m.Start[i]
			for ; leg < m.Start[i+1]-1 && u >= share[leg]; leg++ {
				u -= share[leg]
			}
			c.Count[leg]++
		}
	}
	return c
}

// slowly is Newton's method as it stands in a textbook: loops, the normal
// equations by elimination, no scaling, no parallel sums; the first steps are
// halved, so that none goes too far.
func slowly(c *access.Choices) (beta, se, robust []float64, like float64) {
	k := len(c.Names)
	beta = make([]float64, k)
	var info, meat [][]float64
	for n := range 60 {
		slope := make([]float64, k)
		info, meat, like = square(k), square(k), 0
		for i := range c.Matrix.Places {
			lo, hi := c.Matrix.Start[i], c.Matrix.Start[i+1]
			score := make([]float64, k)
			var total, people float64
			p := make([]float64, hi-lo)
			for leg := lo; leg < hi; leg++ {
				v := 0.0
				for a := range k {
					v += beta[a] * c.X[leg*k+a]
				}
				p[leg-lo] = math.Exp(v)
				total += p[leg-lo]
				people += c.Count[leg]
			}
			if people == 0 {
				continue
			}
			mean := make([]float64, k)
			for leg := lo; leg < hi; leg++ {
				p[leg-lo] /= total
				for a := range k {
					mean[a] += p[leg-lo] * c.X[leg*k+a]
				}
			}
			for leg := lo; leg < hi; leg++ {
				if c.Count[leg] > 0 {
					like += c.Count[leg] * math.Log(p[leg-lo])
				}
				for a := range k {
					d := c.X[leg*k+a] - mean[a]
					score[a] += c.Count[leg] * d
					for b := range k {
						info[a][b] += people * p[leg-lo] * d * (c.X[leg*k+b] - mean[b])
					}
				}
			}
			for a := range k {
				slope[a] += score[a]
				for b := range k {
					meat[a][b] += score[a] * score[b]
				}
			}
		}
		inverse := inverted(info)
		for a := range k {
			for b := range k {
				step := inverse[a][b] * slope[b]
				if n < 20 {
					step /= 2
				}
				beta[a] += step
			}
		}
	}
	inverse := inverted(info)
	for a := range k {
		v := 0.0
		for b := range k {
			for d := range k {
				v += inverse[a][b] * meat[b][d] * inverse[d][a]
			}
		}
		se, robust = append(se, math.Sqrt(inverse[a][a])), append(robust, math.Sqrt(v))
	}
	return beta, se, robust, like
}

func square(k int) [][]float64 {
	out := make([][]float64, k)
	for a := range out {
		out[a] = make([]float64, k)
	}
	return out
}

// inverted is a matrix's inverse by Gauss and Jordan, with pivots.
func inverted(m [][]float64) [][]float64 {
	k := len(m)
	w := make([][]float64, k)
	for a := range w {
		w[a] = append(slices.Clone(m[a]), make([]float64, k)...)
		w[a][k+a] = 1
	}
	for a := range k {
		pivot := a
		for b := a; b < k; b++ {
			if math.Abs(w[b][a]) > math.Abs(w[pivot][a]) {
				pivot = b
			}
		}
		w[a], w[pivot] = w[pivot], w[a]
		for b := range k {
			if b == a {
				continue
			}
			f := w[b][a] / w[a][a]
			for d := range w[b] {
				w[b][d] -= f * w[a][d]
			}
		}
		for d, p := 0, w[a][a]; d < 2*k; d++ {
			w[a][d] /= p
		}
	}
	for a := range w {
		w[a] = w[a][k:]
	}
	return w
}

// equalsSlow holds a fit to the slow one.
func equalsSlow(t *testing.T, name string, c *access.Choices) {
	t.Helper()
	f, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	beta, se, robust, top := slowly(c)
	correct := math.Sqrt(float64(f.Clusters) / float64(f.Clusters-1))
	for a := range beta {
		like(t, name+": coefficient of "+c.Names[a], f.Coef[a], beta[a], 1e-8)
		like(t, name+": error of "+c.Names[a], f.SE[a], se[a], 1e-8)
		like(t, name+": robust error of "+c.Names[a], f.Robust[a], correct*robust[a], 1e-8)
	}
	like(t, name+": log likelihood", f.LogLike, top, 1e-10)
	like(t, name+": McFadden", f.McFadden, 1-top/f.Null, 1e-10)
}

func TestChoiceEqualsThePlainMaximum(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 1))
	for trial := range 6 {
		m := grid(r, 40+r.IntN(60), 4+r.IntN(12), 100)
		attraction := make([]float64, m.Sites)
		for j := range attraction {
			attraction[j] = r.Float64() * 2
		}
		c := chosen(t, r, m, []access.Term{access.Minutes(), access.LogMinutes(), border(), size(attraction)},
			[]float64{-0.01, -1.2, -0.7, 0.5}, func(i int) int { return i % 30 })
		equalsSlow(t, fmt.Sprint("trial ", trial), c)
	}
}

// The same on real matrices of the shared cases, with people who choose.
func TestChoiceOnRealMatrices(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 2))
	terms := []access.Term{access.Minutes(), access.LogMinutes(), border()}
	beta := []float64{-0.02, -1, -0.5}
	wide, supply := read(t, shared(t, "tarrant", "minutes.csv")), read(t, shared(t, "tarrant", "candidates.csv"))
	m := &travel.Matrix{Sites: supply.Len(), Places: wide.Len(), Start: []int{0}}
	for i := range wide.Len() {
		for j := range supply.Len() {
			m.Site, m.Time = append(m.Site, int32(j)), append(m.Time, travel.FromMinutes(numbers(t, wide, strconv.Itoa(j+1))[i]))
		}
		m.Start = append(m.Start, len(m.Site))
	}
	equalsSlow(t, "tarrant", chosen(t, r, m, terms, beta, func(i int) int { return i % 40 }))
	if testing.Short() {
		return
	}
	land := read(t, shared(t, "belo-horizonte", "land_use.csv"))
	ids := texts(t, land, "id")
	var schools []string
	for j, n := range numbers(t, land, "schools") {
		if n > 0 && len(schools) < 60 {
			schools = append(schools, ids[j])
		}
	}
	real := collect(t, read(t, shared(t, "belo-horizonte", "travel_matrix.csv.gz")), "from_id", "to_id", "travel_time", ids, schools, travel.Unreached)
	equalsSlow(t, "belo horizonte", chosen(t, r, real, terms, beta, func(i int) int { return i % 15 }))
}

// withhold hides the numbers of a range.
func withhold(c *access.Choices, lo, hi float64) *access.Choices {
	out := *c
	out.Count, out.Withheld = slices.Clone(c.Count), [2]float64{lo, hi}
	for leg, n := range out.Count {
		if lo <= n && n <= hi {
			out.Count[leg] = math.NaN()
		}
	}
	return &out
}

// patiently fits withheld numbers by filling them in with what is expected of them,
// fitting, and filling in anew, until nothing moves (EM).
func patiently(c *access.Choices) ([]float64, *access.Choices) {
	filled := *c
	filled.Count = slices.Clone(c.Count)
	for leg, n := range filled.Count {
		if math.IsNaN(n) {
			filled.Count[leg] = (c.Withheld[0] + c.Withheld[1]) / 2
		}
	}
	var beta []float64
	for range 400 {
		beta, _, _, _ = slowly(&filled)
		share := filled.Shares(beta)
		for i := range c.Matrix.Places {
			var all float64
			for leg := c.Matrix.Start[i]; leg < c.Matrix.Start[i+1]; leg++ {
				all += filled.Count[leg]
			}
			for leg := c.Matrix.Start[i]; leg < c.Matrix.Start[i+1]; leg++ {
				if math.IsNaN(c.Count[leg]) {
					var sum, first float64
					for n, p := 1.0, 1.0; n <= c.Withheld[1]; n++ {
						if p *= all * share[leg] / n; n >= c.Withheld[0] {
							sum += p
							first += n * p
						}
					}
					filled.Count[leg] = first / sum
				}
			}
		}
	}
	return beta, &filled
}

// Withheld numbers: the fit is that of patience, its errors are those of the curvature
// of its own likelihood, and its intervals hold what made the flows, where leaving the
// pairs out holds nothing.
func TestChoiceWithWithheldNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 4))
	terms := []access.Term{access.Minutes(), border()}
	whole := chosen(t, r, grid(r, 40, 6, 90), terms, []float64{-0.05, -0.6}, func(i int) int { return 5 + i })
	c := withhold(whole, 1, 4)
	f, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	beta, filled := patiently(c)
	for a := range beta {
		like(t, "coefficient of "+c.Names[a], f.Coef[a], beta[a], 1e-7)
	}
	all, err := filled.Fit()
	if err != nil {
		t.Fatal(err)
	}
	like(t, "people", f.People, all.People, 1e-6)
	for a := range beta { // what is not known makes errors larger
		if !(f.SE[a] > all.SE[a]) {
			t.Errorf("%s: error %v, %v if all were known", c.Names[a], f.SE[a], all.SE[a])
		}
	}
	// One term alone: its error by the curvature of the likelihood.
	one := withhold(chosen(t, r, grid(r, 40, 6, 90), terms[:1], []float64{-0.05}, func(i int) int { return 5 + i }), 1, 4)
	if f, err = one.Fit(); err != nil {
		t.Fatal(err)
	}
	const h = 1e-4
	at := func(slope float64) float64 {
		v, err := one.LogLike([]float64{slope})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	like(t, "likelihood", f.LogLike, at(f.Coef[0]), 1e-12)
	like(t, "error by curvature", f.SE[0], 1/math.Sqrt(-(at(f.Coef[0]+h)-2*f.LogLike+at(f.Coef[0]-h))/(h*h)), 1e-4)
	// Nothing withheld in a table that withholds is as if it did not.
	plain, err := whole.Fit()
	if err != nil {
		t.Fatal(err)
	}
	if open, err := withhold(whole, 1e3, 1e3).Fit(); err != nil || !slices.Equal(open.Coef, plain.Coef) || open.LogLike != plain.LogLike {
		t.Errorf("%+v, %v", open, err)
	}
	covered, seeds, low, high := 0.0, 1000, 0.93, 0.97
	if testing.Short() { // 100 of them cover within three of their standard errors
		seeds, low, high = 100, 0.88, 1
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 44))
		c := withhold(chosen(t, r, grid(r, 120, 8, 90), terms[:1], []float64{-0.06}, func(int) int { return 30 }), 1, 4)
		f, err := c.Fit()
		if err != nil || f.Unbounded != nil {
			t.Fatal(err, f)
		}
		if f.Interval[0][0] <= -0.06 && -0.06 <= f.Interval[0][1] {
			covered++
		}
	}
	if share := covered / float64(seeds); share < low || share > high {
		t.Errorf("the interval covers the truth in %v of %d tables", share, seeds)
	} else {
		t.Logf("covered %v", share)
	}
	c.Withheld = [2]float64{}
	if _, err := c.Fit(); err == nil || !strings.Contains(err.Error(), "within which range") {
		t.Error(err)
	}
	c.Withheld = [2]float64{4, 1}
	if _, err := c.Fit(); err == nil || !strings.Contains(err.Error(), "whole numbers") {
		t.Error(err)
	}
}

// What is expected of numbers that are not withheld is what they are on the mean.
func TestExpectedWhereNumbersAreWithheld(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 6))
	beta := []float64{-0.05}
	var seen, expected float64
	for range 60 {
		c := withhold(chosen(t, r, grid(r, 100, 8, 90), []access.Term{access.Minutes()}, beta, func(int) int { return 40 }), 1, 4)
		for leg, e := range c.Expected(beta) {
			if n := c.Count[leg]; !math.IsNaN(n) {
				seen += n
				expected += e
			} else if !math.IsNaN(e) {
				t.Fatal("a withheld pair has an expectation to compare with")
			}
		}
	}
	if math.Abs(expected/seen-1) > 0.01 {
		t.Errorf("%v seen, %v expected", seen, expected)
	}
}

// R's conditional logit: each group who went from an origin to a site is a stratum
// with all its alternatives, weighed by their number.
func TestChoiceAgainstClogit(t *testing.T) {
	listed(t, "conditional logit")
	r := rand.New(rand.NewPCG(17, 3))
	m := grid(r, 30, 7, 90)
	c := chosen(t, r, m, []access.Term{access.Minutes(), access.LogMinutes(), border()}, []float64{-0.02, -0.8, -0.6}, func(int) int { return 25 })
	var stratum, origin, event, weight []float64
	x := make([][]float64, len(c.Names))
	group := 0.0
	for i := range m.Places {
		for went := m.Start[i]; went < m.Start[i+1]; went++ {
			if c.Count[went] == 0 {
				continue
			}
			group++
			for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
				hit := 0.0
				if leg == went {
					hit = 1
				}
				stratum, origin, event, weight = append(stratum, group), append(origin, float64(i)), append(event, hit), append(weight, c.Count[went])
				for a := range x {
					x[a] = append(x[a], c.X[leg*len(x)+a])
				}
			}
		}
	}
	said := inR(t, []string{"survival"}, fmt.Sprintf(`library(survival)
d <- data.frame(s = %s, o = %s, y = %s, w = %s, a = %s, b = %s, e = %s)
f <- clogit(y ~ a + b + e + strata(s) + cluster(o), d, weights = w, method = "breslow", robust = TRUE, control = coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 60))
say('coef', coef(f))
say('robust', sqrt(diag(f$var)))
say('se', sqrt(diag(f$naive.var)))
say('like', f$loglik)
`, vector(stratum), vector(origin), vector(event), vector(weight), vector(x[0]), vector(x[1]), vector(x[2])))
	f, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	correct := math.Sqrt(float64(f.Clusters-1) / float64(f.Clusters))
	for a, name := range f.Names {
		like(t, "coefficient of "+name, f.Coef[a], said["coef"][a], 1e-8)
		like(t, "error of "+name, f.SE[a], said["se"][a], 1e-8)
		like(t, "robust error of "+name, f.Robust[a]*correct, said["robust"][a], 1e-8)
	}
	// R's likelihood counts each stratum's weight on either side: it is the sum of
	// n·log p less what Σ n·log n adds, the same for the model and the null.
	like(t, "gain of the likelihood", f.LogLike-f.Null, said["like"][1]-said["like"][0], 1e-9)
}

// Who chooses by known coefficients gives them back: the 95 % intervals cover them
// in 93 to 97 of 100 tables, of both kinds.
func TestChoiceRecoversWhatMadeTheFlows(t *testing.T) {
	seeds, low, high := 1000, 0.93, 0.97
	if testing.Short() { // 150 of them cover within three of their standard errors
		seeds, low, high = 150, 0.89, 1
	}
	beta := []float64{-0.02, -0.9, -0.5}
	terms := []access.Term{access.Minutes(), access.LogMinutes(), border()}
	var robust, plain [3]float64
	var mean [3]float64
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 1717))
		c := chosen(t, r, grid(r, 150, 8, 90), terms, beta, func(i int) int { return 1 + i%12 })
		f, err := c.Fit()
		if err != nil || f.Unbounded != nil {
			t.Fatal(seed, err, f)
		}
		for a, b := range beta {
			if f.Interval[a][0] <= b && b <= f.Interval[a][1] {
				robust[a]++
			}
			if math.Abs(f.Coef[a]-b) <= 1.959963984540054*f.SE[a] {
				plain[a]++
			}
			mean[a] += f.Coef[a] / float64(seeds)
		}
	}
	for a, name := range []string{"minutes", "log_minutes", "border"} {
		for kind, n := range map[string]float64{"robust": robust[a], "plain": plain[a]} {
			if share := n / float64(seeds); share < low || share > high {
				t.Errorf("%s: the %s interval covers the truth in %v of %d tables", name, kind, share, seeds)
			}
		}
		t.Logf("%s: mean %.4f of %v, covered %.3f robust, %.3f plain", name, mean[a], beta[a], robust[a]/float64(seeds), plain[a]/float64(seeds))
	}
}

// Where people of an origin choose alike, only the robust interval holds.
func TestChoiceRobustWherePeopleGoTogether(t *testing.T) {
	seeds := 300
	if testing.Short() {
		seeds = 80
	}
	robust, plain := 0, 0
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 99))
		c := chosen(t, r, grid(r, 150, 6, 90), []access.Term{access.Minutes()}, []float64{-0.05}, func(int) int { return 1 })
		for leg := range c.Count {
			c.Count[leg] *= 8 // families
		}
		f, err := c.Fit()
		if err != nil {
			t.Fatal(err)
		}
		if f.Interval[0][0] <= -0.05 && -0.05 <= f.Interval[0][1] {
			robust++
		}
		if math.Abs(f.Coef[0]+0.05) <= 1.96*f.SE[0] {
			plain++
		}
	}
	if robust < seeds*88/100 || plain > seeds*70/100 {
		t.Errorf("of %d tables the robust interval covers the truth in %d, the plain in %d", seeds, robust, plain)
	}
}

// The steeper the slope, the more go to the nearest: in the limit everybody.
func TestSteepChoiceIsNearest(t *testing.T) {
	m := grid(rand.New(rand.NewPCG(3, 3)), 200, 9, 120)
	c, err := access.NewChoices(m, nil, []access.Term{access.Minutes()})
	if err != nil {
		t.Fatal(err)
	}
	for _, slope := range []float64{-1e6, -1e12, -1e300} {
		share := c.Shares([]float64{slope})
		for i := range m.Places {
			js, times := m.Row(i)
			nearest := 0
			for k := range js {
				if times[k] < times[nearest] {
					nearest = k
				}
			}
			for k := range js {
				want := 0.0
				if k == nearest {
					want = 1
				}
				if share[m.Start[i]+k] != want {
					t.Fatalf("slope %v: origin %d goes to site %d by %v", slope, i, k, share[m.Start[i]+k])
				}
			}
		}
	}
	for i, even := range c.Shares([]float64{0}) {
		if even != 1/9.0 {
			t.Fatalf("without a slope pair %d has %v", i, even)
		}
	}
}

// Everybody at the nearest has no slope that fits best: it is said, and no number
// given. One person who goes elsewhere makes one.
func TestChoiceWithoutASummit(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	m := grid(r, 60, 5, 60)
	nearest := chosen(t, r, m, []access.Term{access.Minutes(), border()}, []float64{-1e6, 0}, func(int) int { return 5 })
	f, err := nearest.Fit()
	if err != nil || !slices.Contains(f.Unbounded, "minutes") || !math.IsNaN(f.Coef[0]) || !math.IsNaN(f.Interval[1][0]) || !math.IsNaN(f.LogLike) {
		t.Errorf("everybody at the nearest: %+v, %v", f, err)
	}
	// Nobody crosses a border, but times are weighed: only the border has no end.
	home := chosen(t, r, m, []access.Term{access.Minutes(), border()}, []float64{-0.05, -1e6}, func(int) int { return 5 })
	if f, err := home.Fit(); err != nil || !slices.Equal(f.Unbounded, []string{"border"}) {
		t.Errorf("nobody crosses: %+v, %v", f, err)
	}
	// Units and order change nothing of that.
	for _, unit := range []float64{1e-6, 1e6} {
		scaled, err := access.NewChoices(m, nearest.Count, []access.Term{border(), {Name: "time", Of: func(_, _ int, s travel.Seconds) float64 { return unit * float64(s) }}})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := scaled.Fit(); err != nil || !slices.Contains(f.Unbounded, "time") {
			t.Errorf("in units of %v: %+v, %v", unit, f, err)
		}
	}
	// One person in 300 who passes by the nearest.
	for leg := m.Start[7]; leg < m.Start[8]; leg++ {
		if nearest.Count[leg] == 0 {
			nearest.Count[leg]++
			break
		}
	}
	one, err := access.NewChoices(m, nearest.Count, []access.Term{access.Minutes()})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := one.Fit(); err != nil || f.Unbounded != nil || !(f.Coef[0] < 0) {
		t.Errorf("one elsewhere: %+v, %v", f, err)
	}
}

// Two origins, of which one has both sites equally near and tells nothing: the other
// is fitted exactly, and its score of 0 is no robust error of 0.
func TestChoiceWithFewClusters(t *testing.T) {
	m := &travel.Matrix{Places: 2, Sites: 2, Start: []int{0, 2, 4}, Site: []int32{0, 1, 0, 1}}
	for _, min := range []float64{30, 60, 60, 60} {
		m.Time = append(m.Time, travel.FromMinutes(min))
	}
	c, err := access.NewChoices(m, []float64{60, 30, 20, 20}, []access.Term{access.Minutes()})
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	like(t, "slope", f.Coef[0], math.Log(0.5)/30, 1e-12)
	like(t, "error", f.SE[0], 1/math.Sqrt(90*2/9.0)/30, 1e-9)
	if f.Clusters != 1 || f.People != 90 || !math.IsNaN(f.Robust[0]) || !math.IsNaN(f.Cov[0][0]) {
		t.Errorf("%+v", f)
	}
	like(t, "lower end", f.Interval[0][0], f.Coef[0]-1.959963984540054*f.SE[0], 1e-12)
}

// The quantiles of Student's distribution, as printed in tables.
func TestChoiceIntervalsByStudent(t *testing.T) {
	for origins, quantile := range map[int]float64{11: 2.22814, 21: 2.08596, 41: 2.02108, 121: 1.97993} {
		r := rand.New(rand.NewPCG(uint64(origins), 7))
		f, err := chosen(t, r, grid(r, origins, 5, 90), []access.Term{access.Minutes()}, []float64{-0.04}, func(int) int { return 30 }).Fit()
		if err != nil || f.Clusters != origins {
			t.Fatal(f, err)
		}
		like(t, "quantile", (f.Interval[0][1]-f.Coef[0])/f.Robust[0], quantile, 1e-5)
	}
}

func TestChoiceRefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	m := grid(r, 50, 4, 60)
	count := chosen(t, r, m, []access.Term{access.Minutes()}, []float64{-0.05}, func(int) int { return 4 }).Count
	same := access.Term{Name: "income", Of: func(i, _ int, _ travel.Seconds) float64 { return 0.1 + float64(i)/3 }}
	hours := access.Term{Name: "hours", Of: func(_, _ int, s travel.Seconds) float64 { return s.Minutes()/60 + 5 }}
	one := slices.Repeat([]float64{0}, m.Len())
	one[0] = 9
	for want, c := range map[string]struct {
		count []float64
		terms []access.Term
	}{
		"income is the same for all sites":      {count, []access.Term{access.Minutes(), same}},
		"hours is a sum of the other terms":     {count, []access.Term{access.Minutes(), hours}},
		"9 people seen to choose":               {one, []access.Term{access.Minutes()}},
		"needs a term":                          {count, nil},
		"pair 1: -1 people":                     {append([]float64{-1}, count[1:]...), []access.Term{access.Minutes()}},
		"log is -Inf between origin 1 and site": {count, []access.Term{{Name: "log", Of: func(_, j int, _ travel.Seconds) float64 { return math.Log(float64(j)) }}}},
	} {
		choices, err := access.NewChoices(m, c.count, c.terms)
		if err == nil {
			_, err = choices.Fit()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// The same bits on one core and on four.
func TestChoiceToTheBit(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	c := chosen(t, r, grid(r, 20_000, 6, 200), []access.Term{access.Minutes(), access.LogMinutes()}, []float64{-0.01, -1}, func(i int) int { return i % 3 })
	var fits []string
	for _, cores := range []int{1, 4} {
		before := runtime.GOMAXPROCS(cores)
		f, err := c.Fit()
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		fits = append(fits, fmt.Sprintf("%x %x %x %x", f.Coef, f.SE, f.Robust, f.LogLike))
	}
	if fits[0] != fits[1] {
		t.Errorf("one core and four differ:\n%s\n%s", fits[0], fits[1])
	}
}

// A clustered error is that of the table whose origins are joined.
func TestChoiceClusters(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	m := grid(r, 90, 6, 90)
	c := chosen(t, r, m, []access.Term{access.Minutes()}, []float64{-0.04}, func(int) int { return 6 })
	alone, err := c.Fit()
	if err != nil {
		t.Fatal(err)
	}
	c.Cluster = make([]int, m.Places)
	for i := range c.Cluster {
		c.Cluster[i] = -i // each by itself, under another name
	}
	named, err := c.Fit()
	if err != nil || named.Robust[0] != alone.Robust[0] || named.Clusters != 90 {
		t.Errorf("%+v, %v", named, err)
	}
	for i := range c.Cluster {
		c.Cluster[i] = i % 30
	}
	joined, err := c.Fit()
	if err != nil || joined.Clusters != 30 || joined.Coef[0] != alone.Coef[0] || joined.Robust[0] == alone.Robust[0] {
		t.Errorf("%+v, %v", joined, err)
	}
	clear(c.Cluster)
	if all, err := c.Fit(); err != nil || !math.IsNaN(all.Robust[0]) || math.IsNaN(all.SE[0]) {
		t.Errorf("one cluster has %+v, %v", all, err)
	}
}

// What the model learns without a site foretells it where the model is right, and
// misses a site that draws by something the model does not know.
func TestChoiceHeldOutBySite(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	m := grid(r, 400, 8, 120)
	draw := make([]float64, m.Sites)
	draw[3] = 2 // famous
	c := chosen(t, r, m, []access.Term{access.Minutes(), size(draw)}, []float64{-0.06, 1}, func(int) int { return 20 })
	blind, err := access.NewChoices(m, c.Count, []access.Term{access.Minutes()})
	if err != nil {
		t.Fatal(err)
	}
	h, err := blind.HoldOut(0)
	if err != nil {
		t.Fatal(err)
	}
	for j := range h.Observed {
		ratio := h.Observed[j] / h.Expected[j]
		if famous := ratio > 1.5; famous != (j == 3) {
			t.Errorf("site %d: %v seen, %v foretold", j, h.Observed[j], h.Expected[j])
		}
	}
	if !(h.LogLike > h.Null) || len(h.Coef) != 8 || h.None != 0 {
		t.Errorf("%+v", h)
	}
	// A fold by hand: the fit to what is left when a site is cut out of the table.
	var cut access.Choices
	cut.Matrix, cut.Names = &travel.Matrix{Places: m.Places, Sites: m.Sites, Start: []int{0}}, blind.Names
	for i := range m.Places {
		for leg := m.Start[i]; leg < m.Start[i+1]; leg++ {
			if m.Site[leg] != 5 {
				cut.Matrix.Site, cut.Matrix.Time = append(cut.Matrix.Site, m.Site[leg]), append(cut.Matrix.Time, m.Time[leg])
				cut.Count, cut.X = append(cut.Count, c.Count[leg]), append(cut.X, blind.X[leg])
			}
		}
		cut.Matrix.Start = append(cut.Matrix.Start, len(cut.Matrix.Site))
	}
	f, err := cut.Fit()
	if err != nil {
		t.Fatal(err)
	}
	like(t, "without site 5", h.Coef[5][0], f.Coef[0], 1e-8)
	var want float64
	for leg, n := range blind.Expected(f.Coef) {
		if m.Site[leg] == 5 {
			want += n
		}
	}
	like(t, "foretold of site 5", h.Expected[5], want, 1e-8)
	if _, err := blind.HoldOut(1); err == nil {
		t.Error("one fold leaves nothing to learn from")
	}
}

// BenchmarkChoice fits 100,000 origins × 150 sites.
func BenchmarkChoice(b *testing.B) {
	for _, terms := range [][]access.Term{{access.Minutes(), access.LogMinutes()}, {access.Minutes(), access.LogMinutes(), border()}} {
		r := rand.New(rand.NewPCG(1, 17))
		c := chosen(b, r, grid(r, 100_000, 150, 400), terms, []float64{-0.02, -1, -0.5}[:len(terms)], func(i int) int { return 1 + i%5 })
		b.Run(fmt.Sprintf("%d-terms", len(terms)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f, err := c.Fit()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(f.Steps), "steps")
			}
		})
	}
}
