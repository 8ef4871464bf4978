package study

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// optimists are studies with every engine that needs no roads, with %s where the
// section travel goes on and %v for a limit of 60 minutes.
var optimists = map[string]struct {
	spec string
	in   func(*testing.T) World
}{
	"crow": {"version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers, supply: beds}\ncandidates: {layer: cities}\ntravel: {engine: crow, borders: free%s}\n" +
		"measures:\n  - travel: {bands_min: [%v], k: 2}\n  - cumulative: {limit_min: %[2]v}\n  - e2sfca: {limit_min: %[2]v, decay: {binary: {}}}\nsiting: {pick: 1, goal: covered, within_min: %[2]v}\nscenarios: {x: [{open: {id: new, at: [3.5, 46]}}]}\n",
		func(t *testing.T) World { return toy(t) }},
	"matrix": {"version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: matrix, borders: free, table: times, place: from, site: to, minutes: min%s}\nmeasures:\n  - travel: {bands_min: [%v]}\n",
		func(t *testing.T) World {
			towns := must(geo.NewTable(geo.About{Name: "towns"}, []string{"a", "b", "c"}, num("population", 100, 200, 50)))(t)
			centers := must(geo.NewTable(geo.About{Name: "centers"}, []string{"c", "d"}, num("tier", 1, 1)))(t)
			times := must(geo.NewTable(geo.About{Name: "times"}, nil, text("from", "a", "a", "b", "c"), text("to", "c", "d", "c", "c"), num("min", 10, 40, 60, 31)))(t)
			return World{Layers: shelf{"towns": towns, "centers": centers, "times": times}, Version: "test"}
		}},
	"plane": {"version: 1\nname: t\nplaces: {layer: towns}\nsites: {layer: centers}\ntravel: {engine: plane, x: x, y: y, borders: free%s}\nmeasures:\n  - travel: {bands_min: [%v]}\n",
		func(t *testing.T) World {
			towns := must(geo.NewTable(geo.About{Name: "towns"}, []string{"a", "b", "c"}, num("population", 100, 200, 50), num("x", 0, 30, 50), num("y", 0, 0, 0)))(t)
			centers := must(geo.NewTable(geo.About{Name: "centers"}, []string{"d"}, num("x", 0), num("y", 0)))(t)
			return World{Layers: shelf{"towns": towns, "centers": centers}, Version: "test"}
		}},
}

// A factor multiplies every time and nothing else, with every engine, and who is within
// 60 minutes of it is who was within 60 over the factor; a factor of 1 changes no byte.
func TestOptimism(t *testing.T) {
	for name, o := range optimists {
		run := func(more string, limit float64) *finding.Result {
			return runSpec(t, o.in(t), fmt.Sprintf(o.spec, more, limit))
		}
		plain := run("", 60)
		for _, one := range []string{", optimism: 1", ", optimism: [{to_min: 30, factor: 1}, {factor: 1}]"} {
			r := run(one, 60)
			if a, b := written(t, plain), written(t, r); a != b {
				t.Errorf("%s%s changes the result:\n%s\n%s", name, one, a, b)
			}
		}
		for _, f := range []float64{2, 1.5, 0.25, 3.7} {
			r, less := run(fmt.Sprintf(", optimism: %v", f), 60), run("", 60/f)
			was, is := column(t, plain.Layer("places"), "time_min"), column(t, r.Layer("places"), "time_min")
			for i := range was {
				if math.IsNaN(was[i]) != math.IsNaN(is[i]) || math.Abs(is[i]-f*was[i]) > 4e-16*is[i] {
					t.Errorf("%s times %v: %v minutes became %v", name, f, was[i], is[i])
				}
			}
			if a, b := r.Summary.Travel.Bands[0].Share, less.Summary.Travel.Bands[0].Share; a != b {
				t.Errorf("%s: %v are within 60 at %v, %v within %v without", name, a, f, b, 60/f)
			}
			for _, of := range []string{"distance_km", "geodesic_km", "cumulative", "e2sfca"} {
				if _, ok := plain.Layer("places").Column(of); !ok {
					continue
				}
				beside := plain
				if of == "cumulative" || of == "e2sfca" {
					beside = less
				}
				if a, b := column(t, r.Layer("places"), of), column(t, beside.Layer("places"), of); !slices.EqualFunc(a, b, alike) {
					t.Errorf("%s times %v: %s is %v, want %v", name, f, of, a, b)
				}
			}
			// Whoever has no way counts as four hours away in a plan, by any factor.
			if p, q := less.Layer("plan"), r.Layer("plan"); p != nil && 60/f < 240 && !slices.Equal(planned(p), planned(q)) {
				t.Errorf("%s times %v: the plans are %v and %v", name, f, planned(p), planned(q))
			}
			if n, said := noteOf(r, "travel.optimism"); !said || !strings.Contains(n.Text, fmt.Sprint(f)) {
				t.Errorf("%s: %+v", name, n)
			}
			if k := slices.IndexFunc(r.Manifest.Parameters, func(p finding.Parameter) bool { return p.Name == "travel.optimism" }); k < 0 ||
				r.Manifest.Parameters[k].Value != fmt.Sprint(f) || r.Manifest.Parameters[k].Evidence == nil {
				t.Errorf("%s: the manifest does not have the factor", name)
			}
		}
	}
}

func alike(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*math.Abs(a)
}

// written is what a result has in numbers and notes.
func written(t *testing.T, r *finding.Result) string {
	t.Helper()
	b, err := json.Marshal(r.Summary)
	if err != nil {
		t.Fatal(err)
	}
	out := string(b)
	for _, l := range r.Layers {
		for _, c := range l.Columns() {
			for i := range l.Len() {
				out += c.Name + " " + c.Text(i) + "\n"
			}
		}
	}
	return out
}

// Any point of a study is as far in minutes as its places are, and a stretch of minutes
// acts as it is written.
func TestOptimismAnywhere(t *testing.T) {
	o := optimists["crow"]
	at := func(more string) float64 {
		r := runSpec(t, o.in(t), fmt.Sprintf(o.spec, more, 60))
		who, err := r.Reach.Someone(t.Context(), [2]float64{3, 46}, "")
		if err != nil {
			t.Fatal(err)
		}
		ways, _, err := r.Reach.Nearest(t.Context(), who, 1)
		if err != nil || len(ways) != 1 {
			t.Fatalf("%v, %v", ways, err)
		}
		return ways[0].Minutes
	}
	plain := at("")
	if got := at(", optimism: 1.5"); !alike(got, 1.5*plain) {
		t.Errorf("%v minutes became %v", plain, got)
	}
	if got, want := at(", optimism: [{to_min: 20, factor: 3}, {factor: 1.2}]"), 60+1.2*(plain-20); math.Abs(got-want) > 1e-9 || plain < 20 {
		t.Errorf("%v minutes became %v, want %v", plain, got, want)
	}
}

// What is no factor is refused with what is accepted.
func TestOptimismIsStrict(t *testing.T) {
	for value, says := range map[string]string{
		"0": "found a factor of 0", "-1": "found a factor of -1", "0.05": "found a factor of 0.05", "11": "found a factor of 11", ".inf": "optimism", ".nan": "optimism", "fast": `found "fast"`,
		"[]": "found 0 stretches", "{factor: 2}": "found a group of fields", "[{to_min: 5, factor: 2}]": "the last stretch ends at 5", "[{factor: 2}, {factor: 1}]": "stretch 1 ends at 0 after 0",
		"[{to_min: 9, factor: 2}, {to_min: 5, factor: 2}, {factor: 1}]": "stretch 2 ends at 5 after 9", "[{to_min: 5, times: 2}, {factor: 1}]": "times",
	} {
		_, err := Parse(strings.NewReader(fmt.Sprintf(optimists["crow"].spec, ", optimism: "+value, 60)), nil)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "travel.optimism") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// Bands are fitted to the engine's own times.
func TestSamplesAreNotScaled(t *testing.T) {
	o := optimists["matrix"]
	w := o.in(t)
	towns := w.Layers.(shelf)["towns"]
	w.Layers.(shelf)["towns"] = must(geo.NewPoints(geo.About{Name: "towns"}, []string{"a", "b", "c"}, points(3), must(towns.MustHave("population"))(t)))(t)
	w.Layers.(shelf)["centers"] = must(geo.NewPoints(geo.About{Name: "centers"}, []string{"c", "d"}, points(2)))(t)
	of := func(more string) []travel.Sample {
		s := must(Parse(strings.NewReader(fmt.Sprintf(o.spec, more, 60)), nil))(t)
		samples, _, err := Samples(t.Context(), w, s, 100, 1)
		if err != nil || len(samples) == 0 {
			t.Fatal(err)
		}
		return samples
	}
	if a, b := of(""), of(", optimism: 2"); fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("%v and %v", a, b)
	}
}

func points(n int) (out []orb.Point) {
	for i := range n {
		out = append(out, orb.Point{float64(i) / 4, 45})
	}
	return out
}

func planned(l *geo.Layer) (ids []string) {
	for i := range l.Len() {
		ids = append(ids, l.ID(i))
	}
	return ids
}
