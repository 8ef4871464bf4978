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
