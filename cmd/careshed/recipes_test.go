package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The Python script of docs/recipes.md runs as it is written.
func TestPythonRecipe(t *testing.T) {
	if out, err := exec.Command("python3", "-c", "import requests").CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: no python3 with requests: %v %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "recipes.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, ok := strings.Cut(string(text), "```python\n")
	script, _, closed := strings.Cut(script, "```")
	if !ok || !closed {
		t.Fatal("docs/recipes.md has no Python script")
	}
	const address = "http://127.0.0.1:8080"
	if !strings.Contains(script, address) {
		t.Fatalf("the script does not ask %s", address)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("recipe.py", strings.ReplaceAll(script, address, server(t, "").URL))
	write("study.yaml", strings.Replace(italianStudy, "NAME", "recipe", 1))
	c := exec.Command("python3", "recipe.py")
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "minutes for half of") {
		t.Fatalf("%v\n%s", err, out)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "result.gpkg")); err != nil || !strings.HasPrefix(string(b), "SQLite format 3") {
		t.Errorf("result.gpkg: %d bytes, %v", len(b), err)
	}
}

// script is the first one in a language on a page of docs.
func script(t *testing.T, page, language string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	_, script, ok := strings.Cut(string(text), "```"+language+"\n")
	script, _, closed := strings.Cut(script, "```")
	if !ok || !closed {
		t.Fatalf("docs/%s has no script in %s", page, language)
	}
	return script
}

// inR runs a script in a folder.
func inR(t *testing.T, dir, script string, packages ...string) string {
	t.Helper()
	if _, err := exec.LookPath("Rscript"); err != nil {
		t.Skip("SKIPPED: no Rscript; install r-base-core")
	}
	for _, p := range packages {
		if exec.Command("Rscript", "-e", "quit(status = !requireNamespace('"+p+"', quietly = TRUE))").Run() != nil {
			t.Skipf("SKIPPED: R has no %s; install r-cran-%s", p, p)
		}
	}
	c := exec.Command("Rscript", "--vanilla", "-e", script)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// The script in R of docs/recipes.md runs as it is written.
func TestRRecipe(t *testing.T) {
	const address = "http://127.0.0.1:8080"
	text, dir := script(t, "recipes.md", "r"), t.TempDir()
	if !strings.Contains(text, address) {
		t.Fatalf("the script does not ask %s", address)
	}
	if err := os.WriteFile(filepath.Join(dir, "study.yaml"), []byte(strings.Replace(italianStudy, "NAME", "recipe", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, address, server(t, "").URL)
	if out := inR(t, dir, text+"cat(nrow(places) > 1000)", "httr2", "sf"); !strings.HasSuffix(out, "TRUE") {
		t.Error(out)
	}
}

// R reads what a batch writes as CSV, as docs/fleet.md says.
func TestBatchInR(t *testing.T) {
	spec, dir := griddedStudy(t), t.TempDir()
	config := filepath.Join(filepath.Dir(spec), "../../careshed.yaml")
	if code, _, log := call(t, "batch", spec, "-o", filepath.Join(dir, "results"), "--config", config); code != 0 {
		t.Fatal(log)
	}
	out := inR(t, dir, script(t, "fleet.md", "r")+"cat(nrow(means), nrow(places), length(unique(places$run)), sum(places$population))")
	if !strings.HasSuffix(out, "12 48 12 45000") {
		t.Error(out)
	}
}
