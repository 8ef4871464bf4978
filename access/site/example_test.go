package site_test

import (
	"context"
	"fmt"
	"slices"

	"careshed/access/site"
)

// The p-median: which two of three sites serve four places with the fewest
// person-minutes, with proof.
func Example() {
	minutes := [][]float64{{10, 40, 60}, {20, 30, 50}, {50, 10, 30}, {70, 40, 10}}
	people := []float64{100, 200, 300, 50}
	var pairs []site.Pair
	for i, row := range minutes {
		for j, t := range row {
			pairs = append(pairs, site.Pair{Place: int32(i), Site: int32(j), Cost: t})
		}
	}
	in, err := site.NewInstance(site.Shape{Places: 4, Sites: 3}, site.Rules{Pick: 2}, site.Weighted(people, slices.Values(pairs)))
	if err != nil {
		panic(err)
	}
	x, err := site.Solve(context.Background(), in, site.Options{}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(x.Open, x.Cost, x.Proven)
	// Output: [0 1] 10000 true
}
