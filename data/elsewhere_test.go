package data

import (
	"strings"
	"testing"
)

// Where a file has coordinates twice and they are not the same, somebody may have
// meant the others.
func TestOtherCoordinates(t *testing.T) {
	for _, c := range []struct {
		name, file, input string
		source            Source
		doubt             string // "" for none
	}{
		{"the same", "a.csv", "lon,lat,longitude,latitude\n9.1,45.4,9.1001,45.4\n", Source{}, ""},
		{"another place", "a.csv", "lon,lat,longitude,latitude\n9.1,45.4,9.1,45.4\n9.2,45.5,11.2,45.5\n", Source{},
			"The columns longitude and latitude say of 1 of 2 rows that they lie elsewhere than where they were read (row 2: 11.2,45.5, read 9.2,45.5); lon: and lat: in the layer's entry name those that are right"},
		{"none beside some", "a.csv", "lon,lat,longitude,latitude\n,,9.1,45.4\n9.2,45.5,9.2,45.5\n", Source{},
			"The columns longitude and latitude hold locations of 1 of 2 rows that were read as having none; lon: and lat: in the layer's entry name those that are right"},
		{"a second longitude", "a.csv", "lng,lat,longitude\n1,2,3\n", Source{}, "The columns lng and lat say of 1 of 1 rows"},
		{"named", "a.csv", "lon,lat,longitude,latitude\n9.1,45.4,11.1,45.4\n", Source{Lon: "longitude", Lat: "latitude"}, ""},
		{"shapes beside columns", "a.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[9.1,45.4]},"properties":{"lon":45.4,"lat":9.1}}]}`, Source{},
			"The columns lon and lat say of 1 of 1 rows"},
		{"across the antimeridian", "a.csv", "lon,lat,longitude,latitude\n180,5,-180,5\n", Source{}, ""},
		{"no degrees", "a.csv", "lon,lat,longitude,latitude\n9.1,45.4,4000000,45.4\n", Source{}, ""},
	} {
		l, err := layerOf(t, c.file, c.input, c.source)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, d := range l.Doubts {
			said += d.Text
		}
		if !strings.HasPrefix(said, c.doubt) || c.doubt == "" && said != "" {
			t.Errorf("%s: %q, want %q", c.name, said, c.doubt)
		}
	}
}

// Two coordinates in one cell are named, not passed over.
func TestPairsInCells(t *testing.T) {
	for input, want := range map[string]bool{
		"a,geo_point_2d\nx,\"45.4642, 9.19\"\ny,\"45.5,9.2\"\n": true,
		"a,at\nx,(45.4642;9.19)\n":                              true,
		"a,version\nx,1.2.3\n":                                  false,
		"a,range\nx,\"1.5, 2000.5\"\n":                          false,
		"a,pair\nx,\"1, 2\"\n":                                  false,
	} {
		l, err := layerOf(t, "a.csv", input, Source{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(l.Notes, " "), "looks like pairs of coordinates"); got != want {
			t.Errorf("%q: %v", input, l.Notes)
		}
	}
}
