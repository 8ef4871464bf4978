package site

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"iter"
	"math"
	"os"
	"path/filepath"
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
