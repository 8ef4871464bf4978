package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/access/study/measure"
	"careshed/access/study/spec"
)

// standing is what stands in a file, by kind.
type standing map[string][]string

// kindsOfStanding are in the order in which the index names them.
var kindsOfStanding = []string{"formulas", "columns", "notes", "pitfalls", "settings", "routes"}

// The index of ARCHITECTURE.md names every formula, column, note, pitfall, setting of a
// study and route with the file where it stands.
func TestTheIndex(t *testing.T) {
	root := filepath.Join("..", "..")
	page := filepath.Join(root, "ARCHITECTURE.md")
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const head = "\n## Index\n"
	body, _, found := strings.Cut(string(old), head)
	if !found {
		t.Fatalf("%s has no index", page)
	}
	made := body + head + "\n" + index(t, root)
	if made == string(old) {
		return
	}
	if !*update {
		t.Fatal("the index of ARCHITECTURE.md is not that of the code; go test ./cmd/careshed -run TheIndex -update renews it")
	}
	if err := os.WriteFile(page, []byte(made), 0o644); err != nil {
		t.Fatal(err)
	}
}

// index is the text of the index.
func index(t *testing.T, root string) string {
	columns := map[string]bool{}
	for _, table := range study.Columns() {
		for _, c := range table.Columns {
			columns[c.Name] = true
		}
	}
	known := noteKeys(t, root)
	files := map[string]standing{}
	for _, room := range []string{"access", "access/site", "access/study/spec", "access/study/ground", "access/study/finding", "access/study/measure",
		"access/study/scenario", "access/study/siting", "access/study", "api"} {
		all, err := filepath.Glob(filepath.Join(root, room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		handlers, routes := map[string]string{}, map[string][]string{} // of methods, the file and the paths
		for _, name := range all {
			if strings.HasSuffix(name, "_test.go") || ownFile(room, name) || filepath.Base(name) == "note.go" { // which says of every note what it is about
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			at := path.Join(room, filepath.Base(name))
			x := standing{}
			files[at] = x
			tellOf(f, room, x, names{columns, known}, routes)
			for _, d := range f.Decls {
				if m, ok := d.(*ast.FuncDecl); ok && m.Recv != nil {
					handlers[m.Name.Name] = at
				}
			}
		}
		for handler, paths := range routes {
			if files[handlers[handler]] == nil {
				t.Errorf("nothing answers %v", paths)
				continue
			}
			files[handlers[handler]].add("routes", paths...)
		}
	}
	var out strings.Builder
	out.WriteString("Made of the code: `go test ./cmd/careshed -run TheIndex -update`. A measure with a file of its own name is not repeated here. A setting stands with its default, in the tag of its field.\n\n")
	for _, at := range slices.Sorted(maps.Keys(files)) {
		x := files[at]
		var parts []string
		for _, kind := range kindsOfStanding {
			if all := slices.Compact(slices.Sorted(slices.Values(x[kind]))); len(all) > 0 {
				parts = append(parts, kind+" "+strings.Join(all, ", "))
			}
		}
		if len(parts) > 0 {
			out.WriteString("* `" + at + "`: " + strings.Join(parts, "; ") + "\n")
		}
	}
	return out.String()
}

func (s standing) add(kind string, names ...string) { s[kind] = append(s[kind], names...) }

// ownFile reports whether a file is that of a measure with one value a place, whose name
// it has: whoever looks for its parts looks there first.
func ownFile(room, name string) bool {
	base := strings.TrimSuffix(filepath.Base(name), ".go")
	return room == "access/study/measure" && slices.ContainsFunc(measure.ValuedKinds(""), func(k spec.Kind) bool { return k.Name == base })
}

var yamlTag = regexp.MustCompile(`yaml:"([a-z_0-9]+)`)

// names are the columns and the notes there are.
type names struct{ columns, notes map[string]bool }

// noteKeys are the keys of all notes.
func noteKeys(t *testing.T, root string) map[string]bool {
	raw, err := os.ReadFile(filepath.Join(root, "api", "words", "en.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for k := range all {
		if note, is := strings.CutPrefix(k, "note."); is {
			keys[note] = true
		}
	}
	return keys
}

// tellOf finds what a file holds.
func tellOf(f *ast.File, room string, x standing, of names, routes map[string][]string) {
	inStudy := strings.HasPrefix(room, "access/study")
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if !inStudy && room != "api" && n.Name.IsExported() && n.Recv == nil {
				x.add("formulas", n.Name.Name)
			}
		case *ast.TypeSpec:
			if !inStudy && room != "api" && n.Name.IsExported() {
				x.add("formulas", n.Name.Name)
			}
		case *ast.Field:
			if n.Tag != nil && inStudy {
				if m := yamlTag.FindStringSubmatch(n.Tag.Value); m != nil {
					x.add("settings", m[1])
				}
			}
		case *ast.KeyValueExpr:
			if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Key" && inStudy {
				if s := text(n.Value); s != "" {
					x.add("pitfalls", s)
				}
			}
		case *ast.CallExpr:
			sel, _ := n.Fun.(*ast.SelectorExpr)
			name := ""
			if sel != nil {
				name = sel.Sel.Name
			} else if id, ok := n.Fun.(*ast.Ident); ok {
				name = id.Name
			}
			switch {
			case name == "Note" || name == "NewNote":
				if len(n.Args) > 0 && text(n.Args[0]) != "" && inStudy {
					x.add("notes", text(n.Args[0]))
				}
			case name == "on" && room == "api" && len(n.Args) > 5:
				if h, ok := n.Args[5].(*ast.SelectorExpr); ok {
					routes[h.Sel.Name] = append(routes[h.Sel.Name], strings.ToUpper(exprName(n.Args[1]))+" "+text(n.Args[2]))
				}
			}
		case *ast.BasicLit:
			if s := text(n); inStudy && room != "access/study/finding" && of.columns[s] && strings.Contains(s, "_") {
				x.add("columns", s)
			} else if inStudy && of.notes[s] && strings.Contains(s, ".") {
				x.add("notes", s)
			}
		}
		return true
	})
}

// text is a string literal, "" for anything else.
func text(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(l.Value)
	return s
}

// exprName is the last name in an expression.
func exprName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return strings.TrimPrefix(e.Sel.Name, "Method")
	}
	return ""
}
