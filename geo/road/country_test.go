package road_test

import (
	"flag"
	"testing"

	"careshed/geo/road/roadtest"
)

var country = flag.Bool("country", false, "compare 200 sources on 2.5 million junctions with Dijkstra: some three minutes")

// A network as large as a country's agrees with Dijkstra.
func TestCountryAgreesWithDijkstra(t *testing.T) {
	if !*country {
		t.Skip("SKIPPED: needs -country; smaller networks are compared in any case")
	}
	o := newOracle(t, roadtest.Generate(1, 2_500_000))
	o.times(200)
	o.batches(24)
	o.nearest(100)
	o.table(50, 40)
}
