package draw

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestRoundest(t *testing.T) {
	for _, c := range []struct{ low, high, want float64 }{
		{0, 1.9, 1}, {3.321, 3.336, 3.33}, {2.7, 3.4, 3}, {48, 53, 50}, {0.11, 0.19, 0.15}, {-7, -3, -5}, {119, 260, 200},
		{1.00001, 1.00002, 1.00002}, {0, 1e-9, 1e-9}, {5.9, 6, 6},
	} {
		if got := roundest(c.low, c.high); got != c.want {
			t.Errorf("roundest(%v, %v) = %v, want %v", c.low, c.high, got, c.want)
		}
	}
}

func TestChosenBreaks(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		zeros  bool
		want   []float64
	}{
		{"nothing", []float64{nan}, false, nil},
		{"one value", []float64{3, 3, 3, nan}, false, nil},
		{"two values", []float64{3, 3, 9}, false, []float64{5}},
		{"zeros apart", []float64{0, 0, 2, 4}, true, []float64{2, 4}},
		{"zeros among others", []float64{0, 0, 2, 4}, false, []float64{2, 4}},
		{"only zeros", []float64{0, 0}, true, nil},
		{"infinity is no value", []float64{1, 2, math.Inf(1)}, false, []float64{2}},
	} {
		if got := chooseBreaks(c.values, c.zeros); !slices.Equal(got, c.want) {
			t.Errorf("%s: breaks %v, want %v", c.name, got, c.want)
		}
	}
}

func TestClassesHoldEveryValueOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		values := make([]float64, 1+r.IntN(400))
		scale := math.Pow(10, float64(r.IntN(12)-5))
		for i := range values {
			switch values[i] = r.ExpFloat64() * scale; r.IntN(6) {
			case 0:
				values[i] = 0
			case 1:
				values[i] = math.Round(values[i]/scale) * scale
			}
		}
		c := classes{breaks: chooseBreaks(values, r.IntN(2) == 0)}
		if err := checkBreaks(c.breaks); err != nil {
			t.Fatalf("chose limits that it would refuse: %v", err)
		}
		c.tally(values)
		if n := len(c.breaks); n > 4 {
			t.Fatalf("%d limits", n)
		}
		total := 0
		for i, n := range c.count {
			total += n
			if n == 0 {
				t.Fatalf("class %d of %v is empty", i, c.breaks)
			}
			if i > 0 && c.low[i] < c.breaks[i-1] || i < len(c.breaks) && c.high[i] >= c.breaks[i] {
				t.Fatalf("class %d holds %v to %v outside its limits %v", i, c.low[i], c.high[i], c.breaks)
			}
		}
		if total != len(values) {
			t.Fatalf("%d of %d values have a class", total, len(values))
		}
	}
}

func TestLabels(t *testing.T) {
	c := classes{breaks: []float64{0.3, 2, 4, 11.4}}
	want := []string{"under 0.3", "0.3 to <2", "2 to <4", "4 to <11.4", "11.4 or more"}
	for i, w := range want {
		if got := c.label(i, style{}); got != w {
			t.Errorf("class %d is labelled %q, want %q", i, got, w)
		}
	}
	share := classes{breaks: []float64{0.3}}
	if got := share.label(0, style{percent: true}); got != "under 30 %" {
		t.Errorf("a share is labelled %q", got)
	}
	for v, want := range map[float64]string{0: "0", 1234567: "1,234,567", 12345.6: "12,346", 0.5: "0.5", 1.0 / 3: "0.33333", -2500: "−2,500", 1e-7: "1e-07"} {
		if got := plain(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

func TestGivenBreaksAreChecked(t *testing.T) {
	for _, b := range [][]float64{{2, 1}, {1, 1}, {math.NaN()}, {math.Inf(1)}, {1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		if err := checkBreaks(b); err == nil || !strings.Contains(err.Error(), "accepted:") {
			t.Errorf("%v: %v", b, err)
		}
	}
}

// Every ramp keeps its order without colour.
func TestRampsDarken(t *testing.T) {
	hex := func(s string) float64 {
		return float64(strings.IndexByte("0123456789abcdef", s[0])*16 + strings.IndexByte("0123456789abcdef", s[1]))
	}
	for n, colours := range ramp {
		if len(colours) != n {
			t.Errorf("the ramp of %d classes has %d colours", n, len(colours))
		}
		last := 264.0 // a little off the paper will do
		for _, c := range colours {
			grey := 0.2126*hex(c[1:]) + 0.7152*hex(c[3:]) + 0.0722*hex(c[5:])
			if grey > last-8 {
				t.Errorf("%s of %d classes is %v in grey, after %v", c, n, grey, last)
			}
			last = grey
		}
	}
}
