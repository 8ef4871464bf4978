package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// Samples are journeys of a study's places that its engine times exactly, about as
// many as asked for, to fit estimates to: to its sites and, where the engine knows
// any point, to other places, so that short and long ones are among them. The
// same seed gives the same.
func Samples(ctx context.Context, w World, s spec.Spec, pairs int, seed uint64) ([]travel.Sample, travel.About, error) {
	s.Travel.Optimism = nil // what people say is no time of the engine's
	in, err := ground.Load(ctx, w, s)
	if err != nil {
		return nil, travel.About{}, err
	}
	about := in.Engine.About()
	if about.Estimate {
		return nil, about, fmt.Errorf("travel.engine: %s estimates; "+
			"accepted: an engine that knows the roads (road, osrm, valhalla, ors), or matrix with kilometres", about.Name)
	}
	if in.Places.IsTable() {
		return nil, about, fmt.Errorf("places: layer %s has no coordinates, and straight lines need them", in.Places.Name)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	var ends []travel.Stop
	for _, c := range in.Sites {
		if c.Located {
			ends = append(ends, c.Stop)
		}
	}
	mixed := r.Perm(len(in.Stops))
	if in.Anywhere() {
		for _, i := range mixed[:min(len(mixed), max(20, 200-len(ends)))] {
			ends = append(ends, in.Stops[i])
		}
	}
	if len(ends) == 0 {
		return nil, about, fmt.Errorf("sites: none has a location")
	}
	r.Shuffle(len(ends), func(a, b int) { ends[a], ends[b] = ends[b], ends[a] })
	ends = ends[:min(len(ends), max(1, pairs/10))]
	var from []travel.Stop
	for _, i := range r.Perm(len(in.Stops))[:min(len(in.Stops), max(1, pairs/len(ends)))] {
		from = append(from, in.Stops[i])
	}
	var out []travel.Sample
	err = in.Engine.Sweep(ctx, travel.Query{Places: from, Sites: ends, Lengths: true}, func(site int, legs []travel.Leg) error {
		for _, l := range legs {
			straight := geo.Distance(from[l.Place].At, ends[site].At)
			if !math.IsNaN(float64(straight)) {
				out = append(out, travel.Sample{Straight: straight, Way: l.Length, Time: l.Time})
			}
		}
		return nil
	})
	return out, about, err
}
