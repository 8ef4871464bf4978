package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"careshed/access/study"
)

// The table of docs/results.md is made of the register of columns, and so is what the
// app knows of them.
func TestColumnsAreDocumented(t *testing.T) {
	const head = "| column | in | title | unit | more |\n|---|---|---|---|---|\n"
	table := head
	varies := regexp.MustCompile(`{.*?}`)
	capitals := func(text string) string {
		return varies.ReplaceAllStringFunc(text, func(s string) string { return strings.ToUpper(strings.Trim(s, "{}")) })
	}
	var app strings.Builder
	app.WriteString("// What is known of columns of results. Made of the register: go test ./cmd/careshed -run Columns -update\n\n")
	app.WriteString("export type Column = { name: string; kind: string; better: string; decimals: number; listed: boolean; leavesOut: boolean };\n\nexport const columns: Column[] = [\n")
	for _, of := range study.Columns() {
		for _, c := range of.Columns {
			table += fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", capitals(c.Name), of.Name, capitals(c.Title), c.Unit, c.What)
			if c.Kind != "words" && slices.Contains([]string{"places", "regions", "sites", "links", "plan", "candidates"}, of.Name) {
				fmt.Fprintf(&app, "  { name: %q, kind: %q, better: %q, decimals: %d, listed: %t, leavesOut: %t },\n",
					c.Name, c.Kind, c.Better, c.Kind.Decimals(), c.Listed(), c.LeavesOut())
			}
		}
	}
	app.WriteString("];\n")
	const page, file = "../../docs/results.md", "../../api/web/src/register.ts"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), head)
	_, after, _ := strings.Cut(rest, "\n\n")
	for name, want := range map[string]string{page: before + table + "\n" + after, file: app.String()} {
		if *update {
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is not what the register of columns says (%v); go test ./cmd/careshed -run Columns -update renews it", name, err)
		}
	}
}

// Every field of the grammar is in docs/study.md.
func TestGrammarIsDocumented(t *testing.T) {
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
