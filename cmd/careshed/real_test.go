package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/data"
	"careshed/geo"
)

// shared is the folder of real layers; tests without it skip.
func shared(t testing.TB) string {
	t.Helper()
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	root, err := filepath.Abs(root)
	if err == nil {
		_, err = os.Stat(filepath.Join(root, "data", "layers"))
	}
	if err != nil {
		t.Skipf("SKIPPED: no real layers here: %v (set CARESHED_SHARED)", err)
	}
	return root
}

// country is a study of a country on layers of its own statistical office. Its sites are
// the centers of tiers 1 and 2 whose row says that they treat adults (of 144 in the US 27
// do not say it).
type country struct {
	code, places, regions string
	population            study.Num
	sites                 int
	gaps                  map[string]int
}

var countries = []country{
	{"US", "us-blockgroups.csv", "{file: us-counties.geojson, id: fips}", 331_449_281, 117, nil},
	{"US", "us-blockgroups.csv", "{file: us-states.geojson, id: fips}", 331_449_281, 117, map[string]int{"none": 4, "doubtful": 2}},
	{"IT", "it-comuni.csv", "{file: it-regions.geojson}", 59_620_754, 33, map[string]int{"none": 4, "stated": 2}},
	{"GB", "uk-msoa.csv", "{file: uk-regions.geojson}", 67_102_796, 22, map[string]int{"none": 1}},
	{"CA", "ca-healthregions.geojson", "{file: ca-regions.geojson}", 38_277_011, 12, map[string]int{"none": 6, "doubtful": 1}},
	{"AU", "au-lga.geojson", "{file: au-regions.geojson}", 25_692_627, 7, map[string]int{"none": 4, "stated": 1}},
	{"ES", "es-provincias.geojson", "{file: es-regions.geojson}", 47_450_795, 29, map[string]int{"none": 5}},
	{"DE", "de-kreise.geojson", "{file: de-regions.geojson}", 83_019_213, 27, map[string]int{"incomplete": 3}},
}

// write makes a study of real layers, with links to them beside it.
func (c country) write(t testing.TB, root, more string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range []string{"layers", "centers"} {
		if err := os.Symlink(filepath.Join(root, "data", f), filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	regions := strings.Replace(c.regions, "file: ", "file: layers/", 1)
	on := "{place: region_code, region: code}"
	if strings.Contains(c.regions, "fips") {
		on = "{place: region_code, region: fips}"
	}
	gaps := fmt.Sprintf(", gaps: {layer: absent, where: {country: %s}, join: %s, column: trust_that_region_has_none}", c.code, on)
	if strings.Contains(c.regions, "counties") {
		gaps = ""
	}
	spec := fmt.Sprintf(`version: 1
name: real
layers:
  places: {file: layers/%s}
  lands: %s
  centers: {file: centers/cart-centers.geojson}
  absent: {file: centers/regions-without-center.csv}
places: {layer: places}
regions: {layer: lands%s}
sites: {layer: centers, where: {country: %s, tier: [1, 2]}, count: campus}
travel: {engine: crow}
measures:
  - travel: {bands_min: [60, 120, 300]}
  - density: {}
  - gaps: {}
  - penalty: {}
`, c.places, regions, gaps, c.code)
	path := filepath.Join(dir, "study.yaml")
	if err := os.WriteFile(path, []byte(spec+more), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// haversine is a plain distance on a sphere: within 0.6 % of the ellipsoid.
func haversine(p, q [2]float64) float64 {
	const r, d = 6371008.8, math.Pi / 180
	a := math.Pow(math.Sin((q[1]-p[1])*d/2), 2) + math.Cos(p[1]*d)*math.Cos(q[1]*d)*math.Pow(math.Sin((q[0]-p[0])*d/2), 2)
	return 2 * r * math.Asin(math.Min(1, math.Sqrt(a)))
}

// Real layers of seven countries: populations to the person, counts of centers,
// gaps as the list has them, means of what the places say, and every place's
// nearest center by brute force.
func TestRealCountries(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: too long under the race detector; make test runs it without")
	}
	root := shared(t)
	for _, c := range countries {
		t.Run(c.code+" "+c.regions, func(t *testing.T) {
			path := c.write(t, root, "")
			out := filepath.Join(t.TempDir(), "out")
			if code, _, log := call(t, "run", path, "-o", out, "-q"); code != 0 {
				t.Fatal(log)
			}
			var s study.Summary
			text, err := os.ReadFile(filepath.Join(out, "summary.json"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
			if s.Population != c.population || s.Sites.Rows != c.sites {
				t.Errorf("population %v, centers %d; want %v and %d", s.Population, s.Sites.Rows, c.population, c.sites)
			}
			for status, n := range c.gaps {
				if s.Gaps.Count[status] != n {
					t.Errorf("gaps %v; want %v", s.Gaps.Count, c.gaps)
				}
			}
			if c.code == "DE" && s.Gaps.Count["none"] != 0 {
				t.Errorf("gaps %v: Germany's list allows none", s.Gaps.Count)
			}
			if c.code == "US" {
				// What the speeds are calibrated to: 59.2 % within an hour; 15 to 22 %
				// beyond two.
				if b := s.Travel.Bands; math.Abs(float64(b[0].Share)-0.592) > 0.02 || 1-b[1].Share < 0.15 || 1-b[1].Share > 0.22 {
					t.Errorf("bands %+v", b)
				}
			}
			if !strings.Contains(c.regions, "counties") { // the same places as by state
				checkPlaces(t, out, s)
			}
			checkRegions(t, out, s)
		})
	}
}

func layer(t testing.TB, path string) *geo.Layer {
	t.Helper()
	l, err := data.NewCatalog(filepath.Dir(path), map[string]data.Source{"l": {File: filepath.Base(path)}}).Layer(context.Background(), "l")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func numbers(t testing.TB, l *geo.Layer, field string) []float64 {
	t.Helper()
	v, err := l.Numbers(field)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func checkPlaces(t *testing.T, out string, s study.Summary) {
	places, sites := layer(t, filepath.Join(out, "places.geojson")), layer(t, filepath.Join(out, "sites.csv"))
	straight, people, minutes := numbers(t, places, "geodesic_km"), numbers(t, places, "population"), numbers(t, places, "time_min")
	status, _ := places.Texts("status")
	var sum, total, mean float64
	for i := range places.Len() {
		p := places.Point(i)
		// Brute force: all sites that are nearly nearest on a sphere, exactly.
		near, least := math.Inf(1), math.Inf(1)
		for j := range sites.Len() {
			near = math.Min(near, haversine(p, sites.Point(j)))
		}
		for j := range sites.Len() {
			if haversine(p, sites.Point(j)) <= near*1.012 {
				least = math.Min(least, geo.Distance(p, sites.Point(j)).Kilometres())
			}
		}
		// Across a strait the nearest by straight line may be on the other shore,
		// and the place then goes farther, never nearer. Shapes are represented by
		// a point of the written geometry, which is rounded.
		if straight[i] < least-1e-3 {
			t.Fatalf("place %s goes %v km, the nearest center is %v km away", places.ID(i), straight[i], least)
		}
		if straight[i] > least+1e-3 {
			total += people[i]
		}
		sum += people[i]
		if status[i] == "reached" {
			mean += people[i] * minutes[i]
		}
	}
	if total > 0.02*sum {
		t.Errorf("%.1f %% of the people do not go to the center nearest by straight line", 100*total/sum)
	}
	if study.Num(sum) != s.Population {
		t.Errorf("the places hold %v people, the summary %v", sum, s.Population)
	}
	if got := mean / (sum - float64(s.Travel.WithoutTime["sea"])); math.Abs(got-float64(s.Travel.TimeMin.Mean)) > 1e-6 {
		t.Errorf("mean time of the places %v, of the summary %v", got, s.Travel.TimeMin.Mean)
	}
}

func checkRegions(t *testing.T, out string, s study.Summary) {
	l := layer(t, filepath.Join(out, "regions.csv"))
	var people, treated float64
	for i := range l.Len() {
		people += numbers(t, l, "population")[i]
		if v := numbers(t, l, "treated_hold")[i]; !math.IsNaN(v) {
			treated += v
		}
	}
	if missing := float64(s.Population) - people; missing < 0 || missing > 0.001*float64(s.Population) {
		t.Errorf("the regions hold %v of %v people", people, s.Population)
	}
	if math.Abs(treated-float64(s.Penalty.Observed)) > 0.002*treated {
		t.Errorf("the regions treat %v of %v", treated, s.Penalty.Observed)
	}
}

// Specs 5 and 6 unchanged, on the real files that they name.
func TestSpecsOnRealFiles(t *testing.T) {
	root := shared(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/specs")); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"data/layers/us-counties.geojson", "cases/access/belo-horizonte/land_use.csv", "cases/access/belo-horizonte/travel_matrix.csv.gz"} {
		if err := os.Remove(filepath.Join(dir, filepath.Base(f))); err != nil { // the made-up one
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(root, f), filepath.Join(dir, filepath.Base(f))); err != nil {
			t.Fatal(err)
		}
	}
	for spec, want := range map[string]map[string]float64{
		"5-measures-and-inequality.yaml": {"e2sfca": 121}, // rows that treat adults,
		"6-matrix-batch.yaml":            {"2sfca": 0, "raam": 0},
	} {
		code, out, log := call(t, "run", filepath.Join(dir, spec), "--format", "json", "-q")
		if code != 0 {
			t.Fatalf("%s: %s", spec, log)
		}
		var s study.Summary
		if err := json.Unmarshal([]byte(out), &s); err != nil {
			t.Fatal(err)
		}
		if len(s.Measures) != len(want) {
			t.Errorf("%s: %d measures", spec, len(s.Measures))
		}
		for _, m := range s.Measures {
			supply, known := want[m.Name]
			if !known || m.Gap > 1e-6 {
				t.Errorf("%s: %+v", spec, m)
			}
			// What is handed out and what nobody reaches is all there is.
			if all := float64(m.Handed + m.Unused); supply > 0 && math.Abs(all-supply) > 1e-9*supply {
				t.Errorf("%s: %s hands out %v of %v", spec, m.Name, all, supply)
			}
		}
	}
}
