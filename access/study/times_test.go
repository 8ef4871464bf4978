package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo/travel"
)

const drawnSpec = "version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: crow, borders: free%s}\nmeasures: [travel]\nuncertainty: {draws: %d, seed: 5, vary: [speed]%s}\n"

func headlineOf(t *testing.T, r *finding.Result, what string) finding.Interval {
	t.Helper()
	for _, i := range r.Summary.Uncertainty {
		if i.What == what {
			return i
		}
	}
	t.Fatalf("no interval of %s", what)
	return finding.Interval{}
}

// multiple is by what a true time multiplies a modelled one, drawn by inverting the
// distribution on a grid: half of them below 1, 2.5 % below low and above high.
func multiple(r *rand.Rand, low, high float64) float64 {
	share, sum := r.Float64(), 0.0
	const step = 1e-3
	for z := -8.0; z < 8; z += step {
		sum += step * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		if sum >= share {
			end := high
			if z < 0 {
				end = 1 / low
			}
			return math.Pow(end, z/1.959963984540054)
		}
	}
	return high
}

// A truth that lies around the estimate as far as was said lies in the interval 95 times
// of 100, also where it is not as far below as above.
func TestTimesCover(t *testing.T) {
	for _, x := range [][2]float64{{0.7, 1.9}, {0.95, 1.05}, {0.6, 3}} {
		r := runSpec(t, inCountries(t, "IT", "IT", "IT", "IT", "IT"), fmt.Sprintf(drawnSpec, "", 4000, fmt.Sprintf(", times: [%v, %v]", x[0], x[1])))
		over := headlineOf(t, r, "mean_time_min")
		random := rand.New(rand.NewPCG(11, 12))
		const truths = 2000
		in := 0
		for range truths {
			if truth := float64(over.Value) * multiple(random, x[0], x[1]); truth >= float64(over.Low) && truth <= float64(over.High) {
				in++
			}
		}
		if share := float64(in) / truths; math.Abs(share-0.95) > 0.015 {
			t.Errorf("%v: %v of the truths are in %+v", x, share, over)
		}
	}
}

// No spread is no draw: every interval is its value, to the bit.
func TestTimesWithoutSpread(t *testing.T) {
	r := runSpec(t, toy(t), fmt.Sprintf(drawnSpec, "", 50, ", times: [1, 1]"))
	if len(r.Summary.Uncertainty) == 0 {
		t.Fatal("no intervals")
	}
	for _, i := range r.Summary.Uncertainty {
		if i.Low != i.Value || i.High != i.Value {
			t.Errorf("%+v", i)
		}
	}
}

// The same seed gives the same intervals on one core and on many.
func TestTimesOnAnyCores(t *testing.T) {
	run := func(cores int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		return fmt.Sprint(runSpec(t, toy(t), fmt.Sprintf(drawnSpec, "", 300, ", times: measured")).Summary.Uncertainty)
	}
	if one, many := run(1), run(7); one != many {
		t.Errorf("%s\n%s", one, many)
	}
}

// What was measured is drawn: in a country of which there is a whole measurement its
// own, else the widest, and a note says which; without the word nothing changes.
func TestTimesMeasured(t *testing.T) {
	widest, of, _ := travel.ScatterOf(nil)
	for _, x := range []struct {
		country, note string
		s             travel.Scatter
		where         string
	}{
		{"LU", "draws.measured", measuredIn("LU").Far, measuredIn("LU").Of},
		{"AD", "draws.measured", measuredIn("AD").Far, measuredIn("AD").Of},
		{"DE", "draws.measured.widest", widest, of.Of},
		{"US", "draws.measured.widest", widest, of.Of},
	} {
		c := x.country
		w := inCountries(t, c, c, c, c, c)
		r := runSpec(t, w, fmt.Sprintf(drawnSpec, "", 20_000, ", times: measured"))
		i := headlineOf(t, r, "mean_time_min")
		if low, high := float64(i.Low/i.Value), float64(i.High/i.Value); math.Abs(low/x.s.Low-1) > 0.02 || math.Abs(high/x.s.High-1) > 0.03 {
			t.Errorf("%s: times are drawn between %v and %v, want %+v", c, low, high, x.s)
		}
		n, said := noteOf(r, x.note)
		if !said || !strings.Contains(n.Text, x.where) || n.About != ground.AboutWays {
			t.Errorf("%s: %+v", c, r.Summary.Notes.Texts())
		}
		plain := runSpec(t, w, fmt.Sprintf(drawnSpec, "", 20, ""))
		if _, said := noteOf(plain, "draws.speed"); !said {
			t.Errorf("%s: without the word the assumption is drawn: %v", c, plain.Summary.Notes.Texts())
		}
	}
}

func measuredIn(country string) travel.Measured {
	m, _ := travel.MeasuredIn(country)
	return m
}

// The draws of speed stay those of the other factors' correlations, in order: the
// higher the assumed speed, the higher the measured.
func TestTimesKeepTheOrder(t *testing.T) {
	u := spec.UncertaintySpec{Draws: 500, Seed: 4, Vary: []string{"speed"}}
	assumed := finding.Drawings(&u, &ground.Model{Effect: 0.6}, 0)
	u.Times = spec.TimesSpec{Low: 0.5, High: 3}
	for k, d := range finding.Drawings(&u, &ground.Model{Effect: 0.6}, 0) {
		if a := assumed[k].Speed; (a > 1) != (d.Speed > 1) || a > 1 && d.Speed < a || a < 1 && d.Speed > a {
			t.Errorf("a speed of %v became %v", a, d.Speed)
		}
	}
}

// What cannot be drawn so is refused with what can.
func TestTimesAreStrict(t *testing.T) {
	for _, x := range [][3]string{
		{"", ", times: wide", `found "wide"`}, {"", ", times: [0.7]", "accepted: measured, or [low, high]"}, {"", ", times: [1.1, 2]", "found [1.1, 2]"}, {"", ", times: [0.5, 0.9]", "found [0.5, 0.9]"},
		{"", ", times: [0, 2]", "found [0, 2]"}, {"", ", times: [0.5, 21]", "found [0.5, 21]"}, {"", ", times: [a, 2]", "uncertainty.times[0]"},
		{", speed: [{kmh: 50}]", ", times: measured", "bands of its own"},
	} {
		_, err := Parse(strings.NewReader(fmt.Sprintf(drawnSpec, x[0], 10, x[1])), nil)
		if err == nil || !strings.Contains(err.Error(), x[2]) || !strings.Contains(err.Error(), "uncertainty.times") {
			t.Errorf("%v: %v", x, err)
		}
	}
	for old, says := range map[string]string{"vary: [speed]": "vary does not name speed", "engine: crow": "straight lines, with engine plane"} {
		text := fmt.Sprintf(drawnSpec, "", 10, ", times: measured")
		text = strings.Replace(text, old, map[string]string{"vary: [speed]": "vary: [effect]", "engine: crow": "engine: plane, x: x, y: y"}[old], 1)
		if _, err := Parse(strings.NewReader(text), nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", old, err)
		}
	}
}
