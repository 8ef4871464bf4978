package ground

import (
	"math"
	"slices"
	"testing"
)

// Flows that add up to 100, or with decimals to 1, for every origin are shares.
func TestSharesOfFlows(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		origins []string
		numbers []float64
		want    int
	}{
		{"percentages", []string{"a", "a", "b", "b"}, []float64{33.3, 66.6, 90, 10}, 100},
		{"whole percentages, and an origin of nobody", []string{"a", "a", "b", "b", "c", "c"}, []float64{33, 67, 90, 10, 0, 0}, 100},
		{"percentages that were rounded", []string{"a", "a", "a", "a", "b", "b", "b"}, []float64{33, 33, 30, 3, 90, 8, 3}, 100},
		{"one origin of many that is not whole", slices.Repeat([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, 2),
			[]float64{50, 60, 70, 80, 90, 10, 20, 30, 40, 50, 50, 40, 30, 20, 10, 90, 80, 70, 60, 40}, 100},
		{"counts of which half add up by chance", slices.Repeat([]string{"a", "b", "c", "d"}, 2), []float64{50, 60, 70, 80, 50, 40, 35, 90}, 0},
		{"shares", []string{"a", "a", "b", "b"}, []float64{0.333, 0.667, 0.9, 0.1}, 1},
		{"one patient an origin", []string{"a", "a", "b", "b"}, []float64{0, 1, 1, 0}, 0},
		{"counts", []string{"a", "a", "b", "b"}, []float64{33, 67, 80, 10}, 0},
		{"counts of which some are withheld", []string{"a", "a", "b", "b"}, []float64{33, nan, nan, 10}, 0},
		{"one origin", []string{"a", "a"}, []float64{33, 67}, 0},
		{"a row an origin", []string{"a", "b"}, []float64{100, 100}, 0},
		{"some of each", []string{"a", "a", "b", "b"}, []float64{0.5, 0.5, 50, 50}, 0},
	} {
		if got := sharesOf(c.origins, c.numbers); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
