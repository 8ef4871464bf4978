package study

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a reader takes in at once: a function on a screen, a line without turning
// the head.
const (
	longestFunction = 60  // lines
	longestLine     = 160 // letters, a tab as four
	mostParameters  = 4   // of a function, its context and what is filled into a text aside
	mostFields      = 10  // of a struct that is no parsed spec and no result, both of which documents give their shape
)

// Every function, struct and list of parameters of the study is short, and every line. A tag of a struct is one
// literal that cannot be broken, so it may be longer.
func TestFunctionsStructsAndLinesAreShort(t *testing.T) {
	seen := 0
	for _, dir := range []string{".", "finding", "ground", "measure", "scenario", "siting", "spec"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range tooLong(t, name, string(text)) {
				t.Error(fault)
			}
			seen++
		}
	}
	if seen < 50 {
		t.Errorf("only %d files were looked at", seen)
	}
}

// The check sees what it is there for, and nothing at the limit itself.
func TestTooLong(t *testing.T) {
	function := func(lines int) string {
		return "package p\n\nfunc long() {\n" + strings.Repeat("\tlong()\n", lines-2) + "}\n"
	}
	line := func(letters int) string {
		return "package p\n\nfunc f() {\n\t_ = \"" + strings.Repeat("é", letters-len("    _ = \"\"")) + "\"\n}\n"
	}
	tag := "package p\n\ntype t struct {\n\tA int `doc:\"" + strings.Repeat("a", 200) + "\"`\n}\n"
	for _, c := range []struct {
		name, text string
		faults     int
	}{
		{"a function at the limit", function(longestFunction), 0},
		{"a function beyond it", function(longestFunction + 1), 1},
		{"a function in a variable", strings.Replace(function(longestFunction+1), "func long()", "var long = func()", 1), 1},
		{"a line at the limit", line(longestLine), 0},
		{"a line beyond it", line(longestLine + 1), 1},
		{"a struct at the limit", "package p\n\ntype t struct{ a, b, c, d, e, f, g, h, i, j int }\n", 0},
		{"a struct beyond it", "package p\n\ntype t struct {\n\ta, b, c, d, e, f, g, h, i, j int\n\tk string\n}\n", 1},
		{"parameters at the limit", "package p\n\nfunc f(ctx context.Context, a, b int, c, d string, more ...any) {}\n", 0},
		{"one parameter more", "package p\n\nfunc f(a, b int, c, d, e string) {}\n", 1},
		{"a document", "package p\n\ntype t struct {\n\tA string `json:\"a\"`\n\tb, c, d, e, f, g, h, i, j, k int\n}\n", 0},
		{"a tag", tag, 0},
		{"a comment beside a tag", strings.Replace(tag, "`\n}", "` // "+strings.Repeat("a", 200)+"\n}", 1), 1},
	} {
		if got := tooLong(t, "p.go", c.text); len(got) != c.faults {
			t.Errorf("%s: found %q, want %d faults", c.name, got, c.faults)
		}
	}
}

// document reports whether a struct is that of a document: its fields have names there.
func document(s *ast.StructType) bool {
	return s.Fields.List[0].Tag != nil && strings.ContainsAny(s.Fields.List[0].Tag.Value, ":")
}

// parameters are how many a function takes, its context and a list at the end aside.
func parameters(f *ast.FuncType) (n int) {
	for _, p := range f.Params.List {
		if t, ok := p.Type.(*ast.SelectorExpr); ok && t.Sel.Name == "Context" {
			continue
		}
		if _, list := p.Type.(*ast.Ellipsis); !list {
			n += max(1, len(p.Names))
		}
	}
	return n
}

// tooLong are the functions, the structs and the lines of a file that are too long.
func tooLong(t *testing.T, name, text string) (faults []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	inTag := map[int]int{} // letters of a tag, by line
	function := func(what string, n ast.Node) {
		first, last := set.Position(n.Pos()), set.Position(n.End())
		if lines := last.Line - first.Line + 1; lines > longestFunction {
			faults = append(faults, fmt.Sprintf("%s:%d: %s has %d lines; accepted: %d", name, first.Line, what, lines, longestFunction))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			function("func "+n.Name.Name, n)
			if k := parameters(n.Type); k > mostParameters {
				faults = append(faults, fmt.Sprintf("%s:%d: func %s takes %d parameters; accepted: %d, and a struct for more", name, set.Position(n.Pos()).Line,
					n.Name.Name, k, mostParameters))
			}
		case *ast.FuncLit:
			function("a function literal", n)
		case *ast.StructType:
			if fields := n.Fields.NumFields(); fields > mostFields && !document(n) && !strings.HasPrefix(name, "spec/") {
				faults = append(faults, fmt.Sprintf("%s:%d: a struct of %d fields; accepted: %d", name, set.Position(n.Pos()).Line, fields, mostFields))
			}
		case *ast.Field:
			if n.Tag != nil {
				inTag[set.Position(n.Tag.Pos()).Line] = utf8.RuneCountInString(n.Tag.Value)
			}
		}
		return true
	})
	for i, line := range strings.Split(text, "\n") {
		letters := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) - inTag[i+1]
		if letters > longestLine {
			faults = append(faults, fmt.Sprintf("%s:%d: a line of %d letters; accepted: %d", name, i+1, letters, longestLine))
		}
	}
	return faults
}
