package road_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"careshed/geo/road"
	"careshed/geo/road/roadtest"
	"careshed/geo/travel"
)

// cpu is the processor time of this process, in all its threads.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs do as often as the benchmark asks and reports what a unit of it
// took of the processor; against, if not 0, is what Dijkstra takes for a unit.
func measure(b *testing.B, units int, against time.Duration, do func()) time.Duration {
	b.Helper()
	start := cpu()
	for b.Loop() {
		do()
	}
	each := (cpu() - start) / time.Duration(b.N*units)
	b.ReportMetric(float64(each.Microseconds())/1000, "cpu-ms")
	if against > 0 {
		b.ReportMetric(float64(against)/float64(each), "×dijkstra")
	}
	return each
}

func peakMB() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Maxrss) / 1024
}

// The yardsticks of exact travel times: the graph of New York (264,346 nodes)
// and a generated country (2.5 million). Times are of the processor, not of the
// clock, and those of Dijkstra come from the same run.
func BenchmarkNewYork(b *testing.B) { benchmark(b, newYork(b), build) }

// New York with turns that cost by their angle, and 2,000 banned ones.
func BenchmarkNewYorkTurns(b *testing.B) {
	net := newYork(b)
	turns := road.Turns{Table: road.TurnTable{Straight: 40, Back: 20, Steps: []road.TurnStep{{UpTo: 45}, {UpTo: 120, Seconds: 1.5}, {UpTo: 180, Seconds: 4}}}}
	r := rand.New(rand.NewPCG(3, 4))
	leaving := map[int32]int32{}
	for i, e := range net.Edges {
		leaving[e.From] = int32(i)
	}
	for len(turns.Banned) < 2000 {
		i := int32(r.IntN(len(net.Edges)))
		if next, ok := leaving[net.Edges[i].To]; ok && next != i {
			turns.Banned = append(turns.Banned, []road.Dart{{Edge: i}, {Edge: next}})
		}
	}
	split, err := net.Turn(turns)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%+v", split)
	benchmark(b, net, build)
}

func BenchmarkCountry(b *testing.B) { benchmark(b, roadtest.Generate(1, 2_500_000), build) }

// The same on the hierarchies that roads with changes have.
func BenchmarkNewYorkCustomized(b *testing.B) { benchmark(b, newYork(b), byFrame) }
func BenchmarkCountryCustomized(b *testing.B) {
	benchmark(b, roadtest.Generate(1, 2_500_000), byFrame)
}

func byFrame(t testing.TB, net *road.Network) *road.Index { return customized(t, net, nil) }

// What a scenario costs: all roads at another speed, the first time and when the order is
// known; and what of that are the costs on the hierarchy alone.
func BenchmarkNewYorkChanged(b *testing.B) { benchmarkChanged(b, newYork(b)) }
func BenchmarkCountryChanged(b *testing.B) {
	benchmarkChanged(b, roadtest.Generate(1, 2_500_000))
}

func benchmarkChanged(b *testing.B, net *road.Network) {
	x := byFrame(b, withWays(net, 1)) // quicker to have than by build, and as good
	changed := func(c travel.RoadChange) {
		if _, _, err := x.Changed(context.Background(), []travel.RoadChange{c}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		measure(b, 1, 0, func() {
			x.Forget()
			changed(travel.RoadChange{Factor: 0.7})
		})
		b.ReportMetric(peakMB(), "peak-MB")
	})
	changed(travel.RoadChange{Factor: 0.9}) // the order is known from here on
	for name, c := range map[string]travel.RoadChange{
		"slower": {Factor: 0.5, Classes: []string{"residential"}},
		"closed": {Close: true, Ways: []int64{1, 2, 3}},
	} {
		b.Run(name, func(b *testing.B) { measure(b, 1, 0, func() { changed(c) }) })
	}
	b.Run("costs", func(b *testing.B) {
		again, err := x.Recosts(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		measure(b, 1, 0, func() {
			if err := again(); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func benchmark(b *testing.B, net *road.Network, build func(testing.TB, *road.Network) *road.Index) {
	var x *road.Index
	b.Run("build", func(b *testing.B) {
		measure(b, 1, 0, func() { x = build(b, net) })
		b.ReportMetric(peakMB(), "peak-MB")
		size, sweep := x.Bytes()
		b.ReportMetric(float64(size)/float64(x.Nodes()), "file-B/node")
		b.ReportMetric(float64(sweep)/float64(x.Nodes()), "sweep-B/node")
		b.ReportMetric(float64(x.Arcs())/2/float64(x.Nodes()), "arcs/node")
	})
	if x == nil {
		x = build(b, net)
	}
	numbers, err := x.Numbers()
	if err != nil {
		b.Fatal(err)
	}
	g := graph(b, net, road.From)
	q := query(b, x)
	n := x.Nodes()
	r := rand.New(rand.NewPCG(3, 3))
	// ends are single nodes, away from islands: half of all nodes reach them.
	var times []uint32
	end := func() (seeds, onto []road.Seed) {
		for {
			v := r.IntN(n)
			seeds, onto = []road.Seed{{Node: int32(numbers[v])}}, []road.Seed{{Node: int32(v)}}
			reached := 0
			for _, t := range q.Batch(road.From, [][]road.Seed{onto}, nil) {
				if t.At(0) < road.Never {
					reached++
				}
			}
			if reached > n/2 {
				return seeds, onto
			}
		}
	}
	var seeds, onto [][]road.Seed
	for range 100 {
		s, o := end()
		seeds, onto = append(seeds, s), append(onto, o)
	}
	random := func(count int) (out [][]road.Seed) {
		for range count {
			out = append(out, []road.Seed{{Node: int32(r.IntN(n))}})
		}
		return out
	}
	places, sites := random(1000), random(1000)

	// What is fast is right.
	times = g.Times(seeds[0], road.Never, times)
	for p, t := range q.Times(road.From, onto[0], nil) {
		if t != times[numbers[p]] {
			b.Fatalf("node %d is reached in %d ms, Dijkstra: %d", numbers[p], t, times[numbers[p]])
		}
	}
	reached := g.Reach(seeds, road.Never)
	for p, r := range q.Nearest(road.From, onto, nil) {
		if r != reached[numbers[p]] {
			b.Fatalf("node %d has %+v, Dijkstra: %+v", numbers[p], r, reached[numbers[p]])
		}
	}
	var five *road.Closest
	five = q.NearestK(road.From, onto, 5, five)
	list := make([]road.Reached, 5)
	for p, r := range q.Nearest(road.From, onto, nil) {
		if five.Of(p, list); list[0] != r {
			b.Fatalf("node %d has %+v first, %+v alone", numbers[p], list[0], r)
		}
	}
	runtime.GC()

	var plain, multi time.Duration
	i := 0
	next := func() int { i = (i + 1) % len(seeds); return i }
	b.Run("one-to-all/dijkstra", func(b *testing.B) {
		plain = measure(b, 1, 0, func() { times = g.Times(seeds[next()], road.Never, times) })
	})
	b.Run("one-to-all/sweep", func(b *testing.B) {
		measure(b, 1, plain, func() { times = q.Times(road.From, onto[next()], times) })
	})
	b.Run("one-to-all/with-lengths", func(b *testing.B) {
		var lengths []uint32
		measure(b, 1, plain, func() { times, lengths = q.Lengths(road.From, onto[next()], times, lengths) })
	})
	b.Run("one-to-all/batch", func(b *testing.B) {
		var lanes []road.Eight
		measure(b, road.Lanes, plain, func() {
			k := r.IntN(len(onto) - road.Lanes)
			lanes = q.Batch(road.From, onto[k:k+road.Lanes], lanes)
		})
	})
	b.Run("nearest-of-100/dijkstra", func(b *testing.B) {
		multi = measure(b, 1, 0, func() { g.Reach(seeds, road.Never) })
	})
	var near []road.Reached
	b.Run("nearest-of-100/sweep", func(b *testing.B) {
		measure(b, 1, multi, func() { near = q.Nearest(road.From, onto, near) })
	})
	b.Run("nearest-5-of-100/sweep", func(b *testing.B) {
		measure(b, 1, multi, func() { five = q.NearestK(road.From, onto, 5, five) })
	})
	b.Run("matrix-1000x1000/buckets", func(b *testing.B) {
		legs := make([]road.Leg, 0, 1000)
		measure(b, 1, 0, func() {
			table, err := x.NewBuckets(context.Background(), road.To, places, nil)
			if err != nil {
				b.Fatal(err)
			}
			for _, s := range sites {
				legs = table.Row(q, s, legs)
			}
		})
	})
	b.Run("open", func(b *testing.B) {
		var file bytes.Buffer
		if _, err := x.WriteTo(&file); err != nil {
			b.Fatal(err)
		}
		b.Run("header", func(b *testing.B) {
			measure(b, 1, 0, func() {
				if _, err := road.Open(file.Bytes()); err != nil {
					b.Fatal(err)
				}
			})
		})
		b.Run("checked", func(b *testing.B) {
			measure(b, 1, 0, func() {
				x, err := road.Open(file.Bytes())
				if err != nil {
					b.Fatal(err)
				}
				query(b, x)
			})
		})
	})
}
