package data

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/geo"
)

func layerOf(t *testing.T, file, input string, s Source) (*geo.Layer, error) {
	t.Helper()
	return Read(context.Background(), strings.NewReader(input), file, s, Limits{})
}

// What the source says of missing values and units holds in every column but
// the ids.
func TestMissingAndUnits(t *testing.T) {
	input := "id,svi,name,minutes,note\n-999,0.5,a,600,n/a\n2,-999,-999,n/a,b\n3,-999.0,c,90,n/a\n"
	l, err := layerOf(t, "a.csv", input, Source{Missing: []string{"-999", "n/a"}, Units: map[string]string{"minutes": "seconds"}})
	if err != nil {
		t.Fatal(err)
	}
	text := func(name string) string {
		c, _ := l.Column(name)
		var b []string
		for i := range c.Len() {
			b = append(b, c.Text(i))
		}
		return c.Type.String() + " " + strings.Join(b, "|")
	}
	for name, want := range map[string]string{"svi": "number 0.5||", "name": "text a||c", "minutes": "integer 600||90", "note": "text |b|"} {
		if got := text(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if c, _ := l.Column("minutes"); c.Unit != "seconds" || !c.Missing {
		t.Errorf("minutes: unit %q, missing declared: %t", c.Unit, c.Missing)
	}
	if l.ID(0) != "-999" {
		t.Errorf("id %s", l.ID(0))
	}
	if l, err = layerOf(t, "a.csv", input, Source{Missing: []string{}}); err != nil {
		t.Fatal(err)
	}
	if c, _ := l.Column("svi"); !c.Missing || c.Number(1) != -999 {
		t.Error("an empty list keeps the values and says so")
	}
	for _, c := range []struct {
		units map[string]string
		want  string
	}{
		{map[string]string{"minute": "seconds"}, `a.csv: units names column "minute", which is not there, did you mean "minutes"?`},
		{map[string]string{"minutes": "fortnights"}, `a.csv: units.minutes is "fortnights": not a known unit; accepted: seconds, minutes, hours`},
	} {
		if _, err := layerOf(t, "a.csv", input, Source{File: "a.csv", Units: c.units}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// A join reads its file by its own words, and units are those of the whole.
func TestJoinDialect(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.csv": "id,fips\nx,01\ny,02\n", "b.csv": "fips;pop\n01;1.000\n02;keine\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := NewCatalog(dir, map[string]Source{"a": {File: "a.csv", Units: map[string]string{"pop": "thousands"},
		Join: &Join{File: "b.csv", On: "fips", Thousands: ".", Missing: []string{"keine"}}}})
	l, err := c.Layer(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := l.Column("pop"); p.Number(0) != 1000 || !p.Null(1) || p.Unit != "thousands" {
		t.Errorf("%v %q", p.Values(), p.Unit)
	}
}

// Numbers of a semicolon file in which every point stands before three digits
// may be thousands; where one does not, they are decimals.
func TestPointsThatPartThousands(t *testing.T) {
	for _, c := range []struct {
		name, input string
		doubt       bool
	}{
		{"thousands", "a;pop\nx;1.000\ny;12.250\nz;850\n", true},
		{"one thousand", "a;pop\nx;1.000\ny;12\n", true},
		{"tabs", "a\tpop\nx\t1.234\ny\t2.345\n", true},
		{"shares of three digits", "a;pop\nx;0.125\ny;0.250\n", false},
		{"another number of digits", "a;pop\nx;1.000\ny;12.25\n", false},
		{"a number of four digits", "a;pop\nx;1.000\ny;1200\n", false},
		{"commas", "a,pop\nx,1.000\ny,2.500\n", false},
		{"whole numbers", "a;pop\nx;100\ny;200\n", false},
	} {
		l, err := layerOf(t, "a.csv", c.input, Source{})
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := l.Column("pop"); (p.Doubt != "") != c.doubt {
			t.Errorf("%s: doubt %q", c.name, p.Doubt)
		}
	}
	// A point where the comma was declared to stand before decimals.
	l, err := layerOf(t, "a.csv", "a;pop\nx;1.234\ny;850\n", Source{Decimal: ","})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := l.Column("pop"); !strings.Contains(p.Doubt, "\"1.234\" has a point") {
		t.Errorf("doubt %q", p.Doubt)
	}
	for _, s := range []Source{{Decimal: "."}, {Thousands: "."}} {
		l, err := layerOf(t, "a.csv", "a;pop\nx;1.000\ny;12.250\n", s)
		if err != nil {
			t.Fatal(err)
		}
		want := 1.0
		if s.Thousands != "" {
			want = 1000
		}
		if p, _ := l.Column("pop"); p.Doubt != "" || p.Number(0) != want {
			t.Errorf("%+v: %v, doubt %q", s, p.Values(), p.Doubt)
		}
	}
}

// 0,0 is no location, unless the layer lies there.
func TestNullIsland(t *testing.T) {
	for _, c := range []struct {
		name, file, input string
		lost              int
	}{
		{"one of many", "a.csv", "id,lon,lat\na,12,41\nb,0,0\nc,9,45\n", 1},
		{"two", "a.csv", "id,lon,lat\na,0,0\nb,0.0,-0.0\nc,9,45\n", 2},
		{"drawn around 0,0", "a.csv", "id,lon,lat\na,0,0\nb,0.09,0\n", 0},
		{"beside one in the sea", "a.csv", "id,lon,lat\na,0,0\nb,12,41\nc,1,1\n", 0},
		{"on the equator", "a.csv", "id,lon,lat\na,32,0\nb,12,41\n", 0},
		{"on the first meridian", "a.csv", "id,lon,lat\na,0,51.5\nb,12,41\n", 0},
		{"alone", "a.csv", "id,lon,lat\na,0,0\n", 0},
		{"points beside areas", "a.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[0,0]}},{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[10,40],[11,40],[11,41],[10,40]]]}}]}`, 1},
	} {
		l, err := layerOf(t, c.file, c.input, Source{})
		if err != nil {
			t.Fatal(err)
		}
		lost := 0
		for i := range l.Len() {
			if !l.Located(i) {
				lost++
			}
		}
		if lost != c.lost || (len(l.Doubts) == 1) != (c.lost > 0) || c.lost > 0 && len(l.Doubts[0].Rows) != c.lost {
			t.Errorf("%s: %d without a location, want %d; %+v", c.name, lost, c.lost, l.Doubts)
		}
	}
}

// Codes for no value in the columns of the coordinates are no location.
func TestCodesForNoLocation(t *testing.T) {
	l, err := layerOf(t, "a.csv", "id,lon,lat\na,12,41\nb,-999,-999\nc,9,45\nd,-9999,-9999\n", Source{})
	if err != nil {
		t.Fatal(err)
	}
	if !l.Located(0) || l.Located(1) || !l.Located(2) || l.Located(3) || len(l.Doubts) != 4 || !strings.HasPrefix(l.Doubts[0].Text, "lon is -999 in 1 feature, which programs write where there is no value") {
		t.Errorf("%+v", l.Doubts)
	}
	_, err = layerOf(t, "a.csv", "id,lon,lat\na,12,41\nb,-999,45\n", Source{})
	if err == nil || !strings.Contains(err.Error(), "a.csv: feature 2 (id b): lon is missing") {
		t.Errorf("one coordinate: %v", err)
	}
}

// Polygons that go round the world by mistake are refused, those that do so on
// purpose are not.
func TestAroundTheWorld(t *testing.T) {
	for _, c := range []struct {
		name, ring string
		refuse     bool
	}{
		{"Fiji, not cut", "[178,-19],[-178,-19],[-178,-15],[178,-15],[178,-19]", true},
		{"Fiji by way of 180", "[178,-19],[180,-19],[-180,-19],[-178,-19],[-178,-15],[178,-15],[178,-19]", true},
		{"Chukotka", "[170,65],[-170,66],[175,68],[170,65]", true},
		{"the far north", "[170,80],[-170,80],[-170,82],[170,82],[170,80]", true},
		{"Antarctica", "[-180,-90],[180,-90],[180,-80],[0,-70],[-180,-80],[-180,-90]", false},
		{"Antarctica cut flat", "[-180,-85],[180,-85],[180,-80],[0,-70],[-180,-80],[-180,-85]", false},
		{"the box of the world", "[-180,-60],[180,-60],[180,75],[-180,75],[-180,-60]", false},
		{"half the world", "[0,0],[180,0],[180,10],[0,10],[0,0]", false},
	} {
		text := `{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[` + c.ring + `]]}}`
		_, err := layerOf(t, "a.geojson", text, Source{})
		if (err != nil) != c.refuse || c.refuse && !strings.Contains(err.Error(), "a.geojson: feature 1: geometry has an edge from") {
			t.Errorf("%s: %v", c.name, err)
		}
		wkt := strings.ReplaceAll(strings.NewReplacer("],[", "|", ",", " ", "[", "", "]", "").Replace(c.ring), "|", ", ")
		if _, err := layerOf(t, "a.csv", "id,wkt\n1,\"POLYGON (("+wkt+"))\"\n", Source{}); (err != nil) != c.refuse {
			t.Errorf("%s as text: %v", c.name, err)
		}
	}
}

// Points at whole degrees, and those of which no coordinate has more than 59 hundredths, are doubted.
func TestCoarseCoordinates(t *testing.T) {
	for name, c := range map[string]struct {
		points int
		at     func(i int) (lon, lat float64)
		want   string
	}{
		"whole degrees": {12, func(i int) (float64, float64) { return float64(5 + i), float64(40 + i%5) }, "All 12 points lie at whole degrees"},
		"a few":         {9, func(i int) (float64, float64) { return float64(5 + i), float64(40 + i%5) }, ""},
		"degrees and minutes": {12, func(i int) (float64, float64) {
			return float64(5+i) + float64(i*5)/100, float64(40+i%5) + float64(59-i*4)/100
		}, "9.11 for 9°11'"},
		"degrees of two decimals": {12, func(i int) (float64, float64) {
			return float64(5+i) + float64(i*7)/100, float64(40+i%5) + float64(59-i*4)/100
		}, ""},
		"one town":                      {12, func(i int) (float64, float64) { return 9 + float64(i+10)/100, 45 + float64(i+40)/100 }, ""},
		"a grid of half degrees":        {12, func(i int) (float64, float64) { return 5 + float64(i)/2, 40 + float64(i%6)/2 }, ""},
		"degrees of as many as are due": {12, func(i int) (float64, float64) { return 5.123 + float64(i), 40.321 + float64(i%5) }, ""},
	} {
		csv := "lon,lat\n"
		for i := range c.points {
			lon, lat := c.at(i)
			csv += fmt.Sprintf("%g,%g\n", math.Round(lon*1000)/1000, math.Round(lat*1000)/1000)
		}
		l, err := layerOf(t, "a.csv", csv, Source{})
		if err != nil {
			t.Fatal(err)
		}
		if said := fmt.Sprint(l.Doubts); (c.want == "") != (len(l.Doubts) == 0) || !strings.Contains(said, c.want) {
			t.Errorf("%s: %s, want %q", name, said, c.want)
		}
	}
}
