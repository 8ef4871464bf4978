package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// siting runs careshed rank on a study and gives its summary's siting.
func siting(t *testing.T, dir, spec string) (out struct {
	Value, Gain, Gap float64
	Best             float64 `json:"best_possible"`
	Proven           bool
	Opened           int
}) {
	t.Helper()
	path := filepath.Join(dir, "study.yaml")
	if err := os.WriteFile(path, []byte(spec), 0o666); err != nil {
		t.Fatal(err)
	}
	code, printed, log := call(t, "rank", path, "--format", "json", "-q")
	if code != 0 {
		t.Fatalf("%s\n%s", log, spec)
	}
	var s struct{ Siting json.RawMessage }
	if err := json.Unmarshal([]byte(printed), &s); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(s.Siting, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Textbook instances go through the same door as countries: coordinates with
// the instance's rounding rule.
func TestTextbookCoordinates(t *testing.T) {
	root := shared(t)
	dir := t.TempDir()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(root, "cases", "siting", "synth", name))
		if err != nil {
			t.Skipf("SKIPPED: no known answers here: %v", err)
		}
		return b
	}
	for _, f := range []string{"S500x50_cand.csv", "S500x50_demand.csv"} {
		if err := os.WriteFile(filepath.Join(dir, f), read(f), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	spec := func(siting string) string {
		return `version: 1
name: textbook
layers:
  demand: {file: S500x50_demand.csv, geometry: none, id: id}
  cand: {file: S500x50_cand.csv, geometry: none, id: id}
places: {layer: demand, weight: w}
candidates: {layer: cand}
travel: {engine: plane, x: x, y: y, round: floor, borders: free}
siting: ` + siting + "\n"
	}
	people := 0.0
	for _, line := range strings.Fields(string(read("S500x50_demand.csv")))[1:] {
		var w float64
		fmt.Sscan(line[strings.LastIndex(line, ",")+1:], &w)
		people += w
	}
	var optima map[string]map[string]struct{ Opt, Covered float64 }
	if err := json.Unmarshal(read("optima.json"), &optima); err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]string{"pmedian_p5": "{pick: 5, goal: mean_time, exact: true}", "pcenter_p5": "{pick: 5, goal: worst_time, exact: true}",
		"lscp_R12000": "{goal: all_covered, within_min: 12000}", "mclp_p5_R3000": "{pick: 5, goal: covered, within_min: 3000}"} {
		known, ok := optima["S500x50"][name]
		if !ok {
			t.Fatalf("no %s in %v", name, optima["S500x50"])
		}
		want := known.Opt
		if name == "mclp_p5_R3000" {
			want = people - known.Covered
		}
		got := siting(t, dir, spec(ask))
		if got.Value != want || !(got.Best <= want) || !got.Proven {
			t.Errorf("%s: %+v, optimum %v", name, got, want)
		}
	}
	// What cannot be done says for whom, and what would do: the farthest is 10,799
	// from any candidate.
	path := filepath.Join(dir, "study.yaml")
	if err := os.WriteFile(path, []byte(spec("{goal: all_covered, within_min: 8000}")), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, log := call(t, "rank", path, "-q"); !strings.Contains(log, "a limit of 10799 would reach every place") || !strings.Contains(log, "place ") {
		t.Error(log)
	}
}

// Tarrant's drive minutes as a plain list of costs: p-median, coverage, set
// covering, p-center, with and without sites that are kept.
func TestTextbookCosts(t *testing.T) {
	root := filepath.Join(shared(t), "cases", "access", "tarrant")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("SKIPPED: no known answers here: %v", err)
	}
	dir := t.TempDir()
	rows := func(name string) [][]string {
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	var demand, cand, cost strings.Builder
	demand.WriteString("id,population\n")
	for _, r := range rows("demand.csv")[1:] {
		fmt.Fprintf(&demand, "%s,%s\n", r[0], r[2])
	}
	cand.WriteString("id\n")
	cost.WriteString("place,site,cost\n")
	minutes := rows("minutes.csv")
	for _, c := range minutes[0][1:] {
		fmt.Fprintln(&cand, c)
	}
	for _, r := range minutes[1:] {
		for k, v := range r[1:] {
			fmt.Fprintf(&cost, "%s,%s,%s\n", r[0], minutes[0][k+1], v)
		}
	}
	for name, text := range map[string]string{"demand.csv": demand.String(), "cand.csv": cand.String(), "cost.csv": cost.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	total := 0.0
	for _, r := range rows("demand.csv")[1:] {
		var p float64
		fmt.Sscan(r[2], &p)
		total += p
	}
	tried := 0
	for _, r := range rows("tarrant_expected.csv")[1:] {
		var p int
		var radius, want float64
		fmt.Sscan(r[4], &want)
		ask, kept := "", ""
		for _, word := range strings.Fields(r[2]) {
			switch k, v, _ := strings.Cut(word, "="); k {
			case "p":
				fmt.Sscan(v, &p)
			case "radius":
				fmt.Sscan(strings.TrimPrefix(v, "radius="), &radius)
			case "predefined":
				kept = ", forced: ['" + strings.ReplaceAll(v, ";", "', '") + "']"
			}
		}
		if i := strings.Index(r[2], "radius="); i >= 0 {
			fmt.Sscan(strings.FieldsFunc(r[2][i+7:], func(c rune) bool { return c == ' ' || c == ',' })[0], &radius)
		}
		switch r[1] {
		case "p_median":
			ask = fmt.Sprintf("{pick: %d, goal: mean_time%s}", p, kept)
		case "mclp":
			ask = fmt.Sprintf("{pick: %d, goal: covered, within_min: %g%s}", p, radius, kept)
			want = total - want // left out
		case "lscp":
			ask = fmt.Sprintf("{goal: all_covered, within_min: %g%s}", radius, kept)
		case "p_center":
			ask = fmt.Sprintf("{pick: %d, goal: worst_time%s}", p, kept)
		default:
			continue
		}
		got := siting(t, dir, `version: 1
name: tarrant
layers:
  demand: {file: demand.csv, geometry: none, id: id}
  cand: {file: cand.csv, geometry: none, id: id}
  cost: {file: cost.csv, geometry: none}
places: {layer: demand}
candidates: {layer: cand}
travel: {engine: matrix, table: cost, place: place, site: site, minutes: cost, borders: free}
siting: `+ask+"\n")
		tried++
		if math.Abs(got.Value-want) > 1e-6*math.Max(1, want) || !got.Proven {
			t.Errorf("%s %s: %+v, optimum %v", r[1], r[2], got, want)
		}
	}
	if tried < 10 {
		t.Errorf("only %d cases were tried", tried)
	}
}
