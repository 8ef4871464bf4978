package access_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// The peers that docs/peers.md lists, on small cases: R with its packages from
// Debian, and simple-statistics from npm, in the folder CARESHED_PEERS (make peers).
// Where one is not installed the test says so.

// inR runs a script, whose lines are a name and numbers.
func inR(t *testing.T, packages []string, script string) map[string][]float64 {
	t.Helper()
	if _, err := exec.LookPath("Rscript"); err != nil {
		t.Skip("SKIPPED: no R here (apt-get install r-base-core)")
	}
	for _, p := range packages {
		if exec.Command("Rscript", "-e", "quit(status = !requireNamespace('"+p+"', quietly = TRUE))").Run() != nil {
			t.Skipf("SKIPPED: R has no package %s here (apt-get install r-cran-%s)", p, strings.ToLower(p))
		}
	}
	file := filepath.Join(t.TempDir(), "peer.R")
	say := "options(digits = 17, warn = -1)\nsay <- function(name, x) cat(name, format(as.numeric(x), digits = 17), '\\n')\n"
	if err := os.WriteFile(file, []byte(say+script), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("Rscript", "--vanilla", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	out := map[string][]float64{}
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		for k := 1; k < len(words); k++ {
			v, err := strconv.ParseFloat(strings.NewReplacer("NA", "NaN").Replace(words[k]), 64)
			if words[k] == "NaN" {
				v, err = math.NaN(), nil
			}
			if err != nil {
				break
			}
			out[words[0]] = append(out[words[0]], v)
		}
	}
	return out
}

// vector is numbers as R writes them.
func vector(v []float64) string {
	words := make([]string, len(v))
	for i, x := range v {
		words[i] = strconv.FormatFloat(x, 'g', -1, 64)
	}
	return "c(" + strings.Join(words, ", ") + ")"
}

// listed checks that docs/peers.md names a comparison.
func listed(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile("../docs/peers.md")
	if err != nil || !strings.Contains(string(text), name) {
		t.Errorf("docs/peers.md does not list %q (%v)", name, err)
	}
}

func like(t *testing.T, name string, got, want, relative float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) {
		return
	}
	if !(math.Abs(got-want) <= relative*math.Max(1e-300, math.Abs(want))) {
		t.Errorf("%s is %v, the peer has %v", name, got, want)
	}
}

func TestRefitAgainstGLM(t *testing.T) {
	listed(t, "odds ratio far against near")
	cases := [][2]float64{{200, 250}, {400, 30}, {300, 290}, {150, 60}}
	script := ""
	for k, c := range cases {
		script += fmt.Sprintf("d <- data.frame(far = c(0, 1), y = c(%v, %v), n = 1000)\ng <- glm(cbind(y, n - y) ~ far, binomial, d, epsilon = 1e-14)\nsay('or%d', exp(coef(g)[2]))\nsay('ci%d', exp(suppressMessages(confint(g)))[2, ])\n", c[0], c[1], k, k)
	}
	r := inR(t, []string{"MASS"}, script)
	for k, c := range cases {
		got, err := access.FarAgainstNear([]access.Observed{{Time: travel.FromMinutes(20), Eligible: 1000, Treated: c[0]}, {Time: travel.FromMinutes(180), Eligible: 1000, Treated: c[1]}})
		if err != nil {
			t.Fatal(err)
		}
		like(t, fmt.Sprint("odds ratio of ", c), got.Odds, r[fmt.Sprint("or", k)][0], 1e-9)
		for end := range 2 { // R interpolates the profile by a spline
			like(t, fmt.Sprint("interval of ", c), got.Interval[end], r[fmt.Sprint("ci", k)][end], 2e-3)
		}
	}
}

// Firth's estimate by R: glm on numbers that are raised by half of what each row's
// leverage is, until that no longer changes (Heinze & Schemper 2002).
func TestFirthAgainstGLM(t *testing.T) {
	listed(t, "odds ratio far against near")
	cases := [][2]float64{{200, 250}, {400, 30}, {400, 0}, {0, 400}, {3, 1000}}
	script := ""
	for k, c := range cases {
		script += fmt.Sprintf("far <- c(0, 1); y <- c(%v, %v); h <- c(1, 0.5)\nfor (i in 1:50) { g <- suppressWarnings(glm(cbind(y + h/2, 1000 - y + h/2) ~ far, binomial, epsilon = 1e-14)); h <- hatvalues(g) }\nsay('f%d', exp(coef(g)[2]))\n", c[0], c[1], k)
	}
	r := inR(t, nil, script)
	for k, c := range cases {
		got, err := access.FarAgainstNear([]access.Observed{{Time: travel.FromMinutes(20), Eligible: 1000, Treated: c[0]}, {Time: travel.FromMinutes(180), Eligible: 1000, Treated: c[1]}})
		if err != nil {
			t.Fatal(err)
		}
		like(t, fmt.Sprint("Firth's estimate of ", c), got.Firth, r[fmt.Sprint("f", k)][0], 1e-8)
	}
}

func TestErlangAgainstR(t *testing.T) {
	listed(t, "M/M/c without leaving")
	r := inR(t, nil, `for (n in c(1, 3, 20)) for (use in c(0.5, 0.9, 0.999999)) { a <- n * use; b <- dpois(n, a) / ppois(n, a); c <- b / (1 - use * (1 - b)); say(paste0("q", n, "_", use), c(c, c * use / (1 - use))) }`)
	for _, n := range []int{1, 3, 20} {
		for _, use := range []float64{0.5, 0.9, 0.999999} {
			q := access.Queue{Arrivals: float64(n) * use, Servers: n, Rate: 1}
			f, err := q.Run()
			if err != nil {
				t.Fatal(err)
			}
			want := r[fmt.Sprintf("q%d_%v", n, use)]
			late, _ := q.Delayed(0)
			like(t, "waiting", f.Waiting, want[1], 1e-8)
			like(t, "delayed", late, want[0], 1e-9)
		}
	}
}

func TestIndicesAgainstR(t *testing.T) {
	listed(t, "Gini, Theil, Atkinson, Hoover")
	random := rand.New(rand.NewPCG(9, 1))
	script := `gini <- function(x, w) { m <- sum(w * x) / sum(w); sum(outer(w, w) * abs(outer(x, x, "-"))) / (2 * m * sum(w)^2) }
theil <- function(x, w) { p <- w / sum(w); m <- sum(p * x); sum(ifelse(x > 0, p * x / m * log(x / m), 0)) }
atkinson <- function(x, w, e) { p <- w / sum(w); m <- sum(p * x); 1 - sum(p * (x / m)^(1 - e))^(1 / (1 - e)) }
hoover <- function(x, w) { p <- w / sum(w); m <- sum(p * x); sum(p * abs(x / m - 1)) / 2 }
`
	var values, weights [][]float64
	for k := range 20 {
		n := 2 + random.IntN(30)
		x, w := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], w[i] = float64(random.IntN(6)), random.Float64()*1e4
		}
		x[0] = 3
		values, weights = append(values, x), append(weights, w)
		script += fmt.Sprintf("x <- %s\nw <- %s\nsay('i%d', c(gini(x, w), theil(x, w), atkinson(x, w, 0.5), hoover(x, w)))\n", vector(x), vector(w), k)
	}
	r := inR(t, nil, script)
	for k, x := range values {
		w, want := weights[k], r[fmt.Sprint("i", k)]
		g, _ := access.Gini(x, w)
		h, _ := access.TheilT(x, w, nil)
		a, _ := access.Atkinson(x, w, 0.5)
		o, _ := access.Hoover(x, w)
		for j, got := range []float64{g, h.Total, a, o} {
			if math.Abs(got-want[j]) > 1e-12 {
				t.Errorf("index %d of %v by %v is %v, R has %v", j, x, w, got, want[j])
			}
		}
	}
}

func TestSpatialAgainstSpdep(t *testing.T) {
	listed(t, "local Moran, Gi, Gi*")
	random := rand.New(rand.NewPCG(9, 2))
	const n = 40
	at, value := make([]orb.Point, n), make([]float64, n)
	for i := range at {
		at[i], value[i] = orb.Point{10 + random.Float64(), 45 + random.Float64()}, random.ExpFloat64()
	}
	w, err := access.NearestNeighbours(t.Context(), at, 5)
	if err != nil {
		t.Fatal(err)
	}
	script := "suppressMessages(library(spdep))\nnb <- list("
	for i := range n {
		js, _ := w.Row(i)
		row := make([]float64, len(js))
		for k, j := range js {
			row[k] = float64(j + 1)
		}
		script += fmt.Sprintf("sort(as.integer(%s)),", vector(row))
	}
	script = strings.TrimSuffix(script, ",") + fmt.Sprintf(`)
class(nb) <- "nb"
lw <- nb2listw(nb, style = "W")
x <- %s
say("moran", moran.test(x, lw)$estimate)
say("local", localmoran(x, lw)[, 1])
say("gi", localG(x, lw))
say("star", localG(x, nb2listw(include.self(nb), style = "W")))
hub <- dnearneigh(cbind(10 + c(0, .1, -.1, 0, 0), 45 + c(0, 0, 0, .1, -.1)), 0, 12, longlat = TRUE)
say("hub", localG(c(7, 1, 2, 3, 4), nb2listw(hub, style = "B")))
`, vector(value))
	r := inR(t, []string{"spdep"}, script)
	m, err := access.MoranI(value, w)
	if err != nil {
		t.Fatal(err)
	}
	for k, got := range []float64{m.I, m.Expected, m.VarianceRandom} {
		like(t, "Moran's I", got, r["moran"][k], 1e-9)
	}
	l, _ := access.LocalMoran(t.Context(), value, w, 0, 1)
	g, _ := access.GetisOrd(t.Context(), value, w, access.Without, 0, 1)
	s, _ := access.GetisOrd(t.Context(), value, w, access.WithItself, 0, 1)
	for i := range n {
		like(t, "local Moran", l.Value[i], r["local"][i], 1e-9)
		like(t, "Gi", g.Z[i], r["gi"][i], 1e-7)
		like(t, "Gi*", s.Z[i], r["star"][i], 1e-7)
	}
	if len(r["hub"]) == 0 || !math.IsNaN(r["hub"][0]) {
		t.Errorf("spdep has %v for a place that sees all others", r["hub"])
	}
}

func TestQuantilesAgainstPeers(t *testing.T) {
	listed(t, "quantiles of people")
	random := rand.New(rand.NewPCG(9, 3))
	one := make([]float64, 24)
	x := make([]float64, 24)
	for i := range x {
		x[i], one[i] = float64(random.IntN(50)), 1
	}
	w := access.NewWeighted(x, one)
	shares := []float64{0.05, 0.1, 0.25, 0.4, 0.5, 0.75, 0.9}
	t.Run("R", func(t *testing.T) {
		r := inR(t, nil, fmt.Sprintf("x <- %s\nsay('one', quantile(x, %s, type = 1))\nsay('two', quantile(x, 0.5, type = 2))", vector(x), vector(shares)))
		for k, q := range shares {
			like(t, fmt.Sprint("lower quantile ", q), w.Quantile(q), r["one"][k], 0) // R's type 1
		}
		like(t, "interpolated median", w.Interpolated(0.5), r["two"][0], 1e-15)
	})
	t.Run("simple-statistics", func(t *testing.T) {
		var got struct{ Quantile []float64 }
		inNode(t, "simple-statistics", fmt.Sprintf("const x = %s; console.log(JSON.stringify({Quantile: %s.map(q => peer.quantile(x, q))}))", list(x), list(shares)), &got)
		for k, q := range shares {
			if whole := 24 * q; whole != math.Trunc(whole) { // at a whole number it takes the mean of two, type 2
				like(t, fmt.Sprint("quantile ", q), w.Quantile(q), got.Quantile[k], 0)
			} else if q == 0.5 {
				like(t, "median", w.Interpolated(q), got.Quantile[k], 1e-15)
			}
		}
	})
	t.Run("Hmisc", func(t *testing.T) {
		people := make([]float64, len(x))
		for i := range people {
			people[i] = float64(1000 + random.IntN(90_000))
		}
		p := access.NewWeighted(x, people)
		r := inR(t, []string{"Hmisc"}, fmt.Sprintf("say('h', Hmisc::wtd.quantile(%s, %s, %s))", vector(x), vector(people), vector(shares)))
		for k, q := range shares {
			like(t, fmt.Sprint("interpolated quantile ", q), p.Interpolated(q), r["h"][k], 1e-12)
		}
	})
}

func list(v []float64) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// inNode runs JavaScript with a package as peer, and reads the JSON that it prints.
func inNode(t *testing.T, name, script string, into any) {
	t.Helper()
	dir := os.Getenv("CARESHED_PEERS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "careshed-peers")
	}
	module := filepath.Join(dir, "node_modules", name)
	if _, err := os.Stat(module); err != nil {
		t.Skipf("SKIPPED: no %s of npm in %s (make peers, or set CARESHED_PEERS)", name, dir)
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("SKIPPED: no Node.js here")
	}
	text, err := exec.Command("node", "-e", fmt.Sprintf("const peer = require(%q); %s", module, script)).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
