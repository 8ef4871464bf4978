package spec

import (
	"fmt"
	"math"
	"slices"

	"go.yaml.in/yaml/v4"
)

// TimesSpec is how far true times may lie from modelled ones: between Low and High
// times them, in the middle 95 %. What is measured is found with the study's places.
type TimesSpec struct {
	Measured  bool
	Low, High float64
}

// Given reports whether the spec has either.
func (t TimesSpec) Given() bool { return t.Measured || t.High > 0 }

// farthest is how many times a modelled time a true one may be.
const farthest = 20.0

func (t *TimesSpec) decode(n *yaml.Node, path string) error {
	const accept = "measured, or [low, high] around 1, from 0.05 to 20"
	if n.Kind == yaml.ScalarNode && n.Value == "measured" {
		t.Measured = true
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) != 2 {
		return wrong(n, path, accept, "found %s", kindOf(n))
	}
	var err error
	if t.Low, err = number(n.Content[0], path+"[0]"); err != nil {
		return err
	}
	if t.High, err = number(n.Content[1], path+"[1]"); err != nil {
		return err
	}
	if !(t.Low >= 1/farthest && t.Low <= 1 && t.High >= 1 && t.High <= farthest) {
		return wrong(n, path, accept, "found [%v, %v]", t.Low, t.High)
	}
	return nil
}

// validate says where times cannot be drawn so.
func (t TimesSpec) validate(s *Spec, u *UncertaintySpec) error {
	if !t.Given() {
		return nil
	}
	const field = "uncertainty.times"
	return Check(
		Rule{slices.Contains(u.Varies(), "speed"), field, "are given, and vary does not name speed", "vary with speed in it"},
		Rule{!t.Measured || s.Travel.Engine == "crow", field,
			fmt.Sprintf("found measured, which is of straight lines, with engine %s", s.Travel.Engine), "[low, high]"},
		Rule{!t.Measured || !s.Travel.GivesBands(), field,
			"found measured, and the study gives bands of its own", "[low, high], such as careshed travel calibrate printed beside them"},
	)
}

// Speed is by what the draw of a standard normal variable multiplies every speed, so
// that 2.5 % of times are below Low and 2.5 % above High times the modelled one.
func (t TimesSpec) Speed(z, normal975 float64) float64 {
	if z > 0 { // a high speed is a short time
		return math.Exp(-z * math.Log(t.Low) / normal975)
	}
	return math.Exp(z * math.Log(t.High) / normal975)
}

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
