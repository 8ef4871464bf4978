package access_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"careshed/access"
	"careshed/data"
	"careshed/geo"
	"careshed/geo/travel"
)

// shared is the folder of cases with known answers; tests without it skip.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "cases", "access"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no known answers here: %v (set CARESHED_SHARED)", err)
	}
	return path
}

func read(t testing.TB, path string) *geo.Layer {
	t.Helper()
	l, err := data.NewCatalog(filepath.Dir(path), map[string]data.Source{"case": {File: filepath.Base(path), Geometry: "none"}}).Layer(context.Background(), "case")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func numbers(t testing.TB, l *geo.Layer, field string) []float64 {
	t.Helper()
	v, err := l.Numbers(field)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// collect makes a matrix of a table of costs in minutes.
func collect(t testing.TB, costs *geo.Layer, from, to, cost string, places, sites []string, limit travel.Seconds) *travel.Matrix {
	t.Helper()
	e, err := travel.NewTable(costs, from, to, cost, "")
	if err != nil {
		t.Fatal(err)
	}
	q := travel.Query{Limit: []travel.Seconds{limit}}
	for _, p := range places {
		q.Places = append(q.Places, travel.Stop{ID: p, Located: true})
	}
	for _, s := range sites {
		q.Sites = append(q.Sites, travel.Stop{ID: s, Located: true})
	}
	m, err := travel.Collect(context.Background(), e, q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// loose is numbers with the peers' own words for no value, such as NaN.
func loose(t testing.TB, l *geo.Layer, field string) []float64 {
	t.Helper()
	out := make([]float64, l.Len())
	for i, v := range texts(t, l, field) {
		var err error
		if out[i], err = strconv.ParseFloat(v, 64); err != nil {
			out[i] = math.NaN()
		}
	}
	return out
}

func texts(t testing.TB, l *geo.Layer, field string) []string {
	t.Helper()
	v, err := l.Texts(field)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// agree compares with a peer's values to a relative tolerance. A peer's empty
// cell is "no value"; ours then must be the reason's 0.
//
// R's cost to the nth opportunity is Inf where there is none; ours is NaN.
func agree(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	bad := 0
	for i, w := range want {
		if math.IsNaN(w) || math.IsInf(w, 1) {
			if got[i] != 0 && !math.IsNaN(got[i]) {
				bad++
				t.Errorf("%s: row %d is %v, the peer has no value", name, i+1, got[i])
			}
		} else if !(math.Abs(got[i]-w) <= tolerance*math.Max(math.Abs(w), 1e-300)) {
			bad++
			if bad < 4 {
				t.Errorf("%s: row %d is %.17g, the peer has %.17g", name, i+1, got[i], w)
			}
		}
	}
	if bad > 3 {
		t.Errorf("%s: %d of %d rows differ", name, bad, len(want))
	}
}

// PySAL access on 1,930 Chicago tracts, costs listed up to 60 minutes. Steps
// are right-closed there, a catchment's limit inclusive.
func TestChicagoAgreesWithPySAL(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: too long under the race detector; make test runs it without")
	}
	tracts, want := read(t, shared(t, "chicago", "tracts.csv")), read(t, shared(t, "chicago", "expected.csv"))
	ids := texts(t, tracts, "geoid")
	m := collect(t, read(t, shared(t, "chicago", "costs_le60.csv.gz")), "origin", "dest", "cost", ids, ids, travel.Unreached)
	pop := numbers(t, tracts, "pop")
	min := travel.FromMinutes
	steps := func(w ...float64) access.Decay {
		return access.Steps([]travel.Seconds{min(w[0]), min(w[2]), min(w[4])}, []float64{w[1], w[3], w[5]})
	}
	// Several supplies in one pass are what each is by itself.
	both, err := access.Catchments(m, pop, [][]float64{numbers(t, tracts, "doc"), numbers(t, tracts, "dentist")}, access.TwoStep,
		access.Catchment{Limit: min(60), Decay: access.GaussianDecay(min(15))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "chicago doctors beside dentists", both[0].Score, numbers(t, want, "e2sfca_gauss15_doc"), 1e-9)
	agree(t, "chicago dentists beside doctors", both[1].Score, numbers(t, want, "e2sfca_gauss15_dentist"), 1e-9)
	for _, s := range []string{"doc", "dentist"} {
		supply := numbers(t, tracts, s)
		for column, c := range map[string]access.Catchment{
			"2sfca30_":        {Limit: min(30)},
			"2sfca60_":        {Limit: min(60)},
			"e2sfca_d_":       {Decay: steps(10, 1, 20, .68, 30, .22)},
			"e2sfca_60_":      {Decay: steps(20, 1, 40, .68, 60, .22)},
			"e2sfca_gauss15_": {Limit: min(60), Decay: access.GaussianDecay(min(15))},
		} {
			got, err := access.FCA(m, pop, supply, c)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, "chicago "+column+s, got.Score, numbers(t, want, column+s), 1e-9)
		}
		// PySAL takes G over all listed pairs, also beyond max_cost.
		default3 := access.Steps([]travel.Seconds{min(10), min(20), min(30), min(60)}, []float64{.962, .704, .377, .042})
		for column, c := range map[string][2]access.Catchment{
			"3sfca_d_":           {{Limit: min(60), Decay: default3}, {Decay: default3}},
			"3sfca_gauss15_m45_": {{Limit: min(45), Decay: access.GaussianDecay(min(15))}, {Decay: access.GaussianDecay(min(15))}},
		} {
			got, err := access.FCA3(m, pop, supply, c[0], &c[1])
			if err != nil {
				t.Fatal(err)
			}
			agree(t, "chicago "+column+s, got.Score, numbers(t, want, column+s), 1e-9)
		}
		for column, c := range map[string]access.Catchment{
			"catch30_": {Limit: min(30)},
			"grav_":    {Limit: min(60), Decay: access.Power(min(60), 1, min(5))},
		} {
			got, err := access.Opportunities(m, supply, c)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, "chicago "+column+s, got, numbers(t, want, column+s), 1e-9)
		}
	}
}

// RAAM on 1,930 tracts against the convex program.
func TestChicagoRAAM(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: too long under the race detector; make test runs it without")
	}
	tracts, want := read(t, shared(t, "chicago", "tracts.csv")), read(t, shared(t, "chicago", "raam_exact.csv"))
	ids := texts(t, tracts, "geoid")
	m := collect(t, read(t, shared(t, "chicago", "costs_le60.csv.gz")), "origin", "dest", "cost", ids, ids, travel.Unreached)
	r := certain(t, "chicago", m, numbers(t, tracts, "pop"), numbers(t, tracts, "doc"), travel.FromMinutes(30), 1e-7)
	// The convex program was itself stopped at a gap of 4e-7: its costs are good to
	// a few parts in ten thousand. Nobody lives where it has none.
	agree(t, "chicago raam30, convex program", populated(t, tracts, r.Cost), numbers(t, want, "raam30_doc_exact"), 3e-4)
}

// populated is a value where anybody lives, NaN elsewhere.
func populated(t *testing.T, l *geo.Layer, v []float64) []float64 {
	t.Helper()
	out := append([]float64(nil), v...)
	for i, p := range numbers(t, l, "pop") {
		if p == 0 {
			out[i] = math.NaN()
		}
	}
	return out
}

// PySAL access on drive minutes that are whole: hundreds of pairs sit exactly
// on a limit or a step.
func TestTarrantAgreesWithPySAL(t *testing.T) {
	wide := read(t, shared(t, "tarrant", "minutes.csv"))
	demand, supply := read(t, shared(t, "tarrant", "demand.csv")), read(t, shared(t, "tarrant", "supply_capacity.csv"))
	want := read(t, shared(t, "tarrant", "expected_pysal.csv"))
	var from, to []string
	var minutes []float64
	places, sites := texts(t, demand, "id"), texts(t, supply, "id")
	rows := texts(t, wide, "demand_id")
	for j, s := range sites {
		col := numbers(t, wide, string(geo.AppendNumber(nil, float64(j+1))))
		for i, p := range rows {
			from, to, minutes = append(from, p), append(to, s), append(minutes, col[i])
		}
	}
	costs, err := geo.NewTable(geo.About{Name: "minutes"}, nil, geo.Labels(geo.Field{Name: "from"}, from), geo.Labels(geo.Field{Name: "to"}, to), geo.Numbers(geo.Field{Name: "min"}, minutes))
	if err != nil {
		t.Fatal(err)
	}
	m := collect(t, costs, "from", "to", "min", places, sites, travel.Unreached)
	min := travel.FromMinutes
	pop, s := numbers(t, demand, "population"), numbers(t, supply, "capacity")
	for column, c := range map[string]access.Catchment{
		"2sfca20_capacity":    {Limit: min(20)},
		"e2sfca_def_capacity": {Decay: access.Steps([]travel.Seconds{min(10), min(20), min(30)}, []float64{1, .68, .22})},
		"e2sfca_g15_capacity": {Decay: access.GaussianDecay(min(15))},
	} {
		got, err := access.FCA(m, pop, s, c)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, "tarrant "+column, got.Score, numbers(t, want, column), 1e-9)
	}
	three := access.Steps([]travel.Seconds{min(10), min(20), min(30), min(60)}, []float64{.962, .704, .377, .042})
	got3, err := access.FCA3(m, pop, s, access.Catchment{Decay: three}, nil)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "tarrant 3sfca_def_capacity", got3.Score, numbers(t, want, "3sfca_def_capacity"), 1e-9)
	catch, err := access.Opportunities(m, s, access.Catchment{Limit: min(15)})
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "tarrant catch15_capacity", catch, numbers(t, want, "catch15_capacity"), 1e-9)
	nearest, err := access.CostTo(m, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "tarrant nearest_min", nearest, numbers(t, want, "nearest_min"), 1e-9)
	exact := read(t, shared(t, "tarrant", "raam_exact.csv"))
	r, err := access.RAAM(context.Background(), m, pop, s, min(30), 1e-9, 500)
	if err != nil {
		t.Fatal(err)
	}
	certain(t, "tarrant", m, pop, s, min(30), 1e-12)
	agree(t, "tarrant raam30, convex program", r.Cost, numbers(t, exact, "raam30_exact"), 1e-6)
	sitesExact := read(t, shared(t, "tarrant", "raam_exact_sites.csv"))
	agree(t, "tarrant raam30, demand at the sites", r.Demand, numbers(t, sitesExact, "demand_exact"), 1e-5)
}

// R accessibility and its inequality measures on a real r5r matrix.
func TestBeloHorizonteAgreesWithR(t *testing.T) {
	land, want := read(t, shared(t, "belo-horizonte", "land_use.csv")), read(t, shared(t, "belo-horizonte", "expected.csv"))
	ids := texts(t, land, "id")
	m := collect(t, read(t, shared(t, "belo-horizonte", "travel_matrix.csv.gz")), "from_id", "to_id", "travel_time", ids, ids, travel.Unreached)
	pop, jobs := numbers(t, land, "population"), numbers(t, land, "jobs")
	row := map[string]int{}
	for i, id := range ids {
		row[id] = i
	}
	schools := numbers(t, land, "schools")
	// The peer's rows are in another order.
	ours := func(v []float64, err error) []float64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float64, want.Len())
		for k, id := range texts(t, want, "id") {
			out[k] = v[row[id]]
		}
		return out
	}
	min := travel.FromMinutes
	for name, c := range map[string]access.Catchment{
		"binary40":      {Limit: min(40)},
		"exp0.05":       {Decay: access.ExponentialDecay(0.05)},
		"power1":        {Decay: access.PowerCapped(1)},
		"linear60":      {Decay: access.Linear(min(60))},
		"logistic30_10": {Decay: access.LogisticDecay(min(30), min(10))},
		"stepped":       {Decay: access.StepsOpen([]travel.Seconds{min(20), min(40), min(60)}, []float64{.68, .22, 0})},
	} {
		gravity, err := access.Opportunities(m, jobs, c)
		agree(t, "belo horizonte gravity "+name, ours(gravity, err), numbers(t, want, "gravity_"+name+"_jobs"), 1e-9)
		two, err := access.FCA(m, pop, jobs, c)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, "belo horizonte 2sfca "+name, ours(two.Score, nil), numbers(t, want, "2sfca_"+name), 1e-9)
		balanced, err := access.BFCA(m, pop, jobs, c)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, "belo horizonte bfca "+name, ours(balanced.Score, nil), numbers(t, want, "bfca_"+name), 1e-9)
		available, err := access.SpatialAvailability(m, pop, jobs, c)
		agree(t, "belo horizonte spatial availability "+name, ours(available, err), loose(t, want, "spavail_"+name), 1e-9)
	}
	v, err := access.Opportunities(m, jobs, access.Catchment{Limit: min(30)})
	agree(t, "belo horizonte cumulative 30", ours(v, err), loose(t, want, "cum30_jobs"), 1e-9)
	v, err = access.Opportunities(m, schools, access.Catchment{Limit: min(60)})
	agree(t, "belo horizonte cumulative 60", ours(v, err), loose(t, want, "cum60_schools"), 1e-9)
	v, err = access.Passive(m, pop, access.Catchment{Limit: min(30)})
	agree(t, "belo horizonte passive", ours(v, err), loose(t, want, "cum30_pop_passive"), 1e-9)
	for column, n := range map[string]float64{"closest1_school": 1, "closest3_school": 3} {
		v, err = access.CostTo(m, schools, n)
		agree(t, "belo horizonte "+column, ours(v, err), loose(t, want, column), 1e-9)
	}
	_, v, err = access.Interval(t.Context(), m, jobs, min(30), min(60), min(1))
	agree(t, "belo horizonte interval", ours(v, err), loose(t, want, "interval30_60_jobs_median"), 1e-9)
	v, err = access.BalancingCost(m, pop, jobs, min(1))
	agree(t, "belo horizonte balancing cost", ours(v, err), loose(t, want, "balancing_cost_jobs"), 1e-9)
	// The peer's cumulative jobs, its inequality and ours.
	cum := make([]float64, len(ids))
	for k, id := range texts(t, want, "id") {
		cum[row[id]] = numbers(t, want, "cum30_jobs")[k]
	}
	inequality := map[string]float64{}
	e := read(t, shared(t, "belo-horizonte", "expected_inequality.csv"))
	for i := range e.Len() {
		m, v, p := texts(t, e, "measure")[i], texts(t, e, "variable")[i], texts(t, e, "param")[i]
		inequality[m+" "+v+" "+p] = numbers(t, e, "value")[i]
	}
	g, err := access.Gini(cum, pop)
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "gini", []float64{g}, []float64{inequality["gini cum30_jobs pop-weighted"]}, 1e-9)
	// R ranks places of equal income one after the other; averaging ties, as the
	// definition has it, differs in the fourth digit.
	c, err := access.Concentrate(cum, loose(t, land, "income_per_capita"), pop, math.Inf(-1), math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	agree(t, "concentration", []float64{c.Index}, []float64{inequality["concentration_index cum30_jobs standard"]}, 1e-3)
}

// The published toy of spatial availability, whose 2SFCA column is ours.
func TestSoukhovToy(t *testing.T) {
	want := read(t, shared(t, "belo-horizonte", "soukhov_expected.csv"))
	land := read(t, shared(t, "belo-horizonte", "soukhov_land_use.csv"))
	ids := texts(t, land, "id")
	m := collect(t, read(t, shared(t, "belo-horizonte", "soukhov_matrix.csv")), "from_id", "to_id", "travel_time", ids, ids, travel.Unreached)
	r, err := access.FCA(m, numbers(t, land, "population"), numbers(t, land, "jobs"), access.Catchment{Decay: access.ExponentialDecay(0.1)})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 0, 3)
	for _, id := range texts(t, want, "id") {
		for i := range ids {
			if ids[i] == id {
				got = append(got, r.Score[i])
			}
		}
	}
	agree(t, "soukhov 2sfca_exp0.1", got, numbers(t, want, "2sfca_exp0.1"), 1e-9)
}

// PySAL's three-place hospital example, four scenarios, against the convex
// program: PySAL's own RAAM stops short of equilibrium and is not the truth.
func TestHospitalRAAM(t *testing.T) {
	tracts, costs := read(t, shared(t, "hospital", "hospital_tracts.csv")), read(t, shared(t, "hospital", "hospital_costs.csv"))
	exact := read(t, shared(t, "hospital", "raam_exact.csv"))
	ids, pop, doc := texts(t, tracts, "geoid"), numbers(t, tracts, "pop"), numbers(t, tracts, "doc")
	for _, scenario := range []float64{0, 1, 2, 3} {
		var rows []int
		for i, s := range numbers(t, costs, "scenario") {
			if s == scenario {
				rows = append(rows, i)
			}
		}
		m := collect(t, costs.Pick(rows), "origin", "dest", "cost", ids, ids, travel.Unreached)
		for _, tau := range []float64{60, 30} {
			var want []float64
			for i := range exact.Len() {
				if numbers(t, exact, "scenario")[i] == scenario && numbers(t, exact, "tau")[i] == tau {
					want = append(want, numbers(t, exact, "cost_exact")[i])
				}
			}
			if len(want) == 0 {
				continue
			}
			r, err := access.RAAM(context.Background(), m, pop, doc, travel.FromMinutes(tau), 1e-10, 500)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, "hospital raam", r.Cost, want, 1e-6)
			certain(t, "hospital", m, pop, doc, travel.FromMinutes(tau), 1e-12)
		}
	}
}
