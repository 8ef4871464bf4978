package travel_test

import (
	"context"
	"fmt"

	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// The two quickest sites of a place by straight lines made into estimates.
func Example() {
	stop := func(id string, lon, lat float64) travel.Stop {
		return travel.Stop{ID: id, At: orb.Point{lon, lat}, Located: true}
	}
	q := travel.Query{Places: []travel.Stop{stop("L'Aquila", 13.40, 42.35)},
		Sites: []travel.Stop{stop("Rome", 12.50, 41.90), stop("Milan", 9.19, 45.46), stop("Naples", 14.27, 40.85)}}
	legs, err := (&travel.Crow{}).Nearest(context.Background(), q, 2)
	if err != nil {
		panic(err)
	}
	for _, l := range legs {
		fmt.Printf("%s %.0f min\n", q.Sites[l.Site].ID, l.Time.Minutes())
	}
	// Output:
	// Rome 90 min
	// Naples 153 min
}
