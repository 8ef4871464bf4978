package draw

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/api/canvas"
	"careshed/api/words"
	"careshed/geo"
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

// Times and shares have limits that let maps be compared, unless nearly all values
// lie between two of them.
func TestUsualBreaks(t *testing.T) {
	for _, c := range []struct {
		column string
		values []float64
		want   bool
	}{
		{"mean_time_min", []float64{10, 40, 300}, true},
		{"mean_time_min", []float64{10, 20, 40}, false},
		{"share_beyond", []float64{0, 0.03, 0.6, math.NaN()}, true},
		{"share_beyond", []float64{0, 0.001, 0.002}, false},
		{"mean_distance_km", []float64{10, 40, 300}, false},
	} {
		if got := telling(usual(c.column), c.values); got != c.want {
			t.Errorf("%s of %v: %v, want %v", c.column, c.values, got, c.want)
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
		if got := c.label(i, style{say: words.Default()}); got != w {
			t.Errorf("class %d is labelled %q, want %q", i, got, w)
		}
	}
	share := classes{breaks: []float64{0.3}}
	if got := share.label(0, style{say: words.Default(), percent: true}); got != "under 30 %" {
		t.Errorf("a share is labelled %q", got)
	}
	all := classes{breaks: []float64{1}}
	if got := all.label(1, style{say: words.Default(), percent: true}); got != "100 %" {
		t.Errorf("all of a share is labelled %q", got)
	}
	for v, want := range map[float64]string{0: "0", 1234567: "1,234,567", 12345.6: "12,346", 0.5: "0.5", 1.0 / 3: "0.33333", -2500: "−2,500", 1e-7: "1e-07"} {
		if got := plain(words.Default(), v); got != want {
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
	for name, r := range map[string]*ramp{"blues": &blues, "browns": &browns} {
		for n, colours := range r {
			if len(colours) != n {
				t.Errorf("%s: the ramp of %d classes has %d colours", name, n, len(colours))
			}
			last := 264.0 // a little off the paper will do
			for _, c := range colours {
				rgb := hex(t, c)
				grey := 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
				if grey > last-8 {
					t.Errorf("%s: %s of %d classes is %v in grey, after %v", name, c, n, grey, last)
				}
				last = grey
			}
		}
	}
}

func hex(t *testing.T, colour canvas.Colour) (rgb [3]float64) {
	t.Helper()
	for i := range rgb {
		v, err := strconv.ParseUint(string(colour[1+2*i:3+2*i]), 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		rgb[i] = float64(v)
	}
	return rgb
}

// Dark is good on a map of centers and bad on one of travel: the two do not
// look the same, from two classes on.
func TestWhatIsWorseIsBrown(t *testing.T) {
	for _, c := range []struct {
		field geo.Field
		want  *ramp
	}{
		{geo.Field{Name: "per_10m", Unit: "per 10 million"}, &blues},
		{geo.Field{Name: "centers"}, &blues},
		{geo.Field{Name: "treated_hold", Unit: "patients a year"}, &blues},
		{geo.Field{Name: "e2sfca", Unit: "supply a head"}, &blues},
		{geo.Field{Name: "time_min", Unit: "min"}, &browns},
		{geo.Field{Name: "time_min_2", Unit: "min"}, &browns},
		{geo.Field{Name: "mean_distance_km", Unit: "km"}, &browns},
		{geo.Field{Name: "share_beyond"}, &browns},
		{geo.Field{Name: "people_beyond", Unit: "people"}, &browns},
		{geo.Field{Name: "people_unreached", Unit: "people"}, &browns},
		{geo.Field{Name: "foregone_hold", Unit: "patients a year"}, &browns},
		{geo.Field{Name: "raam", Unit: "cost, higher is worse"}, &browns},
	} {
		if rampOf(c.field) != c.want {
			t.Errorf("%s has the ramp of the other kind", c.field.Name)
		}
	}
	for n := 2; n < len(blues); n++ {
		if b, y := hex(t, blues[n][n-1]), hex(t, browns[n][n-1]); b[2] < b[0]+40 || y[0] < y[2]+40 {
			t.Errorf("the darkest of %d classes are %s and %s", n, blues[n][n-1], browns[n][n-1])
		}
	}
}
