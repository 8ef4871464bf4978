package access_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"careshed/access"
)

// No count below the limit is printed, and no group has exactly one cell left
// out beside others that are printed.
func TestWithholdLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		n := 1 + r.IntN(20)
		counts, group := [][]float64{make([]float64, n), make([]float64, n)}, make([]int, n)
		for i := range n {
			counts[0][i], group[i] = float64(r.IntN(12)), r.IntN(4)-1
			counts[1][i] = counts[0][i] * r.Float64()
		}
		mark, _ := access.Withhold(counts, 1, group, 5)
		marked, shown := map[int]int{}, map[int]int{}
		for i, m := range mark {
			if m {
				marked[group[i]]++
			} else if counts[0][i] > 0 {
				shown[group[i]]++
				if counts[0][i] < 5 || counts[1][i] > 0 && counts[1][i] < 5 {
					t.Fatalf("cell %d is printed with %v and %v", i, counts[0][i], counts[1][i])
				}
			}
		}
		for g, k := range marked {
			if g >= 0 && k == 1 && shown[g] > 0 {
				t.Fatalf("group %d has one cell withheld and %d printed: %v, %v", g, shown[g], counts, mark)
			}
		}
	}
	for _, m := range first(access.Withhold([][]float64{{1, 2, 3}}, 1, nil, 0)) {
		if m {
			t.Error("without a limit something is withheld")
		}
	}
}

func first(mark []bool, _ map[int]bool) []bool { return mark }

// Of four places on the mainland and two on islands without a way, the totals of eligible and
// of those with a way tell how many the islands have together: one that is small needs the
// other, and nothing on the mainland hides it.
func TestWithholdWithoutWay(t *testing.T) {
	eligible := []float64{40, 50, 60, 3, 20}
	withWay := []float64{40, 50, 60, 0, 0}
	mark, known := access.Withhold([][]float64{eligible, withWay}, 2, nil, 5)
	if want := []bool{false, false, false, true, true}; !slices.Equal(mark, want) || known[0] {
		t.Errorf("withheld %v (known %v), want %v", mark, known, want)
	}
	mark, known = access.Withhold([][]float64{eligible[:4], withWay[:4]}, 2, nil, 5)
	if want := []bool{true, false, false, true}; !slices.Equal(mark, want) || !known[0] {
		t.Errorf("withheld %v (known %v), want %v, and that the totals tell it", mark, known, want)
	}
}

// Where the totals of eligible and of treated patients are told, and the likelihood of each
// cell can be worked out from its minutes, two unknown cells are two equations: e and f with
// e + f = E and p e + q f = T give e = (T - q E) / (p - q). So there are three, or two of
// the same likelihood.
func TestWithholdTwoTotals(t *testing.T) {
	eligible := []float64{3, 35, 90, 60, 70}
	for _, c := range []struct {
		likelihood []float64
		want       []bool
	}{
		{[]float64{0.25, 0.5, 0.125, 0.75, 0.5}, []bool{true, true, false, true, false}},
		{[]float64{0.5, 0.5, 0.5, 0.5, 0.5}, []bool{true, true, false, false, false}},
		{[]float64{0.25, 0.5, 0.125, 0.5, 0.5}, []bool{true, true, true, false, false}}, // 60 more at a half would leave 3 known
	} {
		treated := make([]float64, len(eligible))
		for i, e := range eligible {
			treated[i] = e * c.likelihood[i]
		}
		if mark, _ := access.Withhold([][]float64{eligible, treated}, 2, nil, 5); !slices.Equal(mark, c.want) {
			t.Errorf("likelihoods %v: withheld %v, want %v", c.likelihood, mark, c.want)
		}
	}
}

// No cell that is withheld can be worked out: some change of the withheld ones that keeps
// both totals changes it too, unless nothing in its group is left to be withheld.
func TestWithholdTwoTotalsLaw(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		n := 1 + r.IntN(9)
		counts := [][]float64{make([]float64, n), make([]float64, n)}
		rate := make([]float64, n)
		for i := range n {
			rate[i] = float64(1+r.IntN(4)) / 4
			counts[0][i] = float64(1 + r.IntN(40))
			counts[1][i] = counts[0][i] * rate[i]
		}
		mark, _ := access.Withhold(counts, 2, nil, 5)
		byRate, m := map[float64]int{}, 0
		for i := range n {
			if mark[i] {
				byRate[rate[i]]++
				m++
			}
		}
		if m == 0 || m == n {
			continue
		}
		// A cell is free if another has its rate, or if two others of other rates stand against it.
		for i := range n {
			if small := counts[1][i] < 5; small && byRate[rate[i]] == 1 && len(byRate) < 3 {
				free, other := false, map[float64]bool{} // could all others together hide it?
				for j := range n {
					if j != i {
						free, other[rate[j]] = free || rate[j] == rate[i], true
					}
				}
				if free || len(other) >= 2 {
					t.Fatalf("cell %d follows from the totals: %v, rates %v, withheld %v", i, counts[0], rate, mark)
				}
			}
		}
	}
}
