package access

import (
	"math"
	"slices"
	"testing"
)

// Counts by hand: a year, a half, whole years, days, and what has no length.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		count       Count
		years, year float64
	}{
		{Count{From: "2024", To: "2024", Low: 150, Per: "year"}, 1, 150},
		{Count{From: "2025-01", To: "2025-06-30", Low: 492, Per: "period"}, 181 / 365.25, 492 / (181 / 365.25)},
		{Count{From: "2019", To: "2020", Low: 20, Per: "cumulative"}, 731 / 365.25, 20 / (731 / 365.25)},
		{Count{From: "2018-11", To: "2024-05", Low: 1406, Per: "cumulative"}, 2039 / 365.25, 1406 / (2039 / 365.25)},
		{Count{From: "2019-08-14", To: "2022-06-30", Low: 108, Per: "cumulative"}, 1052 / 365.25, 108 / (1052 / 365.25)},
		{Count{To: "2025", Low: 1000, Per: "year"}, 1, 1000}, // the year is known, its beginning is not told
		{Count{To: "2025-05", Low: 136, Per: "cumulative"}, math.NaN(), math.NaN()},
		{Count{From: "2025", To: "2024", Low: 1, Per: "period"}, math.NaN(), math.NaN()},
		{Count{From: "2024", To: "2024", Rate: 2.06, Per: "year"}, 1, math.NaN()},
	} {
		if got := c.count.Years(); !same(got, c.years) {
			t.Errorf("%+v: %v years, want %v", c.count, got, c.years)
		}
		if got := c.count.PerYear(); !same(got, c.year) {
			t.Errorf("%+v: %v a year, want %v", c.count, got, c.year)
		}
	}
	if got := (Count{From: "2024", To: "2024", Low: 150, Per: "year"}).Per100k(8_932_664); math.Abs(got-1.68) > 0.005 {
		t.Errorf("Austria has %v per 100,000", got)
	}
	if got := (Count{Rate: 2.06}).Per100k(661_197); got != 2.06 {
		t.Errorf("a published rate is %v", got)
	}
	if got := (Count{Low: 1, Per: "year"}).Per100k(0); !math.IsNaN(got) {
		t.Errorf("nobody has %v per 100,000", got)
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9 }

func TestWhyACountIsNotTheModel(t *testing.T) {
	c := Count{From: "2019-03", To: "2025-06-30", Indication: "all", Stage: "applied", Qualifier: "at least", Per: "cumulative", Scope: "country or larger"}
	if got, want := c.Why([]string{"lbcl-3l"}), []string{"indication: all", "applied, not infused", "mean of 6.3 years", "at least"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (Count{Indication: "LBCL 3L", Stage: "infused", Per: "year"}).Why([]string{"lbcl-3l"}); len(got) != 0 {
		t.Errorf("the same thing differs by %q", got)
	}
	for _, of := range [][]string{nil, {"mm-4l"}, {"lbcl-3l", "mm-4l"}} {
		if got := (Count{Indication: "LBCL 3L", Stage: "infused", Per: "year"}).Why(of); !slices.Equal(got, []string{"indication: LBCL 3L"}) {
			t.Errorf("a model of %q: %q", of, got)
		}
	}
	if c.Areal() != true || (Count{Scope: "one hospital"}).Areal() || (Count{Scope: "region", Stage: "expected"}).Areal() {
		t.Error("which counts are of an area")
	}
}
