package atlas

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"careshed/access"
	"careshed/data"
	"careshed/geo"

	"github.com/paulmach/orb"
)

func get(t testing.TB, a *Atlas, name string) *geo.Layer {
	t.Helper()
	l, err := a.Layer(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func texts(t testing.TB, l *geo.Layer, field string) []string {
	t.Helper()
	v, err := l.Texts(field)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func numbers(t testing.TB, l *geo.Layer, field string) []float64 {
	t.Helper()
	v, err := l.Numbers(field)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Every region sums to its official population to the person.
func TestRegionsSumToTheirPopulation(t *testing.T) {
	var a Atlas
	regions, places := get(t, &a, "regions"), get(t, &a, "settlements")
	if regions.Len() != 157 {
		t.Errorf("%d regions", regions.Len())
	}
	sum := map[string]float64{}
	country, code, people := texts(t, places, "country"), texts(t, places, "region_code"), numbers(t, places, "population")
	for i := range people {
		sum[country[i]+"-"+code[i]] += people[i]
	}
	for i, p := range numbers(t, regions, "population") {
		if sum[regions.ID(i)] != p {
			t.Errorf("region %s: %v people in settlements, officially %v", regions.ID(i), sum[regions.ID(i)], p)
		}
	}
	if len(sum) != regions.Len() {
		t.Errorf("settlements of %d regions", len(sum))
	}
	counties := get(t, &a, "counties")
	var us float64
	for _, p := range numbers(t, counties, "population") {
		us += p
	}
	if us != 331_449_281 || counties.Len() != 3142 {
		t.Errorf("%d counties with %v people", counties.Len(), us)
	}
}

// Each layer says whose it is, and all of them are small.
func TestLayersAreAttributedAndSmall(t *testing.T) {
	var a Atlas
	var bytes int64
	for _, n := range a.Names() {
		l := get(t, &a, n)
		f, ok := a.File(n)
		if !ok || l.Licence == "" || l.Attribution == "" || l.Title == "" || l.Len() == 0 {
			t.Errorf("layer %s: %+v", n, l.About)
		}
		bytes += f.Bytes
	}
	if bytes > 4<<20 {
		t.Errorf("the atlas takes %d bytes", bytes)
	}
	if _, err := a.Layer(context.Background(), "moon"); err == nil {
		t.Error("there is a layer of the moon")
	}
}

// Centers keep their sources, and each stands in or near the region it names.
func TestCenters(t *testing.T) {
	var a Atlas
	centers, regions := get(t, &a, "centers"), get(t, &a, "regions")
	if centers.Len() != 379 {
		t.Errorf("%d centers", centers.Len())
	}
	country, code, source := texts(t, centers, "country"), texts(t, centers, "region_code"), texts(t, centers, "source")
	eight := texts(t, get(t, &a, "countries"), "country")
	for i := range centers.Len() {
		if source[i] == "" {
			t.Errorf("center %s has no source", centers.ID(i))
		}
		if !slices.Contains(eight, country[i]) {
			continue
		}
		row, ok := regions.Find(country[i] + "-" + code[i])
		if !ok {
			t.Errorf("center %s names region %s-%s", centers.ID(i), country[i], code[i])
			continue
		}
		if at, off := regions.Pick([]int{row}).Locate(centers.Point(i), 20_000); at != 0 {
			t.Errorf("center %s is %v from the region it names", centers.ID(i), off)
		}
	}
}

// Islands that a bridge reaches are joined, those with a ferry only are not.
func TestLandmasses(t *testing.T) {
	var a Atlas
	land, err := a.Land(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]orb.Point{
		"Calais": {1.86, 50.95}, "London": {-0.12, 51.5}, "Malmö": {13.0, 55.6}, "Copenhagen": {12.57, 55.68}, "Belfast": {-5.93, 54.6},
		"Newport, Wight": {-1.29, 50.7}, "Holyhead": {-4.63, 53.31}, "Portree": {-6.19, 57.41}, "Stornoway": {-6.39, 58.21}, "Oban": {-5.47, 56.41},
		"Messina": {15.55, 38.19}, "Reggio Calabria": {15.65, 38.11}, "Cagliari": {9.11, 39.22}, "Palma": {2.65, 39.57}, "Barcelona": {2.17, 41.39}, "Ajaccio": {8.74, 41.92},
		"Venice": {12.33, 45.44}, "Montréal": {-73.57, 45.5}, "Ottawa": {-75.7, 45.42}, "Charlottetown": {-63.13, 46.24}, "Sydney NS": {-60.19, 46.14}, "St. John's": {-52.71, 47.56},
		"Victoria BC": {-123.37, 48.43}, "Vancouver": {-123.12, 49.28}, "New York": {-73.97, 40.78}, "Philadelphia": {-75.16, 39.95}, "Key West": {-81.78, 24.56}, "Nantucket": {-70.1, 41.28},
		"Honolulu": {-157.86, 21.31}, "Hilo": {-155.08, 19.71}, "Anchorage": {-149.9, 61.2}, "Seattle": {-122.33, 47.6}, "Hobart": {147.33, -42.88}, "Melbourne": {144.96, -37.81}, "Cowes, Phillip Island": {145.24, -38.45},
		"Ceuta": {-5.32, 35.89}, "Melilla": {-2.94, 35.29}, "Istanbul": {28.96, 41.01},
	}
	for _, c := range []struct {
		a, b   string
		joined bool
	}{
		{"Calais", "London", true}, {"Malmö", "Copenhagen", true}, {"Copenhagen", "Calais", true}, {"London", "Belfast", false}, {"London", "Newport, Wight", false},
		{"London", "Holyhead", true}, {"Oban", "Portree", true}, {"Oban", "Stornoway", false}, {"Messina", "Reggio Calabria", false}, {"Cagliari", "Reggio Calabria", false},
		{"Palma", "Barcelona", false}, {"Ajaccio", "Barcelona", false}, {"Venice", "Reggio Calabria", true}, {"Montréal", "Ottawa", true}, {"Charlottetown", "Ottawa", true},
		{"Sydney NS", "Ottawa", true}, {"St. John's", "Ottawa", false}, {"Victoria BC", "Vancouver", false}, {"New York", "Philadelphia", true}, {"Key West", "Philadelphia", true},
		{"Nantucket", "Philadelphia", false}, {"Honolulu", "Hilo", false}, {"Anchorage", "Seattle", true}, {"Seattle", "New York", true}, {"Hobart", "Melbourne", false}, {"Cowes, Phillip Island", "Melbourne", true},
		{"Ceuta", "Barcelona", false}, {"Melilla", "Barcelona", false}, {"Istanbul", "Calais", true},
	} {
		if got := land.Of(at[c.a]) == land.Of(at[c.b]); got != c.joined {
			t.Errorf("%s and %s: joined %v, want %v", c.a, c.b, got, c.joined)
		}
	}
	if got := land.Of(orb.Point{-30, 40}); got != geo.NoLand {
		t.Errorf("the middle of the Atlantic is on landmass %d", got)
	}
}

// accuracy is figures of straight-line travel to the nearest center.
type accuracy struct{ mean, p90, within50, within100, within200 float64 }

func measure(t *testing.T, places, centers *geo.Layer, people []float64) accuracy {
	km := make([]float64, places.Len())
	for i := range km {
		km[i] = math.NaN()
		for _, d := range centers.Nearest(places.Point(i)) {
			km[i] = d.Kilometres()
			break
		}
	}
	w := access.NewWeighted(km, people)
	b := access.Bands(km, people, []float64{50, 100, 200})
	return accuracy{w.Mean(), w.Quantile(0.9), 100 * b[0].Share, 100 * b[1].Share, 100 * b[2].Share}
}

// The tolerances that the documentation promises, against finer official layers.
func TestAccuracy(t *testing.T) {
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	root = filepath.Join(root, "data", "layers")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("SKIPPED: the atlas is not compared with finer layers: %v (set CARESHED_SHARED)", err)
	}
	var a Atlas
	settlements, centers := get(t, &a, "settlements"), get(t, &a, "centers")
	of, people := texts(t, settlements, "country"), numbers(t, settlements, "population")
	pick := func(country string) (rows, sites []int) {
		for i, c := range of {
			if c == country {
				rows = append(rows, i)
			}
		}
		tier := numbers(t, centers, "tier")
		for i, c := range texts(t, centers, "country") {
			if c == country && tier[i] <= 2 {
				sites = append(sites, i)
			}
		}
		return rows, sites
	}
	for _, c := range []struct {
		country, file    string
		mean, p90, share float64 // tolerances: per cent, per cent, points
	}{
		{"US", "us-blockgroups.csv", 2, 3, 1}, {"IT", "it-comuni.csv", 2, 3, 1}, {"GB", "uk-msoa.csv", 2, 3, 1},
		{"CA", "ca-healthregions.geojson", 5, 10, 1}, {"AU", "au-lga.geojson", 2, 3, 1},
	} {
		rows, sites := pick(c.country)
		mine := settlements.Pick(rows)
		to := centers.Pick(sites)
		weight := make([]float64, len(rows))
		for k, i := range rows {
			weight[k] = people[i]
		}
		got := measure(t, mine, to, weight)
		fine, err := data.NewCatalog(root, map[string]data.Source{"fine": {File: c.file}}).Layer(context.Background(), "fine")
		if err != nil {
			t.Fatal(err)
		}
		var want accuracy
		switch c.country {
		case "CA": // on the cities of another list
			cities, err := data.NewCatalog(root, map[string]data.Source{"cities": {File: "ca-cities.csv"}}).Layer(context.Background(), "cities")
			if err != nil {
				t.Fatal(err)
			}
			want = shared(t, fine, cities, numbers(t, cities, "population"), to)
		case "AU":
			want = shared(t, fine, mine, weight, to)
		default:
			want = measure(t, fine, to, numbers(t, fine, "population"))
		}
		t.Logf("%s: mean %+.1f %%, P90 %+.1f %%, shares %+.2f %+.2f %+.2f", c.country, 100*(got.mean/want.mean-1), 100*(got.p90/want.p90-1),
			got.within50-want.within50, got.within100-want.within100, got.within200-want.within200)
		for name, off := range map[string][2]float64{
			"mean": {100 * (got.mean/want.mean - 1), c.mean}, "P90": {100 * (got.p90/want.p90 - 1), c.p90},
			"share within 50 km": {got.within50 - want.within50, c.share}, "within 100 km": {got.within100 - want.within100, c.share}, "within 200 km": {got.within200 - want.within200, c.share},
		} {
			if !(math.Abs(off[0]) <= off[1]) {
				t.Errorf("%s: %s is off by %.2f, promised %v", c.country, name, off[0], off[1])
			}
		}
	}
}

// shared puts the official population of each unit on the settlements in it,
// in proportion: the units' own middle points are too coarse to compare with.
func shared(t *testing.T, units, settlements *geo.Layer, weight []float64, centers *geo.Layer) accuracy {
	total := numbers(t, units, "population")
	unit := make([]int, settlements.Len())
	sum := make([]float64, units.Len())
	// A settlement that names its province lies in a unit of that province.
	here, known := settlements.Column("province")
	there, ok := units.Column("province")
	of := map[string][]int{}
	for u := range total {
		if known && ok {
			of[there.Text(u)] = append(of[there.Text(u)], u)
		} else {
			of[""] = append(of[""], u)
		}
	}
	parts := map[string]*geo.Layer{}
	for k, rows := range of {
		parts[k] = units.Pick(rows)
	}
	for i := range unit {
		k := ""
		if known && ok {
			k = here.Text(i)
		}
		at, _ := parts[k].Locate(settlements.Point(i), 50_000)
		unit[i] = -1
		if at >= 0 {
			unit[i] = of[k][at]
		}
		if unit[i] >= 0 {
			sum[unit[i]] += weight[i]
		}
	}
	var points []orb.Point
	var people []float64
	for i, u := range unit {
		if u >= 0 {
			points = append(points, settlements.Point(i))
			people = append(people, weight[i]/sum[u]*total[u])
		}
	}
	for u := range sum {
		if sum[u] == 0 && total[u] > 0 {
			points, people = append(points, units.Point(u)), append(people, total[u])
		}
	}
	l, err := geo.NewPoints(geo.About{Name: fmt.Sprint(units.Name, " on settlements")}, nil, points)
	if err != nil {
		t.Fatal(err)
	}
	return measure(t, l, centers, people)
}
