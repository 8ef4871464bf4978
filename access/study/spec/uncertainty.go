package spec

import (
	"slices"
)

// Varies lists what a spec varies: effect, speed and demand if it does not say.
func (u *UncertaintySpec) Varies() []string {
	if len(u.Vary) == 0 {
		return []string{"effect", "speed", "demand"}
	}
	return u.Vary
}

// factors are what can be correlated: the logarithms of these are normal.
var factors = []string{"effect", "speed", "demand"}

// Factor is the Cholesky factor of the correlations that the spec gives.
func (u *UncertaintySpec) Factor() ([][]float64, bool) {
	m := make([][]float64, len(factors))
	for i := range m {
		m[i] = make([]float64, len(factors))
		m[i][i] = 1
	}
	for _, c := range u.Correlations {
		if len(c.Of) != 2 {
			return nil, false
		}
		a, b := slices.Index(factors, c.Of[0]), slices.Index(factors, c.Of[1])
		if a < 0 || b < 0 || a == b {
			return nil, false
		}
		m[a][b], m[b][a] = c.Value, c.Value
	}
	return correlated(m)
}

func (u *UncertaintySpec) RandomSeed() uint64 {
	if u.Seed == 0 {
		return 1
	}
	return u.Seed
}
