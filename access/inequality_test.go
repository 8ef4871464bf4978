package access_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"careshed/access"

	"github.com/paulmach/orb"
)

func TestIndicesByHand(t *testing.T) {
	one := []float64{1, 1, 1}
	// R's theil_t drops the place of access 0 and says 0.693; the textbook has
	// Σ p (x/μ) ln(x/μ) with 0·ln 0 = 0.
	if got, err := access.TheilT([]float64{0, 1, 2}, one, nil); err != nil || !near(got.Total, 2.0/3*math.Log(2), 1e-12) {
		t.Errorf("Theil T of 0, 1, 2 is %v, %v; want 0.4621 (R says 0.6931)", got.Total, err)
	}
	if got, _ := access.TheilL([]float64{0, 1, 2}, one, nil); !math.IsInf(got.Total, 1) {
		t.Errorf("Theil L with a 0 is %v", got.Total)
	}
	if got, _ := access.Atkinson([]float64{1, 4}, one[:2], 1); !near(got, 1-2/2.5, 1e-12) {
		t.Errorf("Atkinson(1) of 1, 4 is %v", got)
	}
	if got, _ := access.Atkinson([]float64{1, 4}, one[:2], 0.5); !near(got, 1-math.Pow((math.Sqrt(1/2.5)+math.Sqrt(4/2.5))/2, 2), 1e-12) {
		t.Errorf("Atkinson(½) of 1, 4 is %v", got)
	}
	if got, _ := access.Hoover([]float64{1, 3}, one[:2]); !near(got, 0.25, 1e-12) {
		t.Errorf("Hoover of 1, 3 is %v", got)
	}
	if got, _ := access.FGT([]float64{1, 2, 4}, one, 2, 1); !near(got, 0.5/3, 1e-12) {
		t.Errorf("FGT is %v: a value at the line is not below it", got)
	}
	if got, _ := access.CostFGT([]float64{1, 2, 4}, one, 2, 0); !near(got, 1.0/3, 1e-12) {
		t.Errorf("cost FGT is %v", got)
	}
	if got, _ := access.Spread([]float64{1, 2, 3}, one); got != 3 {
		t.Errorf("P90/P10 is %v", got)
	}
	// On a straight line the slope is the whole rise from rank 0 to rank 1.
	if s, rel, err := access.Slope([]float64{1, 3}, []float64{1, 2}, one[:2]); err != nil || !near(s, 4, 1e-12) || !near(rel, 2, 1e-12) {
		t.Errorf("slope %v, relative %v, %v", s, rel, err)
	}
	// Where all have nothing there is no gradient: 0 for what is not divided by the mean.
	if s, rel, err := access.Slope([]float64{0, 0}, []float64{1, 2}, one[:2]); err != nil || s != 0 || !math.IsNaN(rel) {
		t.Errorf("of nothing: slope %v, relative %v, %v", s, rel, err)
	}
	if c, err := access.Concentrate([]float64{0, 0}, []float64{1, 2}, one[:2], 0, 1); err != nil || !math.IsNaN(c.Index) || c.Generalised != 0 || c.Erreygers != 0 || !math.IsNaN(c.Wagstaff) {
		t.Errorf("of nothing: %+v, %v", c, err)
	}
	for name, err := range map[string]error{
		"a tenth with nothing": errorOf(access.Spread([]float64{0, 0, 1}, one)), "aversion 0": errorOf(access.Atkinson([]float64{1}, one[:1], 0)), "line 0": errorOf(access.FGT([]float64{1}, one[:1], 0, 1)),
		"nothing": errorOf(access.Hoover([]float64{0}, one[:1])), "negative": errorOf(access.TheilT([]float64{-1, 5}, one[:2], nil)),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

// Between and within add up to the total; scale and replication change nothing;
// an index of equal values is 0.
func TestEntropyLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for range 200 {
		n := 3 + r.IntN(40)
		v, w, group := make([]float64, n), randoms(r, n, 6), make([]int, n)
		for i := range v {
			v[i], group[i] = 0.1+r.ExpFloat64(), r.IntN(4)
		}
		w[0] = 1
		for name, index := range map[string]func([]float64, []float64, []int) (access.Theil, error){"T": access.TheilT, "L": access.TheilL} {
			got, err := index(v, w, group)
			if err != nil {
				t.Fatal(err)
			}
			if !near(got.Between+got.Within, got.Total, 1e-12) || got.Total < -1e-12 || got.Within < -1e-12 {
				t.Fatalf("Theil %s: %v between and %v within make %v", name, got.Between, got.Within, got.Total)
			}
			scaled := make([]float64, n)
			for i := range v {
				scaled[i] = 9 * v[i]
			}
			again, _ := index(append(scaled, scaled...), append(append([]float64{}, w...), w...), append(append([]int{}, group...), group...))
			if !near(again.Total, got.Total, 1e-12) || !near(again.Between, got.Between, 1e-12) {
				t.Fatalf("Theil %s changes with scale or copies: %v, %v", name, got, again)
			}
		}
		a, err := access.Atkinson(v, w, 0.5+r.Float64())
		h, err2 := access.Hoover(v, w)
		g, err3 := access.Gini(v, w)
		if err != nil || err2 != nil || err3 != nil || a < -1e-12 || a > 1 || h > g+1e-12 {
			t.Fatalf("Atkinson %v, Hoover %v, Gini %v: Hoover is never above Gini", a, h, g)
		}
	}
}

func TestGroupGapRepeats(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	v, w, group := randoms(r, 200, 9), randoms(r, 200, 9), make([]int, 200)
	for i := range group {
		group[i] = i % 2
		v[i] += float64(i%2) * 30
	}
	a, err := access.GroupGap(t.Context(), v, w, group, 1, 0, 500, 7)
	b, _ := access.GroupGap(t.Context(), v, w, group, 1, 0, 500, 7)
	if err != nil || a != b {
		t.Errorf("%+v and %+v, %v", a, b, err)
	}
	if a.DifferenceInterval[0] > a.Difference || a.DifferenceInterval[1] < a.Difference || a.RatioInterval[0] > a.Ratio {
		t.Errorf("%+v: the value lies outside its interval", a)
	}
	if _, err := access.GroupGap(t.Context(), v[:3], w[:3], group[:3], 1, 0, 10, 1); err == nil || !strings.Contains(err.Error(), "two rows or more") {
		t.Errorf("a gap of one row: %v", err)
	}
}

// R accessibility on Belo Horizonte. Where access is never 0 its Theil is the
// textbook's; its concentration index does not average ties.
func TestBeloHorizonteInequality(t *testing.T) {
	land, values := read(t, shared(t, "belo-horizonte", "land_use.csv")), read(t, shared(t, "belo-horizonte", "expected.csv"))
	row := map[string]int{}
	for k, id := range texts(t, values, "id") {
		row[id] = k
	}
	e := read(t, shared(t, "belo-horizonte", "expected_inequality.csv"))
	want := map[string]float64{}
	lines := map[string]float64{}
	for i := range e.Len() {
		m, v, p := texts(t, e, "measure")[i], texts(t, e, "variable")[i], texts(t, e, "param")[i]
		want[m+" "+v+" "+p] = numbers(t, e, "value")[i]
		if z, ok := strings.CutPrefix(p, "alpha=0;line="); ok {
			if line, err := strconv.ParseFloat(z, 64); err != nil {
				t.Fatal(err)
			} else {
				lines[v] = line
			}
		}
	}
	pop, income := numbers(t, land, "population"), loose(t, land, "income_per_capita")
	decile := make([]int, land.Len())
	for i, d := range loose(t, land, "income_decile") {
		decile[i] = -1
		if !math.IsNaN(d) {
			decile[i] = int(d) - 1
		}
	}
	for _, v := range []string{"gravity_exp0.05_jobs", "2sfca_exp0.05", "bfca_exp0.05", "closest1_school", "cum30_jobs"} {
		x := make([]float64, land.Len())
		for i, id := range texts(t, land, "id") {
			x[i] = loose(t, values, v)[row[id]]
			if math.IsInf(x[i], 1) {
				x[i] = math.NaN()
			}
		}
		check := func(name string, got float64, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if w, ok := want[name]; !ok || !near(got, w, 1e-9*math.Abs(w)) {
				t.Errorf("%s: %.15g, R has %.15g (%v)", name, got, w, ok)
			}
		}
		w := access.NewWeighted(x, pop)
		for _, q := range []struct {
			name string
			q    float64
		}{{"0.1", .1}, {"0.25", .25}, {"0.4", .4}, {"0.5", .5}, {"0.75", .75}, {"0.9", .9}} {
			check("Hmisc_wtd_quantile "+v+" "+q.name, w.Interpolated(q.q), nil)
		}
		g, err := access.Gini(x, pop)
		check("gini "+v+" pop-weighted", g, err)
		for power, name := range []string{"0", "1", "2"} {
			line := lines[v]
			f, err := access.FGT(x, pop, line, float64(power))
			for k := range want {
				if strings.HasPrefix(k, "fgt "+v+" alpha="+name+";") {
					check(k, f, err)
				}
			}
		}
		p, err := access.Palma(x, income, pop)
		check("palma "+v+" income_per_capita", p, err)
		if v == "cum30_jobs" {
			continue // has places of access 0, which R leaves out of the sum only
		}
		th, err := access.TheilT(x, pop, nil)
		check("theil_t "+v+" total (rows with access>0 & pop)", th.Total, err)
		th, err = access.TheilT(x, pop, decile)
		check("theil_t_decomp "+v+" between_group", th.Between, err)
		check("theil_t_decomp "+v+" within_group", th.Within, err)
		for d := range 10 {
			check("theil_t_between "+v+" decile="+strconv.Itoa(d+1), th.ByGroup[d].Between, nil)
			check("theil_t_within "+v+" decile="+strconv.Itoa(d+1), th.ByGroup[d].Within, nil)
		}
	}
}

// spdep on 1,930 Chicago tracts, six nearest neighbours; esda's local Moran is
// (n−1)/n of it.
func TestSpatialAgreesWithSpdep(t *testing.T) {
	values := read(t, shared(t, "spatial-statistics", "values.csv"))
	ids := texts(t, values, "geoid")
	at := map[string]int{}
	for i, id := range ids {
		at[id] = i
	}
	knn := read(t, shared(t, "spatial-statistics", "knn6.csv"))
	from, to, weight := texts(t, knn, "geoid"), texts(t, knn, "neighbor"), numbers(t, knn, "weight")
	lists := make([][]int32, len(ids))
	for k := range from {
		lists[at[from[k]]] = append(lists[at[from[k]]], int32(at[to[k]]))
	}
	w := &access.Neighbours{Start: []int{0}}
	for _, l := range lists {
		for _, j := range l {
			w.To, w.Weight = append(w.To, j), append(w.Weight, weight[0])
		}
		w.Start = append(w.Start, len(w.To))
	}
	global := read(t, shared(t, "spatial-statistics", "expected_global_spdep.csv"))
	want := map[string]float64{}
	for i := range global.Len() {
		want[texts(t, global, "variable")[i]+" "+texts(t, global, "stat")[i]] = numbers(t, global, "value")[i]
	}
	local, esda := read(t, shared(t, "spatial-statistics", "expected_local_spdep.csv")), read(t, shared(t, "spatial-statistics", "expected_local.csv"))
	for _, v := range []string{"e2sfca_d_doc", "catch30_doc"} {
		x := numbers(t, values, v)
		m, err := access.MoranI(x, w)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]float64{"I": m.I, "EI": m.Expected, "Var_rand": m.VarianceRandom, "z_rand": m.ZRandom, "Var_norm": m.VarianceNormal, "z_norm": m.ZNormal} {
			if !near(got, want[v+" "+name], 1e-9*math.Abs(want[v+" "+name])) {
				t.Errorf("%s %s: %.15g, spdep has %.15g", v, name, got, want[v+" "+name])
			}
		}
		l, err := access.LocalMoran(t.Context(), x, w, 999, 1)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, v+" local Moran, spdep", l.Value, numbers(t, local, v+"_Ii"), 1e-7)
		agree(t, v+" local Moran's z, spdep", l.Z, numbers(t, local, v+"_ZIi"), 1e-7)
		scaled := make([]float64, len(l.Value))
		for i := range scaled {
			scaled[i] = l.Value[i] * float64(len(x)-1) / float64(len(x))
		}
		agree(t, v+" local Moran, esda", scaled, numbers(t, esda, v+"_Ii"), 1e-7)
		// Pseudo p-values of two packages differ by Monte Carlo error: at 999 draws
		// three standard errors are 0.048.
		far := 0
		for i, p := range numbers(t, esda, v+"_p_sim999_seed12345") {
			if math.Abs(p-l.P[i]) > 0.048+1e-9 {
				far++
			}
		}
		if far > len(x)/100 {
			t.Errorf("%s: %d of %d p-values lie beyond Monte Carlo error", v, far, len(x))
		}
		gi, err := access.GetisOrd(t.Context(), x, w, access.Without, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, v+" Gi, spdep", gi.Z, numbers(t, local, v+"_Gi_z_W"), 1e-7)
		star, err := access.GetisOrd(t.Context(), x, w, access.WithItself, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, v+" Gi*, spdep", star.Z, numbers(t, local, v+"_Gistar_z_W"), 1e-7)
	}
}

func TestNeighbours(t *testing.T) {
	at := []orb.Point{{0, 0}, {0, 1}, {0, 2.5}, {50, 50}}
	n, err := access.NearestNeighbours(t.Context(), at, 1)
	if err != nil || n.To[0] != 1 || n.To[1] != 0 || n.To[2] != 1 || n.To[3] != 2 {
		t.Errorf("%+v, %v", n, err)
	}
	n, err = access.NeighboursWithin(t.Context(), at, 200_000, 1000)
	if js, ws := n.Row(1); err != nil || len(js) != 2 || ws[0] != 0.5 {
		t.Errorf("%v %v, %v", js, ws, err)
	}
	if js, _ := n.Row(3); len(js) != 0 {
		t.Errorf("a place alone has %v", js)
	}
	box := func(x float64) orb.Geometry { return orb.Polygon{{{x, 0}, {x + 1, 0}, {x + 1, 1}, {x, 1}, {x, 0}}} }
	n, err = access.Contiguous(t.Context(), []orb.Geometry{box(0), box(1), box(2), box(9)}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if js, ws := n.Row(1); len(js) != 2 || ws[1] != 0.5 {
		t.Errorf("%v %v", js, ws)
	}
	if got := access.FalseDiscovery([]float64{0.001, 0.02, 0.03, 0.9, math.NaN()}, 0.05); got != 0.03 {
		t.Errorf("at a rate of 5 %% %v stands", got)
	}
	if got := access.FalseDiscovery([]float64{0.5, 0.9}, 0.05); got != 0 {
		t.Errorf("at a rate of 5 %% %v stands", got)
	}
}
