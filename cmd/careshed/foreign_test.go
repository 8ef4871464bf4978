package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foreignCases is the folder of inputs with known answers, writable copies in a
// folder of the test.
func foreignCases(t *testing.T) func(name string) string {
	t.Helper()
	shared := os.Getenv("CARESHED_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	from := filepath.Join(shared, "cases", "foreign")
	if _, err := os.Stat(from); err != nil {
		t.Skipf("SKIPPED: no inputs of other programs at %s", from)
	}
	dir := t.TempDir()
	return func(name string) string {
		to := filepath.Join(dir, name)
		if _, err := os.Stat(to); err == nil {
			return to
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(from, name, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(to, f.Name()), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return to
	}
}

// What other people's files, ids and folders once made wrong without a word: each
// gives its right value, or a refusal that says what to do.
func TestForeignCases(t *testing.T) {
	of := foreignCases(t)
	for _, c := range []struct {
		folder, args string
		code         int
		want         []string
		not          []string
	}{
		{"01-row-numbers-as-ids", "run -q upper.yaml", exitDone, []string{"11.6       10.0", "30 minutes                 1,100 people"}, nil},
		{"01-row-numbers-as-ids", "run -q title.yaml", exitDone, []string{"11.6       10.0", "30 minutes                 1,100 people"}, nil},
		{"01-row-numbers-as-ids", "run -q other.yaml", exitDone, []string{"11.6       10.0", "30 minutes                 1,100 people"}, nil},
		{"01-row-numbers-as-ids", "run -q geoid.yaml", exitDone, []string{"11.6       10.0", "30 minutes                 1,100 people"}, nil},
		{"01-row-numbers-as-ids", "run -q gpkgfid.yaml", exitDone, []string{"11.6       10.0", "30 minutes                 1,100 people"}, nil},
		{"01-row-numbers-as-ids", "run -q blank.yaml", exitInput, []string{"layer towns has no ids to be found by: id is empty in feature 3; accepted: id:"}, nil},
		{"01-row-numbers-as-ids", "data validate sci.csv --people population", exitDone, []string{"since id is 1.8148E+14 in features 1 and 3"}, nil},
		{"04-output-overwrites-inputs", "run -q st.yaml -o .", exitInput, []string{"places.csv: is read by the study and would be replaced by a result of the same name; accepted: another folder"}, nil},
		{"05-sentinel-missing-values", "run -q q.yaml", exitDone, []string{"svi is -999 in 1 feature, which programs write where there is no value: taken for none", "(500 people)"}, nil},
		{"05-sentinel-missing-values", "run -q s9999.yaml", exitDone, []string{"13.3       10.0", "50 people   25.0 %", "travel_time_p50 is 9999 in 4 features"}, nil},
		{"05-sentinel-missing-values", "run -q maxint.yaml", exitDone, []string{"travel_time_p50 is 2147483647 in 1 feature"}, nil},
		{"05-sentinel-missing-values", "refit refit9999.csv", exitInput, []string{"feature 4 (id 4): time_min is 9999, which programs write where there is no value"}, nil},
		{"06-antimeridian-unsplit-polygon", "run -q am.yaml", exitInput, []string{"am.geojson: feature 1: geometry has an edge from 178,-19 to -178,-19, which goes round the world"}, nil},
		{"08-region-in-several-features", "run -q st.yaml", exitInput, []string{`layer r: iso is "IT-62", in features 1 and 2, which are both called "Lazio": several features of one region; accepted: one feature a region`}, nil},
		{"08-region-in-several-features", "data validate r.geojson --regions name", exitInput, []string{`iso is "IT-62", in features 1 and 2, which are both called "Lazio"`}, nil},
		{"10-dot-as-thousands", "run -q st.yaml", exitInput, []string{"such as 1.000: does the point part thousands?"}, nil},
		{"11-matrix-in-seconds", "run -q seconds.yaml", exitDone, []string{"are the times seconds? units: {travel_time_p50: seconds}"}, nil},
		{"12-null-island", "run -q s.yaml", exitDone, []string{"taken for no location (250 people)", "5,714.29 from 1 center"}, nil},
		{"12-null-island", "run -q s2.yaml", exitDone, []string{"5,714.29 from 1 center", "2 of 3 sites have neither a location nor a country"}, nil},
		{"17-join-misses-say-nothing", "run -q j1.yaml", exitInput, []string{`2 of 3 keys are not found, such as "01001", "01003" ("01001" here, "1001" there: leading zeros?)`}, nil},
		{"17-join-misses-say-nothing", "run -q j8.yaml", exitDone, []string{"j8: 1,750 people in 3 places"}, nil},
		{"17-join-misses-say-nothing", "run -q spaceid.yaml", exitDone, []string{"17.5       10.0"}, []string{"no time"}},
		{"19-empty-and-odd-files", "data validate hdr.csv --people population", exitInput, []string{"has no features"}, nil},
		{"19-empty-and-odd-files", "data validate nofeat.geojson", exitInput, []string{"has no features"}, nil},
		{"19-empty-and-odd-files", "data validate lfs.csv", exitInput, []string{"is a pointer of Git LFS, not the file itself"}, nil},
		{"19-empty-and-odd-files", "data validate nogeo.parquet", exitDone, []string{"looks like shapes (WKB), but the file does not describe them"}, nil},
		{"g09-booleans-are-numbers", "run -q qb.yaml", exitInput, []string{"population is true, a yes/no value and no number"}, nil},
		{"g09-booleans-are-numbers", "run -q qc.yaml", exitInput, []string{"population is true, a yes/no value and no number"}, nil},
		{"g09-booleans-are-numbers", "run -q q3.yaml", exitInput, []string{"sup is true, a yes/no value and no number"}, nil},
		{"g09-booleans-are-numbers", "run -q q4.yaml", exitInput, []string{"min is true, a yes/no value and no number"}, nil},
		{"g09-booleans-are-numbers", "data validate tb.csv --people population", exitInput, []string{"population is true, a yes/no value and no number"}, nil},
	} {
		dir := of(c.folder)
		before := look(t, dir)
		var args []string
		for _, a := range strings.Fields(c.args) {
			if _, err := os.Stat(filepath.Join(dir, a)); err == nil {
				a = filepath.Join(dir, a)
			}
			args = append(args, a)
		}
		code, out, log := call(t, args...)
		said := out + log
		if code != c.code {
			t.Errorf("%s: %s: exit %d, want %d: %s", c.folder, c.args, code, c.code, log)
		}
		for _, w := range c.want {
			if !strings.Contains(said, w) {
				t.Errorf("%s: %s: nothing says %q:\n%s", c.folder, c.args, w, said)
			}
		}
		for _, w := range c.not {
			if strings.Contains(said, w) {
				t.Errorf("%s: %s: says %q:\n%s", c.folder, c.args, w, said)
			}
		}
		kept(t, fmt.Sprint(c.folder, c.args), before, look(t, dir))
	}
}

// Tables of times without a number or without a row say so.
func TestForeignMatrices(t *testing.T) {
	dir := foreignCases(t)("19-empty-and-odd-files")
	for file, want := range map[string]string{
		"matrix-nan.csv":         `layer times: feature 2 (id 2): travel_time_p50 is "NaN", not a number; accepted: a number of minutes ≥ 0, or empty if there is no way`,
		"matrix-header-only.csv": "layer times has no rows; accepted: a row for each pair of place and site",
	} {
		spec := filepath.Join(dir, file+".yaml")
		text := "version: 1\nname: m\nlayers: {towns: {file: t.csv}, sites: {file: s.csv}, times: {file: " + file + "}}\nplaces: {layer: towns}\nsites: {layer: sites}\ntravel: {engine: matrix, table: times}\nmeasures: [travel]\n"
		for name, content := range map[string]string{spec: text, filepath.Join(dir, "t.csv"): "id,population\na,1\n", filepath.Join(dir, "s.csv"): "id\nS\n"} {
			if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if code, _, log := call(t, "run", "-q", spec); code != exitInput || !strings.Contains(log, want) {
			t.Errorf("%s: exit %d, %s", file, code, log)
		}
	}
}
