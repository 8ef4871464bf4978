package road_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"careshed/geo/road/osm"
)

// Real extracts, imported and built, agree with Dijkstra: sweeps, batches,
// nearest of 100, tables of 50 × 40 and 10,000 pairs.
func TestExtractsAgreeWithDijkstra(t *testing.T) {
	first := shared(t, "pbf", "monaco_osrm.osm.pbf")
	first.Close()
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(first.Name()), "*.pbf"))
	if err != nil || len(paths) < 2 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			net, _, err := osm.Import(context.Background(), func() (io.ReadCloser, error) { return os.Open(path) }, osm.Car(), nil)
			if err != nil {
				t.Fatal(err)
			}
			o := newOracle(t, net)
			o.all(16, 100, 50, 40)
			if !testing.Short() {
				o.table(100, 100)
			}
		})
	}
}
