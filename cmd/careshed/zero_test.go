package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// A number that is 0 is written: no field of numbers of any struct may be left out
// of JSON for being empty. What is not there is null, with a reason.
func TestZeroIsWritten(t *testing.T) {
	out, err := exec.Command("git", "-C", "../..", "ls-files", "*.go").Output()
	var files []string
	if files = strings.Fields(string(out)); err != nil || len(files) < 200 {
		if files, err = filepath.Glob("../../*/*/*.go"); err != nil {
			t.Fatal(err)
		}
		more, _ := filepath.Glob("../../*/*.go")
		for k, f := range append(files, more...) {
			files = append(files[:k:k], strings.TrimPrefix(f, "../../"))
		}
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	numeric := map[string]bool{}
	for _, k := range []reflect.Kind{reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64} {
		numeric[k.String()] = true
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, "../../"+name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	// number reports whether a type is a number, or an array of them.
	var number func(ast.Expr) bool
	number = func(e ast.Expr) bool {
		switch x := e.(type) {
		case *ast.Ident:
			return numeric[x.Name]
		case *ast.SelectorExpr:
			return numeric[x.Sel.Name]
		case *ast.ArrayType:
			return x.Len != nil && number(x.Elt)
		}
		return false
	}
	for again := true; again; { // named types of numbers, and of these
		again = false
		for _, f := range parsed {
			ast.Inspect(f, func(n ast.Node) bool {
				if d, ok := n.(*ast.TypeSpec); ok && !numeric[d.Name.Name] && number(d.Type) {
					numeric[d.Name.Name], again = true, true
				}
				return true
			})
		}
	}
	if !numeric["Num"] || !numeric["Seconds"] || !numeric["Range"] {
		t.Fatalf("the types of numbers are not found: %v", numeric)
	}
	fields := 0
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			field, ok := n.(*ast.Field)
			if !ok || field.Tag == nil {
				return true
			}
			text, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				return true
			}
			tag, ok := reflect.StructTag(text).Lookup("json")
			if !ok || !number(field.Type) {
				return true
			}
			fields++
			if _, options, _ := strings.Cut(tag, ","); strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero") {
				t.Errorf("%s: a number is left out where it is 0: %s", set.Position(field.Pos()), field.Tag.Value)
			}
			return true
		})
	}
	if fields < 150 {
		t.Errorf("%d fields of numbers are looked at", fields)
	}
}

// Few are not written as none, none has no sign, and one person is one.
func TestFewAreNotNone(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{patients(0, 1), "0.0"}, {patients(0.04, 1), "0.04"}, {patients(0.0000064, 1), "0.000006"}, {patients(1e-17, 1), "0.0"}, {patients(-1e-17, 1), "0.0"},
		{patients(0.06, 1), "0.1"}, {patients(12.34, 1), "12.3"}, {number(-0.04, 1), "0.0"}, {number(-0.06, 1), "-0.1"}, {number(-1234, 0), "-1,234"},
		{more(0.0004, 2), "+0.0004"}, {more(-0.0004, 2), "-0.0004"}, {people(1), "1 person"}, {people(0.7), "0.7 people"}, {people(0), "0 people"}, {people(1200.4), "1,200 people"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
