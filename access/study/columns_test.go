package study

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"careshed/access/study/finding"
	"careshed/geo"
)

// Every column that a study writes is in the register of columns, in the unit and of
// the kind that the register says.
func TestColumnsAreInTheRegister(t *testing.T) {
	seen, tables := map[string]bool{}, finding.Columns()
	slices.SortStableFunc(tables, func(a, b finding.Table) int { return len(b.Name) - len(a.Name) }) // regions_x is no table of bands_x
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
			of := slices.IndexFunc(tables, func(k finding.Table) bool { return k.Name == l.Name || strings.HasPrefix(l.Name, k.Name+"_") })
			if of < 0 {
				t.Errorf("%s is not in the register\n%s", l.Name, study)
				return
			}
			known, ok := tables[of].Column(c.Name)
			if !ok {
				t.Errorf("%s: column %s is not in the register\n%s", l.Name, c.Name, study)
				return
			}
			agrees(t, l.Name, c, known)
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

// agrees holds a column against what the register says of it.
func agrees(t *testing.T, layer string, c geo.Column, known finding.Column) {
	if c.Type != geo.Text && known.Unit != finding.Said && c.Unit != known.Unit {
		t.Errorf("%s: column %s is in %q, the register says %q", layer, c.Name, c.Unit, known.Unit)
	}
	if c.Name == known.Name && known.Title != "" && !strings.Contains(known.Title, "{") && c.Title != known.Title {
		t.Errorf("%s: column %s is called %q, the register says %q", layer, c.Name, c.Title, known.Title)
	}
	if (known.Kind == finding.Words) != (c.Type == geo.Text) {
		t.Errorf("%s: column %s is of type %v, the register says %s", layer, c.Name, c.Type, known.Kind)
	}
}

// What a layer or table is asked to write stands in the register: every key in the
// source does.
func TestKeysAreInTheRegister(t *testing.T) {
	known := map[string]bool{}
	for _, table := range finding.Columns() {
		seen := map[string]bool{}
		for _, c := range table.Columns {
			if seen[c.Name] {
				t.Errorf("%s has column %s twice", table.Name, c.Name)
			}
			known[c.Name], seen[c.Name] = true, true
		}
	}
	asked := regexp.MustCompile(`\b(?:sh|by)\.(?:Number|Modelled|Count|Text|Flag|People)\("([^"]+)"`)
	found := map[string]bool{}
	for _, name := range must(filepath.Glob("*/*.go"))(t) {
		for _, m := range asked.FindAllStringSubmatch(string(must(os.ReadFile(name))(t)), -1) {
			if found[m[1]] = true; !known[m[1]] {
				t.Errorf("%s: column %s is not in the register", name, m[1])
			}
		}
	}
	if len(found) < 150 {
		t.Errorf("only %d keys were found", len(found))
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
		t.Errorf("a column of one's own is taken for %v", c.Name)
	}
}
