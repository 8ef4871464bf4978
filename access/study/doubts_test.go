package study

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// noted runs a study and demands that a note holds a text, or that none does.
func noted(t *testing.T, name, spec string, layers shelf, want string) {
	t.Helper()
	s, err := Parse(strings.NewReader(spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), World{Layers: layers}, s, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	all := strings.Join(r.Summary.Notes.Texts(), "\n")
	if want != "" && !strings.Contains(all, want) {
		t.Errorf("%s: no note says %q:\n%s", name, want, all)
	}
	if want == "" {
		for _, word := range []string{"check its", "check their", "are its times", "are the times", "are they metres", "miles?", "overlap", "called alike"} {
			if strings.Contains(all, word) {
				t.Errorf("%s: a note says %q:\n%s", name, word, all)
			}
		}
	}
}

const where = "version: 1\nname: d\nplaces: {layer: towns}\nsites: {layer: sites}\ntravel: {engine: crow, borders: free}\nmeasures: [travel]\n"

// Where places and sites lie far from all others, or where geocoders put what
// they do not find.
func TestStraysAreNoted(t *testing.T) {
	towns := func(more ...orb.Point) *geo.Layer {
		at := append([]orb.Point{{12.5, 41.9}, {9.19, 45.46}, {11.25, 43.77}}, more...)
		people := make([]float64, len(at))
		for i := range people {
			people[i] = 100
		}
		l, err := geo.NewPoints(geo.About{Name: "towns"}, nil, at, geo.Numbers(geo.Field{Name: "population"}, people))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	sites := func(more ...orb.Point) *geo.Layer {
		at := append([]orb.Point{{12.4, 41.9}}, more...)
		ids := make([]string, len(at))
		for i := range ids {
			ids[i] = fmt.Sprintf("S%d", i)
		}
		l, err := geo.NewPoints(geo.About{Name: "sites"}, ids, at)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, c := range []struct {
		name         string
		towns, sites *geo.Layer
		want         string
	}{
		{"all well", towns(), sites(), ""},
		{"a swapped place", towns(orb.Point{45.4, 9.2}), sites(), "place 4 (100 people) lies 4"},
		{"a swapped place, and how it would lie", towns(orb.Point{45.4, 9.2}), sites(), "km if longitude and latitude are swapped: check its coordinates"},
		{"a swapped site", towns(), sites(orb.Point{45.4, 9.2}), "site S1 lies"},
		{"a site with the wrong sign", towns(), sites(orb.Point{-72.5, 41.9}), "site S1 lies"},
		{"an island of its own", towns(orb.Point{12.6, 35.5}), sites(), ""},
		{"the middle of a country", towns(orb.Point{12.56738, 41.87194}), sites(), "0 sites and 1 place (100 people) lie at the point that geocoders give for Italy"},
		{"a site at the middle of a country", towns(), sites(orb.Point{12.5674, 41.8719}), "1 site and 0 places (0 people) lie at the point that geocoders give for Italy"},
	} {
		noted(t, c.name, where, shelf{"towns": c.towns, "sites": c.sites}, c.want)
	}
}

// A minus that all longitudes have lost moves places by less than a country near Greenwich; a
// few places, and those that lie on both sides of it, are as they are.
func TestALostMinus(t *testing.T) {
	sites := must(geo.NewPoints(geo.About{Name: "sites"}, []string{"L", "B"}, []orb.Point{{-1.52, 53.8}, {-2.6, 51.45}}))(t)
	for _, c := range []struct {
		name  string
		towns []orb.Point
		want  string
	}{
		{"Leeds, Bristol, Cardiff", []orb.Point{{1.55, 53.8}, {2.59, 51.45}, {3.18, 51.48}}, "if longitudes take the other sign: check lon and lat"},
		{"as they are", []orb.Point{{-1.55, 53.8}, {-2.59, 51.45}, {-3.18, 51.48}}, ""},
		{"Norwich, Ipswich, Lowestoft", []orb.Point{{1.29, 52.63}, {1.15, 52.06}, {1.75, 52.48}}, ""},
		{"one alone", []orb.Point{{1.52, 53.8}}, ""},
	} {
		towns := must(geo.NewPoints(geo.About{Name: "towns"}, nil, c.towns, num("population", []float64{100, 100, 100}[:len(c.towns)]...)))(t)
		s, err := Parse(strings.NewReader(where), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Run(context.Background(), World{Layers: shelf{"towns": towns, "sites": sites}}, s, nil)
		if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// Candidates that lie elsewhere gain nothing, and a plan without them looks like any other.
func TestTurnedCandidates(t *testing.T) {
	at := []orb.Point{{9.19, 45.46}, {12.5, 41.9}, {14.25, 40.85}, {16.87, 41.12}}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, nil, at, num("population", 1400, 2800, 900, 320)))(t)
	sites := must(geo.NewPoints(geo.About{Name: "sites"}, []string{"M"}, at[:1]))(t)
	for _, c := range []struct {
		name  string
		at    []orb.Point
		err   string
		notes int
	}{
		{"as they are", []orb.Point{{14.25, 40.85}, {16.87, 41.12}}, "", 0},
		{"swapped", []orb.Point{{40.85, 14.25}, {41.12, 16.87}}, "km from any place, and 0 km if longitude and latitude are swapped", 0},
		{"with a minus", []orb.Point{{-14.25, 40.85}, {-16.87, 41.12}}, "km from any place, and 0 km if longitudes take the other sign", 0},
		{"one swapped of three", []orb.Point{{14.25, 40.85}, {41.12, 16.87}, {12.5, 41.9}}, "", 1},
	} {
		ids := []string{"X", "Y", "Z"}[:len(c.at)]
		l := must(geo.NewPoints(geo.About{Name: "new"}, ids, c.at))(t)
		s, err := Parse(strings.NewReader(where+"candidates: {layer: new}\nsiting: {pick: 1, goal: covered, within_min: 60}\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), World{Layers: shelf{"towns": towns, "sites": sites, "new": l}}, s, nil)
		if c.err == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
			continue
		}
		said := 0
		if err == nil {
			for _, n := range r.Summary.Notes {
				if n.Key == "sites.stray.swapped" && n.Args["id"] == "Y" {
					said++
				}
			}
		}
		if said != c.notes {
			t.Errorf("%s: %d notes of strays, want %d", c.name, said, c.notes)
		}
	}
}

// Times that are no minutes, lengths that are no kilometres.
func TestUnitsOfAMatrixAreNoted(t *testing.T) {
	at := []orb.Point{{12, 41}, {12.5, 41}, {13, 41}, {13.5, 41.5}}
	km := make([]float64, len(at))
	for i, p := range at {
		km[i] = geo.Distance(p, orb.Point{11, 41}).Kilometres()
	}
	ids := []string{"a", "b", "c", "d"}
	people := geo.Numbers(geo.Field{Name: "population"}, []float64{100, 50, 50, 1})
	located, err := geo.NewPoints(geo.About{Name: "towns"}, ids, at, people)
	if err != nil {
		t.Fatal(err)
	}
	tabled, err := geo.NewTable(geo.About{Name: "towns"}, ids, people)
	if err != nil {
		t.Fatal(err)
	}
	site, err := geo.NewPoints(geo.About{Name: "sites"}, []string{"S"}, []orb.Point{{11, 41}})
	if err != nil {
		t.Fatal(err)
	}
	matrix := func(minutes, lengths float64) *geo.Layer {
		m, l := make([]float64, len(km)), make([]float64, len(km))
		for i, d := range km {
			m[i], l[i] = d*minutes, d*lengths
		}
		of := []string{"S", "S", "S", "S"}
		t1, err := geo.NewTable(geo.About{Name: "times"}, nil, geo.Labels(geo.Field{Name: "from_id"}, ids), geo.Labels(geo.Field{Name: "to_id"}, of),
			geo.Numbers(geo.Field{Name: "cost"}, m), geo.Numbers(geo.Field{Name: "len"}, l))
		if err != nil {
			t.Fatal(err)
		}
		return t1
	}
	spec := "version: 1\nname: d\nplaces: {layer: towns}\nsites: {layer: sites}\ntravel: {engine: matrix, table: times, place: from_id, site: to_id, minutes: cost, kilometres: len}\nmeasures: [travel]\n"
	for _, c := range []struct {
		name    string
		towns   *geo.Layer
		minutes float64 // of a kilometre
		lengths float64 // kilometres of a kilometre
		want    string
	}{
		{"minutes and kilometres", located, 1, 1.3, ""},
		{"seconds", located, 60, 1.3, "are its times seconds? units: {cost: seconds} in the entry of layer times says so"},
		{"hours", located, 1.0 / 60, 1.3, "are its times hours?"},
		{"metres", located, 1, 1300, "are they metres? units: {len: metres}"},
		{"kilometres that were read as metres", located, 1, 0.0013, "far shorter than the straight line: are they kilometres? units: {len: kilometres}"},
		{"miles", located, 1, 1.3 / 1.609344, "are the kilometres miles?"},
		{"seconds between what has no location", tabled, 60, 1.3, "are the times seconds?"},
		{"hours between what has no location", tabled, 1.0 / 60, 1.3, "are the times hours?"},
		{"metres between what has no location", tabled, 1, 1300, "are they metres?"},
		{"minutes between what has no location", tabled, 1, 1.3, ""},
		{"a walk of 5 km/h", located, 12, 1.2, ""},
	} {
		noted(t, c.name, spec, shelf{"towns": c.towns, "sites": site, "times": matrix(c.minutes, c.lengths)}, c.want)
	}
}

// Several features of one region, and regions that overlap.
func TestRegionsInPieces(t *testing.T) {
	square := func(x float64) orb.Geometry {
		return orb.Polygon{{{x, 41}, {x + 1, 41}, {x + 1, 42}, {x, 42}, {x, 41}}}
	}
	towns, err := geo.NewPoints(geo.About{Name: "towns"}, nil, []orb.Point{{12.5, 41.5}, {13.5, 41.5}, {13.6, 41.5}}, geo.Numbers(geo.Field{Name: "population"}, []float64{1000, 500, 20}))
	if err != nil {
		t.Fatal(err)
	}
	sites, err := geo.NewPoints(geo.About{Name: "sites"}, []string{"S"}, []orb.Point{{12.4, 41.9}})
	if err != nil {
		t.Fatal(err)
	}
	spec := strings.Replace(where, "measures:", "regions: {layer: regs}\nmeasures:", 1)
	layers := func(shapes []orb.Geometry, columns ...geo.Column) shelf {
		l, err := geo.NewLayer(geo.About{Name: "regs"}, nil, shapes, columns...)
		if err != nil {
			t.Fatal(err)
		}
		return shelf{"towns": towns, "sites": sites, "regs": l}
	}
	text := func(name string, v ...string) geo.Column { return geo.Labels(geo.Field{Name: name}, v) }
	two := []orb.Geometry{square(12), square(13)}
	noted(t, "two regions", spec, layers(two, text("name", "A", "B")), "")
	noted(t, "two counties of one name", spec, layers(two, text("name", "W", "W"), text("geoid", "01", "02")), "")
	noted(t, "of one name", spec, layers(two, text("name", "W", "W")), "called alike and no code tells them apart")
	noted(t, "of one name, numbered", spec, layers(two, text("name", "W", "W"), text("fid", "1", "2")), "called alike")
	noted(t, "an overlap", spec, layers([]orb.Geometry{orb.Polygon{{{12, 41}, {14, 41}, {14, 42}, {12, 42}, {12, 41}}}, square(13)}, text("name", "A", "B")),
		"regions of layer regs overlap: 2 places (520 people) lie in more than one, and are counted in the smallest")
	s, err := Parse(strings.NewReader(spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"iso", "NUTS_ID", "code", "Region Code"} {
		_, err = Run(context.Background(), World{Layers: layers(two, text("name", "Lazio", "Lazio"), text(code, "IT-62", "IT-62"))}, s, nil)
		if err == nil || !strings.Contains(err.Error(), "layer regs: "+code+` is "IT-62", in features 1 and 2, which are both called "Lazio": several features of one region`) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Centers of one name in one town, regions without an area and ways of no time are noted;
// those that are as they should be are not.
func TestWhatLooksRightIsNoted(t *testing.T) {
	square := orb.Polygon{{{9, 45}, {13, 45}, {13, 49}, {9, 49}, {9, 45}}}
	towns := must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b", "c"}, []orb.Point{{10, 46}, {11, 47}, {12, 48}}, num("population", 100, 200, 300)))(t)
	sites := func(names ...string) *geo.Layer {
		return must(geo.NewPoints(geo.About{Name: "sites"}, []string{"S", "T", "U"}, []orb.Point{{10, 46}, {10.1, 46}, {12, 48}}, text("name", names...)))(t)
	}
	regions := func(shapes ...orb.Geometry) *geo.Layer {
		return must(geo.NewLayer(geo.About{Name: "regions"}, []string{"R", "Q"}[:len(shapes)], shapes, text("name", []string{"Rome", "Quay"}[:len(shapes)]...)))(t)
	}
	matrix := func(minutes ...float64) *geo.Layer {
		return must(geo.NewTable(geo.About{Name: "m"}, nil, text("place", "a", "b", "c", "a"), text("site", "S", "S", "S", "T"), num("minutes", minutes...)))(t)
	}
	const byRegion = where + "regions: {layer: regions}\n"
	byMatrix := strings.Replace(where, "engine: crow", "engine: matrix, table: m", 1)
	for _, c := range []struct {
		name, spec string
		layers     shelf
		want       string // a text of a note, or what none may say behind !
	}{
		{"one name twice in a town", where, shelf{"sites": sites("Gemelli", "GEMELLI", "Niguarda")}, "1 center has the name of another one less than 50 km away (GEMELLI)"},
		{"one name in two countries", where, shelf{"sites": sites("St. Mary", "Niguarda", "St. Mary")}, "! the name of another"},
		{"a point among the regions", byRegion, shelf{"sites": sites("A", "B", "C"), "regions": regions(square, orb.Point{10, 46})}, "layer regions has 1 region without an area (Quay)"},
		{"a region without a shape", byRegion, shelf{"sites": sites("A", "B", "C"), "regions": regions(square, nil)}, "layer regions has 1 region without an area (Quay)"},
		{"areas alone", byRegion, shelf{"sites": sites("A", "B", "C"), "regions": regions(square)}, "! without an area"},
		{"nothing where there is no way", byMatrix, shelf{"sites": sites("A", "B", "C"), "m": matrix(0, 0, 200, 30)}, "the matrix has 1 way of 0 minutes over more than 20 km"},
		{"nothing for who lives there", byMatrix, shelf{"sites": sites("A", "B", "C"), "m": matrix(0, 90, 200, 30)}, "! of 0 minutes"},
		{"no row for who lives there", byMatrix, shelf{"sites": sites("A", "B", "C"), "m": matrix(math.NaN(), 90, 200, 30)},
			"1 of 3 places (100 people) lies within 2 km of a site to which the matrix has no time, such as a – S"},
		{"a row for who lives there", byMatrix, shelf{"sites": sites("A", "B", "C"), "m": matrix(12, 90, 200, 30)}, "! to which the matrix has no time"},
	} {
		c.layers["towns"] = towns
		r := runSpec(t, World{Layers: c.layers, Version: "test"}, c.spec)
		all := strings.Join(r.Summary.Notes.Texts(), "\n")
		if none, not := strings.CutPrefix(c.want, "! "); not == strings.Contains(all, none) {
			t.Errorf("%s: want %q, noted are\n%s", c.name, c.want, all)
		}
	}
}

// A single way of no time among thousands is met, wherever it stands, and counted as one.
func TestOneWayOfNoTimeIsNoted(t *testing.T) {
	const n = 1201
	ids, at, people := make([]string, n), make([]orb.Point, n), make([]float64, n)
	place, site, minutes := make([]string, n), make([]string, n), make([]float64, n)
	for i := range n {
		ids[i], at[i], people[i] = fmt.Sprint("p", i), orb.Point{9 + float64(i)/n, 46}, 100
		place[i], site[i], minutes[i] = ids[i], "S", 200
	}
	minutes[701] = 0
	layers := shelf{
		"towns": must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...)))(t),
		"sites": must(geo.NewPoints(geo.About{Name: "sites"}, []string{"S"}, []orb.Point{{12, 48}}, text("name", "A")))(t),
		"m":     must(geo.NewTable(geo.About{Name: "m"}, nil, text("place", place...), text("site", site...), num("minutes", minutes...)))(t),
	}
	r := runSpec(t, World{Layers: layers, Version: "test"}, strings.Replace(where, "engine: crow", "engine: matrix, table: m", 1))
	if all := strings.Join(r.Summary.Notes.Texts(), "\n"); !strings.Contains(all, "1 way of 0 minutes") {
		t.Errorf("not noted among\n%s", all)
	}
}

// Twenty centers of one name in one town are noted, twenty-one are not: it is no name then.
func TestManyOfOneName(t *testing.T) {
	for n, want := range map[int]bool{20: true, 21: false} {
		ids, at, names := []string{"T", "U"}, []orb.Point{{11, 46}, {12, 46}}, []string{"Gemelli", "Niguarda"}
		for i := range n {
			ids, at, names = append(ids, fmt.Sprint("S", i)), append(at, orb.Point{10 + float64(i)/50, 46}), append(names, "Hospital")
		}
		layers := shelf{
			"towns": must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a"}, []orb.Point{{10, 46}}, num("population", 100)))(t),
			"sites": must(geo.NewPoints(geo.About{Name: "sites"}, ids, at, text("name", names...)))(t),
		}
		all := strings.Join(runSpec(t, World{Layers: layers, Version: "test"}, where).Summary.Notes.Texts(), "\n")
		if strings.Contains(all, "19 centers have the name of another") != want {
			t.Errorf("%d centers: noted are\n%s", n, all)
		}
	}
}

// Places that name a region and lie far outside of it are noted: a wrong key moves their
// people into another region.
func TestPlacesThatNameAnotherRegion(t *testing.T) {
	square := func(x float64) orb.Polygon { return orb.Polygon{{{x, 45}, {x + 1, 45}, {x + 1, 46}, {x, 46}, {x, 45}}} }
	for _, c := range []struct{ codes, want string }{
		{"A B B", ""},
		{"A A B", "1 of 3 features of layer towns lies more than 50 km outside of the region that its code names (such as 2)"},
		{"B A A", "3 of 3 features"},
		{"C B B", ""}, // 11 km across the antimeridian
	} {
		at := 10.5
		if c.codes[0] == 'C' {
			at = 179.9
		}
		layers := shelf{
			"towns": must(geo.NewPoints(geo.About{Name: "towns"}, nil, []orb.Point{{at, 45.5}, {12.5, 45.5}, {13.1, 45.5}},
				num("population", 100, 200, 300), text("code", strings.Fields(c.codes)...)))(t),
			"sites":   must(geo.NewPoints(geo.About{Name: "sites"}, nil, []orb.Point{{10, 46}}))(t),
			"regions": must(geo.NewLayer(geo.About{Name: "regions"}, nil, []orb.Geometry{square(10), square(12), square(-180)}, text("code", "A", "B", "C")))(t),
		}
		spec := "{version: 1, name: n, places: {layer: towns}, sites: {layer: sites}, regions: {layer: regions, join: code}, travel: {engine: crow}, measures: [{travel: {}}]}"
		all := strings.Join(runSpec(t, World{Layers: layers, Version: "test"}, spec).Summary.Notes.Texts(), "\n")
		if got := strings.Contains(all, "outside of the region that"); got != (c.want != "") || !strings.Contains(all, c.want) {
			t.Errorf("%s: noted are\n%s", c.codes, all)
		}
	}
}

// Two towns of five with swapped axes, or without their minus, lie near each other, and so are no
// strays; they are said with their people, and centers too. Towns far away for good are not.
func TestSeveralTurned(t *testing.T) {
	const said = "check their coordinates"
	east := []orb.Point{{9.19, 45.46}, {12.5, 41.9}, {14.25, 40.85}, {16.87, 41.12}, {11.3, 44.5}}
	west := []orb.Point{{-87.6, 41.9}, {-86.2, 39.8}, {-84.5, 39.1}, {-83, 40}, {-85.7, 38.2}}
	for _, c := range []struct {
		name         string
		towns, sites []orb.Point
		want         string
		people       float64
	}{
		{"as they are", east, east, "", 0},
		{"swapped", []orb.Point{{45.46, 9.19}, {41.9, 12.5}, east[2], east[3], east[4]}, east,
			"2 of 5 features (such as 1) lie more than 1000 km from any center, and less than 100 km with longitude and latitude swapped", 4200},
		{"without a minus", []orb.Point{west[0], west[1], west[2], {83, 40}, {85.7, 38.2}}, west,
			"2 of 5 features (such as 4) lie more than 1000 km from any center, and less than 100 km with longitudes of the other sign", 820},
		{"centers", east, []orb.Point{east[0], east[1], east[2], {41.12, 16.87}, {44.5, 11.3}},
			"2 of 5 features (such as 4) lie more than 1000 km from any place", 0},
		{"islands", []orb.Point{east[0], east[1], east[2], {-155, 19.5}, {-157.8, 21.3}}, east, "", 0},
	} {
		towns := must(geo.NewPoints(geo.About{Name: "towns"}, nil, c.towns, num("population", 1400, 2800, 900, 320, 500)))(t)
		sites := must(geo.NewPoints(geo.About{Name: "sites"}, nil, c.sites))(t)
		s, err := Parse(strings.NewReader(where), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), World{Layers: shelf{"towns": towns, "sites": sites}}, s, nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		texts := ""
		for _, n := range r.Summary.Notes {
			if text, _ := n.Args["text"].(string); strings.Contains(text, said) {
				texts += text
				if people := fmt.Sprint(n.Args["people"]); c.people > 0 && people != fmt.Sprint(c.people) {
					t.Errorf("%s: %v people, want %v", c.name, people, c.people)
				}
			}
		}
		if c.want == "" && texts != "" || !strings.Contains(texts, c.want) {
			t.Errorf("%s: %q, want %q", c.name, texts, c.want)
		}
	}
}

// A matrix of which one place in five is in seconds is neither slow nor long in the middle.
func TestMatrixOfTwoUnits(t *testing.T) {
	var at []orb.Point
	var people, minutes []float64
	var from, to []string
	for i := range 20 {
		at, people = append(at, orb.Point{9.5 + float64(i)/10, 45}), append(people, 1000+float64(37*i))
		one := 25 + 6*float64(i)
		from, to, minutes = append(from, fmt.Sprint("T", i)), append(to, "M"), append(minutes, one)
	}
	for _, c := range []struct {
		name  string
		times float64
		want  string
	}{{"as they are", 1, ""}, {"five in seconds", 60, "of 20 ways over more than 20 km that were looked at, 5 are slower than 3 km/h"}} {
		of := append([]float64(nil), minutes...)
		for i := range 5 {
			of[i*3] *= c.times
		}
		ids := append([]string(nil), from...)
		towns := must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...)))(t)
		sites := must(geo.NewPoints(geo.About{Name: "sites"}, []string{"M"}, []orb.Point{{9.2, 45}}))(t)
		table := must(geo.NewTable(geo.About{Name: "table"}, nil, geo.Labels(geo.Field{Name: "from_id"}, from),
			geo.Labels(geo.Field{Name: "to_id"}, to), num("travel_time", of...)))(t)
		s, err := Parse(strings.NewReader("version: 1\nname: d\nplaces: {layer: towns}\nsites: {layer: sites}\n"+
			"travel: {engine: matrix, table: table, borders: free}\nmeasures: [travel: {}]\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(context.Background(), World{Layers: shelf{"towns": towns, "sites": sites, "table": table}}, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		texts := ""
		for _, n := range r.Summary.Notes {
			if text, _ := n.Args["text"].(string); n.Key == "layer" {
				texts += text
			}
		}
		if c.want == "" && texts != "" || !strings.Contains(texts, c.want) {
			t.Errorf("%s: %q, want %q", c.name, texts, c.want)
		}
	}
}
