package data

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The features and people of the real layers, as their README counts them; 0
// features is any number, 0 people is none counted.
var figures = map[string]struct {
	features int
	people   float64
}{
	"us-counties.geojson": {3142, 331449281}, "us-states.geojson": {51, 331449281},
	"us-blockgroups.csv": {238437, 331449281}, "us-popgrid01.csv": {36445, 331449281},
	"us-hospitals.geojson": {7140, 0},
	"ca-regions.geojson":   {13, 38239864}, "ca-healthregions.geojson": {99, 0}, "ca-cities.csv": {1738, 0},
	"au-regions.geojson": {8, 25692627}, "au-lga.geojson": {543, 25692627}, "au-sa3.geojson": {340, 24792314},
	"au-hospitals.geojson": {697, 0},
	"uk-nations.geojson":   {4, 67041296}, "uk-regions.geojson": {12, 67041296}, "uk-lad.geojson": {374, 67041296},
	"uk-icb.geojson": {42, 56550138}, "uk-msoa.csv": {7201 + 1279 + 11, 67102796}, "uk-hospitals.geojson": {1370, 0},
	"fr-regions.geojson": {18, 67664570}, "fr-departements.geojson": {101, 67664570},
	"de-regions.geojson": {16, 83019213}, "de-kreise.geojson": {401, 83019213},
	"es-regions.geojson": {19, 47450795}, "es-provincias.geojson": {52, 47450795},
	"it-regions.geojson": {20, 60359546}, "it-province.geojson": {107, 60359546}, "it-comuni.csv": {7978, 59620754},
	"europe-countries.geojson": {31, 529726754}, "europe-nuts2.geojson": {296, 529726754}, "europe-nuts3.geojson": {1394, 529726754},
	"europe-hospitals.geojson": {15181, 0}, "europe-hsct-centers.geojson": {582, 0},
	"world-cities.csv": {32846, 0}, "world-countries.geojson": {241, 0},
}

// Every real layer is read, with the features and the people it should have,
// and comes back from every format as it was.
func TestSharedLayers(t *testing.T) {
	dir := shared(t)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			in, err := os.Open(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			l, err := Read(context.Background(), in, f.Name(), Source{}, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			want, known := figures[f.Name()]
			if !known {
				t.Errorf("not in the table: %d features", l.Len())
			}
			if l.Len() != want.features {
				t.Errorf("%d features, want %d", l.Len(), want.features)
			}
			if want.people > 0 {
				people, err := l.Numbers("population")
				if err != nil {
					t.Fatal(err)
				}
				sum := 0.0
				for _, v := range people {
					if !math.IsNaN(v) {
						sum += v
					}
				}
				if math.Abs(sum-want.people) > 0.5 {
					t.Errorf("%.0f people, want %.0f", sum, want.people)
				}
			}
			for i := range l.Len() {
				if !l.Located(i) {
					t.Errorf("feature %d has no location", i+1)
					break
				}
			}
			if l.Len() < 100000 {
				sameGeoJSON(t, l)
			}
			if strings.HasSuffix(f.Name(), ".csv") {
				sameCSV(t, l)
			}
		})
	}
}
