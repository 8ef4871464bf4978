package study

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Every whole number that a study can name has a limit, or says that it counts
// nothing, and every limit that is named is in the table.
func TestEveryCountHasALimit(t *testing.T) {
	known := map[string]bool{"-": true}
	for _, l := range spec.Limits() {
		if known[l.Name] || l.What == "" || !(l.Most[spec.Served] > 0) || l.Most[spec.Served] > l.Most[spec.Alone] {
			t.Errorf("limit %+v stands twice, or is none", l)
		}
		known[l.Name] = true
	}
	seen, counts := map[reflect.Type]bool{}, 0
	var walk func(of reflect.Type, at string)
	walk = func(of reflect.Type, at string) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(of.Elem(), at)
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			limit, has := f.Tag.Lookup("most")
			if has && !known[limit] {
				t.Errorf("%s.%s names the limit %q, which is none", at, f.Name, limit)
			}
			if k := f.Type.Kind(); (k == reflect.Int || k == reflect.Int64) && f.Tag.Get("yaml") != "" {
				if counts++; !has {
					t.Errorf("%s.%s is a whole number without a limit", at, f.Name)
				}
			}
			walk(f.Type, at+"."+f.Name)
		}
	}
	walk(reflect.TypeFor[spec.Spec](), "spec")
	for _, k := range measures() {
		walk(reflect.TypeOf(k.New()), k.Name)
	}
	if counts < 15 {
		t.Errorf("only %d whole numbers were looked at", counts)
	}
}

// numbers are n different ones, as a list of a study.
func numbers(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint(1+i))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// overLimits are what a study may not ask for: in a service, or anywhere.
var overLimits = []struct{ add, field, found, accepted string }{
	{"  - interval: {from_min: 1, limit_min: 60, step_min: 1.0e-9}\n", "measures.interval.step_min", "found 59,000,000,001 limits of an interval", "up to 100,000"},
	{"  - interval: {from_min: 1, limit_min: 60}\nsensitivity: {limit_min: [1.0e+9]}\n", "sensitivity: limit_min=1e+09: measures.interval.step_min", "found 1,000,000,000 limits of an interval", "up to 100,000"},
	{"  - interval: {from_min: 1, limit_min: 60}\ngrid: {interval.limit_min: [70, 1.0e+9]}\n", "grid.interval.limit_min", "found 1,000,000,000 limits of an interval", "up to 100,000"},
	{"  - interval: {from_min: 1, limit_min: 60, step_min: 0.01}\n", "measures.interval.step_min", "found 5,901 limits of an interval", "up to 1,000 (on the command line 100,000)"},
	{"spatial: {of: [time_min], neighbours: nearest, permutations: 1000000}\n", "spatial.permutations", "found 1,000,000 permutations of a place's neighbours", "up to 100,000 (on the command line 1,000,000)"},
	{"spatial: {of: [time_min], neighbours: nearest, permutations: 2000000}\n", "spatial.permutations", "found 2,000,000 permutations of a place's neighbours", "up to 1,000,000"},
	{"spatial: {of: [time_min], neighbours: nearest, k: 1001}\n", "spatial.k", "found 1,001 nearest neighbours of a place", "up to 1,000"},
	{"siting: {goal: covered, pick: 1001}\n", "siting.pick", "found 1,001 sites to open or close", "up to 1,000 (on the command line 10,000)"},
	{"siting: {goal: covered, pick: 1, hub: {within_min: 60, curve: " + numbers(101) + "}}\n", "siting.hub.curve", "found 101 plans side by side", "up to 100 (on the command line 1,000)"},
	{"siting: {goal: covered, pick: 1, frontier: {field: svi, times: " + numbers(101) + "}}\n", "siting.frontier.times", "found 101 plans side by side", "up to 100 (on the command line 1,000)"},
	{"uncertainty: {draws: 10001}\n", "uncertainty.draws", "found 10,001 draws", "up to 10,000 (on the command line 100,000)"},
	{"inequality: [gini, {gap: {groups: payer, between: [x, y], draws: 100001}}]\n", "inequality[1].draws", "found 100,001 draws of a gap between groups", "up to 100,000 (on the command line 1,000,000)"},
	{"inequality: [{quantiles: {at: [" + strings.Repeat("0.5, ", 100) + "1]}}]\n", "inequality[0].at", "found 101 quantiles", "up to 100 (on the command line 1,000)"},
	{"  - 2sfca: {limit_min: 30}\nsensitivity: {limit_min: " + numbers(500) + "}\n", "sensitivity", "found 2,500 settings of a sensitivity, times the measures", "up to 2,000 (on the command line 100,000)"},
	{"  - 2sfca: {limit_min: 30}\n  - m2sfca: {limit_min: 30, decay: {linear: {}}}\ngrid: {2sfca.limit_min: " + numbers(101) + ", m2sfca.limit_min: " + numbers(100) + "}\n", "grid", "found 10,100 points of a grid", "up to 10,000 (on the command line 1,000,000)"},
	{"present: {map: {layer: places, column: time_min, breaks: " + numbers(51) + "}}\n", "present.map.breaks", "found 51 class limits of a map", "up to 50 (on the command line 100)"},
	{"  - capacity: {slots: beds, choices: 21}\n", "measures.capacity.choices", "found 21 centers that patients are sent on to", "up to 20"},
}

// A study that asks for more than may be is refused by name: where, what was found,
// and what is accepted; one at the limit is not.
func TestStudiesBeyondTheLimits(t *testing.T) {
	for _, c := range overLimits {
		s, err := Parse(strings.NewReader(toySpec+c.add), nil)
		if err == nil {
			err = s.Allows(spec.Served)
		}
		var e *spec.SpecError
		if !errors.As(err, &e) || e.Field != c.field || e.Problem != c.found || e.Accept != c.accepted {
			t.Errorf("%q: %v\nwant %s: %s; accepted: %s", c.add, err, c.field, c.found, c.accepted)
		}
	}
	for _, fits := range []string{"  - interval: {from_min: 1, limit_min: 1000}\n", "uncertainty: {draws: 10000}\n", "siting: {goal: covered, pick: 1000}\n"} {
		s := must(Parse(strings.NewReader(toySpec+fits), nil))(t)
		if err := s.Allows(spec.Served); err != nil {
			t.Errorf("%q is at the limit, and refused: %v", fits, err)
		}
	}
}

// What is too much for so many places is refused as soon as they are counted.
func TestStudiesBeyondTheLimitsOfTheirData(t *testing.T) {
	w := toy(t)
	w.Asker = spec.Served
	const many = 100_001
	at, people := make([]orb.Point, many), make([]float64, many)
	ids := make([]string, many)
	for i := range at {
		at[i], people[i], ids[i] = orb.Point{float64(i) / many, 46}, 1, fmt.Sprint("p", i)
	}
	w.Layers.(shelf)["towns"] = must(geo.NewPoints(geo.About{Name: "towns"}, ids, at, num("population", people...), text("country", slices.Repeat([]string{"A"}, many)...)))(t)
	for _, c := range []struct{ add, field, found string }{
		{"uncertainty: {draws: 10000}\n", "uncertainty.draws", "found 1,000,010,000 draws times places"},
		{"spatial: {of: [time_min], neighbours: nearest, k: 50}\n", "spatial.k", "found 5,000,050 neighbours of all places"},
		{"spatial: {of: [time_min], neighbours: nearest, permutations: 100000}\n", "spatial.permutations", "found 60,000,600,000 permutations times neighbours, places and columns"},
		{"inequality: [{gap: {groups: country, between: [A, B], draws: 100000}}]\n", "inequality.gap.draws", "found 40,000,400,000 draws of gaps times places and measures"},
	} {
		ctx := tiredAfter(1 << 60)
		_, err := Run(ctx, w, must(Parse(strings.NewReader(toySpec+c.add), nil))(t), nil)
		var e *spec.SpecError
		if !errors.As(err, &e) || e.Field != c.field || e.Problem != c.found {
			t.Errorf("%q: %v\nwant %s: %s", c.add, err, c.field, c.found)
		}
		if looks := ctx.seen.Load(); looks > 5 {
			t.Errorf("%q was looked at after %d steps", c.add, looks)
		}
	}
}

// Places whose neighbours within a distance are too many are refused while they are
// counted.
func TestTooManyNeighbours(t *testing.T) {
	at := make([]orb.Point, 100)
	for i := range at {
		at[i] = orb.Point{float64(i) / 1e6, 46}
	}
	_, err := access.NeighboursWithin(t.Context(), at, 1000, 100*99-1)
	var many *access.TooManyNeighbours
	if !errors.As(err, &many) || many.Places != 100 {
		t.Errorf("one neighbour too many: %v", err)
	}
	if _, err := access.NeighboursWithin(t.Context(), at, 1000, 100*99); err != nil {
		t.Error(err)
	}
	corner := make([]orb.Geometry, 20)
	for i := range corner {
		corner[i] = box(0, 0, float64(i+1), 1)
	}
	if _, err := access.Contiguous(t.Context(), corner, 20*19-1); !errors.As(err, &many) {
		t.Errorf("one neighbour too many: %v", err)
	}
	if _, err := access.Contiguous(t.Context(), corner, 20*19); err != nil {
		t.Error(err)
	}
}

// An index is built anew for each scenario with roads of its own: a service takes ten.
func TestScenariosOnOtherRoadsHaveALimit(t *testing.T) {
	text := "version: 1\nname: n\nplaces: {layer: p}\nsites: {layer: s}\ntravel: {engine: road, index: i}\nmeasures: [travel]\nscenarios:\n"
	for n := range 11 {
		text += fmt.Sprintf("  s%d: [{roads: {close: [%d]}}]\n", n, n+1)
	}
	s, err := Parse(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Allows(spec.Alone); err != nil {
		t.Error(err)
	}
	if err := s.Allows(spec.Served); err == nil || !strings.Contains(err.Error(), "found 11 scenarios with roads of their own; accepted: up to 10") {
		t.Error(err)
	}
}
