package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"careshed/access/study"
)

// Every column that a golden has is in the table of docs/results.md, and every
// field of the grammar in docs/study.md.
func TestColumnsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/results.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(text), -1) {
		known[m[1]] = true
	}
	files, err := filepath.Glob("../../testdata/golden/*/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob("../../testdata/golden/*/tables/*.csv")
	if err != nil || len(files)+len(tables) < 20 {
		t.Fatalf("%d goldens, %v", len(files)+len(tables), err)
	}
	own := map[string]bool{"svi": true} // a column of the user's
	for _, name := range append(files, tables...) {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		header, err := csv.NewReader(f).Read()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range header {
			stem := regexp.MustCompile(`^(treated|foregone)_.*|^(site_id|time_min)_.*`).ReplaceAllString(c, "${1}_…")
			if !known[c] && !own[c] && !known[stem] && !strings.HasPrefix(c, "site_id_") && !strings.HasPrefix(c, "time_min_") {
				t.Errorf("%s: column %s is not in docs/results.md", filepath.Base(name), c)
			}
		}
	}
	grammar, err := os.ReadFile("../../docs/study.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../docs/methods/*.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := string(grammar)
	for _, name := range pages {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		manual += string(b)
	}
	for _, m := range study.MeasureNames() {
		if !strings.Contains(manual, "`"+m+"`") {
			t.Errorf("measure %s is neither in docs/study.md nor on a page of docs/methods", m)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^    "([a-z_]+)": \{$`).FindAllStringSubmatch(string(study.Schema()), -1) {
		if !strings.Contains(manual, "`"+m[1]+"`") {
			t.Errorf("field %s is not in docs/study.md", m[1])
		}
	}
}

// What ARCHITECTURE.md and docs/contributing.md name is there.
func TestArchitectureNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, m := range regexp.MustCompile("`((?:geo|access|data|api|cmd|docs)(?:/[a-z_0-9.]+)*)`").FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("ARCHITECTURE.md names %s, which is not there", m[1])
		}
		found++
	}
	for _, m := range regexp.MustCompile("`(\\w+)` in `([a-z_/]+\\.go)`").FindAllStringSubmatch(string(text), -1) {
		b, err := os.ReadFile(filepath.Join("../..", m[2]))
		if err != nil || !regexp.MustCompile(`(?m)^(func|var|type)( \([^)]*\))? `+m[1]+`\b`).Match(b) {
			t.Errorf("ARCHITECTURE.md looks for %s in %s: %v", m[1], m[2], err)
		}
		found++
	}
	if found < 40 {
		t.Errorf("only %d names were looked for", found)
	}
}
