package site

import (
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"
)

// spot is a point with how much it counts.
type spot struct{ x, y, weight float64 }

func spots(t testing.TB, path string) (out []spot) {
	t.Helper()
	_, rows := table(t, path)
	for _, row := range rows {
		out = append(out, spot{number(t, row[1]), number(t, row[2]), number(t, row[3])})
	}
	return out
}

// tsp reads the points of a TSPLIB file.
func tsp(t testing.TB, path string) (out []spot) {
	t.Helper()
	for _, line := range lines(t, path) {
		f := strings.Fields(line)
		if len(f) != 3 {
			continue
		}
		if _, err := strconv.Atoi(f[0]); err == nil {
			out = append(out, spot{number(t, f[1]), number(t, f[2]), 1})
		}
	}
	return out
}

// floored is the whole part of the distance between two points.
func floored(a, b spot) float64 {
	return math.Floor(math.Sqrt((a.x-b.x)*(a.x-b.x) + (a.y-b.y)*(a.y-b.y)))
}

// between is the weighted cost of every place at every site.
func between(places, sites []spot, distance func(a, b spot) float64) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for i, a := range places {
			for j, b := range sites {
				if !yield(Pair{int32(i), int32(j), a.weight * distance(a, b)}) {
					return
				}
			}
		}
	}
}

// nation draws towns of Pareto sizes and places around them, seeded, on a
// plane of 4,000 by 2,500 km; sites are towns. Pairs end at limit km, where
// the fallback begins.
func nation(places, sites int, limit float64) (Shape, iter.Seq[Pair]) {
	r := rand.New(rand.NewPCG(2026, 80))
	towns := make([]spot, sites)
	var total float64
	for j := range towns {
		towns[j] = spot{4000 * r.Float64(), 2500 * r.Float64(), math.Pow(1-r.Float64(), -0.8)}
		total += towns[j].weight
	}
	sums := make([]float64, sites)
	var sum float64
	for j, t := range towns {
		sum += t.weight
		sums[j] = sum
	}
	at := make([]spot, places)
	for i := range at {
		if r.IntN(3) == 0 {
			at[i] = spot{4000 * r.Float64(), 2500 * r.Float64(), float64(200 + r.IntN(3000))}
			continue
		}
		u, j := sum*r.Float64(), 0
		for step := 1 << 14; step > 0; step /= 2 {
			if j+step <= sites && sums[j+step-1] < u {
				j += step
			}
		}
		j = min(j, sites-1)
		at[i] = spot{towns[j].x + 30*r.NormFloat64(), towns[j].y + 30*r.NormFloat64(), float64(200 + r.IntN(3000))}
	}
	shape := Shape{Places: places, Sites: sites, Fallback: make([]float64, places)}
	for i, a := range at {
		shape.Fallback[i] = a.weight * limit
	}
	// Cells as wide as the limit find the pairs.
	wide := int(4000/limit) + 3
	cell := func(p spot) int { return int(max(0, p.y)/limit)*wide + int(max(0, p.x)/limit) }
	cells := make(map[int][]int32)
	for j, t := range towns {
		cells[cell(t)] = append(cells[cell(t)], int32(j))
	}
	return shape, func(yield func(Pair) bool) {
		for i, a := range at {
			for _, dy := range []int{-1, 0, 1} {
				for _, dx := range []int{-1, 0, 1} {
					for _, j := range cells[cell(a)+dy*wide+dx] {
						d := math.Hypot(a.x-towns[j].x, a.y-towns[j].y)
						if d < limit && !yield(Pair{int32(i), j, a.weight * d}) {
							return
						}
					}
				}
			}
		}
	}
}

// measure solves once per round, and reports the gap beside the time.
func measure(b *testing.B, in *Instance, o Options) {
	b.Helper()
	var got Solution
	for b.Loop() {
		var err error
		if got, err = Solve(b.Context(), in, o, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*got.Gap(), "%gap")
	b.ReportMetric(float64(got.Nodes), "nodes")
	b.ReportMetric(float64(got.Iterations), "iterations")
	b.Logf("cost %.6f, %s", got.Cost, got.Stopped)
}

func weighted(b testing.TB, places, sites []spot, p int) *Instance {
	b.Helper()
	in, err := NewInstance(Shape{Places: len(places), Sites: len(sites)}, Rules{Pick: p}, between(places, sites, floored))
	if err != nil {
		b.Fatal(err)
	}
	return in
}

func BenchmarkMedianM(b *testing.B) {
	in := weighted(b, spots(b, shared(b, "siting", "synth", "M3143x500_demand.csv")), spots(b, shared(b, "siting", "synth", "M3143x500_cand.csv")), 10)
	measure(b, in, Options{Exact: true})
}

func BenchmarkMedianL(b *testing.B) {
	at := spots(b, shared(b, "siting", "synth", "M3143x500_demand.csv"))
	measure(b, weighted(b, at, at, 20), Options{Exact: true})
}

func BenchmarkMedianPCB3038(b *testing.B) {
	at := tsp(b, shared(b, "siting", "tsplib", "pcb3038.tsp"))
	measure(b, weighted(b, at, at, 20), Options{Gap: 0.0005})
}

// peak is the most bytes of heap in use while do runs, looked at every few
// milliseconds.
func peak(do func()) uint64 {
	runtime.GC()
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-stop:
				tick.Stop()
				most <- top
				return
			case <-tick.C:
			}
		}
	}()
	do()
	close(stop)
	return <-most
}

// national builds and solves a national instance once a round.
func national(b *testing.B, limit float64, p int, o Options) {
	var got Solution
	var pairs int
	most := peak(func() {
		for b.Loop() {
			b.StopTimer()
			shape, list := nation(80_000, 6_000, limit)
			in, err := NewInstance(shape, Rules{Pick: p}, list)
			if err != nil {
				b.Fatal(err)
			}
			pairs = in.Pairs()
			b.StartTimer()
			if got, err = Solve(b.Context(), in, o, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(pairs)/1e6, "Mpairs")
	b.ReportMetric(float64(most)/1e6, "MB-peak")
	b.ReportMetric(100*got.Gap(), "%gap")
	b.ReportMetric(float64(got.Nodes), "nodes")
	b.ReportMetric(float64(got.Iterations), "iterations")
}

func BenchmarkMedianNation(b *testing.B) {
	b.Run("p20", func(b *testing.B) { national(b, 270, 20, Options{Exact: true}) })
	b.Run("p50", func(b *testing.B) { national(b, 270, 50, Options{Gap: 0.001}) })
}

// About 60 million pairs: minutes and more than a gigabyte, so only on demand.
func BenchmarkMedianLarge(b *testing.B) {
	if os.Getenv("CARESHED_LARGE") == "" {
		b.Skip("SKIPPED: takes minutes and 2 GB (set CARESHED_LARGE=1)")
	}
	national(b, 700, 20, Options{Gap: 0.002})
}

func BenchmarkCenterM(b *testing.B) {
	places, sites := spots(b, shared(b, "siting", "synth", "M3143x500_demand.csv")), spots(b, shared(b, "siting", "synth", "M3143x500_cand.csv"))
	in, err := NewInstance(Shape{Places: len(places), Sites: len(sites)}, Rules{Pick: 10}, between(unweighted(places), sites, floored))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got, err := Center(b.Context(), in, Options{Exact: true}, nil); err != nil || !got.Proven {
			b.Fatal(got.Stopped, err)
		}
	}
}

func BenchmarkNewInstance(b *testing.B) {
	at := spots(b, shared(b, "siting", "synth", "M3143x500_demand.csv"))
	for b.Loop() {
		weighted(b, at, at, 20)
	}
}
