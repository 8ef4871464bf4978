package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The cases of ../shared/cases/science, at the edges of the measures, give the values
// that R and closed forms give.
func TestScienceCases(t *testing.T) {
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(root, "cases", "science")); err != nil {
		t.Skipf("SKIPPED: no cases here: %v (set CARESHED_SHARED)", err)
	}
	of := func(t *testing.T, name string) string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "cases", "science", name))); err != nil {
			t.Skipf("SKIPPED: %v", err)
		}
		return dir
	}
	says := func(t *testing.T, code int, parts []string, args ...string) string {
		t.Helper()
		got, out, log := call(t, args...)
		if got != code {
			t.Errorf("%v: exit %d, want %d: %s", args, got, code, log)
		}
		for _, p := range parts {
			if !strings.Contains(out+log, p) {
				t.Errorf("%v does not say %q:\n%s%s", args, p, out, log)
			}
		}
		return out
	}
	t.Run("an interval that reaches infinity", func(t *testing.T) {
		dir := of(t, "01-infinite-interval-fails-run")
		says(t, 0, []string{"gap_ratio", "2.000 (0.6667 to –)", "of 1000 draws the mean of rural is 0"}, "run", dir+"/study.yaml", "-o", dir+"/out")
		text, err := os.ReadFile(dir + "/out/tables/inequality.csv")
		if err != nil || !regexp.MustCompile(`gap_ratio_high_97_5,,the upper end .* draws`).Match(text) || !strings.Contains(string(text), "gap_ratio_low_2_5,0.6666666666666666,") {
			t.Errorf("%v: %s", err, text)
		}
	})
	t.Run("a place that sees all others", func(t *testing.T) {
		dir := of(t, "02-gi-of-a-place-that-sees-all")
		for _, n := range []string{"hub5", "hub6", "hub12", "k3of4"} {
			says(t, 0, []string{",1.0,,,,1.0,,\"all others are its neighbours, alike\""}, "run", dir+"/"+n+"/study.yaml", "--format", "csv", "--layer", "spatial")
		}
	})
	t.Run("ties in any unit", func(t *testing.T) {
		dir := of(t, "03-permutation-ties-by-unit")
		p := func(unit string) []string {
			var out []string
			for _, line := range strings.Split(says(t, 0, nil, "run", dir+"/"+unit+"/study.yaml", "--format", "csv", "--layer", "spatial"), "\n")[1:] {
				if c := strings.Split(line, ","); len(c) > 8 {
					out = append(out, c[1]+" "+c[4]+" "+c[8])
				}
			}
			return out
		}
		a, b := p("whole"), p("tenths")
		if len(a) != 24 || strings.Join(a, "\n") != strings.Join(b, "\n") {
			t.Errorf("%v\n%v", a, b)
		}
	})
	t.Run("refit at the edge", func(t *testing.T) {
		dir := of(t, "04-refit-at-the-edge")
		out := says(t, 3, []string{"1.333 (1.080 to 1.647)", "no loss with distance"}, "refit", dir+"/farther-more.csv")
		if strings.Contains(out, "In a study") || strings.Contains(out, "0.999") {
			t.Errorf("%s", out)
		}
		out = says(t, 0, []string{"0.046    0.031 to  0.067", "logistic            – not fitted: the best is stronger than 0.074"}, "refit", dir+"/strong.csv")
		if strings.Contains(out, "0.080") {
			t.Errorf("%s", out)
		}
		if err := os.WriteFile(dir+"/separated.csv", []byte("time_min,eligible,treated\n20,1000,400\n180,1000,0\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		says(t, 3, []string{"without an estimate (open to 0.002895)", "Firth's estimate 0.0007493", "nobody was treated from two hours away"}, "refit", dir+"/separated.csv")
		text := says(t, 3, nil, "refit", dir+"/separated.csv", "--format", "json")
		var fits []struct {
			Effect   *float64
			Interval [2]*float64
			Edge     string
		}
		if err := json.Unmarshal([]byte(text), &fits); err != nil || len(fits) != 4 || fits[0].Effect != nil || fits[0].Edge != "stronger" {
			t.Errorf("%v: %s", err, text)
		}
	})
	t.Run("zero", func(t *testing.T) {
		dir := of(t, "05-zero-left-out-of-json")
		says(t, 0, []string{"0 people farther than 30 minutes; no plan does with less than 0"}, "rank", dir+"/siting/s.yaml")
		says(t, 0, []string{`"value": 0`, `"best_possible": 0`}, "rank", dir+"/siting/s.yaml", "--format", "json")
		says(t, 0, []string{`"low_2_5": 0,`, `"high_97_5": 1`}, "run", dir+"/gap/study.yaml", "--format", "json")
	})
	t.Run("people in thousands", func(t *testing.T) {
		dir := of(t, "06-fractional-people")
		for _, s := range []string{"persons", "study"} {
			out := says(t, 0, nil, "run", dir+"/"+s+".yaml", "--format", "csv", "--layer", "inequality")
			for metric, want := range map[string]string{"quantile_0.1_interpolated": "1.9", "quantile_0.5_interpolated": "5.5", "palma": "4.0", "p90_p10": "9.0", "quantile_0.5_lower": "5.0"} {
				if !regexp.MustCompile(metric + "," + regexp.QuoteMeta(want)).MatchString(out) {
					t.Errorf("%s: %s is not %s in\n%s", s, metric, want, out)
				}
			}
		}
	})
	t.Run("a queue just below full", func(t *testing.T) {
		dir := of(t, "08-queue-near-full")
		out := says(t, 0, nil, "run", dir+"/s.yaml", "--format", "json")
		var s struct{ Capacity struct{ Waiting float64 } }
		const use = 0.999999
		if err := json.Unmarshal([]byte(out), &s); err != nil || math.Abs(s.Capacity.Waiting/(use*use/(1-use))-1) > 1e-6 {
			t.Errorf("%v waiting, %v", s.Capacity.Waiting, err)
		}
	})
}
