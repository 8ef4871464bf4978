package osm_test

import (
	"context"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"careshed/geo/road"
	"careshed/geo/road/osm"
)

var (
	builtFile   = flag.String("built", "", "compare this index, FILE.roads, with Dijkstra on the extract of -extract")
	extractFile = flag.String("extract", "", "the extract of which the index of -built was made, with the profile car")
	sources     = flag.Int("sources", 50, "from how many junctions -built is compared")
)

// An index of the size of a country gives every junction the time that Dijkstra gives,
// from and to some of them; and how long it takes to answer:
//
//	careshed roads build big.osm.pbf --without-ways -o big.roads
//	go test ./geo/road/osm -run IndexOfACountry -v -timeout 60m -extract $PWD/big.osm.pbf -built $PWD/big.roads
func TestIndexOfACountryAgreesWithDijkstra(t *testing.T) {
	if *builtFile == "" || *extractFile == "" {
		t.Skip("SKIPPED: needs -extract FILE.osm.pbf and -built FILE.roads")
	}
	file, err := os.ReadFile(*builtFile)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	x, err := road.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d junctions in %.1f MB, opened in %v", x.Nodes(), float64(len(file))/1e6, time.Since(start))
	numbers, err := x.Numbers()
	if err != nil {
		t.Fatal(err)
	}
	answers(t, x)
	open := func() (io.ReadCloser, error) { return os.Open(*extractFile) }
	scratch := func() (osm.Scratch, error) { return os.CreateTemp(t.TempDir(), "shapes") }
	net, _, err := osm.ImportWith(t.Context(), open, osm.Car(), osm.Options{Scratch: scratch})
	if err != nil {
		t.Fatal(err)
	}
	places := make([]int32, len(numbers))
	for p, v := range numbers {
		places[v] = int32(p)
	}
	var both sync.WaitGroup
	for _, way := range []road.Way{road.From, road.To} {
		g, err := road.NewGraph(net, way)
		if err != nil {
			t.Fatal(err)
		}
		both.Go(func() {
			q, err := x.NewQuery()
			if err != nil {
				t.Error(err)
				return
			}
			r := rand.New(rand.NewPCG(11, uint64(way)))
			var want, got []uint32
			reached := 0
			for range *sources / 2 {
				v := int32(r.IntN(len(numbers)))
				want = g.Times([]road.Seed{{Node: v}}, road.Never, want)
				got = q.Times(way, []road.Seed{{Node: places[v]}}, got)
				for p, n := range numbers {
					if got[p] != want[n] {
						t.Errorf("way %d from %d: node %d is reached in %d ms, Dijkstra: %d", way, v, n, got[p], want[n])
						return
					}
					if want[n] < road.Never {
						reached++
					}
				}
			}
			t.Logf("way %d: %d sources, %d times the same", way, *sources/2, reached)
		})
	}
	both.Wait()
}

// answers logs five times each for the nearest of 150, 1,000 × 1,000 times,
// and one to all.
func answers(t *testing.T, x *road.Index) {
	t.Helper()
	q, err := x.NewQuery()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 3))
	random := func(count int) (out [][]road.Seed) {
		for range count {
			out = append(out, []road.Seed{{Node: int32(r.IntN(x.Nodes()))}})
		}
		return out
	}
	took := func(what string, do func()) {
		do() // pages are read the first time
		var all [5]time.Duration
		for k := range all {
			start := time.Now()
			do()
			all[k] = time.Since(start)
		}
		t.Logf("%s: %v", what, all)
	}
	var near []road.Reached
	var five *road.Closest
	var times []uint32
	owners, from, to := random(150), random(1000), random(1000)
	took("one to all", func() { times = q.Times(road.From, owners[0], times) })
	took("nearest of 150, from every junction", func() { near = q.Nearest(road.To, owners, near) })
	took("nearest 5 of 150", func() { five = q.NearestK(road.To, owners, 5, five) })
	legs := make([]road.Leg, 0, 1000)
	took("1,000 × 1,000", func() {
		table, err := x.NewBuckets(context.Background(), road.To, from, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range to {
			legs = table.Row(q, s, legs)
		}
	})
}
