package access_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

func TestWeightedByHand(t *testing.T) {
	nan := math.NaN()
	w := access.NewWeighted([]float64{30, 10, nan, 20, 99}, []float64{1, 2, 5, 1, 0})
	s := w.Stats()
	if w.Total() != 4 || s.Mean != 17.5 || s.Median != 10 || s.P90 != 30 || s.P95 != 30 {
		t.Errorf("total %v, %+v", w.Total(), s)
	}
	// The quantile is the smallest value whose cumulative weight reaches the share.
	for q, want := range map[float64]float64{0.5: 10, 0.5000001: 20, 0.75: 20, 0.76: 30, 1: 30} {
		if got := w.Quantile(q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if empty := access.NewWeighted([]float64{nan}, []float64{1}).Stats(); !math.IsNaN(empty.Mean) || !math.IsNaN(empty.Median) {
		t.Errorf("of nothing: %+v", empty)
	}
	if g := access.Groups([]float64{1, 2, 3, 4, nan}, []float64{1, 1, 1, 1, 1}, 2); !slices.Equal(g, []int{1, 1, 2, 2, 0}) {
		t.Errorf("halves %v", g)
	}
	if g := access.Groups([]float64{7, 7, 7}, []float64{1, 1, 1}, 5); g[0] != g[1] || g[1] != g[2] {
		t.Errorf("equal ranks are parted: %v", g)
	}
}

func TestBandsByHand(t *testing.T) {
	b := access.Bands([]float64{30, 30.0001, math.NaN(), 120}, []float64{10, 20, 30, 40}, []float64{30, 120})
	if b[0].People != 10 || b[1].People != 70 || b[1].Share != 0.7 {
		t.Errorf("%+v: a time at the limit is within, and the share is of all people", b)
	}
}

func TestDensity(t *testing.T) {
	if v, err := access.PerPeople(10, 8_800_000, 10_000_000); err != nil || math.Round(v*10)/10 != 11.4 {
		t.Errorf("10 centers for 8.8 million are %v, %v; want 11.4", v, err)
	}
	for _, people := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if v, err := access.PerPeople(1, people, 1e7); err == nil {
			t.Errorf("a density of %v people is %v", people, v)
		}
	}
}

func TestCampuses(t *testing.T) {
	km := 1 / 111.2 // degrees of latitude
	at := []orb.Point{{10, 45}, {10, 45 + 0.9*km}, {10, 45 + 1.8*km}, {10, 45 + 4*km}, {10, 45}, {10, 45}}
	hospital := []bool{true, true, true, true, false, false}
	// A chain is one campus; city points are never merged, not even at one point.
	if got := access.Campuses(at, hospital); !slices.Equal(got, []int{0, 0, 0, 3, 4, 5}) {
		t.Errorf("campuses %v", got)
	}
	var pairs int
	access.Pairs(at[:4], 3000, func(a, b int, d geo.Metres) {
		pairs++
		if a >= b || d > 3000 {
			t.Errorf("pair %d, %d at %v", a, b, d)
		}
	})
	if pairs != 4 { // 0-1, 1-2, 0-2, 2-3
		t.Errorf("%d pairs within 3 km", pairs)
	}
}

func TestGapOf(t *testing.T) {
	for _, c := range []struct {
		centers  int
		listed   string
		complete bool
		want     access.Gap
	}{
		{1, "high", false, access.HasCenter}, {0, "high", false, access.NoCenter}, {0, "medium-high", false, access.NoCenter},
		{0, "low", false, access.Doubtful}, {0, "not a gap (presumed)", false, access.Stated}, {0, "Not trustworthy", false, access.Incomplete},
		{0, "", false, access.Unknown}, {0, "", true, access.NoCenter},
	} {
		if got, ok := access.GapOf(c.centers, c.listed, c.complete); !ok || got != c.want {
			t.Errorf("%d centers, %q, %v: %q, want %q", c.centers, c.listed, c.complete, got, c.want)
		}
	}
	if _, ok := access.GapOf(0, "certainly", false); ok {
		t.Error("an unknown word is taken for a status")
	}
	for _, w := range access.GapWords() {
		if _, ok := access.GapOf(0, w, false); !ok {
			t.Errorf("%q is listed as accepted and is not", w)
		}
	}
}

// The table of the evidence: relative effects at 1, 2, 3, 4 and 6 hours.
func TestPenaltyByHand(t *testing.T) {
	want := map[access.Family][]float64{
		access.Exponential: {.868, .720, .596, .494, .340},
		access.Gaussian:    {.949, .799, .600, .402, .128},
		access.Logistic:    {.953, .826, .606, .352, .067},
	}
	for f, values := range want {
		p, err := access.NewPenalty(access.Odds, f, 0.60, access.Continue)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range []float64{1, 2, 3, 4, 6} {
			if got := p.Relative(travel.Seconds(h * 3600)); !near(got, values[i], 0.0011) {
				t.Errorf("%s at %v h: %.4f, want %v", f, h, got, values[i])
			}
		}
	}
	// An odds ratio of 0.60 means a relative risk of .632, .652, .714 at a reach
	// of .125, .20, .40: as reach rises the same odds cost less.
	p, _ := access.NewPenalty(access.Odds, access.Step, 0.60, access.Hold)
	for p0, rr := range map[float64]float64{0.125: .632, 0.20: .652, 0.40: .714} {
		if got := p.ImpliedRisk(p0); !near(got, rr, 0.0006) {
			t.Errorf("implied risk at %v is %.4f, want %v", p0, got, rr)
		}
	}
	hold, _ := access.NewPenalty(access.Odds, access.Exponential, 0.60, access.Hold)
	recover, _ := access.NewPenalty(access.Odds, access.Exponential, 0.60, access.Recover)
	if a, b := hold.Relative(5*3600), hold.Relative(4*3600); a != b {
		t.Errorf("held beyond four hours: %v, at four hours %v", a, b)
	}
	if recover.Relative(4*3600) >= 1 || recover.Relative(4*3600+1) != 1 {
		t.Error("recover starts beyond four hours")
	}
	for _, bad := range []travel.Seconds{-1, travel.Seconds(math.NaN()), travel.Unreached} {
		if !math.IsNaN(p.Relative(bad)) {
			t.Errorf("a time of %v has an effect of %v", bad, p.Relative(bad))
		}
	}
}

// For every family, form and effect, the uniform mean of the relative effect
// over two to four hours is the effect, and over the first half hour 1.
func TestPenaltyMeans(t *testing.T) {
	mean := func(p *access.Penalty, a, b float64) float64 {
		const n = 20_000
		var s float64
		for k := range n {
			s += p.Relative(travel.Seconds(3600 * (a + (b-a)*(float64(k)+0.5)/n)))
		}
		return s / n
	}
	for _, form := range access.Forms {
		for _, f := range access.Families {
			for _, b := range access.Beyonds {
				for _, effect := range []float64{0.45, 0.60, 0.80, 0.95} {
					p, err := access.NewPenalty(form, f, effect, b)
					if err != nil {
						t.Fatal(err)
					}
					if got := mean(p, 2, 4); !near(got, effect, 1e-4) {
						t.Errorf("%s %s %s: mean effect over 2-4 h %v, want %v", form, f, b, got, effect)
					}
					if got := mean(p, 0, 0.5); !near(got, 1, 1e-4) {
						t.Errorf("%s %s %s: mean effect under 30 min %v", form, f, b, got)
					}
				}
			}
		}
	}
	for _, effect := range []float64{0, -1, 1.2, math.NaN()} {
		if _, err := access.NewPenalty(access.Odds, access.Exponential, effect, access.Hold); err == nil {
			t.Errorf("an effect of %v is accepted", effect)
		}
	}
}

// Expected equals observed to 1e-6, and under hold and continue nobody's
// likelihood falls as the time falls.
func TestPenaltyLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		form, family := access.Forms[r.IntN(2)], access.Families[r.IntN(4)]
		beyond := access.Beyonds[r.IntN(2)] // recover is outside the law
		p, err := access.NewPenalty(form, family, 0.45+0.5*r.Float64(), beyond)
		if err != nil {
			t.Fatal(err)
		}
		n := 1 + r.IntN(400)
		eligible, rel := make([]float64, n), make([]float64, n)
		var all float64
		for i := range eligible {
			eligible[i], rel[i] = r.ExpFloat64(), p.Relative(travel.Seconds(r.ExpFloat64()*7000))
			if r.IntN(9) == 0 {
				rel[i] = math.NaN()
			} else {
				all += eligible[i]
			}
		}
		if all == 0 {
			continue
		}
		want := all * (0.05 + 0.4*r.Float64())
		p0, err := p.Calibrate(eligible, rel, want)
		if err != nil {
			t.Fatal(err)
		}
		var got float64
		for i := range eligible {
			if !math.IsNaN(rel[i]) {
				got += eligible[i] * p.Of(p0, rel[i])
			}
		}
		if !near(got, want, 1e-6*want) {
			t.Fatalf("%s %s: expected %v, observed %v", form, family, got, want)
		}
		last := math.Inf(1)
		for s := 0.0; s < 40_000; s += 97 {
			v := p.Likelihood(p0, travel.Seconds(s))
			if v > last || v < 0 || v > 1 {
				t.Fatalf("%s %s %s: p(%v s) = %v after %v", form, family, beyond, s, v, last)
			}
			last = v
		}
	}
	p, _ := access.NewPenalty(access.Odds, access.Step, 0.6, access.Hold)
	if _, err := p.Calibrate([]float64{1}, []float64{1}, 2); err == nil || !strings.Contains(err.Error(), "fewer") {
		t.Errorf("more treated than eligible: %v", err)
	}
}

// The ceiling of the evidence: with the US shares of people within 0-1, 1-2,
// 2-5 and over 5 hours, removing all distance gains 7 to 8 % under a step.
func TestCeilingOfGeography(t *testing.T) {
	share, hours := []float64{.592, .227, .168, .014}, []float64{0.4, 1.5, 3.2, 6}
	p, _ := access.NewPenalty(access.Odds, access.Step, 0.60, access.Hold)
	rel := make([]float64, len(hours))
	for i, h := range hours {
		rel[i] = p.Relative(travel.Seconds(h * 3600))
	}
	p0, err := p.Calibrate(share, rel, 0.20)
	if err != nil {
		t.Fatal(err)
	}
	if gain := p0/0.20 - 1; gain < 0.065 || gain > 0.085 {
		t.Errorf("the ceiling is %+.1f %%, the evidence has +7 to +8 %%", 100*gain)
	}
}

// matrix is a random sparse one.
func matrix(r *rand.Rand, places, sites int, share float64) *travel.Matrix {
	m := &travel.Matrix{Places: places, Sites: sites, Start: []int{0}}
	for range places {
		for j := range sites {
			if r.Float64() < share {
				m.Site = append(m.Site, int32(j))
				m.Time = append(m.Time, travel.Seconds(60*float64(r.IntN(120))))
			}
		}
		m.Start = append(m.Start, len(m.Site))
	}
	return m
}

func randoms(r *rand.Rand, n, zeroEvery int) []float64 {
	v := make([]float64, n)
	for i := range v {
		if r.IntN(zeroEvery) > 0 {
			v[i] = r.ExpFloat64() * 100
		}
	}
	return v
}

// Supply that anybody reaches is handed out exactly once, and the score equals
// the formula written out.
func TestFCALaws(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		m := matrix(r, 1+r.IntN(60), 1+r.IntN(20), 0.4)
		demand, supply := randoms(r, m.Places, 5), randoms(r, m.Sites, 6)
		c := access.Catchment{Limit: travel.FromMinutes(float64(20 + r.IntN(120)))}
		if r.IntN(2) == 0 {
			c.Decay = access.GaussianDecay(1200)
		}
		got, err := access.FCA(m, demand, supply, c)
		if err != nil {
			t.Fatal(err)
		}
		w := func(i, j int) float64 {
			js, times := m.Row(i)
			for k := range js {
				if int(js[k]) == j && times[k] <= c.Limit {
					if c.Decay != nil {
						return c.Decay(times[k])
					}
					return 1
				}
			}
			return 0
		}
		var handed, reached float64
		for i := range demand {
			var want float64
			for j := range supply {
				var v float64
				for k := range demand {
					v += demand[k] * w(k, j)
				}
				if v > 0 {
					want += supply[j] / v * w(i, j)
				}
			}
			if !near(got.Score[i], want, 1e-12+1e-9*want) {
				t.Fatalf("place %d scores %v, written out %v", i, got.Score[i], want)
			}
			if (got.Score[i] == 0) != (got.Reason[i] != travel.None) {
				t.Fatalf("place %d scores %v with reason %q", i, got.Score[i], got.Reason[i])
			}
			handed += demand[i] * got.Score[i]
		}
		for j, s := range supply {
			if !math.IsNaN(got.Ratio[j]) {
				reached += s
			}
		}
		if !near(handed, reached, 1e-9*(1+reached)) {
			t.Fatalf("handed out %v of %v", handed, reached)
		}
	}
}

// Nobody can do better by going elsewhere, all who can go somewhere go, and
// the order of places and sites does not matter.
func TestRAAMLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 12 {
		m := matrix(r, 2+r.IntN(30), 2+r.IntN(8), 0.7)
		demand, supply := randoms(r, m.Places, 8), randoms(r, m.Sites, 8)
		supply[0], demand[0] = 5, 5
		got, err := access.RAAM(t.Context(), m, demand, supply, 1800, 1e-8, 500)
		if err != nil {
			t.Fatal(err)
		}
		if got.Gap > 1e-8 {
			t.Fatalf("gap %v after %d steps", got.Gap, got.Steps)
		}
		var going, arrived float64
		for i, d := range demand {
			if !math.IsNaN(got.Cost[i]) {
				going += d
			}
		}
		for _, d := range got.Demand {
			arrived += d
		}
		if !near(going, arrived, 1e-9*(1+going)) {
			t.Fatalf("%v go, %v arrive", going, arrived)
		}
		back := &travel.Matrix{Places: m.Places, Sites: m.Sites, Start: []int{0}}
		for i := m.Places - 1; i >= 0; i-- {
			js, times := m.Row(i)
			for k := len(js) - 1; k >= 0; k-- {
				back.Site, back.Time = append(back.Site, int32(m.Sites-1)-js[k]), append(back.Time, times[k])
			}
			back.Start = append(back.Start, len(back.Site))
		}
		d2, s2 := slices.Clone(demand), slices.Clone(supply)
		slices.Reverse(d2)
		slices.Reverse(s2)
		other, err := access.RAAM(t.Context(), back, d2, s2, 1800, 1e-8, 500)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(other.Cost)
		for i := range got.Cost {
			if !near(got.Cost[i], other.Cost[i], 1e-4) && !(math.IsNaN(got.Cost[i]) && math.IsNaN(other.Cost[i])) {
				t.Fatalf("place %d costs %v, in another order %v", i, got.Cost[i], other.Cost[i])
			}
		}
	}
}

func TestInequalityByHand(t *testing.T) {
	one := []float64{1, 1, 1, 1}
	if g, err := access.Gini([]float64{0, 0, 0, 1}, one); err != nil || !near(g, 0.75, 1e-15) {
		t.Errorf("one has all: %v, %v", g, err)
	}
	if g, _ := access.Gini([]float64{3, 3, 3, 3}, one); !near(g, 0, 1e-15) {
		t.Errorf("all have the same: %v", g)
	}
	if _, err := access.Gini([]float64{-1, 2}, one[:2]); err == nil {
		t.Error("a negative value is accepted")
	}
	if _, err := access.Gini([]float64{0, 0}, one[:2]); err == nil {
		t.Error("nothing to share is accepted")
	}
	// Ties in rank: those of one rank share the mean of theirs, so their order
	// does not matter.
	a, err := access.Concentrate([]float64{1, 2, 3, 4}, []float64{1, 1, 2, 2}, one, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := access.Concentrate([]float64{2, 1, 4, 3}, []float64{1, 1, 2, 2}, one, 0, 10)
	if !near(a.Index, 0.2, 1e-15) || a.Index != b.Index {
		t.Errorf("concentration %v and %v, want 0.2", a.Index, b.Index)
	}
	if !near(a.Erreygers, 4*2.5*0.2/10, 1e-15) || !near(a.Wagstaff, 10*2.5*0.2/(7.5*2.5), 1e-15) {
		t.Errorf("corrections %+v", a)
	}
}

// Scale and replication change nothing.
func TestInequalityLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		n := 2 + r.IntN(30)
		v, w, rank := randoms(r, n, 4), randoms(r, n, 5), make([]float64, n)
		v[0], w[0] = 1, 1
		for i := range rank {
			rank[i] = float64(r.IntN(5))
		}
		g, err := access.Gini(v, w)
		if err != nil {
			t.Fatal(err)
		}
		c, err := access.Concentrate(v, rank, w, math.Inf(-1), math.Inf(1))
		if err != nil {
			t.Fatal(err)
		}
		scaled := make([]float64, n)
		for i := range v {
			scaled[i] = 7 * v[i]
		}
		g7, _ := access.Gini(scaled, w)
		c7, _ := access.Concentrate(scaled, rank, w, math.Inf(-1), math.Inf(1))
		twice := func(v []float64) []float64 { return append(slices.Clone(v), v...) }
		g2, _ := access.Gini(twice(v), twice(w))
		c2, _ := access.Concentrate(twice(v), twice(rank), twice(w), math.Inf(-1), math.Inf(1))
		if !near(g, g7, 1e-12) || !near(g, g2, 1e-12) || !near(c.Index, c7.Index, 1e-12) || !near(c.Index, c2.Index, 1e-12) {
			t.Fatalf("gini %v, scaled %v, doubled %v; concentration %v, %v, %v", g, g7, g2, c.Index, c7.Index, c2.Index)
		}
		if g < -1e-12 || g > 1 || math.Abs(c.Index) > g+1e-12 {
			t.Fatalf("gini %v, concentration %v", g, c.Index)
		}
	}
}

// Every default in the register says what it rests on.
func TestRegister(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range access.Register {
		if e.Key == "" || e.What == "" || e.Source == "" || e.Status == "" || e.Population == "" || seen[e.Key] {
			t.Errorf("%+v", e)
		}
		seen[e.Key] = true
		if e.Interval != nil && e.Basis == "" {
			t.Errorf("%s has an interval and no basis for it", e.Key)
		}
		if e.Acts && e.Status == access.Unproven {
			t.Errorf("%s acts silently and is unverified", e.Key)
		}
		if topic, name, ok := strings.Cut(e.Key, "."); !ok || topic != e.Topic || name == "" {
			t.Errorf("%s is filed under %q", e.Key, e.Topic)
		}
		if _, err := time.Parse(time.DateOnly, e.ErratumChecked); e.ErratumChecked != "" && err != nil {
			t.Errorf("%s: errata were looked for on %q", e.Key, e.ErratumChecked)
		}
		// An interval is in the unit of the value and holds it, or says that it multiplies it.
		if i := e.Interval; i != nil {
			low, high := i[0], i[1]
			if e.Factor {
				low, high = low*e.Value, high*e.Value
			}
			if !(low <= e.Value && e.Value <= high) || !(low < high) {
				t.Errorf("%s: %v in an interval %v to %v", e.Key, e.Value, low, high)
			}
		}
	}
	if _, ok := access.Lookup("no such"); ok {
		t.Error("a row that is not there was found")
	}
}

// A number of treated that the curve cannot reach is an error, not a p0 of 1.
func TestCalibrateSaysWhenItCannot(t *testing.T) {
	p, err := access.NewPenalty(access.Risk, access.Step, 0.6, access.Hold)
	if err != nil {
		t.Fatal(err)
	}
	far := []float64{0.6, 0.6}
	if _, err := p.Calibrate([]float64{50, 50}, far, 70); err == nil || !strings.Contains(err.Error(), "70 treated cannot be") {
		t.Errorf("%v", err)
	}
	if p0, err := p.Calibrate([]float64{50, 50}, far, 60); err != nil || math.Abs(p0-1) > 1e-9 {
		t.Errorf("%v, %v", p0, err)
	}
}

// What was read in 2026 is in the register, and nothing of it acts by itself.
func TestFiguresOf2026(t *testing.T) {
	for key, want := range map[string]float64{
		"counts.es_requests": 746, "counts.rate_AT": 1.68, "counts.rate_CH": 1.5, "counts.rate_FR": 1.14, "counts.rate_IT": 0.83, "counts.rate_DE": 0.62, "counts.rate_ES": 1.5,
		"counts.rate_GB_SCT": 0.48, "counts.rate_GB_ENG": 0.42, "counts.rate_PT": 0.32, "counts.sa_sent": 30, "counts.ebmt_total": 13927, "counts.autoimmune": 400,
		"demand.default_treated": 0.238, "demand.indications": 11, "choice.england_car_t": 0.44, "travel.recipients_europe": 50, "travel.recipients_oregon": 0.29, "travel.optimism": 0.38,
		"travel.monitoring_eu": 7, "attrition.out_of_specification": 0.16, "attrition.uk_manufacturing": 0.0421, "attrition.myeloma_collected": 0.4916, "attrition.netherlands": 0.58,
		"volume.new_sites": 4.75, "volume.scenarios_spain": 25, "equity.england_deprived": 0.117, "delay.spain": 65,
	} {
		e, ok := access.Lookup(key)
		if !ok || math.Abs(e.Value-want) > 5e-5*math.Max(1, want) || e.Acts {
			t.Errorf("%s: %v (found %v, acts %v), want %v", key, e.Value, ok, e.Acts, want)
		}
	}
	// Both denominators that are published are named.
	if e, _ := access.Lookup("attrition.uk_manufacturing"); !near(e.Interval[0], 38.0/981, 1e-12) || !near(e.Interval[1], 38.0/903, 1e-12) {
		t.Errorf("manufacturing failure %v", e.Interval)
	}
	elig, _ := access.Lookup("demand.eligible_per_100k")
	reach, _ := access.Lookup("demand.reach")
	if e, _ := access.Lookup("demand.default_treated"); !near(e.Value, elig.Value*reach.Value, 1e-12) {
		t.Errorf("the default gives %v treated, the register says %v", elig.Value*reach.Value, e.Value)
	}
	sum := 0
	for _, y := range access.EBMT {
		if y.Year >= 2018 {
			sum += int(y.Count)
		}
	}
	if sum != 13928 {
		t.Errorf("the yearly series sums to %d from 2018", sum)
	}
}

// A figure without an interval and one that lies between 0 and 0 are two things.
func TestNoIntervalIsNotOneOfZeros(t *testing.T) {
	for want, e := range map[string]access.Evidence{"null": {Value: 3}, "[0,0]": {Interval: &access.Range{}}, "[1,2]": {Interval: &access.Range{1, 2}}} {
		text, err := json.Marshal(e)
		if err != nil || !strings.Contains(string(text), `"interval":`+want+`,`) {
			t.Errorf("%s has no interval %s: %v", text, want, err)
		}
		var back access.Evidence
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%+v is read back as %+v: %v", e, back, err)
		}
	}
	var none *access.Range
	if none.Around(3) != [2]float64{3, 3} || (&access.Range{}).Around(3) != [2]float64{} {
		t.Error("what has no interval is not its own value")
	}
}
