package travel

import (
	"fmt"
	"math"
	"slices"

	"careshed/geo"
)

// Sample is a journey that an exact engine knows, to fit estimates to. Way is NaN
// where the engine knows no length.
type Sample struct {
	Straight, Way geo.Metres
	Time          Seconds
}

// Fit is a Crow fitted to samples, with how far it is from them.
type Fit struct {
	Circuity, Speed []Band
	Samples         int // of which the fit is made: those with a length and more than a few metres long
	All             Residual
	Bands           []Residual  // by straight line
	Default         []Residual  // the same for the bands that act where a study gives none, and over all at the end
	Far, DefaultFar Residual    // of the journeys of FarKm and more
	Edges           []SpeedEdge // speeds that the search ended at a bound with: they are no estimates
}

// SpeedEdge is a band of ways whose speed ended at a bound, so that the best lies
// beyond it.
type SpeedEdge struct {
	From, To float64 // km
	Bound    float64 // km/h
	Says     float64 // km/h of the best fit without bounds; +Inf: as fast as one likes
}

// Words say what the samples say of a band.
func (e SpeedEdge) Words() string {
	band := fmt.Sprintf("between %g and %g km", e.From, e.To)
	if math.IsInf(e.To, 1) {
		band = fmt.Sprintf("beyond %g km", e.From)
	}
	says := fmt.Sprintf("%.4g km/h", e.Says)
	if math.IsInf(e.Says, 1) {
		says = "no time at all"
	}
	return fmt.Sprintf("%s the journeys say %s, and a speed lies between %g and %g km/h", band, says, slowest, fastest)
}

// Between these speeds, km/h, a fit is looked for.
const slowest, fastest = 5.0, 140.0

// Residual is how far the fitted times are from the exact ones.
type Residual struct {
	To       float64 // the end of the band, km of straight line; +Inf for the last and for all
	Samples  int
	Circuity float64 // median of way over straight line
	Bias     float64 // median of fitted over exact time
	Half     float64 // median of how far off they are, as a share of the exact time
	Nine     float64 // nine in ten are no farther off
	// The middle 95 % of exact over fitted time lie between these, and half below Exact.
	Low, Exact, High float64
}

// FarKm is the straight line from which on a journey is one to a center rather than
// within a town, where minutes scatter most.
const FarKm = 10.0

// CalibrateEdges are the ends of the bands that Calibrate fits, km: those of which
// circuity is known to fall with distance.
var CalibrateEdges = []float64{5, 10, 25, 50, 100}

// A band needs so many samples, and such a share of all; with fewer it is joined to
// the next.
const (
	fewest     = 30
	leastShare = 0.02
)

// Calibrate fits circuity bands (the median of way over straight line in each)
// and speed bands (least squares of the relative error, over the stretches that
// the exact ways cover in each) to samples. Bands with fewer than thirty samples,
// or 2 % of all, are joined. Speeds lie between 5 and 140 km/h; one that ends at
// either is no estimate, and stands among the edges.
func Calibrate(samples []Sample, edges []float64) (Fit, error) {
	var kept []Sample
	for _, s := range samples {
		if s.Straight > 50 && s.Way >= s.Straight && s.Time > 0 && !math.IsInf(float64(s.Time), 0) {
			kept = append(kept, s)
		}
	}
	if len(kept) < fewest {
		return Fit{}, fmt.Errorf("%d journeys with a length and more than 50 m apart: at least %d are needed", len(kept), fewest)
	}
	fit := Fit{Samples: len(kept)}
	straight, way := make([]float64, len(kept)), make([]float64, len(kept))
	for i, s := range kept {
		straight[i], way[i] = s.Straight.Kilometres(), s.Way.Kilometres()
	}
	ends := joined(straight, edges)
	for k, to := range ends {
		var ratios []float64
		for i := range kept {
			if bandOf(ends, straight[i]) == k {
				ratios = append(ratios, way[i]/straight[i])
			}
		}
		fit.Circuity = append(fit.Circuity, Band{To: to, Value: rounded(median(ratios), 1e-3)})
	}
	fit.Speed, fit.Edges = speeds(kept, joined(way, edges))
	crow := &Crow{Circuity: fit.Circuity, Speed: fit.Speed}
	all := make([]int, len(kept))
	for i := range all {
		all[i] = i
	}
	fit.All = crow.residual(kept, all, math.Inf(1))
	var usual Crow
	for k, to := range ends {
		var own []int
		for i := range kept {
			if bandOf(ends, straight[i]) == k {
				own = append(own, i)
			}
		}
		fit.Bands = append(fit.Bands, crow.residual(kept, own, to))
		fit.Default = append(fit.Default, usual.residual(kept, own, to))
	}
	fit.Default = append(fit.Default, usual.residual(kept, all, math.Inf(1)))
	far := slices.DeleteFunc(all, func(i int) bool { return straight[i] < FarKm })
	fit.Far, fit.DefaultFar = crow.residual(kept, far, math.Inf(1)), usual.residual(kept, far, math.Inf(1))
	return fit, nil
}

// joined are the edges between which there are enough values, and +Inf.
func joined(values, edges []float64) []float64 {
	edges = append(slices.Clone(edges), math.Inf(1))
	count := make([]int, len(edges))
	for _, v := range values {
		count[bandOf(edges, v)]++
	}
	var out []float64
	sum := 0
	for k, to := range edges {
		if sum += count[k]; float64(sum) >= math.Max(fewest, leastShare*float64(len(values))) {
			out = append(out, to)
			sum = 0
		}
	}
	if len(out) == 0 || !math.IsInf(out[len(out)-1], 1) {
		// What is left over joins the last band.
		out = append(out[:max(0, len(out)-1)], math.Inf(1))
	}
	return out
}

func bandOf(ends []float64, v float64) int {
	k, _ := slices.BinarySearch(ends, v)
	return min(k, len(ends)-1)
}

// speeds minimise Σ (Σ_b d_ib u_b / t_i − 1)² over the paces u_b within bounds, by
// descent along one pace at a time: the sum is convex, so that it comes to the
// least.
func speeds(samples []Sample, ends []float64) ([]Band, []SpeedEdge) {
	n := len(ends)
	// a[b][c] = Σ x_b x_c, v[b] = Σ x_b of x_b = d_b / t in hours.
	a, v := make([][]float64, n), make([]float64, n)
	for b := range a {
		a[b] = make([]float64, n)
	}
	x := make([]float64, n)
	for _, s := range samples {
		hours, from := float64(s.Time)/3600, 0.0
		for b, to := range ends {
			x[b] = math.Max(0, math.Min(s.Way.Kilometres(), to)-from) / hours
			from = to
		}
		for b := range x {
			v[b] += x[b]
			for c := range x {
				a[b][c] += x[b] * x[c]
			}
		}
	}
	// within is the best paces between two speeds.
	within := func(slowest, fastest float64) []float64 {
		pace := make([]float64, n)
		for b := range pace {
			pace[b] = 1 / 50.0
		}
		for range 20_000 {
			moved := 0.0
			for b := range pace {
				if a[b][b] == 0 {
					continue
				}
				rest := v[b]
				for c := range pace {
					if c != b {
						rest -= a[b][c] * pace[c]
					}
				}
				u := math.Min(math.Max(rest/a[b][b], 1/fastest), 1/slowest)
				moved = math.Max(moved, math.Abs(u-pace[b]))
				pace[b] = u
			}
			if moved < 1e-12 {
				break
			}
		}
		return pace
	}
	pace := within(slowest, fastest)
	bound := func(u float64) bool { return u <= 1/fastest || u >= 1/slowest }
	free := pace
	if slices.ContainsFunc(pace, bound) {
		free = within(slowest/1e3, fastest*1e3)
	}
	out := make([]Band, n)
	var edges []SpeedEdge
	from := 0.0
	for b, to := range ends {
		out[b] = Band{To: to, Value: rounded(1/pace[b], 1e-2)}
		// At a bound by less than the figures that are printed is within it.
		if a[b][b] > 0 && bound(pace[b]) && math.Abs(free[b]-pace[b]) > 1e-6*pace[b] {
			e := SpeedEdge{From: from, To: to, Bound: out[b].Value, Says: 1 / free[b]}
			if e.Says >= fastest*1e3 {
				e.Says = math.Inf(1)
			}
			edges = append(edges, e)
		}
		from = to
	}
	return out, edges
}

func (c *Crow) residual(samples []Sample, own []int, to float64) Residual {
	r := Residual{To: to, Samples: len(own)}
	var ratio, off, way, exact []float64
	for _, i := range own {
		s := samples[i]
		x := float64(c.Drive(c.Way(s.Straight)) / s.Time)
		ratio, off = append(ratio, x), append(off, math.Abs(x-1))
		way, exact = append(way, float64(s.Way/s.Straight)), append(exact, 1/x)
	}
	slices.Sort(off)
	slices.Sort(exact)
	r.Circuity, r.Bias, r.Half = median(way), median(ratio), median(off)
	r.Nine, r.Low, r.Exact, r.High = reached(off, 0.9), reached(exact, 0.025), median(exact), reached(exact, 0.975)
	return r
}

// reached is the smallest of sorted values that a share of them reach.
func reached(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Clone(v)
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

func rounded(v, to float64) float64 { return math.Round(v/to) / math.Round(1/to) }
