package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"careshed/access/study/spec"
)

// The table of a study's limits in docs/operations.md is made of the limits.
func TestLimitsAreDocumented(t *testing.T) {
	const page, head = "../../docs/operations.md", "| what is counted | in a service | on the command line |\n|---|---|---|\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString(head)
	for _, l := range spec.Limits() {
		fmt.Fprintf(&want, "| %s | %s | %s |\n", l.What, spec.Thousands(l.Most[spec.Served]), spec.Thousands(l.Most[spec.Alone]))
	}
	if *update {
		before, after, ok := strings.Cut(string(text), head)
		if !ok {
			t.Fatalf("%s has no table of limits", page)
		}
		_, after, _ = strings.Cut(after, "\n\n")
		if err := os.WriteFile(page, []byte(before+want.String()+"\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !strings.Contains(string(text), want.String()+"\n") {
		t.Errorf("the table of limits in %s differs; want\n%s", page, &want)
	}
}
