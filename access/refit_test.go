package access_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access"
	"careshed/geo/travel"
)

// A table made by a known penalty gives it back; the interval covers the truth
// about 95 times in 100; the right family has the lowest AIC as a rule.
func TestRefitFindsWhatMadeTheTable(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	covered, chosen := 0, 0
	const trials = 60
	for range trials {
		p, err := access.NewPenalty(access.Odds, access.Gaussian, 0.55, access.Continue)
		if err != nil {
			t.Fatal(err)
		}
		var table []access.Observed
		for _, min := range []float64{10, 25, 45, 75, 105, 135, 170, 220} {
			o := access.Observed{Time: travel.FromMinutes(min), Eligible: 1500}
			for range 1500 {
				if r.Float64() < p.Likelihood(0.2, o.Time) {
					o.Treated++
				}
			}
			table = append(table, o)
		}
		lowest := access.Family("")
		least := 0.0
		for _, f := range access.Families {
			fit, err := access.Refit(table, f)
			if err != nil {
				t.Fatal(err)
			}
			if lowest == "" || fit.AIC < least {
				lowest, least = f, fit.AIC
			}
			if f == access.Gaussian {
				if fit.Interval[0] <= 0.55 && fit.Interval[1] >= 0.55 {
					covered++
				}
				var expected, observed float64
				for i, o := range table {
					expected += fit.Expected[i]
					observed += o.Treated
				}
				if !near(expected, observed, 1e-6*observed) {
					t.Fatalf("expected %v, observed %v", expected, observed)
				}
				if fit.Effect < fit.Interval[0] || fit.Effect > fit.Interval[1] {
					t.Fatalf("%+v", fit)
				}
			}
		}
		if lowest == access.Gaussian {
			chosen++
		}
	}
	if covered < trials*85/100 || chosen < trials/2 {
		t.Errorf("of %d trials the interval covered the truth %d times, and AIC chose the family that made it %d times", trials, covered, chosen)
	}
}

func TestRefitRefuses(t *testing.T) {
	row := func(min, eligible, treated float64) access.Observed {
		return access.Observed{Time: travel.FromMinutes(min), Eligible: eligible, Treated: treated}
	}
	for want, table := range map[string][]access.Observed{
		"too few to fit":         {row(10, 100, 12), row(180, 100, 5)},
		"both sides":             {row(10, 1000, 200), row(50, 1000, 200)},
		"0 ≤ treated ≤ eligible": {row(10, 10, 20), row(180, 1000, 200)},
		"a time of 0 or more":    {row(-1, 1000, 200), row(180, 1000, 200)},
	} {
		if _, err := access.Refit(table, access.Exponential); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
