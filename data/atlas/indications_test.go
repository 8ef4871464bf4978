package atlas

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"careshed/access"
)

func rowsOf(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return rows
}

// The table is what the build makes of its input: the rows as they stand, with ids.
func TestIndicationsAreThoseOfTheBuild(t *testing.T) {
	in, out := rowsOf(t, "build/input/indications-2026-12.csv"), rowsOf(t, "indications.csv")
	if len(in) != len(out) {
		t.Fatalf("%d rows of input, %d in the table", len(in), len(out))
	}
	for k := range out {
		id := fmt.Sprintf("indication-%d", k)
		if k == 0 {
			id = "id"
		}
		if want := append([]string{id}, in[k]...); !slices.Equal(out[k], want) {
			t.Errorf("row %d: %q, the build makes %q", k, out[k], want)
		}
	}
}

// Every row has a country, a source, a status and an answer of those known, and an area
// has regions that there are; nothing that is not dated has a date.
func TestIndicationsAreWhole(t *testing.T) {
	var a Atlas
	l, regions := get(t, &a, "indications"), get(t, &a, "regions")
	all, err := access.Reimbursements(l)
	if err != nil {
		t.Fatal(err)
	}
	codes, status := texts(t, l, "region_codes"), map[string]int{}
	for i, r := range all {
		status[r.Status]++
		if !slices.Contains([]string{"yes", "partly", "recommended", "ended", "withdrawn", "no", "not stated", "count"}, r.Answer) || r.Source == "" || len(r.Country) != 2 || r.Indication == "" {
			t.Errorf("row %d: %+v", i+1, r)
		}
		if (r.Area == "") != (codes[i] == "") || r.Since != "" && r.By != "" {
			t.Errorf("row %d: area %q, regions %q, since %q, by %q", i+1, r.Area, codes[i], r.Since, r.By)
		}
		if !strings.HasPrefix(r.Source, "http") && r.Status != "not read" {
			t.Errorf("row %d: %s, from %q", i+1, r.Status, r.Source)
		}
		for _, code := range strings.Fields(codes[i]) {
			if _, ok := regions.Find(r.Country + "-" + code); !ok {
				t.Errorf("row %d: there is no region %s-%s", i+1, r.Country, code)
			}
		}
	}
	if status["read in an excerpt"]+status["derived"]+status["not read"] != len(all) || status["not read"] == 0 {
		t.Errorf("%v of %d rows", status, len(all))
	}
}

// No row says more than the list that it was carried over from.
func TestIndicationsAgainstTheListTheyCameFrom(t *testing.T) {
	shared := os.Getenv("CARESHED_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	name := filepath.Join(shared, "data", "centers", "2026-12", "indications.csv")
	if _, err := os.Stat(name); err != nil {
		t.Skip("the list is not at hand")
	}
	var a Atlas
	l := get(t, &a, "indications")
	have := map[string][]string{}
	for _, field := range []string{"country", "area", "product", "indication", "line", "said", "when_said", "source", "status"} {
		have[field] = texts(t, l, field)
	}
	theirs := rowsOf(t, name)[1:] // country, product, indication, line, reimbursed, since, source_url, read, note
	if len(theirs) != l.Len() {
		t.Fatalf("%d rows, the list has %d", l.Len(), len(theirs))
	}
	for i, r := range theirs {
		country, area, _ := strings.Cut(r[0], "-")
		status := map[string]string{"X": "read in an excerpt", "D": "derived", "S": "not read"}[r[7]]
		want := []string{country, area, r[1], r[2], r[3], r[4], r[5], r[6], status}
		got := make([]string, len(want))
		for k, field := range []string{"country", "area", "product", "indication", "line", "said", "when_said", "source", "status"} {
			got[k] = have[field][i]
		}
		if r[6] == "" { // the list has no address: the report that the row is of
			want[7] = got[7]
		}
		if !slices.Equal(got, want) {
			t.Errorf("row %d: %q, the list has %q", i+1, got, want)
		}
	}
}
