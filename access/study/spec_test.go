package study

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/access/study/measure"
	"careshed/access/study/spec"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

const specs = "../../testdata/specs"

func openSpec(name string) (io.Reader, error) {
	b, err := os.ReadFile(filepath.Join(specs, name))
	return bytes.NewReader(b), err
}

func parseFile(t *testing.T, name string) spec.Spec {
	t.Helper()
	r, err := openSpec(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(r, openSpec)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

func sixSpecs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(specs, "*.yaml"))
	if err != nil || len(files) != 6 {
		t.Fatalf("%v, %v: want the six specs", files, err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

// The six questions are the contract for names: they parse, and the published
// schema accepts them.
func TestTheSixSpecs(t *testing.T) {
	c := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("spec.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("spec.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sixSpecs(t) {
		s := parseFile(t, name)
		var v any
		if err := yaml.Unmarshal(s.Text(), &v); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		v, err = jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var wrong any = map[string]any{"version": 1.0, "name": "x", "places": map[string]any{"layer": "a", "wieght": "b"}, "sites": map[string]any{}, "travel": map[string]any{}}
	if schema.Validate(wrong) == nil {
		t.Error("the schema accepts a misspelt field")
	}
}

func TestBaseIsMerged(t *testing.T) {
	s := parseFile(t, "2-what-if.yaml")
	if s.Name != "italy-what-if" || s.Places.Layer != "settlements" || len(s.Scenarios) != 2 || s.Scenarios[0].Name != "potenza" {
		t.Errorf("%+v", s)
	}
	var names []string
	for _, m := range s.Measures {
		names = append(names, m.Name)
	}
	if got := strings.Join(names, " "); got != "travel density gaps penalty" {
		t.Errorf("measures %s", got)
	}
	if spec.Asked[*measure.TravelMeasure](s.Measures).K != 3 {
		t.Error("the base's parameters are lost")
	}
	files := map[string]string{
		"sub/base.yaml": "version: 1\nname: base\nlayers: {a: {file: a.csv, join: {file: ../j.csv, on: id}}}\nplaces: {layer: a}\nsites: {layer: a}\ntravel: {engine: crow}\n",
		"loop.yaml":     "base: loop.yaml\n",
	}
	open := func(name string) (io.Reader, error) {
		if f, ok := files[name]; ok {
			return strings.NewReader(f), nil
		}
		return nil, os.ErrNotExist
	}
	s, err := Parse(strings.NewReader("base: sub/base.yaml\nname: over\n"), open)
	if err != nil {
		t.Fatal(err)
	}
	if s.Layers["a"].File != "sub/a.csv" || s.Layers["a"].Join.File != "j.csv" {
		t.Errorf("the base's files are looked for at %s and %s", s.Layers["a"].File, s.Layers["a"].Join.File)
	}
	for spec, want := range map[string]string{"base: loop.yaml": "too deep", "base: none.yaml": "file does not exist"} {
		if _, err := Parse(strings.NewReader(spec), open); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
	if _, err := Parse(strings.NewReader("base: x.yaml"), nil); err == nil || !strings.Contains(err.Error(), "cannot be extended") {
		t.Errorf("without a base: %v", err)
	}
}

const plain = `version: 1
name: toy
places: {layer: towns}
regions: {layer: lands}
sites: {layer: centers, supply: {constant: 1}}
candidates: {layer: towns}
travel: {engine: crow}
`

// Every mistake has a message that names the field, what was found and what is
// accepted, with its line.
func TestSpecErrors(t *testing.T) {
	for _, c := range []struct{ name, spec, want string }{
		{"empty", "", "is empty"},
		{"no fields", "- a\n", "found no fields"},
		{"not YAML", "a: [", "accepted: YAML or JSON"},
		{"two documents", plain + "---\na: 1\n", "holds more than one"},
		{"an alias", "a: &x 1\n" + plain + "compare: *x\n", `unknown field "a"`},
		{"a dash for a name", "-: 1\n" + plain, `unknown field "-"`},
		{"an alias in a field", "name: &x toy\nversion: 1\nplaces: {layer: *x}\nsites: {layer: a}\ntravel: {engine: crow}\n", "line 3: places.layer: aliases are not accepted"},
		{"unknown field", plain + "mesures: []\n", `line 8: unknown field "mesures"; did you mean "measures"?`},
		{"unknown field within", strings.Replace(plain, "layer: towns}", "layer: towns, wieght: p}", 1), `line 3: places: unknown field "wieght"; did you mean "weight"?`},
		{"not beside a bound", strings.Replace(plain, "layer: towns}", "layer: towns, where: {tier: {min: 1, not: 3}}}", 1), "found not beside others; accepted: not, or min and max"},
		{"not of nothing", strings.Replace(plain, "layer: towns}", "layer: towns, where: {tier: {not: []}}}", 1), "found a list of 0; accepted: a value or a list of values"},
		{"an unknown bound", strings.Replace(plain, "layer: towns}", "layer: towns, where: {tier: {mni: a}}}", 1), `unknown field "mni"; did you mean "min"?`},
		{"a field twice", plain + "name: again\n", "line 8: name: stands twice, first on line 2"},
		{"no version", strings.Replace(plain, "version: 1\n", "", 1), "version: is missing; accepted: version: 1 in the first line"},
		{"another version", strings.Replace(plain, "version: 1", "version: 2", 1), "line 1: version: found 2; accepted: 1"},
		{"no name", strings.Replace(plain, "name: toy\n", "", 1), "name: needs a name"},
		{"a name with a slash", strings.Replace(plain, "toy", "a/b", 1), "name: needs a name without slashes"},
		{"no places", strings.Replace(plain, "places: {layer: towns}\n", "", 1), "places.layer: is missing"},
		{"no engine", strings.Replace(plain, "{engine: crow}", "{borders: free}", 1), `travel.engine: found ; accepted: crow, road, osrm, valhalla, ors, matrix, plane`},
		{"an unknown engine", strings.Replace(plain, "crow", "cow", 1), "line 7: travel.engine: found cow; accepted: crow, road, osrm, valhalla, ors, matrix, plane"},
		{"matrix without its columns", strings.Replace(plain, "{engine: crow}", "{engine: matrix}", 1), "travel.table: is missing"},
		{"matrix by sea", strings.Replace(plain, "{engine: crow}", "{engine: matrix, table: a, place: b, site: c, minutes: d, sea: {speed_kmh: 3}}", 1), "engine matrix has none; accepted: engine crow"},
		{"an unknown border rule", strings.Replace(plain, "crow}", "crow, borders: same-contry}", 1), `line 7: travel.borders: found "same-contry"; did you mean "same-country"?; accepted: free, same-country, same-region`},
		{"borders by groups", strings.Replace(plain, "crow}", "crow, borders: {group: payer}}", 1), `unknown field "group"; did you mean "groups"?`},
		{"sea without speed", strings.Replace(plain, "crow}", "crow, sea: {wait_min: 60}}", 1), "travel.sea: needs a speed above 0"},
		{"text for a number", plain + "siting: {pick: five, goal: treated}\n", `line 8: siting.pick: found "five"; accepted: a finite number`},
		{"a quoted number", plain + "siting: {pick: '5', goal: treated}\n", `siting.pick: found "5"; accepted: a finite number`},
		{"an infinite number", plain + "penalty: {effect: .inf}\n", `penalty.effect: found ".inf"; accepted: a finite number`},
		{"half a site", plain + "siting: {pick: 2.5, goal: treated}\n", "siting.pick: found 2.5; accepted: a whole number"},
		{"no sites to pick", plain + "siting: {goal: treated}\n", "siting.pick: found 0; accepted: 1 or more"},
		{"an unknown goal", plain + "siting: {pick: 1, goal: treat}\n", "siting.goal: found \"treat\"; accepted: treated, covered, mean_time"},
		{"siting without candidates", strings.Replace(plain, "candidates: {layer: towns}\n", "", 1) + "siting: {pick: 1, goal: covered}\n", "candidates: siting needs candidates"},
		{"an unknown measure", plain + "measures: [travel, densty]\n", `line 8: measures: unknown field "densty"; did you mean "density"?`},
		{"a measure twice", plain + "measures: [travel, travel]\n", "measures.travel: stands twice"},
		{"a measure's unknown field", plain + "measures:\n  - travel: {k: 3, band_min: [1]}\n", `line 9: measures.travel: unknown field "band_min"; did you mean "bands_min"?`},
		{"a negative band", plain + "measures:\n  - travel: {bands_min: [-1]}\n", "measures.travel.bands_min: found -1; accepted: minutes above 0"},
		{"too many nearest", plain + "measures:\n  - travel: {k: 500}\n", "measures.travel.k: found 500"},
		{"gaps without regions", strings.Replace(plain, "regions: {layer: lands}\n", "", 1) + "measures: [gaps]\n", "measures.gaps: the study has no regions"},
		{"a catchment without a limit", plain + "measures:\n  - 2sfca: {}\n", "measures.2sfca.limit_min: is missing; accepted: minutes above 0"},
		{"e2sfca without decay", plain + "measures:\n  - e2sfca: {limit_min: 30}\n", "measures.e2sfca.decay: is missing"},
		{"two decays", plain + "measures:\n  - e2sfca: {limit_min: 30, decay: {binary: {}, gaussian: {sigma_min: 3}}}\n", "measures.e2sfca.decay: found 2 decays"},
		{"falling steps", plain + "measures:\n  - e2sfca: {limit_min: 30, decay: {steps: [{to_min: 20, weight: 1}, {to_min: 10, weight: 1}]}}\n", "rising to_min"},
		{"a zero that would act as the default", plain + "penalty: {effect: 0}\n", "penalty.effect: found 0; leave it out for the default; accepted: a number above 0"},
		{"nobody treated", plain + "demand: {reach: 0}\n", "demand.reach: found 0; leave it out"},
		{"supply missing", strings.Replace(plain, ", supply: {constant: 1}", "", 1) + "measures:\n  - 2sfca: {limit_min: 30}\n", "sites.supply: 2sfca needs the supply of the sites"},
		{"a supply of nothing", strings.Replace(plain, "constant: 1", "constant: 0", 1), "sites.supply.constant: found 0; accepted: a number above 0"},
		{"an effect above 1", plain + "penalty: {effect: 1.4}\n", "penalty.effect: found 1.4; accepted: above 0 and up to 1"},
		{"an unknown family", plain + "penalty: {family: weibull}\n", "penalty.family: found \"weibull\"; accepted: exponential, gaussian, logistic, step"},
		{"recover first", plain + "penalty: {beyond: [recover]}\n", "penalty.beyond: recover cannot come first"},
		{"the penalty at another site", plain + "penalty: {site: monitor}\n", "the penalty runs to the nearest site that infuses"},
		{"a reach above 1", plain + "demand: {reach: 20}\n", "demand.reach: found 20; accepted: a share of the eligible"},
		{"two demands", plain + "demand: {eligible: e, eligible_per_100k: 2}\n", "exclude each other"},
		{"life-years per patient", plain + "measures:\n  - delay: {life_years_per_day: 1.3, per: patient, days: 30}\n", "measures.delay.per: life-years a day of delay are a figure for a whole population when an indication comes later; it is not a rate per patient; accepted: population"},
		{"life-years of nobody", plain + "measures:\n  - delay: {life_years_per_day: 1.3, days: 30}\n", "not a rate per patient or center"},
		{"no draws", plain + "uncertainty: {seed: 3}\n", "uncertainty.draws: found 0"},
		{"an unknown variation", plain + "uncertainty: {draws: 3, vary: [weather]}\n", "uncertainty.vary: found \"weather\"; accepted: effect, speed, family, demand"},
		{"a grid of nothing", plain + "grid: {2sfca.limit_min: [1]}\n", "is not a parameter of a measure of this study"},
		{"compare with nothing", plain + "compare: baseline\n", "compare: there are no scenarios"},
		{"compare with another", plain + "scenarios: {a: [open: {id: n, at: [1, 2]}]}\ncompare: b\n", "compare: found b"},
		{"swapped coordinates", plain + "scenarios: {a: [open: {id: n, at: [45, 120]}]}\n", "accepted: longitude -180 to 180, latitude -90 to 90, in this order"},
		{"a change of nothing", plain + "scenarios: {a: [opne: {id: n}]}\n", `unknown field "opne"; did you mean "open"?`},
		{"an opening nowhere", plain + "scenarios: {a: [open: {id: n}]}\n", "scenarios.a[0].open.at: is missing"},
		{"nearest to what", plain + "scenarios: {a: [close: {id: nearest}]}\n", "scenarios.a[0].close.to: is missing"},
		{"an unknown role", plain + "scenarios: {a: [open: {id: n, at: [1, 2], roles: [infus]}]}\n", `found "infus"; did you mean "infuse"?`},
		{"a scenario called baseline", plain + "scenarios: {baseline: []}\n", "other than baseline"},
		{"an unknown output", plain + "output: {place: csv}\n", "output.place: unknown output"},
		{"an unknown format", plain + "output: {places: shp}\n", "output.places: found shp; accepted: csv, geojson, both, none"},
		{"an empty condition", strings.Replace(plain, "layer: towns}", "layer: towns, where: {country: []}}", 1), "places.where.country: found a list of 0"},
		{"an unknown bound", strings.Replace(plain, "layer: towns}", "layer: towns, where: {country: {least: 3}}}", 1), `unknown field "least"`},
		{"bands that fall", strings.Replace(plain, "crow}", "crow, speed: [{to_km: 9, kmh: 50}, {to_km: 3, kmh: 60}, {kmh: 70}]}", 1), "travel.speed: band 2 does not fit"},
		{"bands without an end", strings.Replace(plain, "crow}", "crow, speed: [{to_km: 9, kmh: 50}]}", 1), "travel.speed: band 1 does not fit"},
		{"a shorter road than the line", strings.Replace(plain, "crow}", "crow, circuity: [{factor: 0.9}]}", 1), "travel.circuity: band 1 does not fit"},
		{"a layer without a file", plain + "layers: {a: {format: csv}}\n", "layers.a.file: is missing"},
		{"an unknown group", strings.Replace(plain, "layer: towns}", "layer: towns, groups: {svi: third}}", 1), "places.groups.svi: found third; accepted: quintile"},
		{"a concentration by nothing", plain + "measures: [travel]\ninequality: [concentration]\n", "inequality.concentration.rank: is missing"},
		{"an unknown index", plain + "measures: [travel]\ninequality: [ginny]\n", `inequality: found "ginny"; did you mean "gini"?`},
		{"a parameter of another index", plain + "measures: [travel]\ninequality: [{gini: {line: 3}}]\n", "inequality.gini.line: is not a parameter of this index; accepted: no parameter"},
		{"a palma without incomes", plain + "measures: [travel]\ninequality: [palma]\n", "inequality.palma.income: is missing"},
		{"an inequality of nothing", plain + "inequality: [gini]\n", "there is no measure to compare"},
		{"a measure that is a number", plain + "measures: [7]\n", `unknown field "7"`},
		{"nothing after a field", plain + "compare:\n", "compare: there is no value"},
	} {
		_, err := Parse(strings.NewReader(c.spec), nil)
		var e *spec.SpecError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v is not a SpecError", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
		if e.Line == 0 && c.name != "empty" && c.name != "not YAML" {
			t.Errorf("%s: no line in %v", c.name, err)
		}
	}
	long := strings.NewReader("name: " + strings.Repeat("x", spec.MaxSpec))
	if _, err := Parse(long, nil); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a long spec: %v", err)
	}
}

func TestDigestIsOfWhatIsSaid(t *testing.T) {
	digest := func(spec string) string {
		t.Helper()
		s, err := Parse(strings.NewReader(spec), nil)
		if err != nil {
			t.Fatal(err)
		}
		return s.Digest()
	}
	yaml := "# a comment\nversion: 1\nname: x\nplaces: {layer: a, weight: p}\nsites: {layer: b}\ntravel: {engine: crow}\npenalty: {effect: 0.60}\n"
	json := `{"name": "x", "version": 1, "travel": {"engine": "crow"}, "sites": {"layer": "b"}, "places": {"weight": "p", "layer": "a"}, "penalty": {"effect": 0.6}}`
	if digest(yaml) != digest(json) {
		t.Error("the same study has two digests")
	}
	if digest(yaml) == digest(strings.Replace(yaml, "0.60", "0.61", 1)) {
		t.Error("two studies have one digest")
	}
}

func TestGridPoints(t *testing.T) {
	s := parseFile(t, "6-matrix-batch.yaml")
	points := s.Points()
	if len(points) != 3 || points[2].String() != "2sfca.limit_min=45" {
		t.Fatalf("%v", points)
	}
	at, err := s.At(points[2])
	if err != nil || spec.Asked[*measure.CatchmentMeasure](at.Measures).LimitMin != 45 || spec.Asked[*measure.CatchmentMeasure](s.Measures).LimitMin != 30 {
		t.Errorf("%+v, %v", at.Measures, err)
	}
	if at.Digest() == s.Digest() {
		t.Error("a point of a grid has the digest of the whole")
	}
}

// No spec panics, and one that is accepted is accepted again as it was written
// down in the manifest.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(specs, "*.yaml"))
	if err != nil || len(files) == 0 {
		f.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(plain))
	f.Add([]byte("-:")) // what is kept within has no name
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Parse(bytes.NewReader(b), openSpec)
		if err != nil {
			return
		}
		// The base is merged in already.
		text := bytes.ReplaceAll(s.Text(), []byte("\nbase:"), []byte("\ntitle:"))
		if _, err := Parse(bytes.NewReader(text), nil); err != nil && !strings.Contains(err.Error(), "base") && !strings.Contains(err.Error(), "title") {
			t.Fatalf("accepted, and not again: %v\n%s", err, text)
		}
	})
}

// Who extends a study with another engine leaves behind what is the base's
// engine's alone, and keeps the rest; a field of another engine of one's own is
// an error.
func TestAnotherEngineThanTheBase(t *testing.T) {
	base := "version: 1\nname: b\nplaces: {layer: a}\nsites: {layer: b}\ntravel: {engine: %s, borders: free, %s}\n"
	parse := func(engine, fields, travel string) (spec.Spec, error) {
		return Parse(strings.NewReader("base: b.yaml\ntravel: "+travel+"\n"), func(string) (io.Reader, error) {
			return strings.NewReader(fmt.Sprintf(base, engine, fields)), nil
		})
	}
	for _, c := range []struct{ engine, fields, travel, table, index string }{
		{"matrix", "table: times, minutes: t", "{engine: crow}", "", ""},
		{"matrix", "table: times, minutes: t", "{engine: road, index: r}", "", "r"},
		{"crow", "speed_times: 2, sea: {speed_kmh: 30, wait_min: 1}", "{engine: matrix, table: times}", "times", ""},
		{"matrix", "table: times", "{borders: same-country}", "times", ""},
		{"matrix", "table: times", "{engine: matrix, minutes: t}", "times", ""},
	} {
		s, err := parse(c.engine, c.fields, c.travel)
		if err != nil || s.Travel.Table != c.table || s.Travel.Index != c.index || s.Travel.SpeedTimes != 0 && s.Travel.Engine != "crow" {
			t.Errorf("%s {%s} as %s: %+v, %v", c.engine, c.fields, c.travel, s.Travel, err)
		}
		if err == nil && s.Travel.Borders.Rule == "" {
			t.Errorf("%s as %s: the borders are lost", c.engine, c.travel)
		}
	}
	if _, err := parse("matrix", "table: times", "{engine: crow, minutes: t}"); err == nil || !strings.Contains(err.Error(), "travel.minutes: engine crow has none; accepted: engine matrix") {
		t.Error(err)
	}
}
