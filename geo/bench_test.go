package geo

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
)

// country is a scatter of places with clusters, as people live.
func country(r *rand.Rand, n int) []orb.Point {
	towns := make([]orb.Point, 300)
	for i := range towns {
		towns[i] = orb.Point{-122 + r.Float64()*50, 27 + r.Float64()*20}
	}
	pts := make([]orb.Point, n)
	for i := range pts {
		t := towns[int(float64(len(towns))*r.Float64()*r.Float64())]
		pts[i] = orb.Point{t[0] + r.NormFloat64()*0.4, t[1] + r.NormFloat64()*0.4}
	}
	return pts
}

// The yardstick: 238,437 places, as many as the US has block groups.
func BenchmarkNearest(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	places := country(r, 238_437)
	for _, c := range []struct {
		name string
		n    int
	}{{"200", 200}, {"22000", 22_000}} {
		sites := country(r, c.n)
		l, _ := NewPoints(About{}, nil, sites)
		for range l.Nearest(places[0]) {
			break
		}
		b.Run(c.name+"/index", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range places {
					for range l.Nearest(p) {
						break
					}
				}
			}
		})
		b.Run(c.name+"/brute-force-of-1000-places", func(b *testing.B) {
			for b.Loop() {
				for _, p := range places[:1000] {
					best := Metres(1e12)
					for _, q := range sites {
						best = min(best, Distance(p, q))
					}
				}
			}
		})
	}
}

func BenchmarkDistance(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	pts := country(r, 1024)
	b.Run("any", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			Distance(pts[i&1023], pts[(i*7+1)&1023])
		}
	})
	b.Run("karney", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			karney(pts[i&1023], pts[(i*7+1)&1023])
		}
	})
}
