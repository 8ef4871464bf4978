package access_test

import (
	"fmt"

	"careshed/access"
	"careshed/geo/travel"
)

// Two-step floating catchments: two towns, one of which reaches both sites within
// half an hour.
func Example() {
	m := &travel.Matrix{Places: 2, Sites: 2, Start: []int{0, 2, 3}, Site: []int32{0, 1, 1}, Time: []travel.Seconds{600, 1500, 900}}
	r, err := access.FCA(m, []float64{1000, 3000}, []float64{2, 4}, access.Catchment{Limit: travel.FromMinutes(30)})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f and %.3f places a thousand people\n", 1000*r.Score[0], 1000*r.Score[1])
	// Output: 3.000 and 1.000 places a thousand people
}
