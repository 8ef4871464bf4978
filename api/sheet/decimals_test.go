package sheet

import "testing"

// A small number is told from nothing.
func TestDecimalsOfSmallNumbers(t *testing.T) {
	for v, want := range map[float64]int{0: 1, 0.0004: 4, 0.04: 3, -0.0005: 4, 0.2: 2, 3: 1, 120: 0, 1e-9: 6} {
		if got := decimals(v); got != want {
			t.Errorf("%v has %d decimals, want %d", v, got, want)
		}
	}
}
