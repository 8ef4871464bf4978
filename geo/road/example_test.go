package road_test

import (
	"context"
	"fmt"

	"careshed/geo/road"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// Three junctions in a row, a minute from each to the next: from the first to the
// last it is two.
func Example() {
	at := []orb.Point{{10, 45}, {10.01, 45}, {10.02, 45}}
	net := &road.Network{Nodes: []road.Coord{road.CoordOf(at[0]), road.CoordOf(at[1]), road.CoordOf(at[2])}, Edges: []road.Edge{
		{From: 0, To: 1, Ahead: 60_000, Back: 60_000, Length: 7880},
		{From: 1, To: 2, Ahead: 60_000, Back: 60_000, Length: 7880}}}
	ctx := context.Background()
	index, err := road.Build(ctx, net, nil)
	if err != nil {
		panic(err)
	}
	engine, err := road.NewEngine(index)
	if err != nil {
		panic(err)
	}
	q := travel.Query{Places: []travel.Stop{{ID: "home", At: at[0], Located: true}}, Sites: []travel.Stop{{ID: "center", At: at[2], Located: true}}}
	for _, stops := range [][]travel.Stop{q.Places, q.Sites} {
		snaps, err := engine.Snap(ctx, stops)
		if err != nil {
			panic(err)
		}
		stops[0].Mark = snaps[0].Mark
	}
	legs, err := engine.Nearest(ctx, q, 1)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.1f minutes\n", legs[0].Time.Minutes())
	// Output: 2.0 minutes
}
