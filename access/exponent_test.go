package access_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access"
)

// The exponent that made a figure is found; one place and two sites by hand.
func TestExponent(t *testing.T) {
	m := grid(rand.New(rand.NewPCG(12, 12)), 300, 10, 200)
	people := make([]float64, m.Places)
	for i := range people {
		people[i] = float64(1 + i%7)
	}
	beyond := func(flow []float64) float64 {
		return 1 - access.Describe(m, flow, nil, 1, []float64{60}).Bands[0].Share
	}
	c, err := access.NewChoices(m, nil, []access.Term{access.LogMinutes()})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []float64{0.5, 1.7, 4} {
		got, err := access.Exponent(m, people, beyond, beyond(access.Along(m, people, c.Shares([]float64{-b}))))
		if err != nil || math.Abs(got-b) > 1e-6 {
			t.Errorf("%v, made by %v: %v", got, b, err)
		}
	}
	// 30 and 60 minutes: a quarter goes farther if 2^-b = 1/3.
	f := byHand(t, nil, nil, nil)
	two := *f.Matrix
	two.Places, two.Start, two.Site, two.Time = 1, []int{0, 2}, two.Site[3:5], two.Time[3:5]
	got, err := access.Exponent(&two, []float64{8}, func(flow []float64) float64 { return flow[0] / 8 }, 0.25)
	if want := math.Log(3) / math.Log(2); err != nil || math.Abs(got-want) > 1e-6 {
		t.Errorf("%v, by hand %v: %v", got, want, err)
	}
	if _, err := access.Exponent(&two, []float64{8}, func(flow []float64) float64 { return flow[0] / 8 }, 0.75); err == nil || !strings.Contains(err.Error(), "no exponent gives 0.75") {
		t.Error(err)
	}
}
