package site

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shared is the folder of cases with known answers; tests without it skip.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "cases"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no known answers here: %v (set CARESHED_SHARED)", err)
	}
	return path
}

// words are the numbers of a text file, whatever their lines.
func words(t testing.TB, path string) []float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []float64
	sc := bufio.NewScanner(f)
	sc.Split(bufio.ScanWords)
	for sc.Scan() {
		v, err := strconv.ParseFloat(sc.Text(), 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// lines are the lines of a text file.
func lines(t testing.TB, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(data), "\n")
}

func table(t testing.TB, path string) (head []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func optima(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// grid is a full matrix of costs as pairs.
func grid(costs [][]float64) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for i, row := range costs {
			for j, c := range row {
				if !yield(Pair{int32(i), int32(j), c}) {
					return
				}
			}
		}
	}
}

// orlib reads an OR-Library network: costs are shortest paths, and of an edge
// that is listed twice the last counts.
func orlib(t testing.TB, path string) (costs [][]float64, p int) {
	t.Helper()
	w := words(t, path)
	n := int(w[0])
	costs = make([][]float64, n)
	for i := range costs {
		costs[i] = filled(n, math.Inf(1))
		costs[i][i] = 0
	}
	for k := 3; k+2 < len(w); k += 3 {
		a, b := int(w[k])-1, int(w[k+1])-1
		costs[a][b], costs[b][a] = w[k+2], w[k+2]
	}
	for k := range n {
		for i := range n {
			if d := costs[i][k]; !math.IsInf(d, 1) {
				for j, e := range costs[k] {
					costs[i][j] = min(costs[i][j], d+e)
				}
			}
		}
	}
	return costs, int(w[2])
}

type known struct {
	Median int `json:"pmedian_opt"`
	Center int `json:"pcenter_opt"`
	N, P   int
}

func instance(t testing.TB, costs [][]float64, rules Rules) *Instance {
	t.Helper()
	in, err := NewInstance(Shape{Places: len(costs), Sites: len(costs[0])}, rules, grid(costs))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// verify recomputes what a solution claims.
func verify(t testing.TB, in *Instance, s Solution) {
	t.Helper()
	if err := in.Check(s.Open); err != nil {
		t.Errorf("the plan breaks a rule: %v", err)
	}
	if e := in.Evaluate(s.Open); e.Cost != s.Cost {
		t.Errorf("cost %v, recomputed %v", s.Cost, e.Cost)
	}
	if s.Bound > s.Cost {
		t.Errorf("bound %v above cost %v", s.Bound, s.Cost)
	}
}

func TestORLibraryMediansAreProven(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: 40 instances to optimality")
	}
	var all map[string]known
	optima(t, shared(t, "siting", "orlib_pmed", "optima.json"), &all)
	for name, want := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			costs, p := orlib(t, shared(t, "siting", "orlib_pmed", name+".txt"))
			in := instance(t, costs, Rules{Pick: p})
			got, err := Solve(t.Context(), in, Options{Exact: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			verify(t, in, got)
			if got.Cost != float64(want.Median) || !got.Proven || got.Bound != got.Cost {
				t.Errorf("%v proven %v, known %v", got.Cost, got.Proven, want.Median)
			}
			t.Logf("%s: %d iterations, %d nodes", name, got.Iterations, got.Nodes)
		})
	}
}

func TestORLibraryCenters(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: 40 instances to optimality")
	}
	var all map[string]known
	optima(t, shared(t, "siting", "orlib_pmed", "optima.json"), &all)
	for name, want := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			costs, p := orlib(t, shared(t, "siting", "orlib_pmed", name+".txt"))
			got, err := Center(t.Context(), instance(t, costs, Rules{Pick: p}), Options{Exact: true}, nil)
			if err != nil || got.Cost != float64(want.Center) || !got.Proven {
				t.Errorf("%v proven %v (%v), known %v", got.Cost, got.Proven, err, want.Center)
			}
		})
	}
}

// Published medians of TSPLIB's points: the interval holds the optimum, and is
// narrow where the search ends by its budget.
func TestTSPLIBMedians(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED in short mode: instances of 1,300 and 1,400 sites")
	}
	for _, c := range []struct {
		name string
		p    int
		opt  float64 // Durán-Mateluna, Ales & Elloumi (2023)
	}{{"rl1304", 100, 491639}, {"rl1304", 200, 268573}, {"rl1304", 300, 177326}, {"fl1400", 50, 28486}, {"fl1400", 100, 15962}} {
		t.Run(c.name+" "+strconv.Itoa(c.p), func(t *testing.T) {
			t.Parallel()
			at := tsp(t, shared(t, "siting", "tsplib", c.name+".tsp"))
			in := weighted(t, at, at, c.p)
			got, err := Solve(t.Context(), in, Options{Nodes: 20, Gap: 0.0002}, nil)
			if err != nil {
				t.Fatal(err)
			}
			verify(t, in, got)
			if got.Cost < c.opt || got.Bound > c.opt || got.Cost > 1.0005*c.opt || got.Gap() > 0.001 {
				t.Errorf("%s p=%d: between %v and %v, known %v", c.name, c.p, got.Bound, got.Cost, c.opt)
			}
			t.Logf("%s p=%d: %v to %v, known %v, %d nodes, %s", c.name, c.p, got.Bound, got.Cost, c.opt, got.Nodes, got.Stopped)
		})
	}
}

func TestTSPLIBCenters(t *testing.T) {
	_, rows := table(t, shared(t, "siting", "tsplib", "pcenter_opt.csv"))
	known := 0
	for _, row := range rows {
		path := shared(t, "siting", "tsplib") + "/" + row[0] + ".tsp"
		if _, err := os.Stat(path); err != nil {
			continue
		}
		known++
		at := tsp(t, path)
		rounded := func(a, b spot) float64 { return math.Round(math.Hypot(a.x-b.x, a.y-b.y)) }
		in, err := NewInstance(Shape{Places: len(at), Sites: len(at)}, Rules{Pick: int(number(t, row[1]))}, between(at, at, rounded))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Center(t.Context(), in, Options{Exact: true}, nil)
		if err != nil || got.Cost != number(t, row[2]) || !got.Proven {
			t.Errorf("%s p=%s: %v proven %v (%v), known %s", row[0], row[1], got.Cost, got.Proven, err, row[2])
		}
	}
	if known == 0 {
		t.Skip("SKIPPED: no points of the instances here")
	}
}

// synthetic is one of the made instances: places and sites with their optima.
func synthetic(t testing.TB, name string) (places, sites []spot, optima map[string]json.RawMessage) {
	var every map[string]map[string]json.RawMessage
	data, err := os.ReadFile(shared(t, "siting", "synth", "optima.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &every); err != nil {
		t.Fatal(err)
	}
	return spots(t, shared(t, "siting", "synth", name+"_demand.csv")), spots(t, shared(t, "siting", "synth", name+"_cand.csv")), every[name]
}

func TestSynthetic(t *testing.T) {
	for _, name := range []string{"S500x50", "M3143x500"} {
		places, sites, optima := synthetic(t, name)
		plain := unweighted(places)
		weights := make([]float64, len(places))
		var total float64
		for i, p := range places {
			weights[i] = p.weight
			total += p.weight
		}
		for model, raw := range optima {
			var want struct {
				Opt, Covered float64
				Infeasible   bool
			}
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			kind, rest, _ := strings.Cut(model, "_")
			var got Solution
			var err error
			shape := Shape{Places: len(places), Sites: len(sites)}
			var p, radius int
			for _, part := range strings.Split(rest, "_") {
				switch v := int(number(t, part[1:])); part[0] {
				case 'p':
					p = v
				case 'R':
					radius = v
				}
			}
			switch kind {
			case "pmedian":
				got, err = solved(t, shape, Rules{Pick: p}, between(places, sites, floored))
			case "mclp":
				shape.Fallback = weights
				got, err = solved(t, shape, Rules{Pick: p}, Covering(float64(radius), between(plain, sites, floored)))
				want.Opt = total - want.Covered
			case "pcenter":
				var in *Instance
				if in, err = NewInstance(shape, Rules{Pick: p}, between(plain, sites, floored)); err == nil {
					got, err = Center(t.Context(), in, Options{Exact: true}, nil)
				}
			case "lscp":
				var in *Instance
				if in, err = NewCover(len(places), len(sites), float64(radius), Rules{}, between(plain, sites, floored)); err == nil {
					got, err = Solve(t.Context(), in, Options{Exact: true}, nil)
				}
				if want.Infeasible {
					if e := (*Infeasible)(nil); !errors.As(err, &e) || e.Needs != 10799 {
						t.Errorf("%s %s: %v", name, model, err)
					}
					continue
				}
			default:
				continue
			}
			if err != nil || got.Cost != want.Opt || !got.Proven {
				t.Errorf("%s %s: %v proven %v (%v), known %v", name, model, got.Cost, got.Proven, err, want.Opt)
			}
		}
	}
}

func unweighted(places []spot) []spot {
	out := make([]spot, len(places))
	for i, p := range places {
		out[i] = spot{p.x, p.y, 1}
	}
	return out
}

func solved(t testing.TB, shape Shape, rules Rules, pairs iter.Seq[Pair]) (Solution, error) {
	t.Helper()
	in, err := NewInstance(shape, rules, pairs)
	if err != nil {
		t.Fatal(err)
	}
	return Solve(t.Context(), in, Options{Exact: true}, nil)
}

// Real costs with the optima that CBC found.
func TestRealCosts(t *testing.T) {
	for _, c := range []struct{ folder, costs, places, weight, expected string }{
		{"siting-483x40", "c483_f40_cost.csv", "c483_f40_clients.csv", "pop", "c483_f40_expected.csv"},
		{"tarrant", "minutes.csv", "demand.csv", "population", "tarrant_expected.csv"},
	} {
		head, rows := table(t, shared(t, "access", c.folder, c.costs))
		number1 := func(name string) int { return slices.Index(head[1:], name) }
		costs := make([][]float64, len(rows))
		for i, row := range rows {
			for _, v := range row[1:] {
				costs[i] = append(costs[i], number(t, v))
			}
		}
		fields, demand := table(t, shared(t, "access", c.folder, c.places))
		at := slices.Index(fields, c.weight)
		weight := make([]float64, len(demand))
		var total float64
		for i, row := range demand {
			if row[0] != rows[i][0] && c.folder != "tarrant" {
				t.Fatalf("%s: place %d is %s in one file and %s in the other", c.folder, i, row[0], rows[i][0])
			}
			weight[i] = number(t, row[at])
			total += weight[i]
		}
		_, cases := table(t, shared(t, "access", c.folder, c.expected))
		for _, row := range cases {
			var rules Rules
			var radius float64
			for _, part := range strings.Fields(row[2]) {
				key, value, _ := strings.Cut(part, "=")
				switch key {
				case "p":
					rules.Pick = int(number(t, value))
				case "radius":
					radius = number(t, value)
				case "predefined":
					for _, id := range strings.Split(value, ";") {
						rules.Forced = append(rules.Forced, number1(id))
					}
				}
			}
			shape := Shape{Places: len(costs), Sites: len(costs[0])}
			var got Solution
			var err error
			want := 0.0
			if row[4] != "" {
				want = number(t, row[4])
			}
			switch row[1] {
			case "p_median":
				got, err = solved(t, shape, rules, Weighted(weight, grid(costs)))
			case "mclp":
				shape.Fallback = weight
				got, err = solved(t, shape, rules, Covering(radius, grid(costs)))
				got.Cost = total - got.Cost
			case "p_center":
				got, err = Center(t.Context(), instance(t, costs, rules), Options{Exact: true}, nil)
			case "lscp":
				var in *Instance
				if in, err = NewCover(shape.Places, shape.Sites, radius, rules, grid(costs)); err == nil {
					got, err = Solve(t.Context(), in, Options{Exact: true}, nil)
				}
				if row[4] == "" {
					if e := (*Infeasible)(nil); !errors.As(err, &e) || e.Place < 0 {
						t.Errorf("%v: %v", row, err)
					}
					continue
				}
			default:
				t.Fatalf("%s: no such model", row[1])
			}
			if err != nil || math.Abs(got.Cost-want) > 1e-9*want || !got.Proven {
				t.Errorf("%s %s %s: %v proven %v (%v), known %v", c.folder, row[1], row[2], got.Cost, got.Proven, err, want)
			}
		}
	}
}
