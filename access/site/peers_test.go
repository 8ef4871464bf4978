package site_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"careshed/access/site"
)

// programme is the choice of p sites as a whole-number programme in CPLEX's LP
// format: what places gain, each from one open site.
func programme(p *site.Problem) string {
	var gain, rows, binary strings.Builder
	served := make([]string, len(p.Now))
	for j, offers := range p.Offers {
		fmt.Fprintf(&binary, " y%d\n", j)
		for _, o := range offers {
			if g := p.Weight[o.Place] * (o.Worth - p.Now[o.Place]); g > 0 {
				x := fmt.Sprintf("x%d_%d", o.Place, j)
				fmt.Fprintf(&gain, " + %s %s\n", strconv.FormatFloat(g, 'f', -1, 64), x)
				fmt.Fprintf(&rows, " o%d_%d: %s - y%d <= 0\n", o.Place, j, x, j)
				served[o.Place] += " + " + x
			}
		}
	}
	for i, s := range served {
		if s != "" {
			fmt.Fprintf(&rows, " s%d:%s <= 1\n", i, s)
		}
	}
	var sum []string
	for j := range p.Offers {
		sum = append(sum, fmt.Sprintf("y%d", j))
	}
	fmt.Fprintf(&rows, " pick: %s <= %d\n", strings.Join(sum, " + "), p.Pick)
	return "Maximize\n gain:\n" + gain.String() + "Subject To\n" + rows.String() + "Binary\n" + binary.String() + "End\n"
}

// The gains of plans proven best are those of HiGHS (npm) and GLPK (Debian).
func TestPlansAgainstSolvers(t *testing.T) {
	text, err := os.ReadFile("../../docs/peers.md")
	if err != nil || !strings.Contains(string(text), "plans of p sites") {
		t.Errorf("docs/peers.md does not list the comparison (%v)", err)
	}
	r := rand.New(rand.NewPCG(9, 9))
	var problems []*site.Problem
	var gains []float64
	for range 12 {
		n, m := 5+r.IntN(15), 3+r.IntN(6)
		p := &site.Problem{Pick: 1 + r.IntN(3), Weight: make([]float64, n), Now: make([]float64, n), Offers: make([][]site.Offer, m)}
		for i := range n {
			p.Weight[i], p.Now[i] = float64(1+r.IntN(9)), -float64(60+r.IntN(60))
		}
		for j := range m {
			for i := range n {
				if r.IntN(3) > 0 {
					p.Offers[j] = append(p.Offers[j], site.Offer{Place: int32(i), Worth: math.Max(p.Now[i], -float64(r.IntN(120)))})
				}
			}
		}
		in, err := site.FromOffers(p, site.Rules{Pick: p.Pick})
		if err != nil {
			t.Fatal(err)
		}
		x, err := site.Solve(context.Background(), in, site.Options{Exact: true}, nil)
		if err != nil || !x.Proven {
			t.Fatalf("%+v, %v", x, err)
		}
		problems, gains = append(problems, p), append(gains, in.Nothing()-x.Cost)
	}
	t.Run("GLPK", func(t *testing.T) {
		if _, err := exec.LookPath("glpsol"); err != nil {
			t.Skip("SKIPPED: no glpsol here (apt-get install glpk-utils)")
		}
		for k, p := range problems {
			file := filepath.Join(t.TempDir(), "p.lp")
			if err := os.WriteFile(file, []byte(programme(p)), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("glpsol", "--lp", file, "-w", file+".txt").CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			text, err := os.ReadFile(file + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			found := regexp.MustCompile(`(?m)^c Objective:.*= (\S+)`).FindSubmatch(text)
			if found == nil {
				t.Fatalf("no objective in %s", text)
			}
			if want, _ := strconv.ParseFloat(string(found[1]), 64); math.Abs(gains[k]-want) > 1e-6*math.Max(1, want) {
				t.Errorf("problem %d gains %v, and GLPK %v", k, gains[k], want)
			}
		}
	})
	t.Run("HiGHS", func(t *testing.T) {
		dir := os.Getenv("CARESHED_PEERS")
		if dir == "" {
			dir = filepath.Join(os.TempDir(), "careshed-peers")
		}
		module := filepath.Join(dir, "node_modules", "highs")
		if _, err := os.Stat(module); err != nil {
			t.Skipf("SKIPPED: no highs of npm in %s (make peers, or set CARESHED_PEERS)", dir)
		}
		var all []string
		for _, p := range problems {
			all = append(all, programme(p))
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "all.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("node", "-e", fmt.Sprintf(`require(%q)().then(h => console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(%q)).map(lp => h.solve(lp).ObjectiveValue))))`, module, file)).Output()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		var want []float64
		if err := json.Unmarshal(out, &want); err != nil || len(want) != len(gains) {
			t.Fatalf("%v: %s", err, out)
		}
		for k := range want {
			if math.Abs(gains[k]-want[k]) > 1e-6*math.Max(1, want[k]) {
				t.Errorf("problem %d gains %v, and HiGHS %v", k, gains[k], want[k])
			}
		}
	})
}
