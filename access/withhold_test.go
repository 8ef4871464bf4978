package access_test

import (
	"math/rand/v2"
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
		mark := access.Withhold(counts, group, 5)
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
	for _, m := range access.Withhold([][]float64{{1, 2, 3}}, nil, 0) {
		if m {
			t.Error("without a limit something is withheld")
		}
	}
}
