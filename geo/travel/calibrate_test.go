package travel_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/travel"
)

// samplesOf are journeys of which a Crow knows time and length, with noise.
func samplesOf(c *travel.Crow, n int, noise float64) (out []travel.Sample) {
	r := rand.New(rand.NewPCG(7, 1))
	for range n {
		straight := geo.Metres(1000 * math.Exp(r.Float64()*math.Log(300)))
		way := c.Way(straight)
		out = append(out, travel.Sample{Straight: straight, Way: way, Time: c.Drive(way) * travel.Seconds(1+noise*(r.Float64()-0.5))})
	}
	return out
}

// Calibrating on a Crow gives that Crow.
func TestCalibrateRecovers(t *testing.T) {
	inf := math.Inf(1)
	known := &travel.Crow{
		Circuity: []travel.Band{{To: 5, Value: 1.5}, {To: 10, Value: 1.4}, {To: 25, Value: 1.35}, {To: 50, Value: 1.3}, {To: 100, Value: 1.25}, {To: inf, Value: 1.22}},
		Speed:    []travel.Band{{To: 5, Value: 22}, {To: 10, Value: 35}, {To: 25, Value: 55}, {To: 50, Value: 70}, {To: 100, Value: 85}, {To: inf, Value: 96}},
	}
	fit, err := travel.Calibrate(samplesOf(known, 4000, 0), travel.CalibrateEdges)
	if err != nil {
		t.Fatal(err)
	}
	for k := range known.Circuity {
		// Crow never lets a longer line have a shorter way, so that ratios just
		// beyond an edge lie between the two bands'.
		if got := fit.Circuity[k]; got.To != known.Circuity[k].To || math.Abs(got.Value-known.Circuity[k].Value) > 0.02 {
			t.Errorf("circuity %+v, want %+v", got, known.Circuity[k])
		}
		if got := fit.Speed[k]; got.To != known.Speed[k].To || math.Abs(got.Value-known.Speed[k].Value) > 0.02 {
			t.Errorf("speed %+v, want %+v", got, known.Speed[k])
		}
	}
	if math.Abs(fit.All.Bias-1) > 0.01 || fit.All.Nine > 0.03 {
		t.Errorf("residuals of its own times: %+v", fit.All)
	}

	// On noisy journeys it is nearer to them than the bands that it replaces.
	noisy := samplesOf(known, 4000, 0.4)
	fit, err = travel.Calibrate(noisy, travel.CalibrateEdges)
	if err != nil {
		t.Fatal(err)
	}
	off := func(c *travel.Crow) (sum float64) {
		for _, s := range noisy {
			d := float64(c.Drive(c.Way(s.Straight))/s.Time) - 1
			sum += d * d
		}
		return sum
	}
	if fitted, given := off(&travel.Crow{Circuity: fit.Circuity, Speed: fit.Speed}), off(&travel.Crow{}); fitted > given/2 {
		t.Errorf("fitted bands are off by %v, those of the United States by %v", fitted, given)
	}
}

// Bands with few journeys are joined, and too few in all are refused.
func TestCalibrateJoinsBands(t *testing.T) {
	var short []travel.Sample
	for _, s := range samplesOf(&travel.Crow{}, 400, 0) {
		if s.Straight < 12_000 {
			short = append(short, s)
		}
	}
	fit, err := travel.Calibrate(short, travel.CalibrateEdges)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(fit.Circuity); n > 3 || !math.IsInf(fit.Circuity[n-1].To, 1) || !math.IsInf(fit.Speed[len(fit.Speed)-1].To, 1) {
		t.Errorf("bands %+v and %+v", fit.Circuity, fit.Speed)
	}
	if _, err := travel.Calibrate(short[:20], travel.CalibrateEdges); err == nil {
		t.Error("twenty journeys were enough")
	}
}

// Times faster or slower than any road end at a bound: such a speed is no
// estimate, and what the journeys say stands beside it.
func TestCalibrateAtTheEdge(t *testing.T) {
	for _, x := range []struct {
		factor     travel.Seconds // on the times of a road at 60 km/h
		bound, say float64
	}{{0.1, 140, 600}, {60, 5, 1}} {
		crow := &travel.Crow{Circuity: []travel.Band{{To: math.Inf(1), Value: 1.2}}, Speed: []travel.Band{{To: math.Inf(1), Value: 60}}}
		samples := samplesOf(crow, 2000, 0)
		for i := range samples {
			samples[i].Time *= x.factor
		}
		fit, err := travel.Calibrate(samples, nil)
		if err != nil || len(fit.Edges) != 1 {
			t.Fatalf("%+v, %v", fit, err)
		}
		e := fit.Edges[0]
		if e.Bound != x.bound || math.Abs(e.Says/x.say-1) > 0.01 || !strings.Contains(e.Words(), "a speed lies between 5 and 140 km/h") {
			t.Errorf("%+v: %s", e, e.Words())
		}
		if fit, _ := travel.Calibrate(samplesOf(crow, 2000, 0), nil); len(fit.Edges) != 0 {
			t.Errorf("a road at 60 km/h has edges: %+v", fit.Edges)
		}
	}
}

// The middle 95 % of exact over estimated time are those of a plain sort, of the
// fitted bands and of the default ones, and of the long journeys alone.
func TestCalibrateSpread(t *testing.T) {
	noisy := samplesOf(&travel.Crow{Speed: []travel.Band{{To: math.Inf(1), Value: 40}}}, 3000, 0.6)
	fit, err := travel.Calibrate(noisy, travel.CalibrateEdges)
	if err != nil {
		t.Fatal(err)
	}
	plain := func(c *travel.Crow, from geo.Metres) (out []float64) {
		for _, s := range noisy {
			if s.Straight >= from && s.Straight > 50 {
				out = append(out, float64(s.Time/c.Drive(c.Way(s.Straight))))
			}
		}
		slices.Sort(out)
		return out
	}
	fitted, usual := &travel.Crow{Circuity: fit.Circuity, Speed: fit.Speed}, &travel.Crow{}
	for name, x := range map[string]struct {
		got  travel.Residual
		want []float64
	}{
		"all":          {fit.All, plain(fitted, 0)},
		"far":          {fit.Far, plain(fitted, 10_000)},
		"default":      {fit.Default[len(fit.Default)-1], plain(usual, 0)},
		"default, far": {fit.DefaultFar, plain(usual, 10_000)},
	} {
		n := len(x.want)
		below := 0
		for _, v := range x.want {
			if v < x.got.Low || v > x.got.High {
				below++
			}
		}
		if x.got.Samples != n || math.Abs(float64(below)/float64(n)-0.05) > 2/float64(n) || x.got.Exact < x.want[(n-1)/2]-1e-12 || x.got.Exact > x.want[n/2]+1e-12 {
			t.Errorf("%s: %+v of %d leaves out %d, median %v", name, x.got, n, below, x.want[n/2])
		}
	}
}
