package study

import (
	"math/rand/v2"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"
)

// Every column that a study writes is in the register of columns, in the unit and of
// the kind that the register says.
func TestColumnsAreInTheRegister(t *testing.T) {
	seen := map[string]bool{}
	check := func(l *geo.Layer, w World, study string) {
		own := map[string]bool{} // columns of the user's, which are carried into results
		for _, input := range w.Layers.(shelf) {
			for _, c := range input.Columns() {
				own[c.Name] = true
			}
		}
		for _, c := range l.Columns() {
			if own[c.Name] {
				continue
			}
			known, ok := finding.ColumnOf(c.Name)
			if !ok {
				t.Errorf("%s: column %s is not in the register\n%s", l.Name, c.Name, study)
				return
			}
			layer := l.Name == "places" || l.Name == "regions" || l.Name == "sites"
			if u := known.Unit; layer && known.Kind != "" && c.Type != geo.Text && c.Unit != u {
				t.Errorf("%s: column %s is in %q, the register says %q", l.Name, c.Name, c.Unit, u)
			}
			if layer && (known.Kind == finding.Words) != (c.Type == geo.Text) && known.Kind != "" {
				t.Errorf("%s: column %s is of type %v, the register says %s", l.Name, c.Name, c.Type, known.Kind)
			}
			seen[c.Name] = true
		}
	}
	r := rand.New(rand.NewPCG(3, 3))
	for range 60 {
		x := newRandomStudy(r)
		text := x.spec(1, 1)
		w := x.world(t, 1, 1)
		result, err := Run(t.Context(), w, must(Parse(strings.NewReader(text), nil))(t), nil)
		if err != nil {
			continue
		}
		for _, l := range append(result.Layers, result.Tables...) {
			check(l, w, text)
		}
	}
	w := toy(t)
	full := runSpec(t, w, toySpec+"siting: {pick: 2, goal: treated}\nuncertainty: {draws: 5}\nscenarios:\n  x:\n    - close: {id: c2}\n")
	for _, l := range append(full.Layers, full.Tables...) {
		check(l, w, toySpec)
	}
	if len(seen) < 100 {
		t.Errorf("only %d columns were seen", len(seen))
	}
}

// A column of a scenario or of one of several supplies is known as its stem is; which
// way it is better does not hang on the name that follows.
func TestColumnOfAStem(t *testing.T) {
	for name, want := range map[string]struct {
		kind   finding.Kind
		better finding.Better
	}{
		"time_min": {finding.Time, finding.Less}, "time_min_2": {finding.Time, finding.Less}, "time_min_new_site": {finding.Time, finding.Less},
		"2sfca_beds": {finding.Score, finding.More}, "treated_hold": {finding.Patients, finding.More}, "foregone_continue": {finding.Patients, finding.Less},
		"per_10m": {finding.Rate, finding.More}, "share_beyond": {finding.Share, finding.Less}, "raam_beds": {finding.Score, finding.Less},
		"2sfca_reason": {finding.Words, ""}, "population": {finding.People, ""},
	} {
		if c, ok := finding.ColumnOf(name); !ok || c.Kind != want.kind || c.Better != want.better {
			t.Errorf("%s: %+v, want %v", name, c, want)
		}
	}
	if c, ok := finding.ColumnOf("rurality"); ok {
		t.Errorf("a column of one's own is taken for %v", c.Names)
	}
}
