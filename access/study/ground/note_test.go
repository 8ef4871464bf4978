package ground

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/api/words"
)

// added are the arguments that a function of ours adds to those of its call.
var added = map[string]struct {
	prefix string
	args   []string
}{
	"note": {}, "Note": {}, "Mind": {"pitfall.", []string{"people"}}, "say": {"", []string{"entry", "layer"}}, "noteDrawn": {"", []string{"low", "high"}},
}

// Every note that the package says stands in the table of subjects, and gives
// what its text asks for in every language; every note of the table is said.
func TestNotesHaveTheirTexts(t *testing.T) {
	said := map[string]bool{}
	files := token.NewFileSet()
	names, _ := filepath.Glob("*.go")
	above, _ := filepath.Glob("../*.go")
	beside, _ := filepath.Glob("../*/*.go")
	if above = append(above, beside...); len(names) < 5 || len(above) < 50 {
		t.Fatalf("%d and %d files", len(names), len(above))
	}
	names = append(names, above...)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			more, ok := added[called]
			if !ok || len(call.Args) == 0 {
				return true
			}
			key := literal(call.Args[0])
			if key == "" {
				return true // a list of arguments that is passed on, or another function of that name
			}
			key = more.prefix + key
			said[key] = true
			if subjects[key] == "" {
				t.Errorf("%s: note %s has no subject", files.Position(call.Pos()), key)
			}
			given := slices.Clone(more.args)
			if called != "noteDrawn" {
				for _, a := range call.Args[1:] {
					if l := literal(a); l != "" {
						given = append(given, l)
					}
				}
			}
			for _, code := range words.Known() {
				l, _ := words.In(code)
				if !l.Has("note." + key) {
					t.Errorf("%s: there is no text note.%s in %s", files.Position(call.Pos()), key, code)
					continue
				}
				for _, a := range l.Arguments("note." + key) {
					if !slices.Contains(given, a) {
						t.Errorf("%s: the text of %s in %s asks for %s; given are %s", files.Position(call.Pos()), key, code, a, strings.Join(given, ", "))
					}
				}
			}
			return true
		})
	}
	for _, key := range slices.Sorted(maps.Keys(subjects)) {
		if !said[key] && !strings.Contains(key, ".stray") {
			t.Errorf("nothing says note %s", key)
		}
	}
}

func literal(e ast.Expr) string {
	if b, ok := e.(*ast.BasicLit); ok && b.Kind == token.STRING {
		s, _ := strconv.Unquote(b.Value)
		return s
	}
	return ""
}

// A note that was written and read says the same, in every language.
func TestNotesAreReadAsWritten(t *testing.T) {
	for _, n := range []Note{
		NewNote("sites.strangers", map[string]any{"n": 1, "borders": "same-country", "groups": []string{"UK (1)"}}),
		NewNote("sea.none", map[string]any{"people": 53698238.4, "share": 0.27}),
		NewNote("links.too_many", map[string]any{"n": 6_000_000, "most": 5_000_000}),
		NewNote("sea.straight", nil),
		NewNote("areal.result", map[string]any{"others": 2, "places": 3, "other_min": math.NaN(), "min": 1.5, "other_share": 2.0, "share": 0.0}),
	} {
		b, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var read Note
		if err := json.Unmarshal(b, &read); err != nil {
			t.Fatal(err)
		}
		if again, _ := json.Marshal(read); string(again) != string(b) {
			t.Errorf("%s is written again as %s", b, again)
		}
		for _, code := range words.Known() {
			l, _ := words.In(code)
			if n.In(l) != read.In(l) {
				t.Errorf("%s in %s: %s", n.Key, code, read.In(l))
			}
		}
	}
	// One person is one, and a part of a thousand is not rounded to one.
	for people, want := range map[float64]string{1: "1 person has", 0.7: "0.7 people have", 2.5: "2.5 people have", 12.4: "12 people have", 0: "0 people have"} {
		if n := NewNote("measures.none", map[string]any{"people": people, "measure": "raam"}); !strings.HasPrefix(n.Text, want+" no value") || float64(n.People) != people {
			t.Errorf("%v: %q, %v", people, n.Text, n.People)
		}
	}
	if n := NewNote("sea.none", map[string]any{"people": 1200.0, "share": 2.5}); !strings.HasPrefix(n.Text, "1,200 people (2.5 %)") {
		t.Error(n.Text)
	}
}
