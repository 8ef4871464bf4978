package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// gdal runs a program of GDAL and gives what it prints. What GDAL prints of
// wrong is an error of ours.
func gdal(t testing.TB, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("SKIPPED: no %s here: install gdal-bin, as make tools does", program)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), "Warning") {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// described is what ogrinfo says of a layer.
type described struct {
	count    int
	geometry string
	fields   map[string]string
	extent   [4]float64
}

func ogrinfo(t testing.TB, args ...string) described {
	t.Helper()
	out := gdal(t, "ogrinfo", append([]string{"-so"}, args...)...)
	d := described{fields: map[string]string{}}
	field := regexp.MustCompile(`^(\w+): (String|Integer64|Integer|Real|Integer\(Boolean\)) \(`)
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "Feature Count: "); ok {
			d.count, _ = strconv.Atoi(v)
		}
		if v, ok := strings.CutPrefix(line, "Geometry: "); ok {
			d.geometry = v
		}
		if strings.HasPrefix(line, "Extent: ") {
			fmt.Sscanf(line, "Extent: (%f, %f) - (%f, %f)", &d.extent[0], &d.extent[1], &d.extent[2], &d.extent[3])
		}
		if m := field.FindStringSubmatch(line); m != nil {
			d.fields[m[1]] = m[2]
		}
	}
	return d
}

// GDAL lists every collection and copies each, whole, by a condition and by a
// box, with the counts, types and geometry that the service says.
func TestGDALCopiesEveryCollection(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	h := server(t, "")
	var list struct {
		Collections []struct {
			ID               string
			NumberOfFeatures int
			Extent           *struct{ Spatial struct{ BBox [][4]float64 } }
			Fields           []struct{ Name, Type string }
		}
	}
	var ready struct{ Status string }
	fetch(t, h.URL+"/density", &struct{}{}) // the baseline studies are there after it
	fetch(t, h.URL+"/readyz", &ready)
	fetch(t, h.URL+"/collections", &list)
	listed := gdal(t, "ogrinfo", "OAPIF:"+h.URL)
	copied := 0
	for _, c := range list.Collections {
		if !strings.Contains(listed, ": "+c.ID+" (") {
			t.Errorf("ogrinfo does not list %s", c.ID)
		}
		if strings.HasPrefix(c.ID, "baseline-") && !strings.HasPrefix(c.ID, "baseline-it-") { // the others are like it
			continue
		}
		copied++
		file := filepath.Join(t.TempDir(), c.ID+".gpkg")
		gdal(t, "ogr2ogr", "-oo", "PAGE_SIZE=1000", file, "OAPIF:"+h.URL, c.ID)
		got := ogrinfo(t, file, c.ID)
		if got.count != c.NumberOfFeatures {
			t.Errorf("%s: %d features copied, want %d", c.ID, got.count, c.NumberOfFeatures)
		}
		want := map[string]string{"number": "Real", "integer": "Integer", "text": "String", "bool": "Integer(Boolean)"}
		for _, f := range c.Fields {
			if is := got.fields[f.Name]; is != want[f.Type] && f.Name != "id" && !(f.Type == "integer" && is == "Real") && !(f.Type == "bool" && is == "Integer") {
				t.Errorf("%s: %s is %q, want %s", c.ID, f.Name, is, want[f.Type])
			}
		}
		if c.Extent == nil {
			continue
		}
		if strings.Contains(got.geometry, "Unknown") || got.geometry == "None" {
			t.Errorf("%s: geometry %s", c.ID, got.geometry)
		}
		for i, v := range c.Extent.Spatial.BBox[0] {
			if math.Abs(v-got.extent[i]) > 1e-5 {
				t.Errorf("%s: extent %v, want %v", c.ID, got.extent, c.Extent.Spatial.BBox[0])
				break
			}
		}
	}
	if copied < 10 {
		t.Errorf("%d collections copied", copied)
	}
	for _, c := range []struct{ id, where, filter string }{
		{"settlements", "country = 'IT'", "country='IT'"},
		{"settlements", "country = 'IT' AND population > 100000", "country='IT' AND population>100000"}, // GDAL sends the first half and applies the second
		{"counties", "state = 'Texas'", "state='Texas'"},
		{"baseline-it-places", "time_min > 120", "time_min>120"},
	} {
		file := filepath.Join(t.TempDir(), "where.gpkg")
		gdal(t, "ogr2ogr", "-oo", "PAGE_SIZE=1000", "-where", c.where, file, "OAPIF:"+h.URL, c.id)
		var want features
		fetch(t, h.URL+"/collections/"+c.id+"/items?limit=1&filter="+strings.NewReplacer(" ", "%20", ">", "%3E", "'", "%27").Replace(c.filter), &want)
		if got := ogrinfo(t, file, c.id).count; got != want.NumberMatched || got == 0 && c.where != "state = 'Texas'" {
			t.Errorf("%s where %s: %d features, want %d", c.id, c.where, got, want.NumberMatched)
		}
	}
	file := filepath.Join(t.TempDir(), "spat.gpkg")
	gdal(t, "ogr2ogr", "-oo", "PAGE_SIZE=1000", "-spat", "6", "44", "9", "46", file, "OAPIF:"+h.URL, "settlements")
	var want features
	fetch(t, h.URL+"/collections/settlements/items?limit=1&bbox=6,44,9,46", &want)
	if got := ogrinfo(t, file, "settlements"); got.count != want.NumberMatched || got.count == 0 {
		t.Errorf("in a box: %d features, want %d", got.count, want.NumberMatched)
	}
}

// Tiles read by GDAL lie where their features are, at every zoom.
func TestGDALReadsTiles(t *testing.T) {
	h := server(t, "")
	var centers features
	fetch(t, h.URL+"/collections/centers/items?limit=10000", &centers)
	at := map[string][2]float64{}
	for _, f := range centers.Features {
		var g struct{ Coordinates [2]float64 }
		if err := json.Unmarshal(f.Geometry, &g); err == nil {
			at[f.ID] = g.Coordinates
		}
	}
	point := regexp.MustCompile(`POINT \(([-\d.]+) ([-\d.]+)\)`)
	id := regexp.MustCompile(`id \(String\) = (\S+)`)
	for _, z := range []int{0, 2, 5, 8} {
		// One tile: that of Milan. Its neighbours' points in the buffer are cut off.
		n := math.Exp2(float64(z))
		x, y := math.Floor((9.19/360+0.5)*n), math.Floor((0.5-math.Atanh(math.Sin(45.46*math.Pi/180))/(2*math.Pi))*n)
		out := gdal(t, "ogrinfo", "-al", fmt.Sprintf("MVT:%s/tiles/centers/%d/%.0f/%.0f.pbf", h.URL, z, x, y))
		seen := 0
		for _, f := range strings.Split(out, "OGRFeature(")[1:] {
			m, who := point.FindStringSubmatch(f), id.FindStringSubmatch(f)
			if m == nil || who == nil {
				t.Fatalf("%s", f)
			}
			px, _ := strconv.ParseFloat(m[1], 64)
			py, _ := strconv.ParseFloat(m[2], 64)
			lon, lat := px/20037508.342789244*180, math.Atan(math.Sinh(py/6378137))*180/math.Pi
			want, ok := at[who[1]]
			if unit := 360 / n / 4096; !ok || math.Abs(lon-want[0]) > unit || math.Abs(lat-want[1]) > unit {
				t.Errorf("zoom %d: %s is drawn at %v %v, want %v", z, who[1], lon, lat, want)
			}
			seen++
		}
		if seen == 0 || z == 0 && seen < len(at)-1 {
			t.Errorf("zoom %d: %d centers of %d", z, seen, len(at))
		}
	}
	// A whole zoom, which GDAL finds by metadata.json.
	var regions struct {
		Extent struct{ Spatial struct{ BBox [][4]float64 } }
	}
	fetch(t, h.URL+"/collections/regions", &regions)
	b := regions.Extent.Spatial.BBox[0]
	for _, z := range []int{2, 4} {
		all := ogrinfo(t, fmt.Sprintf("MVT:%s/tiles/regions/%d", h.URL, z), "regions")
		unit := 2 * 20037508.342789244 / math.Exp2(float64(z)) / 4096
		for i, lonlat := range b {
			want := lonlat / 180 * 20037508.342789244
			if i%2 == 1 {
				want = 6378137 * math.Atanh(math.Sin(lonlat*math.Pi/180))
			}
			if math.Abs(all.extent[i]-want) > 4*unit {
				t.Errorf("zoom %d: extent %v, want %v for %v", z, all.extent, want, b)
			}
		}
		if all.count < 100 || all.fields["population"] != "Real" { // TileJSON knows numbers only
			t.Errorf("zoom %d: %+v", z, all)
		}
	}
	counties := ogrinfo(t, "MVT:"+h.URL+"/tiles/counties/5/6/12.pbf", "counties")
	if counties.fields["population"] != "Integer" || !strings.Contains(counties.geometry, "Polygon") || counties.count < 100 {
		t.Errorf("%+v", counties)
	}
}

// The recipes of docs/api.md work as they are written.
func TestRecipesOfTheManual(t *testing.T) {
	for _, program := range []string{"curl", "ogr2ogr", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: no %s here", program)
		}
	}
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	h := server(t, "")
	_, manual, _ := strings.Cut(string(text), "## Layers in GIS tools")
	n := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(manual, -1) {
		for _, recipe := range strings.Split(strings.ReplaceAll(block[1], "\\\n", " "), "\n") {
			if recipe == "" || strings.HasPrefix(recipe, "#") {
				continue
			}
			n++
			recipe = strings.ReplaceAll(recipe, "http://127.0.0.1:8080", h.URL)
			recipe = regexp.MustCompile(`^curl `).ReplaceAllString(recipe, "curl -sSf ")
			c := exec.Command("bash", "-c", recipe)
			c.Dir = t.TempDir()
			out, err := c.CombinedOutput()
			files, e := os.ReadDir(c.Dir)
			if e != nil {
				t.Fatal(e)
			}
			if err != nil || len(out)+len(files) == 0 && strings.HasPrefix(recipe, "curl") || strings.Contains(string(out), "ERROR") || strings.Contains(string(out), `"numberMatched":0,`) {
				t.Errorf("%s: %v\n%.400s", recipe, err, out)
			}
		}
	}
	if n < 8 {
		t.Errorf("%d recipes", n)
	}
}
