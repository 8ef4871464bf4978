package draw

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/canvas"
	"careshed/api/words"
	ours "careshed/data/atlas"
	"careshed/geo"

	"github.com/paulmach/orb"
)

var update = flag.Bool("update", false, "renew the golden files")

func box(west, south, east, north float64) orb.Ring {
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func number(name, title, unit string, v ...float64) geo.Column {
	return geo.Numbers(geo.Field{Name: name, Title: title, Unit: unit}, v)
}

func label(name string, v ...string) geo.Column {
	return geo.Labels(geo.Field{Name: name, Title: name}, v)
}

// marland is a made-up country: six regions of every status on a mainland, one
// of them with a far rock nobody lives on, and an island that needs an inset.
func marland() *study.Result {
	nan := math.NaN()
	lake := append(orb.Ring(nil), box(4.4, 44.4, 4.8, 44.8)...)
	shapes := []orb.Geometry{
		orb.Polygon{box(0, 44, 2, 46)},
		orb.Polygon{box(2, 44, 4, 46)},
		orb.MultiPolygon{{box(4, 44, 6, 46), lake}, {box(5.99, 35, 6.01, 35.02)}},
		orb.Polygon{box(0, 46, 2, 48)},
		orb.Polygon{box(2, 46, 4, 48)},
		orb.Polygon{box(4, 46, 6, 48)},
		orb.Polygon{box(-21, 27, -20, 28)},
		orb.Polygon{box(4.4, 44.4, 4.8, 44.8)},
	}
	ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	regions := must(geo.NewLayer(geo.About{Name: "regions", Attribution: "made up", Licence: "none"}, ids, shapes,
		label("name", "Aster", "Bell & Rock", "Clover", "Dock", "Elder", "Fern", "Gorse Isle", "Lake"),
		number("population", "People", "people", 1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6, 0),
		number("per_10m", "Centers per 10 million people", "per 10 million", 10, 0, 3.2, 0, 0, 0, 1.4, nan),
		label("gap", "has a center", "none", "has a center", "stated", "doubtful", "incomplete", "has a center", "not in the list"),
		number("mean_time_min", "Time to the nearest center, mean", "min", 20, 45, 60, 80, 120, 300, nan, nan),
		number("treated_hold", "Expected treated patients", "patients a year", 1, 2, 3, 4, 5, 6, 7, 8),
		number("nothing", "Nothing", "", nan, nan, nan, nan, nan, nan, nan, nan)))
	sites := must(geo.NewPoints(geo.About{Name: "sites", Attribution: "made up too"}, []string{"s1", "s2", "s3", "s4", "s5"},
		[]orb.Point{{1, 45}, {1.001, 45}, {5, 45.5}, {-20.5, 27.5}, {100, 10}},
		label("name", "One", "One, east wing", "Two", "Three", "Far <away>"), label("roles", "infuse", "infuse", "infuse,refer", "infuse", "refer"),
		label("status", "open", "open", "open", "proposed", "open"), label("campus_id", "s1", "s1", "s3", "", "s5")))
	places := must(geo.NewPoints(geo.About{Name: "places"}, nil,
		[]orb.Point{{0.5, 44.5}, {0.5001, 44.5}, {3, 47}, {5.5, 47.5}, {-20.2, 27.2}},
		number("time_min", "Time to that center", "min", 10, 10, 95, 240, nan)))
	gaps := &study.GapsSummary{BeyondMin: 120, PeopleBeyond: 6e6, ShareBeyond: 0.2143, People: 2e6, Regions: 8,
		Count: map[string]int{"has a center": 3, "none": 1, "stated": 1, "doubtful": 1, "incomplete": 1, "not in the list": 1}}
	return &study.Result{
		Spec:   spec.Spec{Name: "marland"},
		Layers: []*geo.Layer{places, regions, sites, must(geo.NewTable(geo.About{Name: "links"}, []string{"x"}))},
		Summary: study.Summary{Name: "marland", Population: 28e6, Sites: study.SiteCount{Campuses: 3, Rows: 4}, Gaps: gaps,
			Travel: &study.TravelSummary{TimeMin: study.Stats{Mean: 70, Median: 55, P90: 290}},
			Notes:  study.Notes{study.NewNote("pitfall.straight-lines", map[string]any{"people": 2e6}), study.NewNote("centers.incomplete", map[string]any{"n": 1})}},
	}
}

// dateline is an archipelago on the antimeridian: one region cut there, one
// that was not, and one wholly beyond.
func dateline() *geo.Layer {
	shapes := []orb.Geometry{
		orb.MultiPolygon{{box(178.5, -18, 180, -16.5)}, {box(-180, -18, -179.5, -16.5)}},
		orb.Polygon{{{179, -20}, {-179, -20}, {-179, -19}, {179, -19}, {179, -20}}},
		orb.Polygon{box(181, -18, 182, -17)},
	}
	return must(geo.NewLayer(geo.About{Name: "regions", Title: "Islands on the antimeridian", Notes: []string{"made up"}}, []string{"cut", "whole", "beyond"},
		shapes, number("share_beyond", "Share of people beyond 120 minutes", "", 0.1, 0.25, 0.7)))
}

func drawn(t testing.TB, draw func(io.Writer) error) []byte {
	t.Helper()
	var b, again bytes.Buffer
	if err := draw(&b); err != nil {
		t.Fatal(err)
	}
	if err := draw(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Fatal("drawn twice, two maps")
	}
	return b.Bytes()
}

func mapOf(r *study.Result, o Options) func(io.Writer) error {
	return func(w io.Writer) error { return Map(w, r, o) }
}

func TestGoldens(t *testing.T) {
	for name, draw := range map[string]func(io.Writer) error{
		"marland":        mapOf(marland(), Options{}),
		"marland-places": mapOf(marland(), Options{Layer: "places", Breaks: []float64{30, 60, 120}, Title: "Time, by place", Width: 500}),
		"dateline":       func(w io.Writer) error { return Layer(w, dateline(), Options{}) },
	} {
		got := drawn(t, draw)
		file := filepath.Join("testdata", name+".svg")
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

// element is one of a picture: its attributes, and the text in it.
type element struct {
	name string
	attr map[string]string
	text string
}

// elements reads a picture as any program would, and looks for numbers that
// are none.
func elements(t testing.TB, svg []byte) []element {
	t.Helper()
	var all []element
	var open []int
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{x.Name.Local, map[string]string{}, ""}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
				if a.Name.Local != "data-id" && (strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf")) {
					t.Errorf("<%s %s=%q>", e.name, a.Name.Local, a.Value)
				}
			}
			open = append(open, len(all))
			all = append(all, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				all[open[len(open)-1]].text += string(x)
			}
		}
	}
}

func texts(all []element) string {
	var b strings.Builder
	for _, e := range all {
		if e.name == "text" {
			b.WriteString(e.text + "\n")
		}
	}
	return b.String()
}

// regionPaths are the paths of the regions by id; each stands once.
func regionPaths(t *testing.T, all []element) map[string][][][2]int {
	t.Helper()
	paths := map[string][][][2]int{}
	for _, e := range all {
		id, ok := e.attr["data-id"]
		if !ok {
			continue
		}
		if _, twice := paths[id]; twice {
			t.Errorf("region %s is drawn twice", id)
		}
		paths[id] = path(t, e.attr["d"])
	}
	return paths
}

func TestEveryRegionOnce(t *testing.T) {
	r := marland()
	for _, width := range []int{MinWidth, 0, MaxWidth} {
		paths := regionPaths(t, elements(t, drawn(t, mapOf(r, Options{Width: width}))))
		l := r.Layer("regions")
		for i := range l.Len() {
			if len(paths[l.ID(i)]) == 0 {
				t.Errorf("region %s is not drawn", l.ID(i))
			}
		}
		if len(paths) != l.Len() {
			t.Errorf("%d regions are drawn, want %d", len(paths), l.Len())
		}
	}
}

// Everything lies on the page, the mainland apart from the inset and both from
// the words.
func TestNothingIsCutOrOverlaps(t *testing.T) {
	for _, width := range []int{320, 500, 680, 1000, 2400} {
		all := elements(t, drawn(t, mapOf(marland(), Options{Width: width})))
		high, err := strconv.ParseFloat(all[0].attr["height"], 64)
		if err != nil {
			t.Fatal(err)
		}
		var inset [4]float64
		for _, e := range all {
			if e.name == "rect" && e.attr["fill"] == "none" {
				for i, a := range []string{"x", "y", "width", "height"} {
					inset[i], _ = strconv.ParseFloat(e.attr[a], 64)
				}
			}
			if y, err := strconv.ParseFloat(e.attr["y"], 64); err == nil && y > high {
				t.Errorf("width %d: <%s> at %v is below the page of %v", width, e.name, y, high)
			}
			if x, err := strconv.ParseFloat(e.attr["x"], 64); err == nil && e.name == "text" && e.attr["text-anchor"] == "" {
				size, _ := strconv.ParseFloat(e.attr["font-size"], 64)
				if x+(canvas.Type{Size: size, Bold: e.attr["font-weight"] != ""}).Width(e.text) > float64(width) {
					t.Errorf("width %d: %q runs off the page", width, e.text)
				}
			}
		}
		for id, lines := range regionPaths(t, all) {
			for _, line := range lines {
				for _, p := range line {
					x, y := float64(p[0])/10, float64(p[1])/10
					if x < 0 || y < 0 || x > float64(width) || y > high {
						t.Fatalf("width %d: region %s is drawn at %v, off the page", width, id, p)
					}
					in := x > inset[0] && y > inset[1] && x < inset[0]+inset[2] && y < inset[1]+inset[3]
					if in != (id == "g") {
						t.Fatalf("width %d: region %s at %v,%v; the inset is %v", width, id, x, y, inset)
					}
				}
			}
		}
	}
}

func TestAntimeridian(t *testing.T) {
	all := elements(t, drawn(t, func(w io.Writer) error { return Layer(w, dateline(), Options{}) }))
	paths := regionPaths(t, all)
	span := func(id string) (west, east int) {
		west, east = math.MaxInt, math.MinInt
		for _, line := range paths[id] {
			for _, p := range line {
				west, east = min(west, p[0]), max(east, p[0])
			}
		}
		return
	}
	west, _ := span("cut")
	_, east := span("beyond")
	whole := east - west // 3.5 degrees
	for id, degrees := range map[string]float64{"cut": 2, "whole": 2, "beyond": 1} {
		a, b := span(id)
		if got := float64(b-a) / float64(whole) * 3.5; math.Abs(got-degrees) > 0.1 {
			t.Errorf("region %s spans %.2f degrees on the page, want %v", id, got, degrees)
		}
	}
	if a, _ := span("beyond"); a <= west {
		t.Error("what lies east of the antimeridian is drawn in the west")
	}
}

// A zero that cannot be trusted does not look like one that can.
func TestStatusesAreTold(t *testing.T) {
	all := elements(t, drawn(t, mapOf(marland(), Options{})))
	fills := map[string]string{}
	for _, e := range all {
		if id, ok := e.attr["data-id"]; ok {
			fills[id] = e.attr["fill"]
		}
	}
	seen := map[string]string{}
	for _, id := range []string{"a", "b", "d", "e", "f", "h"} {
		if other, twice := seen[fills[id]]; twice {
			t.Errorf("regions %s and %s look alike: %s", id, other, fills[id])
		}
		seen[fills[id]] = id
	}
	said := strings.ReplaceAll(texts(all), "\n", " ")
	for _, want := range []string{
		"Marland: 1 of 8 regions has no center", "3 centers for 28.0 million people, 1.1 per 10 million; 1 of 8 regions (2.0 million people) has none", "1 more is said to have",
		"3 more are uncertain", "0.3 to <2", "11.4 or more", "Note: people may live far from the centers of their region",
		"0: no center", "a source says there is one,", "none found, but there may be one", "the list is incomplete here", "no data",
		"Gorse Isle", "Not shown: small distant parts of Clover.", "Not shown: 1 site outside the map.",
		"Note: hospitals within", "Sources: Regions: made up (none); Centers: made up too.", " km", "proposed site", "site that does not give CAR-T",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the map does not say %q:\n%s", want, said)
		}
	}
	for _, not := range []string{"estimates", "1 regions have"} {
		if strings.Contains(said, not) {
			t.Errorf("a map of centers says %q", not)
		}
	}
}

func TestFindings(t *testing.T) {
	for column, want := range map[string][]string{
		"mean_time_min": {"Marland: 21 % of people live more than 120 minutes from a center", "within 55 minutes", "million people (21 %) live more than", "Note: travel times are estimated"},
		"treated_hold":  {"Marland: Treated patients a year (chance stays as at four hours)", "28.0 million people and 3 centers."},
	} {
		said := texts(elements(t, drawn(t, mapOf(marland(), Options{Column: column}))))
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%s: the map does not say %q:\n%s", column, w, said)
			}
		}
	}
}

// Regions that a source says have a center are told apart from the uncertain.
func TestSentenceOfCenters(t *testing.T) {
	for _, c := range []struct {
		none, stated, doubtful, incomplete, has int
		want                                    string
	}{
		{4, 2, 0, 0, 14, "4 of 20 regions (2.0 million people) have none, 2 more are said to have one, hospital unnamed."},
		{6, 0, 1, 0, 6, "6 of 13 regions (2.0 million people) have none, 1 more is uncertain."},
		{1, 1, 1, 1, 4, "1 of 8 regions (2.0 million people) has none, 1 more is said to have one, hospital unnamed, 2 more are uncertain."},
		{0, 1, 0, 0, 4, "1 of 5 regions is said to have one, hospital unnamed."},
		{0, 2, 0, 1, 4, "2 of 7 regions are said to have one, hospital unnamed, 1 more is uncertain."},
		{0, 0, 1, 2, 13, "for 3 of 16 regions it is uncertain whether they have one."},
		{0, 0, 0, 0, 9, "each of 9 regions has one or more."},
	} {
		s := marland().Summary
		s.Gaps.Regions = c.none + c.stated + c.doubtful + c.incomplete + c.has
		s.Gaps.Count = map[string]int{"none": c.none, "stated": c.stated, "doubtful": c.doubtful, "incomplete": c.incomplete, "has a center": c.has}
		d := drawing{areas: true, say: words.Default()}
		if _, got := d.findCenters(&s, ""); unbound(got) != "3 centers for 28.0 million people, 1.1 per 10 million; "+c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// unbound is a text with spaces in place of those that bind.
func unbound(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// As many live within the limits as the sentence says: they are rounded up.
func TestSentenceOfTheWay(t *testing.T) {
	s := marland().Summary
	s.Travel = &study.TravelSummary{TimeMin: study.Stats{Median: 34.2, P90: 84}, WithoutTime: map[string]study.Num{"sea": 1.5e6}}
	s.Gaps.WithoutTime = 1.5e6
	headline, got := (&drawing{say: words.Default()}).findWay(&s, "", false)
	if want := "21 % of people live more than 120 minutes from a center"; headline != want {
		t.Errorf("headline %q, want %q", headline, want)
	}
	if want := "Half of the people with a way over land have a center within 35 minutes, nine in ten within 84; " +
		"about 6.0 million people (21 %) live more than 120 minutes away, about 1.5 million of them without a way over land."; unbound(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Caveats on the list stand on a map of density and on one of travel, with
// numbers that can be read; those on travel only on the latter.
func TestCaveatsReachTheMap(t *testing.T) {
	r := marland()
	note := func(key string, args map[string]any) study.Note { return study.NewNote(key, args) }
	r.Summary.Notes = study.Notes{
		note("pitfall.straight-lines", map[string]any{"people": 11138534.0}),
		note("sea.straight", nil),
		note("centers.lists", map[string]any{"lists": []string{"CA: 17; 16 published in 2025 (definitions differ)", "IT: 39 of 44 published in 2025-04"}}),
		note("centers.overstated", map[string]any{"people": 11138534.0}),
		note("supply.campuses", map[string]any{"supply": 1.0, "n": 37}),
	}
	const list = "Note: our list of centers: CA: 17; 16 published in 2025 (definitions differ); IT: 39 of 44 published in 2025-04."
	for column, want := range map[string][]string{
		"per_10m":       {"people may live far from the centers of their region", list, "11,138,534 people live in regions", "0.3 to 11.4 centers per 10 million people"},
		"mean_time_min": {"travel times are estimated", list, "11,138,534 people live in regions"},
	} {
		said := strings.ReplaceAll(texts(elements(t, drawn(t, mapOf(r, Options{Column: column})))), "\n", " ")
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("%s: the map does not say %q:\n%s", column, w, said)
			}
		}
		for _, not := range []string{"supply", "straight-line distance covers"} {
			if strings.Contains(said, not) {
				t.Errorf("%s: the map says %q", column, not)
			}
		}
	}
}

// Layers of the atlas are credited without words about rows, which a map has not.
func TestCreditsOfTheAtlas(t *testing.T) {
	var a ours.Atlas
	for name, want := range map[string]string{
		"regions":     "Natural Earth, US Census Bureau, official statistics (public domain)",
		"centers":     "careshed's sourced list",
		"settlements": "GeoNames, official statistics (CC BY 4.0)",
	} {
		if got := credit(must(a.Layer(context.Background(), name))); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestStudyAsksAndOptionsStandOver(t *testing.T) {
	r := marland()
	r.Spec.Present = &spec.PresentSpec{Map: &spec.MapSpec{Layer: "regions", Column: "mean_time_min", Breaks: []float64{60}, Title: "As asked"}}
	said := texts(elements(t, drawn(t, mapOf(r, Options{}))))
	for _, w := range []string{"As asked", "under 60", "60 or more"} {
		if !strings.Contains(said, w) {
			t.Errorf("the map does not say %q:\n%s", w, said)
		}
	}
	// Title and limits were meant for that column only.
	said = texts(elements(t, drawn(t, mapOf(r, Options{Column: "per_10m"}))))
	if strings.Contains(said, "As asked") || strings.Contains(said, "under 60") {
		t.Errorf("what was asked for one column holds for another:\n%s", said)
	}
}

func TestRefusals(t *testing.T) {
	r := marland()
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Column: "per_10n"}, `column: regions has no column "per_10n"; did you mean per_10m?; accepted: population, per_10m, mean_time_min, treated_hold, nothing`},
		{Options{Column: "gap"}, "column: gap is text, and classes need numbers; accepted: population"},
		{Options{Column: "nothing"}, "no row of regions has a value of nothing"},
		{Options{Layer: "region"}, `layer: this result has no layer "region"; did you mean regions?; accepted: places, regions, sites`},
		{Options{Layer: "links"}, "layer: links has no shapes to draw"},
		{Options{Layer: "sites"}, "sites has no column of numbers"},
		{Options{Breaks: []float64{2, 1}}, "breaks: 1 at number 2 does not rise"},
		{Options{Width: 100}, "width: 100 pixels; accepted: 320 to 4000"},
		{Options{Format: "gif"}, `format: there is no map as "gif"; accepted: svg, png, pdf`},
		{Options{Format: "png", DPI: 5}, "dpi: 5 dots per inch; accepted: 36 to 1200"},
		{Options{Format: "png", DPI: 1200, Width: 4000}, "dpi: a picture of 50000 by"},
	} {
		var b bytes.Buffer
		err := Map(&b, r, c.o)
		var e *OptionError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v\nwant %s", c.o, err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%+v: something was drawn all the same", c.o)
		}
	}
	lines := must(geo.NewLayer(geo.About{Name: "roads"}, nil, []orb.Geometry{orb.LineString{{0, 0}, {1, 1}}}, number("v", "", "", 1)))
	if err := Layer(io.Discard, lines, Options{}); err == nil || !strings.Contains(err.Error(), "roads holds lines") {
		t.Errorf("lines: %v", err)
	}
	empty := must(geo.NewLayer(geo.About{Name: "void"}, nil, []orb.Geometry{nil, orb.Polygon{}}, number("v", "", "", 1, 2)))
	if err := Layer(io.Discard, empty, Options{}); err == nil || !strings.Contains(err.Error(), "no row of void has a location") {
		t.Errorf("nothing to draw: %v", err)
	}
}

// Any kind of geometry is drawn or refused, none panics.
func TestAllGeometries(t *testing.T) {
	for _, g := range orb.AllGeometries {
		l, err := geo.NewLayer(geo.About{Name: "any"}, nil, []orb.Geometry{g, orb.Polygon{box(0, 0, 1, 1)}}, number("v", "", "", 1, 2))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		var e *OptionError
		if err := Layer(&b, l, Options{}); err != nil && !errors.As(err, &e) {
			t.Errorf("%T: %v", g, err)
		} else if err == nil {
			elements(t, b.Bytes())
		}
	}
}

// Strange coordinates are drawn somewhere or left out, and nothing is NaN.
func TestStrangeCoordinates(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for i, g := range []orb.Geometry{
		orb.Polygon{{{0, 0}, {nan, 1}, {1, 1}, {1, 0}, {0, 0}}},
		orb.Polygon{{{0, 0}, {inf, 1}, {1, 1}, {1, 0}, {0, 0}}},
		orb.Polygon{{{0, 0}, {0, 0}, {0, 0}, {0, 0}}},
		orb.Polygon{box(-180, -90, 180, 90)},
		orb.Polygon{box(-170, 60, 170, 90)},
		orb.Polygon{box(1e7, 0, 1e7+1, 1)},
		orb.Polygon{box(3, 3, 3.0000002, 3.0000002)},
		orb.MultiPolygon{{box(0, 0, 1, 1)}, {box(179, -1, 181, 1)}, {box(-91, -1, -89, 1)}},
	} {
		l := must(geo.NewLayer(geo.About{Name: "odd"}, nil, []orb.Geometry{orb.Polygon{box(0, 0, 1, 1)}, g}, number("v", "", "", -1, inf)))
		var b bytes.Buffer
		if err := Layer(&b, l, Options{}); err != nil {
			t.Errorf("shape %d: %v", i, err)
		}
		elements(t, b.Bytes())
	}
}

// A region smaller than a pixel, and one with no value at all, can be seen.
func TestSmallRegionsAreSeen(t *testing.T) {
	l := must(geo.NewLayer(geo.About{Name: "regions"}, nil,
		[]orb.Geometry{orb.Polygon{box(0, 0, 10, 10)}, orb.Polygon{box(5, 5, 5.001, 5.001)}}, number("v", "", "", 1, math.NaN())))
	all := elements(t, drawn(t, func(w io.Writer) error { return Layer(w, l, Options{}) }))
	p := regionPaths(t, all)["2"]
	if len(p) != 1 || len(p[0]) != 4 {
		t.Errorf("a speck is drawn as %v, want a square", p)
	}
	if s := texts(all); !strings.Contains(s, "no data") {
		t.Errorf("nothing says what is hatched:\n%s", s)
	}
}

func TestManyRegionsStaySmall(t *testing.T) {
	var shapes []orb.Geometry
	var v []float64
	for x := range 60 {
		for y := range 50 {
			w, s := float64(x)/4, 40+float64(y)/5
			shapes = append(shapes, orb.Polygon{append(append(orb.Ring(nil), coast(orb.Point{w, s}, orb.Point{w + 0.25, s}, 9)...), box(w, s, w+0.25, s+0.2)[2:]...)})
			v = append(v, float64(x*y))
		}
	}
	l := must(geo.NewLayer(geo.About{Name: "regions"}, nil, shapes, number("v", "", "", v...)))
	svg := drawn(t, func(w io.Writer) error { return Layer(w, l, Options{}) })
	if len(svg) > 500_000 {
		t.Errorf("%d regions take %d bytes", len(shapes), len(svg))
	}
	if n := len(regionPaths(t, elements(t, svg))); n != len(shapes) {
		t.Errorf("%d regions are drawn, want %d", n, len(shapes))
	}
}

func ExampleLayer() {
	l, err := geo.NewLayer(geo.About{Name: "regions", Title: "Two regions"}, []string{"w", "e"},
		[]orb.Geometry{orb.Polygon{box(0, 0, 1, 1)}, orb.Polygon{box(1, 0, 2, 1)}},
		geo.Numbers(geo.Field{Name: "time_min", Title: "Time", Unit: "min"}, []float64{25, 130}))
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if err := Layer(&b, l, Options{Breaks: []float64{30, 120}}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Count(b.String(), "data-id="), strings.Contains(b.String(), ">30 to &lt;120<"))
	// Output: 2 true
}
