package geo_test

import (
	"fmt"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// A layer of three towns, the nearest to a point first, on the ellipsoid.
func Example() {
	towns, err := geo.NewPoints(geo.About{Name: "towns"}, []string{"Rome", "Milan", "Naples"},
		[]orb.Point{{12.50, 41.90}, {9.19, 45.46}, {14.27, 40.85}}, geo.Numbers(geo.Field{Name: "population"}, []float64{2.8e6, 1.4e6, 0.9e6}))
	if err != nil {
		panic(err)
	}
	for i, d := range towns.Nearest(orb.Point{13.33, 42.35}) { // L'Aquila
		fmt.Printf("%s %.0f km\n", towns.ID(i), d.Kilometres())
	}
	// Output:
	// Rome 85 km
	// Naples 184 km
	// Milan 479 km
}
