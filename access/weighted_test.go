package access

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Many rows are in the order that comparing gives them: by value, ties and both
// zeros by row.
func TestOrderOfManyValues(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 1e-310, -1e-310, math.MaxFloat64, -math.MaxFloat64, 1, -1}
	for _, n := range []int{0, 1, few, few + 1, 50_000} {
		value, weight := make([]float64, n), make([]float64, n)
		var want []int32
		for i := range value {
			switch random.IntN(4) {
			case 0:
				value[i] = odd[random.IntN(len(odd))]
			case 1:
				value[i] = float64(random.IntN(50) - 25)
			case 2:
				value[i] = random.NormFloat64() * math.Pow(10, float64(random.IntN(40)-20))
			default:
				value[i] = math.NaN()
			}
			if weight[i] = float64(random.IntN(3)); weight[i] > 0 && !math.IsNaN(value[i]) {
				want = append(want, int32(i))
			}
		}
		slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(value[a], value[b]) })
		if got := NewWeighted(value, weight).order; !slices.Equal(got, want) && len(want) > 0 {
			t.Errorf("%d values: not in order", n)
		}
	}
}

func BenchmarkWeighted(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	value, weight := make([]float64, 238_437), make([]float64, 238_437)
	for i := range value {
		value[i], weight[i] = random.Float64()*500, 1
	}
	for b.Loop() {
		NewWeighted(value, weight)
	}
}
