package draw

import (
	"testing"

	"github.com/paulmach/orb"
)

// Marks that would hide each other become one with their number; no site is lost,
// kinds stay apart, and what is joined lies where its sites do on average.
func TestCrowds(t *testing.T) {
	at := func(x float64, kind string) spot { return spot{orb.Point{x, 0}, kind, kind} }
	for _, c := range []struct {
		spots []spot
		want  []int
	}{
		{[]spot{at(0, "open"), at(10, "open")}, []int{1, 1}},
		{[]spot{at(0, "open"), at(2, "open")}, []int{2}},
		{[]spot{at(0, "open"), at(2, "proposed")}, []int{1, 1}},
		{[]spot{at(0, "open"), at(2, "open"), at(7, "open"), at(30, "open")}, []int{3, 1}}, // the circle hides the third
		{[]spot{at(0, "open"), at(2, "open"), at(9, "open"), at(11, "open")}, []int{4}},    // two circles would touch
	} {
		marks, crowded := crowds(c.spots)
		n, many := 0, false
		for i, m := range marks {
			n += len(m.names)
			many = many || len(m.names) > 1
			if i < len(c.want) && len(m.names) != c.want[i] {
				t.Errorf("%v: mark %d stands for %d, want %d", c.spots, i, len(m.names), c.want[i])
			}
		}
		if len(marks) != len(c.want) || n != len(c.spots) || crowded != many {
			t.Errorf("%v: %d marks for %d sites, crowded %v", c.spots, len(marks), n, crowded)
		}
	}
	if marks, _ := crowds([]spot{at(0, "open"), at(3, "open")}); marks[0].at != (orb.Point{1.5, 0}) {
		t.Errorf("joined at %v", marks[0].at)
	}
}
