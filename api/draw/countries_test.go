package draw

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"careshed/access/study"
	"careshed/api/canvas"
	"careshed/api/words"
	ours "careshed/data/atlas"
)

// atlasLayers are the layers of the atlas as a study wants them.
type atlasLayers struct{ *ours.Atlas }

func (atlasLayers) Files(string) []study.File { return nil }

// countries are those of the atlas with a listed center.
var countries = []string{"AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IE", "IT", "NL", "NO", "PL", "PT", "SE", "SK", "US"}

const ofCountry = `version: 1
name: %[1]s
places: {layer: settlements, where: {country: %[1]s}}
regions: {layer: regions, where: {country: %[1]s}, join: region_code}
sites: {layer: centers, where: {country: %[1]s, tier: [1, 2]}, count: campus}
travel: {engine: crow, borders: same-country}
measures: [{travel: {}}, {density: {by: region}}, {gaps: {beyond_min: 120}}, penalty]
`

// resultOf is the study of a country of the atlas, carried out once.
var resultOf = func() func(country string) *study.Result {
	var all sync.Map
	return func(country string) *study.Result {
		once, _ := all.LoadOrStore(country, sync.OnceValue(func() *study.Result {
			s := must(study.Parse(strings.NewReader(fmt.Sprintf(ofCountry, country)), nil))
			return must(study.Run(context.Background(), study.World{Layers: atlasLayers{new(ours.Atlas)}}, s, nil))
		}))
		return once.(func() *study.Result)()
	}
}()

// Maps of the countries, as they are drawn.
func TestCountryGoldens(t *testing.T) {
	for _, country := range countries {
		got := drawn(t, mapOf(resultOf(country), Options{Width: 360}))
		file := filepath.Join("testdata", "countries", country+".svg")
		if *update {
			if err := os.WriteFile(file, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what is drawn; look at both, then renew it with -update", file)
		}
	}
}

// wishes are maps of every shape: wide and narrow, in each language and unit, of
// what there is much of and little, of areas and points.
func wishes() map[string]Options {
	de := must(words.In("de"))
	return map[string]Options{
		"density":          {},
		"density, narrow":  {Width: 480},
		"share, German":    {Column: "share_beyond", Words: de},
		"way in miles":     {Column: "mean_distance_km", Width: 700, Words: words.Default().InMiles()},
		"patients, narrow": {Column: "foregone_hold", Width: MinWidth, Words: de.InMiles()},
		"places":           {Layer: "places", Column: "time_min", Width: 480},
	}
}

// Nothing that is written overlaps or leaves the page; every region is drawn, or
// named as left out; and every fill stands in the legend.
func TestLawsOfMaps(t *testing.T) {
	some := countries
	if testing.Short() {
		some = []string{"FR"}
	}
	for _, country := range some {
		r := resultOf(country)
		for name, o := range wishes() {
			t.Run(country+" "+name, func(t *testing.T) {
				page := must(Picture(r, o))
				legible(t, page)
				all := elements(t, drawn(t, page.SVG))
				if o.Layer == "" {
					regionsDrawn(t, r, all)
				}
				fillsExplained(t, all)
			})
		}
	}
}

func legible(t *testing.T, page *canvas.Drawing) {
	t.Helper()
	boxes := page.Texts()
	if len(boxes) < 8 {
		t.Errorf("only %d texts", len(boxes))
	}
	for i, a := range boxes {
		if a.X < 0 || a.Y < 0 || a.X+a.W > page.Width || a.Y+a.H > page.Height {
			t.Errorf("%q runs off the page: %+v of %v by %v", a.Text, a, page.Width, page.Height)
		}
		for _, b := range boxes[:i] {
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%q overlaps %q: %+v and %+v", a.Text, b.Text, a, b)
			}
		}
	}
}

func regionsDrawn(t *testing.T, r *study.Result, all []element) {
	t.Helper()
	paths := regionPaths(t, all)
	regions := r.Layer("regions")
	said := strings.ReplaceAll(texts(all), "\n", " ")
	for i := range regions.Len() {
		if len(paths[regions.ID(i)]) == 0 && !strings.Contains(said, nameOf(regions, i)) {
			t.Errorf("%s is neither drawn nor named", nameOf(regions, i))
		}
	}
}

// hatched is the fill of what is in doubt.
var hatched = regexp.MustCompile(`^url\(#(hatch[0-9])-([0-9a-f]{6})-(?:8a6d86|ffffff)\)$`)

func fillsExplained(t *testing.T, all []element) {
	t.Helper()
	legend, used := map[string]bool{}, map[string]bool{}
	for _, e := range all {
		switch {
		case e.attr["data-id"] != "":
			used[e.attr["fill"]] = true
		case e.name == "rect", e.name == "circle":
			legend[e.attr["fill"]] = true
		case e.name == "path" && e.attr["stroke-linecap"] == "round" && e.attr["stroke"] != "#666666":
			used[e.attr["stroke"]] = true
		}
	}
	for f := range used {
		if x := hatched.FindStringSubmatch(f); x != nil {
			// A number in doubt has the colour of its class under the hatch that the legend
			// has on paper.
			if !legend["url(#"+x[1]+"-ffffff-8a6d86)"] || !legend["#"+x[2]] && x[2] != "ffffff" {
				t.Errorf("no legend says what %s is; it has %v", f, slices.Sorted(maps.Keys(legend)))
			}
		} else if !legend[f] {
			t.Errorf("no legend says what %s is; it has %v", f, slices.Sorted(maps.Keys(legend)))
		}
	}
}

// The picture shows what the drawing holds: every class covers about as much of it
// as its regions do by their outlines.
func TestPicturesOfCountries(t *testing.T) {
	for _, country := range []string{"IT", "US"} {
		o := Options{Column: "mean_time_min"}
		page := must(Picture(resultOf(country), o))
		all := elements(t, drawn(t, page.SVG))
		paths, want, under := regionPaths(t, all), map[canvas.Colour]float64{}, map[canvas.Colour]float64{}
		for _, e := range all {
			if id := e.attr["data-id"]; id != "" {
				share := areaOf(paths[id]) / (page.Width * page.Height)
				if x := hatched.FindStringSubmatch(e.attr["fill"]); x != nil {
					under[canvas.Colour("#"+x[2])] += share // seen between the lines
				} else {
					want[canvas.Colour(e.attr["fill"])] += share
				}
			}
		}
		o.Format = "png"
		img := must(png.Decode(bytes.NewReader(drawn(t, mapOf(resultOf(country), o)))))
		if w := img.Bounds().Dx(); w != 2000 {
			t.Errorf("%s: %d pixels wide", country, w)
		}
		got := sharesOf(img)
		for c, share := range want {
			if len(c) == 7 && share > 0.005 && (got[c] < 0.9*share || got[c] > 1.1*(share+under[c])) {
				t.Errorf("%s: %s covers %.4f of the picture, its regions %.4f", country, c, got[c], share)
			}
		}
	}
}

// areaOf is the area of rings in tenths of a pixel, holes taken off.
func areaOf(rings [][][2]int) (area float64) {
	for _, r := range rings {
		for i, p := range r {
			q := r[(i+1)%len(r)]
			area += float64(p[0]*q[1]-q[0]*p[1]) / 200
		}
	}
	return math.Abs(area)
}

func sharesOf(img image.Image) map[canvas.Colour]float64 {
	out, all := map[canvas.Colour]float64{}, img.Bounds()
	one := 1 / float64(all.Dx()*all.Dy())
	seen := map[color.Color]canvas.Colour{}
	for y := range all.Dy() {
		for x := range all.Dx() {
			c := img.At(x, y)
			if _, ok := seen[c]; !ok {
				r, g, b, _ := c.RGBA()
				seen[c] = canvas.Colour(fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8))
			}
			out[seen[c]] += one
		}
	}
	return out
}

// All that a PDF of a map says can be found and copied.
func TestTextOfPDF(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext of poppler-utils to read it with")
	}
	for _, country := range []string{"FR", "DE"} {
		o := Options{Format: "pdf", Words: must(words.In("de"))}
		file := filepath.Join(t.TempDir(), country+".pdf")
		if err := os.WriteFile(file, drawn(t, mapOf(resultOf(country), o)), 0o666); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("pdftotext", "-layout", file, "-").CombinedOutput()
		if err != nil {
			t.Fatal(err, string(out))
		}
		said := strings.Join(strings.Fields(string(out)), " ")
		for _, b := range must(Picture(resultOf(country), o)).Texts() {
			if !strings.Contains(said, strings.Join(strings.Fields(b.Text), " ")) && len([]rune(b.Text)) > 1 {
				t.Errorf("%s: no %q", country, b.Text)
			}
		}
	}
}

// A map for a page that has its own title and notes leaves them to it.
func TestBareMaps(t *testing.T) {
	page := must(Picture(resultOf("IT"), Options{Bare: true, Width: 600}))
	for _, b := range page.Texts() {
		for _, not := range []string{"IT:", "37 centers", "Note", "Sources"} {
			if strings.HasPrefix(b.Text, not) {
				t.Errorf("a bare map says %q", b.Text)
			}
		}
	}
	legible(t, page)
}

func BenchmarkMap(b *testing.B) {
	for _, format := range Formats() {
		b.Run(format, func(b *testing.B) {
			r := resultOf("US")
			var w counter
			for b.Loop() {
				w = 0
				if err := Map(&w, r, Options{Format: format}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(w), "bytes")
		})
	}
}

// counter counts what is written.
type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

var _ io.Writer = new(counter)

// A study that is called by the code of its country has the country's name in its
// title, in the language of the map; with places elsewhere too it has not.
func TestCountriesByName(t *testing.T) {
	for lang, want := range map[string]string{"en": "France: 5 of 18 regions have no center", "de": "Frankreich: 5 von 18 Regionen haben kein Zentrum"} {
		said := unbound(texts(elements(t, drawn(t, mapOf(resultOf("FR"), Options{Words: must(words.In(lang))})))))
		if !strings.HasPrefix(said, want) {
			t.Errorf("%s: not %q:\n%s", lang, want, said)
		}
	}
	both := must(study.Parse(strings.NewReader(strings.ReplaceAll(fmt.Sprintf(ofCountry, "IT"), "{country: IT", "{country: [IT, ES]")), nil))
	r := must(study.Run(context.Background(), study.World{Layers: atlasLayers{new(ours.Atlas)}}, both, nil))
	if said := texts(elements(t, drawn(t, mapOf(r, Options{})))); !strings.HasPrefix(said, "IT: ") {
		t.Errorf("a map of two countries is called\n%s", said)
	}
}

// bridged is France, with its waters, and a center on an island that has none.
var bridged = sync.OnceValue(func() *study.Result {
	a := new(ours.Atlas)
	land := must(a.Land(context.Background()))
	s := must(study.Parse(strings.NewReader(fmt.Sprintf(ofCountry, "FR")+`scenarios:
  bourbon:
    - open: {id: saint-denis, at: [55.45, -20.88]}
output: {scenario_regions: csv}
`), nil))
	return must(study.Run(context.Background(), study.World{Layers: atlasLayers{a}, Land: land.Of}, s, nil))
})

// Regions of which nobody has a way to a center lose an unknown number of
// treatments, not none: they are hatched, and the legend says so.
func TestNoTreatmentsWithoutAWay(t *testing.T) {
	r := bridged()
	page := string(drawn(t, mapOf(r, Options{Column: "foregone_hold"})))
	for _, want := range []string{"La Réunion: no road route", "Mayotte: no road route", ">no road route<"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not said", want)
		}
	}
	for layer, want := range map[string]int{"regions": 6, "regions_bourbon": 5} { // five overseas, and Corse
		if m := must(Classify(r.Layer(layer), Options{Column: "foregone_hold"})); m.Missing != want {
			t.Errorf("%s: %d have no value, want %d", layer, m.Missing, want)
		}
	}
}
